// SPDX-License-Identifier: GPL-2.0-only
#include "workload/dist.h"

#include <stdlib.h>
#include <string.h>

#include "workload/arith.h"

/* Draws are at most this, so that a few of them can be added. */
#define LARGEST (UINT64_C(1) << 62)

/*
 * Rows that are too light for their share of 1/nr are filled up from one that is too heavy, until
 * each row holds two choices at most.  All in units in which the sum of the weights is one share.
 */
static void fill_rows(struct load_choice *choice, unsigned __int128 *left, uint32_t *order,
		      uint64_t sum)
{
	uint32_t light = 0, heavy = choice->nr;

	for (uint32_t i = 0; i < choice->nr; i++)
		if (left[i] < sum)
			order[light++] = i;
		else
			order[--heavy] = i;
	while (light && heavy < choice->nr) {
		const uint32_t low = order[--light], high = order[heavy];

		choice->rows[low].stay = (uint64_t)((left[low] << 64) / sum);
		choice->rows[low].alias = high;
		left[high] -= sum - left[low];
		if (left[high] >= sum)
			continue;
		heavy++;
		order[light++] = high;
	}
}

int load_choice_init(struct load_choice *choice, const uint64_t *weights, uint32_t nr)
{
	unsigned __int128 *left = calloc(nr, sizeof(*left));
	uint32_t *order = calloc(nr, sizeof(*order));
	uint64_t sum = 0;

	choice->nr = nr;
	choice->rows = calloc(nr, sizeof(*choice->rows));
	if (left && order && choice->rows) {
		for (uint32_t i = 0; i < nr; i++) {
			sum += weights[i];
			left[i] = (unsigned __int128)weights[i] * nr;
			choice->rows[i].stay = UINT64_MAX;
			choice->rows[i].alias = i;
		}
		fill_rows(choice, left, order, sum);
	} else {
		load_choice_free(choice);
	}
	free(left);
	free(order);
	return choice->rows ? 0 : -1;
}

void load_choice_free(struct load_choice *choice)
{
	free(choice->rows);
	choice->rows = NULL;
}

static void begin(struct load_dist *d, enum load_dist_kind kind)
{
	memset(d, 0, sizeof(*d));
	d->kind = kind;
	d->max = LARGEST;
}

void load_dist_constant(struct load_dist *d, uint64_t value)
{
	begin(d, LOAD_CONSTANT);
	d->constant = value;
}

void load_dist_uniform(struct load_dist *d, uint64_t low, uint64_t high)
{
	begin(d, LOAD_UNIFORM);
	d->uniform.low = low;
	d->uniform.high = high;
}

void load_dist_exponential(struct load_dist *d, uint64_t mean)
{
	begin(d, LOAD_EXPONENTIAL);
	d->exponential.mean = (double)mean;
}

void load_dist_pareto(struct load_dist *d, uint64_t min, double shape, uint64_t max)
{
	begin(d, LOAD_PARETO);
	d->pareto.min = (double)min;
	d->pareto.inverse_shape = 1 / shape;
	if (max > min)
		d->pareto.rest = load_exp(-shape * load_log((double)max / (double)min));
}

void load_dist_lognormal(struct load_dist *d, uint64_t median, double sigma)
{
	begin(d, LOAD_LOGNORMAL);
	d->lognormal.median = (double)median;
	d->lognormal.sigma = sigma;
}

int load_dist_table(struct load_dist *d, enum load_dist_kind kind, const struct load_range *ranges,
		    const uint64_t *weights, uint32_t nr)
{
	begin(d, kind);
	d->table.ranges = malloc(nr * sizeof(*ranges));
	if (!d->table.ranges || load_choice_init(&d->table.choice, weights, nr)) {
		load_dist_free(d);
		return -1;
	}
	memcpy(d->table.ranges, ranges, nr * sizeof(*ranges));
	return 0;
}

void load_dist_free(struct load_dist *d)
{
	if (d->kind != LOAD_TABLE && d->kind != LOAD_HISTOGRAM)
		return;
	load_choice_free(&d->table.choice);
	free(d->table.ranges);
	d->table.ranges = NULL;
}

