// SPDX-License-Identifier: GPL-2.0-only
/*
 * SLUB's ways one by one, as mm/slub.c has them.  Slabs are pages here, numbered as they are taken:
 * 1, 2, ... on node 0, FAR, FAR + 1, ... on node 1.
 */
#include "test_slub_support.h"

#define FAR NODE_PAGES

static kmr_obj_t at(kmr_pfn_t pfn, unsigned int index, uint32_t size)
{
	return (kmr_obj_t)pfn * 4096 + (kmr_obj_t)index * size;
}

/* Frees one object of each slab from @first to @last, each the slab's first. */
static void free_one_each(const struct slub_rig *s, unsigned int c, kmr_pfn_t first, kmr_pfn_t last,
			  unsigned int cpu)
{
	for (kmr_pfn_t pfn = first; pfn <= last; pfn++)
		rig_free(&s->r, c, at(pfn, 0, 0), cpu);
}

static void free_objects(const struct slub_rig *s, unsigned int c, kmr_pfn_t pfn, uint32_t size,
			 unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		rig_free(&s->r, c, at(pfn, i, size), 0);
}

static void expect_list(const struct slub_rig *s, enum kmr_snap_kind kind, unsigned int where,
			const char *want)
{
	const char *have = slub_list(s, kind, where);

	cr_expect_str_eq(have, want, "kind %u of %u: \"%s\", expected \"%s\"", kind, where, have,
			 want);
	rig_check(&s->r);
}

Test(slub, a_cpu_gets_what_it_freed_last)
{
	static struct slub_rig s;
	kmr_obj_t obj[4];
	unsigned int c;

	slub_create(&s, 1, 1, 601);
	c = slub_cache_of(&s, 4, 5, 4);
	slub_alloc_many(&s, c, 0, obj, 4);
	for (unsigned int i = 0; i < 4; i++)
		cr_expect_eq(obj[i], at(1, i, 1024), "a new slab's are in order");
	rig_free(&s.r, c, obj[1], 0);
	rig_free(&s.r, c, obj[3], 0);
	rig_free(&s.r, c, obj[0], 0);
	cr_expect_str_eq(slub_free_of(&s, 1), "0 3 1 | ");
	cr_expect_eq(rig_alloc(&s.r, c, 0), obj[0]);
	cr_expect_eq(rig_alloc(&s.r, c, 0), obj[3]);
	cr_expect_eq(rig_alloc(&s.r, c, 0), obj[1]);
	cr_expect_eq(kmr_slub.work(s.r.b)->fast_frees, 3);
	cr_expect_eq(kmr_slub.work(s.r.b)->fast_allocs, 6, "the first one had to get a slab");
	kmr_slub.destroy(s.r.b);
}

Test(slub, other_cpus_free_to_the_slab)
{
	static struct slub_rig s;
	kmr_obj_t obj[2];
	unsigned int c;

	slub_create(&s, 1, 2, 601);
	c = slub_cache_of(&s, 4, 5, 4);
	slub_alloc_many(&s, c, 0, obj, 2);
	rig_free(&s.r, c, obj[0], 1);
	rig_free(&s.r, c, obj[1], 1);
	cr_expect_str_eq(slub_free_of(&s, 1), "2 3 | 1 0 ");
	cr_expect_eq(rig_state(&s.r, c).remote_frees, 2);
	expect_list(&s, KMR_SNAP_CPU_PARTIAL, 1, "");
	/* its own first, then all of the slab's at once */
	cr_expect_eq(rig_alloc(&s.r, c, 0), at(1, 2, 1024));
	cr_expect_eq(rig_alloc(&s.r, c, 0), at(1, 3, 1024));
	cr_expect_eq(rig_alloc(&s.r, c, 0), obj[1]);
	cr_expect_str_eq(slub_free_of(&s, 1), "0 | ");
	cr_expect_eq(rig_alloc(&s.r, c, 0), obj[0]);
	cr_expect_eq(s.r.pages.out, 1);
	cr_expect_eq(rig_alloc(&s.r, c, 0), at(2, 0, 1024));
	kmr_slub.destroy(s.r.b);
}

