/* SPDX-License-Identifier: GPL-2.0-only */
/* The object engine's state, for the files that it is made of. */
#ifndef KMREPLAY_REPLAY_OBJECT_ENGINE_INTERNAL_H
#define KMREPLAY_REPLAY_OBJECT_ENGINE_INTERNAL_H

#include "base/framemap.h"
#include "base/ptrmap.h"
#include "kmreplay/gfp.h"
#include "replay/distributions.h"
#include "replay/object_engine.h"
#include "replay/objects.h"
#include "replay/objmap.h"
#include "replay/site_series.h"

#define DEFERRED_PAGE (-2)

/* Waits for the end of a grace period. */
struct deferred {
	uint64_t time; /* since when, ns */
	uint64_t what; /* a page's first frame, or an object */
	int32_t cache; /* an object's; DEFERRED_PAGE */
	uint8_t order; /* a page's */
	uint16_t cpu;
};

/* Objects with call site, cache and size in common. */
struct origin {
	uint32_t site;
	int32_t cache; /* the backend's; -1: pages, or kmalloc() of a heap */
	uint32_t requested, given; /* bytes an object */
	uint64_t hits, frees, pingpong, live;
	uint64_t bytes_given, lifetime;
};

struct kmr_object_engine {
	struct kmr_object_engine_config c;
	struct kmr_objects o;
	struct kmr_object_stats stats;
	struct kmr_latency *latency; /* NULL: not recorded */
	struct kmr_objmap map;
	struct kmr_framemap live_in; /* live objects by traced frame, when pointers are real */
	struct kmr_ptrmap origin_of;
	struct origin *origins;
	size_t nr_origins, cap_origins;
	uint64_t *requested; /* bytes asked for by objects in use, by cache + 1 */
	size_t nr_requested, cap_requested;
	uint64_t nowhere;
	struct deferred *deferred; /* oldest first */
	size_t nr_deferred, cap_deferred;
	struct kmr_cache_sample *samples;
	size_t nr_samples;
	struct kmr_site_series series; /* a sample for each of those */
	struct kmr_loglin lifetimes; /* ns, of what was both allocated and freed by events */
	struct kmr_size_counts sizes; /* of requests that no origin has counted */
	uint64_t *hits_before; /* of origins, by the start state */
	size_t nr_origins_before;
	bool running; /* the start state is made */
	uint64_t events, next_sample, interval;
	uint64_t time, next_tick; /* ns */
	uint64_t time_offset; /* ns: what came before the trace, for the backend's clock */
	uint64_t pages; /* held */
	/* to be told of them, by kmr_oe_set_owner() */
	void (*own)(void *ctx, kmr_pfn_t pfn, unsigned int order, bool owned);
	void *ctx;
	uint64_t *held; /* the same as a bit a frame, until there is somebody to tell */
	uint64_t nr_frames;
	unsigned int page_shift;
	struct kmr_object_work work; /* done for the start state: no part of the replay */
	struct kmr_cache_state *before; /* of caches, likewise */
	size_t nr_before;
	const char *start; /* as in struct kmr_object_report */
	bool nomem;
};

/* Frames that the backend has now, or no longer. */
void kmr_oe_hold(struct kmr_object_engine *oe, kmr_pfn_t pfn, unsigned int order, bool held);

/* The object of an event is live, at @obj in the simulation; without an event, since the start. */
int kmr_oe_add(struct kmr_object_engine *oe, const struct kmr_event *ev, int cache, kmr_obj_t obj);

/* Notes how things are. */
void kmr_oe_sample(struct kmr_object_engine *oe);

#endif
