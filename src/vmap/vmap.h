/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vmap backend's state.  What vmalloc(), vmap() and vm_map_ram() do is common to all (vmalloc.c,
 * blocks.c); how addresses are found and come back is a model's own (rbtree.c, augmented.c).
 */
#ifndef KMR_VMAP_VMAP_H
#define KMR_VMAP_VMAP_H

#include "base/ptrmap.h"
#include "kmreplay/vmap.h"
#include "vmap/area.h"

extern const struct kmr_vmap_ops kmr_vmap_rbtree, kmr_vmap_augmented;

/* Most frames that a chunk holds: 64 bytes with the link. */
#define VMAP_CHUNK_FRAMES 15

struct vmap_chunk {
	uint32_t next;
	kmr_pfn_t frames[VMAP_CHUNK_FRAMES];
};

#define VMAP_BLOCK_WORDS 16 /* VMAP_BBMAP_BITS_MAX / 64 */

/* Of small maps: pages are handed out from low to high once, and freed ones wait for the whole. */
struct vmap_block {
	uint32_t prev, next; /* blocks of the CPU with pages left, in the order they were made */
	uint32_t area;
	uint32_t free, dirty; /* pages */
	uint16_t cpu;
	bool listed;
	bool unflushed; /* of the dirty pages some were not flushed by vm_unmap_aliases() */
	kmr_obj_t object;
	uint64_t used[VMAP_BLOCK_WORDS]; /* a bit a page */
};

struct vmap_list {
	uint32_t first, last;
	uint32_t count;
};

/* What versions differ in. */
struct vmap_rules {
	unsigned int since; /* 502 for 5.2 */
	bool bulk; /* pages are asked for 100 at a time */
	bool area_flags; /* struct vmap_area has a word more */
	/* vm_unmap_aliases() leaves a block alone of which a quarter can still be handed out */
	bool keep_blocks;
	bool pools; /* CPUs keep areas for requests of their size */
};

/* An address range that is wanted. */
struct vmap_want {
	uint64_t size, align;
	uint64_t start, end;
	uint32_t gfp;
	int16_t node;
	uint16_t cpu;
	uint8_t kind; /* enum vmap_kind */
	bool bare; /* without objects */
};

/* How a model finds room. */
struct vmap_model {
	/* The number of an area in use; 0: no room, or no memory. */
	uint32_t (*take)(struct kmr_vmap_backend *b, const struct vmap_want *want);
	/* The last area taken, back to where it came from. */
	void (*untake)(struct kmr_vmap_backend *b, uint32_t area);
	/* An area at @start, that @want could have got; 0: it is not all to be had, or no memory. */
	uint32_t (*take_at)(struct kmr_vmap_backend *b, const struct vmap_want *want,
			    uint64_t start);
	/* free_vmap_area_noflush(): what it held stays taken until a purge */
	void (*give)(struct kmr_vmap_backend *b, uint32_t area, unsigned int cpu);
	int (*reserve)(struct kmr_vmap_backend *b, uint32_t area);
	/* __purge_vmap_area_lazy(); @full: pools too.  False: there was nothing. */
	bool (*purge)(struct kmr_vmap_backend *b, bool full);
	void (*shrink)(struct kmr_vmap_backend *b); /* NULL: there are no pools */
	/* calls @fn with every range that can be given out, in order */
	void (*holes)(const struct kmr_vmap_backend *b,
		      void (*fn)(void *ctx, uint64_t start, uint64_t end), void *ctx);
	uint32_t (*lazy_areas)(const struct kmr_vmap_backend *b);
	int (*check)(const struct kmr_vmap_backend *b, struct kmr_error *err);
};

/* rbtree.c: where the last search ended */
struct vmap_cache {
	uint32_t area; /* free_vmap_cache; 0: none */
	uint64_t hole, start, align; /* cached_hole_size, cached_vstart, cached_align */
};

#define VMAP_POOL_PAGES 256 /* MAX_VA_SIZE_PAGES */
#define VMAP_MAX_NODES	128

/* augmented.c: struct vmap_node.  One of them before 6.9. */
struct vmap_node {
	struct vmap_tree lazy;
	struct vmap_list pools[VMAP_POOL_PAGES]; /* by size in pages, from 1 */
	bool skip_pools;
};

