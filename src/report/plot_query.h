/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queries of one run.  The file may have been changed by other hands, so every number that is used
 * as an index is checked by who uses it.
 */
#ifndef REPORT_PLOT_QUERY_H
#define REPORT_PLOT_QUERY_H

#include "report/plot_data.h"

/* A row; -1 with a message: stop. */
typedef int (*kmr_plot_row)(void *ctx, sqlite3_stmt *row, struct kmr_error *err);

/* Calls @fn for each row of @sql, whose ?1 is the run. */
int kmr_plot_query(const struct kmr_plot_run *run, const char *sql, kmr_plot_row fn, void *ctx,
		   struct kmr_error *err);

#define KMR_PLOT_VALUES 8

/* The numbers of a row, each at least 0; -1 with a message: stop. */
typedef int (*kmr_plot_values)(void *ctx, const uint64_t *values, struct kmr_error *err);

/*
 * Calls @fn for each of the run's rows of @table with its @columns, up to KMR_PLOT_VALUES numbers, as
 * they lie: in the order of the primary key unless the file was damaged, which @fn has to notice.
 * Rows go to an aggregate function, which takes two thirds of the time of stepping from row to row.
 */
int kmr_plot_scan(const struct kmr_plot_run *run, const char *columns, const char *table,
		  kmr_plot_values fn, void *ctx, struct kmr_error *err);

void kmr_plot_text(sqlite3_stmt *row, int column, char *to, size_t size);

/* "PATH: the database is damaged: WHAT" */
int kmr_plot_damaged(const struct kmr_plot_run *run, const char *what, struct kmr_error *err);

/* Readers of plot_load.c's, each of one need. */
int kmr_plot_read_samples(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_free(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_zone(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_pageblock(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_contig(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_blocks(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_unmovable(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_strips(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_extfrag(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_counters(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_object_samples(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_caches(struct kmr_plot_run *run, struct kmr_error *err);
int kmr_plot_read_sites(struct kmr_plot_run *run, struct kmr_error *err);

#endif
