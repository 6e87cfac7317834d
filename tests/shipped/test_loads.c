// SPDX-License-Identifier: GPL-2.0-only
/*
 * What workloads can show, each in a file of traces/loads, with the figures that follow from the
 * kernel's rules.
 *
 *  feature                          file                   test
 *  HighMem, then Normal, then DMA   zone-fallback          zones_empty_in_order
 *  lowmem_reserve                   zone-fallback          lowmem_reserve_holds_back
 *  fallback by distance             numa-distance          nearest_node_first
 *  __GFP_THISNODE                   numa-distance          bound_to_a_full_node
 *  memory policies, numastat        numa-policies          memory_policies
 *  8 nodes, 1 TiB                   numa-policies          memory_of_a_tebibyte
 *  zone_order                       zone-order             zones_before_nodes
 *  Movable refuses unmovable        movable-zone           movable_refuses
 *  THP-sized requests               movable-zone           huge_pages_in_movable
 *  exhaustion, guard pages          vmalloc-exhaustion     vmalloc_exhaustion
 *  first fit, lowest fit            vmalloc-churn          vmalloc_fit
 *  lazy purge, TLB flushes          vmalloc-churn          vmalloc_lazy_purge
 *  pkmap wraps                      kmap-wrap              pkmap_wraps
 *  pkmap full, 1024 and 512 slots   kmap-full              pkmap_full
 *  nested kmap_local_page()         kmap-local             kmap_local_nesting
 *
 * The files that are not here are examples, and tests/workload holds them.
 */
#include "replay.h"
#include "support.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char db_path[64];

static void setup(void)
{
	use_workloads();
	snprintf(db_path, sizeof(db_path), "/tmp/kmr-shipped-%ld.db", (long)getpid());
}

static void teardown(void)
{
	unlink(db_path);
}

TestSuite(loads, .init = setup, .fini = teardown);

/* The one number that @sql gives of the run in db_path. */
static long long ask(const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	long long value;

	cr_assert_eq(sqlite3_open_v2(db_path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK, "%s: %s", sql,
		     sqlite3_errmsg(db));
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW, "%s", sql);
	value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return value;
}

/* In how many samples zone @a had less than @a_free pages free and zone @b more than @b_free. */
static long long samples_with(unsigned int a, uint64_t a_free, unsigned int b, uint64_t b_free)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM sample_zone a JOIN sample_zone b USING (run, sample) WHERE "
		 "a.zone = %u AND b.zone = %u AND a.free_pages < %llu AND b.free_pages > %llu",
		 a, b, (unsigned long long)a_free, (unsigned long long)b_free);
	return ask(sql);
}

/*
 * Requests for HighMem leave a zone when no more than its low watermark and its reserve against
 * them is free, as /proc/zoneinfo's nr_free_pages tells, which lags by up to the stat threshold.
 */
Test(loads, zones_empty_in_order)
{
	struct kmr_replay_result *r = replay_into("zone-fallback", NULL, NULL, db_path);
	const struct kmr_machine *m = &r->machine;
	const unsigned int dma = zone_index(m, 0, KMR_ZONE_DMA);
	const unsigned int normal = zone_index(m, 0, KMR_ZONE_NORMAL);
	const unsigned int high = zone_index(m, 0, KMR_ZONE_HIGHMEM);
	const struct kmr_zone_spec *z = m->zones;

	cr_expect_gt(ask("SELECT count(*) FROM sample"), 400);
	/* nothing from Normal before HighMem is down to its low mark, from DMA before both are */
	cr_expect_gt(samples_with(normal, z[normal].managed, dma, z[dma].managed - 1), 100);
	cr_expect_eq(samples_with(normal, z[normal].managed, high,
				  z[high].wmark_low + z[high].stat_threshold),
		     0);
	cr_expect_eq(samples_with(dma, z[dma].managed, normal,
				  z[normal].wmark_low + z[normal].reserve[KMR_ZONE_HIGHMEM] +
					  z[normal].stat_threshold),
		     0);
	/* the slow path goes below the low marks, once all zones are down to them */
	cr_expect_eq(samples_with(high,
				  z[high].wmark_low - z[high].pcp_batch - z[high].stat_threshold,
				  dma, z[dma].managed - 1),
		     0);
	replay_done(r);
}

