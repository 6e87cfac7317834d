/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Object events through an object backend: which of its caches an event means, and what that cache
 * is like when the backend does not have it yet.
 */
#ifndef KMREPLAY_REPLAY_OBJECTS_H
#define KMREPLAY_REPLAY_OBJECTS_H

#include "kmreplay/gfp.h"
#include "kmreplay/object.h"
#include "replay/tape.h"

struct kmr_objects {
	const struct kmr_object_ops *ops;
	struct kmr_object_backend *b;
	const struct kmr_tape *tape;
	const struct kmr_snapshot *snap; /* what caches are like, from any allocator; or NULL */
	unsigned int nr_cpus, nr_nodes, pointer_bytes;
	int32_t *cache_of; /* by the tape's cache: the backend's; -1: not looked for yet */
	bool refused; /* a cache could not be made; the message is in err */
	struct kmr_error err;
};

/* Of the traced kernel: 4 or 8. */
unsigned int kmr_pointer_bytes(const struct kmr_tape *tape, const struct kmr_machine *machine);

/* The backend is the caller's and may have caches already.  -1: no memory. */
int kmr_objects_init(struct kmr_objects *o, const struct kmr_object_ops *ops,
		     struct kmr_object_backend *b, const struct kmr_tape *tape,
		     const struct kmr_snapshot *snap, const struct kmr_machine *machine,
		     unsigned int pointer_bytes);
void kmr_objects_free(struct kmr_objects *o);

/* The backend's cache for a tape's, made when it is not there; -1: it can't be. */
int kmr_objects_cache(struct kmr_objects *o, unsigned int cache);

static inline bool kmr_is_object_alloc(const struct kmr_event *ev)
{
	return ev->type == KMR_EV_KMALLOC || ev->type == KMR_EV_CACHE_ALLOC;
}

static inline bool kmr_is_object_free(const struct kmr_event *ev)
{
	return ev->type == KMR_EV_KFREE || ev->type == KMR_EV_CACHE_FREE;
}

/* Whether its pointer is one: failed allocations, kfree(NULL) and ZERO_SIZE_PTR have none. */
static inline bool kmr_is_object_pointer(uint64_t addr)
{
	return addr >= 4096 && addr != KMR_EV_NO_PFN;
}

/* The simulated machine's CPU for an event's. */
static inline unsigned int kmr_objects_cpu(const struct kmr_objects *o, const struct kmr_event *ev)
{
	return ev->cpu < o->nr_cpus ? ev->cpu : ev->cpu % o->nr_cpus;
}

/* The request of an allocation's event, from a node that the simulated machine has. */
static inline struct kmr_object_request kmr_objects_request(const struct kmr_objects *o,
							    const struct kmr_event *ev)
{
	struct kmr_object_request req;

	req.bytes = ev->bytes.req;
	req.gfp = ev->flags & KMR_EVF_GFP_KNOWN ? ev->gfp : (uint32_t)KMR_GFP_KERNEL;
	if (!(ev->flags & KMR_EVF_GFP_KNOWN) && ev->flags & KMR_EVF_ACCOUNTED)
		req.gfp |= KMR_GFP_ACCOUNT;
	/* the simulated machine may have fewer nodes than the traced one */
	req.node = ev->node >= 0 && (unsigned int)ev->node < o->nr_nodes ? ev->node : -1;
	req.cpu = (uint16_t)kmr_objects_cpu(o, ev);
	return req;
}

/* The backend's cache that an allocation goes to; -1: none, as for pages, SLOB's kmalloc() */
int kmr_objects_cache_of_event(struct kmr_objects *o, const struct kmr_event *ev);

kmr_obj_t kmr_objects_alloc(struct kmr_objects *o, const struct kmr_event *ev);

/* Frees an object of the backend's cache; -1: of kfree()'s. */
int kmr_objects_give_back(struct kmr_objects *o, int cache, kmr_obj_t obj, unsigned int cpu);

/* @ev is a free; @obj where the object lies in the simulation. */
int kmr_objects_free_object(struct kmr_objects *o, const struct kmr_event *ev, kmr_obj_t obj);

#endif
