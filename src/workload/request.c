// SPDX-License-Identifier: GPL-2.0-only
/* A request and its free, as the events that a tracer would have printed of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "workload/stream.h"

#define KMALLOC_CACHED 8192u /* larger ones take pages */

static const struct {
	enum kmr_event_type alloc, free;
	bool pages; /* allocates pages for itself, too */
} kinds[LOAD_KINDS] = {
	[LOAD_PAGES] = { KMR_EV_PAGE_ALLOC, KMR_EV_PAGE_FREE, false },
	[LOAD_KMALLOC] = { KMR_EV_KMALLOC, KMR_EV_KFREE, false },
	[LOAD_CACHE] = { KMR_EV_CACHE_ALLOC, KMR_EV_CACHE_FREE, false },
	[LOAD_VMALLOC] = { KMR_EV_VMALLOC, KMR_EV_VFREE, false },
	[LOAD_KMAP] = { KMR_EV_KMAP, KMR_EV_KUNMAP, true },
	[LOAD_CMA] = { KMR_EV_CMA_ALLOC, KMR_EV_CMA_RELEASE, false },
	[LOAD_HOTPLUG] = { KMR_EV_MEM_ONLINE, KMR_EV_MEM_OFFLINE, false },
	[LOAD_HUGEPAGES] = { KMR_EV_HUGEPAGES, KMR_EV_NONE, false },
};

static void make_template(const struct load_actor *actor, const struct load_request *request,
			  struct load_template *t)
{
	const uint8_t flags = (uint8_t)(KMR_EVF_CONTEXT_KNOWN | actor->context);

	t->alloc.type = (uint8_t)kinds[request->kind].alloc;
	t->free.type = (uint8_t)kinds[request->kind].free;
	t->alloc.flags = flags;
	t->free.flags = flags;
	t->alloc.node = (int8_t)request->node;
	t->free.node = -1;
	switch (request->kind) {
	case LOAD_KMALLOC:
	case LOAD_CACHE:
		if (request->gfp & KMR_GFP_ACCOUNT)
			t->alloc.flags |= KMR_EVF_ACCOUNTED;
		break;
	case LOAD_PAGES:
		t->alloc.page.migratetype = (uint8_t)kmr_gfp_migratetype(request->gfp);
		t->free.page.migratetype = KMR_MIGRATE_UNKNOWN;
		break;
	case LOAD_VMALLOC:
		break;
	case LOAD_KMAP:
		if (request->local) {
			t->alloc.type = KMR_EV_KMAP_LOCAL;
			t->free.type = KMR_EV_KUNMAP_LOCAL;
		}
		return;
	case LOAD_CMA:
	case LOAD_HOTPLUG:
	case LOAD_HUGEPAGES:
	case LOAD_KINDS:
		return;
	}
	t->alloc.gfp = request->gfp;
	t->alloc.flags |= KMR_EVF_GFP_KNOWN;
}

int load_templates_make(struct load_running *actor)
{
	const struct load_actor *spec = actor->spec;

	actor->templates = calloc(spec->nr_requests, sizeof(*actor->templates));
	if (!actor->templates)
		return -1;
	for (uint32_t i = 0; i < spec->nr_requests; i++)
		make_template(spec, &spec->requests[i], &actor->templates[i]);
	return 0;
}

static uint32_t intern(struct kmr_workload_stream *s, struct kmr_strtab *tab, const char *text)
{
	uint32_t id = 0;

	if (text[0] && kmr_strtab_intern(tab, text, strlen(text), &id))
		s->nomem = true;
	return id;
}

/* Ids go by first sight, as in a reader of text. */
static void name_request(struct kmr_workload_stream *s, const struct load_request *request,
			 struct load_template *t)
{
	t->named = true;
	t->alloc.site = intern(s, &s->sites, request->site) & 0xffffff;
	t->free.site = t->alloc.site;
	t->alloc.cache = (uint16_t)intern(s, &s->caches, request->name);
	t->free.cache = t->alloc.cache;
}

