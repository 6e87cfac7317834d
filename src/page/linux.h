/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of Linux's page allocator: its data, and what its files offer one another.
 *
 *   page_alloc.c  requests: zonelist walk, watermarks, slow path; frees
 *   slowpath.c    the slow path when somebody makes room
 *   pcp.c         per-CPU lists: refill, batch free
 *   buddy.c       free lists: split, merge
 *   mobility.c    pageblocks: fallback, stealing, high-atomic reserve
 *   claim.c       fallback since 6.15: claiming or stealing
 *   numa.h        several nodes: counters, memory policies, zone_reclaim
 *   contig.h      ranges of frames: isolation, migration, CMA, hot-plug, huge pages
 *   versions.c    what differs between kernel versions
 *   v5_15.c       of that, what is older than 6.1
 *   pcp_size.c    of that, how much the per-CPU lists hold and move
 *   vmstat.c      what each CPU does once a second
 *   state.c       snapshots in and out, single frames for verify
 *   check.c       the invariants
 *
 * A zone has its free lists by order and migratetype, as the kernel's free_area[], and for each
 * migratetype a bit mask of the orders that are not empty: the searches that the kernel does by
 * walking orders are one bit scan here.  Pageblock types belong to the zone, as in a kernel
 * without sparse memory, because a zone may begin in the middle of a pageblock.
 *
 * There is no locking and no simulated concurrency: calls come in the order in which the traced
 * kernel's CPUs held the locks, which replay/ works out.
 */
#ifndef KMREPLAY_PAGE_LINUX_H
#define KMREPLAY_PAGE_LINUX_H

#include "kmreplay/follow.h"
#include "kmreplay/gfp.h"
#include "kmreplay/page.h"
#include "page/frame.h"

/* include/linux/mmzone.h */
#define KMR_COSTLY_ORDER 3
#define KMR_NR_LOW_LISTS (KMR_MIGRATE_PCPTYPES * (KMR_COSTLY_ORDER + 1))
/* and huge pages: not movable, movable; until 6.0 a list for each type */
#define KMR_NR_PCP_LISTS (KMR_NR_LOW_LISTS + KMR_MIGRATE_PCPTYPES)
#define KMR_BOOST_FACTOR 15000 /* watermark_boost_factor, 1/10000 */
/*
 * How long a boost lasts in a trace that has no kswapd events: kswapd drops it as soon as it has
 * reclaimed that much, which a model without reclaim can only guess.
 */
#define KMR_BOOST_NS 50000000

/* mm/internal.h, ALLOC_*; the values are the model's own */
enum {
	KMR_ALLOC_WMARK_MIN = 0,
	KMR_ALLOC_WMARK_LOW = 1,
	KMR_ALLOC_WMARK_HIGH = 2,
	KMR_ALLOC_WMARK_MASK = 3,
	KMR_ALLOC_NO_WATERMARKS = 1 << 2,
	KMR_ALLOC_OOM = 1 << 3,
	KMR_ALLOC_NON_BLOCK = 1 << 4,
	KMR_ALLOC_MIN_RESERVE = 1 << 5,
	KMR_ALLOC_CMA = 1 << 6,
	KMR_ALLOC_NOFRAGMENT = 1 << 7,
	KMR_ALLOC_HIGHATOMIC = 1 << 8,
	KMR_ALLOC_KSWAPD = 1 << 9,
	KMR_ALLOC_HARDER = 1 << 10, /* before 6.1.y: GFP_ATOMIC, whatever else is set */
	KMR_ALLOC_SPREAD_DIRTY = 1 << 11, /* alloc_context.spread_dirty_pages */
	KMR_ALLOC_RESERVES =
		KMR_ALLOC_NON_BLOCK | KMR_ALLOC_MIN_RESERVE | KMR_ALLOC_HIGHATOMIC | KMR_ALLOC_OOM,
};

enum {
	KMR_PCPF_PREV_FREE_HIGH_ORDER = 1, /* the last block freed was of order 1 to 3 */
	KMR_PCPF_FREE_HIGH_BATCH = 2, /* the CPU's cache is large enough to keep a batch of those */
};

