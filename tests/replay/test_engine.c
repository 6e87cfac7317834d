// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine on events made by hand: traced frames paired with simulated ones, whatever the trace
 * says of them, and nothing of the simulation lost on the way.
 */
#include "engine_bench.h"
#include "replay/seed.h"

Test(replay_engine, allocates_and_frees)
{
	struct bench *b = bench_begin();
	const struct kmr_replay_stats *s;

	for (unsigned int order = 0; order <= 10; order++)
		alloc(b, T + (2048u << (order / 10)) + (1u << order), order % 10);
	s = settle(b);
	cr_assert_eq(s->events, 11);
	cr_assert_eq(s->page_allocs, 11);
	cr_assert_eq(s->live_pages, 1023 + 1);
	cr_assert_eq(in_use(b), s->live_pages);
	for (unsigned int order = 0; order <= 10; order++)
		free_page_event(b, T + (2048u << (order / 10)) + (1u << order), order % 10);
	s = settle(b);
	cr_assert_eq(s->page_frees, 11);
	cr_assert_eq(s->live_pages, 0);
	cr_assert_eq(s->unknown_frees, 0);
	cr_assert_eq(s->partial_frees, 0);
	cr_assert_eq(in_use(b), 0);
	cr_assert_eq(b->calls, 22);
	bench_end(b);
}

/* A block of order 3 comes back as eight pages, in any order. */
Test(replay_engine, partial_frees_of_single_pages)
{
	uint64_t state = 1;

	for (int round = 0; round < 50; round++) {
		struct bench *b = bench_begin();
		const struct kmr_replay_stats *s;
		unsigned int left[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };

		alloc(b, T, 3);
		for (uint32_t n = 8; n; n--) {
			const uint32_t i = below(&state, n);

			free_page_event(b, T + left[i], 0);
			left[i] = left[n - 1];
			s = settle(b);
			cr_assert_eq(s->live_pages, n - 1);
			cr_assert_eq(in_use(b), n - 1);
		}
		s = settle(b);
		cr_assert_eq(s->page_frees, 8);
		cr_assert_gt(s->partial_frees, 0);
		cr_assert_eq(s->unknown_frees, 0);
		bench_end(b);
	}
}

Test(replay_engine, partial_frees_of_blocks)
{
	struct bench *b = bench_begin();
	const struct kmr_replay_stats *s;

	alloc(b, T, 5);
	free_page_event(b, T + 8, 3);
	free_page_event(b, T + 2, 1);
	free_page_event(b, T + 1, 0);
	cr_assert_eq(settle(b)->live_pages, 32 - 8 - 2 - 1);
	free_page_event(b, T + 16, 4);
	free_page_event(b, T, 0);
	free_page_event(b, T + 4, 2);
	s = settle(b);
	cr_assert_eq(s->live_pages, 0);
	cr_assert_eq(in_use(b), 0);
	cr_assert_eq(s->unknown_frees, 0);
	/* each of these is free now */
	free_page_event(b, T + 4, 2);
	free_page_event(b, T, 5);
	cr_assert_eq(settle(b)->unknown_frees, 2);
	bench_end(b);
}

/* A block that was put together from several. */
Test(replay_engine, frees_larger_than_the_allocation)
{
	struct bench *b = bench_begin();
	const struct kmr_replay_stats *s;

	alloc(b, T, 1);
	alloc(b, T + 2, 0);
	alloc(b, T + 4, 2);
	free_page_event(b, T, 3);
	s = settle(b);
	cr_assert_eq(s->page_frees, 1);
	cr_assert_eq(s->live_pages, 0);
	cr_assert_eq(s->unknown_frees, 1, "T + 3 was never allocated");
	cr_assert_eq(in_use(b), 0);
	bench_end(b);
}

/* Orders that can't be. */
Test(replay_engine, impossible_orders)
{
	struct bench *b = bench_begin();
	const struct kmr_replay_stats *s;

	alloc(b, T, 0);
	free_page_event(b, T, 15);
	alloc(b, 0, 15);
	free_page_event(b, 0, 15);
	free_page_event(b, 0, 11);
	s = settle(b);
	cr_assert_eq(s->failures, 1);
	cr_assert_eq(s->dropped_frees, 1);
	cr_assert_eq(s->live_pages, in_use(b));
	bench_end(b);
}

