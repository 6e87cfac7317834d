// SPDX-License-Identifier: GPL-2.0-only
/* trace.dat files: what their records become, in every form of the file, and what is said of damage. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dat_maker.h"
#include "feed.h"
#include "kmreplay/gfp.h"
#include "trace/features.h"

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#define HARDIRQ 0x08u
#define SOFTIRQ 0x10u
#define NMI	0x40u

static struct maker begin(unsigned int version, bool big, unsigned int long_size, bool zstd)
{
	return (struct maker){ .version = version,
			       .big = big,
			       .long_size = long_size,
			       .zstd = zstd,
			       .clock = "local" };
}

static void feed_maker(struct feed *feed, struct maker *m, const struct kmr_source_options *options)
{
	maker_finish(m);
	feed_bytes(feed, m->bytes, m->len, options);
}

static void end(struct feed *feed, struct maker *m)
{
	feed_done(feed);
	maker_free_bytes(m);
}

static void add_events(struct maker *m)
{
	maker_page(m, 0, 1000000);
	maker_alloc(m, 499, 0x1234, 2, 0xdc0);
	maker_free(m, 1, 0x55, HARDIRQ | SOFTIRQ, 8);
	maker_other(m, 1);
	maker_cache_free(m, 1000, 0xc0de0010, "a cache ");
	maker_print(m, 1000, "kmsnap: 12\n");
	maker_print(m, 0, "something else\n");
}

static void check_events(const struct feed *feed, const char *what)
{
	const struct kmr_event *e = feed->events;

	cr_assert_eq(feed->status, 0, "%s: %s", what, feed->err.msg);
	cr_assert_eq(feed->count, 4, "%s: %zu", what, feed->count);
	cr_assert_eq(feed->info->foreign, 2, "%s", what);
	cr_assert_eq(feed->info->malformed, 0, "%s", what);
	cr_assert_eq(feed->info->lines, 6, "%s", what);
	cr_assert(feed->info->binary && !feed->info->truncated && feed->info->has_context);
	/* rounded to microseconds as the kernel prints it: .000499 down, .000500 up */
	cr_assert(e[0].type == KMR_EV_PAGE_ALLOC && e[0].time == 1000000 && e[0].cpu == 0);
	cr_assert(e[0].addr == 0x1234 && e[0].page.order == 2 && e[0].page.migratetype == 1);
	cr_assert_eq(e[0].gfp, KMR_GFP_KERNEL | KMR_GFP_ZERO);
	cr_assert_eq(e[0].flags, KMR_EVF_CONTEXT_KNOWN | KMR_CTX_TASK | KMR_EVF_GFP_KNOWN, "%s",
		     what);
	cr_assert_str_eq(kmr_source_task(feed->source, e[0].task), "a task-7");
	cr_assert(e[1].type == KMR_EV_PAGE_FREE && e[1].time == 1001000 && e[1].addr == 0x55);
	cr_assert_eq(e[1].flags, KMR_EVF_CONTEXT_KNOWN | KMR_CTX_HARDIRQ);
	cr_assert_str_eq(kmr_source_task(feed->source, e[1].task), "other-8");
	cr_assert(e[2].type == KMR_EV_CACHE_FREE && e[2].addr == 0xc0de0010);
	cr_assert_str_eq(kmr_source_cache(feed->source, e[2].cache), "a cache");
	cr_assert_str_eq(kmr_source_site(feed->source, e[2].site), "kfree_it+0x12");
	/* the task of a record that is no event of ours is a name of its own, as in text */
	cr_assert_str_eq(kmr_source_task(feed->source, 3), "<...>-9");
	cr_assert(e[3].type == KMR_EV_MARK && e[3].addr == 12 && e[3].node == -1);
}

