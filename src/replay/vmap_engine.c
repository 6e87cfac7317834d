// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the trace knows by an address and a workload by a name has an entry that says where it lies in
 * the simulation.
 */
#include "replay/vmap_engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/ptrmap.h"
#include "kmreplay/gfp.h"
#include "kmreplay/vmallocinfo.h"

#define MAX_SAMPLES 1024u
#define FAILED	    KMR_NO_ADDR /* of an entry: the simulation had no room or pages for it */

struct live {
	uint64_t addr; /* in the simulation */
	bool start; /* there from the start */
};

/* What is live by its traced address, or its name in a workload. */
struct names {
	struct kmr_ptrmap index; /* number of the entry */
	struct kmr_pool entries;
};

struct kmr_vmap_engine {
	struct kmr_vmap_engine_config c;
	uint64_t params[KMR_MAX_PARAMS];
	struct kmr_vmallocinfo info;
	const struct kmr_source *source;
	struct kmr_vmap_backend *b; /* NULL: no event has come */
	/*
	 * A second one, which follows the traced kernel: after another choice than its it goes on from
	 * the kernel's, so that one difference counts once.  NULL: no areas are traced.
	 */
	struct kmr_vmap_backend *follower;
	struct kmr_pkmap *pkmap;
	struct kmr_kmap_local *local;
	struct names areas, vmallocs;
	struct kmr_mapping_stats stats;
	struct kmr_mapping_sample *samples;
	size_t nr_samples;
	uint64_t events, next_sample, interval;
	uint64_t time; /* ns */
	bool areas_traced; /* the trace has areas: it tells when they are purged */
	/* to be told of pages */
	void (*own)(void *ctx, kmr_pfn_t pfn, unsigned int order, bool owned);
	void *ctx;
	struct kmr_latency *latency; /* NULL: not recorded */
	bool failed; /* what follows has no meaning; err says why */
	struct kmr_error err;
};

static kmr_pfn_t give_page(void *ctx, const struct kmr_page_request *req)
{
	struct kmr_vmap_engine *ve = ctx;
	const kmr_pfn_t pfn = ve->c.page_ops->alloc(ve->c.page, req);

	if (pfn != KMR_NO_PFN && ve->own)
		ve->own(ve->ctx, pfn, 0, true);
	return pfn;
}

static void take_page(void *ctx, kmr_pfn_t pfn, unsigned int cpu)
{
	struct kmr_vmap_engine *ve = ctx;

	if (ve->own)
		ve->own(ve->ctx, pfn, 0, false);
	(void)ve->c.page_ops->free(ve->c.page, pfn, 0, cpu);
}

static kmr_obj_t give_object(void *ctx, const struct kmr_object_request *req)
{
	struct kmr_vmap_engine *ve = ctx;

	return kmr_oe_kmalloc(ve->c.objects, req);
}

static void take_object(void *ctx, kmr_obj_t obj, unsigned int cpu)
{
	struct kmr_vmap_engine *ve = ctx;

	kmr_oe_kfree(ve->c.objects, obj, cpu);
}

static void fail_nomem(struct kmr_vmap_engine *ve)
{
	ve->failed = true;
	(void)kmr_fail_nomem(&ve->err, "the kernel's address space");
}

static void names_init(struct names *n)
{
	kmr_pool_init(&n->entries, sizeof(struct live));
}

static void names_fini(struct names *n)
{
	kmr_ptrmap_fini(&n->index);
	kmr_pool_fini(&n->entries);
}

/* NULL: nothing of that name is live. */
static struct live *find(const struct names *n, uint64_t name)
{
	const uint32_t at = kmr_ptrmap_get(&n->index, name);

	return at ? kmr_pool_at(&n->entries, at) : NULL;
}

/* Allocated by the trace or workload, and served. */
static bool is_counted(const struct live *l)
{
	return !l->start && l->addr != FAILED;
}

