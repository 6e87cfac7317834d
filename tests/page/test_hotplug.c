// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that comes and goes, ZONE_MOVABLE, and what stands in the way of either.  Numbers follow
 * mm/memory_hotplug.c and mm/page_alloc.c of Linux 6.1.
 */
#include "page/contig.h"
#include "support.h"

#define SECTION 4096u
#define BOOT	32768u /* frames [0, BOOT) are there from the start */
#define END	65536u

/* int_sqrt() */
static uint64_t root(uint64_t x)
{
	uint64_t r = 0;

	while ((r + 1) * (r + 1) <= x)
		r++;
	return r;
}

static void plug_machine(struct kmr_machine *m)
{
	bare_machine(m, 9);
	(void)snprintf(m->arch, sizeof(m->arch), "x86_64");
	m->thp = false;
	(void)add_zone(m, KMR_ZONE_NORMAL, 0, 0, BOOT);
	(void)add_zone(m, KMR_ZONE_MOVABLE, 0, 0, 0);
	m->section_pages = SECTION;
	m->nr_hotplug = 1;
	m->hotplug[0] = (struct kmr_ram_range){ BOOT, END };
}

/* One node: Normal [0, BOOT) all free and Movable empty; [BOOT, END) can come. */
static void rig_plug(struct rig *r)
{
	plug_machine(&r->m);
	kmr_machine_set_limits(&r->m);
	rig_create(r);
	for (uint32_t pfn = 0; pfn < BOOT; pfn += 1024)
		rig_seed(r, pfn, 10, KMR_MIGRATE_MOVABLE);
}

static enum kmr_range_result online(const struct rig *r, uint64_t pfn, uint64_t pages,
				    uint32_t zone)
{
	const struct kmr_memory_block block = { pfn, pages, zone, -1 };

	return r->ops->online(r->b, &block, 0);
}

static enum kmr_range_result offline(const struct rig *r, uint64_t pfn, uint64_t pages,
				     kmr_pfn_t *busy)
{
	return r->ops->offline(r->b, pfn, pages, 0, busy);
}

static void must_online(const struct rig *r, uint64_t pfn, uint64_t pages, uint32_t zone)
{
	cr_assert_eq(online(r, pfn, pages, zone), KMR_RANGE_DONE);
	rig_check(r);
}

static void must_offline(const struct rig *r, uint64_t pfn, uint64_t pages)
{
	kmr_pfn_t busy;

	cr_assert_eq(offline(r, pfn, pages, &busy), KMR_RANGE_DONE);
	rig_check(r);
}

/* Nothing of memory to come is there before it came. */
Test(page_hotplug, not_there_yet)
{
	struct rig r;

	rig_plug(&r);
	cr_assert_eq(kmr_machine_end_pfn(&r.m), END);
	cr_assert_eq(rig_where(&r, BOOT).place, KMR_FRAME_NONE);
	cr_assert_eq(r.ops->free(r.b, BOOT, 0, 0), -1);
	cr_assert_eq(r.ops->seed_free(r.b, BOOT, 0, KMR_MIGRATE_MOVABLE), -1);
	cr_assert_eq(r.b->zonelists[KMR_ZONE_MOVABLE * 3], 0, "Normal alone");
	cr_assert_eq(r.b->zonelists[KMR_ZONE_MOVABLE * 3 + 1], UINT16_MAX);
	rig_destroy(&r);
}

