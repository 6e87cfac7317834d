// SPDX-License-Identifier: GPL-2.0-only
/*
 * A call is measured from the outermost entry point of an allocator on a CPU to its return: what is
 * called within it is part of its work, other entry points among it.
 */
#include "calibrate/calls.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Calls whose list of pages to free is longer are left out; an mmu_gather batch has about 500 pages. */
#define MAX_REQUESTS 2048u

enum function {
	FUNCTION_OTHER,
	FUNCTION_PAGES,
	FUNCTION_OBJECTS,
	FUNCTION_INTERRUPT,
};

struct open_call {
	bool open;
	bool interrupted;
	bool too_many;
	unsigned int depth;
	enum function function;
	uint32_t events, nested;
	uint32_t prepared, committed; /* frees, by their events */
	uint32_t nr_requests;
	struct {
		uint64_t time, addr;
		uint8_t type;
	} request[MAX_REQUESTS];
};

struct known {
	const char *name;
	enum function function;
};

/* Names of 4.x to 6.18; those since 6.10 also with "_noprof" behind them. */
static const struct known known[] = {
	{ "__alloc_pages", FUNCTION_PAGES },
	{ "__alloc_pages_nodemask", FUNCTION_PAGES },
	{ "__alloc_frozen_pages", FUNCTION_PAGES },
	{ "__folio_alloc", FUNCTION_PAGES },
	{ "alloc_pages", FUNCTION_PAGES },
	{ "alloc_pages_mpol", FUNCTION_PAGES },
	{ "__alloc_pages_bulk", FUNCTION_PAGES },
	{ "alloc_pages_bulk", FUNCTION_PAGES },
	{ "__get_free_pages", FUNCTION_PAGES },
	{ "get_free_pages", FUNCTION_PAGES },
	{ "get_zeroed_page", FUNCTION_PAGES },
	{ "__free_pages", FUNCTION_PAGES },
	{ "__free_pages_ok", FUNCTION_PAGES },
	{ "___free_pages", FUNCTION_PAGES },
	{ "free_pages", FUNCTION_PAGES },
	{ "free_the_page", FUNCTION_PAGES },
	{ "free_unref_page", FUNCTION_PAGES },
	{ "free_unref_page_list", FUNCTION_PAGES },
	{ "free_unref_folios", FUNCTION_PAGES },
	{ "free_frozen_pages", FUNCTION_PAGES },
	{ "__free_frozen_pages", FUNCTION_PAGES },
	{ "kmem_cache_alloc", FUNCTION_OBJECTS },
	{ "kmem_cache_alloc_lru", FUNCTION_OBJECTS },
	{ "kmem_cache_alloc_node", FUNCTION_OBJECTS },
	{ "kmem_cache_alloc_trace", FUNCTION_OBJECTS },
	{ "kmem_cache_alloc_node_trace", FUNCTION_OBJECTS },
	{ "kmem_cache_free", FUNCTION_OBJECTS },
	{ "kmalloc_trace", FUNCTION_OBJECTS },
	{ "kmalloc_node_trace", FUNCTION_OBJECTS },
	{ "kmalloc_large", FUNCTION_OBJECTS },
	{ "kmalloc_large_node", FUNCTION_OBJECTS },
	{ "kmalloc_order_trace", FUNCTION_OBJECTS },
	{ "__kmalloc", FUNCTION_OBJECTS },
	{ "__kmalloc_node", FUNCTION_OBJECTS },
	{ "__kmalloc_cache", FUNCTION_OBJECTS },
	{ "__kmalloc_cache_node", FUNCTION_OBJECTS },
	{ "__kmalloc_large", FUNCTION_OBJECTS },
	{ "__kmalloc_large_node", FUNCTION_OBJECTS },
	{ "__kmalloc_track_caller", FUNCTION_OBJECTS },
	{ "__kmalloc_node_track_caller", FUNCTION_OBJECTS },
	{ "kfree", FUNCTION_OBJECTS },
	{ "hrtimer_interrupt", FUNCTION_INTERRUPT },
	{ "handle_irq_event", FUNCTION_INTERRUPT },
	{ "handle_edge_irq", FUNCTION_INTERRUPT },
	{ "handle_fasteoi_irq", FUNCTION_INTERRUPT },
	{ "handle_level_irq", FUNCTION_INTERRUPT },
	{ "generic_handle_domain_irq", FUNCTION_INTERRUPT },
	{ "common_interrupt", FUNCTION_INTERRUPT },
	{ "do_IRQ", FUNCTION_INTERRUPT },
	{ "irq_enter_rcu", FUNCTION_INTERRUPT },
	{ "irq_exit_rcu", FUNCTION_INTERRUPT },
	{ "__irq_exit_rcu", FUNCTION_INTERRUPT },
	{ "irq_enter", FUNCTION_INTERRUPT },
	{ "irq_exit", FUNCTION_INTERRUPT },
	{ "__do_softirq", FUNCTION_INTERRUPT },
	{ "handle_softirqs", FUNCTION_INTERRUPT },
	{ "gic_handle_irq", FUNCTION_INTERRUPT },
};

