// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a run back.  The file may have been changed by other hands, so every number that is used
 * as an index is checked.
 */
#include "report/plot_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/db.h"

static int fail_shape(const char *path, const char *what, struct kmr_error *err)
{
	return kmr_fail(err, "%s: the database is damaged: %s", path, what);
}

static uint64_t number(sqlite3_stmt *row, int column)
{
	sqlite3_int64 value = sqlite3_column_int64(row, column);

	return value < 0 ? 0 : (uint64_t)value;
}

static void text(sqlite3_stmt *row, int column, char *to, size_t size)
{
	const unsigned char *from = sqlite3_column_text(row, column);

	(void)snprintf(to, size, "%s", from ? (const char *)from : "");
}

/* A query of one run (?1) and zone (?2), at its first row: 1, at its end: 0, failed: -1. */
static int query(sqlite3 *db, const char *path, const char *sql, sqlite3_int64 run,
		 unsigned int zone, sqlite3_stmt **row, struct kmr_error *err)
{
	int rc = sqlite3_prepare_v2(db, sql, -1, row, NULL);

	if (rc)
		return kmr_db_fail(db, path, err);
	(void)sqlite3_bind_int64(*row, 1, run);
	if (sqlite3_bind_parameter_count(*row) > 1)
		(void)sqlite3_bind_int64(*row, 2, zone);
	rc = sqlite3_step(*row);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	kmr_db_fail(db, path, err);
	(void)sqlite3_finalize(*row);
	*row = NULL;
	return -1;
}

/* The next row: 1, the end: 0, failed: -1. */
static int next(sqlite3 *db, const char *path, sqlite3_stmt *row, struct kmr_error *err)
{
	int rc = sqlite3_step(row);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : kmr_db_fail(db, path, err);
}

static int load_migratetypes(sqlite3 *db, const char *path, struct kmr_plot_run *run,
			     struct kmr_error *err)
{
	sqlite3_stmt *row;
	int ret = query(db, path, "SELECT migratetype, name FROM migratetype WHERE ?1", 1, 0, &row,
			err);

	for (; ret > 0; ret = next(db, path, row, err)) {
		if (number(row, 0) < KMR_MIGRATE_TYPES)
			text(row, 1, run->migratetype[number(row, 0)], KMR_PLOT_TEXT);
	}
	(void)sqlite3_finalize(row);
	return ret;
}

static const char run_query[] =
	"SELECT r.run, r.backend, r.start, r.first_time, d.digest, m.arch, m.ram_pages,"
	"	m.page_shift, m.nr_orders,"
	"	(SELECT count(*) FROM cpu c WHERE c.run = r.run),"
	"	(SELECT count(*) FROM node n WHERE n.run = r.run),"
	"	(SELECT count(*) FROM zone z WHERE z.run = r.run),"
	"	(SELECT count(*) FROM sample s WHERE s.run = r.run),"
	"	(SELECT count(*) FROM sample_zone s WHERE s.run = r.run)"
	" FROM run r JOIN machine m USING (run) JOIN digest d USING (run)"
	" WHERE ?1 ORDER BY r.run DESC LIMIT 1";

static int take_run(sqlite3_stmt *row, const char *path, struct kmr_plot_run *run,
		    struct kmr_error *err)
{
	run->run = sqlite3_column_int64(row, 0);
	text(row, 1, run->backend, sizeof(run->backend));
	text(row, 2, run->start, sizeof(run->start));
	run->first_time = number(row, 3);
	text(row, 4, run->digest, sizeof(run->digest));
	text(row, 5, run->arch, sizeof(run->arch));
	run->ram_pages = number(row, 6);
	run->page_shift = (unsigned int)number(row, 7);
	run->nr_orders = (unsigned int)number(row, 8);
	run->nr_cpus = (unsigned int)number(row, 9);
	run->nr_nodes = (unsigned int)number(row, 10);
	run->nr_zones = (unsigned int)number(row, 11);
	run->nr_samples = (size_t)number(row, 12);
	if (run->page_shift < 10 || run->page_shift > 20)
		return fail_shape(path, "page size out of range", err);
	if (run->nr_orders < 1 || run->nr_orders > KMR_MAX_ORDERS)
		return fail_shape(path, "number of orders out of range", err);
	if (run->nr_zones < 1 || run->nr_zones > KMR_MAX_ZONES)
		return fail_shape(path, "number of zones out of range", err);
	if (!run->nr_samples)
		return kmr_fail(err, "%s: the run has no samples, nothing to plot", path);
	if (number(row, 13) != (uint64_t)run->nr_samples * run->nr_zones)
		return fail_shape(path, "samples without their zones", err);
	return 0;
}

