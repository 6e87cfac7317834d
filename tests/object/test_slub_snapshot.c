// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshots: what is loaded is saved record by record as it was; a snapshot that can't be is
 * refused with a message and no crash.
 */
#include "test_slub_support.h"

static const char *const captures[] = {
	"i386-slub-compile",	    "i386-slub-files",	    "i386-slub-pressure",
	"i386-slub-reclaim",	    "i386-slub-smp2-shell", "x86_64-6.1-up-sqlite",
	"x86_64-6.12-numa-compile", "x86_64-6.12-up-shell", "x86_64-6.12-up-dat",
	"x86_64-6.12-numa-reclaim",
};

static bool same_record(const struct kmr_snapshot *a, const struct kmr_snap_objects *x,
			const struct kmr_snapshot *b, const struct kmr_snap_objects *y)
{
	return x->kind == y->kind && x->cache == y->cache && x->cpu == y->cpu &&
	       x->node == y->node && x->pfn == y->pfn && x->inuse == y->inuse &&
	       x->objects == y->objects && x->remote == y->remote && x->count == y->count &&
	       !memcmp(a->items + x->first, b->items + y->first, x->count * sizeof(*a->items));
}

static void assert_same(const struct kmr_snapshot *a, const struct kmr_snapshot *b)
{
	size_t slabs = 0;

	cr_assert_eq(a->nr_caches, b->nr_caches);
	for (size_t i = 0; i < a->nr_caches; i++)
		cr_assert_eq(memcmp(&a->caches[i], &b->caches[i], sizeof(a->caches[i])), 0,
			     "cache %s", a->caches[i].name);
	cr_assert_eq(a->nr_objects, b->nr_objects);
	for (size_t i = 0; i < a->nr_objects; i++)
		cr_assert(same_record(a, &a->objects[i], b, &b->objects[i]), "record %zu of %s", i,
			  a->caches[a->objects[i].cache].name);
	for (size_t i = 0; i < a->nr_slabs; i++) {
		/* pages of caches that have no record are nobody's in a model */
		if (a->slabs[i].cache == KMR_SNAP_NO_CACHE)
			continue;
		cr_assert_lt(slabs, b->nr_slabs);
		cr_assert_eq(a->slabs[i].pfn, b->slabs[slabs].pfn);
		cr_assert_eq(a->slabs[i].order, b->slabs[slabs].order);
		cr_assert_eq(a->slabs[i].cache, b->slabs[slabs].cache);
		slabs++;
	}
	cr_assert_eq(slabs, b->nr_slabs);
}

static void there_and_back(const char *path, unsigned int pointer)
{
	static struct kmr_snapshot snap, saved;
	static struct slub_rig s;
	struct kmr_error err = { "" };
	uint64_t pages = 0;

	memset(&snap, 0, sizeof(snap));
	memset(&saved, 0, sizeof(saved));
	cr_assert_eq(kmr_snapshot_read(&snap, path, &err), 0, "%s", err.msg);
	cr_assert_str_eq(kmr_snapshot_allocator(&snap), "slub");
	slub_on(&s, &snap.machine, snap.version, pointer, NULL);
	cr_assert_eq(kmr_slub.load(s.r.b, &snap, &err), 0, "%s", err.msg);
	rig_check(&s.r);
	cr_assert_eq(kmr_slub.save(s.r.b, &saved, &err), 0, "%s", err.msg);
	cr_assert_gt(snap.nr_caches, 80, "%s", path);
	cr_assert_gt(snap.nr_objects, 50, "%s", path);
	assert_same(&snap, &saved);
	for (size_t i = 0; i < saved.nr_slabs; i++)
		pages += UINT64_C(1) << saved.slabs[i].order;
	cr_assert_eq(kmr_slub.pages(s.r.b), pages);
	kmr_slub.destroy(s.r.b);
	kmr_snapshot_free(&snap);
	kmr_snapshot_free(&saved);
}

Test(slub_snapshot, real_ones_come_out_as_they_went_in)
{
	if (access(CAPTURES, R_OK))
		cr_skip_test("no captures at %s", CAPTURES);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(captures); i++) {
		const char *name = captures[i / 2];
		char path[512];

		(void)snprintf(path, sizeof(path), CAPTURES "/%s/state/kmsnap.%s.zst", name,
			       i & 1 ? "after" : "before");
		there_and_back(path, *name == 'i' ? 4 : 8);
	}
}

