// SPDX-License-Identifier: GPL-2.0-only
/*
 * linux-2.4, held against mm/page_alloc.c and mm/numa.c of Linux 2.4.22, and against chapter 6 of
 * Gorman's "Understanding the Linux Virtual Memory Manager", which describes that version.
 */
#include "page/classic.h"

#include "rig.h"

#define ANY KMR_MIGRATE_UNMOVABLE /* the only type there is */

/* A zone of [0, 4096) without marks. */
static struct kmr_classic_zone *rig_24(struct rig *r)
{
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, 4096);
	rig_create_as(r, "linux-2.4");
	memset(r->b->zones[0].mark, 0, sizeof(r->b->zones[0].mark));
	return &r->b->zones[0];
}

static void assert_bits(const struct kmr_classic_zone *z, uint32_t pfn, const char *bits)
{
	for (unsigned int o = 0; bits[o]; o++)
		cr_assert_eq(kmr_classic_map_bit(z, pfn, o), bits[o] == '1', "frame %u, order %u",
			     pfn, o);
}

/*
 * The book's figure of a split: a block of 2^4 pages serves a request of 2^2.  Halves go to the
 * lists of orders 3 and 2; bits are 1 where one of a pair is free and the other is not.
 */
Test(page_classic_2_4, split)
{
	struct rig r;
	struct kmr_classic_zone *z = rig_24(&r);

	rig_seed(&r, 16, 4, ANY);
	assert_bits(z, 16, "00001");
	cr_assert_eq(rig_alloc(&r, 2, KMR_GFP_KERNEL), 28, "the upper part is handed out");
	ASSERT_LIST(&r, &z->lists[3][ANY], 16);
	ASSERT_LIST(&r, &z->lists[2][ANY], 24);
	cr_assert(kmr_list_empty(&z->lists[4][ANY]));
	assert_bits(z, 16, "00010");
	assert_bits(z, 28, "00110");
	cr_assert_eq(r.ops->work(r.b)->splits, 2);
	cr_assert_eq(z->free_pages, 12);
	rig_check(&r);
	/* the bit of the pair tells, at each order, that the buddy is free: all is one again */
	rig_free(&r, 28, 2);
	ASSERT_LIST(&r, &z->lists[4][ANY], 16);
	assert_bits(z, 28, "00001");
	cr_assert_eq(r.ops->work(r.b)->merges, 2);
	rig_check(&r);
	rig_destroy(&r);
}

/* "Zero if the pair of pages are both free or both full": a toggle each time. */
Test(page_classic_2_4, bit_of_a_pair)
{
	struct rig r;
	struct kmr_classic_zone *z = rig_24(&r);

	/* more than what is asked for must be free */
	rig_seed(&r, 1024, 9, ANY);
	assert_bits(z, 8, "0");
	rig_free(&r, 8, 0);
	assert_bits(z, 8, "1");
	assert_bits(z, 9, "1");
	rig_free(&r, 9, 0);
	assert_bits(z, 8, "01");
	ASSERT_LIST(&r, &z->lists[1][ANY], 8);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 9);
	assert_bits(z, 8, "10");
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 8);
	assert_bits(z, 8, "00");
	rig_check(&r);
	rig_destroy(&r);
}

/* The largest blocks have no map: they do not merge, whatever lies beside them. */
Test(page_classic_2_4, largest_blocks)
{
	struct rig r;
	struct kmr_classic_zone *z = rig_24(&r);

	cr_assert_eq(r.b->nr_orders, 10);
	cr_assert_null(z->map[9]);
	rig_free(&r, 0, 9);
	rig_free(&r, 512, 9);
	ASSERT_LIST(&r, &z->lists[9][ANY], 512, 0);
	/* what newer kernels have as one */
	rig_free(&r, 1024, 10);
	rig_seed(&r, 2048, 10, KMR_MIGRATE_MOVABLE);
	ASSERT_LIST(&r, &z->lists[9][ANY], 2560, 2048, 1536, 1024, 512, 0);
	cr_assert_eq(rig_alloc(&r, 10, KMR_GFP_KERNEL), KMR_NO_PFN);
	rig_check(&r);
	rig_destroy(&r);
}

Test(page_classic_2_4, orders_as_asked)
{
	uint64_t values[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };
	struct rig r;

	bare_machine(&r.m, 9);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 4096);
	r.ops = kmr_page_backend_parse("linux-2.4,orders=11", values, &err);
	cr_assert_not_null(r.ops, "%s", err.msg);
	r.b = r.ops->create(&r.m, values, &err);
	cr_assert_not_null(r.b, "%s", err.msg);
	memset(r.b->zones[0].mark, 0, sizeof(r.b->zones[0].mark));
	rig_free(&r, 0, 9);
	rig_free(&r, 512, 9);
	rig_free(&r, 1024, 0);
	cr_assert_eq(rig_alloc(&r, 10, KMR_GFP_KERNEL), 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* Frames come downwards, those freed last first; types do not matter. */
Test(page_classic_2_4, order_of_frames)
{
	struct rig r;

	(void)rig_24(&r);
	rig_seed(&r, 64, 2, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 128, 3, ANY);
	cr_assert_eq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 67);
	cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), 66);
	cr_assert_eq(rig_alloc(&r, 0, GFP_RECLAIMABLE_REQ), 65);
	rig_free(&r, 67, 0);
	cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), 67);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 0);
	cr_assert_eq(r.ops->refill_size(r.b, 0, 0, 0), 1);
	rig_destroy(&r);
}

