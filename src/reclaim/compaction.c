// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compaction of a zone: one scanner looks for movable frames from its bottom upwards, another for
 * free ones from its top downwards, and what the first finds moves to what the second finds, until
 * there is a block as large as wanted or they meet.  Behaviour: compact_zone(),
 * isolate_migratepages(), isolate_freepages(), compaction_suitable() in mm/compaction.c.
 *
 * Movable is what is on an LRU list as a single page.  Without the kernel's hints about pageblocks
 * that were in vain, and without its shortcuts over the free lists: each block is looked at.
 */
#include "reclaim/reclaim.h"

#define CLUSTER		  32u /* COMPACT_CLUSTER_MAX */
#define EXTFRAG_THRESHOLD 500
#define MAX_DEFER_SHIFT	  6u
#define MAX_EXTENTS	  64u

/* Free blocks of a zone, as fill_contig_page_info() counts them. */
struct contig_info {
	uint64_t pages, blocks, suitable;
};

static struct contig_info contig_info(const struct kmr_reclaim *r, const struct kmr_zone *z,
				      unsigned int order)
{
	struct contig_info info = { 0, 0, 0 };

	for (unsigned int o = 0; o < r->b->nr_orders; o++) {
		uint64_t blocks = 0;

		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
			blocks += z->nr_free[o][t];
		info.blocks += blocks;
		info.pages += blocks << o;
		if (o >= order)
			info.suitable += blocks << (o - order);
	}
	return info;
}

/* __fragmentation_index(): to 0 for want of memory, to 1000 for fragmentation; -1000: there is one */
static int fragmentation_index(const struct kmr_reclaim *r, const struct kmr_zone *z,
			       unsigned int order)
{
	const struct contig_info info = contig_info(r, z, order);

	if (order >= r->b->nr_orders || !info.blocks)
		return 0;
	if (info.suitable)
		return -1000;
	return 1000 - (int)((1000 + (info.pages * 1000 >> order)) / info.blocks);
}

unsigned int kmr_fragmentation_score(const struct kmr_reclaim *r, const struct kmr_zone *z)
{
	const struct contig_info info = contig_info(r, z, r->b->pageblock_order);

	if (!info.pages)
		return 0;
	return (unsigned int)((info.pages - (info.suitable << r->b->pageblock_order)) * 100 /
			      info.pages);
}

unsigned int kmr_fragmentation_wmark(const struct kmr_reclaim *r, bool low)
{
	const unsigned int mark = r->proactiveness < 95 ? 100 - r->proactiveness : 5;

	if (low)
		return mark;
	return mark + 10 < 100 ? mark + 10 : 100;
}

/* __compaction_suitable() of a zone that had @free_pages */
static enum kmr_compact_result suitable(const struct kmr_reclaim *r, const struct kmr_zone *z,
					unsigned int order, unsigned int alloc_flags,
					unsigned int highest, int64_t free_pages)
{
	const uint64_t gap = UINT64_C(2) << order;
	uint64_t mark = z->wmark[alloc_flags & KMR_ALLOC_WMARK_MASK] + z->boost;

	if (kmr_watermark_ok_with(r->b, z, order, mark, highest, alloc_flags, kmr_seen_free(z)))
		return KMR_COMPACT_SUCCESS;
	mark = z->wmark[order > KMR_COSTLY_ORDER ? KMR_ALLOC_WMARK_LOW : KMR_ALLOC_WMARK_MIN] +
	       z->boost + gap;
	if (!kmr_watermark_ok_with(r->b, z, 0, mark, highest, KMR_ALLOC_CMA, free_pages))
		return KMR_COMPACT_SKIPPED;
	return KMR_COMPACT_CONTINUE;
}

enum kmr_compact_result kmr_compaction_suitable(const struct kmr_reclaim *r,
						const struct kmr_zone *z, int order,
						unsigned int alloc_flags, unsigned int highest)
{
	enum kmr_compact_result result;
	int index;

	if (order < 0)
		return KMR_COMPACT_CONTINUE;
	result = suitable(r, z, (unsigned int)order, alloc_flags, highest, kmr_seen_free(z));
	if (result != KMR_COMPACT_CONTINUE || order <= (int)KMR_COSTLY_ORDER)
		return result;
	index = fragmentation_index(r, z, (unsigned int)order);
	/* there is too little memory rather than too many pieces */
	return index >= 0 && index <= EXTFRAG_THRESHOLD ? KMR_COMPACT_SKIPPED : result;
}

