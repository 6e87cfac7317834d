// SPDX-License-Identifier: GPL-2.0-only
/* The lists: what is on them, in which order it goes, and that counts agree with them. */
#include "support.h"

#include "reclaim/reclaim.h"

#define OPERATIONS   40000u
#define CHECK_PERIOD 500u

static struct kmr_lru_sizes sizes_of(const struct room *t)
{
	struct kmr_lru_sizes s;

	kmr_reclaim_sizes(t->r, &s);
	return s;
}

Test(reclaim_lru, what_is_put_is_there_until_it_is_freed)
{
	struct room *t = room_new("model");
	const kmr_pfn_t anon = room_add(t, GFP_ANON, KMR_LRU_ANON);
	const kmr_pfn_t file = room_add(t, GFP_FILE, KMR_LRU_FILE);
	const kmr_pfn_t other = room_alloc(t, 0, KMR_GFP_KERNEL);

	cr_assert(kmr_reclaim_has(t->r, anon));
	cr_assert(kmr_reclaim_has(t->r, file));
	cr_assert_not(kmr_reclaim_has(t->r, other));
	cr_assert_eq(sizes_of(t).inactive[KMR_LRU_ANON], 1);
	cr_assert_eq(sizes_of(t).inactive[KMR_LRU_FILE], 1);
	room_give(t, anon, 0);
	cr_assert_not(kmr_reclaim_has(t->r, anon));
	cr_assert_eq(sizes_of(t).inactive[KMR_LRU_ANON], 0);
	room_free(t);
}

Test(reclaim_lru, a_block_is_split_and_moved_with_its_list)
{
	struct room *t = room_new("model");
	const kmr_pfn_t huge = room_alloc(t, 2, GFP_ANON);
	const kmr_pfn_t to = room_alloc(t, 0, GFP_ANON);

	kmr_reclaim_add_active(t->r, huge, 2, KMR_LRU_ANON);
	cr_assert_eq(sizes_of(t).active[KMR_LRU_ANON], 4);
	kmr_reclaim_split(t->r, huge);
	cr_assert(kmr_reclaim_has(t->r, huge + 2));
	cr_assert_not(kmr_reclaim_has(t->r, huge + 1));
	kmr_reclaim_split(t->r, huge);
	cr_assert_eq(sizes_of(t).active[KMR_LRU_ANON], 4);
	kmr_reclaim_moved(t->r, huge + 1, to);
	cr_assert_not(kmr_reclaim_has(t->r, huge + 1));
	cr_assert(kmr_reclaim_has(t->r, to));
	cr_assert_eq(sizes_of(t).active[KMR_LRU_ANON], 4);
	room_free(t);
}

Test(reclaim_lru, the_oldest_goes_first)
{
	struct room *t = room_new("model");
	kmr_pfn_t first = KMR_NO_PFN, last = KMR_NO_PFN;

	while (!room_stats(t)->pgsteal_direct) {
		last = room_add(t, GFP_FILE, KMR_LRU_FILE);
		first = first == KMR_NO_PFN ? last : first;
	}
	cr_assert(kmr_reclaim_has(t->r, last));
	/* it was reclaimed, whoever has the frame now */
	cr_assert_gt(t->reclaimed, 0);
	cr_assert(!t->used[first] || first == last);
	room_free(t);
}

/* isolate_lru_folios(): what does not help is passed over, and put where it is not met again */
Test(reclaim_lru, pages_of_higher_zones_are_skipped)
{
	struct room *t = calloc(1, sizeof(*t));
	uint32_t pfns[KMR_SWAP_CLUSTER_MAX];
	kmr_pfn_t high, low;
	uint64_t scanned;

	bare_machine(&t->rig.m, 9);
	set_wmarks(add_zone(&t->rig.m, KMR_ZONE_DMA, 0, 0, 4096));
	set_wmarks(add_zone(&t->rig.m, KMR_ZONE_NORMAL, 0, 4096, FRAMES - 4096));
	room_open(t, "model");
	for (uint32_t pfn = 0; pfn < FRAMES; pfn += 1024)
		rig_seed(&t->rig, pfn, 10, KMR_MIGRATE_MOVABLE);
	high = room_add(t, GFP_FILE, KMR_LRU_FILE);
	low = room_add(t, GFP_FILE | KMR_GFP_DMA, KMR_LRU_FILE);
	cr_assert_geq(high, 4096);
	cr_assert_lt(low, 4096);
	cr_assert_eq(kmr_lru_size(t->r, 0, KMR_LRU_INACTIVE_FILE, KMR_ZONE_DMA), 1);
	cr_assert_eq(kmr_lru_size(t->r, 0, KMR_LRU_INACTIVE_FILE, KMR_ZONE_NORMAL), 2);
	cr_assert_eq(
		kmr_lru_isolate(t->r, 0, KMR_LRU_INACTIVE_FILE, 1, KMR_ZONE_DMA, pfns, &scanned),
		1);
	cr_assert_eq(pfns[0], low);
	cr_assert_eq(scanned, 2);
	cr_assert_eq(room_stats(t)->pgskip, 1);
	cr_assert(kmr_reclaim_has(t->r, high));
	kmr_lru_put(t->r, low, 0, KMR_LRU_INACTIVE_FILE, 0, false);
	room_free(t);
}

