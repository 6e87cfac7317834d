// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generations: what was used last is in the youngest, reclaim takes from the oldest, and when too
 * few are left a new one begins.  Behaviour: lru_gen_add_folio(), inc_max_seq(), evict_folios(),
 * get_nr_to_scan() in mm/vmscan.c and include/linux/mm_inline.h.
 *
 * What walks of page tables would find out is not known of a trace, so a page stays in its
 * generation.  Without refaults the kernel's controller prefers file pages where it has the choice.
 */
#include "reclaim/reclaim.h"

#define MAX_BATCH 64u /* MAX_LRU_BATCH of a 64-bit kernel */

unsigned int kmr_gen_for_new(const struct kmr_reclaim_node *n, unsigned int kind, bool active)
{
	return kmr_gen_list(active ? n->max_seq : n->min_seq[kind], kind);
}

static uint64_t gen_size(const struct kmr_reclaim *r, unsigned int node, uint64_t seq,
			 unsigned int kind)
{
	return kmr_lru_size(r, node, kmr_gen_list(seq, kind), KMR_ZONE_NR_TYPES);
}

/* The oldest generation of a kind is empty, or has to go: its blocks join the next one. */
static void inc_min_seq(struct kmr_reclaim *r, unsigned int node, unsigned int kind)
{
	struct kmr_reclaim_node *n = &r->nodes[node];
	const unsigned int from = kmr_gen_list(n->min_seq[kind], kind);
	const unsigned int to = kmr_gen_list(n->min_seq[kind] + 1, kind);

	while (!kmr_list_empty(&n->lists[from])) {
		/* youngest first, each before the last: behind all that is there */
		const uint32_t pfn = n->lists[from].head;
		const struct kmr_lru_frame f = r->frames[pfn];

		kmr_lru_del(r, pfn);
		kmr_lru_put(r, pfn, f.order, to, f.flags, true);
	}
	n->min_seq[kind]++;
}

/* Empty generations at the old end are nothing to reclaim from: try_to_inc_min_seq() */
static void skip_empty(struct kmr_reclaim *r, unsigned int node, unsigned int kind)
{
	struct kmr_reclaim_node *n = &r->nodes[node];

	while (n->min_seq[kind] + KMR_MIN_GENS <= n->max_seq &&
	       kmr_list_empty(&n->lists[kmr_gen_list(n->min_seq[kind], kind)]))
		n->min_seq[kind]++;
}

/* A new generation begins: inc_max_seq() */
static void age(struct kmr_reclaim *r, unsigned int node)
{
	struct kmr_reclaim_node *n = &r->nodes[node];

	for (unsigned int kind = 0; kind < 2; kind++)
		if (n->max_seq - n->min_seq[kind] + 1 == KMR_NR_GENS)
			inc_min_seq(r, node, kind);
	n->max_seq++;
}

/* Which kind to take from: the one that has aged further, else files */
static unsigned int kind_to_scan(const struct kmr_reclaim *r, const struct kmr_reclaim_node *n,
				 const struct kmr_scan *sc)
{
	if (!sc->may_swap || !kmr_can_swap(r) || !r->swappiness)
		return KMR_LRU_FILE;
	if (r->swappiness == 200)
		return KMR_LRU_ANON;
	return n->min_seq[KMR_LRU_ANON] < n->min_seq[KMR_LRU_FILE] ? KMR_LRU_ANON : KMR_LRU_FILE;
}

/* evict_folios(): pages scanned */
static uint64_t evict(struct kmr_reclaim *r, unsigned int node, unsigned int want,
		      struct kmr_scan *sc)
{
	struct kmr_reclaim_node *n = &r->nodes[node];
	const unsigned int first = kind_to_scan(r, n, sc);
	uint32_t pfns[KMR_SWAP_CLUSTER_MAX];

	for (unsigned int i = 0; i < 2; i++) {
		const unsigned int kind = i ? !first : first;
		unsigned int list, count;
		uint64_t scanned, pages;

		if (kind == KMR_LRU_ANON && (!sc->may_swap || !kmr_can_swap(r)))
			continue;
		skip_empty(r, node, kind);
		/* the youngest generations are left alone */
		if (n->min_seq[kind] + KMR_MIN_GENS > n->max_seq)
			continue;
		list = kmr_gen_list(n->min_seq[kind], kind);
		count = kmr_lru_isolate(r, node, list, want, sc->highest, pfns, &scanned);
		for (unsigned int j = 0; j < count; j++)
			sc->taken += UINT64_C(1) << r->frames[pfns[j]].order;
		pages = kmr_shrink_list(r, list, pfns, count, sc);
		kmr_count_scan(r, sc, scanned, pages);
		sc->scanned += scanned;
		sc->reclaimed += pages;
		if (scanned)
			return scanned;
	}
	return 0;
}

/* How much to look at: get_nr_to_scan() */
static uint64_t to_scan(const struct kmr_reclaim *r, unsigned int node, const struct kmr_scan *sc)
{
	const struct kmr_reclaim_node *n = &r->nodes[node];
	uint64_t total = 0;

	for (unsigned int kind = 0; kind < 2; kind++) {
		if (kind == KMR_LRU_ANON && (!sc->may_swap || !kmr_can_swap(r)))
			continue;
		for (uint64_t seq = n->min_seq[kind]; seq <= n->max_seq; seq++)
			total += gen_size(r, node, seq, kind);
	}
	return total >> sc->priority;
}

void kmr_gen_shrink(struct kmr_reclaim *r, unsigned int node, struct kmr_scan *sc)
{
	struct kmr_reclaim_node *n = &r->nodes[node];
	const uint64_t start = sc->reclaimed;
	const uint64_t want = to_scan(r, node, sc);
	uint64_t scanned = 0;
	unsigned int aged = 0;

	while (scanned < want && sc->reclaimed - start < sc->to_reclaim) {
		const uint64_t left = want - scanned;
		const uint64_t got =
			evict(r, node, left < MAX_BATCH ? (unsigned int)left : MAX_BATCH, sc);

		scanned += got;
		if (got)
			continue;
		/* nothing old enough: should_run_aging() */
		if (aged++ == KMR_NR_GENS)
			break;
		skip_empty(r, node, KMR_LRU_ANON);
		skip_empty(r, node, KMR_LRU_FILE);
		if (n->max_seq - n->min_seq[KMR_LRU_FILE] + 1 <= KMR_NR_GENS)
			age(r, node);
	}
}
