// SPDX-License-Identifier: GPL-2.0-only
/* What a kernel prints of its memory while it boots, and what describing it costs. */
#include "kmreplay/figures.h"

#include <string.h>

#include "kmreplay/addrspace.h"

#define MIB	      ((uint64_t)1 << 20)
#define GIB	      ((uint64_t)1 << 30)
#define MIGRATE_TYPES 6 /* with CMA and isolation built in */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static bool is_x86(const struct kmr_machine *m)
{
	return !strcmp(m->arch, "i386") || !strcmp(m->arch, "x86_64");
}

static bool is_32bit(const struct kmr_machine *m)
{
	return !strcmp(m->arch, "i386");
}

/* Appends a range, or lengthens the last one when this goes on from it. */
static unsigned int append(struct kmr_frame_range *ranges, unsigned int nr, uint64_t start,
			   uint64_t end, uint16_t node)
{
	struct kmr_frame_range *last = nr ? &ranges[nr - 1] : NULL;

	if (start >= end || nr == KMR_MAX_NODE_RANGES)
		return nr;
	if (last && last->node == node && last->end_pfn == start) {
		last->end_pfn = end;
		return nr;
	}
	ranges[nr] = (struct kmr_frame_range){ start, end, node };
	return nr + 1;
}

/* The populated zone with the lowest frames from @from on; NULL: none. */
static const struct kmr_zone_spec *next_zone(const struct kmr_machine *m, uint64_t from)
{
	const struct kmr_zone_spec *next = NULL;

	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];

		if (z->present && z->start_pfn >= from && (!next || z->start_pfn < next->start_pfn))
			next = z;
	}
	return next;
}

unsigned int kmr_machine_node_ranges(const struct kmr_machine *m, struct kmr_frame_range *ranges)
{
	const struct kmr_zone_spec *z;
	unsigned int nr = 0;

	for (z = next_zone(m, 0); z; z = next_zone(m, z->start_pfn + 1)) {
		const uint64_t start = z->start_pfn, end = start + z->spanned;

		if (!m->nr_ram)
			nr = append(ranges, nr, start, end, z->node);
		for (unsigned int r = 0; r < m->nr_ram; r++)
			nr = append(ranges, nr, most(start, m->ram[r].start_pfn),
				    least(end, m->ram[r].end_pfn), z->node);
	}
	return nr;
}

/* Where the next type begins that has memory. */
static uint64_t next_type(const struct kmr_machine *m, enum kmr_zone_type type)
{
	uint64_t start = UINT64_MAX;

	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];

		if (z->present && z->type > type && z->type != KMR_ZONE_MOVABLE)
			start = least(start, z->start_pfn);
	}
	return start;
}

/* Where frames of @type end on this architecture, whatever memory there is. */
static uint64_t type_end(const struct kmr_machine *m, enum kmr_zone_type type, uint64_t first)
{
	const uint64_t dma32 = 4 * GIB >> m->page_shift;
	struct kmr_address_space as;
	struct kmr_error ignored;

	if (is_x86(m) && type == KMR_ZONE_DMA)
		return 16 * MIB >> m->page_shift;
	if (is_x86(m) && type == KMR_ZONE_DMA32)
		return dma32;
	if (is_32bit(m) && type == KMR_ZONE_NORMAL && m->has_type[KMR_ZONE_HIGHMEM])
		return kmr_address_space(m, &as, &ignored) ? UINT64_MAX : as.direct_end_pfn;
	/* arch/arm64/mm/init.c: no lower than 4 GiB unless devices need it, if RAM begins below */
	if (!strcmp(m->arch, "arm64") && type <= KMR_ZONE_DMA32 && first < dma32)
		return least(next_type(m, type), dma32);
	return is_x86(m) ? UINT64_MAX : next_type(m, type);
}

bool kmr_machine_zone_range(const struct kmr_machine *m, enum kmr_zone_type type,
			    struct kmr_frame_range *range)
{
	const struct kmr_zone_spec *first = next_zone(m, 0);
	const uint64_t start = first ? first->start_pfn : 0;
	uint64_t end = start;

	*range = (struct kmr_frame_range){ 0, 0, 0 };
	for (unsigned int t = 0; type != KMR_ZONE_MOVABLE && t <= (unsigned int)type; t++) {
		range->start_pfn = end;
		if (m->has_type[t])
			end = most(end, least(type_end(m, (enum kmr_zone_type)t, start),
					      kmr_machine_online_end_pfn(m)));
		range->end_pfn = end;
	}
	return m->has_type[type] && range->start_pfn < range->end_pfn;
}

