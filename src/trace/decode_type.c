// SPDX-License-Identifier: GPL-2.0-only
/* Event names to types: by length first, as most names of other events end there. */
#include <string.h>

#include "trace/decode.h"

#define IS(text) (!memcmp(name, text, sizeof(text) - 1))

static enum kmr_event_type free_type(const char *name, size_t len, uint32_t *seen)
{
	switch (len) {
	case 12:
		return IS("mm_page_free") ? KMR_EV_PAGE_FREE : KMR_EV_NONE;
	case 15: /* until 3.2 */
		if (!IS("mm_pagevec_free"))
			return KMR_EV_NONE;
		*seen |= SEEN_OLD_FREE;
		return KMR_EV_PAGE_FREE_BATCHED;
	case 19: /* until 3.2 */
		if (!IS("mm_page_free_direct"))
			return KMR_EV_NONE;
		*seen |= SEEN_OLD_FREE;
		return KMR_EV_PAGE_FREE;
	default:
		if (!IS("mm_page_free_batched"))
			return KMR_EV_NONE;
		*seen |= SEEN_BATCHED_FREE;
		return KMR_EV_PAGE_FREE_BATCHED;
	}
}

static enum kmr_event_type node_type(const char *name, size_t len, uint32_t *seen)
{
	enum kmr_event_type type = KMR_EV_NONE;

	/* until 6.0 */
	if (len == 12 && IS("kmalloc_node"))
		type = KMR_EV_KMALLOC;
	else if (len == 21 && IS("kmem_cache_alloc_node"))
		type = KMR_EV_CACHE_ALLOC;
	if (type)
		*seen |= SEEN_NODE_EVENTS;
	return type;
}

static enum kmr_event_type vmap_type(const char *name, size_t len, uint32_t *seen)
{
	enum kmr_event_type type = KMR_EV_NONE;

	/* since 6.2 */
	if (len == 15 && IS("alloc_vmap_area"))
		type = KMR_EV_VMAP_ALLOC;
	else if (len == 20 && IS("purge_vmap_area_lazy"))
		type = KMR_EV_VMAP_PURGE;
	else if (len == 22 && IS("free_vmap_area_noflush"))
		type = KMR_EV_VMAP_FREE;
	if (type)
		*seen |= SEEN_VMAP;
	return type;
}

static enum kmr_event_type compaction_type(const char *name, size_t len)
{
	switch (len) {
	case 17:
		return IS("mm_compaction_end") ? KMR_EV_COMPACT_END : KMR_EV_NONE;
	case 19:
		return IS("mm_compaction_begin") ? KMR_EV_COMPACT_BEGIN : KMR_EV_NONE;
	case 22:
		return IS("mm_compaction_suitable") ? KMR_EV_COMPACT_SUITABLE : KMR_EV_NONE;
	case 26:
		return IS("mm_compaction_migratepages") ? KMR_EV_COMPACT_MIGRATE : KMR_EV_NONE;
	case 31:
		return IS("mm_compaction_isolate_freepages") ? KMR_EV_COMPACT_ISOLATE_FREE
							     : KMR_EV_NONE;
	case 34:
		return IS("mm_compaction_isolate_migratepages") ? KMR_EV_COMPACT_ISOLATE_MIGRATE
								: KMR_EV_NONE;
	case 36:
		return IS("mm_compaction_fast_isolate_freepages") ? KMR_EV_COMPACT_FAST_FREE
								  : KMR_EV_NONE;
	default:
		return KMR_EV_NONE;
	}
}

static enum kmr_event_type vmscan_type(const char *name, size_t len)
{
	switch (len) {
	case 21:
		if (IS("mm_vmscan_lru_isolate"))
			return KMR_EV_LRU_ISOLATE;
		return IS("mm_vmscan_kswapd_wake") ? KMR_EV_KSWAPD_WAKE : KMR_EV_NONE;
	case 22:
		return IS("mm_vmscan_kswapd_sleep") ? KMR_EV_KSWAPD_SLEEP : KMR_EV_NONE;
	case 23:
		return IS("mm_vmscan_wakeup_kswapd") ? KMR_EV_KSWAPD_CALL : KMR_EV_NONE;
	case 28:
		return IS("mm_vmscan_direct_reclaim_end") ? KMR_EV_RECLAIM_END : KMR_EV_NONE;
	case 30:
		return IS("mm_vmscan_direct_reclaim_begin") ? KMR_EV_RECLAIM_BEGIN : KMR_EV_NONE;
	default:
		return KMR_EV_NONE;
	}
}

