// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay fit: what it writes, how near that comes, and what it refuses. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

TestSuite(fit, .init = command_enter, .fini = command_leave);

/* A trace of @lines, each with its own time; hostile or not. */
static void write_lines(const char *name, const char *lines)
{
	FILE *f = fopen(name, "w");

	cr_assert_not_null(f);
	cr_assert_eq(fputs(lines, f) == EOF, 0);
	cr_assert_eq(fclose(f), 0);
}

/* The member @key of the figure @name in the JSON that was printed last. */
static int64_t figure(const char *json, const char *name, const char *key)
{
	char text[64];
	const char *at;

	(void)snprintf(text, sizeof(text), "\"figure\": \"%s\"", name);
	at = strstr(json, text);
	cr_assert_not_null(at, "no figure %s in %s", name, json);
	(void)snprintf(text, sizeof(text), "\"%s\": ", key);
	at = strstr(at, text);
	cr_assert_not_null(at);
	return strtoll(at + strlen(text), NULL, 10);
}

static void expect_near(const char *json, const char *name, const char *moment, int64_t percent)
{
	char trace[32], model[32];
	int64_t a, b;

	(void)snprintf(trace, sizeof(trace), "trace_%s", moment);
	(void)snprintf(model, sizeof(model), "model_%s", moment);
	a = figure(json, name, trace);
	b = figure(json, name, model);
	cr_expect_leq(100 * llabs(a - b), percent * a, "%s, %s: %" PRId64 ", %" PRId64, name,
		      moment, a, b);
}

Test(fit, the_bundled_capture, .timeout = 300)
{
	const struct outcome *o = run("$K fit " TRACE " -o load.yaml --json");

	cr_assert_eq(o->status, 0, "%s", o->err);
	expect_near(o->out, "used_pages", "mean", 2);
	expect_near(o->out, "used_pages", "end", 2);
	expect_near(o->out, "object_bytes", "mean", 2);
	expect_near(o->out, "object_bytes", "end", 2);
	expect_near(o->out, "slab_pages", "end", 3);
	expect_near(o->out, "page_allocs", "end", 1);
	expect_near(o->out, "page_frees", "end", 2);
	expect_near(o->out, "object_allocs", "end", 1);
	expect_near(o->out, "object_frees", "end", 2);
	cr_expect_eq(figure(o->out, "failures", "model_end"), 0);
	cr_expect_leq(figure(o->out, "unusable_index", "apart_mean"), 20);
	/* and what it wrote is a workload by itself */
	need("$K replay load.yaml --object slub >replayed");
	need("$K info load.yaml >info");
	need("$K gen load.yaml -o load.txt && $K replay load.txt -m i386:ram=1280M --start boot "
	     ">/dev/null");
}

Test(fit, equal_traces_give_equal_bytes, .timeout = 300)
{
	need("$K fit " TRACE " -o a.yaml >a.out");
	need("$K fit " TRACE " -o b.yaml >b.out");
	need("cmp a.yaml b.yaml");
	need("sed 's/b.yaml/a.yaml/' b.out | cmp - a.out");
	/* from plain text, in the same place but for its neighbours */
	need("mkdir c && zstdcat " TRACE " >c/trace.txt && cp -r " CAPTURE "/state c/");
	need("$K fit c/trace.txt -o c.yaml >/dev/null && cmp a.yaml c.yaml");
	need("test \"$(awk 'length($0) > 80' a.out | grep -vc "
	     "'^trace\\|^machine\\|^start\\|^page\\|^object')\" = 0");
}

Test(fit, standard_input, .timeout = 300)
{
	need("zstdcat " TRACE " >plain");
	need("$K fit plain -o file.yaml >/dev/null");
	need("$K fit - -o pipe.yaml <plain >/dev/null");
	need("cmp file.yaml pipe.yaml");
	need("$K fit - --pages -o pages.yaml <plain >/dev/null");
	need("test \"$(grep -c 'cache:\\|kmalloc:' pages.yaml)\" = 0");
}

/* No name of the trace, no pointer, no process id. */
Test(fit, anonymous_has_no_names, .timeout = 300)
{
	static const char *const ways[] = { "site", "cache", "task" };

	for (int i = 0; i < 3; i++) {
		need("$K fit " TRACE " -o load.yaml --anonymous --by %s >/dev/null", ways[i]);
		/* words of the trace: tasks, call sites, caches; then the words of the file */
		need("zstdcat " TRACE
		     " | sed -n 's/^ *\\(.*\\)-[0-9]* *\\[.*/\\1/p' | sort -u >names");
		need("zstdcat " TRACE
		     " | sed -n 's/.*call_site=\\([^+ ]*\\).*/\\1/p' | sort -u >>names");
		need("zstdcat " TRACE
		     " | sed -n 's/.* name=\\([^ ]*\\).*/\\1/p' | sort -u >>names");
		need("test $(wc -l <names) -gt 100");
		need("sed 's/^#.*//' load.yaml | tr -c 'A-Za-z0-9_.:/+-' '\\n' | sed "
		     "'s/+0x0$//;s/:$//' |"
		     " sort -u >words");
		need("grep -Fxf names words >leaks; test ! -s leaks || { cat leaks; false; }");
		need("test \"$(grep -c '[0-9a-f]\\{8\\}' words)\" = 0");
	}
	need("grep -q 'name: task-1$' load.yaml");
	need("grep -q 'cache: {name: cache-1,' load.yaml");
}

