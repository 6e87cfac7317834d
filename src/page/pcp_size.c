// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many pages the per-CPU lists hold, and how many go at once to and from the free lists.
 *
 * 6.1 has a fixed limit and frees twice as much each time nothing was allocated in between.  Since
 * 6.7 the limit moves: up when a CPU allocates or frees in long runs, down when memory is short and
 * once a second; and refills double as long as nothing is freed.  Behaviour: nr_pcp_high(),
 * nr_pcp_free(), nr_pcp_alloc(), free_unref_page_commit(), decay_pcp_high() in mm/page_alloc.c.
 */
#include "page/linux.h"

static uint32_t lower(uint64_t x, uint64_t y)
{
	return (uint32_t)(x < y ? x : y);
}

static uint32_t higher(int64_t x, uint32_t y)
{
	return x > (int64_t)y ? (uint32_t)x : y;
}

/* 6.1 nr_pcp_free(): twice as many each time nothing was allocated in between. */
static uint32_t nr_free_6_1(const struct kmr_linux_rules *rules, struct kmr_pcp *pcp, uint32_t high,
			    bool free_high)
{
	const uint32_t min = pcp->batch;
	uint64_t batch = pcp->batch;
	uint32_t max;

	if (free_high)
		return pcp->count;
	if (high < pcp->batch)
		return 1;
	max = high - pcp->batch;
	batch <<= pcp->free_factor;
	if (batch < max && pcp->free_factor < rules->batch_scale_max)
		pcp->free_factor++;
	/* clamp(): the lower bound first, then the upper */
	if (batch < min)
		batch = min;
	return lower(batch, max);
}

/* 6.1 nr_pcp_high() */
static uint32_t high_6_1(const struct kmr_pcp *pcp, const struct kmr_zone *z, bool free_high)
{
	if (!pcp->high || free_high)
		return 0;
	if (!z->reclaim_active)
		return pcp->high;
	return lower((uint64_t)pcp->batch << 2, pcp->high);
}

uint32_t kmr_pcp_freed_6_1(const struct kmr_linux_rules *rules, const struct kmr_zone *z,
			   struct kmr_pcp *pcp, unsigned int order)
{
	const bool free_high = pcp->free_factor && order && order <= KMR_COSTLY_ORDER;
	const uint32_t high = high_6_1(pcp, z, free_high);

	return pcp->count >= high ? nr_free_6_1(rules, pcp, high, free_high) : 0;
}

uint32_t kmr_pcp_refill_6_1(const struct kmr_linux_rules *rules, const struct kmr_zone *z,
			    struct kmr_pcp *pcp, unsigned int order)
{
	(void)rules;
	(void)z;
	if (pcp->batch <= 1)
		return pcp->batch;
	return pcp->batch >> order > 2 ? pcp->batch >> order : 2;
}

/* The limit, brought between what it may be; clamp(): the upper bound counts more. */
static void limit_high(struct kmr_pcp *pcp)
{
	if (pcp->high >= pcp->high_max)
		pcp->high = pcp->high_max;
	else if (pcp->high < pcp->high_min)
		pcp->high = pcp->high_min;
}

/* Frees have made the lists of a zone that is short of memory too long. */
static void lower_high(struct kmr_pcp *pcp)
{
	const uint32_t pages = pcp->free_count > pcp->batch ? pcp->free_count : pcp->batch;

	pcp->high = higher((int64_t)pcp->high - pages, pcp->high_min);
}

