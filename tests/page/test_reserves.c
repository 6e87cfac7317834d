// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may have the last pages: watermarks, lowmem reserves, the high-atomic reserve and CMA, held
 * against __zone_watermark_ok(), zone_watermark_fast(), gfp_to_alloc_flags(),
 * reserve_highatomic_pageblock() and __rmqueue() of mm/page_alloc.c in Linux 6.1.
 */
#include "support.h"

#define UNMOVABLE  KMR_MIGRATE_UNMOVABLE
#define MOVABLE	   KMR_MIGRATE_MOVABLE
#define HIGHATOMIC KMR_MIGRATE_HIGHATOMIC
#define CMA	   KMR_MIGRATE_CMA

/* One Normal zone; per-CPU lists hold nothing, so that each request moves the count by its size. */
static struct kmr_zone *rig_marks(struct rig *r, uint64_t min, uint64_t low)
{
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, 10240);
	r->m.zones[0].wmark_min = min;
	r->m.zones[0].wmark_low = low;
	r->m.zones[0].wmark_high = 2 * low;
	r->m.zones[0].pcp_high = 0;
	r->m.zones[0].pcp_batch = 1;
	rig_create(r);
	return &r->b->zones[0];
}

/*
 * Seeds 1024 unmovable pages and allocates until that fails; returns what is left then.  CPUs hold
 * back up to @threshold pages from the count that is held against the marks.
 */
static uint64_t left_over_lagging(uint64_t min, uint64_t boost, unsigned int order, uint32_t gfp,
				  int32_t threshold)
{
	struct rig r;
	struct kmr_zone *z = rig_marks(&r, min, min + 200);
	uint64_t left;

	z->stat_threshold = threshold;

	r.ops->set_pageblock(r.b, 1024, UNMOVABLE);
	r.ops->set_pageblock(r.b, 1536, UNMOVABLE);
	rig_seed(&r, 1024, 10, UNMOVABLE);
	z->boost = boost;
	while (rig_alloc(&r, order, gfp) != KMR_NO_PFN)
		;
	cr_assert_eq(r.ops->work(r.b)->failures, 1);
	left = z->free_pages;
	rig_check(&r);
	rig_destroy(&r);
	return left;
}

static uint64_t left_over(uint64_t min, uint64_t boost, unsigned int order, uint32_t gfp)
{
	return left_over_lagging(min, boost, order, gfp, 0);
}

#define ASSERT_LEFT(expected, ...)                                                          \
	do {                                                                                \
		const uint64_t left_ = left_over(__VA_ARGS__);                              \
                                                                                            \
		cr_assert_eq(left_, expected, "%" PRIu64 " pages left, expected %u", left_, \
			     (unsigned int)(expected));                                     \
	} while (0)

/* The last page that a request gets is the one above its mark. */
Test(page_reserves, order_0_to_the_page)
{
	ASSERT_LEFT(100, 100, 0, 0, KMR_GFP_KERNEL);
	/* a request that can't sleep but is not urgent has no rights to the reserve */
	ASSERT_LEFT(100, 100, 0, 0, GFP_NOWAIT_REQ);
	ASSERT_LEFT(100, 100, 0, 0, 0);
	/* __GFP_HIGH: half of it, rounded as the kernel does */
	ASSERT_LEFT(50, 100, 0, 0, KMR_GFP_KERNEL | KMR_GFP_HIGH);
	ASSERT_LEFT(51, 101, 0, 0, KMR_GFP_KERNEL | KMR_GFP_HIGH);
	/* atomic: a quarter of the rest as well */
	ASSERT_LEFT(38, 100, 0, 0, GFP_ATOMIC_REQ);
	ASSERT_LEFT(39, 101, 0, 0, GFP_ATOMIC_REQ);
	/* not with __GFP_NOMEMALLOC */
	ASSERT_LEFT(50, 100, 0, 0, GFP_ATOMIC_REQ | KMR_GFP_NOMEMALLOC);
	/* that which may not fail */
	ASSERT_LEFT(50, 100, 0, 0, KMR_GFP_KERNEL | KMR_GFP_NOFAIL);
	/* those who free memory with it */
	ASSERT_LEFT(0, 100, 0, 0, KMR_GFP_KERNEL | KMR_GFP_MEMALLOC);
	ASSERT_LEFT(100, 100, 0, 0, KMR_GFP_KERNEL | KMR_GFP_MEMALLOC | KMR_GFP_NOMEMALLOC);
	/* no mark, no reserve */
	ASSERT_LEFT(0, 0, 0, 0, KMR_GFP_KERNEL);
}

