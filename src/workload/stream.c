// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stream merges what its tasks ask for, by a heap of their clocks, with what goes by a wheel of
 * lifetimes.  At one time, frees come before requests, and requests by the number of their task.
 */
#include "workload/stream.h"

#include <stdlib.h>
#include <string.h>

/* Without a branch: which of two comes first is anybody's guess. */
static bool before(const struct load_heap_entry *a, const struct load_heap_entry *b)
{
	return (a->time < b->time) | ((a->time == b->time) & (a->task < b->task));
}

/* Brings the entry at @at, which may be too late for its place, to where it belongs. */
static void sift_down(struct load_heap_entry *heap, uint32_t nr, uint32_t at)
{
	const struct load_heap_entry entry = heap[at];

	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= nr)
			break;
		if (child + 1 < nr)
			child += before(&heap[child + 1], &heap[child]);
		if (!before(&heap[child], &entry))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = entry;
}

/* As the file has it: a run that is cut short has the same events up to there. */
static uint64_t active_time(const struct kmr_workload *w, const struct load_actor *spec)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < spec->nr_spans; i++) {
		const struct load_span *span = &spec->spans[i];
		const uint64_t end = span->end < w->duration ? span->end : w->duration;

		if (end == LOAD_FOREVER)
			return LOAD_NO_TIME;
		sum += end - span->start;
	}
	return sum;
}

static bool keeps_any(const struct load_actor *spec)
{
	for (uint32_t i = 0; i < spec->nr_lifetimes; i++)
		if (spec->lifetimes[i].release == LOAD_GROUP ||
		    spec->lifetimes[i].release == LOAD_KEEP)
			return true;
	return false;
}

static int start_task(struct kmr_workload_stream *s, uint32_t actor, uint32_t index, uint64_t seed)
{
	const struct load_actor *spec = s->actors[actor].spec;
	const uint32_t number = spec->first_task + index;
	struct load_task *task = &s->tasks[number];

	task->actor = actor;
	task->cpu = spec->cpus[index % spec->nr_cpus];
	load_random_seed(&task->random, seed, spec->name, index);
	task->turn = LOAD_FIRST_TURN;
	if (keeps_any(spec)) {
		task->kept = calloc(spec->nr_lifetimes, sizeof(*task->kept));
		if (!task->kept)
			return -1;
	}
	load_clock_start(s, task);
	if (task->next < s->end)
		s->heap[s->nr_heap++] = (struct load_heap_entry){ task->next, number };
	return 0;
}

static int start_actor(struct kmr_workload_stream *s, uint32_t actor, uint64_t seed)
{
	struct load_running *a = &s->actors[actor];

	a->spec = &s->workload->actors[actor];
	a->limit = a->spec->limit;
	a->active = active_time(s->workload, a->spec);
	if (load_templates_make(s, a))
		return -1;
	for (uint32_t i = 0; i < a->spec->tasks; i++)
		if (start_task(s, actor, i, seed))
			return -1;
	return 0;
}

static int start(struct kmr_workload_stream *s, uint64_t seed)
{
	const struct kmr_workload *w = s->workload;

	s->actors = calloc(w->nr_actors, sizeof(*s->actors));
	s->tasks = calloc(w->nr_tasks, sizeof(*s->tasks));
	s->heap = calloc(w->nr_tasks, sizeof(*s->heap));
	load_names_init(&s->names, w->pointer_bits);
	if (!s->actors || !s->tasks || !s->heap || load_wheel_init(&s->wheel) ||
	    kmr_strtab_init(&s->sites, 1u << 20, (size_t)64 << 20) ||
	    kmr_strtab_init(&s->task_names, LOAD_MAX_TASKS, (size_t)8 << 20) ||
	    kmr_strtab_init(&s->caches, UINT16_MAX, (size_t)8 << 20))
		return -1;
	for (uint32_t i = 0; i < w->nr_actors; i++)
		if (start_actor(s, i, seed))
			return -1;
	for (uint32_t i = s->nr_heap; i > 0; i--)
		sift_down(s->heap, s->nr_heap, i - 1);
	return 0;
}

int kmr_workload_stream_open(struct kmr_workload_stream **out, const struct kmr_workload *workload,
			     const struct kmr_workload_options *options, struct kmr_error *err)
{
	struct kmr_workload_stream *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return kmr_fail_nomem(err, "a workload's stream");
	s->workload = workload;
	s->end = options && options->duration ? options->duration : workload->duration;
	if (s->end > LOAD_NO_TIME)
		s->end = LOAD_NO_TIME;
	s->limit = options && options->limit ? options->limit : UINT64_MAX;
	if (start(s, options && options->has_seed ? options->seed : workload->seed)) {
		kmr_workload_stream_close(s);
		return kmr_fail_nomem(err, "a workload's stream");
	}
	*out = s;
	return 0;
}

