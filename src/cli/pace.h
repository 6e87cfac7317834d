/* SPDX-License-Identifier: GPL-2.0-only */
/* How many events a trace has a second, over its time, from what is told while it is read. */
#ifndef CLI_PACE_H
#define CLI_PACE_H

#include "kmreplay/source.h"
#include "report/spark.h"

#define KMR_PACE_POINTS 256u

/* All 0: nothing was read. */
struct kmr_pace {
	struct kmr_point points[KMR_PACE_POINTS]; /* y: events up to time x */
	size_t nr;
	uint64_t told, every; /* calls, and how many of them make a point */
};

/* Once a batch of events. */
void kmr_pace_note(struct kmr_pace *pace, const struct kmr_trace_info *info);

/* An empty line and a table, or nothing of a short trace; -1: standard output failed. */
int kmr_pace_text(const struct kmr_pace *pace, const struct kmr_trace_info *info);

#endif
