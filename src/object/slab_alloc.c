// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations and frees.  The fast path is a push or a pop on the CPU's array cache.  An empty one
 * is refilled by a batch from the node's shared array cache, or from its slabs; of a full one the
 * batch that has been there longest goes to the shared array cache, or back to its slabs.
 * Behaviour: ____cache_alloc(), cache_alloc_refill(), ____cache_alloc_node(), fallback_alloc(),
 * ___cache_free(), cache_flusharray(), __cache_free_alien() in mm/slab.c.
 */
#include <string.h>

#include "object/slab.h"

void kmr_slab_remove_front(struct slab_array *ac, uint32_t count)
{
	ac->avail -= count;
	memmove(ac->entry, ac->entry + count, ac->avail * sizeof(*ac->entry));
}

/* transfer_objects() */
uint32_t kmr_slab_transfer(struct slab_array *to, struct slab_array *from, uint32_t max)
{
	const uint32_t room = to->limit - to->avail;
	uint32_t count = from->avail < max ? from->avail : max;

	if (count > room)
		count = room;
	if (!count)
		return 0;
	from->avail -= count;
	memcpy(to->entry + to->avail, from->entry + from->avail, count * sizeof(*to->entry));
	to->avail += count;
	return count;
}

/* gfp_exact_node() */
static uint32_t exact_node(const struct kmr_object_backend *b, uint32_t gfp)
{
	if (b->nr_nodes == 1)
		return gfp & ~(uint32_t)KMR_GFP_NOFAIL;
	return (gfp | KMR_GFP_THISNODE | KMR_GFP_NOWARN) &
	       ~(uint32_t)(KMR_GFP_RECLAIM | KMR_GFP_NOFAIL);
}

/* alloc_block(); how many of the batch are still wanted. */
static uint32_t take_block(struct slab_array *ac, struct slab *s, uint32_t batch)
{
	while (batch && s->active < s->cache->lay.objects) {
		ac->entry[ac->avail++] = slab_get_object(s);
		batch--;
	}
	return batch;
}

static void refill_from_slabs(struct slab_array *ac, struct slab_node *n, uint32_t batch)
{
	struct slab *s;

	while (batch && (s = kmr_slab_first(n))) {
		batch = take_block(ac, s, batch);
		kmr_slab_fixup(n, s);
	}
	n->free_objects -= ac->avail;
}

/* cache_alloc_refill() of an empty array cache; -1: there was nothing and no page. */
static int refill(struct kmr_object_backend *b, struct slab_cache *c, struct slab_array *ac,
		  uint32_t gfp, unsigned int cpu)
{
	const unsigned int node = b->mem_node[cpu];
	struct slab_node *n = &c->nodes[node];
	uint32_t batch;
	struct slab *s;

	if (kmr_slab_array_ready(c, ac))
		return -1;
	b->work.refills++;
	batch = !ac->touched && ac->batch > KMR_SLAB_QUIET_BATCH ? KMR_SLAB_QUIET_BATCH : ac->batch;
	if (kmr_slab_transfer(ac, &n->shared, batch)) {
		n->shared.touched = 1;
		return 0;
	}
	/* without any free object the kernel does not look, and leaves free_touched alone */
	if (n->free_objects)
		refill_from_slabs(ac, n, batch);
	if (ac->avail)
		return 0;
	s = kmr_slab_grow(b, c, exact_node(b, gfp), node, cpu);
	if (!s)
		return -1;
	(void)take_block(ac, s, batch);
	kmr_slab_grow_end(s);
	return ac->avail ? 0 : -1;
}

/* ____cache_alloc() */
static bool alloc_cpu(struct kmr_object_backend *b, struct slab_cache *c, uint32_t gfp,
		      unsigned int cpu, struct slab_object *o)
{
	struct slab_array *ac = &c->cpu[cpu];

	if (ac->avail)
		b->work.fast_allocs++;
	else if (refill(b, c, ac, gfp, cpu))
		return false;
	ac->touched = 1;
	*o = ac->entry[--ac->avail];
	return true;
}

/* The first free object of a node, without a look at any array cache. */
static bool alloc_slab(struct slab_cache *c, unsigned int node, struct slab_object *o)
{
	struct slab_node *n = &c->nodes[node];
	struct slab *s = kmr_slab_first(n);

	if (!s)
		return false;
	*o = slab_get_object(s);
	n->free_objects--;
	kmr_slab_fixup(n, s);
	return true;
}

/* ____cache_alloc_node() as far as it keeps to the node */
static bool alloc_node(struct kmr_object_backend *b, struct slab_cache *c, uint32_t gfp,
		       unsigned int node, unsigned int cpu, struct slab_object *o)
{
	struct slab *s;

	if (alloc_slab(c, node, o))
		return true;
	s = kmr_slab_grow(b, c, exact_node(b, gfp), node, cpu);
	if (!s)
		return false;
	*o = slab_get_object(s);
	kmr_slab_grow_end(s);
	return true;
}

static enum kmr_zone_type highest_zone(uint32_t gfp)
{
	if (gfp & KMR_GFP_DMA)
		return KMR_ZONE_DMA;
	return gfp & KMR_GFP_DMA32 ? KMR_ZONE_DMA32 : KMR_ZONE_NORMAL;
}

/*
 * fallback_alloc(): any node that has free objects, in the order of the zonelist; then pages from
 * wherever there are some, and the object from there.
 */
