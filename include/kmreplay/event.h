/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event: what every reader decodes a trace into and everything behind it consumes.
 *
 * One fixed-size struct for all kinds, 40 bytes, so that a batch of them is a plain array and a
 * trace of any length streams through a few cache lines.  Strings (call sites, caches, tasks) are
 * interned once by the reader; events carry their small ids, 0 meaning "not known".  GFP flags
 * are canonical (gfp.h), never a kernel version's numbers.
 */
#ifndef KMREPLAY_EVENT_H
#define KMREPLAY_EVENT_H

#include <stdint.h>

enum kmr_event_type {
	KMR_EV_NONE,
	/* requests to the page allocator; addr = page frame number */
	KMR_EV_PAGE_ALLOC, /* mm_page_alloc; addr = KMR_EV_NO_PFN: the kernel had none left */
	KMR_EV_PAGE_FREE, /* mm_page_free: prepared, see KMR_EV_PAGE_FREE_BATCHED */
	KMR_EV_PAGE_FREE_BATCHED, /* mm_page_free_batched: a page freed through a list, committed */
	/* what the page allocator did about them; checks for a model, not requests */
	KMR_EV_PAGE_REFILL, /* mm_page_alloc_zone_locked */
	KMR_EV_PAGE_DRAIN, /* mm_page_pcpu_drain */
	KMR_EV_PAGE_EXTFRAG, /* mm_page_alloc_extfrag */
	/* objects; addr = pointer */
	KMR_EV_KMALLOC, /* kmalloc, kmalloc_node */
	KMR_EV_KFREE, /* kfree */
	KMR_EV_CACHE_ALLOC, /* kmem_cache_alloc, kmem_cache_alloc_node */
	KMR_EV_CACHE_FREE, /* kmem_cache_free */
	/* kernel virtual memory; addr = start (VMAP_PURGE: of the purged range), size in bytes */
	KMR_EV_VMAP_ALLOC, /* alloc_vmap_area: area; addr = KMR_EV_NO_PFN: there was no room */
	KMR_EV_VMAP_PURGE, /* purge_vmap_area_lazy; size = end - start */
	KMR_EV_VMAP_FREE, /* free_vmap_area_noflush; size = pages lazily freed so far */
	/* compaction and reclaim, as far as the allocator's lists see it; addr = a pfn */
	KMR_EV_COMPACT_BEGIN, /* addr = zone start, scanners.migrate_pfn, scanners.free_pfn */
	KMR_EV_COMPACT_END, /* addr = zone start, scanners.migrate_pfn, scanners.free_pfn */
	/* addr = range start, end, scan.scanned, scan.taken (pages) */
	KMR_EV_COMPACT_ISOLATE_FREE,
	KMR_EV_COMPACT_ISOLATE_MIGRATE, /* the same for the migration scanner */
	KMR_EV_COMPACT_MIGRATE, /* scan.taken = migrated, scan.scanned = failed */
	KMR_EV_KSWAPD_WAKE, /* node, page.order */
	KMR_EV_KSWAPD_SLEEP, /* node */
	KMR_EV_RECLAIM_BEGIN, /* mm_vmscan_direct_reclaim_begin: page.order, gfp */
	KMR_EV_RECLAIM_END, /* mm_vmscan_direct_reclaim_end: size = pages reclaimed */
	/* mm_vmscan_wakeup_kswapd: node, page.order, gfp (0: because of a boosted watermark) */
	KMR_EV_KSWAPD_CALL,
	/* mm_compaction_suitable: node, page.order, KMR_EV_WHOLE_ZONE: not for a request */
	KMR_EV_COMPACT_SUITABLE,
	KMR_EV_LRU_ISOLATE, /* mm_vmscan_lru_isolate: size = the highest zone's place in zone_type */
	KMR_EV_SHRINK_SLAB, /* mm_shrink_slab_end: a shrinker is done */
	KMR_EV_COMPACT_FAST_FREE, /* mm_compaction_fast_isolate_freepages: scan.taken (pages) */
	/* requests that no kernel event tells, or not so: of workloads, by kmreplay's own names */
	KMR_EV_VMALLOC, /* kmr_vmalloc; addr = a name for it, size in bytes, gfp, page.order unused */
	KMR_EV_VFREE, /* kmr_vfree; addr = that name */
	KMR_EV_KMAP, /* kmr_kmap; addr = pfn of a page that is allocated */
	KMR_EV_KUNMAP, /* kmr_kunmap; addr = pfn */
	KMR_EV_KMAP_LOCAL, /* kmr_kmap_local: a fixed slot of the CPU; addr = pfn */
	KMR_EV_KUNMAP_LOCAL, /* kmr_kunmap_local; addr = pfn */
	/* cma_alloc_finish; addr = first pfn, KMR_EV_NO_PFN: failed; size = pages, align */
	KMR_EV_CMA_ALLOC,
	KMR_EV_CMA_RELEASE, /* cma_release; addr = first pfn, size = pages */
	/* kmr_memory_online; addr = first pfn, block.pages, block.zone, node (-1: not told) */
	KMR_EV_MEM_ONLINE,
	KMR_EV_MEM_OFFLINE, /* kmr_memory_offline; addr = first pfn, block.pages */
	/* kmr_nr_hugepages; size = how large the pool shall be, huge pages; node, -1: all */
	KMR_EV_HUGEPAGES,
	/* about the trace itself */
	KMR_EV_MARK, /* trace_printk "kmsnap: N": an exact snapshot was taken here; addr = N */
	KMR_EV_LOST, /* the ring buffer overran; addr = events lost, cpu = where */
	KMR_EV_NR_TYPES,
};

