// SPDX-License-Identifier: GPL-2.0-only
#include "replay/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/counts.h"
#include "kmreplay/procinfo.h"
#include "kmreplay/slabparams.h"
#include "replay/attribute.h"
#include "replay/contig.h"
#include "replay/fit.h"

#define BATCH	     4096
#define CHECK_PERIOD 65536 /* page events between walks of the invariants */

static int check_models(const struct kmr_run *run)
{
	if (run->ops->check(run->b, run->err))
		return -1;
	if (run->objects && kmr_oe_check(run->objects, run->err))
		return -1;
	return run->addresses ? kmr_ve_check(run->addresses, run->err) : 0;
}

/* @last: nothing comes after it. */
static int sample(struct kmr_run *run, uint64_t time, uint64_t events, bool last)
{
	struct kmr_sample_counts counts;
	struct kmr_sample sample = {
		.time = time,
		.event = events,
		.zones = run->zones,
		.pcp = run->pcp,
		.counts = &counts,
	};

	for (unsigned int i = 0; i < run->m->nr_zones; i++) {
		run->ops->zone_state(run->b, i, &run->zones[i]);
		for (unsigned int c = 0; c < run->m->nr_cpus; c++)
			run->pcp[(size_t)i * run->m->nr_cpus + c] =
				run->ops->pcp_count(run->b, i, c);
	}
	kmr_engine_counts(run->engine, &counts);
	kmr_counts_subtract(&counts.page, &run->work, sizeof(counts.page));
	if (run->survey &&
	    (last || kmr_series_surveys(run->series, events, kmr_survey_every(run->survey)))) {
		run->ops->survey(run->b, run->survey, time);
		sample.surveys = kmr_survey_zones(run->survey);
		sample.strips = kmr_survey_strip_states(run->survey);
	}
	return kmr_series_add(run->series, &sample, run->err);
}

static void count_nodes_anew(struct kmr_run *run)
{
	if (run->ops->numa_restart)
		run->ops->numa_restart(run->b);
}

static void replayed(void *ctx, uint64_t time, uint64_t events)
{
	struct kmr_run *run = ctx;

	if (run->failed)
		return;
	/* what it took to get there is no part of the result */
	if (run->before_work && time >= run->shared->o->work_from) {
		run->before_work = false;
		run->work = *run->ops->work(run->b);
		count_nodes_anew(run);
		run->r->extfrag_events = 0;
		kmr_latency_restart(run->latency);
	}
	if (kmr_series_due(run->series, events) && sample(run, time, events, false))
		run->failed = true;
	if (run->shared->o->check && events % CHECK_PERIOD == 0 && check_models(run))
		run->failed = true;
}

static void extfrag(void *ctx, uint64_t time, const struct kmr_extfrag *ef)
{
	struct kmr_run *run = ctx;

	struct kmr_run_extfrag *list;

	run->r->extfrag_events++;
	if (run->failed)
		return;
	list = kmr_grow(run->extfrag, run->nr_extfrag, &run->cap_extfrag, sizeof(*list));
	if (!list) {
		(void)kmr_fail_nomem(run->err, "fallbacks");
		run->failed = true;
		return;
	}
	run->extfrag = list;
	run->extfrag[run->nr_extfrag++] = (struct kmr_run_extfrag){ time, *ef };
}

static const char *cache_name(void *ctx, uint32_t id)
{
	const struct kmr_run *run = ctx;

	return kmr_source_cache(run->source, id);
}

static const char *task_name(void *ctx, uint32_t id)
{
	const struct kmr_run *run = ctx;

	return kmr_source_task(run->source, id);
}

static bool is_marker(const struct kmr_setup *setup, const struct kmr_event *ev)
{
	return ev->type == KMR_EV_MARK && ev->addr == setup->snapshot->seq;
}

/* The snapshot was taken at a marker in the trace. */
static bool has_marker(const struct kmr_run *run)
{
	return run->shared->setup.start == KMR_START_SNAPSHOT && !run->r->trace.made_up;
}

