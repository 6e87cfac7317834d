// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU lists, held against __rmqueue_pcplist(), free_unref_page_commit(), nr_pcp_free(),
 * nr_pcp_high() and free_pcppages_bulk() of mm/page_alloc.c in Linux 6.1.
 */
#include "support.h"

/* A zone of [0, 8192) whose per-CPU limits are given, nothing free yet. */
static struct kmr_pcp *rig_pcp(struct rig *r, uint32_t high, uint32_t batch)
{
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, 8192);
	r->m.zones[0].pcp_high = high;
	r->m.zones[0].pcp_batch = batch;
	rig_create(r);
	return &r->b->zones[0].pcp[0];
}

static void seed_all(const struct rig *r)
{
	for (uint32_t pfn = 0; pfn < 8192; pfn += 1024)
		rig_seed(r, pfn, 10, KMR_MIGRATE_MOVABLE);
}

static void assert_refill(unsigned int order, uint32_t batch, unsigned int blocks)
{
	struct witness w;
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 10000, batch);

	seed_all(&r);
	rig_watch(&r, &w);
	cr_assert_eq(r.ops->refill_size(r.b, 0, 0, order), blocks, "order %u", order);
	cr_assert_eq(rig_alloc(&r, order, GFP_MOVABLE_REQ), 0);
	cr_assert_eq(witness_count(&w, TOLD_REFILL), blocks, "order %u, batch %u", order, batch);
	cr_assert_eq(w.count, blocks);
	for (unsigned int i = 0; i < blocks; i++) {
		cr_assert_eq(w.told[i].pfn, i << order);
		cr_assert_eq(w.told[i].order, order);
		cr_assert_eq(w.told[i].type, KMR_MIGRATE_MOVABLE);
	}
	cr_assert_eq(pcp->count, (blocks - 1) << order);
	cr_assert_eq(r.ops->work(r.b)->pcp_refills, 1);
	cr_assert_eq(r.ops->work(r.b)->refill_blocks, blocks);
	/* the rest comes off the list in the order of the refill, without another */
	for (unsigned int i = 1; i < blocks; i++)
		cr_assert_eq(rig_alloc(&r, order, GFP_MOVABLE_REQ), i << order);
	cr_assert_eq(r.ops->work(r.b)->pcp_refills, 1);
	cr_assert_eq(r.ops->work(r.b)->pcp_hits, blocks - 1);
	rig_check(&r);
	rig_destroy(&r);
}

Test(page_pcp, refill_is_batch_by_order)
{
	assert_refill(0, 63, 63);
	assert_refill(1, 63, 31);
	assert_refill(2, 63, 15);
	assert_refill(3, 63, 7);
	/* at least two blocks */
	assert_refill(3, 8, 2);
	assert_refill(9, 63, 2);
	assert_refill(0, 2, 2);
	/* but for lists that shall not hold any */
	assert_refill(0, 1, 1);
	assert_refill(3, 1, 1);
}

/* Orders 4 to 8 and 10 have no lists. */
Test(page_pcp, other_orders_go_to_the_buddy)
{
	static const unsigned int orders[] = { 4, 5, 6, 7, 8, 10 };
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 10000, 63);

	seed_all(&r);
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		const kmr_pfn_t pfn = rig_alloc(&r, orders[i], GFP_MOVABLE_REQ);

		cr_assert_neq(pfn, KMR_NO_PFN);
		cr_assert_eq(pcp->count, 0);
		rig_free(&r, pfn, orders[i]);
		cr_assert_eq(pcp->count, 0);
	}
	cr_assert_eq(r.ops->work(r.b)->pcp_refills, 0);
	rig_destroy(&r);
}

