// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free lists of one type, and fallbacks that claim pageblocks or steal blocks, held against
 * __rmqueue_claim(), try_to_steal_block(), __rmqueue_steal(), __free_one_page(),
 * split_large_buddy() and reserve_highatomic_pageblock() of mm/page_alloc.c in Linux 6.12.117.
 * Pageblocks are 512 frames.
 */
#include "support.h"

#define UNMOVABLE   KMR_MIGRATE_UNMOVABLE
#define MOVABLE	    KMR_MIGRATE_MOVABLE
#define RECLAIMABLE KMR_MIGRATE_RECLAIMABLE
#define HIGHATOMIC  KMR_MIGRATE_HIGHATOMIC

/* A zone whose per-CPU lists hold nothing, so that every request shows. */
static struct kmr_zone *rig_plain(struct rig *r, struct witness *w, uint64_t pages)
{
	rig_backend = "linux-6.12";
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, pages);
	r->m.zones[0].pcp_high = 0;
	r->m.zones[0].pcp_high_max = 1;
	r->m.zones[0].pcp_batch = 1;
	rig_create(r);
	for (unsigned int i = 0; i < r->b->nr_cpus; i++)
		r->b->zones[0].pcp[i].high_max = 0;
	rig_watch(r, w);
	return &r->b->zones[0];
}

static unsigned int type_of(const struct rig *r, kmr_pfn_t pfn)
{
	return rig_where(r, pfn).pageblock;
}

/* A movable request leaves the pageblock of a small block alone, and its rest where it was. */
Test(page_claim, movable_steals_the_smallest)
{
	struct witness w;
	struct rig r;
	struct kmr_zone *z = rig_plain(&r, &w, 16384);

	r.ops->set_pageblock(r.b, 0, UNMOVABLE);
	rig_seed(&r, 8, 3, UNMOVABLE);
	rig_seed(&r, 64, 2, UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), 64);
	cr_assert_eq(w.count, 1, "no mm_page_alloc_zone_locked for what is stolen");
	cr_assert_eq(w.told[0].what, TOLD_EXTFRAG);
	cr_assert_eq(w.told[0].pfn, 64);
	cr_assert_eq(w.told[0].ef.fallback_order, 2);
	cr_assert_eq(w.told[0].ef.fallback_migratetype, UNMOVABLE);
	cr_assert_not(w.told[0].ef.change_owner);
	cr_assert_eq(type_of(&r, 64), UNMOVABLE);
	ASSERT_LIST(&r, &z->lists[1][UNMOVABLE], 66);
	ASSERT_LIST(&r, &z->lists[0][UNMOVABLE], 65);
	rig_check(&r);
	rig_destroy(&r);
}

/* Half of the pageblock is free or of a kind with the request: all of it becomes the request's. */
Test(page_claim, unmovable_claims_a_pageblock)
{
	struct witness w;
	struct rig r;
	struct kmr_zone *z = rig_plain(&r, &w, 16384);

	rig_seed(&r, 512 + 64, 6, MOVABLE);
	rig_seed(&r, 512 + 8, 0, MOVABLE);
	/* not of the largest block, but what the claimed pageblock has that will do */
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 512 + 8);
	cr_assert_eq(w.count, 2);
	cr_assert_eq(w.told[0].what, TOLD_REFILL);
	cr_assert_eq(w.told[0].pfn, 512 + 8);
	cr_assert_eq(w.told[1].what, TOLD_EXTFRAG);
	cr_assert_eq(w.told[1].pfn, 512 + 8);
	cr_assert_eq(w.told[1].ef.fallback_order, 6);
	cr_assert(w.told[1].ef.change_owner);
	cr_assert_eq(type_of(&r, 512), UNMOVABLE);
	ASSERT_LIST(&r, &z->lists[6][UNMOVABLE], 512 + 64);
	rig_check(&r);
	rig_destroy(&r);
}

/* Too much in it that could be moved: no claim of it, nor of the next; then one block is stolen. */
Test(page_claim, unmovable_steals_where_it_can_t_claim)
{
	struct witness w;
	struct rig r;
	struct kmr_zone *z = rig_plain(&r, &w, 16384);

	rig_seed(&r, 512, 9, MOVABLE);
	r.ops->take(r.b, 512, 9, true);
	r.ops->free_prepare(r.b, 1008);
	for (uint32_t pfn = 1008; pfn < 1024; pfn++)
		r.ops->buddy_put(r.b, pfn, 0, MOVABLE, 0);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 1008);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 1008);
	cr_assert_eq(witness_count(&w, TOLD_REFILL), 0);
	cr_assert_eq(witness_count(&w, TOLD_EXTFRAG), 1);
	cr_assert_eq(type_of(&r, 1008), MOVABLE);
	ASSERT_LIST(&r, &z->lists[3][MOVABLE], 1016);
	rig_check(&r);
	rig_destroy(&r);
}