struct kmr_pcp {
	uint32_t count, high, batch; /* pages */
	uint32_t free_factor; /* until 6.6 */
	/* since 6.7: high moves between these; equal: it was set by hand */
	uint32_t high_min, high_max;
	uint32_t free_count; /* pages freed with few allocations between them */
	uint8_t alloc_factor; /* refills with no free between them */
	uint8_t flags; /* KMR_PCPF_* */
	uint8_t expire; /* updates of its counters until a remote zone's lists are drained */
	bool locked; /* an interrupted operation holds it: pcp_spin_trylock() fails */
	/*
	 * Pages of this CPU's frees less its allocations that the zone's NR_FREE_PAGES does not
	 * show yet: they are folded in when they exceed the threshold (vm_stat_diff[]).  The
	 * kernel does so once a second and on some ways into idleness, too, which no trace shows.
	 */
	int32_t stat_diff;
	struct kmr_list lists[KMR_NR_PCP_LISTS];
	/* while the lists are disabled: zone_pcp_disable() */
	uint32_t usual_high, usual_high_min, usual_high_max, usual_batch;
};

struct kmr_zone {
	/* what every request looks at */
	uint64_t free_pages; /* NR_FREE_PAGES: without isolated pageblocks */
	uint64_t free_cma; /* NR_FREE_CMA_PAGES */
	uint64_t free_highatomic; /* of highatomic, on the free lists: nr_free_highatomic */
	int64_t stat_lag; /* sum of the CPUs' stat_diff: watermark checks do not see these pages */
	int32_t stat_threshold;
	int32_t usual_threshold; /* while kswapd sleeps */
	/*
	 * Pages that the refill going on has taken so far: the kernel brings NR_FREE_PAGES up to
	 * date at its end, and balances CMA by the count from before.
	 */
	uint64_t refilling;
	uint64_t wmark[3]; /* min, low, high; KMR_ALLOC_WMARK_* indexes it */
	uint64_t boost;
	uint64_t highatomic; /* pages in reserved pageblocks */
	uint64_t reserve[KMR_ZONE_NR_TYPES];
	uint32_t nonempty[KMR_MIGRATE_TYPES]; /* bit o: lists[o][type] has a block */
	uint32_t start, end; /* frames, end past the last */
	uint16_t node;
	uint8_t type; /* enum kmr_zone_type */
	uint8_t index; /* in the backend */
	bool boosted; /* ZONE_BOOSTED_WATERMARK: kswapd is to be woken */
	bool reclaim_active;
	bool below_high; /* ZONE_BELOW_HIGH: a request found it below its high watermark */
	uint64_t boost_found; /* boost when kswapd's present round began */
	uint64_t boost_ends; /* simulated ns; 0: no boost, or kswapd's events tell */
	bool odd_merges; /* a pageblock changed in a way that may leave buddies apart */
	struct kmr_pcp *pcp; /* by CPU */
	uint8_t *pageblocks; /* types; the first is that of start */
	uint32_t first_block, nr_blocks;
	uint32_t nr_isolate; /* isolated pageblocks: nr_isolate_pageblock */
	uint32_t boot_start, boot_end; /* start and end as boot made them */
	uint64_t managed;
	struct kmr_list lists[KMR_MAX_ORDERS][KMR_MIGRATE_TYPES];
	uint32_t nr_free[KMR_MAX_ORDERS][KMR_MIGRATE_TYPES]; /* blocks */
};

/* Where the last block of a refill was found, so that the next is looked for there. */
enum kmr_rmqueue_mode {
	KMR_RMQUEUE_NORMAL,
	KMR_RMQUEUE_CMA,
	KMR_RMQUEUE_CLAIM,
	KMR_RMQUEUE_STEAL,
};

