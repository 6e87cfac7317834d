/* SPDX-License-Identifier: GPL-2.0-only */
/* A series as one line of text: the higher a value, the taller, or in ASCII the darker, its sign. */
#ifndef REPORT_SPARK_H
#define REPORT_SPARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KMR_SPARK_WIDTH 80 /* columns at most */
#define KMR_SPARK_SIZE	(3 * KMR_SPARK_WIDTH + 1) /* bytes of a text */

/* y from x on, until the next point. */
struct kmr_point {
	uint64_t x, y;
};

/* What a line goes from and to; several lines with the same can be compared. */
struct kmr_spark_scale {
	uint64_t x0, x1; /* x1 is within it */
	uint64_t lo, hi;
};

/* The scale that just holds @n points; all 0 without any.  Widens *scale if @more. */
void kmr_spark_scale(struct kmr_spark_scale *scale, const struct kmr_point *points, size_t n,
		     bool more);

/*
 * Draws @n points, x ascending, on @width columns, rounded down to an even number.  Each two columns
 * share an equal part of the x axis and show the smallest and the largest value in it, in the order
 * in which they came: no extreme is lost, however many points there are.  What is before the first
 * point stays blank; values beyond the scale count as its ends.  Returns @text.
 */
char *kmr_spark(char text[KMR_SPARK_SIZE], const struct kmr_point *points, size_t n,
		const struct kmr_spark_scale *scale, unsigned int width, bool utf8);

#endif
