// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a trace of a machine short of memory asks of the page allocator: compaction's free scanner
 * (mm/compaction.c), requests whose way is known (mm/page_alloc.c), counts of free pages
 * (mm/vmstat.c), when kswapd is done (mm/vmscan.c).
 */
#include <criterion/criterion.h>
#include <string.h>

#include "support.h"

struct taken {
	kmr_pfn_t first, last;
	uint32_t blocks, pages;
};

static void on_taken(void *ctx, kmr_pfn_t pfn, uint32_t pages)
{
	struct taken *t = ctx;

	if (!t->blocks++)
		t->first = pfn;
	t->last = pfn;
	t->pages += pages;
}

/* Blocks of 4, 8 and 16 frames in the pageblock at 1024, and 512 elsewhere. */
static void three_blocks(struct rig *r)
{
	(void)rig_normal(r, 0, 8192);
	rig_seed(r, 1024 + 8, 2, KMR_MIGRATE_MOVABLE);
	rig_seed(r, 1024 + 64, 3, KMR_MIGRATE_MOVABLE);
	rig_seed(r, 1024 + 160, 4, KMR_MIGRATE_MOVABLE);
	rig_seed(r, 4096, 9, KMR_MIGRATE_MOVABLE);
}

static uint32_t scan(struct rig *r, uint32_t scanned, uint32_t taken, struct taken *t)
{
	const struct kmr_free_range range = { 1024, 1536, scanned, taken };

	return r->ops->follow->isolate_range(r->b, &range, on_taken, t);
}

Test(follow, scanner_takes_what_is_in_its_range)
{
	struct taken t = { 0 };
	struct rig r;

	three_blocks(&r);
	cr_expect_eq(scan(&r, 0, 28, &t), 28);
	cr_expect_eq(t.blocks, 3);
	cr_expect_eq(t.first, 1024 + 8);
	cr_expect_eq(t.last, 1024 + 160);
	cr_expect_eq(rig_where(&r, 1024 + 64).place, KMR_FRAME_USED);
	cr_expect_eq(r.b->zones[0].free_pages, 512);
	rig_check(&r);
	rig_destroy(&r);
}

/* In steps of 16 frames it meets the head at 1024 + 64, and behind that block none. */
Test(follow, scanner_steps)
{
	struct taken t = { 0 };
	struct rig r;

	three_blocks(&r);
	cr_expect_eq(scan(&r, 0, 0, &t), 0);
	cr_expect_eq(t.blocks, 0);
	cr_expect_eq(scan(&r, 0, 8, &t), 8);
	cr_expect_eq(t.first, 1024 + 64);
	cr_expect_eq(rig_where(&r, 1024 + 8).place, KMR_FRAME_BUDDY);
	rig_check(&r);
	rig_destroy(&r);
}

/*
 * Two neighbours of 8 frames: in steps of 8 it leaves the first off the beat and misses the second,
 * in steps of 32 it meets the second alone.  Both take 8; frames looked at tell which.
 */
Test(follow, scanner_steps_by_what_it_looked_at)
{
	static const struct {
		uint32_t scanned, first;
	} cases[] = { { 16 + 7, 1024 + 0x180 }, { 64 + 6, 1024 + 0x168 } };

	for (unsigned int i = 0; i < 2; i++) {
		struct taken t = { 0 };
		struct rig r;

		(void)rig_normal(&r, 0, 8192);
		rig_seed(&r, 1024 + 0x168, 3, KMR_MIGRATE_MOVABLE);
		rig_seed(&r, 1024 + 0x180, 3, KMR_MIGRATE_MOVABLE);
		rig_seed(&r, 4096, 9, KMR_MIGRATE_MOVABLE);
		cr_expect_eq(scan(&r, cases[i].scanned, 8, &t), 8);
		cr_expect_eq(t.first, cases[i].first, "%x", t.first);
		rig_destroy(&r);
	}
}

/* __isolate_free_page(): as if it were allocated with the min watermark. */
Test(follow, scanner_obeys_the_min_watermark)
{
	struct taken t = { 0 };
	struct rig r;

	three_blocks(&r);
	r.b->zones[0].wmark[KMR_ALLOC_WMARK_MIN] = 512;
	/* 540 free: 540 > 512 + 4, 536 > 512 + 8, but not 528 > 512 + 16 */
	cr_expect_eq(scan(&r, 0, 28, &t), 12);
	cr_expect_eq(rig_where(&r, 1024 + 160).place, KMR_FRAME_BUDDY);
	rig_check(&r);
	rig_destroy(&r);
}

