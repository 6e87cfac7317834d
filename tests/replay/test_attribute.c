// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attribution: with real pointers it is known, so what is guessed with hashed ones is held against
 * it; then streams made by hand, and nonsense.
 */
#include <inttypes.h>

#include "kmreplay/gfp.h"
#include "replay/attribute.h"
#include "support.h"

#define MAX_PFN_BITS 20u

static void record(struct kmr_tape *t, const char *path)
{
	const struct kmr_source_options options = { .strict = false };
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_tape_record(t, path, &options, NULL, NULL, &err), 0, "%s", err.msg);
}

static void attribute(struct kmr_tape *t, struct kmr_attribution *a)
{
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_attribute(t, NULL, a, &err), 0, "%s", err.msg);
}

static bool is_object(const struct kmr_event *ev)
{
	return ev->type >= KMR_EV_KMALLOC && ev->type <= KMR_EV_CACHE_FREE;
}

static bool is_page(const struct kmr_event *ev)
{
	return ev->type == KMR_EV_PAGE_ALLOC || ev->type == KMR_EV_PAGE_FREE;
}

static bool is_allocators(uint8_t owner)
{
	return owner == KMR_OWNER_SLAB || owner == KMR_OWNER_KMALLOC;
}

/* As the kernel's %p does: another number for each pointer, the same each time. */
static void hash_pointers(struct kmr_tape *t, uint64_t odd)
{
	for (uint64_t i = 0; i < t->count; i++)
		if (is_object(&t->events[i]) && t->events[i].addr >= 4096)
			t->events[i].addr = t->events[i].addr * odd >> 32;
}

/* Objects stay where they are in their pages, and pages are anywhere. */
static void shuffle_pages(struct kmr_tape *t, uint64_t base, uint64_t seed)
{
	const uint32_t nr = 1u << MAX_PFN_BITS;
	uint32_t *to = malloc(nr * sizeof(*to));

	cr_assert_not_null(to);
	for (uint32_t i = 0; i < nr; i++) {
		const uint32_t j = (uint32_t)(next_random(&seed) % (i + 1));

		to[i] = to[j];
		to[j] = i;
	}
	for (uint64_t i = 0; i < t->count; i++) {
		struct kmr_event *ev = &t->events[i];

		if (is_object(ev) && ev->addr >= base)
			ev->addr = base + ((uint64_t)to[(ev->addr - base) >> 12 & (nr - 1)] << 12 |
					   (ev->addr & 4095));
	}
	free(to);
}

struct agreement {
	uint64_t allocs, allocs_same, frees, frees_same;
};

/*
 * Of what either calls a slab's or a large kmalloc()'s.  Of pages that are older than the trace,
 * hashed pointers tell nothing.
 */
static struct agreement compare(const struct kmr_tape *x, const struct kmr_tape *y)
{
	bool *allocated = calloc(1u << MAX_PFN_BITS, sizeof(*allocated));
	struct agreement a = { 0, 0, 0, 0 };

	cr_assert_not_null(allocated);

	cr_assert_eq(x->count, y->count);
	for (uint64_t i = 0; i < x->count; i++) {
		const uint8_t owner = x->events[i].asked.owner, other = y->events[i].asked.owner;
		const uint64_t pfn = x->events[i].addr & ((1u << MAX_PFN_BITS) - 1);
		const bool alloc = x->events[i].type == KMR_EV_PAGE_ALLOC;

		if (!is_page(&x->events[i]))
			continue;
		allocated[pfn] |= alloc;
		if (!is_allocators(owner) && !is_allocators(other))
			continue;
		if (alloc) {
			a.allocs++;
			a.allocs_same += owner == other;
		} else if (allocated[pfn]) {
			a.frees++;
			a.frees_same += owner == other;
		}
	}
	free(allocated);
	return a;
}

static const uint64_t odd[] = { UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xff51afd7ed558ccd),
				UINT64_C(0xc4ceb9fe1a85ec53), UINT64_C(0xd6e8feb86659fd93) };