/* The pages between min + @reserve and what is free at the end are what the count may lag. */
static void expect_left(const struct kmr_replay_result *r, unsigned int zone, uint64_t reserve)
{
	const struct kmr_zone_spec *z = &r->machine.zones[zone];
	const uint64_t left = r->zones[zone].free_pages + r->zones[zone].pcp_pages;

	expect_near(left, z->wmark_min + reserve, z->stat_threshold, kmr_zone_name(z->type));
}

/*
 * What is left for whom: users leave min + reserve against HighMem in Normal and DMA; requests for
 * Normal take from Normal all of that reserve and from DMA what it is more than the one against
 * them; requests for DMA take what is left of it.  All that beyond the watermarks is used then.
 */
Test(loads, lowmem_reserve_holds_back)
{
	struct kmr_replay_result *r = replay_into("zone-fallback", NULL, NULL, NULL);
	const struct kmr_machine *m = &r->machine;
	const struct kmr_zone_spec *dma = zone_of(m, 0, KMR_ZONE_DMA);
	const struct kmr_zone_spec *normal = zone_of(m, 0, KMR_ZONE_NORMAL);
	const struct kmr_zone_spec *high = zone_of(m, 0, KMR_ZONE_HIGHMEM);
	const uint32_t lag = dma->stat_threshold + normal->stat_threshold;

	expect_near(served(r, "users", KMR_REQ_PAGES),
		    high->managed - high->wmark_min + normal->managed - normal->wmark_min -
			    normal->reserve[KMR_ZONE_HIGHMEM] + dma->managed - dma->wmark_min -
			    dma->reserve[KMR_ZONE_HIGHMEM],
		    lag + high->stat_threshold, "users");
	expect_near(served(r, "buffers", KMR_REQ_PAGES),
		    normal->reserve[KMR_ZONE_HIGHMEM] + dma->reserve[KMR_ZONE_HIGHMEM] -
			    dma->reserve[KMR_ZONE_NORMAL],
		    2 * lag, "buffers");
	expect_near(served(r, "cards", KMR_REQ_PAGES), dma->reserve[KMR_ZONE_NORMAL],
		    2 * dma->stat_threshold, "cards");
	for (unsigned int i = 0; i < m->nr_zones; i++)
		expect_left(r, i, 0);
	replay_done(r);
}

/* Node 2 has no memory; node 3, node 1 and node 0 have, in this order for it. */
Test(loads, nearest_node_first)
{
	struct kmr_replay_result *r = replay_into("numa-distance", NULL, NULL, db_path);
	const struct kmr_machine *m = &r->machine;
	const unsigned int n0 = zone_index(m, 0, KMR_ZONE_NORMAL);
	const unsigned int n1 = zone_index(m, 1, KMR_ZONE_NORMAL);
	const unsigned int n3 = zone_index(m, 3, KMR_ZONE_NORMAL);
	const struct kmr_zone_spec *z = m->zones;

	cr_expect_gt(samples_with(n3, z[n3].managed, n1, z[n1].managed - 1), 100);
	cr_expect_gt(samples_with(n1, z[n1].managed, n0, z[n0].managed - 1), 100);
	cr_expect_eq(
		samples_with(n1, z[n1].managed, n3, z[n3].wmark_low + 16 + z[n3].stat_threshold),
		0);
	cr_expect_eq(
		samples_with(n0, z[n0].managed, n1, z[n1].wmark_low + 16 + z[n1].stat_threshold),
		0);
	cr_expect_lt(r->zones[n0].free_pages, z[n0].managed);
	cr_expect_eq(failed(r, "far", KMR_REQ_PAGES), 0);
	replay_done(r);
}

/* From the low to the min watermark of node 1, in blocks of 16 pages; elsewhere is plenty. */
Test(loads, bound_to_a_full_node)
{
	struct kmr_replay_result *r = replay_into("numa-distance", NULL, NULL, NULL);
	const struct kmr_machine *m = &r->machine;
	const struct kmr_zone_spec *z = zone_of(m, 1, KMR_ZONE_NORMAL);
	const struct kmr_zone_state *dma32 = &r->zones[zone_index(m, 0, KMR_ZONE_DMA32)];

	expect_near(served(r, "bound", KMR_REQ_PAGES) * 16, z->wmark_low - z->wmark_min,
		    2 * (z->stat_threshold + 16), "bound");
	cr_expect_gt(failed(r, "bound", KMR_REQ_PAGES), 0);
	cr_expect_eq(dma32->free_pages, zone_of(m, 0, KMR_ZONE_DMA32)->managed);
	replay_done(r);
}

