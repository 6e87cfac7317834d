// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several nodes: zone_statistics() by hand, memory policies as mm/mempolicy.c and the slow path have
 * them, and that a machine of one node knows nothing of it.
 */
#include "support.h"

/*
 * Three nodes in a row with a CPU each, 0 being as far from 2 as it gets: DMA32 and Normal on node 0,
 * Normal on 1, Normal on 2.  Each has four blocks of order 10.
 */
static void rig_nodes(struct rig *r)
{
	bare_machine(&r->m, 9);
	r->m.nr_nodes = 3;
	r->m.nr_cpus = 3;
	for (unsigned int i = 0; i < 3; i++) {
		r->m.cpu_node[i] = (uint16_t)i;
		for (unsigned int j = 0; j < 3; j++)
			r->m.distance[i][j] = (uint8_t)(10 + 7 * (i > j ? i - j : j - i));
	}
	(void)add_zone(&r->m, KMR_ZONE_DMA32, 0, 0, 8192);
	for (unsigned int i = 0; i < 3; i++)
		(void)add_zone(&r->m, KMR_ZONE_NORMAL, i, 8192 * (i + 1), 8192);
	rig_create(r);
	for (uint32_t zone = 0; zone < 4; zone++)
		for (uint32_t i = 0; i < 4; i++)
			rig_seed(r, 8192 * zone + 1024 * i, 10, KMR_MIGRATE_MOVABLE);
}

/* The zone of a request of order 10 by @cpu, -1: failed. */
static int ask(struct rig *r, unsigned int cpu, unsigned int node, uint32_t gfp,
	       enum kmr_policy policy, uint32_t nodes)
{
	const struct kmr_page_request req = { .gfp = gfp,
					      .order = 10,
					      .node = (uint8_t)node,
					      .cpu = (uint16_t)cpu,
					      .policy = (uint8_t)policy,
					      .nodes = nodes };
	const kmr_pfn_t pfn = r->ops->alloc(r->b, &req);

	return pfn == KMR_NO_PFN ? -1 : kmr_machine_zone_of(&r->m, pfn);
}

static void expect_counts(const struct rig *r, unsigned int zone, struct kmr_numa_zone want)
{
	struct kmr_numa_report report;
	const struct kmr_numa_zone *got = &report.zones[zone];

	cr_assert(r->ops->numa(r->b, &report));
	cr_expect(!memcmp(got, &want, sizeof(want)),
		  "zone %u: hit %llu miss %llu foreign %llu interleave %llu local %llu other %llu",
		  zone, (unsigned long long)got->hit, (unsigned long long)got->miss,
		  (unsigned long long)got->foreign, (unsigned long long)got->interleave_hit,
		  (unsigned long long)got->local, (unsigned long long)got->other);
}

/* Of node 1's five requests four are served there and one by node 2, behind it and as near as 0. */
Test(page_numa, hit_miss_foreign)
{
	struct kmr_numa_report report;
	struct rig r;

	rig_nodes(&r);
	for (int i = 0; i < 5; i++)
		cr_expect_eq(ask(&r, 1, 1, GFP_MOVABLE_REQ, KMR_POLICY_NONE, 0), i < 4 ? 2 : 3);
	/* asked for on another node by name: that one comes first, so it is a hit, and remote */
	cr_expect_eq(ask(&r, 0, 2, GFP_MOVABLE_REQ, KMR_POLICY_NONE, 0), 3);
	/* a lower zone of the same node is no miss */
	cr_expect_eq(ask(&r, 0, 0, GFP_MOVABLE_REQ | KMR_GFP_DMA32, KMR_POLICY_NONE, 0), 0);
	expect_counts(&r, 0, (struct kmr_numa_zone){ .hit = 1, .local = 1 });
	expect_counts(&r, 1, (struct kmr_numa_zone){ 0 });
	expect_counts(&r, 2, (struct kmr_numa_zone){ .hit = 4, .foreign = 1, .local = 4 });
	expect_counts(&r, 3, (struct kmr_numa_zone){ .hit = 1, .miss = 1, .other = 2 });
	cr_assert(r.ops->numa(r.b, &report));
	cr_expect_eq(report.traffic[1][1].requests, 4);
	cr_expect_eq(report.traffic[1][2].requests, 1);
	cr_expect_eq(report.traffic[0][2].pages, 1024);
	cr_expect_eq(report.traffic[0][0].pages, 1024);
	r.ops->numa_restart(r.b);
	expect_counts(&r, 2, (struct kmr_numa_zone){ 0 });
	rig_check(&r);
	rig_destroy(&r);
}

