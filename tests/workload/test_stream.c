// SPDX-License-Identifier: GPL-2.0-only
/* What a workload's events are, and when. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "support.h"
#include "workload/stream.h"

#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

static bool is_free(const struct kmr_event *ev)
{
	return ev->type == KMR_EV_PAGE_FREE || ev->type == KMR_EV_KFREE ||
	       ev->type == KMR_EV_CACHE_FREE;
}

/* Times do not go back. */
static void expect_order(const struct run *run)
{
	for (size_t i = 1; i < run->nr; i++)
		cr_assert_leq(run->events[i - 1].time, run->events[i].time);
}

static const struct kmr_event *find_free(const struct run *run, size_t alloc)
{
	for (size_t i = alloc + 1; i < run->nr; i++)
		if (is_free(&run->events[i]) && run->events[i].addr == run->events[alloc].addr)
			return &run->events[i];
	return NULL;
}

/* Requests between two times. */
static size_t requests(const struct run *run, uint64_t from, uint64_t to)
{
	size_t n = 0;

	for (size_t i = 0; i < run->nr; i++)
		n += !is_free(&run->events[i]) && run->events[i].time >= from &&
		     run->events[i].time < to;
	return n;
}

Test(stream, constant_gaps)
{
	struct run run;

	run_text(&run,
		 "workload: test\nduration: 1s\nactors:\n"
		 "  - {name: one, pages: {}, every: 10ms, lifetime: forever}\n",
		 NULL);
	cr_assert_eq(run.nr, 100u);
	/* the first somewhere in a gap */
	cr_expect(run.events[0].time > 0 && run.events[0].time < 10 * MS);
	for (size_t i = 1; i < run.nr; i++)
		cr_assert_eq(run.events[i].time - run.events[i - 1].time, 10 * MS);
	run_done(&run);
}

Test(stream, tasks_are_spread_over_cpus)
{
	unsigned int by_cpu[8] = { 0 }, first[8] = { 0 };
	struct run run;

	run_text(&run,
		 "workload: test\nduration: 1s\nactors:\n"
		 "  - {name: one, count: 8, cpus: [1, 4, 6], pages: {}, every: 10ms, lifetime: "
		 "forever}\n",
		 NULL);
	cr_assert_eq(run.nr, 800u);
	for (size_t i = 0; i < run.nr; i++) {
		const unsigned int task =
			(unsigned int)strtoul(
				strrchr(kmr_workload_stream_task(run.stream, run.events[i].task),
					'-') +
					1,
				NULL, 10) -
			LOAD_FIRST_PID;
		static const unsigned int cpus[] = { 1, 4, 6 };

		cr_assert_lt(task, 8u);
		cr_assert_eq(run.events[i].cpu, cpus[task % 3]);
		by_cpu[run.events[i].cpu]++;
		first[task] += i < 8;
	}
	cr_expect_eq(by_cpu[1], 300u);
	cr_expect_eq(by_cpu[6], 200u);
	/* they take turns */
	for (unsigned int i = 0; i < 8; i++)
		cr_expect_eq(first[i], 1u);
	run_done(&run);
}

/* Of a Poisson process with mean n, sqrt(n) deviates. */
Test(stream, exponential_gaps)
{
	struct run run;

	run_text(&run,
		 "workload: test\nduration: 10s\nactors:\n"
		 "  - {name: one, count: 10, pages: {}, every: {exponential: {mean: 1ms}},"
		 " lifetime: forever}\n",
		 NULL);
	expect_order(&run);
	cr_expect(run.nr > 100000 - 1600 && run.nr < 100000 + 1600, "%zu", run.nr);
	for (unsigned int s = 0; s < 10; s++)
		cr_expect(requests(&run, s * S, (s + 1) * S) > 9500 &&
			  requests(&run, s * S, (s + 1) * S) < 10500);
	run_done(&run);
}

Test(stream, a_limit_of_requests)
{
	struct run run;

	run_text(&run,
		 ACTOR("    count: 3\n    pages: {}\n    every: 1ms\n    limit: 100\n"
		       "    lifetime: 20s\n"),
		 NULL);
	/* all are freed, long after the last was asked for */
	cr_expect_eq(count_type(&run, KMR_EV_PAGE_ALLOC), 100u);
	cr_expect_eq(count_type(&run, KMR_EV_PAGE_FREE), 100u);
	cr_expect_gt(run.events[run.nr - 1].time, 20 * S);
	run_done(&run);
}

