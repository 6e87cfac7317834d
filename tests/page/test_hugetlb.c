// SPDX-License-Identifier: GPL-2.0-only
/* The pool of huge pages: in turn over the nodes, and what becomes of it under way. */
#include "page/contig.h"
#include "support.h"

#define NODE_PAGES 16384u

static void two_nodes(struct rig *r)
{
	bare_machine(&r->m, 9);
	(void)snprintf(r->m.arch, sizeof(r->m.arch), "x86_64");
	r->m.nr_nodes = 2;
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 0, 0, NODE_PAGES);
	(void)add_zone(&r->m, KMR_ZONE_NORMAL, 1, NODE_PAGES, NODE_PAGES);
	rig_create(r);
	for (uint32_t pfn = 0; pfn < 2 * NODE_PAGES; pfn += 1024)
		rig_seed(r, pfn, 10, KMR_MIGRATE_MOVABLE);
}

static uint64_t set(const struct rig *r, uint64_t nr, int node)
{
	const uint64_t got = r->ops->set_huge_pages(r->b, nr, node, 0);

	rig_check(r);
	return got;
}

static uint64_t free_of(const struct rig *r, unsigned int zone)
{
	return r->b->zones[zone].free_pages + r->b->zones[zone].pcp[0].count;
}

Test(page_hugetlb, nodes_take_turns)
{
	struct rig r;

	two_nodes(&r);
	cr_assert_eq(set(&r, 5, -1), 5);
	cr_assert_eq(free_of(&r, 0), NODE_PAGES - 3 * 512, "it begins with the first");
	cr_assert_eq(free_of(&r, 1), NODE_PAGES - 2 * 512);
	cr_assert_eq(set(&r, 6, -1), 6);
	cr_assert_eq(free_of(&r, 1), NODE_PAGES - 3 * 512, "and goes on where it was");
	cr_assert_eq(set(&r, 3, -1), 3);
	cr_assert_eq(free_of(&r, 0), NODE_PAGES - 512, "freeing has its own turn");
	cr_assert_eq(free_of(&r, 1), NODE_PAGES - 2 * 512);
	cr_assert_eq(set(&r, 0, -1), 0);
	cr_assert_eq(free_of(&r, 0) + free_of(&r, 1), 2 * NODE_PAGES);
	cr_assert_eq(r.ops->contig_work(r.b)->huge_allocs, 6);
	cr_assert_eq(r.ops->contig_work(r.b)->huge_frees, 6);
	rig_destroy(&r);
}

Test(page_hugetlb, of_one_node)
{
	struct rig r;

	two_nodes(&r);
	cr_assert_eq(set(&r, 4, -1), 4);
	cr_assert_eq(set(&r, 10, 1), 10);
	cr_assert_eq(free_of(&r, 0), NODE_PAGES - 2 * 512);
	cr_assert_eq(free_of(&r, 1), NODE_PAGES - 10 * 512);
	cr_assert_eq(set(&r, 1, 1), 1);
	cr_assert_eq(free_of(&r, 0), NODE_PAGES - 2 * 512);
	cr_assert_eq(set(&r, 100, 2), 3, "there is no such node: as it is");
	cr_assert_eq(set(&r, UINT64_MAX, 0), NODE_PAGES / 512, "as many as there are");
	cr_assert_eq(set(&r, UINT64_MAX, -1), 2 * NODE_PAGES / 512);
	cr_assert_eq(r.b->zones[0].free_pages + r.b->zones[1].free_pages, 0);
	rig_destroy(&r);
}

/* A full node is passed over; failing on all ends it. */
Test(page_hugetlb, less_than_asked_for)
{
	struct rig r;

	two_nodes(&r);
	for (unsigned int i = 0; i < NODE_PAGES / 1024; i++)
		cr_assert_lt(rig_alloc(&r, 10, KMR_GFP_KERNEL | KMR_GFP_THISNODE), NODE_PAGES);
	cr_assert_eq(set(&r, 20, -1), 20);
	cr_assert_eq(set(&r, 40, -1), 32);
	cr_assert_geq(r.ops->contig_work(r.b)->huge_failures, 20);
	rig_destroy(&r);
}

/* try_to_free_low(): 32-bit kernels give back lowmem first. */
Test(page_hugetlb, lowmem_goes_first)
{
	struct rig r;

	bare_machine(&r.m, 10);
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 4096);
	(void)add_zone(&r.m, KMR_ZONE_HIGHMEM, 0, 4096, 4096);
	rig_create(&r);
	for (uint32_t pfn = 0; pfn < 8192; pfn += 1024)
		rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(set(&r, 6, -1), 6);
	cr_assert_eq(free_of(&r, 1), 1024, "taken first but for the one on the CPU's list");
	cr_assert_eq(free_of(&r, 0), 1024);
	cr_assert_eq(set(&r, 3, -1), 3);
	cr_assert_eq(free_of(&r, 0), 4096);
	cr_assert_eq(free_of(&r, 1), 1024);
	cr_assert_eq(set(&r, 1, -1), 1);
	cr_assert_eq(free_of(&r, 1), 3072);
	/* i386 does not migrate them */
	cr_assert_eq(r.b->bits[4096 >> 6].movable, 0);
	rig_destroy(&r);
}

