// SPDX-License-Identifier: GPL-2.0-only
/* Memory as it was when a trace began: how much, and in which pieces. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "fit/begin.h"
#include "kmreplay/gfp.h"
#include "support.h"

static struct kmr_machine machine;
static struct kmr_zone_state boot[KMR_MAX_ZONES], start[KMR_MAX_ZONES];
static struct fit_start freed;
static struct fit_model model;

/* Zones DMA, Normal and HighMem, with all but boot's own free in the largest blocks. */
static void enter(void)
{
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_machine_preset(&machine, "i386:ram=1G,cpus=1", &err), 0, "%s", err.msg);
	cr_assert_eq(machine.nr_zones, 3);
	for (unsigned int z = 0; z < machine.nr_zones; z++) {
		const uint64_t blocks = machine.zones[z].managed >> (machine.nr_orders - 1);

		boot[z].nr_free[machine.nr_orders - 1][KMR_MIGRATE_MOVABLE] = (uint32_t)blocks;
		boot[z].free_pages = blocks << (machine.nr_orders - 1);
		boot[z].pageblocks[KMR_MIGRATE_MOVABLE] =
			machine.zones[z].managed >> machine.pageblock_order;
		start[z] = boot[z];
	}
	fit_start_init(&freed, &machine, 4096);
}

static void leave_begin(void)
{
	fit_model_fini(&model);
	fit_start_fini(&freed);
}

TestSuite(begin, .init = enter, .fini = leave_begin);

static void make(void)
{
	const struct fit_begin begin = {
		.machine = &machine, .boot = boot, .start = start, .freed = &freed
	};

	cr_assert_eq(fit_begin_make(&model, &begin), 0);
}

/* Takes @pages of a zone in use, of a mobility; what is left of a block is free in smaller ones. */
static void use(unsigned int zone, uint64_t pages, unsigned int type)
{
	const unsigned int top = machine.nr_orders - 1;
	const uint64_t blocks = (pages + (UINT64_C(1) << top) - 1) >> top;
	uint64_t rest = (blocks << top) - pages;

	start[zone].nr_free[top][KMR_MIGRATE_MOVABLE] -= (uint32_t)blocks;
	start[zone].free_pages -= pages;
	start[zone].pageblocks[KMR_MIGRATE_MOVABLE] -= blocks << (top - machine.pageblock_order);
	start[zone].pageblocks[type] += blocks << (top - machine.pageblock_order);
	for (unsigned int order = 0; order < top; order++) {
		start[zone].nr_free[order][type] += (uint32_t)(rest >> order & 1);
		rest &= ~(UINT64_C(1) << order);
	}
}

static uint64_t stays(const struct fit_actor *a)
{
	for (uint32_t i = 0; i < a->nr_lives; i++)
		if (a->lives[i].kind == FIT_FOREVER)
			return a->lives[i].weight;
	return 0;
}

/* Pages of a zone, by its flags, that stay, or that are holes at the end of the lead. */
static uint64_t pages_of(uint32_t zone_flag, bool holes)
{
	const uint32_t zones = KMR_GFP_DMA | KMR_GFP_HIGHMEM;
	uint64_t pages = 0;

	for (size_t i = 0; i < model.nr; i++) {
		const struct fit_actor *a = &model.actors[i];
		const bool hole = a->arrival == FIT_EVENLY && !stays(a);

		cr_assert(a->lead);
		cr_assert_lt(a->begin, model.lead);
		if ((a->key.gfp & zones) == zone_flag && hole == holes)
			pages += (holes ? a->requests : stays(a)) << a->key.order;
	}
	return pages;
}

Test(begin, nothing_was_there)
{
	make();
	cr_assert_eq(model.nr, 0);
	cr_assert_eq(model.lead, 0);
}

Test(begin, as_much_as_was_there)
{
	use(0, 100, KMR_MIGRATE_UNMOVABLE);
	use(1, 54321, KMR_MIGRATE_UNMOVABLE);
	use(1, 7777, KMR_MIGRATE_RECLAIMABLE);
	use(2, 1234, KMR_MIGRATE_MOVABLE);
	make();
	cr_assert_eq(pages_of(KMR_GFP_DMA, false), 100);
	cr_assert_eq(pages_of(0, false), 54321 + 7777);
	cr_assert_eq(pages_of(KMR_GFP_HIGHMEM, false), 1234);
	cr_assert_gt(model.lead, 0);
	cr_assert_eq(model.lead % 1000000000, 0);
}

/* Each hole has a block of its order and mobility that stays, taken in turns with it. */
Test(begin, holes_have_partners)
{
	uint64_t found = 0;

	use(1, 200000, KMR_MIGRATE_UNMOVABLE);
	start[1].nr_free[3][KMR_MIGRATE_UNMOVABLE] += 500;
	start[1].free_pages += 500 << 3;
	make();
	for (size_t i = 0; i + 1 < model.nr; i++) {
		const struct fit_actor *hole = &model.actors[i], *partner = hole + 1;

		if (hole->arrival != FIT_EVENLY || stays(hole))
			continue;
		cr_assert_eq(partner->arrival, FIT_EVENLY);
		cr_assert_eq(stays(partner), hole->requests);
		cr_assert_eq(partner->key.order, hole->key.order);
		cr_assert_eq(partner->key.gfp, hole->key.gfp);
		cr_assert_eq(partner->mean, hole->mean);
		cr_assert_gt(partner->begin, hole->begin);
		cr_assert_lt(partner->begin, hole->begin + hole->mean);
		/* freed when all are there, and before the lead is over */
		cr_assert_eq(hole->lives[0].when.nr, 1);
		cr_assert_lt(hole->begin + hole->requests * hole->mean +
				     hole->lives[0].when.row[0].high,
			     model.lead);
		found += hole->requests << hole->key.order;
	}
	/* all but the largest blocks, whose number follows from what is in use */
	cr_assert_eq(found, pages_of(0, true));
	for (unsigned int order = 0; order + 1 < machine.nr_orders; order++)
		found -= (uint64_t)start[1].nr_free[order][KMR_MIGRATE_UNMOVABLE] << order;
	cr_assert_eq(found, 0);
}

