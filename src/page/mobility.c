// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mobility grouping: when a type's lists are empty, which other type pays, whether the rest of
 * the pageblock goes with the block, and whether the pageblock changes hands; and the reserve of
 * pageblocks for high-order atomic requests.  Behaviour: __rmqueue_fallback(),
 * steal_suitable_fallback(), reserve_highatomic_pageblock() in mm/page_alloc.c.
 */
#include "page/linux.h"

#define NR_FALLBACKS 2u /* types that a type may fall back to */

bool kmr_can_steal(const struct kmr_page_backend *b, unsigned int order, unsigned int start_type)
{
	return order >= b->pageblock_order / 2 || start_type == KMR_MIGRATE_RECLAIMABLE ||
	       start_type == KMR_MIGRATE_UNMOVABLE || !b->mobility;
}

/* After a fallback below a pageblock, reclaim shall work towards free pageblocks. */
bool kmr_boost_watermark(const struct kmr_page_backend *b, struct kmr_zone *z)
{
	const uint64_t block = UINT64_C(1) << b->pageblock_order;
	uint64_t max;

	if (block * 4 > z->managed)
		return false;
	max = z->wmark[KMR_ALLOC_WMARK_HIGH] / 10000 * KMR_BOOST_FACTOR +
	      z->wmark[KMR_ALLOC_WMARK_HIGH] % 10000 * KMR_BOOST_FACTOR / 10000;
	if (!max)
		return false;
	if (max < block)
		max = block;
	z->boost = z->boost + block < max ? z->boost + block : max;
	return true;
}

void kmr_boost_after_fallback(const struct kmr_page_backend *b, struct kmr_zone *z,
			      unsigned int alloc_flags)
{
	if (!b->boosts_told && kmr_boost_watermark(b, z) && (alloc_flags & KMR_ALLOC_KSWAPD))
		z->boosted = true;
}

/* move_freepages_block() */
struct kmr_moved kmr_move_freepages_block(struct kmr_page_backend *b, struct kmr_zone *z,
					  uint32_t pfn, unsigned int migratetype, unsigned int cpu)
{
	const uint32_t size = 1u << b->pageblock_order;
	uint32_t start = pfn & ~(size - 1), end = start + size;
	struct kmr_moved m = { 0, 0 };

	if (end > z->end || (start < z->start && b->rules->typed_lists))
		return m;
	if (start < z->start)
		start = pfn;
	for (uint32_t p = start; p < end;) {
		const struct kmr_frame *f = kmr_frame(b, p);

		if (f->state != KMR_FS_BUDDY) {
			m.movable += (uint32_t)(b->bits[p >> 6].movable >> (p & 63u) & 1);
			p++;
			continue;
		}
		kmr_free_list_move(b, z, p, migratetype, cpu);
		m.free += 1u << f->order;
		p += 1u << f->order;
	}
	b->work.pages_moved += m.free;
	return m;
}

void kmr_change_pageblocks(const struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			   unsigned int order, unsigned int migratetype)
{
	for (uint32_t i = 0; i < 1u << (order - b->pageblock_order); i++)
		kmr_set_pageblock(b, z, pfn + (i << b->pageblock_order), migratetype);
}

/*
 * Takes the block at @pfn, and perhaps its pageblock, for @start_type.  The pageblock changes its
 * type when at least half of it is free or of a kind with the request.
 */
