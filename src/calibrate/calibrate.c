// SPDX-License-Identifier: GPL-2.0-only
/* The trace's calls, the replay's steps, the fit, the file: all in turn. */
#include "kmreplay/calibrate.h"

#include <stdlib.h>
#include <string.h>

#include "calibrate/calls.h"
#include "calibrate/patterns.h"
#include "calibrate/prices.h"
#include "calibrate/write.h"
#include "kmreplay/source.h"

#define BATCH 1024u

struct calibration {
	const struct kmr_calibrate_options *options;
	struct kmr_calibrate_result *result;
	struct kmr_cost_table table;
	struct calls calls;
	struct patterns patterns;
	uint32_t *of; /* each call's pattern */
	const char *object; /* backend; NULL: pages alone */
};

/* Objects go through the model of the allocator that was traced, unless the caller knows better. */
static int choose_objects(struct calibration *c, struct kmr_error *err)
{
	const struct kmr_calibrate_options *o = c->options;
	const struct kmr_attribute_options options = {
		.trace = o->trace,
		.strict = o->strict,
		.progress = o->progress,
		.progress_ctx = o->progress_ctx,
	};
	struct kmr_attribution attribution;
	struct kmr_trace_info info;
	uint64_t objects = 0;

	if (o->object) {
		c->object = strcmp(o->object, "none") ? o->object : NULL;
		return 0;
	}
	if (kmr_attribute_trace(&options, &info, &attribution, err))
		return -1;
	for (unsigned int type = KMR_EV_KMALLOC; type <= KMR_EV_CACHE_FREE; type++)
		objects += info.by_type[type];
	if (objects)
		c->object = attribution.allocator ? attribution.allocator : "slub";
	return 0;
}

/* Has the trace's durations; fails with what is missing in it. */
static int judge_calls(const struct calibration *c, const struct kmr_trace_info *info,
		       struct kmr_error *err)
{
	const char *trace = c->options->trace;

	if (!c->calls.lines)
		return kmr_fail(err,
				"%s: has no durations of calls (it is: %s); record it with the "
				"function_graph tracer",
				trace, info->format);
	if (!c->calls.measured)
		return kmr_fail(err,
				"%s: its calls have no durations; record it with the option "
				"funcgraph-duration on",
				trace);
	if (!c->calls.nr)
		return kmr_fail(err,
				"%s: none of its %llu lines of calls is a measured call of the %s "
				"with an event in it; trace %s and switch the kmem events on",
				trace, (unsigned long long)c->calls.lines,
				c->calls.pages ? "page allocator" : "allocators",
				c->calls.pages ? "__alloc_pages and free_unref_page"
					       : "__alloc_pages, free_unref_page, "
						 "kmem_cache_alloc, kmem_cache_free");
	if (c->calls.empty && c->calls.shortest == UINT64_MAX)
		return kmr_fail(
			err, "%s: has no measured call of '%s' without calls in it, for --overhead",
			trace, c->calls.empty);
	return 0;
}

static int read_calls(struct calibration *c, struct kmr_error *err)
{
	const struct kmr_graph_sink sink = { .line = calls_line, .ctx = &c->calls };
	const struct kmr_source_options options = { .strict = c->options->strict, .graph = &sink };
	struct kmr_event *events = malloc(BATCH * sizeof(*events));
	struct kmr_source *source = NULL;
	ssize_t n = 1;
	int ret = -1;

	if (!events)
		return kmr_fail_nomem(err, "events");
	if (!kmr_source_open(&source, c->options->trace, &options, err)) {
		while ((n = kmr_source_read(source, events, BATCH, err)) > 0)
			if (c->options->progress)
				c->options->progress(c->options->progress_ctx,
						     kmr_source_info(source));
		if (n == 0)
			ret = judge_calls(c, kmr_source_info(source), err);
	}
	kmr_source_close(source);
	free(events);
	if (!ret && calls_index(&c->calls))
		ret = kmr_fail_nomem(err, "the calls of a trace");
	return ret;
}

static void take_report(void *ctx, const struct kmr_operation_report *report)
{
	struct calibration *c = ctx;
	uint32_t call;

	if (!report->event)
		return;
	call = calls_take(&c->calls, report->event);
	if (call == CALLS_NONE)
		return;
	/* one that cannot be kept is not known: it never has as many reports as requests */
	c->of[call] = patterns_add(&c->patterns, c->of[call], report);
}

static int replay(struct calibration *c, struct kmr_error *err)
{
	const struct kmr_calibrate_options *o = c->options;
	const struct kmr_replay_options options = {
		.trace = o->trace,
		.machine = o->machine,
		.page = o->page,
		.object = c->object,
		.vmap = "none",
		.cost = o->cost,
		.start = o->start,
		.strict = o->strict,
		.progress = o->progress,
		.progress_ctx = o->progress_ctx,
		.operation = take_report,
		.operation_ctx = c,
	};

	return kmr_replay(&options, c->result->replay, err);
}

static int calibrate(struct calibration *c, struct kmr_error *err)
{
	const struct kmr_calibrate_options *o = c->options;

	if (kmr_cost_defaults(&c->table, err) ||
	    (o->cost && kmr_cost_read(&c->table, o->cost, err)))
		return -1;
	if (!strcmp(o->trace, "-"))
		return kmr_fail(err, "calibrate: the trace is read twice: give a file, not '-'");
	if (choose_objects(c, err))
		return -1;
	calls_init(&c->calls, !c->object, o->overhead_given ? NULL : o->overhead_of);
	if (read_calls(c, err))
		return -1;
	c->of = calloc(c->calls.nr, sizeof(*c->of));
	c->result->replay = calloc(1, sizeof(*c->result->replay));
	if (!c->of || !c->result->replay || patterns_init(&c->patterns))
		return kmr_fail_nomem(err, "the steps of calls");
	if (replay(c, err))
		return -1;
	c->result->counts = c->calls.counts;
	c->result->overhead = o->overhead_given ? o->overhead : 0;
	c->result->overhead_estimated = !o->overhead_given && !o->overhead_of;
	if (c->calls.empty)
		c->result->overhead = c->calls.shortest * 1000;
	if (prices_fit(o, &c->calls, &c->patterns, c->of, &c->table, c->result, err))
		return -1;
	return o->output ? calibrate_write(o, c->result, err) : 0;
}

int kmr_calibrate(const struct kmr_calibrate_options *options, struct kmr_calibrate_result *result,
		  struct kmr_error *err)
{
	struct calibration *c = calloc(1, sizeof(*c));
	int ret;

	memset(result, 0, sizeof(*result));
	if (!c)
		return kmr_fail_nomem(err, "a calibration");
	c->options = options;
	c->result = result;
	ret = calibrate(c, err);
	if (ret)
		kmr_calibrate_result_free(result);
	calls_fini(&c->calls);
	patterns_fini(&c->patterns);
	free(c->of);
	free(c);
	return ret;
}

void kmr_calibrate_result_free(struct kmr_calibrate_result *result)
{
	if (result->replay)
		kmr_replay_result_free(result->replay);
	free(result->replay);
	result->replay = NULL;
}
