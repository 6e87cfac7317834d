// SPDX-License-Identifier: GPL-2.0-only
/*
 * SLUB: allocation and freeing of objects (mm/slub.c).  slub.h tells the data structure.
 *
 * 6.12 differs from 6.1 in how a cache is laid out (slub_sizes.c), in which flags its pages are
 * asked with, and in what an allocation bound to a node does when that node has nothing.
 */
#include "object/slub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "kmreplay/gfp.h"
#include "object/object.h"

static bool node_match(const struct slub_slab *s, int node)
{
	return node < 0 || s->node == node;
}

/*
 * Takes the first partial slab of a node for the CPU, and some more for its partial list.
 * (get_partial_node())
 */
static uint32_t get_partial_node(struct kmr_object_backend *b, struct slub_cache *cache,
				 unsigned int node, unsigned int cpu)
{
	struct slub_node *n = &cache->nodes[node];
	uint32_t got = 0;
	unsigned int put = 0;

	while (n->first) {
		const uint32_t number = n->first;

		slub_remove_partial(b, number);
		if (!got) {
			got = number;
			if (!cache->cpu_partial_slabs)
				break;
			continue;
		}
		slub_put_cpu_partial(b, number, cpu, false);
		if (++put > cache->cpu_partial_slabs / 2)
			break;
	}
	return got;
}

/*
 * Other nodes' partial slabs, those of nodes that have more than they must keep.  The kernel leaves
 * this to chance in 2.3 % of cases (remote_node_defrag_ratio); here it never does.
 */
static uint32_t get_any_partial(struct kmr_object_backend *b, struct slub_cache *cache,
				const struct kmr_object_request *req)
{
	const struct kmr_machine *m = b->c.machine;
	uint16_t zones[KMR_MAX_ZONES];
	unsigned int nr;

	if (m->nr_nodes < 2)
		return 0;
	nr = kmr_machine_zonelist(m, m->cpu_node[req->cpu], KMR_ZONE_NORMAL, zones);
	for (unsigned int i = 0; i < nr; i++) {
		const unsigned int node = m->zones[zones[i]].node;
		uint32_t number;

		if (cache->nodes[node].nr_partial <= cache->min_partial)
			continue;
		number = get_partial_node(b, cache, node, req->cpu);
		if (number)
			return number;
	}
	return 0;
}

/* get_partial(); @only: nothing but the node will do */
static uint32_t get_partial(struct kmr_object_backend *b, struct slub_cache *cache,
			    const struct kmr_object_request *req, bool only)
{
	const unsigned int node =
		req->node >= 0 ? (unsigned int)req->node : b->c.machine->cpu_node[req->cpu];
	const uint32_t number = get_partial_node(b, cache, node, req->cpu);

	if (number || only)
		return number;
	return get_any_partial(b, cache, req);
}

void slub_load_slab(struct kmr_object_backend *b, struct slub_cpu *c, uint32_t number,
		    unsigned int cpu)
{
	struct slub_slab *s = slub_slab(b, number);

	c->slab = number;
	c->freelist = s->freelist;
	s->freelist = SLUB_END;
	s->inuse = s->objects;
	s->place = SLUB_CPU;
	s->cpu = (uint16_t)cpu;
}

/* What the CPU has at hand: its slab's own freelist, then its partial slabs. */
static bool load_from_cpu(struct kmr_object_backend *b, struct slub_cache *cache,
			  const struct kmr_object_request *req)
{
	struct slub_cpu *c = &cache->cpus[req->cpu];

	if (c->slab) {
		struct slub_slab *s = slub_slab(b, c->slab);

		if (!node_match(s, req->node)) {
			slub_deactivate(b, c, req->cpu);
		} else if (s->freelist != SLUB_END) {
			slub_load_slab(b, c, c->slab, req->cpu);
			return true;
		} else {
			/* full: nobody keeps it (DEACTIVATE_BYPASS) */
			s->place = SLUB_FULL;
			c->slab = 0;
		}
	}
	while (c->partial) {
		const uint32_t number = c->partial;
		struct slub_slab *s = slub_slab(b, number);

		c->partial = s->next;
		s->next = 0;
		s->place = SLUB_FULL;
		if (node_match(s, req->node)) {
			slub_load_slab(b, c, number, req->cpu);
			b->work.cpu_partial++;
			return true;
		}
		/* both versions bring it to its node's list, or give it back when it is empty */
		slub_unfreeze(b, number, req->cpu);
	}
	return false;
}

