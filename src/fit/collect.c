// SPDX-License-Identifier: GPL-2.0-only
#include "fit/collect.h"

#include <stdlib.h>
#include <string.h>

#include "fit/start.h"

#define NR_TASKS       65536u
#define MAX_ORDER      31u /* what a reader lets through */
#define MAX_COMMS      UINT32_C(60000)
#define MAX_COMM_BYTES ((size_t)4 << 20)

/* ZERO_SIZE_PTR (include/linux/slab.h), what an allocation of 0 bytes returns; NULL lies below. */
#define ZERO_SIZE_PTR UINT64_C(16)

int fit_collect_init(struct fit_collect *c, const struct fit_collect_config *config)
{
	memset(c, 0, sizeof(*c));
	c->config = *config;
	fit_classes_init(&c->classes, config->duration);
	kmr_pool_init(&c->live, sizeof(struct fit_live));
	fit_start_init(&c->start, config->machine, c->classes.epoch);
	c->comm_of = calloc(NR_TASKS, sizeof(*c->comm_of));
	if (!c->comm_of || kmr_strtab_init(&c->comms, MAX_COMMS, MAX_COMM_BYTES))
		return -1;
	return 0;
}

void fit_collect_fini(struct fit_collect *c)
{
	fit_classes_fini(&c->classes);
	fit_start_fini(&c->start);
	kmr_ptrmap_fini(&c->pages);
	kmr_ptrmap_fini(&c->objects);
	kmr_pool_fini(&c->live);
	kmr_strtab_fini(&c->comms);
	free(c->comm_of);
}

/* Length of the task's name in "comm-pid". */
static size_t comm_length(const char *task)
{
	const char *dash = strrchr(task, '-');

	if (!dash || dash == task || !dash[1] || strspn(dash + 1, "0123456789") != strlen(dash + 1))
		return strlen(task);
	return (size_t)(dash - task);
}

/* The id of the name that a task has without its number; -1: out of memory. */
static int comm_of(struct fit_collect *c, uint16_t task, uint16_t *comm)
{
	const char *name;
	uint32_t id;

	*comm = c->comm_of[task];
	if (*comm || !task)
		return 0;
	name = kmr_source_task(c->config.source, task);
	if (kmr_strtab_intern(&c->comms, name, comm_length(name), &id))
		return -1;
	*comm = (uint16_t)id;
	c->comm_of[task] = *comm;
	return 0;
}

static uint64_t block_bytes(unsigned int order)
{
	return FIT_PAGE_BYTES << order;
}

/* What was at @addr is gone when it is given out again. */
static int replace(struct fit_collect *c, struct kmr_ptrmap *map, uint64_t addr, unsigned int cpu)
{
	const uint32_t at = kmr_ptrmap_take(map, addr);
	int status;

	if (!at)
		return 0;
	c->counts.replaced++;
	status = fit_class_free(&c->classes, kmr_pool_at(&c->live, at), c->now, cpu);
	kmr_pool_put(&c->live, at);
	return status;
}

static int keep(struct fit_collect *c, struct kmr_ptrmap *map, uint64_t addr,
		const struct fit_live *live)
{
	const uint32_t at = kmr_pool_get(&c->live);

	if (!at || kmr_ptrmap_put(map, addr, at))
		return -1;
	*(struct fit_live *)kmr_pool_at(&c->live, at) = *live;
	return 0;
}

/* A request at @c->now, of a class that @key tells. */
static int request(struct fit_collect *c, const struct kmr_event *ev, const struct fit_key *key,
		   uint64_t asked, uint64_t given)
{
	const bool page = key->kind == FIT_PAGES;
	struct kmr_ptrmap *map = page ? &c->pages : &c->objects;
	struct fit_live live = { .order = key->order, .left = page ? 1u << key->order : 1 };
	int64_t class;

	if (replace(c, map, ev->addr, ev->cpu))
		return -1;
	class = fit_class_find(&c->classes, key);
	if (class < 0 ||
	    fit_class_request(&c->classes, (uint32_t) class, c->now, ev->cpu, asked, given, &live))
		return -1;
	return keep(c, map, ev->addr, &live);
}

