// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a snapshot of another allocator can't tell is what the simulated one would hold beyond the
 * objects in use: slabs kept for those that come and go.  The machine had run for a while, doing much
 * the same: so the objects that the trace allocates and frees again come and go once before the replay
 * begins.  What the trace allocates for good is not among them.
 *
 * Without a snapshot, what the trace frees and never allocated was there.
 */
#include <stdlib.h>
#include <string.h>

#include "replay/object_engine_internal.h"
#include "replay/object_start.h"

/* Reapers go by a period that divides this. */
#define TIME_STEP_NS UINT64_C(4000000000)

struct warmup {
	struct kmr_object_engine *oe;
	uint64_t first; /* event where the replay begins */
	uint64_t *closed; /* a bit an event: an allocation that the trace frees */
	struct kmr_ptrmap live; /* pointer → event of its allocation, from 1 */
	struct kmr_objmap objects;
	uint32_t *
		room; /* objects that fit into the snapshot's slabs, by the backend's cache; NULL */
	size_t nr_room;
};

static bool is_closed(const struct warmup *w, uint64_t i)
{
	return w->closed[i / 64] >> i % 64 & 1;
}

/* The replay begins at the snapshot's marker, or with the trace. */
static uint64_t first_event(const struct kmr_object_engine *oe)
{
	const struct kmr_tape *t = oe->c.tape;

	for (uint64_t i = 0; oe->c.snap && i < t->count; i++)
		if (t->events[i].type == KMR_EV_MARK && t->events[i].addr == oe->c.snap->seq)
			return i;
	return 0;
}

static bool is_replayed(const struct kmr_event *ev)
{
	return (kmr_is_object_alloc(ev) || kmr_is_object_free(ev)) &&
	       kmr_is_object_pointer(ev->addr);
}

/* An object that was there already: its free is the first that the trace has of it. */
static int add_older(struct warmup *w, const struct kmr_event *free_ev)
{
	struct kmr_object_engine *oe = w->oe;
	struct kmr_event ev = *free_ev;
	kmr_obj_t obj;
	int cache;

	if (!ev.cache)
		return 0;
	cache = kmr_objects_cache(&oe->o, ev.cache);
	if (cache < 0)
		return 0;
	ev.type = KMR_EV_CACHE_ALLOC;
	ev.bytes.req = oe->c.tape->caches[ev.cache].object_size;
	ev.site = 0;
	ev.gfp = KMR_GFP_KERNEL;
	ev.flags = KMR_EVF_GFP_KNOWN;
	ev.node = -1;
	obj = kmr_objects_alloc(&oe->o, &ev);
	if (obj == KMR_NO_OBJ)
		return 0;
	oe->stats.start_objects++;
	return kmr_oe_add(oe, &ev, cache, obj);
}

/* Which allocations are freed again; and, when nothing is known, what is older than the trace. */
static int look_through(struct warmup *w, bool older)
{
	const struct kmr_tape *t = w->oe->c.tape;
	struct kmr_ptrmap seen;
	int ret = 0;

	memset(&seen, 0, sizeof(seen));
	for (uint64_t i = w->first; i < t->count && !ret; i++) {
		const struct kmr_event *ev = &t->events[i];
		uint32_t alloc;

		if (!is_replayed(ev))
			continue;
		if (kmr_is_object_alloc(ev)) {
			ret = kmr_ptrmap_put(&w->live, ev->addr, (uint32_t)i + 1);
			if (!ret && older)
				ret = kmr_ptrmap_put(&seen, ev->addr, 1);
			continue;
		}
		alloc = kmr_ptrmap_take(&w->live, ev->addr);
		if (alloc)
			w->closed[(alloc - 1) / 64] |= UINT64_C(1) << (alloc - 1) % 64;
		else if (older && !kmr_ptrmap_get(&seen, ev->addr))
			ret = kmr_ptrmap_put(&seen, ev->addr, 1) || add_older(w, ev);
	}
	kmr_ptrmap_fini(&seen);
	return ret;
}

static void give_back(struct kmr_object_engine *oe, const struct kmr_live_object *o,
		      const struct kmr_event *ev)
{
	(void)kmr_objects_give_back(&oe->o, (int)o->origin - 1, o->obj,
				    kmr_objects_cpu(&oe->o, ev));
}

