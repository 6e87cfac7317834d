// SPDX-License-Identifier: GPL-2.0-only
/* The map: any key, and the same as a plain list after many changes. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "base/ptrmap.h"

Test(ptrmap, empty_has_nothing_and_no_memory)
{
	struct kmr_ptrmap map = { 0 };

	cr_expect_eq(kmr_ptrmap_get(&map, 0), 0);
	cr_expect_eq(kmr_ptrmap_take(&map, UINT64_MAX), 0);
	cr_expect_null(map.slots);
	kmr_ptrmap_fini(&map);
}

Test(ptrmap, any_key)
{
	static const uint64_t keys[] = { 0, 1, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63 };
	struct kmr_ptrmap map = { 0 };

	for (uint32_t i = 0; i < 5; i++)
		cr_assert_eq(kmr_ptrmap_put(&map, keys[i], i + 1), 0);
	for (uint32_t i = 0; i < 5; i++)
		cr_expect_eq(kmr_ptrmap_get(&map, keys[i]), i + 1);
	cr_assert_eq(kmr_ptrmap_put(&map, 0, UINT32_MAX), 0);
	cr_expect_eq(map.count, 5);
	cr_expect_eq(kmr_ptrmap_take(&map, 0), UINT32_MAX);
	cr_expect_eq(kmr_ptrmap_take(&map, 0), 0);
	cr_expect_eq(kmr_ptrmap_get(&map, UINT64_MAX), 3);
	cr_expect_eq(map.count, 4);
	kmr_ptrmap_fini(&map);
}

/* Few keys, so that they are put and taken again and again and holes are closed over the end. */
Test(ptrmap, same_as_a_plain_array)
{
	enum {
		KEYS = 600
	};
	static uint32_t plain[KEYS];
	struct kmr_ptrmap map = { 0 };
	uint64_t seed = 1, held = 0;

	for (uint32_t i = 1; i < 400000; i++) {
		uint64_t k;

		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
		k = (seed >> 33) % KEYS;
		if ((seed >> 60) & 1) {
			cr_assert_eq(kmr_ptrmap_put(&map, k * 4096, i), 0);
			held += !plain[k];
			plain[k] = i;
		} else {
			cr_assert_eq(kmr_ptrmap_take(&map, k * 4096), plain[k]);
			held -= plain[k] != 0;
			plain[k] = 0;
		}
		cr_assert_eq(map.count, held);
		cr_assert_eq(kmr_ptrmap_get(&map, (k + 1) % KEYS * 4096), plain[(k + 1) % KEYS]);
	}
	for (uint64_t k = 0; k < KEYS; k++)
		cr_assert_eq(kmr_ptrmap_get(&map, k * 4096), plain[k]);
	kmr_ptrmap_fini(&map);
}

Test(ptrmap, memory_follows_what_is_held)
{
	struct kmr_ptrmap map = { 0 };

	for (uint64_t i = 0; i < 1000000; i++) {
		cr_assert_eq(kmr_ptrmap_put(&map, i, 1), 0);
		if (i >= 10)
			cr_assert_eq(kmr_ptrmap_take(&map, i - 10), 1);
	}
	cr_expect_leq(map.nr_slots, 64);
	kmr_ptrmap_fini(&map);
}
