// SPDX-License-Identifier: GPL-2.0-only
#include "replay/seed.h"

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

static void seed_ram(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		     struct kmr_page_backend *b, uint64_t start, uint64_t end)
{
	while (start < end) {
		unsigned int order = 0;

		while (order + 1 < m->nr_orders && !(start & ((UINT64_C(2) << order) - 1)) &&
		       start + (UINT64_C(2) << order) <= end)
			order++;
		(void)ops->seed_free(b, (kmr_pfn_t)start, order, KMR_MIGRATE_MOVABLE);
		start += UINT64_C(1) << order;
	}
}

void kmr_seed_range(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		    struct kmr_page_backend *b, uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < (m->nr_ram ? m->nr_ram : 1); i++) {
		uint64_t from = start, to = end;

		if (clip(m, i, &from, &to))
			seed_ram(m, ops, b, from, to);
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

/* Calls @free for what of a zone's RAM nothing is reserved in. */
static void each_free(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		      struct kmr_page_backend *b, const struct kmr_zone_spec *z,
		      void (*free)(const struct kmr_machine *m, const struct kmr_page_ops *ops,
				   struct kmr_page_backend *b, uint64_t start, uint64_t end))
{
	unsigned int r = 0;

	for (unsigned int i = 0; i < m->nr_ram; i++) {
		uint64_t start = z->start_pfn, end = z->start_pfn + z->spanned;

		if (!clip(m, i, &start, &end))
			continue;
		while (r < m->nr_reserved && m->reserved[r].end_pfn <= start)
			r++;
		for (; r < m->nr_reserved && m->reserved[r].start_pfn < end; r++) {
			if (start < m->reserved[r].start_pfn)
				free(m, ops, b, start, m->reserved[r].start_pfn);
			start = m->reserved[r].end_pfn;
			/* it may reach into the next range of RAM */
			if (start >= end)
				break;
		}
		if (start < end)
			free(m, ops, b, start, end);
	}
}

/* One by one, each joined with its buddy: free_highmem_page(), free_reserved_page() */
static void free_pages(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		       struct kmr_page_backend *b, uint64_t start, uint64_t end)
{
	(void)m;
	for (uint64_t pfn = start; pfn < end; pfn++)
		ops->buddy_put(b, (kmr_pfn_t)pfn, 0, KMR_MIGRATE_MOVABLE, 0);
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

/* What boot kept until it was done, in the order in which it has no more use for it. */
static void free_late(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		      struct kmr_page_backend *b)
{
	for (unsigned int pass = 0; pass < 3; pass++)
		for (unsigned int i = 0; i < m->nr_reserved; i++) {
			const struct kmr_reserved_range *r = &m->reserved[i];
			const bool locks = !strcmp(r->what, KMR_RESERVED_SMP_LOCKS);

			/* alternatives, then CMA's initcall, then __init sections */
			if (pass == 0 && r->kind == KMR_RESERVED_INIT && locks)
				free_pages(m, ops, b, r->start_pfn, r->end_pfn);
			else if (pass == 1 && r->kind == KMR_RESERVED_CMA)
				free_cma(m, ops, b, r->start_pfn, r->end_pfn);
			else if (pass == 2 && r->kind == KMR_RESERVED_INIT && !locks)
				free_pages(m, ops, b, r->start_pfn, r->end_pfn);
		}
}

static void hand_over(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		      struct kmr_page_backend *b)
{
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];

		/* memory that is not mapped can't be reserved by boot, but what the firmware says */
		each_free(m, ops, b, z, kmr_zone_is_highmem(m, z) ? free_pages : seed_ram);
	}
	free_late(m, ops, b);
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
