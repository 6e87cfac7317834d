/* SPDX-License-Identifier: GPL-2.0-only */
/* How long operations wait for zones' locks, from simulated time: the rule is in latency.h. */
#ifndef KMREPLAY_REPLAY_LOCKQUEUE_H
#define KMREPLAY_REPLAY_LOCKQUEUE_H

#include <stdint.h>

/* A zone's lock; times in ps since the first operation. */
struct kmr_zone_lock {
	uint64_t busy; /* until then */
	uint64_t hold; /* how long the last one held it */
	unsigned int cpu; /* who did */
};

/* What a CPU is at. */
struct kmr_cpu_clock {
	uint64_t stamp; /* time of its last operation's event, ns */
	uint64_t ready; /* when that is over, ps */
};

struct kmr_lockqueue {
	struct kmr_zone_lock *locks; /* by zone */
	struct kmr_cpu_clock *clocks; /* by CPU */
	unsigned int nr_cpus;
	uint64_t first; /* time of the first event, ns; UINT64_MAX: none has come */
};

/* -1: no memory.  fini() in either case. */
int kmr_lockqueue_init(struct kmr_lockqueue *q, unsigned int nr_zones, unsigned int nr_cpus);
void kmr_lockqueue_fini(struct kmr_lockqueue *q);

/*
 * An operation of @cpu whose event is of @time (ns) takes the lock of @zone for @hold ps.  Returns
 * how long it waits for that, ps.
 */
uint64_t kmr_lockqueue_take(struct kmr_lockqueue *q, unsigned int zone, unsigned int cpu,
			    uint64_t time, uint64_t hold);

/* ps since the first event; at most half of what fits, so that sums do */
static inline uint64_t kmr_lockqueue_ps(struct kmr_lockqueue *q, uint64_t time)
{
	uint64_t since;

	if (q->first == UINT64_MAX)
		q->first = time;
	since = time > q->first ? time - q->first : 0;
	return since < UINT64_MAX / 2000 ? since * 1000 : UINT64_MAX / 2;
}

/* When the operation of @cpu begins: at its event's time, or after the one before it. */
static inline uint64_t kmr_lockqueue_begin(struct kmr_lockqueue *q, struct kmr_cpu_clock *c,
					   uint64_t time)
{
	if (c->stamp != time) {
		c->stamp = time;
		c->ready = kmr_lockqueue_ps(q, time);
	}
	return c->ready;
}

/* The operation took @ps in all: the CPU's next one of that time comes after it. */
static inline void kmr_lockqueue_pass(struct kmr_lockqueue *q, unsigned int cpu, uint64_t time,
				      uint64_t ps)
{
	struct kmr_cpu_clock *c = &q->clocks[cpu];

	if (q->nr_cpus < 2 || cpu >= q->nr_cpus)
		return;
	(void)kmr_lockqueue_begin(q, c, time);
	if (c->ready < UINT64_MAX / 2 && ps < UINT64_MAX / 2)
		c->ready += ps;
}

#endif