/* The task at the top of the heap is at its end. */
static void drop_top(struct kmr_workload_stream *s, uint64_t now)
{
	load_task_done(s, &s->tasks[s->heap[0].task], now);
	s->heap[0] = s->heap[--s->nr_heap];
	if (s->nr_heap)
		sift_down(s->heap, s->nr_heap, 0);
}

/* The next request of all, and its task's clock onwards. */
static unsigned int arrive(struct kmr_workload_stream *s, struct kmr_event *events)
{
	struct load_heap_entry *top = &s->heap[0];
	const uint64_t now = top->time;
	struct load_task *task = &s->tasks[top->task];
	struct load_running *actor = &s->actors[task->actor];
	unsigned int n;
	bool waits;

	if (!actor->limit) {
		drop_top(s, now);
		return 0;
	}
	n = load_arrive(s, top->task, events, &waits);
	if (waits)
		return n;
	actor->limit--;
	load_clock_advance(s, task);
	if (task->next >= s->end) {
		drop_top(s, now);
		return n;
	}
	top->time = task->next;
	sift_down(s->heap, s->nr_heap, 0);
	return n;
}

/* Whatever comes next: up to LOAD_STEP_EVENTS events, perhaps none; false at the end. */
static bool step(struct kmr_workload_stream *s, struct kmr_event *events, unsigned int *n)
{
	const uint64_t until = s->nr_heap ? s->heap[0].time : s->end - 1;
	struct load_live item;

	if (load_wheel_take(&s->wheel, until, &item)) {
		*n = load_free(s, &item, item.time, events);
		return true;
	}
	*n = 0;
	if (!s->nr_heap)
		return false;
	*n = arrive(s, events);
	return true;
}

static int check(const struct kmr_workload_stream *s, struct kmr_error *err)
{
	if (s->nomem || s->wheel.failed)
		return kmr_fail_nomem(err, "what lives in a workload");
	if (s->no_names)
		return kmr_fail(err,
				"%s: more lives at one time than 2^32 names tell apart; shorter "
				"lifetimes or a limit: would do",
				s->workload->path);
	return 0;
}

/* A step that may be more than the caller has room for. */
static size_t fill_spare(struct kmr_workload_stream *s, struct kmr_event *events, size_t room)
{
	size_t n = 0;

	while (n < room) {
		if (!s->spare_nr) {
			s->spare_first = 0;
			if (!step(s, s->spare, &s->spare_nr))
				break;
			continue;
		}
		events[n++] = s->spare[s->spare_first++];
		s->spare_nr--;
	}
	return n;
}

ssize_t kmr_workload_stream_read(struct kmr_workload_stream *s, struct kmr_event *events,
				 size_t count, struct kmr_error *err)
{
	size_t n = 0;

	if (check(s, err))
		return -1;
	if (count > s->limit)
		count = (size_t)s->limit;
	while (s->spare_nr && n < count) {
		events[n++] = s->spare[s->spare_first++];
		s->spare_nr--;
	}
	while (count - n >= LOAD_STEP_EVENTS) {
		unsigned int written;

		if (!step(s, &events[n], &written))
			break;
		n += written;
		if (s->no_names || s->nomem)
			break;
	}
	/* a few events at the end of a large buffer are no matter; all of a small one are */
	if (!n)
		n = fill_spare(s, events, count);
	s->limit -= n;
	return check(s, err) ? -1 : (ssize_t)n;
}

const char *kmr_workload_stream_site(const struct kmr_workload_stream *s, uint32_t id)
{
	return kmr_strtab_get(&s->sites, id);
}

const char *kmr_workload_stream_task(const struct kmr_workload_stream *s, uint32_t id)
{
	return kmr_strtab_get(&s->task_names, id);
}

const char *kmr_workload_stream_cache(const struct kmr_workload_stream *s, uint32_t id)
{
	return kmr_strtab_get(&s->caches, id);
}

void kmr_workload_stream_close(struct kmr_workload_stream *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; s->actors && i < s->workload->nr_actors; i++) {
		free(s->actors[i].templates);
		load_keep_free(&s->actors[i].held);
	}
	for (uint32_t i = 0; s->tasks && i < s->workload->nr_tasks; i++) {
		const struct load_actor *spec = &s->workload->actors[s->tasks[i].actor];

		for (uint32_t l = 0; s->tasks[i].kept && l < spec->nr_lifetimes; l++)
			load_keep_free(&s->tasks[i].kept[l].keep);
		free(s->tasks[i].kept);
	}
	load_wheel_free(&s->wheel);
	load_names_free(&s->names);
	kmr_strtab_fini(&s->sites);
	kmr_strtab_fini(&s->task_names);
	kmr_strtab_fini(&s->caches);
	free(s->actors);
	free(s->tasks);
	free(s->heap);
	free(s);
}
