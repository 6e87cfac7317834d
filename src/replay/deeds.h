/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the model and the kernel did under the zone's lock in one operation: blocks that left the
 * free lists (refills), came back to them (drains), and changed their mobility (fallbacks).  The
 * two are compared as they come; where they differ, the model is brought to where the kernel is.
 */
#ifndef KMREPLAY_REPLAY_DEEDS_H
#define KMREPLAY_REPLAY_DEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/event.h"
#include "kmreplay/machine.h"
#include "kmreplay/page.h"

struct kmr_deed {
	uint32_t pfn;
	uint8_t type; /* enum kmr_event_type */
	uint8_t order, migratetype;
	uint8_t fallback_order, fallback_migratetype, change_owner; /* PAGE_EXTFRAG */
	bool matched; /* the other side did it too */
};

struct kmr_deeds {
	struct kmr_deed *q;
	size_t count, cap;
};

/* Of one context on one CPU. */
struct kmr_account {
	struct kmr_deeds model, kernel;
	size_t next; /* the model's deed that the kernel's next one is looked for from */
	bool differ;
};

/* All return -1 when there is no memory. */
int kmr_deeds_push(struct kmr_deeds *d, const struct kmr_deed *deed);
/* Notes what the kernel did; *matched: the model did it just so, in this order. */
int kmr_account_observe(struct kmr_account *a, const struct kmr_event *ev, bool *matched);

/* The model has done something of @type that the kernel has not yet been seen to do. */
bool kmr_account_expects(const struct kmr_account *a, unsigned int type);

void kmr_account_clear(struct kmr_account *a);
void kmr_account_free(struct kmr_account *a);

/* True when one side did something that the other did not; all of the kernel's must be known. */
bool kmr_account_differs(const struct kmr_account *a);

/*
 * Brings lists and pageblocks to where the kernel's are after the operation, as far as its events
 * tell.  For a request, what it was given must have been put back before; the list it came from
 * then begins with the kernel's frame.
 */
void kmr_account_reconcile(const struct kmr_account *a, const struct kmr_machine *m,
			   const struct kmr_page_ops *ops, struct kmr_page_backend *b,
			   unsigned int cpu);

#endif
