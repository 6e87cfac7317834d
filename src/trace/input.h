/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes of a trace, from a file or standard input, decompressed when they are zstd. */
#ifndef KMR_TRACE_INPUT_H
#define KMR_TRACE_INPUT_H

#include <stddef.h>
#include <sys/types.h>

#include "kmreplay/error.h"

struct kmr_input;

/* @path: "-" is standard input. */
int kmr_input_open(struct kmr_input **input, const char *path, struct kmr_error *err);

/* Up to @size bytes; 0 at the end, -1 on failure. */
ssize_t kmr_input_read(struct kmr_input *input, char *buf, size_t size, struct kmr_error *err);

/* The name for messages. */
const char *kmr_input_name(const struct kmr_input *input);

/* "none" or "zstd" */
const char *kmr_input_compression(const struct kmr_input *input);

void kmr_input_close(struct kmr_input *input);

#endif