Test(stream, a_duration_cuts_all)
{
	const struct kmr_workload_options longer = { .duration = 30 * S };
	static const char text[] = "workload: test\nduration: 1s\nactors:\n"
				   "  - {name: one, pages: {}, every: 10ms, lifetime: 500ms}\n";
	struct run run;

	run_text(&run, text, NULL);
	cr_expect_eq(count_type(&run, KMR_EV_PAGE_ALLOC), 100u);
	cr_expect_eq(count_type(&run, KMR_EV_PAGE_FREE), 50u);
	cr_expect_lt(run.events[run.nr - 1].time, S);
	run_done(&run);
	run_text(&run, text, &longer);
	cr_expect_eq(count_type(&run, KMR_EV_PAGE_ALLOC), 3000u);
	cr_expect_eq(count_type(&run, KMR_EV_PAGE_FREE), 2950u);
	run_done(&run);
}

Test(stream, one_request_at_the_start)
{
	struct run run;

	run_text(&run,
		 ACTOR("    count: 4\n    start: 3s\n    pages: {order: 10}\n    lifetime: 2s\n"),
		 NULL);
	cr_assert_eq(run.nr, 8u);
	for (unsigned int i = 0; i < 4; i++) {
		cr_expect_eq(run.events[i].type, KMR_EV_PAGE_ALLOC);
		cr_expect_eq(run.events[i].time, 3 * S);
		cr_expect_eq(run.events[i].page.order, 10u);
		cr_expect_eq(run.events[4 + i].type, KMR_EV_PAGE_FREE);
		cr_expect_eq(run.events[4 + i].time, 5 * S);
	}
	run_done(&run);
}

/* The clock stands still outside an actor's phases. */
Test(stream, phases)
{
	struct run run;

	run_text(&run,
		 "workload: test\n"
		 "phases:\n"
		 "  - {name: a, duration: 1s}\n"
		 "  - {name: b, duration: 995ms}\n"
		 "  - {name: c, duration: 1s}\n"
		 "actors:\n"
		 "  - {name: one, phases: [a, c], pages: {}, every: 10ms, lifetime: forever}\n",
		 NULL);
	cr_assert_eq(run.nr, 200u);
	cr_expect_eq(requests(&run, 0, S), 100u);
	cr_expect_eq(requests(&run, S, 1995 * MS), 0u);
	cr_expect_eq(run.events[100].time - run.events[99].time, 10 * MS + 995 * MS);
	run_done(&run);
}

Test(stream, start_and_stop)
{
	struct run run;

	run_text(&run,
		 ACTOR("    start: 1s\n    stop: 1500ms\n    pages: {}\n    every: 10ms\n"
		       "    lifetime: 1ms\n"),
		 NULL);
	cr_expect_eq(requests(&run, S, 1500 * MS), 50u);
	cr_expect_eq(run.nr, 100u);
	run_done(&run);
}

/* Requests of a rate that is a straight line: shares of the area under it. */
static void expect_ramp(const char *ramp, const double shares[4], size_t total)
{
	char text[512];
	struct run run;

	(void)snprintf(text, sizeof(text),
		       "workload: test\nduration: 4s\nactors:\n"
		       "  - {name: one, count: 50, pages: {}, every: {exponential: {mean: 1ms}},"
		       " ramp: %s, lifetime: forever}\n",
		       ramp);
	run_text(&run, text, NULL);
	expect_order(&run);
	cr_expect((double)run.nr > 0.97 * (double)total && (double)run.nr < 1.03 * (double)total,
		  "%s: %zu", ramp, run.nr);
	for (unsigned int q = 0; q < 4; q++) {
		const double share = (double)requests(&run, q * S, (q + 1) * S) / (double)run.nr;

		cr_expect(share > shares[q] - 0.01 && share < shares[q] + 0.01, "%s: %g, not %g",
			  ramp, share, shares[q]);
	}
	run_done(&run);
}

Test(stream, ramps)
{
	static const double up[] = { 1 / 16.0, 3 / 16.0, 5 / 16.0, 7 / 16.0 };
	static const double down[] = { 7 / 16.0, 5 / 16.0, 3 / 16.0, 1 / 16.0 };
	static const double flat[] = { 0.25, 0.25, 0.25, 0.25 };
	static const double part[] = { 5 / 32.0, 7 / 32.0, 9 / 32.0, 11 / 32.0 };

	expect_ramp("{from: 0, to: 1}", up, 100000);
	expect_ramp("{from: 1, to: 0}", down, 100000);
	expect_ramp("{from: 2, to: 2}", flat, 400000);
	expect_ramp("{from: 50%, to: 150%}", part, 200000);
}

