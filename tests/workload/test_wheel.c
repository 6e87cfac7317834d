// SPDX-License-Identifier: GPL-2.0-only
/* The wheel against a list that is searched; names; what is kept. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "workload/keep.h"
#include "workload/names.h"
#include "workload/random.h"
#include "workload/wheel.h"

static struct load_wheel wheel;

static void set_up(void)
{
	cr_assert_eq(load_wheel_init(&wheel), 0);
}

static void tear_down(void)
{
	load_wheel_free(&wheel);
}

TestSuite(wheel, .init = set_up, .fini = tear_down);

static void add(uint64_t time, uint32_t name)
{
	const struct load_live item = { .time = time, .name = name };

	cr_assert_eq(load_wheel_add(&wheel, &item), 0);
}

static void expect_next(uint64_t until, uint64_t time, uint32_t name)
{
	struct load_live item;

	cr_assert(load_wheel_take(&wheel, until, &item), "nothing until %llu",
		  (unsigned long long)until);
	cr_assert_eq(item.time, time, "%llu, not %llu", (unsigned long long)item.time,
		     (unsigned long long)time);
	cr_assert_eq(item.name, name, "%u, not %u", item.name, name);
}

static void expect_none(uint64_t until)
{
	struct load_live item;

	cr_assert_not(load_wheel_take(&wheel, until, &item));
}

Test(wheel, empty)
{
	expect_none(0);
	expect_none(LOAD_WHEEL_END - 1);
}

Test(wheel, in_order_of_time)
{
	add(700, 1);
	add(5, 2);
	add(UINT64_C(1) << 62, 3);
	add(1000000000, 4);
	expect_none(4);
	expect_next(5, 5, 2);
	expect_none(699);
	expect_next(2000000000, 700, 1);
	expect_next(2000000000, 1000000000, 4);
	expect_none((UINT64_C(1) << 62) - 1);
	expect_next(LOAD_WHEEL_END - 1, UINT64_C(1) << 62, 3);
	cr_expect_eq(wheel.count, 0u);
}

/* What is looked at and not taken yet must not get in the way of what comes before it. */
Test(wheel, earlier_ones_can_still_come)
{
	add(10000000, 1);
	expect_none(1000);
	add(1000, 2);
	add(2000, 3);
	expect_next(1500, 1000, 2);
	expect_none(1500);
	add(1500, 4);
	add(9999999, 5);
	expect_next(10000000, 1500, 4);
	expect_next(10000000, 2000, 3);
	expect_next(10000000, 9999999, 5);
	expect_next(10000000, 10000000, 1);
}

Test(wheel, equal_times_as_they_came)
{
	uint32_t next = 0;

	for (uint32_t i = 0; i < 10000; i++)
		add(123456789, i);
	for (; next < 5000; next++)
		expect_next(123456789, 123456789, next);
	for (uint32_t i = 10000; i < 15000; i++)
		add(123456789, i);
	add(123456790, 99999);
	for (; next < 15000; next++)
		expect_next(UINT64_C(1) << 40, 123456789, next);
	expect_next(UINT64_C(1) << 40, 123456790, 99999);
	expect_none(UINT64_C(1) << 40);
}

/* A list in order, equal times by their number: what the wheel has to give. */
struct reference {
	struct load_live *items;
	size_t nr;
};

static size_t earliest(const struct reference *r)
{
	size_t at = 0;

	for (size_t i = 1; i < r->nr; i++)
		if (r->items[i].time < r->items[at].time ||
		    (r->items[i].time == r->items[at].time && r->items[i].name < r->items[at].name))
			at = i;
	return at;
}

static void expect_all(struct reference *r, uint64_t until)
{
	struct load_live item;

	while (r->nr) {
		const size_t at = earliest(r);

		if (r->items[at].time > until)
			break;
		cr_assert(load_wheel_take(&wheel, until, &item));
		cr_assert_eq(item.time, r->items[at].time);
		cr_assert_eq(item.name, r->items[at].name);
		r->items[at] = r->items[--r->nr];
	}
	cr_assert_not(load_wheel_take(&wheel, until, &item));
	cr_assert_eq(wheel.count, r->nr);
}