/* The first free of a full slab brings it to the CPU that frees. */
Test(slub, full_slabs_go_to_who_frees)
{
	static struct slub_rig s;
	kmr_obj_t obj[9];
	unsigned int c;

	slub_create(&s, 1, 2, 601);
	c = slub_cache_of(&s, 4, 5, 4);
	slub_alloc_many(&s, c, 0, obj, 9);
	rig_free(&s.r, c, obj[0], 1);
	rig_free(&s.r, c, obj[5], 0);
	rig_free(&s.r, c, obj[1], 0);
	expect_list(&s, KMR_SNAP_CPU_PARTIAL, 0, "2");
	expect_list(&s, KMR_SNAP_CPU_PARTIAL, 1, "1");
	cr_expect_eq(rig_state(&s.r, c).remote_frees, 1, "slab 1 is CPU 1's by now");
	cr_expect_eq(rig_alloc(&s.r, c, 1), obj[1]);
	expect_list(&s, KMR_SNAP_CPU_PARTIAL, 1, "");
	cr_expect_str_eq(slub_list(&s, KMR_SNAP_CPU_SLAB, 1), "1");
	cr_expect_eq(kmr_slub.work(s.r.b)->cpu_partial, 1);
	cr_expect_eq(rig_state(&s.r, c).cpu_slabs, 3);
	kmr_slub.destroy(s.r.b);
}

Test(slub, a_full_cpu_list_goes_to_the_node)
{
	static struct slub_rig s;
	kmr_obj_t obj[21];
	unsigned int c;

	slub_create(&s, 1, 1, 601);
	c = slub_cache_of(&s, 4, 0, 2);
	slub_alloc_many(&s, c, 0, obj, 21);
	free_one_each(&s, c, 1, 2, 0);
	expect_list(&s, KMR_SNAP_CPU_PARTIAL, 0, "2 1");
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "");
	free_one_each(&s, c, 3, 3, 0);
	expect_list(&s, KMR_SNAP_CPU_PARTIAL, 0, "3");
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "2 1");
	free_one_each(&s, c, 4, 5, 0);
	expect_list(&s, KMR_SNAP_CPU_PARTIAL, 0, "5");
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "2 1 4 3");
	cr_expect_eq(rig_state(&s.r, c).partial_slabs, 4);
	kmr_slub.destroy(s.r.b);
}

/* What is empty when it leaves the CPU goes when the node has enough, the last one found first. */
Test(slub, drained_slabs_that_are_empty)
{
	static const struct {
		uint32_t min_partial;
		unsigned int nr;
		kmr_pfn_t freed[3];
		const char *kept;
	} want[] = {
		{ 0, 3, { 1, 2, 3 }, "" },
		{ 1, 2, { 1, 2, 0 }, "3" },
		{ 2, 1, { 1, 0, 0 }, "3 2" },
		{ 3, 0, { 0, 0, 0 }, "3 2 1" },
	};
	static struct slub_rig s;

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		kmr_obj_t obj[17];
		unsigned int c;

		slub_create(&s, 1, 1, 601);
		c = slub_cache_of(&s, 4, want[i].min_partial, 3);
		slub_alloc_many(&s, c, 0, obj, 17);
		for (unsigned int n = 0; n < 12; n++)
			rig_free(&s.r, c, obj[n], 0);
		expect_list(&s, KMR_SNAP_CPU_PARTIAL, 0, "3 2 1");
		cr_expect_eq(s.r.pages.nr_freed, 0, "a CPU's are kept");
		rig_free(&s.r, c, obj[12], 0);
		expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, want[i].kept);
		cr_assert_eq(s.r.pages.nr_freed, want[i].nr);
		for (unsigned int n = 0; n < want[i].nr; n++)
			cr_expect_eq(s.r.pages.freed[n], want[i].freed[n]);
		kmr_slub.destroy(s.r.b);
	}
}

