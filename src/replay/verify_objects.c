// SPDX-License-Identifier: GPL-2.0-only
/* Objects in order: what the model gives, and how it goes on from what the kernel gave. */
#include "replay/verify_objects.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "replay/context.h"

#define MAX_GAP	  64u /* objects that one event may show to be taken in bulk */
#define TICK_NS	  1000000u
#define NEAR	  65536u /* events that the sequencer may have moved one by */
#define INTERRUPT 256u /* events of an interrupt, with other CPUs' between them */

struct kmr_cache_tally *kmr_vo_tally(struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	uint16_t cache = ev->cache;

	if (ev->type == KMR_EV_KMALLOC) {
		const int kmalloc = kmr_objects_cache_of_event(&vo->o, ev);

		cache = kmalloc < 0 ? vo->pages_tally : (uint16_t)vo->tally_of[kmalloc];
	}
	return &vo->tallies[cache < vo->nr_tallies ? cache : 0];
}

static struct kmr_order_op op_of(const struct kmr_event *ev, unsigned int cache, kmr_obj_t obj)
{
	struct kmr_order_op op;

	memset(&op, 0, sizeof(op));
	op.obj = obj;
	op.cache = cache;
	op.bytes = ev->bytes.req;
	op.context = (uint8_t)kmr_context_of(ev);
	op.alloc = kmr_is_object_alloc(ev);
	return op;
}

static bool take_early(struct kmr_object_verifier *vo, const struct kmr_event *ev, kmr_obj_t *obj)
{
	for (unsigned int i = 0; i < vo->nr_early; i++) {
		if (vo->early[i].addr != ev->addr || vo->early[i].time != ev->time)
			continue;
		*obj = vo->early[i].obj;
		vo->nr_early--;
		memmove(&vo->early[i], &vo->early[i + 1],
			(vo->nr_early - i) * sizeof(vo->early[0]));
		return true;
	}
	return false;
}

static void note_first_miss(struct kmr_object_verifier *vo, const struct kmr_event *ev,
			    const struct kmr_object_info *at)
{
	static const char *const places[] = { "in no slab of its cache", "in use", "free, on a CPU",
					      "free, in its slab" };
	struct kmr_object_result *r = vo->r;
	char distance[48] = "";

	if (r->first_miss[0])
		return;
	if (at->distance != UINT32_MAX)
		(void)snprintf(distance, sizeof(distance), ", %" PRIu32 " before it", at->distance);
	(void)snprintf(r->first_miss, sizeof(r->first_miss),
		       "%" PRIu64 ".%06" PRIu64 " s, %s of %s: the kernel gave %" PRIx64
		       ", which was %s%s",
		       ev->time / 1000000000, ev->time / 1000 % 1000000,
		       kmr_source_site(vo->tape->source, ev->site), kmr_vo_tally(vo, ev)->name,
		       ev->addr, places[at->place], distance);
}

/* The object lies in a page that is no slab in the model: make it one. */
static bool adopt(struct kmr_object_verifier *vo, unsigned int cache, kmr_obj_t obj,
		  unsigned int cpu)
{
	struct kmr_cache_state state = { .order = 0 };
	kmr_pfn_t pfn;
	uint64_t mask;

	if (!vo->o.ops->heap)
		vo->o.ops->cache_state(vo->o.b, cache, &state);
	mask = (UINT64_C(1) << state.order) - 1;
	pfn = (kmr_pfn_t)(obj >> vo->page_shift & ~mask);
	if (kmr_ptrmap_take(&vo->freed, pfn))
		vo->r->pages.frees_extra++;
	kmr_vo_clear_frames(vo, pfn, state.order);
	return !vo->o.ops->adopt_slab(vo->o.b, cache, pfn, state.order, cpu);
}

/*
 * The kernel gave @obj, and it is not the model's next.  What the CPU held before @obj's slab is used
 * up; what is before @obj in the order of allocation went in bulk; if the model has @obj in use, it
 * came back in bulk.  Either way the model goes on with @obj in use.  True: that explains it.
 */