/* From no other node, the nearest of them first, until it fails. */
Test(page_numa, bind)
{
	struct rig r;

	rig_nodes(&r);
	for (int i = 0; i < 8; i++)
		cr_expect_eq(ask(&r, 2, 2, GFP_MOVABLE_REQ, KMR_POLICY_BIND, 0x3), i < 4 ? 2 : 1);
	/* node 0's lower zone is as good as its Normal; beyond it there is nothing */
	for (int i = 0; i < 5; i++)
		cr_expect_eq(ask(&r, 2, 2, GFP_MOVABLE_REQ, KMR_POLICY_BIND, 0x3), i < 4 ? 0 : -1);
	/* the first of those that are allowed counts as preferred */
	expect_counts(&r, 2, (struct kmr_numa_zone){ .hit = 4, .foreign = 8, .other = 4 });
	expect_counts(&r, 1, (struct kmr_numa_zone){ .miss = 4, .other = 4 });
	rig_check(&r);
	rig_destroy(&r);
}

/* Requests of lower zones than the highest are bound to nothing: apply_policy_zone() */
Test(page_numa, bind_leaves_lower_zones)
{
	struct rig r;

	rig_nodes(&r);
	cr_expect_eq(ask(&r, 1, 1, GFP_MOVABLE_REQ | KMR_GFP_DMA32, KMR_POLICY_BIND, 0x2), 0);
	cr_expect_eq(ask(&r, 1, 1, GFP_MOVABLE_REQ, KMR_POLICY_BIND, 0x4), 3);
	rig_destroy(&r);
}

/* A node of movable memory alone: only requests that may have that are bound to it. */
Test(page_numa, bind_to_movable_memory)
{
	struct rig r;

	bare_machine(&r.m, 9);
	r.m.nr_nodes = 2;
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 4096);
	(void)add_zone(&r.m, KMR_ZONE_MOVABLE, 1, 4096, 4096);
	rig_create(&r);
	rig_seed(&r, 0, 10, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 4096, 10, KMR_MIGRATE_MOVABLE);
	cr_expect_eq(ask(&r, 0, 0, KMR_GFP_KERNEL, KMR_POLICY_BIND, 0x2), 0);
	cr_expect_eq(ask(&r, 0, 0, KMR_GFP_HIGHUSER_MOV, KMR_POLICY_BIND, 0x2), 1);
	cr_expect_eq(ask(&r, 0, 0, KMR_GFP_HIGHUSER_MOV, KMR_POLICY_BIND, 0x2), -1);
	rig_destroy(&r);
}

/* Who can't wait and may use reserves is not held to the nodes: ALLOC_CPUSET in the slow path */
Test(page_numa, atomic_requests_leave_their_nodes)
{
	struct rig r;

	rig_nodes(&r);
	for (int i = 0; i < 4; i++)
		cr_expect_eq(ask(&r, 1, 1, GFP_ATOMIC_REQ, KMR_POLICY_BIND, 0x4), 3);
	cr_expect_eq(ask(&r, 1, 1, GFP_NOWAIT_REQ, KMR_POLICY_BIND, 0x4), -1);
	cr_expect_eq(ask(&r, 1, 1, GFP_ATOMIC_REQ, KMR_POLICY_BIND, 0x4), 2);
	cr_expect_eq(ask(&r, 1, 1, KMR_GFP_KERNEL | KMR_GFP_MEMALLOC, KMR_POLICY_BIND, 0x4), 2);
	rig_destroy(&r);
}

/* Those nodes first, then any; it stays one request. */
Test(page_numa, preferred_many)
{
	struct rig r;

	rig_nodes(&r);
	for (int i = 0; i < 5; i++)
		cr_expect_eq(ask(&r, 0, 0, GFP_MOVABLE_REQ, KMR_POLICY_PREFERRED_MANY, 0x4),
			     i < 4 ? 3 : 1);
	cr_expect_eq(r.ops->work(r.b)->allocs, 5);
	cr_expect_eq(r.ops->work(r.b)->failures, 0);
	expect_counts(&r, 3, (struct kmr_numa_zone){ .hit = 4, .other = 4 });
	expect_counts(&r, 1, (struct kmr_numa_zone){ .hit = 1, .local = 1 });
	rig_destroy(&r);
}

