// SPDX-License-Identifier: GPL-2.0-only
/*
 * The captures: every event decoded, and counted by type as a plain scan of the text counts them.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "kmreplay/source.h"

#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures"
#define DATA	 KMR_SOURCE_ROOT "/tests/trace/data/"
#define BATCH	 4096

struct counts {
	uint64_t by_type[KMR_EV_NR_TYPES];
	uint64_t lines;
	uint64_t empty_gfp;
};

/* The event's name stands behind the first "digits.digits: " of these captures' lines. */
static void count_line(struct counts *counts, char *line)
{
	char *dot = strchr(line, ']');
	char *name = dot ? strstr(dot, ": ") : NULL;
	char *end;

	counts->lines++;
	if (!name)
		return;
	name += 2;
	end = strstr(name, ": ");
	if (!end)
		return;
	if (strstr(end, "gfp_flags= ") ||
	    (strstr(end, "gfp_flags=") && line[strlen(line) - 1] == '='))
		counts->empty_gfp++;
	*end = '\0';
	if (!strcmp(name, "take"))
		counts->by_type[KMR_EV_MARK]++;
	for (int t = KMR_EV_PAGE_ALLOC; t < KMR_EV_MARK; t++)
		counts->by_type[t] += !strcmp(name, kmr_event_name((enum kmr_event_type)t));
}

static void count_file(struct counts *counts, const char *path)
{
	static char line[8192];
	char command[4400];
	FILE *text;

	memset(counts, 0, sizeof(*counts));
	(void)snprintf(command, sizeof(command), "zstd -dcq '%s'", path);
	text = popen(command, "r");
	cr_assert_not_null(text);
	while (fgets(line, sizeof(line), text)) {
		line[strcspn(line, "\n")] = '\0';
		count_line(counts, line);
	}
	cr_assert_eq(pclose(text), 0, "%s", command);
}

static void check_events(const struct kmr_event *events, size_t n, uint64_t *no_gfp)
{
	for (size_t i = 0; i < n; i++) {
		const struct kmr_event *ev = &events[i];
		bool wants_gfp = ev->type == KMR_EV_PAGE_ALLOC || ev->type == KMR_EV_KMALLOC ||
				 ev->type == KMR_EV_CACHE_ALLOC || ev->type == KMR_EV_RECLAIM_BEGIN;
		bool is_object = ev->type >= KMR_EV_KMALLOC && ev->type <= KMR_EV_CACHE_FREE;

		*no_gfp += wants_gfp && !(ev->flags & KMR_EVF_GFP_KNOWN);
		cr_assert(ev->flags & KMR_EVF_CONTEXT_KNOWN);
		cr_assert(ev->task && ev->task != UINT16_MAX);
		cr_assert_eq(is_object, ev->site != 0);
	}
}

static void check_capture(const char *name)
{
	static struct kmr_event events[BATCH];
	struct kmr_error err = { "" };
	const struct kmr_trace_info *info;
	struct kmr_source *source;
	struct counts counts;
	uint64_t no_gfp = 0;
	char path[4300];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/%s/trace.txt.zst", CAPTURES, name);
	cr_assert_eq(kmr_source_open(&source, path, NULL, &err), 0, "%s", err.msg);
	while ((n = kmr_source_read(source, events, BATCH, &err)) > 0)
		check_events(events, (size_t)n, &no_gfp);
	cr_assert_eq(n, 0, "%s", err.msg);
	info = kmr_source_info(source);
	count_file(&counts, path);
	for (int t = KMR_EV_PAGE_ALLOC; t < KMR_EV_NR_TYPES; t++)
		cr_expect_eq(info->by_type[t], counts.by_type[t],
			     "%s, %s: %" PRIu64 ", not %" PRIu64, name,
			     kmr_event_name((enum kmr_event_type)t), info->by_type[t],
			     counts.by_type[t]);
	cr_expect_eq(info->lines, counts.lines);
	cr_expect_eq(no_gfp, counts.empty_gfp, "%s: %" PRIu64 " without GFP, not %" PRIu64, name,
		     no_gfp, counts.empty_gfp);
	cr_expect_eq(info->malformed, 0, "%s: %s", name, info->first_malformed[0].reason);
	cr_expect_eq(info->by_type[KMR_EV_MARK], 2);
	cr_expect_eq(info->pointer_bits, strncmp(name, "i386", 4) ? 64 : 32, "%s", name);
	cr_expect_not(info->hashed_pointers, "%s", name);
	cr_expect(info->has_context);
	cr_expect_not(info->truncated);
	cr_expect_str_eq(info->format, "ftrace");
	cr_expect_str_eq(info->kernel, strstr(name, "6.12") ? "6.2 or later" : "6.1 or later");
	kmr_source_close(source);
}

