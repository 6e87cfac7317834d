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
 * Lines of the section "watermarks" of @what against those of a kernel's own zoneinfo whose first
 * word is one of @words; the kernel has counts of use in between, and zones without memory.
 */
static void expect_zoneinfo(const char *what, const char *capture, const char *words)
{
	const struct outcome *o;

	need("$K machine '%s' --show watermarks | sed 1,3d |"
	     " awk '/^Node/ || $1 ~ /^(%s)$/' >got",
	     what, words);
	need("awk '/^Node/ { head = $0; next } /^  pages free/ { body = head; next }"
	     " /^ +nr_/ { next } $1 ~ /^(%s)$/ { body = body \"\\n\" $0 }"
	     " /start_pfn/ { print body }' '%s'/state/zoneinfo.before >kernel",
	     words, capture);
	need("test $(wc -l <kernel) -gt 10");
	o = run("diff -u got kernel");
	cr_expect_eq(o->status, 0, "%s:\n%s", what, o->out);
}

#define ZONE_WORDS "boost|min|low|high|spanned|present|managed|cma|protection:|start_pfn:"

/* What is computed for a PC of 1280 MiB, and what is read from the dumps of one, is the kernel's. */
Test(machine, is_in_zoneinfo)
{
	expect_zoneinfo("i386:ram=1280M", CAPTURE, ZONE_WORDS "|high:|batch:|vm");
	expect_zoneinfo(CAPTURE, CAPTURE, ZONE_WORDS "|high:|batch:|vm");
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
		expect_zoneinfo(p, p, ZONE_WORDS);
	}
}

/* A snapshot and the dumps beside it are of one machine. */
Test(machine, of_a_snapshot)
{
	need("$K machine " BEFORE " --show zones,zonelists,watermarks | tail -n +4 >snapshot");
	need("$K machine " CAPTURE " --show zones,zonelists,watermarks | tail -n +4 >dumps");
	need("grep -v '^min_free' snapshot >a; grep -v '^min_free' dumps >b; diff a b");
}

/* A machine file with what presets do not have: Movable, CMA, a slot for memory, huge pages. */
Test(machine, of_a_file)
{
	const struct outcome *o;

	need("printf '%%s\\n' 'machine: slots' 'arch: x86_64' 'kernel: 6.12' 'memory:'"
	     " '  - { start: 0, size: 3G, node: 0 }' '  - { start: 4G, size: 3G, node: 1 }'"
	     " '  - { start: 64G, size: 8G, node: 1, type: hotplug }' 'boot:' '  movablecore: 1G'"
	     " '  cma:' '    - { name: camera, size: 64M }' '  hugepages: 10' >slots.yaml");
	o = run("$K machine slots.yaml");
	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_expect_eq(strncmp(o->out, "machine  machine file slots.yaml\n", 33), 0, "%s", o->out);
	cr_expect(strstr(o->out, "\n  Node 1: 0x0000000180000000\n"), "%s", o->out);
	cr_expect(strstr(o->out, "1 GiB  online         yes    48-55     1  Movable\n"), "%s",
		  o->out);
	cr_expect(strstr(o->out, "8 GiB  offline        yes  512-575     -  none\n"), "%s", o->out);
	cr_expect(strstr(o->out, "GFP_HIGHUSER_MOVABLE  1:Movable 1:Normal 0:DMA32 0:DMA\n"), "%s",
		  o->out);
	cr_expect(strstr(o->out, "\nCMA                        1  16,384     64 MiB"), "%s",
		  o->out);
	cr_expect(strstr(o->out, "  64 MiB, in units of order 0\n"), "%s", o->out);
	cr_expect(strstr(o->out, "node 0: 5 of 2 MiB from boot on\n"), "%s", o->out);
	cr_expect(strstr(o->out, "kmalloc(), SLUB"), "%s", o->out);
	cr_expect_null(strstr(o->out, "SLOB"), "%s", o->out);
	cr_expect(strstr(o->out, "[mem 0x1000000000-0x11ffffffff]  8 GiB\n"), "%s", o->out);
	assert_refused(run("echo 'machine: x' >x.yaml; $K machine x.yaml"), "x.yaml:1:");
}

/* Every machine file that ships is printed within 80 columns, and as JSON. */
Test(machine, shipped_files)
{
	/* named from the top of the sources: how long that path is must not matter */
	need("cd " KMR_SOURCE_ROOT " && for f in traces/machines/*.yaml; do"
	     " $K machine $f >$OLDPWD/text && $K machine --json $f | python3 -m json.tool "
	     ">/dev/null &&"
	     " expand $OLDPWD/text |"
	     " awk -v f=$f 'length > 80 { print f, $0; bad = 1 } END { exit bad }' >&2 || exit;"
	     " done");
}

/* The bundled capture's dumps as a machine file: the same zones and limits, out of its own RAM. */
Test(machine, as_a_file)
{
	need("$K machine --yaml " CAPTURE " >here.yaml");
	need("$K machine here.yaml --show zones,watermarks,zonelists | sed 1,3d >file");
	need("$K machine " CAPTURE " --show zones,watermarks,zonelists | sed 1,3d >dumps");
	need("diff -u dumps file");
	need("$K machine -y " CAPTURE "/state | cmp - here.yaml");
	assert_refused(run("$K machine --yaml i386"), "i386");
	assert_refused(run("$K machine --yaml " KMR_SOURCE_ROOT "/src"), "iomem");
	assert_refused(run("$K machine --yaml --json " CAPTURE), "without --show and --json");
	assert_refused(run("$K machine --yaml --show zones " CAPTURE), "without --show and --json");
	assert_refused(run("$K machine --yaml " CAPTURE " >/dev/full"), "standard output");
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
	/* no key twice in the same object */
	need("$K machine i386 --json | python3 -c 'import json, sys\n"
	     "def once(pairs):\n"
	     "    assert len(pairs) == len(dict(pairs)), pairs\n"
	     "    return dict(pairs)\n"
	     "json.load(sys.stdin, object_pairs_hook=once)'");
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