/* A block counts as its pages but one above the mark. */
/*
 * With a threshold of 4 the count falls by 5 at a time: 1024 - 5k.  The last request that sees more
 * than 100 is the fifth after it showed 104.
 */
Test(page_reserves, lagging_counter)
{
	cr_assert_eq(left_over_lagging(100, 0, 0, KMR_GFP_KERNEL, 4), 99);
	/* blocks beyond the threshold show at once */
	cr_assert_eq(left_over_lagging(100, 0, 3, KMR_GFP_KERNEL, 4),
		     left_over_lagging(100, 0, 3, KMR_GFP_KERNEL, 0));
}

/* vm_stat_diff[]: what exceeds the threshold in either direction is folded in, all of it. */
Test(page_reserves, counter_threshold)
{
	static const struct {
		int32_t pages, diff;
	} steps[] = { { -2, -2 }, { -1, -3 }, { -1, 0 }, { 1, 1 }, { 2, 3 }, { 8, 0 }, { -3, -3 } };
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 4096);

	z->stat_threshold = 3;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		kmr_stat_mod(z, 0, steps[i].pages);
		cr_assert_eq(z->pcp[0].stat_diff, steps[i].diff, "step %zu", i);
		cr_assert_eq(z->stat_lag, steps[i].diff, "step %zu", i);
	}
	rig_destroy(&r);
}

Test(page_reserves, high_orders_to_the_page)
{
	/* free - 3 has to be above 101: from 105 pages on, in steps of 4 */
	ASSERT_LEFT(104, 101, 0, 2, KMR_GFP_KERNEL);
	ASSERT_LEFT(100, 97, 0, 2, KMR_GFP_KERNEL);
	ASSERT_LEFT(96, 96, 0, 2, KMR_GFP_KERNEL);
	ASSERT_LEFT(112, 100, 0, 4, KMR_GFP_KERNEL);
	ASSERT_LEFT(128, 100, 0, 5, KMR_GFP_KERNEL);
	ASSERT_LEFT(64, 100, 0, 4, KMR_GFP_KERNEL | KMR_GFP_HIGH);
}

/* A boost raises every mark, but not for atomic requests of one page. */
Test(page_reserves, boost)
{
	ASSERT_LEFT(400, 100, 300, 0, KMR_GFP_KERNEL);
	ASSERT_LEFT(200, 100, 300, 0, KMR_GFP_KERNEL | KMR_GFP_HIGH);
	ASSERT_LEFT(38, 100, 300, 0, GFP_ATOMIC_REQ);
	/* of two pages it does */
	ASSERT_LEFT(200, 100, 300, 1, GFP_ATOMIC_REQ | KMR_GFP_NOMEMALLOC);
}

/* Between low and min the fast path fails and the slow path serves. */
Test(page_reserves, slow_path_below_low)
{
	struct rig r;
	struct kmr_zone *z = rig_marks(&r, 100, 900);

	rig_seed(&r, 1024, 10, UNMOVABLE);
	for (int i = 0; i < 124; i++)
		cr_assert_neq(rig_alloc(&r, 0, KMR_GFP_KERNEL), KMR_NO_PFN);
	cr_assert_eq(z->free_pages, 900);
	cr_assert_eq(r.ops->work(r.b)->slow_paths, 0);
	cr_assert_neq(rig_alloc(&r, 0, KMR_GFP_KERNEL), KMR_NO_PFN);
	cr_assert_eq(r.ops->work(r.b)->slow_paths, 1);
	rig_destroy(&r);
}

/* Enough free pages, but none of the size: no. */
Test(page_reserves, suitable_block)
{
	struct rig r;

	(void)rig_marks(&r, 0, 0);
	for (uint32_t pfn = 0; pfn < 2048; pfn += 32)
		rig_seed(&r, pfn, 4, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 5, KMR_GFP_KERNEL), KMR_NO_PFN);
	cr_assert_neq(rig_alloc(&r, 4, KMR_GFP_KERNEL), KMR_NO_PFN);
	rig_destroy(&r);
}

/* Per-CPU lists of every CPU are emptied before a request that can sleep fails. */
Test(page_reserves, drains_before_failing)
{
	struct rig r;

	(void)rig_normal(&r, 0, 4096);
	for (uint32_t pfn = 64; pfn < 80; pfn++)
		rig_free(&r, pfn, 0);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 16);
	cr_assert_eq(rig_alloc(&r, 4, GFP_ATOMIC_REQ | KMR_GFP_MOVABLE), KMR_NO_PFN);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 16);
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 64);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 0);
	rig_destroy(&r);
}

