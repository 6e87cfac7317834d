// SPDX-License-Identifier: GPL-2.0-only
/* Zone names, finding a frame's zone, and zonelists. */
#include "support.h"

Test(zones, names)
{
	unsigned int t;

	for (t = 0; t < KMR_ZONE_NR_TYPES; t++)
		cr_expect_eq(kmr_zone_by_name(kmr_zone_name((enum kmr_zone_type)t)), t);
	cr_expect_str_eq(kmr_zone_name(KMR_ZONE_HIGHMEM), "HighMem");
	cr_expect_str_eq(kmr_zone_name(KMR_ZONE_NR_TYPES), "?");
	cr_expect_eq(kmr_zone_by_name("highmem"), KMR_ZONE_NR_TYPES);
	cr_expect_eq(kmr_zone_by_name(""), KMR_ZONE_NR_TYPES);
}

Test(zones, of_a_frame)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_preset(m, "i386", &err), 0);
	cr_expect_eq(kmr_machine_zone_of(m, 0), -1);
	cr_expect_eq(kmr_machine_zone_of(m, 1), 0);
	cr_expect_eq(kmr_machine_zone_of(m, 4095), 0);
	cr_expect_eq(kmr_machine_zone_of(m, 4096), 1);
	cr_expect_eq(kmr_machine_zone_of(m, 226301), 1);
	cr_expect_eq(kmr_machine_zone_of(m, 226302), 2);
	cr_expect_eq(kmr_machine_zone_of(m, 327641), 2);
	cr_expect_eq(kmr_machine_zone_of(m, 327642), -1);
	cr_expect_eq(kmr_machine_zone_of(m, UINT64_MAX), -1);
	free(m);
}

/* "0:Normal 1:DMA32 ..." of a zonelist */
static void expect_list(const struct kmr_machine *m, unsigned int node, enum kmr_zone_type highest,
			const char *expect)
{
	uint16_t zones[KMR_MAX_ZONES];
	char got[512] = "";
	unsigned int n = kmr_machine_zonelist(m, node, highest, zones), i;

	for (i = 0; i < n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u:%s", i ? " " : "",
			 m->zones[zones[i]].node, kmr_zone_name(m->zones[zones[i]].type));
	cr_expect_str_eq(got, expect);
}

Test(zones, list_of_one_node)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_preset(m, "i386", &err), 0);
	expect_list(m, 0, KMR_ZONE_MOVABLE, "0:HighMem 0:Normal 0:DMA");
	expect_list(m, 0, KMR_ZONE_HIGHMEM, "0:HighMem 0:Normal 0:DMA");
	expect_list(m, 0, KMR_ZONE_NORMAL, "0:Normal 0:DMA");
	expect_list(m, 0, KMR_ZONE_DMA, "0:DMA");
	expect_list(m, 1, KMR_ZONE_MOVABLE, "");
	free(m);
}

Test(zones, list_of_two_nodes)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_preset(m, "x86_64:ram=8G,nodes=2,cpus=2", &err), 0);
	expect_list(m, 0, KMR_ZONE_MOVABLE, "0:Normal 0:DMA32 0:DMA 1:Normal");
	expect_list(m, 1, KMR_ZONE_MOVABLE, "1:Normal 0:Normal 0:DMA32 0:DMA");
	expect_list(m, 1, KMR_ZONE_DMA32, "0:DMA32 0:DMA");
	free(m);
}

/* numa_zonelist_order=zone: Normal of all nodes before anybody's DMA32. */
Test(zones, list_by_zone)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_preset(m, "x86_64:ram=8G,nodes=2,cpus=2", &err), 0);
	m->zone_order = true;
	expect_list(m, 0, KMR_ZONE_MOVABLE, "0:Normal 1:Normal 0:DMA32 0:DMA");
	expect_list(m, 1, KMR_ZONE_MOVABLE, "1:Normal 0:Normal 0:DMA32 0:DMA");
	expect_list(m, 1, KMR_ZONE_DMA32, "0:DMA32 0:DMA");
	free(m);
}

/*
 * Four nodes at one distance: each list goes on with the nodes above it first ("prefer the next
 * node").  A node without CPUs is like all others, as no node has any yet when lists are built.
 */
