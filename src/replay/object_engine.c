// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every traced object that is live has an entry in the map that says where it lives in the simulation
 * and which origin it has: call site, cache and bytes asked for.  What is counted by origin adds up
 * to what a call site or a cache did.
 */
#include "replay/object_engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "replay/object_start.h"
#include "replay/object_engine_internal.h"

#define MAX_SAMPLES  1024u
#define TICK_NS	     1000000u
#define GRACE_NS     8000000u /* of RCU: two ticks of 4 ms */
#define SMALLEST_PTR 4096u

void kmr_oe_hold(struct kmr_object_engine *oe, kmr_pfn_t pfn, unsigned int order, bool held)
{
	const uint64_t end = (uint64_t)pfn + (UINT64_C(1) << order);

	if (oe->own) {
		oe->own(oe->ctx, pfn, order, held);
		return;
	}
	for (uint64_t p = pfn; p < end && p < oe->nr_frames; p++)
		if (held)
			oe->held[p / 64] |= UINT64_C(1) << p % 64;
		else
			oe->held[p / 64] &= ~(UINT64_C(1) << p % 64);
}

static void page_freed(struct kmr_object_engine *oe, kmr_pfn_t pfn, unsigned int order,
		       unsigned int cpu)
{
	kmr_oe_hold(oe, pfn, order, false);
	(void)oe->c.page_ops->free(oe->c.page, pfn, order, cpu);
}

static kmr_pfn_t give_page(void *ctx, const struct kmr_page_request *req)
{
	struct kmr_object_engine *oe = ctx;
	const kmr_pfn_t pfn = oe->c.page_ops->alloc(oe->c.page, req);

	if (pfn == KMR_NO_PFN)
		return pfn;
	kmr_oe_hold(oe, pfn, req->order, true);
	oe->pages += UINT64_C(1) << req->order;
	if (oe->pages > oe->stats.peak_pages)
		oe->stats.peak_pages = oe->pages;
	return pfn;
}

static void defer(struct kmr_object_engine *oe, const struct deferred *d)
{
	struct deferred *q = kmr_grow(oe->deferred, oe->nr_deferred, &oe->cap_deferred, sizeof(*q));

	if (!q) {
		oe->nomem = true;
		return;
	}
	oe->deferred = q;
	oe->deferred[oe->nr_deferred++] = *d;
}

static void take_page(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu, bool rcu)
{
	struct kmr_object_engine *oe = ctx;
	const struct deferred d = { oe->time, pfn, DEFERRED_PAGE, (uint8_t)order, (uint16_t)cpu };

	oe->pages -= UINT64_C(1) << order;
	if (rcu)
		defer(oe, &d);
	else
		page_freed(oe, pfn, order, cpu);
}

/* Grace periods end in the order in which they began. */
static void end_grace_periods(struct kmr_object_engine *oe)
{
	size_t n = 0;

	while (n < oe->nr_deferred && oe->time - oe->deferred[n].time >= GRACE_NS) {
		const struct deferred d = oe->deferred[n++];

		if (d.cache == DEFERRED_PAGE)
			page_freed(oe, (kmr_pfn_t)d.what, d.order, d.cpu);
		else
			(void)oe->o.ops->free(oe->o.b, (unsigned int)d.cache, d.what, d.cpu);
	}
	if (!n)
		return;
	oe->nr_deferred -= n;
	memmove(oe->deferred, oe->deferred + n, oe->nr_deferred * sizeof(*oe->deferred));
}

