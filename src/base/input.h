/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of a file or of standard input, decompressed when they are zstd.  Which they are goes
 * by their beginning.  Every other reader stands on this one.
 */
#ifndef KMR_BASE_INPUT_H
#define KMR_BASE_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kmreplay/error.h"

/* Bytes that kmr_input_peek() shows at least, if there are as many. */
#define KMR_INPUT_PEEK 16

struct kmr_input;

/* @what was expected of @path, for the message when it is a directory: "a text file" */
int kmr_input_open(struct kmr_input **input, const char *path, const char *what,
		   struct kmr_error *err);

/* The same of standard input. */
int kmr_input_stdin(struct kmr_input **input, const char *what, struct kmr_error *err);

/* The first bytes as they are in the file, compressed or not; before anything was read only. */
const char *kmr_input_peek(const struct kmr_input *input, size_t *len);

/*
 * Up to @size bytes, at least one; 0 at the end, -1 on failure, with the offset in the file in
 * the message.
 */
ssize_t kmr_input_read(struct kmr_input *input, char *buf, size_t size, struct kmr_error *err);

/* The name for messages: the path or "standard input". */
const char *kmr_input_name(const struct kmr_input *input);

/*
 * The descriptor of a plain file, which can be read at any offset; -1 for standard input, pipes and
 * what is compressed.
 */
int kmr_input_file(const struct kmr_input *input);

/* Bytes of the file on disk, compressed or not; 0: no regular file. */
uint64_t kmr_input_size(const struct kmr_input *input);

/* Of these, the bytes that were given out, or decompressed, so far. */
uint64_t kmr_input_done(const struct kmr_input *input);

/* "none" or "zstd" */
const char *kmr_input_compression(const struct kmr_input *input);

/* NULL is fine. */
void kmr_input_close(struct kmr_input *input);

#endif
