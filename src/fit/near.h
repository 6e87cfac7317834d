/* SPDX-License-Identifier: GPL-2.0-only */
/* How near the replay of a model comes to that of its trace. */
#ifndef KMR_FIT_NEAR_H
#define KMR_FIT_NEAR_H

#include "kmreplay/fit.h"
#include "kmreplay/replay.h"

/* What a run was like over time: its samples, without what is not compared. */
struct fit_track {
	unsigned int nr_zones, nr_orders;
	uint64_t *times; /* ns */
	uint32_t *blocks; /* [sample][zone][order]: free */
	uint64_t *listed; /* [sample][zone]: pages on per-CPU lists */
	size_t nr, cap;
	struct kmr_zone_state *first; /* of the first sample, by zone */
};

/* For kmr_replay_options.sampled; @ctx is the track, whose nr_orders is set. */
int fit_track_sample(void *ctx, const struct kmr_sample *sample, struct kmr_error *err);
void fit_track_fini(struct fit_track *track);

/* One of the two runs, over its part that is compared. */
struct fit_side {
	const struct fit_track *track;
	const struct kmr_replay_result *result;
	uint64_t begin, end; /* ns on its own clock */
	uint64_t object_allocs, object_frees; /* before the begin, but counted */
};

/*
 * Fills near->figures, which fit_near_fini() frees: each at the end, and on the average over the
 * time that is compared.  -1: out of memory.
 */
int fit_near_make(struct kmr_fit_near *near, const struct fit_side *trace,
		  const struct fit_side *model, struct kmr_error *err);
void fit_near_fini(struct kmr_fit_near *near);

#endif