static enum function find_function(const struct calls *calls, const char *name, size_t len)
{
	static const char noprof[] = "_noprof", sysvec[] = "sysvec_";
	const size_t tail = sizeof(noprof) - 1, head = sizeof(sysvec) - 1;

	if (len > tail && !memcmp(name + len - tail, noprof, tail))
		len -= tail;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strlen(known[i].name) == len && !memcmp(known[i].name, name, len))
			return calls->pages && known[i].function == FUNCTION_OBJECTS
				       ? FUNCTION_OTHER
				       : known[i].function;
	/* x86: sysvec_apic_timer_interrupt and others, with and without __ */
	if (len > 2 && name[0] == '_' && name[1] == '_') {
		name += 2;
		len -= 2;
	}
	return len > head && !memcmp(name, sysvec, head) ? FUNCTION_INTERRUPT : FUNCTION_OTHER;
}

void calls_init(struct calls *calls, bool pages, const char *empty)
{
	memset(calls, 0, sizeof(*calls));
	calls->pages = pages;
	calls->empty = empty;
	calls->shortest = UINT64_MAX;
}

void calls_fini(struct calls *calls)
{
	for (unsigned int cpu = 0; cpu < CALLS_CPUS; cpu++)
		free(calls->open[cpu]);
	free(calls->call);
	free(calls->key);
	free(calls->slot);
	memset(calls, 0, sizeof(*calls));
}

static void begin(struct open_call *open, enum function function, unsigned int depth)
{
	open->open = true;
	open->interrupted = false;
	open->too_many = false;
	open->depth = depth;
	open->function = function;
	open->events = 0;
	open->nested = 0;
	open->prepared = 0;
	open->committed = 0;
	open->nr_requests = 0;
}

/* It is over without its return. */
static void break_off(struct calls *calls, struct open_call *open)
{
	if (open->open && open->events)
		calls->counts.broken++;
	open->open = false;
}

static bool store(struct calls *calls, const struct open_call *open, uint64_t duration)
{
	struct measured_call *call;

	if (calls->nr == CALLS_NONE - 1)
		return false;
	call = kmr_grow(calls->call, calls->nr, &calls->cap, sizeof(*call));
	if (!call)
		return false;
	calls->call = call;
	for (uint32_t i = 0; i < open->nr_requests; i++) {
		struct event_key *key =
			kmr_grow(calls->key, calls->nr_keys, &calls->cap_keys, sizeof(*key));

		if (!key)
			return false;
		calls->key = key;
		calls->key[calls->nr_keys++] = (struct event_key){
			.time = open->request[i].time,
			.addr = open->request[i].addr,
			.type = open->request[i].type,
			.call = (uint32_t)calls->nr,
		};
	}
	calls->call[calls->nr++] = (struct measured_call){
		.duration = duration,
		.requests = open->nr_requests -
			    (open->prepared < open->committed ? open->prepared : open->committed),
		.events = open->events,
		.nested = open->nested,
	};
	return true;
}

/* The call returned after @duration. */
static bool finish(struct calls *calls, struct open_call *open, uint64_t duration)
{
	open->open = false;
	if (!open->nr_requests)
		return true;
	calls->counts.calls++;
	if (open->interrupted) {
		calls->counts.interrupted++;
		return true;
	}
	if (open->too_many) {
		calls->counts.unknown++;
		return true;
	}
	return store(calls, open, duration);
}

/* An event that a replay reports on its own; of a call for objects, its pages are part of that. */
static bool is_request(const struct open_call *open, uint8_t type)
{
	switch (type) {
	case KMR_EV_PAGE_ALLOC:
	case KMR_EV_PAGE_FREE:
	case KMR_EV_PAGE_FREE_BATCHED: /* a replay reports one of both for a page */
		return open->function == FUNCTION_PAGES;
	case KMR_EV_KMALLOC:
	case KMR_EV_KFREE:
	case KMR_EV_CACHE_ALLOC:
	case KMR_EV_CACHE_FREE:
		return open->function == FUNCTION_OBJECTS;
	default:
		return false;
	}
}

