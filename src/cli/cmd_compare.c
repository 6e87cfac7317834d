// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay compare: one trace through several allocators, side by side. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/cli.h"
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

/* A figure of a run; what is better, if anything. */
enum better {
	NEITHER,
	LESS,
	MORE
};

/* What has to be simulated for it. */
enum kind {
	PAGES,
	OBJECTS,
	NODES, /* several on the machine */
	ADDRESSES
};

struct figure {
	const char *text, *key;
	enum better better;
	unsigned int decimals;
	double (*of)(const struct kmr_replay_result *r);
	enum kind kind;
};

static double start_pages(const struct kmr_replay_result *r)
{
	return (double)r->objects.stats.start_pages;
}

static double peak_pages(const struct kmr_replay_result *r)
{
	return (double)r->objects.stats.peak_pages;
}

static double end_pages(const struct kmr_replay_result *r)
{
	return (double)r->objects.stats.end_pages;
}

static double growth(const struct kmr_replay_result *r)
{
	return end_pages(r) - start_pages(r);
}

static double waste(const struct kmr_replay_result *r)
{
	return 100 * kmr_objects_waste(r);
}

static double rounding(const struct kmr_replay_result *r)
{
	const struct kmr_object_stats *s = &r->objects.stats;

	return s->live_given ? 100 * (1 - (double)s->live_requested / (double)s->live_given) : 0;
}

/* Unusable free space for a huge block, all zones together: mm/vmstat.c, unusable_free_index(). */
static double unusable(const struct kmr_replay_result *r)
{
	const unsigned int order = r->machine.pageblock_order;
	double total = 0, suitable = 0;

	for (unsigned int z = 0; z < r->machine.nr_zones; z++)
		for (unsigned int o = 0; o < r->machine.nr_orders; o++)
			for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++) {
				const double pages =
					(double)((uint64_t)r->zones[z].nr_free[o][t] << o);

				total += pages;
				suitable += o >= order ? pages : 0;
			}
	return total > 0 ? 100 * (1 - suitable / total) : 100;
}

static double free_pages(const struct kmr_replay_result *r)
{
	double n = 0;

	for (unsigned int z = 0; z < r->machine.nr_zones; z++)
		n += (double)(r->zones[z].free_pages + r->zones[z].pcp_pages);
	return n;
}

static double extfrag(const struct kmr_replay_result *r)
{
	return (double)r->extfrag_events;
}

static double page_failures(const struct kmr_replay_result *r)
{
	return (double)r->stats.failures;
}

static double object_failures(const struct kmr_replay_result *r)
{
	return (double)r->objects.stats.failures;
}

static double page_operations(const struct kmr_replay_result *r)
{
	return (double)(r->work.allocs + r->work.frees);
}

static double page_steps(const struct kmr_replay_result *r)
{
	const struct kmr_page_work *w = &r->work;

	return (double)(w->splits + w->merges + w->refill_blocks + w->drain_blocks +
			w->pages_moved);
}

static double object_operations(const struct kmr_replay_result *r)
{
	return (double)(r->objects.work.allocs + r->objects.work.frees);
}

static double slab_operations(const struct kmr_replay_result *r)
{
	return (double)(r->objects.work.slab_allocs + r->objects.work.slab_frees);
}

/* What went beyond a CPU's own objects: slabs loaded or listed, batches, steps along a heap. */
static double object_steps(const struct kmr_replay_result *r)
{
	const struct kmr_object_work *w = &r->objects.work;

	if (!strcmp(r->objects.backend, "slub"))
		return (double)(w->allocs - w->fast_allocs + w->frees - w->fast_frees -
				w->large_allocs - w->large_frees);
	return (double)(w->refills + w->flushes + w->list_steps);
}

/* Areas that found no room, and vmalloc()s that found no pages. */
static double area_failures(const struct kmr_replay_result *r)
{
	return (double)(r->mappings.work.no_room + r->mappings.work.no_pages);
}

static double holes(const struct kmr_replay_result *r)
{
	return (double)r->mappings.end.holes;
}

/* Of the free addresses, what the largest request that there is room for leaves. */
static double unusable_holes(const struct kmr_replay_result *r)
{
	const struct kmr_vmap_state *s = &r->mappings.end;

	return s->hole_bytes ? 100 * (1 - (double)s->largest_hole / (double)s->hole_bytes) : 0;
}

static double tlb_flushes(const struct kmr_replay_result *r)
{
	return (double)(r->mappings.work.flushes + r->mappings.pkmap.flushes);
}

static double area_steps(const struct kmr_replay_result *r)
{
	return (double)r->mappings.work.steps;
}

/* Requests that another node should have served first. */
static double numa_misses(const struct kmr_replay_result *r)
{
	uint64_t misses = 0;

	for (unsigned int i = 0; i < r->machine.nr_zones; i++)
		misses += r->numa.zones[i].miss;
	return (double)misses;
}

