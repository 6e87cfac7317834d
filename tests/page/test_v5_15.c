// SPDX-License-Identifier: GPL-2.0-only
/* Where linux-5.15 differs from linux-6.1, held against mm/page_alloc.c of Linux 5.15. */
#include "support.h"

#define UNMOVABLE   KMR_MIGRATE_UNMOVABLE
#define MOVABLE	    KMR_MIGRATE_MOVABLE
#define RECLAIMABLE KMR_MIGRATE_RECLAIMABLE
#define HIGHATOMIC  KMR_MIGRATE_HIGHATOMIC

/* A zone of [0, 8192), nothing of it free. */
static struct kmr_zone *rig_515(struct rig *r, uint32_t high, uint32_t batch)
{
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, 8192);
	r->m.zones[0].pcp_high = high;
	r->m.zones[0].pcp_batch = batch;
	rig_create_as(r, "linux-5.15");
	return &r->b->zones[0];
}

/* free_pcppages_bulk() begins behind the first list: list 2 is reached in two steps, gives two. */
Test(page_v5_15, drains_in_turns)
{
	struct witness w;
	struct rig r;
	struct kmr_zone *z = rig_515(&r, 9, 7);

	r.ops->set_pageblock(r.b, 0, UNMOVABLE);
	r.ops->set_pageblock(r.b, 1024, RECLAIMABLE);
	rig_watch(&r, &w);
	for (uint32_t pfn = 10; pfn <= 40; pfn += 10)
		rig_free(&r, pfn, 0);
	for (uint32_t pfn = 1030; pfn <= 1060; pfn += 10)
		rig_free(&r, pfn, 0);
	cr_assert_eq(w.count, 0);
	/* 9 pages, of which 9 - 7 may go at most */
	rig_free(&r, 50, 0);
	cr_assert_eq(w.count, 2);
	cr_assert_eq(w.told[0].pfn, 1030);
	cr_assert_eq(w.told[1].pfn, 1040);
	ASSERT_LIST(&r, &z->pcp[0].lists[RECLAIMABLE], 1060, 1050);
	/* all that is there: two of list 2, thirteen turns later five of list 0 */
	r.ops->drain(r.b, 0);
	cr_assert_eq(w.count, 9);
	cr_assert_eq(w.told[2].pfn, 1050);
	cr_assert_eq(w.told[3].pfn, 1060);
	for (unsigned int i = 0; i < 5; i++)
		cr_assert_eq(w.told[4 + i].pfn, 10 + 10 * i);
	rig_check(&r);
	rig_destroy(&r);
}

/*
 * Lists next to one another give a block each.  The first, behind twelve empty ones, may give
 * thirteen; it has three, and the ten that it left over go to the others.
 */
Test(page_v5_15, neighbours_take_turns)
{
	static const uint32_t order[] = { 610, 1030, 10, 20, 30, 620, 630, 1040 };
	struct witness w;
	struct rig r;

	(void)rig_515(&r, 100, 7);
	r.ops->set_pageblock(r.b, 0, UNMOVABLE);
	r.ops->set_pageblock(r.b, 1024, RECLAIMABLE);
	for (uint32_t i = 1; i <= 3; i++) {
		rig_free(&r, 10 * i, 0);
		rig_free(&r, 600 + 10 * i, 0);
		if (i < 3)
			rig_free(&r, 1020 + 10 * i, 0);
	}
	rig_watch(&r, &w);
	r.ops->drain(r.b, 0);
	cr_assert_eq(w.count, 8);
	for (unsigned int i = 0; i < 8; i++)
		cr_assert_eq(w.told[i].pfn, order[i], "drain %u: %u", i, w.told[i].pfn);
	rig_destroy(&r);
}

/* nr_pcp_free(): doubles until all but a batch goes; 6.1 stops after five times. */
Test(page_v5_15, batch_doubles_without_limit)
{
	static const uint32_t drained[] = { 1, 2, 4, 8, 16, 32, 64, 99, 99 };
	struct rig r;
	const struct kmr_pcp *pcp = rig_515(&r, 100, 1)->pcp;
	uint32_t pfn = 0;

	for (size_t i = 0; i < sizeof(drained) / sizeof(drained[0]); i++) {
		for (unsigned int n = 100 - pcp->count; n; n--, pfn += 2)
			rig_free(&r, pfn, 0);
		cr_assert_eq(pcp->count, 100 - drained[i], "drain %zu left %u", i, pcp->count);
	}
	rig_destroy(&r);
}

/* 6.1 empties the lists when blocks of orders 1 to 3 come back in a row (free_high). */
Test(page_v5_15, high_orders_stay)
{
	struct rig r;
	const struct kmr_pcp *pcp = rig_515(&r, 20, 4)->pcp;
	uint32_t pfn = 0;

	for (unsigned int n = 0; n < 20; n++, pfn += 2)
		rig_free(&r, pfn, 0);
	cr_assert_eq(pcp->count, 16);
	cr_assert_eq(pcp->free_factor, 1);
	rig_free(&r, 512, 1);
	cr_assert_eq(pcp->count, 18);
	rig_destroy(&r);
}