/* The file's comments in numbers: which actor's requests are counted where. */
Test(loads, memory_policies)
{
	struct kmr_replay_result *r = replay_into("numa-policies", NULL, NULL, db_path);
	/* interleave 1000 each; weighted 500, 200, 100 on nodes 0, 1, 4 */
	static const uint64_t interleaved[8] = { 1500, 1200, 1000, 1000, 1100, 1000, 1000, 1000 };
	/*
	 * What CPUs of other nodes had: those less what the actors' own nodes are (CPU 12 is of 1, 20
	 * of 2); bind 500 on 3; bind-dma32 300 on 0; preferred 200 and preferred-many 100 on 5.
	 */
	static const uint64_t other[8] = { 1800, 200, 1000, 1500, 1100, 1300, 1000, 1000 };
	struct kmr_numa_traffic across;

	for (unsigned int node = 0; node < 8; node++) {
		struct kmr_numa_zone n;

		kmr_numa_node(&r->machine, &r->numa, node, &n);
		cr_expect_eq(n.interleave_hit, interleaved[node], "node %u", node);
		cr_expect_eq(n.other, other[node], "node %u", node);
		cr_expect_eq(n.miss + n.foreign, 0, "node %u", node);
		cr_expect_eq(n.hit, n.local + n.other, "node %u", node);
	}
	cr_expect_eq(r->stats.failures, 0);
	/* from node 1 to 6, where interleave's turns went, and from 7 to 0: bind-dma32 */
	kmr_numa_distance(&r->machine, &r->numa, 28, &across);
	cr_expect_eq(across.requests, 1300);
	cr_expect_eq(ask("SELECT requests FROM numa_distance WHERE distance = 28"), 1300);
	cr_expect_eq(ask("SELECT interleave_hit FROM numa_node WHERE node = 4"), 1100);
	replay_done(r);
}

#ifndef __SANITIZE_ADDRESS__ /* which has memory of its own */
/* Peak of a process that replays the load on 1 TiB with that page backend; KiB. */
static long peak_of(const char *page)
{
	const struct kmr_replay_options options = { .trace = LOADS "numa-policies.yaml",
						    .page = page };
	struct rusage used;
	int status;
	const pid_t child = fork();

	cr_assert_geq(child, 0);
	if (!child) {
		struct kmr_replay_result *r = calloc(1, sizeof(*r));
		struct kmr_error err = { "" };

		_exit(!r || kmr_replay(&options, r, &err));
	}
	cr_assert_eq(wait4(child, &status, 0, &used), child);
	cr_assert(WIFEXITED(status) && !WEXITSTATUS(status), "%s", page);
	return used.ru_maxrss;
}

/* Boot frees 268 million frames: what is resident then is bit maps and heads of blocks. */
Test(loads, memory_of_a_tebibyte, .timeout = 300)
{
	const struct kmr_page_ops *ops;

	for (unsigned int i = 0; (ops = kmr_page_backend_at(i)); i++) {
		const long kib = peak_of(ops->name);

		cr_expect_gt(kib, 64 * 1024, "%s: not even its bit maps", ops->name);
		cr_expect_lt(kib, 256 * 1024, "%s: %ld KiB", ops->name, kib);
	}
}
#endif

Test(loads, zones_before_nodes)
{
	struct kmr_replay_result *r = replay_into("zone-order", NULL, NULL, NULL);
	const struct kmr_machine *m = &r->machine;
	const unsigned int near = zone_index(m, 0, KMR_ZONE_NORMAL);
	const unsigned int far = zone_index(m, 1, KMR_ZONE_NORMAL);
	const unsigned int dma32 = zone_index(m, 0, KMR_ZONE_DMA32);

	expect_near(r->zones[near].free_pages, m->zones[near].wmark_low,
		    m->zones[near].stat_threshold + 64, "node 0 Normal");
	cr_expect_lt(r->zones[far].free_pages, m->zones[far].managed / 2);
	cr_expect_eq(r->zones[dma32].free_pages, m->zones[dma32].managed);
	replay_done(r);
}

/* The same on a machine whose lists go by node: node 0's DMA32 comes before node 1. */
Test(loads, nodes_before_zones)
{
	struct kmr_replay_result *r =
		replay_into("zone-order", "x86_64:ram=8G,nodes=2,cpus=2", NULL, NULL);
	const struct kmr_machine *m = &r->machine;

	cr_expect_lt(r->zones[zone_index(m, 0, KMR_ZONE_DMA32)].free_pages,
		     zone_of(m, 0, KMR_ZONE_DMA32)->managed / 10);
	replay_done(r);
}

