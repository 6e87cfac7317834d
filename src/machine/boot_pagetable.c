// SPDX-License-Identifier: GPL-2.0-only
/*
 * x86-64: the page tables of the direct map.  How many there are, and where, depends on how RAM
 * lies to the large pages' boundaries and on the order in which it is mapped, as a table is taken
 * from what is mapped already.  (arch/x86/mm/init.c: init_mem_mapping(), split_mem_range();
 * arch/x86/mm/init_64.c: phys_pud_init(), phys_pmd_init())
 */
#include <stdlib.h>

#include "machine/boot.h"

#define PMD_SIZE  (UINT64_C(1) << 21)
#define PUD_SIZE  (UINT64_C(1) << 30)
#define P4D_SIZE  (UINT64_C(1) << 39)
#define ISA_END	  (UINT64_C(1) << 20)
#define BRK_PAGES 6 /* INIT_PGT_BUF_SIZE: taken from brk before any others */

/* Sizes that a range may be mapped with beside pages. */
#define MASK_2M 1u
#define MASK_1G 2u

struct mapper {
	struct kmr_boot *b;
	unsigned int mask; /* that the CPU has */
	unsigned int brk_left; /* pages */
	bool brk_usable;
	uint64_t min_mapped, max_mapped; /* bytes: what tables can come from */
	uint8_t *p4d, *pud, *pmd; /* bits: which tables of 512 GiB, of 1 GiB, of 2 MiB there are */
};

struct map_range {
	uint64_t start, end;
	unsigned int mask;
};

static uint64_t down(uint64_t v, uint64_t align)
{
	return v & ~(align - 1);
}

static uint64_t up(uint64_t v, uint64_t align)
{
	return (v + align - 1) & ~(align - 1);
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* alloc_low_pages() */
static void take_table(struct mapper *t)
{
	struct kmr_boot *b = t->b;
	struct kmr_memblock_request r = { .size = b->page,
					  .align = b->page,
					  .min = t->min_mapped,
					  .max = t->max_mapped,
					  .node = KMR_ANY_NODE,
					  .what = "page tables" };
	uint64_t at = KMR_MEMBLOCK_NONE;

	if (t->brk_usable && t->brk_left) {
		t->brk_left--;
		return;
	}
	if (t->min_mapped < t->max_mapped)
		at = kmr_memblock_find(&b->mb, &r);
	if (at != KMR_MEMBLOCK_NONE)
		kmr_memblock_reserve(&b->mb, at, at + r.size, r.what, KMR_RESERVED_KEPT);
	else if (!b->failed)
		b->failed = r.what, b->failed_bytes = r.size;
}

static bool has_table(const uint8_t *map, uint64_t i)
{
	return map[i / 8] >> (i % 8) & 1;
}

/* Table @i of a level, made when there is none; a large page in its place is split. */
static void need_table(struct mapper *t, uint8_t *map, uint64_t i)
{
	if (has_table(map, i))
		return;
	map[i / 8] = (uint8_t)(map[i / 8] | 1u << (i % 8));
	take_table(t);
}

/* phys_pmd_init(): within one table of 1 GiB */
static void map_in_pmd(struct mapper *t, uint64_t start, uint64_t end, unsigned int mask)
{
	for (uint64_t a = down(start, PMD_SIZE); a < end && !(mask & MASK_2M); a += PMD_SIZE)
		need_table(t, t->pmd, a / PMD_SIZE);
}

/* phys_pud_init() */
static void map_range(struct mapper *t, const struct map_range *r)
{
	for (uint64_t a = r->start; a < r->end; a = down(a, PUD_SIZE) + PUD_SIZE) {
		uint64_t i = a / PUD_SIZE;

		need_table(t, t->p4d, a / P4D_SIZE);
		if (!has_table(t->pud, i) && r->mask & MASK_1G)
			continue;
		need_table(t, t->pud, i);
		map_in_pmd(t, a, min(r->end, down(a, PUD_SIZE) + PUD_SIZE), r->mask);
	}
}

/* memblock_is_region_memory() */
static bool all_memory(const struct kmr_boot *b, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < b->mb.memory.nr; i++) {
		const struct kmr_memblock_region *m = &b->mb.memory.regions[i];

		if (m->start <= start && end <= m->end)
			return true;
	}
	return false;
}

/* A range may be mapped by larger pages than it fills if all that they cover is RAM. */
static void widen(const struct mapper *t, struct map_range *r)
{
	static const struct {
		unsigned int mask;
		uint64_t size;
	} sizes[] = { { MASK_2M, PMD_SIZE }, { MASK_1G, PUD_SIZE } };

	for (unsigned int i = 0; i < 2; i++)
		if (t->mask & sizes[i].mask &&
		    all_memory(t->b, down(r->start, sizes[i].size), up(r->end, sizes[i].size)))
			r->mask |= sizes[i].mask;
}

