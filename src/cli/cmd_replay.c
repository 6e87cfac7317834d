// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay replay: a trace through a model into a database. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/buddyinfo.h"
#include "cli/contig.h"
#include "cli/curves.h"
#include "cli/latency.h"
#include "cli/mappings.h"
#include "cli/numa.h"
#include "cli/objects.h"
#include "cli/outcomes.h"
#include "cli/pressure.h"
#include "cli/run_head.h"
#include "kmreplay/gfp.h"
#include "kmreplay/replay.h"
#include "report/json.h"
#include "report/table.h"

struct counter {
	const char *name; /* JSON */
	const char *text;
	uint64_t value;
	bool always; /* shown in the table when it is 0, too */
};

#define NR_COUNTERS 18

static void counters(const struct kmr_replay_result *r, struct counter c[NR_COUNTERS])
{
	const struct kmr_replay_stats *s = &r->stats;
	const struct counter all[NR_COUNTERS] = {
		{ "events", "events in the trace", r->trace.events, true },
		{ "page_allocs", "page allocations replayed", s->page_allocs, true },
		{ "page_frees", "page frees replayed", s->page_frees, true },
		{ "double_reports", "frees reported twice", s->double_reports, false },
		{ "live_pages", "pages live at the end", s->live_pages, true },
		{ "failures", "allocations that fail only in the model", s->failures, true },
		{ "dropped_frees", "frees of those", s->dropped_frees, false },
		{ "traced_failures", "allocations that failed in the trace", s->traced_failures,
		  false },
		{ "rescued", "of these, served by the model", s->rescued, false },
		{ "unknown_frees", "frees of frames nobody allocated", s->unknown_frees, true },
		{ "partial_frees", "frees of a part of a block", s->partial_frees, false },
		{ "repeated_allocs", "allocations of frames still live", s->repeated_allocs,
		  false },
		{ "silent_allocs", "pages taken without an event, inferred", s->silent_allocs,
		  false },
		{ "moved_pages", "pages moved by the trace's compaction", r->moved.moved, false },
		{ "homeless_pages", "pages it moved that there was no place for", r->moved.homeless,
		  false },
		{ "moved_frees", "frees taken for those of moved pages", r->moved.freed, false },
		{ "lost", "events lost by the traced kernel", s->lost, false },
		{ "malformed", "malformed lines", r->trace.malformed, false },
	};

	memcpy(c, all, sizeof(all));
}

static void print_json(const struct kmr_replay_options *o, const struct kmr_replay_result *r)
{
	struct counter c[NR_COUNTERS];
	struct kmr_json j;
	char gfp[256];

	counters(r, c);
	kmr_json_init(&j, stdout);
	kmr_json_object(&j, NULL);
	kmr_json_string(&j, "trace", o->trace);
	kmr_json_string(&j, "database", o->output);
	kmr_json_string(&j, "digest", r->digest);
	kmr_json_string(&j, "machine", r->machine_from);
	kmr_json_string(&j, "start", kmr_start_name(r->start));
	kmr_json_string(&j, "start_from", r->start_from);
	kmr_json_string(&j, "page", r->backend);
	kmr_json_string(&j, "params", r->params);
	kmr_json_uint(&j, "first_time_ns", r->first_time);
	kmr_json_uint(&j, "last_time_ns", r->last_time);
	kmr_json_uint(&j, "samples", r->samples);
	kmr_json_object(&j, "counts");
	for (unsigned int i = 0; i < NR_COUNTERS; i++)
		kmr_json_uint(&j, c[i].name, c[i].value);
	kmr_json_uint(&j, "extfrag", r->extfrag_events);
	kmr_json_end_object(&j);
	kmr_json_array(&j, "failures");
	for (unsigned int i = 0; i < r->nr_failures; i++) {
		kmr_json_object(&j, NULL);
		kmr_json_uint(&j, "order", r->failures[i].order);
		kmr_json_string(&j, "gfp_flags",
				kmr_gfp_format(r->failures[i].gfp, gfp, sizeof(gfp)));
		kmr_json_uint(&j, "count", r->failures[i].count);
		kmr_json_end_object(&j);
	}
	kmr_json_end_array(&j);
	kmr_outcomes_json(&j, r);
	kmr_contig_json(&j, &r->contig);
	kmr_numa_json(&j, r);
	kmr_pressure_json(&j, &r->pressure);
	kmr_objects_json(&j, r);
	kmr_lifetimes_json(&j, &r->distributions);
	kmr_mappings_json(&j, r);
	kmr_latency_json(&j, &r->latency);
	kmr_buddyinfo_json(&j, r);
	kmr_json_end_object(&j);
}

static int print_counts(const struct kmr_replay_result *r)
{
	static const struct kmr_column columns[] = { { "", NULL, KMR_ALIGN_LEFT },
						     { "", NULL, KMR_ALIGN_RIGHT } };
	struct kmr_table *t = kmr_table_new(NULL, columns, 2);
	struct counter c[NR_COUNTERS];
	char gfp[256];

	counters(r, c);
	for (unsigned int i = 0; i < NR_COUNTERS; i++) {
		if (!c[i].value && !c[i].always)
			continue;
		kmr_table_text(t, c[i].text);
		kmr_table_count(t, c[i].value);
		if (c[i].value && !strcmp(c[i].name, "failures"))
			kmr_table_style(t, KMR_STYLE_BAD);
	}
	kmr_table_text(t, "fallbacks to another mobility (extfrag)");
	kmr_table_count(t, r->extfrag_events);
	for (unsigned int i = 0; i < r->nr_failures && i < 5; i++) {
		kmr_table_format(t, "  failed: order %u, %s", r->failures[i].order,
				 kmr_gfp_format(r->failures[i].gfp, gfp, sizeof(gfp)));
		kmr_table_count(t, r->failures[i].count);
	}
	return kmr_table_print(t, stdout);
}

