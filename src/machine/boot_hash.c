// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hash tables of the dentry and inode caches (fs/dcache.c, fs/inode.c), which
 * alloc_large_system_hash() sizes by what memory there is.
 */
#include "machine/boot.h"

#define MIB	     (UINT64_C(1) << 20)
#define DENTRY_SCALE 13 /* a bucket for so many bytes of memory, a power of two */
#define INODE_SCALE  14
/* ADAPT_SCALE_BASE of 64 bits: beyond 64 GiB tables grow half as fast as memory */
#define ADAPT_BYTES (UINT64_C(64) << 30)
#define MAX_BUCKETS UINT64_C(0x80000000)

/* calc_nr_kernel_pages() of mm/mm_init.c: what is free when zones are set up */
static void count_free(const struct kmr_boot *b, struct kmr_boot_pages *basis)
{
	const uint64_t high = b->zone_low[KMR_ZONE_HIGHMEM];
	uint64_t start = 0, end;

	for (; kmr_memblock_next_free(&b->mb, &start, &end); start = end) {
		uint64_t from = (start + b->page - 1) / b->page, to = end / b->page;

		if (from >= to)
			continue;
		basis->all += to - from;
		if (high && to > high)
			to = high;
		if (from < to)
			basis->kernel += to - from;
	}
}

/* calc_memmap_size() of 6.1: by what is present when there are large holes */
static uint64_t memmap_pages(const struct kmr_boot *b, const struct kmr_zone_spec *z)
{
	uint64_t pages = z->spanned;

	if (pages > z->present + (z->present >> 4) && b->m->section_pages)
		pages = z->present;
	return (pages * b->profile.struct_page + b->page - 1) / b->page;
}

/* free_area_init_core() of 6.1: what is present, less what mem_map will take */
static void count_present(const struct kmr_boot *b, struct kmr_boot_pages *basis)
{
	for (unsigned int i = 0; i < b->m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &b->m->zones[i];
		bool high = z->type == KMR_ZONE_HIGHMEM ||
			    (z->type == KMR_ZONE_MOVABLE &&
			     b->zone_high[KMR_ZONE_HIGHMEM] > b->zone_low[KMR_ZONE_HIGHMEM]);
		uint64_t map = memmap_pages(b, z), size = z->present;

		if (!z->spanned)
			continue;
		if (!high && size >= map)
			size -= map;
		if (z->type == KMR_ZONE_DMA && size > b->dma_reserve)
			size -= b->dma_reserve;
		if (!high)
			basis->kernel += size;
		else if (basis->kernel > map * 2)
			basis->kernel -= map;
		basis->all += size;
	}
}

void kmr_boot_count_pages(struct kmr_boot *b)
{
	if (b->spec->kernel == KMR_KERNEL_6_1)
		count_present(b, &b->pages);
	else
		count_free(b, &b->pages);
}

static uint64_t round_up_pow2(uint64_t v)
{
	return v > 1 ? UINT64_C(1) << (64 - __builtin_clzll(v - 1)) : 1;
}

/* Bytes of a table with a bucket for each 2^@scale bytes. */
static uint64_t table_bytes(const struct kmr_boot *b, const struct kmr_boot_pages *basis,
			    unsigned int scale)
{
	const unsigned int shift = b->m->page_shift;
	const uint64_t bucket = b->profile.long_bytes, mib = MIB / b->page;
	uint64_t buckets = basis->kernel, most, adapt;

	if (mib)
		buckets = (buckets + mib - 1) / mib * mib;
	for (adapt = ADAPT_BYTES / b->page; b->profile.long_bytes == 8 && adapt < buckets;
	     adapt <<= 2)
		scale++;
	buckets = scale > shift ? buckets >> (scale - shift) : buckets << (shift - scale);
	if (buckets * bucket < b->page)
		buckets = b->page / bucket;
	buckets = round_up_pow2(buckets);
	most = (basis->all << shift >> 4) / bucket;
	if (most > MAX_BUCKETS)
		most = MAX_BUCKETS;
	if (buckets > most)
		buckets = most ? UINT64_C(1) << (63 - __builtin_clzll(most)) : 1;
	return buckets * bucket;
}

void kmr_boot_hashes(struct kmr_boot *b)
{
	const struct kmr_boot_pages *basis = &b->pages;
	unsigned int nodes = 0;
	uint64_t start, end;

	for (unsigned int n = 0; n < b->m->nr_nodes; n++)
		nodes += kmr_boot_node_span(b, n, &start, &end);
	/* with several nodes they come from vmalloc, spread over them, after the hand-over */
	if (nodes > 1 && b->profile.long_bytes == 8)
		return;
	(void)kmr_boot_take(b, "dentry hash", table_bytes(b, basis, DENTRY_SCALE),
			    b->profile.cache_line);
	(void)kmr_boot_take(b, "inode hash", table_bytes(b, basis, INODE_SCALE),
			    b->profile.cache_line);
}
