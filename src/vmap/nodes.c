// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes of areas (6.9): each CPU takes areas from the pools of one node, a list for every size up to
 * 256 pages, which are filled with what was freed of the node's areas when that is purged.  Before
 * 6.9 there is one node and its pools stay empty.
 */
#include <inttypes.h>

#include "vmap/nodes.h"

/* A zone of addresses that belongs to one node: vmap_zone_size */
#define ZONE_PAGES 16

unsigned int kmr_vmap_pool_of(const struct kmr_vmap_backend *b, const struct vmap_want *want)
{
	if (b->nr_nodes == 1 || want->start != b->space.vmalloc_start ||
	    want->end != b->space.vmalloc_end)
		return 0;
	return want->cpu % b->nr_nodes + 1;
}

struct vmap_node *kmr_vmap_node_of(const struct kmr_vmap_backend *b, const struct vmap_area *a)
{
	if (a->pool_of)
		return &b->nodes[a->pool_of - 1];
	return &b->nodes[a->start / (ZONE_PAGES * b->page_bytes) % b->nr_nodes];
}

/* The list of areas of @pages pages; NULL: they are too large. */
static struct vmap_list *pool_for(struct vmap_node *node, uint64_t pages)
{
	return pages && pages <= VMAP_POOL_PAGES ? &node->pools[pages - 1] : NULL;
}

static void push(struct kmr_vmap_backend *b, struct vmap_list *list, uint32_t n, bool at_end)
{
	struct vmap_area *a = kmr_vmap_area(b, n);

	a->prev = at_end ? list->last : 0;
	a->next = at_end ? 0 : list->first;
	if (a->prev)
		kmr_vmap_area(b, a->prev)->next = n;
	else
		list->first = n;
	if (a->next)
		kmr_vmap_area(b, a->next)->prev = n;
	else
		list->last = n;
	list->count++;
}

static uint32_t pop(struct kmr_vmap_backend *b, struct vmap_list *list)
{
	const uint32_t n = list->first;

	list->first = kmr_vmap_area(b, n)->next;
	if (list->first)
		kmr_vmap_area(b, list->first)->prev = 0;
	else
		list->last = 0;
	list->count--;
	return n;
}

static void count_pooled(struct kmr_vmap_backend *b, uint32_t n, bool in)
{
	const uint64_t pages = kmr_vmap_pages(b, kmr_vmap_area(b, n));

	b->pooled_areas += in ? 1u : ~0u;
	b->pooled_pages += in ? pages : -pages;
}

uint32_t kmr_vmap_pool_take(struct kmr_vmap_backend *b, unsigned int pool_of,
			    const struct vmap_want *want)
{
	struct vmap_list *pool =
		pool_for(&b->nodes[pool_of - 1], want->size >> b->space.page_shift);
	uint32_t n;

	if (!pool || !pool->count)
		return 0;
	n = pop(b, pool);
	if (kmr_vmap_area(b, n)->start & (want->align - 1)) {
		/* only the first is looked at; the next time it is another */
		push(b, pool, n, true);
		return 0;
	}
	count_pooled(b, n, false);
	b->work.pool_hits++;
	return n;
}

void kmr_vmap_pool_put(struct kmr_vmap_backend *b, uint32_t area)
{
	const struct vmap_area *a = kmr_vmap_area(b, area);

	push(b, pool_for(&b->nodes[a->pool_of - 1], kmr_vmap_pages(b, a)), area, false);
	count_pooled(b, area, true);
	b->work.pool_hits--;
}

static void remove_from(struct kmr_vmap_backend *b, struct vmap_list *list, uint32_t n)
{
	const struct vmap_area *a = kmr_vmap_area(b, n);

	if (a->prev)
		kmr_vmap_area(b, a->prev)->next = a->next;
	else
		list->first = a->next;
	if (a->next)
		kmr_vmap_area(b, a->next)->prev = a->prev;
	else
		list->last = a->prev;
	list->count--;
}

uint32_t kmr_vmap_pool_take_at(struct kmr_vmap_backend *b, const struct vmap_want *want,
			       uint64_t start)
{
	for (unsigned int i = 0; i < b->nr_nodes && b->pooled_areas; i++) {
		struct vmap_list *pool = pool_for(&b->nodes[i], want->size >> b->space.page_shift);

		for (uint32_t n = pool ? pool->first : 0; n; n = kmr_vmap_area(b, n)->next) {
			if (kmr_vmap_area(b, n)->start != start)
				continue;
			remove_from(b, pool, n);
			count_pooled(b, n, false);
			return n;
		}
	}
	return 0;
}

