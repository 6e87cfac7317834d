// SPDX-License-Identifier: GPL-2.0-only
/* Workloads on the command line: gen, and in place of traces. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define LOAD                                                                                \
	"workload: busy\n"                                                                  \
	"machine: \"x86_64:ram=256M,cpus=2\"\n"                                             \
	"duration: 1s\n"                                                                    \
	"actors:\n"                                                                         \
	"  - name: busy\n"                                                                  \
	"    count: 4\n"                                                                    \
	"    every: {exponential: {mean: 100us}}\n"                                         \
	"    lifetime: {exponential: {mean: 50ms}}\n"                                       \
	"    free_cpu: any\n"                                                               \
	"    mix:\n"                                                                        \
	"      - {weight: 3, pages: {}}\n"                                                  \
	"      - {weight: 1, pages: {order: {table: [[1, 3], [3, 1]]}, gfp: GFP_ATOMIC}}\n" \
	"      - {weight: 2, kmalloc: {size: {uniform: [8, 20000]}}}\n"                     \
	"      - {weight: 2, cache: {name: dentry, size: 192}}\n"

static void write_load(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	cr_assert_not_null(f);
	cr_assert_geq(fputs(text, f), 0);
	cr_assert_eq(fclose(f), 0);
}

static void set_up(void)
{
	command_enter();
	write_load("load.yaml", LOAD);
}

TestSuite(gen, .init = set_up, .fini = command_leave);

static void digest_of(char digest[64], const char *args)
{
	const struct outcome *o = run("$K replay --json %s", args);

	cr_assert_eq(o->status, 0, "%s: %s", args, o->err);
	(void)snprintf(digest, 64, "%s", json_value(o->out, "digest"));
	cr_assert_eq(strlen(digest), 32u, "%s", digest);
}

/* The digests of a workload and of its text, in all forms, are one. */
static void expect_one_digest(const char *options)
{
	static const char *const forms[] = { "load.txt", "load.zst", "- <load.txt", "- <load.zst",
					     "- <load.yaml" };
	char first[64], next[64], args[256];

	(void)snprintf(args, sizeof(args), "load.yaml %s", options);
	digest_of(first, args);
	for (unsigned int i = 0; i < 5; i++) {
		(void)snprintf(args, sizeof(args), "%s %s", options, forms[i]);
		digest_of(next, args);
		cr_expect_str_eq(next, first, "%s", args);
	}
}

Test(gen, one_digest)
{
	need("$K gen load.yaml -o load.txt");
	need("$K gen load.yaml -o load.zst");
	need("$K gen load.yaml >stdout.txt && cmp load.txt stdout.txt");
	need("zstd -qdc load.zst | cmp - load.txt");
	assert_files("load.txt load.yaml load.zst stdout.txt");
	expect_one_digest("");
	expect_one_digest("--check --object slub");
	expect_one_digest("--object slab");
	expect_one_digest("--machine i386:ram=512M --object slub");
	expect_one_digest("--machine " CAPTURE "/state");
	expect_one_digest("--machine " BEFORE " --object slub");
}

Test(gen, seeds)
{
	char first[64], next[64];

	need("$K gen load.yaml -o a; $K gen load.yaml --seed 1 -o b; cmp a b");
	need("$K gen load.yaml --seed 2 -o b; ! cmp -s a b");
	digest_of(first, "a");
	digest_of(next, "b");
	cr_expect_str_neq(next, first);
}

Test(gen, limits)
{
	need("$K gen load.yaml -o all");
	need("$K gen load.yaml --limit 100 -o some");
	need("test $(grep -vc '^#' some) = 100; head -n $(wc -l <some) all | cmp - some");
	need("$K gen load.yaml --duration 100ms -o some");
	need("head -n $(wc -l <some) all | cmp - some");
	need("test $(tail -n 1 some | sed 's/.* 0\\.\\(...\\).*/\\1/') = 099");
}