/* get_partial_node(): the first for now, and one more than half of what the CPU's list may have. */
Test(slub, a_cpu_takes_several_from_the_node)
{
	static struct slub_rig s;
	kmr_obj_t obj[53];
	unsigned int c;

	slub_create(&s, 1, 2, 612);
	c = slub_cache_of(&s, 4, 5, 4);
	slub_alloc_many(&s, c, 0, obj, 53);
	free_one_each(&s, c, 1, 13, 0);
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "4 3 2 1 8 7 6 5 12 11 10 9");
	cr_expect_eq(rig_alloc(&s.r, c, 1), at(4, 0, 0));
	expect_list(&s, KMR_SNAP_CPU_PARTIAL, 1, "1 2 3");
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "8 7 6 5 12 11 10 9");
	cr_expect_eq(kmr_slub.work(s.r.b)->node_partial, 1);
	/* those come next, the one taken last first */
	cr_expect_eq(rig_alloc(&s.r, c, 1), at(1, 0, 0));
	cr_expect_eq(rig_alloc(&s.r, c, 1), at(2, 0, 0));
	cr_expect_eq(rig_alloc(&s.r, c, 1), at(3, 0, 0));
	cr_expect_eq(rig_alloc(&s.r, c, 1), at(8, 0, 0));
	expect_list(&s, KMR_SNAP_CPU_PARTIAL, 1, "5 6 7");
	kmr_slub.destroy(s.r.b);
}

Test(slub, without_cpu_lists)
{
	static struct slub_rig s;
	kmr_obj_t obj[17];
	unsigned int c;

	slub_create(&s, 1, 2, 601);
	c = slub_cache_of(&s, 4, 2, 0);
	slub_alloc_many(&s, c, 0, obj, 17);
	free_one_each(&s, c, 1, 3, 0);
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "1 2 3");
	cr_expect_eq(rig_alloc(&s.r, c, 1), at(1, 0, 0));
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "2 3");
	expect_list(&s, KMR_SNAP_CPU_PARTIAL, 1, "");
	/* of three partial slabs two are kept though empty; the one that is emptied goes */
	free_one_each(&s, c, 4, 4, 0);
	for (unsigned int i = 1; i < 4; i++)
		rig_free(&s.r, c, at(3, i, 1024), 0);
	cr_expect_eq(s.r.pages.nr_freed, 1);
	cr_expect_eq(s.r.pages.freed[0], 3);
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "2 4");
	for (unsigned int i = 1; i < 4; i++)
		rig_free(&s.r, c, at(2, i, 1024), 0);
	cr_expect_eq(s.r.pages.nr_freed, 2, "it counts among the two itself");
	for (unsigned int i = 1; i < 4; i++)
		rig_free(&s.r, c, at(4, i, 1024), 0);
	cr_expect_eq(s.r.pages.nr_freed, 2);
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "4");
	kmr_slub.destroy(s.r.b);
}

/* To the head of the node's list, or, with what others freed, to its tail. */
Test(slub, deactivated_to_head_or_tail)
{
	static struct slub_rig s;
	kmr_obj_t obj[9];
	unsigned int c;

	slub_create(&s, 2, 2, 601);
	c = slub_cache_of(&s, 4, 5, 0);
	slub_alloc_many(&s, c, 0, obj, 9);
	free_one_each(&s, c, 1, 1, 0);
	cr_expect_eq(slub_alloc_on(&s, c, 1, KMR_GFP_KERNEL, 0), at(FAR, 0, 0));
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "3 1");
	cr_expect_str_eq(slub_free_of(&s, 3), "1 2 3 ");
	cr_expect_eq(slub_alloc_on(&s, c, 0, KMR_GFP_KERNEL, 0), at(3, 1, 1024));
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 1, "16384");
	rig_free(&s.r, c, at(3, 0, 0), 1);
	cr_expect_eq(slub_alloc_on(&s, c, 1, KMR_GFP_KERNEL, 0), at(FAR, 1, 1024));
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "1 3");
	cr_expect_str_eq(slub_free_of(&s, 3), "2 3 0 ", "the CPU's in front of the slab's own");
	kmr_slub.destroy(s.r.b);
}

