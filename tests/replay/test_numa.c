// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's zone_statistics() fed with what kernels chose, against what those kernels counted: the
 * difference of /proc/zoneinfo after and before a capture.  Dumps and markers are not at the same
 * moment, and pages taken in bulk have no event, but both are hits.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmreplay/source.h"
#include "page/numa.h"
#include "replay/request.h"

#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures/"

static const struct {
	const char *name;
	size_t offset;
} counters[] = {
	{ "numa_hit", offsetof(struct kmr_numa_zone, hit) },
	{ "numa_miss", offsetof(struct kmr_numa_zone, miss) },
	{ "numa_foreign", offsetof(struct kmr_numa_zone, foreign) },
	{ "numa_local", offsetof(struct kmr_numa_zone, local) },
	{ "numa_other", offsetof(struct kmr_numa_zone, other) },
};

/* The counters of a dump, by the machine's zones. */
static void read_zoneinfo(const struct kmr_machine *m, const char *capture, const char *which,
			  struct kmr_numa_zone *zones)
{
	char path[512], line[512], name[32];
	unsigned long long value;
	int zone = -1;
	FILE *f;

	memset(zones, 0, KMR_MAX_ZONES * sizeof(*zones));
	(void)snprintf(path, sizeof(path), CAPTURES "%s/state/zoneinfo.%s", capture, which);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	while (fgets(line, sizeof(line), f)) {
		unsigned int node;

		if (sscanf(line, "Node %u, zone %31s", &node, name) == 2) {
			zone = -1;
			for (unsigned int i = 0; i < m->nr_zones; i++)
				if (m->zones[i].node == node &&
				    m->zones[i].type == kmr_zone_by_name(name))
					zone = (int)i;
		}
		if (zone < 0 || sscanf(line, " %31s %llu", name, &value) != 2)
			continue;
		for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
			if (!strcmp(name, counters[i].name))
				memcpy((char *)&zones[zone] + counters[i].offset, &value,
				       sizeof(value));
	}
	cr_assert_eq(fclose(f), 0);
}

static void count_event(const struct kmr_machine *m, const struct kmr_page_backend *b,
			const struct kmr_event *ev)
{
	const struct kmr_page_request req = kmr_request_of(m, ev);
	const uint16_t *zonelist = kmr_zonelist(b, req.node, kmr_gfp_zone(b, req.gfp));
	const int zone = kmr_machine_zone_of(m, ev->addr);

	cr_assert_geq(zone, 0);
	kmr_numa_count(b, &b->zones[*zonelist], &b->zones[zone], &req);
}

static void count_trace(const struct kmr_machine *m, const struct kmr_page_backend *b,
			const char *capture)
{
	const struct kmr_source_options options = { .strict = true };
	static struct kmr_event events[4096];
	struct kmr_error err = { "" };
	struct kmr_source *source;
	char path[512];
	ssize_t n;

	(void)snprintf(path, sizeof(path), CAPTURES "%s/trace.txt.zst", capture);
	cr_assert_eq(kmr_source_open(&source, path, &options, &err), 0, "%s", err.msg);
	while ((n = kmr_source_read(source, events, 4096, &err)) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (events[i].type == KMR_EV_PAGE_ALLOC && events[i].addr != KMR_EV_NO_PFN)
				count_event(m, b, &events[i]);
	cr_assert_eq(n, 0, "%s", err.msg);
	kmr_source_close(source);
}

static void compare(const char *capture)
{
	static struct kmr_numa_zone before[KMR_MAX_ZONES], after[KMR_MAX_ZONES];
	static struct kmr_numa_report report;
	const struct kmr_page_ops *ops = kmr_page_backend_find("linux-6.1");
	struct kmr_machine *m = calloc(1, sizeof(*m));
	struct kmr_error err = { "" };
	struct kmr_page_backend *b;
	char path[512];

	cr_assert_not_null(m);
	(void)snprintf(path, sizeof(path), CAPTURES "%s/state/kmsnap.before.zst", capture);
	if (access(path, R_OK))
		cr_skip_test("%s is not there: nothing to compare with", path);
	cr_assert_eq(kmr_machine_open(m, path, NULL, NULL, 0, &err), 0, "%s", err.msg);
	b = ops->create(m, NULL, &err);
	cr_assert_not_null(b, "%s", err.msg);
	count_trace(m, b, capture);
	cr_assert(ops->numa(b, &report));
	read_zoneinfo(m, capture, "before", before);
	read_zoneinfo(m, capture, "after", after);
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_numa_zone *z = &report.zones[i];
		const uint64_t hits = after[i].hit - before[i].hit;

		cr_expect_eq(z->miss, after[i].miss - before[i].miss, "%s, zone %u", capture, i);
		cr_expect_eq(z->foreign, after[i].foreign - before[i].foreign, "%s, zone %u",
			     capture, i);
		cr_expect_eq(z->other, after[i].other - before[i].other, "%s, zone %u", capture, i);
		cr_expect_leq(z->hit, hits, "%s, zone %u", capture, i);
		cr_expect_eq(hits - z->hit, after[i].local - before[i].local - z->local,
			     "%s, zone %u", capture, i);
		/* the other node's CPUs took the snapshot */
		if (!m->zones[i].node)
			cr_expect_leq((hits - z->hit) * 50, hits, "%s, zone %u", capture, i);
	}
	ops->destroy(b);
	free(m);
}

Test(numa, plenty)
{
	compare("x86_64-6.12-numa-compile");
}

Test(numa, short_of_memory)
{
	compare("x86_64-6.12-numa-reclaim");
}

/* Only a request has a policy: the flag of a refill for a per-CPU list lies where it would be. */
Test(numa, a_refill_has_no_policy)
{
	static struct kmr_machine m = { .nr_cpus = 1, .nr_nodes = 2 };
	struct kmr_event ev = {
		.type = KMR_EV_PAGE_REFILL, .flags = KMR_EVF_PERCPU_REFILL, .addr = 1, .node = -1
	};

	cr_expect_eq(kmr_request_of_refill(&m, &ev).policy, KMR_POLICY_NONE);
	ev.type = KMR_EV_PAGE_ALLOC;
	ev.flags = KMR_EVF_GFP_KNOWN | KMR_POLICY_BIND;
	ev.page.nodes = 2;
	cr_expect_eq(kmr_request_of(&m, &ev).policy, KMR_POLICY_BIND);
	cr_expect_eq(kmr_request_of(&m, &ev).nodes, 2);
}
