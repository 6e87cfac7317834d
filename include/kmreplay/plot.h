/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plots of a stored run: data is written as tab-separated text, the gnuplot script of each figure
 * beside it, and gnuplot makes PNG and SVG of them.
 */
#ifndef KMREPLAY_PLOT_H
#define KMREPLAY_PLOT_H

#include <stdbool.h>

#include "kmreplay/error.h"

struct kmr_plot_options {
	const char
		*templates; /* directory of the .gp templates; NULL: the installed or source one */
	bool scripts_only; /* write data and scripts, do not run gnuplot */
};

/* Called with each file that was made, relative to the directory. */
typedef void (*kmr_plot_made)(void *ctx, const char *file);

/*
 * Writes every figure of the run in @database into @directory (made if missing).  Fails with one
 * line when the database is missing, empty, truncated, of another schema version or not one of
 * kmreplay's, when the directory can't be written, when gnuplot is missing or fails.
 */
int kmr_plot_run(const char *database, const char *directory,
		 const struct kmr_plot_options *options, kmr_plot_made made, void *ctx,
		 struct kmr_error *err);

#endif
