// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SLOB allocator of Linux 6.1 (mm/slob.c): caches and kmalloc() over one heap (slob.h).
 *
 * A cache is but a size and an alignment; objects of all caches and of kmalloc() lie next to each
 * other.  kmalloc() puts a header of 8 bytes with the size in front, from which kfree() knows it.
 * So freeing needs sizes: of a cache's objects they are certain, even when the object is older
 * than the snapshot; kfree() of a block older than that can't be done, returns -1, and where()
 * says KMR_OBJ_USED while given() is 0.  learn() tells the model of such a block in time.
 *
 * Objects of KMR_CACHE_RCU caches are freed by call_rcu() in the kernel: kmem_cache_free() only
 * queues them.  The model frees at once; whoever knows when grace periods end calls free() then.
 * They have a footer for that (struct slob_rcu), which size includes and object_size does not.
 *
 * Where an op takes a cache and the object is kmalloc()'s, the cache is any number that is no
 * cache's, and bytes are those asked for, without the header.  kmalloc() of 0 bytes is KMR_NO_OBJ,
 * and nothing is counted.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "kmreplay/gfp.h"
#include "object/kmalloc.h"
#include "object/object.h"
#include "object/slob.h"

static void slob_destroy(struct kmr_object_backend *b)
{
	if (!b)
		return;
	for (uint32_t n = 1; n <= b->nr_chunks * KMR_SLOB_CHUNK; n++)
		free(kmr_slob_page(b, n)->blocks);
	for (uint32_t i = 0; i < b->nr_chunks; i++)
		free(b->chunks[i]);
	free(b->chunks);
	free(b->caches);
	kmr_framemap_free(&b->frames);
	free(b);
}

static struct kmr_object_backend *slob_create(const struct kmr_object_config *config,
					      const uint64_t *params, struct kmr_error *err)
{
	struct kmr_object_backend *b;

	(void)params;
	if (config->machine->page_shift != KMR_SLOB_PAGE_SHIFT ||
	    (config->pointer_bytes != 4 && config->pointer_bytes != 8)) {
		(void)kmr_fail(err,
			       "slob: pages of %u bytes and pointers of 4 or 8, but the machine "
			       "has pages of %" PRIu64 " and pointers of %u",
			       KMR_SLOB_PAGE_SIZE, UINT64_C(1) << config->machine->page_shift,
			       config->pointer_bytes);
		return NULL;
	}
	b = calloc(1, sizeof(*b));
	if (!b) {
		(void)kmr_fail_nomem(err, "the slob allocator");
		return NULL;
	}
	b->machine = config->machine;
	b->pages = config->pages;
	b->pointer_bytes = config->pointer_bytes;
	b->undo.obj = KMR_NO_OBJ;
	b->end_pfn = kmr_machine_end_pfn(b->machine);
	if (b->end_pfn > KMR_NO_PFN || kmr_framemap_init(&b->frames, b->end_pfn)) {
		(void)kmr_fail_nomem(err, "the slob allocator's frames");
		slob_destroy(b);
		return NULL;
	}
	return b;
}

/* calculate_alignment() of mm/slab_common.c */
static uint32_t alignment(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec)
{
	uint32_t align = spec->align == KMR_BY_RULE ? 0 : spec->align;

	if (align < KMR_SLOB_MINALIGN)
		align = KMR_SLOB_MINALIGN;
	return (align + b->pointer_bytes - 1) & ~(b->pointer_bytes - 1);
}

/* sizeof(struct slob_rcu): an rcu_head, which is two pointers, and an int */
static uint32_t rcu_footer(const struct kmr_object_backend *b)
{
	return b->pointer_bytes * 3;
}

/* __kmem_cache_create() of mm/slob.c */
static uint32_t cache_size(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec)
{
	uint32_t size = spec->object_size;

	if (spec->size != KMR_BY_RULE)
		size = spec->size;
	else if (spec->flags & KMR_CACHE_RCU)
		size += rcu_footer(b);
	return kmr_slob_units(size) * KMR_SLOB_UNIT;
}

