// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mobility grouping since 6.15, which 6.12's stable series has taken over: a request whose own lists
 * are empty claims the whole pageblock of the largest free block it can find elsewhere, or steals
 * one block and leaves the rest as it was.  A refill remembers what it had to do last.  Behaviour:
 * __rmqueue(), __rmqueue_claim(), try_to_steal_block(), __rmqueue_steal() in mm/page_alloc.c.
 */
#include "page/linux.h"

/* What of a pageblock is free, and how much of the rest could be migrated. */
struct contents {
	uint32_t free, movable;
};

/* prep_move_freepages_block(): false when the pageblock is not all of this zone. */
static bool look_into(const struct kmr_page_backend *b, const struct kmr_zone *z, uint32_t pfn,
		      struct contents *in)
{
	const uint32_t size = 1u << b->pageblock_order, start = pfn & ~(size - 1);

	in->free = 0;
	in->movable = 0;
	if (start < z->start || start >= z->end || z->end - start < size)
		return false;
	for (uint32_t p = start; p < start + size;) {
		if (kmr_frame(b, p)->state == KMR_FS_BUDDY) {
			in->free += 1u << kmr_frame(b, p)->order;
			p += 1u << kmr_frame(b, p)->order;
			continue;
		}
		in->movable += (uint32_t)(b->bits[p >> 6].movable >> (p & 63u) & 1);
		p++;
	}
	return true;
}

/* The free block at @pfn leaves its list; what is over @order goes to the lists of @rest_type. */
static void take_off(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
		     unsigned int order, unsigned int rest_type)
{
	kmr_free_list_del(b, z, pfn);
	kmr_expand(b, z, pfn, order, kmr_frame(b, pfn)->order, rest_type);
	kmr_frame(b, pfn)->migratetype = (uint8_t)rest_type;
	kmr_frame(b, pfn)->order = (uint8_t)order;
}

/* A block of a pageblock or more: its pageblocks are @start_type's from now on. */
static void claim_blocks(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			 uint32_t pfn, unsigned int order, unsigned int start_type)
{
	const unsigned int found = kmr_frame(b, pfn)->order;

	kmr_account_block(b, z, cpu, kmr_frame(b, pfn)->migratetype, -(int32_t)(1u << found));
	kmr_change_pageblocks(b, z, pfn, found, start_type);
	take_off(b, z, pfn, order, start_type);
	kmr_account_block(b, z, cpu, start_type, (int32_t)((1u << found) - (1u << order)));
	b->work.blocks_claimed++;
}

/*
 * Claims the pageblock of the free block at @pfn when at least half of it is free or of a kind with
 * the request, and takes what was asked for from it.  try_to_steal_block()
 */
static uint32_t claim(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
		      uint32_t pfn, unsigned int order, unsigned int start_type,
		      unsigned int alloc_flags)
{
	const unsigned int old_type = *kmr_pageblock(b, z, pfn);
	struct contents in;
	uint32_t alike = 0;

	if (old_type == KMR_MIGRATE_HIGHATOMIC)
		return KMR_NO_PFN;
	if (kmr_frame(b, pfn)->order >= b->pageblock_order) {
		claim_blocks(b, z, cpu, pfn, order, start_type);
		return pfn;
	}
	kmr_boost_after_fallback(b, z, alloc_flags);
	if (!look_into(b, z, pfn, &in))
		return KMR_NO_PFN;
	/* between unmovable and reclaimable nothing tells whose the used frames are */
	if (start_type == KMR_MIGRATE_MOVABLE)
		alike = in.movable;
	else if (old_type == KMR_MIGRATE_MOVABLE)
		alike = (1u << b->pageblock_order) - (in.free + in.movable);
	if (in.free + alike < 1u << (b->pageblock_order - 1) && b->mobility)
		return KMR_NO_PFN;
	(void)kmr_move_freepages_block(b, z, pfn, start_type, cpu);
	kmr_set_pageblock(b, z, pfn, start_type);
	b->work.blocks_claimed++;
	return kmr_rmqueue_smallest(b, z, cpu, order, start_type);
}

/* The other type that has a free block of @order, best first; KMR_MIGRATE_TYPES: none. */
static unsigned int fallback_at(struct kmr_page_backend *b, const struct kmr_zone *z,
				unsigned int start_type, unsigned int order)
{
	const uint8_t *fallback = b->rules->fallbacks[start_type];

	for (unsigned int i = 0; i < 2; i++) {
		b->work.steps.fallback_lists++;
		if (z->nonempty[fallback[i]] >> order & 1)
			return fallback[i];
	}
	return KMR_MIGRATE_TYPES;
}

