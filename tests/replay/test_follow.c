// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a trace tells of reclaim and compaction, on events made by hand: the way of requests, rounds
 * of kswapd, pages that compaction takes and gives back.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../page/support.h"
#include "replay/engine.h"
#include "replay/follow.h"

enum {
	DD = 1,
	KSWAPD,
	KCOMPACTD
}; /* tasks */

struct bench {
	struct rig r;
	struct kmr_follow f;
	uint64_t time;
};

/* Frames [0, 8192) in one Normal zone, two CPUs; the lower half is free. */
static struct bench *bench_begin(void)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct kmr_zone_spec *z;

	cr_assert_not_null(b);
	bare_machine(&b->r.m, 9);
	b->r.m.nr_cpus = 2;
	z = add_zone(&b->r.m, KMR_ZONE_NORMAL, 0, 0, 8192);
	z->wmark_min = 100;
	z->wmark_low = 120;
	z->wmark_high = 140;
	rig_create(&b->r);
	for (uint32_t pfn = 0; pfn < 4096; pfn += 1024)
		rig_seed(&b->r, pfn, 10, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(kmr_follow_init(&b->f, &b->r.m, b->r.ops, b->r.b), 0);
	return b;
}

static void bench_end(struct bench *b)
{
	rig_check(&b->r);
	kmr_follow_free(&b->f);
	rig_destroy(&b->r);
	free(b);
}

static struct kmr_event event(struct bench *b, enum kmr_event_type type, unsigned int task,
			      unsigned int cpu)
{
	struct kmr_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.type = (uint8_t)type;
	ev.task = (uint16_t)task;
	ev.cpu = (uint16_t)cpu;
	ev.time = b->time += 1000;
	ev.flags = KMR_EVF_GFP_KNOWN | KMR_EVF_CONTEXT_KNOWN;
	ev.node = -1;
	return ev;
}

static void tell(struct bench *b, const struct kmr_event *ev)
{
	kmr_follow_seen(&b->f, ev);
	kmr_follow_event(&b->f, ev);
}

static void happens(struct bench *b, enum kmr_event_type type, unsigned int task, unsigned int cpu)
{
	struct kmr_event ev = event(b, type, task, cpu);

	ev.node = 0;
	/* ZONE_MOVABLE, the last one, of DMA, Normal and it */
	if (type == KMR_EV_LRU_ISOLATE)
		ev.size = 2;
	tell(b, &ev);
}

/* mm_vmscan_wakeup_kswapd by @task; @gfp 0: because of a boost */
static void calls_kswapd(struct bench *b, unsigned int task, uint32_t gfp)
{
	struct kmr_event ev = event(b, KMR_EV_KSWAPD_CALL, task, 0);

	ev.gfp = gfp;
	ev.node = 0;
	tell(b, &ev);
}

/* What is known of a request that @task makes next; then it is made, in @zone. */
static uint8_t asks(struct bench *b, unsigned int task, unsigned int context)
{
	const struct kmr_page_request req = { .gfp = KMR_GFP_KERNEL };
	struct kmr_event ev = event(b, KMR_EV_PAGE_ALLOC, task, 0);
	struct kmr_follow_guess guess;

	ev.flags |= (uint8_t)context;
	kmr_follow_seen(&b->f, &ev);
	kmr_follow_ask(&b->f, &ev, &req, &guess);
	cr_expect_not(kmr_follow_got(&b->f, &ev, &req, &guess, 0));
	return guess.way.seen;
}

Test(replay_follow, who_wakes_kswapd_is_in_the_slow_path)
{
	struct bench *b = bench_begin();

	cr_expect_eq(asks(b, DD, 0), 0);
	calls_kswapd(b, DD, KMR_GFP_KERNEL);
	/* an interrupt's request is another one, and so is another task's */
	cr_expect_eq(asks(b, DD, KMR_CTX_SOFTIRQ), KMR_WAY_TOLD);
	cr_expect_eq(asks(b, KCOMPACTD, 0), KMR_WAY_TOLD);
	cr_expect_eq(asks(b, DD, 0), KMR_WAY_TOLD | KMR_WAY_SLOW);
	cr_expect_eq(asks(b, DD, 0), KMR_WAY_TOLD);
	/* after a fallback, not before the attempt */
	calls_kswapd(b, DD, 0);
	cr_expect_eq(asks(b, DD, 0), KMR_WAY_TOLD);
	bench_end(b);
}

