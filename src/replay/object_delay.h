/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects whose memory may be reused only after a grace period, where the allocator hands that to
 * RCU object by object (SLOB and SLAB_TYPESAFE_BY_RCU).  No event tells when they come back; but
 * what else RCU frees in the same run of its callbacks has events.  Here they come back, in the order
 * in which they were freed, at the first such event of a run, when they were freed before the run
 * before it began; or sooner when an allocation shows that they have.
 */
#ifndef KMREPLAY_REPLAY_OBJECT_DELAY_H
#define KMREPLAY_REPLAY_OBJECT_DELAY_H

#include "kmreplay/event.h"
#include "kmreplay/object.h"
#include "replay/object_order.h"

#define KMR_DELAY_MAX 1024u

struct kmr_delayed {
	kmr_obj_t obj;
	uint64_t time; /* ns: when it was freed */
	uint32_t cache;
	uint16_t cpu;
};

struct kmr_object_delay {
	const struct kmr_object_ops *model;
	struct kmr_object_backend *b;
	uint64_t run, run_before; /* ns: when the callbacks' last two runs began */
	uint64_t last; /* ns: the last callback's event */
	uint32_t first, count; /* of the ring */
	struct kmr_delayed ring[KMR_DELAY_MAX];
};

void kmr_delay_init(struct kmr_object_delay *d, const struct kmr_object_ops *model,
		    struct kmr_object_backend *b);

/* True when the free of @ev waits; otherwise it is the caller's to do. */
bool kmr_delay_free(struct kmr_object_delay *d, unsigned int cache, kmr_obj_t obj,
		    const struct kmr_event *ev, unsigned int cpu);

/* An RCU callback has run at @now (ns). */
void kmr_delay_callback(struct kmr_object_delay *d, uint64_t now);

/*
 * @made failed: the grace period of some of those that wait may be over.  They are given back, the
 * oldest first, until @made succeeds.
 */
bool kmr_delay_release_for(struct kmr_object_delay *d, kmr_order_made made, void *ctx);

#endif
