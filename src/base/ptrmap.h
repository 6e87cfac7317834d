/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A map from 64-bit keys (pointers, page frames, packed fields) to numbers above 0.  Any key will
 * do, 0 and UINT64_MAX too.  16 bytes an entry at 3/8 to 3/4 full; entries that are removed leave
 * nothing behind, so that memory follows the largest number of keys held at one time.
 */
#ifndef KMR_BASE_PTRMAP_H
#define KMR_BASE_PTRMAP_H

#include <stdint.h>

struct kmr_ptrmap_slot {
	uint64_t key;
	uint32_t value; /* 0: the slot is free */
};

/* All zeroes is an empty map that has no memory yet. */
struct kmr_ptrmap {
	struct kmr_ptrmap_slot *slots; /* open addressing, a power of two */
	uint64_t nr_slots;
	uint64_t count;
};

void kmr_ptrmap_fini(struct kmr_ptrmap *map);

/* The number at @key, 0 when there is none. */
uint32_t kmr_ptrmap_get(const struct kmr_ptrmap *map, uint64_t key);

/* Puts @value (not 0) at @key, over what was there.  -1: out of memory, nothing has changed. */
int kmr_ptrmap_put(struct kmr_ptrmap *map, uint64_t key, uint32_t value);

/* Removes @key; the number that was there, 0 when there was none. */
uint32_t kmr_ptrmap_take(struct kmr_ptrmap *map, uint64_t key);

#endif