/* The largest blocks there can be, movable, at the tail: generic_online_page(). */
Test(page_hotplug, online_to_the_zone_below)
{
	struct rig r;
	struct kmr_zone *z;

	rig_plug(&r);
	z = &r.b->zones[0];
	must_online(&r, BOOT, SECTION, KMR_EV_ANY_ZONE);
	cr_assert_eq(z->start, 0);
	cr_assert_eq(z->end, BOOT + SECTION);
	cr_assert_eq(z->managed, BOOT + SECTION);
	cr_assert_eq(z->free_pages, BOOT + SECTION);
	cr_assert_eq(z->nr_isolate, 0);
	cr_assert_eq(z->lists[10][KMR_MIGRATE_MOVABLE].tail, BOOT + 3072);
	cr_assert_eq(kmr_frame(r.b, BOOT + 3072)->prev, BOOT + 2048);
	cr_assert_eq(kmr_frame(r.b, BOOT + 1024)->prev, BOOT);
	cr_assert_eq(z->nr_free[10][KMR_MIGRATE_MOVABLE], 36);
	cr_assert_eq(rig_where(&r, BOOT + 513).pageblock, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(r.ops->contig_work(r.b)->pages_onlined, SECTION);
	rig_destroy(&r);
}

/* init_per_zone_wmark_min(): with the high watermarks of before, for what there is now. */
Test(page_hotplug, limits_follow)
{
	struct rig r;
	const struct kmr_zone *z;
	uint64_t pages_min, min, low;

	rig_plug(&r);
	z = &r.b->zones[0];
	/* 4 * sqrt(128 MiB in KiB): 1448; a quarter of 362 pages between the marks */
	cr_assert_eq(z->wmark[KMR_ALLOC_WMARK_MIN], 362);
	cr_assert_eq(z->wmark[KMR_ALLOC_WMARK_HIGH], 362 + 2 * 90);
	must_online(&r, BOOT, BOOT, KMR_ZONE_NORMAL);
	pages_min = root((65536 - 542) * 4 * 16) / 4;
	cr_assert_eq(z->wmark[KMR_ALLOC_WMARK_MIN], pages_min);
	cr_assert_eq(z->wmark[KMR_ALLOC_WMARK_LOW], pages_min + pages_min / 4);
	/* a second time to Movable: its min is that of no lowmem zone, and Normal keeps for it */
	must_offline(&r, BOOT, BOOT);
	pages_min = root((32768 - z->wmark[KMR_ALLOC_WMARK_HIGH]) * 4 * 16) / 4;
	must_online(&r, BOOT, BOOT, KMR_ZONE_MOVABLE);
	min = r.b->zones[1].wmark[KMR_ALLOC_WMARK_MIN];
	low = r.b->zones[1].wmark[KMR_ALLOC_WMARK_LOW];
	cr_assert_eq(min, 32, "a thousandth, 32 to 128 pages");
	cr_assert_eq(low, 32 + pages_min / 4, "but between the marks lies what a lowmem zone has");
	cr_assert_eq(z->reserve[KMR_ZONE_MOVABLE], BOOT / 32);
	cr_assert_eq(z->reserve[KMR_ZONE_NORMAL], 0);
	/* zone_batchsize(): 32 pages / 4 = 8, 2^3 - 1 */
	cr_assert_eq(r.b->zones[1].pcp[0].batch, 7);
	cr_assert_eq(r.b->zones[1].pcp[0].high, low > 28 ? low : 28);
	rig_destroy(&r);
}

/* What was written to /proc/sys/vm stays, but for min_free_kbytes that the kernel's own exceeds. */
Test(page_hotplug, limits_that_were_written)
{
	static const uint64_t written[] = { 100000, 1500 };
	struct rig r;

	for (unsigned int i = 0; i < 2; i++) {
		plug_machine(&r.m);
		r.m.user_min_free_kbytes = written[i];
		r.m.user_watermark_scale = 1000;
		r.m.has_reserve_ratio = true;
		r.m.reserve_ratio[KMR_ZONE_NORMAL] = 8;
		kmr_machine_set_limits(&r.m);
		cr_assert_eq(r.m.min_free_kbytes, written[i]);
		rig_create(&r);
		must_online(&r, BOOT, BOOT, KMR_ZONE_MOVABLE);
		must_offline(&r, BOOT, BOOT);
		/* 4 * sqrt(KiB above the high watermark): 1448 would be that of all of it */
		cr_assert_eq(r.b->contig->machine.min_free_kbytes, written[i]);
		must_online(&r, BOOT, SECTION, KMR_ZONE_MOVABLE);
		cr_assert_eq(r.b->zones[0].reserve[KMR_ZONE_MOVABLE], SECTION / 8);
		must_online(&r, BOOT + SECTION, 7 * SECTION, KMR_ZONE_NORMAL);
		cr_assert_eq(r.b->contig->machine.min_free_kbytes > written[i], i == 1);
		/* a tenth of the zone between the marks */
		cr_assert_geq(r.b->zones[0].wmark[KMR_ALLOC_WMARK_LOW] -
				      r.b->zones[0].wmark[KMR_ALLOC_WMARK_MIN],
			      (BOOT + 7 * SECTION) / 10);
		rig_destroy(&r);
	}
}

/* find_next_best_node(): among equals those without CPUs, which the lists of boot did not know. */
Test(page_hotplug, lists_that_are_built_again)
{
	struct rig r;

	plug_machine(&r.m);
	r.m.nr_nodes = 3;
	r.m.nr_cpus = 2;
	r.m.cpu_node[1] = 1;
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 1, 2 * BOOT, BOOT);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 2, 3 * BOOT, BOOT);
	rig_create(&r);
	cr_assert_eq(kmr_zonelist(r.b, 0, KMR_ZONE_NORMAL)[1], 2);
	must_online(&r, BOOT, SECTION, KMR_ZONE_MOVABLE);
	cr_assert_eq(kmr_zonelist(r.b, 0, KMR_ZONE_NORMAL)[1], 3, "node 2 has no CPU");
	cr_assert_eq(kmr_zonelist(r.b, 0, KMR_ZONE_MOVABLE)[0], 1);
	rig_destroy(&r);
}

