// SPDX-License-Identifier: GPL-2.0-only
#include "replay/verify_objects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "replay/attribute.h"
#include "replay/compare_objects.h"

#define MAX_SILENT 1024u /* objects that a new slab may show to be taken in bulk */
#define MAX_GAP	   64u /* the same, of an object that is not the next */
#define TICK_NS	   1000000u
#define REAP_MS	   2000u
#define NEAR	   65536u /* events that the sequencer may have moved one by */
#define INTERRUPT  256u /* events of an interrupt, with other CPUs' between them */
#define DELAYED_NS 40000000u /* no grace period of a capture was longer */

/* Slabs that the model still has on frames that are not, as they have just been given out. */
static void clear_frames(struct kmr_object_verifier *vo, kmr_pfn_t pfn, unsigned int order)
{
	for (kmr_pfn_t p = pfn; p != KMR_NO_PFN && p < pfn + (1u << order); p++)
		while (!vo->o.ops->forget_slab(vo->o.b, p))
			vo->r->pages.frees_missed++;
}

static kmr_pfn_t give_page(void *ctx, const struct kmr_page_request *req)
{
	struct kmr_object_verifier *vo = ctx;

	vo->asked++;
	if (!vo->may_grow)
		return KMR_NO_PFN;
	/* a second page for the same object has an event of its own, which comes after this one */
	if (vo->asked == 2 && vo->pfn != KMR_NO_PFN) {
		vo->ahead_req = *req;
		vo->ahead = vo->page_ops->alloc(vo->page, req);
		clear_frames(vo, vo->ahead, req->order);
		return vo->ahead;
	}
	vo->req = *req;
	vo->pfn = vo->page_ops->alloc(vo->page, req);
	clear_frames(vo, vo->pfn, req->order);
	return vo->pfn;
}

/* The page stays in use until the kernel's event. */
static void take_page(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu, bool rcu)
{
	struct kmr_object_verifier *vo = ctx;

	(void)cpu;
	(void)rcu;
	if (kmr_ptrmap_put(&vo->freed, pfn, order + 1))
		vo->nomem = true;
}

static struct kmr_cache_tally *tally_of(struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	uint16_t cache = ev->cache;

	if (ev->type == KMR_EV_KMALLOC) {
		const int kmalloc = kmr_objects_cache_of_event(&vo->o, ev);

		cache = kmalloc < 0 ? vo->pages_tally : (uint16_t)vo->tally_of[kmalloc];
	}
	return &vo->tallies[cache < vo->nr_tallies ? cache : 0];
}

static uint64_t object_of(const struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	return ev->addr >= vo->base ? ev->addr - vo->base : KMR_NO_OBJ;
}

static struct kmr_order_op op_of(const struct kmr_event *ev, unsigned int cache, kmr_obj_t obj)
{
	struct kmr_order_op op;

	memset(&op, 0, sizeof(op));
	op.obj = obj;
	op.cache = cache;
	op.bytes = ev->bytes.req;
	op.context = (uint8_t)(ev->flags & KMR_EVF_CONTEXT_KNOWN ? ev->flags & KMR_EVF_CONTEXT : 0);
	op.alloc = kmr_is_object_alloc(ev);
	return op;
}

/* The event whose slab @ev is the page of, or one made up for objects taken in bulk. */
static struct kmr_event cause_of(const struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	struct kmr_event cause;

	if (ev->asked.cause)
		return vo->tape->events[ev->asked.cause - 1];
	memset(&cause, 0, sizeof(cause));
	cause.type = KMR_EV_CACHE_ALLOC;
	cause.cache = ev->cache;
	cause.cpu = ev->cpu;
	cause.gfp = ev->gfp;
	cause.flags = ev->flags;
	cause.node = -1;
	return cause;
}

/* An allocation that may get a page, for kmr_order_try(). */
struct growth {
	struct kmr_object_verifier *vo;
	const struct kmr_event *cause;
	kmr_obj_t obj;
};

