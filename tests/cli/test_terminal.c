// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a terminal is shown and a file is not: colours, characters beyond ASCII, progress.  The
 * terminal is a pseudo-terminal that the test reads.
 */
/* pseudo-terminals */
#define _XOPEN_SOURCE 700 // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

#define BOLD "\033[1m"
#define RED  "\033[31m"
#define INFO "$K info " TRACE

TestSuite(terminal, .init = command_enter, .fini = command_leave);

static char shown[1 << 20];

static void become_shell(const char *terminal, unsigned short columns, const char *line)
{
	const struct winsize size = { .ws_row = 24, .ws_col = columns };
	int fd;

	if (setsid() < 0 || (fd = open(terminal, O_RDWR)) < 0)
		_exit(99);
	(void)ioctl(fd, TIOCSWINSZ, &size);
	(void)dup2(fd, STDIN_FILENO);
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	(void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(99);
}

/* Runs a line of sh whose standard streams are a terminal; returns what appeared there. */
static const char *on_terminal(unsigned short columns, const char *line)
{
	const int fd = posix_openpt(O_RDWR | O_NOCTTY);
	size_t used = 0;
	ssize_t n = 0;
	int status;
	pid_t pid;

	cr_assert(fd >= 0 && !grantpt(fd) && !unlockpt(fd));
	pid = fork();
	cr_assert(pid >= 0);
	if (!pid)
		become_shell(ptsname(fd), columns, line);
	/* the end is EIO: nobody has the other side open any more, as soon as somebody had */
	for (;;) {
		int done;

		n = read(fd, shown + used, sizeof(shown) - 1 - used);
		if (n > 0) {
			used += (size_t)n;
			continue;
		}
		done = waitpid(pid, &status, WNOHANG) == pid;
		if (n < 0 && errno == EIO && !done)
			done = waitpid(pid, &status, 0) == pid;
		if (done)
			break;
	}
	shown[used] = '\0';
	(void)close(fd);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: %s", line, shown);
	return shown;
}

static void expect_colors(const char *line, bool expected)
{
	const char *text = on_terminal(80, line);

	cr_expect(strstr(text, "kmem_cache_alloc"), "%s: %s", line, text);
	cr_expect_eq(strstr(text, BOLD) != NULL, expected, "%s: %s", line, text);
}

Test(terminal, colors_on_terminals_alone)
{
	expect_colors("unset NO_COLOR; TERM=xterm " INFO, true);
	expect_colors("unset NO_COLOR; TERM=xterm " INFO " | cat", false);
	expect_colors("unset NO_COLOR; TERM=xterm " INFO " >file; cat file", false);
	cr_expect_null(strchr(run("unset NO_COLOR; TERM=xterm " INFO)->out, '\033'));
}

/* no-color.org: present and not empty, whatever its value */
Test(terminal, no_color)
{
	expect_colors("NO_COLOR=1 TERM=xterm " INFO, false);
	expect_colors("NO_COLOR=0 TERM=xterm " INFO, false);
	expect_colors("NO_COLOR=no TERM=xterm " INFO, false);
	expect_colors("NO_COLOR= TERM=xterm " INFO, true);
}

Test(terminal, that_can_show_none)
{
	expect_colors("unset NO_COLOR; TERM=dumb " INFO, false);
	expect_colors("unset NO_COLOR TERM; " INFO, false);
	expect_colors("unset NO_COLOR; TERM= " INFO, false);
}

Test(terminal, color_as_asked_for)
{
	expect_colors("TERM=xterm " INFO " --color=never", false);
	expect_colors("unset NO_COLOR; TERM=xterm " INFO " --color=auto", true);
	expect_colors("NO_COLOR=1 TERM=dumb " INFO " --color=always", true);
	expect_colors("NO_COLOR=1 " INFO " --color", true);
	cr_expect(strstr(run(INFO " --color=always")->out, BOLD));
	cr_expect(!strstr(run(INFO " --color=auto")->out, BOLD));
	cr_expect(!strstr(run(INFO " --color=always --json")->out, "\033"));
	assert_refused(run(INFO " --color=sometimes"), "auto, always or never, found 'sometimes'");
	assert_refused(run(INFO " --color="), "auto, always or never, found ''");
}

Test(terminal, failures_are_red)
{
	const struct outcome *o = run("$K replay " KMR_SOURCE_ROOT
				      "/traces/loads/high-order-stress.yaml --color=always");

	cr_expect_eq(o->status, 0);
	cr_expect(strstr(o->out, RED), "%s", o->out);
	o = run("$K replay " TRACE " --color=always");
	cr_expect(!strstr(o->out, RED), "%s", o->out);
}

/* Of the locale nothing counts but its characters: numbers look the same. */
Test(terminal, characters_of_the_locale)
{
	need("LC_ALL=C.UTF-8 $K replay " TRACE " >utf8 && LC_ALL=C $K replay " TRACE " >ascii");
	need("grep -q '█.*▄' utf8 && ! grep -q '[^ -~]' ascii && grep -q '@[.:=+-]*' ascii");
	/* all but the lines is the same, and so is what they begin and end with */
	need("for f in ascii utf8; do sed '/over time/,/^$/d' $f >$f.rest; "
	     "awk '/over time/, /^$/ { print $1, $2, $3, $NF }' $f >$f.ends; done; "
	     "cmp ascii.rest utf8.rest && cmp ascii.ends utf8.ends && test -s ascii.ends");
	/* a locale that is not there is "C" */
	need("LC_ALL=xx_YY.UTF-8 $K replay " TRACE " | cmp - ascii");
	/* LC_CTYPE is what decides, and LC_ALL before it */
	need("unset LC_ALL; LC_CTYPE=C.UTF-8 $K replay " TRACE " | cmp - utf8");
	need("LC_CTYPE=C.UTF-8 LC_ALL=C $K replay " TRACE " | cmp - ascii");
}

/* Both kinds of work: reading, and going over what was read. */
#define LONG "$K compare " TRACE " --page linux-6.1,linux-6.12 --object slab,slob --jobs 1"
/* Enough of it for a rate and an end to settle, which is half a second. */
#define LONGER                                                                     \
	"$K compare " TRACE " --page linux-6.1,linux-6.12,linux-5.15,linux-2.6.24" \
	" --object slab,slob,slub --jobs 1"

Test(terminal, progress)
{
	const char *text = on_terminal(100, LONGER " --progress >out");

	cr_expect(strstr(text, "\rcompare: read: "), "%s", text);
	cr_expect(strstr(text, " events, 1 %"), "%s", text);
	cr_expect(strstr(text, "\rcompare: replay: 0 of 12 runs done, "), "%s", text);
	cr_expect(strstr(text, "/s, "), "%s", text);
	cr_expect(strstr(text, " s left"), "%s", text);
	/* it goes away: blanks over all of it, and the cursor at the beginning */
	cr_expect(strlen(text) > 40 && !strcmp(text + strlen(text) - 20, "                   \r"),
		  "%s", text);
	/* the summary is the same */
	need(LONGER " | cmp - out");
}

Test(terminal, progress_fits_a_narrow_one)
{
	const char *text = on_terminal(30, LONG " --progress >out");
	size_t since = 0;

	for (const char *p = text; *p; p++) {
		since = *p == '\r' ? 0 : *p == '\b' ? since - 1 : since + 1;
		cr_assert(since < 30, "%s", text);
	}
	cr_expect(strstr(text, "\rcompare: replay: 0 of 4 runs"), "%s", text);
}

Test(terminal, progress_for_those_who_want_it)
{
	/* nothing where nobody looks */
	cr_expect_str_empty(run(LONG " >out")->err);
	cr_expect(strstr(run(LONG " --progress >out")->err, "\rcompare: replay: "));
	/* nothing where it is over at once */
	cr_expect_str_empty(
		on_terminal(80, "$K info " KMR_SOURCE_ROOT "/traces/x86_64-6.12-dat >out"));
	cr_expect_str_empty(on_terminal(80, LONG " -q >out"));
	cr_expect_str_empty(on_terminal(80, LONG " --quiet >out"));
	cr_expect_str_empty(on_terminal(80, LONG " --no-progress >out"));
	/* the last word counts */
	cr_expect_str_empty(on_terminal(80, LONG " --progress -q >out"));
	cr_expect(strstr(run(LONG " -q --progress >out")->err, "\rcompare: "));
}

Test(terminal, progress_of_every_long_command)
{
	static const char *const lines[] = {
		"$K info %s --progress >out",
		"$K stat %s --progress >out",
		"$K convert %s --progress -o out.txt",
		"$K replay %s --progress >out",
		"$K replay %s --object slub --progress >out",
		"$K verify %s --progress >out",
		"$K fit %s -o load.yaml --progress >out",
	};
	const char *text;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *p = strchr(lines[i], '%');

		text = run("%.*s" CAPTURE "%s", (int)(p - lines[i]), lines[i], p + 2)->err;
		cr_expect(strstr(text, ": read: "), "%s: %s", lines[i], text);
		cr_expect(strstr(text, " %"), "%s: %s", lines[i], text);
	}
	text = run("$K gen " KMR_SOURCE_ROOT "/traces/loads/fork-storm.yaml --progress -o x.txt")
		       ->err;
	cr_expect(strstr(text, "\rgen: ") && strstr(text, " %"), "%s", text);
	/* trace.dat knows how far it is, too */
	text = run("$K info " KMR_SOURCE_ROOT "/traces/x86_64-6.12-dat/trace.dat --progress")->err;
	cr_expect(strstr(text, "\rinfo: read: ") && strstr(text, " %"), "%s", text);
	/* standard input has no end that could be known */
	text = run("zstd -qdc " TRACE " | $K info - --progress")->err;
	cr_expect(strstr(text, "\rinfo: read: ") && !strstr(text, "%"), "%s", text);
}

/* A message is not mixed up with the line that was there. */
Test(terminal, progress_makes_way_for_messages)
{
	const char *text;

	need("{ zstd -qdc " TRACE "; printf '%%s\\n' "
	     "'  a-1 [000] ..... 9999.000000: mm_page_alloc: page=x pfn=y order=z'; } >bad.txt");
	text = on_terminal(80, "$K replay bad.txt -s boot -m i386 --strict --progress || true");
	cr_expect(strstr(text, "\rkmreplay: bad.txt:"), "%s", text);
	cr_expect(strstr(text, " \rkmreplay: bad.txt:"), "%s", text);
}