/* order_to_pindex(): huge pages have a list for each type. */
Test(page_v5_15, huge_lists_by_type)
{
	struct rig r;
	struct kmr_zone *z = rig_515(&r, 4096, 63);

	r.ops->set_pageblock(r.b, 512, UNMOVABLE);
	r.ops->set_pageblock(r.b, 1024, RECLAIMABLE);
	for (uint32_t pfn = 0; pfn <= 1024; pfn += 512)
		rig_free(&r, pfn, 9);
	ASSERT_LIST(&r, &z->pcp[0].lists[12 + UNMOVABLE], 512);
	ASSERT_LIST(&r, &z->pcp[0].lists[12 + MOVABLE], 0);
	ASSERT_LIST(&r, &z->pcp[0].lists[12 + RECLAIMABLE], 1024);
	cr_assert_eq(rig_alloc(&r, 9, GFP_RECLAIMABLE_REQ), 1024);
	rig_check(&r);
	rig_destroy(&r);
}

/* With interrupts off none can find the lists taken: frees go to them. */
Test(page_v5_15, lists_are_never_found_taken)
{
	struct rig r;
	const struct kmr_pcp *pcp = rig_515(&r, 100, 4)->pcp;

	r.ops->pcp_lock(r.b, 0, 0, true);
	rig_free(&r, 10, 0);
	cr_assert_eq(pcp->count, 1);
	rig_destroy(&r);
}

/* How many of 1024 pages are left when requests of one page begin to fail at a mark of 100. */
static uint32_t left_over(uint32_t gfp)
{
	uint32_t left = 1024;
	struct rig r;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 8192);
	r.m.zones[0].pcp_batch = 1;
	r.m.zones[0].pcp_high = 0;
	r.m.zones[0].wmark_min = r.m.zones[0].wmark_low = r.m.zones[0].wmark_high = 100;
	rig_create_as(&r, "linux-5.15");
	rig_seed(&r, 1024, 10, MOVABLE);
	while (rig_alloc(&r, 0, gfp) != KMR_NO_PFN)
		left--;
	rig_destroy(&r);
	return left;
}

/* gfp_to_alloc_flags(), __zone_watermark_ok() */
Test(page_v5_15, reserves_by_flags)
{
	cr_assert_eq(left_over(KMR_GFP_KERNEL), 100);
	cr_assert_eq(left_over(KMR_GFP_KERNEL | KMR_GFP_HIGH), 50);
	/* __GFP_ATOMIC without __GFP_HIGH: ALLOC_HARDER alone */
	cr_assert_eq(left_over(KMR_GFP_ATOMIC), 75);
	cr_assert_eq(left_over(GFP_ATOMIC_REQ), 38);
	cr_assert_eq(left_over(GFP_ATOMIC_REQ | KMR_GFP_NOMEMALLOC), 50);
	/* it is not that it can't sleep, as in 6.1 */
	cr_assert_eq(left_over(KMR_GFP_HIGH | KMR_GFP_KSWAPD_RECLAIM), 50);
	cr_assert_eq(left_over(KMR_GFP_KERNEL | KMR_GFP_NOFAIL), 75);
}

/*
 * rmqueue(): what has per-CPU lists comes from them or not at all, so that of the high-atomic
 * reserve only blocks above order 3 are to be had.  6.1 has all of it for who can't wait.
 */
Test(page_v5_15, small_blocks_have_no_reserve)
{
	static const struct {
		const char *backend;
		bool small;
	} cases[] = { { "linux-5.15", false }, { "linux-6.1", true } };

	for (size_t i = 0; i < 2; i++) {
		struct rig r;

		bare_machine(&r.m, 9);
		(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 8192);
		rig_create_as(&r, cases[i].backend);
		r.ops->set_pageblock(r.b, 1024, HIGHATOMIC);
		rig_seed(&r, 1024, 9, HIGHATOMIC);
		r.b->zones[0].highatomic = 512;
		for (unsigned int order = 0; order <= 3; order++)
			cr_assert_eq(rig_alloc(&r, order, GFP_ATOMIC_REQ) != KMR_NO_PFN,
				     cases[i].small, "%s, order %u", cases[i].backend, order);
		cr_assert_neq(rig_alloc(&r, 4, GFP_ATOMIC_REQ), KMR_NO_PFN, "%s", cases[i].backend);
		rig_check(&r);
		rig_destroy(&r);
	}
}

/* __free_one_page(): only isolated pageblocks keep from merging. */
Test(page_v5_15, highatomic_merges)
{
	struct rig r;
	struct kmr_zone *z = rig_515(&r, 0, 1);

	r.ops->set_pageblock(r.b, 1024, HIGHATOMIC);
	z->highatomic = 512;
	r.ops->buddy_put(r.b, 1024, 9, HIGHATOMIC, 0);
	r.ops->buddy_put(r.b, 1536, 9, MOVABLE, 0);
	ASSERT_LIST(&r, &z->lists[10][MOVABLE], 1024);
	r.ops->set_pageblock(r.b, 2048, KMR_MIGRATE_ISOLATE);
	r.ops->buddy_put(r.b, 2048, 9, KMR_MIGRATE_ISOLATE, 0);
	r.ops->buddy_put(r.b, 2560, 9, MOVABLE, 0);
	ASSERT_LIST(&r, &z->lists[9][MOVABLE], 2560);
	rig_check(&r);
	rig_destroy(&r);
}
