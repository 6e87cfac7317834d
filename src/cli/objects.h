/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of objects, as text and JSON; and whose pages were. */
#ifndef KMREPLAY_CLI_OBJECTS_H
#define KMREPLAY_CLI_OBJECTS_H

#include "kmreplay/replay.h"
#include "report/json.h"

/* Counts by whom pages were asked for by, as keys of the object that is open. */
void kmr_owners_json(struct kmr_json *j, const uint64_t counts[KMR_OWNER_NR]);

/* Pages that were not their users' own. */
uint64_t kmr_not_direct(const struct kmr_attribution *a);

/* Keys of the object that is open; nothing when objects were not simulated. */
void kmr_objects_json(struct kmr_json *j, const struct kmr_replay_result *r);

/* Lifetimes, p50 and p99 by kind and order: a key of the object that is open. */
void kmr_lifetimes_json(struct kmr_json *j, const struct kmr_distributions *d);

/* Counts, and the caches that hold most; -1: could not be printed. */
int kmr_objects_text(const struct kmr_replay_result *r);

/*
 * The part of the memory held by slabs and large kmalloc()s at the end that nobody asked for: rounding,
 * headers, and free objects.  0 to 1.
 */
double kmr_objects_waste(const struct kmr_replay_result *r);

#endif
