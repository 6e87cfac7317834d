/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of two page allocators of old: Linux 2.4 (2.4.22), a buddy allocator with bitmaps and
 * nothing else, and 2.6.24, the first with grouping by mobility.  What they have in common:
 *
 *   classic.c        machines: zones, lists of zones, limits; calls that mean nothing to them
 *   classic_buddy.c  free lists: split, merge
 *   classic_state.c  snapshots in and out, single frames for verify and start states
 *   classic_check.c  the invariants
 *
 * and what they have not: classic_2_4.c, classic_2_6.c.  Frames and lists are those of frame.h.
 *
 * Both know no CMA, no high-atomic reserve, no per-CPU lists but for single pages, no boost.  What
 * a machine or a snapshot has of these becomes what comes nearest: memory of CMA areas is movable,
 * pageblocks of the high-atomic reserve are those of MIGRATE_RESERVE, which has their number here,
 * blocks on per-CPU lists that there are not are free.
 *
 * NR_FREE_PAGES is exact here, without what each CPU held back of it in 2.6.24.
 */
#ifndef KMR_PAGE_CLASSIC_H
#define KMR_PAGE_CLASSIC_H

#include "kmreplay/gfp.h"
#include "kmreplay/page.h"
#include "page/common.h"
#include "page/frame.h"

/* include/linux/mmzone.h (2.6.24): kept for what fails otherwise; last of the fallbacks */
#define KMR_MIGRATE_RESERVE KMR_MIGRATE_HIGHATOMIC
#define KMR_CLASSIC_TYPES   (KMR_MIGRATE_RESERVE + 1)

enum kmr_classic_mark {
	KMR_PAGES_MIN,
	KMR_PAGES_LOW,
	KMR_PAGES_HIGH
};

/* 2.6.24: pages that are likely in the CPU's cache, and others */
enum kmr_classic_pcp_index {
	KMR_PCP_HOT,
	KMR_PCP_COLD,
	KMR_CLASSIC_PCPS
};

struct kmr_classic_pcp {
	uint32_t count, high, batch; /* pages */
	struct kmr_list list; /* of all types; struct kmr_frame.migratetype tells */
};

struct kmr_classic_zone {
	uint64_t free_pages;
	uint64_t mark[KMR_PAGES_HIGH + 1]; /* by enum kmr_classic_mark */
	uint64_t reserve[KMR_ZONE_NR_TYPES];
	uint32_t start, end; /* frames, end past the last */
	uint32_t base; /* start, rounded down to a block of the largest order */
	uint16_t node;
	uint8_t type; /* enum kmr_zone_type */
	uint8_t index; /* in the backend */
	bool is_low; /* not HighMem */
	bool apart; /* the start state has buddies that are free and not one */
	uint64_t managed;
	uint32_t first_block, nr_blocks;
	uint8_t *pageblocks; /* types; the first is that of start */
	/* pageblocks whose first frame boot keeps: never of the reserve */
	uint8_t *kept;
	struct kmr_classic_pcp (*pcp)[KMR_CLASSIC_PCPS]; /* by CPU; NULL: there are none */
	/*
	 * 2.4: a bit for each pair of buddies of an order, of those below the largest: one of the
	 * two, and not the other, is on the free list of that order (free_area_t.map).
	 */
	uint64_t *map[KMR_MAX_ORDERS];
	uint64_t *map_words;
	struct kmr_list lists[KMR_MAX_ORDERS][KMR_CLASSIC_TYPES];
	uint32_t nr_free[KMR_MAX_ORDERS][KMR_CLASSIC_TYPES]; /* blocks */
};

/* Huge pages that nobody has mapped yet. */
struct kmr_classic_pool {
	unsigned int order;
	uint64_t nr;
	uint64_t nr_node[KMR_MAX_NODES];
	struct kmr_list lists[KMR_MAX_NODES];
	unsigned int next; /* node: whose turn it is to give one */
};

/* What a kernel's model is made of, beside its ops. */
struct kmr_classic_rules {
	bool bitmaps; /* who is free is told by maps; else by the frames */
	bool upper_half; /* of a block that is split the upper half is handed out, else the lower */
	bool by_type; /* pageblocks have types */
	bool pcp; /* there are per-CPU lists */
	/* watermarks and per-CPU limits by the kernel's own formulae */
	void (*limits)(struct kmr_page_backend *b, const struct kmr_machine *m);
	/* gives back a block of one zone whose bits say free, of at most the largest order */
	void (*give_back)(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
			  unsigned int order, unsigned int cpu);
	/* what there is to be done once the lists of the start state are there; NULL: nothing */
	void (*started)(struct kmr_page_backend *b);
};

