// SPDX-License-Identifier: GPL-2.0-only
/*
 * The map of frames over time.  A column shows of each strip what was farthest from the column
 * before, so that what came and went between two columns is seen.
 */
#include <stdlib.h>
#include <string.h>

#include "metrics/query.h"
#include "report/plot_query.h"

struct strip_state {
	struct kmr_map_cell now, shown; /* at the moment, in the column before */
	struct kmr_map_cell far; /* of this column's, the farthest from @shown */
};

struct strip_scan {
	struct kmr_plot_run *run;
	struct strip_state *strips;
	unsigned int column; /* of the map */
};

static unsigned int distance(const struct kmr_map_cell *a, const struct kmr_map_cell *b)
{
	return (unsigned int)abs((int)a->used - (int)b->used) +
	       (unsigned int)abs((int)a->unmovable - (int)b->unmovable) + (a->type != b->type);
}

/* Ends columns up to @column, exclusively. */
static void end_columns(struct strip_scan *scan, unsigned int column)
{
	struct kmr_plot_map *map = &scan->run->map;
	struct strip_state *s;
	unsigned int i;

	for (; scan->column < column; scan->column++)
		for (i = 0; i < map->rows; i++) {
			s = &scan->strips[i];
			map->cells[(size_t)scan->column * map->rows + i] = s->far;
			s->shown = s->far;
			s->far = s->now;
		}
}

static int take_strip(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct kmr_plot_run *run = ctx;
	struct kmr_plot_map *map = &run->map;

	if (map->rows == KMR_MAP_ROWS || kmr_query_count(row, 0) != map->rows ||
	    kmr_query_count(row, 1) >= run->nr_zones || !kmr_query_count(row, 3))
		return kmr_plot_damaged(run, "a strip of frames has no place", err);
	map->strips[map->rows].zone = (unsigned int)kmr_query_count(row, 1);
	map->strips[map->rows].start_pfn = kmr_query_count(row, 2);
	map->strips[map->rows++].pages = kmr_query_count(row, 3);
	return 0;
}

/* Columns of the map are of equal time. */
static unsigned int map_column(const struct kmr_plot_run *run, size_t sample)
{
	const struct kmr_lane_time *t = &run->time;
	const double end = (double)t->time[t->columns - 1] + 1;

	return (unsigned int)((double)t->time[t->column[sample]] / end * run->map.columns);
}

static uint16_t thousandths(uint64_t part, uint64_t whole)
{
	return part >= whole ? 1000 : (uint16_t)((double)part * 1000 / (double)whole);
}

static int take_strip_sample(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct strip_scan *scan = ctx;
	struct kmr_plot_run *run = scan->run;
	uint64_t sample = kmr_query_count(row, 0), number = kmr_query_count(row, 1);
	uint64_t free_pages = kmr_query_count(row, 2), movable = kmr_query_count(row, 3);
	uint64_t unmovable = kmr_query_count(row, 4), all = free_pages + movable + unmovable;
	struct strip_state *s;

	if (sample >= run->time.nr_samples || number >= run->map.rows ||
	    kmr_query_count(row, 5) >= KMR_MIGRATE_TYPES)
		return kmr_plot_damaged(run, "frames of no sample, strip or type", err);
	end_columns(scan, map_column(run, (size_t)sample));
	s = &scan->strips[number];
	s->now.used = all ? thousandths(movable + unmovable, all) : 0;
	s->now.unmovable = all ? thousandths(unmovable, all) : 0;
	s->now.type = (uint8_t)kmr_query_count(row, 5);
	if (!sample || distance(&s->now, &s->shown) > distance(&s->far, &s->shown))
		s->far = s->now;
	return 0;
}

static int scan_strips(struct strip_scan *scan, struct kmr_error *err)
{
	struct kmr_plot_run *run = scan->run;
	struct kmr_plot_map *map = &run->map;

	map->columns = KMR_MAP_COLUMNS;
	map->cells = calloc((size_t)map->rows * map->columns, sizeof(*map->cells));
	scan->strips = calloc(map->rows, sizeof(*scan->strips));
	if (!map->cells || !scan->strips)
		return kmr_fail_nomem(err, "the map of frames");
	if (kmr_plot_query(run,
			   "SELECT sample, strip, free, movable, unmovable, migratetype"
			   " FROM strip_sample WHERE run = ?1 ORDER BY sample, strip",
			   take_strip_sample, scan, err))
		return -1;
	end_columns(scan, map->columns);
	return 0;
}

int kmr_plot_read_strips(struct kmr_plot_run *run, struct kmr_error *err)
{
	struct strip_scan scan = { .run = run };
	int ret;

	run->map.strips = calloc(KMR_MAP_ROWS, sizeof(*run->map.strips));
	if (!run->map.strips)
		return kmr_fail_nomem(err, "the map of frames");
	if (kmr_plot_query(run,
			   "SELECT strip, zone, start_pfn, pages FROM strip WHERE run = ?1"
			   " ORDER BY strip",
			   take_strip, run, err))
		return -1;
	if (!run->map.rows || !run->time.columns)
		return 0;
	ret = scan_strips(&scan, err);
	free(scan.strips);
	return ret;
}
