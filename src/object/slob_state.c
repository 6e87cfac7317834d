// SPDX-License-Identifier: GPL-2.0-only
/*
 * SLOB's heap as a snapshot, in and out, and what verify needs of single objects.  Snapshots have
 * the pages with room in the order of their lists, and which pages are full; of objects and
 * caches they say nothing, and of what has pages of its own neither.
 */
#include <inttypes.h>
#include <string.h>

#include "object/kmalloc.h"
#include "object/slob.h"

static struct kmr_slob_page *load_page(struct kmr_object_backend *b, uint64_t pfn, uint32_t *number,
				       struct kmr_error *err)
{
	struct kmr_slob_page *page;

	if (pfn >= b->end_pfn || kmr_machine_zone_of(b->machine, pfn) < 0) {
		(void)kmr_fail(err, "snapshot: slob page %" PRIu64 " is not the machine's", pfn);
		return NULL;
	}
	if (kmr_framemap_get(&b->frames, pfn)) {
		(void)kmr_fail(err, "snapshot: slob page %" PRIu64 " is there twice", pfn);
		return NULL;
	}
	page = kmr_slob_page_new(b, pfn, number);
	if (!page)
		(void)kmr_fail_nomem(err, "slob pages");
	return page;
}

static int load_blocks(struct kmr_slob_page *page, const struct kmr_snapshot *snap,
		       const struct kmr_snap_objects *o, struct kmr_error *err)
{
	unsigned int end = 0; /* of the block before */

	for (uint32_t i = 0; i < o->count; i++) {
		const uint64_t start = snap->items[o->first + i] >> 32;
		const uint32_t units = (uint32_t)snap->items[o->first + i];

		if (!units || units > KMR_SLOB_PAGE_UNITS || start > KMR_SLOB_PAGE_UNITS - units)
			return kmr_fail(err,
					"snapshot: slob page %u: block %" PRIu64
					":%u is beyond its %u units",
					page->pfn, start, units, KMR_SLOB_PAGE_UNITS);
		if (i && start <= end)
			return kmr_fail(err,
					"snapshot: slob page %u: block %" PRIu64
					":%u follows one that ends at %u, which is in or before it",
					page->pfn, start, units, end);
		end = (unsigned int)start + units;
		if (kmr_slob_reserve(page))
			return kmr_fail_nomem(err, "slob blocks");
		kmr_slob_release(page, (unsigned int)start, units);
	}
	if (page->free_units != o->inuse || !o->count || o->inuse >= KMR_SLOB_PAGE_UNITS)
		return kmr_fail(
			err,
			"snapshot: slob page %u: %u free units, but its blocks have %u, and "
			"a page with room has 1 to %u",
			page->pfn, o->inuse, page->free_units, KMR_SLOB_PAGE_UNITS - 1);
	return 0;
}

static int load_record(struct kmr_object_backend *b, const struct kmr_snapshot *snap,
		       const struct kmr_snap_objects *o, struct kmr_error *err)
{
	struct kmr_slob_page *page;
	uint32_t number;

	if (o->kind < KMR_SNAP_SLOB_SMALL || o->kind > KMR_SNAP_SLOB_LARGE)
		return kmr_fail(err, "snapshot: its kernel's allocator is not SLOB");
	if (o->first > snap->nr_items || o->count > snap->nr_items - o->first)
		return kmr_fail(err, "snapshot: slob page %" PRIu64 ": blocks beyond the last",
				o->pfn);
	page = load_page(b, o->pfn, &number, err);
	if (!page || load_blocks(page, snap, o, err))
		return -1;
	page->unknown_units = (uint16_t)(KMR_SLOB_PAGE_UNITS - page->free_units);
	kmr_slob_list_add_before(b, number, o->kind - KMR_SNAP_SLOB_SMALL + KMR_SLOB_SMALL, 0);
	return 0;
}