/* All zones but Movable are used up, and in no sample of that time a page of Movable is. */
Test(loads, movable_refuses)
{
	struct kmr_replay_result *r = replay_into("movable-zone", NULL, NULL, db_path);
	const struct kmr_machine *m = &r->machine;
	const unsigned int movable = zone_index(m, 0, KMR_ZONE_MOVABLE);
	uint64_t others = 0;

	cr_expect_gt(failed(r, "kernel", KMR_REQ_PAGES), 1000);
	cr_expect_eq(
		ask("SELECT count(*) FROM sample_zone JOIN sample USING (run, sample) JOIN zone "
		    "USING (run, zone) WHERE name = 'Movable' AND time < 10000000 AND "
		    "free_pages < managed"),
		0);
	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (i != movable)
			others += m->zones[i].managed - r->zones[i].free_pages -
				  r->zones[i].pcp_pages;
	cr_expect_eq(served(r, "kernel", KMR_REQ_PAGES) * 256, others);
	replay_done(r);
}

/* Blocks of 2 MiB, down to where one more would take Movable below its min watermark. */
Test(loads, huge_pages_in_movable)
{
	struct kmr_replay_result *r = replay_into("movable-zone", NULL, NULL, NULL);
	const unsigned int movable = zone_index(&r->machine, 0, KMR_ZONE_MOVABLE);
	const struct kmr_zone_spec *z = &r->machine.zones[movable];
	const uint64_t left = r->zones[movable].free_pages;

	cr_expect_eq(served(r, "users", KMR_REQ_PAGES) * 512, z->managed - left);
	cr_expect_gt(left + z->stat_threshold, z->wmark_min);
	cr_expect_leq(left, z->wmark_min + 511 + z->stat_threshold);
	replay_done(r);
}

/*
 * 120 MiB are 30720 pages.  An area of 1 MiB takes 256 and a guard page: 119 of them fit, and in
 * the 137 pages behind them 8 of 17.
 */
Test(loads, vmalloc_exhaustion)
{
	static const char *const models[] = { "rbtree", "augmented" };

	for (size_t i = 0; i < 2; i++) {
		struct kmr_replay_result *r =
			replay_into("vmalloc-exhaustion", NULL, models[i], NULL);
		const struct kmr_mapping_report *map = &r->mappings;

		cr_assert_str_eq(map->backend, models[i]);
		cr_expect_eq(map->space.vmalloc_end - map->space.vmalloc_start, 120 * MIB);
		cr_expect_eq(served(r, "large", KMR_REQ_VMALLOC), 119);
		cr_expect_eq(served(r, "small", KMR_REQ_VMALLOC), 8);
		cr_expect_eq(map->work.no_room, 200 - 119 + 100 - 8);
		cr_expect_eq(map->work.no_pages, 0, "memory is left");
		cr_expect_eq(map->end.area_bytes, UINT64_C(4096) * (119 * 257 + 8 * 17));
		cr_expect_eq(map->end.pages, 119 * 256 + 8 * 16, "guard pages have no memory");
		cr_expect_eq(map->end.hole_bytes, 4096);
		replay_done(r);
	}
}

/*
 * Both give out the lowest addresses that fit, so the upper part of the space stays whole: what is
 * in use and what waits for a purge are 49 MiB at most.  They differ in the work: one walks along
 * the areas from where it last found room, the other down a tree that knows the largest gaps.
 */
Test(loads, vmalloc_fit)
{
	struct kmr_replay_result *first = replay_into("vmalloc-churn", NULL, "rbtree", NULL);
	struct kmr_replay_result *lowest = replay_into("vmalloc-churn", NULL, "augmented", NULL);
	const struct kmr_vmap_work *fw = &first->mappings.work, *lw = &lowest->mappings.work;

	cr_expect_eq(failed(first, "driver", KMR_REQ_VMALLOC), 0);
	cr_expect_eq(failed(lowest, "driver", KMR_REQ_VMALLOC), 0);
	cr_expect_gt(first->mappings.end.largest_hole, 60 * MIB);
	cr_expect_gt(lowest->mappings.end.largest_hole, 60 * MIB);
	cr_expect_eq(first->mappings.end.area_bytes, lowest->mappings.end.area_bytes);
	cr_expect_gt(fw->restarts, 0);
	cr_expect_gt(fw->steps, 5 * lw->steps);
	/*
	 * Holes are used up or cut at their lower end; but the lowest one begins below vmalloc's
	 * space, so that a cut at its beginning is one in the middle (vmap_init_free_space())
	 */
	cr_expect_eq(lw->fit_full + lw->fit_left + lw->fit_right + lw->fit_none, lw->areas);
	cr_expect_gt(lw->fit_full + lw->fit_left, lw->areas / 1000 * 999);
	cr_expect_geq(lw->fit_none, 1);
	replay_done(first);
	replay_done(lowest);
}