static void steal(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
		  unsigned int alloc_flags, unsigned int start_type, bool whole_block,
		  unsigned int cpu)
{
	const unsigned int order = kmr_frame(b, pfn)->order;
	const unsigned int old_type = *kmr_pageblock(b, z, pfn);
	uint32_t alike = 0;
	struct kmr_moved m;

	if (old_type == KMR_MIGRATE_HIGHATOMIC) {
		kmr_free_list_move(b, z, pfn, start_type, cpu);
		return;
	}
	if (order >= b->pageblock_order) {
		kmr_change_pageblocks(b, z, pfn, order, start_type);
		b->work.blocks_claimed++;
		kmr_free_list_move(b, z, pfn, start_type, cpu);
		return;
	}
	kmr_boost_after_fallback(b, z, alloc_flags);
	if (!whole_block) {
		kmr_free_list_move(b, z, pfn, start_type, cpu);
		return;
	}
	m = kmr_move_freepages_block(b, z, pfn, start_type, cpu);
	if (!m.free) {
		kmr_free_list_move(b, z, pfn, start_type, cpu);
		return;
	}
	/* between unmovable and reclaimable nothing tells whose the used frames are */
	if (start_type == KMR_MIGRATE_MOVABLE)
		alike = m.movable;
	else if (old_type == KMR_MIGRATE_MOVABLE)
		alike = (1u << b->pageblock_order) - (m.free + m.movable);
	if (m.free + alike >= 1u << (b->pageblock_order - 1) || !b->mobility) {
		kmr_set_pageblock(b, z, pfn, start_type);
		b->work.blocks_claimed++;
	}
}

/* __rmqueue_fallback() */
static bool fall_back(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
		      unsigned int order, unsigned int start_type, unsigned int alloc_flags)
{
	const uint8_t *fallback;
	struct kmr_extfrag ef;
	uint32_t orders;
	unsigned int min_order = order, from, found;

	if (start_type >= KMR_MIGRATE_PCPTYPES)
		return false;
	fallback = b->rules->fallbacks[start_type];
	if (order < b->pageblock_order && (alloc_flags & KMR_ALLOC_NOFRAGMENT))
		min_order = b->pageblock_order;

	/* the largest block there is, as a guess at the pageblock with the most free memory */
	orders = (z->nonempty[fallback[0]] | z->nonempty[fallback[1]]) >> min_order << min_order;
	if (!orders) {
		b->work.steps.fallback_lists += NR_FALLBACKS * (b->nr_orders - min_order);
		return false;
	}
	found = 31u - (unsigned int)__builtin_clz(orders);
	b->work.steps.fallback_lists += NR_FALLBACKS * (b->nr_orders - found);
	/*
	 * A movable request that would not take the whole pageblock does less harm by splitting
	 * the smallest block: movable frames do not fragment for good.
	 */
	if (!kmr_can_steal(b, found, start_type) && start_type == KMR_MIGRATE_MOVABLE &&
	    found > order) {
		orders = (z->nonempty[fallback[0]] | z->nonempty[fallback[1]]) >> order << order;
		found = (unsigned int)__builtin_ctz(orders);
		b->work.steps.fallback_lists += NR_FALLBACKS * (found - order + 1);
	}
	from = z->nonempty[fallback[0]] >> found & 1 ? fallback[0] : fallback[1];

	ef.pfn = z->lists[found][from].head;
	ef.zone = z->index;
	ef.order = (uint8_t)order;
	ef.fallback_order = (uint8_t)found;
	ef.migratetype = (uint8_t)start_type;
	ef.fallback_migratetype = (uint8_t)from;
	steal(b, z, ef.pfn, alloc_flags, start_type, kmr_can_steal(b, found, start_type), cpu);
	ef.change_owner = *kmr_pageblock(b, z, ef.pfn) == start_type;
	b->work.extfrag++;
	if (b->observer && b->observer->extfrag)
		b->observer->extfrag(b->observer->ctx, &ef);
	return true;
}

