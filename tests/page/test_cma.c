// SPDX-License-Identifier: GPL-2.0-only
/*
 * CMA areas: who may borrow from them and when, which range a request gets, what is moved out of
 * its way and where what is left of the range goes.  Numbers follow mm/cma.c, mm/page_isolation.c,
 * mm/compaction.c and __rmqueue() of Linux 6.1.
 */
#include "page/contig.h"
#include "support.h"

#define GFP_HIGHUSER_REQ KMR_GFP_HIGHUSER_MOV
#define AREA		 8192u
#define AREA_PAGES	 4096u /* 16 MiB */

/*
 * One zone of @spanned frames with an area [@start, @start + @pages); nothing but the area is free
 * yet.
 */
static struct kmr_zone *rig_area(struct rig *r, uint64_t spanned, uint64_t start, uint64_t pages,
				 uint8_t order_per_bit)
{
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, spanned);
	r->m.nr_cma = 1;
	(void)snprintf(r->m.cma[0].name, sizeof(r->m.cma[0].name), "reserved");
	r->m.cma[0].start_pfn = start;
	r->m.cma[0].pages = pages;
	r->m.cma[0].order_per_bit = order_per_bit;
	rig_create(r);
	r->ops->cma_activate(r->b, true);
	rig_check(r);
	return &r->b->zones[0];
}

static struct kmr_zone *rig_usual(struct rig *r)
{
	return rig_area(r, 32768, AREA, AREA_PAGES, 0);
}

static kmr_pfn_t cma_alloc(const struct rig *r, uint64_t pages, unsigned int align)
{
	return r->ops->cma_alloc(r->b, 0, pages, align, 0);
}

static int cma_release(const struct rig *r, kmr_pfn_t pfn, uint64_t pages)
{
	return r->ops->cma_release(r->b, 0, pfn, pages, 0);
}

static bool in_area(uint32_t pfn)
{
	return pfn >= AREA && pfn < AREA + AREA_PAGES;
}

/* Single movable frames until @left are free of the area; returns how many lie in it. */
static uint32_t borrow(const struct rig *r, uint32_t *pfns, uint32_t max)
{
	uint32_t n = 0;

	while (n < max) {
		const kmr_pfn_t pfn = rig_alloc(r, 0, GFP_MOVABLE_REQ);

		if (pfn == KMR_NO_PFN)
			break;
		pfns[n++] = pfn;
	}
	return n;
}

/* init_cma_reserved_pageblock(): pageblock by pageblock, merged with its like. */
Test(page_cma, boot_gives_the_area_to_its_lists)
{
	struct rig r;
	struct kmr_zone *z = rig_usual(&r);
	struct kmr_zone_state state;

	ASSERT_LIST(&r, &z->lists[10][KMR_MIGRATE_CMA], 11264, 10240, 9216, 8192);
	cr_assert_eq(z->free_cma, AREA_PAGES);
	cr_assert_eq(z->free_pages, AREA_PAGES);
	r.ops->zone_state(r.b, 0, &state);
	cr_assert_eq(state.pageblocks[KMR_MIGRATE_CMA], AREA_PAGES / 512);
	cr_assert_eq(rig_where(&r, 8191).pageblock, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(rig_where(&r, 12288).pageblock, KMR_MIGRATE_MOVABLE);
	rig_destroy(&r);
}

/* A hand-over that put the area on its lists by itself is left as it is. */
Test(page_cma, activation_after_the_hand_over)
{
	struct rig r;
	struct kmr_zone *z;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 32768);
	r.m.nr_cma = 1;
	r.m.cma[0] = (struct kmr_cma_area){ "x", 1024, 2048, 0 };
	rig_create(&r);
	z = &r.b->zones[0];
	for (uint32_t pfn = 1024; pfn < 3072; pfn += 512)
		r.ops->set_pageblock(r.b, pfn, KMR_MIGRATE_CMA);
	rig_seed(&r, 2048, 10, KMR_MIGRATE_CMA);
	rig_seed(&r, 1024, 10, KMR_MIGRATE_CMA);
	r.ops->cma_activate(r.b, true);
	rig_check(&r);
	ASSERT_LIST(&r, &z->lists[10][KMR_MIGRATE_CMA], 2048, 1024);
	rig_destroy(&r);
}

