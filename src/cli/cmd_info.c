// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay info: what a trace holds. */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/objects.h"
#include "cli/pace.h"
#include "kmreplay/replay.h"
#include "report/json.h"
#include "report/table.h"
#include "report/units.h"
#include "report/wrap.h"

/* How the cache of an object became known; what is left when all other ways are taken away. */
struct origin {
	const char *key, *text;
	uint64_t objects;
};

#define NR_ORIGINS 6u

static void origins_of(const struct kmr_trace_info *i, const struct kmr_attribution *a,
		       struct origin origins[NR_ORIGINS])
{
	const uint64_t found = a->named + a->by_slab + a->by_site + a->by_size;
	const struct origin all[NR_ORIGINS] = {
		{ "kmalloc", "kmalloc()", i->by_type[KMR_EV_KMALLOC] },
		{ "own_name", "named where allocated", i->by_type[KMR_EV_CACHE_ALLOC] - found },
		{ "by_free", "named where freed", a->named },
		{ "by_slab", "others in the slab", a->by_slab },
		{ "by_site", "others of the call site", a->by_site },
		{ "by_size", "not known but for sizes", a->by_size },
	};

	for (unsigned int n = 0; n < NR_ORIGINS; n++)
		origins[n] = all[n];
}

static void progress(void *ctx, const struct kmr_trace_info *info)
{
	kmr_pace_note(ctx, info);
	kmr_progress_trace("info", info);
}

static void json_by_owner(struct kmr_json *j, const char *key, const uint64_t counts[KMR_OWNER_NR])
{
	kmr_json_object(j, key);
	kmr_owners_json(j, counts);
	kmr_json_end_object(j);
}

static void json_attribution(struct kmr_json *j, const struct kmr_trace_info *i,
			     const struct kmr_attribution *a)
{
	const uint64_t others = kmr_not_direct(a);
	struct origin origins[NR_ORIGINS];
	char base[32];

	(void)snprintf(base, sizeof(base), "0x%" PRIx64, a->base);
	kmr_json_object(j, "attribution");
	kmr_json_string(j, "allocator", a->allocator);
	kmr_json_bool(j, "real_pointers", a->real_pointers);
	kmr_json_string(j, "base", a->real_pointers ? base : NULL);
	json_by_owner(j, "allocs", a->allocs);
	json_by_owner(j, "frees", a->frees);
	kmr_json_uint(j, "sure", a->sure);
	kmr_json_uint(j, "caused", a->caused);
	if (others)
		kmr_json_double(j, "mean_confidence", (double)a->confidence / (double)others, 2);
	else
		kmr_json_null(j, "mean_confidence");
	kmr_json_object(j, "objects");
	kmr_json_uint(j, "total", a->objects);
	origins_of(i, a, origins);
	for (unsigned int n = 0; n < NR_ORIGINS; n++)
		kmr_json_uint(j, origins[n].key, origins[n].objects);
	kmr_json_end_object(j);
	kmr_json_end_object(j);
}

static void print_json(const char *path, const struct kmr_trace_info *i,
		       const struct kmr_attribution *a)
{
	const uint64_t kept = i->malformed < KMR_MALFORMED_KEPT ? i->malformed : KMR_MALFORMED_KEPT;
	struct kmr_json j;

	kmr_json_init(&j, stdout);
	kmr_json_object(&j, NULL);
	kmr_json_string(&j, "trace", path);
	kmr_json_string(&j, "format", i->format);
	kmr_json_string(&j, "compression", i->compression);
	kmr_json_string(&j, "kernel", i->kernel);
	kmr_json_bool(&j, "made_up", i->made_up);
	kmr_json_string(&j, "machine", i->machine[0] ? i->machine : NULL);
	kmr_json_uint(&j, "pointer_bits", i->pointer_bits);
	kmr_json_bool(&j, "hashed_pointers", i->hashed_pointers);
	kmr_json_bool(&j, "irq_info", i->has_context);
	kmr_json_bool(&j, "timeless", i->timeless);
	kmr_json_bool(&j, "gfp_flags", i->has_gfp);
	kmr_json_uint(&j, "cpus", i->nr_cpus);
	kmr_json_uint(&j, "first_time_ns", i->first_time);
	kmr_json_uint(&j, "last_time_ns", i->last_time);
	kmr_json_uint(&j, "max_pfn", i->max_pfn);
	kmr_json_uint(&j, "bytes", i->bytes);
	kmr_json_uint(&j, "lines", i->lines);
	kmr_json_uint(&j, "events", i->events);
	kmr_json_object(&j, "by_type");
	for (unsigned int t = KMR_EV_NONE + 1; t < KMR_EV_NR_TYPES; t++)
		if (i->by_type[t])
			kmr_json_uint(&j, kmr_event_name((enum kmr_event_type)t), i->by_type[t]);
	kmr_json_end_object(&j);
	kmr_json_uint(&j, "foreign", i->foreign);
	kmr_json_uint(&j, "malformed", i->malformed);
	kmr_json_array(&j, "first_malformed");
	for (uint64_t k = 0; k < kept; k++) {
		kmr_json_object(&j, NULL);
		kmr_json_uint(&j, "line", i->first_malformed[k].line);
		kmr_json_string(&j, "reason", i->first_malformed[k].reason);
		kmr_json_string(&j, "text", i->first_malformed[k].text);
		kmr_json_end_object(&j);
	}
	kmr_json_end_array(&j);
	kmr_json_uint(&j, "lost", i->lost);
	kmr_json_uint(&j, "gaps", i->gaps);
	kmr_json_uint(&j, "backwards", i->backwards);
	kmr_json_bool(&j, "truncated", i->truncated);
	json_attribution(&j, i, a);
	kmr_json_end_object(&j);
}

