/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of an input in any order, for formats that point from one place of a file to another.
 * A plain file is read where it is; standard input and what was compressed go to a temporary file
 * without a name first.
 */
#ifndef KMR_BASE_RANDREAD_H
#define KMR_BASE_RANDREAD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/input.h"
#include "kmreplay/error.h"

struct kmr_randread {
	struct kmr_input *input; /* not owned */
	FILE *spool; /* NULL: the input's own file */
	int fd;
	uint64_t size; /* bytes */
};

/* @beginning: the @len bytes that were already read from @input, all of them. */
int kmr_randread_open(struct kmr_randread *r, struct kmr_input *input, const char *beginning,
		      size_t len, struct kmr_error *err);

/* Up to @len bytes from offset @at on, fewer only at the end; -1 on failure. */
ssize_t kmr_randread_some(const struct kmr_randread *r, uint64_t at, void *buf, size_t len,
			  struct kmr_error *err);

/* Exactly @len bytes; fails where the file ends before, naming @what is cut off. */
int kmr_randread_all(const struct kmr_randread *r, uint64_t at, void *buf, size_t len,
		     const char *what, struct kmr_error *err);

/* The name for messages. */
const char *kmr_randread_name(const struct kmr_randread *r);

void kmr_randread_close(struct kmr_randread *r);

#endif
