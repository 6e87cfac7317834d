// SPDX-License-Identifier: GPL-2.0-only
/* Names of steps, operations and paths. */
#include <string.h>

#include "base/array.h"
#include "kmreplay/cost.h"

struct step {
	const char *name, *description;
	bool locked;
};

static const struct step steps[] = {
	[KMR_STEP_PAGE_ALLOC] = { "page_alloc", "request for pages", false },
	[KMR_STEP_PAGE_FREE] = { "page_free", "block of pages given back", false },
	[KMR_STEP_TAIL_ALLOC] = { "tail_alloc", "page behind a block's first, made compound",
				  false },
	[KMR_STEP_TAIL_FREE] = { "tail_free", "page behind a block's first, checked on free",
				 false },
	[KMR_STEP_ZERO_PAGE] = { "zero_page", "page cleared", false },
	[KMR_STEP_ZERO_HUGE_PAGE] = { "zero_huge_page", "page of a huge page cleared", false },
	[KMR_STEP_ZONE] = { "zone", "zone examined", false },
	[KMR_STEP_WATERMARK] = { "watermark", "watermark check", false },
	[KMR_STEP_PCP_ALLOC] = { "pcp_alloc", "block taken from a per-CPU list", false },
	[KMR_STEP_PCP_FREE] = { "pcp_free", "block put on a per-CPU list", false },
	[KMR_STEP_ZONE_LOCK] = { "zone_lock", "zone's lock taken and released", true },
	[KMR_STEP_REFILL_BLOCK] = { "refill_block", "block moved to a per-CPU list", true },
	[KMR_STEP_DRAIN_BLOCK] = { "drain_block", "block moved from a per-CPU list", true },
	[KMR_STEP_BUDDY_ALLOC] = { "buddy_alloc", "block taken from a free list", true },
	[KMR_STEP_BUDDY_FREE] = { "buddy_free", "block put on a free list", true },
	[KMR_STEP_SPLIT] = { "split", "block split, one level", true },
	[KMR_STEP_MERGE] = { "merge", "block merged, one level", true },
	[KMR_STEP_FALLBACK_LIST] = { "fallback_list", "other migratetype's free list looked at",
				     true },
	[KMR_STEP_STEAL_PAGE] = { "steal_page", "page moved to another migratetype's list", true },
	[KMR_STEP_CLAIM_BLOCK] = { "claim_block", "pageblock's migratetype changed", true },
	[KMR_STEP_SLOW_PATH] = { "slow_path", "slow path entered", false },
	[KMR_STEP_REMOTE] = { "remote", "SLIT distance of the block's node above 10", false },
	[KMR_STEP_RECLAIM_SCAN] = { "reclaim_scan", "page scanned by direct reclaim", false },
	[KMR_STEP_RECLAIM_FREE] = { "reclaim_free", "page freed by direct reclaim", false },
	[KMR_STEP_COMPACT_SCAN] = { "compact_scan", "frame scanned by direct compaction", false },
	[KMR_STEP_COMPACT_MIGRATE] = { "compact_migrate", "page migrated by direct compaction",
				       false },
	[KMR_STEP_WAIT] = { "wait", "ps waited for a zone's lock", false },
	[KMR_STEP_OBJECT_ALLOC] = { "object_alloc", "request for an object", false },
	[KMR_STEP_OBJECT_FREE] = { "object_free", "object given back", false },
	[KMR_STEP_SLAB_FAST_ALLOC] = { "slab_fast_alloc", "object from the CPU's freelist", false },
	[KMR_STEP_SLAB_FAST_FREE] = { "slab_fast_free", "object to the CPU's freelist", false },
	[KMR_STEP_SLAB_SLOW_FREE] = { "slab_slow_free", "object given back to its slab", false },
	[KMR_STEP_SLAB_LOAD] = { "slab_load", "freelist of a slab loaded for the CPU", false },
	[KMR_STEP_SLAB_CPU_PARTIAL] = { "slab_cpu_partial", "slab from the CPU's partial list",
					false },
	[KMR_STEP_SLAB_NODE_PARTIAL] = { "slab_node_partial", "slab from the node's partial list",
					 false },
	[KMR_STEP_ARRAY_ALLOC] = { "array_alloc", "object from SLAB's array cache", false },
	[KMR_STEP_ARRAY_FREE] = { "array_free", "object to SLAB's array cache", false },
	[KMR_STEP_ARRAY_REFILL] = { "array_refill", "array cache refilled", false },
	[KMR_STEP_ARRAY_FLUSH] = { "array_flush", "array cache flushed", false },
	[KMR_STEP_SLAB_REMOTE_FREE] = { "slab_remote_free", "object of another node given back",
					false },
	[KMR_STEP_SLAB_NEW] = { "slab_new", "new slab set up", false },
	[KMR_STEP_SLAB_OBJECT] = { "slab_object", "object of a new slab put on its freelist",
				   false },
	[KMR_STEP_SLAB_DISCARD] = { "slab_discard", "slab taken apart", false },
	[KMR_STEP_HEAP_BLOCK] = { "heap_block", "SLOB's block or page looked at", false },
	[KMR_STEP_VMALLOC] = { "vmalloc", "vmalloc()", false },
	[KMR_STEP_VFREE] = { "vfree", "vfree()", false },
	[KMR_STEP_VMAP_NODE] = { "vmap_node", "node looked at to find room", false },
	[KMR_STEP_VMAP_PURGE] = { "vmap_purge", "area purged", false },
	[KMR_STEP_PAGE_TABLE] = { "page_table", "page-table entry set or cleared", false },
	[KMR_STEP_TLB_FLUSH] = { "tlb_flush", "TLBs of all CPUs flushed", false },
};

_Static_assert(ARRAY_SIZE(steps) == KMR_NR_STEPS, "every step has a name");

static const char *const operations[KMR_NR_OPERATIONS] = {
	"page_alloc", "page_free", "object_alloc", "object_free", "vmalloc", "vfree",
};

static const char *const paths[] = {
	[KMR_PATH_PCP] = "pcp",		[KMR_PATH_REFILL] = "refill",
	[KMR_PATH_BUDDY] = "buddy",	[KMR_PATH_FALLBACK] = "fallback",
	[KMR_PATH_SLOW] = "slow",	[KMR_PATH_FAILED] = "failed",
	[KMR_PATH_DRAIN] = "drain",	[KMR_PATH_FAST] = "fast",
	[KMR_PATH_PARTIAL] = "partial", [KMR_PATH_SLAB] = "slab",
	[KMR_PATH_LARGE] = "large",	[KMR_PATH_DIRECT] = "direct",
	[KMR_PATH_PURGE] = "purge",
};

_Static_assert(ARRAY_SIZE(paths) == KMR_NR_PATHS, "every path has a name");

const char *kmr_step_name(unsigned int step)
{
	return step < KMR_NR_STEPS ? steps[step].name : NULL;
}

const char *kmr_step_description(unsigned int step)
{
	return step < KMR_NR_STEPS ? steps[step].description : NULL;
}

int kmr_step_find(const char *name)
{
	for (unsigned int i = 0; i < KMR_NR_STEPS; i++)
		if (!strcmp(steps[i].name, name))
			return (int)i;
	return -1;
}

bool kmr_step_locked(unsigned int step)
{
	return step < KMR_NR_STEPS && steps[step].locked;
}

const char *kmr_operation_name(unsigned int operation)
{
	return operation < KMR_NR_OPERATIONS ? operations[operation] : NULL;
}

const char *kmr_path_name(unsigned int path)
{
	return path < KMR_NR_PATHS ? paths[path] : NULL;
}
