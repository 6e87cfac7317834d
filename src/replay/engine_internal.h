/* SPDX-License-Identifier: GPL-2.0-only */
/* The engine's state, for the files that it is made of. */
#ifndef KMREPLAY_REPLAY_ENGINE_INTERNAL_H
#define KMREPLAY_REPLAY_ENGINE_INTERNAL_H

#include "base/loglin.h"
#include "replay/contig.h"
#include "replay/engine.h"
#include "replay/moved.h"
#include "replay/pcplock.h"
#include "replay/pfnmap.h"
#include "replay/pressure.h"
#include "replay/sequence.h"

/* Blocks that a refill may have when its size is not known better; batches are up to 63. */
#define KMR_USUAL_REFILL 64u
/* and at most: since 6.7 batches double up to 2^CONFIG_PCP_BATCH_SCALE_MAX times, 6 is its limit */
#define KMR_MAX_REFILL (KMR_USUAL_REFILL << 6)

/* Frames of the last refill of one of the traced kernel's per-CPU lists. */
struct kmr_refilled {
	uint32_t size; /* of a whole refill */
	bool silent; /* nobody asked for the one going on: it has no other end than its size */
	uint32_t count;
	size_t cap;
	uint32_t *pfns;
};

/* A request that was made, perhaps at its refill, and waits for its event. */
struct kmr_pending {
	kmr_pfn_t sim; /* KMR_NO_PFN: it failed, or there is none waiting */
	bool noted; /* its block has its entry already */
	struct kmr_page_request req;
	uint64_t traced; /* its first frame there */
};

struct kmr_engine {
	struct kmr_engine_config c;
	struct kmr_replay_stats stats;
	struct kmr_order_requests requests[KMR_MAX_ORDERS];
	struct kmr_sequence *seq;
	struct kmr_pfnmap map;
	uint64_t *owned; /* bit a simulated frame: the trace's, by an event */
	uint64_t nr_frames;
	uint64_t page_events;
	uint64_t time; /* of the event being replayed */
	uint64_t next_tick;
	struct kmr_refilled *refilled; /* [cpu][zone][list] */
	size_t nr_refilled;
	struct kmr_pending *pending; /* [traced cpu][context] */
	struct kmr_pcplocks locks;
	struct kmr_moved_replay moved;
	uint64_t cursor[KMR_MAX_ZONES]; /* where to look for a frame in use at the start */
	/* no block of this order or above is left of the start's; they never come back */
	uint8_t start_gone[KMR_MAX_ZONES];
	struct kmr_failure failures[KMR_FAILURES_KEPT];
	unsigned int nr_failures;
	struct kmr_timeline failed;
	struct kmr_page_observer observer;
	struct kmr_contig_replay contig;
	struct kmr_pressure_replay pressure;
	struct kmr_outcomes *outcomes; /* NULL: not counted */
	struct kmr_loglin lifetimes[KMR_MAX_ORDERS]; /* ns, of blocks by order */
	const struct kmr_event *event; /* whose latencies are recorded now; NULL: nobody's */
};

static inline unsigned int kmr_engine_cpu(const struct kmr_engine *e, const struct kmr_event *ev)
{
	return ev->cpu < e->c.machine->nr_cpus ? ev->cpu : ev->cpu % e->c.machine->nr_cpus;
}

static inline bool kmr_engine_owns(const struct kmr_engine *e, uint64_t pfn)
{
	return e->owned[pfn >> 6] >> (pfn & 63u) & 1;
}

static inline void kmr_engine_own(struct kmr_engine *e, uint32_t pfn, unsigned int order,
				  bool owned)
{
	const uint64_t end = (uint64_t)pfn + (UINT64_C(1) << order);

	for (uint64_t p = pfn; p < end && p < e->nr_frames;) {
		const unsigned int bit = p & 63u;
		const uint64_t n = end - p < 64 - bit ? end - p : 64 - bit;
		const uint64_t mask = (n == 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1) << bit;

		if (owned)
			e->owned[p >> 6] |= mask;
		else
			e->owned[p >> 6] &= ~mask;
		p += n;
	}
}

/* The block of @req at @sim lives, as traced frame @traced, whose entry is @entry. */
static inline void kmr_engine_note_live(struct kmr_engine *e, struct kmr_map_entry *entry,
					uint64_t traced, kmr_pfn_t sim,
					const struct kmr_page_request *req)
{
	entry->sim = sim;
	entry->state = KMR_MAP_LIVE;
	entry->order = req->order;
	entry->silent = 0;
	entry->start = 0;
	entry->born = 0;
	if (e->contig.traced_of)
		e->contig.traced_of[sim] = (uint32_t)traced;
	kmr_engine_own(e, sim, req->order, true);
	e->stats.live_pages += UINT64_C(1) << req->order;
}

/* A request of the event that is being replayed, or one that the trace has no event of. */
static inline kmr_pfn_t kmr_engine_alloc(struct kmr_engine *e, const struct kmr_page_request *req)
{
	kmr_pfn_t pfn;

	if (!e->c.latency)
		return e->c.ops->alloc(e->c.backend, req);
	kmr_latency_page_begin(e->c.latency);
	pfn = e->c.ops->alloc(e->c.backend, req);
	kmr_latency_page_alloc(e->c.latency, e->event, req, pfn);
	return pfn;
}

/* Gives a block back; a latency only when the event that is being replayed does that. */
static inline int kmr_engine_free(struct kmr_engine *e, kmr_pfn_t pfn, unsigned int order,
				  unsigned int cpu)
{
	int ret;

	if (!e->c.latency || !e->event)
		return e->c.ops->free(e->c.backend, pfn, order, cpu);
	kmr_latency_page_begin(e->c.latency);
	ret = e->c.ops->free(e->c.backend, pfn, order, cpu);
	kmr_latency_page_free(e->c.latency, e->event, pfn, order, cpu);
	return ret;
}

/* engine.c */
/* Frees a live block that the trace is not known to have freed. */
void kmr_engine_drop(struct kmr_engine *e, struct kmr_map_entry *entry, unsigned int cpu);

/* The trace allocates a frame that it never freed: the free was lost. */
static inline void kmr_engine_release_stale(struct kmr_engine *e, struct kmr_map_entry *entry,
					    unsigned int cpu)
{
	if (entry->state == KMR_MAP_LIVE)
		kmr_engine_drop(e, entry, cpu);
}

/*
 * Cuts the live block that begins at traced frame @head down until a block of @order begins at
 * @pfn within it; the parts beside it get entries of their own.  NULL when the map is full.
 */
struct kmr_map_entry *kmr_engine_split(struct kmr_engine *e, struct kmr_map_entry *entry,
				       uint64_t head, uint64_t pfn, unsigned int order,
				       unsigned int cpu);

#endif
