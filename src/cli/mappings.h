/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of the kernel's addresses, as text and JSON. */
#ifndef KMREPLAY_CLI_MAPPINGS_H
#define KMREPLAY_CLI_MAPPINGS_H

#include "kmreplay/replay.h"
#include "report/json.h"

/* Keys of the object that is open; "vmap" is null when addresses were not simulated. */
void kmr_mappings_json(struct kmr_json *j, const struct kmr_replay_result *r);

/* Counts and the space at the end; -1: could not be printed. */
int kmr_mappings_text(const struct kmr_replay_result *r);

#endif
