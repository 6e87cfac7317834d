// SPDX-License-Identifier: GPL-2.0-only
/* Least squares without negative results: optimality, which proves itself, and dependent columns. */
#include <criterion/criterion.h>
#include <string.h>

#include "calibrate/nnls.h"

#define ROWS 60u
#define COLS 12u

static uint64_t state;

static double random_number(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 40) / (double)(1 << 24) - 0.5;
}

static struct nnls problem;
static double a[ROWS][COLS], y[ROWS], x[NNLS_MAX];

static void set_problem(unsigned int cols)
{
	memset(&problem, 0, sizeof(problem));
	problem.n = cols;
	for (unsigned int r = 0; r < ROWS; r++)
		for (unsigned int i = 0; i < cols; i++) {
			problem.b[i] += a[r][i] * y[r];
			for (unsigned int k = 0; k < cols; k++)
				problem.g[i][k] += a[r][i] * a[r][k];
		}
}

/* Kuhn and Tucker: x >= 0, no gradient above 0 where x is 0, none at all where it is not. */
Test(nnls, optimal)
{
	unsigned int clipped = 0;

	for (uint64_t seed = 1; seed <= 200; seed++) {
		state = seed * UINT64_C(0x9e3779b97f4a7c15);
		for (unsigned int r = 0; r < ROWS; r++) {
			y[r] = random_number();
			for (unsigned int i = 0; i < COLS; i++) {
				a[r][i] = random_number() + (seed % 3 ? 0 : 0.5);
				y[r] += a[r][i] * (double)(i % 3) * 0.3;
			}
		}
		set_problem(COLS);
		nnls_solve(&problem, 1e-18, x);
		for (unsigned int i = 0; i < COLS; i++) {
			double w = problem.b[i];

			for (unsigned int k = 0; k < COLS; k++)
				w -= problem.g[i][k] * x[k];
			cr_assert(x[i] >= 0);
			clipped += x[i] <= 0;
			if (x[i] > 0)
				cr_assert(w > -1e-9 && w < 1e-9, "seed %d, %u: %g", (int)seed, i,
					  w);
			else
				cr_assert(w < 1e-6, "seed %d, %u: %g", (int)seed, i, w);
		}
	}
	cr_assert(clipped > 100);
}

/* What it was made of comes back when nothing is added to it. */
Test(nnls, exact)
{
	static const double truth[COLS] = { 0, 1, 2.5, 0, 1000, 0.25, 7, 0, 3, 12, 0.5, 99 };

	state = 4711;
	for (unsigned int r = 0; r < ROWS; r++) {
		y[r] = 0;
		for (unsigned int i = 0; i < COLS; i++) {
			a[r][i] = random_number() + 0.5;
			y[r] += a[r][i] * truth[i];
		}
	}
	set_problem(COLS);
	nnls_solve(&problem, 1e-18, x);
	for (unsigned int i = 0; i < COLS; i++)
		cr_assert(x[i] > truth[i] - 1e-6 && x[i] < truth[i] + 1e-6, "%u: %g", i, x[i]);
}

/* 0 and 2 are the same but for a factor, 6 is 4 and 5 together, 3 was never there. */
Test(nnls, dependent)
{
	unsigned int group[NNLS_MAX];

	state = 12;
	for (unsigned int r = 0; r < ROWS; r++) {
		for (unsigned int i = 0; i < 7; i++)
			a[r][i] = random_number() + 0.5;
		a[r][2] = 250 * a[r][0];
		a[r][3] = 0;
		a[r][6] = a[r][4] + 3 * a[r][5];
		y[r] = 0;
	}
	set_problem(7);
	nnls_dependent(&problem, 1e-9, group);
	cr_assert_eq(group[0], 1);
	cr_assert_eq(group[1], 0);
	cr_assert_eq(group[2], 1);
	cr_assert_eq(group[3], 0);
	cr_assert_eq(group[4], 2);
	cr_assert_eq(group[5], 2);
	cr_assert_eq(group[6], 2);
}