/* From the marker of the snapshot on; without one, all of it. */
static size_t skip_to_start(struct kmr_run *run, const struct kmr_setup *setup,
			    const struct kmr_event *events, size_t n)
{
	size_t i = 0;

	if (run->started)
		return 0;
	if (has_marker(run)) {
		while (i < n && !is_marker(setup, &events[i])) {
			if (!run->compared)
				kmr_prelude_note(&run->prelude, &events[i]);
			if (run->addresses)
				kmr_ve_prelude(run->addresses, &events[i]);
			i++;
		}
		if (i == n)
			return n;
		if (!run->compared)
			kmr_prelude_compare(&run->prelude, run->ops, run->b);
	}
	run->started = true;
	run->r->first_time = events[i].time;
	/* the state that the trace starts from */
	if (sample(run, events[i].time, 0, false))
		run->failed = true;
	return i;
}

static int feed_source(struct kmr_run *run, struct kmr_source *src, struct kmr_engine *engine)
{
	const struct kmr_replay_options *o = run->shared->o;
	struct kmr_event *batch = malloc(BATCH * sizeof(*batch));
	ssize_t n = -1;

	if (!batch)
		return kmr_fail_nomem(run->err, "events");
	while (!run->failed && (n = kmr_source_read(src, batch, BATCH, run->err)) > 0) {
		const size_t skip = skip_to_start(run, &run->shared->setup, batch, (size_t)n);

		kmr_engine_feed(engine, batch + skip, (size_t)n - skip);
		if (o->progress)
			o->progress(o->progress_ctx, kmr_source_info(src));
	}
	free(batch);
	return n < 0 || run->failed ? -1 : 0;
}

static int feed_tape(struct kmr_run *run, const struct kmr_tape *tape, struct kmr_engine *engine)
{
	for (uint64_t i = 0; i < tape->count && !run->failed;) {
		const uint64_t left = tape->count - i;
		const size_t n = left < BATCH ? (size_t)left : BATCH;
		const size_t skip = skip_to_start(run, &run->shared->setup, tape->events + i, n);

		kmr_engine_feed(engine, tape->events + i + skip, n - skip);
		i += n;
		if (run->passing)
			kmr_passing_tell(run->passing, n, i == tape->count);
	}
	return run->failed ? -1 : 0;
}

/* Whether there is anything in the trace that a model could be asked for. */
static bool has_requests(const struct kmr_run *run, const struct kmr_trace_info *info)
{
	if (info->by_type[KMR_EV_PAGE_ALLOC] || info->by_type[KMR_EV_PAGE_FREE] ||
	    info->by_type[KMR_EV_PAGE_FREE_BATCHED])
		return true;
	for (unsigned int type = KMR_EV_CMA_ALLOC; type <= KMR_EV_HUGEPAGES; type++)
		if (info->by_type[type])
			return true;
	if (run->objects && run->shared->attribution.objects)
		return true;
	return run->addresses &&
	       (info->by_type[KMR_EV_VMALLOC] || info->by_type[KMR_EV_VMAP_ALLOC]);
}

static int no_requests(const struct kmr_run *run, const struct kmr_trace_info *info)
{
	if (info->by_type[KMR_EV_KMALLOC] || info->by_type[KMR_EV_CACHE_ALLOC])
		return kmr_fail(run->err,
				"%s: no page events, only objects; --object slub, slab or slob "
				"simulates those",
				run->shared->o->trace);
	return kmr_fail(run->err,
			"%s: no page events in %" PRIu64
			" lines; record kmem:mm_page_alloc and kmem:mm_page_free",
			run->shared->o->trace, info->lines);
}

/* What a trace has to have to be replayed at all. */
static int check_trace(const struct kmr_run *run, const struct kmr_setup *setup,
		       const struct kmr_trace_info *info, const struct kmr_engine *engine)
{
	if (!has_requests(run, info))
		return no_requests(run, info);
	if (has_marker(run) && !run->started)
		return kmr_no_marker(setup->snapshot, setup->snapshot_path, run->shared->o->trace,
				     run->err);
	if (has_marker(run) && (kmr_check_fit(setup->snapshot, setup->snapshot_path, info,
					      run->shared->o->trace, run->err) ||
				kmr_prelude_check(&run->prelude, setup->snapshot_path,
						  run->shared->o->trace, run->err) ||
				kmr_check_frames(setup->snapshot, setup->snapshot_path, info,
						 run->shared->o->trace, run->err)))
		return -1;
	if (kmr_engine_overflow(engine))
		return kmr_fail(run->err,
				"%s: its page frames go up to %" PRIu64
				" and lie too far apart to follow; is pfn= intact?",
				run->shared->o->trace, info->max_pfn);
	return 0;
}

