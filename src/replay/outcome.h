/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What became of each task's requests: how many there were, how many the simulation could not
 * serve.  Tasks are told by their command, as the tasks of one actor of a workload share it.
 */
#ifndef KMREPLAY_REPLAY_OUTCOME_H
#define KMREPLAY_REPLAY_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ptrmap.h"
#include "kmreplay/replay.h"
#include "kmreplay/source.h"

/* Of one task, kind and order. */
struct kmr_outcome_row {
	uint16_t task; /* of the source */
	uint8_t kind, order;
	uint64_t requests, failures;
	uint64_t pages; /* asked for */
	uint64_t first_failure; /* ns */
};

/* All zeroes has no rows yet. */
struct kmr_outcomes {
	struct kmr_outcome_row *rows;
	size_t nr, cap;
	struct kmr_ptrmap index; /* task, kind, order → row + 1 */
	bool failed; /* no memory: some are missing */
};

void kmr_outcomes_fini(struct kmr_outcomes *o);

/* @o NULL: nothing is counted. */
void kmr_outcome_note(struct kmr_outcomes *o, uint16_t task, enum kmr_request_kind kind,
		      unsigned int order, uint64_t pages, bool served, uint64_t time);

/*
 * Rows of all tasks of one command added up, by command, kind and order, into @result, which owns
 * them: kmr_replay_result_free().
 */
int kmr_outcomes_report(const struct kmr_outcomes *o, const struct kmr_source *source,
			struct kmr_replay_result *result, struct kmr_error *err);

#endif
