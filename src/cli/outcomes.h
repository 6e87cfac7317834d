/* SPDX-License-Identifier: GPL-2.0-only */
/* Who asked for what and was served, as text and JSON; nothing of it when that was not counted. */
#ifndef CLI_OUTCOMES_H
#define CLI_OUTCOMES_H

#include "kmreplay/replay.h"
#include "report/json.h"

void kmr_outcomes_json(struct kmr_json *j, const struct kmr_replay_result *result);
/* A table and an empty line; -1: standard output could not be written. */
int kmr_outcomes_text(const struct kmr_replay_result *result);

#endif