/* Memory that was seeded as movable: blocks that reach over the area's ends are cut there. */
Test(page_cma, activation_cuts_blocks)
{
	struct rig r;
	struct kmr_zone *z;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 32768);
	r.m.nr_cma = 1;
	r.m.cma[0] = (struct kmr_cma_area){ "x", 512, 2048, 0 };
	rig_create(&r);
	z = &r.b->zones[0];
	rig_seed(&r, 0, 10, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 1024, 10, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 2048, 10, KMR_MIGRATE_MOVABLE);
	r.ops->cma_activate(r.b, true);
	rig_check(&r);
	ASSERT_LIST(&r, &z->lists[10][KMR_MIGRATE_CMA], 1024);
	ASSERT_LIST(&r, &z->lists[9][KMR_MIGRATE_CMA], 2048, 512);
	ASSERT_LIST(&r, &z->lists[9][KMR_MIGRATE_MOVABLE], 2560, 0);
	cr_assert_eq(z->free_cma, 2048);
	cr_assert_eq(z->free_pages, 3072);
	rig_destroy(&r);
}

/* What is in use already when a start state other than boot is loaded, borrows. */
Test(page_cma, activation_over_used_frames)
{
	struct rig r;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 32768);
	r.m.nr_cma = 1;
	r.m.cma[0] = (struct kmr_cma_area){ "x", AREA, AREA_PAGES, 0 };
	rig_create(&r);
	rig_seed(&r, 0, 10, KMR_MIGRATE_MOVABLE);
	for (uint32_t pfn = 1024; pfn < 16384; pfn += 1024)
		if (!in_area(pfn))
			rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
	r.ops->cma_activate(r.b, false);
	rig_check(&r);
	cr_assert_eq(r.b->zones[0].free_cma, 0);
	cr_assert_eq(cma_alloc(&r, 640, 0), AREA);
	cr_assert_eq(r.ops->contig_work(r.b)->pages_migrated, 640);
	rig_check(&r);
	rig_destroy(&r);
}

/* With more than half of the free memory in areas, movable requests go there first. */
Test(page_cma, borrowed_first_above_half)
{
	struct rig r;
	struct kmr_zone *z = rig_usual(&r);

	for (uint32_t pfn = 0; pfn < AREA_PAGES - 1024; pfn += 1024)
		rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
	cr_assert_gt(z->free_cma, z->free_pages / 2);
	cr_assert(in_area(rig_alloc(&r, 4, GFP_MOVABLE_REQ)));
	cr_assert(!in_area(rig_alloc(&r, 4, KMR_GFP_KERNEL)));
	cr_assert(!in_area(rig_alloc(&r, 4, GFP_RECLAIMABLE_REQ)));
	rig_destroy(&r);
}

/* At less than half they are the last resort before the other mobilities. */
Test(page_cma, borrowed_last_below_half)
{
	struct rig r;
	struct kmr_zone *z = rig_usual(&r);

	rig_seed(&r, 0, 10, KMR_MIGRATE_MOVABLE);
	for (uint32_t pfn = 16384; pfn < 24576; pfn += 1024) {
		r.ops->set_pageblock(r.b, pfn, KMR_MIGRATE_UNMOVABLE);
		r.ops->set_pageblock(r.b, pfn + 512, KMR_MIGRATE_UNMOVABLE);
		rig_seed(&r, pfn, 10, KMR_MIGRATE_UNMOVABLE);
	}
	cr_assert_eq(rig_alloc(&r, 10, GFP_MOVABLE_REQ), 0);
	for (unsigned int i = 0; i < 4; i++) {
		cr_assert_leq(z->free_cma, z->free_pages / 2);
		cr_assert(in_area(rig_alloc(&r, 10, GFP_MOVABLE_REQ)));
		cr_assert_eq(r.b->work.extfrag, 0);
	}
	cr_assert_eq(rig_alloc(&r, 10, GFP_MOVABLE_REQ), 16384);
	cr_assert_eq(r.b->work.extfrag, 1);
	rig_check(&r);
	rig_destroy(&r);
}

