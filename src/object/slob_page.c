// SPDX-License-Identifier: GPL-2.0-only
/* SLOB's pages: the three lists that they are on, and the free blocks within each. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "object/slob.h"

static int add_chunk(struct kmr_object_backend *b)
{
	struct kmr_slob_page *chunk;
	void *grown;

	if (b->nr_chunks >= KMR_SLOB_GONE / KMR_SLOB_CHUNK - 1)
		return -1;
	grown = kmr_grow(b->chunks, b->nr_chunks, &b->cap_chunks, sizeof(void *));
	if (!grown)
		return -1;
	b->chunks = grown;
	chunk = calloc(KMR_SLOB_CHUNK, sizeof(*chunk));
	if (!chunk)
		return -1;
	for (unsigned int i = KMR_SLOB_CHUNK; i-- > 0;) {
		chunk[i].next = b->unused;
		b->unused = b->nr_chunks * KMR_SLOB_CHUNK + i + 1;
	}
	b->chunks[b->nr_chunks++] = chunk;
	return 0;
}

struct kmr_slob_page *kmr_slob_page_new(struct kmr_object_backend *b, uint64_t pfn,
					uint32_t *number)
{
	const int zone = kmr_machine_zone_of(b->machine, pfn);
	struct kmr_slob_page *page;

	if (zone < 0 || pfn >= KMR_NO_PFN || (!b->unused && add_chunk(b)))
		return NULL;
	if (kmr_framemap_set(&b->frames, pfn, 0, b->unused))
		return NULL;
	*number = b->unused;
	page = kmr_slob_page(b, *number);
	b->unused = page->next;
	memset(page, 0, sizeof(*page));
	page->used = true;
	page->pfn = (uint32_t)pfn;
	page->node = (uint8_t)b->machine->zones[zone].node;
	page->list = KMR_SLOB_NO_LIST;
	b->nr_pages++;
	return page;
}

void kmr_slob_page_drop(struct kmr_object_backend *b, uint32_t number)
{
	struct kmr_slob_page *page = kmr_slob_page(b, number);

	kmr_slob_list_del(b, number);
	/* the entry is there: it needs no memory */
	(void)kmr_framemap_set(&b->frames, page->pfn, 0, KMR_SLOB_GONE);
	free(page->blocks);
	page->blocks = NULL;
	page->used = false;
	page->next = b->unused;
	b->unused = number;
	b->nr_pages--;
}

void kmr_slob_list_add_before(struct kmr_object_backend *b, uint32_t number, unsigned int list,
			      uint32_t after)
{
	struct kmr_slob_page *page = kmr_slob_page(b, number);
	const uint32_t before = after ? kmr_slob_page(b, after)->prev : b->tails[list];

	page->list = (uint8_t)list;
	page->prev = before;
	page->next = after;
	if (before)
		kmr_slob_page(b, before)->next = number;
	else
		b->heads[list] = number;
	if (after)
		kmr_slob_page(b, after)->prev = number;
	else
		b->tails[list] = number;
}

void kmr_slob_list_add(struct kmr_object_backend *b, uint32_t number, unsigned int list)
{
	kmr_slob_list_add_before(b, number, list, b->heads[list]);
}

void kmr_slob_list_del(struct kmr_object_backend *b, uint32_t number)
{
	struct kmr_slob_page *page = kmr_slob_page(b, number);

	if (page->list == KMR_SLOB_NO_LIST)
		return;
	if (page->prev)
		kmr_slob_page(b, page->prev)->next = page->next;
	else
		b->heads[page->list] = page->next;
	if (page->next)
		kmr_slob_page(b, page->next)->prev = page->prev;
	else
		b->tails[page->list] = page->prev;
	page->list = KMR_SLOB_NO_LIST;
	page->prev = 0;
	page->next = 0;
}

void kmr_slob_list_rotate(struct kmr_object_backend *b, uint32_t number)
{
	struct kmr_slob_page *page = kmr_slob_page(b, number);
	const unsigned int list = page->list;
	const uint32_t head = b->heads[list], tail = b->tails[list], before = page->prev;

	if (head == number)
		return;
	/* what was before it goes behind the tail, in one piece */
	kmr_slob_page(b, tail)->next = head;
	kmr_slob_page(b, head)->prev = tail;
	kmr_slob_page(b, before)->next = 0;
	page->prev = 0;
	b->heads[list] = number;
	b->tails[list] = before;
}