/* The line runs over the time in which the actor is active. */
Test(stream, a_ramp_over_phases)
{
	struct run run;

	run_text(&run,
		 "workload: test\n"
		 "phases:\n"
		 "  - {name: a, duration: 1s}\n"
		 "  - {name: b, duration: 5s}\n"
		 "  - {name: c, duration: 1s}\n"
		 "actors:\n"
		 "  - {name: one, phases: [a, c], pages: {}, every: 10us, ramp: {from: 0, to: 1},"
		 " lifetime: forever}\n",
		 NULL);
	cr_expect(run.nr > 99990 && run.nr < 100010, "%zu", run.nr);
	cr_expect(requests(&run, 0, S) > 24990 && requests(&run, 0, S) < 25010);
	cr_expect_eq(requests(&run, S, 6 * S), 0u);
	run_done(&run);
}

Test(stream, bursts)
{
	struct run run;

	run_text(&run,
		 ACTOR("    pages: {}\n    every: 1ms\n    burst: {size: 5, every: 10us}\n"
		       "    limit: 50\n    lifetime: forever\n"),
		 NULL);
	cr_assert_eq(run.nr, 50u);
	for (size_t i = 1; i < run.nr; i++)
		cr_assert_eq(run.events[i].time - run.events[i - 1].time, i % 5 ? 10000u : MS,
			     "%zu", i);
	run_done(&run);
}

Test(stream, one_burst)
{
	struct run run;

	run_text(&run,
		 ACTOR("    pages: {}\n    start: 1s\n    burst: {size: 7}\n    lifetime: "
		       "forever\n"),
		 NULL);
	cr_assert_eq(run.nr, 7u);
	for (size_t i = 0; i < run.nr; i++)
		cr_expect_eq(run.events[i].time, S);
	run_done(&run);
}

Test(stream, lifetimes)
{
	struct run run;

	run_text(&run,
		 ACTOR("    pages: {order: {uniform: [0, 5]}}\n    every: {exponential: {mean: "
		       "1ms}}\n"
		       "    limit: 1000\n    lifetime: 1234567ns\n"),
		 NULL);
	expect_order(&run);
	cr_assert_eq(run.nr, 2000u);
	for (size_t i = 0; i < run.nr; i++) {
		const struct kmr_event *ev = &run.events[i], *end = find_free(&run, i);

		if (is_free(ev))
			continue;
		cr_assert_not_null(end);
		cr_assert_eq(end->time - ev->time, 1234567u);
		cr_assert_eq(end->page.order, ev->page.order);
		cr_assert_eq(end->cpu, ev->cpu);
		cr_assert_eq(end->task, ev->task);
	}
	run_done(&run);
}

/* Freed before the next thing happens, if that is at the same time. */
Test(stream, a_lifetime_of_0)
{
	struct run run;

	run_text(&run, ACTOR("    pages: {}\n    burst: {size: 3}\n    lifetime: 0\n"), NULL);
	cr_assert_eq(run.nr, 6u);
	for (size_t i = 0; i < run.nr; i++) {
		cr_expect_eq(run.events[i].type, i % 2 ? KMR_EV_PAGE_FREE : KMR_EV_PAGE_ALLOC);
		cr_expect_eq(run.events[i].addr, run.events[0].addr);
	}
	run_done(&run);
}

/* Four at a time, 5 ms after the last of them; what is left at the end is a group, too. */
Test(stream, groups)
{
	struct run run;
	size_t alloc = 0;

	run_text(&run,
		 ACTOR("    pages: {}\n    every: 1ms\n    limit: 102\n"
		       "    lifetime: {group: 4, of: 5500us}\n"),
		 NULL);
	expect_order(&run);
	cr_assert_eq(run.nr, 204u);
	for (size_t i = 0, n = 0; i < run.nr; i++) {
		const struct kmr_event *ev = &run.events[i], *last;

		if (!is_free(ev))
			continue;
		/* in the order in which they came */
		while (is_free(&run.events[alloc]) || run.events[alloc].addr != ev->addr)
			alloc++;
		last = ev;
		for (size_t j = alloc, k = n % 4; j < run.nr && k < 4; j++)
			if (!is_free(&run.events[j])) {
				last = &run.events[j];
				k++;
			}
		if (n < 100)
			cr_assert_eq(ev->time, last->time + 5500000u, "%zu", n);
		n++;
		alloc++;
	}
	cr_expect_eq(run.events[203].time, run.events[202].time);
	run_done(&run);
}

