/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What figures are drawn from: the facts of a run for titles and captions, and one zone's samples
 * over time, read out of the database.
 */
#ifndef REPORT_PLOT_DATA_H
#define REPORT_PLOT_DATA_H

#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"
#include "kmreplay/machine.h"
#include "kmreplay/store.h"

#define KMR_PLOT_TEXT 128

struct kmr_plot_run {
	sqlite3_int64 run;
	char backend[KMR_PLOT_TEXT];
	char start[KMR_PLOT_TEXT];
	char arch[KMR_PLOT_TEXT];
	char digest[KMR_DIGEST_SIZE];
	char migratetype[KMR_MIGRATE_TYPES][KMR_PLOT_TEXT];
	uint64_t first_time; /* ns */
	uint64_t ram_pages;
	unsigned int page_shift;
	unsigned int nr_orders;
	unsigned int nr_cpus;
	unsigned int nr_nodes;
	unsigned int nr_zones;
	size_t nr_samples;
};

struct kmr_plot_sample {
	uint64_t time; /* ns since the run's first event */
	uint64_t free_pages;
	uint64_t wmark_min, wmark_low, wmark_high; /* pages */
	uint64_t free[KMR_MAX_ORDERS][KMR_MIGRATE_TYPES]; /* blocks */
};

struct kmr_plot_zone {
	unsigned int node;
	char name[KMR_PLOT_TEXT];
	uint64_t managed; /* pages */
	struct kmr_plot_sample *samples; /* run->nr_samples */
};

/* Reads the last run of the database; @path is for messages. */
int kmr_plot_load_run(sqlite3 *db, const char *path, struct kmr_plot_run *run,
		      struct kmr_error *err);

/* Reads zone number @zone; free with kmr_plot_free_zone(), also after a failure. */
int kmr_plot_load_zone(sqlite3 *db, const char *path, const struct kmr_plot_run *run,
		       unsigned int zone, struct kmr_plot_zone *data, struct kmr_error *err);
void kmr_plot_free_zone(struct kmr_plot_zone *data);

#endif
