// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests and frees: which zones a request may use and in what order, whether a zone's
 * watermarks let it, what is tried when none does.  Behaviour: __alloc_pages(),
 * get_page_from_freelist(), __zone_watermark_ok(), __alloc_pages_slowpath(), __free_pages() in
 * mm/page_alloc.c.
 *
 * Reclaim and compaction are not simulated here: where the kernel would reclaim, what it freed is
 * in the trace already.  What needs no reclaim is tried: the reserves a request has rights to,
 * the per-CPU lists of every CPU, the high-atomic pageblocks.  With somebody who makes room the
 * slow path is slowpath.c's.
 */
#include "page/common.h"
#include "page/linux.h"
#include "page/numa.h"

unsigned int kmr_gfp_zone(const struct kmr_page_backend *b, uint32_t gfp)
{
	return kmr_gfp_zone_type(b->has_type, gfp);
}

/* Free pages that the request can't have: __zone_watermark_unusable_free(). */
int64_t kmr_unusable_free(const struct kmr_page_backend *b, const struct kmr_zone *z,
			  unsigned int order, unsigned int alloc_flags)
{
	int64_t pages = (INT64_C(1) << order) - 1;

	if (!(alloc_flags & b->rules->reserve_flags))
		pages += (int64_t)(b->rules->exact_highatomic ? z->free_highatomic : z->highatomic);
	if (!(alloc_flags & KMR_ALLOC_CMA))
		pages += (int64_t)z->free_cma;
	return pages;
}

bool kmr_watermark_ok_with(const struct kmr_page_backend *b, const struct kmr_zone *z,
			   unsigned int order, uint64_t mark, unsigned int highest,
			   unsigned int alloc_flags, int64_t free_pages)
{
	int64_t min = (int64_t)mark;
	uint32_t orders;

	if (alloc_flags & KMR_ALLOC_MIN_RESERVE) {
		min -= min / 2;
		if (alloc_flags & KMR_ALLOC_NON_BLOCK)
			min -= min / 4;
	}
	if (alloc_flags & KMR_ALLOC_OOM)
		min -= min / 2;
	else if (alloc_flags & KMR_ALLOC_HARDER)
		min -= min / 4;
	if (free_pages - kmr_unusable_free(b, z, order, alloc_flags) <=
	    min + (int64_t)z->reserve[highest])
		return false;
	if (!order)
		return true;
	orders = z->nonempty[KMR_MIGRATE_UNMOVABLE] | z->nonempty[KMR_MIGRATE_MOVABLE] |
		 z->nonempty[KMR_MIGRATE_RECLAIMABLE];
	if (alloc_flags & KMR_ALLOC_CMA)
		orders |= z->nonempty[KMR_MIGRATE_CMA];
	if (alloc_flags & (KMR_ALLOC_HIGHATOMIC | KMR_ALLOC_OOM))
		orders |= z->nonempty[KMR_MIGRATE_HIGHATOMIC];
	return orders >> order && order < b->nr_orders;
}

bool kmr_watermark_ok(const struct kmr_page_backend *b, const struct kmr_zone *z,
		      unsigned int order, uint64_t mark, unsigned int highest,
		      unsigned int alloc_flags)
{
	return kmr_watermark_ok_with(b, z, order, mark, highest, alloc_flags, kmr_seen_free(z));
}

/* zone_watermark_fast() */
bool kmr_watermark_fast(const struct kmr_page_backend *b, const struct kmr_zone *z,
			unsigned int order, unsigned int level, unsigned int highest,
			unsigned int alloc_flags, uint32_t gfp)
{
	const uint64_t mark = z->wmark[level] + z->boost;
	const bool urgent = b->rules->high_ignores_boost ? alloc_flags & KMR_ALLOC_MIN_RESERVE
							 : gfp & KMR_GFP_ATOMIC;

	if (!order) {
		const int64_t free_pages = kmr_seen_free(z);
		const int64_t unusable = kmr_unusable_free(b, z, 0, alloc_flags);

		if (free_pages - (unusable < free_pages ? unusable : free_pages) >
		    (int64_t)(mark + z->reserve[highest]))
			return true;
	}
	if (kmr_watermark_ok(b, z, order, mark, highest, alloc_flags))
		return true;
	/* boosting shall not fail atomic requests */
	if (!order && urgent && z->boost &&
	    (alloc_flags & KMR_ALLOC_WMARK_MASK) == KMR_ALLOC_WMARK_MIN)
		return kmr_watermark_ok(b, z, order, z->wmark[KMR_ALLOC_WMARK_MIN], highest,
					alloc_flags);
	return false;
}

