// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sequencer on streams made by hand.  Events are words, "[CPU:][context]type pfn[/order]":
 *   f mm_page_free, b mm_page_free_batched, a mm_page_alloc, r mm_page_alloc_zone_locked,
 *   d mm_page_pcpu_drain, x mm_page_alloc_extfrag, k kmalloc, m marker, l lost events;
 *   context s softirq, h hardirq, n NMI.
 * The sink's calls are words too, each with the pfn:
 *   A alloc, a alloc_done, F free, P free_prepare, C free_commit, R refill_begins,
 *   S silent_refill, o observed, . other.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/sequence.h"

#define TEXT 4096

struct record {
	char text[TEXT];
	size_t len;
	uint64_t calls;
	uint64_t by_letter[128];
	unsigned int last_order;
};

static void note(struct record *r, char what, const struct kmr_event *ev)
{
	r->calls++;
	r->by_letter[(unsigned char)what]++;
	if (ev->type == KMR_EV_PAGE_FREE_BATCHED)
		r->last_order = ev->page.order;
	if (r->len + 24 < TEXT)
		r->len += (size_t)snprintf(r->text + r->len, TEXT - r->len, "%s%c%" PRIu64,
					   r->len ? " " : "", what, ev->addr);
}

#define CALL(name, letter)                                      \
	static void name(void *ctx, const struct kmr_event *ev) \
	{                                                       \
		note(ctx, letter, ev);                          \
	}

CALL(on_alloc, 'A')
CALL(on_alloc_done, 'a')
CALL(on_free, 'F')
CALL(on_prepare, 'P')
CALL(on_commit, 'C')
CALL(on_silent, 'S')
CALL(on_begins, 'R')
CALL(on_observed, 'o')
CALL(on_other, '.')

static struct kmr_sequence *create(struct record *r)
{
	const struct kmr_sequence_sink sink = { r,	     on_alloc,	on_alloc_done, on_free,
						on_prepare,  on_commit, on_silent,     on_begins,
						on_observed, on_other };
	struct kmr_error err = { "" };
	struct kmr_sequence *s = kmr_sequence_create(&sink, &err);

	memset(r, 0, sizeof(*r));
	cr_assert_not_null(s, "%s", err.msg);
	return s;
}

static uint8_t type_of(char letter)
{
	static const struct {
		char letter;
		uint8_t type;
	} types[] = {
		{ 'f', KMR_EV_PAGE_FREE },  { 'b', KMR_EV_PAGE_FREE_BATCHED },
		{ 'a', KMR_EV_PAGE_ALLOC }, { 'r', KMR_EV_PAGE_REFILL },
		{ 'd', KMR_EV_PAGE_DRAIN }, { 'x', KMR_EV_PAGE_EXTFRAG },
		{ 'k', KMR_EV_KMALLOC },    { 'm', KMR_EV_MARK },
		{ 'l', KMR_EV_LOST },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].letter == letter)
			return types[i].type;
	cr_assert_fail("no event %c", letter);
	return KMR_EV_NONE;
}

static struct kmr_event event_of(const char *word)
{
	struct kmr_event ev;
	char *end;

	memset(&ev, 0, sizeof(ev));
	if (word[0] >= '0' && word[0] <= '9') {
		ev.cpu = (uint16_t)strtoul(word, &end, 10);
		word = end + 1;
	}
	ev.flags = KMR_EVF_CONTEXT_KNOWN;
	switch (word[0]) {
	case 's':
		ev.flags |= KMR_CTX_SOFTIRQ;
		word++;
		break;
	case 'h':
		ev.flags |= KMR_CTX_HARDIRQ;
		word++;
		break;
	case 'n':
		ev.flags |= KMR_CTX_NMI;
		word++;
		break;
	default:
		break;
	}
	ev.type = type_of(word[0]);
	ev.addr = strtoull(word + 1, &end, 10);
	if (*end == '/')
		ev.page.order = (uint8_t)strtoul(end + 1, NULL, 10);
	return ev;
}

static void feed(struct kmr_sequence *s, const char *words)
{
	char copy[512], *word, *rest = copy;

	(void)snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strtok_r(rest, " ", &rest))) {
		const struct kmr_event ev = event_of(word);

		kmr_sequence_feed(s, &ev);
	}
}

/* Feeds the words, flushes, and compares all calls. */
static void assert_calls(const char *words, const char *expected)
{
	struct record r;
	struct kmr_sequence *s = create(&r);

	feed(s, words);
	kmr_sequence_flush(s);
	kmr_sequence_destroy(s);
	cr_assert_str_eq(r.text, expected, "\"%s\":\n  calls    %s\n  expected %s", words, r.text,
			 expected);
}

