// SPDX-License-Identifier: GPL-2.0-only
/* Physical memory over time: what is used of it, and what could be moved. */
#include <inttypes.h>
#include <stdlib.h>

#include "report/figure.h"
#include "report/units.h"

#define PIXEL_ROWS 320

/* What a pixel of the map of mobility shows. */
enum mobility {
	FREE,
	MOVABLE,
	MIXED,
	UNMOVABLE
};

/* The strip that a frame is in; rows: none, a hole. */
static unsigned int strip_of(const struct kmr_plot_map *map, uint64_t pfn)
{
	unsigned int low = 0, high = map->rows, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (map->strips[mid].start_pfn + map->strips[mid].pages <= pfn)
			low = mid + 1;
		else
			high = mid;
	}
	return low < map->rows && map->strips[low].start_pfn <= pfn ? low : map->rows;
}

static enum mobility mobility_of(const struct kmr_map_cell *c)
{
	if (!c->used)
		return FREE;
	if (!c->unmovable)
		return MOVABLE;
	return c->unmovable >= c->used ? UNMOVABLE : MIXED;
}

static double used_part(const struct kmr_map_cell *c)
{
	return c->used / 1000.0;
}

static double mobility_part(const struct kmr_map_cell *c)
{
	return (double)mobility_of(c);
}

/* Rows of pixels of equal size from the lowest frame up, columns of equal time. */
static void put_pixels(struct kmr_figure *f, const struct kmr_plot_run *run, uint64_t first,
		       uint64_t last, double (*value)(const struct kmr_map_cell *))
{
	const struct kmr_plot_map *map = &run->map;
	unsigned int y, x, row;
	uint64_t pfn;

	for (y = 0; y < PIXEL_ROWS; y++) {
		pfn = first + (uint64_t)((double)(last - first) * (y + 0.5) / PIXEL_ROWS);
		row = strip_of(map, pfn);
		for (x = 0; x < map->columns; x++) {
			if (x)
				(void)fputc('\t', f->data);
			if (row == map->rows)
				(void)fputs("NaN", f->data);
			else
				(void)fprintf(f->data, "%g",
					      value(&map->cells[(size_t)x * map->rows + row]));
		}
		(void)fputc('\n', f->data);
	}
}

/* Zones, for lines between them; those too thin for a name get none. */
static void put_zones(struct kmr_figure *f, const struct kmr_plot_run *run, uint64_t frames)
{
	unsigned int i;

	kmr_figure_number(f, "nr_nodes", run->nr_nodes);
	kmr_figure_number(f, "nr_zones", run->nr_zones);
	(void)fprintf(f->vars, "array zone_start[%u]\narray zone_end[%u]\narray zone_node[%u]\n",
		      run->nr_zones, run->nr_zones, run->nr_zones);
	for (i = 0; i < run->nr_zones; i++) {
		const struct kmr_plot_zone *z = &run->zones[i];

		kmr_figure_element(f, "zone_name", run->nr_zones, i + 1,
				   z->spanned * 18 < frames ? "" : z->name);
		(void)fprintf(f->vars,
			      "zone_start[%u] = %" PRIu64 "\nzone_end[%u] = %" PRIu64 "\n"
			      "zone_node[%u] = %u\n",
			      i + 1, z->start_pfn, i + 1, z->start_pfn + z->spanned, i + 1,
			      z->node);
	}
}

static int fill_map(struct kmr_figure *f, const struct kmr_scene *s,
		    double (*value)(const struct kmr_map_cell *))
{
	const struct kmr_plot_run *run = s->run;
	const struct kmr_plot_map *map = &run->map;
	const struct kmr_map_strip *top;
	uint64_t first, last;

	if (!map->cells)
		return 0;
	top = &map->strips[map->rows - 1];
	first = map->strips[0].start_pfn;
	last = top->start_pfn + top->pages;
	if (last <= first)
		return 0;
	kmr_figure_number(f, "pixel_rows", PIXEL_ROWS);
	kmr_figure_number(f, "pixel_columns", map->columns);
	kmr_figure_number(f, "first_pfn", (double)first);
	kmr_figure_number(f, "last_pfn", (double)last);
	put_zones(f, run, last - first);
	put_pixels(f, run, first, last, value);
	f->time_end = (double)run->time.time[run->time.columns - 1] / 1e9;
	return 1;
}

/* Of frames in strips, in thousandths, in a column. */
static unsigned int mean_used(const struct kmr_plot_map *map, unsigned int column)
{
	double sum = 0, pages = 0;
	unsigned int i;

	for (i = 0; i < map->rows; i++) {
		sum += (double)map->cells[(size_t)column * map->rows + i].used *
		       (double)map->strips[i].pages;
		pages += (double)map->strips[i].pages;
	}
	return (unsigned int)(sum / pages);
}

int kmr_fill_memory_map(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_map *map = &s->run->map;
	unsigned int begin, end;

	(void)err;
	if (!fill_map(f, s, used_part))
		return 0;
	begin = mean_used(map, 0);
	end = mean_used(map, map->columns - 1);
	kmr_figure_alt(f, "Of all frames %u.%u %% are in use at the start and %u.%u %% at the end.",
		       begin / 10, begin % 10, end / 10, end % 10);
	return 1;
}

int kmr_fill_mobility_map(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_map *map = &s->run->map;
	unsigned int count[UNMOVABLE + 1] = { 0 }, i;

	(void)err;
	if (!fill_map(f, s, mobility_part))
		return 0;
	for (i = 0; i < map->rows; i++)
		count[mobility_of(&map->cells[(size_t)(map->columns - 1) * map->rows + i])]++;
	kmr_figure_alt(
		f,
		"Of %u strips of frames %u are free at the end, %u hold movable frames alone, "
		"%u both kinds and %u unmovable ones alone.",
		map->rows, count[FREE], count[MOVABLE], count[MIXED], count[UNMOVABLE]);
	return 1;
}
