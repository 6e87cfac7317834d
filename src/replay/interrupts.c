// SPDX-License-Identifier: GPL-2.0-only
#include "replay/interrupts.h"

#include <stdlib.h>
#include <string.h>

#include "replay/pcplock.h"

int kmr_interrupts_init(struct kmr_interrupts *in, const struct kmr_machine *m)
{
	memset(in, 0, sizeof(*in));
	in->nr_cpus = m->nr_cpus;
	in->nr_frames = kmr_machine_end_pfn(m);
	in->freed = calloc(in->nr_frames / 64 + 1, sizeof(*in->freed));
	in->bursts = calloc(m->nr_cpus, sizeof(*in->bursts));
	return in->freed && in->bursts ? 0 : -1;
}

void kmr_interrupts_free(struct kmr_interrupts *in)
{
	free(in->freed);
	free(in->bursts);
}

void kmr_interrupts_note_free(struct kmr_interrupts *in, const struct kmr_event *ev)
{
	const uint64_t bit = UINT64_C(1) << (ev->addr & 63);
	struct kmr_burst *burst = &in->bursts[ev->cpu % in->nr_cpus];

	if (ev->addr >= in->nr_frames)
		return;
	if (!kmr_context_of(ev)) {
		in->freed[ev->addr >> 6] &= ~bit;
		return;
	}
	in->freed[ev->addr >> 6] |= bit;
	if (burst->count < KMR_MAX_BURST)
		burst->pfns[burst->count++] = (uint32_t)ev->addr;
}

void kmr_interrupts_over(struct kmr_interrupts *in, const struct kmr_event *ev)
{
	if (!kmr_context_of(ev))
		in->bursts[ev->cpu % in->nr_cpus].count = 0;
}

bool kmr_interrupts_freed(const struct kmr_interrupts *in, const struct kmr_event *ev,
			  kmr_pfn_t pfn)
{
	const struct kmr_burst *burst = &in->bursts[ev->cpu % in->nr_cpus];

	if (kmr_context_of(ev) || pfn >= in->nr_frames || !(in->freed[pfn >> 6] >> (pfn & 63u) & 1))
		return false;
	for (unsigned int i = 0; i < burst->count; i++)
		if (burst->pfns[i] == pfn)
			return false;
	return true;
}

/* Frees of interrupts by frame of which it is not known yet where they went. */
struct undecided {
	struct kmr_event *events;
	uint64_t *by_frame; /* number of the event, from 1; 0: none */
	uint64_t nr_frames;
};

/* What is next of the frames of a block: so their free went @where (KMR_EVF_*). */
static void decide_block(const struct undecided *u, uint64_t pfn, unsigned int order, uint8_t where)
{
	const uint64_t end = pfn + (UINT64_C(1) << order);

	for (uint64_t p = pfn; p < end && p < u->nr_frames; p++) {
		if (u->by_frame[p])
			u->events[u->by_frame[p] - 1].flags |= where;
		u->by_frame[p] = 0;
	}
}

static void decide(const struct undecided *u, const struct kmr_event *ev, uint8_t where)
{
	decide_block(u, ev->addr, ev->page.order, where);
}

/* The trace had no event of them until here: neither was drained nor taken from the free lists. */
static void decide_at_end(const struct undecided *u, const struct kmr_snapshot *end)
{
	for (size_t i = 0; i < end->nr_free_lists; i++) {
		const struct kmr_snap_list *l = &end->free_lists[i];

		for (uint32_t j = 0; j < l->count; j++)
			decide_block(u, end->pfns[l->first + j], l->index, KMR_EVF_AROUND_LISTS);
	}
	for (size_t i = 0; i < end->nr_pcp_lists; i++) {
		const struct kmr_snap_list *l = &end->pcp_lists[i];

		for (uint32_t j = 0; j < l->count; j++)
			decide_block(u, end->pfns[l->first + j], 0, KMR_EVF_THROUGH_LISTS);
	}
}

static void note(const struct undecided *u, uint64_t i)
{
	const struct kmr_event *ev = &u->events[i];
	const uint64_t end = ev->addr + (UINT64_C(1) << ev->page.order);
	const uint64_t number = kmr_context_of(ev) ? i + 1 : 0;

	for (uint64_t p = ev->addr; p < end && p < u->nr_frames; p++)
		u->by_frame[p] = number;
}

/* The page's own event told its order; this one is where it goes onto a list. */
static void note_commit(const struct undecided *u, uint64_t i)
{
	const struct kmr_event *ev = &u->events[i];
	const uint64_t number = ev->addr < u->nr_frames ? u->by_frame[ev->addr] : 0;

	for (uint64_t p = ev->addr; number && p < u->nr_frames && u->by_frame[p] == number; p++)
		u->by_frame[p] = i + 1;
}

int kmr_interrupts_look_ahead(struct kmr_tape *tape, const struct kmr_machine *m,
			      const struct kmr_snapshot *end)
{
	const uint64_t nr_frames = kmr_machine_end_pfn(m);
	const struct undecided u = { tape->events, calloc(nr_frames, sizeof(*u.by_frame)),
				     nr_frames };

	if (!u.by_frame)
		return -1;
	for (uint64_t i = 0; i < tape->count; i++) {
		const struct kmr_event *ev = &tape->events[i];

		if (ev->type == KMR_EV_MARK && end && ev->addr == end->seq) {
			decide_at_end(&u, end);
			break;
		}
		if (ev->addr >= nr_frames || ev->page.order >= KMR_MAX_ORDERS)
			continue;
		if (ev->type == KMR_EV_PAGE_FREE)
			note(&u, i);
		else if (ev->type == KMR_EV_PAGE_FREE_BATCHED)
			note_commit(&u, i);
		else if (ev->type == KMR_EV_PAGE_REFILL || ev->type == KMR_EV_PAGE_EXTFRAG)
			decide(&u, ev, KMR_EVF_AROUND_LISTS);
		else if (ev->type == KMR_EV_PAGE_DRAIN)
			decide(&u, ev, KMR_EVF_THROUGH_LISTS);
		else if (ev->type == KMR_EV_PAGE_ALLOC)
			decide(&u, ev, 0);
	}
	free(u.by_frame);
	return 0;
}
