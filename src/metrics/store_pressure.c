// SPDX-License-Identifier: GPL-2.0-only
/*
 * What became of simulated reclaim into a run's database: rows of table counter, so that a run
 * without it is the same as ever.  The parameters are among them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/counters.h"
#include "metrics/store_internal.h"

/* "mglru=0,swap=0" as "pressure.param.mglru", … */
static void put_params(struct kmr_rows *r, const char *params)
{
	char name[64];

	while (*params) {
		const size_t len = strcspn(params, "=");

		if (!params[len])
			return;
		(void)snprintf(name, sizeof(name), "pressure.param.%.*s", (int)len, params);
		kmr_put_counter(r, name, strtoull(params + len + 1, NULL, 10));
		params += strcspn(params, ",");
		params += *params == ',';
	}
}

int kmr_store_moved(struct kmr_store *store, const struct kmr_moved_report *report,
		    struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;

	if (!report->compactions)
		return 0;
	kmr_put_counter(r, "moved.compactions", report->compactions);
	kmr_put_counter(r, "moved.pages", report->moved);
	kmr_put_counter(r, "moved.homeless", report->homeless);
	kmr_put_counter(r, "moved.freed", report->freed);
	return kmr_rows_result(store, err);
}

int kmr_store_pressure(struct kmr_store *store, const struct kmr_pressure_report *report,
		       struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;
	const char *stat;
	char name[64];
	uint64_t value;

	if (!report->used)
		return 0;
	put_params(r, report->params);
	for (unsigned int i = 0; kmr_reclaim_stat_at(&report->stats, i, &stat, &value); i++) {
		(void)snprintf(name, sizeof(name), "pressure.%s", stat);
		kmr_put_counter(r, name, value);
	}
	kmr_put_counter(r, "pressure.trace.start_pages", report->replay.start_pages);
	kmr_put_counter(r, "pressure.trace.left_out", report->replay.left_out);
	kmr_put_counter(r, "pressure.trace.agreed", report->replay.agreed);
	kmr_put_counter(r, "pressure.trace.dropped", report->replay.dropped);
	kmr_put_counter(r, "pressure.trace.moved", report->replay.moved);
	if (report->replay.guessed)
		kmr_put_counter(r, "pressure.trace.guessed", report->replay.guessed);
	return kmr_rows_result(store, err);
}
