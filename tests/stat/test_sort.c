// SPDX-License-Identifier: GPL-2.0-only
/* Sort keys: which there are, what they do, and that ties have one order. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support.h"

/* The rows' names, or addresses, in their order. */
static const char *order_of(struct kmr_stat *stat, enum kmr_stat_view view, const char *keys)
{
	static char text[256];
	struct kmr_stat_sort sort = { 0, { 0 } };
	struct kmr_error err = { "" };
	size_t used = 0;

	if (keys)
		cr_assert_eq(kmr_stat_sort_parse(&sort, keys, true, true, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_stat_sort(stat, view, &sort, &err), 0);
	text[0] = '\0';
	for (size_t i = 0; i < kmr_stat_nr_rows(stat, view); i++) {
		const struct kmr_stat_row *row = kmr_stat_row(stat, view, i);

		if (row->addr)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%x",
						 i ? " " : "", (unsigned int)row->addr);
		else
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
						 i ? " " : "", row->name);
	}
	return text;
}

Test(sort, objects)
{
	const struct kmr_stat_options all = everything();
	struct kmr_stat *stat;

	/* c: most bytes; a: most hits; b: most waste; d: ping-pong; e: as b, seen before it */
	object_alloc(0, "kmalloc", "e", "c1000500", 10, 64);
	object_alloc(0, "kmalloc", "c", "c1000100", 4096, 4096);
	object_alloc(0, "kmalloc", "a", "c1000200", 30, 32);
	object_alloc(0, "kmalloc", "a", "c1000300", 30, 32);
	object_alloc(0, "kmalloc", "b", "c1000400", 10, 64);
	object_alloc(0, "kmalloc", "d", "c1000600", 128, 128);
	object_free(3, "c1000600");
	stat = statistics(&all);
	cr_expect_str_eq(order_of(stat, KMR_STAT_SLAB_CALLER, NULL), "b e a c d");
	cr_expect_str_eq(order_of(stat, KMR_STAT_SLAB_CALLER, "frag,hit,bytes"), "b e a c d");
	cr_expect_str_eq(order_of(stat, KMR_STAT_SLAB_CALLER, "bytes"), "c d a b e");
	cr_expect_str_eq(order_of(stat, KMR_STAT_SLAB_CALLER, "hit,bytes"), "a c d b e");
	cr_expect_str_eq(order_of(stat, KMR_STAT_SLAB_CALLER, "pingpong,callsite"), "d a b c e");
	cr_expect_str_eq(order_of(stat, KMR_STAT_SLAB_CALLER, "callsite"), "a b c d e");
	/* the view has no such key */
	cr_expect_str_eq(order_of(stat, KMR_STAT_SLAB_CALLER, "ptr,order"), "a b c d e");
	cr_expect_str_eq(order_of(stat, KMR_STAT_SLAB_ALLOC, "ptr"),
			 "c1000600 c1000500 c1000400 c1000300 c1000200 c1000100");
	cr_expect_str_eq(order_of(stat, KMR_STAT_SLAB_ALLOC, "callsite"),
			 "c1000200 c1000300 c1000400 c1000100 c1000600 c1000500");
	leave();
}

Test(sort, pages)
{
	const struct kmr_stat_options all = everything();
	struct kmr_stat *stat;

	page_alloc(0x100, 0, 1, "GFP_KERNEL");
	page_alloc(0x200, 3, 0, "GFP_KERNEL");
	page_alloc(0x300, 0, 2, "GFP_NOWAIT");
	page_free(0x300, 0);
	page_alloc(0x300, 0, 2, "GFP_NOWAIT");
	stat = statistics(&all);
	cr_expect_str_eq(order_of(stat, KMR_STAT_PAGE_ALLOC, NULL), "200 300 100");
	cr_expect_str_eq(order_of(stat, KMR_STAT_PAGE_ALLOC, "page"), "300 200 100");
	cr_expect_str_eq(order_of(stat, KMR_STAT_PAGE_ALLOC, "hit"), "300 100 200");
	cr_expect_str_eq(order_of(stat, KMR_STAT_PAGE_ALLOC, "order"), "200 100 300");
	cr_expect_str_eq(order_of(stat, KMR_STAT_PAGE_ALLOC, "migtype"), "300 100 200");
	cr_expect_str_eq(order_of(stat, KMR_STAT_PAGE_ALLOC, "gfp,page"), "200 100 300");
	cr_expect_str_eq(order_of(stat, KMR_STAT_PAGE_ALLOC, "callsite"), "100 200 300");
	leave();
}

/* 1 - 1/3 and 1 - 333333333/999999999 are equal, and the next is not. */
Test(sort, fragmentation_is_compared_exactly)
{
	const struct kmr_stat_options all = everything();
	struct kmr_stat *stat;

	object_alloc(0, "kmalloc", "b", "c1000000", 333333333, 999999999);
	object_alloc(0, "kmalloc", "a", "c1000100", 1, 3);
	object_alloc(0, "kmalloc", "c", "c1000200", 1333333332, 4000000000);
	/* nonsense: more asked for than given, and nothing of nothing */
	object_alloc(0, "kmalloc", "e", "c1000300", 9, 3);
	object_alloc(0, "kmalloc", "d", "c1000400", 0, 0);
	stat = statistics(&all);
	cr_expect_str_eq(order_of(stat, KMR_STAT_SLAB_CALLER, "frag"), "c a b d e");
	cr_expect_eq(kmr_stat_fragmentation(9, 3), 0.0);
	cr_expect_eq(kmr_stat_fragmentation(0, 0), 0.0);
	cr_expect_eq(kmr_stat_fragmentation(0, 5), 100.0);
	leave();
}

Test(sort, keys_that_are_none)
{
	static const char *const wrong[] = { "",     "colour", "bytes,", ",bytes",   "bytes,,hit",
					     "byte", "BYTES",  "hit ",	 "bytes;hit" };
	struct kmr_stat_sort sort;
	struct kmr_error err;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_expect_eq(kmr_stat_sort_parse(&sort, wrong[i], true, true, &err), -1, "'%s'",
			     wrong[i]);
		cr_expect(strstr(err.msg, "ptr, callsite, bytes, hit, pingpong, frag"), "%s",
			  err.msg);
		cr_expect(strstr(err.msg, "page, callsite, bytes, hit, order, migtype, gfp"), "%s",
			  err.msg);
	}
	cr_expect_eq(kmr_stat_sort_parse(&sort, "order", true, false, &err), -1);
	cr_expect(strstr(err.msg, "'order'") && !strstr(err.msg, "migtype"), "%s", err.msg);
	cr_expect_eq(kmr_stat_sort_parse(&sort, "frag", false, true, &err), -1);
	cr_expect_eq(kmr_stat_sort_parse(&sort, "order,frag,hit", true, true, &err), 0);
	cr_expect_eq(sort.nr, 3);
	cr_expect_eq(kmr_stat_sort_parse(&sort,
					 "hit,hit,hit,hit,hit,hit,hit,hit,hit,hit,hit,hit,hit,hit,"
					 "hit,hit,hit",
					 true, true, &err),
		     -1);
}
