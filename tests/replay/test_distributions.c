// SPDX-License-Identifier: GPL-2.0-only
/* Lifetimes, sizes, and live memory by call site, of traces written by hand and of random ones. */
#include <inttypes.h>
#include <stdarg.h>

#include <sqlite3.h>

#include "base/loglin.h"
#include "kmreplay/compare.h"
#include "kmreplay/replay.h"
#include "metrics/db.h"
#include "support.h"

#define BASE  UINT64_C(0xc0000000)
#define SLOTS 400u

static const char *const allocators[] = { "slub", "slab", "slob" };
static char dir[64], trace[128], db_path[128];
static FILE *out;

static void begin(void)
{
	tmp_make(dir, sizeof(dir));
	tmp_path(trace, sizeof(trace), dir, "trace.txt");
	tmp_path(db_path, sizeof(db_path), dir, "run.db");
	out = fopen(trace, "w");
	cr_assert_not_null(out);
	(void)fputs("# tracer: nop\n", out);
}

static void end(void)
{
	char command[160];

	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	cr_expect_eq(system(command), 0);
}

TestSuite(distributions, .init = begin, .fini = end);

/* At @time us. */
__attribute__((format(printf, 2, 3))) static void event(uint64_t time, const char *format, ...)
{
	va_list ap;

	(void)fprintf(out, "             cc-7     [000] ..... %5" PRIu64 ".%06" PRIu64 ": ",
		      time / 1000000, time % 1000000);
	va_start(ap, format);
	(void)vfprintf(out, format, ap);
	va_end(ap);
	(void)fputc('\n', out);
}

static void page_alloc(uint64_t time, uint32_t pfn, unsigned int order)
{
	event(time,
	      "mm_page_alloc: page=%08x pfn=0x%x order=%u migratetype=1 "
	      "gfp_flags=GFP_HIGHUSER_MOVABLE",
	      0xf6000000u + pfn * 32, pfn, order);
}

static void page_free(uint64_t time, uint32_t pfn, unsigned int order)
{
	event(time, "mm_page_free: page=%08x pfn=0x%x order=%u", 0xf6000000u + pfn * 32, pfn,
	      order);
}

static void kmalloc(uint64_t time, const char *site, uint64_t ptr, uint32_t bytes)
{
	event(time,
	      "kmalloc: call_site=%s+0x1/0x2 ptr=%08" PRIx64 " bytes_req=%u bytes_alloc=%u "
	      "gfp_flags=GFP_KERNEL node=-1 accounted=false",
	      site, ptr, bytes, bytes <= 64 ? 64 : 1024);
}

static void kfree(uint64_t time, uint64_t ptr)
{
	event(time, "kfree: call_site=drop+0x1/0x2 ptr=%08" PRIx64, ptr);
}

static struct kmr_replay_options options(const char *object)
{
	return (struct kmr_replay_options){
		.trace = trace,
		.machine = "i386:ram=64M",
		.page = "linux-6.1",
		.object = object,
		.start = KMR_START_BOOT,
		.output = db_path,
		.check = true,
	};
}

static struct kmr_replay_result *replay(const char *object)
{
	const struct kmr_replay_options o = options(object);
	struct kmr_replay_result *r = calloc(1, sizeof(*r));
	struct kmr_error err = { "" };

	if (out)
		cr_assert_eq(fclose(out), 0);
	out = NULL;
	cr_assert_not_null(r);
	cr_assert_eq(kmr_replay(&o, r, &err), 0, "%s", err.msg);
	return r;
}

static void done(struct kmr_replay_result *r)
{
	kmr_replay_result_free(r);
	free(r);
}