struct kmr_vmap_backend {
	struct kmr_vmap_config c;
	struct kmr_address_space space;
	const struct vmap_model *model;
	const struct vmap_rules *rules;
	struct kmr_pool areas, chunks, blocks;
	struct vmap_tree busy; /* rbtree: those freed and not purged, too */
	uint64_t page_bytes;
	uint64_t space_end; /* of the addresses that there are: ULONG_MAX */
	uint64_t lazy_max, lazy_pages; /* pages */
	/* rbtree */
	struct vmap_cache cache, cache_before; /* the latter: before the last area was taken */
	struct vmap_list lazy; /* the one freed last is first */
	/* augmented */
	struct vmap_tree free;
	struct vmap_node *nodes;
	unsigned int nr_nodes;
	uint32_t *preload; /* by CPU: an area for the next cut in the middle of a hole */
	bool from_pool; /* the last area taken was */
	uint32_t pooled_areas;
	uint64_t pooled_pages;
	/* blocks of small maps */
	struct vmap_list *queues; /* by CPU: vmap_block_queue */
	uint32_t block_pages; /* VMAP_BBMAP_BITS */
	uint32_t max_ram_pages; /* VMAP_MAX_ALLOC */
	uint32_t nr_blocks;
	uint64_t block_used, block_dirty; /* pages */
	/* page tables that are there, by the address they map and their level */
	struct kmr_ptrmap tables;
	uint64_t total_pages; /* of the machine: nothing larger is tried */
	uint64_t pages, table_pages, object_bytes;
	struct kmr_vmap_work work;
};

static inline struct vmap_area *kmr_vmap_area(const struct kmr_vmap_backend *b, uint32_t n)
{
	return kmr_vmap_at(&b->areas, n);
}

static inline struct vmap_block *kmr_vmap_block(const struct kmr_vmap_backend *b, uint32_t n)
{
	return kmr_pool_at(&b->blocks, n);
}

static inline uint64_t kmr_vmap_pages(const struct kmr_vmap_backend *b, const struct vmap_area *a)
{
	return kmr_vmap_size(a) >> b->space.page_shift;
}

static inline uint64_t kmr_vmap_align(uint64_t addr, uint64_t align)
{
	return (addr + align - 1) & ~(align - 1);
}

/* The rules of a version: those of the last entry that is not newer. */
const struct vmap_rules *kmr_vmap_rules(unsigned int version);

/* A backend without its model's own state; @params, or NULL: lazy_max, block_order. */
struct kmr_vmap_backend *kmr_vmap_create(const struct kmr_vmap_config *config,
					 const struct vmap_model *model, const uint64_t *params,
					 struct kmr_error *err);
void kmr_vmap_destroy(struct kmr_vmap_backend *b);

/* struct vmap_area with its object, unless @want is bare; 0: no memory.  And back. */
uint32_t kmr_vmap_area_new(struct kmr_vmap_backend *b, const struct vmap_want *want);
void kmr_vmap_area_free(struct kmr_vmap_backend *b, uint32_t area, unsigned int cpu);

/*
 * An object of @bytes: KMR_NO_OBJ when there is no memory, VMAP_NO_OBJECT when objects take none.
 */
#define VMAP_NO_OBJECT (UINT64_MAX - 1)
kmr_obj_t kmr_vmap_object_new(struct kmr_vmap_backend *b, uint32_t bytes, uint32_t gfp, int node,
			      unsigned int cpu);
void kmr_vmap_object_free(struct kmr_vmap_backend *b, kmr_obj_t obj, uint32_t bytes,
			  unsigned int cpu);

/* An area of @want that is in use; purges when there is no room at first.  0: there is none. */
uint32_t kmr_vmap_take_area(struct kmr_vmap_backend *b, const struct vmap_want *want);
/* Tells the model, which drains when enough has gathered. */
void kmr_vmap_give_area(struct kmr_vmap_backend *b, uint32_t area, unsigned int cpu);
/* Background work: drain_vmap_area_work() */
void kmr_vmap_drain(struct kmr_vmap_backend *b);
/* purge_vmap_area_lazy() */
void kmr_vmap_purge_all(struct kmr_vmap_backend *b);
/* vm_unmap_aliases() */
void kmr_vmap_unalias(struct kmr_vmap_backend *b);
/* The area in use that begins at @addr; 0: none. */
uint32_t kmr_vmap_begins_at(const struct kmr_vmap_backend *b, uint64_t addr);