/* Every order and mobility has a list of its own: the kernel's order_to_pindex(). */
Test(page_pcp, lists_by_order_and_type)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 100000, 63);

	for (unsigned int type = 0; type < KMR_MIGRATE_PCPTYPES; type++) {
		r.ops->set_pageblock(r.b, 512 * type, type);
		for (unsigned int order = 0; order < 4; order++) {
			const uint32_t pfn = 512 * type + (16u << order);

			rig_free(&r, pfn, order);
			ASSERT_LIST(&r, &pcp->lists[3 * order + type], pfn);
		}
	}
	r.ops->set_pageblock(r.b, 2048, KMR_MIGRATE_RECLAIMABLE);
	rig_free(&r, 2048, 9);
	rig_free(&r, 2560, 9);
	ASSERT_LIST(&r, &pcp->lists[12], 2048);
	ASSERT_LIST(&r, &pcp->lists[13], 2560);
	rig_check(&r);
	rig_destroy(&r);
}

/* CMA and high-atomic frames wait on the movable list, isolated ones don't wait. */
Test(page_pcp, odd_types)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 100000, 63);
	const struct kmr_zone *z = &r.b->zones[0];

	r.ops->set_pageblock(r.b, 0, KMR_MIGRATE_CMA);
	r.ops->set_pageblock(r.b, 512, KMR_MIGRATE_HIGHATOMIC);
	r.ops->set_pageblock(r.b, 1024, KMR_MIGRATE_ISOLATE);
	rig_free(&r, 3, 0);
	rig_free(&r, 515, 0);
	rig_free(&r, 1027, 0);
	ASSERT_LIST(&r, &pcp->lists[KMR_MIGRATE_MOVABLE], 515, 3);
	ASSERT_LIST(&r, &z->lists[0][KMR_MIGRATE_ISOLATE], 1027);
	cr_assert_eq(z->free_pages, 0, "isolated frames don't count as free");
	r.ops->drain(r.b, -1);
	ASSERT_LIST(&r, &z->lists[0][KMR_MIGRATE_CMA], 3);
	ASSERT_LIST(&r, &z->lists[0][KMR_MIGRATE_HIGHATOMIC], 515);
	cr_assert_eq(z->free_pages, 2);
	cr_assert_eq(z->free_cma, 1);
	rig_check(&r);
	rig_destroy(&r);
}

Test(page_pcp, last_in_first_out)
{
	struct rig r;

	(void)rig_pcp(&r, 1000, 63);
	for (uint32_t pfn = 100; pfn < 120; pfn += 2)
		rig_free(&r, pfn, 0);
	for (uint32_t pfn = 118; pfn >= 100; pfn -= 2)
		cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), pfn);
	rig_destroy(&r);
}

/* A CPU's lists are its own. */
Test(page_pcp, cpus_have_their_own)
{
	struct kmr_page_request req = { .gfp = GFP_MOVABLE_REQ, .order = 0, .node = 0, .cpu = 0 };
	struct rig r;

	bare_machine(&r.m, 9);
	r.m.nr_cpus = 2;
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 8192);
	rig_create(&r);
	cr_assert_eq(r.ops->free(r.b, 10, 0, 0), 0);
	cr_assert_eq(r.ops->free(r.b, 20, 0, 1), 0);
	rig_seed(&r, 1024, 10, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 1);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 1), 1);
	req.cpu = 1;
	cr_assert_eq(r.ops->alloc(r.b, &req), 20);
	req.cpu = 0;
	cr_assert_eq(r.ops->alloc(r.b, &req), 10);
	r.ops->drain(r.b, 1);
	cr_assert_eq(r.ops->free(r.b, 10, 0, 0), 0);
	r.ops->drain(r.b, 1);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 1, "another CPU's drain emptied it");
	r.ops->drain(r.b, 0);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 0);
	/* no such CPU */
	cr_assert_eq(r.ops->free(r.b, 20, 0, 2), -1);
	req.cpu = 2;
	cr_assert_eq(r.ops->alloc(r.b, &req), KMR_NO_PFN);
	rig_destroy(&r);
}

/*
 * A full list drains from its own tail first, then round robin over the lists behind it, each
 * from the tail.
 */
