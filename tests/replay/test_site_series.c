// SPDX-License-Identifier: GPL-2.0-only
/* Live memory by call site against brute force: who had most, and values where they changed. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/site_series.h"

#define SITES	300u
#define SAMPLES 64u

static const char *number_name(const void *ctx, uint32_t site)
{
	static char names[8][16];
	static unsigned int at;

	(void)ctx;
	at = (at + 1) % 8;
	(void)snprintf(names[at], sizeof(names[at]), "s%03u", site);
	return names[at];
}

/* Others' order: the higher the number the earlier the name. */
static const char *reversed_name(const void *ctx, uint32_t site)
{
	static const char *const names[] = { "d", "c", "b", "a" };

	(void)ctx;
	return names[site & 3];
}

Test(replay_site_series, rows_where_something_changed)
{
	struct kmr_site_series s;
	struct kmr_site_sample *rows;
	uint32_t top[KMR_TOP_SITES];
	size_t nr;

	cr_assert_eq(kmr_site_series_init(&s, 8), 0);
	cr_assert_eq(kmr_site_series_room(&s, 5), 0);
	kmr_site_alloc(&s, 5, 100);
	kmr_site_alloc(&s, 0, 300);
	cr_assert_eq(kmr_site_series_sample(&s), 0);
	/* what comes and goes between two samples is not seen */
	kmr_site_alloc(&s, 5, 5000);
	kmr_site_free(&s, 5, 5000);
	cr_assert_eq(kmr_site_series_sample(&s), 0);
	kmr_site_alloc(&s, 5, 300);
	kmr_site_free(&s, 0, 300);
	cr_assert_eq(kmr_site_series_sample(&s), 0);
	cr_assert_eq(kmr_site_series_top(&s, top, KMR_TOP_SITES, number_name, NULL), 2);
	cr_expect_eq(top[0], 5);
	cr_expect_eq(top[1], 0);
	cr_assert_eq(kmr_site_series_rows(&s, top, 2, &rows, &nr), 0);
	cr_assert_eq(nr, 4);
	cr_expect(rows[0].sample == 0 && rows[0].rank == 0 && rows[0].live == 1 &&
		  rows[0].live_requested == 100);
	cr_expect(rows[1].sample == 0 && rows[1].rank == 1 && rows[1].live == 1 &&
		  rows[1].live_requested == 300);
	cr_expect(rows[2].sample == 2 && rows[2].rank == 0 && rows[2].live == 2 &&
		  rows[2].live_requested == 400);
	cr_expect(rows[3].sample == 2 && rows[3].rank == 1 && rows[3].live == 0 &&
		  rows[3].live_requested == 0);
	free(rows);
	kmr_site_series_free(&s);
}

Test(replay_site_series, equal_peaks_are_by_name)
{
	struct kmr_site_series s;
	uint32_t top[KMR_TOP_SITES];

	cr_assert_eq(kmr_site_series_init(&s, 2), 0);
	for (uint32_t i = 0; i < 4; i++)
		kmr_site_alloc(&s, i, i == 2 ? 11 : 10);
	cr_assert_eq(kmr_site_series_sample(&s), 0);
	cr_assert_eq(kmr_site_series_top(&s, top, 3, reversed_name, NULL), 3);
	cr_expect_eq(top[0], 2);
	cr_expect_eq(top[1], 3);
	cr_expect_eq(top[2], 1);
	/* room is for as many samples as were said */
	cr_expect_eq(kmr_site_series_sample(&s), 0);
	cr_expect_eq(kmr_site_series_sample(&s), -1);
	kmr_site_series_free(&s);
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

struct brute {
	uint64_t live[SITES], bytes[SITES], peak[SITES];
	uint64_t at_live[SAMPLES][SITES], at_bytes[SAMPLES][SITES];
	size_t nr;
};

static void brute_sample(struct brute *b)
{
	memcpy(b->at_live[b->nr], b->live, sizeof(b->live));
	memcpy(b->at_bytes[b->nr], b->bytes, sizeof(b->bytes));
	for (unsigned int i = 0; i < SITES; i++)
		if (b->peak[i] < b->bytes[i])
			b->peak[i] = b->bytes[i];
	b->nr++;
}

static void brute_thin(struct brute *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->nr; i += 2, kept++) {
		memmove(b->at_live[kept], b->at_live[i], sizeof(b->live));
		memmove(b->at_bytes[kept], b->at_bytes[i], sizeof(b->bytes));
	}
	b->nr = kept;
}

