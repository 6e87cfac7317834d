// SPDX-License-Identifier: GPL-2.0-only
#include "replay/pfnmap.h"

#include <string.h>

int kmr_pfnmap_init(struct kmr_pfnmap *m)
{
	memset(m, 0, sizeof(*m));
	m->chunks = calloc(KMR_MAP_CHUNKS, sizeof(struct kmr_map_entry *));
	return m->chunks ? 0 : -1;
}

void kmr_pfnmap_free(struct kmr_pfnmap *m)
{
	for (uint64_t i = 0; m->chunks && m->used && i < KMR_MAP_CHUNKS; i++) {
		if (!m->chunks[i])
			continue;
		free(m->chunks[i]);
		m->used--;
	}
	free(m->chunks);
	m->chunks = NULL;
}

struct kmr_map_entry *kmr_pfnmap_grow(struct kmr_pfnmap *m, uint64_t pfn)
{
	const uint64_t chunk = pfn >> KMR_MAP_CHUNK_BITS;

	if (chunk >= KMR_MAP_CHUNKS || m->used == KMR_MAP_MAX_USED) {
		m->overflow = 1;
		return NULL;
	}
	m->chunks[chunk] = calloc(1u << KMR_MAP_CHUNK_BITS, sizeof(struct kmr_map_entry));
	if (!m->chunks[chunk]) {
		m->overflow = 1;
		return NULL;
	}
	m->used++;
	return &m->chunks[chunk][pfn & ((1u << KMR_MAP_CHUNK_BITS) - 1)];
}