/* What makes a kernel version. */
struct kmr_linux_rules {
	/* mm/page_alloc.c fallbacks[]: where to look for other mobilities, best first */
	uint8_t fallbacks[KMR_MIGRATE_PCPTYPES][2];
	unsigned int batch_scale_max; /* CONFIG_PCP_BATCH_SCALE_MAX; 0: no limit */
	/*
	 * A free block is always on the list of its pageblock's type (6.10): a drained frame goes
	 * by its pageblock as it is then, not as it was when the frame was freed; pageblocks that
	 * merge become one type; and NR_FREE_PAGES follows every block by itself, not a refill.
	 */
	bool typed_lists;
	/* requests note that a zone is below its high watermark, so that its lists shrink (6.7) */
	bool below_high;
	/* boosted watermarks are ignored for __GFP_HIGH, not for __GFP_ATOMIC (6.3) */
	bool high_ignores_boost;
	/* only a reserve that is free is beyond requests, and 1 % of a zone is its limit (6.12) */
	bool exact_highatomic;
	/* kswapd is woken for a boost only by requests that may wake it (6.3) */
	bool boost_wakes_kswapd_only;
	/* pages on the movable per-CPU list may be of CMA areas: not for all (until 6.2) */
	bool cma_skips_pcp;
	/* high is tuned as it goes, between high_min and high_max (6.7) */
	bool auto_high;
	unsigned int thp_lists; /* per-CPU lists for huge pages: 2, or one a type */
	/* the lists are used with interrupts disabled: none can find them taken */
	bool pcp_irqs_off;
	/* a request whose order has per-CPU lists never goes to the free lists itself; rmqueue() */
	bool pcp_only;
	/* pageblocks of the high-atomic reserve merge with others; __free_one_page() */
	bool highatomic_merges;
	unsigned int nofail_flags; /* what __GFP_NOFAIL may use in the end */
	unsigned int reserve_flags; /* any of them: the high-atomic reserve counts as free */
	/* rights of the slow path alone; gfp_to_alloc_flags() */
	unsigned int (*slowpath_flags)(const struct kmr_page_request *req);
	/* one block from the free lists, falling back as the flags allow; __rmqueue() */
	uint32_t (*rmqueue)(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			    unsigned int order, unsigned int migratetype, unsigned int alloc_flags,
			    enum kmr_rmqueue_mode *mode);
	/* a block of that order has come: pages to free to the free lists; free_unref_page_commit() */
	uint32_t (*pcp_freed)(const struct kmr_linux_rules *rules, const struct kmr_zone *z,
			      struct kmr_pcp *pcp, unsigned int order);
	/* blocks to refill at once; __rmqueue_pcplist() */
	uint32_t (*pcp_refill)(const struct kmr_linux_rules *rules, const struct kmr_zone *z,
			       struct kmr_pcp *pcp, unsigned int order);
	/* drains @count pages; @pindex: the list that was freed to last; free_pcppages_bulk() */
	void (*pcp_free_bulk)(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			      uint32_t count, unsigned int pindex);
};

struct kmr_page_backend {
	const struct kmr_linux_rules *rules;
	struct kmr_frames frames;
	struct kmr_frame_bits *bits;
	const struct kmr_page_observer *observer; /* NULL: none */
	struct kmr_page_work work;
	uint32_t nr_frames; /* of the arrays above */
	unsigned int nr_zones, nr_cpus, nr_nodes, nr_orders, pageblock_order;
	bool thp; /* huge pages have per-CPU lists */
	bool mobility; /* page_group_by_mobility_disabled is not set */
	bool mobility_allowed; /* parameter */
	bool nofragment_allowed; /* parameter */
	bool multi_node;
	uint8_t zone_reclaim; /* node_reclaim_mode; 0: off */
	bool has_type[KMR_ZONE_NR_TYPES]; /* zone types the kernel is built with */
	bool kswapd_traced; /* the trace tells when kswapd runs */
	bool boosts_told; /* and its fallbacks alone raise watermarks: boosts_told() in follow.h */
	struct kmr_way way; /* of the next request */
	uint64_t now; /* simulated ns, as of the last tick */
	uint64_t next_vmstat; /* simulated ns; 0: there was no tick yet */
	struct kmr_zone *zones;
	struct kmr_pcp *pcps; /* [zone][cpu] */
	uint8_t *pageblocks;
	/* zonelists: [node][highest zone type], zone indices, 0xffff-terminated */
	uint16_t *zonelists;
	uint8_t *dma32_populated; /* by node */
	uint16_t *cpu_node;
	size_t bits_bytes; /* mapped */
	uint32_t pcp_high, pcp_batch; /* parameters; 0: the machine's */
	struct kmr_contig *contig; /* contig.h */
	struct kmr_numa *numa; /* numa.h; NULL: there is one node */
	const struct kmr_pressure_ops *pressure; /* who makes room; NULL: nobody */
	/*
	 * Whose a section of memory is since memory came or went, see contig.h; NULL: as at boot,
	 * what the zones span.
	 */
	uint8_t *section_zone;
};

