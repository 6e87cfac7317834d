/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Distributions of times (ns), sizes (bytes) and counts: whole numbers drawn from what the file
 * says.  Equal seeds give equal draws on every machine (arith.h).
 */
#ifndef KMR_WORKLOAD_DIST_H
#define KMR_WORKLOAD_DIST_H

#include <stdbool.h>
#include <stdint.h>

#include "workload/random.h"

enum load_dist_kind {
	LOAD_CONSTANT,
	LOAD_UNIFORM,
	LOAD_EXPONENTIAL,
	LOAD_PARETO,
	LOAD_LOGNORMAL,
	LOAD_TABLE, /* some values, each with a weight */
	LOAD_HISTOGRAM, /* ranges, each with a weight and uniform within */
};

/* A choice by weight in constant time (A. J. Walker's aliases). */
struct load_choice {
	uint32_t nr;
	struct load_choice_row {
		uint64_t stay; /* of 2^64: how often this row stands for itself */
		uint32_t alias; /* and for this one otherwise */
	} * rows;
};

struct load_range {
	uint64_t low, high; /* both included; the same for a single value */
};

struct load_dist {
	enum load_dist_kind kind;
	uint64_t min, max; /* what is drawn below or above becomes this */
	union {
		uint64_t constant;
		struct load_range uniform;
		struct {
			double mean;
		} exponential;
		struct {
			double min, inverse_shape;
			double rest; /* of all above min, what lies beyond its own max; 0: none */
		} pareto;
		struct {
			double median, sigma;
		} lognormal;
		struct {
			struct load_choice choice;
			struct load_range *ranges;
		} table; /* and histogram */
	};
};

/* Makes a choice among @nr weights whose sum is above 0 and below 2^63; -1: no memory. */
int load_choice_init(struct load_choice *choice, const uint64_t *weights, uint32_t nr);
void load_choice_free(struct load_choice *choice);

static inline uint32_t load_choose(const struct load_choice *choice, struct load_random *random)
{
	const struct load_choice_row *row = &choice->rows[load_random_below(random, choice->nr)];

	return load_random_next(random) < row->stay ? (uint32_t)(row - choice->rows) : row->alias;
}

/* These set the limits wide open. */
void load_dist_constant(struct load_dist *d, uint64_t value);
void load_dist_uniform(struct load_dist *d, uint64_t low, uint64_t high);
void load_dist_exponential(struct load_dist *d, uint64_t mean);
/* @shape above 0; with @max, above @min, nothing beyond it is drawn; 0: none. */
void load_dist_pareto(struct load_dist *d, uint64_t min, double shape, uint64_t max);
void load_dist_lognormal(struct load_dist *d, uint64_t median, double sigma);
/* @ranges is copied; -1: no memory. */
int load_dist_table(struct load_dist *d, enum load_dist_kind kind, const struct load_range *ranges,
		    const uint64_t *weights, uint32_t nr);
void load_dist_free(struct load_dist *d);

/* The mean of what is drawn, but for what min and max change. */
double load_dist_mean(const struct load_dist *d);

uint64_t load_draw_slow(const struct load_dist *d, struct load_random *random);

static inline uint64_t load_draw(const struct load_dist *d, struct load_random *random)
{
	return d->kind == LOAD_CONSTANT ? d->constant : load_draw_slow(d, random);
}

#endif