/* A new slab's objects are in the order of their addresses. */
static void link_all(struct slub_slab *s)
{
	for (unsigned int i = 0; i + 1 < s->objects; i++)
		s->links[i] = (uint16_t)(i + 1);
	s->links[s->objects - 1] = SLUB_END;
	s->freelist = 0;
	s->inuse = 0;
}

static uint32_t find_slab(struct kmr_object_backend *b, unsigned int cache,
			  const struct kmr_object_request *req, bool only)
{
	uint32_t number = get_partial(b, &b->caches[cache], req, only);

	if (number) {
		b->work.node_partial++;
		return number;
	}
	number = slub_new_slab(b, cache, req);
	if (number)
		link_all(slub_slab(b, number));
	return number;
}

/* ___slab_alloc(): the CPU's freelist is empty or of the wrong node; false: no memory */
static bool refill(struct kmr_object_backend *b, unsigned int cache,
		   const struct kmr_object_request *req)
{
	struct slub_cache *s = &b->caches[cache];
	struct slub_cpu *c = &s->cpus[req->cpu];
	uint32_t number = 0;

	if (load_from_cpu(b, s, req))
		return true;
	/* 6.12 first tries just that node and does not try hard */
	if (b->c.version > 601 && req->node >= 0 && !(req->gfp & KMR_GFP_THISNODE)) {
		struct kmr_object_request there = *req;

		there.gfp = KMR_GFP_KSWAPD_RECLAIM | KMR_GFP_NOWARN | KMR_GFP_THISNODE;
		number = find_slab(b, cache, &there, true);
	}
	if (!number)
		number = find_slab(b, cache, req,
				   req->node >= 0 &&
					   (b->c.version <= 601 || req->gfp & KMR_GFP_THISNODE));
	if (!number)
		return false;
	slub_load_slab(b, c, number, req->cpu);
	return true;
}

static kmr_obj_t alloc(struct kmr_object_backend *b, unsigned int cache,
		       const struct kmr_object_request *req)
{
	struct slub_cache *s = &b->caches[cache];
	struct slub_cpu *c = &s->cpus[req->cpu];
	struct slub_slab *slab;
	uint16_t index;

	if (c->freelist != SLUB_END && node_match(slub_slab(b, c->slab), req->node)) {
		b->work.fast_allocs++;
	} else if (!refill(b, cache, req)) {
		s->failures++;
		b->work.failures++;
		return KMR_NO_OBJ;
	}
	slab = slub_slab(b, c->slab);
	index = c->freelist;
	c->freelist = slab->links[index];
	slab->links[index] = SLUB_USED;
	s->live++;
	s->allocs++;
	b->work.allocs++;
	return slub_address(b, s, slab, index);
}

uint32_t slub_find(const struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		   unsigned int *index)
{
	const uint32_t number = kmr_framemap_get(&b->frames, obj >> b->page_shift);
	const struct slub_cache *c;
	const struct slub_slab *s;
	uint64_t offset;

	if (!number || number & KMR_FRAME_LARGE)
		return 0;
	s = slub_slab(b, number);
	if (s->cache != cache)
		return 0;
	c = &b->caches[cache];
	offset = obj - ((uint64_t)s->pfn << b->page_shift);
	*index = (unsigned int)(c->reciprocal ? offset * c->reciprocal >> 40 : offset / c->size);
	return *index < s->objects && (uint64_t)*index * c->size == offset ? number : 0;
}

/* __slab_free(): the slab is not the CPU's */
static void slow_free(struct kmr_object_backend *b, uint32_t number, unsigned int index,
		      unsigned int cpu)
{
	struct slub_slab *s = slub_slab(b, number);
	struct slub_cache *c = &b->caches[s->cache];
	const bool was_full = s->freelist == SLUB_END;

	if ((s->place == SLUB_CPU || s->place == SLUB_CPU_PARTIAL) && s->cpu != cpu) {
		c->remote_frees++;
		b->work.remote_frees++;
	}
	s->links[index] = s->freelist;
	s->freelist = (uint16_t)index;
	s->inuse--;
	if (s->place == SLUB_FULL && was_full) {
		if (c->cpu_partial_slabs)
			slub_put_cpu_partial(b, number, cpu, true);
		else if (!s->inuse && c->nodes[s->node].nr_partial >= c->min_partial)
			slub_discard(b, number, cpu);
		else
			slub_add_partial(b, number, true);
		return;
	}
	if (!s->inuse && s->place == SLUB_NODE_PARTIAL &&
	    c->nodes[s->node].nr_partial >= c->min_partial) {
		slub_remove_partial(b, number);
		slub_discard(b, number, cpu);
	}
}