static int slob_cache_create(struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
			     struct kmr_error *err)
{
	const uint32_t align = alignment(b, spec);
	struct kmr_slob_cache *c;
	void *grown;

	if (!spec->object_size || spec->object_size > KMR_MAX_OBJECT_SIZE)
		return kmr_fail(err, "slob: cache %s: objects of %u bytes, but 1 to %u can be",
				spec->name, spec->object_size, KMR_MAX_OBJECT_SIZE);
	if (spec->size != KMR_BY_RULE &&
	    (spec->size < spec->object_size || spec->size > KMR_MAX_OBJECT_SIZE))
		return kmr_fail(err, "slob: cache %s: size %u for objects of %u bytes", spec->name,
				spec->size, spec->object_size);
	if (align & (align - 1) || align > KMR_SLOB_PAGE_SIZE)
		return kmr_fail(err,
				"slob: cache %s: alignment %u, but powers of two up to %u can "
				"be",
				spec->name, spec->align, KMR_SLOB_PAGE_SIZE);
	if (b->nr_caches >= KMR_MAX_CACHES)
		return kmr_fail(err, "slob: cache %s: there are %u already", spec->name,
				KMR_MAX_CACHES);
	grown = kmr_grow(b->caches, b->nr_caches, &b->cap_caches, sizeof(*b->caches));
	if (!grown)
		return kmr_fail_nomem(err, "a cache");
	b->caches = grown;
	c = &b->caches[b->nr_caches];
	memset(c, 0, sizeof(*c));
	(void)snprintf(c->name, sizeof(c->name), "%s", spec->name);
	c->object_size = spec->object_size;
	c->size = cache_size(b, spec);
	c->align = align;
	c->flags = spec->flags;
	return (int)b->nr_caches++;
}

/* kmalloc() has no caches. */
static int slob_kmalloc_init(struct kmr_object_backend *b, struct kmr_error *err)
{
	(void)b;
	(void)err;
	return 0;
}

static int slob_kmalloc_cache(const struct kmr_object_backend *b,
			      const struct kmr_object_request *req)
{
	(void)b;
	(void)req;
	return -1;
}

struct kmr_slob_request kmr_slob_cache_request(const struct kmr_slob_cache *c,
					       const struct kmr_object_request *req)
{
	return (struct kmr_slob_request){
		.bytes = c->size,
		.align = c->align,
		.gfp = req->gfp,
		.node = req->node,
		.cpu = req->cpu,
	};
}

struct kmr_slob_request kmr_slob_kmalloc_request(const struct kmr_object_request *req)
{
	const bool power_of_two = !(req->bytes & (req->bytes - 1));

	return (struct kmr_slob_request){
		.bytes = req->bytes + KMR_SLOB_MINALIGN,
		/* since 5.4 powers of two are aligned to themselves */
		.align = power_of_two && req->bytes > KMR_SLOB_MINALIGN ? req->bytes
									: KMR_SLOB_MINALIGN,
		.header = KMR_SLOB_MINALIGN,
		.gfp = req->gfp,
		.node = req->node,
		.cpu = req->cpu,
	};
}

bool kmr_slob_is_large(uint32_t bytes)
{
	return bytes >= KMR_SLOB_PAGE_SIZE - KMR_SLOB_MINALIGN;
}

