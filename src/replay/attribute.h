/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attribution: who each page of a trace was asked for by, and which cache each object is of.
 *
 * When pointers are real, an object lies in its page: where the direct map begins is found from
 * objects that follow their slab's page at once, and then every page that ever holds an object is
 * known as a slab's (or a large kmalloc()'s) for sure.  When they are hashed, a page belongs to the
 * object whose allocation follows it in the same task and context with flags that fit.
 *
 * 6.1 names a cache only when an object is freed.  So an object's cache is the one its free names;
 * else that of the other objects in its slab; else that of the objects with the same call site and
 * sizes; else the snapshot's one of these sizes; else one made up for them.
 */
#ifndef KMREPLAY_REPLAY_ATTRIBUTE_H
#define KMREPLAY_REPLAY_ATTRIBUTE_H

#include "kmreplay/replay.h"
#include "replay/tape.h"

/*
 * Writes owner, confidence, cause and cache into the tape's events.  With @snap, its slabs are
 * known from its marker on.  -1: no memory.
 */
int kmr_attribute(struct kmr_tape *t, const struct kmr_snapshot *snap,
		  struct kmr_attribution *result, struct kmr_error *err);

#endif