Test(slub, deactivated_empty_or_full)
{
	static struct slub_rig s;

	for (uint32_t min_partial = 0; min_partial < 2; min_partial++) {
		kmr_obj_t obj[4];
		unsigned int c;

		slub_create(&s, 2, 2, 612);
		c = slub_cache_of(&s, 4, min_partial, 0);
		slub_alloc_many(&s, c, 0, obj, 1);
		rig_free(&s.r, c, obj[0], 0);
		cr_expect_eq(slub_alloc_on(&s, c, 1, KMR_GFP_KERNEL, 0), at(FAR, 0, 0));
		cr_expect_eq(s.r.pages.nr_freed, min_partial ? 0 : 1);
		expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, min_partial ? "1" : "");
		/* a full one is on no list */
		slub_alloc_many(&s, c, 0, obj, 3);
		cr_expect_eq(slub_alloc_on(&s, c, 0, KMR_GFP_KERNEL, 0), at(1, 0, 0));
		expect_list(&s, KMR_SNAP_NODE_PARTIAL, 1, "");
		cr_expect_eq(rig_state(&s.r, c).slabs, 2);
		kmr_slub.destroy(s.r.b);
	}
}

/* By free objects up to 32, those of a kind turned around; what has more stays behind. */
Test(slub, shrink_sorts)
{
	static const unsigned int frees[] = { 3, 40, 1, 3, 64, 2, 64, 32, 33 };
	static struct slub_rig s;
	kmr_obj_t obj[9 * 64 + 1];
	unsigned int c;

	slub_create(&s, 1, 1, 601);
	c = slub_cache_of(&s, 64, 9, 0);
	slub_alloc_many(&s, c, 0, obj, ARRAY_SIZE(obj));
	for (unsigned int i = 0; i < ARRAY_SIZE(frees); i++)
		free_objects(&s, c, i + 1, 64, frees[i]);
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "1 2 3 4 5 6 7 8 9");
	/* the CPU's own, the tenth, comes to the head first */
	kmr_slub.shrink(s.r.b, c);
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "3 6 4 1 8 10 2 9");
	cr_expect_eq(s.r.pages.nr_freed, 2);
	cr_expect_eq(s.r.pages.freed[0], 7);
	cr_expect_eq(s.r.pages.freed[1], 5);
	cr_expect_eq(rig_state(&s.r, c).cpu_slabs, 0);
	kmr_slub.destroy(s.r.b);
}

/* CPUs' slabs, then their lists, one CPU after the other. */
Test(slub, shrink_empties_cpus)
{
	static struct slub_rig s;
	kmr_obj_t obj[16], other;
	unsigned int c;

	slub_create(&s, 1, 2, 601);
	c = slub_cache_of(&s, 4, 5, 4);
	slub_alloc_many(&s, c, 0, obj, 13);
	other = rig_alloc(&s.r, c, 1);
	free_one_each(&s, c, 1, 3, 0);
	expect_list(&s, KMR_SNAP_CPU_PARTIAL, 0, "3 2 1");
	kmr_slub.shrink(s.r.b, c);
	/* before sorting: 5 (CPU 1's, to the head), 4, 3, 2, 1; with one free 3 2 1, with three 5 4 */
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "1 2 3 4 5");
	rig_free(&s.r, c, other, 1);
	kmr_slub.shrink(s.r.b, c);
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "3 2 1 4");
	cr_expect_eq(s.r.pages.freed[0], slub_pfn(other));
	kmr_slub.destroy(s.r.b);
}

/* A CPU's partial slabs of another node than wanted go to theirs. */
Test(slub, partial_slabs_of_the_wrong_node)
{
	static struct slub_rig s;

	for (unsigned int version = 601; version <= 612; version += 11) {
		kmr_obj_t obj[9];
		unsigned int c;

		slub_create(&s, 2, 1, version);
		c = slub_cache_of(&s, 4, 5, 4);
		slub_alloc_many(&s, c, 0, obj, 9);
		free_one_each(&s, c, 1, 2, 0);
		expect_list(&s, KMR_SNAP_CPU_PARTIAL, 0, "2 1");
		cr_expect_eq(slub_alloc_on(&s, c, 1, KMR_GFP_KERNEL, 0), at(FAR, 0, 0));
		expect_list(&s, KMR_SNAP_CPU_PARTIAL, 0, "");
		expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "3 2 1");
		kmr_slub.destroy(s.r.b);
	}
}

