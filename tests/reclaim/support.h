/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine of 64 MiB whose memory is all free, and reclaim for it. */
#ifndef KMR_TESTS_RECLAIM_SUPPORT_H
#define KMR_TESTS_RECLAIM_SUPPORT_H

#include "../page/support.h"
#include "kmreplay/reclaim.h"

#define FRAMES 16384u
#define MIN    128u
#define LOW    160u
#define HIGH   192u

#define GFP_FILE (KMR_GFP_HIGHUSER_MOV | KMR_GFP_NORETRY | KMR_GFP_NOWARN)
#define GFP_ANON (KMR_GFP_HIGHUSER_MOV | KMR_GFP_ZERO)

struct room {
	struct rig rig;
	struct kmr_reclaim *r;
	uint64_t now;
	uint64_t reclaimed; /* pages that the observer was told of */
	uint64_t moved;
	bool used[FRAMES]; /* the test's: allocated and neither freed nor reclaimed */
	struct kmr_page_observer observer;
};

static inline void on_reclaimed(void *ctx, kmr_pfn_t pfn, unsigned int order)
{
	struct room *t = ctx;

	for (uint32_t i = pfn; i < pfn + (1u << order); i++) {
		cr_assert(t->used[i], "frame %u was reclaimed, and is nobody's", i);
		t->used[i] = false;
	}
	t->reclaimed += UINT64_C(1) << order;
}

static inline void on_migrated(void *ctx, kmr_pfn_t from, kmr_pfn_t to, unsigned int order)
{
	struct room *t = ctx;

	cr_assert_eq(order, 0);
	cr_assert(t->used[from], "frame %u was moved, and is nobody's", from);
	cr_assert_not(t->used[to], "frame %u is somebody's", to);
	cr_assert(kmr_reclaim_has(t->r, from), "frame %u does not move", from);
	t->used[from] = false;
	t->used[to] = true;
	t->moved++;
}

/* @spec: "model,…"; the zones are in r->rig.m already. */
static inline void room_open(struct room *t, const char *spec)
{
	const struct kmr_reclaim_observer observer = { t, on_reclaimed };
	uint64_t params[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };

	rig_create(&t->rig);
	cr_assert_eq(kmr_reclaim_parse(spec, params, &err), 1, "%s", err.msg);
	t->r = kmr_reclaim_create(&t->rig.m, t->rig.ops, t->rig.b, params, &observer, &err);
	cr_assert_not_null(t->r, "%s", err.msg);
	t->observer.ctx = t;
	t->observer.migrated = on_migrated;
	t->rig.ops->observe(t->rig.b, &t->observer);
	t->now = 1000000000;
	kmr_reclaim_run(t->r, t->now, 0);
}

static inline void set_wmarks(struct kmr_zone_spec *z)
{
	z->wmark_min = MIN;
	z->wmark_low = LOW;
	z->wmark_high = HIGH;
}

static inline struct room *room_new(const char *spec)
{
	struct room *t = calloc(1, sizeof(*t));

	cr_assert_not_null(t);
	bare_machine(&t->rig.m, 9);
	set_wmarks(add_zone(&t->rig.m, KMR_ZONE_NORMAL, 0, 0, FRAMES));
	room_open(t, spec);
	for (uint32_t pfn = 0; pfn < FRAMES; pfn += 1024)
		rig_seed(&t->rig, pfn, 10, KMR_MIGRATE_MOVABLE);
	return t;
}

static inline void room_check(const struct room *t)
{
	struct kmr_error err = { "" };

	rig_check(&t->rig);
	cr_assert_eq(kmr_reclaim_check(t->r, &err), 0, "%s", err.msg);
}

static inline void room_free(struct room *t)
{
	room_check(t);
	kmr_reclaim_destroy(t->r);
	rig_destroy(&t->rig);
	free(t);
}

static inline void room_wait(struct room *t, uint64_t ns)
{
	t->now += ns;
	kmr_reclaim_run(t->r, t->now, 0);
}

/* A block that nobody reclaims; KMR_NO_PFN: there was none. */
static inline kmr_pfn_t room_alloc(struct room *t, unsigned int order, uint32_t gfp)
{
	const kmr_pfn_t pfn = rig_alloc(&t->rig, order, gfp);

	for (uint32_t i = 0; pfn != KMR_NO_PFN && i < 1u << order; i++) {
		cr_assert_not(t->used[pfn + i], "frame %u was given out twice", pfn + i);
		t->used[pfn + i] = true;
	}
	return pfn;
}

static inline kmr_pfn_t room_add(struct room *t, uint32_t gfp, enum kmr_lru_kind kind)
{
	const kmr_pfn_t pfn = room_alloc(t, 0, gfp);

	if (pfn != KMR_NO_PFN)
		kmr_reclaim_add(t->r, pfn, 0, kind, false);
	return pfn;
}

static inline void room_give(struct room *t, kmr_pfn_t pfn, unsigned int order)
{
	kmr_reclaim_forget(t->r, pfn, order);
	rig_free(&t->rig, pfn, order);
	for (uint32_t i = 0; i < 1u << order; i++)
		t->used[pfn + i] = false;
}

static inline const struct kmr_reclaim_stats *room_stats(const struct room *t)
{
	return kmr_reclaim_stats(t->r);
}

static inline uint64_t room_free_pages(const struct room *t)
{
	return t->rig.b->zones[0].free_pages;
}

#endif
