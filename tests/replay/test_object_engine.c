// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traces written by hand through every object allocator: each oddity is counted where it belongs,
 * pages are neither lost nor given away, and nonsense is survived with the models' own checks on.
 */
#include <inttypes.h>
#include <stdarg.h>

#include "kmreplay/replay.h"
#include "support.h"

#define BASE	UINT64_C(0xc0000000)
#define MACHINE "i386:ram=64M"

static const char *const allocators[] = { "slub", "slab", "slob" };
#define NR_ALLOCATORS (sizeof(allocators) / sizeof(allocators[0]))

struct trace {
	char dir[64], path[96];
	FILE *f;
	uint64_t time; /* us */
};

static void trace_begin(struct trace *t)
{
	tmp_make(t->dir, sizeof(t->dir));
	tmp_path(t->path, sizeof(t->path), t->dir, "trace.txt");
	t->f = fopen(t->path, "w");
	t->time = 1000000;
	cr_assert_not_null(t->f);
	(void)fputs("# tracer: nop\n", t->f);
}

static void event(struct trace *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void event(struct trace *t, const char *format, ...)
{
	va_list ap;

	t->time += 10;
	(void)fprintf(t->f, "             cc-7     [000] ..... %5" PRIu64 ".%06" PRIu64 ": ",
		      t->time / 1000000, t->time % 1000000);
	va_start(ap, format);
	(void)vfprintf(t->f, format, ap);
	va_end(ap);
	(void)fputc('\n', t->f);
}

static void trace_end(struct trace *t)
{
	(void)unlink(t->path);
	(void)rmdir(t->dir);
}

static void page_alloc(struct trace *t, uint32_t pfn, unsigned int order, const char *gfp)
{
	event(t, "mm_page_alloc: page=%08x pfn=0x%x order=%u migratetype=0 gfp_flags=%s",
	      0xf6000000u + pfn * 32, pfn, order, gfp);
}

static void page_free(struct trace *t, uint32_t pfn, unsigned int order)
{
	event(t, "mm_page_free: page=%08x pfn=0x%x order=%u", 0xf6000000u + pfn * 32, pfn, order);
}

static void kmalloc(struct trace *t, uint64_t ptr, uint32_t req, uint32_t given)
{
	event(t,
	      "kmalloc: call_site=make+0x1/0x2 ptr=%08" PRIx64 " bytes_req=%u bytes_alloc=%u "
	      "gfp_flags=GFP_KERNEL node=-1 accounted=false",
	      ptr, req, given);
}

static void kfree(struct trace *t, uint64_t ptr)
{
	event(t, "kfree: call_site=drop+0x1/0x2 ptr=%08" PRIx64, ptr);
}

static void cache_alloc(struct trace *t, uint64_t ptr, uint32_t req, uint32_t given,
			const char *site)
{
	event(t,
	      "kmem_cache_alloc: call_site=%s+0x1/0x2 ptr=%08" PRIx64 " bytes_req=%u "
	      "bytes_alloc=%u gfp_flags=GFP_KERNEL node=-1 accounted=false",
	      site, ptr, req, given);
}

static void cache_free(struct trace *t, uint64_t ptr, const char *name)
{
	event(t, "kmem_cache_free: call_site=drop+0x1/0x2 ptr=%08" PRIx64 " name=%s", ptr, name);
}

static struct kmr_replay_options options_for(const struct trace *t, const char *object)
{
	struct kmr_replay_options o;

	memset(&o, 0, sizeof(o));
	o.trace = t->path;
	o.machine = MACHINE;
	o.page = "linux-6.1";
	o.object = object;
	o.start = KMR_START_BOOT;
	o.check = true;
	return o;
}

static struct kmr_replay_result *replay(const struct kmr_replay_options *o)
{
	struct kmr_replay_result *r = malloc(sizeof(*r));
	struct kmr_error err = { "" };

	cr_assert_not_null(r);
	cr_assert_eq(kmr_replay(o, r, &err), 0, "%s: %s", o->object, err.msg);
	return r;
}

static void done(struct kmr_replay_result *r)
{
	kmr_replay_result_free(r);
	free(r);
}

/* Writes the trace's end, so that it can be read. */
static void finish(struct trace *t)
{
	page_alloc(t, 0x2000, 0, "GFP_KERNEL");
	page_free(t, 0x2000, 0);
	cr_assert_eq(fclose(t->f), 0);
	t->f = NULL;
}

static uint64_t free_pages(const struct kmr_replay_result *r)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < r->machine.nr_zones; i++)
		n += r->zones[i].free_pages + r->zones[i].pcp_pages;
	return n;
}