static double remote_pages(const struct kmr_replay_result *r)
{
	const unsigned int nr = r->machine.nr_nodes;
	uint64_t remote = 0, all = 0;

	for (unsigned int from = 0; from < nr; from++)
		for (unsigned int to = 0; to < nr; to++) {
			const uint64_t pages = r->numa.traffic[from][to].pages;

			all += pages;
			remote += from == to ? 0 : pages;
		}
	return all ? 100.0 * (double)remote / (double)all : 0;
}

static double mean_distance(const struct kmr_replay_result *r)
{
	const unsigned int nr = r->machine.nr_nodes;
	double all = 0, sum = 0;

	for (unsigned int from = 0; from < nr; from++)
		for (unsigned int to = 0; to < nr; to++) {
			const double pages = (double)r->numa.traffic[from][to].pages;

			all += pages;
			sum += pages * r->machine.distance[from][to];
		}
	return all > 0 ? sum / all : 0;
}

/* 99 of 100 operations took no longer, ns. */
static double p99(const struct kmr_replay_result *r, enum kmr_operation operation)
{
	struct kmr_latency_summary s;

	return kmr_latency_summarise(&r->latency, operation, &s) ? 0 : (double)s.p99 / 1000;
}

static double page_p99(const struct kmr_replay_result *r)
{
	return p99(r, KMR_OP_PAGE_ALLOC);
}

static double object_p99(const struct kmr_replay_result *r)
{
	return p99(r, KMR_OP_OBJECT_ALLOC);
}

static const struct figure figures[] = {
	{ "slab pages at the start", "slab_pages_start", LESS, 0, start_pages, OBJECTS },
	{ "slab pages at most", "slab_pages_peak", LESS, 0, peak_pages, OBJECTS },
	{ "slab pages at the end", "slab_pages_end", LESS, 0, end_pages, OBJECTS },
	{ "growth, pages", "slab_pages_growth", LESS, 0, growth, OBJECTS },
	{ "not asked for, % of slabs", "waste_percent", LESS, 1, waste, OBJECTS },
	{ "rounding, % of objects", "rounding_percent", LESS, 2, rounding, OBJECTS },
	{ "failures, objects", "object_failures", LESS, 0, object_failures, OBJECTS },
	{ "object operations", "object_operations", NEITHER, 0, object_operations, OBJECTS },
	{ "slow steps for objects", "object_steps", LESS, 0, object_steps, OBJECTS },
	{ "slabs made and freed", "slab_operations", LESS, 0, slab_operations, OBJECTS },
	{ "object's p99, ns", "object_alloc_p99_ns", LESS, 1, object_p99, OBJECTS },
	{ "free pages at the end", "free_pages_end", MORE, 0, free_pages, PAGES },
	{ "unusable for huge, %", "unusable_percent", LESS, 1, unusable, PAGES },
	{ "fallbacks (extfrag)", "extfrag", LESS, 0, extfrag, PAGES },
	{ "failures, pages", "page_failures", LESS, 0, page_failures, PAGES },
	{ "page operations", "page_operations", LESS, 0, page_operations, PAGES },
	{ "page steps", "page_steps", LESS, 0, page_steps, PAGES },
	{ "page's p99, ns", "page_alloc_p99_ns", LESS, 1, page_p99, PAGES },
	{ "misses of a node", "numa_misses", LESS, 0, numa_misses, NODES },
	{ "of another node, % of pages", "remote_percent", LESS, 1, remote_pages, NODES },
	{ "distance of a page, mean", "mean_distance", LESS, 2, mean_distance, NODES },
	{ "failures, areas", "area_failures", LESS, 0, area_failures, ADDRESSES },
	{ "holes between areas", "holes", LESS, 0, holes, ADDRESSES },
	{ "unusable addresses, %", "holes_unusable_percent", LESS, 2, unusable_holes, ADDRESSES },
	{ "TLB flushes", "tlb_flushes", LESS, 0, tlb_flushes, ADDRESSES },
	{ "steps to find addresses", "area_steps", LESS, 0, area_steps, ADDRESSES },
};

static bool applies(const struct figure *f, const struct kmr_replay_result *r)
{
	if (f->kind == OBJECTS)
		return r->objects.backend;
	if (f->kind == NODES)
		return r->numa.known;
	return f->kind == PAGES || r->mappings.backend;
}

/* The best of a row; false when there is none, or all are as good. */
static bool best_of(const struct figure *f, const struct kmr_replay_result *r, unsigned int nr,
		    double *best)
{
	bool any = false, differ = false;

	for (unsigned int i = 0; i < nr; i++) {
		double v;

		if (!applies(f, &r[i]))
			continue;
		v = f->of(&r[i]);
		differ |= any && (v < *best || v > *best);
		if (!any || (f->better == LESS ? v < *best : v > *best))
			*best = v;
		any = true;
	}
	return differ && f->better != NEITHER;
}

