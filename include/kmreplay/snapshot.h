/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An exact snapshot of a kernel's allocators: every free list and per-CPU list in order, every
 * pageblock's type, the machine they belong to, and the object allocator's caches and slabs with
 * every list of free objects.  Read from the kmsnap text format, or saved from a running model, so
 * that the two can be compared.
 */
#ifndef KMREPLAY_SNAPSHOT_H
#define KMREPLAY_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/machine.h"

/* A list of blocks, head first: pfns[first] .. pfns[first + count - 1]. */
struct kmr_snap_list {
	uint16_t zone; /* index into machine.zones */
	uint16_t cpu; /* per-CPU lists only */
	uint8_t index; /* free list: order; per-CPU list: the kernel's list index */
	uint8_t migratetype; /* free list */
	uint32_t count;
	size_t first;
};

/* Per-CPU state of a zone that is not lists. */
struct kmr_snap_pcp {
	uint16_t zone;
	uint16_t cpu;
	uint32_t count, high, batch; /* pages */
	uint32_t free_factor; /* 6.1 */
	int32_t stat_diff; /* NR_FREE_PAGES not folded into the zone yet, pages */
	uint32_t flags, high_min, high_max, free_count, alloc_factor; /* 6.7 and later */
};

struct kmr_snap_zone {
	uint64_t highatomic; /* pages reserved */
	uint64_t free; /* NR_FREE_PAGES as the zone has it, without the CPUs' diffs */
	size_t first_block; /* index of its first pageblock in pageblocks[] */
	size_t nr_blocks; /* from start_pfn rounded down to a pageblock */
};

struct kmr_snap_slab {
	uint64_t pfn;
	uint8_t order;
	uint16_t cache; /* index into caches; KMR_SNAP_NO_CACHE: of no cache that is named */
};

#define KMR_SNAP_NO_CACHE   UINT16_MAX
#define KMR_SNAP_CACHE_NAME 64

/* What of SLAB_* (include/linux/slab.h) an object allocator looks at; their numbers change. */
enum kmr_cache_flags {
	KMR_CACHE_RECLAIM = 0x01, /* SLAB_RECLAIM_ACCOUNT: pages are reclaimable */
	KMR_CACHE_DMA = 0x02,
	KMR_CACHE_DMA32 = 0x04,
	KMR_CACHE_ACCOUNT = 0x08, /* SLAB_ACCOUNT */
	KMR_CACHE_RCU = 0x10, /* SLAB_TYPESAFE_BY_RCU: its pages go back after a grace period */
	KMR_CACHE_CTOR = 0x20, /* has a constructor: nothing may be written to free objects */
	KMR_CACHE_KMALLOC = 0x40, /* a size class of kmalloc() */
	KMR_CACHE_NOLEAKTRACE = 0x80, /* SLAB: no management outside the slab */
};

/* An object allocator's cache; fields that the allocator has not are 0.  Sizes in bytes. */
struct kmr_snap_cache {
	char name[KMR_SNAP_CACHE_NAME];
	uint32_t object_size, size, align;
	uint32_t objects, order; /* of a slab */
	uint32_t flags; /* enum kmr_cache_flags, as far as the record tells */
	/* SLUB */
	uint32_t offset, min_objects, min_order, min_partial, cpu_partial_slabs;
	/* SLAB */
	uint32_t colour, colour_off, freelist_size, limit, batch, shared;
};

enum kmr_snap_kind {
	KMR_SNAP_CPU_SLAB, /* SLUB: items: the CPU's freelist, then the slab's own */
	KMR_SNAP_CPU_PARTIAL, /* SLUB: in list order */
	KMR_SNAP_NODE_PARTIAL, /* SLUB */
	KMR_SNAP_ARRAY_CACHE, /* SLAB: of a CPU; items: first entry first */
	KMR_SNAP_NODE, /* SLAB: a node's counts; items: its shared array cache */
	KMR_SNAP_SLAB_FULL, /* SLAB */
	KMR_SNAP_SLAB_PARTIAL, /* SLAB */
	KMR_SNAP_SLAB_FREE, /* SLAB */
	KMR_SNAP_SLOB_SMALL, /* SLOB: pages in list order */
	KMR_SNAP_SLOB_MEDIUM,
	KMR_SNAP_SLOB_LARGE,
};

/*
 * A record of an object allocator: a slab, or a list of free objects.  Its free objects are
 * items[first] .. items[first + count - 1], head of the list first:
 *  - of a slab: indices into it
 *  - ARRAY_CACHE, NODE: KMR_SNAP_ITEM(pfn, index), the pfn being the slab's first
 *  - SLOB: KMR_SNAP_ITEM(offset, units) of each free block, in units of 2 bytes
 */