/* ZONE_MOVABLE is where movable user pages come from first, and nothing else ever. */
Test(page_hotplug, movable_zone)
{
	struct rig r;
	kmr_pfn_t pfn;

	rig_plug(&r);
	must_online(&r, BOOT, 2 * SECTION, KMR_ZONE_MOVABLE);
	cr_assert_eq(r.b->zones[1].start, BOOT);
	cr_assert_eq(r.b->zones[1].managed, 2 * SECTION);
	pfn = rig_alloc(&r, 0, KMR_GFP_HIGHUSER_MOV);
	cr_assert_geq(pfn, BOOT);
	cr_assert_lt(rig_alloc(&r, 0, KMR_GFP_KERNEL), BOOT);
	cr_assert_lt(rig_alloc(&r, 0, GFP_MOVABLE_REQ), BOOT, "movable alone is not enough");
	cr_assert_lt(rig_alloc(&r, 0, KMR_GFP_HIGHUSER), BOOT);
	/* when it is full, the next lower one */
	while (pfn >= BOOT)
		pfn = rig_alloc(&r, 10, KMR_GFP_HIGHUSER_MOV);
	cr_assert_neq(pfn, KMR_NO_PFN);
	cr_assert_lt(r.b->zones[1].free_pages, 1024 + r.b->zones[1].wmark[KMR_ALLOC_WMARK_LOW]);
	while (rig_alloc(&r, 0, KMR_GFP_KERNEL) != KMR_NO_PFN)
		;
	cr_assert_gt(r.b->zones[1].free_pages, 0, "not for the kernel's own");
	rig_check(&r);
	rig_destroy(&r);
}

/* default_zone_for_pfn(): the zone that is around, else Normal; zones can grow over each other. */
Test(page_hotplug, default_zone)
{
	struct rig r;
	struct kmr_zone *normal, *movable;

	rig_plug(&r);
	normal = &r.b->zones[0];
	movable = &r.b->zones[1];
	must_online(&r, BOOT + SECTION, SECTION, KMR_ZONE_MOVABLE);
	must_online(&r, BOOT + 3 * SECTION, SECTION, KMR_ZONE_MOVABLE);
	cr_assert_eq(movable->start, BOOT + SECTION);
	cr_assert_eq(movable->end, BOOT + 4 * SECTION);
	cr_assert_eq(movable->managed, 2 * SECTION);
	/* within Movable's span */
	must_online(&r, BOOT + 2 * SECTION, SECTION, KMR_EV_ANY_ZONE);
	cr_assert_eq(movable->managed, 3 * SECTION);
	/* in nobody's: a kernel zone */
	must_online(&r, BOOT + 5 * SECTION, SECTION, KMR_EV_ANY_ZONE);
	cr_assert_eq(normal->managed, BOOT + SECTION);
	cr_assert_eq(normal->end, BOOT + 6 * SECTION);
	/* in Normal's, which reaches over all of Movable by now */
	must_online(&r, BOOT + 4 * SECTION, SECTION, KMR_EV_ANY_ZONE);
	cr_assert_eq(normal->managed, BOOT + 2 * SECTION);
	/* in both: the kernel zone */
	must_offline(&r, BOOT + 2 * SECTION, SECTION);
	must_online(&r, BOOT + 2 * SECTION, SECTION, KMR_EV_ANY_ZONE);
	cr_assert_eq(normal->managed, BOOT + 3 * SECTION);
	cr_assert_eq(rig_where(&r, BOOT + SECTION).zone, 1);
	cr_assert_eq(rig_where(&r, BOOT + 2 * SECTION).zone, 0);
	cr_assert_eq(rig_where(&r, BOOT + 3 * SECTION).zone, 1);
	cr_assert_eq(rig_where(&r, BOOT + 4 * SECTION).zone, 0);
	cr_assert_eq(rig_where(&r, BOOT + 6 * SECTION).zone, -1);
	rig_destroy(&r);
}

