// SPDX-License-Identifier: GPL-2.0-only
/* The fields of every event, what versions leave out, and what is wrong with malformed ones. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "feed.h"
#include "kmreplay/gfp.h"

static struct feed feed;

/* Decodes one event, given from its name on. */
static const struct kmr_event *decode(const char *event)
{
	char text[1024];

	feed_done(&feed);
	(void)snprintf(text, sizeof(text), "  a-1       [000] d..1.    20.067457: %s\n", event);
	feed_text(&feed, text);
	cr_assert_eq(feed.status, 0, "%s: %s", event, feed.err.msg);
	cr_assert_eq(feed.count, 1, "%s: %s", event, feed.info->first_malformed[0].reason);
	return &feed.events[0];
}

static void check_malformed(const char *event, const char *reason)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
		       "  a-1       [000] d..1.    20.067457: foo: bar\n"
		       "  a-1       [000] d..1.    20.067457: %s\n",
		       event);
	feed_text(&feed, text);
	cr_assert_eq(feed.status, 0, "%s: %s", event, feed.err.msg);
	cr_assert_eq(feed.info->malformed, 1, "%s", event);
	cr_expect_eq(feed.info->events, 0, "%s", event);
	cr_expect_str_eq(feed.info->first_malformed[0].reason, reason, "%s: '%s'", event,
			 feed.info->first_malformed[0].reason);
	cr_expect_eq(feed.info->first_malformed[0].line, 2, "%s", event);
	feed_done(&feed);
}

static void done(void)
{
	feed_done(&feed);
}

Test(fields, page_alloc, .fini = done)
{
	const struct kmr_event *ev = decode("mm_page_alloc: page=f6ac9180 pfn=0x658c order=3 "
					    "migratetype=1 gfp_flags=GFP_KERNEL|__GFP_ZERO");

	cr_expect_eq(ev->type, KMR_EV_PAGE_ALLOC);
	cr_expect_eq(ev->addr, 0x658c);
	cr_expect_eq(ev->page.order, 3);
	cr_expect_eq(ev->page.migratetype, KMR_MIGRATE_MOVABLE);
	cr_expect_eq(ev->gfp, KMR_GFP_KERNEL | KMR_GFP_ZERO);
	cr_expect_eq(ev->node, -1);
	cr_expect_eq(ev->flags, KMR_EVF_CONTEXT_KNOWN | KMR_EVF_GFP_KNOWN);
	cr_expect_eq(feed.info->max_pfn, 0x658c + 7);
	cr_expect_eq(feed.info->pointer_bits, 32);
	/* a workload's, which asks for a page of another node than its CPU's */
	ev = decode("mm_page_alloc: page=f6ac9180 pfn=0x658c order=3 migratetype=1 "
		    "gfp_flags=GFP_KERNEL node=2");
	cr_expect_eq(ev->node, 2);
}

#define ALLOC "mm_page_alloc: page=f6ac9180 pfn=0x658c order=0 migratetype=1 gfp_flags=GFP_KERNEL"

/* What workloads print behind the kernel's fields. */
Test(fields, page_alloc_with_policy, .fini = done)
{
	const struct kmr_event *ev = decode(ALLOC " node=2 policy=interleave");

	cr_expect_eq(ev->node, 2);
	cr_expect_eq(ev->flags & KMR_EVF_POLICY, KMR_POLICY_INTERLEAVE);
	cr_expect_eq(ev->page.nodes, 0);
	ev = decode(ALLOC " policy=bind nodes=0x80000001");
	cr_expect_eq(ev->node, -1);
	cr_expect_eq(ev->flags & KMR_EVF_POLICY, KMR_POLICY_BIND);
	cr_expect_eq(ev->page.nodes, 0x80000001);
	ev = decode(ALLOC " policy=preferred_many nodes=0x6");
	cr_expect_eq(ev->flags & KMR_EVF_POLICY, KMR_POLICY_PREFERRED_MANY);
	cr_expect_eq(ev->page.nodes, 6);
}

Test(fields, malformed_policy)
{
	check_malformed(ALLOC " policy=bind", "policy= without nodes=");
	check_malformed(ALLOC " policy=bind nodes=0x100000000", "bad nodes=");
	check_malformed(ALLOC " policy=default", "bad policy=");
	check_malformed(ALLOC " policy=", "bad policy=");
}

