// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slow path of a request when somebody makes room (struct kmr_pressure_ops): kswapd is woken,
 * the task reclaims and compacts itself, again and again as long as that promises anything.
 * Behaviour: __alloc_pages_slowpath(), should_reclaim_retry(), should_compact_retry(),
 * __alloc_pages_may_oom() in mm/page_alloc.c.
 *
 * The kernel's out-of-memory killer ends a task, and a request that may not fail waits for ever.  A
 * trace goes on whatever happens here: such a request fails, and is counted.
 */
#include "page/linux.h"
#include "page/numa.h"

#define MAX_RECLAIM_RETRIES  16
#define MAX_COMPACT_RETRIES  16
#define PRIORITY_INIT	     2 /* INIT_COMPACT_PRIORITY: asynchronous */
#define PRIORITY_DEF	     1 /* DEF_COMPACT_PRIORITY */
#define PRIORITY_MIN	     0
#define PRIORITY_MIN_COSTLY  1
#define MAX_NOFAIL_ROUNDS    16 /* where the kernel has no limit */
#define MAX_SLOWPATH_RETRIES 256 /* nor here, as time goes on there */

struct slow {
	struct kmr_page_backend *b;
	const struct kmr_slow_request *s;
	unsigned int flags;
	unsigned int compact_priority;
	unsigned int compact_retries;
	unsigned int no_progress;
	enum kmr_compact_result compacted;
};

static void wake_kswapds(const struct slow *w)
{
	const struct kmr_pressure_ops *p = w->b->pressure;
	int last = -1;

	for (const uint16_t *zi = w->s->zonelist; *zi != UINT16_MAX; zi++) {
		const struct kmr_zone *z = &w->b->zones[*zi];

		if (!z->managed)
			continue;
		if (z->node != last)
			p->wake_kswapd(p->ctx, *zi, w->s->req->gfp, w->s->req->order,
				       w->s->highest);
		last = z->node;
	}
}

/* __alloc_pages_direct_reclaim() */
static uint32_t direct_reclaim(struct slow *w, bool *progress)
{
	const struct kmr_pressure_ops *p = w->b->pressure;
	uint32_t pfn;

	*progress = p->reclaim(p->ctx, w->s->req, w->s->zonelist, w->s->highest) != 0;
	if (!*progress)
		return KMR_NO_PFN;
	pfn = kmr_get_page(w->b, w->s, w->flags);
	if (pfn != KMR_NO_PFN)
		return pfn;
	(void)kmr_unreserve_highatomic(w->b, w->s->zonelist, w->s->migratetype, false,
				       w->s->req->cpu);
	kmr_drain_pages(w->b, -1);
	return kmr_get_page(w->b, w->s, w->flags);
}

/* __alloc_pages_direct_compact() */
static uint32_t direct_compact(struct slow *w, unsigned int priority)
{
	const struct kmr_pressure_ops *p = w->b->pressure;
	const struct kmr_page_request *req = w->s->req;
	uint32_t pfn;

	w->compacted = KMR_COMPACT_SKIPPED;
	if (!req->order)
		return KMR_NO_PFN;
	w->compacted = p->compact(p->ctx, req, w->s->zonelist, w->s->highest, priority);
	if (w->compacted == KMR_COMPACT_SKIPPED)
		return KMR_NO_PFN;
	pfn = kmr_get_page(w->b, w->s, w->flags);
	p->compacted(p->ctx, pfn == KMR_NO_PFN ? -1 : kmr_zone_of(w->b, pfn)->index, req->order);
	return pfn;
}

/* should_reclaim_retry(): all that is reclaimable would be enough */
static bool should_reclaim_retry(struct slow *w, bool progress)
{
	const struct kmr_pressure_ops *p = w->b->pressure;

	if (progress && w->s->req->order <= KMR_COSTLY_ORDER)
		w->no_progress = 0;
	else
		w->no_progress++;
	for (const uint16_t *zi = w->s->zonelist;
	     w->no_progress <= MAX_RECLAIM_RETRIES && *zi != UINT16_MAX; zi++) {
		const struct kmr_zone *z = &w->b->zones[*zi];
		const uint64_t reclaimable = p->reclaimable(p->ctx, *zi);

		w->b->work.steps.watermark_checks++;
		if (kmr_watermark_ok_with(w->b, z, w->s->req->order,
					  z->wmark[KMR_ALLOC_WMARK_MIN] + z->boost, w->s->highest,
					  w->flags, (int64_t)(z->free_pages + reclaimable)))
			return true;
	}
	return kmr_unreserve_highatomic(w->b, w->s->zonelist, w->s->migratetype, true,
					w->s->req->cpu);
}

static bool raise_priority(struct slow *w)
{
	const bool costly = w->s->req->order > KMR_COSTLY_ORDER;

	if (w->compact_priority <= (costly ? PRIORITY_MIN_COSTLY : PRIORITY_MIN))
		return false;
	w->compact_priority--;
	w->compact_retries = 0;
	return true;
}

