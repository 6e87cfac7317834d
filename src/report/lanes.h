/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Series over time, reduced while they are read.  A timeline maps samples to columns, of which
 * there are never more than a figure can show; a lane holds one series' lowest, highest and last
 * value of each column, so that no extreme is lost however many samples there were.
 */
#ifndef REPORT_LANES_H
#define REPORT_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KMR_MAX_COLUMNS 1000

struct kmr_lane_time {
	size_t nr_samples, room;
	uint64_t *times; /* ns since the run's start, of each sample; until it is closed */
	uint16_t *column; /* of each sample */
	unsigned int columns;
	uint64_t time[KMR_MAX_COLUMNS]; /* ns, of the last sample in the column */
	size_t first[KMR_MAX_COLUMNS]; /* the first sample in it */
	bool reduced; /* some columns have several samples */
};

/* Appends a sample.  -1: no memory. */
int kmr_lane_time_add(struct kmr_lane_time *t, uint64_t time);

/* All samples are there: cuts them into columns of equal time.  -1: no memory. */
int kmr_lane_time_close(struct kmr_lane_time *t);

void kmr_lane_time_free(struct kmr_lane_time *t);

struct kmr_lane_cell {
	int64_t low, high, last;
};

struct kmr_lane_at {
	size_t column; /* the last that has a value, + 1 */
	int64_t value;
};

struct kmr_lanes {
	const struct kmr_lane_time *time;
	unsigned int nr;
	struct kmr_lane_cell *cells; /* of each lane, time->columns */
	struct kmr_lane_at *at;
};

/* @nr lanes, all 0 until the first value.  -1: no memory. */
int kmr_lanes_init(struct kmr_lanes *l, const struct kmr_lane_time *time, unsigned int nr);

/* @value from @sample on; samples of a lane come in their order. */
void kmr_lanes_put(struct kmr_lanes *l, unsigned int lane, size_t sample, int64_t value);

/* No value comes any more: the last ones hold to the end. */
void kmr_lanes_finish(struct kmr_lanes *l);

void kmr_lanes_free(struct kmr_lanes *l);

static inline const struct kmr_lane_cell *kmr_lane(const struct kmr_lanes *l, unsigned int lane)
{
	return l->cells + (size_t)lane * l->time->columns;
}

int64_t kmr_lane_highest(const struct kmr_lanes *l, unsigned int lane);
int64_t kmr_lane_lowest(const struct kmr_lanes *l, unsigned int lane);
int64_t kmr_lane_first(const struct kmr_lanes *l, unsigned int lane);
int64_t kmr_lane_end(const struct kmr_lanes *l, unsigned int lane);

#endif
