// SPDX-License-Identifier: GPL-2.0-only
/*
 * Latency as the part of operations that took longer (CCDF).  One run: a panel for each operation,
 * in it a line for each order.  Several: a panel for each operation and order that occurs most, in
 * it a line for each run.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "metrics/query.h"
#include "report/figure.h"
#include "report/plot_query.h"

#define MAX_LINES  512
#define MAX_PANELS 6
#define MAX_SHOWN  8 /* lines in a panel */

struct point {
	uint64_t low, width, count;
};

/* The histogram of one operation and order of one run, all paths together. */
struct line {
	unsigned int run; /* index in the set */
	char operation[KMR_PLOT_NAME];
	unsigned int order;
	uint64_t count;
	struct point *points;
	size_t nr, room;
};

struct lines {
	const struct kmr_plot_set *set;
	unsigned int run;
	struct line *line;
	size_t nr, room;
};

static struct line *new_line(struct lines *l, const char *operation, unsigned int order)
{
	struct line *grown;

	if (l->nr == MAX_LINES)
		return NULL;
	grown = kmr_grow(l->line, l->nr, &l->room, sizeof(*grown));
	if (!grown)
		return NULL;
	l->line = grown;
	grown += l->nr++;
	memset(grown, 0, sizeof(*grown));
	grown->run = l->run;
	grown->order = order;
	(void)snprintf(grown->operation, sizeof(grown->operation), "%s", operation);
	return grown;
}

static int take_bucket(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct lines *l = ctx;
	struct line *line = l->nr ? &l->line[l->nr - 1] : NULL;
	unsigned int order = (unsigned int)kmr_query_count(row, 1);
	char operation[KMR_PLOT_NAME];
	struct point *grown;

	kmr_plot_text(row, 0, operation, sizeof(operation));
	if (!line || line->run != l->run || line->order != order ||
	    strcmp(line->operation, operation))
		line = new_line(l, operation, order);
	if (!line)
		return kmr_plot_damaged(l->set->runs[l->run], "too many histograms", err);
	grown = kmr_grow(line->points, line->nr, &line->room, sizeof(*grown));
	if (!grown)
		return kmr_fail_nomem(err, "a histogram");
	line->points = grown;
	grown += line->nr++;
	grown->low = kmr_query_count(row, 2);
	grown->width = kmr_query_count(row, 3);
	grown->count = kmr_query_count(row, 4);
	line->count += grown->count;
	return 0;
}

static int read_lines(struct lines *l, struct kmr_error *err)
{
	static const char sql[] =
		"SELECT operation, page_order, low, max(width), sum(count) FROM latency_bucket"
		" WHERE run = ?1 GROUP BY operation, page_order, low"
		" ORDER BY operation, page_order, low";

	for (l->run = 0; l->run < l->set->nr; l->run++)
		if (kmr_plot_query(l->set->runs[l->run], sql, take_bucket, l, err))
			return -1;
	return 0;
}

struct panel {
	char title[KMR_PLOT_TEXT];
	const struct line *lines[MAX_SHOWN];
	unsigned int nr;
};

static bool same_subject(const struct line *a, const struct line *b, bool orders_too)
{
	return !strcmp(a->operation, b->operation) && (!orders_too || a->order == b->order);
}

/* Most operations first. */
static int by_count(const void *a, const void *b)
{
	const struct line *const *l = a, *const *m = b;

	return (*l)->count < (*m)->count ? 1 : (*l)->count > (*m)->count ? -1 : 0;
}

static const char *words_of(const char *operation)
{
	static const char *const words[][2] = {
		{ "page_alloc", "page allocation" },
		{ "page_free", "page free" },
		{ "object_alloc", "object allocation" },
		{ "object_free", "object free" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i][0], operation))
			return words[i][1];
	return operation;
}

static void title_panel(struct panel *p, const struct line *l, bool orders_too)
{
	if (orders_too && !strncmp(l->operation, "page", 4))
		(void)snprintf(p->title, sizeof(p->title), "%s, order %u", words_of(l->operation),
			       l->order);
	else
		(void)snprintf(p->title, sizeof(p->title), "%s", words_of(l->operation));
}

/* Gives the lines, most frequent first, to panels; how many there are. */
static unsigned int arrange(const struct lines *l, struct panel panels[MAX_PANELS],
			    const struct line **sorted)
{
	const bool orders_too = l->set->nr > 1;
	unsigned int nr = 0, p;
	size_t i;

	for (i = 0; i < l->nr; i++)
		sorted[i] = &l->line[i];
	qsort(sorted, l->nr, sizeof(const struct line *), by_count);
	for (i = 0; i < l->nr; i++) {
		for (p = 0; p < nr && !same_subject(panels[p].lines[0], sorted[i], orders_too); p++)
			;
		if (p == MAX_PANELS || (p < nr && panels[p].nr == MAX_SHOWN))
			continue;
		if (p == nr)
			title_panel(&panels[nr++], sorted[i], orders_too);
		panels[p].lines[panels[p].nr++] = sorted[i];
	}
	return nr;
}