Test(dat, forms)
{
	for (unsigned int form = 0; form < 16; form++) {
		const unsigned int version = form & 1 ? 6 : 7;
		const bool big = form & 2, zstd = form & 8;
		struct maker m = begin(version, big, form & 4 ? 4 : 8, zstd);
		struct feed feed;
		char what[64];

		if (version == 6 && zstd)
			continue;
		(void)snprintf(what, sizeof(what), "version %u, %s-endian, long %u%s", version,
			       big ? "big" : "little", m.long_size, zstd ? ", zstd" : "");
		add_events(&m);
		feed_maker(&feed, &m, NULL);
		check_events(&feed, what);
		cr_assert_eq(feed.info->pointer_bits, m.long_size * 8);
		(void)snprintf(what, sizeof(what), "trace.dat version %u%s", version,
			       zstd ? " (zstd)" : "");
		cr_assert_str_eq(feed.info->format, what);
		end(&feed, &m);
	}
}

#ifdef HAVE_ZLIB
static size_t deflate_bytes(void *to, size_t room, const void *from, size_t len)
{
	uLongf n = (uLongf)room;

	cr_assert_eq(compress(to, &n, from, (uLong)len), Z_OK);
	return n;
}
#else
static size_t deflate_bytes(void *to, size_t room, const void *from, size_t len)
{
	cr_assert_leq(len, room);
	memcpy(to, from, len);
	return len;
}
#endif

Test(dat, zlib)
{
	struct maker m = begin(7, false, 8, true);
	struct feed feed;

	m.pack = deflate_bytes;
	m.packer = "zlib";
	add_events(&m);
	feed_maker(&feed, &m, NULL);
#ifdef HAVE_ZLIB
	check_events(&feed, "zlib");
	cr_assert_str_eq(feed.info->format, "trace.dat version 7 (zlib)");
#else
	cr_assert_eq(feed.status, -1);
	cr_assert(strstr(feed.err.msg,
			 "is compressed by zlib, which this kmreplay was built without"));
#endif
	end(&feed, &m);
}

static void feed_option(struct feed *feed, struct maker *m, unsigned int version, unsigned int id,
			const void *bytes, size_t len)
{
	*m = begin(version, false, 8, false);
	m->options[0] = (struct maker_option){ id, bytes, len };
	maker_page(m, 0, UINT64_C(0x300000000));
	maker_free(m, 1000, 1, 0, 7);
	feed_maker(feed, m, NULL);
}

static void check_time(unsigned int id, const void *bytes, size_t len, uint64_t want)
{
	for (unsigned int version = 6; version <= 7; version++) {
		struct maker m;
		struct feed feed;

		feed_option(&feed, &m, version, id, bytes, len);
		cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
		cr_assert_eq(feed.events[0].time, want, "option %u: %llu", id,
			     (unsigned long long)feed.events[0].time);
		end(&feed, &m);
	}
}

/* Offsets that were asked for when the trace was recorded; a counter's conversion. */
Test(dat, options_of_the_clock)
{
	/* mult 3, shift 1: (0x300000000 + 1000) * 3 / 2 */
	static const uint8_t tsc[16] = { 3, 0, 0, 0, 1 }, wide[16] = { 3, 0, 0, 0, 33 },
			     far[16] = { 3, 0, 0, 0, 64 };
	struct maker m;
	struct feed feed;

	check_time(1, "0x10", 5, (UINT64_C(0x300000000) + 1000 + 16000 + 500) / 1000 * 1000);
	check_time(7, "-5000", 6, (UINT64_C(0x300000000) + 1000 - 5000 + 500) / 1000 * 1000);
	check_time(14, tsc, 16, ((UINT64_C(0x300000000) + 1000) * 3 / 2 + 500) / 1000 * 1000);
	check_time(14, wide, 16,
		   ((UINT64_C(0x300000000) + 1000) * 3 / (UINT64_C(1) << 33) + 500) / 1000 * 1000);
	feed_option(&feed, &m, 7, 14, far, 16);
	cr_assert_eq(feed.status, -1);
	cr_assert(strstr(feed.err.msg, "its clock cannot be converted: a shift of 64 bits"));
	end(&feed, &m);
}

