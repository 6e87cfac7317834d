// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks of small maps: vm_map_ram() of few pages takes them from a block of its CPU, each time the
 * next 2^n, and what is unmapped is not used again until the whole block has been.
 * mm/vmalloc.c: vb_alloc(), vb_free(), purge_fragmented_blocks().
 */
#include <inttypes.h>

#include "kmreplay/gfp.h"
#include "vmap/vmap.h"

/* struct vmap_block; the bitmap since 6.5 */
static uint32_t object_bytes(const struct kmr_vmap_backend *b)
{
	const uint32_t word = b->space.pointer_bytes;

	return 12 * word + (b->rules->keep_blocks ? b->block_pages / 8 + word : 0);
}

static void enlist(struct kmr_vmap_backend *b, uint32_t n)
{
	struct vmap_block *vb = kmr_vmap_block(b, n);
	struct vmap_list *queue = &b->queues[vb->cpu];

	vb->listed = true;
	vb->prev = queue->last;
	vb->next = 0;
	if (queue->last)
		kmr_vmap_block(b, queue->last)->next = n;
	else
		queue->first = n;
	queue->last = n;
	queue->count++;
}

static void unlist(struct kmr_vmap_backend *b, uint32_t n)
{
	struct vmap_block *vb = kmr_vmap_block(b, n);
	struct vmap_list *queue = &b->queues[vb->cpu];

	vb->listed = false;
	if (vb->prev)
		kmr_vmap_block(b, vb->prev)->next = vb->next;
	else
		queue->first = vb->next;
	if (vb->next)
		kmr_vmap_block(b, vb->next)->prev = vb->prev;
	else
		queue->last = vb->prev;
	queue->count--;
}

static void set_used(struct vmap_block *vb, uint32_t from, uint32_t pages, bool used)
{
	for (uint32_t p = from; p < from + pages; p++)
		if (used)
			vb->used[p / 64] |= UINT64_C(1) << p % 64;
		else
			vb->used[p / 64] &= ~(UINT64_C(1) << p % 64);
}

static bool all_used(const struct vmap_block *vb, uint32_t from, uint32_t pages)
{
	for (uint32_t p = from; p < from + pages; p++)
		if (!(vb->used[p / 64] >> p % 64 & 1))
			return false;
	return true;
}

/* A new one, in its CPU's queue; 0: no room or no memory. */
static uint32_t new_block(struct kmr_vmap_backend *b, int node, unsigned int cpu)
{
	const struct vmap_want want = {
		.size = b->block_pages * b->page_bytes,
		.align = b->block_pages * b->page_bytes,
		.start = b->space.vmalloc_start,
		.end = b->space.vmalloc_end,
		.gfp = KMR_GFP_KERNEL,
		.node = (int16_t)node,
		.cpu = (uint16_t)cpu,
		.kind = VMAP_BLOCK,
	};
	const kmr_obj_t object = kmr_vmap_object_new(b, object_bytes(b), KMR_GFP_KERNEL, node, cpu);
	const uint32_t n = object == KMR_NO_OBJ ? 0 : kmr_pool_get(&b->blocks);
	const uint32_t area = n ? kmr_vmap_take_area(b, &want) : 0;
	struct vmap_block *vb;

	if (!area) {
		if (n)
			kmr_pool_put(&b->blocks, n);
		kmr_vmap_object_free(b, object, object_bytes(b), cpu);
		return 0;
	}
	vb = kmr_vmap_block(b, n);
	vb->area = area;
	vb->object = object;
	vb->free = b->block_pages;
	vb->cpu = (uint16_t)cpu;
	kmr_vmap_area(b, area)->pages = n;
	enlist(b, n);
	b->nr_blocks++;
	b->work.blocks++;
	return n;
}

static void free_block(struct kmr_vmap_backend *b, uint32_t n, unsigned int cpu)
{
	const struct vmap_block *vb = kmr_vmap_block(b, n);
	const uint32_t area = vb->area;

	b->block_dirty -= vb->dirty;
	b->nr_blocks--;
	b->work.block_frees++;
	kmr_vmap_object_free(b, vb->object, object_bytes(b), cpu);
	kmr_pool_put(&b->blocks, n);
	kmr_vmap_give_area(b, area, cpu);
}

uint64_t kmr_vmap_block_alloc(struct kmr_vmap_backend *b, uint32_t pages, int node,
			      unsigned int cpu)
{
	uint32_t n = b->queues[cpu].first, from;
	struct vmap_block *vb;

	while (n && kmr_vmap_block(b, n)->free < pages)
		n = kmr_vmap_block(b, n)->next;
	if (!n)
		n = new_block(b, node, cpu);
	if (!n)
		return KMR_NO_ADDR;
	vb = kmr_vmap_block(b, n);
	from = b->block_pages - vb->free;
	vb->free -= pages;
	set_used(vb, from, pages, true);
	b->block_used += pages;
	if (!vb->free)
		unlist(b, n);
	return kmr_vmap_area(b, vb->area)->start + from * b->page_bytes;
}

