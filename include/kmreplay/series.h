/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A series of samples over a run whose length is not known beforehand.  It holds at most a fixed
 * number of them: when it is full, every other one is dropped and the interval between samples
 * doubles.  So memory is bounded, the samples stay evenly spaced in events, and which ones are
 * kept depends on the number of events alone.
 */
#ifndef KMREPLAY_SERIES_H
#define KMREPLAY_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/page.h"
#include "kmreplay/store.h"

#define KMR_SERIES_DEFAULT 1024

struct kmr_series_entry; /* a packed sample */

/* Only `next` is of use outside, through kmr_series_due(). */
struct kmr_series {
	uint64_t next; /* number of events at which the next sample is due */
	uint64_t interval; /* events between samples */
	unsigned int nr_zones, nr_cpus, nr_strips;
	size_t max, count;
	struct kmr_series_entry **entries;
	uint64_t *words; /* a sample taken apart, before packing and after unpacking */
	size_t nr_words;
	uint8_t *packed; /* room for a packed sample at its largest */
};

/*
 * @nr_strips: at most KMR_MAX_STRIPS; @max_samples is a power of two from 2 up; 0:
 * KMR_SERIES_DEFAULT.
 */
int kmr_series_create(struct kmr_series **series, unsigned int nr_zones, unsigned int nr_cpus,
		      unsigned int nr_strips, size_t max_samples, struct kmr_error *err);

/* True when a sample should be added now that @events page events are replayed. */
static inline bool kmr_series_due(const struct kmr_series *series, uint64_t events)
{
	return events >= series->next;
}

/*
 * True when one of @every samples, a power of two, is to be surveyed and the one at @events is: so
 * that those that stay when the series is thinned out are among them.
 */
static inline bool kmr_series_surveys(const struct kmr_series *series, uint64_t events,
				      uint64_t every)
{
	return events / series->interval % every == 0;
}

/*
 * Adds a sample, which is copied.  It is taken even when none is due, which is how the end of a run
 * is recorded; one with the same event as the last replaces it.
 */
int kmr_series_add(struct kmr_series *series, const struct kmr_sample *sample,
		   struct kmr_error *err);

/*
 * Calls @fn with every sample in order until it fails; the sample's arrays are valid during the
 * call only.
 */
typedef int (*kmr_series_fn)(void *ctx, const struct kmr_sample *sample, struct kmr_error *err);
int kmr_series_each(struct kmr_series *series, kmr_series_fn fn, void *ctx, struct kmr_error *err);

/* Writes every sample into the store. */
int kmr_series_write(struct kmr_series *series, struct kmr_store *store, struct kmr_error *err);

/* NULL is fine. */
void kmr_series_destroy(struct kmr_series *series);

#endif
