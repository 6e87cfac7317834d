// SPDX-License-Identifier: GPL-2.0-only
/* LLFree's trace pages: read from bytes laid out by hand, and written and read again. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feed.h"
#include "kmreplay/convert.h"
#include "kmreplay/gfp.h"

#define PAGE 4096u

static char path[64];

static void put32(uint8_t *p, uint32_t v)
{
	for (unsigned int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void header(uint8_t *p, uint32_t pages, uint32_t cores, uint32_t max_pfn)
{
	memset(p, 0, PAGE);
	put32(p, pages);
	put32(p + 4, cores);
	put32(p + 8, max_pfn);
}

/*
 * Two entries as 128-bit numbers: time 0x2123456789 (38 bits), pfn 0xabcdef, alloc, order 9, flags
 * 0x10000cc0, pid 0x89abcdef; a free of time 0x2123456789, pfn 1, order 15, pid 1.
 */
static const uint8_t entry_alloc[16] = { 0x89, 0x67, 0x45, 0x23, 0xe1, 0x7b, 0xf3, 0xea,
					 0x04, 0x66, 0x00, 0x80, 0xef, 0xcd, 0xab, 0x89 };
static const uint8_t entry_free[16] = { 0x89, 0x67, 0x45, 0x23, 0x61, 0x00, 0x00, 0x80,
					0x07, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00 };

Test(llfree, bits)
{
	static uint8_t bytes[2 * PAGE];
	const struct kmr_event *e;
	struct feed feed;

	header(bytes, 1, 2, 0xabcdef);
	put32(bytes + PAGE, 1);
	memcpy(bytes + PAGE + 16, entry_alloc, 16);
	memcpy(bytes + PAGE + 32, entry_free, 16);
	feed_bytes(&feed, bytes, sizeof(bytes), NULL);
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_assert_eq(feed.count, 2);
	cr_assert_str_eq(feed.info->format, "LLFree trace");
	cr_assert(feed.info->binary && !feed.info->truncated && !feed.info->has_context);
	e = feed.events;
	cr_assert(e->type == KMR_EV_PAGE_ALLOC && e->time == UINT64_C(0x2123456789) * 1000);
	cr_assert(e->addr == 0xabcdef && e->page.order == 9 && e->cpu == 1 && e->node == -1);
	/* bit 28 is LLFree's own; movable is not among the flags */
	cr_assert_eq(e->gfp, KMR_GFP_KERNEL);
	cr_assert_eq(e->page.migratetype, KMR_MIGRATE_UNMOVABLE);
	cr_assert_eq(e->flags, KMR_EVF_GFP_KNOWN);
	cr_assert_str_eq(kmr_source_task(feed.source, e->task), "<...>-2309737967");
	e++;
	cr_assert(e->type == KMR_EV_PAGE_FREE && e->time == e[-1].time);
	cr_assert(e->addr == 1 && e->page.order == 15 && e->cpu == 1);
	feed_done(&feed);
}

/* CPUs by time, the lower one first; frame 0 ends a page; a CPU's pages in the file's order. */
Test(llfree, cpus_are_merged)
{
	static const uint64_t want[][2] = { { 0, 5 }, { 1, 6 }, { 0, 7 }, { 1, 9 } };
	static uint8_t bytes[4 * PAGE];
	struct feed feed;

	header(bytes, 3, 2, 100);
	put32(bytes + PAGE, 1);
	bytes[PAGE + 16] = 3; /* time */
	bytes[PAGE + 16 + 4] = 6 << 6 & 0xff; /* pfn */
	bytes[PAGE + 16 + 5] = 6 >> 2;
	bytes[2 * PAGE + 16] = 3;
	bytes[2 * PAGE + 16 + 4] = 5 << 6 & 0xff;
	bytes[2 * PAGE + 16 + 5] = 5 >> 2;
	bytes[2 * PAGE + 32] = 4;
	bytes[2 * PAGE + 32 + 4] = 7 << 6 & 0xff;
	bytes[2 * PAGE + 32 + 5] = 7 >> 2;
	put32(bytes + 3 * PAGE, 1);
	bytes[3 * PAGE + 16] = 5;
	bytes[3 * PAGE + 16 + 4] = 9 << 6 & 0xff;
	bytes[3 * PAGE + 16 + 5] = 9 >> 2;
	feed_bytes(&feed, bytes, sizeof(bytes), NULL);
	cr_assert_eq(feed.count, 4, "%s", feed.err.msg);
	for (size_t i = 0; i < 4; i++) {
		cr_assert_eq(feed.events[i].cpu, want[i][0], "%zu", i);
		cr_assert_eq(feed.events[i].addr, want[i][1], "%zu", i);
	}
	feed_done(&feed);
	/* cut off within the last page */
	feed_bytes(&feed, bytes, sizeof(bytes) - 1, NULL);
	cr_assert(feed.status == 0 && feed.count == 3 && feed.info->truncated);
	feed_done(&feed);
	put32(bytes + 3 * PAGE, 2);
	feed_bytes(&feed, bytes, sizeof(bytes), NULL);
	cr_assert_eq(feed.status, -1);
	cr_assert(strstr(feed.err.msg,
			 "the page at byte 12288 is of CPU 2, but the header says that "
			 "there are 2"),
		  "%s", feed.err.msg);
	feed_done(&feed);
}

