/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds tracefs, and says what is missing where it can't be used. */
#ifndef KMR_RECORD_TRACEFS_H
#define KMR_RECORD_TRACEFS_H

#include "kmreplay/error.h"
#include "kmreplay/record.h"
#include "record/files.h"

/*
 * The mount point into @path.  Fails when it is not mounted, not readable, without instances/ or
 * without the events that a replay can't do without.
 */
int rec_find_tracefs(char path[REC_PATH], const struct kmr_record_options *o,
		     struct kmr_error *err);

/* The message for @path in tracefs that could not be used, by @errnum; returns -1. */
int rec_denied(const struct kmr_record_options *o, const char *path, int errnum,
	       struct kmr_error *err);

#endif
