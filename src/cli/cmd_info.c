// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay info: what a trace holds. */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "report/json.h"
#include "report/table.h"

#define BATCH 4096

static int read_all(const char *path, bool strict, struct kmr_trace_info *info,
		    struct kmr_error *err)
{
	const struct kmr_source_options options = { strict, 0 };
	struct kmr_event *events = malloc(BATCH * sizeof(*events));
	struct kmr_source *src = NULL;
	ssize_t n = -1;

	if (!events)
		return kmr_fail_nomem(err, "events");
	if (!kmr_source_open(&src, path, &options, err)) {
		while ((n = kmr_source_read(src, events, BATCH, err)) > 0) {
			const struct kmr_trace_info *now = kmr_source_info(src);

			kmr_progress("info", now->events, now->bytes);
		}
		*info = *kmr_source_info(src);
		kmr_source_close(src);
	}
	kmr_progress_end();
	free(events);
	return n ? -1 : 0;
}

static void print_json(const char *path, const struct kmr_trace_info *i)
{
	const uint64_t kept = i->malformed < KMR_MALFORMED_KEPT ? i->malformed : KMR_MALFORMED_KEPT;
	struct kmr_json j;

	kmr_json_init(&j, stdout);
	kmr_json_object(&j, NULL);
	kmr_json_string(&j, "trace", path);
	kmr_json_string(&j, "format", i->format);
	kmr_json_string(&j, "compression", i->compression);
	kmr_json_string(&j, "kernel", i->kernel);
	kmr_json_uint(&j, "pointer_bits", i->pointer_bits);
	kmr_json_bool(&j, "hashed_pointers", i->hashed_pointers);
	kmr_json_bool(&j, "irq_info", i->has_context);
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
	kmr_json_end_object(&j);
}

static void print_seconds(const char *what, uint64_t ns)
{
	printf("%-14s %" PRIu64 ".%06" PRIu64 " s\n", what, ns / 1000000000, ns / 1000 % 1000000);
}

static int print_text(const char *path, const struct kmr_trace_info *i)
{
	static const struct kmr_column columns[] = { { "event", NULL, KMR_ALIGN_LEFT },
						     { "count", NULL, KMR_ALIGN_RIGHT } };
	struct kmr_table *t;

	printf("%-14s %s\n", "trace", path);
	printf("%-14s %s%s%s\n", "format", i->format, i->compression[0] == 'n' ? "" : ", ",
	       i->compression[0] == 'n' ? "" : i->compression);
	printf("%-14s %s\n", "kernel", i->kernel);
	printf("%-14s ", "pointers");
	if (i->pointer_bits)
		printf("%u bits%s\n", i->pointer_bits, i->hashed_pointers ? ", hashed" : "");
	else
		printf("none seen\n");
	printf("%-14s %s, GFP flags %s\n", "columns", i->has_context ? "irq-info" : "no irq-info",
	       i->has_gfp ? "printed" : "not printed");
	printf("%-14s %u\n", "CPUs", i->nr_cpus);
	print_seconds("begins", i->first_time);
	print_seconds("ends", i->last_time);
	print_seconds("spans", i->last_time > i->first_time ? i->last_time - i->first_time : 0);
	printf("%-14s %" PRIu64 "\n", "highest frame", i->max_pfn);
	printf("%-14s %" PRIu64 " in %" PRIu64 " places\n\n", "lost events", i->lost, i->gaps);
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
	kmr_table_text(t, "lines of other events");
	kmr_table_count(t, i->foreign);
	if (i->malformed) {
		kmr_table_text(t, "malformed lines");
		kmr_table_count(t, i->malformed);
	}
	if (i->backwards) {
		kmr_table_text(t, "events earlier than the one before");
		kmr_table_count(t, i->backwards);
	}
	return kmr_table_print(t, stdout);
}

static int run(int argc, char **argv)
{
	struct kmr_error err = { "" };
	struct kmr_trace_info *info;
	bool json = false, strict = false;
	int operand, code = KMR_EXIT_OK;
	const struct kmr_option options[] = {
		{ "json", 'j', NULL, "print it as JSON", &json, NULL },
		kmr_option_strict(&strict),
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};

	operand = kmr_parse_options(&kmr_cmd_info, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	info = calloc(1, sizeof(*info));
	if (!info) {
		(void)kmr_fail_nomem(&err, "the result");
		return kmr_complain(&err);
	}
	if (read_all(argv[operand], strict, info, &err)) {
		code = kmr_complain(&err);
	} else if (!info->events) {
		(void)kmr_fail(&err,
			       "%s: no kmem, vmalloc or compaction events in %" PRIu64 " lines",
			       argv[operand], info->lines);
		code = kmr_complain(&err);
	} else {
		kmr_warn_about_trace(argv[operand], info);
		if (json)
			print_json(argv[operand], info);
		else if (print_text(argv[operand], info))
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
		 "span, its CPUs, the number of events of each kind, and what is missing in it.",
	.run = run,
};
