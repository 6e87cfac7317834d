// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU lists that tune their size, held against nr_pcp_alloc(), nr_pcp_high(), nr_pcp_free(),
 * free_unref_page_commit(), decay_pcp_high() of mm/page_alloc.c and refresh_cpu_vm_stats() of
 * mm/vmstat.c in Linux 6.12.
 */
#include "support.h"

#define HIGH_MIN 252u
#define HIGH_MAX 2000u
#define BATCH	 63u
#define SECOND	 UINT64_C(1000000000)

/* A zone of used frames but for @free_pages of them, and its first CPU's lists. */
static struct kmr_pcp *rig_tuned(struct rig *r, uint32_t free_pages)
{
	rig_backend = "linux-6.12";
	bare_machine(&r->m, 9);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, 65536);
	r->m.zones[0].pcp_high = HIGH_MIN;
	r->m.zones[0].pcp_high_max = HIGH_MAX;
	r->m.zones[0].pcp_batch = BATCH;
	rig_create(r);
	for (uint32_t pfn = 0; pfn < free_pages; pfn += 1024)
		rig_seed(r, pfn, 10, KMR_MIGRATE_UNMOVABLE);
	return &r->b->zones[0].pcp[0];
}

/* Requests until the lists are empty. */
static void use_up(const struct rig *r, const struct kmr_pcp *pcp)
{
	while (pcp->count)
		cr_assert_neq(rig_alloc(r, 0, KMR_GFP_KERNEL), KMR_NO_PFN);
}

Test(page_pcp_size, refills_double)
{
	/* the last one is what high leaves room for: 2000 - 63 */
	static const struct {
		uint32_t blocks, high, factor;
	} refills[] = {
		{ 63, 315, 1 },	   { 126, 441, 2 },   { 252, 693, 3 },	 { 504, 1197, 4 },
		{ 1008, 2000, 5 }, { 1937, 2000, 5 }, { 1937, 2000, 5 },
	};
	struct rig r;
	struct kmr_pcp *pcp = rig_tuned(&r, 32768);

	for (size_t i = 0; i < sizeof(refills) / sizeof(refills[0]); i++) {
		/* to look at it changes nothing */
		cr_assert_eq(r.ops->refill_size(r.b, 0, 0, 0), refills[i].blocks, "refill %zu", i);
		cr_assert_neq(rig_alloc(&r, 0, KMR_GFP_KERNEL), KMR_NO_PFN);
		cr_assert_eq(pcp->count, refills[i].blocks - 1, "refill %zu", i);
		cr_assert_eq(pcp->high, refills[i].high, "refill %zu", i);
		cr_assert_eq(pcp->alloc_factor, refills[i].factor, "refill %zu", i);
		use_up(&r, pcp);
	}
	rig_check(&r);
	rig_destroy(&r);
}

/* A free halves the next refill twice over: 2^5 becomes 2^2. */
Test(page_pcp_size, a_free_makes_refills_smaller)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_tuned(&r, 32768);
	kmr_pfn_t pfn = KMR_NO_PFN;

	for (unsigned int i = 0; i < 5; i++) {
		pfn = rig_alloc(&r, 0, KMR_GFP_KERNEL);
		use_up(&r, pcp);
	}
	cr_assert_eq(pcp->alloc_factor, 5);
	rig_free(&r, pfn, 0);
	cr_assert_eq(pcp->alloc_factor, 2);
	cr_assert_eq(r.ops->refill_size(r.b, 0, 0, 0), 252);
	rig_destroy(&r);
}

/* Other orders do not double; nor is a limit passed that was set by hand. */
Test(page_pcp_size, refills_of_orders)
{
	static const uint32_t blocks[] = { 63, 31, 15, 7 };
	uint64_t values[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };
	struct rig r;
	struct kmr_pcp *pcp = rig_tuned(&r, 32768);

	for (unsigned int order = 0; order < 4; order++)
		cr_assert_eq(r.ops->refill_size(r.b, 0, 0, order), blocks[order]);
	cr_assert_eq(r.ops->refill_size(r.b, 0, 0, 9), 2, "at least two");
	(void)rig_alloc(&r, 2, KMR_GFP_KERNEL);
	cr_assert_eq(pcp->alloc_factor, 0);
	cr_assert_eq(pcp->high, HIGH_MIN + BATCH);
	pcp->high_min = pcp->high_max = 10;
	cr_assert_eq(r.ops->refill_size(r.b, 0, 0, 0), 1, "lists that can't hold a batch");
	r.ops->destroy(r.b);
	r.ops = kmr_page_backend_parse("linux-6.12,pcp_high=252", values, &err);
	r.b = r.ops->create(&r.m, values, &err);
	pcp = &r.b->zones[0].pcp[0];
	cr_assert_eq(pcp->high_max, 252);
	for (uint32_t pfn = 0; pfn < 4096; pfn += 1024)
		rig_seed(&r, pfn, 10, KMR_MIGRATE_UNMOVABLE);
	for (unsigned int i = 0; i < 4; i++) {
		static const uint32_t refills[] = { 63, 126, 189, 189 };

		cr_assert_eq(r.ops->refill_size(r.b, 0, 0, 0), refills[i], "refill %u", i);
		(void)rig_alloc(&r, 0, KMR_GFP_KERNEL);
		cr_assert_eq(pcp->high, 252);
		use_up(&r, pcp);
	}
	rig_destroy(&r);
}

