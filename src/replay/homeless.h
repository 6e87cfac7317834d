/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames with content that the traced kernel's compaction moved to where no event says: no traced
 * frame stands for them any more.  They are found again in the order in which they were moved.
 */
#ifndef KMREPLAY_REPLAY_HOMELESS_H
#define KMREPLAY_REPLAY_HOMELESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "kmreplay/page.h"

#define KMR_MAX_HOMELESS 65536u /* a power of two; of more, the oldest is forgotten */

struct kmr_homeless {
	kmr_pfn_t *frames; /* a ring */
	uint32_t first, count;
};

/* -1: no memory; free ->frames in either case. */
static inline int kmr_homeless_init(struct kmr_homeless *h)
{
	h->frames = calloc(KMR_MAX_HOMELESS, sizeof(*h->frames));
	return h->frames ? 0 : -1;
}

static inline void kmr_homeless_push(struct kmr_homeless *h, kmr_pfn_t pfn)
{
	h->frames[(h->first + h->count) % KMR_MAX_HOMELESS] = pfn;
	if (h->count < KMR_MAX_HOMELESS)
		h->count++;
	else
		h->first++;
}

/* The oldest; KMR_NO_PFN: there is none. */
static inline kmr_pfn_t kmr_homeless_pop(struct kmr_homeless *h)
{
	if (!h->count)
		return KMR_NO_PFN;
	h->count--;
	return h->frames[h->first++ % KMR_MAX_HOMELESS];
}

#endif
