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
