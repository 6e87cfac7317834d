// SPDX-License-Identifier: GPL-2.0-only
/*
 * linux-2.6.24, held against mm/page_alloc.c of Linux 2.6.24, and what Gorman and Whitcroft's "The
 * What, The Why and the Where To of Anti-Fragmentation" (OLS 2006) says it shall do.
 */
#include "page/classic.h"

#include "rig.h"

#define UNMOVABLE   KMR_MIGRATE_UNMOVABLE
#define MOVABLE	    KMR_MIGRATE_MOVABLE
#define RECLAIMABLE KMR_MIGRATE_RECLAIMABLE
#define RESERVE	    KMR_MIGRATE_RESERVE

/* A zone of [0, 8192) with pageblocks of 512, no marks, and so no reserve. */
static struct kmr_classic_zone *rig_26(struct rig *r)
{
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, 8192);
	rig_create_as(r, "linux-2.6.24");
	memset(r->b->zones[0].mark, 0, sizeof(r->b->zones[0].mark));
	return &r->b->zones[0];
}

static void set_batch(struct kmr_classic_zone *z, uint32_t high, uint32_t batch)
{
	z->pcp[0][KMR_PCP_HOT].high = high;
	z->pcp[0][KMR_PCP_HOT].batch = batch;
}

/* expand(): of a block that is split the lower half is handed out. */
Test(page_classic_2_6, split)
{
	struct rig r;
	struct kmr_classic_zone *z = rig_26(&r);

	rig_seed(&r, 16, 4, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 2, KMR_GFP_KERNEL), 16);
	ASSERT_LIST(&r, &z->lists[3][UNMOVABLE], 24);
	ASSERT_LIST(&r, &z->lists[2][UNMOVABLE], 20);
	r.ops->set_pageblock(r.b, 16, UNMOVABLE);
	rig_free(&r, 16, 2);
	ASSERT_LIST(&r, &z->lists[4][UNMOVABLE], 16);
	rig_check(&r);
	rig_destroy(&r);
}

/* zone_batchsize(), setup_pageset(): a 4096th of the zone, a power of two less one, 31 at most */
Test(page_classic_2_6, per_cpu_limits)
{
	static const struct {
		uint64_t managed;
		uint32_t high, batch, cold_high, cold_batch;
	} zones[] = {
		{ 4000, 0, 1, 0, 1 },
		{ 16384, 18, 3, 6, 1 },
		{ 65536, 90, 15, 30, 7 },
		{ 225280, 186, 31, 62, 15 },
	};
	struct rig r;

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		const struct kmr_classic_pcp *pcp;

		bare_machine(&r.m, 9);
		(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 262144);
		r.m.zones[0].managed = zones[i].managed;
		rig_create_as(&r, "linux-2.6.24");
		pcp = r.b->zones[0].pcp[0];
		cr_assert_eq(pcp[KMR_PCP_HOT].high, zones[i].high);
		cr_assert_eq(pcp[KMR_PCP_HOT].batch, zones[i].batch);
		cr_assert_eq(pcp[KMR_PCP_COLD].high, zones[i].cold_high);
		cr_assert_eq(pcp[KMR_PCP_COLD].batch, zones[i].cold_batch);
		cr_assert_eq(r.ops->refill_size(r.b, 0, 0, 0), zones[i].batch);
		cr_assert_eq(r.ops->refill_size(r.b, 0, 0, 1), 1);
		rig_destroy(&r);
	}
}

/*
 * One hot list for all types: a request finds the first of its own, else the list gets a batch of
 * that type at its head, in the order of their frames.
 */
Test(page_classic_2_6, pages_of_a_type)
{
	struct witness w;
	struct rig r;
	struct kmr_classic_zone *z = rig_26(&r);

	set_batch(z, 100, 3);
	rig_seed(&r, 512, 3, MOVABLE);
	rig_seed(&r, 1024, 3, UNMOVABLE);
	rig_watch(&r, &w);
	cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), 512);
	ASSERT_LIST(&r, &z->pcp[0][KMR_PCP_HOT].list, 513, 514);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 1024);
	ASSERT_LIST(&r, &z->pcp[0][KMR_PCP_HOT].list, 1025, 1026, 513, 514);
	cr_assert_eq(w.count, 6);
	cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), 513);
	cr_assert_eq(r.ops->work(r.b)->pcp_hits, 1);
	cr_assert_eq(r.ops->work(r.b)->pcp_refills, 2);
	/* a cold request has a list of its own */
	cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ | KMR_GFP_COLD), 515);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 3 + z->pcp[0][KMR_PCP_COLD].count);
	/* all pages of one type, whichever list they are on */
	(void)r.ops->pcp_take_all(r.b, 0, 0, 0, MOVABLE);
	ASSERT_LIST(&r, &z->pcp[0][KMR_PCP_HOT].list, 1025, 1026);
	rig_check(&r);
	rig_destroy(&r);
}