#define NR_ODD (SANITIZED ? 1 : sizeof(odd) / sizeof(odd[0]))

/*
 * Slabs that grow for kmem_cache_alloc_bulk() without waiting, and those whose object's flags were
 * narrowed on their way, can't be told from other pages; few as they are, some captures have less
 * than a hundred slabs in all.
 */
#define FEW 3u

static uint64_t allowed(uint64_t total, unsigned int permille)
{
	const uint64_t some = total - total * permille / 1000;

	return some > FEW ? some : FEW;
}

/* @permille of them agree. */
static void check_capture(const struct capture *c, const char *name, uint64_t base,
			  unsigned int permille)
{
	struct kmr_tape real, hashed;
	struct kmr_attribution r, h;
	struct agreement a;

	record(&real, c->trace);
	attribute(&real, &r);
	cr_expect(r.real_pointers, "%s", name);
	cr_expect_eq(r.base, base, "%s: %" PRIx64, name, r.base);
	for (size_t i = 0; i < NR_ODD; i++) {
		record(&hashed, c->trace);
		hash_pointers(&hashed, odd[i]);
		attribute(&hashed, &h);
		cr_expect_not(h.real_pointers, "%s: base %" PRIx64, name, h.base);
		a = compare(&real, &hashed);
		cr_expect_gt(a.allocs, 0);
		cr_expect_leq(a.allocs - a.allocs_same, allowed(a.allocs, permille),
			      "%s: %" PRIu64 " of %" PRIu64 " allocations", name, a.allocs_same,
			      a.allocs);
		cr_expect_leq(a.frees - a.frees_same, allowed(a.frees, permille),
			      "%s: %" PRIu64 " of %" PRIu64 " frees", name, a.frees_same, a.frees);
		kmr_tape_free(&hashed);
	}
	for (uint64_t seed = 1; seed <= NR_ODD; seed++) {
		record(&hashed, c->trace);
		shuffle_pages(&hashed, base, seed);
		attribute(&hashed, &h);
		cr_expect_not(h.real_pointers, "%s: base %" PRIx64, name, h.base);
		kmr_tape_free(&hashed);
	}
	kmr_tape_free(&real);
}

#define I386   UINT64_C(0xc0000000)
#define X86_64 UINT64_C(0xffff888000000000)

Test(attribute, bundled)
{
	struct capture c;

	if (!capture_in(&c, BUNDLED, "i386-slub-compile"))
		cr_skip_test("no capture in " BUNDLED);
	check_capture(&c, "bundled", I386, 990);
}

/* On a capture beside the checkout. */
static void check_shared(const char *name, uint64_t base, unsigned int permille)
{
	struct capture c;

	need_capture(&c, name);
	check_capture(&c, name, base, permille);
}

Test(attribute, i386_slab)
{
	check_shared("i386-slab-compile", I386, 990);
}

#if !SANITIZED
Test(attribute, i386_slob)
{
	check_shared("i386-slob-compile", I386, 990);
	check_shared("i386-slob-files", I386, 990);
}

Test(attribute, i386_files)
{
	check_shared("i386-slub-files", I386, 990);
	check_shared("i386-slab-files", I386, 990);
}

Test(attribute, i386_two_cpus)
{
	check_shared("i386-slub-smp2-shell", I386, 990);
}

Test(attribute, i386_short_of_memory)
{
	check_shared("i386-slub-pressure", I386, 990);
	check_shared("i386-slub-reclaim", I386, 990);
}

Test(attribute, x86_64_612)
{
	check_shared("x86_64-6.12-up-shell", X86_64, 990);
	check_shared("x86_64-6.12-up-dat", X86_64, 990);
	check_shared("x86_64-6.12-numa-compile", X86_64, 990);
	check_shared("x86_64-6.12-numa-reclaim", X86_64, 990);
}

/*
 * Without flags in the trace there is only the order of events to go by: all slabs are found, and a
 * third as many pages are taken for slabs besides.
 */