static void note_sample(struct kmr_object_engine *oe)
{
	const struct kmr_object_ops *ops = oe->o.ops;
	const unsigned int nr = ops->nr_caches(oe->o.b);
	struct kmr_cache_sample *s = &oe->samples[oe->nr_samples];

	s->rows = calloc(nr + 1, sizeof(*s->rows));
	if (!s->rows) {
		oe->nomem = true;
		return;
	}
	s->time = oe->time;
	s->event = oe->events;
	s->pages = oe->pages;
	s->nr = nr;
	for (unsigned int i = 0; i < nr; i++) {
		struct kmr_cache_row *row = &s->rows[i];
		struct kmr_cache_state state;

		ops->cache_state(oe->o.b, i, &state);
		row->active = (uint32_t)state.active;
		row->objects = (uint32_t)state.objects;
		row->slabs = (uint32_t)state.slabs;
		row->partial_slabs = (uint32_t)state.partial_slabs;
		row->cpu_slabs = (uint32_t)state.cpu_slabs;
		row->cached = (uint32_t)state.cached;
		row->pages = state.pages;
		row->requested = i + 1 < oe->nr_requested ? oe->requested[i + 1] : 0;
	}
	oe->nr_samples++;
}

/* When there is no more room, every other one goes, and they are taken half as often. */
static void thin_samples(struct kmr_object_engine *oe)
{
	size_t kept = 0;

	for (size_t i = 0; i < oe->nr_samples; i++)
		if (i % 2)
			free(oe->samples[i].rows);
		else
			oe->samples[kept++] = oe->samples[i];
	oe->nr_samples = kept;
	oe->interval *= 2;
	kmr_site_series_thin(&oe->series);
}

/* So that the whole tape's object events need no more samples than there is room for. */
static uint64_t first_interval(const struct kmr_tape *tape)
{
	const uint64_t *by_type = tape->info->by_type;
	const uint64_t nr = by_type[KMR_EV_KMALLOC] + by_type[KMR_EV_CACHE_ALLOC] +
			    by_type[KMR_EV_KFREE] + by_type[KMR_EV_CACHE_FREE];
	uint64_t interval = 1;

	while (nr / interval >= MAX_SAMPLES)
		interval *= 2;
	return interval;
}

void kmr_oe_sample(struct kmr_object_engine *oe)
{
	if (oe->nr_samples == MAX_SAMPLES)
		thin_samples(oe);
	note_sample(oe);
	if (kmr_site_series_sample(&oe->series))
		oe->nomem = true;
	oe->next_sample = oe->events + oe->interval;
}

static uint64_t origin_key(const struct kmr_event *ev, int cache)
{
	return (uint64_t)ev->site << 40 | (uint64_t)(ev->bytes.req & 0x3fffff) << 18 |
	       (uint64_t)(uint32_t)(cache + 1) % (1u << 18);
}

/* What the objects of one call site, cache and size are counted under; 0: no memory, or too many. */
static uint32_t origin_of(struct kmr_object_engine *oe, const struct kmr_event *ev, int cache)
{
	const uint64_t key = origin_key(ev, cache);
	uint32_t n = kmr_ptrmap_get(&oe->origin_of, key);
	struct origin *origins;

	if (n || oe->nr_origins >= KMR_OBJMAP_ORIGINS)
		return n;
	origins = kmr_grow(oe->origins, oe->nr_origins, &oe->cap_origins, sizeof(*origins));
	if (!origins) {
		oe->nomem = true;
		return 0;
	}
	oe->origins = origins;
	n = (uint32_t)oe->nr_origins;
	if (kmr_ptrmap_put(&oe->origin_of, key, n) || kmr_site_series_room(&oe->series, ev->site)) {
		oe->nomem = true;
		return 0;
	}
	memset(&origins[n], 0, sizeof(*origins));
	origins[n].site = ev->site;
	origins[n].cache = cache;
	origins[n].requested = ev->bytes.req;
	oe->nr_origins++;
	return n;
}

static uint64_t *requested_of(struct kmr_object_engine *oe, int cache)
{
	const size_t i = (size_t)(cache + 1);

	while (i >= oe->nr_requested) {
		uint64_t *more = kmr_grow(oe->requested, oe->nr_requested, &oe->cap_requested,
					  sizeof(*more));

		if (!more) {
			oe->nomem = true;
			return &oe->nowhere;
		}
		oe->requested = more;
		oe->requested[oe->nr_requested++] = 0;
	}
	return &oe->requested[i];
}

