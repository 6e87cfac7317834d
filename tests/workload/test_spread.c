// SPDX-License-Identifier: GPL-2.0-only
/* Requests that fill a time, and what is freed at a date. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "support.h"
#include "workload/arith.h"
#include "workload/dist.h"

#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

/* How many of the events are requests before @time. */
static size_t requests_before(const struct run *run, uint64_t time)
{
	size_t n = 0;

	for (size_t i = 0; i < run->nr; i++)
		n += run->events[i].type == KMR_EV_PAGE_ALLOC && run->events[i].time < time;
	return n;
}

/* However gaps are drawn, all requests are made, and the last comes when time is over. */
Test(spread, all_requests_in_the_time)
{
	static const char *const gaps[] = {
		"10ms",
		"{exponential: {mean: 10ms}}",
		"{exponential: {mean: 3ms}}",
		"{exponential: {mean: 1s}}",
		"{uniform: [1ms, 50ms]}",
		"{histogram: [[1us, 0], [10us, 95], [1s, 5]]}",
		"{table: [[1us, 99], [2s, 1]]}",
		"{pareto: {min: 1ms, shape: 1.1}}",
		"{pareto: {min: 1ms, shape: 1, max: 10s}}",
		"{lognormal: {median: 5ms, sigma: 1.5}}",
	};
	char text[512];
	struct run run;

	for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++)
		for (int tasks = 1; tasks <= 7; tasks += 3) {
			(void)snprintf(text, sizeof(text),
				       "workload: t\nduration: 60s\nactors:\n  - {name: a, count: "
				       "%d, start: 10s, stop: 50s, every: %s, limit: 3000, spread: "
				       "true, pages: {}, lifetime: forever}\n",
				       tasks, gaps[i]);
			run_text(&run, text, NULL);
			cr_expect_eq(run.nr, 3000, "%s: %zu", gaps[i], run.nr);
			cr_expect_geq(run.events[0].time, 10 * S, "%s", gaps[i]);
			cr_expect_lt(run.events[run.nr - 1].time, 50 * S, "%s", gaps[i]);
			cr_expect_gt(run.events[run.nr - 1].time, 48 * S, "%s", gaps[i]);
			run_done(&run);
		}
}

/* The rate is even over the time, not only in the end. */
Test(spread, evenly)
{
	struct run run;

	run_text(&run,
		 "workload: t\nduration: 100s\nactors:\n"
		 "  - {name: a, every: {exponential: {mean: 1ms}}, limit: 10000, spread: true, "
		 "pages: {}, lifetime: forever}\n",
		 NULL);
	cr_assert_eq(run.nr, 10000);
	for (unsigned int tenth = 1; tenth < 10; tenth++) {
		const size_t n = requests_before(&run, tenth * 10 * S);

		cr_expect(n > 1000 * tenth - 250 && n < 1000 * tenth + 250, "%u: %zu", tenth, n);
	}
	run_done(&run);
}

/* Pauses between phases are not filled. */
Test(spread, in_phases)
{
	struct run run;

	run_text(&run,
		 "workload: t\nphases: [{name: a, duration: 10s}, {name: b, duration: 80s}, "
		 "{name: c, duration: 10s}]\nactors:\n"
		 "  - {name: a, phases: [a, c], every: {exponential: {mean: 7ms}}, limit: 2000, "
		 "spread: true, pages: {}, lifetime: forever}\n",
		 NULL);
	cr_assert_eq(run.nr, 2000);
	cr_expect_eq(requests_before(&run, 10 * S), requests_before(&run, 90 * S));
	cr_expect(requests_before(&run, 10 * S) > 900 && requests_before(&run, 10 * S) < 1100);
	run_done(&run);
}

Test(spread, in_bursts)
{
	struct run run;

	run_text(
		&run,
		"workload: t\nduration: 100s\nactors:\n"
		"  - {name: a, every: {exponential: {mean: 1s}}, burst: {size: {uniform: [5, 15]}, "
		"every: 1us}, limit: 3000, spread: true, pages: {}, lifetime: forever}\n",
		NULL);
	cr_assert_eq(run.nr, 3000);
	cr_expect_gt(run.events[run.nr - 1].time, 97 * S);
	run_done(&run);
}

