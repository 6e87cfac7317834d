/* SPDX-License-Identifier: GPL-2.0-only */
/* Steps that gnuplot drew, in a form that a page can carry. */
#ifndef REPORT_SVG_STEPS_H
#define REPORT_SVG_STEPS_H

/*
 * gnuplot draws an area under steps (fillsteps) as a line and a rectangle for each step, 200 bytes.
 * Here those that adjoin, with one colour and one base, become one path of 15 bytes a step, outlined
 * in its colour as each step was, so that a narrow one is still seen.  All else is as it was.
 *
 * The caller frees; NULL: no memory.
 */
char *kmr_svg_join_steps(const char *svg);

#endif