Test(attribute, x86_64_without_flags)
{
	check_shared("x86_64-6.1-up-sqlite", X86_64, 740);
}
#endif

/* A stream made by hand. */
static struct {
	FILE *f;
	char path[64];
	unsigned int time;
	const char *task, *context;
} s;

static void begin(void)
{
	int fd;

	(void)snprintf(s.path, sizeof(s.path), "/tmp/kmr-attribute-XXXXXX");
	fd = mkstemp(s.path);
	cr_assert_geq(fd, 0);
	s.f = fdopen(fd, "w");
	cr_assert_not_null(s.f);
	s.time = 0;
	s.task = "sh-1";
	s.context = ".....";
	fprintf(s.f, "# tracer: nop\n");
}

static void head(void)
{
	fprintf(s.f, "    %s [000] %s 1.%06u: ", s.task, s.context, ++s.time);
}

static void page_alloc(uint64_t pfn, unsigned int order, const char *gfp)
{
	head();
	fprintf(s.f,
		"mm_page_alloc: page=d3e90000 pfn=0x%" PRIx64
		" order=%u migratetype=0 gfp_flags=%s\n",
		pfn, order, gfp);
}

static void page_failed(unsigned int order, const char *gfp)
{
	head();
	fprintf(s.f, "mm_page_alloc: page=00000000 pfn=0x0 order=%u migratetype=0 gfp_flags=%s\n",
		order, gfp);
}

static void page_free(uint64_t pfn, unsigned int order)
{
	head();
	fprintf(s.f, "mm_page_free: page=d3e90000 pfn=0x%" PRIx64 " order=%u\n", pfn, order);
}

static void object(const char *event, const char *site, uint64_t ptr, uint32_t req, uint32_t alloc,
		   const char *gfp)
{
	head();
	fprintf(s.f,
		"%s: call_site=%s+0x1/0x2 ptr=%08" PRIx64 " bytes_req=%" PRIu32
		" bytes_alloc=%" PRIu32 " gfp_flags=%s node=-1 accounted=false\n",
		event, site, ptr, req, alloc, gfp);
}

static void kfree_at(uint64_t ptr)
{
	head();
	fprintf(s.f, "kfree: call_site=f+0x1/0x2 ptr=%08" PRIx64 "\n", ptr);
}

static void cache_free(const char *name, uint64_t ptr)
{
	head();
	fprintf(s.f, "kmem_cache_free: call_site=f+0x1/0x2 ptr=%08" PRIx64 " name=%s\n", ptr, name);
}

#define SLUB_GFP "GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP"
#define NR_SHOWN 4u /* page allocations, each a slab's */

/* Slabs whose first object follows: pointers are real from here on. */
static void show_base(void)
{
	for (unsigned int i = 0; i < NR_SHOWN; i++) {
		page_alloc(0x9000 + i * 32, 0, SLUB_GFP);
		object("kmem_cache_alloc", "shown", I386 + ((uint64_t)(0x9000 + i * 32) << 12), 192,
		       192, "GFP_KERNEL");
	}
}

/* Ends the stream and attributes it. */
static void end(struct kmr_tape *t, struct kmr_attribution *a)
{
	cr_assert_eq(fclose(s.f), 0);
	record(t, s.path);
	cr_assert_eq(unlink(s.path), 0);
	cr_assert_eq(t->info->malformed, 0, "%s", t->info->first_malformed[0].text);
	attribute(t, a);
}

/* The @n-th allocation of a page, from 0. */
static const struct kmr_event *nth(const struct kmr_tape *t, enum kmr_event_type type,
				   unsigned int n)
{
	for (uint64_t i = 0; i < t->count; i++)
		if (t->events[i].type == type && !n--)
			return &t->events[i];
	cr_assert_fail("not so many %s", kmr_event_name(type));
	return NULL;
}

