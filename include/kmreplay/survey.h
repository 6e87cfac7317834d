/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A survey: what is in the frames of a machine at one moment, of each zone and along physical
 * memory.  It is taken of a page backend (struct kmr_page_ops.survey) and remembers the one before,
 * so that pageblocks in which nothing has changed cost a comparison.
 *
 * A frame is free (on a free list or a per-CPU list), movable (handed out to a request for movable
 * memory) or unmovable (handed out otherwise, or kept by boot).  Frames that do not exist are none of
 * the three, as far as the machine tells where its RAM is (kmr_machine.nr_ram); where it does not,
 * holes within a zone are taken for unmovable frames.  What boot keeps counts because it is as much
 * in the way of a huge page as anything else, and because a snapshot doesn't tell it from the rest.
 * Frames in use in the start state: see ARCHITECTURE.md, "Surveys".
 */
#ifndef KMREPLAY_SURVEY_H
#define KMREPLAY_SURVEY_H

#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/machine.h"

#define KMR_SURVEY_RUNS 33 /* log2 of the length of a run of frames: 0 to 32 */
#define KMR_STRIPS	256 /* at most, if that is enough for one a zone and hot-plug range */
#define KMR_MAX_STRIPS	(KMR_MAX_ZONES + KMR_MAX_RAM_RANGES)
/* frames: machines up to it have every sample surveyed */
#define KMR_SURVEY_EACH_MOST (UINT64_C(1) << 22)

_Static_assert(KMR_STRIPS <= KMR_MAX_STRIPS, "there is room for them");

/* Of a zone.  Nothing but counts. */
struct kmr_zone_survey {
	/* maximal runs of free frames, at any alignment, by log2 of their length rounded down */
	uint64_t runs[KMR_SURVEY_RUNS];
	uint64_t run_pages[KMR_SURVEY_RUNS]; /* frames in them */
	/* pageblocks by what is in them; one of which the zone has no frame is none */
	uint64_t empty; /* all frames free */
	uint64_t movable; /* some used, all of these movable */
	uint64_t unmovable; /* some used, none of these movable */
	uint64_t mixed; /* both */
	uint64_t
		cut; /* of empty and movable, those that are not whole: a hole or another zone in them */
	uint64_t movable_pages, unmovable_pages; /* used frames */
	/* ns, over the mixed pageblocks: time since the survey that first found each of them mixed */
	uint64_t mixed_age;
	/* pageblocks by log2 of the number of unmovable frames in them, rounded down */
	uint64_t unmovable_blocks[KMR_MAX_ORDERS];
	/*
	 * 0, or 1 + the type of the last pageblock, where /proc/pagetypeinfo does not count it: it goes
	 * from the zone's first frame on in steps of a pageblock, and a zone that begins late in one and
	 * ends early in another has a part of one pageblock more than it has steps.
	 * (mm/vmstat.c: pagetypeinfo_showblockcount_print())
	 */
	uint64_t passed_over;
};

/* A part of a zone: whole pageblocks, but where the zone begins or ends within one. */
struct kmr_strip {
	uint64_t start_pfn;
	uint64_t pages; /* frames, those that do not exist among them */
	int zone; /* index; -1: memory that can be brought online and never was */
};

struct kmr_strip_state {
	uint32_t free, movable, unmovable; /* frames */
	/* the type that most of its pageblocks have, the lowest of several; 0 while there are none */
	uint32_t migratetype;
};

struct kmr_survey;

/*
 * @survey gets one that has not looked at anything yet; kmr_survey_destroy() is the caller's.  It
 * needs 24 bytes a pageblock, and 16 for each 64 frames of those that are neither all free nor all
 * in use alike.  -1: no memory.
 */
int kmr_survey_create(struct kmr_survey **survey, const struct kmr_machine *machine,
		      struct kmr_error *err);
void kmr_survey_destroy(struct kmr_survey *survey); /* NULL is fine */

/*
 * Of how many samples one is to be surveyed, a power of two: 1 up to KMR_SURVEY_EACH_MOST frames,
 * and doubling with the machine from there on.
 */
uint64_t kmr_survey_every(const struct kmr_survey *survey);

/* As of the last time it was taken; by zone of the machine. */
const struct kmr_zone_survey *kmr_survey_zones(const struct kmr_survey *survey);
/* The strips, at most KMR_STRIPS as a rule, by zone and frame, hot-plug memory last; returns how many. */
unsigned int kmr_survey_strips(const struct kmr_survey *survey, const struct kmr_strip **strips);
/* As of the last time, as many as there are strips. */
const struct kmr_strip_state *kmr_survey_strip_states(const struct kmr_survey *survey);

#endif
