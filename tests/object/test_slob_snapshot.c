// SPDX-License-Identifier: GPL-2.0-only
/* SLOB's state from real kernels' snapshots and back, and from snapshots that can't be. */
#include <unistd.h>

#include "slob_rig.h"

#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures"

static void round_trip(const char *name, const char *which)
{
	struct kmr_snapshot *in = calloc(1, sizeof(*in)), *out = calloc(1, sizeof(*out));
	struct slob_rig *r = calloc(1, sizeof(*r));
	struct kmr_error err = { "" };
	char path[512];

	cr_assert(in && out && r);
	(void)snprintf(path, sizeof(path), CAPTURES "/%s/state/kmsnap.%s.zst", name, which);
	cr_assert_eq(kmr_snapshot_read(in, path, &err), 0, "%s", err.msg);
	r->m = in->machine;
	r->b = rig_backend(r, 4);
	cr_assert_eq(kmr_slob.load(r->b, in, &err), 0, "%s", err.msg);
	rig_check(r);
	cr_assert_eq(kmr_slob.pages(r->b), in->nr_slabs);
	cr_assert_eq(kmr_slob.save(r->b, out, &err), 0, "%s", err.msg);
	cr_assert_eq(in->nr_objects, out->nr_objects);
	for (size_t i = 0; i < in->nr_objects; i++) {
		const struct kmr_snap_objects *x = &in->objects[i], *y = &out->objects[i];

		cr_assert(x->kind == y->kind && x->pfn == y->pfn && x->inuse == y->inuse &&
				  x->count == y->count && x->cache == y->cache,
			  "%s: record %zu", path, i);
		cr_assert_eq(memcmp(&in->items[x->first], &out->items[y->first],
				    x->count * sizeof(*in->items)),
			     0, "%s: record %zu", path, i);
	}
	cr_assert_eq(in->nr_slabs, out->nr_slabs);
	for (size_t i = 0; i < in->nr_slabs; i++)
		cr_assert(in->slabs[i].pfn == out->slabs[i].pfn &&
			  in->slabs[i].order == out->slabs[i].order &&
			  in->slabs[i].cache == out->slabs[i].cache);
	cr_assert_eq(kmr_slob.load(r->b, in, &err), -1, "only a fresh one loads");
	rig_free(r);
	kmr_snapshot_free(in);
	kmr_snapshot_free(out);
	free(in);
	free(out);
}

Test(slob_snapshot, captures)
{
	static const char *const names[] = { "i386-slob-compile", "i386-slob-files" };

	if (access(CAPTURES, R_OK))
		cr_skip_test("no captures in " CAPTURES);
	for (size_t i = 0; i < 2; i++) {
		round_trip(names[i], "before");
		round_trip(names[i], "after");
	}
}

Test(slob_snapshot, of_other_allocators)
{
	struct kmr_snapshot *in = calloc(1, sizeof(*in));
	struct slob_rig *r = calloc(1, sizeof(*r));
	struct kmr_error err = { "" };

	if (access(CAPTURES, R_OK))
		cr_skip_test("no captures in " CAPTURES);
	cr_assert(in && r);
	cr_assert_eq(
		kmr_snapshot_read(in, CAPTURES "/i386-slub-files/state/kmsnap.before.zst", &err), 0,
		"%s", err.msg);
	r->m = in->machine;
	r->b = rig_backend(r, 4);
	cr_assert_eq(kmr_slob.load(r->b, in, &err), -1);
	cr_assert(strstr(err.msg, "not SLOB"), "%s", err.msg);
	rig_free(r);
	kmr_snapshot_free(in);
	free(in);
}

static void add_page(struct kmr_snapshot *s, unsigned int kind, uint64_t pfn, uint32_t units)
{
	struct kmr_snap_objects *o = kmr_snapshot_add_objects(s);

	o->kind = (uint8_t)kind;
	o->pfn = pfn;
	o->inuse = units;
}

static void add_block(struct kmr_snapshot *s, uint32_t start, uint32_t units)
{
	cr_assert_eq(kmr_snapshot_add_item(s, KMR_SNAP_ITEM(start, units)), 0);
	s->objects[s->nr_objects - 1].count++;
}

/* Loading @s fails with a message that has @why in it, and nothing worse; frees it. */
static void refused(struct kmr_snapshot *s, const char *why)
{
	struct slob_rig *r = rig_new(4);
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_slob.load(r->b, s, &err), -1, "%s", why);
	cr_assert(strstr(err.msg, why), "%s, not %s", err.msg, why);
	rig_free(r);
	kmr_snapshot_free(s);
	memset(s, 0, sizeof(*s));
}