/*
 * Whether the zone is above the watermark that the flags name; since 6.7 a look at the high one
 * comes first, as a note to those who free.
 */
static bool zone_will_do(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int order,
			 unsigned int highest, unsigned int alloc_flags, uint32_t gfp)
{
	if (b->rules->below_high && !z->below_high) {
		b->work.steps.watermark_checks++;
		if (kmr_watermark_fast(b, z, order, KMR_ALLOC_WMARK_HIGH, highest, alloc_flags,
				       gfp))
			return true;
		z->below_high = true;
	}
	if (alloc_flags & KMR_ALLOC_NO_WATERMARKS)
		return true;
	b->work.steps.watermark_checks++;
	return kmr_watermark_fast(b, z, order, alloc_flags & KMR_ALLOC_WMARK_MASK, highest,
				  alloc_flags, gfp);
}

static uint32_t rmqueue_buddy(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			      unsigned int order, unsigned int migratetype,
			      unsigned int alloc_flags)
{
	enum kmr_rmqueue_mode mode = KMR_RMQUEUE_NORMAL;
	uint32_t pfn = KMR_NO_PFN;

	b->work.steps.zone_locks++;
	if (alloc_flags & KMR_ALLOC_HIGHATOMIC)
		pfn = kmr_rmqueue_smallest(b, z, cpu, order, KMR_MIGRATE_HIGHATOMIC);
	if (pfn == KMR_NO_PFN) {
		pfn = b->rules->rmqueue(b, z, cpu, order, migratetype, alloc_flags, &mode);
		/* failing now is worse than a high-order atomic request failing later */
		if (pfn == KMR_NO_PFN && (alloc_flags & (KMR_ALLOC_OOM | KMR_ALLOC_NON_BLOCK)))
			pfn = kmr_rmqueue_smallest(b, z, cpu, order, KMR_MIGRATE_HIGHATOMIC);
	}
	if (pfn == KMR_NO_PFN)
		return pfn;
	b->work.steps.buddy_allocs++;
	if (!b->rules->typed_lists)
		kmr_stat_mod(z, cpu, -(int32_t)(1u << order));
	return pfn;
}

static uint32_t rmqueue(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			unsigned int order, unsigned int migratetype, unsigned int alloc_flags)
{
	/* the movable per-CPU list may hold CMA pages: only for those who may have them */
	const bool percpu = kmr_pcp_allowed(b, order) &&
			    (!b->rules->cma_skips_pcp || (alloc_flags & KMR_ALLOC_CMA) ||
			     migratetype != KMR_MIGRATE_MOVABLE);
	uint32_t pfn = KMR_NO_PFN;

	if (percpu)
		pfn = kmr_rmqueue_pcplist(b, z, cpu, order, migratetype, alloc_flags);
	if (pfn == KMR_NO_PFN && !(percpu && b->rules->pcp_only))
		pfn = rmqueue_buddy(b, z, cpu, order, migratetype, alloc_flags);
	if (z->boosted &&
	    (!b->rules->boost_wakes_kswapd_only || (alloc_flags & KMR_ALLOC_KSWAPD))) {
		z->boosted = false;
		if (b->pressure)
			b->pressure->wake_kswapd(b->pressure->ctx, z->index, 0, 0, z->type);
		else if (!b->kswapd_traced && !z->boost_ends)
			z->boost_ends = b->now + KMR_BOOST_NS;
	}
	return pfn;
}