static struct kmr_free_search search_of(uint8_t order, uint32_t migrate_pfn, uint32_t free_pfn)
{
	struct kmr_free_search s;

	memset(&s, 0, sizeof(s));
	s.order = order;
	s.search_order = order;
	s.migrate_pfn = migrate_pfn;
	s.free_pfn = free_pfn;
	s.want = KMR_NO_PFN;
	return s;
}

/* From the tail of the largest order below, in the top quarter of what is to be scanned. */
Test(follow, search_prefers_the_top_quarter)
{
	struct kmr_free_search s = search_of(9, 0, 7680);
	struct kmr_list *l;
	struct rig r;

	(void)rig_normal(&r, 0, 8192);
	rig_seed(&r, 512, 5, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 6144, 5, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 1024, 5, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 7168, 4, KMR_MIGRATE_MOVABLE);
	cr_expect_eq(r.ops->follow->free_search(r.b, &s), 6144);
	cr_expect_eq(s.pages, 32);
	cr_expect_eq(s.search_order, 5);
	/* what the search passed comes first from now on */
	l = &r.b->zones[0].lists[5][KMR_MIGRATE_MOVABLE];
	cr_expect_eq(l->head, 1024);
	cr_expect_eq(l->tail, 512);
	/* nothing of order 5 is high enough any more */
	cr_expect_eq(r.ops->follow->free_search(r.b, &s), 7168);
	cr_expect_eq(s.pages, 16);
	cr_expect_eq(r.ops->follow->free_search(r.b, &s), KMR_NO_PFN);
	cr_expect_eq(s.fails, 1);
	rig_check(&r);
	rig_destroy(&r);
}

/* A block in the upper half will do when the top quarter has none; one below will not. */
Test(follow, search_makes_do_with_the_upper_half)
{
	struct kmr_free_search s = search_of(9, 0, 7680);
	struct rig r;

	(void)rig_normal(&r, 0, 8192);
	rig_seed(&r, 4608, 5, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 3072, 5, KMR_MIGRATE_MOVABLE);
	cr_expect_eq(r.ops->follow->free_search(r.b, &s), 4608);
	cr_expect_eq(r.ops->follow->free_search(r.b, &s), KMR_NO_PFN);
	rig_destroy(&r);
}

/* Where the trace tells how many pages were found, blocks of other sizes are not taken. */
Test(follow, search_for_what_was_found)
{
	struct kmr_free_search s = search_of(9, 0, 7680);
	struct rig r;

	(void)rig_normal(&r, 0, 8192);
	rig_seed(&r, 6144, 5, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 7168, 3, KMR_MIGRATE_MOVABLE);
	s.want = 8;
	cr_expect_eq(r.ops->follow->free_search(r.b, &s), 7168);
	s.want = 0;
	cr_expect_eq(r.ops->follow->free_search(r.b, &s), KMR_NO_PFN);
	cr_expect_eq(rig_where(&r, 6144).place, KMR_FRAME_BUDDY);
	rig_destroy(&r);
}

/* fast_find_migrateblock(): lists end with the block that the search stopped at. */
Test(follow, migrate_search_rotates)
{
	struct kmr_free_search s = search_of(9, 512, 7680);
	struct kmr_list *l;
	struct rig r;

	(void)rig_normal(&r, 0, 8192);
	rig_seed(&r, 6144, 5, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 640, 5, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 2048, 5, KMR_MIGRATE_MOVABLE);
	l = &r.b->zones[0].lists[5][KMR_MIGRATE_MOVABLE];
	cr_expect(r.ops->follow->migrate_search(r.b, &s, 512));
	cr_expect_eq(l->head, 2048);
	cr_expect_eq(l->tail, 640);
	/* not at the start of a pageblock: the scanner goes on where it was */
	s.migrate_pfn = 544;
	cr_expect_not(r.ops->follow->migrate_search(r.b, &s, 512));
	/* nor for requests that a per-CPU list would hold */
	s = search_of(3, 512, 7680);
	cr_expect_not(r.ops->follow->migrate_search(r.b, &s, 512));
	rig_check(&r);
	rig_destroy(&r);
}

/* Two nodes of 2048 free frames each, low 100, min 80. */
static void two_nodes(struct rig *r)
{
	bare_machine(&r->m, 9);
	r->m.nr_nodes = 2;
	r->m.nr_cpus = 2;
	r->m.cpu_node[1] = 1;
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, 4096);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 1, 4096, 4096);
	for (unsigned int i = 0; i < 2; i++) {
		r->m.zones[i].wmark_min = 80;
		r->m.zones[i].wmark_low = 100;
		r->m.zones[i].wmark_high = 120;
		r->m.zones[i].stat_threshold = 8;
	}
	rig_create(r);
	for (uint32_t pfn = 0; pfn < 8192; pfn += 4096)
		for (uint32_t i = 0; i < 2048; i += 1024)
			rig_seed(r, pfn + i, 10, KMR_MIGRATE_MOVABLE);
}