static void free_object(struct kmr_object_backend *b, uint32_t number, unsigned int index,
			unsigned int cpu)
{
	struct slub_slab *s = slub_slab(b, number);
	struct slub_cache *cache = &b->caches[s->cache];
	struct slub_cpu *c = &cache->cpus[cpu];

	cache->live--;
	cache->frees++;
	b->work.frees++;
	if (c->slab != number) {
		slow_free(b, number, index, cpu);
		return;
	}
	s->links[index] = c->freelist;
	c->freelist = (uint16_t)index;
	b->work.fast_frees++;
}

int slub_cache_free(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		    unsigned int cpu)
{
	unsigned int index;
	const uint32_t number = slub_find(b, cache, obj, &index);

	if (!number || slub_slab(b, number)->links[index] != SLUB_USED) {
		b->work.bad_frees++;
		return -1;
	}
	free_object(b, number, index, cpu);
	return 0;
}

static void prefetch(const struct kmr_object_backend *b, kmr_obj_t obj)
{
	const uint32_t number = kmr_framemap_get(&b->frames, obj >> b->page_shift);
	const struct slub_slab *s;
	uint64_t offset, index;

	if (!number || number & KMR_FRAME_LARGE)
		return;
	s = slub_slab(b, number);
	offset = obj - ((uint64_t)s->pfn << b->page_shift);
	index = offset * b->caches[s->cache].reciprocal >> 40;
	if (index < s->objects)
		__builtin_prefetch(&s->links[index], 1);
}

static int kmalloc_cache(const struct kmr_object_backend *b, const struct kmr_object_request *req)
{
	return kmr_kmalloc_find(&b->kmalloc, req->bytes, req->gfp);
}

/* __kmalloc_large_node() */
static kmr_obj_t kmalloc_large(struct kmr_object_backend *b, const struct kmr_object_request *req)
{
	struct kmr_page_request page = { 0 };
	unsigned int order = kmr_bytes_order(req->bytes, b->page_shift);
	kmr_pfn_t pfn = KMR_NO_PFN;

	page.order = (uint8_t)order;
	page.gfp = req->gfp | KMR_GFP_COMP;
	page.cpu = req->cpu;
	page.node = (uint8_t)(req->node >= 0 ? req->node : b->c.machine->cpu_node[req->cpu]);
	if (order < b->c.machine->nr_orders)
		pfn = b->c.pages.alloc(b->c.pages.ctx, &page);
	if (pfn != KMR_NO_PFN && kmr_framemap_set(&b->frames, pfn, 0, KMR_FRAME_LARGE | order)) {
		b->c.pages.free(b->c.pages.ctx, pfn, order, req->cpu, false);
		pfn = KMR_NO_PFN;
	}
	if (pfn == KMR_NO_PFN) {
		b->work.failures++;
		return KMR_NO_OBJ;
	}
	b->work.allocs++;
	b->work.large_allocs++;
	b->large_pages += UINT64_C(1) << order;
	return (uint64_t)pfn << b->page_shift;
}

static kmr_obj_t kmalloc(struct kmr_object_backend *b, const struct kmr_object_request *req)
{
	const int cache = kmalloc_cache(b, req);

	return cache < 0 ? kmalloc_large(b, req) : alloc(b, (unsigned int)cache, req);
}

static int kfree_large(struct kmr_object_backend *b, kmr_obj_t obj, unsigned int order,
		       unsigned int cpu)
{
	const uint64_t pfn = obj >> b->page_shift;

	if (obj & ((UINT64_C(1) << b->page_shift) - 1)) {
		b->work.bad_frees++;
		return -1;
	}
	(void)kmr_framemap_set(&b->frames, pfn, 0, 0);
	b->large_pages -= UINT64_C(1) << order;
	b->work.frees++;
	b->work.large_frees++;
	b->c.pages.free(b->c.pages.ctx, (kmr_pfn_t)pfn, order, cpu, false);
	return 0;
}

/* Also for objects of kmem_cache_alloc(): the kernel's kfree() takes those. */
static int kfree_object(struct kmr_object_backend *b, kmr_obj_t obj, unsigned int cpu)
{
	const uint32_t entry = kmr_framemap_get(&b->frames, obj >> b->page_shift);

	if (entry & KMR_FRAME_LARGE)
		return kfree_large(b, obj, entry & ~KMR_FRAME_LARGE, cpu);
	if (!entry) {
		b->work.bad_frees++;
		return -1;
	}
	return slub_cache_free(b, slub_slab(b, entry)->cache, obj, cpu);
}