static void add(struct kmr_vmap_engine *ve, struct names *n, uint64_t name, uint64_t addr,
		bool start)
{
	const uint32_t at = kmr_pool_get(&n->entries);
	struct live *l;

	if (!at || kmr_ptrmap_put(&n->index, name, at)) {
		fail_nomem(ve);
		return;
	}
	l = kmr_pool_at(&n->entries, at);
	l->addr = addr;
	l->start = start;
	ve->stats.live += is_counted(l);
}

static void drop(struct kmr_vmap_engine *ve, struct names *n, uint64_t name)
{
	const uint32_t at = kmr_ptrmap_take(&n->index, name);

	ve->stats.live -= is_counted(kmr_pool_at(&n->entries, at));
	kmr_pool_put(&n->entries, at);
}

/* An area that was freed waits for a purge here, too. */
static int reserve_one(struct kmr_vmap_engine *ve, struct kmr_vmap_backend *b,
		       const struct kmr_vmallocinfo_area *a)
{
	if (ve->c.ops->reserve(b, a->start, a->end))
		return -1;
	return a->lazy ? ve->c.ops->give(b, a->start, 0) : 0;
}

static void count_steps(const struct kmr_vmap_engine *ve)
{
	if (ve->latency)
		kmr_latency_set_addresses(ve->latency, ve->b ? ve->c.ops->work(ve->b) : NULL);
}

/* Areas of vmallocinfo that the simulated space has room for. */
static void reserve_start(struct kmr_vmap_engine *ve)
{
	for (size_t i = 0; i < ve->info.nr && !ve->failed; i++) {
		const struct kmr_vmallocinfo_area *a = &ve->info.areas[i];

		if (reserve_one(ve, ve->b, a))
			continue;
		ve->stats.start_areas++;
		if (ve->follower)
			(void)reserve_one(ve, ve->follower, a);
		if (!a->lazy)
			add(ve, &ve->areas, a->start, a->start, true);
	}
}

static void start(struct kmr_vmap_engine *ve)
{
	const struct kmr_vmap_config config = {
		.machine = ve->c.machine,
		.version = ve->c.version,
		.drained_by_caller = ve->areas_traced,
		.memory = { ve, give_page, take_page, ve->c.objects ? give_object : NULL,
			    ve->c.objects ? take_object : NULL },
	};

	ve->b = ve->c.ops->create(&config, ve->params, &ve->err);
	if (ve->b && ve->areas_traced)
		ve->follower = ve->c.ops->create(&config, ve->params, &ve->err);
	if (ve->b && (ve->follower || !ve->areas_traced))
		ve->pkmap = kmr_pkmap_create(ve->c.machine, &ve->err);
	if (ve->pkmap)
		ve->local = kmr_kmap_local_create(ve->c.machine, &ve->err);
	if (!ve->local) {
		ve->failed = true;
		return;
	}
	count_steps(ve);
	reserve_start(ve);
}

struct kmr_vmap_engine *kmr_ve_create(const struct kmr_vmap_engine_config *config,
				      struct kmr_error *err)
{
	struct kmr_vmap_engine *ve = calloc(1, sizeof(*ve));
	int ret = -1;

	if (!ve) {
		(void)kmr_fail_nomem(err, "the kernel's address space");
		return NULL;
	}
	ve->c = *config;
	ve->interval = 1;
	names_init(&ve->areas);
	names_init(&ve->vmallocs);
	for (unsigned int i = 0; i < config->ops->nr_params; i++)
		ve->params[i] = config->params ? config->params[i] : config->ops->params[i].def;
	ve->samples = calloc(MAX_SAMPLES + 1, sizeof(*ve->samples));
	if (!ve->samples)
		(void)kmr_fail_nomem(err, "the kernel's address space");
	else if (!config->dir[0])
		ret = 0;
	else
		ret = kmr_vmallocinfo_read(&ve->info, config->dir, ".before", err);
	if (ret >= 0)
		return ve;
	kmr_ve_destroy(ve);
	return NULL;
}

void kmr_ve_set_source(struct kmr_vmap_engine *ve, const struct kmr_source *source)
{
	ve->source = source;
}