Test(captures, are_counted_as_a_plain_scan_counts_them)
{
	DIR *dir = opendir(CAPTURES);
	struct dirent *entry;
	int seen = 0;

	if (!dir)
		cr_skip_test("no captures at " CAPTURES);
	while ((entry = readdir(dir))) {
		char path[4300];

		(void)snprintf(path, sizeof(path), "%s/%s/trace.txt.zst", CAPTURES, entry->d_name);
		if (entry->d_name[0] == '.' || access(path, R_OK))
			continue;
		check_capture(entry->d_name);
		seen++;
	}
	(void)closedir(dir);
	cr_expect_gt(seen, 0);
}

/* Events of one trace in another tool's words: all but the irq-info must be the same. */
static bool same_event(const struct kmr_source *a, const struct kmr_event *ea,
		       const struct kmr_source *b, const struct kmr_event *eb)
{
	uint8_t context = KMR_EVF_CONTEXT | KMR_EVF_CONTEXT_KNOWN;
	uint64_t apart = ea->time > eb->time ? ea->time - eb->time : eb->time - ea->time;

	return apart <= 1000 && ea->addr == eb->addr && ea->size == eb->size &&
	       ea->gfp == eb->gfp && ea->node == eb->node && ea->cpu == eb->cpu &&
	       ea->type == eb->type && (ea->flags | context) == (eb->flags | context) &&
	       !strcmp(kmr_source_site(a, ea->site), kmr_source_site(b, eb->site)) &&
	       !strcmp(kmr_source_cache(a, ea->cache), kmr_source_cache(b, eb->cache));
}

/* The latency format has room for eight characters of a comm. */
static bool same_task(const char *a, const char *b, bool cut)
{
	return cut ? !strncmp(a, b, strcspn(b, "-")) : !strcmp(a, b);
}

static void compare(const char *a_path, const char *b_path, bool cut_comm, uint64_t want)
{
	struct kmr_event a_event, b_event;
	struct kmr_source *a, *b;
	struct kmr_error err = { "" };
	uint64_t count = 0;

	cr_assert_eq(kmr_source_open(&a, a_path, NULL, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_source_open(&b, b_path, NULL, &err), 0, "%s", err.msg);
	while (kmr_source_read(a, &a_event, 1, &err) == 1) {
		cr_assert_eq(kmr_source_read(b, &b_event, 1, &err), 1, "%s", b_path);
		cr_assert(same_event(a, &a_event, b, &b_event), "%s: event %" PRIu64 ", %s", b_path,
			  count, kmr_event_name((enum kmr_event_type)a_event.type));
		cr_assert(same_task(kmr_source_task(a, a_event.task),
				    kmr_source_task(b, b_event.task), cut_comm),
			  "%s: event %" PRIu64, b_path, count);
		count++;
	}
	cr_expect_eq(kmr_source_read(b, &b_event, 1, &err), 0);
	cr_expect_eq(count, want, "%s: %" PRIu64, b_path, count);
	kmr_source_close(a);
	kmr_source_close(b);
}

/*
 * A selection from x86_64-6.12-up-dat in the words of each tool. The texts of trace-cmd are
 * trace-cmd report's of that capture's trace.dat; perf.txt has the columns of perf script
 * (tools/perf/builtin-script.c) around the same library's text of the events.
 */
Test(captures, tools_say_the_same)
{
	compare(DATA "ftrace.txt", DATA "trace-cmd.txt", false, 104);
	compare(DATA "ftrace.txt", DATA "trace-cmd-ns.txt", false, 104);
	compare(DATA "ftrace.txt", DATA "trace-cmd-latency.txt", true, 104);
	compare(DATA "ftrace.txt", DATA "perf.txt", false, 104);
}
