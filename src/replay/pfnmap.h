/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traced frame → simulated frame, 12 bytes a frame, in chunks that appear when they are first
 * written: frames of a trace lie together.  The traced numbers come from a file, so that they can
 * be anything: chunks are bounded.
 *
 * When a block was allocated is kept in 48 bits, in steps of 16 ns: times of 52 days.
 */
#ifndef KMREPLAY_REPLAY_PFNMAP_H
#define KMREPLAY_REPLAY_PFNMAP_H

#include <stdint.h>
#include <stdlib.h>

enum kmr_map_state {
	KMR_MAP_UNKNOWN, /* the trace has not allocated it */
	KMR_MAP_LIVE, /* first frame of a block that lives in the simulation at sim */
	KMR_MAP_FAILED, /* first frame of a block that the simulation could not serve */
	KMR_MAP_REFILLED, /* seen going to a per-CPU list of the traced kernel, not since */
	KMR_MAP_FREED, /* given back */
	KMR_MAP_RECLAIMED, /* reclaimed in the simulation, not known to be in the traced kernel */
};

struct kmr_map_entry {
	uint32_t sim;
	uint32_t birth_low; /* when an event allocated it; see kmr_map_age() */
	uint16_t birth_high;
	uint8_t order;
	uint8_t state : 5; /* enum kmr_map_state */
	uint8_t silent : 1; /* inferred to be taken, no event said so */
	uint8_t start : 1; /* in use since the start, and moved since: no event allocated it */
	uint8_t born : 1; /* it is known when an event allocated it */
};

#define KMR_MAP_TIME_SHIFT 4u
#define KMR_MAP_TIME_SPAN  (UINT64_C(1) << (48u + KMR_MAP_TIME_SHIFT)) /* ns */

/* An event allocated the block at @time, ns. */
static inline void kmr_map_set_birth(struct kmr_map_entry *entry, uint64_t time)
{
	entry->birth_low = (uint32_t)(time >> KMR_MAP_TIME_SHIFT);
	entry->birth_high = (uint16_t)(time >> (32u + KMR_MAP_TIME_SHIFT));
	entry->born = 1;
}

/*
 * How long it is since an event allocated the block, ns: up to 15 ns too long, and right as long as it
 * is less than half of KMR_MAP_TIME_SPAN.  0 when @now is earlier, as clocks of CPUs can have it.
 */
static inline uint64_t kmr_map_age(const struct kmr_map_entry *entry, uint64_t now)
{
	const uint64_t birth = (entry->birth_low | (uint64_t)entry->birth_high << 32)
			       << KMR_MAP_TIME_SHIFT;
	const uint64_t age = (now - birth) & (KMR_MAP_TIME_SPAN - 1);

	return age < KMR_MAP_TIME_SPAN / 2 ? age : 0;
}

#define KMR_MAP_CHUNK_BITS 12
#define KMR_MAP_CHUNKS	   (UINT64_C(1) << 20) /* frames up to 2^32: 16 TiB of 4 KiB */
#define KMR_MAP_MAX_USED   16384u /* 256 GiB, 768 MiB of map */

struct kmr_pfnmap {
	struct kmr_map_entry **chunks; /* KMR_MAP_CHUNKS of them, mostly NULL */
	uint32_t used;
	int overflow; /* a frame could not be noted: beyond the range, or no memory */
};

/* The entry of a traced frame, NULL when nothing was ever noted near it. */
static inline struct kmr_map_entry *kmr_pfnmap_find(const struct kmr_pfnmap *m, uint64_t pfn)
{
	const uint64_t chunk = pfn >> KMR_MAP_CHUNK_BITS;
	struct kmr_map_entry *entries;

	if (chunk >= KMR_MAP_CHUNKS)
		return NULL;
	entries = m->chunks[chunk];
	return entries ? &entries[pfn & ((1u << KMR_MAP_CHUNK_BITS) - 1)] : NULL;
}

int kmr_pfnmap_init(struct kmr_pfnmap *m);
void kmr_pfnmap_free(struct kmr_pfnmap *m);

/* Makes the chunk; NULL and ->overflow set when it can't. */
struct kmr_map_entry *kmr_pfnmap_grow(struct kmr_pfnmap *m, uint64_t pfn);

/* The entry to write to; NULL when the frame can't be noted. */
static inline struct kmr_map_entry *kmr_pfnmap_get(struct kmr_pfnmap *m, uint64_t pfn)
{
	struct kmr_map_entry *e = kmr_pfnmap_find(m, pfn);

	return e ? e : kmr_pfnmap_grow(m, pfn);
}

#endif
