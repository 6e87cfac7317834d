/* SPDX-License-Identifier: GPL-2.0-only */
/* Distributions as a workload file has them: few rows, each with a weight and uniform within. */
#ifndef KMR_FIT_ROWS_H
#define KMR_FIT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "fit/hist.h"

#define FIT_ROWS 16u /* at most, so that a file can be read by people */

struct fit_row {
	uint64_t low, high; /* both included */
	uint64_t weight;
};

struct fit_rows {
	struct fit_row row[FIT_ROWS]; /* ascending, none overlapping, no weight is 0 */
	uint32_t nr;
};

/* The rows of a histogram; where it has more, neighbours of little weight become one. */
void fit_rows_of(struct fit_rows *rows, const struct fit_hist *hist);

/* No more than @max rows, 1 at least. */
void fit_rows_condense(struct fit_rows *rows, uint32_t max);

/* One row more behind the last, or as much weight more for the last if there is no room. */
void fit_rows_add(struct fit_rows *rows, uint64_t low, uint64_t high, uint64_t weight);

uint64_t fit_rows_weight(const struct fit_rows *rows);

/* The mean of what would be drawn; 0 of none. */
uint64_t fit_rows_mean(const struct fit_rows *rows);

/*
 * Moves the rows above the mean so that the mean becomes @mean: short gaps between requests are
 * how fast a CPU works, long ones are how often it has to.  All of them when that can't be done.
 */
void fit_rows_set_mean(struct fit_rows *rows, uint64_t mean);

/* Whether enough numbers of @hist are where those of an exponential distribution would be. */
bool fit_is_exponential(const struct fit_hist *hist);

/*
 * How many gaps of equal length would make a sum that varies as much as that of all of @hist: few,
 * when most of the time lies in a few long ones.
 */
uint64_t fit_long_gaps(const struct fit_hist *hist);

#endif
