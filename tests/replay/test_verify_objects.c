// SPDX-License-Identifier: GPL-2.0-only
/*
 * Object allocators against kernels: from a capture's exact slabs the models give the very objects
 * that the kernel gave, ask for their slabs' pages when it did, and notice when a trace is not what
 * the kernel did.
 */
#include <inttypes.h>

#include "base/linereader.h"
#include "kmreplay/verify.h"
#include "support.h"

/* Fails the test unless verify works; the caller frees the result. */
static void verify(const struct capture *c, const char *object, const char *trace,
		   struct kmr_verify_result *r)
{
	const struct kmr_verify_options o = {
		.trace = trace ? trace : c->trace,
		.snapshot = c->before,
		.end_snapshot = c->after,
		.page = "linux-6.1",
		.object = object,
		.check = true,
	};
	struct kmr_machine *m = malloc(sizeof(*m));
	struct kmr_error err = { "" };
	int ret;

	cr_assert_not_null(m);
	ret = kmr_verify(&o, r, m, &err);
	free(m);
	cr_assert_eq(ret, 0, "%s: %s", o.trace, err.msg);
}

static const struct kmr_cache_tally *cache_named(const struct kmr_verify_result *r,
						 const char *name)
{
	for (size_t i = 0; i < r->objects.nr_caches; i++)
		if (!strcmp(r->objects.caches[i].name, name))
			return &r->objects.caches[i];
	cr_assert_fail("no cache %s", name);
	return NULL;
}

static uint64_t missed(const struct kmr_cache_tally *t)
{
	return t->total - t->exact - t->unknown;
}

/* Every object is in one cache, in one class; parts are no larger than what they are parts of. */
static void assert_adds_up(const char *name, const struct kmr_object_result *r)
{
	struct kmr_cache_tally sum = { .total = 0 };

	for (size_t i = 0; i < r->nr_caches; i++) {
		const struct kmr_cache_tally *t = &r->caches[i];

		cr_expect_leq(t->exact + t->unknown, t->total, "%s, %s", name, t->name);
		cr_expect_leq(t->inferred, t->exact, "%s, %s", name, t->name);
		cr_expect_leq(t->free_bulk + t->free_unknown, t->frees, "%s, %s", name, t->name);
		cr_expect(!i || strcmp(r->caches[i - 1].name, t->name) < 0, "%s, %s", name,
			  t->name);
		sum.total += t->total;
		sum.exact += t->exact;
		sum.bulk += t->bulk;
		sum.inferred += t->inferred;
		sum.frees += t->frees;
	}
	cr_expect_eq(sum.total, r->all.total, "%s", name);
	cr_expect_eq(sum.exact, r->all.exact, "%s", name);
	cr_expect_eq(sum.bulk, r->all.bulk, "%s", name);
	cr_expect_eq(sum.inferred, r->all.inferred, "%s", name);
	cr_expect_eq(sum.frees, r->all.frees, "%s", name);
	cr_expect_leq(r->pages.allocs_exact + r->pages.allocs_missed, r->pages.allocs, "%s", name);
	cr_expect_leq(r->pages.frees_exact, r->pages.frees, "%s", name);
	cr_expect_leq(r->records_identical, r->records_total, "%s", name);
	cr_expect_eq(r->first_miss[0] == '\0', !missed(&r->all), "%s: '%s'", name, r->first_miss);
	cr_expect_eq(r->first_difference[0] == '\0', r->records_identical == r->records_total,
		     "%s: '%s'", name, r->first_difference);
}

Test(verify_objects, bundled)
{
	const struct kmr_cache_tally *names;
	struct kmr_verify_result r;
	struct capture c;

	if (!capture_in(&c, BUNDLED, "i386-slub-compile"))
		cr_skip_test("no capture in " BUNDLED);
	verify(&c, NULL, NULL, &r);
	cr_expect_str_eq(r.objects.backend, "slub");
	cr_expect_null(r.objects.why_not);
	cr_expect_eq(r.objects.all.total, 98118);
	cr_expect_eq(r.objects.all.exact, 98118);
	cr_expect_eq(r.objects.all.unknown, 0);
	cr_expect_eq(r.objects.all.frees, 114767);
	cr_expect_eq(r.objects.all.free_unknown, 0);
	/* every one of these was the model's next: nothing in bulk had to be assumed */
	names = cache_named(&r, "names_cache");
	cr_expect_eq(names->total, 57016);
	cr_expect_eq(names->exact, 57016);
	cr_expect_eq(names->bulk + names->inferred, 0);
	cr_expect_eq(r.objects.pages.allocs, 50);
	cr_expect_eq(r.objects.pages.allocs_exact, 50);
	cr_expect_eq(r.alloc_total, 52142);
	cr_expect_eq(r.alloc_exact, 52142);
	cr_expect(r.objects.attribution.real_pointers);
	cr_expect_eq(r.objects.attribution.base, 0xc0000000);
	assert_adds_up("bundled", &r.objects);
	kmr_verify_result_free(&r);
}