/* Others than movable requests see neither the pages nor the watermarks' share of them. */
Test(page_cma, nothing_for_the_unmovable)
{
	struct rig r;
	struct kmr_zone *z = rig_usual(&r);
	uint64_t got = 0;

	rig_seed(&r, 0, 10, KMR_MIGRATE_MOVABLE);
	while (rig_alloc(&r, 0, KMR_GFP_KERNEL) != KMR_NO_PFN)
		got++;
	cr_assert_leq(got, 1024);
	cr_assert_geq(got, 1024 - 63, "all but what the watermark of 0 wants and a CPU holds");
	cr_assert_eq(z->free_cma, AREA_PAGES);
	rig_check(&r);
	rig_destroy(&r);
}

/* The first gap that is large enough, from the start each time. */
Test(page_cma, first_gap)
{
	struct rig r;

	(void)rig_usual(&r);
	cr_assert_eq(cma_alloc(&r, 640, 0), 8192);
	cr_assert_eq(cma_alloc(&r, 640, 0), 8832);
	cr_assert_eq(cma_alloc(&r, 1, 0), 9472);
	cr_assert_eq(cma_alloc(&r, 16, 4), 9488, "9473 rounded up to a multiple of 16");
	cr_assert_eq(cma_alloc(&r, 15, 0), 9473, "the gap before it");
	cr_assert_eq(cma_release(&r, 8832, 640), 0);
	rig_check(&r);
	cr_assert_eq(cma_alloc(&r, 641, 0), 9504, "640 are not enough");
	cr_assert_eq(cma_alloc(&r, 512, 9), 10240, "10145 rounded up to a multiple of 512");
	cr_assert_eq(cma_alloc(&r, 640, 0), 8832);
	rig_check(&r);
	rig_destroy(&r);
}

/* An alignment is the frame's, not that of its place in the area. */
Test(page_cma, alignment_of_an_odd_base)
{
	struct rig r;

	(void)rig_area(&r, 32768, 8704, 2048, 0);
	cr_assert_eq(cma_alloc(&r, 4, 10), 9216);
	cr_assert_eq(cma_alloc(&r, 4, 9), 8704);
	cr_assert_eq(cma_alloc(&r, 1, 10), 10240);
	cr_assert_eq(cma_alloc(&r, 1, 10), KMR_NO_PFN, "11264 lies behind the area");
	cr_assert_eq(cma_alloc(&r, 1, 12), KMR_NO_PFN);
	cr_assert_eq(r.ops->contig_work(r.b)->cma_failures, 2);
	rig_check(&r);
	rig_destroy(&r);
}

/* A bit stands for several pages. */
Test(page_cma, several_pages_a_bit)
{
	struct rig r;

	(void)rig_area(&r, 32768, AREA, AREA_PAGES, 4);
	cr_assert_eq(cma_alloc(&r, 1, 0), 8192);
	cr_assert_eq(cma_alloc(&r, 17, 0), 8208);
	cr_assert_eq(cma_alloc(&r, 16, 5), 8256, "8240 is no multiple of 32");
	cr_assert_eq(cma_alloc(&r, 16, 0), 8240);
	cr_assert_eq(cma_release(&r, 8208, 17), 0);
	cr_assert_eq(cma_alloc(&r, 32, 0), 8208);
	rig_check(&r);
	rig_destroy(&r);
}

