/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What interrupts freed.  An interrupt that finds the per-CPU lists held by what it interrupted
 * frees to the free lists (pcplock.h has the cases that can be foreseen); where the kernel then
 * passes over such a frame, that is why.
 */
#ifndef KMREPLAY_REPLAY_INTERRUPTS_H
#define KMREPLAY_REPLAY_INTERRUPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/event.h"
#include "kmreplay/machine.h"
#include "kmreplay/page.h"
#include "kmreplay/snapshot.h"
#include "replay/tape.h"

#define KMR_MAX_BURST 64

/* Frames that interrupts freed since the last event of the task they interrupted. */
struct kmr_burst {
	uint32_t pfns[KMR_MAX_BURST];
	unsigned int count;
};

struct kmr_interrupts {
	uint64_t *freed; /* bit a frame: an interrupt was the last to free it */
	uint64_t nr_frames;
	struct kmr_burst *bursts; /* by CPU */
	unsigned int nr_cpus;
};

/* -1: no memory; kmr_interrupts_free() in either case. */
int kmr_interrupts_init(struct kmr_interrupts *in, const struct kmr_machine *m);
void kmr_interrupts_free(struct kmr_interrupts *in);

void kmr_interrupts_note_free(struct kmr_interrupts *in, const struct kmr_event *ev);
/* An event of a task: the interrupts before it are over. */
void kmr_interrupts_over(struct kmr_interrupts *in, const struct kmr_event *ev);

/*
 * An interrupt freed @pfn, and not one that came just before @ev: then the request that @ev
 * reports may have taken its frame before, and the freed one is where it belongs.  False for the
 * requests of interrupts: what they interrupted may have taken the frame.
 */
bool kmr_interrupts_freed(const struct kmr_interrupts *in, const struct kmr_event *ev,
			  kmr_pfn_t pfn);

/*
 * Marks the frees of interrupts in a tape with where the page went, as far as what comes later
 * tells: a frame that leaves the free lists (mm_page_alloc_zone_locked) and was drained by nobody
 * can't have been on a per-CPU list; one that is drained was.  That a request got the frame tells
 * nothing here: that is what the model has to find by itself.  What has no event until the marker
 * of @end (NULL: none) is where that state has it.  -1: no memory.
 */
int kmr_interrupts_look_ahead(struct kmr_tape *tape, const struct kmr_machine *m,
			      const struct kmr_snapshot *end);

#endif
