/* SPDX-License-Identifier: GPL-2.0-only */
/* The small files that a kernel offers: read whole, written in one piece; joined paths. */
#ifndef KMR_RECORD_FILES_H
#define KMR_RECORD_FILES_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"

#define REC_PATH PATH_MAX

/* The path that @fmt makes; one that would be cut becomes "", which no file has. */
const char *rec_path(char path[REC_PATH], const char *fmt, ...) KMR_PRINTF(2, 3);

/*
 * All bytes of a file, up to 64 MiB, into memory that the caller frees, a 0 behind them.  Returns
 * 0 or an errno value.
 */
int rec_read(const char *path, char **bytes, size_t *len);

/*
 * Makes @value and a newline the content of a file that is there, as echo does; "" empties it.
 * 0 or an errno value.
 */
int rec_write(const char *path, const char *value);

/* Behind what is there. */
int rec_append(int fd, const char *text);

/* The first number in a file; -1: can't be read, or it begins with none. */
int64_t rec_read_number(const char *path);

/*
 * The value behind @key in a file of lines "key: value" or "key value"; -1: not there.
 */
int64_t rec_read_value(const char *path, const char *key);

#endif
