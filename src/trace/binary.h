/* SPDX-License-Identifier: GPL-2.0-only */
/* Traces that are not text: told by their first bytes, read as streams of events. */
#ifndef KMR_TRACE_BINARY_H
#define KMR_TRACE_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/randread.h"
#include "kmreplay/source.h"
#include "trace/text.h"

/* What a reader is given, and tells of the trace; all of it the source's. */
struct binary_input {
	struct kmr_randread bytes;
	struct text *text; /* tables for strings; initialised */
	const struct kmr_source_options *options;
	/* but for what events tell: source.c counts those */
	struct kmr_trace_info *info;
};

struct binary_format {
	bool (*recognise)(const char *beginning, size_t len);
	/* *reader is closed by the caller, also when this fails, if it is not NULL */
	int (*open)(void **reader, struct binary_input *in, struct kmr_error *err);
	ssize_t (*read)(void *reader, struct kmr_event *events, size_t count,
			struct kmr_error *err);
	void (*close)(void *reader);
};

/* NULL: none that is known. */
const struct binary_format *binary_find(const char *beginning, size_t len);

/*
 * Counts a record that cannot be read, or fails if that was asked for; @number: which it is, from 1,
 * @where: what stands for the line of a text.
 */
int binary_malformed(struct binary_input *in, uint64_t number, const struct text_problem *problem,
		     const char *where, struct kmr_error *err);

extern const struct binary_format binary_trace_dat, binary_llfree;

#endif
