/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ranges of frames: what is done to memory by place, not by size.
 *
 *   contig.c   what a machine needs of it; ranges taken from whoever has them: alloc_contig_range()
 *   isolate.c  pageblocks that nothing is allocated from: mm/page_isolation.c
 *   migrate.c  used blocks to other frames: mm/migrate.c, mm/compaction.c
 *   cma.c      areas lent to movable requests: mm/cma.c
 *   hotplug.c  memory that comes and goes: mm/memory_hotplug.c
 *   hugetlb.c  the pool of huge pages: mm/hugetlb.c
 *
 * Whether a used block can be moved is whether it was asked for as movable.  The kernel can also
 * fail to move what is pinned or under I/O for the moment, and rather drops clean page cache than
 * move it; a trace tells neither.
 */
#ifndef KMR_PAGE_CONTIG_H
#define KMR_PAGE_CONTIG_H

#include "page/linux.h"

/* section_zone: as boot left it; not online; else the number of its zone + 1. */
#define KMR_SECTION_BOOT    0
#define KMR_SECTION_OFFLINE 0xff

_Static_assert(KMR_MAX_ZONES < KMR_SECTION_OFFLINE, "a section's zone fits into a byte");

struct kmr_cma {
	uint32_t start, pages; /* frames */
	uint32_t nr_bits; /* in bitmap */
	uint8_t order_per_bit;
	bool active; /* cma_activate() was there */
	struct kmr_zone *zone;
	uint64_t *bitmap; /* bit set: those 2^order_per_bit frames are handed out */
};

struct kmr_huge_pool {
	unsigned int order;
	uint32_t gfp; /* htlb_alloc_mask() */
	uint64_t nr; /* pages of that order, all of them unused */
	uint64_t nr_node[KMR_MAX_NODES];
	struct kmr_list lists[KMR_MAX_NODES];
	unsigned int next_alloc, next_free; /* nodes, for taking turns */
};

struct kmr_contig {
	struct kmr_machine machine; /* as it is by now */
	bool thp_on; /* as booted: raises min_free_kbytes */
	unsigned int section_order; /* 0: memory can't come or go */
	unsigned int nr_cma;
	struct kmr_cma cma[KMR_MAX_CMA];
	struct kmr_huge_pool huge;
	struct kmr_contig_work work;
};

/* Memory of the machine can come and go: it is known how. */
static inline bool kmr_has_sections(const struct kmr_machine *m)
{
	const uint64_t top = UINT64_C(1) << (m->nr_orders - 1);

	return m->section_pages >= top && m->section_pages >= UINT64_C(1) << m->pageblock_order &&
	       !(m->section_pages & (m->section_pages - 1));
}

/* contig.c */
int kmr_contig_check_machine(const struct kmr_machine *m, struct kmr_error *err);
/* -1: no memory; kmr_contig_free() in either case. */
int kmr_contig_init(struct kmr_page_backend *b, const struct kmr_machine *m);
void kmr_contig_free(struct kmr_page_backend *b);
/*
 * Makes the frames from @start to @end, all of @z, used by the caller: single frames that don't
 * move.  @migratetype is that of their pageblocks, before and after.
 */
enum kmr_range_result kmr_alloc_contig_range(struct kmr_page_backend *b, struct kmr_zone *z,
					     uint32_t start, uint32_t end, unsigned int migratetype,
					     unsigned int cpu);
/* Gives back single frames one by one: free_contig_range(). */
void kmr_free_contig_range(struct kmr_page_backend *b, uint32_t pfn, uint32_t pages,
			   unsigned int cpu);
/*
 * The block that holds frame @pfn, used or free: its first frame, and *order.  A used one of which
 * parts were given back counts as single frames.
 */
uint32_t kmr_block_of(const struct kmr_page_backend *b, uint32_t pfn, unsigned int *order);
/* The order of the block that begins at @pfn. */
unsigned int kmr_block_order(const struct kmr_page_backend *b, uint32_t pfn);
void kmr_linux_split(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order);
const struct kmr_contig_work *kmr_linux_contig_work(const struct kmr_page_backend *b);

/* isolate.c */
/*
 * Isolates the pageblocks of a range; @migratetype is what they become if that fails.  BUSY: none
 * is isolated, and *@busy is what stood in the way.
 */
enum kmr_range_result kmr_isolate_range(struct kmr_page_backend *b, struct kmr_zone *z,
					uint32_t start, uint32_t end, unsigned int migratetype,
					unsigned int cpu, uint32_t *busy);
void kmr_undo_isolate(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t start, uint32_t end,
		      unsigned int migratetype, unsigned int cpu);
/* The first frame of a range that is not free within an isolated pageblock, or KMR_NO_PFN. */
uint32_t kmr_test_isolated(const struct kmr_page_backend *b, const struct kmr_zone *z,
			   uint32_t start, uint32_t end);
/* Cuts the free block at @pfn in two, @offset frames from its beginning: split_free_page(). */
void kmr_split_free_page(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			 uint32_t offset, unsigned int cpu);

/* migrate.c */
/* As alloc_contig_range() does, and as offline_pages() does; BUSY is seen afterwards. */
enum kmr_range_result kmr_migrate_for_contig(struct kmr_page_backend *b, const struct kmr_zone *z,
					     uint32_t start, uint32_t end, unsigned int cpu);
enum kmr_range_result kmr_migrate_for_offline(struct kmr_page_backend *b, const struct kmr_zone *z,
					      uint32_t start, uint32_t end, unsigned int cpu,
					      uint32_t *busy);

/* cma.c */
void kmr_linux_cma_activate(struct kmr_page_backend *b, bool reserved);
kmr_pfn_t kmr_linux_cma_alloc(struct kmr_page_backend *b, unsigned int area, uint64_t pages,
			      unsigned int align, unsigned int cpu);
int kmr_linux_cma_release(struct kmr_page_backend *b, unsigned int area, kmr_pfn_t pfn,
			  uint64_t pages, unsigned int cpu);
int kmr_cma_check(const struct kmr_page_backend *b, struct kmr_error *err);

/* hotplug.c */
enum kmr_range_result kmr_linux_online(struct kmr_page_backend *b,
				       const struct kmr_memory_block *block, unsigned int cpu);
enum kmr_range_result kmr_linux_offline(struct kmr_page_backend *b, uint64_t pfn, uint64_t pages,
					unsigned int cpu, kmr_pfn_t *busy);
int kmr_hotplug_check(const struct kmr_page_backend *b, struct kmr_error *err);

/* hugetlb.c */
void kmr_huge_init(struct kmr_huge_pool *pool, const struct kmr_machine *m);
uint64_t kmr_linux_set_huge_pages(struct kmr_page_backend *b, uint64_t nr, int node,
				  unsigned int cpu);
/* Another page takes the place of the one at @pfn; -1: there is none on its node. */
int kmr_huge_replace(struct kmr_page_backend *b, uint32_t pfn, unsigned int cpu);
/* The pool loses the page at @pfn to the free lists. */
void kmr_huge_dissolve(struct kmr_page_backend *b, uint32_t pfn, unsigned int cpu);
int kmr_huge_check(const struct kmr_page_backend *b, struct kmr_error *err);

#endif
