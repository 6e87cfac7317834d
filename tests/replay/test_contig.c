// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contiguous memory in the engine: what moves in the simulation is still found by its traced frame,
 * whoever comes to free it, and requests come and go with their events.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../page/support.h"
#include "replay/contig.h"
#include "replay/engine.h"
#include "replay/engine_internal.h"

#define SECTION	   4096u
#define BOOT	   32768u /* frames [0, BOOT) are there from the start */
#define AREA	   8192u
#define AREA_PAGES 4096u
#define T	   1048576u /* traced frames, like no simulated one */
#define S	   20000u /* and some in the zone, as refills are told apart by it */
#define CMA_T	   16777216u /* those of the traced kernel's area */

enum {
	NAME_RESERVED = 1,
	NAME_OTHER
};

struct bench {
	struct rig r;
	struct kmr_engine *e;
	struct kmr_contig_report report;
	uint64_t time;
	uint64_t seeded;
};

static void on_replayed(void *ctx, uint64_t time, uint64_t events)
{
	(void)ctx;
	(void)time;
	(void)events;
}

static void on_extfrag(void *ctx, uint64_t time, const struct kmr_extfrag *ef)
{
	(void)ctx;
	(void)time;
	(void)ef;
}

static const char *cache_name(void *ctx, uint32_t id)
{
	(void)ctx;
	return id == NAME_RESERVED ? "reserved" : "other";
}

static uint64_t free_pages(const struct bench *b)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < b->r.m.nr_zones; i++)
		for (unsigned int cpu = 0; cpu < b->r.m.nr_cpus; cpu++)
			pages += b->r.ops->pcp_count(b->r.b, i, cpu) +
				 (cpu ? 0 : b->r.b->zones[i].free_pages);
	return pages;
}

/*
 * Normal [0, BOOT) with an area, and Movable, to which [BOOT, 2 * BOOT) can come.  Frames from
 * @first_free to @end are free, the area is if it lies there.
 */
static struct bench *bench_of(uint32_t first_free, uint32_t end, bool live)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct kmr_engine_config config;
	struct kmr_error err = { "" };

	cr_assert_not_null(b);
	bare_machine(&b->r.m, 9);
	(void)snprintf(b->r.m.arch, sizeof(b->r.m.arch), "x86_64");
	b->r.m.nr_cpus = 2;
	(void)add_zone(&b->r.m, KMR_ZONE_NORMAL, 0, 0, BOOT);
	(void)add_zone(&b->r.m, KMR_ZONE_MOVABLE, 0, 0, 0);
	b->r.m.section_pages = SECTION;
	b->r.m.nr_hotplug = 1;
	b->r.m.hotplug[0] = (struct kmr_ram_range){ BOOT, 2 * BOOT };
	b->r.m.nr_cma = 1;
	b->r.m.cma[0] = (struct kmr_cma_area){ "reserved", AREA, AREA_PAGES, 0 };
	rig_create(&b->r);
	for (uint32_t pfn = first_free; pfn < end; pfn += 1024)
		rig_seed(&b->r, pfn, 10, KMR_MIGRATE_MOVABLE);
	kmr_contig_start(&b->r.m, b->r.ops, b->r.b, !live);
	b->seeded = free_pages(b);
	memset(&config, 0, sizeof(config));
	config.machine = &b->r.m;
	config.ops = b->r.ops;
	config.backend = b->r.b;
	config.start_frames_live = live;
	config.start_frames_same = true;
	config.ctx = b;
	config.replayed = on_replayed;
	config.extfrag = on_extfrag;
	config.cache_name = cache_name;
	b->e = kmr_engine_create(&config, &err);
	cr_assert_not_null(b->e, "%s", err.msg);
	return b;
}

/* Little but the area is free: movable pages have to go there. */
static struct bench *bench_begin(void)
{
	return bench_of(AREA + AREA_PAGES, AREA + AREA_PAGES + 1024, false);
}

