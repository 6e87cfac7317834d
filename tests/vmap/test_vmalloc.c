// SPDX-License-Identifier: GPL-2.0-only
/* vmalloc(), vmap(): their pages, own objects, page tables and guard pages. */
#include "support.h"

static uint64_t alloc(struct vrig *r, uint64_t bytes, uint32_t gfp, int16_t node, uint16_t cpu)
{
	const struct kmr_vmap_request req = {
		.bytes = bytes, .gfp = gfp, .node = node, .cpu = cpu
	};

	return r->ops->alloc(r->b, &req);
}

/* An area is a page longer than asked for, and that page has nothing behind it. */
Test(vmalloc, guard_pages)
{
	struct vrig r;
	uint64_t a, b;

	rig_open(&r, "i386:ram=1280M", "augmented", 601, false);
	a = alloc(&r, 1, KMR_GFP_KERNEL, -1, 0);
	b = alloc(&r, 4096, KMR_GFP_KERNEL, -1, 0);
	cr_expect_eq(a, r.base);
	cr_expect_eq(b, a + 2 * PAGE);
	cr_expect_eq(alloc(&r, 4097, KMR_GFP_KERNEL, -1, 0), b + 2 * PAGE);
	cr_expect_eq(alloc(&r, 1, KMR_GFP_KERNEL, -1, 0), b + 5 * PAGE);
	cr_expect_eq(rig_state(&r).pages, 5);
	cr_expect_eq(rig_state(&r).area_bytes, 9 * PAGE);
	rig_check(&r);
	rig_close(&r);
}

Test(vmalloc, flags_of_pages)
{
	static const struct {
		uint32_t asked, pages;
	} cases[] = {
		{ KMR_GFP_KERNEL, KMR_GFP_KERNEL | KMR_GFP_HIGHMEM | KMR_GFP_NOWARN },
		{ KMR_GFP_KERNEL | KMR_GFP_HIGHMEM | KMR_GFP_ZERO,
		  KMR_GFP_KERNEL | KMR_GFP_HIGHMEM | KMR_GFP_ZERO | KMR_GFP_NOWARN },
		{ KMR_GFP_KERNEL | KMR_GFP_DMA, KMR_GFP_KERNEL | KMR_GFP_DMA | KMR_GFP_NOWARN },
		{ KMR_GFP_KERNEL | KMR_GFP_DMA32, KMR_GFP_KERNEL | KMR_GFP_DMA32 | KMR_GFP_NOWARN },
	};
	struct vrig r;

	rig_open(&r, "x86_64:ram=2G,nodes=2,cpus=4", "augmented", 601, false);
	/* the first has its page tables made last: another kind of request */
	(void)alloc(&r, 1, KMR_GFP_KERNEL, -1, 0);
	cr_expect_eq(r.last.gfp, KMR_GFP_KERNEL | KMR_GFP_ZERO);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)alloc(&r, 3 * PAGE, cases[i].asked, -1, 3);
		cr_expect_eq(r.last.gfp, cases[i].pages, "%zu: 0x%x", i, r.last.gfp);
		cr_expect_eq(r.last.order, 0);
		cr_expect_eq(r.last.cpu, 3);
		cr_expect_eq(r.last.node, 1, "of the CPU");
		/* the array of pages is a kmalloc() that may do as much as the request */
		cr_expect_eq(r.object_gfp, KMR_GFP_KERNEL | KMR_GFP_ZERO);
	}
	(void)alloc(&r, PAGE, KMR_GFP_KERNEL, 0, 3);
	cr_expect_eq(r.last.node, 0, "asked for");
	(void)alloc(&r, PAGE, KMR_GFP_IO | KMR_GFP_RECLAIM | KMR_GFP_HARDWALL, 0, 3);
	cr_expect_eq(r.object_gfp, KMR_GFP_IO | KMR_GFP_RECLAIM | KMR_GFP_ZERO);
	rig_close(&r);
}

/* Pointers to pages beyond one page are in an area themselves: 1024 of them in 32 bits, 512 in 64. */
Test(vmalloc, arrays_of_pages)
{
	static const struct {
		const char *preset;
		uint32_t most;
	} cases[] = { { "i386:ram=1280M", 1024 }, { "x86_64:ram=2G", 512 } };
	struct vrig r;

	for (size_t i = 0; i < 2; i++) {
		uint64_t a;

		rig_open(&r, cases[i].preset, "augmented", 601, false);
		a = rig_alloc(&r, cases[i].most);
		cr_expect_eq(r.largest_object, 4096);
		cr_expect_eq(rig_state(&r).areas, 1);
		cr_expect_eq(r.ops->free(r.b, a, 0), 0);
		r.largest_object = 0;
		a = rig_alloc(&r, cases[i].most + 1);
		/* two pages of pointers, and an array for those two */
		cr_expect_lt(r.largest_object, 4096u);
		cr_expect_eq(rig_state(&r).areas, 2);
		cr_expect_eq(rig_state(&r).pages, cases[i].most + 1 + 2);
		rig_check(&r);
		cr_expect_eq(r.ops->free(r.b, a, 0), 0);
		cr_expect_eq(rig_state(&r).areas, 0);
		cr_expect_eq(rig_state(&r).pages, 0);
		cr_expect_eq(r.taken, rig_state(&r).table_pages);
		rig_check(&r);
		rig_close(&r);
	}
}