/* split_mem_range(): pages up to the first 2 MiB, those up to the first GiB, and so on back */
static unsigned int split(const struct mapper *t, uint64_t start, uint64_t end,
			  struct map_range *ranges)
{
	const uint64_t borders[] = {
		min(up(start, PMD_SIZE), end),
		min(up(up(start, PMD_SIZE), PUD_SIZE), down(end, PMD_SIZE)),
		down(end, PUD_SIZE),
		down(end, PMD_SIZE),
		end,
	};
	static const unsigned int masks[] = { 0, MASK_2M, MASK_2M | MASK_1G, MASK_2M, 0 };
	unsigned int nr = 0;

	for (unsigned int i = 0; i < 5; i++) {
		if (borders[i] <= start)
			continue;
		ranges[nr] = (struct map_range){ start, borders[i], masks[i] & t->mask };
		widen(t, &ranges[nr++]);
		start = borders[i];
	}
	return nr;
}

/* init_memory_mapping() */
static void map_memory(struct mapper *t, uint64_t start, uint64_t end)
{
	struct map_range ranges[5];
	unsigned int nr = split(t, start, end, ranges);

	for (unsigned int i = 0; i < nr; i++)
		map_range(t, &ranges[i]);
	if (end > t->max_mapped)
		t->max_mapped = end;
}

/* init_range_memory_mapping(): what of it is RAM; returns how much */
static uint64_t map_ram(struct mapper *t, uint64_t start, uint64_t end)
{
	const struct kmr_boot *b = t->b;
	const uint64_t brk_end = up(b->profile.bss_end, b->page) + BRK_PAGES * b->page;
	uint64_t mapped = 0;

	for (size_t i = 0; i < b->mb.memory.nr; i++) {
		const struct kmr_memblock_region *m = &b->mb.memory.regions[i];
		uint64_t from = m->start > start ? m->start : start, to = min(m->end, end);
		uint64_t brk = brk_end - t->brk_left * b->page;

		if (from >= to)
			continue;
		/* no table can lie in what it is to map */
		t->brk_usable = (from > brk ? from : brk) >= min(to, brk_end);
		map_memory(t, from, to);
		t->brk_usable = true;
		mapped += to - from;
	}
	return mapped;
}

/* memory_map_top_down() */
static void map_top_down(struct mapper *t, uint64_t start, uint64_t end)
{
	struct kmr_memblock_request r = {
		.size = PMD_SIZE, .align = PMD_SIZE, .min = start, .max = end, .node = KMR_ANY_NODE
	};
	uint64_t at = kmr_memblock_find(&t->b->mb, &r), step = PMD_SIZE, mapped = 0;
	uint64_t top = at != KMR_MEMBLOCK_NONE ? at + PMD_SIZE : down(end, PMD_SIZE), last;

	if (top < start)
		top = start;
	t->max_mapped = 0;
	t->min_mapped = last = top;
	while (last > start) {
		uint64_t from = last > step ? down(last - 1, step) : start;

		if (from < start)
			from = start;
		mapped += map_ram(t, from, last);
		t->min_mapped = last = from;
		if (mapped >= step && step < UINT64_C(1) << 55)
			step <<= 8;
	}
	if (top < end)
		(void)map_ram(t, top, end);
}

/* memory_map_bottom_up() */
static void map_bottom_up(struct mapper *t, uint64_t start, uint64_t end)
{
	uint64_t step = PMD_SIZE, mapped = 0;

	t->min_mapped = start;
	while (start < end) {
		uint64_t next = end - start > step ? min(up(start + 1, step), end) : end;

		mapped += map_ram(t, start, next);
		start = next;
		if (mapped >= step && step < UINT64_C(1) << 55)
			step <<= 8;
	}
}

static void free_maps(struct mapper *t)
{
	free(t->p4d);
	free(t->pud);
	free(t->pmd);
}

void kmr_boot_map_memory(struct kmr_boot *b)
{
	struct mapper t = { .b = b, .brk_left = BRK_PAGES, .brk_usable = true };
	const uint64_t end = b->max_pfn * b->page, kernel_end = up(b->profile.bss_end, PMD_SIZE);

	t.mask = b->spec->no_gbpages ? MASK_2M : MASK_2M | MASK_1G;
	t.p4d = calloc(end / P4D_SIZE / 8 + 1, 1);
	t.pud = calloc(end / PUD_SIZE / 8 + 1, 1);
	t.pmd = calloc(end / PMD_SIZE / 8 + 1, 1);
	if (!t.p4d || !t.pud || !t.pmd) {
		b->mb.nomem = true;
	} else {
		map_memory(&t, 0, ISA_END);
		if (b->mb.bottom_up) {
			map_bottom_up(&t, kernel_end, end);
			map_bottom_up(&t, ISA_END, kernel_end);
		} else {
			map_top_down(&t, ISA_END, end);
		}
	}
	free_maps(&t);
}
