// SPDX-License-Identifier: GPL-2.0-only
/* Latencies of a run that is over. */
#include <stdlib.h>
#include <string.h>

#include "base/hist.h"
#include "kmreplay/latency.h"

static void drop(struct kmr_hist *h)
{
	kmr_hist_fini(h);
	free(h);
}

void kmr_latency_report_free(struct kmr_latency_report *report)
{
	for (size_t i = 0; i < report->nr_rows; i++)
		drop(report->rows[i].hist);
	free(report->rows);
	memset(report, 0, sizeof(*report));
}

int kmr_latency_summarise(const struct kmr_latency_report *report, enum kmr_operation operation,
			  struct kmr_latency_summary *summary)
{
	struct kmr_hist all;
	int ret = 0;

	memset(summary, 0, sizeof(*summary));
	kmr_hist_init(&all);
	for (size_t i = 0; i < report->nr_rows && !ret; i++)
		if (report->rows[i].operation == operation)
			ret = kmr_hist_merge(&all, report->rows[i].hist);
	summary->count = all.count;
	summary->p50 = kmr_hist_percentile(&all, 50000);
	summary->p99 = kmr_hist_percentile(&all, 99000);
	summary->p999 = kmr_hist_percentile(&all, 99900);
	summary->max = all.max;
	kmr_hist_fini(&all);
	return ret;
}
