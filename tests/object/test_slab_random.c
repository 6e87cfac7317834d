// SPDX-License-Identifier: GPL-2.0-only
/*
 * Property tests: whatever is asked for in whatever order, no object is handed out twice, counts are
 * those of what is held, invariants hold, and when all is given back and shrunk no page is left.
 */
#include "test_slab_support.h"

#define OPERATIONS   60000u
#define CHECK_PERIOD 500u
#define MAX_LIVE     6000u
#define NR_OWN	     8u

struct live {
	kmr_obj_t obj;
	int cache; /* -1: of kmalloc() */
};

struct walk {
	struct rig r;
	uint64_t rng, now;
	struct live live[MAX_LIVE];
	unsigned int nr;
	unsigned int caches[NR_OWN];
	uint64_t held[KMR_MAX_CACHES];
};

static void make_caches(struct walk *w)
{
	static const struct {
		uint32_t size, flags;
	} kinds[NR_OWN] = {
		{ 24, 0 },
		{ 64, 0 },
		{ 128, KMR_CACHE_RCU },
		{ 192, KMR_CACHE_RECLAIM },
		{ 736, KMR_CACHE_CTOR },
		{ 1856, KMR_CACHE_RCU },
		{ 4096, 0 },
		{ 20000, KMR_CACHE_NOLEAKTRACE },
	};

	for (unsigned int i = 0; i < NR_OWN; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "own-%u", i);
		w->caches[i] = rig_cache(&w->r, name, kinds[i].size, kinds[i].flags);
	}
}

static void do_alloc(struct walk *w)
{
	struct kmr_object_request req = { 1 + below(&w->rng, 12000), KMR_GFP_KERNEL, -1,
					  (uint16_t)below(&w->rng, w->r.m.nr_cpus) };
	struct live *l = &w->live[w->nr];

	if (!below(&w->rng, 4))
		req.node = (int16_t)below(&w->rng, w->r.m.nr_nodes);
	if (!below(&w->rng, 4))
		req.gfp = KMR_GFP_KSWAPD_RECLAIM | KMR_GFP_HIGH | KMR_GFP_ATOMIC;
	l->cache = below(&w->rng, 3) ? (int)w->caches[below(&w->rng, NR_OWN)] : -1;
	l->obj = l->cache < 0 ? w->r.ops->kmalloc(w->r.b, &req)
			      : w->r.ops->alloc(w->r.b, (unsigned int)l->cache, &req);
	if (l->obj == KMR_NO_OBJ)
		return;
	cr_assert_neq(w->r.ops->given(w->r.b, l->obj), 0);
	if (l->cache >= 0)
		w->held[l->cache]++;
	w->nr++;
}

static void do_free(struct walk *w, unsigned int i)
{
	const struct live l = w->live[i];
	const unsigned int cpu = below(&w->rng, w->r.m.nr_cpus);
	int ret;

	if (l.cache < 0)
		ret = w->r.ops->kfree(w->r.b, l.obj, cpu);
	else
		ret = w->r.ops->free(w->r.b, (unsigned int)l.cache, l.obj, cpu);
	cr_assert_eq(ret, 0);
	cr_assert_eq(w->r.ops->given(w->r.b, l.obj), 0);
	if (l.cache >= 0)
		w->held[l.cache]--;
	w->live[i] = w->live[--w->nr];
}

static int by_address(const void *a, const void *b)
{
	const struct live *x = a, *y = b;

	return x->obj < y->obj ? -1 : x->obj > y->obj;
}

static void check(struct walk *w)
{
	rig_check(&w->r);
	for (unsigned int i = 0; i < NR_OWN; i++)
		cr_assert_eq(rig_state(&w->r, w->caches[i]).active, w->held[w->caches[i]]);
	qsort(w->live, w->nr, sizeof(w->live[0]), by_address);
	for (unsigned int i = 1; i < w->nr; i++)
		cr_assert_leq(w->live[i - 1].obj + w->r.ops->given(w->r.b, w->live[i - 1].obj),
			      w->live[i].obj, "two objects overlap");
	cr_assert_eq(w->r.ops->pages(w->r.b), w->r.pages.out);
}

/* Verify's calls between the others: taking, undoing, forgetting. */
static void meddle(struct walk *w)
{
	struct kmr_object_info info;
	struct live *l;

	if (!w->nr)
		return;
	l = &w->live[below(&w->rng, w->nr)];
	if (l->cache < 0)
		return;
	w->r.ops->unalloc(w->r.b, (unsigned int)l->cache, l->obj, 0);
	w->r.ops->where(w->r.b, (unsigned int)l->cache, l->obj, 0, &info);
	cr_assert_neq(info.place, KMR_OBJ_USED);
	cr_assert_neq(info.place, KMR_OBJ_NONE);
	cr_assert_eq(w->r.ops->take(w->r.b, (unsigned int)l->cache, l->obj, 0), 0);
	cr_assert_eq(w->r.ops->take(w->r.b, (unsigned int)l->cache, l->obj, 0), -1);
}

static void step(struct walk *w, bool growing)
{
	const uint32_t what = below(&w->rng, 100);

	if (what == 0)
		w->r.ops->shrink(w->r.b, w->caches[below(&w->rng, NR_OWN)]);
	else if (what < 3)
		w->r.ops->tick(w->r.b, w->now += below(&w->rng, 1500000000));
	else if (what < 6)
		meddle(w);
	else if (what < (growing ? 66u : 40u) && w->nr < MAX_LIVE)
		do_alloc(w);
	else if (w->nr)
		do_free(w, below(&w->rng, w->nr));
}

static void walk(unsigned int nodes, unsigned int cpus, uint64_t seed, bool tight)
{
	static struct walk w;

	memset(&w, 0, sizeof(w));
	w.rng = seed;
	rig_create(&w.r, nodes, cpus);
	make_caches(&w);
	if (tight)
		memset(w.r.pages.used + 1200, 1, NODE_PAGES - 1200);
	for (unsigned int i = 0; i < OPERATIONS; i++) {
		step(&w, i / 10000 % 2 == 0);
		if (i % CHECK_PERIOD == 0)
			check(&w);
	}
	while (w.nr)
		do_free(&w, w.nr - 1);
	for (unsigned int pass = 0; pass < 2; pass++)
		for (unsigned int c = 0; c < w.r.ops->nr_caches(w.r.b); c++)
			w.r.ops->shrink(w.r.b, c);
	check(&w);
	cr_assert_eq(w.r.pages.out, 0);
	cr_assert_eq(w.r.ops->work(w.r.b)->inner_allocs, w.r.ops->work(w.r.b)->inner_frees);
	cr_assert_eq(w.r.ops->work(w.r.b)->bad_frees, 0);
	rig_destroy(&w.r);
}

Test(slab_random, one_cpu)
{
	walk(1, 1, 1, false);
}

Test(slab_random, four_cpus)
{
	walk(1, 4, 2, false);
}

Test(slab_random, two_nodes)
{
	walk(2, 4, 3, false);
}

Test(slab_random, three_nodes)
{
	walk(3, 7, 4, false);
}

Test(slab_random, short_of_pages)
{
	walk(1, 2, 5, true);
}

Test(slab_random, a_node_short_of_pages)
{
	walk(2, 3, 6, true);
}
