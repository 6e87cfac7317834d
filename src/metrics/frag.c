// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's fragmentation indices.  The order of multiplication and division is the kernel's,
 * because its rounding is part of the figures.
 */
#include "kmreplay/frag.h"

struct free_summary {
	uint64_t pages; /* free */
	uint64_t blocks; /* free, of any order */
	uint64_t suitable; /* pages in blocks of the wanted order or above */
};

static struct free_summary summarise(const uint64_t *nr_free, unsigned int nr_orders,
				     unsigned int order)
{
	struct free_summary sum = { 0 };
	unsigned int i;

	for (i = 0; i < nr_orders; i++) {
		sum.blocks += nr_free[i];
		sum.pages += nr_free[i] << i;
		if (i >= order)
			sum.suitable += nr_free[i] << i;
	}
	return sum;
}

int kmr_unusable_index(const uint64_t *nr_free, unsigned int nr_orders, unsigned int order)
{
	struct free_summary sum = summarise(nr_free, nr_orders, order);

	if (!sum.pages)
		return 1000;
	return (int)((sum.pages - sum.suitable) * 1000 / sum.pages);
}

int kmr_extfrag_index(const uint64_t *nr_free, unsigned int nr_orders, unsigned int order)
{
	struct free_summary sum = summarise(nr_free, nr_orders, order);

	if (!sum.blocks)
		return 0;
	if (sum.suitable)
		return -1000;
	return 1000 - (int)((1000 + sum.pages * 1000 / (UINT64_C(1) << order)) / sum.blocks);
}
