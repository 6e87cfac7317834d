/* SPDX-License-Identifier: GPL-2.0-only */
/* Does a snapshot belong to a trace? */
#ifndef KMREPLAY_REPLAY_FIT_H
#define KMREPLAY_REPLAY_FIT_H

#include "kmreplay/error.h"
#include "kmreplay/snapshot.h"
#include "kmreplay/source.h"

/* -1 with a message when the trace, read as far as @info says, is of another kind of machine. */
int kmr_check_fit(const struct kmr_snapshot *snap, const char *snap_path,
		  const struct kmr_trace_info *info, const char *trace, struct kmr_error *err);

/* The same for a trace that names frames beyond the snapshot's memory. */
int kmr_check_frames(const struct kmr_snapshot *snap, const char *snap_path,
		     const struct kmr_trace_info *info, const char *trace, struct kmr_error *err);

/* The trace has no marker of this snapshot; returns -1. */
int kmr_no_marker(const struct kmr_snapshot *snap, const char *snap_path, const char *trace,
		  struct kmr_error *err);

#endif
