/* SPDX-License-Identifier: GPL-2.0-only */
/* Prices that calls' durations are fitted best by, and how well they are. */
#ifndef KMR_CALIBRATE_PRICES_H
#define KMR_CALIBRATE_PRICES_H

#include "calibrate/calls.h"
#include "calibrate/patterns.h"
#include "kmreplay/calibrate.h"

/*
 * @of: the pattern of each of @calls.  Fills in the counts, steps, residuals and table of @result
 * from @table, and its overhead if that is to be estimated.  Fails when there is nothing to fit to.
 */
int prices_fit(const struct kmr_calibrate_options *options, const struct calls *calls,
	       const struct patterns *patterns, const uint32_t *of,
	       const struct kmr_cost_table *table, struct kmr_calibrate_result *result,
	       struct kmr_error *err);

#endif