/* slob_new_pages() for what does not go through the heap */
static kmr_obj_t alloc_large(struct kmr_object_backend *b, const struct kmr_object_request *req,
			     unsigned int order, uint32_t gfp, uint32_t of)
{
	const struct kmr_page_request pages = {
		.gfp = gfp,
		.order = (uint8_t)order,
		.node = (uint8_t)(req->node >= 0 ? req->node : b->machine->cpu_node[req->cpu]),
		.cpu = req->cpu,
	};
	const kmr_pfn_t pfn = b->pages.alloc(b->pages.ctx, &pages);

	if (pfn == KMR_NO_PFN)
		return KMR_NO_OBJ;
	if (kmr_framemap_get(&b->frames, pfn) & ~KMR_SLOB_GONE ||
	    kmr_framemap_set(&b->frames, pfn, 0, KMR_FRAME_LARGE | of | order)) {
		b->pages.free(b->pages.ctx, pfn, order, req->cpu, false);
		return KMR_NO_OBJ;
	}
	b->large_pages += UINT64_C(1) << order;
	return (kmr_obj_t)pfn << KMR_SLOB_PAGE_SHIFT;
}

static void free_large(struct kmr_object_backend *b, kmr_pfn_t pfn, unsigned int order,
		       unsigned int cpu)
{
	(void)kmr_framemap_set(&b->frames, pfn, 0, KMR_SLOB_GONE);
	b->large_pages -= UINT64_C(1) << order;
	b->pages.free(b->pages.ctx, pfn, order, cpu, false);
}

static kmr_obj_t count_alloc(struct kmr_object_backend *b, kmr_obj_t obj)
{
	if (obj == KMR_NO_OBJ)
		b->work.failures++;
	else
		b->work.allocs++;
	return obj;
}

static bool request_fits(const struct kmr_object_backend *b, const struct kmr_object_request *req)
{
	return req->cpu < b->machine->nr_cpus &&
	       (req->node < 0 || (unsigned int)req->node < b->machine->nr_nodes);
}

/* slob_alloc_node() */
static kmr_obj_t slob_cache_alloc(struct kmr_object_backend *b, unsigned int cache,
				  const struct kmr_object_request *req)
{
	struct kmr_slob_cache *c;
	kmr_obj_t obj;

	if (cache >= b->nr_caches || !request_fits(b, req))
		return count_alloc(b, KMR_NO_OBJ);
	c = &b->caches[cache];
	if (c->size < KMR_SLOB_PAGE_SIZE) {
		const struct kmr_slob_request heap = kmr_slob_cache_request(c, req);

		obj = kmr_slob_heap_alloc(b, &heap);
	} else {
		obj = alloc_large(b, req, kmr_bytes_order(c->size, KMR_SLOB_PAGE_SHIFT), req->gfp,
				  KMR_SLOB_OF_CACHE);
	}
	if (obj == KMR_NO_OBJ) {
		c->failures++;
	} else {
		c->allocs++;
		c->active++;
	}
	return count_alloc(b, obj);
}

/* __do_kmalloc_node() */
static kmr_obj_t slob_kmalloc(struct kmr_object_backend *b, const struct kmr_object_request *req)
{
	kmr_obj_t obj;

	if (!req->bytes)
		return KMR_NO_OBJ;
	if (req->bytes > KMR_MAX_OBJECT_SIZE || !request_fits(b, req))
		return count_alloc(b, KMR_NO_OBJ);
	if (kmr_slob_is_large(req->bytes)) {
		const unsigned int order = kmr_bytes_order(req->bytes, KMR_SLOB_PAGE_SHIFT);

		obj = alloc_large(b, req, order, req->gfp | (order ? KMR_GFP_COMP : 0), 0);
		if (obj != KMR_NO_OBJ)
			b->work.large_allocs++;
	} else {
		const struct kmr_slob_request heap = kmr_slob_kmalloc_request(req);

		obj = kmr_slob_heap_alloc(b, &heap);
		if (obj != KMR_NO_OBJ)
			obj += KMR_SLOB_MINALIGN;
	}
	return count_alloc(b, obj);
}

static int bad_free(struct kmr_object_backend *b)
{
	b->work.bad_frees++;
	return -1;
}

/*
 * May the block be freed?  One that the model gave out must be of that size; any other must be of
 * units that were in use at the snapshot.
 */
