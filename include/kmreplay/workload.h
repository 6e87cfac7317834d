/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workloads: a description of who allocates what, how often and for how long (kmreplay-workload(5)),
 * turned into a stream of events as a traced kernel would have printed them.
 *
 * A stream is open-loop: it does not know what a replay makes of it.  What has to be known of an
 * allocation, its page frame or pointer, is made up: numbers that tell apart what lives at one
 * time and mean nothing else.  So events of a workload are for models to be replayed with, from
 * a start state in which nothing of the workload lives, and not to be verified.
 *
 * Equal workload and seed give equal events on any machine.  Each task draws from random numbers
 * of its own, which follow from the seed, the actor's name and the task's number.  Memory follows
 * what lives at one time, not the number of events.
 */
#ifndef KMREPLAY_WORKLOAD_H
#define KMREPLAY_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"
#include "kmreplay/source.h"

struct kmr_workload;
struct kmr_workload_stream;

/* Reads @path, plain or zstd.  Errors name file, line, column, key, and what would do. */
int kmr_workload_read(struct kmr_workload **workload, const char *path, struct kmr_error *err);
/*
 * The same of @len bytes at @text, called @name in messages; files that it names are looked for
 * beside @name.
 */
int kmr_workload_parse(struct kmr_workload **workload, const char *name, const char *text,
		       size_t len, struct kmr_error *err);
/* NULL is fine; not before its streams. */
void kmr_workload_free(struct kmr_workload *workload);
/* When it ends, ns; 0: when all that is to be freed has been. */
uint64_t kmr_workload_duration(const struct kmr_workload *workload);

const char *kmr_workload_name(const struct kmr_workload *workload);
/* The machine that it is for, as kmr_machine_open() takes it; NULL: it says none. */
const char *kmr_workload_machine(const struct kmr_workload *workload);

/* What the file says, unless it is said here. */
struct kmr_workload_options {
	bool has_seed;
	uint64_t seed;
	uint64_t duration; /* ns; 0: as the file says */
	uint64_t limit; /* events; 0: none */
};

/* @options: NULL for all as the file says. */
int kmr_workload_stream_open(struct kmr_workload_stream **stream,
			     const struct kmr_workload *workload,
			     const struct kmr_workload_options *options, struct kmr_error *err);

/*
 * Up to @count events, in the order of their times, which begin at 0; 0 at the end, -1 on failure.
 * It ends at the workload's duration, or when all that is to be freed has been.
 */
ssize_t kmr_workload_stream_read(struct kmr_workload_stream *stream, struct kmr_event *events,
				 size_t count, struct kmr_error *err);

/* The names behind the events' ids; "" for 0 and ids never given out. */
const char *kmr_workload_stream_site(const struct kmr_workload_stream *stream, uint32_t id);
const char *kmr_workload_stream_task(const struct kmr_workload_stream *stream, uint32_t id);
const char *kmr_workload_stream_cache(const struct kmr_workload_stream *stream, uint32_t id);

/* NULL is fine. */
void kmr_workload_stream_close(struct kmr_workload_stream *stream);

/*
 * Events as the kernel's tracer prints them, for kmr_source_open() to read: the same events, with
 * the same ids.
 */
struct kmr_workload_text;

int kmr_workload_text_open(struct kmr_workload_text **text, const struct kmr_workload *workload,
			   const struct kmr_workload_stream *stream, struct kmr_error *err);
/* The lines before the first event; valid until the next call. */
const char *kmr_workload_text_head(struct kmr_workload_text *text, size_t *len);
/* The lines of @count events, at most KMR_WORKLOAD_TEXT_EVENTS; valid until the next call. */
const char *kmr_workload_text_events(struct kmr_workload_text *text, const struct kmr_event *events,
				     size_t count, size_t *len);
/* NULL is fine. */
void kmr_workload_text_close(struct kmr_workload_text *text);

#define KMR_WORKLOAD_TEXT_EVENTS 4096

/* Makes workloads readable wherever a trace is: for kmr_source_add_reader(). */
extern const struct kmr_source_reader kmr_workload_reader;

#endif
