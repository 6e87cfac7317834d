/* SPDX-License-Identifier: GPL-2.0-only */
/* Traces in other forms: events as text, and as LLFree's trace pages. */
#ifndef KMREPLAY_CONVERT_H
#define KMREPLAY_CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"

/* Who knows the strings behind the ids of events, as kmr_source_site() and so on give them. */
struct kmr_text_names {
	const void *ctx;
	const char *(*site)(const void *ctx, uint32_t id);
	const char *(*task)(const void *ctx, uint32_t id);
	const char *(*cache)(const void *ctx, uint32_t id);
	/* NULL: areas are of no range */
	bool (*range)(const void *ctx, uint32_t id, uint64_t *start, uint64_t *end);
};

#define KMR_TEXT_EVENTS 4096

/*
 * Events as the trace file of tracefs has them, with times to the nanosecond: what
 * kmr_source_open() reads gives the same events again.
 */
struct kmr_text_writer;

/* @pointer_bits: 32 or 64, how wide pointers are printed. */
int kmr_text_writer_open(struct kmr_text_writer **writer, const struct kmr_text_names *names,
			 unsigned int pointer_bits, struct kmr_error *err);
/*
 * The lines before the first event.  @comment, lines that begin with '#', stands among them; valid
 * until the next call.
 */
const char *kmr_text_writer_head(struct kmr_text_writer *writer, const char *comment, size_t *len);
/* The lines of @count events, at most KMR_TEXT_EVENTS; valid until the next call. */
const char *kmr_text_writer_events(struct kmr_text_writer *writer, const struct kmr_event *events,
				   size_t count, size_t *len);
/* NULL is fine. */
void kmr_text_writer_close(struct kmr_text_writer *writer);

/* What a trace had that LLFree's format has no place for; numbers of events. */
struct kmr_llfree_notes {
	uint64_t entries; /* written */
	uint64_t others; /* of other types than mm_page_alloc and mm_page_free, left out */
	uint64_t failed; /* requests that got no page, left out */
	uint64_t frame_zero; /* frame 0 marks the end of a page, left out */
	uint64_t lost, gaps; /* events that the trace had lost, and places; not told */
	uint64_t flags; /* GFP flags without a bit in 6.1 */
	uint64_t migratetypes; /* other than their GFP flags say */
	uint64_t nodes; /* asked for */
	uint64_t contexts; /* in interrupts */
	uint64_t fractions; /* of microseconds in their times */
	uint64_t reordered; /* their time puts them before the event that came before them */
	/* not a count: seconds taken off all times, where the first would not fit otherwise */
	uint64_t seconds_off;
};

struct kmr_llfree_writer;

/* The file appears at @path when it is finished.  *writer is to be closed also when it fails. */
int kmr_llfree_open(struct kmr_llfree_writer **writer, const char *path, struct kmr_error *err);
/*
 * Writes @ev, of the task "comm-pid".  Fails when its frame, order or CPU does not fit, or it is more
 * than 76 hours behind the first, or before it where times were cut; what the format does not have
 * is counted.
 */
int kmr_llfree_write(struct kmr_llfree_writer *writer, const struct kmr_event *ev, const char *task,
		     struct kmr_error *err);
/* Fails also when there was nothing to write. */
int kmr_llfree_finish(struct kmr_llfree_writer *writer, struct kmr_llfree_notes *notes,
		      struct kmr_error *err);
/* NULL is fine. */
void kmr_llfree_close(struct kmr_llfree_writer *writer);

#endif