/* What of a cache's objects may be missed, in thousandths. */
static unsigned int tolerance(const struct kmr_object_result *r, const struct kmr_cache_tally *t)
{
	/* a heap's objects are where all before them leave room: one out of order moves others */
	if (!strcmp(r->backend, "slob"))
		return 15;
	return t->bulk ? 20 : 1;
}

static void assert_objects_exact(const char *name, const struct kmr_object_result *r)
{
	const bool heap = !strcmp(r->backend, "slob");

	for (size_t i = 0; i < r->nr_caches; i++) {
		const struct kmr_cache_tally *t = &r->caches[i];
		/* in a heap two of a cache that has no hundred may be among those moved */
		const uint64_t some = heap ? 2 : 0;

		cr_expect(missed(t) <= some || missed(t) * 1000 <= t->total * tolerance(r, t),
			  "%s, %s: %" PRIu64 " of %" PRIu64 " objects missed, %" PRIu64 " in bulk",
			  name, t->name, missed(t), t->total, t->bulk);
	}
	cr_expect_geq(r->all.exact * 1000, r->all.total * (heap ? 998 : 999), "%s", name);
	cr_expect_gt(r->all.total, 30000, "%s", name);
	cr_expect_eq(r->all.unknown, 0, "%s", name);
}

/* Objects, and slabs' pages asked for by the model, change nothing for the better or worse. */
static void check_capture(const char *name, bool pressure)
{
	struct kmr_verify_result with, without;
	const struct kmr_slab_pages *p = &with.objects.pages;
	struct capture c;

	need_capture(&c, name);
	verify(&c, NULL, NULL, &with);
	verify(&c, "none", NULL, &without);
	cr_assert_not_null(with.objects.backend, "%s: %s", name, with.objects.why_not);
	assert_adds_up(name, &with.objects);
	assert_objects_exact(name, &with.objects);
	cr_expect_null(without.objects.backend);
	cr_expect_eq(without.objects.all.total, 0);
	cr_expect_eq(with.alloc_total, without.alloc_total, "%s", name);
	if (pressure) {
		cr_expect_geq(with.alloc_exact * 1000, without.alloc_exact * 999, "%s", name);
		cr_expect_leq(p->allocs_missed * 100, p->allocs, "%s", name);
	} else {
		cr_expect_eq(with.alloc_exact, without.alloc_exact, "%s", name);
		cr_expect_eq(with.refill.matched, without.refill.matched, "%s", name);
		cr_expect_eq(with.drain.matched, without.drain.matched, "%s", name);
		cr_expect_geq(p->allocs_exact * 100, p->allocs * 96, "%s", name);
	}
	cr_expect_gt(p->allocs, 0, "%s", name);
	kmr_verify_result_free(&with);
	kmr_verify_result_free(&without);
}

Test(verify_objects, i386_slub_compile)
{
	check_capture("i386-slub-compile", false);
}

Test(verify_objects, i386_slab_compile)
{
	check_capture("i386-slab-compile", false);
}

#if !SANITIZED /* there the two above will do; all of them would take minutes */
Test(verify_objects, i386_slob_compile)
{
	check_capture("i386-slob-compile", false);
}

Test(verify_objects, i386_slub_files)
{
	check_capture("i386-slub-files", false);
}

Test(verify_objects, i386_slab_files)
{
	check_capture("i386-slab-files", false);
}

Test(verify_objects, i386_slob_files)
{
	check_capture("i386-slob-files", false);
}

Test(verify_objects, i386_slub_two_cpus)
{
	check_capture("i386-slub-smp2-shell", false);
}

Test(verify_objects, i386_slub_pressure)
{
	check_capture("i386-slub-pressure", true);
}

