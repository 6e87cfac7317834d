// SPDX-License-Identifier: GPL-2.0-only
/* vm_map_ram(): blocks of a CPU for few pages, areas for many. */
#include "support.h"

static uint64_t map(struct vrig *r, uint32_t pages, unsigned int cpu)
{
	return r->ops->map_ram(r->b, pages, -1, cpu);
}

/* VMAP_BBMAP_BITS: 512 pages on i386 with four CPUs, 1024 with one or two and in 64 bits. */
Test(blocks, sizes)
{
	static const struct {
		const char *preset;
		uint32_t pages, largest;
	} cases[] = {
		{ "i386:ram=1280M", 512, 32 },
		{ "i386:ram=1280M,cpus=8", 256, 32 },
		{ "i386:ram=1280M,cpus=64", 64, 32 },
		{ "x86_64:ram=2G,cpus=4", 1024, 64 },
	};
	struct vrig r;

	for (size_t i = 0; i < 4; i++) {
		const uint64_t block = cases[i].pages * PAGE;
		uint64_t a;

		rig_open(&r, cases[i].preset, "augmented", 601, false);
		a = map(&r, 1, 0);
		cr_expect_eq(a, (r.base + block - 1) & ~(block - 1));
		cr_expect_eq(rig_state(&r).area_bytes, block, "%s", cases[i].preset);
		cr_expect_eq(rig_state(&r).blocks, 1);
		/* VMAP_MAX_ALLOC: as many pages as a word has bits */
		(void)map(&r, cases[i].largest, 0);
		cr_expect_eq(rig_state(&r).areas, 1);
		cr_expect_eq(map(&r, cases[i].largest + 1, 0), a + block, "an area of its own");
		cr_expect_eq(rig_state(&r).areas, 2);
		rig_check(&r);
		rig_close(&r);
	}
}

Test(blocks, handed_out_once)
{
	struct vrig r;
	uint64_t a, b;

	rig_open(&r, "i386:ram=1280M", "augmented", 601, false);
	a = map(&r, 3, 0);
	b = map(&r, 1, 0);
	cr_expect_eq(b, a + 4 * PAGE, "rounded to a power of two");
	cr_expect_eq(rig_state(&r).block_used, 5);
	cr_expect_eq(r.ops->unmap_ram(r.b, a, 3, 0), 0);
	cr_expect_eq(rig_state(&r).block_dirty, 4);
	cr_expect_eq(map(&r, 4, 0), b + PAGE, "what was unmapped is not used again");
	cr_expect_eq(r.ops->unmap_ram(r.b, a, 3, 0), -1);
	cr_expect_eq(r.ops->unmap_ram(r.b, b + PAGE, 8, 0), -1, "more than that");
	cr_expect_eq(r.ops->unmap_ram(r.b, b + 1, 1, 0), -1);
	cr_expect_eq(r.ops->unmap_ram(r.b, b, 0, 0), -1);
	cr_expect_eq(r.ops->unmap_ram(r.b, a + 512 * PAGE, 1, 0), -1, "no block there");
	cr_expect_eq(r.ops->unmap_ram(r.b, b, 64, 0), -1, "too many for a block");
	cr_expect_eq(r.ops->work(r.b)->bad_frees, 6);
	cr_expect_eq(map(&r, 0, 0), KMR_NO_ADDR);
	rig_check(&r);
	rig_close(&r);
}

Test(blocks, go_when_all_of_them_was_used)
{
	struct vrig r;
	uint64_t a[16];

	rig_open(&r, "i386:ram=1280M", "augmented", 601, false);
	for (size_t i = 0; i < 16; i++)
		a[i] = map(&r, 32, 0);
	cr_expect_eq(rig_state(&r).blocks, 1);
	rig_check(&r);
	cr_expect_eq(map(&r, 1, 0), a[0] + 512 * PAGE, "the next block");
	for (size_t i = 0; i < 16; i++) {
		cr_expect_eq(rig_state(&r).blocks, 2);
		cr_expect_eq(r.ops->unmap_ram(r.b, a[i], 32, 0), 0);
	}
	cr_expect_eq(rig_state(&r).blocks, 1);
	cr_expect_eq(rig_state(&r).lazy_pages, 512);
	cr_expect_eq(rig_state(&r).block_dirty, 0);
	rig_check(&r);
	rig_close(&r);
}

Test(blocks, each_cpu_has_its_own)
{
	struct vrig r;
	uint64_t a, b;

	rig_open(&r, "x86_64:ram=2G,cpus=2", "augmented", 601, false);
	a = map(&r, 1, 0);
	b = map(&r, 1, 1);
	cr_expect_eq(b, a + 1024 * PAGE);
	cr_expect_eq(map(&r, 1, 0), a + PAGE);
	/* another CPU may unmap */
	cr_expect_eq(r.ops->unmap_ram(r.b, a, 1, 1), 0);
	cr_expect_eq(map(&r, 1, 1), b + PAGE);
	cr_expect_neq(map(&r, 1, 999), KMR_NO_ADDR, "a CPU that is not there");
	rig_check(&r);
	rig_close(&r);
}

