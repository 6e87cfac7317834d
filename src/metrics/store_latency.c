// SPDX-License-Identifier: GPL-2.0-only
/* A run's simulated latencies into its database, and the prices they are of. */
#include "base/hist.h"
#include "metrics/store_internal.h"

static void put_steps(struct kmr_rows *r, const struct kmr_latency_report *report)
{
	for (unsigned int i = 0; i < KMR_NR_STEPS; i++) {
		kmr_row_begin(r, KMR_TABLE_COST);
		kmr_row_number(r, r->run);
		kmr_row_text(r, kmr_step_name(i));
		kmr_row_number(r, report->cost.price[i]);
		(void)kmr_row_end(r);
	}
	for (unsigned int o = 0; o < KMR_NR_OPERATIONS; o++)
		for (unsigned int i = 0; i < KMR_NR_STEPS; i++) {
			if (!report->steps[o][i])
				continue;
			kmr_row_begin(r, KMR_TABLE_STEP);
			kmr_row_number(r, r->run);
			kmr_row_text(r, kmr_operation_name(o));
			kmr_row_text(r, kmr_step_name(i));
			kmr_row_number(r, report->steps[o][i]);
			(void)kmr_row_end(r);
		}
}

static void put_key(struct kmr_rows *r, const struct kmr_latency_row *row)
{
	kmr_row_number(r, r->run);
	kmr_row_text(r, kmr_operation_name(row->operation));
	kmr_row_number(r, row->order);
	kmr_row_text(r, kmr_path_name(row->path));
}

static void put_latency(struct kmr_rows *r, const struct kmr_latency_row *row)
{
	struct kmr_hist_bucket b;

	kmr_row_begin(r, KMR_TABLE_LATENCY);
	put_key(r, row);
	kmr_row_number(r, row->hist->count);
	kmr_row_number(r, row->hist->sum);
	kmr_row_number(r, row->hist->min);
	kmr_row_number(r, row->hist->max);
	(void)kmr_row_end(r);
	for (bool more = kmr_hist_next(row->hist, true, &b); more;
	     more = kmr_hist_next(row->hist, false, &b)) {
		kmr_row_begin(r, KMR_TABLE_LATENCY_BUCKET);
		put_key(r, row);
		kmr_row_number(r, b.low);
		kmr_row_number(r, b.width);
		kmr_row_number(r, b.count);
		(void)kmr_row_end(r);
	}
}

int kmr_store_latency(struct kmr_store *store, const struct kmr_latency_report *report,
		      struct kmr_error *err)
{
	put_steps(&store->rows, report);
	for (size_t i = 0; i < report->nr_rows; i++)
		put_latency(&store->rows, &report->rows[i]);
	return kmr_rows_result(store, err);
}
