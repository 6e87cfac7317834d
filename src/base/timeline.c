// SPDX-License-Identifier: GPL-2.0-only
#include "kmreplay/timeline.h"

#include <string.h>

#define FIRST_STEP UINT64_C(1024) /* ns */

static void double_steps(struct kmr_timeline *t)
{
	for (unsigned int i = 0; i < KMR_TIMELINE_STEPS / 2; i++)
		t->count[i] = t->count[2 * i] + t->count[2 * i + 1];
	memset(&t->count[KMR_TIMELINE_STEPS / 2], 0, sizeof(t->count) / 2);
	t->step *= 2;
}

void kmr_timeline_add(struct kmr_timeline *t, uint64_t time)
{
	uint64_t since;

	if (!t->step) {
		t->first = time;
		t->step = FIRST_STEP;
	}
	since = time > t->first ? time - t->first : 0;
	while (since / t->step >= KMR_TIMELINE_STEPS)
		double_steps(t);
	t->count[since / t->step]++;
}
