/* SPDX-License-Identifier: GPL-2.0-only */
/* What every model of a page allocator needs, whatever its frames and zones are like. */
#ifndef KMR_PAGE_COMMON_H
#define KMR_PAGE_COMMON_H

#include <stddef.h>
#include <sys/mman.h>

#include "kmreplay/gfp.h"
#include "kmreplay/machine.h"
#include "kmreplay/page.h"

/* classic_2_6.c, classic_2_4.c; those of one engine are in linux.h */
extern const struct kmr_page_ops kmr_linux_2_6_24;
extern const struct kmr_page_ops kmr_linux_2_4;

/* The machine is one that a backend can be made for.  (versions.c) */
int kmr_page_check_machine(const struct kmr_machine *m, struct kmr_error *err);

/*
 * The zonelists of @m: by node and highest zone type, nr_zones + 1 each, the zones' indices with
 * 0xffff behind the last.  (versions.c)
 */
void kmr_fill_zonelists(uint16_t *zonelists, const struct kmr_machine *m);

/* How many pageblocks a zone has a part of. */
static inline size_t kmr_zone_pageblocks(const struct kmr_zone_spec *z,
					 unsigned int pageblock_order)
{
	const uint64_t end = z->start_pfn + z->spanned;

	return z->spanned ? ((end - 1) >> pageblock_order) - (z->start_pfn >> pageblock_order) + 1
			  : 0;
}

/* Adds the types of @nr pageblocks to @counts, which has KMR_MIGRATE_TYPES.  (state.c) */
void kmr_count_pageblocks(const uint8_t *types, uint32_t nr, uint64_t *counts);

/* Zero pages that cost nothing until they are written; NULL: no memory.  munmap() is the caller's. */
static inline void *kmr_map_zero(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* What is done to the pages of a block before it is handed out: post_alloc_hook(), prep_compound_page() */
static inline void kmr_prepare_steps(struct kmr_page_steps *steps,
				     const struct kmr_page_request *req,
				     unsigned int pageblock_order)
{
	const uint64_t pages = UINT64_C(1) << req->order;

	if (req->gfp & KMR_GFP_COMP)
		steps->tail_allocs += pages - 1;
	if (!(req->gfp & KMR_GFP_ZERO))
		return;
	if (req->order >= pageblock_order)
		steps->zeroed_huge_pages += pages;
	else
		steps->zeroed_pages += pages;
}

/*
 * The highest zone type that the flags allow: GFP_ZONE_TABLE in include/linux/gfp.h.  A type that
 * the kernel is built without stands for Normal.
 */
static inline unsigned int kmr_gfp_zone_type(const bool has_type[KMR_ZONE_NR_TYPES], uint32_t gfp)
{
	if (gfp & KMR_GFP_DMA)
		return has_type[KMR_ZONE_DMA] ? KMR_ZONE_DMA : KMR_ZONE_NORMAL;
	if (gfp & KMR_GFP_DMA32)
		return has_type[KMR_ZONE_DMA32] ? KMR_ZONE_DMA32 : KMR_ZONE_NORMAL;
	if ((gfp & KMR_GFP_HIGHMEM) && (gfp & KMR_GFP_MOVABLE))
		return KMR_ZONE_MOVABLE;
	if (gfp & KMR_GFP_HIGHMEM)
		return has_type[KMR_ZONE_HIGHMEM] ? KMR_ZONE_HIGHMEM : KMR_ZONE_NORMAL;
	return KMR_ZONE_NORMAL;
}

#endif