Test(fields, page_refill, .fini = done)
{
	const struct kmr_event *ev = decode("mm_page_alloc_zone_locked: page=cbf26260 pfn=0x6613 "
					    "order=1 migratetype=2 percpu_refill=1");

	cr_expect_eq(ev->type, KMR_EV_PAGE_REFILL);
	cr_expect_eq(ev->page.order, 1);
	cr_expect_eq(ev->page.migratetype, KMR_MIGRATE_RECLAIMABLE);
	cr_expect_eq(ev->flags, KMR_EVF_CONTEXT_KNOWN | KMR_EVF_PERCPU_REFILL);
	ev = decode("mm_page_alloc_zone_locked: page=cbf26260 pfn=0x6613 order=1 migratetype=2 "
		    "percpu_refill=0");
	cr_expect_eq(ev->flags, KMR_EVF_CONTEXT_KNOWN);
}

Test(fields, page_drain, .fini = done)
{
	const struct kmr_event *ev = decode("mm_page_pcpu_drain: page=ffffea00000075d4 pfn=0x75d4 "
					    "order=2 migratetype=9");

	cr_expect_eq(ev->type, KMR_EV_PAGE_DRAIN);
	cr_expect_eq(ev->page.order, 2);
	cr_expect_eq(ev->page.migratetype, KMR_MIGRATE_UNKNOWN);
	cr_expect_eq(feed.info->pointer_bits, 64);
}

Test(fields, page_extfrag, .fini = done)
{
	const struct kmr_event *ev =
		decode("mm_page_alloc_extfrag: page=cbf32000 pfn=0x6c00 alloc_order=0 "
		       "fallback_order=10 pageblock_order=9 alloc_migratetype=0 "
		       "fallback_migratetype=1 fragmenting=0 change_ownership=1");

	cr_expect_eq(ev->type, KMR_EV_PAGE_EXTFRAG);
	cr_expect_eq(ev->addr, 0x6c00);
	cr_expect_eq(ev->page.order, 0);
	cr_expect_eq(ev->page.fallback_order, 10);
	cr_expect_eq(ev->page.migratetype, KMR_MIGRATE_UNMOVABLE);
	cr_expect_eq(ev->page.fallback_migratetype, KMR_MIGRATE_MOVABLE);
	cr_expect_eq(ev->flags, KMR_EVF_CONTEXT_KNOWN | KMR_EVF_CHANGE_OWNER);
	cr_expect_eq(feed.info->max_pfn, 0x6c00 + 1023);
}

Test(fields, object_alloc, .fini = done)
{
	const struct kmr_event *ev =
		decode("kmem_cache_alloc: call_site=__d_alloc+0x29/0x1d0 ptr=ffff888007839c00 "
		       "bytes_req=190 bytes_alloc=192 gfp_flags=GFP_ATOMIC node=1 accounted=true");

	cr_expect_eq(ev->type, KMR_EV_CACHE_ALLOC);
	cr_expect_eq(ev->addr, 0xffff888007839c00);
	cr_expect_eq(ev->bytes.req, 190);
	cr_expect_eq(ev->bytes.alloc, 192);
	cr_expect_eq(ev->gfp, KMR_GFP_HIGH | KMR_GFP_ATOMIC | KMR_GFP_KSWAPD_RECLAIM);
	cr_expect_eq(ev->node, 1);
	cr_expect_eq(ev->flags, KMR_EVF_CONTEXT_KNOWN | KMR_EVF_GFP_KNOWN | KMR_EVF_ACCOUNTED);
	cr_expect_str_eq(kmr_source_site(feed.source, ev->site), "__d_alloc+0x29");
}