/* What a zone keeps from requests that could have used a higher one. */
Test(page_reserves, lowmem)
{
	struct rig r;
	struct kmr_zone *dma, *normal;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_DMA, 0, 0, 4096);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 4096, 4096);
	(void)add_zone(&r.m, KMR_ZONE_HIGHMEM, 0, 8192, 4096);
	for (int i = 0; i < 3; i++) {
		r.m.zones[i].pcp_high = 0;
		r.m.zones[i].pcp_batch = 1;
		r.m.zones[i].wmark_min = 10;
		r.m.zones[i].wmark_low = 10;
	}
	r.m.zones[0].reserve[KMR_ZONE_NORMAL] = 300;
	r.m.zones[0].reserve[KMR_ZONE_HIGHMEM] = 500;
	r.m.zones[0].reserve[KMR_ZONE_MOVABLE] = 500;
	r.m.zones[1].reserve[KMR_ZONE_HIGHMEM] = 700;
	r.m.zones[1].reserve[KMR_ZONE_MOVABLE] = 700;
	rig_create(&r);
	dma = &r.b->zones[0];
	normal = &r.b->zones[1];
	rig_seed(&r, 1024, 10, UNMOVABLE);
	rig_seed(&r, 5120, 10, UNMOVABLE);
	/* HighMem has nothing: Normal down to 710, then DMA down to 510 */
	while (rig_alloc(&r, 0, KMR_GFP_HIGHUSER) != KMR_NO_PFN)
		;
	cr_assert_eq(normal->free_pages, 710);
	cr_assert_eq(dma->free_pages, 510);
	while (rig_alloc(&r, 0, KMR_GFP_KERNEL) != KMR_NO_PFN)
		;
	cr_assert_eq(normal->free_pages, 10);
	cr_assert_eq(dma->free_pages, 310);
	while (rig_alloc(&r, 0, KMR_GFP_KERNEL | KMR_GFP_DMA) != KMR_NO_PFN)
		;
	cr_assert_eq(dma->free_pages, 10);
	/* reserves of lower zones hold for those who may go below min too */
	cr_assert_eq(rig_alloc(&r, 0, GFP_ATOMIC_REQ) >= 4096, true);
	rig_check(&r);
	rig_destroy(&r);
}

/* Below low, so that atomic requests take the slow path, where they may reserve. */
static struct kmr_zone *rig_atomic(struct rig *r)
{
	struct kmr_zone *z = rig_marks(r, 0, 1000000);

	return z;
}

Test(page_reserves, highatomic_reserves_a_pageblock)
{
	struct rig r;
	struct kmr_zone *z = rig_atomic(&r);

	rig_seed(&r, 1024, 9, UNMOVABLE);
	r.ops->set_pageblock(r.b, 1024, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, GFP_ATOMIC_REQ), 1024);
	cr_assert_eq(z->highatomic, 512);
	cr_assert_eq(rig_where(&r, 1024).pageblock, HIGHATOMIC);
	cr_assert_eq(z->nonempty[UNMOVABLE], 0);
	cr_assert_eq(z->nonempty[HIGHATOMIC], 0x1f0);
	/* others can't have it, not even as a fallback */
	cr_assert_eq(rig_alloc(&r, 4, GFP_NOWAIT_REQ | KMR_GFP_MOVABLE | KMR_GFP_NOMEMALLOC),
		     KMR_NO_PFN);
	/* the next atomic request does */
	cr_assert_eq(rig_alloc(&r, 4, GFP_ATOMIC_REQ), 1024 + 16);
	cr_assert_eq(z->highatomic, 512);
	rig_check(&r);
	rig_destroy(&r);
}

/* Neither a single page, nor a request that can sleep, nor one that is not urgent. */
Test(page_reserves, highatomic_only_for_atomic_blocks)
{
	struct rig r;
	struct kmr_zone *z = rig_atomic(&r);

	rig_seed(&r, 1024, 9, UNMOVABLE);
	cr_assert_neq(rig_alloc(&r, 0, GFP_ATOMIC_REQ), KMR_NO_PFN);
	cr_assert_neq(rig_alloc(&r, 4, KMR_GFP_KERNEL | KMR_GFP_HIGH), KMR_NO_PFN);
	cr_assert_neq(rig_alloc(&r, 4, GFP_NOWAIT_REQ), KMR_NO_PFN);
	cr_assert_neq(rig_alloc(&r, 4, GFP_ATOMIC_REQ | KMR_GFP_NOMEMALLOC), KMR_NO_PFN);
	cr_assert_eq(z->highatomic, 0);
	cr_assert_neq(rig_alloc(&r, 1, GFP_ATOMIC_REQ), KMR_NO_PFN);
	cr_assert_eq(z->highatomic, 512);
	rig_destroy(&r);
}