/* One walk over the zonelist. */
static uint32_t get_page_from_freelist(struct kmr_page_backend *b,
				       const struct kmr_page_request *req, const uint16_t *zonelist,
				       unsigned int highest, unsigned int migratetype,
				       unsigned int alloc_flags)
{
	const struct kmr_zone *preferred = &b->zones[zonelist[0]];
	bool no_fallback;

	if ((alloc_flags & KMR_ALLOC_HARDER) && req->order)
		alloc_flags |= KMR_ALLOC_HIGHATOMIC;
retry:
	no_fallback = alloc_flags & KMR_ALLOC_NOFRAGMENT;
	for (const uint16_t *zi = zonelist; *zi != UINT16_MAX; zi++) {
		struct kmr_zone *z = &b->zones[*zi];
		uint32_t pfn;

		if ((alloc_flags & KMR_ALLOC_SPREAD_DIRTY) && b->way.dirty_nodes >> z->node & 1)
			continue;
		/* staying local is worth more than keeping types apart */
		if (no_fallback && b->multi_node && z->node != preferred->node) {
			alloc_flags &= ~(unsigned int)KMR_ALLOC_NOFRAGMENT;
			goto retry;
		}
		b->work.zones_tried++;
		if (!zone_will_do(b, z, req->order, highest, alloc_flags, req->gfp) &&
		    (!kmr_zone_reclaim(b, req, preferred, z, highest) ||
		     !zone_will_do(b, z, req->order, highest, alloc_flags, req->gfp)))
			continue;
		pfn = rmqueue(b, z, req->cpu, req->order, migratetype, alloc_flags);
		if (pfn == KMR_NO_PFN)
			continue;
		if (alloc_flags & KMR_ALLOC_HIGHATOMIC)
			kmr_reserve_highatomic(b, z, pfn, req->order, req->cpu);
		kmr_numa_count(b, preferred, z, req);
		return pfn;
	}
	if (no_fallback) {
		alloc_flags &= ~(unsigned int)KMR_ALLOC_NOFRAGMENT;
		goto retry;
	}
	return KMR_NO_PFN;
}

/* alloc_flags_nofragment(): only from Normal, and only where DMA32 could take the overflow. */
static unsigned int nofragment_flags(const struct kmr_page_backend *b, const struct kmr_zone *z)
{
	if (!b->nofragment_allowed || !b->has_type[KMR_ZONE_DMA32] || z->type != KMR_ZONE_NORMAL)
		return 0;
	if (b->multi_node && !b->dma32_populated[z->node])
		return 0;
	return KMR_ALLOC_NOFRAGMENT;
}

uint32_t kmr_get_page(struct kmr_page_backend *b, const struct kmr_slow_request *s,
		      unsigned int alloc_flags)
{
	return get_page_from_freelist(b, s->req, s->zonelist, s->highest, s->migratetype,
				      alloc_flags);
}

unsigned int kmr_slowpath_flags(const struct kmr_page_backend *b,
				const struct kmr_page_request *req, unsigned int migratetype)
{
	unsigned int flags = KMR_ALLOC_WMARK_MIN | b->rules->slowpath_flags(req);

	if (req->gfp & KMR_GFP_KSWAPD_RECLAIM)
		flags |= KMR_ALLOC_KSWAPD;
	if (migratetype == KMR_MIGRATE_MOVABLE)
		flags |= KMR_ALLOC_CMA;
	return flags;
}

/*
 * The request waits until kswapd has made up for the boosts.  Where the traced kswapd alone does, and
 * freed what it freed at its own moments, that is now.
 */
static bool end_boosts(struct kmr_page_backend *b, const uint16_t *zonelist)
{
	bool ended = false;

	for (const uint16_t *zi = zonelist; b->boosts_told && *zi != UINT16_MAX; zi++) {
		struct kmr_zone *z = &b->zones[*zi];

		ended |= z->boost > 0;
		z->boost = 0;
	}
	return ended;
}