/*
 * "things": CPUs' slabs with free objects of both kinds, partial slabs of CPUs and both nodes, full
 * ones; "others": one slab.
 */
static void make_state(struct slub_rig *s, struct kmr_snapshot *snap)
{
	struct kmr_error err = { "" };
	kmr_obj_t obj[200];
	unsigned int c, other, nr = 200;
	uint64_t rng = 5;

	slub_create(s, 2, 2, 612);
	c = slub_cache_of(s, 8, 3, 3);
	other = rig_cache(&s->r, "others", 512, 0);
	(void)rig_alloc(&s->r, other, 0);
	for (unsigned int i = 0; i < nr; i++)
		obj[i] = rig_alloc(&s->r, c, i & 1);
	while (nr > 100) {
		const unsigned int i = below(&rng, nr);

		rig_free(&s->r, c, obj[i], nr / 3 & 1);
		obj[i] = obj[--nr];
	}
	memset(snap, 0, sizeof(*snap));
	cr_assert_eq(kmr_slub.save(s->r.b, snap, &err), 0, "%s", err.msg);
}

static struct kmr_snap_objects *record(struct kmr_snapshot *snap, unsigned int kind,
				       unsigned int nth)
{
	for (size_t i = 0; i < snap->nr_objects; i++)
		if (snap->objects[i].kind == kind && snap->objects[i].cache == 0 &&
		    snap->objects[i].count > 1 && !nth--)
			return &snap->objects[i];
	cr_assert_fail("no record of kind %u", kind);
	abort();
}

/* The rig goes on as before after its state went through a snapshot. */
Test(slub_snapshot, goes_on)
{
	static struct slub_rig a, b;
	struct kmr_snapshot snap, again;
	struct kmr_error err = { "" };

	make_state(&a, &snap);
	slub_on(&b, &a.r.m, 612, 8, NULL);
	cr_assert_eq(kmr_slub.load(b.r.b, &snap, &err), 0, "%s", err.msg);
	memcpy(b.r.pages.used, a.r.pages.used, sizeof(a.r.pages.used));
	memset(&again, 0, sizeof(again));
	cr_assert_eq(kmr_slub.save(b.r.b, &again, &err), 0, "%s", err.msg);
	assert_same(&snap, &again);
	for (unsigned int i = 0; i < 500; i++) {
		const kmr_obj_t obj = rig_alloc(&a.r, 0, i & 1);

		cr_assert_eq(rig_alloc(&b.r, 0, i & 1), obj);
		if (i % 3)
			continue;
		rig_free(&a.r, 0, obj, i >> 1 & 1);
		rig_free(&b.r, 0, obj, i >> 1 & 1);
	}
	rig_check(&b.r);
	kmr_snapshot_free(&snap);
	kmr_snapshot_free(&again);
	kmr_slub.destroy(a.r.b);
	kmr_slub.destroy(b.r.b);
}

enum damage {
	NOTHING,
	OBJECT_TWICE,
	OBJECT_TWICE_ON_CPU,
	OBJECT_ON_BOTH_LISTS,
	OBJECT_BEYOND,
	SLAB_TWICE,
	SLAB_TWICE_PARTIAL,
	SLAB_OF_OTHER_CACHE,
	SLAB_NOWHERE,
	SLAB_IS_FULL,
	SLAB_OBJECTS,
	SLAB_INUSE,
	SLAB_REMOTE,
	SLAB_CPU,
	SLAB_CPU_PARTIAL,
	SLAB_NODE,
	CPU_TWO_SLABS,
	PAGE_ORDER,
	PAGE_TWICE,
	PAGE_BEYOND,
	PAGE_NO_SUCH_CACHE,
	RECORD_NO_CACHE,
	CACHE_SIZE,
	CACHE_ORDER,
	CACHE_ALIGN,
	OTHER_ALLOCATOR,
	NO_CACHES,
	NR_DAMAGES,
};

