// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay fit: a trace into a workload, and how near that comes. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/cli.h"
#include "cli/run_head.h"
#include "kmreplay/fit.h"
#include "report/json.h"
#include "report/table.h"
#include "report/units.h"

static const struct {
	const char *key, *text;
} figures[] = {
	[KMR_FIT_USED] = { "used_pages", "pages in use" },
	[KMR_FIT_OBJECT_BYTES] = { "object_bytes", "KiB of objects in use" },
	[KMR_FIT_SLAB_PAGES] = { "slab_pages", "pages of slabs" },
	[KMR_FIT_UNUSABLE] = { "unusable_index", "unusable" },
	[KMR_FIT_EXTFRAG] = { "extfrag_index", "extfrag" },
	[KMR_FIT_PAGE_ALLOCS] = { "page_allocs", "page allocations" },
	[KMR_FIT_PAGE_FREES] = { "page_frees", "page frees" },
	[KMR_FIT_OBJECT_ALLOCS] = { "object_allocs", "object allocations" },
	[KMR_FIT_OBJECT_FREES] = { "object_frees", "object frees" },
	[KMR_FIT_FALLBACKS] = { "extfrag", "fallbacks to another mobility" },
	[KMR_FIT_REFILLS] = { "pcp_refills", "refills of per-CPU lists" },
	[KMR_FIT_FAILURES] = { "failures", "requests that failed" },
};

static bool is_index(const struct kmr_fit_figure *f)
{
	return f->what == KMR_FIT_UNUSABLE || f->what == KMR_FIT_EXTFRAG;
}

static const char *zone_name(const struct kmr_fit_result *r, unsigned int zone)
{
	return kmr_zone_name((enum kmr_zone_type)r->near.trace.machine.zones[zone].type);
}

static void put_value(struct kmr_table *t, const struct kmr_fit_figure *f, int64_t value)
{
	const uint64_t size = (uint64_t)(value < 0 ? -value : value);

	if (is_index(f))
		kmr_table_format(t, "%s%" PRIu64 ".%03" PRIu64, value < 0 ? "-" : "", size / 1000,
				 size % 1000);
	else if (f->what == KMR_FIT_OBJECT_BYTES)
		kmr_table_count(t, size / 1024);
	else
		kmr_table_count(t, size);
}

static struct kmr_table *new_table(const char *title, bool zones)
{
	static const struct kmr_column columns[] = {
		{ "", NULL, KMR_ALIGN_LEFT },
		{ "zone", NULL, KMR_ALIGN_LEFT },
		{ "order", NULL, KMR_ALIGN_RIGHT },
		{ "trace", NULL, KMR_ALIGN_RIGHT },
		{ "model", NULL, KMR_ALIGN_RIGHT },
		{ "apart", NULL, KMR_ALIGN_RIGHT },
		{ "end: trace", NULL, KMR_ALIGN_RIGHT },
		{ "model", NULL, KMR_ALIGN_RIGHT },
	};
	struct kmr_column some[ARRAY_SIZE(columns)];
	size_t nr = 0;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (zones || i < 1 || i > 2)
			some[nr++] = columns[i];
	return kmr_table_new(title, some, nr);
}

static void put_figure(struct kmr_table *t, const struct kmr_fit_result *r,
		       const struct kmr_fit_figure *f)
{
	kmr_table_text(t, figures[f->what].text);
	if (is_index(f)) {
		kmr_table_format(t, "%u %s", r->near.trace.machine.zones[f->zone].node,
				 zone_name(r, f->zone));
		kmr_table_format(t, "%u", f->order);
	}
	put_value(t, f, f->mean.trace);
	put_value(t, f, f->mean.model);
	put_value(t, f, f->apart);
	put_value(t, f, f->end.trace);
	put_value(t, f, f->end.model);
}

/* What has a mean over time, of memory or of zones. */
static int print_over_time(const struct kmr_fit_result *r, const char *title, bool zones)
{
	struct kmr_table *t = new_table(title, zones);

	for (size_t i = 0; i < r->near.nr_figures; i++)
		if (r->near.figures[i].over_time && is_index(&r->near.figures[i]) == zones)
			put_figure(t, r, &r->near.figures[i]);
	return kmr_table_print(t, stdout);
}

