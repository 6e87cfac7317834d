// SPDX-License-Identifier: GPL-2.0-only
#include "replay/objects.h"

#include <stdlib.h>
#include <string.h>

#include "base/align.h"
#include "kmreplay/gfp.h"

#define CACHE_LINE	 64u
#define SLOB_ALIGN	 8u /* SLOB's least */
#define MAX_ALIGN	 256u
#define ENOUGH_ADDRESSES 12u /* for as many to have no zero bit in common by chance */

unsigned int kmr_pointer_bytes(const struct kmr_tape *tape, const struct kmr_machine *machine)
{
	if (tape->info->pointer_bits && !tape->info->made_up)
		return tape->info->pointer_bits / 8;
	return strcmp(machine->arch, "i386") ? 8 : 4;
}

int kmr_objects_init(struct kmr_objects *o, const struct kmr_object_ops *ops,
		     struct kmr_object_backend *b, const struct kmr_tape *tape,
		     const struct kmr_snapshot *snap, const struct kmr_machine *machine,
		     unsigned int pointer_bytes)
{
	memset(o, 0, sizeof(*o));
	o->ops = ops;
	o->b = b;
	o->tape = tape;
	o->snap = snap;
	o->nr_cpus = machine->nr_cpus;
	o->nr_nodes = machine->nr_nodes;
	o->pointer_bytes = pointer_bytes;
	o->cache_of = malloc((size_t)(UINT16_MAX + 1) * sizeof(*o->cache_of));
	if (!o->cache_of)
		return -1;
	memset(o->cache_of, 0xff, (size_t)(UINT16_MAX + 1) * sizeof(*o->cache_of));
	return 0;
}

void kmr_objects_free(struct kmr_objects *o)
{
	free(o->cache_of);
	o->cache_of = NULL;
}

static const struct kmr_snap_cache *find_record(const struct kmr_snapshot *snap, const char *name)
{
	for (size_t i = 0; snap && i < snap->nr_caches; i++)
		if (!strcmp(snap->caches[i].name, name))
			return &snap->caches[i];
	return NULL;
}

/*
 * SLOB's objects lie where their alignment allows, so that addresses tell it.  A cache line's is so
 * common that few addresses will do for it; for more it takes many, as they could agree by chance.
 */
static void guess_slob_spec(const struct kmr_objects *o, const struct kmr_tape_cache *c,
			    struct kmr_cache_spec *spec)
{
	const uint32_t footer = 3 * o->pointer_bytes; /* struct slob_rcu */

	spec->align = SLOB_ALIGN;
	if (o->tape->real_pointers && c->nr_addresses && !(c->addresses & (CACHE_LINE - 1)))
		spec->align = CACHE_LINE;
	if (spec->align == CACHE_LINE && c->nr_addresses >= ENOUGH_ADDRESSES)
		while (spec->align < MAX_ALIGN && !(c->addresses & (2 * spec->align - 1)))
			spec->align *= 2;
	if (c->size >= c->object_size + footer)
		spec->flags |= KMR_CACHE_RCU;
}

/*
 * What a cache is like whose objects are known by their two sizes only.  From object to object is
 * the object, rounded up to its alignment; or a pointer more, when nothing may be written to free
 * objects, which the kernels' own caches have for a constructor or for RCU.
 */
static void guess_spec(const struct kmr_objects *o, const struct kmr_tape_cache *c,
		       struct kmr_cache_spec *spec)
{
	const uint32_t word = o->pointer_bytes;
	const uint32_t rounded = kmr_align_up(c->object_size, word);

	if (o->tape->allocator && !strcmp(o->tape->allocator, "slob")) {
		guess_slob_spec(o, c, spec);
		return;
	}
	/* ARCH_SLAB_MINALIGN, of i386 too */
	if (c->size == kmr_align_up(c->object_size, 8))
		return;
	if (c->size % CACHE_LINE == 0 && (c->size == kmr_align_up(rounded, CACHE_LINE) ||
					  c->size == kmr_align_up(rounded + word, CACHE_LINE)))
		spec->align = CACHE_LINE;
	if (c->size != kmr_align_up(rounded, CACHE_LINE) && c->size >= rounded + word)
		spec->flags |= KMR_CACHE_CTOR;
}