/* A block of data: what of the operations took longer than the bucket's upper end. */
static void put_line(struct kmr_figure *f, const struct line *l)
{
	uint64_t longer = l->count;
	size_t i;

	(void)fprintf(f->data, "%.3f\t1\n", (double)l->points[0].low / 1000);
	for (i = 0; i < l->nr; i++) {
		longer -= l->points[i].count;
		(void)fprintf(f->data, "%.3f\t%.9g\n",
			      (double)(l->points[i].low + l->points[i].width) / 1000,
			      (double)longer / (double)l->count);
	}
	(void)fputs("\n\n", f->data);
}

static uint64_t percentile(const struct line *l, double part)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < l->nr; i++) {
		sum += l->points[i].count;
		if ((double)sum >= part * (double)l->count)
			break;
	}
	return l->points[i].low;
}

/* Lines of a panel are in the order of runs, or of page orders. */
static int by_subject(const void *a, const void *b)
{
	const struct line *const *l = a, *const *m = b;

	if ((*l)->run != (*m)->run)
		return (*l)->run < (*m)->run ? -1 : 1;
	return (*l)->order < (*m)->order ? -1 : (*l)->order > (*m)->order;
}

static void put_panels(struct kmr_figure *f, const struct kmr_plot_set *set, struct panel *panels,
		       unsigned int nr)
{
	unsigned int p, i, index = 0, total = 0;
	char label[KMR_PLOT_TEXT + 16];

	for (p = 0; p < nr; p++)
		total += panels[p].nr;
	kmr_figure_number(f, "nr_panels", nr);
	kmr_figure_number(f, "several_runs", set->nr > 1);
	(void)fprintf(f->vars, "array first_line[%u]\n", nr + 1);
	for (p = 0; p < nr; p++) {
		kmr_figure_element(f, "panel_title", nr, p + 1, panels[p].title);
		(void)fprintf(f->vars, "first_line[%u] = %u\n", p + 1, index);
		qsort(panels[p].lines, panels[p].nr, sizeof(const struct line *), by_subject);
		for (i = 0; i < panels[p].nr; i++, index++) {
			const struct line *l = panels[p].lines[i];

			if (set->nr > 1)
				(void)snprintf(label, sizeof(label), "%s",
					       set->runs[l->run]->label);
			else
				(void)snprintf(label, sizeof(label), "order %u", l->order);
			kmr_figure_element(f, "line_label", total, index + 1, label);
			if (index == 0)
				(void)fprintf(f->vars, "array line_style[%u]\n", total);
			(void)fprintf(f->vars, "line_style[%u] = %u\n", index + 1,
				      set->nr > 1 ? l->run + 1 : l->order + 1);
			put_line(f, l);
		}
	}
	(void)fprintf(f->vars, "first_line[%u] = %u\n", nr + 1, index);
}

static void describe(struct kmr_figure *f, const struct kmr_plot_set *set,
		     const struct panel *first)
{
	const struct line *l;
	unsigned int i;

	kmr_figure_alt(f, "Median and 99.9th percentile of %s in ns: ", first->title);
	for (i = 0; i < first->nr; i++) {
		l = first->lines[i];
		if (i)
			kmr_figure_alt(f, "; ");
		if (set->nr > 1)
			kmr_figure_alt(f, "%s ", set->runs[l->run]->label);
		else
			kmr_figure_alt(f, "order %u ", l->order);
		kmr_figure_alt(f, "%.1f and %.1f", (double)percentile(l, 0.5) / 1000,
			       (double)percentile(l, 0.999) / 1000);
	}
	kmr_figure_alt(f, ".");
}

int kmr_fill_latency(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	struct lines l = { .set = s->set };
	struct panel panels[MAX_PANELS] = { 0 };
	const struct line **sorted = NULL;
	unsigned int nr;
	int ret = read_lines(&l, err) ? -1 : 0;
	size_t i;

	if (!ret && l.nr) {
		sorted = calloc(l.nr, sizeof(const struct line *));
		ret = sorted ? 1 : kmr_fail_nomem(err, "histograms");
	}
	if (ret > 0) {
		nr = arrange(&l, panels, sorted);
		/* several runs have a key above, four in a line */
		f->height = 34 + 38 * ((nr + 1) / 2) +
			    (s->set->nr > 1 ? 5 * ((panels[0].nr + 3) / 4) : 0);
		put_panels(f, s->set, panels, nr);
		describe(f, s->set, &panels[0]);
	}
	free(sorted);
	for (i = 0; i < l.nr; i++)
		free(l.line[i].points);
	free(l.line);
	return ret;
}