static void name_task(struct kmr_workload_stream *s, struct load_task *task)
{
	char name[LOAD_COMM + 16];

	(void)snprintf(name, sizeof(name), "%s-%u", s->actors[task->actor].spec->name,
		       LOAD_FIRST_PID + (unsigned int)(task - s->tasks));
	task->id = (uint16_t)intern(s, &s->task_names, name);
}

/* What kmalloc() gives: mm/slab_common.c, kmalloc_info[]; whole pages beyond. */
static uint32_t kmalloc_given(uint32_t bytes, unsigned int page_shift)
{
	uint32_t given = bytes > KMALLOC_CACHED ? 1u << page_shift : 8;

	if (bytes > 64 && bytes <= 96)
		return 96;
	if (bytes > 128 && bytes <= 192)
		return 192;
	while (given < bytes)
		given <<= 1;
	return given;
}

static uint64_t address_of(const struct kmr_workload *w, const struct load_request *request,
			   uint32_t name)
{
	switch (request->kind) {
	case LOAD_KMALLOC:
	case LOAD_CACHE:
		return load_object_pointer(name, w->pointer_bits);
	case LOAD_VMALLOC:
		return load_area_pointer(name, w->pointer_bits);
	case LOAD_HOTPLUG:
		return request->start_pfn;
	case LOAD_HUGEPAGES:
		return 0;
	default:
		return name;
	}
}

static struct load_name_pool *pool_of(struct load_names *names, const struct load_request *request,
				      unsigned int order)
{
	switch (request->kind) {
	case LOAD_KMALLOC:
	case LOAD_CACHE:
		return &names->objects;
	case LOAD_VMALLOC:
		return &names->areas;
	case LOAD_HOTPLUG:
	case LOAD_HUGEPAGES:
		return NULL;
	default:
		return &names->frames[order];
	}
}

/* What the request asks for, as the live item's units and order. */
static void measure(const struct load_request *request, uint64_t amount, struct load_live *item)
{
	switch (request->kind) {
	case LOAD_PAGES:
		item->order = (uint8_t)amount;
		item->units = UINT32_C(1) << amount;
		break;
	case LOAD_KMAP:
		item->units = 1;
		break;
	case LOAD_CMA:
		item->units = (uint32_t)amount;
		while (UINT32_C(1) << item->order < item->units)
			item->order++;
		break;
	case LOAD_HOTPLUG:
		item->units = request->pages;
		break;
	case LOAD_CACHE:
		item->units = request->object_size;
		break;
	default:
		item->units = (uint32_t)amount;
		break;
	}
}

static bool counts_pages(const struct load_request *request)
{
	return request->kind != LOAD_KMALLOC && request->kind != LOAD_CACHE &&
	       request->kind != LOAD_VMALLOC;
}

static uint64_t bytes_of(const struct kmr_workload *w, const struct load_request *request,
			 uint32_t units)
{
	return counts_pages(request) ? (uint64_t)units << w->page_shift : units;
}

static int name_live(struct kmr_workload_stream *s, const struct load_request *request,
		     struct load_live *item)
{
	struct load_name_pool *pool = pool_of(&s->names, request, item->order);

	if (!pool)
		return 0;
	if (counts_pages(request))
		item->name = load_name_frame(&s->names, item->order);
	else
		item->name = load_name_take(pool);
	if (item->name != LOAD_NO_NAME)
		return 0;
	s->no_names = true;
	return -1;
}

/* What differs from one event of the request to the next. */
static void fill_alloc(const struct kmr_workload *w, const struct load_request *request,
		       const struct load_live *item, struct kmr_event *ev)
{
	ev->addr = address_of(w, request, item->name);
	switch (request->kind) {
	case LOAD_PAGES:
		ev->page.order = item->order;
		break;
	case LOAD_KMALLOC:
		ev->bytes.req = item->units;
		ev->bytes.alloc = kmalloc_given(item->units, w->page_shift);
		break;
	case LOAD_CACHE:
		ev->bytes.req = request->object_size;
		ev->bytes.alloc = request->size;
		break;
	case LOAD_HOTPLUG:
		ev->block.pages = request->pages;
		ev->block.zone = request->zone;
		break;
	case LOAD_VMALLOC:
	case LOAD_CMA:
	case LOAD_HUGEPAGES:
		ev->size = item->units;
		break;
	case LOAD_KMAP:
	case LOAD_KINDS:
		break;
	}
}