/* How often a row of a choice comes, of 1. */
static double share_of(const struct load_choice *choice, uint32_t row)
{
	double share = 0;

	for (uint32_t i = 0; i < choice->nr; i++) {
		const double stay = (double)choice->rows[i].stay * 0x1p-64;

		if (i == row)
			share += stay;
		if (choice->rows[i].alias == row)
			share += 1 - stay;
	}
	return share / choice->nr;
}

static double table_mean(const struct load_dist *d)
{
	double mean = 0;

	for (uint32_t i = 0; i < d->table.choice.nr; i++)
		mean += share_of(&d->table.choice, i) *
			((double)d->table.ranges[i].low + (double)d->table.ranges[i].high) / 2;
	return mean;
}

/* ∫ x dF; without end for a shape of 1 or less that nothing cuts off. */
static double pareto_mean(const struct load_dist *d)
{
	const double shape = 1 / d->pareto.inverse_shape, rest = d->pareto.rest;
	const double most = rest > 0 ? -load_log(rest) : 700; /* ln (max / min), times the shape */
	const double away = 1 - 1 / shape;
	const double exponent = -away * (most < 700 ? most : 700);

	if (away < 1e-6 && away > -1e-6)
		return d->pareto.min * most / (1 - rest);
	return d->pareto.min / away * (1 - load_exp(exponent < 700 ? exponent : 700)) / (1 - rest);
}

double load_dist_mean(const struct load_dist *d)
{
	switch (d->kind) {
	case LOAD_UNIFORM:
		return ((double)d->uniform.low + (double)d->uniform.high) / 2;
	case LOAD_EXPONENTIAL:
		return d->exponential.mean;
	case LOAD_PARETO:
		return pareto_mean(d);
	case LOAD_LOGNORMAL:
		return d->lognormal.median * load_exp(d->lognormal.sigma * d->lognormal.sigma / 2);
	case LOAD_TABLE:
	case LOAD_HISTOGRAM:
		return table_mean(d);
	case LOAD_CONSTANT:
		break;
	}
	return (double)d->constant;
}

/* To the nearest; e^x is asked for up to what LARGEST needs and far more. */
static uint64_t whole(double x)
{
	return x < (double)LARGEST ? (uint64_t)(x + 0.5) : LARGEST;
}

static double grow(double from, double exponent)
{
	return exponent < 700 ? from * load_exp(exponent) : (double)LARGEST;
}

static uint64_t draw_range(const struct load_range *range, struct load_random *random)
{
	return range->low + load_random_below(random, range->high - range->low + 1);
}

static uint64_t draw_pareto(const struct load_dist *d, struct load_random *random)
{
	const double rest = d->pareto.rest;
	const double above = rest + (1 - rest) * load_random_unit(random);

	return whole(grow(d->pareto.min, -load_log(above) * d->pareto.inverse_shape));
}

static uint64_t draw_lognormal(const struct load_dist *d, struct load_random *random)
{
	/* the middles of 2^52 steps, as neither 0 nor 1 has a quantile */
	const double p = ((double)(load_random_next(random) >> 12) + 0.5) * 0x1p-52;
	const double exponent = d->lognormal.sigma * load_normal_quantile(p);

	return exponent < -700 ? 0 : whole(grow(d->lognormal.median, exponent));
}

static uint64_t draw_table(const struct load_dist *d, struct load_random *random)
{
	const struct load_range *range = &d->table.ranges[load_choose(&d->table.choice, random)];

	return range->low == range->high ? range->low : draw_range(range, random);
}

static uint64_t draw(const struct load_dist *d, struct load_random *random)
{
	switch (d->kind) {
	case LOAD_UNIFORM:
		return draw_range(&d->uniform, random);
	case LOAD_EXPONENTIAL:
		return whole(-load_log(load_random_unit(random)) * d->exponential.mean);
	case LOAD_PARETO:
		return draw_pareto(d, random);
	case LOAD_LOGNORMAL:
		return draw_lognormal(d, random);
	case LOAD_TABLE:
	case LOAD_HISTOGRAM:
		return draw_table(d, random);
	case LOAD_CONSTANT:
		break;
	}
	return d->constant;
}

uint64_t load_draw_slow(const struct load_dist *d, struct load_random *random)
{
	const uint64_t value = draw(d, random);

	return value < d->min ? d->min : value > d->max ? d->max : value;
}
