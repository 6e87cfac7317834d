/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many live objects begin in each traced frame, so that a page that goes back is searched for
 * objects only when there are some.  4 bytes a frame, in chunks that appear when they are needed.
 */
#ifndef KMREPLAY_REPLAY_LIVECOUNT_H
#define KMREPLAY_REPLAY_LIVECOUNT_H

#include <stdint.h>

/* All zeroes counts nothing yet. */
struct kmr_livecount {
	uint32_t **chunks; /* by frame */
	uint64_t end; /* chunks from here on were never made */
};

void kmr_livecount_free(struct kmr_livecount *lc);

/* One more in @frame; frames from 2^32 on are not counted.  -1: no memory. */
int kmr_livecount_add(struct kmr_livecount *lc, uint64_t frame);

/* One less: it was added. */
void kmr_livecount_sub(struct kmr_livecount *lc, uint64_t frame);

uint32_t kmr_livecount_get(const struct kmr_livecount *lc, uint64_t frame);

#endif
