// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invariants of the old kernels' models: every list well linked and of one kind, no block on two
 * lists, the free bits exactly the union of all lists, the counts the sums of the lists, no two
 * buddies free side by side unless the start state had them so; in 2.4 every bit of the maps set
 * just when one of its pair is on the list of that order.
 */
#include <stdlib.h>

#include "page/classic.h"

struct checker {
	const struct kmr_page_backend *b;
	const struct kmr_classic_zone *z;
	struct kmr_error *err;
	uint64_t *seen; /* bit a frame: part of a block on a list walked so far */
};

static int see_block(const struct checker *c, uint32_t pfn, unsigned int order, const char *list)
{
	if (pfn < c->z->start || pfn >= c->z->end || c->z->end - pfn < 1u << order ||
	    (pfn & ((1u << order) - 1)))
		return kmr_fail(c->err, "zone %u: frame %u of order %u does not belong on %s",
				c->z->index, pfn, order, list);
	for (uint32_t p = pfn; p < pfn + (1u << order); p++) {
		const uint64_t bit = UINT64_C(1) << (p & 63u);

		if (c->seen[p >> 6] & bit)
			return kmr_fail(c->err, "zone %u: frame %u is on two lists, one of them %s",
					c->z->index, p, list);
		if (!kmr_bit_free(c->b->bits, p))
			return kmr_fail(c->err, "zone %u: frame %u is on %s but counts as used",
					c->z->index, p, list);
		c->seen[p >> 6] |= bit;
	}
	return 0;
}

/* What a list's frames must have in common. */
struct kind {
	const char *name;
	unsigned int state, order;
	int migratetype; /* -1: any */
	unsigned int pindex; /* KMR_FS_PCP */
};

static int check_list(const struct checker *c, const struct kmr_list *l, const struct kind *kind,
		      uint32_t *blocks)
{
	uint32_t prev = KMR_NO_PFN;

	*blocks = 0;
	for (uint32_t pfn = l->head; pfn != KMR_NO_PFN; pfn = kmr_frame(c->b, pfn)->next) {
		const struct kmr_frame *f;

		if (pfn >= c->b->nr_frames)
			return kmr_fail(c->err, "zone %u: %s leads to frame %u, which is none",
					c->z->index, kind->name, pfn);
		f = kmr_frame(c->b, pfn);
		if (f->state != kind->state || f->order != kind->order || f->prev != prev ||
		    (kind->migratetype >= 0 && f->migratetype != kind->migratetype) ||
		    f->migratetype >= KMR_CLASSIC_TYPES ||
		    (kind->state == KMR_FS_PCP && f->pindex != kind->pindex))
			return kmr_fail(c->err,
					"zone %u: frame %u on %s is of state %u, order %u, type "
					"%u, or badly linked",
					c->z->index, pfn, kind->name, f->state, f->order,
					f->migratetype);
		if (see_block(c, pfn, kind->order, kind->name))
			return -1;
		prev = pfn;
		++*blocks;
	}
	if (l->tail != prev)
		return kmr_fail(c->err, "zone %u: %s ends at frame %u, its tail is %u", c->z->index,
				kind->name, prev, l->tail);
	return 0;
}

static int check_free_lists(const struct checker *c)
{
	uint64_t pages = 0;

	for (unsigned int o = 0; o < c->b->nr_orders; o++)
		for (unsigned int t = 0; t < KMR_CLASSIC_TYPES; t++) {
			const struct kind kind = { "a free list", KMR_FS_BUDDY, o, (int)t, 0 };
			uint32_t blocks;

			if (check_list(c, &c->z->lists[o][t], &kind, &blocks))
				return -1;
			if (blocks != c->z->nr_free[o][t])
				return kmr_fail(c->err,
						"zone %u: free list %u/%u has %u blocks, counted "
						"%u",
						c->z->index, o, t, blocks, c->z->nr_free[o][t]);
			pages += (uint64_t)blocks << o;
		}
	if (pages != c->z->free_pages)
		return kmr_fail(c->err, "zone %u: %llu pages on its free lists, counted %llu",
				c->z->index, (unsigned long long)pages,
				(unsigned long long)c->z->free_pages);
	return 0;
}