void kmr_ve_set_owner(struct kmr_vmap_engine *ve,
		      void (*own)(void *ctx, kmr_pfn_t pfn, unsigned int order, bool owned),
		      void *ctx)
{
	ve->own = own;
	ve->ctx = ctx;
}

void kmr_ve_set_latency(struct kmr_vmap_engine *ve, struct kmr_latency *latency)
{
	ve->latency = latency;
	count_steps(ve);
}

static unsigned int cpu_of(const struct kmr_vmap_engine *ve, const struct kmr_event *ev)
{
	return ev->cpu < ve->c.machine->nr_cpus ? ev->cpu : ev->cpu % ve->c.machine->nr_cpus;
}

static void follow_alloc(struct kmr_vmap_engine *ve, const struct kmr_vmap_request *req,
			 uint64_t kernels)
{
	const uint64_t addr = ve->c.ops->take(ve->follower, req);

	if (addr == kernels) {
		ve->stats.followed_same++;
		return;
	}
	if (addr != KMR_NO_ADDR)
		ve->c.ops->untake(ve->follower, addr);
	ve->stats.followed_lost += ve->c.ops->take_at(ve->follower, req, kernels) != 0;
}

static void free_area(struct kmr_vmap_engine *ve, uint64_t name, unsigned int cpu)
{
	const struct live *l = find(&ve->areas, name);

	if (l->addr != FAILED)
		(void)ve->c.ops->give(ve->b, l->addr, cpu);
	(void)ve->c.ops->give(ve->follower, name, cpu);
	drop(ve, &ve->areas, name);
}

/* The same request as the traced kernel's, in the same range. */
static struct kmr_vmap_request area_request(const struct kmr_vmap_engine *ve,
					    const struct kmr_event *ev)
{
	struct kmr_vmap_request req = {
		.bytes = ev->area.bytes,
		.align = UINT64_C(1) << ev->area.align_order,
		.node = -1,
		.cpu = (uint16_t)cpu_of(ve, ev),
	};

	if (ve->source)
		(void)kmr_source_range(ve->source, ev->area.range, &req.start, &req.end);
	return req;
}

static void area_alloc(struct kmr_vmap_engine *ve, const struct kmr_event *ev)
{
	const struct live *l = find(&ve->areas, ev->addr);
	struct kmr_vmap_request req;
	uint64_t addr;

	if (ev->addr == KMR_EV_NO_PFN) {
		ve->stats.traced_failures++;
		return;
	}
	/* the dump is from about the trace's beginning: what it has may have been allocated after */
	if (l && l->start) {
		ve->stats.known_areas++;
		return;
	}
	if (l) {
		ve->stats.repeated_allocs++;
		free_area(ve, ev->addr, cpu_of(ve, ev));
	}
	req = area_request(ve, ev);
	addr = ve->c.ops->take(ve->b, &req);
	follow_alloc(ve, &req, ev->addr);
	ve->stats.traced_areas++;
	ve->stats.same_address += addr == ev->addr;
	ve->stats.area_failures += addr == KMR_NO_ADDR;
	add(ve, &ve->areas, ev->addr, addr, false);
}

static void drain(struct kmr_vmap_engine *ve)
{
	ve->c.ops->drain(ve->b);
	ve->c.ops->drain(ve->follower);
}

static void area_free(struct kmr_vmap_engine *ve, const struct kmr_event *ev)
{
	if (!find(&ve->areas, ev->addr)) {
		ve->stats.unknown_frees++;
		return;
	}
	ve->stats.area_frees++;
	free_area(ve, ev->addr, cpu_of(ve, ev));
	/* a trace without events of purges */
	if (ve->c.ops->lazy_pages(ve->b) > 2 * ve->c.ops->lazy_max(ve->b))
		drain(ve);
}

