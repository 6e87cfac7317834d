/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The object half of verify: a model of the traced kernel's object allocator, started from its
 * exact slabs, on the same frames as the kernel.
 *
 * An allocation that makes a slab takes place at its page's event, as the page is asked for there
 * and its own event follows later; the page that the model asks for is then the one that the page
 * model is asked for.  Where the model gives another object than the kernel, it goes on from the
 * kernel's.
 */
#ifndef KMREPLAY_REPLAY_VERIFY_OBJECTS_H
#define KMREPLAY_REPLAY_VERIFY_OBJECTS_H

#include "base/ptrmap.h"
#include "kmreplay/verify.h"
#include "replay/object_delay.h"
#include "replay/object_order.h"
#include "replay/objects.h"
#include "replay/tape.h"

#define KMR_EARLY_MAX 64u

/* An allocation that was made at its page's event and waits for its own. */
struct kmr_early {
	uint64_t addr, time; /* of its event */
	kmr_obj_t obj;
};

struct kmr_object_verifier {
	struct kmr_objects o;
	struct kmr_tape *tape;
	const struct kmr_page_ops *page_ops;
	struct kmr_page_backend *page;
	const struct kmr_machine *machine;
	unsigned int page_shift;
	uint64_t base; /* address of page frame 0 */
	struct kmr_object_result *r;
	/* the model asks for pages: whether it may have one, and what came of it */
	bool may_grow;
	unsigned int asked;
	struct kmr_page_request req;
	kmr_pfn_t pfn;
	struct kmr_page_request ahead_req; /* asked for together with the last, its event to come */
	kmr_pfn_t ahead;
	struct kmr_object_order order;
	struct kmr_object_delay delay;
	struct kmr_ptrmap freed; /* first frames that the model gave back, their event to come */
	struct kmr_early early[KMR_EARLY_MAX];
	unsigned int nr_early;
	struct kmr_cache_tally *tallies; /* by the tape's cache */
	size_t nr_tallies;
	int32_t *tally_of; /* by the backend's cache: the tape's, for kmalloc() */
	unsigned int nr_kmalloc; /* backend's caches that tally_of has */
	uint16_t pages_tally; /* kmalloc() served with pages, or of an allocator without classes */
	uint64_t next_tick;
	uint64_t position; /* in the tape, of the last event looked for */
	unsigned int context; /* of the last event */
	bool nomem;
};

/*
 * Starts from @start.  The tape is attributed by this.  1: the trace's objects can't be compared, and
 * ->why_not in the result tells why; -1: an error.
 */
int kmr_vo_init(struct kmr_object_verifier *vo, const char *backend, struct kmr_tape *tape,
		const struct kmr_snapshot *start, const struct kmr_page_ops *page_ops,
		struct kmr_page_backend *page, struct kmr_object_result *result,
		struct kmr_error *err);
void kmr_vo_free(struct kmr_object_verifier *vo);

/*
 * The traced kernel's slabs asked for the page of @ev: what the model asked for then, and got.
 * False when it asked for nothing.
 */
bool kmr_vo_page_alloc(struct kmr_object_verifier *vo, const struct kmr_event *ev,
		       struct kmr_page_request *req, kmr_pfn_t *pfn);
/* The page of @order that the model's slab got was at @model and is at @kernel in the kernel. */
void kmr_vo_page_done(struct kmr_object_verifier *vo, kmr_pfn_t model, uint64_t kernel,
		      unsigned int order);
/* It can't be that page: it has another order, and the model's is given back. */
void kmr_vo_page_other(struct kmr_object_verifier *vo, kmr_pfn_t model);
/* The traced kernel's slabs gave the page of @ev back. */
void kmr_vo_page_free(struct kmr_object_verifier *vo, const struct kmr_event *ev);
/* Object events, in order. */
void kmr_vo_event(struct kmr_object_verifier *vo, const struct kmr_event *ev);

/* Counts are complete; compares with the kernel's state when @end is not NULL. */
int kmr_vo_finish(struct kmr_object_verifier *vo, const struct kmr_snapshot *end,
		  struct kmr_error *err);

/* For the files that this is made of. */
static inline uint64_t kmr_vo_object(const struct kmr_object_verifier *vo,
				     const struct kmr_event *ev)
{
	return ev->addr >= vo->base ? ev->addr - vo->base : KMR_NO_OBJ;
}

/* Where an allocation is counted. */
struct kmr_cache_tally *kmr_vo_tally(struct kmr_object_verifier *vo, const struct kmr_event *ev);
/* Slabs that the model still has on frames that are not, as they have just been given out. */
void kmr_vo_clear_frames(struct kmr_object_verifier *vo, kmr_pfn_t pfn, unsigned int order);
/* The model's pages come from the page model; what it gives back stays until the kernel's event. */
kmr_pfn_t kmr_vo_give_page(void *ctx, const struct kmr_page_request *req);
void kmr_vo_take_page(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu, bool rcu);

#endif