static int print_totals(const struct kmr_fit_result *r)
{
	static const struct kmr_column columns[] = { { "", NULL, KMR_ALIGN_LEFT },
						     { "trace", NULL, KMR_ALIGN_RIGHT },
						     { "model", NULL, KMR_ALIGN_RIGHT } };
	struct kmr_table *t = kmr_table_new("In all", columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < r->near.nr_figures; i++) {
		const struct kmr_fit_figure *f = &r->near.figures[i];

		if (f->over_time)
			continue;
		kmr_table_text(t, figures[f->what].text);
		put_value(t, f, f->end.trace);
		put_value(t, f, f->end.model);
	}
	return kmr_table_print(t, stdout);
}

static int print_figures(const struct kmr_fit_result *r)
{
	if (print_over_time(r, "Memory: mean over time of both, and how far apart; at the end",
			    false))
		return -1;
	printf("\n");
	if (print_over_time(r, "Fragmentation indices, the same (-1.000: a request succeeds)",
			    true))
		return -1;
	printf("\n");
	return print_totals(r);
}

static uint64_t free_blocks(const struct kmr_zone_state *zone, unsigned int order)
{
	uint64_t blocks = 0;

	for (unsigned int type = 0; type < KMR_MIGRATE_TYPES; type++)
		blocks += zone->nr_free[order][type];
	return blocks;
}

static int print_blocks(const struct kmr_fit_result *r)
{
	static const char *const orders[KMR_MAX_ORDERS] = { "0",  "1",	"2",  "3", "4",	 "5",
							    "6",  "7",	"8",  "9", "10", "11",
							    "12", "13", "14", "15" };
	const struct kmr_machine *m = &r->near.trace.machine;
	struct kmr_column columns[KMR_MAX_ORDERS + 2];
	struct kmr_table *t;

	memset(columns, 0, sizeof(columns));
	columns[0].title = "zone";
	columns[1].title = "";
	for (unsigned int o = 0; o < m->nr_orders; o++) {
		columns[o + 2].title = orders[o];
		columns[o + 2].align = KMR_ALIGN_RIGHT;
	}
	t = kmr_table_new("Free blocks at the end, by order", columns, m->nr_orders + 2);
	for (unsigned int z = 0; z < m->nr_zones; z++)
		for (int model = 0; model < 2; model++) {
			const struct kmr_replay_result *side =
				model ? &r->near.model : &r->near.trace;

			if (model)
				kmr_table_text(t, "");
			else
				kmr_table_format(t, "%u %s", m->zones[z].node, zone_name(r, z));
			kmr_table_text(t, model ? "model" : "trace");
			for (unsigned int o = 0; o < m->nr_orders; o++)
				kmr_table_format(t, "%" PRIu64, free_blocks(&side->zones[z], o));
		}
	return kmr_table_print(t, stdout);
}

struct count {
	const char *key, *text;
	uint64_t value;
	bool always; /* shown in the table when it is 0, too */
};

#define NR_COUNTS 11

static void list_counts(const struct kmr_fit_result *r, struct count counts[NR_COUNTS])
{
	const struct kmr_fit_counts *c = &r->counts;
	const struct count all[NR_COUNTS] = {
		{ "page_requests", "page requests", c->page_requests, true },
		{ "slab_pages", "page requests left to objects", c->slab_pages, false },
		{ "object_requests", "object requests", c->object_requests, false },
		{ "start_pages", "frees of pages that were there at the start", c->start_pages,
		  false },
		{ "start_objects", "frees of objects that were there at the start",
		  c->start_objects, false },
		{ "failed", "requests that failed: left out", c->failed, false },
		{ "silent", "pages taken without an event, inferred: left out", c->silent, false },
		{ "unknown", "frees of objects of unknown caches: left out", c->unknown, false },
		{ "classes", "classes of requests", r->classes, true },
		{ "merged", "of these, merged as the rest", r->merged, false },
		{ "actors", "actors written", r->actors, true },
	};

	memcpy(counts, all, sizeof(all));
}

