// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay compare: one trace through several allocators, side by side. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/cli.h"
#include "cli/compare_text.h"
#include "cli/figures.h"
#include "cli/latency.h"
#include "cli/mappings.h"
#include "cli/numa.h"
#include "cli/objects.h"
#include "kmreplay/compare.h"
#include "report/json.h"
#include "report/table.h"

#define MAX_SPECS 16

struct specs {
	char *text; /* cut up in place */
	const char *list[MAX_SPECS];
	unsigned int nr;
};

/* "slub,max_order=0,slab": a comma begins another backend unless a parameter follows. */
static int cut_specs(struct specs *s, const char *option, const char *text, struct kmr_error *err)
{
	char *p;

	s->text = strdup(text);
	if (!s->text)
		return kmr_fail_nomem(err, "a list of backends");
	p = s->text;
	s->list[s->nr++] = p;
	while ((p = strchr(p, ','))) {
		const char *item = ++p;

		if (item[strcspn(item, ",=")] == '=')
			continue;
		p[-1] = '\0';
		if (s->nr == MAX_SPECS)
			return kmr_fail(err, "%s: more than %d backends", option, MAX_SPECS);
		s->list[s->nr++] = item;
	}
	return 0;
}

static void print_json(const struct kmr_compare_options *o, const struct kmr_replay_result *r,
		       unsigned int nr)
{
	const struct kmr_figure *f;
	struct kmr_json j;

	kmr_json_init(&j, stdout);
	kmr_json_object(&j, NULL);
	kmr_json_string(&j, "trace", o->replay.trace);
	kmr_json_string(&j, "database", o->replay.output);
	kmr_json_string(&j, "machine", r->machine_from);
	kmr_json_string(&j, "start", kmr_start_name(r->start));
	kmr_json_array(&j, "runs");
	for (unsigned int i = 0; i < nr; i++) {
		kmr_json_object(&j, NULL);
		kmr_json_uint(&j, "run", i + 1);
		kmr_json_string(&j, "digest", r[i].digest);
		kmr_json_string(&j, "page", r[i].backend);
		kmr_json_string(&j, "params", r[i].params);
		kmr_numa_json(&j, &r[i]);
		kmr_objects_json(&j, &r[i]);
		kmr_mappings_json(&j, &r[i]);
		kmr_latency_json(&j, &r[i].latency);
		kmr_json_object(&j, "figures");
		for (unsigned int k = 0; (f = kmr_figure(k)); k++)
			if (kmr_figure_applies(f, &r[i]))
				kmr_json_double(&j, f->key, f->of(&r[i]), f->decimals);
		kmr_json_end_object(&j);
		kmr_json_end_object(&j);
	}
	kmr_json_end_array(&j);
	kmr_json_end_object(&j);
}

static void progress(void *ctx, const struct kmr_trace_info *info)
{
	(void)ctx;
	kmr_progress_trace("compare", info);
}

static void replayed(void *ctx, const struct kmr_progress *now)
{
	(void)ctx;
	kmr_progress_show("compare", now);
}

/* What runs draw their curves into, for a table; all or nothing. */
struct curves {
	struct kmr_curves *of; /* by run */
	void **ctxs;
};

static int open_curves(struct curves *c, struct kmr_compare_options *o,
		       const struct kmr_replay_result *r, unsigned int nr)
{
	c->of = calloc(nr, sizeof(*c->of));
	c->ctxs = calloc(nr, sizeof(*c->ctxs));
	if (!c->of || !c->ctxs)
		return -1;
	for (unsigned int i = 0; i < nr; i++) {
		c->of[i].r = &r[i];
		c->ctxs[i] = &c->of[i];
	}
	o->replay.sampled = kmr_curves_sample;
	o->sampled_ctxs = c->ctxs;
	return 0;
}

static void close_curves(struct curves *c, unsigned int nr)
{
	for (unsigned int i = 0; c->of && i < nr; i++)
		kmr_curves_free(&c->of[i]);
	free(c->of);
	free(c->ctxs);
}

static int compare(struct kmr_compare_options *o, bool json)
{
	const unsigned int nr = kmr_compare_combinations(o);
	struct kmr_replay_result *r = calloc(nr, sizeof(*r));
	struct curves curves = { NULL, NULL };
	struct kmr_error err = { "" };
	int code = KMR_EXIT_OK;

	if (!r || (!json && open_curves(&curves, o, r, nr))) {
		(void)kmr_fail_nomem(&err, "the results");
		code = kmr_complain(&err);
	} else if (kmr_compare(o, r, &err)) {
		code = kmr_complain(&err);
	} else {
		kmr_progress_end();
		kmr_warn_about_trace(o->replay.trace, &r->trace);
		if (json)
			print_json(o, r, nr);
		else if (kmr_compare_text(o, r, curves.of, nr))
			code = KMR_EXIT_BAD;
		for (unsigned int i = 0; i < nr; i++)
			kmr_replay_result_free(&r[i]);
	}
	close_curves(&curves, nr);
	free(r);
	return code;
}