#define KMR_EV_NO_PFN	  UINT64_MAX
#define KMR_EV_ANY_ZONE	  UINT32_MAX
#define KMR_EV_WHOLE_ZONE UINT8_MAX /* no order */

/* kmr_event.flags */
enum {
	KMR_EVF_CONTEXT = 0x03, /* mask: the context it ran in, enum kmr_context */
	KMR_EVF_CONTEXT_KNOWN = 0x04, /* the trace has the irq-info column */
	KMR_EVF_GFP_KNOWN = 0x08, /* gfp was in the trace and could be read */
	KMR_EVF_ACCOUNTED = 0x10, /* accounted=true */
	KMR_EVF_PERCPU_REFILL = 0x20, /* PAGE_REFILL: for a per-CPU list */
	KMR_EVF_POLICY = 0x30, /* PAGE_ALLOC of a workload: mask, enum kmr_policy */
	KMR_EVF_CHANGE_OWNER = 0x40, /* PAGE_EXTFRAG: the pageblock changed its type */
	/*
	 * PAGE_FREE, PAGE_FREE_BATCHED of interrupts, from what the tape has of the frame later: it went
	 * to the free lists at once, as the per-CPU lists were taken; or it did go to those.
	 */
	KMR_EVF_AROUND_LISTS = 0x20,
	KMR_EVF_THROUGH_LISTS = 0x40,
	/* KFREE, CACHE_FREE, from attribution: the next that the trace has of it is another free */
	KMR_EVF_TAKEN_AGAIN = 0x80,
};

/*
 * The memory policy that a workload's request of pages comes with.  Which node it is the turn of is
 * known without the allocator, so those that only choose a node have chosen it: KMR_EV_PAGE_ALLOC's.
 * (mm/mempolicy.c: policy_nodemask(), alloc_pages_preferred_many())
 */
enum kmr_policy {
	KMR_POLICY_NONE, /* or MPOL_PREFERRED, which is a node */
	KMR_POLICY_INTERLEAVE = 0x10, /* weighted or not: it was that node's turn */
	KMR_POLICY_BIND = 0x20, /* from no other nodes */
	KMR_POLICY_PREFERRED_MANY = 0x30, /* from these nodes, unless it would take reclaim */
};

#define KMR_POLICY_NODES 32u /* policies know nodes below this */

/* Who interrupted whom: a higher context can run within a lower one on the same CPU. */
enum kmr_context {
	KMR_CTX_TASK,
	KMR_CTX_SOFTIRQ,
	KMR_CTX_HARDIRQ,
	KMR_CTX_NMI
};

