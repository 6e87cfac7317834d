// SPDX-License-Identifier: GPL-2.0-only
#include "replay/seed.h"

void kmr_seed_range(const struct kmr_machine *m, const struct kmr_page_ops *ops,
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

uint64_t kmr_boot_first_free(const struct kmr_zone_spec *z)
{
	const uint64_t kept = z->spanned > z->managed ? z->spanned - z->managed : 0;

	return z->start_pfn + kept;
}

void kmr_seed_boot(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		   struct kmr_page_backend *b)
{
	for (unsigned int i = 0; i < m->nr_zones; i++)
		kmr_seed_range(m, ops, b, kmr_boot_first_free(&m->zones[i]),
			       m->zones[i].start_pfn + m->zones[i].spanned);
}
