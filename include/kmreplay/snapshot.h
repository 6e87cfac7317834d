/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An exact snapshot of a kernel's page allocator: every free list and per-CPU list in order, every
 * pageblock's type, and the machine they belong to.  Read from the kmsnap text format, or saved
 * from a running model, so that the two can be compared.
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
	/* capacities of the arrays above, in entries */
	size_t cap_pageblocks, cap_free_lists, cap_pcp_lists, cap_pcps, cap_pfns, cap_slabs;
};

/*
 * Reads a kmsnap file, plain or zstd.  Records of object allocators are skipped but for slabpage.
 * Every pfn is checked to lie in its zone, aligned to its order, and to be on one list only.
 * Errors name file and line.  The caller frees with kmr_snapshot_free() in either case.
 */
int kmr_snapshot_read(struct kmr_snapshot *snap, const char *path, struct kmr_error *err);

/* True when the file's content begins like a snapshot (plain or zstd). */
int kmr_snapshot_probe(const char *path);

/*
 * Building one: append, growing the arrays.  0 or -1, an entry or NULL (no memory).  New lists
 * begin at the next pfn to be added; their count is the caller's to keep.  Entries stay valid
 * until the next of their kind is added.
 */
int kmr_snapshot_add_pfn(struct kmr_snapshot *snap, uint32_t pfn);
struct kmr_snap_slab *kmr_snapshot_add_slab(struct kmr_snapshot *snap);
struct kmr_snap_list *kmr_snapshot_add_free_list(struct kmr_snapshot *snap);
struct kmr_snap_list *kmr_snapshot_add_pcp_list(struct kmr_snapshot *snap);
struct kmr_snap_pcp *kmr_snapshot_add_pcp(struct kmr_snapshot *snap);
int kmr_snapshot_add_pageblock(struct kmr_snapshot *snap, uint8_t migratetype);

void kmr_snapshot_free(struct kmr_snapshot *snap);

#endif