Test(verify_objects, i386_slub_reclaim)
{
	check_capture("i386-slub-reclaim", true);
}

Test(verify_objects, x86_64_sqlite)
{
	check_capture("x86_64-6.1-up-sqlite", false);
}

Test(verify_objects, x86_64_612_shell)
{
	check_capture("x86_64-6.12-up-shell", false);
}

Test(verify_objects, x86_64_612_dat)
{
	check_capture("x86_64-6.12-up-dat", false);
}

Test(verify_objects, x86_64_612_numa_compile)
{
	check_capture("x86_64-6.12-numa-compile", false);
}

Test(verify_objects, x86_64_612_numa_reclaim)
{
	check_capture("x86_64-6.12-numa-reclaim", true);
}
#endif

/* Writes lines of a trace again; those of objects may be changed on the way. */
struct rewriter {
	FILE *out;
	uint64_t seed;
	uint64_t changed;
	char held[1024]; /* a line that comes later */
};

typedef void (*rewrite_object)(struct rewriter *w, char *line, char *ptr, bool alloc);

static bool is_object(const char *line, char **ptr, bool *alloc)
{
	*alloc = strstr(line, ": kmalloc") || strstr(line, ": kmem_cache_alloc");
	if (!*alloc && !strstr(line, ": kfree: ") && !strstr(line, ": kmem_cache_free: "))
		return false;
	*ptr = strstr(line, " ptr=");
	if (*ptr)
		*ptr += strlen(" ptr=");
	return *ptr != NULL;
}

static void put(struct rewriter *w, const char *line)
{
	cr_assert_geq(fprintf(w->out, "%s\n", line), 0);
}

/* Everything before the first marker stays. */
static uint64_t rewrite(const char *from, const char *to, rewrite_object object, uint64_t seed)
{
	struct kmr_error err = { "" };
	struct kmr_linereader *in = kmr_linereader_open(from, &err);
	struct rewriter w = { .out = fopen(to, "w"), .seed = seed };
	struct kmr_line line;
	bool started = false;

	cr_assert(in && w.out, "%s", err.msg);
	while (kmr_linereader_next(in, &line, &err) > 0) {
		char *ptr;
		bool alloc;

		started |= strstr(line.text, ": kmsnap: ") != NULL;
		if (started && is_object(line.text, &ptr, &alloc))
			object(&w, line.text, ptr, alloc);
		else
			put(&w, line.text);
	}
	cr_assert_str_empty(err.msg);
	kmr_linereader_close(in);
	cr_assert_eq(fclose(w.out), 0);
	return w.changed;
}

/* One in a hundred allocations is said to have got its neighbour 64 bytes away. */
static void move_some(struct rewriter *w, char *line, char *ptr, bool alloc)
{
	const size_t digits = strspn(ptr, "0123456789abcdef");

	if (alloc && next_random(&w->seed) % 100 == 0 && digits > 4) {
		char *digit = ptr + digits - 2;

		*digit = "45670123cdef89ab"[strtoul((char[]){ *digit, '\0' }, NULL, 16)];
		w->changed++;
	}
	put(w, line);
}

static void check_tampering(const char *name)
{
	struct kmr_verify_result before, after;
	char dir[64], path[128];
	uint64_t moved, less;
	struct capture c;

	need_capture(&c, name);
	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace.txt");
	moved = rewrite(c.trace, path, move_some, 4711);
	cr_assert_gt(moved, 500);
	verify(&c, NULL, NULL, &before);
	verify(&c, NULL, path, &after);
	cr_expect_eq(after.objects.all.total, before.objects.all.total);
	less = before.objects.all.exact - before.objects.all.inferred -
	       (after.objects.all.exact - after.objects.all.inferred);
	/* each that was moved shows, by itself and by what follows from it; in a heap much does */
	cr_expect_geq(less, moved * 9 / 10, "%s: %" PRIu64 " moved, %" PRIu64 " fewer", name, moved,
		      less);
	if (strcmp(before.objects.backend, "slob") != 0)
		cr_expect_leq(less, moved * 20, "%s: %" PRIu64 " moved, %" PRIu64 " fewer", name,
			      moved, less);
	cr_expect_gt(missed(&after.objects.all), missed(&before.objects.all));
	cr_expect_str_not_empty(after.objects.first_miss);
	assert_adds_up(name, &after.objects);
	kmr_verify_result_free(&before);
	kmr_verify_result_free(&after);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(rmdir(dir), 0);
}

