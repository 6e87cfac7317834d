// SPDX-License-Identifier: GPL-2.0-only
/*
 * Property tests: whatever is asked for in whatever order, no object is handed out twice, counts are
 * those of what is held, invariants hold, and when all is given back and shrunk no page is left.
 */
#include "test_slub_support.h"

#define OPERATIONS   60000u
#define CHECK_PERIOD 300u
#define MAX_LIVE     6000u
#define NR_OWN	     8u

struct live {
	kmr_obj_t obj;
	int cache; /* -1: of kmalloc() */
};

struct walk {
	struct slub_rig s;
	uint64_t rng;
	struct live live[MAX_LIVE];
	unsigned int nr;
	unsigned int caches[NR_OWN];
	uint64_t held[NR_OWN];
	uint64_t failed;
};

struct setting {
	unsigned int nodes, cpus, version;
	uint64_t seed;
	uint32_t refuse; /* one request for pages in so many fails */
	unsigned int max_order;
	bool tight; /* 1200 pages are all there are */
};

static void make_caches(struct walk *w)
{
	static const struct {
		uint32_t size, flags, min_partial, cpu_partial;
	} kinds[NR_OWN] = {
		{ 24, 0, KMR_BY_RULE, KMR_BY_RULE },
		{ 64, 0, 0, 2 },
		{ 128, KMR_CACHE_RCU, KMR_BY_RULE, KMR_BY_RULE },
		{ 192, KMR_CACHE_RECLAIM, 1, 1 },
		{ 736, KMR_CACHE_CTOR, 2, 0 },
		{ 1856, KMR_CACHE_RCU, KMR_BY_RULE, KMR_BY_RULE },
		{ 4096, 0, 0, 3 },
		{ 20000, 0, KMR_BY_RULE, KMR_BY_RULE },
	};

	for (unsigned int i = 0; i < NR_OWN; i++) {
		struct kmr_cache_spec spec;
		struct kmr_error err = { "" };
		char name[16];

		(void)snprintf(name, sizeof(name), "own-%u", i);
		spec = spec_of(name, kinds[i].size, kinds[i].flags);
		spec.min_partial = kinds[i].min_partial;
		spec.cpu_partial_slabs = kinds[i].cpu_partial;
		w->caches[i] = (unsigned int)kmr_slub.cache_create(w->s.r.b, &spec, &err);
		cr_assert_eq(err.msg[0], '\0', "%s", err.msg);
	}
}

static void do_alloc(struct walk *w)
{
	struct kmr_object_request req = { 1 + below(&w->rng, 1u << below(&w->rng, 15)),
					  KMR_GFP_KERNEL, -1,
					  (uint16_t)below(&w->rng, w->s.r.m.nr_cpus) };
	struct live *l = &w->live[w->nr];

	if (!below(&w->rng, 4))
		req.node = (int16_t)below(&w->rng, w->s.r.m.nr_nodes);
	if (!below(&w->rng, 4))
		req.gfp = KMR_GFP_KSWAPD_RECLAIM | KMR_GFP_HIGH;
	if (!below(&w->rng, 8))
		req.gfp |= KMR_GFP_THISNODE;
	l->cache = below(&w->rng, 3) ? (int)below(&w->rng, NR_OWN) : -1;
	l->obj = l->cache < 0 ? kmr_slub.kmalloc(w->s.r.b, &req)
			      : kmr_slub.alloc(w->s.r.b, w->caches[l->cache], &req);
	if (l->obj == KMR_NO_OBJ) {
		w->failed++;
		return;
	}
	cr_assert_geq(kmr_slub.given(w->s.r.b, l->obj), l->cache < 0 ? req.bytes : 24);
	if (l->cache >= 0)
		w->held[l->cache]++;
	w->nr++;
}

static void do_free(struct walk *w, unsigned int i)
{
	const struct live l = w->live[i];
	const unsigned int cpu = below(&w->rng, w->s.r.m.nr_cpus);
	int ret;

	if (l.cache < 0)
		ret = kmr_slub.kfree(w->s.r.b, l.obj, cpu);
	else
		ret = kmr_slub.free(w->s.r.b, w->caches[l.cache], l.obj, cpu);
	cr_assert_eq(ret, 0);
	cr_assert_eq(kmr_slub.given(w->s.r.b, l.obj), 0);
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
	rig_check(&w->s.r);
	for (unsigned int i = 0; i < NR_OWN; i++)
		cr_assert_eq(rig_state(&w->s.r, w->caches[i]).active, w->held[i]);
	qsort(w->live, w->nr, sizeof(w->live[0]), by_address);
	for (unsigned int i = 1; i < w->nr; i++)
		cr_assert_leq(w->live[i - 1].obj + kmr_slub.given(w->s.r.b, w->live[i - 1].obj),
			      w->live[i].obj, "two objects overlap");
	cr_assert_eq(kmr_slub.pages(w->s.r.b), w->s.r.pages.out);
}

