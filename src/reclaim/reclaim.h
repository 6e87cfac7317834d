/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of reclaim: its data, and what its files offer one another.
 *
 *   lru.c         the lists: what is on them, and how much of it in which zone
 *   vmscan.c      one pass over a node: how much of which list, active to inactive, reclaim;
 *                 direct reclaim
 *   mglru.c       the same with generations in place of active and inactive lists
 *   kswapd.c      a daemon a node that keeps zones above their high watermarks
 *   compaction.c  movable frames from the bottom of a zone to free ones at its top
 *   kcompactd.c   a daemon a node that does so beforehand
 *   pressure.c    what the page allocator asks, parameters, counts; out of memory
 *   check.c       the invariants
 *
 * 12 bytes a frame, an array by frame number that is mapped and costs nothing until touched: the
 * links of the list that the block is on, which list, the block's order and zone.  A frame of zeros
 * is on none.  A node has eight lists.  Classic: active and inactive, anonymous and file, as the
 * kernel's enum lru_list numbers them.  Generations: four of each kind.  Newest at the head, as
 * reclaim takes from the tail.  A zone keeps how many pages of it each list has, because what a
 * request can use decides how much of a list counts.
 *
 * Simpler than the kernel: no references are known, so nothing gets a second chance but by the list
 * it was put on; pages go to their list at once, not in batches of a CPU; a page that is to be
 * written is written at once; slab caches shrink as the trace says; no memory groups.
 */
#ifndef KMR_RECLAIM_RECLAIM_H
#define KMR_RECLAIM_RECLAIM_H

#include "kmreplay/reclaim.h"
#include "page/linux.h"

#define KMR_SWAP_CLUSTER_MAX	32u
#define KMR_DEF_PRIORITY	12
#define KMR_MAX_RECLAIM_RETRIES 16u
#define KMR_KCOMPACTD_CHECK_NS	UINT64_C(500000000) /* HPAGE_FRAG_CHECK_INTERVAL_MSEC */
#define KMR_LRU_LISTS		8u
#define KMR_NR_GENS		4u /* MAX_NR_GENS */
#define KMR_MIN_GENS		2u /* MIN_NR_GENS */

/* enum lru_list of the kernel; a kind is twice enum kmr_lru_kind */
enum {
	KMR_LRU_INACTIVE_ANON,
	KMR_LRU_ACTIVE_ANON,
	KMR_LRU_INACTIVE_FILE,
	KMR_LRU_ACTIVE_FILE,
};

enum {
	KMR_LRU_DIRTY = 1,
};

struct kmr_lru_frame {
	uint32_t next, prev; /* KMR_NO_PFN at the ends */
	uint8_t list; /* 1 + which of the node's; 0: none */
	uint8_t order;
	uint8_t zone; /* index in the backend */
	uint8_t flags;
};

_Static_assert(sizeof(struct kmr_lru_frame) == 12, "12 bytes a frame");

/* What a scan is after, and what it has come to: struct scan_control. */
struct kmr_scan {
	uint64_t to_reclaim;
	uint64_t scanned, reclaimed;
	uint64_t taken; /* of what was scanned, what was not skipped: it takes time */
	uint32_t gfp;
	unsigned int cpu; /* whose per-CPU lists get what is freed */
	unsigned int order;
	unsigned int highest; /* zone type: pages of higher ones do not help */
	int priority;
	bool may_swap;
	bool kswapd;
	bool deactivate[2]; /* by kind: its active list may be shrunk */
	bool force_deactivate, skipped_deactivate;
	bool compaction_ready;
};

enum kmr_kswapd_state {
	KMR_KSWAPD_ASLEEP,
	KMR_KSWAPD_NAPPING, /* for a tenth of a second, see whether it has slept too early */
	KMR_KSWAPD_RUNNABLE, /* woken, or found the node unbalanced */
	KMR_KSWAPD_BALANCING,
};

#define KMR_NO_TYPE KMR_ZONE_NR_TYPES

struct kmr_kswapd {
	enum kmr_kswapd_state state;
	uint64_t due; /* ns: when it goes on; UINT64_MAX: when it is woken */
	uint64_t credit; /* ns that it may run before others do, on a machine of one CPU */
	/* asked for since it last looked */
	unsigned int wanted_order, wanted_highest; /* KMR_NO_TYPE: nothing */
	unsigned int failures; /* rounds in a row that reclaimed nothing */
	/* of the round going on, or the last one */
	unsigned int order, reclaim_order, highest;
	struct kmr_scan scan;
	uint64_t boost_left; /* pages still to be reclaimed because of boosts */
	bool boosted;
	uint64_t boosts[KMR_MAX_ZONES];
};

