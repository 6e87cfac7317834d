// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fallback between nodes as 6.12 prints it when it boots ("Fallback order for Node 0: 0 1 2"): 23
 * machines in QEMU with distances that were drawn, nodes without memory and nodes without CPUs.
 * 6.1 prints the same, but that it puts a node without memory first in its own order, where there
 * is nothing to be had.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/machine.h"

static const struct {
	const char *name;
	unsigned int nodes;
	const char *memory, *cpus; /* by node: has it any */
	const char *distance; /* row by row */
	const char *orders; /* node by node */
} kernels[] = {
	{ "equal3", 3, "111", "111", "10 20 20 20 10 20 20 20 10", "012 120 201" },
	{ "equal4", 4, "1111", "1111", "10 20 20 20 20 10 20 20 20 20 10 20 20 20 20 10",
	  "0123 1230 2301 3012" },
	{ "equal5", 5, "11111", "11111",
	  "10 20 20 20 20 20 10 20 20 20 20 20 10 20 20 20 20 20 10 20 20 20 20 20 10",
	  "01234 12340 23401 34012 40123" },
	{ "equal8", 8, "11111111", "11111111",
	  "10 20 20 20 20 20 20 20 20 10 20 20 20 20 20 20 20 20 10 20 20 20 20 20 20 20 20 10 20 "
	  "20 20 20 20 20 20 20 10 20 20 20 20 20 20 20 20 10 20 20 20 20 20 20 20 20 10 20 20 20 "
	  "20 20 20 20 20 10",
	  "01234567 12345670 23456701 34567012 45670123 56701234 67012345 70123456" },
	{ "ring4", 4, "1111", "1111", "10 16 22 16 16 10 16 22 22 16 10 16 16 22 16 10",
	  "0132 1203 2310 3021" },
	{ "ring6", 6, "111111", "111111",
	  "10 16 22 28 22 16 16 10 16 22 28 22 22 16 10 16 22 28 28 22 16 10 16 22 22 28 22 16 10 "
	  "16 16 22 28 22 16 10",
	  "015243 120534 231405 342510 453021 504132" },
	{ "ring8", 8, "11111111", "11111111",
	  "10 16 22 28 34 28 22 16 16 10 16 22 28 34 28 22 22 16 10 16 22 28 34 28 28 22 16 10 16 "
	  "22 28 34 34 28 22 16 10 16 22 28 28 34 28 22 16 10 16 22 22 28 34 28 22 16 10 16 16 22 "
	  "28 34 28 22 16 10",
	  "01726354 12073645 23140576 34251607 45362710 56473021 67504132 70615243" },
	{ "two4", 4, "1111", "1111", "10 16 28 28 16 10 28 28 28 28 10 16 28 28 16 10",
	  "0123 1032 2301 3210" },
	{ "two8", 8, "11111111", "11111111",
	  "10 16 16 16 28 28 28 28 16 10 16 16 28 28 28 28 16 16 10 16 28 28 28 28 16 16 16 10 28 "
	  "28 28 28 28 28 28 28 10 16 16 16 28 28 28 28 16 10 16 16 28 28 28 28 16 16 10 16 28 28 "
	  "28 28 16 16 16 10",
	  "01234567 12305674 23016745 30127456 45670123 56741230 67452301 74563012" },
	{ "memless0", 4, "0111", "1111", "10 20 20 20 20 10 20 20 20 20 10 20 20 20 20 10",
	  "123 123 231 312" },
	{ "memless3", 6, "110101", "111111",
	  "10 16 22 28 22 16 16 10 16 22 28 22 22 16 10 16 22 28 28 22 16 10 16 22 22 28 22 16 10 "
	  "16 16 22 28 22 16 10",
	  "0153 1053 3105 3510 5301 5013" },
	{ "cpuless", 5, "11111", "11100",
	  "10 20 20 20 20 20 10 20 20 20 20 20 10 20 20 20 20 20 10 20 20 20 20 20 10",
	  "01234 12340 23401 34012 40123" },
	{ "cpuless8", 8, "11111111", "11110000",
	  "10 16 28 28 16 16 28 28 16 10 28 28 16 16 28 28 28 28 10 16 28 28 16 16 28 28 16 10 28 "
	  "28 16 16 16 16 28 28 10 16 28 28 16 16 28 28 16 10 28 28 28 28 16 16 28 28 10 16 28 28 "
	  "16 16 28 28 16 10",
	  "01452367 14503672 26735401 37624501 45016723 50147623 67230145 72361045" },
	{ "rnd0", 7, "1111111", "1111111",
	  "10 15 20 22 12 12 31 15 10 21 12 16 21 12 20 21 10 21 15 12 12 22 12 21 10 20 20 12 12 "
	  "16 15 20 10 15 12 12 21 12 20 15 10 21 31 12 12 12 12 21 10",
	  "0451236 1360452 2564031 3615420 4605213 5204631 6124350" },
	{ "rnd1", 8, "11111111", "11111111",
	  "10 12 31 21 12 15 22 22 12 10 21 12 21 21 20 12 31 21 10 15 12 21 31 15 21 12 15 10 16 "
	  "20 15 21 12 21 12 16 10 12 21 16 15 21 21 20 12 10 21 31 22 20 31 15 21 21 10 22 22 12 "
	  "15 21 16 31 22 10",
	  "01453672 17306425 24375160 31624570 45027361 54036217 63145702 71243065" },
	{ "rnd2", 6, "111111", "111111",
	  "10 12 21 21 22 15 12 10 16 12 21 22 21 16 10 12 21 12 21 12 12 10 21 15 22 21 21 21 10 "
	  "20 15 22 12 15 20 10",
	  "015234 130245 235140 312540 452310 520341" },
	{ "rnd3", 8, "11111111", "11111111",
	  "10 31 16 20 21 20 16 16 31 10 15 31 15 22 31 15 16 15 10 12 21 16 21 20 20 31 12 10 16 "
	  "22 20 16 21 15 21 16 10 21 12 12 20 22 16 22 21 10 21 20 16 31 21 20 12 21 10 15 16 15 "
	  "20 16 12 20 15 10",
	  "02673541 17245630 23150746 32476051 46713502 52706431 64703251 74610325" },
	{ "asym0", 7, "1111111", "1111111",
	  "10 17 21 21 17 28 17 28 10 28 21 21 28 21 28 21 10 28 21 17 17 21 21 28 10 28 17 17 28 "
	  "28 21 28 10 28 28 21 21 28 21 28 10 21 17 21 21 17 28 17 10",
	  "0146235 1346250 2654130 3560142 4265013 5601342 6035124" },
	{ "asym1", 7, "1111111", "1111111",
	  "10 17 17 21 17 28 17 21 10 21 21 17 17 21 21 28 10 21 17 21 28 21 28 21 10 21 28 21 17 "
	  "17 17 17 10 17 17 28 17 17 21 28 10 17 21 21 17 17 21 28 10",
	  "0124635 1452630 2435061 3640251 4560123 5612304 6230145" },
	{ "asym2", 7, "1111111", "1111111",
	  "10 28 28 21 17 28 28 28 10 28 28 28 17 21 28 28 10 21 21 21 21 17 21 28 10 21 17 17 17 "
	  "17 21 17 10 17 21 28 17 17 17 28 10 17 28 17 21 28 17 17 10",
	  "0431256 1562340 2345601 3560412 4501362 5612304 6145203" },
	{ "mix0", 8, "11111111", "11111100",
	  "10 16 16 16 20 16 20 22 16 10 16 22 16 16 20 20 16 16 10 22 20 16 16 16 16 22 22 10 16 "
	  "20 20 20 20 16 20 16 10 22 20 16 16 16 16 20 22 10 16 16 20 20 16 20 20 16 10 16 22 20 "
	  "16 20 16 16 16 10",
	  "01235467 12540673 25670143 34056712 47136025 56702134 67250134 72564130" },
	{ "mix1", 8, "11101001", "11111110",
	  "10 16 22 20 16 16 22 16 16 10 22 16 22 20 16 22 22 22 10 22 22 16 16 16 20 16 22 10 16 "
	  "16 16 22 16 22 22 16 10 16 22 20 16 20 16 16 16 10 16 16 22 16 16 16 22 16 10 16 16 22 "
	  "16 22 20 16 16 10",
	  "01472 10472 27401 41072 40712 72041 72104 72041" },
	{ "mix2", 8, "10110101", "11111110",
	  "10 16 16 20 22 22 16 22 16 10 16 16 22 16 16 16 16 16 10 20 22 16 16 16 20 16 20 10 16 "
	  "16 20 22 22 22 22 16 10 16 16 16 22 16 16 16 16 10 22 16 16 16 16 20 16 22 10 16 22 16 "
	  "16 22 16 16 16 10",
	  "02357 72350 25703 35027 75302 57230 72035 72503" },
};

