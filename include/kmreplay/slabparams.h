/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What caches are like, from files beside a trace: slab_params (name, object size, size, alignment,
 * objects a slab, order, min_partial, cpu_partial of each, as /sys/kernel/slab has them) or else
 * /proc/slabinfo, which knows less.
 */
#ifndef KMREPLAY_SLABPARAMS_H
#define KMREPLAY_SLABPARAMS_H

#include "kmreplay/error.h"
#include "kmreplay/snapshot.h"

/*
 * Fills in @snap's caches, of an otherwise empty snapshot, from DIR/slab_params, DIR/slabinfo or
 * DIR/slabinfo.before, whichever is there first.  1: read; 0: none of them is there; -1: one of them
 * is damaged, with file and line.  The caller frees with kmr_snapshot_free() in either case.
 * @pointer_bytes: 4 or 8, of the traced kernel.
 */
int kmr_slabparams_read(struct kmr_snapshot *snap, const char *dir, unsigned int pointer_bytes,
			struct kmr_error *err);

#endif
