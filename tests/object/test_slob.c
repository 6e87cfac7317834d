// SPDX-License-Identifier: GPL-2.0-only
/* SLOB: where objects go, byte by byte, and what is refused. */
#include "slob_rig.h"

#define P FIRST_PFN

/* A header of 8 bytes in front; powers of two are aligned to themselves, the rest to 8. */
Test(slob, kmalloc_headers_and_alignment)
{
	for (uint32_t bytes = 1; bytes < 4088; bytes++) {
		struct slob_rig *r = rig_new(4);
		const uint32_t align = bytes & (bytes - 1) || bytes < 8 ? 8 : bytes;
		const kmr_obj_t a = rig_kmalloc(r, bytes), b = rig_kmalloc(r, bytes);

		cr_assert_eq(a % align, 0, "%u bytes", bytes);
		cr_assert_eq(b % align, 0, "%u bytes", bytes);
		cr_assert_eq(a, at(P, align), "%u bytes", bytes);
		cr_assert_eq(kmr_slob.given(r->b, a), (bytes + 8 + 1) / 2 * 2);
		rig_check(r);
		cr_assert_eq(kmr_slob.kfree(r->b, a, 0), 0);
		cr_assert_eq(kmr_slob.kfree(r->b, b, 0), 0);
		cr_assert_eq(kmr_slob.pages(r->b), 0, "%u bytes", bytes);
		cr_assert_eq(r->out, 0);
		rig_free(r);
	}
}

Test(slob, cache_alignment)
{
	for (uint32_t align = 1; align <= 4096; align *= 2)
		for (uint32_t size = 1; size < 4096; size += 37) {
			struct slob_rig *r = rig_new(8);
			const unsigned int cache = rig_cache(r, size, align, 0);

			for (unsigned int i = 0; i < 20; i++)
				cr_assert_eq(rig_alloc(r, cache) % (align < 8 ? 8 : align), 0);
			rig_check(r);
			rig_free(r);
		}
}

/* The end of one block is where the next is looked for, at the next multiple of 8. */
Test(slob, first_fit_and_coalescing)
{
	struct slob_rig *r = rig_new(4);
	const unsigned int cache = rig_cache(r, 100, KMR_BY_RULE, 0);
	kmr_obj_t o[5];

	for (unsigned int i = 0; i < 5; i++) {
		o[i] = rig_alloc(r, cache);
		cr_assert_eq(o[i], at(P, i * 104));
	}
	/* three holes that meet become one, with what alignment left between them */
	cr_assert_eq(kmr_slob.free(r->b, cache, o[1], 0), 0);
	cr_assert_eq(kmr_slob.free(r->b, cache, o[3], 0), 0);
	cr_assert_eq(kmr_slob.free(r->b, cache, o[2], 0), 0);
	rig_check(r);
	cr_assert_eq(rig_kmalloc(r, 203), at(P, 104 + 8));
	/* 96 are left behind it, which is too little for 100 */
	cr_assert_eq(rig_alloc(r, cache), at(P, 5 * 104));
	cr_assert_eq(rig_kmalloc(r, 80), at(P, 104 + 216 + 8));
	rig_check(r);
	rig_free(r);
}

Test(slob, lists_by_size)
{
	struct slob_rig *r = rig_new(4);

	/* 255, 1023 and more bytes with header: each list begins with a page of its own */
	cr_assert_eq(rig_kmalloc(r, 247), at(P, 8));
	cr_assert_eq(rig_kmalloc(r, 249), at(P + 1, 8));
	cr_assert_eq(rig_kmalloc(r, 1015), at(P + 1, 8 + 264));
	cr_assert_eq(rig_kmalloc(r, 1017), at(P + 2, 8));
	rig_check(r);
	rig_free(r);
}

