// SPDX-License-Identifier: GPL-2.0-only
/* How long requests live, and where classes are cut. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "fit/model.h"
#include "support.h"

#define SLOT  1000000u
#define LEAD  500u
#define EPOCH 1000000u

static const struct fit_epoch empty;

static void put(struct fit_hist *hist, uint64_t value, uint64_t times)
{
	cr_assert_eq(fit_hist_put(hist, fit_bucket(value), times), 0);
}

static void freed_alone(struct fit_epoch *e, uint64_t after, uint64_t times)
{
	e->requests += times;
	e->freed += times;
	put(&e->lifetimes, after, times);
	put(&e->alone, after, times);
}

static void kept(struct fit_epoch *e, uint64_t age, uint64_t times)
{
	e->requests += times;
	put(&e->ages, age, times);
}

/* The weight of the part of that kind, 0 if there is none. */
static uint64_t weight(const struct fit_life *lives, uint32_t nr, enum fit_life_kind kind)
{
	for (uint32_t i = 0; i < nr; i++)
		if (lives[i].kind == kind)
			return lives[i].weight;
	return 0;
}

Test(lives, all_freed)
{
	struct fit_epoch e = empty;
	struct fit_life lives[FIT_MAX_LIVES];
	uint32_t nr;

	freed_alone(&e, 1000, 70);
	freed_alone(&e, 100000, 30);
	cr_assert_eq(fit_lives_of(&e, SLOT, LEAD, lives, &nr), 0);
	cr_assert_eq(nr, 1);
	cr_assert_eq(lives[0].kind, FIT_ALONE);
	cr_assert_eq(lives[0].weight, 100);
	cr_assert_eq(lives[0].when.nr, 2);
	cr_assert_eq(lives[0].when.row[0].weight, 70);
	cr_assert_eq(lives[0].when.row[1].weight, 30);
	fit_epoch_fini(&e);
}

Test(lives, none_freed)
{
	struct fit_epoch e = empty;
	struct fit_life lives[FIT_MAX_LIVES];
	uint32_t nr;

	kept(&e, 12345678, 9);
	cr_assert_eq(fit_lives_of(&e, SLOT, LEAD, lives, &nr), 0);
	cr_assert_eq(nr, 1);
	cr_assert_eq(lives[0].kind, FIT_FOREVER);
	cr_assert_eq(lives[0].weight, 9);
	fit_epoch_fini(&e);
}

/* Who was not freed had all the time for it: nothing is to be corrected. */
Test(lives, those_that_stay_are_exact)
{
	struct fit_epoch e = empty;
	struct fit_life lives[FIT_MAX_LIVES];
	uint32_t nr;

	freed_alone(&e, 1000, 880);
	kept(&e, 1000000, 120);
	cr_assert_eq(fit_lives_of(&e, SLOT, LEAD, lives, &nr), 0);
	cr_assert_eq(nr, 2);
	cr_assert_eq(weight(lives, nr, FIT_FOREVER), 120);
	cr_assert_eq(weight(lives, nr, FIT_ALONE), 880);
	fit_epoch_fini(&e);
}

/*
 * All live for 10 s, but of 200 the last 100 had only 5 s: those are no more immortal than the
 * others.
 */
Test(lives, who_had_no_time_does_not_stay)
{
	struct fit_epoch e = empty;
	struct fit_life lives[FIT_MAX_LIVES];
	uint32_t nr;

	freed_alone(&e, UINT64_C(10000000000), 100);
	kept(&e, UINT64_C(5000000000), 100);
	cr_assert_eq(fit_lives_of(&e, SLOT, LEAD, lives, &nr), 0);
	cr_assert_eq(nr, 1);
	cr_assert_eq(lives[0].kind, FIT_ALONE);
	cr_assert_eq(lives[0].weight, 200);
	fit_epoch_fini(&e);
}