static void count_alloc(struct kmr_object_engine *oe, uint32_t origin, kmr_obj_t obj)
{
	struct origin *g = &oe->origins[origin];

	if (!g->given || g->cache < 0)
		g->given = oe->o.ops->given(oe->o.b, obj);
	g->hits++;
	g->bytes_given += g->given;
	g->live++;
	kmr_site_alloc(&oe->series, g->site, g->requested);
	*requested_of(oe, g->cache) += g->requested;
}

static bool is_rcu(const struct kmr_object_engine *oe, unsigned int cache)
{
	struct kmr_cache_state state;

	oe->o.ops->cache_state(oe->o.b, cache, &state);
	return state.flags & KMR_CACHE_RCU;
}

/* Leaves the simulation, counted as freed there. */
static void release(struct kmr_object_engine *oe, const struct kmr_live_object *o, unsigned int cpu)
{
	struct origin *g = &oe->origins[o->origin];
	const struct deferred d = { oe->time, o->obj, g->cache, 0, (uint16_t)cpu };

	g->live--;
	kmr_site_free(&oe->series, g->site, g->requested);
	*requested_of(oe, g->cache) -= g->requested;
	if (oe->o.ops->heap && g->cache >= 0 && is_rcu(oe, (unsigned int)g->cache))
		defer(oe, &d);
	else
		(void)kmr_objects_give_back(&oe->o, g->cache, o->obj, cpu);
}

static uint64_t frame_of(const struct kmr_object_engine *oe, uint64_t ptr)
{
	/* the map tells pointers apart by 48 bits, and so must this */
	return ((ptr - oe->c.attribution->base) & ((UINT64_C(1) << 48) - 1)) >> oe->page_shift;
}

/* Of live objects, so that a page that goes back is searched for some only when there are. */
static int count_in_frame(struct kmr_object_engine *oe, uint64_t ptr, int more)
{
	const uint64_t frame = frame_of(oe, ptr);
	const uint32_t count = kmr_framemap_get(&oe->live_in, frame);

	if (frame >= kmr_framemap_end(&oe->live_in))
		return 0;
	return kmr_framemap_set(&oe->live_in, frame, 0, count + (uint32_t)more);
}

/* Adds to the map of live objects, and to what is counted of it; nomem tells when it could not. */
static int map_add(struct kmr_object_engine *oe, const struct kmr_live_object *o)
{
	if (kmr_objmap_add(&oe->map, o) || count_in_frame(oe, o->ptr, 1)) {
		oe->nomem = true;
		return -1;
	}
	return 0;
}

static int map_take(struct kmr_object_engine *oe, uint64_t ptr, struct kmr_live_object *o)
{
	if (!kmr_objmap_take(&oe->map, ptr, o))
		return 0;
	(void)count_in_frame(oe, ptr, -1);
	return 1;
}

int kmr_oe_add(struct kmr_object_engine *oe, const struct kmr_event *ev, int cache, kmr_obj_t obj)
{
	struct kmr_live_object o = { ev->addr, obj, oe->running ? oe->time : KMR_OBJMAP_OLDER,
				     origin_of(oe, ev, cache), ev->cpu };

	if (map_add(oe, &o))
		return -1;
	if (obj != KMR_OBJMAP_FAILED)
		count_alloc(oe, o.origin, obj);
	if (oe->running && (obj == KMR_OBJMAP_FAILED || !o.origin))
		kmr_size_count(&oe->sizes, ev->bytes.req, 1);
	return 0;
}

static bool has_odd_size(const struct kmr_event *ev)
{
	return !ev->bytes.req || ev->bytes.req > KMR_MAX_OBJECT_SIZE;
}

static kmr_obj_t take_object(struct kmr_object_engine *oe, const struct kmr_event *ev)
{
	kmr_obj_t obj;

	if (!oe->latency)
		return kmr_objects_alloc(&oe->o, ev);
	kmr_latency_object_begin(oe->latency);
	obj = kmr_objects_alloc(&oe->o, ev);
	kmr_latency_object_alloc(oe->latency, ev, obj, kmr_objects_cpu(&oe->o, ev));
	return obj;
}