/* Pageblocks are counted for the zone that they belong to, wherever zones reach. */
Test(page_hotplug, pageblocks_of_grown_zones)
{
	struct kmr_zone_state state;
	struct rig r;

	rig_plug(&r);
	must_online(&r, BOOT + SECTION, SECTION, KMR_ZONE_MOVABLE);
	must_online(&r, BOOT + 3 * SECTION, SECTION, KMR_ZONE_NORMAL);
	r.ops->zone_state(r.b, 0, &state);
	cr_assert_eq(state.pageblocks[KMR_MIGRATE_MOVABLE], (BOOT + SECTION) / 512);
	cr_assert_eq(state.pageblocks[KMR_MIGRATE_ISOLATE], 0);
	r.ops->zone_state(r.b, 1, &state);
	cr_assert_eq(state.pageblocks[KMR_MIGRATE_MOVABLE], SECTION / 512);
	rig_destroy(&r);
}

Test(page_hotplug, blocks_that_cannot_come)
{
	struct rig r;
	kmr_pfn_t busy = 0;

	rig_plug(&r);
	cr_assert_eq(online(&r, BOOT + 1, SECTION, KMR_EV_ANY_ZONE), KMR_RANGE_INVALID);
	cr_assert_eq(online(&r, BOOT, SECTION / 2, KMR_EV_ANY_ZONE), KMR_RANGE_INVALID);
	cr_assert_eq(online(&r, BOOT, 0, KMR_EV_ANY_ZONE), KMR_RANGE_INVALID);
	cr_assert_eq(online(&r, 0, SECTION, KMR_EV_ANY_ZONE), KMR_RANGE_INVALID, "it is there");
	cr_assert_eq(online(&r, END, SECTION, KMR_EV_ANY_ZONE), KMR_RANGE_INVALID);
	cr_assert_eq(online(&r, END - SECTION, 2 * SECTION, KMR_EV_ANY_ZONE), KMR_RANGE_INVALID);
	cr_assert_eq(online(&r, BOOT, UINT64_MAX - SECTION + 1, KMR_EV_ANY_ZONE),
		     KMR_RANGE_INVALID);
	cr_assert_eq(online(&r, UINT64_MAX - SECTION + 1, SECTION, KMR_EV_ANY_ZONE),
		     KMR_RANGE_INVALID);
	must_online(&r, BOOT, SECTION, KMR_EV_ANY_ZONE);
	cr_assert_eq(online(&r, BOOT, 2 * SECTION, KMR_EV_ANY_ZONE), KMR_RANGE_INVALID, "half is");
	cr_assert_eq(offline(&r, BOOT + SECTION, SECTION, &busy), KMR_RANGE_INVALID);
	cr_assert_eq(busy, KMR_NO_PFN);
	cr_assert_eq(offline(&r, 1, SECTION, &busy), KMR_RANGE_INVALID);
	cr_assert_eq(offline(&r, 0, 0, &busy), KMR_RANGE_INVALID);
	cr_assert_eq(offline(&r, 0, UINT64_MAX - SECTION + 1, &busy), KMR_RANGE_INVALID);
	cr_assert_eq(r.ops->offline(r.b, 0, SECTION, 1, &busy), KMR_RANGE_INVALID, "no such CPU");
	rig_check(&r);
	rig_destroy(&r);
}

/* Without sections memory stays where it is. */
Test(page_hotplug, flat_memory)
{
	struct rig r;
	kmr_pfn_t busy;

	(void)rig_normal(&r, 0, 8192);
	cr_assert_eq(online(&r, 8192, 4096, KMR_EV_ANY_ZONE), KMR_RANGE_INVALID);
	cr_assert_eq(offline(&r, 0, 4096, &busy), KMR_RANGE_INVALID);
	rig_destroy(&r);
}

