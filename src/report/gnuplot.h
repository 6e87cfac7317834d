/* SPDX-License-Identifier: GPL-2.0-only */
/* Running gnuplot on a script. */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include <stdbool.h>

#include "kmreplay/error.h"

/*
 * Runs `gnuplot SCRIPT` within @directory, without a shell and without the user's own gnuplot
 * settings.  Fails with the first line gnuplot says, or with how to install it.
 */
int kmr_gnuplot_run(const char *directory, const char *script, struct kmr_error *err);

/* Is there a program of that name in $PATH? */
bool kmr_gnuplot_found(void);

#endif