struct kmr_kcompactd {
	uint64_t due; /* ns: when it wakes, asked or not */
	bool woken;
	unsigned int wanted_order, wanted_highest;
};

struct kmr_reclaim_node {
	struct kmr_list lists[KMR_LRU_LISTS];
	/* generations: of each kind, oldest and youngest; list seq % 4 * 2 + kind */
	uint64_t min_seq[2], max_seq;
	bool present; /* has memory */
	unsigned int cpu; /* where its daemons run */
	unsigned int nr_cpus; /* that they could run on */
	struct kmr_kswapd kswapd;
	struct kmr_kcompactd kcompactd;
};

/* A zone's, beside what page/ has of it. */
struct kmr_reclaim_zone {
	uint64_t size[KMR_LRU_LISTS]; /* pages of this zone on the node's lists */
	uint64_t present; /* frames with memory */
	/* deferral: mm/compaction.c, defer_compaction() */
	unsigned int considered, defer_shift, order_failed;
	/* where the scanners of the last run that did not come to its end stopped */
	uint32_t migrate_pfn, free_pfn;
};

struct kmr_reclaim {
	const struct kmr_machine *machine;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
	struct kmr_reclaim_observer observer;
	struct kmr_pressure_ops pressure;
	struct kmr_lru_frame *frames;
	size_t frames_bytes;
	uint32_t nr_frames;
	struct kmr_reclaim_node nodes[KMR_MAX_NODES];
	struct kmr_reclaim_zone zones[KMR_MAX_ZONES];
	struct kmr_reclaim_stats stats;
	uint64_t now, next_due;
	unsigned int cpu; /* whose event is the latest */
	bool begun; /* daemons that look by themselves know when */
	/* ns: how far daemons are ahead of whoever calls, by what tasks spent on reclaim themselves */
	uint64_t ahead;
	/* parameters */
	bool generations;
	uint64_t swap, swap_free; /* pages */
	unsigned int swappiness, dirty, proactiveness;
	unsigned int dirty_sum; /* of percent, for taking every so many as dirty */
	uint64_t page_ns, wake_ns;
	uint64_t slice_ns; /* how long who has slept may run before others do */
	bool measured,
		scheduled; /* these are: by kmr_reclaim_set_speed(); by the kernel's version */
};

/* Its list, without the 1. */
static inline unsigned int kmr_lru_list_of(const struct kmr_lru_frame *f)
{
	return f->list - 1u;
}

/* The kind of what is on a list. */
static inline enum kmr_lru_kind kmr_lru_kind(const struct kmr_reclaim *r, unsigned int list)
{
	return r->generations ? (enum kmr_lru_kind)(list & 1u) : (enum kmr_lru_kind)(list >> 1);
}

static inline unsigned int kmr_gen_list(uint64_t seq, unsigned int kind)
{
	return (unsigned int)(seq % KMR_NR_GENS) * 2 + kind;
}

/* Anonymous memory can go somewhere: can_reclaim_anon_pages() */
static inline bool kmr_can_swap(const struct kmr_reclaim *r)
{
	return r->swap_free > 0;
}

/* A zone of @node of a type up to @highest that manages memory. */
static inline bool kmr_zone_counts(const struct kmr_zone *z, unsigned int node,
				   unsigned int highest)
{
	return z->node == node && z->type <= highest && z->managed;
}

/* lru.c */
void kmr_lru_put(struct kmr_reclaim *r, kmr_pfn_t pfn, unsigned int order, unsigned int list,
		 unsigned int flags, bool tail);
void kmr_lru_del(struct kmr_reclaim *r, kmr_pfn_t pfn);
/* lruvec_lru_size(): pages of zones up to @highest on one of the node's lists */
uint64_t kmr_lru_size(const struct kmr_reclaim *r, unsigned int node, unsigned int list,
		      unsigned int highest);
/*
 * Takes up to @want pages of zones up to @highest from the tail of a list, at most
 * KMR_SWAP_CLUSTER_MAX of them, into @pfns; what is of higher zones goes to the head.  Returns
 * how many blocks; *scanned pages were looked at (isolate_lru_folios()).
 */
