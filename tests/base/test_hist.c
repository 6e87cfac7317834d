// SPDX-License-Identifier: GPL-2.0-only
/* Histograms against exact percentiles, and against one another. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/hist.h"

#define SAMPLES 10000000u

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

enum shape {
	UNIFORM,
	EXPONENTIAL,
	PARETO,
	TWO_PEAKS,
	CONSTANT,
	ANY,
	NR_SHAPES
};

static uint64_t sample(enum shape shape, uint64_t *state)
{
	const uint64_t r = next(state);
	uint64_t sum = 0;

	switch (shape) {
	case UNIFORM:
		return r % 1000000;
	case EXPONENTIAL:
		/* by the number of failures before a success, with a chance of 1 in 64 */
		while (next(state) % 64)
			sum += 997;
		return sum;
	case PARETO:
		return 90000 * (UINT64_C(1) << 20) / ((r >> 44) + 1);
	case TWO_PEAKS:
		return (r & 1023 ? 90000 : 25000000) + (r >> 32) % 1000;
	case CONSTANT:
		return 94000;
	default:
		return r >> (next(state) & 63u);
	}
}

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* HdrHistogram's equivalent range: as many low bits as are over 11 do not count */
static uint64_t width_at(uint64_t value)
{
	unsigned int bits = 0;

	while (bits < 64 && value >> bits)
		bits++;
	return bits > 11 ? UINT64_C(1) << (bits - 11) : 1;
}

static void compare(const struct kmr_hist *h, const uint64_t *sorted, uint32_t nr, uint32_t percent)
{
	const uint64_t rank = ((uint64_t)nr * percent + KMR_HIST_WHOLE - 1) / KMR_HIST_WHOLE;
	const uint64_t exact = sorted[rank - 1], got = kmr_hist_percentile(h, percent);

	cr_assert_geq(got, exact, "p%u", percent);
	cr_assert_lt(got - exact, width_at(exact), "p%u: %lu for %lu", percent, (unsigned long)got,
		     (unsigned long)exact);
}

Test(hist, percentiles_of_ten_million_samples)
{
	static const uint32_t percents[] = { 1, 1000, 50000, 90000, 99000, 99900, 99999, 100000 };
	uint64_t *samples = malloc(SAMPLES * sizeof(*samples));

	cr_assert_not_null(samples);
	for (unsigned int shape = 0; shape < NR_SHAPES; shape++) {
		uint64_t state = 42 + shape, sum = 0;
		struct kmr_hist h;

		kmr_hist_init(&h);
		for (uint32_t i = 0; i < SAMPLES; i++) {
			samples[i] = sample((enum shape)shape, &state);
			sum += samples[i] >> (shape == ANY ? 24 : 0);
			kmr_hist_record(&h, shape == ANY ? samples[i] >>= 24 : samples[i]);
		}
		qsort(samples, SAMPLES, sizeof(*samples), by_value);
		cr_assert_eq(h.count, SAMPLES);
		cr_assert_eq(h.sum, sum);
		cr_assert_eq(h.min, samples[0]);
		cr_assert_eq(h.max, samples[SAMPLES - 1]);
		for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++)
			compare(&h, samples, SAMPLES, percents[i]);
		cr_assert_eq(kmr_hist_percentile(&h, KMR_HIST_WHOLE), h.max);
		kmr_hist_fini(&h);
	}
	free(samples);
}

static void equal(const struct kmr_hist *a, const struct kmr_hist *b)
{
	struct kmr_hist_bucket x, y;
	bool more_x = kmr_hist_next(a, true, &x), more_y = kmr_hist_next(b, true, &y);

	cr_assert_eq(a->count, b->count);
	cr_assert_eq(a->sum, b->sum);
	cr_assert_eq(a->min, b->min);
	cr_assert_eq(a->max, b->max);
	while (more_x && more_y) {
		cr_assert_eq(x.low, y.low);
		cr_assert_eq(x.width, y.width);
		cr_assert_eq(x.count, y.count);
		more_x = kmr_hist_next(a, false, &x);
		more_y = kmr_hist_next(b, false, &y);
	}
	cr_assert(!more_x && !more_y);
}