/* The list is turned so that the page that served comes first, the others keep their order. */
Test(slob, next_fit_turns_the_list)
{
	struct slob_rig *r = rig_new(4);
	const unsigned int big = rig_cache(r, 2000, 8, 0), small = rig_cache(r, 1040, 8, 0);
	kmr_obj_t o[6];

	for (unsigned int i = 0; i < 6; i++)
		o[i] = rig_alloc(r, big); /* two to a page; 96 bytes are left in each */
	/* list: P+2, P+1, P */
	cr_assert_eq(kmr_slob.free(r->b, big, o[2], 0), 0);
	cr_assert_eq(kmr_slob.free(r->b, big, o[1], 0), 0);
	cr_assert_eq(rig_alloc(r, small), o[2]); /* now P+1, P, P+2 */
	cr_assert_eq(kmr_slob.free(r->b, big, o[4], 0), 0);
	cr_assert_eq(rig_alloc(r, big), o[1]); /* P comes before P+2 */
	cr_assert_eq(rig_alloc(r, big), o[4]);
	rig_check(r);
	rig_free(r);
}

/* What is freed into a full page decides which list the page goes to. */
Test(slob, full_page_goes_where_the_freed_size_says)
{
	struct slob_rig *r = rig_new(4);
	const unsigned int big = rig_cache(r, 3072, 8, 0), rest = rig_cache(r, 1024, 8, 0),
			   tiny = rig_cache(r, 64, 8, 0), middle = rig_cache(r, 512, 8, 0);
	const kmr_obj_t a = rig_alloc(r, big), b = rig_alloc(r, rest);
	kmr_obj_t t[64];

	cr_assert_eq(a, at(P, 0));
	cr_assert_eq(b, at(P, 3072));
	for (unsigned int i = 0; i < 64; i++)
		t[i] = rig_alloc(r, tiny);
	/* a page full of tiny ones comes back to the small list and serves no other */
	cr_assert_eq(kmr_slob.free(r->b, tiny, t[7], 0), 0);
	cr_assert_neq(rig_alloc(r, middle) >> 12, t[7] >> 12);
	cr_assert_eq(rig_alloc(r, tiny), t[7]);
	cr_assert_eq(kmr_slob.free(r->b, rest, b, 0), 0);
	cr_assert_eq(rig_alloc(r, rest), b);
	rig_check(r);
	rig_free(r);
}

Test(slob, large_take_pages)
{
	struct slob_rig *r = rig_new(4);
	const unsigned int names = rig_cache(r, 4096, 64, 0), task = rig_cache(r, 4360, 64, 0);
	kmr_obj_t o;

	o = rig_kmalloc(r, 4087);
	cr_assert_eq(r->last.order, 0);
	cr_assert_eq(o & 4095, 8);
	o = rig_kmalloc(r, 4088);
	cr_assert_eq(r->last.gfp, KMR_GFP_KERNEL, "a page alone is no compound page");
	cr_assert_eq(o & 4095, 0);
	cr_assert_eq(kmr_slob.given(r->b, o), 4096);
	o = rig_kmalloc(r, 8193);
	cr_assert_eq(r->last.order, 2);
	cr_assert_eq(r->last.gfp, KMR_GFP_KERNEL | KMR_GFP_COMP);
	cr_assert_eq(kmr_slob.kfree(r->b, o, 0), 0);
	cr_assert_eq(kmr_slob.kfree(r->b, o, 0), -1);
	o = rig_alloc(r, task);
	cr_assert_eq(r->last.order, 1);
	cr_assert_eq(r->last.gfp, KMR_GFP_KERNEL);
	cr_assert_eq(kmr_slob.kfree(r->b, o, 0), -1);
	cr_assert_eq(kmr_slob.free(r->b, names, o, 0), -1);
	rig_check(r);
	cr_assert_eq(kmr_slob.pages(r->b), r->out);
	cr_assert_eq(kmr_slob.free(r->b, task, o, 0), 0);
	cr_assert_eq(kmr_slob.free(r->b, task, o, 0), -1);
	cr_assert_eq(kmr_slob.work(r->b)->bad_frees, 4);
	cr_assert_eq(kmr_slob.work(r->b)->large_allocs, 2);
	cr_assert_eq(kmr_slob.pages(r->b), 2);
	rig_check(r);
	rig_free(r);
}

Test(slob, zero_never_reaches_the_page_allocator_of_the_heap)
{
	struct slob_rig *r = rig_new(4);
	const struct kmr_object_request req = { 100, KMR_GFP_KERNEL | KMR_GFP_ZERO, -1, 0 };

	(void)kmr_slob.kmalloc(r->b, &req);
	cr_assert_eq(r->last.gfp, KMR_GFP_KERNEL);
	rig_free(r);
}

