// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invariants, walked one by one: every list well linked and of slabs that are as full as it
 * says, counts the sums of the lists, every object in just one place (a user's, an array cache, its
 * slab's list), every slab's frames known as its own and no other frame known at all.
 */
#include <stdlib.h>

#include "object/slab.h"

struct checker {
	const struct kmr_object_backend *b;
	struct kmr_error *err;
	uint8_t *seen; /* bit an object: free in a place walked so far */
	uint64_t *first; /* by slab number: bit of its first object */
	uint64_t frames; /* of slabs on lists */
};

static const char *const list_names[] = { "full", "partial", "free" };

/* A free object turns up; -1: for the second time, or though it is in use. */
static int see(const struct checker *k, const struct slab *s, uint32_t index, const char *where)
{
	const uint64_t bit = k->first[s->number] + index;

	if (index >= s->cache->lay.objects)
		return kmr_fail(k->err, "cache %s: object %u on %s, slabs have %u", s->cache->name,
				index, where, s->cache->lay.objects);
	if (k->seen[bit >> 3] >> (bit & 7) & 1)
		return kmr_fail(k->err, "cache %s: object %u of slab %u is free twice, once on %s",
				s->cache->name, index, s->pfn, where);
	if (slab_in_use(s, index))
		return kmr_fail(k->err, "cache %s: object %u of slab %u is on %s but in use",
				s->cache->name, index, s->pfn, where);
	k->seen[bit >> 3] |= (uint8_t)(1u << (bit & 7));
	return 0;
}

static int check_slab(struct checker *k, const struct slab_cache *c, unsigned int node,
		      unsigned int list, const struct slab *s)
{
	const bool full = s->active == c->lay.objects;
	const unsigned int belongs = full ? SLAB_FULL : s->active ? SLAB_PARTIAL : SLAB_FREE;
	uint32_t used = 0;

	if (s->cache != c || s->node != node || s->list != list)
		return kmr_fail(k->err, "cache %s: slab %u on its %s list is of another", c->name,
				s->pfn, list_names[list]);
	if (s->active > c->lay.objects || s->used > s->active || belongs != list)
		return kmr_fail(k->err,
				"cache %s: slab %u on its %s list has %u of %u objects active",
				c->name, s->pfn, list_names[list], s->active, c->lay.objects);
	for (uint32_t i = 0; i < 1u << c->lay.order; i++)
		if (slab_at(k->b, (uint64_t)s->pfn + i) != s)
			return kmr_fail(k->err, "cache %s: frame %u is not known as its slab's",
					c->name, s->pfn + i);
	for (uint32_t i = s->active; i < c->lay.objects; i++)
		if (see(k, s, s->free[i], "its slab's list"))
			return -1;
	for (uint32_t i = 0; i < c->lay.objects; i++)
		used += slab_in_use(s, i);
	if (used != s->used)
		return kmr_fail(k->err, "cache %s: slab %u has %u objects in use, counted %u",
				c->name, s->pfn, used, s->used);
	k->frames += UINT64_C(1) << c->lay.order;
	return 0;
}

/* Walks one list; how many slabs, and their free objects and used ones added up. */
static int64_t check_list(struct checker *k, const struct slab_cache *c, unsigned int node,
			  unsigned int list, uint64_t *free_objects, uint64_t *used)
{
	const struct slab_link *head = &c->nodes[node].lists[list];
	int64_t slabs = 0;

	for (const struct slab_link *l = head->next; l != head; l = l->next) {
		const struct slab *s = (const struct slab *)l;

		if (!l->next || l->next->prev != l || l->prev->next != l || slabs >= k->b->nr_slabs)
			return kmr_fail(k->err, "cache %s: its %s list is badly linked", c->name,
					list_names[list]);
		if (check_slab(k, c, node, list, s))
			return -1;
		*free_objects += c->lay.objects - s->active;
		*used += s->used;
		slabs++;
	}
	return slabs;
}

static int check_array(const struct checker *k, const struct slab_cache *c,
		       const struct slab_array *ac, unsigned int node, const char *name)
{
	if (ac->avail > ac->limit || (ac->avail && !ac->entry))
		return kmr_fail(k->err, "cache %s: %s holds %u objects of %u", c->name, name,
				ac->avail, ac->limit);
	for (uint32_t i = 0; i < ac->avail; i++) {
		const struct slab *s = ac->entry[i].slab;

		if (s->cache != c || s->node != node || s->list == SLAB_NO_LIST)
			return kmr_fail(k->err, "cache %s: %s holds an object of another", c->name,
					name);
		if (see(k, s, ac->entry[i].index, name))
			return -1;
	}
	return 0;
}

/* Array caches of a node, shared and alien; objects in them are added to @cached. */
static int check_arrays(const struct checker *k, const struct slab_cache *c, uint64_t *cached)
{
	for (unsigned int cpu = 0; cpu < k->b->nr_cpus; cpu++) {
		if (check_array(k, c, &c->cpu[cpu], k->b->mem_node[cpu], "an array cache"))
			return -1;
		*cached += c->cpu[cpu].avail;
	}
	for (unsigned int node = 0; node < k->b->nr_nodes; node++) {
		const struct slab_node *n = &c->nodes[node];

		if (check_array(k, c, &n->shared, node, "a shared array cache"))
			return -1;
		*cached += n->shared.avail;
		for (unsigned int to = 0; n->alien && to < k->b->nr_nodes; to++) {
			if (check_array(k, c, &n->alien[to], to, "an alien cache"))
				return -1;
			*cached += n->alien[to].avail;
		}
	}
	return 0;
}

static int check_node(struct checker *k, const struct slab_cache *c, unsigned int node,
		      uint64_t *active, uint64_t *used)
{
	const struct slab_node *n = &c->nodes[node];
	int64_t slabs[SLAB_NR_LISTS];
	uint64_t free_objects = 0;

	for (unsigned int list = 0; list < SLAB_NR_LISTS; list++) {
		slabs[list] = check_list(k, c, node, list, &free_objects, used);
		if (slabs[list] < 0)
			return -1;
	}
	if (slabs[SLAB_FULL] + slabs[SLAB_PARTIAL] + slabs[SLAB_FREE] != n->total_slabs ||
	    slabs[SLAB_FREE] != n->free_slabs || free_objects != n->free_objects)
		return kmr_fail(k->err,
				"cache %s: node %u counts %u slabs, %u free ones, %llu free "
				"objects; its lists have others",
				c->name, node, n->total_slabs, n->free_slabs,
				(unsigned long long)n->free_objects);
	if (n->colour_next && n->colour_next >= c->lay.colour)
		return kmr_fail(k->err, "cache %s: at colour %u of %u", c->name, n->colour_next,
				c->lay.colour);
	*active += (uint64_t)n->total_slabs * c->lay.objects - free_objects;
	return 0;
}

static int check_cache(struct checker *k, const struct slab_cache *c)
{
	uint64_t active = 0, used = 0, cached = 0;

	for (unsigned int node = 0; node < k->b->nr_nodes; node++)
		if (check_node(k, c, node, &active, &used))
			return -1;
	if (check_arrays(k, c, &cached))
		return -1;
	if (used != c->used || active != used + cached)
		return kmr_fail(k->err,
				"cache %s: %llu objects active, of them %llu in array caches and "
				"%llu in use, counted %llu",
				c->name, (unsigned long long)active, (unsigned long long)cached,
				(unsigned long long)used, (unsigned long long)c->used);
	return 0;
}

/* Frames that lead to a slab, and pages of large kmalloc()s. */
static int check_frames(const struct checker *k)
{
	const struct kmr_framemap *map = &k->b->map;
	uint64_t slab_frames = 0, large = 0;

	for (uint64_t pfn = 0; pfn < (uint64_t)map->nr_chunks << KMR_FRAME_CHUNK_BITS; pfn++) {
		const uint32_t entry = kmr_framemap_get(map, pfn);

		if (entry & KMR_FRAME_LARGE)
			large += UINT64_C(1) << (entry & ~KMR_FRAME_LARGE);
		else
			slab_frames += entry != 0;
	}
	if (slab_frames != k->frames || k->frames != k->b->slab_pages || large != k->b->large_pages)
		return kmr_fail(k->err,
				"%llu frames lead to slabs, which have %llu, counted %llu; "
				"kmalloc() has %llu pages, counted %llu",
				(unsigned long long)slab_frames, (unsigned long long)k->frames,
				(unsigned long long)k->b->slab_pages, (unsigned long long)large,
				(unsigned long long)k->b->large_pages);
	return 0;
}

static uint64_t count_objects(const struct checker *k)
{
	uint64_t objects = 0;

	for (uint32_t number = 1; number < k->b->nr_slabs; number++) {
		k->first[number] = objects;
		objects += slab_by_number(k->b, number)->cache->lay.objects;
	}
	return objects;
}

static int check_all(struct checker *k)
{
	for (uint32_t i = 0; i < k->b->nr_caches; i++)
		if (check_cache(k, k->b->caches[i]))
			return -1;
	return check_frames(k);
}

int kmr_slab_check(const struct kmr_object_backend *b, struct kmr_error *err)
{
	struct checker k = { b, err, NULL, calloc(b->nr_slabs, sizeof(uint64_t)), 0 };
	int ret = -1;

	if (k.first)
		k.seen = calloc(count_objects(&k) / 8 + 1, 1);
	if (!k.seen)
		(void)kmr_fail_nomem(err, "the check of the object backend");
	else
		ret = check_all(&k);
	free(k.seen);
	free(k.first);
	return ret;
}