static struct kmr_event event(enum kmr_event_type type, uint64_t addr)
{
	struct kmr_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.type = (uint8_t)type;
	ev.addr = addr;
	ev.node = -1;
	ev.flags = KMR_EVF_CONTEXT_KNOWN;
	return ev;
}

static void feed(struct bench *b, struct kmr_event ev)
{
	ev.time = b->time += 1000;
	kmr_engine_feed(b->e, &ev, 1);
}

static struct kmr_event page_event(enum kmr_event_type type, uint64_t pfn, unsigned int order)
{
	struct kmr_event ev = event(type, pfn);

	ev.page.order = (uint8_t)order;
	ev.page.migratetype = KMR_MIGRATE_MOVABLE;
	ev.gfp = KMR_GFP_HIGHUSER_MOV;
	ev.flags |= KMR_EVF_GFP_KNOWN;
	return ev;
}

static void alloc(struct bench *b, uint64_t pfn, unsigned int order)
{
	feed(b, page_event(KMR_EV_PAGE_ALLOC, pfn, order));
}

static void free_event(struct bench *b, uint64_t pfn, unsigned int order)
{
	feed(b, page_event(KMR_EV_PAGE_FREE, pfn, order));
}

static void cma(struct bench *b, enum kmr_event_type type, uint64_t pfn, uint64_t pages)
{
	struct kmr_event ev = event(type, pfn);

	ev.size = pages;
	ev.cache = NAME_RESERVED;
	feed(b, ev);
}

static void plug(struct bench *b, enum kmr_event_type type, uint64_t pfn, uint32_t pages)
{
	struct kmr_event ev = event(type, pfn);

	ev.block.pages = pages;
	ev.block.zone = KMR_ZONE_MOVABLE;
	feed(b, ev);
}

static void pool(struct bench *b, uint64_t nr)
{
	struct kmr_event ev = event(KMR_EV_HUGEPAGES, 0);

	ev.size = nr;
	feed(b, ev);
}

/* Flushes and checks the model; what was counted of contiguous memory. */
static const struct kmr_contig_stats *settle(struct bench *b)
{
	kmr_engine_flush(b->e);
	rig_check(&b->r);
	cr_assert_not(kmr_engine_nomem(b->e));
	kmr_engine_contig(b->e, &b->report);
	return &b->report.stats;
}

static uint64_t in_use(const struct bench *b)
{
	return b->seeded - free_pages(b);
}

static uint64_t live(const struct bench *b)
{
	return kmr_engine_stats(b->e)->live_pages;
}

static void bench_end(struct bench *b)
{
	kmr_engine_destroy(b->e);
	rig_destroy(&b->r);
	free(b);
}

/* How many frames of the area are in use. */
static uint32_t used_in_area(const struct bench *b)
{
	uint32_t n = 0;

	for (uint32_t pfn = AREA; pfn < AREA + AREA_PAGES; pfn++)
		n += rig_where(&b->r, pfn).place == KMR_FRAME_USED;
	return n;
}

