// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which zones a request may use and in what order: gfp_zone(), the node order of zonelists,
 * __GFP_THISNODE; and that a request fails when all of them are used up.
 */
#include "support.h"

/* DMA, Normal, HighMem and Movable of one node, 1024 free pages each, zone i at 8192 * i. */
static void rig_zones(struct rig *r)
{
	static const uint8_t types[] = { KMR_ZONE_DMA, KMR_ZONE_NORMAL, KMR_ZONE_HIGHMEM,
					 KMR_ZONE_MOVABLE };

	bare_machine(&r->m, 9);
	for (unsigned int i = 0; i < 4; i++)
		(void)add_zone(&r->m, (enum kmr_zone_type)types[i], 0, 8192 * i, 8192);
	rig_create(r);
	for (uint32_t i = 0; i < 4; i++)
		rig_seed(r, 8192 * i + 1024, 10, KMR_MIGRATE_MOVABLE);
}

/* The types of the zones that serve one request after the other until none does. */
static void assert_zones(uint32_t gfp, const char *expected)
{
	struct rig r;
	char got[64] = "";

	rig_zones(&r);
	for (int i = 0; i < 5; i++) {
		const kmr_pfn_t pfn = rig_alloc(&r, 10, gfp);
		const int zone = pfn == KMR_NO_PFN ? -1 : kmr_machine_zone_of(&r.m, pfn);

		(void)strcat(got, zone < 0 ? "-" : &"D\0N\0H\0M"[2 * zone]);
	}
	cr_assert_str_eq(got, expected, "gfp %#x: %s, expected %s", gfp, got, expected);
	rig_check(&r);
	rig_destroy(&r);
}

Test(page_zones, by_flags)
{
	assert_zones(KMR_GFP_KERNEL, "ND---");
	assert_zones(GFP_MOVABLE_REQ, "ND---");
	assert_zones(KMR_GFP_KERNEL | KMR_GFP_DMA, "D----");
	assert_zones(KMR_GFP_HIGHUSER, "HND--");
	assert_zones(KMR_GFP_HIGHUSER_MOV, "MHND-");
	/* a type that the kernel does not have stands for Normal */
	assert_zones(KMR_GFP_KERNEL | KMR_GFP_DMA32, "ND---");
	assert_zones(0, "ND---");
	assert_zones(KMR_GFP_KERNEL | KMR_GFP_THISNODE, "ND---");
}

/* DMA and HighMem requests of a kernel without such zones. */
Test(page_zones, types_not_built_in)
{
	struct rig r;

	bare_machine(&r.m, 9);
	r.m.has_type[KMR_ZONE_DMA] = false;
	(void)add_zone(&r.m, KMR_ZONE_DMA32, 0, 0, 4096);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 4096, 4096);
	rig_create(&r);
	rig_seed(&r, 0, 10, KMR_MIGRATE_UNMOVABLE);
	rig_seed(&r, 4096, 10, KMR_MIGRATE_UNMOVABLE);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL | KMR_GFP_DMA), 4096);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_HIGHUSER), 4096 + 16);
	cr_assert_eq(rig_alloc(&r, 4, KMR_GFP_KERNEL | KMR_GFP_DMA32), 0);
	rig_destroy(&r);
}

/* Three nodes in a row, 0 - 1 - 2, each with a Normal zone; node 0 has DMA32 as well. */
static void rig_nodes(struct rig *r)
{
	static const uint8_t distance[3][3] = { { 10, 20, 40 }, { 20, 10, 15 }, { 40, 15, 10 } };

	bare_machine(&r->m, 9);
	r->m.nr_nodes = 3;
	r->m.nr_cpus = 3;
	for (unsigned int i = 0; i < 3; i++) {
		r->m.cpu_node[i] = (uint16_t)i;
		for (unsigned int j = 0; j < 3; j++)
			r->m.distance[i][j] = distance[i][j];
	}
	(void)add_zone(&r->m, KMR_ZONE_DMA32, 0, 0, 4096);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 4096, 4096);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 1, 8192, 4096);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 2, 12288, 4096);
	rig_create(r);
	for (uint32_t i = 0; i < 4; i++)
		rig_seed(r, 4096 * i, 10, KMR_MIGRATE_MOVABLE);
}

static void assert_nodes(unsigned int node, uint32_t gfp, const char *expected)
{
	struct rig r;
	char got[16] = "";

	rig_nodes(&r);
	for (int i = 0; i < 5; i++) {
		const struct kmr_page_request req = {
			.gfp = gfp, .order = 10, .node = (uint8_t)node, .cpu = (uint16_t)node
		};
		const kmr_pfn_t pfn = r.ops->alloc(r.b, &req);

		(void)strcat(got, pfn == KMR_NO_PFN ? "-" : &"d\0000\0001\0002"[2 * (pfn / 4096)]);
	}
	cr_assert_str_eq(got, expected, "node %u: %s, expected %s", node, got, expected);
	rig_destroy(&r);
}

