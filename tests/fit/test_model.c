// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a workload says is what the model of its events says: distributions that are known come out
 * again.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fit/model.h"
#include "kmreplay/workload.h"
#include "support.h"

#define MS UINT64_C(1000000)

static struct fit_model model;

/* The model of what a workload asks for. */
static const struct fit_collect *model_of(const char *text, uint32_t top)
{
	const struct fit_collect *c;

	kmr_source_add_reader(&kmr_workload_reader);
	write_text(text);
	c = collect(true, KMR_FIT_BY_SITE);
	cr_assert_eq(fit_model_make(&model, (struct fit_collect *)c, top), 0);
	return c;
}

static void done(void)
{
	fit_model_fini(&model);
	leave();
}

static const struct fit_actor *actor_of(const struct fit_collect *c, const char *comm)
{
	for (size_t i = 0; i < model.nr; i++)
		if (!strcmp(kmr_strtab_get(&c->comms, model.actors[i].key.comm), comm))
			return &model.actors[i];
	cr_assert_fail("no actor %s", comm);
	return NULL;
}

static const struct fit_life *life_of(const struct fit_actor *actor, enum fit_life_kind kind)
{
	for (uint32_t i = 0; i < actor->nr_lives; i++)
		if (actor->lives[i].kind == kind)
			return &actor->lives[i];
	return NULL;
}

/* @value is within @percent of @expected. */
static void near(const char *what, uint64_t value, uint64_t expected, uint64_t percent)
{
	const uint64_t apart = value > expected ? value - expected : expected - value;

	cr_expect_leq(apart * 100, expected * percent, "%s: %lu is not within %lu %% of %lu", what,
		      (unsigned long)value, (unsigned long)percent, (unsigned long)expected);
}

Test(model, exponential_gaps_and_lifetimes)
{
	const struct fit_collect *c = model_of(
		"workload: known\nduration: 100s\nactors:\n"
		"  - {name: one, pages: {order: 2, gfp: GFP_KERNEL}, every: {exponential: {mean: "
		"20ms}}, lifetime: {exponential: {mean: 100ms}}}\n",
		200);
	const struct fit_actor *one = actor_of(c, "one");

	cr_assert_eq(model.nr, 1);
	near("requests", one->requests, 5000, 5);
	cr_expect_eq(one->arrival, FIT_EXPONENTIAL);
	near("gap", one->mean, 20 * MS, 5);
	cr_expect_eq(one->key.order, 2);
	cr_assert_not_null(life_of(one, FIT_ALONE));
	cr_expect(life_of(one, FIT_ALONE)->exponential);
	near("lifetime", life_of(one, FIT_ALONE)->mean, 100 * MS, 5);
	/* those at the end that were not freed had no time for it */
	cr_expect(!life_of(one, FIT_FOREVER) || life_of(one, FIT_FOREVER)->weight < 10);
	done();
}

Test(model, those_that_stay)
{
	const struct fit_collect *c =
		model_of("workload: known\nduration: 60s\nactors:\n"
			 "  - name: one\n    every: 10ms\n    mix:\n"
			 "      - {pages: {}, weight: 88, lifetime: 300ms}\n"
			 "      - {pages: {}, weight: 12, lifetime: forever}\n",
			 200);
	const struct fit_actor *one = actor_of(c, "one");
	const struct fit_life *stay = life_of(one, FIT_FOREVER), *go = life_of(one, FIT_ALONE);

	cr_assert_eq(model.nr, 1);
	cr_assert_eq(one->requests, 6000);
	cr_assert(stay && go);
	near("of 6000", stay->weight, 720, 10);
	cr_expect_eq(stay->weight + go->weight, 6000);
	cr_expect_eq(go->when.nr, 1);
	cr_expect_leq(go->when.row[0].low, 300 * MS);
	cr_expect_geq(go->when.row[0].high, 300 * MS);
	near("gap", fit_rows_mean(&one->gaps), 10 * MS, 1);
	done();
}

Test(model, groups)
{
	const struct fit_collect *c = model_of(
		"workload: known\nduration: 60s\nactors:\n"
		"  - {name: one, pages: {}, every: 5ms, lifetime: {group: 40, of: 50ms}}\n",
		200);
	const struct fit_actor *one = actor_of(c, "one");
	const struct fit_life *life = life_of(one, FIT_TOGETHER);

	cr_assert_not_null(life);
	near("in groups", life->weight, 12000, 2);
	cr_expect_eq(life->group.nr, 1);
	cr_expect(life->group.row[0].low <= 40 && life->group.row[0].high >= 40);
	cr_expect(life->when.row[0].low <= 50 * MS && life->when.row[0].high >= 50 * MS);
	cr_expect_not(life->dated);
	done();
}

Test(model, dates)
{
	const struct fit_collect *c = model_of(
		"workload: known\nduration: 60s\nactors:\n"
		"  - {name: one, stop: 20s, pages: {}, every: 5ms, lifetime: {until: {uniform: "
		"[30s, 50s]}}}\n",
		200);
	uint64_t low = UINT64_MAX, high = 0, requests = 0;

	(void)c;
	for (size_t i = 0; i < model.nr; i++) {
		const struct fit_life *life = life_of(&model.actors[i], FIT_ALONE);

		cr_assert_not_null(life);
		requests += model.actors[i].requests;
		cr_expect(life->dated);
		cr_expect_null(life_of(&model.actors[i], FIT_FOREVER));
		low = life->when.row[0].low < low ? life->when.row[0].low : low;
		high = life->when.row[life->when.nr - 1].high;
	}
	cr_expect_eq(requests, 4000);
	/* to a slot: a 128th of the time */
	near("first", low, 30000 * MS, 2);
	near("last", high, 50000 * MS, 2);
	done();
}

