// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slabs: their pages, their free objects, the lists of their node.  Behaviour: cache_grow_begin(),
 * cache_grow_end(), alloc_slabmgmt(), slab_destroy(), fixup_slab_list(), get_first_slab(),
 * free_block() in mm/slab.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "object/slab.h"

/* GFP_CONSTRAINT_MASK and GFP_RECLAIM_MASK, mm/internal.h */
#define CONSTRAINT_FLAGS ((uint32_t)(KMR_GFP_HARDWALL | KMR_GFP_THISNODE))
#define RECLAIM_FLAGS                                                                  \
	(KMR_GFP_RECLAIM | KMR_GFP_HIGH | KMR_GFP_IO | KMR_GFP_FS | KMR_GFP_NOWARN |   \
	 KMR_GFP_RETRY_MAYFAIL | KMR_GFP_NOFAIL | KMR_GFP_NORETRY | KMR_GFP_MEMALLOC | \
	 KMR_GFP_NOMEMALLOC | KMR_GFP_ATOMIC | KMR_GFP_NOLOCKDEP)

unsigned int kmr_slab_node_of(const struct kmr_object_backend *b, kmr_pfn_t pfn)
{
	int zone;

	if (b->nr_nodes == 1)
		return 0;
	zone = kmr_machine_zone_of(b->machine, pfn);
	return zone < 0 ? 0 : b->machine->zones[zone].node;
}

static int add_chunk(struct kmr_object_backend *b)
{
	struct slab_chunk *grown =
		kmr_grow(b->chunks, b->nr_chunks, &b->cap_chunks, sizeof(struct slab_chunk));

	if (!grown)
		return -1;
	b->chunks = grown;
	grown[b->nr_chunks].slabs = calloc(1u << KMR_SLAB_CHUNK_BITS, sizeof(struct slab));
	if (!grown[b->nr_chunks].slabs)
		return -1;
	b->nr_chunks++;
	return 0;
}

/* A number that no slab had yet. */
static struct slab *new_number(struct kmr_object_backend *b)
{
	const uint32_t number = b->nr_slabs;
	struct slab *s;

	if (number >= KMR_FRAME_LARGE)
		return NULL;
	if (number >> KMR_SLAB_CHUNK_BITS >= b->nr_chunks && add_chunk(b))
		return NULL;
	s = slab_by_number(b, number);
	s->number = number;
	b->nr_slabs++;
	return s;
}

static size_t bits_bytes(const struct slab_cache *c)
{
	return (c->lay.objects + 7) / 8;
}

/* The struct of a slab that is gone, or a new one. */
static struct slab *get_struct(struct kmr_object_backend *b, struct slab_cache *c)
{
	struct slab *s = c->spare;
	uint16_t *indices;

	if (s) {
		c->spare = s->link.next ? slab_of(s->link.next) : NULL;
		return s;
	}
	indices = malloc(c->lay.objects * sizeof(*indices) + bits_bytes(c));
	s = indices ? new_number(b) : NULL;
	if (!s) {
		free(indices);
		return NULL;
	}
	s->cache = c;
	s->free = indices;
	return s;
}

static void put_struct(struct slab *s)
{
	struct slab_cache *c = s->cache;

	s->list = SLAB_NO_LIST;
	s->link.next = c->spare ? &c->spare->link : NULL;
	c->spare = s;
}

struct slab *kmr_slab_new(struct kmr_object_backend *b, struct slab_cache *c, kmr_pfn_t pfn,
			  uint32_t offset)
{
	struct slab *s;

	for (uint32_t i = 0; i < 1u << c->lay.order; i++)
		if (kmr_framemap_get(&b->map, (uint64_t)pfn + i))
			return NULL;
	s = get_struct(b, c);
	if (!s)
		return NULL;
	if (kmr_framemap_set(&b->map, pfn, c->lay.order, s->number)) {
		put_struct(s);
		return NULL;
	}
	s->pfn = pfn;
	s->offset = offset;
	s->node = (uint8_t)kmr_slab_node_of(b, pfn);
	s->freelist = KMR_NO_OBJ;
	s->active = 0;
	s->used = 0;
	for (uint32_t i = 0; i < c->lay.objects; i++)
		s->free[i] = (uint16_t)i;
	memset(slab_bits(s), 0, bits_bytes(c));
	b->slab_pages += UINT64_C(1) << c->lay.order;
	return s;
}

void kmr_slab_retire(struct kmr_object_backend *b, struct slab *s)
{
	const uint32_t order = s->cache->lay.order;

	(void)kmr_framemap_set(&b->map, s->pfn, order, 0);
	b->slab_pages -= UINT64_C(1) << order;
	put_struct(s);
}

uint32_t kmr_slab_next_colour(const struct slab_cache *c, struct slab_node *n)
{
	if (++n->colour_next >= c->lay.colour)
		n->colour_next = 0;
	return n->colour_next * c->lay.colour_off;
}

/*
 * Indices off the slab come from kmalloc().  The traced kernel reports that as a kmalloc of its
 * own, from cache_grow_begin() or what that is inlined into (cache_alloc_refill() as a rule), just
 * before the object's event, and the kfree from slabs_destroy() or drain_freelist().  The model
 * does both by itself: whoever replays the events leaves the first out, and the second when the
 * object is not in use any more.
 */
