/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order in which the allocator saw things, as opposed to the order of the trace.
 *
 * Events are printed when a function is done, or prepared, not when the lists change:
 *
 *  - A page freed through a list appears as mm_page_free when it is prepared and, after its whole
 *    list was, as mm_page_free_batched when it goes onto the per-CPU list.  A page freed by itself
 *    has the first only.  Which of the two an mm_page_free is, later events tell.
 *  - An allocation that had to refill its list did so under the zone's lock, at the events
 *    mm_page_alloc_zone_locked; its own event follows, and another CPU may have had the lock in
 *    between.
 *  - A free that makes its list too long drains it under the lock, at the events
 *    mm_page_pcpu_drain right after its own.
 *  - Some callers (__alloc_pages_bulk()) refill and take pages without any event of their own.
 *
 * A sequencer holds back events, in a window of fixed size, until that is known, and calls its
 * sink in the order of the lists.  Interrupts nest: events of a CPU are told apart by the context
 * they ran in where the trace has the irq-info column.
 */
#ifndef KMREPLAY_REPLAY_SEQUENCE_H
#define KMREPLAY_REPLAY_SEQUENCE_H

#include "kmreplay/error.h"
#include "kmreplay/event.h"

struct kmr_sequence_sink {
	void *ctx;
	/* the request is made here; @ev is its mm_page_alloc, which may lie further on */
	void (*alloc)(void *ctx, const struct kmr_event *ev);
	/* the place of mm_page_alloc itself, after alloc() */
	void (*alloc_done)(void *ctx, const struct kmr_event *ev);
	void (*free)(void *ctx, const struct kmr_event *ev);
	void (*free_prepare)(void *ctx, const struct kmr_event *ev);
	/* @ev: mm_page_free_batched; its order is that of the mm_page_free before */
	void (*free_commit)(void *ctx, const struct kmr_event *ev);
	/* a refill begins here, and no request of the trace asked for it */
	void (*silent_refill)(void *ctx, const struct kmr_event *ev);
	/* a refill begins here for a request of the trace; called before its alloc() */
	void (*refill_begins)(void *ctx, const struct kmr_event *ev);
	/* PAGE_REFILL, PAGE_DRAIN and PAGE_EXTFRAG, each at its place */
	void (*observed)(void *ctx, const struct kmr_event *ev);
	/* everything that is not about pages */
	void (*other)(void *ctx, const struct kmr_event *ev);
};

struct kmr_sequence;

/* NULL with a message when there is no memory.  The sink is copied. */
struct kmr_sequence *kmr_sequence_create(const struct kmr_sequence_sink *sink,
					 struct kmr_error *err);

void kmr_sequence_feed(struct kmr_sequence *s, const struct kmr_event *ev);

/* The trace is at its end: what is held back is decided and delivered. */
void kmr_sequence_flush(struct kmr_sequence *s);

void kmr_sequence_destroy(struct kmr_sequence *s);

#endif