static void measure_distance(struct kmr_run *run, const struct kmr_setup *setup)
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

static void describe_params(const struct kmr_param *params, unsigned int nr, const uint64_t *values,
			    char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < nr && used < size; i++) {
		int n;

		if ((params[i].flags & KMR_PARAM_LATER) && values[i] == params[i].def)
			continue;
		n = snprintf(text + used, size - used, "%s%s=%" PRIu64, used ? "," : "",
			     params[i].name, values[i]);
		used += n > 0 ? (size_t)n : 0;
	}
}

/* The whole of an open trace; @tape NULL: it has not been read yet. */
static int replay_source(struct kmr_run *run, struct kmr_source *src, const struct kmr_tape *tape,
			 struct kmr_engine *engine)
{
	const struct kmr_trace_info *info = kmr_source_info(src);

	run->r->trace = *info;
	run->source = src;
	if (run->addresses)
		kmr_ve_set_source(run->addresses, src);
	/* a workload's tasks are its actors */
	if (run->shared->o->by_task || info->made_up)
		kmr_engine_count_by_task(engine, &run->outcomes);
	if (tape ? feed_tape(run, tape, engine) : feed_source(run, src, engine))
		return -1;
	run->r->trace = *info;
	kmr_engine_flush(engine);
	return kmr_outcomes_report(&run->outcomes, src, run->r, run->err);
}

static int replay_trace(struct kmr_run *run, struct kmr_engine *engine)
{
	const struct kmr_source_options source_options = { .strict = run->shared->o->strict };
	struct kmr_replay_result *r = run->r;
	struct kmr_source *src = NULL;
	int ret;

	if (run->shared->taped) {
		ret = replay_source(run, run->shared->tape.source, &run->shared->tape, engine);
	} else {
		if (kmr_source_open(&src, run->shared->spool.path, &source_options, run->err))
			return -1;
		ret = replay_source(run, src, NULL, engine);
		kmr_source_close(src);
	}
	if (ret)
		return -1;
	if (kmr_engine_nomem(engine))
		return kmr_fail_nomem(run->err, "contiguous memory of the trace");
	return run->failed ? -1 : check_trace(run, &run->shared->setup, &r->trace, engine);
}

static int finish(struct kmr_run *run)
{
	struct kmr_replay_result *r = run->r;

	r->last_time = r->trace.last_time;
	r->work = *run->ops->work(run->b);
	kmr_counts_subtract(&r->work, &run->work, sizeof(r->work));
	if (run->ops->numa)
		(void)run->ops->numa(run->b, &r->numa);
	if (sample(run, r->last_time, r->stats.page_allocs + r->stats.page_frees, true))
		return -1;
	r->samples = run->series->count;
	if (run->shared->o->sampled &&
	    kmr_series_each(run->series, run->shared->o->sampled, run->sampled_ctx, run->err))
		return -1;
	memcpy(r->zones, run->zones, run->m->nr_zones * sizeof(*r->zones));
	if (run->shared->o->check && check_models(run))
		return -1;
	measure_distance(run, &run->shared->setup);
	if (run->addresses && kmr_ve_report(run->addresses, r->last_time, &r->mappings, run->err))
		return -1;
	if (r->mappings.backend)
		(void)snprintf(r->mappings.params, sizeof(r->mappings.params), "%s",
			       run->vmap_params);
	if (run->objects && (kmr_oe_report(run->objects, &r->objects, run->err) ||
			     kmr_oe_distributions(run->objects, &r->distributions, run->err)))
		return -1;
	return kmr_latency_report(run->latency, &r->latency, run->err);
}

/* How much of the memory in use at the start is on LRU lists, if a dump tells. */
static void read_start_lru(struct kmr_run *run)
{
	struct kmr_procinfo before;
	struct kmr_error ignored;

	if (run->shared->setup.proc_dir[0] &&
	    !kmr_procinfo_read(&before, run->m, run->shared->setup.proc_dir, ".before", &ignored))
		for (unsigned int i = 0; i < run->m->nr_zones; i++)
			memcpy(run->start_lru[i], before.zones[i].lru, sizeof(run->start_lru[i]));
	else
		memset(run->start_lru, 0, sizeof(run->start_lru));
	if (run->shared->setup.proc_dir[0])
		kmr_procinfo_free(&before);
}

