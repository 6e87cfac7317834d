/* SPDX-License-Identifier: GPL-2.0-only */
/* The figures: for each, its data file and its gnuplot script. */
#ifndef REPORT_FIGURE_H
#define REPORT_FIGURE_H

#include <stdio.h>

#include "kmreplay/error.h"
#include "report/plot_data.h"

struct kmr_figure {
	const char *name; /* of the template, and the first part of the files' names */
	const char *title; /* what it shows */
	/* writes the data: a line of column names, then a line a sample, tab-separated */
	void (*write_data)(FILE *out, const struct kmr_plot_run *run,
			   const struct kmr_plot_zone *zone);
};

/* The figures of a zone; NULL past the last. */
const struct kmr_figure *kmr_figure_at(unsigned int i);

/*
 * Writes the script: what is particular to this figure as gnuplot variables, then the common
 * style, then the figure's template.  @name is the files' name without ending.
 */
void kmr_figure_write_script(FILE *out, const struct kmr_figure *figure, const char *name,
			     const struct kmr_plot_run *run, const struct kmr_plot_zone *zone,
			     const char *style, const char *template);

#endif