Test(slob_snapshot, damage)
{
	struct kmr_snapshot s;

	memset(&s, 0, sizeof(s));
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, 20);
	add_block(&s, 2040, 20);
	refused(&s, "beyond");
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, 20);
	add_block(&s, UINT32_MAX, 20);
	refused(&s, "beyond");
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, UINT32_MAX);
	add_block(&s, 0, UINT32_MAX);
	refused(&s, "beyond");
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, 20);
	add_block(&s, 8, 0);
	refused(&s, "beyond");
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, 20);
	add_block(&s, 8, 10);
	add_block(&s, 12, 10);
	refused(&s, "follows");
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, 20);
	add_block(&s, 8, 10);
	add_block(&s, 18, 10);
	refused(&s, "follows");
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, 20);
	add_block(&s, 80, 10);
	add_block(&s, 8, 10);
	refused(&s, "follows");
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, 21);
	add_block(&s, 8, 20);
	refused(&s, "free units");
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, 0);
	refused(&s, "free units");
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, 2048);
	add_block(&s, 0, 2048);
	refused(&s, "free units");
	add_page(&s, KMR_SNAP_SLOB_SMALL, END_PFN, 20);
	add_block(&s, 0, 20);
	refused(&s, "not the machine's");
	add_page(&s, KMR_SNAP_SLOB_SMALL, UINT64_MAX, 20);
	add_block(&s, 0, 20);
	refused(&s, "not the machine's");
	for (unsigned int i = 0; i < 2; i++) {
		add_page(&s, KMR_SNAP_SLOB_SMALL + i, FIRST_PFN, 20);
		add_block(&s, 0, 20);
	}
	refused(&s, "twice");
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, 20);
	add_block(&s, 0, 20);
	s.objects[0].first = 1;
	refused(&s, "beyond the last");
	add_page(&s, KMR_SNAP_NODE_PARTIAL, FIRST_PFN, 20);
	refused(&s, "not SLOB");
	kmr_snapshot_add_slab(&s)->pfn = FIRST_PFN;
	s.slabs[0].order = 1;
	refused(&s, "order 1");
	for (unsigned int i = 0; i < 2; i++)
		kmr_snapshot_add_slab(&s)->pfn = FIRST_PFN;
	refused(&s, "twice");
	kmr_snapshot_add_slab(&s)->pfn = UINT64_MAX;
	refused(&s, "not the machine's");
}

/* A page that is full but for 20 units at its beginning, and one that is full. */
static struct slob_rig *loaded(void)
{
	struct slob_rig *r = rig_new(4);
	struct kmr_error err = { "" };
	struct kmr_snapshot s;

	memset(&s, 0, sizeof(s));
	add_page(&s, KMR_SNAP_SLOB_SMALL, FIRST_PFN, 20);
	add_block(&s, 0, 20);
	kmr_snapshot_add_slab(&s)->pfn = FIRST_PFN;
	kmr_snapshot_add_slab(&s)->pfn = FIRST_PFN + 1;
	cr_assert_eq(kmr_slob.load(r->b, &s, &err), 0, "%s", err.msg);
	kmr_snapshot_free(&s);
	rig_check(r);
	return r;
}

/* Objects older than the snapshot: freed when their size is certain. */
Test(slob_snapshot, older_objects)
{
	struct slob_rig *r = loaded();
	const unsigned int cache = rig_cache(r, 64, 8, 0), page = rig_cache(r, 4096, 8, 0),
			   most = rig_cache(r, 3992, 8, 0);

	cr_assert_eq(kmr_slob.free(r->b, cache, at(FIRST_PFN, 0), 0), -1, "it is free");
	cr_assert_eq(kmr_slob.free(r->b, cache, at(FIRST_PFN, 32), 0), -1, "its beginning is");
	cr_assert_eq(kmr_slob.free(r->b, cache, at(FIRST_PFN, 4040), 0), -1, "it ends beyond");
	cr_assert_eq(kmr_slob.free(r->b, cache, at(FIRST_PFN, 40), 0), 0);
	cr_assert_eq(kmr_slob.free(r->b, cache, at(FIRST_PFN, 40), 0), -1, "twice");
	rig_check(r);
	cr_assert_eq(kmr_slob.free(r->b, most, at(FIRST_PFN, 104), 0), 0, "the rest of the page");
	cr_assert_eq(r->last_freed, FIRST_PFN);
	cr_assert_eq(kmr_slob.pages(r->b), 1);
	/* pages of their own are in no snapshot */
	cr_assert_eq(kmr_slob.free(r->b, page, at(FIRST_PFN, 0), 0), -1, "it went back just now");
	cr_assert_eq(kmr_slob.free(r->b, page, at(FIRST_PFN + 1, 0), 0), -1, "it is a heap's");
	cr_assert_eq(kmr_slob.free(r->b, page, at(FIRST_PFN + 9, 0), 0), 0);
	cr_assert_eq(kmr_slob.free(r->b, page, at(FIRST_PFN + 9, 0), 0), -1, "twice");
	cr_assert_eq(kmr_slob.free(r->b, page, at(END_PFN, 0), 0), -1);
	rig_check(r);
	rig_free(r);
}