/* Before 6.1: no node=, no accounted=, and events of their own for a node. */
/* Newer kernels name the cache in the middle. */
Test(fields, object_alloc_with_name, .fini = done)
{
	const struct kmr_event *ev =
		decode("kmem_cache_alloc: call_site=mas_preallocate+0x3ef ptr=0xffff888104b94900 "
		       "name=maple node bytes_req=256 bytes_alloc=264 gfp_flags=GFP_KERNEL node=1 "
		       "accounted=true");

	cr_assert_str_eq(kmr_source_cache(feed.source, ev->cache), "maple node");
	cr_assert(ev->bytes.req == 256 && ev->bytes.alloc == 264 && ev->node == 1);
	cr_assert_eq(ev->gfp, KMR_GFP_KERNEL);
	cr_assert(ev->flags & KMR_EVF_ACCOUNTED);
	ev = decode("kmem_cache_alloc: call_site=a+0x3 ptr=ffff888104b94900 name= bytes_req=256 "
		    "bytes_alloc=256 gfp_flags=none node=-1 accounted=false");
	cr_assert(!ev->cache && ev->bytes.req == 256);
	/* not where kernels have it, and the line ends with it */
	ev = decode("kmem_cache_alloc: call_site=a+0x3 ptr=ffff888104b94900 name=x gfp_flags=none "
		    "bytes_req=256 bytes_alloc=256");
	cr_assert_str_eq(kmr_source_cache(feed.source, ev->cache), "x");
}

Test(fields, object_alloc_that_ends_in_its_name)
{
	check_malformed("kmem_cache_alloc: call_site=a+0x3 ptr=ffff888104b94900 name=x",
			"no bytes_req=");
}

Test(fields, object_alloc_of_old_kernels, .fini = done)
{
	const struct kmr_event *ev =
		decode("kmalloc: call_site=ffffffff8110a1b2 ptr=ffff880007839c00 bytes_req=10 "
		       "bytes_alloc=16 gfp_flags=GFP_KERNEL");

	cr_expect_eq(ev->type, KMR_EV_KMALLOC);
	cr_expect_eq(ev->node, -1);
	cr_expect_eq(ev->gfp, KMR_GFP_KERNEL);
	ev = decode("kmem_cache_alloc_node: call_site=ffffffff8110a1b2 ptr=ffff880007839c00 "
		    "bytes_req=10 bytes_alloc=16 gfp_flags=GFP_KERNEL|GFP_REPEAT node=3");
	cr_expect_eq(ev->type, KMR_EV_CACHE_ALLOC);
	cr_expect_eq(ev->node, 3);
	cr_expect_eq(ev->gfp, KMR_GFP_KERNEL | KMR_GFP_RETRY_MAYFAIL);
	cr_expect_str_eq(feed.info->kernel, "6.0 or earlier");
	ev = decode("kmalloc_node: call_site=foo ptr=ffff880007839c00 bytes_req=10 "
		    "bytes_alloc=16 gfp_flags=GFP_KERNEL node=-1");
	cr_expect_eq(ev->type, KMR_EV_KMALLOC);
	cr_expect_eq(ev->node, -1);
}

/* A kernel that prints gfp_flags= and name= empty. */
Test(fields, empty_fields, .fini = done)
{
	const struct kmr_event *ev =
		decode("kmem_cache_alloc: call_site=foo+0x2b/0x180 ptr=ffff888006771000 "
		       "bytes_req=4096 bytes_alloc=4096 gfp_flags= node=-1 accounted=false");

	cr_expect_eq(ev->flags, KMR_EVF_CONTEXT_KNOWN);
	cr_expect_eq(ev->gfp, 0);
	cr_expect_eq(ev->bytes.alloc, 4096);
	cr_expect_not(feed.info->has_gfp);
	ev = decode("kmem_cache_free: call_site=foo+0x5b/0x70 ptr=ffff888006771000 name=");
	cr_expect_eq(ev->cache, 0);
	ev = decode("mm_page_alloc: page=ffffea00001d8a40 pfn=0x7629 order=0 migratetype=0 "
		    "gfp_flags=");
	cr_expect_eq(ev->flags, KMR_EVF_CONTEXT_KNOWN);
}

Test(fields, cache_names, .fini = done)
{
	const struct kmr_event *ev =
		decode("kmem_cache_free: call_site=foo+0x5b/0x70 ptr=ffff888006771000 name=filp");

	cr_expect_str_eq(kmr_source_cache(feed.source, ev->cache), "filp");
	ev = decode(
		"kmem_cache_free: call_site=foo ptr=ffff888006771000 name=my own ptr=1 cache  ");
	cr_expect_str_eq(kmr_source_cache(feed.source, ev->cache), "my own ptr=1 cache");
	cr_expect_eq(ev->addr, 0xffff888006771000);
	ev = decode("kmem_cache_free: call_site=foo ptr=ffff888006771000");
	cr_expect_eq(ev->cache, 0);
	cr_expect_str_eq(kmr_source_cache(feed.source, 77), "");
}

