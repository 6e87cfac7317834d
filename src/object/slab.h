/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of Linux 6.1's SLAB (mm/slab.c): its data, and what its files offer one another.
 *
 *   slab.c         the backend's calls, kmalloc() that takes pages
 *   slab_size.c    how objects are laid out in a slab; limits of array caches
 *   slab_cache.c   caches, their array caches and nodes
 *   slab_slabs.c   slabs: made, given back, their free objects, their lists
 *   slab_alloc.c   allocations and frees through array caches, shared and alien ones
 *   slab_reap.c    the periodic reaper, kmem_cache_shrink()
 *   slab_state.c   snapshots in and out
 *   slab_verify.c  single objects and slabs for verify
 *   slab_check.c   the invariants
 *
 * A cache has an array cache for each CPU, a stack of free objects, and for each node three lists
 * of slabs (full, partial, free) and an array cache that the node's CPUs share.  A slab knows its
 * free objects by an array of indices, of which those from `active` on are the list of the free
 * ones: taking one moves `active` up, giving one back moves it down and writes the index there.
 * An object in an array cache is active to its slab, as in the kernel; which objects users hold is
 * a bit each, which the kernel has not: it tells a double free from a free.
 *
 * A frame leads to its slab by number (framemap.h); slabs lie in chunks that never move.  A slab's
 * struct goes from its end to a list of its cache, indices and bits with it, for the next slab.
 *
 * Nodes: with one, there are no alien caches and the flags of page requests are those of a kernel
 * built without NUMA.
 */
#ifndef KMR_OBJECT_SLAB_H
#define KMR_OBJECT_SLAB_H

#include "base/framemap.h"
#include "kmreplay/gfp.h"
#include "kmreplay/object.h"
#include "object/kmalloc.h"
#include "object/object.h"

#define KMR_SLAB_CHUNK_BITS 10
#define KMR_SLAB_MAX_LIMIT  65536u /* of an array cache; the kernel's own are 120 at most */
/* BATCHREFILL_LIMIT: a refill of an array cache that was not used lately takes no more */
#define KMR_SLAB_QUIET_BATCH 16u
#define KMR_SLAB_MAX_NUM     32767u /* objects of a slab, as snapshots allow */

/* Positions of the parameters. */
enum {
	KMR_SLAB_PARAM_REAP,
	KMR_SLAB_PARAM_PHASE,
	KMR_SLAB_PARAM_HZ,
	KMR_SLAB_NR_PARAMS,
};

enum slab_list {
	SLAB_FULL,
	SLAB_PARTIAL,
	SLAB_FREE,
	SLAB_NR_LISTS,
	SLAB_NO_LIST = SLAB_NR_LISTS,
};

/* A link of a ring; the list's head is one too. */
struct slab_link {
	struct slab_link *next, *prev;
};

struct slab {
	struct slab_link link; /* first: a link is cast to its slab */
	struct slab_cache *cache;
	uint16_t *free; /* indices; from [active] on those of free objects, first to go first */
	kmr_obj_t freelist; /* where the kernel's indices are when off the slab; else KMR_NO_OBJ */
	kmr_pfn_t pfn;
	uint32_t number; /* in the frame map */
	uint32_t offset; /* of the first object, bytes: the slab's colour */
	uint16_t active; /* objects not free in the slab: users' and array caches' */
	uint16_t used; /* of them users' */
	uint8_t node;
	uint8_t list; /* enum slab_list */
};

_Static_assert(sizeof(void *) != 8 || sizeof(struct slab) == 64, "a slab is a cache line");

/* A free object on its way. */
struct slab_object {
	struct slab *slab;
	uint32_t index;
};

/* struct array_cache.  A CPU's has no entries and a limit of 0 until it is first needed. */
struct slab_array {
	uint32_t avail, limit, batch;
	uint32_t touched;
	struct slab_object *entry; /* the last one goes first */
};

