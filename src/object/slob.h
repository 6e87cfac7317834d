/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of the SLOB model.
 *
 * SLOB keeps one heap.  Pages that have room are on one of three lists, by the size of what is
 * asked for: below 256 bytes, below 1024, others.  Within a page the free blocks are a list by
 * address, and adjacent ones are always one block; sizes count in units of 2 bytes.  A request
 * walks its list, takes the first block of the first page that has room, and turns the list so
 * that the next search begins at that page.  A full page is on no list; what is freed into it
 * decides by its size which list it goes to.  A page that is all free goes back at once.
 *
 * The kernel keeps sizes and links within the free memory itself.  The model has, for each page,
 * the free blocks as an array in order of address, and what it knows of the objects in use: as
 * everything begins at a multiple of 8 bytes, one number each 8 bytes, the size of the object
 * that begins there.  For kmalloc() that is the size in front of the object, its header; for
 * caches, whose objects have none, it tells objects from what was never given out.  Units in use
 * that belong to no object known were so when a snapshot was taken.
 *
 * What is as large as a page or larger never gets here, but takes pages of its own.
 */
#ifndef KMR_OBJECT_SLOB_H
#define KMR_OBJECT_SLOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/framemap.h"
#include "kmreplay/object.h"
#include "object/object.h"

#define KMR_SLOB_PAGE_SHIFT 12
#define KMR_SLOB_PAGE_SIZE  (1u << KMR_SLOB_PAGE_SHIFT)
#define KMR_SLOB_UNIT	    2u /* bytes: slobidx_t is an s16 while pages are below 64 KiB */
#define KMR_SLOB_PAGE_UNITS (KMR_SLOB_PAGE_SIZE / KMR_SLOB_UNIT)

/*
 * ARCH_KMALLOC_MINALIGN and ARCH_SLAB_MINALIGN: __alignof__(unsigned long long), which is 8 for
 * i386, too, where only members of structs have less.  Also the size of kmalloc()'s header.
 */
#define KMR_SLOB_MINALIGN   8u
#define KMR_SLOB_GRAINS	    (KMR_SLOB_PAGE_SIZE / KMR_SLOB_MINALIGN)
#define KMR_SLOB_GRAIN_UNIT (KMR_SLOB_MINALIGN / KMR_SLOB_UNIT)

#define KMR_SLOB_BREAK1 256u /* bytes: SLOB_BREAK1, SLOB_BREAK2 */
#define KMR_SLOB_BREAK2 1024u

/* An entry of live[]: bytes with header, and whether there is one. */
#define KMR_SLOB_KMALLOC 0x8000u
#define KMR_SLOB_BYTES	 0x1fffu

/*
 * The frame map's entries beyond page numbers: KMR_FRAME_LARGE | order, of a cache when the bit
 * below is set; and frames that were known once and went back, so that freeing them again can be
 * told from freeing what was there at the snapshot.
 */
#define KMR_SLOB_OF_CACHE 0x100u
#define KMR_SLOB_ORDER	  0xffu
#define KMR_SLOB_GONE	  UINT32_C(0x40000000)

enum kmr_slob_list {
	KMR_SLOB_SMALL,
	KMR_SLOB_MEDIUM,
	KMR_SLOB_LARGE,
	KMR_SLOB_LISTS,
	KMR_SLOB_NO_LIST = KMR_SLOB_LISTS,
};

struct kmr_slob_block {
	uint16_t start, units;
};

struct kmr_slob_page {
	uint32_t prev, next; /* page numbers on its list, or of unused entries; 0: none */
	uint32_t pfn;
	uint16_t free_units;
	uint16_t unknown_units; /* in use since before the snapshot, of no object known */
	uint16_t nr_blocks, cap_blocks;
	uint8_t list; /* enum kmr_slob_list */
	uint8_t node;
	bool used; /* this entry is a page */
	struct kmr_slob_block *blocks; /* by address */
	uint16_t live[KMR_SLOB_GRAINS];
};

#define KMR_SLOB_CHUNK 64u

/* What the last allocation did to its list: unalloc() undoes it. */
struct kmr_slob_undo {
	kmr_obj_t obj; /* KMR_NO_OBJ: something else happened since */
	uint32_t head; /* the list's head before */
	uint32_t after; /* page filled: the one behind it on its list; 0: it was last */
	uint8_t list;
	bool fresh; /* the page was new */
};

struct kmr_slob_cache {
	char name[KMR_SNAP_CACHE_NAME];
	uint32_t object_size, size, align, flags;
	uint64_t active, allocs, frees, failures;
};

struct kmr_object_backend {
	const struct kmr_machine *machine;
	struct kmr_object_pages pages;
	unsigned int pointer_bytes;
	bool loaded; /* there are objects that it does not know of */
	struct kmr_framemap frames;
	uint64_t end_pfn;
	struct kmr_slob_page **chunks;
	size_t cap_chunks;
	uint32_t nr_chunks;
	uint32_t unused; /* entries of the chunks that are no pages, through next */
	uint32_t heads[KMR_SLOB_LISTS], tails[KMR_SLOB_LISTS];
	uint64_t nr_pages; /* slob pages */
	uint64_t large_pages; /* in larger allocations */
	struct kmr_slob_undo undo;
	struct kmr_slob_cache *caches;
	size_t cap_caches;
	unsigned int nr_caches;
	struct kmr_object_work work;
};

/* A request as slob_alloc() has it. */
struct kmr_slob_request {
	uint32_t bytes; /* with header */
	uint32_t align; /* of what is behind the header */
	uint32_t header; /* bytes: KMR_SLOB_MINALIGN for kmalloc(), 0 */
	uint32_t gfp;
	int16_t node; /* -1: any */
	uint16_t cpu;
};