/* inactive_is_low(): below 1 GiB, when there is less inactive than active */
Test(reclaim_lru, active_pages_become_inactive_when_those_are_few)
{
	struct room *t = room_new("model");
	uint64_t active;

	for (unsigned int i = 0; i < 8000; i++) {
		const kmr_pfn_t pfn = room_alloc(t, 0, GFP_FILE);

		kmr_reclaim_add_active(t->r, pfn, 0, KMR_LRU_FILE);
	}
	active = sizes_of(t).active[KMR_LRU_FILE];
	while (room_stats(t)->pgsteal_direct < 1000)
		(void)room_add(t, GFP_FILE, KMR_LRU_FILE);
	cr_assert_eq(room_stats(t)->pgdeactivate, 0, "inactive %zu, active %zu",
		     (size_t)sizes_of(t).inactive[KMR_LRU_FILE], (size_t)active);
	/* memory of another kind takes what was inactive */
	while (sizes_of(t).inactive[KMR_LRU_FILE] >= 4000 && !room_stats(t)->pgdeactivate)
		(void)room_alloc(t, 0, KMR_GFP_KERNEL);
	while (!room_stats(t)->pgdeactivate)
		cr_assert_neq(room_alloc(t, 0, KMR_GFP_KERNEL), KMR_NO_PFN);
	cr_assert_lt(sizes_of(t).active[KMR_LRU_FILE], active);
	room_free(t);
}

static void walk(struct room *t, uint64_t seed)
{
	uint64_t rng = seed, stolen;
	uint32_t live = 0;

	for (unsigned int i = 0; i < OPERATIONS; i++) {
		const uint32_t what = below(&rng, 100);
		const kmr_pfn_t any = below(&rng, FRAMES);

		if (what < 55)
			(void)room_add(t, GFP_FILE, KMR_LRU_FILE);
		else if (what < 70)
			(void)room_add(t, GFP_ANON, KMR_LRU_ANON);
		else if (what < 72)
			(void)room_alloc(t, 0, KMR_GFP_KERNEL);
		else if (what < 97 && t->used[any])
			room_give(t, any, 0);
		else
			room_wait(t, below(&rng, 2000000));
		if (i % CHECK_PERIOD == 0)
			room_check(t);
	}
	for (uint32_t pfn = 0; pfn < FRAMES; pfn++)
		live += t->used[pfn];
	stolen = room_stats(t)->pgsteal_kswapd + room_stats(t)->pgsteal_direct;
	cr_assert_eq(t->reclaimed, stolen);
	cr_assert_eq(stolen, room_stats(t)->pgsteal_anon + room_stats(t)->pgsteal_file);
	cr_assert_gt(stolen, 0);
	/* nothing is lost: free, on the per-CPU lists, or the test's */
	cr_assert_eq(live + room_free_pages(t) + t->rig.b->zones[0].pcp[0].count, FRAMES);
}

Test(reclaim_lru, any_operations_leave_lists_that_agree)
{
	static const char *const specs[] = { "model", "model,swap=100000",
					     "model,swap=500,swappiness=200,dirty=30",
					     "model,mglru=1", "model,mglru=1,swap=100000" };

	for (uint64_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct room *t = room_new(specs[i]);

		walk(t, i + 1);
		room_free(t);
	}
}

Test(reclaim_lru, equal_runs_are_equal)
{
	struct kmr_reclaim_stats first;

	for (unsigned int run = 0; run < 2; run++) {
		struct room *t = room_new("model,swap=3000,dirty=10");

		walk(t, 7);
		if (run)
			cr_assert(!memcmp(&first, room_stats(t), sizeof(first)));
		first = *room_stats(t);
		room_free(t);
	}
}

/* MIN_NR_GENS: the two youngest are left alone until a new one begins */
Test(reclaim_lru, generations_age_when_the_old_ones_are_gone)
{
	struct room *t = room_new("model,mglru=1,swap=100000");
	const struct kmr_reclaim_node *n = &t->r->nodes[0];
	const uint64_t youngest = n->max_seq;

	cr_assert_eq(youngest, 3);
	/* faulted in: in the youngest */
	while (!room_stats(t)->pgsteal_anon)
		cr_assert_neq(room_add(t, GFP_ANON, KMR_LRU_ANON), KMR_NO_PFN);
	cr_assert_gt(n->max_seq, youngest);
	cr_assert_eq(room_stats(t)->pswpout, room_stats(t)->pgsteal_anon);
	room_free(t);
}

Test(reclaim_lru, parameters_are_read_or_told_about)
{
	uint64_t params[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_reclaim_parse("follow", params, &err), 0);
	cr_assert_eq(kmr_reclaim_parse("model,swap=7", params, &err), 1);
	cr_assert_eq(params[1], 7);
	cr_assert_eq(kmr_reclaim_parse("follow,swap=7", params, &err), -1);
	cr_assert_str_eq(err.msg, "--pressure follow takes no parameters, found ',swap=7'");
	cr_assert_eq(kmr_reclaim_parse("guess", params, &err), -1);
	cr_assert_str_eq(err.msg, "--pressure takes 'follow' or 'model', found 'guess'");
	cr_assert_eq(kmr_reclaim_parse("model,swappiness=201", params, &err), -1);
	cr_assert_str_eq(err.msg, "--pressure model: swappiness takes a number from 0 to 200, "
				  "found 'swappiness=201'");
}

Test(reclaim_lru, a_backend_without_a_slow_path_is_told_about)
{
	struct rig rig;
	struct kmr_page_ops ops;
	struct kmr_error err = { "" };

	(void)rig_normal(&rig, 0, 1024);
	ops = *rig.ops;
	ops.name = "plain";
	ops.set_pressure = NULL;
	cr_assert_null(kmr_reclaim_create(&rig.m, &ops, rig.b, NULL, NULL, &err));
	cr_assert_str_eq(err.msg, "--pressure model: page backend plain has no slow path to help");
	rig_destroy(&rig);
}
