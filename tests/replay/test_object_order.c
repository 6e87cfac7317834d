// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts between what was done to an object and its event; objects that wait for RCU. */
#include <inttypes.h>

#include "object_rig.h"
#include "replay/object_delay.h"
#include "replay/object_order.h"

enum {
	TASK = KMR_CTX_TASK,
	SOFTIRQ = KMR_CTX_SOFTIRQ
};

struct attempt {
	struct rig *r;
	unsigned int cache;
	kmr_obj_t want;
};

/* As verify does: what comes next is looked at, so that nothing has to be taken back. */
static bool made(void *ctx)
{
	const struct attempt *a = ctx;
	struct kmr_object_info at;

	a->r->ops->where(a->r->b, a->cache, a->want, 0, &at);
	return !at.distance && at.place != KMR_OBJ_USED && at.place != KMR_OBJ_NONE &&
	       rig_alloc(a->r, a->cache) == a->want;
}

static void note(struct kmr_object_order *o, unsigned int cache, kmr_obj_t obj, bool alloc,
		 unsigned int context)
{
	const struct kmr_order_op op = { obj, cache, 64, (uint8_t)context, alloc };

	kmr_order_note(o, 0, &op);
}

static void free_noted(struct rig *r, struct kmr_object_order *o, unsigned int cache, kmr_obj_t obj,
		       unsigned int context)
{
	cr_assert_eq(r->ops->free(r->b, cache, obj, 0), 0);
	note(o, cache, obj, false, context);
}

static bool try_alloc(struct rig *r, struct kmr_object_order *o, unsigned int cache, kmr_obj_t want)
{
	const struct kmr_order_op op = { want, cache, 64, TASK, true };
	struct attempt a = { r, cache, want };

	return kmr_order_try(o, 0, &op, made, &a);
}

/* Two models after the same: objects 0 to 7 in use; @o remembers nothing. */
struct pair {
	struct rig traced, real;
	struct kmr_object_order o;
	unsigned int cache, other;
	kmr_obj_t obj[8], something;
};

static void pair_create(struct pair *p, const char *name)
{
	rig_create(&p->traced, name, 1);
	rig_create(&p->real, name, 1);
	p->cache = rig_cache(&p->traced, "things", 64, 0);
	p->other = rig_cache(&p->traced, "others", 200, 0);
	cr_assert_eq(rig_cache(&p->real, "things", 64, 0), p->cache);
	cr_assert_eq(rig_cache(&p->real, "others", 200, 0), p->other);
	for (unsigned int i = 0; i < 8; i++) {
		p->obj[i] = rig_alloc(&p->traced, p->cache);
		cr_assert_eq(rig_alloc(&p->real, p->cache), p->obj[i]);
	}
	p->something = rig_alloc(&p->traced, p->other);
	cr_assert_eq(rig_alloc(&p->real, p->other), p->something);
	cr_assert_eq(kmr_order_init(&p->o, p->traced.ops, p->traced.b, 1), 0);
}

/* Both have come to the same. */
static void pair_done(struct pair *p)
{
	struct kmr_snapshot x, y;

	rig_check(&p->traced);
	rig_save(&p->traced, &x);
	rig_save(&p->real, &y);
	cr_expect(rig_same(&x, &y));
	kmr_snapshot_free(&x);
	kmr_snapshot_free(&y);
	kmr_order_free(&p->o);
	p->traced.ops->destroy(p->traced.b);
	p->real.ops->destroy(p->real.b);
}

static const char *const slabs[] = { "slub", "slab" };

