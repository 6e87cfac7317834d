// SPDX-License-Identifier: GPL-2.0-only
#include "report/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

int kmr_lane_time_add(struct kmr_lane_time *t, uint64_t time)
{
	uint64_t *times = kmr_grow(t->times, t->nr_samples, &t->room, sizeof(*times));

	if (!times)
		return -1;
	t->times = times;
	times[t->nr_samples++] = time;
	return 0;
}

/* Which of the columns of equal time; the last moment belongs to the last one. */
static uint64_t slot_of(uint64_t time, uint64_t begin, uint64_t length)
{
	uint64_t since = time > begin ? time - begin : 0;

	if (since > length)
		since = length;
	while (since > UINT64_MAX / KMR_MAX_COLUMNS) { /* centuries: any precision will do */
		since /= 2;
		length /= 2;
	}
	return since * KMR_MAX_COLUMNS / (length + 1);
}

int kmr_lane_time_close(struct kmr_lane_time *t)
{
	uint64_t begin, length, slot = 0, before = UINT64_MAX;
	size_t i;

	if (!t->nr_samples)
		return 0;
	t->column = malloc(t->nr_samples * sizeof(*t->column));
	if (!t->column)
		return -1;
	begin = t->times[0];
	length = t->times[t->nr_samples - 1] > begin ? t->times[t->nr_samples - 1] - begin : 0;
	t->reduced = t->nr_samples > KMR_MAX_COLUMNS;
	for (i = 0; i < t->nr_samples; i++) {
		if (!t->reduced)
			slot = i;
		else if (slot_of(t->times[i], begin, length) > slot)
			slot = slot_of(t->times[i], begin, length);
		if (slot != before)
			t->first[t->columns++] = i;
		before = slot;
		t->column[i] = (uint16_t)(t->columns - 1);
		t->time[t->columns - 1] = t->times[i];
	}
	free(t->times);
	t->times = NULL;
	return 0;
}

void kmr_lane_time_free(struct kmr_lane_time *t)
{
	free(t->times);
	free(t->column);
	memset(t, 0, sizeof(*t));
}

int kmr_lanes_init(struct kmr_lanes *l, const struct kmr_lane_time *time, unsigned int nr)
{
	l->time = time;
	l->nr = nr;
	if (!nr || !time->columns)
		return 0;
	l->cells = calloc((size_t)nr * time->columns, sizeof(*l->cells));
	l->at = calloc(nr, sizeof(*l->at));
	return l->cells && l->at ? 0 : -1;
}

/* Columns up to @column, exclusively, have what was last. */
static void carry(struct kmr_lane_cell *cells, struct kmr_lane_at *at, size_t column)
{
	for (; at->column < column; at->column++)
		cells[at->column] = (struct kmr_lane_cell){ at->value, at->value, at->value };
}

void kmr_lanes_put(struct kmr_lanes *l, unsigned int lane, size_t sample, int64_t value)
{
	const struct kmr_lane_time *t = l->time;
	struct kmr_lane_cell *cells = l->cells + (size_t)lane * t->columns, *cell;
	struct kmr_lane_at *at = &l->at[lane];
	size_t column = t->column[sample];

	if (at->column <= column) {
		carry(cells, at, column);
		if (sample == t->first[column]) {
			cells[column] = (struct kmr_lane_cell){ value, value, value };
			at->column = column + 1;
			at->value = value;
			return;
		}
		carry(cells, at, column + 1);
	}
	cell = &cells[column];
	if (value < cell->low)
		cell->low = value;
	if (value > cell->high)
		cell->high = value;
	cell->last = value;
	at->value = value;
}

void kmr_lanes_finish(struct kmr_lanes *l)
{
	unsigned int i;

	for (i = 0; l->cells && i < l->nr; i++)
		carry(l->cells + (size_t)i * l->time->columns, &l->at[i], l->time->columns);
}

void kmr_lanes_free(struct kmr_lanes *l)
{
	free(l->cells);
	free(l->at);
	memset(l, 0, sizeof(*l));
}

int64_t kmr_lane_highest(const struct kmr_lanes *l, unsigned int lane)
{
	const struct kmr_lane_cell *c = kmr_lane(l, lane);
	int64_t highest = c[0].high;
	unsigned int i;

	for (i = 1; i < l->time->columns; i++)
		if (c[i].high > highest)
			highest = c[i].high;
	return highest;
}

int64_t kmr_lane_lowest(const struct kmr_lanes *l, unsigned int lane)
{
	const struct kmr_lane_cell *c = kmr_lane(l, lane);
	int64_t lowest = c[0].low;
	unsigned int i;

	for (i = 1; i < l->time->columns; i++)
		if (c[i].low < lowest)
			lowest = c[i].low;
	return lowest;
}

int64_t kmr_lane_first(const struct kmr_lanes *l, unsigned int lane)
{
	return kmr_lane(l, lane)[0].last;
}

int64_t kmr_lane_end(const struct kmr_lanes *l, unsigned int lane)
{
	return kmr_lane(l, lane)[l->time->columns - 1].last;
}