static uint32_t given(const struct kmr_object_backend *b, kmr_obj_t obj)
{
	const uint32_t entry = kmr_framemap_get(&b->frames, obj >> b->page_shift);
	unsigned int index;

	if (!entry)
		return 0;
	if (entry & KMR_FRAME_LARGE)
		return 1u << (b->page_shift + (entry & ~KMR_FRAME_LARGE));
	if (!slub_find(b, slub_slab(b, entry)->cache, obj, &index) ||
	    slub_slab(b, entry)->links[index] != SLUB_USED)
		return 0;
	return b->caches[slub_slab(b, entry)->cache].size;
}

static int cache_of(const struct kmr_object_backend *b, kmr_obj_t obj)
{
	const uint32_t entry = kmr_framemap_get(&b->frames, obj >> b->page_shift);

	return entry && !(entry & KMR_FRAME_LARGE) ? slub_slab(b, entry)->cache : -1;
}

static int init_cache(struct kmr_object_backend *b, struct slub_cache *c,
		      const struct kmr_cache_spec *spec, struct kmr_error *err)
{
	if (slub_calculate_sizes(b, spec, c, err))
		return -1;
	(void)snprintf(c->name, sizeof(c->name), "%s", spec->name);
	c->cpus = calloc(b->c.machine->nr_cpus, sizeof(*c->cpus));
	c->nodes = calloc(b->c.machine->nr_nodes, sizeof(*c->nodes));
	if (!c->cpus || !c->nodes) {
		free(c->cpus);
		free(c->nodes);
		return kmr_fail_nomem(err, "a cache");
	}
	for (unsigned int cpu = 0; cpu < b->c.machine->nr_cpus; cpu++)
		c->cpus[cpu].freelist = SLUB_END;
	return 0;
}

int slub_cache_create(struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
		      struct kmr_error *err)
{
	struct slub_cache *caches =
		kmr_grow(b->caches, b->nr_caches, &b->cap_caches, sizeof(*caches));
	struct slub_cache *c;

	if (!caches)
		return kmr_fail_nomem(err, "a cache");
	b->caches = caches;
	if (b->nr_caches >= KMR_MAX_CACHES)
		return kmr_fail(err, "more than %u caches", KMR_MAX_CACHES);
	c = &b->caches[b->nr_caches];
	memset(c, 0, sizeof(*c));
	if (init_cache(b, c, spec, err))
		return -1;
	if (spec->flags & KMR_CACHE_KMALLOC)
		kmr_kmalloc_note(&b->kmalloc, spec->name, (unsigned int)b->nr_caches);
	return (int)b->nr_caches++;
}

static int kmalloc_init(struct kmr_object_backend *b, struct kmr_error *err)
{
	return kmr_kmalloc_create(&b->kmalloc, b->c.version, slub_cache_create, b, err);
}

static void destroy(struct kmr_object_backend *b)
{
	for (uint32_t i = 1; i <= b->nr_slabs; i++)
		free(slub_slab(b, i)->links);
	for (size_t i = 0; i < b->nr_chunks; i++)
		free(b->chunks[i]);
	free(b->chunks);
	for (size_t i = 0; i < b->nr_caches; i++) {
		free(b->caches[i].cpus);
		free(b->caches[i].nodes);
	}
	free(b->caches);
	kmr_framemap_free(&b->frames);
	free(b);
}

static const struct kmr_param params[SLUB_NR_PARAMS] = {
	[SLUB_PARAM_MAX_ORDER] = { "max_order",
				   "slub_max_order: largest order of a slab that is tried",
				   KMR_PARAM_UINT, KMR_PARAM_REMAKES, 3, 0, 10 },
	[SLUB_PARAM_MIN_OBJECTS] = { "min_objects",
				     "slub_min_objects: objects a slab should have; 0: by CPUs",
				     KMR_PARAM_UINT, KMR_PARAM_REMAKES, 0, 0, 32767 },
	[SLUB_PARAM_MIN_PARTIAL] = { "min_partial",
				     "partial slabs a node keeps, empty or not; 0: by object size",
				     KMR_PARAM_UINT, KMR_PARAM_REMAKES, 0, 0, 65535 },
	[SLUB_PARAM_CPU_PARTIAL] = { "cpu_partial", "CPUs have lists of partial slabs",
				     KMR_PARAM_BOOL, 0, 1, 0, 1 },
};