Test(replay_contig, requests_and_releases)
{
	struct bench *b = bench_begin();
	const struct kmr_contig_stats *s;

	cma(b, KMR_EV_CMA_ALLOC, CMA_T, 640);
	cma(b, KMR_EV_CMA_ALLOC, CMA_T + 640, 100);
	s = settle(b);
	cr_assert_eq(s->cma_requests, 2);
	cr_assert_eq(s->cma_live_pages, 740);
	cr_assert_eq(live(b), 740);
	cr_assert_eq(in_use(b), 740);
	cma(b, KMR_EV_CMA_RELEASE, CMA_T, 640);
	s = settle(b);
	cr_assert_eq(s->cma_live_pages, 100);
	cr_assert_eq(in_use(b), 100);
	/* in parts, from the beginning */
	cma(b, KMR_EV_CMA_RELEASE, CMA_T + 640, 60);
	cr_assert_eq(settle(b)->cma_live_pages, 40);
	cma(b, KMR_EV_CMA_RELEASE, CMA_T + 700, 40);
	s = settle(b);
	cr_assert_eq(s->cma_live_pages, 0);
	cr_assert_eq(s->cma_releases, 3);
	cr_assert_eq(s->cma_unknown_releases, 0);
	cr_assert_eq(live(b), 0);
	cr_assert_eq(in_use(b), 0);
	cma(b, KMR_EV_CMA_RELEASE, CMA_T, 640);
	cr_assert_eq(settle(b)->cma_unknown_releases, 1);
	cr_assert_eq(b->report.areas[0].requests, 2);
	cr_assert_eq(b->report.areas[0].peak_pages, 740);
	cr_assert_eq(b->report.areas[0].live_pages, 0);
	cr_assert(b->report.used);
	bench_end(b);
}

/* free_contig_range() shows as one mm_page_free a page before the cma_release. */
Test(replay_contig, frees_of_the_kernel_before_its_release)
{
	struct bench *b = bench_begin();

	cma(b, KMR_EV_CMA_ALLOC, CMA_T, 64);
	for (uint32_t i = 0; i < 64; i++)
		free_event(b, CMA_T + i, 0);
	cr_assert_eq(settle(b)->cma_live_pages, 64);
	cr_assert_eq(live(b), 0);
	cr_assert_eq(in_use(b), 0);
	/* the frames are lent out again meanwhile */
	for (uint32_t i = 0; i < 2000; i++)
		alloc(b, T + i, 0);
	cma(b, KMR_EV_CMA_RELEASE, CMA_T, 64);
	cr_assert_eq(settle(b)->cma_live_pages, 0);
	cr_assert_eq(live(b), 2000);
	cr_assert_eq(in_use(b), 2000);
	for (uint32_t i = 0; i < 2000; i++)
		free_event(b, T + i, 0);
	(void)settle(b);
	cr_assert_eq(kmr_engine_stats(b->e)->unknown_frees, 0);
	cr_assert_eq(in_use(b), 0);
	bench_end(b);
}

/* Pages that had to make room are freed where they are by now. */
Test(replay_contig, what_moved_is_found)
{
	struct bench *b = bench_begin();

	for (uint32_t i = 0; i < 3000; i++)
		alloc(b, T + i, 0);
	(void)settle(b);
	cr_assert_gt(used_in_area(b), 1900);
	cma(b, KMR_EV_CMA_ALLOC, CMA_T, 2048);
	cr_assert_eq(settle(b)->cma_failures, 0);
	cr_assert_gt(b->report.work.pages_migrated, 500);
	cr_assert_eq(in_use(b), 3000 + 2048);
	/* and once more, to where the others go free */
	for (uint32_t i = 0; i < 3000; i += 2)
		free_event(b, T + i, 0);
	cma(b, KMR_EV_CMA_ALLOC, CMA_T + 2048, 1200);
	cr_assert_eq(settle(b)->cma_failures, 0);
	for (uint32_t i = 1; i < 3000; i += 2)
		free_event(b, T + i, 0);
	(void)settle(b);
	cr_assert_eq(kmr_engine_stats(b->e)->unknown_frees, 0);
	cr_assert_eq(in_use(b), 2048 + 1200);
	cma(b, KMR_EV_CMA_RELEASE, CMA_T, 2048);
	cma(b, KMR_EV_CMA_RELEASE, CMA_T + 2048, 1200);
	(void)settle(b);
	cr_assert_eq(in_use(b), 0);
	cr_assert_eq(live(b), 0);
	bench_end(b);
}