/* What is true of every replay of objects. */
static void assert_adds_up(const struct kmr_replay_result *r, const char *object)
{
	const struct kmr_object_stats *s = &r->objects.stats;
	const struct kmr_trace_info *t = &r->trace;
	uint64_t active = 0, live = 0, frees = 0, hits = 0, in_sites = 0;

	cr_expect_str_eq(r->objects.backend, object);
	cr_expect_str_eq(r->objects.start, "inferred");
	cr_expect_eq(r->objects.work.bad_frees, 0, "%s: %" PRIu64 " bad frees", object,
		     r->objects.work.bad_frees);
	cr_expect_eq(s->allocs + s->traced_failures + s->odd_sizes,
		     t->by_type[KMR_EV_KMALLOC] + t->by_type[KMR_EV_CACHE_ALLOC], "%s", object);
	cr_expect_eq(s->frees + s->null_frees + s->unknown_frees + s->taken_again +
			     s->dropped_frees,
		     t->by_type[KMR_EV_KFREE] + t->by_type[KMR_EV_CACHE_FREE], "%s", object);
	/* failed ones that were neither freed nor taken again are not known apart here */
	if (!s->failures)
		cr_expect_eq(s->live_objects,
			     s->start_objects + s->allocs - s->frees - s->repeated_allocs -
				     s->silent_frees,
			     "%s: %" PRIu64 " objects live", object, s->live_objects);
	cr_expect_geq(s->live_given, s->live_requested, "%s", object);
	cr_expect_leq(s->end_pages, s->peak_pages, "%s", object);
	cr_expect_leq(s->live_given, s->end_pages * 4096, "%s", object);
	for (size_t i = 0; i < r->objects.nr_caches; i++)
		active += r->objects.caches[i].active;
	cr_expect_leq(active, s->live_objects + r->objects.work.inner_allocs + 4096, "%s", object);
	for (size_t i = 0; i < r->objects.nr_sites; i++) {
		live += r->objects.sites[i].live;
		in_sites += r->objects.sites[i].live_requested;
		hits += r->objects.sites[i].hits;
		frees += r->objects.sites[i].frees;
	}
	cr_expect_eq(live, s->live_objects, "%s", object);
	cr_expect_eq(in_sites, s->live_requested, "%s", object);
	cr_expect_eq(hits, s->allocs + s->start_objects - s->failures, "%s", object);
	cr_expect_eq(frees, s->frees, "%s", object);
}