static inline struct kmr_frame *kmr_frame(const struct kmr_page_backend *b, uint32_t pfn)
{
	return kmr_frame_at(&b->frames, pfn);
}

/* The head of the free block that holds @pfn, on whatever list, or KMR_NO_PFN. */
static inline uint32_t kmr_free_head(const struct kmr_page_backend *b, uint32_t pfn)
{
	return kmr_block_head(&b->frames, b->nr_orders, pfn);
}

/* contig.h: kmr_zone_of() once there is a section_zone */
struct kmr_zone *kmr_zone_of_section(const struct kmr_page_backend *b, uint32_t pfn);

static inline const uint16_t *kmr_zonelist(const struct kmr_page_backend *b, unsigned int node,
					   unsigned int highest)
{
	return b->zonelists + ((size_t)node * KMR_ZONE_NR_TYPES + highest) * (b->nr_zones + 1);
}

/* NULL: no zone has it. */
static inline struct kmr_zone *kmr_zone_of(const struct kmr_page_backend *b, uint32_t pfn)
{
	if (b->section_zone)
		return kmr_zone_of_section(b, pfn);
	for (unsigned int i = 0; i < b->nr_zones; i++)
		if (pfn - b->zones[i].start < b->zones[i].end - b->zones[i].start)
			return &b->zones[i];
	return NULL;
}

/* A request's; of a node that is not there: as if it were for the first. */
static inline const uint16_t *kmr_request_zonelist(const struct kmr_page_backend *b,
						   const struct kmr_page_request *req,
						   unsigned int highest)
{
	return kmr_zonelist(b, req->node < b->nr_nodes ? req->node : 0, highest);
}

/* gfp_migratetype() */
static inline unsigned int kmr_request_type(const struct kmr_page_backend *b,
					    const struct kmr_page_request *req)
{
	return b->mobility ? kmr_gfp_migratetype(req->gfp) : KMR_MIGRATE_UNMOVABLE;
}

static inline uint8_t *kmr_pageblock(const struct kmr_page_backend *b, const struct kmr_zone *z,
				     uint32_t pfn)
{
	return &z->pageblocks[(pfn >> b->pageblock_order) - z->first_block];
}

/* order_to_pindex() can place it: orders 0 to 3 and, with huge pages, a pageblock. */
static inline bool kmr_pcp_allowed(const struct kmr_page_backend *b, unsigned int order)
{
	return order <= KMR_COSTLY_ORDER || (b->thp && order == b->pageblock_order);
}

/* NR_PCP_LISTS */
static inline unsigned int kmr_nr_pcp_lists(const struct kmr_page_backend *b)
{
	return KMR_NR_LOW_LISTS + b->rules->thp_lists;
}

/* Types whose pageblocks merge freely: migratetype_is_mergeable(). */
static inline bool kmr_mergeable(unsigned int migratetype)
{
	return migratetype < KMR_MIGRATE_PCPTYPES;
}

/* NR_FREE_PAGES as a watermark check reads it: zone_page_state() */
static inline int64_t kmr_seen_free(const struct kmr_zone *z)
{
	return (int64_t)z->free_pages - z->stat_lag;
}

/*
 * An operation of @cpu has changed the zone's free pages by @pages, in one call of the kernel's:
 * __mod_zone_page_state() in mm/vmstat.c.
 */
