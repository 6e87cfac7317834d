/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vmap backends: models of how a kernel hands out its virtual address space (mm/vmalloc.c).  A
 * backend is one const struct kmr_vmap_ops; it is created for a machine, chooses addresses by itself,
 * takes pages from whoever gives it struct kmr_vmap_memory and knows nothing of the allocators behind
 * that, nor of traces.
 *
 * And the mappings of single pages of high memory (mm/highmem.c): permanent ones in the slots of
 * pkmap, fixed ones of a CPU.
 */
#ifndef KMREPLAY_VMAP_H
#define KMREPLAY_VMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/addrspace.h"
#include "kmreplay/error.h"
#include "kmreplay/machine.h"
#include "kmreplay/object.h"
#include "kmreplay/page.h"
#include "kmreplay/param.h"

#define KMR_NO_ADDR UINT64_MAX

/* What is to be mapped, and for whom. */
struct kmr_vmap_request {
	uint64_t bytes; /* rounded up to pages; a guard page comes on top */
	uint64_t align; /* bytes, a power of two; below a page: a page */
	/* the range it must lie in, end exclusive; both 0: vmalloc's space */
	uint64_t start, end;
	uint32_t gfp; /* canonical, gfp.h */
	int16_t node; /* -1: any, beginning with the CPU's */
	uint16_t cpu;
};

/* Where pages and the allocator's own objects come from. */
struct kmr_vmap_memory {
	void *ctx;
	/* KMR_NO_PFN: none left */
	kmr_pfn_t (*page_alloc)(void *ctx, const struct kmr_page_request *req);
	void (*page_free)(void *ctx, kmr_pfn_t pfn, unsigned int cpu); /* one, order 0 */
	/*
	 * kmalloc() and kfree() for struct vmap_area, vm_struct, vmap_block and arrays of pages;
	 * KMR_NO_OBJ: none left.  Both NULL: those are counted but take no memory.
	 */
	kmr_obj_t (*object_alloc)(void *ctx, const struct kmr_object_request *req);
	void (*object_free)(void *ctx, kmr_obj_t obj, unsigned int cpu);
};

struct kmr_vmap_config {
	const struct kmr_machine *machine; /* must outlive the backend */
	unsigned int version; /* 601, 612: whose rules */
	struct kmr_vmap_memory memory;
	/* Areas that were freed wait for drain(): a trace tells when.  Otherwise it comes by itself. */
	bool drained_by_caller;
};

/* The space at one moment. */
struct kmr_vmap_state {
	uint64_t areas; /* in use, blocks of small maps included */
	uint64_t area_bytes; /* with guard pages */
	uint64_t lazy_areas, lazy_pages; /* freed, not yet purged */
	uint64_t pooled_areas, pooled_pages; /* kept by CPUs for requests of their size: 6.9 */
	/* room in vmalloc's space: gaps that can be given out */
	uint64_t holes, hole_bytes, largest_hole;
	uint64_t blocks; /* of small maps */
	uint64_t block_used, block_dirty; /* pages of those: mapped; unmapped and not yet flushed */
	uint64_t pages; /* allocated for vmalloc() */
	uint64_t table_pages; /* of page tables */
	uint64_t object_bytes; /* own objects and arrays, as asked for */
};

/* How often the model did what, since it was created. */
struct kmr_vmap_work {
	uint64_t allocs, frees; /* vmalloc(), vfree() */
	uint64_t maps, unmaps; /* vmap(), vunmap() */
	uint64_t ram_maps, ram_unmaps; /* vm_map_ram(), vm_unmap_ram() */
	uint64_t areas; /* address ranges given out, for whatever it was */
	uint64_t no_room; /* requests that failed for want of addresses */
	uint64_t no_pages; /* for want of memory */
	uint64_t bad_frees; /* of what is not in use: reported, otherwise ignored */
	uint64_t steps; /* nodes of trees and lists looked at to find room */
	uint64_t restarts; /* rbtree: searches from the range's beginning, not the cached area */
	uint64_t fit_full, fit_left, fit_right, fit_none; /* augmented: how holes were cut */
	uint64_t purges, purged_areas, purged_pages;
	uint64_t
		forced_purges; /* tried because a request found no room, with something to purge or not */
	uint64_t flushes; /* of all CPUs' TLBs */
	uint64_t pool_hits, pool_adds, pool_decays; /* 6.9 */
	uint64_t blocks, block_frees;
	uint64_t page_allocs, page_frees; /* for vmalloc() */
	uint64_t bulk_calls; /* alloc_pages_bulk(), of at most 100 pages each: since 5.13 */
	uint64_t table_allocs;
};