static void print_seconds(const char *what, uint64_t ns)
{
	printf("%-14s %" PRIu64 ".%06" PRIu64 " s\n", what, ns / 1000000000, ns / 1000 % 1000000);
}

static void print_pointers(const struct kmr_trace_info *i, const struct kmr_attribution *a)
{
	printf("%-14s ", "pointers");
	if (!i->pointer_bits)
		printf("none seen\n");
	else if (a->real_pointers)
		printf("%u bits, page frame 0 at %" PRIx64 "\n", i->pointer_bits, a->base);
	else
		printf("%u bits%s\n", i->pointer_bits, i->hashed_pointers ? ", hashed" : "");
	if (a->allocator)
		printf("%-14s %s\n", "objects by", a->allocator);
}

static int print_owners(const struct kmr_attribution *a)
{
	static const struct kmr_column columns[] = { { "pages asked for", NULL, KMR_ALIGN_LEFT },
						     { "allocated", NULL, KMR_ALIGN_RIGHT },
						     { "freed", NULL, KMR_ALIGN_RIGHT } };
	static const char *const names[KMR_OWNER_NR] = { "directly", "for slabs",
							 "by large kmalloc()", "by vmalloc()" };
	struct kmr_table *t = kmr_table_new(NULL, columns, 3);
	const uint64_t others = kmr_not_direct(a);

	for (unsigned int o = 0; o < KMR_OWNER_NR; o++) {
		kmr_table_text(t, names[o]);
		kmr_table_count(t, a->allocs[o]);
		kmr_table_count(t, a->frees[o]);
	}
	printf("\n");
	if (kmr_table_print(t, stdout))
		return -1;
	if (others)
		printf("\nNot asked for directly: %.2f %% for sure, on average %.2f %%\n",
		       100.0 * (double)a->sure / (double)others,
		       (double)a->confidence / (double)others);
	return 0;
}

static int print_origins(const struct kmr_trace_info *i, const struct kmr_attribution *a)
{
	static const struct kmr_column columns[] = { { "cache of objects", NULL, KMR_ALIGN_LEFT },
						     { "allocated", NULL, KMR_ALIGN_RIGHT } };
	struct kmr_table *t = kmr_table_new(NULL, columns, 2);
	struct origin origins[NR_ORIGINS];

	origins_of(i, a, origins);
	for (unsigned int n = 0; n < NR_ORIGINS; n++) {
		if (!origins[n].objects)
			continue;
		kmr_table_text(t, origins[n].text);
		kmr_table_count(t, origins[n].objects);
	}
	printf("\n");
	return kmr_table_print(t, stdout);
}

/* Without objects all there is to go by are the flags of some. */
static int print_attribution(const struct kmr_trace_info *i, const struct kmr_attribution *a)
{
	if (!a->objects)
		return 0;
	return print_owners(a) || print_origins(i, a) ? -1 : 0;
}