/* Rows of a query to the store, | between columns. */
static void expect_rows(const char *query, const char *expected)
{
	struct kmr_error err = { "" };
	char rows[2048] = "";
	sqlite3_stmt *stmt;
	size_t used = 0;
	sqlite3 *db;

	cr_assert_eq(kmr_db_open(&db, db_path, &err), 0, "%s", err.msg);
	cr_assert_eq(sqlite3_prepare_v2(db, query, -1, &stmt, NULL), SQLITE_OK, "%s: %s", query,
		     sqlite3_errmsg(db));
	while (sqlite3_step(stmt) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(stmt) && used < sizeof(rows); i++)
			used += (size_t)snprintf(rows + used, sizeof(rows) - used, "%s%s",
						 i	? "|"
						 : used ? "\n"
							: "",
						 (const char *)sqlite3_column_text(stmt, i));
	cr_assert_eq(sqlite3_finalize(stmt), SQLITE_OK, "%s", query);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
	cr_expect_str_eq(rows, expected, "%s gives\n%s", query, rows);
}

/* Seconds are on borders of both units, so that every lifetime but those of part steps is exact. */
Test(distributions, pages_known_lives)
{
	const uint64_t s = 16000000;
	struct kmr_replay_result *r;

	page_alloc(s, 0x1000, 0);
	page_alloc(s, 0x1010, 3);
	page_alloc(s, 0x1020, 2);
	page_alloc(s + 1, 0x1001, 0);
	page_alloc(s + 2, 0x1002, 0); /* stays */
	page_free(s + 10, 0x1000, 0); /* 10 us */
	page_free(s + 11, 0x1001, 0); /* 10 us */
	page_free(s + 1000, 0x1010, 3); /* 1 ms */
	page_free(s + 2000, 0x1022, 1); /* half of it: 2 ms */
	page_free(s + 3000, 0x1020, 0); /* 3 ms, and the other page stays */
	page_free(s + 3000, 0x1800, 0); /* older than the trace */
	/* the free before it was lost: nobody knows how long the first one lived */
	page_alloc(s + 4000, 0x1003, 0);
	page_alloc(s + 5000, 0x1003, 0);
	page_free(s + 5004, 0x1003, 0); /* 4 us */
	r = replay("none");
	expect_rows("SELECT kind, page_order, low, width, count FROM lifetime",
		    "page|0|3968|128|1\n" /* 4000 */
		    "page|0|9728|512|2\n" /* 10000 */
		    "page|0|2883584|131072|1\n" /* 3000000 */
		    "page|1|1966080|65536|1\n" /* 2000000 */
		    "page|3|983040|32768|1"); /* 1000000 */
	expect_rows("SELECT kind, low, width, requests, bytes FROM request_size",
		    "page|4096|256|5|20480\npage|16384|1024|1|16384\npage|32768|2048|1|32768");
	expect_rows("SELECT count(*) FROM site_sample", "0");
	/* of four lives of order 0 the second is 10 us, the fourth 3 ms */
	expect_rows("SELECT * FROM lifetime_quantile",
		    "1|page|0|4|10239|3014655|3014655|3014655|3014655\n"
		    "1|page|1|1|2031615|2031615|2031615|2031615|2031615\n"
		    "1|page|3|1|1015807|1015807|1015807|1015807|1015807");
	expect_rows("SELECT kind, high, round(requests_upto * 7), round(bytes_upto * 17)"
		    " FROM size_share",
		    "page|4351|5.0|5.0\npage|17407|6.0|9.0\npage|34815|7.0|17.0");
	done(r);
}

