// SPDX-License-Identifier: GPL-2.0-only
/* The invariants of the lists: they hold each block once, in use and of their node, and the counts. */
#include "reclaim/reclaim.h"

struct sums {
	uint64_t size[KMR_MAX_ZONES][KMR_LRU_LISTS];
	uint64_t blocks;
};

static int check_block(const struct kmr_reclaim *r, unsigned int node, unsigned int list,
		       uint32_t pfn, uint32_t prev, struct kmr_error *err)
{
	const struct kmr_lru_frame *f = &r->frames[pfn];
	const struct kmr_zone *z = kmr_zone_of(r->b, pfn);

	if (f->list != list + 1 || f->prev != prev)
		return kmr_fail(err, "frame %u: on LRU list %u of node %u, but says %d", pfn, list,
				node, f->list - 1);
	if (!z || z->index != f->zone || z->node != node)
		return kmr_fail(err, "frame %u: on an LRU list of node %u, but not of it", pfn,
				node);
	if ((pfn & ((1u << f->order) - 1)) || !kmr_bits_all_used(r->b->bits, pfn, f->order))
		return kmr_fail(err, "frame %u: on an LRU list with order %u, but not in use", pfn,
				f->order);
	return 0;
}

static int check_list(const struct kmr_reclaim *r, unsigned int node, unsigned int list,
		      struct sums *sums, struct kmr_error *err)
{
	const struct kmr_list *l = &r->nodes[node].lists[list];
	uint32_t prev = KMR_NO_PFN;

	for (uint32_t pfn = l->head; pfn != KMR_NO_PFN; pfn = r->frames[pfn].next) {
		if (pfn >= r->nr_frames || sums->blocks++ > r->nr_frames)
			return kmr_fail(err, "LRU list %u of node %u does not end", list, node);
		if (check_block(r, node, list, pfn, prev, err))
			return -1;
		sums->size[r->frames[pfn].zone][list] += UINT64_C(1) << r->frames[pfn].order;
		prev = pfn;
	}
	if (l->tail != prev)
		return kmr_fail(err, "LRU list %u of node %u: its tail is not its last", list,
				node);
	return 0;
}

int kmr_reclaim_check(const struct kmr_reclaim *r, struct kmr_error *err)
{
	struct sums sums = { 0 };

	for (unsigned int node = 0; node < r->machine->nr_nodes; node++) {
		const struct kmr_reclaim_node *n = &r->nodes[node];

		for (unsigned int list = 0; list < KMR_LRU_LISTS; list++)
			if (check_list(r, node, list, &sums, err))
				return -1;
		for (unsigned int kind = 0; kind < 2; kind++)
			if (n->max_seq - n->min_seq[kind] + 1 > KMR_NR_GENS ||
			    n->max_seq - n->min_seq[kind] + 1 < KMR_MIN_GENS)
				return kmr_fail(err, "node %u: %u generations", node,
						(unsigned int)(n->max_seq - n->min_seq[kind] + 1));
	}
	for (unsigned int i = 0; i < r->b->nr_zones; i++)
		for (unsigned int list = 0; list < KMR_LRU_LISTS; list++)
			if (sums.size[i][list] != r->zones[i].size[list])
				return kmr_fail(err,
						"zone %u: %llu pages on LRU list %u, counted %llu",
						i, (unsigned long long)sums.size[i][list], list,
						(unsigned long long)r->zones[i].size[list]);
	if (r->swap_free > r->swap)
		return kmr_fail(err, "more swap is free than there is");
	return 0;
}
