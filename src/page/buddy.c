// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free lists: where a free block goes (head or tail), how it merges with its buddy, how a larger
 * one is split.  Behaviour: __free_one_page(), expand(), __rmqueue_smallest() in mm/page_alloc.c.
 */
#include "page/linux.h"

/* NR_FREE_PAGES and its parts follow the lists; isolated blocks do not count as free. */
static void count(struct kmr_zone *z, int64_t pages, unsigned int migratetype)
{
	if (migratetype == KMR_MIGRATE_ISOLATE)
		return;
	z->free_pages += (uint64_t)pages;
	if (migratetype == KMR_MIGRATE_CMA)
		z->free_cma += (uint64_t)pages;
	else if (migratetype == KMR_MIGRATE_HIGHATOMIC)
		z->free_highatomic += (uint64_t)pages;
}

void kmr_free_list_add(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
		       unsigned int order, unsigned int migratetype, bool tail)
{
	assert(!(pfn & ((1u << order) - 1)));
	kmr_block_link(&b->frames, &z->lists[order][migratetype], pfn, order, migratetype, tail);
	count(z, INT64_C(1) << order, migratetype);
	z->nr_free[order][migratetype]++;
	z->nonempty[migratetype] |= 1u << order;
}

void kmr_free_list_del(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn)
{
	struct kmr_frame *f = kmr_frame(b, pfn);
	struct kmr_list *l = &z->lists[f->order][f->migratetype];

	assert(f->state == KMR_FS_BUDDY);
	kmr_list_del(&b->frames, l, pfn);
	f->state = KMR_FS_USED;
	count(z, -(INT64_C(1) << f->order), f->migratetype);
	if (!--z->nr_free[f->order][f->migratetype])
		z->nonempty[f->migratetype] &= ~(1u << f->order);
}

/* To the tail of the same order's list of another type: what moves shall not be used soon. */
void kmr_free_list_move(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			unsigned int migratetype, unsigned int cpu)
{
	const unsigned int order = kmr_frame(b, pfn)->order, old = kmr_frame(b, pfn)->migratetype;

	kmr_free_list_del(b, z, pfn);
	kmr_free_list_add(b, z, pfn, order, migratetype, true);
	kmr_account_block(b, z, cpu, old, -(int32_t)(1u << order));
	kmr_account_block(b, z, cpu, migratetype, (int32_t)(1u << order));
}

/* @buddy heads a free block of just this order in this zone: page_is_buddy(). */
static inline bool is_buddy(const struct kmr_page_backend *b, const struct kmr_zone *z,
			    uint32_t buddy, unsigned int order)
{
	return buddy >= z->start && buddy < z->end && kmr_frame(b, buddy)->state == KMR_FS_BUDDY &&
	       kmr_frame(b, buddy)->order == order;
}

/*
 * Before 6.1 only isolated pageblocks kept apart, as CMA areas were aligned to the largest block.
 * Machines need not have them so: CMA keeps apart in any version.
 */
static bool merges(const struct kmr_page_backend *b, unsigned int migratetype)
{
	return kmr_mergeable(migratetype) ||
	       (b->rules->highatomic_merges && migratetype == KMR_MIGRATE_HIGHATOMIC);
}

/*
 * From a pageblock upwards, a type that has no fallbacks (high-atomic, CMA, isolated) must not
 * merge with another: its pageblocks are accounted for.
 */
static bool may_merge(const struct kmr_page_backend *b, const struct kmr_zone *z, uint32_t buddy,
		      unsigned int order, unsigned int migratetype)
{
	unsigned int other;

	if (order < b->pageblock_order)
		return true;
	other = *kmr_pageblock(b, z, buddy);
	return migratetype == other || (merges(b, migratetype) && merges(b, other));
}

static inline void free_one_page(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
				 unsigned int order, unsigned int migratetype, unsigned int cpu,
				 bool tail)
{
	const unsigned int top = b->nr_orders - 1;

	if (migratetype != KMR_MIGRATE_ISOLATE)
		kmr_stat_mod(z, cpu, (int32_t)(1u << order));
	while (order < top) {
		const uint32_t buddy = pfn ^ (1u << order);

		if (!is_buddy(b, z, buddy, order) || !may_merge(b, z, buddy, order, migratetype))
			break;
		kmr_free_list_del(b, z, buddy);
		/* so that what is split off it one day goes to the right lists */
		if (order >= b->pageblock_order && b->rules->typed_lists)
			kmr_change_pageblocks(b, z, buddy, order, migratetype);
		pfn &= buddy;
		order++;
		b->work.merges++;
	}
	/*
	 * If the next larger buddy is free, this block's own buddy may soon be too: keep it from
	 * being used, at the tail (buddy_merge_likely()).  Not for the two largest orders.
	 */
	if (!tail && order + 1 < top) {
		const uint32_t pair = pfn & ~(1u << order);

		tail = pair >= z->start && is_buddy(b, z, pair ^ (1u << (order + 1)), order + 1);
	}
	kmr_free_list_add(b, z, pfn, order, migratetype, tail);
}

void kmr_free_one_page(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
		       unsigned int order, unsigned int migratetype, unsigned int cpu)
{
	free_one_page(b, z, pfn, order, migratetype, cpu, false);
}

void kmr_free_one_page_tail(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
			    unsigned int order, unsigned int migratetype, unsigned int cpu)
{
	free_one_page(b, z, pfn, order, migratetype, cpu, true);
}

/* split_large_buddy() and, until 6.9, free_one_page() */
void kmr_free_block(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn,
		    unsigned int order, unsigned int cpu)
{
	const uint32_t end = pfn + (1u << order);

	b->work.steps.zone_locks++;
	if (b->rules->typed_lists && order > b->pageblock_order)
		order = b->pageblock_order;
	for (; pfn != end; pfn += 1u << order) {
		b->work.steps.buddy_frees++;
		free_one_page(b, z, pfn, order, *kmr_pageblock(b, z, pfn), cpu, false);
	}
}

void kmr_expand(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t pfn, unsigned int low,
		unsigned int high, unsigned int migratetype)
{
	while (high > low) {
		high--;
		kmr_free_list_add(b, z, pfn + (1u << high), high, migratetype, false);
		b->work.splits++;
	}
}

uint32_t kmr_rmqueue_smallest(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
			      unsigned int order, unsigned int migratetype)
{
	const uint32_t orders = z->nonempty[migratetype] >> order << order;
	unsigned int found;
	uint32_t pfn;

	if (!orders)
		return KMR_NO_PFN;
	found = (unsigned int)__builtin_ctz(orders);
	pfn = z->lists[found][migratetype].head;
	kmr_free_list_del(b, z, pfn);
	kmr_expand(b, z, pfn, order, found, migratetype);
	kmr_account_block(b, z, cpu, migratetype, -(int32_t)(1u << order));
	kmr_frame(b, pfn)->migratetype = (uint8_t)migratetype;
	kmr_frame(b, pfn)->order = (uint8_t)order;
	if (b->observer && b->observer->refill)
		b->observer->refill(b->observer->ctx, pfn, order, migratetype,
				    kmr_pcp_allowed(b, order) &&
					    migratetype < KMR_MIGRATE_PCPTYPES);
	return pfn;
}
