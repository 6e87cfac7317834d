// SPDX-License-Identifier: GPL-2.0-only
/* How the object half of verify begins and ends. */
#include "replay/verify_objects.h"

#include <stdlib.h>
#include <string.h>

#include "replay/attribute.h"
#include "replay/compare_objects.h"

#define REAP_MS	   2000u
#define DELAYED_NS 40000000u /* no grace period of a capture was longer */

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

		if (cache >= 0 && !vo->o.ops->learn(vo->o.b, (unsigned int)cache,
						    kmr_vo_object(vo, ev), ev->bytes.req))
			(void)kmr_delay_free(&vo->delay, (unsigned int)cache, kmr_vo_object(vo, ev),
					     ev, kmr_objects_cpu(&vo->o, ev));
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
				       kmr_vo_object(vo, ev), ev->bytes.req);
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
	const unsigned int bytes = kmr_pointer_bytes(vo->tape, &start->machine);
	const struct kmr_object_config config = {
		.machine = &start->machine,
		.version = start->version,
		.pointer_bytes = bytes,
		.pages = { vo, kmr_vo_give_page, kmr_vo_take_page },
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
		if (i && (vo->tallies[i].total || vo->tallies[i].frees))
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
