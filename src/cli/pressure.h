/* SPDX-License-Identifier: GPL-2.0-only */
/* A run's simulated reclaim as text and JSON; nothing of it when it was not simulated. */
#ifndef CLI_PRESSURE_H
#define CLI_PRESSURE_H

#include "kmreplay/replay.h"
#include "report/json.h"

void kmr_pressure_json(struct kmr_json *j, const struct kmr_pressure_report *report);
/* A table, what it does not know, and an empty line; -1: standard output could not be written. */
int kmr_pressure_text(const struct kmr_pressure_report *report);

#endif