Test(fields, fields_in_another_order, .fini = done)
{
	const struct kmr_event *ev = decode("mm_page_alloc: order=2 gfp_flags=GFP_NOFS new=1 "
					    "migratetype=2 pfn=99 page=f6000000");

	cr_expect_eq(ev->addr, 99);
	cr_expect_eq(ev->page.order, 2);
	cr_expect_eq(ev->page.migratetype, 2);
	cr_expect_eq(ev->gfp, KMR_GFP_RECLAIM | KMR_GFP_IO);
}

Test(fields, vmap, .fini = done)
{
	uint64_t start, end;
	const struct kmr_event *ev =
		decode("alloc_vmap_area: va_start: 18446683600570224640 size=50335744 align=1 "
		       "vstart=0xffffc90000000000 vend=0xffffe8ffffffffff failed=0");

	cr_expect_eq(ev->type, KMR_EV_VMAP_ALLOC);
	cr_expect_eq(ev->addr, UINT64_C(18446683600570224640));
	cr_expect_eq(ev->area.bytes, 50335744);
	cr_expect_eq(ev->area.align_order, 0);
	cr_expect_eq(ev->area.range, 1);
	cr_expect(kmr_source_range(feed.source, 1, &start, &end));
	cr_expect_eq(start, 0xffffc90000000000);
	cr_expect_eq(end, 0xffffe8ffffffffff);
	cr_expect_not(kmr_source_range(feed.source, 0, &start, &end));
	cr_expect_not(kmr_source_range(feed.source, 2, &start, &end));
	cr_expect_str_eq(feed.info->kernel, "6.2 or later");
	ev = decode("alloc_vmap_area: va_start: 5 size=4096 align=2097152 vstart=0x1 vend=0x2 "
		    "failed=1");
	cr_expect_eq(ev->addr, KMR_EV_NO_PFN);
	cr_expect_eq(ev->area.align_order, 21);
	ev = decode("alloc_vmap_area: va_start: 5 size=4096 failed=0");
	cr_expect_eq(ev->area.range, 0);
	ev = decode("purge_vmap_area_lazy: start=0xffffc90000000000 end=0xffffc90000004000 "
		    "num_purged=3");
	cr_expect_eq(ev->type, KMR_EV_VMAP_PURGE);
	cr_expect_eq(ev->addr, 0xffffc90000000000);
	cr_expect_eq(ev->size, 0x4000);
	ev = decode("free_vmap_area_noflush: va_start=0xffffc90000000000 nr_lazy=7 nr_lazy_max=99");
	cr_expect_eq(ev->type, KMR_EV_VMAP_FREE);
	cr_expect_eq(ev->addr, 0xffffc90000000000);
	cr_expect_eq(ev->size, 7);
}

Test(fields, ranges_of_addresses, .fini = done)
{
	char text[20000];
	size_t used = 0;

	/* 20 different ones, each twice: the first 16 are kept */
	for (unsigned int i = 0; i < 40; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "  a-1       [000] d..1.    20.067457: alloc_vmap_area: "
					 "va_start: 5 size=4096 align=1 vstart=0x%x vend=0x99999 "
					 "failed=0\n",
					 i / 2);
	feed_text(&feed, text);
	cr_assert_eq(feed.count, 40);
	cr_expect_eq(feed.events[0].area.range, 1);
	cr_expect_eq(feed.events[1].area.range, 1);
	cr_expect_eq(feed.events[31].area.range, 16);
	cr_expect_eq(feed.events[32].area.range, 0);
}