/* The kernel had none to give. */
Test(replay_engine, failures_in_the_trace)
{
	struct bench *b = bench_begin();
	const struct kmr_replay_stats *s;
	struct kmr_failure failures[4];

	alloc(b, KMR_EV_NO_PFN, 0);
	alloc(b, KMR_EV_NO_PFN, 5);
	s = settle(b);
	cr_assert_eq(s->page_allocs, 2);
	cr_assert_eq(s->traced_failures, 2);
	cr_assert_eq(s->rescued, 2);
	cr_assert_eq(s->failures, 0);
	cr_assert_eq(s->live_pages, 0);
	cr_assert_eq(in_use(b), 0, "what the model had to give is given back");
	alloc(b, KMR_EV_NO_PFN, 10);
	while (settle(b)->failures == 0)
		alloc(b, T + 2 * b->calls, 0);
	alloc(b, KMR_EV_NO_PFN, 0);
	s = settle(b);
	cr_assert_eq(s->traced_failures, 4);
	cr_assert_lt(s->rescued, 4, "neither had any");
	cr_assert_eq(kmr_engine_failures(b->e, failures, 4), 1, "only the simulation's own count");
	bench_end(b);
}

/* The kernel had one, the model has none: its later free is dropped. */
Test(replay_engine, failures_in_the_simulation)
{
	struct bench *b = bench_of(8192 - 64, 8192, false, false);
	const struct kmr_replay_stats *s;
	struct kmr_failure failures[4];

	alloc(b, T, 6);
	alloc(b, T + 64, 6);
	alloc(b, T + 128, 0);
	alloc(b, T + 130, 0);
	s = settle(b);
	cr_assert_eq(s->failures, 3);
	cr_assert_eq(s->live_pages, 64);
	cr_assert_eq(kmr_engine_failures(b->e, failures, 4), 2);
	cr_assert_eq(failures[0].order, 0);
	cr_assert_eq(failures[0].count, 2);
	cr_assert_eq(failures[0].gfp, GFP_MOVABLE_REQ);
	cr_assert_eq(failures[1].order, 6);
	cr_assert_eq(failures[1].count, 1);
	cr_assert_eq(kmr_engine_failures(b->e, failures, 1), 1);
	free_page_event(b, T + 128, 0);
	/* in parts, too */
	free_page_event(b, T + 64, 5);
	free_page_event(b, T + 96, 4);
	free_page_event(b, T + 112, 4);
	s = settle(b);
	cr_assert_eq(s->dropped_frees, 4);
	cr_assert_eq(s->unknown_frees, 0);
	free_page_event(b, T + 128, 0);
	cr_assert_eq(settle(b)->unknown_frees, 1, "it was dropped before");
	free_page_event(b, T, 6);
	cr_assert_eq(settle(b)->live_pages, 0);
	cr_assert_eq(in_use(b), 0);
	bench_end(b);
}

/* Kinds of failures beyond what is kept are counted with the last. */
Test(replay_engine, many_kinds_of_failures)
{
	struct bench *b = bench_of(8192, 8192, false, false);
	struct kmr_failure failures[KMR_FAILURES_KEPT + 1];
	uint64_t sum = 0;
	unsigned int n;

	for (unsigned int i = 0; i < 200; i++) {
		struct kmr_event ev = event(KMR_EV_PAGE_ALLOC, T + i, i % 11);

		ev.gfp = i / 11 << 4 | KMR_GFP_NOWARN;
		feed_event(b, ev);
	}
	cr_assert_eq(settle(b)->failures, 200);
	n = kmr_engine_failures(b->e, failures, KMR_FAILURES_KEPT + 1);
	cr_assert_eq(n, KMR_FAILURES_KEPT);
	for (unsigned int i = 0; i < n; i++) {
		sum += failures[i].count;
		cr_assert(!i || failures[i].count <= failures[i - 1].count);
	}
	cr_assert_eq(sum, 200);
	bench_end(b);
}