static int alloc_freelist(struct kmr_object_backend *b, struct slab *s, uint32_t gfp,
			  unsigned int cpu)
{
	const struct slab_cache *c = s->cache;
	const struct kmr_object_request req = { c->lay.freelist_size, gfp, s->node, (uint16_t)cpu };
	const int cache = kmr_kmalloc_find(&b->kmalloc, req.bytes, req.gfp);

	/* the sizing rule lets no cache that this could need grow in the same way; a snapshot may */
	if (cache < 0 || b->caches[cache]->lay.off_slab)
		return 0;
	s->freelist = kmr_slab_alloc(b, b->caches[cache], &req);
	if (s->freelist == KMR_NO_OBJ)
		return -1;
	b->work.inner_allocs++;
	return 0;
}

static void free_freelist(struct kmr_object_backend *b, kmr_obj_t freelist, unsigned int cpu)
{
	const struct slab_object o = slab_object_at(b, freelist);

	/* verify may have seen the kernel free it already */
	if (!o.slab || !slab_in_use(o.slab, o.index))
		return;
	kmr_slab_free(b, o, cpu);
	b->work.inner_frees++;
}

static void give_back(struct kmr_object_backend *b, struct slab *s, unsigned int cpu, bool rcu)
{
	struct slab_cache *c = s->cache;
	const kmr_pfn_t pfn = s->pfn;

	c->slab_frees++;
	b->work.slab_frees++;
	kmr_slab_retire(b, s);
	b->pages.free(b->pages.ctx, pfn, c->lay.order, cpu, rcu);
}

struct slab *kmr_slab_grow(struct kmr_object_backend *b, struct slab_cache *c, uint32_t gfp,
			   unsigned int node, unsigned int cpu)
{
	const uint32_t local = gfp & (CONSTRAINT_FLAGS | RECLAIM_FLAGS);
	const struct kmr_page_request req = { .gfp = local | c->gfp,
					      .order = (uint8_t)c->lay.order,
					      .node = (uint8_t)node,
					      .cpu = (uint16_t)cpu };
	const kmr_pfn_t pfn = b->pages.alloc(b->pages.ctx, &req);
	uint32_t offset;
	struct slab *s;

	if (pfn == KMR_NO_PFN)
		return NULL;
	offset = kmr_slab_next_colour(c, &c->nodes[kmr_slab_node_of(b, pfn)]);
	s = kmr_slab_new(b, c, pfn, offset);
	if (!s) {
		b->pages.free(b->pages.ctx, pfn, c->lay.order, cpu, false);
		return NULL;
	}
	c->slab_allocs++;
	b->work.slab_allocs++;
	b->work.slab_objects += c->lay.objects;
	if (c->lay.off_slab && alloc_freelist(b, s, local & ~CONSTRAINT_FLAGS, cpu)) {
		give_back(b, s, cpu, false);
		return NULL;
	}
	return s;
}

/* cache_grow_end(): objects may have been taken from it before it is on a list. */
void kmr_slab_grow_end(struct slab *s)
{
	struct slab_node *n = slab_node(s);

	n->total_slabs++;
	if (!s->active) {
		slab_add_tail(n, s, SLAB_FREE);
		n->free_slabs++;
	} else {
		slab_link_between(s, &s->link, &s->link);
		kmr_slab_fixup(n, s);
	}
	n->free_objects += s->cache->lay.objects - s->active;
}

/* slab_destroy(): first the pages, then the indices. */
static void destroy(struct kmr_object_backend *b, struct slab *s, unsigned int cpu)
{
	const kmr_obj_t freelist = s->freelist;

	give_back(b, s, cpu, s->cache->flags & KMR_CACHE_RCU);
	if (freelist != KMR_NO_OBJ)
		free_freelist(b, freelist, cpu);
}

void kmr_slab_destroy_list(struct kmr_object_backend *b, struct slab_link *ring, unsigned int cpu)
{
	for (struct slab_link *l = ring->next, *next; l != ring; l = next) {
		next = l->next;
		destroy(b, slab_of(l), cpu);
	}
}

void kmr_slab_fixup(struct slab_node *n, struct slab *s)
{
	slab_unlink(s);
	slab_add_head(n, s, s->active == s->cache->lay.objects ? SLAB_FULL : SLAB_PARTIAL);
}

/* get_first_slab(): it leaves the count of free slabs, but stays on its list until fixup. */
struct slab *kmr_slab_first(struct slab_node *n)
{
	if (!slab_ring_empty(&n->lists[SLAB_PARTIAL]))
		return slab_of(n->lists[SLAB_PARTIAL].next);
	n->free_touched = true;
	if (slab_ring_empty(&n->lists[SLAB_FREE]))
		return NULL;
	n->free_slabs--;
	return slab_of(n->lists[SLAB_FREE].next);
}

/* Free slabs above the node's limit, those longest on the list first, come off it. */
static void trim(const struct slab_cache *c, struct slab_node *n, struct slab_link *ring)
{
	while (n->free_objects > n->free_limit && !slab_ring_empty(&n->lists[SLAB_FREE])) {
		struct slab *s = slab_of(n->lists[SLAB_FREE].prev);

		n->free_objects -= c->lay.objects;
		slab_unlink(s);
		slab_link_between(s, ring, ring->next);
		n->free_slabs--;
		n->total_slabs--;
	}
}

void kmr_slab_free_block(struct slab_cache *c, const struct slab_object *obj, uint32_t count,
			 unsigned int node, struct slab_link *ring)
{
	struct slab_node *n = &c->nodes[node];

	n->free_objects += count;
	for (uint32_t i = 0; i < count; i++) {
		struct slab *s = obj[i].slab;

		slab_unlink(s);
		slab_put_object(s, obj[i].index);
		if (s->active) {
			slab_add_tail(n, s, SLAB_PARTIAL);
			continue;
		}
		slab_add_head(n, s, SLAB_FREE);
		n->free_slabs++;
	}
	trim(c, n, ring);
}
