// SPDX-License-Identifier: GPL-2.0-only
#include "cli/curves.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "kmreplay/frag.h"
#include "report/table.h"
#include "report/term.h"
#include "report/units.h"

#define LONGEST	 40u /* of a line, columns */
#define SHORTEST 16u
#define NUMBERS	 28u /* columns: two of them, and what is between all four */

static int add(struct kmr_curve *c, uint64_t x, uint64_t y, struct kmr_error *err)
{
	struct kmr_point *p = kmr_grow(c->points, c->nr, &c->cap, sizeof(*p));

	if (!p)
		return kmr_fail_nomem(err, "curves");
	c->points = p;
	c->points[c->nr++] = (struct kmr_point){ x, y };
	return 0;
}

static void sum_types(const struct kmr_zone_state *z, unsigned int nr_orders,
		      uint64_t nr_free[KMR_MAX_ORDERS])
{
	for (unsigned int o = 0; o < nr_orders; o++) {
		nr_free[o] = 0;
		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
			nr_free[o] += z->nr_free[o][t];
	}
}

int kmr_curves_sample(void *ctx, const struct kmr_sample *sample, struct kmr_error *err)
{
	struct kmr_curves *c = ctx;
	const struct kmr_machine *m = &c->r->machine;
	const unsigned int order = m->pageblock_order;
	/* the state that a run begins with may not have a time */
	const uint64_t x = sample->time > c->r->first_time ? sample->time - c->r->first_time : 0;
	uint64_t all[KMR_MAX_ORDERS] = { 0 }, one[KMR_MAX_ORDERS], pages = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_state *z = &sample->zones[i];
		const uint64_t free_pages = z->free_pages + z->pcp_pages;

		sum_types(z, m->nr_orders, one);
		for (unsigned int o = 0; o < m->nr_orders; o++)
			all[o] += one[o];
		pages += free_pages;
		if (add(&c->free[i], x, free_pages, err) ||
		    add(&c->unusable[i], x, (uint64_t)kmr_unusable_index(one, m->nr_orders, order),
			err))
			return -1;
	}
	return add(&c->all_free, x, pages, err) ||
			       add(&c->all_unusable, x,
				   (uint64_t)kmr_unusable_index(all, m->nr_orders, order), err)
		       ? -1
		       : 0;
}

void kmr_curves_free(struct kmr_curves *c)
{
	for (unsigned int i = 0; i < KMR_MAX_ZONES; i++) {
		free(c->free[i].points);
		free(c->unusable[i].points);
	}
	free(c->all_free.points);
	free(c->all_unusable.points);
}

/* How values are written. */
enum unit {
	PAGES,
	PERMILLE /* as per cent */
};

static const char *value(char text[KMR_UNITS_SIZE], uint64_t y, enum unit unit)
{
	if (unit == PAGES)
		return kmr_units_count(text, y);
	(void)snprintf(text, KMR_UNITS_SIZE, "%" PRIu64 ".%" PRIu64, y / 10, y % 10);
	return text;
}

/* "12.3 s" */
static const char *span(char text[KMR_UNITS_SIZE], const struct kmr_replay_result *r)
{
	const uint64_t ns = r->last_time > r->first_time ? r->last_time - r->first_time : 0;

	(void)snprintf(text, KMR_UNITS_SIZE, "%" PRIu64 ".%03" PRIu64 " s", ns / 1000000000,
		       ns / 1000000 % 1000);
	return text;
}

static struct kmr_table *new_table(const char *title, const char *first)
{
	const struct kmr_column columns[] = { { first, NULL, KMR_ALIGN_LEFT },
					      { "least", NULL, KMR_ALIGN_RIGHT },
					      { "over time", NULL, KMR_ALIGN_LEFT },
					      { "most", NULL, KMR_ALIGN_RIGHT } };

	return kmr_table_new(title, columns, ARRAY_SIZE(columns));
}

/* What @columns for names leave to a line. */
static unsigned int line_width(size_t columns)
{
	const size_t left = KMR_TABLE_WIDTH - NUMBERS;

	if (columns + SHORTEST > left)
		return SHORTEST;
	return left - columns > LONGEST ? LONGEST : (unsigned int)(left - columns);
}

/* @scale NULL: its own. */
static void add_line(struct kmr_table *t, const struct kmr_curve *c, enum unit unit,
		     const struct kmr_spark_scale *scale, unsigned int width)
{
	struct kmr_spark_scale own;
	char text[KMR_UNITS_SIZE], line[KMR_SPARK_SIZE];

	kmr_spark_scale(&own, c->points, c->nr, false);
	kmr_table_text(t, value(text, own.lo, unit));
	kmr_table_text(t, kmr_spark(line, c->points, c->nr, scale ? scale : &own, width,
				    kmr_term_utf8(stdout)));
	kmr_table_text(t, value(text, own.hi, unit));
}

