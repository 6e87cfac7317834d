/* SPDX-License-Identifier: GPL-2.0-only */
/* What a survey remembers; survey.c takes it, survey_make.c makes it. */
#ifndef KMR_PAGE_SURVEY_INTERNAL_H
#define KMR_PAGE_SURVEY_INTERNAL_H

#include "page/survey.h"

#define KMR_SURVEY_WORDS (1u << (KMR_MAX_ORDERS - 1 - 6)) /* of 64 frames, in a pageblock */

/* What is known of a pageblock's bits. */
enum kmr_survey_kind {
	KMR_KIND_ABSENT, /* none of its frames is the zone's, or there is no memory */
	KMR_KIND_COPIED, /* the copy has them */
	KMR_KIND_FREE, /* all its frames are free */
	KMR_KIND_MOVABLE, /* all in use, and movable */
	KMR_KIND_UNMOVABLE, /* all in use, none movable */
};

struct kmr_survey_block {
	uint64_t since; /* ns since the first survey: when it was found mixed; of mixed ones */
	uint16_t frames; /* that exist and are the zone's */
	uint16_t free, movable; /* of them */
	uint16_t prefix, suffix; /* free in a row from its beginning, to its end */
	uint8_t type; /* as the zone has it */
	uint8_t kind; /* enum kmr_survey_kind */
};

struct kmr_surveyed_zone {
	uint32_t start, end; /* frames it has or can have */
	uint32_t first_block, nr_blocks;
	struct kmr_survey_block *blocks;
	uint64_t mixed_since; /* sum over the mixed ones of their since */
	struct kmr_zone_survey
		inner; /* without runs that reach a pageblock's edges, without ages */
};

struct kmr_survey {
	unsigned int order, nr_zones; /* of a pageblock */
	uint64_t every;
	uint64_t first, now; /* ns; now: since first */
	bool begun;
	struct kmr_machine *machine; /* where its RAM is */
	struct kmr_surveyed_zone *zones;
	struct kmr_survey_block *blocks; /* of all zones */
	struct kmr_frame_bits *copy;
	struct kmr_zone_survey *out;
	uint32_t strip_blocks; /* pageblocks in a strip */
	unsigned int nr_strips, nr_zone_strips; /* the latter of memory that boot finds */
	unsigned int first_strip[KMR_MAX_ZONES]; /* of a zone */
	uint32_t zone_block[KMR_MAX_ZONES], zone_blocks[KMR_MAX_ZONES]; /* of boot's memory */
	struct kmr_strip strips[KMR_MAX_STRIPS];
	struct kmr_strip_state states[KMR_MAX_STRIPS];
	uint32_t types[KMR_MAX_STRIPS][KMR_MIGRATE_TYPES]; /* pageblocks by type */
};

/* Words of a pageblock; one that is smaller than a word shares it with others. */
static inline unsigned int kmr_survey_words(const struct kmr_survey *s)
{
	return s->order > 6 ? 1u << (s->order - 6) : 1;
}

/* survey_make.c */
/* Frames of pageblock @k that exist and are the zone's, in the word that begins at frame @base. */
uint64_t kmr_survey_mask(const struct kmr_survey *s, const struct kmr_surveyed_zone *z, uint32_t k,
			 uint64_t base);

#endif
