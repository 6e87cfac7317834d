/* SPDX-License-Identifier: GPL-2.0-only */
/* Parameters' values read from the command line. */
#ifndef KMR_BASE_PARAMS_H
#define KMR_BASE_PARAMS_H

#include "kmreplay/error.h"
#include "kmreplay/param.h"

/*
 * Fills @values with the defaults and what @text, ",parameter=value,…" or "", has instead.  Errors
 * name @option, the backend @name, the parameter and its range.
 */
int kmr_params_parse(const char *option, const char *name, const struct kmr_param *params,
		     unsigned int nr, const char *text, uint64_t *values, struct kmr_error *err);

#endif
