// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay stat: its options, what it refuses, and its three forms of output. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

TestSuite(stat, .init = command_enter, .fini = command_leave);

static void expect_says(const struct outcome *o, const char *says)
{
	cr_expect_eq(o->status, 0, "%s", o->err);
	cr_expect(strstr(o->out, says), "no '%s' in: %s", says, o->out);
}

Test(stat, sums_are_of_objects_unless_pages_are_asked_for)
{
	const struct outcome *o = run("$K stat " TRACE);

	expect_says(o, "Summary of objects\n");
	cr_expect_not(strstr(o->out, "Summary of pages"));
	cr_expect_str_empty(o->err);
	o = run("$K stat --page " TRACE);
	expect_says(o, "Summary of pages ");
	cr_expect_not(strstr(o->out, "Summary of objects"));
	o = run("$K stat --page --slab " TRACE);
	expect_says(o, "Summary of objects\n");
	expect_says(o, "Summary of pages ");
}

Test(stat, every_view_in_text_fits_80_columns)
{
	need("$K stat --slab --page --caller --alloc --cache --task -l 500 " TRACE " >text");
	need("test \"$(awk 'length($0) > 80' text | wc -l)\" = 0");
	need("test \"$(grep -c '^Objects by ' text):$(grep -c '^Pages by ' text)\" = 4:3");
	need("grep -q '^... and [0-9,]* more$' text");
}

Test(stat, lines)
{
	need("$K stat --caller -l 7 --csv " TRACE " >seven");
	need("test $(wc -l <seven) = 8");
	need("$K stat --caller --csv " TRACE " | head -n 8 | cmp - seven");
	need("$K stat --caller --line=1000000 --csv " TRACE " >all");
	need("$K stat --caller --csv " TRACE " | cmp - all");
	assert_refused(run("$K stat " TRACE " -l 0"), "--line takes a number from 1 up, found '0'");
	assert_refused(run("$K stat " TRACE " -l -3"), "'-3'");
	assert_refused(run("$K stat " TRACE " -l many"), "'many'");
	assert_refused(run("$K stat " TRACE " -l 3x"), "'3x'");
	assert_refused(run("$K stat " TRACE " -l ''"), "''");
	assert_refused(run("$K stat " TRACE " -l 99999999999999999999"), "'99999999999999999999'");
}

Test(stat, sort_keys)
{
	need("$K stat --caller --sort hit --csv " TRACE " | sed 1d | cut -d, -f 2 >hits");
	need("sort -rnc hits");
	need("$K stat --cache -s bytes,hit --csv " TRACE " |"
	     " sed '1d;s/^\"[^\"]*\"//' | cut -d, -f 4 >bytes");
	need("sort -rnc bytes");
	need("$K stat --page --alloc -s page --csv " TRACE " | sed 1d | cut -d, -f 1 >frames");
	need("sort -rnc frames");
	assert_refused(run("$K stat " TRACE " --sort colour"),
		       "no sort key 'colour' here; there are ptr, callsite, bytes, hit, pingpong, "
		       "frag for --slab\n");
	assert_refused(run("$K stat " TRACE " --page --sort frag"),
		       "page, callsite, bytes, hit, order, migtype, gfp for --page\n");
	assert_refused(run("$K stat " TRACE " --page --slab --sort hit,,bytes"), "''");
	need("$K stat --page --slab --sort order,frag,hit " TRACE " >/dev/null");
}

Test(stat, time_window)
{
	char whole[64], before[64], after[64];
	unsigned long sums[3];

	/* a half-open pair that does not meet: 30 s and 1 ns on */
	(void)snprintf(whole, 64, "%s", json_value(run("$K stat --json " TRACE)->out, "requests"));
	(void)snprintf(before, 64, "%s",
		       json_value(run("$K stat --json --time ,30 " TRACE)->out, "requests"));
	(void)snprintf(
		after, 64, "%s",
		json_value(run("$K stat --json --time 30.000000001, " TRACE)->out, "requests"));
	cr_assert_eq(sscanf(whole, "%lu", &sums[0]), 1);
	cr_assert_eq(sscanf(before, "%lu", &sums[1]), 1);
	cr_assert_eq(sscanf(after, "%lu", &sums[2]), 1);
	cr_expect(sums[1] && sums[2]);
	cr_expect_eq(sums[0], sums[1] + sums[2], "%s %s %s", whole, before, after);
	cr_expect_str_eq(json_value(run("$K stat --json --time , " TRACE)->out, "requests"), whole);
}

