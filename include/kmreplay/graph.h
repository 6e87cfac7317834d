/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Function calls in a trace of the function_graph tracer: who asks a source for them is told of
 * each line in the order of the trace, with the events of the allocators between them where they
 * stood (kernel/trace/trace_functions_graph.c).
 */
#ifndef KMREPLAY_GRAPH_H
#define KMREPLAY_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/event.h"

enum kmr_graph_kind {
	KMR_GRAPH_ENTER, /* "name() {" */
	KMR_GRAPH_LEAF, /* "name();": entered and left, nothing recorded between */
	KMR_GRAPH_EXIT, /* "}" */
	KMR_GRAPH_SWITCH, /* the CPU went on with another task's calls */
	KMR_GRAPH_IRQ_ENTER, /* "==========>" */
	KMR_GRAPH_IRQ_EXIT, /* "<==========" */
	KMR_GRAPH_EVENT, /* an event that the source gives, too, lost ones among them */
};

struct kmr_graph_line {
	enum kmr_graph_kind kind;
	uint16_t cpu;
	bool measured; /* LEAF, EXIT: the line has a duration */
	unsigned int depth; /* ENTER, LEAF, EXIT: callers above it that are in the trace */
	uint64_t duration; /* ns from entry to return, calls within and interrupts included */
	const char *function; /* ENTER, LEAF; EXIT: NULL when the line does not say */
	size_t function_len;
	const struct kmr_event *event; /* EVENT; valid until the next line */
};

struct kmr_graph_sink {
	/* false: there was no memory; the source fails then */
	bool (*line)(void *ctx, const struct kmr_graph_line *line);
	void *ctx;
};

#endif
