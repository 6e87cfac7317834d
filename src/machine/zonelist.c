// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zonelists in the kernel's node order.  A node's place in another's list depends on the lists
 * built before it: nodes that came first in a group of equal distance are a little less attractive
 * to the next (node_load in mm/page_alloc.c), so all lists up to the one asked for are gone
 * through.
 *
 * find_next_best_node() has a preference for nodes without CPUs as well, but it is of no effect
 * when a machine boots: start_kernel() builds the lists before any CPU is in its node's mask
 * (numa_add_cpu() comes with identify_cpu() on x86, with smp_prepare_cpus() on arm64).
 */
#include <limits.h>
#include <string.h>

#include "machine/internal.h"

/* The kernel multiplies by MAX_NUMNODES so that load only decides between equals. */
#define LOAD_SCALE (1 << 10)

struct node_order {
	bool has_memory[KMR_MAX_NODES];
	int load[KMR_MAX_NODES];
};

static void survey(const struct kmr_machine *m, struct node_order *o)
{
	unsigned int i;

	memset(o, 0, sizeof(*o));
	for (i = 0; i < m->nr_zones; i++)
		o->has_memory[m->zones[i].node] = true;
}

/* find_next_best_node() */
static int next_best(const struct kmr_machine *m, const struct node_order *o, unsigned int node,
		     bool *used)
{
	int best = -1, best_val = INT_MAX;
	unsigned int n;

	if (!used[node] && o->has_memory[node]) {
		used[node] = true;
		return (int)node;
	}
	for (n = 0; n < m->nr_nodes; n++) {
		int val;

		if (used[n] || !o->has_memory[n])
			continue;
		val = m->distance[node][n] + (n < node);
		val = val * LOAD_SCALE + o->load[n];
		if (val < best_val) {
			best_val = val;
			best = (int)n;
		}
	}
	if (best >= 0)
		used[best] = true;
	return best;
}

/* build_zonelists(): the nodes in @node's order into @order; how many. */
static unsigned int order_nodes(const struct kmr_machine *m, struct node_order *o,
				unsigned int node, unsigned int *order)
{
	bool used[KMR_MAX_NODES] = { false };
	unsigned int prev = node, nr = 0;
	int n;

	while ((n = next_best(m, o, node, used)) >= 0) {
		if (m->distance[node][n] != m->distance[node][prev])
			o->load[n]++;
		order[nr++] = (unsigned int)n;
		prev = (unsigned int)n;
	}
	return nr;
}

unsigned int kmr_machine_node_order(const struct kmr_machine *m, unsigned int node,
				    unsigned int *order)
{
	unsigned int nr = 0, i;
	struct node_order o;

	if (node >= m->nr_nodes)
		return 0;
	survey(m, &o);
	for (i = 0; i <= node; i++)
		nr = order_nodes(m, &o, i, order);
	return nr;
}

unsigned int kmr_machine_zonelist(const struct kmr_machine *m, unsigned int node,
				  enum kmr_zone_type highest, uint16_t *zones)
{
	unsigned int order[KMR_MAX_NODES];
	unsigned int nr_nodes = kmr_machine_node_order(m, node, order), nr = 0, i, z;

	for (i = 0; i < nr_nodes; i++)
		for (z = m->nr_zones; z-- > 0;)
			if (m->zones[z].node == order[i] &&
			    m->zones[z].type <= (unsigned int)highest)
				zones[nr++] = (uint16_t)z;
	return nr;
}
