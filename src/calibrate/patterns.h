/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which steps calls took: most calls take the same few choices of steps, so each choice is kept
 * once and a call is its number.
 */
#ifndef KMR_CALIBRATE_PATTERNS_H
#define KMR_CALIBRATE_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/cost.h"

#define PATTERNS_MAX (UINT32_C(1) << 18) /* 54 MB */

struct pattern {
	uint32_t count[KMR_NR_STEPS]; /* of KMR_STEP_WAIT nothing: it is no work */
	uint32_t reports; /* operations that it is the sum of */
	uint8_t operation, path; /* the first one's; of its paths the farthest */
};

struct patterns {
	struct pattern *pattern; /* 0: nothing yet */
	size_t nr, cap;
	uint32_t *slot;
	size_t nr_slots;
};

int patterns_init(struct patterns *patterns); /* -1: no memory */
void patterns_fini(struct patterns *patterns);

/*
 * The pattern that is @from and one operation more.  0 when there is no memory, too many patterns,
 * or a count that does not fit.
 */
uint32_t patterns_add(struct patterns *patterns, uint32_t from,
		      const struct kmr_operation_report *report);

#endif