/* The same, without the flush: what is known by now. */
static void assert_so_far(const char *words, const char *expected)
{
	struct record r;
	struct kmr_sequence *s = create(&r);

	feed(s, words);
	cr_assert_str_eq(r.text, expected, "\"%s\":\n  calls    %s\n  expected %s", words, r.text,
			 expected);
	kmr_sequence_flush(s);
	kmr_sequence_destroy(s);
}

Test(replay_sequence, allocations)
{
	assert_calls("a1 a2/3", "A1 a1 A2 a2");
	assert_so_far("a1 a2", "A1 a1 A2 a2");
}

Test(replay_sequence, single_frees)
{
	assert_calls("f1", "F1");
	assert_so_far("f1", "");
	assert_calls("f1 a2 f3", "F1 A2 a2 F3");
	assert_so_far("f1 a2", "F1 A2 a2");
	assert_so_far("f1 f2 k9", "F1 F2 .9");
	assert_calls("f1 f2 f3", "F1 F2 F3");
}

Test(replay_sequence, list_of_pages)
{
	assert_calls("f1 f2 f3 b1 b2 b3", "P1 P2 P3 C1 C2 C3");
	/* prepared at once, committed when it is known what follows */
	assert_so_far("f1 f2 b1 b2 a9", "P1 P2 C1 C2 A9 a9");
	/* two lists */
	assert_calls("f1 f2 b1 b2 f3 b3", "P1 P2 C1 C2 P3 C3");
	/* the same page twice */
	assert_calls("f1 b1 f1 b1", "P1 C1 P1 C1");
	/* a list that is cut short by the trace's end */
	assert_calls("f1 f2 f3 b1", "P1 F2 F3 C1");
}

Test(replay_sequence, single_frees_before_a_list)
{
	assert_calls("f1 f2 f3 b3", "F1 F2 P3 C3");
	assert_calls("f1 f2 f3 f4 b3 b4", "F1 F2 P3 P4 C3 C4");
	/* those that were queued and not committed in turn */
	assert_calls("f1 f2 f3 b1 b3", "P1 F2 P3 C1 C3");
}

Test(replay_sequence, commit_has_the_order_of_its_free)
{
	struct record r;
	struct kmr_sequence *s = create(&r);

	feed(s, "f8/3 b8");
	kmr_sequence_flush(s);
	kmr_sequence_destroy(s);
	cr_assert_eq(r.last_order, 3);
}

/* An interrupt between the two halves of a list, on the same CPU. */
Test(replay_sequence, interrupt_within_a_list)
{
	assert_calls("f1 f2 sf8 b1 b2", "P1 P2 F8 C1 C2");
	assert_calls("f1 sf8 f2 b1 b2", "P1 F8 P2 C1 C2");
	assert_calls("f1 f2 ha7 b1 hf7 b2", "P1 P2 A7 a7 C1 F7 C2");
	assert_calls("f1 f2 sf8 sf9 sb8 sb9 b1 b2", "P1 P2 P8 P9 C8 C9 C1 C2");
	/* an interrupt of an interrupt */
	assert_calls("f1 sf2 hf3 nf4 b1", "P1 F2 F3 F4 C1");
	assert_calls("f1 sf2 hf3 hb3 sb2 b1", "P1 P2 P3 C3 C2 C1");
}

/* What an interrupt left undecided is decided when its CPU goes on below. */
Test(replay_sequence, interrupt_has_returned)
{
	assert_so_far("sf8 k1", "F8 .1");
	assert_so_far("hf8 sa1", "F8 A1 a1");
	assert_so_far("hr8 k1", "S8 o8 .1");
	/* another CPU's events tell nothing */
	assert_so_far("sf8 1:k1", "");
}

Test(replay_sequence, cpus_apart)
{
	assert_calls("f1 1:f2 b1 1:b2", "P1 P2 C1 C2");
	assert_calls("f1 1:a2 f3 1:a4 b1 b3", "P1 A2 a2 P3 A4 a4 C1 C3");
	assert_calls("f1 1:b1", "F1 F1");
}

