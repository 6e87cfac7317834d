/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page backends: models of a page allocator.  A backend is one const struct kmr_page_ops; it is
 * created for a machine and owns all of its frames.  It chooses zone and frame by itself; nothing
 * of the traced kernel's choice reaches it but through the calls for `verify` at the end of the
 * ops.
 */
#ifndef KMREPLAY_PAGE_H
#define KMREPLAY_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"
#include "kmreplay/machine.h"
#include "kmreplay/numa.h"
#include "kmreplay/param.h"
#include "kmreplay/snapshot.h"

typedef uint32_t kmr_pfn_t; /* a simulated page frame number */
#define KMR_NO_PFN UINT32_MAX

#define KMR_BACKEND_WHY 64 /* bytes to say why a backend was chosen */

struct kmr_page_request {
	uint32_t gfp; /* canonical, gfp.h */
	uint8_t order;
	uint8_t node; /* preferred node */
	uint16_t cpu;
	uint8_t policy; /* enum kmr_policy */
	uint32_t nodes; /* of the policy, bit by bit */
};

/* A fallback to another mobility, as mm_page_alloc_extfrag reports it. */
struct kmr_extfrag {
	kmr_pfn_t pfn; /* of the block taken */
	uint16_t zone;
	uint8_t order; /* asked for */
	uint8_t fallback_order; /* of the block taken */
	uint8_t migratetype; /* asked for */
	uint8_t fallback_migratetype;
	bool change_owner; /* the pageblock now belongs to the type asked for */
};

/* Told what the model does under the zone's lock, in the order it does it; any may be NULL. */
struct kmr_page_observer {
	void *ctx;
	/* a block left the free lists (mm_page_alloc_zone_locked) */
	void (*refill)(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int migratetype,
		       bool percpu);
	/* a block went from a per-CPU list to the free lists (mm_page_pcpu_drain) */
	void (*drain)(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int migratetype);
	void (*extfrag)(void *ctx, const struct kmr_extfrag *ef);
	/*
	 * What was in the used block of 2^@order frames at @from is at @to from now on.  A block that
	 * found no place in one piece comes in pieces, each with its own call.
	 */
	void (*migrated)(void *ctx, kmr_pfn_t from, kmr_pfn_t to, unsigned int order);
	/* the model itself took a block (a page of the pool of huge pages), or gave it back */
	void (*kept)(void *ctx, kmr_pfn_t pfn, unsigned int order, bool kept);
};

/* What a zone looks like at one moment; counts in blocks, else pages. */
struct kmr_zone_state {
	uint64_t free_pages; /* on the free lists */
	uint64_t pcp_pages; /* on the per-CPU lists, all CPUs */
	uint64_t wmark_min, wmark_low, wmark_high; /* with boost */
	uint64_t boost;
	uint64_t highatomic;
	uint64_t pageblocks[KMR_MIGRATE_TYPES]; /* by type */
	uint32_t nr_free[KMR_MAX_ORDERS][KMR_MIGRATE_TYPES];
};

/*
 * What else it did that takes time (kmreplay/cost.h), for latencies; no results by themselves, as
 * struct kmr_page_work's other fields are.
 */
struct kmr_page_steps {
	uint64_t watermark_checks;
	uint64_t pcp_frees; /* blocks put on per-CPU lists by frees */
	uint64_t tail_allocs; /* pages of blocks above order 0 but their first: made compound */
	uint64_t tail_frees; /* the same: checked when given back */
	uint64_t zeroed_pages,
		zeroed_huge_pages; /* by __GFP_ZERO; below a pageblock, and from there */
	uint64_t zone_locks; /* times a zone's lock was taken */
	uint64_t buddy_allocs; /* blocks taken from free lists without a per-CPU list */
	uint64_t buddy_frees; /* put on them */
	uint64_t fallback_lists; /* free lists of other types looked at */
};