/* A block of two pageblocks is claimed with both of them. */
Test(page_claim, whole_pageblocks)
{
	struct witness w;
	struct rig r;
	struct kmr_zone *z = rig_plain(&r, &w, 16384);

	rig_seed(&r, 1024, 10, MOVABLE);
	rig_seed(&r, 512, 3, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 1024);
	cr_assert_eq(w.count, 1);
	cr_assert_eq(w.told[0].what, TOLD_EXTFRAG);
	cr_assert_eq(w.told[0].ef.fallback_order, 10);
	cr_assert(w.told[0].ef.change_owner);
	cr_assert_eq(type_of(&r, 1024), UNMOVABLE);
	cr_assert_eq(type_of(&r, 1536), UNMOVABLE);
	cr_assert_eq(type_of(&r, 512), MOVABLE);
	ASSERT_LIST(&r, &z->lists[9][UNMOVABLE], 1536);
	cr_assert_eq(r.ops->work(r.b)->blocks_claimed, 1);
	rig_check(&r);
	rig_destroy(&r);
}

/* Between unmovable and reclaimable used frames count for neither: half must be free. */
Test(page_claim, reclaimable_of_unmovable)
{
	static const struct {
		unsigned int order;
		bool claimed;
	} cases[] = { { 8, true }, { 7, false } };

	for (unsigned int i = 0; i < 2; i++) {
		struct witness w;
		struct rig r;

		(void)rig_plain(&r, &w, 16384);
		r.ops->set_pageblock(r.b, 512, UNMOVABLE);
		rig_seed(&r, 512, cases[i].order, UNMOVABLE);
		cr_assert_eq(rig_alloc(&r, 0, GFP_RECLAIMABLE_REQ), 512);
		cr_assert_eq(type_of(&r, 512), cases[i].claimed ? RECLAIMABLE : UNMOVABLE);
		rig_check(&r);
		rig_destroy(&r);
	}
}

/* One refill: what was claimed is used up from the own lists, what was stolen is searched again. */
Test(page_claim, a_refill_remembers)
{
	struct witness w;
	struct rig r;
	struct kmr_pcp *pcp;

	(void)rig_plain(&r, &w, 16384);
	pcp = &r.b->zones[0].pcp[0];
	pcp->high_min = pcp->high_max = 100;
	pcp->batch = 4;
	r.ops->set_pageblock(r.b, 0, UNMOVABLE);
	rig_seed(&r, 8, 1, UNMOVABLE);
	rig_seed(&r, 64, 1, UNMOVABLE);
	cr_assert_neq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), KMR_NO_PFN);
	cr_assert_eq(pcp->count, 3);
	cr_assert_eq(witness_count(&w, TOLD_EXTFRAG), 4);
	cr_assert_eq(witness_count(&w, TOLD_REFILL), 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* Before memory of other zones was tried, only whole pageblocks are taken from other types. */
Test(page_claim, without_fragmenting)
{
	struct witness w;
	struct rig r;
	enum kmr_rmqueue_mode mode = KMR_RMQUEUE_NORMAL;
	struct kmr_zone *z = rig_plain(&r, &w, 16384);

	rig_seed(&r, 512, 8, MOVABLE);
	cr_assert_eq(kmr_rmqueue_claiming(r.b, z, 0, 0, UNMOVABLE, KMR_ALLOC_NOFRAGMENT, &mode),
		     KMR_NO_PFN);
	cr_assert_eq(w.count, 0);
	cr_assert_eq(type_of(&r, 512), MOVABLE);
	rig_destroy(&r);
}

/* A pageblock that the zone has a part of only is never claimed. */
Test(page_claim, pageblock_at_the_end)
{
	struct witness w;
	struct rig r;

	(void)rig_plain(&r, &w, 1024 + 300);
	rig_seed(&r, 1024, 8, MOVABLE);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 1024);
	cr_assert_eq(type_of(&r, 1024), MOVABLE);
	rig_check(&r);
	rig_destroy(&r);
}