static void give_object(struct kmr_object_engine *oe, const struct kmr_event *ev,
			const struct kmr_live_object *o, unsigned int cpu)
{
	if (oe->latency)
		kmr_latency_object_begin(oe->latency);
	release(oe, o, cpu);
	if (oe->latency)
		kmr_latency_object_free(oe->latency, ev, o->obj, cpu);
}

static void object_alloc(struct kmr_object_engine *oe, const struct kmr_event *ev)
{
	struct kmr_live_object stale;
	kmr_obj_t obj;
	int cache;

	if (!ev->addr || ev->addr == KMR_EV_NO_PFN) {
		oe->stats.traced_failures++;
		return;
	}
	cache = has_odd_size(ev) ? -1 : kmr_objects_cache_of_event(&oe->o, ev);
	if (ev->addr < SMALLEST_PTR || has_odd_size(ev) ||
	    (cache < 0 && ev->type == KMR_EV_CACHE_ALLOC)) {
		oe->stats.odd_sizes++;
		return;
	}
	if (map_take(oe, ev->addr, &stale)) {
		oe->stats.repeated_allocs++;
		if (stale.obj != KMR_OBJMAP_FAILED)
			release(oe, &stale, kmr_objects_cpu(&oe->o, ev));
	}
	obj = take_object(oe, ev);
	oe->stats.allocs++;
	oe->stats.failures += obj == KMR_NO_OBJ;
	(void)kmr_oe_add(oe, ev, cache, obj == KMR_NO_OBJ ? KMR_OBJMAP_FAILED : obj);
}

/* How long those lived that were there at the start nobody knows. */
static void count_life(struct kmr_object_engine *oe, struct origin *g, uint64_t now, uint64_t since)
{
	uint64_t age;

	if (since == KMR_OBJMAP_OLDER)
		return;
	age = kmr_objmap_age(now, since);
	g->lifetime += age;
	kmr_loglin_add(&oe->lifetimes, age);
}

static void object_free(struct kmr_object_engine *oe, const struct kmr_event *ev)
{
	const unsigned int cpu = kmr_objects_cpu(&oe->o, ev);
	struct kmr_live_object o;
	struct origin *g;

	if (ev->addr < SMALLEST_PTR) {
		oe->stats.null_frees++;
		return;
	}
	if (!map_take(oe, ev->addr, &o)) {
		oe->stats.unknown_frees++;
		return;
	}
	/* the kernel takes it again in bulk, nobody knows when: it stays */
	if (ev->flags & KMR_EVF_TAKEN_AGAIN) {
		oe->stats.taken_again++;
		o.time = ev->time;
		(void)map_add(oe, &o);
		return;
	}
	if (o.obj == KMR_OBJMAP_FAILED) {
		oe->stats.dropped_frees++;
		return;
	}
	oe->stats.frees++;
	g = &oe->origins[o.origin];
	g->frees++;
	g->pingpong += o.cpu != (ev->cpu & 1023u);
	count_life(oe, g, ev->time, o.time);
	give_object(oe, ev, &o, cpu);
}

void kmr_oe_prefetch(const struct kmr_object_engine *oe, const struct kmr_event *ev)
{
	if (kmr_is_object_alloc(ev) || kmr_is_object_free(ev))
		kmr_objmap_prefetch(&oe->map, ev->addr);
}

void kmr_oe_prefetch_object(const struct kmr_object_engine *oe, const struct kmr_event *ev)
{
	struct kmr_live_object o;

	if (!kmr_is_object_free(ev) || !kmr_objmap_peek(&oe->map, ev->addr, &o))
		return;
	__builtin_prefetch(&oe->origins[o.origin], 1);
	if (oe->o.ops->prefetch && o.obj != KMR_OBJMAP_FAILED)
		oe->o.ops->prefetch(oe->o.b, o.obj);
}

