// SPDX-License-Identifier: GPL-2.0-only
/*
 * A snapshot of the simulated allocator is taken over as it is.  One of another allocator, or of the
 * same one with parameters under which its slabs would be others, tells which objects were in use:
 * its pages go back to the page allocator, and its slabs are made again in the simulated one, a
 * cache's all full before the objects that were free are freed.  So there are holes as there were.
 * Where objects cannot be told (SLOB's snapshots, hashed pointers) the traced slabs' pages stay in
 * use: what they hold lives on unseen, and needs pages in any allocator.
 */
#include "replay/object_start.h"

#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "replay/object_engine_internal.h"

/* A slab of the snapshot: which of its objects are free. */
struct slab_use {
	uint32_t offset; /* of its first object, bytes */
	uint64_t first; /* of its objects, a bit each in moving.free */
};

struct moving {
	struct kmr_object_engine *oe;
	const struct kmr_snapshot *snap;
	struct slab_use *slabs; /* as snap->slabs, which are by pfn */
	uint64_t *free; /* a bit an object */
	kmr_obj_t *moved; /* as free */
};

static const struct kmr_snap_slab *slab_of(const struct moving *m, const struct slab_use *s)
{
	return &m->snap->slabs[s - m->slabs];
}

static struct slab_use *find_slab(const struct moving *m, uint64_t pfn)
{
	const struct kmr_snap_slab *slab = kmr_snapshot_find_slab(m->snap, pfn);

	return slab ? &m->slabs[slab - m->snap->slabs] : NULL;
}

/* Objects of a slab: fewer than its cache's when it is of a smaller order. */
static uint32_t objects_of(const struct moving *m, const struct kmr_snap_slab *slab)
{
	const struct kmr_snap_cache *c = &m->snap->caches[slab->cache];

	return slab->order < c->order ? c->min_objects : c->objects;
}

static void mark_free(const struct moving *m, const struct slab_use *s, uint32_t index)
{
	if (s && slab_of(m, s)->cache != KMR_SNAP_NO_CACHE && index < objects_of(m, slab_of(m, s)))
		m->free[(s->first + index) / 64] |= UINT64_C(1) << (s->first + index) % 64;
}

/* Free is what any list of the snapshot has. */
static void find_free(const struct moving *m)
{
	for (size_t i = 0; i < m->snap->nr_objects; i++) {
		const struct kmr_snap_objects *o = &m->snap->objects[i];
		const bool pairs = o->kind == KMR_SNAP_ARRAY_CACHE || o->kind == KMR_SNAP_NODE;
		struct slab_use *s = pairs ? NULL : find_slab(m, o->pfn);

		if (s)
			s->offset = o->offset;
		for (uint32_t n = 0; n < o->count; n++) {
			const uint64_t item = m->snap->items[o->first + n];

			mark_free(m, pairs ? find_slab(m, item >> 32) : s, (uint32_t)item);
		}
	}
}

static bool is_free(const struct moving *m, const struct slab_use *s, uint32_t index)
{
	return m->free[(s->first + index) / 64] >> (s->first + index) % 64 & 1;
}

/* Looks at the snapshot's slabs; end_moving() in either case. */
static int begin_moving(struct moving *m, struct kmr_object_engine *oe)
{
	const struct kmr_snapshot *snap = oe->c.snap;
	uint64_t objects = 0;

	memset(m, 0, sizeof(*m));
	m->oe = oe;
	m->snap = snap;
	m->slabs = calloc(snap->nr_slabs + 1, sizeof(*m->slabs));
	if (!m->slabs)
		return -1;
	for (size_t i = 0; i < snap->nr_slabs; i++) {
		m->slabs[i].first = objects;
		if (snap->slabs[i].cache != KMR_SNAP_NO_CACHE)
			objects += objects_of(m, &snap->slabs[i]);
	}
	m->free = calloc(objects / 64 + 1, sizeof(*m->free));
	m->moved = calloc(objects + 1, sizeof(*m->moved));
	if (!m->free || !m->moved)
		return -1;
	find_free(m);
	return 0;
}

