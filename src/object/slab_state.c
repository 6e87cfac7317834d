// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshots in and out.  What a snapshot lacks is made up: which slabs have their indices in objects
 * of kmalloc caches is worked out from sizes, but not in which, so that these are never freed; when
 * a free slab was needed last and when the reaper looked at a node's slabs are not known.  Alien
 * caches have no record: what is in them counts as in use.
 */
#include <stdio.h>
#include <string.h>

#include "object/slab.h"

struct loader {
	struct kmr_object_backend *b;
	const struct kmr_snapshot *snap;
	struct kmr_error *err;
	uint32_t base; /* number of the snapshot's first cache */
};

static int check_record(const struct loader *l, const struct kmr_snap_cache *from)
{
	const bool small = from->order < l->b->machine->nr_orders;
	const uint64_t bytes = UINT64_C(1) << (l->b->page_shift + (small ? from->order : 0));
	const char *what = NULL;

	if (!small || from->size < 8 || !from->object_size || from->object_size > from->size ||
	    !from->objects || (uint64_t)from->size * from->objects > bytes)
		what = "its objects do not fit into its slabs";
	else if (from->objects > KMR_SLAB_MAX_NUM || from->freelist_size < from->objects)
		what = "its slabs have no indices for their objects";
	else if ((uint64_t)from->colour * from->colour_off > bytes)
		what = "its colours lie beyond its slabs";
	return what ? kmr_fail(l->err, "the snapshot's cache %s is none of SLAB: %s", from->name,
			       what)
		    : 0;
}

static int load_cache(const struct loader *l, const struct kmr_snap_cache *from)
{
	struct slab_cache *c;

	if (check_record(l, from))
		return -1;
	c = kmr_slab_cache_add(l->b, from->name, false, l->err);
	if (!c)
		return -1;
	c->object_size = from->object_size;
	c->flags = from->flags;
	c->limit = from->limit;
	c->batch = from->batch;
	c->shared = from->shared;
	c->lay.size = from->size;
	c->lay.align = from->align;
	c->lay.order = from->order;
	c->lay.objects = from->objects;
	c->lay.colour = from->colour;
	c->lay.colour_off = from->colour_off;
	c->lay.freelist_size = from->freelist_size;
	c->lay.off_slab = kmr_slab_is_off(l->b, c);
	return kmr_slab_cache_ready(l->b, c, l->err);
}

static struct slab_cache *cache_of(const struct loader *l, const struct kmr_snap_objects *o)
{
	return o->cache < l->snap->nr_caches ? l->b->caches[l->base + o->cache] : NULL;
}

static const char *slab_fault(const struct loader *l, const struct slab_cache *c,
			      const struct kmr_snap_objects *o)
{
	const unsigned int list = o->kind - KMR_SNAP_SLAB_FULL;
	const uint32_t bytes = UINT32_C(1) << (l->b->page_shift + c->lay.order);
	const bool full = o->inuse == c->lay.objects, empty = !o->inuse;

	if (o->pfn >= KMR_NO_PFN || o->pfn & ((UINT64_C(1) << c->lay.order) - 1))
		return "its frame is none that a slab begins at";
	if (o->node >= l->b->nr_nodes || o->node != kmr_slab_node_of(l->b, (kmr_pfn_t)o->pfn))
		return "it is on another node's list";
	if (o->inuse > c->lay.objects || o->count != c->lay.objects - o->inuse)
		return "its numbers of objects do not add up";
	if (full != (list == SLAB_FULL) || empty != (list == SLAB_FREE))
		return "it is on the wrong list for how full it is";
	if ((uint64_t)o->offset + (uint64_t)c->lay.size * c->lay.objects > bytes)
		return "its objects lie beyond its end";
	return NULL;
}

