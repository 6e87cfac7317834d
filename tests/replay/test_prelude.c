// SPDX-License-Identifier: GPL-2.0-only
/* What a trace did before a snapshot's marker is so in the snapshot that belongs to it. */
#include "../page/support.h"

#include "replay/prelude.h"

static void note(struct kmr_prelude *p, enum kmr_event_type type, uint64_t pfn)
{
	struct kmr_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.type = (uint8_t)type;
	ev.addr = pfn;
	kmr_prelude_note(p, &ev);
}

/* Frames from 2048 on are free, those before in use. */
static struct kmr_zone *half_free(struct rig *r)
{
	struct kmr_zone *z = rig_normal(r, 0, 4096);

	rig_seed(r, 2048, 10, KMR_MIGRATE_MOVABLE);
	rig_seed(r, 3072, 10, KMR_MIGRATE_MOVABLE);
	return z;
}

Test(replay_prelude, fits)
{
	struct kmr_prelude p;
	struct kmr_error err = { "" };
	struct rig r;

	(void)half_free(&r);
	cr_assert_eq(kmr_prelude_init(&p), 0);
	for (uint64_t i = 0; i < 20; i++) {
		note(&p, KMR_EV_PAGE_ALLOC, 100 + i);
		note(&p, KMR_EV_PAGE_FREE, 2100 + i);
	}
	/* the last event of a frame counts */
	note(&p, KMR_EV_PAGE_FREE, 100);
	note(&p, KMR_EV_PAGE_ALLOC, 100);
	note(&p, KMR_EV_PAGE_REFILL, 2500);
	note(&p, KMR_EV_PAGE_ALLOC, KMR_EV_NO_PFN);
	kmr_prelude_compare(&p, r.ops, r.b);
	cr_assert_eq(p.nr_pfns, 40);
	cr_assert_eq(p.wrong, 0);
	cr_assert_eq(kmr_prelude_check(&p, "snap", "trace", &err), 0);
	kmr_prelude_free(&p);
	rig_destroy(&r);
}

Test(replay_prelude, some_may_be_under_way)
{
	struct kmr_prelude p;
	struct kmr_error err = { "" };
	struct rig r;

	(void)half_free(&r);
	cr_assert_eq(kmr_prelude_init(&p), 0);
	for (uint64_t i = 0; i < 16; i++)
		note(&p, KMR_EV_PAGE_ALLOC, i < 2 ? 2100 + i : 100 + i);
	kmr_prelude_compare(&p, r.ops, r.b);
	cr_assert_eq(p.wrong, 2);
	cr_assert_eq(kmr_prelude_check(&p, "snap", "trace", &err), 0);
	kmr_prelude_free(&p);
	rig_destroy(&r);
}

Test(replay_prelude, does_not_fit)
{
	struct kmr_prelude p;
	struct kmr_error err = { "" };
	struct rig r;

	(void)half_free(&r);
	cr_assert_eq(kmr_prelude_init(&p), 0);
	for (uint64_t i = 0; i < 16; i++)
		note(&p, KMR_EV_PAGE_ALLOC, i < 3 ? 2100 + i : 100 + i);
	kmr_prelude_compare(&p, r.ops, r.b);
	cr_assert_eq(kmr_prelude_check(&p, "snap", "trace", &err), -1);
	cr_assert_str_eq(err.msg,
			 "snap: does not fit trace: of 16 frames that the trace names before "
			 "its marker, 3 are not as it left them");
	kmr_prelude_free(&p);
	rig_destroy(&r);
}

/* A trace of any length is remembered in a fixed space. */
Test(replay_prelude, bounded)
{
	struct kmr_prelude p;

	cr_assert_eq(kmr_prelude_init(&p), 0);
	for (uint64_t i = 0; i < 3 * KMR_PRELUDE_FRAMES; i++)
		note(&p, KMR_EV_PAGE_FREE, i);
	cr_assert_eq(p.nr_pfns, KMR_PRELUDE_FRAMES);
	kmr_prelude_free(&p);
}
