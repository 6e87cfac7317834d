// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay stat: who allocates what, and what becomes of it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/excerpt.h"
#include "cli/cli.h"
#include "cli/stat.h"
#include "report/units.h"

#define BATCH 4096

/* As given on the command line. */
struct arguments {
	bool slab, page, caller, alloc, cache, task, live, json, csv, strict;
	const char *sort, *line, *time;
};

static void choose_views(struct stat_request *r, const struct arguments *a)
{
	const struct {
		bool wanted;
		enum kmr_stat_view view;
	} all[] = {
		{ a->slab && a->caller, KMR_STAT_SLAB_CALLER },
		{ a->slab && a->alloc, KMR_STAT_SLAB_ALLOC },
		{ a->slab && a->cache, KMR_STAT_SLAB_CACHE },
		{ a->slab && a->task, KMR_STAT_SLAB_TASK },
		{ a->page && a->caller, KMR_STAT_PAGE_CALLER },
		{ a->page && a->alloc, KMR_STAT_PAGE_ALLOC },
		{ a->page && a->task, KMR_STAT_PAGE_TASK },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].wanted)
			r->options.views |= 1u << all[i].view;
}

static int parse_lines(const char *text, uint64_t *lines, struct kmr_error *err)
{
	char shown[40], *end;

	errno = 0;
	*lines = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !*lines)
		return kmr_fail(err, "stat: --line takes a number from 1 up, found '%s'",
				kmr_excerpt(shown, sizeof(shown), text));
	return 0;
}

/* "SECONDS[.FRACTION]" of @len bytes in ns; -1: it is not, or more than 64 bits. */
static int parse_seconds(const char *text, size_t len, uint64_t *ns)
{
	uint64_t value = 0;
	unsigned int behind = 0; /* digits behind the point */
	bool point = false;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && !point && i) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || behind == 9 || value > UINT64_MAX / 10 - 1)
			return -1;
		value = value * 10 + (uint64_t)(text[i] - '0');
		behind += point;
	}
	for (; behind < 9; behind++) {
		if (value > UINT64_MAX / 10)
			return -1;
		value *= 10;
	}
	*ns = value;
	return 0;
}

static int parse_time(const char *text, struct kmr_stat_options *o, struct kmr_error *err)
{
	const size_t len = strcspn(text, ",");
	const char *stop = text + len + 1;
	char shown[64];

	kmr_excerpt(shown, sizeof(shown), text);
	if (!text[len] || (len && parse_seconds(text, len, &o->start)) ||
	    (*stop && parse_seconds(stop, strlen(stop), &o->stop)))
		return kmr_fail(err,
				"stat: --time takes START,STOP in seconds on the trace's clock, "
				"either may be empty (20.5,21); found '%s'",
				shown);
	if (o->start > o->stop)
		return kmr_fail(err, "stat: --time '%s' stops before it starts", shown);
	return 0;
}

static bool one_view(unsigned int views)
{
	return views && !(views & (views - 1));
}

static int check_views(const struct stat_request *r, const struct arguments *a,
		       struct kmr_error *err)
{
	if (a->cache && !a->slab)
		return kmr_fail(err,
				"stat: --cache is a view of objects, and --page looks at pages "
				"alone; add --slab");
	if (a->json && a->csv)
		return kmr_fail(err, "stat: --json and --csv exclude each other");
	if (a->csv && !one_view(r->options.views))
		return kmr_fail(err,
				"stat: --csv prints one view: one of --caller, --alloc, --cache "
				"and --task, of --slab or of --page");
	return 0;
}

static int make_request(struct stat_request *r, struct arguments *a, struct kmr_error *err)
{
	if (!a->slab && !a->page)
		a->slab = true;
	r->lines = UINT64_MAX;
	r->options = (struct kmr_stat_options){
		.slab = a->slab, .page = a->page, .live = a->live, .stop = UINT64_MAX
	};
	choose_views(r, a);
	if (check_views(r, a, err))
		return -1;
	if (a->sort && kmr_stat_sort_parse(&r->sort, a->sort, a->slab, a->page, err))
		return -1;
	if (a->line && parse_lines(a->line, &r->lines, err))
		return -1;
	return a->time ? parse_time(a->time, &r->options, err) : 0;
}

static int feed_all(struct kmr_stat *stat, struct kmr_source *source, struct kmr_error *err)
{
	struct kmr_event *events = malloc(BATCH * sizeof(*events));
	ssize_t n;

	if (!events)
		return kmr_fail_nomem(err, "events");
	while ((n = kmr_source_read(source, events, BATCH, err)) > 0) {
		if (kmr_stat_feed(stat, events, (size_t)n, err)) {
			n = -1;
			break;
		}
		kmr_progress_trace("stat", kmr_source_info(source));
	}
	kmr_progress_end();
	free(events);
	return n ? -1 : 0;
}

