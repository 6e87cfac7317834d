/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is to be freed, in the order of its time; of equal times, in the order in which it came.
 *
 * Time is cut into slots of 2^(6 level) ns: an item lies at the level of the highest digit (base 64)
 * in which its time differs from where the wheel stands, in the slot of its own digit there.  When
 * its slot's turn comes, it goes down to finer ones, or, if there are few, they are sorted into a
 * short queue at once.  So an item is written two or three times, next to others that came with
 * it, and memory follows the number of items, not of those that have passed.
 */
#ifndef KMR_WORKLOAD_WHEEL_H
#define KMR_WORKLOAD_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload/live.h"

#define LOAD_WHEEL_BITS	  6u
#define LOAD_WHEEL_SLOTS  (1u << LOAD_WHEEL_BITS)
#define LOAD_WHEEL_LEVELS 11u
#define LOAD_WHEEL_NEAR	  64u
#define LOAD_WHEEL_ITEMS  16u /* of a chunk */

/* Times are below this. */
#define LOAD_WHEEL_END (UINT64_C(1) << 63)

struct load_chunk {
	struct load_live items[LOAD_WHEEL_ITEMS];
	uint32_t next; /* 0: the last */
};

/* A list of chunks, all full but the last. */
struct load_slot {
	uint32_t first, last; /* chunks; 0: empty */
	uint32_t nr; /* items */
};

struct load_wheel {
	uint64_t base; /* no item outside the queue is earlier; what levels are counted from */
	uint64_t near_end; /* what is earlier than this belongs into the queue */
	uint32_t near_first, near_nr;
	struct load_live near[2 * LOAD_WHEEL_NEAR]; /* at most LOAD_WHEEL_NEAR, in order */
	uint32_t levels; /* bit a level: has items */
	uint64_t used[LOAD_WHEEL_LEVELS]; /* bit a slot: has items */
	struct load_slot slots[LOAD_WHEEL_LEVELS][LOAD_WHEEL_SLOTS];
	struct load_chunk *chunks; /* [0] is none */
	size_t nr_chunks, cap_chunks;
	uint32_t free; /* chunk; 0: none */
	uint64_t count; /* items */
	bool failed; /* no memory: items are lost */
};

/* Begins at time 0; -1: no memory. */
int load_wheel_init(struct load_wheel *wheel);
void load_wheel_free(struct load_wheel *wheel);

/*
 * Adds an item; its time is not before the @until of any load_wheel_take() so far.  -1: no memory,
 * or 2^32 chunks.
 */
int load_wheel_add(struct load_wheel *wheel, const struct load_live *item);

/* Makes sure that the queue has the earliest item if one is due; false: none is. */
bool load_wheel_turn(struct load_wheel *wheel, uint64_t until);

/* Takes the earliest item if its time is @until or before; @until never goes back. */
static inline bool load_wheel_take(struct load_wheel *wheel, uint64_t until, struct load_live *item)
{
	if (!wheel->near_nr && !load_wheel_turn(wheel, until))
		return false;
	if (wheel->near[wheel->near_first].time > until)
		return false;
	*item = wheel->near[wheel->near_first++];
	wheel->near_nr--;
	wheel->count--;
	return true;
}

#endif
