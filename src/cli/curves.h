/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of free memory over the time of a run, as lines of text. */
#ifndef KMREPLAY_CLI_CURVES_H
#define KMREPLAY_CLI_CURVES_H

#include "kmreplay/replay.h"
#include "report/spark.h"

struct kmr_curve {
	struct kmr_point *points; /* x: ns since the run began */
	size_t nr, cap;
};

/* Of one run; all 0 but for the result. */
struct kmr_curves {
	const struct kmr_replay_result *r; /* of the run that is going on */
	/* by zone: pages free, per-CPU lists and all; the unusable index, thousandths */
	struct kmr_curve free[KMR_MAX_ZONES], unusable[KMR_MAX_ZONES];
	struct kmr_curve all_free, all_unusable; /* all zones together */
};

/* For kmr_replay_options.sampled; @ctx is a struct kmr_curves. */
int kmr_curves_sample(void *ctx, const struct kmr_sample *sample, struct kmr_error *err);

/* A run by its zones: free pages, memory that no huge page comes out of, failures if any. */
int kmr_curves_text(const struct kmr_curves *curves);

/* @nr runs below each other on the same scale; @titles tell them apart. */
int kmr_curves_compare(const struct kmr_curves *curves, const char *const *titles, unsigned int nr);

void kmr_curves_free(struct kmr_curves *curves);

#endif