/* Slabs ask for their pages again in a replay of objects. */
static bool is_for_objects(const struct fit_collect *c, const struct kmr_event *ev)
{
	return c->config.objects &&
	       (ev->asked.owner == KMR_OWNER_SLAB || ev->asked.owner == KMR_OWNER_KMALLOC);
}

/* A block that the machine cannot have. */
static bool is_too_large(const struct fit_collect *c, const struct kmr_event *ev)
{
	return c->config.machine && ev->page.order >= c->config.machine->nr_orders;
}

static int on_page_alloc(struct fit_collect *c, const struct kmr_event *ev)
{
	struct fit_key key = { .kind = FIT_PAGES,
			       .order = ev->page.order,
			       .migratetype = ev->page.migratetype,
			       .gfp_known = (ev->flags & KMR_EVF_GFP_KNOWN) != 0,
			       .node = (int8_t)ev->node,
			       .gfp = ev->gfp };

	if (ev->addr == KMR_EV_NO_PFN || is_too_large(c, ev)) {
		c->counts.failed++;
		return 0;
	}
	if (fit_start_page_taken(&c->start, ev->addr, ev->page.migratetype))
		return -1;
	if (is_for_objects(c, ev)) {
		c->counts.slab_pages++;
		return replace(c, &c->pages, ev->addr, ev->cpu);
	}
	c->counts.page_requests++;
	if (comm_of(c, ev->task, &key.comm))
		return -1;
	return request(c, ev, &key, 0, block_bytes(key.order));
}

/* The number in the pool of the block that @pfn lies in, 0 if there is none; its frame in *first. */
static uint32_t find_block(const struct fit_collect *c, uint64_t pfn, uint64_t *first)
{
	uint32_t at = kmr_ptrmap_get(&c->pages, pfn);

	*first = pfn;
	for (unsigned int order = 0; !at && order < MAX_ORDER; order++) {
		if (!(pfn >> order & 1))
			continue;
		*first &= ~(UINT64_C(1) << order);
		at = kmr_ptrmap_get(&c->pages, *first);
		if (at && ((struct fit_live *)kmr_pool_at(&c->live, at))->order <= order)
			at = 0;
	}
	return at;
}

static int on_page_free(struct fit_collect *c, const struct kmr_event *ev)
{
	const uint32_t pages = UINT32_C(1) << ev->page.order;
	struct fit_live *live;
	uint64_t first;
	uint32_t at = find_block(c, ev->addr, &first);

	if (!at && is_too_large(c, ev))
		return 0;
	if (!at) {
		if (is_for_objects(c, ev))
			return fit_start_page_listed(&c->start, ev);
		return fit_start_page_freed(&c->start, ev, c->now);
	}
	live = kmr_pool_at(&c->live, at);
	/* a block that is freed in parts counts as freed with the last of them */
	live->left -= pages < live->left ? pages : live->left;
	if (live->left)
		return fit_start_page_listed(&c->start, ev);
	(void)kmr_ptrmap_take(&c->pages, first);
	if (fit_class_free(&c->classes, live, c->now, ev->cpu))
		return -1;
	kmr_pool_put(&c->live, at);
	return fit_start_page_listed(&c->start, ev);
}

static int object_key(struct fit_collect *c, const struct kmr_event *ev, struct fit_key *key)
{
	const bool kmalloc = ev->type == KMR_EV_KMALLOC;

	*key = (struct fit_key){ .kind = kmalloc ? FIT_KMALLOC : FIT_CACHE,
				 .gfp_known = (ev->flags & KMR_EVF_GFP_KNOWN) != 0,
				 .migratetype = KMR_MIGRATE_UNKNOWN,
				 .node = (int8_t)ev->node,
				 .gfp = ev->gfp };
	/* kmalloc() goes by size, and sizes are the class's own */
	if (!kmalloc)
		key->cache = ev->cache;
	if (c->config.by == KMR_FIT_BY_SITE)
		key->site = ev->site;
	if (c->config.by == KMR_FIT_BY_TASK)
		return comm_of(c, ev->task, &key->comm);
	return 0;
}

