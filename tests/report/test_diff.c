// SPDX-License-Identifier: GPL-2.0-only
/* Two runs against each other: what counts as a difference, in which order, and what is refused. */
#include "kmreplay/report.h"
#include "metrics/fixture.h"
#include "written.h"

struct pair {
	struct fixture *f;
	char other[160];
};

/* Two databases of one run each: with these failures, splits and free pages. */
static struct pair make_pair(uint64_t failures, uint64_t splits)
{
	struct pair p = { .f = fixture_new() };
	char digest[KMR_DIGEST_SIZE];
	struct kmr_error err;

	(void)snprintf(p.other, sizeof(p.other), "%s/other.db", p.f->dir);
	cr_assert_eq(fixture_store(p.f, p.f->db, 3, digest, &err), 0, "%s", err.msg);
	p.f->stats.failures = failures;
	p.f->work.splits = splits;
	p.f->run.backend = "linux-6.12";
	cr_assert_eq(fixture_store(p.f, p.other, 3, digest, &err), 0, "%s", err.msg);
	return p;
}

/* What is printed; the caller frees. */
static char *diff(const char *a, const char *b, const struct kmr_diff_options *o, bool *differ)
{
	struct kmr_error err = { "" };
	FILE *out = tmpfile();

	cr_assert_not_null(out);
	cr_assert_eq(kmr_diff(a, b, o, out, differ, &err), 0, "%s", err.msg);
	return written(out);
}

static bool differs(const struct pair *p, double threshold)
{
	const struct kmr_diff_options o = { .judge = true, .threshold = threshold };
	bool differ = false;

	free(diff(p->f->db, p->other, &o, &differ));
	return differ;
}

Test(diff, equal_digests_are_said_first)
{
	struct pair p = make_pair(1, 11);
	const struct kmr_diff_options o = { .limit = 0 };
	bool differ = true;
	char *text = diff(p.f->db, p.f->db, &o, &differ);

	cr_expect_not(differ);
	cr_expect(strstr(text, "\nequal: both have digest "), "%s", text);
	free(text);
	fixture_free(p.f);
}

/* Equal but for the backend's name: nothing that was measured differs. */
Test(diff, digests_differ_and_no_metric_does)
{
	struct pair p = make_pair(1, 11);
	const struct kmr_diff_options o = { .limit = 0 };
	bool differ = true;
	char *text = diff(p.f->db, p.other, &o, &differ);

	cr_expect_not(differ);
	cr_expect(strstr(text, "run.db, run 1: linux-6.1\n"), "%s", text);
	cr_expect(strstr(text, "other.db, run 1: linux-6.12\n"), "%s", text);
	cr_expect(strstr(text, "no metric by as much as matters"), "%s", text);
	free(text);
	fixture_free(p.f);
}

Test(diff, largest_effect_first)
{
	/* from 1 to 4 failures of 7 requests; from 11 to 110 steps, whose floor is the same */
	struct pair p = make_pair(4, 110);
	const struct kmr_diff_options o = { .limit = 0 };
	const char *steps, *failures;
	bool differ = false;
	char *text = diff(p.f->db, p.other, &o, &differ), *line, *state;

	cr_expect(differ);
	steps = strstr(text, "blocks split, merged");
	failures = strstr(text, "requests for pages that");
	cr_assert(steps && failures, "%s", text);
	/* 3 / (4 + 10) and 42.9 / (57.1 + 0.001), against 99 / (110 + 10) */
	cr_expect_lt(steps, strstr(text, "+300.0 %"), "%s", text);
	cr_expect(strstr(text, "\xe2\x86\x91 worse"), "%s", text);
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		size_t columns = 0;

		for (const char *c = line; *c; c++)
			columns += (*c & 0xc0) != 0x80;
		/* but for the first two, which name files */
		cr_expect(columns <= 80 || strstr(line, ".db, run"), "%s", line);
	}
	free(text);
	fixture_free(p.f);
}

Test(diff, threshold)
{
	struct pair p = make_pair(1, 22);

	/* steps are worse by 100 percent, and nothing else is */
	cr_expect(differs(&p, 0));
	cr_expect(differs(&p, 99.9));
	cr_expect_not(differs(&p, 100));
	fixture_free(p.f);
	/* better is never too much */
	p = make_pair(0, 1);
	cr_expect_not(differs(&p, 0));
	fixture_free(p.f);
}