static int record_latencies(struct kmr_run *run)
{
	const struct kmr_latency_config config = {
		.machine = run->m,
		.cost = &run->shared->cost,
		.page = run->ops->work(run->b),
		.told = run->shared->o->operation,
		.ctx = run->shared->o->operation_ctx,
	};

	run->latency = kmr_latency_create(&config, run->err);
	if (!run->latency)
		return -1;
	if (run->objects)
		kmr_oe_set_latency(run->objects, run->latency);
	if (run->addresses)
		kmr_ve_set_latency(run->addresses, run->latency);
	return 0;
}

int kmr_run_simulate(struct kmr_run *run)
{
	const struct kmr_setup *setup = &run->shared->setup;
	struct kmr_replay_result *r = run->r;
	struct kmr_engine_config config;
	struct kmr_engine *engine;
	int ret;

	if (record_latencies(run))
		return -1;
	memset(&config, 0, sizeof(config));
	config.machine = run->m;
	config.latency = run->latency;
	config.ops = run->ops;
	config.backend = run->b;
	config.start_frames_live = setup->start != KMR_START_BOOT;
	config.start_frames_same = setup->start != KMR_START_PROC;
	config.objects = run->objects;
	config.addresses = run->addresses;
	config.ctx = run;
	config.replayed = replayed;
	config.extfrag = extfrag;
	config.cache_name = cache_name;
	config.task_name = task_name;
	config.snapshot = setup->snapshot;
	if (run->modelled) {
		read_start_lru(run);
		config.pressure = run->pressure;
		config.start_lru = run->start_lru;
	}
	engine = kmr_engine_create(&config, run->err);
	if (!engine)
		return -1;
	run->engine = engine;
	ret = replay_trace(run, engine);
	r->stats = *kmr_engine_stats(engine);
	memcpy(r->requests, kmr_engine_requests(engine), sizeof(r->requests));
	r->nr_failures = kmr_engine_failures(engine, r->failures, KMR_FAILURES_KEPT);
	r->failed = *kmr_engine_failed(engine);
	kmr_engine_contig(engine, &r->contig);
	kmr_engine_pressure(engine, &r->pressure);
	kmr_engine_moved(engine, &r->moved);
	if (run->modelled)
		describe_params(kmr_reclaim_params, kmr_reclaim_nr_params, run->pressure,
				r->pressure.params, sizeof(r->pressure.params));
	if (!ret && run->shared->o->check)
		ret = kmr_engine_check_pressure(engine, run->err);
	if (!ret)
		ret = kmr_engine_distributions(engine, &r->distributions, run->err);
	if (!ret)
		ret = finish(run);
	kmr_engine_destroy(engine);
	run->engine = NULL;
	return ret;
}

/* Whether the snapshot is the trace's is judged before objects move. */
static void compare_prelude(struct kmr_run *run)
{
	const struct kmr_setup *setup = &run->shared->setup;
	const struct kmr_tape *tape = &run->shared->tape;
	uint64_t i = 0;

	if (setup->start != KMR_START_SNAPSHOT || tape->info->made_up)
		return;
	while (i < tape->count && !is_marker(setup, &tape->events[i]))
		kmr_prelude_note(&run->prelude, &tape->events[i++]);
	if (i < tape->count)
		kmr_prelude_compare(&run->prelude, run->ops, run->b);
	run->compared = true;
}

static int prepare_objects(struct kmr_run *run, const char *spec)
{
	const struct kmr_shared *s = run->shared;
	struct kmr_object_engine_config config;
	const struct kmr_object_ops *ops;
	uint64_t params[KMR_MAX_PARAMS];

	if (!spec || !strcmp(spec, "none"))
		return 0;
	compare_prelude(run);
	ops = kmr_object_backend_parse(spec, params, run->err);
	if (!ops)
		return -1;
	memset(&config, 0, sizeof(config));
	config.machine = run->m;
	config.ops = ops;
	config.params = params;
	config.tape = &s->tape;
	config.attribution = &s->attribution;
	config.snap = s->setup.snapshot;
	config.caches = s->caches.nr_caches ? &s->caches : NULL;
	config.page_ops = run->ops;
	config.page = run->b;
	run->objects = kmr_oe_create(&config, run->err);
	/* what objects took to get into their start state is no part of the replay */
	run->work = *run->ops->work(run->b);
	describe_params(ops->params, ops->nr_params, params, run->r->object_params,
			sizeof(run->r->object_params));
	return run->objects ? 0 : -1;
}