Test(object_engine, oddities_are_counted)
{
	struct trace t;

	trace_begin(&t);
	/* freed twice: the kernel took it in between, without an event */
	kmalloc(&t, BASE + 0x1000, 64, 64);
	kfree(&t, BASE + 0x1000);
	kfree(&t, BASE + 0x1000);
	/* never allocated, and nothing tells what it was */
	kfree(&t, BASE + 0x2000);
	kfree(&t, BASE + 0x2040);
	/* twice at one address */
	kmalloc(&t, BASE + 0x3000, 100, 128);
	kmalloc(&t, BASE + 0x3000, 100, 128);
	/* absurd sizes; ZERO_SIZE_PTR and kfree(NULL) */
	kmalloc(&t, 0x10, 0, 0);
	kmalloc(&t, BASE + 0x4000, 0, 8);
	kmalloc(&t, BASE + 0x5000, 1u << 31, 1u << 31);
	kmalloc(&t, BASE + 0x6000, UINT32_MAX, UINT32_MAX);
	kfree(&t, 0x10);
	kfree(&t, 0);
	kfree(&t, 0);
	/* the kernel had none left */
	kmalloc(&t, 0, 64, 64);
	event(&t, "kmalloc: call_site=make+0x1/0x2 ptr=(nil) bytes_req=64 bytes_alloc=64 "
		  "gfp_flags=GFP_KERNEL node=-1 accounted=false");
	cache_alloc(&t, 0, 64, 64, "open");
	/* one that stays */
	cache_alloc(&t, BASE + 0x7000, 200, 200, "open");
	cache_alloc(&t, BASE + 0x7100, 200, 200, "open");
	cache_free(&t, BASE + 0x7100, "filp");
	/* gone with what was refused */
	kfree(&t, BASE + 0x4000);
	kfree(&t, BASE + 0x5000);
	finish(&t);
	for (size_t i = 0; i < NR_ALLOCATORS; i++) {
		const struct kmr_replay_options o = options_for(&t, allocators[i]);
		struct kmr_replay_result *r = replay(&o);
		const struct kmr_object_stats *s = &r->objects.stats;

		assert_adds_up(r, allocators[i]);
		cr_expect_eq(r->trace.malformed, 0);
		cr_expect_eq(s->allocs, 5);
		cr_expect_eq(s->frees, 2);
		cr_expect_eq(s->taken_again, 1);
		cr_expect_eq(s->unknown_frees, 4);
		cr_expect_eq(s->repeated_allocs, 1);
		cr_expect_eq(s->odd_sizes, 4);
		cr_expect_eq(s->null_frees, 3);
		cr_expect_eq(s->traced_failures, 3, "%" PRIu64, s->traced_failures);
		cr_expect_eq(s->live_objects, 2);
		cr_expect_eq(s->live_requested, 300);
		cr_expect_eq(s->failures, 0);
		done(r);
	}
	trace_end(&t);
}

/* Sizes that no kernel's cache has. */
Test(object_engine, absurd_caches)
{
	static const uint32_t sizes[][2] = {
		{ 100, 8 },
		{ 8, 100 },
		{ 1, 1 },
		{ 3, 5 },
		{ 4096, 4097 },
		{ 65536, 65536 },
		{ 3000000, 3000000 },
		{ 4194304, 4194304 },
		{ 4194305, 4194305 },
		{ 64, UINT32_MAX },
		{ UINT32_MAX, 64 },
		{ UINT32_MAX, UINT32_MAX },
		{ 8, 4194304 },
		{ 1u << 31, 1u << 31 },
		{ 0, 64 },
		{ 64, 0 },
		{ (1u << 22) - 1, 1 },
		{ 12, 20 },
	};
	const uint32_t nr = sizeof(sizes) / sizeof(sizes[0]);
	struct trace t;

	trace_begin(&t);
	for (uint32_t i = 0; i < nr; i++) {
		char name[16], site[16];

		(void)snprintf(name, sizeof(name), "cache%u", i);
		(void)snprintf(site, sizeof(site), "site%u", i);
		/* one freed by name, one that only its sizes tell, one older than the trace */
		cache_alloc(&t, BASE + 0x100000 + i * 0x10000, sizes[i][0], sizes[i][1], site);
		cache_alloc(&t, BASE + 0x104000 + i * 0x10000, sizes[i][0], sizes[i][1], "other");
		cache_free(&t, BASE + 0x100000 + i * 0x10000, name);
		cache_free(&t, BASE + 0x108000 + i * 0x10000, name);
	}
	/* a cache that nothing is known of but its name, and a name too long */
	cache_free(&t, BASE + 0x500000, "nobody");
	cache_free(
		&t, BASE + 0x500100,
		"a_name_of_a_cache_that_is_longer_than_any_that_there_is_in_a_kernel_to_be_sure");
	finish(&t);
	for (size_t i = 0; i < NR_ALLOCATORS; i++) {
		const struct kmr_replay_options o = options_for(&t, allocators[i]);
		struct kmr_replay_result *r = replay(&o);
		const struct kmr_object_stats *s = &r->objects.stats;

		assert_adds_up(r, allocators[i]);
		/* by their sizes alone five can be nothing, each twice */
		cr_expect_geq(s->odd_sizes, 10, "%s: %" PRIu64, allocators[i], s->odd_sizes);
		cr_expect_geq(s->allocs, 10, "%s: %" PRIu64, allocators[i], s->allocs);
		done(r);
	}
	trace_end(&t);
}

