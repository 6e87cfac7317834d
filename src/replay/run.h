/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs, and what those of one comparison share: the trace, the machine, the start state.
 *
 * A run is prepared, then simulated, then written.  Only the middle part may happen beside others:
 * it reads what is shared and writes into the run alone.
 */
#ifndef KMREPLAY_REPLAY_RUN_H
#define KMREPLAY_REPLAY_RUN_H

#include <pthread.h>

#include "kmreplay/replay.h"
#include "kmreplay/series.h"
#include "kmreplay/store.h"
#include "kmreplay/survey.h"
#include "replay/engine.h"
#include "replay/object_engine.h"
#include "replay/prelude.h"
#include "replay/setup.h"
#include "replay/spool.h"
#include "replay/tape.h"
#include "replay/vmap_engine.h"

/* Of one trace. */
struct kmr_shared {
	const struct kmr_replay_options *o;
	struct kmr_spool spool;
	struct kmr_setup setup;
	struct kmr_snapshot
		caches; /* from files beside the trace: nothing but what caches are like */
	bool taped; /* there is a tape; otherwise the trace is read as the run goes on */
	struct kmr_tape tape;
	struct kmr_attribution attribution;
	struct kmr_cost_table cost;
};

/* How far all runs of one trace are, to whom that was asked for by. */
struct kmr_passing {
	const struct kmr_replay_options *o; /* whose `replayed` is not NULL */
	pthread_mutex_t lock;
	struct kmr_progress now;
};

/* @runs of them, @events in all; kmr_passing_fini() if this returns 0, which -1 is not. */
int kmr_passing_init(struct kmr_passing *p, const struct kmr_replay_options *o, unsigned int runs,
		     uint64_t events);
void kmr_passing_fini(struct kmr_passing *p);
/* A run has done @events more, and with @end all of its own; by any thread. */
void kmr_passing_tell(struct kmr_passing *p, size_t events, bool end);

struct kmr_run_extfrag {
	uint64_t time;
	struct kmr_extfrag ef;
};

struct kmr_run {
	const struct kmr_shared *shared;
	struct kmr_replay_result *r;
	struct kmr_error *err;
	const struct kmr_machine *m;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
	struct kmr_object_engine *objects; /* NULL: not simulated */
	struct kmr_vmap_engine *addresses; /* NULL: not simulated */
	struct kmr_latency *latency;
	char vmap_params[256];
	bool modelled; /* reclaim is simulated */
	uint64_t pressure[KMR_MAX_PARAMS]; /* of kmr_reclaim_params */
	uint64_t start_lru[KMR_MAX_ZONES][4];
	struct kmr_page_work work; /* done before what counts */
	bool before_work; /* work_from has not come yet */
	struct kmr_series *series;
	struct kmr_survey *survey; /* NULL: the backend can't be surveyed */
	const struct kmr_engine *engine; /* while it simulates */
	void *sampled_ctx; /* for the options' `sampled` */
	struct kmr_zone_state *zones;
	uint32_t *pcp;
	const struct kmr_source *source; /* whose strings events refer to, while it is read */
	struct kmr_prelude prelude;
	struct kmr_outcomes outcomes;
	struct kmr_run_extfrag *extfrag;
	size_t nr_extfrag, cap_extfrag;
	struct kmr_passing *passing; /* NULL: nobody waits, or the trace was not decoded before */
	bool compared; /* the snapshot with what comes before its marker */
	bool started, failed;
};

/*
 * Finds machine and start state; with @tape the trace is decoded and attributed.  kmr_shared_free()
 * in either case.
 */
int kmr_shared_open(struct kmr_shared *s, const struct kmr_replay_options *o, bool tape,
		    struct kmr_error *err);
void kmr_shared_free(struct kmr_shared *s);

/*
 * Backends by their specifications (@page NULL: the kernel's; @object NULL or "none": pages alone; @vmap as in struct
 * kmr_replay_options), in their start state.  @result is filled as the run goes on.  kmr_run_free() in either case.
 */
int kmr_run_prepare(struct kmr_run *run, struct kmr_shared *shared, const char *page,
		    const char *object, const char *vmap, struct kmr_replay_result *result,
		    struct kmr_error *err);
int kmr_run_simulate(struct kmr_run *run);
/* The same, and whoever waits is told how far it is; of a run that none goes on beside. */
int kmr_run_simulate_alone(struct kmr_run *run);

/* Everything but the run's own row and its digest. */
int kmr_run_write(struct kmr_run *run, struct kmr_store *store, struct kmr_error *err);
struct kmr_run_info kmr_run_info(const struct kmr_run *run);

void kmr_run_free(struct kmr_run *run);

#endif