/* free_hot_cold_page(): to the head; at the limit a batch goes back from the tail. */
Test(page_classic_2_6, frees)
{
	struct witness w;
	struct rig r;
	struct kmr_classic_zone *z = rig_26(&r);

	set_batch(z, 5, 3);
	rig_watch(&r, &w);
	for (uint32_t pfn = 10; pfn <= 40; pfn += 10)
		rig_free(&r, pfn, 0);
	ASSERT_LIST(&r, &z->pcp[0][KMR_PCP_HOT].list, 40, 30, 20, 10);
	/* where they belong is asked when they go, not when they come */
	r.ops->set_pageblock(r.b, 0, RECLAIMABLE);
	rig_free(&r, 50, 0);
	ASSERT_LIST(&r, &z->pcp[0][KMR_PCP_HOT].list, 50, 40);
	ASSERT_LIST(&r, &z->lists[0][RECLAIMABLE], 30, 20, 10);
	cr_assert_eq(w.count, 3);
	cr_assert_eq(w.told[0].pfn, 10);
	cr_assert_eq(w.told[0].type, RECLAIMABLE);
	/* larger blocks have no lists of a CPU */
	rig_free(&r, 64, 1);
	ASSERT_LIST(&r, &z->lists[1][RECLAIMABLE], 64);
	r.ops->drain_one(r.b, 0, 0);
	ASSERT_LIST(&r, &z->pcp[0][KMR_PCP_HOT].list, 50);
	r.ops->drain(r.b, 0);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 0);
	r.ops->drain_one(r.b, 0, 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* Nothing of the type anywhere, and nothing to refill with: the first page of the list will do. */
Test(page_classic_2_6, whatever_is_first)
{
	struct rig r;
	struct kmr_classic_zone *z = rig_26(&r);

	set_batch(z, 100, 3);
	rig_free(&r, 600, 0);
	rig_free(&r, 700, 0);
	/* pages on the list do not count as free: a page beyond the mark is needed to be let in */
	z->free_pages++;
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 700);
	z->free_pages--;
	rig_check(&r);
	rig_destroy(&r);
}

static const struct kmr_extfrag *only_fallback(const struct witness *w)
{
	const struct kmr_extfrag *ef = NULL;

	for (unsigned int i = 0; i < w->count; i++)
		if (w->told[i].what == TOLD_EXTFRAG) {
			cr_assert_null(ef);
			ef = &w->told[i].ef;
		}
	cr_assert_not_null(ef);
	return ef;
}

/*
 * __rmqueue_fallback(): the largest block of another type; what is free of its pageblock goes with
 * it, to the heads of the lists; half of it free makes it the other type's.
 */
Test(page_classic_2_6, large_block_takes_the_pageblock)
{
	const struct kmr_extfrag *ef;
	struct witness w;
	struct rig r;
	struct kmr_classic_zone *z = rig_26(&r);

	rig_seed(&r, 512, 8, MOVABLE);
	rig_seed(&r, 776, 2, MOVABLE);
	rig_seed(&r, 1032, 2, MOVABLE);
	rig_seed(&r, 2056, 2, UNMOVABLE);
	rig_watch(&r, &w);
	cr_assert_eq(rig_alloc(&r, 3, KMR_GFP_KERNEL), 512);
	ASSERT_LIST(&r, &z->lists[2][UNMOVABLE], 776, 2056);
	ASSERT_LIST(&r, &z->lists[2][MOVABLE], 1032);
	ASSERT_LIST(&r, &z->lists[7][UNMOVABLE], 640);
	cr_assert_eq(rig_where(&r, 512).pageblock, UNMOVABLE);
	ef = only_fallback(&w);
	cr_assert_eq(ef->pfn, 512);
	cr_assert_eq(ef->fallback_order, 8);
	cr_assert_eq(ef->fallback_migratetype, MOVABLE);
	cr_assert(ef->change_owner);
	cr_assert_eq(r.ops->work(r.b)->pages_moved, 260);
	cr_assert_eq(r.ops->work(r.b)->blocks_claimed, 1);
	rig_check(&r);
	rig_destroy(&r);
}