/* The page that a mapping is of. */
static void page_event(enum kmr_event_type type, const struct load_request *request,
		       const struct kmr_event *map, struct kmr_event *ev)
{
	*ev = *map;
	ev->type = (uint8_t)type;
	ev->page.migratetype = KMR_MIGRATE_UNKNOWN;
	if (type != KMR_EV_PAGE_ALLOC)
		return;
	ev->page.migratetype = (uint8_t)kmr_gfp_migratetype(request->gfp);
	ev->gfp = request->gfp;
	ev->flags |= KMR_EVF_GFP_KNOWN;
}

static unsigned int emit_alloc(struct kmr_workload_stream *s, struct load_task *task,
			       const struct load_live *item, struct kmr_event *events)
{
	struct load_running *actor = &s->actors[task->actor];
	const struct load_request *request = &actor->spec->requests[item->request];
	struct load_template *t = &actor->templates[item->request];
	struct kmr_event *ev = events;

	if (!task->id)
		name_task(s, task);
	if (!t->named)
		name_request(s, request, t);
	*ev = t->alloc;
	ev->time = task->next;
	ev->task = task->id;
	ev->cpu = task->cpu;
	fill_alloc(s->workload, request, item, ev);
	if (!kinds[request->kind].pages)
		return 1;
	ev[1] = *ev;
	page_event(KMR_EV_PAGE_ALLOC, request, &ev[1], ev);
	return 2;
}

unsigned int load_free(struct kmr_workload_stream *s, const struct load_live *item, uint64_t time,
		       struct kmr_event *events)
{
	const struct load_task *task = &s->tasks[item->task];
	const struct load_running *actor = &s->actors[task->actor];
	const struct load_request *request = &actor->spec->requests[item->request];
	struct load_name_pool *pool = pool_of(&s->names, request, item->order);
	struct kmr_event *ev = events;

	*ev = actor->templates[item->request].free;
	ev->time = time;
	ev->task = task->id;
	ev->cpu = item->cpu;
	ev->addr = address_of(s->workload, request, item->name);
	if (pool && load_name_put(pool, item->name))
		s->nomem = true;
	if (request->kind == LOAD_PAGES)
		ev->page.order = item->order;
	else if (request->kind == LOAD_CMA)
		ev->size = item->units;
	else if (request->kind == LOAD_HOTPLUG)
		ev->block.pages = item->units;
	if (!kinds[request->kind].pages)
		return 1;
	page_event(KMR_EV_PAGE_FREE, request, ev, &ev[1]);
	return 2;
}

static void free_at(struct kmr_workload_stream *s, struct load_live *item, uint64_t time)
{
	/* beyond the end nobody will see it */
	if (time >= s->end)
		return;
	item->time = time;
	if (load_wheel_add(&s->wheel, item))
		s->nomem = true;
}

/* The group is complete, or will not be. */
static void free_group(struct kmr_workload_stream *s, struct load_task *task,
		       const struct load_lifetime *life, struct load_kept *kept, uint64_t now)
{
	const uint64_t time = now + load_draw(&life->after, &task->random);

	while (kept->keep.nr) {
		struct load_live item = load_keep_take(&kept->keep, LOAD_FIFO, NULL);

		free_at(s, &item, time);
	}
}

static void join_group(struct kmr_workload_stream *s, struct load_task *task,
		       const struct load_lifetime *life, const struct load_live *item)
{
	struct load_kept *kept = &task->kept[life - s->actors[task->actor].spec->lifetimes];

	if (!kept->left)
		kept->left = load_draw(&life->group, &task->random);
	if (load_keep_add(&kept->keep, item))
		s->nomem = true;
	if (--kept->left == 0)
		free_group(s, task, life, kept, task->next);
}

