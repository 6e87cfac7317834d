/* SPDX-License-Identifier: GPL-2.0-only */
/* Workloads from text, and all of their events. */
#ifndef KMR_TESTS_WORKLOAD_SUPPORT_H
#define KMR_TESTS_WORKLOAD_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

#include "kmreplay/workload.h"

/* A workload of one actor: @keys are lines of its map, each behind four blanks. */
#define ACTOR(keys) "workload: test\nactors:\n  - name: one\n" keys

struct run {
	struct kmr_workload *workload;
	struct kmr_workload_stream *stream;
	struct kmr_event *events;
	size_t nr;
};

/* Reads a workload; a failed assertion with its message when that cannot be done. */
struct kmr_workload *parse(const char *text);

/* All events of a workload, which has to end; @options may be NULL. */
void run_text(struct run *run, const char *text, const struct kmr_workload_options *options);
void run_file(struct run *run, const char *path, const struct kmr_workload_options *options);
void run_done(struct run *run);

/* How many events are of a type. */
size_t count_type(const struct run *run, enum kmr_event_type type);

#endif