/* A block that found no room in one piece lives in pieces, and is freed as one, or in others. */
Test(replay_contig, pieces_of_a_block)
{
	for (int whole = 0; whole < 2; whole++) {
		struct bench *b = bench_of(AREA + AREA_PAGES, AREA + AREA_PAGES, false);
		struct kmr_event ev;

		for (uint32_t i = 0; i < AREA_PAGES / 512; i++)
			alloc(b, T + 512 * i, 9);
		(void)settle(b);
		cr_assert_eq(used_in_area(b), AREA_PAGES);
		/* room for pages, but not for a block */
		for (uint32_t pfn = 16384; pfn < 18432; pfn += 2)
			cr_assert_eq(b->r.ops->seed_free(b->r.b, pfn, 0, KMR_MIGRATE_MOVABLE), 0);
		b->seeded += 1024;
		cma(b, KMR_EV_CMA_ALLOC, CMA_T, 512);
		cr_assert_eq(settle(b)->cma_failures, 0);
		cr_assert_eq(b->report.work.blocks_split, 1);
		cr_assert_eq(b->report.work.pages_migrated, 512);
		cr_assert_eq(in_use(b), AREA_PAGES + 512);
		for (uint32_t i = 0; whole && i < AREA_PAGES / 512; i++)
			free_event(b, T + 512 * i, 9);
		for (uint32_t i = 0; !whole && i < AREA_PAGES / 8; i++) {
			ev = page_event(KMR_EV_PAGE_FREE, T + 8 * i, 3);
			feed(b, ev);
		}
		(void)settle(b);
		cr_assert_eq(kmr_engine_stats(b->e)->unknown_frees, 0);
		cr_assert_eq(live(b), 512);
		cr_assert_eq(in_use(b), 512);
		bench_end(b);
	}
}

/* A part of a block was freed, and is another's: the rest moves on its own. */
Test(replay_contig, blocks_freed_in_part)
{
	struct bench *b = bench_of(AREA + AREA_PAGES, AREA + AREA_PAGES, false);

	alloc(b, T, 5);
	free_event(b, T + 16, 4);
	alloc(b, T + 16, 3);
	alloc(b, T + 24, 3);
	for (uint32_t pfn = 16384; pfn < 18432; pfn += 1024)
		rig_seed(&b->r, pfn, 10, KMR_MIGRATE_MOVABLE);
	b->seeded += 2048;
	cma(b, KMR_EV_CMA_ALLOC, CMA_T, AREA_PAGES);
	cr_assert_eq(settle(b)->cma_failures, 0);
	cr_assert_eq(b->report.work.pages_migrated, 32);
	cr_assert_eq(b->report.work.blocks_migrated, 3);
	free_event(b, T, 4);
	free_event(b, T + 24, 3);
	free_event(b, T + 16, 3);
	(void)settle(b);
	cr_assert_eq(kmr_engine_stats(b->e)->unknown_frees, 0);
	cr_assert_eq(in_use(b), AREA_PAGES);
	bench_end(b);
}

/* A frame in use at the start is known by the number it had, wherever it went. */
Test(replay_contig, frames_of_the_start_state)
{
	struct bench *b = bench_of(AREA + AREA_PAGES, AREA + AREA_PAGES + 2048, true);

	cma(b, KMR_EV_CMA_ALLOC, CMA_T, 640);
	cr_assert_eq(settle(b)->cma_failures, 0);
	cr_assert_eq(b->report.work.pages_migrated, 640);
	cr_assert_eq(live(b), 640, "the start's own are not counted");
	cr_assert_eq(in_use(b), 640);
	for (uint32_t i = 0; i < 640; i += 4)
		free_event(b, AREA + i, 2);
	(void)settle(b);
	cr_assert_eq(kmr_engine_stats(b->e)->unknown_frees, 0);
	cr_assert_eq(live(b), 640);
	cr_assert_eq(free_pages(b), b->seeded, "640 of theirs for 640 of the area");
	/* not a second time */
	free_event(b, AREA, 0);
	(void)settle(b);
	cr_assert_eq(kmr_engine_stats(b->e)->unknown_frees, 1);
	cr_assert_eq(rig_where(&b->r, AREA).place, KMR_FRAME_USED, "it is the area's caller's");
	bench_end(b);
}