/* Below half of a pageblock's order only reclaimable requests take the rest with them. */
Test(page_classic_2_6, small_block_takes_itself)
{
	const struct kmr_extfrag *ef;
	struct witness w;
	struct rig r;
	struct kmr_classic_zone *z = rig_26(&r);

	rig_seed(&r, 512, 3, MOVABLE);
	rig_seed(&r, 776, 2, MOVABLE);
	rig_watch(&r, &w);
	cr_assert_eq(rig_alloc(&r, 1, KMR_GFP_KERNEL), 512);
	/* the other parts stay what they were */
	ASSERT_LIST(&r, &z->lists[2][MOVABLE], 516, 776);
	ASSERT_LIST(&r, &z->lists[1][MOVABLE], 514);
	ef = only_fallback(&w);
	cr_assert(!ef->change_owner);
	cr_assert_eq(rig_alloc(&r, 1, GFP_RECLAIMABLE_REQ), 516);
	ASSERT_LIST(&r, &z->lists[2][RECLAIMABLE], 776);
	ASSERT_LIST(&r, &z->lists[1][RECLAIMABLE], 518, 514);
	/* 14 pages are not half of it */
	cr_assert_eq(rig_where(&r, 512).pageblock, MOVABLE);
	rig_check(&r);
	rig_destroy(&r);
}

/* fallbacks[]: unmovable from reclaimable first, movable last from the reserve only */
Test(page_classic_2_6, fallback_order)
{
	struct rig r;
	struct kmr_classic_zone *z = rig_26(&r);

	r.b->start_due = false;
	rig_seed(&r, 512, 5, MOVABLE);
	rig_seed(&r, 1024, 5, RECLAIMABLE);
	rig_seed(&r, 2048, 6, RESERVE);
	r.ops->set_pageblock(r.b, 2048, RESERVE);
	/* both of one order: reclaimable; the reserve's larger one is not looked at */
	cr_assert_eq(rig_alloc(&r, 5, KMR_GFP_KERNEL), 1024);
	cr_assert_eq(rig_alloc(&r, 5, KMR_GFP_KERNEL), 512);
	cr_assert_eq(rig_alloc(&r, 5, KMR_GFP_KERNEL), 2048);
	/* what is left of it stays in the reserve, and so does the pageblock */
	ASSERT_LIST(&r, &z->lists[5][RESERVE], 2080);
	cr_assert_eq(rig_where(&r, 2048).pageblock, RESERVE);
	cr_assert_eq(r.ops->work(r.b)->extfrag, 3);
	cr_assert_eq(rig_alloc(&r, 5, KMR_GFP_KERNEL | KMR_GFP_MEMALLOC), 2080);
	cr_assert_eq(rig_alloc(&r, 5, KMR_GFP_KERNEL), KMR_NO_PFN);
	rig_check(&r);
	rig_destroy(&r);
}

/* Of a block larger than a pageblock only the first pageblock changes hands. */
Test(page_classic_2_6, second_pageblock_is_forgotten)
{
	struct rig r;

	(void)rig_26(&r);
	rig_seed(&r, 1024, 10, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), 1024);
	cr_assert_eq(rig_where(&r, 1024).pageblock, UNMOVABLE);
	cr_assert_eq(rig_where(&r, 1536).pageblock, MOVABLE);
	cr_assert_eq(rig_where(&r, 1536).migratetype, UNMOVABLE);
	rig_destroy(&r);
}

/*
 * setup_zone_migrate_reserve(): as many of the first movable pageblocks as hold the min mark, when
 * the first request comes; not those whose first frame boot keeps.
 */