static bool grows(void *ctx)
{
	struct growth *g = ctx;
	struct kmr_object_verifier *vo = g->vo;
	const int cache = kmr_objects_cache_of_event(&vo->o, g->cause);

	vo->asked = 0;
	vo->pfn = KMR_NO_PFN;
	vo->may_grow = true;
	g->obj = kmr_objects_alloc(&vo->o, g->cause);
	vo->may_grow = false;
	if (!vo->asked && g->obj != KMR_NO_OBJ && vo->o.ops->heap)
		vo->o.ops->unalloc(vo->o.b, cache < 0 ? KMR_ORDER_KMALLOC : (unsigned int)cache,
				   g->obj, kmr_objects_request(&vo->o, g->cause).cpu);
	return vo->asked != 0;
}

/* The kernel had none left: what a cache of the model has left was taken without an event. */
static bool grow(struct kmr_object_verifier *vo, struct growth *g)
{
	unsigned int n = 1;

	if (vo->o.ops->heap)
		return grows(g);
	while (!grows(g) && n < MAX_SILENT)
		n++;
	tally_of(vo, g->cause)->bulk += n - 1;
	vo->r->pages.allocs_bulk += n > 1 && vo->asked;
	return vo->asked != 0;
}

bool kmr_vo_page_alloc(struct kmr_object_verifier *vo, const struct kmr_event *ev,
		       struct kmr_page_request *req, kmr_pfn_t *pfn)
{
	const struct kmr_event cause = cause_of(vo, ev);
	struct growth g = { vo, &cause, KMR_NO_OBJ };

	vo->r->pages.allocs++;
	if (vo->ahead != KMR_NO_PFN) {
		*req = vo->ahead_req;
		*pfn = vo->ahead;
		vo->ahead = KMR_NO_PFN;
		return true;
	}
	if ((cause.type == KMR_EV_CACHE_ALLOC && !cause.cache) || !grow(vo, &g)) {
		vo->r->pages.allocs_missed++;
		return false;
	}
	if (!ev->asked.cause)
		tally_of(vo, &cause)->bulk++;
	else if (vo->nr_early < KMR_EARLY_MAX)
		vo->early[vo->nr_early++] = (struct kmr_early){ cause.addr, cause.time, g.obj };
	*req = vo->req;
	*pfn = vo->pfn;
	return true;
}

/* The slab that the model has at @pfn is none in the kernel. */
static void forget_new(struct kmr_object_verifier *vo, kmr_pfn_t pfn)
{
	unsigned int left = 0;

	(void)vo->o.ops->forget_slab(vo->o.b, pfn);
	for (unsigned int i = 0; i < vo->nr_early; i++)
		if (vo->early[i].obj >> vo->page_shift != pfn)
			vo->early[left++] = vo->early[i];
	vo->nr_early = left;
}

void kmr_vo_page_done(struct kmr_object_verifier *vo, kmr_pfn_t model, uint64_t kernel,
		      unsigned int order)
{
	if (model == kernel) {
		vo->r->pages.allocs_exact++;
		return;
	}
	if (model == KMR_NO_PFN)
		return;
	if (kernel >= KMR_NO_PFN ||
	    kmr_machine_zone_of(vo->machine, kernel + (UINT64_C(1) << order) - 1) < 0) {
		forget_new(vo, model);
		return;
	}
	clear_frames(vo, (kmr_pfn_t)kernel, order);
	(void)vo->o.ops->move_slab(vo->o.b, model, (kmr_pfn_t)kernel);
	for (unsigned int i = 0; i < vo->nr_early; i++)
		if (vo->early[i].obj >> vo->page_shift == model)
			vo->early[i].obj += (kernel - model) << vo->page_shift;
}

void kmr_vo_page_other(struct kmr_object_verifier *vo, kmr_pfn_t model)
{
	vo->r->pages.allocs_missed++;
	forget_new(vo, model);
}