bool kmr_compaction_deferred(struct kmr_reclaim *r, unsigned int zone, unsigned int order)
{
	struct kmr_reclaim_zone *z = &r->zones[zone];
	const unsigned int limit = 1u << z->defer_shift;

	if (order < z->order_failed)
		return false;
	if (++z->considered >= limit) {
		z->considered = limit;
		return false;
	}
	r->stats.compact_deferred++;
	return true;
}

void kmr_defer_compaction(struct kmr_reclaim *r, unsigned int zone, unsigned int order)
{
	struct kmr_reclaim_zone *z = &r->zones[zone];

	z->considered = 0;
	if (z->defer_shift < MAX_DEFER_SHIFT)
		z->defer_shift++;
	if (order < z->order_failed)
		z->order_failed = order;
	r->stats.compact_defers++;
}

void kmr_defer_reset(struct kmr_reclaim *r, unsigned int zone, unsigned int order, bool success)
{
	struct kmr_reclaim_zone *z = &r->zones[zone];

	if (success) {
		z->considered = 0;
		z->defer_shift = 0;
	}
	if (order >= z->order_failed)
		z->order_failed = order + 1;
}

/* A run over a zone: what it is to do, and what it holds. */
struct run {
	struct kmr_reclaim *r;
	struct kmr_compact *cc;
	struct kmr_zone *z;
	uint32_t from[CLUSTER]; /* frames to move */
	unsigned int nr_from;
	struct {
		uint32_t pfn, pages;
	} to[MAX_EXTENTS]; /* free frames taken off the lists */
	unsigned int nr_to;
	uint32_t nr_pages; /* in all of them */
};

static uint32_t block_of(const struct run *run, uint32_t pfn)
{
	return pfn >> run->r->b->pageblock_order;
}

static uint32_t block_start(const struct run *run, uint32_t pfn)
{
	const uint32_t start = block_of(run, pfn) << run->r->b->pageblock_order;

	return start < run->z->start ? run->z->start : start;
}

static uint32_t block_end(const struct run *run, uint32_t pfn)
{
	const uint64_t end = ((uint64_t)block_of(run, pfn) + 1) << run->r->b->pageblock_order;

	return end > run->z->end ? run->z->end : (uint32_t)end;
}

static bool scanners_met(const struct run *run)
{
	return block_of(run, run->cc->free_pfn) <= block_of(run, run->cc->migrate_pfn);
}

/* find_suitable_fallback() with only_stealable: another type would give up a block of that order */
static bool can_steal(const struct run *run, unsigned int order)
{
	const unsigned int type = run->cc->migratetype;
	const uint8_t *fallback = run->r->b->rules->fallbacks[type];

	if (order < run->r->b->pageblock_order / 2 && type == KMR_MIGRATE_MOVABLE)
		return false;
	return (run->z->nonempty[fallback[0]] | run->z->nonempty[fallback[1]]) >> order & 1;
}

static void reset_positions(const struct run *run)
{
	struct kmr_reclaim_zone *z = &run->r->zones[run->z->index];

	z->migrate_pfn = run->z->start;
	z->free_pfn = block_start(run, run->z->end - 1);
}

/* __compact_finished() */
static enum kmr_compact_result finished(const struct run *run)
{
	const struct kmr_compact *cc = run->cc;
	const struct kmr_kswapd *kswapd = &run->r->nodes[run->z->node].kswapd;

	if (scanners_met(run)) {
		reset_positions(run);
		return cc->whole_zone ? KMR_COMPACT_COMPLETE : KMR_COMPACT_PARTIAL_SKIPPED;
	}
	if (cc->order < 0) {
		if (kswapd->state >= KMR_KSWAPD_RUNNABLE)
			return KMR_COMPACT_PARTIAL_SKIPPED;
		return kmr_fragmentation_score(run->r, run->z) >
				       kmr_fragmentation_wmark(run->r, true)
			       ? KMR_COMPACT_CONTINUE
			       : KMR_COMPACT_SUCCESS;
	}
	if (cc->migrate_pfn & ((1u << run->r->b->pageblock_order) - 1))
		return KMR_COMPACT_CONTINUE;
	for (unsigned int o = (unsigned int)cc->order; o < run->r->b->nr_orders; o++)
		if ((run->z->nonempty[cc->migratetype] >> o & 1) ||
		    (cc->migratetype == KMR_MIGRATE_MOVABLE &&
		     (run->z->nonempty[KMR_MIGRATE_CMA] >> o & 1)) ||
		    can_steal(run, o))
			return KMR_COMPACT_SUCCESS;
	return KMR_COMPACT_CONTINUE;
}

