// SPDX-License-Identifier: GPL-2.0-only
/* memblock: places that real boots chose, and every operation against a map of single bytes. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "machine/memblock.h"

#define ANY UINT16_MAX
#define MIB (UINT64_C(1) << 20)

static uint64_t take(struct kmr_memblock *mb, uint64_t size, uint64_t align)
{
	return kmr_memblock_alloc(mb,
				  &(struct kmr_memblock_request){
					  .size = size, .align = align, .node = ANY, .what = "x" });
}

/* "memblock_reserve:" lines of an i386 kernel of 1280 MiB with memblock=debug, in their order */
Test(memblock, places_of_a_real_boot)
{
	static const struct {
		uint64_t size, align, at;
	} steps[] = {
		{ 10485760, 32, 0x369fe000 }, /* mem_map */
		{ 4, 32, 0x369fdfe0 }, /* pageblock bits: DMA, Normal, HighMem */
		{ 112, 32, 0x369fdf60 },
		{ 52, 32, 0x369fdf20 },
		{ 43, 32, 0x369fdee0 }, /* I/O APIC */
		{ 256, 32, 0x369fdde0 }, /* e820 */
		{ 132, 32, 0x369fdd40 }, /* command lines */
		{ 132, 32, 0x369fdca0 },
		{ 4096, 4096, 0x369fc000 }, /* per-CPU: what sets it up */
		{ 4096, 32, 0x369fb000 },
		{ 122880, 4096, 0x369dd000 }, /* the chunk */
		{ 4, 32, 0x369fdc80 }, /* and small ones above it again */
	};
	struct kmr_memblock mb = { .page_size = 4096, .limit = 0x373fe000 };

	kmr_memblock_add(&mb, 0x1000, 0x9f000, 0, false);
	kmr_memblock_add(&mb, MIB, 0x4ffda000, 0, false);
	kmr_memblock_reserve(&mb, 0, MIB, "first MiB", 0);
	kmr_memblock_reserve(&mb, 16 * MIB, 0x1934000, "image", 0);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		cr_expect_eq(take(&mb, steps[i].size, steps[i].align), steps[i].at, "step %zu", i);
	kmr_memblock_destroy(&mb);
}

Test(memblock, limits_nodes_and_direction)
{
	struct kmr_memblock_request r = { .size = MIB, .align = MIB, .node = 1, .what = "x" };
	struct kmr_memblock mb = { .page_size = 4096, .limit = 64 * MIB };

	kmr_memblock_add(&mb, 0, 32 * MIB, 0, false);
	kmr_memblock_add(&mb, 32 * MIB, 64 * MIB, 1, false);
	cr_expect_eq(kmr_memblock_find(&mb, &r), 63 * MIB);
	r.node = ANY;
	r.max = 40 * MIB;
	cr_expect_eq(kmr_memblock_find(&mb, &r), 39 * MIB);
	/* no range goes over a border of nodes */
	r.size = 16 * MIB;
	cr_expect_eq(kmr_memblock_find(&mb, &r), 16 * MIB);
	r.min = 20 * MIB;
	cr_expect_eq(kmr_memblock_find(&mb, &r), KMR_MEMBLOCK_NONE);
	/* rather below the least than not at all */
	cr_expect_eq(kmr_memblock_alloc(&mb, &r), 16 * MIB);
	/* rather on another node, unless just that one will do */
	r = (struct kmr_memblock_request){
		.size = 32 * MIB, .align = 4096, .node = 0, .exact_node = true, .what = "x"
	};
	cr_expect_eq(kmr_memblock_alloc(&mb, &r), KMR_MEMBLOCK_NONE);
	r.exact_node = false;
	cr_expect_eq(kmr_memblock_alloc(&mb, &r), 32 * MIB);
	/* from below; the first page is nobody's */
	mb.bottom_up = true;
	cr_expect_eq(take(&mb, 4096, 4096), 4096);
	cr_expect_eq(take(&mb, 1, MIB), MIB);
	cr_expect_eq(take(&mb, 1, 1), 8192);
	kmr_memblock_destroy(&mb);
}

Test(memblock, memory_that_can_be_taken_out)
{
	struct kmr_memblock mb = { .page_size = 4096, .limit = 64 * MIB, .skip_hotplug = true };

	kmr_memblock_add(&mb, 0, 32 * MIB, 0, false);
	kmr_memblock_add(&mb, 32 * MIB, 64 * MIB, 0, true);
	cr_expect_eq(take(&mb, MIB, MIB), 31 * MIB);
	mb.skip_hotplug = false;
	cr_expect_eq(take(&mb, MIB, MIB), 63 * MIB);
	cr_expect_eq(kmr_memblock_size(&mb, UINT64_MAX), 64 * MIB);
	cr_expect_eq(kmr_memblock_size(&mb, 40 * MIB), 40 * MIB);
	cr_expect_eq(kmr_memblock_end(&mb), 64 * MIB);
	kmr_memblock_destroy(&mb);
}

#define BYTES 512

/* The same by single bytes. */
struct map {
	bool memory[BYTES], reserved[BYTES];
	uint8_t node[BYTES];
	uint8_t what[BYTES];
};

