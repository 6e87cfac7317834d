/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs of a comparison side by side, as tables and curves. */
#ifndef CLI_COMPARE_TEXT_H
#define CLI_COMPARE_TEXT_H

#include "cli/curves.h"
#include "kmreplay/compare.h"

/* @results and @curves are of @nr runs; -1: standard output could not be written. */
int kmr_compare_text(const struct kmr_compare_options *options,
		     const struct kmr_replay_result *results, const struct kmr_curves *curves,
		     unsigned int nr);

#endif
