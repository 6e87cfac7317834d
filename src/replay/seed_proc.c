// SPDX-License-Identifier: GPL-2.0-only
/*
 * A layout that has the counts of /proc/pagetypeinfo.  Only the counts are real; the places are
 * made up, by one rule that keeps them possible: a free block of order k below the largest is put
 * into a used slot of order k + 1, so that its buddy is in use.  What is left of the slot is of
 * order k and serves smaller blocks the same way.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "replay/seed.h"

struct slots {
	uint32_t *pfns;
	size_t count, cap;
};

struct layout {
	const struct kmr_machine *m;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
	/* used ranges that blocks of a type may go to, by order */
	struct slots open[KMR_MIGRATE_TYPES][KMR_MAX_ORDERS];
	/*
	 * Aligned pieces of the zone's ends, beside its slots of the largest order.  Their buddies
	 * reach out of the zone, so that a free block may fill one whole.
	 */
	uint32_t edge[2 * KMR_MAX_ORDERS];
	uint8_t edge_order[2 * KMR_MAX_ORDERS];
	unsigned int nr_edges;
	/* slots of the largest order that belong to no type yet: [first, end), from the top */
	uint64_t first, end;
	uint64_t claimed[KMR_MIGRATE_TYPES]; /* pageblocks given to a type */
	uint64_t left_out;
	int nomem;
};

static void push(struct layout *l, unsigned int type, unsigned int order, uint32_t pfn)
{
	struct slots *s = &l->open[type][order];
	uint32_t *pfns = kmr_grow(s->pfns, s->count, &s->cap, sizeof(*pfns));

	if (!pfns) {
		l->nomem = 1;
		return;
	}
	s->pfns = pfns;
	s->pfns[s->count++] = pfn;
}

/* Gives the topmost slot of the largest order to @type; KMR_NO_PFN when there is none. */
static uint32_t claim(struct layout *l, unsigned int type)
{
	const uint64_t size = UINT64_C(1) << (l->m->nr_orders - 1);
	const uint64_t block = UINT64_C(1) << l->m->pageblock_order;
	uint32_t pfn;

	if (l->end < l->first + size)
		return KMR_NO_PFN;
	l->end -= size;
	pfn = (uint32_t)l->end;
	for (uint64_t p = l->end; p < l->end + size; p += block) {
		l->ops->set_pageblock(l->b, (kmr_pfn_t)p, type);
		l->claimed[type]++;
	}
	return pfn;
}

/* Takes the smallest open slot of at least @order from one type. */
static uint32_t pop(struct layout *l, unsigned int type, unsigned int order, unsigned int *found)
{
	for (*found = order; *found < l->m->nr_orders; ++*found) {
		struct slots *s = &l->open[type][*found];

		if (s->count)
			return s->pfns[--s->count];
	}
	return KMR_NO_PFN;
}

/* Takes an edge of an order from @min to @max; KMR_NO_PFN when there is none. */
static uint32_t take_edge(struct layout *l, unsigned int min, unsigned int max, unsigned int *order)
{
	for (unsigned int i = 0; i < l->nr_edges; i++) {
		const uint32_t pfn = l->edge[i];

		*order = l->edge_order[i];
		if (*order < min || *order > max)
			continue;
		l->nr_edges--;
		l->edge[i] = l->edge[l->nr_edges];
		l->edge_order[i] = l->edge_order[l->nr_edges];
		return pfn;
	}
	return KMR_NO_PFN;
}

static void find_edges(struct layout *l, uint64_t start, uint64_t end)
{
	l->nr_edges = 0;
	while (start < l->first && l->nr_edges < KMR_MAX_ORDERS) {
		const unsigned int order = (unsigned int)__builtin_ctzll(start);

		l->edge[l->nr_edges] = (uint32_t)start;
		l->edge_order[l->nr_edges++] = (uint8_t)order;
		start += UINT64_C(1) << order;
	}
	while (end > l->end && l->nr_edges < 2 * KMR_MAX_ORDERS) {
		const unsigned int order = (unsigned int)__builtin_ctzll(end);

		end -= UINT64_C(1) << order;
		l->edge[l->nr_edges] = (uint32_t)end;
		l->edge_order[l->nr_edges++] = (uint8_t)order;
	}
}

