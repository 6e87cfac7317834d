// SPDX-License-Identifier: GPL-2.0-only
/*
 * SLOB against another implementation of the same rules, which has no free blocks but a byte for
 * each unit, and lists that are arrays: every address must be the same, whatever is freed when.
 */
#include "slob_rig.h"

#define UNITS	  2048u
#define MAX_PAGES 4096u
#define MAX_LIVE  6000u

struct plain_page {
	uint32_t pfn, free;
	uint8_t used[UNITS];
};

struct plain {
	struct plain_page *pages; /* by pfn - FIRST_PFN */
	uint32_t lists[3][MAX_PAGES]; /* pfns, head first */
	unsigned int count[3];
};

static unsigned int class_of(uint32_t bytes)
{
	if (bytes < 256)
		return 0;
	return bytes < 1024 ? 1 : 2;
}

static struct plain_page *page_of(const struct plain *p, uint32_t pfn)
{
	return &p->pages[pfn - FIRST_PFN];
}

/* The first unit of the first run that has room behind its alignment; UNITS: none. */
static unsigned int fit(const struct plain_page *page, uint32_t bytes, uint32_t align,
			uint32_t header)
{
	const unsigned int units = (bytes + 1) / 2;

	for (unsigned int run = 0; run < UNITS;) {
		unsigned int end = run, start;

		if (page->used[run]) {
			run++;
			continue;
		}
		while (end < UNITS && !page->used[end])
			end++;
		for (start = run; (start * 2 + header) % align;)
			start++;
		if (start + units <= end)
			return start;
		run = end;
	}
	return UNITS;
}

static void unlist(struct plain *p, uint32_t pfn)
{
	for (unsigned int l = 0; l < 3; l++)
		for (unsigned int i = 0; i < p->count[l]; i++) {
			if (p->lists[l][i] != pfn)
				continue;
			p->count[l]--;
			memmove(&p->lists[l][i], &p->lists[l][i + 1],
				(p->count[l] - i) * sizeof(uint32_t));
			return;
		}
}

static void push(struct plain *p, unsigned int l, uint32_t pfn)
{
	memmove(&p->lists[l][1], &p->lists[l][0], p->count[l] * sizeof(uint32_t));
	p->lists[l][0] = pfn;
	p->count[l]++;
}

static void turn(struct plain *p, unsigned int l, unsigned int to_front)
{
	uint32_t turned[MAX_PAGES];

	for (unsigned int i = 0; i < p->count[l]; i++)
		turned[i] = p->lists[l][(i + to_front) % p->count[l]];
	memcpy(p->lists[l], turned, p->count[l] * sizeof(uint32_t));
}

/* @fresh: the page that the model took, should one be needed */
static kmr_obj_t plain_alloc(struct plain *p, uint32_t bytes, uint32_t align, uint32_t header,
			     uint32_t fresh)
{
	const unsigned int l = class_of(bytes), units = (bytes + 1) / 2;
	unsigned int i, start = UNITS;
	struct plain_page *page = NULL;

	for (i = 0; i < p->count[l] && start == UNITS; i++) {
		page = page_of(p, p->lists[l][i]);
		start = fit(page, bytes, align, header);
	}
	if (start != UNITS) {
		i--;
	} else {
		page = page_of(p, fresh);
		memset(page, 0, sizeof(*page));
		page->pfn = fresh;
		page->free = UNITS;
		push(p, l, fresh);
		i = 0;
		start = fit(page, bytes, align, header);
	}
	memset(&page->used[start], 1, units);
	page->free -= units;
	if (page->free)
		turn(p, l, i);
	else
		unlist(p, page->pfn);
	return at(page->pfn, start * 2);
}

static void plain_free(struct plain *p, kmr_obj_t block, uint32_t bytes)
{
	struct plain_page *page = page_of(p, (uint32_t)(block >> 12));
	const bool full = !page->free;

	memset(&page->used[(block & 4095) / 2], 0, (bytes + 1) / 2);
	page->free += (bytes + 1) / 2;
	if (page->free == UNITS)
		unlist(p, page->pfn);
	else if (full)
		push(p, class_of(bytes), page->pfn);
}

static void assert_lists(const struct slob_rig *r, const struct plain *p)
{
	struct kmr_snapshot snap;
	struct kmr_error err = { "" };
	size_t n = 0;

	memset(&snap, 0, sizeof(snap));
	cr_assert_eq(kmr_slob.save(r->b, &snap, &err), 0, "%s", err.msg);
	for (unsigned int l = 0; l < 3; l++)
		for (unsigned int i = 0; i < p->count[l]; i++, n++) {
			cr_assert_lt(n, snap.nr_objects);
			cr_assert_eq(snap.objects[n].kind, KMR_SNAP_SLOB_SMALL + l);
			cr_assert_eq(snap.objects[n].pfn, p->lists[l][i]);
			cr_assert_eq(snap.objects[n].inuse, page_of(p, p->lists[l][i])->free);
		}
	cr_assert_eq(n, snap.nr_objects);
	kmr_snapshot_free(&snap);
}

