// SPDX-License-Identifier: GPL-2.0-only
/* Nothing that was counted gets lost when steps double, and it stays where it was in time. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/timeline.h"

static uint64_t sum(const struct kmr_timeline *t, unsigned int from, unsigned int to)
{
	uint64_t n = 0;

	for (unsigned int i = from; i < to; i++)
		n += t->count[i];
	return n;
}

Test(timeline, begins_with_the_first)
{
	struct kmr_timeline t = { 0 };

	cr_expect_eq(t.step, 0u);
	kmr_timeline_add(&t, 5000);
	cr_expect(t.first == 5000 && t.step == 1024 && t.count[0] == 1);
	kmr_timeline_add(&t, 5000 + 1023);
	kmr_timeline_add(&t, 5000 + 1024);
	/* time that runs backwards */
	kmr_timeline_add(&t, 4000);
	cr_expect(t.count[0] == 3 && t.count[1] == 1 && t.step == 1024);
}

Test(timeline, doubles)
{
	struct kmr_timeline t = { 0 };

	for (uint64_t i = 0; i < 64; i++)
		kmr_timeline_add(&t, i * 1024);
	cr_expect_eq(t.step, 1024u);
	kmr_timeline_add(&t, UINT64_C(64) * 1024);
	cr_expect_eq(t.step, 2048u);
	for (unsigned int i = 0; i < 32; i++)
		cr_expect_eq(t.count[i], 2u);
	cr_expect_eq(t.count[32], 1u);
	cr_expect_eq(sum(&t, 33, KMR_TIMELINE_STEPS), 0u);
	/* as far as time goes */
	kmr_timeline_add(&t, UINT64_MAX);
	cr_expect_eq(t.step, UINT64_C(1) << 58);
	cr_expect(t.count[0] == 65 && t.count[63] == 1);
}

/* Against a list of all times. */
Test(timeline, counts_where_it_was)
{
	static uint64_t times[5000];
	struct kmr_timeline t = { 0 };
	uint64_t now = 12345;

	srand(7);
	for (size_t n = 0; n < 5000; n++) {
		times[n] = now;
		kmr_timeline_add(&t, now);
		now += (uint64_t)rand() % 100000;
	}
	for (unsigned int i = 0; i < KMR_TIMELINE_STEPS; i++) {
		uint64_t expected = 0;

		for (size_t n = 0; n < 5000; n++)
			expected += (times[n] - t.first) / t.step == i;
		cr_expect_eq(t.count[i], expected);
	}
	cr_expect_eq(sum(&t, 0, KMR_TIMELINE_STEPS), 5000u);
	/* at least half of the steps are in use */
	cr_expect(sum(&t, KMR_TIMELINE_STEPS / 2, KMR_TIMELINE_STEPS) > 0);
}
