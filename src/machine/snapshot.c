// SPDX-License-Identifier: GPL-2.0-only
/* A snapshot's arrays: appending, and giving them back. */
#include "kmreplay/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

int kmr_snapshot_add_pfn(struct kmr_snapshot *snap, uint32_t pfn)
{
	uint32_t *pfns = kmr_grow(snap->pfns, snap->nr_pfns, &snap->cap_pfns, sizeof(*pfns));

	if (!pfns)
		return -1;
	snap->pfns = pfns;
	snap->pfns[snap->nr_pfns++] = pfn;
	return 0;
}

static struct kmr_snap_list *begin_list(const struct kmr_snapshot *snap, struct kmr_snap_list *list)
{
	memset(list, 0, sizeof(*list));
	list->first = snap->nr_pfns;
	return list;
}

struct kmr_snap_list *kmr_snapshot_add_free_list(struct kmr_snapshot *snap)
{
	struct kmr_snap_list *lists = kmr_grow(snap->free_lists, snap->nr_free_lists,
					       &snap->cap_free_lists, sizeof(*lists));

	if (!lists)
		return NULL;
	snap->free_lists = lists;
	return begin_list(snap, &snap->free_lists[snap->nr_free_lists++]);
}

struct kmr_snap_list *kmr_snapshot_add_pcp_list(struct kmr_snapshot *snap)
{
	struct kmr_snap_list *lists =
		kmr_grow(snap->pcp_lists, snap->nr_pcp_lists, &snap->cap_pcp_lists, sizeof(*lists));

	if (!lists)
		return NULL;
	snap->pcp_lists = lists;
	return begin_list(snap, &snap->pcp_lists[snap->nr_pcp_lists++]);
}

struct kmr_snap_pcp *kmr_snapshot_add_pcp(struct kmr_snapshot *snap)
{
	struct kmr_snap_pcp *pcps =
		kmr_grow(snap->pcps, snap->nr_pcps, &snap->cap_pcps, sizeof(*pcps));
	struct kmr_snap_pcp *pcp;

	if (!pcps)
		return NULL;
	snap->pcps = pcps;
	pcp = &snap->pcps[snap->nr_pcps++];
	memset(pcp, 0, sizeof(*pcp));
	return pcp;
}

int kmr_snapshot_add_pageblock(struct kmr_snapshot *snap, uint8_t migratetype)
{
	uint8_t *blocks = kmr_grow(snap->pageblocks, snap->nr_pageblocks, &snap->cap_pageblocks,
				   sizeof(*blocks));

	if (!blocks)
		return -1;
	snap->pageblocks = blocks;
	snap->pageblocks[snap->nr_pageblocks++] = migratetype;
	return 0;
}

struct kmr_snap_slab *kmr_snapshot_add_slab(struct kmr_snapshot *snap)
{
	struct kmr_snap_slab *slabs =
		kmr_grow(snap->slabs, snap->nr_slabs, &snap->cap_slabs, sizeof(*slabs));
	struct kmr_snap_slab *slab;

	if (!slabs)
		return NULL;
	snap->slabs = slabs;
	slab = &snap->slabs[snap->nr_slabs++];
	memset(slab, 0, sizeof(*slab));
	slab->cache = KMR_SNAP_NO_CACHE;
	return slab;
}

struct kmr_snap_cache *kmr_snapshot_add_cache(struct kmr_snapshot *snap)
{
	struct kmr_snap_cache *caches =
		kmr_grow(snap->caches, snap->nr_caches, &snap->cap_caches, sizeof(*caches));
	struct kmr_snap_cache *cache;

	if (!caches)
		return NULL;
	snap->caches = caches;
	cache = &snap->caches[snap->nr_caches++];
	memset(cache, 0, sizeof(*cache));
	return cache;
}

struct kmr_snap_objects *kmr_snapshot_add_objects(struct kmr_snapshot *snap)
{
	struct kmr_snap_objects *objects =
		kmr_grow(snap->objects, snap->nr_objects, &snap->cap_objects, sizeof(*objects));
	struct kmr_snap_objects *o;

	if (!objects)
		return NULL;
	snap->objects = objects;
	o = &snap->objects[snap->nr_objects++];
	memset(o, 0, sizeof(*o));
	o->cache = KMR_SNAP_NO_CACHE;
	o->first = snap->nr_items;
	return o;
}

int kmr_snapshot_add_item(struct kmr_snapshot *snap, uint64_t item)
{
	uint64_t *items = kmr_grow(snap->items, snap->nr_items, &snap->cap_items, sizeof(*items));

	if (!items)
		return -1;
	snap->items = items;
	snap->items[snap->nr_items++] = item;
	return 0;
}

const struct kmr_snap_slab *kmr_snapshot_find_slab(const struct kmr_snapshot *snap, uint64_t pfn)
{
	size_t low = 0, high = snap->nr_slabs;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (snap->slabs[mid].pfn < pfn)
			low = mid + 1;
		else
			high = mid;
	}
	return low < snap->nr_slabs && snap->slabs[low].pfn == pfn ? &snap->slabs[low] : NULL;
}

void kmr_snapshot_free(struct kmr_snapshot *snap)
{
	free(snap->pageblocks);
	free(snap->free_lists);
	free(snap->pcp_lists);
	free(snap->pcps);
	free(snap->pfns);
	free(snap->slabs);
	free(snap->caches);
	free(snap->objects);
	free(snap->items);
	memset(snap, 0, sizeof(*snap));
}

const char *kmr_snapshot_allocator(const struct kmr_snapshot *snap)
{
	/* SLOB has records of pages and none of caches */
	if (!snap->nr_caches)
		return snap->nr_objects ? "slob" : NULL;
	/* every cache of SLUB keeps partial slabs, every one of SLAB array caches */
	for (size_t i = 0; i < snap->nr_caches; i++) {
		if (snap->caches[i].min_partial)
			return "slub";
		if (snap->caches[i].limit)
			return "slab";
	}
	return NULL;
}