Test(page_pcp, drain_order)
{
	struct witness w;
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 8, 4);

	r.ops->set_pageblock(r.b, 0, KMR_MIGRATE_UNMOVABLE);
	r.ops->set_pageblock(r.b, 1024, KMR_MIGRATE_RECLAIMABLE);
	rig_watch(&r, &w);
	rig_free(&r, 10, 0);
	rig_free(&r, 20, 0);
	rig_free(&r, 30, 0);
	for (uint32_t pfn = 610; pfn < 650; pfn += 10)
		rig_free(&r, pfn, 0);
	cr_assert_eq(w.count, 0);
	rig_free(&r, 1030, 0);
	cr_assert_eq(w.count, 4);
	cr_assert_eq(w.told[0].pfn, 1030);
	cr_assert_eq(w.told[0].type, KMR_MIGRATE_RECLAIMABLE);
	cr_assert_eq(w.told[1].pfn, 10);
	cr_assert_eq(w.told[1].type, KMR_MIGRATE_UNMOVABLE);
	cr_assert_eq(w.told[2].pfn, 20);
	cr_assert_eq(w.told[3].pfn, 30);
	ASSERT_LIST(&r, &pcp->lists[KMR_MIGRATE_MOVABLE], 640, 630, 620, 610);
	cr_assert_eq(r.ops->work(r.b)->drain_blocks, 4);
	/* an explicit drain begins with the first list */
	rig_free(&r, 40, 0);
	r.ops->drain(r.b, 0);
	cr_assert_eq(w.count, 9);
	cr_assert_eq(w.told[4].pfn, 40);
	cr_assert_eq(w.told[5].pfn, 610);
	cr_assert_eq(w.told[8].pfn, 640);
	cr_assert_eq(pcp->count, 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* Blocks larger than what is left to drain are drained whole. */
Test(page_pcp, drain_counts_pages)
{
	struct witness w;
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 16, 4);

	rig_watch(&r, &w);
	rig_free(&r, 64, 3);
	rig_free(&r, 8, 0);
	rig_free(&r, 128, 3);
	/* 17 pages, 4 to drain: the tail of the list that was freed to is a block of 8 */
	cr_assert_eq(w.count, 1);
	cr_assert_eq(w.told[0].pfn, 64);
	cr_assert_eq(w.told[0].order, 3);
	cr_assert_eq(pcp->count, 9);
	rig_destroy(&r);
}

/* Frees @n used frames from @pfn upwards by steps of two, which never merge. */
static uint32_t free_frames(const struct rig *r, uint32_t pfn, unsigned int n)
{
	for (; n; n--, pfn += 2)
		rig_free(r, pfn, 0);
	return pfn;
}

Test(page_pcp, batch_doubles_until_the_limit)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 378, 63);
	uint32_t pfn = free_frames(&r, 0, 377);

	cr_assert_eq(pcp->count, 377);
	cr_assert_eq(pcp->free_factor, 0);
	pfn = free_frames(&r, pfn, 1);
	cr_assert_eq(pcp->count, 378 - 63);
	cr_assert_eq(pcp->free_factor, 1);
	pfn = free_frames(&r, pfn, 63);
	cr_assert_eq(pcp->count, 378 - 126);
	cr_assert_eq(pcp->free_factor, 2);
	pfn = free_frames(&r, pfn, 126);
	cr_assert_eq(pcp->count, 378 - 252);
	cr_assert_eq(pcp->free_factor, 3);
	/* high - batch at most, and no further doubling then */
	pfn = free_frames(&r, pfn, 252);
	cr_assert_eq(pcp->count, 63);
	cr_assert_eq(pcp->free_factor, 3);
	(void)free_frames(&r, pfn, 315);
	cr_assert_eq(pcp->count, 63);
	/* whoever allocates halves it */
	cr_assert_neq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), KMR_NO_PFN);
	cr_assert_eq(pcp->free_factor, 1);
	cr_assert_neq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), KMR_NO_PFN);
	cr_assert_eq(pcp->free_factor, 0);
	rig_check(&r);
	rig_destroy(&r);
}

