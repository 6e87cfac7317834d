// SPDX-License-Identifier: GPL-2.0-only
/* Sizes by rule against those of every cache of real kernels; what no cache can be. */
#include "test_slub_support.h"

static const char *const captures[] = {
	"i386-slub-compile",	    "i386-slub-files",	    "i386-slub-pressure",
	"i386-slub-reclaim",	    "i386-slub-smp2-shell", "x86_64-6.1-up-sqlite",
	"x86_64-6.12-numa-compile", "x86_64-6.12-up-shell", "x86_64-6.12-up-dat",
	"x86_64-6.12-numa-reclaim",
};

/* The rules' result as save() tells it: the cache made last. */
static struct kmr_snap_cache last_cache(const struct slub_rig *s)
{
	struct kmr_snapshot snap;
	struct kmr_snap_cache c;
	struct kmr_error err = { "" };

	memset(&snap, 0, sizeof(snap));
	cr_assert_eq(kmr_slub.save(s->r.b, &snap, &err), 0, "%s", err.msg);
	c = snap.caches[snap.nr_caches - 1];
	kmr_snapshot_free(&snap);
	return c;
}

static void same_sizes(const char *capture, const struct kmr_snap_cache *have,
		       const struct kmr_snap_cache *want)
{
#define SAME(field)                                                                           \
	cr_expect_eq(have->field, want->field, "%s, %s: " #field " %u, recorded %u", capture, \
		     want->name, have->field, want->field)
	SAME(object_size);
	SAME(size);
	SAME(align);
	SAME(objects);
	SAME(order);
	SAME(flags);
	SAME(min_objects);
	SAME(min_order);
	SAME(min_partial);
	SAME(cpu_partial_slabs);
#undef SAME
	/* caches merged into this one made object_size larger after the fact (find_mergeable()) */
	cr_expect_geq(have->offset, want->offset, "%s, %s: offset %u, recorded %u", capture,
		      want->name, have->offset, want->offset);
}

/*
 * Filp's free pointer lies where its maker wants it (6.12: use_freeptr_offset), which is nothing that
 * a rule can know.
 */
static bool by_rule(const struct kmr_snap_cache *c)
{
	return !(c->flags & KMR_CACHE_RCU) || c->offset >= c->object_size;
}

static unsigned int try_capture(const char *capture)
{
	static struct kmr_snapshot snap;
	static struct slub_rig s;
	struct kmr_error err = { "" };
	unsigned int tried = 0;
	char path[512];

	(void)snprintf(path, sizeof(path), CAPTURES "/%s/state/kmsnap.before.zst", capture);
	memset(&snap, 0, sizeof(snap));
	cr_assert_eq(kmr_snapshot_read(&snap, path, &err), 0, "%s", err.msg);
	slub_on(&s, &snap.machine, snap.version, *capture == 'i' ? 4 : 8, NULL);
	for (size_t i = 0; i < snap.nr_caches; i++) {
		const struct kmr_snap_cache *want = &snap.caches[i];
		struct kmr_cache_spec spec = spec_of(want->name, want->object_size, want->flags);
		struct kmr_snap_cache have;

		if (!by_rule(want))
			continue;
		spec.align = want->align;
		cr_assert_geq(kmr_slub.cache_create(s.r.b, &spec, &err), 0, "%s", err.msg);
		have = last_cache(&s);
		same_sizes(capture, &have, want);
		tried++;
	}
	cr_expect_geq(tried + 2, snap.nr_caches, "%s: %u caches tried", capture, tried);
	kmr_slub.destroy(s.r.b);
	kmr_snapshot_free(&snap);
	return tried;
}

Test(slub_size, every_cache_of_real_kernels)
{
	if (access(CAPTURES, R_OK))
		cr_skip_test("no captures at %s", CAPTURES);
	for (size_t i = 0; i < ARRAY_SIZE(captures); i++)
		cr_expect_gt(try_capture(captures[i]), 80, "%s", captures[i]);
}