static inline void kmr_stat_mod(struct kmr_zone *z, unsigned int cpu, int32_t pages)
{
	struct kmr_pcp *pcp = &z->pcp[cpu];
	int32_t diff = pcp->stat_diff + pages;

	if (diff > z->stat_threshold || diff < -z->stat_threshold)
		diff = 0;
	z->stat_lag += diff - pcp->stat_diff;
	pcp->stat_diff = diff;
}

/* buddy.c */
void kmr_free_list_add(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
		       unsigned int order, unsigned int migratetype, bool tail);
void kmr_free_list_del(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn);
void kmr_free_list_move(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			unsigned int migratetype, unsigned int cpu);
/*
 * @cpu frees a block that no per-CPU list takes, to the lists of its pageblocks' types; its bits
 * say free already.
 */
void kmr_free_block(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
		    unsigned int order, unsigned int cpu);
/* @cpu puts the block on a free list and merges it; its bits say free already. */
void kmr_free_one_page(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
		       unsigned int order, unsigned int migratetype, unsigned int cpu);
/* As it, but to the tail whatever its neighbours: FPI_TO_TAIL. */
void kmr_free_one_page_tail(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			    unsigned int order, unsigned int migratetype, unsigned int cpu);
/* The upper halves of a block of order @high go back until @low is left at @pfn. */
void kmr_expand(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn, unsigned int low,
		unsigned int high, unsigned int migratetype);
/* @cpu takes the smallest block that will do from one type's lists, or KMR_NO_PFN. */
uint32_t kmr_rmqueue_smallest(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			      unsigned int order, unsigned int migratetype);
/* NR_FREE_PAGES changes on behalf of @cpu where the version counts block by block. */
static inline void kmr_account_block(const struct kmr_page_backend *b, struct kmr_zone *z,
				     unsigned int cpu, unsigned int migratetype, int32_t pages)
{
	if (b->rules->typed_lists && migratetype != KMR_MIGRATE_ISOLATE && cpu < b->nr_cpus)
		kmr_stat_mod(z, cpu, pages);
}

/* mobility.c */
/* After a fallback within a pageblock: the zone's watermarks rise.  False: they never do here. */
bool kmr_boost_watermark(const struct kmr_page_backend *b, struct kmr_zone *z);
/* kmr_boost_watermark(), and kswapd is to be woken for it; nothing when the trace tells of boosts. */
void kmr_boost_after_fallback(const struct kmr_page_backend *b, struct kmr_zone *z,
			      unsigned int alloc_flags);
struct kmr_moved {
	uint32_t free; /* pages that changed lists */
	uint32_t movable; /* frames in use that migration could move */
};

/*
 * Moves every free block of @pfn's pageblock to @migratetype.  A pageblock that reaches past the
 * zone's end is left alone; one that begins before its start is done from @pfn on, with
 * typed_lists left alone, too.
 */
struct kmr_moved kmr_move_freepages_block(struct kmr_page_backend *b, struct kmr_zone *z,
					  uint32_t pfn, unsigned int migratetype, unsigned int cpu);
/* Stealing more than the block asked for pays off: can_steal_fallback(). */
bool kmr_can_steal(const struct kmr_page_backend *b, unsigned int order, unsigned int start_type);
bool kmr_boost_watermark(const struct kmr_page_backend *b, struct kmr_zone *z);
void kmr_change_pageblocks(const struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			   unsigned int order, unsigned int migratetype);
/* kmr_linux_rules.rmqueue until 6.14 */
uint32_t kmr_rmqueue_stealing(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			      unsigned int order, unsigned int migratetype,
			      unsigned int alloc_flags, enum kmr_rmqueue_mode *mode);
void kmr_reserve_highatomic(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			    unsigned int order, unsigned int cpu);
bool kmr_unreserve_highatomic(struct kmr_page_backend *b, const uint16_t *zonelist,
			      unsigned int migratetype, bool force, unsigned int cpu);

/* claim.c */
/* kmr_linux_rules.rmqueue since 6.15, and in the stable series of 6.12 */
uint32_t kmr_rmqueue_claiming(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			      unsigned int order, unsigned int migratetype,
			      unsigned int alloc_flags, enum kmr_rmqueue_mode *mode);