/* The task takes its object, a softirq frees two, and then the task's event is printed. */
Test(object_order, alloc_before_the_softirq)
{
	for (size_t i = 0; i < 2; i++) {
		struct pair p;
		kmr_obj_t got;

		pair_create(&p, slabs[i]);
		got = rig_alloc(&p.real, p.cache);
		cr_assert_eq(p.real.ops->free(p.real.b, p.cache, p.obj[3], 0), 0);
		cr_assert_eq(p.real.ops->free(p.real.b, p.cache, p.obj[5], 0), 0);
		free_noted(&p.traced, &p.o, p.cache, p.obj[3], SOFTIRQ);
		free_noted(&p.traced, &p.o, p.cache, p.obj[5], SOFTIRQ);
		cr_expect(try_alloc(&p.traced, &p.o, p.cache, got), "%s", slabs[i]);
		pair_done(&p);
	}
}

/*
 * A free's event is printed, then a softirq frees another, and then the first is given back.  The
 * operation on another cache shows that the interrupt is over.
 */
Test(object_order, free_after_the_softirq)
{
	for (size_t i = 0; i < 2; i++) {
		struct pair p;

		pair_create(&p, slabs[i]);
		cr_assert_eq(p.real.ops->free(p.real.b, p.cache, p.obj[6], 0), 0);
		cr_assert_eq(p.real.ops->free(p.real.b, p.cache, p.obj[2], 0), 0);
		cr_assert_eq(p.real.ops->free(p.real.b, p.other, p.something, 0), 0);
		cr_assert_eq(rig_alloc(&p.real, p.cache), p.obj[2]);
		free_noted(&p.traced, &p.o, p.cache, p.obj[2], TASK);
		free_noted(&p.traced, &p.o, p.cache, p.obj[6], SOFTIRQ);
		free_noted(&p.traced, &p.o, p.other, p.something, TASK);
		cr_expect(try_alloc(&p.traced, &p.o, p.cache, p.obj[2]), "%s", slabs[i]);
		pair_done(&p);
	}
}

/* No order of what was done gives that object: the model stays as it is. */
Test(object_order, nothing_explains_it)
{
	for (size_t i = 0; i < 2; i++) {
		struct pair p;

		pair_create(&p, slabs[i]);
		for (unsigned int k = 0; k < 3; k++)
			cr_assert_eq(p.real.ops->free(p.real.b, p.cache, p.obj[k], 0), 0);
		free_noted(&p.traced, &p.o, p.cache, p.obj[0], TASK);
		free_noted(&p.traced, &p.o, p.cache, p.obj[1], SOFTIRQ);
		free_noted(&p.traced, &p.o, p.cache, p.obj[2], SOFTIRQ);
		/* in use, of no slab, and behind all the others */
		cr_expect_not(try_alloc(&p.traced, &p.o, p.cache, p.obj[7]));
		cr_expect_not(try_alloc(&p.traced, &p.o, p.cache, p.obj[7] + 1));
		cr_expect_not(try_alloc(&p.traced, &p.o, p.cache, p.obj[7] + 64));
		pair_done(&p);
	}
}

/* Nothing of a higher context has come: there is nothing to exchange. */
Test(object_order, no_interrupt)
{
	struct pair p;

	pair_create(&p, "slub");
	cr_assert_eq(p.real.ops->free(p.real.b, p.cache, p.obj[1], 0), 0);
	cr_assert_eq(p.real.ops->free(p.real.b, p.cache, p.obj[2], 0), 0);
	cr_expect_not(try_alloc(&p.traced, &p.o, p.cache, p.obj[1]));
	free_noted(&p.traced, &p.o, p.cache, p.obj[1], TASK);
	free_noted(&p.traced, &p.o, p.cache, p.obj[2], TASK);
	cr_expect_not(try_alloc(&p.traced, &p.o, p.cache, p.obj[1]));
	pair_done(&p);
}

