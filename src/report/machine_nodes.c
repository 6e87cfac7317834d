// SPDX-License-Identifier: GPL-2.0-only
/* Nodes as `numactl --hardware` lists them, and the zonelists that each has. */
#include <inttypes.h>
#include <string.h>

#include "kmreplay/figures.h"
#include "report/machine_sections.h"
#include "report/table.h"

#define DISTANCES_A_LINE 18 /* of 4 columns each, behind "node " */

/* Pages present on a node, and managed. */
static void node_pages(const struct kmr_machine *m, unsigned int node, uint64_t *present,
		       uint64_t *managed)
{
	*present = *managed = 0;
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		if (m->zones[i].node != node)
			continue;
		*present += m->zones[i].present;
		*managed += m->zones[i].managed;
	}
}

static void print_cpus(const struct kmr_machine *m, unsigned int node, FILE *out)
{
	int used = fprintf(out, "node %u cpus:", node);

	for (unsigned int cpu = 0; cpu < m->nr_cpus; cpu++) {
		if (m->cpu_node[cpu] != node)
			continue;
		if (used > KMR_TABLE_WIDTH - 5)
			used = fprintf(out, "\n            ") - 1;
		used += fprintf(out, " %u", cpu);
	}
	(void)fprintf(out, "\n");
}

static void print_distances(const struct kmr_machine *m, FILE *out)
{
	(void)fprintf(out, "node distances:\n");
	for (unsigned int from = 0; from < m->nr_nodes; from += DISTANCES_A_LINE) {
		const unsigned int rest = m->nr_nodes - from;
		const unsigned int end = from + (rest < DISTANCES_A_LINE ? rest : DISTANCES_A_LINE);

		(void)fprintf(out, "node ");
		for (unsigned int j = from; j < end; j++)
			(void)fprintf(out, "%4u", j);
		for (unsigned int i = 0; i < m->nr_nodes; i++) {
			(void)fprintf(out, "\n %3u:", i);
			for (unsigned int j = from; j < end; j++)
				(void)fprintf(out, "%4u", m->distance[i][j]);
		}
		(void)fprintf(out, "\n");
	}
}

static int nodes_text(const struct kmr_machine *m, FILE *out)
{
	(void)fprintf(out, "available: %u nodes (0", m->nr_nodes);
	if (m->nr_nodes > 1)
		(void)fprintf(out, "-%u", m->nr_nodes - 1);
	(void)fprintf(out, ")\n");
	for (unsigned int node = 0; node < m->nr_nodes; node++) {
		uint64_t present, managed;

		node_pages(m, node, &present, &managed);
		print_cpus(m, node, out);
		(void)fprintf(out, "node %u size: %" PRIu64 " MB\n", node,
			      kmr_bytes_of(m, present) >> 20);
		(void)fprintf(out, "node %u free: %" PRIu64 " MB\n", node,
			      kmr_bytes_of(m, managed) >> 20);
	}
	print_distances(m, out);
	return 0;
}

static int nodes_json(const struct kmr_machine *m, struct kmr_json *j)
{
	kmr_json_array(j, "nodes");
	for (unsigned int node = 0; node < m->nr_nodes; node++) {
		uint64_t present, managed;

		node_pages(m, node, &present, &managed);
		kmr_json_object(j, NULL);
		kmr_json_uint(j, "node", node);
		kmr_json_array(j, "cpus");
		for (unsigned int cpu = 0; cpu < m->nr_cpus; cpu++)
			if (m->cpu_node[cpu] == node)
				kmr_json_uint(j, NULL, cpu);
		kmr_json_end_array(j);
		kmr_json_uint(j, "present", present);
		kmr_json_uint(j, "managed", managed);
		kmr_json_array(j, "distances");
		for (unsigned int to = 0; to < m->nr_nodes; to++)
			kmr_json_uint(j, NULL, m->distance[node][to]);
		kmr_json_end_array(j);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
	return 0;
}

/* The request that may go as high as a type. */
static const char *const gfps[KMR_ZONE_NR_TYPES] = {
	[KMR_ZONE_DMA] = "GFP_DMA",
	[KMR_ZONE_DMA32] = "GFP_DMA32",
	[KMR_ZONE_NORMAL] = "GFP_KERNEL",
	[KMR_ZONE_HIGHMEM] = "GFP_HIGHUSER",
	[KMR_ZONE_MOVABLE] = "GFP_HIGHUSER_MOVABLE",
};

/* The highest type with memory but for Movable: what a memory policy binds (mm/mempolicy.c). */
static const char *policy_zone(const struct kmr_machine *m)
{
	unsigned int highest = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].present && m->zones[i].type > highest &&
		    m->zones[i].type != KMR_ZONE_MOVABLE)
			highest = m->zones[i].type;
	return kmr_zone_name((enum kmr_zone_type)highest);
}