/* How often the model did what, since it was created. */
struct kmr_page_work {
	uint64_t allocs, frees, failures;
	uint64_t pcp_hits; /* allocations served from a per-CPU list that was not empty */
	uint64_t pcp_refills; /* times a list was refilled */
	uint64_t refill_blocks;
	uint64_t drain_blocks;
	uint64_t splits, merges;
	uint64_t zones_tried; /* zones looked at by allocations */
	uint64_t slow_paths; /* allocations that had to go below the low watermark */
	uint64_t extfrag; /* fallbacks to another mobility */
	uint64_t pages_moved; /* between free lists by stealing */
	uint64_t blocks_claimed;
	struct kmr_page_steps steps;
};

/* How often the model did what with ranges of frames, since it was created. */
struct kmr_contig_work {
	uint64_t pageblocks_isolated;
	uint64_t blocks_migrated, pages_migrated; /* to other frames */
	uint64_t blocks_split; /* because there was no room for them in one piece */
	uint64_t migrate_failures; /* blocks that there was no room for at all */
	uint64_t cma_allocs, cma_failures; /* requests */
	uint64_t cma_retries; /* ranges that were busy, so that another was tried */
	uint64_t cma_pages; /* handed out, in all */
	uint64_t pages_onlined, pages_offlined;
	uint64_t huge_allocs, huge_frees, huge_failures; /* pages of the pool */
	uint64_t huge_replaced; /* moved out of the way of a range */
	uint64_t huge_dissolved; /* lost to memory that went offline */
};

/* How a call on a range of frames went. */
enum kmr_range_result {
	KMR_RANGE_DONE,
	KMR_RANGE_BUSY, /* something that can't be moved sits there; the kernel's EBUSY */
	KMR_RANGE_NO_ROOM, /* what sits there could be moved, but nowhere to: ENOMEM */
	KMR_RANGE_INVALID, /* no range of which this can be asked: EINVAL */
};

/* Memory to bring online: struct kmr_machine.hotplug, or what went offline before. */
struct kmr_memory_block {
	uint64_t pfn, pages; /* whole sections */
	uint32_t zone; /* enum kmr_zone_type; KMR_EV_ANY_ZONE: as default_zone_for_pfn() chooses */
	int node; /* -1: that of boot, or of the memory below it */
};

/* Where a frame is. */
enum kmr_frame_place {
	KMR_FRAME_NONE, /* no memory of this machine */
	KMR_FRAME_USED, /* allocated (or never free) */
	KMR_FRAME_BUDDY, /* within a block on a free list */
	KMR_FRAME_PCP, /* within a block on a per-CPU list */
};

struct kmr_frame_info {
	enum kmr_frame_place place;
	int zone; /* index; -1: none */
	kmr_pfn_t head; /* BUDDY, PCP: the block it is in */
	unsigned int order; /* BUDDY, PCP: the block's */
	unsigned int migratetype; /* BUDDY: the list's; PCP: the pageblock's when it was freed */
	unsigned int cpu; /* PCP */
	unsigned int position; /* PCP: blocks before it on its list, at most 255 */
	unsigned int pageblock; /* its pageblock's migratetype */
};

struct kmr_page_backend; /* each implementation's own */
struct kmr_survey; /* survey.h */

/* How an attempt at compaction went, the more the better (include/linux/compaction.h). */
enum kmr_compact_result {
	KMR_COMPACT_SKIPPED, /* too little free memory, or enough without it */
	KMR_COMPACT_DEFERRED, /* it failed of late */
	KMR_COMPACT_CONTINUE, /* to be begun, or gone on with */
	KMR_COMPACT_COMPLETE, /* the whole zone was gone through */
	KMR_COMPACT_PARTIAL_SKIPPED, /* the rest of the zone was */
	KMR_COMPACT_CONTENDED, /* given up: there was nowhere to move anything to */
	KMR_COMPACT_SUCCESS,
};

/*
 * Who makes room when memory is short.  A backend that was given none does without: where the
 * kernel would reclaim it looks at what is free already.  The calls come from within alloc(), and
 * may free and migrate frames of the same backend.  @zonelist: zone indices, 0xffff-terminated;
 * @highest: enum kmr_zone_type.
 */
