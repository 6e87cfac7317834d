// SPDX-License-Identifier: GPL-2.0-only
/* From a trace to its workload, and how near that comes. */
#include "kmreplay/fit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/outfile.h"
#include "fit/begin.h"
#include "fit/collect.h"
#include "fit/model.h"
#include "fit/names.h"
#include "fit/near.h"
#include "fit/text.h"
#include "fit/yaml.h"
#include "kmreplay/workload.h"
#include "replay/run.h"
#include "replay/seed.h"

#define BATCH 4096

struct fitting {
	const struct kmr_fit_options *o;
	struct kmr_fit_result *r;
	struct kmr_error *err;
	struct kmr_replay_options replay; /* of the trace */
	struct kmr_shared shared;
	struct fit_collect collect;
	struct fit_model model;
	struct fit_names names;
	struct fit_text text;
	struct fit_track trace, load;
};

int kmr_fit_by_name(const char *name, enum kmr_fit_by *by)
{
	static const char *const names[] = {
		[KMR_FIT_BY_SITE] = "site", [KMR_FIT_BY_CACHE] = "cache", [KMR_FIT_BY_TASK] = "task"
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i])) {
			*by = (enum kmr_fit_by)i;
			return 0;
		}
	return -1;
}

/* The model of the allocator that was traced; NULL: no objects are looked at. */
static const char *object_backend(const struct fitting *f)
{
	const struct kmr_trace_info *info = f->shared.tape.info;

	if (f->o->pages || (!info->by_type[KMR_EV_KMALLOC] && !info->by_type[KMR_EV_CACHE_ALLOC]))
		return NULL;
	return f->shared.attribution.allocator ? f->shared.attribution.allocator : "slub";
}

static int replay_trace(struct fitting *f)
{
	struct kmr_run run;
	int status;

	f->r->object = object_backend(f);
	f->trace.nr_zones = f->shared.setup.machine.nr_zones;
	f->trace.nr_orders = f->shared.setup.machine.nr_orders;
	status = kmr_run_prepare(&run, &f->shared, f->o->page, f->r->object, NULL,
				 &f->r->near.trace, f->err);
	if (!status)
		status = kmr_run_simulate_alone(&run);
	kmr_run_free(&run);
	return status;
}

static int collect_tape(struct fitting *f)
{
	const struct kmr_tape *tape = &f->shared.tape;

	return fit_collect_feed(&f->collect, tape->events, (size_t)tape->count)
		       ? kmr_fail_nomem(f->err, "what the trace asks for")
		       : 0;
}

static int collect_source(struct fitting *f, struct kmr_source *source)
{
	struct kmr_event *batch = malloc(BATCH * sizeof(*batch));
	ssize_t n = -1;

	if (!batch)
		return kmr_fail_nomem(f->err, "events");
	while ((n = kmr_source_read(source, batch, BATCH, f->err)) > 0) {
		if (fit_collect_feed(&f->collect, batch, (size_t)n)) {
			n = kmr_fail_nomem(f->err, "what the trace asks for");
			break;
		}
		if (f->o->progress)
			f->o->progress(f->o->progress_ctx, kmr_source_info(source));
	}
	free(batch);
	return n < 0 ? -1 : 0;
}

/* What became of the start's and the classes' names needs @source for as long as they do. */
static int collect(struct fitting *f, struct kmr_source *source)
{
	const struct fit_collect_config config = {
		.by = f->o->by,
		.objects = f->r->object != NULL,
		.machine = &f->r->near.trace.machine,
		.begin = f->r->near.trace.first_time,
		.duration = f->r->near.trace.last_time - f->r->near.trace.first_time,
		.source = source,
	};

	if (fit_collect_init(&f->collect, &config))
		return kmr_fail_nomem(f->err, "what the trace asks for");
	if (f->shared.taped ? collect_tape(f) : collect_source(f, source))
		return -1;
	if (fit_collect_end(&f->collect))
		return kmr_fail_nomem(f->err, "what the trace asks for");
	f->r->counts = f->collect.counts;
	f->r->counts.silent = f->r->near.trace.stats.silent_allocs;
	if (!f->collect.counts.page_requests && !f->collect.counts.object_requests)
		return kmr_fail(f->err, "%s: no request in it got memory: there is nothing to fit",
				f->o->trace);
	return 0;
}

