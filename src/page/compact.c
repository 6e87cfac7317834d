// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compaction's free scanner, for a trace that tells when it ran: which free blocks it takes as
 * places to move pages to.  Behaviour: fast_isolate_freepages(), isolate_freepages_block() in
 * mm/compaction.c, __isolate_free_page() in mm/page_alloc.c.
 */
#include "page/linux.h"

#define CLUSTER 32u /* COMPACT_CLUSTER_MAX */

/* A free block becomes used without leaving through a request; false: the zone is too low. */
static bool isolate(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn)
{
	const unsigned int order = kmr_frame_at(&b->frames, pfn)->order;
	const unsigned int migratetype = kmr_frame_at(&b->frames, pfn)->migratetype;

	if (migratetype != KMR_MIGRATE_ISOLATE &&
	    !kmr_watermark_ok(b, z, 0, z->wmark[KMR_ALLOC_WMARK_MIN] + (UINT64_C(1) << order), 0,
			      KMR_ALLOC_CMA))
		return false;
	kmr_free_list_del(b, z, pfn);
	kmr_bits_set_used(b->bits, pfn, order, true);
	kmr_stat_mod(z, 0, -(int32_t)(1u << order));
	/* it will hold movable pages */
	if (order + 1 >= b->pageblock_order)
		for (uint32_t p = pfn; p < pfn + (1u << order); p += 1u << b->pageblock_order)
			if (kmr_mergeable(*kmr_pageblock(b, z, p)))
				kmr_set_pageblock(b, z, p, KMR_MIGRATE_MOVABLE);
	return true;
}

/* How a walk over a range went. */
struct walk {
	uint32_t scanned, taken;
};

/*
 * The free scanner looks at every @stride-th frame; what it finds is a head or nothing.  Only
 * counts, without @isolated.
 */
static struct walk scan_range(struct kmr_page_backend *b, const struct kmr_free_range *range,
			      unsigned int stride, kmr_isolated_fn isolated, void *ctx)
{
	struct walk w = { 0, 0 };

	for (uint32_t pfn = range->start; pfn < range->end && pfn < b->nr_frames; pfn += stride) {
		struct kmr_zone *z = kmr_zone_of(b, pfn);
		const struct kmr_frame *f = kmr_frame_at(&b->frames, pfn);
		uint32_t size;

		w.scanned++;
		if (!z || f->state != KMR_FS_BUDDY)
			continue;
		size = 1u << f->order;
		if (isolated && !isolate(b, z, pfn))
			break;
		if (isolated)
			isolated(ctx, pfn, size);
		w.scanned += size - 1;
		w.taken += size;
		pfn += size - 1;
	}
	return w;
}

/*
 * The step that takes as much as the kernel did; of several, that which looks at about as many
 * frames.  (Which pages are compound, so that the scanner leaps over them, is not known.)
 */
static unsigned int stride_of(struct kmr_page_backend *b, const struct kmr_free_range *range)
{
	uint32_t least = UINT32_MAX;
	unsigned int best = 1;

	for (unsigned int stride = 1; stride <= CLUSTER; stride <<= 1) {
		const struct walk w = scan_range(b, range, stride, NULL, NULL);
		const uint32_t off = w.scanned < range->scanned ? range->scanned - w.scanned
								: w.scanned - range->scanned;

		if (w.taken == range->taken && off < least) {
			least = off;
			best = stride;
		}
	}
	return best;
}

uint32_t kmr_linux_isolate_range(struct kmr_page_backend *b, const struct kmr_free_range *range,
				 kmr_isolated_fn isolated, void *ctx)
{
	const unsigned int stride = range->taken == KMR_NO_PFN ? 1 : stride_of(b, range);

	if (!range->taken)
		return 0;
	return scan_range(b, range, stride, isolated, ctx).taken;
}

static uint32_t block_start(const struct kmr_page_backend *b, uint32_t pfn)
{
	return pfn >> b->pageblock_order << b->pageblock_order;
}

/* move_freelist_head(): the list begins again behind the block that the search stopped at. */
static void rotate(struct kmr_page_backend *b, struct kmr_list *l, uint32_t stopped)
{
	while (l->head != stopped) {
		const uint32_t pfn = l->head;

		kmr_list_del(&b->frames, l, pfn);
		kmr_list_add_tail(&b->frames, l, pfn);
	}
}

/* free_area.nr_free: blocks of whatever type */
static bool area_free(const struct kmr_zone *z, unsigned int order)
{
	for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
		if (z->nonempty[t] >> order & 1)
			return true;
	return false;
}

/* move_freelist_tail(): the list ends with the block that the search stopped at. */
static void rotate_behind(struct kmr_page_backend *b, struct kmr_list *l, uint32_t stopped)
{
	if (l->tail == stopped)
		return;
	rotate(b, l, kmr_frame_at(&b->frames, stopped)->next);
}

/* next_search_order(): round robin; -1 when all orders have been looked at. */
static int next_order(struct kmr_free_search *s, int order)
{
	if (--order < 0)
		order = (int)s->order - 1;
	if (order != (int)s->search_order)
		return order;
	s->search_order = (uint8_t)((s->search_order ? s->search_order : s->order) - 1);
	return -1;
}