unsigned int kmr_lru_isolate(struct kmr_reclaim *r, unsigned int node, unsigned int list,
			     unsigned int want, unsigned int highest, uint32_t *pfns,
			     uint64_t *scanned);
/* zone_reclaimable_pages() */
uint64_t kmr_zone_reclaimable(const struct kmr_reclaim *r, unsigned int zone);

/* vmscan.c */
/* One pass over @node: shrink_node() */
void kmr_shrink_node(struct kmr_reclaim *r, unsigned int node, struct kmr_scan *sc);
/* try_to_free_pages() */
uint64_t kmr_direct_reclaim(void *ctx, const struct kmr_page_request *req, const uint16_t *zonelist,
			    unsigned int highest);
/* node_reclaim() */
uint64_t kmr_node_reclaim(void *ctx, const struct kmr_page_request *req, unsigned int node,
			  unsigned int highest, bool unmap);
/* Reclaims the blocks that were isolated from @list, and puts back what can't be: pages freed. */
uint64_t kmr_shrink_list(struct kmr_reclaim *r, unsigned int list, const uint32_t *pfns,
			 unsigned int count, const struct kmr_scan *sc);
void kmr_count_scan(struct kmr_reclaim *r, const struct kmr_scan *sc, uint64_t scanned,
		    uint64_t reclaimed);

/* mglru.c */
void kmr_gen_shrink(struct kmr_reclaim *r, unsigned int node, struct kmr_scan *sc);
/* The generation that a new block of @kind goes to. */
unsigned int kmr_gen_for_new(const struct kmr_reclaim_node *n, unsigned int kind, bool active);

/* kswapd.c */
void kmr_wake_kswapd(void *ctx, unsigned int zone, uint32_t gfp, unsigned int order,
		     unsigned int highest);
void kmr_kswapd_go_on(struct kmr_reclaim *r, unsigned int node);
/* pgdat_balanced() */
bool kmr_node_balanced(const struct kmr_reclaim *r, unsigned int node, unsigned int order,
		       unsigned int highest);
void kmr_due_changed(struct kmr_reclaim *r);

/* compaction.c */
struct kmr_compact {
	unsigned int zone; /* index */
	int order; /* -1: all there is to do, proactively */
	unsigned int highest;
	unsigned int cpu;
	bool async;
	bool whole_zone; /* from end to end, and any pageblock may take what is moved */
	bool ignore_suitable;
	bool direct;
	unsigned int migratetype;
	unsigned int alloc_flags;
	/* set */
	uint32_t migrate_pfn, free_pfn;
	uint64_t migrate_scanned, free_scanned, moved;
};

enum kmr_compact_result kmr_compaction_suitable(const struct kmr_reclaim *r,
						const struct kmr_zone *z, int order,
						unsigned int alloc_flags, unsigned int highest);
enum kmr_compact_result kmr_compact_zone(struct kmr_reclaim *r, struct kmr_compact *cc);
bool kmr_compaction_deferred(struct kmr_reclaim *r, unsigned int zone, unsigned int order);
void kmr_defer_compaction(struct kmr_reclaim *r, unsigned int zone, unsigned int order);
void kmr_defer_reset(struct kmr_reclaim *r, unsigned int zone, unsigned int order, bool success);
enum kmr_compact_result kmr_direct_compact(void *ctx, const struct kmr_page_request *req,
					   const uint16_t *zonelist, unsigned int highest,
					   unsigned int priority);
bool kmr_compactable(void *ctx, const struct kmr_page_request *req, const uint16_t *zonelist,
		     unsigned int highest);
void kmr_compacted(void *ctx, int zone, unsigned int order);
/* fragmentation_score_zone(): extfrag_for_order() of a huge page, per cent */
unsigned int kmr_fragmentation_score(const struct kmr_reclaim *r, const struct kmr_zone *z);
unsigned int kmr_fragmentation_wmark(const struct kmr_reclaim *r, bool low);

/* pressure.c */
/* Daemons do what they would have up to @now on their clock. */
void kmr_run_daemons(struct kmr_reclaim *r, uint64_t now);

/* kcompactd.c */
void kmr_wake_kcompactd(struct kmr_reclaim *r, unsigned int node, unsigned int order,
			unsigned int highest);
void kmr_kcompactd_go_on(struct kmr_reclaim *r, unsigned int node);

#endif
