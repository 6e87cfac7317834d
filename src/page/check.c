// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invariants, walked one by one: every list well linked and of one kind, no block on two
 * lists, the free bits exactly the union of all lists, the counts the sums of the lists, no two
 * buddies lying free side by side that the kernel would have merged, every block in its own zone,
 * and nothing in a CMA area that does not move but what is handed out.
 */
#include <stdlib.h>

#include "page/contig.h"

struct checker {
	const struct kmr_page_backend *b;
	struct kmr_error *err;
	uint64_t *seen; /* bit a frame: part of a block on a list walked so far */
};

/* The next block of a list, or the end of it: a link that leads nowhere is caught, not followed. */
static int follow(const struct checker *c, const struct kmr_zone *z, uint32_t *pfn)
{
	const uint32_t next = kmr_frame(c->b, *pfn)->next;

	if (next != KMR_NO_PFN && next >= c->b->nr_frames)
		return kmr_fail(c->err, "zone %u: frame %u is followed by frame %u, which is none",
				z->index, *pfn, next);
	*pfn = next;
	return 0;
}

static int see_block(const struct checker *c, const struct kmr_zone *z, uint32_t pfn,
		     unsigned int order, const char *list)
{
	if (pfn < z->start || pfn >= z->end || z->end - pfn < 1u << order ||
	    (pfn & ((1u << order) - 1)))
		return kmr_fail(c->err, "zone %u: frame %u of order %u does not belong on %s",
				z->index, pfn, order, list);
	if (kmr_zone_of(c->b, pfn) != z)
		return kmr_fail(c->err, "zone %u: frame %u on %s is another zone's", z->index, pfn,
				list);
	for (uint32_t p = pfn; p < pfn + (1u << order); p++) {
		const uint64_t bit = UINT64_C(1) << (p & 63u);

		if (c->seen[p >> 6] & bit)
			return kmr_fail(c->err, "zone %u: frame %u is on two lists, one of them %s",
					z->index, p, list);
		if (!kmr_bit_free(c->b->bits, p))
			return kmr_fail(c->err, "zone %u: frame %u is on %s but counts as used",
					z->index, p, list);
		c->seen[p >> 6] |= bit;
	}
	return 0;
}

/* The block's buddy is free too and they should be one. */
static bool unmerged(const struct kmr_page_backend *b, const struct kmr_zone *z, uint32_t pfn,
		     unsigned int order)
{
	const uint32_t buddy = pfn ^ (1u << order);

	if (order + 1 >= b->nr_orders || buddy < z->start || buddy >= z->end)
		return false;
	if (kmr_frame(b, buddy)->state != KMR_FS_BUDDY || kmr_frame(b, buddy)->order != order)
		return false;
	/*
	 * From a pageblock upwards types decide, at the moment of the free: a pageblock that
	 * was reserved or isolated in between may have left two of one type apart.
	 */
	return order < b->pageblock_order || !z->odd_merges;
}

static int check_free_list(const struct checker *c, const struct kmr_zone *z, unsigned int order,
			   unsigned int type)
{
	const struct kmr_list *l = &z->lists[order][type];
	uint32_t prev = KMR_NO_PFN, blocks = 0;

	for (uint32_t pfn = l->head; pfn != KMR_NO_PFN;) {
		const struct kmr_frame *f = kmr_frame(c->b, pfn);

		if (f->state != KMR_FS_BUDDY || f->order != order || f->migratetype != type ||
		    f->prev != prev)
			return kmr_fail(c->err,
					"zone %u: frame %u on free list %u/%u is of state %u, "
					"order %u, type %u, or badly linked",
					z->index, pfn, order, type, f->state, f->order,
					f->migratetype);
		if (see_block(c, z, pfn, order, "a free list"))
			return -1;
		if (unmerged(c->b, z, pfn, order))
			return kmr_fail(c->err,
					"zone %u: buddies %u and %u of order %u lie unmerged",
					z->index, pfn, pfn ^ (1u << order), order);
		prev = pfn;
		blocks++;
		if (follow(c, z, &pfn))
			return -1;
	}
	if (l->tail != prev)
		return kmr_fail(c->err, "zone %u: free list %u/%u ends at frame %u, its tail is %u",
				z->index, order, type, prev, l->tail);
	if (blocks != z->nr_free[order][type] || (blocks != 0) != (z->nonempty[type] >> order & 1))
		return kmr_fail(c->err, "zone %u: free list %u/%u has %u blocks, counted %u",
				z->index, order, type, blocks, z->nr_free[order][type]);
	return 0;
}

