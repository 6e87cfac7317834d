// SPDX-License-Identifier: GPL-2.0-only
/* What happened: failures, fallbacks, reclaim and compaction, memory of other nodes. */
#include <stdlib.h>

#include "base/array.h"
#include "report/report.h"

static const struct kmr_doc_column failure_columns[] = {
	{ "order", "order", NULL, false },
	{ "gfp", "GFP flags", NULL, false },
	{ "count", "requests", NULL, true },
	{ "first_time", "first at", "s", true },
};

static const char failures[] = "SELECT f.page_order, f.gfp, f.count, (f.first_time - "
			       "min(f.first_time, r.first_time)) / 1e9"
			       " FROM failure f JOIN run r USING (run) WHERE f.run = ?1"
			       " ORDER BY f.count DESC, f.page_order DESC, f.gfp LIMIT 12";

static const struct kmr_doc_column request_columns[] = {
	{ "order", "order", NULL, false },	  { "requests", "requests", NULL, true },
	{ "huge", "for huge pages", NULL, true }, { "failures", "failed", NULL, true },
	{ "served", "served", "%", true },
};

static const char requests[] =
	"SELECT page_order, requests, huge, failures, 100.0 * (requests - failures) / requests"
	" FROM request WHERE run = ?1 ORDER BY page_order";

int kmr_report_failures(struct kmr_report *report, struct kmr_error *err)
{
	int rows;

	kmr_doc_section(report->doc, "failures", "Failures");
	rows = kmr_report_rows(
		report, "failures",
		"Requests that failed in the simulation and not in the trace, at most "
		"12 kinds a run, by number; times since the run began.",
		failures, failure_columns, ARRAY_SIZE(failure_columns), 6, err);
	if (rows < 0)
		return -1;
	if (!rows)
		kmr_doc_paragraph(report->doc, "No request for pages failed in any run.");
	rows = kmr_report_rows(report, "requests", "Requests for pages by order.", requests,
			       request_columns, ARRAY_SIZE(request_columns), 2, err);
	return rows < 0 ? -1 : 0;
}

static const struct kmr_doc_column steal_columns[] = {
	{ "wanted", "wanted", NULL, false },
	{ "taken", "taken from", NULL, false },
	{ "events", "events", NULL, true },
	{ "fragmenting", "fragmenting", NULL, true },
	{ "claimed", "pageblock claimed", NULL, true },
	{ "largest", "largest block", "order", true },
	{ "first_time", "first at", "s", true },
};

static const char steals[] =
	"SELECT w.name, t.name, count(*), sum(e.fragmenting), sum(e.change_owner),"
	" max(e.fallback_order),"
	" (min(e.time) - min(min(e.time), r.first_time)) / 1e9"
	" FROM extfrag e JOIN run r USING (run) JOIN migratetype w USING (migratetype)"
	" JOIN migratetype t ON t.migratetype = e.fallback_migratetype WHERE e.run = ?1"
	" GROUP BY e.migratetype, e.fallback_migratetype ORDER BY count(*) DESC, 1, 2";

int kmr_report_steals(struct kmr_report *report, struct kmr_error *err)
{
	int rows;

	kmr_doc_section(report->doc, "fallbacks", "Fallbacks to another mobility");
	rows = kmr_report_rows(
		report, "fallbacks",
		"The event mm_page_alloc_extfrag by types: a fallback is fragmenting when the "
		"block "
		"is smaller than a pageblock, and worst when unmovable memory goes among movable.",
		steals, steal_columns, ARRAY_SIZE(steal_columns), 6, err);
	if (!rows)
		kmr_doc_paragraph(report->doc, "No request had to fall back in any run.");
	return rows < 0 ? -1 : 0;
}

/* A counter in all runs. */
static int put_counter(struct kmr_report *report, struct kmr_doc_table *t, const char *name,
		       struct kmr_error *err)
{
	for (size_t i = 0; i < report->runs.nr; i++) {
		const struct kmr_run_facts *f = &report->runs.all[i];
		sqlite3_stmt *row;
		int ret;

		if (kmr_query_begin(&f->database,
				    "SELECT value FROM counter WHERE run = ?1 AND name = ?2",
				    f->run, &row, err))
			return -1;
		(void)sqlite3_bind_text(row, 2, name, -1, SQLITE_STATIC);
		ret = kmr_query_next(&f->database, row, err);
		if (ret > 0)
			kmr_cell_count(t, kmr_query_count(row, 0));
		else
			kmr_cell_none(t);
		(void)sqlite3_finalize(row);
		if (ret < 0)
			return -1;
	}
	return 0;
}

