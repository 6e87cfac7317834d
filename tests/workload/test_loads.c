// SPDX-License-Identifier: GPL-2.0-only
/* The workloads that come with kmreplay: each shows what its comments say. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/frag.h"
#include "kmreplay/gfp.h"
#include "kmreplay/replay.h"
#include "support.h"

#define LOADS KMR_SOURCE_ROOT "/traces/loads"

#define HUGE_ORDER 9u

/* What a run of 2 s at ten million events a second would be is more than any has. */
#define MOST_EVENTS 3000000u

static struct kmr_replay_result *r;

static void set_up(void)
{
	kmr_source_add_reader(&kmr_workload_reader);
	r = calloc(1, sizeof(*r));
	cr_assert_not_null(r);
}

static void tear_down(void)
{
	kmr_replay_result_free(r);
	free(r);
}

TestSuite(loads, .init = set_up, .fini = tear_down, .timeout = 250);

/* Replays a workload; its result is in r. */
static void replay(const char *name, const char *page, const char *object)
{
	char path[512];
	const struct kmr_replay_options o = {
		.trace = path, .page = page, .object = object, .strict = true, .check = true
	};
	struct kmr_error err = { "" };

	(void)snprintf(path, sizeof(path), LOADS "/%s.yaml", name);
	kmr_replay_result_free(r);
	cr_assert_eq(kmr_replay(&o, r, &err), 0, "%s", err.msg);
	cr_expect_eq(r->start, KMR_START_BOOT);
	cr_expect(r->trace.made_up);
	cr_expect_gt(r->stats.events, 100000u, "%s", name);
	cr_expect_lt(r->stats.events, MOST_EVENTS, "%s", name);
	cr_expect_eq(r->stats.unknown_frees + r->stats.repeated_allocs, 0u, "%s", name);
	cr_expect_eq(r->attribution.allocs[KMR_OWNER_SLAB] +
			     r->attribution.allocs[KMR_OWNER_KMALLOC],
		     0u);
}

static uint64_t failures(unsigned int order, uint32_t gfp)
{
	for (unsigned int i = 0; i < r->nr_failures; i++)
		if (r->failures[i].order == order && r->failures[i].gfp == gfp)
			return r->failures[i].count;
	return 0;
}

static uint32_t gfp_of(const char *text)
{
	uint32_t gfp;

	cr_assert_eq(kmr_gfp_parse(text, strlen(text), 601, &gfp), 0, "%s", text);
	return gfp;
}

/* The free memory of zone @zone that cannot be had in blocks of @order, in thousandths. */
static int unusable(unsigned int zone, unsigned int order)
{
	uint64_t nr_free[KMR_MAX_ORDERS] = { 0 };

	for (unsigned int o = 0; o < r->machine.nr_orders; o++)
		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
			nr_free[o] += r->zones[zone].nr_free[o][t];
	return kmr_unusable_index(nr_free, r->machine.nr_orders, order);
}

static unsigned int zone_of(unsigned int node, enum kmr_zone_type type)
{
	unsigned int z = 0;

	while (z < r->machine.nr_zones &&
	       (r->machine.zones[z].node != node || r->machine.zones[z].type != type))
		z++;
	cr_assert_lt(z, r->machine.nr_zones);
	return z;
}

/* Each can be read, ends, and gives the same events for the same seed. */
Test(loads, all_of_them)
{
	DIR *dir = opendir(LOADS);
	const struct dirent *entry;
	unsigned int n = 0;

	cr_assert_not_null(dir);
	while ((entry = readdir(dir))) {
		const struct kmr_workload_options same = { .limit = 200000 }, other = {
			.has_seed = true, .seed = 99, .limit = 200000
		};
		struct run a, b, c;
		char path[512];

		if (!strstr(entry->d_name, ".yaml"))
			continue;
		(void)snprintf(path, sizeof(path), LOADS "/%s", entry->d_name);
		run_file(&a, path, &same);
		run_file(&b, path, &same);
		run_file(&c, path, &other);
		cr_expect_not_null(kmr_workload_machine(a.workload), "%s", entry->d_name);
		cr_expect_eq(a.nr, b.nr);
		cr_expect_eq(memcmp(a.events, b.events, a.nr * sizeof(*a.events)), 0);
		cr_expect(a.nr != c.nr || memcmp(a.events, c.events, a.nr * sizeof(*a.events)));
		run_done(&a);
		run_done(&b);
		run_done(&c);
		n++;
	}
	cr_expect_geq(n, 6u);
	cr_assert_eq(closedir(dir), 0);
}

/* Processes come and go: nothing fails, and next to nothing of theirs is left. */
Test(loads, fork_storm)
{
	replay("fork-storm", "linux-6.1", "slub");
	cr_expect_eq(r->stats.failures + r->objects.stats.failures, 0u);
	cr_expect_gt(r->stats.page_allocs, 300000u);
	cr_expect_gt(r->objects.stats.allocs, 250000u);
	cr_expect_lt(r->stats.live_pages, 100u);
	cr_expect_lt(r->objects.stats.live_objects, 200u);
	/* what is left of slabs has next to nothing in it */
	cr_expect_gt(r->objects.stats.end_pages, 300u);
}

