/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SLUB (mm/slub.c of Linux 6.1 and 6.12), its data structure.
 *
 * A slab is 2^order frames full of objects of one size.  The kernel links free objects through
 * themselves; here each slab has an array of 2-byte links, one an object: the index of the next
 * free object, END, or USED.  So an object costs 2 bytes, and freeing what is not in use is noticed.
 *
 * A slab is in one of these places:
 *
 *   CPU           it is some CPU's: the CPU has a freelist of its own into it, whose objects count
 *                 as in use for the slab; what other CPUs free goes to the slab's freelist
 *   CPU_PARTIAL   on some CPU's list of partial slabs, the one to be loaded next first
 *   NODE_PARTIAL  on its node's list of partial slabs
 *   FULL          on no list; the first free puts it onto a CPU's partial list
 *
 * Slabs are numbered from 1 and lie in chunks that never move; frames tell their slab's number
 * (framemap.h).  A slab given back waits with its array of links on its cache's list of spare ones,
 * so that steady growing and shrinking allocates nothing.
 */
#ifndef KMR_OBJECT_SLUB_H
#define KMR_OBJECT_SLUB_H

#include "base/framemap.h"
#include "kmreplay/object.h"
#include "object/kmalloc.h"
#include "object/object.h"

#define SLUB_END	 UINT16_MAX
#define SLUB_USED	 (UINT16_MAX - 1)
#define SLUB_MAX_OBJECTS 32767u /* MAX_OBJS_PER_PAGE */
#define SLUB_CHUNK_BITS	 10

enum slub_place {
	SLUB_NOWHERE, /* not a slab at the moment */
	SLUB_CPU,
	SLUB_CPU_PARTIAL,
	SLUB_NODE_PARTIAL,
	SLUB_FULL,
};

struct slub_slab {
	uint16_t *links; /* [objects] */
	kmr_pfn_t pfn;
	uint32_t next, prev; /* slab numbers on its list; 0: none */
	uint32_t slabs; /* CPU_PARTIAL: length of the list from here on */
	uint16_t cache;
	uint16_t cpu; /* CPU, CPU_PARTIAL: whose */
	uint16_t objects, inuse;
	uint16_t freelist; /* the slab's own: first free object, or END */
	uint8_t order, place, node;
};

struct slub_cpu {
	uint32_t slab; /* 0: none */
	uint32_t partial; /* first of the partial slabs; 0: none */
	uint16_t freelist;
};

struct slub_node {
	uint32_t first, last;
	uint32_t nr_partial;
};

struct slub_cache {
	struct slub_cpu *cpus;
	uint64_t reciprocal; /* 2^40 / size, rounded up; 0: divide */
	uint32_t size, object_size;
	uint32_t align;
	uint32_t flags; /* enum kmr_cache_flags */
	uint32_t allocflags; /* GFP flags of its slabs' pages */
	uint16_t objects, min_objects; /* of a slab of either order */
	uint8_t order, min_order;
	uint32_t min_partial, cpu_partial_slabs;
	uint32_t offset; /* of the free pointer: only to be told */
	uint32_t spare; /* slabs that are not in use, linked through next */
	struct slub_node *nodes;
	uint64_t nr_slabs, nr_objects, nr_pages;
	uint64_t live; /* objects in use by their users */
	uint64_t allocs, frees, failures, remote_frees, slab_allocs, slab_frees;
	char name[KMR_SNAP_CACHE_NAME];
};

enum slub_param {
	SLUB_PARAM_MAX_ORDER,
	SLUB_PARAM_MIN_OBJECTS,
	SLUB_PARAM_MIN_PARTIAL,
	SLUB_PARAM_CPU_PARTIAL,
	SLUB_NR_PARAMS,
};