static struct kmr_object_backend *create(const struct kmr_object_config *config,
					 const uint64_t *values, struct kmr_error *err)
{
	const struct kmr_machine *m = config->machine;
	struct kmr_object_backend *b = calloc(1, sizeof(*b));

	if (!b || kmr_framemap_init(&b->frames, kmr_machine_end_pfn(m))) {
		free(b);
		(void)kmr_fail_nomem(err, "slub");
		return NULL;
	}
	b->c = *config;
	b->page_shift = m->page_shift;
	for (unsigned int i = 0; i < SLUB_NR_PARAMS; i++)
		b->params[i] = values ? values[i] : params[i].def;
	kmr_kmalloc_reset(&b->kmalloc, 8, 1u << b->page_shift);
	return b;
}

static void tick(struct kmr_object_backend *b, uint64_t now)
{
	/* nothing of SLUB goes by time */
	(void)b;
	(void)now;
}

static unsigned int nr_caches(const struct kmr_object_backend *b)
{
	return (unsigned int)b->nr_caches;
}

static void count_lists(const struct kmr_object_backend *b, const struct slub_cache *c,
			struct kmr_cache_state *state)
{
	for (unsigned int n = 0; n < b->c.machine->nr_nodes; n++)
		state->partial_slabs += c->nodes[n].nr_partial;
	for (unsigned int cpu = 0; cpu < b->c.machine->nr_cpus; cpu++) {
		state->cpu_slabs += c->cpus[cpu].slab != 0;
		if (c->cpus[cpu].partial)
			state->cpu_slabs += slub_slab(b, c->cpus[cpu].partial)->slabs;
	}
}

static void cache_state(const struct kmr_object_backend *b, unsigned int cache,
			struct kmr_cache_state *state)
{
	const struct slub_cache *c = &b->caches[cache];

	memset(state, 0, sizeof(*state));
	state->name = c->name;
	state->object_size = c->object_size;
	state->size = c->size;
	state->objects_per_slab = c->objects;
	state->order = c->order;
	state->flags = c->flags;
	state->active = c->live;
	state->objects = c->nr_objects;
	state->slabs = c->nr_slabs;
	state->pages = c->nr_pages;
	state->allocs = c->allocs;
	state->frees = c->frees;
	state->failures = c->failures;
	state->remote_frees = c->remote_frees;
	state->slab_allocs = c->slab_allocs;
	state->slab_frees = c->slab_frees;
	count_lists(b, c, state);
}

/* Free objects count where they are in slabs on nodes' lists: count_partial(), count_free(). */
static void slabinfo(const struct kmr_object_backend *b, unsigned int cache,
		     struct kmr_slabinfo *info)
{
	const struct slub_cache *c = &b->caches[cache];

	memset(info, 0, sizeof(*info));
	info->active_objs = c->nr_objects;
	info->active_slabs = c->nr_slabs;
	for (unsigned int n = 0; n < b->c.machine->nr_nodes; n++)
		for (uint32_t i = c->nodes[n].first; i; i = slub_slab(b, i)->next)
			info->active_objs -=
				(uint32_t)slub_slab(b, i)->objects - slub_slab(b, i)->inuse;
}

static uint64_t pages(const struct kmr_object_backend *b)
{
	uint64_t n = b->large_pages;

	for (size_t i = 0; i < b->nr_caches; i++)
		n += b->caches[i].nr_pages;
	return n;
}

static const struct kmr_object_work *work(const struct kmr_object_backend *b)
{
	return &b->work;
}

const struct kmr_object_ops kmr_slub = {
	.name = "slub",
	.description = "SLUB of Linux 6.1 and 6.12: per-CPU slabs, partial lists a CPU and a node",
	.params = params,
	.nr_params = SLUB_NR_PARAMS,
	.create = create,
	.destroy = destroy,
	.cache_create = slub_cache_create,
	.kmalloc_init = kmalloc_init,
	.alloc = alloc,
	.free = slub_cache_free,
	.kmalloc = kmalloc,
	.kfree = kfree_object,
	.kmalloc_cache = kmalloc_cache,
	.prefetch = prefetch,
	.given = given,
	.cache_of = cache_of,
	.shrink = slub_shrink,
	.tick = tick,
	.nr_caches = nr_caches,
	.cache_state = cache_state,
	.slabinfo = slabinfo,
	.pages = pages,
	.work = work,
	.check = slub_check,
	.load = slub_load,
	.save = slub_save,
	.where = slub_where,
	.take = slub_take,
	.hold = slub_hold,
	.unalloc = slub_unalloc,
	.forget_slab = slub_forget_slab,
	.move_slab = slub_move_slab,
	.adopt_slab = slub_adopt_slab,
};
