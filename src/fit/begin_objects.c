// SPDX-License-Identifier: GPL-2.0-only
/* Objects as they were when the trace began. */
#include <string.h>

#include "fit/begin_internal.h"
#include "kmreplay/gfp.h"

/* What of a cache's objects is known. */
struct stock {
	uint64_t in_use, room; /* room: of its slabs */
	const struct fit_start_class *freed; /* NULL: none is freed later */
};

/* "kmalloc-64", "kmalloc-rcl-1k", "dma-kmalloc-96"; false: another cache. */
static bool is_kmalloc(const char *name, uint32_t *gfp)
{
	const bool dma = !strncmp(name, "dma-", 4);

	if (dma)
		name += 4;
	if (strncmp(name, "kmalloc-", 8) != 0)
		return false;
	name += 8;
	*gfp = KMR_GFP_KERNEL;
	if (dma)
		*gfp |= KMR_GFP_DMA;
	if (!strncmp(name, "rcl-", 4))
		*gfp |= KMR_GFP_RECLAIMABLE;
	if (!strncmp(name, "cg-", 3))
		*gfp |= KMR_GFP_ACCOUNT;
	return true;
}

/*
 * Objects of a cache: as many as its slabs had room for, so that there are as many slabs; those
 * that were free go again.
 */
static int add_objects(struct fit_model *model, const struct fit_begin *begin, uint16_t cache,
		       const struct stock *stock)
{
	const struct kmr_tape_cache *c = &begin->tape->caches[cache];
	const uint64_t freed = stock->freed ? stock->freed->count : 0;
	const uint64_t in_use = stock->in_use > freed ? stock->in_use : freed;
	const uint64_t room = stock->room > in_use ? stock->room : in_use;
	struct fit_actor *actor;

	if (!c->size) {
		model->unsized += freed;
		return 0;
	}
	if (!room || model->nr >= FIT_BEGIN_ACTORS)
		return 0;
	actor = fit_begin_add(model, room);
	if (!actor)
		return -1;
	actor->key.kind = FIT_CACHE;
	actor->key.cache = cache;
	actor->key.gfp = KMR_GFP_KERNEL;
	if (is_kmalloc(c->name, &actor->key.gfp)) {
		actor->key.kind = FIT_KMALLOC;
		fit_rows_add(&actor->sizes, c->object_size, c->object_size, 1);
	}
	if (in_use > freed)
		(void)fit_begin_life(actor, FIT_FOREVER, in_use - freed);
	if (freed)
		fit_begin_frees(actor, begin->freed, stock->freed);
	if (room > in_use)
		(void)fit_begin_life(actor, FIT_ALONE, room - in_use);
	model->start_requests += room;
	model->start_frees += room - in_use;
	return 0;
}

static const struct fit_start_class *freed_objects(const struct fit_start *start, uint16_t cache)
{
	for (size_t i = 0; i < start->nr; i++)
		if (start->class[i].object && start->class[i].cache == cache)
			return &start->class[i];
	return NULL;
}

/* Caches that objects of the start were seen in by the replay; the sizes of all become known. */
static int add_known_caches(struct fit_model *model, const struct fit_begin *begin, bool *done)
{
	const struct kmr_object_report *r = begin->objects;
	const uint32_t sampled = r->nr_samples ? r->samples[0].nr : 0;

	for (uint32_t i = 0; i < r->nr_caches; i++) {
		const uint16_t cache = kmr_tape_cache(begin->tape, r->caches[i].name);
		struct kmr_tape_cache *c = &begin->tape->caches[cache];
		struct stock stock = { 0 };

		if (!cache)
			continue;
		if (!c->size) {
			c->object_size = r->caches[i].object_size;
			c->size = r->caches[i].size;
		}
		if (i < sampled) {
			stock.in_use = r->samples[0].rows[i].active;
			stock.room = r->samples[0].rows[i].objects;
		}
		stock.freed = freed_objects(begin->freed, cache);
		done[cache] = true;
		if (add_objects(model, begin, cache, &stock))
			return -1;
	}
	return 0;
}

int fit_begin_objects(struct fit_model *model, const struct fit_begin *begin)
{
	bool done[UINT16_MAX + 1] = { false };

	if (add_known_caches(model, begin, done))
		return -1;
	for (size_t i = 0; i < begin->freed->nr; i++) {
		const struct fit_start_class *class = &begin->freed->class[i];
		const struct stock stock = { .freed = class };

		if (class->object && !done[class->cache] &&
		    add_objects(model, begin, class->cache, &stock))
			return -1;
	}
	return 0;
}