/* What was freed already, what is no object's beginning, what is nobody's: nothing happens. */
static void free_wrongly(struct walk *w)
{
	const uint64_t before = kmr_slub.work(w->s.r.b)->bad_frees;
	const struct live l = w->live[below(&w->rng, w->nr)];
	const kmr_obj_t odd = l.obj + 1 + below(&w->rng, 7);

	cr_assert_eq(kmr_slub.kfree(w->s.r.b, odd, 0), -1);
	cr_assert_eq(kmr_slub.free(w->s.r.b, w->caches[below(&w->rng, NR_OWN)], odd, 0), -1);
	cr_assert_eq(kmr_slub.free(w->s.r.b, 0, next_random(&w->rng) | 1u << 28, 0), -1);
	cr_assert_eq(kmr_slub.kfree(w->s.r.b, UINT64_MAX - below(&w->rng, 9), 0), -1);
	if (l.cache >= 0)
		cr_assert_eq(kmr_slub.free(w->s.r.b,
					   w->caches[((unsigned int)l.cache + 1) % NR_OWN], l.obj,
					   0),
			     -1);
	cr_assert_eq(kmr_slub.work(w->s.r.b)->bad_frees, before + 4 + (l.cache >= 0));
	cr_assert_neq(kmr_slub.given(w->s.r.b, l.obj), 0);
}

static void step(struct walk *w, bool growing)
{
	const uint32_t what = below(&w->rng, 200);

	if (what == 0)
		kmr_slub.shrink(w->s.r.b, w->caches[below(&w->rng, NR_OWN)]);
	else if (what < 3 && w->nr)
		free_wrongly(w);
	else if (what < (growing ? 132u : 80u) && w->nr < MAX_LIVE)
		do_alloc(w);
	else if (w->nr)
		do_free(w, below(&w->rng, w->nr));
}

static void finish(struct walk *w)
{
	while (w->nr)
		do_free(w, w->nr - 1);
	for (unsigned int c = 0; c < kmr_slub.nr_caches(w->s.r.b); c++)
		kmr_slub.shrink(w->s.r.b, c);
	check(w);
	cr_assert_eq(w->s.r.pages.out, 0);
	for (unsigned int c = 0; c < kmr_slub.nr_caches(w->s.r.b); c++) {
		const struct kmr_cache_state state = rig_state(&w->s.r, c);

		cr_assert_eq(state.slabs, 0);
		cr_assert_eq(state.allocs, state.frees);
		cr_assert_eq(state.slab_allocs, state.slab_frees);
	}
	cr_assert_gt(w->s.r.pages.rcu, 0, "RCU caches give back after a grace period");
}

static void walk(const struct setting *g, uint64_t *fallbacks, uint64_t *failures)
{
	static struct walk w;
	struct kmr_error err = { "" };

	memset(&w, 0, sizeof(w));
	w.rng = g->seed;
	slub_create(&w.s, g->nodes, g->cpus, g->version);
	cr_assert_eq(kmr_slub.kmalloc_init(w.s.r.b, &err), 0, "%s", err.msg);
	make_caches(&w);
	if (g->tight)
		memset(w.s.r.pages.used + 1200, 1, NODE_PAGES - 1200);
	w.s.refuse = g->refuse;
	w.s.max_order = g->max_order;
	for (unsigned int i = 0; i < OPERATIONS; i++) {
		step(&w, i / 10000 % 2 == 0);
		if (i % CHECK_PERIOD == 0)
			check(&w);
	}
	*fallbacks = kmr_slub.work(w.s.r.b)->order_fallbacks;
	*failures = w.failed;
	cr_assert_eq(kmr_slub.work(w.s.r.b)->failures, w.failed);
	finish(&w);
	kmr_slub.destroy(w.s.r.b);
}

static void walk_both(struct setting g, bool fallbacks_expected, bool failures_expected)
{
	for (unsigned int i = 0; i < 2; i++) {
		uint64_t fallbacks, failures;

		g.version = i ? 612 : 601;
		g.seed += i * 100;
		walk(&g, &fallbacks, &failures);
		cr_assert_eq(fallbacks > 0, fallbacks_expected, "%" PRIu64, fallbacks);
		cr_assert_eq(failures > 0, failures_expected, "%" PRIu64, failures);
	}
}

Test(slub_random, one_cpu)
{
	walk_both((struct setting){ 1, 1, 0, 1, 0, UINT32_MAX, false }, false, false);
}

Test(slub_random, four_cpus)
{
	walk_both((struct setting){ 1, 4, 0, 2, 0, UINT32_MAX, false }, false, false);
}

Test(slub_random, two_nodes)
{
	walk_both((struct setting){ 2, 4, 0, 3, 0, UINT32_MAX, false }, false, false);
}

Test(slub_random, three_nodes)
{
	walk_both((struct setting){ 3, 7, 0, 4, 0, UINT32_MAX, false }, false, false);
}

Test(slub_random, pages_refused_at_times)
{
	walk_both((struct setting){ 2, 3, 0, 5, 3, UINT32_MAX, false }, true, true);
}

Test(slub_random, small_blocks_only)
{
	walk_both((struct setting){ 1, 2, 0, 6, 0, 0, false }, true, true);
}

Test(slub_random, short_of_pages)
{
	walk_both((struct setting){ 1, 2, 0, 7, 0, UINT32_MAX, true }, true, true);
}