/* 100 at 1 us; of 100 others 50 at 10 s, for which half of those left had the time. */
Test(lives, long_lifetimes_weigh_more_than_they_were_seen)
{
	struct fit_epoch e = empty;
	struct fit_life lives[FIT_MAX_LIVES];
	uint32_t nr;

	freed_alone(&e, 1000, 100);
	freed_alone(&e, UINT64_C(10000000000), 50);
	kept(&e, UINT64_C(5000000000), 50);
	cr_assert_eq(fit_lives_of(&e, SLOT, LEAD, lives, &nr), 0);
	cr_assert_eq(nr, 1);
	cr_assert_eq(lives[0].when.row[0].weight, 100);
	cr_assert_eq(lives[0].when.row[1].weight, 100);
	fit_epoch_fini(&e);
}

Test(lives, groups_are_a_part)
{
	struct fit_epoch e = empty;
	struct fit_life lives[FIT_MAX_LIVES];
	uint32_t nr;

	/* 60 in three groups, 20 alone, 20 that stay */
	e.requests = 60;
	e.freed = 60;
	e.together.requests = 60;
	put(&e.together.lifetimes, 50000000, 60);
	put(&e.together.sizes, 20, 3);
	put(&e.together.group_lifetimes, 1000000, 3);
	freed_alone(&e, 1000, 20);
	kept(&e, UINT64_C(1) << 40, 20);
	cr_assert_eq(fit_lives_of(&e, SLOT, LEAD, lives, &nr), 0);
	cr_assert_eq(nr, 3);
	cr_assert_eq(weight(lives, nr, FIT_TOGETHER), 60);
	cr_assert_eq(weight(lives, nr, FIT_ALONE), 20);
	cr_assert_eq(weight(lives, nr, FIT_FOREVER), 20);
	cr_assert_eq(lives[0].group.row[0].weight, 3);
	cr_assert_leq(lives[0].group.row[0].low, 20);
	cr_assert_geq(lives[0].group.row[0].high, 20);
	fit_epoch_fini(&e);
}

/* Dates are those that were seen: they are no matter of chance, nor of who had time for them. */
Test(lives, dates_are_exact)
{
	struct fit_epoch e = empty;
	struct fit_life lives[FIT_MAX_LIVES];
	uint32_t nr;

	freed_alone(&e, 1000, 10);
	e.requests += 50;
	e.together_long.requests = 30;
	put(&e.together_long.sizes, 30, 1);
	put(&e.together_long.group_lifetimes, 40 * SLOT, 1);
	cr_assert_eq(fit_hist_put(&e.together_long.dates, 57, 1), 0);
	put(&e.alone_long, 20 * SLOT, 12);
	put(&e.alone_long, 50 * SLOT, 8);
	cr_assert_eq(fit_hist_put(&e.alone_dates, 63, 12), 0);
	cr_assert_eq(fit_hist_put(&e.alone_dates, 64, 8), 0);
	kept(&e, 5000, 40);
	cr_assert_eq(fit_lives_of(&e, SLOT, LEAD, lives, &nr), 0);
	cr_assert_eq(nr, 4);
	cr_assert_eq(lives[0].kind, FIT_ALONE);
	cr_assert_eq(lives[0].weight, 10);
	cr_assert_not(lives[0].dated);
	cr_assert_eq(lives[1].kind, FIT_TOGETHER);
	cr_assert(lives[1].dated);
	cr_assert_eq(lives[1].weight, 30);
	cr_assert_eq(lives[1].when.row[0].low, 57 * SLOT + LEAD);
	cr_assert_eq(lives[1].when.row[0].high, 58 * SLOT + LEAD - 1);
	cr_assert_eq(lives[2].weight, 20);
	cr_assert_eq(lives[2].when.row[0].weight, 12);
	cr_assert_eq(weight(lives, nr, FIT_FOREVER), 40);
	fit_epoch_fini(&e);
}

