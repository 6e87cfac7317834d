// SPDX-License-Identifier: GPL-2.0-only
/* Sums over a machine's nodes and distances. */
#include "kmreplay/numa.h"

#include <string.h>

void kmr_numa_node(const struct kmr_machine *m, const struct kmr_numa_report *report,
		   unsigned int node, struct kmr_numa_zone *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		const struct kmr_numa_zone *z = &report->zones[i];

		if (m->zones[i].node != node)
			continue;
		sum->hit += z->hit;
		sum->miss += z->miss;
		sum->foreign += z->foreign;
		sum->interleave_hit += z->interleave_hit;
		sum->local += z->local;
		sum->other += z->other;
		sum->reclaims += z->reclaims;
	}
}

void kmr_numa_distance(const struct kmr_machine *m, const struct kmr_numa_report *report,
		       unsigned int distance, struct kmr_numa_traffic *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned int from = 0; from < m->nr_nodes; from++)
		for (unsigned int to = 0; to < m->nr_nodes; to++) {
			if (m->distance[from][to] != distance)
				continue;
			sum->requests += report->traffic[from][to].requests;
			sum->pages += report->traffic[from][to].pages;
		}
}