Test(dat, options_of_the_machine)
{
	static const char uname[] = "Linux a node 5.10.0-9-amd64 x86_64",
			  stat[] = "CPU: 0\nentries: 1\noverrun: 12\ndropped events: 3\n";
	struct maker m;
	struct feed feed;

	feed_option(&feed, &m, 7, 5, uname, sizeof(uname));
	cr_assert_str_eq(feed.info->kernel, "5.10.0-9-amd64");
	end(&feed, &m);
	/* the kernel's own count, where no sub-buffer tells */
	feed_option(&feed, &m, 6, 2, stat, sizeof(stat));
	cr_assert_eq(feed.info->lost, 15);
	cr_assert_eq(feed.info->gaps, 0);
	end(&feed, &m);
}

Test(dat, instances_are_traces_of_their_own)
{
	static const uint8_t other[] = { 0, 0,	0, 0, 0, 0, 0, 0, 'b', 0, 'l', 'o', 'c', 0,
					 0, 16, 0, 0, 1, 0, 0, 0, 0,   0, 0,   0,   1,	 0,
					 0, 0,	0, 0, 0, 0, 1, 0, 0,   0, 0,   0,   0,	 0 };
	struct maker m;
	struct feed feed;

	feed_option(&feed, &m, 7, 3, other, sizeof(other));
	cr_assert_eq(feed.status, -1);
	cr_assert(strstr(feed.err.msg,
			 "has events of two instances, '' and 'b', which are two traces"),
		  "%s", feed.err.msg);
	end(&feed, &m);
	feed_option(&feed, &m, 6, 3, other, sizeof(other));
	cr_assert(strstr(feed.err.msg, "has events of instances, which are traces of their own"),
		  "%s", feed.err.msg);
	end(&feed, &m);
	feed_option(&feed, &m, 7, 22, other, sizeof(other));
	cr_assert(strstr(feed.err.msg, "holds the text of a latency tracer"), "%s", feed.err.msg);
	end(&feed, &m);
}

