// SPDX-License-Identifier: GPL-2.0-only
/*
 * What workloads can show of contiguous memory, and of memory that comes and goes, each in a file of
 * traces/loads.
 *
 *  feature                          file                   test
 *  CMA lent to movable pages        cma-camera             cma_is_lent
 *  CMA got back by migration        cma-camera             cma_gets_back
 *  CMA refuses unmovable            cma-camera             cma_refuses
 *  online to Movable, to Normal     hotplug                online
 *  offline by migration             hotplug                offline_migrates
 *  offline of unmovable fails       hotplug                offline_fails
 *  hugetlb pool at boot             huge-pool              huge_pool_at_boot
 *  hugetlb pool at run time         huge-pool              huge_pool_at_run_time
 *  every way to 2.5 MiB             driver-2.5M            driver
 */
#include "kmreplay/event.h"
#include "replay.h"

TestSuite(contig, .init = use_workloads);

static uint64_t free_of_type(const struct kmr_zone_state *z, unsigned int type)
{
	uint64_t pages = 0;

	for (unsigned int o = 0; o < KMR_MAX_ORDERS; o++)
		pages += (uint64_t)z->nr_free[o][type] << o;
	return pages;
}

static uint64_t free_pages(const struct kmr_replay_result *r)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < r->machine.nr_zones; i++)
		pages += r->zones[i].free_pages + r->zones[i].pcp_pages;
	return pages;
}

/*
 * The cache leaves 26 000 pages, of which about half are free in the areas (mm/page_alloc.c:
 * __rmqueue()): so of their 20 480 some 7 500 are lent, the first area's first, and frames that the
 * camera gets are among them.
 */
Test(contig, cma_is_lent)
{
	struct kmr_replay_result *r = replay_into("cma-camera", NULL, NULL, NULL);
	const struct kmr_contig_work *w = &r->contig.work;

	cr_expect_eq(failed(r, "cache", KMR_REQ_PAGES), 0);
	cr_expect_gt(w->pages_migrated, 0);
	/* once: afterwards nobody asks for movable pages */
	cr_expect_leq(w->pages_migrated, 8192);
	cr_expect_eq(w->migrate_failures, 0);
	replay_done(r);
}

/* Five times 32 MiB, eight times what alloc_pages() has at most. */
Test(contig, cma_gets_back)
{
	struct kmr_replay_result *r = replay_into("cma-camera", NULL, NULL, NULL);
	const struct kmr_contig_report *c = &r->contig;

	cr_assert_eq(c->nr_areas, 2);
	cr_expect_eq(c->stats.cma_requests, 5);
	cr_expect_eq(c->stats.cma_failures, 0);
	cr_expect_eq(c->work.cma_pages, 5 * 8192);
	cr_expect_eq(1 << (r->machine.nr_orders - 1), 8192 / 8);
	cr_expect_str_eq(c->areas[0].name, "reserved");
	cr_expect_eq(c->areas[0].requests, 5);
	cr_expect_eq(c->areas[0].peak_pages, 8192);
	cr_expect_eq(c->areas[0].live_pages, 0);
	cr_expect_eq(c->areas[1].requests, 0);
	replay_done(r);
}

/* The kernel's requests fail with all that the camera had free. */
Test(contig, cma_refuses)
{
	struct kmr_replay_result *r = replay_into("cma-camera", NULL, NULL, NULL);
	const struct kmr_zone_state *z = &r->zones[zone_index(&r->machine, 0, KMR_ZONE_DMA32)];
	const uint64_t cma = free_of_type(z, KMR_MIGRATE_CMA);

	cr_expect_gt(failed(r, "kernel", KMR_REQ_PAGES), 0);
	cr_expect_geq(cma, 8192);
	cr_expect_leq(z->free_pages - cma, z->wmark_min + 64);
	cr_expect_eq(z->pageblocks[KMR_MIGRATE_CMA], 80 * MIB / (2 * MIB));
	replay_done(r);
}

Test(contig, online)
{
	struct kmr_replay_result *r = replay_into("hotplug", NULL, NULL, NULL);
	const struct kmr_contig_report *c = &r->contig;

	cr_expect_eq(c->stats.onlined, 2);
	cr_expect_eq(c->stats.online_failures, 0);
	cr_expect_eq(c->work.pages_onlined * 4 * KIB, 2 * GIB);
	/* the kernel's pages are in Normal, which had none before */
	cr_expect_eq(failed(r, "kernel", KMR_REQ_PAGES), 0);
	cr_expect_eq(failed(r, "users", KMR_REQ_PAGES), 0);
	cr_expect_eq(c->stats.thp_requests, 700);
	replay_done(r);
}