static bool vmalloc(struct kmr_vmap_engine *ve, const struct kmr_event *ev)
{
	const struct kmr_vmap_request req = {
		.bytes = ev->size,
		.gfp = ev->flags & KMR_EVF_GFP_KNOWN ? ev->gfp : (uint32_t)KMR_GFP_KERNEL,
		.node = ev->node,
		.cpu = (uint16_t)cpu_of(ve, ev),
	};
	const struct live *l = find(&ve->vmallocs, ev->addr);
	uint64_t addr;

	if (l) {
		ve->stats.repeated_allocs++;
		if (l->addr != FAILED)
			(void)ve->c.ops->free(ve->b, l->addr, req.cpu);
		drop(ve, &ve->vmallocs, ev->addr);
	}
	if (ve->latency)
		kmr_latency_address_begin(ve->latency);
	addr = ve->c.ops->alloc(ve->b, &req);
	if (ve->latency)
		kmr_latency_address_end(ve->latency, ev, false, addr != KMR_NO_ADDR, req.cpu);
	ve->stats.vmallocs++;
	ve->stats.vmalloc_failures += addr == KMR_NO_ADDR;
	add(ve, &ve->vmallocs, ev->addr, addr, false);
	return addr != KMR_NO_ADDR;
}

static void vfree(struct kmr_vmap_engine *ve, const struct kmr_event *ev)
{
	const struct live *l = find(&ve->vmallocs, ev->addr);

	if (!l) {
		/* vfree(NULL) does nothing */
		ve->stats.unknown_frees += ev->addr != 0;
		return;
	}
	if (l->addr == FAILED) {
		ve->stats.dropped_frees++;
	} else {
		ve->stats.vfrees++;
		if (ve->latency)
			kmr_latency_address_begin(ve->latency);
		(void)ve->c.ops->free(ve->b, l->addr, cpu_of(ve, ev));
		if (ve->latency)
			kmr_latency_address_end(ve->latency, ev, true, true, cpu_of(ve, ev));
	}
	drop(ve, &ve->vmallocs, ev->addr);
}

/* A mapping of one page; false: there was no slot. */
static bool map_page(struct kmr_vmap_engine *ve, const struct kmr_event *ev, kmr_pfn_t frame)
{
	if (frame == KMR_NO_PFN) {
		ve->stats.unknown_pages++;
		return false;
	}
	if (ev->type == KMR_EV_KMAP)
		return kmr_pkmap_map(ve->pkmap, frame) != KMR_NO_ADDR;
	if (ev->type == KMR_EV_KUNMAP)
		(void)kmr_pkmap_unmap(ve->pkmap, frame);
	else if (ev->type == KMR_EV_KMAP_LOCAL)
		return kmr_kmap_local_map(ve->local, cpu_of(ve, ev), ev->task, frame) !=
		       KMR_NO_ADDR;
	else
		(void)kmr_kmap_local_unmap(ve->local, ev->task, frame);
	return true;
}

static void note_sample(struct kmr_vmap_engine *ve, uint64_t time)
{
	struct kmr_mapping_sample *s = &ve->samples[ve->nr_samples++];

	s->time = time;
	s->event = ve->events;
	ve->c.ops->state(ve->b, &s->space);
	s->pkmap_used = kmr_pkmap_used(ve->pkmap);
	s->pkmap_waiting = kmr_pkmap_waiting(ve->pkmap);
}

/* When there is no more room, every other one goes, and they are taken half as often. */
static void sample(struct kmr_vmap_engine *ve)
{
	if (ve->nr_samples == MAX_SAMPLES) {
		for (size_t i = 0; i < MAX_SAMPLES / 2; i++)
			ve->samples[i] = ve->samples[2 * i + 1];
		ve->nr_samples = MAX_SAMPLES / 2;
		ve->interval *= 2;
	}
	note_sample(ve, ve->time);
	ve->next_sample = ve->events + ve->interval;
}

static bool replay(struct kmr_vmap_engine *ve, const struct kmr_event *ev, kmr_pfn_t frame)
{
	switch (ev->type) {
	case KMR_EV_VMAP_ALLOC:
		area_alloc(ve, ev);
		return true;
	case KMR_EV_VMAP_FREE:
		area_free(ve, ev);
		return true;
	case KMR_EV_VMAP_PURGE:
		ve->stats.traced_purges++;
		drain(ve);
		return true;
	case KMR_EV_VMALLOC:
		return vmalloc(ve, ev);
	case KMR_EV_VFREE:
		vfree(ve, ev);
		return true;
	default:
		return map_page(ve, ev, frame);
	}
}

