// SPDX-License-Identifier: GPL-2.0-only
/*
 * The window is a ring of events, each with what was decided of it.  The head leaves as soon as it
 * is decided.  What ever waits: frees that may yet turn out to be through a list or to drain, and
 * the first event of a refill.  For every CPU and context there is a queue of frees, at most one
 * commit and at most one refill.
 */
#include "replay/sequence.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "replay/context.h"

/*
 * A list of pages to free is as long as an mmu_gather batch, about 500, and other CPUs' events
 * come in between.
 */
#define WINDOW	 8192u
#define RING	 (2 * WINDOW) /* a slot is still there when one that it waited for leaves */
#define MAX_CPUS 1024u
#define NONE	 UINT32_MAX

enum decision {
	PENDING, /* held back */
	FREE_SINGLE, /* mm_page_free: onto the lists here */
	FREE_PREPARE, /* mm_page_free: an mm_page_free_batched follows */
	FREE_COMMIT, /* mm_page_free_batched */
	FREE_MOVED, /* either, with drains: it is done at the first of them */
	DRAIN_OF_FREE, /* the first mm_page_pcpu_drain of a single free; @link is that */
	DRAIN_OF_COMMIT, /* likewise of a commit */
	FREE_REPEATED, /* mm_page_free_batched that reports an mm_page_free once more */
	ALLOC, /* mm_page_alloc that needed no refill: request and result */
	ALLOC_RESULT, /* mm_page_alloc of a request that was made at its refill */
	OBSERVED, /* what the allocator did */
	REFILL_OWNED, /* the first of a refill; @link is its mm_page_alloc */
	REFILL_SILENT, /* the first of a refill that nobody asked for */
	OTHER,
};

struct slot {
	struct kmr_event ev;
	uint32_t link; /* PENDING frees: the next one of the stream; others: see the decision */
	uint8_t decision;
};

/* What is undecided of one context on one CPU; positions count events since the start. */
struct stream {
	uint32_t first_free, last_free; /* queue through slot.link; NONE */
	uint32_t refill; /* the first event of the refill going on; NONE */
	uint32_t batched; /* an mm_page_free_batched without mm_page_free; NONE */
	uint32_t commit; /* a commit that may drain; NONE */
	uint8_t last_type; /* of the stream's last event */
};

struct kmr_sequence {
	struct kmr_sequence_sink sink;
	uint32_t head, count; /* of the ring */
	uint32_t nr_streams; /* of them in use: (highest CPU seen + 1) * KMR_NR_CONTEXTS */
	struct stream *streams; /* [cpu][context] */
	bool busy[MAX_CPUS]; /* something of that CPU may be undecided */
	struct slot ring[RING];
};

struct kmr_sequence *kmr_sequence_create(const struct kmr_sequence_sink *sink,
					 struct kmr_error *err)
{
	struct kmr_sequence *s = malloc(sizeof(*s));

	if (s) {
		s->sink = *sink;
		s->head = 0;
		s->count = 0;
		s->nr_streams = 0;
		memset(s->busy, 0, sizeof(s->busy));
		s->streams = malloc((size_t)MAX_CPUS * KMR_NR_CONTEXTS * sizeof(*s->streams));
	}
	if (!s || !s->streams) {
		kmr_sequence_destroy(s);
		(void)kmr_fail_nomem(err, "the window of events");
		return NULL;
	}
	return s;
}

void kmr_sequence_destroy(struct kmr_sequence *s)
{
	if (!s)
		return;
	free(s->streams);
	free(s);
}

static void decide_frees(struct kmr_sequence *s, struct stream *st)
{
	for (uint32_t i = st->first_free; i != NONE; i = s->ring[i].link)
		s->ring[i].decision = FREE_SINGLE;
	st->first_free = NONE;
	st->last_free = NONE;
}

static void decide_refill(struct kmr_sequence *s, struct stream *st)
{
	if (st->refill == NONE)
		return;
	s->ring[st->refill].decision = REFILL_SILENT;
	st->refill = NONE;
}

/*
 * Until 4.14 mm_page_free_batched came just before its mm_page_free; without one it stands for a
 * page that was prepared before the trace began.
 */
static void decide_batched(struct kmr_sequence *s, struct stream *st, const struct kmr_event *next)
{
	struct slot *slot;

	if (st->batched == NONE)
		return;
	slot = &s->ring[st->batched];
	slot->decision = next && next->type == KMR_EV_PAGE_FREE && next->addr == slot->ev.addr
				 ? FREE_REPEATED
				 : FREE_SINGLE;
	st->batched = NONE;
}

/* No drain follows. */
static void decide_commit(struct kmr_sequence *s, struct stream *st)
{
	if (st->commit != NONE)
		s->ring[st->commit].decision = FREE_COMMIT;
	st->commit = NONE;
}

