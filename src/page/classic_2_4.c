// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux 2.4.22: the buddy allocator that Gorman's "Understanding the Linux Virtual Memory Manager"
 * describes in chapter 6.  Free blocks of an order are on one list; a bit for each pair of buddies
 * tells when they can merge; of a block that is split the upper half is handed out.  No types, no
 * per-CPU lists.  Behaviour: mm/page_alloc.c, mm/numa.c (2.4.22).
 *
 * Reclaim is not simulated, so neither is current->local_pages, by which a task that reclaims gets a
 * block that it freed itself (balance_classzone()).
 */
#include "page/classic.h"

#define MAX_ORDER 10 /* include/linux/mmzone.h: orders 0 to 9 */

enum {
	PARAM_ORDERS,
	PARAM_OWN_LIMITS,
	NR_PARAMS
};

static const struct kmr_param params[NR_PARAMS] = {
	[PARAM_ORDERS] = { "orders", "sizes of blocks there are, from a page up; MAX_ORDER",
			   KMR_PARAM_UINT, false, MAX_ORDER, 1, KMR_MAX_ORDERS },
	[PARAM_OWN_LIMITS] = { "own_limits", "watermarks by 2.4's formula; 0: the machine's",
			       KMR_PARAM_BOOL, false, 1, 0, 1 },
};

/* zone_balance_ratio[], _min[] and _max[]: free_area_init_core() */
static void limits(struct kmr_page_backend *b, const struct kmr_machine *m)
{
	for (unsigned int i = 0; i < b->nr_zones; i++) {
		struct kmr_classic_zone *z = &b->zones[i];
		uint64_t mark = m->zones[i].managed / 128;

		mark = mark < 20 ? 20 : mark > 255 ? 255 : mark;
		z->mark[KMR_PAGES_MIN] = mark;
		z->mark[KMR_PAGES_LOW] = 2 * mark;
		z->mark[KMR_PAGES_HIGH] = 3 * mark;
	}
}

/* rmqueue() */
static uint32_t rmqueue(struct kmr_page_backend *b, struct kmr_classic_zone *z, unsigned int order)
{
	const uint32_t pfn = kmr_classic_smallest(b, z, order, KMR_MIGRATE_UNMOVABLE);

	b->work.steps.zone_locks++;
	if (pfn == KMR_NO_PFN)
		return pfn;
	b->work.steps.buddy_allocs++;
	kmr_classic_tell_refill(b, pfn, order, KMR_MIGRATE_UNMOVABLE, false);
	return pfn;
}

/*
 * One walk over the zones of @node in @zonelist.  What a zone must keep is added to what those
 * before it had to: so far down, a request may only take what all of them could miss.
 */
static uint32_t walk(struct kmr_page_backend *b, const uint16_t *zonelist, unsigned int node,
		     unsigned int order, enum kmr_classic_mark mark, unsigned int shift)
{
	uint64_t min = UINT64_C(1) << order;

	for (; *zonelist != UINT16_MAX; zonelist++) {
		struct kmr_classic_zone *z = &b->zones[*zonelist];
		uint32_t pfn;

		if (z->node != node)
			continue;
		b->work.zones_tried++;
		b->work.steps.watermark_checks++;
		min += z->mark[mark] >> shift;
		if (z->free_pages <= min)
			continue;
		pfn = rmqueue(b, z, order);
		if (pfn != KMR_NO_PFN)
			return pfn;
	}
	return KMR_NO_PFN;
}

/* PF_MEMALLOC: whatever there is */
static uint32_t walk_all(struct kmr_page_backend *b, const uint16_t *zonelist, unsigned int node,
			 unsigned int order)
{
	for (; *zonelist != UINT16_MAX; zonelist++) {
		uint32_t pfn;

		if (b->zones[*zonelist].node != node)
			continue;
		pfn = rmqueue(b, &b->zones[*zonelist], order);
		if (pfn != KMR_NO_PFN)
			return pfn;
	}
	return KMR_NO_PFN;
}