Test(spread, the_mean_of_a_distribution)
{
	const struct load_range ranges[] = { { 10, 10 }, { 100, 200 }, { 5000, 5000 } };
	const uint64_t weights[] = { 6, 3, 1 };
	struct load_dist d;
	double mean;

	load_arith_init();
	load_dist_constant(&d, 42);
	cr_expect_eq(load_dist_mean(&d), 42.0);
	load_dist_uniform(&d, 10, 20);
	cr_expect_eq(load_dist_mean(&d), 15.0);
	load_dist_exponential(&d, 1000);
	cr_expect_eq(load_dist_mean(&d), 1000.0);
	/* min · shape / (shape − 1) */
	load_dist_pareto(&d, 1000, 3, 0);
	mean = load_dist_mean(&d);
	cr_expect(mean > 1499.999 && mean < 1500.001, "%f", mean);
	/* ln(max / min) · min / (1 − min / max), for a shape of 1 */
	load_dist_pareto(&d, 1000, 1, 10000);
	mean = load_dist_mean(&d);
	cr_expect(mean > 2558.42 && mean < 2558.43, "%f", mean);
	/* median · e^(σ²/2) */
	load_dist_lognormal(&d, 1000, 1);
	mean = load_dist_mean(&d);
	cr_expect(mean > 1648.72 && mean < 1648.73, "%f", mean);
	cr_assert_eq(load_dist_table(&d, LOAD_HISTOGRAM, ranges, weights, 3), 0);
	mean = load_dist_mean(&d);
	cr_expect(mean > 550.999 && mean < 551.001, "%f", mean);
	load_dist_free(&d);
}

/* What has a date goes then, whenever it came. */
Test(until, a_date)
{
	struct run run;

	run_text(&run,
		 "workload: t\nduration: 20s\nactors:\n"
		 "  - {name: a, stop: 5s, every: 10ms, pages: {}, lifetime: {until: 12s}}\n",
		 NULL);
	cr_assert_eq(run.nr, 1000);
	for (size_t i = 0; i < run.nr; i++)
		if (run.events[i].type == KMR_EV_PAGE_FREE)
			cr_expect_eq(run.events[i].time, 12 * S);
		else
			cr_expect_lt(run.events[i].time, 5 * S);
	run_done(&run);
}

/* A date that has passed is drawn again; when all have, it goes at once. */
Test(until, dates_that_have_passed)
{
	struct run run;
	size_t after = 0;

	run_text(&run,
		 "workload: t\nduration: 20s\nactors:\n"
		 "  - {name: a, every: 10ms, pages: {}, lifetime: {until: {table: [[4s, 1], [8s, "
		 "1]]}}}\n",
		 NULL);
	for (size_t i = 0; i < run.nr; i++) {
		const struct kmr_event *ev = &run.events[i];

		if (ev->type != KMR_EV_PAGE_FREE)
			continue;
		if (ev->time <= 8 * S)
			/* one in 2^8 of those between the dates draws the first eight times */
			cr_expect(ev->time == 4 * S || ev->time == 8 * S || ev->time > 4 * S);
		else
			after += run.events[i - 1].time == ev->time;
	}
	cr_expect_geq(after, 1199);
	run_done(&run);
}

Test(until, a_group)
{
	struct run run;
	uint64_t last = 0;

	run_text(&run,
		 "workload: t\nduration: 20s\nactors:\n"
		 "  - {name: a, stop: 5s, every: 10ms, pages: {}, lifetime: {group: 50, until: "
		 "{uniform: [10s, 15s]}}}\n",
		 NULL);
	cr_assert_eq(run.nr, 1000);
	/* fifty at a time, at ten times */
	for (size_t i = 500; i < run.nr; i++) {
		cr_assert_eq(run.events[i].type, KMR_EV_PAGE_FREE);
		cr_expect(run.events[i].time >= 10 * S && run.events[i].time <= 15 * S);
		if (i % 50)
			cr_expect_eq(run.events[i].time, last);
		else
			cr_expect_neq(run.events[i].time, last);
		last = run.events[i].time;
	}
	run_done(&run);
}