Test(page_cma, requests_that_cannot_be)
{
	struct rig r;

	(void)rig_usual(&r);
	cr_assert_eq(cma_alloc(&r, 0, 0), KMR_NO_PFN);
	cr_assert_eq(cma_alloc(&r, AREA_PAGES + 1, 0), KMR_NO_PFN);
	cr_assert_eq(cma_alloc(&r, UINT64_MAX, 0), KMR_NO_PFN);
	cr_assert_eq(cma_alloc(&r, 1, 32), KMR_NO_PFN);
	cr_assert_eq(r.ops->cma_alloc(r.b, 1, 1, 0, 0), KMR_NO_PFN, "there is one area");
	cr_assert_eq(r.ops->cma_alloc(r.b, 0, 1, 0, 1), KMR_NO_PFN, "and one CPU");
	cr_assert_eq(cma_release(&r, AREA, 1), -1, "not handed out");
	cr_assert_eq(cma_alloc(&r, AREA_PAGES, 0), AREA, "all of it");
	cr_assert_eq(cma_alloc(&r, 1, 0), KMR_NO_PFN);
	cr_assert_eq(cma_release(&r, AREA - 1, 2), -1);
	cr_assert_eq(cma_release(&r, AREA, AREA_PAGES + 1), -1);
	cr_assert_eq(cma_release(&r, AREA, 0), -1);
	cr_assert_eq(cma_release(&r, AREA, UINT64_MAX), -1);
	cr_assert_eq(r.ops->cma_release(r.b, 1, AREA, 1, 0), -1);
	cr_assert_eq(cma_release(&r, AREA, AREA_PAGES), 0);
	cr_assert_eq(cma_release(&r, AREA, 1), -1, "a second time");
	rig_check(&r);
	rig_destroy(&r);
}

/*
 * Of a free block of two pageblocks only the one in question is isolated; what is left of it comes
 * back as blocks that are as large as their places allow.
 */
Test(page_cma, the_rest_of_the_pageblock)
{
	struct rig r;
	struct kmr_zone *z = rig_usual(&r);

	cr_assert_eq(cma_alloc(&r, 100, 0), 8192);
	rig_check(&r);
	cr_assert_eq(z->free_cma, AREA_PAGES - 100);
	ASSERT_LIST(&r, &z->lists[2][KMR_MIGRATE_CMA], 8292);
	ASSERT_LIST(&r, &z->lists[3][KMR_MIGRATE_CMA], 8296);
	ASSERT_LIST(&r, &z->lists[4][KMR_MIGRATE_CMA], 8304);
	ASSERT_LIST(&r, &z->lists[7][KMR_MIGRATE_CMA], 8320);
	ASSERT_LIST(&r, &z->lists[8][KMR_MIGRATE_CMA], 8448);
	ASSERT_LIST(&r, &z->lists[9][KMR_MIGRATE_CMA], 8704);
	cr_assert_eq(r.ops->contig_work(r.b)->pageblocks_isolated, 1);
	cr_assert_eq(r.ops->contig_work(r.b)->pages_migrated, 0);
	rig_destroy(&r);
}

/* Freed one by one: onto the CPU's movable list, with their own type noted. */
Test(page_cma, release_through_the_cpu)
{
	struct rig r;
	struct kmr_zone *z = rig_usual(&r);
	const unsigned int movable = kmr_order_to_pindex(KMR_MIGRATE_MOVABLE, 0);

	cr_assert_eq(cma_alloc(&r, 4, 0), 8192);
	cr_assert_eq(cma_release(&r, 8192, 4), 0);
	ASSERT_LIST(&r, &z->pcp[0].lists[movable], 8195, 8194, 8193, 8192);
	cr_assert_eq(kmr_frame(r.b, 8192)->migratetype, KMR_MIGRATE_CMA);
	r.ops->drain(r.b, -1);
	rig_check(&r);
	cr_assert_eq(z->free_cma, AREA_PAGES);
	/* the order-9 block at 8704 was cut off, and they are one again */
	cr_assert_eq(rig_where(&r, 8192).order, 10);
	rig_destroy(&r);
}