static int check_pcps(const struct checker *c)
{
	for (unsigned int cpu = 0; c->z->pcp && cpu < c->b->nr_cpus; cpu++)
		for (unsigned int k = 0; k < KMR_CLASSIC_PCPS; k++) {
			const struct kmr_classic_pcp *pcp = &c->z->pcp[cpu][k];
			const struct kind kind = { "a per-CPU list", KMR_FS_PCP, 0, -1, k };
			uint32_t pages;

			if (check_list(c, &pcp->list, &kind, &pages))
				return -1;
			if (pages != pcp->count)
				return kmr_fail(c->err,
						"zone %u: CPU %u has %u pages on list %u, counted "
						"%u",
						c->z->index, cpu, pages, k, pcp->count);
		}
	return 0;
}

/* A pair of buddies at @pfn: the bit is right, and they are not both free. */
static int check_pair(const struct checker *c, uint64_t pfn, unsigned int order)
{
	const bool lower = kmr_classic_is_buddy(c->b, c->z, pfn, order);
	const bool upper = kmr_classic_is_buddy(c->b, c->z, pfn + (UINT64_C(1) << order), order);

	if (lower && upper && !c->z->apart)
		return kmr_fail(c->err,
				"zone %u: frame %llu and its buddy of order %u lie unmerged",
				c->z->index, (unsigned long long)pfn, order);
	if (c->b->rules->bitmaps &&
	    kmr_classic_map_bit(c->z, (uint32_t)pfn, order) != (lower != upper))
		return kmr_fail(c->err,
				"zone %u: the bit of frame %llu and its buddy of order %u is wrong",
				c->z->index, (unsigned long long)pfn, order);
	return 0;
}

static int check_pairs(const struct checker *c)
{
	for (unsigned int o = 0; o + 1 < c->b->nr_orders; o++)
		for (uint64_t pfn = c->z->base; pfn < c->z->end; pfn += UINT64_C(2) << o)
			if (check_pair(c, pfn, o))
				return -1;
	return 0;
}

/* Pages of the pool: used, of its order, on their node's list. */
static int check_pool(const struct kmr_page_backend *b, struct kmr_error *err)
{
	const struct kmr_classic_pool *pool = &b->pool;
	uint64_t nr = 0;

	for (unsigned int node = 0; node < b->nr_nodes; node++) {
		uint64_t on_node = 0;

		for (uint32_t pfn = pool->lists[node].head; pfn != KMR_NO_PFN;
		     pfn = kmr_frame(b, pfn)->next, on_node++)
			if (on_node >= pool->nr || pfn >= b->nr_frames ||
			    kmr_frame(b, pfn)->state != KMR_FS_HUGE ||
			    !kmr_bits_all_used(b->bits, pfn, pool->order) ||
			    kmr_classic_zone_of(b, pfn)->node != node)
				return kmr_fail(err,
						"node %u: frame %u in the pool of huge pages is "
						"free, another node's, or badly linked",
						node, pfn);
		if (on_node != pool->nr_node[node])
			return kmr_fail(err, "node %u: %llu huge pages in its pool, counted %llu",
					node, (unsigned long long)on_node,
					(unsigned long long)pool->nr_node[node]);
		nr += on_node;
	}
	if (nr != pool->nr)
		return kmr_fail(err, "%llu huge pages in the pool, counted %llu",
				(unsigned long long)nr, (unsigned long long)pool->nr);
	return 0;
}

static int check_pageblocks(const struct checker *c)
{
	for (uint32_t k = 0; k < c->z->nr_blocks; k++)
		if (c->z->pageblocks[k] >= KMR_CLASSIC_TYPES)
			return kmr_fail(c->err, "zone %u: pageblock %u is of type %u", c->z->index,
					k, c->z->pageblocks[k]);
	return 0;
}

int kmr_classic_check(const struct kmr_page_backend *b, struct kmr_error *err)
{
	const size_t words = b->bits_bytes / sizeof(*b->bits);
	struct checker c = { b, NULL, err, calloc(words, sizeof(*c.seen)) };
	int ret = 0;

	if (!c.seen)
		return kmr_fail_nomem(err, "the check of the page backend");
	for (unsigned int i = 0; i < b->nr_zones && !ret; i++) {
		c.z = &b->zones[i];
		ret = check_free_lists(&c) || check_pcps(&c) || check_pairs(&c) ||
				      check_pageblocks(&c)
			      ? -1
			      : 0;
	}
	if (!ret)
		ret = kmr_bits_check(b->bits, c.seen, words, err);
	free(c.seen);
	return ret ? ret : check_pool(b, err);
}