/* One pageblock and 1 % of the zone (102 of 10240 pages): two pageblocks here, not three. */
Test(page_reserves, highatomic_limit)
{
	struct rig r;
	struct kmr_zone *z = rig_atomic(&r);

	for (uint32_t pfn = 1024; pfn < 4096; pfn += 1024) {
		r.ops->set_pageblock(r.b, pfn, UNMOVABLE);
		rig_seed(&r, pfn, 4, UNMOVABLE);
		cr_assert_eq(rig_alloc(&r, 4, GFP_ATOMIC_REQ), pfn);
	}
	cr_assert_eq(z->highatomic, 1024);
	cr_assert_eq(rig_where(&r, 1024).pageblock, HIGHATOMIC);
	cr_assert_eq(rig_where(&r, 2048).pageblock, HIGHATOMIC);
	cr_assert_eq(rig_where(&r, 3072).pageblock, UNMOVABLE);
	rig_destroy(&r);
}

/* CMA pageblocks are accounted for otherwise and are not reserved. */
Test(page_reserves, highatomic_not_of_cma)
{
	struct rig r;
	struct kmr_zone *z = rig_atomic(&r);

	r.ops->set_pageblock(r.b, 1024, CMA);
	rig_seed(&r, 1024, 9, CMA);
	cr_assert_eq(rig_alloc(&r, 4, GFP_ATOMIC_REQ | KMR_GFP_MOVABLE), 1024);
	cr_assert_eq(z->highatomic, 0);
	cr_assert_eq(rig_where(&r, 1024).pageblock, CMA);
	rig_check(&r);
	rig_destroy(&r);
}

/* The reserve does not count as free for those who can't have it. */
Test(page_reserves, highatomic_is_not_free_for_others)
{
	struct rig r;
	struct kmr_zone *z = rig_marks(&r, 0, 0);

	r.ops->set_pageblock(r.b, 1024, HIGHATOMIC);
	rig_seed(&r, 1024, 9, HIGHATOMIC);
	z->highatomic = 512;
	rig_seed(&r, 0, 0, UNMOVABLE);
	/* free - highatomic is 1, above 0; then 0, which is not */
	cr_assert_eq(rig_alloc(&r, 0, GFP_NOWAIT_REQ | KMR_GFP_NOMEMALLOC), 0);
	cr_assert_eq(rig_alloc(&r, 0, GFP_NOWAIT_REQ | KMR_GFP_NOMEMALLOC), KMR_NO_PFN);
	/* one that can't sleep takes a page of it rather than fail */
	cr_assert_eq(rig_alloc(&r, 0, GFP_ATOMIC_REQ), 1024);
	rig_check(&r);
	rig_destroy(&r);
}

/* Reserved pageblocks: @n, all free. */
static struct kmr_zone *rig_reserved(struct rig *r, uint32_t n)
{
	struct kmr_zone *z = rig_marks(r, 0, 0);

	for (uint32_t i = 0; i < n; i++) {
		r->ops->set_pageblock(r->b, 1024 + 1024 * i, HIGHATOMIC);
		rig_seed(r, 1024 + 1024 * i, 9, HIGHATOMIC);
		z->highatomic += 512;
	}
	return z;
}

/* Before a request fails the reserve is given up, to the mobility that asks. */
Test(page_reserves, highatomic_is_given_up)
{
	struct rig r;
	struct kmr_zone *z = rig_reserved(&r, 1);

	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 1024);
	cr_assert_eq(z->highatomic, 0);
	cr_assert_eq(rig_where(&r, 1024).pageblock, MOVABLE);
	cr_assert_eq(z->nonempty[HIGHATOMIC], 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* One pageblock a time, and the last one last. */
Test(page_reserves, highatomic_is_given_up_by_pageblocks)
{
	struct rig r;
	struct kmr_zone *z = rig_reserved(&r, 2);

	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), 1024);
	cr_assert_eq(z->highatomic, 512);
	cr_assert_eq(rig_where(&r, 1024).pageblock, UNMOVABLE);
	cr_assert_eq(rig_where(&r, 2048).pageblock, HIGHATOMIC);
	rig_destroy(&r);
}

/*
 * The last reserved pageblock stays while the per-CPU lists have what is needed; those beside it
 * go first.
 */
