// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fallbacks between mobilities, held against __rmqueue_fallback(), can_steal_fallback(),
 * steal_suitable_fallback() and boost_watermark() of mm/page_alloc.c in Linux 6.1.  Pageblocks
 * are 512 frames here; requests of order 4 and above bypass the per-CPU lists.
 */
#include "support.h"

#define UNMOVABLE   KMR_MIGRATE_UNMOVABLE
#define MOVABLE	    KMR_MIGRATE_MOVABLE
#define RECLAIMABLE KMR_MIGRATE_RECLAIMABLE

/* A zone whose per-CPU lists hold nothing, so that every request shows. */
static struct kmr_zone *rig_plain(struct rig *r, struct witness *w)
{
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, 16384);
	r->m.zones[0].pcp_high = 0;
	r->m.zones[0].pcp_batch = 1;
	rig_create(r);
	rig_watch(r, w);
	return &r->b->zones[0];
}

/* The only fallback that was told of. */
static const struct kmr_extfrag *only_extfrag(const struct witness *w)
{
	const struct kmr_extfrag *ef = NULL;

	for (unsigned int i = 0; i < w->count; i++)
		if (w->told[i].what == TOLD_EXTFRAG) {
			cr_assert_null(ef, "more than one fallback");
			ef = &w->told[i].ef;
		}
	cr_assert_not_null(ef, "no fallback");
	return ef;
}

static unsigned int type_of(const struct rig *r, kmr_pfn_t pfn)
{
	return rig_where(r, pfn).pageblock;
}

Test(page_mobility, none_while_the_own_lists_have_blocks)
{
	struct witness w;
	struct rig r;

	(void)rig_plain(&r, &w);
	rig_seed(&r, 1024, 10, MOVABLE);
	rig_seed(&r, 0, 0, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 0);
	cr_assert_eq(witness_count(&w, TOLD_EXTFRAG), 0);
	cr_assert_eq(r.ops->work(r.b)->extfrag, 0);
	rig_destroy(&r);
}

Test(page_mobility, unmovable_takes_from_the_largest)
{
	const struct kmr_extfrag *ef;
	struct witness w;
	struct rig r;

	(void)rig_plain(&r, &w);
	rig_seed(&r, 16, 4, MOVABLE);
	rig_seed(&r, 512, 6, MOVABLE);
	rig_seed(&r, 1024, 5, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 512);
	ef = only_extfrag(&w);
	cr_assert_eq(ef->pfn, 512);
	cr_assert_eq(ef->order, 0);
	cr_assert_eq(ef->fallback_order, 6);
	cr_assert_eq(ef->migratetype, UNMOVABLE);
	cr_assert_eq(ef->fallback_migratetype, MOVABLE);
	cr_assert_eq(ef->zone, 0);
	/* it is told before the block leaves the lists */
	cr_assert_eq(w.told[0].what, TOLD_EXTFRAG);
	cr_assert_eq(w.told[1].what, TOLD_REFILL);
	cr_assert_eq(w.told[1].type, UNMOVABLE);
	rig_check(&r);
	rig_destroy(&r);
}

/* Of equally large blocks, the kernel's table of fallbacks decides. */
static unsigned int first_fallback(uint32_t gfp)
{
	const struct kmr_extfrag *ef;
	unsigned int from;
	struct witness w;
	struct rig r;

	(void)rig_plain(&r, &w);
	for (unsigned int t = 0; t < KMR_MIGRATE_PCPTYPES; t++) {
		r.ops->set_pageblock(r.b, 512 * t, t);
		if (t != kmr_gfp_migratetype(gfp))
			rig_seed(&r, 512 * t, 5, t);
	}
	cr_assert_neq(rig_alloc(&r, 4, gfp), KMR_NO_PFN);
	ef = only_extfrag(&w);
	from = ef->fallback_migratetype;
	rig_destroy(&r);
	return from;
}

