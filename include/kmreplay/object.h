/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Object backends: models of the allocators of small objects (SLUB, SLAB, SLOB).  A backend is one
 * const struct kmr_object_ops; it is created for a machine, takes its pages from whoever gives it
 * struct kmr_object_pages and knows nothing of the page allocator behind that, nor of traces.
 *
 * An object is known by its simulated physical address: page frame number times page size plus the
 * offset within.  In a kernel with a direct map that is its pointer less a constant, which is how
 * `verify` compares the two.
 */
#ifndef KMREPLAY_OBJECT_H
#define KMREPLAY_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/machine.h"
#include "kmreplay/page.h"
#include "kmreplay/param.h"
#include "kmreplay/snapshot.h"

typedef uint64_t kmr_obj_t; /* simulated physical address, bytes */
#define KMR_NO_OBJ UINT64_MAX

#define KMR_MAX_CACHES	    4096u
#define KMR_MAX_OBJECT_SIZE (UINT32_C(1) << 22) /* bytes; the kernels' KMALLOC_MAX_SIZE */

/* A cache to be created.  What is KMR_BY_RULE is worked out as the allocator's kernel does it. */
#define KMR_BY_RULE UINT32_MAX
struct kmr_cache_spec {
	const char *name; /* copied */
	uint32_t object_size; /* bytes, as its creator asked for */
	uint32_t align; /* bytes; KMR_BY_RULE: the least there is, or for kmalloc the class's own */
	uint32_t flags; /* enum kmr_cache_flags */
	uint32_t size; /* bytes from one object to the next */
	uint32_t order; /* pages of a slab */
	uint32_t min_partial, cpu_partial_slabs; /* SLUB */
	uint32_t limit, batch, shared; /* SLAB: array caches, in objects */
};

struct kmr_object_request {
	uint32_t bytes; /* asked for: kmalloc; for caches what the trace says, to count waste */
	uint32_t gfp; /* canonical, gfp.h */
	int16_t node; /* -1: any */
	uint16_t cpu;
};

/* Where pages come from. */
struct kmr_object_pages {
	void *ctx;
	/* KMR_NO_PFN: none left */
	kmr_pfn_t (*alloc)(void *ctx, const struct kmr_page_request *req);
	/* @rcu: after a grace period */
	void (*free)(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu, bool rcu);
};

struct kmr_object_config {
	const struct kmr_machine *machine; /* must outlive the backend */
	unsigned int version; /* 601, 612: whose rules */
	unsigned int pointer_bytes; /* 4 or 8 */
	struct kmr_object_pages pages;
};

/* A cache at one moment, as /proc/slabinfo has it and somewhat more. */
struct kmr_cache_state {
	const char *name;
	uint32_t object_size, size; /* bytes */
	uint32_t objects_per_slab, order;
	uint32_t flags;
	uint32_t limit, batch, shared; /* SLAB's tunables; 0 elsewhere */
	uint64_t active; /* objects in use, as their users see it */
	uint64_t objects; /* in all slabs */
	uint64_t slabs;
	uint64_t pages;
	uint64_t partial_slabs; /* on node lists */
	uint64_t cpu_slabs; /* SLUB: held by CPUs, partial ones included */
	uint64_t cached; /* SLAB: free objects in array caches */
	uint64_t allocs, frees, failures; /* since the start */
	uint64_t remote_frees; /* given back to a slab or node that another CPU uses */
	uint64_t slab_allocs, slab_frees; /* slabs taken and given back */
};

/* What /proc/slabinfo has of a cache beyond that. */
struct kmr_slabinfo {
	uint64_t active_objs; /* in use, and free where the allocator does not look for them */
	uint64_t active_slabs;
	uint64_t shared_avail; /* SLAB: free objects in the nodes' shared array caches */
};

