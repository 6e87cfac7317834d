// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests, CMA, hot-plug and the pool of huge pages in any order: whatever moves arrives, nobody
 * gets what another has, nothing is lost, and the allocator's own invariants hold.
 */
#include "page/contig.h"
#include "support.h"

#define OPERATIONS   60000u
#define CHECK_PERIOD 1000u
#define END	     131072u
#define SECTION	     4096u
#define MAX_BLOCKS   65536u
#define MAX_RANGES   64u

/* Whose a frame is; above that the number of a page that the test holds. */
enum {
	NOBODY,
	CMA,
	HUGE,
	FIRST_TAG
};

struct block {
	uint32_t tag; /* of its first page, the others follow */
	uint8_t order;
	bool whole; /* never moved in pieces */
};

struct range {
	unsigned int area;
	uint32_t pfn, pages;
};

struct walk {
	struct rig r;
	uint64_t rng;
	uint32_t owner[END]; /* by frame */
	uint32_t where[2 * END]; /* by tag */
	uint32_t block_of[2 * END]; /* by tag: index of its block */
	struct block blocks[MAX_BLOCKS];
	uint32_t nr_blocks;
	uint32_t tags[2 * END]; /* unused runs are not kept: single numbers */
	uint32_t nr_tags;
	struct range ranges[MAX_RANGES];
	unsigned int nr_ranges;
	bool online[END / SECTION];
	uint64_t migrated;
	struct kmr_page_observer observer;
};

static void on_migrated(void *ctx, kmr_pfn_t from, kmr_pfn_t to, unsigned int order)
{
	struct walk *w = ctx;

	for (uint32_t i = 0; i < 1u << order; i++) {
		const uint32_t tag = w->owner[from + i];

		cr_assert_geq(tag, FIRST_TAG, "frame %u was moved, and is nobody's", from + i);
		cr_assert_eq(w->owner[to + i], NOBODY, "frame %u to %u", from + i, to + i);
		w->owner[to + i] = tag;
		w->owner[from + i] = NOBODY;
		w->where[tag] = to + i;
	}
	w->migrated += UINT64_C(1) << order;
}

static void on_kept(void *ctx, kmr_pfn_t pfn, unsigned int order, bool kept)
{
	struct walk *w = ctx;

	for (uint32_t i = 0; i < 1u << order; i++) {
		cr_assert_eq(w->owner[pfn + i], kept ? NOBODY : HUGE);
		w->owner[pfn + i] = kept ? HUGE : NOBODY;
	}
}

static void machine(struct kmr_machine *m, unsigned int nr_orders, unsigned int pageblock_order)
{
	bare_machine(m, pageblock_order);
	(void)snprintf(m->arch, sizeof(m->arch), "x86_64");
	m->nr_orders = nr_orders;
	m->nr_nodes = 2;
	m->nr_cpus = 3;
	m->cpu_node[2] = 1;
	(void)add_zone(m, KMR_ZONE_DMA, 0, 0, 4096);
	(void)add_zone(m, KMR_ZONE_NORMAL, 0, 4096, 28672);
	(void)add_zone(m, KMR_ZONE_MOVABLE, 0, 0, 0);
	(void)add_zone(m, KMR_ZONE_NORMAL, 1, 65536, 32768);
	(void)add_zone(m, KMR_ZONE_MOVABLE, 1, 0, 0);
	m->section_pages = SECTION;
	m->nr_hotplug = 2;
	m->hotplug[0] = (struct kmr_ram_range){ 32768, 65536 };
	m->hotplug[1] = (struct kmr_ram_range){ 98304, END };
	m->nr_cma = 2;
	m->cma[0] = (struct kmr_cma_area){ "a", 8192, 4096, 0 };
	m->cma[1] = (struct kmr_cma_area){ "b", 65536 + 5 * 1024, 2048, 2 };
	kmr_machine_set_limits(m);
}

static struct walk *walk_begin(uint64_t seed, unsigned int nr_orders, unsigned int pageblock_order)
{
	struct walk *w = calloc(1, sizeof(*w));