/* A request that has its page, and whose event is still to come: the sequencer made it earlier. */
Test(replay_contig, between_refill_and_event)
{
	for (unsigned int order = 0; order < 2; order++) {
		struct bench *b = bench_begin();
		struct kmr_event refill = page_event(KMR_EV_PAGE_REFILL, T, order), ev;

		refill.flags |= KMR_EVF_PERCPU_REFILL;
		feed(b, refill);
		ev = event(KMR_EV_CMA_ALLOC, CMA_T);
		ev.size = AREA_PAGES;
		ev.cpu = 1;
		ev.cache = NAME_RESERVED;
		feed(b, ev);
		alloc(b, T, order);
		cr_assert_eq(settle(b)->cma_failures, 0);
		cr_assert_geq(b->report.work.pages_migrated, 1u << order, "it lay in the area");
		cr_assert_eq(live(b), AREA_PAGES + (1u << order));
		cr_assert_eq(in_use(b), AREA_PAGES + (1u << order));
		free_event(b, T, order);
		(void)settle(b);
		cr_assert_eq(in_use(b), AREA_PAGES);
		cr_assert_eq(kmr_engine_stats(b->e)->unknown_frees, 0);
		bench_end(b);
	}
}

/* Pages that were taken without an event move as well, and so if their event comes after all. */
Test(replay_contig, silent_pages)
{
	struct bench *b = bench_begin();
	struct kmr_event refill = page_event(KMR_EV_PAGE_REFILL, S, 0);

	refill.flags |= KMR_EVF_PERCPU_REFILL;
	for (uint32_t i = 0; i < 3; i++) {
		refill.addr = S + i;
		feed(b, refill);
	}
	alloc(b, S, 0);
	refill.addr = S + 50;
	feed(b, refill);
	alloc(b, S + 50, 0);
	(void)settle(b);
	cr_assert_eq(kmr_engine_stats(b->e)->silent_allocs, 2);
	cma(b, KMR_EV_CMA_ALLOC, CMA_T, AREA_PAGES);
	cr_assert_eq(settle(b)->cma_failures, 0);
	cr_assert_eq(b->report.work.pages_migrated, 4);
	alloc(b, S + 1, 0);
	free_event(b, S + 2, 0);
	(void)settle(b);
	cr_assert_eq(live(b), AREA_PAGES + 3);
	cr_assert_eq(in_use(b), AREA_PAGES + 3);
	bench_end(b);
}

Test(replay_contig, failures)
{
	struct bench *b = bench_begin();
	const struct kmr_contig_stats *s;

	/* of the traced kernel, but here there is room */
	cma(b, KMR_EV_CMA_ALLOC, KMR_EV_NO_PFN, 640);
	s = settle(b);
	cr_assert_eq(s->cma_traced_failures, 1);
	cr_assert_eq(s->cma_rescued, 1);
	cr_assert_eq(in_use(b), 0);
	/* here only: its release is dropped */
	cma(b, KMR_EV_CMA_ALLOC, CMA_T, AREA_PAGES + 512);
	cma(b, KMR_EV_CMA_ALLOC, KMR_EV_NO_PFN, AREA_PAGES + 512);
	cma(b, KMR_EV_CMA_RELEASE, CMA_T, AREA_PAGES + 512);
	s = settle(b);
	cr_assert_eq(s->cma_failures, 1);
	cr_assert_eq(s->cma_traced_failures, 2);
	cr_assert_eq(s->cma_rescued, 1);
	cr_assert_eq(s->cma_dropped_releases, 1);
	cr_assert_eq(b->report.areas[0].failures, 2);
	cr_assert_eq(in_use(b), 0);
	bench_end(b);
}

