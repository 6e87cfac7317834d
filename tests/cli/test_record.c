// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recording, on a tracefs of plain files (tests/record/fake-tracefs.sh): what is set while a command
 * runs, that all of it is undone whatever happens, and what is said where recording is impossible.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

#define FAKE KMR_SOURCE_ROOT "/tests/record/fake-tracefs.sh"
/* the roots of the fake, and its instance */
#define ROOTS "--proc fake/proc --sys fake/sys"
#define REC   "$K record " ROOTS " --instance i "
#define INST  "fake/tracing/instances/i"

/* Prints all settings as a reader sees them: the clock in brackets, the number before a comment. */
#define SETTINGS                                                                           \
	"find fake/tracing fake/proc fake/sys -type f ! -name trace ! -name trace_marker " \
	"! -name trace_pipe ! -name config.gz | sort | while read -r f; do "               \
	"printf '%%s ' $f; sed 's/.*\\[\\(.*\\)\\].*/\\1/; s/ (.*//' $f; done"

static void enter(void)
{
	command_enter();
	need("sh " FAKE " fake");
	need("cat >settings.sh <<'EOF'\n" SETTINGS "\nEOF");
	need("sh settings.sh >settings.before");
	/* what the kernel would have written */
	need("zstd -dc " TRACE " | head -3000 >events");
}

TestSuite(record, .init = enter, .fini = command_leave);

static void assert_restored(void)
{
	need("sh settings.sh >settings.after");
	need("diff settings.before settings.after");
	need("rm settings.after");
}

/* Nothing is left: neither a capture nor a directory that should have become one. */
static void assert_nothing_kept(void)
{
	assert_restored();
	assert_files("events fake settings.before settings.sh");
}

Test(record, settings_while_the_command_runs)
{
	const struct outcome *o = run(REC "-b 2M sh -c 'sh settings.sh >during; exit 7'");

	cr_expect_eq(o->status, 7, "%d: %s", o->status, o->err);
	cr_expect(strstr(o->err, "kmreplay.capture: 101 events"), "%s", o->err);
	need("diff settings.before during >changed; test $(grep -c '^>' changed) = 12");
	need("grep '" INST "/tracing_on 1' during");
	need("grep '" INST "/trace_clock global' during");
	need("grep '" INST "/buffer_size_kb 2048' during");
	need("grep '" INST "/options/hash-ptr 0' during");
	need("grep '" INST "/options/overwrite 0' during");
	need("grep '" INST "/options/irq-info 1' during");
	need("grep '" INST "/options/stacktrace 0' during");
	need("grep 'tracing/saved_cmdlines_size 8192' during");
	for (size_t i = 0; i < 4; i++) {
		static const char *const on[] = { "kmem/mm_page_alloc", "kmem/mm_page_free",
						  "kmem/kmalloc",
						  "vmscan/mm_vmscan_wakeup_reclaim" };

		need("grep '" INST "/events/%s/enable 1' during", on[i]);
	}
	need("grep '" INST "/events/sched/sched_switch/enable 0' during");
	/* nothing of others is touched, and /proc is as it was while the command runs */
	need("! grep '^>' changed | grep -v -e " INST " -e saved_cmdlines_size");
	need("printf 'kmreplay: begin\\nkmreplay: end\\n' | cmp - " INST "/trace_marker");
	assert_restored();
}

Test(record, a_capture)
{
	need(REC "-o cap sh -c 'cat events >$KMREPLAY_INSTANCE/trace; "
		 "echo more >$KMREPLAY_STATE/workload.log'");
	assert_restored();
	need("cd cap && find . -type f | sort >../list");
	need("printf './%%s\\n' state/buddyinfo.after state/buddyinfo.before state/cmdline"
	     " state/extfrag_index.after state/extfrag_index.before state/iomem.after"
	     " state/iomem.before state/meminfo.after state/meminfo.before"
	     " state/pagetypeinfo.after state/pagetypeinfo.before state/slabinfo.after"
	     " state/slabinfo.before state/vmallocinfo.after state/vmallocinfo.before"
	     " state/vmstat.after state/vmstat.before state/zoneinfo.after"
	     " state/zoneinfo.before state/distance state/slab_params state/record state/uname"
	     " state/trace_stats state/workload.log state/formats/kmalloc"
	     " state/formats/mm_page_alloc state/formats/mm_page_free"
	     " state/formats/mm_vmscan_wakeup_reclaim trace.txt.zst | sort >want");
	/* the configuration is there where zlib is */
	need("grep -v state/config list >have; diff want have");
	need("! test -e cap/state/config || grep CONFIG_SLUB=y cap/state/config");
	need("zstd -dc cap/trace.txt.zst | cmp - events");
	need("grep -x 'task 64 64 8 64 0 5 120' cap/state/slab_params");
	need("! grep broken cap/state/slab_params");
	need("grep -x '/sys/devices/system/node/node1/distance:21 10' cap/state/distance");
	need("grep cpu1/stats:entries cap/state/trace_stats");
	need("grep -x 'status 0' cap/state/record");
	/* an eighth of 800 MiB for two CPUs */
	need("grep -x 'buffer_kib 51200' cap/state/record");
	need("grep -x buddyinfo cap/state/buddyinfo.before");
	/* the host's name is nobody's business */
	need("grep '^Linux (none) ' cap/state/uname");
}