struct kmr_pressure_ops {
	void *ctx;
	/* wakeup_kswapd() of the zone's node */
	void (*wake_kswapd)(void *ctx, unsigned int zone, uint32_t gfp, unsigned int order,
			    unsigned int highest);
	/* try_to_free_pages(): pages reclaimed, by the task that asks */
	uint64_t (*reclaim)(void *ctx, const struct kmr_page_request *req, const uint16_t *zonelist,
			    unsigned int highest);
	/*
	 * node_reclaim() of one node, for zone_reclaim_mode: pages reclaimed; @unmap: mapped ones,
	 * too (RECLAIM_UNMAP)
	 */
	uint64_t (*reclaim_node)(void *ctx, const struct kmr_page_request *req, unsigned int node,
				 unsigned int highest, bool unmap);
	/* try_to_compact_pages(), @priority 0 (all of the zone) to 2 (asynchronous) */
	enum kmr_compact_result (*compact)(void *ctx, const struct kmr_page_request *req,
					   const uint16_t *zonelist, unsigned int highest,
					   unsigned int priority);
	/* compaction could begin if all that is reclaimable were free: compaction_zonelist_suitable() */
	bool (*compactable)(void *ctx, const struct kmr_page_request *req, const uint16_t *zonelist,
			    unsigned int highest);
	/* after compaction the request was served from @zone, or not at all: @zone -1 */
	void (*compacted)(void *ctx, int zone, unsigned int order);
	/* zone_reclaimable_pages() */
	uint64_t (*reclaimable)(void *ctx, unsigned int zone);
	/* out_of_memory(): nothing helps any more, and the request fails */
	void (*oom)(void *ctx, const struct kmr_page_request *req);
};

struct kmr_follow_ops; /* follow.h */

struct kmr_page_ops {
	const char *name;
	const char *description; /* one line */
	/*
	 * A block that is stolen, or claimed with whole pageblocks, goes from its fallback straight to
	 * who asked: mm_page_alloc_extfrag alone tells that it left the free lists (6.15).
	 */
	bool extfrag_takes;
	const struct kmr_param *params;
	unsigned int nr_params;

	/*
	 * A backend with no free memory: every present frame is used until it is freed or loaded.
	 * @params holds nr_params values in the order of ->params, NULL: the defaults.
	 */
	struct kmr_page_backend *(*create)(const struct kmr_machine *machine,
					   const uint64_t *params, struct kmr_error *err);
	void (*destroy)(struct kmr_page_backend *b);

	/* The first frame of a block, or KMR_NO_PFN when there is none left for the request. */
	kmr_pfn_t (*alloc)(struct kmr_page_backend *b, const struct kmr_page_request *req);
	/*
	 * Gives back 2^order frames at @pfn, a multiple of that, to @cpu.  Returns -1 and does
	 * nothing when they are not all used frames of one zone.
	 */
	int (*free)(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
		    unsigned int cpu);
	/*
	 * Two halves of free() for a page freed through a list: prepare notes its pageblock's
	 * type as the kernel does at mm_page_free, commit puts it on a list.  Order 0.
	 */
	void (*free_prepare)(struct kmr_page_backend *b, kmr_pfn_t pfn);
	int (*free_commit)(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int cpu);
	/* Empties the per-CPU lists of @cpu (-1: every CPU). */
	void (*drain)(struct kmr_page_backend *b, int cpu);
	/*
	 * The block that a drain of the lists of @cpu in @zone begins with goes to the free lists:
	 * one step of drains that nothing in a trace asks for.  (mm/page_alloc.c:
	 * drain_zone_pages(), drain_pages_zone(), decay_pcp_high())
	 */
	void (*drain_one)(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu);
	/*
	 * An operation on the lists of @cpu in @zone is interrupted, or goes on: while it holds
	 * them, what interrupts do goes to the free lists.
	 */
	void (*pcp_lock)(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu,
			 bool locked);
	/* Simulated time goes on to @now (ns). */
	void (*tick)(struct kmr_page_backend *b, uint64_t now);
	/*
	 * The limits of all per-CPU lists decay as they do once a second, if the version's do; what
	 * is over them is left for drain_one().  tick() does it by itself.  (mm/page_alloc.c:
	 * decay_pcp_high())
	 */
	void (*decay)(struct kmr_page_backend *b);
	/* The trace says that kswapd of @node begins or has stopped reclaiming. */
	void (*kswapd)(struct kmr_page_backend *b, unsigned int node, bool active);