static void add_zone(struct kmr_table *t, const struct kmr_zone_spec *z)
{
	kmr_table_format(t, "%u %s", z->node, kmr_zone_name((enum kmr_zone_type)z->type));
}

static int print_zones(const struct kmr_replay_result *r, const char *title,
		       const struct kmr_curve *curves, enum unit unit)
{
	struct kmr_table *t = new_table(title, "zone");

	for (unsigned int i = 0; i < r->machine.nr_zones; i++) {
		if (!r->machine.zones[i].managed)
			continue;
		add_zone(t, &r->machine.zones[i]);
		add_line(t, &curves[i], unit, NULL, LONGEST);
	}
	return kmr_table_print(t, stdout) || printf("\n") < 0 ? -1 : 0;
}

/* A step counts where it begins, and is over where the next one does. */
static int print_failures(const struct kmr_replay_result *r)
{
	const struct kmr_timeline *f = &r->failed;
	struct kmr_point points[KMR_TIMELINE_STEPS + 2] = { { 0, 0 } };
	struct kmr_curve c = { points, 1, 0 };
	char title[96], step[KMR_UNITS_SIZE];
	struct kmr_table *t;

	for (unsigned int i = 0; i <= KMR_TIMELINE_STEPS; i++) {
		const uint64_t x = f->first + i * f->step - r->first_time;

		if (f->first + i * f->step > r->last_time)
			break;
		points[c.nr++] = (struct kmr_point){ x, i < KMR_TIMELINE_STEPS ? f->count[i] : 0 };
	}
	(void)snprintf(title, sizeof(title), "Failed requests in %s each",
		       kmr_units_time(step, f->step));
	t = new_table(title, "");
	kmr_table_text(t, "all zones");
	add_line(t, &c, PAGES, NULL, LONGEST);
	kmr_table_style(t, KMR_STYLE_BAD);
	return kmr_table_print(t, stdout) || printf("\n") < 0 ? -1 : 0;
}

int kmr_curves_text(const struct kmr_curves *c)
{
	const struct kmr_replay_result *r = c->r;
	char title[96], time[KMR_UNITS_SIZE];

	(void)snprintf(title, sizeof(title), "Free pages, over %s", span(time, r));
	if (print_zones(r, title, c->free, PAGES))
		return -1;
	(void)snprintf(title, sizeof(title), "Free, but unusable for order %u (%%), over %s",
		       r->machine.pageblock_order, span(time, r));
	if (print_zones(r, title, c->unusable, PERMILLE))
		return -1;
	return r->failed.step && r->failed.first >= r->first_time ? print_failures(r) : 0;
}

/* The curves of all runs as one table, on one scale, which the title states. */
static int print_runs(const struct kmr_curves *c, const char *const *titles, unsigned int nr,
		      const char *what, enum unit unit)
{
	char title[256], time[KMR_UNITS_SIZE], lo[KMR_UNITS_SIZE], hi[KMR_UNITS_SIZE];
	struct kmr_spark_scale scale = { 0 };
	struct kmr_table *t;
	size_t names = 0;

	for (unsigned int i = 0; i < nr; i++) {
		const struct kmr_curve *one = unit == PAGES ? &c[i].all_free : &c[i].all_unusable;

		kmr_spark_scale(&scale, one->points, one->nr, i > 0);
		names = strlen(titles[i]) > names ? strlen(titles[i]) : names;
	}
	(void)snprintf(title, sizeof(title), "%s, over %s, drawn from %s to %s", what,
		       span(time, c->r), value(lo, scale.lo, unit), value(hi, scale.hi, unit));
	t = new_table(title, "");
	for (unsigned int i = 0; i < nr; i++) {
		kmr_table_text(t, titles[i]);
		add_line(t, unit == PAGES ? &c[i].all_free : &c[i].all_unusable, unit, &scale,
			 line_width(names));
	}
	return kmr_table_print(t, stdout);
}

int kmr_curves_compare(const struct kmr_curves *c, const char *const *titles, unsigned int nr)
{
	if (print_runs(c, titles, nr, "Free pages", PAGES) || printf("\n") < 0)
		return -1;
	return print_runs(c, titles, nr, "Unusable for huge (%)", PERMILLE);
}