/* pcp_size.c: kmr_linux_rules.pcp_freed, .pcp_refill */
uint32_t kmr_pcp_freed_6_1(const struct kmr_linux_rules *rules, const struct kmr_zone *z,
			   struct kmr_pcp *pcp, unsigned int order);
uint32_t kmr_pcp_refill_6_1(const struct kmr_linux_rules *rules, const struct kmr_zone *z,
			    struct kmr_pcp *pcp, unsigned int order);
uint32_t kmr_pcp_freed_6_12(const struct kmr_linux_rules *rules, const struct kmr_zone *z,
			    struct kmr_pcp *pcp, unsigned int order);
uint32_t kmr_pcp_refill_6_12(const struct kmr_linux_rules *rules, const struct kmr_zone *z,
			     struct kmr_pcp *pcp, unsigned int order);
void kmr_pcp_decay(const struct kmr_linux_rules *rules, struct kmr_pcp *pcp);

/* vmstat.c */
/* What all CPUs do for their counters and lists in the seconds until @now (ns). */
void kmr_vmstat_until(struct kmr_page_backend *b, uint64_t now);
void kmr_linux_decay(struct kmr_page_backend *b);

/* pcp.c */
/* Drains @count pages, beginning with the list @pindex: free_pcppages_bulk(). */
void kmr_free_pcppages_bulk(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			    uint32_t count, unsigned int pindex);
uint32_t kmr_rmqueue_pcplist(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			     unsigned int order, unsigned int migratetype,
			     unsigned int alloc_flags);
void kmr_free_unref_page(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			 unsigned int order, unsigned int migratetype, unsigned int cpu);
void kmr_drain_pages(struct kmr_page_backend *b, int cpu);
void kmr_drain_one(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu);
/* every CPU's lists of that zone */
void kmr_drain_zone(struct kmr_page_backend *b, struct kmr_zone *z);
/* Drains the block at the tail of a list that has one; returns its pages. */
uint32_t kmr_pcp_free_tail(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			   unsigned int pindex);
/* since 6.0: the list @pindex first, then those behind it */
void kmr_pcp_free_bulk_6_1(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			   uint32_t count, unsigned int pindex);
/* since 6.0 */
unsigned int kmr_order_to_pindex(unsigned int migratetype, unsigned int order);
/* as the backend's version has it */
unsigned int kmr_pcp_index(const struct kmr_page_backend *b, unsigned int migratetype,
			   unsigned int order);
unsigned int kmr_pindex_to_order(const struct kmr_page_backend *b, unsigned int pindex);

/* page_alloc.c */
kmr_pfn_t kmr_linux_alloc(struct kmr_page_backend *b, const struct kmr_page_request *req);
/* The same from nowhere but the zones of @zonelist, whose highest type is @highest. */
kmr_pfn_t kmr_alloc_from(struct kmr_page_backend *b, const struct kmr_page_request *req,
			 const uint16_t *zonelist, unsigned int highest);
/* Free pages that the request can't have: __zone_watermark_unusable_free(). */
int64_t kmr_unusable_free(const struct kmr_page_backend *b, const struct kmr_zone *z,
			  unsigned int order, unsigned int alloc_flags);
/* zone_watermark_fast(); @level: KMR_ALLOC_WMARK_* */
bool kmr_watermark_fast(const struct kmr_page_backend *b, const struct kmr_zone *z,
			unsigned int order, unsigned int level, unsigned int highest,
			unsigned int alloc_flags, uint32_t gfp);
/* __zone_watermark_ok() */
bool kmr_watermark_ok(const struct kmr_page_backend *b, const struct kmr_zone *z,
		      unsigned int order, uint64_t mark, unsigned int highest,
		      unsigned int alloc_flags);
/* The same if the zone had @free_pages. */
bool kmr_watermark_ok_with(const struct kmr_page_backend *b, const struct kmr_zone *z,
			   unsigned int order, uint64_t mark, unsigned int highest,
			   unsigned int alloc_flags, int64_t free_pages);