unsigned int kmr_slob_block_at(const struct kmr_slob_page *page, unsigned int unit)
{
	unsigned int low = 0, high = page->nr_blocks;

	while (low < high) {
		const unsigned int mid = low + (high - low) / 2;
		const struct kmr_slob_block *block = &page->blocks[mid];

		if (block->start + block->units <= unit)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int kmr_slob_reserve(struct kmr_slob_page *page)
{
	const unsigned int more = page->cap_blocks ? page->cap_blocks * 2u : 8;
	struct kmr_slob_block *grown;

	if (page->nr_blocks < page->cap_blocks)
		return 0;
	grown = realloc(page->blocks, more * sizeof(*grown));
	if (!grown)
		return -1;
	page->blocks = grown;
	page->cap_blocks = (uint16_t)more;
	return 0;
}

static void insert_block(struct kmr_slob_page *page, unsigned int i, unsigned int start,
			 unsigned int units)
{
	memmove(&page->blocks[i + 1], &page->blocks[i],
		(page->nr_blocks - i) * sizeof(*page->blocks));
	page->blocks[i] = (struct kmr_slob_block){ (uint16_t)start, (uint16_t)units };
	page->nr_blocks++;
}

static void remove_block(struct kmr_slob_page *page, unsigned int i)
{
	page->nr_blocks--;
	memmove(&page->blocks[i], &page->blocks[i + 1],
		(page->nr_blocks - i) * sizeof(*page->blocks));
}

void kmr_slob_carve(struct kmr_slob_page *page, unsigned int block, unsigned int start,
		    unsigned int units)
{
	struct kmr_slob_block *from = &page->blocks[block];
	const unsigned int head = start - from->start;
	const unsigned int tail = from->units - head - units;

	page->free_units = (uint16_t)(page->free_units - units);
	if (!head && !tail) {
		remove_block(page, block);
		return;
	}
	if (!head) {
		from->start = (uint16_t)(start + units);
		from->units = (uint16_t)tail;
		return;
	}
	from->units = (uint16_t)head;
	if (tail)
		insert_block(page, block + 1, start + units, tail);
}

void kmr_slob_release(struct kmr_slob_page *page, unsigned int start, unsigned int units)
{
	const unsigned int i = kmr_slob_block_at(page, start);
	struct kmr_slob_block *at = &page->blocks[i];
	const bool joins_prev = i && at[-1].start + at[-1].units == start;
	const bool joins_next = i < page->nr_blocks && start + units == at->start;

	page->free_units = (uint16_t)(page->free_units + units);
	if (joins_prev) {
		at[-1].units = (uint16_t)(at[-1].units + units + (joins_next ? at->units : 0));
		if (joins_next)
			remove_block(page, i);
	} else if (joins_next) {
		at->start = (uint16_t)start;
		at->units = (uint16_t)(at->units + units);
	} else {
		insert_block(page, i, start, units);
	}
}

bool kmr_slob_any_free(const struct kmr_slob_page *page, unsigned int start, unsigned int units)
{
	const unsigned int i = kmr_slob_block_at(page, start);

	return i < page->nr_blocks && page->blocks[i].start < start + units;
}

bool kmr_slob_any_live(const struct kmr_slob_page *page, unsigned int start, unsigned int units)
{
	const unsigned int end = (start + units + KMR_SLOB_GRAIN_UNIT - 1) / KMR_SLOB_GRAIN_UNIT;
	unsigned int grain = start / KMR_SLOB_GRAIN_UNIT;

	for (unsigned int g = grain; g < end; g++)
		if (page->live[g])
			return true;
	/* the last one that begins before it may reach into it */
	while (grain-- > 0)
		if (page->live[grain])
			return grain * KMR_SLOB_GRAIN_UNIT +
				       kmr_slob_units(page->live[grain] & KMR_SLOB_BYTES) >
			       start;
	return false;
}
