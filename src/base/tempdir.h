/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A directory for files that are needed for a while: made in $TMPDIR, or /tmp, and removed with
 * all that was put into it, also when a signal ends the program.  There is one at a time.
 */
#ifndef KMR_BASE_TEMPDIR_H
#define KMR_BASE_TEMPDIR_H

#include "kmreplay/error.h"

/*
 * Makes the directory and returns its path, which is good until it is removed.  NULL with a
 * message; so too when the one made before has not been removed.
 */
const char *kmr_tempdir_create(struct kmr_error *err);

/* Removes it and the files in it; a directory in it stays, and then so does this one. */
void kmr_tempdir_remove(void);

/* The same, async-signal-safe; nothing when there is none. */
void kmr_tempdir_emergency_cleanup(void);

#endif