/* suitable_migration_source() */
static bool is_source(const struct run *run, unsigned int type)
{
	if (!run->cc->async || !run->cc->direct)
		return true;
	if (run->cc->migratetype == KMR_MIGRATE_MOVABLE)
		return type == KMR_MIGRATE_MOVABLE || type == KMR_MIGRATE_CMA;
	return type == run->cc->migratetype;
}

/* Movable frames of one pageblock, from where the scanner is: isolate_migratepages_block() */
static void scan_block(struct run *run, uint32_t end)
{
	const struct kmr_reclaim *r = run->r;
	struct kmr_compact *cc = run->cc;
	uint32_t pfn = cc->migrate_pfn;

	while (pfn < end && run->nr_from < CLUSTER) {
		const struct kmr_frame *f = kmr_frame(r->b, pfn);

		cc->migrate_scanned++;
		if (f->state == KMR_FS_BUDDY) {
			pfn += 1u << f->order;
			continue;
		}
		if (r->frames[pfn].list && !r->frames[pfn].order)
			run->from[run->nr_from++] = pfn;
		pfn += r->frames[pfn].list ? 1u << r->frames[pfn].order : 1;
	}
	cc->migrate_pfn = pfn < end ? pfn : end;
}

/* isolate_migratepages(): the next pageblock with anything to move, or none */
static void scan_for_movable(struct run *run)
{
	struct kmr_compact *cc = run->cc;

	run->nr_from = 0;
	while (cc->migrate_pfn < run->z->end && block_end(run, cc->migrate_pfn) <= cc->free_pfn) {
		const uint32_t end = block_end(run, cc->migrate_pfn);

		if (!is_source(run, *kmr_pageblock(run->r->b, run->z, cc->migrate_pfn))) {
			cc->migrate_pfn = end;
			continue;
		}
		scan_block(run, end);
		return;
	}
	/* no whole block is left between the two */
	cc->free_pfn = cc->migrate_pfn;
}

/* __isolate_free_page(): not below what others need */
static bool take_free(struct run *run, uint32_t pfn)
{
	struct kmr_page_backend *b = run->r->b;
	const unsigned int order = kmr_frame(b, pfn)->order;

	if (!kmr_watermark_ok_with(b, run->z, 0,
				   run->z->wmark[KMR_ALLOC_WMARK_MIN] + (UINT64_C(1) << order), 0,
				   KMR_ALLOC_CMA, (int64_t)run->z->free_pages))
		return false;
	kmr_free_list_del(b, run->z, pfn);
	kmr_stat_mod(run->z, run->cc->cpu, -(int32_t)(1u << order));
	kmr_bits_set_used(b->bits, pfn, order, false);
	run->to[run->nr_to].pfn = pfn;
	run->to[run->nr_to++].pages = 1u << order;
	run->nr_pages += 1u << order;
	run->r->stats.compact_isolated += UINT64_C(1) << order;
	/* a half-free pageblock becomes a movable one */
	if (order + 1 >= b->pageblock_order && kmr_mergeable(*kmr_pageblock(b, run->z, pfn)))
		for (uint32_t p = pfn; p < pfn + (1u << order); p += 1u << b->pageblock_order)
			kmr_set_pageblock(b, run->z, p, KMR_MIGRATE_MOVABLE);
	return true;
}

/* suitable_migration_target() */
static bool is_target(const struct run *run, uint32_t start)
{
	const struct kmr_page_backend *b = run->r->b;
	const unsigned int type = *kmr_pageblock(b, run->z, start);

	if (kmr_frame(b, start)->state == KMR_FS_BUDDY &&
	    kmr_frame(b, start)->order >= b->pageblock_order)
		return false;
	return run->cc->ignore_suitable || type == KMR_MIGRATE_MOVABLE || type == KMR_MIGRATE_CMA;
}

