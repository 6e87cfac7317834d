/* SPDX-License-Identifier: GPL-2.0-only */
/* The free lists that a run ends with, and the kernel's own beside them where those are known. */
#ifndef CLI_BUDDYINFO_H
#define CLI_BUDDYINFO_H

#include "kmreplay/replay.h"
#include "report/json.h"

void kmr_buddyinfo_json(struct kmr_json *j, const struct kmr_replay_result *result);
/* A table, and how far apart the two are; -1: standard output could not be written. */
int kmr_buddyinfo_text(const struct kmr_replay_result *result);

#endif