struct live {
	kmr_obj_t obj;
	uint32_t bytes; /* with header */
	unsigned int cache; /* KMALLOC */
};

static uint32_t some_size(uint64_t *seed)
{
	switch (below(seed, 4)) {
	case 0:
		return 1 + below(seed, 300);
	case 1:
		return 1u << below(seed, 12);
	case 2:
		return 1 + below(seed, 4087);
	default:
		return 8 + below(seed, 100) * 4;
	}
}

static void allocate(struct slob_rig *r, struct plain *p, struct live *o, uint64_t *seed,
		     const unsigned int *caches, const uint32_t (*specs)[2], unsigned int nr_caches)
{
	kmr_obj_t want;

	/* the next page the source would give, without being asked */
	const uint32_t fresh = r->nr_spare ? r->spare[r->nr_spare - 1] : r->next[0];

	if (below(seed, 2)) {
		const unsigned int i = below(seed, nr_caches);

		o->cache = caches[i];
		o->bytes = (specs[i][0] + 1) & ~1u;
		want = plain_alloc(p, o->bytes, specs[i][1], 0, fresh);
		o->obj = rig_alloc(r, o->cache);
	} else {
		const uint32_t bytes = some_size(seed);
		const uint32_t align = bytes & (bytes - 1) || bytes < 8 ? 8 : bytes;

		o->cache = KMALLOC;
		o->bytes = bytes + 8;
		want = plain_alloc(p, o->bytes, align, 8, fresh) + 8;
		o->obj = rig_kmalloc(r, bytes);
	}
	cr_assert_eq(o->obj, want, "%u bytes: %llx, but %llx is right", o->bytes,
		     (unsigned long long)o->obj, (unsigned long long)want);
}

static void release(struct slob_rig *r, struct plain *p, const struct live *o)
{
	if (o->cache == KMALLOC) {
		plain_free(p, o->obj - 8, o->bytes);
		cr_assert_eq(kmr_slob.kfree(r->b, o->obj, 0), 0);
	} else {
		plain_free(p, o->obj, o->bytes);
		cr_assert_eq(kmr_slob.free(r->b, o->cache, o->obj, 0), 0);
	}
}

static void run(uint64_t seed)
{
	static const uint32_t specs[][2] = { { 36, 8 },	   { 61, 64 },	 { 156, 64 },
					     { 255, 8 },   { 256, 256 }, { 736, 8 },
					     { 1023, 64 }, { 1312, 64 }, { 4094, 8 } };
	const unsigned int nr_caches = sizeof(specs) / sizeof(specs[0]);
	struct plain *p = calloc(1, sizeof(*p));
	struct live *live = calloc(MAX_LIVE, sizeof(*live));
	struct slob_rig *r = rig_new(4);
	unsigned int caches[sizeof(specs) / sizeof(specs[0])], nr = 0;

	cr_assert(p && live);
	p->pages = calloc(NODE_PAGES, sizeof(*p->pages));
	cr_assert_not_null(p->pages);
	for (unsigned int i = 0; i < nr_caches; i++)
		caches[i] = rig_cache(r, specs[i][0], specs[i][1], 0);
	for (unsigned int step = 0; step < 40000; step++) {
		/* up and down, so that there are full pages and empty ones */
		const uint32_t bias = (step / 5000) % 2 ? 40 : 58;

		if (nr < MAX_LIVE && (!nr || below(&seed, 100) < bias)) {
			allocate(r, p, &live[nr++], &seed, caches, specs, nr_caches);
		} else {
			const unsigned int i = below(&seed, nr);

			release(r, p, &live[i]);
			live[i] = live[--nr];
		}
		if (step % 400 == 0) {
			rig_check(r);
			assert_lists(r, p);
			cr_assert_eq(kmr_slob.pages(r->b), r->out);
		}
	}
	while (nr)
		release(r, p, &live[--nr]);
	rig_check(r);
	cr_assert_eq(r->out, 0);
	for (unsigned int i = 0; i < nr_caches; i++) {
		struct kmr_cache_state s;

		kmr_slob.cache_state(r->b, caches[i], &s);
		cr_assert_eq(s.active, 0);
		cr_assert_eq(s.allocs, s.frees);
	}
	cr_assert_eq(kmr_slob.work(r->b)->bad_frees, 0);
	rig_free(r);
	free(p->pages);
	free(p);
	free(live);
}

Test(slob_random, as_written_plainly)
{
	for (uint64_t seed = 1; seed <= 5; seed++)
		run(seed);
}
