// SPDX-License-Identifier: GPL-2.0-only
/* Several runs together: a panel each, or two in one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "report/figure.h"
#include "report/units.h"

#define MAX_SHOWN 12

/* The series by which runs are compared. */
enum series {
	FREE_MEMORY, /* MiB, all zones */
	UNUSABLE, /* for pageblocks, thousandths, of one zone */
	SLABS, /* MiB */
	NR_SERIES
};

struct value {
	double low, high, last;
};

struct chosen {
	const struct kmr_plot_set *set;
	unsigned int nr; /* runs shown */
	unsigned int zone; /* whose unusable index is shown */
};

static const struct kmr_lane_time *timeline_of(const struct kmr_plot_run *run, enum series series)
{
	return series == SLABS ? &run->object_time : &run->time;
}

static bool has_series(const struct kmr_plot_run *run, enum series series)
{
	switch (series) {
	case FREE_MEMORY:
		return run->zone.cells != NULL;
	case UNUSABLE:
		return run->free.cells != NULL;
	default:
		return run->caches.cells != NULL;
	}
}

static struct value scaled(const struct kmr_lane_cell *c, double unit)
{
	return (struct value){ (double)c->low * unit, (double)c->high * unit,
			       (double)c->last * unit };
}

static struct value value_at(const struct chosen *c, const struct kmr_plot_run *run,
			     enum series series, unsigned int column)
{
	const double page = (double)(1ul << run->page_shift) / 1048576;
	struct value sum = { 0 }, v;
	unsigned int zone;

	if (series == UNUSABLE)
		return scaled(kmr_lane(&run->free, kmr_free_lane(run, c->zone, KMR_FREE_UNUSABLE,
								 run->pageblock_order)) +
				      column,
			      0.001);
	if (series == SLABS)
		return scaled(
			kmr_lane(&run->caches, KMR_PLOT_TOP * KMR_CACHE_SERIES + KMR_CACHE_HELD) +
				column,
			1.0 / 1048576);
	for (zone = 0; zone < run->nr_zones; zone++) {
		v = scaled(kmr_lane(&run->zone, zone * KMR_ZONE_SERIES + KMR_ZONE_FREE) + column,
			   page);
		sum.low += v.low;
		sum.high += v.high;
		sum.last += v.last;
	}
	return sum;
}

/*
 * The zone in whose index the runs are farthest apart, at the end of each quarter; runs on unlike
 * machines have only the first zones in common.
 */
static unsigned int choose_zone(const struct kmr_plot_set *set, unsigned int nr)
{
	unsigned int zones = set->runs[0]->nr_zones, zone, i, quarter, best = 0;
	int64_t apart, most = -1, low, high, v;

	for (i = 1; i < nr; i++)
		if (set->runs[i]->nr_zones < zones)
			zones = set->runs[i]->nr_zones;
	for (zone = 0; zone < zones; zone++) {
		apart = 0;
		for (quarter = 1; quarter <= 4; quarter++) {
			low = high = -1;
			for (i = 0; i < nr; i++) {
				const struct kmr_plot_run *run = set->runs[i];

				if (!run->free.cells)
					return 0;
				v = kmr_lane(&run->free, kmr_free_lane(run, zone, KMR_FREE_UNUSABLE,
								       run->pageblock_order))
					    [(uint64_t)run->time.columns * quarter / 4 -
					     (run->time.columns * quarter >= 4)]
						    .last;
				low = low < 0 || v < low ? v : low;
				high = v > high ? v : high;
			}
			apart += high - low;
		}
		/* of equals, the larger zone */
		if (apart > most || (apart == most && set->runs[0]->zones[zone].managed >
							      set->runs[0]->zones[best].managed)) {
			most = apart;
			best = zone;
		}
	}
	return best;
}

/* A block of data: a run's series over time. */
static void put_series(struct kmr_figure *f, const struct chosen *c, const struct kmr_plot_run *run,
		       enum series series)
{
	const struct kmr_lane_time *t = timeline_of(run, series);
	struct value v;
	unsigned int i;

	for (i = 0; i < t->columns; i++) {
		v = value_at(c, run, series, i);
		kmr_figure_time(f->data, t->time[i]);
		(void)fprintf(f->data, "\t%.6g\t%.6g\t%.6g\n", v.last, v.low, v.high);
	}
	if (t->columns && (double)t->time[t->columns - 1] / 1e9 > f->time_end)
		f->time_end = (double)t->time[t->columns - 1] / 1e9;
	(void)fputs(t->columns ? "\n\n" : "0\t0\t0\t0\n\n\n", f->data);
}

/* All series of the runs that are shown, a block each: series by series, run by run. */
static unsigned int put_all(struct kmr_figure *f, const struct chosen *c)
{
	const struct kmr_plot_run *first = c->set->runs[0];
	char text[KMR_PLOT_TEXT];
	unsigned int series, i, nr = 0;
	static const char *const names[] = { "free", "unusable", "slabs" };

	for (series = 0; series < NR_SERIES; series++) {
		for (i = 0; i < c->nr && has_series(c->set->runs[i], series); i++)
			;
		if (i < c->nr)
			continue;
		kmr_figure_element(f, "series", NR_SERIES, ++nr, names[series]);
		for (i = 0; i < c->nr; i++)
			put_series(f, c, c->set->runs[i], series);
	}
	kmr_figure_number(f, "nr_series", nr);
	kmr_figure_number(f, "nr_shown", c->nr);
	for (i = 0; i < c->nr; i++)
		kmr_figure_element(f, "run_label", c->nr, i + 1, c->set->runs[i]->label);
	(void)snprintf(text, sizeof(text), "node %u, zone %s", first->zones[c->zone].node,
		       first->zones[c->zone].name);
	kmr_figure_text(f, "index_zone", text);
	(void)fputs("reduced = 1\n", f->vars);
	return nr;
}

static void describe(struct kmr_figure *f, const struct chosen *c)
{
	unsigned int i;

	kmr_figure_alt(f, "Free memory at the end: ");
	for (i = 0; i < c->nr; i++) {
		const struct kmr_plot_run *run = c->set->runs[i];
		struct value v = value_at(c, run, FREE_MEMORY, run->time.columns - 1);

		kmr_figure_alt(f, "%s%s %.1f MiB", i ? ", " : "", run->label, v.last);
		if (has_series(run, SLABS) && run->object_time.columns) {
			v = value_at(c, run, SLABS, run->object_time.columns - 1);
			kmr_figure_alt(f, " (slabs %.2f MiB)", v.last);
		}
	}
	kmr_figure_alt(f, ".");
}

static int fill_runs(struct kmr_figure *f, const struct kmr_scene *s, unsigned int most)
{
	struct chosen c = { .set = s->set };

	c.nr = s->set->nr < most ? s->set->nr : most;
	if (c.nr < 2)
		return 0;
	c.zone = choose_zone(s->set, c.nr);
	if (!put_all(f, &c))
		return 0;
	describe(f, &c);
	return 1;
}

int kmr_fill_panels(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	(void)err;
	return fill_runs(f, s, MAX_SHOWN);
}

int kmr_fill_overlay(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	(void)err;
	return fill_runs(f, s, 2);
}