/* Requests that no kernel has events for. */
Test(fields, of_workloads, .fini = done)
{
	static const struct {
		const char *text;
		enum kmr_event_type type;
	} kmaps[] = {
		{ "kmr_kmap: pfn=0x12345", KMR_EV_KMAP },
		{ "kmr_kunmap: pfn=0x12345", KMR_EV_KUNMAP },
		{ "kmr_kmap_local: pfn=0x12345", KMR_EV_KMAP_LOCAL },
		{ "kmr_kunmap_local: pfn=0x12345", KMR_EV_KUNMAP_LOCAL },
	};
	const struct kmr_event *ev = decode(
		"kmr_vmalloc: ptr=000000000000001f bytes=10485760 gfp_flags=GFP_KERNEL node=1");

	cr_expect_eq(ev->type, KMR_EV_VMALLOC);
	cr_expect_eq(ev->addr, 0x1f);
	cr_expect_eq(ev->size, 10485760);
	cr_expect_eq(ev->gfp, KMR_GFP_KERNEL);
	cr_expect_eq(ev->node, 1);
	ev = decode("kmr_vmalloc: ptr=0xabc bytes=1 gfp_flags=GFP_KERNEL");
	cr_expect_eq(ev->addr, 0xabc);
	cr_expect_eq(ev->node, -1);
	ev = decode("kmr_vfree: ptr=0xabc");
	cr_expect_eq(ev->type, KMR_EV_VFREE);
	cr_expect_eq(ev->addr, 0xabc);
	for (size_t i = 0; i < sizeof(kmaps) / sizeof(kmaps[0]); i++) {
		ev = decode(kmaps[i].text);
		cr_expect_eq(ev->type, kmaps[i].type);
		cr_expect_eq(ev->addr, 0x12345);
	}
}

Test(fields, of_workloads_malformed)
{
	check_malformed("kmr_vmalloc: bytes=1 gfp_flags=GFP_KERNEL", "no ptr=");
	check_malformed("kmr_vmalloc: ptr=x bytes=1 gfp_flags=GFP_KERNEL", "bad ptr=");
	check_malformed("kmr_vmalloc: ptr=1 gfp_flags=GFP_KERNEL", "no bytes=");
	check_malformed("kmr_vmalloc: ptr=1 bytes=-1 gfp_flags=GFP_KERNEL", "bad bytes=");
	check_malformed("kmr_vmalloc: ptr=1 bytes=1", "no gfp_flags=");
	check_malformed("kmr_vmalloc: ptr=1 bytes=1 gfp_flags=GFP_KERNEL node=1000", "bad node=");
	check_malformed("kmr_vfree: ptr=(null)", "bad ptr=");
	check_malformed("kmr_kmap: page=1", "no pfn=");
	check_malformed("kmr_kunmap: pfn=zz", "bad pfn=");
	check_malformed("kmr_kmap_local: pfn=0x10000000000000", "pfn= out of range");
}

Test(fields, compaction, .fini = done)
{
	const struct kmr_event *ev = decode("mm_compaction_begin: zone_start=0x1 migrate_pfn=0x1 "
					    "free_pfn=0xc00 zone_end=0x1000, mode=sync");

	cr_expect_eq(ev->type, KMR_EV_COMPACT_BEGIN);
	cr_expect_eq(ev->addr, 1);
	cr_expect_eq(ev->scanners.migrate_pfn, 1);
	cr_expect_eq(ev->scanners.free_pfn, 0xc00);
	ev = decode("mm_compaction_end: zone_start=0x1 migrate_pfn=0x800 free_pfn=0x900 "
		    "zone_end=0x1000, mode=sync status=complete");
	cr_expect_eq(ev->type, KMR_EV_COMPACT_END);
	cr_expect_eq(ev->scanners.migrate_pfn, 0x800);
	cr_expect_eq(ev->scanners.free_pfn, 0x900);
	ev = decode("mm_compaction_end: status=1");
	cr_expect_eq(ev->type, KMR_EV_COMPACT_END);
	ev = decode("mm_compaction_isolate_freepages: range=(0xc00 ~ 0x1000) nr_scanned=1024 "
		    "nr_taken=3");
	cr_expect_eq(ev->type, KMR_EV_COMPACT_ISOLATE_FREE);
	cr_expect_eq(ev->addr, 0xc00);
	cr_expect_eq(ev->end, 0x1000);
	cr_expect_eq(ev->scan.scanned, 1024);
	cr_expect_eq(ev->scan.taken, 3);
	ev = decode("mm_compaction_fast_isolate_freepages: range=(0x6a00 ~ 0xb200) nr_scanned=130 "
		    "nr_taken=128");
	cr_expect_eq(ev->type, KMR_EV_COMPACT_FAST_FREE);
	cr_expect_eq(ev->addr, 0x6a00);
	cr_expect_eq(ev->end, 0xb200);
	cr_expect_eq(ev->scan.taken, 128);
	ev = decode("mm_compaction_isolate_migratepages: nr_scanned=5 nr_taken=4");
	cr_expect_eq(ev->type, KMR_EV_COMPACT_ISOLATE_MIGRATE);
	cr_expect_eq(ev->addr, 0);
	cr_expect_eq(ev->scan.taken, 4);
	ev = decode("mm_compaction_migratepages: nr_migrated=480 nr_failed=512");
	cr_expect_eq(ev->type, KMR_EV_COMPACT_MIGRATE);
	cr_expect_eq(ev->scan.taken, 480);
	cr_expect_eq(ev->scan.scanned, 512);
	ev = decode("mm_compaction_suitable: node=1 zone=DMA32    order=9 ret=continue");
	cr_expect_eq(ev->type, KMR_EV_COMPACT_SUITABLE);
	cr_expect_eq(ev->node, 1);
	cr_expect_eq(ev->page.order, 9);
	ev = decode("mm_compaction_suitable: node=0 zone=DMA      order=-1 ret=continue");
	cr_expect_eq(ev->page.order, KMR_EV_WHOLE_ZONE);
}