	/*
	 * From now on @pressure makes room; NULL: nobody.  Must outlive the backend or be taken
	 * back.  A backend that can't be helped has no such call.
	 */
	void (*set_pressure)(struct kmr_page_backend *b, const struct kmr_pressure_ops *pressure);

	/* NULL: nobody.  The observer must outlive the backend or be taken back. */
	void (*observe)(struct kmr_page_backend *b, const struct kmr_page_observer *observer);
	void (*zone_state)(const struct kmr_page_backend *b, unsigned int zone,
			   struct kmr_zone_state *state);
	/*
	 * What is in the frames of every zone, at simulated time @now (ns), into @survey, which was
	 * made for the backend's machine and has seen no other backend.  NULL: the model can't tell.
	 */
	void (*survey)(const struct kmr_page_backend *b, struct kmr_survey *survey, uint64_t now);
	/* pages on the lists of @cpu in @zone */
	uint32_t (*pcp_count)(const struct kmr_page_backend *b, unsigned int zone,
			      unsigned int cpu);
	/* blocks that a refill of that list takes at most */
	uint32_t (*refill_size)(const struct kmr_page_backend *b, unsigned int zone,
				unsigned int cpu, unsigned int order);
	const struct kmr_page_work *(*work)(const struct kmr_page_backend *b);
	/*
	 * What was counted of requests since numa_restart(), or creation; false, and zeroes, on a
	 * machine of one node.  Both NULL: the model does not count.
	 */
	bool (*numa)(const struct kmr_page_backend *b, struct kmr_numa_report *report);
	void (*numa_restart)(struct kmr_page_backend *b);

	/* Walks every invariant; -1 with the first that does not hold. */
	int (*check)(const struct kmr_page_backend *b, struct kmr_error *err);

	/* Takes over a snapshot's lists (a backend fresh from create). */
	int (*load)(struct kmr_page_backend *b, const struct kmr_snapshot *snap,
		    struct kmr_error *err);
	/* Appends the model's state to an empty snapshot whose machine is filled in. */
	int (*save)(const struct kmr_page_backend *b, struct kmr_snapshot *snap,
		    struct kmr_error *err);
	/*
	 * Sets the type of the pageblock that holds @pfn; its free blocks stay where they are, but in
	 * versions where lists and pageblocks are always of one type (6.10).
	 */
	void (*set_pageblock)(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int migratetype);
	/*
	 * Puts 2^order used frames onto the free list of @migratetype as they are: no per-CPU
	 * list, no merging, at the end where the kernel's boot puts them (since 5.10 the tail,
	 * before the head).  For start states.  -1: not all used.
	 */
	int (*seed_free)(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			 unsigned int migratetype);

	/* For verify, after a miss. */
	void (*where)(const struct kmr_page_backend *b, kmr_pfn_t pfn, struct kmr_frame_info *info);
	/* Takes back an allocation as if it had never been: to the head of its list. */
	void (*unalloc)(struct kmr_page_backend *b, const struct kmr_page_request *req,
			kmr_pfn_t pfn);
	/*
	 * Makes 2^order frames at @pfn used, splitting or taking from whatever list they are on;
	 * frames of them that are used already stay so.
	 */
	void (*take)(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order, bool movable);
	/*
	 * Used frames go to a free list as a drained block does, or to the tail of the list of
	 * @cpu as a refilled one; nothing happens when they are not all used.
	 */
	void (*buddy_put)(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			  unsigned int migratetype, unsigned int cpu);
	void (*pcp_put)(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			unsigned int migratetype, unsigned int cpu);
	/*
	 * A used block that drain() or drain_one() took last from a list of @cpu goes back to its
	 * tail.  NULL: the block's type tells which list that is, pcp_put() does it.
	 */
	void (*undrain)(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order,
			unsigned int migratetype, unsigned int cpu);
	/*
	 * The used block of 2^@order frames at @pfn is two of the next lower order from now on, as
	 * after split_page().  Due before parts of a block are given back, so that migration knows.
	 */
	void (*split)(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order);