Test(record, is_taken_as_a_trace)
{
	need(REC "sh -c 'cat events >$KMREPLAY_INSTANCE/trace'");
	need("$K info kmreplay.capture >dir; $K info kmreplay.capture/trace.txt.zst >file");
	need("sed 1d dir >dir.rest; sed 1d file | cmp - dir.rest");
}

Test(record, pages_alone)
{
	need(REC "-p sh settings.sh >during");
	need("grep '" INST "/events/kmem/mm_page_alloc/enable 1' during");
	need("grep '" INST "/events/kmem/kmalloc/enable 0' during");
	assert_restored();
}

Test(record, streams)
{
	need(REC "-o cap --stream sh -c 'head -1500 events >>$KMREPLAY_INSTANCE/trace_pipe;"
		 " cat $KMREPLAY_INSTANCE/options/overwrite >overwrite; sleep 0.2;"
		 " tail -n +1501 events >>$KMREPLAY_INSTANCE/trace_pipe'");
	need("zstd -dc cap/trace.txt.zst | cmp - events");
	need("grep -x 1 overwrite");
	assert_restored();
}

Test(record, for_a_time)
{
	need(REC "-o cap --time 1");
	need("zstd -dc cap/trace.txt.zst >trace; ! test -s trace");
	assert_restored();
}

Test(record, says_what_was_lost)
{
	need("echo 'dropped events: 12' >>" INST "/per_cpu/cpu1/stats");
	need("sh settings.sh >settings.before");
	const struct outcome *o = run(REC "-o cap sh -c 'cat events >$KMREPLAY_INSTANCE/trace'");

	cr_expect_eq(o->status, 0);
	cr_expect(strstr(o->err, "kmreplay: 12 events were lost"), "%s", o->err);
	need("zstd -dc cap/trace.txt.zst | tail -1 | grep -x 'CPU:1 \\[LOST 12 EVENTS\\]'");
	o = run("$K info cap");
	cr_expect(strstr(o->out, "12 in 1 places"), "%s", o->out);
	assert_restored();
}

/* Starts a recording in the background; $! is it, once its command runs. */
#define START(command)                      \
	REC "-o cap " command " & pid=$!; " \
	    "for i in $(seq 300); do test -e running && break; sleep 0.1; done; "

Test(record, interrupted)
{
	static const struct {
		const char *signal;
		int status;
	} each[] = { { "INT", 130 }, { "TERM", 143 }, { "HUP", 129 } };

	for (size_t i = 0; i < 3; i++) {
		const struct outcome *o =
			run(START("sh -c 'cat events >$KMREPLAY_INSTANCE/trace; : >running; "
				  "exec sleep 60'") "kill -%s $pid; wait $pid",
			    each[i].signal);

		cr_expect_eq(o->status, each[i].status, "%s: %d: %s", each[i].signal, o->status,
			     o->err);
		cr_expect(strstr(o->err, "until interrupted"), "%s", o->err);
		need("zstd -dc cap/trace.txt.zst | cmp - events");
		assert_restored();
		need("rm -r cap running");
	}
}

Test(record, interrupted_without_a_command)
{
	const struct outcome *o =
		run(REC "-o cap & pid=$!; for i in $(seq 300); do test -s " INST
			"/trace_marker && break; sleep 0.1; done; kill -INT $pid; wait $pid");

	cr_expect_eq(o->status, 0, "%s", o->err);
	need("test -e cap/trace.txt.zst");
	assert_restored();
}

Test(record, interrupted_twice)
{
	const struct outcome *o = run(
		START("sh -c 'trap \"\" TERM; : >running; sleep 3'") "kill -TERM $pid; sleep 0.5; "
								     "kill -TERM $pid; wait $pid");

	cr_expect_eq(o->status, 143, "%d: %s", o->status, o->err);
	cr_expect(strstr(o->err, "cap: interrupted twice; nothing was kept"), "%s", o->err);
	need("rm running");
	assert_nothing_kept();
}

Test(record, the_command_fails)
{
	assert_refused(run(REC "./nowhere"), "./nowhere: can't be run: No such file");
	assert_nothing_kept();
	assert_refused(run(REC "./events"), "./events: can't be run: Permission denied");
	assert_nothing_kept();
	/* that is the command's own affair */
	cr_expect_eq(run(REC "-o cap sh -c 'kill -9 $$'")->status, 137);
	need("test -e cap/trace.txt.zst && rm -r cap");
	assert_nothing_kept();
}

