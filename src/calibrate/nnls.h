/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Least squares without negative results, on normal equations: C. L. Lawson, R. J. Hanson, "Solving
 * Least Squares Problems" (1974), algorithm NNLS, with the inner problems solved by L·D·Lᵀ.  Only
 * +, -, * and / of IEEE doubles, so that results are the same everywhere.
 */
#ifndef KMR_CALIBRATE_NNLS_H
#define KMR_CALIBRATE_NNLS_H

#include <stdbool.h>

#include "kmreplay/cost.h"

/* A price for every step, and what recording a call and one within it adds. */
#define NNLS_MAX (KMR_NR_STEPS + 2)

struct nnls {
	unsigned int n;
	double g[NNLS_MAX][NNLS_MAX]; /* AᵀA, symmetric and positive definite */
	double b[NNLS_MAX]; /* Aᵀy */
};

/*
 * The x >= 0 with the least xᵀGx - 2bᵀx.  It ends when no variable at 0 has a gradient whose square
 * over its diagonal is more than @tolerance, or after 3·n rounds, as Lawson and Hanson do.
 */
void nnls_solve(const struct nnls *p, double tolerance, double x[NNLS_MAX]);

/*
 * Which columns of A are linear in others: group[i] is the same number, from 1, for all that take
 * part in one dependency, 0 for those that stand alone.  @ratio: a column counts as linear in those
 * before it when less than this part of its square is left over.
 */
void nnls_dependent(const struct nnls *p, double ratio, unsigned int group[NNLS_MAX]);

#endif
