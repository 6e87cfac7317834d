// SPDX-License-Identifier: GPL-2.0-only
/* The calls for verify: an object's turn, taking one out of the middle, slabs come, go and move. */
#include "test_slub_support.h"

#define MAX_LIVE 4000u

static struct kmr_object_info where(const struct slub_rig *s, unsigned int c, kmr_obj_t obj,
				    unsigned int cpu)
{
	struct kmr_object_info info;

	kmr_slub.where(s->r.b, c, obj, cpu, &info);
	return info;
}

/* Objects in all sorts of places, of two CPUs. */
static unsigned int make_mess(struct slub_rig *s, uint64_t seed)
{
	kmr_obj_t obj[600];
	unsigned int c, nr = 600;

	slub_create(s, 1, 2, 601);
	c = slub_cache_of(s, 16, 5, 4);
	for (unsigned int i = 0; i < nr; i++)
		obj[i] = rig_alloc(&s->r, c, below(&seed, 2));
	while (nr > 200) {
		const unsigned int i = below(&seed, nr);

		rig_free(&s->r, c, obj[i], below(&seed, 8) == 0);
		obj[i] = obj[--nr];
	}
	return c;
}

/* What where() tells of an object's turn is the allocation that gives it. */
Test(slub_verify, distance_is_the_turn)
{
	static struct slub_rig s;
	static uint32_t told[64 * 16];

	for (uint64_t seed = 1; seed < 30; seed++) {
		const unsigned int c = make_mess(&s, seed);
		unsigned int known = 0, places[4] = { 0 };

		for (uint32_t i = 0; i < ARRAY_SIZE(told); i++) {
			const struct kmr_object_info info = where(&s, c, (kmr_obj_t)i * 256, 1);

			told[i] = info.distance;
			known += info.distance != UINT32_MAX;
			places[info.place]++;
			cr_assert_eq(info.slab, info.place == KMR_OBJ_NONE ? KMR_NO_PFN : i / 16);
		}
		cr_assert_eq(places[KMR_OBJ_USED], 200);
		cr_assert_gt(places[KMR_OBJ_SLAB], 0);
		cr_assert_gt(known, 1);
		for (uint32_t n = 0; n < known; n++)
			cr_assert_eq(told[rig_alloc(&s.r, c, 1) / 256], n, "seed %" PRIu64, seed);
		rig_check(&s.r);
		kmr_slub.destroy(s.r.b);
	}
}

Test(slub_verify, take_keeps_the_order)
{
	static struct slub_rig s;
	kmr_obj_t obj[17];
	unsigned int c;

	slub_create(&s, 1, 2, 601);
	c = slub_cache_of(&s, 8, 5, 4);
	slub_alloc_many(&s, c, 0, obj, 17);
	for (unsigned int i = 0; i < 4; i++)
		rig_free(&s.r, c, obj[i], 0);
	cr_expect_str_eq(slub_free_of(&s, 1), "3 2 1 0 ");
	cr_expect_eq(kmr_slub.take(s.r.b, c, obj[2], 0), 0);
	cr_expect_str_eq(slub_free_of(&s, 1), "3 1 0 ");
	cr_expect_eq(kmr_slub.take(s.r.b, c, obj[2], 0), -1);
	cr_expect_eq(kmr_slub.take(s.r.b, c, obj[2] + 1, 0), -1);
	cr_expect_eq(kmr_slub.take(s.r.b, c, obj[16] + 1024, 0), 0, "of the CPU's own");
	cr_expect_str_eq(slub_free_of(&s, 3), "1 3 4 5 6 7 | ");
	/* the last one: full, and on no list */
	cr_expect_eq(kmr_slub.take(s.r.b, c, obj[3], 0), 0);
	cr_expect_eq(kmr_slub.take(s.r.b, c, obj[0], 0), 0);
	cr_expect_str_eq(slub_list(&s, KMR_SNAP_CPU_PARTIAL, 0), "1");
	cr_expect_eq(kmr_slub.take(s.r.b, c, obj[1], 0), 0);
	cr_expect_str_eq(slub_list(&s, KMR_SNAP_CPU_PARTIAL, 0), "");
	rig_check(&s.r);
	kmr_slub.destroy(s.r.b);
}