/* The rows, filled forward, are what was there at each sample. */
static void compare(const struct brute *b, const uint32_t *top, unsigned int nr_top,
		    const struct kmr_site_sample *rows, size_t nr)
{
	uint64_t live[KMR_TOP_SITES] = { 0 }, bytes[KMR_TOP_SITES] = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < b->nr; i++) {
		for (; at < nr && rows[at].sample == i; at++) {
			const unsigned int k = rows[at].rank;

			cr_expect(live[k] != rows[at].live || bytes[k] != rows[at].live_requested,
				  "a row where nothing changed");
			live[k] = rows[at].live;
			bytes[k] = rows[at].live_requested;
		}
		for (unsigned int k = 0; k < nr_top; k++) {
			cr_assert_eq(live[k], b->at_live[i][top[k]]);
			cr_assert_eq(bytes[k], b->at_bytes[i][top[k]]);
		}
	}
	cr_expect_eq(at, nr);
}

static void run_random(uint64_t seed, size_t samples)
{
	static struct brute b;
	struct kmr_site_sample *rows;
	struct kmr_site_series s;
	uint32_t top[KMR_TOP_SITES];
	unsigned int nr_top;
	uint64_t state = seed;
	size_t nr;

	memset(&b, 0, sizeof(b));
	cr_assert_eq(kmr_site_series_init(&s, SAMPLES), 0);
	for (size_t taken = 0; taken < samples; taken++) {
		const uint64_t events = next_random(&state) % 200;

		for (uint64_t i = 0; i < events; i++) {
			const uint32_t site = (uint32_t)(next_random(&state) % SITES);
			const uint32_t bytes = 8 + 8 * (site % 16);

			cr_assert_eq(kmr_site_series_room(&s, site), 0);
			if (next_random(&state) % 3 && b.live[site]) {
				kmr_site_free(&s, site, bytes);
				b.live[site]--;
				b.bytes[site] -= bytes;
			} else {
				kmr_site_alloc(&s, site, bytes);
				b.live[site]++;
				b.bytes[site] += bytes;
			}
		}
		if (b.nr == SAMPLES) {
			kmr_site_series_thin(&s);
			brute_thin(&b);
		}
		cr_assert_eq(kmr_site_series_sample(&s), 0);
		brute_sample(&b);
	}
	nr_top = kmr_site_series_top(&s, top, KMR_TOP_SITES, number_name, NULL);
	cr_assert_eq(nr_top, KMR_TOP_SITES);
	/* nobody else has a place before any of them; names are in the order of the numbers */
	for (unsigned int k = 0; k < nr_top; k++) {
		unsigned int before = 0;

		for (uint32_t i = 0; i < SITES; i++)
			before += b.peak[i] > b.peak[top[k]] ||
				  (b.peak[i] == b.peak[top[k]] && i < top[k]);
		cr_assert_eq(before, k);
	}
	cr_assert_eq(kmr_site_series_rows(&s, top, nr_top, &rows, &nr), 0);
	compare(&b, top, nr_top, rows, nr);
	free(rows);
	kmr_site_series_free(&s);
}

Test(replay_site_series, random_against_brute_force)
{
	for (uint64_t seed = 1; seed <= 20; seed++)
		run_random(seed, SAMPLES);
}

/* Samples are dropped several times on the way, the last one among them or not. */
Test(replay_site_series, random_with_samples_dropped)
{
	for (uint64_t seed = 1; seed <= 20; seed++)
		run_random(seed, 4 * SAMPLES + seed);
}