static int load_indices(const struct loader *l, struct slab *s, const struct kmr_snap_objects *o)
{
	for (uint32_t i = 0; i < s->cache->lay.objects; i++)
		slab_set_used(s, i);
	s->active = (uint16_t)o->inuse;
	for (uint32_t i = 0; i < o->count; i++) {
		const uint64_t index = l->snap->items[o->first + i];

		if (index >= s->cache->lay.objects || !slab_in_use(s, (uint32_t)index))
			return kmr_fail(l->err,
					"the snapshot's slab at pfn %u of cache %s: object %llu is "
					"free twice or none of its %u",
					s->pfn, s->cache->name, (unsigned long long)index,
					s->cache->lay.objects);
		s->free[s->active + i] = (uint16_t)index;
		slab_clear_used(s, (uint32_t)index);
	}
	return 0;
}

static int load_slab(const struct loader *l, const struct kmr_snap_objects *o)
{
	struct slab_cache *c = cache_of(l, o);
	const char *fault = c ? slab_fault(l, c, o) : "it is of no cache";
	struct slab_node *n;
	struct slab *s;

	if (fault)
		return kmr_fail(l->err, "the snapshot's slab at pfn %llu of cache %s: %s",
				(unsigned long long)o->pfn, c ? c->name : "?", fault);
	s = kmr_slab_new(l->b, c, (kmr_pfn_t)o->pfn, o->offset);
	if (!s)
		return kmr_fail(l->err,
				"the snapshot's slab at pfn %llu of cache %s: its frames are "
				"another slab's or beyond the machine, or there is no memory",
				(unsigned long long)o->pfn, c->name);
	n = slab_node(s);
	slab_add_tail(n, s, (enum slab_list)(o->kind - KMR_SNAP_SLAB_FULL));
	n->total_slabs++;
	n->free_slabs += o->kind == KMR_SNAP_SLAB_FREE;
	n->free_objects += o->count;
	return load_indices(l, s, o);
}

/* Objects that @ac holds, from a record that has them in a node's slabs. */
static int load_entries(const struct loader *l, const struct slab_cache *c, struct slab_array *ac,
			const struct kmr_snap_objects *o, unsigned int node)
{
	if (o->count > ac->limit)
		return kmr_fail(l->err, "the snapshot's array cache of cache %s: %u objects of %u",
				c->name, o->count, ac->limit);
	for (uint32_t i = 0; ac->entry && i < o->count; i++) {
		const uint64_t item = l->snap->items[o->first + i];
		const struct slab_object obj = { slab_at(l->b, item >> 32), (uint32_t)item };

		if (!obj.slab || obj.slab->cache != c || obj.slab->pfn != item >> 32 ||
		    obj.slab->node != node || obj.index >= c->lay.objects ||
		    !slab_in_use(obj.slab, obj.index))
			return kmr_fail(l->err,
					"the snapshot's array cache of cache %s: object %u of the "
					"slab at pfn %llu is free elsewhere, or not of that cache "
					"and node",
					c->name, obj.index, (unsigned long long)(item >> 32));
		slab_clear_used(obj.slab, obj.index);
		ac->entry[ac->avail++] = obj;
	}
	return 0;
}

static int load_array(const struct loader *l, const struct kmr_snap_objects *o)
{
	const struct slab_cache *c = cache_of(l, o);
	struct slab_array *ac;

	if (!c || o->cpu >= l->b->nr_cpus)
		return kmr_fail(l->err, "the snapshot's array cache of CPU %u: no such %s", o->cpu,
				c ? "CPU" : "cache");
	ac = &c->cpu[o->cpu];
	if (ac->entry || !o->limit || o->limit > KMR_SLAB_MAX_LIMIT || !o->batch ||
	    o->batch > o->limit)
		return kmr_fail(l->err,
				"the snapshot's array cache of cache %s, CPU %u: there is one "
				"already, or it takes %u of %u objects at a time",
				c->name, o->cpu, o->batch, o->limit);
	if (kmr_slab_array_init(ac, o->limit, o->batch))
		return kmr_fail_nomem(l->err, "an array cache");
	ac->touched = o->touched;
	return load_entries(l, c, ac, o, l->b->mem_node[o->cpu]);
}