/* Two levels down: 2^18 pages need 512 of pointers, whose own pointers fill just a page. */
Test(vmalloc, arrays_of_arrays)
{
	struct vrig r;
	uint64_t a;

	rig_open(&r, "x86_64:ram=2G", "augmented", 601, false);
	a = rig_alloc(&r, 262144);
	cr_expect_eq(rig_state(&r).areas, 2);
	cr_expect_eq(r.ops->free(r.b, a, 0), 0);
	a = rig_alloc(&r, 262145);
	cr_expect_eq(rig_state(&r).areas, 3);
	cr_expect_eq(rig_state(&r).pages, 262145 + 513 + 2);
	rig_check(&r);
	cr_expect_eq(r.ops->free(r.b, a, 0), 0);
	cr_expect_eq(rig_state(&r).pages, 0);
	rig_close(&r);
}

/* A page of entries for each 4 MiB, 2 MiB with PAE and in 64 bits, once and for all. */
Test(vmalloc, page_tables)
{
	struct vrig r;
	uint64_t a;

	rig_open(&r, "i386:ram=1280M", "rbtree", 601, false);
	/* up to 2 pages before the next 4 MiB begin */
	a = rig_alloc(&r, 1);
	cr_expect_eq(rig_state(&r).table_pages, 1);
	(void)rig_alloc(&r, 1024);
	cr_expect_eq(rig_state(&r).table_pages, 2);
	(void)rig_alloc(&r, 1);
	/* 1025 pages above: the last 4 MiB have begun with the guard page */
	cr_expect_eq(rig_state(&r).table_pages, 3);
	cr_expect_eq(r.ops->free(r.b, a, 0), 0);
	r.ops->purge(r.b);
	cr_expect_eq(rig_state(&r).table_pages, 3, "never given back");
	(void)rig_alloc(&r, 1);
	cr_expect_eq(rig_state(&r).table_pages, 3);
	rig_close(&r);

	rig_open(&r, "x86_64:ram=2G", "augmented", 601, false);
	(void)rig_alloc(&r, 1);
	cr_expect_eq(rig_state(&r).table_pages, 2, "and one for a GiB above them");
	(void)rig_alloc(&r, 1024);
	cr_expect_eq(rig_state(&r).table_pages, 4);
	cr_expect_eq(r.ops->work(r.b)->table_allocs, 4);
	rig_close(&r);
}

Test(vmalloc, pages_go_back_in_order)
{
	struct vrig r;
	uint64_t a;

	rig_open(&r, "i386", "augmented", 601, false);
	a = rig_alloc(&r, 40);
	cr_expect_eq(r.ops->free(r.b, a, 0), 0);
	cr_expect_eq(r.first_freed, 1);
	cr_expect_eq(r.last_freed, 40);
	cr_expect_eq(r.ops->free(r.b, a, 0), -1);
	cr_expect_eq(r.ops->unmap(r.b, a, 0), -1);
	cr_expect_eq(r.ops->work(r.b)->bad_frees, 2);
	cr_expect_eq(r.ops->work(r.b)->page_allocs, 40);
	cr_expect_eq(r.ops->work(r.b)->page_frees, 40);
	rig_close(&r);
}

/* Whatever runs out on the way, nothing stays behind but addresses that wait for a purge. */
Test(vmalloc, memory_runs_out)
{
	static const char *const specs[] = { "augmented", "rbtree" };
	struct vrig r;

	for (size_t i = 0; i < 2; i++) {
		uint32_t objects;

		rig_open(&r, "i386", specs[i], 601, false);
		(void)rig_alloc(&r, 1);
		objects = r.objects;
		for (uint32_t left = 0; left < 1501; left += 100) {
			r.left = left;
			cr_expect_eq(rig_alloc(&r, 1500), KMR_NO_ADDR, "%u", left);
			cr_expect_eq(r.taken, 1 + rig_state(&r).table_pages);
			cr_expect_eq(rig_state(&r).areas, 1);
			rig_check(&r);
			r.ops->purge(r.b);
			rig_check(&r);
		}
		/* pages for all, and for the array, but none for the page tables */
		r.left = 1502 + 1;
		cr_expect_eq(rig_alloc(&r, 1500 * 2), KMR_NO_ADDR);
		/* the augmented model keeps an area for the next cut in the middle */
		cr_expect_leq(r.objects, objects + 4);
		r.left = UINT32_MAX;
		for (uint32_t left = 0; left < 3; left++) {
			r.objects_left = left;
			cr_expect_eq(rig_alloc(&r, 100), KMR_NO_ADDR, "%u objects", left);
			rig_check(&r);
		}
		r.objects_left = UINT32_MAX;
		cr_expect_neq(rig_alloc(&r, 100), KMR_NO_ADDR);
		rig_check(&r);
		rig_close(&r);
	}
}

