// SPDX-License-Identifier: GPL-2.0-only
/* The string table: ids by first sight, stable strings, bounds. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strtab.h"

Test(strtab, ids_run_from_one_by_first_sight)
{
	struct kmr_strtab tab;
	uint32_t id;

	cr_assert_eq(kmr_strtab_init(&tab, 100, 1000), 0);
	cr_assert_eq(kmr_strtab_intern(&tab, "foo+0x1xyz", 7, &id), 0);
	cr_expect_eq(id, 1);
	cr_assert_eq(kmr_strtab_intern(&tab, "bar", 3, &id), 0);
	cr_expect_eq(id, 2);
	cr_assert_eq(kmr_strtab_intern(&tab, "foo+0x1", 7, &id), 0);
	cr_expect_eq(id, 1);
	cr_assert_eq(kmr_strtab_intern(&tab, "", 0, &id), 0);
	cr_expect_eq(id, 3);
	cr_expect_str_eq(kmr_strtab_get(&tab, 1), "foo+0x1");
	cr_expect_str_eq(kmr_strtab_get(&tab, 0), "");
	cr_expect_str_eq(kmr_strtab_get(&tab, 4), "");
	cr_expect_str_eq(kmr_strtab_get(&tab, UINT32_MAX), "");
	kmr_strtab_fini(&tab);
}

Test(strtab, full_by_count_and_by_bytes)
{
	struct kmr_strtab tab;
	uint32_t id;

	cr_assert_eq(kmr_strtab_init(&tab, 2, 100), 0);
	cr_assert_eq(kmr_strtab_intern(&tab, "a", 1, &id), 0);
	cr_assert_eq(kmr_strtab_intern(&tab, "b", 1, &id), 0);
	cr_assert_eq(kmr_strtab_intern(&tab, "c", 1, &id), 0);
	cr_expect_eq(id, 0);
	cr_assert_eq(kmr_strtab_intern(&tab, "b", 1, &id), 0);
	cr_expect_eq(id, 2);
	kmr_strtab_fini(&tab);
	cr_assert_eq(kmr_strtab_init(&tab, 100, 8), 0);
	cr_assert_eq(kmr_strtab_intern(&tab, "123456", 6, &id), 0);
	cr_expect_eq(id, 1);
	cr_assert_eq(kmr_strtab_intern(&tab, "abcdef", 6, &id), 0);
	cr_expect_eq(id, 0);
	kmr_strtab_fini(&tab);
}

/* Strings of all lengths, differing in any place, through many growths of the table. */
Test(strtab, many_strings_keep_their_ids_and_places)
{
	enum {
		COUNT = 50000
	};
	static const char *first[COUNT + 1];
	struct kmr_strtab tab;
	char text[80];
	uint32_t id;

	cr_assert_eq(kmr_strtab_init(&tab, COUNT, 64 << 20), 0);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < COUNT; i++) {
			int n = snprintf(text, sizeof(text), "%.*s%d%.*s", i % 20,
					 "aaaaaaaaaaaaaaaaaaaa", i, i % 31,
					 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");

			cr_assert_eq(kmr_strtab_intern(&tab, text, (size_t)n, &id), 0);
			cr_assert_eq(id, (uint32_t)i + 1);
			cr_assert_str_eq(kmr_strtab_get(&tab, id), text);
			if (!round)
				first[id] = kmr_strtab_get(&tab, id);
			cr_assert_eq(kmr_strtab_get(&tab, id), first[id]);
		}
	}
	kmr_strtab_fini(&tab);
}

Test(strtab, a_string_longer_than_a_chunk)
{
	enum {
		LEN = 200000
	};
	char *text = malloc(LEN);
	struct kmr_strtab tab;
	uint32_t id;

	cr_assert_not_null(text);
	memset(text, 'x', LEN);
	cr_assert_eq(kmr_strtab_init(&tab, 10, 1 << 20), 0);
	cr_assert_eq(kmr_strtab_intern(&tab, text, LEN, &id), 0);
	cr_expect_eq(id, 1);
	cr_expect_eq(strlen(kmr_strtab_get(&tab, 1)), LEN);
	kmr_strtab_fini(&tab);
	free(text);
}