/* From a pageblock upwards what merges becomes one type, that of the block freed last. */
Test(page_claim, merged_pageblocks_are_one_type)
{
	struct witness w;
	struct rig r;
	struct kmr_zone *z = rig_plain(&r, &w, 16384);

	r.ops->set_pageblock(r.b, 1536, UNMOVABLE);
	rig_seed(&r, 1024, 9, MOVABLE);
	rig_free(&r, 1536, 9);
	r.ops->drain(r.b, -1);
	ASSERT_LIST(&r, &z->lists[10][UNMOVABLE], 1024);
	cr_assert_eq(type_of(&r, 1024), UNMOVABLE);
	rig_check(&r);
	rig_destroy(&r);
}

/* Pageblocks of a reserve do not merge with others, and blocks larger than them are cut first. */
Test(page_claim, large_blocks_by_pageblock)
{
	struct witness w;
	struct rig r;
	struct kmr_zone *z = rig_plain(&r, &w, 16384);

	r.ops->set_pageblock(r.b, 1536, HIGHATOMIC);
	rig_free(&r, 1024, 10);
	ASSERT_LIST(&r, &z->lists[9][MOVABLE], 1024);
	ASSERT_LIST(&r, &z->lists[9][HIGHATOMIC], 1536);
	cr_assert_eq(z->free_highatomic, 512);
	rig_check(&r);
	rig_destroy(&r);
}

/* A drained frame goes by its pageblock as it is then; until 6.9 as it was when it was freed. */
Test(page_claim, drained_by_the_pageblock_of_now)
{
	static const struct {
		const char *backend;
		unsigned int type;
	} cases[] = { { "linux-6.12", UNMOVABLE }, { "linux-6.1", MOVABLE } };

	for (unsigned int i = 0; i < 2; i++) {
		struct rig r;

		rig_backend = cases[i].backend;
		(void)rig_normal(&r, 0, 16384);
		rig_free(&r, 700, 0);
		r.ops->set_pageblock(r.b, 700, UNMOVABLE);
		r.ops->drain(r.b, -1);
		cr_assert_eq(rig_where(&r, 700).migratetype, cases[i].type, "%s", cases[i].backend);
		rig_check(&r);
		rig_destroy(&r);
	}
}

/* 1 % of the zone, rounded up to pageblocks; none if that is less than one. */
Test(page_claim, reserve)
{
	static const struct {
		uint64_t pages, reserved;
	} cases[] = { { 16384, 0 }, { 51200, 512 }, { 65536, 1024 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct witness w;
		struct rig r;
		struct kmr_zone *z = rig_plain(&r, &w, cases[i].pages);

		for (uint32_t pfn = 0; pfn < 4096; pfn += 512) {
			rig_seed(&r, pfn, 4, MOVABLE);
			kmr_reserve_highatomic(r.b, z, pfn, 4, 0);
		}
		cr_assert_eq(z->highatomic, cases[i].reserved, "%" PRIu64 " pages", cases[i].pages);
		cr_assert_eq(z->free_highatomic, cases[i].reserved / 32);
		rig_check(&r);
		/* given back, nothing of it is left */
		while (kmr_unreserve_highatomic(r.b, kmr_zonelist(r.b, 0, KMR_ZONE_NORMAL),
						UNMOVABLE, true, 0))
			;
		cr_assert_eq(z->highatomic, 0);
		cr_assert_eq(z->free_highatomic, 0);
		rig_check(&r);
		rig_destroy(&r);
	}
}

/* Only what is free of the reserve is out of reach: used pages of it are not counted twice. */
Test(page_claim, reserve_in_watermarks)
{
	static const struct {
		const char *backend;
		bool served;
	} cases[] = { { "linux-6.12", true }, { "linux-6.1", false } };

	for (unsigned int i = 0; i < 2; i++) {
		struct rig r;
		struct kmr_zone *z;

		rig_backend = cases[i].backend;
		z = rig_normal(&r, 0, 65536);
		rig_seed(&r, 1024, 9, MOVABLE);
		z->highatomic = 512; /* all of it in use */
		cr_assert_eq(kmr_watermark_ok(r.b, z, 0, 100, KMR_ZONE_NORMAL, 0), cases[i].served,
			     "%s", cases[i].backend);
		rig_destroy(&r);
	}
}