Test(page_mobility, order_of_fallbacks)
{
	cr_assert_eq(first_fallback(KMR_GFP_KERNEL), RECLAIMABLE);
	cr_assert_eq(first_fallback(GFP_RECLAIMABLE_REQ), UNMOVABLE);
	cr_assert_eq(first_fallback(GFP_MOVABLE_REQ), RECLAIMABLE);
}

/* A larger block of a worse type goes before a smaller one of a better type. */
Test(page_mobility, size_before_type)
{
	struct witness w;
	struct rig r;

	(void)rig_plain(&r, &w);
	rig_seed(&r, 0, 5, RECLAIMABLE);
	rig_seed(&r, 512, 6, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 512);
	cr_assert_eq(only_extfrag(&w)->fallback_migratetype, MOVABLE);
	rig_destroy(&r);
}

/* High-atomic, CMA and isolated pageblocks are no fallback. */
Test(page_mobility, odd_types_are_no_fallback)
{
	struct witness w;
	struct rig r;

	(void)rig_plain(&r, &w);
	rig_seed(&r, 0, 9, KMR_MIGRATE_ISOLATE);
	rig_seed(&r, 512, 9, KMR_MIGRATE_CMA);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), KMR_NO_PFN);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), KMR_NO_PFN);
	cr_assert_eq(witness_count(&w, TOLD_EXTFRAG), 0);
	rig_destroy(&r);
}

/*
 * A movable request splits the smallest block when even the largest is too small to be worth its
 * pageblock (below half of the pageblock's order), and takes just that block.
 */
Test(page_mobility, movable_splits_the_smallest)
{
	const struct kmr_extfrag *ef;
	struct kmr_zone *z;
	struct witness w;
	struct rig r;

	z = rig_plain(&r, &w);
	for (uint32_t pfn = 0; pfn < 2048; pfn += 512)
		r.ops->set_pageblock(r.b, pfn, UNMOVABLE);
	rig_seed(&r, 0, 3, UNMOVABLE);
	rig_seed(&r, 512, 1, UNMOVABLE);
	rig_seed(&r, 520, 2, UNMOVABLE);
	rig_seed(&r, 1024, 2, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), 512);
	ef = only_extfrag(&w);
	cr_assert_eq(ef->fallback_order, 1);
	cr_assert_not(ef->change_owner);
	ASSERT_LIST(&r, &z->lists[0][MOVABLE], 513);
	ASSERT_LIST(&r, &z->lists[2][UNMOVABLE], 520, 1024);
	cr_assert_eq(type_of(&r, 512), UNMOVABLE);
	rig_check(&r);
	rig_destroy(&r);
}

/* At half of the pageblock's order, the largest is taken, and its pageblock's free blocks too. */
Test(page_mobility, movable_steals_large_blocks)
{
	struct kmr_zone *z;
	struct witness w;
	struct rig r;

	z = rig_plain(&r, &w);
	r.ops->set_pageblock(r.b, 0, UNMOVABLE);
	r.ops->set_pageblock(r.b, 512, UNMOVABLE);
	rig_seed(&r, 512, 1, UNMOVABLE);
	rig_seed(&r, 0, 4, UNMOVABLE);
	rig_seed(&r, 64, 2, UNMOVABLE);
	/* the smallest of what came along serves the request */
	cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), 64);
	cr_assert_eq(only_extfrag(&w)->pfn, 0);
	cr_assert_eq(only_extfrag(&w)->fallback_order, 4);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 0);
	ASSERT_LIST(&r, &z->lists[1][UNMOVABLE], 512);
	cr_assert_eq(r.ops->work(r.b)->pages_moved, 20);
	rig_check(&r);
	rig_destroy(&r);
}

/* Moved blocks go to the tails: they shall be used last. */
Test(page_mobility, moved_blocks_at_the_tail)
{
	struct kmr_zone *z;
	struct witness w;
	struct rig r;

	z = rig_plain(&r, &w);
	rig_seed(&r, 2048, 4, UNMOVABLE);
	rig_seed(&r, 512, 5, MOVABLE);
	rig_seed(&r, 640, 4, MOVABLE);
	rig_seed(&r, 704, 4, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 5, KMR_GFP_KERNEL), 512);
	ASSERT_LIST(&r, &z->lists[4][UNMOVABLE], 2048, 640, 704);
	rig_destroy(&r);
}

