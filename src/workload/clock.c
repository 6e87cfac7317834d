// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a task makes its requests.  Its clock runs in the actor's spans and stands still between
 * them: what is left of a gap at the end of one is waited for in the next.
 */
#include "workload/arith.h"
#include "workload/stream.h"

/*
 * With a ramp the rate is a straight line over the actor's active time, and a gap is over when the
 * area under it has grown by the gap: r dt + k dt^2 / 2 = gap, with the rate r now and its slope k.
 */
static uint64_t ramped(const struct load_running *actor, const struct load_task *task, uint64_t gap)
{
	const struct load_actor *spec = actor->spec;
	const double active =
		(double)(task->active_before + (task->next - spec->spans[task->span].start));
	const double slope = (spec->ramp_to - spec->ramp_from) / (double)actor->active;
	const double rate = spec->ramp_from + slope * active;
	const double square = rate * rate + 2 * slope * (double)gap;
	double dt, sum;

	/* a rate that falls to 0 may leave too little for one more */
	if (square < 0)
		return LOAD_NO_TIME;
	sum = (rate > 0 ? rate : 0) + load_sqrt(square);
	if (sum <= 0)
		return gap ? LOAD_NO_TIME : 0;
	dt = 2 * (double)gap / sum;
	return dt < (double)LOAD_NO_TIME ? (uint64_t)(dt + 0.5) : LOAD_NO_TIME;
}

/*
 * With spread: the gap is as much longer or shorter than drawn as there is more or less time left
 * than the requests that are left would take.  One that would not leave any gets half of it.
 */
static uint64_t spread(const struct load_running *actor, const struct load_task *task, uint64_t gap)
{
	const struct load_actor *spec = actor->spec;
	const double done =
		(double)(task->active_before + (task->next - spec->spans[task->span].start));
	const double left = (double)actor->active - done;
	const double wanted =
		(double)gap * left * spec->tasks / ((double)actor->limit * spec->pace);

	if (left <= 1)
		return 0;
	return (uint64_t)(wanted < left ? wanted : left / 2);
}

/* The clock goes on by @gap of active time. */
static void go_on(const struct load_actor *spec, struct load_task *task, uint64_t gap)
{
	if (gap >= LOAD_NO_TIME) {
		task->next = LOAD_NO_TIME;
		return;
	}
	task->next += gap;
	while (task->next >= spec->spans[task->span].end) {
		const struct load_span *span = &spec->spans[task->span];

		if (task->span + 1 == spec->nr_spans) {
			task->next = LOAD_NO_TIME;
			return;
		}
		task->active_before += span->end - span->start;
		task->next = task->next - span->end + span[1].start;
		task->span++;
	}
	if (task->next > LOAD_NO_TIME)
		task->next = LOAD_NO_TIME;
}

static void begin_burst(const struct load_actor *spec, struct load_task *task)
{
	if (spec->bursts)
		task->burst = load_draw(&spec->burst_size, &task->random);
}

void load_clock_start(struct kmr_workload_stream *stream, struct load_task *task)
{
	const struct load_running *actor = &stream->actors[task->actor];
	const struct load_actor *spec = actor->spec;
	uint64_t gap = 0;

	task->next = LOAD_NO_TIME;
	if (!spec->nr_spans)
		return;
	task->next = spec->spans[0].start;
	if (!spec->once) {
		/* somewhere in a gap, as tasks do not begin all at one time */
		gap = load_draw(&spec->every, &task->random);
		gap = load_random_below(&task->random, gap + 1);
		if (spec->ramps)
			gap = ramped(actor, task, gap);
		if (spec->spread)
			gap = spread(actor, task, gap);
	}
	go_on(spec, task, gap);
	begin_burst(spec, task);
}

void load_clock_advance(struct kmr_workload_stream *stream, struct load_task *task)
{
	const struct load_running *actor = &stream->actors[task->actor];
	const struct load_actor *spec = actor->spec;
	uint64_t gap;

	if (task->burst > 1) {
		task->burst--;
		go_on(spec, task, load_draw(&spec->burst_every, &task->random));
		return;
	}
	if (spec->once) {
		task->next = LOAD_NO_TIME;
		return;
	}
	gap = load_draw(&spec->every, &task->random);
	if (spec->ramps)
		gap = ramped(actor, task, gap);
	if (spec->spread && actor->limit)
		gap = spread(actor, task, gap);
	go_on(spec, task, gap);
	begin_burst(spec, task);
}