/* The first block with enough pages left, in the order in which they were made. */
Test(blocks, first_that_has_room)
{
	struct vrig r;
	uint64_t a;

	rig_open(&r, "i386:ram=1280M", "augmented", 601, false);
	a = map(&r, 1, 0);
	for (int i = 0; i < 15; i++)
		(void)map(&r, 32, 0);
	/* 31 pages are left */
	cr_expect_eq(map(&r, 32, 0), a + 512 * PAGE);
	cr_expect_eq(map(&r, 16, 0), a + 481 * PAGE);
	cr_expect_eq(map(&r, 16, 0), a + (512 + 32) * PAGE);
	cr_expect_eq(map(&r, 8, 0), a + 497 * PAGE);
	rig_check(&r);
	rig_close(&r);
}

/* Blocks without users that still had pages: purged when addresses run out, or aliases must go. */
Test(blocks, fragmented_ones_are_purged)
{
	struct vrig r;
	uint64_t a, b;

	rig_open(&r, "i386:ram=1280M", "augmented", 601, false);
	a = map(&r, 1, 0);
	cr_expect_eq(r.ops->unmap_ram(r.b, a, 1, 0), 0);
	r.ops->drain(r.b);
	cr_expect_eq(rig_state(&r).blocks, 1, "not by the work in the background");
	r.ops->purge(r.b);
	cr_expect_eq(rig_state(&r).blocks, 0);
	cr_expect_eq(rig_state(&r).lazy_pages, 0);
	cr_expect_eq(r.ops->work(r.b)->flushes, 1);
	a = map(&r, 1, 0);
	b = map(&r, 1, 0);
	cr_expect_eq(r.ops->unmap_ram(r.b, a, 1, 0), 0);
	r.ops->purge(r.b);
	cr_expect_eq(rig_state(&r).blocks, 1, "it has a user");
	cr_expect_eq(r.ops->work(r.b)->flushes, 2, "but what was unmapped must be flushed");
	r.ops->purge(r.b);
	cr_expect_eq(r.ops->work(r.b)->flushes, 3, "6.1 does not note that it was");
	cr_expect_eq(r.ops->unmap_ram(r.b, b, 1, 0), 0);
	/* all addresses: the block has to go for that */
	cr_expect_eq(rig_take(&r, 120 * MIB / PAGE), r.base);
	cr_expect_eq(rig_state(&r).blocks, 0);
	rig_check(&r);
	rig_close(&r);
}

/* Since 6.5 a block stays of which a quarter can still be handed out. */
Test(blocks, nearly_new_ones_are_kept)
{
	struct vrig r;
	uint64_t a, b;

	rig_open(&r, "x86_64", "augmented", 612, false);
	a = map(&r, 64, 0);
	cr_expect_eq(r.ops->unmap_ram(r.b, a, 64, 0), 0);
	r.ops->purge(r.b);
	cr_expect_eq(rig_state(&r).blocks, 1);
	cr_expect_eq(r.ops->work(r.b)->flushes, 1);
	r.ops->purge(r.b);
	cr_expect_eq(r.ops->work(r.b)->flushes, 1, "flushed before");
	/* 1024 pages: 15 * 64 used leave less than a quarter */
	for (int i = 0; i < 12; i++) {
		b = map(&r, 64, 0);
		cr_expect_eq(r.ops->unmap_ram(r.b, b, 64, 0), 0);
	}
	r.ops->purge(r.b);
	cr_expect_eq(rig_state(&r).blocks, 0);
	rig_check(&r);
	rig_close(&r);
}

Test(blocks, memory_runs_out)
{
	struct vrig r;

	rig_open(&r, "i386", "augmented", 601, false);
	r.left = 0;
	cr_expect_eq(map(&r, 8, 0), KMR_NO_ADDR, "no page table");
	cr_expect_eq(rig_state(&r).block_used, 0);
	cr_expect_eq(map(&r, 80, 0), KMR_NO_ADDR);
	rig_check(&r);
	r.left = UINT32_MAX;
	cr_expect_neq(map(&r, 8, 0), KMR_NO_ADDR);
	rig_close(&r);
	for (uint32_t left = 0; left < 2; left++) {
		rig_open(&r, "i386", "rbtree", 601, false);
		r.objects_left = left;
		cr_expect_eq(map(&r, 8, 0), KMR_NO_ADDR, "%u", left);
		cr_expect_eq(r.objects, 0);
		rig_check(&r);
		rig_close(&r);
	}
}

/* Parameter block_order; a block is always larger than what a small map may take. */
Test(blocks, order)
{
	struct vrig r;

	rig_open(&r, "i386", "augmented,block_order=8", 601, false);
	(void)map(&r, 1, 0);
	cr_expect_eq(rig_state(&r).area_bytes, 256 * PAGE);
	rig_close(&r);
	rig_open(&r, "x86_64", "rbtree,block_order=3", 601, false);
	(void)map(&r, 64, 0);
	cr_expect_eq(rig_state(&r).area_bytes, 128 * PAGE);
	rig_check(&r);
	rig_close(&r);
}
