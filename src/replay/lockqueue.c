// SPDX-License-Identifier: GPL-2.0-only
#include "replay/lockqueue.h"

#include <stdlib.h>
#include <string.h>

int kmr_lockqueue_init(struct kmr_lockqueue *q, unsigned int nr_zones, unsigned int nr_cpus)
{
	q->nr_cpus = nr_cpus;
	q->first = UINT64_MAX;
	q->locks = calloc(nr_zones + 1u, sizeof(*q->locks));
	q->clocks = calloc(nr_cpus + 1u, sizeof(*q->clocks));
	for (unsigned int i = 0; q->clocks && i < nr_cpus; i++)
		q->clocks[i].stamp = UINT64_MAX;
	return q->locks && q->clocks ? 0 : -1;
}

void kmr_lockqueue_fini(struct kmr_lockqueue *q)
{
	free(q->locks);
	free(q->clocks);
	q->locks = NULL;
	q->clocks = NULL;
}

uint64_t kmr_lockqueue_take(struct kmr_lockqueue *q, unsigned int zone, unsigned int cpu,
			    uint64_t time, uint64_t hold)
{
	struct kmr_zone_lock *lock = &q->locks[zone];
	uint64_t wait = 0, begin, limit;

	if (q->nr_cpus < 2 || cpu >= q->nr_cpus)
		return 0;
	begin = kmr_lockqueue_begin(q, &q->clocks[cpu], time);
	if (lock->cpu != cpu && lock->busy > begin) {
		wait = lock->busy - begin;
		if (!__builtin_mul_overflow(lock->hold, q->nr_cpus - 1u, &limit) && wait > limit)
			wait = limit;
	}
	lock->cpu = cpu;
	lock->hold = hold;
	if (__builtin_add_overflow(begin + wait, hold, &lock->busy))
		lock->busy = UINT64_MAX;
	return wait;
}