Test(distributions, objects_known_lives)
{
	/* a border of steps of 1.024 us: 1.024 s */
	const uint64_t s = 1024000 * 16;
	struct kmr_replay_result *r;

	kmalloc(s, "small", BASE + 0x1000, 20);
	kmalloc(s, "small", BASE + 0x1040, 21);
	kmalloc(s, "large", BASE + 0x2000, 1000);
	kfree(s + 100, BASE + 0x1040);
	kfree(s + 5000, BASE + 0x2000);
	kmalloc(s + 6000, "large", BASE + 0x2000, 1001);
	/* of nobody */
	kfree(s + 6001, BASE + 0x3000);
	page_alloc(s + 6002, 0x2000, 0);
	r = replay("slub");
	expect_rows("SELECT kind, page_order, low, width, count FROM lifetime",
		    "object|0|98304|4096|1\nobject|0|4980736|262144|1");
	expect_rows("SELECT kind, low, width, requests, bytes FROM request_size",
		    "object|20|1|1|20\nobject|21|1|1|21\nobject|992|32|2|2001\n"
		    "page|4096|256|1|4096");
	expect_rows("SELECT sample, site, live, live_requested FROM site_sample",
		    "0|small+0x1|1|20\n1|small+0x1|2|41\n2|large+0x1|1|1000\n3|small+0x1|1|20\n"
		    "4|large+0x1|0|0\n5|large+0x1|1|1001");
	expect_rows("SELECT count(*) FROM object_sample", "8");
	expect_rows("SELECT sample, site, live, live_requested FROM live_by_caller"
		    " WHERE sample < 4 OR sample = 7 ORDER BY sample, site",
		    "0|large+0x1|0|0\n0|small+0x1|1|20\n1|large+0x1|0|0\n1|small+0x1|2|41\n"
		    "2|large+0x1|1|1000\n2|small+0x1|2|41\n3|large+0x1|1|1000\n"
		    "3|small+0x1|1|20\n7|large+0x1|1|1001\n7|small+0x1|1|20");
	expect_rows("SELECT site, cache, requested, given, wasted, share FROM internal_by_site",
		    "large+0x1|kmalloc-1k|2001|2048|47|0.02294921875\n"
		    "small+0x1|kmalloc-32|41|64|23|0.359375");
	expect_rows("SELECT name, active, requested, given, wasted, share FROM internal_by_cache"
		    " WHERE sample = 7 AND active ORDER BY name",
		    "kmalloc-1k|1|1001|1024|23|0.0224609375\nkmalloc-32|1|20|32|12|0.375");
	expect_rows("SELECT sample, active FROM cache_at WHERE name = 'kmalloc-32'",
		    "0|1\n1|2\n2|2\n3|1\n4|1\n5|1\n6|1\n7|1");
	done(r);
}

/* One that the trace frees and never allocated is no request, and nobody knows how long it lived. */
Test(distributions, objects_of_the_start)
{
	static const char free_format[] =
		"kmem_cache_free: call_site=drop+0x1/0x2 ptr=%08" PRIx64 " name=filp";
	const uint64_t s = 1024000 * 16;
	struct kmr_replay_result *r;

	event(s,
	      "kmem_cache_alloc: call_site=open+0x1/0x2 ptr=%08" PRIx64 " bytes_req=200 "
	      "bytes_alloc=200 gfp_flags=GFP_KERNEL node=-1 accounted=false",
	      BASE + 0x1000);
	event(s + 100, free_format, BASE + 0x1000);
	event(s + 200, free_format, BASE + 0x2000);
	page_alloc(s + 300, 0x2000, 0);
	r = replay("slub");
	cr_assert_eq(r->objects.stats.start_objects, 1);
	cr_assert_eq(r->objects.stats.frees, 2);
	expect_rows("SELECT low, count FROM lifetime WHERE kind = 'object'", "98304|1");
	expect_rows("SELECT site, frees, lifetime FROM call_site ORDER BY site",
		    "|1|0\nopen+0x1|1|100000");
	expect_rows("SELECT low, requests, bytes FROM request_size WHERE kind = 'object'",
		    "200|1|200");
	expect_rows("SELECT sample, site, live, live_requested FROM site_sample ORDER BY 1, 2",
		    "0||1|200\n0|open+0x1|1|200\n1|open+0x1|0|0\n2||0|0");
	done(r);
}

/* The same trace, whatever the objects' model: only what was replayed is told of. */
Test(distributions, without_objects)
{
	struct kmr_replay_result *r;

	kmalloc(1000000, "small", BASE + 0x1000, 20);
	kfree(1000010, BASE + 0x1000);
	page_alloc(1000020, 0x1000, 0);
	page_free(1000030, 0x1000, 0);
	r = replay("none");
	expect_rows("SELECT kind, sum(count) FROM lifetime GROUP BY kind", "page|1");
	expect_rows("SELECT kind, sum(requests) FROM request_size GROUP BY kind", "page|1");
	done(r);
}

