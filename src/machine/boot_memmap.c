// SPDX-License-Identifier: GPL-2.0-only
/*
 * The array of struct page: flat, one for the whole of a node's span (mm/mm_init.c:
 * alloc_node_mem_map(), setup_usemap()), or by sections, mapped virtually (mm/sparse.c,
 * mm/sparse-vmemmap.c: SPARSEMEM_VMEMMAP with SPARSEMEM_EXTREME).
 */
#include "machine/boot.h"

#define PAGEBLOCK_BITS	 4 /* NR_PAGEBLOCK_BITS */
#define MAX_DMA_ADDRESS	 (UINT64_C(16) << 20) /* x86: nothing large below, if it can be helped */
#define PHYSMEM_BITS	 46 /* MAX_PHYSMEM_BITS of x86-64 with four levels of page tables */
#define VMEMMAP_PUD_SIZE (UINT64_C(1) << 39) /* of virtual memory under one table of each level */
#define VMEMMAP_PMD_SIZE (UINT64_C(1) << 30)

static uint64_t up(uint64_t v, uint64_t align)
{
	return (v + align - 1) & ~(align - 1);
}

/* Bytes of the pageblocks' bits of @pages frames, of which @head lie before in the first block. */
static uint64_t usemap_bytes(const struct kmr_boot *b, uint64_t pages, uint64_t head)
{
	const unsigned int order = b->m->pageblock_order;
	uint64_t blocks = up(pages + head, UINT64_C(1) << order) >> order;

	return up(blocks * PAGEBLOCK_BITS, 8 * b->profile.long_bytes) / 8;
}

static void take_usemaps(struct kmr_boot *b, unsigned int node)
{
	for (unsigned int i = 0; i < b->m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &b->m->zones[i];
		uint64_t head = z->start_pfn & ((UINT64_C(1) << b->m->pageblock_order) - 1);

		if (z->node != node || !z->spanned)
			continue;
		(void)kmr_boot_take_from(b, &(struct kmr_memblock_request){
						    .size = usemap_bytes(b, z->spanned, head),
						    .align = b->profile.cache_line,
						    .node = (uint16_t)node,
						    .what = "pageblock bits" });
	}
}

void kmr_boot_flat(struct kmr_boot *b)
{
	const uint64_t block = UINT64_C(1) << (b->m->nr_orders - 1);

	for (unsigned int n = 0; n < b->m->nr_nodes; n++) {
		uint64_t start, end;

		if (!kmr_boot_node_span(b, n, &start, &end))
			continue;
		/* the buddy system must be able to look at any frame's buddy */
		end = up(end, block) - (start & ~(block - 1));
		(void)kmr_boot_take_from(
			b, &(struct kmr_memblock_request){ .size = end * b->profile.struct_page,
							   .align = b->profile.cache_line,
							   .node = (uint16_t)n,
							   .what = "mem_map" });
		take_usemaps(b, n);
	}
}

/* A node's sections, in one run. */
struct sections {
	uint64_t first, end; /* section numbers */
	uint64_t count;
	uint16_t node;
};

struct vmemmap {
	struct kmr_boot *b;
	uint64_t pages; /* of a section */
	/* the last table of each level that was made: sections come in ascending order */
	uint64_t pud, pmd;
};

static uint64_t take_on(struct kmr_boot *b, uint16_t node, uint64_t size, uint64_t align,
			uint64_t min, const char *what)
{
	return kmr_boot_take_from(
		b, &(struct kmr_memblock_request){
			   .size = size, .align = align, .min = min, .node = node, .what = what });
}

/* vmemmap_populate_hugepages(): tables that the map of @section hangs from */
static void take_tables(struct vmemmap *v, uint64_t section, uint16_t node)
{
	uint64_t start = section * v->pages * v->b->profile.struct_page;
	uint64_t end = start + v->pages * v->b->profile.struct_page - 1;

	for (; start <= end; start = up(start + 1, VMEMMAP_PMD_SIZE)) {
		if (start / VMEMMAP_PUD_SIZE + 1 != v->pud)
			(void)take_on(v->b, node, v->b->page, v->b->page, MAX_DMA_ADDRESS,
				      "mem_map tables");
		if (start / VMEMMAP_PMD_SIZE + 1 != v->pmd)
			(void)take_on(v->b, node, v->b->page, v->b->page, MAX_DMA_ADDRESS,
				      "mem_map tables");
		v->pud = start / VMEMMAP_PUD_SIZE + 1;
		v->pmd = start / VMEMMAP_PMD_SIZE + 1;
	}
}

