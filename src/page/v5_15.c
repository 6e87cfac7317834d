// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Linux 5.15 does otherwise than 6.1, all of it in mm/page_alloc.c: per-CPU lists have the
 * orders of 6.1 (since 5.13), but are drained in turns, without a limit to the batch, and with
 * interrupts disabled; rights to reserves go by __GFP_ATOMIC.
 *
 * Not here: among nodes at equal distance 5.15 spreads fallbacks in another order
 * (find_next_best_node() has accumulated its load since 5.16); machine/ knows one order only.
 */
#include "page/linux.h"

/* nr_pcp_free(): doubles as long as nothing is allocated, up to all but a batch. */
static uint32_t nr_free(struct kmr_pcp *pcp, uint32_t high)
{
	const uint32_t min = pcp->batch;
	uint64_t batch = pcp->batch;
	uint32_t max;

	if (high < pcp->batch)
		return 1;
	max = high - pcp->batch;
	batch <<= pcp->free_factor;
	/* at 2^32 pages it is above any limit */
	if (batch < max && pcp->free_factor < 32)
		pcp->free_factor++;
	if (batch < min)
		batch = min;
	return batch > max ? max : (uint32_t)batch;
}

/*
 * free_unref_page_commit(): high orders stay on the lists as others do, free_high came with 5.18.
 * While the zone is reclaimed from, four batches are enough (nr_pcp_high()).
 */
static uint32_t freed(const struct kmr_linux_rules *rules, const struct kmr_zone *z,
		      struct kmr_pcp *pcp, unsigned int order)
{
	uint32_t high = pcp->high;

	(void)rules;
	(void)order;
	if (z->reclaim_active && (uint64_t)pcp->batch << 2 < high)
		high = pcp->batch << 2;
	return pcp->count >= high ? nr_free(pcp, high) : 0;
}

/*
 * free_pcppages_bulk(): one block from each list in turn; the next list that has any gives as many
 * as there were empty ones on the way, and itself, so that fuller lists give more.
 */
static void free_bulk(struct kmr_page_backend *b, struct kmr_zone *z, unsigned int cpu,
		      uint32_t count, unsigned int pindex)
{
	const struct kmr_pcp *pcp = &z->pcp[cpu];
	const unsigned int nr_lists = b->thp ? kmr_nr_pcp_lists(b) : (unsigned int)KMR_NR_LOW_LISTS;
	int64_t left = count < pcp->count ? count : pcp->count;
	uint64_t in_turn = 0;

	/* at the second list first, whatever list a page was just freed to */
	pindex = 0;
	while (left > 0) {
		do {
			in_turn++;
			pindex = pindex + 1 < nr_lists ? pindex + 1 : 0;
		} while (kmr_list_empty(&pcp->lists[pindex]));
		/* all others are empty */
		if (in_turn == nr_lists)
			in_turn = (uint64_t)left;
		do {
			left -= kmr_pcp_free_tail(b, z, cpu, pindex);
		} while (left > 0 && --in_turn && !kmr_list_empty(&pcp->lists[pindex]));
	}
}

/* gfp_to_alloc_flags(): __GFP_HIGH and __GFP_ATOMIC each give a right of their own. */
static unsigned int slowpath_flags(const struct kmr_page_request *req)
{
	unsigned int flags = req->gfp & KMR_GFP_HIGH ? KMR_ALLOC_MIN_RESERVE : 0;

	if ((req->gfp & KMR_GFP_ATOMIC) && !(req->gfp & KMR_GFP_NOMEMALLOC))
		flags |= KMR_ALLOC_HARDER;
	return flags;
}

const struct kmr_linux_rules kmr_rules_5_15 = {
	.fallbacks = {
		[KMR_MIGRATE_UNMOVABLE] = { KMR_MIGRATE_RECLAIMABLE, KMR_MIGRATE_MOVABLE },
		[KMR_MIGRATE_MOVABLE] = { KMR_MIGRATE_RECLAIMABLE, KMR_MIGRATE_UNMOVABLE },
		[KMR_MIGRATE_RECLAIMABLE] = { KMR_MIGRATE_UNMOVABLE, KMR_MIGRATE_MOVABLE },
	},
	.cma_skips_pcp = true,
	.rmqueue = kmr_rmqueue_stealing,
	.pcp_freed = freed,
	.pcp_refill = kmr_pcp_refill_6_1,
	.pcp_free_bulk = free_bulk,
	.thp_lists = KMR_MIGRATE_PCPTYPES,
	.pcp_irqs_off = true,
	.pcp_only = true,
	.highatomic_merges = true,
	.slowpath_flags = slowpath_flags,
	.nofail_flags = KMR_ALLOC_HARDER,
	.reserve_flags = KMR_ALLOC_HARDER | KMR_ALLOC_OOM,
};
