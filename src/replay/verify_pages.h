/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page half of verify: the model runs on the same frames as the kernel, traced frame and
 * simulated frame are one.  What the model does under the zone's lock is queued per CPU and compared
 * with the events of the kernel doing it, in order.  Where the model gives another frame than the
 * kernel, it goes on from the kernel's.
 */
#ifndef KMREPLAY_REPLAY_VERIFY_PAGES_H
#define KMREPLAY_REPLAY_VERIFY_PAGES_H

#include "kmreplay/verify.h"
#include "replay/deeds.h"
#include "replay/follow.h"
#include "replay/interrupts.h"
#include "replay/pcplock.h"
#include "replay/prelude.h"
#include "replay/sequence.h"
#include "replay/verify_objects.h"

struct kmr_page_verifier {
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
	const struct kmr_machine *machine;
	struct kmr_verify_result *r;
	struct kmr_account *accounts; /* [cpu][context] */
	struct kmr_vp_pending *pending; /* [cpu][context] */
	struct kmr_pcplocks locks;
	struct kmr_vp_silent *silent; /* by CPU */
	struct kmr_interrupts interrupts;
	struct kmr_follow follow;
	struct kmr_prelude prelude;
	struct kmr_object_verifier *vo; /* NULL: objects are not compared */
	/* requests that refilled, and of them those that got the first frame of the refill */
	uint64_t refilled, got_first;
	unsigned int cpu; /* of the operation going on */
	struct kmr_account *account; /* of the operation going on; NULL: nobody looks */
	uint64_t decayed; /* seconds on the trace's clock until which limits have decayed */
	uint64_t seen; /* events read from the trace so far */
	bool nomem;
};

/*
 * @v is all zeroes but for ->ops and ->r, which stay the caller's; @machine outlives it.  -1: an
 * error; kmr_vp_free() is to be called all the same.
 */
int kmr_vp_init(struct kmr_page_verifier *v, const struct kmr_machine *machine,
		const uint64_t *params, struct kmr_error *err);
void kmr_vp_free(struct kmr_page_verifier *v);

/* Who is told of what the model does. */
struct kmr_page_observer kmr_vp_observer(struct kmr_page_verifier *v);
/* Who is told of the trace's events, in the allocator's order. */
struct kmr_sequence_sink kmr_vp_sink(struct kmr_page_verifier *v);

/* There are no more events: what is left of deeds that were waited for is counted. */
void kmr_vp_settle(struct kmr_page_verifier *v);

#endif