Test(replay_follow, who_reclaims_has_reserves)
{
	struct bench *b = bench_begin();

	happens(b, KMR_EV_RECLAIM_BEGIN, DD, 0);
	cr_expect_eq(asks(b, DD, 0), KMR_WAY_TOLD | KMR_WAY_MEMALLOC);
	calls_kswapd(b, DD, KMR_GFP_KERNEL);
	cr_expect_eq(asks(b, DD, 0), KMR_WAY_TOLD | KMR_WAY_MEMALLOC | KMR_WAY_SLOW);
	cr_expect_eq(asks(b, DD, 0), KMR_WAY_TOLD | KMR_WAY_MEMALLOC);
	happens(b, KMR_EV_RECLAIM_END, DD, 0);
	cr_expect_eq(asks(b, DD, 0), KMR_WAY_TOLD | KMR_WAY_SLOW | KMR_WAY_RECLAIMED);
	cr_expect_eq(asks(b, DD, 0), KMR_WAY_TOLD);
	happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
	cr_expect_eq(asks(b, KSWAPD, 0), KMR_WAY_TOLD | KMR_WAY_MEMALLOC);
	bench_end(b);
}

/* Another task in kswapd's place, and nothing left to do. */
Test(replay_follow, round_ends_when_another_task_runs)
{
	struct bench *b = bench_begin();
	const struct kmr_zone *z = &b->r.b->zones[0];

	happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
	cr_expect(z->reclaim_active);
	/* elsewhere, and just after */
	happens(b, KMR_EV_KFREE, DD, 1);
	cr_expect(z->reclaim_active);
	happens(b, KMR_EV_KFREE, DD, 0);
	cr_expect_not(z->reclaim_active);
	bench_end(b);
}

Test(replay_follow, round_goes_on_while_marks_are_missed)
{
	struct bench *b = bench_begin();
	struct kmr_zone *z = &b->r.b->zones[0];

	z->wmark[KMR_ALLOC_WMARK_HIGH] = 4096;
	happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
	happens(b, KMR_EV_KFREE, DD, 0);
	cr_expect(z->reclaim_active);
	z->wmark[KMR_ALLOC_WMARK_HIGH] = 140;
	/* asked once, until it is seen again */
	happens(b, KMR_EV_KFREE, DD, 0);
	cr_expect(z->reclaim_active);
	happens(b, KMR_EV_KFREE, KSWAPD, 0);
	happens(b, KMR_EV_KFREE, DD, 0);
	cr_expect_not(z->reclaim_active);
	bench_end(b);
}

/* In the middle of the LRU lists it was only interrupted: shrinkers come last. */
Test(replay_follow, round_goes_on_at_the_lists)
{
	struct bench *b = bench_begin();
	const struct kmr_zone *z = &b->r.b->zones[0];

	happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
	happens(b, KMR_EV_SHRINK_SLAB, KSWAPD, 0);
	happens(b, KMR_EV_LRU_ISOLATE, KSWAPD, 0);
	happens(b, KMR_EV_KFREE, DD, 0);
	cr_expect(z->reclaim_active);
	happens(b, KMR_EV_SHRINK_SLAB, KSWAPD, 0);
	happens(b, KMR_EV_KFREE, DD, 0);
	cr_expect_not(z->reclaim_active);
	/* and it was not done after all */
	happens(b, KMR_EV_LRU_ISOLATE, KSWAPD, 0);
	cr_expect(z->reclaim_active);
	happens(b, KMR_EV_KSWAPD_SLEEP, KSWAPD, 0);
	cr_expect_not(z->reclaim_active);
	bench_end(b);
}

/* On a CPU of its own nobody takes its place. */
Test(replay_follow, silent_kswapd_is_done)
{
	struct bench *b = bench_begin();

	happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
	happens(b, KMR_EV_KFREE, DD, 1);
	cr_expect(b->r.b->zones[0].reclaim_active);
	b->time += 2000000;
	happens(b, KMR_EV_KFREE, DD, 1);
	cr_expect_not(b->r.b->zones[0].reclaim_active);
	bench_end(b);
}

/* A boost goes with the round that found it, which ends by looking at what compaction could do. */
Test(replay_follow, boosts_end_with_their_round)
{
	struct bench *b = bench_begin();
	struct kmr_zone *z = &b->r.b->zones[0];
	struct kmr_event ev;

	b->r.ops->follow->boost(b->r.b, 0, true);
	happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
	happens(b, KMR_EV_KFREE, DD, 0);
	cr_expect_eq(z->boost, 512);
	ev = event(b, KMR_EV_COMPACT_SUITABLE, KSWAPD, 0);
	ev.node = 0;
	ev.page.order = 9;
	tell(b, &ev);
	cr_expect_eq(z->boost, 0);
	/* who is to be woken waits */
	b->r.ops->follow->boost(b->r.b, 0, true);
	happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
	calls_kswapd(b, DD, KMR_GFP_KERNEL);
	cr_expect_eq(z->boost, 0);
	bench_end(b);
}

