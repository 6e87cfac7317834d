/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traced frame → simulated frame, 8 bytes a frame, in chunks that appear when they are first
 * written: frames of a trace lie together.  The traced numbers come from a file, so that they can
 * be anything: chunks are bounded.
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
	uint8_t state; /* enum kmr_map_state */
	uint8_t order;
	uint8_t silent; /* inferred to be taken, no event said so */
	uint8_t start; /* in use since the start, and moved since: no event allocated it */
};

#define KMR_MAP_CHUNK_BITS 12
#define KMR_MAP_CHUNKS	   (UINT64_C(1) << 20) /* frames up to 2^32: 16 TiB of 4 KiB */
#define KMR_MAP_MAX_USED   16384u /* 256 GiB, 512 MiB of map */

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
