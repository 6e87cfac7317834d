/* SPDX-License-Identifier: GPL-2.0-only */
/* The one file under /tmp that a test of a reader writes, and what goes into it. */
#ifndef KMR_TESTS_BASE_FILE_H
#define KMR_TESTS_BASE_FILE_H

#include <stddef.h>

extern char file_path[64];

/* To be .init and .fini of a suite. */
void file_begin(void);
void file_end(void);

void file_put(const void *data, size_t size);

/* Compressed as one frame; *out is the caller's to free. */
size_t file_compress(const void *data, size_t size, char **out);

#endif