/* Node 1 has no page left, node 0 more partial slabs than it must keep. */
static unsigned int node_without_pages(struct slub_rig *s, unsigned int version, uint32_t keeps)
{
	kmr_obj_t obj[13];
	unsigned int c;

	slub_create(s, 2, 2, version);
	c = slub_cache_of(s, 4, keeps, 0);
	slub_alloc_many(s, c, 0, obj, 13);
	free_one_each(s, c, 1, 3, 0);
	memset(s->r.pages.used + FAR, 1, NODE_PAGES);
	s->nr_asked = 0;
	return c;
}

Test(slub, first_that_node_only)
{
	static struct slub_rig s;
	unsigned int c = node_without_pages(&s, 612, 4);

	/* node 0 keeps its four, the CPU's among them: a new one, from anywhere at last */
	cr_expect_eq(slub_alloc_on(&s, c, 1, KMR_GFP_KERNEL, 0), at(5, 0, 0));
	cr_expect_eq(s.nr_asked, 3);
	for (unsigned int i = 0; i < 2; i++) {
		cr_expect(s.asked[i].gfp & KMR_GFP_THISNODE);
		cr_expect_not(s.asked[i].gfp & KMR_GFP_DIRECT_RECLAIM);
	}
	cr_expect(s.asked[0].gfp & KMR_GFP_NORETRY);
	cr_expect_not(s.asked[1].gfp & KMR_GFP_NORETRY);
	cr_expect_not(s.asked[2].gfp & KMR_GFP_THISNODE);
	cr_expect(s.asked[2].gfp & KMR_GFP_DIRECT_RECLAIM);
	for (unsigned int i = 0; i < 3; i++)
		cr_expect_eq(s.asked[i].node, 1);
	kmr_slub.destroy(s.r.b);

	/* node 0 has one to spare once the CPU's slab is on its list */
	c = node_without_pages(&s, 612, 3);
	cr_expect_eq(slub_alloc_on(&s, c, 1, KMR_GFP_KERNEL, 0), at(4, 1, 1024));
	cr_expect_eq(s.nr_asked, 2);
	kmr_slub.destroy(s.r.b);

	/* nothing but the node will do */
	c = node_without_pages(&s, 612, 2);
	cr_expect_eq(slub_alloc_on(&s, c, 1, KMR_GFP_KERNEL | KMR_GFP_THISNODE, 0), KMR_NO_OBJ);
	cr_expect_eq(s.nr_asked, 2);
	cr_expect_eq(rig_state(&s.r, c).failures, 1);
	rig_check(&s.r);
	kmr_slub.destroy(s.r.b);
}

/* 6.1 looks for partial slabs on that node only, and leaves the rest to the page allocator. */
Test(slub, a_node_asked_for_in_6_1)
{
	static struct slub_rig s;
	const unsigned int c = node_without_pages(&s, 601, 2);

	cr_expect_eq(slub_alloc_on(&s, c, 1, KMR_GFP_KERNEL, 0), at(5, 0, 0));
	cr_expect_eq(s.nr_asked, 1);
	cr_expect_not(s.asked[0].gfp & KMR_GFP_THISNODE);
	cr_expect_eq(s.asked[0].node, 1);
	expect_list(&s, KMR_SNAP_NODE_PARTIAL, 0, "4 1 2 3");
	kmr_slub.destroy(s.r.b);
}

/* Without a wish: the CPU's node, then others that have more than they must keep. */
Test(slub, partial_slabs_of_other_nodes)
{
	static struct slub_rig s;

	for (uint32_t keeps = 2; keeps < 4; keeps++) {
		kmr_obj_t obj[13];
		unsigned int c;

		slub_create(&s, 2, 2, 601);
		c = slub_cache_of(&s, 4, keeps, 0);
		slub_alloc_many(&s, c, 0, obj, 13);
		free_one_each(&s, c, 1, 3, 0);
		cr_expect_eq(rig_alloc(&s.r, c, 1), keeps == 2 ? at(1, 0, 0) : at(FAR, 0, 0));
		rig_check(&s.r);
		kmr_slub.destroy(s.r.b);
	}
}

