// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader of trace.dat files against trace-cmd's own libraries, which find each record's fields by
 * a parser of formats of their own.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trace-cmd/trace-cmd.h>
#include <unistd.h>

#include "kmreplay/source.h"

#define BUNDLED	 KMR_SOURCE_ROOT "/traces/x86_64-6.12-dat/trace.dat"
#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures"

struct check {
	struct tep_handle *tep;
	struct kmr_source *source;
	uint64_t events;
};

static uint64_t field(const struct tep_event *event, struct tep_record *record, const char *name)
{
	unsigned long long value = 0;

	cr_assert_eq(tep_get_field_val(NULL, (struct tep_event *)event, name, record, &value, 0), 0,
		     "%s.%s", event->name, name);
	return value;
}

static bool has(const struct tep_event *event, const char *name)
{
	return tep_find_field((struct tep_event *)event, name) != NULL;
}

/* What several events have in common, by the names of their fields. */
static void check_fields(const struct check *c, const struct tep_event *event,
			 struct tep_record *record, const struct kmr_event *ev)
{
	if (has(event, "pfn"))
		cr_assert_eq(ev->addr, field(event, record, "pfn"));
	if (has(event, "order"))
		cr_assert_eq(ev->page.order, field(event, record, "order"));
	if (has(event, "migratetype"))
		cr_assert_eq(ev->page.migratetype, field(event, record, "migratetype"));
	if (has(event, "ptr"))
		cr_assert_eq(ev->addr, field(event, record, "ptr"));
	if (has(event, "bytes_req"))
		cr_assert_eq(ev->bytes.req, field(event, record, "bytes_req"));
	if (has(event, "bytes_alloc"))
		cr_assert_eq(ev->bytes.alloc, field(event, record, "bytes_alloc"));
	if (has(event, "node"))
		cr_assert_eq(ev->node, (int)field(event, record, "node"));
	if (has(event, "name")) {
		int len;
		const char *name =
			tep_get_field_raw(NULL, (struct tep_event *)event, "name", record, &len, 0);

		cr_assert_str_eq(kmr_source_cache(c->source, ev->cache), name);
	}
	if (has(event, "call_site")) {
		const uint64_t address = field(event, record, "call_site");
		char site[256];

		(void)snprintf(
			site, sizeof(site), "%s+0x%llx", tep_find_function(c->tep, address),
			(unsigned long long)(address - tep_find_function_address(c->tep, address)));
		cr_assert_str_eq(kmr_source_site(c->source, ev->site), site);
	}
}

static int check_record(struct tracecmd_input *handle, struct tep_record *record, int cpu,
			void *data)
{
	struct check *c = data;
	const struct tep_event *event = tep_find_event_by_record(c->tep, record);
	const int pid = tep_data_pid(c->tep, record);
	struct kmr_error err = { "" };
	struct kmr_event ev;
	char task[64];

	(void)handle;
	cr_assert_not_null(event);
	if (strcmp(event->system, "kmem") != 0 || !strcmp(event->name, "rss_stat"))
		return 0;
	/* other events of ours lie between */
	do {
		cr_assert_eq(kmr_source_read(c->source, &ev, 1, &err), 1, "%s", err.msg);
	} while (strcmp(kmr_event_name(ev.type), event->name) != 0 &&
		 (ev.type == KMR_EV_MARK || ev.type >= KMR_EV_VMAP_ALLOC));
	cr_assert_str_eq(kmr_event_name(ev.type), event->name);
	cr_assert_eq(ev.time, (record->ts + 500) / 1000 * 1000);
	cr_assert_eq(ev.cpu, cpu);
	(void)snprintf(task, sizeof(task), "%s-%d", tep_data_comm_from_pid(c->tep, pid), pid);
	cr_assert_str_eq(kmr_source_task(c->source, ev.task), task);
	check_fields(c, event, record, &ev);
	c->events++;
	return 0;
}

static void compare(const char *path)
{
	struct tracecmd_input *handle = tracecmd_open(path, TRACECMD_FL_LOAD_NO_PLUGINS);
	struct kmr_error err = { "" };
	struct check c = { 0 };

	cr_assert_not_null(handle, "%s", path);
	c.tep = tracecmd_get_tep(handle);
	cr_assert_eq(kmr_source_open(&c.source, path, NULL, &err), 0, "%s", err.msg);
	cr_assert_eq(tracecmd_iterate_events(handle, NULL, 0, check_record, &c), 0);
	cr_assert_gt(c.events, 10000);
	kmr_source_close(c.source);
	tracecmd_close(handle);
}

Test(tracecmd, bundled)
{
	compare(BUNDLED);
}

/* The libraries want a file that is not compressed as a whole. */
static void compare_zst(const char *capture)
{
	char path[] = "/tmp/kmreplay-test-XXXXXX", command[512];
	const int fd = mkstemp(path);

	cr_assert(fd >= 0 && !close(fd));
	(void)snprintf(command, sizeof(command), "zstd -dqfc " CAPTURES "/%s/trace.dat.zst >%s",
		       capture, path);
	cr_assert_eq(system(command), 0);
	compare(path);
	cr_assert_eq(unlink(path), 0);
}

Test(tracecmd, captures)
{
	if (access(CAPTURES, R_OK))
		cr_skip_test("the captures are not here");
	compare_zst("x86_64-6.12-up-dat");
	compare_zst("x86_64-6.1-up-sqlite");
}
