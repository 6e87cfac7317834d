/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lines of an input, in place in one buffer of fixed size.  Each ends in '\n' (a '\r' before it
 * becomes one too) with scan.h's padding behind.
 */
#ifndef KMR_TRACE_LINES_H
#define KMR_TRACE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/input.h"
#include "kmreplay/error.h"

/* No kernel prints longer lines than a page; what is longer is no line. */
#define LINE_MAX_BYTES ((size_t)64 << 10)

struct line {
	char *text;
	size_t len; /* without the line end */
	uint64_t number;
	bool unfinished; /* the input ended before the line did */
	bool too_long; /* text is its beginning */
};

struct lines {
	struct kmr_input *input; /* owned */
	char *buf;
	size_t start; /* of what has not been given out */
	size_t fill;
	uint64_t number;
	uint64_t bytes; /* given out */
	bool end; /* of the input */
};

/* Takes over @input, also when it fails. */
int lines_init(struct lines *lines, struct kmr_input *input, struct kmr_error *err);
void lines_fini(struct lines *lines);

/* Reads until @want bytes wait in the buffer or the input ends; *size is how many do. */
int lines_peek(struct lines *lines, size_t want, const char **text, size_t *size,
	       struct kmr_error *err);

/* 1: a line, 0: the end, -1: failure. */
int lines_next(struct lines *lines, struct line *line, struct kmr_error *err);

#endif
