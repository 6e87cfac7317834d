// SPDX-License-Identifier: GPL-2.0-only
/* The lists: what is on them, and how much of it in which zone.  Behaviour: mm/swap.c, mm/vmscan.c. */
#include "reclaim/reclaim.h"

static void link_head(struct kmr_lru_frame *frames, struct kmr_list *l, uint32_t pfn)
{
	frames[pfn].prev = KMR_NO_PFN;
	frames[pfn].next = l->head;
	if (l->head == KMR_NO_PFN)
		l->tail = pfn;
	else
		frames[l->head].prev = pfn;
	l->head = pfn;
}

static void link_tail(struct kmr_lru_frame *frames, struct kmr_list *l, uint32_t pfn)
{
	frames[pfn].next = KMR_NO_PFN;
	frames[pfn].prev = l->tail;
	if (l->tail == KMR_NO_PFN)
		l->head = pfn;
	else
		frames[l->tail].next = pfn;
	l->tail = pfn;
}

static void unlink_frame(struct kmr_lru_frame *frames, struct kmr_list *l, uint32_t pfn)
{
	const struct kmr_lru_frame *f = &frames[pfn];

	if (f->prev == KMR_NO_PFN)
		l->head = f->next;
	else
		frames[f->prev].next = f->next;
	if (f->next == KMR_NO_PFN)
		l->tail = f->prev;
	else
		frames[f->next].prev = f->prev;
}

void kmr_lru_put(struct kmr_reclaim *r, kmr_pfn_t pfn, unsigned int order, unsigned int list,
		 unsigned int flags, bool tail)
{
	const struct kmr_zone *z = kmr_zone_of(r->b, pfn);
	struct kmr_lru_frame *f = &r->frames[pfn];

	f->list = (uint8_t)(list + 1);
	f->order = (uint8_t)order;
	f->zone = z->index;
	f->flags = (uint8_t)flags;
	r->zones[z->index].size[list] += UINT64_C(1) << order;
	if (tail)
		link_tail(r->frames, &r->nodes[z->node].lists[list], pfn);
	else
		link_head(r->frames, &r->nodes[z->node].lists[list], pfn);
}

void kmr_lru_del(struct kmr_reclaim *r, kmr_pfn_t pfn)
{
	struct kmr_lru_frame *f = &r->frames[pfn];
	const unsigned int list = kmr_lru_list_of(f);
	struct kmr_reclaim_node *n = &r->nodes[r->b->zones[f->zone].node];

	unlink_frame(r->frames, &n->lists[list], pfn);
	r->zones[f->zone].size[list] -= UINT64_C(1) << f->order;
	f->list = 0;
}

static void add(struct kmr_reclaim *r, kmr_pfn_t pfn, unsigned int order, enum kmr_lru_kind kind,
		bool active, unsigned int flags)
{
	const struct kmr_zone *z = pfn < r->nr_frames ? kmr_zone_of(r->b, pfn) : NULL;
	unsigned int list;

	if (!z || order >= r->b->nr_orders)
		return;
	kmr_reclaim_forget(r, pfn, order);
	if (r->generations)
		list = kmr_gen_for_new(&r->nodes[z->node], kind, active);
	else
		list = 2u * kind + active;
	kmr_lru_put(r, pfn, order, list, flags, false);
}

void kmr_reclaim_add(struct kmr_reclaim *r, kmr_pfn_t pfn, unsigned int order,
		     enum kmr_lru_kind kind, bool dirty)
{
	/* an anonymous page is faulted in, which generations take for a use of it */
	add(r, pfn, order, kind, r->generations && kind == KMR_LRU_ANON, dirty ? KMR_LRU_DIRTY : 0);
}

void kmr_reclaim_add_active(struct kmr_reclaim *r, kmr_pfn_t pfn, unsigned int order,
			    enum kmr_lru_kind kind)
{
	add(r, pfn, order, kind, true, 0);
}

void kmr_reclaim_forget(struct kmr_reclaim *r, kmr_pfn_t pfn, unsigned int order)
{
	const uint64_t end = (uint64_t)pfn + (UINT64_C(1) << order);

	for (uint64_t p = pfn; p < end && p < r->nr_frames; p++)
		if (r->frames[p].list)
			kmr_lru_del(r, (kmr_pfn_t)p);
}