/*
 * lazy_max_pages(): fls(CPUs) * 32 MiB, here of one CPU.  No area has more than 16 pages, guard
 * page included, so that is how far a purge may be late.
 */
Test(loads, vmalloc_lazy_purge)
{
	struct kmr_replay_result *r = replay_into("vmalloc-churn", NULL, "augmented", NULL);
	const struct kmr_mapping_report *map = &r->mappings;
	const struct kmr_vmap_work *w = &map->work;

	cr_expect_eq(map->lazy_max, 32 * MIB / 4096);
	cr_expect_gt(w->purges, 5);
	cr_expect_eq(w->forced_purges, 0);
	cr_expect_eq(w->flushes, w->purges);
	cr_expect_gt(w->purged_pages, w->purges * map->lazy_max);
	cr_expect_leq(w->purged_pages, w->purges * (map->lazy_max + 16));
	/* neighbours are one area while they wait */
	cr_expect_lt(w->purged_areas + map->end.lazy_areas, w->frees);
	cr_expect_eq(w->purged_pages + map->end.lazy_pages + map->end.area_bytes / 4096,
		     w->page_allocs + w->allocs);
	cr_expect_leq(map->end.lazy_pages, map->lazy_max);
	for (size_t i = 0; i < map->nr_samples; i++)
		cr_expect_leq(map->samples[i].space.lazy_pages, map->lazy_max);
	cr_expect_eq(map->end.area_bytes / 4096, map->end.pages + 1000, "a guard page each");
	replay_done(r);
}

/* Slot 0 is the 1024th that is looked at: every 1024 mappings, all that are not used are flushed. */
Test(loads, pkmap_wraps)
{
	struct kmr_replay_result *r = replay_into("kmap-wrap", NULL, NULL, NULL);
	const struct kmr_pkmap_stats *p = &r->mappings.pkmap;

	cr_expect_eq(p->maps, 10000);
	cr_expect_eq(p->lowmem, 0);
	cr_expect_eq(p->reused, 0);
	cr_expect_eq(p->wraps, 10000 / 1024);
	cr_expect_eq(p->flushes, p->wraps);
	cr_expect_eq(p->waits, 0);
	cr_expect_leq(p->most_used, 11);
	/* of 1024 slots, those in use stay */
	cr_expect_geq(p->flushed_slots, p->flushes * (1023 - 11));
	cr_expect_leq(p->flushed_slots, p->flushes * 1024);
	replay_done(r);
}

/* LAST_PKMAP: 1024, with PAE 512. */
Test(loads, pkmap_full)
{
	static const struct {
		const char *machine;
		uint64_t slots;
	} cases[] = { { NULL, 1024 }, { "i386-pae:ram=1280M", 512 } };

	for (size_t i = 0; i < 2; i++) {
		struct kmr_replay_result *r =
			replay_into("kmap-full", cases[i].machine, NULL, NULL);
		const struct kmr_pkmap_stats *p = &r->mappings.pkmap;

		cr_expect_eq(p->maps, 1100);
		cr_expect_eq(p->most_used, cases[i].slots);
		cr_expect_eq(p->waits, 1100 - cases[i].slots);
		cr_expect_eq(p->most_waiting, 1100 - cases[i].slots);
		cr_expect_eq(served(r, "leak", KMR_REQ_KMAP), cases[i].slots);
		replay_done(r);
	}
}

/* KM_MAX_IDX is 16; kmap_local_idx_push() stops with BUG() when the index has become that. */
Test(loads, kmap_local_nesting)
{
	struct kmr_replay_result *r = replay_into("kmap-local", NULL, NULL, NULL);
	const struct kmr_kmap_local_stats *k = &r->mappings.kmap_local;

	cr_expect_eq(failed(r, "copy", KMR_REQ_KMAP), 0);
	cr_expect_eq(served(r, "deep", KMR_REQ_KMAP), 15);
	cr_expect_eq(k->overflows, 5);
	cr_expect_eq(k->deepest, 15);
	cr_expect_eq(k->misordered, 0);
	cr_expect_eq(r->mappings.pkmap.maps, 0, "no slot of pkmap");
	replay_done(r);
}