/*
 * sizeof(struct page): eight words, 32 and 64 bytes, as struct page is since 4.16 without page_owner
 * and the like in it.
 */
static unsigned int struct_page(const struct kmr_machine *m)
{
	if (m->struct_page)
		return m->struct_page;
	return is_32bit(m) ? 32 : 64;
}

/* Of a section; 0: flat memory.  64-bit x86 and arm64 have no flat memory, whoever describes them. */
static uint64_t section_pages(const struct kmr_machine *m)
{
	if (m->section_pages || is_32bit(m) || !strcmp(m->arch, "alpha"))
		return m->section_pages;
	/* SECTION_SIZE_BITS: 27, on arm64 with pages of 64 KiB 29 */
	return (m->page_shift == 16 ? 512 * MIB : 128 * MIB) >> m->page_shift;
}

static uint64_t pages_of(const struct kmr_machine *m, uint64_t bytes)
{
	return (bytes + ((uint64_t)1 << m->page_shift) - 1) >> m->page_shift;
}

/* An array a node, from its first frame to its last, both rounded to the largest block. */
static void flat_mem_map(const struct kmr_machine *m, struct kmr_mem_map *map)
{
	const uint64_t align = (uint64_t)1 << (m->nr_orders - 1);

	for (unsigned int node = 0; node < m->nr_nodes; node++) {
		uint64_t start = UINT64_MAX, end = 0, frames;

		for (unsigned int i = 0; i < m->nr_zones; i++) {
			const struct kmr_zone_spec *z = &m->zones[i];

			if (z->node != node || !z->present)
				continue;
			start = least(start, z->start_pfn);
			end = most(end, z->start_pfn + z->spanned);
		}
		if (!end)
			continue;
		frames = ((end + align - 1) & ~(align - 1)) - (start & ~(align - 1));
		map->frames += frames;
		map->pages += pages_of(m, frames * map->struct_page);
	}
}

static void sparse_mem_map(const struct kmr_machine *m, uint64_t section, struct kmr_mem_map *map)
{
	struct kmr_frame_range ranges[KMR_MAX_NODE_RANGES];
	const unsigned int nr = kmr_machine_node_ranges(m, ranges);
	uint64_t next = 0; /* sections below are counted */

	for (unsigned int i = 0; i < nr; i++) {
		const uint64_t first = most(ranges[i].start_pfn / section, next);
		const uint64_t end = (ranges[i].end_pfn - 1) / section + 1;

		if (first >= end)
			continue;
		map->sections += end - first;
		next = end;
	}
	map->frames = map->sections * section;
	map->pages = map->sections * pages_of(m, section * map->struct_page);
}

void kmr_machine_mem_map(const struct kmr_machine *m, struct kmr_mem_map *map)
{
	const uint64_t section = section_pages(m);

	*map = (struct kmr_mem_map){ .struct_page = struct_page(m) };
	if (!section) {
		flat_mem_map(m, map);
		return;
	}
	map->model = is_32bit(m) || !strcmp(m->arch, "alpha") ? KMR_SPARSEMEM : KMR_VMEMMAP;
	sparse_mem_map(m, section, map);
}

uint64_t kmr_machine_block_pages(const struct kmr_machine *m)
{
	const uint64_t section = section_pages(m), end = kmr_machine_online_end_pfn(m);
	uint64_t block = 2 * GIB >> m->page_shift;

	if (strcmp(m->arch, "x86_64") || end < 64 * GIB >> m->page_shift)
		return section;
	while (block > section && end % block)
		block /= 2;
	return block;
}

/* calc_memmap_size(): a guess at a zone's share of mem_map; pages */
static uint64_t expected_mem_map(const struct kmr_machine *m, const struct kmr_zone_spec *z)
{
	const bool holes = section_pages(m) && z->spanned > z->present + (z->present >> 4);

	return pages_of(m, (holes ? z->present : z->spanned) * struct_page(m));
}

uint64_t kmr_machine_total_pages(const struct kmr_machine *m)
{
	/* mm/mm_init.c of 6.10 and later: free_area_init_core() */
	const bool all = !strcmp(m->kernel, "6.12");
	uint64_t total = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];
		const uint64_t map = all || kmr_zone_is_highmem(m, z) ? 0 : expected_mem_map(m, z);

		total += z->present - (z->present >= map ? map : 0);
	}
	return total;
}

bool kmr_machine_groups_by_mobility(const struct kmr_machine *m)
{
	return kmr_machine_total_pages(m) >= (uint64_t)MIGRATE_TYPES << m->pageblock_order;
}
