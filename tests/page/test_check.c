// SPDX-License-Identifier: GPL-2.0-only
/*
 * The check itself: each kind of damage done to a healthy model is found, and the message says
 * what and where.
 */
#include "support.h"

/* Blocks of some orders on free lists, and some pages on two per-CPU lists. */
static struct kmr_zone *healthy(struct rig *r)
{
	struct kmr_zone *z = rig_normal(r, 0, 4096);

	rig_seed(r, 8, 3, KMR_MIGRATE_MOVABLE);
	rig_seed(r, 32, 3, KMR_MIGRATE_MOVABLE);
	rig_seed(r, 64, 3, KMR_MIGRATE_MOVABLE);
	rig_seed(r, 1024, 9, KMR_MIGRATE_UNMOVABLE);
	for (uint32_t pfn = 200; pfn < 210; pfn += 2)
		rig_free(r, pfn, 0);
	rig_free(r, 300, 2);
	rig_check(r);
	return z;
}

static void assert_found(struct rig *r, const char *what)
{
	struct kmr_error err = { "" };

	cr_assert_eq(r->ops->check(r->b, &err), -1, "nothing found");
	cr_assert_not_null(strstr(err.msg, what), "found \"%s\", not \"%s\"", err.msg, what);
	cr_assert_null(strchr(err.msg, '\n'));
	rig_destroy(r);
}

Test(page_check, back_link)
{
	struct rig r;

	(void)healthy(&r);
	kmr_frame(r.b, 32)->prev = 64;
	assert_found(&r, "zone 0: frame 32 on free list 3/1 is of state 1, order 3, type 1, or "
			 "badly linked");
}

Test(page_check, forward_link)
{
	struct rig r;

	(void)healthy(&r);
	kmr_frame(r.b, 8)->next = 64;
	assert_found(&r, "zone 0: frame 64 on free list 3/1");
}

Test(page_check, wild_link)
{
	struct rig r;

	(void)healthy(&r);
	kmr_frame(r.b, 8)->next = 0x70000000;
	assert_found(&r, "zone 0: frame 8 is followed by frame 1879048192, which is none");
}

Test(page_check, wild_percpu_link)
{
	struct rig r;

	(void)healthy(&r);
	kmr_frame(r.b, 208)->next = 0x70000000;
	assert_found(&r, "zone 0: frame 208 is followed by frame 1879048192, which is none");
}

Test(page_check, held_back)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->pcp[0].stat_diff += 3;
	assert_found(&r, "zone 0: its CPUs hold back");
}

Test(page_check, list_cut_short)
{
	struct rig r;

	(void)healthy(&r);
	kmr_frame(r.b, 32)->next = KMR_NO_PFN;
	assert_found(&r, "zone 0: free list 3/1 ends at frame 32, its tail is 64");
}

Test(page_check, list_in_a_circle)
{
	struct rig r;

	(void)healthy(&r);
	kmr_frame(r.b, 64)->next = 8;
	kmr_frame(r.b, 8)->prev = 64;
	assert_found(&r, "badly linked");
}

Test(page_check, order_of_a_block)
{
	struct rig r;

	(void)healthy(&r);
	kmr_frame(r.b, 32)->order = 4;
	assert_found(&r, "frame 32 on free list 3/1 is of state 1, order 4");
}

Test(page_check, type_of_a_block)
{
	struct rig r;

	(void)healthy(&r);
	kmr_frame(r.b, 32)->migratetype = KMR_MIGRATE_RECLAIMABLE;
	assert_found(&r, "frame 32 on free list 3/1 is of state 1, order 3, type 2");
}

Test(page_check, used_block_on_a_list)
{
	struct rig r;

	(void)healthy(&r);
	kmr_frame(r.b, 32)->state = KMR_FS_USED;
	assert_found(&r, "frame 32 on free list 3/1 is of state 0");
}

Test(page_check, wrong_tail)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->lists[3][KMR_MIGRATE_MOVABLE].tail = 8;
	assert_found(&r, "free list 3/1 ends at frame 64, its tail is 8");
}

Test(page_check, tail_of_an_empty_list)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->lists[5][KMR_MIGRATE_CMA].tail = 8;
	assert_found(&r, "free list 5/4 ends at frame 4294967295, its tail is 8");
}

Test(page_check, count_of_blocks)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->nr_free[3][KMR_MIGRATE_MOVABLE]++;
	assert_found(&r, "zone 0: free list 3/1 has 3 blocks, counted 4");
}

Test(page_check, mask_of_orders)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->nonempty[KMR_MIGRATE_MOVABLE] &= ~(1u << 3);
	assert_found(&r, "zone 0: free list 3/1 has 3 blocks, counted 3");
}

Test(page_check, mask_of_an_empty_order)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->nonempty[KMR_MIGRATE_CMA] |= 1u << 7;
	assert_found(&r, "zone 0: free list 7/4 has 0 blocks, counted 0");
}

Test(page_check, free_pages)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->free_pages--;
	assert_found(&r, "zone 0: 536 pages on its free lists (0 CMA), counted 535 (0)");
}

Test(page_check, free_cma)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->free_cma = 3;
	assert_found(&r, "zone 0: 536 pages on its free lists (0 CMA), counted 536 (3)");
}

Test(page_check, free_bit_lost)
{
	struct rig r;

	(void)healthy(&r);
	r.b->bits[0].free &= ~(UINT64_C(1) << 35);
	assert_found(&r, "zone 0: frame 35 is on a free list but counts as used");
}

