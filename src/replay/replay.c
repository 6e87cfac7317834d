// SPDX-License-Identifier: GPL-2.0-only
/*
 * A run from its options to its store: what machine, what start state, the trace through the
 * engine, samples on the way, and what came of it.
 */
#include "kmreplay/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/procinfo.h"
#include "kmreplay/series.h"
#include "replay/engine.h"
#include "replay/fit.h"
#include "replay/prelude.h"
#include "replay/setup.h"
#include "replay/spool.h"

#define BATCH	     4096
#define CHECK_PERIOD 65536 /* page events between walks of the invariants */

struct run {
	const struct kmr_replay_options *o;
	struct kmr_replay_result *r;
	struct kmr_error *err;
	const struct kmr_machine *m;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
	struct kmr_store *store;
	struct kmr_series *series;
	struct kmr_zone_state *zones;
	uint32_t *pcp;
	struct kmr_prelude prelude;
	bool started, failed;
};

static int sample(struct run *run, uint64_t time, uint64_t events)
{
	for (unsigned int i = 0; i < run->m->nr_zones; i++) {
		run->ops->zone_state(run->b, i, &run->zones[i]);
		for (unsigned int c = 0; c < run->m->nr_cpus; c++)
			run->pcp[(size_t)i * run->m->nr_cpus + c] =
				run->ops->pcp_count(run->b, i, c);
	}
	return kmr_series_add(run->series, time, events, run->zones, run->pcp, run->err);
}

static void replayed(void *ctx, uint64_t time, uint64_t events)
{
	struct run *run = ctx;

	if (run->failed)
		return;
	if (kmr_series_due(run->series, events) && sample(run, time, events))
		run->failed = true;
	if (run->o->check && events % CHECK_PERIOD == 0 && run->ops->check(run->b, run->err))
		run->failed = true;
}

static void extfrag(void *ctx, uint64_t time, const struct kmr_extfrag *ef)
{
	struct run *run = ctx;

	run->r->extfrag_events++;
	if (run->failed)
		return;
	if (kmr_store_extfrag(run->store, time, ef, run->err))
		run->failed = true;
}

/* From the marker of the snapshot on; without one, all of it. */
static size_t skip_to_start(struct run *run, const struct kmr_setup *setup,
			    const struct kmr_event *events, size_t n)
{
	size_t i = 0;

	if (run->started)
		return 0;
	if (setup->start == KMR_START_SNAPSHOT) {
		while (i < n &&
		       !(events[i].type == KMR_EV_MARK && events[i].addr == setup->snapshot->seq))
			kmr_prelude_note(&run->prelude, &events[i++]);
		if (i == n)
			return n;
		kmr_prelude_compare(&run->prelude, run->ops, run->b);
	}
	run->started = true;
	run->r->first_time = events[i].time;
	/* the state that the trace starts from */
	if (sample(run, events[i].time, 0))
		run->failed = true;
	return i;
}

static int feed(struct run *run, const struct kmr_setup *setup, struct kmr_source *src,
		struct kmr_engine *engine)
{
	struct kmr_event *batch = malloc(BATCH * sizeof(*batch));
	ssize_t n = -1;

	if (!batch)
		return kmr_fail_nomem(run->err, "events");
	while (!run->failed && (n = kmr_source_read(src, batch, BATCH, run->err)) > 0) {
		const size_t skip = skip_to_start(run, setup, batch, (size_t)n);

		kmr_engine_feed(engine, batch + skip, (size_t)n - skip);
		if (run->o->progress)
			run->o->progress(run->o->progress_ctx, kmr_source_info(src));
	}
	free(batch);
	if (n < 0 || run->failed)
		return -1;
	kmr_engine_flush(engine);
	return run->failed ? -1 : 0;
}