/* struct kmem_cache_node */
struct slab_node {
	struct slab_link lists[SLAB_NR_LISTS];
	uint32_t total_slabs, free_slabs;
	uint64_t free_objects; /* in slabs, not in array caches */
	uint64_t free_limit; /* above it free slabs are given back */
	uint32_t colour_next;
	bool free_touched; /* a free slab was needed since the reaper came by */
	uint64_t next_reap; /* ns */
	struct slab_array shared; /* limit 0: there is none */
	struct slab_array *alien; /* by node; NULL: none.  Objects of that node freed on this */
};

/* Objects in a slab. */
struct slab_layout {
	uint32_t size; /* bytes from one to the next */
	uint32_t align;
	uint32_t order;
	uint32_t objects;
	uint32_t colour; /* how many offsets there are to begin at */
	uint32_t colour_off; /* bytes between them */
	uint32_t freelist_size; /* bytes of the kernel's indices */
	bool off_slab; /* which are in an object of a kmalloc cache */
};

struct slab_cache {
	struct slab_layout lay;
	uint32_t inverse; /* 2^32 / size, rounded up */
	uint32_t number;
	struct slab_array *cpu;
	struct slab_node *nodes;
	struct slab_cache *next; /* slab_caches: newest first */
	struct slab *spare; /* structs of slabs that are gone */
	uint32_t object_size, flags;
	uint32_t limit, batch, shared;
	uint32_t gfp; /* allocflags */
	uint64_t used; /* objects that users hold */
	uint64_t allocs, frees, failures, remote_frees;
	uint64_t slab_allocs, slab_frees;
	char name[KMR_SNAP_CACHE_NAME];
};

/* So many slabs that they need not move when there are more. */
struct slab_chunk {
	struct slab *slabs;
};

struct kmr_object_backend {
	const struct kmr_machine *machine;
	struct kmr_object_pages pages;
	struct kmr_object_work work;
	struct kmr_framemap map;
	struct slab_cache *caches[KMR_MAX_CACHES];
	uint32_t nr_caches;
	struct slab_cache *first; /* slab_caches */
	struct slab_chunk *chunks; /* slab number n is [n >> bits][n & mask]; 0 is none */
	size_t nr_chunks, cap_chunks;
	uint32_t nr_slabs; /* numbers given out, + 1 */
	struct kmr_kmalloc kmalloc;
	uint64_t slab_pages, large_pages;
	unsigned int version, page_shift, nr_nodes, nr_cpus;
	unsigned int max_order; /* slab_max_order */
	unsigned int index_bytes; /* sizeof(freelist_idx_t) */
	uint32_t max_num; /* SLAB_OBJ_MAX_NUM */
	bool reap;
	bool ticked; /* next_reap is set */
	uint64_t now, phase, jiffy; /* ns */
	uint64_t reap_due; /* no reaper before that; ns */
	uint64_t *next_reap; /* by CPU */
	uint8_t *reap_node; /* by CPU: whose alien caches come next */
	uint8_t *mem_node; /* by CPU: numa_mem_id() */
	bool has_memory[KMR_MAX_NODES];
};

/* slab_size.c */

/*
 * Lays out a slab by the kernel's rules; what @spec fixes is kept.  Looks for the kmalloc cache that
 * would hold the indices among those there are.  -1: sizes are absurd.
 */
int kmr_slab_layout(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
		    struct slab_layout *lay, struct kmr_error *err);
/* Limits of a cache's array caches by the size of its objects: enable_cpucache(). */
void kmr_slab_tunables(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
		       uint32_t size, uint32_t *limit, uint32_t *batch, uint32_t *shared);
/* Are the indices where kmalloc() has to find room for them? */
bool kmr_slab_is_off(const struct kmr_object_backend *b, const struct slab_cache *c);

/* slab_cache.c */

/* At the front of the chain, or at its end as load does. */
struct slab_cache *kmr_slab_cache_add(struct kmr_object_backend *b, const char *name, bool at_front,
				      struct kmr_error *err);