/* Of the traced kernel, or the one that the page backend models: "linux-6.12". */
static unsigned int version_of(const struct kmr_run *run)
{
	const struct kmr_snapshot *snap = run->shared->setup.snapshot;
	unsigned int major, minor;

	if (snap && snap->version)
		return snap->version;
	if (sscanf(run->ops->name, "linux-%u.%u", &major, &minor) == 2)
		return major * 100 + minor;
	return 601;
}

static int prepare_addresses(struct kmr_run *run, const char *spec)
{
	const struct kmr_setup *setup = &run->shared->setup;
	const bool traced = setup->start == KMR_START_SNAPSHOT || setup->start == KMR_START_PROC;
	uint64_t params[KMR_MAX_PARAMS];
	const struct kmr_vmap_ops *ops;
	struct kmr_vmap_engine_config config;

	if (spec && !strcmp(spec, "none"))
		return 0;
	ops = kmr_vmap_backend_parse(spec ? spec : kmr_vmap_backend_at(0)->name, params, run->err);
	if (!ops)
		return -1;
	memset(&config, 0, sizeof(config));
	config.machine = run->m;
	config.ops = ops;
	config.params = params;
	config.always = spec != NULL;
	config.version = version_of(run);
	config.dir = traced ? setup->proc_dir : "";
	config.page_ops = run->ops;
	config.page = run->b;
	config.objects = run->objects;
	run->addresses = kmr_ve_create(&config, run->err);
	describe_params(ops->params, ops->nr_params, params, run->vmap_params,
			sizeof(run->vmap_params));
	return run->addresses ? 0 : -1;
}

static int prepare_samples(struct kmr_run *run)
{
	const struct kmr_strip *strips;
	unsigned int nr_strips = 0;

	if (run->ops->survey) {
		if (kmr_survey_create(&run->survey, run->m, run->err))
			return -1;
		nr_strips = kmr_survey_strips(run->survey, &strips);
	}
	return kmr_series_create(&run->series, run->m->nr_zones, run->m->nr_cpus, nr_strips,
				 run->shared->o->max_samples, run->err);
}

int kmr_run_prepare(struct kmr_run *run, struct kmr_shared *shared, const char *page,
		    const char *object, const char *vmap, struct kmr_replay_result *r,
		    struct kmr_error *err)
{
	uint64_t params[KMR_MAX_PARAMS];
	int modelled;

	memset(run, 0, sizeof(*run));
	run->shared = shared;
	run->sampled_ctx = shared->o->sampled_ctx;
	run->before_work = shared->o->work_from != 0;
	run->r = r;
	run->err = err;
	if (!page)
		page = kmr_setup_page_backend(shared->setup.snapshot, &shared->setup.machine,
					      r->backend_why);
	run->ops = kmr_page_backend_parse(page, params, err);
	if (!run->ops)
		return -1;
	modelled = shared->o->pressure ? kmr_reclaim_parse(shared->o->pressure, run->pressure, err)
				       : 0;
	if (modelled < 0)
		return -1;
	run->modelled = modelled;
	(void)snprintf(r->backend, sizeof(r->backend), "%s", run->ops->name);
	describe_params(run->ops->params, run->ops->nr_params, params, r->params,
			sizeof(r->params));
	r->machine = shared->setup.machine;
	r->start = shared->setup.start;
	r->attribution = shared->attribution;
	memcpy(r->machine_from, shared->setup.machine_from, sizeof(r->machine_from));
	run->m = &r->machine;
	run->zones = calloc(run->m->nr_zones, sizeof(*run->zones));
	run->pcp = calloc((size_t)run->m->nr_zones * run->m->nr_cpus, sizeof(*run->pcp));
	if (!run->zones || !run->pcp || kmr_prelude_init(&run->prelude))
		return kmr_fail_nomem(err, "a run");
	run->b = run->ops->create(run->m, params, err);
	if (!run->b || kmr_setup_start(&shared->setup, run->ops, run->b, err) ||
	    prepare_samples(run))
		return -1;
	memcpy(r->start_from, shared->setup.start_from, sizeof(r->start_from));
	kmr_contig_start(run->m, run->ops, run->b, r->start == KMR_START_BOOT);
	if (prepare_objects(run, object) || prepare_addresses(run, vmap))
		return -1;
	count_nodes_anew(run);
	return 0;
}

