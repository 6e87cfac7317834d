// SPDX-License-Identifier: GPL-2.0-only
#include "workload/policy.h"

#include "kmreplay/gfp.h"

/* next_node_in() */
static uint8_t next_node(uint8_t node, uint32_t nodes)
{
	const uint32_t above = node + 1u < KMR_POLICY_NODES ? nodes >> (node + 1u) : 0;

	return (uint8_t)(above ? node + 1u + (unsigned int)__builtin_ctz(above)
			       : (unsigned int)__builtin_ctz(nodes));
}

/* interleave_nodes() */
static uint8_t take_turn(const struct load_policy *policy, struct load_turn *turn)
{
	turn->node = next_node(turn->node, policy->nodes);
	return turn->node;
}

/* weighted_interleave_nodes() */
static uint8_t take_weighted_turn(const struct load_policy *policy, struct load_turn *turn)
{
	if (!turn->weight) {
		turn->node = next_node(turn->node, policy->nodes);
		turn->weight = policy->weights[turn->node];
	}
	turn->weight--;
	return turn->node;
}

bool load_policy_governs(const struct load_policy *policy, const struct kmr_event *alloc)
{
	return policy->mode != LOAD_LOCAL && alloc->type == KMR_EV_PAGE_ALLOC && alloc->node < 0 &&
	       !(alloc->gfp & KMR_GFP_THISNODE);
}

void load_policy_apply(const struct load_policy *policy, struct load_turn *turn,
		       struct kmr_event *alloc)
{
	switch (policy->mode) {
	case LOAD_LOCAL:
		break;
	case LOAD_INTERLEAVE:
		alloc->node = (int8_t)take_turn(policy, turn);
		alloc->flags |= KMR_POLICY_INTERLEAVE;
		break;
	case LOAD_WEIGHTED_INTERLEAVE:
		alloc->node = (int8_t)take_weighted_turn(policy, turn);
		alloc->flags |= KMR_POLICY_INTERLEAVE;
		break;
	case LOAD_PREFERRED:
		alloc->node = (int8_t)__builtin_ctz(policy->nodes);
		break;
	case LOAD_BIND:
		alloc->page.nodes = policy->nodes;
		alloc->flags |= KMR_POLICY_BIND;
		break;
	case LOAD_PREFERRED_MANY:
		alloc->page.nodes = policy->nodes;
		alloc->flags |= KMR_POLICY_PREFERRED_MANY;
		break;
	}
}