/* What moves, moves: to where any movable request would go, ascending. */
Test(page_hotplug, offline_moves)
{
	static uint32_t pfns[2 * SECTION];
	struct kmr_zone_state before, after;
	struct rig r;
	struct witness w;
	uint32_t n = 0, last = 0;

	rig_plug(&r);
	must_online(&r, BOOT, 2 * SECTION, KMR_ZONE_MOVABLE);
	while (n < 1000) {
		pfns[n] = rig_alloc(&r, 0, KMR_GFP_HIGHUSER_MOV);
		cr_assert_geq(pfns[n], BOOT);
		n++;
	}
	r.ops->zone_state(r.b, 1, &before);
	rig_watch(&r, &w);
	/* they were taken from the first blocks */
	must_offline(&r, BOOT, SECTION);
	cr_assert_eq(r.ops->contig_work(r.b)->pages_migrated, 1000);
	cr_assert_eq(r.b->zones[1].start, BOOT + SECTION);
	cr_assert_eq(r.b->zones[1].managed, SECTION);
	r.ops->zone_state(r.b, 1, &after);
	cr_assert_eq(after.free_pages + after.pcp_pages + SECTION,
		     before.free_pages + before.pcp_pages);
	for (uint32_t i = 0; i < w.count; i++) {
		if (w.told[i].what != TOLD_MIGRATED)
			continue;
		cr_assert_gt(w.told[i].pfn, last);
		cr_assert_geq(w.told[i].to, BOOT + SECTION);
		last = w.told[i].pfn;
	}
	cr_assert_eq(rig_where(&r, BOOT).place, KMR_FRAME_NONE);
	cr_assert_eq(r.ops->free(r.b, BOOT, 0, 0), -1);
	/* the lists of the CPUs hold as much as before */
	cr_assert_eq(r.b->zones[1].pcp[0].high, r.b->contig->machine.zones[1].pcp_high);
	rig_destroy(&r);
}

/* A page that does not move: which one is told, and the memory stays as it was. */
Test(page_hotplug, offline_with_something_unmovable)
{
	struct kmr_zone_state before, after;
	struct rig r;
	kmr_pfn_t busy, fixed = 0;

	rig_plug(&r);
	must_online(&r, BOOT, 2 * SECTION, KMR_ZONE_NORMAL);
	while (fixed < BOOT + SECTION)
		fixed = rig_alloc(&r, 3, KMR_GFP_KERNEL);
	cr_assert_neq(fixed, KMR_NO_PFN);
	r.ops->drain(r.b, -1);
	r.ops->zone_state(r.b, 0, &before);
	cr_assert_eq(offline(&r, BOOT + SECTION, SECTION, &busy), KMR_RANGE_BUSY);
	cr_assert_leq(busy, fixed);
	cr_assert_eq(rig_where(&r, busy).place, KMR_FRAME_USED);
	rig_check(&r);
	r.ops->zone_state(r.b, 0, &after);
	cr_assert_eq(after.free_pages, before.free_pages);
	cr_assert_eq(after.pageblocks[KMR_MIGRATE_ISOLATE], 0);
	cr_assert_eq(r.b->zones[0].nr_isolate, 0);
	for (unsigned int o = 0; o < 11; o++) {
		uint32_t was = 0, is = 0;

		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++) {
			was += before.nr_free[o][t];
			is += after.nr_free[o][t];
		}
		cr_assert_eq(is, was, "order %u", o);
	}
	cr_assert_eq(r.ops->contig_work(r.b)->pages_offlined, 0);
	cr_assert_eq(r.b->zones[0].managed, BOOT + 2 * SECTION);
	cr_assert_gt(r.b->zones[0].pcp[0].high, 0, "the lists of the CPUs are back");
	rig_destroy(&r);
}

/* The very page, where it is the only one. */
Test(page_hotplug, offline_names_the_page)
{
	struct rig r;
	kmr_pfn_t busy;

	rig_plug(&r);
	must_online(&r, BOOT, SECTION, KMR_ZONE_MOVABLE);
	r.ops->take(r.b, BOOT + 1234, 0, false);
	cr_assert_eq(offline(&r, BOOT, SECTION, &busy), KMR_RANGE_BUSY);
	cr_assert_eq(busy, BOOT + 1234);
	rig_free(&r, BOOT + 1234, 0);
	must_offline(&r, BOOT, SECTION);
	cr_assert_eq(r.b->zones[1].managed, 0);
	cr_assert_eq(r.b->zones[1].start, 0);
	cr_assert_eq(r.b->zones[1].end, 0);
	cr_assert_eq(r.b->zonelists[KMR_ZONE_MOVABLE * 3], 0, "Movable is not looked at any more");
	cr_assert_lt(rig_alloc(&r, 0, KMR_GFP_HIGHUSER_MOV), BOOT);
	must_online(&r, BOOT, SECTION, KMR_ZONE_MOVABLE);
	cr_assert_geq(rig_alloc(&r, 0, KMR_GFP_HIGHUSER_MOV), BOOT);
	rig_destroy(&r);
}