static int zone_of_next(const struct rig *r, uint32_t gfp, uint8_t seen, uint64_t dirty_nodes)
{
	const struct kmr_way way = { seen, dirty_nodes };
	const struct kmr_page_request req = { .gfp = gfp, .order = 0, .node = 0, .cpu = 0 };
	const int expected = r->ops->follow->zone_for(r->b, &req, &way);
	kmr_pfn_t pfn;

	r->ops->follow->way(r->b, &way);
	pfn = r->ops->alloc(r->b, &req);
	if (pfn == KMR_NO_PFN)
		return -1;
	cr_expect_eq(rig_where(r, pfn).zone, expected);
	return rig_where(r, pfn).zone;
}

/* node_dirty_ok(): a page for writing goes to a node with few dirty ones, if there is any. */
Test(follow, dirty_nodes_are_spared)
{
	struct rig r;

	two_nodes(&r);
	cr_expect_eq(zone_of_next(&r, GFP_MOVABLE_REQ | KMR_GFP_WRITE, 0, 0), 0);
	cr_expect_eq(zone_of_next(&r, GFP_MOVABLE_REQ | KMR_GFP_WRITE, 0, 1), 1);
	cr_expect_eq(zone_of_next(&r, GFP_MOVABLE_REQ | KMR_GFP_WRITE, 0, 3), 0);
	cr_expect_eq(zone_of_next(&r, GFP_MOVABLE_REQ, 0, 1), 0);
	/* used up by the request that it was for */
	cr_expect_eq(rig_where(&r, rig_alloc(&r, 0, GFP_MOVABLE_REQ | KMR_GFP_WRITE)).zone, 0);
	rig_destroy(&r);
}

/* One that woke kswapd begins with the min watermark. */
Test(follow, slow_path)
{
	struct rig r;

	two_nodes(&r);
	r.b->zones[0].wmark[KMR_ALLOC_WMARK_LOW] = 4000;
	cr_expect_eq(zone_of_next(&r, GFP_MOVABLE_REQ, 0, 0), 1);
	cr_expect_eq(zone_of_next(&r, GFP_MOVABLE_REQ, KMR_WAY_SLOW, 0), 0);
	rig_destroy(&r);
}

/* Reclaimers may take what there is; and what the trace would tell of is not done without it. */
Test(follow, memalloc_and_no_drains)
{
	struct rig r;

	two_nodes(&r);
	for (unsigned int i = 0; i < 2; i++)
		for (unsigned int mark = 0; mark < 3; mark++)
			r.b->zones[i].wmark[mark] = 4000;
	cr_expect_neq(rig_alloc(&r, 0, GFP_MOVABLE_REQ | KMR_GFP_MEMALLOC), KMR_NO_PFN);
	cr_expect_gt(r.b->zones[0].pcp[0].count, 0);
	r.ops->follow->way(r.b, &(struct kmr_way){ KMR_WAY_TOLD, 0 });
	cr_expect_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), KMR_NO_PFN);
	cr_expect_gt(r.b->zones[0].pcp[0].count, 0);
	r.ops->follow->way(r.b, &(struct kmr_way){ KMR_WAY_MEMALLOC, 0 });
	cr_expect_neq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), KMR_NO_PFN);
	r.ops->follow->way(r.b, &(struct kmr_way){ KMR_WAY_TOLD | KMR_WAY_RECLAIMED, 0 });
	cr_expect_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), KMR_NO_PFN);
	cr_expect_eq(r.b->zones[0].pcp[0].count, 0);
	rig_destroy(&r);
}

