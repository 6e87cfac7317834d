// SPDX-License-Identifier: GPL-2.0-only
/*
 * One pass over a node's lists, and direct reclaim.  Behaviour: shrink_node(), prepare_scan_count(),
 * get_scan_count(), shrink_active_list(), shrink_inactive_list(), do_try_to_free_pages() in
 * mm/vmscan.c.
 *
 * What is not known of a trace counts as 0 here: references, refaults, and the cost of either kind
 * of memory, so that swappiness alone weighs them against each other.
 */
#include "reclaim/reclaim.h"

/* compact_gap() */
static uint64_t compact_gap(unsigned int order)
{
	return UINT64_C(2) << order;
}

static uint64_t int_sqrt(uint64_t x)
{
	uint64_t root = 0;

	while ((root + 1) * (root + 1) <= x)
		root++;
	return root;
}

/* inactive_is_low(): more is to be kept back from reclaim, the less memory there is */
static bool inactive_is_low(const struct kmr_reclaim *r, unsigned int node, unsigned int kind)
{
	const uint64_t inactive = kmr_lru_size(r, node, 2 * kind, KMR_ZONE_NR_TYPES);
	const uint64_t active = kmr_lru_size(r, node, 2 * kind + 1, KMR_ZONE_NR_TYPES);
	const uint64_t gb = (inactive + active) >> (30 - r->machine->page_shift);

	return inactive * (gb ? int_sqrt(10 * gb) : 1) < active;
}

void kmr_count_scan(struct kmr_reclaim *r, const struct kmr_scan *sc, uint64_t scanned,
		    uint64_t reclaimed)
{
	if (sc->kswapd) {
		r->stats.pgscan_kswapd += scanned;
		r->stats.pgsteal_kswapd += reclaimed;
	} else {
		r->stats.pgscan_direct += scanned;
		r->stats.pgsteal_direct += reclaimed;
	}
}

/* A page that was written to waits for its writer once, if the flusher has not been there. */
static bool still_dirty(struct kmr_reclaim *r, uint32_t pfn)
{
	if (!(r->frames[pfn].flags & KMR_LRU_DIRTY))
		return false;
	r->dirty_sum += r->dirty;
	if (r->dirty_sum < 100)
		return false;
	r->dirty_sum -= 100;
	return true;
}

uint64_t kmr_shrink_list(struct kmr_reclaim *r, unsigned int list, const uint32_t *pfns,
			 unsigned int count, const struct kmr_scan *sc)
{
	const bool file = kmr_lru_kind(r, list) == KMR_LRU_FILE;
	uint32_t gone[KMR_SWAP_CLUSTER_MAX];
	unsigned int nr_gone = 0;
	uint64_t pages = 0;

	for (unsigned int i = 0; i < count; i++) {
		const struct kmr_lru_frame *f = &r->frames[pfns[i]];
		const uint64_t size = UINT64_C(1) << f->order;
		const bool dirty = still_dirty(r, pfns[i]);

		if (dirty || (!file && r->swap_free < size)) {
			r->stats.pgrotated += dirty ? size : 0;
			kmr_lru_put(r, pfns[i], f->order, list, 0, false);
			continue;
		}
		if (!file) {
			r->swap_free -= size;
			r->stats.pswpout += size;
		}
		pages += size;
		gone[nr_gone++] = pfns[i];
	}
	/* collected on a list, freed from its head */
	while (nr_gone--) {
		const uint32_t pfn = gone[nr_gone];
		const unsigned int order = r->frames[pfn].order;

		r->observer.reclaimed(r->observer.ctx, pfn, order);
		(void)r->ops->free(r->b, pfn, order, sc->cpu);
	}
	if (file)
		r->stats.pgsteal_file += pages;
	else
		r->stats.pgsteal_anon += pages;
	return pages;
}

static uint64_t shrink_inactive_list(struct kmr_reclaim *r, unsigned int node, unsigned int list,
				     unsigned int want, struct kmr_scan *sc)
{
	uint32_t pfns[KMR_SWAP_CLUSTER_MAX];
	uint64_t scanned, pages;
	const unsigned int count =
		kmr_lru_isolate(r, node, list, want, sc->highest, pfns, &scanned);

	for (unsigned int i = 0; i < count; i++)
		sc->taken += UINT64_C(1) << r->frames[pfns[i]].order;
	pages = kmr_shrink_list(r, list, pfns, count, sc);
	sc->scanned += scanned;
	kmr_count_scan(r, sc, scanned, pages);
	return pages;
}