/* Its free was lost. */
Test(replay_engine, repeated_allocations)
{
	struct bench *b = bench_begin();
	const struct kmr_replay_stats *s;

	alloc(b, T, 0);
	alloc(b, T, 0);
	alloc(b, T, 3);
	s = settle(b);
	cr_assert_eq(s->repeated_allocs, 2);
	cr_assert_eq(s->live_pages, 8);
	cr_assert_eq(in_use(b), 8);
	free_page_event(b, T, 3);
	cr_assert_eq(settle(b)->live_pages, 0);
	cr_assert_eq(in_use(b), 0);
	bench_end(b);
}

/* After boot, what is in use is the kernel's own for good. */
Test(replay_engine, unknown_frees)
{
	struct bench *b = bench_of(4096, 8192, false, false);
	const struct kmr_replay_stats *s;

	free_page_event(b, 100, 0);
	free_page_event(b, 64, 3);
	free_page_event(b, 5000, 0);
	free_page_event(b, 1000000, 0);
	free_page_event(b, UINT64_MAX - 7, 3);
	s = settle(b);
	cr_assert_eq(s->page_frees, 5);
	cr_assert_eq(s->unknown_frees, 5);
	cr_assert_eq(in_use(b), 0);
	bench_end(b);
}

/* A frame in use at the start is the one of the same number. */
Test(replay_engine, frees_of_the_start_state)
{
	struct bench *b = bench_of(4096, 8192, true, true);
	const struct kmr_replay_stats *s;

	free_page_event(b, 100, 0);
	free_page_event(b, 64, 3);
	s = settle(b);
	cr_assert_eq(s->unknown_frees, 0);
	cr_assert_eq(rig_where(&b->r, 100).place, KMR_FRAME_PCP);
	cr_assert_eq(rig_where(&b->r, 64).place, KMR_FRAME_PCP);
	/* it can't be freed again, nor what was free */
	free_page_event(b, 100, 0);
	free_page_event(b, 5000, 0);
	free_page_event(b, 8192, 0);
	cr_assert_eq(settle(b)->unknown_frees, 3);
	/* a frame that the trace got from the model is not the start's any more */
	alloc(b, T, 0);
	free_page_event(b, 64, 0);
	cr_assert_eq(settle(b)->unknown_frees, 4);
	bench_end(b);
}

/* The simulated frame that a traced one is freed as, is some other one when places are made up. */
Test(replay_engine, frees_of_a_made_up_start_state)
{
	struct bench *b = bench_of(4096, 8192, true, false);
	uint64_t frames = 4096;

	/* traced frames that are free in the simulation */
	free_page_event(b, 5000, 0);
	free_page_event(b, 5008, 3);
	cr_assert_eq(settle(b)->unknown_frees, 0);
	cr_assert_eq(b->r.ops->pcp_count(b->r.b, 0, 0), 9);
	frames -= 9;
	/* as long as there are any */
	for (unsigned int i = 0; i < 4096; i++)
		free_page_event(b, i, 0);
	cr_assert_eq(settle(b)->unknown_frees, 4096 - frames);
	for (uint32_t pfn = 0; pfn < 8192; pfn++)
		cr_assert_neq(rig_where(&b->r, pfn).place, KMR_FRAME_USED);
	/* none is left, whatever is asked for, and what the trace has got is not taken for one */
	alloc(b, T, 9);
	free_page_event(b, T + 2000, 0);
	free_page_event(b, T + 2048, 3);
	cr_assert_eq(settle(b)->unknown_frees, 4096 - frames + 2);
	bench_end(b);
}

/* Freed through a list: the report at its commit does not count again. */
Test(replay_engine, double_reports)
{
	struct bench *b = bench_begin();
	const struct kmr_replay_stats *s;

	alloc(b, T, 0);
	alloc(b, T + 1, 0);
	free_page_event(b, T, 0);
	free_page_event(b, T + 1, 0);
	feed_event(b, event(KMR_EV_PAGE_FREE_BATCHED, T, 0));
	feed_event(b, event(KMR_EV_PAGE_FREE_BATCHED, T + 1, 0));
	s = settle(b);
	cr_assert_eq(s->page_frees, 2);
	cr_assert_eq(s->double_reports, 2);
	cr_assert_eq(s->unknown_frees, 0);
	cr_assert_eq(s->live_pages, 0);
	cr_assert_eq(in_use(b), 0);
	/* the old kernels' order */
	alloc(b, T, 0);
	feed_event(b, event(KMR_EV_PAGE_FREE_BATCHED, T, 0));
	free_page_event(b, T, 0);
	s = settle(b);
	cr_assert_eq(s->page_frees, 3);
	cr_assert_eq(s->double_reports, 3);
	cr_assert_eq(in_use(b), 0);
	bench_end(b);
}