/* Half of some 500 huge pages are still in Movable; each moves in one piece. */
Test(contig, offline_migrates)
{
	struct kmr_replay_result *r = replay_into("hotplug", NULL, NULL, NULL);
	const struct kmr_contig_report *c = &r->contig;
	const unsigned int movable = zone_index(&r->machine, 0, KMR_ZONE_MOVABLE);

	cr_expect_eq(c->stats.offlined, 1);
	cr_expect_eq(c->work.pages_offlined * 4 * KIB, GIB);
	cr_expect_gt(c->work.blocks_migrated, 150);
	cr_expect_lt(c->work.blocks_migrated, 350);
	cr_expect_eq(c->work.pages_migrated, c->work.blocks_migrated * 512);
	cr_expect_eq(c->work.blocks_split, 0);
	cr_expect_eq(r->zones[movable].free_pages, 0);
	cr_expect_eq(r->zones[movable].pcp_pages, 0);
	replay_done(r);
}

/* has_unmovable_pages(): the kernel's pages are found, and the range stays as it is. */
Test(contig, offline_fails)
{
	struct kmr_replay_result *r = replay_into("hotplug", NULL, NULL, NULL);
	const struct kmr_contig_report *c = &r->contig;
	const unsigned int normal = zone_index(&r->machine, 0, KMR_ZONE_NORMAL);

	cr_expect_eq(c->stats.offline_busy, 1);
	cr_expect_eq(c->stats.offline_no_room, 0);
	cr_expect_geq(c->first_busy, 5 * GIB / (4 * KIB));
	cr_expect_lt(c->first_busy, 6 * GIB / (4 * KIB));
	cr_expect_gt(r->zones[normal].free_pages, 0);
	replay_done(r);
}

/* hugepages=64: 128 MiB that nobody else gets, from before the first event. */
Test(contig, huge_pool_at_boot)
{
	struct kmr_replay_result *r =
		replay_into("movable-zone", MACHINES "x86_64-cma-hugepages.yaml", NULL, NULL);
	const struct kmr_contig_report *c = &r->contig;

	cr_expect_eq(c->work.huge_allocs, 64);
	cr_expect_eq(c->stats.pool_pages, 64);
	cr_expect_gt(failed(r, "kernel", KMR_REQ_PAGES), 0);
	cr_expect_gt(failed(r, "users", KMR_REQ_PAGES), 0);
	replay_done(r);
}

/*
 * 64 and 64 more; then as many as there are whole blocks free, which is less than what is free
 * would make; and all but 32 given back.
 */
Test(contig, huge_pool_at_run_time)
{
	struct kmr_replay_result *r = replay_into("huge-pool", NULL, NULL, NULL);
	const struct kmr_contig_report *c = &r->contig;
	const uint64_t most = c->work.huge_allocs;

	cr_expect_eq(c->stats.pool_changes, 3);
	cr_expect_eq(c->stats.pool_short, 1);
	cr_expect_gt(most, 128 + 50);
	cr_expect_lt(most, 500);
	cr_expect_gt(c->work.huge_failures, 0);
	cr_expect_eq(c->stats.pool_pages, 32);
	cr_expect_eq(c->work.huge_frees, most - 32);
	/* what was free when the pool got less than 500: as at the end, but for what was given back */
	cr_expect_gt((free_pages(r) - (most - 32) * 512) / 512 + most, 500);
	replay_done(r);
}

/* README's table: a fragmented machine has no block, but pages for vmalloc() and an area to clear. */
Test(contig, driver)
{
	struct kmr_replay_result *r = replay_into("driver-2.5M", NULL, NULL, NULL);

	cr_expect_eq(served(r, "at-boot", KMR_REQ_PAGES), 1);
	cr_expect_eq(failed(r, "alloc-pages", KMR_REQ_PAGES), 144);
	cr_expect_eq(served(r, "vmalloc", KMR_REQ_VMALLOC), 144);
	cr_expect_eq(served(r, "cma", KMR_REQ_CMA), 144);
	cr_expect_eq(r->contig.work.cma_pages, 144 * 640);
	cr_expect_eq(r->contig.work.pages_migrated, 575);
	/* others found memory all the week, so that the machine was fragmented, not full */
	cr_expect_eq(failed(r, "page-cache", KMR_REQ_PAGES), 0);
	cr_expect_eq(failed(r, "stacks", KMR_REQ_PAGES), 0);
	replay_done(r);
}