/* Without the irq-info column all of a CPU is one stream. */
Test(replay_sequence, contexts_not_known)
{
	struct record r;
	struct kmr_sequence *s = create(&r);
	struct kmr_event ev = event_of("f1");

	ev.flags = KMR_CTX_HARDIRQ;
	kmr_sequence_feed(s, &ev);
	ev = event_of("b1");
	ev.flags = 0;
	kmr_sequence_feed(s, &ev);
	kmr_sequence_flush(s);
	cr_assert_str_eq(r.text, "P1 C1");
	kmr_sequence_destroy(s);
}

/* Until 4.14 the batched event came just before its mm_page_free: one report, not two frees. */
Test(replay_sequence, batched_before_the_free)
{
	assert_calls("b1 f1 b2 f2 b3 f3", ".1 F1 .2 F2 .3 F3");
	assert_calls("b1 f1 a1", ".1 F1 A1 a1");
	assert_calls("b1 sf7 f1", ".1 F7 F1");
	assert_calls("b1 1:f7 f1", ".1 F7 F1");
}

/* Its mm_page_free lies before the trace. */
Test(replay_sequence, batched_without_a_free)
{
	assert_calls("b1 b2 a3", "F1 F2 A3 a3");
	assert_calls("b1", "F1");
	assert_calls("b1 f2", "F1 F2");
	assert_calls("f1 b2 b1", "P1 F2 C1");
}

/* An allocation that refilled its list made its request at the refill. */
Test(replay_sequence, refill_with_its_request)
{
	assert_calls("r10 r11 r12 a10", "R10 A10 o10 o11 o12 a10");
	assert_calls("x10 r10 r11 a10", "R10 A10 o10 o10 o11 a10");
	assert_calls("f1 r10 a10", "F1 R10 A10 o10 a10");
	assert_so_far("r10 r11", "");
	/* other CPUs after it wait; it had the lock before them */
	assert_calls("r10 r11 1:a5 1:k6 a10", "R10 A10 o10 o11 A5 a5 .6 a10");
	assert_calls("r10 1:r20 r11 1:a20 a10", "R10 A10 o10 R20 A20 o20 o11 a20 a10");
	/* an interrupt between the refill and its event */
	assert_calls("r10 r11 sa7 sf8 a10", "R10 A10 o10 o11 A7 a7 F8 a10");
}

/* Pages taken in bulk leave no event of their own. */
Test(replay_sequence, refill_without_a_request)
{
	assert_calls("r10 r11 k1", "S10 o10 o11 .1");
	assert_calls("r10 r11 f1", "S10 o10 o11 F1");
	assert_calls("r10", "S10 o10");
	assert_calls("x10 r10 k1 a10", "S10 o10 o10 .1 A10 a10");
}

/* A list that is drained had its page before, at the first of the drains. */
Test(replay_sequence, drain_after_a_free)
{
	assert_calls("f1 d5 d6", "F1 o5 o6");
	assert_calls("f1 f2 d5 d6", "F1 F2 o5 o6");
	assert_calls("f1 f2 b1 d5 b2", "P1 P2 C1 o5 C2");
	assert_calls("f1 f2 b1 d5 d6 b2 d7", "P1 P2 C1 o5 o6 C2 o7");
	/* what another CPU did before the first drain came before it */
	assert_calls("f1 1:a9 d5", "A9 a9 F1 o5");
	assert_calls("f1 b1 1:a9 d5", "P1 A9 a9 C1 o5");
	/* nobody's */
	assert_calls("d5 d6", "o5 o6");
	assert_calls("a1 d5", "A1 a1 o5");
}

/* Markers and lost events: what was before them is over. */
Test(replay_sequence, marks_and_lost_events)
{
	assert_so_far("f1 m1", "F1 .1");
	assert_so_far("f1 b1 m1", "P1 C1 .1");
	assert_so_far("r10 m1", "S10 o10 .1");
	assert_so_far("f1 1:f2 l5", "F1 F2 .5");
	assert_calls("f1 m1 b1", "F1 .1 F1");
	assert_calls("r10 l7 a10", "S10 o10 .7 A10 a10");
}

/* Events of a CPU that can't be are passed on, and nothing waits for them. */
Test(replay_sequence, cpu_beyond_the_limit)
{
	assert_so_far("f1 2000:f7", "F1 .7");
	assert_so_far("1023:f7 1023:k1", "F7 .1");
}

