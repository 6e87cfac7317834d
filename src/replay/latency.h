/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latencies of simulated operations.  An engine says when an operation begins, and what it was when
 * it is over; what the models have counted in between is the steps it took.
 *
 * Locks: a zone's lock is busy as long as its holder's steps under it take (kmr_step_locked()).
 * An operation of another CPU that comes meanwhile waits until then, but not longer than all other
 * CPUs together would hold the lock as long as the last one did.  An operation comes at its event's
 * time, or when the CPU's operation before it is over if that has the same time: text traces have
 * microseconds, in which several operations of one CPU find room.  Operations of different CPUs in
 * the same microsecond are taken to come at once, so that waits are rather too long than too short;
 * the limit keeps them from adding up.  On one CPU nobody waits.  Other locks than the zones' are
 * not waited for, nor is a zone's lock by vmalloc().
 */
#ifndef KMREPLAY_REPLAY_LATENCY_H
#define KMREPLAY_REPLAY_LATENCY_H

#include "kmreplay/event.h"
#include "kmreplay/latency.h"
#include "kmreplay/object.h"
#include "kmreplay/page.h"
#include "kmreplay/reclaim.h"
#include "kmreplay/vmap.h"

struct kmr_latency;

struct kmr_latency_config {
	const struct kmr_machine *machine;
	const struct kmr_cost_table *cost; /* copied */
	const struct kmr_page_work *page; /* what the page backend counts, as it goes on */
	/* told of every operation as it is over; NULL: nobody */
	void (*told)(void *ctx, const struct kmr_operation_report *report);
	void *ctx;
};

struct kmr_latency *kmr_latency_create(const struct kmr_latency_config *config,
				       struct kmr_error *err);
void kmr_latency_destroy(struct kmr_latency *l);

/* What else counts steps, as soon as it is there; NULL: no more. */
void kmr_latency_set_objects(struct kmr_latency *l, const struct kmr_object_ops *ops,
			     const struct kmr_object_work *work);
void kmr_latency_set_addresses(struct kmr_latency *l, const struct kmr_vmap_work *work);
void kmr_latency_set_reclaim(struct kmr_latency *l, const struct kmr_reclaim_stats *stats);

/* What was recorded up to now is no part of the result. */
void kmr_latency_restart(struct kmr_latency *l);

/*
 * A page operation: begin() just before the backend is called, the other just after.  Nothing is
 * recorded of a free that the backend refused.
 */
void kmr_latency_page_begin(struct kmr_latency *l);
void kmr_latency_page_alloc(struct kmr_latency *l, const struct kmr_event *ev,
			    const struct kmr_page_request *req, kmr_pfn_t pfn);
void kmr_latency_page_free(struct kmr_latency *l, const struct kmr_event *ev, kmr_pfn_t pfn,
			   unsigned int order, unsigned int cpu);

/* An operation on objects, pages behind it included; @obj KMR_NO_OBJ: it failed. */
void kmr_latency_object_begin(struct kmr_latency *l);
void kmr_latency_object_alloc(struct kmr_latency *l, const struct kmr_event *ev, kmr_obj_t obj,
			      unsigned int cpu);
void kmr_latency_object_free(struct kmr_latency *l, const struct kmr_event *ev, kmr_obj_t obj,
			     unsigned int cpu);

/* vmalloc() or vfree(), with pages and objects behind it. */
void kmr_latency_address_begin(struct kmr_latency *l);
void kmr_latency_address_end(struct kmr_latency *l, const struct kmr_event *ev, bool free,
			     bool served, unsigned int cpu);

/* Copies what was recorded; -1: no memory, now or on the way. */
int kmr_latency_report(const struct kmr_latency *l, struct kmr_latency_report *report,
		       struct kmr_error *err);

#endif
