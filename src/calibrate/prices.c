// SPDX-License-Identifier: GPL-2.0-only
/*
 * A call of duration y that took step j n_j times tells y = o·c + i·(c - 1) + Σ n_j·p_j, with o the
 * cost of recording a call and c the recorded calls in it, itself among them.  A call's duration has
 * not all of what its recording takes, as its clock starts late and stops early; that of the call
 * around it has, which is i, if the trace tells it from prices, else 0.  Prices are counted in the
 * table's, p_j = t_j·m_j, and three fits follow each other, all with m >= 0:
 *
 *	1. one m for all, and o: what trace and table have in common;
 *	2. one m for each group of steps of which the trace does not tell one from the other, as they
 *	   always come together, and one for each other step;
 *	3. an m for each step.
 *
 * Each has a penalty on the square of how far an m is from the fit before: 10⁻⁷ of the column's
 * square, in the last fit 10⁻⁵ over the step's share of its group by the table's prices.  The last
 * fit is made again and again, with less of its penalty for steps that were far off in the one before
 * (Cauchy's weights, 1/(1 + d²) for d multiples).  Where the trace tells a price the penalty does not
 * count; within a group it leaves the table's ratio between prices as it is, as far as what the trace
 * does tell allows.  More of it would move prices that the trace tells: with 10⁻³ towards the one m
 * of the first fit, zero_page goes from 4115 to 4011 in the bundled trace, where it is 4096 and more.
 */
#include "calibrate/prices.h"

#include <stdlib.h>
#include <string.h>

#include "calibrate/nnls.h"
#include "workload/arith.h"

#define PENALTY	  1e-7
#define RIDGE	  1e-5 /* of the last fit */
#define REWEIGHED 12u /* times that the last fit is made */
#define TOLERANCE 1e-30 /* of the sum of squares; the penalty has to count, rounding not */
#define DEPENDENT 1e-9 /* part of a column's square that is left when others are taken out */
#define CONSTANT  KMR_NR_STEPS /* the column of recorded calls */
#define INNER	  (KMR_NR_STEPS + 1) /* that of those within others */

#define NS_PER_PS 1e-3
/*
 * Calls that something else made long are told by what they take longer than the fit says, as
 * durations alone differ by what was asked for; a fit without them says it better.
 */
#define ROUNDS 4u

struct fit {
	const struct kmr_calibrate_options *options;
	const struct calls *calls;
	const struct patterns *patterns;
	const uint32_t *of;
	bool *kept; /* each call: it is fitted to */
	/* ns that a call may take longer than the fit before says */
	double limit[KMR_NR_OPERATIONS][KMR_NR_PATHS];
	bool limited; /* there was one */
	double unit[NNLS_MAX]; /* ns: what a variable of 1 costs */
	unsigned int column[NNLS_MAX]; /* variable → step or CONSTANT */
	struct nnls all; /* of the variables */
	double squares; /* Σ y² */
	struct kmr_calibrate_result *result;
};

/* The replay knows all of call @i. */
static const struct pattern *pattern_of(const struct fit *f, size_t i)
{
	const struct pattern *p = &f->patterns->pattern[f->of[i]];

	return f->of[i] && p->reports == f->calls->call[i].requests ? p : NULL;
}

/* ns, recording and events included, at the prices that were fitted last. */
static double predict(const struct fit *f, const struct pattern *p,
		      const struct measured_call *call)
{
	const struct kmr_calibrate_result *r = f->result;
	double ns = (double)r->overhead * NS_PER_PS * ((double)call->nested + 1) +
		    (double)r->inner_overhead * NS_PER_PS * (double)call->nested +
		    (double)f->options->event_overhead * NS_PER_PS * (double)call->events;

	for (unsigned int s = 0; s < KMR_NR_STEPS; s++)
		if (p->count[s])
			ns += (double)p->count[s] * (double)r->table.price[s] * NS_PER_PS;
	return ns;
}

static double excess(const struct fit *f, const struct pattern *p, size_t i)
{
	const struct measured_call *call = &f->calls->call[i];

	return (double)call->duration - predict(f, p, call);
}