/* Nowhere to move to. */
Test(page_hotplug, offline_without_room)
{
	struct rig r;
	kmr_pfn_t busy;
	uint64_t n = 0, used;

	rig_plug(&r);
	must_online(&r, BOOT, SECTION, KMR_ZONE_MOVABLE);
	while (rig_alloc(&r, 0, KMR_GFP_HIGHUSER_MOV) != KMR_NO_PFN)
		n++;
	cr_assert_eq(offline(&r, BOOT, SECTION, &busy), KMR_RANGE_NO_ROOM);
	cr_assert_geq(busy, BOOT);
	rig_check(&r);
	used = BOOT + SECTION;
	for (unsigned int i = 0; i < 2; i++)
		used -= r.b->zones[i].free_pages + r.b->zones[i].pcp[0].count;
	cr_assert_eq(used, n, "nothing is lost");
	cr_assert_eq(r.b->zones[1].nr_isolate, 0);
	rig_destroy(&r);
}

/* Memory of boot can go, too, as long as it is sections of one zone. */
Test(page_hotplug, offline_memory_of_boot)
{
	struct rig r;
	kmr_pfn_t busy;

	plug_machine(&r.m);
	r.m.nr_zones = 0;
	(void)add_zone(&r.m, KMR_ZONE_DMA, 0, 0, SECTION / 2);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, SECTION / 2, BOOT - SECTION / 2);
	(void)add_zone(&r.m, KMR_ZONE_MOVABLE, 0, 0, 0);
	r.m.nr_ram = 2;
	r.m.ram[0] = (struct kmr_ram_range){ 0, 2 * SECTION - 1 };
	r.m.ram[1] = (struct kmr_ram_range){ 2 * SECTION, BOOT };
	kmr_machine_set_limits(&r.m);
	rig_create(&r);
	for (uint32_t pfn = 2 * SECTION; pfn < BOOT; pfn += 1024)
		rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(offline(&r, 0, SECTION, &busy), KMR_RANGE_INVALID, "two zones");
	cr_assert_eq(offline(&r, SECTION, SECTION, &busy), KMR_RANGE_INVALID, "a hole");
	must_offline(&r, BOOT - SECTION, SECTION);
	cr_assert_eq(r.b->zones[1].end, BOOT - SECTION);
	must_offline(&r, 4 * SECTION, SECTION);
	cr_assert_eq(r.b->zones[1].end, BOOT - SECTION, "a hole in the middle shrinks nothing");
	must_online(&r, 4 * SECTION, SECTION, KMR_ZONE_MOVABLE);
	cr_assert_eq(rig_where(&r, 4 * SECTION).zone, 2);
	cr_assert_eq(rig_where(&r, 5 * SECTION).zone, 1);
	rig_destroy(&r);
}

/* Pages of a CMA area are in use by those who will want them. */
Test(page_hotplug, offline_over_a_cma_area)
{
	struct rig r;
	kmr_pfn_t busy;

	plug_machine(&r.m);
	r.m.nr_cma = 1;
	r.m.cma[0] = (struct kmr_cma_area){ "x", SECTION + 1024, 1024, 0 };
	rig_create(&r);
	for (uint32_t pfn = 0; pfn < BOOT; pfn += 1024)
		rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
	r.ops->cma_activate(r.b, true);
	cr_assert_eq(offline(&r, SECTION, SECTION, &busy), KMR_RANGE_BUSY);
	cr_assert_eq(busy, SECTION + 1024);
	rig_check(&r);
	must_offline(&r, 2 * SECTION, SECTION);
	rig_destroy(&r);
}

