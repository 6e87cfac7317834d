// SPDX-License-Identifier: GPL-2.0-only
/* Single objects and slabs, for verify: where one is and when its turn comes, and putting right. */
#include <string.h>

#include "object/slab.h"

/* Where an array cache holds an object; UINT32_MAX: it does not. */
static uint32_t find_entry(const struct slab_array *ac, struct slab_object o)
{
	for (uint32_t i = ac->avail; i--;)
		if (ac->entry[i].slab == o.slab && ac->entry[i].index == o.index)
			return i;
	return UINT32_MAX;
}

/* Where on its slab's list an object is: 0 for the first; UINT32_MAX: not on it. */
static uint32_t find_index(const struct slab *s, uint32_t index)
{
	for (uint32_t i = s->active; i < s->cache->lay.objects; i++)
		if (s->free[i] == index)
			return i - s->active;
	return UINT32_MAX;
}

/* Calls @visit for every array cache that may hold objects of @node until it returns true. */
static bool each_array(const struct kmr_object_backend *b, const struct slab_cache *c,
		       unsigned int node,
		       bool (*visit)(struct slab_array *ac, struct slab_object o),
		       struct slab_object o)
{
	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++)
		if (b->mem_node[cpu] == node && visit(&c->cpu[cpu], o))
			return true;
	if (visit(&c->nodes[node].shared, o))
		return true;
	for (unsigned int i = 0; i < b->nr_nodes; i++)
		if (c->nodes[i].alien && visit(&c->nodes[i].alien[node], o))
			return true;
	return false;
}

/* How many objects the slabs before @s give, as refills come to them. */
static uint32_t objects_before(const struct slab_node *n, const struct slab *s)
{
	uint32_t count = 0;

	for (unsigned int list = SLAB_PARTIAL; list <= SLAB_FREE; list++)
		for (const struct slab_link *l = n->lists[list].next; l != &n->lists[list];
		     l = l->next) {
			const struct slab *other = (const struct slab *)l;

			if (other == s)
				return count;
			count += other->cache->lay.objects - other->active;
		}
	return count;
}

/*
 * Slabs give their objects a batch at a time, and of a batch the last is used first: so it is turned
 * round, whichever slabs it comes from.
 */
static uint32_t slab_distance(const struct slab_array *ac, const struct slab_cache *c,
			      const struct slab_node *n, uint32_t position)
{
	const uint32_t batch = ac->entry ? ac->batch : c->batch;
	const bool quiet = !ac->touched && !ac->avail && !n->shared.avail;
	const uint32_t first = quiet && batch > KMR_SLAB_QUIET_BATCH ? KMR_SLAB_QUIET_BATCH : batch;
	const uint32_t before = ac->avail + n->shared.avail;
	uint32_t start = 0, size = first;

	if (position >= first) {
		start = first + (position - first) / batch * batch;
		size = batch;
	}
	if (size > n->free_objects - start)
		size = (uint32_t)(n->free_objects - start);
	return before + start + size - 1 - (position - start);
}

/* Of a free object; UINT32_MAX: another CPU's, or on its way to another node. */
static uint32_t distance(const struct kmr_object_backend *b, struct slab_object o, unsigned int cpu,
			 enum kmr_object_place *place)
{
	const struct slab_cache *c = o.slab->cache;
	const struct slab_node *n = slab_node(o.slab);
	const struct slab_array *ac = &c->cpu[cpu];
	const bool here = b->mem_node[cpu] == o.slab->node;
	uint32_t i = find_index(o.slab, o.index);

	if (i != UINT32_MAX) {
		*place = KMR_OBJ_SLAB;
		return here ? slab_distance(ac, c, n, objects_before(n, o.slab) + i) : UINT32_MAX;
	}
	*place = KMR_OBJ_CPU;
	if (!here)
		return UINT32_MAX;
	i = find_entry(ac, o);
	if (i != UINT32_MAX)
		return ac->avail - 1 - i;
	i = find_entry(&n->shared, o);
	return i != UINT32_MAX ? ac->avail + n->shared.avail - 1 - i : UINT32_MAX;
}

void kmr_slab_where(const struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		    unsigned int cpu, struct kmr_object_info *info)
{
	const struct slab_object o = slab_object_at(b, obj);

	memset(info, 0, sizeof(*info));
	info->place = KMR_OBJ_NONE;
	info->distance = UINT32_MAX;
	info->slab = KMR_NO_PFN;
	if (!o.slab)
		return;
	info->slab = o.slab->pfn;
	info->cache = o.slab->cache->number;
	if (info->cache != cache)
		return;
	if (slab_in_use(o.slab, o.index))
		info->place = KMR_OBJ_USED;
	else
		info->distance = distance(b, o, cpu < b->nr_cpus ? cpu : 0, &info->place);
}

static bool take_entry(struct slab_array *ac, struct slab_object o)
{
	const uint32_t i = find_entry(ac, o);

	if (i == UINT32_MAX)
		return false;
	ac->avail--;
	memmove(ac->entry + i, ac->entry + i + 1, (ac->avail - i) * sizeof(*ac->entry));
	return true;
}

