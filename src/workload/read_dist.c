// SPDX-License-Identifier: GPL-2.0-only
/* Distributions: a plain value, or a map with one of the kinds as its key. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "workload/read.h"

#define NANO	   UINT64_C(1000000000)
#define MIN_SHAPE  (NANO / 100)
#define MAX_SHAPE  (100 * NANO)
#define MAX_SIGMA  (20 * NANO)
#define MAX_WEIGHT (UINT64_C(1) << 40)

static const char *const kind_names[] = {
	[LOAD_CONSTANT] = "a plain value",  [LOAD_UNIFORM] = "uniform",
	[LOAD_EXPONENTIAL] = "exponential", [LOAD_PARETO] = "pareto",
	[LOAD_LOGNORMAL] = "lognormal",	    [LOAD_TABLE] = "table",
	[LOAD_HISTOGRAM] = "histogram",
};

int load_later(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
	       struct kmr_error *err)
{
	(void)object;
	(void)yaml;
	(void)node;
	(void)err;
	return 0;
}

static int read_value(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		      const struct load_unit *unit, uint64_t min, uint64_t *value,
		      struct kmr_error *err)
{
	switch (unit->kind) {
	case LOAD_TIMES:
		return kmr_yaml_time(yaml, node, min, unit->max, value, err);
	case LOAD_SIZES:
		return kmr_yaml_size(yaml, node, min, unit->max, value, err);
	default:
		return kmr_yaml_u64(yaml, node, min, unit->max, value, err);
	}
}

static int bind_params(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		       const struct kmr_yaml_field *fields, size_t nr, struct kmr_error *err)
{
	return kmr_yaml_bind(yaml, node, node->key->text, fields, nr, NULL, err);
}

static int read_uniform(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
			const struct load_unit *unit, struct load_dist *d, struct kmr_error *err)
{
	uint64_t low, high;

	if (node->kind != KMR_YAML_LIST || node->nr != 2)
		return kmr_yaml_fail(yaml, node, err, "uniform: takes a list of two, [from, to]");
	if (read_value(yaml, node->items, unit, unit->min, &low, err) ||
	    read_value(yaml, node->items->next, unit, low, &high, err))
		return -1;
	load_dist_uniform(d, low, high);
	return 0;
}

static int read_exponential(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
			    const struct load_unit *unit, struct load_dist *d,
			    struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("mean", true) };
	uint64_t mean;

	if (bind_params(yaml, node, fields, ARRAY_SIZE(fields), err) ||
	    read_value(yaml, kmr_yaml_get(node, "mean"), unit, 1, &mean, err))
		return -1;
	load_dist_exponential(d, mean);
	return 0;
}

static int read_pareto(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		       const struct load_unit *unit, struct load_dist *d, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("min", true),
							LOAD_LATER("shape", true),
							LOAD_LATER("max", false) };
	const struct kmr_yaml_node *most;
	uint64_t min, shape, max = 0;

	if (bind_params(yaml, node, fields, ARRAY_SIZE(fields), err) ||
	    read_value(yaml, kmr_yaml_get(node, "min"), unit, 1, &min, err) ||
	    kmr_yaml_fraction(yaml, kmr_yaml_get(node, "shape"), MIN_SHAPE, MAX_SHAPE, &shape, err))
		return -1;
	most = kmr_yaml_get(node, "max");
	if (most && read_value(yaml, most, unit, min + 1, &max, err))
		return -1;
	load_dist_pareto(d, min, (double)shape / (double)NANO, max);
	return 0;
}

static int read_lognormal(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
			  const struct load_unit *unit, struct load_dist *d, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("median", true),
							LOAD_LATER("sigma", true) };
	uint64_t median, sigma;

	if (bind_params(yaml, node, fields, ARRAY_SIZE(fields), err) ||
	    read_value(yaml, kmr_yaml_get(node, "median"), unit, 1, &median, err) ||
	    kmr_yaml_fraction(yaml, kmr_yaml_get(node, "sigma"), 0, MAX_SIGMA, &sigma, err))
		return -1;
	load_dist_lognormal(d, median, (double)sigma / (double)NANO);
	return 0;
}

/* Rows of table: and histogram: while they are read. */
struct rows {
	struct load_range *ranges;
	uint64_t *weights;
	uint32_t nr;
	uint64_t sum;
};

/* [value, weight], or [upto, weight] with what lies above the row before, or from @unit's min on. */
static int read_row(const struct kmr_yaml *yaml, const struct kmr_yaml_node *row,
		    const struct load_unit *unit, enum load_dist_kind kind, struct rows *rows,
		    struct kmr_error *err)
{
	struct load_range *range = &rows->ranges[rows->nr];
	uint64_t min = unit->min;

	if (row->kind != KMR_YAML_LIST || row->nr != 2)
		return kmr_yaml_fail(yaml, row, err,
				     "each row of %s: is a list of two, [%s, weight]",
				     kind_names[kind], kind == LOAD_TABLE ? "value" : "upto");
	if (kind == LOAD_HISTOGRAM && rows->nr)
		min = range[-1].high + 1;
	range->low = min;
	if (read_value(yaml, row->items, unit, min, &range->high, err) ||
	    kmr_yaml_u64(yaml, row->items->next, 0, MAX_WEIGHT, &rows->weights[rows->nr], err))
		return -1;
	if (kind == LOAD_TABLE)
		range->low = range->high;
	rows->sum += rows->weights[rows->nr++];
	return 0;
}

