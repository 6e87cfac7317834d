// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of contiguous memory in the shapes that kernels print them, and kmreplay's own of memory
 * that comes and goes.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "feed.h"

static struct feed feed;

static const struct kmr_event *decode(const char *event)
{
	char text[1024];

	feed_done(&feed);
	(void)snprintf(text, sizeof(text), "  a-1       [002] d..1.    20.067457: %s\n", event);
	feed_text(&feed, text);
	cr_assert_eq(feed.status, 0, "%s: %s", event, feed.err.msg);
	cr_assert_eq(feed.count, 1, "%s: %s", event, feed.info->first_malformed[0].reason);
	return &feed.events[0];
}

static void check_malformed(const char *event, const char *reason)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "  a-1       [000] d..1.    20.067457: %s\n", event);
	feed_done(&feed);
	feed_text(&feed, text);
	cr_assert_eq(feed.status, 0, "%s: %s", event, feed.err.msg);
	cr_assert_eq(feed.info->malformed, 1, "%s", event);
	cr_expect_str_eq(feed.info->first_malformed[0].reason, reason, "%s: '%s'", event,
			 feed.info->first_malformed[0].reason);
}

static void done(void)
{
	feed_done(&feed);
}

/* include/trace/events/cma.h of 6.12, 6.1, and of 5.10, which had no name and no "0x" */
Test(contig_fields, cma_alloc, .fini = done)
{
	const struct kmr_event *ev =
		decode("cma_alloc_finish: name=reserved pfn=0x7c800 page=00000000d0e8f3cb "
		       "count=640 align=8 errorno=0");

	cr_expect_eq(ev->type, KMR_EV_CMA_ALLOC);
	cr_expect_eq(ev->addr, 0x7c800);
	cr_expect_eq(ev->size, 640);
	cr_expect_eq(ev->align, 8);
	cr_expect_eq(ev->cpu, 2);
	cr_expect_str_eq(kmr_source_cache(feed.source, ev->cache), "reserved");
	ev = decode("cma_alloc_finish: name=linux,cma pfn=0x7c800 page=ffffea0001f20000 count=1 "
		    "align=0");
	cr_expect_eq(ev->addr, 0x7c800);
	cr_expect_str_eq(kmr_source_cache(feed.source, ev->cache), "linux,cma");
	ev = decode("cma_alloc: pfn=7c800 page=ffffea0001f20000 count=16 align=4");
	cr_expect_eq(ev->type, KMR_EV_CMA_ALLOC);
	cr_expect_eq(ev->addr, 0x7c800);
	cr_expect_eq(ev->size, 16);
	cr_expect_eq(ev->align, 4);
	cr_expect_eq(ev->cache, 0);
}

/* The kernel had none: no page, whatever was tried last. */
Test(contig_fields, cma_failures, .fini = done)
{
	cr_expect_eq(decode("cma_alloc_finish: name=reserved pfn=0x7c800 page=0000000000000000 "
			    "count=640 align=8 errorno=-12")
			     ->addr,
		     KMR_EV_NO_PFN);
	cr_expect_eq(decode("cma_alloc_finish: name=reserved pfn=0xffffffffffffffff page=(null) "
			    "count=640 align=8")
			     ->addr,
		     KMR_EV_NO_PFN);
	cr_expect_eq(decode("cma_alloc_finish: name=reserved pfn=0x7c800 "
			    "page=00000000d0e8f3cb count=640 align=8 errorno=-16")
			     ->addr,
		     KMR_EV_NO_PFN);
}

Test(contig_fields, cma_release, .fini = done)
{
	const struct kmr_event *ev =
		decode("cma_release: name=reserved pfn=0x7c800 page=00000000d0e8f3cb count=640");

	cr_expect_eq(ev->type, KMR_EV_CMA_RELEASE);
	cr_expect_eq(ev->addr, 0x7c800);
	cr_expect_eq(ev->size, 640);
	cr_expect_str_eq(kmr_source_cache(feed.source, ev->cache), "reserved");
	ev = decode("cma_release: pfn=7c800 page=ffffea0001f20000 count=16");
	cr_expect_eq(ev->addr, 0x7c800);
	cr_expect_eq(ev->cache, 0);
}

