/* SPDX-License-Identifier: GPL-2.0-only */
/* The measured calls of a trace: entry points of the allocators, and which events are in each. */
#ifndef KMR_CALIBRATE_CALLS_H
#define KMR_CALIBRATE_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/calibrate.h"
#include "kmreplay/graph.h"

#define CALLS_CPUS 1024u /* others' lines are not looked at */
#define CALLS_NONE UINT32_MAX

struct measured_call {
	uint64_t duration; /* ns */
	uint32_t requests; /* events in it that a replay should report */
	uint32_t events; /* all events of ours in it */
	uint32_t nested; /* calls in it that were recorded */
};

struct event_key {
	uint64_t time, addr;
	uint32_t call;
	uint8_t type;
	bool taken; /* by a report */
};

struct open_call;

struct calls {
	struct measured_call *call;
	size_t nr, cap;
	struct event_key *key; /* of the requests in them, in the order of the trace */
	size_t nr_keys, cap_keys;
	uint32_t *slot; /* calls_index(): numbers of keys, open addressing */
	size_t nr_slots;
	struct open_call *open[CALLS_CPUS]; /* NULL: nothing of that CPU yet */
	struct kmr_calibrate_counts counts;
	const char *empty; /* function whose shortest call is wanted; NULL: none */
	uint64_t shortest; /* ns; UINT64_MAX: none seen */
	bool pages; /* calls for pages alone count: objects are not replayed */
	uint64_t lines; /* of calls, of any function */
	uint64_t measured; /* of them, with a duration */
};

/*
 * @pages: objects' entry points are functions as others.  @empty: a function of whose calls without
 * others in them the shortest is wanted; NULL: none.
 */
void calls_init(struct calls *calls, bool pages, const char *empty);
void calls_fini(struct calls *calls);

/* For struct kmr_graph_sink; @ctx is the struct calls. */
bool calls_line(void *ctx, const struct kmr_graph_line *line);

/* Once all lines are there: what is open is broken, and keys can be looked up.  -1: no memory. */
int calls_index(struct calls *calls);

/* The call that @ev is in, which is then taken; CALLS_NONE. */
uint32_t calls_take(struct calls *calls, const struct kmr_event *ev);

#endif
