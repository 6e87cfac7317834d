/* SPDX-License-Identifier: GPL-2.0-only */
/* Which machine and which start state a run gets: as asked for, or the best that can be had. */
#ifndef KMREPLAY_REPLAY_SETUP_H
#define KMREPLAY_REPLAY_SETUP_H

#include "kmreplay/procinfo.h"
#include "kmreplay/replay.h"
#include "replay/beside.h"
#include "replay/infer.h"

struct kmr_setup {
	struct kmr_machine machine;
	enum kmr_start start; /* never AUTO */
	char machine_from[640];
	char start_from[640];
	struct kmr_snapshot *snapshot; /* start snapshot only */
	char snapshot_path[KMR_BESIDE_PATH];
	char proc_dir[KMR_BESIDE_PATH];
	char after_dir[KMR_BESIDE_PATH]; /* "": no dump from after the trace */
	struct kmr_inferred inferred; /* start infer, or a machine made up */
	bool made_up; /* the trace is of a workload */
	char own_machine[KMR_TRACE_MACHINE]; /* that it says it is for; "": none */
};

/* The trace has to be read once before the run. */
bool kmr_setup_needs_two_passes(const struct kmr_replay_options *o);

/* @path: where to read the trace.  kmr_setup_free() in either case. */
int kmr_setup_choose(struct kmr_setup *s, const struct kmr_replay_options *o, const char *path,
		     struct kmr_error *err);

/* Brings a new backend of the machine into the start state. */
int kmr_setup_start(struct kmr_setup *s, const struct kmr_page_ops *ops, struct kmr_page_backend *b,
		    struct kmr_error *err);

/*
 * The page backend for whom none was named: the latest that is not later than the kernel that the
 * snapshot is of, or that the machine was booted with, or whose dumps it is from; linux-6.1 when
 * nothing tells.  @why, KMR_BACKEND_WHY bytes: what told, "" when nothing did.
 */
const char *kmr_setup_page_backend(const struct kmr_snapshot *snap, const struct kmr_machine *m,
				   char *why);

void kmr_setup_free(struct kmr_setup *s);

#endif