/* With marks missed at its beginning a round is about those alone. */
Test(replay_follow, boosts_are_waived_where_marks_are_missed)
{
	struct bench *b = bench_begin();
	struct kmr_zone *z = &b->r.b->zones[0];

	z->wmark[KMR_ALLOC_WMARK_HIGH] = 4000;
	happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
	happens(b, KMR_EV_LRU_ISOLATE, KSWAPD, 0);
	cr_expect_not(b->f.kswapd[0].boosts_waived);
	b->r.ops->follow->boost(b->r.b, 0, true);
	happens(b, KMR_EV_LRU_ISOLATE, KSWAPD, 0);
	cr_expect_not(b->f.kswapd[0].boosts_waived);
	/* 4,096 pages are not above 4,000 and the boost of 512 */
	happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
	happens(b, KMR_EV_LRU_ISOLATE, KSWAPD, 0);
	cr_expect(b->f.kswapd[0].boosts_waived);
	bench_end(b);
}

static void compaction_begins_at(struct bench *b, uint32_t migrate_pfn, uint32_t free_pfn)
{
	struct kmr_event ev = event(b, KMR_EV_COMPACT_SUITABLE, KCOMPACTD, 0);

	ev.node = 0;
	ev.page.order = 9;
	tell(b, &ev);
	ev = event(b, KMR_EV_COMPACT_BEGIN, KCOMPACTD, 0);
	ev.scanners.migrate_pfn = migrate_pfn;
	ev.scanners.free_pfn = free_pfn;
	tell(b, &ev);
}

static void compaction_begins(struct bench *b)
{
	compaction_begins_at(b, 0, 7680);
}

static void scans(struct bench *b, enum kmr_event_type type, uint64_t start, uint32_t end,
		  uint32_t taken)
{
	struct kmr_event ev = event(b, type, KCOMPACTD, 0);

	ev.addr = start;
	ev.end = end;
	ev.scan.taken = taken;
	tell(b, &ev);
}

static bool frees(struct bench *b, unsigned int task, uint64_t pfn)
{
	struct kmr_event ev = event(b, KMR_EV_PAGE_FREE, task, 0);

	ev.addr = pfn;
	kmr_follow_seen(&b->f, &ev);
	return kmr_follow_frees(&b->f, &ev);
}

/* Until 6.6 the free of what was moved is all that tells: a place for it was taken before. */
Test(replay_follow, place_for_a_page_that_is_freed)
{
	struct bench *b = bench_begin();

	rig_seed(&b->r, 6656, 5, KMR_MIGRATE_MOVABLE);
	compaction_begins(b);
	cr_expect(frees(b, KCOMPACTD, 5000));
	cr_expect_eq(rig_where(&b->r, 6656).place, KMR_FRAME_BUDDY);
	scans(b, KMR_EV_COMPACT_ISOLATE_MIGRATE, 512, 544, 32);
	cr_expect(frees(b, DD, 5001));
	cr_expect_eq(b->f.stats.isolated, 0);
	cr_expect(frees(b, KCOMPACTD, 512));
	cr_expect_eq(rig_where(&b->r, 6656).place, KMR_FRAME_USED);
	cr_expect_eq(b->f.stats.isolated, 32);
	for (uint32_t pfn = 513; pfn < 544; pfn++)
		cr_expect(frees(b, KCOMPACTD, pfn));
	cr_expect_eq(b->f.stats.isolated, 32);
	cr_expect_eq(b->f.stats.migrated, 32);
	cr_expect_eq(b->f.stats.homeless, 0);
	/* compaction_free() of later kernels: a place that was not used is no page to free */
	cr_expect_not(frees(b, KCOMPACTD, 6657));
	scans(b, KMR_EV_COMPACT_MIGRATE, 0, 0, 32);
	cr_expect(frees(b, KCOMPACTD, 6657));
	happens(b, KMR_EV_COMPACT_END, KCOMPACTD, 0);
	cr_expect_eq(b->f.nr_compactions, 0);
	bench_end(b);
}

