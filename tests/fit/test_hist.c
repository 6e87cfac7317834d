// SPDX-License-Identifier: GPL-2.0-only
/* Buckets and what is computed from them. */
#include <criterion/criterion.h>

#include "fit/hist.h"

Test(hist, buckets_follow_each_other)
{
	for (unsigned int b = 0; b < FIT_BUCKETS; b++) {
		const uint64_t start = fit_bucket_start(b), end = fit_bucket_start(b + 1);

		cr_assert_eq(fit_bucket(start), b, "%u", b);
		cr_assert_eq(fit_bucket(end - 1), b, "%u", b);
		cr_assert_lt(start, end);
		cr_assert(end - start <= (start < 8 ? 1 : start / 4), "%u", b);
	}
	cr_assert_eq(fit_bucket(UINT64_MAX), FIT_BUCKETS - 1);
	cr_assert_eq(fit_bucket_start(FIT_BUCKETS), UINT64_MAX);
}

Test(hist, counts_what_is_put_in_any_order)
{
	const uint64_t values[] = { 900, 3, 0, 1000000, 3, 64, 900, 1 };
	struct fit_hist hist = { 0 };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		cr_assert_eq(fit_hist_add(&hist, values[i]), 0);
	cr_assert_eq(hist.total, 8);
	cr_assert_eq(hist.nr, 6);
	for (uint32_t i = 1; i < hist.nr; i++)
		cr_assert_lt(hist.entries[i - 1].bucket, hist.entries[i].bucket);
	cr_assert_eq(hist.entries[2].bucket, fit_bucket(3));
	cr_assert_eq(hist.entries[2].count, 2);
	fit_hist_fini(&hist);
}

Test(hist, mean_is_near)
{
	struct fit_hist hist = { 0 };
	uint64_t mean;

	cr_assert_eq(fit_hist_mean(&hist), 0);
	for (uint64_t v = 1; v <= 100000; v++)
		cr_assert_eq(fit_hist_add(&hist, v), 0);
	mean = fit_hist_mean(&hist);
	cr_assert(mean > 49000 && mean < 51000, "%lu", (unsigned long)mean);
	fit_hist_fini(&hist);
}

Test(hist, below_takes_a_part_of_a_bucket)
{
	struct fit_hist hist = { 0 };

	cr_assert_eq(fit_hist_put(&hist, fit_bucket(1024), 100), 0); /* 1024 to 1279 */
	cr_assert_eq(fit_hist_put(&hist, fit_bucket(4096), 10), 0);
	cr_assert_eq(fit_hist_below(&hist, 1024), 0);
	cr_assert_eq(fit_hist_below(&hist, 1024 + 64), 25);
	cr_assert_eq(fit_hist_below(&hist, 1280), 100);
	cr_assert_eq(fit_hist_below(&hist, UINT64_MAX), 110);
	fit_hist_fini(&hist);
}

Test(hist, merging_adds)
{
	struct fit_hist a = { 0 }, b = { 0 };

	cr_assert_eq(fit_hist_add(&a, 5), 0);
	cr_assert_eq(fit_hist_add(&b, 5), 0);
	cr_assert_eq(fit_hist_add(&b, 7), 0);
	cr_assert_eq(fit_hist_merge(&a, &b), 0);
	cr_assert_eq(a.total, 3);
	cr_assert_eq(a.nr, 2);
	cr_assert_eq(a.entries[0].count, 2);
	fit_hist_fini(&a);
	fit_hist_fini(&b);
}
