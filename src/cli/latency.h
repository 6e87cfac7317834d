/* SPDX-License-Identifier: GPL-2.0-only */
/* A run's simulated latencies as text and JSON. */
#ifndef CLI_LATENCY_H
#define CLI_LATENCY_H

#include "kmreplay/latency.h"
#include "report/json.h"

/* By operation, then by order and path. */
void kmr_latency_json(struct kmr_json *j, const struct kmr_latency_report *report);
/* A table of operations and an empty line; -1: standard output could not be written. */
int kmr_latency_text(const struct kmr_latency_report *report);

#endif
