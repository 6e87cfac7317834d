// SPDX-License-Identifier: GPL-2.0-only
#include "base/framemap.h"

#include <stdlib.h>

#define CHUNK_FRAMES (1u << KMR_FRAME_CHUNK_BITS)

int kmr_framemap_init(struct kmr_framemap *map, uint64_t end_pfn)
{
	map->nr_chunks = (uint32_t)((end_pfn + CHUNK_FRAMES - 1) >> KMR_FRAME_CHUNK_BITS);
	map->chunks = calloc((size_t)map->nr_chunks + 1, sizeof(*map->chunks));
	return map->chunks ? 0 : -1;
}

void kmr_framemap_free(struct kmr_framemap *map)
{
	for (uint32_t i = 0; map->chunks && i < map->nr_chunks; i++)
		free(map->chunks[i]);
	free(map->chunks);
	map->chunks = NULL;
	map->nr_chunks = 0;
}

static uint32_t *entry(struct kmr_framemap *map, uint64_t pfn)
{
	const uint64_t chunk = pfn >> KMR_FRAME_CHUNK_BITS;

	if (chunk >= map->nr_chunks)
		return NULL;
	if (!map->chunks[chunk])
		map->chunks[chunk] = calloc(CHUNK_FRAMES, sizeof(**map->chunks));
	if (!map->chunks[chunk])
		return NULL;
	return &map->chunks[chunk][pfn & (CHUNK_FRAMES - 1)];
}

int kmr_framemap_set(struct kmr_framemap *map, uint64_t pfn, unsigned int order, uint32_t value)
{
	const uint64_t end = pfn + (UINT64_C(1) << order);

	for (uint64_t p = pfn; p < end; p++)
		if (!entry(map, p))
			return -1;
	for (uint64_t p = pfn; p < end; p++)
		*entry(map, p) = value;
	return 0;
}
