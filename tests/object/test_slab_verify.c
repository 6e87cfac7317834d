// SPDX-License-Identifier: GPL-2.0-only
/* The calls for verify: an object's turn, taking one out of the middle, slabs come and gone. */
#include "test_slab_support.h"

static struct kmr_object_info where(const struct rig *r, unsigned int c, kmr_obj_t obj,
				    unsigned int cpu)
{
	struct kmr_object_info info;

	r->ops->where(r->b, c, obj, cpu, &info);
	return info;
}

/* Objects in all sorts of places: shared array cache, partial and free slabs, two CPUs. */
static unsigned int make_mess(struct rig *r, uint64_t seed)
{
	kmr_obj_t obj[600];
	unsigned int c, nr = 600;

	rig_create(r, 1, 2);
	c = rig_cache(r, "things", 300, 0);
	for (unsigned int i = 0; i < nr; i++)
		obj[i] = rig_alloc(r, c, i & 1);
	while (nr > 80) {
		const unsigned int i = below(&seed, nr);

		rig_free(r, c, obj[i], below(&seed, 8) == 0);
		obj[i] = obj[--nr];
	}
	return c;
}

/* All distances at one time, each held against the allocation that gives the object. */
static void check_distances(uint64_t seed)
{
	static struct rig r;
	static uint32_t told[409600];
	const unsigned int c = make_mess(&r, seed);
	const struct slab_cache *cache = r.b->caches[c];
	const uint64_t total =
		cache->cpu[1].avail + cache->nodes[0].shared.avail + cache->nodes[0].free_objects;
	uint32_t others = 0;

	for (uint32_t i = 0; i < 409600; i++) {
		const struct kmr_object_info info = where(&r, c, (kmr_obj_t)i * 4, 1);

		told[i] = info.distance;
		others += info.place == KMR_OBJ_CPU && info.distance == UINT32_MAX;
	}
	cr_assert_eq(others, cache->cpu[0].avail, "the other CPU's turn is not known");
	for (uint32_t n = 0; n < total; n++) {
		const kmr_obj_t obj = rig_alloc(&r, c, 1);

		cr_assert_eq(told[obj / 4], n, "allocation %u", n);
	}
	rig_check(&r);
	rig_destroy(&r);
}

Test(slab_verify, distance_is_the_turn)
{
	for (uint64_t seed = 1; seed < 20; seed++)
		check_distances(seed);
}

Test(slab_verify, take_keeps_the_order)
{
	static struct rig r;
	kmr_obj_t obj[8], left;
	unsigned int c;

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	for (unsigned int i = 0; i < 8; i++)
		obj[i] = rig_alloc(&r, c, 0);
	left = obj[7] - 64;
	for (unsigned int i = 0; i < 8; i++)
		rig_free(&r, c, obj[i], 0);
	cr_assert_eq(where(&r, c, obj[3], 0).distance, 4);
	cr_assert_eq(r.ops->take(r.b, c, obj[3], 0), 0);
	cr_assert_eq(r.ops->take(r.b, c, obj[3], 0), -1);
	cr_assert_eq(where(&r, c, obj[3], 0).place, KMR_OBJ_USED);
	for (unsigned int i = 8; i--;)
		if (i != 3)
			cr_assert_eq(rig_alloc(&r, c, 0), obj[i]);
	cr_assert_eq(rig_alloc(&r, c, 0), left);
	/* from the slab's own list */
	cr_assert_eq(where(&r, c, obj[0] + 3 * 64, 0).place, KMR_OBJ_SLAB);
	cr_assert_eq(r.ops->take(r.b, c, obj[0] + 3 * 64, 0), 0);
	rig_check(&r);
	rig_destroy(&r);
}

Test(slab_verify, unalloc)
{
	static struct rig r;
	struct kmr_cache_state before, after;
	unsigned int c;
	kmr_obj_t a;

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	(void)rig_alloc(&r, c, 0);
	before = rig_state(&r, c);
	a = rig_alloc(&r, c, 0);
	r.ops->unalloc(r.b, c, a, 0);
	after = rig_state(&r, c);
	cr_assert_eq(memcmp(&before, &after, sizeof(before)), 0);
	cr_assert_eq(rig_alloc(&r, c, 0), a);
	r.ops->unalloc(r.b, c, a + 1, 0);
	r.ops->unalloc(r.b, 4000, a, 0);
	cr_assert_eq(rig_state(&r, c).active, 2);
	rig_check(&r);
	rig_destroy(&r);
}

Test(slab_verify, slabs_come_and_go)
{
	static struct rig r;
	unsigned int c;
	kmr_obj_t a;

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	a = rig_alloc(&r, c, 0);
	cr_assert_eq(r.ops->forget_slab(r.b, 4000), -1);
	cr_assert_eq(r.ops->forget_slab(r.b, (kmr_pfn_t)(a >> 12)), 0);
	cr_assert_eq(where(&r, c, a, 0).place, KMR_OBJ_NONE);
	cr_assert_eq(rig_state(&r, c).active, 0);
	cr_assert_eq(rig_state(&r, c).cached, 0);
	cr_assert_eq(r.pages.out, 1, "no page was given back");
	rig_check(&r);
	cr_assert_eq(r.ops->adopt_slab(r.b, c, 4000, 1, 0), -1, "of another order");
	cr_assert_eq(r.ops->adopt_slab(r.b, c, 4000, 0, 0), 0);
	cr_assert_eq(r.ops->adopt_slab(r.b, c, 4000, 0, 0), -1, "there is one");
	cr_assert_eq(r.ops->adopt_slab(r.b, c, 1u << 30, 0, 0), -1, "beyond the machine");
	cr_assert_eq(rig_alloc(&r, c, 0) >> 12, 4000);
	rig_check(&r);
	rig_destroy(&r);
}

/* Frames that a slab has already are refused, not shared. */
Test(slab_verify, page_that_is_a_slab)
{
	static struct rig r;
	unsigned int c, d;

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	d = rig_cache(&r, "others", 64, 0);
	cr_assert_eq(r.ops->adopt_slab(r.b, c, 1, 0, 0), 0);
	cr_assert_eq(rig_alloc(&r, d, 0), KMR_NO_OBJ, "the first page is 1");
	rig_check(&r);
	rig_destroy(&r);
}