/*
 * A list is refilled when it is empty: what an earlier refill put there and no event has taken or
 * drained since was taken without an event.
 */
Test(replay_engine, silent_allocations)
{
	struct bench *b = bench_begin();
	const struct kmr_replay_stats *s;

	for (uint32_t i = 0; i < 5; i++)
		refill(b, T + i, 0);
	alloc(b, T, 0);
	alloc(b, T + 1, 0);
	feed_event(b, event(KMR_EV_PAGE_DRAIN, T + 2, 0));
	cr_assert_eq(settle(b)->silent_allocs, 0);
	refill(b, T + 50, 0);
	alloc(b, T + 50, 0);
	s = settle(b);
	cr_assert_eq(s->silent_allocs, 2, "T + 3 and T + 4");
	cr_assert_eq(s->live_pages, 5);
	cr_assert_eq(in_use(b), 5);
	free_page_event(b, T + 3, 0);
	s = settle(b);
	cr_assert_eq(s->silent_frees, 1);
	cr_assert_eq(s->unknown_frees, 0);
	cr_assert_eq(in_use(b), 4);
	bench_end(b);
}

/* Another list of the same CPU is not the one that was refilled. */
Test(replay_engine, silent_allocations_by_list)
{
	struct bench *b = bench_begin();

	refill(b, T, 0);
	refill(b, T + 1, 0);
	alloc(b, T, 0);
	refill(b, T + 8, 3);
	alloc(b, T + 8, 3);
	cr_assert_eq(settle(b)->silent_allocs, 0);
	bench_end(b);
}

/* Its event was only late. */
Test(replay_engine, not_silent_after_all)
{
	struct bench *b = bench_begin();
	const struct kmr_replay_stats *s;

	refill(b, T, 0);
	refill(b, T + 1, 0);
	alloc(b, T, 0);
	refill(b, T + 50, 0);
	alloc(b, T + 50, 0);
	cr_assert_eq(settle(b)->silent_allocs, 1);
	alloc(b, T + 1, 0);
	s = settle(b);
	cr_assert_eq(s->silent_allocs, 0);
	cr_assert_eq(s->repeated_allocs, 0);
	cr_assert_eq(s->live_pages, 3);
	cr_assert_eq(in_use(b), 3);
	bench_end(b);
}

/* The time goes on with the trace and never back; kswapd's events reach the model. */
Test(replay_engine, other_events)
{
	struct bench *b = bench_begin();
	struct kmr_event ev = event(KMR_EV_KSWAPD_WAKE, 0, 0);

	ev.node = -1;
	feed_event(b, ev);
	(void)settle(b);
	cr_assert(b->r.b->zones[0].reclaim_active);
	ev = event(KMR_EV_KSWAPD_SLEEP, 0, 0);
	feed_event(b, ev);
	(void)settle(b);
	cr_assert_not(b->r.b->zones[0].reclaim_active);
	ev = event(KMR_EV_KSWAPD_WAKE, 0, 0);
	ev.node = 100;
	feed_event(b, ev);
	feed_event(b, event(KMR_EV_LOST, 42, 0));
	feed_event(b, event(KMR_EV_KMALLOC, 0xc0000000, 0));
	cr_assert_eq(settle(b)->lost, 42);
	cr_assert_eq(b->calls, 0);
	ev = event(KMR_EV_PAGE_ALLOC, T, 0);
	feed_event(b, ev);
	ev.time = 1;
	ev.addr = T + 1;
	kmr_engine_feed(b->e, &ev, 1);
	(void)settle(b);
	bench_end(b);
}

/* CPUs that the machine lacks are folded onto those it has. */
Test(replay_engine, cpus_of_another_machine)
{
	struct bench *b = bench_begin();
	const struct kmr_replay_stats *s;
	struct kmr_event ev;

	for (uint16_t cpu = 0; cpu < 1023; cpu += 100) {
		ev = event(KMR_EV_PAGE_ALLOC, T + cpu, 0);
		ev.cpu = cpu;
		feed_event(b, ev);
		ev.type = KMR_EV_PAGE_FREE;
		feed_event(b, ev);
	}
	s = settle(b);
	cr_assert_eq(s->page_allocs, 11);
	cr_assert_eq(s->live_pages, 0);
	cr_assert_eq(in_use(b), 0);
	bench_end(b);
}

