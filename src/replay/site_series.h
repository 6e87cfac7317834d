/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live objects by call site, over the samples of a run.  Which sites will have had most is known at
 * the end only, so that the series of every site is kept: what changed since the sample before.
 * That is at most an entry of 16 bytes an object event, and an event on the tape takes more.
 */
#ifndef KMREPLAY_REPLAY_SITE_SERIES_H
#define KMREPLAY_REPLAY_SITE_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/objects.h"

struct kmr_site_now {
	uint64_t requested; /* bytes asked for by its objects in use */
	uint32_t live; /* objects in use */
};

/* As of the last sample. */
struct kmr_site_then {
	uint64_t requested, peak; /* bytes */
	uint32_t live;
};

struct kmr_site_change {
	uint64_t requested;
	uint32_t live;
	uint32_t site;
};

struct kmr_site_series {
	struct kmr_site_now *now; /* by site */
	struct kmr_site_then *then; /* likewise */
	size_t nr_sites;
	struct kmr_site_change *changes;
	size_t nr_changes, cap_changes;
	size_t *ends; /* by sample: where its changes end */
	size_t nr_samples, max_samples;
};

/* For up to @max_samples samples; kmr_site_series_free() in either case.  -1: no memory. */
int kmr_site_series_init(struct kmr_site_series *s, size_t max_samples);
void kmr_site_series_free(struct kmr_site_series *s);

/* Makes room for site number @site, which then may be counted.  -1: no memory. */
int kmr_site_series_room(struct kmr_site_series *s, uint32_t site);

static inline void kmr_site_alloc(struct kmr_site_series *s, uint32_t site, uint32_t bytes)
{
	s->now[site].live++;
	s->now[site].requested += bytes;
}

static inline void kmr_site_free(struct kmr_site_series *s, uint32_t site, uint32_t bytes)
{
	s->now[site].live--;
	s->now[site].requested -= bytes;
}

/* Takes a sample.  -1: no memory, or no room for more. */
int kmr_site_series_sample(struct kmr_site_series *s);
/* Drops every other sample, the second one first. */
void kmr_site_series_thin(struct kmr_site_series *s);

/*
 * The sites that had most bytes at any sample, at most @max: by that, most first, then by name.
 * Returns how many there are.
 */
unsigned int kmr_site_series_top(const struct kmr_site_series *s, uint32_t *sites, unsigned int max,
				 const char *(*name)(const void *ctx, uint32_t site),
				 const void *ctx);

/*
 * What @nr sites had at each sample, where it changed: by sample, then in the order of @sites.
 * ->site is left to the caller, ->rank says which it is.  The caller frees *rows.  -1: no memory.
 */
int kmr_site_series_rows(const struct kmr_site_series *s, const uint32_t *sites, unsigned int nr,
			 struct kmr_site_sample **rows, size_t *nr_rows);

#endif
