/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What takes a pass over a run's samples: means over time, each sample counting for as long as it
 * lasted, and what was there at the end.
 */
#ifndef REPORT_OVER_TIME_H
#define REPORT_OVER_TIME_H

#include "report/metric.h"

int kmr_over_time_read(const struct kmr_database *d, sqlite3_int64 run,
		       struct kmr_value values[KMR_NR_OVER], struct kmr_error *err);

#endif