Test(fields, reclaim, .fini = done)
{
	const struct kmr_event *ev = decode("mm_vmscan_kswapd_wake: nid=1 order=9");

	cr_expect_eq(ev->type, KMR_EV_KSWAPD_WAKE);
	cr_expect_eq(ev->node, 1);
	cr_expect_eq(ev->page.order, 9);
	ev = decode("mm_vmscan_kswapd_wake: nid=1 zid=2 order=9");
	cr_expect_eq(ev->page.order, 9);
	ev = decode("mm_vmscan_kswapd_sleep: nid=1");
	cr_expect_eq(ev->type, KMR_EV_KSWAPD_SLEEP);
	ev = decode("mm_vmscan_direct_reclaim_begin: order=2 may_writepage=1 gfp_flags=GFP_USER");
	cr_expect_eq(ev->type, KMR_EV_RECLAIM_BEGIN);
	cr_expect_eq(ev->page.order, 2);
	cr_expect_eq(ev->gfp, KMR_GFP_USER);
	ev = decode("mm_vmscan_direct_reclaim_end: nr_reclaimed=47");
	cr_expect_eq(ev->type, KMR_EV_RECLAIM_END);
	cr_expect_eq(ev->size, 47);
	ev = decode("mm_vmscan_wakeup_kswapd: nid=1 order=3 gfp_flags=GFP_USER");
	cr_expect_eq(ev->type, KMR_EV_KSWAPD_CALL);
	cr_expect_eq(ev->node, 1);
	cr_expect_eq(ev->page.order, 3);
	cr_expect_eq(ev->gfp, KMR_GFP_USER);
	ev = decode("mm_vmscan_wakeup_kswapd: nid=0 order=0 gfp_flags=none");
	cr_expect_eq(ev->gfp, 0);
	cr_expect(ev->flags & KMR_EVF_GFP_KNOWN);
	ev = decode("mm_vmscan_wakeup_kswapd: nid=0 zid=2 order=0");
	cr_expect_not(ev->flags & KMR_EVF_GFP_KNOWN);
	ev = decode("mm_vmscan_lru_isolate: classzone=3 order=0 nr_requested=4 nr_scanned=4 "
		    "nr_skipped=0 nr_taken=4 lru=inactive_file");
	cr_expect_eq(ev->type, KMR_EV_LRU_ISOLATE);
	cr_expect_eq(ev->size, 3);
	ev = decode("mm_shrink_slab_end: super_cache_scan+0x0/0x1a0 c64ce26c: nid: 0 unused scan "
		    "count 12 new scan count 12 total_scan 12 last shrinker return val 0");
	cr_expect_eq(ev->type, KMR_EV_SHRINK_SLAB);
}

