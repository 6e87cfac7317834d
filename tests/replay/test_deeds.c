// SPDX-License-Identifier: GPL-2.0-only
/*
 * After an operation that went otherwise than the kernel's, lists and pageblocks are where the
 * kernel's are, as far as its events tell.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "kmreplay/machine.h"
#include "replay/deeds.h"

#define UNMOVABLE KMR_MIGRATE_UNMOVABLE
#define MOVABLE	  KMR_MIGRATE_MOVABLE

struct rig {
	struct kmr_machine m;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
	struct kmr_account a;
};

static void begin(struct rig *r, const char *backend)
{
	struct kmr_error err = { "" };

	memset(r, 0, sizeof(*r));
	cr_assert_eq(kmr_machine_preset(&r->m, "i386:ram=64M,pageblock=9", &err), 0, "%s", err.msg);
	r->ops = kmr_page_backend_find(backend);
	r->b = r->ops->create(&r->m, NULL, &err);
	cr_assert_not_null(r->b, "%s", err.msg);
}

static void did(struct kmr_deeds *d, uint8_t type, uint32_t pfn, uint8_t order, uint8_t migratetype)
{
	const struct kmr_deed deed = {
		.pfn = pfn, .type = type, .order = order, .migratetype = migratetype
	};

	cr_assert_eq(kmr_deeds_push(d, &deed), 0);
}

static void fell_back(struct kmr_deeds *d, uint32_t pfn, uint8_t fallback_order, bool change_owner)
{
	const struct kmr_deed deed = { .pfn = pfn,
				       .type = KMR_EV_PAGE_EXTFRAG,
				       .migratetype = UNMOVABLE,
				       .fallback_order = fallback_order,
				       .fallback_migratetype = MOVABLE,
				       .change_owner = change_owner };

	cr_assert_eq(kmr_deeds_push(d, &deed), 0);
}

static void reconcile(struct rig *r)
{
	struct kmr_error err = { "" };

	cr_assert(kmr_account_differs(&r->a));
	kmr_account_reconcile(&r->a, &r->m, r->ops, r->b, 0);
	cr_assert_eq(r->ops->check(r->b, &err), 0, "%s", err.msg);
}

static void assert_at(const struct rig *r, uint32_t pfn, enum kmr_frame_place place,
		      unsigned int type, unsigned int pageblock)
{
	struct kmr_frame_info info;

	r->ops->where(r->b, pfn, &info);
	cr_assert_eq(info.place, place, "frame %u", pfn);
	cr_assert_eq(info.migratetype, type, "frame %u", pfn);
	cr_assert_eq(info.pageblock, pageblock, "frame %u", pfn);
}

static void end(struct rig *r)
{
	kmr_account_free(&r->a);
	r->ops->destroy(r->b);
}

/* A block that the kernel stole goes onto the list; the model's own choice goes back. */
Test(replay_deeds, stolen)
{
	struct rig r;

	begin(&r, "linux-6.12");
	cr_assert_eq(r.ops->seed_free(r.b, 8192, 3, MOVABLE), 0);
	cr_assert_eq(r.ops->seed_free(r.b, 9216 + 7, 0, MOVABLE), 0);
	r.ops->take(r.b, 9216 + 7, 0, false);
	fell_back(&r.a.model, 9216 + 7, 0, false);
	fell_back(&r.a.kernel, 8192, 3, false);
	reconcile(&r);
	assert_at(&r, 8192, KMR_FRAME_PCP, UNMOVABLE, MOVABLE);
	assert_at(&r, 8193, KMR_FRAME_BUDDY, MOVABLE, MOVABLE);
	assert_at(&r, 8196, KMR_FRAME_BUDDY, MOVABLE, MOVABLE);
	assert_at(&r, 9216 + 7, KMR_FRAME_BUDDY, MOVABLE, MOVABLE);
	end(&r);
}