/* Longer ago than the log remembers. */
Test(object_order, forgotten)
{
	struct pair p;

	pair_create(&p, "slub");
	cr_assert_eq(p.real.ops->free(p.real.b, p.cache, p.obj[2], 0), 0);
	cr_assert_eq(p.real.ops->free(p.real.b, p.cache, p.obj[6], 0), 0);
	free_noted(&p.traced, &p.o, p.cache, p.obj[2], TASK);
	free_noted(&p.traced, &p.o, p.cache, p.obj[6], SOFTIRQ);
	for (unsigned int i = 0; i < KMR_ORDER_LOG - 1; i++)
		note(&p.o, p.other, p.something, true, TASK);
	cr_expect_not(try_alloc(&p.traced, &p.o, p.cache, p.obj[2]));
	pair_done(&p);
}

/* Objects of one cache go and come in any context; some other is wanted all the time. */
static void try_at_random(const char *name, uint64_t seed)
{
	struct kmr_object_order o;
	kmr_obj_t obj[300], freed = KMR_NO_OBJ;
	unsigned int cache, nr = 0, explained = 0, refused = 0;
	struct rig r;

	rig_create(&r, name, 1);
	cache = rig_cache(&r, "things", 200, 0);
	cr_assert_eq(kmr_order_init(&o, r.ops, r.b, 1), 0);
	for (unsigned int i = 0; i < 4000; i++) {
		const unsigned int context = next_random(&seed) % 3 ? TASK : SOFTIRQ;
		const unsigned int n = nr ? (unsigned int)(next_random(&seed) % nr) : 0;
		struct kmr_snapshot before, after;
		kmr_obj_t want = freed;

		if (nr < 300 && (!nr || next_random(&seed) % 2)) {
			obj[nr] = rig_alloc(&r, cache);
			note(&o, cache, obj[nr++], true, context);
			continue;
		}
		freed = obj[n];
		free_noted(&r, &o, cache, obj[n], context);
		obj[n] = obj[--nr];
		if (!nr || next_random(&seed) % 4)
			continue;
		/* the one freed before this, or one that may be in use or none at all */
		if (want == KMR_NO_OBJ || next_random(&seed) % 2)
			want = obj[next_random(&seed) % nr] + (next_random(&seed) % 3 - 1) * 200;
		rig_save(&r, &before);
		if (try_alloc(&r, &o, cache, want)) {
			explained++;
			obj[nr++] = want;
			note(&o, cache, want, true, TASK);
		} else {
			refused++;
			rig_save(&r, &after);
			cr_assert(rig_same(&before, &after), "%s: step %u", name, i);
			kmr_snapshot_free(&after);
		}
		rig_check(&r);
		kmr_snapshot_free(&before);
	}
	cr_expect_gt(explained, 5);
	cr_expect_gt(refused, 50);
	kmr_order_free(&o);
	r.ops->destroy(r.b);
}

Test(object_order, at_random)
{
	for (uint64_t seed = 1; seed <= (SANITIZED ? 2 : 6); seed++) {
		try_at_random("slub", seed);
		try_at_random("slab", seed);
	}
}

#define MS 1000000u

static struct kmr_event free_at(uint64_t ms)
{
	struct kmr_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.type = KMR_EV_CACHE_FREE;
	ev.time = ms * MS;
	ev.bytes.req = 64;
	return ev;
}

static bool in_use(const struct rig *r, kmr_obj_t obj)
{
	return r->ops->given(r->b, obj) != 0;
}

/* Given back at the first callback of a run that begins after a whole run since the free. */
Test(object_delay, a_grace_period)
{
	static struct kmr_object_delay d;
	struct kmr_event ev = free_at(100);
	unsigned int rcu, plain;
	struct rig r;
	kmr_obj_t a, b;

	rig_create(&r, "slob", 1);
	rcu = rig_cache(&r, "vmas", 64, KMR_CACHE_RCU);
	plain = rig_cache(&r, "things", 64, 0);
	a = rig_alloc(&r, rcu);
	b = rig_alloc(&r, plain);
	kmr_delay_init(&d, r.ops, r.b);
	cr_expect_not(kmr_delay_free(&d, plain, b, &ev, 0), "its memory may be reused at once");
	cr_expect_not(kmr_delay_free(&d, KMR_ORDER_KMALLOC, b, &ev, 0));
	cr_expect_not(kmr_delay_free(&d, rcu, a + 4096, &ev, 0), "not in use");
	cr_assert(kmr_delay_free(&d, rcu, a, &ev, 0));
	kmr_delay_callback(&d, 104 * MS);
	cr_expect(in_use(&r, a), "the run may have begun before the free");
	kmr_delay_callback(&d, 106 * MS);
	cr_expect(in_use(&r, a), "no grace period is as short");
	kmr_delay_callback(&d, 112 * MS);
	cr_expect_not(in_use(&r, a));
	cr_expect_eq(d.count, 0);
	cr_expect(in_use(&r, b));
	rig_check(&r);
	r.ops->destroy(r.b);
}