/* What a trace has to have to be replayed at all. */
static int check_trace(const struct run *run, const struct kmr_setup *setup,
		       const struct kmr_trace_info *info, const struct kmr_engine *engine)
{
	if (!info->by_type[KMR_EV_PAGE_ALLOC] && !info->by_type[KMR_EV_PAGE_FREE] &&
	    !info->by_type[KMR_EV_PAGE_FREE_BATCHED])
		return kmr_fail(run->err,
				"%s: no page events in %" PRIu64
				" lines; record kmem:mm_page_alloc and kmem:mm_page_free",
				run->o->trace, info->lines);
	if (setup->start == KMR_START_SNAPSHOT && !run->started)
		return kmr_no_marker(setup->snapshot, setup->snapshot_path, run->o->trace,
				     run->err);
	if (setup->start == KMR_START_SNAPSHOT &&
	    (kmr_check_fit(setup->snapshot, setup->snapshot_path, info, run->o->trace, run->err) ||
	     kmr_prelude_check(&run->prelude, setup->snapshot_path, run->o->trace, run->err) ||
	     kmr_check_frames(setup->snapshot, setup->snapshot_path, info, run->o->trace,
			      run->err)))
		return -1;
	if (kmr_engine_overflow(engine))
		return kmr_fail(run->err,
				"%s: its page frames go up to %" PRIu64
				" and lie too far apart to follow; is pfn= intact?",
				run->o->trace, info->max_pfn);
	return 0;
}

static void measure_distance(struct run *run, const struct kmr_setup *setup)
{
	struct kmr_buddy_distance *d = &run->r->distance;
	struct kmr_procinfo after;
	struct kmr_error ignored;
	uint64_t free_pages = 0, apart = 0;

	/* a dump that is damaged or of another machine just leaves the distance unknown */
	if (!setup->after_dir[0])
		return;
	if (kmr_procinfo_read(&after, run->m, setup->after_dir, ".after", &ignored)) {
		kmr_procinfo_free(&after);
		return;
	}
	for (unsigned int z = 0; z < run->m->nr_zones; z++)
		for (unsigned int o = 0; o < run->m->nr_orders; o++) {
			uint64_t model = 0, kernel = after.zones[z].nr_free[o];

			for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
				model += run->zones[z].nr_free[o][t];
			d->model[z][o] = model;
			d->kernel[z][o] = kernel;
			free_pages += kernel << o;
			apart += (model > kernel ? model - kernel : kernel - model) << o;
		}
	d->known = free_pages != 0;
	d->permille = free_pages ? (apart * 1000 + free_pages / 2) / free_pages : 0;
	kmr_procinfo_free(&after);
}

static void describe_params(const struct run *run, const uint64_t *values, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < run->ops->nr_params && used < size; i++) {
		const int n = snprintf(text + used, size - used, "%s%s=%" PRIu64, i ? "," : "",
				       run->ops->params[i].name, values[i]);

		used += n > 0 ? (size_t)n : 0;
	}
}

static int store_results(struct run *run)
{
	struct kmr_replay_result *r = run->r;
	const struct kmr_run_info info = { run->o->trace, run->ops->name,
					   r->params,	  kmr_start_name(r->start),
					   r->first_time, r->last_time };
	struct kmr_store *store = run->store;

	if (kmr_series_write(run->series, store, run->err))
		return -1;
	for (unsigned int i = 0; i < r->nr_failures; i++)
		if (kmr_store_failure(store, r->failures[i].order, r->failures[i].gfp,
				      r->failures[i].count, r->failures[i].first_time, run->err))
			return -1;
	/* gone in either case */
	run->store = NULL;
	return kmr_store_finish(store, &info, &r->trace, &r->stats, &r->work, r->digest, run->err);
}

