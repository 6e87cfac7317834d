// SPDX-License-Identifier: GPL-2.0-only
/* Which calls are measured, and which are left out. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/calls.h"

static struct calls calls;
static uint64_t now;

static void line(unsigned int cpu, enum kmr_graph_kind kind, unsigned int depth,
		 const char *function, uint64_t ns)
{
	const struct kmr_graph_line l = {
		.kind = kind,
		.cpu = (uint16_t)cpu,
		.measured = kind == KMR_GRAPH_LEAF || kind == KMR_GRAPH_EXIT,
		.depth = depth,
		.duration = ns,
		.function = function,
		.function_len = function ? strlen(function) : 0,
	};

	cr_assert(calls_line(&calls, &l));
}

static void event(unsigned int cpu, enum kmr_event_type type, uint64_t addr)
{
	const struct kmr_event ev = { .type = (uint8_t)type, .addr = addr, .time = ++now };
	const struct kmr_graph_line l = { .kind = KMR_GRAPH_EVENT,
					  .cpu = (uint16_t)cpu,
					  .event = &ev };

	cr_assert(calls_line(&calls, &l));
}

#define ENTER(cpu, depth, f)	line(cpu, KMR_GRAPH_ENTER, depth, f, 0)
#define LEAF(cpu, depth, f, ns) line(cpu, KMR_GRAPH_LEAF, depth, f, ns)
#define EXIT(cpu, depth, ns)	line(cpu, KMR_GRAPH_EXIT, depth, NULL, ns)

static void begin(bool pages)
{
	calls_init(&calls, pages, NULL);
	now = 0;
}

static struct kmr_event request(enum kmr_event_type type, uint64_t addr, uint64_t time)
{
	return (struct kmr_event){ .type = (uint8_t)type, .addr = addr, .time = time };
}

/* An object's call has the page's within it: one call, of the object. */
Test(calls, nested)
{
	struct kmr_event ev;

	begin(false);
	ENTER(0, 1, "kmem_cache_alloc_noprof");
	ENTER(0, 2, "__alloc_pages_noprof");
	event(0, KMR_EV_PAGE_ALLOC, 0x100);
	EXIT(0, 2, 300);
	LEAF(0, 2, "memset", 10);
	event(0, KMR_EV_CACHE_ALLOC, 0xff00);
	EXIT(0, 1, 900);
	cr_assert_eq(calls_index(&calls), 0);
	cr_assert_eq(calls.nr, 1);
	cr_assert_eq(calls.call[0].duration, 900);
	cr_assert_eq(calls.call[0].nested, 2);
	cr_assert_eq(calls.call[0].events, 2);
	cr_assert_eq(calls.call[0].requests, 1);
	ev = request(KMR_EV_PAGE_ALLOC, 0x100, 1);
	cr_assert_eq(calls_take(&calls, &ev), CALLS_NONE);
	ev = request(KMR_EV_CACHE_ALLOC, 0xff00, 2);
	cr_assert_eq(calls_take(&calls, &ev), 0);
	cr_assert_eq(calls_take(&calls, &ev), CALLS_NONE, "taken before");
	calls_fini(&calls);
}

/* Where objects are not replayed, it is the page's call that counts. */
Test(calls, pages_alone)
{
	begin(true);
	ENTER(0, 1, "kmem_cache_alloc");
	ENTER(0, 2, "__alloc_pages");
	event(0, KMR_EV_PAGE_ALLOC, 0x100);
	EXIT(0, 2, 300);
	event(0, KMR_EV_CACHE_ALLOC, 0xff00);
	EXIT(0, 1, 900);
	cr_assert_eq(calls.nr, 1);
	cr_assert_eq(calls.call[0].duration, 300);
	cr_assert_eq(calls.call[0].events, 1);
	calls_fini(&calls);
}

/* A list of pages: each has two events, of which a replay reports one. */
Test(calls, list)
{
	struct kmr_event ev;

	begin(false);
	ENTER(0, 0, "free_unref_page_list");
	for (unsigned int i = 0; i < 3; i++)
		event(0, KMR_EV_PAGE_FREE, i);
	for (unsigned int i = 0; i < 3; i++)
		event(0, KMR_EV_PAGE_FREE_BATCHED, i);
	EXIT(0, 0, 500);
	cr_assert_eq(calls_index(&calls), 0);
	cr_assert_eq(calls.nr, 1);
	cr_assert_eq(calls.call[0].requests, 3);
	cr_assert_eq(calls.call[0].events, 6);
	ev = request(KMR_EV_PAGE_FREE_BATCHED, 1, 5);
	cr_assert_eq(calls_take(&calls, &ev), 0);
	calls_fini(&calls);
}