void kmr_vmap_pools_decay(struct kmr_vmap_backend *b, struct vmap_node *node, bool full)
{
	struct vmap_tree decayed = { .areas = &b->areas };

	for (unsigned int i = 0; i < VMAP_POOL_PAGES && b->pooled_areas; i++) {
		struct vmap_list *pool = &node->pools[i];
		uint32_t left = pool->count / 4;

		/* of fewer than four none is a quarter, and the kernel's count then runs below 0 */
		if (full || !left)
			left = pool->count;
		for (; left; left--) {
			const uint32_t n = pop(b, pool);

			count_pooled(b, n, false);
			b->work.pool_decays++;
			kmr_vmap_merge(b, &decayed, n);
		}
	}
	while (decayed.first) {
		const uint32_t n = decayed.first;

		kmr_vmap_tree_erase(&decayed, n);
		kmr_vmap_merge(b, &b->free, n);
	}
}

static bool to_pool(struct kmr_vmap_backend *b, struct vmap_node *node, uint32_t n)
{
	const struct vmap_area *a = kmr_vmap_area(b, n);
	struct vmap_list *pool = pool_for(node, kmr_vmap_pages(b, a));

	if (!a->pool_of || node->skip_pools || !pool)
		return false;
	push(b, pool, n, false);
	count_pooled(b, n, true);
	b->work.pool_adds++;
	return true;
}

/*
 * In the order of addresses until 6.8, since then the other way: that shows in the shape of the tree
 * of holes, and so in where an aligned request finds room.
 */
static void to_holes(struct kmr_vmap_backend *b, struct vmap_list *list)
{
	while (list->count)
		kmr_vmap_merge(b, &b->free, pop(b, list));
}

void kmr_vmap_node_purge(struct kmr_vmap_backend *b, struct vmap_node *node)
{
	struct vmap_list rest = { 0, 0, 0 };
	uint32_t n = node->lazy.first, next;

	node->lazy.root = node->lazy.first = node->lazy.last = 0;
	node->lazy.count = 0;
	for (; n; n = next) {
		const uint64_t pages = kmr_vmap_pages(b, kmr_vmap_area(b, n));

		next = kmr_vmap_area(b, n)->next;
		b->lazy_pages -= pages;
		b->work.purged_areas++;
		b->work.purged_pages += pages;
		if (!to_pool(b, node, n))
			push(b, &rest, n, !b->rules->pools);
	}
	to_holes(b, &rest);
}

static int check_pool(const struct kmr_vmap_backend *b, const struct vmap_list *pool,
		      uint64_t pages, struct kmr_error *err)
{
	uint32_t count = 0, prev = 0;

	for (uint32_t n = pool->first; n && count <= pool->count; n = kmr_vmap_area(b, n)->next) {
		const struct vmap_area *a = kmr_vmap_area(b, n);

		if (kmr_vmap_pages(b, a) != pages || a->prev != prev)
			return kmr_fail(err,
					"vmap: area 0x%" PRIx64 " is in the pool for %" PRIu64
					" pages and has %" PRIu64,
					a->start, pages, kmr_vmap_pages(b, a));
		prev = n;
		count++;
	}
	if (count == pool->count && pool->last == prev)
		return 0;
	return kmr_fail(err,
			"vmap: a pool for %" PRIu64 " pages counts %" PRIu32 " areas, found "
			"%" PRIu32,
			pages, pool->count, count);
}

int kmr_vmap_pools_check(const struct kmr_vmap_backend *b, uint64_t *bytes, struct kmr_error *err)
{
	uint64_t pages = 0, areas = 0;

	for (unsigned int i = 0; i < b->nr_nodes; i++)
		for (unsigned int p = 0; p < VMAP_POOL_PAGES; p++) {
			const struct vmap_list *pool = &b->nodes[i].pools[p];

			if (check_pool(b, pool, p + 1, err))
				return -1;
			areas += pool->count;
			pages += (uint64_t)pool->count * (p + 1);
		}
	if (areas != b->pooled_areas || pages != b->pooled_pages)
		return kmr_fail(err,
				"vmap: pools hold %" PRIu64 " areas of %" PRIu64
				" pages, noted are %" PRIu32 " of %" PRIu64,
				areas, pages, b->pooled_areas, b->pooled_pages);
	*bytes += pages * b->page_bytes;
	return 0;
}