/* kfree() needs a size: unknown ones are told from bad ones, and learn() helps. */
Test(slob_snapshot, older_kmalloc)
{
	struct slob_rig *r = loaded();
	const kmr_obj_t obj = at(FIRST_PFN, 48), full = at(FIRST_PFN + 1, 264);
	struct kmr_object_info info;

	cr_assert_eq(kmr_slob.kfree(r->b, obj, 0), -1);
	cr_assert_eq(kmr_slob.kfree(r->b, at(FIRST_PFN + 30, 0), 0), -1);
	cr_assert_eq(kmr_slob.work(r->b)->bad_frees, 0);
	kmr_slob.where(r->b, KMALLOC, obj, 0, &info);
	cr_assert_eq(info.place, KMR_OBJ_USED);
	cr_assert_eq(kmr_slob.given(r->b, obj), 0);
	cr_assert_eq(kmr_slob.kfree(r->b, at(FIRST_PFN, 16), 0), -1);
	cr_assert_eq(kmr_slob.work(r->b)->bad_frees, 1);
	cr_assert_eq(kmr_slob.learn(r->b, KMALLOC, at(FIRST_PFN, 40), 32), -1, "free in part");
	cr_assert_eq(kmr_slob.learn(r->b, KMALLOC, at(FIRST_PFN, 4088), 32), -1, "ends beyond");
	cr_assert_eq(kmr_slob.learn(r->b, KMALLOC, at(FIRST_PFN, 0), 32), -1);
	cr_assert_eq(kmr_slob.learn(r->b, KMALLOC, obj, 0), -1);
	cr_assert_eq(kmr_slob.learn(r->b, KMALLOC, obj, 60), 0);
	cr_assert_eq(kmr_slob.learn(r->b, KMALLOC, obj, 60), -1, "twice");
	cr_assert_eq(kmr_slob.learn(r->b, KMALLOC, obj + 16, 16), -1, "within it");
	cr_assert_eq(kmr_slob.learn(r->b, KMALLOC, full, 300), 0);
	cr_assert_eq(kmr_slob.learn(r->b, KMALLOC, at(FIRST_PFN + 30, 0), 9000), 0);
	rig_check(r);
	cr_assert_eq(kmr_slob.given(r->b, obj), 68);
	cr_assert_eq(kmr_slob.kfree(r->b, obj, 0), 0);
	cr_assert_eq(kmr_slob.kfree(r->b, full, 0), 0);
	cr_assert_eq(kmr_slob.kfree(r->b, at(FIRST_PFN + 30, 0), 0), 0);
	cr_assert_eq(rig_kmalloc(r, 300), full, "the full page is on the medium list now");
	rig_check(r);
	rig_free(r);
}

/* The kernel uses what the model did not see freed. */
Test(slob_snapshot, take_what_was_not_seen_freed)
{
	struct slob_rig *r = loaded();
	const unsigned int cache = rig_cache(r, 80, 8, 0);

	cr_assert_eq(kmr_slob.take(r->b, cache, at(FIRST_PFN, 16), 0), 0, "free in part");
	cr_assert_eq(kmr_slob.take(r->b, cache, at(FIRST_PFN + 1, 800), 0), 0, "not free at all");
	cr_assert_eq(kmr_slob.take(r->b, cache, at(FIRST_PFN + 1, 864), 0), -1, "in another's");
	rig_check(r);
	cr_assert_eq(kmr_slob.free(r->b, cache, at(FIRST_PFN, 16), 0), 0);
	cr_assert_eq(kmr_slob.free(r->b, cache, at(FIRST_PFN + 1, 800), 0), 0);
	rig_check(r);
	rig_free(r);
}