Test(verify_objects, moved_objects_show_slub)
{
	check_tampering("i386-slub-compile");
}

#if !SANITIZED
Test(verify_objects, moved_objects_show_slab)
{
	check_tampering("i386-slab-compile");
}

Test(verify_objects, moved_objects_show_slob)
{
	check_tampering("i386-slob-compile");
}
#endif

static void hash_pointer(struct rewriter *w, char *line, char *ptr, bool alloc)
{
	const uint64_t addr = strtoull(ptr, NULL, 16);
	char hashed[9];

	(void)alloc;
	(void)snprintf(hashed, sizeof(hashed), "%08" PRIx32,
		       (uint32_t)(addr * UINT64_C(0x9e3779b97f4a7c15) >> 32));
	if (addr)
		memcpy(ptr, hashed, 8);
	w->changed++;
	put(w, line);
}

/* Where pointers are hashed, verify says so and compares pages alone. */
Test(verify_objects, hashed_pointers)
{
	struct kmr_verify_result r;
	char dir[64], path[128];
	struct capture c;

	need_capture(&c, "i386-slub-compile");
	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace.txt");
	cr_assert_gt(rewrite(c.trace, path, hash_pointer, 0), 100000);
	verify(&c, NULL, path, &r);
	cr_expect_null(r.objects.backend);
	cr_expect_str_eq(r.objects.why_not, "the trace's pointers are hashed");
	cr_expect_eq(r.alloc_total, 52142);
	cr_expect_eq(r.alloc_exact, r.alloc_total);
	kmr_verify_result_free(&r);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(rmdir(dir), 0);
}

static void leave_out(struct rewriter *w, char *line, char *ptr, bool alloc)
{
	(void)w;
	(void)line;
	(void)ptr;
	(void)alloc;
}

Test(verify_objects, no_object_events)
{
	struct kmr_verify_result r;
	char dir[64], path[128], cut[128], line[512];
	struct capture c;

	need_capture(&c, "i386-slub-compile");
	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace.txt");
	tmp_path(cut, sizeof(cut), dir, "cut.txt");
	(void)rewrite(c.trace, path, leave_out, 0);
	/* those before the marker, too */
	(void)snprintf(line, sizeof(line), "grep -vE ': (k(malloc|free)|kmem_)' %s >%s", path, cut);
	cr_assert_eq(system(line), 0);
	verify(&c, NULL, cut, &r);
	cr_expect_null(r.objects.backend);
	cr_expect_str_eq(r.objects.why_not, "the trace has no object events");
	cr_expect_eq(r.alloc_exact, 52142);
	kmr_verify_result_free(&r);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(unlink(cut), 0);
	cr_assert_eq(rmdir(dir), 0);
}

Test(verify_objects, not_asked_for)
{
	struct kmr_verify_result r;
	struct capture c;

	need_capture(&c, "i386-slub-compile");
	verify(&c, "none", NULL, &r);
	cr_expect_null(r.objects.backend);
	cr_expect_str_eq(r.objects.why_not, "not asked for");
	cr_expect_eq(r.alloc_exact, 52142);
	cr_expect_eq(r.objects.nr_caches, 0);
	kmr_verify_result_free(&r);
	/* by name and with parameters it is the same as by default */
	verify(&c, "slub", NULL, &r);
	cr_expect_eq(r.objects.all.exact, 98118);
	kmr_verify_result_free(&r);
}

static void assert_refused(const struct capture *c, const char *object, const char *message)
{
	const struct kmr_verify_options o = {
		.trace = c->trace,
		.snapshot = c->before,
		.page = "linux-6.1",
		.object = object,
	};
	struct kmr_machine *m = malloc(sizeof(*m));
	struct kmr_verify_result r;
	struct kmr_error err = { "" };

	cr_assert_not_null(m);
	cr_assert_eq(kmr_verify(&o, &r, m, &err), -1, "%s", object);
	cr_expect(strstr(err.msg, message), "no '%s' in: %s", message, err.msg);
	kmr_verify_result_free(&r);
	free(m);
}