/* All live for 20 slots, whenever they were allocated: that is an age. */
Test(lives, long_ones_may_have_an_age)
{
	struct fit_epoch e = empty;
	struct fit_life lives[FIT_MAX_LIVES];
	uint32_t nr;

	e.requests = 100;
	e.freed = 100;
	put(&e.alone_long, 20 * SLOT, 60);
	for (unsigned int i = 0; i < 60; i++)
		cr_assert_eq(fit_hist_put(&e.alone_dates, 20 + i, 1), 0);
	e.together_long.requests = 40;
	put(&e.together_long.lifetimes, 21 * SLOT, 40);
	put(&e.together_long.sizes, 10, 4);
	put(&e.together_long.group_lifetimes, 20 * SLOT, 4);
	for (unsigned int i = 0; i < 4; i++)
		cr_assert_eq(fit_hist_put(&e.together_long.dates, 20 + 20 * i, 1), 0);
	cr_assert_eq(fit_lives_of(&e, SLOT, LEAD, lives, &nr), 0);
	cr_assert_eq(nr, 2);
	for (uint32_t i = 0; i < nr; i++) {
		cr_assert_not(lives[i].dated);
		cr_assert_eq(lives[i].weight, lives[i].kind == FIT_TOGETHER ? 40 : 60);
		cr_assert_leq(lives[i].when.row[0].low, 20 * SLOT);
		cr_assert_geq(lives[i].when.row[0].high, 20 * SLOT);
	}
	fit_epoch_fini(&e);
}

/* However many slots there are, rows are few, in order, and have all weight. */
Test(lives, dates_become_few_rows)
{
	struct fit_hist dates = { 0 };
	struct fit_rows rows = { .nr = 0 };

	for (unsigned int i = 0; i < FIT_SLOTS; i++)
		cr_assert_eq(fit_hist_put(&dates, i, 1 + chance(1000)), 0);
	fit_dates_of(&rows, &dates, SLOT, LEAD);
	cr_assert_leq(rows.nr, FIT_ROWS);
	cr_assert_geq(rows.nr, FIT_ROWS / 2);
	cr_assert_eq(fit_rows_weight(&rows), dates.total);
	cr_assert_eq(rows.row[0].low, LEAD);
	cr_assert_eq(rows.row[rows.nr - 1].high, FIT_SLOTS * SLOT + LEAD - 1);
	for (uint32_t i = 1; i < rows.nr; i++)
		cr_assert_eq(rows.row[i].low, rows.row[i - 1].high + 1);
	fit_hist_fini(&dates);
}

/* A class with those requests by epoch; their gaps are even. */
static struct fit_class *class_of(const uint64_t *requests, uint32_t nr, uint32_t kept_from)
{
	const struct fit_key key = { 0 };
	struct fit_class *class = fit_class_new(&key);

	cr_assert_not_null(class);
	for (uint32_t i = 0; i < nr; i++) {
		if (!requests[i])
			continue;
		class->epochs[i] = calloc(1, sizeof(struct fit_epoch));
		cr_assert_not_null(class->epochs[i]);
		class->epochs[i]->requests = requests[i];
		class->epochs[i]->first = (uint64_t)i * EPOCH;
		class->epochs[i]->last = (uint64_t)(i + 1) * EPOCH - 1;
		class->epochs[i]->freed = i < kept_from ? requests[i] : 0;
		put(&class->epochs[i]->gaps, 1000, requests[i]);
		put(&class->epochs[i]->lifetimes, 1000, class->epochs[i]->freed);
		class->requests += requests[i];
	}
	return class;
}

Test(spans, an_even_rate_is_one)
{
	const uint64_t even[] = { 1000, 1010, 990, 1003, 1000, 985, 1020, 1001 };
	struct fit_class *class = class_of(even, 8, 8);
	struct fit_span spans[FIT_MAX_SPANS];

	cr_assert_eq(fit_spans_of(class, EPOCH, spans), 1);
	cr_assert_eq(spans[0].first, 0);
	cr_assert_eq(spans[0].last, 7);
	fit_class_free_all(class);
}

Test(spans, steps_are_found)
{
	const uint64_t steps[] = { 0, 0, 1000, 1010, 990, 5000, 5030, 4990, 5010, 200, 210, 0 };
	struct fit_class *class = class_of(steps, 12, 12);
	struct fit_span spans[FIT_MAX_SPANS];

	cr_assert_eq(fit_spans_of(class, EPOCH, spans), 3);
	cr_assert_eq(spans[0].first, 2);
	cr_assert_eq(spans[0].last, 4);
	cr_assert_eq(spans[1].first, 5);
	cr_assert_eq(spans[1].last, 8);
	cr_assert_eq(spans[2].first, 9);
	cr_assert_eq(spans[2].last, 10);
	fit_class_free_all(class);
}

