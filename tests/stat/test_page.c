// SPDX-License-Identifier: GPL-2.0-only
/* Pages: sums that add up, parts of blocks, and frames that do not fit. */
#include <criterion/criterion.h>
#include <string.h>

#include "support.h"

static void expect_sums(const struct kmr_stat_page *p)
{
	cr_expect_eq(p->requests, p->failures + p->alloc_freed + p->alloc_only);
	cr_expect_eq(p->bytes, p->bytes_failed + p->bytes_alloc_freed + p->bytes_alloc_only);
	cr_expect_eq(p->bytes_freed, p->bytes_alloc_freed + p->bytes_free_only);
}

Test(page, sums_and_orders)
{
	const struct kmr_stat_options all = everything();
	const struct kmr_stat_page *p;
	const struct kmr_stat_row *row;
	struct kmr_stat *stat;

	page_alloc(0x100, 0, 0, "GFP_KERNEL");
	page_alloc(0x104, 2, 1, "GFP_HIGHUSER_MOVABLE");
	page_alloc(0x108, 2, 1, "GFP_HIGHUSER_MOVABLE");
	page_alloc(0x200, 9, 2, "");
	page_free(0x104, 2);
	page_free(0x500, 1);
	stat = statistics(&all);
	p = kmr_stat_page(stat);
	expect_sums(p);
	cr_expect_eq(p->requests, 4);
	cr_expect_eq(p->bytes, (1 + 4 + 4 + 512) * 4096);
	cr_expect_eq(p->frees, 2);
	cr_expect_eq(p->bytes_freed, 6 * 4096);
	cr_expect_eq(p->alloc_freed, 1);
	cr_expect_eq(p->alloc_only, 3);
	cr_expect_eq(p->bytes_alloc_only, (1 + 4 + 512) * 4096);
	cr_expect_eq(p->free_only, 1);
	cr_expect_eq(p->bytes_free_only, 2 * 4096);
	cr_expect_eq(p->by_order[0][KMR_MIGRATE_UNMOVABLE], 1);
	cr_expect_eq(p->by_order[2][KMR_MIGRATE_MOVABLE], 2);
	cr_expect_eq(p->by_order[9][KMR_MIGRATE_RECLAIMABLE], 1);
	cr_expect_eq(kmr_stat_nr_rows(stat, KMR_STAT_PAGE_CALLER), 3);
	cr_expect_eq(kmr_stat_nr_rows(stat, KMR_STAT_PAGE_ALLOC), 4);
	row = kmr_stat_row(stat, KMR_STAT_PAGE_CALLER, 0);
	cr_expect_str_eq(row->name, "-", "mm_page_alloc has no call site");
	cr_expect_eq(row->order, 9);
	cr_expect_not(row->gfp_known);
	cr_expect_eq(row->bytes_alloc, 512 * 4096);
	row = at_address(stat, KMR_STAT_PAGE_ALLOC, 0x104);
	cr_expect_eq(row->frees, 1);
	cr_expect_eq(row->bytes_freed, 4 * 4096);
	cr_expect_eq(named(stat, KMR_STAT_PAGE_TASK, "task-1")->hit, 4);
	leave();
}

Test(page, freed_through_a_list_is_freed_once)
{
	const struct kmr_stat_options all = everything();
	struct kmr_stat *stat;

	page_alloc(0x100, 0, 0, "GFP_KERNEL");
	page_free(0x100, 0);
	event(0, 1000, "mm_page_free_batched", "page=c0002000 pfn=0x100 order=0");
	stat = statistics(&all);
	cr_expect_eq(kmr_stat_page(stat)->frees, 1);
	cr_expect_eq(kmr_stat_page(stat)->free_only, 0);
	cr_expect_eq(kmr_stat_page(stat)->alloc_freed, 1);
	leave();
}

