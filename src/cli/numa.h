/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a run's requests ended up, as text and JSON; nothing of it on a machine of one node. */
#ifndef CLI_NUMA_H
#define CLI_NUMA_H

#include "kmreplay/replay.h"
#include "report/json.h"

void kmr_numa_json(struct kmr_json *j, const struct kmr_replay_result *result);
/* Two tables, each with an empty line behind it; -1: standard output could not be written. */
int kmr_numa_text(const struct kmr_replay_result *result);

#endif