/* The scanner of pageblocks comes when the free lists had nothing. */
Test(replay_follow, range_of_the_free_scanner)
{
	struct bench *b = bench_begin();

	rig_seed(&b->r, 7168 + 32, 5, KMR_MIGRATE_UNMOVABLE);
	compaction_begins(b);
	scans(b, KMR_EV_COMPACT_ISOLATE_MIGRATE, 512, 544, 32);
	scans(b, KMR_EV_COMPACT_ISOLATE_FREE, 7680, 8192, 0);
	scans(b, KMR_EV_COMPACT_ISOLATE_FREE, 7168, 7680, 32);
	cr_expect_eq(b->f.stats.isolated, 32);
	cr_expect_eq(b->f.stats.scans_differ, 0);
	cr_expect_eq(rig_where(&b->r, 7200).place, KMR_FRAME_USED);
	scans(b, KMR_EV_COMPACT_ISOLATE_FREE, 6656, 7168, 5);
	cr_expect_eq(b->f.stats.scans_differ, 1);
	bench_end(b);
}

/* Where searches are told of, nothing is looked for without. */
Test(replay_follow, search_that_is_told)
{
	struct bench *b = bench_begin();

	rig_seed(&b->r, 6656, 5, KMR_MIGRATE_MOVABLE);
	rig_seed(&b->r, 7168, 3, KMR_MIGRATE_MOVABLE);
	compaction_begins(b);
	scans(b, KMR_EV_COMPACT_ISOLATE_MIGRATE, 512, 544, 32);
	scans(b, KMR_EV_COMPACT_FAST_FREE, 3840, 7680, 8);
	cr_expect_eq(b->f.stats.isolated, 8);
	cr_expect_eq(rig_where(&b->r, 7168).place, KMR_FRAME_USED);
	for (uint32_t pfn = 512; pfn < 524; pfn++)
		cr_expect(frees(b, KCOMPACTD, pfn));
	cr_expect_eq(b->f.stats.isolated, 8);
	cr_expect_eq(b->f.stats.homeless, 4);
	bench_end(b);
}

/* A second zone: DMA, [0, 4096), and Normal, the rest; both with a boost. */
static struct bench *two_boosted(void)
{
	struct bench *b = bench_begin();

	kmr_follow_free(&b->f);
	rig_destroy(&b->r);
	bare_machine(&b->r.m, 9);
	b->r.m.has_type[KMR_ZONE_DMA] = true;
	b->r.m.nr_cpus = 2;
	for (unsigned int i = 0; i < 2; i++) {
		struct kmr_zone_spec *z =
			add_zone(&b->r.m, i ? KMR_ZONE_NORMAL : KMR_ZONE_DMA, 0, 4096 * i, 4096);

		z->wmark_min = 100;
		z->wmark_low = 120;
		z->wmark_high = 140;
	}
	rig_create(&b->r);
	for (uint32_t pfn = 0; pfn < 8192; pfn += 1024)
		rig_seed(&b->r, pfn, 10, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(kmr_follow_init(&b->f, &b->r.m, b->r.ops, b->r.b), 0);
	b->r.ops->follow->boost(b->r.b, 0, true);
	b->r.ops->follow->boost(b->r.b, 4096, true);
	return b;
}

static void falls_back(struct bench *b, unsigned int task, uint64_t pfn)
{
	struct kmr_event ev = event(b, KMR_EV_PAGE_EXTFRAG, task, 0);

	ev.addr = pfn;
	kmr_follow_fell_back(&b->f, &ev);
}

static void assert_boosts(const struct bench *b, uint64_t dma, uint64_t normal)
{
	cr_assert_eq(b->r.b->zones[0].boost, dma);
	cr_assert_eq(b->r.b->zones[1].boost, normal);
}

/* Who fell back calls kswapd for that zone: boosts of the zones above stay. */
Test(replay_follow, round_for_the_zone_of_a_fallback)
{
	struct bench *b = two_boosted();

	falls_back(b, DD, 100);
	calls_kswapd(b, DD, 0);
	happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
	happens(b, KMR_EV_KSWAPD_SLEEP, KSWAPD, 0);
	assert_boosts(b, 0, 512);
	falls_back(b, DD, 5000);
	calls_kswapd(b, DD, 0);
	happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
	happens(b, KMR_EV_KSWAPD_SLEEP, KSWAPD, 0);
	assert_boosts(b, 0, 0);
	bench_end(b);
}

/* It is for all where anyone else called too, or nothing tells, or it is seen at all zones' lists. */
Test(replay_follow, round_for_all_zones)
{
	for (unsigned int i = 0; i < 4; i++) {
		struct bench *b = two_boosted();

		falls_back(b, DD, i == 3 ? UINT64_MAX : 100);
		calls_kswapd(b, i == 1 ? KCOMPACTD : DD, 0);
		if (i == 0)
			calls_kswapd(b, KCOMPACTD, KMR_GFP_KERNEL);
		happens(b, KMR_EV_KSWAPD_WAKE, KSWAPD, 0);
		if (i == 2)
			happens(b, KMR_EV_LRU_ISOLATE, KSWAPD, 0);
		happens(b, KMR_EV_KSWAPD_SLEEP, KSWAPD, 0);
		assert_boosts(b, 0, 0);
		bench_end(b);
	}
}

/* A block that will do, behind more of those that will not than a search looks at. */
static struct bench *far_block(void)
{
	struct bench *b = bench_begin();

