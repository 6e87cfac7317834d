// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pool of huge pages of 2.6.24: blocks asked for node by node in turn, kept unused for those who
 * map them, which no trace tells of.  Behaviour: set_max_huge_pages(), alloc_fresh_huge_page(),
 * try_to_free_low(), dequeue_huge_page() in mm/hugetlb.c (2.6.24).  There was no file for a node's
 * share then; who names a node gets it from there and nowhere else.
 */
#include "page/classic_2_6.h"

static void tell(const struct kmr_page_backend *b, uint32_t pfn, bool kept)
{
	if (b->observer && b->observer->kept)
		b->observer->kept(b->observer->ctx, pfn, b->pool.order, kept);
}

static uint64_t count(const struct kmr_page_backend *b, int node)
{
	return node < 0 ? b->pool.nr : b->pool.nr_node[node];
}

/* alloc_fresh_huge_page_node() */
static bool grow_on(struct kmr_page_backend *b, unsigned int node, unsigned int cpu)
{
	struct kmr_classic_pool *pool = &b->pool;
	const struct kmr_page_request req = {
		.gfp = KMR_GFP_HIGHUSER | KMR_GFP_COMP | KMR_GFP_THISNODE | KMR_GFP_NOWARN,
		.order = (uint8_t)pool->order,
		.node = (uint8_t)node,
		.cpu = (uint16_t)cpu,
	};
	const uint32_t pfn = kmr_26_alloc(b, &req);

	if (pfn == KMR_NO_PFN) {
		b->contig_work.huge_failures++;
		return false;
	}
	kmr_frame(b, pfn)->state = KMR_FS_HUGE;
	kmr_frame(b, pfn)->order = (uint8_t)pool->order;
	kmr_list_add(&b->frames, &pool->lists[node], pfn);
	pool->nr++;
	pool->nr_node[node]++;
	b->contig_work.huge_allocs++;
	tell(b, pfn, true);
	return true;
}

/* alloc_fresh_huge_page(): the next node's turn, whether it had one or not */
static bool grow(struct kmr_page_backend *b, int node, unsigned int cpu)
{
	if (node >= 0)
		return grow_on(b, (unsigned int)node, cpu);
	for (unsigned int i = 0; i < b->nr_nodes; i++) {
		const unsigned int turn = b->pool.next;

		b->pool.next = (turn + 1) % b->nr_nodes;
		if (grow_on(b, turn, cpu))
			return true;
	}
	return false;
}

/* update_and_free_page() */
static void release(struct kmr_page_backend *b, unsigned int node, uint32_t pfn, unsigned int cpu)
{
	kmr_list_del(&b->frames, &b->pool.lists[node], pfn);
	kmr_frame(b, pfn)->state = KMR_FS_USED;
	b->pool.nr--;
	b->pool.nr_node[node]--;
	b->contig_work.huge_frees++;
	tell(b, pfn, false);
	(void)kmr_classic_free(b, pfn, b->pool.order, cpu);
}

/* try_to_free_low(): where there is HighMem, pages of other zones go first */
static void free_low(struct kmr_page_backend *b, uint64_t nr, int only, unsigned int cpu)
{
	for (unsigned int node = 0; b->has_type[KMR_ZONE_HIGHMEM] && node < b->nr_nodes; node++) {
		uint32_t next;

		if (only >= 0 && node != (unsigned int)only)
			continue;
		for (uint32_t pfn = b->pool.lists[node].head; pfn != KMR_NO_PFN; pfn = next) {
			next = kmr_frame(b, pfn)->next;
			if (count(b, only) <= nr)
				return;
			if (kmr_classic_zone_of(b, pfn)->is_low)
				release(b, node, pfn, cpu);
		}
	}
}

/* The first page on the way of a request from @cpu's node: dequeue_huge_page(). */
static bool shrink(struct kmr_page_backend *b, int only, unsigned int cpu)
{
	const uint16_t *zonelist = kmr_classic_zonelist(b, b->cpu_node[cpu],
							kmr_classic_gfp_zone(b, KMR_GFP_HIGHUSER));

	for (; *zonelist != UINT16_MAX; zonelist++) {
		const unsigned int node = b->zones[*zonelist].node;
		const uint32_t pfn = b->pool.lists[node].head;

		if (pfn == KMR_NO_PFN || (only >= 0 && node != (unsigned int)only))
			continue;
		release(b, node, pfn, cpu);
		return true;
	}
	return false;
}

uint64_t kmr_26_set_huge_pages(struct kmr_page_backend *b, uint64_t nr, int node, unsigned int cpu)
{
	if (cpu >= b->nr_cpus || (node >= 0 && (unsigned int)node >= b->nr_nodes))
		return 0;
	while (count(b, node) < nr && grow(b, node, cpu))
		;
	free_low(b, nr, node, cpu);
	while (count(b, node) > nr && shrink(b, node, cpu))
		;
	return count(b, node);
}
