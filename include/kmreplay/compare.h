/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compare: one trace through several combinations of page, object and vmap backends.  The trace is decoded
 * once; the runs go on side by side, and into one store, in the order of their combinations.
 */
#ifndef KMREPLAY_COMPARE_H
#define KMREPLAY_COMPARE_H

#include "kmreplay/error.h"
#include "kmreplay/replay.h"

#define KMR_COMPARE_MAX 64 /* combinations */

struct kmr_compare_options {
	struct kmr_replay_options replay; /* ->page, ->object and ->vmap are not looked at */
	/* specifications, as kmr_page_backend_parse() takes them; NULL: that of the machine's kernel */
	const char *const *pages;
	unsigned int nr_pages;
	const char *const *objects; /* the same for objects; "none" is one */
	unsigned int nr_objects;
	const char *const
		*vmaps; /* the same for addresses; none at all: as kmr_replay_options' NULL */
	unsigned int nr_vmaps;
	void *const *sampled_ctxs; /* one a run, for replay.sampled; NULL: replay.sampled_ctx */
	unsigned int jobs; /* runs at the same time; 0: as many as there are CPUs */
};

/* The backends of one run. */
struct kmr_combination {
	const char *page, *object;
	const char *vmap; /* NULL: as in struct kmr_replay_options */
};

unsigned int kmr_compare_combinations(const struct kmr_compare_options *options);
/* The run number @i, from 0: vmap backends run fastest, then object backends. */
struct kmr_combination kmr_compare_combination(const struct kmr_compare_options *options,
					       unsigned int i);

/*
 * Fills as many results as there are combinations, and gives them their digests, which do not depend
 * on the jobs.  0, or -1 with a message, no store written and the results freed;
 * otherwise each is the caller's to kmr_replay_result_free().
 */
int kmr_compare(const struct kmr_compare_options *options, struct kmr_replay_result *results,
		struct kmr_error *err);

#endif