Test(vmalloc, more_than_there_is)
{
	struct vrig r;

	rig_open(&r, "x86_64:ram=1G", "augmented", 601, false);
	cr_expect_eq(alloc(&r, GIB, KMR_GFP_KERNEL, -1, 0), KMR_NO_ADDR);
	cr_expect_eq(alloc(&r, UINT64_MAX, KMR_GFP_KERNEL, -1, 0), KMR_NO_ADDR);
	cr_expect_eq(alloc(&r, 0, KMR_GFP_KERNEL, -1, 0), KMR_NO_ADDR);
	cr_expect_eq(r.taken, 0);
	cr_expect_eq(r.ops->work(r.b)->no_room, 3);
	cr_expect_eq(rig_state(&r).areas, 0);
	rig_close(&r);
}

Test(vmalloc, vmap_of_others_pages)
{
	struct kmr_vmap_request req = { .bytes = 3 * PAGE, .gfp = KMR_GFP_KERNEL, .node = -1 };
	struct vrig r;
	uint64_t a;

	rig_open(&r, "i386", "augmented", 601, false);
	a = r.ops->map(r.b, &req);
	cr_expect_eq(a, r.base);
	cr_expect_eq(r.ops->map(r.b, &req), a + 4 * PAGE, "a guard page here, too");
	cr_expect_eq(rig_state(&r).pages, 0);
	cr_expect_eq(r.taken, rig_state(&r).table_pages);
	cr_expect_eq(r.ops->free(r.b, a, 0), -1, "vunmap()'s, not vfree()'s");
	cr_expect_eq(r.ops->unmap(r.b, a, 0), 0);
	cr_expect_eq(r.ops->unmap(r.b, a, 0), -1);
	cr_expect_eq(rig_state(&r).lazy_pages, 4);
	r.left = 0;
	req.bytes = 64 * MIB;
	cr_expect_eq(r.ops->map(r.b, &req), KMR_NO_ADDR, "no page tables");
	rig_check(&r);
	rig_close(&r);
}

/* struct vmap_area, struct vm_struct, the array; and one area that the CPU keeps for a cut. */
Test(vmalloc, own_objects)
{
	struct vrig r;
	uint64_t a;

	rig_open(&r, "x86_64", "augmented", 612, false);
	a = rig_alloc(&r, 3);
	/* 6.12's struct vmap_area has 72 bytes, as in the captures; twice; vm_struct as many */
	cr_expect_eq(r.object_bytes, 72 + 72 + 72 + 3 * 8);
	/* the second area was used for what lies below vmalloc's space */
	cr_expect_eq(rig_state(&r).object_bytes, r.object_bytes);
	cr_expect_eq(r.ops->free(r.b, a, 0), 0);
	/* the area waits; the hole below vmalloc's space has the other, and then is all there is */
	cr_expect_eq(r.objects, 2);
	r.ops->purge(r.b);
	cr_expect_eq(r.objects, 1);
	rig_close(&r);
	rig_open(&r, "x86_64", "augmented", 601, false);
	(void)rig_alloc(&r, 3);
	cr_expect_eq(r.object_bytes, 64 + 64 + 64 + 3 * 8);
	rig_close(&r);
	rig_open(&r, "i386", "rbtree", 601, false);
	(void)rig_alloc(&r, 3);
	cr_expect_eq(r.object_bytes, 32 + 32 + 3 * 4);
	rig_close(&r);
}

/* alloc_pages_bulk() since 5.13, at most 100 pages a call */
Test(vmalloc, bulk_calls)
{
	struct vrig r;

	rig_open(&r, "i386", "augmented", 601, false);
	(void)rig_alloc(&r, 100);
	cr_expect_eq(r.ops->work(r.b)->bulk_calls, 1);
	(void)rig_alloc(&r, 101);
	cr_expect_eq(r.ops->work(r.b)->bulk_calls, 3);
	rig_close(&r);
	rig_open(&r, "i386", "rbtree", 601, false);
	(void)rig_alloc(&r, 100);
	cr_expect_eq(r.ops->work(r.b)->bulk_calls, 0, "kernels before 5.2 had none");
	rig_close(&r);
}
