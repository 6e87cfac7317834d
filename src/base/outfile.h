/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that appears at its place only when it is whole: it is written under a temporary name in
 * the same directory and renamed at the end.
 */
#ifndef KMR_BASE_OUTFILE_H
#define KMR_BASE_OUTFILE_H

#include <stddef.h>

#include "kmreplay/error.h"

struct kmr_outfile {
	const char *what; /* it is: "database", for messages */
	char *given; /* the path as the user gave it, for messages */
	char *target; /* where it really goes: symbolic links followed */
	char *temp; /* where it is written; "" once it is gone */
};

/*
 * Creates the temporary file, empty; @what it is has to outlive it.  Fails when its directory is
 * missing or can't be written, or when something that is not a plain file is in its place.
 * Symbolic links are followed, so that a link to a result stays a link.
 */
int kmr_outfile_create(struct kmr_outfile *file, const char *path, const char *what,
		       struct kmr_error *err);

/*
 * Makes @len bytes at @bytes all that the file @path holds; it is opened with @flags more than
 * writing needs: O_CREAT, or 0.  0, or an errno; then what it holds is not known.
 */
int kmr_write_whole(const char *path, int flags, const char *bytes, size_t len);

/* Makes @len bytes at @bytes its content. */
int kmr_outfile_write(const struct kmr_outfile *file, const char *bytes, size_t len,
		      struct kmr_error *err);

/* Brings the temporary file to disk and moves it to its place. */
int kmr_outfile_commit(struct kmr_outfile *file, struct kmr_error *err);

/* Removes the temporary file if it is still there, and frees the names. */
void kmr_outfile_release(struct kmr_outfile *file);

/* Removes the temporary file that was created last; async-signal-safe. */
void kmr_outfile_emergency_cleanup(void);

#endif