Test(page_check, free_bit_of_a_percpu_page_lost)
{
	struct rig r;

	(void)healthy(&r);
	r.b->bits[3].free &= ~(UINT64_C(1) << (202 & 63));
	assert_found(&r, "zone 0: frame 202 is on a per-CPU list but counts as used");
}

Test(page_check, free_bit_of_a_used_frame)
{
	struct rig r;

	(void)healthy(&r);
	r.b->bits[10].free |= 1;
	assert_found(&r, "a frame of 640..703 counts as free but is on no list");
}

Test(page_check, movable_bit_of_a_free_frame)
{
	struct rig r;

	(void)healthy(&r);
	r.b->bits[0].movable |= UINT64_C(1) << 9;
	assert_found(&r, "a frame of 0..63 is free and movable");
}

Test(page_check, unmerged_buddies)
{
	struct rig r;

	(void)healthy(&r);
	rig_seed(&r, 40, 3, KMR_MIGRATE_UNMOVABLE);
	assert_found(&r, "zone 0: buddies 40 and 32 of order 3 lie unmerged");
}

Test(page_check, unmerged_pageblocks)
{
	struct rig r;

	(void)healthy(&r);
	rig_seed(&r, 1536, 9, KMR_MIGRATE_MOVABLE);
	assert_found(&r, "of order 9 lie unmerged");
}

/* High-atomic pageblocks do not merge, and leave their neighbours unmerged when they are given up. */
Test(page_check, pageblocks_apart_for_a_reason)
{
	struct rig r;

	(void)healthy(&r);
	r.ops->set_pageblock(r.b, 1536, KMR_MIGRATE_HIGHATOMIC);
	rig_seed(&r, 1536, 9, KMR_MIGRATE_HIGHATOMIC);
	rig_check(&r);
	rig_destroy(&r);
}

Test(page_check, block_out_of_its_zone)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->end = 1024 + 300;
	assert_found(&r, "zone 0: frame 1024 of order 9 does not belong on a free list");
}

Test(page_check, block_that_is_not_aligned)
{
	struct rig r;
	struct kmr_zone *z;

	z = rig_normal(&r, 0, 4096);
	rig_seed(&r, 8, 3, KMR_MIGRATE_MOVABLE);
	kmr_frame(r.b, 8)->state = KMR_FS_USED;
	*kmr_frame(r.b, 9) = *kmr_frame(r.b, 8);
	kmr_frame(r.b, 9)->state = KMR_FS_BUDDY;
	z->lists[3][KMR_MIGRATE_MOVABLE].head = 9;
	z->lists[3][KMR_MIGRATE_MOVABLE].tail = 9;
	assert_found(&r, "zone 0: frame 9 of order 3 does not belong on a free list");
}

Test(page_check, frame_on_two_lists)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);
	struct kmr_frame *f = kmr_frame(r.b, 34);

	/* a second block within the one at 32 */
	f->state = KMR_FS_BUDDY;
	f->order = 1;
	f->migratetype = KMR_MIGRATE_UNMOVABLE;
	f->next = KMR_NO_PFN;
	f->prev = KMR_NO_PFN;
	z->lists[1][KMR_MIGRATE_UNMOVABLE].head = 34;
	z->lists[1][KMR_MIGRATE_UNMOVABLE].tail = 34;
	z->nr_free[1][KMR_MIGRATE_UNMOVABLE] = 1;
	z->nonempty[KMR_MIGRATE_UNMOVABLE] |= 1u << 1;
	assert_found(&r, "zone 0: frame 34 is on two lists, one of them a free list");
}

Test(page_check, free_and_percpu)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);
	struct kmr_pcp *pcp = &z->pcp[0];
	struct kmr_frame *f = kmr_frame(r.b, 12);

	/* within the free block at 8 */
	f->state = KMR_FS_PCP;
	f->order = 0;
	f->pindex = 2;
	f->next = KMR_NO_PFN;
	f->prev = KMR_NO_PFN;
	pcp->lists[2].head = 12;
	pcp->lists[2].tail = 12;
	pcp->count++;
	assert_found(&r, "zone 0: frame 12 is on two lists, one of them a per-CPU list");
}

Test(page_check, percpu_link)
{
	struct rig r;

	(void)healthy(&r);
	kmr_frame(r.b, 204)->prev = 200;
	assert_found(&r, "zone 0: frame 204 on list 1 of CPU 0 is of state 2, order 0, or badly "
			 "linked");
}

Test(page_check, percpu_list_index)
{
	struct rig r;

	(void)healthy(&r);
	kmr_frame(r.b, 204)->pindex = 0;
	assert_found(&r, "zone 0: frame 204 on list 1 of CPU 0");
}

Test(page_check, percpu_tail)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->pcp[0].lists[1].tail = 204;
	assert_found(&r, "zone 0: list 1 of CPU 0 has a wrong tail");
}

Test(page_check, percpu_count)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->pcp[0].count--;
	assert_found(&r, "zone 0: CPU 0 has 9 pages on its lists, counted 8");
}

Test(page_check, pageblock_type)
{
	struct rig r;
	struct kmr_zone *z = healthy(&r);

	z->pageblocks[5] = KMR_MIGRATE_TYPES;
	assert_found(&r, "zone 0: pageblock 5 is of type 6");
}