static bool alloc_anywhere(struct kmr_object_backend *b, struct slab_cache *c, uint32_t gfp,
			   unsigned int cpu, struct slab_object *o)
{
	const unsigned int local = b->mem_node[cpu];
	uint16_t zones[KMR_MAX_ZONES];
	unsigned int nr;
	struct slab *s;

	if (gfp & KMR_GFP_THISNODE)
		return false;
	nr = kmr_machine_zonelist(b->machine, local, highest_zone(gfp), zones);
	for (unsigned int i = 0; i < nr; i++) {
		const unsigned int node = b->machine->zones[zones[i]].node;

		if (c->nodes[node].free_objects && alloc_node(b, c, gfp, node, cpu, o))
			return true;
	}
	s = kmr_slab_grow(b, c, gfp, local, cpu);
	if (!s)
		return false;
	kmr_slab_grow_end(s);
	return alloc_slab(c, s->node, o);
}

/* __do_cache_alloc() */
static bool alloc_object(struct kmr_object_backend *b, struct slab_cache *c,
			 const struct kmr_object_request *req, unsigned int cpu,
			 struct slab_object *o)
{
	unsigned int node = b->mem_node[cpu];

	if (req->node < 0 || req->node == (int)node || b->nr_nodes == 1) {
		if (alloc_cpu(b, c, req->gfp, cpu, o))
			return true;
		if (b->nr_nodes == 1)
			return false;
	} else if ((unsigned int)req->node < b->nr_nodes && b->has_memory[req->node]) {
		node = (unsigned int)req->node;
	} else {
		return alloc_anywhere(b, c, req->gfp, cpu, o);
	}
	return alloc_node(b, c, req->gfp, node, cpu, o) || alloc_anywhere(b, c, req->gfp, cpu, o);
}

kmr_obj_t kmr_slab_alloc(struct kmr_object_backend *b, struct slab_cache *c,
			 const struct kmr_object_request *req)
{
	const unsigned int cpu = req->cpu < b->nr_cpus ? req->cpu : 0;
	struct slab_object o;

	if (!alloc_object(b, c, req, cpu, &o)) {
		b->work.failures++;
		c->failures++;
		return KMR_NO_OBJ;
	}
	b->work.allocs++;
	c->allocs++;
	slab_set_used(o.slab, o.index);
	return slab_address(b, o);
}

/* cache_flusharray(): the oldest entries go. */
static void flush(struct kmr_object_backend *b, struct slab_cache *c, struct slab_array *ac,
		  unsigned int cpu)
{
	const unsigned int node = b->mem_node[cpu];
	struct slab_array *shared = &c->nodes[node].shared;
	const uint32_t room = shared->limit - shared->avail;
	uint32_t batch = ac->batch;
	struct slab_link ring;

	b->work.flushes++;
	slab_ring_init(&ring);
	if (room) {
		if (batch > room)
			batch = room;
		memcpy(shared->entry + shared->avail, ac->entry, batch * sizeof(*ac->entry));
		shared->avail += batch;
	} else {
		kmr_slab_free_block(c, ac->entry, batch, node, &ring);
	}
	kmr_slab_remove_front(ac, batch);
	kmr_slab_destroy_list(b, &ring, cpu);
}

/* __drain_alien_cache(): to the node's shared array cache as far as there is room. */
void kmr_slab_drain_alien(struct slab_cache *c, struct slab_array *alien, unsigned int node,
			  struct slab_link *ring)
{
	if (!alien->avail)
		return;
	(void)kmr_slab_transfer(&c->nodes[node].shared, alien, alien->limit);
	kmr_slab_free_block(c, alien->entry, alien->avail, node, ring);
	alien->avail = 0;
}

/* __cache_free_alien(): an object of another node waits for company on its way home. */
static void free_alien(struct kmr_object_backend *b, struct slab_object o, unsigned int cpu)
{
	struct slab_cache *c = o.slab->cache;
	const unsigned int node = o.slab->node;
	struct slab_array *aliens = c->nodes[b->mem_node[cpu]].alien;
	struct slab_link ring;

	b->work.remote_frees++;
	c->remote_frees++;
	slab_ring_init(&ring);
	if (aliens && aliens[node].entry) {
		struct slab_array *alien = &aliens[node];

		if (alien->avail == alien->limit)
			kmr_slab_drain_alien(c, alien, node, &ring);
		alien->entry[alien->avail++] = o;
	} else {
		kmr_slab_free_block(c, &o, 1, node, &ring);
	}
	kmr_slab_destroy_list(b, &ring, cpu);
}

/* Room for one more in the array cache; false: no memory for its first entries. */
static bool make_room(struct kmr_object_backend *b, struct slab_cache *c, struct slab_array *ac,
		      unsigned int cpu)
{
	if (!ac->entry)
		return !kmr_slab_array_ready(c, ac);
	flush(b, c, ac, cpu);
	return true;
}

void kmr_slab_free(struct kmr_object_backend *b, struct slab_object o, unsigned int cpu)
{
	struct slab_cache *c = o.slab->cache;
	struct slab_array *ac = &c->cpu[cpu];

	slab_clear_used(o.slab, o.index);
	b->work.frees++;
	c->frees++;
	if (o.slab->node != b->mem_node[cpu]) {
		free_alien(b, o, cpu);
		return;
	}
	if (ac->avail < ac->limit) {
		b->work.fast_frees++;
	} else if (!make_room(b, c, ac, cpu)) {
		struct slab_link ring;

		slab_ring_init(&ring);
		kmr_slab_free_block(c, &o, 1, o.slab->node, &ring);
		kmr_slab_destroy_list(b, &ring, cpu);
		return;
	}
	ac->entry[ac->avail++] = o;
}
