// SPDX-License-Identifier: GPL-2.0-only
/* Few rows that say what many buckets did. */
#include <criterion/criterion.h>

#include "fit/rows.h"
#include "support.h"

static const struct fit_rows none;

Test(rows, are_the_buckets_while_they_are_few)
{
	struct fit_hist hist = { 0 };
	struct fit_rows rows;

	cr_assert_eq(fit_hist_put(&hist, fit_bucket(5), 3), 0);
	cr_assert_eq(fit_hist_put(&hist, fit_bucket(1024), 7), 0);
	fit_rows_of(&rows, &hist);
	cr_assert_eq(rows.nr, 2);
	cr_assert_eq(rows.row[0].low, 5);
	cr_assert_eq(rows.row[0].high, 5);
	cr_assert_eq(rows.row[0].weight, 3);
	cr_assert_eq(rows.row[1].low, 1024);
	cr_assert_eq(rows.row[1].high, 1279);
	cr_assert_eq(fit_rows_weight(&rows), 10);
	fit_hist_fini(&hist);
}

Test(rows, keep_all_weight_when_they_become_fewer)
{
	struct fit_hist hist = { 0 };
	struct fit_rows rows;

	for (unsigned int i = 0; i < 20000; i++)
		cr_assert_eq(fit_hist_add(&hist, UINT64_C(1) << chance(40)), 0);
	fit_rows_of(&rows, &hist);
	cr_assert_eq(rows.nr, FIT_ROWS);
	cr_assert_eq(fit_rows_weight(&rows), 20000);
	for (uint32_t i = 1; i < rows.nr; i++)
		cr_assert_gt(rows.row[i].low, rows.row[i - 1].high);
	fit_rows_condense(&rows, 3);
	cr_assert_eq(rows.nr, 3);
	cr_assert_eq(fit_rows_weight(&rows), 20000);
	cr_assert_eq(rows.row[0].low, 1);
	fit_hist_fini(&hist);
}

/* What is far away and rare stays apart from what is common. */
Test(rows, neighbours_of_little_weight_go_first)
{
	struct fit_hist hist = { 0 };
	struct fit_rows rows;

	for (unsigned int b = 40; b < 60; b++)
		cr_assert_eq(fit_hist_put(&hist, b, b == 45 ? 100000 : 1), 0);
	cr_assert_eq(fit_hist_put(&hist, 200, 50), 0);
	fit_rows_of(&rows, &hist);
	cr_assert_eq(rows.nr, FIT_ROWS);
	for (uint32_t i = 0; i < rows.nr; i++)
		if (rows.row[i].weight >= 100000)
			cr_assert_eq(fit_bucket(rows.row[i].high), 45);
	cr_assert_eq(rows.row[rows.nr - 1].weight, 50);
	fit_hist_fini(&hist);
}

Test(rows, the_mean_is_set_by_the_long_ones)
{
	struct fit_rows rows = none;

	fit_rows_add(&rows, 1000, 1200, 900);
	fit_rows_add(&rows, 1000000, 1200000, 100);
	cr_assert_eq(fit_rows_mean(&rows), (1100 * 900 + UINT64_C(1100000) * 100) / 1000);
	fit_rows_set_mean(&rows, 200000);
	cr_assert_eq(rows.row[0].low, 1000);
	cr_assert_eq(rows.row[0].high, 1200);
	cr_assert(fit_rows_mean(&rows) > 199900 && fit_rows_mean(&rows) < 200100);
	/* to less than the short ones alone have: then all move */
	fit_rows_set_mean(&rows, 500);
	cr_assert(fit_rows_mean(&rows) > 480 && fit_rows_mean(&rows) < 520);
	cr_assert_lt(rows.row[0].high, rows.row[1].low);
}

Test(rows, the_mean_of_one_row_can_be_set)
{
	struct fit_rows rows = none;

	fit_rows_set_mean(&rows, 17); /* of none: nothing happens */
	cr_assert_eq(rows.nr, 0);
	fit_rows_add(&rows, 1000, 1000, 5);
	fit_rows_set_mean(&rows, 123456);
	cr_assert_eq(fit_rows_mean(&rows), 123456);
	fit_rows_set_mean(&rows, UINT64_MAX);
	cr_assert_eq(fit_rows_mean(&rows), UINT64_C(1) << 60);
}