static bool follow(struct kmr_object_verifier *vo, const struct kmr_event *ev, unsigned int cache,
		   kmr_obj_t obj, struct kmr_cache_tally *t)
{
	const struct kmr_object_ops *ops = vo->o.ops;
	const unsigned int cpu = kmr_objects_cpu(&vo->o, ev);
	struct kmr_object_info at;

	if (ops->hold)
		t->bulk += ops->hold(vo->o.b, cache, obj, cpu);
	ops->where(vo->o.b, cache, obj, cpu, &at);
	if (at.place == KMR_OBJ_USED) {
		t->bulk++;
		return true;
	}
	if (at.distance <= MAX_GAP) {
		t->bulk += at.distance;
		for (uint32_t i = 0; i < at.distance; i++)
			(void)kmr_objects_alloc(&vo->o, ev);
		if (kmr_objects_alloc(&vo->o, ev) == obj)
			return true;
	}
	(void)ops->take(vo->o.b, cache, obj, ev->bytes.req);
	return false;
}

static void count_extra(struct kmr_object_verifier *vo, unsigned int cache)
{
	struct kmr_cache_state state;

	vo->o.ops->cache_state(vo->o.b, cache, &state);
	vo->r->pages.allocs_extra += state.active == state.objects;
}

/* An allocation that should give what the kernel's did, for kmr_order_try() and others. */
struct attempt {
	struct kmr_object_verifier *vo;
	const struct kmr_event *ev;
	kmr_obj_t kernel;
	unsigned int cache, cpu;
};

/* A heap can take its last allocation back; with slabs, what comes next can be seen before. */
static bool alloc_same(void *ctx)
{
	const struct attempt *a = ctx;
	struct kmr_object_verifier *vo = a->vo;
	const struct kmr_object_ops *ops = vo->o.ops;
	struct kmr_object_info at;
	kmr_obj_t obj;

	if (!ops->heap) {
		ops->where(vo->o.b, a->cache, a->kernel, a->cpu, &at);
		if (at.distance || at.place == KMR_OBJ_USED || at.place == KMR_OBJ_NONE)
			return false;
	}
	vo->asked = 0;
	vo->may_grow = false;
	obj = kmr_objects_alloc(&vo->o, a->ev);
	if (obj != a->kernel && obj != KMR_NO_OBJ && ops->heap)
		ops->unalloc(vo->o.b, a->cache, obj, a->cpu);
	return obj == a->kernel;
}

/* Interrupts between what was done and its event explain the difference. */
static bool alloc_reordered(const struct attempt *a)
{
	const struct kmr_order_op want = op_of(a->ev, a->cache, a->kernel);
	struct attempt again = *a;

	/* in a heap what was done can't be undone: before_interrupt() sees to it */
	if (a->vo->o.ops->heap || !kmr_order_try(&a->vo->order, a->cpu, &want, alloc_same, &again))
		return false;
	a->vo->r->reordered++;
	return true;
}

/* The kernel's is elsewhere: the model goes on from there.  True: bulk operations explain it. */
static bool alloc_elsewhere(const struct attempt *a, struct kmr_cache_tally *t)
{
	struct kmr_object_verifier *vo = a->vo;
	const struct kmr_object_ops *ops = vo->o.ops;
	struct kmr_object_info at;

	ops->where(vo->o.b, a->cache, a->kernel, a->cpu, &at);
	if (a->cache != KMR_ORDER_KMALLOC)
		count_extra(vo, a->cache);
	if (at.place == KMR_OBJ_NONE) {
		(void)adopt(vo, a->cache, a->kernel, a->cpu);
		(void)ops->take(vo->o.b, a->cache, a->kernel, a->ev->bytes.req);
	} else if (ops->heap) {
		(void)ops->take(vo->o.b, a->cache, a->kernel, a->ev->bytes.req);
	} else if (follow(vo, a->ev, a->cache, a->kernel, t)) {
		return true;
	}
	note_first_miss(vo, a->ev, &at);
	return false;
}