struct slot {
	bool live;
	uint64_t time; /* ns */
	unsigned int order;
};

struct brute {
	struct slot pages[SLOTS], objects[SLOTS];
	uint64_t page_lives[4][KMR_LOGLIN_BUCKETS], object_lives[KMR_LOGLIN_BUCKETS];
	uint64_t page_sizes[KMR_LOGLIN_BUCKETS], object_sizes[KMR_LOGLIN_BUCKETS];
	uint64_t page_frees, object_frees;
};

/* @born in steps of @step ns. */
static unsigned int life(uint64_t now, uint64_t born, uint64_t step)
{
	return kmr_loglin_bucket(now - born / step * step);
}

static void random_page(struct brute *b, uint64_t *state, uint64_t time)
{
	const unsigned int i = (unsigned int)(next_random(state) % SLOTS);
	struct slot *s = &b->pages[i];

	if (s->live) {
		page_free(time, 0x1000 + i * 8, s->order);
		b->page_lives[s->order][life(time * 1000, s->time, 16)]++;
		b->page_frees++;
	} else {
		s->order = (unsigned int)(next_random(state) % 4);
		s->time = time * 1000;
		page_alloc(time, 0x1000 + i * 8, s->order);
		b->page_sizes[kmr_loglin_bucket(UINT64_C(4096) << s->order)]++;
	}
	s->live = !s->live;
}

static void random_object(struct brute *b, uint64_t *state, uint64_t time)
{
	const unsigned int i = (unsigned int)(next_random(state) % SLOTS);
	const uint64_t ptr = BASE + 0x100000 + i * UINT64_C(1024);
	struct slot *s = &b->objects[i];

	if (s->live) {
		kfree(time, ptr);
		b->object_lives[life(time * 1000, s->time, 1024)]++;
		b->object_frees++;
	} else {
		const uint32_t bytes = 1 + (uint32_t)(next_random(state) % 1000);
		char site[8];

		(void)snprintf(site, sizeof(site), "f%u", (unsigned int)(bytes % 60));
		s->time = time * 1000;
		kmalloc(time, site, ptr, bytes);
		b->object_sizes[kmr_loglin_bucket(bytes)]++;
	}
	s->live = !s->live;
}

static uint64_t count_of(const struct kmr_distributions *d, enum kmr_dist_kind kind,
			 unsigned int order, unsigned int bucket)
{
	for (size_t i = 0; i < d->nr_lifetimes; i++) {
		const struct kmr_lifetime_bucket *l = &d->lifetimes[i];

		if (l->kind == kind && l->order == order && l->low == kmr_loglin_low(bucket))
			return l->count;
	}
	return 0;
}

static uint64_t requests_of(const struct kmr_distributions *d, enum kmr_dist_kind kind,
			    unsigned int bucket)
{
	for (size_t i = 0; i < d->nr_sizes; i++)
		if (d->sizes[i].kind == kind && d->sizes[i].low == kmr_loglin_low(bucket))
			return d->sizes[i].requests;
	return 0;
}

static uint64_t sum_of(const struct kmr_distributions *d, enum kmr_dist_kind kind)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->nr_lifetimes; i++)
		n += d->lifetimes[i].kind == kind ? d->lifetimes[i].count : 0;
	return n;
}

static void compare_all(const struct brute *b, const struct kmr_distributions *d)
{
	for (unsigned int k = 0; k < KMR_LOGLIN_BUCKETS; k++) {
		for (unsigned int o = 0; o < 4; o++)
			cr_expect_eq(count_of(d, KMR_DIST_PAGE, o, k), b->page_lives[o][k]);
		cr_expect_eq(count_of(d, KMR_DIST_OBJECT, 0, k), b->object_lives[k]);
		cr_expect_eq(requests_of(d, KMR_DIST_PAGE, k), b->page_sizes[k]);
		cr_expect_eq(requests_of(d, KMR_DIST_OBJECT, k), b->object_sizes[k]);
	}
	cr_expect_eq(sum_of(d, KMR_DIST_PAGE), b->page_frees);
	cr_expect_eq(sum_of(d, KMR_DIST_OBJECT), b->object_frees);
}