int kmr_plot_load_run(sqlite3 *db, const char *path, struct kmr_plot_run *run,
		      struct kmr_error *err)
{
	sqlite3_stmt *row;
	int ret;

	memset(run, 0, sizeof(*run));
	ret = query(db, path, run_query, 1, 0, &row, err);
	if (ret < 0)
		return -1;
	if (!ret)
		ret = kmr_fail(err, "%s: there is no run in it", path);
	else
		ret = take_run(row, path, run, err);
	(void)sqlite3_finalize(row);
	return ret ? ret : load_migratetypes(db, path, run, err);
}

static int load_zone_facts(sqlite3 *db, const char *path, const struct kmr_plot_run *run,
			   unsigned int zone, struct kmr_plot_zone *data, struct kmr_error *err)
{
	sqlite3_stmt *row;
	int ret =
		query(db, path, "SELECT node, name, managed FROM zone WHERE run = ?1 AND zone = ?2",
		      run->run, zone, &row, err);

	if (ret > 0) {
		data->node = (unsigned int)number(row, 0);
		text(row, 1, data->name, sizeof(data->name));
		data->managed = number(row, 2);
	} else if (!ret) {
		ret = fail_shape(path, "a zone is missing", err);
	}
	(void)sqlite3_finalize(row);
	return ret < 0 ? -1 : 0;
}

static int load_samples(sqlite3 *db, const char *path, const struct kmr_plot_run *run,
			unsigned int zone, struct kmr_plot_zone *data, struct kmr_error *err)
{
	static const char sql[] =
		"SELECT s.time, z.free_pages, z.wmark_min, z.wmark_low, z.wmark_high"
		" FROM sample s JOIN sample_zone z USING (run, sample)"
		" WHERE s.run = ?1 AND z.zone = ?2 ORDER BY s.sample";
	struct kmr_plot_sample *s = data->samples;
	sqlite3_stmt *row;
	int ret = query(db, path, sql, run->run, zone, &row, err);

	for (; ret > 0; ret = next(db, path, row, err), s++) {
		if (s == data->samples + run->nr_samples)
			break;
		/* the first sample is taken before the first event and may not know its time */
		s->time = number(row, 0) > run->first_time ? number(row, 0) - run->first_time : 0;
		s->free_pages = number(row, 1);
		s->wmark_min = number(row, 2);
		s->wmark_low = number(row, 3);
		s->wmark_high = number(row, 4);
	}
	(void)sqlite3_finalize(row);
	if (ret >= 0 && s != data->samples + run->nr_samples)
		ret = fail_shape(path, "a zone lacks samples", err);
	return ret < 0 ? -1 : 0;
}

static int load_free(sqlite3 *db, const char *path, const struct kmr_plot_run *run,
		     unsigned int zone, struct kmr_plot_zone *data, struct kmr_error *err)
{
	static const char sql[] = "SELECT sample, page_order, migratetype, blocks FROM sample_free"
				  " WHERE run = ?1 AND zone = ?2";
	sqlite3_stmt *row;
	int ret = query(db, path, sql, run->run, zone, &row, err);

	for (; ret > 0; ret = next(db, path, row, err)) {
		uint64_t sample = number(row, 0), order = number(row, 1), type = number(row, 2);

		if (sample >= run->nr_samples || order >= run->nr_orders ||
		    type >= KMR_MIGRATE_TYPES) {
			ret = fail_shape(path, "a free list of no sample, order or type", err);
			break;
		}
		data->samples[sample].free[order][type] = number(row, 3);
	}
	(void)sqlite3_finalize(row);
	return ret;
}

int kmr_plot_load_zone(sqlite3 *db, const char *path, const struct kmr_plot_run *run,
		       unsigned int zone, struct kmr_plot_zone *data, struct kmr_error *err)
{
	memset(data, 0, sizeof(*data));
	data->samples = calloc(run->nr_samples, sizeof(*data->samples));
	if (!data->samples)
		return kmr_fail_nomem(err, "a zone's samples");
	if (load_zone_facts(db, path, run, zone, data, err) ||
	    load_samples(db, path, run, zone, data, err) ||
	    load_free(db, path, run, zone, data, err))
		return -1;
	return 0;
}

void kmr_plot_free_zone(struct kmr_plot_zone *data)
{
	free(data->samples);
	data->samples = NULL;
}