Test(page_classic_2_6, reserve)
{
	struct kmr_zone_state state;
	struct rig r;
	struct kmr_classic_zone *z;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 8192);
	r.m.nr_reserved = 1;
	r.m.reserved[0].start_pfn = 0;
	r.m.reserved[0].end_pfn = 16;
	r.m.reserved[0].kind = KMR_RESERVED_KEPT;
	rig_create_as(&r, "linux-2.6.24");
	z = &r.b->zones[0];
	z->mark[KMR_PAGES_MIN] = 513;
	r.ops->set_pageblock(r.b, 512, UNMOVABLE);
	for (uint32_t pfn = 1024; pfn < 8192; pfn += 1024)
		rig_seed(&r, pfn, 9, MOVABLE);
	(void)rig_alloc(&r, 0, GFP_MOVABLE_REQ);
	cr_assert_eq(rig_where(&r, 0).pageblock, MOVABLE);
	cr_assert_eq(rig_where(&r, 512).pageblock, UNMOVABLE);
	cr_assert_eq(rig_where(&r, 1024).pageblock, RESERVE);
	cr_assert_eq(rig_where(&r, 1536).pageblock, RESERVE);
	cr_assert_eq(rig_where(&r, 2048).pageblock, MOVABLE);
	ASSERT_LIST(&r, &z->lists[9][RESERVE], 1024);
	r.ops->zone_state(r.b, 0, &state);
	cr_assert_eq(state.pageblocks[KMR_MIGRATE_HIGHATOMIC], 2);
	cr_assert_eq(state.highatomic, 1024);
	cr_assert_eq(r.ops->work(r.b)->pages_moved, 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* setup_per_zone_pages_min(): 1280 MiB of an i386; sqrt(KiB * 16) is 3749 KiB for 878592 of them */
Test(page_classic_2_6, marks)
{
	struct kmr_zone_state state;
	struct rig r;

	bare_machine(&r.m, 10);
	(void)add_zone(&r.m, KMR_ZONE_DMA, 0, 0, 4096);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 4096, 225280);
	(void)add_zone(&r.m, KMR_ZONE_HIGHMEM, 0, 229376, 98304);
	r.m.zones[0].managed = 3948;
	r.m.zones[1].managed = 215700;
	r.m.zones[2].managed = 98304;
	rig_create_as(&r, "linux-2.6.24");
	/* 937 pages in all */
	r.ops->zone_state(r.b, 0, &state);
	cr_assert_eq(state.wmark_min, 16);
	cr_assert_eq(state.wmark_low, 20);
	cr_assert_eq(state.wmark_high, 24);
	r.ops->zone_state(r.b, 1, &state);
	cr_assert_eq(state.wmark_min, 920);
	cr_assert_eq(state.wmark_low, 1150);
	cr_assert_eq(state.wmark_high, 1380);
	/* a 1024th of HighMem, but what it is above it like the others */
	r.ops->zone_state(r.b, 2, &state);
	cr_assert_eq(state.wmark_min, 96);
	cr_assert_eq(state.wmark_low, 96 + 104);
	cr_assert_eq(state.wmark_high, 96 + 209);
	rig_destroy(&r);
}

/* How many of 1024 pages in one block are left when requests fail at a mark of 100. */
static uint64_t left_over(uint32_t gfp, unsigned int order)
{
	struct rig r;
	struct kmr_classic_zone *z = rig_26(&r);
	uint64_t left;

	for (unsigned int i = 0; i <= KMR_PAGES_HIGH; i++)
		z->mark[i] = 100;
	r.b->start_due = false;
	z->pcp[0][KMR_PCP_HOT].batch = 1;
	rig_seed(&r, 1024, 10, MOVABLE);
	while (rig_alloc(&r, order, gfp) != KMR_NO_PFN)
		;
	left = z->free_pages;
	rig_check(&r);
	rig_destroy(&r);
	return left;
}

/* zone_watermark_ok(), __alloc_pages() */
Test(page_classic_2_6, rights_to_the_reserve)
{
	cr_assert_eq(left_over(KMR_GFP_KERNEL, 0), 100);
	cr_assert_eq(left_over(KMR_GFP_KERNEL | KMR_GFP_HIGH, 0), 50);
	/* who can't wait tries harder, whether it is urgent or not */
	cr_assert_eq(left_over(KMR_GFP_KSWAPD_RECLAIM, 0), 75);
	cr_assert_eq(left_over(GFP_ATOMIC_REQ, 0), 38);
	cr_assert_eq(left_over(KMR_GFP_KERNEL | KMR_GFP_MEMALLOC, 0), 0);
}

/*
 * The mark of an order: each lower order's blocks do not count, and the mark halves.  With 128 pages
 * in blocks of 4 and 16 in one block, 100 and then 25 must be left over, a block of 8 taken.
 */