Test(verify_objects, backends_that_will_not_do)
{
	struct capture c;

	need_capture(&c, "i386-slub-compile");
	assert_refused(&c, "slob", "is of a kernel with slub");
	assert_refused(&c, "slab", "is of a kernel with slub");
	assert_refused(&c, "slqb", "--object: no backend 'slqb'");
	assert_refused(&c, "", "--object: no backend ''");
	assert_refused(&c, "slub,colour=1", "colour");
	assert_refused(&c, "slub,min_partial=x", "min_partial");
	assert_refused(&c, "none,min_partial=5", "--object: no backend 'none'");
}

/* A snapshot's caches are what they are, whatever a backend would make of them by rule. */
Test(verify_objects, other_parameters)
{
	struct kmr_verify_result r;
	struct capture c;

	need_capture(&c, "i386-slub-compile");
	verify(&c, "slub,max_order=0,min_objects=1", NULL, &r);
	cr_expect_eq(r.objects.all.total, 98118);
	cr_expect_eq(r.objects.all.exact, 98118);
	cr_expect_eq(r.objects.pages.allocs_exact, 50);
	kmr_verify_result_free(&r);
}

/* Events left out, said twice, or exchanged with the one before. */
static void disturb(struct rewriter *w, char *line, char *ptr, bool alloc)
{
	(void)ptr;
	(void)alloc;
	switch (next_random(&w->seed) % 40) {
	case 0:
		break;
	case 1:
		put(w, line);
		put(w, line);
		break;
	case 2:
		if (!w->held[0] && strlen(line) < sizeof(w->held)) {
			(void)snprintf(w->held, sizeof(w->held), "%s", line);
			break;
		}
		put(w, line);
		break;
	default:
		put(w, line);
		if (w->held[0]) {
			put(w, w->held);
			w->held[0] = '\0';
		}
		return;
	}
	w->changed++;
}

static void check_disturbed(const char *name, uint64_t seeds)
{
	char dir[64], path[128];
	struct capture c;

	need_capture(&c, name);
	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace.txt");
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct kmr_verify_result r;

		cr_assert_gt(rewrite(c.trace, path, disturb, seed), 1000);
		verify(&c, NULL, path, &r);
		cr_expect_str_not_empty(r.objects.backend);
		cr_expect_lt(r.objects.all.exact - r.objects.all.inferred,
			     r.objects.all.total * 99 / 100, "%s", name);
		/* what is true of most of it shows all the same */
		cr_expect_gt(r.objects.all.exact * 2, r.objects.all.total, "%s", name);
		assert_adds_up(name, &r.objects);
		kmr_verify_result_free(&r);
	}
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(rmdir(dir), 0);
}

Test(verify_objects, disturbed_slub)
{
	check_disturbed("i386-slub-compile", SANITIZED ? 1 : 3);
}

Test(verify_objects, disturbed_slab)
{
	check_disturbed("i386-slab-compile", SANITIZED ? 1 : 3);
}

Test(verify_objects, disturbed_slob)
{
	check_disturbed("i386-slob-compile", SANITIZED ? 1 : 3);
}

#if !SANITIZED
Test(verify_objects, disturbed_two_cpus)
{
	check_disturbed("i386-slub-smp2-shell", 3);
}

Test(verify_objects, disturbed_numa)
{
	check_disturbed("x86_64-6.12-numa-compile", 2);
}
#endif

/* A few slabs in the order that shows where the direct map begins. */
static void write_base(FILE *f)
{
	for (unsigned int i = 0; i < 8; i++)
		fprintf(f,
			"    x-1 [000] ..... 0.6000%02u: mm_page_alloc: page=d3e90000 pfn=0x%x "
			"order=0"
			" migratetype=0 gfp_flags=GFP_KERNEL\n"
			"    x-1 [000] ..... 0.6000%02u: kmalloc: call_site=f+0x1/0x2 ptr=%x"
			" bytes_req=64 bytes_alloc=64 gfp_flags=GFP_KERNEL node=-1 "
			"accounted=false\n",
			2 * i, 0x8000 + 16 * i, 2 * i + 1, 0xc8000000 + 65536 * i);
}

