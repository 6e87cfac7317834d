// SPDX-License-Identifier: GPL-2.0-only
/*
 * CMA: areas whose pageblocks only movable requests borrow from, so that they can be had whole.  A
 * bitmap tells which parts are handed out; a request takes the first gap that is large enough, and
 * the next when what borrowed it does not move.  Behaviour: mm/cma.c.
 */
#include <string.h>

#include "page/contig.h"

/* The first bit from @from on that is set, or with @zero clear; @size when there is none. */
static uint32_t find_bit(const uint64_t *map, uint32_t size, uint32_t from, bool zero)
{
	while (from < size) {
		const uint64_t word = (zero ? ~map[from >> 6] : map[from >> 6]) >> (from & 63u);

		if (word) {
			from += (uint32_t)__builtin_ctzll(word);
			return from < size ? from : size;
		}
		from = (from | 63u) + 1;
	}
	return size;
}

static void set_bits(struct kmr_cma *cma, uint32_t first, uint32_t count, bool set)
{
	for (uint32_t i = first; i < first + count; i++) {
		if (set)
			cma->bitmap[i >> 6] |= UINT64_C(1) << (i & 63u);
		else
			cma->bitmap[i >> 6] &= ~(UINT64_C(1) << (i & 63u));
	}
}

static uint32_t bits_of(const struct kmr_cma *cma, uint64_t pages)
{
	return (uint32_t)((pages + (UINT64_C(1) << cma->order_per_bit) - 1) >> cma->order_per_bit);
}

/*
 * The first of @count clear bits from @start on that is, counted from @offset bits before the
 * bitmap, a multiple of @mask + 1; nr_bits when there is none.  (lib/bitmap.c:
 * bitmap_find_next_zero_area_off())
 */
static uint32_t find_gap(const struct kmr_cma *cma, uint32_t start, uint32_t count, uint32_t mask,
			 uint32_t offset)
{
	for (;;) {
		const uint64_t first = find_bit(cma->bitmap, cma->nr_bits, start, true);
		const uint64_t at = ((first + offset + mask) & ~(uint64_t)mask) - offset;
		uint32_t taken;

		if (at + count > cma->nr_bits)
			return cma->nr_bits;
		taken = find_bit(cma->bitmap, (uint32_t)at + count, (uint32_t)at, false);
		if (taken == at + count)
			return (uint32_t)at;
		start = taken + 1;
	}
}

/* Where an alignment of 2^@align pages puts the bits: cma_bitmap_aligned_mask(), ..._offset(). */
static void alignment(const struct kmr_cma *cma, unsigned int align, uint32_t *mask,
		      uint32_t *offset)
{
	*mask = align > cma->order_per_bit ? (1u << (align - cma->order_per_bit)) - 1 : 0;
	*offset = (cma->start & ((1u << align) - 1)) >> cma->order_per_bit;
}

static uint32_t alloc_from_area(struct kmr_page_backend *b, struct kmr_cma *cma, uint32_t pages,
				unsigned int align, unsigned int cpu)
{
	const uint32_t count = bits_of(cma, pages);
	uint32_t mask, offset, start = 0;

	alignment(cma, align, &mask, &offset);
	for (;;) {
		const uint32_t bit = find_gap(cma, start, count, mask, offset);
		const uint32_t pfn = cma->start + (bit << cma->order_per_bit);
		enum kmr_range_result result;

		if (bit >= cma->nr_bits)
			return KMR_NO_PFN;
		result = kmr_alloc_contig_range(b, cma->zone, pfn, pfn + pages, KMR_MIGRATE_CMA,
						cpu);
		if (!result) {
			set_bits(cma, bit, count, true);
			return pfn;
		}
		if (result != KMR_RANGE_BUSY)
			return KMR_NO_PFN;
		b->contig->work.cma_retries++;
		start = bit + mask + 1;
	}
}

kmr_pfn_t kmr_linux_cma_alloc(struct kmr_page_backend *b, unsigned int area, uint64_t pages,
			      unsigned int align, unsigned int cpu)
{
	struct kmr_contig_work *work = &b->contig->work;
	struct kmr_cma *cma = area < b->contig->nr_cma ? &b->contig->cma[area] : NULL;
	uint32_t pfn = KMR_NO_PFN;

	work->cma_allocs++;
	if (cma && cma->active && pages && pages <= cma->pages && align < 32 && cpu < b->nr_cpus)
		pfn = alloc_from_area(b, cma, (uint32_t)pages, align, cpu);
	if (pfn == KMR_NO_PFN)
		work->cma_failures++;
	else
		work->cma_pages += pages;
	return pfn;
}

static bool is_movable(const struct kmr_page_backend *b, uint32_t pfn)
{
	return b->bits[pfn >> 6].movable >> (pfn & 63u) & 1;
}