/* Page tables for [start, end) are there, or are made; -1: no memory. */
int kmr_vmap_tables(struct kmr_vmap_backend *b, uint64_t start, uint64_t end, int node,
		    unsigned int cpu);

/* blocks.c */
uint64_t kmr_vmap_block_alloc(struct kmr_vmap_backend *b, uint32_t pages, int node,
			      unsigned int cpu);
int kmr_vmap_block_release(struct kmr_vmap_backend *b, uint32_t area, uint64_t addr, uint32_t pages,
			   unsigned int cpu);
/* Those with no page mapped are given back; @all: also those with many pages left. */
void kmr_vmap_blocks_purge(struct kmr_vmap_backend *b, bool all);
/* There are unmapped pages in blocks to flush; from 6.5 on they are noted as flushed. */
bool kmr_vmap_blocks_dirty(struct kmr_vmap_backend *b);
int kmr_vmap_blocks_check(const struct kmr_vmap_backend *b, struct kmr_error *err);

/* state.c, check.c */
void kmr_vmap_state(const struct kmr_vmap_backend *b, struct kmr_vmap_state *state);
int kmr_vmap_check(const struct kmr_vmap_backend *b, struct kmr_error *err);

/* The calls of struct kmr_vmap_ops that every backend has in common. */
uint64_t kmr_vmap_alloc(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req);
int kmr_vmap_free(struct kmr_vmap_backend *b, uint64_t addr, unsigned int cpu);
uint64_t kmr_vmap_map(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req);
int kmr_vmap_unmap(struct kmr_vmap_backend *b, uint64_t addr, unsigned int cpu);
uint64_t kmr_vmap_map_ram(struct kmr_vmap_backend *b, uint32_t pages, int node, unsigned int cpu);
int kmr_vmap_unmap_ram(struct kmr_vmap_backend *b, uint64_t addr, uint32_t pages, unsigned int cpu);
uint64_t kmr_vmap_take(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req);
int kmr_vmap_give(struct kmr_vmap_backend *b, uint64_t addr, unsigned int cpu);
int kmr_vmap_reserve(struct kmr_vmap_backend *b, uint64_t start, uint64_t end);
void kmr_vmap_untake(struct kmr_vmap_backend *b, uint64_t addr);
int kmr_vmap_take_at(struct kmr_vmap_backend *b, const struct kmr_vmap_request *req, uint64_t addr);
void kmr_vmap_shrink(struct kmr_vmap_backend *b);
const struct kmr_vmap_work *kmr_vmap_work(const struct kmr_vmap_backend *b);
const struct kmr_address_space *kmr_vmap_space(const struct kmr_vmap_backend *b);
unsigned int kmr_vmap_version(const struct kmr_vmap_backend *b);
uint64_t kmr_vmap_lazy_pages(const struct kmr_vmap_backend *b);
uint64_t kmr_vmap_lazy_max(const struct kmr_vmap_backend *b);

#define KMR_VMAP_COMMON_OPS                                                                  \
	.destroy = kmr_vmap_destroy, .alloc = kmr_vmap_alloc, .free = kmr_vmap_free,         \
	.map = kmr_vmap_map, .unmap = kmr_vmap_unmap, .map_ram = kmr_vmap_map_ram,           \
	.unmap_ram = kmr_vmap_unmap_ram, .take = kmr_vmap_take, .give = kmr_vmap_give,       \
	.reserve = kmr_vmap_reserve, .untake = kmr_vmap_untake, .take_at = kmr_vmap_take_at, \
	.drain = kmr_vmap_drain, .purge = kmr_vmap_unalias, .shrink = kmr_vmap_shrink,       \
	.state = kmr_vmap_state, .work = kmr_vmap_work, .space = kmr_vmap_space,             \
	.version = kmr_vmap_version, .lazy_pages = kmr_vmap_lazy_pages,                      \
	.lazy_max = kmr_vmap_lazy_max, .check = kmr_vmap_check

#endif
