/* SPDX-License-Identifier: GPL-2.0-only */
/* The gnuplot script of a figure, and what is mended in the images that come of it. */
#ifndef REPORT_SCRIPT_H
#define REPORT_SCRIPT_H

#include <stdio.h>

#include "report/figure.h"

/*
 * Writes the script: @vars, what is particular to this figure as gnuplot statements, then the
 * common style, then the kind's template, then what goes on to the next format.  @name is the
 * files' name without ending, @formats are those of enum kmr_plot_format.
 */
void kmr_script_write(FILE *out, const struct kmr_figure *f, const struct kmr_scene *scene,
		      const char *name, unsigned int formats, const char *vars, const char *style,
		      const char *template);

/* The parameters of the run, or what the runs have in common. */
void kmr_script_caption(char text[KMR_FIGURE_TEXT], const struct kmr_scene *scene);

/* Turns gnuplot's SVG at @path into what KMR_PLOT_EMBED promises; @name is its prefix of ids. */
int kmr_svg_embed(const char *path, const char *name, const char *title, const char *alt,
		  struct kmr_error *err);

/* Sets the date of making in gnuplot's PDF at @path to the beginning of 1970. */
int kmr_pdf_undate(const char *path, struct kmr_error *err);

#endif