int kmr_slob_load(struct kmr_object_backend *b, const struct kmr_snapshot *snap,
		  struct kmr_error *err)
{
	if (b->nr_pages || b->large_pages)
		return kmr_fail(err, "snapshot: the allocator has pages already");
	if (snap->nr_caches)
		return kmr_fail(err, "snapshot: its kernel's allocator is not SLOB, it has caches");
	for (size_t i = 0; i < snap->nr_objects; i++)
		if (load_record(b, snap, &snap->objects[i], err))
			return -1;
	for (size_t i = 0; i < snap->nr_slabs; i++) {
		const struct kmr_snap_slab *slab = &snap->slabs[i];
		struct kmr_slob_page *page;
		uint32_t number = kmr_slob_number(b, slab->pfn);

		if (slab->order)
			return kmr_fail(err,
					"snapshot: slob page %" PRIu64 " of order %u, but SLOB's "
					"are single ones",
					slab->pfn, slab->order);
		if (number && kmr_slob_page(b, number)->free_units)
			continue; /* it has room: its own record was there */
		page = load_page(b, slab->pfn, &number, err);
		if (!page)
			return -1;
		page->unknown_units = KMR_SLOB_PAGE_UNITS;
	}
	b->loaded = true;
	return 0;
}

static int save_page(const struct kmr_slob_page *page, struct kmr_snapshot *snap)
{
	struct kmr_snap_objects *o = kmr_snapshot_add_objects(snap);

	if (!o)
		return -1;
	o->kind = (uint8_t)(KMR_SNAP_SLOB_SMALL + page->list - KMR_SLOB_SMALL);
	o->cache = KMR_SNAP_NO_CACHE;
	o->pfn = page->pfn;
	o->inuse = page->free_units;
	for (unsigned int i = 0; i < page->nr_blocks; i++) {
		const struct kmr_slob_block *block = &page->blocks[i];

		if (kmr_snapshot_add_item(snap, KMR_SNAP_ITEM(block->start, block->units)))
			return -1;
		o->count++;
	}
	return 0;
}

static int save_slabs(const struct kmr_object_backend *b, struct kmr_snapshot *snap)
{
	for (uint64_t pfn = 0; pfn < b->end_pfn; pfn++) {
		struct kmr_snap_slab *slab;

		if (!kmr_slob_number(b, pfn))
			continue;
		slab = kmr_snapshot_add_slab(snap);
		if (!slab)
			return -1;
		slab->pfn = pfn;
		slab->order = 0;
		slab->cache = KMR_SNAP_NO_CACHE;
	}
	return 0;
}

int kmr_slob_save(const struct kmr_object_backend *b, struct kmr_snapshot *snap,
		  struct kmr_error *err)
{
	for (unsigned int l = 0; l < KMR_SLOB_LISTS; l++)
		for (uint32_t n = b->heads[l]; n; n = kmr_slob_page(b, n)->next)
			if (save_page(kmr_slob_page(b, n), snap))
				return kmr_fail_nomem(err, "a snapshot of the model");
	return save_slabs(b, snap) ? kmr_fail_nomem(err, "a snapshot of the model") : 0;
}

/*
 * An object of a cache, or, when there is no such cache, of kmalloc(): what its allocation was
 * like, and where its block begins.  A block of a page or more has no header.
 */
struct extent {
	struct kmr_slob_request req;
	uint64_t pfn;
	unsigned int start; /* unit */
	bool large;
	uint32_t frame; /* large: the frame map's entry */
};

static bool extent_of(const struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		      uint32_t bytes, struct extent *e)
{
	const struct kmr_object_request req = { .bytes = bytes, .node = -1 };
	kmr_obj_t block = obj;

	memset(e, 0, sizeof(*e));
	if (cache < b->nr_caches) {
		e->req = kmr_slob_cache_request(&b->caches[cache], &req);
		e->large = e->req.bytes >= KMR_SLOB_PAGE_SIZE;
		e->frame = KMR_SLOB_OF_CACHE;
	} else {
		if (!bytes || bytes > KMR_MAX_OBJECT_SIZE)
			return false;
		e->req = kmr_slob_kmalloc_request(&req);
		e->large = kmr_slob_is_large(bytes);
		if (!e->large && !(obj & (KMR_SLOB_PAGE_SIZE - 1)))
			return false;
		block -= e->large ? 0 : KMR_SLOB_MINALIGN;
	}
	e->pfn = obj >> KMR_SLOB_PAGE_SHIFT;
	e->start = kmr_slob_unit(block);
	if (e->large) {
		const uint32_t size = cache < b->nr_caches ? e->req.bytes : bytes;
		const unsigned int order = kmr_bytes_order(size, KMR_SLOB_PAGE_SHIFT);

		e->frame |= KMR_FRAME_LARGE | order;
		return !(obj & (KMR_SLOB_PAGE_SIZE - 1)) &&
		       e->pfn + (UINT64_C(1) << order) <= b->end_pfn;
	}
	return !(obj % KMR_SLOB_MINALIGN) &&
	       e->start + kmr_slob_units(e->req.bytes) <= KMR_SLOB_PAGE_UNITS;
}

