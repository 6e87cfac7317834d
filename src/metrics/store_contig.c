// SPDX-License-Identifier: GPL-2.0-only
/*
 * What became of contiguous memory into a run's database: rows of table counter, for the run and
 * for each CMA area, so that a run without any is the same as ever.
 */
#include <stdio.h>

#include "metrics/counters.h"
#include "metrics/store_internal.h"

static void put_area(struct kmr_rows *r, const struct kmr_cma_report *area)
{
	const struct {
		const char *name;
		uint64_t value;
	} counts[] = {
		{ "pages", area->pages },	    { "requests", area->requests },
		{ "failures", area->failures },	    { "live_pages", area->live_pages },
		{ "peak_pages", area->peak_pages },
	};
	char name[sizeof(area->name) + 32];

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		(void)snprintf(name, sizeof(name), "cma.%s.%s", area->name, counts[i].name);
		kmr_put_counter(r, name, counts[i].value);
	}
}

int kmr_store_contig(struct kmr_store *store, const struct kmr_contig_report *report,
		     struct kmr_error *err)
{
	if (!report->used)
		return 0;
	kmr_contig_counters_each(report, kmr_put_counter, &store->rows);
	for (unsigned int i = 0; i < report->nr_areas; i++)
		put_area(&store->rows, &report->areas[i]);
	return kmr_rows_result(store, err);
}
