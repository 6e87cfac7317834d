// SPDX-License-Identifier: GPL-2.0-only
/*
 * SLOB's heap: which block a request gets, and where freed ones go (mm/slob.c: slob_page_alloc(),
 * slob_alloc(), slob_free()).
 */
#include <string.h>

#include "kmreplay/gfp.h"
#include "object/slob.h"

/*
 * The first block with room for the request once its start is aligned (slob_page_alloc()).  What
 * is aligned is the object, not the header in front of it.
 */
static bool search_page(const struct kmr_slob_page *page, const struct kmr_slob_request *req,
			struct kmr_slob_spot *spot, uint64_t *steps)
{
	const unsigned int units = kmr_slob_units(req->bytes);

	for (unsigned int i = 0; i < page->nr_blocks; i++) {
		const struct kmr_slob_block *block = &page->blocks[i];
		const uint32_t object = block->start * KMR_SLOB_UNIT + req->header;
		const uint32_t aligned = (object + req->align - 1) & ~(req->align - 1);
		const unsigned int delta = (aligned - object) / KMR_SLOB_UNIT;

		++*steps;
		if (block->units >= units + delta) {
			spot->block = i;
			spot->start = block->start + delta;
			return true;
		}
	}
	return false;
}

bool kmr_slob_search(const struct kmr_object_backend *b, const struct kmr_slob_request *req,
		     struct kmr_slob_spot *spot, uint64_t *steps)
{
	const unsigned int units = kmr_slob_units(req->bytes);
	uint32_t number = b->heads[kmr_slob_list_of(req->bytes)];

	for (; number; number = spot->page->next) {
		spot->page = kmr_slob_page(b, number);
		spot->number = number;
		++*steps;
		if (req->node >= 0 && spot->page->node != req->node)
			continue;
		if (spot->page->free_units >= units && search_page(spot->page, req, spot, steps))
			return true;
	}
	return false;
}

/* A page all free at the head of the request's list (the second half of slob_alloc()). */
static bool grow(struct kmr_object_backend *b, const struct kmr_slob_request *req,
		 struct kmr_slob_spot *spot)
{
	const struct kmr_page_request pages = {
		.gfp = req->gfp & ~(uint32_t)KMR_GFP_ZERO,
		.node = (uint8_t)(req->node >= 0 ? req->node : b->machine->cpu_node[req->cpu]),
		.cpu = req->cpu,
	};
	const kmr_pfn_t pfn = b->pages.alloc(b->pages.ctx, &pages);

	if (pfn == KMR_NO_PFN)
		return false;
	spot->page = kmr_framemap_get(&b->frames, pfn) & ~KMR_SLOB_GONE
			     ? NULL
			     : kmr_slob_page_new(b, pfn, &spot->number);
	if (!spot->page || kmr_slob_reserve(spot->page)) {
		if (spot->page)
			kmr_slob_page_drop(b, spot->number);
		b->pages.free(b->pages.ctx, pfn, 0, req->cpu, false);
		return false;
	}
	kmr_slob_release(spot->page, 0, KMR_SLOB_PAGE_UNITS);
	kmr_slob_list_add(b, spot->number, kmr_slob_list_of(req->bytes));
	spot->block = 0;
	/* a header is no longer than what it is aligned to, so this is where alignment puts it */
	spot->start = (((req->header + req->align - 1) & ~(req->align - 1)) - req->header) /
		      KMR_SLOB_UNIT;
	b->work.slab_allocs++;
	return true;
}

kmr_obj_t kmr_slob_heap_alloc(struct kmr_object_backend *b, const struct kmr_slob_request *req)
{
	const unsigned int list = kmr_slob_list_of(req->bytes);
	struct kmr_slob_undo undo = { .head = b->heads[list], .list = (uint8_t)list };
	struct kmr_slob_spot spot;

	b->undo.obj = KMR_NO_OBJ;
	if (!kmr_slob_search(b, req, &spot, &b->work.list_steps)) {
		if (!grow(b, req, &spot))
			return KMR_NO_OBJ;
		undo.fresh = true;
	}
	if (kmr_slob_reserve(spot.page))
		return KMR_NO_OBJ;
	undo.after = spot.page->next;
	kmr_slob_carve(spot.page, spot.block, spot.start, kmr_slob_units(req->bytes));
	spot.page->live[spot.start / KMR_SLOB_GRAIN_UNIT] =
		(uint16_t)(req->bytes | (req->header ? KMR_SLOB_KMALLOC : 0));
	if (!spot.page->free_units)
		kmr_slob_list_del(b, spot.number);
	else
		/* the next search begins here */
		kmr_slob_list_rotate(b, spot.number);
	undo.obj = kmr_slob_address(spot.page, spot.start);
	b->undo = undo;
	return undo.obj;
}

static void give_back(struct kmr_object_backend *b, uint32_t number, unsigned int cpu)
{
	const kmr_pfn_t pfn = kmr_slob_page(b, number)->pfn;

	kmr_slob_page_drop(b, number);
	b->pages.free(b->pages.ctx, pfn, 0, cpu, false);
}

int kmr_slob_heap_free(struct kmr_object_backend *b, uint32_t number, unsigned int start,
		       uint32_t bytes, unsigned int cpu)
{
	struct kmr_slob_page *page = kmr_slob_page(b, number);
	const unsigned int units = kmr_slob_units(bytes);

	if (kmr_slob_reserve(page))
		return -1;
	b->undo.obj = KMR_NO_OBJ;
	page->live[start / KMR_SLOB_GRAIN_UNIT] = 0;
	if (page->free_units + units == KMR_SLOB_PAGE_UNITS) {
		give_back(b, number, cpu);
		b->work.slab_frees++;
		return 0;
	}
	b->work.list_steps += kmr_slob_block_at(page, start);
	kmr_slob_release(page, start, units);
	if (page->list == KMR_SLOB_NO_LIST)
		/* it was full: its list is that of what is freed, not of what it was taken for */
		kmr_slob_list_add(b, number, kmr_slob_list_of(bytes));
	return 0;
}

void kmr_slob_heap_unalloc(struct kmr_object_backend *b, uint32_t number, unsigned int start,
			   unsigned int cpu)
{
	struct kmr_slob_page *page = kmr_slob_page(b, number);
	const unsigned int grain = start / KMR_SLOB_GRAIN_UNIT;
	const uint32_t bytes = page->live[grain] & KMR_SLOB_BYTES;
	const struct kmr_slob_undo undo = b->undo;

	b->undo.obj = KMR_NO_OBJ;
	if (undo.obj != kmr_slob_address(page, start)) {
		(void)kmr_slob_heap_free(b, number, start, bytes, cpu);
		return;
	}
	page->live[grain] = 0;
	if (undo.fresh) {
		give_back(b, number, cpu);
		b->work.slab_allocs--;
		return;
	}
	/* it needs no room: it came out of one block, and is one again with what is left of it */
	kmr_slob_release(page, start, kmr_slob_units(bytes));
	if (page->list == KMR_SLOB_NO_LIST)
		kmr_slob_list_add_before(b, number, undo.list, undo.after);
	else
		kmr_slob_list_rotate(b, undo.head);
}
