/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands before an event's fields: who, where, when, and the event's name.
 *
 *	            init-1       [000] d..1.    20.067457: mm_page_free: page=...	ftrace
 *	            init-1       (      1) [000] d..1.    20.067457: ...		with tgid
 *	    init-1       0d..1. 1234us+: mm_page_free: page=...		latency format
 *	            init-1     [000]    20.067457: mm_page_free:         page=...	trace-cmd report
 *	            init     1 [000]    20.067457: kmem:mm_page_free: page=...	perf script
 *
 * A comm can hold all that separates the columns, so the general parser looks for a time stamp
 * with the right things on both sides of it; once it has seen where the columns are, the fast one
 * only checks that they are there.
 */
#ifndef KMR_TRACE_PREFIX_H
#define KMR_TRACE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hints at who wrote the line. */
enum {
	PREFIX_IRQ_INFO = 1, /* the irq-info column */
	PREFIX_PERF = 2, /* "comm pid", or a "system:" before the event */
	PREFIX_PADDED_NAME = 4, /* several blanks behind the event's name */
};

struct prefix {
	uint64_t time; /* ns */
	const char *event;
	size_t event_len; /* 0: a line without a named event */
	const char *args; /* what follows the name and its blanks, or the whole text without name */
	/* the task: one of both, by the parser used */
	const char *comm; /* general: comm and pid; fast: NULL */
	size_t comm_len;
	const char *pid;
	size_t pid_len;
	uint16_t cpu;
	uint8_t flags; /* KMR_EVF_CONTEXT* */
	uint8_t writer; /* PREFIX_* */
	uint32_t bracket; /* column of "[cpu]"; 0: there is none */
	uint8_t irq_width;
};

/* The columns of a trace, as its lines have shown them; all 0 before. */
struct layout {
	uint32_t bracket;
	uint8_t irq_width;
	bool perf;
};

/* @line ends in a newline and scan.h's padding. */
bool prefix_parse(const char *line, struct prefix *prefix);

/* Succeeds only on lines that are exactly in @layout; leaves the task alone. */
bool prefix_parse_fast(const char *line, size_t len, const struct layout *layout,
		       struct prefix *prefix);

/* "d..1." and its like; *flags gets the context, KMR_EVF_CONTEXT*. */
bool prefix_irq_info(const char *text, size_t len, uint8_t *flags);

/* The event's name at @p, and where its fields start. */
void prefix_event(const char *p, struct prefix *prefix);

/* Splits "comm-pid (tgid)" or "comm pid", the text before "[cpu]". */
bool prefix_split_task(const char *text, size_t len, struct prefix *prefix);

#endif
