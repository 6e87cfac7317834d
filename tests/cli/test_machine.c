// SPDX-License-Identifier: GPL-2.0-only
/* `kmreplay machine`: what it prints of machines that are known, and what it does not take. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures"
#define GOLDEN	 KMR_SOURCE_ROOT "/tests/cli/machine/"

TestSuite(machine, .init = command_enter, .fini = command_leave);

/* All that is printed of @what, from within the top of the sources, against a file. */
static void expect_golden(const char *what, const char *file)
{
	const struct outcome *o;

	need("cd " KMR_SOURCE_ROOT " && $K machine '%s' >$OLDPWD/got", what);
	o = run("diff -u " GOLDEN "%s got", file);
	cr_expect_eq(o->status, 0, "%s is not as %s:\n%s", what, file, o->out);
}

Test(machine, i386)
{
	expect_golden("i386:ram=1280M", "i386-1280M");
}

Test(machine, x86_64_of_two_nodes)
{
	expect_golden("x86_64:ram=6G,nodes=2,cpus=4", "x86_64-6G-2nodes");
}

Test(machine, dumps_of_the_bundled_capture)
{
	expect_golden("traces/i386-slub-compile", "i386-slub-compile");
}

/*
 * What is printed as watermarks is in the kernel's own zoneinfo, line by line; the kernel has counts
 * of use in between, zones without memory, and what a zone's per-CPU lists hold for every CPU.
 */
static void expect_zoneinfo(const char *capture)
{
	const struct outcome *o;

	need("$K machine '%s' --show watermarks | sed 1,3d | grep -E "
	     "'^Node|^        |start_pfn' >got",
	     capture);
	need("awk '/^Node/ { head = $0; next } /^  pages free/ { body = head; next }"
	     " /^        (boost|min|low|high|spanned|present|managed|cma|protection)/"
	     " { body = body \"\\n\" $0 }"
	     " /start_pfn/ { print body; print }'"
	     " '%s'/state/zoneinfo.before >kernel",
	     capture);
	o = run("grep -v 'high:\\|batch:' got | diff -u - kernel");
	cr_expect_eq(o->status, 0, "%s:\n%s", capture, o->out);
}

Test(machine, is_in_zoneinfo)
{
	expect_zoneinfo(CAPTURE);
}

Test(machine, is_in_zoneinfo_of_all_captures)
{
	const struct outcome *o;
	char list[sizeof(o->out)], *next;

	if (access(CAPTURES, R_OK))
		cr_skip_test("no captures in " CAPTURES);
	o = run("ls -d " CAPTURES "/*/");
	(void)snprintf(list, sizeof(list), "%s", o->out);
	cr_assert_neq(list[0], '\0');
	for (char *p = list; *p; p = next) {
		next = p + strcspn(p, "\n");
		if (*next)
			*next++ = '\0';
		expect_zoneinfo(p);
	}
}

/* A snapshot and the dumps beside it are of one machine. */
Test(machine, of_a_snapshot)
{
	need("$K machine " BEFORE " --show zones,zonelists,watermarks | tail -n +4 >snapshot");
	need("$K machine " CAPTURE " --show zones,zonelists,watermarks | tail -n +4 >dumps");
	need("grep -v '^min_free' snapshot >a; grep -v '^min_free' dumps >b; diff a b");
}

/* "[zones]" and the like, in order, one word each. */
static void expect_sections(const char *option, const char *names)
{
	const struct outcome *o =
		run("echo $($K machine i386 %s | sed -n 's/^\\[\\([a-z]*\\)\\]$/\\1/p')", option);

	cr_expect_eq(strncmp(o->out, names, strlen(names)), 0, "%s: %s", option, o->out);
	cr_expect_eq(o->out[strlen(names)], '\n', "%s: %s", option, o->out);
}

Test(machine, sections)
{
	expect_sections("",
			"zones memblock lsmem nodes zonelists watermarks memmap addresses limits");
	expect_sections("--show zones", "zones");
	/* in the order of all, each once */
	expect_sections("-s limits,nodes,limits", "nodes limits");
}

Test(machine, json)
{
	const struct outcome *o;

	need("$K machine i386:ram=1280M --json | python3 -m json.tool >all.json");
	need("for s in zones memblock lsmem nodes zonelists watermarks memmap addresses limits; do"
	     " grep -q \"^    \\\"$s\\\": {\" all.json || { echo $s >&2; exit 1; }; done");
	need("$K machine " BEFORE " -j | python3 -m json.tool >/dev/null");
	need("$K machine x86_64:ram=100G,nodes=5,cpus=7 -j | python3 -m json.tool >/dev/null");
	o = run("$K machine i386:ram=1280M --json --show limits,zones,watermarks");
	cr_expect_str_eq(json_value(o->out, "alloc_pages_bytes"), "4194304");
	cr_expect_str_eq(json_value(o->out, "max_order"), "10");
	cr_expect_str_eq(json_value(o->out, "vmalloc_bytes"), "125825024");
	cr_expect_str_eq(json_value(o->out, "present_pages"), "327544");
	cr_expect_str_eq(json_value(o->out, "HighMem"), "1243");
	cr_expect_null(strstr(o->out, "\"nodes\": {"));
}

Test(machine, refuses)
{
	assert_refused(run("$K machine"), "operand is missing");
	assert_refused(run("$K machine i386 i386"), "'i386'");
	assert_refused(run("$K machine vax"), "\"vax\"");
	assert_refused(run("$K machine i386:ram=1M"), "too small");
	assert_refused(run("$K machine i386 --show"), "needs an argument");
	assert_refused(run("$K machine i386 --show zone"), "no section 'zone'; there are zones, ");
	assert_refused(run("$K machine i386 --show ''"), "no section ''");
	assert_refused(run("$K machine ."), "no zoneinfo");
	assert_refused(run("$K machine " TRACE), "trace.txt.zst: no snapshot");
	assert_refused(run("$K machine i386 >/dev/full"), "standard output");
}