/* Off its slab's list; the others keep their order, and a slab only moves when it has to. */
static void take_index(struct slab *s, uint32_t position)
{
	struct slab_node *n = slab_node(s);
	uint16_t *head = s->free + s->active;

	memmove(head + 1, head, position * sizeof(*head));
	s->active++;
	n->free_objects--;
	if (s->list == SLAB_FREE)
		n->free_slabs--;
	if (s->list == SLAB_FREE || s->active == s->cache->lay.objects)
		kmr_slab_fixup(n, s);
}

int kmr_slab_take(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj, uint32_t bytes)
{
	const struct slab_object o = slab_object_at(b, obj);
	uint32_t position;

	(void)bytes;
	if (!o.slab || o.slab->cache->number != cache || slab_in_use(o.slab, o.index))
		return -1;
	position = find_index(o.slab, o.index);
	if (position != UINT32_MAX)
		take_index(o.slab, position);
	else if (!each_array(b, o.slab->cache, o.slab->node, take_entry, o))
		return -1;
	slab_set_used(o.slab, o.index);
	return 0;
}

/* As if it were still the first on its slab's list. */
static void put_first(struct slab_object o)
{
	struct slab_node *n = slab_node(o.slab);

	slab_put_object(o.slab, o.index);
	n->free_objects++;
	slab_unlink(o.slab);
	if (o.slab->active) {
		slab_add_head(n, o.slab, SLAB_PARTIAL);
		return;
	}
	slab_add_head(n, o.slab, SLAB_FREE);
	n->free_slabs++;
}

void kmr_slab_unalloc(struct kmr_object_backend *b, unsigned int cache, kmr_obj_t obj,
		      unsigned int cpu)
{
	const struct slab_object o = slab_object_at(b, obj);
	struct slab_cache *c;
	struct slab_array *ac;

	if (!o.slab || o.slab->cache->number != cache || !slab_in_use(o.slab, o.index))
		return;
	if (cpu >= b->nr_cpus)
		cpu = 0;
	c = o.slab->cache;
	ac = &c->cpu[cpu];
	slab_clear_used(o.slab, o.index);
	c->allocs--;
	b->work.allocs--;
	if (o.slab->node == b->mem_node[cpu] && ac->avail < ac->limit)
		ac->entry[ac->avail++] = o;
	else
		put_first(o);
}

/* Every entry of a slab leaves an array cache. */
static bool purge(struct slab_array *ac, struct slab_object o)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < ac->avail; i++)
		if (ac->entry[i].slab != o.slab)
			ac->entry[kept++] = ac->entry[i];
	ac->avail = kept;
	return false;
}

/* Its indices, when off the slab, stay in use: the kernel's kfree of them is an event of its own. */
int kmr_slab_forget(struct kmr_object_backend *b, kmr_pfn_t pfn)
{
	const uint32_t entry = kmr_framemap_get(&b->map, pfn);
	struct slab *s = slab_at(b, pfn);
	struct slab_node *n;

	if (entry & KMR_FRAME_LARGE) {
		b->large_pages -= UINT64_C(1) << (entry & ~KMR_FRAME_LARGE);
		return kmr_framemap_set(&b->map, pfn, 0, 0);
	}
	if (!s)
		return -1;
	n = slab_node(s);
	(void)each_array(b, s->cache, s->node, purge, (struct slab_object){ s, 0 });
	n->total_slabs--;
	n->free_slabs -= s->list == SLAB_FREE;
	n->free_objects -= s->cache->lay.objects - s->active;
	s->cache->used -= s->used;
	slab_unlink(s);
	kmr_slab_retire(b, s);
	return 0;
}

/*
 * With the colour that its cache would give to a new one, and at the end of the free slabs, where
 * cache_grow_end() puts those that nobody took from.
 */
int kmr_slab_adopt(struct kmr_object_backend *b, unsigned int cache, kmr_pfn_t pfn,
		   unsigned int order, unsigned int cpu)
{
	struct slab_cache *c;
	struct slab *s;

	(void)cpu;
	if (cache >= b->nr_caches)
		return -1;
	c = b->caches[cache];
	if (order != c->lay.order)
		return -1;
	s = kmr_slab_new(b, c, pfn, 0);
	if (!s)
		return -1;
	s->offset = kmr_slab_next_colour(c, slab_node(s));
	kmr_slab_grow_end(s);
	return 0;
}

int kmr_slab_move(struct kmr_object_backend *b, kmr_pfn_t from, kmr_pfn_t to)
{
	const uint32_t entry = kmr_framemap_get(&b->map, from);
	const int zone = kmr_machine_zone_of(b->machine, to);
	struct slab *s = slab_at(b, from);
	unsigned int order = 0;

	if (!entry || zone < 0)
		return -1;
	if (s && b->machine->zones[zone].node != s->node)
		return kmr_slab_forget(b, from);
	if (s)
		order = s->cache->lay.order;
	/* what was there is not, as the kernel has just given out the pages */
	for (kmr_pfn_t p = to; p < to + (1u << order); p++)
		while (!kmr_slab_forget(b, p))
			;
	(void)kmr_framemap_set(&b->map, from, order, 0);
	if (s)
		s->pfn = to;
	return kmr_framemap_set(&b->map, to, order, entry);
}