/* Before 4.4 type 1 was reclaimable and 2 movable; a movable request of type 2 gives it away. */
Test(fields, old_migratetypes, .fini = done)
{
	const struct kmr_event *ev = decode("mm_page_alloc: page=ffffea00001d8a40 pfn=7 order=0 "
					    "migratetype=2 gfp_flags=GFP_HIGHUSER_MOVABLE");
	struct kmr_source_options old = { .version = 310 };
	static const char drain[] =
		" a-1 [000] 1.0: mm_page_pcpu_drain: page=ffffea00001d8a40 pfn=7 "
		"order=0 migratetype=1\n";

	cr_expect_eq(ev->page.migratetype, KMR_MIGRATE_MOVABLE);
	cr_expect_str_eq(feed.info->kernel, "4.3 or earlier");
	feed_done(&feed);
	feed_bytes(&feed, drain, sizeof(drain) - 1, &old);
	cr_expect_eq(feed.events[0].page.migratetype, KMR_MIGRATE_RECLAIMABLE);
}

Test(fields, gfp_numbers_by_the_version_they_show, .fini = done)
{
	const struct kmr_event *ev = decode("kmalloc: call_site=foo ptr=ffff880007839c00 "
					    "bytes_req=10 bytes_alloc=16 gfp_flags=0x14000c0");

	cr_expect_eq(ev->gfp, KMR_GFP_KERNEL);
	ev = decode("kmalloc: call_site=foo ptr=ffff880007839c00 bytes_req=10 bytes_alloc=16 "
		    "gfp_flags=208");
	cr_expect_eq(ev->gfp, KMR_GFP_KERNEL);
	ev = decode("kmalloc: call_site=foo ptr=ffff880007839c00 bytes_req=10 bytes_alloc=16 "
		    "gfp_flags=0xcc0");
	cr_expect_eq(ev->gfp, KMR_GFP_KERNEL);
}

Test(fields, kernel_hints, .fini = done)
{
	(void)decode("mm_page_free: page=f6ac9180 pfn=0x658c order=3");
	cr_expect_str_eq(feed.info->kernel, "5.14 or later");
	(void)decode("mm_page_free: page=f6ac9180 pfn=658 order=3");
	cr_expect_str_eq(feed.info->kernel, "5.13 or earlier");
	(void)decode("kfree: call_site=foo ptr=f6ac9180");
	cr_expect_str_eq(feed.info->kernel, "unknown");
	(void)decode("kmem_cache_free: call_site=foo ptr=f6ac9180 name=filp");
	cr_expect_str_eq(feed.info->kernel, "5.12 or later");
	(void)decode("kmalloc: call_site=foo ptr=f6ac9180 bytes_req=10 bytes_alloc=16 "
		     "gfp_flags=GFP_KERNEL node=-1 accounted=false");
	cr_expect_str_eq(feed.info->kernel, "6.1 or later");
	(void)decode("kmalloc_node: call_site=foo ptr=f6ac9180 bytes_req=10 bytes_alloc=16 "
		     "gfp_flags=GFP_KERNEL node=-1 accounted=false");
	cr_expect_str_eq(feed.info->kernel, "6.0 to 6.0");
}

Test(fields, hashed_pointers, .fini = done)
{
	(void)decode("mm_page_free: page=00000000c3a1b2d4 pfn=0x658c order=3");
	cr_expect(feed.info->hashed_pointers);
	(void)decode("kfree: call_site=foo ptr=0000000012345678");
	cr_expect(feed.info->hashed_pointers);
	(void)decode("kfree: call_site=foo ptr=ffff888007530000");
	cr_expect_not(feed.info->hashed_pointers);
	(void)decode("kfree: call_site=foo ptr=0000000000000010");
	cr_expect_not(feed.info->hashed_pointers);
	(void)decode("mm_page_free: page=3fa1b2d5 pfn=0x658c order=3");
	cr_expect(feed.info->hashed_pointers);
	cr_expect_eq(feed.info->pointer_bits, 32);
	(void)decode("mm_page_free: page=f6ac9180 pfn=0x658c order=3");
	cr_expect_not(feed.info->hashed_pointers);
	(void)decode("mm_page_free: page=(____ptrval____) pfn=0x658c order=3");
	cr_expect_eq(feed.info->pointer_bits, 0);
}