static bool in_use(struct kmr_slob_page *page, kmr_obj_t obj, uint32_t bytes)
{
	const unsigned int start = kmr_slob_unit(obj);
	const unsigned int units = kmr_slob_units(bytes);
	const uint16_t live = page->live[start / KMR_SLOB_GRAIN_UNIT];

	if (obj % KMR_SLOB_MINALIGN)
		return false;
	if (live)
		return live == bytes;
	if (units > page->unknown_units || start + units > KMR_SLOB_PAGE_UNITS ||
	    kmr_slob_any_free(page, start, units) || kmr_slob_any_live(page, start, units))
		return false;
	page->unknown_units = (uint16_t)(page->unknown_units - units);
	return true;
}

static void count_cache_free(struct kmr_object_backend *b, struct kmr_slob_cache *c)
{
	b->work.frees++;
	c->frees++;
	/* those that are older than the snapshot were never counted */
	if (c->active)
		c->active--;
}

/* __kmem_cache_free() of what has pages of its own */
static int free_large_object(struct kmr_object_backend *b, const struct kmr_slob_cache *c,
			     kmr_obj_t obj, unsigned int cpu)
{
	const uint64_t pfn = obj >> KMR_SLOB_PAGE_SHIFT;
	const unsigned int order = kmr_bytes_order(c->size, KMR_SLOB_PAGE_SHIFT);
	const uint32_t entry = kmr_framemap_get(&b->frames, pfn);

	if (obj & (KMR_SLOB_PAGE_SIZE - 1) || pfn + (UINT64_C(1) << order) > b->end_pfn)
		return -1;
	if (entry == (KMR_FRAME_LARGE | KMR_SLOB_OF_CACHE | order)) {
		free_large(b, (kmr_pfn_t)pfn, order, cpu);
		return 0;
	}
	if (entry || !b->loaded || kmr_framemap_set(&b->frames, pfn, 0, KMR_SLOB_GONE))
		return -1;
	/* it is older than the snapshot, which does not tell of these */
	b->pages.free(b->pages.ctx, (kmr_pfn_t)pfn, order, cpu, false);
	return 0;
}

static int slob_cache_free(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
			   unsigned int cpu)
{
	struct kmr_slob_cache *c;

	if (cache >= b->nr_caches || cpu >= b->machine->nr_cpus)
		return bad_free(b);
	c = &b->caches[cache];
	if (c->size >= KMR_SLOB_PAGE_SIZE) {
		if (free_large_object(b, c, obj, cpu))
			return bad_free(b);
	} else {
		const uint32_t number = kmr_slob_number(b, obj >> KMR_SLOB_PAGE_SHIFT);
		const unsigned int start = kmr_slob_unit(obj);

		if (!number || !in_use(kmr_slob_page(b, number), obj, c->size))
			return bad_free(b);
		if (kmr_slob_heap_free(b, number, start, c->size, cpu))
			return -1;
	}
	count_cache_free(b, c);
	return 0;
}

/* kfree() of a block with header; its size has to be known */
static int free_headed(struct kmr_object_backend *b, uint32_t number, kmr_obj_t obj,
		       unsigned int cpu)
{
	const kmr_obj_t block = obj - KMR_SLOB_MINALIGN;
	const unsigned int start = kmr_slob_unit(block);
	const struct kmr_slob_page *page = kmr_slob_page(b, number);
	uint16_t live;

	/* a header is in the same page as its object */
	if (obj % KMR_SLOB_MINALIGN || !(obj & (KMR_SLOB_PAGE_SIZE - 1)))
		return bad_free(b);
	live = page->live[start / KMR_SLOB_GRAIN_UNIT];
	if (live & KMR_SLOB_KMALLOC)
		return kmr_slob_heap_free(b, number, start, live & KMR_SLOB_BYTES, cpu);
	/* more than the header is in use, for all that is known: no bad one, but of unknown size */
	if (!live && page->unknown_units > KMR_SLOB_GRAIN_UNIT &&
	    !kmr_slob_any_free(page, start, KMR_SLOB_GRAIN_UNIT + 1) &&
	    !kmr_slob_any_live(page, start, KMR_SLOB_GRAIN_UNIT + 1))
		return -1;
	return bad_free(b);
}