void kmr_oe_event(struct kmr_object_engine *oe, const struct kmr_event *ev)
{
	const bool alloc = kmr_is_object_alloc(ev);

	if (!alloc && !kmr_is_object_free(ev))
		return;
	if (ev->time > oe->time)
		oe->time = ev->time;
	if (oe->nr_deferred)
		end_grace_periods(oe);
	if (oe->time >= oe->next_tick) {
		oe->o.ops->tick(oe->o.b, oe->time + oe->time_offset);
		oe->next_tick = oe->time + TICK_NS;
	}
	if (alloc)
		object_alloc(oe, ev);
	else
		object_free(oe, ev);
	if (++oe->events >= oe->next_sample)
		kmr_oe_sample(oe);
}

/* A slab's page goes back: what the trace never freed in it is gone. */
static void drop_page(struct kmr_object_engine *oe, const struct kmr_event *ev)
{
	const uint64_t bytes = UINT64_C(1) << (oe->page_shift + ev->page.order);
	const uint64_t start = (ev->addr << oe->page_shift) + oe->c.attribution->base;
	struct kmr_live_object o;

	for (uint64_t at = 0; at < bytes; at += 8) {
		if (!kmr_framemap_get(&oe->live_in, frame_of(oe, start + at))) {
			/* none begins in the rest of this frame */
			at |= (UINT64_C(1) << oe->page_shift) - 8;
			continue;
		}
		if (!map_take(oe, start + at, &o))
			continue;
		oe->stats.silent_frees++;
		if (o.obj != KMR_OBJMAP_FAILED)
			release(oe, &o, kmr_objects_cpu(&oe->o, ev));
	}
}

void kmr_oe_traced_page(struct kmr_object_engine *oe, const struct kmr_event *ev)
{
	if (ev->type == KMR_EV_PAGE_ALLOC) {
		oe->stats.page_allocs++;
		return;
	}
	oe->stats.page_frees++;
	if (oe->c.attribution->real_pointers && ev->page.order < oe->c.machine->nr_orders &&
	    ev->addr < UINT32_MAX)
		drop_page(oe, ev);
}

/* What it took to get here is not counted. */
static int note_start(struct kmr_object_engine *oe)
{
	const unsigned int nr = oe->o.ops->nr_caches(oe->o.b);

	oe->work = *oe->o.ops->work(oe->o.b);
	oe->before = calloc(nr + 1, sizeof(*oe->before));
	if (!oe->before)
		return -1;
	oe->nr_before = nr;
	for (unsigned int i = 0; i < nr; i++)
		oe->o.ops->cache_state(oe->o.b, i, &oe->before[i]);
	oe->hits_before = calloc(oe->nr_origins, sizeof(*oe->hits_before));
	if (!oe->hits_before)
		return -1;
	oe->nr_origins_before = oe->nr_origins;
	for (size_t i = 0; i < oe->nr_origins; i++)
		oe->hits_before[i] = oe->origins[i].hits;
	oe->running = true;
	return 0;
}

static int start(struct kmr_object_engine *oe, const uint64_t *params, struct kmr_error *err)
{
	const struct kmr_object_engine_config *c = &oe->c;
	const unsigned int bytes = kmr_pointer_bytes(c->tape, c->machine);
	struct kmr_object_config config = {
		.machine = c->machine,
		.version = c->snap && c->snap->version ? c->snap->version : 601,
		.pointer_bytes = bytes,
		.pages = { oe, give_page, take_page },
	};
	struct kmr_object_backend *b;

	b = c->ops->create(&config, params, err);
	if (!b)
		return -1;
	if (kmr_objects_init(&oe->o, c->ops, b, c->tape, c->snap ? c->snap : c->caches, c->machine,
			     bytes)) {
		c->ops->destroy(b);
		return kmr_fail_nomem(err, "the object engine");
	}
	if (kmr_oe_start(oe, err))
		return -1;
	if (note_start(oe))
		return kmr_fail_nomem(err, "the object engine");
	oe->pages = c->ops->pages(b);
	oe->stats.start_pages = oe->pages;
	oe->stats.peak_pages = oe->pages;
	return oe->nomem ? kmr_fail_nomem(err, "the object engine") : 0;
}

