/* SPDX-License-Identifier: GPL-2.0-only */
/* Running gnuplot on scripts, some at a time. */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include <stdbool.h>

#include "kmreplay/error.h"

/*
 * Runs `gnuplot SCRIPT` within @directory for each of the @nr scripts, at most two at a time,
 * without a shell and without the user's own gnuplot settings.  @done, which may be NULL, is called
 * for each in their order; when it returns -1 no more are started.  Fails with the line of
 * gnuplot's that tells what is wrong, or with how to install it; images of a script that fails are
 * removed.
 */
int kmr_gnuplot_run(const char *directory, const char *const *scripts, unsigned int nr,
		    int (*done)(void *ctx, unsigned int script, struct kmr_error *err), void *ctx,
		    struct kmr_error *err);

/*
 * Kills the gnuplots that run and removes the images that they were drawing; async-signal-safe.
 */
void kmr_gnuplot_emergency_stop(void);

/* Is there a program of that name in $PATH? */
bool kmr_gnuplot_found(void);

#endif