/* What of each zone is free when all but what boot keeps is. */
static int boot_state(struct fitting *f, struct kmr_zone_state *zones)
{
	const struct kmr_machine *m = &f->r->near.trace.machine;
	uint64_t params[KMR_MAX_PARAMS];
	const struct kmr_page_ops *ops = kmr_page_backend_parse(
		f->o->page ? f->o->page : f->r->near.trace.backend, params, f->err);
	struct kmr_page_backend *b = ops ? ops->create(m, params, f->err) : NULL;

	if (!b)
		return -1;
	kmr_seed_boot(m, ops, b);
	for (unsigned int z = 0; z < m->nr_zones; z++)
		ops->zone_state(b, z, &zones[z]);
	ops->destroy(b);
	return 0;
}

/* What a workload can say, 2^60 ns, but for its lead and what rounding adds. */
#define MAX_TIME ((UINT64_C(1) << 60) - (UINT64_C(1) << 52))

static int check_time(const struct fitting *f)
{
	if (f->collect.now < MAX_TIME)
		return 0;
	return kmr_fail(f->err,
			"%s: its events are %" PRIu64 " years apart, which is more than a workload "
			"can last; are its times intact?",
			f->o->trace, f->collect.now / (UINT64_C(31557600) * 1000000000));
}

static int make_model(struct fitting *f)
{
	const struct kmr_machine *m = &f->r->near.trace.machine;
	struct kmr_zone_state *boot = calloc(m->nr_zones, sizeof(*boot));
	const struct fit_begin begin = {
		.machine = m,
		.boot = boot,
		.start = f->trace.first,
		.freed = &f->collect.start,
		.objects = f->r->object ? &f->r->near.trace.objects : NULL,
		.tape = &f->shared.tape,
	};
	int status = boot ? boot_state(f, boot) : kmr_fail_nomem(f->err, "the model");

	if (!status && (fit_begin_make(&f->model, &begin) ||
			fit_model_make(&f->model, &f->collect, f->o->top)))
		status = kmr_fail_nomem(f->err, "the model");
	free(boot);
	f->r->counts.unknown += f->model.unsized;
	f->r->actors = f->model.nr;
	f->r->classes = f->model.classes;
	f->r->merged = f->model.merged;
	f->r->duration = f->model.duration - f->model.lead;
	return status;
}

/* A preset that is most like @m; false: there is none for its architecture. */
static bool preset_of(const struct kmr_machine *m, char *spec, size_t size)
{
	const uint64_t mib = (UINT64_C(1) << 20) >> m->page_shift;
	struct kmr_machine *like = malloc(sizeof(*like));
	struct kmr_error ignored;
	bool good;

	(void)snprintf(spec, size, "%s:ram=%" PRIu64 "M,nodes=%u,cpus=%u", m->arch,
		       (m->ram_pages + mib - 1) / mib, m->nr_nodes, m->nr_cpus);
	good = like && !kmr_machine_preset(like, spec, &ignored);
	free(like);
	return good;
}

/* The text with no more than @rows in a distribution; 1: it is more than a reader takes. */
static int write_text(struct fitting *f, struct kmr_source *source, const char *machine,
		      uint32_t rows)
{
	const struct kmr_machine *m = &f->r->near.trace.machine;
	struct kmr_error why = { "" };
	struct kmr_workload *load = NULL;
	char description[160];
	const struct fit_yaml out = { .model = &f->model,
				      .names = &f->names,
				      .machine = machine,
				      .object = f->r->object,
				      .description = description,
				      .nr_cpus = m->nr_cpus,
				      .nr_nodes = m->nr_nodes,
				      .rows = rows };

	f->names = (struct fit_names){ .source = source,
				       .tape = f->r->object ? &f->shared.tape : NULL,
				       .comms = &f->collect.comms,
				       .anonymous = f->o->anonymous };
	(void)snprintf(description, sizeof(description),
		       "%" PRIu64 " page requests and %" PRIu64 " object requests in %" PRIu64
		       " classes",
		       f->r->counts.page_requests, f->r->counts.object_requests, f->r->classes);
	if (fit_names_init(&f->names) || fit_yaml_write(&out, &f->text))
		return kmr_fail_nomem(f->err, "the workload");
	if (kmr_workload_parse(&load, f->o->output, f->text.bytes, f->text.len, &why)) {
		(void)kmr_fail(f->err, "%s", why.msg);
		return 1;
	}
	kmr_workload_free(load);
	return 0;
}