struct kmr_object_backend {
	struct kmr_object_config c;
	uint64_t params[SLUB_NR_PARAMS];
	unsigned int page_shift;
	struct slub_cache *caches;
	size_t nr_caches, cap_caches;
	struct slub_slab **chunks;
	size_t nr_chunks, cap_chunks;
	uint32_t nr_slabs; /* numbers given out */
	struct kmr_framemap frames;
	struct kmr_kmalloc kmalloc;
	struct kmr_object_work work;
	uint64_t large_pages;
};

static inline struct slub_slab *slub_slab(const struct kmr_object_backend *b, uint32_t number)
{
	return &b->chunks[(number - 1) >> SLUB_CHUNK_BITS]
			 [(number - 1) & ((1u << SLUB_CHUNK_BITS) - 1)];
}

static inline kmr_obj_t slub_address(const struct kmr_object_backend *b, const struct slub_cache *c,
				     const struct slub_slab *s, unsigned int index)
{
	return ((uint64_t)s->pfn << b->page_shift) + (uint64_t)index * c->size;
}

/* slub_sizes.c: what follows from a cache's sizes; -1 with a message when it can't be. */
int slub_calculate_sizes(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
			 struct slub_cache *c, struct kmr_error *err);

/* slub_slab.c: slabs come, go, and move between lists. */
uint32_t slub_new_slab(struct kmr_object_backend *b, unsigned int cache,
		       const struct kmr_object_request *req);
/* A slab number for frames that are there already, all objects in use, FULL; 0: no memory. */
uint32_t slub_place_slab(struct kmr_object_backend *b, unsigned int cache, kmr_pfn_t pfn,
			 unsigned int order, unsigned int objects);
void slub_discard(struct kmr_object_backend *b, uint32_t number, unsigned int cpu);
/* The slab is no more; its pages are not given back. */
void slub_retire(struct kmr_object_backend *b, uint32_t number);
void slub_add_partial(struct kmr_object_backend *b, uint32_t number, bool tail);
void slub_remove_partial(struct kmr_object_backend *b, uint32_t number);
/* The CPU's partial slabs from @number on go to their nodes (__unfreeze_partials()). */
void slub_unfreeze(struct kmr_object_backend *b, uint32_t number, unsigned int cpu);
void slub_put_cpu_partial(struct kmr_object_backend *b, uint32_t number, unsigned int cpu,
			  bool drain);
/* Takes a slab off a CPU's partial list, wherever on it. */
void slub_remove_cpu_partial(struct kmr_object_backend *b, uint32_t number);
void slub_deactivate(struct kmr_object_backend *b, struct slub_cpu *c, unsigned int cpu);
void slub_shrink(struct kmr_object_backend *b, unsigned int cache);

/* slub.c: the slab is the CPU's, and all of its free objects the CPU's freelist. */
void slub_load_slab(struct kmr_object_backend *b, struct slub_cpu *c, uint32_t number,
		    unsigned int cpu);
/* The slab and index of an object; 0 when there is none of @cache at that address. */
uint32_t slub_find(const struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		   unsigned int *index);
int slub_cache_create(struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
		      struct kmr_error *err);
int slub_cache_free(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		    unsigned int cpu);

/* slub_state.c, slub_check.c: ops. */
int slub_load(struct kmr_object_backend *b, const struct kmr_snapshot *snap, struct kmr_error *err);
int slub_save(const struct kmr_object_backend *b, struct kmr_snapshot *snap, struct kmr_error *err);
void slub_where(const struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		unsigned int cpu, struct kmr_object_info *info);
int slub_take(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj, uint32_t bytes);
uint32_t slub_hold(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		   unsigned int cpu);
void slub_unalloc(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		  unsigned int cpu);
int slub_forget_slab(struct kmr_object_backend *b, kmr_pfn_t pfn);
int slub_move_slab(struct kmr_object_backend *b, kmr_pfn_t from, kmr_pfn_t to);
int slub_adopt_slab(struct kmr_object_backend *b, unsigned int cache, kmr_pfn_t pfn,
		    unsigned int order, unsigned int cpu);
int slub_check(const struct kmr_object_backend *b, struct kmr_error *err);

#endif