static int take_large(struct kmr_object_backend *b, const struct extent *e)
{
	if (kmr_framemap_get(&b->frames, e->pfn) & ~KMR_SLOB_GONE ||
	    kmr_framemap_set(&b->frames, e->pfn, 0, e->frame))
		return -1;
	b->large_pages += UINT64_C(1) << (e->frame & KMR_SLOB_ORDER);
	return 0;
}

/* Free units among these, and those in use of no object known, become those of one object. */
static int claim(struct kmr_slob_page *page, const struct extent *e)
{
	const unsigned int units = kmr_slob_units(e->req.bytes);
	const unsigned int end = e->start + units;
	unsigned int unknown = units;

	if (kmr_slob_any_live(page, e->start, units) || kmr_slob_reserve(page))
		return -1;
	for (;;) {
		const unsigned int i = kmr_slob_block_at(page, e->start);
		unsigned int from, to;

		if (i >= page->nr_blocks || page->blocks[i].start >= end)
			break;
		from = page->blocks[i].start;
		to = from + page->blocks[i].units;
		from = from > e->start ? from : e->start;
		to = to < end ? to : end;
		kmr_slob_carve(page, i, from, to - from);
		unknown -= to - from;
	}
	page->unknown_units = (uint16_t)(page->unknown_units - unknown);
	page->live[e->start / KMR_SLOB_GRAIN_UNIT] =
		(uint16_t)(e->req.bytes | (e->req.header ? KMR_SLOB_KMALLOC : 0));
	return 0;
}

static void count_taken(struct kmr_object_backend *b, unsigned int cache)
{
	b->work.allocs++;
	if (cache < b->nr_caches) {
		b->caches[cache].allocs++;
		b->caches[cache].active++;
	}
}

/*
 * The kernel has found the page on the list for that size, and its next search begins there.
 * Units whose free could not be followed count as free.
 */
int kmr_slob_take(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj, uint32_t bytes)
{
	struct kmr_slob_page *page;
	struct extent e;
	uint32_t number;
	unsigned int list;

	if (!extent_of(b, cache, obj, bytes, &e))
		return -1;
	if (e.large) {
		if (take_large(b, &e))
			return -1;
		b->work.large_allocs += !(e.frame & KMR_SLOB_OF_CACHE);
		count_taken(b, cache);
		return 0;
	}
	number = kmr_slob_number(b, e.pfn);
	if (!number || claim(kmr_slob_page(b, number), &e))
		return -1;
	b->undo.obj = KMR_NO_OBJ;
	page = kmr_slob_page(b, number);
	list = kmr_slob_list_of(e.req.bytes);
	if (page->free_units && page->list == list) {
		kmr_slob_list_rotate(b, number);
	} else {
		kmr_slob_list_del(b, number);
		if (page->free_units)
			kmr_slob_list_add(b, number, list);
	}
	count_taken(b, cache);
	return 0;
}

/* No allocation: nothing is counted, and lists stay as they are. */
int kmr_slob_learn(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj, uint32_t bytes)
{
	struct kmr_slob_page *page;
	struct extent e;
	uint32_t number;
	unsigned int units;

	if (!b->loaded || !extent_of(b, cache, obj, bytes, &e))
		return -1;
	if (e.large)
		return kmr_framemap_get(&b->frames, e.pfn) ? -1 : take_large(b, &e);
	number = kmr_slob_number(b, e.pfn);
	if (!number)
		return -1;
	page = kmr_slob_page(b, number);
	units = kmr_slob_units(e.req.bytes);
	if (kmr_slob_any_free(page, e.start, units) || claim(page, &e))
		return -1;
	if (cache < b->nr_caches)
		b->caches[cache].active++;
	return 0;
}