/* Traced slabs' pages, then objects within them: the pages are nobody's in the simulation. */
static void write_slabs(struct trace *t, unsigned int nr)
{
	for (uint32_t i = 0; i < nr; i++) {
		const uint32_t pfn = 0x1000 + i * 2;

		page_alloc(t, pfn, 0,
			   "GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC");
		for (uint32_t k = 0; k < 4096 / 256; k++)
			cache_alloc(t, BASE + pfn * UINT64_C(4096) + k * 256, 256, 256, "open");
		page_alloc(t, 0x3000 + i, 0, "GFP_HIGHUSER_MOVABLE");
	}
	/* names the cache */
	cache_free(t, BASE + 0x1000 * UINT64_C(4096), "filp");
}

Test(object_engine, pages_of_traced_slabs_are_left_out)
{
	struct kmr_replay_options o;
	struct kmr_replay_result *r;
	uint64_t at_boot;
	struct trace t;

	trace_begin(&t);
	finish(&t);
	o = options_for(&t, "none");
	r = replay(&o);
	at_boot = free_pages(r);
	done(r);
	trace_end(&t);

	trace_begin(&t);
	write_slabs(&t, 40);
	/* slabs that go back, with objects that the trace never freed */
	for (uint32_t i = 30; i < 40; i++)
		page_free(&t, 0x1000 + i * 2, 0);
	finish(&t);
	for (size_t i = 0; i < NR_ALLOCATORS; i++) {
		const struct kmr_object_stats *s;

		o = options_for(&t, allocators[i]);
		r = replay(&o);
		s = &r->objects.stats;
		assert_adds_up(r, allocators[i]);
		cr_expect(r->attribution.real_pointers);
		cr_expect_eq(s->page_allocs, 40);
		cr_expect_eq(s->page_frees, 10);
		cr_expect_eq(s->silent_frees, 160);
		cr_expect_eq(s->live_objects, 40 * 16 - 1 - 160);
		cr_expect_eq(r->stats.live_pages, 40);
		cr_expect_geq(s->end_pages, 30);
		cr_expect_eq(at_boot - free_pages(r), r->stats.live_pages + s->end_pages,
			     "%s: %" PRIu64 " pages are gone", allocators[i],
			     at_boot - free_pages(r) - r->stats.live_pages - s->end_pages);
		done(r);
	}
	trace_end(&t);
}

Test(object_engine, memory_that_is_too_small)
{
	const uint32_t nr = 12000; /* of 4096 bytes, for 32 MiB */
	struct trace t;

	trace_begin(&t);
	for (uint32_t i = 0; i < nr; i++)
		kmalloc(&t, BASE + 0x1000000 + i * UINT64_C(4096), 4096, 4096);
	for (uint32_t i = 0; i < nr; i++)
		kfree(&t, BASE + 0x1000000 + i * UINT64_C(4096));
	finish(&t);
	for (size_t i = 0; i < NR_ALLOCATORS; i++) {
		struct kmr_replay_options o = options_for(&t, allocators[i]);
		const struct kmr_object_stats *s;
		struct kmr_replay_result *r;

		o.machine = "i386:ram=32M";
		r = replay(&o);
		s = &r->objects.stats;
		assert_adds_up(r, allocators[i]);
		cr_expect_eq(s->allocs, nr);
		cr_expect_gt(s->failures, nr / 4, "%s: %" PRIu64, allocators[i], s->failures);
		cr_expect_lt(s->failures, nr * 3 / 4, "%s: %" PRIu64, allocators[i], s->failures);
		cr_expect_eq(s->dropped_frees, s->failures);
		cr_expect_eq(s->frees, nr - s->failures);
		cr_expect_eq(s->live_objects, 0);
		cr_expect_eq(s->unknown_frees, 0);
		done(r);
	}
	trace_end(&t);
}

