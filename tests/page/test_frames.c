// SPDX-License-Identifier: GPL-2.0-only
/* Single frames: where one is, seeding, taking from whatever list, taking back an allocation. */
#include "support.h"

#define MOVABLE KMR_MIGRATE_MOVABLE

Test(page_frames, where)
{
	struct kmr_frame_info info;
	struct rig r;

	(void)rig_normal(&r, 16, 4096);
	r.ops->set_pageblock(r.b, 1024, KMR_MIGRATE_CMA);
	rig_seed(&r, 1024, 8, KMR_MIGRATE_CMA);
	rig_free(&r, 64, 3);
	rig_free(&r, 128, 3);
	rig_free(&r, 192, 3);

	info = rig_where(&r, 15);
	cr_assert_eq(info.place, KMR_FRAME_NONE);
	cr_assert_eq(info.zone, -1);
	cr_assert_eq(info.head, KMR_NO_PFN);
	cr_assert_eq(rig_where(&r, 16 + 4096).place, KMR_FRAME_NONE);
	cr_assert_eq(rig_where(&r, KMR_NO_PFN).place, KMR_FRAME_NONE);

	info = rig_where(&r, 1300);
	cr_assert_eq(info.place, KMR_FRAME_USED);
	cr_assert_eq(info.zone, 0);
	cr_assert_eq(info.pageblock, KMR_MIGRATE_CMA);

	info = rig_where(&r, 1100);
	cr_assert_eq(info.place, KMR_FRAME_BUDDY);
	cr_assert_eq(info.head, 1024);
	cr_assert_eq(info.order, 8);
	cr_assert_eq(info.migratetype, KMR_MIGRATE_CMA);

	info = rig_where(&r, 69);
	cr_assert_eq(info.place, KMR_FRAME_PCP);
	cr_assert_eq(info.head, 64);
	cr_assert_eq(info.order, 3);
	cr_assert_eq(info.cpu, 0);
	cr_assert_eq(info.position, 2);
	cr_assert_eq(info.pageblock, MOVABLE);
	cr_assert_eq(rig_where(&r, 192).position, 0);
	rig_destroy(&r);
}

/* Positions beyond 255 are as good as the end. */
Test(page_frames, far_down_a_list)
{
	struct rig r;

	(void)rig_normal(&r, 0, 4096);
	for (uint32_t pfn = 0; pfn < 600; pfn += 2)
		rig_free(&r, pfn, 0);
	cr_assert_eq(rig_where(&r, 598 - 2 * 255).position, 255);
	cr_assert_eq(rig_where(&r, 598 - 2 * 256).position, 255);
	cr_assert_eq(rig_where(&r, 598 - 2 * 254).position, 254);
	rig_destroy(&r);
}

Test(page_frames, seeding)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 16, 4000);

	cr_assert_eq(r.ops->seed_free(r.b, 16, 4, MOVABLE), 0);
	cr_assert_eq(r.ops->seed_free(r.b, 32, 4, MOVABLE), 0);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 16, 32);
	cr_assert_eq(z->free_pages, 32);
	/* free already, in part or all of it */
	cr_assert_eq(r.ops->seed_free(r.b, 16, 4, MOVABLE), -1);
	cr_assert_eq(r.ops->seed_free(r.b, 32, 5, MOVABLE), -1);
	cr_assert_eq(r.ops->seed_free(r.b, 20, 0, MOVABLE), -1);
	/* no block, no zone, no order, no type */
	cr_assert_eq(r.ops->seed_free(r.b, 65, 1, MOVABLE), -1);
	cr_assert_eq(r.ops->seed_free(r.b, 0, 0, MOVABLE), -1);
	cr_assert_eq(r.ops->seed_free(r.b, 4016, 0, MOVABLE), -1);
	cr_assert_eq(r.ops->seed_free(r.b, 4000, 5, MOVABLE), -1);
	cr_assert_eq(r.ops->seed_free(r.b, 1024, 11, MOVABLE), -1);
	cr_assert_eq(r.ops->seed_free(r.b, 64, 0, KMR_MIGRATE_TYPES), -1);
	cr_assert_eq(z->free_pages, 32);
	rig_check(&r);
	rig_destroy(&r);
}

