// SPDX-License-Identifier: GPL-2.0-only
/* The backend's calls, and kmalloc() and kfree() of what takes pages (mm/slab_common.c). */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "object/object.h"
#include "object/slab.h"

#define MIN_KMALLOC 32u /* KMALLOC_SHIFT_LOW of SLAB is 5 */
#define SMALL_RAM   (UINT64_C(32) << 20) /* above it slabs may have two pages */

/*
 * Jiffies begin 300 seconds before their low 32 bits wrap, so that full seconds of jiffies are
 * 816 ms beyond full seconds of uptime with 250 Hz until then; the timer wheel is 4 to 32 ms late.
 */
#define DEFAULT_PHASE 840u

static const struct kmr_param params[KMR_SLAB_NR_PARAMS] = {
	[KMR_SLAB_PARAM_REAP] = { "reap", "run the reaper every two seconds", KMR_PARAM_BOOL, 0, 1,
				  0, 1 },
	[KMR_SLAB_PARAM_PHASE] = { "reap_phase",
				   "when CPU 0's reaper runs: ms on the trace's clock, modulo 2000",
				   KMR_PARAM_UINT, 0, DEFAULT_PHASE, 0, 1999 },
	[KMR_SLAB_PARAM_HZ] = { "hz", "the kernel's CONFIG_HZ", KMR_PARAM_UINT, 0, 250, 100, 1000 },
};

/* numa_mem_id(): the nearest node that has memory */
static int find_nodes(struct kmr_object_backend *b, struct kmr_error *err)
{
	const struct kmr_machine *m = b->machine;
	uint16_t zones[KMR_MAX_ZONES];

	for (unsigned int i = 0; i < m->nr_zones; i++)
		if (m->zones[i].node < b->nr_nodes)
			b->has_memory[m->zones[i].node] = true;
	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++) {
		const unsigned int node = m->cpu_node[cpu];

		if (!kmr_machine_zonelist(m, node, KMR_ZONE_MOVABLE, zones))
			return kmr_fail(err, "the machine has no memory");
		b->mem_node[cpu] = (uint8_t)m->zones[zones[0]].node;
	}
	return 0;
}

/* The sizes that depend on the machine. */
static void set_sizes(struct kmr_object_backend *b)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < b->machine->nr_zones; i++)
		pages += b->machine->zones[i].managed;
	b->max_order = pages << b->page_shift > SMALL_RAM ? 1 : 0;
	/* FREELIST_BYTE_INDEX: a page of the smallest objects has at most 256 */
	b->index_bytes = 1u << b->page_shift >> 8 <= 16 ? 1 : 2;
	b->max_num = b->index_bytes == 1 ? UINT8_MAX : KMR_SLAB_MAX_NUM;
	kmr_kmalloc_reset(&b->kmalloc, MIN_KMALLOC, 1u << b->page_shift);
}

static void destroy(struct kmr_object_backend *b)
{
	if (!b)
		return;
	for (uint32_t i = 0; i < b->nr_caches; i++)
		kmr_slab_cache_free(b, b->caches[i]);
	for (size_t i = 0; i < b->nr_chunks; i++)
		free(b->chunks[i].slabs);
	free(b->chunks);
	kmr_framemap_free(&b->map);
	free(b->next_reap);
	free(b->reap_node);
	free(b->mem_node);
	free(b);
}

static int alloc_arrays(struct kmr_object_backend *b, struct kmr_error *err)
{
	b->next_reap = calloc(b->nr_cpus, sizeof(*b->next_reap));
	b->reap_node = calloc(b->nr_cpus, sizeof(*b->reap_node));
	b->mem_node = calloc(b->nr_cpus, sizeof(*b->mem_node));
	if (!b->next_reap || !b->reap_node || !b->mem_node ||
	    kmr_framemap_init(&b->map, kmr_machine_end_pfn(b->machine)))
		return kmr_fail_nomem(err, "the object allocator");
	return 0;
}