static void end_moving(struct moving *m)
{
	free(m->slabs);
	free(m->free);
	free(m->moved);
}

/* A made-up allocation of the snapshot's cache. */
static struct kmr_event request_for(unsigned int tape_cache, const struct kmr_snap_cache *c)
{
	struct kmr_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.type = c->flags & KMR_CACHE_KMALLOC ? KMR_EV_KMALLOC : KMR_EV_CACHE_ALLOC;
	ev.cache = (uint16_t)tape_cache;
	ev.bytes.req = c->object_size;
	ev.node = -1;
	ev.gfp = KMR_GFP_KERNEL;
	ev.flags = KMR_EVF_GFP_KNOWN;
	if (c->flags & KMR_CACHE_KMALLOC) {
		if (c->flags & KMR_CACHE_DMA)
			ev.gfp |= KMR_GFP_DMA;
		if (c->flags & KMR_CACHE_RECLAIM)
			ev.gfp |= KMR_GFP_RECLAIMABLE;
		if (c->flags & KMR_CACHE_ACCOUNT)
			ev.gfp |= KMR_GFP_ACCOUNT;
	}
	return ev;
}

static void fill_slab(const struct moving *m, const struct slab_use *s, const struct kmr_event *ev)
{
	for (uint32_t i = 0; i < objects_of(m, slab_of(m, s)); i++)
		m->moved[s->first + i] = kmr_objects_alloc(&m->oe->o, ev);
}

static int settle_slab(const struct moving *m, const struct slab_use *s, struct kmr_event *ev,
		       int cache)
{
	struct kmr_object_engine *oe = m->oe;
	const struct kmr_snap_cache *c = &m->snap->caches[slab_of(m, s)->cache];
	const uint64_t start = ((uint64_t)slab_of(m, s)->pfn << oe->page_shift) + s->offset;

	for (uint32_t i = 0; i < objects_of(m, slab_of(m, s)); i++) {
		const kmr_obj_t obj = m->moved[s->first + i];

		if (obj == KMR_NO_OBJ)
			continue;
		if (is_free(m, s, i)) {
			(void)kmr_objects_give_back(&oe->o, cache, obj, 0);
			continue;
		}
		oe->stats.start_objects++;
		ev->addr = start + (uint64_t)i * c->size + oe->c.attribution->base;
		if (kmr_oe_add(oe, ev, cache, obj))
			return -1;
	}
	return 0;
}

/* All of a cache's slabs are full before the first hole is made, or the next slab would fill it. */
static int move_cache(const struct moving *m, size_t k, struct kmr_event *ev)
{
	const int cache = kmr_objects_cache_of_event(&m->oe->o, ev);

	if (cache < 0 && ev->type == KMR_EV_CACHE_ALLOC)
		return 0;
	for (size_t i = 0; i < m->snap->nr_slabs; i++)
		if (m->snap->slabs[i].cache == k)
			fill_slab(m, &m->slabs[i], ev);
	for (size_t i = 0; i < m->snap->nr_slabs; i++)
		if (m->snap->slabs[i].cache == k && settle_slab(m, &m->slabs[i], ev, cache))
			return -1;
	return 0;
}

/* Cache by cache, and of each its slabs by address. */
static int move_objects(struct moving *m)
{
	/* names of the tape's caches come and go with the tape, which is not to be written here */
	for (size_t k = 0; k < m->snap->nr_caches; k++) {
		const struct kmr_snap_cache *c = &m->snap->caches[k];
		const uint16_t tape_cache = kmr_tape_find_cache(m->oe->c.tape, c->name);
		struct kmr_event ev;

		if (!tape_cache && !(c->flags & KMR_CACHE_KMALLOC))
			continue;
		ev = request_for(tape_cache, c);
		if (move_cache(m, k, &ev))
			return -1;
	}
	return 0;
}