struct span {
	uint32_t low, min; /* preferred frames begin here; those that will do */
	uint32_t limit; /* blocks to look at on a list */
	uint32_t highest; /* pageblock of the highest block seen */
};

/* One order's list, from its tail: the block that will do, or KMR_NO_PFN. */
static uint32_t search_list(struct kmr_page_backend *b, struct kmr_zone *z,
			    struct kmr_free_search *s, struct span *span, int order)
{
	struct kmr_list *l = &z->lists[order][KMR_MIGRATE_MOVABLE];
	const bool other = s->want != KMR_NO_PFN && s->want != 1u << order;
	uint32_t scanned = 0, found = KMR_NO_PFN, high = 0;

	for (uint32_t pfn = l->tail; pfn != KMR_NO_PFN; pfn = kmr_frame_at(&b->frames, pfn)->prev) {
		scanned++;
		if (pfn >= span->highest)
			span->highest =
				block_start(b, pfn) > z->start ? block_start(b, pfn) : z->start;
		if (!other && pfn >= span->low) {
			s->fails = 0;
			s->search_order = (uint8_t)order;
			found = pfn;
			break;
		}
		if (!other && pfn >= span->min && pfn > high) {
			high = pfn;
			span->limit >>= 1;
		}
		if (scanned >= span->limit) {
			if (!high)
				rotate(b, l, pfn);
			break;
		}
	}
	if (found == KMR_NO_PFN && high)
		found = high;
	if (found != KMR_NO_PFN)
		rotate(b, l, found);
	if (scanned >= span->limit)
		span->limit = span->limit > 3 ? span->limit >> 1 : 1;
	return found;
}

kmr_pfn_t kmr_linux_free_search(struct kmr_page_backend *b, struct kmr_free_search *s)
{
	struct kmr_zone *z = &b->zones[s->zone];
	const uint32_t distance = s->free_pfn - s->migrate_pfn;
	const uint32_t cluster = CLUSTER >> (s->fails < 31 ? s->fails : 31);
	struct span span = { block_start(b, s->free_pfn - (distance >> 2)),
			     block_start(b, s->free_pfn - (distance >> 1)),
			     (cluster + 1) >> 1 ? (cluster + 1) >> 1 : 1, 0 };
	uint32_t found = KMR_NO_PFN;

	s->pages = 0;
	if (!s->order || s->order > b->nr_orders || s->free_pfn <= s->migrate_pfn)
		return KMR_NO_PFN;
	if (s->first)
		span.limit = 1u << b->pageblock_order >> 1;
	if (s->search_order >= s->order)
		s->search_order = (uint8_t)(s->order - 1);
	for (int order = s->search_order; found == KMR_NO_PFN && order >= 0;
	     order = next_order(s, order)) {
		if ((unsigned int)order >= b->nr_orders || !area_free(z, (unsigned int)order))
			continue;
		found = search_list(b, z, s, &span, order);
		if (found == KMR_NO_PFN)
			continue;
		if (!isolate(b, z, found)) {
			found = KMR_NO_PFN;
			break;
		}
		s->pages = 1u << order;
	}
	if (found != KMR_NO_PFN)
		return found;
	if (s->fails < UINT8_MAX)
		s->fails++;
	if (s->first && span.highest >= span.min)
		s->free_pfn = span.highest;
	return KMR_NO_PFN;
}

bool kmr_linux_migrate_search(struct kmr_page_backend *b, struct kmr_free_search *s,
			      kmr_pfn_t block)
{
	struct kmr_zone *z = &b->zones[s->zone];
	const uint32_t limit = (CLUSTER >> (s->fails < 31 ? s->fails : 31)) + 1;
	const uint32_t size = 1u << b->pageblock_order;
	uint32_t distance = (s->free_pfn - s->migrate_pfn) >> 1, high, scanned = 0;

	if (s->order <= KMR_COSTLY_ORDER || s->free_pfn <= s->migrate_pfn ||
	    (s->migrate_pfn != z->start && s->migrate_pfn != block_start(b, s->migrate_pfn)))
		return false;
	if (s->migrate_pfn != z->start)
		distance >>= 2;
	high = block_start(b, s->migrate_pfn + distance);
	for (unsigned int order = s->order - 1u; order >= KMR_COSTLY_ORDER && scanned < limit;
	     order--) {
		struct kmr_list *l;

		if (order >= b->nr_orders)
			continue;
		l = &z->lists[order][KMR_MIGRATE_MOVABLE];
		for (uint32_t pfn = l->head; pfn != KMR_NO_PFN;
		     pfn = kmr_frame_at(&b->frames, pfn)->next) {
			if (scanned++ >= limit) {
				rotate_behind(b, l, pfn);
				break;
			}
			if (pfn >= high || pfn - block >= size)
				continue;
			rotate_behind(b, l, pfn);
			s->fails = 0;
			return true;
		}
	}
	if (s->fails < UINT8_MAX)
		s->fails++;
	return false;
}
