// SPDX-License-Identifier: GPL-2.0-only
/*
 * Splitting and merging, held against expand(), __free_one_page() and buddy_merge_likely() of
 * mm/page_alloc.c in Linux 6.1.
 */
#include "support.h"

#define MOVABLE KMR_MIGRATE_MOVABLE

/* Orders above 3 and below a pageblock go straight to the free lists. */
Test(page_buddy, split_leaves_upper_halves)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 4096);

	rig_seed(&r, 1024, 8, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 1024);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 1024 + 16);
	ASSERT_LIST(&r, &z->lists[5][MOVABLE], 1024 + 32);
	ASSERT_LIST(&r, &z->lists[6][MOVABLE], 1024 + 64);
	ASSERT_LIST(&r, &z->lists[7][MOVABLE], 1024 + 128);
	cr_assert_eq(z->nonempty[MOVABLE], 0xf0);
	cr_assert_eq(r.ops->work(r.b)->splits, 4);
	cr_assert_eq(z->free_pages, 256 - 16);
	/* the smallest that will do */
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 1024 + 16);
	cr_assert_eq(rig_alloc(&r, 6, GFP_MOVABLE_REQ), 1024 + 64);
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 1024 + 32);
	rig_check(&r);
	rig_destroy(&r);
}

/* Halves of a split go to the heads of their lists. */
Test(page_buddy, halves_at_the_head)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 4096);

	rig_seed(&r, 512, 5, MOVABLE);
	rig_seed(&r, 1024, 7, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 6, GFP_MOVABLE_REQ), 1024);
	rig_seed(&r, 2048, 6, MOVABLE);
	ASSERT_LIST(&r, &z->lists[6][MOVABLE], 1024 + 64, 2048);
	cr_assert_eq(rig_alloc(&r, 5, GFP_MOVABLE_REQ), 512);
	cr_assert_eq(rig_alloc(&r, 5, GFP_MOVABLE_REQ), 1024 + 64);
	ASSERT_LIST(&r, &z->lists[5][MOVABLE], 1024 + 96);
	rig_destroy(&r);
}

Test(page_buddy, merges_back)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 4096);
	kmr_pfn_t pfns[64];

	rig_seed(&r, 1024, 10, MOVABLE);
	for (int i = 0; i < 64; i++)
		pfns[i] = rig_alloc(&r, 4, GFP_MOVABLE_REQ);
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), KMR_NO_PFN);
	cr_assert_eq(z->free_pages, 0);
	/* in an order that leaves buddies for later */
	for (int i = 0; i < 64; i++)
		rig_free(&r, pfns[i * 29 % 64], 4);
	ASSERT_LIST(&r, &z->lists[10][MOVABLE], 1024);
	cr_assert_eq(z->nonempty[MOVABLE], 1u << 10);
	cr_assert_eq(r.ops->work(r.b)->merges, 63);
	rig_check(&r);
	rig_destroy(&r);
}

/* No block is larger than the largest order. */
Test(page_buddy, largest_order)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 4096);

	rig_free(&r, 0, 10);
	rig_free(&r, 1024, 10);
	ASSERT_LIST(&r, &z->lists[10][MOVABLE], 1024, 0);
	cr_assert_eq(rig_alloc(&r, 11, GFP_MOVABLE_REQ), KMR_NO_PFN);
	cr_assert_eq(r.ops->free(r.b, 0, 11, 0), -1);
	rig_destroy(&r);
}

/*
 * A block whose buddy's pair is free goes to the tail: it would merge twice over if its buddy
 * became free as well.
 */
Test(page_buddy, likely_merge_waits_at_the_tail)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 4096);

	rig_free(&r, 256, 4);
	rig_free(&r, 512, 4);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 512, 256);
	rig_free(&r, 32, 5);
	rig_free(&r, 0, 4);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 512, 256, 0);
	/* from the upper half of the pair too */
	rig_free(&r, 1024, 5);
	rig_free(&r, 1024 + 48, 4);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 512, 256, 0, 1024 + 48);
	/* a free block of another order in the pair's place does not count */
	rig_free(&r, 2048, 4);
	rig_free(&r, 2048 + 32, 4);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 2048 + 32, 2048, 512, 256, 0, 1024 + 48);
	rig_check(&r);
	rig_destroy(&r);
}

/* What merged is placed by the block it became. */
Test(page_buddy, merged_block_waits_at_the_tail)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 4096);

	rig_free(&r, 1024, 5);
	rig_free(&r, 64, 6);
	rig_free(&r, 0, 4);
	rig_free(&r, 16, 4);
	ASSERT_LIST(&r, &z->lists[5][MOVABLE], 1024, 0);
	rig_destroy(&r);
}