static int load_node(const struct loader *l, const struct kmr_snap_objects *o)
{
	const struct slab_cache *c = cache_of(l, o);
	struct slab_node *n;

	if (!c || o->node >= l->b->nr_nodes)
		return kmr_fail(l->err, "the snapshot's node %u: no such %s", o->node,
				c ? "node" : "cache");
	n = &c->nodes[o->node];
	if (o->total_slabs != n->total_slabs || o->free_slabs != n->free_slabs ||
	    o->free_objects != n->free_objects)
		return kmr_fail(l->err,
				"the snapshot's node %u of cache %s counts %u slabs, %u free ones, "
				"%u free objects; there are %u, %u and %llu",
				o->node, c->name, o->total_slabs, o->free_slabs, o->free_objects,
				n->total_slabs, n->free_slabs, (unsigned long long)n->free_objects);
	if (o->colour_next && o->colour_next >= c->lay.colour)
		return kmr_fail(l->err, "the snapshot's cache %s is at colour %u of %u", c->name,
				o->colour_next, c->lay.colour);
	n->free_limit = o->free_limit;
	n->colour_next = o->colour_next;
	return load_entries(l, c, &n->shared, o, o->node);
}

/* Slabs first: the others name objects in them. */
static int load_objects(const struct loader *l, bool slabs)
{
	for (size_t i = 0; i < l->snap->nr_objects; i++) {
		const struct kmr_snap_objects *o = &l->snap->objects[i];
		int ret = 0;

		switch (o->kind) {
		case KMR_SNAP_SLAB_FULL:
		case KMR_SNAP_SLAB_PARTIAL:
		case KMR_SNAP_SLAB_FREE:
			ret = slabs ? load_slab(l, o) : 0;
			break;
		case KMR_SNAP_ARRAY_CACHE:
			ret = slabs ? 0 : load_array(l, o);
			break;
		case KMR_SNAP_NODE:
			ret = slabs ? 0 : load_node(l, o);
			break;
		default:
			ret = kmr_fail(l->err, "the snapshot is of a kernel with another "
					       "allocator of objects than SLAB");
		}
		if (ret)
			return -1;
	}
	return 0;
}

/* The kernel's reaper has been there before; a new cache would be left alone for a while. */
static void reap_soon(struct kmr_object_backend *b)
{
	uint64_t first = UINT64_MAX;

	for (uint32_t i = 0; i < b->nr_caches; i++)
		for (unsigned int node = 0; node < b->nr_nodes; node++)
			if (b->caches[i]->nodes[node].next_reap < first)
				first = b->caches[i]->nodes[node].next_reap;
	for (uint32_t i = 0; i < b->nr_caches; i++)
		for (unsigned int node = 0; node < b->nr_nodes; node++)
			b->caches[i]->nodes[node].next_reap -= first;
}

int kmr_slab_load(struct kmr_object_backend *b, const struct kmr_snapshot *snap,
		  struct kmr_error *err)
{
	const struct loader l = { b, snap, err, b->nr_caches };

	if (!snap->nr_caches)
		return kmr_fail(err, "the snapshot has no caches of SLAB");
	for (size_t i = 0; i < snap->nr_caches; i++)
		if (load_cache(&l, &snap->caches[i]))
			return -1;
	if (load_objects(&l, true) || load_objects(&l, false))
		return -1;
	reap_soon(b);
	return 0;
}

/* A new record about a cache. */
static struct kmr_snap_objects *add_record(struct kmr_snapshot *snap, unsigned int kind,
					   uint16_t cache)
{
	struct kmr_snap_objects *o = kmr_snapshot_add_objects(snap);

	if (o) {
		o->kind = (uint8_t)kind;
		o->cache = cache;
	}
	return o;
}

static int save_entries(struct kmr_snapshot *snap, const struct slab_array *ac,
			struct kmr_snap_objects *o)
{
	for (uint32_t i = 0; ac->entry && i < ac->avail; i++) {
		const struct slab_object obj = ac->entry[i];

		if (kmr_snapshot_add_item(snap, KMR_SNAP_ITEM(obj.slab->pfn, obj.index)))
			return -1;
		o->count++;
	}
	return 0;
}

static int save_slab(struct kmr_snapshot *snap, const struct slab *s, uint16_t cache)
{
	struct kmr_snap_objects *o = add_record(snap, KMR_SNAP_SLAB_FULL + s->list, cache);

	if (!o)
		return -1;
	o->node = s->node;
	o->pfn = s->pfn;
	o->inuse = s->active;
	o->objects = s->cache->lay.objects;
	o->offset = s->offset;
	for (uint32_t i = s->active; i < s->cache->lay.objects; i++) {
		if (kmr_snapshot_add_item(snap, s->free[i]))
			return -1;
		o->count++;
	}
	return 0;
}