static void report(struct kmr_page_backend *b, const struct kmr_zone *z, uint32_t pfn,
		   unsigned int order, unsigned int found, unsigned int start_type,
		   unsigned int from)
{
	const struct kmr_extfrag ef = {
		.pfn = pfn,
		.zone = z->index,
		.order = (uint8_t)order,
		.fallback_order = (uint8_t)found,
		.migratetype = (uint8_t)start_type,
		.fallback_migratetype = (uint8_t)from,
		.change_owner = *kmr_pageblock(b, z, pfn) == start_type,
	};

	b->work.extfrag++;
	if (b->observer && b->observer->extfrag)
		b->observer->extfrag(b->observer->ctx, &ef);
}

/* __rmqueue_claim(): from the largest block there is, as a guess at the freest pageblock */
static uint32_t rmqueue_claim(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			      unsigned int order, unsigned int start_type, unsigned int alloc_flags)
{
	unsigned int min_order = order;

	if (order < b->pageblock_order && (alloc_flags & KMR_ALLOC_NOFRAGMENT))
		min_order = b->pageblock_order;
	for (unsigned int found = b->nr_orders; found-- > min_order;) {
		const unsigned int from = fallback_at(b, z, start_type, found);
		uint32_t pfn;

		if (from == KMR_MIGRATE_TYPES)
			continue;
		if (!kmr_can_steal(b, found, start_type))
			break;
		pfn = claim(b, z, cpu, z->lists[found][from].head, order, start_type, alloc_flags);
		if (pfn != KMR_NO_PFN) {
			report(b, z, pfn, order, found, start_type, from);
			return pfn;
		}
	}
	return KMR_NO_PFN;
}

/* __rmqueue_steal(): one block, from the smallest that will do */
static uint32_t rmqueue_steal(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			      unsigned int order, unsigned int start_type)
{
	for (unsigned int found = order; found < b->nr_orders; found++) {
		const unsigned int from = fallback_at(b, z, start_type, found);
		uint32_t pfn;

		if (from == KMR_MIGRATE_TYPES)
			continue;
		pfn = z->lists[found][from].head;
		take_off(b, z, pfn, order, from);
		kmr_account_block(b, z, cpu, from, -(int32_t)(1u << order));
		report(b, z, pfn, order, found, start_type, from);
		return pfn;
	}
	return KMR_NO_PFN;
}

/* What is done when the type's own lists, and with CMA those of its areas, have nothing. */
static uint32_t fall_back(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			  unsigned int order, unsigned int migratetype, unsigned int alloc_flags,
			  enum kmr_rmqueue_mode *mode)
{
	uint32_t pfn = KMR_NO_PFN;

	if (migratetype >= KMR_MIGRATE_PCPTYPES)
		return KMR_NO_PFN;
	if (*mode != KMR_RMQUEUE_STEAL) {
		pfn = rmqueue_claim(b, z, cpu, order, migratetype, alloc_flags);
		if (pfn != KMR_NO_PFN) {
			*mode = KMR_RMQUEUE_NORMAL;
			return pfn;
		}
	}
	if (!(alloc_flags & KMR_ALLOC_NOFRAGMENT)) {
		pfn = rmqueue_steal(b, z, cpu, order, migratetype);
		if (pfn != KMR_NO_PFN)
			*mode = KMR_RMQUEUE_STEAL;
	}
	return pfn;
}

uint32_t kmr_rmqueue_claiming(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			      unsigned int order, unsigned int migratetype,
			      unsigned int alloc_flags, enum kmr_rmqueue_mode *mode)
{
	uint32_t pfn;

	/* with more than half of the free memory in CMA areas, movable requests go there first */
	if ((alloc_flags & KMR_ALLOC_CMA) && z->free_cma > z->free_pages / 2) {
		pfn = kmr_rmqueue_smallest(b, z, cpu, order, KMR_MIGRATE_CMA);
		if (pfn != KMR_NO_PFN)
			return pfn;
	}
	if (*mode == KMR_RMQUEUE_NORMAL) {
		pfn = kmr_rmqueue_smallest(b, z, cpu, order, migratetype);
		if (pfn != KMR_NO_PFN)
			return pfn;
	}
	if (*mode <= KMR_RMQUEUE_CMA && (alloc_flags & KMR_ALLOC_CMA)) {
		pfn = kmr_rmqueue_smallest(b, z, cpu, order, KMR_MIGRATE_CMA);
		if (pfn != KMR_NO_PFN) {
			*mode = KMR_RMQUEUE_CMA;
			return pfn;
		}
	}
	return fall_back(b, z, cpu, order, migratetype, alloc_flags, mode);
}