Test(page_classic_2_6, marks_by_order)
{
	struct rig r;
	struct kmr_classic_zone *z = rig_26(&r);

	r.b->start_due = false;
	for (unsigned int i = 0; i <= KMR_PAGES_HIGH; i++)
		z->mark[i] = 100;
	for (uint32_t pfn = 0; pfn < 256; pfn += 8)
		rig_seed(&r, pfn, 2, MOVABLE);
	rig_seed(&r, 1024, 4, MOVABLE);
	/* order 3: 144 - 7 > 100; 137 - 128 = 9 is not above 100 >> 3 = 12 */
	cr_assert_eq(rig_alloc(&r, 3, GFP_MOVABLE_REQ), KMR_NO_PFN);
	rig_seed(&r, 2048, 3, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 3, GFP_MOVABLE_REQ), 2048);
	/* order 2: 144 - 3 > 100 >> 2 */
	cr_assert_neq(rig_alloc(&r, 2, GFP_MOVABLE_REQ), KMR_NO_PFN);
	rig_check(&r);
	rig_destroy(&r);
}

/* What is on the lists of CPUs may be what a block lacks: the slow path drains them. */
Test(page_classic_2_6, drains_for_blocks)
{
	struct rig r;

	set_batch(rig_26(&r), 100, 1);
	rig_seed(&r, 512, 5, MOVABLE);
	for (uint32_t pfn = 1024; pfn < 1032; pfn++)
		rig_free(&r, pfn, 0);
	cr_assert_eq(rig_alloc(&r, 5, GFP_MOVABLE_REQ), 512);
	cr_assert_eq(rig_alloc(&r, 2, GFP_MOVABLE_REQ & ~(uint32_t)KMR_GFP_DIRECT_RECLAIM),
		     KMR_NO_PFN);
	cr_assert_eq(rig_alloc(&r, 2, GFP_MOVABLE_REQ), 1024);
	rig_check(&r);
	rig_destroy(&r);
}

/* Without grouping there is one type, whatever is asked for. */
Test(page_classic_2_6, without_mobility)
{
	uint64_t values[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };
	struct rig r;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 8192);
	r.ops = kmr_page_backend_parse("linux-2.6.24,mobility=0,pcp_batch=8", values, &err);
	cr_assert_not_null(r.ops, "%s", err.msg);
	r.b = r.ops->create(&r.m, values, &err);
	cr_assert_not_null(r.b, "%s", err.msg);
	cr_assert_eq(r.b->zones[0].pcp[0][KMR_PCP_HOT].high, 48);
	cr_assert_eq(r.b->zones[0].pcp[0][KMR_PCP_COLD].batch, 4);
	rig_seed(&r, 1024, 10, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, GFP_RECLAIMABLE_REQ), 1024);
	cr_assert_eq(r.ops->work(r.b)->extfrag, 0);
	cr_assert_eq(rig_where(&r, 1100).migratetype, UNMOVABLE);
	rig_check(&r);
	rig_destroy(&r);
	/* five pageblocks are enough for it: MIGRATE_TYPES */
	for (uint64_t pages = 5 * 512 - 1; pages <= 5 * 512; pages++) {
		bare_machine(&r.m, 9);
		(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, pages);
		rig_create_as(&r, "linux-2.6.24");
		cr_assert_eq(r.b->mobility, pages == 5 * 512);
		rig_destroy(&r);
	}
}

/* A newer kernel's types become what comes nearest. */
Test(page_classic_2_6, types_of_newer_kernels)
{
	struct rig r;
	struct kmr_classic_zone *z = rig_26(&r);

	r.ops->set_pageblock(r.b, 512, KMR_MIGRATE_HIGHATOMIC);
	r.ops->set_pageblock(r.b, 1024, KMR_MIGRATE_CMA);
	r.ops->set_pageblock(r.b, 1536, KMR_MIGRATE_ISOLATE);
	cr_assert_eq(rig_where(&r, 512).pageblock, RESERVE);
	cr_assert_eq(rig_where(&r, 1024).pageblock, MOVABLE);
	cr_assert_eq(rig_where(&r, 1536).pageblock, MOVABLE);
	rig_seed(&r, 1024, 9, KMR_MIGRATE_CMA);
	r.ops->buddy_put(r.b, 1536, 9, KMR_MIGRATE_ISOLATE, 0);
	ASSERT_LIST(&r, &z->lists[10][MOVABLE], 1024);
	rig_check(&r);
	rig_destroy(&r);
}