static bool is_of_area(const struct kmr_event *ev)
{
	return ev->type >= KMR_EV_VMAP_ALLOC && ev->type <= KMR_EV_VMAP_FREE;
}

bool kmr_ve_event(struct kmr_vmap_engine *ve, const struct kmr_event *ev, kmr_pfn_t frame)
{
	bool served;

	if (!ve->b && !ve->failed) {
		ve->areas_traced = is_of_area(ev);
		start(ve);
	}
	/* nothing writes both: what a workload's areas were for another kernel, nobody can say */
	if (ve->failed || (is_of_area(ev) && !ve->areas_traced))
		return false;
	if (ev->time > ve->time)
		ve->time = ev->time;
	served = replay(ve, ev, frame);
	ve->events++;
	if (ve->events >= ve->next_sample)
		sample(ve);
	return served;
}

void kmr_ve_prelude(struct kmr_vmap_engine *ve, const struct kmr_event *ev)
{
	if (ve->info.nr && is_of_area(ev))
		(void)kmr_ve_event(ve, ev, KMR_NO_PFN);
}

int kmr_ve_check(const struct kmr_vmap_engine *ve, struct kmr_error *err)
{
	if (!ve->local)
		return 0;
	if (ve->follower && ve->c.ops->check(ve->follower, err))
		return -1;
	return ve->c.ops->check(ve->b, err) || kmr_pkmap_check(ve->pkmap, err) ? -1 : 0;
}

static void describe_start(const struct kmr_vmap_engine *ve, struct kmr_mapping_report *r)
{
	if (ve->stats.start_areas)
		(void)snprintf(r->start, sizeof(r->start),
			       "%" PRIu64 " areas of %s/vmallocinfo.before", ve->stats.start_areas,
			       ve->c.dir);
	else
		(void)snprintf(r->start, sizeof(r->start), "no areas in use");
}

int kmr_ve_report(struct kmr_vmap_engine *ve, uint64_t end, struct kmr_mapping_report *report,
		  struct kmr_error *err)
{
	memset(report, 0, sizeof(*report));
	if (!ve->b && !ve->failed && ve->c.always)
		start(ve);
	if (ve->failed) {
		*err = ve->err;
		return -1;
	}
	if (!ve->b)
		return 0;
	note_sample(ve, end > ve->time ? end : ve->time);
	describe_start(ve, report);
	report->backend = ve->c.ops->name;
	report->version = ve->c.ops->version(ve->b);
	report->space = *ve->c.ops->space(ve->b);
	report->lazy_max = ve->c.ops->lazy_max(ve->b);
	report->stats = ve->stats;
	report->work = *ve->c.ops->work(ve->b);
	report->end = ve->samples[ve->nr_samples - 1].space;
	report->pkmap = *kmr_pkmap_stats(ve->pkmap);
	report->kmap_local = *kmr_kmap_local_stats(ve->local);
	report->samples = ve->samples;
	report->nr_samples = ve->nr_samples;
	ve->samples = NULL;
	ve->nr_samples = 0;
	return 0;
}

void kmr_mapping_report_free(struct kmr_mapping_report *report)
{
	free(report->samples);
	memset(report, 0, sizeof(*report));
}

void kmr_ve_destroy(struct kmr_vmap_engine *ve)
{
	if (!ve)
		return;
	if (ve->b)
		ve->c.ops->destroy(ve->b);
	if (ve->follower)
		ve->c.ops->destroy(ve->follower);
	kmr_pkmap_destroy(ve->pkmap);
	kmr_kmap_local_destroy(ve->local);
	names_fini(&ve->areas);
	names_fini(&ve->vmallocs);
	kmr_vmallocinfo_free(&ve->info);
	free(ve->samples);
	free(ve);
}
