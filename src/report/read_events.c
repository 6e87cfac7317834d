// SPDX-License-Identifier: GPL-2.0-only
/* Samples and their times, fallbacks, counters: what has rows a run, not a zone. */
#include <stdlib.h>
#include <string.h>

#include "metrics/query.h"
#include "report/plot_query.h"

#define MAX_COUNTERS 256

/* ---- samples ---- */

struct time_scan {
	struct kmr_plot_run *run;
	struct kmr_lane_time *time;
};

static int take_sample(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	const struct time_scan *scan = ctx;
	uint64_t time = kmr_query_count(row, 1), begin = scan->run->first_time;

	if (kmr_query_count(row, 0) != scan->time->nr_samples)
		return kmr_plot_damaged(scan->run, "a sample is missing", err);
	/* the first sample is taken before the first event and may not know its time */
	if (kmr_lane_time_add(scan->time, time > begin ? time - begin : 0))
		return kmr_fail_nomem(err, "the times of samples");
	return 0;
}

static int read_times(struct kmr_plot_run *run, struct kmr_lane_time *time, const char *sql,
		      struct kmr_error *err)
{
	struct time_scan scan = { run, time };

	if (kmr_plot_query(run, sql, take_sample, &scan, err))
		return -1;
	return kmr_lane_time_close(time) ? kmr_fail_nomem(err, "the times of samples") : 0;
}

int kmr_plot_read_samples(struct kmr_plot_run *run, struct kmr_error *err)
{
	return read_times(run, &run->time,
			  "SELECT sample, time FROM sample WHERE run = ?1 ORDER BY sample", err);
}

int kmr_plot_read_object_samples(struct kmr_plot_run *run, struct kmr_error *err)
{
	return read_times(run, &run->object_time,
			  "SELECT sample, time FROM object_sample WHERE run = ?1 ORDER BY sample",
			  err);
}

/* ---- fallbacks ---- */

static enum kmr_extfrag_class classify(uint64_t wanted, bool fragmenting)
{
	if (!fragmenting)
		return KMR_EXTFRAG_WHOLE;
	return wanted == KMR_MIGRATE_MOVABLE ? KMR_EXTFRAG_MOVABLE : KMR_EXTFRAG_UNMOVABLE;
}

struct extfrag_scan {
	struct kmr_plot_run *run;
	size_t column;
};

static int take_extfrag(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct extfrag_scan *scan = ctx;
	struct kmr_plot_run *run = scan->run;
	const struct kmr_lane_time *t = &run->time;
	uint64_t time = kmr_query_count(row, 0), wanted = kmr_query_count(row, 1);
	uint64_t taken = kmr_query_count(row, 2);
	bool fragmenting = kmr_query_count(row, 3);
	struct kmr_lane_cell *cells;

	if (wanted >= KMR_MIGRATE_TYPES || taken >= KMR_MIGRATE_TYPES)
		return kmr_plot_damaged(run, "a fallback of no migrate type", err);
	run->nr_extfrag++;
	run->extfrag_matrix[wanted][taken].steals++;
	run->extfrag_matrix[wanted][taken].fragmenting += fragmenting;
	if (!t->columns)
		return 0;
	time = time > run->first_time ? time - run->first_time : 0;
	while (scan->column + 1 < t->columns && t->time[scan->column] < time)
		scan->column++;
	cells = run->extfrag.cells + (size_t)classify(wanted, fragmenting) * t->columns;
	cells[scan->column].last++;
	return 0;
}

int kmr_plot_read_extfrag(struct kmr_plot_run *run, struct kmr_error *err)
{
	struct extfrag_scan scan = { run, 0 };

	if (kmr_lanes_init(&run->extfrag, &run->time, KMR_EXTFRAG_CLASSES))
		return kmr_fail_nomem(err, "a run's fallbacks");
	return kmr_plot_query(run,
			      "SELECT time, migratetype, fallback_migratetype, fragmenting"
			      " FROM extfrag WHERE run = ?1 ORDER BY seq",
			      take_extfrag, &scan, err);
}

/* ---- counters ---- */

static int take_name(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct kmr_plot_names *names = ctx;

	(void)err;
	if (names->nr < MAX_COUNTERS)
		kmr_plot_text(row, 0, names->name[names->nr++], KMR_PLOT_NAME);
	return 0;
}

struct counter_scan {
	struct kmr_plot_run *run;
	unsigned int last; /* name found last; rows come in the order of names */
};

static int take_counter(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct counter_scan *scan = ctx;
	struct kmr_plot_run *run = scan->run;
	const char *name = (const char *)sqlite3_column_text(row, 1);
	uint64_t sample = kmr_query_count(row, 0);
	unsigned int i, n;

	if (sample >= run->time.nr_samples)
		return kmr_plot_damaged(run, "a counter of no sample", err);
	for (i = 1; name && i <= run->counter_names.nr; i++) {
		n = (scan->last + i) % run->counter_names.nr;
		if (strcmp(run->counter_names.name[n], name))
			continue;
		scan->last = n;
		kmr_lanes_put(&run->counters, n, sample, sqlite3_column_int64(row, 2));
		break;
	}
	return 0;
}

int kmr_plot_read_counters(struct kmr_plot_run *run, struct kmr_error *err)
{
	struct counter_scan scan = { run, 0 };

	run->counter_names.name = calloc(MAX_COUNTERS, sizeof(*run->counter_names.name));
	if (!run->counter_names.name)
		return kmr_fail_nomem(err, "names of counters");
	/* the first sample has a row of every counter that is not 0, the last rows the rest */
	if (kmr_plot_query(run,
			   "SELECT DISTINCT name FROM sample_counter WHERE run = ?1 ORDER BY name",
			   take_name, &run->counter_names, err))
		return -1;
	if (!run->counter_names.nr)
		return 0;
	if (kmr_lanes_init(&run->counters, &run->time, run->counter_names.nr))
		return kmr_fail_nomem(err, "a run's counters");
	if (kmr_plot_query(run,
			   "SELECT sample, name, value FROM sample_counter WHERE run = ?1"
			   " ORDER BY sample, name",
			   take_counter, &scan, err))
		return -1;
	kmr_lanes_finish(&run->counters);
	return 0;
}
