// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay calibrate: the bundled trace, what it writes, and what it refuses. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define GRAPH KMR_SOURCE_ROOT "/traces/x86_64-6.1-graph"
#define KNOWN " --overhead __do_sys_getppid --event-overhead 578"

TestSuite(calibrate_cli, .init = command_enter, .fini = command_leave);

/* Member @key of the object whose member @name is @value. */
static double member(const char *json, const char *name, const char *value, const char *key)
{
	char text[64];
	const char *at;

	(void)snprintf(text, sizeof(text), "\"%s\": \"%s\"", name, value);
	at = strstr(json, text);
	cr_assert_not_null(at, "no %s in %s", text, json);
	(void)snprintf(text, sizeof(text), "\"%s\": ", key);
	at = strstr(at, text);
	cr_assert_not_null(at);
	return strtod(at + strlen(text), NULL);
}

static void expect_between(double value, double low, double high, const char *what)
{
	cr_expect(value >= low && value <= high, "%s: %g, not in %g to %g", what, value, low, high);
}

static void expect_price(const char *json, const char *step, double low, double high)
{
	expect_between(member(json, "step", step, "fitted_ps") / 1000, low, high, step);
}

/* Its nanoseconds are instructions. */
Test(calibrate_cli, the_bundled_trace)
{
	const struct outcome *o = run("$K calibrate " GRAPH KNOWN " --json");
	const char *json = o->out;

	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_expect_str_eq(o->err, "");
	cr_expect_str_eq(json_value(json, "overhead_ps"), "659000");
	cr_expect_str_eq(json_value(json, "page"), "linux-6.1");
	cr_expect_str_eq(json_value(json, "object"), "slub");
	cr_expect_str_eq(json_value(json, "start"), "snapshot");
	cr_expect_str_eq(json_value(json, "calls"), "10550");
	cr_expect_str_eq(json_value(json, "interrupted"), "11");
	cr_expect_str_eq(json_value(json, "broken"), "0");
	/* clear_page_erms(): 4096 bytes, each an instruction to the emulator, and what is around it */
	expect_price(json, "zero_page", 4096, 4116);
	/* free_unref_page() in __free_pages(), and that in free_pages(): both hooks, not a part of them */
	expect_between(strtod(json_value(json, "inner_overhead_ps"), NULL) / 1000, 500, 700,
		       "inner");
	/* no more than a request from a per-CPU list is, which does more */
	expect_price(json, "buddy_alloc", 100, 400);
	expect_price(json, "buddy_free", 80, 300);
	expect_price(json, "page_free", 40, 150);
	expect_price(json, "pcp_free", 40, 150);
	/* what always comes together keeps the table's ratio, whatever the rare step beside it costs */
	expect_between(member(json, "step", "zone", "fitted_ps") /
			       member(json, "step", "page_alloc", "fitted_ps"),
		       0.0799, 0.0801, "zone to page_alloc");
	expect_between(member(json, "step", "watermark", "fitted_ps") /
			       member(json, "step", "page_alloc", "fitted_ps"),
		       0.1199, 0.1201, "watermark to page_alloc");
	expect_between(member(json, "step", "pcp_alloc", "fitted_ps") /
			       member(json, "step", "page_alloc", "fitted_ps"),
		       0.59, 0.61, "pcp_alloc to page_alloc");
	/* a step of a loop each, of some tens of instructions */
	expect_price(json, "refill_block", 60, 180);
	expect_price(json, "drain_block", 80, 250);
	expect_price(json, "split", 15, 60);
	expect_price(json, "merge", 25, 100);
	expect_price(json, "tail_alloc", 5, 50);
	expect_price(json, "tail_free", 5, 50);
	/* __alloc_pages() was at 5029 without events, 4096 of them zeroing, and 659 recording */
	expect_between((member(json, "step", "page_alloc", "fitted_ps") +
			member(json, "step", "zone", "fitted_ps") +
			member(json, "step", "watermark", "fitted_ps") +
			member(json, "step", "pcp_alloc", "fitted_ps")) /
			       1000,
		       200, 350, "from a per-CPU list");
	/* kmem_cache_alloc() was at 695: 36 more than a function that does nothing, and flags */
	expect_between((member(json, "step", "object_alloc", "fitted_ps") +
			member(json, "step", "slab_fast_alloc", "fitted_ps")) /
			       1000,
		       36, 120, "fast path");
	cr_expect_eq(member(json, "step", "reclaim_scan", "fitted_ps"), 150000, "kept");
	expect_between(strtod(json_value(json, "r_squared"), NULL), 0.9999, 1, "R²");
	expect_between(strtod(json_value(json, "rms_ns"), NULL), 0, 60, "RMS");
}