/* Made at its page's event already, and then it is the one that the kernel's was or is taken back. */
static bool alloc_early(const struct attempt *a)
{
	kmr_obj_t early;

	if (!take_early(a->vo, a->ev, &early))
		return false;
	if (early == a->kernel)
		return true;
	if (early != KMR_NO_OBJ)
		a->vo->o.ops->unalloc(a->vo->o.b, a->cache, early, a->cpu);
	return false;
}

/* Sizes that no cache has don't make one; a heap's kmalloc() needs none. */
static bool has_cache(const struct kmr_object_verifier *vo, const struct kmr_event *ev, int found)
{
	return found >= 0 || (vo->o.ops->heap && ev->type == KMR_EV_KMALLOC);
}

static void object_alloc(struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	const kmr_obj_t kernel = kmr_vo_object(vo, ev);
	struct kmr_cache_tally *t = kmr_vo_tally(vo, ev);
	const int found = kmr_objects_cache_of_event(&vo->o, ev);
	struct attempt a = { vo, ev, kernel, found < 0 ? KMR_ORDER_KMALLOC : (unsigned int)found,
			     kmr_objects_cpu(&vo->o, ev) };
	const struct kmr_order_op op = op_of(ev, a.cache, kernel);

	t->total++;
	if (kernel >> vo->page_shift >= KMR_NO_PFN || !has_cache(vo, ev, found)) {
		t->unknown++;
		return;
	}
	if (alloc_early(&a) || alloc_same(&a) || alloc_reordered(&a) ||
	    kmr_delay_release_for(&vo->delay, alloc_same, &a)) {
		t->exact++;
	} else if (alloc_elsewhere(&a, t)) {
		t->exact++;
		t->inferred++;
	}
	kmr_order_note(&vo->order, a.cpu, &op);
}

/* The cache that a free is of, as the model has it. */
static unsigned int cache_of_free(struct kmr_object_verifier *vo, const struct kmr_event *ev,
				  kmr_obj_t obj)
{
	const int cache = ev->cache ? kmr_objects_cache(&vo->o, ev->cache)
				    : vo->o.ops->cache_of(vo->o.b, obj);

	return cache < 0 ? KMR_ORDER_KMALLOC : (unsigned int)cache;
}

static struct kmr_cache_tally *tally_of_free(struct kmr_object_verifier *vo,
					     const struct kmr_event *ev, unsigned int cache)
{
	uint16_t tally = ev->cache ? ev->cache : vo->pages_tally;

	if (!ev->cache && cache < vo->nr_kmalloc)
		tally = (uint16_t)vo->tally_of[cache];
	return &vo->tallies[tally < vo->nr_tallies ? tally : 0];
}

/* The model has it free: the kernel took it without an event. */
static void free_of_free(struct kmr_object_verifier *vo, const struct kmr_event *ev,
			 struct kmr_cache_tally *t, unsigned int cache, kmr_obj_t obj)
{
	if (vo->o.ops->take(vo->o.b, cache, obj, 0)) {
		t->free_unknown++;
		return;
	}
	t->free_bulk++;
	t->bulk++;
	(void)kmr_objects_free_object(&vo->o, ev, obj);
}

static void object_free(struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	const kmr_obj_t obj = kmr_vo_object(vo, ev);
	const unsigned int cache = cache_of_free(vo, ev, obj);
	const struct kmr_order_op op = op_of(ev, cache, obj);
	struct kmr_cache_tally *t = tally_of_free(vo, ev, cache);

	t->frees++;
	if (kmr_delay_free(&vo->delay, cache, obj, ev, kmr_objects_cpu(&vo->o, ev)))
		return;
	if (kmr_objects_free_object(&vo->o, ev, obj))
		free_of_free(vo, ev, t, cache, obj);
	kmr_order_note(&vo->order, kmr_objects_cpu(&vo->o, ev), &op);
}

