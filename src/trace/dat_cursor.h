/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers, strings and blobs of a trace.dat file, one after the other, from the file itself or from
 * a section that was decompressed.  Nothing is read beyond the end, whatever the file says.
 */
#ifndef KMR_TRACE_DAT_CURSOR_H
#define KMR_TRACE_DAT_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/randread.h"

/* No file of formats, symbols or names is larger. */
#define DAT_MAX_BLOB (UINT64_C(256) << 20)

struct dat_cursor {
	const struct kmr_randread *file;
	char *mem; /* owned; NULL: the bytes are the file's */
	uint64_t at, end; /* offsets in @mem or in the file */
	uint64_t section; /* where @mem was in the file, for messages */
	bool big; /* endian */
};

static inline uint64_t dat_number(const void *bytes, unsigned int size, bool big)
{
	const uint8_t *p = bytes;
	uint64_t v = 0;

	for (unsigned int i = 0; i < size; i++)
		v = v << 8 | p[big ? i : size - 1 - i];
	return v;
}

/* All take what is next and fail when it is not all there; @what is its name for the message. */
int dat_take(struct dat_cursor *c, void *buf, size_t len, const char *what, struct kmr_error *err);
int dat_take_number(struct dat_cursor *c, unsigned int size, uint64_t *value, const char *what,
		    struct kmr_error *err);
/* Ends at its NUL; fails when it is longer than @size - 1. */
int dat_take_string(struct dat_cursor *c, char *buf, size_t size, const char *what,
		    struct kmr_error *err);
/* The caller's to free, with a NUL behind. */
int dat_take_blob(struct dat_cursor *c, uint64_t len, char **blob, const char *what,
		  struct kmr_error *err);

void dat_cursor_fini(struct dat_cursor *c);

#endif