/* Whose release was lost. */
Test(replay_contig, repeated_requests)
{
	struct bench *b = bench_begin();

	cma(b, KMR_EV_CMA_ALLOC, CMA_T, 640);
	cma(b, KMR_EV_CMA_ALLOC, CMA_T, 100);
	cr_assert_eq(settle(b)->cma_repeated, 1);
	cr_assert_eq(live(b), 100);
	cr_assert_eq(in_use(b), 100);
	/* and a page that was borrowed there, by the trace's own account */
	alloc(b, CMA_T + 700, 0);
	cma(b, KMR_EV_CMA_ALLOC, CMA_T + 640, 64);
	(void)settle(b);
	cr_assert_eq(kmr_engine_stats(b->e)->repeated_allocs, 1);
	cr_assert_eq(live(b), 164);
	cr_assert_eq(in_use(b), 164);
	bench_end(b);
}

/* Areas that the machine lacks are left out, pages and all; without a name it is the first. */
Test(replay_contig, areas_by_name)
{
	struct bench *b = bench_begin();
	struct kmr_event ev = event(KMR_EV_CMA_ALLOC, CMA_T);
	const struct kmr_contig_stats *s;

	ev.size = 64;
	ev.cache = NAME_OTHER;
	feed(b, ev);
	ev.type = KMR_EV_CMA_RELEASE;
	feed(b, ev);
	s = settle(b);
	cr_assert_eq(s->cma_foreign, 2);
	cr_assert_eq(s->cma_requests, 0);
	cr_assert_eq(in_use(b), 0);
	ev.type = KMR_EV_CMA_ALLOC;
	ev.cache = 0;
	ev.align = 9;
	feed(b, ev);
	cr_assert_eq(settle(b)->cma_requests, 1);
	cr_assert_eq(in_use(b), 64);
	bench_end(b);
}

/* Nonsense from a file. */
Test(replay_contig, impossible_events)
{
	struct bench *b = bench_begin();
	const struct kmr_contig_stats *s;
	struct kmr_event ev = event(KMR_EV_CMA_ALLOC, CMA_T);

	ev.size = 16;
	ev.cache = NAME_RESERVED;
	ev.align = UINT32_MAX;
	feed(b, ev);
	cma(b, KMR_EV_CMA_ALLOC, UINT64_MAX - 1, UINT64_MAX);
	cma(b, KMR_EV_CMA_ALLOC, CMA_T, 0);
	cma(b, KMR_EV_CMA_RELEASE, UINT64_MAX - 1, 0);
	plug(b, KMR_EV_MEM_ONLINE, UINT64_MAX, UINT32_MAX);
	plug(b, KMR_EV_MEM_OFFLINE, 0, 0);
	plug(b, KMR_EV_MEM_OFFLINE, UINT64_MAX - 4095, 4096);
	pool(b, UINT64_MAX);
	pool(b, 0);
	ev = event(KMR_EV_HUGEPAGES, 0);
	ev.node = 100;
	ev.size = 3;
	feed(b, ev);
	s = settle(b);
	cr_assert_eq(s->cma_failures, 3);
	cr_assert_eq(s->online_failures, 1);
	cr_assert_eq(s->offline_invalid, 2);
	cr_assert_eq(s->pool_short, 2);
	cr_assert_eq(s->pool_pages, 0);
	cr_assert_eq(in_use(b), 0);
	bench_end(b);
}