void kmr_reclaim_split(struct kmr_reclaim *r, kmr_pfn_t pfn)
{
	struct kmr_lru_frame f;
	unsigned int order;

	if (!kmr_reclaim_has(r, pfn) || !r->frames[pfn].order)
		return;
	f = r->frames[pfn];
	order = f.order - 1u;
	kmr_lru_del(r, pfn);
	kmr_lru_put(r, pfn, order, kmr_lru_list_of(&f), f.flags, false);
	kmr_lru_put(r, pfn + (1u << order), order, kmr_lru_list_of(&f), f.flags, false);
}

/* A page that has been migrated is put on its list anew. */
void kmr_reclaim_moved(struct kmr_reclaim *r, kmr_pfn_t from, kmr_pfn_t to)
{
	struct kmr_lru_frame f;

	if (!kmr_reclaim_has(r, from) || to >= r->nr_frames)
		return;
	f = r->frames[from];
	kmr_lru_del(r, from);
	kmr_reclaim_forget(r, to, f.order);
	kmr_lru_put(r, to, f.order, kmr_lru_list_of(&f), f.flags, false);
}

bool kmr_reclaim_has(const struct kmr_reclaim *r, kmr_pfn_t pfn)
{
	return pfn < r->nr_frames && r->frames[pfn].list;
}

uint64_t kmr_lru_size(const struct kmr_reclaim *r, unsigned int node, unsigned int list,
		      unsigned int highest)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < r->b->nr_zones; i++)
		if (kmr_zone_counts(&r->b->zones[i], node, highest))
			pages += r->zones[i].size[list];
	return pages;
}

unsigned int kmr_lru_isolate(struct kmr_reclaim *r, unsigned int node, unsigned int list,
			     unsigned int want, unsigned int highest, uint32_t *pfns,
			     uint64_t *scanned)
{
	struct kmr_list *l = &r->nodes[node].lists[list];
	struct kmr_list skipped;
	unsigned int count = 0, pages = 0;

	kmr_list_init(&skipped);
	*scanned = 0;
	while (pages < want && count < KMR_SWAP_CLUSTER_MAX && !kmr_list_empty(l)) {
		const uint32_t pfn = l->tail;
		const struct kmr_lru_frame *f = &r->frames[pfn];

		*scanned += UINT64_C(1) << f->order;
		if (r->b->zones[f->zone].type > highest) {
			r->stats.pgskip += UINT64_C(1) << f->order;
			unlink_frame(r->frames, l, pfn);
			link_head(r->frames, &skipped, pfn);
			continue;
		}
		pages += 1u << f->order;
		pfns[count++] = pfn;
		kmr_lru_del(r, pfn);
	}
	/* to the head, so that the next scan does not meet them again */
	while (!kmr_list_empty(&skipped)) {
		const uint32_t pfn = skipped.tail;

		unlink_frame(r->frames, &skipped, pfn);
		link_head(r->frames, l, pfn);
	}
	return count;
}

uint64_t kmr_zone_reclaimable(const struct kmr_reclaim *r, unsigned int zone)
{
	uint64_t pages = 0;

	for (unsigned int list = 0; list < KMR_LRU_LISTS; list++)
		if (kmr_lru_kind(r, list) == KMR_LRU_FILE || kmr_can_swap(r))
			pages += r->zones[zone].size[list];
	return pages ? pages : r->b->zones[zone].free_pages;
}

void kmr_reclaim_sizes(const struct kmr_reclaim *r, struct kmr_lru_sizes *sizes)
{
	*sizes = (struct kmr_lru_sizes){ .swap_free = r->swap_free };
	for (unsigned int i = 0; i < r->b->nr_zones; i++)
		for (unsigned int list = 0; list < KMR_LRU_LISTS; list++) {
			const struct kmr_reclaim_node *n = &r->nodes[r->b->zones[i].node];
			const unsigned int kind = kmr_lru_kind(r, list);
			const bool active =
				r->generations ? list == kmr_gen_list(n->max_seq, kind) : list & 1u;

			if (list >= 4 && !r->generations)
				break;
			if (active)
				sizes->active[kind] += r->zones[i].size[list];
			else
				sizes->inactive[kind] += r->zones[i].size[list];
		}
}