	rig_seed(&b->r, 7168, 3, KMR_MIGRATE_MOVABLE);
	for (uint32_t i = 0; i < 20; i++)
		rig_seed(&b->r, 4096 + 16 * i, 3, KMR_MIGRATE_MOVABLE);
	return b;
}

/* Until hints were reset for the first time, every search is a deep one: compact_init_free_pfn. */
Test(replay_follow, search_before_hints_were_reset)
{
	struct bench *b = far_block();

	compaction_begins_at(b, 4096, 7680);
	scans(b, KMR_EV_COMPACT_FAST_FREE, 5632, 7680, 8);
	cr_expect_eq(b->f.stats.scans_differ, 0);
	cr_expect_eq(rig_where(&b->r, 7168).place, KMR_FRAME_USED);
	bench_end(b);
}

/* From then on those are that begin no lower than the reset left the free scanner. */
Test(replay_follow, search_after_hints_were_reset)
{
	struct bench *b = far_block();

	compaction_begins_at(b, 4096, 8191);
	happens(b, KMR_EV_COMPACT_END, KCOMPACTD, 0);
	compaction_begins_at(b, 4096, 7680);
	scans(b, KMR_EV_COMPACT_FAST_FREE, 5632, 7680, 0);
	cr_expect_eq(b->f.stats.isolated, 0);
	cr_expect_eq(rig_where(&b->r, 7168).place, KMR_FRAME_BUDDY);
	happens(b, KMR_EV_COMPACT_END, KCOMPACTD, 0);
	compaction_begins_at(b, 4096, 8191);
	scans(b, KMR_EV_COMPACT_FAST_FREE, 5632, 8191, 8);
	cr_expect_eq(rig_where(&b->r, 7168).place, KMR_FRAME_USED);
	bench_end(b);
}

/* A page for writing went to the other node: this one has too many dirty pages, from now on. */
Test(replay_follow, dirty_nodes_show_once)
{
	struct bench *b = bench_begin();
	struct kmr_page_request req = { .gfp = GFP_MOVABLE_REQ | KMR_GFP_WRITE };
	struct kmr_follow_guess guess;
	struct kmr_event ev;

	kmr_follow_free(&b->f);
	rig_destroy(&b->r);
	b->r.m.nr_nodes = 2;
	b->r.m.cpu_node[1] = 1;
	(void)add_zone(&b->r.m, KMR_ZONE_NORMAL, 1, 8192, 8192);
	rig_create(&b->r);
	rig_seed(&b->r, 0, 10, KMR_MIGRATE_MOVABLE);
	rig_seed(&b->r, 8192, 10, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(kmr_follow_init(&b->f, &b->r.m, b->r.ops, b->r.b), 0);
	ev = event(b, KMR_EV_PAGE_ALLOC, DD, 0);
	kmr_follow_ask(&b->f, &ev, &req, &guess);
	cr_expect_eq(guess.clean_zone, 0);
	cr_expect_eq(guess.dirty_zone, 1);
	cr_expect_eq(guess.way.dirty_nodes, 0);
	cr_expect(kmr_follow_got(&b->f, &ev, &req, &guess, 1));
	kmr_follow_ask(&b->f, &ev, &req, &guess);
	cr_expect_eq(guess.way.dirty_nodes, 1);
	cr_expect_not(kmr_follow_got(&b->f, &ev, &req, &guess, 1));
	kmr_follow_ask(&b->f, &ev, &req, &guess);
	cr_expect(kmr_follow_got(&b->f, &ev, &req, &guess, 0));
	cr_expect_eq(b->f.dirty_nodes, 0);
	bench_end(b);
}