Test(zones, list_order_of_equal_nodes)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_preset(m, "x86_64:ram=16G,nodes=4,cpus=4", &err), 0);
	expect_list(m, 0, KMR_ZONE_NORMAL, "0:Normal 0:DMA32 0:DMA 1:Normal 2:Normal 3:Normal");
	expect_list(m, 1, KMR_ZONE_NORMAL, "1:Normal 2:Normal 3:Normal 0:Normal 0:DMA32 0:DMA");
	expect_list(m, 3, KMR_ZONE_NORMAL, "3:Normal 0:Normal 0:DMA32 0:DMA 1:Normal 2:Normal");
	/* node 3 is nearer to node 0 than the others */
	m->distance[0][3] = m->distance[3][0] = 15;
	expect_list(m, 0, KMR_ZONE_NORMAL, "0:Normal 0:DMA32 0:DMA 3:Normal 1:Normal 2:Normal");
	m->distance[0][3] = m->distance[3][0] = 20;
	m->cpu_node[2] = 3; /* node 2 has no CPU now */
	expect_list(m, 0, KMR_ZONE_NORMAL, "0:Normal 0:DMA32 0:DMA 1:Normal 2:Normal 3:Normal");
	/* when hot-plug builds them again, there are CPUs, and node 2 is still without */
	m->zonelists_rebuilt = true;
	expect_list(m, 0, KMR_ZONE_NORMAL, "0:Normal 0:DMA32 0:DMA 2:Normal 1:Normal 3:Normal");
	free(m);
}

/* numa_zonelist_order=zone: all of Normal before any of DMA32, oneself first in each. */
Test(zones, list_by_type)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_preset(m, "x86_64:ram=8G,nodes=2,cpus=2", &err), 0);
	m->zone_order = true;
	expect_list(m, 0, KMR_ZONE_MOVABLE, "0:Normal 1:Normal 0:DMA32 0:DMA");
	expect_list(m, 1, KMR_ZONE_MOVABLE, "1:Normal 0:Normal 0:DMA32 0:DMA");
	expect_list(m, 1, KMR_ZONE_DMA32, "0:DMA32 0:DMA");
	free(m);
}

/* Zones that wait for memory to be plugged in are in no list, nor is a node of nothing else. */
Test(zones, list_without_empty_zones)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;

	cr_assert_eq(kmr_machine_preset(m, "x86_64:ram=8G,nodes=2,cpus=2", &err), 0);
	m->nr_nodes = 3;
	m->distance[2][2] = 10;
	m->distance[0][2] = m->distance[1][2] = m->distance[2][0] = m->distance[2][1] = 20;
	m->zones[m->nr_zones++] = (struct kmr_zone_spec){ .node = 1, .type = KMR_ZONE_MOVABLE };
	m->zones[m->nr_zones++] = (struct kmr_zone_spec){ .node = 2, .type = KMR_ZONE_NORMAL };
	expect_list(m, 0, KMR_ZONE_MOVABLE, "0:Normal 0:DMA32 0:DMA 1:Normal");
	expect_list(m, 2, KMR_ZONE_MOVABLE, "0:Normal 0:DMA32 0:DMA 1:Normal");
	m->zones[m->nr_zones - 1].present = m->zones[m->nr_zones - 1].spanned = 32768;
	expect_list(m, 2, KMR_ZONE_MOVABLE, "2:Normal 0:Normal 0:DMA32 0:DMA 1:Normal");
	free(m);
}

/* "0 1 2 3": the nodes in @node's order */
static void expect_order(const struct kmr_machine *m, unsigned int node, const char *expect)
{
	unsigned int order[KMR_MAX_NODES], nr = kmr_machine_node_order(m, node, order), i;
	char got[256] = "";

	for (i = 0; i < nr; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u", i ? " " : "",
			 order[i]);
	cr_expect_str_eq(got, expect, "node %u: %s, expected %s", node, got, expect);
}

/* @nr nodes of one CPU and one zone each, at the distances given row by row. */
static struct kmr_machine *nodes_at(unsigned int nr, const uint8_t *distances)
{
	struct kmr_machine *m = new_machine();
	unsigned int i, j;

	m->nr_nodes = m->nr_cpus = m->nr_zones = nr;
	for (i = 0; i < nr; i++) {
		m->cpu_node[i] = (uint16_t)i;
		m->zones[i] = (struct kmr_zone_spec){ .node = (uint16_t)i,
						      .type = KMR_ZONE_NORMAL,
						      .start_pfn = i * 32768,
						      .spanned = 32768,
						      .present = 32768 };
		for (j = 0; j < nr; j++)
			m->distance[i][j] = distances[i * nr + j];
	}
	return m;
}

/*
 * Two boards of two nodes.  What is on the other board is equally far, and which of its nodes comes
 * first alternates: the one that led a list before has a load of one more (node_load).
 */
Test(zones, order_spreads_load)
{
	static const uint8_t d[] = {
		10, 16, 22, 22, 16, 10, 22, 22, 22, 22, 10, 16, 22, 22, 16, 10
	};
	struct kmr_machine *m = nodes_at(4, d);

	expect_order(m, 0, "0 1 2 3");
	expect_order(m, 1, "1 0 3 2");
	expect_order(m, 2, "2 3 0 1");
	expect_order(m, 3, "3 2 1 0");
	expect_order(m, 4, "");
	free(m);
}