int kmr_linux_cma_release(struct kmr_page_backend *b, unsigned int area, kmr_pfn_t pfn,
			  uint64_t pages, unsigned int cpu)
{
	struct kmr_cma *cma = area < b->contig->nr_cma ? &b->contig->cma[area] : NULL;
	uint32_t bit, count;

	if (!cma || pfn < cma->start || pfn - cma->start >= cma->pages || !pages ||
	    pages > cma->pages - (pfn - cma->start) || cpu >= b->nr_cpus)
		return -1;
	bit = (pfn - cma->start) >> cma->order_per_bit;
	count = bits_of(cma, pages);
	if (find_bit(cma->bitmap, bit + count, bit, true) != bit + count)
		return -1;
	/* what was freed already may be lent out again: to movable requests */
	for (uint32_t p = pfn; p < pfn + (uint32_t)pages; p++)
		if (!kmr_bit_free(b->bits, p) && !is_movable(b, p))
			(void)kmr_linux_free(b, p, 0, cpu);
	set_bits(cma, bit, count, false);
	return 0;
}

/* The frames of the area that are used go to its lists, or count as movable. */
static void lend_used(struct kmr_page_backend *b, const struct kmr_cma *cma, bool reserved)
{
	const uint32_t end = cma->start + cma->pages;

	for (uint32_t pfn = cma->start; pfn < end;) {
		unsigned int order = b->pageblock_order;

		if (kmr_bit_free(b->bits, pfn)) {
			pfn += 1u << kmr_block_order(b, pfn);
			continue;
		}
		/* the pageblock whole, as init_cma_reserved_pageblock() does it */
		if ((pfn & ((1u << order) - 1)) || !kmr_bits_all_used(b->bits, pfn, order))
			order = 0;
		if (reserved) {
			kmr_bits_set_free(b->bits, pfn, order);
			kmr_free_one_page(b, cma->zone, pfn, order, KMR_MIGRATE_CMA, 0);
		} else {
			kmr_bits_set_used(b->bits, pfn, order, true);
		}
		pfn += 1u << order;
	}
}

/* A free block that reaches over @edge of an area is cut there. */
static void cut_free_block(struct kmr_page_backend *b, struct kmr_zone *z, uint32_t edge)
{
	uint32_t head;

	if (edge <= z->start || edge >= z->end || !kmr_bit_free(b->bits, edge))
		return;
	head = kmr_free_head(b, edge);
	if (head < edge)
		kmr_split_free_page(b, z, head, edge - head, 0);
}

/* What is free goes to CMA's lists, unless boot put it there. */
static void lend_free(struct kmr_page_backend *b, const struct kmr_cma *cma)
{
	const uint32_t end = cma->start + cma->pages;

	for (uint32_t pfn = cma->start; pfn < end; pfn += 1u << kmr_block_order(b, pfn))
		if (kmr_frame(b, pfn)->state == KMR_FS_BUDDY &&
		    kmr_frame(b, pfn)->migratetype != KMR_MIGRATE_CMA)
			kmr_free_list_move(b, cma->zone, pfn, KMR_MIGRATE_CMA, 0);
}

static void activate(struct kmr_page_backend *b, struct kmr_cma *cma, bool reserved)
{
	const uint32_t size = 1u << b->pageblock_order;
	const uint32_t end = cma->start + cma->pages;
	struct kmr_zone *z = cma->zone;

	kmr_drain_zone(b, z);
	z->odd_merges = true;
	for (uint32_t pfn = cma->start; pfn < end; pfn += size)
		kmr_set_pageblock(b, z, pfn, KMR_MIGRATE_CMA);
	cut_free_block(b, z, cma->start);
	cut_free_block(b, z, end);
	lend_free(b, cma);
	lend_used(b, cma, reserved);
	cma->active = true;
}

void kmr_linux_cma_activate(struct kmr_page_backend *b, bool reserved)
{
	for (unsigned int i = 0; i < b->contig->nr_cma; i++)
		if (!b->contig->cma[i].active)
			activate(b, &b->contig->cma[i], reserved);
}

/* Within a pageblock of the area: who uses a frame that does not move has it from the bitmap. */
static int check_frames(const struct kmr_page_backend *b, const struct kmr_cma *cma, unsigned int i,
			struct kmr_error *err)
{
	for (uint32_t k = 0; k < cma->pages; k++) {
		const uint32_t pfn = cma->start + k, bit = k >> cma->order_per_bit;

		if (!kmr_bit_free(b->bits, pfn) && !is_movable(b, pfn) &&
		    !(cma->bitmap[bit >> 6] >> (bit & 63u) & 1))
			return kmr_fail(err,
					"CMA area %u: frame %u is in use, can't move, and is not "
					"handed out",
					i, pfn);
	}
	return 0;
}

int kmr_cma_check(const struct kmr_page_backend *b, struct kmr_error *err)
{
	for (unsigned int i = 0; i < b->contig->nr_cma; i++) {
		const struct kmr_cma *cma = &b->contig->cma[i];

		if (!cma->active)
			continue;
		for (uint32_t k = 0; k < cma->pages; k += 1u << b->pageblock_order) {
			const uint32_t pfn = cma->start + k;
			const unsigned int type = *kmr_pageblock(b, cma->zone, pfn);

			if (type != KMR_MIGRATE_CMA)
				return kmr_fail(err, "CMA area %u: pageblock at %u is of type %u",
						i, pfn, type);
		}
		if (check_frames(b, cma, i, err))
			return -1;
	}
	return 0;
}
