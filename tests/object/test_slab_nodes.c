// SPDX-License-Identifier: GPL-2.0-only
/* Several CPUs and nodes: shared array caches, alien caches, nodes without memory left. */
#include "test_slab_support.h"

static unsigned int node_of(kmr_obj_t obj)
{
	return (unsigned int)((obj >> 12) / NODE_PAGES);
}

/* What one CPU frees beyond its limit another CPU of the node gets through the shared array cache. */
Test(slab_nodes, shared)
{
	struct rig r;
	kmr_obj_t obj[256];
	unsigned int c;

	rig_create(&r, 1, 2);
	c = rig_cache(&r, "things", 64, 0);
	cr_assert_eq(r.b->caches[c]->nodes[0].shared.limit, 480);
	for (unsigned int i = 0; i < 256; i++)
		obj[i] = rig_alloc(&r, c, 0);
	while (rig_state(&r, c).cached)
		(void)rig_alloc(&r, c, 0);
	for (unsigned int i = 0; i < 121; i++)
		rig_free(&r, c, obj[i], 0);
	cr_assert_eq(r.b->caches[c]->nodes[0].shared.avail, 60);
	/* the other CPU fetches 16 of them, the last first */
	cr_assert_eq(rig_alloc(&r, c, 1), obj[59]);
	cr_assert_eq(r.b->caches[c]->nodes[0].shared.avail, 44);
	cr_assert_eq(rig_alloc(&r, c, 1), obj[58]);
	rig_check(&r);
	rig_destroy(&r);
}

/* Frees of another node's objects wait in batches of 12 for their way home. */
Test(slab_nodes, alien)
{
	struct rig r;
	kmr_obj_t obj[32];
	unsigned int c;

	rig_create(&r, 2, 2);
	c = rig_cache(&r, "things", 64, 0);
	for (unsigned int i = 0; i < 32; i++) {
		obj[i] = rig_alloc(&r, c, 0);
		cr_assert_eq(node_of(obj[i]), 0);
	}
	for (unsigned int i = 0; i < 12; i++)
		rig_free(&r, c, obj[i], 1);
	cr_assert_eq(r.b->caches[c]->nodes[1].alien[0].avail, 12);
	cr_assert_eq(r.b->caches[c]->nodes[0].shared.avail, 0);
	rig_free(&r, c, obj[12], 1);
	cr_assert_eq(r.b->caches[c]->nodes[1].alien[0].avail, 1);
	cr_assert_eq(r.b->caches[c]->nodes[0].shared.avail, 12);
	cr_assert_eq(rig_state(&r, c).remote_frees, 13);
	cr_assert_eq(r.ops->free(r.b, c, obj[12], 0), -1, "free in an alien cache");
	rig_check(&r);
	r.ops->shrink(r.b, c);
	cr_assert_eq(rig_state(&r, c).cached, 0);
	rig_check(&r);
	rig_destroy(&r);
}

Test(slab_nodes, asked_for_a_node)
{
	struct rig r;
	struct kmr_object_request req = { 0, KMR_GFP_KERNEL, 1, 0 };
	unsigned int c;
	kmr_obj_t obj;

	rig_create(&r, 2, 2);
	c = rig_cache(&r, "things", 64, 0);
	obj = r.ops->alloc(r.b, c, &req);
	cr_assert_eq(node_of(obj), 1);
	cr_assert_eq(r.pages.last.gfp, ((KMR_GFP_KERNEL & ~KMR_GFP_RECLAIM) | KMR_GFP_THISNODE |
					KMR_GFP_NOWARN | KMR_GFP_COMP));
	cr_assert_eq(obj & 4095, 0, "straight from the slab, in its order");
	cr_assert_eq(r.ops->alloc(r.b, c, &req), obj + 64);
	rig_check(&r);
	rig_destroy(&r);
}

/* A node that is full: others' objects first, then others' pages, and none with THISNODE. */
Test(slab_nodes, fallback)
{
	struct rig r;
	struct kmr_object_request req = { 0, KMR_GFP_KERNEL, -1, 0 };
	unsigned int c;
	kmr_obj_t there;

	rig_create(&r, 2, 2);
	c = rig_cache(&r, "things", 64, 0);
	memset(r.pages.used, 1, NODE_PAGES);
	there = rig_alloc(&r, c, 1);
	cr_assert_eq(node_of(there), 1);
	cr_assert_eq(r.ops->alloc(r.b, c, &req), there - 15 * 64 + 16 * 64,
		     "the first that is free in a slab");
	req.gfp |= KMR_GFP_THISNODE;
	cr_assert_eq(r.ops->alloc(r.b, c, &req), KMR_NO_OBJ);
	c = rig_cache(&r, "more", 64, 0);
	req.gfp = KMR_GFP_KERNEL;
	cr_assert_eq(node_of(r.ops->alloc(r.b, c, &req)), 1);
	cr_assert_eq(r.pages.last.gfp, KMR_GFP_KERNEL | KMR_GFP_COMP);
	rig_check(&r);
	rig_destroy(&r);
}

/* CPUs of a node without memory use the nearest one's. */
Test(slab_nodes, memoryless)
{
	struct rig r;
	struct kmr_object_request req = { 0, KMR_GFP_KERNEL, 1, 1 };
	struct kmr_error err = { "" };
	unsigned int c;

	rig_machine(&r.m, 2, 2);
	r.m.nr_zones = 1;
	rig_on(&r, &r.m);
	cr_assert_eq(r.ops->kmalloc_init(r.b, &err), 0, "%s", err.msg);
	c = rig_cache(&r, "things", 64, 0);
	cr_assert_eq(node_of(r.ops->alloc(r.b, c, &req)), 0);
	cr_assert_eq(node_of(rig_alloc(&r, c, 1)), 0);
	rig_check(&r);
	rig_destroy(&r);
}