	cr_assert_not_null(w);
	w->rng = seed;
	machine(&w->r.m, nr_orders, pageblock_order);
	rig_create(&w->r);
	for (unsigned int i = 0; i < w->r.m.nr_zones; i++)
		for (uint64_t p = 0; p < w->r.m.zones[i].spanned; p += 1u << (nr_orders - 1))
			rig_seed(&w->r, (kmr_pfn_t)(w->r.m.zones[i].start_pfn + p), nr_orders - 1,
				 KMR_MIGRATE_MOVABLE);
	w->r.ops->cma_activate(w->r.b, true);
	for (uint32_t tag = 2 * END - 1; tag >= FIRST_TAG; tag--)
		w->tags[w->nr_tags++] = tag;
	for (uint32_t s = 0; s < END / SECTION; s++)
		w->online[s] = s < 8 || (s >= 16 && s < 24);
	w->observer.ctx = w;
	w->observer.migrated = on_migrated;
	w->observer.kept = on_kept;
	w->r.ops->observe(w->r.b, &w->observer);
	return w;
}

/* All that a zone manages is free, on a CPU's list, or somebody's. */
static void check_walk(const struct walk *w)
{
	uint64_t used[KMR_MAX_ZONES] = { 0 };

	rig_check(&w->r);
	for (uint32_t pfn = 0; pfn < END; pfn++) {
		const struct kmr_frame_info info = rig_where(&w->r, pfn);

		cr_assert_eq(w->online[pfn / SECTION], info.place != KMR_FRAME_NONE, "frame %u",
			     pfn);
		cr_assert_eq(w->owner[pfn] != NOBODY, info.place == KMR_FRAME_USED, "frame %u",
			     pfn);
		if (info.place == KMR_FRAME_USED)
			used[info.zone]++;
	}
	for (unsigned int i = 0; i < w->r.m.nr_zones; i++) {
		const struct kmr_zone *z = &w->r.b->zones[i];
		uint64_t pages = z->free_pages + used[i];

		for (unsigned int cpu = 0; cpu < w->r.m.nr_cpus; cpu++)
			pages += z->pcp[cpu].count;
		cr_assert_eq(pages, z->managed, "zone %u", i);
		cr_assert_eq(z->nr_isolate, 0);
	}
}

static void allocate(struct walk *w)
{
	static const uint32_t gfps[] = {
		KMR_GFP_HIGHUSER_MOV,
		KMR_GFP_HIGHUSER_MOV,
		KMR_GFP_HIGHUSER_MOV,
		KMR_GFP_KERNEL,
		GFP_MOVABLE_REQ,
		KMR_GFP_KERNEL | KMR_GFP_RECLAIMABLE,
		KMR_GFP_HIGHUSER_MOV | KMR_GFP_COMP | KMR_GFP_NOWARN,
	};
	struct kmr_page_request req = { 0 };
	struct block *block;
	kmr_pfn_t pfn;

	req.gfp = gfps[below(&w->rng, sizeof(gfps) / sizeof(gfps[0]))];
	req.cpu = (uint16_t)below(&w->rng, 3);
	req.node = (uint8_t)below(&w->rng, 2);
	req.order = (uint8_t)(below(&w->rng, 8) ? below(&w->rng, 4) : below(&w->rng, 11));
	/* what the kernel has for itself is little, so that sections can become free */
	if (!(req.gfp & KMR_GFP_MOVABLE) && below(&w->rng, 8))
		return;
	if (w->nr_blocks == MAX_BLOCKS || w->nr_tags < 1u << req.order)
		return;
	pfn = w->r.ops->alloc(w->r.b, &req);
	if (pfn == KMR_NO_PFN)
		return;
	block = &w->blocks[w->nr_blocks];
	block->order = req.order;
	block->tag = w->tags[w->nr_tags - 1];
	block->whole = true;
	for (uint32_t i = 0; i < 1u << req.order; i++) {
		const uint32_t tag = w->tags[--w->nr_tags];

		cr_assert_eq(w->owner[pfn + i], NOBODY, "frame %u was given out twice", pfn + i);
		w->owner[pfn + i] = tag;
		w->where[tag] = pfn + i;
		/* a block's pages are found through the first: a chain */
		w->block_of[tag] = i + 1 < 1u << req.order ? w->tags[w->nr_tags - 1] : 0;
	}
	w->nr_blocks++;
}

