/* SPDX-License-Identifier: GPL-2.0-only */
/* A run's contiguous memory as text and JSON; nothing of it when there was none. */
#ifndef CLI_CONTIG_H
#define CLI_CONTIG_H

#include "kmreplay/replay.h"
#include "report/json.h"

void kmr_contig_json(struct kmr_json *j, const struct kmr_contig_report *report);
/* A table and an empty line; -1: standard output could not be written. */
int kmr_contig_text(const struct kmr_contig_report *report);

#endif
