/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Figures of stored runs.  Each is a tab-separated file of data, a gnuplot script (its particulars,
 * plots/style.gp and the template of its kind) and the images that gnuplot makes of them.  All of
 * it comes from the databases alone.
 */
#ifndef KMREPLAY_PLOT_H
#define KMREPLAY_PLOT_H

#include <stdbool.h>

#include "kmreplay/error.h"

enum kmr_plot_format {
	KMR_PLOT_PNG = 1, /* 16 cm at 300 dpi */
	KMR_PLOT_SVG = 2,
	KMR_PLOT_PDF = 4, /* 16 cm wide */
	/*
	 * NAME.embed.svg, to be put into an HTML page as it is: no XML declaration, transparent,
	 * neutral ink as currentColor, text as text, every id starts with the figure's name (so it
	 * is unique where the names are), no script and nothing from elsewhere.
	 */
	KMR_PLOT_EMBED = 8,
};

/* Kinds of figures, in the order in which they are drawn.  NULL past the last. */
const char *kmr_plot_kind_name(unsigned int i);
const char *kmr_plot_kind_title(unsigned int i); /* what it shows, for people */

struct kmr_plot_options {
	const char *templates; /* directory of the .gp files; NULL: the installed or source one */
	/*
	 * Names, comma-separated; NULL: every kind that there is data for, but of more than four
	 * runs, when @runs does not name them, only kinds of all runs together.
	 */
	const char *kinds;
	unsigned int formats; /* KMR_PLOT_... together; 0: PNG and SVG */
	/*
	 * Numbers of runs, nr_runs of them, to draw instead of all; they count as numbers in every
	 * database.
	 */
	const unsigned int *runs;
	unsigned int nr_runs;
	/*
	 * Zones with less than this many thousandths of the machine's managed pages get no figures
	 * of their own (the largest always does).
	 */
	unsigned int zone_share;
	bool scripts_only; /* write data and scripts, do not run gnuplot */
};

/* A figure that was made.  Texts live until the callback returns. */
struct kmr_plot_figure {
	const char *kind; /* e.g. "free-blocks" */
	const char *name; /* files are NAME.tsv, NAME.gp, NAME.png, ... in the directory */
	const char *title; /* as in the figure */
	const char *caption; /* the run's parameters, one line */
	const char *alt; /* what can be seen, one sentence, with numbers */
	unsigned int database; /* index of the (first) run's database among those given */
	unsigned int run; /* number of the run in it; 0: a figure of several runs */
	const char *zone; /* e.g. "node 0, zone Normal"; "": not of one zone */
	unsigned int formats; /* images that were drawn; 0: data and script alone */
};

struct kmr_plot_listener {
	/* Called for each figure when all its files are there, in the order of kinds, then runs. */
	void (*made)(void *ctx, const struct kmr_plot_figure *figure);
	/* Called for each kind without data: why, and what would have recorded it; one line. */
	void (*skipped)(void *ctx, const char *kind, const char *why);
	void *ctx;
};

/* Is there a gnuplot to run?  Without it kmr_plot() leaves data and scripts, and fails. */
bool kmr_plot_can_draw(void);

/*
 * Writes the figures of the runs in @nr databases into @directory (made if missing).  The files
 * depend on nothing else but templates, fonts, and the versions of gnuplot and its libraries.
 * @listener may be NULL, and so may its functions.
 *
 * Fails with one line when a database is missing, empty, truncated, of another schema version or
 * not one of kmreplay's, or has no run that was asked for, when a kind is unknown or was asked for
 * by name and has no data in any run, when the directory can't be written, and when gnuplot is
 * missing or fails.
 */
int kmr_plot(const char *const *databases, unsigned int nr, const char *directory,
	     const struct kmr_plot_options *options, const struct kmr_plot_listener *listener,
	     struct kmr_error *err);

#endif