/* sparse_early_usemaps_alloc_pgdat_section(): in the section of the node's structure, if it fits */
static void take_usage(struct vmemmap *v, const struct sections *s)
{
	const struct kmr_boot *b = v->b;
	const uint64_t bytes = v->pages * b->page;
	struct kmr_memblock_request r = {
		.size = s->count * (b->profile.section_usage + usemap_bytes(b, v->pages, 0)),
		.align = b->profile.cache_line,
		.node = s->node,
		.what = "section usage",
	};

	if (b->pgdat_at[s->node]) {
		r.min = b->pgdat_at[s->node] & ~(bytes - 1);
		r.max = r.min + bytes;
		if (kmr_memblock_find(&b->mb, &r) == KMR_MEMBLOCK_NONE)
			r.max = 0;
	}
	(void)kmr_boot_take_from(v->b, &r);
}

/* Whether any frame of @section is memory, and on which node the first of them is. */
static bool section_present(const struct kmr_boot *b, uint64_t section, uint64_t pages,
			    uint16_t *node)
{
	const uint64_t start = section * pages * b->page, end = start + pages * b->page;
	const struct kmr_memblock_region *r = kmr_memblock_memory_above(&b->mb, start);

	if (!r || r->start >= end)
		return false;
	*node = r->node;
	return true;
}

/* sparse_init_nid() */
static void populate(struct vmemmap *v, const struct sections *s)
{
	struct kmr_boot *b = v->b;
	const uint64_t each = up(v->pages * b->profile.struct_page, b->page);
	/* a large page's alignment, when a section's map is a whole number of them */
	struct kmr_memblock_request r = { .size = s->count * each,
					  .align = each & -each,
					  .min = MAX_DMA_ADDRESS,
					  .node = s->node,
					  .exact_node = true,
					  .what = "mem_map" };
	bool whole;
	uint16_t node;

	take_usage(v, s);
	whole = kmr_memblock_alloc(&b->mb, &r) != KMR_MEMBLOCK_NONE;
	/* else section by section, on other nodes if need be */
	r.size = each;
	r.exact_node = false;
	for (uint64_t i = s->first; i < s->end; i++) {
		if (!section_present(b, i, v->pages, &node))
			continue;
		take_tables(v, i, s->node);
		if (!whole)
			(void)kmr_boot_take_from(b, &r);
	}
}

/* memblocks_present(): pages of section structures, each where the first of its sections is */
static void take_section_tables(struct kmr_boot *b, uint64_t pages, uint64_t end)
{
	const unsigned int section_shift = (unsigned int)__builtin_ctzll(pages * b->page);
	const uint64_t per_root = b->page / b->profile.mem_section;
	uint64_t root = UINT64_MAX;
	uint16_t node;

	if (section_shift < PHYSMEM_BITS)
		(void)kmr_boot_take(b, "section roots",
				    (UINT64_C(1) << (PHYSMEM_BITS - section_shift)) / per_root *
					    b->profile.long_bytes,
				    b->profile.cache_line);
	for (uint64_t i = 0; i < end; i++) {
		if (i / per_root == root || !section_present(b, i, pages, &node))
			continue;
		root = i / per_root;
		(void)take_on(b, node, per_root * b->profile.mem_section, b->profile.cache_line, 0,
			      "section table");
	}
}

/* sparse_init() */
void kmr_boot_sparse(struct kmr_boot *b)
{
	struct vmemmap v = { .b = b, .pages = b->m->section_pages };
	const uint64_t end = (b->max_pfn + v.pages - 1) / v.pages;
	struct sections s = { 0 };
	uint16_t node;

	take_section_tables(b, v.pages, end);
	for (uint64_t i = 0; i < end; i++) {
		if (!section_present(b, i, v.pages, &node))
			continue;
		if (s.count && node != s.node) {
			populate(&v, &s);
			s.count = 0;
		}
		if (!s.count)
			s.first = i;
		s.node = node;
		s.end = i + 1;
		s.count++;
	}
	if (s.count)
		populate(&v, &s);
}