static int read_rows(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		     const struct load_unit *unit, enum load_dist_kind kind, struct load_dist *d,
		     struct kmr_error *err)
{
	struct rows rows = { 0 };
	int ret = 0;

	if (node->kind != KMR_YAML_LIST || !node->nr || node->nr > LOAD_MAX_TABLE)
		return kmr_yaml_fail(yaml, node, err, "%s: takes a list of 1 to %u rows",
				     kind_names[kind], LOAD_MAX_TABLE);
	rows.ranges = calloc(node->nr, sizeof(*rows.ranges));
	rows.weights = calloc(node->nr, sizeof(*rows.weights));
	if (!rows.ranges || !rows.weights)
		ret = kmr_fail_nomem(err, "a distribution");
	for (const struct kmr_yaml_node *row = node->items; row && !ret; row = row->next)
		ret = read_row(yaml, row, unit, kind, &rows, err);
	if (!ret && !rows.sum)
		ret = kmr_yaml_fail(yaml, node, err, "%s: all weights are 0", kind_names[kind]);
	if (!ret && load_dist_table(d, kind, rows.ranges, rows.weights, rows.nr))
		ret = kmr_fail_nomem(err, "a distribution");
	free(rows.ranges);
	free(rows.weights);
	return ret;
}

static int read_kind(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		     const struct load_unit *unit, enum load_dist_kind kind, struct load_dist *d,
		     struct kmr_error *err)
{
	switch (kind) {
	case LOAD_UNIFORM:
		return read_uniform(yaml, node, unit, d, err);
	case LOAD_EXPONENTIAL:
		return read_exponential(yaml, node, unit, d, err);
	case LOAD_PARETO:
		return read_pareto(yaml, node, unit, d, err);
	case LOAD_LOGNORMAL:
		return read_lognormal(yaml, node, unit, d, err);
	default:
		return read_rows(yaml, node, unit, kind, d, err);
	}
}

/* Of the kinds' keys the map has to have one. */
static int find_kind(const struct kmr_yaml *yaml, const struct kmr_yaml_node *map,
		     enum load_dist_kind *kind, struct kmr_error *err)
{
	const struct kmr_yaml_node *found = NULL;

	for (unsigned int k = LOAD_UNIFORM; k <= LOAD_HISTOGRAM; k++) {
		const struct kmr_yaml_node *node = kmr_yaml_get(map, kind_names[k]);

		if (!node)
			continue;
		if (found)
			return kmr_yaml_fail(yaml, node->key, err,
					     "a distribution is of one kind; '%s' is there already",
					     found->key->text);
		found = node;
		*kind = (enum load_dist_kind)k;
	}
	if (found)
		return 0;
	return kmr_yaml_fail(yaml, map, err,
			     "a distribution without its kind: uniform, exponential, pareto, "
			     "lognormal, table or histogram");
}

/* min: and max: beside the kind. */
static int read_limits(const struct kmr_yaml *yaml, const struct kmr_yaml_node *map,
		       const struct load_unit *unit, struct load_unit *limits,
		       struct kmr_error *err)
{
	const struct kmr_yaml_node *min = kmr_yaml_get(map, "min"), *max = kmr_yaml_get(map, "max");

	*limits = *unit;
	if (min && read_value(yaml, min, unit, unit->min, &limits->min, err))
		return -1;
	return max ? read_value(yaml, max, unit, limits->min, &limits->max, err) : 0;
}

int load_read_dist(const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		   const struct load_unit *unit, struct load_dist *d, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = {
		LOAD_LATER("uniform", false), LOAD_LATER("exponential", false),
		LOAD_LATER("pareto", false),  LOAD_LATER("lognormal", false),
		LOAD_LATER("table", false),   LOAD_LATER("histogram", false),
		LOAD_LATER("min", false),     LOAD_LATER("max", false),
	};
	enum load_dist_kind kind = LOAD_CONSTANT;
	struct load_unit limits;
	uint64_t value;

	if (node->kind == KMR_YAML_SCALAR) {
		if (read_value(yaml, node, unit, unit->min, &value, err))
			return -1;
		load_dist_constant(d, value);
		return 0;
	}
	if (node->kind == KMR_YAML_LIST)
		return kmr_yaml_fail(yaml, node, err,
				     "found a list, takes a value or a distribution, such as "
				     "{uniform: [from, to]}");
	if (kmr_yaml_bind(yaml, node, "a distribution", fields, ARRAY_SIZE(fields), NULL, err) ||
	    find_kind(yaml, node, &kind, err) || read_limits(yaml, node, unit, &limits, err) ||
	    read_kind(yaml, kmr_yaml_get(node, kind_names[kind]),
		      kind == LOAD_HISTOGRAM ? &limits : unit, kind, d, err))
		return -1;
	d->min = limits.min;
	d->max = limits.max;
	return 0;
}
