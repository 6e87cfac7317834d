// SPDX-License-Identifier: GPL-2.0-only
/* Distributions: sizes that were asked for, lifetimes; and where memory came from. */
#include <inttypes.h>
#include <string.h>

#include "metrics/query.h"
#include "report/figure.h"
#include "report/plot_query.h"
#include "report/units.h"

/* ---- sizes ---- */

struct size_scan {
	struct kmr_figure *f;
	char kind[KMR_PLOT_NAME];
	unsigned int kinds;
	uint64_t requests, most_requests, most_low, width;
};

static int take_size(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct size_scan *scan = ctx;
	char kind[KMR_PLOT_NAME];

	(void)err;
	kmr_plot_text(row, 0, kind, sizeof(kind));
	if (strcmp(kind, scan->kind)) {
		(void)fprintf(scan->f->data, "%s# low\thigh\trequests\tbytes\n",
			      scan->kinds ? "\n\n" : "");
		(void)snprintf(scan->kind, sizeof(scan->kind), "%s", kind);
		kmr_figure_element(scan->f, "kind", 2, ++scan->kinds, kind);
	}
	(void)fprintf(scan->f->data, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
		      kmr_query_count(row, 1), kmr_query_count(row, 1) + kmr_query_count(row, 2),
		      kmr_query_count(row, 3), kmr_query_count(row, 4));
	scan->requests += kmr_query_count(row, 3);
	if (kmr_query_count(row, 3) > scan->most_requests) {
		scan->most_requests = kmr_query_count(row, 3);
		scan->most_low = kmr_query_count(row, 1);
	}
	return 0;
}

int kmr_fill_sizes(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	struct size_scan scan = { .f = f };
	char requests[KMR_UNITS_SIZE], size[KMR_UNITS_SIZE];

	if (kmr_plot_query(s->run,
			   "SELECT kind, low, width, requests, bytes FROM request_size"
			   " WHERE run = ?1 AND kind IN ('object', 'page') ORDER BY kind, low",
			   take_size, &scan, err))
		return -1;
	if (!scan.kinds)
		return 0;
	kmr_figure_number(f, "nr_kinds", scan.kinds);
	kmr_figure_alt(f, "Of %s requests most are of about %s.",
		       kmr_units_count(requests, scan.requests),
		       kmr_units_bytes(size, scan.most_low));
	return 1;
}

/* ---- lifetimes ---- */

struct life_scan {
	struct kmr_figure *f;
	char kind[KMR_PLOT_NAME];
	unsigned int order, lines;
	uint64_t longer; /* of the line, those that live longer than what was put */
	uint64_t total;
};

static int take_life(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct life_scan *scan = ctx;
	unsigned int order = (unsigned int)kmr_query_count(row, 1);
	uint64_t low = kmr_query_count(row, 2), width = kmr_query_count(row, 3);
	char kind[KMR_PLOT_NAME], label[KMR_PLOT_TEXT];

	(void)err;
	kmr_plot_text(row, 0, kind, sizeof(kind));
	if (!scan->lines || strcmp(kind, scan->kind) || order != scan->order) {
		(void)fputs(scan->lines ? "\n\n" : "", scan->f->data);
		(void)snprintf(scan->kind, sizeof(scan->kind), "%s", kind);
		scan->order = order;
		scan->total = scan->longer = kmr_query_count(row, 5);
		if (!strcmp(kind, "object"))
			(void)snprintf(label, sizeof(label), "objects");
		else
			(void)snprintf(label, sizeof(label), "pages, order %u", order);
		kmr_figure_element(scan->f, "line_label", 2 + 2 * KMR_MAX_ORDERS, ++scan->lines,
				   label);
		(void)fprintf(scan->f->data, "%" PRIu64 "\t1\n", low ? low : 1);
	}
	scan->longer -= kmr_query_count(row, 4);
	(void)fprintf(scan->f->data, "%" PRIu64 "\t%.9g\n", low + width,
		      scan->total ? (double)scan->longer / (double)scan->total : 0.0);
	return 0;
}

int kmr_fill_lifetimes(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	struct life_scan scan = { .f = f };

	if (kmr_plot_query(s->run,
			   "SELECT l.kind, l.page_order, l.low, l.width, l.count, t.total"
			   " FROM lifetime l JOIN (SELECT kind, page_order, sum(count) AS total"
			   "	FROM lifetime WHERE run = ?1 AND kind IN ('object', 'page')"
			   "	GROUP BY kind, page_order ORDER BY total DESC LIMIT 7) t"
			   "	ON t.kind = l.kind AND t.page_order = l.page_order"
			   " WHERE l.run = ?1 ORDER BY l.kind, l.page_order, l.low",
			   take_life, &scan, err))
		return -1;
	if (!scan.lines)
		return 0;
	kmr_figure_number(f, "nr_lines", scan.lines);
	kmr_figure_alt(f, "The part of what was allocated and freed in the run that lived longer, "
			  "for objects and the most frequent orders.");
	return 1;
}

/* ---- nodes ---- */

#define MAX_SHOWN_NODES 16

struct numa_scan {
	struct kmr_figure *f;
	uint64_t pages[MAX_SHOWN_NODES][MAX_SHOWN_NODES];
	uint64_t distance[MAX_SHOWN_NODES][MAX_SHOWN_NODES];
	uint64_t total, local;
};

static int take_traffic(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct numa_scan *scan = ctx;
	uint64_t from = kmr_query_count(row, 0), to = kmr_query_count(row, 1);
	uint64_t pages = kmr_query_count(row, 2);

	(void)err;
	scan->total += pages;
	if (from == to)
		scan->local += pages;
	if (from < MAX_SHOWN_NODES && to < MAX_SHOWN_NODES)
		scan->pages[from][to] = pages;
	return 0;
}

static int take_distance(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct numa_scan *scan = ctx;
	uint64_t from = kmr_query_count(row, 0), to = kmr_query_count(row, 1);

	(void)err;
	if (from < MAX_SHOWN_NODES && to < MAX_SHOWN_NODES)
		scan->distance[from][to] = kmr_query_count(row, 2);
	return 0;
}

int kmr_fill_numa(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	unsigned int nr = run->nr_nodes < MAX_SHOWN_NODES ? run->nr_nodes : MAX_SHOWN_NODES;
	struct numa_scan scan = { .f = f };
	unsigned int from, to;

	if (nr < 2)
		return 0;
	if (kmr_plot_query(run, "SELECT node, to_node, pages FROM numa_traffic WHERE run = ?1",
			   take_traffic, &scan, err) ||
	    kmr_plot_query(run, "SELECT node, to_node, distance FROM node_distance WHERE run = ?1",
			   take_distance, &scan, err))
		return -1;
	if (!scan.total)
		return 0;
	(void)fputs("node\tto_node\tpages\tshare\tdistance\n", f->data);
	for (from = 0; from < nr; from++)
		for (to = 0; to < nr; to++) {
			uint64_t row_total = 0;
			unsigned int i;

			for (i = 0; i < nr; i++)
				row_total += scan.pages[from][i];
			(void)fprintf(f->data, "%u\t%u\t%" PRIu64 "\t%.6f\t%" PRIu64 "\n", from, to,
				      scan.pages[from][to],
				      row_total ? (double)scan.pages[from][to] / (double)row_total
						: 0.0,
				      scan.distance[from][to]);
		}
	kmr_figure_number(f, "nr_nodes", nr);
	kmr_figure_alt(f, "%.1f %% of all pages came from the node of the CPU that asked.",
		       100.0 * (double)scan.local / (double)scan.total);
	return 1;
}
