// SPDX-License-Identifier: GPL-2.0-only
/* report and diff as a user runs them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static void enter(void)
{
	command_enter();
	need("$K compare " TRACE
	     " --page linux-6.1,linux-6.12 --object none -o runs.db >/dev/null");
}

TestSuite(report, .init = enter, .fini = command_leave);

/* The name says the format, an option says it louder, and standard output gets text. */
Test(report, formats)
{
	need("for f in html md csv json txt; do $K report runs.db --no-plots -o r.$f || exit; "
	     "done");
	need("for f in html md csv json txt; do $K report runs.db --no-plots -f $f -o x &&"
	     " cmp x r.$f || exit; done");
	need("head -c 15 r.html | grep -q '<!DOCTYPE html>'");
	need("head -n 1 r.md | grep -q '^# linux-6.1 and linux-6.12 on i386-slub-compile/'");
	need("head -n 1 r.csv | grep -qx 'section,table,row,column,value,unit'");
	need("python3 -c 'import json; d = json.load(open(\"r.json\"));"
	     " ids = [s[\"id\"] for s in d[\"sections\"]];"
	     " assert ids[0] == \"answer\" and ids[1] == \"summary\" and ids[-1] == \"origin\", "
	     "ids'");
	need("python3 -c 'import csv; rows = list(csv.reader(open(\"r.csv\")));"
	     " assert all(len(r) == 6 for r in rows) and len(rows) > 60, rows'");
	need("$K report runs.db >x && cmp x r.txt && $K report runs.db -o - >x && cmp x r.txt");
	need("sed '/^    kmreplay /d; /^=/d; 1d' r.txt | awk 'length($0) > 80 { print; bad = 1 }"
	     " END { exit bad }'");
	need("test $(ls | wc -l) = 7");
}

/* All formats tell the same numbers. */
Test(report, one_content)
{
	need("for f in md csv json txt html; do $K report runs.db --no-plots -f $f -o r.$f; done");
	need("grep -q '^| free pages, at the end | pages | 281,824 | 281,824 |$' r.md");
	need("grep -q '^summary,summary,[0-9]*,run2,281824,$' r.csv");
	need("grep -q '\"run2\": 281824$' r.json");
	need("grep -q '^free pages, at the end .* 281,824  *281,824' r.txt");
	need("grep -q 'free pages, at the end</th>.*<td class=\"n\">281,824</td>' r.html");
}

/* A parser of HTML has nothing to say but that it does not know newer elements. */
Test(report, html_is_well_formed)
{
	if (system("command -v xmllint >/dev/null 2>&1"))
		cr_skip_test("xmllint is not installed");
	need("$K report runs.db --no-plots -o r.html");
	need("! xmllint --html --noout r.html 2>&1 | grep 'error :' |"
	     " grep -v 'Tag "
	     "\\(main\\|header\\|nav\\|section\\|footer\\|figure\\|figcaption\\|svg\\|g\\|"
	     "path\\|rect\\|text\\|title\\|defs\\|use\\|circle\\|polygon\\|tspan\\|desc\\|image\\|"
	     "pattern"
	     "\\|clipPath\\) invalid'");
}

/* What has no figures says how to get them, and what has does not. */
Test(report, tells_what_draws)
{
	need("for f in md csv json txt; do $K report runs.db -f $f | tr -d '\\\\' |"
	     " grep -q 'kmreplay plot runs.db -o figures' || exit; done");
	need("$K report runs.db --no-plots -f html -o r.html && grep -q 'plot runs.db' r.html");
	if (system("command -v gnuplot >/dev/null 2>&1"))
		return;
	need("$K report runs.db -f html -o r.html && ! grep -q 'kmreplay plot' r.html");
}

/* How to make the database again stands in it, and does make it. */
Test(report, tells_the_command)
{
	need("$K report runs.db | grep '^    kmreplay compare ' >command");
	need("grep -q -e '--page=linux-6.1,linux-6.12 --object=none -o runs.db' command");
	need("mkdir again && sed 's/^ *kmreplay/$K/; s/runs.db/again\\/runs.db/' command | sh -s "
	     ">/dev/null && cmp runs.db again/runs.db");
}

Test(report, replaces_a_file_whole_or_not_at_all)
{
	need("echo old >r.html && head -c 8192 runs.db >bad.db");
	assert_refused(run("$K report bad.db -o r.html"), "bad.db");
	need("grep -qx old r.html");
	need("$K report runs.db --no-plots -o r.html && ! grep -qx old r.html");
	assert_refused(run("$K report runs.db --no-plots -o nowhere/r.html"), "nowhere");
	assert_refused(run("$K report runs.db --no-plots -o ."), ".: is a directory");
}