/* Array caches and nodes, once layout and limits are set. */
int kmr_slab_cache_ready(struct kmr_object_backend *b, struct slab_cache *c, struct kmr_error *err);
void kmr_slab_cache_free(const struct kmr_object_backend *b, struct slab_cache *c);
int kmr_slab_cache_create(struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
			  struct kmr_error *err);
/* The entries of a CPU's array cache; -1: no memory. */
int kmr_slab_array_ready(const struct slab_cache *c, struct slab_array *ac);
int kmr_slab_array_init(struct slab_array *ac, uint32_t limit, uint32_t batch);

/* slab_slabs.c */
struct slab *kmr_slab_new(struct kmr_object_backend *b, struct slab_cache *c, kmr_pfn_t pfn,
			  uint32_t offset);
/* Its frames are no slab's any more; the struct waits for the next slab of its cache. */
void kmr_slab_retire(struct kmr_object_backend *b, struct slab *s);
struct slab *kmr_slab_grow(struct kmr_object_backend *b, struct slab_cache *c, uint32_t gfp,
			   unsigned int node, unsigned int cpu);
void kmr_slab_grow_end(struct slab *s);
uint32_t kmr_slab_next_colour(const struct slab_cache *c, struct slab_node *n);
/* slab_destroy() for each on the ring, from its head. */
void kmr_slab_destroy_list(struct kmr_object_backend *b, struct slab_link *ring, unsigned int cpu);
/* fixup_slab_list(): to the head of the list it belongs on now. */
void kmr_slab_fixup(struct slab_node *n, struct slab *s);
struct slab *kmr_slab_first(struct slab_node *n);
/* free_block(); slabs beyond the limit go to @ring. */
void kmr_slab_free_block(struct slab_cache *c, const struct slab_object *obj, uint32_t count,
			 unsigned int node, struct slab_link *ring);
unsigned int kmr_slab_node_of(const struct kmr_object_backend *b, kmr_pfn_t pfn);

/* slab_alloc.c */
kmr_obj_t kmr_slab_alloc(struct kmr_object_backend *b, struct slab_cache *c,
			 const struct kmr_object_request *req);
/* @o is in use and stops being so. */
void kmr_slab_free(struct kmr_object_backend *b, struct slab_object o, unsigned int cpu);
void kmr_slab_remove_front(struct slab_array *ac, uint32_t count);
uint32_t kmr_slab_transfer(struct slab_array *to, struct slab_array *from, uint32_t max);
void kmr_slab_drain_alien(struct slab_cache *c, struct slab_array *alien, unsigned int node,
			  struct slab_link *ring);

/* slab_reap.c */
void kmr_slab_shrink(struct kmr_object_backend *b, unsigned int cache);
void kmr_slab_tick(struct kmr_object_backend *b, uint64_t now);

/* slab_state.c, slab_verify.c, slab_check.c */
int kmr_slab_load(struct kmr_object_backend *b, const struct kmr_snapshot *snap,
		  struct kmr_error *err);
int kmr_slab_save(const struct kmr_object_backend *b, struct kmr_snapshot *snap,
		  struct kmr_error *err);
void kmr_slab_where(const struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		    unsigned int cpu, struct kmr_object_info *info);
int kmr_slab_take(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj, uint32_t bytes);
void kmr_slab_unalloc(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		      unsigned int cpu);
int kmr_slab_forget(struct kmr_object_backend *b, kmr_pfn_t pfn);
int kmr_slab_move(struct kmr_object_backend *b, kmr_pfn_t from, kmr_pfn_t to);
int kmr_slab_adopt(struct kmr_object_backend *b, unsigned int cache, kmr_pfn_t pfn,
		   unsigned int order, unsigned int cpu);
int kmr_slab_check(const struct kmr_object_backend *b, struct kmr_error *err);

/* Rings of slabs. */