/* To another node as long as there is one with room, else within the own. */
Test(page_hotplug, offline_prefers_other_nodes)
{
	struct rig r;
	struct kmr_page_request req = {
		.gfp = KMR_GFP_HIGHUSER_MOV, .order = 0, .node = 1, .cpu = 0
	};
	struct witness w;

	plug_machine(&r.m);
	r.m.nr_nodes = 2;
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 1, 2 * BOOT, BOOT);
	rig_create(&r);
	for (uint32_t pfn = 0; pfn < BOOT; pfn += 1024) {
		rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
		rig_seed(&r, 2 * BOOT + pfn, 10, KMR_MIGRATE_MOVABLE);
	}
	for (unsigned int i = 0; i < 100; i++)
		cr_assert_geq(r.ops->alloc(r.b, &req), 2 * BOOT);
	rig_watch(&r, &w);
	must_offline(&r, 2 * BOOT, SECTION);
	cr_assert_eq(witness_count(&w, TOLD_MIGRATED), 100);
	for (uint32_t i = 0; i < w.count; i++)
		if (w.told[i].what == TOLD_MIGRATED)
			cr_assert_lt(w.told[i].to, BOOT);
	/* the node below is that of what comes above it */
	must_online(&r, 2 * BOOT, SECTION, KMR_EV_ANY_ZONE);
	cr_assert_eq(r.b->zones[2].managed, BOOT);
	rig_destroy(&r);
}

/* A movable block that reaches over the section's end moves, a free one is cut. */
Test(page_hotplug, blocks_over_the_edge_of_a_section)
{
	struct rig r;

	plug_machine(&r.m);
	r.m.nr_orders = 13;
	rig_create(&r);
	rig_seed(&r, 0, 12, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, SECTION, 12, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 2 * SECTION, 12, KMR_MIGRATE_MOVABLE);
	must_offline(&r, SECTION, SECTION);
	rig_check(&r);
	cr_assert_eq(r.b->zones[0].free_pages, 2 * SECTION);
	rig_destroy(&r);
}

/* Without mercy: nodes, zones and types that are not there. */
Test(page_hotplug, zones_that_are_not_there)
{
	const struct kmr_memory_block nowhere = { BOOT, SECTION, KMR_EV_ANY_ZONE, 7 };
	struct rig r;

	plug_machine(&r.m);
	r.m.nr_zones = 1;
	rig_create(&r);
	cr_assert_eq(online(&r, BOOT, SECTION, KMR_ZONE_MOVABLE), KMR_RANGE_INVALID);
	cr_assert_eq(r.ops->online(r.b, &nowhere, 0), KMR_RANGE_INVALID);
	rig_check(&r);
	rig_destroy(&r);
}

Test(page_hotplug, machines_that_cannot_be)
{
	const struct kmr_page_ops *ops = kmr_page_backend_find("linux-6.1");
	static struct kmr_machine m;
	struct kmr_error err = { "" };

	plug_machine(&m);
	m.section_pages = 512;
	cr_assert_null(ops->create(&m, NULL, &err));
	cr_assert_not_null(strstr(err.msg, "sections of 512 pages are not a power of two that "
					   "holds blocks of order 10"),
			   "%s", err.msg);
	m.section_pages = 0;
	cr_assert_null(ops->create(&m, NULL, &err));
	m.section_pages = 3 * 1024;
	cr_assert_null(ops->create(&m, NULL, &err));
	m.section_pages = SECTION;
	m.hotplug[0] = (struct kmr_ram_range){ BOOT + 1024, END };
	cr_assert_null(ops->create(&m, NULL, &err));
	cr_assert_not_null(strstr(err.msg, "memory to come, frames 33792 to 65536, is no number of "
					   "whole sections of 4096 pages"),
			   "%s", err.msg);
	m.hotplug[0] = (struct kmr_ram_range){ BOOT, BOOT };
	cr_assert_null(ops->create(&m, NULL, &err));
	m.hotplug[0] = (struct kmr_ram_range){ BOOT, UINT64_C(1) << 40 };
	cr_assert_null(ops->create(&m, NULL, &err));
	m.nr_hotplug = KMR_MAX_RAM_RANGES + 1;
	cr_assert_null(ops->create(&m, NULL, &err));
	cr_assert_not_null(strstr(err.msg, "129 ranges of memory to come, at most 128"), "%s",
			   err.msg);
	m.nr_hotplug = 0;
	cr_assert_null(ops->create(&m, NULL, &err), "an empty zone that nothing can come to");
}