static void begin(void)
{
	(void)snprintf(path, sizeof(path), "/tmp/kmreplay-llfree-%d", (int)getpid());
}

static void end(void)
{
	(void)unlink(path);
}

static struct kmr_event page_event(uint8_t type, uint64_t time, uint64_t pfn, uint16_t cpu)
{
	return (struct kmr_event){ .type = type,
				   .time = time,
				   .addr = pfn,
				   .cpu = cpu,
				   .node = -1,
				   .page = { .migratetype = KMR_MIGRATE_UNKNOWN } };
}

TestSuite(llfree_write, .init = begin, .fini = end);

/* More than a page of each CPU's, so that pages interleave. */
Test(llfree_write, and_read_again)
{
	static const uint32_t flags[] = { KMR_GFP_KERNEL, KMR_GFP_HIGHUSER_MOV | KMR_GFP_ZERO,
					  KMR_GFP_USER | KMR_GFP_RECLAIMABLE,
					  KMR_GFP_HIGH | KMR_GFP_ATOMIC | KMR_GFP_KSWAPD_RECLAIM };
	struct kmr_error err = { "" };
	struct kmr_llfree_notes notes;
	struct kmr_llfree_writer *w;
	struct kmr_source *s;
	struct kmr_event got[100];
	unsigned int i = 0, nr = 1200;
	ssize_t n;

	cr_assert_eq(kmr_llfree_open(&w, path, &err), 0, "%s", err.msg);
	for (i = 0; i < nr; i++) {
		struct kmr_event e = page_event(i % 3 ? KMR_EV_PAGE_ALLOC : KMR_EV_PAGE_FREE,
						(uint64_t)i * 2000, 1 + i * 13, (uint16_t)(i % 4));

		e.page.order = (uint8_t)(i % 11);
		if (e.type == KMR_EV_PAGE_ALLOC) {
			e.gfp = flags[i % 4];
			e.page.migratetype = (uint8_t)kmr_gfp_migratetype(e.gfp);
		}
		cr_assert_eq(kmr_llfree_write(w, &e, "a-b-77", &err), 0, "%s", err.msg);
	}
	cr_assert_neq(access(path, F_OK), 0, "the file is there before it is whole");
	cr_assert_eq(kmr_llfree_finish(w, &notes, &err), 0, "%s", err.msg);
	kmr_llfree_close(w);
	cr_assert_eq(notes.entries, nr);
	cr_assert(!notes.others && !notes.flags && !notes.migratetypes && !notes.reordered &&
		  !notes.fractions);
	cr_assert_eq(kmr_source_open(&s, path, NULL, &err), 0, "%s", err.msg);
	for (i = 0; (n = kmr_source_read(s, got, 100, &err)) > 0;)
		for (ssize_t k = 0; k < n; k++, i++) {
			const struct kmr_event *e = &got[k];

			cr_assert_eq(e->type, i % 3 ? KMR_EV_PAGE_ALLOC : KMR_EV_PAGE_FREE);
			cr_assert(e->time == (uint64_t)i * 2000 && e->addr == 1 + i * 13);
			cr_assert(e->cpu == i % 4 && e->page.order == i % 11);
			cr_assert_eq(e->gfp, i % 3 ? flags[i % 4] : 0);
			cr_assert_eq(e->page.migratetype,
				     i % 3 ? kmr_gfp_migratetype(e->gfp) : KMR_MIGRATE_UNKNOWN);
			cr_assert_str_eq(kmr_source_task(s, e->task), "<...>-77");
		}
	cr_assert_eq(n, 0, "%s", err.msg);
	cr_assert_eq(i, nr);
	/* 4 CPUs of 300 entries: two pages each, and the header's */
	cr_assert_eq(kmr_source_info(s)->bytes, 9 * PAGE);
	cr_assert(!kmr_source_info(s)->truncated);
	kmr_source_close(s);
}

