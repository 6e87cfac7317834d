// SPDX-License-Identifier: GPL-2.0-only
/* The space at one moment, and whether everything in it adds up. */
#include <inttypes.h>

#include "vmap/vmap.h"

struct holes {
	const struct kmr_address_space *space;
	struct kmr_vmap_state *state;
};

/* The part of a gap that lies in vmalloc's space. */
static void count_hole(void *ctx, uint64_t start, uint64_t end)
{
	const struct holes *h = ctx;
	struct kmr_vmap_state *s = h->state;

	start = start > h->space->vmalloc_start ? start : h->space->vmalloc_start;
	end = end < h->space->vmalloc_end ? end : h->space->vmalloc_end;
	if (start >= end)
		return;
	s->holes++;
	s->hole_bytes += end - start;
	if (end - start > s->largest_hole)
		s->largest_hole = end - start;
}

void kmr_vmap_state(const struct kmr_vmap_backend *b, struct kmr_vmap_state *state)
{
	struct holes holes = { &b->space, state };

	*state = (struct kmr_vmap_state){
		.lazy_areas = b->model->lazy_areas(b),
		.lazy_pages = b->lazy_pages,
		.pooled_areas = b->pooled_areas,
		.pooled_pages = b->pooled_pages,
		.blocks = b->nr_blocks,
		.block_used = b->block_used,
		.block_dirty = b->block_dirty,
		.pages = b->pages,
		.table_pages = b->table_pages,
		.object_bytes = b->object_bytes,
	};
	for (uint32_t n = b->busy.first; n; n = kmr_vmap_area(b, n)->next) {
		const struct vmap_area *a = kmr_vmap_area(b, n);

		if (a->lazy)
			continue;
		state->areas++;
		state->area_bytes += kmr_vmap_size(a);
	}
	b->model->holes(b, count_hole, &holes);
}

static int check_pages(const struct kmr_vmap_backend *b, const struct vmap_area *a,
		       struct kmr_error *err)
{
	const uint32_t chunks = (a->nr_pages + VMAP_CHUNK_FRAMES - 1) / VMAP_CHUNK_FRAMES;
	uint32_t found = 0;

	/* one page of it is the guard */
	if (kmr_vmap_pages(b, a) != (uint64_t)a->nr_pages + 1)
		return kmr_fail(err,
				"vmap: the area at 0x%" PRIx64 " is of %" PRIu64
				" pages and holds %" PRIu32,
				a->start, kmr_vmap_pages(b, a), a->nr_pages);
	for (uint32_t n = a->pages; n && found <= chunks;) {
		const struct vmap_chunk *c = kmr_pool_at(&b->chunks, n);

		found++;
		n = c->next;
	}
	if (found == chunks)
		return 0;
	return kmr_fail(err,
			"vmap: the frames of area 0x%" PRIx64 " lie in %" PRIu32
			" chunks, not %" PRIu32,
			a->start, found, chunks);
}

int kmr_vmap_check(const struct kmr_vmap_backend *b, struct kmr_error *err)
{
	uint64_t pages = 0;

	if (b->model->check(b, err) || kmr_vmap_blocks_check(b, err))
		return -1;
	for (uint32_t n = b->busy.first; n; n = kmr_vmap_area(b, n)->next) {
		const struct vmap_area *a = kmr_vmap_area(b, n);

		if (a->kind != VMAP_VMALLOC)
			continue;
		if (check_pages(b, a, err))
			return -1;
		pages += a->nr_pages;
	}
	if (pages == b->pages)
		return 0;
	return kmr_fail(err, "vmap: areas hold %" PRIu64 " pages, noted are %" PRIu64, pages,
			b->pages);
}
