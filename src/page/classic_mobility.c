// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mobility grouping as 2.6.24 has it: when a type has run out the largest block of another pays;
 * with it goes what else is free of its pageblock, if the block is large or the request is for
 * reclaimable pages; the pageblock changes hands if that is half of it.  What is used does not
 * count.  Pageblocks of the reserve pay last, and keep their type.  Behaviour: __rmqueue_fallback(),
 * move_freepages_block(), setup_zone_migrate_reserve() in mm/page_alloc.c (2.6.24).
 */
#include "page/classic_2_6.h"

/* fallbacks[]; the reserve comes behind them */
static const uint8_t fallbacks[KMR_MIGRATE_PCPTYPES][2] = {
	[KMR_MIGRATE_UNMOVABLE] = { KMR_MIGRATE_RECLAIMABLE, KMR_MIGRATE_MOVABLE },
	[KMR_MIGRATE_RECLAIMABLE] = { KMR_MIGRATE_UNMOVABLE, KMR_MIGRATE_MOVABLE },
	[KMR_MIGRATE_MOVABLE] = { KMR_MIGRATE_RECLAIMABLE, KMR_MIGRATE_UNMOVABLE },
};

/*
 * Moves every free block of @pfn's pageblock to the heads of the lists of @migratetype; returns
 * their pages.  A pageblock that reaches past the zone's end is left alone, one that begins before
 * its start is done from @pfn on.
 */
static uint32_t move_block(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
			   unsigned int migratetype)
{
	const uint32_t size = 1u << b->pageblock_order;
	uint32_t start = pfn & ~(size - 1), moved = 0;
	const uint32_t end = start + size;

	if (start < z->start)
		start = pfn;
	if (end > z->end)
		return 0;
	while (start < end) {
		const struct kmr_frame *f = kmr_frame(b, start);
		const unsigned int order = f->order;

		if (f->state != KMR_FS_BUDDY) {
			start++;
			continue;
		}
		kmr_classic_list_del(b, z, start);
		kmr_classic_list_add(b, z, start, order, migratetype, false);
		moved += 1u << order;
		start += 1u << order;
	}
	b->work.pages_moved += moved;
	return moved;
}

static void tell_fallback(struct kmr_page_backend *b, const struct kmr_classic_zone *z,
			  uint32_t pfn, const unsigned int orders[2], const unsigned int types[2])
{
	const struct kmr_extfrag ef = {
		.pfn = pfn,
		.zone = z->index,
		.order = (uint8_t)orders[0],
		.fallback_order = (uint8_t)orders[1],
		.migratetype = (uint8_t)types[0],
		.fallback_migratetype = (uint8_t)types[1],
		.change_owner = kmr_classic_type(b, z, pfn) == types[0],
	};

	b->work.extfrag++;
	if (b->observer && b->observer->extfrag)
		b->observer->extfrag(b->observer->ctx, &ef);
}

/*
 * Takes the block at @pfn of a list of type @from for a request of @type.  Only the first
 * pageblock of a larger block changes its type: the others are forgotten.
 */
static uint32_t steal(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
		      unsigned int order, unsigned int type, unsigned int from)
{
	const unsigned int found = kmr_frame(b, pfn)->order;
	unsigned int rest = from;

	if (found >= b->pageblock_order / 2 || type == KMR_MIGRATE_RECLAIMABLE) {
		if (move_block(b, z, pfn, type) >= 1u << (b->pageblock_order - 1)) {
			*kmr_classic_block(b, z, pfn) = (uint8_t)type;
			b->work.blocks_claimed++;
		}
		rest = type;
	}
	kmr_classic_list_del(b, z, pfn);
	if (found == b->pageblock_order)
		*kmr_classic_block(b, z, pfn) = (uint8_t)type;
	tell_fallback(b, z, pfn, (const unsigned int[]){ order, found },
		      (const unsigned int[]){ type, from });
	return kmr_classic_expand(b, z, pfn, order, found, rest);
}

/* The last resort: what is left of a block stays in the reserve. */
static uint32_t take_reserve(struct kmr_page_backend *b, struct kmr_classic_zone *z,
			     unsigned int order, unsigned int type)
{
	for (unsigned int found = order; found < b->nr_orders; found++) {
		const uint32_t pfn = z->lists[found][KMR_MIGRATE_RESERVE].head;

		if (pfn == KMR_NO_PFN)
			continue;
		tell_fallback(b, z, pfn, (const unsigned int[]){ order, found },
			      (const unsigned int[]){ type, KMR_MIGRATE_RESERVE });
		return kmr_classic_smallest(b, z, order, KMR_MIGRATE_RESERVE);
	}
	return KMR_NO_PFN;
}

/* __rmqueue_fallback(); a type that is both movable and reclaimable has no fallbacks */
static uint32_t fall_back(struct kmr_page_backend *b, struct kmr_classic_zone *z,
			  unsigned int order, unsigned int type)
{
	if (type >= KMR_MIGRATE_PCPTYPES)
		return KMR_NO_PFN;
	for (unsigned int found = b->nr_orders; found-- > order;)
		for (unsigned int i = 0; i < 2; i++) {
			const unsigned int from = fallbacks[type][i];
			const uint32_t pfn = z->lists[found][from].head;

			b->work.steps.fallback_lists++;
			if (pfn != KMR_NO_PFN)
				return steal(b, z, pfn, order, type, from);
		}
	return take_reserve(b, z, order, type);
}

uint32_t kmr_26_rmqueue(struct kmr_page_backend *b, struct kmr_classic_zone *z, unsigned int order,
			unsigned int migratetype)
{
	const uint32_t pfn = kmr_classic_smallest(b, z, order, migratetype);

	return pfn != KMR_NO_PFN ? pfn : fall_back(b, z, order, migratetype);
}

static void setup_zone(struct kmr_page_backend *b, struct kmr_classic_zone *z)
{
	const uint32_t size = 1u << b->pageblock_order;
	uint64_t left = (z->mark[KMR_PAGES_MIN] + size - 1) >> b->pageblock_order;

	for (uint64_t at = z->start; at < z->end; at += size) {
		const uint32_t pfn = (uint32_t)at;
		uint8_t *type = kmr_classic_block(b, z, pfn);

		if (z->kept[(pfn >> b->pageblock_order) - z->first_block])
			continue;
		if (left && *type == KMR_MIGRATE_RESERVE) {
			left--;
		} else if (left && *type == KMR_MIGRATE_MOVABLE) {
			*type = KMR_MIGRATE_RESERVE;
			(void)move_block(b, z, pfn, KMR_MIGRATE_RESERVE);
			left--;
		} else if (*type == KMR_MIGRATE_RESERVE) {
			*type = KMR_MIGRATE_MOVABLE;
			(void)move_block(b, z, pfn, KMR_MIGRATE_MOVABLE);
		}
	}
}

void kmr_26_setup_reserve(struct kmr_page_backend *b)
{
	const uint64_t moved = b->work.pages_moved;

	if (!b->mobility)
		return;
	for (unsigned int i = 0; i < b->nr_zones; i++)
		setup_zone(b, &b->zones[i]);
	/* not on a request's behalf */
	b->work.pages_moved = moved;
}