static int print_text(const struct kmr_fit_options *o, const struct kmr_fit_result *r)
{
	static const struct kmr_column columns[] = { { "", NULL, KMR_ALIGN_LEFT },
						     { "", NULL, KMR_ALIGN_RIGHT } };
	const struct kmr_replay_result *t = &r->near.trace;
	struct count counts[NR_COUNTS];
	struct kmr_table *table;

	if (kmr_run_head_text(o->trace, r->duration, t))
		return -1;
	printf("workload  %s\n\n", o->output);
	table = kmr_table_new(NULL, columns, ARRAY_SIZE(columns));
	list_counts(r, counts);
	for (unsigned int i = 0; i < NR_COUNTS; i++) {
		if (!counts[i].value && !counts[i].always)
			continue;
		kmr_table_text(table, counts[i].text);
		kmr_table_count(table, counts[i].value);
	}
	if (kmr_table_print(table, stdout))
		return -1;
	printf("\n");
	if (print_figures(r))
		return -1;
	printf("\n");
	return print_blocks(r);
}

/* Indices in thousandths, as whole numbers. */
static void json_figure(struct kmr_json *j, const struct kmr_fit_result *r,
			const struct kmr_fit_figure *f)
{
	kmr_json_object(j, NULL);
	kmr_json_string(j, "figure", figures[f->what].key);
	if (is_index(f)) {
		kmr_json_uint(j, "node", r->near.trace.machine.zones[f->zone].node);
		kmr_json_string(j, "zone", zone_name(r, f->zone));
		kmr_json_uint(j, "order", f->order);
	}
	if (f->over_time) {
		kmr_json_int(j, "trace_mean", f->mean.trace);
		kmr_json_int(j, "model_mean", f->mean.model);
		kmr_json_int(j, "apart_mean", f->apart);
	}
	kmr_json_int(j, "trace_end", f->end.trace);
	kmr_json_int(j, "model_end", f->end.model);
	kmr_json_end_object(j);
}

static void json_blocks(struct kmr_json *j, const struct kmr_fit_result *r, const char *key,
			const struct kmr_zone_state *zone)
{
	kmr_json_array(j, key);
	for (unsigned int o = 0; o < r->near.trace.machine.nr_orders; o++)
		kmr_json_uint(j, NULL, free_blocks(zone, o));
	kmr_json_end_array(j);
}

static void print_json(const struct kmr_fit_options *o, const struct kmr_fit_result *r)
{
	const struct kmr_machine *m = &r->near.trace.machine;
	struct count counts[NR_COUNTS];
	struct kmr_json j;

	list_counts(r, counts);
	kmr_json_init(&j, stdout);
	kmr_json_object(&j, NULL);
	kmr_json_string(&j, "trace", o->trace);
	kmr_json_string(&j, "workload", o->output);
	kmr_json_string(&j, "machine", r->near.trace.machine_from);
	kmr_json_string(&j, "start", kmr_start_name(r->near.trace.start));
	kmr_json_string(&j, "page", r->near.trace.backend);
	kmr_json_string(&j, "object", r->object);
	kmr_json_uint(&j, "duration_ns", r->duration);
	kmr_json_object(&j, "counts");
	for (unsigned int i = 0; i < NR_COUNTS; i++)
		kmr_json_uint(&j, counts[i].key, counts[i].value);
	kmr_json_end_object(&j);
	kmr_json_array(&j, "near");
	for (size_t i = 0; i < r->near.nr_figures; i++)
		json_figure(&j, r, &r->near.figures[i]);
	kmr_json_end_array(&j);
	kmr_json_array(&j, "free_blocks");
	for (unsigned int z = 0; z < m->nr_zones; z++) {
		kmr_json_object(&j, NULL);
		kmr_json_uint(&j, "node", m->zones[z].node);
		kmr_json_string(&j, "zone", zone_name(r, z));
		json_blocks(&j, r, "trace", &r->near.trace.zones[z]);
		json_blocks(&j, r, "model", &r->near.model.zones[z]);
		kmr_json_end_object(&j);
	}
	kmr_json_end_array(&j);
	kmr_json_end_object(&j);
}