/* Without it they are there, but never an address, nor the time of the trace's clock. */
Test(fit, no_addresses)
{
	write_lines("trace",
		    "  a-7 [000] ..... 777.000001: mm_page_alloc: page=c0 pfn=0x1000 order=0 "
		    "migratetype=0 gfp_flags=GFP_KERNEL\n"
		    "  a-7 [000] ..... 777.000002: kmalloc: call_site=0xffffffff81234567 "
		    "ptr=00000000deadbeef bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL\n"
		    "  a-7 [000] ..... 777.500000: kmalloc: call_site=good+0x10/0x20 "
		    "ptr=00000000deadbeff bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL\n");
	need("$K fit trace -o load.yaml -m x86_64:ram=256M >/dev/null");
	need("grep -q 'site: site_1+0x0$' load.yaml && grep -q 'site: good+0x10$' load.yaml");
	need("test \"$(grep -c 'ffffffff\\|dead\\|777\\|a-7' load.yaml)\" = 0");
}

/* Whatever a trace calls things and however much it asks for, what is written can be read. */
Test(fit, strange_traces)
{
	write_lines(
		"trace",
		"  we:ird# \"na'me-5 [000] ..... 1.000001: mm_page_alloc: page=c0 pfn=0x1000 "
		"order=0 "
		"migratetype=1 gfp_flags=\n"
		"  {x: y}-6 [900] ..... 1.000002: mm_page_alloc: page=c0 pfn=0x1001 order=0 "
		"migratetype=2 gfp_flags=GFP_KERNEL\n"
		"  -7 [000] ..... 1.000002: mm_page_alloc: page=c0 pfn=0x2000 order=10 "
		"migratetype=0 gfp_flags=GFP_KERNEL\n"
		"  :-9 [000] ..... 1.000002: mm_page_free: page=c0 pfn=0x80000000 order=31\n"
		"  tail:-10 [000] ..... 1.000002: mm_page_alloc: page=c0 pfn=0x2001 order=0 "
		"migratetype=0 gfp_flags=GFP_KERNEL\n"
		"  a-8 [000] ..... 1.000003: mm_page_alloc: page=c0 pfn=0x4000 order=14 "
		"migratetype=0 gfp_flags=GFP_KERNEL\n"
		"  a-8 [000] ..... 1.000003: mm_page_alloc: page=0 pfn=0x0 order=3 migratetype=0 "
		"gfp_flags=GFP_KERNEL\n"
		"  a-8 [000] ..... 1.000004: kmalloc: call_site=[x+0x1/0x2 ptr=c1000000 "
		"bytes_req=0 "
		"bytes_alloc=8 gfp_flags=GFP_KERNEL\n"
		"  a-8 [000] ..... 1.000004: kmalloc: call_site=/+0x1 ptr=c1100000 "
		"bytes_req=4294967295 bytes_alloc=4294967295 gfp_flags=0\n"
		"  a-8 [000] ..... 1.000004: kmem_cache_alloc: call_site=f+0x1 ptr=c1200000 "
		"bytes_req=0 bytes_alloc=4294967295 gfp_flags=GFP_KERNEL\n"
		"  a-8 [000] ..... 1.000005: kmem_cache_free: call_site=f+0x1 ptr=c1200000 "
		"name=b'l:#\"k{\n"
		"  a-8 [000] ..... 1.000006: kmem_cache_alloc: call_site=f+0x2 ptr=c1200000 "
		"bytes_req=100 bytes_alloc=104 gfp_flags=GFP_KERNEL node=63\n"
		"  a-8 [000] ..... 1.000007: kmem_cache_free: call_site=f+0x1 ptr=c1200000 "
		"name=cache-1\n"
		"  a-8 [000] ..... 99999999.000007: mm_page_free: page=c0 pfn=0x1000 order=0\n"
		"  a-8 [000] ..... 99999999.000008: mm_page_free: page=c0 pfn=0x900000000 order=3\n"
		"  a-8 [000] ..... 5.000008: kfree: call_site=f ptr=ffffffffffffffff\n");
	for (int i = 0; i < 2; i++) {
		need("$K fit trace -o load.yaml -m x86_64:ram=256M%s >/dev/null",
		     i ? " --anonymous" : "");
		need("$K replay load.yaml --object slub --check >/dev/null");
	}
}

