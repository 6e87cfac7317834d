/* SPDX-License-Identifier: GPL-2.0-only */
/* Percentiles out of the stored histograms of simulated latency. */
#ifndef REPORT_LATENCY_H
#define REPORT_LATENCY_H

#include "metrics/query.h"

/*
 * The latency in ns that @percentile (thousandths of a percent) of the operations do not exceed:
 * the highest value of the bucket in which they are reached, as HdrHistogram has it, and no more
 * than the longest.  All orders and paths together.  1 and *ns, 0 when there was no such
 * operation, -1 failed.
 */
int kmr_latency_percentile(const struct kmr_database *d, sqlite3_int64 run, const char *operation,
			   unsigned int percentile, double *ns, struct kmr_error *err);

/*
 * The percentiles of rows (low, width, count) of @row, a query in ascending order, of which @longest
 * (ps) is the longest and @count the number.  0, or -1 with a message.
 */
int kmr_latency_walk(const struct kmr_database *d, sqlite3_stmt *row, uint64_t count,
		     uint64_t longest, const unsigned int *percentiles, unsigned int nr, double *ns,
		     struct kmr_error *err);

#endif