static int write_workload(struct fitting *f, struct kmr_source *source)
{
	char machine[96];
	const bool named = preset_of(&f->r->near.trace.machine, machine, sizeof(machine));
	struct kmr_outfile file;
	int status = 1;

	for (uint32_t rows = FIT_ROWS; rows && status > 0; rows /= 2) {
		fit_names_fini(&f->names);
		fit_text_fini(&f->text);
		status = write_text(f, source, named ? machine : NULL, rows);
	}
	if (status)
		return -1;
	if (kmr_outfile_create(&file, f->o->output, "workload", f->err))
		return -1;
	status = kmr_outfile_write(&file, f->text.bytes, f->text.len, f->err) ||
				 kmr_outfile_commit(&file, f->err)
			 ? -1
			 : 0;
	kmr_outfile_release(&file);
	return status;
}

static int replay_load(struct fitting *f)
{
	const struct kmr_machine *m = &f->r->near.trace.machine;
	const struct kmr_replay_options options = {
		.trace = f->o->output,
		.on = m,
		.page = f->o->page ? f->o->page : f->r->near.trace.backend,
		.object = f->r->object,
		.start = KMR_START_BOOT,
		.work_from = f->model.lead,
		.progress = f->o->progress,
		.replayed = f->o->replayed,
		.progress_ctx = f->o->progress_ctx,
		.sampled = fit_track_sample,
		.sampled_ctx = &f->load,
	};

	f->load.nr_zones = m->nr_zones;
	f->load.nr_orders = m->nr_orders;
	return kmr_replay(&options, &f->r->near.model, f->err);
}

static int compare(struct fitting *f)
{
	const struct kmr_replay_result *t = &f->r->near.trace;
	const struct fit_side trace = { &f->trace, t, t->first_time, t->last_time, 0, 0 };
	const struct fit_side load = {
		&f->load,	   &f->r->near.model,	    f->model.lead,
		f->model.duration, f->model.start_requests, f->model.start_frees
	};

	if (replay_load(f) || fit_near_make(&f->r->near, &trace, &load, f->err))
		return -1;
	f->r->compared = true;
	return 0;
}

/* All behind the trace's replay. */
static int fit(struct fitting *f, struct kmr_source *source)
{
	if (collect(f, source) || check_time(f) || make_model(f) || write_workload(f, source))
		return -1;
	return compare(f);
}

/* Without events of pages nothing can be inferred about them: memory is as after boot. */
static void choose_start(struct fitting *f)
{
	const struct kmr_trace_info *info = f->shared.taped ? f->shared.tape.info : NULL;

	if (info && f->shared.setup.start == KMR_START_INFER && !info->by_type[KMR_EV_PAGE_ALLOC] &&
	    !info->by_type[KMR_EV_PAGE_FREE])
		f->shared.setup.start = KMR_START_BOOT;
}

static int fit_trace(struct fitting *f)
{
	const struct kmr_source_options options = { .strict = f->o->strict };
	struct kmr_source *source = NULL;
	int status;

	/* standard input can be read once only */
	if (kmr_shared_open(&f->shared, &f->replay, !f->o->pages || !strcmp(f->o->trace, "-"),
			    f->err))
		return -1;
	choose_start(f);
	if (replay_trace(f))
		return -1;
	if (f->shared.taped)
		return fit(f, f->shared.tape.source);
	if (kmr_source_open(&source, f->shared.spool.path, &options, f->err))
		return -1;
	status = fit(f, source);
	kmr_source_close(source);
	return status;
}

int kmr_fit(const struct kmr_fit_options *options, struct kmr_fit_result *result,
	    struct kmr_error *err)
{
	struct fitting *f = calloc(1, sizeof(*f));
	int status;

	memset(result, 0, sizeof(*result));
	if (!f)
		return kmr_fail_nomem(err, "a fit");
	f->o = options;
	f->r = result;
	f->err = err;
	f->replay = (struct kmr_replay_options){
		.trace = options->trace,
		.machine = options->machine,
		.page = options->page,
		.strict = options->strict,
		.progress = options->progress,
		.replayed = options->replayed,
		.progress_ctx = options->progress_ctx,
		.sampled = fit_track_sample,
		.sampled_ctx = &f->trace,
	};
	status = fit_trace(f);
	fit_names_fini(&f->names);
	fit_text_fini(&f->text);
	fit_model_fini(&f->model);
	fit_collect_fini(&f->collect);
	fit_track_fini(&f->trace);
	fit_track_fini(&f->load);
	kmr_shared_free(&f->shared);
	free(f);
	if (status)
		kmr_fit_result_free(result);
	return status;
}

void kmr_fit_result_free(struct kmr_fit_result *result)
{
	fit_near_fini(&result->near);
	kmr_replay_result_free(&result->near.trace);
	kmr_replay_result_free(&result->near.model);
}
