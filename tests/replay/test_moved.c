// SPDX-License-Identifier: GPL-2.0-only
/*
 * A replay that follows reclaim and compaction of the traced kernel: what was moved lives on, and
 * boosts are those that the traced kswapd makes up for.
 */
#include "engine_bench.h"

static struct kmr_event compaction(enum kmr_event_type type, uint64_t addr, uint32_t end,
				   uint32_t taken)
{
	struct kmr_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.type = (uint8_t)type;
	ev.node = 0;
	ev.task = 7;
	ev.addr = addr;
	ev.end = end;
	ev.scan.taken = taken;
	ev.flags = KMR_EVF_CONTEXT_KNOWN;
	return ev;
}

/* Compaction of what is above 4096, for order 9. */
static void compaction_begins(struct bench *b)
{
	struct kmr_event ev = compaction(KMR_EV_COMPACT_SUITABLE, 0, 0, 0);

	ev.page.order = 9;
	feed_event(b, ev);
	ev = compaction(KMR_EV_COMPACT_BEGIN, 0, 0, 0);
	ev.scanners.migrate_pfn = 4096;
	ev.scanners.free_pfn = 7680;
	feed_event(b, ev);
	feed_event(b, compaction(KMR_EV_COMPACT_ISOLATE_MIGRATE, T, T + 32, 2));
}

static void moves(struct bench *b, uint64_t pfn)
{
	struct kmr_event ev = event(KMR_EV_PAGE_FREE, pfn, 0);

	ev.task = 7;
	feed_event(b, ev);
}

/* What the kernel moved is in use until a frame is freed that nobody allocated. */
Test(replay_moved, moved_pages_live_on)
{
	struct bench *b = bench_begin();
	struct kmr_moved_report moved;

	alloc(b, T, 0);
	alloc(b, T + 1, 0);
	compaction_begins(b);
	moves(b, T);
	moves(b, T + 1);
	/* a place that it did not use goes back in the trace, too */
	moves(b, 7000);
	feed_event(b, compaction(KMR_EV_COMPACT_MIGRATE, 0, 0, 2));
	feed_event(b, compaction(KMR_EV_COMPACT_END, 0, 0, 0));
	cr_expect_eq(settle(b)->unknown_frees, 0);
	cr_expect_eq(in_use(b), 2);
	kmr_engine_moved(b->e, &moved);
	cr_expect_eq(moved.compactions, 1);
	cr_expect_eq(moved.moved, 2);
	cr_expect_eq(moved.homeless, 0);
	free_page_event(b, 7001, 0);
	cr_expect_eq(settle(b)->unknown_frees, 0);
	cr_expect_eq(in_use(b), 1);
	free_page_event(b, 7002, 0);
	free_page_event(b, 7003, 0);
	cr_expect_eq(settle(b)->unknown_frees, 1);
	cr_expect_eq(in_use(b), 0);
	kmr_engine_moved(b->e, &moved);
	cr_expect_eq(moved.freed, 2);
	bench_end(b);
}

/* Nowhere to move to: the page is gone, and counted. */
Test(replay_moved, moved_pages_without_a_place)
{
	struct bench *b = bench_of(4096, 4160, false, false);
	struct kmr_moved_report moved;

	alloc(b, T, 0);
	compaction_begins(b);
	moves(b, T);
	feed_event(b, compaction(KMR_EV_COMPACT_END, 0, 0, 0));
	cr_expect_eq(settle(b)->unknown_frees, 0);
	cr_expect_eq(in_use(b), 0);
	kmr_engine_moved(b->e, &moved);
	cr_expect_eq(moved.moved, 0);
	cr_expect_eq(moved.homeless, 1);
	bench_end(b);
}

static void kernel_request(struct bench *b, uint64_t pfn, uint32_t gfp)
{
	struct kmr_event ev = event(KMR_EV_PAGE_ALLOC, pfn, 0);

	ev.gfp = gfp;
	feed_event(b, ev);
}

static void traced_fallback(struct bench *b, unsigned int fallback_order)
{
	struct kmr_event ev = event(KMR_EV_PAGE_EXTFRAG, 4100, 0);

	ev.page.fallback_order = (uint8_t)fallback_order;
	feed_event(b, ev);
	(void)settle(b);
}

/* Less free than a pageblock: what is not movable falls back, and every boost is above it. */
static struct bench *bench_of_fallbacks(void)
{
	struct bench *b = bench_of(4096, 4160, false, false);

	for (unsigned int level = 0; level < 3; level++)
		b->r.b->zones[0].wmark[level] = level + 1;
	return b;
}

Test(replay_moved, boosts_of_the_model_without_kswapd_in_the_trace)
{
	struct bench *b = bench_of_fallbacks();

	kernel_request(b, T, KMR_GFP_KERNEL);
	(void)settle(b);
	cr_expect_eq(b->r.b->zones[0].boost, 512);
	traced_fallback(b, 3);
	cr_expect_eq(b->r.b->zones[0].boost, 512);
	bench_end(b);
}

/* The traced kswapd makes up for boosts of the traced kernel's fallbacks. */
Test(replay_moved, boosts_of_the_trace_where_it_has_kswapd)
{
	struct bench *b = bench_of_fallbacks();
	struct kmr_zone *z = &b->r.b->zones[0];

	feed_event(b, compaction(KMR_EV_KSWAPD_WAKE, 0, 0, 0));
	kernel_request(b, T, KMR_GFP_KERNEL);
	cr_expect_eq(settle(b)->failures, 0);
	cr_expect_eq(b->r.b->work.extfrag, 1);
	cr_expect_eq(z->boost, 0);
	traced_fallback(b, 9);
	cr_expect_eq(z->boost, 0);
	traced_fallback(b, 3);
	cr_expect_eq(z->boost, 512);
	/* who can't wait gets none; who can has waited until the boost was made up for */
	kernel_request(b, T + 1, KMR_GFP_KSWAPD_RECLAIM);
	cr_expect_eq(settle(b)->failures, 1);
	kernel_request(b, T + 2, KMR_GFP_KERNEL);
	cr_expect_eq(settle(b)->failures, 1);
	cr_expect_eq(z->boost, 0);
	bench_end(b);
}

/* What the model's lists would take says nothing of how long a refill there is. */
Test(replay_moved, refills_as_long_as_in_the_trace)
{
	for (unsigned int kswapd = 0; kswapd < 2; kswapd++) {
		struct bench *b = bench_begin();

		if (kswapd)
			feed_event(b, compaction(KMR_EV_KSWAPD_WAKE, 0, 0, 0));
		for (uint32_t i = 0; i < 100; i++)
			refill(b, 100 + i, 0);
		alloc(b, 199, 0);
		cr_expect_eq(settle(b)->silent_allocs, kswapd ? 0 : 64);
		bench_end(b);
	}
}
