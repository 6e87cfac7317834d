// SPDX-License-Identifier: GPL-2.0-only
#include "replay/seed.h"

#include <stdbool.h>

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

void kmr_seed_boot(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		   struct kmr_page_backend *b)
{
	for (unsigned int i = 0; i < m->nr_zones; i++)
		kmr_seed_range(m, ops, b, kmr_boot_first_free(m, &m->zones[i]),
			       m->zones[i].start_pfn + m->zones[i].spanned);
}
