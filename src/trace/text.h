/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line of a trace as text into one event: columns (prefix.h), name and fields (decode.h), and
 * the lines that tell about the trace itself.
 */
#ifndef KMR_TRACE_TEXT_H
#define KMR_TRACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strtab.h"
#include "kmreplay/event.h"
#include "kmreplay/source.h"
#include "trace/decode.h"
#include "trace/graph_line.h"
#include "trace/lines.h"
#include "trace/prefix.h"

enum text_kind {
	TEXT_NOTHING, /* a comment, a header, part of a stack trace, an empty line */
	TEXT_FOREIGN, /* an event that is not ours */
	TEXT_EVENT,
	TEXT_CALL, /* of a function: text->graph.line.call */
	TEXT_MALFORMED, /* an event of ours that cannot be read */
	TEXT_NOMEM,
};

/* The columns in front of "[cpu]" as they were last seen, and the id of the task in them. */
#define TASK_CACHE_SLOTS 256
#define TASK_CACHE_BYTES 60

struct task_cache_slot {
	uint16_t len;
	uint16_t id;
	char text[TASK_CACHE_BYTES];
};

/* CPUs whose task is known from a switch, where lines do not say it. */
#define GRAPH_CPUS 1024u

/* What is only in traces of the function_graph tracer. */
struct graph {
	bool on; /* lines of it have been seen, or its header */
	bool timeless; /* a line had no time: text.time goes on by what calls took */
	uint64_t lines;
	struct graph_line line; /* the last one */
	uint16_t task[GRAPH_CPUS];
};

struct text {
	struct decoder decoder;
	struct kmr_strtab tasks;
	struct layout layout;
	uint64_t time; /* of the last event */
	uint64_t overwritten; /* what "entries-in-buffer/entries-written" tells */
	/* what lines have shown, for the name of the format */
	uint64_t prefixes;
	uint64_t perf_prefixes;
	uint64_t padded_names;
	bool ftrace_header;
	bool trace_cmd_header;
	bool irq_info;
	/* what `kmreplay gen` says in comments */
	bool made_up;
	char machine[KMR_TRACE_MACHINE];
	struct graph graph;
	struct task_cache_slot cache[TASK_CACHE_SLOTS];
};

/* What was wrong with a line. */
struct text_problem {
	enum kmr_event_type type;
	const char *reason;
};

/* Returns -1 when out of memory. */
int text_init(struct text *text, unsigned int version);
void text_fini(struct text *text);

/* @ev is filled in for TEXT_EVENT, @problem for TEXT_MALFORMED. */
enum text_kind text_parse(struct text *text, const struct line *line, struct kmr_event *ev,
			  struct text_problem *problem);

#endif
