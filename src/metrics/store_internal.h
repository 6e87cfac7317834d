/* SPDX-License-Identifier: GPL-2.0-only */
/* The store, for the files that write into it. */
#ifndef METRICS_STORE_INTERNAL_H
#define METRICS_STORE_INTERNAL_H

#include <sqlite3.h>

#include "base/outfile.h"
#include "kmreplay/store.h"
#include "metrics/rows.h"

struct kmr_store {
	struct kmr_outfile file;
	sqlite3 *db;
	struct kmr_rows rows;
	const char *path; /* as given */
	char machine[sizeof(((struct kmr_machine *)0)->name)];
	unsigned int nr_orders;
	unsigned int pageblock_order;
	unsigned int nr_zones;
	unsigned int nr_cpus;
	uint64_t nr_samples;
	uint64_t nr_extfrag;
	/* as of the sample before; nothing is written again that has not changed */
	unsigned int nr_strips;
	bool strip_known[KMR_MAX_STRIPS], strip_told[KMR_MAX_STRIPS];
	struct kmr_strip_state strips[KMR_MAX_STRIPS];
	struct kmr_sample_counts counts;
};

/* store_survey.c: rows of a sample that belong to sample number nr_samples */
void kmr_put_survey(struct kmr_store *s, const struct kmr_sample *sample);
void kmr_put_counts(struct kmr_store *s, const struct kmr_sample_counts *counts);

/* A row of table counter; @ctx: the rows. */
void kmr_put_counter(void *ctx, const char *name, uint64_t value);

/* 0, or the message for the first error of the rows so far. */
int kmr_rows_result(struct kmr_store *s, struct kmr_error *err);

#endif
