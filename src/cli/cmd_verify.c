// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay verify: a model against the kernel it models, event by event. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "cli/cli.h"
#include "cli/objects.h"
#include "kmreplay/gfp.h"
#include "kmreplay/verify.h"
#include "replay/beside.h"
#include "report/json.h"
#include "report/table.h"
#include "report/units.h"
#include "report/wrap.h"

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 100.0;
}

static const char *const place_names[] = {
	[KMR_FRAME_NONE] = "nowhere",
	[KMR_FRAME_USED] = "used",
	[KMR_FRAME_BUDDY] = "buddy",
	[KMR_FRAME_PCP] = "pcp",
};

static void json_pfn(struct kmr_json *j, const char *key, uint64_t pfn)
{
	if (pfn == KMR_EV_NO_PFN)
		kmr_json_null(j, key);
	else
		kmr_json_uint(j, key, pfn);
}

static void json_first_miss(struct kmr_json *j, const struct kmr_first_miss *m)
{
	char gfp[256];

	if (!m->any) {
		kmr_json_null(j, "first_miss");
		return;
	}
	kmr_json_object(j, "first_miss");
	kmr_json_uint(j, "event", m->event);
	kmr_json_uint(j, "time_ns", m->time);
	kmr_json_uint(j, "cpu", m->cpu);
	kmr_json_uint(j, "order", m->order);
	kmr_json_string(j, "gfp_flags", kmr_gfp_format(m->gfp, gfp, sizeof(gfp)));
	json_pfn(j, "kernel_pfn", m->kernel_pfn);
	json_pfn(j, "model_pfn", m->model_pfn);
	kmr_json_string(j, "why", kmr_miss_name(m->why));
	kmr_json_string(j, "kernel_frame_was", place_names[m->kernel_frame.place]);
	kmr_json_uint(j, "list_order", m->kernel_frame.order);
	kmr_json_string(j, "list_migratetype", kmr_migratetype_name(m->kernel_frame.migratetype));
	kmr_json_uint(j, "list_position", m->kernel_frame.position);
	kmr_json_end_object(j);
}

static void json_tally(struct kmr_json *j, const char *key, const struct kmr_tally *t)
{
	kmr_json_object(j, key);
	kmr_json_uint(j, "traced", t->traced);
	kmr_json_uint(j, "matched", t->matched);
	kmr_json_end_object(j);
}

static void json_same(struct kmr_json *j, const char *key, uint64_t total, uint64_t identical)
{
	kmr_json_object(j, key);
	kmr_json_uint(j, "total", total);
	kmr_json_uint(j, "identical", identical);
	kmr_json_end_object(j);
}

static void json_cache(struct kmr_json *j, const struct kmr_cache_tally *t)
{
	kmr_json_uint(j, "total", t->total);
	kmr_json_uint(j, "exact", t->exact);
	kmr_json_uint(j, "unknown", t->unknown);
	kmr_json_uint(j, "bulk", t->bulk);
	kmr_json_uint(j, "inferred", t->inferred);
	kmr_json_uint(j, "missed", t->total - t->exact - t->unknown);
	kmr_json_double(j, "exact_percent", percent(t->exact, t->total), 4);
	kmr_json_uint(j, "frees", t->frees);
	kmr_json_uint(j, "frees_bulk", t->free_bulk);
	kmr_json_uint(j, "frees_unknown", t->free_unknown);
}

static void json_attribution(struct kmr_json *j, const struct kmr_attribution *a)
{
	kmr_json_object(j, "attribution");
	kmr_json_bool(j, "real_pointers", a->real_pointers);
	kmr_owners_json(j, a->allocs);
	kmr_json_end_object(j);
}