/* How many live at most, and how many at the end. */
static void expect_kept(const struct run *run, size_t most, size_t end)
{
	size_t live = 0, peak = 0;

	for (size_t i = 0; i < run->nr; i++) {
		live = is_free(&run->events[i]) ? live - 1 : live + 1;
		peak = live > peak ? live : peak;
	}
	cr_expect_eq(peak, most, "%zu", peak);
	cr_expect_eq(live, end, "%zu", live);
}

/* The number of the request that is freed by each free. */
static size_t freed_request(const struct run *run, size_t at)
{
	size_t n = 0, found = 0;

	for (size_t i = 0; i < at; i++) {
		if (is_free(&run->events[i]))
			continue;
		if (run->events[i].addr == run->events[at].addr)
			found = n;
		n++;
	}
	return found;
}

Test(stream, the_last_ones_are_kept)
{
	struct run run;
	size_t frees = 0;

	run_text(&run,
		 ACTOR("    kmalloc: {size: 64}\n    every: 1ms\n    limit: 500\n"
		       "    lifetime: {keep: 16}\n"),
		 NULL);
	expect_kept(&run, 16, 16);
	for (size_t i = 0; i < run.nr; i++)
		if (is_free(&run.events[i]))
			cr_assert_eq(freed_request(&run, i), frees++);
	cr_expect_eq(frees, 484u);
	run_done(&run);
	run_text(&run,
		 ACTOR("    kmalloc: {size: 64}\n    every: 1ms\n    limit: 500\n"
		       "    lifetime: {keep: 16, order: lifo}\n"),
		 NULL);
	expect_kept(&run, 16, 16);
	frees = 0;
	for (size_t i = 0; i < run.nr; i++)
		if (is_free(&run.events[i]))
			cr_assert_eq(freed_request(&run, i), 15 + frees++);
	run_done(&run);
	run_text(&run,
		 ACTOR("    kmalloc: {size: 64}\n    every: 1ms\n    limit: 5000\n    count: 2\n"
		       "    lifetime: {keep: 16, order: random}\n"),
		 NULL);
	/* each task has its own */
	expect_kept(&run, 32, 32);
	run_done(&run);
}

/* Held at 1 MiB with blocks of up to 64 KiB: never above, and never far below once it is there. */
Test(stream, memory_is_held)
{
	static const char *const orders[] = { "fifo", "lifo", "random" };
	char text[512];

	for (unsigned int o = 0; o < 3; o++) {
		uint64_t live = 0, low = UINT64_MAX;
		bool there = false;
		struct run run;

		(void)snprintf(text, sizeof(text),
			       ACTOR("    count: 4\n    pages: {order: {uniform: [0, 4]}}\n"
				     "    every: {exponential: {mean: 1ms}}\n    limit: 5000\n"
				     "    hold: {bytes: 1M, order: %s}\n"),
			       orders[o]);
		run_text(&run, text, NULL);
		expect_order(&run);
		for (size_t i = 0; i < run.nr; i++) {
			const uint64_t bytes = UINT64_C(4096) << run.events[i].page.order;

			live = is_free(&run.events[i]) ? live - bytes : live + bytes;
			cr_assert_leq(live, 1u << 20);
			there |= live > (1u << 20) - (64u << 10);
			if (there && !is_free(&run.events[i]))
				low = live < low ? live : low;
		}
		cr_expect_eq(count_type(&run, KMR_EV_PAGE_ALLOC), 5000u);
		/* what goes may be twice what comes, less a page */
		cr_expect_geq(low, (1u << 20) - (128u << 10), "%s: %llu", orders[o],
			      (unsigned long long)low);
		run_done(&run);
	}
}

/* One that is larger than all that may be held is alone. */
Test(stream, too_little_to_hold)
{
	struct run run;

	run_text(&run,
		 ACTOR("    pages: {order: 2}\n    every: 1ms\n    limit: 10\n    hold: {bytes: "
		       "4K}\n"),
		 NULL);
	expect_kept(&run, 1, 1);
	run_done(&run);
}

Test(stream, a_mix_by_weight)
{
	struct run run;
	size_t pages, objects;

	run_text(&run,
		 ACTOR("    every: 1ms\n    limit: 100000\n    lifetime: forever\n    mix:\n"
		       "      - {weight: 9, pages: {}}\n"
		       "      - {weight: 1, kmalloc: {size: 8}}\n"),
		 NULL);
	pages = count_type(&run, KMR_EV_PAGE_ALLOC);
	objects = count_type(&run, KMR_EV_KMALLOC);
	cr_expect_eq(pages + objects, 100000u);
	cr_expect(objects > 9500 && objects < 10500, "%zu", objects);
	run_done(&run);
}