/* zone_balance_ratio: a 128th, of at least 20 and at most 255 pages; twice and three times that */
Test(page_classic_2_4, marks)
{
	static const struct {
		uint64_t managed, min;
	} zones[] = { { 100, 20 }, { 4096, 32 }, { 32640, 255 }, { 225280, 255 } };
	struct kmr_zone_state state;
	struct rig r;

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		bare_machine(&r.m, 9);
		(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 262144);
		r.m.zones[0].managed = zones[i].managed;
		rig_create_as(&r, "linux-2.4");
		r.ops->zone_state(r.b, 0, &state);
		cr_assert_eq(state.wmark_min, zones[i].min);
		cr_assert_eq(state.wmark_low, 2 * zones[i].min);
		cr_assert_eq(state.wmark_high, 3 * zones[i].min);
		rig_destroy(&r);
	}
}

/* Two zones of one block of 512 each, both with marks 20, 40 and 60. */
static void rig_two_zones(struct rig *r)
{
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_DMA, 0, 0, 2048);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 2048, 2048);
	r->m.zones[0].managed = r->m.zones[1].managed = 512;
	rig_create_as(r, "linux-2.4");
	rig_seed(r, 512, 9, ANY);
	rig_seed(r, 2560, 9, ANY);
}

static void assert_left(uint32_t gfp, unsigned int order, uint64_t dma, uint64_t normal)
{
	struct rig r;

	rig_two_zones(&r);
	while (rig_alloc(&r, order, gfp) != KMR_NO_PFN)
		;
	cr_assert_eq(r.b->zones[0].free_pages, dma, "gfp %#x: %" PRIu64 " in DMA", gfp,
		     r.b->zones[0].free_pages);
	cr_assert_eq(r.b->zones[1].free_pages, normal, "gfp %#x: %" PRIu64 " in Normal", gfp,
		     r.b->zones[1].free_pages);
	rig_check(&r);
	rig_destroy(&r);
}

/*
 * __alloc_pages() adds up what each zone is to keep, beginning with the request itself: Normal must
 * have more than 1 + 20 pages in the end, DMA more than 1 + 20 + 20.  Who can't wait may go down to
 * a quarter.
 */
Test(page_classic_2_4, marks_add_up)
{
	assert_left(KMR_GFP_KERNEL, 0, 41, 21);
	assert_left(GFP_ATOMIC_REQ, 0, 11, 6);
	/* __GFP_HIGH means nothing to this version */
	assert_left(KMR_GFP_KERNEL | KMR_GFP_HIGH, 0, 41, 21);
	/* no mark for those who free memory with it */
	assert_left(KMR_GFP_KERNEL | KMR_GFP_MEMALLOC, 0, 0, 0);
	assert_left(KMR_GFP_KERNEL | KMR_GFP_DMA, 0, 21, 512);
	/* 4 + 20 and 4 + 40, in steps of 4: blocks smaller than asked for do not matter */
	assert_left(KMR_GFP_KERNEL, 2, 44, 24);
}

/* From Normal before DMA, as long as that is above low: then DMA, before Normal goes to min. */
Test(page_classic_2_4, zones_in_turn)
{
	struct rig r;

	rig_two_zones(&r);
	for (unsigned int i = 0; i < 512 - 41; i++)
		cr_assert_geq(rig_alloc(&r, 0, KMR_GFP_KERNEL), 2560);
	cr_assert_lt(rig_alloc(&r, 0, KMR_GFP_KERNEL), 1024);
	cr_assert_eq(r.ops->work(r.b)->slow_paths, 0);
	rig_destroy(&r);
}