/* A movable request of just the block's order has no smaller one to split. */
Test(page_mobility, movable_takes_one_of_its_order)
{
	struct witness w;
	struct rig r;

	(void)rig_plain(&r, &w);
	r.ops->set_pageblock(r.b, 0, UNMOVABLE);
	rig_seed(&r, 0, 3, UNMOVABLE);
	rig_seed(&r, 16, 0, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 3, GFP_MOVABLE_REQ), 0);
	cr_assert_eq(only_extfrag(&w)->fallback_order, 3);
	cr_assert_eq(r.ops->work(r.b)->pages_moved, 0);
	cr_assert_eq(type_of(&r, 0), UNMOVABLE);
	rig_destroy(&r);
}

/*
 * Steals from pageblock 0, of which 64 frames are free and @movable in use can be moved; true
 * when it changed hands.
 */
static bool claims(unsigned int old_type, uint32_t gfp, uint32_t movable)
{
	struct witness w;
	struct rig r;
	bool claimed;

	(void)rig_plain(&r, &w);
	r.ops->set_pageblock(r.b, 0, old_type);
	rig_seed(&r, 0, 9, old_type);
	for (uint32_t pfn = 64; pfn < 512; pfn++)
		r.ops->take(r.b, pfn, 0, pfn - 64 < movable);
	cr_assert_eq(r.b->zones[0].free_pages, 64);
	cr_assert_eq(rig_alloc(&r, 4, gfp), 0);
	claimed = only_extfrag(&w)->change_owner;
	cr_assert_eq(claimed, type_of(&r, 0) == kmr_gfp_migratetype(gfp));
	cr_assert_eq(r.ops->work(r.b)->blocks_claimed, claimed);
	/* its free blocks moved in any case */
	for (unsigned int o = 0; o < 9; o++)
		cr_assert_eq(r.b->zones[0].nr_free[o][old_type], 0);
	rig_check(&r);
	rig_destroy(&r);
	return claimed;
}

/* Free and like frames together have to be half of the pageblock. */
Test(page_mobility, threshold_of_a_claim)
{
	/* unmovable from movable: all that can't be moved is alike; 448 in use */
	cr_assert(claims(MOVABLE, KMR_GFP_KERNEL, 448 - 192));
	cr_assert_not(claims(MOVABLE, KMR_GFP_KERNEL, 448 - 191));
	cr_assert(claims(MOVABLE, GFP_RECLAIMABLE_REQ, 448 - 192));
	cr_assert_not(claims(MOVABLE, GFP_RECLAIMABLE_REQ, 448 - 191));
	/* movable: those that can */
	cr_assert(claims(UNMOVABLE, GFP_MOVABLE_REQ, 192));
	cr_assert_not(claims(UNMOVABLE, GFP_MOVABLE_REQ, 191));
	cr_assert(claims(RECLAIMABLE, GFP_MOVABLE_REQ, 192));
	cr_assert_not(claims(RECLAIMABLE, GFP_MOVABLE_REQ, 191));
	/* unmovable and reclaimable can't be told apart: free frames alone count */
	cr_assert_not(claims(RECLAIMABLE, KMR_GFP_KERNEL, 0));
	cr_assert_not(claims(UNMOVABLE, GFP_RECLAIMABLE_REQ, 448));
}

Test(page_mobility, free_half_is_enough_between_any_types)
{
	struct witness w;
	struct rig r;

	(void)rig_plain(&r, &w);
	r.ops->set_pageblock(r.b, 0, RECLAIMABLE);
	rig_seed(&r, 0, 8, RECLAIMABLE);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), 0);
	cr_assert(only_extfrag(&w)->change_owner);
	cr_assert_eq(type_of(&r, 0), UNMOVABLE);
	rig_destroy(&r);
}

