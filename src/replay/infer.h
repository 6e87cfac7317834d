/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a trace once to learn what it says about the machine and its state at the start: a frame
 * that is freed before it is allocated was in use, one that is allocated or refilled first was
 * free.
 */
#ifndef KMREPLAY_REPLAY_INFER_H
#define KMREPLAY_REPLAY_INFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/machine.h"
#include "kmreplay/page.h"
#include "kmreplay/replay.h"
#include "kmreplay/source.h"

/* Frames up to 256 GiB of 4 KiB are learned about; more is the trace's loss. */
#define KMR_INFER_MAX_PFN (UINT64_C(1) << 26)

struct kmr_inferred {
	struct kmr_trace_info trace;
	uint8_t *first; /* by frame: enum kmr_first_seen */
	uint64_t nr_frames;
	uint64_t used, free; /* frames known to be */
};

enum kmr_first_seen {
	KMR_SEEN_NOT,
	KMR_SEEN_USED,
	KMR_SEEN_FREE
};

/* Of @o only `strict` and `progress` count.  0 or -1; kmr_inferred_free() in either case. */
int kmr_infer(struct kmr_inferred *in, const char *trace, const struct kmr_replay_options *o,
	      struct kmr_error *err);
void kmr_inferred_free(struct kmr_inferred *in);

/* A preset's name that fits what was learned: "i386:ram=1280M,cpus=1". */
void kmr_infer_preset(const struct kmr_inferred *in, char *spec, size_t size);

/* Frees the frames of @b that were free at the start, by what was learned. */
void kmr_infer_seed(const struct kmr_inferred *in, const struct kmr_machine *m,
		    const struct kmr_page_ops *ops, struct kmr_page_backend *b);

#endif
