// SPDX-License-Identifier: GPL-2.0-only
/*
 * Distributions against theory: moments and quantiles of a million draws.  What is allowed is five
 * standard deviations of the estimate, so that a right one fails for one seed in millions, and these
 * seeds are fixed.
 */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

#include "workload/arith.h"
#include "workload/dist.h"

#define DRAWS  1000000u
#define SIGMAS 5.0

static uint64_t *values;

static void set_up(void)
{
	load_arith_init();
	values = malloc(DRAWS * sizeof(*values));
	cr_assert_not_null(values);
}

static void tear_down(void)
{
	free(values);
}

TestSuite(dist, .init = set_up, .fini = tear_down);

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void draw_all(const struct load_dist *d)
{
	struct load_random random;

	load_random_seed(&random, 1, "test", 0);
	for (size_t i = 0; i < DRAWS; i++)
		values[i] = load_draw(d, &random);
}

static double mean(void)
{
	double sum = 0;

	for (size_t i = 0; i < DRAWS; i++)
		sum += (double)values[i];
	return sum / DRAWS;
}

static double variance(double m)
{
	double sum = 0;

	for (size_t i = 0; i < DRAWS; i++)
		sum += ((double)values[i] - m) * ((double)values[i] - m);
	return sum / DRAWS;
}

static void expect_mean(double expected, double deviation)
{
	const double m = mean(), allowed = SIGMAS * deviation / load_sqrt(DRAWS);

	cr_expect(m > expected - allowed && m < expected + allowed, "mean %.4f, not %.4f +- %.4f",
		  m, expected, allowed);
}

/* The share of draws up to @value. */
static void expect_share(double value, double share)
{
	const double allowed = SIGMAS * load_sqrt(share * (1 - share) / DRAWS);
	size_t n = 0;

	for (size_t i = 0; i < DRAWS; i++)
		n += (double)values[i] <= value;
	cr_expect((double)n / DRAWS > share - allowed && (double)n / DRAWS < share + allowed,
		  "%.5f up to %.0f, not %.5f +- %.5f", (double)n / DRAWS, value, share, allowed);
}

Test(dist, random_bits)
{
	struct load_random random;
	unsigned int ones[64] = { 0 };

	load_random_seed(&random, 7, "bits", 3);
	for (size_t i = 0; i < DRAWS; i++)
		for (uint64_t r = load_random_next(&random), b = 0; b < 64; b++)
			ones[b] += (unsigned int)(r >> b & 1);
	for (unsigned int b = 0; b < 64; b++)
		cr_expect(ones[b] > DRAWS / 2 - 2500 && ones[b] < DRAWS / 2 + 2500, "bit %u: %u", b,
			  ones[b]);
}

/* The generator's authors' own sequence, from state 1, 2, 3, 4. */
Test(dist, xoshiro)
{
	struct load_random random = { { 1, 2, 3, 4 } };

	cr_expect_eq(load_random_next(&random), 11520u);
	cr_expect_eq(load_random_next(&random), 0u);
	cr_expect_eq(load_random_next(&random), 1509978240u);
	cr_expect_eq(load_random_next(&random), UINT64_C(1215971899390074240));
}

Test(dist, seeds_lead_to_unrelated_numbers)
{
	static const struct {
		uint64_t seed, index;
		const char *actor;
	} seeds[] = { { 1, 0, "a" },   { 2, 0, "a" },	{ 1, 1, "a" }, { 1, 0, "b" },
		      { 1, 0, "ab" },  { 1, 0, "" },	{ 0, 0, "a" }, { UINT64_MAX, 0, "a" },
		      { 1, 256, "a" }, { 256, 1, "a" }, { 1, 'a', "" } };
	uint64_t first[11];

	for (unsigned int i = 0; i < 11; i++) {
		struct load_random random;

		load_random_seed(&random, seeds[i].seed, seeds[i].actor, seeds[i].index);
		first[i] = load_random_next(&random);
		for (unsigned int j = 0; j < i; j++)
			cr_expect_neq(first[i], first[j], "%u and %u", i, j);
	}
}

Test(dist, below)
{
	struct load_random random;
	unsigned int counts[7] = { 0 };

	load_random_seed(&random, 1, "below", 0);
	for (size_t i = 0; i < DRAWS; i++)
		counts[load_random_below(&random, 7)]++;
	for (unsigned int i = 0; i < 7; i++)
		cr_expect(counts[i] > 142857 - 1750 && counts[i] < 142857 + 1750, "%u: %u", i,
			  counts[i]);
	cr_expect_eq(load_random_below(&random, 1), 0u);
}