static const char *const messages[NR_DAMAGES] = {
	[OBJECT_TWICE] = "an object is free twice",
	[OBJECT_TWICE_ON_CPU] = "an object is free twice",
	[OBJECT_ON_BOTH_LISTS] = "an object is free twice",
	[OBJECT_BEYOND] = "an object is free twice",
	[SLAB_TWICE] = "it is on two lists, or of another size",
	[SLAB_TWICE_PARTIAL] = "it is on two lists, or of another size",
	[SLAB_OF_OTHER_CACHE] = "of cache others: it is no slab of this cache",
	[SLAB_NOWHERE] = "slab at pfn 12000 of cache things: it is no slab of this cache",
	[SLAB_IS_FULL] = "it is partial and has no free object",
	[SLAB_OBJECTS] = "it is on two lists, or of another size",
	[SLAB_INUSE] = "its counts contradict each other",
	[SLAB_REMOTE] = "its counts contradict each other",
	[SLAB_CPU] = "it is on the list of a node or CPU not its own",
	[SLAB_CPU_PARTIAL] = "it is on the list of a node or CPU not its own",
	[SLAB_NODE] = "it is on the list of a node or CPU not its own",
	[CPU_TWO_SLABS] = "its CPU has another",
	[PAGE_ORDER] = "its order is not one of the cache's",
	[PAGE_TWICE] = "its frames are another's, or none",
	[PAGE_BEYOND] = "slab at pfn 4294967294 of cache things: its frames are another's, or none",
	[PAGE_NO_SUCH_CACHE] = "slab at pfn 1: no such cache",
	[RECORD_NO_CACHE] = "not a snapshot of SLUB",
	[CACHE_SIZE] = "bytes from object to object, but objects have 512",
	[CACHE_ORDER] = "do not fit slabs of order 200",
	[CACHE_ALIGN] = "alignment 3 is no power of two",
	[OTHER_ALLOCATOR] = "not a snapshot of SLUB",
	[NO_CACHES] = "no such cache",
};

static void damage_lists(struct kmr_snapshot *s, enum damage d)
{
	struct kmr_snap_objects *partial = record(s, KMR_SNAP_NODE_PARTIAL, 0);
	struct kmr_snap_objects *list = record(s, KMR_SNAP_CPU_PARTIAL, 0);
	struct kmr_snap_objects *cpu = record(s, KMR_SNAP_CPU_SLAB, 0);
	uint64_t *free_ones = s->items + partial->first, *own = s->items + cpu->first;

	switch (d) {
	case OBJECT_TWICE:
		free_ones[1] = free_ones[0];
		break;
	case OBJECT_TWICE_ON_CPU:
		own[1] = own[0];
		break;
	case OBJECT_ON_BOTH_LISTS:
		if (!cpu->remote) {
			cpu->remote = 1;
			cpu->inuse--;
		}
		own[cpu->count - 1] = own[0];
		break;
	case OBJECT_BEYOND:
		free_ones[0] = UINT64_MAX;
		break;
	case SLAB_TWICE:
		list->pfn = partial->pfn;
		list->cpu = 0;
		break;
	case SLAB_TWICE_PARTIAL:
		record(s, KMR_SNAP_NODE_PARTIAL, 1)->pfn = partial->pfn;
		break;
	case SLAB_OF_OTHER_CACHE:
		partial->cache = 1;
		break;
	case SLAB_NOWHERE:
		partial->pfn = 12000;
		break;
	case SLAB_IS_FULL:
		partial->count = 0;
		partial->inuse = partial->objects;
		break;
	case SLAB_OBJECTS:
		partial->objects++;
		break;
	case SLAB_INUSE:
		partial->inuse++;
		break;
	case SLAB_REMOTE:
		cpu->remote = cpu->count + 1;
		break;
	case SLAB_CPU:
		cpu->cpu = 900;
		break;
	case SLAB_CPU_PARTIAL:
		list->cpu = 2;
		break;
	case SLAB_NODE:
		partial->node ^= 1;
		break;
	case CPU_TWO_SLABS:
		list->kind = KMR_SNAP_CPU_SLAB;
		list->remote = list->count;
		list->cpu = cpu->cpu;
		break;
	case RECORD_NO_CACHE:
		partial->cache = KMR_SNAP_NO_CACHE;
		break;
	case OTHER_ALLOCATOR:
		partial->kind = KMR_SNAP_SLAB_FREE;
		break;
	default:
		break;
	}
}