Test(dat, contexts)
{
	static const struct {
		unsigned int flags;
		uint8_t context;
	} cases[] = { { 0, KMR_CTX_TASK },
		      { 0x07, KMR_CTX_TASK },
		      { SOFTIRQ, KMR_CTX_SOFTIRQ },
		      { HARDIRQ, KMR_CTX_HARDIRQ },
		      { HARDIRQ | SOFTIRQ, KMR_CTX_HARDIRQ },
		      { NMI, KMR_CTX_NMI },
		      { NMI | HARDIRQ, KMR_CTX_NMI } };
	struct maker m = begin(6, false, 8, false);
	struct feed feed;

	maker_page(&m, 0, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		maker_free(&m, 1000, 1 + i, cases[i].flags, 0);
	feed_maker(&feed, &m, NULL);
	for (size_t i = 0; i < feed.count; i++)
		cr_assert_eq(feed.events[i].flags & KMR_EVF_CONTEXT, cases[i].context, "%zu", i);
	cr_assert_str_eq(kmr_source_task(feed.source, feed.events[0].task), "<idle>-0");
	end(&feed, &m);
}

/* Equal nanoseconds: the lower CPU first; times of the same microsecond keep their order. */
Test(dat, cpus_are_merged)
{
	static const struct {
		uint64_t pfn;
		uint16_t cpu;
	} want[] = { { 20, 1 }, { 10, 0 }, { 21, 1 }, { 30, 2 }, { 11, 0 },
		     { 12, 0 }, { 22, 1 }, { 23, 1 }, { 31, 2 } };
	struct maker m = begin(7, false, 8, true);
	struct feed feed;

	maker_page(&m, 2, 1100);
	maker_free(&m, 0, 30, 0, 7);
	maker_free(&m, 900, 31, 0, 7);
	maker_page(&m, 0, 1050);
	maker_free(&m, 0, 10, 0, 7);
	maker_free(&m, 150, 11, 0, 7);
	maker_page(&m, 1, 1000);
	maker_free(&m, 1, 20, 0, 7);
	maker_free(&m, 98, 21, 0, 7);
	/* the next pages of two CPUs: 2000 on all three */
	maker_page(&m, 0, 2000);
	maker_free(&m, 0, 12, 0, 7);
	maker_page(&m, 1, 2000);
	maker_free(&m, 0, 22, 0, 7);
	maker_free(&m, 0, 23, 0, 7);
	feed_maker(&feed, &m, NULL);
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_assert_eq(feed.count, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < feed.count; i++) {
		cr_assert_eq(feed.events[i].addr, want[i].pfn, "%zu", i);
		cr_assert_eq(feed.events[i].cpu, want[i].cpu, "%zu", i);
	}
	cr_assert_eq(feed.info->nr_cpus, 3);
	end(&feed, &m);
}

/* Kernels that name the cache where an object is allocated. */
Test(dat, objects)
{
	for (unsigned int form = 0; form < 4; form++) {
		struct maker m = begin(7, form & 1, form & 2 ? 4 : 8, false);
		const struct kmr_event *e;
		struct feed feed;

		maker_page(&m, 0, 1000);
		maker_cache_alloc(&m, 0, 0xc0de0010, "a b");
		maker_cache_free(&m, 0, 0xc0de0010, "a b");
		feed_maker(&feed, &m, NULL);
		cr_assert_eq(feed.count, 2, "%s", feed.err.msg);
		e = feed.events;
		cr_assert(e->type == KMR_EV_CACHE_ALLOC && e->addr == 0xc0de0010 && e->node == -1);
		cr_assert(e->bytes.req == 100 && e->bytes.alloc == 128 && e->gfp == KMR_GFP_KERNEL);
		cr_assert_eq(e->flags,
			     KMR_EVF_CONTEXT_KNOWN | KMR_EVF_GFP_KNOWN | KMR_EVF_ACCOUNTED);
		cr_assert_str_eq(kmr_source_cache(feed.source, e->cache), "a b");
		cr_assert_str_eq(kmr_source_site(feed.source, e->site), "kfree_it+0x34");
		cr_assert_eq(e[1].cache, e->cache);
		end(&feed, &m);
	}
}

struct stamp {
	uint64_t time, pfn;
	uint32_t cpu;
};

static int by_time_and_cpu(const void *a, const void *b)
{
	const struct stamp *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	return x->pfn < y->pfn ? -1 : 1;
}

/* Eight CPUs whose clocks tick slowly, so that many times are equal: held against a plain sort. */
Test(dat, cpus_at_random)
{
	enum {
		CPUS = 8,
		RECORDS = 60
	};

	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct maker m = begin(7, false, 8, seed % 2);
		struct stamp want[CPUS * RECORDS];
		struct feed feed;
		uint64_t state = seed;
		size_t n = 0;

		m.clock = "x86-tsc"; /* times as they are */
		for (uint32_t k = 0; k < CPUS; k++) {
			const uint32_t cpu = (k * 3 + (uint32_t)seed) % CPUS;
			uint64_t time = 1000;

			maker_page(&m, cpu, time);
			for (unsigned int i = 0; i < RECORDS; i++) {
				state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
				time += (state >> 62) * (state >> 61 & 1);
				want[n] = (struct stamp){ time, n + 1, cpu };
				maker_free(&m, (uint32_t)(time - (i ? want[n - 1].time : 1000)),
					   n + 1, 0, 7);
				n++;
			}
		}
		qsort(want, n, sizeof(want[0]), by_time_and_cpu);
		feed_maker(&feed, &m, NULL);
		cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
		cr_assert_eq(feed.info->events, n);
		for (size_t i = 0; i < FEED_EVENTS; i++) {
			cr_assert_eq(feed.events[i].addr, want[i].pfn, "seed %llu, event %zu",
				     (unsigned long long)seed, i);
			cr_assert(feed.events[i].time == want[i].time &&
				  feed.events[i].cpu == want[i].cpu);
		}
		cr_assert_eq(feed.info->last_time, want[n - 1].time);
		cr_assert_eq(feed.info->backwards, 0);
		end(&feed, &m);
	}
}

