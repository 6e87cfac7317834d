// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zonelists in the kernel's node order.  A node's place in another's list depends on the lists
 * built before it: nodes that came first in a group of equal distance are a little less attractive
 * to the next (node_load in mm/page_alloc.c), so all lists up to the one asked for are gone
 * through.
 *
 * find_next_best_node() has a preference for nodes without CPUs as well, but it is of no effect
 * when a machine boots: start_kernel() builds the lists before any CPU is in its node's mask
 * (numa_add_cpu() comes with identify_cpu() on x86, with smp_prepare_cpus() on arm64).  Lists that
 * hot-plug builds again have it.
 */
#include <limits.h>
#include <string.h>

#include "machine/internal.h"

/* The kernel multiplies by MAX_NUMNODES so that load only decides between equals. */
#define LOAD_SCALE (1 << 10)

struct node_order {
	bool has_memory[KMR_MAX_NODES];
	bool has_cpu[KMR_MAX_NODES]; /* as far as the kernel knows yet */
	int load[KMR_MAX_NODES];
};

static void survey(const struct kmr_machine *m, struct node_order *o)
{
	unsigned int i;

	memset(o, 0, sizeof(*o));
	for (i = 0; i < m->nr_zones; i++)
		if (m->zones[i].present)
			o->has_memory[m->zones[i].node] = true;
	for (i = 0; m->zonelists_rebuilt && i < m->nr_cpus; i++)
		o->has_cpu[m->cpu_node[i]] = true;
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
		val = m->distance[node][n] + (n < node) + o->has_cpu[n];
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

/* build_zonerefs_node(): the node's zones with memory from @highest down, behind the @nr there are */
static unsigned int add_node(const struct kmr_machine *m, unsigned int node, unsigned int highest,
			     unsigned int lowest, uint16_t *zones, unsigned int nr)
{
	for (unsigned int z = m->nr_zones; z-- > 0;)
		if (m->zones[z].node == node && m->zones[z].present &&
		    m->zones[z].type <= highest && m->zones[z].type >= lowest)
			zones[nr++] = (uint16_t)z;
	return nr;
}

unsigned int kmr_machine_zonelist(const struct kmr_machine *m, unsigned int node,
				  enum kmr_zone_type highest, uint16_t *zones)
{
	unsigned int order[KMR_MAX_NODES];
	const unsigned int nr_nodes = kmr_machine_node_order(m, node, order);
	unsigned int nr = 0, i, type;

	/* build_zonelists_in_zone_order(), before 4.14 */
	for (type = highest + 1u; m->zone_order && type-- > 0;)
		for (i = 0; i < nr_nodes; i++)
			nr = add_node(m, order[i], type, type, zones, nr);
	for (i = 0; !m->zone_order && i < nr_nodes; i++)
		nr = add_node(m, order[i], highest, 0, zones, nr);
	return nr;
}