int kmr_vmap_block_release(struct kmr_vmap_backend *b, uint32_t area, uint64_t addr, uint32_t pages,
			   unsigned int cpu)
{
	const uint32_t n = kmr_vmap_area(b, area)->pages;
	const uint64_t from = (addr - kmr_vmap_area(b, area)->start) / b->page_bytes;
	struct vmap_block *vb = kmr_vmap_block(b, n);

	if (from + pages > b->block_pages || !all_used(vb, (uint32_t)from, pages))
		return -1;
	set_used(vb, (uint32_t)from, pages, false);
	vb->dirty += pages;
	vb->unflushed = true;
	b->block_used -= pages;
	b->block_dirty += pages;
	/* everything was handed out once: it is on no list */
	if (vb->dirty == b->block_pages)
		free_block(b, n, cpu);
	return 0;
}

static bool is_without_users(const struct kmr_vmap_backend *b, const struct vmap_block *vb)
{
	return vb->free + vb->dirty == b->block_pages && vb->dirty;
}

void kmr_vmap_blocks_purge(struct kmr_vmap_backend *b, bool all)
{
	for (unsigned int cpu = 0; cpu < b->c.machine->nr_cpus; cpu++) {
		uint32_t next;

		for (uint32_t n = b->queues[cpu].first; n; n = next) {
			const struct vmap_block *vb = kmr_vmap_block(b, n);

			next = vb->next;
			/* VMAP_PURGE_THRESHOLD */
			if (!is_without_users(b, vb) || (!all && vb->free >= b->block_pages / 4))
				continue;
			unlist(b, n);
			free_block(b, n, cpu);
		}
	}
}

bool kmr_vmap_blocks_dirty(struct kmr_vmap_backend *b)
{
	bool dirty = false;

	/* one that is full, and so in no queue, is looked at since 6.5 only */
	for (uint32_t n = b->busy.first; n; n = kmr_vmap_area(b, n)->next) {
		struct vmap_block *vb;

		if (kmr_vmap_area(b, n)->kind != VMAP_BLOCK)
			continue;
		vb = kmr_vmap_block(b, kmr_vmap_area(b, n)->pages);
		if (!b->rules->keep_blocks && !vb->listed)
			continue;
		dirty |= vb->unflushed;
		if (b->rules->keep_blocks)
			vb->unflushed = false;
	}
	return dirty;
}

static int check_block(const struct kmr_vmap_backend *b, const struct vmap_area *a,
		       struct kmr_error *err)
{
	const struct vmap_block *vb = kmr_vmap_block(b, a->pages);
	uint32_t used = 0;

	for (unsigned int i = 0; i < VMAP_BLOCK_WORDS; i++)
		used += (uint32_t)__builtin_popcountll(vb->used[i]);
	if (used + vb->free + vb->dirty != b->block_pages ||
	    kmr_vmap_size(a) != b->block_pages * b->page_bytes || a->start & (kmr_vmap_size(a) - 1))
		return kmr_fail(err,
				"vmap: the block at 0x%" PRIx64 " has %" PRIu32 " pages in use, "
				"%" PRIu32 " free, %" PRIu32 " dirty: not %" PRIu32,
				a->start, used, vb->free, vb->dirty, b->block_pages);
	if (vb->listed != (vb->free != 0))
		return kmr_fail(err,
				"vmap: the block at 0x%" PRIx64 " has %" PRIu32
				" pages to hand out and is %sin a queue",
				a->start, vb->free, vb->listed ? "" : "not ");
	return 0;
}

static int check_queues(const struct kmr_vmap_backend *b, uint32_t listed, struct kmr_error *err)
{
	uint32_t queued = 0;

	for (unsigned int cpu = 0; cpu < b->c.machine->nr_cpus; cpu++) {
		uint32_t prev = 0;

		for (uint32_t n = b->queues[cpu].first; n && queued <= listed;
		     prev = n, n = kmr_vmap_block(b, n)->next) {
			if (kmr_vmap_block(b, n)->prev != prev || kmr_vmap_block(b, n)->cpu != cpu)
				return kmr_fail(err, "vmap: CPU %u's queue of blocks is damaged",
						cpu);
			queued++;
		}
	}
	if (queued == listed)
		return 0;
	return kmr_fail(err, "vmap: %" PRIu32 " blocks are in queues, %" PRIu32 " should be",
			queued, listed);
}

int kmr_vmap_blocks_check(const struct kmr_vmap_backend *b, struct kmr_error *err)
{
	uint64_t dirty = 0, used = 0;
	uint32_t blocks = 0, listed = 0;

	for (uint32_t n = b->busy.first; n; n = kmr_vmap_area(b, n)->next) {
		const struct vmap_area *a = kmr_vmap_area(b, n);
		const struct vmap_block *vb;

		if (a->kind != VMAP_BLOCK)
			continue;
		if (check_block(b, a, err))
			return -1;
		vb = kmr_vmap_block(b, a->pages);
		blocks++;
		listed += vb->listed;
		dirty += vb->dirty;
		used += b->block_pages - vb->free - vb->dirty;
	}
	if (blocks != b->nr_blocks || dirty != b->block_dirty || used != b->block_used)
		return kmr_fail(err,
				"vmap: %" PRIu32 " blocks with %" PRIu64
				" pages in use and %" PRIu64 " dirty, noted are %" PRIu32
				", %" PRIu64 " and %" PRIu64,
				blocks, used, dirty, b->nr_blocks, b->block_used, b->block_dirty);
	return check_queues(b, listed, err);
}
