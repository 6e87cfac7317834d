/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The engine: page events in the allocator's order drive a backend; traced frames are paired with
 * simulated ones.  It knows nothing of files.
 */
#ifndef KMREPLAY_REPLAY_ENGINE_H
#define KMREPLAY_REPLAY_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/contig.h"
#include "kmreplay/distributions.h"
#include "kmreplay/machine.h"
#include "kmreplay/page.h"
#include "kmreplay/replay.h"
#include "kmreplay/store.h"
#include "replay/latency.h"
#include "replay/object_engine.h"
#include "replay/outcome.h"
#include "replay/vmap_engine.h"

struct kmr_engine;

struct kmr_engine_config {
	const struct kmr_machine *machine;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *backend; /* in its start state; the caller's */
	/*
	 * Frames that the start state has in use belong to the trace, which may free them:
	 * snapshot, proc and infer.  Otherwise they are the kernel's own for good: boot.
	 */
	bool start_frames_live;
	/*
	 * A traced frame in use at the start is the simulated frame of the same number: not so
	 * when the start state is made up.
	 */
	bool start_frames_same;
	/*
	 * Objects are simulated: pages that the trace's attribution gives to the traced kernel's
	 * slabs are not replayed.  NULL: every page is.
	 */
	struct kmr_object_engine *objects;
	struct kmr_vmap_engine *addresses; /* of the kernel, simulated; NULL: not */
	/* of kmr_reclaim_params: reclaim is simulated; NULL: the trace's is followed */
	const uint64_t *pressure;
	/* by zone, in the order of the kernel's enum lru_list: pages in use at the start; spent */
	uint64_t (*start_lru)[4];
	const struct kmr_snapshot *snapshot; /* of the start state; NULL: there is none */
	struct kmr_latency *latency; /* where latencies are recorded; NULL: nowhere */
	void *ctx; /* for the calls below */
	/* after page event number @events; where samples are taken */
	void (*replayed)(void *ctx, uint64_t time, uint64_t events);
	void (*extfrag)(void *ctx, uint64_t time, const struct kmr_extfrag *ef);
	/* the string of a kmr_event.cache, for the names of CMA areas; NULL: there are none */
	const char *(*cache_name)(void *ctx, uint32_t id);
	/* the string of a kmr_event.task, to tell kswapd; NULL: it can't be told */
	const char *(*task_name)(void *ctx, uint32_t id);
};

struct kmr_engine *kmr_engine_create(const struct kmr_engine_config *config, struct kmr_error *err);
/* Before the first event: requests are counted by task in @outcomes, too. */
void kmr_engine_count_by_task(struct kmr_engine *e, struct kmr_outcomes *outcomes);
void kmr_engine_feed(struct kmr_engine *e, const struct kmr_event *events, size_t count);
/* The trace is at its end. */
void kmr_engine_flush(struct kmr_engine *e);
const struct kmr_replay_stats *kmr_engine_stats(const struct kmr_engine *e);
/* True when frames of the trace could not be followed: see pfnmap.h. */
bool kmr_engine_overflow(const struct kmr_engine *e);
/* True when there was no memory for something that had to be kept. */
bool kmr_engine_nomem(const struct kmr_engine *e);
/* What became of contiguous memory up to now. */
void kmr_engine_contig(const struct kmr_engine *e, struct kmr_contig_report *report);
/* Requests by order up to now, KMR_MAX_ORDERS of them. */
const struct kmr_order_requests *kmr_engine_requests(const struct kmr_engine *e);
/* What was counted up to now, the backend's work since it was created. */
void kmr_engine_counts(const struct kmr_engine *e, struct kmr_sample_counts *counts);
/* What was moved as the trace's compaction did. */
void kmr_engine_moved(const struct kmr_engine *e, struct kmr_moved_report *report);
/* What became of simulated reclaim up to now; used is false when it is not simulated. */
void kmr_engine_pressure(const struct kmr_engine *e, struct kmr_pressure_report *report);
/* Walks the invariants of its lists; 0 when it is not simulated. */
int kmr_engine_check_pressure(const struct kmr_engine *e, struct kmr_error *err);
/* Lifetimes of blocks and sizes asked for, behind what @d has. */
int kmr_engine_distributions(const struct kmr_engine *e, struct kmr_distributions *d,
			     struct kmr_error *err);
/* When requests failed. */
const struct kmr_timeline *kmr_engine_failed(const struct kmr_engine *e);

/* Copies at most @max failures, most frequent first; returns how many. */
unsigned int kmr_engine_failures(const struct kmr_engine *e, struct kmr_failure *failures,
				 unsigned int max);
void kmr_engine_destroy(struct kmr_engine *e);

#endif
