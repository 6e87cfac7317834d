// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inputs that are not what they should be: exit 2, one line that names the file, and nothing left
 * behind, whichever command meets them.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

TestSuite(bad_input, .init = command_enter, .fini = command_leave);

/* Every command that reads a trace refuses @file, with @says in its message. */
static void assert_no_trace(const char *file, const char *says)
{
	const struct outcome *o;

	o = run("$K info %s", file);
	assert_refused(o, file);
	cr_expect(strstr(o->err, says), "no '%s' in: %s", says, o->err);
	o = run("$K stat %s", file);
	assert_refused(o, file);
	cr_expect(strstr(o->err, says), "no '%s' in: %s", says, o->err);
	o = run("$K replay %s -o run.db", file);
	assert_refused(o, file);
	cr_expect(strstr(o->err, says), "no '%s' in: %s", says, o->err);
	assert_refused(run("$K replay %s -o run.db --machine " BEFORE, file), file);
	assert_refused(run("$K replay %s -o run.db --start infer", file), file);
	assert_refused(run("$K verify %s -s " BEFORE, file), file);
}

Test(bad_input, no_file)
{
	assert_no_trace("nowhere.txt", "No such file");
	assert_files("");
}

Test(bad_input, empty_file)
{
	need(": >empty.txt");
	assert_no_trace("empty.txt", "empty");
	assert_files("empty.txt");
}

Test(bad_input, directory)
{
	need("mkdir folder");
	assert_no_trace("folder", "directory");
	assert_files("folder");
}

Test(bad_input, image)
{
	need("printf '\\211PNG\\r\\n\\032\\n\\0\\0\\0\\rIHDR\\0\\0\\0\\001' >image.txt");
	assert_no_trace("image.txt", "PNG");
	assert_files("image.txt");
}

Test(bad_input, binary)
{
	need("head -c 100000 /dev/zero >zeros");
	assert_no_trace("zeros", "binary");
	need("head -c 100000 $K >program");
	assert_no_trace("program", "program");
	assert_files("program zeros");
}

Test(bad_input, truncated_zstd)
{
	need("head -c 1000000 " TRACE " >short.zst");
	assert_no_trace("short.zst", "byte 1000000");
	/* in the frame's header, and in the first block */
	need("head -c 5 " TRACE " >five.zst");
	assert_no_trace("five.zst", "five.zst");
	need("head -c 4096 " TRACE " >page.zst");
	assert_no_trace("page.zst", "4096");
	assert_files("five.zst page.zst short.zst");
}

Test(bad_input, corrupt_zstd)
{
	need("{ head -c 600000 " TRACE "; head -c 64 /dev/zero; tail -c +600065 " TRACE
	     "; } >corrupt.zst");
	assert_no_trace("corrupt.zst", "corrupt zstd frame");
	assert_files("corrupt.zst");
}

Test(bad_input, rubbish_behind_a_zstd_frame)
{
	need("{ cat " TRACE "; echo rubbish; } >tail.zst");
	assert_no_trace("tail.zst", "byte");
	assert_files("tail.zst");
}

Test(bad_input, text_that_is_no_trace)
{
	need("cp " KMR_SOURCE_ROOT "/LICENSE prose.txt");
	assert_no_trace("prose.txt", "line 1");
	assert_no_trace(BEFORE, "kmsnap");
	assert_files("prose.txt");
}

Test(bad_input, trace_without_kmem_events)
{
	need("printf '# tracer: nop\\n#\\n  bash-1  [000] .....  1.000001: sched_switch: "
	     "prev_comm=bash\\n' >sched.txt");
	assert_no_trace("sched.txt", "events in 3 lines");
	assert_files("sched.txt");
}

Test(bad_input, trace_without_page_events)
{
	need("zstd -qdc " TRACE " | grep -v mm_page >objects.txt");
	assert_refused(run("$K replay objects.txt -o run.db"), "objects.txt: no page events");
	assert_refused(run("$K replay objects.txt -o run.db --machine i386 --start boot"),
		       "objects.txt: no page events");
	assert_files("objects.txt");
}

Test(bad_input, standard_input)
{
	assert_refused(run("$K info - </dev/null"), "empty");
	assert_refused(run("$K replay - -o run.db </dev/null"), "empty");
	assert_refused(run("head -c 100000 " TRACE " | $K replay - -o run.db"), "byte 100000");
	assert_files("");
}