Test(slub_verify, unalloc_is_as_if_it_had_never_been)
{
	static struct slub_rig s;
	kmr_obj_t obj[3];
	unsigned int c;

	slub_create(&s, 1, 1, 601);
	c = slub_cache_of(&s, 8, 5, 4);
	slub_alloc_many(&s, c, 0, obj, 2);
	rig_free(&s.r, c, obj[0], 0);
	for (unsigned int i = 0; i < 2; i++) {
		cr_expect_eq(rig_alloc(&s.r, c, 0), obj[0]);
		kmr_slub.unalloc(s.r.b, c, obj[0], 0);
		cr_expect_str_eq(slub_free_of(&s, 1), "0 2 3 4 5 6 7 | ");
		cr_expect_eq(kmr_slub.work(s.r.b)->allocs, 2);
		cr_expect_eq(kmr_slub.work(s.r.b)->frees, 1);
		rig_check(&s.r);
	}
	/* what is not in use stays as it is */
	kmr_slub.unalloc(s.r.b, c, obj[0], 0);
	kmr_slub.unalloc(s.r.b, c, obj[1] + 1, 0);
	cr_expect_eq(rig_state(&s.r, c).active, 1);
	kmr_slub.destroy(s.r.b);
}

/* The CPU's slab counts as used up; the one that the object is of becomes the CPU's. */
Test(slub_verify, hold)
{
	static struct slub_rig s;
	kmr_obj_t obj[17];
	unsigned int c;

	slub_create(&s, 1, 2, 601);
	c = slub_cache_of(&s, 8, 5, 4);
	slub_alloc_many(&s, c, 0, obj, 17);
	rig_free(&s.r, c, obj[4], 1);
	rig_free(&s.r, c, obj[3], 1);
	rig_free(&s.r, c, obj[16], 1);
	cr_expect_eq(kmr_slub.hold(s.r.b, c, obj[16], 0), 0, "it does already");
	cr_expect_eq(kmr_slub.hold(s.r.b, c, obj[16], 1), 0, "another CPU's");
	cr_expect_eq(kmr_slub.hold(s.r.b, c, obj[3], 0), 7);
	cr_expect_str_eq(slub_free_of(&s, 1), "3 4 | ");
	cr_expect_str_eq(slub_list(&s, KMR_SNAP_CPU_PARTIAL, 1), "");
	cr_expect_str_eq(slub_list(&s, KMR_SNAP_NODE_PARTIAL, 0), "3");
	cr_expect_eq(rig_state(&s.r, c).active, 14 + 7);
	rig_check(&s.r);
	kmr_slub.destroy(s.r.b);
}

Test(slub_verify, slabs_come_go_and_move)
{
	static struct slub_rig s;
	struct kmr_object_request req = { 20000, KMR_GFP_KERNEL, -1, 0 };
	kmr_obj_t obj[40], large;
	unsigned int c;

	slub_create(&s, 2, 1, 612);
	c = slub_cache_of(&s, 8, 5, 0);
	slub_alloc_many(&s, c, 0, obj, 25);
	for (unsigned int i = 0; i < 3; i++)
		rig_free(&s.r, c, obj[i * 8], 0);
	cr_expect_str_eq(slub_list(&s, KMR_SNAP_NODE_PARTIAL, 0), "1 2 3");
	/* to another node: onto that one's list */
	cr_expect_eq(kmr_slub.move_slab(s.r.b, 2, NODE_PAGES + 9), 0);
	cr_expect_str_eq(slub_list(&s, KMR_SNAP_NODE_PARTIAL, 0), "1 3");
	cr_expect_str_eq(slub_list(&s, KMR_SNAP_NODE_PARTIAL, 1), "16393");
	rig_check(&s.r);
	cr_expect_eq(kmr_slub.given(s.r.b, obj[9]), 0);
	cr_expect_eq(kmr_slub.given(s.r.b, (NODE_PAGES + 9) * (kmr_obj_t)4096 + 512), 512);
	/* to where it is, and onto another, which is no more then */
	cr_expect_eq(kmr_slub.move_slab(s.r.b, 1, 1), 0);
	cr_expect_eq(rig_state(&s.r, c).slabs, 4);
	cr_expect_eq(kmr_slub.move_slab(s.r.b, 1, 3), 0);
	cr_expect_eq(rig_state(&s.r, c).slabs, 3);
	cr_expect_str_eq(slub_list(&s, KMR_SNAP_NODE_PARTIAL, 0), "3");
	rig_check(&s.r);
	cr_expect_eq(kmr_slub.move_slab(s.r.b, 1, 5), -1);
	cr_expect_eq(kmr_slub.move_slab(s.r.b, 3, UINT32_MAX - 1), -1);
	cr_expect_eq(rig_state(&s.r, c).slabs, 3);
	/* the CPU's own goes, too */
	cr_expect_eq(kmr_slub.forget_slab(s.r.b, 4), 0);
	cr_expect_eq(kmr_slub.forget_slab(s.r.b, 4), -1);
	cr_expect_str_eq(slub_list(&s, KMR_SNAP_CPU_SLAB, 0), "");
	cr_expect_eq(rig_state(&s.r, c).active, 14);
	rig_check(&s.r);
	/* of kmalloc() */
	large = kmr_slub.kmalloc(s.r.b, &req);
	cr_expect_eq(kmr_slub.move_slab(s.r.b, slub_pfn(large), 64), 0);
	cr_expect_eq(kmr_slub.given(s.r.b, 64 * 4096), 32768);
	cr_expect_eq(kmr_slub.given(s.r.b, large), 0);
	cr_expect_eq(kmr_slub.forget_slab(s.r.b, 64), 0);
	cr_expect_eq(kmr_slub.pages(s.r.b), 2);
	/* an empty one at the end of the list; none where one is, of no order but the cache's */
	cr_expect_eq(kmr_slub.adopt_slab(s.r.b, c, 77, 0, 0), 0);
	cr_expect_str_eq(slub_list(&s, KMR_SNAP_NODE_PARTIAL, 0), "3 77");
	cr_expect_str_eq(slub_free_of(&s, 77), "0 1 2 3 4 5 6 7 ");
	cr_expect_eq(kmr_slub.adopt_slab(s.r.b, c, 77, 0, 0), -1);
	cr_expect_eq(kmr_slub.adopt_slab(s.r.b, c, 78, 1, 0), -1);
	cr_expect_eq(kmr_slub.adopt_slab(s.r.b, c, UINT32_MAX - 1, 0, 0), -1);
	rig_check(&s.r);
	kmr_slub.destroy(s.r.b);
}

