// SPDX-License-Identifier: GPL-2.0-only
/* A request and its free, as the events that a tracer would have printed of them. */
#include <stdio.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "workload/stream.h"

#define KMALLOC_CACHED 8192u /* larger ones take pages */

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
	const uint32_t least = bytes > KMALLOC_CACHED ? 1u << page_shift : 8;

	if (bytes <= least)
		return least;
	if (bytes > 64 && bytes <= 96)
		return 96;
	if (bytes > 128 && bytes <= 192)
		return 192;
	return UINT32_C(1) << (32 - __builtin_clz(bytes - 1));
}

/* What the request asks for, as the live item's units and order. */
static void measure(const struct load_template *t, uint64_t amount, struct load_live *item)
{
	item->units = t->form == LOAD_SAME ? t->units : (uint32_t)amount;
	if (t->form == LOAD_BLOCKS) {
		item->order = (uint8_t)amount;
		item->units = UINT32_C(1) << amount;
	}
	while (t->ranges && UINT32_C(1) << item->order < item->units)
		item->order++;
}

static uint64_t bytes_of(const struct load_running *actor, const struct load_live *item)
{
	return (uint64_t)item->units << actor->templates[item->request].unit_shift;
}

static int name_live(struct kmr_workload_stream *s, const struct load_template *t,
		     struct load_live *item)
{
	if (!t->names)
		return 0;
	item->name = load_name_take(&s->names, t->names + item->order);
	if (item->name != LOAD_NO_NAME)
		return 0;
	s->no_names = true;
	return -1;
}

static uint64_t address_of(const struct load_template *t, const struct load_live *item)
{
	return t->address.base + (uint64_t)item->name * t->address.step;
}

/* The page that a mapping is of. */
static void page_event(enum kmr_event_type type, uint32_t gfp, const struct kmr_event *map,
		       struct kmr_event *ev)
{
	*ev = *map;
	ev->type = (uint8_t)type;
	ev->page.migratetype = KMR_MIGRATE_UNKNOWN;
	if (type != KMR_EV_PAGE_ALLOC)
		return;
	ev->page.migratetype = (uint8_t)kmr_gfp_migratetype(gfp);
	ev->gfp = gfp;
	ev->flags |= KMR_EVF_GFP_KNOWN;
}

static unsigned int emit_alloc(struct kmr_workload_stream *s, struct load_task *task,
			       const struct load_live *item, struct kmr_event *ev)
{
	struct load_running *actor = &s->actors[task->actor];
	const struct load_request *request = &actor->spec->requests[item->request];
	struct load_template *t = &actor->templates[item->request];

	if (!task->id)
		name_task(s, task);
	if (!t->named)
		name_request(s, request, t);
	*ev = t->alloc;
	ev->time = task->next;
	ev->task = task->id;
	ev->cpu = task->cpu;
	ev->addr = address_of(t, item);
	if (t->form == LOAD_BLOCKS) {
		ev->page.order = item->order;
	} else if (t->form == LOAD_OBJECTS) {
		ev->bytes.req = item->units;
		ev->bytes.alloc = kmalloc_given(item->units, s->workload->page_shift);
	} else if (t->form == LOAD_SIZED) {
		ev->size = item->units;
	}
	if (t->maps) {
		ev[1] = *ev;
		page_event(KMR_EV_PAGE_ALLOC, request->gfp, &ev[1], ev);
	}
	if (load_policy_governs(&actor->spec->policy, ev))
		load_policy_apply(&actor->spec->policy, &task->turn, ev);
	return t->maps ? 2 : 1;
}

unsigned int load_free(struct kmr_workload_stream *s, const struct load_live *item, uint64_t time,
		       struct kmr_event *ev)
{
	const struct load_task *task = &s->tasks[item->task];
	const struct load_template *t = &s->actors[task->actor].templates[item->request];

	*ev = t->free;
	ev->time = time;
	ev->task = task->id;
	ev->cpu = item->cpu;
	ev->addr = address_of(t, item);
	if (t->names && load_name_put(t->names + item->order, item->name))
		s->nomem = true;
	if (t->form == LOAD_BLOCKS)
		ev->page.order = item->order;
	else if (t->ranges)
		ev->size = item->units;
	if (!t->maps)
		return 1;
	page_event(KMR_EV_PAGE_FREE, 0, ev, &ev[1]);
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

/* Dates that have passed are drawn again so often. */
#define DRAWS 8u

/* When what was allocated at @now, or is complete then, ends. */
static uint64_t end_of(const struct load_lifetime *life, struct load_task *task, uint64_t now)
{
	uint64_t date = 0;

	if (!life->dated)
		return now + load_draw(&life->after, &task->random);
	for (unsigned int i = 0; i < DRAWS && date < now; i++)
		date = load_draw(&life->after, &task->random);
	return date > now ? date : now;
}

/* The group is complete, or will not be. */
static void free_group(struct kmr_workload_stream *s, struct load_task *task,
		       const struct load_lifetime *life, struct load_kept *kept, uint64_t now)
{
	const uint64_t time = end_of(life, task, now);

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
		free_at(s, item, end_of(life, task, task->next));
		break;
	case LOAD_GROUP:
		join_group(s, task, life, item);
		break;
	case LOAD_KEEP:
		if (load_keep_add(&task->kept[request->lifetime].keep, item))
			s->nomem = true;
		break;
	case LOAD_HOLD:
		actor->held_bytes += bytes_of(actor, item);
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
	    actor->held_bytes + bytes_of(actor, wanted) <= life->keep)
		return 0;
	item = load_keep_take(&actor->held, life->order, &task->random);
	actor->held_bytes -= bytes_of(actor, &item);
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
	measure(&actor->templates[task->request], task->amount, &item);
	n = make_room(s, task, &item, events);
	/* what went may have been smaller than what comes */
	task->waits = n && actor->held.nr;
	*waits = task->waits;
	if (task->waits || name_live(s, &actor->templates[task->request], &item))
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