/* How often the model did what, since it was created. */
struct kmr_object_work {
	uint64_t allocs, frees, failures;
	uint64_t fast_allocs, fast_frees; /* from and to what the CPU holds */
	uint64_t cpu_partial; /* SLUB: slabs loaded from the CPU's partial list */
	uint64_t node_partial; /* slabs loaded from a node's partial list */
	uint64_t refills, flushes; /* SLAB: array caches */
	uint64_t list_steps; /* SLOB: blocks and pages looked at */
	uint64_t slab_allocs, slab_frees;
	uint64_t order_fallbacks; /* slabs of the smallest order for want of larger ones */
	uint64_t remote_frees;
	uint64_t large_allocs, large_frees; /* kmalloc() served with pages */
	uint64_t bad_frees; /* of what is not in use: reported, otherwise ignored */
	/*
	 * SLAB: of the allocs and frees above those it does itself, for indices kept off a slab.
	 * The traced kernel's have events too, from cache_alloc_refill() and drain_freelist().
	 */
	uint64_t inner_allocs, inner_frees;
	/* for what it costs (kmreplay/cost.h), no result by itself as the others are */
	uint64_t slab_objects; /* of new slabs, put on their freelists */
};

/* Where an object is. */
enum kmr_object_place {
	KMR_OBJ_NONE, /* in no slab of that cache */
	KMR_OBJ_USED,
	KMR_OBJ_CPU, /* free, held by a CPU: freelist, array cache */
	KMR_OBJ_SLAB, /* free in a slab: its own list */
};

struct kmr_object_info {
	enum kmr_object_place place;
	/*
	 * How many allocations by @cpu come before this object's turn, when nothing is freed
	 * meanwhile and no slab added; UINT32_MAX: not known, or too many.
	 */
	uint32_t distance;
	kmr_pfn_t slab; /* first frame of its slab */
	uint32_t cache;
};

struct kmr_object_backend; /* each implementation's own */

struct kmr_object_ops {
	const char *name;
	const char *description; /* one line */
	const struct kmr_param *params;
	unsigned int nr_params;
	/*
	 * All objects come from one heap, whatever their cache: no slab is of one cache, unalloc()
	 * takes the last allocation back exactly, and free() gives an object of a KMR_CACHE_RCU cache
	 * back at once: the caller has to wait for the end of the grace period.
	 */
	bool heap;
	/* What is not in use is given back in time; otherwise a CPU keeps a slab once it has one. */
	bool reaps;

	/* A backend without caches; kmalloc()'s are made by kmalloc_init or come with load(). */
	struct kmr_object_backend *(*create)(const struct kmr_object_config *config,
					     const uint64_t *params, struct kmr_error *err);
	void (*destroy)(struct kmr_object_backend *b);

	/* Its number, counting from 0; -1 with a message when sizes are absurd. */
	int (*cache_create)(struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
			    struct kmr_error *err);
	/* Makes the size classes of kmalloc() that are not there yet. */
	int (*kmalloc_init)(struct kmr_object_backend *b, struct kmr_error *err);

	/* KMR_NO_OBJ: there were no pages. */
	kmr_obj_t (*alloc)(struct kmr_object_backend *b, unsigned int cache,
			   const struct kmr_object_request *req);
	/* -1 and nothing done: it is no object of that cache, or not in use. */
	int (*free)(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		    unsigned int cpu);
	kmr_obj_t (*kmalloc)(struct kmr_object_backend *b, const struct kmr_object_request *req);
	int (*kfree)(struct kmr_object_backend *b, kmr_obj_t obj, unsigned int cpu);
	/* The cache of kmalloc() for a request, -1: pages, or none of caches. */
	int (*kmalloc_cache)(const struct kmr_object_backend *b,
			     const struct kmr_object_request *req);
	/* @obj is freed soon: what that touches is fetched into the processor's cache.  May be NULL. */
	void (*prefetch)(const struct kmr_object_backend *b, kmr_obj_t obj);
	/* Bytes that an object in use takes away from its slab, or its pages; 0: not in use. */
	uint32_t (*given)(const struct kmr_object_backend *b, kmr_obj_t obj);