/* A machine of nodes with 1024 frames each, or none. */
static struct kmr_machine *make(unsigned int nodes, const char *memory, const char *cpus,
				const char *distance)
{
	struct kmr_machine *m = calloc(1, sizeof(*m));
	const char *at = distance;
	char *end;

	cr_assert_not_null(m);
	m->nr_nodes = nodes;
	for (unsigned int i = 0; i < nodes * nodes; i++, at = end)
		m->distance[i / nodes][i % nodes] = (uint8_t)strtoul(at, &end, 10);
	for (unsigned int node = 0; node < nodes; node++) {
		struct kmr_zone_spec *z = &m->zones[m->nr_zones];

		if (cpus[node] == '1')
			m->cpu_node[m->nr_cpus++] = (uint16_t)node;
		if (memory[node] == '0')
			continue;
		z->node = (uint16_t)node;
		z->type = KMR_ZONE_NORMAL;
		z->start_pfn = node * UINT64_C(1024);
		z->spanned = 1024;
		z->present = 1024;
		z->managed = 1024;
		m->nr_zones++;
	}
	return m;
}

static void expect_order(const struct kmr_machine *m, unsigned int node, const char *expected,
			 const char *name)
{
	unsigned int order[KMR_MAX_NODES];
	const unsigned int nr = kmr_machine_node_order(m, node, order);
	char digits[KMR_MAX_NODES + 1] = "";

	for (unsigned int i = 0; i < nr; i++)
		digits[i] = (char)('0' + order[i]);
	cr_expect_str_eq(digits, expected, "%s: node %u falls back on %s, the kernel on %s", name,
			 node, digits, expected);
}