Test(hist, merged_is_as_recorded_together)
{
	struct kmr_hist all, parts[5], merged;
	uint64_t state = 7;

	kmr_hist_init(&all);
	kmr_hist_init(&merged);
	for (unsigned int i = 0; i < 5; i++)
		kmr_hist_init(&parts[i]);
	for (unsigned int i = 0; i < 200000; i++) {
		const uint64_t value = sample(ANY, &state) >> 20;

		kmr_hist_record(&all, value);
		/* the last one stays empty */
		kmr_hist_record(&parts[next(&state) % 4], value);
	}
	for (unsigned int i = 0; i < 5; i++)
		cr_assert_eq(kmr_hist_merge(&merged, &parts[i]), 0);
	equal(&all, &merged);
	kmr_hist_clear(&all);
	kmr_hist_init(&parts[4]);
	equal(&all, &parts[4]);
	for (unsigned int i = 0; i < 5; i++)
		kmr_hist_fini(&parts[i]);
	kmr_hist_fini(&all);
	kmr_hist_fini(&merged);
}

/* Every bucket begins where the one before it ends, and holds what is in its range alone. */
Test(hist, buckets)
{
	uint64_t state = 3;

	for (unsigned int i = 0; i < 1000000; i++) {
		const uint64_t value = next(&state) >> (next(&state) & 63u);
		const unsigned int bucket = kmr_loglin_find(value, KMR_HIST_BITS);
		const uint64_t low = value & ~(width_at(value) - 1);

		cr_assert_lt(bucket, KMR_HIST_BLOCKS * 1024u);
		cr_assert_eq(kmr_loglin_start(bucket, KMR_HIST_BITS), low);
		cr_assert_eq(kmr_loglin_span(bucket, KMR_HIST_BITS), width_at(value));
		if (low)
			cr_assert_eq(kmr_loglin_find(low - 1, KMR_HIST_BITS), bucket - 1);
	}
}

Test(hist, edges)
{
	static const uint64_t values[] = { 0,	 1,    1023, 1024, 2047,
					   2048, 2049, 4095, 4096, UINT64_MAX };
	static const uint64_t lows[] = { 0,    1,    1023,
					 1024, 2047, 2048,
					 4094, 4096, UINT64_MAX - (UINT64_C(1) << 53) + 1 };
	static const uint64_t counts[] = { 1, 1, 1, 1, 1, 2, 1, 1, 1 };
	struct kmr_hist h;
	struct kmr_hist_bucket b;
	bool first = true;

	kmr_hist_init(&h);
	cr_assert_eq(kmr_hist_percentile(&h, 50000), 0u);
	cr_assert(!kmr_hist_next(&h, true, &b));
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		kmr_hist_record(&h, values[i]);
	for (size_t i = 0; i < sizeof(lows) / sizeof(lows[0]); i++) {
		cr_assert(kmr_hist_next(&h, first, &b));
		cr_assert_eq(b.low, lows[i], "bucket %zu", i);
		cr_assert_eq(b.count, counts[i], "bucket %zu", i);
		first = false;
	}
	cr_assert(!kmr_hist_next(&h, false, &b));
	cr_assert_eq(h.sum, UINT64_MAX, "it does not wrap");
	cr_assert_eq(kmr_hist_percentile(&h, 1), 0u, "at least the first");
	cr_assert_eq(kmr_hist_percentile(&h, KMR_HIST_WHOLE), UINT64_MAX);
	kmr_hist_fini(&h);
	/* no value above the greatest recorded */
	kmr_hist_record(&h, 90001);
	cr_assert_eq(kmr_hist_percentile(&h, 50000), 90001u);
	kmr_hist_fini(&h);
}