static int replay_trace(struct run *run, const struct kmr_setup *setup, const char *path)
{
	const struct kmr_source_options source_options = { run->o->strict, 0 };
	struct kmr_replay_result *r = run->r;
	struct kmr_engine_config config;
	struct kmr_engine *engine;
	struct kmr_source *src;
	int ret = -1;

	memset(&config, 0, sizeof(config));
	config.machine = run->m;
	config.ops = run->ops;
	config.backend = run->b;
	config.start_frames_live = setup->start != KMR_START_BOOT;
	config.start_frames_same = setup->start != KMR_START_PROC;
	config.ctx = run;
	config.replayed = replayed;
	config.extfrag = extfrag;
	engine = kmr_engine_create(&config, run->err);
	if (!engine)
		return -1;
	if (!kmr_source_open(&src, path, &source_options, run->err)) {
		ret = feed(run, setup, src, engine);
		r->trace = *kmr_source_info(src);
		if (!ret)
			ret = check_trace(run, setup, &r->trace, engine);
		kmr_source_close(src);
	}
	r->stats = *kmr_engine_stats(engine);
	r->nr_failures = kmr_engine_failures(engine, r->failures, KMR_FAILURES_KEPT);
	kmr_engine_destroy(engine);
	return ret;
}

static int finish(struct run *run, const struct kmr_setup *setup)
{
	struct kmr_replay_result *r = run->r;

	r->last_time = r->trace.last_time;
	memcpy(r->start_from, setup->start_from, sizeof(r->start_from));
	r->work = *run->ops->work(run->b);
	if (sample(run, r->last_time, r->stats.page_allocs + r->stats.page_frees))
		return -1;
	r->samples = run->series->count;
	memcpy(r->zones, run->zones, run->m->nr_zones * sizeof(*r->zones));
	if (run->o->check && run->ops->check(run->b, run->err))
		return -1;
	measure_distance(run, setup);
	return store_results(run);
}

static int run_all(struct run *run, const char *path)
{
	struct kmr_replay_result *r = run->r;
	uint64_t params[KMR_MAX_PARAMS];
	struct kmr_setup setup;
	int ret = -1;

	run->ops = kmr_page_backend_parse(run->o->page, params, run->err);
	if (!run->ops)
		return -1;
	(void)snprintf(r->backend, sizeof(r->backend), "%s", run->ops->name);
	describe_params(run, params, r->params, sizeof(r->params));
	if (!kmr_setup_choose(&setup, run->o, path, run->err)) {
		r->machine = setup.machine;
		r->start = setup.start;
		memcpy(r->machine_from, setup.machine_from, sizeof(r->machine_from));
		run->m = &r->machine;
		run->zones = calloc(run->m->nr_zones, sizeof(*run->zones));
		run->pcp = calloc((size_t)run->m->nr_zones * run->m->nr_cpus, sizeof(*run->pcp));
		run->b = run->ops->create(run->m, params, run->err);
		if (!run->zones || !run->pcp)
			ret = kmr_fail_nomem(run->err, "samples");
		else if (run->b && !kmr_setup_start(&setup, run->ops, run->b, run->err) &&
			 !kmr_series_create(&run->series, run->m->nr_zones, run->m->nr_cpus,
					    run->o->max_samples, run->err) &&
			 !kmr_store_create(&run->store, run->o->output, run->m, run->err))
			ret = replay_trace(run, &setup, path);
		if (!ret)
			ret = finish(run, &setup);
	}
	kmr_setup_free(&setup);
	kmr_store_discard(run->store);
	kmr_series_destroy(run->series);
	if (run->b)
		run->ops->destroy(run->b);
	free(run->zones);
	free(run->pcp);
	return ret;
}

int kmr_replay(const struct kmr_replay_options *options, struct kmr_replay_result *result,
	       struct kmr_error *err)
{
	struct kmr_spool spool;
	struct run run;
	int ret;

	memset(result, 0, sizeof(*result));
	memset(&run, 0, sizeof(run));
	run.o = options;
	run.r = result;
	run.err = err;
	if (kmr_prelude_init(&run.prelude))
		return kmr_fail_nomem(err, "a run");
	/* inferring reads the trace twice, which a pipe does not allow */
	ret = kmr_spool_open(&spool, options->trace, kmr_setup_needs_two_passes(options), err);
	if (!ret) {
		ret = run_all(&run, spool.path);
		kmr_spool_close(&spool);
	}
	kmr_prelude_free(&run.prelude);
	return ret;
}