/* 6.12 nr_pcp_high() */
static uint32_t high_6_12(const struct kmr_linux_rules *rules, struct kmr_pcp *pcp,
			  const struct kmr_zone *z, bool free_high)
{
	uint32_t high;

	limit_high(pcp);
	high = pcp->high;
	if (!high)
		return 0;
	if (free_high) {
		pcp->high = higher((int64_t)high - ((int64_t)pcp->batch << rules->batch_scale_max),
				   pcp->high_min);
		return 0;
	}
	if (z->reclaim_active) {
		lower_high(pcp);
		return lower((uint64_t)pcp->batch << 2, pcp->high);
	}
	if (pcp->high_min == pcp->high_max)
		return high;
	if (z->below_high) {
		lower_high(pcp);
		return pcp->count > pcp->high_min ? pcp->count : pcp->high_min;
	}
	if (pcp->count >= high && pcp->high < (uint64_t)pcp->free_count + pcp->batch) {
		pcp->high = lower((uint64_t)pcp->free_count + pcp->batch, pcp->high_max);
		if (pcp->high < pcp->high_min)
			pcp->high = pcp->high_min;
	}
	return high;
}

/* 6.12 nr_pcp_free(): what was freed in a row, leaving at least a batch */
static uint32_t nr_free_6_12(const struct kmr_linux_rules *rules, const struct kmr_pcp *pcp,
			     uint32_t high, bool free_high)
{
	if (free_high)
		return lower(pcp->count, (uint64_t)pcp->batch << rules->batch_scale_max);
	if (high < pcp->batch)
		return 1;
	/* clamp(): the upper bound is looked at first */
	if (pcp->free_count >= high - pcp->batch)
		return high - pcp->batch;
	return pcp->free_count > pcp->batch ? pcp->free_count : pcp->batch;
}

uint32_t kmr_pcp_freed_6_12(const struct kmr_linux_rules *rules, const struct kmr_zone *z,
			    struct kmr_pcp *pcp, unsigned int order)
{
	bool free_high = false;
	uint32_t high;

	pcp->alloc_factor >>= 1;
	if (order && order <= KMR_COSTLY_ORDER) {
		free_high = pcp->free_count >= pcp->batch &&
			    (pcp->flags & KMR_PCPF_PREV_FREE_HIGH_ORDER) &&
			    (!(pcp->flags & KMR_PCPF_FREE_HIGH_BATCH) || pcp->count >= pcp->batch);
		pcp->flags |= KMR_PCPF_PREV_FREE_HIGH_ORDER;
	} else {
		pcp->flags &= (uint8_t)~KMR_PCPF_PREV_FREE_HIGH_ORDER;
	}
	if (pcp->free_count < (uint64_t)pcp->batch << rules->batch_scale_max)
		pcp->free_count += 1u << order;
	high = high_6_12(rules, pcp, z, free_high);
	return pcp->count >= high ? nr_free_6_12(rules, pcp, high, free_high) : 0;
}

uint32_t kmr_pcp_refill_6_12(const struct kmr_linux_rules *rules, const struct kmr_zone *z,
			     struct kmr_pcp *pcp, unsigned int order)
{
	uint64_t batch = pcp->batch;
	uint32_t blocks;

	limit_high(pcp);
	if (pcp->high < pcp->batch)
		return 1;
	if (!order)
		batch <<= pcp->alloc_factor;
	/* with a larger limit it might not have come to this */
	if (pcp->high_min != pcp->high_max && !z->below_high)
		pcp->high = lower(pcp->high + batch, pcp->high_max);
	if (!order) {
		const uint32_t most =
			higher((int64_t)pcp->high - pcp->count - pcp->batch, pcp->batch);

		if (batch <= most && pcp->alloc_factor < rules->batch_scale_max)
			pcp->alloc_factor++;
		batch = lower(batch, most);
	}
	blocks = (uint32_t)batch;
	if (blocks > 1)
		blocks = blocks >> order > 2 ? blocks >> order : 2;
	return blocks;
}

/* decay_pcp_high(): the limit; the caller frees what is over it */
void kmr_pcp_decay(const struct kmr_linux_rules *rules, struct kmr_pcp *pcp)
{
	const int64_t most = (int64_t)pcp->count - ((int64_t)pcp->batch << rules->batch_scale_max);

	if (pcp->high <= pcp->high_min)
		return;
	pcp->high = higher(most, higher((int64_t)pcp->high - (pcp->high >> 3), pcp->high_min));
}