static inline void slab_ring_init(struct slab_link *ring)
{
	ring->next = ring;
	ring->prev = ring;
}

static inline bool slab_ring_empty(const struct slab_link *ring)
{
	return ring->next == ring;
}

static inline struct slab *slab_of(struct slab_link *link)
{
	return (struct slab *)link;
}

static inline void slab_unlink(struct slab *s)
{
	s->link.prev->next = s->link.next;
	s->link.next->prev = s->link.prev;
	s->list = SLAB_NO_LIST;
}

static inline void slab_link_between(struct slab *s, struct slab_link *prev, struct slab_link *next)
{
	s->link.prev = prev;
	s->link.next = next;
	prev->next = &s->link;
	next->prev = &s->link;
}

static inline void slab_add_head(struct slab_node *n, struct slab *s, enum slab_list list)
{
	slab_link_between(s, &n->lists[list], n->lists[list].next);
	s->list = (uint8_t)list;
}

static inline void slab_add_tail(struct slab_node *n, struct slab *s, enum slab_list list)
{
	slab_link_between(s, n->lists[list].prev, &n->lists[list]);
	s->list = (uint8_t)list;
}

/* Objects of a slab. */

static inline uint8_t *slab_bits(const struct slab *s)
{
	return (uint8_t *)(s->free + s->cache->lay.objects);
}

static inline bool slab_in_use(const struct slab *s, uint32_t index)
{
	return slab_bits(s)[index >> 3] >> (index & 7u) & 1;
}

static inline void slab_set_used(struct slab *s, uint32_t index)
{
	slab_bits(s)[index >> 3] |= (uint8_t)(1u << (index & 7u));
	s->used++;
	s->cache->used++;
}

static inline void slab_clear_used(struct slab *s, uint32_t index)
{
	slab_bits(s)[index >> 3] &= (uint8_t) ~(1u << (index & 7u));
	s->used--;
	s->cache->used--;
}

static inline struct slab_object slab_get_object(struct slab *s)
{
	return (struct slab_object){ s, s->free[s->active++] };
}

static inline void slab_put_object(struct slab *s, uint32_t index)
{
	s->free[--s->active] = (uint16_t)index;
}

static inline kmr_obj_t slab_address(const struct kmr_object_backend *b, struct slab_object o)
{
	return ((kmr_obj_t)o.slab->pfn << b->page_shift) + o.slab->offset +
	       (kmr_obj_t)o.index * o.slab->cache->lay.size;
}

static inline struct slab *slab_by_number(const struct kmr_object_backend *b, uint32_t number)
{
	return &b->chunks[number >> KMR_SLAB_CHUNK_BITS]
			.slabs[number & ((1u << KMR_SLAB_CHUNK_BITS) - 1)];
}

/* The slab of a frame, NULL: none. */
static inline struct slab *slab_at(const struct kmr_object_backend *b, uint64_t pfn)
{
	const uint32_t number = kmr_framemap_get(&b->map, pfn);

	return number && !(number & KMR_FRAME_LARGE) ? slab_by_number(b, number) : NULL;
}

/* The object that begins at an address; its slab is NULL when none does. */
static inline struct slab_object slab_object_at(const struct kmr_object_backend *b, kmr_obj_t obj)
{
	struct slab_object o = { slab_at(b, obj >> b->page_shift), 0 };
	uint64_t offset;

	if (!o.slab)
		return o;
	/* before the first object it wraps round and is beyond every other */
	offset = obj - ((kmr_obj_t)o.slab->pfn << b->page_shift) - o.slab->offset;
	o.index = (uint32_t)((uint64_t)(uint32_t)offset * o.slab->cache->inverse >> 32);
	if ((uint64_t)o.index * o.slab->cache->lay.size != offset ||
	    o.index >= o.slab->cache->lay.objects)
		o.slab = NULL;
	return o;
}

static inline struct slab_node *slab_node(const struct slab *s)
{
	return &s->cache->nodes[s->node];
}

#endif