/* __alloc_pages() with the zones of one node; the third walk, after reclaim, is as the second */
static uint32_t alloc_node(struct kmr_page_backend *b, const struct kmr_page_request *req,
			   const uint16_t *zonelist, unsigned int node)
{
	const bool wait = req->gfp & KMR_GFP_DIRECT_RECLAIM;
	uint32_t pfn = walk(b, zonelist, node, req->order, KMR_PAGES_LOW, 0);

	if (pfn != KMR_NO_PFN)
		return pfn;
	b->work.slow_paths++;
	pfn = walk(b, zonelist, node, req->order, KMR_PAGES_MIN, wait ? 0 : 2);
	if (pfn == KMR_NO_PFN && (req->gfp & KMR_GFP_MEMALLOC) && !(req->gfp & KMR_GFP_NOMEMALLOC))
		pfn = walk_all(b, zonelist, node, req->order);
	return pfn;
}

/*
 * Its own node, those numbered lower, then the others from the highest down: _alloc_pages() in
 * mm/numa.c walks pgdat_list, to whose head boot adds one node after the other
 * (init_bootmem_core()).  Distance does not count, and each node is gone through to the end before
 * the next.  __GFP_THISNODE came later and means what it says.
 */
static kmr_pfn_t alloc(struct kmr_page_backend *b, const struct kmr_page_request *req)
{
	const unsigned int own = req->node < b->nr_nodes ? req->node : 0;
	const unsigned int nodes = req->gfp & KMR_GFP_THISNODE ? 1 : b->nr_nodes;
	const uint16_t *zonelist = kmr_classic_zonelist(b, own, kmr_classic_gfp_zone(b, req->gfp));
	uint32_t pfn = KMR_NO_PFN;

	kmr_classic_begin(b);
	if (req->order < b->nr_orders)
		for (unsigned int i = 0; i < nodes && pfn == KMR_NO_PFN; i++)
			pfn = alloc_node(b, req, zonelist, (own + b->nr_nodes - i) % b->nr_nodes);
	return kmr_classic_end(b, req, pfn);
}

/* __free_pages_ok() */
static void give_back(struct kmr_page_backend *b, struct kmr_classic_zone *z, uint32_t pfn,
		      unsigned int order, unsigned int cpu)
{
	(void)cpu;
	b->work.steps.zone_locks++;
	b->work.steps.buddy_frees++;
	kmr_classic_merge(b, z, pfn, order, KMR_MIGRATE_UNMOVABLE);
}

static void drain(struct kmr_page_backend *b, int cpu)
{
	(void)b;
	(void)cpu;
}

static void drain_one(struct kmr_page_backend *b, unsigned int zone, unsigned int cpu)
{
	(void)b;
	(void)zone;
	(void)cpu;
}

/* A request takes its block from the lists itself. */
static uint32_t refill_size(const struct kmr_page_backend *b, unsigned int zone, unsigned int cpu,
			    unsigned int order)
{
	(void)b;
	(void)zone;
	(void)cpu;
	(void)order;
	return 1;
}

/* hugetlbfs came with 2.6. */
static uint64_t set_huge_pages(struct kmr_page_backend *b, uint64_t nr, int node, unsigned int cpu)
{
	(void)node;
	(void)cpu;
	b->contig_work.huge_failures += nr != 0;
	return 0;
}

static const struct kmr_classic_rules rules = {
	.bitmaps = true,
	.upper_half = true,
	.limits = limits,
	.give_back = give_back,
};

static struct kmr_page_backend *create(const struct kmr_machine *m, const uint64_t *values,
				       struct kmr_error *err)
{
	static const uint64_t defaults[NR_PARAMS] = {
		[PARAM_ORDERS] = MAX_ORDER, [PARAM_OWN_LIMITS] = 1
	};

	if (!values)
		values = defaults;
	return kmr_classic_create(&rules, m, (unsigned int)values[PARAM_ORDERS], false,
				  values[PARAM_OWN_LIMITS], 0, err);
}

const struct kmr_page_ops kmr_linux_2_4 = {
	KMR_CLASSIC_OPS,
	.name = "linux-2.4",
	.description = "2.4.22: buddy with bitmaps, no mobility, no per-CPU lists",
	.params = params,
	.nr_params = NR_PARAMS,
	.create = create,
	.alloc = alloc,
	.set_huge_pages = set_huge_pages,
	.drain = drain,
	.drain_one = drain_one,
	.refill_size = refill_size,
};
