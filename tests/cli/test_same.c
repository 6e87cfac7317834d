// SPDX-License-Identifier: GPL-2.0-only
/* The same in, the same out; and verify's answer on the bundled capture, whole and altered. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

TestSuite(same, .init = command_enter, .fini = command_leave);

static void digest_of(char digest[64], const char *from)
{
	const struct outcome *o = run("$K replay --json -o run.db --machine " BEFORE " %s", from);

	cr_assert_eq(o->status, 0, "%s: %s", from, o->err);
	(void)snprintf(digest, 64, "%s", json_value(o->out, "digest"));
	cr_assert_eq(strlen(digest), 32u, "%s", digest);
}

Test(same, digest_from_text_zstd_and_standard_input)
{
	char first[64], next[64];

	need("zstd -qdc " TRACE " >trace.txt");
	digest_of(first, TRACE);
	digest_of(next, TRACE);
	cr_expect_str_eq(next, first);
	digest_of(next, "trace.txt");
	cr_expect_str_eq(next, first);
	digest_of(next, "- <trace.txt");
	cr_expect_str_eq(next, first);
	digest_of(next, "- <" TRACE);
	cr_expect_str_eq(next, first);
	need("test \"$(sqlite3 run.db 'SELECT digest FROM digest')\" = %s", first);
}

Test(same, databases_are_equal_but_for_where_the_trace_lay)
{
	need("$K replay " TRACE " -o a.db >/dev/null; $K replay " TRACE " -o b.db >/dev/null");
	need("cmp a.db b.db");
}

Test(same, infer_from_a_file_and_from_a_pipe)
{
	need("zstd -qdc " TRACE " >trace.txt");
	need("$K replay --json trace.txt -o a.db | grep '\"digest\"' >a");
	need("$K replay --json - -o b.db <trace.txt | grep '\"digest\"' >b");
	need("cat trace.txt | $K replay --json - -o c.db | grep '\"digest\"' >c");
	need("cmp a b && cmp a c && grep -q '\"[0-9a-f]\\{32\\}\"' a");
}

Test(same, the_digest_tells_runs_apart)
{
	char first[64], next[64];

	digest_of(first, TRACE);
	digest_of(next, TRACE " --page linux-6.1,nofragment=0");
	cr_expect_str_neq(next, first);
	need("zstd -qdc " TRACE " | sed '200000d' >trace.txt");
	digest_of(next, "trace.txt");
	cr_expect_str_neq(next, first);
}

Test(same, the_model_is_the_kernel)
{
	const struct outcome *o;

	o = run("$K verify --json " TRACE " -s " BEFORE " -e " AFTER " --min-exact 100");
	cr_assert_eq(o->status, 0, "%s%s", o->err, o->out);
	cr_expect_str_eq(json_value(strstr(o->out, "\"alloc\""), "total"), "52142");
	cr_expect_str_eq(json_value(strstr(o->out, "\"alloc\""), "exact"), "52142");
	cr_expect_str_eq(json_value(strstr(o->out, "\"alloc\""), "zone_exact"), "52142");
	cr_expect_str_eq(json_value(strstr(o->out, "\"refill\""), "traced"), "8373");
	cr_expect_str_eq(json_value(strstr(o->out, "\"refill\""), "matched"), "8373");
	cr_expect_str_eq(json_value(strstr(o->out, "\"lists\""), "identical"), "35");
	cr_expect_str_eq(json_value(strstr(o->out, "\"pcp\""), "identical"), "9");
	cr_expect_str_eq(json_value(strstr(o->out, "\"pageblocks\""), "identical"), "321");
	cr_expect(strstr(o->out, "\"first_miss\": null"));
	cr_expect(strstr(o->out, "\"first_difference\": null"));
}

/* How many allocations of ./trace.txt verify finds exact. */
static long exact(void)
{
	const struct outcome *o = run("$K verify --json trace.txt -s " BEFORE);

	cr_assert_eq(o->status, 0, "%s", o->err);
	cr_assert(strstr(o->out, "\"alloc\""));
	return strtol(json_value(strstr(o->out, "\"alloc\""), "exact"), NULL, 10);
}

Test(same, a_trace_with_other_frames_is_less_exact)
{
	long whole, altered;

	need("zstd -qdc " TRACE " >trace.txt");
	whole = exact();
	cr_assert_eq(whole, 52142);
	/* each hundredth order-0 allocation claims another frame of the same zone */
	need("zstd -qdc " TRACE " | awk '/mm_page_alloc: / && / order=0 / && ++n %% 100 == 0 {"
	     " sub(/pfn=0x[0-9a-f]*/, sprintf(\"pfn=0x%%x\", 150000 + n)) } { print }' >trace.txt");
	altered = exact();
	cr_expect_lt(altered, whole - 300, "%ld exact", altered);
	cr_expect_eq(run("$K verify trace.txt -s " BEFORE " --min-exact 100")->status, 1);
	cr_expect_eq(run("$K verify trace.txt -s " BEFORE " --min-exact 99.99")->status, 1);
	cr_expect_eq(run("$K verify trace.txt -s " BEFORE " --min-exact 10")->status, 0);
	cr_expect_eq(run("$K verify trace.txt -s " BEFORE)->status, 0);
}

/* A capture as a whole is the same as its trace, with what lies beside it. */
Test(same, a_directory_is_its_trace)
{
	char first[64], next[64];

	digest_of(first, TRACE);
	digest_of(next, CAPTURE);
	cr_expect_str_eq(next, first);
	need("$K replay --json " TRACE " | grep -v '\"trace\"' >a");
	need("$K replay --json " CAPTURE "/ | grep -v -e '\"trace\"' | sed 's|//|/|g' >b");
	need("cmp a b && grep -q '\"start\": \"snapshot\"' b");
	need("$K verify " TRACE " -s " BEFORE " -e " AFTER " >a; $K verify " CAPTURE " >b");
	need("cmp a b && grep -q 'lists at the end' b");
	/* a snapshot that is named is the only one */
	need("$K verify " CAPTURE " -s " BEFORE " >b; ! grep 'lists at the end' b");
	need("$K stat --csv " TRACE " >a; $K stat --csv " CAPTURE " >b; cmp a b");
	need("$K compare --object slub " TRACE " | sed 1d >a");
	need("$K compare --object slub " CAPTURE " | sed 1d >b; cmp a b");
	need("mkdir cap; zstd -qdc " TRACE " | head -1000 >cap/trace.txt; $K fit cap -o a.yaml");
	assert_refused(run("$K verify cap"), "--snapshot is missing");
}