struct kmr_page_backend {
	const struct kmr_classic_rules *rules;
	struct kmr_frames frames;
	struct kmr_frame_bits *bits;
	const struct kmr_page_observer *observer; /* NULL: none */
	struct kmr_page_work work;
	struct kmr_contig_work contig_work;
	uint32_t nr_frames;
	unsigned int nr_zones, nr_cpus, nr_nodes, pageblock_order;
	unsigned int nr_orders; /* the kernel's */
	unsigned int machine_orders; /* blocks that callers may name are below it */
	bool mobility; /* page_group_by_mobility_disabled is not set */
	bool start_due; /* rules->started is still to be called */
	bool has_type[KMR_ZONE_NR_TYPES];
	uint32_t pcp_batch; /* parameter; 0: by the zone's size */
	struct kmr_classic_zone *zones;
	struct kmr_classic_pcp (*pcps)[KMR_CLASSIC_PCPS]; /* [zone][cpu] */
	uint8_t *pageblocks, *kept;
	struct kmr_classic_pool pool;
	uint16_t *cpu_node;
	uint16_t *zonelists; /* [node][highest zone type], zone indices, 0xffff-terminated */
	size_t bits_bytes; /* mapped */
};

static inline const uint16_t *kmr_classic_zonelist(const struct kmr_page_backend *b,
						   unsigned int node, unsigned int highest)
{
	return b->zonelists + ((size_t)node * KMR_ZONE_NR_TYPES + highest) * (b->nr_zones + 1);
}

static inline struct kmr_frame *kmr_frame(const struct kmr_page_backend *b, uint32_t pfn)
{
	return kmr_frame_at(&b->frames, pfn);
}

/* NULL: no zone has it. */
static inline struct kmr_classic_zone *kmr_classic_zone_of(const struct kmr_page_backend *b,
							   uint32_t pfn)
{
	for (unsigned int i = 0; i < b->nr_zones; i++)
		if (pfn - b->zones[i].start < b->zones[i].end - b->zones[i].start)
			return &b->zones[i];
	return NULL;
}

static inline uint8_t *kmr_classic_block(const struct kmr_page_backend *b,
					 const struct kmr_classic_zone *z, uint32_t pfn)
{
	return &z->pageblocks[(pfn >> b->pageblock_order) - z->first_block];
}

/*
 * The type of @pfn's pageblock: get_pageblock_migratetype() in include/linux/mmzone.h (2.6.24).
 * Without grouping there is one type.
 */
static inline unsigned int kmr_classic_type(const struct kmr_page_backend *b,
					    const struct kmr_classic_zone *z, uint32_t pfn)
{
	return b->mobility ? *kmr_classic_block(b, z, pfn) : KMR_MIGRATE_UNMOVABLE;
}

/* A type as these kernels know it; they have no CMA, and isolated pageblocks are not simulated. */
static inline unsigned int kmr_classic_known_type(const struct kmr_page_backend *b,
						  unsigned int migratetype)
{
	if (!b->mobility)
		return KMR_MIGRATE_UNMOVABLE;
	return migratetype < KMR_CLASSIC_TYPES ? migratetype : KMR_MIGRATE_MOVABLE;
}

/* classic_buddy.c */
void kmr_classic_list_add(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
			  unsigned int order, unsigned int migratetype, bool tail);
void kmr_classic_list_del(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn);
/* @buddy heads a free block of just this order in this zone: page_is_buddy() (2.6.24). */
static inline bool kmr_classic_is_buddy(const struct kmr_page_backend *b,
					const struct kmr_classic_zone *z, uint64_t buddy,
					unsigned int order)
{
	return buddy >= z->start && buddy < z->end &&
	       kmr_frame(b, (uint32_t)buddy)->state == KMR_FS_BUDDY &&
	       kmr_frame(b, (uint32_t)buddy)->order == order;
}
/* The bit of the pair that @pfn of @order, below the largest, is one of. */
bool kmr_classic_map_bit(const struct kmr_classic_zone *z, uint32_t pfn, unsigned int order);
/* Merges a block, whose bits say free, with its buddies, and puts it at the head of a list. */
void kmr_classic_merge(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
		       unsigned int order, unsigned int migratetype);
/*
 * Splits the block of order @high at @pfn, which is on no list, until one of @low is left, and
 * returns that; the others go to the heads of the lists of @migratetype.
 */
uint32_t kmr_classic_expand(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
			    unsigned int low, unsigned int high, unsigned int migratetype);
/* Takes the smallest block that will do from one type's lists, or KMR_NO_PFN. */
uint32_t kmr_classic_smallest(struct kmr_page_backend *b, struct kmr_classic_zone *z,
			      unsigned int order, unsigned int migratetype);
/* The observer's refill() of a block that left the free lists. */
void kmr_classic_tell_refill(const struct kmr_page_backend *b, uint32_t pfn, unsigned int order,
			     unsigned int migratetype, bool percpu);

/* classic.c */
/*
 * @nr_orders: the kernel's; @own_limits: by its own formulae instead of the machine's figures;
 * @pcp_batch: 0: by the zone's size.
 */
struct kmr_page_backend *kmr_classic_create(const struct kmr_classic_rules *rules,
					    const struct kmr_machine *m, unsigned int nr_orders,
					    bool mobility, bool own_limits, uint32_t pcp_batch,
					    struct kmr_error *err);