/* Its frames still lie side by side where a block can be. */
static bool contiguous(const struct walk *w, const struct block *block)
{
	const uint32_t first = w->where[block->tag];
	uint32_t at = first;

	for (uint32_t tag = block->tag; tag; tag = w->block_of[tag])
		if (w->where[tag] != at++)
			return false;
	return !(first & ((1u << block->order) - 1));
}

static void forget(struct walk *w, uint32_t tag)
{
	w->owner[w->where[tag]] = NOBODY;
	w->tags[w->nr_tags++] = tag;
}

/* Whole if it is still one, else page by page; at times in parts though it is. */
static void release(struct walk *w)
{
	const uint32_t i = w->nr_blocks ? below(&w->rng, w->nr_blocks) : 0;
	const unsigned int cpu = below(&w->rng, 3);
	struct block block;
	uint32_t next;

	if (!w->nr_blocks)
		return;
	block = w->blocks[i];
	w->blocks[i] = w->blocks[--w->nr_blocks];
	if (contiguous(w, &block) && below(&w->rng, 8)) {
		cr_assert_eq(w->r.ops->free(w->r.b, w->where[block.tag], block.order, cpu), 0);
		for (uint32_t tag = block.tag; tag; tag = next) {
			next = w->block_of[tag];
			forget(w, tag);
		}
		return;
	}
	for (unsigned int o = block.order; o && contiguous(w, &block); o--)
		for (uint32_t p = 0; p < 1u << block.order; p += 1u << o)
			w->r.ops->split(w->r.b, w->where[block.tag] + p, o);
	for (uint32_t tag = block.tag; tag; tag = next) {
		next = w->block_of[tag];
		cr_assert_eq(w->r.ops->free(w->r.b, w->where[tag], 0, cpu), 0);
		forget(w, tag);
	}
}

static void cma_allocate(struct walk *w)
{
	struct range *range = &w->ranges[w->nr_ranges];

	if (w->nr_ranges == MAX_RANGES)
		return;
	range->area = below(&w->rng, 2);
	range->pages = 1 + below(&w->rng, below(&w->rng, 4) ? 64 : 700);
	range->pfn = w->r.ops->cma_alloc(w->r.b, range->area, range->pages, below(&w->rng, 9),
					 below(&w->rng, 3));
	if (range->pfn == KMR_NO_PFN)
		return;
	for (uint32_t p = range->pfn; p < range->pfn + range->pages; p++) {
		cr_assert_eq(w->owner[p], NOBODY, "frame %u is tag %u", p, w->owner[p]);
		w->owner[p] = CMA;
	}
	w->nr_ranges++;
}

static void cma_give_back(struct walk *w)
{
	const unsigned int i = w->nr_ranges ? below(&w->rng, w->nr_ranges) : 0;
	const struct range range = w->ranges[i];

	if (!w->nr_ranges)
		return;
	w->ranges[i] = w->ranges[--w->nr_ranges];
	cr_assert_eq(w->r.ops->cma_release(w->r.b, range.area, range.pfn, range.pages,
					   below(&w->rng, 3)),
		     0);
	for (uint32_t p = range.pfn; p < range.pfn + range.pages; p++)
		w->owner[p] = NOBODY;
}