Test(slub, smaller_slabs_for_want_of_large_ones)
{
	static struct slub_rig s;
	struct kmr_object_request req = { 0, KMR_GFP_KERNEL | KMR_GFP_NOFAIL, -1, 0 };
	unsigned int c;

	slub_create(&s, 1, 1, 601);
	c = rig_cache(&s.r, "k", 1024, KMR_CACHE_RECLAIM);
	cr_assert_eq(rig_state(&s.r, c).order, 1);
	s.max_order = 0;
	cr_expect_eq(kmr_slub.alloc(s.r.b, c, &req), at(1, 0, 0));
	cr_assert_eq(s.nr_asked, 2);
	cr_expect_eq(s.asked[0].order, 1);
	cr_expect_eq(s.asked[1].order, 0);
	cr_expect_eq(s.asked[0].gfp, KMR_GFP_IO | KMR_GFP_FS | KMR_GFP_NOWARN | KMR_GFP_NORETRY |
					     KMR_GFP_NOMEMALLOC | KMR_GFP_COMP |
					     KMR_GFP_RECLAIMABLE);
	cr_expect_eq(s.asked[1].gfp,
		     KMR_GFP_KERNEL | KMR_GFP_NOFAIL | KMR_GFP_COMP | KMR_GFP_RECLAIMABLE);
	cr_expect_eq(kmr_slub.work(s.r.b)->order_fallbacks, 1);
	cr_expect_eq(rig_state(&s.r, c).objects, 4);
	s.max_order = 10;
	for (unsigned int i = 1; i < 5; i++)
		(void)kmr_slub.alloc(s.r.b, c, &req);
	cr_expect_eq(rig_state(&s.r, c).objects, 12);
	cr_expect_eq(rig_state(&s.r, c).pages, 3);
	rig_check(&s.r);
	s.refuse = 1;
	for (unsigned int i = 0; i < 7; i++)
		cr_expect_neq(kmr_slub.alloc(s.r.b, c, &req), KMR_NO_OBJ);
	cr_expect_eq(kmr_slub.alloc(s.r.b, c, &req), KMR_NO_OBJ);
	rig_check(&s.r);
	kmr_slub.destroy(s.r.b);
}

/* Compound pages are asked for when there is more than one, since 6.12 always. */
Test(slub, flags_of_pages)
{
	static struct slub_rig s;

	for (unsigned int version = 601; version <= 612; version += 11) {
		const struct kmr_object_request req = {
			0, KMR_GFP_KERNEL | KMR_GFP_ZERO | KMR_GFP_ACCOUNT, -1, 0
		};
		const uint32_t comp = version > 601 ? KMR_GFP_COMP : 0;

		slub_create(&s, 1, 1, version);
		(void)kmr_slub.alloc(s.r.b, rig_cache(&s.r, "plain", 64, 0), &req);
		cr_expect_eq(s.asked[0].order, 0);
		cr_expect_eq(s.asked[0].gfp,
			     KMR_GFP_KERNEL | KMR_GFP_NOWARN | KMR_GFP_NORETRY | comp,
			     "neither zeroing nor accounting are the slab's");
		(void)kmr_slub.alloc(s.r.b, rig_cache(&s.r, "dma", 64, KMR_CACHE_DMA), &req);
		cr_expect_eq(s.asked[1].gfp, s.asked[0].gfp | KMR_GFP_DMA);
		(void)kmr_slub.alloc(s.r.b, rig_cache(&s.r, "dma32", 64, KMR_CACHE_DMA32), &req);
		cr_expect_eq(s.asked[2].gfp, s.asked[0].gfp | KMR_GFP_DMA32);
		kmr_slub.destroy(s.r.b);
	}
}

static void refuses(const struct slub_rig *s, int cache, kmr_obj_t obj)
{
	const uint64_t before = kmr_slub.work(s->r.b)->bad_frees;
	const uint64_t frees = kmr_slub.work(s->r.b)->frees;

	cr_expect_eq(cache < 0 ? kmr_slub.kfree(s->r.b, obj, 0)
			       : kmr_slub.free(s->r.b, (unsigned int)cache, obj, 0),
		     -1, "%" PRIx64, obj);
	cr_expect_eq(kmr_slub.work(s->r.b)->bad_frees, before + 1);
	cr_expect_eq(kmr_slub.work(s->r.b)->frees, frees);
	rig_check(&s->r);
}

