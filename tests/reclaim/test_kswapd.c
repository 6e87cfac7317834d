// SPDX-License-Identifier: GPL-2.0-only
/* kswapd, direct reclaim and the end of memory, on 64 MiB with watermarks 128, 160 and 192. */
#include "support.h"

#include "reclaim/reclaim.h"

#define SECOND UINT64_C(1000000000)

static enum kmr_kswapd_state state_of(const struct room *t)
{
	return t->r->nodes[0].kswapd.state;
}

/* Page cache until kswapd is woken. */
static void fill(struct room *t)
{
	while (!room_stats(t)->kswapd_wakeups)
		cr_assert_neq(room_add(t, GFP_FILE, KMR_LRU_FILE), KMR_NO_PFN);
}

Test(reclaim_kswapd, is_woken_below_low_and_stops_above_high)
{
	struct room *t = room_new("model,page_ns=1000,wake_ns=50000");

	fill(t);
	cr_assert_leq(room_free_pages(t), LOW);
	cr_assert_eq(room_stats(t)->pgsteal_kswapd, 0, "it was not there yet");
	room_wait(t, SECOND / 100);
	cr_assert_gt(room_free_pages(t), HIGH);
	cr_assert_eq(room_stats(t)->pageoutrun, 1);
	cr_assert_eq(room_stats(t)->allocstall, 0);
	cr_assert_eq(state_of(t), KMR_KSWAPD_NAPPING);
	cr_assert_eq(room_stats(t)->kswapd_sleeps, 0);
	room_wait(t, SECOND / 10);
	cr_assert_eq(state_of(t), KMR_KSWAPD_ASLEEP);
	cr_assert_eq(room_stats(t)->kswapd_sleeps, 1);
	room_free(t);
}

/* The kernel's first passes are as large as 1/4096, 1/2048, … of the list. */
Test(reclaim_kswapd, a_pass_is_larger_the_harder_it_is)
{
	struct room *t = room_new("model,page_ns=1000000,wake_ns=1");
	uint64_t size, before = 0;

	fill(t);
	for (unsigned int priority = 12; priority > 7; priority--) {
		size = kmr_lru_size(t->r, 0, KMR_LRU_INACTIVE_FILE, KMR_ZONE_NORMAL);
		/* to its next step, whenever that is */
		room_wait(t, t->r->nodes[0].kswapd.due - t->now);
		cr_assert_eq(room_stats(t)->pgscan_kswapd - before, size >> priority, "priority %u",
			     priority);
		before = room_stats(t)->pgscan_kswapd;
	}
	room_free(t);
}

Test(reclaim_kswapd, woken_from_a_nap_it_has_hit_low_quickly)
{
	struct room *t = room_new("model,page_ns=1000,wake_ns=50000");

	fill(t);
	room_wait(t, SECOND / 100);
	while (room_stats(t)->kswapd_wakeups < 2)
		(void)room_add(t, GFP_FILE, KMR_LRU_FILE);
	cr_assert_eq(room_stats(t)->kswapd_low_wmark_hit_quickly, 1);
	cr_assert_eq(room_stats(t)->pageoutrun, 1);
	room_wait(t, SECOND / 100);
	cr_assert_eq(room_stats(t)->pageoutrun, 2);
	room_free(t);
}

Test(reclaim_kswapd, keeps_up_when_it_is_given_the_time)
{
	struct room *t = room_new("model,page_ns=1000,wake_ns=1000");

	for (unsigned int i = 0; i < 4 * FRAMES; i++) {
		cr_assert_neq(room_add(t, GFP_FILE, KMR_LRU_FILE), KMR_NO_PFN);
		room_wait(t, 10000);
	}
	cr_assert_eq(room_stats(t)->allocstall, 0);
	cr_assert_gt(room_stats(t)->pgsteal_kswapd, 2 * FRAMES);
	room_free(t);
}

Test(reclaim_kswapd, tasks_reclaim_themselves_when_it_does_not)
{
	struct room *t = room_new("model,page_ns=1000000,wake_ns=1000");

	for (unsigned int i = 0; i < 2 * FRAMES; i++) {
		cr_assert_neq(room_add(t, GFP_FILE, KMR_LRU_FILE), KMR_NO_PFN);
		room_wait(t, 100);
	}
	cr_assert_gt(room_stats(t)->allocstall, 100);
	/* each at least SWAP_CLUSTER_MAX */
	cr_assert_geq(room_stats(t)->pgsteal_direct, 32 * room_stats(t)->allocstall);
	room_free(t);
}

/* __GFP_DIRECT_RECLAIM: who may not wait goes without */
Test(reclaim_kswapd, atomic_requests_do_not_reclaim)
{
	struct room *t = room_new("model,page_ns=1000000000,wake_ns=1000000000");

	fill(t);
	while (rig_alloc(&t->rig, 0, GFP_ATOMIC_REQ) != KMR_NO_PFN)
		;
	cr_assert_eq(room_stats(t)->allocstall, 0);
	cr_assert_lt(room_free_pages(t), MIN / 2);
	room_free(t);
}

Test(reclaim_kswapd, anonymous_memory_stays_without_swap)
{
	struct room *t = room_new("model");
	uint64_t anon = 0;

	while (room_add(t, GFP_ANON, KMR_LRU_ANON) != KMR_NO_PFN)
		anon++;
	cr_assert_gt(anon, FRAMES - 2 * HIGH);
	cr_assert_eq(t->reclaimed, 0);
	cr_assert_eq(room_stats(t)->oom_kill, 1);
	room_free(t);
}

