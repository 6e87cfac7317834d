/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line as the function_graph tracer prints it, in any choice of its columns:
 *
 *	 20.067457 |   0)   bash-123    |  d..1. |   0.523 us    |    __alloc_pages();
 *	 20.067457 |   0)   bash-123    |  d..1. |               |    (comment) mm_page_free: ...
 *	time (funcgraph-abstime), CPU, task (-proc), irq-info (latency-format), duration
 */
#ifndef KMR_TRACE_GRAPH_LINE_H
#define KMR_TRACE_GRAPH_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/graph.h"
#include "trace/prefix.h"

enum graph_shape {
	GRAPH_CALL, /* call.kind tells */
	GRAPH_COMMENT, /* an event, or trace_printk()'s text */
};

struct graph_line {
	enum graph_shape shape;
	struct kmr_graph_line call; /* .event is not set */
	struct prefix columns; /* time, cpu, flags, and the task where there is one */
	bool has_time;
	bool has_task;
	bool closed; /* GRAPH_COMMENT: its end is there */
	const char *text; /* GRAPH_COMMENT: what stands in it */
	size_t len;
};

/*
 * @line ends in a newline and scan.h's padding.  @sure: the trace says that it is one of this
 * tracer, so that lines with few columns are taken, too.  False: it is no such line.
 */
bool graph_line_parse(const char *line, size_t len, bool sure, struct graph_line *g);

#endif
