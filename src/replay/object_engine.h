/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Object events through a simulated object allocator, whose slabs take their pages from the run's
 * page backend.  What the traced kernel's own slabs asked the page allocator for is left out by the
 * engine, which knows it by attribution.
 */
#ifndef KMREPLAY_REPLAY_OBJECT_ENGINE_H
#define KMREPLAY_REPLAY_OBJECT_ENGINE_H

#include "kmreplay/distributions.h"
#include "kmreplay/objects.h"
#include "kmreplay/replay.h"
#include "kmreplay/snapshot.h"
#include "replay/latency.h"
#include "replay/tape.h"

struct kmr_object_engine;

struct kmr_object_engine_config {
	const struct kmr_machine *machine;
	const struct kmr_object_ops *ops;
	const uint64_t *params;
	const struct kmr_tape *tape; /* attributed */
	const struct kmr_attribution *attribution;
	const struct kmr_snapshot *snap; /* the start state's; NULL: none */
	const struct kmr_snapshot *caches; /* what caches are like without one; or NULL */
	const struct kmr_page_ops *page_ops;
	struct kmr_page_backend *page; /* in its start state */
};

/*
 * The start state: a snapshot of the same allocator is taken over; the objects of another's move
 * into slabs of this one, and its pages go back; without one
 * the objects are there that the trace frees but does not allocate.
 */
struct kmr_object_engine *kmr_oe_create(const struct kmr_object_engine_config *config,
					struct kmr_error *err);
/* To be told of pages, of those held already too, once there is somebody to tell; NULL: no more. */
void kmr_oe_set_owner(struct kmr_object_engine *oe,
		      void (*own)(void *ctx, kmr_pfn_t pfn, unsigned int order, bool owned),
		      void *ctx);

/* Where latencies are recorded from now on; NULL: nowhere. */
void kmr_oe_set_latency(struct kmr_object_engine *oe, struct kmr_latency *latency);

/*
 * For an event that comes KMR_OE_AHEAD events later, and half as many later: what it will need is
 * fetched into the processor's cache, first where its object's entry is, then what the entry tells of.
 */
#define KMR_OE_AHEAD 8u
void kmr_oe_prefetch(const struct kmr_object_engine *oe, const struct kmr_event *ev);
void kmr_oe_prefetch_object(const struct kmr_object_engine *oe, const struct kmr_event *ev);

/* An object event, in order. */
void kmr_oe_event(struct kmr_object_engine *oe, const struct kmr_event *ev);
/* The traced kernel's slabs took or gave back a page. */
void kmr_oe_traced_page(struct kmr_object_engine *oe, const struct kmr_event *ev);

/* kmalloc() and kfree() by the kernel itself, where the trace has no event: of another model. */
kmr_obj_t kmr_oe_kmalloc(struct kmr_object_engine *oe, const struct kmr_object_request *req);
void kmr_oe_kfree(struct kmr_object_engine *oe, kmr_obj_t obj, unsigned int cpu);

/* Walks the model's invariants. */
int kmr_oe_check(const struct kmr_object_engine *oe, struct kmr_error *err);

/* What became of it; the report is the caller's. */
int kmr_oe_report(struct kmr_object_engine *oe, struct kmr_object_report *report,
		  struct kmr_error *err);

/* Lifetimes of objects and sizes asked for, behind what @d has; before kmr_oe_destroy(). */
int kmr_oe_distributions(const struct kmr_object_engine *oe, struct kmr_distributions *d,
			 struct kmr_error *err);

void kmr_oe_destroy(struct kmr_object_engine *oe);

#endif