/* kfree() of what has pages of its own */
static int free_large_kmalloc(struct kmr_object_backend *b, kmr_obj_t obj, unsigned int cpu)
{
	const uint64_t pfn = obj >> KMR_SLOB_PAGE_SHIFT;
	const uint32_t entry = kmr_framemap_get(&b->frames, pfn);

	if (obj & (KMR_SLOB_PAGE_SIZE - 1) || pfn >= b->end_pfn)
		return bad_free(b);
	/* older than the snapshot, which does not tell of what order */
	if (!entry && b->loaded)
		return -1;
	if (!(entry & KMR_FRAME_LARGE) || entry & KMR_SLOB_OF_CACHE)
		return bad_free(b);
	free_large(b, (kmr_pfn_t)pfn, entry & KMR_SLOB_ORDER, cpu);
	b->work.large_frees++;
	return 0;
}

static int slob_kfree(struct kmr_object_backend *b, kmr_obj_t obj, unsigned int cpu)
{
	const uint32_t number = kmr_slob_number(b, obj >> KMR_SLOB_PAGE_SHIFT);

	if (cpu >= b->machine->nr_cpus)
		return bad_free(b);
	if (number ? free_headed(b, number, obj, cpu) : free_large_kmalloc(b, obj, cpu))
		return -1;
	b->work.frees++;
	return 0;
}

/* The live object at that address: its page's number and unit, header included; 0: none. */
static uint32_t find_live(const struct kmr_object_backend *b, kmr_obj_t obj, unsigned int *start)
{
	const uint32_t number = kmr_slob_number(b, obj >> KMR_SLOB_PAGE_SHIFT);
	const unsigned int grain = kmr_slob_unit(obj) / KMR_SLOB_GRAIN_UNIT;
	const struct kmr_slob_page *page;

	if (!number || obj % KMR_SLOB_MINALIGN)
		return 0;
	page = kmr_slob_page(b, number);
	*start = kmr_slob_unit(obj);
	if (page->live[grain] && !(page->live[grain] & KMR_SLOB_KMALLOC))
		return number;
	if (!grain || !(page->live[grain - 1] & KMR_SLOB_KMALLOC))
		return 0;
	*start -= KMR_SLOB_GRAIN_UNIT;
	return number;
}

static uint32_t slob_given(const struct kmr_object_backend *b, kmr_obj_t obj)
{
	const uint32_t entry = kmr_framemap_get(&b->frames, obj >> KMR_SLOB_PAGE_SHIFT);
	unsigned int start = 0;
	uint32_t number;

	if (entry & KMR_FRAME_LARGE)
		return obj & (KMR_SLOB_PAGE_SIZE - 1)
			       ? 0
			       : KMR_SLOB_PAGE_SIZE << (entry & KMR_SLOB_ORDER);
	number = find_live(b, obj, &start);
	if (!number)
		return 0;
	return kmr_slob_units(kmr_slob_page(b, number)->live[start / KMR_SLOB_GRAIN_UNIT] &
			      KMR_SLOB_BYTES) *
	       KMR_SLOB_UNIT;
}

static int slob_cache_of(const struct kmr_object_backend *b, kmr_obj_t obj)
{
	(void)b;
	(void)obj;
	return -1;
}

/* One that has just failed to be the kernel's: it was never counted. */
static void uncount(struct kmr_object_backend *b, unsigned int cache)
{
	b->work.allocs--;
	if (cache >= b->nr_caches)
		return;
	b->caches[cache].allocs--;
	if (b->caches[cache].active)
		b->caches[cache].active--;
}

