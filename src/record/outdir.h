/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory that appears at its place only when it is whole. */
#ifndef KMR_RECORD_OUTDIR_H
#define KMR_RECORD_OUTDIR_H

#include <stdbool.h>
#include <stddef.h>

#include "kmreplay/error.h"
#include "record/files.h"

struct rec_outdir {
	char target[REC_PATH]; /* without slashes at its end */
	char temp[REC_PATH]; /* where it is written; "" once it is gone */
};

/*
 * Makes the temporary directory, with state/ and state/formats/ in it.  Fails when something is at
 * @path; @force: unless that is a capture or an empty directory.
 */
int rec_outdir_make(struct rec_outdir *out, const char *path, bool force, struct kmr_error *err);

/* Makes @len bytes the content of file @name in it. */
int rec_outdir_write(const struct rec_outdir *out, const char *name, const char *bytes, size_t len,
		     struct kmr_error *err);

/* Moves it to its place, and what it replaces away. */
int rec_outdir_commit(struct rec_outdir *out, struct kmr_error *err);

/* Removes the temporary directory if it is still there. */
void rec_outdir_release(struct rec_outdir *out);

#endif