/* Calls on two CPUs at once; equal keys go to calls in their order. */
Test(calls, cpus)
{
	struct kmr_event ev = request(KMR_EV_KFREE, 7, 3);

	begin(false);
	ENTER(0, 0, "kfree");
	ENTER(1, 0, "kfree");
	now = 2;
	event(1, KMR_EV_KFREE, 7);
	now = 2;
	event(0, KMR_EV_KFREE, 7);
	EXIT(1, 0, 11);
	EXIT(0, 0, 10);
	cr_assert_eq(calls_index(&calls), 0);
	cr_assert_eq(calls.nr, 2);
	cr_assert_eq(calls.call[0].duration, 11);
	cr_assert_eq(calls_take(&calls, &ev), 0);
	cr_assert_eq(calls_take(&calls, &ev), 1);
	cr_assert_eq(calls_take(&calls, &ev), CALLS_NONE);
	calls_fini(&calls);
}

static void whole_call(uint64_t ns)
{
	ENTER(0, 1, "kfree");
	event(0, KMR_EV_KFREE, 1);
	EXIT(0, 1, ns);
}

Test(calls, interrupted)
{
	static const char *const functions[] = { "hrtimer_interrupt", "__do_softirq",
						 "sysvec_apic_timer_interrupt",
						 "__sysvec_call_function" };

	begin(false);
	for (unsigned int i = 0; i < 4; i++) {
		ENTER(0, 1, "kfree");
		event(0, KMR_EV_KFREE, 1);
		LEAF(0, 2, functions[i], 5);
		EXIT(0, 1, 100);
	}
	ENTER(0, 1, "kfree");
	event(0, KMR_EV_KFREE, 1);
	line(0, KMR_GRAPH_IRQ_ENTER, 0, NULL, 0);
	line(0, KMR_GRAPH_IRQ_EXIT, 0, NULL, 0);
	EXIT(0, 1, 100);
	/* what is called in an interrupt is a call as others */
	ENTER(0, 0, "hrtimer_interrupt");
	whole_call(33);
	EXIT(0, 0, 100);
	cr_assert_eq(calls.counts.interrupted, 5, "%" PRIu64, calls.counts.interrupted);
	cr_assert_eq(calls.counts.calls, 6);
	cr_assert_eq(calls.nr, 1);
	cr_assert_eq(calls.call[0].duration, 33);
	calls_fini(&calls);
}

/* What cuts a call: another task, lost events, a line of its callers, the trace's end. */
Test(calls, broken)
{
	begin(false);
	ENTER(0, 1, "kfree");
	event(0, KMR_EV_KFREE, 1);
	line(0, KMR_GRAPH_SWITCH, 0, NULL, 0);
	EXIT(0, 1, 100);
	cr_assert_eq(calls.counts.broken, 1);
	ENTER(0, 1, "kfree");
	event(0, KMR_EV_KFREE, 1);
	event(0, KMR_EV_LOST, 12);
	EXIT(0, 1, 100);
	cr_assert_eq(calls.counts.broken, 2);
	ENTER(0, 1, "kfree");
	event(0, KMR_EV_KFREE, 1);
	EXIT(0, 0, 100);
	cr_assert_eq(calls.counts.broken, 3);
	ENTER(0, 1, "kfree");
	event(0, KMR_EV_KFREE, 1);
	whole_call(44);
	cr_assert_eq(calls.counts.broken, 4);
	/* a return whose entry was lost, deeper than anything open */
	EXIT(0, 3, 9);
	ENTER(0, 1, "kfree");
	event(0, KMR_EV_KFREE, 1);
	cr_assert_eq(calls_index(&calls), 0);
	cr_assert_eq(calls.counts.broken, 5);
	cr_assert_eq(calls.nr, 1);
	cr_assert_eq(calls.call[0].duration, 44);
	calls_fini(&calls);
}

/* Calls without an event of theirs, and lines of CPUs that cannot be. */
Test(calls, nothing_in_them)
{
	begin(false);
	LEAF(0, 0, "kfree", 100);
	ENTER(0, 0, "kfree");
	EXIT(0, 0, 100);
	ENTER(65535, 0, "kfree");
	event(65535, KMR_EV_KFREE, 1);
	EXIT(65535, 0, 100);
	cr_assert_eq(calls.nr, 0);
	cr_assert_eq(calls.counts.calls, 0);
	calls_fini(&calls);
}

/* A list that is longer than any is left out, and what follows it is not. */
Test(calls, endless_list)
{
	begin(false);
	ENTER(0, 0, "free_unref_page_list");
	for (unsigned int i = 0; i < 5000; i++)
		event(0, KMR_EV_PAGE_FREE, i);
	EXIT(0, 0, 500);
	whole_call(1);
	cr_assert_eq(calls.nr, 1);
	cr_assert_eq(calls.counts.calls, 2);
	cr_assert_eq(calls.counts.unknown, 1);
	calls_fini(&calls);
}

Test(calls, shortest)
{
	calls_init(&calls, false, "pid_vnr");
	cr_assert_eq(calls.shortest, UINT64_MAX);
	LEAF(0, 0, "pid_vnr", 12);
	LEAF(0, 0, "pid_vnr", 10);
	LEAF(0, 0, "pid_vnr_x", 1);
	LEAF(0, 0, "pid", 1);
	cr_assert_eq(calls.shortest, 10);
	calls_fini(&calls);
}