/* Pointers that tell nothing; what the trace frees and never allocated was there. */
Test(object_engine, hashed_pointers)
{
	struct trace t;

	trace_begin(&t);
	for (uint32_t i = 0; i < 300; i++)
		event(&t,
		      "kmem_cache_alloc: call_site=open+0x1/0x2 ptr=00000000%08x bytes_req=120 "
		      "bytes_alloc=128 gfp_flags=GFP_KERNEL node=-1 accounted=false",
		      (i + 1) * 2654435761u);
	for (uint32_t i = 100; i < 450; i++)
		event(&t, "kmem_cache_free: call_site=drop+0x1/0x2 ptr=00000000%08x name=filp",
		      (i + 1) * 2654435761u);
	event(&t, "mm_page_alloc: page=000000001b7c3a5f pfn=0x2345 order=0 migratetype=0 "
		  "gfp_flags=GFP_KERNEL");
	cr_assert_eq(fclose(t.f), 0);
	for (size_t i = 0; i < NR_ALLOCATORS; i++) {
		struct kmr_replay_options o = options_for(&t, allocators[i]);
		const struct kmr_object_stats *s;
		struct kmr_replay_result *r;

		o.machine = "x86_64:ram=64M";
		r = replay(&o);
		s = &r->objects.stats;
		assert_adds_up(r, allocators[i]);
		cr_expect(r->trace.hashed_pointers);
		cr_expect_not(r->attribution.real_pointers);
		cr_expect_eq(s->start_objects, 150);
		cr_expect_eq(s->frees, 350);
		cr_expect_eq(s->unknown_frees, 0);
		cr_expect_eq(s->live_objects, 100, "%" PRIu64, s->live_objects);
		cr_expect_gt(s->start_pages, 0);
		done(r);
	}
	trace_end(&t);
}

/*
 * A trace that frees more than it ever allocated, from a start of which only counts are known: what
 * it frees must not be the pages of simulated slabs.
 */
Test(object_engine, slabs_of_the_start_are_not_given_away)
{
	static const char state[] = BUNDLED "/i386-slub-compile/state";
	struct kmr_replay_options alone;
	struct kmr_replay_result *none;
	uint64_t unknown;
	char link[128];
	struct trace t;

	if (access(state, R_OK))
		cr_skip_test("no %s", state);
	trace_begin(&t);
	tmp_path(link, sizeof(link), t.dir, "state");
	cr_assert_eq(symlink(state, link), 0);
	cache_alloc(&t, BASE + 0x1000000, 2000, 2048, "open");
	for (uint32_t pfn = 0x1000; pfn < 0x1000 + 60000; pfn++)
		page_free(&t, pfn, 0);
	/* these make the slabs of the start, which are in use until here */
	for (uint32_t i = 0; i < 4000; i++)
		cache_free(&t, BASE + 0x1000000 + i * UINT64_C(2048), "of_nobody");
	cr_assert_eq(fclose(t.f), 0);
	alone = options_for(&t, "none");
	alone.machine = NULL;
	alone.start = KMR_START_PROC;
	none = replay(&alone);
	unknown = none->stats.unknown_frees;
	cr_expect_gt(unknown, 0, "not all was freed");
	done(none);
	for (size_t i = 0; i < NR_ALLOCATORS; i++) {
		struct kmr_replay_options o = options_for(&t, allocators[i]);
		struct kmr_replay_result *r;

		o.machine = NULL;
		o.start = KMR_START_PROC;
		r = replay(&o);
		assert_adds_up(r, allocators[i]);
		cr_expect_eq(r->objects.stats.start_objects, 3999);
		cr_expect_gt(r->objects.stats.start_pages, 1900);
		cr_expect_eq(r->stats.unknown_frees, unknown,
			     "%s: %" PRIu64 " frees found nothing, without slabs %" PRIu64,
			     allocators[i], r->stats.unknown_frees, unknown);
		done(r);
	}
	(void)unlink(link);
	trace_end(&t);
}

