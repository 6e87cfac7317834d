/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When something happened that nobody knows the end of: counts in equal steps of time, which double
 * when the time has run past the last of them.  What is counted where depends on the times alone.
 */
#ifndef KMREPLAY_TIMELINE_H
#define KMREPLAY_TIMELINE_H

#include <stdint.h>

#define KMR_TIMELINE_STEPS 64u

/* All 0: nothing has happened yet. */
struct kmr_timeline {
	uint64_t first; /* ns: where the first step begins, the first time that was counted */
	uint64_t step; /* ns, a power of two; 0: nothing has happened */
	uint64_t count[KMR_TIMELINE_STEPS];
};

/* What is before the first counts for the first step. */
void kmr_timeline_add(struct kmr_timeline *t, uint64_t time);

#endif
