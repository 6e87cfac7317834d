/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in, events and info out: what most tests of the trace room need. */
#ifndef KMR_TESTS_TRACE_FEED_H
#define KMR_TESTS_TRACE_FEED_H

#include <stddef.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"
#include "kmreplay/source.h"

#define FEED_EVENTS 64

struct feed {
	struct kmr_source *source; /* open, read to its end or its failure */
	const struct kmr_trace_info *info;
	struct kmr_event events[FEED_EVENTS];
	size_t count;
	struct kmr_error err;
	int status; /* 0, or -1: see err */
};

/* Reads @len bytes as a trace; a temporary file holds them while it is read. */
void feed_bytes(struct feed *feed, const void *bytes, size_t len,
		const struct kmr_source_options *options);

/* The same for a string, with no options. */
void feed_text(struct feed *feed, const char *text);

/* The same for an existing file. */
void feed_file(struct feed *feed, const char *path, const struct kmr_source_options *options);

void feed_done(struct feed *feed);

#endif