/* The two largest orders always go to the head. */
Test(page_buddy, largest_orders_at_the_head)
{
	struct rig r;
	struct kmr_zone *z;

	bare_machine(&r.m, 10);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 8192);
	rig_create(&r);
	z = &r.b->zones[0];
	rig_free(&r, 4096, 9);
	rig_seed(&r, 1024, 10, MOVABLE);
	rig_free(&r, 0, 9);
	ASSERT_LIST(&r, &z->lists[9][MOVABLE], 0, 4096);
	/* the order below them does not */
	rig_free(&r, 6144, 8);
	rig_free(&r, 2048 + 512, 9);
	rig_free(&r, 2048, 8);
	ASSERT_LIST(&r, &z->lists[8][MOVABLE], 6144, 2048);
	rig_destroy(&r);
}

/* Buddies in two zones stay apart, and the pair of a zone's first block is not looked at. */
Test(page_buddy, zones_do_not_merge)
{
	struct kmr_zone *dma, *normal;
	struct rig r;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_DMA, 0, 0, 1040);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 1040, 4000);
	rig_create(&r);
	dma = &r.b->zones[0];
	normal = &r.b->zones[1];
	rig_free(&r, 1024, 4);
	rig_free(&r, 1040, 4);
	ASSERT_LIST(&r, &dma->lists[4][MOVABLE], 1024);
	ASSERT_LIST(&r, &normal->lists[4][MOVABLE], 1040);
	/* 1040 belongs to the pair that begins at 1024, in the other zone */
	r.ops->take(r.b, 1040, 4, false);
	rig_free(&r, 1056, 5);
	rig_free(&r, 2048, 4);
	rig_free(&r, 1040, 4);
	ASSERT_LIST(&r, &normal->lists[4][MOVABLE], 1040, 2048);
	rig_check(&r);
	rig_destroy(&r);
}

/* A zone ends before the buddy does. */
Test(page_buddy, end_of_the_zone)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 1024 + 16);

	rig_free(&r, 1024, 4);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 1024);
	cr_assert_eq(r.ops->free(r.b, 1024, 5, 0), -1);
	cr_assert_eq(r.ops->free(r.b, 1040, 0, 0), -1);
	cr_assert_eq(r.ops->free(r.b, UINT32_MAX, 0, 0), -1);
	cr_assert_eq(r.ops->free(r.b, 1024, 4, 0), -1, "it is free already");
	cr_assert_eq(r.ops->free(r.b, 17, 4, 0), -1, "it is not aligned");
	rig_check(&r);
	rig_destroy(&r);
}

/* Frees pageblocks @low and @high of the largest order's two; says how large a block came of it. */
static unsigned int merge_pageblocks(unsigned int low, unsigned int high)
{
	struct rig r;
	const struct kmr_zone *z = rig_normal(&r, 0, 4096);
	unsigned int order = 9;

	r.ops->set_pageblock(r.b, 0, low);
	r.ops->set_pageblock(r.b, 512, high);
	rig_free(&r, 0, 9);
	rig_free(&r, 512, 9);
	r.ops->drain(r.b, -1);
	for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
		if (z->nr_free[10][t])
			order = 10;
	rig_check(&r);
	rig_destroy(&r);
	return order;
}

/* Unmovable, movable and reclaimable pageblocks merge; others with their like only. */
Test(page_buddy, pageblocks_that_do_not_mix)
{
	for (unsigned int low = 0; low < KMR_MIGRATE_TYPES; low++)
		for (unsigned int high = 0; high < KMR_MIGRATE_TYPES; high++) {
			const bool both = low < KMR_MIGRATE_PCPTYPES && high < KMR_MIGRATE_PCPTYPES;

			cr_assert_eq(merge_pageblocks(low, high), both || low == high ? 10 : 9,
				     "%s and %s", kmr_migratetype_name(low),
				     kmr_migratetype_name(high));
		}
}

/* Below a pageblock the merged block is the later one's type, whatever its buddy's was. */
Test(page_buddy, types_mix_within_a_pageblock)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 4096);

	rig_seed(&r, 0, 5, KMR_MIGRATE_RECLAIMABLE);
	r.ops->set_pageblock(r.b, 0, KMR_MIGRATE_UNMOVABLE);
	rig_free(&r, 32, 5);
	ASSERT_LIST(&r, &z->lists[6][KMR_MIGRATE_UNMOVABLE], 0);
	cr_assert_eq(z->nr_free[5][KMR_MIGRATE_RECLAIMABLE], 0);
	cr_assert_eq(z->nonempty[KMR_MIGRATE_RECLAIMABLE], 0);
	rig_check(&r);
	rig_destroy(&r);
}
