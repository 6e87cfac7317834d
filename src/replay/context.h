/* SPDX-License-Identifier: GPL-2.0-only */
/* In what context of its CPU an event came. */
#ifndef KMREPLAY_REPLAY_CONTEXT_H
#define KMREPLAY_REPLAY_CONTEXT_H

#include "kmreplay/event.h"

#define KMR_NR_CONTEXTS 4u /* enum kmr_context */

/* Where the trace tells no contexts, all is a task's. */
static inline unsigned int kmr_context_of(const struct kmr_event *ev)
{
	return ev->flags & KMR_EVF_CONTEXT_KNOWN ? ev->flags & KMR_EVF_CONTEXT : 0u;
}

#endif
