// SPDX-License-Identifier: GPL-2.0-only
/* One CPU, object by object: what comes out is what mm/slab.c says. */
#include "test_slab_support.h"

#define SECOND UINT64_C(1000000000)

static kmr_obj_t nth(kmr_obj_t first, uint32_t size, unsigned int n)
{
	return first + (kmr_obj_t)n * size;
}

/* A batch of a new slab is used from its end; without use lately it is one of 16. */
Test(slab, first_objects)
{
	struct rig r;
	unsigned int c;
	kmr_obj_t slab;

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	slab = rig_alloc(&r, c, 0) - 15 * 64;
	cr_assert_eq(slab & 4095, 0, "no colours: objects fill the slab");
	for (unsigned int i = 15; i--;)
		cr_assert_eq(rig_alloc(&r, c, 0), nth(slab, 64, i));
	/* now it is in use, and a whole batch of 60 is fetched, of which the slab has 48 left */
	cr_assert_eq(rig_alloc(&r, c, 0), nth(slab, 64, 63));
	cr_assert_eq(r.ops->work(r.b)->refills, 2);
	rig_check(&r);
	rig_destroy(&r);
}

Test(slab, last_freed_comes_first)
{
	struct rig r;
	unsigned int c;
	kmr_obj_t a, b;

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	a = rig_alloc(&r, c, 0);
	b = rig_alloc(&r, c, 0);
	rig_free(&r, c, a, 0);
	rig_free(&r, c, b, 0);
	cr_assert_eq(rig_alloc(&r, c, 0), b);
	cr_assert_eq(rig_alloc(&r, c, 0), a);
	rig_destroy(&r);
}

/* Of a full array cache the oldest batch goes back, in the order of the frees. */
Test(slab, flush)
{
	struct rig r;
	kmr_obj_t obj[256];
	unsigned int c, left;

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	for (unsigned int i = 0; i < 200; i++)
		obj[i] = rig_alloc(&r, c, 0);
	left = (unsigned int)rig_state(&r, c).cached;
	for (unsigned int i = 0; i < 120 - left; i++)
		rig_free(&r, c, obj[i], 0);
	cr_assert_eq(r.ops->work(r.b)->flushes, 0);
	cr_assert_eq(rig_state(&r, c).cached, 120);
	rig_free(&r, c, obj[120 - left], 0);
	cr_assert_eq(r.ops->work(r.b)->flushes, 1);
	cr_assert_eq(rig_state(&r, c).cached, 61);
	cr_assert_eq(rig_state(&r, c).active, 200 - 121 + left);
	rig_check(&r);
	rig_destroy(&r);
}

/* Each new slab begins a colour further. */
Test(slab, colours)
{
	struct rig r;
	struct kmr_object_info info;
	uint64_t want = 0;
	unsigned int c;

	rig_create(&r, 1, 1);
	/* five, 416 bytes left of which 5 are indices: six lines to begin further */
	c = rig_cache(&r, "striped", 736, KMR_CACHE_RECLAIM | KMR_CACHE_CTOR);
	cr_assert_eq(r.b->caches[c]->lay.colour, 6);
	for (unsigned int i = 0; i < 14; i++) {
		const kmr_obj_t obj = rig_alloc(&r, c, 0);

		r.ops->where(r.b, c, obj, 0, &info);
		want = (i + 1) % 6 * 64;
		cr_assert_eq(slab_at(r.b, info.slab)->offset, want);
		for (unsigned int k = 1; k < 5; k++)
			(void)rig_alloc(&r, c, 0);
	}
	rig_check(&r);
	rig_destroy(&r);
}

Test(slab, bad_frees)
{
	struct rig r;
	struct kmr_cache_state before, after;
	unsigned int c, other;
	kmr_obj_t a;

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	other = rig_cache(&r, "others", 64, 0);
	a = rig_alloc(&r, c, 0);
	(void)rig_alloc(&r, other, 0);
	before = rig_state(&r, c);
	cr_assert_eq(r.ops->free(r.b, c, a + 8, 0), -1, "not where an object begins");
	cr_assert_eq(r.ops->free(r.b, other, a, 0), -1, "another cache's");
	cr_assert_eq(r.ops->free(r.b, 4000, a, 0), -1, "no cache");
	cr_assert_eq(r.ops->free(r.b, c, a + (UINT64_C(4096) << 10), 0), -1, "no slab");
	cr_assert_eq(r.ops->free(r.b, c, UINT64_MAX - 63, 0), -1, "beyond the machine");
	cr_assert_eq(r.ops->free(r.b, c, a - 64, 0), -1, "free");
	cr_assert_eq(r.ops->kfree(r.b, a + 1, 0), -1);
	after = rig_state(&r, c);
	cr_assert_eq(memcmp(&before, &after, sizeof(before)), 0);
	rig_free(&r, c, a, 0);
	cr_assert_eq(r.ops->free(r.b, c, a, 0), -1, "twice");
	cr_assert_eq(r.ops->kfree(r.b, a, 0), -1, "twice");
	cr_assert_eq(r.ops->work(r.b)->bad_frees, 9);
	cr_assert_eq(r.ops->work(r.b)->frees, 1);
	rig_check(&r);
	rig_destroy(&r);
}

