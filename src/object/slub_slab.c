// SPDX-License-Identifier: GPL-2.0-only
/* Slabs of SLUB: how they come and go, and the lists that they are on. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "kmreplay/gfp.h"
#include "object/slub.h"

/* What of an object's request reaches its slab's (mm/internal.h). */
#define GFP_RECLAIM_MASK                                                               \
	(KMR_GFP_RECLAIM | KMR_GFP_HIGH | KMR_GFP_IO | KMR_GFP_FS | KMR_GFP_NOWARN |   \
	 KMR_GFP_RETRY_MAYFAIL | KMR_GFP_NOFAIL | KMR_GFP_NORETRY | KMR_GFP_MEMALLOC | \
	 KMR_GFP_NOMEMALLOC | KMR_GFP_ATOMIC | KMR_GFP_NOLOCKDEP)
#define GFP_CONSTRAINT_MASK (KMR_GFP_HARDWALL | KMR_GFP_THISNODE)

#define SHRINK_PROMOTE_MAX 32u

static uint32_t new_number(struct kmr_object_backend *b)
{
	const size_t chunk = b->nr_slabs >> SLUB_CHUNK_BITS;

	if (b->nr_slabs >= KMR_FRAME_LARGE - 1)
		return 0;
	if (chunk == b->nr_chunks) {
		struct slub_slab **chunks =
			kmr_grow(b->chunks, b->nr_chunks, &b->cap_chunks, sizeof(void *));

		if (!chunks)
			return 0;
		b->chunks = chunks;
		b->chunks[chunk] = calloc(1u << SLUB_CHUNK_BITS, sizeof(**chunks));
		if (!b->chunks[chunk])
			return 0;
		b->nr_chunks++;
	}
	return ++b->nr_slabs;
}

/* A slab with room for the links of the cache's largest: one that was given back, or a new one. */
static uint32_t get_spare(struct kmr_object_backend *b, struct slub_cache *c)
{
	uint32_t number = c->spare;
	struct slub_slab *s;

	if (number) {
		c->spare = slub_slab(b, number)->next;
		return number;
	}
	number = new_number(b);
	if (!number)
		return 0;
	s = slub_slab(b, number);
	s->links = malloc((size_t)c->objects * sizeof(*s->links));
	return s->links ? number : 0;
}

uint32_t slub_place_slab(struct kmr_object_backend *b, unsigned int cache, kmr_pfn_t pfn,
			 unsigned int order, unsigned int objects)
{
	struct slub_cache *c = &b->caches[cache];
	const int zone = kmr_machine_zone_of(b->c.machine, pfn);
	const uint32_t number = get_spare(b, c);
	struct slub_slab *s;

	if (!number)
		return 0;
	s = slub_slab(b, number);
	if (kmr_framemap_set(&b->frames, pfn, order, number)) {
		s->next = c->spare;
		c->spare = number;
		return 0;
	}
	s->pfn = pfn;
	s->next = 0;
	s->prev = 0;
	s->cache = (uint16_t)cache;
	s->objects = (uint16_t)objects;
	s->inuse = (uint16_t)objects;
	s->freelist = SLUB_END;
	s->order = (uint8_t)order;
	s->place = SLUB_FULL;
	s->node = zone < 0 ? 0 : (uint8_t)b->c.machine->zones[zone].node;
	for (unsigned int i = 0; i < objects; i++)
		s->links[i] = SLUB_USED;
	c->nr_slabs++;
	c->nr_objects += objects;
	c->nr_pages += UINT64_C(1) << order;
	return number;
}

void slub_retire(struct kmr_object_backend *b, uint32_t number)
{
	struct slub_slab *s = slub_slab(b, number);
	struct slub_cache *c = &b->caches[s->cache];

	(void)kmr_framemap_set(&b->frames, s->pfn, s->order, 0);
	c->nr_slabs--;
	c->nr_objects -= s->objects;
	c->nr_pages -= UINT64_C(1) << s->order;
	s->place = SLUB_NOWHERE;
	s->next = c->spare;
	c->spare = number;
}

void slub_discard(struct kmr_object_backend *b, uint32_t number, unsigned int cpu)
{
	const struct slub_slab *s = slub_slab(b, number);
	struct slub_cache *c = &b->caches[s->cache];
	const kmr_pfn_t pfn = s->pfn;
	const unsigned int order = s->order;

	c->slab_frees++;
	b->work.slab_frees++;
	slub_retire(b, number);
	b->c.pages.free(b->c.pages.ctx, pfn, order, cpu, c->flags & KMR_CACHE_RCU);
}