Test(page, failures)
{
	const struct kmr_stat_options all = everything();
	const struct kmr_stat_page *p;
	struct kmr_stat *stat;

	event(0, 1000, "mm_page_alloc",
	      "page=(null) pfn=0 order=3 migratetype=0 gfp_flags=GFP_KERNEL");
	event(0, 1000, "mm_page_alloc",
	      "page=0000000000000000 pfn=0x0 order=0 migratetype=0 gfp_flags=GFP_KERNEL");
	page_free(0, 0);
	stat = statistics(&all);
	p = kmr_stat_page(stat);
	expect_sums(p);
	cr_expect_eq(p->requests, 2);
	cr_expect_eq(p->failures, 2);
	cr_expect_eq(p->bytes_failed, 9 * 4096);
	cr_expect_eq(p->free_only, 1);
	cr_expect_eq(p->by_order[3][0], 0);
	cr_expect_eq(kmr_stat_nr_rows(stat, KMR_STAT_PAGE_ALLOC), 0);
	leave();
}

/* What alloc_pages_exact() does: eight pages, three of which go back, the rest later. */
Test(page, freed_in_parts)
{
	struct kmr_stat_options all = everything();
	const struct kmr_stat_page *p;
	struct kmr_stat *stat;

	page_alloc(0x100, 3, 0, "GFP_KERNEL");
	page_free(0x105, 0);
	page_free(0x106, 1);
	all.live = true;
	stat = statistics(&all);
	p = kmr_stat_page(stat);
	expect_sums(p);
	cr_expect_eq(p->alloc_freed, 0);
	cr_expect_eq(p->alloc_only, 1);
	cr_expect_eq(p->bytes_alloc_only, 5 * 4096);
	cr_expect_eq(p->free_only, 0);
	cr_expect_eq(p->partial_frees, 1, "what is left of the first is two whole blocks");
	cr_expect_eq(p->by_order[3][0], 1);
	cr_expect_eq(kmr_stat_row(stat, KMR_STAT_PAGE_ALLOC, 0)->bytes_alloc, 5 * 4096);
	leave();
	page_alloc(0x100, 3, 0, "GFP_KERNEL");
	page_free(0x105, 0);
	page_free(0x106, 1);
	page_free(0x104, 0);
	page_free(0x100, 2);
	page_free(0x100, 0);
	stat = statistics(&all);
	p = kmr_stat_page(stat);
	expect_sums(p);
	cr_expect_eq(p->alloc_freed, 1);
	cr_expect_eq(p->alloc_only, 0);
	cr_expect_eq(p->free_only, 1);
	cr_expect_eq(p->by_order[3][0], 0);
	cr_expect_eq(kmr_stat_nr_rows(stat, KMR_STAT_PAGE_ALLOC), 0);
	leave();
}

Test(page, more_freed_than_allocated)
{
	const struct kmr_stat_options all = everything();
	const struct kmr_stat_page *p;
	struct kmr_stat *stat;

	page_alloc(0x100, 0, 0, "GFP_KERNEL");
	page_free(0x100, 2);
	stat = statistics(&all);
	p = kmr_stat_page(stat);
	expect_sums(p);
	cr_expect_eq(p->alloc_freed, 1);
	cr_expect_eq(p->free_only, 0);
	cr_expect_eq(p->bytes_free_only, 3 * 4096);
	leave();
}

Test(page, a_frame_given_twice)
{
	struct kmr_stat_options all = everything();
	const struct kmr_stat_page *p;
	struct kmr_stat *stat;

	all.live = true;
	page_alloc(0x100, 1, 0, "GFP_KERNEL");
	page_alloc(0x100, 0, 1, "GFP_KERNEL");
	stat = statistics(&all);
	p = kmr_stat_page(stat);
	expect_sums(p);
	cr_expect_eq(p->repeated_allocs, 1);
	cr_expect_eq(p->by_order[1][0], 0);
	cr_expect_eq(p->by_order[0][1], 1);
	cr_expect_eq(kmr_stat_nr_rows(stat, KMR_STAT_PAGE_ALLOC), 1);
	leave();
}
