/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frame → slab: what struct page says in the kernel.  4 bytes a frame, in chunks that appear when
 * they are first written, so that a machine of any size costs what its slabs touch.
 */
#ifndef KMR_OBJECT_FRAMEMAP_H
#define KMR_OBJECT_FRAMEMAP_H

#include <stdint.h>

#include "kmreplay/page.h"

#define KMR_FRAME_CHUNK_BITS 12

/*
 * An entry is 0 (no object's frame), a slab's number from 1 on, or KMR_FRAME_LARGE | order for the
 * first frame of a kmalloc() that was served with pages.
 */
#define KMR_FRAME_LARGE UINT32_C(0x80000000)

struct kmr_framemap {
	uint32_t **chunks;
	uint32_t nr_chunks;
};

/* For frames below @end_pfn.  -1: no memory. */
int kmr_framemap_init(struct kmr_framemap *map, uint64_t end_pfn);
void kmr_framemap_free(struct kmr_framemap *map);

/* 0 for frames beyond the machine, too. */
static inline uint32_t kmr_framemap_get(const struct kmr_framemap *map, uint64_t pfn)
{
	const uint64_t chunk = pfn >> KMR_FRAME_CHUNK_BITS;

	if (chunk >= map->nr_chunks || !map->chunks[chunk])
		return 0;
	return map->chunks[chunk][pfn & ((1u << KMR_FRAME_CHUNK_BITS) - 1)];
}

/* Sets 2^order frames; -1: no memory for a chunk, or beyond the machine, and nothing is set. */
int kmr_framemap_set(struct kmr_framemap *map, uint64_t pfn, unsigned int order, uint32_t value);

#endif
