// SPDX-License-Identifier: GPL-2.0-only
/* What the engine counted, as results have it. */
#include <stdlib.h>
#include <string.h>

#include "replay/distributions.h"
#include "replay/engine_internal.h"

/* Most frequent first; then by order and flags, so that equal counts have one order. */
static int by_count(const void *a, const void *b)
{
	const struct kmr_failure *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->gfp < y->gfp ? -1 : x->gfp > y->gfp;
}

const struct kmr_timeline *kmr_engine_failed(const struct kmr_engine *e)
{
	return &e->failed;
}

unsigned int kmr_engine_failures(const struct kmr_engine *e, struct kmr_failure *failures,
				 unsigned int max)
{
	const unsigned int n = e->nr_failures < max ? e->nr_failures : max;

	memcpy(failures, e->failures, n * sizeof(*failures));
	qsort(failures, n, sizeof(*failures), by_count);
	return n;
}

int kmr_engine_distributions(const struct kmr_engine *e, struct kmr_distributions *d,
			     struct kmr_error *err)
{
	struct kmr_size_counts *sizes = calloc(1, sizeof(*sizes));
	int ret = sizes ? 0 : -1;

	for (unsigned int o = 0; o < KMR_MAX_ORDERS && !ret; o++) {
		kmr_size_count(sizes, UINT64_C(1) << (o + e->c.machine->page_shift),
			       e->requests[o].requests);
		ret = kmr_distributions_add_lifetimes(d, KMR_DIST_PAGE, o, &e->lifetimes[o]);
	}
	if (!ret)
		ret = kmr_distributions_add_sizes(d, KMR_DIST_PAGE, sizes);
	free(sizes);
	return ret ? kmr_fail_nomem(err, "the sizes of blocks") : 0;
}