/* The window is bounded: a free that is never decided does not hold back the rest for ever. */
Test(replay_sequence, window_overflow)
{
	struct record r;
	struct kmr_sequence *s = create(&r);
	uint64_t fed = 0;

	feed(s, "f1");
	while (!r.calls) {
		feed(s, "1:a5");
		fed++;
		cr_assert_lt(fed, 100000, "it waits for ever");
	}
	cr_assert_gt(fed, 1000, "a list is longer than that");
	cr_assert_eq(strncmp(r.text, "F1 A5 a5 A5 a5", 14), 0);
	kmr_sequence_flush(s);
	cr_assert_eq(r.calls, 1 + 2 * fed);
	kmr_sequence_destroy(s);
}

/* A CPU that falls silent fills the window; the list that another is just preparing stays one. */
Test(replay_sequence, window_overflow_within_a_list)
{
	struct record r;
	struct kmr_sequence *s;

	/* whatever the window's size, it is full after each of the list's events once */
	for (unsigned int shift = 0; shift < 5; shift++) {
		s = create(&r);
		feed(s, "f1");
		for (unsigned int i = 0; i < shift; i++)
			feed(s, "1:k2");
		while (!r.calls)
			feed(s, "1:k3 1:f7 1:f8 1:b7 1:b8");
		feed(s, "1:k4");
		kmr_sequence_flush(s);
		kmr_sequence_destroy(s);
		cr_assert_eq(r.by_letter['F'], 1, "only the first was single");
		cr_assert_eq(r.by_letter['P'], r.by_letter['C']);
		cr_assert_eq(r.by_letter['P'], 2 * (r.by_letter['.'] - 1 - shift));
	}
}

/* A list as long as can be, many times over, with the ring wrapping around. */
Test(replay_sequence, many_long_lists)
{
	struct record r;
	struct kmr_sequence *s = create(&r);
	struct kmr_event ev = event_of("f0");

	for (uint64_t list = 0; list < 200; list++) {
		ev.type = KMR_EV_PAGE_FREE;
		for (ev.addr = 0; ev.addr < 512; ev.addr++)
			kmr_sequence_feed(s, &ev);
		ev.type = KMR_EV_PAGE_FREE_BATCHED;
		for (ev.addr = 0; ev.addr < 512; ev.addr++)
			kmr_sequence_feed(s, &ev);
	}
	kmr_sequence_flush(s);
	cr_assert_eq(r.calls, 200 * 1024);
	cr_assert_eq(strncmp(r.text, "P0 P1 P2 ", 9), 0);
	kmr_sequence_destroy(s);
}

/* Whatever comes, every event is told once, as one of the things it can be. */
Test(replay_sequence, random_streams)
{
	static const char letters[] = "fffbbbaarrrdxk";
	uint64_t state = 7;

	for (int round = 0; round < 20; round++) {
		uint64_t fed[KMR_EV_NR_TYPES] = { 0 };
		struct record r;
		struct kmr_sequence *s = create(&r);

		for (int i = 0; i < 50000; i++) {
			struct kmr_event ev;
			char word[32];

			state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
			(void)snprintf(word, sizeof(word), "%u:%s%c%u",
				       (unsigned int)(state >> 33) % 3,
				       &"\0\0s\0h\0"[2 * ((state >> 40) % 3)],
				       letters[(state >> 45) % (sizeof(letters) - 1)],
				       (unsigned int)(state >> 55) % 40);
			ev = event_of(word);
			fed[ev.type]++;
			kmr_sequence_feed(s, &ev);
		}
		kmr_sequence_flush(s);
		cr_assert_eq(r.by_letter['A'], fed[KMR_EV_PAGE_ALLOC]);
		cr_assert_eq(r.by_letter['a'], fed[KMR_EV_PAGE_ALLOC]);
		cr_assert_eq(r.by_letter['o'], fed[KMR_EV_PAGE_REFILL] + fed[KMR_EV_PAGE_DRAIN] +
						       fed[KMR_EV_PAGE_EXTFRAG]);
		cr_assert_eq(r.by_letter['P'], r.by_letter['C']);
		cr_assert_gt(r.by_letter['C'], 0);
		cr_assert_eq(r.by_letter['F'] + r.by_letter['P'] + r.by_letter['C'] +
				     r.by_letter['.'],
			     fed[KMR_EV_PAGE_FREE] + fed[KMR_EV_PAGE_FREE_BATCHED] +
				     fed[KMR_EV_KMALLOC]);
		cr_assert_leq(r.by_letter['R'], fed[KMR_EV_PAGE_ALLOC]);
		cr_assert_leq(r.by_letter['R'] + r.by_letter['S'],
			      fed[KMR_EV_PAGE_REFILL] + fed[KMR_EV_PAGE_EXTFRAG]);
		kmr_sequence_destroy(s);
	}
}