/* The traced allocator had room for more of that cache at the start. */
static bool had_room(const struct warmup *w, int cache)
{
	struct kmr_cache_state state;

	if (!w->room || cache < 0)
		return true;
	if ((size_t)cache >= w->nr_room)
		return false;
	w->oe->o.ops->cache_state(w->oe->o.b, (unsigned int)cache, &state);
	return state.active < w->room[cache];
}

static int find_room(struct warmup *w)
{
	struct kmr_object_engine *oe = w->oe;
	const struct kmr_snapshot *snap = oe->c.snap;
	const unsigned int nr = oe->o.ops->nr_caches(oe->o.b);

	w->room = calloc(nr + 1, sizeof(*w->room));
	if (!w->room)
		return -1;
	w->nr_room = nr;
	for (unsigned int i = 0; i < nr; i++) {
		struct kmr_cache_state state;
		uint32_t least = 0;

		oe->o.ops->cache_state(oe->o.b, i, &state);
		if (!oe->o.ops->reaps)
			least = (uint32_t)state.active + state.objects_per_slab;
		for (size_t k = 0; k < snap->nr_slabs; k++) {
			const uint16_t cache = snap->slabs[k].cache;

			if (cache != KMR_SNAP_NO_CACHE &&
			    !strcmp(snap->caches[cache].name, state.name))
				w->room[i] += snap->caches[cache].objects;
		}
		if (w->room[i] < least)
			w->room[i] = least;
	}
	return 0;
}

/* Here an object's origin is its cache + 1. */
static int come_and_go(struct warmup *w)
{
	struct kmr_object_engine *oe = w->oe;
	const struct kmr_tape *t = oe->c.tape;
	struct kmr_live_object o;

	for (uint64_t i = w->first; i < t->count; i++) {
		const struct kmr_event *ev = &t->events[i];
		int cache;

		if (!is_replayed(ev))
			continue;
		oe->o.ops->tick(oe->o.b, ev->time);
		if (kmr_is_object_free(ev)) {
			if (!(ev->flags & KMR_EVF_TAKEN_AGAIN) &&
			    kmr_objmap_take(&w->objects, ev->addr, &o))
				give_back(oe, &o, ev);
			continue;
		}
		if (!is_closed(w, i) || !ev->bytes.req || ev->bytes.req > KMR_MAX_OBJECT_SIZE)
			continue;
		cache = kmr_objects_cache_of_event(&oe->o, ev);
		if ((cache < 0 && ev->type == KMR_EV_CACHE_ALLOC) || !had_room(w, cache))
			continue;
		if (kmr_objmap_take(&w->objects, ev->addr, &o))
			give_back(oe, &o, ev);
		o.ptr = ev->addr;
		o.time = 0;
		o.cpu = 0;
		o.origin = (uint32_t)(cache + 1);
		o.obj = kmr_objects_alloc(&oe->o, ev);
		if (o.obj != KMR_NO_OBJ && kmr_objmap_add(&w->objects, &o))
			return -1;
	}
	return 0;
}

int kmr_oe_warm_up(struct kmr_object_engine *oe, bool older)
{
	const struct kmr_tape *t = oe->c.tape;
	struct warmup w;
	int ret = -1;

	memset(&w, 0, sizeof(w));
	w.oe = oe;
	w.first = first_event(oe);
	w.closed = calloc(t->count / 64 + 1, sizeof(*w.closed));
	if (w.closed)
		ret = look_through(&w, older) || (!older && find_room(&w)) || come_and_go(&w) ? -1
											      : 0;
	/* for reapers the replay comes after this, in step with it */
	if (t->count > w.first && t->events[t->count - 1].time > t->events[w.first].time)
		oe->time_offset = (t->events[t->count - 1].time - t->events[w.first].time +
				   TIME_STEP_NS - 1) /
				  TIME_STEP_NS * TIME_STEP_NS;
	kmr_ptrmap_fini(&w.live);
	kmr_objmap_free(&w.objects);
	free(w.closed);
	free(w.room);
	return ret;
}
