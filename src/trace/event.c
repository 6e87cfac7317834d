// SPDX-License-Identifier: GPL-2.0-only
/* The names of events, as the kernel prints them. */
#include "kmreplay/event.h"

static const char *const event_names[KMR_EV_NR_TYPES] = {
	[KMR_EV_NONE] = "none",
	[KMR_EV_PAGE_ALLOC] = "mm_page_alloc",
	[KMR_EV_PAGE_FREE] = "mm_page_free",
	[KMR_EV_PAGE_FREE_BATCHED] = "mm_page_free_batched",
	[KMR_EV_PAGE_REFILL] = "mm_page_alloc_zone_locked",
	[KMR_EV_PAGE_DRAIN] = "mm_page_pcpu_drain",
	[KMR_EV_PAGE_EXTFRAG] = "mm_page_alloc_extfrag",
	[KMR_EV_KMALLOC] = "kmalloc",
	[KMR_EV_KFREE] = "kfree",
	[KMR_EV_CACHE_ALLOC] = "kmem_cache_alloc",
	[KMR_EV_CACHE_FREE] = "kmem_cache_free",
	[KMR_EV_VMAP_ALLOC] = "alloc_vmap_area",
	[KMR_EV_VMAP_PURGE] = "purge_vmap_area_lazy",
	[KMR_EV_VMAP_FREE] = "free_vmap_area_noflush",
	[KMR_EV_COMPACT_BEGIN] = "mm_compaction_begin",
	[KMR_EV_COMPACT_END] = "mm_compaction_end",
	[KMR_EV_COMPACT_ISOLATE_FREE] = "mm_compaction_isolate_freepages",
	[KMR_EV_COMPACT_ISOLATE_MIGRATE] = "mm_compaction_isolate_migratepages",
	[KMR_EV_COMPACT_MIGRATE] = "mm_compaction_migratepages",
	[KMR_EV_KSWAPD_WAKE] = "mm_vmscan_kswapd_wake",
	[KMR_EV_KSWAPD_SLEEP] = "mm_vmscan_kswapd_sleep",
	[KMR_EV_RECLAIM_BEGIN] = "mm_vmscan_direct_reclaim_begin",
	[KMR_EV_RECLAIM_END] = "mm_vmscan_direct_reclaim_end",
	[KMR_EV_KSWAPD_CALL] = "mm_vmscan_wakeup_kswapd",
	[KMR_EV_COMPACT_SUITABLE] = "mm_compaction_suitable",
	[KMR_EV_LRU_ISOLATE] = "mm_vmscan_lru_isolate",
	[KMR_EV_SHRINK_SLAB] = "mm_shrink_slab_end",
	[KMR_EV_COMPACT_FAST_FREE] = "mm_compaction_fast_isolate_freepages",
	[KMR_EV_VMALLOC] = "kmr_vmalloc",
	[KMR_EV_VFREE] = "kmr_vfree",
	[KMR_EV_KMAP] = "kmr_kmap",
	[KMR_EV_KUNMAP] = "kmr_kunmap",
	[KMR_EV_KMAP_LOCAL] = "kmr_kmap_local",
	[KMR_EV_KUNMAP_LOCAL] = "kmr_kunmap_local",
	[KMR_EV_CMA_ALLOC] = "cma_alloc_finish",
	[KMR_EV_CMA_RELEASE] = "cma_release",
	[KMR_EV_MEM_ONLINE] = "kmr_memory_online",
	[KMR_EV_MEM_OFFLINE] = "kmr_memory_offline",
	[KMR_EV_HUGEPAGES] = "kmr_nr_hugepages",
	[KMR_EV_MARK] = "kmsnap",
	[KMR_EV_LOST] = "lost",
};

const char *kmr_event_name(enum kmr_event_type type)
{
	return (unsigned int)type < KMR_EV_NR_TYPES ? event_names[type] : "unknown";
}