/* An order of the machine's own, as with 64 KiB pages. */
Test(page_hugetlb, order_of_the_machine)
{
	struct rig r;

	bare_machine(&r.m, 9);
	r.m.huge_order = 6;
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 1024);
	rig_create(&r);
	rig_seed(&r, 0, 10, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(set(&r, 100, -1), 16);
	cr_assert_eq(set(&r, 15, -1), 15);
	cr_assert_eq(free_of(&r, 0), 64);
	rig_destroy(&r);
}

/* Pages of the pool make room for a CMA request: others take their place. */
Test(page_hugetlb, out_of_the_way_of_cma)
{
	struct rig r;

	bare_machine(&r.m, 9);
	(void)snprintf(r.m.arch, sizeof(r.m.arch), "x86_64");
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 16384);
	r.m.nr_cma = 1;
	r.m.cma[0] = (struct kmr_cma_area){ "x", 8192, 2048, 0 };
	rig_create(&r);
	r.ops->cma_activate(r.b, true);
	cr_assert_eq(set(&r, 4, -1), 4);
	cr_assert_eq(r.b->zones[0].free_cma, 0);
	cr_assert_eq(r.ops->cma_alloc(r.b, 0, 700, 0, 0), KMR_NO_PFN, "there are no others");
	rig_check(&r);
	rig_seed(&r, 0, 10, KMR_MIGRATE_MOVABLE);
	rig_seed(&r, 1024, 10, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(r.ops->cma_alloc(r.b, 0, 700, 0, 0), 8192);
	rig_check(&r);
	cr_assert_eq(r.ops->contig_work(r.b)->huge_replaced, 2);
	cr_assert_eq(set(&r, 4, -1), 4);
	cr_assert_eq(r.b->zones[0].free_cma, 1024 - 700);
	rig_destroy(&r);
}

/* Memory that goes offline takes the pool's pages with it. */
Test(page_hugetlb, dissolved_by_offline)
{
	struct rig r;
	kmr_pfn_t busy;

	bare_machine(&r.m, 9);
	(void)snprintf(r.m.arch, sizeof(r.m.arch), "x86_64");
	(void)add_zone(&r.m, KMR_ZONE_NORMAL, 0, 0, 16384);
	r.m.section_pages = 4096;
	rig_create(&r);
	for (uint32_t pfn = 0; pfn < 16384; pfn += 1024)
		rig_seed(&r, pfn, 10, KMR_MIGRATE_MOVABLE);
	cr_assert_eq(set(&r, 24, -1), 24);
	cr_assert_eq(r.ops->offline(r.b, 0, 4096, 0, &busy), KMR_RANGE_DONE);
	rig_check(&r);
	cr_assert_eq(r.ops->contig_work(r.b)->huge_dissolved, 8);
	cr_assert_eq(set(&r, 16, -1), 16);
	cr_assert_eq(r.ops->contig_work(r.b)->huge_allocs, 24);
	rig_destroy(&r);
}

/* Told to whoever keeps books of used frames. */
static void on_kept(void *ctx, kmr_pfn_t pfn, unsigned int order, bool kept)
{
	int64_t *pages = ctx;

	(void)pfn;
	*pages += kept ? INT64_C(1) << order : -(INT64_C(1) << order);
}

Test(page_hugetlb, observer_is_told)
{
	int64_t pages = 0;
	const struct kmr_page_observer observer = { .ctx = &pages, .kept = on_kept };
	struct rig r;

	two_nodes(&r);
	r.ops->observe(r.b, &observer);
	cr_assert_eq(set(&r, 7, -1), 7);
	cr_assert_eq(pages, 7 * 512);
	cr_assert_eq(set(&r, 2, -1), 2);
	cr_assert_eq(pages, 2 * 512);
	rig_destroy(&r);
}

Test(page_hugetlb, order_beyond_the_largest_block)
{
	const struct kmr_page_ops *ops = kmr_page_backend_find("linux-6.1");
	static struct kmr_machine m;
	struct kmr_error err = { "" };

	bare_machine(&m, 9);
	(void)add_zone(&m, KMR_ZONE_NORMAL, 0, 0, 4096);
	m.huge_order = 11;
	cr_assert_null(ops->create(&m, NULL, &err));
	cr_assert_not_null(
		strstr(err.msg, "huge pages of order 11, but the largest blocks have order 10"),
		"%s", err.msg);
}