static void assert_asked(const struct kmr_tape *t, unsigned int n, enum kmr_owner owner,
			 uint64_t cause)
{
	const struct kmr_event *ev = nth(t, KMR_EV_PAGE_ALLOC, n);

	cr_expect_eq(ev->asked.owner, owner, "page %u: %u", n, ev->asked.owner);
	cr_expect_eq(ev->asked.cause ? t->events[ev->asked.cause - 1].addr : 0, cause, "page %u",
		     n);
}

Test(attribute, an_interrupt_between_page_and_object)
{
	struct kmr_attribution a;
	struct kmr_tape t;

	begin();
	page_alloc(0x100, 0, SLUB_GFP);
	s.context = "..s..";
	page_alloc(0x200, 0, "GFP_ATOMIC|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP");
	s.context = "..h..";
	page_alloc(0x300, 0, "GFP_ATOMIC|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP");
	object("kmem_cache_alloc", "hard", 0x3333333, 64, 64, "GFP_ATOMIC");
	s.context = "..s..";
	object("kmem_cache_alloc", "soft", 0x2222222, 96, 96, "GFP_ATOMIC");
	s.context = ".....";
	object("kmem_cache_alloc", "task", 0x1111111, 128, 128, "GFP_KERNEL");
	end(&t, &a);
	cr_expect_not(a.real_pointers);
	assert_asked(&t, 0, KMR_OWNER_SLAB, 0x1111111);
	assert_asked(&t, 1, KMR_OWNER_SLAB, 0x2222222);
	assert_asked(&t, 2, KMR_OWNER_SLAB, 0x3333333);
	cr_expect_eq(a.caused, 3);
	cr_expect_eq(a.sure, 0);
	kmr_tape_free(&t);
}

/* The task that came in between asked for its page itself. */
Test(attribute, another_task_between_page_and_object)
{
	struct kmr_attribution a;
	struct kmr_tape t;

	begin();
	page_alloc(0x100, 0, SLUB_GFP);
	s.task = "cc1-2";
	page_alloc(0x200, 0, "GFP_HIGHUSER_MOVABLE");
	object("kmem_cache_alloc", "other", 0x2222222, 96, 96, "GFP_KERNEL");
	s.task = "sh-1";
	object("kmem_cache_alloc", "task", 0x1111111, 128, 128, "GFP_KERNEL");
	end(&t, &a);
	assert_asked(&t, 0, KMR_OWNER_SLAB, 0x1111111);
	assert_asked(&t, 1, KMR_OWNER_DIRECT, 0);
	kmr_tape_free(&t);
}

#define SLUB_TRY "__GFP_IO|__GFP_FS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC"

static void order_fallback(bool real)
{
	const uint64_t ptr = real ? I386 + (UINT64_C(0x500) << 12) : 0x1111111;
	const unsigned int first = real ? NR_SHOWN : 0;
	struct kmr_attribution a;
	struct kmr_tape t;

	begin();
	if (real)
		show_base();
	page_failed(3, SLUB_TRY);
	page_alloc(0x500, 0, "GFP_KERNEL|__GFP_COMP");
	object("kmem_cache_alloc", "task", ptr, 128, 128, "GFP_KERNEL");
	page_free(0x500, 0);
	end(&t, &a);
	cr_expect_eq(a.real_pointers, real);
	cr_expect_eq(nth(&t, KMR_EV_PAGE_ALLOC, first)->addr, KMR_EV_NO_PFN);
	assert_asked(&t, first, KMR_OWNER_DIRECT, 0);
	if (real) {
		assert_asked(&t, first + 1, KMR_OWNER_SLAB, ptr);
		cr_expect_eq(a.frees[KMR_OWNER_SLAB], 1);
	}
	cr_expect_eq(a.allocs[KMR_OWNER_KMALLOC] + a.allocs[KMR_OWNER_VMALLOC], 0);
	kmr_tape_free(&t);
}

Test(attribute, a_smaller_order_after_one_that_failed)
{
	order_fallback(true);
	order_fallback(false);
}