static int save_node(struct kmr_snapshot *snap, const struct slab_cache *c, unsigned int node,
		     uint16_t cache)
{
	const struct slab_node *n = &c->nodes[node];
	struct kmr_snap_objects *o = add_record(snap, KMR_SNAP_NODE, cache);

	if (!o)
		return -1;
	o->node = (uint16_t)node;
	o->total_slabs = n->total_slabs;
	o->free_slabs = n->free_slabs;
	o->free_objects = (uint32_t)n->free_objects;
	o->free_limit = (uint32_t)n->free_limit;
	o->colour_next = n->colour_next;
	if (save_entries(snap, &n->shared, o))
		return -1;
	for (unsigned int list = 0; list < SLAB_NR_LISTS; list++)
		for (const struct slab_link *l = n->lists[list].next; l != &n->lists[list];
		     l = l->next)
			if (save_slab(snap, (const struct slab *)l, cache))
				return -1;
	return 0;
}

static int save_record(struct kmr_snapshot *snap, const struct slab_cache *c)
{
	struct kmr_snap_cache *to = kmr_snapshot_add_cache(snap);

	if (!to)
		return -1;
	(void)snprintf(to->name, sizeof(to->name), "%s", c->name);
	to->object_size = c->object_size;
	to->size = c->lay.size;
	to->align = c->lay.align;
	to->objects = c->lay.objects;
	to->order = c->lay.order;
	to->flags = c->flags;
	to->colour = c->lay.colour;
	to->colour_off = c->lay.colour_off;
	to->freelist_size = c->lay.freelist_size;
	to->limit = c->limit;
	to->batch = c->batch;
	to->shared = c->shared;
	return 0;
}

static int save_cache(const struct kmr_object_backend *b, struct kmr_snapshot *snap,
		      const struct slab_cache *c)
{
	const uint16_t cache = (uint16_t)snap->nr_caches;

	if (save_record(snap, c))
		return -1;
	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++) {
		const struct slab_array *ac = &c->cpu[cpu];
		struct kmr_snap_objects *o = add_record(snap, KMR_SNAP_ARRAY_CACHE, cache);

		if (!o)
			return -1;
		o->cpu = (uint16_t)cpu;
		o->limit = ac->entry ? ac->limit : c->limit;
		o->batch = ac->entry ? ac->batch : c->batch;
		o->touched = ac->touched;
		if (save_entries(snap, ac, o))
			return -1;
	}
	for (unsigned int node = 0; node < b->nr_nodes; node++)
		if (b->has_memory[node] && save_node(snap, c, node, cache))
			return -1;
	return 0;
}

/* "slabpage" records, by frame. */
static int save_pages(const struct kmr_object_backend *b, struct kmr_snapshot *snap,
		      const uint16_t *numbers)
{
	for (uint64_t pfn = 0; pfn < kmr_framemap_end(&b->map); pfn++) {
		const struct slab *s = slab_at(b, pfn);
		struct kmr_snap_slab *to;

		if (!s || s->pfn != pfn)
			continue;
		to = kmr_snapshot_add_slab(snap);
		if (!to)
			return -1;
		to->pfn = pfn;
		to->order = (uint8_t)s->cache->lay.order;
		to->cache = numbers[s->cache->number];
	}
	return 0;
}

int kmr_slab_save(const struct kmr_object_backend *b, struct kmr_snapshot *snap,
		  struct kmr_error *err)
{
	uint16_t numbers[KMR_MAX_CACHES];

	for (const struct slab_cache *c = b->first; c; c = c->next) {
		numbers[c->number] = (uint16_t)snap->nr_caches;
		if (save_cache(b, snap, c))
			return kmr_fail_nomem(err, "a snapshot of the model");
	}
	if (save_pages(b, snap, numbers))
		return kmr_fail_nomem(err, "a snapshot of the model");
	return 0;
}
