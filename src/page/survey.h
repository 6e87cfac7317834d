/* SPDX-License-Identifier: GPL-2.0-only */
/* Surveys, for the backends that let themselves be surveyed. */
#ifndef KMR_PAGE_SURVEY_H
#define KMR_PAGE_SURVEY_H

#include <stdbool.h>

#include "kmreplay/survey.h"
#include "page/frame.h"

/* A zone of a backend as it is now. */
struct kmr_survey_view {
	const struct kmr_frame_bits *bits; /* of the machine's frames, by pfn >> 6 */
	/* types of pageblocks first_block to first_block + nr_blocks - 1; NULL: all unmovable */
	const uint8_t *types;
	uint32_t first_block, nr_blocks;
	uint32_t start, end; /* frames it spans, end past the last */
	/* whether the zone has @pfn, which it spans; NULL: it has all */
	bool (*has)(const void *ctx, unsigned int zone, uint32_t pfn);
	const void *ctx;
};

/* Begins a survey at simulated time @now (ns), zone by zone then, and ends it. */
void kmr_survey_begin(struct kmr_survey *s, uint64_t now);
void kmr_survey_zone(struct kmr_survey *s, unsigned int zone, const struct kmr_survey_view *view);
void kmr_survey_end(struct kmr_survey *s);

#endif
