// SPDX-License-Identifier: GPL-2.0-only
/* Sizes by rule against those of every cache of real kernels. */
#include "test_slab_support.h"

#include "base/array.h"

static const char *const snapshots[] = {
	CAPTURES "/i386-slab-compile/state/kmsnap.before.zst",
	CAPTURES "/i386-slab-files/state/kmsnap.after.zst",
};

static bool same(const struct kmr_snap_cache *want, const struct slab_layout *lay)
{
	return lay->size == want->size && lay->align == want->align &&
	       lay->objects == want->objects && lay->order == want->order &&
	       lay->colour == want->colour && lay->colour_off == want->colour_off &&
	       lay->freelist_size == want->freelist_size;
}

/*
 * A snapshot does not tell whether a cache has a constructor, so either must come out; returns
 * whether it takes one.
 */
static bool try_cache(const struct rig *r, const struct kmr_snap_cache *want)
{
	struct kmr_cache_spec spec = spec_of(want->name, want->object_size, want->flags);
	struct slab_layout lay;
	struct kmr_error err = { "" };
	bool ctor = false;
	int cache;

	/* of kmalloc's caches the alignment, too, comes by rule where it is not the size */
	if (!(want->flags & KMR_CACHE_KMALLOC) || want->align == want->size)
		spec.align = want->align;
	cr_assert_eq(kmr_slab_layout(r->b, &spec, &lay, &err), 0, "%s", err.msg);
	if (!same(want, &lay)) {
		ctor = true;
		spec.flags |= KMR_CACHE_CTOR;
		cr_assert_eq(kmr_slab_layout(r->b, &spec, &lay, &err), 0, "%s", err.msg);
	}
	cr_assert(same(want, &lay),
		  "%s: size %u/%u objects %u/%u order %u/%u colour %u/%u freelist %u/%u",
		  want->name, lay.size, want->size, lay.objects, want->objects, lay.order,
		  want->order, lay.colour, want->colour, lay.freelist_size, want->freelist_size);
	cache = r->ops->cache_create(r->b, &spec, &err);
	cr_assert_geq(cache, 0, "%s", err.msg);
	cr_assert_eq(r->b->caches[cache]->limit, want->limit, "%s", want->name);
	cr_assert_eq(r->b->caches[cache]->batch, want->batch, "%s", want->name);
	cr_assert_eq(r->b->caches[cache]->shared, want->shared, "%s", want->name);
	return ctor;
}

Test(slab_size, every_cache_of_real_kernels)
{
	if (access(snapshots[0], R_OK))
		cr_skip_test("no captures at %s", CAPTURES);
	for (size_t i = 0; i < ARRAY_SIZE(snapshots); i++) {
		static struct kmr_snapshot snap;
		static struct rig r;
		struct kmr_error err = { "" };
		unsigned int ctors = 0;

		memset(&snap, 0, sizeof(snap));
		cr_assert_eq(kmr_snapshot_read(&snap, snapshots[i], &err), 0, "%s", err.msg);
		rig_on(&r, &snap.machine);
		cr_assert_gt(snap.nr_caches, 100);
		/* the oldest is last */
		for (size_t c = snap.nr_caches; c--;)
			ctors += try_cache(&r, &snap.caches[c]);
		/* inode caches, and few others, have constructors */
		cr_assert_leq(ctors, 12, "%u caches only come out with a constructor", ctors);
		rig_destroy(&r);
		kmr_snapshot_free(&snap);
	}
}

/* kmalloc's own: 96 and 192 are aligned to cache lines, the others to themselves. */
Test(slab_size, kmalloc)
{
	static struct rig r;
	struct kmr_object_request req = { 0, KMR_GFP_KERNEL, -1, 0 };
	static const struct {
		uint32_t bytes, size, objects, order;
	} want[] = {
		{ 1, 32, 124, 0 },    { 33, 64, 64, 0 },    { 65, 128, 32, 0 },
		{ 97, 128, 32, 0 },   { 129, 192, 21, 0 },  { 193, 256, 16, 0 },
		{ 257, 512, 8, 0 },   { 1025, 2048, 2, 0 }, { 2049, 4096, 1, 0 },
		{ 4097, 8192, 1, 1 },
	};

	rig_create(&r, 1, 1);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		struct kmr_cache_state s;
		int c;

		req.bytes = want[i].bytes;
		c = r.ops->kmalloc_cache(r.b, &req);
		cr_assert_geq(c, 0);
		s = rig_state(&r, (unsigned int)c);
		cr_assert_eq(s.size, want[i].size, "%u bytes", want[i].bytes);
		cr_assert_eq(s.objects_per_slab, want[i].objects, "%u bytes", want[i].bytes);
		cr_assert_eq(s.order, want[i].order, "%u bytes", want[i].bytes);
	}
	rig_destroy(&r);
}

/* With several CPUs objects up to a page are shared; limits go by size. */
Test(slab_size, limits)
{
	static struct rig r;
	static const struct {
		uint32_t size, limit, batch, shared;
	} want[] = {
		{ 256, 120, 60, 8 }, { 257, 54, 27, 8 }, { 1024, 54, 27, 8 }, { 1025, 24, 12, 8 },
		{ 4096, 24, 12, 8 }, { 4097, 8, 4, 0 },	 { 131072, 8, 4, 0 }, { 131073, 1, 1, 0 },
	};

	rig_create(&r, 1, 2);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct kmr_cache_state s = rig_state(&r, rig_cache(&r, "x", want[i].size, 0));

		cr_assert_eq(s.limit, want[i].limit, "%u bytes", want[i].size);
		cr_assert_eq(s.batch, want[i].batch, "%u bytes", want[i].size);
		cr_assert_eq(s.shared, want[i].shared, "%u bytes", want[i].size);
	}
	rig_destroy(&r);
}