static int make_cache(struct kmr_objects *o, const struct kmr_tape_cache *c)
{
	const struct kmr_snap_cache *record = find_record(o->snap, c->name);
	struct kmr_cache_spec spec;

	memset(&spec, 0xff, sizeof(spec));
	spec.name = c->name;
	spec.flags = 0;
	spec.object_size = c->object_size;
	if (record) {
		spec.object_size = record->object_size;
		spec.align = record->align;
		spec.flags = record->flags;
	} else {
		guess_spec(o, c, &spec);
	}
	return o->ops->cache_create(o->b, &spec, &o->err);
}

static int look_for_cache(const struct kmr_objects *o, const char *name)
{
	const unsigned int nr = o->ops->nr_caches(o->b);

	for (unsigned int i = 0; i < nr; i++) {
		struct kmr_cache_state state;

		o->ops->cache_state(o->b, i, &state);
		if (!strcmp(state.name, name))
			return (int)i;
	}
	return -1;
}

/* One of the same sizes, for objects whose cache nothing names; -1: there is none. */
static int look_for_sizes(const struct kmr_objects *o, const struct kmr_tape_cache *c)
{
	const unsigned int nr = o->ops->nr_caches(o->b);

	for (unsigned int i = 0; i < nr; i++) {
		struct kmr_cache_state state;

		o->ops->cache_state(o->b, i, &state);
		if (state.object_size == c->object_size && state.size == c->size &&
		    !(state.flags & KMR_CACHE_KMALLOC))
			return (int)i;
	}
	return -1;
}

int kmr_objects_cache(struct kmr_objects *o, unsigned int cache)
{
	int32_t found;

	if (!cache || cache >= o->tape->nr_caches)
		return -1;
	if (o->cache_of[cache] >= 0)
		return o->cache_of[cache];
	found = look_for_cache(o, o->tape->caches[cache].name);
	if (found < 0 && o->tape->caches[cache].made_up && !o->ops->heap)
		found = look_for_sizes(o, &o->tape->caches[cache]);
	if (found < 0)
		found = make_cache(o, &o->tape->caches[cache]);
	if (found < 0)
		o->refused = true;
	o->cache_of[cache] = found;
	return found;
}

int kmr_objects_cache_of_event(struct kmr_objects *o, const struct kmr_event *ev)
{
	struct kmr_object_request req;

	if (ev->type == KMR_EV_CACHE_ALLOC)
		return kmr_objects_cache(o, ev->cache);
	req = kmr_objects_request(o, ev);
	return o->ops->kmalloc_cache(o->b, &req);
}

kmr_obj_t kmr_objects_alloc(struct kmr_objects *o, const struct kmr_event *ev)
{
	const struct kmr_object_request req = kmr_objects_request(o, ev);
	int cache;

	if (ev->type == KMR_EV_KMALLOC)
		return o->ops->kmalloc(o->b, &req);
	cache = kmr_objects_cache(o, ev->cache);
	return cache < 0 ? KMR_NO_OBJ : o->ops->alloc(o->b, (unsigned int)cache, &req);
}

int kmr_objects_give_back(struct kmr_objects *o, int cache, kmr_obj_t obj, unsigned int cpu)
{
	return cache < 0 ? o->ops->kfree(o->b, obj, cpu)
			 : o->ops->free(o->b, (unsigned int)cache, obj, cpu);
}

int kmr_objects_free_object(struct kmr_objects *o, const struct kmr_event *ev, kmr_obj_t obj)
{
	const unsigned int cpu = kmr_objects_cpu(o, ev);
	int cache;

	if (ev->type == KMR_EV_KFREE || !ev->cache)
		return kmr_objects_give_back(o, -1, obj, cpu);
	cache = kmr_objects_cache(o, ev->cache);
	return cache < 0 ? -1 : kmr_objects_give_back(o, cache, obj, cpu);
}
