// SPDX-License-Identifier: GPL-2.0-only
/* Where requests ended up, into a run's database. */
#include "metrics/store_internal.h"

static void put_zone(struct kmr_rows *r, unsigned int zone, const struct kmr_numa_zone *z)
{
	kmr_row_begin(r, KMR_TABLE_NUMA_ZONE);
	kmr_row_number(r, r->run);
	kmr_row_number(r, zone);
	kmr_row_number(r, z->hit);
	kmr_row_number(r, z->miss);
	kmr_row_number(r, z->foreign);
	kmr_row_number(r, z->interleave_hit);
	kmr_row_number(r, z->local);
	kmr_row_number(r, z->other);
	kmr_row_number(r, z->reclaims);
	(void)kmr_row_end(r);
}

static void put_traffic(struct kmr_rows *r, unsigned int node, unsigned int to,
			const struct kmr_numa_traffic *t)
{
	kmr_row_begin(r, KMR_TABLE_NUMA_TRAFFIC);
	kmr_row_number(r, r->run);
	kmr_row_number(r, node);
	kmr_row_number(r, to);
	kmr_row_number(r, t->requests);
	kmr_row_number(r, t->pages);
	(void)kmr_row_end(r);
}

int kmr_store_numa(struct kmr_store *store, const struct kmr_numa_report *report,
		   struct kmr_error *err)
{
	if (!report->known)
		return 0;
	for (unsigned int i = 0; i < store->nr_zones; i++)
		put_zone(&store->rows, i, &report->zones[i]);
	for (unsigned int node = 0; node < KMR_MAX_NODES; node++)
		for (unsigned int to = 0; to < KMR_MAX_NODES; to++)
			if (report->traffic[node][to].requests)
				put_traffic(&store->rows, node, to, &report->traffic[node][to]);
	return kmr_rows_result(store, err);
}