/* Free blocks of one pageblock from @pfn on; returns where it stopped. */
static uint32_t scan_free_block(struct run *run, uint32_t pfn, uint32_t end)
{
	const struct kmr_page_backend *b = run->r->b;

	while (pfn < end && run->nr_pages < run->nr_from && run->nr_to < MAX_EXTENTS) {
		const uint32_t pages = kmr_frame(b, pfn)->state == KMR_FS_BUDDY
					       ? 1u << kmr_frame(b, pfn)->order
					       : 1;

		run->cc->free_scanned += pages;
		if (kmr_frame(b, pfn)->state == KMR_FS_BUDDY && !take_free(run, pfn))
			return pfn;
		pfn += pages;
	}
	return pfn;
}

/* isolate_freepages() */
static void scan_for_free(struct run *run)
{
	struct kmr_compact *cc = run->cc;
	const uint32_t low = block_end(run, cc->migrate_pfn);
	uint32_t pfn = cc->free_pfn;

	for (;;) {
		const uint32_t start = block_start(run, pfn), end = block_end(run, pfn);

		if (start < low)
			break;
		if (is_target(run, start)) {
			pfn = scan_free_block(run, pfn, end);
			if (pfn < end || run->nr_pages >= run->nr_from) {
				/* goes on there, or with the block below */
				if (pfn >= end)
					pfn = start > low ? start - 1 : start;
				break;
			}
		}
		if (start <= run->z->start)
			break;
		pfn = block_start(run, start - 1);
	}
	cc->free_pfn = block_start(run, pfn) < low ? block_start(run, pfn) : pfn;
}

static uint32_t next_target(struct run *run)
{
	while (run->nr_to) {
		const unsigned int last = run->nr_to - 1;

		if (run->to[last].pages) {
			run->nr_pages--;
			return run->to[last].pfn + --run->to[last].pages;
		}
		run->nr_to--;
	}
	return KMR_NO_PFN;
}

static void move(struct run *run, uint32_t from, uint32_t to)
{
	struct kmr_page_backend *b = run->r->b;
	const bool movable = b->bits[from >> 6].movable >> (from & 63u) & 1;

	kmr_bits_set_used(b->bits, to, 0, movable);
	kmr_frame(b, to)->order = 0;
	if (b->observer && b->observer->migrated)
		b->observer->migrated(b->observer->ctx, from, to, 0);
	kmr_reclaim_moved(run->r, from, to);
	(void)kmr_linux_free(b, from, 0, run->cc->cpu);
	run->cc->moved++;
	run->r->stats.pgmigrate_success++;
}

/* migrate_pages(); -1: there is nowhere to move them to */
static int migrate(struct run *run)
{
	for (unsigned int i = 0; i < run->nr_from; i++) {
		uint32_t to = next_target(run);

		if (to == KMR_NO_PFN) {
			scan_for_free(run);
			to = next_target(run);
		}
		if (to == KMR_NO_PFN)
			return -1;
		move(run, run->from[i], to);
	}
	return 0;
}

/* release_freepages() */
static void give_back(struct run *run)
{
	struct kmr_reclaim_zone *z = &run->r->zones[run->z->index];
	uint32_t pfn;

	while ((pfn = next_target(run)) != KMR_NO_PFN) {
		kmr_frame(run->r->b, pfn)->order = 0;
		(void)kmr_linux_free(run->r->b, pfn, 0, run->cc->cpu);
		if (block_start(run, pfn) > z->free_pfn)
			z->free_pfn = block_start(run, pfn);
	}
}

/* Where the scanners begin: at the ends, or where they stopped last time. */
static void set_positions(struct run *run)
{
	struct kmr_reclaim_zone *z = &run->r->zones[run->z->index];
	struct kmr_compact *cc = run->cc;

	if (cc->whole_zone || z->migrate_pfn < run->z->start || z->migrate_pfn >= run->z->end ||
	    z->free_pfn < run->z->start || z->free_pfn >= run->z->end)
		reset_positions(run);
	cc->migrate_pfn = z->migrate_pfn;
	cc->free_pfn = z->free_pfn;
	if (cc->migrate_pfn == run->z->start)
		cc->whole_zone = true;
}

