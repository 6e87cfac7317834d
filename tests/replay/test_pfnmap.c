// SPDX-License-Identifier: GPL-2.0-only
/* The map from traced frames: it grows where it is written, and no further than its limits. */
#include <criterion/criterion.h>

#include "replay/pfnmap.h"

Test(replay_pfnmap, grows_where_it_is_written)
{
	struct kmr_pfnmap m;
	struct kmr_map_entry *e;

	cr_assert_eq(kmr_pfnmap_init(&m), 0);
	cr_assert_null(kmr_pfnmap_find(&m, 0));
	cr_assert_null(kmr_pfnmap_find(&m, 5000));
	e = kmr_pfnmap_get(&m, 5000);
	cr_assert_not_null(e);
	cr_assert_eq(e->state, KMR_MAP_UNKNOWN);
	e->sim = 77;
	cr_assert_eq(kmr_pfnmap_find(&m, 5000), e);
	cr_assert_eq(kmr_pfnmap_find(&m, 5000)->sim, 77);
	/* its neighbours are there too, others are not */
	cr_assert_eq(kmr_pfnmap_find(&m, 5001), e + 1);
	cr_assert_eq(kmr_pfnmap_find(&m, 5001)->sim, 0);
	cr_assert_null(kmr_pfnmap_find(&m, 4095));
	cr_assert_null(kmr_pfnmap_find(&m, 8192));
	cr_assert_eq(m.used, 1);
	cr_assert_eq(kmr_pfnmap_get(&m, 4096), e - 904);
	cr_assert_eq(m.used, 1);
	cr_assert_not(m.overflow);
	kmr_pfnmap_free(&m);
}

Test(replay_pfnmap, wild_frames)
{
	static const uint64_t wild[] = { UINT64_C(1) << 32, UINT64_C(1) << 52, UINT64_MAX };
	struct kmr_pfnmap m;

	for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		cr_assert_eq(kmr_pfnmap_init(&m), 0);
		cr_assert_null(kmr_pfnmap_find(&m, wild[i]));
		cr_assert_not(m.overflow, "looking is no harm");
		cr_assert_null(kmr_pfnmap_get(&m, wild[i]));
		cr_assert(m.overflow);
		cr_assert_eq(m.used, 0);
		kmr_pfnmap_free(&m);
	}
	cr_assert_eq(kmr_pfnmap_init(&m), 0);
	cr_assert_not_null(kmr_pfnmap_get(&m, UINT32_MAX));
	cr_assert_not(m.overflow);
	kmr_pfnmap_free(&m);
}

/* Frames strewn over all of the range are given up, not followed at any price. */
Test(replay_pfnmap, limit)
{
	struct kmr_pfnmap m;
	uint64_t pfn = 0;
	uint32_t chunks = 0;

	cr_assert_eq(kmr_pfnmap_init(&m), 0);
	while (kmr_pfnmap_get(&m, pfn)) {
		chunks++;
		pfn += UINT64_C(1) << 14;
		cr_assert_leq(chunks, KMR_MAP_MAX_USED);
	}
	cr_assert_eq(chunks, KMR_MAP_MAX_USED);
	cr_assert(m.overflow);
	/* what was noted before is still there */
	cr_assert_not_null(kmr_pfnmap_find(&m, 0));
	cr_assert_not_null(kmr_pfnmap_get(&m, 1));
	kmr_pfnmap_free(&m);
}

Test(replay_pfnmap, free_is_safe)
{
	struct kmr_pfnmap m = { NULL, 0, 0 };

	kmr_pfnmap_free(&m);
	cr_assert_eq(kmr_pfnmap_init(&m), 0);
	kmr_pfnmap_free(&m);
	kmr_pfnmap_free(&m);
}

/* A birth is kept in steps of 16 ns, modulo 52 days. */
Test(replay_pfnmap, ages)
{
	static const uint64_t day = UINT64_C(86400000000000);
	struct kmr_map_entry e = { .state = KMR_MAP_LIVE, .order = 3 };

	cr_assert_eq(sizeof(e), 12);
	kmr_map_set_birth(&e, 1000);
	cr_expect_eq(e.born, 1);
	cr_expect_eq(kmr_map_age(&e, 5000), 4000 + 1000 % 16);
	cr_expect_eq(kmr_map_age(&e, 990), 0, "clocks of CPUs apart");
	cr_expect_eq(kmr_map_age(&e, 26 * day), 26 * day - 992);
	kmr_map_set_birth(&e, 1000 * day);
	cr_expect_eq(kmr_map_age(&e, 1025 * day + 7), 25 * day + 7, "up for long");
	kmr_map_set_birth(&e, KMR_MAP_TIME_SPAN - 16);
	cr_expect_eq(kmr_map_age(&e, KMR_MAP_TIME_SPAN + 16), 32);
	cr_expect_eq(e.state, KMR_MAP_LIVE);
	cr_expect_eq(e.order, 3);
}