Test(dat, times)
{
	struct maker m = begin(7, false, 8, false);
	struct feed feed;

	maker_page(&m, 0, 0);
	maker_raw(&m, 30, 5, 3); /* time extend: 3 * 2^27 + 5 */
	maker_free(&m, 10, 1, 0, 7);
	maker_raw(&m, 31, 1000, 16); /* time stamp: 16 * 2^27 + 1000, absolute */
	maker_free(&m, 0, 2, 0, 7);
	maker_raw(&m, 29, 700, 4); /* discarded, without data; its time does not count */
	maker_free(&m, 2000, 3, 0, 7);
	/* upper bits of an absolute time stamp are those of the page's */
	maker_page(&m, 0, UINT64_C(3) << 59);
	maker_raw(&m, 31, 0, 1);
	maker_free(&m, 0, 4, 0, 7);
	m.clock = "x86-tsc"; /* a counter, printed as it is */
	feed_maker(&feed, &m, NULL);
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_assert_eq(feed.count, 4);
	cr_assert_eq(feed.events[0].time, 3 * (UINT64_C(1) << 27) + 15);
	cr_assert_eq(feed.events[1].time, 16 * (UINT64_C(1) << 27) + 1000);
	cr_assert_eq(feed.events[2].time, 16 * (UINT64_C(1) << 27) + 3000);
	cr_assert_eq(feed.events[3].time, (UINT64_C(3) << 59) + (UINT64_C(1) << 27));
	end(&feed, &m);
}

Test(dat, lost_events_are_told_where_they_were)
{
	struct maker m = begin(7, false, 8, true);
	struct feed feed;

	maker_page(&m, 0, 1000000);
	maker_free(&m, 0, 1, 0, 7);
	maker_page(&m, 0, 3000000);
	maker_lost(&m, 17);
	maker_free(&m, 0, 2, 0, 7);
	maker_page(&m, 1, 2000000);
	maker_lost(&m, 0);
	maker_free(&m, 0, 3, 0, 7);
	feed_maker(&feed, &m, NULL);
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_assert_eq(feed.count, 5);
	cr_assert(feed.events[0].type == KMR_EV_PAGE_FREE && feed.events[0].addr == 1);
	/* as in text: at the time of the event before, 0 where the kernel has no number */
	cr_assert(feed.events[1].type == KMR_EV_LOST && feed.events[1].cpu == 1 &&
		  feed.events[1].addr == 0 && feed.events[1].time == 1000000);
	cr_assert_eq(feed.events[2].addr, 3);
	cr_assert(feed.events[3].type == KMR_EV_LOST && feed.events[3].cpu == 0 &&
		  feed.events[3].addr == 17 && feed.events[3].time == 2000000);
	cr_assert_eq(feed.events[4].addr, 2);
	cr_assert_eq(feed.info->lost, 17);
	cr_assert_eq(feed.info->gaps, 2);
	end(&feed, &m);
}

