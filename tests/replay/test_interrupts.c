// SPDX-License-Identifier: GPL-2.0-only
/* Where the frees of interrupts went, as what a tape has of their frames later tells. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/machine.h"
#include "replay/interrupts.h"

#define AROUND	KMR_EVF_AROUND_LISTS
#define THROUGH KMR_EVF_THROUGH_LISTS

static struct kmr_event event(enum kmr_event_type type, uint64_t pfn, uint8_t order,
			      enum kmr_context context)
{
	struct kmr_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.type = (uint8_t)type;
	ev.addr = pfn;
	ev.page.order = order;
	ev.flags = (uint8_t)(KMR_EVF_CONTEXT_KNOWN | context);
	return ev;
}

/* What the first event of @events is marked with. */
static uint8_t mark_of_first_until(struct kmr_event *events, uint64_t count,
				   const struct kmr_snapshot *end)
{
	static struct kmr_machine m;
	struct kmr_tape tape;

	memset(&m, 0, sizeof(m));
	m.nr_zones = 1;
	m.zones[0].spanned = 1024;
	memset(&tape, 0, sizeof(tape));
	tape.events = events;
	tape.count = count;
	cr_assert_eq(kmr_interrupts_look_ahead(&tape, &m, end), 0);
	return events[0].flags & (AROUND | THROUGH);
}

static uint8_t mark_of_first(struct kmr_event *events, uint64_t count)
{
	return mark_of_first_until(events, count, NULL);
}

Test(replay_interrupts, what_comes_next_tells)
{
	static const struct {
		enum kmr_context context; /* of the free */
		uint8_t order;
		enum kmr_event_type next;
		uint64_t pfn;
		uint8_t next_order, mark;
	} cases[] = {
		/* out of the free lists without a drain: whole, in part, within something larger */
		{ KMR_CTX_SOFTIRQ, 0, KMR_EV_PAGE_REFILL, 64, 0, AROUND },
		{ KMR_CTX_HARDIRQ, 1, KMR_EV_PAGE_REFILL, 65, 0, AROUND },
		{ KMR_CTX_SOFTIRQ, 0, KMR_EV_PAGE_REFILL, 64, 3, AROUND },
		{ KMR_CTX_SOFTIRQ, 0, KMR_EV_PAGE_EXTFRAG, 64, 0, AROUND },
		{ KMR_CTX_SOFTIRQ, 2, KMR_EV_PAGE_DRAIN, 64, 2, THROUGH },
		/* handed out, which is for the model to find; another frame; freed again first */
		{ KMR_CTX_SOFTIRQ, 0, KMR_EV_PAGE_ALLOC, 64, 0, 0 },
		{ KMR_CTX_SOFTIRQ, 0, KMR_EV_PAGE_REFILL, 65, 0, 0 },
		{ KMR_CTX_SOFTIRQ, 0, KMR_EV_PAGE_FREE, 64, 0, 0 },
		{ KMR_CTX_TASK, 0, KMR_EV_PAGE_REFILL, 64, 0, 0 },
		/* beyond the machine, and no order at all */
		{ KMR_CTX_SOFTIRQ, 0, KMR_EV_PAGE_REFILL, 4096, 0, 0 },
		{ KMR_CTX_SOFTIRQ, 0, KMR_EV_PAGE_REFILL, 64, 200, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kmr_event events[] = {
			event(KMR_EV_PAGE_FREE, 64, cases[i].order, cases[i].context),
			event(cases[i].next, cases[i].pfn, cases[i].next_order, KMR_CTX_TASK),
		};

		cr_expect_eq(mark_of_first(events, 2), cases[i].mark, "case %zu", i);
	}
}

/* The first of two that concern a frame counts. */
Test(replay_interrupts, drained_before_it_is_refilled)
{
	struct kmr_event events[] = {
		event(KMR_EV_PAGE_FREE, 8, 1, KMR_CTX_SOFTIRQ),
		event(KMR_EV_PAGE_DRAIN, 8, 1, KMR_CTX_TASK),
		event(KMR_EV_PAGE_REFILL, 8, 0, KMR_CTX_TASK),
	};

	cr_assert_eq(mark_of_first(events, 3), THROUGH);
}

/* A page freed through a list goes onto a list when it is committed. */
Test(replay_interrupts, commits)
{
	struct kmr_event events[] = {
		event(KMR_EV_PAGE_FREE, 8, 0, KMR_CTX_SOFTIRQ),
		event(KMR_EV_PAGE_FREE_BATCHED, 8, 0, KMR_CTX_SOFTIRQ),
		event(KMR_EV_PAGE_REFILL, 8, 0, KMR_CTX_TASK),
	};

	cr_assert_eq(mark_of_first(events, 3), 0);
	cr_assert_eq(events[1].flags & (AROUND | THROUGH), AROUND);
}

/* One end of the machine and the other: nothing is read or marked beyond it. */
Test(replay_interrupts, last_frame)
{
	struct kmr_event events[] = {
		event(KMR_EV_PAGE_FREE, 1023, 3, KMR_CTX_SOFTIRQ),
		event(KMR_EV_PAGE_FREE_BATCHED, 1024, 0, KMR_CTX_SOFTIRQ),
		event(KMR_EV_PAGE_ALLOC, KMR_EV_NO_PFN, 0, KMR_CTX_TASK),
		event(KMR_EV_PAGE_REFILL, 1023, 0, KMR_CTX_TASK),
	};

	cr_assert_eq(mark_of_first(events, 4), AROUND);
	cr_assert_eq(events[1].flags & (AROUND | THROUGH), 0);
}

/* What has no event until the end's marker is where the end has it, whatever comes behind. */
Test(replay_interrupts, end_state)
{
	static const struct {
		uint32_t free_block, pcp_block; /* 1 << 3 frames, and one */
		uint64_t marker;
		enum kmr_event_type before;
		uint8_t mark;
	} cases[] = {
		{ 64, 1, 2, KMR_EV_MARK, AROUND }, /* merged into a larger block */
		{ 128, 67, 2, KMR_EV_MARK, THROUGH }, { 128, 1, 2, KMR_EV_MARK, 0 }, /* in use */
		{ 64, 1, 2, KMR_EV_PAGE_ALLOC, 0 }, /* it was in use between */
		{ 64, 1, 3, KMR_EV_MARK, THROUGH }, /* another marker: the drain behind it counts */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kmr_snapshot *end = calloc(1, sizeof(*end));
		struct kmr_event events[] = {
			event(KMR_EV_PAGE_FREE, 67, 0, KMR_CTX_SOFTIRQ),
			event(cases[i].before, cases[i].before == KMR_EV_MARK ? 1 : 67, 0,
			      KMR_CTX_TASK),
			event(KMR_EV_MARK, cases[i].marker, 0, KMR_CTX_TASK),
			event(KMR_EV_PAGE_DRAIN, 67, 0, KMR_CTX_TASK),
		};
		struct kmr_snap_list *list;

		end->seq = 2;
		list = kmr_snapshot_add_free_list(end);
		list->index = 3;
		list->count = 1;
		cr_assert_eq(kmr_snapshot_add_pfn(end, cases[i].free_block), 0);
		list = kmr_snapshot_add_pcp_list(end);
		list->count = 1;
		cr_assert_eq(kmr_snapshot_add_pfn(end, cases[i].pcp_block), 0);
		cr_expect_eq(mark_of_first_until(events, 4, end), cases[i].mark, "case %zu", i);
		kmr_snapshot_free(end);
		free(end);
	}
}