/* Pages are those of their users, and objects those of the models. */
Test(gen, nothing_is_attributed)
{
	const struct outcome *o = run("$K info --json load.yaml");
	char pages[32];

	cr_assert_eq(o->status, 0, "%s", o->err);
	(void)snprintf(pages, sizeof(pages), "%s", json_value(o->out, "mm_page_alloc"));
	cr_expect_gt(strtoul(pages, NULL, 10), 10000u);
	cr_expect_str_eq(json_value(o->out, "format"), "workload");
	cr_expect_str_eq(json_value(o->out, "made_up"), "true");
	cr_expect(strstr(o->out, "\"machine\": \"x86_64:ram=256M,cpus=2\""));
	cr_expect_str_eq(json_value(strstr(o->out, "\"attribution\""), "direct"), pages);
	cr_expect_str_eq(json_value(strstr(o->out, "\"attribution\""), "slab"), "0");
	o = run("$K replay --json --object slub load.yaml");
	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_expect(strstr(o->out, "\"object_start\": \"empty\""));
	cr_expect_str_eq(json_value(o->out, "unknown_frees"), "0");
}

Test(gen, where_traces_are_taken)
{
	need("$K compare load.yaml --object slub,slab,slob >out && grep -q slob out");
	need("$K stat load.yaml --caller >out && grep -q 'busy+0x0' out");
	need("$K stat load.yaml --page --alloc --live >/dev/null");
	need("$K stat load.yaml --task >out && grep -q busy-1003 out");
	need("$K info load.yaml >out && grep -q 'made up' out");
	need("$K replay load.yaml -o run.db && test $(sqlite3 run.db 'SELECT format FROM trace') ="
	     " workload");
}

Test(gen, from_a_snapshot)
{
	const struct outcome *o = run("$K replay --json load.yaml --machine " BEFORE);

	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_expect_str_eq(json_value(o->out, "start"), "snapshot");
	o = run("$K replay --json load.yaml --machine " CAPTURE "/state --start proc");
	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_expect_str_eq(json_value(o->out, "start"), "proc");
}

Test(gen, refused)
{
	write_load("none.yaml", "workload: x\nactors:\n  - {name: a, pages: {}, lifetime: 1s}\n");
	write_load("bad.yaml", "workload: x\nactors:\n  - {name: a, page: {}, lifetime: 1s}\n");
	assert_refused(run("$K gen"), "gen");
	assert_refused(run("$K gen bad.yaml -o out"),
		       "bad.yaml:3:15: an actor has no key 'page'; did "
		       "you mean 'pages'?");
	assert_refused(run("$K replay bad.yaml"),
		       "bad.yaml:3:15: an actor has no key 'page'; did you "
		       "mean 'pages'?");
	assert_refused(run("$K gen nothing.yaml"), "nothing.yaml: cannot open");
	assert_refused(run("$K gen load.yaml --seed x"), "--seed:1:1: found 'x', takes a number");
	assert_refused(run("$K gen load.yaml --limit 0"),
		       "--limit:1:1: 0 is too small: at least 1");
	assert_refused(run("$K gen load.yaml --duration 5"),
		       "--duration:1:1: found '5', takes a time");
	assert_refused(run("$K gen load.yaml -o no/such/file"), "no/such/file");
	assert_refused(run("$K replay none.yaml"),
		       "none.yaml: a workload without a machine; --machine, "
		       "or its key machine:, says which");
	assert_refused(run("$K replay load.yaml --start infer"),
		       "--start infer: load.yaml is a workload, whose page frames tell nothing");
	assert_files("bad.yaml load.yaml none.yaml");
	cr_expect_eq(run("$K replay none.yaml --machine i386:ram=64M")->status, 0);
}

/* What cannot be written is not left there. */
Test(gen, a_full_disk)
{
	const struct outcome *o = run("ulimit -f 100; $K gen load.yaml -o out");

	cr_expect_eq(o->status, 2);
	cr_expect(strstr(o->err, "out: can't write"), "%s", o->err);
	assert_files("load.yaml");
	o = run("$K gen load.yaml >/dev/full");
	cr_expect_eq(o->status, 2);
	cr_expect(strstr(o->err, "standard output: can't write"), "%s", o->err);
}
