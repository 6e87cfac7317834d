// SPDX-License-Identifier: GPL-2.0-only
/* Long random walks through every call, with all invariants checked on the way. */
#include "support.h"

#define MAX_LIVE 2000

enum what {
	ALLOC,
	MAP,
	RAM,
	RANGE
};

struct live {
	uint64_t addr, pages;
	enum what what;
};

struct walk {
	struct vrig r;
	struct live live[MAX_LIVE];
	uint32_t nr;
	uint64_t state;
};

static uint64_t random_pages(struct walk *w)
{
	return UINT64_C(1) + below(&w->state, 1u << below(&w->state, 10));
}

static void give_one(struct walk *w, uint32_t i)
{
	const struct live l = w->live[i];
	const unsigned int cpu = below(&w->state, w->r.m.nr_cpus);
	const struct kmr_vmap_ops *ops = w->r.ops;
	int ret;

	if (l.what == ALLOC)
		ret = ops->free(w->r.b, l.addr, cpu);
	else if (l.what == MAP)
		ret = ops->unmap(w->r.b, l.addr, cpu);
	else if (l.what == RAM)
		ret = ops->unmap_ram(w->r.b, l.addr, (uint32_t)l.pages, cpu);
	else
		ret = ops->give(w->r.b, l.addr, cpu);
	cr_assert_eq(ret, 0, "0x%" PRIx64, l.addr);
	w->live[i] = w->live[--w->nr];
}

static void take_one(struct walk *w)
{
	struct live *l = &w->live[w->nr];
	struct kmr_vmap_request req = { .gfp = KMR_GFP_KERNEL, .node = -1 };

	l->what = (enum what)below(&w->state, 4);
	l->pages = random_pages(w);
	req.bytes = l->pages * PAGE;
	req.cpu = (uint16_t)below(&w->state, w->r.m.nr_cpus);
	if (l->what == ALLOC)
		l->addr = w->r.ops->alloc(w->r.b, &req);
	else if (l->what == MAP)
		l->addr = w->r.ops->map(w->r.b, &req);
	else if (l->what == RAM)
		l->addr = w->r.ops->map_ram(w->r.b, (uint32_t)l->pages, -1, req.cpu);
	else {
		req.align = PAGE << below(&w->state, 8);
		l->addr = w->r.ops->take(w->r.b, &req);
		cr_assert(l->addr == KMR_NO_ADDR || l->addr % req.align == 0);
	}
	if (l->addr == KMR_NO_ADDR)
		return;
	for (uint32_t i = 0; i < w->nr; i++)
		cr_assert(l->addr + l->pages * PAGE <= w->live[i].addr ||
				  w->live[i].addr + w->live[i].pages * PAGE <= l->addr,
			  "0x%" PRIx64 " and 0x%" PRIx64 " overlap", l->addr, w->live[i].addr);
	w->nr++;
}

static void walk(const char *preset, const char *spec, unsigned int version, uint64_t seed)
{
	struct walk *w = calloc(1, sizeof(*w));
	const struct kmr_vmap_work *work;

	cr_assert_not_null(w);
	w->state = seed;
	rig_open(&w->r, preset, spec, version, false);
	work = w->r.ops->work(w->r.b);
	for (int i = 0; i < 12000; i++) {
		/* full and nearly empty by turns */
		const uint32_t fill = (i / 2000) % 2 ? 30 : 70;

		/* memory is short now and then, and frames never come twice here */
		w->r.left = below(&w->state, 50) ? 100000 : below(&w->state, 60);
		if (w->r.next > MAX_FRAMES - 2000)
			w->r.next = 1;
		while (w->r.next < MAX_FRAMES && w->r.used[w->r.next])
			w->r.next++;
		if (w->nr < MAX_LIVE && below(&w->state, 100) < fill)
			take_one(w);
		else if (w->nr)
			give_one(w, below(&w->state, w->nr));
		if (below(&w->state, 1000) == 0)
			w->r.ops->purge(w->r.b);
		if (below(&w->state, 500) == 0)
			w->r.ops->shrink(w->r.b);
		if (i % 200 == 0)
			rig_check(&w->r);
	}
	cr_expect_gt(work->purges, 0);
	cr_expect_gt(work->no_pages, 0);
	cr_expect_eq(work->bad_frees, 0);
	while (w->nr)
		give_one(w, w->nr - 1);
	rig_check(&w->r);
	w->r.ops->shrink(w->r.b);
	w->r.ops->purge(w->r.b);
	w->r.ops->shrink(w->r.b);
	rig_check(&w->r);
	/* everything has come back, but what page tables keep, and blocks that could be used on */
	cr_expect_eq(w->r.taken, rig_state(&w->r).table_pages);
	cr_expect_eq(rig_state(&w->r).areas, rig_state(&w->r).blocks);
	rig_close(&w->r);
	free(w);
}

/* A frame that is in use is not given out again. */
Test(random, walks)
{
	for (uint64_t seed = 1; seed <= 4; seed++) {
		walk("i386:ram=1280M,cpus=2", "augmented", 601, seed);
		walk("i386:ram=1280M,cpus=2", "rbtree", 601, seed);
		walk("x86_64:ram=2G,cpus=4", "augmented", 612, seed);
		walk("x86_64:ram=2G,cpus=4", "augmented,nodes=1", 612, seed);
		walk("x86_64:ram=2G,cpus=4", "rbtree", 601, seed);
		walk("i386:ram=1280M", "augmented,lazy_max=1", 601, seed);
	}
}

/* The lowest fit is the lowest of all fits: one look at every page says the same. */
Test(random, lowest_is_lowest)
{
	enum {
		PAGES = 512
	};
	static uint8_t used[PAGES];
	static uint64_t size_at[PAGES];
	struct vrig r;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint64_t state = seed;
		struct kmr_vmap_request req = { .node = -1 };

		memset(used, 0, sizeof(used));
		rig_open(&r, "x86_64", "augmented,lazy_max=1", 601, false);
		req.start = r.base;
		req.end = r.base + PAGES * PAGE;
		for (int i = 0; i < 3000; i++) {
			const uint32_t pages = 2 + below(&state, 12);
			uint32_t at = 0, run = 0;
			uint64_t addr;

			if (below(&state, 2)) {
				at = below(&state, PAGES);
				if (!used[at] || !size_at[at])
					continue;
				rig_give(&r, r.base + at * PAGE);
				memset(used + at, 0, size_at[at]);
				size_at[at] = 0;
				continue;
			}
			while (at < PAGES && run < pages)
				run = used[at++] ? 0 : run + 1;
			req.bytes = pages * PAGE;
			addr = r.ops->take(r.b, &req);
			if (run < pages) {
				cr_assert_eq(addr, KMR_NO_ADDR);
				continue;
			}
			at -= pages;
			cr_assert_eq(addr, r.base + at * PAGE, "seed %" PRIu64 " step %d", seed, i);
			memset(used + at, 1, pages);
			size_at[at] = pages;
		}
		rig_check(&r);
		rig_close(&r);
		memset(size_at, 0, sizeof(size_at));
	}
}