/* Larger slabs: whatever lies on any of the frames is forgotten. */
Test(slub_verify, moves_over_several)
{
	static struct slub_rig s;
	kmr_obj_t big;
	unsigned int small, large;

	slub_create(&s, 1, 1, 612);
	small = slub_cache_of(&s, 4, 5, 0);
	large = rig_cache(&s.r, "large", 4096, 0);
	cr_assert_eq(rig_state(&s.r, large).order, 3);
	big = rig_alloc(&s.r, large, 0);
	for (kmr_pfn_t pfn = 65; pfn < 72; pfn += 2)
		cr_expect_eq(kmr_slub.adopt_slab(s.r.b, small, pfn, 0, 0), 0);
	cr_expect_eq(rig_state(&s.r, small).slabs, 4);
	cr_expect_eq(kmr_slub.move_slab(s.r.b, slub_pfn(big), 64), 0);
	cr_expect_eq(rig_state(&s.r, small).slabs, 0);
	cr_expect_eq(kmr_slub.cache_of(s.r.b, 71 * 4096), (int)large);
	rig_check(&s.r);
	kmr_slub.destroy(s.r.b);
}

struct live {
	kmr_obj_t obj;
	unsigned int cache;
};

struct walk {
	struct slub_rig s;
	uint64_t rng;
	struct live live[MAX_LIVE];
	unsigned int nr;
	unsigned int caches[3];
};

/* What is still in use as the model has it, after slabs have gone. */
static void forget_lost(struct walk *w)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < w->nr; i++)
		if (kmr_slub.cache_of(w->s.r.b, w->live[i].obj) == (int)w->live[i].cache &&
		    kmr_slub.given(w->s.r.b, w->live[i].obj))
			w->live[n++] = w->live[i];
	w->nr = n;
}

/* A slab of one that lives comes to a block that the page allocator has free. */
static void move_somewhere(struct walk *w, const struct live *l)
{
	const unsigned int order = rig_state(&w->s.r, l->cache).order;
	const kmr_pfn_t from = slub_pfn(l->obj) & ~((1u << order) - 1);
	const kmr_pfn_t to = find_block(&w->s.r.pages, below(&w->rng, 2), order);
	const kmr_obj_t delta = ((kmr_obj_t)to - from) << 12;

	cr_assert_eq(kmr_slub.move_slab(w->s.r.b, from, to), 0);
	memset(&w->s.r.pages.used[to], 1 + (int)order, (size_t)1 << order);
	memset(&w->s.r.pages.used[from], 0, (size_t)1 << order);
	for (unsigned int i = 0; i < w->nr; i++)
		if (slub_pfn(w->live[i].obj) - from < 1u << order)
			w->live[i].obj += delta;
}