static void decide_stream(struct kmr_sequence *s, struct stream *st)
{
	decide_commit(s, st);
	decide_batched(s, st, NULL);
	decide_frees(s, st);
	decide_refill(s, st);
}

static void decide_all(struct kmr_sequence *s)
{
	for (uint32_t i = 0; i < s->nr_streams; i++)
		decide_stream(s, &s->streams[i]);
}

static void deliver(struct kmr_sequence *s, const struct slot *slot)
{
	const struct kmr_sequence_sink *k = &s->sink;
	const struct kmr_event *ev = &slot->ev;

	switch ((enum decision)slot->decision) {
	case FREE_SINGLE:
		k->free(k->ctx, ev);
		break;
	case FREE_PREPARE:
		k->free_prepare(k->ctx, ev);
		break;
	case FREE_COMMIT:
		k->free_commit(k->ctx, ev);
		break;
	case ALLOC:
		k->alloc(k->ctx, ev);
		k->alloc_done(k->ctx, ev);
		break;
	case ALLOC_RESULT:
		k->alloc_done(k->ctx, ev);
		break;
	case REFILL_OWNED:
		k->refill_begins(k->ctx, ev);
		k->alloc(k->ctx, &s->ring[slot->link].ev);
		k->observed(k->ctx, ev);
		break;
	case REFILL_SILENT:
		k->silent_refill(k->ctx, ev);
		k->observed(k->ctx, ev);
		break;
	case OBSERVED:
		k->observed(k->ctx, ev);
		break;
	case DRAIN_OF_FREE:
		k->free(k->ctx, &s->ring[slot->link].ev);
		k->observed(k->ctx, ev);
		break;
	case DRAIN_OF_COMMIT:
		k->free_commit(k->ctx, &s->ring[slot->link].ev);
		k->observed(k->ctx, ev);
		break;
	case OTHER:
	case FREE_REPEATED:
		k->other(k->ctx, ev);
		break;
	case FREE_MOVED:
	case PENDING:
		break;
	}
}

static void deliver_decided(struct kmr_sequence *s)
{
	while (s->count && s->ring[s->head].decision != PENDING) {
		deliver(s, &s->ring[s->head]);
		s->head = (s->head + 1) % RING;
		s->count--;
	}
}

static struct stream *streams_of(struct kmr_sequence *s, unsigned int cpu)
{
	while (s->nr_streams < (cpu + 1) * KMR_NR_CONTEXTS) {
		struct stream *st = &s->streams[s->nr_streams++];

		st->first_free = NONE;
		st->last_free = NONE;
		st->refill = NONE;
		st->batched = NONE;
		st->commit = NONE;
		st->last_type = KMR_EV_NONE;
	}
	return &s->streams[cpu * KMR_NR_CONTEXTS];
}

static uint8_t on_free(struct kmr_sequence *s, struct stream *st, uint32_t pos)
{
	decide_refill(s, st);
	s->ring[pos].link = NONE;
	if (st->last_free == NONE)
		st->first_free = pos;
	else
		s->ring[st->last_free].link = pos;
	st->last_free = pos;
	return PENDING;
}

/* The frees queued before the one that is committed were single ones. */
static uint8_t on_batched(struct kmr_sequence *s, struct stream *st, uint32_t pos)
{
	struct kmr_event *ev = &s->ring[pos].ev;
	uint32_t match = st->first_free;

	while (match != NONE && s->ring[match].ev.addr != ev->addr)
		match = s->ring[match].link;
	if (match == NONE) {
		st->batched = pos;
		return PENDING;
	}
	for (uint32_t i = st->first_free; i != match; i = s->ring[i].link)
		s->ring[i].decision = FREE_SINGLE;
	s->ring[match].decision = FREE_PREPARE;
	ev->page.order = s->ring[match].ev.page.order;
	st->first_free = s->ring[match].link;
	if (st->first_free == NONE)
		st->last_free = NONE;
	st->commit = pos;
	return PENDING;
}

/*
 * Drains come right after the free that caused them, and under one hold of the zone's lock: what
 * other CPUs did before the first of them came before the lists were drained.
 */
static uint8_t on_drain(struct kmr_sequence *s, struct stream *st, uint32_t pos)
{
	uint8_t decision = DRAIN_OF_COMMIT;
	uint32_t cause = st->commit;

	if (cause == NONE && st->last_type == KMR_EV_PAGE_FREE) {
		cause = st->last_free;
		decision = DRAIN_OF_FREE;
		decide_frees(s, st);
	}
	if (cause == NONE)
		return OBSERVED;
	st->commit = NONE;
	s->ring[cause].decision = FREE_MOVED;
	s->ring[pos].link = cause;
	return decision;
}

static uint8_t on_alloc(struct kmr_sequence *s, struct stream *st, uint32_t pos)
{
	if (st->refill == NONE)
		return ALLOC;
	s->ring[st->refill].decision = REFILL_OWNED;
	s->ring[st->refill].link = pos;
	st->refill = NONE;
	return ALLOC_RESULT;
}

