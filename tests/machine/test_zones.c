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

/*
 * Four nodes at one distance: each list goes on with the nodes above it first ("prefer the next
 * node"), and a node without CPUs is preferred to all others.
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
	expect_list(m, 0, KMR_ZONE_NORMAL, "0:Normal 0:DMA32 0:DMA 2:Normal 1:Normal 3:Normal");
	free(m);
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