/* The traced kernel's slabs are not there. */
static void free_pages(const struct moving *m)
{
	const struct kmr_object_engine_config *c = &m->oe->c;

	for (size_t i = 0; i < m->snap->nr_slabs; i++)
		(void)c->page_ops->free(c->page, (kmr_pfn_t)m->snap->slabs[i].pfn,
					m->snap->slabs[i].order, 0);
	c->page_ops->drain(c->page, -1);
}

static int move_all(struct kmr_object_engine *oe)
{
	struct moving m;
	int ret = begin_moving(&m, oe);

	if (!ret) {
		free_pages(&m);
		ret = move_objects(&m);
	}
	/* what is empty now would not be there */
	for (unsigned int i = 0; !ret && i < oe->o.ops->nr_caches(oe->o.b); i++)
		oe->o.ops->shrink(oe->o.b, i);
	end_moving(&m);
	return ret;
}

/* The backend has the snapshot's slabs, on the same frames: their objects are the traced ones. */
static int note_slab(const struct moving *m, const struct slab_use *s)
{
	struct kmr_object_engine *oe = m->oe;
	const struct kmr_snap_cache *c = &m->snap->caches[slab_of(m, s)->cache];
	struct kmr_event ev = request_for(0, c);

	for (uint32_t k = 0; k < objects_of(m, slab_of(m, s)); k++) {
		const uint64_t at = ((uint64_t)slab_of(m, s)->pfn << oe->page_shift) + s->offset +
				    (uint64_t)k * c->size;

		if (is_free(m, s, k))
			continue;
		oe->stats.start_objects++;
		ev.addr = at + oe->c.attribution->base;
		if (kmr_oe_add(oe, &ev, slab_of(m, s)->cache, at))
			return -1;
	}
	return 0;
}

static int note_objects(struct kmr_object_engine *oe)
{
	struct moving m;
	int ret = begin_moving(&m, oe);

	for (size_t i = 0; !ret && i < m.snap->nr_slabs; i++)
		if (m.snap->slabs[i].cache != KMR_SNAP_NO_CACHE)
			ret = note_slab(&m, &m.slabs[i]);
	end_moving(&m);
	return ret;
}

/* Whether the backend would have made the slabs of a kernel with defaults in the same way. */
static bool as_by_default(const struct kmr_object_ops *ops, const uint64_t *params)
{
	for (unsigned int i = 0; i < ops->nr_params; i++)
		if ((ops->params[i].flags & KMR_PARAM_REMAKES) && params[i] != ops->params[i].def)
			return false;
	return true;
}

int kmr_oe_start(struct kmr_object_engine *oe, struct kmr_error *err)
{
	const struct kmr_snapshot *snap = oe->c.snap;
	const char *own = snap ? kmr_snapshot_allocator(snap) : NULL;
	const bool same =
		own && !strcmp(own, oe->o.ops->name) && as_by_default(oe->o.ops, oe->c.params);
	int ret = 0;

	oe->start = "snapshot";
	if (same && oe->o.ops->load(oe->o.b, snap, err))
		return -1;
	for (size_t i = 0; same && i < snap->nr_slabs; i++)
		kmr_oe_hold(oe, (kmr_pfn_t)snap->slabs[i].pfn, snap->slabs[i].order, true);
	if (oe->o.ops->kmalloc_init(oe->o.b, err))
		return -1;
	if (same) {
		/* a heap's snapshot does not tell them, and hashed pointers name none */
		if (!oe->o.ops->heap && oe->c.attribution->real_pointers)
			ret = note_objects(oe);
	} else if (own && snap->nr_caches && oe->c.attribution->real_pointers) {
		oe->start = "moved";
		ret = move_all(oe) || kmr_oe_warm_up(oe, false) ? -1 : 0;
	} else if (oe->c.tape->info->made_up) {
		/* nothing of a workload was there before it */
		oe->start = "empty";
	} else {
		oe->start = "inferred";
		ret = kmr_oe_warm_up(oe, true);
	}
	return ret ? kmr_fail_nomem(err, "the objects of the start") : 0;
}