static void large_kmalloc(bool real)
{
	const uint64_t ptr = real ? I386 + (UINT64_C(0x508) << 12) : 0x1111111;
	struct kmr_attribution a;
	struct kmr_tape t;

	begin();
	if (real)
		show_base();
	page_alloc(0x508, 3, "GFP_KERNEL|__GFP_COMP");
	object("kmalloc", "big", ptr, 20000, 32768, "GFP_KERNEL");
	kfree_at(ptr);
	page_free(0x508, 3);
	/* as large, and nobody's kmalloc() */
	page_alloc(0x510, 3, "GFP_KERNEL|__GFP_COMP");
	page_free(0x510, 3);
	end(&t, &a);
	assert_asked(&t, real ? NR_SHOWN : 0, KMR_OWNER_KMALLOC, ptr);
	cr_expect_eq(a.allocs[KMR_OWNER_KMALLOC], 1);
	cr_expect_eq(a.frees[KMR_OWNER_KMALLOC], 1);
	cr_expect_eq(a.allocs[KMR_OWNER_DIRECT], 1);
	cr_expect_eq(a.frees[KMR_OWNER_DIRECT], 1);
	kmr_tape_free(&t);
}

Test(attribute, kmalloc_too_large_for_a_cache)
{
	large_kmalloc(true);
	large_kmalloc(false);
}

Test(attribute, pages_of_vmalloc)
{
	struct kmr_attribution a;
	struct kmr_tape t;

	begin();
	object("kmalloc", "__get_vm_area_node.constprop.0", 0x1111111, 32, 32, "GFP_KERNEL");
	object("kmalloc", "__vmalloc_node_range", 0x2222222, 48, 64, "GFP_KERNEL");
	for (unsigned int i = 0; i < 3; i++)
		page_alloc(0x600 + i, 0, "GFP_KERNEL|__GFP_NOWARN");
	object("kmalloc", "__vmalloc_but_not_really", 0x3333333, 32, 32, "GFP_KERNEL");
	page_alloc(0x700, 0, "GFP_KERNEL|__GFP_ZERO");
	page_free(0x600, 0);
	page_free(0x700, 0);
	end(&t, &a);
	cr_expect_eq(a.allocs[KMR_OWNER_VMALLOC], 3);
	cr_expect_eq(a.frees[KMR_OWNER_VMALLOC], 1);
	assert_asked(&t, 3, KMR_OWNER_DIRECT, 0);
	cr_expect_eq(a.frees[KMR_OWNER_DIRECT], 1);
	kmr_tape_free(&t);
}

/* kmem_cache_alloc_bulk() has no events: the flags alone tell. */
Test(attribute, slabs_for_objects_taken_in_bulk)
{
	struct kmr_attribution a;
	struct kmr_tape t;

	begin();
	page_alloc(0x700, 0, SLUB_GFP);
	page_alloc(0x701, 0, "GFP_HIGHUSER_MOVABLE");
	object("kmem_cache_alloc", "later", 0x1111111, 64, 64, "GFP_NOFS");
	end(&t, &a);
	assert_asked(&t, 0, KMR_OWNER_SLAB, 0);
	assert_asked(&t, 1, KMR_OWNER_DIRECT, 0);
	cr_expect_eq(a.confidence, 50);
	kmr_tape_free(&t);
}

/* What was taken without an event is known by the objects in it, and not by what it was before. */
Test(attribute, pages_reused_without_an_event)
{
	const uint64_t ptr = I386 + (UINT64_C(0x800) << 12);
	struct kmr_attribution a;
	struct kmr_tape t;

	begin();
	show_base();
	page_alloc(0x800, 0, "GFP_HIGHUSER_MOVABLE");
	page_free(0x800, 0);
	object("kmem_cache_alloc", "x", ptr, 64, 64, "GFP_KERNEL");
	cache_free("things", ptr);
	page_free(0x800, 0);
	page_alloc(0x800, 0, "GFP_HIGHUSER_MOVABLE");
	page_free(0x800, 0);
	end(&t, &a);
	assert_asked(&t, NR_SHOWN, KMR_OWNER_DIRECT, 0);
	assert_asked(&t, NR_SHOWN + 1, KMR_OWNER_DIRECT, 0);
	cr_expect_eq(nth(&t, KMR_EV_PAGE_FREE, 0)->asked.owner, KMR_OWNER_DIRECT);
	cr_expect_eq(nth(&t, KMR_EV_PAGE_FREE, 1)->asked.owner, KMR_OWNER_SLAB);
	cr_expect_str_eq(t.caches[nth(&t, KMR_EV_PAGE_FREE, 1)->cache].name, "things");
	cr_expect_eq(nth(&t, KMR_EV_PAGE_FREE, 2)->asked.owner, KMR_OWNER_DIRECT);
	kmr_tape_free(&t);
}