/* Functions that RCU calls to free something; most have it in their names. */
static bool is_rcu_callback(const struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	static const char *const callbacks[] = { "rcu",	       "i_callback", "__d_free",
						 "free_inode", "put_cred",   "in_core",
						 "delayed_put" };
	const char *site;

	if (!vo->o.ops->heap || !kmr_is_object_free(ev) ||
	    (ev->flags & KMR_EVF_CONTEXT) != KMR_CTX_SOFTIRQ)
		return false;
	site = kmr_source_site(vo->tape->source, ev->site);
	for (size_t i = 0; i < ARRAY_SIZE(callbacks); i++)
		if (strstr(site, callbacks[i]))
			return true;
	return false;
}

/* Where the tape has @ev, which comes about in its order; UINT64_MAX: not near. */
static uint64_t position_of(struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	const struct kmr_tape *tape = vo->tape;
	const uint64_t end = tape->count - vo->position < NEAR ? tape->count : vo->position + NEAR;

	for (uint64_t i = vo->position; i < end; i++)
		if (tape->events[i].addr == ev->addr && tape->events[i].time == ev->time &&
		    tape->events[i].type == ev->type) {
			vo->position = i;
			return i;
		}
	return UINT64_MAX;
}

/* The first event of that CPU from @i on in a lower context than @context; NULL: not near. */
static const struct kmr_event *interrupted(const struct kmr_tape *tape, uint64_t i,
					   unsigned int cpu, unsigned int context)
{
	for (uint64_t n = 0; n < INTERRUPT && i < tape->count; n++, i++)
		if (tape->events[i].cpu == cpu &&
		    (tape->events[i].flags & KMR_EVF_CONTEXT) < context)
			return &tape->events[i];
	return NULL;
}

/*
 * A heap changes with every step, so that the order has to be right at once: where an interrupt
 * begins to free, the allocation whose event comes next may have been made already.  It was, when
 * the model gives the kernel's object now.
 */
static void before_interrupt(struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	const unsigned int context = ev->flags & KMR_EVF_CONTEXT;
	const bool begins = context > vo->context;
	const struct kmr_event *next;
	struct attempt a;
	uint64_t at;
	int found;

	vo->context = context;
	if (!begins || !kmr_is_object_free(ev) || vo->nr_early == KMR_EARLY_MAX)
		return;
	at = position_of(vo, ev);
	next = at == UINT64_MAX ? NULL : interrupted(vo->tape, at, ev->cpu, context);
	if (!next || !kmr_is_object_alloc(next) || !kmr_is_object_pointer(next->addr))
		return;
	found = kmr_objects_cache_of_event(&vo->o, next);
	a = (struct attempt){ vo, next, kmr_vo_object(vo, next),
			      found < 0 ? KMR_ORDER_KMALLOC : (unsigned int)found,
			      kmr_objects_cpu(&vo->o, next) };
	if (!alloc_same(&a))
		return;
	vo->early[vo->nr_early++] = (struct kmr_early){ next->addr, next->time, a.kernel };
	vo->r->reordered++;
}

/*
 * SLAB keeps the indices of some slabs in objects of its own kmalloc caches, and the kernel's events
 * tell of those as of anybody's.  The model has them made and given back with the slab.
 */
static bool is_inner(const struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	static const char *const functions[] = { "cache_alloc_refill", "cache_grow_begin",
						 "drain_freelist", "slabs_destroy" };
	const char *site = kmr_source_site(vo->tape->source, ev->site);

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (!strncmp(site, functions[i], strlen(functions[i])))
			return kmr_is_object_alloc(ev) ||
			       !vo->o.ops->given(vo->o.b, kmr_vo_object(vo, ev));
	return false;
}

void kmr_vo_event(struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	if (ev->time >= vo->next_tick) {
		vo->o.ops->tick(vo->o.b, ev->time);
		vo->next_tick = ev->time + TICK_NS;
	}
	if (!kmr_is_object_pointer(ev->addr) || is_inner(vo, ev))
		return;
	if (vo->o.ops->heap)
		before_interrupt(vo, ev);
	if (is_rcu_callback(vo, ev))
		kmr_delay_callback(&vo->delay, ev->time);
	if (kmr_is_object_alloc(ev))
		object_alloc(vo, ev);
	else if (kmr_is_object_free(ev))
		object_free(vo, ev);
}
