// SPDX-License-Identifier: GPL-2.0-only
/* Samples in memory: what goes in comes out, and how a full series thins itself. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/series.h"

static const struct kmr_zone_state empty;

struct seen {
	size_t count;
	uint64_t events[64];
};

static int note(void *ctx, const struct kmr_sample *sample, struct kmr_error *err)
{
	struct seen *seen = ctx;

	(void)err;
	cr_assert_lt(seen->count, 64);
	cr_expect_eq(sample->time, sample->event * 10);
	seen->events[seen->count++] = sample->event;
	return 0;
}

static int add(struct kmr_series *series, uint64_t time, uint64_t event,
	       const struct kmr_zone_state *zones, const uint32_t *pcp, struct kmr_error *err)
{
	const struct kmr_sample sample = {
		.time = time, .event = event, .zones = zones, .pcp = pcp
	};

	return kmr_series_add(series, &sample, err);
}

static struct seen run(size_t max, uint64_t events, unsigned int stride)
{
	struct seen seen = { 0 };
	struct kmr_series *s;
	struct kmr_error err;
	uint32_t pcp = 0;
	uint64_t n;

	cr_assert_eq(kmr_series_create(&s, 1, 1, 0, max, &err), 0, "%s", err.msg);
	for (n = 0; n <= events; n += stride) {
		if (kmr_series_due(s, n))
			cr_assert_eq(add(s, n * 10, n, &empty, &pcp, &err), 0);
		cr_assert_leq(s->count, max);
	}
	cr_assert_eq(add(s, events * 10, events, &empty, &pcp, &err), 0);
	cr_assert_eq(kmr_series_each(s, note, &seen, &err), 0);
	kmr_series_destroy(s);
	return seen;
}

Test(series, keeps_first_and_last_and_even_steps)
{
	static const uint64_t lengths[] = { 1, 7, 8, 9, 16, 17, 63, 64, 65, 1000, 4096, 99999 };
	size_t i, j;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct seen seen = run(8, lengths[i], 1);
		uint64_t step = seen.count > 2 ? seen.events[1] : 0;

		cr_expect_eq(seen.events[0], 0);
		cr_expect_eq(seen.events[seen.count - 1], lengths[i]);
		cr_expect_leq(seen.count, 8);
		if (lengths[i] >= 8)
			cr_expect_geq(seen.count, 5, "%zu samples of %llu events", seen.count,
				      (unsigned long long)lengths[i]);
		for (j = 1; j + 1 < seen.count; j++)
			cr_expect_eq(seen.events[j], j * step);
	}
}

Test(series, takes_what_comes_when_events_jump)
{
	struct seen seen = run(8, 1000, 40);
	size_t j;

	cr_expect_eq(seen.events[0], 0);
	cr_expect_eq(seen.events[seen.count - 1], 1000);
	for (j = 1; j < seen.count; j++)
		cr_expect_gt(seen.events[j], seen.events[j - 1]);
}

Test(series, a_second_sample_of_an_event_replaces_the_first)
{
	struct seen seen = { 0 };
	struct kmr_series *s;
	struct kmr_error err;
	uint32_t pcp = 0;

	cr_assert_eq(kmr_series_create(&s, 1, 1, 0, 4, &err), 0);
	cr_assert_eq(add(s, 1, 5, &empty, &pcp, &err), 0);
	cr_assert_eq(add(s, 50, 5, &empty, &pcp, &err), 0);
	cr_assert_eq(kmr_series_each(s, note, &seen, &err), 0);
	cr_expect_eq(seen.count, 1);
	kmr_series_destroy(s);
}

struct states {
	struct kmr_zone_state zones[3][2];
	uint32_t pcp[3][4];
	size_t at;
};

static int compare(void *ctx, const struct kmr_sample *sample, struct kmr_error *err)
{
	struct states *s = ctx;

	(void)err;
	cr_expect_arr_eq(sample->zones, s->zones[s->at], sizeof(s->zones[0]));
	cr_expect_arr_eq(sample->pcp, s->pcp[s->at], sizeof(s->pcp[0]));
	s->at++;
	return 0;
}

Test(series, states_come_back_as_they_were)
{
	static struct states s;
	struct kmr_series *series;
	struct kmr_error err;
	unsigned int i, j, k, seed = 7;

	for (i = 0; i < 3; i++) {
		for (j = 0; j < 2; j++) {
			struct kmr_zone_state *z = &s.zones[i][j];

			for (k = 0; k < KMR_MAX_ORDERS * KMR_MIGRATE_TYPES; k++)
				z->nr_free[k / KMR_MIGRATE_TYPES][k % KMR_MIGRATE_TYPES] =
					rand_r(&seed) % 3 ? 0 : (uint32_t)rand_r(&seed) * 2u;
			z->free_pages = i ? UINT64_MAX : 0;
			z->wmark_min = 127;
			z->wmark_low = 128;
			z->wmark_high = UINT64_C(1) << 63;
			z->boost = i * 300;
			z->highatomic = i;
			z->pcp_pages = 9;
			z->pageblocks[KMR_MIGRATE_ISOLATE] = 5;
		}
		s.pcp[i][3] = i * UINT32_MAX / 2;
	}
	cr_assert_eq(kmr_series_create(&series, 2, 2, 0, 4, &err), 0);
	for (i = 0; i < 3; i++)
		cr_assert_eq(add(series, i, i, s.zones[i], s.pcp[i], &err), 0);
	cr_expect_eq(kmr_series_each(series, compare, &s, &err), 0);
	cr_expect_eq(s.at, 3);
	kmr_series_destroy(series);
}

static int refuse(void *ctx, const struct kmr_sample *sample, struct kmr_error *err)
{
	(void)sample;
	++*(int *)ctx;
	return kmr_fail(err, "no");
}

Test(series, stops_at_the_first_failure)
{
	struct kmr_series *s;
	struct kmr_error err;
	int calls = 0;

	cr_assert_eq(kmr_series_create(&s, 1, 0, 0, 4, &err), 0);
	cr_assert_eq(add(s, 0, 0, &empty, NULL, &err), 0);
	cr_assert_eq(add(s, 1, 1, &empty, NULL, &err), 0);
	cr_expect_eq(kmr_series_each(s, refuse, &calls, &err), -1);
	cr_expect_eq(calls, 1);
	cr_expect_str_eq(err.msg, "no");
	kmr_series_destroy(s);
}

Test(series, wants_a_power_of_two)
{
	struct kmr_series *s;
	struct kmr_error err;

	cr_expect_eq(kmr_series_create(&s, 1, 1, 0, 100, &err), -1);
	cr_expect_str_eq(err.msg, "number of samples is 100, must be a power of two from 2 up");
	cr_expect_null(s);
	cr_expect_eq(kmr_series_create(&s, 1, 1, 0, 1, &err), -1);
	cr_expect_eq(kmr_series_create(&s, 1, KMR_MAX_CPUS + 1, 0, 0, &err), -1);
	kmr_series_destroy(NULL);
}