/* kfree(NULL), ZERO_SIZE_PTR and allocations that failed are in no page. */
Test(attribute, pointers_that_are_none)
{
	struct kmr_attribution a;
	struct kmr_tape t;

	begin();
	show_base();
	page_alloc(0, 0, "GFP_KERNEL");
	object("kmalloc", "none", 0, 64, 64, "GFP_NOWAIT");
	object("kmalloc", "nothing", 16, 0, 0, "GFP_KERNEL");
	object("kmem_cache_alloc", "none", 0, 64, 64, "GFP_NOWAIT");
	kfree_at(0);
	kfree_at(16);
	cache_free("things", 0);
	end(&t, &a);
	assert_asked(&t, NR_SHOWN, KMR_OWNER_DIRECT, 0);
	cr_expect_eq(a.allocs[KMR_OWNER_SLAB], NR_SHOWN);
	cr_expect_eq(a.objects, NR_SHOWN + 3);
	kmr_tape_free(&t);
}

/* The free in between had no event: the slab tells what the first was. */
Test(attribute, an_address_given_out_twice)
{
	const uint64_t ptr = I386 + (UINT64_C(0x9000) << 12) + 192;
	struct kmr_attribution a;
	struct kmr_tape t;

	begin();
	show_base();
	cache_free("things", ptr - 192);
	object("kmem_cache_alloc", "shown", ptr, 192, 192, "GFP_KERNEL");
	object("kmem_cache_alloc", "shown", ptr, 192, 192, "GFP_KERNEL");
	cache_free("things", ptr);
	cache_free("things", ptr);
	end(&t, &a);
	cr_expect_eq(a.named, 2, "%" PRIu64, a.named);
	cr_expect_eq(a.by_slab, 1, "%" PRIu64, a.by_slab);
	cr_expect_eq(a.by_site, NR_SHOWN - 1, "%" PRIu64, a.by_site);
	cr_expect_eq(a.by_size, 0);
	for (unsigned int i = 0; i < NR_SHOWN + 2; i++)
		cr_expect_str_eq(t.caches[nth(&t, KMR_EV_CACHE_ALLOC, i)->cache].name, "things");
	kmr_tape_free(&t);
}

Test(attribute, absurd_sizes)
{
	struct kmr_attribution a;
	struct kmr_tape t;

	begin();
	show_base();
	object("kmalloc", "f", I386 + 4096, UINT32_MAX, UINT32_MAX, "GFP_KERNEL");
	object("kmem_cache_alloc", "f", I386 + 8192, UINT32_MAX, 0, "GFP_KERNEL");
	object("kmem_cache_alloc", "f", I386 + 12288, 0, UINT32_MAX, "GFP_KERNEL");
	object("kmalloc", "f", UINT32_MAX, 0, 0, "GFP_KERNEL");
	kfree_at(UINT32_MAX);
	end(&t, &a);
	cr_expect_eq(a.objects, NR_SHOWN + 4);
	cr_expect_eq(a.by_size, NR_SHOWN + 2);
	cr_expect_eq(a.named + a.by_slab + a.by_site, 0);
	kmr_tape_free(&t);
}