static void forget_or_adopt(struct walk *w, const struct live *l)
{
	const unsigned int order = rig_state(&w->s.r, l->cache).order;
	const kmr_pfn_t pfn = slub_pfn(l->obj) & ~((1u << order) - 1);
	const kmr_pfn_t to = find_block(&w->s.r.pages, below(&w->rng, 2), order);

	if (below(&w->rng, 2)) {
		cr_assert_eq(kmr_slub.forget_slab(w->s.r.b, pfn), 0);
		pages_free(&w->s.r.pages, pfn, order, 0, false);
		forget_lost(w);
		return;
	}
	cr_assert_eq(kmr_slub.adopt_slab(w->s.r.b, l->cache, to, order, 0), 0);
	memset(&w->s.r.pages.used[to], 1 + (int)order, (size_t)1 << order);
	w->s.r.pages.out += 1u << order;
}

/* A free neighbour of one that lives is taken, as the kernel did. */
static void take_neighbour(struct walk *w, const struct live *l)
{
	const struct kmr_cache_state state = rig_state(&w->s.r, l->cache);
	const kmr_obj_t obj = l->obj + state.size * (1 + below(&w->rng, 3));
	const unsigned int cpu = below(&w->rng, 4);
	const struct kmr_object_info info = where(&w->s, l->cache, obj, cpu);
	const bool can = info.place == KMR_OBJ_CPU || info.place == KMR_OBJ_SLAB;
	const unsigned int cache = l->cache;

	if (can && below(&w->rng, 2)) {
		/* what the CPU held counts as used now; nobody here knows of it */
		(void)kmr_slub.hold(w->s.r.b, cache, obj, cpu);
		rig_check(&w->s.r);
	}
	cr_assert_eq(kmr_slub.take(w->s.r.b, cache, obj, 0), can ? 0 : -1);
	if (can && w->nr < MAX_LIVE)
		w->live[w->nr++] = (struct live){ obj, cache };
}

static void meddle(struct walk *w)
{
	const struct live l = w->live[below(&w->rng, w->nr)];

	switch (below(&w->rng, 4)) {
	case 0:
		move_somewhere(w, &l);
		break;
	case 1:
		forget_or_adopt(w, &l);
		break;
	case 2:
		take_neighbour(w, &l);
		break;
	default:
		kmr_slub.unalloc(w->s.r.b, l.cache, l.obj, below(&w->rng, 4));
		cr_assert_eq(kmr_slub.given(w->s.r.b, l.obj), 0);
		forget_lost(w);
		break;
	}
}

static void step(struct walk *w)
{
	const unsigned int what = below(&w->rng, 100), cpu = below(&w->rng, 4);
	const unsigned int cache = w->caches[below(&w->rng, 3)];

	if (what < 5 && w->nr) {
		meddle(w);
	} else if (what < 55 && w->nr < MAX_LIVE) {
		const int node = below(&w->rng, 5) ? -1 : (int)below(&w->rng, 2);

		w->live[w->nr] =
			(struct live){ slub_alloc_on(&w->s, cache, node, KMR_GFP_KERNEL, cpu),
				       cache };
		cr_assert_neq(w->live[w->nr++].obj, KMR_NO_OBJ);
	} else if (w->nr) {
		const unsigned int i = below(&w->rng, w->nr);

		rig_free(&w->s.r, w->live[i].cache, w->live[i].obj, cpu);
		w->live[i] = w->live[--w->nr];
	}
}

Test(slub_verify, at_random)
{
	static struct walk w;

	for (uint64_t seed = 1; seed < 9; seed++) {
		memset(&w, 0, sizeof(w));
		w.rng = seed;
		slub_create(&w.s, 2, 4, seed & 1 ? 601 : 612);
		w.caches[0] = slub_cache_of(&w.s, 16, 5, 4);
		w.caches[1] = rig_cache(&w.s.r, "larger", 1100, KMR_CACHE_CTOR);
		w.caches[2] = slub_cache_of(&w.s, 4, 1, 0);
		for (unsigned int i = 0; i < 20000; i++) {
			step(&w);
			if (i % 50 == 0) {
				rig_check(&w.s.r);
				cr_assert_eq(kmr_slub.pages(w.s.r.b), w.s.r.pages.out);
			}
		}
		cr_assert_eq(kmr_slub.work(w.s.r.b)->bad_frees, 0);
		kmr_slub.destroy(w.s.r.b);
	}
}