/* The highest zone type that the flags allow. */
unsigned int kmr_classic_gfp_zone(const struct kmr_page_backend *b, uint32_t gfp);
/* A request begins: the start state is complete. */
static inline void kmr_classic_begin(struct kmr_page_backend *b)
{
	if (b->start_due) {
		b->start_due = false;
		if (b->rules->started)
			b->rules->started(b);
	}
}
/* Ends a request: counts it, and the frames of what it got. */
kmr_pfn_t kmr_classic_end(struct kmr_page_backend *b, const struct kmr_page_request *req,
			  uint32_t pfn);
/* struct kmr_page_ops has what each of these owes. */
void kmr_classic_destroy(struct kmr_page_backend *b);
int kmr_classic_free(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
		     unsigned int cpu);
void kmr_classic_free_prepare(struct kmr_page_backend *b, kmr_pfn_t pfn);
int kmr_classic_free_commit(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int cpu);
void kmr_classic_pcp_lock(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu,
			  bool locked);
void kmr_classic_tick(struct kmr_page_backend *b, uint64_t now);
void kmr_classic_decay(struct kmr_page_backend *b);
void kmr_classic_kswapd(struct kmr_page_backend *b, unsigned int node, bool active);
void kmr_classic_observe(struct kmr_page_backend *b, const struct kmr_page_observer *observer);
const struct kmr_page_work *kmr_classic_work(const struct kmr_page_backend *b);
void kmr_classic_split(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order);
void kmr_classic_cma_activate(struct kmr_page_backend *b, bool reserved);
kmr_pfn_t kmr_classic_cma_alloc(struct kmr_page_backend *b, unsigned int area, uint64_t pages,
				unsigned int align, unsigned int cpu);
int kmr_classic_cma_release(struct kmr_page_backend *b, unsigned int area, kmr_pfn_t pfn,
			    uint64_t pages, unsigned int cpu);
enum kmr_range_result kmr_classic_online(struct kmr_page_backend *b,
					 const struct kmr_memory_block *block, unsigned int cpu);
enum kmr_range_result kmr_classic_offline(struct kmr_page_backend *b, uint64_t pfn, uint64_t pages,
					  unsigned int cpu, kmr_pfn_t *busy);
const struct kmr_contig_work *kmr_classic_contig_work(const struct kmr_page_backend *b);

/* classic_state.c */
int kmr_classic_load(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
		     struct kmr_error *err);
int kmr_classic_save(const struct kmr_page_backend *b, struct kmr_snapshot *snap,
		     struct kmr_error *err);
void kmr_classic_zone_state(const struct kmr_page_backend *b, unsigned int zone,
			    struct kmr_zone_state *state);
void kmr_classic_survey(const struct kmr_page_backend *b, struct kmr_survey *survey, uint64_t now);
uint32_t kmr_classic_pcp_count(const struct kmr_page_backend *b, unsigned int zone,
			       unsigned int cpu);
void kmr_classic_set_pageblock(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int migratetype);
int kmr_classic_seed_free(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			  unsigned int migratetype);
void kmr_classic_where(const struct kmr_page_backend *b, kmr_pfn_t pfn,
		       struct kmr_frame_info *info);
void kmr_classic_unalloc(struct kmr_page_backend *b, const struct kmr_page_request *req,
			 kmr_pfn_t pfn);
void kmr_classic_take(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order, bool movable);
void kmr_classic_buddy_put(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			   unsigned int migratetype, unsigned int cpu);
void kmr_classic_pcp_put(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			 unsigned int migratetype, unsigned int cpu);
uint32_t kmr_classic_pcp_take_all(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu,
				  unsigned int order, unsigned int migratetype);

/* classic_check.c */
int kmr_classic_check(const struct kmr_page_backend *b, struct kmr_error *err);

/* The calls that both have alike. */
#define KMR_CLASSIC_OPS                                                                           \
	.destroy = kmr_classic_destroy, .free = kmr_classic_free,                                 \
	.free_prepare = kmr_classic_free_prepare, .free_commit = kmr_classic_free_commit,         \
	.pcp_lock = kmr_classic_pcp_lock, .tick = kmr_classic_tick, .kswapd = kmr_classic_kswapd, \
	.decay = kmr_classic_decay, .observe = kmr_classic_observe,                               \
	.zone_state = kmr_classic_zone_state, .survey = kmr_classic_survey,                       \
	.pcp_count = kmr_classic_pcp_count, .work = kmr_classic_work, .check = kmr_classic_check, \
	.load = kmr_classic_load, .save = kmr_classic_save,                                       \
	.set_pageblock = kmr_classic_set_pageblock, .seed_free = kmr_classic_seed_free,           \
	.where = kmr_classic_where, .unalloc = kmr_classic_unalloc, .take = kmr_classic_take,     \
	.buddy_put = kmr_classic_buddy_put, .pcp_put = kmr_classic_pcp_put,                       \
	.split = kmr_classic_split, .cma_activate = kmr_classic_cma_activate,                     \
	.cma_alloc = kmr_classic_cma_alloc, .cma_release = kmr_classic_cma_release,               \
	.online = kmr_classic_online, .offline = kmr_classic_offline,                             \
	.contig_work = kmr_classic_contig_work, .pcp_take_all = kmr_classic_pcp_take_all

#endif