/* Any object of any size in any of few pages, some beyond all memory, some not aligned. */
static void write_object(FILE *f, uint64_t *seed, unsigned int i, unsigned int cpus)
{
	static const char *const contexts[] = { ".....", "..s..", "..h..", "d...." };
	static const char *const names[] = { "filp",	   "dentry",	     "names_cache",
					     "kmalloc-64", "vm_area_struct", "nobody",
					     "x y" };
	static const uint32_t sizes[] = { 0,	8,     32,	64,	 128,
					  4096, 16384, 4194304, 4194305, UINT32_MAX };
	const uint32_t req = sizes[next_random(seed) % 10], alloc = sizes[next_random(seed) % 10];
	const uint64_t page = next_random(seed) % 20 ? next_random(seed) % 200 * 7
						     : next_random(seed) % (1u << 20);
	const uint64_t offset =
		next_random(seed) % 4 ? next_random(seed) % 64 * 64 : next_random(seed) % 4096;
	const uint64_t ptr = next_random(seed) % 30
				     ? (0xc8000000 + (page << 12) + offset) & UINT32_MAX
				     : next_random(seed) % 32;
	const int node = next_random(seed) % 4 ? -1 : (int)(next_random(seed) % 128);

	fprintf(f, "    x-%u [%03u] %s %u.%06u: ", (unsigned int)(next_random(seed) % 3),
		(unsigned int)(next_random(seed) % cpus), contexts[next_random(seed) % 4],
		1 + i / 100000, i * 10 % 1000000);
	switch (next_random(seed) % 6) {
	case 0:
		fprintf(f,
			"kmalloc: call_site=f+0x1/0x2 ptr=%08" PRIx64 " bytes_req=%" PRIu32
			" bytes_alloc=%" PRIu32 " gfp_flags=GFP_KERNEL node=%d accounted=false\n",
			ptr, req, alloc, node);
		break;
	case 1:
	case 2:
		fprintf(f,
			"kmem_cache_alloc: call_site=g%u+0x1/0x2 ptr=%08" PRIx64
			" bytes_req=%" PRIu32 " bytes_alloc=%" PRIu32
			" gfp_flags=GFP_ATOMIC node=%d accounted=true\n",
			(unsigned int)(next_random(seed) % 9), ptr, req, alloc, node);
		break;
	case 3:
		fprintf(f, "kfree: call_site=f+0x1/0x2 ptr=%08" PRIx64 "\n", ptr);
		break;
	case 4:
		fprintf(f, "kmem_cache_free: call_site=f+0x1/0x2 ptr=%08" PRIx64 " name=%s\n", ptr,
			names[next_random(seed) % 7]);
		break;
	default:
		fprintf(f,
			"%s: page=d3e90000 pfn=0x%" PRIx64 " order=%u migratetype=0 "
			"gfp_flags=GFP_KERNEL\n",
			next_random(seed) % 2 ? "mm_page_alloc" : "mm_page_free", 0x8000 + page,
			(unsigned int)(next_random(seed) % 8 / 5));
	}
}

static void check_nonsense(const char *name, unsigned int cpus)
{
	char dir[64], path[128];
	struct capture c;

	need_capture(&c, name);
	tmp_make(dir, sizeof(dir));
	tmp_path(path, sizeof(path), dir, "trace.txt");
	for (uint64_t s = 1; s <= (SANITIZED ? 2 : 4); s++) {
		struct kmr_verify_result r;
		uint64_t seed = s;
		FILE *f = fopen(path, "w");

		cr_assert_not_null(f);
		fprintf(f, "# tracer: nop\n    take-1 [000] d..1. 0.500000: take: kmsnap: 1\n");
		write_base(f);
		for (unsigned int i = 0; i < 15000; i++)
			write_object(f, &seed, i, cpus);
		fprintf(f, "    take-1 [000] d..1. 9.500000: take: kmsnap: 2\n");
		cr_assert_eq(fclose(f), 0);
		verify(&c, NULL, path, &r);
		cr_expect_not_null(r.objects.backend, "%s", r.objects.why_not);
		cr_expect_gt(r.objects.all.total, 3000);
		cr_expect_lt((r.objects.all.exact - r.objects.all.inferred) * 4,
			     r.objects.all.total);
		assert_adds_up(name, &r.objects);
		kmr_verify_result_free(&r);
	}
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(rmdir(dir), 0);
}

Test(verify_objects, nonsense_slub)
{
	check_nonsense("i386-slub-compile", 1);
}

Test(verify_objects, nonsense_slab)
{
	check_nonsense("i386-slab-compile", 1);
}

Test(verify_objects, nonsense_slob)
{
	check_nonsense("i386-slob-compile", 1);
}

Test(verify_objects, nonsense_two_cpus)
{
	check_nonsense("i386-slub-smp2-shell", 2);
}