/* What kmalloc_init() makes is what the kernel's create_kmalloc_caches() made. */
static void try_kmalloc(const char *capture)
{
	static struct kmr_snapshot snap, made;
	static struct slub_rig s;
	struct kmr_error err = { "" };
	unsigned int found = 0;
	char path[512];

	(void)snprintf(path, sizeof(path), CAPTURES "/%s/state/kmsnap.before.zst", capture);
	memset(&snap, 0, sizeof(snap));
	memset(&made, 0, sizeof(made));
	cr_assert_eq(kmr_snapshot_read(&snap, path, &err), 0, "%s", err.msg);
	slub_on(&s, &snap.machine, snap.version, *capture == 'i' ? 4 : 8, NULL);
	cr_assert_eq(kmr_slub.kmalloc_init(s.r.b, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_slub.save(s.r.b, &made, &err), 0, "%s", err.msg);
	for (size_t i = 0; i < made.nr_caches; i++)
		for (size_t k = 0; k < snap.nr_caches; k++)
			if (!strcmp(made.caches[i].name, snap.caches[k].name)) {
				same_sizes(capture, &made.caches[i], &snap.caches[k]);
				found++;
			}
	cr_expect_geq(found, 36, "%s: %u caches of kmalloc found", capture, found);
	kmr_slub.destroy(s.r.b);
	kmr_snapshot_free(&snap);
	kmr_snapshot_free(&made);
}

Test(slub_size, every_cache_of_kmalloc)
{
	if (access(CAPTURES, R_OK))
		cr_skip_test("no captures at %s", CAPTURES);
	for (size_t i = 0; i < ARRAY_SIZE(captures); i++)
		try_kmalloc(captures[i]);
}

static void refused(const struct slub_rig *s, const struct kmr_cache_spec *spec,
		    const char *message)
{
	const unsigned int before = kmr_slub.nr_caches(s->r.b);
	struct kmr_error err = { "" };

	cr_expect_eq(kmr_slub.cache_create(s->r.b, spec, &err), -1, "%s", message);
	cr_expect_str_eq(err.msg, message);
	cr_expect_eq(kmr_slub.nr_caches(s->r.b), before);
	rig_check(&s->r);
}

Test(slub_size, what_no_cache_can_be)
{
	static struct slub_rig s;
	struct kmr_cache_spec spec = spec_of("odd", 0, 0);

	slub_create(&s, 1, 1, 601);
	refused(&s, &spec, "cache odd: objects of 0 bytes; from 1 to 4194304 can be");
	spec.object_size = UINT32_C(1) << 31;
	refused(&s, &spec, "cache odd: objects of 2147483648 bytes; from 1 to 4194304 can be");
	spec.object_size = KMR_BY_RULE;
	refused(&s, &spec, "cache odd: objects of 4294967295 bytes; from 1 to 4194304 can be");
	spec = spec_of("odd", 64, 0);
	spec.align = 24;
	refused(&s, &spec, "cache odd: alignment 24 is no power of two up to 4194304");
	spec.align = UINT32_C(1) << 31;
	refused(&s, &spec, "cache odd: alignment 2147483648 is no power of two up to 4194304");
	spec = spec_of("odd", 64, 0);
	spec.size = 63;
	refused(&s, &spec, "cache odd: 63 bytes from object to object, but objects have 64");
	spec.size = UINT32_C(1) << 31;
	refused(&s, &spec,
		"cache odd: 2147483648 bytes from object to object, but objects have 64");
	spec = spec_of("odd", 64, 0);
	spec.order = 11;
	refused(&s, &spec, "cache odd: objects of 64 bytes do not fit slabs of order 11");
	spec.order = UINT32_MAX - 1;
	refused(&s, &spec, "cache odd: objects of 64 bytes do not fit slabs of order 4294967294");
	spec.order = 10; /* 65536 objects */
	refused(&s, &spec, "cache odd: objects of 64 bytes do not fit slabs of order 10");
	spec = spec_of("odd", 5000, 0);
	spec.order = 0;
	refused(&s, &spec, "cache odd: objects of 5000 bytes do not fit slabs of order 0");
	/* with its free pointer behind it, it is larger than the largest block */
	spec = spec_of("odd", KMR_MAX_OBJECT_SIZE, KMR_CACHE_CTOR);
	refused(&s, &spec, "cache odd: objects of 4194312 bytes do not fit slabs of order 11");
	kmr_slub.destroy(s.r.b);
}

/* The extremes that are none yet: every object of one slab can be had, and no more. */
Test(slub_size, extremes)
{
	static const struct {
		uint32_t object_size, flags, size, objects, order;
	} want[] = {
		{ 1, 0, 8, 512, 0 },	   { 1, KMR_CACHE_CTOR, 16, 256, 0 },
		{ 9, 0, 16, 256, 0 },	   { KMR_MAX_OBJECT_SIZE, 0, KMR_MAX_OBJECT_SIZE, 1, 10 },
		{ 32769, 0, 32776, 1, 4 }, { 300000, 0, 300000, 1, 7 },
	};
	static struct slub_rig s;

	slub_create(&s, 1, 1, 601);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const unsigned int c =
			rig_cache(&s.r, "extreme", want[i].object_size, want[i].flags);
		const struct kmr_cache_state state = rig_state(&s.r, c);
		kmr_obj_t first = rig_alloc(&s.r, c, 0), last = first;

		cr_expect_eq(state.size, want[i].size, "%u: %u", want[i].object_size, state.size);
		cr_expect_eq(state.objects_per_slab, want[i].objects);
		cr_expect_eq(state.order, want[i].order, "%u: %u", want[i].object_size,
			     state.order);
		for (uint32_t n = 1; n < want[i].objects; n++)
			last = rig_alloc(&s.r, c, 0);
		cr_expect_eq(last - first, (kmr_obj_t)state.size * (want[i].objects - 1));
		cr_expect_eq(rig_state(&s.r, c).slabs, 1);
		s.r.pages.limit = 0;
		cr_expect_eq(rig_alloc(&s.r, c, 0), KMR_NO_OBJ);
		s.r.pages.limit = UINT32_MAX;
		rig_free(&s.r, c, last, 0);
		rig_check(&s.r);
	}
	kmr_slub.destroy(s.r.b);
}