void kmr_vo_page_free(struct kmr_object_verifier *vo, const struct kmr_event *ev)
{
	vo->r->pages.frees++;
	if (kmr_ptrmap_take(&vo->freed, ev->addr)) {
		vo->r->pages.frees_exact++;
		return;
	}
	vo->r->pages.frees_missed++;
	if (ev->addr < KMR_NO_PFN)
		(void)vo->o.ops->forget_slab(vo->o.b, (kmr_pfn_t)ev->addr);
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
		       kmr_source_site(vo->tape->source, ev->site), tally_of(vo, ev)->name,
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
	clear_frames(vo, pfn, state.order);
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
	const unsigned int cpu = kmr_objects_request(&vo->o, ev).cpu;
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
	const kmr_obj_t kernel = object_of(vo, ev);
	struct kmr_cache_tally *t = tally_of(vo, ev);
	const int found = kmr_objects_cache_of_event(&vo->o, ev);
	struct attempt a = { vo, ev, kernel, found < 0 ? KMR_ORDER_KMALLOC : (unsigned int)found,
			     kmr_objects_request(&vo->o, ev).cpu };
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
	const kmr_obj_t obj = object_of(vo, ev);
	const unsigned int cache = cache_of_free(vo, ev, obj);
	const struct kmr_order_op op = op_of(ev, cache, obj);
	struct kmr_cache_tally *t = tally_of_free(vo, ev, cache);

	t->frees++;
	if (kmr_delay_free(&vo->delay, cache, obj, ev, kmr_objects_request(&vo->o, ev).cpu))
		return;
	if (kmr_objects_free_object(&vo->o, ev, obj))
		free_of_free(vo, ev, t, cache, obj);
	kmr_order_note(&vo->order, kmr_objects_request(&vo->o, ev).cpu, &op);
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
	a = (struct attempt){ vo, next, object_of(vo, next),
			      found < 0 ? KMR_ORDER_KMALLOC : (unsigned int)found,
			      kmr_objects_request(&vo->o, next).cpu };
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
			       !vo->o.ops->given(vo->o.b, object_of(vo, ev));
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

static int make_tallies(struct kmr_object_verifier *vo)
{
	const unsigned int nr = vo->o.ops->nr_caches(vo->o.b);

	vo->tally_of = calloc(nr + 1, sizeof(*vo->tally_of));
	if (!vo->tally_of)
		return -1;
	for (unsigned int i = 0; i < nr; i++) {
		struct kmr_cache_state state;

		vo->o.ops->cache_state(vo->o.b, i, &state);
		vo->tally_of[i] = kmr_tape_cache(vo->tape, state.name);
	}
	vo->nr_kmalloc = nr;
	vo->pages_tally = kmr_tape_cache(vo->tape, vo->o.ops->heap ? "kmalloc" : "kmalloc (pages)");
	vo->nr_tallies = vo->tape->nr_caches;
	vo->tallies = calloc(vo->nr_tallies, sizeof(*vo->tallies));
	if (!vo->tallies)
		return -1;
	for (size_t i = 0; i < vo->nr_tallies; i++)
		memcpy(vo->tallies[i].name, vo->tape->caches[i].name, KMR_SNAP_CACHE_NAME);
	return 0;
}

/* Pages and pointers tell how wide the kernel's words are. */
static unsigned int pointer_bytes(const struct kmr_tape *tape, const struct kmr_machine *m)
{
	if (tape->info->pointer_bits)
		return tape->info->pointer_bits / 8;
	return strcmp(m->arch, "i386") ? 8 : 4;
}

/* Freed before the snapshot was taken, and in use by RCU when it was. */
static void learn_delayed(struct kmr_object_verifier *vo, uint32_t end)
{
	const struct kmr_tape *tape = vo->tape;
	uint32_t first = end;

	while (first && tape->events[end].time - tape->events[first - 1].time < DELAYED_NS)
		first--;
	for (uint32_t i = first; i < end; i++) {
		const struct kmr_event *ev = &tape->events[i];
		const int cache = ev->type == KMR_EV_CACHE_FREE && ev->cache
					  ? kmr_objects_cache(&vo->o, ev->cache)
					  : -1;

		if (cache >= 0 && !vo->o.ops->learn(vo->o.b, (unsigned int)cache, object_of(vo, ev),
						    ev->bytes.req))
			(void)kmr_delay_free(&vo->delay, (unsigned int)cache, object_of(vo, ev), ev,
					     kmr_objects_request(&vo->o, ev).cpu);
	}
}

/* What the trace allocated before the snapshot was taken, and has not freed. */
static int learn_objects(struct kmr_object_verifier *vo, const struct kmr_snapshot *start)
{
	const struct kmr_tape *tape = vo->tape;
	struct kmr_ptrmap live;
	uint32_t end = 0;
	int ret = 0;

	memset(&live, 0, sizeof(live));
	for (; end < tape->count && !ret; end++) {
		const struct kmr_event *ev = &tape->events[end];

		if (ev->type == KMR_EV_MARK && ev->addr == start->seq)
			break;
		if (kmr_is_object_alloc(ev) && kmr_is_object_pointer(ev->addr))
			ret = kmr_ptrmap_put(&live, ev->addr, end + 1);
		else if (kmr_is_object_free(ev))
			(void)kmr_ptrmap_take(&live, ev->addr);
	}
	for (uint32_t i = 0; i < end && !ret; i++) {
		const struct kmr_event *ev = &tape->events[i];
		int cache;

		if (!kmr_is_object_alloc(ev) || kmr_ptrmap_get(&live, ev->addr) != i + 1)
			continue;
		cache = kmr_objects_cache_of_event(&vo->o, ev);
		(void)vo->o.ops->learn(vo->o.b, cache < 0 ? KMR_ORDER_KMALLOC : (unsigned int)cache,
				       object_of(vo, ev), ev->bytes.req);
	}
	kmr_ptrmap_fini(&live);
	if (end < tape->count)
		learn_delayed(vo, end);
	return ret;
}

static int start_backend(struct kmr_object_verifier *vo, const struct kmr_object_ops *ops,
			 const uint64_t *params, const struct kmr_snapshot *start,
			 struct kmr_error *err)
{
	const unsigned int bytes = pointer_bytes(vo->tape, &start->machine);
	const struct kmr_object_config config = {
		.machine = &start->machine,
		.version = start->version,
		.pointer_bytes = bytes,
		.pages = { vo, give_page, take_page },
	};
	struct kmr_object_backend *b = ops->create(&config, params, err);

	if (!b)
		return -1;
	/* the backend is kmr_vo_free()'s from here on */
	if (kmr_objects_init(&vo->o, ops, b, vo->tape, start, &start->machine, bytes) ||
	    kmr_order_init(&vo->order, ops, b, start->machine.nr_cpus))
		return kmr_fail_nomem(err, "the object verifier");
	kmr_delay_init(&vo->delay, ops, b);
	if (ops->load(b, start, err) || ops->kmalloc_init(b, err))
		return -1;
	if (ops->learn && learn_objects(vo, start))
		return kmr_fail_nomem(err, "the object verifier");
	return make_tallies(vo) ? kmr_fail_nomem(err, "the object verifier") : 0;
}

/*
 * A reaper runs every two seconds, at a moment that no snapshot tells; the pages that it gives back
 * show it.
 */
static void find_reaper(const struct kmr_tape *tape, const struct kmr_snapshot *start,
			const struct kmr_object_ops *ops, uint64_t *params)
{
	unsigned int phase = 0;
	bool started = false;

	while (phase < ops->nr_params && strcmp(ops->params[phase].name, "reap_phase") != 0)
		phase++;
	if (phase == ops->nr_params || params[phase] != ops->params[phase].def)
		return;
	for (uint64_t i = 0; i < tape->count; i++) {
		const struct kmr_event *ev = &tape->events[i];

		started |= ev->type == KMR_EV_MARK && ev->addr == start->seq;
		if (!started || ev->type != KMR_EV_PAGE_FREE || ev->asked.owner != KMR_OWNER_SLAB ||
		    strncmp(kmr_source_task(tape->source, ev->task), "kworker/", 8) != 0)
			continue;
		params[phase] = ev->time / 1000000 % REAP_MS;
		return;
	}
}

static int not_compared(struct kmr_object_result *r, const char *why)
{
	r->why_not = why;
	return 1;
}

int kmr_vo_init(struct kmr_object_verifier *vo, const char *backend, struct kmr_tape *tape,
		const struct kmr_snapshot *start, const struct kmr_page_ops *page_ops,
		struct kmr_page_backend *page, struct kmr_object_result *result,
		struct kmr_error *err)
{
	const char *own = kmr_snapshot_allocator(start);
	const struct kmr_object_ops *ops;
	uint64_t params[KMR_MAX_PARAMS];

	memset(vo, 0, sizeof(*vo));
	vo->tape = tape;
	vo->page_ops = page_ops;
	vo->page = page;
	vo->machine = &start->machine;
	vo->page_shift = start->machine.page_shift;
	vo->ahead = KMR_NO_PFN;
	vo->r = result;
	if (backend && !strcmp(backend, "none"))
		return not_compared(result, "not asked for");
	if (!backend && !own)
		return not_compared(result, "the snapshot has no object allocator's records");
	if (!backend && !kmr_object_backend_find(own))
		return not_compared(result, "there is no model of the traced kernel's allocator");
	ops = kmr_object_backend_parse(backend ? backend : own, params, err);
	if (!ops)
		return -1;
	if (!own || strcmp(ops->name, own) != 0)
		return kmr_fail(err, "--object %s: %s is of a kernel with %s", ops->name,
				start->machine.name, own ? own : "no object allocator's records");
	if (kmr_attribute(tape, start, &result->attribution, err))
		return -1;
	if (!result->attribution.objects)
		return not_compared(result, "the trace has no object events");
	if (!result->attribution.real_pointers)
		return not_compared(result, "the trace's pointers are hashed");
	vo->base = result->attribution.base;
	find_reaper(tape, start, ops, params);
	result->backend = ops->name;
	return start_backend(vo, ops, params, start, err);
}

static void add_tally(struct kmr_cache_tally *sum, const struct kmr_cache_tally *t)
{
	sum->total += t->total;
	sum->exact += t->exact;
	sum->bulk += t->bulk;
	sum->inferred += t->inferred;
	sum->unknown += t->unknown;
	sum->frees += t->frees;
	sum->free_bulk += t->free_bulk;
	sum->free_unknown += t->free_unknown;
}

static int by_name(const void *a, const void *b)
{
	const struct kmr_cache_tally *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int kmr_vo_finish(struct kmr_object_verifier *vo, const struct kmr_snapshot *end,
		  struct kmr_error *err)
{
	struct kmr_object_result *r = vo->r;

	r->caches = calloc(vo->nr_tallies + 1, sizeof(*r->caches));
	if (!r->caches || vo->nomem)
		return kmr_fail_nomem(err, "the object verifier");
	for (size_t i = 0; i < vo->nr_tallies; i++) {
		add_tally(&r->all, &vo->tallies[i]);
		if (i && (vo->tallies[i].total || (vo->tallies[i].frees && i)))
			r->caches[r->nr_caches++] = vo->tallies[i];
	}
	qsort(r->caches, r->nr_caches, sizeof(*r->caches), by_name);
	r->pages.frees_extra += vo->freed.count;
	return end ? kmr_compare_objects(vo->o.ops, vo->o.b, end, r, err) : 0;
}

void kmr_vo_free(struct kmr_object_verifier *vo)
{
	if (vo->o.b)
		vo->o.ops->destroy(vo->o.b);
	kmr_objects_free(&vo->o);
	kmr_order_free(&vo->order);
	kmr_ptrmap_fini(&vo->freed);
	free(vo->tallies);
	free(vo->tally_of);
}