/* set_max_huge_pages(): nodes give in turn, those that can't are passed over. */
Test(page_classic_2_6, pool_of_huge_pages)
{
	struct kmr_error err = { "" };
	struct rig r;

	bare_machine(&r.m, 9);
	r.m.nr_nodes = 2;
	r.m.nr_cpus = 2;
	r.m.cpu_node[1] = 1;
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 4096);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 1, 4096, 4096);
	rig_create_as(&r, "linux-2.6.24");
	for (unsigned int i = 0; i < 2; i++)
		memset(r.b->zones[i].mark, 0, sizeof(r.b->zones[i].mark));
	for (uint32_t pfn = 0; pfn < 3 * 512; pfn += 512)
		rig_seed(&r, pfn, 9, MOVABLE);
	rig_seed(&r, 4096, 9, MOVABLE);
	cr_assert_eq(r.ops->set_huge_pages(r.b, 3, -1, 0), 3);
	rig_check(&r);
	cr_assert_eq(r.b->pool.nr_node[0], 2);
	cr_assert_eq(r.b->pool.nr_node[1], 1);
	cr_assert_eq(rig_where(&r, 4096).place, KMR_FRAME_USED);
	/* one is left, on node 0; a fifth there is not */
	cr_assert_eq(r.ops->set_huge_pages(r.b, 5, -1, 0), 4);
	cr_assert_eq(r.ops->contig_work(r.b)->huge_allocs, 4);
	cr_assert_gt(r.ops->contig_work(r.b)->huge_failures, 0);
	/* from CPU 1 its own node's go first */
	cr_assert_eq(r.ops->set_huge_pages(r.b, 3, -1, 1), 3);
	cr_assert_eq(rig_where(&r, 4096).place, KMR_FRAME_BUDDY);
	cr_assert_eq(r.ops->set_huge_pages(r.b, 1, 0, 1), 1);
	cr_assert_eq(r.ops->set_huge_pages(r.b, 1, 2, 1), 0);
	rig_check(&r);
	r.b->pool.nr++;
	cr_assert_eq(r.ops->check(r.b, &err), -1);
	cr_assert_str_eq(err.msg, "1 huge pages in the pool, counted 2");
	r.b->pool.nr--;
	r.b->pool.nr_node[1]++;
	cr_assert_eq(r.ops->check(r.b, &err), -1);
	cr_assert_str_eq(err.msg, "node 1: 0 huge pages in its pool, counted 1");
	r.b->pool.nr_node[1]--;
	kmr_frame(r.b, r.b->pool.lists[0].head)->state = KMR_FS_USED;
	cr_assert_eq(r.ops->check(r.b, &err), -1);
	cr_assert_not_null(strstr(err.msg, "in the pool of huge pages is free, another node's"));
	kmr_frame(r.b, r.b->pool.lists[0].head)->state = KMR_FS_HUGE;
	cr_assert_eq(r.ops->set_huge_pages(r.b, 0, -1, 0), 0);
	cr_assert_eq(r.b->zones[0].free_pages, 3 * 512);
	cr_assert_eq(r.b->zones[1].free_pages, 512);
	rig_check(&r);
	rig_destroy(&r);
}

/* try_to_free_low(): pages that the kernel can map are given back before those of HighMem. */
Test(page_classic_2_6, pool_gives_back_low_pages)
{
	struct rig r;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 4096);
	(void)add_zone(&r.m, KMR_ZONE_HIGHMEM, 0, 4096, 4096);
	rig_create_as(&r, "linux-2.6.24");
	for (unsigned int i = 0; i < 2; i++)
		memset(r.b->zones[i].mark, 0, sizeof(r.b->zones[i].mark));
	rig_seed(&r, 512, 9, MOVABLE);
	rig_seed(&r, 4096, 9, MOVABLE);
	cr_assert_eq(r.ops->set_huge_pages(r.b, 2, -1, 0), 2);
	cr_assert_eq(r.ops->set_huge_pages(r.b, 1, -1, 0), 1);
	cr_assert_eq(rig_where(&r, 512).place, KMR_FRAME_BUDDY);
	cr_assert_eq(rig_where(&r, 4096).place, KMR_FRAME_USED);
	rig_check(&r);
	rig_destroy(&r);
}
