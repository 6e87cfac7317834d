// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches: made by the rules or from a snapshot's record, their array caches and nodes.
 * Behaviour: do_tune_cpucache(), setup_kmem_cache_node(), init_cache_node(), alloc_alien_cache()
 * in mm/slab.c.
 *
 * Entries of a CPU's array cache come with its first use: many CPUs touch few caches.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object/slab.h"

#define ALIEN_LIMIT  12u
#define ALIEN_BATCH  0xbaadf00d /* the kernel never looks at it either */
#define NODE_SECONDS 4u /* REAPTIMEOUT_NODE */
#define MAX_SHARED   65536u

struct slab_cache *kmr_slab_cache_add(struct kmr_object_backend *b, const char *name, bool at_front,
				      struct kmr_error *err)
{
	struct slab_cache **end = &b->first;
	struct slab_cache *c;

	if (b->nr_caches >= KMR_MAX_CACHES) {
		(void)kmr_fail(err, "cache %s: there are %u already, more than anyone has", name,
			       KMR_MAX_CACHES);
		return NULL;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		(void)kmr_fail_nomem(err, "a cache");
		return NULL;
	}
	(void)snprintf(c->name, sizeof(c->name), "%s", name);
	c->number = b->nr_caches;
	while (!at_front && *end)
		end = &(*end)->next;
	c->next = *end;
	*end = c;
	b->caches[b->nr_caches++] = c;
	return c;
}

int kmr_slab_array_init(struct slab_array *ac, uint32_t limit, uint32_t batch)
{
	ac->entry = malloc(limit * sizeof(*ac->entry));
	if (!ac->entry)
		return -1;
	ac->limit = limit;
	ac->batch = batch;
	return 0;
}

int kmr_slab_array_ready(const struct slab_cache *c, struct slab_array *ac)
{
	return ac->entry ? 0 : kmr_slab_array_init(ac, c->limit, c->batch);
}

/* By CPUs of the node, whatever shared and alien caches hold: init_cache_node() */
static uint64_t free_limit(const struct kmr_object_backend *b, const struct slab_cache *c,
			   unsigned int node)
{
	uint64_t cpus = 0;

	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++)
		cpus += b->machine->cpu_node[cpu] == node;
	return (1 + cpus) * c->batch + c->lay.objects;
}

static int alien_init(const struct kmr_object_backend *b, const struct slab_cache *c,
		      struct slab_node *n, unsigned int node)
{
	const uint32_t limit = c->limit > 1 ? ALIEN_LIMIT : c->limit;

	n->alien = calloc(b->nr_nodes, sizeof(*n->alien));
	if (!n->alien)
		return -1;
	for (unsigned int i = 0; i < b->nr_nodes; i++)
		if (i != node && b->has_memory[i] &&
		    kmr_slab_array_init(&n->alien[i], limit, ALIEN_BATCH))
			return -1;
	return 0;
}

static int node_init(const struct kmr_object_backend *b, const struct slab_cache *c,
		     unsigned int node)
{
	struct slab_node *n = &c->nodes[node];
	const uint64_t period = NODE_SECONDS * UINT64_C(1000000000);
	/* the kernel spreads caches by the addresses of their structs, which lie side by side */
	const uint64_t spread = c->number * UINT64_C(128) % (period / b->jiffy) * b->jiffy;

	for (unsigned int list = 0; list < SLAB_NR_LISTS; list++)
		slab_ring_init(&n->lists[list]);
	n->free_limit = free_limit(b, c, node);
	n->next_reap = b->now + period + spread;
	if (!b->has_memory[node])
		return 0;
	if (c->shared && kmr_slab_array_init(&n->shared, c->shared * c->batch, ALIEN_BATCH))
		return -1;
	return b->nr_nodes > 1 ? alien_init(b, c, n, node) : 0;
}