/* Who a page was asked for by. */
enum kmr_owner {
	KMR_OWNER_DIRECT, /* its user, or nothing says otherwise */
	KMR_OWNER_SLAB, /* a cache of objects that grew */
	KMR_OWNER_KMALLOC, /* a kmalloc() too large for a cache */
	KMR_OWNER_VMALLOC,
	KMR_OWNER_NR,
};

struct kmr_event {
	uint64_t time; /* ns on the trace's clock */
	uint64_t addr; /* pfn or pointer, by type; see above */
	union {
		struct {
			uint32_t req; /* bytes asked for */
			uint32_t alloc; /* bytes given */
		} bytes; /* object events */
		struct {
			uint8_t order;
			uint8_t migratetype; /* enum kmr_migratetype; KMR_MIGRATE_UNKNOWN */
			uint8_t fallback_order;
			uint8_t fallback_migratetype; /* both: PAGE_EXTFRAG */
			uint32_t nodes; /* PAGE_ALLOC with a policy of nodes: bit by bit */
		} page; /* page events */
		/* the same for allocations and frees, once it is known who asked (attribution) */
		struct {
			uint8_t order;
			uint8_t migratetype;
			uint8_t owner; /* enum kmr_owner */
			uint8_t confidence; /* percent; 100: the object lies in the page */
			/* PAGE_ALLOC: number, from 1, of the event that it served; 0: not known */
			uint32_t cause;
		} asked;
		struct {
			uint32_t scanned;
			uint32_t taken;
		} scan; /* compaction, pages */
		struct {
			uint32_t migrate_pfn;
			uint32_t free_pfn;
		} scanners; /* compaction: where they are */
		struct {
			uint32_t pages;
			uint32_t
				zone; /* enum kmr_zone_type; KMR_EV_ANY_ZONE: the kernel's default */
		} block; /* memory hot-plug */
		struct {
			uint64_t bytes : 48;
			uint64_t align_order : 6; /* alignment: 2^this bytes */
			uint64_t range : 10; /* kmr_source_range() */
		} area; /* VMAP_ALLOC */
		uint64_t size; /* by type, see above */
	};
	union {
		uint32_t gfp; /* canonical, enum in gfp.h */
		uint32_t align; /* CMA_ALLOC: order that the first frame is a multiple of */
		uint32_t end; /* COMPACT_ISOLATE_*: range end, past its last frame */
	};
	uint32_t site : 24; /* call site, an id in the reader's table; 0: none */
	int32_t node : 8; /* NUMA node asked for; -1: any */
	uint16_t cpu;
	uint16_t task; /* "comm-pid", an id; 0: none; 65535: the table is full */
	/* slab cache name, an id; 0: none; page events: the owner's; CMA events: the area's name */
	uint16_t cache;
	uint8_t type; /* enum kmr_event_type */
	uint8_t flags; /* KMR_EVF_* */
};

_Static_assert(sizeof(struct kmr_event) == 40, "the event is 40 bytes");

/* The kernel's migrate types (include/linux/mmzone.h), the same from 4.x to 6.12 with CMA. */
enum kmr_migratetype {
	KMR_MIGRATE_UNMOVABLE,
	KMR_MIGRATE_MOVABLE,
	KMR_MIGRATE_RECLAIMABLE,
	KMR_MIGRATE_PCPTYPES, /* the number of types on the per-CPU lists */
	KMR_MIGRATE_HIGHATOMIC = KMR_MIGRATE_PCPTYPES,
	KMR_MIGRATE_CMA,
	KMR_MIGRATE_ISOLATE,
	KMR_MIGRATE_TYPES,
	KMR_MIGRATE_UNKNOWN = 0xff,
};

/* "mm_page_alloc" and so on: the kernel's name for the event; never NULL. */
const char *kmr_event_name(enum kmr_event_type type);

/* "Unmovable", … as in /proc/pagetypeinfo; "?" beyond. */
const char *kmr_migratetype_name(unsigned int migratetype);

#endif