static void progress(void *ctx, const struct kmr_trace_info *info)
{
	(void)ctx;
	kmr_progress_trace("fit", info);
}

static void replayed(void *ctx, const struct kmr_progress *now)
{
	(void)ctx;
	kmr_progress_show("fit", now);
}

static int parse_top(const char *text, unsigned int *top, struct kmr_error *err)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || !value || value > KMR_FIT_MAX_TOP)
		return kmr_fail(err, "fit: --top takes a number from 1 to %u, found '%s'",
				KMR_FIT_MAX_TOP, text);
	*top = (unsigned int)value;
	return 0;
}

static int check(struct kmr_fit_options *o, const char *by, const char *top, struct kmr_error *err)
{
	if (by && kmr_fit_by_name(by, &o->by))
		return kmr_fail(err, "fit: --by takes site, cache or task, found '%s'", by);
	if (top && parse_top(top, &o->top, err))
		return -1;
	if (!o->output)
		return kmr_fail(err, "fit: -o LOAD.yaml is missing, the workload to write");
	return 0;
}

static int fit(const struct kmr_fit_options *o, bool json, struct kmr_error *err)
{
	struct kmr_fit_result *r = calloc(1, sizeof(*r));
	int code = KMR_EXIT_OK;

	if (!r || kmr_fit(o, r, err)) {
		if (!r)
			(void)kmr_fail_nomem(err, "the result");
		free(r);
		return kmr_complain(err);
	}
	kmr_progress_end();
	kmr_warn_about_trace(o->trace, &r->near.trace.trace);
	if (json)
		print_json(o, r);
	else if (print_text(o, r))
		code = KMR_EXIT_BAD;
	kmr_fit_result_free(r);
	free(r);
	return code;
}

static int run(int argc, char **argv)
{
	struct kmr_fit_options o;
	struct kmr_error err = { "" };
	const char *by = NULL, *top = NULL;
	bool json = false;
	int operand;

	memset(&o, 0, sizeof(o));
	o.top = KMR_FIT_DEFAULT_TOP;
	const struct kmr_option options[] = {
		{ "output", 'o', "FILE", "the workload to write", NULL, &o.output },
		{ "machine", 'm', "MACHINE",
		  "as for replay: where TRACE is replayed for the\ncomparison, and what the "
		  "workload names",
		  NULL, &o.machine },
		{ "page", 'p', "BACKEND", "page backend of the comparison (as for replay)", NULL,
		  &o.page },
		{ "by", 'b', "WHAT", "objects by site, cache or task (site)", NULL, &by },
		{ "top", 't', "N", "classes kept on their own, the heaviest (200)", NULL, &top },
		{ "pages", 0, NULL, "pages as they were asked for, slabs' too, no objects",
		  &o.pages, NULL },
		{ "anonymous", 'a', NULL, "numbers for the names of tasks, call sites, caches",
		  &o.anonymous, NULL },
		{ "json", 'j', NULL, "print the comparison as JSON", &json, NULL },
		kmr_option_strict(&o.strict),
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};
	operand = kmr_parse_options(&kmr_cmd_fit, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	o.trace = argv[operand];
	o.progress = progress;
	o.replayed = replayed;
	if (check(&o, by, top, &err))
		return kmr_complain(&err);
	return fit(&o, json, &err);
}

const struct kmr_command kmr_cmd_fit = {
	.name = "fit",
	.usage = "TRACE -o LOAD.yaml [OPTION]...",
	.summary = "write a workload that is like a trace, and tell how near",
	.about = "Reads what TRACE asks for into distributions, by call site, cache, task, order "
		 "and\n"
		 "flags: sizes, gaps between requests, lifetimes, what is freed together. Writes "
		 "them\n"
		 "as a workload that can be shared where TRACE cannot, replays both, and compares\n"
		 "fragmentation and memory in use.\n",
	.run = run,
};