/* It begins and ends somewhere in an epoch, which has less for that. */
Test(spans, ends_are_no_change)
{
	const uint64_t ends[] = { 300, 1000, 1000, 1000, 1000, 3 };
	struct fit_class *class = class_of(ends, 6, 6);
	struct fit_span spans[FIT_MAX_SPANS];

	class->epochs[0]->first = EPOCH * 7 / 10;
	class->epochs[5]->last = 5 * EPOCH + EPOCH * 3 / 1000;
	cr_assert_eq(fit_spans_of(class, EPOCH, spans), 1);
	cr_assert_eq(spans[0].first, 0);
	cr_assert_eq(spans[0].last, 5);
	fit_class_free_all(class);
}

/* The rate is even, but from some time on all stays. */
Test(spans, a_change_of_what_stays_is_found)
{
	const uint64_t even[] = { 1000, 1000, 1000, 1000, 1000, 1000 };
	struct fit_class *class = class_of(even, 6, 4);
	struct fit_span spans[FIT_MAX_SPANS];

	cr_assert_eq(fit_spans_of(class, EPOCH, spans), 2);
	cr_assert_eq(spans[0].last, 3);
	cr_assert_eq(spans[1].first, 4);
	fit_class_free_all(class);
}

Test(spans, a_pause_is_no_span)
{
	const uint64_t pause[] = { 3000, 3010, 0, 0, 0, 0, 2990, 3000 };
	struct fit_class *class = class_of(pause, 8, 8);
	struct fit_span spans[FIT_MAX_SPANS];

	cr_assert_eq(fit_spans_of(class, EPOCH, spans), 2);
	cr_assert_eq(spans[0].last, 1);
	cr_assert_eq(spans[1].first, 6);
	fit_class_free_all(class);
}

/* The rate is even, but later requests live ten times as long. */
Test(spans, a_change_of_lifetimes_is_found)
{
	const uint64_t even[] = { 1000, 1000, 1000, 1000, 1000, 1000 };
	struct fit_class *class = class_of(even, 6, 6);
	struct fit_span spans[FIT_MAX_SPANS];

	for (uint32_t i = 4; i < 6; i++) {
		fit_hist_fini(&class->epochs[i]->lifetimes);
		put(&class->epochs[i]->lifetimes, 10000, 1000);
	}
	cr_assert_eq(fit_spans_of(class, EPOCH, spans), 2);
	cr_assert_eq(spans[0].last, 3);
	fit_class_free_all(class);
}

/* Clumps of 100 that come by chance are no change of the rate. */
Test(spans, clumps_are_chance)
{
	const uint64_t clumps[] = { 100, 300, 200, 100, 300, 200, 200, 100, 200, 300 };
	struct fit_class *class = class_of(clumps, 10, 10);
	struct fit_span spans[FIT_MAX_SPANS];

	for (uint32_t i = 0; i < 10; i++) {
		fit_hist_fini(&class->epochs[i]->gaps);
		put(&class->epochs[i]->gaps, 10, clumps[i] - clumps[i] / 100);
		put(&class->epochs[i]->gaps, 1000000, clumps[i] / 100);
	}
	cr_assert_eq(fit_spans_of(class, EPOCH, spans), 1);
	fit_class_free_all(class);
}

Test(spans, there_are_never_too_many)
{
	uint64_t wild[FIT_EPOCHS];
	struct fit_class *class;
	struct fit_span spans[FIT_MAX_SPANS];
	uint32_t nr;

	for (unsigned int round = 0; round < 200; round++) {
		uint64_t sum = 0, within = 0;

		for (uint32_t i = 0; i < FIT_EPOCHS; i++) {
			wild[i] = chance(3) ? chance(1u << chance(20)) : 0;
			sum += wild[i];
		}
		class = class_of(wild, FIT_EPOCHS, chance(FIT_EPOCHS));
		nr = fit_spans_of(class, EPOCH, spans);
		cr_assert_leq(nr, FIT_MAX_SPANS);
		for (uint32_t i = 0; i < nr; i++) {
			cr_assert_leq(spans[i].first, spans[i].last);
			cr_assert(!i || spans[i].first > spans[i - 1].last);
			for (uint32_t e = spans[i].first; e <= spans[i].last; e++)
				within += wild[e];
		}
		cr_assert_eq(within, sum);
		fit_class_free_all(class);
	}
}