/* From nothing to something is more than any percentage. */
Test(diff, from_zero)
{
	struct pair p = make_pair(1, 11);
	const struct kmr_diff_options o = { .judge = true, .threshold = 1e9 };
	struct pair swapped = p;
	sqlite3 *db = open_raw(p.f->db);
	bool differ = false;
	char *text;

	free(rows_of(db, "UPDATE counter SET value = 0 WHERE name = 'replay.failures'"));
	(void)sqlite3_close(db);
	text = diff(swapped.f->db, swapped.other, &o, &differ);
	cr_expect(differ);
	cr_expect(strstr(text, "from 0"), "%s", text);
	free(text);
	fixture_free(p.f);
}

Test(diff, json)
{
	struct pair p = make_pair(1, 22);
	const struct kmr_diff_options o = { .json = true };
	bool differ = false;
	char *text = diff(p.f->db, p.other, &o, &differ);

	cr_expect(strstr(text, "\"same_trace\": true"), "%s", text);
	cr_expect(strstr(text, "\"differ\": true"), "%s", text);
	cr_expect(strstr(text, "\"metrics_that_differ\": 1,"), "%s", text);
	cr_expect(strstr(text, "\"metric\": \"page_steps\""), "%s", text);
	cr_expect(strstr(text, "\"a\": 11,\n      \"b\": 22,\n      \"percent\": 100.000,\n"
			       "      \"effect\": 0.3438,\n      \"b_is\": \"worse\""),
		  "%s", text);
	free(text);
	fixture_free(p.f);
}

/* Nothing but the limit's number of metrics, and how many more there are. */
Test(diff, limit)
{
	struct pair p = make_pair(4, 110);
	const struct kmr_diff_options o = { .limit = 1 };
	bool differ = false;
	char *text = diff(p.f->db, p.other, &o, &differ);

	cr_expect(strstr(text, "2 more differ; --limit 0 shows all"), "%s", text);
	free(text);
	fixture_free(p.f);
}

Test(diff, of_different_inputs)
{
	struct fixture *f = fixture_new();
	const struct kmr_diff_options o = { .limit = 0 };
	char other[160], digest[KMR_DIGEST_SIZE], *text;
	struct kmr_error err;
	bool differ = false;

	(void)snprintf(other, sizeof(other), "%s/other.db", f->dir);
	cr_assert_eq(fixture_store(f, f->db, 3, digest, &err), 0, "%s", err.msg);
	f->trace.events = 13;
	f->machine.ram_pages += 512;
	cr_assert_eq(fixture_store(f, other, 3, digest, &err), 0, "%s", err.msg);
	text = diff(f->db, other, &o, &differ);
	cr_expect(strstr(text, "different traces:\n  A: 12 events"), "%s", text);
	cr_expect(strstr(text, "different machines:\n  A: i386, 381 MiB"), "%s", text);
	free(text);
	fixture_free(f);
}

static void expect_refused(const char *a, const char *b, const struct kmr_diff_options *o,
			   const char *says)
{
	struct kmr_error err = { "" };
	FILE *out = tmpfile();
	bool differ;

	cr_expect_eq(kmr_diff(a, b, o, out, &differ, &err), -1);
	cr_expect(strstr(err.msg, says), "no '%s' in: %s", says, err.msg);
	cr_expect_eq(ftell(out), 0);
	(void)fclose(out);
}

Test(diff, refusals)
{
	struct pair p = make_pair(1, 11);
	struct kmr_diff_options o = { .run_a = 2 };
	sqlite3 *db;

	expect_refused(p.f->db, p.other, &o, "run.db: has no run 2");
	o = (struct kmr_diff_options){ .limit = 0 };
	expect_refused(p.f->db, "/nowhere.db", &o, "/nowhere.db: No such file");
	db = open_raw(p.other);
	free(rows_of(db, "INSERT INTO run SELECT 2, backend, params, start, object, object_params,"
			 " object_start, first_time, last_time FROM run"));
	free(rows_of(db, "INSERT INTO sample VALUES (2, 0, 1, 1)"));
	(void)sqlite3_close(db);
	expect_refused(p.f->db, p.other, &o, "other.db: has 2 runs, say which with --run-b");
	fixture_free(p.f);
}
