/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who holds the lists of a CPU when an interrupt comes.
 *
 * Since 6.1 per-CPU lists are taken with interrupts on: an interrupt that finds them taken by what
 * it interrupted goes to the free lists instead (pcp_spin_trylock() in mm/page_alloc.c).  Two
 * places hold them across points where interrupts come in: a refill or drain, whose end turns
 * interrupts on again with the lists still held, and the commits of a list of pages.
 */
#ifndef KMREPLAY_REPLAY_PCPLOCK_H
#define KMREPLAY_REPLAY_PCPLOCK_H

#include <stdlib.h>

#include "kmreplay/event.h"
#include "kmreplay/machine.h"
#include "kmreplay/page.h"
#include "replay/context.h"

/*
 * An interrupt that waited for the end of a refill is served at once then.  One that comes later
 * than this found the lists released: what is left until the request's own event takes
 * microseconds.  A list of pages holds them to its end, however late that is.
 */
#define KMR_IRQ_AT_ONCE_NS 1000000u

struct kmr_pcplock {
	uint32_t prepared; /* pages of a list that are prepared and not committed */
	uint64_t since; /* ns: the last event under the zone's lock */
	uint16_t zone;
	bool held;
};

struct kmr_pcplocks {
	const struct kmr_machine *machine;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
	struct kmr_pcplock *by_context; /* [traced cpu][context], KMR_MAX_CPUS of them */
	/*
	 * The trace has more CPUs than the machine, so that one stands for several: their
	 * operations would find each other's locks, which they never shared.
	 */
	bool folded;
	/* memory came or went: the machine's zones are not what they were, the backend knows */
	bool plugged;
};

/* @l is all zeroes.  free() of by_context is the caller's; -1: no memory. */
static inline int kmr_pcplocks_init(struct kmr_pcplocks *l, const struct kmr_machine *machine,
				    const struct kmr_page_ops *ops, struct kmr_page_backend *b)
{
	l->machine = machine;
	l->ops = ops;
	l->b = b;
	l->by_context = calloc((size_t)KMR_MAX_CPUS * KMR_NR_CONTEXTS, sizeof(*l->by_context));
	return l->by_context ? 0 : -1;
}

static inline struct kmr_pcplock *kmr_pcplock_of(const struct kmr_pcplocks *l,
						 const struct kmr_event *ev)
{
	return &l->by_context[ev->cpu * KMR_NR_CONTEXTS + kmr_context_of(ev)];
}

static inline void kmr_pcplock_drop(const struct kmr_pcplocks *l, struct kmr_pcplock *p,
				    unsigned int cpu)
{
	if (p->held)
		l->ops->pcp_lock(l->b, p->zone, cpu, false);
	p->held = false;
}

static inline void kmr_pcplock_fold(struct kmr_pcplocks *l)
{
	for (unsigned int cpu = 0; cpu < l->machine->nr_cpus; cpu++)
		for (unsigned int c = 0; c < KMR_NR_CONTEXTS; c++)
			kmr_pcplock_drop(l, &l->by_context[cpu * KMR_NR_CONTEXTS + c], cpu);
	l->folded = true;
}

/* Somebody on @cpu holds its lists of @zone. */
static inline bool kmr_pcplock_held(const struct kmr_pcplocks *l, unsigned int zone,
				    unsigned int cpu)
{
	const struct kmr_pcplock *p = &l->by_context[cpu * KMR_NR_CONTEXTS];

	for (unsigned int c = 0; c < KMR_NR_CONTEXTS; c++)
		if (p[c].held && p[c].zone == zone)
			return true;
	return false;
}

/*
 * The context of @ev goes on: whatever it held, it does not any more; nor do those below it that
 * had the time to finish.
 */
static inline void kmr_pcplock_release(struct kmr_pcplocks *l, const struct kmr_event *ev)
{
	struct kmr_pcplock *p = kmr_pcplock_of(l, ev);

	if (ev->cpu >= l->machine->nr_cpus && !l->folded)
		kmr_pcplock_fold(l);
	if (l->folded)
		return;
	kmr_pcplock_drop(l, p, ev->cpu);
	for (unsigned int c = kmr_context_of(ev); c > 0; c--)
		if ((--p)->held && !p->prepared && ev->time - p->since > KMR_IRQ_AT_ONCE_NS)
			kmr_pcplock_drop(l, p, ev->cpu);
}

/* Something happened under the zone's lock. */
static inline void kmr_pcplock_seen(const struct kmr_pcplocks *l, const struct kmr_event *ev)
{
	kmr_pcplock_of(l, ev)->since = ev->time;
}

/* From here to its next event the context of @ev holds the lists of the zone of simulated @pfn. */
static inline void kmr_pcplock_hold(const struct kmr_pcplocks *l, const struct kmr_event *ev,
				    uint64_t pfn)
{
	struct kmr_pcplock *p = kmr_pcplock_of(l, ev);
	int zone = -1;

	if (l->plugged) {
		struct kmr_frame_info info;

		l->ops->where(l->b, (kmr_pfn_t)pfn, &info);
		zone = info.zone;
	} else {
		zone = kmr_machine_zone_of(l->machine, pfn);
	}
	if (zone < 0 || l->folded)
		return;
	p->zone = (uint16_t)zone;
	p->held = true;
	p->since = ev->time;
	l->ops->pcp_lock(l->b, p->zone, ev->cpu, true);
}

#endif
