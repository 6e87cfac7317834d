/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a trace of a machine short of memory asks of a page backend: how far the kernel's attempts
 * at a request had failed, when kswapd is done, which free blocks compaction takes.
 */
#ifndef KMREPLAY_FOLLOW_H
#define KMREPLAY_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/page.h"

/*
 * What a trace tells of the way that the kernel took to the frame of a request: how far its
 * attempts had failed, never what they gave.  All 0: nothing.
 */
enum {
	KMR_WAY_SLOW = 1 << 0, /* no zone passed the low watermark: the slow path was taken */
	KMR_WAY_RECLAIMED = 1 << 1, /* nor the min watermark; what was reclaimed is free by now */
	KMR_WAY_MEMALLOC = 1 << 2, /* the task is reclaiming: PF_MEMALLOC */
	/* the trace would tell of reclaim: the kernel drained nothing for what did without */
	KMR_WAY_TOLD = 1 << 3,
};

struct kmr_way {
	uint8_t seen; /* KMR_WAY_* */
	uint64_t dirty_nodes; /* bit a node: beyond its dirty limit (node_dirty_ok()) */
};

/* Where compaction looks for places to move pages to; of one run of it. */
struct kmr_free_search {
	uint32_t free_pfn, migrate_pfn; /* where the two scanners are */
	uint16_t zone;
	uint8_t order; /* that memory is compacted for; 0: for none, the whole zone */
	uint8_t search_order; /* to begin with; kept by the search */
	uint8_t fails; /* searches that found nothing; likewise */
	bool first; /* the free scanner is where it began */
	uint32_t want; /* pages that the kernel's search found; KMR_NO_PFN: not known */
	uint32_t pages; /* found: of the block */
};

/* Compaction has taken @pages from the free lists, one block. */
typedef void (*kmr_isolated_fn)(void *ctx, kmr_pfn_t pfn, uint32_t pages);

/* A range that compaction's free scanner went over. */
struct kmr_free_range {
	kmr_pfn_t start, end;
	uint32_t scanned; /* frames looked at, those of a free block or a compound page included */
	uint32_t taken; /* pages; KMR_NO_PFN: not told, all that are free are taken */
};

struct kmr_follow_ops {
	/* What is known of the next alloc(), which uses it up. */
	void (*way)(struct kmr_page_backend *b, const struct kmr_way *way);
	/* The zone whose watermark lets @req pass, its way being @way; -1: none. */
	int (*zone_for)(const struct kmr_page_backend *b, const struct kmr_page_request *req,
			const struct kmr_way *way);
	/*
	 * The CPUs' parts of the free pages' counts are made what they must be for @req to go to
	 * @zone, where a zone was so near its watermark that they can have made it: nothing tells
	 * when the kernel adds them up.  False: they can't.  (mm/vmstat.c: refresh_cpu_vm_stats())
	 */
	bool (*learn_counts)(struct kmr_page_backend *b, const struct kmr_page_request *req,
			     const struct kmr_way *way, int zone);
	/*
	 * The round of kswapd that has begun is for zones up to the kernel's number @highest alone:
	 * others' lists keep their limits, and their boosts stay.  (mm/vmscan.c: balance_pgdat())
	 */
	void (*limit_round)(struct kmr_page_backend *b, unsigned int node, unsigned int highest);
	/*
	 * Whether a zone of @node, up to the kernel's number @highest, is above its high watermark
	 * with its boost.  (mm/vmscan.c: pgdat_balanced())
	 */
	bool (*balanced)(const struct kmr_page_backend *b, unsigned int node, unsigned int order,
			 unsigned int highest);
	/*
	 * Whether kswapd of @node, woken for @order, is done when it has reclaimed @reclaimed pages:
	 * a zone is above its high watermark, and the boosts that it found have been made up for,
	 * with nothing to be told to kcompactd.  Zones up to the kernel's number @highest count, for
	 * kcompactd up to @compact_highest.  (mm/vmscan.c: balance_pgdat(), pgdat_balanced();
	 * mm/compaction.c: wakeup_kcompactd())
	 */
	bool (*kswapd_done)(const struct kmr_page_backend *b, unsigned int node, unsigned int order,
			    unsigned int highest, unsigned int compact_highest, uint64_t reclaimed);
	/*
	 * kswapd of @node wakes up, or goes to sleep for good: while it is awake CPUs keep other
	 * parts of the counts of free pages to themselves.  (mm/vmstat.c:
	 * set_pgdat_percpu_threshold())
	 */
	void (*kswapd_awake)(struct kmr_page_backend *b, unsigned int node, bool awake);
	/*
	 * A fallback that the model did not make, or made and the kernel did not: the boost of the
	 * watermarks of @pfn's zone that came of it is there, or gone.  (mm/page_alloc.c:
	 * boost_watermark())
	 */
	void (*boost)(struct kmr_page_backend *b, kmr_pfn_t pfn, bool more);
	/*
	 * From now on no fallback of the model's raises watermarks, but boost() alone: a boost is
	 * for kswapd to make up for, and the traced one does for those of its own kernel only.
	 */
	void (*boosts_told)(struct kmr_page_backend *b);
	/*
	 * Compaction takes the free blocks that it comes upon in @range, in steps that make it what
	 * the trace says if there are such: they are used from now on.  Returns pages; @isolated is
	 * told of each block.  (mm/compaction.c: isolate_freepages_block())
	 */
	uint32_t (*isolate_range)(struct kmr_page_backend *b, const struct kmr_free_range *range,
				  kmr_isolated_fn isolated, void *ctx);
	/*
	 * Compaction takes a block from the free lists, if one will do.  Returns its first frame or
	 * KMR_NO_PFN.  (mm/compaction.c: fast_isolate_freepages())
	 */
	kmr_pfn_t (*free_search)(struct kmr_page_backend *b, struct kmr_free_search *s);
	/*
	 * Compaction looks through the free lists for a pageblock to move pages out of, which leaves
	 * them in another order, and goes on with that at @block.  False: not because of that
	 * search.  (mm/compaction.c: fast_find_migrateblock())
	 */
	bool (*migrate_search)(struct kmr_page_backend *b, struct kmr_free_search *s,
			       kmr_pfn_t block);
};

/* Compaction of the traced kernel's, followed; pages. */
struct kmr_moved_report {
	uint64_t compactions; /* runs */
	uint64_t moved;
	uint64_t homeless; /* that there was no place for */
	uint64_t freed; /* of those moved, by a later free of a frame that nobody had allocated */
};

#endif