/* The nearest node first, and all of its zones before the next. */
Test(page_zones, by_distance)
{
	assert_nodes(0, GFP_MOVABLE_REQ, "0d12-");
	assert_nodes(1, GFP_MOVABLE_REQ, "120d-");
	assert_nodes(2, GFP_MOVABLE_REQ, "210d-");
	assert_nodes(2, KMR_GFP_KERNEL | KMR_GFP_DMA32, "d----");
}

/* Rather none than a remote one. */
Test(page_zones, this_node)
{
	assert_nodes(0, GFP_MOVABLE_REQ | KMR_GFP_THISNODE, "0d---");
	assert_nodes(1, GFP_MOVABLE_REQ | KMR_GFP_THISNODE, "1----");
	assert_nodes(2, GFP_MOVABLE_REQ | KMR_GFP_THISNODE | KMR_GFP_NOFAIL, "2----");
	/* a node without a zone of that kind */
	assert_nodes(1, GFP_MOVABLE_REQ | KMR_GFP_DMA32 | KMR_GFP_THISNODE, "-----");
}

/* Nothing is left: a failure is counted, and nothing changes. */
Test(page_zones, nothing_left)
{
	static const uint32_t gfps[] = {
		KMR_GFP_KERNEL,
		KMR_GFP_HIGHUSER_MOV,
		GFP_ATOMIC_REQ,
		KMR_GFP_KERNEL | KMR_GFP_NOFAIL,
		KMR_GFP_KERNEL | KMR_GFP_MEMALLOC,
	};
	struct rig r;
	uint64_t failures = 0;

	(void)rig_normal(&r, 0, 4096);
	for (unsigned int order = 0; order <= 12; order++)
		for (size_t i = 0; i < sizeof(gfps) / sizeof(gfps[0]); i++) {
			cr_assert_eq(rig_alloc(&r, order, gfps[i]), KMR_NO_PFN);
			failures++;
		}
	cr_assert_eq(r.ops->work(r.b)->failures, failures);
	cr_assert_eq(r.ops->work(r.b)->allocs, failures);
	rig_check(&r);
	rig_destroy(&r);
}

/* A request for a node that the machine lacks is served from the first. */
Test(page_zones, no_such_node)
{
	const struct kmr_page_request req = {
		.gfp = GFP_MOVABLE_REQ, .order = 10, .node = 9, .cpu = 0
	};
	struct rig r;

	rig_nodes(&r);
	cr_assert_eq(r.ops->alloc(r.b, &req), 4096);
	rig_destroy(&r);
}

static void assert_refused(const struct kmr_machine *m, const char *message)
{
	const struct kmr_page_ops *ops = kmr_page_backend_find("linux-6.1");
	struct kmr_error err = { "" };

	cr_assert_null(ops->create(m, NULL, &err));
	cr_assert_str_eq(err.msg, message);
}

Test(page_zones, machines_that_can_not_be)
{
	struct kmr_machine m;

	bare_machine(&m, 9);
	assert_refused(&m, "machine bare: has 0 zones and 1 CPUs, needs at least one of each");
	(void)add_zone(&m, KMR_ZONE_NORMAL, 0, 0, 4096);
	m.nr_cpus = 0;
	assert_refused(&m, "machine bare: has 1 zones and 0 CPUs, needs at least one of each");
	m.nr_cpus = KMR_MAX_CPUS + 1;
	assert_refused(&m, "machine bare: has 1 zones and 1025 CPUs, needs at least one of each");
	m.nr_cpus = 1;
	m.nr_orders = 9;
	assert_refused(&m, "machine bare: 9 orders and pageblocks of order 9 do not fit");
	m.nr_orders = KMR_MAX_ORDERS + 1;
	assert_refused(&m, "machine bare: 17 orders and pageblocks of order 9 do not fit");
	m.nr_orders = 0;
	assert_refused(&m, "machine bare: 0 orders and pageblocks of order 9 do not fit");
	m.nr_orders = 11;
	m.zones[0].spanned = 0;
	assert_refused(&m, "machine bare: zone 0 (frames 0+0) is empty or too large");
	m.zones[0].spanned = UINT64_C(1) << 32;
	assert_refused(&m, "machine bare: zone 0 (frames 0+4294967296) is empty or too large");
	m.zones[0].start_pfn = UINT64_C(1) << 40;
	assert_refused(
		&m, "machine bare: zone 0 (frames 1099511627776+4294967296) is empty or too large");
	m.zones[0].start_pfn = 0;
	m.zones[0].spanned = 4096;
	m.zones[0].node = 1;
	assert_refused(&m, "machine bare: zone 0 (frames 0+4096) is empty or too large");
}
