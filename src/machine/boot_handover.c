// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hand-over: frames that nothing is reserved in are the page allocator's, the others stay
 * boot's, some until it is over (mm/memblock.c: free_low_memory_core_early()).
 */
#include <stdio.h>
#include <string.h>

#include "machine/boot.h"

/* Memory beyond the machine's frames is nothing that a range can tell. */
static void add_frames(struct kmr_machine *m, uint64_t start, uint64_t end,
		       const struct kmr_memblock_region *r)
{
	struct kmr_reserved_range *last = m->nr_reserved ? &m->reserved[m->nr_reserved - 1] : NULL;

	if (start >= end)
		return;
	if (last && last->end_pfn == start && last->kind == r->kind &&
	    !strncmp(last->what, r->what, sizeof(last->what) - 1)) {
		last->end_pfn = end;
		return;
	}
	if (m->nr_reserved == KMR_MAX_RESERVED) {
		/* the last one takes all that follow, as far as they adjoin */
		if (last->end_pfn == start)
			last->end_pfn = end;
		return;
	}
	last = &m->reserved[m->nr_reserved++];
	last->start_pfn = start;
	last->end_pfn = end;
	last->kind = r->kind;
	(void)snprintf(last->what, sizeof(last->what), "%s", r->what);
}

/* What of a reserved region is memory, in whole frames, each counted once. */
static void add_reserved(struct kmr_boot *b, const struct kmr_memblock_region *r, uint64_t *next)
{
	uint64_t start = r->start / b->page, end = (r->end + b->page - 1) / b->page;

	for (size_t i = 0; i < b->mb.memory.nr; i++) {
		const struct kmr_memblock_region *m = &b->mb.memory.regions[i];
		uint64_t from = (m->start + b->page - 1) / b->page, to = m->end / b->page;

		if (from < start)
			from = start;
		if (from < *next)
			from = *next;
		if (to > end)
			to = end;
		if (from >= to)
			continue;
		add_frames(b->m, from, to, r);
		*next = to;
	}
}

static uint64_t overlap(const struct kmr_zone_spec *z, const struct kmr_reserved_range *r)
{
	uint64_t start = r->start_pfn > z->start_pfn ? r->start_pfn : z->start_pfn;
	uint64_t end = z->start_pfn + z->spanned;

	if (r->end_pfn < end)
		end = r->end_pfn;
	return start < end ? end - start : 0;
}

static void count_managed(struct kmr_machine *m)
{
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		struct kmr_zone_spec *z = &m->zones[i];

		z->managed = z->present;
		z->init_pages = 0;
		for (unsigned int k = 0; k < m->nr_reserved; k++) {
			const struct kmr_reserved_range *r = &m->reserved[k];

			if (r->kind == KMR_RESERVED_KEPT)
				z->managed -= overlap(z, r);
			/* alternatives are done with before limits are set */
			else if (r->kind == KMR_RESERVED_INIT &&
				 strcmp(r->what, KMR_RESERVED_SMP_LOCKS))
				z->init_pages += overlap(z, r);
		}
	}
}

void kmr_boot_hand_over(struct kmr_boot *b)
{
	uint64_t next = 0;

	b->m->nr_reserved = 0;
	for (size_t i = 0; i < b->mb.reserved.nr; i++)
		add_reserved(b, &b->mb.reserved.regions[i], &next);
	count_managed(b->m);
}