#define KMR_SNAP_ITEM(high, low) ((uint64_t)(high) << 32 | (uint32_t)(low))
struct kmr_snap_objects {
	uint8_t kind; /* enum kmr_snap_kind */
	uint16_t cache; /* index into caches; SLOB: KMR_SNAP_NO_CACHE */
	uint16_t cpu; /* CPU_SLAB, CPU_PARTIAL, ARRAY_CACHE */
	uint16_t node; /* the others, but SLOB */
	uint64_t pfn; /* of a slab */
	uint32_t inuse; /* SLUB: inuse; SLAB: active; SLOB: free units */
	uint32_t objects; /* SLUB: in the slab */
	uint32_t offset; /* SLAB: of the first object in the slab, bytes */
	uint32_t remote; /* CPU_SLAB: how many of the items, at the end, are the slab's own list */
	uint32_t limit, batch, touched; /* ARRAY_CACHE */
	uint32_t total_slabs, free_slabs, free_objects, free_limit, colour_next; /* NODE */
	uint32_t count;
	size_t first;
};

struct kmr_snapshot {
	unsigned int seq; /* N of "kmsnap N": the marker in the trace */
	unsigned int version; /* 601, 612 by the records found; 0 when saved from a model */
	struct kmr_machine machine;
	struct kmr_snap_zone zones[KMR_MAX_ZONES]; /* as machine.zones */
	uint8_t *pageblocks; /* migratetype of each pageblock; KMR_MIGRATE_UNKNOWN: no memory */
	size_t nr_pageblocks;
	struct kmr_snap_list *free_lists;
	size_t nr_free_lists;
	struct kmr_snap_list *pcp_lists;
	size_t nr_pcp_lists;
	struct kmr_snap_pcp *pcps;
	size_t nr_pcps;
	uint32_t *pfns;
	size_t nr_pfns;
	struct kmr_snap_slab *slabs; /* pages of object allocators ("slabpage"), by pfn */
	size_t nr_slabs;
	struct kmr_snap_cache *caches; /* of the object allocator, in its own order */
	size_t nr_caches;
	struct kmr_snap_objects *objects; /* in the order of the file */
	size_t nr_objects;
	uint64_t *items;
	size_t nr_items;
	/* capacities of the arrays above, in entries */
	size_t cap_pageblocks, cap_free_lists, cap_pcp_lists, cap_pcps, cap_pfns, cap_slabs;
	size_t cap_caches, cap_objects, cap_items;
};

/*
 * Reads a kmsnap file, plain or zstd.  Every pfn is checked to lie in its zone, aligned to its
 * order, and to be on one list only; every free object to lie in a slab of its cache.
 * Errors name file and line.  The caller frees with kmr_snapshot_free() in either case.
 */
int kmr_snapshot_read(struct kmr_snapshot *snap, const char *path, struct kmr_error *err);

/* "slub", "slab" or "slob": whose records it has; NULL: of none. */
const char *kmr_snapshot_allocator(const struct kmr_snapshot *snap);

/* The slab whose first frame is @pfn; NULL: there is none.  Slabs are by pfn. */
const struct kmr_snap_slab *kmr_snapshot_find_slab(const struct kmr_snapshot *snap, uint64_t pfn);

/* True when the file's content begins like a snapshot (plain or zstd). */
int kmr_snapshot_probe(const char *path);

/*
 * Building one: append, growing the arrays.  0 or -1, an entry or NULL (no memory).  New lists
 * begin at the next pfn to be added; their count is the caller's to keep.  Entries stay valid
 * until the next of their kind is added.
 */
int kmr_snapshot_add_pfn(struct kmr_snapshot *snap, uint32_t pfn);
struct kmr_snap_slab *kmr_snapshot_add_slab(struct kmr_snapshot *snap);
struct kmr_snap_cache *kmr_snapshot_add_cache(struct kmr_snapshot *snap);
struct kmr_snap_objects *kmr_snapshot_add_objects(struct kmr_snapshot *snap);
int kmr_snapshot_add_item(struct kmr_snapshot *snap, uint64_t item);
struct kmr_snap_list *kmr_snapshot_add_free_list(struct kmr_snapshot *snap);
struct kmr_snap_list *kmr_snapshot_add_pcp_list(struct kmr_snapshot *snap);
struct kmr_snap_pcp *kmr_snapshot_add_pcp(struct kmr_snapshot *snap);
int kmr_snapshot_add_pageblock(struct kmr_snapshot *snap, uint8_t migratetype);

void kmr_snapshot_free(struct kmr_snapshot *snap);

#endif