/* Lists of pages of many lengths tell what recording adds from what a page does: 659 it was. */
Test(calibrate_cli, estimated_overhead)
{
	const struct outcome *o = run("$K calibrate " GRAPH " --event-overhead 578 --json");

	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_expect_str_eq(json_value(o->out, "overhead_estimated"), "true");
	cr_expect_str_eq(json_value(o->out, "overhead_told_apart"), "true");
	expect_between(strtod(json_value(o->out, "overhead_ps"), NULL) / 1000, 630, 690,
		       "overhead");
	o = run("$K calibrate " GRAPH);
	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_expect_not_null(strstr(o->out, "(estimated).\n"));
	cr_expect_not_null(strstr(o->out, "No call took, price kept:"));
	for (const char *line = o->out; *line;) {
		const char *end = strchr(line, '\n');
		size_t columns = 0;

		cr_assert_not_null(end);
		for (const char *p = line; p < end; p++)
			columns += ((unsigned char)*p & 0xc0) != 0x80;
		/* paths and backends with their parameters are as long as they are */
		if (strncmp(line, "page  ", 6) != 0 && strncmp(line, "object  ", 8) != 0 &&
		    !memchr(line, '/', (size_t)(end - line)))
			cr_expect_leq(columns, 80, "%.*s", (int)(end - line), line);
		line = end + 1;
	}
}

/* The same bytes twice, a table that --cost takes, and latencies that are different for it. */
Test(calibrate_cli, table)
{
	need("$K calibrate " GRAPH KNOWN " -o a.yaml >a.out");
	need("$K calibrate " GRAPH KNOWN " -o b.yaml >b.out");
	need("cmp a.yaml b.yaml && sed 's/b.yaml/a.yaml/' b.out | cmp - a.out");
	need("grep -q '^  zero_page: 4[0-9.]* us # fitted to\\|^  zero_page: 41[0-9.]* ns # fitted "
	     "to' "
	     "a.yaml");
	need("$K replay " GRAPH " --cost a.yaml >with && $K replay " GRAPH " >without");
	cr_expect_eq(run("cmp -s with without")->status, 1);
	need("$K calibrate " GRAPH KNOWN " --cost a.yaml -o c.yaml >/dev/null");
}

Test(calibrate_cli, pages_alone)
{
	const struct outcome *o = run("$K calibrate " GRAPH KNOWN " -O none --json");

	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_expect_eq(member(o->out, "step", "object_alloc", "calls"), 0);
	expect_price(o->out, "zero_page", 4096, 4116);
}

Test(calibrate_cli, refused)
{
	static const struct {
		const char *options, *says;
	} refused[] = {
		{ "--overhead 1.2.3",
		  "calibrate: --overhead takes nanoseconds up to a second, such as 120 or 85.5, "
		  "found '1.2.3'" },
		{ "--overhead=", "--overhead takes nanoseconds up to a second" },
		{ "--overhead 1000000001", "--overhead takes nanoseconds up to a second" },
		{ "--overhead 99999999999999999999",
		  "--overhead takes nanoseconds up to a second" },
		{ "--overhead 1.2345", "--overhead takes nanoseconds up to a second" },
		{ "--overhead nosuch",
		  "has no measured call of 'nosuch' without calls in it, for --overhead" },
		{ "--event-overhead x", "--event-overhead takes nanoseconds up to a second, such "
					"as 120 or 85.5, found 'x'" },
		{ "--trim 51", "--trim takes per cent from 0 to 50 with one decimal, found '51'" },
		{ "--trim 0.25", "--trim takes per cent from 0 to 50 with one decimal" },
		{ "--start x", "--start takes snapshot, proc, infer or boot, found 'x'" },
		{ "--cost nosuch.yaml", "nosuch.yaml" },
		{ "-o nosuch/a.yaml", "nosuch/a.yaml" },
		{ "--machine nosuch", "nosuch" },
		{ "-O nosuch", "nosuch" },
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_refused(run("$K calibrate " GRAPH " %s", refused[i].options),
			       refused[i].says);
	assert_refused(run("$K calibrate " TRACE),
		       "has no durations of calls (it is: ftrace); record it with the "
		       "function_graph tracer");
	assert_refused(run("$K calibrate - <" GRAPH "/trace.txt.zst"),
		       "calibrate: the trace is read twice: give a file, not '-'");
	assert_refused(run("$K calibrate"), "an operand is missing");
	assert_files("");
}

/* Every command takes such a trace. */
Test(calibrate_cli, trace)
{
	const struct outcome *o = run("$K info " GRAPH " --json");

	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_expect_str_eq(json_value(o->out, "format"), "function_graph");
	cr_expect_str_eq(json_value(o->out, "malformed"), "0");
	need("$K replay " GRAPH " --object slub --check >/dev/null");
	need("$K stat " GRAPH " --caller >/dev/null");
	need("$K convert " GRAPH " -o t.txt && $K info t.txt | grep -q '^mm_page_alloc '");
	need("printf ' 0)               |  /* mm_page_free: page=ffffea0000001000 pfn=0x40 order=0 "
	     "*/\\n' "
	     ">no-times && $K info no-times | grep -q '^times  *none: times are sums of what calls "
	     "took'");
}