/* With mobility grouped, the dropped cache is free for huge pages; without it hardly any is. */
Test(loads, page_cache)
{
	unsigned int dma32;

	replay("page-cache", "linux-6.1", NULL);
	dma32 = zone_of(0, KMR_ZONE_DMA32);
	cr_expect_eq(r->stats.failures, 0u);
	cr_expect_lt(r->stats.live_pages, 2000u);
	cr_expect_lt(unusable(dma32, HUGE_ORDER), 100, "%d", unusable(dma32, HUGE_ORDER));
	replay("page-cache", "linux-6.1,mobility=0", NULL);
	cr_expect_eq(r->stats.failures, 0u);
	cr_expect_lt(r->stats.live_pages, 2000u);
	cr_expect_gt(unusable(dma32, HUGE_ORDER), 800, "%d", unusable(dma32, HUGE_ORDER));
}

/* Order 3 fails in interrupts with a tenth of memory free, and nothing else does. */
Test(loads, rx_rings)
{
	const uint32_t gfp = gfp_of("GFP_ATOMIC|__GFP_COMP|__GFP_NOWARN");
	unsigned int dma32;

	replay("rx-rings", "linux-6.1", "slub");
	dma32 = zone_of(0, KMR_ZONE_DMA32);
	cr_expect_gt(failures(3, gfp), 100u);
	cr_expect_eq(r->stats.failures, failures(3, gfp));
	cr_expect_gt(r->zones[dma32].free_pages, 10000u);
	cr_expect_gt(unusable(dma32, 3), 900, "%d", unusable(dma32, 3));
}

/* Some of the huge pages can be had under load, and no more at rest. */
Test(loads, high_order_stress)
{
	uint64_t loaded, rest;

	replay("high-order-stress", "linux-6.1", NULL);
	loaded = failures(HUGE_ORDER, gfp_of("GFP_TRANSHUGE_LIGHT"));
	rest = failures(HUGE_ORDER, gfp_of("GFP_TRANSHUGE"));
	cr_expect(loaded > 10 && loaded < 100, "%llu", (unsigned long long)loaded);
	cr_expect(rest > 10 && rest < 100, "%llu", (unsigned long long)rest);
	cr_expect_eq(r->stats.failures, loaded + rest);
}

/* Every object is freed on another CPU than the one it came from. */
Test(loads, slab_pingpong)
{
	replay("slab-pingpong", "linux-6.1", "slub");
	cr_expect_eq(r->stats.page_allocs, 0u);
	cr_expect_eq(r->objects.stats.failures, 0u);
	cr_assert_gt(r->objects.nr_sites, 3u);
	for (size_t i = 0; i < r->objects.nr_sites; i++) {
		cr_expect_eq(r->objects.sites[i].pingpong, r->objects.sites[i].frees, "%s",
			     r->objects.sites[i].site);
		cr_expect_gt(r->objects.sites[i].frees, 1000u);
	}
}

/* Node 0 is full to its watermark, the rest came from node 1, and who insisted on node 0 failed. */
Test(loads, numa_fill)
{
	const uint32_t strict = gfp_of("GFP_KERNEL|__GFP_THISNODE|__GFP_NOWARN|__GFP_NORETRY");
	unsigned int here, there;

	replay("numa-fill", "linux-6.1", "slub");
	here = zone_of(0, KMR_ZONE_DMA32);
	there = zone_of(1, KMR_ZONE_DMA32);
	cr_expect_lt(r->zones[here].free_pages,
		     r->machine.zones[here].wmark_low + r->machine.zones[here].managed / 20);
	cr_expect_lt(r->zones[there].free_pages, r->machine.zones[there].managed * 6 / 10);
	cr_expect_gt(r->zones[there].free_pages, r->machine.zones[there].managed * 3 / 10);
	cr_expect_gt(failures(2, strict), 100u);
	cr_expect_eq(r->stats.failures, failures(2, strict));
}

/* 16 MiB, and what objects waste is all that is missing: enough with SLOB, not with the others. */
Test(loads, embedded_16m)
{
	uint64_t slob_pages;

	replay("embedded-16M", "linux-6.1", "slob");
	cr_expect_eq(r->machine.nr_zones, 1u);
	cr_expect_eq(r->machine.ram_pages, 3999u);
	cr_expect_eq(r->stats.failures + r->objects.stats.failures, 0u);
	slob_pages = r->objects.stats.peak_pages;
	replay("embedded-16M", "linux-6.1", "slub");
	cr_expect_gt(r->stats.failures, 0u);
	cr_expect_gt(r->objects.stats.failures, 0u);
	cr_expect_gt(r->objects.stats.peak_pages, slob_pages + 15);
	replay("embedded-16M", "linux-6.1", "slab");
	cr_expect_gt(r->stats.failures, 0u);
	cr_expect_gt(r->objects.stats.peak_pages, slob_pages + 15);
}