/* Any event that a reader could make, and some that none would. */
static void make_up(struct kmr_event *ev, uint64_t *seed, uint64_t time)
{
	static const uint64_t strange[] = { 0, 16, 4095, UINT64_MAX, UINT64_MAX - 1, I386, X86_64 };
	const uint64_t pfn = next_random(seed) % 512 * 3;

	memset(ev, 0, sizeof(*ev));
	ev->time = time;
	ev->type = (uint8_t)(next_random(seed) % KMR_EV_NR_TYPES);
	if (next_random(seed) % 2)
		ev->type = (uint8_t)(KMR_EV_PAGE_ALLOC + next_random(seed) % 2);
	ev->addr = pfn;
	ev->size = next_random(seed);
	if (ev->type <= KMR_EV_PAGE_EXTFRAG) {
		ev->page.order = (uint8_t)(next_random(seed) % 6 ? 0 : next_random(seed) % 32);
	} else if (is_object(ev)) {
		ev->addr = I386 + (pfn << 12) + next_random(seed) % 4096;
		ev->bytes.req = next_random(seed) % 9 ? 64 : (uint32_t)next_random(seed) % 40000;
		ev->bytes.alloc = next_random(seed) % 9 ? 64 : 1u << next_random(seed) % 32;
	}
	if (!(next_random(seed) % 40))
		ev->addr = strange[next_random(seed) % 7];
	ev->gfp = (uint32_t)next_random(seed);
	ev->site = next_random(seed) % 9 ? next_random(seed) % 4 : next_random(seed) & 0xffffff;
	ev->node = (int8_t)next_random(seed);
	ev->cpu = (uint16_t)next_random(seed);
	ev->task = (uint16_t)(next_random(seed) % 9 ? 1 : next_random(seed));
	ev->cache = (uint16_t)(next_random(seed) % 3);
	ev->flags = (uint8_t)next_random(seed);
}

/* Whatever the events are, all of them are counted, and point to what there is. */
static void check_made_up(struct kmr_tape *t, uint64_t seed, uint64_t count)
{
	uint64_t allocs = 0, frees = 0, objects = 0;
	struct kmr_attribution a;

	cr_assert_leq(count, t->mapped);
	for (uint64_t i = 0; i < count; i++) {
		make_up(&t->events[i], &seed, i);
		allocs += t->events[i].type == KMR_EV_PAGE_ALLOC;
		frees += t->events[i].type == KMR_EV_PAGE_FREE;
		objects += t->events[i].type == KMR_EV_KMALLOC ||
			   t->events[i].type == KMR_EV_CACHE_ALLOC;
	}
	t->count = count;
	attribute(t, &a);
	cr_expect_eq(a.objects, objects);
	for (unsigned int o = 0; o < KMR_OWNER_NR; o++) {
		cr_expect_leq(a.allocs[o], allocs);
		allocs -= a.allocs[o];
		frees -= a.frees[o];
	}
	cr_expect_eq(allocs, 0);
	cr_expect_eq(frees, 0);
	cr_expect_leq(a.named + a.by_slab + a.by_site + a.by_size, a.objects);
	for (uint64_t i = 0; i < count; i++) {
		const struct kmr_event *ev = &t->events[i];

		if (ev->type == KMR_EV_CACHE_ALLOC)
			cr_assert(ev->cache && ev->cache < t->nr_caches);
		if (ev->type != KMR_EV_PAGE_ALLOC)
			continue;
		cr_assert_lt(ev->asked.owner, KMR_OWNER_NR);
		cr_assert_leq(ev->asked.confidence, 100);
		cr_assert(!ev->asked.cause || (ev->asked.cause > i && ev->asked.cause <= count));
	}
}

Test(attribute, nonsense)
{
	struct kmr_attribution a;
	struct kmr_tape t;

	for (uint64_t seed = 1; seed <= (SANITIZED ? 2 : 8); seed++) {
		begin();
		show_base();
		object("kmalloc", "__vmalloc_node_range", 0x1111111, 8, 8, "GFP_KERNEL");
		cache_free("one", 0x2222222);
		cache_free("two", 0x3333333);
		end(&t, &a);
		check_made_up(&t, seed, 100000);
		kmr_tape_free(&t);
	}
}