Test(slab, no_pages)
{
	struct rig r;
	unsigned int c;

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	r.pages.limit = 1;
	for (unsigned int i = 0; i < 64; i++)
		cr_assert_neq(rig_alloc(&r, c, 0), KMR_NO_OBJ);
	cr_assert_eq(rig_alloc(&r, c, 0), KMR_NO_OBJ);
	cr_assert_eq(rig_state(&r, c).failures, 1);
	cr_assert_eq(rig_state(&r, c).active, 64);
	rig_check(&r);
	rig_destroy(&r);
}

Test(slab, page_flags)
{
	struct rig r;
	unsigned int c;
	struct kmr_object_request req = { 0, KMR_GFP_KERNEL | KMR_GFP_ZERO | KMR_GFP_ACCOUNT, -1,
					  0 };

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "reclaimable", 128, KMR_CACHE_RECLAIM);
	(void)r.ops->alloc(r.b, c, &req);
	cr_assert_eq(r.pages.last.gfp, KMR_GFP_KERNEL | KMR_GFP_COMP | KMR_GFP_RECLAIMABLE);
	c = rig_cache(&r, "low", 128, KMR_CACHE_DMA);
	(void)r.ops->alloc(r.b, c, &req);
	cr_assert_eq(r.pages.last.gfp, KMR_GFP_KERNEL | KMR_GFP_COMP | KMR_GFP_DMA);
	rig_destroy(&r);
}

/* 32 objects of 128 bytes leave no room for indices, and RCU forbids to write to free ones. */
Test(slab, indices_off_slab)
{
	struct rig r;
	kmr_obj_t obj[96];
	unsigned int c;
	const struct kmr_object_work *w;

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "rcu", 128, KMR_CACHE_RCU);
	cr_assert(r.b->caches[c]->lay.off_slab);
	w = r.ops->work(r.b);
	for (unsigned int i = 0; i < 96; i++)
		obj[i] = rig_alloc(&r, c, 0);
	cr_assert_eq(w->slab_allocs, 4, "three, and one for the indices");
	cr_assert_eq(w->inner_allocs, 3);
	cr_assert_eq(w->allocs, 99);
	for (unsigned int i = 0; i < 96; i++)
		rig_free(&r, c, obj[i], 0);
	r.ops->shrink(r.b, c);
	cr_assert_eq(w->inner_frees, 3);
	cr_assert_eq(r.pages.rcu, 3);
	cr_assert_eq(rig_state(&r, c).slabs, 0);
	rig_check(&r);
	rig_destroy(&r);
}

Test(slab, kmalloc)
{
	struct rig r;
	struct kmr_object_request req = { 1, KMR_GFP_KERNEL, -1, 0 };
	kmr_obj_t small, large;

	rig_create(&r, 1, 1);
	small = r.ops->kmalloc(r.b, &req);
	cr_assert_eq(r.ops->given(r.b, small), 32);
	req.bytes = 8192;
	cr_assert_geq(r.ops->kmalloc_cache(r.b, &req), 0);
	req.bytes = 8193;
	cr_assert_eq(r.ops->kmalloc_cache(r.b, &req), -1);
	large = r.ops->kmalloc(r.b, &req);
	cr_assert_eq(r.ops->given(r.b, large), 16384);
	cr_assert_eq(r.ops->pages(r.b), 1 + 4);
	cr_assert_eq(r.ops->kfree(r.b, large + 4096, 0), -1);
	cr_assert_eq(r.ops->kfree(r.b, large, 0), 0);
	cr_assert_eq(r.ops->kfree(r.b, large, 0), -1);
	cr_assert_eq(r.ops->kfree(r.b, small, 0), 0);
	cr_assert_eq(r.ops->given(r.b, small), 0);
	req.bytes = UINT32_MAX;
	cr_assert_eq(r.ops->kmalloc(r.b, &req), KMR_NO_OBJ);
	cr_assert_eq(r.ops->work(r.b)->large_allocs, 1);
	cr_assert_eq(r.ops->work(r.b)->large_frees, 1);
	cr_assert_eq(r.ops->work(r.b)->allocs, 2, "of a cache and with pages");
	cr_assert_eq(r.ops->work(r.b)->frees, 2);
	rig_check(&r);
	rig_destroy(&r);
}