/* A slot of just @order for @type, from its own, a new claim, or another type's. */
static uint32_t get_slot(struct layout *l, unsigned int type, unsigned int order)
{
	unsigned int found = l->m->nr_orders - 1, from = type;
	uint32_t pfn = pop(l, type, order, &found);

	if (pfn == KMR_NO_PFN) {
		found = l->m->nr_orders - 1;
		pfn = claim(l, type);
	}
	for (unsigned int t = 0; pfn == KMR_NO_PFN && t < KMR_MIGRATE_TYPES; t++) {
		from = t;
		pfn = pop(l, t, order, &found);
	}
	if (pfn == KMR_NO_PFN)
		pfn = take_edge(l, order, l->m->nr_orders, &found);
	if (pfn == KMR_NO_PFN)
		return pfn;
	while (found > order) {
		found--;
		push(l, from, found, pfn + (1u << found));
	}
	return pfn;
}

static void place(struct layout *l, unsigned int type, unsigned int order)
{
	const bool largest = order == l->m->nr_orders - 1;
	unsigned int found;
	uint32_t pfn = take_edge(l, order, order, &found);
	const bool whole = largest || pfn != KMR_NO_PFN;

	if (pfn == KMR_NO_PFN)
		pfn = largest ? claim(l, type) : get_slot(l, type, order + 1);
	if (pfn == KMR_NO_PFN || l->ops->seed_free(l->b, pfn, order, type)) {
		l->left_out++;
		return;
	}
	if (!whole)
		push(l, type, order, pfn + (1u << order));
}

/* Pageblocks that nothing was placed in get the types that are still to be given out. */
static void claim_rest(struct layout *l, const struct kmr_procinfo_zone *z)
{
	for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
		while (l->claimed[t] < z->pageblocks[t]) {
			const uint32_t pfn = claim(l, t);

			if (pfn == KMR_NO_PFN)
				return;
			push(l, t, l->m->nr_orders - 1, pfn);
		}
}

/* Pages on the per-CPU lists: of the mobility that the zone mostly serves. */
static void fill_pcp(struct layout *l, const struct kmr_procinfo_zone *z, uint64_t spanned,
		     unsigned int type)
{
	for (uint32_t cpu = 0; cpu < z->nr_cpus && cpu < l->m->nr_cpus; cpu++)
		for (uint32_t i = 0; i < z->pcp_count[cpu] && i < spanned; i++) {
			const uint32_t pfn = get_slot(l, type, 0);

			if (pfn == KMR_NO_PFN || l->ops->free(l->b, pfn, 0, cpu))
				l->left_out++;
		}
}

static void seed_zone(struct layout *l, const struct kmr_zone_spec *spec,
		      const struct kmr_procinfo_zone *z, bool has_types)
{
	const uint64_t size = UINT64_C(1) << (l->m->nr_orders - 1);

	l->first = (spec->start_pfn + size - 1) & ~(size - 1);
	l->end = (spec->start_pfn + spec->spanned) & ~(size - 1);
	if (l->end < l->first)
		l->end = l->first;
	memset(l->claimed, 0, sizeof(l->claimed));
	find_edges(l, spec->start_pfn, spec->start_pfn + spec->spanned);
	for (unsigned int o = l->m->nr_orders; o-- > 0;)
		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++) {
			/* without pagetypeinfo all of it counts as movable */
			uint64_t n = has_types			? z->nr_free_type[o][t]
				     : t == KMR_MIGRATE_MOVABLE ? z->nr_free[o]
								: 0;

			/* a dump can say anything; the zone has room for no more */
			if (n > spec->spanned >> o) {
				l->left_out += n - (spec->spanned >> o);
				n = spec->spanned >> o;
			}
			for (uint64_t i = 0; i < n; i++)
				place(l, t, o);
		}
	claim_rest(l, z);
	fill_pcp(l, z, spec->spanned,
		 spec->type == KMR_ZONE_HIGHMEM || spec->type == KMR_ZONE_MOVABLE
			 ? KMR_MIGRATE_MOVABLE
			 : KMR_MIGRATE_UNMOVABLE);
	for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
		for (unsigned int o = 0; o < KMR_MAX_ORDERS; o++)
			l->open[t][o].count = 0;
}

int kmr_seed_proc(const struct kmr_machine *m, const struct kmr_procinfo *info,
		  const struct kmr_page_ops *ops, struct kmr_page_backend *b, uint64_t *left_out,
		  struct kmr_error *err)
{
	struct layout *l = calloc(1, sizeof(*l));
	int nomem;

	if (!l)
		return kmr_fail_nomem(err, "the start state");
	l->m = m;
	l->ops = ops;
	l->b = b;
	for (unsigned int i = 0; i < m->nr_zones; i++)
		seed_zone(l, &m->zones[i], &info->zones[i], info->has_types);
	*left_out = l->left_out;
	nomem = l->nomem;
	for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++)
		for (unsigned int o = 0; o < KMR_MAX_ORDERS; o++)
			free(l->open[t][o].pfns);
	free(l);
	return nomem ? kmr_fail_nomem(err, "the start state") : 0;
}