Test(reclaim_kswapd, anonymous_memory_goes_to_swap_until_it_is_full)
{
	struct room *t = room_new("model,swap=5000");
	struct kmr_lru_sizes sizes;
	uint64_t anon = 0;

	while (room_add(t, GFP_ANON, KMR_LRU_ANON) != KMR_NO_PFN)
		anon++;
	cr_assert_eq(room_stats(t)->pswpout, 5000);
	cr_assert_eq(room_stats(t)->pgsteal_anon, 5000);
	kmr_reclaim_sizes(t->r, &sizes);
	cr_assert_eq(sizes.swap_free, 0);
	cr_assert_gt(anon, FRAMES + 5000 - 2 * HIGH);
	cr_assert_eq(room_stats(t)->oom_kill, 1);
	room_free(t);
}

/* out_of_memory() is for small requests that may be answered by killing somebody */
Test(reclaim_kswapd, large_requests_fail_without_a_killer)
{
	struct room *t = room_new("model");

	while (room_alloc(t, 0, KMR_GFP_KERNEL) != KMR_NO_PFN)
		;
	cr_assert_eq(room_stats(t)->oom_kill, 1);
	cr_assert_eq(room_alloc(t, 4, KMR_GFP_KERNEL), KMR_NO_PFN);
	cr_assert_eq(room_alloc(t, 0, KMR_GFP_KERNEL | KMR_GFP_RETRY_MAYFAIL), KMR_NO_PFN);
	cr_assert_eq(room_alloc(t, 0, KMR_GFP_KERNEL | KMR_GFP_NORETRY), KMR_NO_PFN);
	cr_assert_eq(room_stats(t)->oom_kill, 1);
	cr_assert_eq(room_alloc(t, 1, KMR_GFP_KERNEL), KMR_NO_PFN);
	cr_assert_eq(room_stats(t)->oom_kill, 2);
	room_free(t);
}

/* MAX_RECLAIM_RETRIES rounds in vain, and it is left to those who ask */
Test(reclaim_kswapd, gives_up_when_there_is_nothing)
{
	struct room *t = room_new("model,page_ns=1000,wake_ns=1000");

	while (room_alloc(t, 0, KMR_GFP_KERNEL) != KMR_NO_PFN)
		room_wait(t, 1);
	for (unsigned int i = 0; i < 100; i++) {
		(void)room_alloc(t, 0, KMR_GFP_KERNEL);
		room_wait(t, SECOND);
	}
	cr_assert_eq(room_stats(t)->pageoutrun, 16);
	cr_assert_eq(state_of(t), KMR_KSWAPD_ASLEEP);
	room_free(t);
}

Test(reclaim_kswapd, dirty_pages_are_put_back_once)
{
	struct room *t = room_new("model,dirty=50");

	for (unsigned int i = 0; i < 2 * FRAMES; i++) {
		const kmr_pfn_t pfn = room_alloc(t, 0, GFP_FILE);

		cr_assert_neq(pfn, KMR_NO_PFN);
		kmr_reclaim_add(t->r, pfn, 0, KMR_LRU_FILE, true);
	}
	/* every other one that is looked at for the first time */
	cr_assert_gt(room_stats(t)->pgrotated, t->reclaimed / 2);
	cr_assert_eq(room_stats(t)->pgscan_direct + room_stats(t)->pgscan_kswapd,
		     t->reclaimed + room_stats(t)->pgrotated);
	room_free(t);
}

/* balance_pgdat() drops the boost that it found, and has reclaimed at most as much for it */
Test(reclaim_kswapd, a_boost_is_worked_off)
{
	struct room *t = room_new("model,page_ns=1000,wake_ns=1000");
	struct kmr_zone *z = &t->rig.b->zones[0];

	while (room_free_pages(t) > 4 * HIGH)
		(void)room_add(t, GFP_FILE, KMR_LRU_FILE);
	z->boost = 512;
	kmr_wake_kswapd(t->r, 0, 0, 0, KMR_ZONE_NORMAL);
	cr_assert_eq(room_stats(t)->kswapd_wakeups, 1);
	room_wait(t, SECOND / 20);
	cr_assert_eq(z->boost, 0);
	cr_assert_geq(room_stats(t)->pgsteal_kswapd, 512);
	cr_assert_lt(room_stats(t)->pgsteal_kswapd, 1024 + HIGH);
	cr_assert_eq(room_stats(t)->pageoutrun, 1);
	room_free(t);
}

Test(reclaim_kswapd, each_count_has_its_name)
{
	struct kmr_reclaim_stats stats = { .oom_kill = 5, .pgscan_kswapd = 3 };
	const char *name;
	uint64_t value;
	unsigned int n = 0;

	while (kmr_reclaim_stat_at(&stats, n, &name, &value)) {
		if (!strcmp(name, "oom_kill"))
			cr_assert_eq(value, 5);
		else
			cr_assert_eq(value, strcmp(name, "pgscan_kswapd") ? 0 : 3, "%s", name);
		n++;
	}
	cr_assert_eq(n, sizeof(stats) / sizeof(uint64_t));
}