/* Blocks of a pageblock and more change hands whole, with every pageblock in them. */
Test(page_mobility, whole_pageblocks)
{
	const struct kmr_extfrag *ef;
	struct kmr_zone *z;
	struct witness w;
	struct rig r;

	z = rig_plain(&r, &w);
	rig_seed(&r, 1024, 10, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 1024);
	ef = only_extfrag(&w);
	cr_assert_eq(ef->fallback_order, 10);
	cr_assert(ef->change_owner);
	cr_assert_eq(type_of(&r, 1024), UNMOVABLE);
	cr_assert_eq(type_of(&r, 1536), UNMOVABLE);
	cr_assert_eq(type_of(&r, 512), MOVABLE);
	ASSERT_LIST(&r, &z->lists[9][UNMOVABLE], 1536);
	cr_assert_eq(z->boost, 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* The kernel can't tell whose a pageblock is that reaches out of the zone: only the block goes. */
Test(page_mobility, edges_of_the_zone)
{
	struct kmr_zone *z;
	struct witness w;
	struct rig r;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 100, 12000 - 100);
	r.m.zones[0].pcp_high = 0;
	r.m.zones[0].pcp_batch = 1;
	rig_create(&r);
	rig_watch(&r, &w);
	z = &r.b->zones[0];
	/* the last pageblock is [11776, 12288), the zone ends at 12000 */
	rig_seed(&r, 11776, 5, MOVABLE);
	rig_seed(&r, 11840, 4, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), 11776);
	cr_assert_not(only_extfrag(&w)->change_owner);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 11840);
	/* in the first, [100, 512), from the block on */
	w.count = 0;
	rig_seed(&r, 128, 4, MOVABLE);
	rig_seed(&r, 192, 6, MOVABLE);
	rig_seed(&r, 320, 4, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 5, KMR_GFP_KERNEL), 192);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 11840, 128);
	ASSERT_LIST(&r, &z->lists[4][UNMOVABLE], 11792, 320);
	rig_check(&r);
	rig_destroy(&r);
}

/* Blocks left on ordinary lists within a reserved pageblock go alone. */
Test(page_mobility, reserved_pageblocks_are_not_claimed)
{
	struct witness w;
	struct rig r;

	(void)rig_plain(&r, &w);
	rig_seed(&r, 0, 5, MOVABLE);
	rig_seed(&r, 64, 5, MOVABLE);
	r.ops->set_pageblock(r.b, 0, KMR_MIGRATE_HIGHATOMIC);
	cr_assert_eq(rig_alloc(&r, 5, KMR_GFP_KERNEL), 0);
	cr_assert_not(only_extfrag(&w)->change_owner);
	cr_assert_eq(type_of(&r, 0), KMR_MIGRATE_HIGHATOMIC);
	cr_assert_eq(r.b->zones[0].nr_free[5][MOVABLE], 1);
	rig_destroy(&r);
}

/* Without grouping by mobility every request is unmovable, and all of it is claimed. */
Test(page_mobility, grouping_off)
{
	uint64_t values[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };
	struct witness w;
	struct rig r;

	(void)rig_plain(&r, &w);
	rig_destroy(&r);
	r.ops = kmr_page_backend_parse("linux-6.1,mobility=0", values, &err);
	cr_assert_not_null(r.ops);
	r.b = r.ops->create(&r.m, values, &err);
	cr_assert_not_null(r.b);
	rig_watch(&r, &w);
	rig_seed(&r, 0, 5, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, GFP_MOVABLE_REQ), 0);
	cr_assert_eq(only_extfrag(&w)->migratetype, UNMOVABLE);
	cr_assert(only_extfrag(&w)->change_owner);
	rig_destroy(&r);
	/* it is off by itself on machines of few pageblocks: build_all_zonelists() */
	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 6 * 512);
	rig_create(&r);
	cr_assert(r.b->mobility);
	rig_destroy(&r);
	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 6 * 512 - 1);
	rig_create(&r);
	cr_assert_not(r.b->mobility);
	rig_destroy(&r);
}

