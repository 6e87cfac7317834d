/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Logarithm, exponential, square root and the normal distribution's quantiles, from +, -, * and /
 * of IEEE doubles alone, which have one result each: libm's functions differ in their last digits
 * from system to system, and with them every event that was drawn after that.
 *
 * The build turns off contraction into fused multiply-adds, which round once where two operations
 * round twice.
 */
#ifndef KMR_WORKLOAD_ARITH_H
#define KMR_WORKLOAD_ARITH_H

#include <float.h>

_Static_assert(FLT_EVAL_METHOD == 0,
	       "doubles have to be computed as doubles: on x86, -mfpmath=sse");

/* Before any of the others; more than once does no harm. */
void load_arith_init(void);

/* Natural logarithm of a normal number above 0; off by less than 10^-15, or 10^-15 of it. */
double load_log(double x);

/* e^x for x from -700 to 700; relative error below 10^-15. */
double load_exp(double x);

/* Of a normal number, or 0. */
double load_sqrt(double x);

/* x with P(Z <= x) = p for the standard normal Z; p above 0 and below 1. */
double load_normal_quantile(double p);

#endif