struct kmr_vmap_backend; /* defined by src/vmap/ */

struct kmr_vmap_ops {
	const char *name;
	const char *description; /* one line */
	const struct kmr_param *params;
	unsigned int nr_params;
	bool pools; /* may keep areas for a CPU: 6.9 */

	/*
	 * A backend whose space is empty.  @params holds nr_params values in the order of ->params,
	 * NULL: the defaults.  NULL with a message when the machine has no known address space.
	 */
	struct kmr_vmap_backend *(*create)(const struct kmr_vmap_config *config,
					   const uint64_t *params, struct kmr_error *err);
	void (*destroy)(struct kmr_vmap_backend *b);

	/* vmalloc(): the address of an area with pages in it; KMR_NO_ADDR: no room or no pages. */
	uint64_t (*alloc)(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req);
	/* vfree().  -1 and nothing done: no area of alloc() begins there. */
	int (*free)(struct kmr_vmap_backend *b, uint64_t addr, unsigned int cpu);
	/* vmap() of pages that the caller has, vunmap(); results as above. */
	uint64_t (*map)(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req);
	int (*unmap)(struct kmr_vmap_backend *b, uint64_t addr, unsigned int cpu);
	/*
	 * vm_map_ram() of @pages pages: no guard page, and up to as many as a word has bits in a
	 * block of the CPU.  vm_unmap_ram() needs the same @pages.
	 */
	uint64_t (*map_ram)(struct kmr_vmap_backend *b, uint32_t pages, int node, unsigned int cpu);
	int (*unmap_ram)(struct kmr_vmap_backend *b, uint64_t addr, uint32_t pages,
			 unsigned int cpu);

	/*
	 * alloc_vmap_area() and free_vmap_area_noflush(): addresses alone, of exactly @req->bytes (a
	 * multiple of the page size, guard page included), without objects.
	 */
	uint64_t (*take)(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req);
	int (*give)(struct kmr_vmap_backend *b, uint64_t addr, unsigned int cpu);
	/* [start, end) has been in use from the beginning, its page tables too.  -1: not all free. */
	int (*reserve)(struct kmr_vmap_backend *b, uint64_t start, uint64_t end);

	/* For verification, after a miss: the last take() is undone as if it had never been. */
	void (*untake)(struct kmr_vmap_backend *b, uint64_t addr);
	/* As take(), at @addr and nowhere else.  -1 and nothing done: that is not all to be had. */
	int (*take_at)(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req,
		       uint64_t addr);

	/* The work that purges in the background: drain_vmap_area_work(). */
	void (*drain)(struct kmr_vmap_backend *b);
	/* What was freed can be had again, and no TLB knows it any more: vm_unmap_aliases(). */
	void (*purge)(struct kmr_vmap_backend *b);
	/* Memory is short: pools go back (shrinker of 6.9). */
	void (*shrink)(struct kmr_vmap_backend *b);

	void (*state)(const struct kmr_vmap_backend *b, struct kmr_vmap_state *state);
	const struct kmr_vmap_work *(*work)(const struct kmr_vmap_backend *b);
	const struct kmr_address_space *(*space)(const struct kmr_vmap_backend *b);
	unsigned int (*version)(const struct kmr_vmap_backend *b); /* whose rules it goes by */
	/* pages freed and not yet purged; and how many there may be before that happens */
	uint64_t (*lazy_pages)(const struct kmr_vmap_backend *b);
	uint64_t (*lazy_max)(const struct kmr_vmap_backend *b);
	/* Walks every invariant; -1 with the first that does not hold. */
	int (*check)(const struct kmr_vmap_backend *b, struct kmr_error *err);
};

