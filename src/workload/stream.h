/* SPDX-License-Identifier: GPL-2.0-only */
/* A workload as it runs: its tasks with their clocks, and all that lives. */
#ifndef KMR_WORKLOAD_STREAM_H
#define KMR_WORKLOAD_STREAM_H

#include "base/strtab.h"
#include "kmreplay/workload.h"
#include "workload/keep.h"
#include "workload/names.h"
#include "workload/random.h"
#include "workload/spec.h"
#include "workload/wheel.h"

/* What one call of load_arrive() or load_free() writes at most. */
#define LOAD_STEP_EVENTS 4u

#define LOAD_FIRST_PID 1000u /* tasks are numbered on from it */

/* No task's clock gets there. */
#define LOAD_NO_TIME (UINT64_C(1) << 62)

/* What a task keeps of one of its actor's lifetimes. */
struct load_kept {
	struct load_keep keep;
	uint64_t left; /* GROUP: members still to come */
};

struct load_task {
	struct load_random random;
	uint64_t next; /* ns: its next request; LOAD_NO_TIME: none */
	uint64_t burst; /* requests left of the burst that it is in */
	uint64_t active_before; /* ns that it was active before its span */
	uint32_t span; /* number of the one that it is in, or comes to next */
	uint32_t actor;
	struct load_kept *kept; /* by lifetime; NULL: nothing is kept by any */
	uint64_t amount; /* drawn for a request that waits for memory */
	uint8_t request; /* number of that */
	bool waits;
	struct load_turn turn; /* of an actor that interleaves */
	uint16_t cpu;
	uint16_t id; /* in events; 0: none has been printed yet */
};

/* How what a request drew becomes its events. */
enum load_form {
	LOAD_BLOCKS, /* an order */
	LOAD_OBJECTS, /* bytes of kmalloc() */
	LOAD_SIZED, /* the event's size */
	LOAD_SAME, /* nothing differs */
};

/* A request's events, but for what differs from one to the next, and what is to be known for that. */
struct load_template {
	struct kmr_event alloc, free;
	struct load_name_pool *names; /* of what it allocates, at order 0; NULL: it has none */
	struct load_pointers address; /* from name to address */
	enum load_form form;
	uint32_t units; /* SAME */
	uint8_t unit_shift; /* a unit is 2^this bytes */
	bool ranges; /* names are of the order that has as many frames as there are units */
	bool maps; /* a page is allocated before it, and freed after */
	bool named; /* its site and cache have their ids */
};

struct load_running {
	const struct load_actor *spec;
	struct load_template *templates; /* by request */
	struct load_keep held; /* HOLD */
	uint64_t held_bytes;
	uint64_t limit; /* requests left */
	uint64_t active; /* ns: length of all its spans, LOAD_NO_TIME: without end */
};

struct load_heap_entry {
	uint64_t time;
	uint32_t task;
};

struct kmr_workload_stream {
	const struct kmr_workload *workload;
	uint64_t end; /* ns: events are before this */
	uint64_t limit; /* events left */
	struct load_running *actors;
	struct load_task *tasks;
	struct load_heap_entry *heap; /* tasks by their next request */
	uint32_t nr_heap;
	struct load_wheel wheel;
	struct load_names names;
	struct kmr_strtab sites, task_names, caches;
	struct kmr_event spare[LOAD_STEP_EVENTS]; /* of a step that was more than asked for */
	unsigned int spare_first, spare_nr;
	bool nomem, no_names; /* nothing can be read after either */
};

/* Sets the clock of a new task to its first request. */
void load_clock_start(struct kmr_workload_stream *stream, struct load_task *task);
/* Sets it from a request, at task->next, to the one after it. */
void load_clock_advance(struct kmr_workload_stream *stream, struct load_task *task);

/* The templates of an actor's requests; -1: no memory. */
int load_templates_make(struct kmr_workload_stream *stream, struct load_running *actor);

/*
 * The request of task number @task that is due, and what goes for it; the events are written to
 * @events, at most LOAD_STEP_EVENTS, and their number returned.  True in *waits: not all that has
 * to go has gone, and the request is still to come.
 */
unsigned int load_arrive(struct kmr_workload_stream *stream, uint32_t task,
			 struct kmr_event *events, bool *waits);

/* The task makes no more requests from @now on. */
void load_task_done(struct kmr_workload_stream *stream, struct load_task *task, uint64_t now);

/* The free of what lived until now; as above. */
unsigned int load_free(struct kmr_workload_stream *stream, const struct load_live *item,
		       uint64_t time, struct kmr_event *events);

#endif