Test(stream, what_objects_say)
{
	struct run run;
	const struct kmr_event *ev;

	run_text(&run,
		 "workload: test\nmachine: \"x86_64:ram=1G,nodes=2,cpus=2\"\nactors:\n"
		 "  - {name: one, node: 1, kmalloc: {size: 100, node: 0, gfp: "
		 "GFP_KERNEL|__GFP_ACCOUNT},"
		 " lifetime: 1s, site: f+0x1/0x2, context: softirq}\n"
		 "  - {name: two, start: 1ms, cache: {name: dentry, size: 190}, lifetime: 1s}\n",
		 NULL);
	cr_assert_eq(run.nr, 4u);
	ev = run.events;
	cr_expect_eq(ev->type, KMR_EV_KMALLOC);
	cr_expect_eq(ev->bytes.req, 100u);
	cr_expect_eq(ev->bytes.alloc, 128u);
	/* it runs on one node and asks for another */
	cr_expect_eq(ev->node, 0);
	cr_expect_eq(ev->cpu, 1u);
	cr_expect_eq(ev->gfp, (uint32_t)(KMR_GFP_KERNEL | KMR_GFP_ACCOUNT));
	cr_expect_eq(ev->flags, KMR_EVF_GFP_KNOWN | KMR_EVF_CONTEXT_KNOWN | KMR_EVF_ACCOUNTED |
					KMR_CTX_SOFTIRQ);
	cr_expect_str_eq(kmr_workload_stream_site(run.stream, ev->site), "f+0x1");
	cr_expect_str_eq(kmr_workload_stream_task(run.stream, ev->task), "one-1000");
	cr_expect_eq(ev->cache, 0u);
	ev++;
	cr_expect_eq(ev->type, KMR_EV_CACHE_ALLOC);
	cr_expect_eq(ev->bytes.req, 190u);
	cr_expect_eq(ev->bytes.alloc, 192u);
	cr_expect_eq(ev->node, -1);
	cr_expect_eq(ev->flags, KMR_EVF_GFP_KNOWN | KMR_EVF_CONTEXT_KNOWN);
	cr_expect_str_eq(kmr_workload_stream_cache(run.stream, ev->cache), "dentry");
	cr_expect_str_eq(kmr_workload_stream_site(run.stream, ev->site), "two+0x0");
	ev++;
	cr_expect_eq(ev->type, KMR_EV_KFREE);
	cr_expect_eq(ev->addr, run.events[0].addr);
	cr_expect_eq(ev->bytes.req, 0u);
	cr_expect_eq(ev->flags, KMR_EVF_CONTEXT_KNOWN | KMR_CTX_SOFTIRQ);
	cr_expect_eq(ev->node, -1);
	ev++;
	cr_expect_eq(ev->type, KMR_EV_CACHE_FREE);
	cr_expect_eq(ev->cache, run.events[1].cache);
	cr_expect_str_eq(kmr_workload_stream_cache(run.stream, 0), "");
	cr_expect_str_eq(kmr_workload_stream_site(run.stream, 99), "");
	run_done(&run);
}

/* kmalloc_info[] of mm/slab_common.c; whole pages beyond 8 KiB. */
Test(stream, what_kmalloc_gives)
{
	static const uint32_t sizes[][2] = { { 1, 8 },	       { 8, 8 },
					     { 9, 16 },	       { 64, 64 },
					     { 65, 96 },       { 96, 96 },
					     { 97, 128 },      { 129, 192 },
					     { 192, 192 },     { 193, 256 },
					     { 8192, 8192 },   { 8193, 16384 },
					     { 20000, 32768 }, { 4194304, 4194304 } };
	char text[256];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct run run;

		(void)snprintf(text, sizeof(text),
			       ACTOR("    kmalloc: {size: %u}\n    lifetime: 1s\n"), sizes[i][0]);
		run_text(&run, text, NULL);
		cr_expect_eq(run.events[0].bytes.req, sizes[i][0]);
		cr_expect_eq(run.events[0].bytes.alloc, sizes[i][1], "%u: %u", sizes[i][0],
			     run.events[0].bytes.alloc);
		run_done(&run);
	}
}

static const struct kmr_event *expect_event(const struct run *run, size_t i,
					    enum kmr_event_type type, uint64_t addr)
{
	const struct kmr_event *ev = &run->events[i];

	cr_assert_lt(i, run->nr);
	cr_expect_eq(ev->type, type, "%zu: %s", i, kmr_event_name(ev->type));
	cr_expect_eq(ev->addr, addr, "%zu", i);
	return ev;
}

