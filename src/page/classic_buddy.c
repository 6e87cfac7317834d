// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free lists of the old kernels: a split, a merge, and the bit that tells of a pair of buddies
 * whether one of them is free alone.
 *
 * Behaviour, both mm/page_alloc.c: __free_pages_ok(), expand(), rmqueue() (2.4.22);
 * __free_one_page(), expand(), __rmqueue_smallest() (2.6.24).
 *
 * 2.4 toggles the bit whenever one of the pair is put on the list of that order or leaves it, so it
 * does so here, in the two functions that do just that.  A block that is given back finds in it
 * whether its buddy is on the list: it is not itself.
 */
#include "page/classic.h"

static uint64_t bit_of(const struct kmr_classic_zone *z, uint32_t pfn, unsigned int order,
		       size_t *word)
{
	const uint32_t pair = (pfn - z->base) >> (order + 1);

	*word = pair >> 6;
	return UINT64_C(1) << (pair & 63u);
}

bool kmr_classic_map_bit(const struct kmr_classic_zone *z, uint32_t pfn, unsigned int order)
{
	size_t word;
	const uint64_t bit = bit_of(z, pfn, order, &word);

	return z->map[order][word] & bit;
}

/* MARK_USED(); the largest blocks have no pairs, 2.6.24 no maps */
static void toggle(const struct kmr_classic_zone *z, uint32_t pfn, unsigned int order)
{
	size_t word;
	uint64_t bit;

	if (!z->map[order])
		return;
	bit = bit_of(z, pfn, order, &word);
	z->map[order][word] ^= bit;
}

void kmr_classic_list_add(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
			  unsigned int order, unsigned int migratetype, bool tail)
{
	kmr_block_link(&b->frames, &z->lists[order][migratetype], pfn, order, migratetype, tail);
	z->free_pages += UINT64_C(1) << order;
	z->nr_free[order][migratetype]++;
	toggle(z, pfn, order);
}

void kmr_classic_list_del(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn)
{
	struct kmr_frame *f = kmr_frame(b, pfn);

	assert(f->state == KMR_FS_BUDDY);
	kmr_list_del(&b->frames, &z->lists[f->order][f->migratetype], pfn);
	f->state = KMR_FS_USED;
	z->free_pages -= UINT64_C(1) << f->order;
	z->nr_free[f->order][f->migratetype]--;
	toggle(z, pfn, f->order);
}

void kmr_classic_merge(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
		       unsigned int order, unsigned int migratetype)
{
	for (; order + 1 < b->nr_orders; order++) {
		const uint32_t buddy = pfn ^ (1u << order);

		if (b->rules->bitmaps ? !kmr_classic_map_bit(z, pfn, order)
				      : !kmr_classic_is_buddy(b, z, buddy, order))
			break;
		kmr_classic_list_del(b, z, buddy);
		pfn &= buddy;
		b->work.merges++;
	}
	kmr_classic_list_add(b, z, pfn, order, migratetype, false);
}

uint32_t kmr_classic_expand(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
			    unsigned int low, unsigned int high, unsigned int migratetype)
{
	while (high > low) {
		const uint32_t half = pfn + (1u << --high);

		kmr_classic_list_add(b, z, b->rules->upper_half ? pfn : half, high, migratetype,
				     false);
		if (b->rules->upper_half)
			pfn = half;
		b->work.splits++;
	}
	return pfn;
}

void kmr_classic_tell_refill(const struct kmr_page_backend *b, uint32_t pfn, unsigned int order,
			     unsigned int migratetype, bool percpu)
{
	if (b->observer && b->observer->refill)
		b->observer->refill(b->observer->ctx, pfn, order, migratetype, percpu);
}

uint32_t kmr_classic_smallest(struct kmr_page_backend *b, struct kmr_classic_zone *z,
			      unsigned int order, unsigned int migratetype)
{
	for (unsigned int found = order; found < b->nr_orders; found++) {
		const uint32_t pfn = z->lists[found][migratetype].head;

		if (pfn == KMR_NO_PFN)
			continue;
		kmr_classic_list_del(b, z, pfn);
		return kmr_classic_expand(b, z, pfn, order, found, migratetype);
	}
	return KMR_NO_PFN;
}