static enum kmr_compact_result scan_zone(struct run *run)
{
	struct kmr_reclaim_zone *z = &run->r->zones[run->z->index];
	struct kmr_compact *cc = run->cc;
	enum kmr_compact_result result;
	uint32_t undrained = 0; /* 1 + a block of the wanted order that frames left */

	while ((result = finished(run)) == KMR_COMPACT_CONTINUE) {
		const uint32_t start = cc->migrate_pfn;

		scan_for_movable(run);
		if (run->nr_from) {
			undrained = start + 1;
			if (migrate(run) && !scanners_met(run))
				return KMR_COMPACT_CONTENDED;
		}
		z->migrate_pfn = cc->migrate_pfn;
		z->free_pfn = block_start(run, cc->free_pfn);
		/* the pieces merge when they are off the per-CPU lists */
		if (cc->order > 0 && undrained &&
		    undrained - 1 < (cc->migrate_pfn >> cc->order << cc->order)) {
			kmr_drain_pages(run->r->b, (int)cc->cpu);
			undrained = 0;
		}
	}
	return result;
}

enum kmr_compact_result kmr_compact_zone(struct kmr_reclaim *r, struct kmr_compact *cc)
{
	struct run run = { .r = r, .cc = cc, .z = &r->b->zones[cc->zone] };
	enum kmr_compact_result result =
		kmr_compaction_suitable(r, run.z, cc->order, cc->alloc_flags, cc->highest);

	if (result != KMR_COMPACT_CONTINUE)
		return result;
	r->stats.compact_zones++;
	set_positions(&run);
	result = scan_zone(&run);
	give_back(&run);
	r->stats.compact_migrate_scanned += cc->migrate_scanned;
	r->stats.compact_free_scanned += cc->free_scanned;
	return result;
}

enum kmr_compact_result kmr_direct_compact(void *ctx, const struct kmr_page_request *req,
					   const uint16_t *zonelist, unsigned int highest,
					   unsigned int priority)
{
	struct kmr_reclaim *r = ctx;
	enum kmr_compact_result best = KMR_COMPACT_SKIPPED;

	for (; *zonelist != UINT16_MAX; zonelist++) {
		struct kmr_compact cc = {
			.zone = *zonelist,
			.order = req->order,
			.highest = highest,
			.cpu = req->cpu,
			.async = priority == 2,
			.whole_zone = !priority,
			.ignore_suitable = !priority,
			.direct = true,
			.migratetype = kmr_gfp_migratetype(req->gfp),
		};
		enum kmr_compact_result result;

		if (priority && kmr_compaction_deferred(r, *zonelist, req->order)) {
			best = best > KMR_COMPACT_DEFERRED ? best : KMR_COMPACT_DEFERRED;
			continue;
		}
		result = kmr_compact_zone(r, &cc);
		best = best > result ? best : result;
		if (result == KMR_COMPACT_SUCCESS) {
			kmr_defer_reset(r, *zonelist, req->order, false);
			break;
		}
		if (priority != 2 &&
		    (result == KMR_COMPACT_COMPLETE || result == KMR_COMPACT_PARTIAL_SKIPPED))
			kmr_defer_compaction(r, *zonelist, req->order);
	}
	if (best != KMR_COMPACT_SKIPPED)
		r->stats.compact_stall++;
	return best;
}

bool kmr_compactable(void *ctx, const struct kmr_page_request *req, const uint16_t *zonelist,
		     unsigned int highest)
{
	const struct kmr_reclaim *r = ctx;

	for (; req->order && *zonelist != UINT16_MAX; zonelist++) {
		const struct kmr_zone *z = &r->b->zones[*zonelist];
		const uint64_t pages =
			kmr_zone_reclaimable(r, *zonelist) / req->order + z->free_pages;

		if (suitable(r, z, req->order, 0, highest, (int64_t)pages) == KMR_COMPACT_CONTINUE)
			return true;
	}
	return false;
}

void kmr_compacted(void *ctx, int zone, unsigned int order)
{
	struct kmr_reclaim *r = ctx;

	if (zone < 0) {
		r->stats.compact_fail++;
		return;
	}
	r->stats.compact_success++;
	kmr_defer_reset(r, (unsigned int)zone, order, true);
}
