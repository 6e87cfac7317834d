/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The events before a snapshot's marker are in the snapshot already.  They tell whether it belongs
 * to the trace: what they allocated last is in use in it, what they freed last is free.
 */
#ifndef KMREPLAY_REPLAY_PRELUDE_H
#define KMREPLAY_REPLAY_PRELUDE_H

#include <stdbool.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"
#include "kmreplay/page.h"
#include "kmreplay/snapshot.h"
#include "replay/pfnmap.h"

#define KMR_PRELUDE_FRAMES 4096 /* are remembered; a few would do */

struct kmr_prelude {
	struct kmr_pfnmap last; /* LIVE or FREED, by the frame's last event */
	uint32_t pfns[KMR_PRELUDE_FRAMES];
	unsigned int nr_pfns;
	unsigned int wrong; /* of them, not so in the snapshot */
};

/* -1: no memory; kmr_prelude_free() in either case. */
int kmr_prelude_init(struct kmr_prelude *p);
void kmr_prelude_note(struct kmr_prelude *p, const struct kmr_event *ev);

/* The marker: counts the frames that @b, fresh from the snapshot, has otherwise. */
void kmr_prelude_compare(struct kmr_prelude *p, const struct kmr_page_ops *ops,
			 const struct kmr_page_backend *b);

/* -1 with a message when more of them differ than can have been under way at the marker. */
int kmr_prelude_check(const struct kmr_prelude *p, const char *snapshot, const char *trace,
		      struct kmr_error *err);

void kmr_prelude_free(struct kmr_prelude *p);

#endif
