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
	return slab;
}

void kmr_snapshot_free(struct kmr_snapshot *snap)
{
	free(snap->pageblocks);
	free(snap->free_lists);
	free(snap->pcp_lists);
	free(snap->pcps);
	free(snap->pfns);
	free(snap->slabs);
	memset(snap, 0, sizeof(*snap));
}