Test(rows, weights_of_nothing_are_no_rows)
{
	struct fit_rows rows = none;

	fit_rows_add(&rows, 1, 2, 0);
	cr_assert_eq(rows.nr, 0);
	for (unsigned int i = 0; i < FIT_ROWS + 5; i++)
		fit_rows_add(&rows, 10 * i, 10 * i + 9, 1);
	cr_assert_eq(rows.nr, FIT_ROWS);
	cr_assert_eq(fit_rows_weight(&rows), FIT_ROWS + 5);
	cr_assert_eq(rows.row[FIT_ROWS - 1].high, 10 * (FIT_ROWS + 4) + 9);
}

/* -ln of 1/256 to 256/256, times 1000 */
static uint64_t exponential(uint64_t mean)
{
	/* a geometric number of small steps is one, but for the step */
	uint64_t steps = 0;

	while (chance(1000) && steps < 100000)
		steps++;
	return steps * mean / 1000 + chance((uint32_t)(mean / 1000) + 1);
}

Test(rows, exponential_gaps_are_told_from_others)
{
	struct fit_hist yes = { 0 }, uniform = { 0 }, constant = { 0 }, two = { 0 }, few = { 0 };

	for (unsigned int i = 0; i < 3000; i++) {
		cr_assert_eq(fit_hist_add(&yes, exponential(50000)), 0);
		cr_assert_eq(fit_hist_add(&uniform, chance(100000)), 0);
		cr_assert_eq(fit_hist_add(&constant, 50000), 0);
		cr_assert_eq(fit_hist_add(&two, i % 10 ? 1000 : 500000), 0);
	}
	for (unsigned int i = 0; i < 20; i++)
		cr_assert_eq(fit_hist_add(&few, exponential(50000)), 0);
	cr_assert(fit_is_exponential(&yes));
	cr_assert_not(fit_is_exponential(&uniform));
	cr_assert_not(fit_is_exponential(&constant));
	cr_assert_not(fit_is_exponential(&two));
	cr_assert_not(fit_is_exponential(&few));
	fit_hist_fini(&yes);
	fit_hist_fini(&uniform);
	fit_hist_fini(&constant);
	fit_hist_fini(&two);
	fit_hist_fini(&few);
}

Test(rows, long_gaps_are_counted)
{
	struct fit_hist even = { 0 }, clumps = { 0 };

	cr_assert_eq(fit_long_gaps(&even), 0);
	cr_assert_eq(fit_hist_put(&even, fit_bucket(1000), 500), 0);
	cr_assert_eq(fit_long_gaps(&even), 500);
	/* 10 of a second among 1000 of a microsecond */
	cr_assert_eq(fit_hist_put(&clumps, fit_bucket(1000), 1000), 0);
	cr_assert_eq(fit_hist_put(&clumps, fit_bucket(1000000000), 10), 0);
	cr_assert_eq(fit_long_gaps(&clumps), 10);
	fit_hist_fini(&even);
	fit_hist_fini(&clumps);
}

/* Nothing of this overflows. */
Test(rows, the_largest_numbers)
{
	struct fit_hist hist = { 0 };
	struct fit_rows rows;

	cr_assert_eq(fit_hist_put(&hist, FIT_BUCKETS - 1, UINT64_C(1) << 40), 0);
	cr_assert_eq(fit_hist_put(&hist, 0, UINT64_C(1) << 40), 0);
	cr_assert_eq(fit_hist_put(&hist, fit_bucket(UINT64_C(1) << 59), 1), 0);
	(void)fit_is_exponential(&hist);
	cr_assert_gt(fit_long_gaps(&hist), UINT64_C(1) << 39);
	fit_rows_of(&rows, &hist);
	cr_assert_eq(rows.nr, 2);
	fit_rows_set_mean(&rows, UINT64_C(1) << 59);
	fit_hist_fini(&hist);
}
