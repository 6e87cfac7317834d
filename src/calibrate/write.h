/* SPDX-License-Identifier: GPL-2.0-only */
/* A fitted table as a file that --cost takes. */
#ifndef KMR_CALIBRATE_WRITE_H
#define KMR_CALIBRATE_WRITE_H

#include "kmreplay/calibrate.h"

/* Writes @result's table to @options->output; the file appears when it is whole. */
int calibrate_write(const struct kmr_calibrate_options *options,
		    const struct kmr_calibrate_result *result, struct kmr_error *err);

#endif