/* The rest of a free block stays free, the smaller parts at the heads. */
Test(page_frames, take_from_a_free_block)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 4096);

	rig_seed(&r, 1024, 10, MOVABLE);
	r.ops->take(r.b, 1024 + 37, 0, false);
	cr_assert_eq(rig_where(&r, 1024 + 37).place, KMR_FRAME_USED);
	ASSERT_LIST(&r, &z->lists[0][MOVABLE], 1024 + 36);
	ASSERT_LIST(&r, &z->lists[1][MOVABLE], 1024 + 38);
	ASSERT_LIST(&r, &z->lists[2][MOVABLE], 1024 + 32);
	ASSERT_LIST(&r, &z->lists[3][MOVABLE], 1024 + 40);
	ASSERT_LIST(&r, &z->lists[4][MOVABLE], 1024 + 48);
	ASSERT_LIST(&r, &z->lists[5][MOVABLE], 1024);
	ASSERT_LIST(&r, &z->lists[6][MOVABLE], 1024 + 64);
	ASSERT_LIST(&r, &z->lists[9][MOVABLE], 1024 + 512);
	cr_assert_eq(z->free_pages, 1023);
	rig_check(&r);
	rig_free(&r, 1024 + 37, 0);
	r.ops->drain(r.b, -1);
	ASSERT_LIST(&r, &z->lists[10][MOVABLE], 1024);
	rig_destroy(&r);
}

/* A range over several blocks, some used, one on a per-CPU list, and past the zone's end. */
Test(page_frames, take_over_several)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 1040);

	rig_seed(&r, 1024, 2, MOVABLE);
	rig_seed(&r, 1032, 3, MOVABLE);
	rig_free(&r, 1028, 1);
	r.ops->take(r.b, 1024, 5, true);
	for (uint32_t pfn = 1024; pfn < 1040; pfn++)
		cr_assert_eq(rig_where(&r, pfn).place, KMR_FRAME_USED);
	cr_assert_eq(z->free_pages, 0);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 0);
	cr_assert_eq(r.b->bits[16].movable, 0xff3f, "those that were free are movable now");
	rig_check(&r);
	/* nothing there */
	r.ops->take(r.b, 5000, 3, true);
	r.ops->take(r.b, KMR_NO_PFN, 3, true);
	rig_check(&r);
	rig_destroy(&r);
}

/* What is left of a per-CPU block goes to the free lists. */
Test(page_frames, take_from_a_percpu_block)
{
	struct rig r;
	struct kmr_zone *z = rig_normal(&r, 0, 4096);

	rig_free(&r, 64, 3);
	rig_free(&r, 128, 3);
	r.ops->take(r.b, 66, 1, false);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 8);
	ASSERT_LIST(&r, &z->pcp[0].lists[10], 128);
	ASSERT_LIST(&r, &z->lists[1][MOVABLE], 64);
	ASSERT_LIST(&r, &z->lists[2][MOVABLE], 68);
	cr_assert_eq(z->free_pages, 6);
	rig_check(&r);
	rig_destroy(&r);
}

/* An allocation taken back is the next one again. */
Test(page_frames, unalloc)
{
	static const unsigned int orders[] = { 0, 1, 3, 4, 7, 9, 10 };
	struct rig r;

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		const struct kmr_page_request req = {
			.gfp = GFP_MOVABLE_REQ, .order = (uint8_t)orders[i], .node = 0, .cpu = 0
		};
		kmr_pfn_t pfn, again;

		(void)rig_normal(&r, 0, 4096);
		rig_seed(&r, 1024, 10, MOVABLE);
		rig_seed(&r, 2048, 10, MOVABLE);
		(void)r.ops->alloc(r.b, &req);
		pfn = r.ops->alloc(r.b, &req);
		cr_assert_neq(pfn, KMR_NO_PFN);
		r.ops->unalloc(r.b, &req, pfn);
		rig_check(&r);
		cr_assert_neq(rig_where(&r, pfn).place, KMR_FRAME_USED);
		again = r.ops->alloc(r.b, &req);
		cr_assert_eq(again, pfn, "order %u: %u, then %u", orders[i], pfn, again);
		rig_check(&r);
		rig_destroy(&r);
	}
}
