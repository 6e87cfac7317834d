/* SPDX-License-Identifier: GPL-2.0-only */
/* Simulated latencies of a run's operations, by operation, order and path. */
#ifndef KMREPLAY_LATENCY_H
#define KMREPLAY_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#include "kmreplay/cost.h"

struct kmr_hist; /* base/hist.h; of picoseconds */

struct kmr_latency_row {
	enum kmr_operation operation;
	unsigned int order; /* asked for, of pages; else 0 */
	enum kmr_path path;
	struct kmr_hist *hist; /* never empty */
};

struct kmr_latency_report {
	struct kmr_cost_table cost; /* prices that the latencies are of */
	struct kmr_latency_row *rows; /* by operation, order, path */
	size_t nr_rows;
	/* steps that operations took, all together; of KMR_STEP_WAIT, picoseconds */
	uint64_t steps[KMR_NR_OPERATIONS][KMR_NR_STEPS];
};

/* All of an operation, whatever order and path; zeroes without any. */
struct kmr_latency_summary {
	uint64_t count;
	uint64_t p50, p99, p999, max; /* ps */
};

void kmr_latency_report_free(struct kmr_latency_report *report);

/* -1: no memory. */
int kmr_latency_summarise(const struct kmr_latency_report *report, enum kmr_operation operation,
			  struct kmr_latency_summary *summary);

#endif
