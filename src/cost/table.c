// SPDX-License-Identifier: GPL-2.0-only
/* Cost files into tables, and what a vector of steps comes to. */
#include <inttypes.h>
#include <string.h>

#include "base/suggest.h"
#include "base/yaml.h"
#include "cost/price.h"
#include "cost/shipped.h"
#include "kmreplay/cost.h"

/* What is being read. */
struct reader {
	struct kmr_cost_table table;
	bool complete; /* every step has to be there */
};

static int unknown_step(const struct kmr_yaml *yaml, const struct kmr_yaml_node *key,
			struct kmr_error *err)
{
	struct kmr_suggest suggest;
	char known[320];

	kmr_suggest_begin(&suggest, key->text);
	for (unsigned int i = 0; i < KMR_NR_STEPS; i++)
		kmr_suggest_add(&suggest, kmr_step_name(i));
	return kmr_yaml_fail(yaml, key, err, "there is no step '%s'; %s", key->text,
			     kmr_suggest_text(&suggest, known, sizeof(known)));
}

static int read_steps(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *map,
		      struct kmr_error *err)
{
	struct reader *r = object;
	bool seen[KMR_NR_STEPS] = { false };

	if (map->kind != KMR_YAML_MAP)
		return kmr_yaml_fail(yaml, map, err,
				     "steps: takes a map of steps and their prices, such as "
				     "'pcp_alloc: 30 ns'");
	for (const struct kmr_yaml_node *n = map->items; n; n = n->next) {
		const int step = kmr_step_find(n->key->text);

		if (step < 0)
			return unknown_step(yaml, n->key, err);
		if (kmr_price_read(yaml, n, &r->table.price[step], err))
			return -1;
		seen[step] = true;
	}
	for (unsigned int i = 0; r->complete && i < KMR_NR_STEPS; i++)
		if (!seen[i])
			return kmr_yaml_fail(yaml, map, err, "steps: '%s' is missing",
					     kmr_step_name(i));
	return 0;
}

static int read_name(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *node,
		     struct kmr_error *err)
{
	struct reader *r = object;

	return kmr_yaml_text(yaml, node, r->table.name, sizeof(r->table.name), err);
}

static int read_root(struct kmr_cost_table *table, const struct kmr_yaml *yaml, bool complete,
		     struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = {
		{ .key = "name", .type = KMR_YAML_CALL, .read = read_name },
		{ .key = "steps", .type = KMR_YAML_CALL, .required = true, .read = read_steps },
	};
	struct reader r = { .table = *table, .complete = complete };

	/* the prices of a file are not what the table before them was called */
	memset(r.table.name, 0, sizeof(r.table.name));
	if (kmr_yaml_bind(yaml, kmr_yaml_root(yaml), "a cost table", fields,
			  sizeof(fields) / sizeof(fields[0]), &r, err))
		return -1;
	*table = r.table;
	return 0;
}

int kmr_cost_parse(struct kmr_cost_table *table, const char *name, const char *text, size_t len,
		   bool complete, struct kmr_error *err)
{
	struct kmr_yaml *yaml;
	int ret;

	if (kmr_yaml_parse(&yaml, name, text, len, err))
		return -1;
	ret = read_root(table, yaml, complete, err);
	kmr_yaml_free(yaml);
	return ret;
}

int kmr_cost_read(struct kmr_cost_table *table, const char *path, struct kmr_error *err)
{
	struct kmr_yaml *yaml;
	int ret;

	if (kmr_yaml_read(&yaml, path, "a cost table", err))
		return -1;
	ret = read_root(table, yaml, false, err);
	kmr_yaml_free(yaml);
	return ret;
}

int kmr_cost_defaults(struct kmr_cost_table *table, struct kmr_error *err)
{
	memset(table, 0, sizeof(*table));
	return kmr_cost_parse(table, "schemas/cost.yaml", kmr_cost_yaml, strlen(kmr_cost_yaml),
			      true, err);
}

uint64_t kmr_cost(const struct kmr_cost_table *table, const struct kmr_steps *steps)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < KMR_NR_STEPS; i++) {
		uint64_t part;

		if (!steps->count[i])
			continue;
		if (__builtin_mul_overflow(steps->count[i], table->price[i], &part) ||
		    __builtin_add_overflow(sum, part, &sum))
			return UINT64_MAX;
	}
	return sum;
}