/* Those that a page of the trace may give back. */
static uint64_t traced_frames(const struct kmr_object_engine_config *c)
{
	const uint64_t last = c->tape->info->max_pfn;

	if (!c->attribution->real_pointers)
		return 0;
	return last < UINT32_MAX ? last + 1 : UINT32_MAX;
}

struct kmr_object_engine *kmr_oe_create(const struct kmr_object_engine_config *config,
					struct kmr_error *err)
{
	struct kmr_object_engine *oe = calloc(1, sizeof(*oe));

	if (!oe) {
		(void)kmr_fail_nomem(err, "the object engine");
		return NULL;
	}
	oe->c = *config;
	oe->page_shift = config->machine->page_shift;
	oe->interval = first_interval(config->tape);
	oe->nr_origins = 1; /* 0 stands for all that could not be told apart */
	oe->cap_origins = 64;
	oe->origins = calloc(oe->cap_origins, sizeof(*oe->origins));
	if (oe->origins)
		oe->origins[0].cache = -1; /* any: kfree() finds it */
	oe->samples = calloc(MAX_SAMPLES + 1, sizeof(*oe->samples));
	oe->nr_frames = kmr_machine_end_pfn(config->machine);
	oe->held = calloc(oe->nr_frames / 64 + 1, sizeof(*oe->held));
	if (!oe->origins || !oe->samples || !oe->held ||
	    kmr_site_series_init(&oe->series, MAX_SAMPLES) ||
	    kmr_framemap_init(&oe->live_in, traced_frames(config)))
		(void)kmr_fail_nomem(err, "the object engine");
	else if (!start(oe, config->params, err))
		return oe;
	kmr_oe_destroy(oe);
	return NULL;
}

void kmr_oe_set_owner(struct kmr_object_engine *oe,
		      void (*own)(void *ctx, kmr_pfn_t pfn, unsigned int order, bool owned),
		      void *ctx)
{
	oe->own = own;
	oe->ctx = ctx;
	for (uint64_t p = 0; own && p < oe->nr_frames; p++)
		if (oe->held[p / 64] >> p % 64 & 1)
			own(ctx, (kmr_pfn_t)p, 0, true);
}

void kmr_oe_set_latency(struct kmr_object_engine *oe, struct kmr_latency *latency)
{
	oe->latency = latency;
	if (latency)
		kmr_latency_set_objects(latency, oe->o.ops, oe->o.ops->work(oe->o.b));
}

kmr_obj_t kmr_oe_kmalloc(struct kmr_object_engine *oe, const struct kmr_object_request *req)
{
	return oe->o.ops->kmalloc(oe->o.b, req);
}

void kmr_oe_kfree(struct kmr_object_engine *oe, kmr_obj_t obj, unsigned int cpu)
{
	(void)oe->o.ops->kfree(oe->o.b, obj, cpu);
}

int kmr_oe_check(const struct kmr_object_engine *oe, struct kmr_error *err)
{
	return oe->o.ops->check(oe->o.b, err);
}

void kmr_oe_destroy(struct kmr_object_engine *oe)
{
	if (!oe)
		return;
	if (oe->o.b)
		oe->o.ops->destroy(oe->o.b);
	kmr_objects_free(&oe->o);
	kmr_objmap_free(&oe->map);
	kmr_framemap_free(&oe->live_in);
	kmr_ptrmap_fini(&oe->origin_of);
	kmr_site_series_free(&oe->series);
	for (size_t i = 0; i < oe->nr_samples; i++)
		free(oe->samples[i].rows);
	free(oe->samples);
	free(oe->origins);
	free(oe->requested);
	free(oe->deferred);
	free(oe->before);
	free(oe->hits_before);
	free(oe->held);
	free(oe);
}