/* More free objects than the node's limit: the slab that is free longest goes first. */
Test(slab, free_limit)
{
	struct rig r;
	kmr_obj_t obj[640];
	unsigned int c;

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	for (unsigned int i = 0; i < 640; i++)
		obj[i] = rig_alloc(&r, c, 0);
	cr_assert_eq(r.b->caches[c]->nodes[0].free_limit, 2 * 60 + 64);
	for (unsigned int i = 0; i < 640; i++)
		rig_free(&r, c, obj[i], 0);
	cr_assert_leq(r.b->caches[c]->nodes[0].free_objects, 184);
	cr_assert_gt(r.pages.nr_freed, 0);
	rig_check(&r);
	r.ops->shrink(r.b, c);
	cr_assert_eq(r.pages.out, 0);
	cr_assert_eq(rig_state(&r, c).pages, 0);
	rig_check(&r);
	rig_destroy(&r);
}

/* An array cache in use is spared once; then a fifth of its limit goes at a time. */
Test(slab, reaper_drains)
{
	struct rig r;
	unsigned int c;
	kmr_obj_t obj[64];

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	r.ops->tick(r.b, 100 * SECOND);
	for (unsigned int i = 0; i < 64; i++)
		obj[i] = rig_alloc(&r, c, 0);
	for (unsigned int i = 0; i < 60; i++)
		rig_free(&r, c, obj[i], 0);
	r.ops->tick(r.b, 100 * SECOND + 839 * SECOND / 1000);
	cr_assert_eq(r.b->caches[c]->cpu[0].touched, 1);
	r.ops->tick(r.b, 100 * SECOND + 840 * SECOND / 1000);
	cr_assert_eq(r.b->caches[c]->cpu[0].touched, 0);
	cr_assert_eq(rig_state(&r, c).cached, 60);
	r.ops->tick(r.b, 102 * SECOND + 900 * SECOND / 1000);
	cr_assert_eq(rig_state(&r, c).cached, 60 - 24);
	r.ops->tick(r.b, 106 * SECOND + 900 * SECOND / 1000);
	cr_assert_eq(rig_state(&r, c).cached, 6, "24, then half of the 12 that are left");
	r.ops->tick(r.b, 100000 * SECOND);
	cr_assert_eq(rig_state(&r, c).cached, 0);
	cr_assert_eq(rig_state(&r, c).active, 4);
	rig_check(&r);
	rig_destroy(&r);
}

Test(slab, reaper_gives_slabs_back)
{
	struct rig r;
	unsigned int c;
	kmr_obj_t obj[64];

	rig_create(&r, 1, 1);
	c = rig_cache(&r, "things", 64, 0);
	r.ops->tick(r.b, 0);
	for (unsigned int i = 0; i < 64; i++)
		obj[i] = rig_alloc(&r, c, 0);
	for (unsigned int i = 0; i < 64; i++)
		rig_free(&r, c, obj[i], 0);
	cr_assert_eq(r.pages.out, 1);
	r.ops->tick(r.b, 60 * SECOND);
	cr_assert_eq(r.pages.out, 0);
	rig_check(&r);
	rig_destroy(&r);
}

Test(slab, absurd_caches)
{
	struct rig r;
	struct kmr_cache_spec spec = spec_of("x", 0, 0);
	struct kmr_error err = { "" };

	rig_create(&r, 1, 1);
	cr_assert_eq(r.ops->cache_create(r.b, &spec, &err), -1);
	cr_assert_neq(err.msg[0], '\0');
	spec = spec_of("x", KMR_MAX_OBJECT_SIZE + 1, 0);
	cr_assert_eq(r.ops->cache_create(r.b, &spec, &err), -1);
	spec = spec_of("x", 64, 0);
	spec.align = 24;
	cr_assert_eq(r.ops->cache_create(r.b, &spec, &err), -1);
	spec = spec_of("x", 64, 0);
	spec.size = 63;
	cr_assert_eq(r.ops->cache_create(r.b, &spec, &err), -1);
	spec = spec_of("x", 64, 0);
	spec.order = 11;
	cr_assert_eq(r.ops->cache_create(r.b, &spec, &err), -1);
	spec = spec_of("x", 8192, 0);
	spec.order = 0;
	cr_assert_eq(r.ops->cache_create(r.b, &spec, &err), -1);
	spec = spec_of("x", 64, 0);
	spec.limit = 0;
	cr_assert_eq(r.ops->cache_create(r.b, &spec, &err), -1);
	spec = spec_of("x", 64, 0);
	spec.limit = 8;
	spec.batch = 9;
	cr_assert_eq(r.ops->cache_create(r.b, &spec, &err), -1);
	spec = spec_of("x", 64, 0);
	spec.shared = UINT32_MAX - 1;
	cr_assert_eq(r.ops->cache_create(r.b, &spec, &err), -1);
	rig_check(&r);
	rig_destroy(&r);
}