static void cell(struct kmr_table *t, const struct figure *f, double v, bool best)
{
	char text[64], marked[72];

	if (f->decimals)
		(void)snprintf(text, sizeof(text), "%.*f", (int)f->decimals, v);
	else
		(void)snprintf(text, sizeof(text), "%.0f", v);
	(void)snprintf(marked, sizeof(marked), "%s%s", text, best ? " *" : "  ");
	kmr_table_text(t, marked);
}

/* Appends a word. */
static void append(char *text, size_t size, const char *word)
{
	const size_t used = strlen(text);

	(void)snprintf(text + used, size - used, "%s%s", used ? " " : "", word);
}

/* Backends by their specifications, those left out that all have in common; objects if all do. */
static void title(char *text, size_t size, const struct kmr_compare_options *o, unsigned int i)
{
	const struct kmr_combination k = kmr_compare_combination(o, i);

	text[0] = '\0';
	if (o->nr_pages > 1)
		append(text, size, k.page);
	if (o->nr_objects > 1 || (o->nr_pages < 2 && o->nr_vmaps < 2))
		append(text, size, k.object);
	if (o->nr_vmaps > 1)
		append(text, size, k.vmap);
}

static int print_table(const struct kmr_compare_options *o, const struct kmr_replay_result *r,
		       unsigned int nr)
{
	struct kmr_column columns[KMR_TABLE_MAX_COLUMNS];
	char titles[KMR_TABLE_MAX_COLUMNS][64];
	struct kmr_table *t;

	memset(columns, 0, sizeof(columns));
	columns[0].title = "best in a row: *";
	for (unsigned int i = 0; i < nr; i++) {
		title(titles[i], sizeof(titles[i]), o, i);
		columns[i + 1].title = titles[i];
		columns[i + 1].align = KMR_ALIGN_RIGHT;
	}
	t = kmr_table_new(NULL, columns, nr + 1);
	for (size_t k = 0; k < ARRAY_SIZE(figures); k++) {
		const struct figure *f = &figures[k];
		double best = 0;
		bool any = false, marked;

		for (unsigned int i = 0; i < nr; i++)
			any |= applies(f, &r[i]);
		if (!any)
			continue;
		marked = best_of(f, r, nr, &best);
		kmr_table_text(t, f->text);
		for (unsigned int i = 0; i < nr; i++) {
			const double v = applies(f, &r[i]) ? f->of(&r[i]) : 0;

			if (applies(f, &r[i]))
				cell(t, f, v, marked && !(v < best) && !(v > best));
			else
				kmr_table_text(t, "-  ");
		}
	}
	return kmr_table_print(t, stdout);
}

/* Side by side; cmd_compare() has refused more than a table has columns for. */
static int print_text(const struct kmr_compare_options *o, const struct kmr_replay_result *r,
		      unsigned int nr)
{
	printf("trace     %s\n", o->replay.trace);
	printf("machine   %s\n", r->machine_from);
	printf("start     %s: %s\n", kmr_start_name(r->start), r->start_from);
	if (o->replay.output)
		printf("database  %s (%u runs)\n", o->replay.output, nr);
	for (unsigned int i = 0; i < nr; i++) {
		const struct kmr_combination k = kmr_compare_combination(o, i);

		printf("digest    %s  %s %s%s%s\n", r[i].digest, k.page ? k.page : r[i].backend,
		       k.object, k.vmap ? " " : "", k.vmap ? k.vmap : "");
	}
	printf("\n");
	return print_table(o, r, nr);
}

static void print_json(const struct kmr_compare_options *o, const struct kmr_replay_result *r,
		       unsigned int nr)
{
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
		for (size_t k = 0; k < ARRAY_SIZE(figures); k++)
			if (applies(&figures[k], &r[i]))
				kmr_json_double(&j, figures[k].key, figures[k].of(&r[i]),
						figures[k].decimals);
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

static int compare(struct kmr_compare_options *o, bool json)
{
	const unsigned int nr = kmr_compare_combinations(o);
	struct kmr_replay_result *r = calloc(nr, sizeof(*r));
	struct kmr_error err = { "" };
	int code = KMR_EXIT_OK;

	if (!r) {
		(void)kmr_fail_nomem(&err, "the results");
		return kmr_complain(&err);
	}
	if (!json && nr + 1 > KMR_TABLE_MAX_COLUMNS) {
		(void)kmr_fail(&err,
			       "compare: %u combinations are too many for a table, which has room "
			       "for %d; --json prints any number",
			       nr, KMR_TABLE_MAX_COLUMNS - 1);
		code = kmr_complain(&err);
	} else if (kmr_compare(o, r, &err)) {
		code = kmr_complain(&err);
	} else {
		kmr_progress_end();
		kmr_warn_about_trace(o->replay.trace, &r->trace);
		if (json)
			print_json(o, r, nr);
		else if (print_text(o, r, nr))
			code = KMR_EXIT_BAD;
		for (unsigned int i = 0; i < nr; i++)
			kmr_replay_result_free(&r[i]);
	}
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