static const char *const names[] = { "a", "b", "c" };

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void check_list(const struct kmr_memblock_list *list, const bool *bytes,
		       const struct map *map, bool memory)
{
	uint64_t at = 0;

	for (size_t i = 0; i < list->nr; i++) {
		const struct kmr_memblock_region *r = &list->regions[i];

		cr_assert_lt(r->start, r->end);
		cr_assert_geq(r->start, at, "regions overlap");
		for (; at < r->start; at++)
			cr_assert(!bytes[at]);
		for (; at < r->end; at++) {
			cr_assert(bytes[at]);
			if (memory)
				cr_assert_eq(r->node, map->node[at]);
			else
				cr_assert_str_eq(r->what, names[map->what[at]]);
		}
		/* what could be one region is one */
		if (i && list->regions[i - 1].end == r->start)
			cr_assert(memory ? list->regions[i - 1].node != r->node
					 : strcmp(list->regions[i - 1].what, r->what) != 0);
	}
	for (; at < BYTES; at++)
		cr_assert(!bytes[at]);
}

static bool fits(const struct map *m, const struct kmr_memblock_request *r, uint64_t at,
		 uint64_t max)
{
	for (uint64_t i = at; i < at + r->size; i++)
		if (i >= max || !m->memory[i] || m->reserved[i] || m->node[i] != m->node[at])
			return false;
	return r->node == ANY || m->node[at] == r->node;
}

/* The place by trying every one. */
static uint64_t naive_find(const struct map *m, const struct kmr_memblock *mb,
			   const struct kmr_memblock_request *r)
{
	uint64_t max = r->max ? r->max : mb->limit, found = KMR_MEMBLOCK_NONE;
	uint64_t min = r->min > mb->page_size ? r->min : mb->page_size;

	for (uint64_t at = (min + r->align - 1) & ~(r->align - 1); at < BYTES; at += r->align)
		if (fits(m, r, at, max)) {
			found = at;
			if (mb->bottom_up)
				break;
		}
	return found;
}

static void walk(uint64_t seed)
{
	struct kmr_memblock mb = { .page_size = 8, .limit = BYTES, .bottom_up = seed % 2 };
	struct map m;

	memset(&m, 0, sizeof(m));
	for (unsigned int step = 0; step < 400; step++) {
		uint64_t start = next_random(&seed) % BYTES;
		uint64_t end = start + next_random(&seed) % (BYTES - start + 1);
		unsigned int op = (unsigned int)(next_random(&seed) % 8), k;
		struct kmr_memblock_request r = {
			.size = 1 + next_random(&seed) % 40,
			.align = UINT64_C(1) << next_random(&seed) % 6,
			.min = next_random(&seed) % 3 ? 0 : start,
			.max = next_random(&seed) % 3 ? 0 : end,
			.node = next_random(&seed) % 2 ? ANY : (uint16_t)(next_random(&seed) % 2),
		};

		k = (unsigned int)(next_random(&seed) % 3);
		if (op < 3) {
			kmr_memblock_add(&mb, start, end, (uint16_t)(k % 2), false);
			for (; start < end; start++) {
				if (!m.memory[start])
					m.node[start] = (uint8_t)(k % 2);
				m.memory[start] = true;
			}
		} else if (op == 3) {
			kmr_memblock_remove(&mb, start, end);
			for (; start < end; start++)
				m.memory[start] = false;
		} else if (op == 4) {
			end = start + (end - start) / 8;
			kmr_memblock_reserve(&mb, start, end, names[k], 0);
			for (; start < end; start++) {
				if (!m.reserved[start])
					m.what[start] = (uint8_t)k;
				m.reserved[start] = true;
			}
		} else if (op == 5) {
			kmr_memblock_free(&mb, start, end);
			for (; start < end; start++)
				m.reserved[start] = false;
		} else {
			cr_assert_eq(kmr_memblock_find(&mb, &r), naive_find(&m, &mb, &r),
				     "step %u: size %llu align %llu", step,
				     (unsigned long long)r.size, (unsigned long long)r.align);
		}
		check_list(&mb.memory, m.memory, &m, true);
		check_list(&mb.reserved, m.reserved, &m, false);
	}
	kmr_memblock_destroy(&mb);
}

Test(memblock, random_operations)
{
	for (uint64_t seed = 1; seed <= 60; seed++)
		walk(seed);
}

Test(memblock, free_ranges)
{
	struct kmr_memblock mb = { .page_size = 1, .limit = 100 };
	uint64_t start = 0, end = 0;

	kmr_memblock_add(&mb, 10, 40, 0, false);
	kmr_memblock_add(&mb, 40, 80, 1, false);
	kmr_memblock_reserve(&mb, 0, 12, "a", 0);
	kmr_memblock_reserve(&mb, 20, 25, "a", 0);
	kmr_memblock_reserve(&mb, 25, 30, "b", 0);
	cr_assert(kmr_memblock_next_free(&mb, &start, &end));
	cr_expect(start == 12 && end == 20);
	start = end;
	cr_assert(kmr_memblock_next_free(&mb, &start, &end));
	cr_expect(start == 30 && end == 40);
	start = end;
	cr_assert(kmr_memblock_next_free(&mb, &start, &end));
	cr_expect(start == 40 && end == 80);
	start = end;
	cr_expect(!kmr_memblock_next_free(&mb, &start, &end));
	kmr_memblock_destroy(&mb);
}