Test(dat, what_no_allocation_can_be_is_malformed)
{
	struct maker m = begin(6, false, 8, false);
	const struct kmr_source_options strict = { .strict = true };
	struct feed feed;

	maker_page(&m, 0, 1000);
	maker_alloc(&m, 0, UINT64_MAX, 0, 0xcc0); /* there was no page: an event */
	maker_alloc(&m, 0, 1, 32, 0xcc0);
	maker_alloc(&m, 0, UINT64_C(1) << 52, 0, 0xcc0);
	maker_free(&m, 0, UINT64_MAX, 0, 7);
	maker_raw(&m, 1, 0, 0); /* a record of the 4 bytes that follow */
	maker_raw(&m, 1, 0, 0);
	maker_raw(&m, 5, 0, 0); /* one of 20 bytes that are not there */
	feed_maker(&feed, &m, NULL);
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_assert_eq(feed.count, 1);
	cr_assert_eq(feed.events[0].addr, KMR_EV_NO_PFN);
	cr_assert_eq(feed.info->malformed, 5);
	cr_assert_eq(feed.info->first_malformed[0].line, 2);
	cr_assert_str_eq(feed.info->first_malformed[0].reason, "bad order=");
	cr_assert(strstr(feed.info->first_malformed[0].text, "mm_page_alloc of CPU 0 near byte "));
	cr_assert_str_eq(feed.info->first_malformed[1].reason, "pfn= out of range");
	cr_assert_str_eq(feed.info->first_malformed[2].reason, "no page");
	cr_assert_str_eq(feed.info->first_malformed[3].reason,
			 "shorter than the fields of all events");
	cr_assert_str_eq(feed.info->first_malformed[4].reason,
			 "a record beyond its sub-buffer's end");
	feed_done(&feed);
	feed_bytes(&feed, m.bytes, m.len, &strict);
	cr_assert_eq(feed.status, -1);
	cr_assert(
		strstr(feed.err.msg, ": malformed mm_page_alloc, number 2: bad order=, in CPU 0 "),
		"%s", feed.err.msg);
	end(&feed, &m);
}

/* Flags without a table in the format, and those that the table has not. */
Test(dat, gfp_flags)
{
	struct maker m = begin(6, false, 8, false);
	struct feed feed;
	char *table;

	maker_page(&m, 0, 1000);
	maker_alloc(&m, 0, 1, 0, 0);
	maker_alloc(&m, 0, 2, 0, 0xcc0 | 0x2000);
	feed_maker(&feed, &m, NULL);
	cr_assert_eq(feed.events[0].gfp, 0);
	cr_assert(feed.events[0].flags & KMR_EVF_GFP_KNOWN);
	cr_assert_eq(feed.events[1].gfp, KMR_GFP_KERNEL | KMR_GFP_NOWARN);
	feed_done(&feed);
	/* no constant: the numbers are those of the version, 4.9's here */
	for (size_t i = 0; (table = memchr(m.bytes + i, '_', m.len - i));
	     i = (size_t)((uint8_t *)table - m.bytes) + 1)
		if (!strncmp(table, "__print_flags", 13))
			memcpy(table, "__print_nags_", 13);
	feed_bytes(&feed, m.bytes, m.len, &(struct kmr_source_options){ .version = 409 });
	cr_assert_eq(feed.events[1].gfp & KMR_GFP_IO, KMR_GFP_IO);
	cr_assert_eq(feed.events[1].gfp & KMR_GFP_KSWAPD_RECLAIM, 0);
	end(&feed, &m);
}

static void refused(const void *bytes, size_t len, const char *says)
{
	struct feed feed;

	feed_bytes(&feed, bytes, len, NULL);
	cr_assert_eq(feed.status, -1);
	cr_assert(strstr(feed.err.msg, says), "'%s' is not in: %s", says, feed.err.msg);
	feed_done(&feed);
}

static void replace(struct maker *m, const char *from, const char *to)
{
	const size_t len = strlen(from);

	for (size_t i = 0; i + len <= m->len; i++)
		if (!memcmp(m->bytes + i, from, len)) {
			memcpy(m->bytes + i, to, len);
			return;
		}
	cr_assert_fail("%s", from);
}