/* Fails when there is nothing to tell of. */
static int check_events(const struct stat_request *r, const struct kmr_stat *stat,
			const struct kmr_trace_info *info, struct kmr_error *err)
{
	const bool slab = r->options.slab, page = r->options.page;
	const uint64_t found = kmr_stat_slab_events(stat) + kmr_stat_page_events(stat);
	char first[KMR_UNITS_SIZE], last[KMR_UNITS_SIZE];

	if (found)
		return 0;
	if (info->events && !kmr_stat_events(stat))
		return kmr_fail(err,
				"%s: --time covers none of its events, which are from %s to %s",
				r->path, kmr_units_time(first, info->first_time),
				kmr_units_time(last, info->last_time));
	return kmr_fail(err, "%s: no %s events among %" PRIu64 " events in %" PRIu64 " lines%s",
			r->path,
			slab && page ? "object or page"
			: slab	     ? "object"
				     : "page",
			kmr_stat_events(stat), info->lines,
			slab && page ? ""
			: slab	     ? " (--page is for the page allocator's)"
				     : " (--slab is for objects)");
}

static int sort_views(const struct stat_request *r, struct kmr_stat *stat, struct kmr_error *err)
{
	for (int view = 0; view < KMR_STAT_NR_VIEWS; view++)
		if (r->sort.nr && kmr_stat_sort(stat, (enum kmr_stat_view)view, &r->sort, err))
			return -1;
	return 0;
}

static int collect(const struct stat_request *r, struct kmr_stat *stat, struct kmr_source *source,
		   struct kmr_error *err)
{
	if (feed_all(stat, source, err) || kmr_stat_finish(stat, source, err) ||
	    sort_views(r, stat, err))
		return -1;
	return check_events(r, stat, kmr_source_info(source), err);
}

static int print(const struct stat_request *r, const struct arguments *a,
		 const struct kmr_stat *stat, const struct kmr_trace_info *info)
{
	if (a->json)
		stat_print_json(r, stat, info);
	else if (!a->csv)
		return stat_print_text(r, stat);
	for (int view = 0; a->csv && view < KMR_STAT_NR_VIEWS; view++)
		if (r->options.views >> view & 1)
			stat_print_csv(r, stat, (enum kmr_stat_view)view);
	return 0;
}

static int tell(const struct stat_request *r, const struct arguments *a, struct kmr_error *err)
{
	const struct kmr_source_options options = { .strict = a->strict };
	struct kmr_source *source = NULL;
	struct kmr_stat *stat = NULL;
	int status = -1;

	if (!kmr_source_open(&source, r->path, &options, err) &&
	    !kmr_stat_new(&stat, &r->options, err) && !collect(r, stat, source, err)) {
		kmr_warn_about_trace(r->path, kmr_source_info(source));
		status = print(r, a, stat, kmr_source_info(source));
		if (status)
			(void)kmr_fail_nomem(err, "the tables");
	}
	kmr_stat_free(stat);
	kmr_source_close(source);
	return status;
}

static int run(int argc, char **argv)
{
	struct kmr_error err = { "" };
	struct stat_request request;
	struct arguments a;
	int operand;

	memset(&request, 0, sizeof(request));
	memset(&a, 0, sizeof(a));
	const struct kmr_option options[] = {
		{ "slab", 0, NULL, "look at objects (what is done without --page)", &a.slab, NULL },
		{ "page", 0, NULL, "look at pages", &a.page, NULL },
		{ "caller", 0, NULL, "a row for each call site", &a.caller, NULL },
		{ "alloc", 0, NULL, "a row for each address", &a.alloc, NULL },
		{ "cache", 0, NULL, "a row for each slab cache", &a.cache, NULL },
		{ "task", 0, NULL, "a row for each task", &a.task, NULL },
		{ "live", 0, NULL, "count in rows only what is not freed at the end", &a.live,
		  NULL },
		{ "sort", 's', "KEY[,KEY...]",
		  "objects: ptr, callsite, bytes, hit, pingpong, frag\n"
		  "(frag,hit,bytes); pages: page, callsite, bytes, hit,\n"
		  "order, migtype, gfp (bytes,hit)",
		  NULL, &a.sort },
		{ "line", 'l', "N", "the first N rows of each view only", NULL, &a.line },
		{ "time", 0, "START,STOP",
		  "only what happened then, in seconds on the\ntrace's clock; either may be empty",
		  NULL, &a.time },
		{ "json", 'j', NULL, "print it as JSON", &a.json, NULL },
		{ "csv", 0, NULL, "print the rows of one view as CSV", &a.csv, NULL },
		kmr_option_strict(&a.strict),
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};
	operand = kmr_parse_options(&kmr_cmd_stat, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	request.path = argv[operand];
	if (make_request(&request, &a, &err) || tell(&request, &a, &err))
		return kmr_complain(&err);
	return KMR_EXIT_OK;
}

const struct kmr_command kmr_cmd_stat = {
	.name = "stat",
	.usage = "TRACE [OPTION]...",
	.summary = "tell who allocates what, and what becomes of it",
	.about =
		"Counts the allocations and frees in TRACE by call site, address, cache or task, "
		"as\n"
		"perf kmem stat does of a recording: bytes requested and allocated, "
		"fragmentation,\n"
		"frees on another CPU, pages by order and migrate type. Without a view, the sums.\n"
		"TRACE may be zstd-compressed, or - for standard input.",
	.run = run,
};
