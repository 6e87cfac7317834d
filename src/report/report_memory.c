// SPDX-License-Identifier: GPL-2.0-only
/* Where memory and time went: caches and call sites that waste most, latencies. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "report/latency.h"
#include "report/report.h"

#define DETAILED_RUNS 2 /* with more of them latencies are shown by operation alone */

static const struct kmr_doc_column cache_columns[] = {
	{ "cache", "cache", NULL, false },
	{ "size", "object", "B", true },
	{ "order", "slab", "order", true },
	{ "pages", "pages", NULL, true },
	{ "used", "slots in use", "%", true },
	{ "unused", "in free slots", "B", true },
	{ "rounding", "lost to rounding", "B", true },
};

/* With max() the other columns are those of its row: sqlite.org/lang_select.html, 2.5. */
static const char caches[] =
	"SELECT name, size, page_order, pages, 100.0 * active / objects,"
	" (objects - active) * size, max(0, active * size - requested)"
	" FROM (SELECT cache, max(sample), active, objects, pages, requested FROM cache_sample"
	"	WHERE run = ?1 GROUP BY cache) s JOIN cache c ON c.run = ?1 AND c.cache = s.cache"
	" WHERE objects > 0 AND pages > 0"
	" ORDER BY (objects - active) * size + max(0, active * size - requested) DESC, name"
	" LIMIT 10";

static const struct kmr_doc_column site_columns[] = {
	{ "site", "call site", NULL, false },  { "cache", "cache", NULL, false },
	{ "hits", "allocations", NULL, true }, { "requested", "asked for", "B", true },
	{ "waste", "beyond that", "B", true }, { "live", "live at the end", NULL, true },
};

static const char sites[] =
	"SELECT site, cache, hits, bytes_requested, max(0, bytes_given - bytes_requested), live"
	" FROM call_site WHERE run = ?1 AND site <> '' AND cache <> ''"
	" AND bytes_given > bytes_requested"
	" ORDER BY bytes_given - bytes_requested DESC, site, cache LIMIT 10";

int kmr_report_waste(struct kmr_report *report, struct kmr_error *err)
{
	bool any = false;

	for (size_t i = 0; i < report->runs.nr; i++)
		any |= report->runs.all[i].fact[KMR_FACT_OBJECT][0] != '\0';
	if (!any)
		return 0;
	kmr_doc_section(report->doc, "waste", "Top waste");
	if (kmr_report_rows(report, "caches",
			    "Caches with most memory that nobody asked for, at the end of the run.",
			    caches, cache_columns, ARRAY_SIZE(cache_columns), 1, err) < 0)
		return -1;
	return kmr_report_rows(
		       report, "sites",
		       "Call sites whose objects took most beyond what was asked for, summed "
		       "over all allocations.",
		       sites, site_columns, ARRAY_SIZE(site_columns), 0, err) < 0
		       ? -1
		       : 0;
}

static const struct kmr_doc_column latency_columns[] = {
	{ "operation", "operation", NULL, false },
	{ "order", "order", NULL, false },
	{ "path", "path", NULL, false },
	{ "count", "count", NULL, true },
	{ "mean", "mean", "ns", true },
	{ "p50", "p50", "ns", true },
	{ "p90", "p90", "ns", true },
	{ "p99", "p99", "ns", true },
	{ "p99.9", "p99.9", "ns", true },
	{ "max", "max", "ns", true },
};

static const unsigned int percentiles[] = { 50000, 90000, 99000, 99900 };

/* Operations of all orders and paths, and each order and path; -1 stands for all. */
static const char latencies[] =
	"SELECT operation, -1, '', sum(count), sum(total) / 1000.0 / sum(count), max(longest)"
	" FROM latency WHERE run = ?1 GROUP BY operation"
	" UNION ALL SELECT operation, page_order, path, count, total / 1000.0 / count, longest"
	" FROM latency WHERE run = ?1 AND ?2 ORDER BY 1, 2, 3";

static const char buckets[] = "SELECT low, width, sum(count) FROM latency_bucket WHERE run = ?1"
			      " AND operation = ?2 AND (?3 < 0 OR (page_order = ?3 AND path = ?4))"
			      " GROUP BY low, width ORDER BY low";

/* The percentiles of the operation, order and path that @what is at. */
static int put_percentiles(const struct kmr_run_facts *f, sqlite3_stmt *what,
			   struct kmr_doc_table *t, struct kmr_error *err)
{
	double ns[ARRAY_SIZE(percentiles)];
	sqlite3_stmt *row;
	int ret;

	if (kmr_query_begin(&f->database, buckets, f->run, &row, err))
		return -1;
	(void)sqlite3_bind_text(row, 2, kmr_query_text(what, 0), -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(row, 3, sqlite3_column_int64(what, 1));
	(void)sqlite3_bind_text(row, 4, kmr_query_text(what, 2), -1, SQLITE_STATIC);
	ret = kmr_latency_walk(&f->database, row, kmr_query_count(what, 3),
			       kmr_query_count(what, 5), percentiles, ARRAY_SIZE(percentiles), ns,
			       err);
	(void)sqlite3_finalize(row);
	for (size_t i = 0; i < ARRAY_SIZE(ns); i++)
		kmr_cell_real(t, ret ? 0 : ns[i], 1);
	kmr_cell_real(t, (double)kmr_query_count(what, 5) / 1000.0, 1);
	return ret;
}

static struct kmr_doc_table *latency_table(struct kmr_report *report)
{
	struct kmr_doc_column columns[ARRAY_SIZE(latency_columns) + 1] = { { "run", "run", NULL,
									     false } };
	const size_t named = report->runs.nr > 1;

	memcpy(columns + named, latency_columns, sizeof(latency_columns));
	kmr_doc_section(report->doc, "latency", "Latency");
	return kmr_doc_table(
		report->doc, "latency",
		"Simulated latency of operations: the steps each took at the prices of "
		"the run's cost table. A percentile is the upper end of its histogram's "
		"bucket, a thousandth wide.",
		columns, named + ARRAY_SIZE(latency_columns));
}

static int put_latencies(struct kmr_report *report, size_t i, struct kmr_doc_table **t,
			 struct kmr_error *err)
{
	const struct kmr_run_facts *f = &report->runs.all[i];
	sqlite3_stmt *row;
	int ret;

	if (kmr_query_begin(&f->database, latencies, f->run, &row, err))
		return -1;
	(void)sqlite3_bind_int(row, 2, report->runs.nr <= DETAILED_RUNS);
	while ((ret = kmr_query_next(&f->database, row, err)) > 0) {
		const bool all = sqlite3_column_int64(row, 1) < 0;

		if (!*t)
			*t = latency_table(report);
		if (report->runs.nr > 1)
			kmr_cell_text(*t, kmr_report_name(report, i));
		kmr_cell_text(*t, kmr_query_text(row, 0));
		if (all)
			kmr_cell_none(*t);
		else
			kmr_cell_count(*t, kmr_query_count(row, 1));
		kmr_cell_text(*t, all ? "all" : kmr_query_text(row, 2));
		kmr_cell_count(*t, kmr_query_count(row, 3));
		kmr_cell_real(*t, sqlite3_column_double(row, 4), 1);
		ret = put_percentiles(f, row, *t, err);
		if (ret)
			break;
	}
	(void)sqlite3_finalize(row);
	return ret;
}

int kmr_report_latency(struct kmr_report *report, struct kmr_error *err)
{
	struct kmr_doc_table *t = NULL;

	for (size_t i = 0; i < report->runs.nr; i++)
		if (put_latencies(report, i, &t, err))
			return -1;
	return 0;
}