static void slob_unalloc(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
			 unsigned int cpu)
{
	const kmr_pfn_t pfn = (kmr_pfn_t)(obj >> KMR_SLOB_PAGE_SHIFT);
	const uint32_t entry = kmr_framemap_get(&b->frames, pfn);
	unsigned int start = 0;
	uint32_t number;

	if (slob_given(b, obj) == 0 || cpu >= b->machine->nr_cpus)
		return;
	if (entry & KMR_FRAME_LARGE) {
		free_large(b, pfn, entry & KMR_SLOB_ORDER, cpu);
		if (!(entry & KMR_SLOB_OF_CACHE))
			b->work.large_allocs--;
		uncount(b, entry & KMR_SLOB_OF_CACHE ? cache : UINT32_MAX);
		return;
	}
	number = find_live(b, obj, &start);
	uncount(b, kmr_slob_page(b, number)->live[start / KMR_SLOB_GRAIN_UNIT] & KMR_SLOB_KMALLOC
			   ? UINT32_MAX
			   : cache);
	kmr_slob_heap_unalloc(b, number, start, cpu);
}

/* Nothing is kept that could be given back. */
static void slob_shrink(struct kmr_object_backend *b, unsigned int cache)
{
	(void)b;
	(void)cache;
}

static void slob_tick(struct kmr_object_backend *b, uint64_t now)
{
	(void)b;
	(void)now;
}

static unsigned int slob_nr_caches(const struct kmr_object_backend *b)
{
	return b->nr_caches;
}

/* Caches have no slabs of their own: sizes, and what is in use. */
static void slob_cache_state(const struct kmr_object_backend *b, unsigned int cache,
			     struct kmr_cache_state *state)
{
	const struct kmr_slob_cache *c = &b->caches[cache];

	memset(state, 0, sizeof(*state));
	state->name = c->name;
	state->object_size = c->object_size;
	state->size = c->size;
	state->flags = c->flags;
	state->active = c->active;
	state->objects = c->active;
	state->allocs = c->allocs;
	state->frees = c->frees;
	state->failures = c->failures;
	if (c->size >= KMR_SLOB_PAGE_SIZE) {
		state->order = kmr_bytes_order(c->size, KMR_SLOB_PAGE_SHIFT);
		state->pages = c->active << state->order;
	}
}

static uint64_t slob_pages(const struct kmr_object_backend *b)
{
	return b->nr_pages + b->large_pages;
}

static const struct kmr_object_work *slob_work(const struct kmr_object_backend *b)
{
	return &b->work;
}

const struct kmr_object_ops kmr_slob = {
	.name = "slob",
	.description = "Linux 6.1's SLOB: one heap of blocks, first fit by address within a page",
	.heap = true,
	.create = slob_create,
	.destroy = slob_destroy,
	.cache_create = slob_cache_create,
	.kmalloc_init = slob_kmalloc_init,
	.alloc = slob_cache_alloc,
	.free = slob_cache_free,
	.kmalloc = slob_kmalloc,
	.kfree = slob_kfree,
	.kmalloc_cache = slob_kmalloc_cache,
	.given = slob_given,
	.cache_of = slob_cache_of,
	.shrink = slob_shrink,
	.tick = slob_tick,
	.nr_caches = slob_nr_caches,
	.cache_state = slob_cache_state,
	.pages = slob_pages,
	.work = slob_work,
	.check = kmr_slob_check,
	.load = kmr_slob_load,
	.save = kmr_slob_save,
	.where = kmr_slob_where,
	.take = kmr_slob_take,
	.unalloc = slob_unalloc,
	.forget_slab = kmr_slob_forget_slab,
	.move_slab = kmr_slob_move_slab,
	.adopt_slab = kmr_slob_adopt_slab,
	.learn = kmr_slob_learn,
};
