// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshots: what is loaded is saved record by record as it was; a snapshot that can't be is
 * refused with a message and no crash.
 */
#include "test_slab_support.h"

#include "base/array.h"

static const char *const snapshots[] = {
	CAPTURES "/i386-slab-compile/state/kmsnap.before.zst",
	CAPTURES "/i386-slab-compile/state/kmsnap.after.zst",
	CAPTURES "/i386-slab-files/state/kmsnap.before.zst",
	CAPTURES "/i386-slab-files/state/kmsnap.after.zst",
};

static bool same_record(const struct kmr_snapshot *a, const struct kmr_snap_objects *x,
			const struct kmr_snapshot *b, const struct kmr_snap_objects *y)
{
	return x->kind == y->kind && x->cache == y->cache && x->cpu == y->cpu &&
	       x->node == y->node && x->pfn == y->pfn && x->inuse == y->inuse &&
	       x->offset == y->offset && x->limit == y->limit && x->batch == y->batch &&
	       x->touched == y->touched && x->total_slabs == y->total_slabs &&
	       x->free_slabs == y->free_slabs && x->free_objects == y->free_objects &&
	       x->free_limit == y->free_limit && x->colour_next == y->colour_next &&
	       x->count == y->count &&
	       !memcmp(a->items + x->first, b->items + y->first, x->count * sizeof(*a->items));
}

static void assert_same(const struct kmr_snapshot *a, const struct kmr_snapshot *b)
{
	cr_assert_eq(a->nr_caches, b->nr_caches);
	for (size_t i = 0; i < a->nr_caches; i++)
		cr_assert_eq(memcmp(&a->caches[i], &b->caches[i], sizeof(a->caches[i])), 0,
			     "cache %s", a->caches[i].name);
	cr_assert_eq(a->nr_objects, b->nr_objects);
	for (size_t i = 0; i < a->nr_objects; i++)
		cr_assert(same_record(a, &a->objects[i], b, &b->objects[i]), "record %zu of %s", i,
			  a->caches[a->objects[i].cache].name);
	cr_assert_eq(a->nr_slabs, b->nr_slabs);
	for (size_t i = 0; i < a->nr_slabs; i++) {
		cr_assert_eq(a->slabs[i].pfn, b->slabs[i].pfn);
		cr_assert_eq(a->slabs[i].order, b->slabs[i].order);
		cr_assert_eq(a->slabs[i].cache, b->slabs[i].cache);
	}
}

Test(slab_snapshot, real_ones_come_out_as_they_went_in)
{
	if (access(snapshots[0], R_OK))
		cr_skip_test("no captures at %s", CAPTURES);
	for (size_t i = 0; i < ARRAY_SIZE(snapshots); i++) {
		static struct kmr_snapshot snap, saved;
		static struct rig r;
		struct kmr_error err = { "" };

		memset(&snap, 0, sizeof(snap));
		memset(&saved, 0, sizeof(saved));
		cr_assert_eq(kmr_snapshot_read(&snap, snapshots[i], &err), 0, "%s", err.msg);
		rig_on(&r, &snap.machine);
		cr_assert_eq(r.ops->load(r.b, &snap, &err), 0, "%s", err.msg);
		rig_check(&r);
		cr_assert_eq(r.ops->save(r.b, &saved, &err), 0, "%s", err.msg);
		assert_same(&snap, &saved);
		rig_destroy(&r);
		kmr_snapshot_free(&snap);
		kmr_snapshot_free(&saved);
	}
}

/* A cache with slabs on every list, objects in the array caches of two CPUs and the shared one. */
static void make_state(struct rig *r, struct kmr_snapshot *snap)
{
	struct kmr_cache_spec spec = spec_of("things", 512, 0);
	struct kmr_error err = { "" };
	kmr_obj_t obj[200];
	unsigned int nr = 200;
	uint64_t rng = 5;
	int c;

	rig_create(r, 1, 2);
	spec.limit = 10;
	spec.batch = 5;
	spec.shared = 1;
	c = r->ops->cache_create(r->b, &spec, &err);
	cr_assert_geq(c, 0, "%s", err.msg);
	for (unsigned int i = 0; i < nr; i++)
		obj[i] = rig_alloc(r, (unsigned int)c, i & 1);
	while (nr > 80) {
		const unsigned int i = 40 + below(&rng, nr - 40);

		rig_free(r, (unsigned int)c, obj[i], nr & 1);
		obj[i] = obj[--nr];
	}
	memset(snap, 0, sizeof(*snap));
	cr_assert_eq(r->ops->save(r->b, snap, &err), 0, "%s", err.msg);
}