/* allocflags of __kmem_cache_create() */
static uint32_t page_flags(uint32_t flags)
{
	uint32_t gfp = KMR_GFP_COMP;

	if (flags & KMR_CACHE_DMA)
		gfp |= KMR_GFP_DMA;
	if (flags & KMR_CACHE_DMA32)
		gfp |= KMR_GFP_DMA32;
	if (flags & KMR_CACHE_RECLAIM)
		gfp |= KMR_GFP_RECLAIMABLE;
	return gfp;
}

static int check_tunables(const struct slab_cache *c, struct kmr_error *err)
{
	if (!c->limit || c->limit > KMR_SLAB_MAX_LIMIT || !c->batch || c->batch > c->limit)
		return kmr_fail(err,
				"cache %s: array caches of %u objects, %u at a time; expected at "
				"most %u, and no more at a time than they hold",
				c->name, c->limit, c->batch, KMR_SLAB_MAX_LIMIT);
	if ((uint64_t)c->shared * c->batch > MAX_SHARED)
		return kmr_fail(err, "cache %s: shared array caches of %u times %u objects",
				c->name, c->shared, c->batch);
	return 0;
}

int kmr_slab_cache_ready(struct kmr_object_backend *b, struct slab_cache *c, struct kmr_error *err)
{
	if (check_tunables(c, err))
		return -1;
	/* 2^32 / 1 does not fit; indices come out right all the same, as there is one byte each */
	c->inverse = (uint32_t)(((UINT64_C(1) << 32) + c->lay.size - 1) / c->lay.size);
	c->gfp = page_flags(c->flags);
	c->cpu = calloc(b->nr_cpus, sizeof(*c->cpu));
	c->nodes = calloc(b->nr_nodes, sizeof(*c->nodes));
	if (!c->cpu || !c->nodes)
		return kmr_fail_nomem(err, "a cache");
	for (unsigned int node = 0; node < b->nr_nodes; node++)
		if (node_init(b, c, node))
			return kmr_fail_nomem(err, "a cache's nodes");
	kmr_kmalloc_note(&b->kmalloc, c->name, c->number);
	return 0;
}

static void node_free(const struct kmr_object_backend *b, struct slab_node *n)
{
	for (unsigned int list = 0; list < SLAB_NR_LISTS; list++) {
		const struct slab_link *l = n->lists[list].next;

		/* a cache that never got ready has no heads */
		while (l && l != &n->lists[list]) {
			free(((const struct slab *)l)->free);
			l = l->next;
		}
	}
	free(n->shared.entry);
	for (unsigned int i = 0; n->alien && i < b->nr_nodes; i++)
		free(n->alien[i].entry);
	free(n->alien);
}

void kmr_slab_cache_free(const struct kmr_object_backend *b, struct slab_cache *c)
{
	for (unsigned int cpu = 0; c->cpu && cpu < b->nr_cpus; cpu++)
		free(c->cpu[cpu].entry);
	for (unsigned int node = 0; c->nodes && node < b->nr_nodes; node++)
		node_free(b, &c->nodes[node]);
	for (const struct slab *s = c->spare; s; s = (const struct slab *)s->link.next)
		free(s->free);
	free(c->cpu);
	free(c->nodes);
	free(c);
}

/* A cache that could not be finished is the last one and first in the chain. */
static int undo_add(struct kmr_object_backend *b, struct slab_cache *c)
{
	b->first = c->next;
	b->caches[--b->nr_caches] = NULL;
	kmr_slab_cache_free(b, c);
	return -1;
}

int kmr_slab_cache_create(struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
			  struct kmr_error *err)
{
	struct slab_layout lay;
	struct slab_cache *c;

	if (kmr_slab_layout(b, spec, &lay, err))
		return -1;
	c = kmr_slab_cache_add(b, spec->name, true, err);
	if (!c)
		return -1;
	c->lay = lay;
	c->object_size = spec->object_size;
	c->flags = spec->flags;
	kmr_slab_tunables(b, spec, lay.size, &c->limit, &c->batch, &c->shared);
	return kmr_slab_cache_ready(b, c, err) ? undo_add(b, c) : (int)c->number;
}