static uint8_t on_refill(struct stream *st, uint32_t pos)
{
	if (st->refill != NONE)
		return OBSERVED;
	st->refill = pos;
	return PENDING;
}

/* What becomes of the event itself, which is at @pos by now. */
static uint8_t decide(struct kmr_sequence *s, struct stream *st, uint32_t pos)
{
	switch (s->ring[pos].ev.type) {
	case KMR_EV_PAGE_FREE:
		return on_free(s, st, pos);
	case KMR_EV_PAGE_FREE_BATCHED:
		return on_batched(s, st, pos);
	case KMR_EV_PAGE_ALLOC:
		return on_alloc(s, st, pos);
	case KMR_EV_PAGE_REFILL:
	case KMR_EV_PAGE_EXTFRAG:
		return on_refill(st, pos);
	case KMR_EV_PAGE_DRAIN:
		return on_drain(s, st, pos);
	default:
		return OTHER;
	}
}

static bool may_wait(uint8_t type)
{
	return type == KMR_EV_PAGE_FREE || type == KMR_EV_PAGE_FREE_BATCHED ||
	       type == KMR_EV_PAGE_REFILL || type == KMR_EV_PAGE_EXTFRAG;
}

/* What the event, by coming at all, decides of those of its CPU that are held back. */
static void decide_before(struct kmr_sequence *s, const struct kmr_event *ev, unsigned int context)
{
	struct stream *st = &s->streams[ev->cpu * KMR_NR_CONTEXTS];

	/* contexts above this one have returned */
	for (unsigned int c = context + 1; c < KMR_NR_CONTEXTS; c++)
		decide_stream(s, &st[c]);
	st += context;
	decide_batched(s, st, ev);
	if (ev->type == KMR_EV_PAGE_DRAIN)
		return;
	decide_commit(s, st);
	if (ev->type == KMR_EV_PAGE_FREE || ev->type == KMR_EV_PAGE_FREE_BATCHED)
		return;
	decide_frees(s, st);
	if (ev->type == KMR_EV_PAGE_REFILL || ev->type == KMR_EV_PAGE_EXTFRAG)
		return;
	/*
	 * A request owns its refill: on_alloc().  Between the two it may wake kswapd, because a
	 * fallback has boosted the watermark.
	 */
	if (ev->type == KMR_EV_KSWAPD_CALL && st->refill != NONE)
		return;
	if (ev->type != KMR_EV_PAGE_ALLOC)
		decide_refill(s, st);
	s->busy[ev->cpu] = context != 0;
}

/* Most events neither wait nor find anything waiting: they need no place in the ring. */
static bool deliver_at_once(const struct kmr_sequence *s, const struct kmr_event *ev)
{
	const struct kmr_sequence_sink *k = &s->sink;

	if (s->count || may_wait(ev->type))
		return false;
	switch (ev->type) {
	case KMR_EV_PAGE_ALLOC:
		k->alloc(k->ctx, ev);
		k->alloc_done(k->ctx, ev);
		return true;
	case KMR_EV_PAGE_DRAIN:
		k->observed(k->ctx, ev);
		return true;
	default:
		k->other(k->ctx, ev);
		return true;
	}
}

/*
 * The window is full because of what waits at its head: its CPU has been silent since.  That alone
 * is decided; what others have begun goes on.
 */
static void make_room(struct kmr_sequence *s)
{
	const struct kmr_event *ev = &s->ring[s->head].ev;

	decide_stream(s, &s->streams[ev->cpu * KMR_NR_CONTEXTS + kmr_context_of(ev)]);
	deliver_decided(s);
	assert(s->count < WINDOW);
}

void kmr_sequence_feed(struct kmr_sequence *s, const struct kmr_event *ev)
{
	const unsigned int context = kmr_context_of(ev);
	struct stream *st;
	uint32_t pos;

	if (s->count == WINDOW)
		make_room(s);
	if (ev->type == KMR_EV_MARK || ev->type == KMR_EV_LOST || ev->cpu >= MAX_CPUS) {
		decide_all(s);
		deliver_decided(s);
	}
	if (ev->cpu >= MAX_CPUS) {
		s->sink.other(s->sink.ctx, ev);
		return;
	}
	st = streams_of(s, ev->cpu) + context;
	if (s->busy[ev->cpu]) {
		decide_before(s, ev, context);
		deliver_decided(s);
	}
	if (!deliver_at_once(s, ev)) {
		pos = (s->head + s->count) % RING;
		s->ring[pos].ev = *ev;
		s->count++;
		s->ring[pos].decision = decide(s, st, pos);
		s->busy[ev->cpu] |= may_wait(ev->type);
		deliver_decided(s);
	}
	st->last_type = ev->type;
}

void kmr_sequence_flush(struct kmr_sequence *s)
{
	decide_all(s);
	deliver_decided(s);
	assert(!s->count);
}
