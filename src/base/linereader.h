/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a file line by line, plain or zstd-compressed by its content.  Lines may be of any length
 * up to a limit that only guards against files that are not text at all; memory grows with the
 * longest line, not with the file.
 */
#ifndef KMR_BASE_LINEREADER_H
#define KMR_BASE_LINEREADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"

#define KMR_LINE_MAX ((size_t)1 << 30)

struct kmr_linereader;

struct kmr_line {
	char *text; /* terminated by 0 in place of the newline; may be written to */
	size_t len; /* without the newline */
	uint64_t number; /* from 1 */
	bool complete; /* a newline followed; false only for the last line of a file */
};

/* NULL and an error when the file cannot be opened or its first bytes not be read. */
struct kmr_linereader *kmr_linereader_open(const char *path, struct kmr_error *err);

/*
 * 1: *line holds the next line, valid until the next call.  0: end of the file.  -1: failed; the
 * error names the file and the byte offset.
 */
int kmr_linereader_next(struct kmr_linereader *lr, struct kmr_line *line, struct kmr_error *err);

/* The first bytes of the (uncompressed) content, before any line was read; sets *len. */
const char *kmr_linereader_peek(const struct kmr_linereader *lr, size_t *len);

/* NULL is fine. */
void kmr_linereader_close(struct kmr_linereader *lr);

#endif