/* One CPU stands for two, and each of the two has its own request under way. */
Test(replay_engine, requests_of_folded_cpus)
{
	struct bench *b = bench_begin();
	struct kmr_event ev;

	b->r.m.nr_cpus = 1;
	refill(b, T, 0);
	ev = event(KMR_EV_PAGE_ALLOC, T + 1, 0);
	ev.cpu = 1;
	feed_event(b, ev);
	alloc(b, T, 0);
	cr_assert_eq(settle(b)->live_pages, 2);
	free_page_event(b, T + 1, 0);
	free_page_event(b, T, 0);
	cr_assert_eq(settle(b)->live_pages, 0);
	cr_assert_eq(in_use(b), 0);
	b->r.m.nr_cpus = 3;
	bench_end(b);
}

/* A block that a lost free left behind does not swallow the one that is split over it. */
Test(replay_engine, split_over_a_stale_block)
{
	struct bench *b = bench_begin();

	alloc(b, T + 1, 0);
	alloc(b, T, 1);
	free_page_event(b, T, 0);
	cr_assert_eq(settle(b)->live_pages, 1);
	cr_assert_eq(kmr_engine_stats(b->e)->repeated_allocs, 1);
	free_page_event(b, T + 1, 0);
	cr_assert_eq(settle(b)->live_pages, 0);
	cr_assert_eq(in_use(b), 0);
	bench_end(b);
}

/* Frames that can't be are not followed, and that is known. */
Test(replay_engine, wild_frames)
{
	struct bench *b = bench_begin();

	alloc(b, UINT32_MAX, 0);
	(void)settle(b);
	cr_assert_not(kmr_engine_overflow(b->e));
	alloc(b, UINT64_C(1) << 40, 0);
	(void)settle(b);
	cr_assert(kmr_engine_overflow(b->e));
	refill(b, UINT64_C(1) << 33, 0);
	free_page_event(b, UINT64_MAX - 1, 0);
	(void)settle(b);
	bench_end(b);
}

/* Whatever the trace says, the model stays whole, and what lives is what is in use. */
Test(replay_engine, random_events)
{
	static const uint8_t types[] = {
		KMR_EV_PAGE_ALLOC, KMR_EV_PAGE_ALLOC,	KMR_EV_PAGE_ALLOC, KMR_EV_PAGE_FREE,
		KMR_EV_PAGE_FREE,  KMR_EV_PAGE_REFILL,	KMR_EV_PAGE_DRAIN, KMR_EV_PAGE_FREE_BATCHED,
		KMR_EV_KMALLOC,	   KMR_EV_PAGE_EXTFRAG,
	};

	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct bench *b = bench_of(1024, 8192, seed & 1, seed & 2);
		uint64_t state = seed;

		for (int i = 0; i < 20000; i++) {
			const unsigned int order = below(&state, 8) ? 0 : below(&state, 12);
			const uint64_t pfn =
				below(&state, 50) ? below(&state, 9000) : below(&state, UINT32_MAX);
			struct kmr_event ev = event((enum kmr_event_type)types[below(&state, 10)],
						    pfn & ~((UINT64_C(1) << order) - 1), order);

			ev.cpu = (uint16_t)below(&state, 3);
			ev.flags |= (uint8_t)(below(&state, 16) ? 0 : below(&state, 4));
			ev.flags |= KMR_EVF_PERCPU_REFILL;
			ev.page.migratetype = (uint8_t)below(&state, 4);
			if (!below(&state, 200))
				ev.addr = KMR_EV_NO_PFN;
			feed_event(b, ev);
			if (i % 2000 == 0)
				rig_check(&b->r);
		}
		(void)settle(b);
		b->r.ops->drain(b->r.b, -1);
		/* unless the trace freed what was the start state's */
		if (!(seed & 1))
			cr_assert_eq(in_use(b), settle(b)->live_pages, "seed %u",
				     (unsigned int)seed);
		rig_check(&b->r);
		bench_end(b);
	}
}