static struct kmr_object_backend *create(const struct kmr_object_config *config,
					 const uint64_t *values, struct kmr_error *err)
{
	struct kmr_object_backend *b = calloc(1, sizeof(*b));
	uint64_t v[KMR_SLAB_NR_PARAMS];

	if (!b) {
		(void)kmr_fail_nomem(err, "the object allocator");
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		v[i] = values ? values[i] : params[i].def;
	b->machine = config->machine;
	b->pages = config->pages;
	b->version = config->version;
	b->page_shift = b->machine->page_shift;
	b->nr_nodes = b->machine->nr_nodes ? b->machine->nr_nodes : 1;
	b->nr_cpus = b->machine->nr_cpus ? b->machine->nr_cpus : 1;
	b->nr_slabs = 1;
	b->reap = v[KMR_SLAB_PARAM_REAP];
	b->phase = v[KMR_SLAB_PARAM_PHASE] * 1000000;
	b->jiffy = 1000000000 / v[KMR_SLAB_PARAM_HZ];
	if (alloc_arrays(b, err) || find_nodes(b, err)) {
		destroy(b);
		return NULL;
	}
	set_sizes(b);
	return b;
}

static int kmalloc_init(struct kmr_object_backend *b, struct kmr_error *err)
{
	return kmr_kmalloc_create(&b->kmalloc, b->version, kmr_slab_cache_create, b, err);
}

static kmr_obj_t cache_alloc(struct kmr_object_backend *b, unsigned int cache,
			     const struct kmr_object_request *req)
{
	return cache < b->nr_caches ? kmr_slab_alloc(b, b->caches[cache], req) : KMR_NO_OBJ;
}

static int bad_free(struct kmr_object_backend *b)
{
	b->work.bad_frees++;
	return -1;
}

static int cache_free(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		      unsigned int cpu)
{
	const struct slab_object o = slab_object_at(b, obj);

	if (!o.slab || o.slab->cache->number != cache || !slab_in_use(o.slab, o.index))
		return bad_free(b);
	kmr_slab_free(b, o, cpu < b->nr_cpus ? cpu : 0);
	return 0;
}

/* __kmalloc_large_node() */
static kmr_obj_t large_alloc(struct kmr_object_backend *b, const struct kmr_object_request *req)
{
	const unsigned int cpu = req->cpu < b->nr_cpus ? req->cpu : 0;
	const unsigned int order = kmr_bytes_order(req->bytes, b->page_shift);
	const bool any = req->node < 0 || (unsigned int)req->node >= b->nr_nodes;
	const struct kmr_page_request page = { .gfp = req->gfp | KMR_GFP_COMP,
					       .order = (uint8_t)order,
					       .node = any ? b->mem_node[cpu] : (uint8_t)req->node,
					       .cpu = (uint16_t)cpu };
	kmr_pfn_t pfn = KMR_NO_PFN;

	if (order < b->machine->nr_orders)
		pfn = b->pages.alloc(b->pages.ctx, &page);
	if (pfn != KMR_NO_PFN && (kmr_framemap_get(&b->map, pfn) ||
				  kmr_framemap_set(&b->map, pfn, 0, KMR_FRAME_LARGE | order))) {
		b->pages.free(b->pages.ctx, pfn, order, cpu, false);
		pfn = KMR_NO_PFN;
	}
	if (pfn == KMR_NO_PFN) {
		b->work.failures++;
		return KMR_NO_OBJ;
	}
	b->work.allocs++;
	b->work.large_allocs++;
	b->large_pages += UINT64_C(1) << order;
	return (kmr_obj_t)pfn << b->page_shift;
}

static kmr_obj_t do_kmalloc(struct kmr_object_backend *b, const struct kmr_object_request *req)
{
	const int cache = kmr_kmalloc_find(&b->kmalloc, req->bytes, req->gfp);

	return cache < 0 ? large_alloc(b, req) : kmr_slab_alloc(b, b->caches[cache], req);
}

/* The order of a kmalloc() with pages that begins at an address; -1: there is none. */
static int large_order(const struct kmr_object_backend *b, kmr_obj_t obj)
{
	const uint32_t entry = kmr_framemap_get(&b->map, obj >> b->page_shift);

	if (!(entry & KMR_FRAME_LARGE) || obj & ((UINT64_C(1) << b->page_shift) - 1))
		return -1;
	return (int)(entry & ~KMR_FRAME_LARGE);
}

static int do_kfree(struct kmr_object_backend *b, kmr_obj_t obj, unsigned int cpu)
{
	const int order = large_order(b, obj);
	const kmr_pfn_t pfn = (kmr_pfn_t)(obj >> b->page_shift);
	struct slab_object o;

	if (cpu >= b->nr_cpus)
		cpu = 0;
	if (order >= 0) {
		(void)kmr_framemap_set(&b->map, pfn, 0, 0);
		b->work.frees++;
		b->work.large_frees++;
		b->large_pages -= UINT64_C(1) << order;
		b->pages.free(b->pages.ctx, pfn, (unsigned int)order, cpu, false);
		return 0;
	}
	o = slab_object_at(b, obj);
	if (!o.slab || !slab_in_use(o.slab, o.index))
		return bad_free(b);
	kmr_slab_free(b, o, cpu);
	return 0;
}

static int kmalloc_cache(const struct kmr_object_backend *b, const struct kmr_object_request *req)
{
	return kmr_kmalloc_find(&b->kmalloc, req->bytes, req->gfp);
}

static uint32_t given(const struct kmr_object_backend *b, kmr_obj_t obj)
{
	const int order = large_order(b, obj);
	struct slab_object o;

	if (order >= 0)
		return UINT32_C(1) << (b->page_shift + (unsigned int)order);
	o = slab_object_at(b, obj);
	return o.slab && slab_in_use(o.slab, o.index) ? o.slab->cache->lay.size : 0;
}

static int cache_of(const struct kmr_object_backend *b, kmr_obj_t obj)
{
	const struct slab *s = slab_at(b, obj >> b->page_shift);

	return s ? (int)s->cache->number : -1;
}

static unsigned int nr_caches(const struct kmr_object_backend *b)
{
	return b->nr_caches;
}

/*
 * The kernel's count of active objects in /proc/slabinfo has those in array caches in it: it is
 * `active` and `cached` together.
 */
static void cache_state(const struct kmr_object_backend *b, unsigned int cache,
			struct kmr_cache_state *state)
{
	const struct slab_cache *c;

	memset(state, 0, sizeof(*state));
	if (cache >= b->nr_caches)
		return;
	c = b->caches[cache];
	state->name = c->name;
	state->object_size = c->object_size;
	state->size = c->lay.size;
	state->objects_per_slab = c->lay.objects;
	state->order = c->lay.order;
	state->flags = c->flags;
	state->limit = c->limit;
	state->batch = c->batch;
	state->shared = c->shared;
	state->active = c->used;
	state->allocs = c->allocs;
	state->frees = c->frees;
	state->failures = c->failures;
	state->remote_frees = c->remote_frees;
	state->slab_allocs = c->slab_allocs;
	state->slab_frees = c->slab_frees;
	for (unsigned int node = 0; node < b->nr_nodes; node++) {
		const struct slab_node *n = &c->nodes[node];

		state->slabs += n->total_slabs;
		state->cached -= n->free_objects;
		for (const struct slab_link *l = n->lists[SLAB_PARTIAL].next;
		     l != &n->lists[SLAB_PARTIAL]; l = l->next)
			state->partial_slabs++;
	}
	state->pages = state->slabs << c->lay.order;
	state->objects = state->slabs * c->lay.objects;
	/* neither in a slab nor with a user */
	state->cached += state->objects - c->used;
}

static void slabinfo(const struct kmr_object_backend *b, unsigned int cache,
		     struct kmr_slabinfo *info)
{
	const struct slab_cache *c = b->caches[cache];

	memset(info, 0, sizeof(*info));
	for (unsigned int node = 0; node < b->nr_nodes; node++) {
		const struct slab_node *n = &c->nodes[node];

		info->active_objs += (uint64_t)n->total_slabs * c->lay.objects - n->free_objects;
		info->active_slabs += n->total_slabs - n->free_slabs;
		info->shared_avail += n->shared.avail;
	}
}

static uint64_t pages(const struct kmr_object_backend *b)
{
	return b->slab_pages + b->large_pages;
}

static const struct kmr_object_work *work(const struct kmr_object_backend *b)
{
	return &b->work;
}

const struct kmr_object_ops kmr_slab = {
	.name = "slab",
	.description =
		"SLAB of Linux 6.1: array caches of CPUs, slabs on lists by how full they are",
	.params = params,
	.nr_params = KMR_SLAB_NR_PARAMS,
	.reaps = true,
	.create = create,
	.destroy = destroy,
	.cache_create = kmr_slab_cache_create,
	.kmalloc_init = kmalloc_init,
	.alloc = cache_alloc,
	.free = cache_free,
	.kmalloc = do_kmalloc,
	.kfree = do_kfree,
	.kmalloc_cache = kmalloc_cache,
	.given = given,
	.cache_of = cache_of,
	.shrink = kmr_slab_shrink,
	.tick = kmr_slab_tick,
	.nr_caches = nr_caches,
	.cache_state = cache_state,
	.slabinfo = slabinfo,
	.pages = pages,
	.work = work,
	.check = kmr_slab_check,
	.load = kmr_slab_load,
	.save = kmr_slab_save,
	.where = kmr_slab_where,
	.take = kmr_slab_take,
	.unalloc = kmr_slab_unalloc,
	.forget_slab = kmr_slab_forget,
	.move_slab = kmr_slab_move,
	.adopt_slab = kmr_slab_adopt,
};