static void json_objects(struct kmr_json *j, const struct kmr_object_result *r)
{
	const struct kmr_slab_pages *p = &r->pages;

	kmr_json_string(j, "object", r->backend);
	kmr_json_string(j, "object_not_compared", r->why_not);
	kmr_json_object(j, "objects");
	json_cache(j, &r->all);
	kmr_json_uint(j, "reordered", r->reordered);
	kmr_json_string(j, "first_miss", r->first_miss[0] ? r->first_miss : NULL);
	kmr_json_end_object(j);
	kmr_json_object(j, "slab_pages");
	kmr_json_uint(j, "total", p->allocs);
	kmr_json_uint(j, "exact", p->allocs_exact);
	kmr_json_uint(j, "bulk", p->allocs_bulk);
	kmr_json_uint(j, "missed", p->allocs_missed);
	kmr_json_uint(j, "extra", p->allocs_extra);
	kmr_json_uint(j, "frees", p->frees);
	kmr_json_uint(j, "frees_exact", p->frees_exact);
	kmr_json_uint(j, "frees_missed", p->frees_missed);
	kmr_json_uint(j, "frees_extra", p->frees_extra);
	kmr_json_end_object(j);
	json_same(j, "slab_lists", r->records_total, r->records_identical);
	kmr_json_string(j, "slab_first_difference",
			r->first_difference[0] ? r->first_difference : NULL);
	json_attribution(j, &r->attribution);
	kmr_json_array(j, "caches");
	for (size_t i = 0; i < r->nr_caches; i++) {
		kmr_json_object(j, NULL);
		kmr_json_string(j, "name", r->caches[i].name);
		json_cache(j, &r->caches[i]);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

static void print_json(const struct kmr_verify_options *o, const struct kmr_machine *machine,
		       const struct kmr_verify_result *r)
{
	struct kmr_json j;

	kmr_json_init(&j, stdout);
	kmr_json_object(&j, NULL);
	kmr_json_string(&j, "trace", o->trace);
	kmr_json_string(&j, "snapshot", o->snapshot);
	kmr_json_string(&j, "end_snapshot", o->end_snapshot);
	kmr_json_string(&j, "page", r->page);
	kmr_json_string(&j, "arch", machine->arch);
	kmr_json_uint(&j, "cpus", machine->nr_cpus);
	kmr_json_uint(&j, "events", r->events);
	kmr_json_object(&j, "alloc");
	kmr_json_uint(&j, "total", r->alloc_total);
	kmr_json_uint(&j, "exact", r->alloc_exact);
	kmr_json_uint(&j, "zone_exact", r->alloc_zone_exact);
	kmr_json_double(&j, "exact_percent", percent(r->alloc_exact, r->alloc_total), 4);
	kmr_json_end_object(&j);
	kmr_json_object(&j, "misses");
	for (unsigned int i = 0; i < KMR_MISS_NR; i++)
		kmr_json_uint(&j, kmr_miss_name((enum kmr_miss)i), r->misses[i]);
	kmr_json_end_object(&j);
	kmr_json_object(&j, "free");
	kmr_json_uint(&j, "total", r->free_total);
	kmr_json_uint(&j, "unknown", r->free_unknown);
	kmr_json_uint(&j, "told_later", r->told_later);
	kmr_json_end_object(&j);
	kmr_json_object(&j, "silent");
	kmr_json_uint(&j, "refills", r->silent_refills);
	kmr_json_uint(&j, "blocks", r->silent_blocks);
	kmr_json_end_object(&j);
	json_tally(&j, "extfrag", &r->extfrag);
	json_tally(&j, "refill", &r->refill);
	json_tally(&j, "drain", &r->drain);
	json_same(&j, "lists", r->lists_total, r->lists_identical);
	json_same(&j, "pcp", r->pcp_total, r->pcp_identical);
	json_same(&j, "pcp_limits", r->limits_total, r->limits_identical);
	json_same(&j, "pageblocks", r->pageblocks_total, r->pageblocks_identical);
	kmr_json_string(&j, "first_difference",
			r->first_difference[0] ? r->first_difference : NULL);
	json_first_miss(&j, &r->first_miss);
	json_objects(&j, &r->objects);
	kmr_json_end_object(&j);
}

static void row(struct kmr_table *t, const char *what, uint64_t right, uint64_t total)
{
	kmr_table_text(t, what);
	kmr_table_count(t, total);
	kmr_table_count(t, right);
	if (total)
		kmr_table_format(t, "%.4f", percent(right, total));
	else
		kmr_table_text(t, "-");
}

static void print_first_miss(const struct kmr_first_miss *m)
{
	char gfp[256], kernel[32] = "none", model[32] = "none", where[128] = "";
	char event[KMR_UNITS_SIZE];

	if (m->kernel_pfn != KMR_EV_NO_PFN)
		(void)snprintf(kernel, sizeof(kernel), "frame %" PRIu64, m->kernel_pfn);
	if (m->model_pfn != KMR_EV_NO_PFN)
		(void)snprintf(model, sizeof(model), "frame %" PRIu64, m->model_pfn);
	switch (m->kernel_frame.place) {
	case KMR_FRAME_BUDDY:
		(void)snprintf(
			where, sizeof(where), "; the kernel's was in a free block of order %u, %s",
			m->kernel_frame.order, kmr_migratetype_name(m->kernel_frame.migratetype));
		break;
	case KMR_FRAME_PCP:
		(void)snprintf(where, sizeof(where),
			       "; the kernel's was on a list of CPU %u, order %u, %u from its head",
			       m->kernel_frame.cpu, m->kernel_frame.order,
			       m->kernel_frame.position);
		break;
	case KMR_FRAME_USED:
		(void)snprintf(where, sizeof(where), "; the kernel's was in use");
		break;
	case KMR_FRAME_NONE:
		break;
	}
	printf("\n");
	(void)kmr_wrap_format(
		stdout, 0, "",
		"First miss: event %s, %" PRIu64 ".%06" PRIu64 " s, CPU %u, order %u, %s:",
		kmr_units_count(event, m->event), m->time / 1000000000, m->time / 1000 % 1000000,
		m->cpu, m->order, kmr_gfp_format(m->gfp, gfp, sizeof(gfp)));
	(void)kmr_wrap_format(stdout, 2, "", "the kernel gave %s, the model %s%s (%s)", kernel,
			      model, where, kmr_miss_name(m->why));
}

/* Caches whose objects were not all exact, and what those that were add up to. */
static int print_caches(const struct kmr_object_result *r)
{
	static const struct kmr_column columns[] = {
		{ "cache", NULL, KMR_ALIGN_LEFT },    { "objects", NULL, KMR_ALIGN_RIGHT },
		{ "exact", NULL, KMR_ALIGN_RIGHT },   { "inferred", NULL, KMR_ALIGN_RIGHT },
		{ "unknown", NULL, KMR_ALIGN_RIGHT }, { "missed", NULL, KMR_ALIGN_RIGHT },
		{ "in bulk", NULL, KMR_ALIGN_RIGHT }, { "exact", "%", KMR_ALIGN_RIGHT },
	};
	struct kmr_table *t =
		kmr_table_new("Caches used in bulk, or with misses", columns, ARRAY_SIZE(columns));
	uint64_t exact_caches = 0, exact_objects = 0;
	char rest[64];

	for (size_t i = 0; i < r->nr_caches; i++) {
		const struct kmr_cache_tally *c = &r->caches[i];

		if (c->exact == c->total && !c->bulk) {
			exact_caches++;
			exact_objects += c->total;
			continue;
		}
		kmr_table_text(t, c->name);
		kmr_table_count(t, c->total);
		kmr_table_count(t, c->exact);
		kmr_table_count(t, c->inferred);
		kmr_table_count(t, c->unknown);
		kmr_table_count(t, c->total - c->exact - c->unknown);
		kmr_table_count(t, c->bulk);
		kmr_table_format(t, "%.3f", percent(c->exact, c->total));
	}
	(void)snprintf(rest, sizeof(rest), "%" PRIu64 " other caches", exact_caches);
	kmr_table_rule(t);
	kmr_table_text(t, rest);
	kmr_table_count(t, exact_objects);
	kmr_table_count(t, exact_objects);
	for (unsigned int i = 0; i < 4; i++)
		kmr_table_count(t, 0);
	kmr_table_text(t, "100.000");
	printf("\n");
	return kmr_table_print(t, stdout);
}

static int print_objects(const struct kmr_object_result *r)
{
	char count[KMR_UNITS_SIZE];

	if (!r->backend) {
		if (r->why_not)
			return printf("\n") < 0 ||
			       kmr_wrap_format(stdout, 0, "", "Objects were not compared: %s",
					       r->why_not);
		return 0;
	}
	if ((r->all.exact != r->all.total || r->all.bulk) && print_caches(r))
		return -1;
	if (r->reordered)
		printf("\nInterrupted between object and event: %s\n",
		       kmr_units_count(count, r->reordered));
	if (r->first_miss[0] &&
	    kmr_wrap_format(stdout, 0, "", "First object missed: %s", r->first_miss))
		return -1;
	if (r->first_difference[0])
		return kmr_wrap_format(stdout, 0, "", "First slab that differs at the end: %s",
				       r->first_difference);
	return 0;
}

static int print_text(const struct kmr_verify_result *r)
{
	static const struct kmr_column columns[] = {
		{ "", NULL, KMR_ALIGN_LEFT },
		{ "kernel", NULL, KMR_ALIGN_RIGHT },
		{ "model", NULL, KMR_ALIGN_RIGHT },
		{ "exact", "%", KMR_ALIGN_RIGHT },
	};
	char count[KMR_UNITS_SIZE], blocks[KMR_UNITS_SIZE], frees[KMR_UNITS_SIZE];
	struct kmr_table *t = kmr_table_new(NULL, columns, 4);

	(void)kmr_wrap_format(stdout, 10, "page", "%s%s%s", r->page, r->page_why[0] ? ", " : "",
			      r->page_why);
	printf("\n");
	row(t, "allocations, frame", r->alloc_exact, r->alloc_total);
	row(t, "allocations, zone", r->alloc_zone_exact, r->alloc_total);
	row(t, "fallbacks (extfrag)", r->extfrag.matched, r->extfrag.traced);
	row(t, "refills (zone_locked)", r->refill.matched, r->refill.traced);
	row(t, "drains (pcpu_drain)", r->drain.matched, r->drain.traced);
	if (r->objects.backend) {
		kmr_table_rule(t);
		row(t, "objects", r->objects.all.exact, r->objects.all.total);
		row(t, "slab pages taken", r->objects.pages.allocs_exact, r->objects.pages.allocs);
		row(t, "slab pages given back", r->objects.pages.frees_exact,
		    r->objects.pages.frees);
	}
	if (r->has_end) {
		kmr_table_rule(t);
		row(t, "free lists at the end", r->lists_identical, r->lists_total);
		row(t, "per-CPU lists at the end", r->pcp_identical, r->pcp_total);
		row(t, "their limits and counts", r->limits_identical, r->limits_total);
		row(t, "pageblocks at the end", r->pageblocks_identical, r->pageblocks_total);
		if (r->objects.backend)
			row(t, "slabs and their lists", r->objects.records_identical,
			    r->objects.records_total);
	}
	if (kmr_table_print(t, stdout))
		return -1;
	if (r->silent_refills || r->free_unknown) {
		printf("\n");
		(void)kmr_wrap_format(stdout, 0, "",
				      "Without an event: %s refills, %s blocks taken from per-CPU "
				      "lists; %s frees of free frames",
				      kmr_units_count(count, r->silent_refills),
				      kmr_units_count(blocks, r->silent_blocks),
				      kmr_units_count(frees, r->free_unknown));
	}
	if (r->told_later)
		printf("\nFreed by interrupts to lists that only later events tell: %s\n",
		       kmr_units_count(count, r->told_later));
	for (unsigned int i = 0; i < KMR_MISS_NR; i++)
		if (r->misses[i])
			printf("Misses, %s: %s\n", kmr_miss_name((enum kmr_miss)i),
			       kmr_units_count(count, r->misses[i]));
	if (r->first_miss.any)
		print_first_miss(&r->first_miss);
	if (r->first_difference[0])
		(void)kmr_wrap_format(stdout, 0, "", "First difference at the end: %s",
				      r->first_difference);
	return print_objects(&r->objects);
}

/* A percentage from 0 to 100; -1: not one. */
static double parse_percent(const char *text)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (end == text || *end || errno || !(value >= 0 && value <= 100))
		return -1;
	return value;
}

/* A capture that is named as a whole brings its snapshots along. */
static void find_snapshots(struct kmr_verify_options *o, struct kmr_beside *beside)
{
	struct stat st;

	if (o->snapshot || !strcmp(o->trace, "-") || stat(o->trace, &st) || !S_ISDIR(st.st_mode))
		return;
	kmr_beside_find(beside, o->trace);
	if (!beside->snapshot[0])
		return;
	o->snapshot = beside->snapshot;
	if (!o->end_snapshot && beside->end_snapshot[0])
		o->end_snapshot = beside->end_snapshot;
}

static void progress(void *ctx, const struct kmr_trace_info *info)
{
	(void)ctx;
	kmr_progress_trace("verify", info);
}

static void verified(void *ctx, const struct kmr_progress *now)
{
	(void)ctx;
	kmr_progress_show("verify", now);
}

static int run(int argc, char **argv)
{
	struct kmr_verify_options o;
	struct kmr_beside beside;
	struct kmr_verify_result *r;
	struct kmr_machine *machine;
	struct kmr_error err = { "" };
	const char *min_text = NULL;
	bool json = false;
	int operand, code;
	double min_exact = 0;

	memset(&o, 0, sizeof(o));
	const struct kmr_option options[] = {
		{ "snapshot", 's', "FILE",
		  "exact state at its marker in TRACE (that in\nTRACE, if it is a directory)", NULL,
		  &o.snapshot },
		{ "end-snapshot", 'e', "FILE", "exact state to compare the end with", NULL,
		  &o.end_snapshot },
		{ "page", 'p', "BACKEND", "page backend to verify (that of the snapshot's kernel)",
		  NULL, &o.page },
		{ "object", 'O', "BACKEND",
		  "object backend to verify (that of the snapshot's\nkernel); none: pages alone",
		  NULL, &o.object },
		{ "min-exact", 'm', "PCT",
		  "exit 1 when fewer than PCT % of allocations\ngot the kernel's very frame", NULL,
		  &min_text },
		{ "json", 'j', NULL, "print the result as JSON", &json, NULL },
		kmr_option_strict(&o.strict),
		kmr_option_check(&o.check),
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};
	operand = kmr_parse_options(&kmr_cmd_verify, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	o.trace = argv[operand];
	o.progress = progress;
	o.verified = verified;
	find_snapshots(&o, &beside);
	if (!o.snapshot) {
		(void)kmr_fail(
			&err,
			"verify: --snapshot is missing: the exact state that TRACE starts from; "
			"only a directory with kmsnap.before brings it along");
		return kmr_complain(&err);
	}
	if (min_text && (min_exact = parse_percent(min_text)) < 0) {
		(void)kmr_fail(&err,
			       "verify: --min-exact takes a percentage from 0 to 100, found '%s'",
			       min_text);
		return kmr_complain(&err);
	}
	r = calloc(1, sizeof(*r));
	machine = calloc(1, sizeof(*machine));
	if (!r || !machine) {
		(void)kmr_fail_nomem(&err, "the result");
		code = kmr_complain(&err);
	} else if (kmr_verify(&o, r, machine, &err)) {
		code = kmr_complain(&err);
	} else {
		code = min_text && percent(r->alloc_exact, r->alloc_total) < min_exact
			       ? KMR_EXIT_NO
			       : KMR_EXIT_OK;
		kmr_progress_end();
		kmr_warn_about_trace(o.trace, &r->trace);
		if (json)
			print_json(&o, machine, r);
		else if (print_text(r))
			code = KMR_EXIT_BAD;
	}
	if (r)
		kmr_verify_result_free(r);
	free(r);
	free(machine);
	return code;
}

const struct kmr_command kmr_cmd_verify = {
	.name = "verify",
	.usage = "TRACE [--snapshot=BEFORE] [--end-snapshot=AFTER] [OPTION]...",
	.summary = "hold a model against the kernel, frame by frame",
	.about = "Starts the page backend from the exact state in BEFORE, replays TRACE from that\n"
		 "snapshot's marker on, and compares every frame, fallback, refill and drain with\n"
		 "what the kernel did; with AFTER also every list and pageblock at its marker.\n"
		 "The model chooses by itself; after a miss it goes on from the kernel's choice.\n"
		 "TRACE and snapshots may be zstd-compressed; TRACE may be - for standard input, "
		 "or\n"
		 "the directory of a capture, which has trace and snapshots in it.",
	.run = run,
};