Test(slub, frees_of_what_is_none)
{
	static struct slub_rig s;
	unsigned int c, other;
	kmr_obj_t obj[5];

	slub_create(&s, 1, 2, 601);
	c = slub_cache_of(&s, 4, 5, 4);
	other = rig_cache(&s.r, "other", 1024, 0);
	slub_alloc_many(&s, c, 0, obj, 5);
	refuses(&s, (int)other, obj[0]);
	refuses(&s, (int)c, obj[0] + 8);
	refuses(&s, (int)c, obj[0] - 1024);
	refuses(&s, (int)c, obj[4] + 1024); /* never allocated */
	refuses(&s, (int)c, obj[4] + 4096);
	refuses(&s, (int)c, UINT64_MAX);
	refuses(&s, -1, 0);
	refuses(&s, -1, obj[0] + 1023);
	refuses(&s, -1, (kmr_obj_t)NODE_PAGES * MAX_NODES * 4096);
	rig_free(&s.r, c, obj[0], 1);
	refuses(&s, (int)c, obj[0]);
	refuses(&s, -1, obj[0]);
	rig_free(&s.r, c, obj[4], 0);
	refuses(&s, (int)c, obj[4]);
	cr_expect_eq(kmr_slub.given(s.r.b, obj[4]), 0);
	cr_expect_eq(kmr_slub.given(s.r.b, obj[1]), 1024);
	cr_expect_eq(kmr_slub.given(s.r.b, obj[1] + 1), 0);
	/* kfree() takes those of caches */
	cr_expect_eq(kmr_slub.kfree(s.r.b, obj[1], 0), 0);
	kmr_slub.destroy(s.r.b);
}

Test(slub, large_kmalloc)
{
	static struct slub_rig s;
	struct kmr_object_request req = { 8193, KMR_GFP_KERNEL, -1, 0 };
	struct kmr_error err = { "" };
	kmr_obj_t obj;

	slub_create(&s, 1, 1, 601);
	cr_assert_eq(kmr_slub.kmalloc_init(s.r.b, &err), 0, "%s", err.msg);
	obj = kmr_slub.kmalloc(s.r.b, &req);
	cr_expect_eq(obj, at(4, 0, 0));
	cr_expect_eq(s.asked[0].order, 2);
	cr_expect_eq(s.asked[0].gfp, KMR_GFP_KERNEL | KMR_GFP_COMP);
	cr_expect_eq(kmr_slub.given(s.r.b, obj), 16384);
	cr_expect_eq(kmr_slub.cache_of(s.r.b, obj), -1);
	cr_expect_eq(kmr_slub.kmalloc_cache(s.r.b, &req), -1);
	cr_expect_eq(kmr_slub.pages(s.r.b), 4);
	refuses(&s, -1, obj + 4096);
	refuses(&s, -1, obj + 8);
	refuses(&s, 0, obj);
	cr_expect_eq(kmr_slub.kfree(s.r.b, obj, 0), 0);
	refuses(&s, -1, obj);
	cr_expect_eq(s.r.pages.out, 0);
	/* what no block is large enough for */
	req.bytes = (4096u << 10) + 1;
	cr_expect_eq(kmr_slub.kmalloc(s.r.b, &req), KMR_NO_OBJ);
	req.bytes = UINT32_MAX;
	cr_expect_eq(kmr_slub.kmalloc(s.r.b, &req), KMR_NO_OBJ);
	cr_expect_eq(kmr_slub.work(s.r.b)->failures, 2);
	cr_expect_eq(s.nr_asked, 1, "not even asked for");
	req.bytes = 8192;
	obj = kmr_slub.kmalloc(s.r.b, &req);
	cr_expect_eq(kmr_slub.cache_of(s.r.b, obj), kmr_slub.kmalloc_cache(s.r.b, &req));
	cr_expect_eq(kmr_slub.work(s.r.b)->large_allocs, 1);
	kmr_slub.destroy(s.r.b);
}
