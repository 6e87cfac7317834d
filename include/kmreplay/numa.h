/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where requests ended up on a machine with more than one node: the counters of numastat(8), and
 * how far it was from the CPU to its memory.
 */
#ifndef KMREPLAY_NUMA_H
#define KMREPLAY_NUMA_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/machine.h"

/*
 * A zone's counters, requests whatever their order.  (mm/page_alloc.c: zone_statistics();
 * mm/mempolicy.c for interleave_hit)
 */
struct kmr_numa_zone {
	uint64_t hit; /* on the node of the first zone that the request could have had */
	uint64_t miss; /* served here, though another node was to come first */
	uint64_t foreign; /* the other side of a miss: was to be served here, and went elsewhere */
	uint64_t interleave_hit; /* interleaved, and on the node whose turn it was */
	uint64_t local; /* asked for by a CPU of this node */
	uint64_t other; /* by a CPU of another */
	/* zone_reclaim_mode: times the node was to be reclaimed before another was tried */
	uint64_t reclaims;
};

struct kmr_numa_traffic {
	uint64_t requests;
	uint64_t pages;
};

struct kmr_numa_report {
	bool known; /* the machine has several nodes, and the backend counts */
	struct kmr_numa_zone zones[KMR_MAX_ZONES]; /* as the machine's */
	/* by the node of the CPU that asked, and the node that it came from */
	struct kmr_numa_traffic traffic[KMR_MAX_NODES][KMR_MAX_NODES];
};

/* Adds up a node's zones. */
void kmr_numa_node(const struct kmr_machine *machine, const struct kmr_numa_report *report,
		   unsigned int node, struct kmr_numa_zone *sum);

/* Traffic over one distance (10: to the CPU's own node). */
void kmr_numa_distance(const struct kmr_machine *machine, const struct kmr_numa_report *report,
		       unsigned int distance, struct kmr_numa_traffic *sum);

#endif