static int print_text(const struct kmr_replay_options *o, const struct kmr_replay_result *r,
		      const struct kmr_curves *curves)
{
	const uint64_t span = r->last_time > r->first_time ? r->last_time - r->first_time : 0;

	if (kmr_run_head_text(o->trace, span, r))
		return -1;
	if (o->output)
		printf("database  %s (%" PRIu64 " samples)\n", o->output, r->samples);
	printf("digest    %s\n\n", r->digest);
	if (print_counts(r))
		return -1;
	printf("\n");
	if (kmr_outcomes_text(r) || kmr_curves_text(curves) || kmr_contig_text(&r->contig) ||
	    kmr_numa_text(r) || kmr_pressure_text(&r->pressure))
		return -1;
	if (r->objects.backend) {
		if (kmr_objects_text(r))
			return -1;
		printf("\n");
	}
	if (r->mappings.backend) {
		if (kmr_mappings_text(r))
			return -1;
		printf("\n");
	}
	if (kmr_latency_text(&r->latency))
		return -1;
	return kmr_buddyinfo_text(r);
}

static void progress(void *ctx, const struct kmr_trace_info *info)
{
	(void)ctx;
	kmr_progress_trace("replay", info);
}

static void replayed(void *ctx, const struct kmr_progress *now)
{
	(void)ctx;
	kmr_progress_show("replay", now);
}

static int run(int argc, char **argv)
{
	struct kmr_replay_options o;
	struct kmr_curves curves = { .r = NULL };
	struct kmr_replay_result *r;
	struct kmr_error err = { "" };
	const char *start = NULL;
	int operand, code = KMR_EXIT_OK;
	char *command;
	bool json = false;

	memset(&o, 0, sizeof(o));
	const struct kmr_option options[] = {
		{ "output", 'o', "FILE", "the database to write (none: only the summary)", NULL,
		  &o.output },
		{ "machine", 'm', "MACHINE",
		  "a preset (i386:ram=1280M, x86_64:ram=6G,nodes=2),\na directory of /proc dumps, "
		  "or a snapshot;\nelse by the files beside TRACE, or by TRACE itself",
		  NULL, &o.machine },
		{ "page", 'p', "BACKEND",
		  "page backend with parameters, as `kmreplay list`\nshows them (that of the "
		  "machine's kernel)",
		  NULL, &o.page },
		{ "object", 'O', "BACKEND",
		  "simulate objects, too: slub, slab or slob with\nparameters, as `kmreplay list` "
		  "shows them (none)",
		  NULL, &o.object },
		{ "vmap", 'v', "BACKEND",
		  "simulate the kernel's addresses: augmented or\nrbtree with parameters, or none "
		  "(augmented, if the\ntrace has events about them)",
		  NULL, &o.vmap },
		{ "pressure", 'P', "HOW",
		  "follow: free what the traced kernel's reclaim freed;\nmodel, with parameters: "
		  "simulate reclaim (follow)",
		  NULL, &o.pressure },
		{ "cost", 'c', "FILE",
		  "prices of the steps that operations take, for their\nlatencies (those that "
		  "`kmreplay list` shows)",
		  NULL, &o.cost },
		{ "start", 's', "STATE", "snapshot, proc, infer or boot; else the best there is",
		  NULL, &start },
		{ "by-task", 'b', NULL, "count requests and failures by command, too", &o.by_task,
		  NULL },
		{ "json", 'j', NULL, "print the summary as JSON", &json, NULL },
		kmr_option_strict(&o.strict),
		kmr_option_check(&o.check),
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};
	operand = kmr_parse_options(&kmr_cmd_replay, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	o.trace = argv[operand];
	o.progress = progress;
	o.replayed = replayed;
	if (start && kmr_start_by_name(start, &o.start)) {
		(void)kmr_fail(&err,
			       "replay: --start takes snapshot, proc, infer or boot, found '%s'",
			       start);
		return kmr_complain(&err);
	}
	r = calloc(1, sizeof(*r));
	command = kmr_command_line(&kmr_cmd_replay, options, o.trace);
	if (!r || !command) {
		free(r);
		free(command);
		(void)kmr_fail_nomem(&err, "the result");
		return kmr_complain(&err);
	}
	o.command = command;
	curves.r = r;
	o.sampled = json ? NULL : kmr_curves_sample;
	o.sampled_ctx = &curves;
	if (kmr_replay(&o, r, &err)) {
		code = kmr_complain(&err);
	} else {
		kmr_progress_end();
		kmr_warn_about_trace(o.trace, &r->trace);
		if (json)
			print_json(&o, r);
		else if (print_text(&o, r, &curves))
			code = KMR_EXIT_BAD;
	}
	kmr_curves_free(&curves);
	kmr_replay_result_free(r);
	free(r);
	free(command);
	return code;
}

const struct kmr_command kmr_cmd_replay = {
	.name = "replay",
	.usage = "TRACE [-o run.db] [OPTION]...",
	.summary = "replay a trace on a simulated machine into a database",
	.about = "Replays the page events of TRACE on a simulated machine whose page backend "
		 "chooses\n"
		 "zones and frames by itself, and writes samples, fragmentation, fallbacks and\n"
		 "failures to a SQLite database. TRACE is ftrace text (trace, trace_pipe, "
		 "trace-cmd\n"
		 "report, perf script), plain or zstd-compressed; - is standard input.",
	.run = run,
};
