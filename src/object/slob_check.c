// SPDX-License-Identifier: GPL-2.0-only
/* Every invariant of the SLOB model. */
#include <inttypes.h>

#include "object/slob.h"

/* Blocks in order, apart from each other, and as many units as the page says. */
static int check_blocks(const struct kmr_slob_page *page, struct kmr_error *err)
{
	unsigned int end = 0, units = 0;

	if (page->nr_blocks > page->cap_blocks)
		return kmr_fail(err, "slob page %u: %u blocks in room for %u", page->pfn,
				page->nr_blocks, page->cap_blocks);
	for (unsigned int i = 0; i < page->nr_blocks; i++) {
		const struct kmr_slob_block *block = &page->blocks[i];

		if (!block->units || (i && block->start <= end) ||
		    block->start + block->units > KMR_SLOB_PAGE_UNITS)
			return kmr_fail(err, "slob page %u: block %u:%u behind one that ends at %u",
					page->pfn, block->start, block->units, end);
		end = (unsigned int)block->start + block->units;
		units += block->units;
	}
	if (units != page->free_units)
		return kmr_fail(err, "slob page %u: %u free units, but blocks have %u", page->pfn,
				page->free_units, units);
	return 0;
}

/* Objects lie apart from each other and from free blocks; what is neither is not known. */
static int check_live(const struct kmr_slob_page *page, struct kmr_error *err)
{
	unsigned int end = 0, units = 0;

	for (unsigned int grain = 0; grain < KMR_SLOB_GRAINS; grain++) {
		const uint32_t bytes = page->live[grain] & KMR_SLOB_BYTES;
		const unsigned int start = grain * KMR_SLOB_GRAIN_UNIT;
		const unsigned int own = kmr_slob_units(bytes);

		if (!page->live[grain])
			continue;
		if (!bytes || start < end || start + own > KMR_SLOB_PAGE_UNITS ||
		    kmr_slob_any_free(page, start, own))
			return kmr_fail(err,
					"slob page %u: object of %u bytes at unit %u overlaps "
					"another or a free block",
					page->pfn, bytes, start);
		end = start + own;
		units += own;
	}
	if (units + page->free_units + page->unknown_units != KMR_SLOB_PAGE_UNITS)
		return kmr_fail(err, "slob page %u: %u units in objects, %u free, %u not known",
				page->pfn, units, page->free_units, page->unknown_units);
	return 0;
}

static int check_page(const struct kmr_object_backend *b, uint32_t number, struct kmr_error *err)
{
	const struct kmr_slob_page *page = kmr_slob_page(b, number);

	if (kmr_framemap_get(&b->frames, page->pfn) != number)
		return kmr_fail(err, "slob page %u: its frame is not known as its own", page->pfn);
	if ((page->list == KMR_SLOB_NO_LIST) != !page->free_units)
		return kmr_fail(err, "slob page %u: %u free units, on list %u", page->pfn,
				page->free_units, page->list);
	if (page->unknown_units && !b->loaded)
		return kmr_fail(err, "slob page %u: %u units of no object", page->pfn,
				page->unknown_units);
	if (check_blocks(page, err))
		return -1;
	return check_live(page, err);
}

static int check_list(const struct kmr_object_backend *b, unsigned int list, uint64_t *count,
		      struct kmr_error *err)
{
	uint32_t before = 0;

	for (uint32_t n = b->heads[list]; n; n = kmr_slob_page(b, n)->next) {
		const struct kmr_slob_page *page = kmr_slob_page(b, n);

		if (!page->used || page->list != list || page->prev != before)
			return kmr_fail(err, "slob list %u: page %u is not linked into it", list,
					page->pfn);
		before = n;
		if (++*count > b->nr_pages)
			return kmr_fail(err, "slob list %u runs in a circle", list);
	}
	if (b->tails[list] != before)
		return kmr_fail(err, "slob list %u: its last page is not its tail", list);
	return 0;
}

/* Frames of larger allocations, and those of pages. */
static int check_frames(const struct kmr_object_backend *b, struct kmr_error *err)
{
	uint64_t pages = 0, large = 0;

	for (uint64_t pfn = 0; pfn < b->end_pfn; pfn++) {
		const uint32_t entry = kmr_framemap_get(&b->frames, pfn);

		if (entry & KMR_FRAME_LARGE)
			large += UINT64_C(1) << (entry & KMR_SLOB_ORDER);
		else if (kmr_slob_number(b, pfn))
			pages++;
	}
	if (pages != b->nr_pages || large != b->large_pages)
		return kmr_fail(err,
				"slob: %" PRIu64 " pages and %" PRIu64 " of larger ones counted, "
				"but frames say %" PRIu64 " and %" PRIu64,
				b->nr_pages, b->large_pages, pages, large);
	return 0;
}

int kmr_slob_check(const struct kmr_object_backend *b, struct kmr_error *err)
{
	uint64_t used = 0, listed = 0, partial = 0;

	for (uint32_t n = 1; n <= b->nr_chunks * KMR_SLOB_CHUNK; n++) {
		if (!kmr_slob_page(b, n)->used)
			continue;
		used++;
		partial += kmr_slob_page(b, n)->free_units != 0;
		if (check_page(b, n, err))
			return -1;
	}
	if (used != b->nr_pages)
		return kmr_fail(err, "slob: %" PRIu64 " pages, but %" PRIu64 " are counted", used,
				b->nr_pages);
	for (unsigned int l = 0; l < KMR_SLOB_LISTS; l++)
		if (check_list(b, l, &listed, err))
			return -1;
	if (listed != partial)
		return kmr_fail(err,
				"slob: %" PRIu64 " pages have room, but %" PRIu64 " are on lists",
				partial, listed);
	return check_frames(b, err);
}
