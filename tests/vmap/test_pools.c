// SPDX-License-Identifier: GPL-2.0-only
/* 6.9 and later: nodes whose pools keep freed areas for requests of their size. */
#include "support.h"

static void open_with_cpus(struct vrig *r, unsigned int cpus)
{
	char preset[64];

	(void)snprintf(preset, sizeof(preset), "x86_64:ram=2G,cpus=%u", cpus);
	rig_open(r, preset, "augmented", 612, false);
}

Test(pools, one_cpu_has_none)
{
	struct vrig r;

	open_with_cpus(&r, 1);
	rig_give(&r, rig_take(&r, 2));
	r.ops->drain(r.b);
	cr_expect_eq(rig_state(&r).pooled_areas, 0);
	rig_close(&r);
	/* nor have 32 bits, nor kernels before 6.9 */
	rig_open(&r, "i386:ram=1280M,cpus=4", "augmented", 612, false);
	rig_give(&r, rig_take(&r, 2));
	r.ops->drain(r.b);
	cr_expect_eq(rig_state(&r).pooled_areas, 0);
	rig_close(&r);
	rig_open(&r, "x86_64:ram=2G,cpus=4", "augmented", 608, false);
	rig_give(&r, rig_take(&r, 2));
	r.ops->drain(r.b);
	cr_expect_eq(rig_state(&r).pooled_areas, 0);
	rig_close(&r);
	/* unless told so */
	rig_open(&r, "x86_64:ram=2G,cpus=4", "augmented,nodes=2", 601, false);
	rig_give(&r, rig_take(&r, 2));
	r.ops->drain(r.b);
	cr_expect_eq(rig_state(&r).pooled_areas, 1);
	rig_close(&r);
}

Test(pools, by_size_and_cpu)
{
	struct vrig r;
	uint64_t a, b;

	open_with_cpus(&r, 4);
	a = rig_take_by(&r, 2, 1);
	b = rig_take_by(&r, 3, 1);
	(void)rig_take_by(&r, 1, 1);
	rig_give(&r, a);
	rig_give(&r, b);
	r.ops->drain(r.b);
	cr_expect_eq(rig_state(&r).pooled_areas, 2);
	cr_expect_eq(rig_state(&r).pooled_pages, 5);
	rig_check(&r);
	cr_expect_neq(rig_take_by(&r, 2, 0), a, "another CPU's");
	cr_expect_neq(rig_take_by(&r, 1, 1), a, "another size");
	cr_expect_eq(rig_take_by(&r, 2, 1), a);
	cr_expect_eq(rig_take_by(&r, 3, 1), b);
	rig_close(&r);
}

/* Purged in the order of addresses, each to the front. */
Test(pools, the_highest_comes_first)
{
	struct vrig r;
	uint64_t a[3];

	open_with_cpus(&r, 2);
	for (size_t i = 0; i < 3; i++)
		a[i] = rig_take_by(&r, 2, 0);
	for (size_t i = 0; i < 3; i++)
		rig_give(&r, a[i]);
	r.ops->drain(r.b);
	for (size_t i = 3; i-- > 0;)
		cr_expect_eq(rig_take_by(&r, 2, 0), a[i]);
	cr_expect_eq(r.ops->work(r.b)->pool_hits, 3);
	rig_check(&r);
	rig_close(&r);
}

Test(pools, alignment)
{
	struct kmr_vmap_request req = { .bytes = 2 * PAGE, .align = 4 * PAGE, .node = -1 };
	struct vrig r;
	uint64_t a, b;

	open_with_cpus(&r, 2);
	a = rig_take_by(&r, 2, 0);
	b = rig_take_by(&r, 2, 0);
	cr_expect_eq(a % (4 * PAGE), 0);
	cr_expect_neq(b % (4 * PAGE), 0);
	rig_give(&r, a);
	rig_give(&r, b);
	r.ops->drain(r.b);
	/* the first in the pool is b, which is moved to its end */
	cr_expect_eq(r.ops->take(r.b, &req), b + 2 * PAGE);
	cr_expect_eq(r.ops->take(r.b, &req), a);
	rig_check(&r);
	rig_close(&r);
}