/* Makes one fallback below a pageblock's order, in pageblock @n. */
static void fall_back(const struct rig *r, uint32_t n)
{
	rig_seed(r, n * 512, 6, MOVABLE);
	cr_assert_eq(rig_alloc(r, 6, KMR_GFP_KERNEL), n * 512);
}

static void rig_boost(struct rig *r, uint64_t managed, uint64_t high)
{
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, 16384);
	r->m.zones[0].managed = managed;
	r->m.zones[0].wmark_min = 0;
	r->m.zones[0].wmark_low = high ? 1 : 0;
	r->m.zones[0].wmark_high = high;
	r->m.zones[0].pcp_high = 0;
	r->m.zones[0].pcp_batch = 1;
	rig_create(r);
	/* enough to stay above the watermarks, where no fallback sees it */
	rig_seed(r, 8192, 10, KMR_MIGRATE_HIGHATOMIC);
	rig_seed(r, 9216, 10, KMR_MIGRATE_HIGHATOMIC);
	rig_seed(r, 10240, 10, KMR_MIGRATE_HIGHATOMIC);
}

Test(page_mobility, boost_grows_to_its_cap)
{
	static const uint64_t boosts[] = { 512, 1024, 1500, 1500 };
	struct kmr_zone_state state;
	struct rig r;

	rig_boost(&r, 16384, 1000);
	for (uint32_t i = 0; i < 4; i++) {
		fall_back(&r, i);
		r.ops->zone_state(r.b, 0, &state);
		cr_assert_eq(state.boost, boosts[i], "fallback %u: boost %" PRIu64, i, state.boost);
		cr_assert_eq(state.wmark_min, boosts[i]);
		cr_assert_eq(state.wmark_low, boosts[i] + 1);
		cr_assert_eq(state.wmark_high, boosts[i] + 1000);
	}
	/* kswapd takes it back when it is done */
	r.ops->kswapd(r.b, 0, true);
	cr_assert_eq(r.b->zones[0].boost, 1500);
	r.ops->kswapd(r.b, 0, false);
	cr_assert_eq(r.b->zones[0].boost, 0);
	rig_destroy(&r);
}

Test(page_mobility, boost_is_a_pageblock_at_least)
{
	struct rig r;

	rig_boost(&r, 16384, 10);
	fall_back(&r, 0);
	cr_assert_eq(r.b->zones[0].boost, 512);
	fall_back(&r, 1);
	cr_assert_eq(r.b->zones[0].boost, 512);
	rig_destroy(&r);
}

Test(page_mobility, no_boost)
{
	struct rig r;

	/* without watermarks */
	rig_boost(&r, 16384, 0);
	fall_back(&r, 0);
	cr_assert_eq(r.b->zones[0].boost, 0);
	rig_destroy(&r);
	/* in zones of fewer than four pageblocks */
	rig_boost(&r, 2047, 1000);
	fall_back(&r, 0);
	cr_assert_eq(r.b->zones[0].boost, 0);
	rig_destroy(&r);
	rig_boost(&r, 2048, 1000);
	fall_back(&r, 0);
	cr_assert_eq(r.b->zones[0].boost, 512);
	rig_destroy(&r);
	/* when a whole pageblock was claimed */
	rig_boost(&r, 16384, 1000);
	rig_seed(&r, 0, 9, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 6, KMR_GFP_KERNEL), 0);
	cr_assert_eq(r.b->zones[0].boost, 0);
	rig_destroy(&r);
}

