/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run was made from, the lines above its results. */
#ifndef CLI_RUN_HEAD_H
#define CLI_RUN_HEAD_H

#include "kmreplay/replay.h"

/* Columns that the names of these lines take. */
#define KMR_HEAD_INDENT 10

/* Machine and start state; -1: standard output could not be written. */
int kmr_run_start_text(const struct kmr_replay_result *result);

/* The same with the trace, whose events span @ns, before it, and the backends behind. */
int kmr_run_head_text(const char *trace, uint64_t ns, const struct kmr_replay_result *result);

#endif