/* The backends that are built in; NULL past the last, or when there is none of that name. */
const struct kmr_vmap_ops *kmr_vmap_backend_at(unsigned int i);
const struct kmr_vmap_ops *kmr_vmap_backend_find(const char *name);

/* "augmented,nodes=1", as kmr_page_backend_parse() takes those. */
const struct kmr_vmap_ops *kmr_vmap_backend_parse(const char *spec, uint64_t *params,
						  struct kmr_error *err);

/* Counts of permanent mappings. */
struct kmr_pkmap_stats {
	uint64_t maps, unmaps; /* calls for pages of high memory */
	uint64_t lowmem; /* for others, which need no slot */
	uint64_t reused; /* the page was mapped already, or not yet flushed */
	uint64_t wraps; /* times that the search came round to slot 0 */
	uint64_t flushes; /* of all CPUs' TLBs, for slots nobody used any more */
	uint64_t flushed_slots;
	uint64_t waits; /* had to wait for a slot */
	uint64_t most_waiting;
	uint64_t given_up; /* unmapped while they waited */
	uint64_t most_used; /* slots in use at one time */
	uint64_t bad_unmaps; /* of pages that are not mapped */
};

struct kmr_pkmap;

/* NULL with a message when the machine's address space is not known, or there is no memory. */
struct kmr_pkmap *kmr_pkmap_create(const struct kmr_machine *machine, struct kmr_error *err);
void kmr_pkmap_destroy(struct kmr_pkmap *p);
/*
 * kmap(): the page's address.  KMR_NO_ADDR: every slot is in use; the caller waits, and will have its
 * mapping when an unmap makes room, in the order of waiting.
 */
uint64_t kmr_pkmap_map(struct kmr_pkmap *p, kmr_pfn_t pfn);
/* kunmap(); of a page that waits: it does no longer.  -1: not mapped. */
int kmr_pkmap_unmap(struct kmr_pkmap *p, kmr_pfn_t pfn);
/* Where the page is mapped, KMR_NO_ADDR: nowhere. */
uint64_t kmr_pkmap_address(const struct kmr_pkmap *p, kmr_pfn_t pfn);
unsigned int kmr_pkmap_slots(const struct kmr_pkmap *p);
unsigned int kmr_pkmap_used(const struct kmr_pkmap *p); /* slots with users */
unsigned int kmr_pkmap_waiting(const struct kmr_pkmap *p);
const struct kmr_pkmap_stats *kmr_pkmap_stats(const struct kmr_pkmap *p);
int kmr_pkmap_check(const struct kmr_pkmap *p, struct kmr_error *err);

/* Counts of fixed mappings. */
struct kmr_kmap_local_stats {
	uint64_t maps, unmaps; /* of pages of high memory */
	uint64_t lowmem;
	uint64_t deepest; /* mappings of one task at one time */
	uint64_t overflows; /* one more than fits: the kernel stops with BUG() */
	uint64_t misordered; /* unmaps of another than the last mapping */
	uint64_t bad_unmaps; /* of a task that has none */
};

struct kmr_kmap_local;

struct kmr_kmap_local *kmr_kmap_local_create(const struct kmr_machine *machine,
					     struct kmr_error *err);
void kmr_kmap_local_destroy(struct kmr_kmap_local *k);
/*
 * kmap_local_page() by @task on @cpu: the slot is the CPU's, its number how many mappings the task
 * has.  KMR_NO_ADDR: overflow, or no memory.  One slot of KM_MAX_IDX is never used: the index is
 * compared after it was raised (mm/highmem.c: kmap_local_idx_push()).
 */
uint64_t kmr_kmap_local_map(struct kmr_kmap_local *k, unsigned int cpu, uint16_t task,
			    kmr_pfn_t pfn);
/*
 * kunmap_local(): takes away the task's last mapping, as the kernel does even when it is another.
 * -1: it has none, or another was meant.
 */
int kmr_kmap_local_unmap(struct kmr_kmap_local *k, uint16_t task, kmr_pfn_t pfn);
unsigned int kmr_kmap_local_depth(const struct kmr_kmap_local *k, uint16_t task);
const struct kmr_kmap_local_stats *kmr_kmap_local_stats(const struct kmr_kmap_local *k);

#endif