/* Runs side by side give what each gives alone. */
static void compare_digests(const char digests[3][KMR_DIGEST_SIZE], unsigned int jobs)
{
	static const char *const pages[] = { "linux-6.1" };
	const struct kmr_compare_options o = {
		.replay = options(NULL),
		.pages = pages,
		.nr_pages = 1,
		.objects = allocators,
		.nr_objects = 3,
		.jobs = jobs,
	};
	struct kmr_replay_result *r = calloc(3, sizeof(*r));
	struct kmr_error err = { "" };

	cr_assert_not_null(r);
	cr_assert_eq(kmr_compare(&o, r, &err), 0, "%s", err.msg);
	for (unsigned int i = 0; i < 3; i++) {
		cr_expect_str_eq(r[i].digest, digests[i], "%s, %u jobs", allocators[i], jobs);
		kmr_replay_result_free(&r[i]);
	}
	free(r);
}

Test(distributions, random_against_brute_force)
{
	char digests[3][KMR_DIGEST_SIZE];
	static struct brute b;
	uint64_t state = 9, time = 1000000;

	for (unsigned int i = 0; i < 20000; i++) {
		/* gaps of all sizes, up to seconds */
		time += UINT64_C(1) << next_random(&state) % (i % 50 ? 6 : 21);
		if (next_random(&state) % 2)
			random_page(&b, &state, time);
		else
			random_object(&b, &state, time);
	}
	for (size_t i = 0; i < 3; i++) {
		struct kmr_replay_result *r = replay(allocators[i]);

		cr_assert_eq(r->stats.failures + r->objects.stats.failures, 0);
		cr_assert_eq(r->stats.repeated_allocs + r->objects.stats.repeated_allocs, 0);
		compare_all(&b, &r->distributions);
		/* call_site has the last word on live memory */
		expect_rows("SELECT count(*) FROM (SELECT site, sum(live) live,"
			    " sum(live_requested) bytes FROM call_site GROUP BY site) c"
			    " JOIN (SELECT site, live, live_requested bytes, max(sample)"
			    "	    FROM site_sample GROUP BY site) s USING (site)"
			    " WHERE c.live <> s.live OR c.bytes <> s.bytes",
			    "0");
		expect_rows("SELECT count(DISTINCT site) FROM site_sample", "24");
		memcpy(digests[i], r->digest, sizeof(digests[i]));
		done(r);
	}
	compare_digests(digests, 1);
	compare_digests(digests, 2);
}

/* 49 of 4 us and one of 1 ms, order 0; nothing of order 1. */
Test(distributions, quantiles)
{
	struct kmr_replay_result *r;
	uint64_t n;

	for (uint32_t i = 0; i < 50; i++) {
		page_alloc(16000000 + i * UINT64_C(10000), 0x1000 + i, 0);
		page_free(16000000 + i * UINT64_C(10000) + (i == 20 ? 1000 : 4), 0x1000 + i, 0);
	}
	r = replay("none");
	cr_expect_eq(kmr_lifetime_quantile(&r->distributions, KMR_DIST_PAGE, 0, 500, &n), 4095);
	cr_expect_eq(n, 50);
	cr_expect_eq(kmr_lifetime_quantile(&r->distributions, KMR_DIST_PAGE, 0, 980, &n), 4095);
	cr_expect_eq(kmr_lifetime_quantile(&r->distributions, KMR_DIST_PAGE, 0, 981, &n),
		     983040 + 32768 - 1);
	cr_expect_eq(kmr_lifetime_quantile(&r->distributions, KMR_DIST_PAGE, 0, 1, &n), 4095);
	cr_expect_eq(kmr_lifetime_quantile(&r->distributions, KMR_DIST_PAGE, 1, 500, &n), 0);
	cr_expect_eq(n, 0);
	done(r);
}