Test(model, rates_that_change)
{
	const struct fit_collect *c = model_of(
		"workload: known\nphases:\n  - {name: a, duration: 20s}\n  - {name: b, duration: "
		"10s}\n  - {name: c, duration: 30s}\nactors:\n"
		"  - {name: slow, phases: [a], pages: {}, every: 10ms, lifetime: 1ms}\n"
		"  - {name: slow2, phases: [b], pages: {}, every: 1ms, lifetime: 1ms}\n"
		"  - {name: quick, phases: [b, c], kmalloc: {size: 100}, site: f+0x1, every: 1ms, "
		"lifetime: 1ms}\n"
		"  - {name: quick2, phases: [c], kmalloc: {size: 100}, site: f+0x1, every: 200us, "
		"lifetime: 1ms}\n",
		200);
	uint64_t requests[2] = { 0 };
	unsigned int spans = 0;

	near("slow", actor_of(c, "slow")->requests, 2000, 1);
	/* the two of one call site are one class of two rates: 1000/s, then 6000/s */
	for (size_t i = 0; i < model.nr; i++) {
		const struct fit_actor *a = &model.actors[i];

		if (a->key.kind != FIT_KMALLOC)
			continue;
		cr_assert_lt(spans, 2);
		near("mean gap", a->mean, spans ? MS / 6 : MS, 5);
		near("begin", a->begin, spans ? 30000 * MS : 20000 * MS, 3);
		requests[spans++] = a->requests;
	}
	cr_assert_eq(spans, 2);
	near("first", requests[0], 10000, 10);
	near("second", requests[1], 180000, 1);
	done();
}

Test(model, sizes_have_their_weights)
{
	const struct fit_collect *c = model_of(
		"workload: known\nduration: 40s\nactors:\n"
		"  - {name: one, site: f+0x1, kmalloc: {size: {table: [[24, 1], [100, 2], [5000, "
		"1]]}}, every: 1ms, lifetime: 1ms}\n",
		200);
	const struct fit_actor *one = &model.actors[0];

	(void)c;
	cr_assert_eq(one->sizes.nr, 3);
	cr_assert_eq(one->sizes.row[0].low, 24);
	cr_assert_eq(one->sizes.row[1].low, 100);
	cr_assert_eq(one->sizes.row[2].high, 5000);
	near("24", one->sizes.row[0].weight, 10000, 3);
	near("100", one->sizes.row[1].weight, 20000, 3);
	cr_assert_eq(fit_rows_weight(&one->sizes), 40000);
	done();
}

Test(model, cpus_and_frees_elsewhere)
{
	const struct fit_collect *c = model_of(
		"workload: known\nmachine: x86_64:ram=1G,cpus=4\nduration: 10s\nactors:\n"
		"  - {name: one, count: 2, cpus: [1, 3], pages: {}, every: 2ms, lifetime: 5ms, "
		"free_cpu: any}\n"
		"  - {name: other, cpus: 2, pages: {}, every: 1ms, lifetime: 5ms}\n",
		200);

	cr_assert_eq(actor_of(c, "one")->cpus[0], 0xa);
	cr_assert_eq(actor_of(c, "one")->tasks, 2);
	cr_assert(actor_of(c, "one")->moved);
	near("gap of each", actor_of(c, "one")->mean, 2 * MS, 1);
	cr_assert_eq(actor_of(c, "other")->cpus[0], 4);
	cr_assert_eq(actor_of(c, "other")->tasks, 1);
	cr_assert_not(actor_of(c, "other")->moved);
	done();
}

/* However few classes stay on their own, as many requests are for as many pages. */
Test(model, the_rest_keeps_its_volume)
{
	static const uint32_t tops[] = { 1, 2, 5, 1000 };
	char text[8192] = "workload: known\nduration: 10s\nactors:\n";

	for (unsigned int i = 0; i < 30; i++)
		(void)snprintf(
			text + strlen(text), sizeof(text) - strlen(text),
			"  - {name: a%u, pages: {order: %u, gfp: %s}, every: %uus, lifetime: "
			"%ums}\n",
			i, i % 4, i % 3 ? "GFP_KERNEL" : "GFP_HIGHUSER_MOVABLE", 500 + 137 * i,
			1 + i);
	for (size_t t = 0; t < sizeof(tops) / sizeof(tops[0]); t++) {
		const struct fit_collect *c = model_of(text, tops[t]);
		uint64_t requests = 0, pages[4] = { 0 }, movable = 0;

		for (size_t i = 0; i < model.nr; i++) {
			const struct fit_actor *a = &model.actors[i];
			uint64_t weights = 0;

			requests += a->requests;
			pages[a->key.order] += a->requests;
			if (a->key.migratetype == KMR_MIGRATE_MOVABLE)
				movable += a->requests;
			for (uint32_t j = 0; j < a->nr_lives; j++)
				weights += a->lives[j].weight;
			near("weights", weights, a->requests, 1);
		}
		cr_assert_eq(requests, c->counts.page_requests);
		for (unsigned int order = 0; order < 4; order++) {
			uint64_t expected = 0;

			for (unsigned int i = order; i < 30; i += 4)
				expected += 10000000 / (500 + 137 * i);
			near("pages by order", pages[order], expected, 1);
		}
		cr_assert_gt(movable, requests / 4);
		cr_assert_eq(model.classes, 30);
		cr_assert_eq(model.merged, tops[t] < 30 ? 30 - tops[t] : 0);
		done();
	}
}