/* Where the new item waits for its end. */
static void settle(struct kmr_workload_stream *s, struct load_task *task, struct load_live *item)
{
	struct load_running *actor = &s->actors[task->actor];
	const struct load_request *request = &actor->spec->requests[item->request];
	const struct load_lifetime *life = &actor->spec->lifetimes[request->lifetime];

	switch (life->release) {
	case LOAD_NEVER:
		break;
	case LOAD_AFTER:
		free_at(s, item, task->next + load_draw(&life->after, &task->random));
		break;
	case LOAD_GROUP:
		join_group(s, task, life, item);
		break;
	case LOAD_KEEP:
		if (load_keep_add(&task->kept[request->lifetime].keep, item))
			s->nomem = true;
		break;
	case LOAD_HOLD:
		actor->held_bytes += bytes_of(s->workload, request, item->units);
		if (load_keep_add(&actor->held, item))
			s->nomem = true;
		break;
	}
}

/* What has to go before the request, if anything; one at a time. */
static unsigned int make_room(struct kmr_workload_stream *s, struct load_task *task,
			      const struct load_live *wanted, struct kmr_event *events)
{
	struct load_running *actor = &s->actors[task->actor];
	const struct load_request *requests = actor->spec->requests;
	const struct load_request *request = &requests[wanted->request];
	const struct load_lifetime *life = &actor->spec->lifetimes[request->lifetime];
	struct load_live item;

	if (life->release == LOAD_KEEP) {
		struct load_keep *keep = &task->kept[request->lifetime].keep;

		if (keep->nr < life->keep)
			return 0;
		item = load_keep_take(keep, life->order, &task->random);
		return load_free(s, &item, task->next, events);
	}
	if (life->release != LOAD_HOLD || !actor->held.nr ||
	    actor->held_bytes + bytes_of(s->workload, request, wanted->units) <= life->keep)
		return 0;
	item = load_keep_take(&actor->held, life->order, &task->random);
	actor->held_bytes -= bytes_of(s->workload, &requests[item.request], item.units);
	return load_free(s, &item, task->next, events);
}

/* Which of the mix, and how much of it. */
static void choose(const struct load_actor *spec, struct load_task *task)
{
	task->request = 0;
	if (spec->nr_requests > 1)
		task->request = (uint8_t)load_choose(&spec->mix, &task->random);
	task->amount = load_draw(&spec->requests[task->request].amount, &task->random);
}

unsigned int load_arrive(struct kmr_workload_stream *s, uint32_t number, struct kmr_event *events,
			 bool *waits)
{
	struct load_task *task = &s->tasks[number];
	struct load_running *actor = &s->actors[task->actor];
	const struct load_actor *spec = actor->spec;
	struct load_live item = { 0 };
	unsigned int n;

	if (!task->waits)
		choose(spec, task);
	item.task = (uint16_t)number;
	item.request = task->request;
	item.cpu = task->cpu;
	measure(&spec->requests[task->request], task->amount, &item);
	n = make_room(s, task, &item, events);
	/* what went may have been smaller than what comes */
	task->waits = n && actor->held.nr;
	*waits = task->waits;
	if (task->waits || name_live(s, &spec->requests[task->request], &item))
		return n;
	n += emit_alloc(s, task, &item, events + n);
	if (spec->free_anywhere)
		item.cpu = spec->free_cpus[load_random_below(&task->random, spec->nr_free_cpus)];
	settle(s, task, &item);
	return n;
}

void load_task_done(struct kmr_workload_stream *s, struct load_task *task, uint64_t now)
{
	const struct load_actor *spec = s->actors[task->actor].spec;

	for (uint32_t i = 0; task->kept && i < spec->nr_lifetimes; i++)
		if (spec->lifetimes[i].release == LOAD_GROUP)
			free_group(s, task, &spec->lifetimes[i], &task->kept[i], now);
}
