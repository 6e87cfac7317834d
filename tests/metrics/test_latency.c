// SPDX-License-Identifier: GPL-2.0-only
/* Latencies in the database: every bucket, and percentiles that are those of base/hist.c. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hist.h"
#include "metrics/db.h"
#include "metrics/fixture.h"

#define NR_ROWS 6

static const struct kmr_latency_row keys[NR_ROWS] = {
	{ KMR_OP_PAGE_ALLOC, 0, KMR_PATH_PCP, NULL },
	{ KMR_OP_PAGE_ALLOC, 0, KMR_PATH_SLOW, NULL },
	{ KMR_OP_PAGE_ALLOC, 9, KMR_PATH_SLOW, NULL },
	{ KMR_OP_PAGE_FREE, 0, KMR_PATH_PCP, NULL },
	{ KMR_OP_VFREE, 0, KMR_PATH_PURGE, NULL },
	{ KMR_OP_OBJECT_FREE, 0, KMR_PATH_SLAB, NULL },
};

static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Rows with values of very different sizes; one of a single value. */
static void make(struct kmr_latency_report *report)
{
	uint64_t state = 9;
	struct kmr_error err = { "" };

	memset(report, 0, sizeof(*report));
	cr_assert_eq(kmr_cost_defaults(&report->cost, &err), 0);
	report->rows = calloc(NR_ROWS, sizeof(*report->rows));
	cr_assert_not_null(report->rows);
	for (unsigned int i = 0; i < NR_ROWS; i++) {
		struct kmr_hist *h = malloc(sizeof(*h));

		cr_assert_not_null(h);
		kmr_hist_init(h);
		for (unsigned int k = 0; k < (i == 5 ? 1 : 20001); k++)
			kmr_hist_record(h, 40000 + (next(&state) >> (next(&state) % 40 + 20)));
		report->rows[i] = keys[i];
		report->rows[i].hist = h;
	}
	report->nr_rows = NR_ROWS;
	report->steps[KMR_OP_PAGE_ALLOC][KMR_STEP_PAGE_ALLOC] = 60003;
	report->steps[KMR_OP_PAGE_ALLOC][KMR_STEP_WAIT] = 5000;
	report->steps[KMR_OP_VFREE][KMR_STEP_TLB_FLUSH] = 7;
}

static sqlite3 *stored(const struct fixture *f, const struct kmr_latency_report *report)
{
	char digest[KMR_DIGEST_SIZE];
	struct kmr_error err = { "" };
	struct kmr_store *store;
	sqlite3 *db;

	cr_assert_eq(kmr_store_create(&store, f->db, &f->machine, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_store_latency(store, report, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_store_finish(store, &f->run, &f->trace, &f->stats, &f->work, digest, &err),
		     0, "%s", err.msg);
	cr_assert_eq(kmr_db_open(&db, f->db, &err), 0, "%s", err.msg);
	return db;
}

/* What the view should print of the rows that @of names; @order -1: any, @path NULL: any. */
static void expect(sqlite3 *db, const struct kmr_latency_report *report,
		   enum kmr_operation operation, int order, const char *path)
{
	static const uint32_t percents[] = { 50000, 90000, 99000, 99900, 100000 };
	char query[256], expected[256];
	struct kmr_hist all;
	size_t used;
	char *rows;

	kmr_hist_init(&all);
	for (size_t i = 0; i < report->nr_rows; i++) {
		const struct kmr_latency_row *row = &report->rows[i];

		if (row->operation == operation &&
		    (order < 0 || row->order == (unsigned int)order) &&
		    (!path || !strcmp(path, kmr_path_name(row->path))))
			cr_assert_eq(kmr_hist_merge(&all, row->hist), 0);
	}
	cr_assert_gt(all.count, 0u);
	used = (size_t)snprintf(expected, sizeof(expected), "%" PRIu64 "|%.3f", all.count,
				(double)all.sum / 1000 / (double)all.count);
	for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++)
		used += (size_t)snprintf(expected + used, sizeof(expected) - used, "|%.3f",
					 (double)kmr_hist_percentile(&all, percents[i]) / 1000);
	(void)snprintf(expected + used, sizeof(expected) - used, "\n");
	(void)snprintf(
		query, sizeof(query),
		"SELECT count, printf('%%.3f|%%.3f|%%.3f|%%.3f|%%.3f|%%.3f', mean, p50, p90, "
		"p99, p999, max) FROM latency_percentile WHERE operation = '%s' AND "
		"page_order = %d AND path = '%s'",
		kmr_operation_name(operation), order, path ? path : "all");
	rows = rows_of(db, query);
	cr_expect_str_eq(rows, expected, "%s gives\n%s for\n%s", query, rows, expected);
	free(rows);
	kmr_hist_fini(&all);
}

Test(latency, percentiles_of_the_view_are_those_of_the_histograms)
{
	struct fixture *f = fixture_new();
	struct kmr_latency_report report;
	sqlite3 *db;

	make(&report);
	db = stored(f, &report);
	for (unsigned int i = 0; i < NR_ROWS; i++) {
		expect(db, &report, keys[i].operation, (int)keys[i].order,
		       kmr_path_name(keys[i].path));
		expect(db, &report, keys[i].operation, (int)keys[i].order, NULL);
		expect(db, &report, keys[i].operation, -1, NULL);
	}
	(void)sqlite3_close(db);
	kmr_latency_report_free(&report);
	fixture_free(f);
}

static void expect_rows(sqlite3 *db, const char *query, const char *expected)
{
	char *rows = rows_of(db, query);

	cr_expect_str_eq(rows, expected, "%s gives\n%s", query, rows);
	free(rows);
}

Test(latency, every_row_is_stored)
{
	struct fixture *f = fixture_new();
	struct kmr_latency_report report;
	char text[64];
	sqlite3 *db;

	make(&report);
	db = stored(f, &report);
	(void)snprintf(text, sizeof(text), "%d\n", KMR_NR_STEPS);
	expect_rows(db, "SELECT count(*) FROM cost", text);
	expect_rows(db, "SELECT price FROM cost WHERE step = 'tlb_flush'", "6000000\n");
	expect_rows(db, "SELECT * FROM step",
		    "1|page_alloc|page_alloc|60003\n1|page_alloc|wait|5000\n1|vfree|tlb_flush|7\n");
	expect_rows(db, "SELECT step, total FROM latency_step WHERE operation = 'vfree'",
		    "tlb_flush|42000.0\n");
	/* no bucket is lost */
	expect_rows(db,
		    "SELECT count(*) FROM latency l WHERE count <> (SELECT sum(b.count) FROM "
		    "latency_bucket b WHERE b.operation = l.operation AND b.page_order = "
		    "l.page_order AND b.path = l.path)",
		    "0\n");
	for (unsigned int i = 0; i < NR_ROWS; i++) {
		const struct kmr_hist *h = report.rows[i].hist;
		char query[160], expected[128];

		(void)snprintf(
			query, sizeof(query),
			"SELECT count, total, shortest, longest FROM latency WHERE operation "
			"= '%s' AND page_order = %u AND path = '%s'",
			kmr_operation_name(keys[i].operation), keys[i].order,
			kmr_path_name(keys[i].path));
		(void)snprintf(expected, sizeof(expected),
			       "%" PRIu64 "|%" PRIu64 "|%" PRIu64 "|%" PRIu64 "\n", h->count,
			       h->sum, h->min, h->max);
		expect_rows(db, query, expected);
	}
	(void)sqlite3_close(db);
	kmr_latency_report_free(&report);
	fixture_free(f);
}
