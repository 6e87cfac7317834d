// SPDX-License-Identifier: GPL-2.0-only
/*
 * Migration: what is in a used block goes to another block, chosen like any movable request's, and
 * the old one is freed into its isolated pageblock.  Behaviour: migrate_pages(),
 * alloc_migration_target() in mm/migrate.c, isolate_migratepages_block() in mm/compaction.c.
 */
#include "page/contig.h"

#define CLUSTER 32u /* pages that are collected before they are moved: COMPACT_CLUSTER_MAX */

#define GFP_TARGET (KMR_GFP_USER | KMR_GFP_MOVABLE | KMR_GFP_RETRY_MAYFAIL)
#define GFP_TRANSHUGE \
	(KMR_GFP_HIGHUSER | KMR_GFP_MOVABLE | KMR_GFP_COMP | KMR_GFP_NOMEMALLOC | KMR_GFP_NOWARN)

struct migration {
	struct kmr_page_backend *b;
	const struct kmr_zone *zone; /* where the blocks are */
	unsigned int cpu;
	bool elsewhere; /* to other nodes, as long as there are any */
};

static bool is_movable(const struct kmr_page_backend *b, uint32_t pfn)
{
	return b->bits[pfn >> 6].movable >> (pfn & 63u) & 1;
}

/* alloc_migration_target() */
static uint32_t alloc_target(const struct migration *m, unsigned int order)
{
	struct kmr_page_backend *b = m->b;
	struct kmr_page_request req = { .gfp = GFP_TARGET,
					.order = (uint8_t)order,
					.node = (uint8_t)m->zone->node,
					.cpu = (uint16_t)m->cpu };
	uint16_t others[KMR_MAX_ZONES + 1];
	unsigned int highest, n = 0;

	if (order)
		req.gfp = (req.gfp & ~(uint32_t)KMR_GFP_RECLAIM) | GFP_TRANSHUGE |
			  KMR_GFP_DIRECT_RECLAIM;
	if (m->zone->type == KMR_ZONE_HIGHMEM || m->zone->type == KMR_ZONE_MOVABLE)
		req.gfp |= KMR_GFP_HIGHMEM;
	highest = kmr_gfp_zone(b, req.gfp);
	if (m->elsewhere)
		for (const uint16_t *z = kmr_zonelist(b, req.node, highest); *z != UINT16_MAX; z++)
			if (b->zones[*z].node != req.node)
				others[n++] = *z;
	others[n] = UINT16_MAX;
	return n ? kmr_alloc_from(b, &req, others, highest) : kmr_linux_alloc(b, &req);
}

static int move_block(const struct migration *m, uint32_t from, unsigned int order)
{
	struct kmr_page_backend *b = m->b;
	const uint32_t to = alloc_target(m, order);

	if (to == KMR_NO_PFN)
		return -1;
	b->contig->work.blocks_migrated++;
	b->contig->work.pages_migrated += UINT64_C(1) << order;
	if (b->observer && b->observer->migrated)
		b->observer->migrated(b->observer->ctx, from, to, order);
	(void)kmr_linux_free(b, from, order, m->cpu);
	return 0;
}

/* A block that has no room in one piece moves page by page, as a huge page is split for it. */
static int migrate_block(const struct migration *m, uint32_t pfn, unsigned int order)
{
	struct kmr_page_backend *b = m->b;
	const uint32_t end = pfn + (1u << order);

	if (!move_block(m, pfn, order))
		return 0;
	if (order) {
		b->contig->work.blocks_split++;
		for (uint32_t p = pfn; p < end; p++)
			kmr_frame(b, p)->order = 0;
		while (pfn < end && !move_block(m, pfn, 0))
			pfn++;
		if (pfn == end)
			return 0;
	}
	b->contig->work.migrate_failures++;
	return -1;
}

struct cluster {
	unsigned int count;
	uint32_t pages;
	uint32_t pfns[CLUSTER];
	uint8_t orders[CLUSTER];
};

/*
 * Collects blocks to move from *pfn on, at most to @end, until there are enough; *pfn is the
 * beginning of a block or within a free one.  -1: a page of the pool of huge pages is in the way,
 * and there is no other (isolate_or_dissolve_huge_page()).
 */
static int collect(const struct migration *m, uint32_t *pfn, uint32_t end, struct cluster *c)
{
	const struct kmr_page_backend *b = m->b;

	c->count = 0;
	c->pages = 0;
	while (*pfn < end && c->pages < CLUSTER) {
		const unsigned int order = kmr_block_order(b, *pfn);

		if (kmr_frame(b, *pfn)->state == KMR_FS_HUGE) {
			if (kmr_huge_replace(m->b, *pfn, m->cpu))
				return -1;
		} else if (!kmr_bit_free(b->bits, *pfn) && is_movable(b, *pfn)) {
			c->pfns[c->count] = *pfn;
			c->orders[c->count++] = (uint8_t)order;
			c->pages += 1u << order;
		}
		*pfn += 1u << order;
	}
	return 0;
}

enum kmr_range_result kmr_migrate_for_contig(struct kmr_page_backend *b, const struct kmr_zone *z,
					     uint32_t start, uint32_t end, unsigned int cpu)
{
	const struct migration m = { b, z, cpu, false };
	struct cluster c;
	unsigned int order;
	uint32_t pfn = kmr_block_of(b, start, &order);

	/* there is no getting hold of a block by one of its tail pages */
	if (pfn < start && kmr_frame(b, pfn)->state != KMR_FS_HUGE)
		pfn += 1u << order;
	while (pfn < end) {
		if (collect(&m, &pfn, end, &c))
			return KMR_RANGE_NO_ROOM;
		/* each is put before those that were collected already */
		while (c.count--)
			if (migrate_block(&m, c.pfns[c.count], c.orders[c.count]))
				return KMR_RANGE_NO_ROOM;
	}
	return KMR_RANGE_DONE;
}

enum kmr_range_result kmr_migrate_for_offline(struct kmr_page_backend *b, const struct kmr_zone *z,
					      uint32_t start, uint32_t end, unsigned int cpu,
					      uint32_t *busy)
{
	const struct migration m = { b, z, cpu, true };
	unsigned int order;

	/* free pages of the pool are dissolved when all else is gone */
	for (uint32_t pfn = start; pfn < end; pfn += 1u << order) {
		order = kmr_block_order(b, pfn);
		if (kmr_bit_free(b->bits, pfn) || kmr_frame(b, pfn)->state == KMR_FS_HUGE ||
		    !is_movable(b, pfn))
			continue;
		if (migrate_block(&m, pfn, order)) {
			*busy = pfn;
			return KMR_RANGE_NO_ROOM;
		}
	}
	for (uint32_t pfn = start; pfn < end; pfn += 1u << order) {
		order = kmr_block_order(b, pfn);
		if (kmr_frame(b, pfn)->state == KMR_FS_HUGE)
			kmr_huge_dissolve(b, pfn, cpu);
	}
	return KMR_RANGE_DONE;
}