Test(record, usage)
{
	assert_refused(run(REC "--time 3 true"), "--time is for recording without a command");
	assert_refused(run(REC "--time 0"), "--time takes a number from 1");
	assert_refused(run(REC "--time 3d"), "found '3d'");
	assert_refused(run(REC "--buffer -1 true"), "--buffer takes a number from 1");
	assert_refused(run(REC "--buffer 99999999999G true"), "found '99999999999G'");
	assert_refused(run(REC "--clock sundial true"), "found 'sundial'");
	assert_refused(run(REC "--clock counter true"), "found 'counter'");
	assert_refused(run("$K record --instance a/b true"), "found 'a/b'");
	assert_refused(run("$K record --instance '' true"), "--instance");
	assert_refused(run(REC "-o '' true"), "--output");
	assert_nothing_kept();
	need("$K record --help | grep '^Usage: kmreplay record '; $K record -h | grep tracefs");
	/* what stands behind the command is its own */
	need(REC "-o cap touch --reference=events -- x; test -e x");
}

Test(record, output_is_not_overwritten)
{
	need("mkdir empty other; : >other/file; : >plain");
	assert_refused(run(REC "-o empty true"), "empty: is there already; --force");
	assert_refused(run(REC "-o plain true"), "plain: is there already");
	assert_refused(run(REC "-f -o other true"), "other: is no capture");
	assert_refused(run(REC "-f -o plain true"), "plain: is no capture");
	assert_refused(run(REC "-o none/cap true"), "No such file");
	assert_restored();
	need("test -e other/file");
	need(REC "-f -o empty/ sh -c 'echo 1 >$KMREPLAY_STATE/one'");
	need(REC "-f -o empty true");
	need("test -e empty/trace.txt.zst && ! test -e empty/state/one");
	assert_files("empty events fake other plain settings.before settings.sh");
}

Test(record, no_tracefs)
{
	need(": >fake/proc/mounts");
	assert_refused(run("$K record " ROOTS " true"),
		       "tracefs is not mounted: sudo mount -t tracefs tracefs fake/sys/kernel/");
	need("printf 'nodev\\tsysfs\\n' >fake/proc/filesystems");
	assert_refused(run("$K record " ROOTS " true"), "one built with CONFIG_EVENT_TRACING=y");
	assert_refused(run("$K record " ROOTS " --tracefs nowhere true"), "nowhere: No such file");
	need("mkdir empty");
	assert_refused(run("$K record " ROOTS " --tracefs empty true"), "no tracefs is mounted");
}

Test(record, what_a_kernel_lacks)
{
	need("mv fake/tracing/instances x");
	assert_refused(run(REC "true"), "Linux 3.10");
	need("mv x fake/tracing/instances; mv fake/tracing/events x");
	assert_refused(run(REC "true"), "one built with CONFIG_EVENT_TRACING=y");
	need("mv x fake/tracing/events; mv fake/tracing/events/kmem/mm_page_free x");
	assert_refused(run(REC "true"), "events/kmem/mm_page_free: this kernel has not the event");
	need("mv x fake/tracing/events/kmem/mm_page_free; rm " INST "/buffer_size_kb");
	assert_refused(run(REC "true"), "buffer_size_kb: No such file");
	need("echo 1408 >" INST "/buffer_size_kb; rm " INST "/options/hash-ptr");
	cr_expect(strstr(run(REC "true")->err, "no_hash_pointers"));
	/* no process has an id that high */
	need("mkdir fake/tracing/instances/kmreplay-99999999 fake/tracing/instances/kmreplay-1");
	cr_expect(strstr(run(REC "-f true")->err, "kmreplay-99999999: left from a recording"));
	cr_expect_null(strstr(run(REC "-f true")->err, "kmreplay-1: left"));
}

/* As somebody who is not root, whoever runs the tests. */
#define NOBODY "$(test $(id -u) != 0 || echo setpriv --reuid=65534 --regid=65534 --clear-groups) "

Test(record, not_allowed)
{
	need("chmod 755 .; mkdir -m 777 out; chmod 700 fake/tracing");
	if (run(NOBODY "$K --version")->status)
		cr_skip("nobody but root may run this build");
	if (run("test $(id -u) = 0 || chmod 0 fake/tracing")->status)
		return;
	assert_refused(run(NOBODY REC "-o out/cap true"), "recording needs root: sudo kmreplay");
	need("mkdir -p fake/sys/kernel/security; "
	     "echo 'none integrity [confidentiality]' >fake/sys/kernel/security/lockdown");
	assert_refused(run(NOBODY REC "-o out/cap true"), "the kernel is locked down");
	assert_refused(run(NOBODY REC "-o fake/cap true"), "fake/cap.tmp.");
	need("chmod 700 fake/tracing");
	need("rmdir out");
}