static int compare_doubles(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of @n calls: how many are left in, where @trim permille are not. */
static size_t left_in(size_t n, unsigned int trim)
{
	return n - n / 1000 * trim - n % 1000 * trim / 1000;
}

/* Runs over the calls of an operation and path; @value: what of each goes into @values. */
static size_t collect(const struct fit *f, unsigned int operation, unsigned int path,
		      double (*value)(const struct fit *f, const struct pattern *p, size_t i),
		      double *values)
{
	size_t n = 0;

	for (size_t i = 0; i < f->calls->nr; i++) {
		const struct pattern *p = pattern_of(f, i);

		if (p && p->operation == operation && p->path == path)
			values[n++] = value(f, p, i);
	}
	qsort(values, n, sizeof(*values), compare_doubles);
	return n;
}

static double duration(const struct fit *f, const struct pattern *p, size_t i)
{
	(void)p;
	return (double)f->calls->call[i].duration;
}

/* The rows of the result, with the quantiles of all calls. */
static void set_rows(struct fit *f, double *values)
{
	struct kmr_calibrate_result *r = f->result;

	for (unsigned int op = 0; op < KMR_NR_OPERATIONS; op++)
		for (unsigned int path = 0; path < KMR_NR_PATHS; path++) {
			struct kmr_calibrate_residual *res = &r->residuals[r->nr_residuals];
			const size_t n = collect(f, op, path, duration, values);

			if (!n)
				continue;
			res->operation = (enum kmr_operation)op;
			res->path = (enum kmr_path)path;
			res->p50 = (uint64_t)values[(n - 1) / 2];
			res->p99 = (uint64_t)values[(n - 1) - (n - 1) / 100];
			r->nr_residuals++;
		}
}

/* What is too long now that there is a fit. */
static void set_limits(struct fit *f, double *values)
{
	for (unsigned int i = 0; i < f->result->nr_residuals; i++) {
		const struct kmr_calibrate_residual *r = &f->result->residuals[i];
		const size_t n = collect(f, r->operation, r->path, excess, values);

		f->limit[r->operation][r->path] = values[left_in(n, f->options->trim) - 1];
	}
	f->limited = true;
}

static struct kmr_calibrate_residual *residual_of(struct fit *f, const struct pattern *p)
{
	for (unsigned int i = 0; i < f->result->nr_residuals; i++)
		if (f->result->residuals[i].operation == p->operation &&
		    f->result->residuals[i].path == p->path)
			return &f->result->residuals[i];
	return NULL;
}

/* Which calls this round fits to, and how many. */
static void choose_calls(struct fit *f)
{
	struct kmr_calibrate_counts *c = &f->result->counts;

	c->trimmed = c->fitted = 0;
	for (unsigned int i = 0; i < f->result->nr_residuals; i++)
		f->result->residuals[i].calls = f->result->residuals[i].trimmed = 0;
	for (unsigned int s = 0; s < KMR_NR_STEPS; s++)
		f->result->steps[s].calls = f->result->steps[s].times = 0;
	for (size_t i = 0; i < f->calls->nr; i++) {
		const struct pattern *p = pattern_of(f, i);
		struct kmr_calibrate_residual *r = p ? residual_of(f, p) : NULL;
		bool kept;

		f->kept[i] = false;
		if (!r)
			continue;
		kept = !f->limited || excess(f, p, i) <= f->limit[p->operation][p->path];
		f->kept[i] = kept;
		c->trimmed += !kept;
		r->trimmed += !kept;
		c->fitted += kept;
		r->calls += kept;
		for (unsigned int s = 0; kept && s < KMR_NR_STEPS; s++) {
			f->result->steps[s].calls += p->count[s] != 0;
			f->result->steps[s].times += p->count[s];
		}
	}
}

/* What a call took without what recording it is known to have added, ns. */
static double own_time(const struct fit *f, const struct measured_call *call)
{
	const struct kmr_calibrate_result *r = f->result;
	double y = (double)call->duration;

	if (!r->overhead_estimated)
		y -= (double)r->overhead * NS_PER_PS * ((double)call->nested + 1);
	return y - (double)f->options->event_overhead * NS_PER_PS * (double)call->events;
}

static double times(const struct pattern *p, const struct measured_call *call, unsigned int column)
{
	if (column == CONSTANT)
		return (double)call->nested + 1;
	return column == INNER ? (double)call->nested : (double)p->count[column];
}

/*
 * One variable for every step that a call took, one for what a recorded call within another adds to
 * that beyond what it adds to itself, @inner, and one for recording calls.
 */
static void set_columns(struct fit *f, const struct kmr_cost_table *table, bool inner)
{
	unsigned int n = 0;

	for (unsigned int s = 0; s < KMR_NR_STEPS; s++) {
		if (!f->result->steps[s].times)
			continue;
		f->unit[n] = table->price[s] ? (double)table->price[s] * NS_PER_PS : 1;
		f->column[n++] = s;
	}
	if (inner) {
		f->unit[n] = 1;
		f->column[n++] = INNER;
	}
	if (f->result->overhead_estimated) {
		f->unit[n] = 1;
		f->column[n++] = CONSTANT;
	}
	f->all.n = n;
}

static void add_call(struct fit *f, const struct pattern *p, const struct measured_call *call)
{
	const double y = own_time(f, call);
	double row[NNLS_MAX];
	unsigned int at[NNLS_MAX], m = 0;

	for (unsigned int v = 0; v < f->all.n; v++) {
		const double n = times(p, call, f->column[v]);

		if (n > 0) {
			row[m] = n * f->unit[v];
			at[m++] = v;
		}
	}
	for (unsigned int i = 0; i < m; i++) {
		f->all.b[at[i]] += row[i] * y;
		for (unsigned int k = 0; k < m; k++)
			f->all.g[at[i]][at[k]] += row[i] * row[k];
	}
	f->squares += y * y;
}

/* Variables that have one multiplier in common: the table's ratio between them stays. */
struct level {
	unsigned int nr;
	unsigned int class[NNLS_MAX]; /* of each variable */
	double square[NNLS_MAX]; /* of a class's column */
	double share[NNLS_MAX]; /* of each variable in its class, by the table's prices */
	double wanted[NNLS_MAX]; /* of a class, where calls do not tell */
	double x[NNLS_MAX]; /* of a class, fitted */
};

/* It costs nothing in the table. */
static bool is_free(const struct fit *f, unsigned int variable)
{
	const unsigned int c = f->column[variable];

	return c == INNER || (c < KMR_NR_STEPS && !f->result->steps[c].before);
}

/* Classes: recording calls, each step that costs nothing in the table, others by @group. */
static void set_level(const struct fit *f, struct level *l, const unsigned int group[NNLS_MAX])
{
	unsigned int class_of_group[NNLS_MAX + 1];
	double cost[NNLS_MAX] = { 0 };

	memset(l, 0, sizeof(*l));
	memset(class_of_group, 0xff, sizeof(class_of_group));
	for (unsigned int i = 0; i < f->all.n; i++) {
		const bool alone = f->column[i] == CONSTANT || is_free(f, i) || !group[i];

		if (alone)
			l->class[i] = l->nr++;
		else if (class_of_group[group[i]] == UINT32_MAX)
			l->class[i] = class_of_group[group[i]] = l->nr++;
		else
			l->class[i] = class_of_group[group[i]];
		cost[l->class[i]] += f->unit[i];
	}
	for (unsigned int i = 0; i < f->all.n; i++)
		l->share[i] = f->unit[i] / cost[l->class[i]];
}

/* Least squares with a multiplier a class; of those that calls do not tell, the wanted one. */
static void fit_level(const struct fit *f, struct nnls *p, struct level *l)
{
	memset(p, 0, sizeof(*p));
	p->n = l->nr;
	for (unsigned int i = 0; i < f->all.n; i++) {
		p->b[l->class[i]] += f->all.b[i];
		for (unsigned int k = 0; k < f->all.n; k++)
			p->g[l->class[i]][l->class[k]] += f->all.g[i][k];
	}
	for (unsigned int c = 0; c < l->nr; c++) {
		l->square[c] = p->g[c][c];
		p->g[c][c] += PENALTY * l->square[c];
		p->b[c] += PENALTY * l->square[c] * l->wanted[c];
	}
	nnls_solve(p, TOLERANCE * f->squares, l->x);
}

/* How strongly each variable is drawn to its class's multiplier, before it is seen how far off it is. */
static double pull(const struct fit *f, const struct level *l, unsigned int i)
{
	const double part = f->column[i] < KMR_NR_STEPS ? RIDGE : PENALTY;

	return part * f->all.g[i][i] / l->share[i];
}

/*
 * Draws less at what is farther off: it is one step that costs other than the table says, rather than
 * all that come with it.  The classes' multipliers then are the means of what is drawn.
 */
static void reweigh(const struct fit *f, const struct level *l, const double x[NNLS_MAX],
		    double center[NNLS_MAX], double weight[NNLS_MAX])
{
	double sum[NNLS_MAX] = { 0 }, all[NNLS_MAX] = { 0 };

	for (unsigned int i = 0; i < f->all.n; i++) {
		const unsigned int c = l->class[i];
		const double off = center[c] > 0 ? (x[i] - center[c]) / center[c] : 0;

		weight[i] = pull(f, l, i) / (1 + off * off);
		sum[c] += weight[i] * x[i];
		all[c] += weight[i];
	}
	for (unsigned int i = 0; i < f->all.n; i++)
		if (l->share[i] < 1 && all[l->class[i]] > 0)
			center[l->class[i]] = sum[l->class[i]] / all[l->class[i]];
}

/*
 * Each variable on its own, drawn to what its class has come to.  Its column's square is the square of
 * its price times that of how often calls took it, so that, over its share, what it is drawn by is its
 * price times that square: steps that always come together keep one multiplier.
 */
static void fit_steps(const struct fit *f, struct nnls *p, const struct level *l,
		      double x[NNLS_MAX])
{
	double center[NNLS_MAX], weight[NNLS_MAX] = { 0 };

	memcpy(center, l->x, sizeof(center));
	for (unsigned int i = 0; i < f->all.n; i++)
		weight[i] = pull(f, l, i);
	for (unsigned int round = 0; round < REWEIGHED; round++) {
		*p = f->all;
		for (unsigned int i = 0; i < p->n; i++) {
			p->g[i][i] += weight[i];
			p->b[i] += weight[i] * (is_free(f, i) ? 0 : center[l->class[i]]);
		}
		nnls_solve(p, TOLERANCE * f->squares, x);
		reweigh(f, l, x, center, weight);
	}
}

/* Multipliers of all variables; @group: which of them depend on each other. */
static int fit_all(struct fit *f, const unsigned int group[NNLS_MAX], double x[NNLS_MAX])
{
	struct nnls *p = malloc(sizeof(*p));
	struct level *all = malloc(sizeof(*all)), *groups = malloc(sizeof(*groups));
	unsigned int one[NNLS_MAX];

	if (p && all && groups) {
		for (unsigned int i = 0; i < NNLS_MAX; i++)
			one[i] = 1;
		set_level(f, all, one);
		fit_level(f, p, all);
		set_level(f, groups, group);
		for (unsigned int i = 0; i < f->all.n; i++) {
			if (is_free(f, i))
				continue;
			groups->wanted[groups->class[i]] = all->x[all->class[i]];
			if (f->column[i] != CONSTANT)
				f->result->scale = all->x[all->class[i]];
		}
		fit_level(f, p, groups);
		fit_steps(f, p, groups, x);
	}
	free(groups);
	free(all);
	free(p);
	return p && all && groups ? 0 : -1;
}

/* Which steps depend on each other, @group, and whether what recording adds does on them. */
static void find_groups(struct fit *f, unsigned int group[NNLS_MAX])
{
	const unsigned int n = f->all.n;
	unsigned int steps = n;

	nnls_dependent(&f->all, DEPENDENT, group);
	if (f->result->overhead_estimated)
		f->result->overhead_tied = group[n - 1] != 0;
	while (steps && f->column[steps - 1] >= KMR_NR_STEPS)
		steps--;
	f->all.n = steps;
	nnls_dependent(&f->all, DEPENDENT, group);
	f->all.n = n;
}

/* What recording a call within another adds can be told from what steps cost. */
static bool tells_inner(struct fit *f)
{
	const unsigned int n = f->all.n;
	unsigned int group[NNLS_MAX], at = n;

	while (at && f->column[at - 1] != INNER)
		at--;
	f->all.n = at;
	nnls_dependent(&f->all, DEPENDENT, group);
	f->all.n = n;
	return at && !group[at - 1];
}

static uint64_t to_ps(double ns)
{
	const double ps = ns / NS_PER_PS + 0.5;

	if (!(ps > 0))
		return 0;
	return ps < (double)KMR_MAX_PRICE ? (uint64_t)ps : KMR_MAX_PRICE;
}

static void take_prices(struct fit *f, const unsigned int group[NNLS_MAX], const double x[NNLS_MAX])
{
	struct kmr_calibrate_result *r = f->result;

	for (unsigned int i = 0; i < f->all.n; i++) {
		struct kmr_calibrate_step *step;

		if (f->column[i] == CONSTANT) {
			r->overhead = to_ps(x[i]);
			continue;
		}
		if (f->column[i] == INNER) {
			r->inner_overhead = to_ps(x[i]);
			continue;
		}
		step = &r->steps[f->column[i]];
		step->state = group[i] ? KMR_PRICE_TIED : KMR_PRICE_FITTED;
		step->group = group[i];
		step->after = to_ps(x[i] * f->unit[i]);
		r->table.price[f->column[i]] = step->after;
	}
}

static void judge(struct fit *f)
{
	struct kmr_calibrate_result *r = f->result;
	double sum = 0, errors = 0, spread = 0, mean;
	const double n = (double)r->counts.fitted;

	for (size_t i = 0; i < f->calls->nr; i++) {
		const struct measured_call *call = &f->calls->call[i];
		const struct pattern *p = (f->kept[i] ? pattern_of(f, i) : NULL);
		struct kmr_calibrate_residual *res = p ? residual_of(f, p) : NULL;
		double predicted, off;

		if (!res)
			continue;
		predicted = predict(f, p, call);
		off = (double)call->duration - predicted;
		res->measured += (double)call->duration;
		res->predicted += predicted;
		res->rms += off * off;
		sum += (double)call->duration;
		errors += off * off;
	}
	mean = sum / n;
	for (size_t i = 0; i < f->calls->nr; i++) {
		const double off = (double)f->calls->call[i].duration - mean;

		if (f->kept[i])
			spread += off * off;
	}
	r->r_squared = spread > 0 ? 1 - errors / spread : 0;
	r->rms = load_sqrt(errors / n);
	for (unsigned int i = 0; i < r->nr_residuals; i++) {
		struct kmr_calibrate_residual *res = &r->residuals[i];
		const double calls = (double)res->calls;

		res->measured /= calls;
		res->predicted /= calls;
		res->rms = load_sqrt(res->rms / calls);
	}
}

/* The normal equations. */
static void add_calls(struct fit *f, const struct kmr_cost_table *table, bool inner)
{
	memset(&f->all, 0, sizeof(f->all));
	f->squares = 0;
	set_columns(f, table, inner);
	for (size_t i = 0; i < f->calls->nr; i++)
		if (f->kept[i])
			add_call(f, pattern_of(f, i), &f->calls->call[i]);
}

/* Prices from calls that are not too long by those of the round before. */
static int fit_round(struct fit *f, const struct kmr_cost_table *table)
{
	unsigned int group[NNLS_MAX];
	double x[NNLS_MAX];

	choose_calls(f);
	f->result->table = *table;
	f->result->inner_overhead = 0;
	for (unsigned int s = 0; s < KMR_NR_STEPS; s++) {
		struct kmr_calibrate_step *step = &f->result->steps[s];

		step->before = step->after = table->price[s];
		step->state = s == KMR_STEP_WAIT ? KMR_PRICE_HELD : KMR_PRICE_UNSEEN;
		step->group = 0;
	}
	add_calls(f, table, true);
	if (!tells_inner(f))
		add_calls(f, table, false);
	find_groups(f, group);
	if (fit_all(f, group, x))
		return -1;
	take_prices(f, group, x);
	return 0;
}

static int nothing_known(const struct fit *f, struct kmr_error *err)
{
	return kmr_fail(
		err,
		"%s: the replay knows the steps of none of its %llu calls; their events lie "
		"before the snapshot's marker, or are of objects where objects are not "
		"replayed",
		f->options->trace, (unsigned long long)f->result->counts.calls);
}

static int fit_prices(struct fit *f, const struct kmr_cost_table *table, struct kmr_error *err)
{
	double *values = malloc((f->calls->nr + 1) * sizeof(*values));
	int ret = 0;

	f->kept = calloc(f->calls->nr + 1, sizeof(*f->kept));
	if (values && f->kept) {
		for (size_t i = 0; i < f->calls->nr; i++)
			f->result->counts.unknown += !pattern_of(f, i);
		set_rows(f, values);
		if (!f->result->nr_residuals)
			ret = nothing_known(f, err);
		for (unsigned int round = 0; round < ROUNDS && !ret; round++) {
			if (round)
				set_limits(f, values);
			if (fit_round(f, table))
				ret = kmr_fail_nomem(err, "the fit");
		}
		if (!ret)
			judge(f);
	} else {
		ret = kmr_fail_nomem(err, "the durations of calls");
	}
	free(values);
	free(f->kept);
	return ret;
}

int prices_fit(const struct kmr_calibrate_options *options, const struct calls *calls,
	       const struct patterns *patterns, const uint32_t *of,
	       const struct kmr_cost_table *table, struct kmr_calibrate_result *result,
	       struct kmr_error *err)
{
	struct fit *f = calloc(1, sizeof(*f));
	int ret;

	if (!f)
		return kmr_fail_nomem(err, "the fit");
	f->options = options;
	f->calls = calls;
	f->patterns = patterns;
	f->of = of;
	f->result = result;
	ret = fit_prices(f, table, err);
	free(f);
	return ret;
}
