// SPDX-License-Identifier: GPL-2.0-only
/* Runs that go on side by side tell one who waits how far they are together. */
#include <string.h>

#include "replay/run.h"

int kmr_passing_init(struct kmr_passing *p, const struct kmr_replay_options *o, unsigned int runs,
		     uint64_t events)
{
	memset(p, 0, sizeof(*p));
	p->o = o;
	p->now.doing = "replay";
	p->now.total = events;
	p->now.runs = runs > 1 ? runs : 0;
	return pthread_mutex_init(&p->lock, NULL) ? -1 : 0;
}

void kmr_passing_fini(struct kmr_passing *p)
{
	(void)pthread_mutex_destroy(&p->lock);
}

void kmr_passing_tell(struct kmr_passing *p, size_t events, bool end)
{
	(void)pthread_mutex_lock(&p->lock);
	p->now.events += events;
	p->now.done += events;
	p->now.runs_done += end;
	p->o->replayed(p->o->progress_ctx, &p->now);
	(void)pthread_mutex_unlock(&p->lock);
}

int kmr_run_simulate_alone(struct kmr_run *run)
{
	const struct kmr_shared *s = run->shared;
	struct kmr_passing passing;
	int ret;

	if (s->taped && s->o->replayed && !kmr_passing_init(&passing, s->o, 1, s->tape.count))
		run->passing = &passing;
	ret = kmr_run_simulate(run);
	if (run->passing)
		kmr_passing_fini(&passing);
	run->passing = NULL;
	return ret;
}
