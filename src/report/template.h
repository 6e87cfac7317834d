/* SPDX-License-Identifier: GPL-2.0-only */
/* The gnuplot templates of figures: where they lie, and reading them. */
#ifndef REPORT_TEMPLATE_H
#define REPORT_TEMPLATE_H

#include "kmreplay/error.h"

/*
 * The directory to take templates from: @asked if not NULL, else $KMREPLAY_PLOTS, else where they
 * were installed, else the source tree.
 */
const char *kmr_template_directory(const char *asked);

/* Reads DIRECTORY/NAME.gp; the caller frees *text. */
int kmr_template_read(char **text, const char *directory, const char *name, struct kmr_error *err);

#endif
