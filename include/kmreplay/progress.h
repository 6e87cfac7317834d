/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far long work is, for somebody who waits for it.  It is told once a batch of events or a
 * figure, never an event, and nothing that is stored depends on it.
 */
#ifndef KMREPLAY_PROGRESS_H
#define KMREPLAY_PROGRESS_H

#include <stdint.h>

struct kmr_progress {
	const char *doing; /* "replay", "verify": static; a change of it begins anew */
	uint64_t events; /* that were done; 0: it is not about events */
	uint64_t done, total; /* both in the same unit, whichever; total 0: not known */
	unsigned int runs_done, runs; /* of several at the same time; runs 0: there is one */
};

/* May be called by any thread, but by one at a time. */
typedef void (*kmr_progress_fn)(void *ctx, const struct kmr_progress *progress);

#endif