static bool should_compact_retry(struct slow *w)
{
	const struct kmr_pressure_ops *p = w->b->pressure;
	const struct kmr_slow_request *s = w->s;

	if (!s->req->order)
		return false;
	switch (w->compacted) {
	case KMR_COMPACT_SUCCESS:
		w->compact_retries++;
		return w->compact_retries <= (s->req->order > KMR_COSTLY_ORDER
						      ? MAX_COMPACT_RETRIES / 4
						      : MAX_COMPACT_RETRIES);
	case KMR_COMPACT_SKIPPED:
		return p->compactable(p->ctx, s->req, s->zonelist, s->highest);
	default:
		return raise_priority(w);
	}
}

/* __alloc_pages_may_oom(): a last look, far above what reclaim has just freed */
static uint32_t may_oom(struct slow *w)
{
	const struct kmr_pressure_ops *p = w->b->pressure;
	const struct kmr_page_request *req = w->s->req;
	const uint32_t pfn =
		kmr_get_page(w->b, w->s, KMR_ALLOC_WMARK_HIGH | (w->flags & KMR_ALLOC_CMA));

	if (pfn != KMR_NO_PFN || req->order > KMR_COSTLY_ORDER ||
	    (req->gfp & (KMR_GFP_RETRY_MAYFAIL | KMR_GFP_THISNODE)) ||
	    w->s->highest < KMR_ZONE_NORMAL)
		return pfn;
	p->oom(p->ctx, req);
	return KMR_NO_PFN;
}

/* Compaction before reclaim, where it is known to pay. */
static bool compact_first(const struct kmr_slow_request *s)
{
	const unsigned int order = s->req->order;

	return order > KMR_COSTLY_ORDER || (order && s->migratetype != KMR_MIGRATE_MOVABLE);
}

/* One round of reclaim and compaction; *again: another one may help. */
static uint32_t make_room(struct slow *w, bool *again)
{
	const uint32_t gfp = w->s->req->gfp;
	const bool costly = w->s->req->order > KMR_COSTLY_ORDER;
	uint32_t pfn;
	bool progress;

	*again = false;
	pfn = direct_reclaim(w, &progress);
	if (pfn == KMR_NO_PFN)
		pfn = direct_compact(w, w->compact_priority);
	if (pfn != KMR_NO_PFN || (gfp & KMR_GFP_NORETRY) ||
	    (costly && !(gfp & KMR_GFP_RETRY_MAYFAIL)))
		return pfn;
	*again = should_reclaim_retry(w, progress) || (progress && should_compact_retry(w));
	return *again ? KMR_NO_PFN : may_oom(w);
}

static uint32_t retry(struct slow *w)
{
	const uint32_t gfp = w->s->req->gfp;

	for (unsigned int round = 0; round < MAX_SLOWPATH_RETRIES; round++) {
		bool again;
		uint32_t pfn;

		if (w->flags & KMR_ALLOC_KSWAPD)
			wake_kswapds(w);
		if ((gfp & KMR_GFP_MEMALLOC) && !(gfp & KMR_GFP_NOMEMALLOC))
			w->flags = KMR_ALLOC_NO_WATERMARKS |
				   (w->flags & (KMR_ALLOC_KSWAPD | KMR_ALLOC_CMA));
		pfn = kmr_get_page(w->b, w->s, w->flags);
		if (pfn != KMR_NO_PFN || !(gfp & KMR_GFP_DIRECT_RECLAIM))
			return pfn;
		pfn = make_room(w, &again);
		if (pfn != KMR_NO_PFN || !again)
			return pfn;
	}
	return KMR_NO_PFN;
}

uint32_t kmr_slowpath(struct kmr_page_backend *b, const struct kmr_slow_request *s)
{
	const uint32_t gfp = s->req->gfp;
	struct slow w = { b,
			  s,
			  kmr_slowpath_flags(b, s->req, s->migratetype),
			  PRIORITY_DEF,
			  0,
			  0,
			  KMR_COMPACT_SKIPPED };
	struct kmr_slow_request unbound = *s;
	uint32_t pfn;

	b->work.slow_paths++;
	if (w.flags & KMR_ALLOC_KSWAPD)
		wake_kswapds(&w);
	pfn = kmr_get_page(b, s, w.flags);
	if (pfn != KMR_NO_PFN)
		return pfn;
	if ((gfp & KMR_GFP_DIRECT_RECLAIM) && compact_first(s)) {
		pfn = direct_compact(&w, PRIORITY_INIT);
		if (pfn != KMR_NO_PFN)
			return pfn;
		if (s->req->order > KMR_COSTLY_ORDER && (gfp & KMR_GFP_NORETRY)) {
			if (w.compacted <= KMR_COMPACT_DEFERRED || (gfp & KMR_GFP_THISNODE))
				return KMR_NO_PFN;
			w.compact_priority = PRIORITY_INIT;
		}
	}
	if (kmr_numa_unbound(b, s->req)) {
		unbound.zonelist = kmr_request_zonelist(b, s->req, s->highest);
		w.s = &unbound;
	}
	pfn = retry(&w);
	for (unsigned int i = 0; pfn == KMR_NO_PFN && (gfp & KMR_GFP_NOFAIL) &&
				 (gfp & KMR_GFP_DIRECT_RECLAIM) && i < MAX_NOFAIL_ROUNDS;
	     i++) {
		pfn = kmr_get_page(b, s, KMR_ALLOC_WMARK_MIN | b->rules->nofail_flags);
		if (pfn == KMR_NO_PFN)
			pfn = retry(&w);
	}
	return pfn;
}