static struct kmr_snap_objects *record(struct kmr_snapshot *snap, unsigned int kind,
				       uint32_t min_count)
{
	for (size_t i = 0; i < snap->nr_objects; i++)
		if (snap->objects[i].kind == kind && snap->objects[i].count >= min_count)
			return &snap->objects[i];
	cr_assert_fail("no record of kind %u", kind);
	abort();
}

/* The rig goes on as before after its state went through a snapshot. */
Test(slab_snapshot, goes_on)
{
	static struct rig a, b;
	struct kmr_snapshot snap, again;
	struct kmr_error err = { "" };
	unsigned int ca, cb = 0;

	make_state(&a, &snap);
	rig_on(&b, &a.m);
	cr_assert_eq(b.ops->load(b.b, &snap, &err), 0, "%s", err.msg);
	memcpy(b.pages.used, a.pages.used, sizeof(a.pages.used));
	memset(&again, 0, sizeof(again));
	cr_assert_eq(b.ops->save(b.b, &again, &err), 0, "%s", err.msg);
	assert_same(&snap, &again);
	ca = a.ops->nr_caches(a.b) - 1;
	while (strcmp(b.b->caches[cb]->name, "things"))
		cb++;
	for (unsigned int i = 0; i < 300; i++)
		cr_assert_eq(rig_alloc(&a, ca, i & 1), rig_alloc(&b, cb, i & 1));
	rig_check(&b);
	kmr_snapshot_free(&snap);
	kmr_snapshot_free(&again);
	rig_destroy(&a);
	rig_destroy(&b);
}

enum damage {
	NOTHING,
	SLAB_TWICE,
	SLAB_UNALIGNED,
	SLAB_BEYOND,
	SLAB_OF_NO_CACHE,
	SLAB_ON_WRONG_LIST,
	SLAB_ON_NO_NODE,
	SLAB_OFFSET,
	SLAB_COUNT,
	INDEX_TWICE,
	INDEX_BEYOND,
	ENTRY_TWICE,
	ENTRY_FREE,
	ENTRY_BEYOND,
	ENTRY_NO_SLAB,
	ENTRY_OTHER_CACHE,
	ARRAY_CPU,
	ARRAY_LIMIT,
	ARRAY_BATCH,
	ARRAY_TWICE,
	NODE_COUNT,
	NODE_SLABS,
	NODE_COLOUR,
	NODE_BEYOND,
	CACHE_SIZE,
	CACHE_OBJECTS,
	CACHE_ORDER,
	CACHE_LIMIT,
	CACHE_COLOUR,
	OTHER_ALLOCATOR,
	NO_CACHES,
	NR_DAMAGES,
};

static void damage_lists(struct kmr_snapshot *s, enum damage d)
{
	struct kmr_snap_objects *partial = record(s, KMR_SNAP_SLAB_PARTIAL, 2);
	struct kmr_snap_objects *full = record(s, KMR_SNAP_SLAB_FULL, 0);
	struct kmr_snap_objects *ac = record(s, KMR_SNAP_ARRAY_CACHE, 2);
	struct kmr_snap_objects *node = record(s, KMR_SNAP_NODE, 0);
	uint64_t *index = s->items + partial->first, *entry = s->items + ac->first;

	switch (d) {
	case SLAB_TWICE:
		full->pfn = partial->pfn;
		break;
	case SLAB_UNALIGNED:
		full->pfn = UINT64_MAX;
		break;
	case SLAB_BEYOND:
		full->pfn = UINT64_C(1) << 31;
		break;
	case SLAB_OF_NO_CACHE:
		full->cache = KMR_SNAP_NO_CACHE;
		break;
	case SLAB_ON_WRONG_LIST:
		partial->kind = KMR_SNAP_SLAB_FREE;
		break;
	case SLAB_ON_NO_NODE:
		partial->node = 7;
		break;
	case SLAB_OFFSET:
		partial->offset = 4096;
		break;
	case SLAB_COUNT:
		partial->inuse++;
		break;
	case INDEX_TWICE:
		index[1] = index[0];
		break;
	case INDEX_BEYOND:
		index[0] = UINT64_MAX;
		break;
	case ENTRY_TWICE:
		entry[1] = entry[0];
		break;
	case ENTRY_FREE:
		entry[0] = KMR_SNAP_ITEM(partial->pfn, index[0]);
		break;
	case ENTRY_BEYOND:
		entry[0] |= 0xffffu;
		break;
	case ENTRY_NO_SLAB:
		entry[0] = KMR_SNAP_ITEM(16000, 0);
		break;
	case ARRAY_CPU:
		ac->cpu = 900;
		break;
	case ARRAY_LIMIT:
		ac->limit = 1;
		ac->batch = 1;
		break;
	case ARRAY_BATCH:
		ac->batch = ac->limit + 1;
		break;
	case ARRAY_TWICE:
		ac[1].cache = ac->cache;
		ac[1].kind = ac->kind;
		ac[1].cpu = ac->cpu;
		break;
	case NODE_COUNT:
		node->free_objects++;
		break;
	case NODE_SLABS:
		node->total_slabs++;
		break;
	case NODE_COLOUR:
		node->colour_next = 1000;
		break;
	case NODE_BEYOND:
		node->node = 9;
		break;
	default:
		break;
	}
}