static int check_pcp(const struct checker *c, const struct kmr_zone *z, unsigned int cpu)
{
	const struct kmr_pcp *pcp = &z->pcp[cpu];
	uint64_t pages = 0;

	for (unsigned int i = 0; i < KMR_NR_PCP_LISTS; i++) {
		const unsigned int order = kmr_pindex_to_order(c->b, i);
		uint32_t prev = KMR_NO_PFN;

		for (uint32_t pfn = pcp->lists[i].head; pfn != KMR_NO_PFN;) {
			const struct kmr_frame *f = kmr_frame(c->b, pfn);

			if (f->state != KMR_FS_PCP || f->order != order || f->pindex != i ||
			    f->prev != prev)
				return kmr_fail(c->err,
						"zone %u: frame %u on list %u of CPU %u is of "
						"state %u, order %u, or badly linked",
						z->index, pfn, i, cpu, f->state, f->order);
			if (see_block(c, z, pfn, order, "a per-CPU list"))
				return -1;
			pages += UINT64_C(1) << order;
			prev = pfn;
			if (follow(c, z, &pfn))
				return -1;
		}
		if (pcp->lists[i].tail != prev)
			return kmr_fail(c->err, "zone %u: list %u of CPU %u has a wrong tail",
					z->index, i, cpu);
	}
	if (pages != pcp->count)
		return kmr_fail(c->err, "zone %u: CPU %u has %llu pages on its lists, counted %u",
				z->index, cpu, (unsigned long long)pages, pcp->count);
	return 0;
}

static int check_pageblocks(const struct checker *c, const struct kmr_zone *z)
{
	uint32_t isolated = 0;

	for (uint32_t k = 0; k < z->nr_blocks; k++) {
		const uint32_t pfn = (z->first_block + k) << c->b->pageblock_order;

		if (z->pageblocks[k] >= KMR_MIGRATE_TYPES)
			return kmr_fail(c->err, "zone %u: pageblock %u is of type %u", z->index, k,
					z->pageblocks[k]);
		if (z->pageblocks[k] == KMR_MIGRATE_ISOLATE)
			isolated += kmr_zone_of(c->b, pfn < z->start ? z->start : pfn) == z;
	}
	if (isolated != z->nr_isolate)
		return kmr_fail(c->err, "zone %u: %u isolated pageblocks, counted %u", z->index,
				isolated, z->nr_isolate);
	return 0;
}

static int check_zone(const struct checker *c, const struct kmr_zone *z)
{
	uint64_t free_pages = 0, free_cma = 0, free_highatomic = 0;
	int64_t lag = 0;

	for (unsigned int o = 0; o < c->b->nr_orders; o++)
		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++) {
			if (check_free_list(c, z, o, t))
				return -1;
			if (t != KMR_MIGRATE_ISOLATE)
				free_pages += (uint64_t)z->nr_free[o][t] << o;
			if (t == KMR_MIGRATE_CMA)
				free_cma += (uint64_t)z->nr_free[o][t] << o;
			if (t == KMR_MIGRATE_HIGHATOMIC)
				free_highatomic += (uint64_t)z->nr_free[o][t] << o;
		}
	if (free_highatomic != z->free_highatomic)
		return kmr_fail(c->err,
				"zone %u: %llu pages of its high-atomic reserve are free, "
				"counted %llu",
				z->index, (unsigned long long)free_highatomic,
				(unsigned long long)z->free_highatomic);
	if (free_pages != z->free_pages || free_cma != z->free_cma)
		return kmr_fail(
			c->err,
			"zone %u: %llu pages on its free lists (%llu CMA), counted %llu (%llu)",
			z->index, (unsigned long long)free_pages, (unsigned long long)free_cma,
			(unsigned long long)z->free_pages, (unsigned long long)z->free_cma);
	for (unsigned int cpu = 0; cpu < c->b->nr_cpus; cpu++) {
		if (check_pcp(c, z, cpu))
			return -1;
		lag += z->pcp[cpu].stat_diff;
	}
	if (lag != z->stat_lag)
		return kmr_fail(c->err, "zone %u: its CPUs hold back %lld free pages, counted %lld",
				z->index, (long long)lag, (long long)z->stat_lag);
	return check_pageblocks(c, z);
}

int kmr_linux_check(const struct kmr_page_backend *b, struct kmr_error *err)
{
	const size_t words = b->bits_bytes / sizeof(*b->bits);
	struct checker c = { b, err, calloc(words, sizeof(*c.seen)) };
	int ret = 0;

	if (!c.seen)
		return kmr_fail_nomem(err, "the check of the page backend");
	for (unsigned int i = 0; i < b->nr_zones && !ret; i++)
		ret = check_zone(&c, &b->zones[i]);
	if (!ret)
		ret = kmr_bits_check(b->bits, c.seen, words, err);
	free(c.seen);
	if (!ret)
		ret = kmr_cma_check(b, err);
	if (!ret)
		ret = kmr_hotplug_check(b, err);
	return ret ? ret : kmr_huge_check(b, err);
}