Test(stream, what_others_say)
{
	struct run run;
	uint64_t addr;

	run_text(&run,
		 "workload: test\nmachine: \"x86_64:ram=1G,nodes=2,cpus=2\"\nactors:\n"
		 "  - {name: a, vmalloc: {size: 5M}, lifetime: 10s}\n"
		 "  - {name: b, start: 1s, kmap: {}, lifetime: 10s}\n"
		 "  - {name: c, start: 2s, kmap: {local: true}, lifetime: 10s}\n"
		 "  - {name: d, start: 3s, cma: {area: default, pages: 640}, lifetime: 10s}\n"
		 "  - {name: e, start: 4s, hotplug: {start: 1G, size: 128M, zone: Movable},"
		 " lifetime: 10s}\n"
		 "  - {name: f, start: 5s, hugepages: {pages: 20, node: 1}}\n",
		 NULL);
	cr_assert_eq(run.nr, 15u);
	addr = run.events[0].addr;
	cr_expect_eq(expect_event(&run, 0, KMR_EV_VMALLOC, addr)->size, 5u << 20);
	cr_expect_eq(run.events[0].gfp, (uint32_t)(KMR_GFP_KERNEL | KMR_GFP_HIGHMEM));
	cr_expect_eq(expect_event(&run, 8, KMR_EV_VFREE, addr)->size, 0u);
	addr = run.events[1].addr;
	cr_expect_eq(expect_event(&run, 1, KMR_EV_PAGE_ALLOC, addr)->gfp,
		     (uint32_t)KMR_GFP_HIGHUSER);
	(void)expect_event(&run, 2, KMR_EV_KMAP, addr);
	(void)expect_event(&run, 9, KMR_EV_KUNMAP, addr);
	(void)expect_event(&run, 10, KMR_EV_PAGE_FREE, addr);
	addr = run.events[3].addr;
	(void)expect_event(&run, 4, KMR_EV_KMAP_LOCAL, addr);
	(void)expect_event(&run, 11, KMR_EV_KUNMAP_LOCAL, addr);
	addr = run.events[5].addr;
	cr_expect_eq(expect_event(&run, 5, KMR_EV_CMA_ALLOC, addr)->size, 640u);
	cr_expect_eq(expect_event(&run, 13, KMR_EV_CMA_RELEASE, addr)->size, 640u);
	cr_expect_str_eq(kmr_workload_stream_cache(run.stream, run.events[13].cache), "default");
	cr_expect_eq(expect_event(&run, 6, KMR_EV_MEM_ONLINE, 262144)->block.pages, 32768u);
	cr_expect_eq(run.events[6].block.zone, (uint32_t)KMR_ZONE_MOVABLE);
	cr_expect_eq(expect_event(&run, 14, KMR_EV_MEM_OFFLINE, 262144)->block.pages, 32768u);
	cr_expect_eq(expect_event(&run, 7, KMR_EV_HUGEPAGES, 0)->size, 20u);
	cr_expect_eq(run.events[7].node, 1);
	run_done(&run);
}

Test(stream, frees_elsewhere)
{
	unsigned int by_cpu[4] = { 0 };
	struct run run;

	run_text(
		&run,
		ACTOR("    cpus: 0\n    free_cpu: [1, 3]\n    kmalloc: {size: 64}\n    every: 1ms\n"
		      "    limit: 10000\n    lifetime: 5ms\n"),
		NULL);
	for (size_t i = 0; i < run.nr; i++)
		if (is_free(&run.events[i]))
			by_cpu[run.events[i].cpu]++;
		else
			cr_assert_eq(run.events[i].cpu, 0u);
	cr_expect_eq(by_cpu[0] + by_cpu[2], 0u);
	cr_expect(by_cpu[1] > 4700 && by_cpu[1] < 5300, "%u", by_cpu[1]);
	cr_expect_eq(by_cpu[1] + by_cpu[3], 10000u);
	run_done(&run);
}

/* All there is, at rates that let it mix. */
#define BUSY_ACTORS                                                                               \
	"  - {name: a, count: 3, pages: {order: {uniform: [0, 6]}},"                              \
	" every: {exponential: {mean: 300us}}, lifetime: {lognormal: {median: 5ms, sigma: 2}}}\n" \
	"  - {name: b, count: 2, kmalloc: {size: {pareto: {min: 16, shape: 1.1}, max: 64K}},"     \
	" every: {uniform: [10us, 900us]}, lifetime: {group: {uniform: [1, 30]}, of: 3ms}}\n"     \
	"  - {name: c, cache: {name: x, size: 100}, every: 100us, free_cpu: [0, 1],"              \
	" lifetime: {keep: 100, order: random}}\n"                                                \
	"  - {name: d, count: 2, kmap: {}, every: 700us, hold: {bytes: 1M}}\n"                    \
	"  - {name: e, every: 500us, burst: {size: {uniform: [1, 9]}, every: 1us},"               \
	" lifetime: {exponential: {mean: 1ms}}, mix: [{weight: 1, vmalloc: {size: 100K}},"        \
	" {weight: 2, cma: {area: z, pages: {uniform: [1, 40]}}}]}\n"
