/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trace's text on its way from the kernel to a zstd file: after the recording out of `trace`,
 * or out of trace_pipe in a thread while it runs.
 */
#ifndef KMR_RECORD_TRACEFILE_H
#define KMR_RECORD_TRACEFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/error.h"

struct rec_tracefile;

/* Creates the file at @path; all memory that writing needs is taken here. */
int rec_tracefile_create(struct rec_tracefile **file, const char *path, struct kmr_error *err);

/* All of @from; @stop is asked now and then whether to give up (-1, without a message). */
int rec_tracefile_copy(struct rec_tracefile *file, const char *from, bool (*stop)(void *ctx),
		       void *ctx, struct kmr_error *err);

/* Starts a thread that takes from @from whatever comes. */
int rec_tracefile_stream(struct rec_tracefile *file, const char *from, struct kmr_error *err);

/* Nothing comes any more: takes the rest and ends the thread; nothing to do without one. */
int rec_tracefile_drain(struct rec_tracefile *file, struct kmr_error *err);

/* A line of our own, newline included. */
int rec_tracefile_line(struct rec_tracefile *file, const char *line, struct kmr_error *err);

/* Ends the frame and brings the file to disk. */
int rec_tracefile_finish(struct rec_tracefile *file, struct kmr_error *err);

/* Ends the thread if it still runs; NULL is fine. */
void rec_tracefile_free(struct rec_tracefile *file);

#endif