/* The limit follows what is freed in a row; so does what a drain takes. */
Test(page_pcp_size, drains_grow)
{
	static const struct {
		uint32_t at, drained, high;
	} drains[] = { { 252, 189, 315 },
		       { 315, 252, 567 },
		       { 567, 504, 1071 },
		       { 1071, 1008, 2000 },
		       { 2000, 1937, 2000 } };
	struct rig r;
	struct kmr_pcp *pcp = rig_tuned(&r, 0);
	kmr_pfn_t pfn = 0;

	for (size_t i = 0; i < sizeof(drains) / sizeof(drains[0]); i++) {
		while (pcp->count + 1 < drains[i].at)
			rig_free(&r, pfn++, 0);
		rig_free(&r, pfn++, 0);
		cr_assert_eq(pcp->count, drains[i].at - drains[i].drained, "drain %zu", i);
		cr_assert_eq(pcp->high, drains[i].high, "drain %zu", i);
	}
	cr_assert_eq(pcp->free_count, BATCH << 5, "it counts no further");
	/* a request halves the count, so that the next drain is smaller */
	(void)rig_alloc(&r, 0, KMR_GFP_MOVABLE | KMR_GFP_KERNEL);
	cr_assert_eq(pcp->free_count, BATCH << 4);
	rig_check(&r);
	rig_destroy(&r);
}

/* Orders 1 to 3 freed in a row are not kept, unless the CPU's cache is large. */
Test(page_pcp_size, high_orders)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_tuned(&r, 0);
	kmr_pfn_t pfn = 0;

	for (unsigned int i = 0; i < 32; i++, pfn += 2)
		rig_free(&r, pfn, 1);
	cr_assert_eq(pcp->count, 64);
	cr_assert_eq(pcp->flags, KMR_PCPF_PREV_FREE_HIGH_ORDER);
	rig_free(&r, pfn, 1);
	cr_assert_eq(pcp->count, 0, "a batch was freed without a request");
	rig_free(&r, pfn + 2, 1);
	cr_assert_eq(pcp->count, 0);
	/* one page between them, and the next is kept again */
	rig_free(&r, 1000, 0);
	rig_free(&r, pfn + 4, 1);
	cr_assert_eq(pcp->count, 3);
	rig_free(&r, pfn + 6, 1);
	cr_assert_eq(pcp->count, 0);
	pcp->flags |= KMR_PCPF_FREE_HIGH_BATCH;
	for (unsigned int i = 0; i < 31; i++)
		rig_free(&r, pfn + 8 + 2 * i, 1);
	cr_assert_eq(pcp->count, 62);
	rig_free(&r, pfn + 70, 1);
	cr_assert_eq(pcp->count, 0);
	rig_destroy(&r);
}

/* While kswapd reclaims, four batches at most, and the limit falls. */
Test(page_pcp_size, reclaim)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_tuned(&r, 0);

	pcp->high = 1000;
	r.ops->kswapd(r.b, 0, true);
	for (kmr_pfn_t pfn = 0; pfn < 251; pfn++)
		rig_free(&r, pfn, 0);
	cr_assert_eq(pcp->count, 251);
	cr_assert_eq(pcp->high, HIGH_MIN);
	rig_free(&r, 251, 0);
	cr_assert_eq(pcp->count, 63);
	rig_destroy(&r);
}