/* The run whose counters name the rows: the first with simulated reclaim; NULL: none. */
static const struct kmr_run_facts *with_reclaim(const struct kmr_report *report)
{
	for (size_t i = 0; i < report->runs.nr; i++)
		if (report->runs.all[i].fact[KMR_FACT_PRESSURE][0])
			return &report->runs.all[i];
	return NULL;
}

static int put_reclaim(struct kmr_report *report, const struct kmr_run_facts *f,
		       struct kmr_doc_table *t, struct kmr_error *err)
{
	sqlite3_stmt *row;
	int ret;

	if (kmr_query_begin(&f->database,
			    "SELECT name, substr(name, 10) FROM counter WHERE run = ?1"
			    " AND name LIKE 'pressure.%' AND name NOT LIKE 'pressure.param.%'"
			    " AND name NOT LIKE 'pressure.trace.%' ORDER BY name",
			    f->run, &row, err))
		return -1;
	while ((ret = kmr_query_next(&f->database, row, err)) > 0) {
		kmr_cell_text(t, kmr_query_text(row, 1));
		ret = put_counter(report, t, kmr_query_text(row, 0), err);
		if (ret)
			break;
	}
	(void)sqlite3_finalize(row);
	return ret;
}

int kmr_report_reclaim(struct kmr_report *report, struct kmr_error *err)
{
	static const struct kmr_doc_column fixed[] = { { "counter", "counter", NULL, false } };
	const struct kmr_run_facts *f = with_reclaim(report);
	struct kmr_doc_column *columns;
	struct kmr_doc_table *t;
	int ret;

	if (!f)
		return 0;
	columns = kmr_report_columns(report, fixed, ARRAY_SIZE(fixed));
	if (!columns)
		return kmr_fail_nomem(err, "the report");
	kmr_doc_section(report->doc, "reclaim", "Reclaim and compaction");
	t = kmr_doc_table(report->doc, "reclaim",
			  "Simulated reclaim, counted as /proc/vmstat counts: pages, or times.",
			  columns, ARRAY_SIZE(fixed) + report->runs.nr);
	ret = put_reclaim(report, f, t, err);
	free(columns);
	return ret;
}

static const struct kmr_doc_column traffic_columns[] = {
	{ "cpus", "CPUs of node", NULL, false }, { "memory", "memory of node", NULL, false },
	{ "distance", "distance", NULL, true },	 { "requests", "requests", NULL, true },
	{ "pages", "pages", NULL, true },	 { "share", "share", "%", true },
};

static const char traffic[] =
	"SELECT t.node, t.to_node, d.distance, t.requests, t.pages,"
	" 100.0 * t.pages / sum(t.pages) OVER () FROM numa_traffic t"
	" LEFT JOIN node_distance d USING (run, node, to_node) WHERE t.run = ?1"
	" ORDER BY t.node, t.to_node";

static const struct kmr_doc_column numastat_columns[] = {
	{ "node", "node", NULL, false },
	{ "numa_hit", "hit", NULL, true },
	{ "numa_miss", "miss", NULL, true },
	{ "numa_foreign", "foreign", NULL, true },
	{ "interleave_hit", "interleave hit", NULL, true },
	{ "local_node", "local", NULL, true },
	{ "other_node", "other", NULL, true },
};

int kmr_report_nodes(struct kmr_report *report, struct kmr_error *err)
{
	bool any = false;

	for (size_t i = 0; i < report->runs.nr; i++)
		any |= report->runs.all[i].values[kmr_metric_index("numa_miss")].known;
	if (!any)
		return 0;
	kmr_doc_section(report->doc, "nodes", "Memory of other nodes");
	if (kmr_report_rows(report, "traffic", "From which node CPUs of another got their memory.",
			    traffic, traffic_columns, ARRAY_SIZE(traffic_columns), 2, err) < 0)
		return -1;
	return kmr_report_rows(
		       report, "numastat",
		       "What the nodes' counters gained, as numastat(8) shows them.",
		       "SELECT node, numa_hit, numa_miss, numa_foreign, interleave_hit,"
		       " local_node, other_node FROM numa_node WHERE run = ?1 ORDER BY node",
		       numastat_columns, ARRAY_SIZE(numastat_columns), 0, err) < 0
		       ? -1
		       : 0;
}