	/* The cache of the slab that @obj lies in, whatever it is there; -1: in none, or no caches. */
	int (*cache_of)(const struct kmr_object_backend *b, kmr_obj_t obj);

	/* Gives back what is empty: kmem_cache_shrink(). */
	void (*shrink)(struct kmr_object_backend *b, unsigned int cache);
	/* Simulated time goes on to @now (ns): reapers. */
	void (*tick)(struct kmr_object_backend *b, uint64_t now);

	unsigned int (*nr_caches)(const struct kmr_object_backend *b);
	void (*cache_state)(const struct kmr_object_backend *b, unsigned int cache,
			    struct kmr_cache_state *state);
	/*
	 * As the kernel counts, which walks lists.  NULL: this allocator has no /proc/slabinfo.
	 * (mm/slub.c and mm/slab.c: get_slabinfo())
	 */
	void (*slabinfo)(const struct kmr_object_backend *b, unsigned int cache,
			 struct kmr_slabinfo *info);
	/* All pages held, slabs and large kmalloc(). */
	uint64_t (*pages)(const struct kmr_object_backend *b);
	const struct kmr_object_work *(*work)(const struct kmr_object_backend *b);

	/* Walks every invariant; -1 with the first that does not hold. */
	int (*check)(const struct kmr_object_backend *b, struct kmr_error *err);

	/* Takes over a snapshot's caches and slabs (a backend fresh from create). */
	int (*load)(struct kmr_object_backend *b, const struct kmr_snapshot *snap,
		    struct kmr_error *err);
	/* Appends caches, slabs and lists to a snapshot, in the kernel's order. */
	int (*save)(const struct kmr_object_backend *b, struct kmr_snapshot *snap,
		    struct kmr_error *err);

	/* For verify, after a miss.  @cache is SLOB's to ignore. */
	void (*where)(const struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		      unsigned int cpu, struct kmr_object_info *info);
	/* Makes a free object used, wherever it is; -1: it is not free. */
	int (*take)(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		    uint32_t bytes);
	/*
	 * The kernel has just given @obj to @cpu: what the CPU must hold for that, it holds now.  NULL:
	 * nothing follows.  What it held before is taken to be used up.  Returns how many objects
	 * that were free that concerns.
	 */
	uint32_t (*hold)(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
			 unsigned int cpu);
	/* Takes back an allocation as if it had never been: to where it came from. */
	void (*unalloc)(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
			unsigned int cpu);
	/*
	 * The traced kernel has given the slab at @pfn back: it leaves the lists whatever is in
	 * use in it; no page is given back.  -1: there is none.
	 */
	int (*forget_slab)(struct kmr_object_backend *b, kmr_pfn_t pfn);
	/* The slab (or large kmalloc()) at @from is at @to: the page allocator was corrected. */
	int (*move_slab)(struct kmr_object_backend *b, kmr_pfn_t from, kmr_pfn_t to);
	/* A slab of @cache appears at @pfn, empty, as one that was made long ago. */
	int (*adopt_slab)(struct kmr_object_backend *b, unsigned int cache, kmr_pfn_t pfn,
			  unsigned int order, unsigned int cpu);
	/*
	 * An object was in use already when the snapshot was taken, which does not tell where
	 * objects begin; of kmalloc() when @cache is none of the backend's, and then of @bytes as
	 * asked for.  -1: it is not in use, or known otherwise.  NULL: snapshots tell it all.
	 */
	int (*learn)(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		     uint32_t bytes);
};

/* The backends that are built in; NULL past the last, or when there is none of that name. */
const struct kmr_object_ops *kmr_object_backend_at(unsigned int i);
const struct kmr_object_ops *kmr_object_backend_find(const char *name);

/* Splits "slub,min_partial=5" into a backend and its parameter values; as for page backends. */
const struct kmr_object_ops *kmr_object_backend_parse(const char *spec, uint64_t *params,
						      struct kmr_error *err);

#endif