static int write_samples(struct kmr_run *run, struct kmr_store *store, struct kmr_error *err)
{
	const struct kmr_strip *strips;

	if (run->survey) {
		const unsigned int count = kmr_survey_strips(run->survey, &strips);

		if (kmr_store_strips(store, strips, count, err))
			return -1;
	}
	return kmr_series_write(run->series, store, err);
}

int kmr_run_write(struct kmr_run *run, struct kmr_store *store, struct kmr_error *err)
{
	const struct kmr_replay_result *r = run->r;

	if (write_samples(run, store, err) ||
	    kmr_store_requests(store, r->requests, ARRAY_SIZE(r->requests), err))
		return -1;
	for (size_t i = 0; i < run->nr_extfrag; i++)
		if (kmr_store_extfrag(store, run->extfrag[i].time, &run->extfrag[i].ef, err))
			return -1;
	for (unsigned int i = 0; i < r->nr_failures; i++)
		if (kmr_store_failure(store, r->failures[i].order, r->failures[i].gfp,
				      r->failures[i].count, r->failures[i].first_time, err))
			return -1;
	if (kmr_store_contig(store, &r->contig, err) || kmr_store_numa(store, &r->numa, err) ||
	    kmr_store_pressure(store, &r->pressure, err) ||
	    kmr_store_moved(store, &r->moved, err) || kmr_store_latency(store, &r->latency, err))
		return -1;
	for (size_t i = 0; i < r->nr_outcomes; i++)
		if (kmr_store_outcome(store, &r->outcomes[i], err))
			return -1;
	return kmr_store_objects(store, &r->objects, err) ||
			       kmr_store_mappings(store, &r->mappings, err) ||
			       kmr_store_distributions(store, &r->distributions, err)
		       ? -1
		       : 0;
}

struct kmr_run_info kmr_run_info(const struct kmr_run *run)
{
	const struct kmr_replay_result *r = run->r;
	const struct kmr_run_info info = {
		.trace = run->shared->o->trace,
		.command = run->shared->o->command,
		.backend = run->ops->name,
		.params = r->params,
		.start = kmr_start_name(r->start),
		.object = r->objects.backend,
		.object_params = r->object_params,
		.object_start = r->objects.start,
		.first_time = r->first_time,
		.last_time = r->last_time,
	};

	return info;
}

void kmr_run_free(struct kmr_run *run)
{
	/* areas may hold objects, which nobody asks back */
	kmr_ve_destroy(run->addresses);
	kmr_oe_destroy(run->objects);
	kmr_latency_destroy(run->latency);
	kmr_series_destroy(run->series);
	kmr_survey_destroy(run->survey);
	if (run->b)
		run->ops->destroy(run->b);
	kmr_prelude_free(&run->prelude);
	kmr_outcomes_fini(&run->outcomes);
	free(run->zones);
	free(run->pcp);
	free(run->extfrag);
}

int kmr_shared_open(struct kmr_shared *s, const struct kmr_replay_options *o, bool tape,
		    struct kmr_error *err)
{
	const struct kmr_source_options source_options = { .strict = o->strict };

	memset(s, 0, sizeof(*s));
	s->o = o;
	/* inferring reads the trace twice, which a pipe does not allow */
	if (kmr_spool_open(&s->spool, o->trace, tape || kmr_setup_needs_two_passes(o), err) ||
	    kmr_setup_choose(&s->setup, o, s->spool.path, err) ||
	    kmr_cost_defaults(&s->cost, err) || (o->cost && kmr_cost_read(&s->cost, o->cost, err)))
		return -1;
	s->taped = tape;
	if (!tape)
		return 0;
	if (kmr_tape_record(&s->tape, s->spool.path, &source_options, o->progress, o->progress_ctx,
			    err))
		return -1;
	if (!s->setup.snapshot && s->setup.proc_dir[0] &&
	    kmr_slabparams_read(&s->caches, s->setup.proc_dir,
				strcmp(s->setup.machine.arch, "i386") ? 8 : 4, err) < 0)
		return -1;
	return kmr_attribute(&s->tape, s->setup.snapshot, &s->attribution, err);
}

void kmr_shared_free(struct kmr_shared *s)
{
	kmr_tape_free(&s->tape);
	kmr_snapshot_free(&s->caches);
	kmr_setup_free(&s->setup);
	kmr_spool_close(&s->spool);
}