Test(llfree_write, what_has_no_place_is_counted)
{
	struct kmr_error err = { "" };
	struct kmr_llfree_notes n;
	struct kmr_llfree_writer *w;
	struct kmr_event e;

	cr_assert_eq(kmr_llfree_open(&w, path, &err), 0, "%s", err.msg);
	e = page_event(KMR_EV_PAGE_ALLOC, 5001, 3, 1);
	e.gfp = KMR_GFP_KERNEL | KMR_GFP_COLD;
	e.page.migratetype = KMR_MIGRATE_MOVABLE;
	e.node = 1;
	e.flags = KMR_CTX_SOFTIRQ | KMR_EVF_CONTEXT_KNOWN;
	cr_assert_eq(kmr_llfree_write(w, &e, "x-1", &err), 0);
	e = page_event(KMR_EV_PAGE_FREE, 5000, 4, 0); /* the same microsecond, a lower CPU */
	cr_assert_eq(kmr_llfree_write(w, &e, "x-1", &err), 0);
	e = page_event(KMR_EV_PAGE_FREE, 5000, 0, 0);
	cr_assert_eq(kmr_llfree_write(w, &e, "x-1", &err), 0);
	e = page_event(KMR_EV_PAGE_ALLOC, 5000, KMR_EV_NO_PFN, 0);
	cr_assert_eq(kmr_llfree_write(w, &e, "x-1", &err), 0);
	e = page_event(KMR_EV_KMALLOC, 5000, 0x1000, 0);
	cr_assert_eq(kmr_llfree_write(w, &e, "x-1", &err), 0);
	e = page_event(KMR_EV_LOST, 5000, 12, 0);
	cr_assert_eq(kmr_llfree_write(w, &e, "", &err), 0);
	cr_assert_eq(kmr_llfree_finish(w, &n, &err), 0, "%s", err.msg);
	kmr_llfree_close(w);
	cr_assert(n.entries == 2 && n.flags == 1 && n.migratetypes == 1 && n.nodes == 1);
	cr_assert(n.contexts == 1 && n.fractions == 1 && n.reordered == 1);
	cr_assert(n.frame_zero == 1 && n.failed == 1 && n.others == 1);
	cr_assert(n.lost == 12 && n.gaps == 1);
}

/* 100 days up: seconds go, what is between events stays. */
Test(llfree_write, late_times)
{
	const uint64_t day = UINT64_C(86400) * 1000000000;
	struct kmr_error err = { "" };
	struct kmr_llfree_notes notes;
	struct kmr_llfree_writer *w;
	struct kmr_event e = page_event(KMR_EV_PAGE_FREE, 100 * day + 1500000, 1, 0);
	struct feed feed;

	cr_assert_eq(kmr_llfree_open(&w, path, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_llfree_write(w, &e, "x-1", &err), 0, "%s", err.msg);
	e.time += 3 * day;
	cr_assert_eq(kmr_llfree_write(w, &e, "x-1", &err), 0, "%s", err.msg);
	e.time += day;
	cr_assert_eq(kmr_llfree_write(w, &e, "x-1", &err), -1);
	cr_assert(strstr(err.msg, "the time 8985600 s does not fit: the format has 38 bits of "
				  "microseconds, which is 76 hours"),
		  "%s", err.msg);
	e.time = 99 * day;
	cr_assert_eq(kmr_llfree_write(w, &e, "x-1", &err), -1);
	cr_assert_eq(kmr_llfree_finish(w, &notes, &err), 0, "%s", err.msg);
	kmr_llfree_close(w);
	cr_assert_eq(notes.seconds_off, 100 * 86400);
	feed_file(&feed, path, NULL);
	cr_assert_eq(feed.count, 2);
	cr_assert_eq(feed.events[0].time, 1500000);
	cr_assert_eq(feed.events[1].time, 3 * day + 1500000);
	feed_done(&feed);
}

static void does_not_fit(struct kmr_event e, const char *says)
{
	struct kmr_error err = { "" };
	struct kmr_llfree_writer *w;

	cr_assert_eq(kmr_llfree_open(&w, path, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_llfree_write(w, &e, "x-1", &err), -1);
	cr_assert(strstr(err.msg, says), "'%s' is not in: %s", says, err.msg);
	kmr_llfree_close(w);
	cr_assert_neq(access(path, F_OK), 0, "something was left");
}

Test(llfree_write, what_does_not_fit_is_refused)
{
	struct kmr_error err = { "" };
	struct kmr_llfree_notes notes;
	struct kmr_llfree_writer *w;
	struct kmr_event e = page_event(KMR_EV_PAGE_FREE, 1000, 1, 0);

	does_not_fit(page_event(KMR_EV_PAGE_FREE, 0, 1u << 24, 0),
		     "frame 16777216 does not fit: the format has 24 bits, which is 64 GiB");
	does_not_fit(page_event(KMR_EV_PAGE_FREE, 0, 1, 4096), "CPU 4096 is beyond the 4096");
	e.page.order = 16;
	does_not_fit(e, "order 16 does not fit: the format has 4 bits");
	cr_assert_eq(kmr_llfree_open(&w, path, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_llfree_finish(w, &notes, &err), -1);
	cr_assert(strstr(err.msg, "there is no page event to write"), "%s", err.msg);
	kmr_llfree_close(w);
	cr_assert_eq(kmr_llfree_open(&w, "/nowhere/x", &err), -1);
	kmr_llfree_close(w);
}
