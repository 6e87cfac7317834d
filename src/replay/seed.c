// SPDX-License-Identifier: GPL-2.0-only
#include "replay/seed.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

/* The RAM of [start, end) that lies in range @i of the machine; false when there is none. */
static bool clip(const struct kmr_machine *m, unsigned int i, uint64_t *start, uint64_t *end)
{
	/* a machine whose ranges are not known is all RAM */
	if (!m->nr_ram)
		return true;
	if (*start < m->ram[i].start_pfn)
		*start = m->ram[i].start_pfn;
	if (*end > m->ram[i].end_pfn)
		*end = m->ram[i].end_pfn;
	return *start < *end;
}

/*
 * The type of a pageblock as boot leaves it.  Boot makes those movable whose first frame it comes
 * by; where that is no RAM, or with flat memory another zone's, the type stays 0, unmovable
 * (memmap_init_range() in mm/mm_init.c).
 */
static unsigned int boot_type(const struct kmr_machine *m, const struct kmr_zone_spec *z,
			      uint64_t pfn)
{
	uint64_t first = pfn & ~((UINT64_C(1) << m->pageblock_order) - 1);

	if (!m->section_pages && first < z->start_pfn)
		return KMR_MIGRATE_UNMOVABLE;
	for (unsigned int i = 0; i < m->nr_ram; i++)
		if (first >= m->ram[i].start_pfn && first < m->ram[i].end_pfn)
			return KMR_MIGRATE_MOVABLE;
	return KMR_MIGRATE_UNMOVABLE;
}

/* Frees frames that are all RAM; @zone: theirs, NULL: all pageblocks are movable. */
static void seed_ram(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		     struct kmr_page_backend *b, const struct kmr_zone_spec *zone, uint64_t start,
		     uint64_t end)
{
	while (start < end) {
		unsigned int order = 0;

		while (order + 1 < m->nr_orders && !(start & ((UINT64_C(2) << order) - 1)) &&
		       start + (UINT64_C(2) << order) <= end)
			order++;
		(void)ops->seed_free(b, (kmr_pfn_t)start, order,
				     zone ? boot_type(m, zone, start) : KMR_MIGRATE_MOVABLE);
		start += UINT64_C(1) << order;
	}
}

void kmr_seed_range(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		    struct kmr_page_backend *b, uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < (m->nr_ram ? m->nr_ram : 1); i++) {
		uint64_t from = start, to = end;

		if (clip(m, i, &from, &to))
			seed_ram(m, ops, b, NULL, from, to);
	}
}

uint64_t kmr_boot_first_free(const struct kmr_machine *m, const struct kmr_zone_spec *z)
{
	const uint64_t zone_end = z->start_pfn + z->spanned;
	uint64_t kept = z->present > z->managed ? z->present - z->managed : 0;

	for (unsigned int i = 0; i < (m->nr_ram ? m->nr_ram : 1); i++) {
		uint64_t from = z->start_pfn, to = zone_end;

		if (!clip(m, i, &from, &to))
			continue;
		if (to - from > kept)
			return from + kept;
		kept -= to - from;
	}
	return zone_end;
}

/* One by one, each joined with its buddy: free_highmem_page(), free_reserved_page() */
static void free_pages(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		       struct kmr_page_backend *b, const struct kmr_zone_spec *z, uint64_t start,
		       uint64_t end)
{
	for (uint64_t pfn = start; pfn < end; pfn++)
		ops->buddy_put(b, (kmr_pfn_t)pfn, 0, boot_type(m, z, pfn), 0);
}

/* What of a zone's RAM nothing is reserved in. */
static void free_zone(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		      struct kmr_page_backend *b, const struct kmr_zone_spec *z)
{
	/* memory that is not mapped */
	const bool by_page = kmr_zone_is_highmem(m, z);
	unsigned int r = 0;

	for (unsigned int i = 0; i < m->nr_ram; i++) {
		uint64_t start = z->start_pfn, end = z->start_pfn + z->spanned;

		if (!clip(m, i, &start, &end))
			continue;
		while (start < end) {
			uint64_t to = end;

			while (r < m->nr_reserved && m->reserved[r].end_pfn <= start)
				r++;
			if (r < m->nr_reserved && m->reserved[r].start_pfn < to)
				to = m->reserved[r].start_pfn;
			if (start < to)
				(by_page ? free_pages : seed_ram)(m, ops, b, z, start, to);
			start = to < end ? m->reserved[r].end_pfn : end;
		}
	}
}

static void set_types(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		      struct kmr_page_backend *b, const struct kmr_zone_spec *z)
{
	const uint64_t block = UINT64_C(1) << m->pageblock_order, end = z->start_pfn + z->spanned;

	for (uint64_t pfn = z->start_pfn; pfn < end; pfn = (pfn & ~(block - 1)) + block)
		ops->set_pageblock(b, (kmr_pfn_t)pfn, boot_type(m, z, pfn));
}

/* init_cma_reserved_pageblock() */
static void free_cma(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		     struct kmr_page_backend *b, uint64_t start, uint64_t end)
{
	const uint64_t block = UINT64_C(1) << m->pageblock_order;

	for (uint64_t pfn = start; pfn + block <= end; pfn += block) {
		ops->set_pageblock(b, (kmr_pfn_t)pfn, KMR_MIGRATE_CMA);
		ops->buddy_put(b, (kmr_pfn_t)pfn, m->pageblock_order, KMR_MIGRATE_CMA, 0);
	}
}

static void free_range(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		       struct kmr_page_backend *b, const struct kmr_reserved_range *r)
{
	if (r->kind == KMR_RESERVED_CMA) {
		free_cma(m, ops, b, r->start_pfn, r->end_pfn);
		return;
	}
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];
		uint64_t start = z->start_pfn, end = z->start_pfn + z->spanned;

		if (start < r->start_pfn)
			start = r->start_pfn;
		if (end > r->end_pfn)
			end = r->end_pfn;
		free_pages(m, ops, b, z, start, end);
	}
}

/* When boot has no more use for it: SMP locks, what is CMA's (an initcall), __init sections. */
static unsigned int turn(const struct kmr_reserved_range *r)
{
	if (r->kind == KMR_RESERVED_CMA)
		return 1;
	if (r->kind != KMR_RESERVED_INIT)
		return UINT_MAX;
	return strcmp(r->what, KMR_RESERVED_SMP_LOCKS) ? 2 : 0;
}

static void hand_over(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		      struct kmr_page_backend *b)
{
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		set_types(m, ops, b, &m->zones[i]);
		free_zone(m, ops, b, &m->zones[i]);
	}
	for (unsigned int now = 0; now < 3; now++)
		for (unsigned int i = 0; i < m->nr_reserved; i++)
			if (turn(&m->reserved[i]) == now)
				free_range(m, ops, b, &m->reserved[i]);
}

void kmr_seed_boot(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		   struct kmr_page_backend *b)
{
	if (m->nr_reserved) {
		hand_over(m, ops, b);
		return;
	}
	/* what boot keeps is known by its amount only */
	for (unsigned int i = 0; i < m->nr_zones; i++)
		kmr_seed_range(m, ops, b, kmr_boot_first_free(m, &m->zones[i]),
			       m->zones[i].start_pfn + m->zones[i].spanned);
}
