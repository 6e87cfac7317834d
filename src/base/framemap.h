/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A number for each frame, 0 at first: 4 bytes a frame, in chunks that appear when they are first
 * written, so that a machine of any size costs what is touched of it.
 */
#ifndef KMR_BASE_FRAMEMAP_H
#define KMR_BASE_FRAMEMAP_H

#include <stdint.h>

#define KMR_FRAME_CHUNK_BITS 12

struct kmr_framemap {
	uint32_t **chunks;
	uint32_t nr_chunks;
};

/* For frames below @end_pfn at least.  -1: no memory. */
int kmr_framemap_init(struct kmr_framemap *map, uint64_t end_pfn);
void kmr_framemap_free(struct kmr_framemap *map);

/* Frames from there on have no number. */
static inline uint64_t kmr_framemap_end(const struct kmr_framemap *map)
{
	return (uint64_t)map->nr_chunks << KMR_FRAME_CHUNK_BITS;
}

/* 0 for frames beyond the end, too. */
static inline uint32_t kmr_framemap_get(const struct kmr_framemap *map, uint64_t pfn)
{
	const uint64_t chunk = pfn >> KMR_FRAME_CHUNK_BITS;

	if (chunk >= map->nr_chunks || !map->chunks[chunk])
		return 0;
	return map->chunks[chunk][pfn & ((1u << KMR_FRAME_CHUNK_BITS) - 1)];
}

/* Sets 2^order frames; -1: no memory for a chunk, or beyond the end, and nothing is set. */
int kmr_framemap_set(struct kmr_framemap *map, uint64_t pfn, unsigned int order, uint32_t value);

#endif