/* Distances of all sizes, bursts of equal times, and clocks that jump. */
static void random_run(uint64_t seed, unsigned int bits, unsigned int at_once)
{
	struct reference r = { calloc(4096, sizeof(struct load_live)), 0 };
	struct load_random random;
	uint64_t now = 0;
	uint32_t name = 0;

	cr_assert_not_null(r.items);
	load_random_seed(&random, seed, "wheel", bits);
	for (unsigned int step = 0; step < 3000; step++) {
		const uint64_t jump =
			load_random_next(&random) >> (63 - load_random_below(&random, bits));
		const unsigned int n = (unsigned int)load_random_below(&random, at_once);
		uint64_t time = 0;

		now += load_random_below(&random, 3) ? jump & 1023 : jump;
		expect_all(&r, now);
		for (unsigned int i = 0; i < n && r.nr < 4000; i++) {
			if (!load_random_below(&random, 3) || !i)
				time = now + (load_random_next(&random) >>
					      (63 - load_random_below(&random, bits)));
			r.items[r.nr++] = (struct load_live){ .time = time, .name = name };
			add(time, name++);
		}
	}
	expect_all(&r, LOAD_WHEEL_END - 1);
	free(r.items);
}

Test(wheel, random_short)
{
	random_run(1, 12, 8);
}

Test(wheel, random_long)
{
	random_run(2, 45, 8);
}

Test(wheel, random_many_at_once)
{
	random_run(3, 30, 200);
}

/* 10^7 items pass, 1000 at a time: no more chunks than those take. */
Test(wheel, memory_follows_what_is_there)
{
	struct load_random random;
	struct load_live item;
	uint64_t now = 0;

	load_random_seed(&random, 1, "memory", 0);
	for (uint32_t i = 0; i < 10000000; i++) {
		now += 1000;
		while (load_wheel_take(&wheel, now, &item))
			;
		add(now + load_random_below(&random, 2000000), i);
	}
	cr_expect_leq(wheel.nr_chunks, 1200u, "%zu", wheel.nr_chunks);
}

/* No two blocks that live have a frame in common, whatever their orders. */
Test(names, frames_do_not_overlap)
{
	static uint8_t used[1u << 24];
	struct {
		uint32_t frame;
		unsigned int order;
	} live[2000];
	struct load_random random;
	struct load_names names;
	unsigned int nr = 0;

	load_names_init(&names, 64);
	load_random_seed(&random, 1, "names", 0);
	for (unsigned int step = 0; step < 200000; step++) {
		if (nr < 2000 && load_random_below(&random, 2)) {
			const unsigned int order = (unsigned int)load_random_below(&random, 13);
			const uint32_t frame = load_name_take(&names, &names.frames[order]);

			cr_assert_eq(frame & ((1u << order) - 1), 0u);
			cr_assert(frame && frame + (1u << order) <= sizeof(used));
			for (uint32_t f = frame; f < frame + (1u << order); f++)
				cr_assert_eq(used[f]++, 0u);
			live[nr].frame = frame;
			live[nr++].order = order;
		} else if (nr) {
			const unsigned int i = (unsigned int)load_random_below(&random, nr);

			memset(&used[live[i].frame], 0, (size_t)1 << live[i].order);
			cr_assert_eq(load_name_put(&names.frames[live[i].order], live[i].frame), 0);
			live[i] = live[--nr];
		}
	}
	load_names_free(&names);
}

/* They come from chunks of 4096 frames that are used up one after the other. */
Test(names, frames_are_compact)
{
	struct load_names names;
	uint32_t frame = 0;

	load_names_init(&names, 64);
	for (unsigned int i = 0; i < 100000; i++)
		frame = load_name_take(&names, &names.frames[0]);
	cr_expect_leq(frame, 4096u + 100000u + 4096u);
	/* given back and taken again, for ever */
	for (unsigned int i = 0; i < 1000000; i++) {
		cr_assert_eq(load_name_put(&names.frames[0], frame), 0);
		cr_assert_eq(load_name_take(&names, &names.frames[0]), frame);
	}
	load_names_free(&names);
}