/* Where the trace tells nothing of kswapd, a boost ends by itself. */
Test(page_mobility, boost_ends_without_kswapd)
{
	struct rig r;

	rig_boost(&r, 16384, 1000);
	r.ops->tick(r.b, 1000);
	fall_back(&r, 0);
	cr_assert_eq(r.b->zones[0].boost, 512);
	r.ops->tick(r.b, 1000 + KMR_BOOST_NS - 1);
	cr_assert_eq(r.b->zones[0].boost, 512);
	r.ops->tick(r.b, 1000 + KMR_BOOST_NS);
	cr_assert_eq(r.b->zones[0].boost, 0);
	rig_destroy(&r);
}

/* DMA32 at [0, 4096), Normal at [4096, 12288), per-CPU lists that hold nothing. */
static void rig_dma32(struct rig *r, const char *spec)
{
	uint64_t values[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };

	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_DMA32, 0, 0, 4096);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 4096, 8192);
	for (int i = 0; i < 2; i++) {
		r->m.zones[i].pcp_high = 0;
		r->m.zones[i].pcp_batch = 1;
	}
	r->ops = kmr_page_backend_parse(spec, values, &err);
	cr_assert_not_null(r->ops);
	r->b = r->ops->create(&r->m, values, &err);
	cr_assert_not_null(r->b);
}

/* Normal would have to mix; DMA32 need not. */
Test(page_mobility, lower_zone_before_fragmenting)
{
	struct rig r;

	rig_dma32(&r, "linux-6.1");
	rig_seed(&r, 4096, 8, MOVABLE);
	r.ops->set_pageblock(r.b, 0, UNMOVABLE);
	rig_seed(&r, 0, 4, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), 0);
	cr_assert_eq(r.ops->work(r.b)->extfrag, 0);
	/* DMA32 is used up: back to Normal, and mix */
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), 4096);
	cr_assert_eq(r.ops->work(r.b)->extfrag, 1);
	rig_destroy(&r);
}

/* A whole pageblock may always be taken: nothing is mixed. */
Test(page_mobility, whole_pageblock_before_the_lower_zone)
{
	struct rig r;

	rig_dma32(&r, "linux-6.1");
	rig_seed(&r, 4096, 9, MOVABLE);
	r.ops->set_pageblock(r.b, 0, UNMOVABLE);
	rig_seed(&r, 0, 4, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), 4096);
	cr_assert_eq(type_of(&r, 4096), UNMOVABLE);
	rig_destroy(&r);
	/* in DMA32 as well, when Normal has none */
	rig_dma32(&r, "linux-6.1");
	rig_seed(&r, 4096, 8, MOVABLE);
	rig_seed(&r, 512, 9, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), 512);
	rig_destroy(&r);
}

Test(page_mobility, nofragment_off)
{
	struct rig r;

	rig_dma32(&r, "linux-6.1,nofragment=0");
	rig_seed(&r, 4096, 8, MOVABLE);
	r.ops->set_pageblock(r.b, 0, UNMOVABLE);
	rig_seed(&r, 0, 4, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), 4096);
	cr_assert_eq(r.ops->work(r.b)->extfrag, 1);
	rig_destroy(&r);
}

/* Without a DMA32 zone, as on i386, there is no such rule. */
Test(page_mobility, no_dma32_no_rule)
{
	struct rig r;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_DMA, 0, 0, 4096);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 4096, 8192);
	rig_create(&r);
	rig_seed(&r, 4096, 8, MOVABLE);
	r.ops->set_pageblock(r.b, 0, UNMOVABLE);
	rig_seed(&r, 0, 4, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), 4096);
	rig_destroy(&r);
}

/* Staying on the node is worth more: the rule ends where the node does. */
Test(page_mobility, remote_node_is_worse_than_mixing)
{
	struct rig r;

	bare_machine(&r.m, 9);
	r.m.nr_nodes = 2;
	(void)add_zone(&r.m, KMR_ZONE_DMA32, 0, 0, 4096);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 4096, 4096);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 1, 8192, 4096);
	rig_create(&r);
	rig_seed(&r, 4096, 8, MOVABLE);
	r.ops->set_pageblock(r.b, 8192, UNMOVABLE);
	rig_seed(&r, 8192, 4, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL), 4096);
	rig_destroy(&r);
}