/* struct slob_rcu: 12 bytes with pointers of 4, 24 with pointers of 8 */
Test(slob, rcu_footer)
{
	for (unsigned int pointer = 4; pointer <= 8; pointer += 4) {
		struct slob_rig *r = rig_new(pointer);
		const unsigned int cache = rig_cache(r, 51, KMR_BY_RULE, KMR_CACHE_RCU);
		struct kmr_cache_state s;
		const kmr_obj_t o = rig_alloc(r, cache);

		kmr_slob.cache_state(r->b, cache, &s);
		cr_assert_eq(s.object_size, 51);
		cr_assert_eq(s.size, (51 + 3 * pointer + 1) / 2 * 2);
		cr_assert_eq(kmr_slob.given(r->b, o), s.size);
		cr_assert_eq(s.active, 1);
		cr_assert_eq(kmr_slob.free(r->b, cache, o, 0), 0);
		cr_assert_eq(r->out, 0);
		rig_free(r);
	}
}

Test(slob, nodes)
{
	struct slob_rig *r = rig_new(8);
	const struct kmr_object_request near = { 64, KMR_GFP_KERNEL, 0, 0 },
					far = { 64, KMR_GFP_KERNEL, 1, 0 },
					any = { 64, KMR_GFP_KERNEL, -1, 0 };
	const kmr_obj_t a = kmr_slob.kmalloc(r->b, &near), b = kmr_slob.kmalloc(r->b, &far);

	cr_assert_eq(node_of((uint32_t)(a >> 12)), 0);
	cr_assert_eq(node_of((uint32_t)(b >> 12)), 1);
	cr_assert_eq(kmr_slob.kmalloc(r->b, &near) >> 12, a >> 12);
	cr_assert_eq(kmr_slob.kmalloc(r->b, &far) >> 12, b >> 12);
	cr_assert_eq(kmr_slob.kmalloc(r->b, &any) >> 12, b >> 12, "the list's head is any node's");
	rig_check(r);
	rig_free(r);
}

Test(slob, bad_frees_change_nothing)
{
	struct slob_rig *r = rig_new(4);
	const unsigned int cache = rig_cache(r, 64, 64, 0), other = rig_cache(r, 66, 8, 0);
	const kmr_obj_t o = rig_alloc(r, cache), k = rig_kmalloc(r, 100),
			keep = rig_alloc(r, other);
	const kmr_obj_t bad[] = {
		0,     8,     at(P, 2),	   o + 8,	 o + 2,		 o + 64,
		k - 8, k + 8, at(P, 4000), at(P + 1, 0), at(END_PFN, 0), UINT64_MAX
	};
	unsigned int n = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++, n += 2) {
		cr_assert_eq(kmr_slob.free(r->b, cache, bad[i], 0), -1, "%zu", i);
		cr_assert_eq(kmr_slob.kfree(r->b, bad[i], 0), -1, "%zu", i);
	}
	cr_assert_eq(kmr_slob.free(r->b, other, o, 0), -1, "another size");
	cr_assert_eq(kmr_slob.free(r->b, 77, o, 0), -1, "no such cache");
	cr_assert_eq(kmr_slob.kfree(r->b, o, 0), -1, "no header");
	cr_assert_eq(kmr_slob.kfree(r->b, k, 1), -1, "no such CPU");
	cr_assert_eq(kmr_slob.free(r->b, cache, o, 0), 0);
	cr_assert_eq(kmr_slob.free(r->b, cache, o, 0), -1, "twice");
	cr_assert_eq(kmr_slob.kfree(r->b, k, 0), 0);
	cr_assert_eq(kmr_slob.kfree(r->b, k, 0), -1, "twice");
	cr_assert_eq(kmr_slob.work(r->b)->bad_frees, n + 6);
	rig_check(r);
	cr_assert_eq(kmr_slob.free(r->b, other, keep, 0), 0);
	cr_assert_eq(r->out, 0);
	rig_free(r);
}