Test(stat, time_windows_that_are_none)
{
	assert_refused(run("$K stat " TRACE " --time 1,2"), "--time covers none of its events, "
							    "which are from 20.0");
	assert_refused(run("$K stat " TRACE " --time 1000,"), "covers none");
	assert_refused(run("$K stat " TRACE " --time 30"), "START,STOP");
	assert_refused(run("$K stat " TRACE " --time ''"), "START,STOP");
	assert_refused(run("$K stat " TRACE " --time 30,29"), "'30,29' stops before it starts");
	assert_refused(run("$K stat " TRACE " --time a,b"), "'a,b'");
	assert_refused(run("$K stat " TRACE " --time 1.5.5,"), "'1.5.5,'");
	assert_refused(run("$K stat " TRACE " --time 1,2,3"), "'1,2,3'");
	assert_refused(run("$K stat " TRACE " --time .,"), "'.,'");
	assert_refused(run("$K stat " TRACE " --time -1,2"), "'-1,2'");
	assert_refused(run("$K stat " TRACE " --time 0.0000000001,"), "START,STOP");
	assert_refused(run("$K stat " TRACE " --time 99999999999999999999,"), "START,STOP");
	assert_refused(run("$K stat " TRACE " --time 18446744074,"), "START,STOP");
}

Test(stat, json_has_what_the_manual_says)
{
	need("$K stat --json --slab --page --caller --alloc --cache --task -l 3 " TRACE
	     " >all.json");
	need("python3 -c 'import json; d = json.load(open(\"all.json\"));"
	     " s = d[\"slab\"]; p = d[\"page\"];"
	     " assert all(len(s[k]) == 3 for k in (\"callers\", \"allocs\", \"caches\", "
	     "\"tasks\"));"
	     " assert all(len(p[k]) == 3 for k in (\"callers\", \"allocs\", \"tasks\"));"
	     " assert s[\"wasted\"] == s[\"bytes_alloc\"] - s[\"bytes_req\"];"
	     " assert p[\"frees\"] == p[\"alloc_freed\"] + p[\"free_only\"];"
	     " assert sum(sum(r.values()) - r[\"order\"] for r in p[\"by_order\"]) =="
	     " p[\"requests\"] - p[\"failures\"]'");
	/* every key is in the manual */
	need("for k in $(grep -o '\"[a-z_]*\":' all.json | sort -u | tr -d '\":'); do"
	     " grep -qw \"$k\" " KMR_SOURCE_ROOT "/man/kmreplay.1 || { echo $k >&2; exit 1; }; "
	     "done");
}

Test(stat, csv_is_one_view)
{
	assert_refused(run("$K stat --csv " TRACE), "--csv prints one view");
	assert_refused(run("$K stat --csv --caller --alloc " TRACE), "--csv prints one view");
	assert_refused(run("$K stat --csv --caller --slab --page " TRACE), "--csv prints one view");
	assert_refused(run("$K stat --csv --json --caller " TRACE), "exclude each other");
	assert_refused(run("$K stat --page --cache " TRACE), "add --slab");
	need("$K stat --csv --task --page " TRACE " >task.csv");
	need("python3 -c 'import csv; r = list(csv.DictReader(open(\"task.csv\")));"
	     " assert sum(int(x[\"hit\"]) for x in r) == 52154'");
	/* a name with a comma and quotes */
	need("zstd -qdc " TRACE " | sed 's/name=filp$/name=fi,\"lp\"/' >odd.txt");
	need("$K stat --csv --cache odd.txt >cache.csv");
	need("python3 -c 'import csv; r = list(csv.DictReader(open(\"cache.csv\")));"
	     " assert [x[\"frees\"] for x in r if x[\"cache\"] == \"fi,\\\"lp\\\"\"] == "
	     "[\"9387\"]'");
}

Test(stat, traces_without_what_was_asked_for)
{
	need("zstd -qdc " TRACE " | grep -v mm_page >objects.txt");
	need("zstd -qdc " TRACE " | grep -v ': k[mf]' >pages.txt");
	assert_refused(run("$K stat pages.txt"), "pages.txt: no object events");
	assert_refused(run("$K stat pages.txt"), "--page");
	assert_refused(run("$K stat --page objects.txt"), "objects.txt: no page events");
	need("$K stat --page pages.txt && $K stat objects.txt && $K stat --slab --page pages.txt");
}

Test(stat, same_from_text_zstd_and_standard_input)
{
	need("zstd -qdc " TRACE " >trace.txt");
	need("$K stat --slab --page --caller --alloc --cache --task " TRACE " >a");
	need("$K stat --slab --page --caller --alloc --cache --task trace.txt >b");
	need("$K stat --slab --page --caller --alloc --cache --task - <trace.txt >c");
	need("cmp a b && cmp a c");
}