#define BUSY "workload: test\nduration: 2s\nactors:\n" BUSY_ACTORS

/* What is named lives once at a time, whatever its kind. */
Test(stream, names_are_unique_while_they_live)
{
	static uint8_t frames[1u << 20], objects[1u << 16], areas[1u << 16];
	struct run run;

	run_text(&run, BUSY, NULL);
	expect_order(&run);
	for (size_t i = 0; i < run.nr; i++) {
		const struct kmr_event *ev = &run.events[i];
		const bool ends =
			is_free(ev) || ev->type == KMR_EV_VFREE || ev->type == KMR_EV_CMA_RELEASE;
		uint64_t at = ev->addr, n = 1;
		uint8_t *used = frames;

		if (ev->type == KMR_EV_KMAP || ev->type == KMR_EV_KUNMAP)
			continue;
		if (ev->type == KMR_EV_PAGE_ALLOC || ev->type == KMR_EV_PAGE_FREE) {
			n = UINT64_C(1) << ev->page.order;
		} else if (ev->type == KMR_EV_CMA_ALLOC || ev->type == KMR_EV_CMA_RELEASE) {
			n = ev->size;
		} else if (ev->type == KMR_EV_VMALLOC || ev->type == KMR_EV_VFREE) {
			used = areas;
			at = (at - load_area_pointers(64).base) / 8192;
		} else {
			used = objects;
			at = (at - load_object_pointers(64).base) / 64;
		}
		for (uint64_t k = at; k < at + n; k++) {
			cr_assert_lt(k, used == frames ? sizeof(frames) : sizeof(objects));
			cr_assert_eq(used[k], ends, "%zu: %s", i, kmr_event_name(ev->type));
			used[k] = !ends;
		}
	}
	run_done(&run);
}

static bool same_events(const struct run *a, const struct run *b)
{
	return a->nr == b->nr && !memcmp(a->events, b->events, a->nr * sizeof(*a->events));
}

Test(stream, equal_seeds_equal_events)
{
	const struct kmr_workload_options one = { .has_seed = true, .seed = 1 },
					  two = { .has_seed = true, .seed = 2 };
	struct run a, b, c;

	run_text(&a, BUSY, NULL);
	run_text(&b, BUSY, &one);
	run_text(&c, BUSY, &two);
	cr_expect_gt(a.nr, 50000u);
	cr_expect(same_events(&a, &b));
	cr_expect_not(same_events(&a, &c));
	run_done(&a);
	run_done(&b);
	run_done(&c);
}

/* A run that ends earlier is the beginning of one that ends later. */
Test(stream, shorter_runs_are_beginnings)
{
	const struct kmr_workload_options shorter = { .duration = S / 2 },
					  fewer = { .limit = 12345 };
	struct run all, run;

	run_text(&all, BUSY, NULL);
	run_text(&run, BUSY, &shorter);
	cr_expect(run.nr > 10000 && run.nr < all.nr);
	cr_expect_eq(memcmp(run.events, all.events, run.nr * sizeof(*run.events)), 0);
	cr_expect_geq(all.events[run.nr].time, S / 2);
	run_done(&run);
	run_text(&run, BUSY, &fewer);
	cr_expect_eq(run.nr, 12345u);
	cr_expect_eq(memcmp(run.events, all.events, run.nr * sizeof(*run.events)), 0);
	run_done(&run);
	run_done(&all);
}

/* However few are asked for at a time. */
Test(stream, read_in_small_parts)
{
	struct kmr_error err = { "" };
	struct run all, run = { 0 };
	struct kmr_event events[8];
	size_t at = 0;
	ssize_t n;

	run_text(&all, BUSY, NULL);
	run.workload = parse(BUSY);
	cr_assert_eq(kmr_workload_stream_open(&run.stream, run.workload, NULL, &err), 0);
	while ((n = kmr_workload_stream_read(run.stream, events, 1 + at % 7, &err)) > 0) {
		cr_assert_leq((size_t)n, 1 + at % 7);
		cr_assert_leq(at + (size_t)n, all.nr);
		cr_assert_eq(memcmp(events, &all.events[at], (size_t)n * sizeof(*events)), 0);
		at += (size_t)n;
	}
	cr_expect_eq(n, 0);
	cr_expect_eq(at, all.nr);
	cr_expect_eq(kmr_workload_stream_read(run.stream, events, 8, &err), 0);
	run_done(&run);
	run_done(&all);
}