Test(slob, nothing_left)
{
	struct slob_rig *r = rig_new(4);
	const unsigned int cache = rig_cache(r, 3000, 8, 0);
	kmr_obj_t o;

	cr_assert_eq(rig_kmalloc(r, 0), KMR_NO_OBJ);
	cr_assert_eq(kmr_slob.work(r->b)->failures, 0);
	r->none_left = true;
	cr_assert_eq(rig_alloc(r, cache), KMR_NO_OBJ);
	cr_assert_eq(rig_kmalloc(r, 5000), KMR_NO_OBJ);
	cr_assert_eq(rig_kmalloc(r, KMR_MAX_OBJECT_SIZE + 1), KMR_NO_OBJ);
	cr_assert_eq(kmr_slob.work(r->b)->failures, 3);
	r->none_left = false;
	o = rig_alloc(r, cache);
	r->none_left = true;
	cr_assert_eq(rig_kmalloc(r, 1020), at(P, 3008), "there is room for it");
	cr_assert_eq(kmr_slob.free(r->b, cache, o, 0), 0);
	rig_check(r);
	rig_free(r);
}

Test(slob, absurd_caches)
{
	struct slob_rig *r = rig_new(4);
	const uint32_t specs[][3] = {
		{ 0, 8, KMR_BY_RULE },	 { KMR_MAX_OBJECT_SIZE + 1, 8, KMR_BY_RULE },
		{ 64, 24, KMR_BY_RULE }, { 64, 8192, KMR_BY_RULE },
		{ 64, 8, 63 },		 { 64, 8, UINT32_MAX - 1 }
	};

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		const struct kmr_cache_spec spec = { .name = "absurd",
						     .object_size = specs[i][0],
						     .align = specs[i][1],
						     .size = specs[i][2] };
		struct kmr_error err = { "" };

		cr_assert_eq(kmr_slob.cache_create(r->b, &spec, &err), -1, "%zu", i);
		cr_assert(strstr(err.msg, "absurd"), "%s", err.msg);
	}
	cr_assert_eq(kmr_slob.nr_caches(r->b), 0);
	rig_free(r);
}

/* What the model's state looks like, lists in order. */
static void snapshot_of(const struct slob_rig *r, struct kmr_snapshot *snap)
{
	struct kmr_error err = { "" };

	memset(snap, 0, sizeof(*snap));
	cr_assert_eq(kmr_slob.save(r->b, snap, &err), 0, "%s", err.msg);
}

static void assert_same(struct kmr_snapshot *a, struct kmr_snapshot *b)
{
	cr_assert_eq(a->nr_objects, b->nr_objects);
	for (size_t i = 0; i < a->nr_objects; i++) {
		cr_assert_eq(a->objects[i].pfn, b->objects[i].pfn);
		cr_assert_eq(a->objects[i].kind, b->objects[i].kind);
		cr_assert_eq(a->objects[i].inuse, b->objects[i].inuse);
		cr_assert_eq(a->objects[i].count, b->objects[i].count);
	}
	cr_assert_eq(a->nr_items, b->nr_items);
	cr_assert_eq(memcmp(a->items, b->items, a->nr_items * sizeof(*a->items)), 0);
	kmr_snapshot_free(a);
	kmr_snapshot_free(b);
}

/* An allocation taken back leaves all as it was: blocks, and the order of the list. */
Test(slob, unalloc)
{
	struct slob_rig *r = rig_new(4);
	unsigned int caches[4] = { rig_cache(r, 48, 64, 0), rig_cache(r, 700, 8, 0),
				   rig_cache(r, 4000, 8, 0), rig_cache(r, 5000, 8, 0) };
	uint64_t seed = 5;
	kmr_obj_t o[400];

	for (unsigned int i = 0; i < 400; i++)
		o[i] = rig_kmalloc(r, 1 + below(&seed, 1500));
	for (unsigned int i = 0; i < 400; i += 2)
		cr_assert_eq(kmr_slob.kfree(r->b, o[i], 0), 0);
	for (unsigned int i = 0; i < 600; i++) {
		const uint64_t out = r->out, allocs = kmr_slob.work(r->b)->allocs;
		const unsigned int cache = caches[below(&seed, 4)];
		const uint32_t bytes = 1 + below(&seed, 4500);
		struct kmr_snapshot before, after;
		kmr_obj_t got;

		snapshot_of(r, &before);
		if (i % 2) {
			got = rig_alloc(r, cache);
			kmr_slob.unalloc(r->b, cache, got, 0);
		} else {
			got = rig_kmalloc(r, bytes);
			kmr_slob.unalloc(r->b, KMALLOC, got, 0);
		}
		snapshot_of(r, &after);
		rig_check(r);
		cr_assert_eq(r->out, out);
		cr_assert_eq(kmr_slob.work(r->b)->allocs, allocs);
		assert_same(&before, &after);
		(void)rig_kmalloc(r, bytes); /* now for good, so that lists turn */
	}
	rig_free(r);
}