Test(dist, unit_is_above_0_and_up_to_1)
{
	struct load_random random;
	double low = 1, high = 0;

	load_random_seed(&random, 1, "unit", 0);
	for (size_t i = 0; i < DRAWS; i++) {
		const double u = load_random_unit(&random);

		low = u < low ? u : low;
		high = u > high ? u : high;
	}
	cr_expect(low > 0 && low < 1e-5);
	cr_expect(high <= 1 && high > 1 - 1e-5);
}

Test(dist, constant)
{
	struct load_dist d;

	load_dist_constant(&d, 12345);
	draw_all(&d);
	for (size_t i = 0; i < DRAWS; i++)
		cr_assert_eq(values[i], 12345u);
}

Test(dist, uniform)
{
	struct load_dist d;

	load_dist_uniform(&d, 1000, 1999);
	draw_all(&d);
	expect_mean(1499.5, 288.7);
	qsort(values, DRAWS, sizeof(*values), by_value);
	cr_expect_eq(values[0], 1000u);
	cr_expect_eq(values[DRAWS - 1], 1999u);
	expect_share(1099, 0.1);
	expect_share(1499, 0.5);
}

Test(dist, uniform_of_one)
{
	struct load_dist d;

	load_dist_uniform(&d, 5, 5);
	draw_all(&d);
	cr_expect_eq(values[17], 5u);
}

Test(dist, exponential)
{
	const double m = 1000000;
	struct load_dist d;

	load_dist_exponential(&d, 1000000);
	draw_all(&d);
	expect_mean(m, m);
	/* that of the square is sqrt(20) m^2 */
	cr_expect(load_sqrt(variance(mean())) > 0.99 * m && load_sqrt(variance(mean())) < 1.01 * m);
	for (int i = 1; i <= 12; i++)
		expect_share(m * i, 1 - load_exp(-i));
	expect_share(m / 100, 1 - load_exp(-0.01));
}

Test(dist, exponential_of_few_is_not_biased)
{
	struct load_dist d;

	load_dist_exponential(&d, 3);
	draw_all(&d);
	expect_mean(3, 3.1);
}

Test(dist, pareto)
{
	struct load_dist d;

	load_dist_pareto(&d, 4096, 1.5, 0);
	draw_all(&d);
	for (double x = 2; x < 1000; x *= 2)
		expect_share(4096 * x, 1 - load_exp(-1.5 * load_log(x)));
	qsort(values, DRAWS, sizeof(*values), by_value);
	cr_expect_eq(values[0], 4096u);
	/* the largest of n is about n^(1/1.5) times the least */
	cr_expect(values[DRAWS - 1] > 4096u * 1000u &&
		  values[DRAWS - 1] < 4096u * UINT64_C(1000000));
}

/* Its mean is shape / (shape - 1) of min for shapes above 1. */
Test(dist, pareto_mean)
{
	struct load_dist d;

	load_dist_pareto(&d, 100000, 3, 0);
	draw_all(&d);
	expect_mean(150000, 86603);
}

Test(dist, pareto_up_to_max)
{
	/* of the unbounded one, what lies above max */
	const double rest = 0.125;
	struct load_dist d;

	load_dist_pareto(&d, 1000, 1.5, 4000);
	draw_all(&d);
	expect_share(2000, (1 - load_exp(-1.5 * load_log(2))) / (1 - rest));
	expect_share(3000, (1 - load_exp(-1.5 * load_log(3))) / (1 - rest));
	qsort(values, DRAWS, sizeof(*values), by_value);
	cr_expect_eq(values[0], 1000u);
	cr_expect_leq(values[DRAWS - 1], 4000u);
	cr_expect_geq(values[DRAWS - 1], 3990u);
}

Test(dist, lognormal)
{
	const double median = 50000;
	struct load_dist d;

	load_dist_lognormal(&d, 50000, 1.2);
	draw_all(&d);
	expect_share(median, 0.5);
	expect_share(median * load_exp(1.2), 0.84134474606854293);
	expect_share(median * load_exp(-1.2), 1 - 0.84134474606854293);
	expect_share(median * load_exp(2.4), 0.97724986805182079);
	expect_share(median * load_exp(3.6), 0.99865010196836990);
	/* exp(sigma^2 / 2) of the median; its own deviation is sqrt(exp(sigma^2) - 1) of that */
	expect_mean(median * load_exp(0.72), median * load_exp(0.72) * 1.796);
}

Test(dist, lognormal_without_width)
{
	struct load_dist d;

	load_dist_lognormal(&d, 777, 0);
	draw_all(&d);
	cr_expect_eq(values[0], 777u);
	cr_expect_eq(values[DRAWS - 1], 777u);
}