Test(fields, malformed_events_say_why)
{
	check_malformed("mm_page_free: order=3", "no pfn=");
	check_malformed("mm_page_free: page=f6ac9180 pfn=0x order=3", "bad pfn=");
	check_malformed("mm_page_free: page=f6ac9180 pfn=12x order=3", "bad pfn=");
	check_malformed("mm_page_free: page=f6ac9180 pfn=0x10000000000000000 order=3", "bad pfn=");
	check_malformed("mm_page_free: page=f6ac9180 pfn=0x10000000000000 order=3",
			"pfn= out of range");
	check_malformed("mm_page_free: page=f6acz180 pfn=0x1 order=3", "bad page=");
	check_malformed("mm_page_free: page=f6ac9180 pfn=0x1", "no order=");
	check_malformed("mm_page_free: page=f6ac9180 pfn=0x1 order=-1", "bad order=");
	check_malformed("mm_page_free: page=f6ac9180 pfn=0x1 order=32", "bad order=");
	check_malformed("mm_page_free: page=(null) pfn=0 order=0", "no page");
	check_malformed("mm_page_free: page=(null) pfn=5 order=0", "pfn= without a page");
	check_malformed("mm_page_alloc: page=f6ac9180 pfn=0x1 order=3", "no migratetype=");
	check_malformed("mm_page_alloc: page=f6ac9180 pfn=0x1 order=3 migratetype=a",
			"bad migratetype=");
	check_malformed("mm_page_alloc: page=f6ac9180 pfn=0x1 order=3 migratetype=0",
			"no gfp_flags=");
	check_malformed("mm_page_alloc_zone_locked: page=f6ac9180 pfn=0x1 order=0 migratetype=0",
			"no percpu_refill=");
	check_malformed("mm_page_alloc_extfrag: page=f6ac9180 pfn=0x1 alloc_order=0",
			"no fallback_order=");
	check_malformed("kfree: ptr=f6ac9180", "no call_site=");
	check_malformed("kfree: call_site= ptr=f6ac9180", "bad call_site=");
	check_malformed("kfree: call_site=foo", "no ptr=");
	check_malformed("kfree: call_site=foo ptr=hello", "bad ptr=");
	check_malformed("kfree: call_site=foo ptr=(____ptrval____)", "hidden ptr=");
	check_malformed("kmalloc: call_site=foo ptr=f6ac9180 bytes_req=99999999999 bytes_alloc=1 "
			"gfp_flags=none",
			"bad bytes_req=");
	check_malformed("kmalloc: call_site=foo ptr=f6ac9180 bytes_req=9 bytes_alloc=16 "
			"gfp_flags=none node=300",
			"bad node=");
	check_malformed("alloc_vmap_area: va_start: 99999999999999999999 size=1 failed=0",
			"bad va_start:");
	check_malformed("alloc_vmap_area: va_start: 1 size=281474976710656 failed=0", "bad size=");
	check_malformed("alloc_vmap_area: va_start: 1 size=1 align=3 failed=0", "bad align=");
	check_malformed("alloc_vmap_area: va_start: 1 size=1 vstart=x failed=0", "bad vstart=");
	check_malformed("alloc_vmap_area: va_start: 1 size=1 vstart=1 failed=0", "no vend=");
	check_malformed("alloc_vmap_area: va_start: 1 size=1 vstart=1 vend=x failed=0",
			"bad vend=");
	check_malformed("mm_vmscan_kswapd_wake: nid=-1 order=0", "bad nid=");
	check_malformed("mm_vmscan_wakeup_kswapd: order=0", "no nid=");
	check_malformed("mm_vmscan_lru_isolate: order=0", "no classzone=");
	check_malformed("mm_vmscan_lru_isolate: classzone=x", "bad classzone=");
	check_malformed("mm_compaction_begin: zone_start=1 free_pfn=1", "no migrate_pfn=");
	check_malformed("mm_compaction_begin: zone_start=1 migrate_pfn=1", "no free_pfn=");
	check_malformed("mm_compaction_suitable: zone=DMA order=0", "no node=");
	check_malformed("mm_compaction_suitable: node=-1 order=0", "bad node=");
	check_malformed("mm_compaction_suitable: node=0 zone=DMA", "no order=");
	check_malformed("mm_compaction_isolate_freepages: range=(1) nr_scanned=1 nr_taken=1",
			"bad range=");
}