/* Some were freed by themselves, and lent out again, before the release came. */
Test(page_cma, release_of_what_is_lent_already)
{
	struct rig r;
	kmr_pfn_t lent;

	(void)rig_usual(&r);
	cr_assert_eq(cma_alloc(&r, AREA_PAGES, 0), AREA);
	rig_free(&r, AREA + 7, 0);
	lent = rig_alloc(&r, 0, GFP_MOVABLE_REQ);
	cr_assert_eq(lent, AREA + 7);
	cr_assert_eq(cma_release(&r, AREA, AREA_PAGES), 0);
	rig_check(&r);
	cr_assert_eq(rig_where(&r, lent).place, KMR_FRAME_USED);
	cr_assert_eq(rig_where(&r, AREA + 8).place, KMR_FRAME_BUDDY);
	rig_free(&r, lent, 0);
	rig_destroy(&r);
}

/* Clusters of 32 pages, the last one found moved first. */
Test(page_cma, order_of_migration)
{
	static uint32_t pfns[AREA_PAGES];
	struct rig r;
	struct witness w;
	uint32_t n;

	(void)rig_usual(&r);
	n = borrow(&r, pfns, AREA_PAGES);
	cr_assert_eq(n, AREA_PAGES, "nothing else is free");
	for (uint32_t pfn = 16384; pfn < 18432; pfn += 1024)
		rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
	rig_watch(&r, &w);
	cr_assert_eq(cma_alloc(&r, 70, 0), 8192);
	rig_check(&r);
	cr_assert_eq(witness_count(&w, TOLD_MIGRATED), 70);
	for (uint32_t i = 0, k = 0; i < w.count; i++) {
		const struct told *t = &w.told[i];
		const uint32_t cluster = k / 32 * 32, size = cluster + 32 < 70 ? 32 : 70 - cluster;

		if (t->what != TOLD_MIGRATED)
			continue;
		cr_assert_eq(t->pfn, 8192 + cluster + size - 1 - (k - cluster), "number %u", k);
		cr_assert_geq(t->to, 16384);
		cr_assert_eq(t->order, 0);
		cr_assert_eq(rig_where(&r, t->to).place, KMR_FRAME_USED);
		k++;
	}
	cr_assert_eq(r.ops->contig_work(r.b)->blocks_migrated, 70);
	/* they are just where a movable request would have put them: refilled in address order */
	cr_assert_eq(r.b->zones[0].free_cma, 0);
	rig_destroy(&r);
}

/* A huge page moves as one where there is room for one, and page by page where there is not. */
Test(page_cma, huge_pages_move_whole_or_in_pieces)
{
	const uint32_t gfp =
		KMR_GFP_HIGHUSER_MOV | KMR_GFP_COMP | KMR_GFP_NOMEMALLOC | KMR_GFP_NOWARN;
	struct rig r;
	struct witness w;

	for (int room = 0; room < 2; room++) {
		(void)rig_usual(&r);
		for (uint32_t i = 0; i < AREA_PAGES / 512; i++)
			cr_assert(in_area(rig_alloc(&r, 9, gfp)));
		if (room)
			rig_seed(&r, 16384, 9, KMR_MIGRATE_MOVABLE);
		for (uint32_t pfn = 17408; !room && pfn < 18432; pfn += 16)
			rig_seed(&r, pfn, 3, KMR_MIGRATE_MOVABLE);
		rig_watch(&r, &w);
		cr_assert_eq(cma_alloc(&r, 10, 0), 8192);
		rig_check(&r);
		cr_assert_eq(witness_count(&w, TOLD_MIGRATED), room ? 1 : 512);
		cr_assert_eq(r.ops->contig_work(r.b)->blocks_split, room ? 0 : 1);
		cr_assert_eq(r.ops->contig_work(r.b)->pages_migrated, 512);
		/* what the ten pages did not need of its place is the area's again */
		cr_assert_eq(r.b->zones[0].free_cma, 502);
		rig_destroy(&r);
	}
}

