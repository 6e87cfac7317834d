// SPDX-License-Identifier: GPL-2.0-only
/* The largest requests that a machine's kernel can serve, by who asks. */
#include <string.h>

#include "base/array.h"
#include "kmreplay/addrspace.h"
#include "kmreplay/figures.h"

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

#define OLD_SLAB_SHIFT 25 /* KMALLOC_SHIFT_HIGH before 6.1: 32 MiB, if pages go that far */
#define SLOB_HEADER    8 /* SLOB keeps an object's size in front of it: ARCH_KMALLOC_MINALIGN */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What an allocator has no cache for it takes from alloc_pages(). */
static void largest_kmalloc(const struct kmr_machine *m, struct kmr_largest *l)
{
	const uint64_t page = (uint64_t)1 << m->page_shift;

	for (unsigned int u = 0; u < KMR_KMALLOC_USERS; u++) {
		l->kmalloc[u] = l->block;
		/* KMALLOC_SHIFT_HIGH: PAGE_SHIFT + 1 */
		l->cached[u] = least(2 * page, l->block);
	}
	/* old SLAB has caches for all that it gives */
	l->kmalloc[KMR_BY_OLD_SLAB] = least((uint64_t)1 << OLD_SLAB_SHIFT, l->block);
	l->cached[KMR_BY_OLD_SLAB] = l->kmalloc[KMR_BY_OLD_SLAB];
	/* mm/slob.c: __do_kmalloc_node() */
	l->cached[KMR_BY_SLOB] = page - SLOB_HEADER - 1;
}

/* __vmalloc_node_range(), __get_vm_area_node() */
static void largest_vmalloc(const struct kmr_machine *m, struct kmr_largest *l)
{
	const uint64_t page = (uint64_t)1 << m->page_shift;
	struct kmr_address_space as;
	struct kmr_error ignored;
	uint64_t ram = 0, space;

	if (kmr_address_space(m, &as, &ignored))
		return;
	for (unsigned int i = 0; i < m->nr_zones; i++)
		ram += m->zones[i].managed << m->page_shift;
	space = (as.vmalloc_end - as.vmalloc_start) & ~(page - 1);
	space -= least(space, page);
	l->vmalloc = least(space, ram);
	l->vmalloc_by_ram = ram < space;
}

/* What the tables of an architecture can map at once, besides single pages; bytes, ascending. */
static const struct huge_sizes {
	const char *arch;
	unsigned int page_shift;
	bool pae;
	uint64_t sizes[KMR_MAX_HUGE_SIZES];
} huge_sizes[] = {
	{ "i386", 12, false, { 4 * MIB } },
	{ "i386", 12, true, { 2 * MIB } },
	{ "x86_64", 12, false, { 2 * MIB, GIB } },
	/* arch/arm64/mm/hugetlbpage.c: runs of pages and of PMDs marked contiguous */
	{ "arm64", 12, false, { 64 * KIB, 2 * MIB, 32 * MIB, GIB } },
	{ "arm64", 14, false, { 2 * MIB, 32 * MIB, GIB } },
	{ "arm64", 16, false, { 2 * MIB, 512 * MIB, 16 * GIB } },
};

static void huge_pages(const struct kmr_machine *m, struct kmr_largest *l)
{
	for (size_t i = 0; i < ARRAY_SIZE(huge_sizes); i++) {
		const struct huge_sizes *h = &huge_sizes[i];

		if (strcmp(h->arch, m->arch) || h->page_shift != m->page_shift || h->pae != m->pae)
			continue;
		while (l->nr_huge < KMR_MAX_HUGE_SIZES && h->sizes[l->nr_huge]) {
			l->huge[l->nr_huge] = h->sizes[l->nr_huge];
			l->nr_huge++;
		}
	}
}

void kmr_machine_largest(const struct kmr_machine *m, struct kmr_largest *l)
{
	memset(l, 0, sizeof(*l));
	l->order = m->nr_orders - 1;
	l->block = (uint64_t)1 << (m->page_shift + l->order);
	largest_kmalloc(m, l);
	largest_vmalloc(m, l);
	huge_pages(m, l);
}