Test(report, refusals)
{
	assert_refused(run("$K report"), "an operand is missing");
	assert_refused(run("$K report nowhere.db"), "nowhere.db: No such file");
	assert_refused(run("$K report runs.db -f pdf"), "html, md, csv, json or txt, found 'pdf'");
	assert_refused(run("$K report runs.db -o r.pdf"), "r.pdf: no format has that ending");
	assert_refused(run("$K diff"), "an operand is missing");
	assert_refused(run("$K diff runs.db"), "runs.db: has 2 runs, say which with --run-a");
	assert_refused(run("$K diff runs.db -a 1 -b 3"), "runs.db: has no run 3");
	assert_refused(run("$K diff runs.db -a 0 -b 1"), "--run-a takes a whole number from 1");
	assert_refused(run("$K diff runs.db -a 1 -b 2 -t some"), "--threshold takes a percentage");
	assert_refused(run("$K diff runs.db -a 1 -b 2 -t -1"), "--threshold takes a percentage");
	assert_refused(run("$K diff runs.db -a 1 -b 2 -n 1.5"), "--limit takes a whole number");
	assert_refused(run("$K diff runs.db runs.db runs.db"), "one operand too many");
}

/* Without gnuplot there is a report all the same, which says so, as does standard error. */
Test(report, without_gnuplot)
{
	const struct outcome *o;

	need("mkdir bin && for d in /usr/bin /bin; do for f in $d/*; do case $f in */gnuplot*) ;;"
	     " *) ln -sf $f bin; esac; done; done");
	o = run("PATH=$PWD/bin $K report runs.db -o r.html");
	cr_expect_eq(o->status, 0);
	cr_expect_str_eq(o->err,
			 "kmreplay: figures are missing: gnuplot not found: apt-get install "
			 "gnuplot-nox\n");
	need("grep -q 'class=\"note\">figures are missing: gnuplot not found' r.html");
}

Test(report, with_figures)
{
	if (system("command -v gnuplot >/dev/null 2>&1"))
		cr_skip_test("gnuplot is not installed");
	need("mkdir tmp && TMPDIR=$PWD/tmp $K report runs.db -o r.html 2>said && ! test -s said");
	need("test $(grep -c '<figure ' r.html) -ge 2 && grep -q '<svg' r.html");
	need("test -z \"$(ls tmp)\"");
	/* nothing from elsewhere, and no id twice */
	need("! grep -o '\\(href\\|src\\)=\"[^#\"][^\"]*' r.html | grep -v 'href=\"#'");
	need("! grep -q '<script' r.html");
	need("test -z \"$(grep -o ' id=\"[^\"]*\"' r.html | sort | uniq -d)\"");
}

/* gnuplot is one that takes its time, so that the signal comes while figures are drawn */
Test(report, a_signal_leaves_nothing, .timeout = 120)
{
	need("mkdir bin tmp && cat >bin/gnuplot <<'E' && chmod +x bin/gnuplot\n"
	     "#!/bin/sh\n"
	     ": >$BEGUN\n"
	     "exec sleep 3 >$BEGUN 2>&1\n"
	     "E");
	need("export BEGUN=$PWD/begun; for s in TERM HUP; do rm -f begun;"
	     " TMPDIR=$PWD/tmp PATH=$PWD/bin:$PATH $K report runs.db -o r.html & "
	     "until test -e begun; do sleep 0.1; done; test -n \"$(ls tmp/*/*.gp)\" || exit;"
	     " kill -$s $!; wait $!; test $? -gt 128 && test -z \"$(ls -A tmp)\" &&"
	     " test ! -e r.html || exit; done");
}

Test(report, diff_exit_status)
{
	cr_expect_eq(run("$K diff runs.db -a 1 -b 1")->status, 0);
	cr_expect_eq(run("$K diff runs.db -a 1 -b 2")->status, 1);
	/* page steps are worse by 3.4 percent in linux-6.12, and nothing by fifty times */
	cr_expect_eq(run("$K diff runs.db -a 1 -b 2 -t 1")->status, 1);
	cr_expect_eq(run("$K diff runs.db -a 1 -b 2 -t 5000")->status, 0);
	cr_expect_eq(run("$K diff runs.db -a 1 -b 2 -t 5000%% --json")->status, 0);
	need("$K diff runs.db -a 1 -b 2 -j | python3 -m json.tool >/dev/null");
}