/* __alloc_pages_slowpath() without reclaim and compaction */
static uint32_t slowpath(struct kmr_page_backend *b, const struct kmr_slow_request *bound)
{
	const struct kmr_page_request *req = bound->req;
	struct kmr_slow_request s = *bound;
	const unsigned int flags = kmr_slowpath_flags(b, req, s.migratetype);
	const unsigned int kept = flags & (KMR_ALLOC_KSWAPD | KMR_ALLOC_CMA);
	uint32_t pfn;

	b->work.slow_paths++;
	pfn = kmr_get_page(b, &s, flags);
	if (pfn != KMR_NO_PFN)
		return pfn;
	if (kmr_numa_unbound(b, req)) {
		s.zonelist = kmr_request_zonelist(b, req, s.highest);
		pfn = kmr_get_page(b, &s, flags);
		if (pfn != KMR_NO_PFN)
			return pfn;
	}
	if (((req->gfp & KMR_GFP_MEMALLOC) || (b->way.seen & KMR_WAY_MEMALLOC)) &&
	    !(req->gfp & KMR_GFP_NOMEMALLOC)) {
		pfn = kmr_get_page(b, &s, kept | KMR_ALLOC_NO_WATERMARKS);
		if (pfn != KMR_NO_PFN)
			return pfn;
	}
	if (!(req->gfp & KMR_GFP_DIRECT_RECLAIM))
		return KMR_NO_PFN;
	/* the kernel would have told of it */
	if ((b->way.seen & KMR_WAY_TOLD) && !(b->way.seen & KMR_WAY_RECLAIMED))
		return KMR_NO_PFN;
	/* after reclaim that did not help: __alloc_pages_direct_reclaim() */
	(void)kmr_unreserve_highatomic(b, s.zonelist, s.migratetype, false, req->cpu);
	kmr_drain_pages(b, -1);
	pfn = kmr_get_page(b, &s, flags);
	if (pfn != KMR_NO_PFN)
		return pfn;
	/* the last reserve before the OOM killer: should_reclaim_retry() */
	if (kmr_unreserve_highatomic(b, s.zonelist, s.migratetype, true, req->cpu)) {
		pfn = kmr_get_page(b, &s, flags);
		if (pfn != KMR_NO_PFN)
			return pfn;
	}
	if (end_boosts(b, s.zonelist))
		pfn = kmr_get_page(b, &s, flags);
	if (pfn == KMR_NO_PFN && (req->gfp & KMR_GFP_NOFAIL))
		pfn = kmr_get_page(b, &s, KMR_ALLOC_WMARK_MIN | b->rules->nofail_flags);
	return pfn;
}

static inline kmr_pfn_t alloc_from(struct kmr_page_backend *b, const struct kmr_page_request *req,
				   const uint16_t *zonelist, unsigned int highest)
{
	const unsigned int migratetype = kmr_request_type(b, req);
	unsigned int flags = KMR_ALLOC_WMARK_LOW;
	uint32_t pfn = KMR_NO_PFN;

	b->work.allocs++;
	if (req->order < b->nr_orders && *zonelist != UINT16_MAX && req->cpu < b->nr_cpus) {
		flags |= nofragment_flags(b, &b->zones[*zonelist]);
		if (req->gfp & KMR_GFP_KSWAPD_RECLAIM)
			flags |= KMR_ALLOC_KSWAPD;
		if (migratetype == KMR_MIGRATE_MOVABLE)
			flags |= KMR_ALLOC_CMA;
		if (req->gfp & KMR_GFP_WRITE)
			flags |= KMR_ALLOC_SPREAD_DIRTY;
		if (!(b->way.seen & KMR_WAY_SLOW))
			pfn = get_page_from_freelist(b, req, zonelist, highest, migratetype, flags);
		if (pfn == KMR_NO_PFN) {
			const struct kmr_slow_request slow = { req, zonelist, highest,
							       migratetype };

			pfn = b->pressure ? kmr_slowpath(b, &slow) : slowpath(b, &slow);
		}
	}
	b->way = (struct kmr_way){ 0, 0 };
	if (pfn == KMR_NO_PFN) {
		b->work.failures++;
		return KMR_NO_PFN;
	}
	kmr_bits_set_used(b->bits, pfn, req->order, req->gfp & KMR_GFP_MOVABLE);
	kmr_prepare_steps(&b->work.steps, req, b->pageblock_order);
	return pfn;
}

kmr_pfn_t kmr_alloc_from(struct kmr_page_backend *b, const struct kmr_page_request *req,
			 const uint16_t *zonelist, unsigned int highest)
{
	return alloc_from(b, req, zonelist, highest);
}