Test(page_pcp, batch_doubles_five_times_at_most)
{
	static const uint32_t drained[] = { 1, 2, 4, 8, 16, 32, 32, 32 };
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 100, 1);
	uint32_t pfn = free_frames(&r, 0, 99);

	for (size_t i = 0; i < sizeof(drained) / sizeof(drained[0]); i++) {
		pfn = free_frames(&r, pfn, 100 - pcp->count);
		cr_assert_eq(pcp->count, 100 - drained[i], "drain %zu left %u", i, pcp->count);
	}
	rig_destroy(&r);
}

Test(page_pcp, limits_below_a_batch)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 3, 63);

	(void)free_frames(&r, 0, 10);
	cr_assert_eq(pcp->count, 2, "one page is freed at the limit");
	cr_assert_eq(pcp->free_factor, 0);
	rig_destroy(&r);
	pcp = rig_pcp(&r, 0, 1);
	(void)free_frames(&r, 0, 10);
	cr_assert_eq(pcp->count, 0, "a list without a limit holds nothing");
	rig_destroy(&r);
}

/* While kswapd reclaims, four batches. */
Test(page_pcp, limit_during_reclaim)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 1000, 63);
	uint32_t pfn;

	r.ops->kswapd(r.b, 0, true);
	pfn = free_frames(&r, 0, 251);
	cr_assert_eq(pcp->count, 251);
	pfn = free_frames(&r, pfn, 1);
	cr_assert_eq(pcp->count, 252 - 63);
	r.ops->kswapd(r.b, 0, false);
	pfn = free_frames(&r, pfn, 1000 - 252 + 63 - 1);
	cr_assert_eq(pcp->count, 999);
	(void)free_frames(&r, pfn, 1);
	cr_assert_eq(pcp->count, 1000 - 126);
	rig_destroy(&r);
	/* but not more than the limit it has anyway */
	pcp = rig_pcp(&r, 100, 63);
	r.ops->kswapd(r.b, 0, true);
	pfn = free_frames(&r, 0, 99);
	cr_assert_eq(pcp->count, 99);
	(void)free_frames(&r, pfn, 1);
	cr_assert_eq(pcp->count, 63);
	rig_destroy(&r);
}

/* When many frees came in a row, blocks of orders 1 to 3 don't stay, nor does anything else. */
Test(page_pcp, free_of_a_high_order)
{
	struct rig r;
	struct kmr_pcp *pcp;

	for (unsigned int order = 1; order <= 3; order++) {
		struct witness w;
		uint32_t count;

		pcp = rig_pcp(&r, 378, 63);
		rig_free(&r, 2048, order);
		cr_assert_eq(pcp->count, 1u << order, "without a row of frees it stays");
		(void)free_frames(&r, 0, 378);
		cr_assert_eq(pcp->free_factor, 1);
		count = pcp->count;
		rig_watch(&r, &w);
		rig_free(&r, 4096, order);
		cr_assert_eq(pcp->count, 0);
		cr_assert_gt(count, 0);
		/* its own list first */
		cr_assert_eq(w.told[0].pfn, 2048);
		cr_assert_eq(w.told[1].pfn, 4096);
		cr_assert_eq(pcp->free_factor, 1);
		rig_check(&r);
		rig_destroy(&r);
	}
	/* not a huge page */
	pcp = rig_pcp(&r, 5000, 63);
	pcp->free_factor = 1;
	rig_free(&r, 4096, 9);
	cr_assert_eq(pcp->count, 512);
	rig_destroy(&r);
}

