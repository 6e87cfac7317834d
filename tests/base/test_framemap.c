// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>

#include "base/framemap.h"

#define END_PFN 10000u /* chunks end at 12288 */

Test(framemap, holds_what_was_set)
{
	struct kmr_framemap map;

	cr_assert_eq(kmr_framemap_init(&map, END_PFN), 0);
	for (uint64_t pfn = 0; pfn < 20000; pfn++)
		cr_assert_eq(kmr_framemap_get(&map, pfn), 0);
	cr_expect_eq(kmr_framemap_set(&map, 4092, 3, 77), 0);
	for (uint64_t pfn = 0; pfn < END_PFN; pfn++)
		cr_assert_eq(kmr_framemap_get(&map, pfn), pfn >= 4092 && pfn < 4100 ? 77 : 0);
	cr_expect_eq(kmr_framemap_set(&map, 4093, 1, 0), 0);
	cr_expect_eq(kmr_framemap_get(&map, 4092), 77);
	cr_expect_eq(kmr_framemap_get(&map, 4094), 0);
	cr_expect_eq(kmr_framemap_get(&map, 4095), 77);
	cr_expect_eq(kmr_framemap_set(&map, 5, 0, UINT32_MAX), 0);
	cr_expect_eq(kmr_framemap_get(&map, 5), UINT32_MAX);
	kmr_framemap_free(&map);
	cr_expect_eq(kmr_framemap_get(&map, 5), 0);
	kmr_framemap_free(&map);
}

Test(framemap, beyond_the_machine)
{
	struct kmr_framemap map;

	cr_assert_eq(kmr_framemap_init(&map, END_PFN), 0);
	cr_expect_eq(kmr_framemap_get(&map, UINT64_MAX), 0);
	cr_expect_eq(kmr_framemap_get(&map, UINT64_C(1) << 44), 0);
	cr_expect_eq(kmr_framemap_set(&map, 12288, 0, 1), -1);
	cr_expect_eq(kmr_framemap_set(&map, UINT64_C(1) << 44, 0, 1), -1);
	/* partly within: none of it is set */
	cr_expect_eq(kmr_framemap_set(&map, 12284, 3, 1), -1);
	cr_expect_eq(kmr_framemap_get(&map, 12284), 0);
	cr_expect_eq(kmr_framemap_set(&map, 12284, 2, 1), 0);
	kmr_framemap_free(&map);
	/* a machine without frames */
	cr_assert_eq(kmr_framemap_init(&map, 0), 0);
	cr_expect_eq(kmr_framemap_get(&map, 0), 0);
	cr_expect_eq(kmr_framemap_set(&map, 0, 0, 1), -1);
	kmr_framemap_free(&map);
}
