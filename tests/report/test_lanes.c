// SPDX-License-Identifier: GPL-2.0-only
/* Series reduced to columns: against all samples, with seeds; and what carries over gaps. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "report/lanes.h"

static void make_timeline(struct kmr_lane_time *t, size_t nr, unsigned int *seed, bool clumped)
{
	uint64_t time = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		cr_assert_eq(kmr_lane_time_add(t, time), 0);
		time += clumped && i % 7 ? 0 : 1 + (uint64_t)rand_r(seed) % 1000000;
	}
	cr_assert_eq(kmr_lane_time_close(t), 0);
}

Test(lanes, few_samples_stay_as_they_are)
{
	struct kmr_lane_time t = { 0 };
	struct kmr_lanes l = { 0 };
	unsigned int seed = 1;
	size_t i;

	make_timeline(&t, KMR_MAX_COLUMNS, &seed, true);
	cr_expect_not(t.reduced);
	cr_expect_eq(t.columns, KMR_MAX_COLUMNS);
	cr_assert_eq(kmr_lanes_init(&l, &t, 1), 0);
	for (i = 0; i < t.nr_samples; i++)
		kmr_lanes_put(&l, 0, i, (int64_t)(i * 37 % 101) - 50);
	kmr_lanes_finish(&l);
	for (i = 0; i < t.nr_samples; i++) {
		const struct kmr_lane_cell *c = kmr_lane(&l, 0) + i;
		const int64_t v = (int64_t)(i * 37 % 101) - 50;

		cr_expect(c->low == v && c->high == v && c->last == v, "sample %zu", i);
	}
	kmr_lanes_free(&l);
	kmr_lane_time_free(&t);
}

/* Every column's lowest, highest and last value, where each sample has one. */
static void check_dense(unsigned int seed, size_t nr, bool clumped)
{
	int64_t low[KMR_MAX_COLUMNS], high[KMR_MAX_COLUMNS], last[KMR_MAX_COLUMNS];
	bool seen[KMR_MAX_COLUMNS] = { false };
	struct kmr_lane_time t = { 0 };
	struct kmr_lanes l = { 0 };
	unsigned int c;
	size_t i;

	make_timeline(&t, nr, &seed, clumped);
	cr_expect(t.reduced);
	cr_assert_leq(t.columns, KMR_MAX_COLUMNS);
	cr_assert_eq(kmr_lanes_init(&l, &t, 2), 0);
	for (i = 0; i < nr; i++) {
		const int64_t v = rand_r(&seed) % 2000 - 1000;

		kmr_lanes_put(&l, 1, i, v);
		c = t.column[i];
		cr_assert(c < t.columns &&
			  (!i || c == t.column[i - 1] || c == t.column[i - 1] + 1u));
		low[c] = !seen[c] || v < low[c] ? v : low[c];
		high[c] = !seen[c] || v > high[c] ? v : high[c];
		last[c] = v;
		seen[c] = true;
	}
	kmr_lanes_finish(&l);
	for (c = 0; c < t.columns; c++) {
		const struct kmr_lane_cell *cell = kmr_lane(&l, 1) + c;

		cr_expect(seen[c] && cell->low == low[c] && cell->high == high[c] &&
				  cell->last == last[c],
			  "column %u", c);
	}
	cr_expect_eq(kmr_lane_highest(&l, 0), 0, "a lane without values is 0");
	kmr_lanes_free(&l);
	kmr_lane_time_free(&t);
}

Test(lanes, many_samples_keep_their_extremes)
{
	unsigned int seed;

	for (seed = 1; seed <= 20; seed++) {
		check_dense(seed, 1001 + seed * 977, false);
		check_dense(seed, 1001 + seed * 977, true);
	}
}

/* A value holds until the next one, and a column knows what it began with. */
Test(lanes, values_carry_over)
{
	struct kmr_lane_time t = { 0 };
	struct kmr_lanes l = { 0 };
	size_t i;

	for (i = 0; i < 5000; i++)
		cr_assert_eq(kmr_lane_time_add(&t, i * 1000), 0);
	cr_assert_eq(kmr_lane_time_close(&t), 0);
	cr_assert_eq(t.columns, 1000);
	cr_assert_eq(t.first[1], 5);
	cr_assert_eq(kmr_lanes_init(&l, &t, 1), 0);
	kmr_lanes_put(&l, 0, 7, 40); /* in the middle of column 1 */
	kmr_lanes_put(&l, 0, 8, 30);
	kmr_lanes_put(&l, 0, 50, 60); /* the beginning of column 10 */
	kmr_lanes_finish(&l);
	cr_expect_eq(kmr_lane(&l, 0)[0].high, 0);
	cr_expect_eq(kmr_lane(&l, 0)[1].low, 0);
	cr_expect_eq(kmr_lane(&l, 0)[1].high, 40);
	cr_expect_eq(kmr_lane(&l, 0)[1].last, 30);
	cr_expect_eq(kmr_lane(&l, 0)[9].low, 30);
	cr_expect_eq(kmr_lane(&l, 0)[9].high, 30);
	cr_expect_eq(kmr_lane(&l, 0)[10].low, 60);
	cr_expect_eq(kmr_lane_end(&l, 0), 60);
	cr_expect_eq(kmr_lane_highest(&l, 0), 60);
	cr_expect_eq(kmr_lane_lowest(&l, 0), 0);
	kmr_lanes_free(&l);
	kmr_lane_time_free(&t);
}