/* How many objects a slab should have goes by the number of CPUs. */
Test(slub_size, more_cpus_larger_slabs)
{
	static const struct {
		unsigned int cpus, order;
	} want[] = { { 1, 1 }, { 2, 2 }, { 4, 2 }, { 8, 3 }, { 64, 3 } };
	static struct slub_rig s;

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		slub_create(&s, 1, want[i].cpus, 612);
		cr_expect_eq(rig_state(&s.r, rig_cache(&s.r, "k", 1024, 0)).order, want[i].order,
			     "%u CPUs", want[i].cpus);
		kmr_slub.destroy(s.r.b);
	}
}

Test(slub_size, parameters)
{
	static const uint64_t params[] = { 1, 4, 9, 0 };
	static struct slub_rig s;
	struct kmr_snap_cache c;

	rig_machine(&s.r.m, 1, 1);
	slub_on(&s, &s.r.m, 612, 8, params);
	(void)rig_cache(&s.r, "k", 1024, 0);
	c = last_cache(&s);
	cr_expect_eq(c.order, 0); /* four objects are enough */
	cr_expect_eq(c.min_partial, 9);
	cr_expect_eq(c.cpu_partial_slabs, 0);
	(void)rig_cache(&s.r, "k", 3000, 0);
	c = last_cache(&s);
	cr_expect_eq(c.order, 1, "beyond max_order only where one object does not fit");
	kmr_slub.destroy(s.r.b);
}

Test(slub_size, as_many_caches_as_can_be)
{
	static struct slub_rig s;
	const struct kmr_cache_spec spec = spec_of("last", 64, 0);

	slub_create(&s, 1, 1, 601);
	for (unsigned int i = 0; i < KMR_MAX_CACHES; i++)
		cr_assert_eq(rig_cache(&s.r, "one", 8 + i, 0), i);
	refused(&s, &spec, "more than 4096 caches");
	cr_assert_neq(rig_alloc(&s.r, KMR_MAX_CACHES - 1, 0), KMR_NO_OBJ);
	rig_check(&s.r);
	kmr_slub.destroy(s.r.b);
}
