// SPDX-License-Identifier: GPL-2.0-only
#include "object/kmalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"

static const uint32_t sizes[KMR_KMALLOC_SIZES] = { 8,	16,  32,   64,	 96,   128, 192,
						   256, 512, 1024, 2048, 4096, 8192 };

static const struct {
	const char *prefix;
	uint32_t flags;
} types[KMR_KMALLOC_TYPES] = {
	[KMR_KMALLOC_NORMAL] = { "kmalloc-", 0 },
	[KMR_KMALLOC_CGROUP] = { "kmalloc-cg-", KMR_CACHE_ACCOUNT },
	[KMR_KMALLOC_RECLAIM] = { "kmalloc-rcl-", KMR_CACHE_RECLAIM },
	[KMR_KMALLOC_DMA] = { "dma-kmalloc-", KMR_CACHE_DMA },
};

void kmr_kmalloc_reset(struct kmr_kmalloc *k, uint32_t min, uint32_t page_size)
{
	memset(k->cache, 0xff, sizeof(k->cache));
	k->min = min;
	k->max = page_size * 2 < sizes[KMR_KMALLOC_SIZES - 1] ? page_size * 2
							      : sizes[KMR_KMALLOC_SIZES - 1];
}

/* "64", "1k": bytes, as kmalloc_info[] has it; 0: something else. */
static uint32_t parse_size(const char *text)
{
	char *end;
	unsigned long v;

	if (*text < '0' || *text > '9')
		return 0;
	v = strtoul(text, &end, 10);
	if (*end == 'k') {
		v *= 1024;
		end++;
	}
	return *end || v > KMR_MAX_OBJECT_SIZE ? 0 : (uint32_t)v;
}

void kmr_kmalloc_note(struct kmr_kmalloc *k, const char *name, unsigned int cache)
{
	for (unsigned int t = 0; t < KMR_KMALLOC_TYPES; t++) {
		const size_t len = strlen(types[t].prefix);
		uint32_t size;

		if (strncmp(name, types[t].prefix, len) != 0)
			continue;
		size = parse_size(name + len);
		for (unsigned int i = 0; size && i < KMR_KMALLOC_SIZES; i++)
			if (sizes[i] == size)
				k->cache[t][i] = (int32_t)cache;
	}
}

static enum kmr_kmalloc_type type_of(uint32_t gfp)
{
	if (!(gfp & (KMR_GFP_DMA | KMR_GFP_RECLAIMABLE | KMR_GFP_ACCOUNT)))
		return KMR_KMALLOC_NORMAL;
	if (gfp & KMR_GFP_DMA)
		return KMR_KMALLOC_DMA;
	return gfp & KMR_GFP_RECLAIMABLE ? KMR_KMALLOC_RECLAIM : KMR_KMALLOC_CGROUP;
}

static unsigned int size_index(uint32_t bytes)
{
	unsigned int log2;

	if (bytes <= 64)
		return bytes <= 8 ? 0 : 32 - (unsigned int)__builtin_clz(bytes - 1) - 3;
	if (bytes <= 96)
		return 4;
	if (bytes <= 128)
		return 5;
	if (bytes <= 192)
		return 6;
	log2 = 32 - (unsigned int)__builtin_clz(bytes - 1);
	return log2 - 1; /* 256 = 2^8 is number 7 */
}

int kmr_kmalloc_find(const struct kmr_kmalloc *k, uint32_t bytes, uint32_t gfp)
{
	unsigned int i;
	int32_t cache;

	if (bytes > k->max)
		return -1;
	i = size_index(bytes < k->min ? k->min : bytes);
	cache = k->cache[type_of(gfp)][i];
	return cache >= 0 ? cache : k->cache[KMR_KMALLOC_NORMAL][i];
}

static void format_name(char *name, size_t size, const char *prefix, uint32_t bytes)
{
	if (bytes >= 1024)
		(void)snprintf(name, size, "%s%uk", prefix, bytes / 1024);
	else
		(void)snprintf(name, size, "%s%u", prefix, bytes);
}

int kmr_kmalloc_create(struct kmr_kmalloc *k, unsigned int version,
		       int (*create)(struct kmr_object_backend *b,
				     const struct kmr_cache_spec *spec, struct kmr_error *err),
		       struct kmr_object_backend *b, struct kmr_error *err)
{
	for (unsigned int t = 0; t < KMR_KMALLOC_TYPES; t++) {
		if (t == KMR_KMALLOC_CGROUP && version <= 601)
			continue;
		for (unsigned int i = 0; i < KMR_KMALLOC_SIZES; i++) {
			char name[KMR_SNAP_CACHE_NAME];
			struct kmr_cache_spec spec;

			if (k->cache[t][i] >= 0 || sizes[i] < k->min || sizes[i] > k->max)
				continue;
			format_name(name, sizeof(name), types[t].prefix, sizes[i]);
			memset(&spec, 0xff, sizeof(spec));
			spec.name = name;
			spec.object_size = sizes[i];
			/*
			 * create_boot_cache(): powers of two are aligned to themselves, and in 6.12
			 * the others to the largest one that divides them
			 */
			if (version > 601 || !(sizes[i] & (sizes[i] - 1)))
				spec.align = sizes[i] & (~sizes[i] + 1);
			spec.flags = KMR_CACHE_KMALLOC | types[t].flags;
			if (create(b, &spec, err) < 0)
				return -1;
		}
	}
	return 0;
}

unsigned int kmr_bytes_order(uint64_t bytes, unsigned int page_shift)
{
	const uint64_t pages = bytes ? (bytes - 1) >> page_shift : 0;

	return pages ? 64 - (unsigned int)__builtin_clzll(pages) : 0;
}