Test(names, frames_run_out)
{
	struct load_names names;
	unsigned int n = 0;

	load_names_init(&names, 64);
	while (load_name_take(&names, &names.frames[15]) != LOAD_NO_NAME)
		n++;
	/* 2^32 frames but for the first region and what aligning takes */
	cr_expect_eq(n, (1u << 17) - 2, "%u", n);
	cr_expect_eq(load_name_take(&names, &names.frames[15]), LOAD_NO_NAME);
	load_names_free(&names);
}

static uint64_t pointer(const struct load_pointers *p, uint32_t name)
{
	return p->base + (uint64_t)name * p->step;
}

Test(names, pointers_differ_and_fit)
{
	const struct load_pointers objects = load_object_pointers(64),
				   areas = load_area_pointers(64),
				   objects_32 = load_object_pointers(32),
				   areas_32 = load_area_pointers(32);
	struct load_names names;

	cr_expect_eq(pointer(&objects, 0), UINT64_C(0xffff888100000000));
	cr_expect_lt(pointer(&objects, LOAD_NO_NAME - 1), pointer(&areas, 0));
	cr_expect_lt(pointer(&areas, LOAD_NO_NAME - 1), UINT64_MAX - 4096);
	load_names_init(&names, 32);
	names.objects.next = names.objects.end - 1;
	cr_expect_lt(pointer(&objects_32, load_name_take(&names, &names.objects)),
		     pointer(&areas_32, 0));
	cr_expect_eq(load_name_take(&names, &names.objects), LOAD_NO_NAME);
	names.areas.next = names.areas.end - 1;
	cr_expect_lt(pointer(&areas_32, load_name_take(&names, &names.areas)),
		     UINT64_C(0xffff0000));
	cr_expect_eq(load_name_take(&names, &names.areas), LOAD_NO_NAME);
	load_names_free(&names);
}

static struct load_live named(uint32_t name)
{
	return (struct load_live){ .name = name };
}

Test(keep, oldest_and_newest)
{
	struct load_keep keep = { 0 };

	for (uint32_t i = 0; i < 100; i++) {
		const struct load_live item = named(i);

		cr_assert_eq(load_keep_add(&keep, &item), 0);
	}
	for (uint32_t i = 0; i < 50; i++) {
		cr_assert_eq(load_keep_take(&keep, LOAD_FIFO, NULL).name, i);
		cr_assert_eq(load_keep_take(&keep, LOAD_LIFO, NULL).name, 99 - i);
	}
	cr_expect_eq(keep.nr, 0u);
	load_keep_free(&keep);
}

/* The ring goes round many times without growing. */
Test(keep, a_ring)
{
	struct load_keep keep = { 0 };

	for (uint32_t i = 0; i < 100000; i++) {
		const struct load_live item = named(i);

		if (keep.nr == 16)
			cr_assert_eq(load_keep_take(&keep, LOAD_FIFO, NULL).name, i - 16);
		cr_assert_eq(load_keep_add(&keep, &item), 0);
	}
	cr_expect_eq(keep.cap, 16u);
	load_keep_free(&keep);
}

/* Each is taken once, and each about as often first. */
Test(keep, any)
{
	unsigned int first[10] = { 0 };
	struct load_random random;

	load_random_seed(&random, 1, "keep", 0);
	for (unsigned int round = 0; round < 100000; round++) {
		struct load_keep keep = { 0 };
		unsigned int seen = 0;

		for (uint32_t i = 0; i < 10; i++) {
			const struct load_live item = named(i);

			cr_assert_eq(load_keep_add(&keep, &item), 0);
		}
		for (unsigned int i = 0; i < 10; i++) {
			const uint32_t name = load_keep_take(&keep, LOAD_RANDOM, &random).name;

			first[name] += !i;
			seen |= 1u << name;
		}
		cr_assert_eq(seen, 0x3ffu);
		load_keep_free(&keep);
	}
	for (unsigned int i = 0; i < 10; i++)
		cr_expect(first[i] > 9500 && first[i] < 10500, "%u: %u", i, first[i]);
}