/* A zone goes over its mark by what CPUs keep to themselves, and no further. */
Test(follow, counts_are_learned)
{
	const struct kmr_page_request req = { .gfp = GFP_MOVABLE_REQ, .order = 0, .node = 0 };
	const struct kmr_way way = { 0, 0 };
	struct kmr_zone *z;
	struct rig r;

	two_nodes(&r);
	z = &r.b->zones[0];
	z->wmark[KMR_ALLOC_WMARK_LOW] = z->free_pages + 9;
	cr_expect_eq(r.ops->follow->zone_for(r.b, &req, &way), 1);
	cr_expect(r.ops->follow->learn_counts(r.b, &req, &way, 0));
	cr_expect_eq(r.ops->follow->zone_for(r.b, &req, &way), 0);
	cr_expect_eq(z->stat_lag, -10);
	cr_expect_eq(z->pcp[0].stat_diff, -8);
	cr_expect_eq(z->pcp[1].stat_diff, -2);
	/* and back */
	cr_expect(r.ops->follow->learn_counts(r.b, &req, &way, 1));
	cr_expect_eq(z->stat_lag, -9);
	z->wmark[KMR_ALLOC_WMARK_LOW] = z->free_pages + 17;
	cr_expect_not(r.ops->follow->learn_counts(r.b, &req, &way, 0));
	cr_expect_eq(z->stat_lag, -9);
	rig_check(&r);
	rig_destroy(&r);
}

/* calculate_pressure_threshold(): (low - min) / CPUs, while kswapd is awake. */
Test(follow, threshold_while_kswapd_is_awake)
{
	struct rig r;

	two_nodes(&r);
	r.ops->follow->kswapd_awake(r.b, 1, true);
	cr_expect_eq(r.b->zones[0].stat_threshold, 8);
	cr_expect_eq(r.b->zones[1].stat_threshold, 10);
	r.ops->follow->kswapd_awake(r.b, 1, false);
	cr_expect_eq(r.b->zones[1].stat_threshold, 8);
	rig_destroy(&r);
}

/* Above the high watermark, boosts included, with as much reclaimed as they were. */
Test(follow, kswapd_is_done)
{
	const struct kmr_follow_ops *f;
	struct rig r;

	(void)rig_normal(&r, 0, 8192);
	f = r.ops->follow;
	for (uint32_t pfn = 0; pfn < 2048; pfn += 512)
		rig_seed(&r, pfn, 9, KMR_MIGRATE_MOVABLE);
	r.b->zones[0].wmark[KMR_ALLOC_WMARK_HIGH] = 2047;
	cr_expect(f->kswapd_done(r.b, 0, 0, UINT8_MAX, UINT8_MAX, 0));
	r.b->zones[0].wmark[KMR_ALLOC_WMARK_HIGH] = 2048;
	cr_expect_not(f->kswapd_done(r.b, 0, 0, UINT8_MAX, UINT8_MAX, 0));
	/* a boosted round tells of its end: mm_compaction_suitable */
	r.b->zones[0].wmark[KMR_ALLOC_WMARK_HIGH] = 1000;
	f->boost(r.b, 0, true);
	cr_expect_eq(r.b->zones[0].boost, 512);
	r.ops->kswapd(r.b, 0, true);
	cr_expect_not(f->kswapd_done(r.b, 0, 0, UINT8_MAX, UINT8_MAX, 4096));
	r.ops->kswapd(r.b, 0, false);
	cr_expect_eq(r.b->zones[0].boost, 0);
	f->boost(r.b, 0, true);
	f->boost(r.b, 0, false);
	cr_expect_eq(r.b->zones[0].boost, 0);
	rig_destroy(&r);
}

/* A round for DMA leaves Normal as it is. */
Test(follow, round_for_lower_zones)
{
	struct rig r;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_DMA, 0, 0, 4096);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 4096, 4096);
	for (unsigned int i = 0; i < 2; i++)
		r.m.zones[i].wmark_high = 100;
	rig_create(&r);
	r.ops->follow->boost(r.b, 0, true);
	r.ops->follow->boost(r.b, 4096, true);
	r.ops->kswapd(r.b, 0, true);
	r.ops->follow->limit_round(r.b, 0, 0);
	cr_expect(r.b->zones[0].reclaim_active);
	cr_expect_not(r.b->zones[1].reclaim_active);
	r.ops->kswapd(r.b, 0, false);
	cr_expect_eq(r.b->zones[0].boost, 0);
	cr_expect_eq(r.b->zones[1].boost, 512);
	rig_destroy(&r);
}

/* pgdat_balanced(): one zone above its mark will do, if it may be used. */
Test(follow, balanced_by_one_zone)
{
	struct rig r;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_DMA, 0, 0, 4096);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 4096, 4096);
	r.m.zones[0].wmark_high = 2000;
	r.m.zones[1].wmark_high = 500;
	rig_create(&r);
	rig_seed(&r, 0, 10, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 4096, 10, KMR_MIGRATE_MOVABLE);
	cr_expect_not(r.ops->follow->balanced(r.b, 0, 0, 0));
	cr_expect(r.ops->follow->balanced(r.b, 0, 0, 1));
	rig_destroy(&r);
}
