/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compaction in a replay that follows the trace's reclaim.  What the traced kernel moved is moved
 * here, too, to frames that the simulated free scanner takes by the kernel's rules; as many as the
 * trace moves, the rest going back when its compaction ends.
 *
 * No event says where the kernel moved a page to, so its content has no traced frame from then on:
 * the first free of a frame that nobody allocated is taken for that of the page that was moved first.
 */
#ifndef KMREPLAY_REPLAY_MOVED_H
#define KMREPLAY_REPLAY_MOVED_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/event.h"
#include "kmreplay/replay.h"
#include "replay/follow.h"
#include "replay/homeless.h"

struct kmr_engine;

struct kmr_moved_replay {
	struct kmr_follow follow;
	bool on; /* the replay follows */
	bool boosts_told; /* watermarks are raised by the trace's fallbacks alone */
	uint32_t *places; /* frames taken by compaction and not yet moved to; a stack */
	uint32_t nr_places, max_places;
	struct kmr_homeless pages; /* that were moved */
	struct kmr_moved_report stats;
};

/* -1 with a message: no memory; kmr_moved_fini() in either case. */
int kmr_moved_init(struct kmr_engine *e, struct kmr_error *err);
void kmr_moved_fini(struct kmr_engine *e);

/* An event that is not about pages. */
void kmr_moved_event(struct kmr_engine *e, const struct kmr_event *ev);

/* mm_page_alloc_extfrag @ev: the traced zone's watermarks rise, for the traced kswapd to answer. */
void kmr_moved_fallback(struct kmr_engine *e, const struct kmr_event *ev);

/* The free of @ev was replayed, or is @unknown; true when it is known by now what it was. */
bool kmr_moved_freed(struct kmr_engine *e, const struct kmr_event *ev, bool unknown,
		     unsigned int cpu);

#endif