/* Another operation of the CPU holds the lists: everything goes around them. */
Test(page_pcp, locked)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 378, 63);
	const struct kmr_zone *z = &r.b->zones[0];

	rig_free(&r, 100, 0);
	r.ops->pcp_lock(r.b, 0, 0, true);
	rig_free(&r, 200, 0);
	ASSERT_LIST(&r, &pcp->lists[KMR_MIGRATE_MOVABLE], 100);
	ASSERT_LIST(&r, &z->lists[0][KMR_MIGRATE_MOVABLE], 200);
	cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), 200);
	cr_assert_eq(r.ops->work(r.b)->pcp_refills, 0);
	pcp->free_factor = 4;
	cr_assert_eq(rig_alloc(&r, 0, GFP_NOWAIT_REQ | KMR_GFP_MOVABLE), KMR_NO_PFN);
	cr_assert_eq(pcp->free_factor, 4, "the lists were not taken, so not touched");
	r.ops->pcp_lock(r.b, 0, 0, false);
	cr_assert_eq(rig_alloc(&r, 0, GFP_MOVABLE_REQ), 100);
	rig_check(&r);
	rig_destroy(&r);
}

/* The type at mm_page_free decides, even if the pageblock has changed hands since. */
Test(page_pcp, prepared_type_counts)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 378, 63);
	const struct kmr_zone *z = &r.b->zones[0];

	r.ops->set_pageblock(r.b, 0, KMR_MIGRATE_UNMOVABLE);
	r.ops->free_prepare(r.b, 5);
	r.ops->set_pageblock(r.b, 0, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(r.ops->free_commit(r.b, 5, 0), 0);
	ASSERT_LIST(&r, &pcp->lists[KMR_MIGRATE_UNMOVABLE], 5);
	r.ops->drain(r.b, 0);
	ASSERT_LIST(&r, &z->lists[0][KMR_MIGRATE_UNMOVABLE], 5);
	cr_assert_eq(r.ops->free_commit(r.b, 5, 0), -1, "it is free already");
	/* but once a pageblock is isolated, it is asked again */
	r.ops->free_prepare(r.b, 9);
	cr_assert_eq(r.ops->free_commit(r.b, 9, 0), 0);
	r.ops->set_pageblock(r.b, 0, KMR_MIGRATE_ISOLATE);
	r.ops->drain(r.b, 0);
	ASSERT_LIST(&r, &z->lists[0][KMR_MIGRATE_ISOLATE], 9);
	rig_check(&r);
	rig_destroy(&r);
}

Test(page_pcp, take_all)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_pcp(&r, 378, 63);

	(void)free_frames(&r, 0, 20);
	rig_free(&r, 600, 2);
	cr_assert_eq(r.ops->pcp_take_all(r.b, 0, 0, 0, KMR_MIGRATE_UNMOVABLE), 0);
	cr_assert_eq(r.ops->pcp_take_all(r.b, 0, 0, 0, KMR_MIGRATE_MOVABLE), 20);
	cr_assert_eq(pcp->count, 4);
	cr_assert_eq(r.ops->pcp_take_all(r.b, 0, 0, 2, KMR_MIGRATE_MOVABLE), 1);
	cr_assert_eq(pcp->count, 0);
	cr_assert_eq(rig_where(&r, 600).place, KMR_FRAME_USED);
	/* there is no such list */
	cr_assert_eq(r.ops->pcp_take_all(r.b, 0, 0, 4, KMR_MIGRATE_MOVABLE), 0);
	cr_assert_eq(r.ops->pcp_take_all(r.b, 0, 0, 0, KMR_MIGRATE_CMA), 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* The parameters stand above the machine's figures. */
Test(page_pcp, parameters)
{
	uint64_t values[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };
	struct rig r;

	(void)rig_pcp(&r, 378, 63);
	rig_destroy(&r);
	r.ops = kmr_page_backend_parse("linux-6.1,pcp_high=10,pcp_batch=5", values, &err);
	cr_assert_not_null(r.ops);
	r.b = r.ops->create(&r.m, values, &err);
	cr_assert_not_null(r.b);
	cr_assert_eq(r.ops->refill_size(r.b, 0, 0, 0), 5);
	(void)free_frames(&r, 0, 10);
	cr_assert_eq(r.ops->pcp_count(r.b, 0, 0), 5);
	rig_destroy(&r);
}
