// SPDX-License-Identifier: GPL-2.0-only
#include "calibrate/nnls.h"

#include <string.h>

/* Solves G z = b for the variables in @set, by L·D·Lᵀ; the others are 0.  False: G is singular. */
static bool solve_set(const struct nnls *p, const bool set[NNLS_MAX], double z[NNLS_MAX])
{
	double l[NNLS_MAX][NNLS_MAX], d[NNLS_MAX], y[NNLS_MAX];
	unsigned int at[NNLS_MAX], m = 0;

	memset(z, 0, NNLS_MAX * sizeof(z[0]));
	for (unsigned int i = 0; i < p->n; i++)
		if (set[i])
			at[m++] = i;
	for (unsigned int i = 0; i < m; i++) {
		double v;

		for (unsigned int j = 0; j < i; j++) {
			v = p->g[at[i]][at[j]];
			for (unsigned int k = 0; k < j; k++)
				v -= l[i][k] * d[k] * l[j][k];
			l[i][j] = v / d[j];
		}
		v = p->g[at[i]][at[i]];
		for (unsigned int k = 0; k < i; k++)
			v -= l[i][k] * l[i][k] * d[k];
		if (!(v > 0))
			return false;
		d[i] = v;
		y[i] = p->b[at[i]];
		for (unsigned int k = 0; k < i; k++)
			y[i] -= l[i][k] * y[k];
	}
	for (unsigned int i = m; i-- > 0;) {
		double v = y[i] / d[i];

		for (unsigned int k = i + 1; k < m; k++)
			v -= l[k][i] * z[at[k]];
		z[at[i]] = v;
	}
	return true;
}

/* The variable at 0 that would lessen the sum most; p->n: none would. */
static unsigned int find_entering(const struct nnls *p, const bool set[NNLS_MAX],
				  const bool barred[NNLS_MAX], const double x[NNLS_MAX],
				  double tolerance)
{
	unsigned int best = p->n;
	double most = tolerance;

	for (unsigned int i = 0; i < p->n; i++) {
		double w = p->b[i];

		if (set[i] || barred[i] || !(p->g[i][i] > 0))
			continue;
		for (unsigned int k = 0; k < p->n; k++)
			w -= p->g[i][k] * x[k];
		if (w > 0 && w * w / p->g[i][i] > most) {
			most = w * w / p->g[i][i];
			best = i;
		}
	}
	return best;
}

/* From @x towards @z as far as nothing gets negative; what becomes 0 leaves the set. */
static void step_towards(const struct nnls *p, bool set[NNLS_MAX], double x[NNLS_MAX],
			 const double z[NNLS_MAX])
{
	unsigned int first = p->n;
	double part = 1;

	for (unsigned int i = 0; i < p->n; i++)
		if (set[i] && z[i] <= 0 && x[i] / (x[i] - z[i]) < part) {
			part = x[i] / (x[i] - z[i]);
			first = i;
		}
	for (unsigned int i = 0; i < p->n; i++) {
		if (!set[i])
			continue;
		x[i] += part * (z[i] - x[i]);
		if (i == first || x[i] <= 0) {
			x[i] = 0;
			set[i] = false;
		}
	}
}

static bool all_positive(const struct nnls *p, const bool set[NNLS_MAX], const double z[NNLS_MAX])
{
	for (unsigned int i = 0; i < p->n; i++)
		if (set[i] && z[i] <= 0)
			return false;
	return true;
}

/* With variable @entering in the set; false: it cannot be, as rounding has it. */
static bool admit(const struct nnls *p, bool set[NNLS_MAX], double x[NNLS_MAX],
		  unsigned int entering)
{
	double z[NNLS_MAX];

	set[entering] = true;
	if (!solve_set(p, set, z) || z[entering] <= 0) {
		set[entering] = false;
		return false;
	}
	/* each round takes one out of the set at least */
	for (unsigned int round = 0; round < p->n && !all_positive(p, set, z); round++) {
		step_towards(p, set, x, z);
		if (!solve_set(p, set, z))
			return true;
	}
	for (unsigned int i = 0; i < p->n; i++)
		x[i] = set[i] ? z[i] : 0;
	return true;
}

void nnls_solve(const struct nnls *p, double tolerance, double x[NNLS_MAX])
{
	bool set[NNLS_MAX] = { false }, barred[NNLS_MAX] = { false };

	memset(x, 0, NNLS_MAX * sizeof(x[0]));
	for (unsigned int round = 0; round < 3 * p->n; round++) {
		const unsigned int entering = find_entering(p, set, barred, x, tolerance);

		if (entering == p->n)
			break;
		if (admit(p, set, x, entering))
			memset(barred, 0, sizeof(barred));
		else
			barred[entering] = true;
	}
}

static unsigned int root_of(unsigned int parent[NNLS_MAX], unsigned int i)
{
	while (parent[i] != i)
		i = parent[i];
	return i;
}

/* Takes column @k out of all others: a sweep of the matrix around its diagonal. */
static void sweep(unsigned int n, double g[NNLS_MAX][NNLS_MAX], unsigned int k)
{
	const double d = g[k][k];

	for (unsigned int j = 0; j < n; j++)
		g[k][j] /= d;
	for (unsigned int i = 0; i < n; i++) {
		const double b = g[i][k];

		if (i == k)
			continue;
		for (unsigned int j = 0; j < n; j++)
			g[i][j] -= b * g[k][j];
		g[i][k] = -b / d;
	}
	g[k][k] = 1 / d;
}

void nnls_dependent(const struct nnls *p, double ratio, unsigned int group[NNLS_MAX])
{
	/* of a column that is linear in others, those whose part in it is below this take none */
	const double none = 1e-6;
	double g[NNLS_MAX][NNLS_MAX];
	unsigned int parent[NNLS_MAX], nr = 0;
	bool swept[NNLS_MAX] = { false };

	memcpy(g, p->g, sizeof(g));
	for (unsigned int i = 0; i < p->n; i++)
		parent[i] = i;
	for (unsigned int i = 0; i < p->n; i++) {
		if (!(p->g[i][i] > 0))
			continue;
		if (g[i][i] > ratio * p->g[i][i]) {
			sweep(p->n, g, i);
			swept[i] = true;
			continue;
		}
		/* g[k][i]: how many of column k are in column i */
		for (unsigned int k = 0; k < i; k++)
			if (swept[k] && g[k][i] * g[k][i] * p->g[k][k] > none * none * p->g[i][i])
				parent[root_of(parent, k)] = root_of(parent, i);
	}
	memset(group, 0, NNLS_MAX * sizeof(group[0]));
	for (unsigned int i = 0; i < p->n; i++) {
		const unsigned int root = root_of(parent, i);
		unsigned int members = 0;

		for (unsigned int k = 0; k < p->n; k++)
			members += root_of(parent, k) == root;
		if (members < 2)
			continue;
		for (unsigned int k = 0; k < i && !group[i]; k++)
			if (root_of(parent, k) == root)
				group[i] = group[k];
		if (!group[i])
			group[i] = ++nr;
	}
}