/* A zone that a request found below its high watermark gets its pages back, until it is above. */
Test(page_pcp_size, below_the_high_watermark)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_tuned(&r, 2048);
	struct kmr_zone *z = &r.b->zones[0];

	z->wmark[KMR_ALLOC_WMARK_HIGH] = 2100;
	(void)rig_alloc(&r, 0, KMR_GFP_KERNEL);
	cr_assert(z->below_high);
	cr_assert_eq(pcp->high, HIGH_MIN, "refills do not raise it then");
	pcp->high = 1000;
	for (kmr_pfn_t pfn = 4096; pcp->count + 1 < HIGH_MIN; pfn++)
		rig_free(&r, pfn, 0);
	cr_assert(z->below_high);
	cr_assert_eq(z->free_pages, 2048 - 63);
	rig_free(&r, 8192, 0);
	cr_assert_lt(pcp->count, HIGH_MIN);
	cr_assert_gt(z->free_pages, 2100);
	cr_assert_not(z->below_high);
	rig_destroy(&r);
}

Test(page_pcp_size, decay)
{
	static const uint32_t highs[] = { 1750, 1532, 1341, 1174, 1028, 900, 788, 690, 604,
					  529,	463,  406,  356,  312,	273, 252, 252 };
	struct rig r;
	struct kmr_pcp *pcp = rig_tuned(&r, 0);

	pcp->high = HIGH_MAX;
	for (size_t i = 0; i < sizeof(highs) / sizeof(highs[0]); i++) {
		r.ops->decay(r.b);
		cr_assert_eq(pcp->high, highs[i], "second %zu", i);
	}
	/* what would be drained at once has a limit */
	pcp->high = HIGH_MAX;
	pcp->batch = 1;
	for (kmr_pfn_t pfn = 0; pfn < 1900; pfn++)
		rig_free(&r, pfn, 0);
	cr_assert_eq(pcp->count, 1900);
	r.ops->decay(r.b);
	cr_assert_eq(pcp->high, 1900 - 32);
	cr_assert_eq(pcp->count, 1900, "nothing is drained");
	rig_destroy(&r);
}

/* In a simulation the second is the tick's, and what is over the limit goes. */
Test(page_pcp_size, ticks)
{
	struct rig r;
	struct kmr_pcp *pcp = rig_tuned(&r, 0);

	pcp->high = 1000;
	for (kmr_pfn_t pfn = 0; pfn < 900; pfn++)
		rig_free(&r, pfn, 0);
	r.ops->tick(r.b, 5 * SECOND + 1);
	cr_assert_eq(pcp->high, 1000, "the first only says what time it is");
	r.ops->tick(r.b, 6 * SECOND - 1);
	cr_assert_eq(pcp->high, 1000);
	r.ops->tick(r.b, 6 * SECOND);
	cr_assert_eq(pcp->high, 875);
	cr_assert_eq(pcp->count, 875);
	r.ops->tick(r.b, 8 * SECOND);
	cr_assert_eq(pcp->high, 671, "875 - 109, 766 - 95");
	r.ops->tick(r.b, 8000 * SECOND);
	cr_assert_eq(pcp->count, HIGH_MIN);
	rig_check(&r);
	rig_destroy(&r);
}