void kmr_slob_where(const struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		    unsigned int cpu, struct kmr_object_info *info)
{
	const uint64_t pfn = obj >> KMR_SLOB_PAGE_SHIFT;
	const uint32_t entry = kmr_framemap_get(&b->frames, pfn);
	const uint32_t number = kmr_slob_number(b, pfn);
	struct kmr_slob_spot spot;
	uint64_t steps = 0;
	struct extent e;

	(void)cpu;
	memset(info, 0, sizeof(*info));
	info->distance = UINT32_MAX;
	info->cache = cache;
	info->slab = KMR_NO_PFN;
	if (entry & KMR_FRAME_LARGE) {
		info->place = KMR_OBJ_USED;
		info->slab = (kmr_pfn_t)pfn;
	}
	/* a block of kmalloc() is judged by its first bytes: its size is not known here */
	if (!number || !extent_of(b, cache, obj, 1, &e) || e.large)
		return;
	info->slab = (kmr_pfn_t)pfn;
	info->place = kmr_slob_any_free(kmr_slob_page(b, number), e.start, 1) ? KMR_OBJ_SLAB
									      : KMR_OBJ_USED;
	if (info->place == KMR_OBJ_SLAB && cache < b->nr_caches &&
	    kmr_slob_search(b, &e.req, &spot, &steps) && spot.number == number &&
	    spot.start == e.start)
		info->distance = 0;
}

int kmr_slob_forget_slab(struct kmr_object_backend *b, kmr_pfn_t pfn)
{
	const uint32_t entry = kmr_framemap_get(&b->frames, pfn);
	const uint32_t number = kmr_slob_number(b, pfn);

	b->undo.obj = KMR_NO_OBJ;
	if (number) {
		kmr_slob_page_drop(b, number);
		b->work.slab_frees++;
		return 0;
	}
	if (!(entry & KMR_FRAME_LARGE))
		return -1;
	b->large_pages -= UINT64_C(1) << (entry & KMR_SLOB_ORDER);
	return kmr_framemap_set(&b->frames, pfn, 0, KMR_SLOB_GONE);
}

int kmr_slob_move_slab(struct kmr_object_backend *b, kmr_pfn_t from, kmr_pfn_t to)
{
	const uint32_t entry = kmr_framemap_get(&b->frames, from);
	const uint32_t number = kmr_slob_number(b, from);
	const int zone = kmr_machine_zone_of(b->machine, to);

	if (!number && !(entry & KMR_FRAME_LARGE))
		return -1;
	/* what was there is not, as the kernel has just given out the page */
	(void)kmr_slob_forget_slab(b, to);
	b->undo.obj = KMR_NO_OBJ;
	(void)kmr_framemap_set(&b->frames, from, 0, KMR_SLOB_GONE);
	if (number) {
		kmr_slob_page(b, number)->pfn = to;
		kmr_slob_page(b, number)->node =
			zone < 0 ? 0 : (uint8_t)b->machine->zones[zone].node;
	}
	return kmr_framemap_set(&b->frames, to, 0, entry);
}

/*
 * A page all free is on a list only here, for as long as nothing is taken from it; take() puts it
 * where it belongs.
 */
int kmr_slob_adopt_slab(struct kmr_object_backend *b, unsigned int cache, kmr_pfn_t pfn,
			unsigned int order, unsigned int cpu)
{
	struct kmr_slob_page *page;
	uint32_t number;

	(void)cpu;
	if (order || pfn >= b->end_pfn || kmr_framemap_get(&b->frames, pfn) & ~KMR_SLOB_GONE)
		return -1;
	page = kmr_slob_page_new(b, pfn, &number);
	if (!page)
		return -1;
	if (kmr_slob_reserve(page)) {
		kmr_slob_page_drop(b, number);
		return -1;
	}
	b->undo.obj = KMR_NO_OBJ;
	kmr_slob_release(page, 0, KMR_SLOB_PAGE_UNITS);
	kmr_slob_list_add(b, number,
			  cache < b->nr_caches ? kmr_slob_list_of(b->caches[cache].size)
					       : KMR_SLOB_SMALL);
	b->work.slab_allocs++;
	return 0;
}