static uint64_t reserve_after_drain(uint32_t pageblocks)
{
	struct rig r;
	struct kmr_zone *z = rig_reserved(&r, pageblocks);
	uint64_t left;

	z->pcp[0].high = 1000;
	for (uint32_t pfn = 64; pfn < 80; pfn++)
		rig_free(&r, pfn, 0);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 16);
	cr_assert_neq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), KMR_NO_PFN);
	left = z->highatomic;
	rig_check(&r);
	rig_destroy(&r);
	return left;
}

Test(page_reserves, highatomic_keeps_the_last_pageblock)
{
	cr_assert_eq(reserve_after_drain(1), 512);
	cr_assert_eq(reserve_after_drain(2), 512);
	cr_assert_eq(reserve_after_drain(3), 1024);
}

/* Only by those who can sleep. */
Test(page_reserves, highatomic_is_not_given_up_in_a_hurry)
{
	struct rig r;
	struct kmr_zone *z = rig_reserved(&r, 1);

	cr_assert_eq(rig_alloc(&r, 4, GFP_NOWAIT_REQ | KMR_GFP_NOMEMALLOC), KMR_NO_PFN);
	cr_assert_eq(z->highatomic, 512);
	rig_destroy(&r);
}

/* What was reserved and is given up may lie beside an unmerged buddy. */
Test(page_reserves, highatomic_leaves_pageblocks_apart)
{
	struct rig r;
	struct kmr_zone *z = rig_reserved(&r, 1);

	rig_free(&r, 1536, 9);
	r.ops->drain(r.b, -1);
	cr_assert_eq(z->nr_free[9][MOVABLE], 1);
	cr_assert_eq(rig_alloc(&r, 9, GFP_MOVABLE_REQ), 1536);
	rig_free(&r, 1536, 9);
	r.ops->drain(r.b, -1);
	(void)kmr_unreserve_highatomic(r.b, kmr_zonelist(r.b, 0, KMR_ZONE_NORMAL), MOVABLE, true,
				       0);
	cr_assert_eq(z->nr_free[9][MOVABLE], 2);
	rig_check(&r);
	rig_destroy(&r);
}

/* CMA areas are for what can be moved away again. */
Test(page_reserves, cma_only_for_movable)
{
	struct rig r;
	struct kmr_zone *z = rig_marks(&r, 0, 0);

	r.ops->set_pageblock(r.b, 1024, CMA);
	rig_seed(&r, 1024, 9, CMA);
	cr_assert_eq(z->free_cma, 512);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), KMR_NO_PFN);
	cr_assert_eq(rig_alloc(&r, 4, GFP_RECLAIMABLE_REQ), KMR_NO_PFN);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), KMR_NO_PFN);
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 1024);
	cr_assert_eq(z->free_cma, 496);
	cr_assert_eq(z->free_pages, 496);
	cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), 1024 + 16);
	cr_assert_eq(z->free_cma, 495);
	rig_free(&r, 1024 + 16, 0);
	rig_free(&r, 1024, 4);
	cr_assert_eq(z->free_cma, 512);
	ASSERT_LIST(&r, &z->lists[9][CMA], 1024);
	rig_check(&r);
	rig_destroy(&r);
}

/* It goes there first while more than half of what is free is CMA. */
Test(page_reserves, cma_balance)
{
	struct rig r;

	(void)rig_marks(&r, 0, 0);
	r.ops->set_pageblock(r.b, 1024, CMA);
	rig_seed(&r, 1024, 5, CMA);
	rig_seed(&r, 0, 5, MOVABLE);
	/* 32 of 64: not more than half */
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 0);
	/* 32 of 48 */
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 1024);
	/* 16 of 32 */
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 16);
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 1024 + 16);
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), KMR_NO_PFN);
	rig_destroy(&r);
}

/* CMA before taking from another mobility. */
Test(page_reserves, cma_before_a_fallback)
{
	struct rig r;

	(void)rig_marks(&r, 0, 0);
	r.ops->set_pageblock(r.b, 1024, CMA);
	rig_seed(&r, 1024, 4, CMA);
	rig_seed(&r, 0, 9, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 1024);
	cr_assert_eq(r.ops->work(r.b)->extfrag, 0);
	rig_destroy(&r);
}

/* Free CMA pages are not free for those who can't use them. */
Test(page_reserves, cma_does_not_count_for_others)
{
	struct rig r;

	(void)rig_marks(&r, 10, 10);
	r.ops->set_pageblock(r.b, 1024, CMA);
	rig_seed(&r, 1024, 9, CMA);
	rig_seed(&r, 0, 3, UNMOVABLE);
	rig_seed(&r, 16, 1, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 0, GFP_NOWAIT_REQ), KMR_NO_PFN);
	rig_seed(&r, 32, 0, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 0, GFP_NOWAIT_REQ), 32);
	rig_destroy(&r);
}