/* SLUB gives whole slabs to RCU, not objects. */
Test(object_delay, only_a_heap_waits)
{
	static struct kmr_object_delay d;
	const struct kmr_event ev = free_at(100);
	unsigned int rcu;
	struct rig r;

	rig_create(&r, "slub", 1);
	rcu = rig_cache(&r, "vmas", 64, KMR_CACHE_RCU);
	kmr_delay_init(&d, r.ops, r.b);
	cr_expect_not(kmr_delay_free(&d, rcu, rig_alloc(&r, rcu), &ev, 0));
	r.ops->destroy(r.b);
}

/* More than can wait: the oldest comes back. */
Test(object_delay, a_full_ring)
{
	static struct kmr_object_delay d;
	static kmr_obj_t obj[KMR_DELAY_MAX + 10];
	const struct kmr_event ev = free_at(100);
	unsigned int rcu;
	struct rig r;

	rig_create(&r, "slob", 1);
	rcu = rig_cache(&r, "vmas", 64, KMR_CACHE_RCU);
	kmr_delay_init(&d, r.ops, r.b);
	for (unsigned int i = 0; i < KMR_DELAY_MAX + 10; i++)
		obj[i] = rig_alloc(&r, rcu);
	for (unsigned int i = 0; i < KMR_DELAY_MAX + 10; i++)
		cr_assert(kmr_delay_free(&d, rcu, obj[i], &ev, 0));
	for (unsigned int i = 0; i < KMR_DELAY_MAX + 10; i++)
		cr_expect_eq(in_use(&r, obj[i]), i >= 10, "%u", i);
	cr_expect_eq(d.count, KMR_DELAY_MAX);
	rig_check(&r);
	r.ops->destroy(r.b);
}

struct countdown {
	unsigned int calls, until;
};

static bool count_down(void *ctx)
{
	struct countdown *c = ctx;

	return ++c->calls == c->until;
}

/* An allocation shows how many are back: the oldest first, and no more than needed. */
Test(object_delay, an_allocation_shows_it)
{
	static struct kmr_object_delay d;
	const struct kmr_event ev = free_at(100);
	struct countdown c = { 0, 3 };
	kmr_obj_t obj[100];
	unsigned int rcu;
	struct rig r;

	rig_create(&r, "slob", 1);
	rcu = rig_cache(&r, "vmas", 64, KMR_CACHE_RCU);
	kmr_delay_init(&d, r.ops, r.b);
	cr_expect_not(kmr_delay_release_for(&d, count_down, &c));
	cr_expect_eq(c.calls, 0, "nothing waits");
	for (unsigned int i = 0; i < 100; i++)
		obj[i] = rig_alloc(&r, rcu);
	for (unsigned int i = 0; i < 100; i++)
		cr_assert(kmr_delay_free(&d, rcu, obj[i], &ev, 0));
	cr_expect(kmr_delay_release_for(&d, count_down, &c));
	cr_expect_eq(d.count, 97);
	cr_expect_not(in_use(&r, obj[2]));
	cr_expect(in_use(&r, obj[3]));
	rig_check(&r);
	r.ops->destroy(r.b);
}