/* interleave_hit: on the node whose turn it was. */
Test(page_numa, interleave)
{
	struct rig r;

	rig_nodes(&r);
	for (int i = 0; i < 5; i++)
		cr_expect_eq(ask(&r, 0, 2, GFP_MOVABLE_REQ, KMR_POLICY_INTERLEAVE, 0),
			     i < 4 ? 3 : 2);
	expect_counts(
		&r, 3,
		(struct kmr_numa_zone){ .hit = 4, .foreign = 1, .interleave_hit = 4, .other = 4 });
	expect_counts(&r, 2, (struct kmr_numa_zone){ .miss = 1, .other = 1 });
	rig_destroy(&r);
}

/* __GFP_THISNODE asks for no policy. */
Test(page_numa, this_node)
{
	struct rig r;

	rig_nodes(&r);
	cr_expect_eq(ask(&r, 1, 1, GFP_MOVABLE_REQ | KMR_GFP_THISNODE, KMR_POLICY_BIND, 0x1), 2);
	for (int i = 0; i < 4; i++)
		cr_expect_eq(ask(&r, 1, 1, GFP_ATOMIC_REQ | KMR_GFP_THISNODE, KMR_POLICY_BIND, 0x1),
			     i < 3 ? 2 : -1);
	rig_destroy(&r);
}

/* On one node nothing is counted, and policies are without effect. */
Test(page_numa, one_node)
{
	struct kmr_numa_report report;
	struct rig r;

	(void)rig_normal(&r, 0, 8192);
	rig_seed(&r, 1024, 10, KMR_MIGRATE_MOVABLE);
	cr_expect_eq(ask(&r, 0, 0, GFP_MOVABLE_REQ, KMR_POLICY_BIND, 0x2), 0);
	cr_expect_not(r.ops->numa(r.b, &report));
	cr_expect_not(report.known);
	r.ops->numa_restart(r.b);
	rig_destroy(&r);
}

/*
 * node_reclaim() of the CPU's own node, and of a node without CPUs no further than 30; not for who
 * can't wait.
 */
Test(page_numa, zone_reclaim_mode)
{
	struct kmr_error err = { "" };
	struct kmr_numa_report report;
	uint64_t params[KMR_MAX_PARAMS];
	struct rig r;

	bare_machine(&r.m, 9);
	r.m.nr_nodes = 4;
	r.m.nr_cpus = 2;
	r.m.cpu_node[1] = 1;
	for (unsigned int i = 0; i < 4; i++)
		(void)add_zone(&r.m, KMR_ZONE_NORMAL, i, 8192 * i, 8192);
	/* as far as it goes from node 0 to 2, and beyond it to 3 */
	r.m.distance[0][2] = 30;
	r.m.distance[0][3] = 31;
	r.ops = kmr_page_backend_parse("linux-6.1,zone_reclaim_mode=1", params, &err);
	cr_assert_not_null(r.ops, "%s", err.msg);
	r.b = r.ops->create(&r.m, params, &err);
	cr_assert_not_null(r.b, "%s", err.msg);
	cr_expect_eq(ask(&r, 0, 0, GFP_NOWAIT_REQ, KMR_POLICY_NONE, 0), -1);
	cr_assert(r.ops->numa(r.b, &report));
	for (unsigned int i = 0; i < 4; i++)
		cr_expect_eq(report.zones[i].reclaims, 0, "zone %u", i);
	cr_expect_eq(ask(&r, 0, 0, GFP_MOVABLE_REQ | KMR_GFP_NORETRY, KMR_POLICY_NONE, 0), -1);
	cr_assert(r.ops->numa(r.b, &report));
	cr_expect_gt(report.zones[0].reclaims, 0);
	cr_expect_eq(report.zones[1].reclaims, 0, "CPU 1 shall do it");
	cr_expect_eq(report.zones[2].reclaims, report.zones[0].reclaims);
	cr_expect_eq(report.zones[3].reclaims, 0, "too far");
	rig_destroy(&r);
}