/* What begins or is retried is not what came of it. */
Test(contig_fields, other_cma_events, .fini = done)
{
	static const char *const events[] = {
		"cma_alloc_start: name=reserved count=640 align=8",
		"cma_alloc_busy_retry: name=x pfn=0x7c800 page=00000000d0e8f3cb count=640 align=8",
		"cma_alloc_finiss: name=reserved pfn=0x7c800 page=00000000d0e8f3cb count=640",
		"kmr_memory_outline: pfn=0x8000 pages=1",
		"kmr_no_hugepages: nr=3",
	};
	char text[256];

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		(void)snprintf(text, sizeof(text), " a-1 [000] d..1. 20.067457: %s\n", events[i]);
		feed_done(&feed);
		feed_text(&feed, text);
		cr_expect_eq(feed.count, 0, "%s", events[i]);
		cr_expect_eq(feed.info->foreign, 1, "%s", events[i]);
		cr_expect_eq(feed.info->malformed, 0, "%s", events[i]);
	}
}

Test(contig_fields, memory_blocks, .fini = done)
{
	const struct kmr_event *ev =
		decode("kmr_memory_online: pfn=0x8000 pages=32768 zone=Movable");

	cr_expect_eq(ev->type, KMR_EV_MEM_ONLINE);
	cr_expect_eq(ev->addr, 0x8000);
	cr_expect_eq(ev->block.pages, 32768);
	cr_expect_eq(ev->block.zone, 4);
	cr_expect_eq(ev->node, -1);
	ev = decode("kmr_memory_online: pfn=0x8000 pages=32768 zone=default node=3");
	cr_expect_eq(ev->block.zone, KMR_EV_ANY_ZONE);
	cr_expect_eq(ev->node, 3);
	ev = decode("kmr_memory_online: pfn=0x8000 pages=32768 zone=Normal node=-1");
	cr_expect_eq(ev->block.zone, 2);
	cr_expect_eq(ev->node, -1);
	ev = decode("kmr_memory_online: pfn=0x8000 pages=32768");
	cr_expect_eq(ev->block.zone, KMR_EV_ANY_ZONE);
	ev = decode("kmr_memory_offline: pfn=0x8000 pages=32768");
	cr_expect_eq(ev->type, KMR_EV_MEM_OFFLINE);
	cr_expect_eq(ev->addr, 0x8000);
	cr_expect_eq(ev->block.pages, 32768);
}

Test(contig_fields, hugepages, .fini = done)
{
	const struct kmr_event *ev = decode("kmr_nr_hugepages: nr=128 node=1");

	cr_expect_eq(ev->type, KMR_EV_HUGEPAGES);
	cr_expect_eq(ev->size, 128);
	cr_expect_eq(ev->node, 1);
	ev = decode("kmr_nr_hugepages: nr=0 node=-1");
	cr_expect_eq(ev->size, 0);
	cr_expect_eq(ev->node, -1);
	cr_expect_eq(decode("kmr_nr_hugepages: nr=5")->node, -1);
}

Test(contig_fields, malformed, .fini = done)
{
	check_malformed("cma_alloc_finish: name=x page=f6ac9180 count=1 align=0", "no pfn=");
	check_malformed("cma_alloc_finish: name=x pfn=0xzz page=f6ac9180 count=1", "bad pfn=");
	check_malformed("cma_alloc_finish: name=x pfn=0x1 page=? count=1", "bad page=");
	check_malformed("cma_alloc_finish: name=x pfn=0x1 page=f6ac9180", "no count=");
	check_malformed("cma_alloc_finish: name=x pfn=0x1 page=f6ac9180 count=-1", "bad count=");
	check_malformed("cma_alloc_finish: name=x pfn=0x1 page=f6ac9180 count=1 align=4294967296",
			"bad align=");
	check_malformed("cma_alloc_finish: name=x pfn=0x1 page=f6ac9180 count=1 align=0 errorno=x",
			"bad errorno=");
	check_malformed("cma_alloc_finish: name=x pfn=0x10000000000000 page=f6ac9180 count=1 "
			"align=0",
			"pfn= out of range");
	check_malformed("cma_release: name=x pfn=0x1 page=(null) count=1", "no page");
	check_malformed("kmr_memory_online: pages=1", "no pfn=");
	check_malformed("kmr_memory_online: pfn=0x10000000000000 pages=1", "bad pfn=");
	check_malformed("kmr_memory_online: pfn=1", "no pages=");
	check_malformed("kmr_memory_offline: pfn=1 pages=4294967296", "bad pages=");
	check_malformed("kmr_memory_online: pfn=1 pages=1 zone=", "bad zone=");
	check_malformed("kmr_memory_online: pfn=1 pages=1 zone=Moveable", "bad zone=");
	check_malformed("kmr_memory_online: pfn=1 pages=1 zone=default node=128", "bad node=");
	check_malformed("kmr_nr_hugepages: node=1", "no nr=");
	check_malformed("kmr_nr_hugepages: nr=x", "bad nr=");
	check_malformed("kmr_nr_hugepages: nr=1 node=-2", "bad node=");
}