static void shrink_active_list(struct kmr_reclaim *r, unsigned int node, unsigned int list,
			       unsigned int want, const struct kmr_scan *sc)
{
	uint32_t pfns[KMR_SWAP_CLUSTER_MAX];
	uint64_t scanned;
	const unsigned int count =
		kmr_lru_isolate(r, node, list, want, sc->highest, pfns, &scanned);

	r->stats.pgrefill += scanned;
	for (unsigned int i = 0; i < count; i++) {
		const struct kmr_lru_frame *f = &r->frames[pfns[i]];

		r->stats.pgdeactivate += UINT64_C(1) << f->order;
		kmr_lru_put(r, pfns[i], f->order, list - 1, f->flags, false);
	}
}

/* What prepare_scan_count() finds out for get_scan_count(). */
struct balance {
	bool file_is_tiny;
	bool cache_trim;
};

static struct balance prepare_scan_count(const struct kmr_reclaim *r, unsigned int node,
					 struct kmr_scan *sc)
{
	uint64_t file = kmr_lru_size(r, node, KMR_LRU_INACTIVE_FILE, KMR_ZONE_NR_TYPES);
	const uint64_t anon = kmr_lru_size(r, node, KMR_LRU_INACTIVE_ANON, KMR_ZONE_NR_TYPES);
	uint64_t high = 0, free_pages = 0;
	struct balance bal;

	for (unsigned int kind = 0; kind < 2; kind++)
		sc->deactivate[kind] = sc->force_deactivate || inactive_is_low(r, node, kind);
	bal.cache_trim = file >> sc->priority && !sc->deactivate[KMR_LRU_FILE];
	file += kmr_lru_size(r, node, KMR_LRU_ACTIVE_FILE, KMR_ZONE_NR_TYPES);
	for (unsigned int i = 0; i < r->b->nr_zones; i++) {
		const struct kmr_zone *z = &r->b->zones[i];

		if (!kmr_zone_counts(z, node, KMR_ZONE_NR_TYPES))
			continue;
		free_pages += z->free_pages;
		high += z->wmark[KMR_ALLOC_WMARK_HIGH] + z->boost;
	}
	bal.file_is_tiny =
		file + free_pages <= high && !sc->deactivate[KMR_LRU_ANON] && anon >> sc->priority;
	return bal;
}

enum scan_balance {
	SCAN_EQUAL,
	SCAN_FRACT,
	SCAN_ANON,
	SCAN_FILE,
};

/* Which kind is looked at: both alike, by swappiness, or one of them. */
static enum scan_balance balance_of(const struct kmr_reclaim *r, const struct kmr_scan *sc,
				    const struct balance *bal)
{
	if (!sc->may_swap || !kmr_can_swap(r))
		return SCAN_FILE;
	if (!sc->priority && r->swappiness)
		return SCAN_EQUAL;
	if (bal->file_is_tiny)
		return SCAN_ANON;
	return bal->cache_trim ? SCAN_FILE : SCAN_FRACT;
}