Test(fit, pages_alone_and_objects_alone)
{
	need("zstdcat " TRACE " | grep -v 'kmalloc:\\|kfree:\\|kmem_cache' >pages");
	need("$K fit pages -o pages.yaml --json >out && grep -q '\"object\": null' out");
	need("zstdcat " TRACE " | grep -v 'mm_page' >objects");
	need("$K fit objects -o objects.yaml -m i386:ram=1280M --json >out");
	need("grep -q '\"page_requests\": 0' out && grep -q '\"object\": \"slub\"' out");
}

/* A model is a trace, too, and its own model is like it. */
Test(fit, of_a_workload, .timeout = 300)
{
	const struct outcome *o;

	write_lines(
		"known.yaml",
		"workload: known\nmachine: i386:ram=256M\nduration: 30s\nactors:\n"
		"  - {name: one, pages: {gfp: GFP_HIGHUSER_MOVABLE}, every: {exponential: {mean: "
		"1ms}}, lifetime: {group: 100, of: 20ms}}\n"
		"  - {name: two, pages: {order: 2}, every: {exponential: {mean: 10ms}}, "
		"lifetime: {exponential: {mean: 1s}}}\n"
		"  - {name: three, kmalloc: {size: 500}, every: 2ms, lifetime: 100ms}\n");
	o = run("$K fit known.yaml -o again.yaml --json");
	cr_assert_eq(o->status, 0, "%s", o->err);
	expect_near(o->out, "used_pages", "mean", 5);
	expect_near(o->out, "object_bytes", "mean", 5);
	expect_near(o->out, "page_allocs", "end", 1);
	expect_near(o->out, "object_allocs", "end", 1);
	need("grep -q 'machine: i386:ram=256M,nodes=1,cpus=1$' again.yaml");
}

Test(fit, refuses)
{
	assert_refused(run("$K fit " TRACE), "fit: -o LOAD.yaml is missing");
	assert_refused(run("$K fit " TRACE " -o x.yaml --by size"),
		       "--by takes site, cache or task, found 'size'");
	assert_refused(run("$K fit " TRACE " -o x.yaml --top 0"), "from 1 to 1000, found '0'");
	assert_refused(run("$K fit " TRACE " -o x.yaml --top 1001"), "found '1001'");
	assert_refused(run("$K fit " TRACE " -o x.yaml --top -1"), "found '-1'");
	assert_refused(run("$K fit " TRACE " -o x.yaml --top 5x"), "found '5x'");
	assert_refused(run("$K fit " TRACE " -o x.yaml --page none-such"), "none-such");
	assert_refused(run("$K fit " TRACE " -o x.yaml -m none-such"), "none-such");
	assert_refused(run("$K fit none-such -o x.yaml"), "none-such: cannot open");
	need("echo rubbish >rubbish");
	assert_refused(run("$K fit rubbish -o x.yaml"), "rubbish: not an ftrace/perf trace");
	write_lines("empty", "  a-8 [000] ..... 1.000003: mm_page_alloc: page=0 pfn=0x0 order=3 "
			     "migratetype=0 gfp_flags=GFP_KERNEL\n");
	assert_refused(run("$K fit empty -o x.yaml -m i386:ram=64M"),
		       "empty: no request in it got memory: there is nothing to fit");
	write_lines("ages",
		    "  a-8 [000] ..... 1.000003: mm_page_alloc: page=c0 pfn=0x1000 order=0 "
		    "migratetype=0 gfp_flags=GFP_KERNEL\n"
		    "  a-8 [000] ..... 2000000000.000003: mm_page_alloc: page=c0 pfn=0x1001 "
		    "order=0 migratetype=0 gfp_flags=GFP_KERNEL\n");
	assert_refused(run("$K fit ages -o x.yaml -m i386:ram=64M"),
		       "ages: its events are 63 years apart");
	need("test ! -e x.yaml");
}

/* The workload is there as a whole or not at all. */
Test(fit, places_that_do_not_take_it)
{
	assert_refused(run("$K fit " TRACE " -o none/x.yaml"), "there is no directory none/");
	assert_refused(run("$K fit " TRACE " -o ."), "is a directory");
	assert_refused(run("$K fit " TRACE " -o /dev/full"),
		       "/dev/full: not a regular file, a workload needs one");
	need("echo mine >kept.yaml");
	assert_refused(run("ulimit -f 64; trap '' XFSZ; TMPDIR=/dev/shm $K fit --pages " TRACE
			   " -o kept.yaml --top 1000"),
		       "kept.yaml");
	need("test \"$(cat kept.yaml)\" = mine && test \"$(ls)\" = kept.yaml");
}