/* Nodes that are online when the lists are built: those with memory or CPUs. */
static unsigned int online_nodes(const struct kmr_machine *m)
{
	bool online[KMR_MAX_NODES] = { false };
	unsigned int nr = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		online[m->zones[i].node] |= m->zones[i].present != 0;
	for (unsigned int i = 0; i < m->nr_cpus; i++)
		online[m->cpu_node[i]] = true;
	for (unsigned int node = 0; node < m->nr_nodes; node++)
		nr += online[node];
	return nr;
}

static void print_order(const struct kmr_machine *m, unsigned int node, FILE *out)
{
	unsigned int order[KMR_MAX_NODES];
	const unsigned int nr = kmr_machine_node_order(m, node, order);
	int used = fprintf(out, "Fallback order for Node %u:", node);

	/* 6.1 puts the node itself first even if there is nothing there; later kernels do not */
	if (nr && order[0] != node && !strcmp(m->kernel, "6.1"))
		used += fprintf(out, " %u", node);
	for (unsigned int i = 0; i < nr; i++) {
		if (used > KMR_TABLE_WIDTH - 3)
			used = fprintf(out, "\n                          ") - 1;
		used += fprintf(out, " %u", order[i]);
	}
	(void)fprintf(out, "\n");
}

/* "0:Normal 0:DMA32 0:DMA 1:Normal" */
static void add_list(const struct kmr_machine *m, unsigned int node, enum kmr_zone_type highest,
		     struct kmr_table *t)
{
	uint16_t zones[KMR_MAX_ZONES];
	const unsigned int nr = kmr_machine_zonelist(m, node, highest, zones);
	char text[KMR_MAX_ZONES * 12] = "";
	size_t len = 0;

	for (unsigned int i = 0; i < nr; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u:%s", i ? " " : "",
					m->zones[zones[i]].node,
					kmr_zone_name(m->zones[zones[i]].type));
	kmr_table_text(t, text);
}

static int zonelists_text(const struct kmr_machine *m, FILE *out)
{
	static const struct kmr_column columns[] = { { "node", NULL, KMR_ALIGN_RIGHT },
						     { "request", NULL, KMR_ALIGN_LEFT },
						     { "zonelist", NULL, KMR_ALIGN_LEFT } };
	struct kmr_table *t = kmr_table_new(NULL, columns, 3);

	for (unsigned int node = 0; node < m->nr_nodes; node++)
		print_order(m, node, out);
	(void)fprintf(out, "Built %u zonelists, mobility grouping %s.  Total pages: %" PRIu64 "\n",
		      online_nodes(m), kmr_machine_groups_by_mobility(m) ? "on" : "off",
		      kmr_machine_total_pages(m));
	(void)fprintf(out, "Policy zone: %s\n\n", policy_zone(m));
	for (unsigned int node = 0; node < m->nr_nodes; node++)
		for (unsigned int type = 0; type < KMR_ZONE_NR_TYPES; type++) {
			if (!m->has_type[type])
				continue;
			kmr_table_format(t, "%u", node);
			kmr_table_text(t, gfps[type]);
			add_list(m, node, (enum kmr_zone_type)type, t);
		}
	return kmr_table_print(t, out);
}

static void json_list(const struct kmr_machine *m, struct kmr_json *j, unsigned int node,
		      enum kmr_zone_type highest)
{
	uint16_t zones[KMR_MAX_ZONES];
	const unsigned int nr = kmr_machine_zonelist(m, node, highest, zones);

	kmr_json_array(j, gfps[highest]);
	for (unsigned int i = 0; i < nr; i++) {
		kmr_json_object(j, NULL);
		kmr_json_uint(j, "node", m->zones[zones[i]].node);
		kmr_json_string(j, "name", kmr_zone_name(m->zones[zones[i]].type));
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

static int zonelists_json(const struct kmr_machine *m, struct kmr_json *j)
{
	kmr_json_uint(j, "online_nodes", online_nodes(m));
	kmr_json_bool(j, "mobility_grouping", kmr_machine_groups_by_mobility(m));
	kmr_json_uint(j, "total_pages", kmr_machine_total_pages(m));
	kmr_json_string(j, "policy_zone", policy_zone(m));
	kmr_json_array(j, "nodes");
	for (unsigned int node = 0; node < m->nr_nodes; node++) {
		unsigned int order[KMR_MAX_NODES];
		const unsigned int nr = kmr_machine_node_order(m, node, order);

		kmr_json_object(j, NULL);
		kmr_json_uint(j, "node", node);
		kmr_json_array(j, "fallback_order");
		for (unsigned int i = 0; i < nr; i++)
			kmr_json_uint(j, NULL, order[i]);
		kmr_json_end_array(j);
		for (unsigned int type = 0; type < KMR_ZONE_NR_TYPES; type++)
			if (m->has_type[type])
				json_list(m, j, node, (enum kmr_zone_type)type);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
	return 0;
}

const struct kmr_machine_section kmr_section_nodes = { "nodes", nodes_text, nodes_json };
const struct kmr_machine_section kmr_section_zonelists = { "zonelists", zonelists_text,
							   zonelists_json };
