// SPDX-License-Identifier: GPL-2.0-only
/* Machine files: NUMA nodes, their CPUs and the distances between them. */
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "machine/internal.h"
#include "machine/spec_internal.h"

#define LOCAL_DISTANCE 10

/* One node's entry while it is read. */
struct node_keys {
	struct kmr_spec *spec;
	unsigned int node;
	unsigned int nr_nodes;
};

static int add_cpus(struct node_keys *k, const struct kmr_yaml *yaml,
		    const struct kmr_yaml_node *at, uint64_t first, uint64_t last,
		    struct kmr_error *err)
{
	for (uint64_t cpu = first; cpu <= last; cpu++) {
		uint16_t *node = &k->spec->cpu_node[cpu];

		if (*node != KMR_ANY_NODE)
			return kmr_yaml_fail(yaml, at, err,
					     "CPU %" PRIu64 " is on node %u already; a CPU is on "
					     "one node",
					     cpu, *node);
		*node = (uint16_t)k->node;
	}
	return 0;
}

/* "0-3" */
static int scan_run(const char *p, uint64_t *first, uint64_t *last)
{
	if (kmr_scan_u64(&p, KMR_MAX_CPUS - 1, first) || *p++ != '-' ||
	    kmr_scan_u64(&p, KMR_MAX_CPUS - 1, last) || *p)
		return -1;
	return *first <= *last ? 0 : -1;
}

static int read_cpus(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *list,
		     struct kmr_error *err)
{
	if (kmr_spec_list(yaml, list, "CPUs, numbers or runs such as 0-3", KMR_MAX_CPUS, err))
		return -1;
	for (const struct kmr_yaml_node *n = list->items; n; n = n->next) {
		uint64_t first, last;

		if (n->kind != KMR_YAML_SCALAR || scan_run(n->text, &first, &last)) {
			if (kmr_yaml_u64(yaml, n, 0, KMR_MAX_CPUS - 1, &first, err))
				return -1;
			last = first;
		}
		if (add_cpus(object, yaml, n, first, last, err))
			return -1;
	}
	return 0;
}

static int read_distance(void *object, const struct kmr_yaml *yaml,
			 const struct kmr_yaml_node *list, struct kmr_error *err)
{
	struct node_keys *k = object;
	unsigned int to = 0;

	if (kmr_spec_list(yaml, list, "distances, one to each node", KMR_MAX_NODES, err))
		return -1;
	if (list->nr != k->nr_nodes)
		return kmr_yaml_fail(yaml, list, err,
				     "distance: %" PRIu32 " entries; node %u needs %u, one to each "
				     "node",
				     list->nr, k->node, k->nr_nodes);
	for (const struct kmr_yaml_node *n = list->items; n; n = n->next, to++) {
		uint64_t d;

		if (kmr_yaml_u64(yaml, n, LOCAL_DISTANCE, UINT8_MAX, &d, err))
			return -1;
		if (to == k->node && d != LOCAL_DISTANCE)
			return kmr_yaml_fail(yaml, n, err,
					     "distance of node %u to itself is %" PRIu64
					     "; it has to be 10",
					     to, d);
		if (to != k->node && d == LOCAL_DISTANCE)
			return kmr_yaml_fail(
				yaml, n, err,
				"distance from node %u to node %u is 10, which is that "
				"of a node to itself; 11 to 255 will do",
				k->node, to);
		k->spec->distance[k->node][to] = (uint8_t)d;
	}
	k->spec->has_distance = true;
	return 0;
}

/* All nodes tell their distances, or none does; there and back they are equal. */
static int check_distance(const struct kmr_spec *spec, const struct kmr_yaml *yaml,
			  const struct kmr_yaml_node *list, struct kmr_error *err)
{
	unsigned int i = 0, j;

	if (!spec->has_distance)
		return 0;
	for (const struct kmr_yaml_node *n = list->items; n; n = n->next, i++) {
		const struct kmr_yaml_node *row = kmr_yaml_get(n, "distance");

		if (!row)
			return kmr_yaml_fail(yaml, n, err,
					     "node %u lacks 'distance', which other nodes have", i);
		for (j = 0; j < i; j++)
			if (spec->distance[i][j] != spec->distance[j][i])
				return kmr_yaml_fail(yaml, row, err,
						     "distance from node %u to node %u is %u, but "
						     "%u from node %u to node %u; they have to be "
						     "equal",
						     i, j, spec->distance[i][j],
						     spec->distance[j][i], j, i);
	}
	return 0;
}

int kmr_spec_read_nodes(void *object, const struct kmr_yaml *yaml, const struct kmr_yaml_node *list,
			struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = {
		{ .key = "cpus", .type = KMR_YAML_CALL, .read = read_cpus },
		{ .key = "distance", .type = KMR_YAML_CALL, .read = read_distance },
	};
	struct kmr_spec *spec = object;
	struct node_keys k = { .spec = spec };

	if (kmr_spec_list(yaml, list, "nodes", KMR_MAX_NODES, err))
		return -1;
	if (!list->nr)
		return kmr_yaml_fail(yaml, list, err, "nodes: no entry; a machine has one or more");
	k.nr_nodes = list->nr;
	for (const struct kmr_yaml_node *n = list->items; n; n = n->next, k.node++)
		if (kmr_yaml_bind(yaml, n, "a node", fields, ARRAY_SIZE(fields), &k, err))
			return -1;
	spec->nr_nodes = list->nr;
	spec->has_nodes = true;
	return check_distance(spec, yaml, list, err);
}