/* A trace of a machine that has more nodes and CPUs than the simulated one. */
Test(object_engine, nodes_that_are_not_there)
{
	struct trace t;

	trace_begin(&t);
	for (int i = 0; i < 200; i++) {
		event(&t,
		      "kmem_cache_alloc_node: call_site=open+0x1/0x2 ptr=%08x bytes_req=120 "
		      "bytes_alloc=128 gfp_flags=GFP_KERNEL node=%d accounted=false",
		      0xc1000000u + (unsigned int)i * 128, i % 128);
		event(&t,
		      "kmalloc_node: call_site=open+0x1/0x2 ptr=%08x bytes_req=%d "
		      "bytes_alloc=16384 gfp_flags=GFP_KERNEL node=%d accounted=false",
		      0xc2000000u + (unsigned int)i * 16384, 50 + i * 60, 127 - i % 128);
	}
	for (int i = 0; i < 200; i++)
		kfree(&t, 0xc2000000u + (unsigned int)i * 16384);
	finish(&t);
	for (size_t i = 0; i < NR_ALLOCATORS; i++) {
		const struct kmr_replay_options o = options_for(&t, allocators[i]);
		struct kmr_replay_result *r = replay(&o);

		assert_adds_up(r, allocators[i]);
		cr_expect_eq(r->trace.malformed, 0);
		cr_expect_eq(r->objects.stats.allocs, 400);
		cr_expect_eq(r->objects.stats.failures, 0);
		cr_expect_eq(r->objects.stats.frees, 200);
		done(r);
	}
	trace_end(&t);
}

static uint64_t rng;

static uint32_t below(uint32_t n)
{
	rng = rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((rng >> 33) % n);
}

static uint32_t any_size(void)
{
	static const uint32_t odd[] = { 0,	  1,	     4095, 8193, 1u << 22, (1u << 22) + 1,
					1u << 31, UINT32_MAX };

	return below(16) ? 1 + below(below(4) ? 256 : 9000) : odd[below(8)];
}

static uint64_t any_pointer(void)
{
	static const uint64_t odd[] = {
		0, 16, 4095, 4096, 0xffffffff, 0xbffffff8, BASE, 0x80000000
	};

	return below(32) ? BASE + 0x100000 + below(1500) * UINT64_C(64) : odd[below(8)];
}

/* What a line may say, true or not. */
static void any_event(struct trace *t)
{
	char name[16], site[16];
	const uint32_t kind = below(16);

	(void)snprintf(name, sizeof(name), "cache%u", below(40));
	(void)snprintf(site, sizeof(site), "site%u", below(40));
	if (!below(2000))
		t->time += below(5000000);
	if (kind < 4)
		kmalloc(t, any_pointer(), any_size(), any_size());
	else if (kind < 7)
		cache_alloc(t, any_pointer(), below(4) ? 40 + below(3) * 100 : any_size(),
			    below(4) ? 64 + below(3) * 100 : any_size(), site);
	else if (kind < 10)
		kfree(t, any_pointer());
	else if (kind < 12)
		cache_free(t, any_pointer(), name);
	else if (kind < 14)
		page_alloc(t, 0x100 + below(64), below(8) ? 0 : below(12),
			   below(2) ? "GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|"
				      "__GFP_NOMEMALLOC"
				    : "GFP_KERNEL");
	else
		page_free(t, 0x100 + below(64), below(8) ? 0 : below(12));
}

/* Bytes of lines that are not what they were. */
static void damage(const char *path)
{
	FILE *f = fopen(path, "r+");
	long size;

	cr_assert_not_null(f);
	cr_assert_eq(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	cr_assert_gt(size, 1000);
	for (int i = 0; i < 1000; i++) {
		cr_assert_eq(fseek(f, 1000 + (long)below((uint32_t)(size - 1000)), SEEK_SET), 0);
		(void)fputc("0123456789abcdef= .\n"[below(20)], f);
	}
	cr_assert_eq(fclose(f), 0);
}

Test(object_engine, nonsense, .timeout = 200)
{
	for (uint64_t seed = 1; seed <= 2; seed++) {
		struct trace t;

		rng = seed;
		trace_begin(&t);
		for (int i = 0; i < 20000; i++)
			any_event(&t);
		finish(&t);
		if (seed > 1)
			damage(t.path);
		for (size_t i = 0; i < NR_ALLOCATORS; i++) {
			const struct kmr_replay_options o = options_for(&t, allocators[i]);
			struct kmr_replay_result *r = replay(&o);

			assert_adds_up(r, allocators[i]);
			cr_expect_gt(r->objects.stats.allocs, 3000);
			cr_expect_gt(r->objects.stats.frees, 200, "%" PRIu64,
				     r->objects.stats.frees);
			cr_expect_gt(r->objects.stats.repeated_allocs, 100);
			done(r);
		}
		trace_end(&t);
	}
}