/* Lists of another node's zone are drained by a batch when three seconds have passed. */
Test(page_pcp_size, remote_lists_expire)
{
	struct rig r;
	struct kmr_pcp *remote, *local;

	rig_backend = "linux-6.12";
	bare_machine(&r.m, 9);
	r.m.nr_nodes = 2;
	r.m.nr_cpus = 2;
	r.m.cpu_node[1] = 1;
	for (unsigned int node = 0; node < 2; node++) {
		struct kmr_zone_spec *z =
			add_zone(&r.m, KMR_ZONE_NORMAL, node, node * 16384, 16384);

		z->pcp_high_max = HIGH_MAX;
		z->stat_threshold = 125;
	}
	rig_create(&r);
	local = &r.b->zones[0].pcp[0];
	remote = &r.b->zones[1].pcp[0];
	r.ops->tick(r.b, 1);
	for (kmr_pfn_t pfn = 0; pfn < 100; pfn++) {
		rig_free(&r, pfn, 0);
		rig_free(&r, 16384 + pfn, 0);
	}
	/* the zones' counters have changed: so this CPU has used them */
	local->stat_diff = remote->stat_diff = 1;
	r.b->zones[0].stat_lag = r.b->zones[1].stat_lag = 1;
	r.ops->tick(r.b, 1 * SECOND);
	r.ops->tick(r.b, 2 * SECOND);
	cr_assert_eq(remote->count, 100);
	cr_assert_eq(remote->expire, 1);
	cr_assert_eq(local->expire, 0);
	r.ops->tick(r.b, 3 * SECOND);
	cr_assert_eq(remote->count, 37);
	cr_assert_eq(local->count, 100);
	/* the drain itself has changed a counter: the rest goes three seconds later */
	r.ops->tick(r.b, 5 * SECOND);
	cr_assert_eq(remote->count, 37);
	r.ops->tick(r.b, 6 * SECOND);
	cr_assert_eq(remote->count, 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* drain_one(): the first list that has any, from its tail; lists that there are not are none. */
Test(page_pcp_size, drain_one)
{
	struct witness w;
	struct rig r;
	struct kmr_pcp *pcp = rig_tuned(&r, 0);

	rig_watch(&r, &w);
	r.ops->set_pageblock(r.b, 0, KMR_MIGRATE_UNMOVABLE);
	rig_free(&r, 600, 0); /* movable: list 1 */
	rig_free(&r, 8, 1); /* list 3 */
	rig_free(&r, 4, 0); /* list 0 */
	rig_free(&r, 6, 0);
	for (unsigned int i = 0; i < 5; i++)
		r.ops->drain_one(r.b, 0, 0);
	r.ops->drain_one(r.b, 1, 0);
	r.ops->drain_one(r.b, 0, 1);
	cr_assert_eq(w.count, 4);
	cr_assert_eq(w.told[0].pfn, 4);
	cr_assert_eq(w.told[1].pfn, 6);
	cr_assert_eq(w.told[2].pfn, 600);
	cr_assert_eq(w.told[3].pfn, 8);
	cr_assert_eq(pcp->count, 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* high_max of the captures: their zones' managed pages when the kernel set it. */
Test(page_pcp_size, high_max_of_machines)
{
	struct kmr_machine m;
	struct kmr_zone_spec *z;

	bare_machine(&m, 9);
	z = add_zone(&m, KMR_ZONE_DMA32, 0, 4096, 520154);
	cr_assert_eq(kmr_machine_pcp_high_max(&m, z, 506000), 63250);
	cr_assert_eq(kmr_machine_pcp_high_max(&m, z, 1000), 252, "four batches at least");
	m.nr_nodes = 2;
	m.nr_cpus = 4;
	m.cpu_node[2] = m.cpu_node[3] = 1;
	cr_assert_eq(kmr_machine_pcp_high_max(&m, z, 748384), 46774);
}

/* A machine that does not tell gets what the kernel would compute; 6.1 has no use for it. */
Test(page_pcp_size, limits_of_a_machine)
{
	struct rig r;

	(void)rig_tuned(&r, 0);
	cr_assert_eq(r.b->zones[0].pcp[0].high_min, HIGH_MIN);
	cr_assert_eq(r.b->zones[0].pcp[0].high_max, HIGH_MAX);
	cr_assert_eq(r.b->zones[0].pcp[0].high, 0, "until the first operation");
	r.ops->destroy(r.b);
	r.m.zones[0].pcp_high_max = 0;
	rig_create(&r);
	cr_assert_eq(r.b->zones[0].pcp[0].high_max, 8192, "65536 pages / 8");
	r.ops->destroy(r.b);
	rig_backend = "linux-6.1";
	rig_create(&r);
	cr_assert_eq(r.b->zones[0].pcp[0].high, HIGH_MIN);
	cr_assert_eq(r.ops->refill_size(r.b, 0, 0, 0), 63);
	rig_destroy(&r);
}

/* Every block counts by itself: the counter is folded when it passes the threshold, not after. */
Test(page_pcp_size, counters_follow_blocks)
{
	static const struct {
		const char *backend;
		int32_t diff;
	} cases[] = {
		/* 63 and 126 pages with a threshold of 125: folded after 126 of them */
		{ "linux-6.12", -63 },
		/* 63 and 63: folded with the second refill */
		{ "linux-6.1", 0 },
	};

	for (unsigned int i = 0; i < 2; i++) {
		struct rig r;
		struct kmr_pcp *pcp;

		(void)rig_tuned(&r, 0);
		r.ops->destroy(r.b);
		r.m.zones[0].stat_threshold = 125;
		rig_backend = cases[i].backend;
		rig_create(&r);
		pcp = &r.b->zones[0].pcp[0];
		rig_seed(&r, 0, 10, KMR_MIGRATE_UNMOVABLE);
		(void)rig_alloc(&r, 0, KMR_GFP_KERNEL);
		cr_assert_eq(pcp->stat_diff, -63);
		use_up(&r, pcp);
		(void)rig_alloc(&r, 0, KMR_GFP_KERNEL);
		cr_assert_eq(pcp->stat_diff, cases[i].diff, "%s", cases[i].backend);
		rig_check(&r);
		rig_destroy(&r);
	}
}