/* One that it claimed with whole pageblocks takes them all along. */
Test(replay_deeds, claimed_whole)
{
	struct rig r;

	begin(&r, "linux-6.12");
	cr_assert_eq(r.ops->seed_free(r.b, 8192, 10, MOVABLE), 0);
	fell_back(&r.a.kernel, 8192, 10, true);
	reconcile(&r);
	assert_at(&r, 8192, KMR_FRAME_PCP, UNMOVABLE, UNMOVABLE);
	assert_at(&r, 8192 + 512, KMR_FRAME_BUDDY, UNMOVABLE, UNMOVABLE);
	end(&r);
}

/* One in a pageblock that it claimed: all that is free there, and what was taken is told before. */
Test(replay_deeds, claimed)
{
	struct rig r;

	begin(&r, "linux-6.12");
	cr_assert_eq(r.ops->seed_free(r.b, 8192, 3, MOVABLE), 0);
	cr_assert_eq(r.ops->seed_free(r.b, 8192 + 64, 6, MOVABLE), 0);
	did(&r.a.kernel, KMR_EV_PAGE_REFILL, 8192, 0, UNMOVABLE);
	fell_back(&r.a.kernel, 8192, 6, true);
	reconcile(&r);
	assert_at(&r, 8192, KMR_FRAME_PCP, UNMOVABLE, UNMOVABLE);
	assert_at(&r, 8193, KMR_FRAME_BUDDY, UNMOVABLE, UNMOVABLE);
	assert_at(&r, 8192 + 64, KMR_FRAME_BUDDY, UNMOVABLE, UNMOVABLE);
	end(&r);
}

/* Until 6.14 a fallback is no refill: the one that follows is. */
Test(replay_deeds, fallback_of_6_1)
{
	struct rig r;

	begin(&r, "linux-6.1");
	cr_assert_eq(r.ops->seed_free(r.b, 8192, 3, MOVABLE), 0);
	fell_back(&r.a.kernel, 8192, 3, false);
	reconcile(&r);
	assert_at(&r, 8192, KMR_FRAME_BUDDY, MOVABLE, MOVABLE);
	did(&r.a.kernel, KMR_EV_PAGE_REFILL, 8192, 0, UNMOVABLE);
	reconcile(&r);
	assert_at(&r, 8192, KMR_FRAME_PCP, UNMOVABLE, MOVABLE);
	end(&r);
}

/* What the model drained too early goes back to its list, whatever its pageblock is by now. */
Test(replay_deeds, drained_too_early)
{
	struct kmr_frame_info at;
	struct rig r;

	begin(&r, "linux-6.12");
	r.ops->set_pageblock(r.b, 8192, UNMOVABLE);
	cr_assert_eq(r.ops->free(r.b, 8192, 0, 0), 0);
	r.ops->set_pageblock(r.b, 8192, KMR_MIGRATE_RECLAIMABLE);
	r.ops->where(r.b, 8192, &at);
	cr_assert_eq(at.place, KMR_FRAME_PCP);
	r.ops->drain(r.b, -1);
	assert_at(&r, 8192, KMR_FRAME_BUDDY, KMR_MIGRATE_RECLAIMABLE, KMR_MIGRATE_RECLAIMABLE);
	did(&r.a.model, KMR_EV_PAGE_DRAIN, 8192, 0, KMR_MIGRATE_RECLAIMABLE);
	reconcile(&r);
	assert_at(&r, 8192, KMR_FRAME_PCP, KMR_MIGRATE_RECLAIMABLE, KMR_MIGRATE_RECLAIMABLE);
	cr_assert_eq(r.ops->pcp_take_all(r.b, (unsigned int)at.zone, 0, 0, UNMOVABLE), 1);
	end(&r);
}

/* Frames and orders that no machine has change nothing. */
Test(replay_deeds, nonsense)
{
	struct rig r;

	begin(&r, "linux-6.12");
	fell_back(&r.a.kernel, UINT32_MAX, 255, true);
	fell_back(&r.a.kernel, 100000000, 10, true);
	did(&r.a.kernel, KMR_EV_PAGE_REFILL, UINT32_MAX, 0, MOVABLE);
	did(&r.a.kernel, KMR_EV_PAGE_DRAIN, 100000000, 0, MOVABLE);
	reconcile(&r);
	end(&r);
}