static void plug(struct walk *w)
{
	const uint32_t s = below(&w->rng, END / SECTION), nr = 1 + below(&w->rng, 2);
	static const uint32_t zones[] = { KMR_EV_ANY_ZONE, KMR_ZONE_MOVABLE, KMR_ZONE_NORMAL };
	const struct kmr_memory_block block = { (uint64_t)s * SECTION, (uint64_t)nr * SECTION,
						zones[below(&w->rng, 3)],
						(int)below(&w->rng, 3) - 1 };
	const bool was = w->online[s];
	enum kmr_range_result result;
	kmr_pfn_t busy;

	if (was)
		result =
			w->r.ops->offline(w->r.b, block.pfn, block.pages, below(&w->rng, 3), &busy);
	else
		result = w->r.ops->online(w->r.b, &block, below(&w->rng, 3));
	if (result == KMR_RANGE_DONE)
		for (uint32_t i = s; i < s + nr; i++)
			w->online[i] = !was;
}

static void step(struct walk *w)
{
	const uint32_t dice = below(&w->rng, 1000);

	if (dice < 620)
		allocate(w);
	else if (dice < 940)
		release(w);
	else if (dice < 960)
		cma_allocate(w);
	else if (dice < 980)
		cma_give_back(w);
	else if (dice < 992)
		plug(w);
	else if (dice < 996)
		(void)w->r.ops->set_huge_pages(w->r.b, below(&w->rng, 40),
					       (int)below(&w->rng, 3) - 1, below(&w->rng, 3));
	else
		w->r.ops->drain(w->r.b, -1);
}

static void walk_end(struct walk *w)
{
	while (w->nr_blocks)
		release(w);
	while (w->nr_ranges)
		cma_give_back(w);
	cr_assert_eq(w->r.ops->set_huge_pages(w->r.b, 0, -1, 0), 0);
	w->r.ops->drain(w->r.b, -1);
	check_walk(w);
	for (uint32_t pfn = 0; pfn < END; pfn++)
		cr_assert_eq(w->owner[pfn], NOBODY);
	rig_destroy(&w->r);
	free(w);
}

static uint64_t walk_as(const char *backend, uint64_t seed, unsigned int nr_orders,
			unsigned int pageblock_order)
{
	struct kmr_contig_work work;
	struct walk *w;
	uint64_t sum;

	rig_backend = backend;
	w = walk_begin(seed, nr_orders, pageblock_order);

	for (uint32_t i = 0; i < OPERATIONS; i++) {
		step(w);
		if (i % CHECK_PERIOD == 0)
			check_walk(w);
	}
	work = *w->r.ops->contig_work(w->r.b);
	cr_assert_eq(work.pages_migrated, w->migrated);
	/* it was about something */
	cr_assert_gt(work.pages_migrated, 10000);
	cr_assert_gt(work.cma_allocs - work.cma_failures, 100);
	cr_assert_gt(work.pages_onlined, 10 * SECTION);
	cr_assert_gt(work.pages_offlined, 10 * SECTION);
	cr_assert_gt(work.huge_allocs, 50);
	sum = work.pages_migrated * 31 + work.cma_pages * 17 + w->r.b->work.splits;
	walk_end(w);
	return sum;
}

/* By every model of Linux's allocator that knows ranges of frames. */
static uint64_t run_walk(uint64_t seed, unsigned int nr_orders, unsigned int pageblock_order)
{
	return walk_as("linux-6.1", seed, nr_orders, pageblock_order) * 31 +
	       walk_as("linux-6.12", seed, nr_orders, pageblock_order);
}

Test(page_contig_random, usual_orders)
{
	for (uint64_t seed = 1; seed <= 3; seed++)
		(void)run_walk(seed, 11, 9);
}

Test(page_contig_random, pageblocks_of_the_largest_order)
{
	(void)run_walk(11, 11, 10);
}

/* Blocks of eight pageblocks, as large as a section. */
Test(page_contig_random, large_orders)
{
	for (uint64_t seed = 21; seed <= 22; seed++)
		(void)run_walk(seed, 13, 9);
}

Test(page_contig_random, small_pageblocks)
{
	(void)run_walk(31, 11, 5);
}

Test(page_contig_random, deterministic)
{
	const uint64_t first = run_walk(41, 11, 9);

	cr_assert_eq(run_walk(41, 11, 9), first);
	cr_assert_neq(run_walk(42, 11, 9), first);
}