/* A place within a page that fits a request. */
struct kmr_slob_spot {
	struct kmr_slob_page *page;
	uint32_t number; /* the page's */
	unsigned int block; /* index of the free block */
	unsigned int start; /* unit, not before that block's */
};

static inline unsigned int kmr_slob_units(uint32_t bytes)
{
	return (bytes + KMR_SLOB_UNIT - 1) / KMR_SLOB_UNIT;
}

static inline unsigned int kmr_slob_list_of(uint32_t bytes)
{
	if (bytes < KMR_SLOB_BREAK1)
		return KMR_SLOB_SMALL;
	return bytes < KMR_SLOB_BREAK2 ? KMR_SLOB_MEDIUM : KMR_SLOB_LARGE;
}

static inline struct kmr_slob_page *kmr_slob_page(const struct kmr_object_backend *b,
						  uint32_t number)
{
	return &b->chunks[(number - 1) / KMR_SLOB_CHUNK][(number - 1) % KMR_SLOB_CHUNK];
}

static inline kmr_obj_t kmr_slob_address(const struct kmr_slob_page *page, unsigned int unit)
{
	return ((kmr_obj_t)page->pfn << KMR_SLOB_PAGE_SHIFT) + unit * KMR_SLOB_UNIT;
}

/* Within its page: the unit that holds that address. */
static inline unsigned int kmr_slob_unit(kmr_obj_t obj)
{
	return (unsigned int)(obj & (KMR_SLOB_PAGE_SIZE - 1)) / KMR_SLOB_UNIT;
}

/* The page's number, 0: that frame is no slob page. */
static inline uint32_t kmr_slob_number(const struct kmr_object_backend *b, uint64_t pfn)
{
	const uint32_t entry = kmr_framemap_get(&b->frames, pfn);

	return entry & (KMR_FRAME_LARGE | KMR_SLOB_GONE) ? 0 : entry;
}

/* slob_page.c: pages and their lists */
struct kmr_slob_page *kmr_slob_page_new(struct kmr_object_backend *b, uint64_t pfn,
					uint32_t *number);
/* It leaves its list and the model. */
void kmr_slob_page_drop(struct kmr_object_backend *b, uint32_t number);
void kmr_slob_list_add(struct kmr_object_backend *b, uint32_t number, unsigned int list);
/* @after: the page that comes behind it; 0: at the tail */
void kmr_slob_list_add_before(struct kmr_object_backend *b, uint32_t number, unsigned int list,
			      uint32_t after);
void kmr_slob_list_del(struct kmr_object_backend *b, uint32_t number);
/* list_rotate_to_front() */
void kmr_slob_list_rotate(struct kmr_object_backend *b, uint32_t number);
/* The free block that holds or comes behind @unit: its index, or nr_blocks. */
unsigned int kmr_slob_block_at(const struct kmr_slob_page *page, unsigned int unit);
/* Room for one free block more; -1: no memory. */
int kmr_slob_reserve(struct kmr_slob_page *page);
/* Takes units out of one free block; kmr_slob_reserve() was called. */
void kmr_slob_carve(struct kmr_slob_page *page, unsigned int block, unsigned int start,
		    unsigned int units);
/* Units in use become free; kmr_slob_reserve() was called. */
void kmr_slob_release(struct kmr_slob_page *page, unsigned int start, unsigned int units);
/* Is any of these units free? */
bool kmr_slob_any_free(const struct kmr_slob_page *page, unsigned int start, unsigned int units);
/* Does an object known to be in use lie in any of them? */
bool kmr_slob_any_live(const struct kmr_slob_page *page, unsigned int start, unsigned int units);

/* slob_heap.c: slob_alloc(), slob_free() */
/* Where a request would be served without a new page; false: nowhere. */
bool kmr_slob_search(const struct kmr_object_backend *b, const struct kmr_slob_request *req,
		     struct kmr_slob_spot *spot, uint64_t *steps);
/* The block's address, header included. */
kmr_obj_t kmr_slob_heap_alloc(struct kmr_object_backend *b, const struct kmr_slob_request *req);
/* @bytes with header; -1: no memory to note it. */
int kmr_slob_heap_free(struct kmr_object_backend *b, uint32_t number, unsigned int start,
		       uint32_t bytes, unsigned int cpu);
void kmr_slob_heap_unalloc(struct kmr_object_backend *b, uint32_t number, unsigned int start,
			   unsigned int cpu);

/* slob.c */
struct kmr_slob_request kmr_slob_cache_request(const struct kmr_slob_cache *c,
					       const struct kmr_object_request *req);
struct kmr_slob_request kmr_slob_kmalloc_request(const struct kmr_object_request *req);
/* kmalloc() of so many bytes takes pages. */
bool kmr_slob_is_large(uint32_t bytes);

/* slob_state.c, slob_check.c: those of the ops */
int kmr_slob_load(struct kmr_object_backend *b, const struct kmr_snapshot *snap,
		  struct kmr_error *err);
int kmr_slob_save(const struct kmr_object_backend *b, struct kmr_snapshot *snap,
		  struct kmr_error *err);
void kmr_slob_where(const struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		    unsigned int cpu, struct kmr_object_info *info);
int kmr_slob_take(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj, uint32_t bytes);
int kmr_slob_learn(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj, uint32_t bytes);
int kmr_slob_forget_slab(struct kmr_object_backend *b, kmr_pfn_t pfn);
int kmr_slob_move_slab(struct kmr_object_backend *b, kmr_pfn_t from, kmr_pfn_t to);
int kmr_slob_adopt_slab(struct kmr_object_backend *b, unsigned int cache, kmr_pfn_t pfn,
			unsigned int order, unsigned int cpu);
int kmr_slob_check(const struct kmr_object_backend *b, struct kmr_error *err);

#endif