Test(dat, messages)
{
	struct maker m = begin(6, false, 8, false);
	struct feed feed;

	add_events(&m);
	maker_finish(&m);
	m.bytes[10] = '5';
	refused(m.bytes, m.len, "is a trace-cmd file of version 5; those of 6 and 7 can be read");
	m.bytes[10] = '6';
	m.bytes[12] = 7;
	refused(m.bytes, m.len, "says of no byte order");
	m.bytes[12] = 0;
	refused(m.bytes, 14, "the size of a page is cut off at byte 14; the file is not whole");
	refused(m.bytes, 100, "header_page is cut off at byte ");
	replace(&m, "header_page", "header_cage");
	refused(m.bytes, m.len, "header_page is missing; the file is damaged");
	replace(&m, "header_cage", "header_page");
	replace(&m, "flyrecord", "latency  ");
	refused(m.bytes, m.len, "holds the text of a latency tracer and no records");
	replace(&m, "latency  ", "flyrecprd");
	refused(m.bytes, m.len, "says of no kind of data at byte ");
	replace(&m, "flyrecprd", "flyrecord");
	replace(&m, "u64 timestamp", "u64 timestomp");
	refused(m.bytes, m.len, "header_page describes no sub-buffer");
	replace(&m, "u64 timestomp", "u64 timestamp");
	replace(&m, "common_pid", "common_pod");
	refused(m.bytes, m.len, "an event's format lacks the common fields of all events");
	replace(&m, "common_pod", "common_pid");
	replace(&m, "long pfn;", "long pfm;");
	refused(m.bytes, m.len, "its mm_page_alloc has no page frame number");
	replace(&m, "long pfm;", "long pfn;");
	/* what there is of a file that was cut off is read */
	feed_bytes(&feed, m.bytes, m.len - 1, NULL);
	cr_assert_eq(feed.status, 0, "%s", feed.err.msg);
	cr_assert(feed.info->truncated && !feed.count);
	end(&feed, &m);
}

Test(dat, messages_of_version_7)
{
	struct maker m = begin(7, false, 8, true);

	add_events(&m);
	maker_finish(&m);
	replace(&m, "zstd", "lzma");
	refused(m.bytes, m.len, "is compressed by 'lzma', which is not known; trace-cmd convert");
	replace(&m, "lzma", "zstd");
	refused(m.bytes, m.len - 30, " is cut off");
	/* the first section, of header_page, begins behind the options' place */
	cr_assert_eq(m.bytes[33], 16);
	m.bytes[33] = 17;
	refused(m.bytes, m.len, "should be a section of kind 16 and is one of kind 17");
	m.bytes[33] = 16;
	m.bytes[33 + 16 + 8] ^= 0xff;
	refused(m.bytes, m.len, "corrupt compressed data at byte 49");
	m.bytes[33 + 16 + 8] ^= 0xff;
	memset(m.bytes + 33 + 16 + 4, 0xff, 4);
	refused(m.bytes, m.len, "the section at byte 49 would take 4095 MiB of memory");
	maker_free_bytes(&m);
}

/* Any damage is a message or other events, never a crash; sanitizers see to what is silent. */
Test(dat, damage)
{
	uint64_t seed = 1;

	for (unsigned int form = 0; form < 3; form++) {
		struct maker m = begin(form ? 7 : 6, false, 8, form == 2);
		struct feed feed;
		uint8_t *bytes;

		add_events(&m);
		maker_page(&m, 1, 500000);
		maker_free(&m, 1, 9, 0, 7);
		maker_finish(&m);
		bytes = malloc(m.len);
		cr_assert_not_null(bytes);
		for (unsigned int round = 0; round < 1500; round++) {
			size_t len = m.len;

			memcpy(bytes, m.bytes, len);
			for (unsigned int n = 0; n <= round % 4; n++) {
				seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
				bytes[(seed >> 33) % len] ^= (uint8_t)(1u << (seed >> 61));
			}
			if (round % 5 == 0)
				len = 16 + (size_t)((seed >> 20) % (len - 16));
			feed_bytes(&feed, bytes, len, NULL);
			cr_assert(!feed.status || feed.err.msg[0]);
			feed_done(&feed);
		}
		free(bytes);
		maker_free_bytes(&m);
	}
}