static void damage_caches(struct kmr_snapshot *s, enum damage d)
{
	struct kmr_snap_objects *ac = record(s, KMR_SNAP_ARRAY_CACHE, 2);
	struct kmr_snap_cache *c = &s->caches[ac->cache];

	switch (d) {
	case ENTRY_OTHER_CACHE:
		ac->cache++;
		break;
	case CACHE_SIZE:
		c->size = 1;
		break;
	case CACHE_OBJECTS:
		c->objects = 100000;
		break;
	case CACHE_ORDER:
		c->order = 200;
		break;
	case CACHE_LIMIT:
		c->limit = 0;
		break;
	case CACHE_COLOUR:
		c->colour = UINT32_MAX;
		break;
	case OTHER_ALLOCATOR:
		ac->kind = KMR_SNAP_CPU_SLAB;
		break;
	case NO_CACHES:
		s->nr_caches = 0;
		break;
	default:
		break;
	}
}

Test(slab_snapshot, damage)
{
	static struct rig a, b;

	for (enum damage d = NOTHING; d < NR_DAMAGES; d++) {
		struct kmr_snapshot snap;
		struct kmr_error err = { "" };
		int ret;

		make_state(&a, &snap);
		damage_lists(&snap, d);
		damage_caches(&snap, d);
		rig_on(&b, &a.m);
		ret = b.ops->load(b.b, &snap, &err);
		cr_assert_eq(ret, d == NOTHING ? 0 : -1, "damage %u: %s", d, err.msg);
		cr_assert_eq(err.msg[0] != '\0', d != NOTHING, "damage %u", d);
		rig_destroy(&b);
		rig_destroy(&a);
		kmr_snapshot_free(&snap);
	}
}

/* One byte changed: of a free object, of a record about slabs, of a cache's sizes. */
static void damage_byte(struct kmr_snapshot *snap, unsigned int what, uint64_t *rng)
{
	const size_t record = sizeof(*snap->objects), cache = sizeof(*snap->caches);
	const uint8_t bits = (uint8_t)(1 + below(rng, 255));
	uint8_t *bytes;
	size_t at;

	if (what == 0) {
		at = below(rng, (uint32_t)(snap->nr_items * sizeof(*snap->items)));
		bytes = (uint8_t *)snap->items + at;
	} else if (what == 1) {
		/* where a record's items are is the reader's to say, not the file's */
		at = below(rng, (uint32_t)snap->nr_objects) * record +
		     below(rng, (uint32_t)offsetof(struct kmr_snap_objects, count));
		bytes = (uint8_t *)snap->objects + at;
	} else {
		at = below(rng, (uint32_t)snap->nr_caches) * cache + sizeof(snap->caches->name);
		bytes = (uint8_t *)snap->caches + at +
			below(rng, (uint32_t)(cache - sizeof(snap->caches->name)));
	}
	*bytes ^= bits;
}

/* Refused, or loaded into a state that holds and can be used. */
Test(slab_snapshot, random_damage)
{
	static struct rig a, b;
	uint64_t rng = 99;
	unsigned int refused = 0;

	for (unsigned int i = 0; i < 900; i++) {
		struct kmr_snapshot snap;
		struct kmr_error err = { "" };

		make_state(&a, &snap);
		damage_byte(&snap, i % 3, &rng);
		rig_on(&b, &a.m);
		if (b.ops->load(b.b, &snap, &err)) {
			refused++;
			cr_assert_neq(err.msg[0], '\0');
		} else {
			memcpy(b.pages.used, a.pages.used, sizeof(a.pages.used));
			for (unsigned int c = 0; c < b.ops->nr_caches(b.b); c++)
				rig_free(&b, c, rig_alloc(&b, c, 0), 1);
			rig_check(&b);
		}
		rig_destroy(&b);
		rig_destroy(&a);
		kmr_snapshot_free(&snap);
	}
	cr_assert_gt(refused, 100);
}
