// SPDX-License-Identifier: GPL-2.0-only
/* Places that can't be written to, and runs that are cut short: nothing half made is left. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

TestSuite(output, .init = command_enter, .fini = command_leave);

Test(output, place_that_is_not_there)
{
	assert_refused(run("$K replay " TRACE " -o no/such/run.db"), "no/such/run.db");
	assert_refused(run("$K replay " TRACE " -o ''"), "empty");
	need("mkdir folder; : >file");
	assert_refused(run("$K replay " TRACE " -o folder"), "folder");
	assert_refused(run("$K replay " TRACE " -o file/run.db"), "file/run.db");
	assert_refused(run("$K replay " TRACE " -o /dev/full"), "/dev/full");
	assert_refused(run("$K replay " TRACE " -o /proc/run.db"), "/proc/run.db");
	assert_files("file folder");
}

/* A tmpfs of @options at ./disk; a skipped test where that is not allowed. */
static void mount_disk(const char *options)
{
	if (run("mkdir -p disk && mount -t tmpfs -o %s tmpfs disk", options)->status)
		cr_skip_test("not allowed to mount a tmpfs here");
}

Test(output, full_disk)
{
	struct outcome o;
	char left[64];

	mount_disk("size=256k");
	o = *run("$K replay " TRACE " -o disk/run.db");
	(void)snprintf(left, sizeof(left), "%.60s", run("ls -A disk")->out);
	need("umount disk");
	assert_refused(&o, "disk/run.db: No space left on device");
	cr_assert_str_empty(left);
}

Test(output, full_disk_leaves_the_earlier_database)
{
	struct outcome o;

	mount_disk("size=300k");
	need("echo earlier >disk/run.db");
	o = *run("$K replay " TRACE " -o disk/run.db");
	need("test \"$(ls -A disk):$(cat disk/run.db)\" = run.db:earlier; r=$?; umount disk; "
	     "exit $r");
	assert_refused(&o, "disk/run.db");
}

/* What root may write to all the same is not on a disk that is read-only. */
Test(output, place_that_may_not_be_written)
{
	const bool root = !geteuid();
	struct outcome o;

	if (root)
		mount_disk("ro");
	else
		need("mkdir -m 500 disk");
	o = *run("$K replay " TRACE " -o disk/run.db");
	if (root)
		need("umount disk");
	assert_refused(&o, "disk/run.db");
}

Test(output, full_disk_for_figures)
{
	struct outcome o;

	need("$K replay " TRACE " -o run.db >/dev/null");
	mount_disk("size=64k");
	o = *run("$K plot --scripts-only run.db -o disk >/dev/null");
	need("umount disk");
	assert_refused(&o, "disk/");
}

/* The decoded trace has no room: who says so names the place, and nothing is left there. */
static void assert_no_room(const char *command, const char *dir, const char *says)
{
	struct outcome o = *run("TMPDIR=%s $K %s", dir, command);
	char left[64];

	(void)snprintf(left, sizeof(left), "%.60s", run("ls -A %s", dir)->out);
	assert_refused(&o, says);
	cr_assert_str_empty(left);
}

Test(output, full_disk_for_the_decoded_trace)
{
	static const char says[] =
		"disk: can't keep the decoded trace there: No space left on device";

	mount_disk("size=12m");
	assert_no_room("info " TRACE, "disk", says);
	assert_no_room("verify " TRACE " -s " BEFORE, "disk", says);
	need("umount disk");
	mount_disk("size=1m");
	assert_no_room("info " TRACE, "disk", says);
	need("umount disk");
}

Test(output, no_place_for_the_decoded_trace)
{
	assert_refused(run("TMPDIR=no/such $K info " TRACE),
		       "no/such: can't keep the decoded trace there: No such file");
	assert_refused(run("TMPDIR=no/such $K verify " TRACE " -s " BEFORE),
		       "no/such: can't keep the decoded trace there: No such file");
	assert_refused(run("ulimit -f 200; TMPDIR=. $K info " TRACE),
		       ".: can't keep the decoded trace there: File too large");
	assert_files("");
}

/* What a quota would do: a file that may not grow any further. */
Test(output, limit_on_the_size_of_files)
{
	const struct outcome *o = run("ulimit -f 200; $K replay " TRACE " -o run.db");

	assert_refused(o, "run.db");
	assert_files("");
}

Test(output, standard_output_that_is_full)
{
	static const char *const lines[] = {
		"--help",
		"list",
		"list --json",
		"replay --help",
		"info " TRACE,
		"info --json " TRACE,
		"stat " TRACE,
		"stat --json " TRACE,
		"stat --csv --alloc " TRACE,
		"verify " TRACE " -s " BEFORE,
		"replay --json " TRACE,
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_refused(run("$K %s >/dev/full", lines[i]), "standard output");
	assert_refused(run("$K list >&-"), "standard output");
}

/* Waits until a file appears in @directory; a failed test after a minute. */
static void wait_for_a_file(const char *directory)
{
	for (int i = 0; i < 6000; i++) {
		DIR *d = opendir(directory);
		struct dirent *entry;
		bool found = false;

		cr_assert(d);
		while ((entry = readdir(d)))
			if (entry->d_name[0] != '.')
				found = true;
		(void)closedir(d);
		if (found)
			return;
		(void)poll(NULL, 0, 10);
	}
	cr_assert_fail("no temporary file after a minute");
}

/* Starts a replay of a pipe, @signal once it has begun to write; what it died of. */
static int interrupted_by(int signal)
{
	int pipes[2], status;
	pid_t child;

	need("rm -rf place && mkdir place");
	cr_assert_eq(pipe(pipes), 0);
	child = fork();
	cr_assert_geq(child, 0);
	if (!child) {
		(void)dup2(pipes[0], STDIN_FILENO);
		(void)close(pipes[0]);
		(void)close(pipes[1]);
		execl(KMREPLAY, "kmreplay", "replay", "-", "--machine", BEFORE, "-o",
		      "place/run.db", (char *)NULL);
		_exit(127);
	}
	/* the writing end stays open: the trace does not end */
	wait_for_a_file("place");
	cr_assert_eq(kill(child, signal), 0);
	cr_assert_eq(waitpid(child, &status, 0), child);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

Test(output, a_signal_leaves_nothing, .timeout = 300)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		cr_assert_eq(interrupted_by(signals[i]), signals[i]);
		need("test -z \"$(ls -A place)\"");
	}
}