/* A page that can't move for the moment: the next range is tried, a page further on. */
Test(page_cma, busy_ranges)
{
	static uint32_t pfns[AREA_PAGES];
	struct rig r;

	(void)rig_usual(&r);
	cr_assert_eq(borrow(&r, pfns, AREA_PAGES), AREA_PAGES);
	for (uint32_t pfn = 16384; pfn < 32768; pfn += 1024)
		rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
	/* pinned: as if it were not movable */
	r.b->bits[(8192 + 100) >> 6].movable &= ~(UINT64_C(1) << ((8192 + 100) & 63));
	cr_assert_eq(cma_alloc(&r, 200, 0), 8293);
	cr_assert_eq(r.ops->contig_work(r.b)->cma_retries, 101);
	/* by the alignment, where there is one: 8256 on is handed out, the first behind that is 8512 */
	cr_assert_eq(cma_alloc(&r, 101, 6), 8512);
	cr_assert_eq(r.ops->contig_work(r.b)->cma_retries, 102);
	r.b->bits[(8192 + 100) >> 6].movable |= UINT64_C(1) << ((8192 + 100) & 63);
	rig_check(&r);
	rig_destroy(&r);
}

/* Nowhere to move what borrowed the range: that is the end of it, and nothing is lost. */
Test(page_cma, no_room)
{
	static uint32_t pfns[AREA_PAGES];
	struct rig r;
	struct kmr_zone *z = rig_usual(&r);

	cr_assert_eq(borrow(&r, pfns, AREA_PAGES), AREA_PAGES);
	rig_seed(&r, 16384, 5, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(cma_alloc(&r, 640, 0), KMR_NO_PFN);
	cr_assert_eq(r.ops->contig_work(r.b)->cma_retries, 0);
	cr_assert_eq(r.ops->contig_work(r.b)->migrate_failures, 1);
	rig_check(&r);
	cr_assert_eq(z->nr_isolate, 0);
	/* a cluster has moved to the 32 pages there were, and its place is free */
	cr_assert_eq(r.ops->contig_work(r.b)->pages_migrated, 32);
	cr_assert_eq(z->free_cma, 32);
	cr_assert_eq(rig_where(&r, AREA).pageblock, KMR_MIGRATE_CMA);
	rig_destroy(&r);
}

/*
 * A zone without any free block above a page: the buddy system has no order 10, and not even two
 * pages in a row, while 2.5 MiB from an area of 16 MiB is there every time.
 */
Test(page_cma, the_driver_that_wants_2_5_mib)
{
	static uint32_t pfns[32768];
	struct rig r;
	uint32_t n;

	(void)rig_usual(&r);
	for (uint32_t pfn = 16384; pfn < 32768; pfn += 1024)
		rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
	n = borrow(&r, pfns, 32768);
	cr_assert_eq(n, 16384 + AREA_PAGES);
	/* every other page goes back, outside the area */
	for (uint32_t i = 0; i < n; i++)
		if (!in_area(pfns[i]) && pfns[i] & 1)
			rig_free(&r, pfns[i], 0);
	r.ops->drain(r.b, -1);
	cr_assert_eq(rig_alloc(&r, 10, GFP_MOVABLE_REQ), KMR_NO_PFN);
	cr_assert_eq(rig_alloc(&r, 1, GFP_MOVABLE_REQ), KMR_NO_PFN);
	cr_assert_eq(r.b->zones[0].free_cma, 0, "all of it is lent out");
	for (unsigned int i = 0; i < 6; i++)
		cr_assert_eq(cma_alloc(&r, 640, 0), AREA + 640 * i);
	cr_assert_eq(cma_alloc(&r, 640, 0), KMR_NO_PFN, "16 MiB hold 6.4 of them");
	rig_check(&r);
	cr_assert_eq(r.ops->contig_work(r.b)->pages_migrated, 3840);
	for (unsigned int i = 0; i < 6; i++)
		cr_assert_eq(cma_release(&r, AREA + 640 * i, 640), 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* Blocks of 128 MiB, pageblocks of 2 MiB: ranges within one are cut out of it and heal again. */
Test(page_cma, large_max_order)
{
	struct kmr_zone *z;
	struct rig r;

	bare_machine(&r.m, 9);
	r.m.nr_orders = 16;
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 131072);
	r.m.nr_cma = 1;
	r.m.cma[0] = (struct kmr_cma_area){ "x", 65536, 32768, 0 };
	rig_create(&r);
	z = &r.b->zones[0];
	rig_seed(&r, 0, 15, KMR_MIGRATE_MOVABLE);
	r.ops->cma_activate(r.b, true);
	rig_check(&r);
	ASSERT_LIST(&r, &z->lists[15][KMR_MIGRATE_CMA], 65536);
	/* 128 MiB whole, by the buddy system */
	cr_assert_eq(rig_alloc(&r, 15, KMR_GFP_KERNEL), 0);
	rig_free(&r, 0, 15);
	cr_assert_eq(cma_alloc(&r, 640, 0), 65536);
	cr_assert_eq(cma_alloc(&r, 32768 - 1024, 9), 65536 + 1024);
	rig_check(&r);
	cr_assert_eq(cma_release(&r, 65536 + 1024, 32768 - 1024), 0);
	cr_assert_eq(cma_release(&r, 65536, 640), 0);
	r.ops->drain(r.b, -1);
	rig_check(&r);
	cr_assert_eq(z->free_cma, 32768);
	cr_assert_eq(rig_where(&r, 65536).order, 15);
	rig_destroy(&r);
}

#define ASSERT_REFUSED(machine, text)                                               \
	do {                                                                        \
		struct kmr_error err_ = { "" };                                     \
		const struct kmr_page_ops *o_ = kmr_page_backend_find("linux-6.1"); \
                                                                                    \
		cr_assert_null(o_->create(machine, NULL, &err_));                   \
		cr_assert_not_null(strstr(err_.msg, text), "%s", err_.msg);         \
	} while (0)

Test(page_cma, machines_that_cannot_be)
{
	static struct kmr_machine m;

	bare_machine(&m, 9);
	(void)add_zone(&m, KMR_ZONE_DMA, 0, 0, 4096);
	(void)add_zone(&m, KMR_ZONE_NORMAL, 0, 4096, 12288);
	m.nr_cma = 1;
	m.cma[0] = (struct kmr_cma_area){ "odd", 4097, 512, 0 };
	ASSERT_REFUSED(&m, "CMA area odd, frames 4097+512 and 1 pages a bit, is not made of whole "
			   "pageblocks of order 9");
	m.cma[0] = (struct kmr_cma_area){ "odd", 4096, 1000, 0 };
	ASSERT_REFUSED(&m, "whole pageblocks");
	m.cma[0] = (struct kmr_cma_area){ "none", 4096, 0, 0 };
	ASSERT_REFUSED(&m, "whole pageblocks");
	m.cma[0] = (struct kmr_cma_area){ "bits", 4096, 512, 10 };
	ASSERT_REFUSED(&m, "whole pageblocks");
	m.cma[0] = (struct kmr_cma_area){ "two", 3584, 1024, 0 };
	ASSERT_REFUSED(&m, "CMA area two, frames 3584+1024, is not in one zone");
	m.cma[0] = (struct kmr_cma_area){ "out", 16384, 512, 0 };
	ASSERT_REFUSED(&m, "is not in one zone");
	m.cma[0] = (struct kmr_cma_area){ "huge", 4096, UINT64_MAX - 511, 0 };
	ASSERT_REFUSED(&m, "is not in one zone");
	m.nr_cma = 2;
	m.cma[0] = (struct kmr_cma_area){ "a", 4096, 1024, 0 };
	m.cma[1] = (struct kmr_cma_area){ "b", 4608, 1024, 0 };
	ASSERT_REFUSED(&m, "CMA areas a and b overlap");
	m.cma[1] = (struct kmr_cma_area){ "a", 5120, 1024, 0 };
	ASSERT_REFUSED(&m, "two CMA areas are called a");
	m.nr_cma = KMR_MAX_CMA + 1;
	ASSERT_REFUSED(&m, "17 CMA areas, at most 16");
}