/* An actor's events without what depends on others: its frames and its pid. */
static void expect_same_actor(const struct run *a, const struct run *b, const char *name)
{
	const size_t len = strlen(name);
	size_t j = 0, n = 0;

	for (size_t i = 0; i < a->nr; i++) {
		struct kmr_event x = a->events[i], y;

		if (strncmp(kmr_workload_stream_task(a->stream, x.task), name, len) != 0)
			continue;
		while (j < b->nr && strncmp(kmr_workload_stream_task(b->stream, b->events[j].task),
					    name, len) != 0)
			j++;
		cr_assert_lt(j, b->nr);
		y = b->events[j++];
		x.addr = y.addr = 0;
		x.task = y.task = 0;
		x.site = y.site = 0;
		x.cache = y.cache = 0;
		cr_assert_eq(memcmp(&x, &y, sizeof(x)), 0, "%s: event %zu", name, n);
		n++;
	}
	cr_expect_gt(n, 1000u);
}

Test(stream, actors_do_not_disturb_each_other)
{
	static const char more[] =
		"workload: test\nduration: 2s\nactors:\n"
		"  - {name: new, pages: {}, every: 50us, lifetime: 1ms}\n" BUSY_ACTORS;
	struct run a, b;

	run_text(&a, BUSY, NULL);
	run_text(&b, more, NULL);
	expect_same_actor(&a, &b, "a-");
	expect_same_actor(&a, &b, "b-");
	expect_same_actor(&a, &b, "c-");
	expect_same_actor(&a, &b, "d-");
	expect_same_actor(&a, &b, "e-");
	run_done(&a);
	run_done(&b);
}

/* What the stream has allocated follows what lives: a hundred times the events, no more of it. */
static void measure(uint64_t events, size_t *chunks, size_t *names)
{
	const struct kmr_workload_options o = { .limit = events };
	static struct kmr_event batch[1000];
	struct kmr_error err = { "" };
	struct kmr_workload_stream *s;
	struct kmr_workload *w = parse("workload: test\nduration: 10000h\nactors:\n" BUSY_ACTORS);
	uint64_t n = 0;
	ssize_t got;

	cr_assert_eq(kmr_workload_stream_open(&s, w, &o, &err), 0);
	while ((got = kmr_workload_stream_read(s, batch, 1000, &err)) > 0)
		n += (uint64_t)got;
	cr_assert_eq(got, 0, "%s", err.msg);
	cr_assert_eq(n, events);
	*chunks = s->wheel.cap_chunks;
	*names = s->names.objects.cap_free;
	for (unsigned int o2 = 0; o2 < KMR_MAX_ORDERS; o2++)
		*names += s->names.frames[o2].cap_free;
	kmr_workload_stream_close(s);
	kmr_workload_free(w);
}

Test(stream, memory_follows_what_lives)
{
	size_t chunks, names, more_chunks, more_names;

	measure(200000, &chunks, &names);
	measure(20000000, &more_chunks, &more_names);
	cr_expect_leq(more_chunks, chunks * 2, "%zu, %zu", chunks, more_chunks);
	cr_expect_leq(more_names, names * 2, "%zu, %zu", names, more_names);
}

/* 2^32 frames, as blocks of 128 MiB that are never freed. */
Test(stream, names_run_out)
{
	struct kmr_workload *w = parse(ACTOR("    pages: {order: 15}\n    every: 1us\n"
					     "    limit: 1000000\n    lifetime: forever\n"));
	static struct kmr_event events[4096];
	struct kmr_error err = { "" };
	struct kmr_workload_stream *s;
	size_t n = 0;
	ssize_t got;

	cr_assert_eq(kmr_workload_stream_open(&s, w, NULL, &err), 0);
	while ((got = kmr_workload_stream_read(s, events, 4096, &err)) > 0)
		n += (size_t)got;
	cr_expect_eq(got, -1);
	cr_expect(n > 126000 && n < 131072, "%zu", n);
	cr_expect_str_eq(err.msg, "load.yaml: more lives at one time than 2^32 names tell apart; "
				  "shorter lifetimes or a limit: would do");
	cr_expect_eq(kmr_workload_stream_read(s, events, 1, &err), -1);
	kmr_workload_stream_close(s);
	kmr_workload_free(w);
}