/* _alloc_pages() in mm/numa.c: own node to the last, those before it, then from the highest down */
Test(page_classic_2_4, nodes_in_turn)
{
	const struct kmr_page_request req = { .gfp = KMR_GFP_KERNEL, .order = 9, .node = 1 };
	struct kmr_page_request own = req;
	struct rig r;

	bare_machine(&r.m, 9);
	r.m.nr_nodes = 3;
	for (unsigned int i = 0; i < 3; i++)
		(void)add_zone(&r.m, KMR_ZONE_NORMAL, i, 1024 * i, 1024);
	rig_create_as(&r, "linux-2.4");
	for (unsigned int i = 0; i < 3; i++) {
		memset(r.b->zones[i].mark, 0, sizeof(r.b->zones[i].mark));
		rig_seed(&r, 1024 * i, 9, ANY);
		rig_seed(&r, 1024 * i + 512, 0, ANY);
	}
	cr_assert_eq(r.ops->alloc(r.b, &req), 1024);
	own.gfp |= KMR_GFP_THISNODE;
	cr_assert_eq(r.ops->alloc(r.b, &own), KMR_NO_PFN);
	cr_assert_eq(r.ops->alloc(r.b, &req), 0);
	cr_assert_eq(r.ops->alloc(r.b, &req), 2048);
	cr_assert_eq(r.ops->alloc(r.b, &req), KMR_NO_PFN);
	rig_destroy(&r);
}

/* What this kernel had not is refused, and counted where there is a count. */
Test(page_classic_2_4, nothing_of_the_kind)
{
	const struct kmr_memory_block block = { 0, 1024, KMR_EV_ANY_ZONE, -1 };
	struct kmr_snapshot snap;
	kmr_pfn_t busy = 0;
	struct rig r;

	memset(&snap, 0, sizeof(snap));
	(void)rig_24(&r);
	r.ops->cma_activate(r.b, true);
	cr_assert_eq(r.ops->cma_alloc(r.b, 0, 16, 0, 0), KMR_NO_PFN);
	cr_assert_eq(r.ops->cma_release(r.b, 0, 0, 16, 0), -1);
	cr_assert_eq(r.ops->online(r.b, &block, 0), KMR_RANGE_INVALID);
	cr_assert_eq(r.ops->offline(r.b, 0, 1024, 0, &busy), KMR_RANGE_INVALID);
	cr_assert_eq(busy, KMR_NO_PFN);
	cr_assert_eq(r.ops->set_huge_pages(r.b, 4, -1, 0), 0);
	cr_assert_eq(r.ops->contig_work(r.b)->cma_failures, 1);
	cr_assert_eq(r.ops->contig_work(r.b)->huge_failures, 1);
	cr_assert_eq(r.ops->pcp_take_all(r.b, 0, 0, 0, 0), 0);
	rig_check(&r);
	rig_destroy(&r);
}

#define ASSERT_CHECK(rig, message)                                    \
	do {                                                          \
		struct kmr_error err_ = { "" };                       \
                                                                      \
		cr_assert_eq((rig)->ops->check((rig)->b, &err_), -1); \
		cr_assert_str_eq(err_.msg, message);                  \
	} while (0)

/* What check() says of a state that can't be. */
Test(page_classic_2_4, check_finds)
{
	struct kmr_classic_zone *z;
	struct rig r;

	z = rig_24(&r);
	rig_free(&r, 8, 2);
	rig_free(&r, 64, 2);
	z->map[2][0] ^= 1u << 1;
	ASSERT_CHECK(&r, "zone 0: the bit of frame 8 and its buddy of order 2 is wrong");
	z->map[2][0] ^= 1u << 1;
	z->nr_free[2][0]++;
	ASSERT_CHECK(&r, "zone 0: free list 2/0 has 2 blocks, counted 3");
	z->nr_free[2][0]--;
	z->free_pages++;
	ASSERT_CHECK(&r, "zone 0: 8 pages on its free lists, counted 9");
	z->free_pages--;
	r.b->bits[0].free &= ~(UINT64_C(1) << 9);
	ASSERT_CHECK(&r, "zone 0: frame 9 is on a free list but counts as used");
	r.b->bits[0].free |= UINT64_C(1) << 9 | 1;
	ASSERT_CHECK(&r, "a frame of 0..63 counts as free but is on no list");
	r.b->bits[0].free &= ~UINT64_C(1);
	r.b->bits[0].movable |= UINT64_C(1) << 9;
	ASSERT_CHECK(&r, "a frame of 0..63 is free and movable");
	r.b->bits[0].movable = 0;
	kmr_frame(r.b, 8)->order = 1;
	ASSERT_CHECK(&r, "zone 0: frame 8 on a free list is of state 1, order 1, type 0, or badly "
			 "linked");
	kmr_frame(r.b, 8)->order = 2;
	kmr_frame(r.b, 8)->next = 8000;
	ASSERT_CHECK(&r, "zone 0: a free list leads to frame 8000, which is none");
	kmr_frame(r.b, 8)->next = KMR_NO_PFN;
	z->lists[2][0].tail = 64;
	ASSERT_CHECK(&r, "zone 0: a free list ends at frame 8, its tail is 64");
	z->lists[2][0].tail = 8;
	z->pageblocks[1] = KMR_MIGRATE_ISOLATE;
	ASSERT_CHECK(&r, "zone 0: pageblock 1 is of type 5");
	z->pageblocks[1] = 0;
	rig_check(&r);
	rig_destroy(&r);
}