kmr_pfn_t kmr_linux_alloc(struct kmr_page_backend *b, const struct kmr_page_request *req)
{
	const unsigned int highest = kmr_gfp_zone(b, req->gfp);
	uint16_t local[KMR_ZONE_NR_TYPES + 1];
	const uint16_t *zonelist;

	if (req->policy && b->numa && !(req->gfp & KMR_GFP_THISNODE))
		return kmr_numa_alloc(b, req, highest);
	zonelist = kmr_request_zonelist(b, req, highest);
	if (req->gfp & KMR_GFP_THISNODE) {
		unsigned int n = 0;

		for (; *zonelist != UINT16_MAX; zonelist++)
			if (b->zones[*zonelist].node == req->node)
				local[n++] = *zonelist;
		local[n] = UINT16_MAX;
		zonelist = local;
	}
	return alloc_from(b, req, zonelist, highest);
}

/* The zone of a block that can be freed: aligned, all of it used, in one zone; else NULL. */
static struct kmr_zone *freeable(const struct kmr_page_backend *b, kmr_pfn_t pfn,
				 unsigned int order, unsigned int cpu)
{
	struct kmr_zone *z;

	if (order >= b->nr_orders || (pfn & ((1u << order) - 1)) || cpu >= b->nr_cpus)
		return NULL;
	z = kmr_zone_of(b, pfn);
	if (!z || z->end - pfn < 1u << order || !kmr_bits_all_used(b->bits, pfn, order))
		return NULL;
	return z;
}

int kmr_linux_free(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int order, unsigned int cpu)
{
	struct kmr_zone *z = freeable(b, pfn, order, cpu);

	if (!z)
		return -1;
	b->work.frees++;
	b->work.steps.tail_frees += (1u << order) - 1;
	kmr_bits_set_free(b->bits, pfn, order);
	if (kmr_pcp_allowed(b, order))
		kmr_free_unref_page(b, z, pfn, order, *kmr_pageblock(b, z, pfn), cpu);
	else
		kmr_free_block(b, z, pfn, order, cpu);
	return 0;
}

void kmr_linux_free_prepare(struct kmr_page_backend *b, kmr_pfn_t pfn)
{
	const struct kmr_zone *z = kmr_zone_of(b, pfn);

	if (z && !kmr_bit_free(b->bits, pfn))
		kmr_frame(b, pfn)->migratetype = *kmr_pageblock(b, z, pfn);
}

int kmr_linux_free_commit(struct kmr_page_backend *b, kmr_pfn_t pfn, unsigned int cpu)
{
	struct kmr_zone *z = freeable(b, pfn, 0, cpu);

	if (!z)
		return -1;
	b->work.frees++;
	kmr_bits_set_free(b->bits, pfn, 0);
	kmr_free_unref_page(b, z, pfn, 0,
			    b->rules->typed_lists ? *kmr_pageblock(b, z, pfn)
						  : kmr_frame(b, pfn)->migratetype,
			    cpu);
	return 0;
}

void kmr_linux_tick(struct kmr_page_backend *b, uint64_t now)
{
	b->now = now;
	kmr_vmstat_until(b, now);
	for (unsigned int i = 0; i < b->nr_zones; i++) {
		struct kmr_zone *z = &b->zones[i];

		if (z->boost_ends && now >= z->boost_ends) {
			z->boost_ends = 0;
			z->boost = 0;
		}
	}
}

/*
 * At the end of a round of reclaim kswapd drops the boost that it found at its beginning
 * (balance_pgdat() in mm/vmscan.c).  A round ends with the next wake-up or when it goes to sleep.
 */
void kmr_linux_kswapd(struct kmr_page_backend *b, unsigned int node, bool active)
{
	b->kswapd_traced = true;
	for (unsigned int i = 0; i < b->nr_zones; i++) {
		struct kmr_zone *z = &b->zones[i];

		if (z->node != node)
			continue;
		z->boost -= z->boost_found < z->boost ? z->boost_found : z->boost;
		z->boost_found = active ? z->boost : 0;
		z->reclaim_active = active;
	}
}