uint32_t kmr_rmqueue_stealing(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			      unsigned int order, unsigned int migratetype,
			      unsigned int alloc_flags, enum kmr_rmqueue_mode *mode)
{
	uint32_t pfn;

	(void)mode;
	/* with more than half of the free memory in CMA areas, movable requests go there first */
	if ((alloc_flags & KMR_ALLOC_CMA) && z->free_cma > (z->free_pages + z->refilling) / 2) {
		pfn = kmr_rmqueue_smallest(b, z, cpu, order, KMR_MIGRATE_CMA);
		if (pfn != KMR_NO_PFN)
			return pfn;
	}
	for (;;) {
		pfn = kmr_rmqueue_smallest(b, z, cpu, order, migratetype);
		if (pfn == KMR_NO_PFN && (alloc_flags & KMR_ALLOC_CMA))
			pfn = kmr_rmqueue_smallest(b, z, cpu, order, KMR_MIGRATE_CMA);
		if (pfn != KMR_NO_PFN || !fall_back(b, z, cpu, order, migratetype, alloc_flags))
			return pfn;
	}
}

/* Pages that may be reserved, about 1 % of the zone. */
static uint64_t highatomic_limit(const struct kmr_page_backend *b, const struct kmr_zone *z)
{
	const uint64_t block = UINT64_C(1) << b->pageblock_order, percent = z->managed / 100;

	if (!b->rules->exact_highatomic)
		return percent + block;
	return percent < block ? 0 : (percent + block - 1) / block * block;
}

void kmr_reserve_highatomic(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			    unsigned int order, unsigned int cpu)
{
	const uint32_t block = 1u << b->pageblock_order, start = pfn & ~(block - 1);

	if (z->highatomic >= highatomic_limit(b, z) || !kmr_mergeable(*kmr_pageblock(b, z, pfn)))
		return;
	if (b->rules->typed_lists && order >= b->pageblock_order) {
		z->highatomic += UINT64_C(1) << order;
		kmr_change_pageblocks(b, z, pfn, order, KMR_MIGRATE_HIGHATOMIC);
		z->odd_merges = true;
		return;
	}
	if (b->rules->typed_lists && (start < z->start || z->end - start < block))
		return;
	b->work.steps.zone_locks++;
	z->highatomic += block;
	z->odd_merges = true;
	kmr_set_pageblock(b, z, pfn, KMR_MIGRATE_HIGHATOMIC);
	(void)kmr_move_freepages_block(b, z, pfn, KMR_MIGRATE_HIGHATOMIC, cpu);
}

static bool unreserve_zone(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int migratetype,
			   unsigned int cpu)
{
	for (unsigned int order = 0; order < b->nr_orders; order++) {
		uint64_t block = UINT64_C(1) << b->pageblock_order;
		const uint32_t pfn = z->lists[order][KMR_MIGRATE_HIGHATOMIC].head;

		if (pfn == KMR_NO_PFN)
			continue;
		/* a drain may have put a block on this list after its pageblock changed */
		if (b->rules->typed_lists && order > b->pageblock_order)
			block = UINT64_C(1) << order;
		if (*kmr_pageblock(b, z, pfn) == KMR_MIGRATE_HIGHATOMIC)
			z->highatomic -= block < z->highatomic ? block : z->highatomic;
		if (b->rules->typed_lists && order >= b->pageblock_order) {
			kmr_free_list_move(b, z, pfn, migratetype, cpu);
			kmr_change_pageblocks(b, z, pfn, order, migratetype);
			return true;
		}
		kmr_set_pageblock(b, z, pfn, migratetype);
		if (kmr_move_freepages_block(b, z, pfn, migratetype, cpu).free)
			return true;
	}
	return false;
}

bool kmr_unreserve_highatomic(struct kmr_page_backend *b, const uint16_t *zonelist,
			      unsigned int migratetype, bool force, unsigned int cpu)
{
	for (; *zonelist != UINT16_MAX; zonelist++) {
		struct kmr_zone *z = &b->zones[*zonelist];

		/* one pageblock stays until there is nothing else */
		if (!force && z->highatomic <= UINT64_C(1) << b->pageblock_order)
			continue;
		b->work.steps.zone_locks++;
		if (unreserve_zone(b, z, migratetype, cpu))
			return true;
	}
	return false;
}