Test(pools, other_ranges_have_none)
{
	struct kmr_vmap_request req = { .bytes = 2 * PAGE, .node = -1 };
	struct vrig r;
	uint64_t a;

	open_with_cpus(&r, 2);
	req.start = UINT64_C(0xffffffffa0000000);
	req.end = UINT64_C(0xffffffffff000000);
	a = r.ops->take(r.b, &req);
	cr_expect_eq(a, req.start);
	rig_give(&r, a);
	r.ops->drain(r.b);
	cr_expect_eq(rig_state(&r).pooled_areas, 0);
	/* more than 256 pages go to no pool */
	rig_give(&r, rig_take_by(&r, 257, 0));
	rig_give(&r, rig_take_by(&r, 256, 0));
	r.ops->drain(r.b);
	cr_expect_eq(rig_state(&r).pooled_pages, 256);
	rig_check(&r);
	rig_close(&r);
}

/* With each purge a quarter of a pool goes, but all of one that holds fewer than four. */
Test(pools, decay)
{
	static const struct {
		unsigned int areas, left;
	} cases[] = { { 1, 0 }, { 3, 0 }, { 4, 3 }, { 7, 6 }, { 8, 6 }, { 100, 75 } };
	struct vrig r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t a[100];

		open_with_cpus(&r, 2);
		for (unsigned int k = 0; k < cases[i].areas; k++)
			a[k] = rig_take_by(&r, 2, 0);
		for (unsigned int k = 0; k < cases[i].areas; k++)
			rig_give(&r, a[k]);
		r.ops->drain(r.b);
		cr_expect_eq(rig_state(&r).pooled_areas, cases[i].areas);
		r.ops->drain(r.b);
		cr_expect_eq(rig_state(&r).pooled_areas, cases[i].left, "of %u", cases[i].areas);
		cr_expect_eq(r.ops->work(r.b)->pool_decays, cases[i].areas - cases[i].left);
		rig_check(&r);
		r.ops->shrink(r.b);
		cr_expect_eq(rig_state(&r).pooled_areas, 0);
		cr_expect_eq(rig_state(&r).holes, 1);
		rig_check(&r);
		rig_close(&r);
	}
}

/* When addresses run out, what pools keep is to be had, and nothing is put into them. */
Test(pools, given_up_when_there_is_no_room)
{
	struct kmr_vmap_request all = { .node = -1 };
	struct vrig r;
	uint64_t a;

	open_with_cpus(&r, 2);
	a = rig_take_by(&r, 2, 0);
	rig_give(&r, a);
	r.ops->drain(r.b);
	cr_expect_eq(rig_state(&r).pooled_areas, 1);
	rig_give(&r, rig_take_by(&r, 4, 0));
	all.bytes = (UINT64_C(32) << 40) - PAGE;
	cr_expect_eq(r.ops->take(r.b, &all), r.base);
	cr_expect_eq(rig_state(&r).pooled_areas, 0);
	cr_expect_eq(rig_state(&r).largest_hole, PAGE - 1, "VMALLOC_END is a byte short of it");
	rig_check(&r);
	rig_close(&r);
}

/* What verification undoes goes back to the front of its pool; what the kernel took comes out of it. */
Test(pools, undone_and_told)
{
	struct kmr_vmap_request req = { .bytes = 2 * PAGE, .node = -1 };
	struct vrig r;
	uint64_t a[3];

	open_with_cpus(&r, 2);
	for (size_t i = 0; i < 3; i++)
		a[i] = rig_take_by(&r, 2, 0);
	for (size_t i = 0; i < 3; i++)
		rig_give(&r, a[i]);
	r.ops->drain(r.b);
	cr_expect_eq(rig_take_by(&r, 2, 0), a[2]);
	r.ops->untake(r.b, a[2]);
	cr_expect_eq(rig_state(&r).pooled_areas, 3);
	cr_expect_eq(r.ops->work(r.b)->pool_hits, 0);
	rig_check(&r);
	cr_expect_eq(r.ops->take_at(r.b, &req, a[1]), 0, "from the middle");
	cr_expect_eq(rig_state(&r).pooled_areas, 2);
	rig_check(&r);
	req.bytes = 4 * PAGE;
	cr_expect_eq(r.ops->take_at(r.b, &req, a[0]), -1, "two of a pool are no area of four");
	cr_expect_eq(rig_take_by(&r, 2, 0), a[2]);
	cr_expect_eq(rig_take_by(&r, 2, 0), a[0]);
	rig_check(&r);
	rig_close(&r);
}
