/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A text that a command writes: to standard output, or to a file that appears when it is whole and
 * is compressed when its name ends in .zst.
 */
#ifndef KMR_CLI_TEXTFILE_H
#define KMR_CLI_TEXTFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "kmreplay/error.h"

struct kmr_textfile;

/* @path: NULL is standard output. */
int kmr_textfile_open(struct kmr_textfile **file, const char *path, struct kmr_error *err);
int kmr_textfile_write(struct kmr_textfile *file, const char *text, size_t len,
		       struct kmr_error *err);
/* Brings what was written to its place. */
int kmr_textfile_finish(struct kmr_textfile *file, struct kmr_error *err);
/* Removes what is not finished; NULL is fine. */
void kmr_textfile_close(struct kmr_textfile *file);

#endif
