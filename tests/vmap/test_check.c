// SPDX-License-Identifier: GPL-2.0-only
/* What does not add up is found, and said: every count and link damaged in turn. */
#include "support.h"

#include "vmap/vmap.h"

/* An area of 20 pages, one freed, one of addresses, and a block with a map in it. */
static struct kmr_vmap_backend *furnish(struct vrig *r, const char *preset, const char *spec)
{
	uint64_t freed;

	rig_open(r, preset, spec, 612, false);
	cr_assert_eq(rig_alloc(r, 20), r->base);
	freed = rig_take(r, 3);
	(void)rig_take(r, 1);
	cr_assert_neq(r->ops->map_ram(r->b, 4, -1, 0), KMR_NO_ADDR);
	rig_give(r, freed);
	rig_check(r);
	return r->b;
}

/* The number at @field is @wrong for a moment, which is said as @message. */
static void damaged(const struct vrig *r, void *field, size_t size, uint64_t wrong,
		    const char *message)
{
	struct kmr_error err = { "" };
	uint64_t right = 0;

	memcpy(&right, field, size);
	memcpy(field, &wrong, size);
	cr_expect_eq(r->ops->check(r->b, &err), -1, "%s", message);
	cr_expect_str_eq(err.msg, message);
	memcpy(field, &right, size);
	rig_check(r);
}

#define DAMAGED(field, wrong, message) damaged(&r, &(field), sizeof(field), wrong, message)

Test(check, areas)
{
	struct vrig r;
	struct kmr_vmap_backend *b = furnish(&r, "x86_64", "augmented");
	struct vmap_area *area = kmr_vmap_area(b, kmr_vmap_begins_at(b, r.base));
	struct vmap_chunk *chunk = kmr_pool_at(&b->chunks, area->pages);

	DAMAGED(b->lazy_pages, 7, "vmap: 3 pages were freed and wait, noted are 7");
	DAMAGED(b->pages, 7, "vmap: areas hold 20 pages, noted are 7");
	DAMAGED(area->nr_pages, 19,
		"vmap: the area at 0xffffc90000000000 is of 21 pages and holds 19");
	DAMAGED(chunk->next, 0,
		"vmap: the frames of area 0xffffc90000000000 lie in 1 chunks, not 2");
	DAMAGED(b->space_end, UINT64_MAX - 1,
		"vmap: areas and holes are 0xfffffffffffffffe bytes together, not "
		"0xfffffffffffffffd");
	DAMAGED(b->busy.count, 9, "vmap: the busy tree counts 9 areas, found 3");
	DAMAGED(b->free.count, 9, "vmap: the free tree counts 9 areas, found 3");
	DAMAGED(b->nodes[0].lazy.count, 9, "vmap: the lazy tree counts 9 areas, found 1");
	rig_close(&r);
}

Test(check, holes)
{
	struct vrig r;
	struct kmr_vmap_backend *b = furnish(&r, "x86_64", "augmented");
	struct vmap_area *area = kmr_vmap_area(b, kmr_vmap_begins_at(b, r.base));
	struct vmap_area *low = kmr_vmap_area(b, b->free.first);
	struct vmap_area *high = kmr_vmap_area(b, low->next);
	struct kmr_error err = { "" };

	/* a hole that reaches into the area above it, with everything above made to fit */
	low->end += PAGE;
	kmr_vmap_tree_resized(&b->free, b->free.first);
	cr_expect_eq(r.ops->check(b, &err), -1);
	cr_expect_str_eq(err.msg, "vmap: area 0xffffc90000000000 is in use and free");
	low->end = high->start;
	kmr_vmap_tree_resized(&b->free, b->free.first);
	cr_expect_eq(r.ops->check(b, &err), -1);
	cr_expect(strstr(err.msg, "touch and are two"), "%s", err.msg);
	low->end = area->start;
	kmr_vmap_tree_resized(&b->free, b->free.first);
	rig_check(&r);
	rig_close(&r);
}

Test(check, pools)
{
	struct vrig r;
	struct kmr_vmap_backend *b = furnish(&r, "x86_64:ram=2G,cpus=2", "augmented");
	struct vmap_area *pooled;

	r.ops->drain(b);
	rig_check(&r);
	pooled = kmr_vmap_area(b, b->nodes[0].pools[2].first);
	DAMAGED(b->pooled_areas, 2, "vmap: pools hold 1 areas of 3 pages, noted are 2 of 3");
	DAMAGED(b->nodes[0].pools[2].count, 2, "vmap: a pool for 3 pages counts 2 areas, found 1");
	DAMAGED(pooled->prev, 1,
		"vmap: area 0xffffc90000015000 is in the pool for 3 pages and has 3");
	rig_close(&r);
}

Test(check, blocks)
{
	struct vrig r;
	struct kmr_vmap_backend *b = furnish(&r, "i386:ram=1280M", "augmented");
	struct vmap_block *vb = kmr_vmap_block(b, 1);

	DAMAGED(b->block_used, 5,
		"vmap: 1 blocks with 4 pages in use and 0 dirty, noted are 1, 5 and 0");
	DAMAGED(vb->dirty, 1,
		"vmap: the block at 0xf7e00000 has 4 pages in use, 508 free, 1 dirty: "
		"not 512");
	DAMAGED(vb->listed, 0,
		"vmap: the block at 0xf7e00000 has 508 pages to hand out and is not in a queue");
	DAMAGED(vb->cpu, 3, "vmap: CPU 0's queue of blocks is damaged");
	DAMAGED(b->queues[0].first, 0, "vmap: 0 blocks are in queues, 1 should be");
	rig_close(&r);
}

Test(check, rbtree)
{
	struct vrig r;
	struct kmr_vmap_backend *b = furnish(&r, "i386:ram=1280M", "rbtree");
	const uint32_t freed = b->lazy.first;

	DAMAGED(b->lazy.count, 2, "vmap: 1 areas of 3 pages were freed and wait, noted are 2 of 3");
	DAMAGED(b->lazy_pages, 4, "vmap: 1 areas of 3 pages were freed and wait, noted are 1 of 4");
	DAMAGED(b->lazy.first, 0, "vmap: 1 areas of 3 pages were freed and wait, noted are 1 of 3");
	cr_expect_eq(b->lazy.first, freed);
	DAMAGED(kmr_vmap_area(b, b->cache.area)->start, 0x1000,
		"vmap: area 0x1000-0xf8000000 is out of order in the busy tree");
	rig_close(&r);
}