/* get_scan_count(): pages to look at in each list; with no costs known, swappiness weighs them */
static void get_scan_count(const struct kmr_reclaim *r, unsigned int node,
			   const struct kmr_scan *sc, const struct balance *bal, uint64_t nr[4])
{
	const uint64_t weights[][2] = {
		[SCAN_EQUAL] = { 200, 200 },
		[SCAN_FRACT] = { r->swappiness, 200 - r->swappiness },
		[SCAN_ANON] = { 200, 0 },
		[SCAN_FILE] = { 0, 200 },
	};
	const uint64_t *weight = weights[balance_of(r, sc, bal)];

	for (unsigned int list = 0; list < 4; list++)
		nr[list] = (kmr_lru_size(r, node, list, sc->highest) >> sc->priority) *
			   weight[list >> 1] / 200;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* Enough is reclaimed: the smaller kind is done with, the larger scanned as far as that one was. */
static bool in_proportion(uint64_t nr[4], const uint64_t target[4])
{
	const uint64_t anon = nr[0] + nr[1], file = nr[2] + nr[3];
	unsigned int small, large;
	uint64_t percent;

	if (!anon || !file)
		return false;
	small = file > anon ? 0 : 2;
	large = 2 - small;
	percent = (nr[small] + nr[small + 1]) * 100 / (target[small] + target[small + 1] + 1);
	nr[small] = 0;
	nr[small + 1] = 0;
	for (unsigned int list = large; list < large + 2; list++)
		nr[list] = less(target[list] * (100 - percent) / 100, target[list] - nr[list]);
	return true;
}

static uint64_t shrink_list(struct kmr_reclaim *r, unsigned int node, unsigned int list,
			    unsigned int want, struct kmr_scan *sc)
{
	if (!(list & 1u))
		return shrink_inactive_list(r, node, list, want, sc);
	if (sc->deactivate[list >> 1])
		shrink_active_list(r, node, list, want, sc);
	else
		sc->skipped_deactivate = true;
	return 0;
}

/* shrink_lruvec() */
static void shrink_lists(struct kmr_reclaim *r, unsigned int node, struct kmr_scan *sc)
{
	const bool whole_batch = !sc->kswapd && sc->priority == KMR_DEF_PRIORITY;
	const struct balance bal = prepare_scan_count(r, node, sc);
	uint64_t nr[4], target[4], reclaimed = 0;

	get_scan_count(r, node, sc, &bal, nr);
	for (unsigned int list = 0; list < 4; list++)
		target[list] = nr[list];
	while (nr[KMR_LRU_INACTIVE_ANON] || nr[KMR_LRU_ACTIVE_FILE] || nr[KMR_LRU_INACTIVE_FILE]) {
		for (unsigned int list = 0; list < 4; list++) {
			const unsigned int want = nr[list] < KMR_SWAP_CLUSTER_MAX
							  ? (unsigned int)nr[list]
							  : KMR_SWAP_CLUSTER_MAX;

			if (!want)
				continue;
			nr[list] -= want;
			reclaimed += shrink_list(r, node, list, want, sc);
		}
		if (reclaimed >= sc->to_reclaim && !whole_batch && !in_proportion(nr, target))
			break;
	}
	sc->reclaimed += reclaimed;
	if (kmr_can_swap(r) && inactive_is_low(r, node, KMR_LRU_ANON))
		shrink_active_list(r, node, KMR_LRU_ACTIVE_ANON, KMR_SWAP_CLUSTER_MAX, sc);
}

/* should_continue_reclaim(): a large block may be compacted out of what has been freed, or soon */
static bool should_continue(const struct kmr_reclaim *r, unsigned int node, uint64_t reclaimed,
			    const struct kmr_scan *sc)
{
	uint64_t inactive = 0;

	if (!sc->order || (sc->order <= KMR_COSTLY_ORDER && sc->priority >= KMR_DEF_PRIORITY - 2) ||
	    !reclaimed)
		return false;
	for (unsigned int i = 0; i < r->b->nr_zones; i++) {
		const struct kmr_zone *z = &r->b->zones[i];

		if (kmr_zone_counts(z, node, sc->highest) &&
		    kmr_compaction_suitable(r, z, (int)sc->order, 0, sc->highest) >=
			    KMR_COMPACT_CONTINUE)
			return false;
	}
	for (unsigned int list = 0; list < KMR_LRU_LISTS; list++)
		if ((r->generations || !(list & 1u)) &&
		    (kmr_lru_kind(r, list) == KMR_LRU_FILE || kmr_can_swap(r)))
			inactive += kmr_lru_size(r, node, list, KMR_ZONE_NR_TYPES);
	return inactive > compact_gap(sc->order);
}

void kmr_shrink_node(struct kmr_reclaim *r, unsigned int node, struct kmr_scan *sc)
{
	bool reclaimable = false;
	uint64_t before;

	do {
		before = sc->reclaimed;
		if (r->generations)
			kmr_gen_shrink(r, node, sc);
		else
			shrink_lists(r, node, sc);
		reclaimable |= sc->reclaimed != before;
	} while (should_continue(r, node, sc->reclaimed - before, sc));
	/* a dormant kswapd has something to do again */
	if (reclaimable)
		r->nodes[node].kswapd.failures = 0;
}

/* compaction_ready(): there is enough free memory for compaction and those who are in its way */
static bool compaction_ready(const struct kmr_reclaim *r, const struct kmr_zone *z,
			     const struct kmr_scan *sc)
{
	const enum kmr_compact_result suitable =
		kmr_compaction_suitable(r, z, (int)sc->order, 0, sc->highest);

	if (suitable == KMR_COMPACT_SUCCESS)
		return true;
	if (suitable == KMR_COMPACT_SKIPPED)
		return false;
	return kmr_watermark_ok_with(
		r->b, z, 0, z->wmark[KMR_ALLOC_WMARK_HIGH] + z->boost + compact_gap(sc->order),
		sc->highest, 0, (int64_t)z->free_pages);
}

static void shrink_zones(struct kmr_reclaim *r, const uint16_t *zonelist, struct kmr_scan *sc)
{
	int last = -1;

	for (; *zonelist != UINT16_MAX; zonelist++) {
		const struct kmr_zone *z = &r->b->zones[*zonelist];

		if (sc->order > KMR_COSTLY_ORDER && compaction_ready(r, z, sc)) {
			sc->compaction_ready = true;
			continue;
		}
		if (z->node == last)
			continue;
		last = z->node;
		kmr_shrink_node(r, z->node, sc);
	}
}

/* One go from the lightest to the heaviest pressure. */
static void try_to_free(struct kmr_reclaim *r, const uint16_t *zonelist, struct kmr_scan *sc)
{
	r->stats.allocstall++;
	for (sc->priority = KMR_DEF_PRIORITY; sc->priority >= 0; sc->priority--) {
		sc->scanned = 0;
		shrink_zones(r, zonelist, sc);
		if (sc->reclaimed >= sc->to_reclaim || sc->compaction_ready)
			break;
	}
}

uint64_t kmr_direct_reclaim(void *ctx, const struct kmr_page_request *req, const uint16_t *zonelist,
			    unsigned int highest)
{
	struct kmr_reclaim *r = ctx;
	struct kmr_scan sc = {
		.to_reclaim = KMR_SWAP_CLUSTER_MAX,
		.gfp = req->gfp,
		.cpu = req->cpu,
		.order = req->order,
		.highest = highest,
		.may_swap = true,
	};

	try_to_free(r, zonelist, &sc);
	if (!sc.reclaimed && !sc.compaction_ready && sc.skipped_deactivate) {
		sc.force_deactivate = true;
		try_to_free(r, zonelist, &sc);
	}
	/* other CPUs do not wait for it */
	if (r->machine->nr_cpus > 1) {
		r->ahead += sc.taken * r->page_ns;
		kmr_run_daemons(r, r->now + sc.taken * r->page_ns);
	}
	return sc.reclaimed ? sc.reclaimed : sc.compaction_ready;
}

#define NODE_RECLAIM_PRIORITY 4
#define MIN_UNMAPPED_PERCENT  1 /* sysctl_min_unmapped_ratio */

/* node_pagecache_reclaimable(), as if no file were mapped: which are is not known */
static uint64_t file_pages(const struct kmr_reclaim *r, unsigned int node)
{
	uint64_t pages = 0;

	for (unsigned int list = 0; list < KMR_LRU_LISTS; list++)
		if (kmr_lru_kind(r, list) == KMR_LRU_FILE)
			pages += kmr_lru_size(r, node, list, KMR_ZONE_NR_TYPES);
	return pages;
}

uint64_t kmr_node_reclaim(void *ctx, const struct kmr_page_request *req, unsigned int node,
			  unsigned int highest, bool unmap)
{
	struct kmr_reclaim *r = ctx;
	const uint64_t wanted = UINT64_C(1) << req->order;
	struct kmr_scan sc = {
		.to_reclaim = wanted > KMR_SWAP_CLUSTER_MAX ? wanted : KMR_SWAP_CLUSTER_MAX,
		.gfp = req->gfp,
		.cpu = req->cpu,
		.order = req->order,
		.highest = highest,
		/* anonymous memory is mapped */
		.may_swap = unmap,
	};
	uint64_t managed = 0;

	for (unsigned int i = 0; i < r->b->nr_zones; i++)
		if (r->b->zones[i].node == node)
			managed += r->b->zones[i].managed;
	if (file_pages(r, node) <= managed * MIN_UNMAPPED_PERCENT / 100)
		return 0;
	for (sc.priority = NODE_RECLAIM_PRIORITY; sc.priority >= 0; sc.priority--) {
		kmr_shrink_node(r, node, &sc);
		if (sc.reclaimed >= sc.to_reclaim)
			break;
	}
	return sc.reclaimed;
}