/* allocate_slab(): the cache's order without trying hard, then the smallest that will do. */
uint32_t slub_new_slab(struct kmr_object_backend *b, unsigned int cache,
		       const struct kmr_object_request *req)
{
	struct slub_cache *c = &b->caches[cache];
	const uint32_t flags =
		(req->gfp & (GFP_RECLAIM_MASK | GFP_CONSTRAINT_MASK)) | c->allocflags;
	struct kmr_page_request page = { 0 };
	unsigned int objects = c->objects;
	uint32_t number;
	kmr_pfn_t pfn;

	page.order = c->order;
	page.cpu = req->cpu;
	page.node = (uint8_t)(req->node >= 0 ? req->node : b->c.machine->cpu_node[req->cpu]);
	page.gfp = (flags | KMR_GFP_NOWARN | KMR_GFP_NORETRY) & ~(uint32_t)KMR_GFP_NOFAIL;
	if (page.gfp & KMR_GFP_DIRECT_RECLAIM && c->order > c->min_order)
		page.gfp = (page.gfp | KMR_GFP_NOMEMALLOC) & ~(uint32_t)KMR_GFP_RECLAIM;
	pfn = b->c.pages.alloc(b->c.pages.ctx, &page);
	if (pfn == KMR_NO_PFN) {
		page.order = c->min_order;
		page.gfp = flags;
		objects = c->min_objects;
		pfn = b->c.pages.alloc(b->c.pages.ctx, &page);
		if (pfn == KMR_NO_PFN)
			return 0;
		b->work.order_fallbacks++;
	}
	number = slub_place_slab(b, cache, pfn, page.order, objects);
	if (!number) {
		b->c.pages.free(b->c.pages.ctx, pfn, page.order, req->cpu, false);
		return 0;
	}
	c->slab_allocs++;
	b->work.slab_allocs++;
	b->work.slab_objects += objects;
	return number;
}

void slub_add_partial(struct kmr_object_backend *b, uint32_t number, bool tail)
{
	struct slub_slab *s = slub_slab(b, number);
	struct slub_node *n = &b->caches[s->cache].nodes[s->node];

	s->place = SLUB_NODE_PARTIAL;
	s->prev = tail ? n->last : 0;
	s->next = tail ? 0 : n->first;
	if (s->prev)
		slub_slab(b, s->prev)->next = number;
	else
		n->first = number;
	if (s->next)
		slub_slab(b, s->next)->prev = number;
	else
		n->last = number;
	n->nr_partial++;
}

void slub_remove_partial(struct kmr_object_backend *b, uint32_t number)
{
	struct slub_slab *s = slub_slab(b, number);
	struct slub_node *n = &b->caches[s->cache].nodes[s->node];

	if (s->prev)
		slub_slab(b, s->prev)->next = s->next;
	else
		n->first = s->next;
	if (s->next)
		slub_slab(b, s->next)->prev = s->prev;
	else
		n->last = s->prev;
	s->prev = 0;
	s->next = 0;
	s->place = SLUB_FULL;
	n->nr_partial--;
}

void slub_unfreeze(struct kmr_object_backend *b, uint32_t number, unsigned int cpu)
{
	uint32_t empty = 0;

	while (number) {
		struct slub_slab *s = slub_slab(b, number);
		const struct slub_cache *c = &b->caches[s->cache];
		const uint32_t next = s->next;

		if (!s->inuse && c->nodes[s->node].nr_partial >= c->min_partial) {
			s->next = empty;
			empty = number;
		} else {
			slub_add_partial(b, number, true);
		}
		number = next;
	}
	while (empty) {
		const uint32_t next = slub_slab(b, empty)->next;

		slub_discard(b, empty, cpu);
		empty = next;
	}
}

