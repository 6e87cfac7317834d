// SPDX-License-Identifier: GPL-2.0-only
/* Which of a model's caches an event means, and what a cache is made like that it has not got. */
#include "object_rig.h"
#include "replay/objects.h"

struct setting {
	struct rig r;
	struct kmr_tape tape;
	struct kmr_objects o;
};

static void setting_create(struct setting *s, const char *model, const char *traced,
			   const struct kmr_snapshot *snap)
{
	memset(&s->tape, 0, sizeof(s->tape));
	s->tape.caches = calloc(64, sizeof(*s->tape.caches));
	cr_assert_not_null(s->tape.caches);
	s->tape.cap_caches = 64;
	s->tape.nr_caches = 1;
	s->tape.allocator = traced;
	s->tape.real_pointers = true;
	rig_create(&s->r, model, 1);
	cr_assert_eq(kmr_objects_init(&s->o, s->r.ops, s->r.b, &s->tape, snap, &s->r.m, 4), 0);
}

static void setting_done(struct setting *s)
{
	rig_check(&s->r);
	kmr_objects_free(&s->o);
	s->r.ops->destroy(s->r.b);
	kmr_tape_free(&s->tape);
}

static unsigned int traced_cache(struct setting *s, const char *name, uint32_t object_size,
				 uint32_t size)
{
	const uint16_t cache = kmr_tape_cache(&s->tape, name);

	cr_assert_neq(cache, 0);
	s->tape.caches[cache].object_size = object_size;
	s->tape.caches[cache].size = size;
	return cache;
}

static struct kmr_cache_state state_of(struct setting *s, unsigned int traced)
{
	const int cache = kmr_objects_cache(&s->o, traced);
	struct kmr_cache_state state;

	cr_assert_geq(cache, 0, "%s", s->o.err.msg);
	s->r.ops->cache_state(s->r.b, (unsigned int)cache, &state);
	return state;
}

/* What the traced kernel gave for an object, the model's cache gives too. */
Test(objects, made_by_its_sizes)
{
	static const struct {
		uint32_t object_size, size;
	} traced[] = {
		{ 24, 24 }, /* packed */
		{ 26, 32 }, /* to 8 bytes, which every cache of SLUB is aligned to */
		{ 40, 64 }, /* to a cache line */
		{ 64, 72 }, /* a pointer behind the object: a constructor, or RCU */
		{ 620, 640 },
	};
	struct setting s;

	setting_create(&s, "slub", "slub", NULL);
	for (unsigned int i = 0; i < sizeof(traced) / sizeof(traced[0]); i++) {
		char name[32];
		struct kmr_cache_state state;

		(void)snprintf(name, sizeof(name), "cache-%u", i);
		state = state_of(&s, traced_cache(&s, name, traced[i].object_size, traced[i].size));
		cr_expect_str_eq(state.name, name);
		cr_expect_eq(state.object_size, traced[i].object_size);
		cr_expect_eq(state.size, traced[i].size, "%u: %u, not %u", i, state.size,
			     traced[i].size);
	}
	setting_done(&s);
}

/* A snapshot, of whatever allocator, tells what a cache is like better than its sizes do. */
Test(objects, made_by_its_record)
{
	struct kmr_snapshot *snap = calloc(1, sizeof(*snap));
	struct kmr_snap_cache *record = kmr_snapshot_add_cache(snap);
	struct setting s;

	cr_assert_not_null(record);
	(void)snprintf(record->name, sizeof(record->name), "filp");
	record->object_size = 160;
	record->align = 64;
	record->flags = KMR_CACHE_ACCOUNT;
	setting_create(&s, "slub", "slob", snap);
	cr_expect_eq(state_of(&s, traced_cache(&s, "filp", 160, 168)).size, 192);
	cr_expect_eq(state_of(&s, kmr_tape_cache(&s.tape, "filp")).flags & KMR_CACHE_ACCOUNT,
		     KMR_CACHE_ACCOUNT);
	setting_done(&s);
	kmr_snapshot_free(snap);
	free(snap);
}

/* The same cache each time, and one for all of those sizes where there is no name to go by. */
Test(objects, made_once)
{
	struct setting s;
	unsigned int named, nameless;
	int cache;

	setting_create(&s, "slub", "slub", NULL);
	named = traced_cache(&s, "named", 96, 96);
	nameless = traced_cache(&s, "size-96-96", 96, 96);
	s.tape.caches[nameless].made_up = true;
	cache = kmr_objects_cache(&s.o, named);
	cr_expect_geq(cache, 0);
	cr_expect_eq(kmr_objects_cache(&s.o, named), cache);
	cr_expect_eq(kmr_objects_cache(&s.o, nameless), cache);
	cr_expect_eq(s.r.ops->nr_caches(s.r.b), 1);
	cr_expect_eq(kmr_objects_cache(&s.o, 0), -1);
	cr_expect_eq(kmr_objects_cache(&s.o, s.tape.nr_caches), -1);
	cr_expect_not(s.o.refused);
	setting_done(&s);
}

Test(objects, sizes_that_no_cache_has)
{
	static const uint32_t sizes[] = { 0, KMR_MAX_OBJECT_SIZE + 1, UINT32_MAX };
	static const char *const models[] = { "slub", "slab", "slob" };

	for (size_t m = 0; m < 3; m++) {
		struct setting s;

		setting_create(&s, models[m], models[m], NULL);
		for (unsigned int i = 0; i < 3; i++) {
			char name[32];

			(void)snprintf(name, sizeof(name), "cache-%u", i);
			cr_expect_eq(
				kmr_objects_cache(&s.o, traced_cache(&s, name, sizes[i], sizes[i])),
				-1, "%s, %u", models[m], sizes[i]);
			cr_expect(s.o.refused);
			cr_expect_str_not_empty(s.o.err.msg);
		}
		setting_done(&s);
	}
}

/* CPUs and nodes that the simulated machine has not got. */
Test(objects, request_for_a_smaller_machine)
{
	struct kmr_object_request req;
	struct kmr_event ev;
	struct setting s;

	setting_create(&s, "slub", "slub", NULL);
	memset(&ev, 0, sizeof(ev));
	ev.type = KMR_EV_KMALLOC;
	ev.bytes.req = 100;
	ev.node = 0;
	ev.cpu = 7;
	req = kmr_objects_request(&s.o, &ev);
	cr_expect_eq(req.cpu, 0);
	cr_expect_eq(req.node, 0);
	cr_expect_eq(req.bytes, 100);
	cr_expect_eq(req.gfp, KMR_GFP_KERNEL);
	ev.node = 1;
	cr_expect_eq(kmr_objects_request(&s.o, &ev).node, -1);
	ev.node = INT8_MAX;
	cr_expect_eq(kmr_objects_request(&s.o, &ev).node, -1);
	ev.node = -1;
	cr_expect_eq(kmr_objects_request(&s.o, &ev).node, -1);
	/* flags that were not printed, but for accounting */
	ev.flags = KMR_EVF_ACCOUNTED;
	cr_expect_eq(kmr_objects_request(&s.o, &ev).gfp, KMR_GFP_KERNEL | KMR_GFP_ACCOUNT);
	ev.flags = KMR_EVF_GFP_KNOWN;
	ev.gfp = KMR_GFP_ATOMIC;
	cr_expect_eq(kmr_objects_request(&s.o, &ev).gfp, KMR_GFP_ATOMIC);
	setting_done(&s);
}