Test(node_order, as_kernels_boot)
{
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		struct kmr_machine *m = make(kernels[i].nodes, kernels[i].memory, kernels[i].cpus,
					     kernels[i].distance);
		char orders[128], *state, *word;
		unsigned int node = 0;

		strcpy(orders, kernels[i].orders);
		for (word = strtok_r(orders, " ", &state); word; word = strtok_r(NULL, " ", &state))
			expect_order(m, node++, word, kernels[i].name);
		cr_expect_eq(node, kernels[i].nodes);
		free(m);
	}
}

/*
 * By hand: from node 0 the nodes 1 and 2 are as far.  Node 1 comes first and is a little less
 * attractive from then on; node 3, as near to both of them, begins with node 2 only because of that.
 */
Test(node_order, what_came_first_before_comes_later)
{
	struct kmr_machine *m =
		make(4, "1111", "1111", "10 20 20 30  20 10 40 20  20 40 10 20  30 20 20 10");

	expect_order(m, 0, "0123", "by hand");
	expect_order(m, 1, "1302", "by hand");
	expect_order(m, 2, "2301", "by hand");
	expect_order(m, 3, "3210", "by hand");
	free(m);
}

/* The zones of a node without memory are those of the nearest that has some: local_memory_node() */
Test(node_order, zonelist_of_a_node_without_memory)
{
	struct kmr_machine *m = make(3, "101", "111", "10 30 20  30 10 15  20 15 10");
	uint16_t zones[KMR_MAX_ZONES];

	cr_assert_eq(kmr_machine_zonelist(m, 1, KMR_ZONE_NORMAL, zones), 2);
	cr_expect_eq(m->zones[zones[0]].node, 2);
	cr_expect_eq(m->zones[zones[1]].node, 0);
	free(m);
}