Test(dist, wide_ones_stay_below_a_limit)
{
	struct load_dist d;

	load_dist_lognormal(&d, UINT64_C(1) << 50, 20);
	draw_all(&d);
	qsort(values, DRAWS, sizeof(*values), by_value);
	cr_expect_eq(values[0], 0u);
	cr_expect_eq(values[DRAWS - 1], UINT64_C(1) << 62);
	load_dist_pareto(&d, UINT64_C(1) << 60, 0.01, 0);
	draw_all(&d);
	for (size_t i = 0; i < DRAWS; i++)
		cr_assert_leq(values[i], UINT64_C(1) << 62);
}

Test(dist, table)
{
	static const struct load_range ranges[] = {
		{ 32, 32 }, { 64, 64 }, { 96, 96 }, { 4096, 4096 }
	};
	static const uint64_t weights[] = { 10, 85, 0, 5 };
	size_t of[4] = { 0 };
	struct load_dist d;

	cr_assert_eq(load_dist_table(&d, LOAD_TABLE, ranges, weights, 4), 0);
	draw_all(&d);
	for (size_t i = 0; i < DRAWS; i++)
		for (unsigned int r = 0; r < 4; r++)
			of[r] += values[i] == ranges[r].low;
	cr_expect(of[0] > 100000 - 1500 && of[0] < 100000 + 1500, "%zu", of[0]);
	cr_expect(of[1] > 850000 - 1800 && of[1] < 850000 + 1800, "%zu", of[1]);
	cr_expect_eq(of[2], 0u);
	cr_expect(of[3] > 50000 - 1100 && of[3] < 50000 + 1100, "%zu", of[3]);
	cr_expect_eq(of[0] + of[1] + of[3], DRAWS);
	load_dist_free(&d);
}

Test(dist, histogram)
{
	static const struct load_range ranges[] = { { 1, 100 }, { 101, 1000 }, { 1001, 1001 } };
	static const uint64_t weights[] = { 1, 2, 1 };
	struct load_dist d;

	cr_assert_eq(load_dist_table(&d, LOAD_HISTOGRAM, ranges, weights, 3), 0);
	draw_all(&d);
	expect_share(50, 0.125);
	expect_share(100, 0.25);
	expect_share(550, 0.5);
	expect_share(1000, 0.75);
	qsort(values, DRAWS, sizeof(*values), by_value);
	cr_expect_eq(values[0], 1u);
	cr_expect_eq(values[DRAWS - 1], 1001u);
	load_dist_free(&d);
}

/* Weights of any size and number: each row's share, by a sum over what the rows hold. */
Test(dist, choices_add_up)
{
	struct load_random random;

	load_random_seed(&random, 3, "weights", 0);
	for (uint32_t nr = 1; nr < 200; nr += 7) {
		unsigned __int128 share[200] = { 0 };
		uint64_t weights[200], sum = 0;
		struct load_choice choice;

		for (uint32_t i = 0; i < nr; i++) {
			weights[i] = load_random_next(&random) >> (24 + i % 40);
			sum += weights[i];
		}
		cr_assert_eq(load_choice_init(&choice, weights, nr), 0);
		for (uint32_t i = 0; i < nr; i++) {
			share[i] += choice.rows[i].stay;
			share[choice.rows[i].alias] += UINT64_MAX - choice.rows[i].stay;
		}
		for (uint32_t i = 0; i < nr; i++) {
			const double got = (double)share[i] / 0x1p64 / nr;
			const double wanted = (double)weights[i] / (double)sum;

			cr_expect(got > wanted - 1e-12 && got < wanted + 1e-12,
				  "%u of %u: %g, not %g", i, nr, got, wanted);
		}
		load_choice_free(&choice);
	}
}

Test(dist, limits_cut_off)
{
	struct load_dist d;

	load_dist_exponential(&d, 1000);
	d.min = 500;
	d.max = 2000;
	draw_all(&d);
	/* what lies below the limit is at it */
	expect_share(500, 1 - load_exp(-0.5005));
	qsort(values, DRAWS, sizeof(*values), by_value);
	cr_expect_eq(values[0], 500u);
	cr_expect_eq(values[DRAWS - 1], 2000u);
}

/* Whatever compiles this, and however: the same numbers. */
Test(dist, numbers)
{
	struct load_dist d[5];
	struct load_random random;
	uint64_t sum = 0;

	load_dist_uniform(&d[0], 3, UINT64_C(1) << 40);
	load_dist_exponential(&d[1], UINT64_C(1) << 40);
	load_dist_pareto(&d[2], 4096, 1.1, 0);
	load_dist_pareto(&d[3], 4096, 0.7, UINT64_C(1) << 40);
	load_dist_lognormal(&d[4], UINT64_C(1) << 40, 2.5);
	load_random_seed(&random, 42, "numbers", 5);
	for (size_t i = 0; i < DRAWS; i++)
		sum = sum * 31 + load_draw(&d[i % 5], &random);
	cr_expect_eq(sum, UINT64_C(0x8d286bec31bec04c), "0x%llx", (unsigned long long)sum);
}