/* take() leaves what an allocation of the same object leaves. */
Test(slob, take_as_allocated)
{
	struct slob_rig *r = rig_new(4);
	const unsigned int cache = rig_cache(r, 72, 64, 0);
	struct kmr_snapshot taken, allocated;
	struct kmr_object_info info;
	uint64_t seed = 8;
	kmr_obj_t o[300];

	for (unsigned int i = 0; i < 300; i++)
		o[i] = rig_kmalloc(r, 1 + below(&seed, 240));
	for (unsigned int i = 0; i < 300; i += 3)
		cr_assert_eq(kmr_slob.kfree(r->b, o[i], 0), 0);
	for (unsigned int i = 0; i < 100; i++) {
		kmr_obj_t obj = rig_alloc(r, cache);

		snapshot_of(r, &allocated);
		kmr_slob.unalloc(r->b, cache, obj, 0);
		kmr_slob.where(r->b, cache, obj, 0, &info);
		if (info.place == KMR_OBJ_NONE) {
			kmr_snapshot_free(&allocated);
			cr_assert_eq(kmr_slob.take(r->b, cache, obj, 0), -1);
			cr_assert_eq(kmr_slob.adopt_slab(r->b, cache, (kmr_pfn_t)(obj >> 12), 0, 0),
				     0);
			rig_check(r);
			cr_assert_eq(kmr_slob.take(r->b, cache, obj, 0), 0);
			continue;
		}
		cr_assert_eq(info.place, KMR_OBJ_SLAB);
		cr_assert_eq(info.distance, 0);
		kmr_slob.where(r->b, cache, obj + 8, 0, &info);
		cr_assert_eq(info.distance, UINT32_MAX);
		cr_assert_eq(kmr_slob.take(r->b, cache, obj, 0), 0);
		snapshot_of(r, &taken);
		assert_same(&taken, &allocated);
		kmr_slob.where(r->b, cache, obj, 0, &info);
		cr_assert_eq(info.place, KMR_OBJ_USED);
		cr_assert_eq(kmr_slob.take(r->b, cache, obj, 0), -1);
		rig_check(r);
	}
	rig_free(r);
}

Test(slob, slabs_come_and_go_by_themselves)
{
	struct slob_rig *r = rig_new(4);
	const kmr_obj_t o = rig_kmalloc(r, 2000);

	cr_assert_eq(kmr_slob.forget_slab(r->b, P + 1), -1);
	cr_assert_eq(kmr_slob.adopt_slab(r->b, KMALLOC, P, 0, 0), -1);
	cr_assert_eq(kmr_slob.forget_slab(r->b, P), 0);
	cr_assert_eq(r->out, 1, "no page is given back");
	cr_assert_eq(kmr_slob.kfree(r->b, o, 0), -1);
	cr_assert_eq(kmr_slob.pages(r->b), 0);
	cr_assert_eq(kmr_slob.adopt_slab(r->b, KMALLOC, P, 0, 0), 0);
	cr_assert_eq(kmr_slob.adopt_slab(r->b, KMALLOC, P + 1, 1, 0), -1);
	cr_assert_eq(kmr_slob.adopt_slab(r->b, KMALLOC, END_PFN, 0, 0), -1);
	cr_assert_eq(kmr_slob.take(r->b, KMALLOC, o, 2000), 0);
	rig_check(r);
	/* it went to the list of what was taken */
	cr_assert_eq(rig_kmalloc(r, 1200) >> 12, P);
	cr_assert_eq(kmr_slob.take(r->b, KMALLOC, at(P + 40, 0), 6000), 0);
	cr_assert_eq(kmr_slob.pages(r->b), 3);
	cr_assert_eq(kmr_slob.forget_slab(r->b, P + 40), 0);
	rig_check(r);
	rig_free(r);
}
