// SPDX-License-Identifier: GPL-2.0-only
/* Compaction: large blocks out of movable pages, and out of those alone. */
#include "support.h"

#include "reclaim/reclaim.h"

#define HUGE_ORDER 9u
#define BLOCK	   (1u << HUGE_ORDER)
#define GFP_HUGE   (KMR_GFP_KERNEL | KMR_GFP_MOVABLE | KMR_GFP_COMP)

/*
 * Every frame used and every other one freed again, so that no two free ones are neighbours; of each
 * pageblock, @fixed frames don't move.
 */
static void scatter(struct room *t, unsigned int fixed)
{
	for (;;) {
		const kmr_pfn_t pfn = room_alloc(t, 0, GFP_FILE | KMR_GFP_MEMALLOC);

		if (pfn == KMR_NO_PFN)
			break;
		if (pfn % BLOCK / 2 >= fixed)
			kmr_reclaim_add(t->r, pfn, 0, KMR_LRU_ANON, false);
	}
	for (uint32_t pfn = 1; pfn < FRAMES; pfn += 2)
		if (t->used[pfn])
			room_give(t, pfn, 0);
	t->rig.ops->drain(t->rig.b, -1);
}

static bool has_huge(const struct room *t)
{
	return room_alloc((struct room *)t, HUGE_ORDER, GFP_HUGE) != KMR_NO_PFN;
}

Test(reclaim_compaction, makes_a_huge_block_of_movable_frames)
{
	struct room *t = room_new("model,proactiveness=0");

	scatter(t, 0);
	cr_assert(has_huge(t));
	cr_assert_geq(t->moved, BLOCK / 2);
	cr_assert_eq(t->moved, room_stats(t)->pgmigrate_success);
	cr_assert_eq(room_stats(t)->compact_stall, 1);
	cr_assert_eq(room_stats(t)->compact_success, 1);
	cr_assert_eq(room_stats(t)->compact_fail, 0);
	cr_assert_eq(t->reclaimed, 0);
	room_free(t);
}

Test(reclaim_compaction, never_moves_what_does_not_move)
{
	struct room *t = room_new("model,proactiveness=0");

	/* one frame of each pageblock spoils it */
	scatter(t, 1);
	cr_assert_not(has_huge(t));
	cr_assert_eq(room_stats(t)->compact_success, 0);
	cr_assert_gt(room_stats(t)->compact_fail, 0);
	for (uint32_t pfn = 0; pfn < FRAMES; pfn += BLOCK)
		cr_assert(t->used[pfn], "frame %u has gone", pfn);
	room_free(t);
}

/* defer_compaction(): after a failure 2, 4, … 64 attempts are skipped */
Test(reclaim_compaction, attempts_are_deferred_after_failures)
{
	struct room *t = room_new("model,proactiveness=0");
	uint64_t zones;

	scatter(t, 1);
	cr_assert_not(has_huge(t));
	cr_assert_gt(room_stats(t)->compact_defers, 0);
	zones = room_stats(t)->compact_zones;
	cr_assert_not(has_huge(t));
	cr_assert_gt(room_stats(t)->compact_deferred, 0);
	for (unsigned int i = 0; i < 1000; i++)
		cr_assert_not(has_huge(t));
	/* far fewer runs than attempts */
	cr_assert_lt(room_stats(t)->compact_zones - zones, 100);
	cr_assert_eq(t->r->zones[0].defer_shift, 6);
	kmr_defer_reset(t->r, 0, HUGE_ORDER, true);
	cr_assert_eq(t->r->zones[0].defer_shift, 0);
	cr_assert_eq(t->r->zones[0].order_failed, HUGE_ORDER + 1);
	cr_assert_not(kmr_compaction_deferred(t->r, 0, HUGE_ORDER));
	room_free(t);
}

/* compaction_suitable(): not without twice the block above the watermark */
Test(reclaim_compaction, needs_room_to_work_in)
{
	struct room *t = room_new("model");
	struct kmr_zone *z = &t->rig.b->zones[0];

	cr_assert_eq(kmr_compaction_suitable(t->r, z, HUGE_ORDER, 0, KMR_ZONE_NORMAL),
		     KMR_COMPACT_SUCCESS);
	scatter(t, 0);
	cr_assert_eq(kmr_compaction_suitable(t->r, z, HUGE_ORDER, 0, KMR_ZONE_NORMAL),
		     KMR_COMPACT_CONTINUE);
	for (uint32_t pfn = 1; z->free_pages > LOW + 2 * BLOCK; pfn++)
		cr_assert_neq(room_alloc(t, 0, GFP_FILE), KMR_NO_PFN, "%u", pfn);
	t->rig.ops->drain(t->rig.b, -1);
	while (z->free_pages > LOW + 2 * BLOCK)
		cr_assert_neq(room_alloc(t, 0, GFP_FILE), KMR_NO_PFN);
	cr_assert_eq(kmr_compaction_suitable(t->r, z, HUGE_ORDER, 0, KMR_ZONE_NORMAL),
		     KMR_COMPACT_SKIPPED);
	room_free(t);
}

/* HPAGE_FRAG_CHECK_INTERVAL_MSEC, proactiveness 20: above 90 it begins, at 80 it ends */
Test(reclaim_compaction, kcompactd_looks_by_itself)
{
	struct room *t = room_new("model");
	const struct kmr_zone *z = &t->rig.b->zones[0];

	scatter(t, 0);
	cr_assert_eq(kmr_fragmentation_score(t->r, z), 100);
	room_wait(t, 1000);
	cr_assert_eq(room_stats(t)->compact_proactive, 0);
	room_wait(t, 500000000);
	cr_assert_eq(room_stats(t)->compact_proactive, 1);
	cr_assert_leq(kmr_fragmentation_score(t->r, z), 80);
	cr_assert_gt(room_stats(t)->pgmigrate_success, 0);
	room_wait(t, 500000000);
	cr_assert_eq(room_stats(t)->compact_proactive, 1, "there is nothing left to do");
	room_free(t);
}

Test(reclaim_compaction, kcompactd_works_when_kswapd_has_worked_off_a_boost)
{
	struct room *t = room_new("model,proactiveness=0,page_ns=1000,wake_ns=1000");

	scatter(t, 0);
	t->rig.b->zones[0].boost = BLOCK;
	kmr_wake_kswapd(t->r, 0, 0, 0, KMR_ZONE_NORMAL);
	room_wait(t, 100000000);
	cr_assert_eq(t->rig.b->zones[0].boost, 0);
	cr_assert_eq(room_stats(t)->compact_daemon_wake, 1);
	cr_assert_eq(room_stats(t)->compact_zones, 1);
	cr_assert_neq(t->rig.b->zones[0].nonempty[KMR_MIGRATE_MOVABLE] >> HUGE_ORDER, 0);
	room_free(t);
}