static int on_object_alloc(struct fit_collect *c, const struct kmr_event *ev)
{
	struct fit_key key;

	if (ev->addr <= ZERO_SIZE_PTR) {
		c->counts.failed += !ev->addr;
		return 0;
	}
	c->counts.object_requests++;
	if (object_key(c, ev, &key))
		return -1;
	return request(c, ev, &key, ev->bytes.req, ev->bytes.alloc);
}

static int on_object_free(struct fit_collect *c, const struct kmr_event *ev)
{
	uint32_t at;

	/* the kernel took it again and nobody knows when: it stays */
	if (ev->addr <= ZERO_SIZE_PTR || ev->flags & KMR_EVF_TAKEN_AGAIN)
		return 0;
	at = kmr_ptrmap_take(&c->objects, ev->addr);
	if (!at)
		return fit_start_object_freed(&c->start, ev, c->now);
	if (fit_class_free(&c->classes, kmr_pool_at(&c->live, at), c->now, ev->cpu))
		return -1;
	kmr_pool_put(&c->live, at);
	return 0;
}

static int feed_one(struct fit_collect *c, const struct kmr_event *ev)
{
	switch (ev->type) {
	case KMR_EV_PAGE_ALLOC:
		return on_page_alloc(c, ev);
	case KMR_EV_PAGE_FREE:
		return on_page_free(c, ev);
	case KMR_EV_PAGE_REFILL:
		return fit_start_page_listed(&c->start, ev);
	case KMR_EV_PAGE_DRAIN:
		return fit_start_page_taken(&c->start, ev->addr, ev->page.migratetype);
	case KMR_EV_KMALLOC:
	case KMR_EV_CACHE_ALLOC:
		return c->config.objects ? on_object_alloc(c, ev) : 0;
	case KMR_EV_KFREE:
	case KMR_EV_CACHE_FREE:
		return c->config.objects ? on_object_free(c, ev) : 0;
	default:
		return 0;
	}
}

static int advance(struct fit_collect *c, const struct kmr_event *ev)
{
	if (!c->begun) {
		c->begun = true;
		c->origin = ev->time;
	}
	/* CPUs' events can be out of order by a little: time does not go back for that */
	if (ev->time > c->origin && ev->time - c->origin > c->now)
		c->now = ev->time - c->origin;
	c->counts.events++;
	if (fit_classes_reach(&c->classes, c->now))
		return -1;
	fit_start_reach(&c->start, c->classes.epoch);
	return 0;
}

int fit_collect_feed(struct fit_collect *c, const struct kmr_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (events[i].time < c->config.begin)
			continue;
		if (advance(c, &events[i]) || feed_one(c, &events[i]))
			return -1;
	}
	return 0;
}

/* What lives at the end, in an order that does not matter: it is only counted. */
static int keep_all(struct fit_collect *c, const struct kmr_ptrmap *map)
{
	for (uint64_t i = 0; i < map->nr_slots; i++)
		if (map->slots[i].value &&
		    fit_class_keep(&c->classes, kmr_pool_at(&c->live, map->slots[i].value), c->now))
			return -1;
	return 0;
}

int fit_collect_end(struct fit_collect *c)
{
	if (keep_all(c, &c->pages) || keep_all(c, &c->objects) || fit_classes_end(&c->classes) ||
	    fit_start_end(&c->start))
		return -1;
	c->counts.start_pages = c->start.pages;
	c->counts.start_objects = c->start.objects;
	c->counts.unknown = c->start.unknown;
	return 0;
}
