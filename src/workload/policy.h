/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory policies of actors, as set_mempolicy(2) sets them for a task.  Which node's turn it is goes
 * by the task's requests alone, so it is found here; from which of several nodes memory comes is the
 * allocator's business.  Behaviour: mm/mempolicy.c.
 */
#ifndef KMR_WORKLOAD_POLICY_H
#define KMR_WORKLOAD_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/event.h"

enum load_policy_mode {
	LOAD_LOCAL, /* the CPU's node first */
	LOAD_INTERLEAVE,
	LOAD_WEIGHTED_INTERLEAVE,
	LOAD_BIND,
	LOAD_PREFERRED,
	LOAD_PREFERRED_MANY,
};

struct load_policy {
	enum load_policy_mode mode;
	uint32_t nodes; /* with memory, bit by bit; never none but with LOAD_LOCAL */
	uint8_t weights[KMR_POLICY_NODES]; /* WEIGHTED_INTERLEAVE: requests in a row, by node */
};

/* Whose turn it was last, and how often it still is: il_prev and il_weight of struct task_struct */
struct load_turn {
	uint8_t node, weight;
};

/* As set_mempolicy(2) leaves it: the first turn is the lowest node's. */
#define LOAD_FIRST_TURN ((struct load_turn){ KMR_POLICY_NODES - 1, 0 })

/*
 * Requests for which the policy is asked at all: of pages, for no node in particular, and not bound to
 * the CPU's.
 */
bool load_policy_governs(const struct load_policy *policy, const struct kmr_event *alloc);

/* The event of such a request gets its node, or its nodes. */
void load_policy_apply(const struct load_policy *policy, struct load_turn *turn,
		       struct kmr_event *alloc);

#endif