static void damage_caches(struct kmr_snapshot *s, enum damage d)
{
	struct kmr_snap_cache *c = &s->caches[0];

	switch (d) {
	case PAGE_ORDER:
		s->slabs[0].order = 3;
		break;
	case PAGE_TWICE:
		s->slabs[1].pfn = s->slabs[0].pfn;
		s->slabs[1].order = s->slabs[0].order;
		s->slabs[1].cache = s->slabs[0].cache;
		break;
	case PAGE_BEYOND:
		s->slabs[0].pfn = UINT32_MAX - 1;
		break;
	case PAGE_NO_SUCH_CACHE:
		s->slabs[0].cache = 2;
		s->slabs[0].pfn = 1;
		break;
	case CACHE_SIZE:
		c->size = 1;
		break;
	case CACHE_ORDER:
		c->order = 200;
		break;
	case CACHE_ALIGN:
		c->align = 3;
		break;
	case NO_CACHES:
		s->nr_caches = 0;
		break;
	default:
		break;
	}
}

Test(slub_snapshot, damage)
{
	static struct slub_rig a, b;

	for (enum damage d = NOTHING; d < NR_DAMAGES; d++) {
		struct kmr_snapshot snap;
		struct kmr_error err = { "" };
		int ret;

		make_state(&a, &snap);
		damage_lists(&snap, d);
		damage_caches(&snap, d);
		slub_on(&b, &a.r.m, 612, 8, NULL);
		ret = kmr_slub.load(b.r.b, &snap, &err);
		cr_expect_eq(ret, d == NOTHING ? 0 : -1, "damage %u: %s", d, err.msg);
		if (d != NOTHING)
			cr_expect_not_null(strstr(err.msg, messages[d]),
					   "damage %u: \"%s\" is not in \"%s\"", d, messages[d],
					   err.msg);
		kmr_slub.destroy(b.r.b);
		kmr_slub.destroy(a.r.b);
		kmr_snapshot_free(&snap);
	}
}

/* One byte changed: of a free object, of a record about slabs, of a slab page, of a cache's sizes. */
static void damage_byte(struct kmr_snapshot *snap, unsigned int what, uint64_t *rng)
{
	const size_t cache = sizeof(*snap->caches), name = sizeof(snap->caches->name);
	const uint8_t bits = (uint8_t)(1 + below(rng, 255));
	uint8_t *bytes;

	if (what == 0) {
		bytes = (uint8_t *)snap->items +
			below(rng, (uint32_t)(snap->nr_items * sizeof(*snap->items)));
	} else if (what == 1) {
		/* where a record's items are is the reader's to say, not the file's */
		bytes = (uint8_t *)&snap->objects[below(rng, (uint32_t)snap->nr_objects)] +
			below(rng, (uint32_t)offsetof(struct kmr_snap_objects, count));
	} else if (what == 2) {
		bytes = (uint8_t *)&snap->slabs[below(rng, (uint32_t)snap->nr_slabs)] +
			below(rng, (uint32_t)sizeof(*snap->slabs));
	} else {
		bytes = (uint8_t *)&snap->caches[below(rng, (uint32_t)snap->nr_caches)] + name +
			below(rng, (uint32_t)(cache - name));
	}
	*bytes ^= bits;
}

/* Refused, or loaded into a state that holds and can be used. */
Test(slub_snapshot, random_damage)
{
	static struct slub_rig a, b;
	uint64_t rng = 99;
	unsigned int refused = 0;

	for (unsigned int i = 0; i < 2000; i++) {
		struct kmr_snapshot snap;
		struct kmr_error err = { "" };

		make_state(&a, &snap);
		damage_byte(&snap, i % 4, &rng);
		slub_on(&b, &a.r.m, 612, 8, NULL);
		if (kmr_slub.load(b.r.b, &snap, &err)) {
			refused++;
			cr_assert_neq(err.msg[0], '\0');
		} else {
			memcpy(b.r.pages.used, a.r.pages.used, sizeof(a.r.pages.used));
			rig_check(&b.r);
			for (unsigned int c = 0; c < kmr_slub.nr_caches(b.r.b); c++)
				rig_free(&b.r, c, rig_alloc(&b.r, c, 0), 1);
			rig_check(&b.r);
		}
		kmr_slub.destroy(b.r.b);
		kmr_slub.destroy(a.r.b);
		kmr_snapshot_free(&snap);
	}
	cr_assert_gt(refused, 500);
	cr_assert_lt(refused, 1900);
}