/* A number of jobs; -1: not one. */
static int parse_jobs(const char *text)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(text, &end, 10);
	return end == text || *end || errno || v < 1 || v > 1024 ? -1 : (int)v;
}

/* What was given on the command line. */
struct given {
	const char *pages, *objects, *vmaps, *start, *jobs;
};

static int run_with(struct kmr_compare_options *o, const struct given *g, bool json)
{
	struct specs page = { .nr = 0 }, object = { .nr = 0 }, vmap = { .nr = 0 };
	struct kmr_error err = { "" };
	const int n = g->jobs ? parse_jobs(g->jobs) : 0;
	int code;

	if (g->start && kmr_start_by_name(g->start, &o->replay.start)) {
		(void)kmr_fail(&err,
			       "compare: --start takes snapshot, proc, infer or boot, found '%s'",
			       g->start);
		return kmr_complain(&err);
	}
	if (n < 0) {
		(void)kmr_fail(&err, "compare: --jobs takes a number from 1 to 1024, found '%s'",
			       g->jobs);
		return kmr_complain(&err);
	}
	o->jobs = (unsigned int)n;
	if ((g->pages && cut_specs(&page, "--page", g->pages, &err)) ||
	    cut_specs(&object, "--object", g->objects, &err) ||
	    (g->vmaps && cut_specs(&vmap, "--vmap", g->vmaps, &err))) {
		code = kmr_complain(&err);
	} else {
		o->pages = page.list;
		o->nr_pages = g->pages ? page.nr : 1;
		o->objects = object.list;
		o->nr_objects = object.nr;
		o->vmaps = vmap.list;
		o->nr_vmaps = vmap.nr;
		code = compare(o, json);
	}
	free(page.text);
	free(object.text);
	free(vmap.text);
	return code;
}

static int run(int argc, char **argv)
{
	struct given g = { .objects = "slub,slab,slob" };
	struct kmr_compare_options o;
	bool json = false;
	int operand, code;
	char *command;

	memset(&o, 0, sizeof(o));
	const struct kmr_option options[] = {
		{ "output", 'o', "FILE", "the database to write, a run for each combination", NULL,
		  &o.replay.output },
		{ "machine", 'm', "MACHINE", "as for replay", NULL, &o.replay.machine },
		{ "page", 'p', "A,B...", "page backends with parameters (as for replay)", NULL,
		  &g.pages },
		{ "object", 'O', "A,B...",
		  "object backends with parameters, none for pages\nalone (slub,slab,slob)", NULL,
		  &g.objects },
		{ "vmap", 'v', "A,B...", "vmap backends with parameters, or none (as for replay)",
		  NULL, &g.vmaps },
		{ "pressure", 'P', "HOW", "as for replay, of all runs (follow)", NULL,
		  &o.replay.pressure },
		{ "cost", 'c', "FILE", "prices of steps, as for replay", NULL, &o.replay.cost },
		{ "start", 's', "STATE", "as for replay", NULL, &g.start },
		{ "jobs", 'J', "N", "runs at the same time (as many as there are CPUs)", NULL,
		  &g.jobs },
		{ "json", 'j', NULL, "print the comparison as JSON", &json, NULL },
		kmr_option_strict(&o.replay.strict),
		kmr_option_check(&o.replay.check),
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};
	operand = kmr_parse_options(&kmr_cmd_compare, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	o.replay.trace = argv[operand];
	o.replay.progress = progress;
	o.replay.replayed = replayed;
	command = kmr_command_line(&kmr_cmd_compare, options, o.replay.trace);
	if (!command) {
		struct kmr_error err;

		(void)kmr_fail_nomem(&err, "the command line");
		return kmr_complain(&err);
	}
	o.replay.command = command;
	code = run_with(&o, &g, json);
	free(command);
	return code;
}

const struct kmr_command kmr_cmd_compare = {
	.name = "compare",
	.usage = "TRACE [--page=A,B...] [--object=A,B...] [-o runs.db] [OPTION]...",
	.summary = "one trace through several allocators, side by side",
	.about = "Decodes TRACE once and replays it with every combination of the backends named: "
		 "one table side by side, the best in each row marked, and with\n"
		 "-o one database with a run each. A comma begins another backend unless a\n"
		 "parameter follows it: slub,max_order=0,slab are two.",
	.run = run,
};
