/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events about the kernel's address space through a vmap backend: a workload's vmalloc() and kmap(),
 * which take pages from the run's page backend, and a traced kernel's areas, of which addresses alone
 * are replayed, as their pages are in the trace.
 */
#ifndef KMREPLAY_REPLAY_VMAP_ENGINE_H
#define KMREPLAY_REPLAY_VMAP_ENGINE_H

#include "kmreplay/event.h"
#include "kmreplay/mappings.h"
#include "kmreplay/source.h"
#include "kmreplay/vmap.h"
#include "replay/object_engine.h"

struct kmr_vmap_engine;

struct kmr_vmap_engine_config {
	const struct kmr_machine *machine;
	const struct kmr_vmap_ops *ops;
	const uint64_t *params; /* copied; NULL: the defaults */
	bool always; /* there is a report even when the trace has no such event */
	unsigned int version; /* whose rules: 601, 612 */
	/* where a dump of vmallocinfo from the trace's beginning may be; "": nowhere */
	const char *dir;
	const struct kmr_page_ops *page_ops;
	struct kmr_page_backend *page; /* in its start state */
	struct kmr_object_engine *objects; /* NULL: its own objects take no memory */
};

static inline bool kmr_is_mapping_event(uint8_t type)
{
	return (type >= KMR_EV_VMAP_ALLOC && type <= KMR_EV_VMAP_FREE) ||
	       (type >= KMR_EV_VMALLOC && type <= KMR_EV_KUNMAP_LOCAL);
}

/* The backend is made when the first event comes.  NULL: a damaged dump, or no memory. */
struct kmr_vmap_engine *kmr_ve_create(const struct kmr_vmap_engine_config *config,
				      struct kmr_error *err);
/* Whose the events are: for the ranges that areas were asked for in. */
void kmr_ve_set_source(struct kmr_vmap_engine *ve, const struct kmr_source *source);
/* Who is to be told of pages; before the first event.  NULL: nobody. */
void kmr_ve_set_owner(struct kmr_vmap_engine *ve,
		      void (*own)(void *ctx, kmr_pfn_t pfn, unsigned int order, bool owned),
		      void *ctx);

/* Where latencies are recorded from now on; NULL: nowhere. */
void kmr_ve_set_latency(struct kmr_vmap_engine *ve, struct kmr_latency *latency);

/*
 * An event for which kmr_is_mapping_event() holds, in order; @frame: of kmap()s, where the page is in
 * the simulation, or KMR_NO_PFN.  False: a request that could not be served (at once).
 */
bool kmr_ve_event(struct kmr_vmap_engine *ve, const struct kmr_event *ev, kmr_pfn_t frame);
/* One from before the replay's start; of interest when areas are from a dump, which is older. */
void kmr_ve_prelude(struct kmr_vmap_engine *ve, const struct kmr_event *ev);

/* Walks the models' invariants. */
int kmr_ve_check(const struct kmr_vmap_engine *ve, struct kmr_error *err);

/* What became of it, at the time of the trace's end (ns); the report is the caller's. */
int kmr_ve_report(struct kmr_vmap_engine *ve, uint64_t end, struct kmr_mapping_report *report,
		  struct kmr_error *err);

void kmr_ve_destroy(struct kmr_vmap_engine *ve);

#endif