/* Where there is less in use than holes need between them, there are fewer holes. */
Test(begin, more_holes_than_can_be)
{
	/* 924 pages of a block, and five whole blocks in halves: their buddies cannot all be used */
	use(1, 924, KMR_MIGRATE_UNMOVABLE);
	start[1].nr_free[10][KMR_MIGRATE_MOVABLE] -= 5;
	start[1].pageblocks[KMR_MIGRATE_MOVABLE] -= 5;
	start[1].nr_free[9][KMR_MIGRATE_UNMOVABLE] += 10;
	start[1].pageblocks[KMR_MIGRATE_UNMOVABLE] += 5;
	make();
	cr_assert_eq(pages_of(0, false), 924);
	/* small ones first: 4 + 32 + 64, which leaves 824 pages for one of 512 */
	cr_assert_eq(pages_of(0, true), 100 + 512);
}

/* What the trace frees lies among what stays. */
Test(begin, what_is_freed_later)
{
	struct kmr_event ev = { .type = KMR_EV_PAGE_FREE };
	bool found = false;

	use(1, 5000, KMR_MIGRATE_UNMOVABLE);
	for (unsigned int i = 0; i < 300; i++) {
		ev.addr = machine.zones[1].start_pfn + 2 * i;
		cr_assert_eq(fit_start_page_freed(&freed, &ev, 5 * i), 0);
		cr_assert_eq(fit_start_page_taken(&freed, ev.addr, KMR_MIGRATE_UNMOVABLE), 0);
	}
	cr_assert_eq(fit_start_end(&freed), 0);
	make();
	cr_assert_eq(pages_of(0, false), 5000 - 300);
	for (size_t i = 0; i < model.nr; i++) {
		const struct fit_actor *a = &model.actors[i];

		for (uint32_t j = 0; j < a->nr_lives; j++)
			if (a->lives[j].dated) {
				cr_assert_eq(a->lives[j].weight, 300);
				cr_assert_geq(stays(a), 300);
				cr_assert_geq(a->lives[j].when.row[0].low, model.lead);
				found = true;
			}
	}
	cr_assert(found);
}

Test(begin, a_node_is_asked_for_by_name)
{
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_machine_preset(&machine, "x86_64:ram=4G,nodes=2,cpus=2", &err), 0);
	memset(boot, 0, sizeof(boot));
	for (unsigned int z = 0; z < machine.nr_zones; z++)
		boot[z].free_pages = 10000;
	memcpy(start, boot, sizeof(start));
	start[machine.nr_zones - 1].free_pages -= 3000;
	make();
	cr_assert_gt(model.nr, 0);
	for (size_t i = 0; i < model.nr; i++) {
		cr_assert_eq(model.actors[i].key.node, 1);
		cr_assert(model.actors[i].key.gfp & KMR_GFP_THISNODE);
	}
}

/* Objects: as many as there was room for; what was free is freed again. */
Test(begin, objects_and_the_holes_in_their_slabs)
{
	struct kmr_cache_state caches[2] = {
		{ .name = "dentry", .object_size = 128, .size = 128 },
		{ .name = "kmalloc-64", .object_size = 64, .size = 64 }
	};
	struct kmr_cache_row rows[2] = { { .active = 70, .objects = 96, .pages = 3 },
					 { .active = 64, .objects = 64, .pages = 1 } };
	struct kmr_cache_sample sample = { .nr = 2, .rows = rows };
	struct kmr_object_report report = {
		.caches = caches, .nr_caches = 2, .samples = &sample, .nr_samples = 1
	};
	struct kmr_tape tape;
	struct kmr_source_options options = { .strict = false };
	struct kmr_error err = { "" };
	struct kmr_event ev = { .type = KMR_EV_CACHE_FREE };
	const struct fit_begin begin = { .machine = &machine,
					 .boot = boot,
					 .start = start,
					 .freed = &freed,
					 .objects = &report,
					 .tape = &tape };

	cache_free(0, 0xc1000000, "dentry");
	cr_assert_eq(kmr_tape_record(&tape, write_trace(), &options, NULL, NULL, &err), 0, "%s",
		     err.msg);
	ev.cache = kmr_tape_find_cache(&tape, "dentry");
	for (unsigned int i = 0; i < 20; i++)
		cr_assert_eq(fit_start_object_freed(&freed, &ev, 100 * i), 0);
	cr_assert_eq(fit_begin_make(&model, &begin), 0);
	cr_assert_eq(model.nr, 2);
	cr_assert_eq(model.actors[0].key.kind, FIT_CACHE);
	cr_assert_eq(model.actors[0].requests, 96);
	cr_assert_eq(stays(&model.actors[0]), 50);
	cr_assert_eq(model.actors[0].nr_lives, 3);
	cr_assert_eq(model.actors[0].lives[1].weight, 20);
	cr_assert_eq(model.actors[0].lives[2].weight, 26);
	cr_assert_eq(model.actors[1].key.kind, FIT_KMALLOC);
	cr_assert_eq(model.actors[1].sizes.row[0].high, 64);
	cr_assert_eq(stays(&model.actors[1]), 64);
	cr_assert_eq(model.start_requests, 160);
	cr_assert_eq(model.start_frees, 26);
	cr_assert_eq(tape.caches[ev.cache].size, 128);
	kmr_tape_free(&tape);
}