/* Memory that comes is used, and when it goes what is in it comes along. */
Test(replay_contig, memory_comes_and_goes)
{
	struct bench *b = bench_of(16384, BOOT, false);
	const struct kmr_contig_stats *s;

	plug(b, KMR_EV_MEM_ONLINE, BOOT, 2 * SECTION);
	b->seeded += 2 * SECTION;
	for (uint32_t i = 0; i < 3000; i++)
		alloc(b, T + i, 0);
	(void)settle(b);
	cr_assert_gt(b->r.b->zones[1].managed - b->r.b->zones[1].free_pages, 2900);
	for (uint32_t i = 0; i < 3000; i += 2)
		free_event(b, T + i, 0);
	plug(b, KMR_EV_MEM_OFFLINE, BOOT, 2 * SECTION);
	b->seeded -= 2 * SECTION;
	s = settle(b);
	cr_assert_eq(s->onlined, 1);
	cr_assert_eq(s->offlined, 1);
	cr_assert_eq(b->report.first_busy, KMR_EV_NO_PFN);
	cr_assert_eq(b->report.work.pages_migrated, 1500);
	cr_assert_eq(live(b), 1500);
	cr_assert_eq(in_use(b), 1500);
	for (uint32_t i = 1; i < 3000; i += 2)
		free_event(b, T + i, 0);
	(void)settle(b);
	cr_assert_eq(in_use(b), 0);
	cr_assert_eq(kmr_engine_stats(b->e)->unknown_frees, 0);
	bench_end(b);
}

Test(replay_contig, memory_that_cannot_go)
{
	struct bench *b = bench_of(16384, BOOT, false);
	struct kmr_event ev = page_event(KMR_EV_PAGE_ALLOC, T, 3);
	const struct kmr_contig_stats *s;

	ev.gfp = KMR_GFP_KERNEL;
	ev.page.migratetype = KMR_MIGRATE_UNMOVABLE;
	feed(b, ev);
	(void)settle(b);
	plug(b, KMR_EV_MEM_OFFLINE, 0, SECTION);
	plug(b, KMR_EV_MEM_OFFLINE, BOOT, SECTION);
	for (uint32_t pfn = 16384; pfn < BOOT; pfn += SECTION)
		plug(b, KMR_EV_MEM_OFFLINE, pfn, SECTION);
	s = settle(b);
	cr_assert_eq(s->offline_busy, 2, "the kernel's own at 0, and the block");
	cr_assert_eq(s->offline_invalid, 1);
	cr_assert_eq(s->offlined, 3);
	cr_assert_eq(b->report.first_busy, 0);
	cr_assert_eq(rig_where(&b->r, 0).place, KMR_FRAME_USED);
	free_event(b, T, 3);
	(void)settle(b);
	cr_assert_eq(kmr_engine_stats(b->e)->unknown_frees, 0);
	bench_end(b);
}

/* What the pool has is nobody's of the start state. */
Test(replay_contig, pool_of_huge_pages)
{
	struct bench *b = bench_of(0, BOOT, true);
	const struct kmr_contig_stats *s;

	pool(b, 20);
	pool(b, 10);
	s = settle(b);
	cr_assert_eq(s->pool_changes, 2);
	cr_assert_eq(s->pool_short, 0);
	cr_assert_eq(s->pool_pages, 10);
	cr_assert_eq(in_use(b), 10 * 512);
	for (uint32_t pfn = 0; pfn < BOOT; pfn += 512)
		free_event(b, pfn, 9);
	(void)settle(b);
	cr_assert_eq(in_use(b), 10 * 512);
	cr_assert_eq(kmr_engine_stats(b->e)->unknown_frees, BOOT / 512);
	pool(b, 1000);
	cr_assert_eq(settle(b)->pool_short, 1);
	bench_end(b);
}

/* What boot asked for is there from the start. */
Test(replay_contig, pool_of_boot)
{
	struct kmr_machine m;
	struct rig r;

	bare_machine(&m, 9);
	(void)add_zone(&m, KMR_ZONE_NORMAL, 0, 0, 8192);
	m.huge_pages[0] = 3;
	r.m = m;
	rig_create(&r);
	for (uint32_t pfn = 0; pfn < 8192; pfn += 1024)
		rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
	kmr_contig_start(&r.m, r.ops, r.b, true);
	cr_assert_eq(r.ops->contig_work(r.b)->huge_allocs, 3);
	rig_check(&r);
	rig_destroy(&r);
}