/* A row of the matrix belongs to the node that looks: 0 is far from 2, 2 is near to 0. */
Test(zones, order_by_ones_own_distances)
{
	static const uint8_t d[] = { 10, 20, 30, 20, 10, 15, 12, 40, 10 };
	struct kmr_machine *m = nodes_at(3, d);

	expect_order(m, 0, "0 1 2");
	expect_order(m, 1, "1 2 0");
	expect_order(m, 2, "2 0 1");
	/* one more to go down: 21 to a node above is as far as 20 to one below, and that wins */
	m->distance[1][0] = 20;
	m->distance[1][2] = 21;
	expect_order(m, 1, "1 0 2");
	m->distance[1][0] = 21;
	expect_order(m, 1, "1 2 0");
	free(m);
}

/*
 * A node without memory is in no order, its own included, and falls back by its own distances; the
 * node it falls back on first is the less attractive for the lists after it.
 */
Test(zones, order_without_memory)
{
	static const uint8_t d[] = {
		10, 20, 20, 20, 20, 10, 20, 20, 20, 20, 10, 20, 20, 20, 20, 10
	};
	struct kmr_machine *m = nodes_at(4, d);

	/* node 0 has CPUs only */
	m->nr_zones = 3;
	memmove(&m->zones[0], &m->zones[1], 3 * sizeof(m->zones[0]));
	expect_order(m, 0, "1 2 3");
	expect_order(m, 1, "1 2 3");
	expect_order(m, 2, "2 3 1");
	expect_order(m, 3, "3 1 2");
	expect_list(m, 0, KMR_ZONE_MOVABLE, "1:Normal 2:Normal 3:Normal");
	expect_list(m, 0, KMR_ZONE_DMA, "");
	free(m);
}

static uint32_t draw(uint32_t *state, uint32_t n)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 8) % n;
}

/* Whatever the distances: every node with memory once, oneself first, and never a nearer one later. */
Test(zones, order_of_any_machine)
{
	uint32_t seed = 20;

	for (unsigned int round = 0; round < 500; round++) {
		const unsigned int nr = 1 + draw(&seed, 12);
		bool memory[12] = { false };
		uint8_t d[144];
		struct kmr_machine *m;

		for (unsigned int i = 0; i < nr * nr; i++)
			d[i] = (uint8_t)(i % (nr + 1) ? 11 + draw(&seed, 4) : 10);
		m = nodes_at(nr, d);
		m->nr_zones = 0;
		for (unsigned int i = 0; i < nr; i++) {
			memory[i] = draw(&seed, 4) != 0;
			if (memory[i]) {
				m->zones[m->nr_zones].node = (uint16_t)i;
				m->zones[m->nr_zones++].present = 1;
			}
		}
		for (unsigned int node = 0; node < nr; node++) {
			unsigned int order[KMR_MAX_NODES], seen = 0;
			const unsigned int n = kmr_machine_node_order(m, node, order);

			cr_assert_eq(n, m->nr_zones);
			for (unsigned int i = 0; i < n; i++) {
				cr_assert(memory[order[i]] && !(seen >> order[i] & 1));
				seen |= 1u << order[i];
				/* going down counts as one farther */
				cr_assert(!i ||
					  m->distance[node][order[i - 1]] <=
						  m->distance[node][order[i]] + (order[i] < node));
			}
			cr_assert(!memory[node] || order[0] == node);
		}
		free(m);
	}
}

/* DMA32 on i386 and HighMem on x86_64 do not exist: they count as the next lower type. */
Test(zones, reserves_of_absent_types)
{
	struct kmr_machine *m = new_machine();
	struct kmr_error err;
	const uint64_t *r;

	cr_assert_eq(kmr_machine_preset(m, "i386", &err), 0);
	r = m->zones[0].reserve;
	cr_expect_eq(r[KMR_ZONE_DMA32], r[KMR_ZONE_DMA]);
	cr_expect_eq(r[KMR_ZONE_NORMAL], 847);
	cr_assert_eq(kmr_machine_preset(m, "x86_64:ram=8G", &err), 0);
	r = m->zones[1].reserve;
	cr_expect_gt(r[KMR_ZONE_NORMAL], 0);
	cr_expect_eq(r[KMR_ZONE_HIGHMEM], r[KMR_ZONE_NORMAL]);
	cr_expect_eq(r[KMR_ZONE_MOVABLE], r[KMR_ZONE_NORMAL]);
	free(m);
}