Test(bad_input, strict_stops_at_a_malformed_line)
{
	need("zstd -qdc " TRACE " | sed '20000s/pfn=0x[0-9a-f]*//;20000s/ptr=[0-9a-f]*//' "
	     ">damaged.txt");
	assert_refused(run("$K info --strict damaged.txt"), "damaged.txt:20000: ");
	assert_refused(run("$K stat --strict damaged.txt"), "damaged.txt:20000: ");
	assert_refused(run("$K replay --strict damaged.txt -o run.db"), "damaged.txt:20000: ");
	assert_refused(run("$K verify --strict damaged.txt -s " BEFORE), "damaged.txt:20000: ");
	assert_files("damaged.txt");
	/* else it is told of, and the rest counts */
	cr_assert_eq(run("$K info damaged.txt")->status, 0);
	cr_assert(strstr(run("$K info damaged.txt")->err, "damaged.txt:20000: "));
}

Test(bad_input, snapshot_that_is_none)
{
	need(": >empty; head -c 5000 " BEFORE " >short.zst; mkdir folder");
	assert_refused(run("$K verify " TRACE " -s nowhere"), "nowhere");
	assert_refused(run("$K verify " TRACE " -s empty"), "empty");
	assert_refused(run("$K verify " TRACE " -s folder"), "folder");
	assert_refused(run("$K verify " TRACE " -s short.zst"), "short.zst");
	assert_refused(run("$K verify " TRACE " -s " TRACE), "trace.txt.zst: no snapshot");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " -e short.zst"), "short.zst");
	assert_refused(run("$K replay " TRACE " --machine short.zst -o run.db"), "short.zst");
	assert_files("empty folder short.zst");
}

Test(bad_input, snapshot_that_does_not_fit)
{
	/* of another marker, in the wrong order, of a machine with less memory, of another kind */
	need("zstd -qdc " BEFORE " | sed '1s/^kmsnap 1 /kmsnap 7 /' >seven");
	assert_refused(run("$K verify " TRACE " -s seven"), "'kmsnap: 7'");
	assert_refused(run("$K verify " TRACE " -s " AFTER " -e " BEFORE), "kmsnap.before.zst");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " -e seven"), "'kmsnap: 7'");
	need("zstd -qdc " BEFORE " | grep -v HighMem >small");
	assert_refused(run("$K verify " TRACE " -s small"), "small");
	need("zstd -qdc " AFTER " | grep -v HighMem >end");
	assert_refused(run("$K verify " TRACE " -s " BEFORE " -e end"), "end: ");
	assert_files("end seven small");
}

Test(bad_input, snapshot_of_another_architecture)
{
	static const char other[] =
		KMR_SOURCE_ROOT "/../shared/captures/x86_64-6.1-up-sqlite/state/kmsnap.before.zst";

	if (access(other, R_OK))
		cr_skip_test("no captures beside the checkout");
	assert_refused(run("$K verify " TRACE " -s %s", other), "x86_64-6.1-up-sqlite");
	assert_refused(run("$K replay " TRACE " --machine %s -o run.db", other),
		       "x86_64-6.1-up-sqlite");
	assert_files("");
}

Test(bad_input, proc_dumps_that_are_damaged)
{
	need("mkdir dumps && cp " CAPTURE "/state/*info.before dumps");
	need("$K replay " TRACE " --machine dumps >/dev/null");
	need("head -c 700 " CAPTURE "/state/zoneinfo.before >dumps/zoneinfo.before");
	assert_refused(run("$K replay " TRACE " --machine dumps -o run.db"),
		       "dumps/zoneinfo.before");
	need("cp " CAPTURE "/state/zoneinfo.before dumps; echo Node >dumps/buddyinfo.before");
	assert_refused(run("$K replay " TRACE " --machine dumps -o run.db"),
		       "dumps/buddyinfo.before:1");
	assert_files("dumps");
}

Test(bad_input, database_that_is_none)
{
	need(": >empty; cp " KMR_SOURCE_ROOT
	     "/LICENSE text; sqlite3 other.db 'CREATE TABLE t (c)'");
	need("$K replay " TRACE " -o run.db >/dev/null && head -c 100000 run.db >short.db");
	assert_refused(run("$K plot nowhere -o figures"), "nowhere");
	assert_refused(run("$K plot empty -o figures"), "empty");
	assert_refused(run("$K plot text -o figures"), "text");
	assert_refused(run("$K plot other.db -o figures"), "other.db");
	assert_refused(run("$K plot short.db -o figures"), "short.db");
	assert_refused(run("$K plot run.db"), "--output");
	assert_refused(run("$K plot run.db -o text"), "text");
	assert_refused(run("$K plot run.db -o figures -t nowhere"), "nowhere");
	assert_refused(run("$K plot run.db -o figures --zones=small"),
		       "--zones takes large or all");
}
