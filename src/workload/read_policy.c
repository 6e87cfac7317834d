// SPDX-License-Identifier: GPL-2.0-only
/* policy: of an actor. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/excerpt.h"
#include "workload/read.h"

#define MAX_WEIGHT 255u /* sysfs: mempolicy/weighted_interleave/node* */

static const struct {
	const char *key;
	enum load_policy_mode mode;
} modes[] = {
	{ "interleave", LOAD_INTERLEAVE },
	{ "weighted_interleave", LOAD_WEIGHTED_INTERLEAVE },
	{ "bind", LOAD_BIND },
	{ "preferred", LOAD_PREFERRED },
	{ "preferred_many", LOAD_PREFERRED_MANY },
};

/* "2" or "0-3" */
static int read_range(const struct load_reading *reading, const struct kmr_yaml_node *node,
		      uint32_t *nodes, struct kmr_error *err)
{
	const unsigned int nr = reading->machine->nr_nodes < KMR_POLICY_NODES
					? reading->machine->nr_nodes
					: KMR_POLICY_NODES;
	const char *text = node->kind == KMR_YAML_SCALAR ? node->text : "";
	unsigned long low, high;
	char excerpt[40], *end;

	low = high = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '-' && end[1] >= '0' && end[1] <= '9')
		high = strtoul(end + 1, &end, 10);
	if (*text < '0' || *text > '9' || *end || high < low)
		return kmr_yaml_fail(
			reading->yaml, node, err,
			"found '%s', takes nodes: a number, a range such as 0-3, or a "
			"list of them",
			kmr_excerpt(excerpt, sizeof(excerpt), node->text ? node->text : ""));
	if (high >= nr)
		return kmr_yaml_fail(reading->yaml, node, err,
				     "node %lu: the machine's that policies can name are 0 to %u",
				     high, nr - 1);
	for (unsigned long i = low; i <= high; i++)
		*nodes |= UINT32_C(1) << i;
	return 0;
}

static uint32_t with_memory(const struct kmr_machine *m)
{
	uint32_t nodes = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].managed && m->zones[i].node < KMR_POLICY_NODES)
			nodes |= UINT32_C(1) << m->zones[i].node;
	return nodes;
}

/* Those without memory are left out: mpol_set_nodemask() */
static int read_nodes(const struct load_reading *reading, const struct kmr_yaml_node *node,
		      uint32_t *nodes, struct kmr_error *err)
{
	*nodes = 0;
	if (node->kind != KMR_YAML_LIST || !node->nr) {
		if (read_range(reading, node, nodes, err))
			return -1;
	} else {
		for (const struct kmr_yaml_node *i = node->items; i; i = i->next)
			if (read_range(reading, i, nodes, err))
				return -1;
	}
	*nodes &= with_memory(reading->machine);
	if (*nodes)
		return 0;
	return kmr_yaml_fail(reading->yaml, node, err, "policy: none of these nodes has memory");
}

/* weights: in the order of the list nodes: */
static int read_weights(const struct load_reading *reading, const struct kmr_yaml_node *nodes,
			const struct kmr_yaml_node *weights, struct load_policy *policy,
			struct kmr_error *err)
{
	const struct kmr_yaml_node *weight = weights->items;

	if (nodes->kind != KMR_YAML_LIST || weights->kind != KMR_YAML_LIST ||
	    weights->nr != nodes->nr)
		return kmr_yaml_fail(reading->yaml, weights, err,
				     "weights: takes a list as long as that of nodes:");
	for (const struct kmr_yaml_node *i = nodes->items; i; i = i->next, weight = weight->next) {
		uint32_t of = 0;
		uint64_t value;

		if (read_range(reading, i, &of, err) ||
		    kmr_yaml_u64(reading->yaml, weight, 1, MAX_WEIGHT, &value, err))
			return -1;
		for (unsigned int n = 0; n < KMR_POLICY_NODES; n++)
			if (of >> n & 1)
				policy->weights[n] = (uint8_t)value;
	}
	return 0;
}

static int read_weighted(const struct load_reading *reading, const struct kmr_yaml_node *map,
			 struct load_policy *policy, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = { LOAD_LATER("nodes", true),
							LOAD_LATER("weights", true) };

	if (kmr_yaml_bind(reading->yaml, map, "weighted_interleave", fields, ARRAY_SIZE(fields),
			  NULL, err) ||
	    read_nodes(reading, kmr_yaml_get(map, "nodes"), &policy->nodes, err))
		return -1;
	return read_weights(reading, kmr_yaml_get(map, "nodes"), kmr_yaml_get(map, "weights"),
			    policy, err);
}

static int read_mode(const struct load_reading *reading, const struct kmr_yaml_node *map,
		     struct load_policy *policy, struct kmr_error *err)
{
	const struct kmr_yaml_node *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		const struct kmr_yaml_node *node = kmr_yaml_get(map, modes[i].key);

		if (!node)
			continue;
		if (found)
			return kmr_yaml_fail(reading->yaml, node->key, err,
					     "policy: there is one, and '%s' is there already",
					     found->key->text);
		found = node;
		policy->mode = modes[i].mode;
	}
	if (!found)
		return kmr_yaml_fail(
			reading->yaml, map, err,
			"policy: takes interleave, weighted_interleave, bind, preferred "
			"or preferred_many, with its nodes");
	if (policy->mode == LOAD_WEIGHTED_INTERLEAVE)
		return read_weighted(reading, found, policy, err);
	if (read_nodes(reading, found, &policy->nodes, err))
		return -1;
	if (policy->mode == LOAD_PREFERRED && policy->nodes & (policy->nodes - 1))
		return kmr_yaml_fail(reading->yaml, found, err,
				     "preferred: takes one node; preferred_many: takes several");
	return 0;
}

/* Whether any of the actor's requests is one that a policy is asked for. */
static bool governs_any(const struct load_actor *actor)
{
	for (uint32_t i = 0; i < actor->nr_requests; i++) {
		const struct load_request *r = &actor->requests[i];
		const struct kmr_event alloc = { .type = KMR_EV_PAGE_ALLOC,
						 .gfp = r->gfp,
						 .node = (int8_t)r->node };

		if ((r->kind == LOAD_PAGES || r->kind == LOAD_KMAP) &&
		    load_policy_governs(&actor->policy, &alloc))
			return true;
	}
	return false;
}

int load_read_policy(const struct load_reading *reading, const struct kmr_yaml_node *map,
		     struct load_actor *actor, struct kmr_error *err)
{
	static const struct kmr_yaml_field fields[] = {
		LOAD_LATER("interleave", false),     LOAD_LATER("weighted_interleave", false),
		LOAD_LATER("bind", false),	     LOAD_LATER("preferred", false),
		LOAD_LATER("preferred_many", false),
	};
	const struct kmr_yaml_node *node = kmr_yaml_get(map, "policy");

	if (!node)
		return 0;
	if (!reading->machine)
		return kmr_yaml_fail(
			reading->yaml, node, err,
			"policy: of a machine that the workload does not name; machine: "
			"says it");
	if (actor->context != KMR_CTX_TASK)
		return kmr_yaml_fail(reading->yaml, node->key, err,
				     "policy: is a task's, and interrupts do not ask for it");
	if (kmr_yaml_bind(reading->yaml, node, "policy", fields, ARRAY_SIZE(fields), NULL, err) ||
	    read_mode(reading, node, &actor->policy, err))
		return -1;
	if (governs_any(actor))
		return 0;
	return kmr_yaml_fail(
		reading->yaml, node->key, err,
		"policy: is for pages: and kmap: that name no node, of which the actor "
		"has none");
}
