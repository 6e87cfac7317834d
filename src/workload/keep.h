/* SPDX-License-Identifier: GPL-2.0-only */
/* What is kept until something else makes it go: the members of a group, or the last N. */
#ifndef KMR_WORKLOAD_KEEP_H
#define KMR_WORKLOAD_KEEP_H

#include <stddef.h>
#include <stdint.h>

#include "workload/live.h"
#include "workload/random.h"

enum load_order {
	LOAD_FIFO, /* the oldest goes first */
	LOAD_LIFO, /* the newest */
	LOAD_RANDOM, /* any */
};

/* All zeroes is an empty one. */
struct load_keep {
	struct load_live *items; /* a ring */
	uint64_t first, nr; /* first: position of the oldest, of a ring of cap */
	size_t cap; /* a power of two, or 0 */
};

void load_keep_free(struct load_keep *keep);

/* -1: no memory. */
int load_keep_add(struct load_keep *keep, const struct load_live *item);

/* Takes one out; there has to be one.  @random is drawn from for LOAD_RANDOM only. */
struct load_live load_keep_take(struct load_keep *keep, enum load_order order,
				struct load_random *random);

#endif