/* GFP_TRANSHUGE of a pageblock's size, and nothing else, counts as a huge page for the taking. */
Test(replay_contig, huge_pages_for_the_taking)
{
	struct bench *b = bench_of(16384, 16384 + 1024, false);
	struct kmr_event ev = page_event(KMR_EV_PAGE_ALLOC, T, 9);
	const struct kmr_contig_stats *s;

	alloc(b, T + 4096, 9);
	ev.gfp = KMR_GFP_HIGHUSER_MOV | KMR_GFP_COMP | KMR_GFP_NOMEMALLOC | KMR_GFP_NOWARN;
	for (uint32_t i = 0; i < 12; i++) {
		ev.addr = T + 8192 + 512 * i;
		feed(b, ev);
	}
	ev.page.order = 3;
	ev.addr = T + 65536;
	feed(b, ev);
	s = settle(b);
	cr_assert_eq(s->thp_requests, 12);
	cr_assert_eq(s->thp_failures, 12 - 9, "10 of 512 pages there were");
	cr_assert_not(b->report.used, "any trace has those");
	bench_end(b);
}

/* Whatever happens, in the end all of it comes back. */
Test(replay_contig, random_events)
{
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct bench *b = bench_of(AREA + AREA_PAGES, BOOT, false);
		uint8_t order[4096], cma_live[8] = { 0 };
		uint64_t rng = seed;

		memset(order, 0xff, sizeof(order));
		plug(b, KMR_EV_MEM_ONLINE, BOOT, SECTION);
		for (uint32_t i = 0; i < 60000; i++) {
			const uint32_t n = below(&rng, 4096), c = below(&rng, 8),
				       dice = below(&rng, 1000);
			const uint64_t traced = T + n * 1024;

			if (dice >= 990) {
				plug(b, dice & 1 ? KMR_EV_MEM_ONLINE : KMR_EV_MEM_OFFLINE,
				     BOOT + (dice & 2) * SECTION, SECTION);
			} else if (dice >= 950) {
				cma(b, cma_live[c] ? KMR_EV_CMA_RELEASE : KMR_EV_CMA_ALLOC,
				    CMA_T + c * AREA_PAGES, 400);
				cma_live[c] = !cma_live[c];
			} else if (order[n] == 0xff) {
				order[n] = (uint8_t)(dice & 7 ? below(&rng, 3) : below(&rng, 10));
				alloc(b, traced, order[n]);
			} else {
				/* whole, or from the end in halves */
				while (order[n] && dice & 1) {
					order[n]--;
					free_event(b, traced + (1u << order[n]), order[n]);
				}
				free_event(b, traced, order[n]);
				order[n] = 0xff;
			}
			if (i % 5000 == 0)
				(void)settle(b);
		}
		for (uint32_t n = 0; n < 4096; n++)
			if (order[n] != 0xff)
				free_event(b, T + n * 1024, order[n]);
		for (uint32_t c = 0; c < 8; c++)
			if (cma_live[c])
				cma(b, KMR_EV_CMA_RELEASE, CMA_T + c * AREA_PAGES, 400);
		cr_assert_gt(settle(b)->cma_requests - b->report.stats.cma_failures, 100);
		cr_assert_gt(b->report.work.pages_migrated, 1000);
		cr_assert_eq(live(b), 0, "%llu %llu", (unsigned long long)live(b),
			     (unsigned long long)kmr_engine_stats(b->e)->unknown_frees);
		cr_assert_eq(kmr_engine_stats(b->e)->unknown_frees, 0);
		b->seeded = 0;
		for (unsigned int z = 0; z < 2; z++)
			b->seeded += b->r.b->zones[z].managed;
		/* but for what boot keeps: all below the area */
		cr_assert_eq(in_use(b), AREA);
		bench_end(b);
	}
}