static void take_event(struct calls *calls, struct open_call *open, const struct kmr_event *ev)
{
	if (ev->type == KMR_EV_LOST) {
		break_off(calls, open);
		return;
	}
	if (!open->open)
		return;
	open->events++;
	if (!is_request(open, ev->type))
		return;
	if (open->nr_requests == MAX_REQUESTS) {
		open->too_many = true;
		return;
	}
	open->prepared += ev->type == KMR_EV_PAGE_FREE;
	open->committed += ev->type == KMR_EV_PAGE_FREE_BATCHED;
	open->request[open->nr_requests].time = ev->time;
	open->request[open->nr_requests].addr = ev->addr;
	open->request[open->nr_requests++].type = ev->type;
}

static bool take_exit(struct calls *calls, struct open_call *open,
		      const struct kmr_graph_line *line)
{
	if (!open->open || line->depth > open->depth)
		return true;
	if (line->depth == open->depth && line->measured)
		return finish(calls, open, line->duration);
	break_off(calls, open);
	return true;
}

static void take_entry(struct calls *calls, struct open_call *open,
		       const struct kmr_graph_line *line)
{
	const enum function function = find_function(calls, line->function, line->function_len);

	/* no return of what was called at this depth or below it: that line is lost */
	if (open->open && line->depth <= open->depth)
		break_off(calls, open);
	if (open->open) {
		open->nested += open->nested < UINT32_MAX;
		open->interrupted |= function == FUNCTION_INTERRUPT;
	} else if (line->kind == KMR_GRAPH_ENTER &&
		   (function == FUNCTION_PAGES || function == FUNCTION_OBJECTS)) {
		begin(open, function, line->depth);
	}
}

static void note_empty(struct calls *calls, const struct kmr_graph_line *line)
{
	if (calls->empty && line->measured && line->duration < calls->shortest &&
	    strlen(calls->empty) == line->function_len &&
	    !memcmp(calls->empty, line->function, line->function_len))
		calls->shortest = line->duration;
}

bool calls_line(void *ctx, const struct kmr_graph_line *line)
{
	struct calls *calls = ctx;
	struct open_call *open;

	if (line->cpu >= CALLS_CPUS)
		return true;
	if (!calls->open[line->cpu])
		calls->open[line->cpu] = calloc(1, sizeof(*open));
	open = calls->open[line->cpu];
	if (!open)
		return false;
	calls->lines += line->kind <= KMR_GRAPH_EXIT;
	calls->measured += line->measured;
	switch (line->kind) {
	case KMR_GRAPH_LEAF:
		note_empty(calls, line);
		take_entry(calls, open, line);
		break;
	case KMR_GRAPH_ENTER:
		take_entry(calls, open, line);
		break;
	case KMR_GRAPH_EXIT:
		return take_exit(calls, open, line);
	case KMR_GRAPH_SWITCH:
		break_off(calls, open);
		break;
	case KMR_GRAPH_IRQ_ENTER:
		open->interrupted = true;
		break;
	case KMR_GRAPH_IRQ_EXIT:
		break;
	case KMR_GRAPH_EVENT:
		take_event(calls, open, line->event);
		break;
	}
	return true;
}

static size_t key_slot(const struct calls *calls, uint64_t time, uint64_t addr, uint8_t type)
{
	uint64_t h = (addr ^ (uint64_t)type << 56) * UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ h >> 29 ^ time) * UINT64_C(0xff51afd7ed558ccd);
	return (size_t)(h >> 20) & (calls->nr_slots - 1);
}

int calls_index(struct calls *calls)
{
	size_t slots = 64;

	for (unsigned int cpu = 0; cpu < CALLS_CPUS; cpu++)
		if (calls->open[cpu])
			break_off(calls, calls->open[cpu]);
	if (calls->nr_keys >= CALLS_NONE / 2)
		return -1;
	while (slots < calls->nr_keys * 2)
		slots *= 2;
	calls->slot = malloc(slots * sizeof(*calls->slot));
	if (!calls->slot)
		return -1;
	memset(calls->slot, 0xff, slots * sizeof(*calls->slot));
	calls->nr_slots = slots;
	/* of equal keys the first of the trace comes first: they are taken in that order */
	for (size_t i = 0; i < calls->nr_keys; i++) {
		const struct event_key *k = &calls->key[i];
		size_t at = key_slot(calls, k->time, k->addr, k->type);

		while (calls->slot[at] != CALLS_NONE)
			at = (at + 1) & (slots - 1);
		calls->slot[at] = (uint32_t)i;
	}
	return 0;
}

uint32_t calls_take(struct calls *calls, const struct kmr_event *ev)
{
	size_t at = key_slot(calls, ev->time, ev->addr, ev->type);

	for (; calls->slot[at] != CALLS_NONE; at = (at + 1) & (calls->nr_slots - 1)) {
		struct event_key *k = &calls->key[calls->slot[at]];

		if (k->taken || k->time != ev->time || k->addr != ev->addr || k->type != ev->type)
			continue;
		k->taken = true;
		return k->call;
	}
	return CALLS_NONE;
}