void slub_put_cpu_partial(struct kmr_object_backend *b, uint32_t number, unsigned int cpu,
			  bool drain)
{
	struct slub_slab *s = slub_slab(b, number);
	const struct slub_cache *cache = &b->caches[s->cache];
	struct slub_cpu *c = &cache->cpus[cpu];
	uint32_t old = c->partial, unfreeze = 0;

	if (old && drain && slub_slab(b, old)->slabs >= cache->cpu_partial_slabs) {
		unfreeze = old;
		old = 0;
	}
	s->slabs = old ? slub_slab(b, old)->slabs + 1 : 1;
	s->next = old;
	s->place = SLUB_CPU_PARTIAL;
	s->cpu = (uint16_t)cpu;
	c->partial = number;
	slub_unfreeze(b, unfreeze, cpu);
}

void slub_remove_cpu_partial(struct kmr_object_backend *b, uint32_t number)
{
	struct slub_slab *s = slub_slab(b, number);
	uint32_t *link = &b->caches[s->cache].cpus[s->cpu].partial;

	while (*link != number) {
		struct slub_slab *before = slub_slab(b, *link);

		before->slabs--;
		link = &before->next;
	}
	*link = s->next;
	s->next = 0;
	s->place = SLUB_FULL;
}

/*
 * deactivate_slab(): the CPU's free objects go in front of the slab's own, and the slab to where it
 * belongs.
 */
void slub_deactivate(struct kmr_object_backend *b, struct slub_cpu *c, unsigned int cpu)
{
	const uint32_t number = c->slab;
	struct slub_slab *s = slub_slab(b, number);
	const struct slub_cache *cache = &b->caches[s->cache];
	const bool tail = s->freelist != SLUB_END;
	uint16_t last = SLUB_END;

	for (uint16_t i = c->freelist; i != SLUB_END; i = s->links[i]) {
		last = i;
		s->inuse--;
	}
	if (last != SLUB_END) {
		s->links[last] = s->freelist;
		s->freelist = c->freelist;
	}
	c->slab = 0;
	c->freelist = SLUB_END;
	s->place = SLUB_FULL;
	if (!s->inuse && cache->nodes[s->node].nr_partial >= cache->min_partial)
		slub_discard(b, number, cpu);
	else if (s->freelist != SLUB_END)
		slub_add_partial(b, number, tail);
}

/* Empties all, CPUs first (flush_all()). */
static void flush_cpus(struct kmr_object_backend *b, const struct slub_cache *cache)
{
	for (unsigned int cpu = 0; cpu < b->c.machine->nr_cpus; cpu++) {
		struct slub_cpu *c = &cache->cpus[cpu];
		const uint32_t partial = c->partial;

		if (c->slab)
			slub_deactivate(b, c, cpu);
		c->partial = 0;
		slub_unfreeze(b, partial, cpu);
	}
}

/*
 * The fullest slabs of a node come to the front, by how many objects are free up to 32; what is
 * empty goes (__kmem_cache_do_shrink()).
 */
static void shrink_node(struct kmr_object_backend *b, struct slub_node *n)
{
	uint32_t promote[SHRINK_PROMOTE_MAX] = { 0 };
	uint32_t empty = 0, next;

	for (uint32_t i = n->first; i; i = next) {
		struct slub_slab *s = slub_slab(b, i);
		const unsigned int free_objects = (unsigned int)s->objects - s->inuse;

		next = s->next;
		if (s->inuse && (!free_objects || free_objects > SHRINK_PROMOTE_MAX))
			continue;
		slub_remove_partial(b, i);
		if (!s->inuse) {
			s->next = empty;
			empty = i;
			continue;
		}
		/* list_move(): each to the head of its list */
		s->next = promote[free_objects - 1];
		promote[free_objects - 1] = i;
	}
	for (unsigned int k = SHRINK_PROMOTE_MAX; k-- > 0;) {
		/* spliced in as they are: the list is turned so that putting each in front does it */
		uint32_t turned = 0;

		for (uint32_t i = promote[k]; i; i = next) {
			next = slub_slab(b, i)->next;
			slub_slab(b, i)->next = turned;
			turned = i;
		}
		for (uint32_t i = turned; i; i = next) {
			next = slub_slab(b, i)->next;
			slub_add_partial(b, i, false);
		}
	}
	for (; empty; empty = next) {
		next = slub_slab(b, empty)->next;
		slub_discard(b, empty, 0);
	}
}

void slub_shrink(struct kmr_object_backend *b, unsigned int cache)
{
	struct slub_cache *c = &b->caches[cache];

	flush_cpus(b, c);
	for (unsigned int node = 0; node < b->c.machine->nr_nodes; node++)
		shrink_node(b, &c->nodes[node]);
}
