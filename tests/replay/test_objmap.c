// SPDX-License-Identifier: GPL-2.0-only
/* The map of live objects against one that can't be wrong, and what an object costs in it. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "replay/objmap.h"

#define SLOTS	    3000u
#define OPERATIONS  100000u
#define ENTRY_BYTES 20u
#define MAX_BYTES   28u /* an object */
#define FIRST_PTR   UINT64_C(0xffff888000000000)

static uint64_t state;

static uint64_t random64(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* What the map keeps of an object: its steps are those of the header. */
static void assert_same(const struct kmr_live_object *found, const struct kmr_live_object *o)
{
	cr_assert_eq(found->ptr, o->ptr);
	cr_assert_eq(found->obj, o->obj);
	cr_assert_eq(found->time, o->time & ~UINT64_C(1023));
	cr_assert_eq(found->origin, o->origin);
	cr_assert_eq(found->cpu, o->cpu);
}

static struct kmr_live_object random_object(uint64_t ptr)
{
	struct kmr_live_object o = { .ptr = ptr };

	o.obj = random64() % 16 ? (random64() & ((UINT64_C(1) << 42) - 1)) & ~UINT64_C(3)
				: KMR_OBJMAP_FAILED;
	if (o.obj == ((UINT64_C(1) << 42) - 4)) /* stands for the failed one */
		o.obj = 0;
	o.time = random64() >> 14;
	o.origin = (uint32_t)(random64() % KMR_OBJMAP_ORIGINS);
	o.cpu = (uint16_t)(random64() % 1024);
	return o;
}

struct reference {
	struct kmr_live_object o[SLOTS];
	bool live[SLOTS];
	uint64_t count;
};

static int is_in_reference(void *ctx, const struct kmr_live_object *o)
{
	struct reference *r = ctx;
	const uint64_t slot = (o->ptr - FIRST_PTR) / 16;

	cr_assert_lt(slot, SLOTS);
	cr_assert(r->live[slot]);
	assert_same(o, &r->o[slot]);
	r->count--;
	return 0;
}

/* Of an entry's pointer 48 bits are there. */
static int is_in_reference_by_48_bits(void *ctx, const struct kmr_live_object *o)
{
	struct kmr_live_object whole = *o;

	whole.ptr |= UINT64_C(0xffff) << 48;
	return is_in_reference(ctx, &whole);
}

Test(objmap, adds_and_takes_what_a_reference_does)
{
	static struct reference r;
	struct kmr_objmap map = { .nr = 0 };
	struct kmr_live_object found;

	state = 20251;
	for (uint32_t i = 0; i < OPERATIONS; i++) {
		/* fuller and emptier by turns, so that runs of entries grow and fall apart */
		const bool filling = i / 20000 % 2 == 0;
		const uint32_t slot = (uint32_t)(random64() % SLOTS);
		const uint64_t ptr = FIRST_PTR + slot * UINT64_C(16);

		kmr_objmap_prefetch(&map, ptr);
		cr_assert_eq(kmr_objmap_peek(&map, ptr, &found), r.live[slot]);
		if (r.live[slot])
			assert_same(&found, &r.o[slot]);
		if (r.live[slot] && (!filling || random64() % 4 == 0)) {
			cr_assert_eq(kmr_objmap_take(&map, ptr, &found), 1);
			assert_same(&found, &r.o[slot]);
			r.live[slot] = false;
			r.count--;
		} else if (!r.live[slot]) {
			cr_assert_eq(kmr_objmap_take(&map, ptr, &found), 0);
			r.o[slot] = random_object(ptr);
			cr_assert_eq(kmr_objmap_add(&map, &r.o[slot]), 0);
			r.live[slot] = true;
			r.count++;
		}
		cr_assert_eq(map.count, r.count);
	}
	cr_assert_gt(r.count, 0);
	kmr_objmap_each(&map, is_in_reference_by_48_bits, &r);
	cr_assert_eq(r.count, 0);
	kmr_objmap_free(&map);
	cr_assert_eq(map.nr, 0);
}

static uint64_t home_of(uint64_t nr, uint64_t ptr)
{
	struct kmr_objmap map = { .nr = 0 };
	struct kmr_live_object o = { .ptr = ptr };
	uint64_t i;

	cr_assert_eq(kmr_objmap_add(&map, &o), 0);
	cr_assert_eq(map.nr, nr, "a map's first size is %llu", (unsigned long long)map.nr);
	for (i = 0; !map.words[i * (ENTRY_BYTES / 4) + 4];)
		i++;
	kmr_objmap_free(&map);
	return i;
}

/* All want the last entries: they go on at the table's beginning, whoever leaves first. */
Test(objmap, wraps_around)
{
	enum {
		NR = 40
	};
	struct kmr_live_object o[NR], found;
	uint64_t ptr = 0xc0000000;

	for (int n = 0; n < NR; n++) {
		const uint64_t home = 1020;

		do
			ptr += 8;
		while (home_of(1024, ptr) < home);
		o[n] = (struct kmr_live_object){ .ptr = ptr, .obj = ptr & 0xffffff8 };
	}
	state = 7;
	for (int round = 0; round < 5; round++) {
		struct kmr_objmap map = { .nr = 0 };
		int order[NR];

		for (int n = 0; n < NR; n++) {
			order[n] = n;
			cr_assert_eq(kmr_objmap_add(&map, &o[n]), 0);
		}
		cr_assert_eq(map.nr, 1024);
		cr_assert_neq(map.words[4], 0, "nothing went round");
		for (int left = NR; left; left--) {
			const int k = (int)(random64() % (uint64_t)left), n = order[k];

			cr_assert_eq(kmr_objmap_take(&map, o[n].ptr, &found), 1);
			assert_same(&found, &o[n]);
			cr_assert_eq(kmr_objmap_take(&map, o[n].ptr, &found), 0);
			order[k] = order[left - 1];
			for (int m = 0; m < left - 1; m++) {
				cr_assert_eq(kmr_objmap_take(&map, o[order[m]].ptr, &found), 1);
				assert_same(&found, &o[order[m]]);
				cr_assert_eq(kmr_objmap_add(&map, &o[order[m]]), 0);
			}
		}
		cr_assert_eq(map.count, 0);
		kmr_objmap_free(&map);
	}
}

/* Objects side by side, one word apart, and one in each page: neither crowds the table. */
static void fill(uint64_t step)
{
	struct kmr_objmap map = { .nr = 0 };
	struct kmr_live_object found;
	const uint64_t count = 1000000;

	for (uint64_t i = 0; i < count; i++) {
		const struct kmr_live_object o = { .ptr = FIRST_PTR + i * step, .obj = i * 4 };

		cr_assert_eq(kmr_objmap_add(&map, &o), 0);
		if (map.count >= 1000 && (map.count < 5000 || map.count % 1009 == 0))
			cr_assert_leq(map.nr * ENTRY_BYTES, map.count * MAX_BYTES,
				      "%llu entries for %llu objects", (unsigned long long)map.nr,
				      (unsigned long long)map.count);
		cr_assert_leq(map.count * 20, map.nr * 17);
	}
	for (uint64_t i = 0; i < count; i++) {
		cr_assert_eq(kmr_objmap_take(&map, FIRST_PTR + i * step, &found), 1);
		cr_assert_eq(found.obj, i * 4);
	}
	cr_assert_eq(map.count, 0);
	kmr_objmap_free(&map);
}

Test(objmap, a_million_neighbours, .timeout = 60)
{
	fill(8);
	fill(64);
}

Test(objmap, a_million_pages, .timeout = 60)
{
	fill(4096);
}

/* The largest that fits of everything, and the least. */
Test(objmap, limits)
{
	const struct kmr_live_object most = {
		.ptr = UINT64_MAX,
		.obj = (UINT64_C(1) << 42) - 8,
		.time = KMR_OBJMAP_SPAN - 1025, /* the last step is taken */
		.origin = KMR_OBJMAP_ORIGINS - 1,
		.cpu = 1023,
	};
	const struct kmr_live_object least = { .ptr = 0 };
	const struct kmr_live_object failed = { .ptr = 8, .obj = KMR_OBJMAP_FAILED };
	struct kmr_objmap map = { .nr = 0 };
	struct kmr_live_object found;

	cr_assert_eq(kmr_objmap_take(&map, 0, &found), 0);
	cr_assert_eq(kmr_objmap_add(&map, &most), 0);
	cr_assert_eq(kmr_objmap_add(&map, &least), 0);
	cr_assert_eq(kmr_objmap_add(&map, &failed), 0);
	cr_assert_eq(kmr_objmap_take(&map, most.ptr, &found), 1);
	assert_same(&found, &most);
	cr_assert_eq(kmr_objmap_take(&map, least.ptr, &found), 1);
	assert_same(&found, &least);
	cr_assert_eq(kmr_objmap_take(&map, failed.ptr, &found), 1);
	assert_same(&found, &failed);
	kmr_objmap_free(&map);
}

/* Times are kept modulo 13 days, and one tells that there is none. */
Test(objmap, ages)
{
	static const uint64_t day = UINT64_C(86400000000000);
	static const struct {
		uint64_t since, now, age;
	} known[] = {
		{ 1024, 5000, 3976 }, /* up to a step more is right */
		{ 1027, 5000, 3973 },
		{ 100 * day, 106 * day, 6 * day }, /* a machine that is up for long */
		{ 0, 0, 0 },
		{ 5120, 5000, 0 }, /* clocks of CPUs apart */
		{ KMR_OBJMAP_SPAN - 1024, KMR_OBJMAP_SPAN + 1024, 3072 }, /* a step that is taken */
	};
	struct kmr_objmap map = { 0 };
	struct kmr_live_object o = { .ptr = FIRST_PTR, .time = KMR_OBJMAP_OLDER, .origin = 3 };

	cr_assert_eq(kmr_objmap_add(&map, &o), 0);
	o.time = 0;
	cr_assert(kmr_objmap_take(&map, FIRST_PTR, &o));
	cr_expect_eq(o.time, KMR_OBJMAP_OLDER);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		o.time = known[i].since;
		cr_assert_eq(kmr_objmap_add(&map, &o), 0);
		cr_assert(kmr_objmap_take(&map, FIRST_PTR, &o));
		cr_expect_neq(o.time, KMR_OBJMAP_OLDER);
		cr_expect_leq(kmr_objmap_age(known[i].now, o.time) - known[i].age, 1023, "%zu", i);
	}
	kmr_objmap_free(&map);
}