	/*
	 * CMA.  To be called once, when the start state is there: the pageblocks of the machine's
	 * areas become MIGRATE_CMA unless they are already, and what is free in them goes to its
	 * lists.  What is used goes there, too, with @reserved (boot kept it for just that); else it
	 * is taken for borrowed by movable requests.
	 */
	void (*cma_activate)(struct kmr_page_backend *b, bool reserved);
	/*
	 * @pages contiguous frames of area @area (an index into the machine's cma), the first a
	 * multiple of 2^@align, for a caller on @cpu; what borrowed them is migrated.  KMR_NO_PFN
	 * when there are none.  (mm/cma.c: cma_alloc())
	 */
	kmr_pfn_t (*cma_alloc)(struct kmr_page_backend *b, unsigned int area, uint64_t pages,
			       unsigned int align, unsigned int cpu);
	/*
	 * Gives them back; frames among them that were freed one by one before are nobody's already.
	 * -1 and nothing done when they were not all handed out by cma_alloc().
	 */
	int (*cma_release)(struct kmr_page_backend *b, unsigned int area, kmr_pfn_t pfn,
			   uint64_t pages, unsigned int cpu);

	/*
	 * Hot-plug, of machines whose section_pages is known.  (mm/memory_hotplug.c: online_pages())
	 */
	enum kmr_range_result (*online)(struct kmr_page_backend *b,
					const struct kmr_memory_block *block, unsigned int cpu);
	/*
	 * Takes @pages frames at @pfn, whole sections of one zone, away from the machine.  When that
	 * fails *@busy is the frame it failed at, or KMR_NO_PFN.  (mm/memory_hotplug.c:
	 * offline_pages())
	 */
	enum kmr_range_result (*offline)(struct kmr_page_backend *b, uint64_t pfn, uint64_t pages,
					 unsigned int cpu, kmr_pfn_t *busy);

	/*
	 * nr_hugepages: grows or shrinks the pool to @nr pages of the machine's huge_order (0: of a
	 * pageblock) on @node, -1: on all nodes in turn; from @cpu.  Returns how many there are then.
	 * (mm/hugetlb.c: set_max_huge_pages())
	 */
	uint64_t (*set_huge_pages)(struct kmr_page_backend *b, uint64_t nr, int node,
				   unsigned int cpu);
	const struct kmr_contig_work *(*contig_work)(const struct kmr_page_backend *b);

	/*
	 * Makes every block of one per-CPU list used, because the traced kernel's was seen to be
	 * empty: it gives out pages in bulk without an event.  Returns how many blocks.
	 */
	uint32_t (*pcp_take_all)(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu,
				 unsigned int order, unsigned int migratetype);

	/* What reclaim and compaction of a traced kernel did to it; NULL: the backend can't. */
	const struct kmr_follow_ops *follow;
};

/* The backends that are built in; NULL past the last, or when there is none of that name. */
const struct kmr_page_ops *kmr_page_backend_at(unsigned int i);
const struct kmr_page_ops *kmr_page_backend_find(const char *name);

/*
 * Splits "linux-6.1,nofragment=0" into a backend and its parameter values (room for
 * KMR_MAX_PARAMS).  Errors name the parameter and its range.
 */
const struct kmr_page_ops *kmr_page_backend_parse(const char *spec, uint64_t *params,
						  struct kmr_error *err);

#endif