/* What workloads ask for that no kernel has an event for. */
static enum kmr_event_type workload_type(const char *name, size_t len)
{
	switch (len) {
	case 8:
		return IS("kmr_kmap") ? KMR_EV_KMAP : KMR_EV_NONE;
	case 9:
		return IS("kmr_vfree") ? KMR_EV_VFREE : KMR_EV_NONE;
	case 10:
		return IS("kmr_kunmap") ? KMR_EV_KUNMAP : KMR_EV_NONE;
	case 11:
		return IS("kmr_vmalloc") ? KMR_EV_VMALLOC : KMR_EV_NONE;
	case 14:
		return IS("kmr_kmap_local") ? KMR_EV_KMAP_LOCAL : KMR_EV_NONE;
	case 16:
		if (IS("kmr_nr_hugepages"))
			return KMR_EV_HUGEPAGES;
		return IS("kmr_kunmap_local") ? KMR_EV_KUNMAP_LOCAL : KMR_EV_NONE;
	case 17:
		return IS("kmr_memory_online") ? KMR_EV_MEM_ONLINE : KMR_EV_NONE;
	case 18:
		return IS("kmr_memory_offline") ? KMR_EV_MEM_OFFLINE : KMR_EV_NONE;
	default:
		return KMR_EV_NONE;
	}
}

static enum kmr_event_type cma_type(const char *name, size_t len)
{
	switch (len) {
	case 9: /* until 5.12 */
		return IS("cma_alloc") ? KMR_EV_CMA_ALLOC : KMR_EV_NONE;
	case 11:
		return IS("cma_release") ? KMR_EV_CMA_RELEASE : KMR_EV_NONE;
	case 16: /* since 5.13 */
		return IS("cma_alloc_finish") ? KMR_EV_CMA_ALLOC : KMR_EV_NONE;
	default:
		return KMR_EV_NONE;
	}
}

static enum kmr_event_type rare_type(const char *name, size_t len, uint32_t *seen)
{
	if (len > 4 && IS("kmr_"))
		return workload_type(name, len);
	if (name[0] == 'c')
		return cma_type(name, len);
	if (len < 12)
		return KMR_EV_NONE;
	if (IS("mm_comp"))
		return compaction_type(name, len);
	if (IS("mm_vmsc"))
		return vmscan_type(name, len);
	if (IS("mm_shri"))
		return len == 18 && IS("mm_shrink_slab_end") ? KMR_EV_SHRINK_SLAB : KMR_EV_NONE;
	if (IS("mm_page")) {
		if (len == 12 || len == 15 || len == 19 || len == 20)
			return free_type(name, len, seen);
		return KMR_EV_NONE;
	}
	if (name[0] == 'k')
		return node_type(name, len, seen);
	return vmap_type(name, len, seen);
}

enum kmr_event_type decode_type(const char *name, size_t len, uint32_t *seen)
{
	enum kmr_event_type type = KMR_EV_NONE;

	switch (len) {
	case 5:
		type = IS("kfree") ? KMR_EV_KFREE : KMR_EV_NONE;
		break;
	case 7:
		type = IS("kmalloc") ? KMR_EV_KMALLOC : KMR_EV_NONE;
		break;
	case 12:
		type = IS("mm_page_free") ? KMR_EV_PAGE_FREE : KMR_EV_NONE;
		break;
	case 13:
		type = IS("mm_page_alloc") ? KMR_EV_PAGE_ALLOC : KMR_EV_NONE;
		break;
	case 15:
		type = IS("kmem_cache_free") ? KMR_EV_CACHE_FREE : KMR_EV_NONE;
		break;
	case 16:
		type = IS("kmem_cache_alloc") ? KMR_EV_CACHE_ALLOC : KMR_EV_NONE;
		break;
	case 18:
		type = IS("mm_page_pcpu_drain") ? KMR_EV_PAGE_DRAIN : KMR_EV_NONE;
		break;
	case 21:
		type = IS("mm_page_alloc_extfrag") ? KMR_EV_PAGE_EXTFRAG : KMR_EV_NONE;
		break;
	case 25:
		type = IS("mm_page_alloc_zone_locked") ? KMR_EV_PAGE_REFILL : KMR_EV_NONE;
		break;
	default:
		break;
	}
	return type ? type : rare_type(name, len, seen);
}