static int print_text(const char *path, const struct kmr_trace_info *i,
		      const struct kmr_attribution *a, const struct kmr_pace *pace)
{
	static const struct kmr_column columns[] = { { "event", NULL, KMR_ALIGN_LEFT },
						     { "count", NULL, KMR_ALIGN_RIGHT } };
	char lost[KMR_UNITS_SIZE], gaps[KMR_UNITS_SIZE];
	struct kmr_table *t;

	printf("%-14s %s\n", "trace", path);
	printf("%-14s %s%s%s\n", "format", i->format, i->compression[0] == 'n' ? "" : ", ",
	       i->compression[0] == 'n' ? "" : i->compression);
	printf("%-14s %s\n", "kernel", i->made_up ? "none: made up" : i->kernel);
	if (i->machine[0])
		(void)kmr_wrap(stdout, 15, "for machine", i->machine);
	print_pointers(i, a);
	if (i->timeless)
		printf("%-14s none: times are sums of what calls took\n", "times");
	printf("%-14s %s, GFP flags %s\n", "columns", i->has_context ? "irq-info" : "no irq-info",
	       i->has_gfp ? "printed" : "not printed");
	printf("%-14s %u\n", "CPUs", i->nr_cpus);
	print_seconds("begins", i->first_time);
	print_seconds("ends", i->last_time);
	print_seconds("spans", i->last_time > i->first_time ? i->last_time - i->first_time : 0);
	printf("%-14s %" PRIu64 "\n", "highest frame", i->max_pfn);
	printf("%-14s %s in %s places\n\n", "lost events", kmr_units_count(lost, i->lost),
	       kmr_units_count(gaps, i->gaps));
	t = kmr_table_new(NULL, columns, 2);
	for (unsigned int type = KMR_EV_NONE + 1; type < KMR_EV_NR_TYPES; type++) {
		if (!i->by_type[type])
			continue;
		kmr_table_text(t, kmr_event_name((enum kmr_event_type)type));
		kmr_table_count(t, i->by_type[type]);
	}
	kmr_table_rule(t);
	kmr_table_text(t, "events decoded");
	kmr_table_count(t, i->events);
	kmr_table_text(t, i->binary ? "records of other events" : "lines of other events");
	kmr_table_count(t, i->foreign);
	if (i->malformed) {
		kmr_table_text(t, i->binary ? "malformed records" : "malformed lines");
		kmr_table_count(t, i->malformed);
	}
	if (i->backwards) {
		kmr_table_text(t, "events earlier than the one before");
		kmr_table_count(t, i->backwards);
	}
	if (kmr_table_print(t, stdout) || kmr_pace_text(pace, i))
		return -1;
	return print_attribution(i, a);
}

/* Whether the trace could be read and has anything in it. */
static int look_at(const struct kmr_attribute_options *o, struct kmr_trace_info *info,
		   struct kmr_attribution *a, struct kmr_error *err)
{
	const int ret = kmr_attribute_trace(o, info, a, err);

	kmr_progress_end();
	if (!ret && !info->events)
		return kmr_fail(err,
				"%s: no kmem, vmalloc or compaction events in %" PRIu64 " lines",
				o->trace, info->lines);
	return ret;
}

static int run(int argc, char **argv)
{
	struct kmr_pace pace = { .nr = 0 };
	struct kmr_attribute_options o = { .progress = progress, .progress_ctx = &pace };
	struct kmr_attribution attribution;
	struct kmr_error err = { "" };
	struct kmr_trace_info *info;
	bool json = false;
	int operand, code = KMR_EXIT_OK;
	const struct kmr_option options[] = {
		{ "json", 'j', NULL, "print it as JSON", &json, NULL },
		kmr_option_strict(&o.strict),
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};

	operand = kmr_parse_options(&kmr_cmd_info, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	o.trace = argv[operand];
	info = calloc(1, sizeof(*info));
	if (!info) {
		(void)kmr_fail_nomem(&err, "the result");
		return kmr_complain(&err);
	}
	if (look_at(&o, info, &attribution, &err)) {
		code = kmr_complain(&err);
	} else {
		kmr_warn_about_trace(o.trace, info);
		if (json)
			print_json(o.trace, info, &attribution);
		else if (print_text(o.trace, info, &attribution, &pace))
			code = KMR_EXIT_BAD;
	}
	free(info);
	return code;
}

const struct kmr_command kmr_cmd_info = {
	.name = "info",
	.usage = "TRACE [OPTION]...",
	.summary = "tell what a trace holds",
	.about = "Reads TRACE to its end and prints its format, what it tells of its kernel, its "
		 "time\n"
		 "span, its CPUs, the number of events of each kind, what is missing in it, and "
		 "who\n"
		 "its pages were asked for by.",
	.run = run,
};