/* A request on its slow path, and what does not change there. */
struct kmr_slow_request {
	const struct kmr_page_request *req;
	const uint16_t *zonelist;
	unsigned int highest, migratetype;
};

/* get_page_from_freelist(): one walk over the zonelist. */
uint32_t kmr_get_page(struct kmr_page_backend *b, const struct kmr_slow_request *s,
		      unsigned int alloc_flags);
/* gfp_to_alloc_flags() */
unsigned int kmr_slowpath_flags(const struct kmr_page_backend *b,
				const struct kmr_page_request *req, unsigned int migratetype);
/* slowpath.c */
uint32_t kmr_slowpath(struct kmr_page_backend *b, const struct kmr_slow_request *s);
/* page_alloc.c */
/* The highest zone type that the flags allow. */
unsigned int kmr_gfp_zone(const struct kmr_page_backend *b, uint32_t gfp);
int kmr_linux_free(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order, unsigned int cpu);
void kmr_linux_free_prepare(struct kmr_page_backend *b, kmr_pfn_t pfn);
int kmr_linux_free_commit(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int cpu);
void kmr_linux_tick(struct kmr_page_backend *b, uint64_t now);
/* follow.c */
extern const struct kmr_follow_ops kmr_linux_follow;

/* compact.c: see follow.h */
uint32_t kmr_linux_isolate_range(struct kmr_page_backend *b, const struct kmr_free_range *range,
				 kmr_isolated_fn isolated, void *ctx);
bool kmr_linux_migrate_search(struct kmr_page_backend *b, struct kmr_free_search *s,
			      kmr_pfn_t block);
kmr_pfn_t kmr_linux_free_search(struct kmr_page_backend *b, struct kmr_free_search *s);

void kmr_linux_kswapd(struct kmr_page_backend *b, unsigned int node, bool active);

/* state.c */
/* Keeps the zone's count of isolated pageblocks, too. */
void kmr_set_pageblock(const struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
		       unsigned int migratetype);
int kmr_linux_load(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
		   struct kmr_error *err);
int kmr_linux_save(const struct kmr_page_backend *b, struct kmr_snapshot *snap,
		   struct kmr_error *err);
int kmr_linux_seed_free(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			unsigned int migratetype);
void kmr_linux_set_pageblock(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int migratetype);
void kmr_linux_where(const struct kmr_page_backend *b, kmr_pfn_t pfn, struct kmr_frame_info *info);
void kmr_linux_unalloc(struct kmr_page_backend *b, const struct kmr_page_request *req,
		       kmr_pfn_t pfn);
void kmr_linux_take(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order, bool movable);
void kmr_linux_buddy_put(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			 unsigned int migratetype, unsigned int cpu);
void kmr_linux_pcp_put(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
		       unsigned int migratetype, unsigned int cpu);
void kmr_linux_undrain(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
		       unsigned int migratetype, unsigned int cpu);
uint32_t kmr_linux_pcp_take_all(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu,
				unsigned int order, unsigned int migratetype);
void kmr_linux_zone_state(const struct kmr_page_backend *b, unsigned int zone,
			  struct kmr_zone_state *state);
void kmr_linux_survey(const struct kmr_page_backend *b, struct kmr_survey *survey, uint64_t now);

/* check.c */
int kmr_linux_check(const struct kmr_page_backend *b, struct kmr_error *err);

/* versions.c */
/* After the zones of a machine have changed: order, and who is populated. */
void kmr_build_zonelists(struct kmr_page_backend *b, const struct kmr_machine *m);
void kmr_set_zone_limits(struct kmr_page_backend *b, const struct kmr_machine *m,
			 struct kmr_zone *z, const struct kmr_zone_spec *spec);
extern const struct kmr_page_ops kmr_linux_6_1;
extern const struct kmr_page_ops kmr_linux_6_12;
extern const struct kmr_page_ops kmr_linux_5_15;

/* v5_15.c */
extern const struct kmr_linux_rules kmr_rules_5_15;

#endif
