// SPDX-License-Identifier: GPL-2.0-only
/* Free memory of a zone over time: by order, by type, its indices, against the watermarks. */
#include <inttypes.h>
#include <string.h>

#include "report/figure.h"
#include "report/units.h"

static void mib(char *text, const struct kmr_plot_run *run, int64_t pages)
{
	kmr_units_bytes(text, (uint64_t)(pages < 0 ? 0 : pages) << run->page_shift);
}

static void put_orders(struct kmr_figure *f, const struct kmr_scene *s, enum kmr_free_series series,
		       unsigned int decimals)
{
	struct kmr_figure_column columns[KMR_MAX_ORDERS];
	char names[KMR_MAX_ORDERS][sizeof("order_4294967295")];
	unsigned int order;

	for (order = 0; order < s->run->nr_orders; order++) {
		(void)snprintf(names[order], sizeof(names[order]), "order_%u", order);
		columns[order].name = names[order];
		columns[order].lane = kmr_free_lane(s->run, s->zone, series, order);
	}
	kmr_figure_lanes(f, &s->run->free, columns, s->run->nr_orders, decimals);
}

int kmr_fill_free_blocks(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	char first[KMR_UNITS_SIZE], last[KMR_UNITS_SIZE];
	int64_t begin = 0, end = 0;
	unsigned int order, lane = 0;

	(void)err;
	if (!run->free.cells)
		return 0;
	put_orders(f, s, KMR_FREE_BLOCKS, 0);
	for (order = 0; order < run->nr_orders; order++) {
		lane = kmr_free_lane(run, s->zone, KMR_FREE_BLOCKS, order);
		begin += kmr_lane_first(&run->free, lane) << order;
		end += kmr_lane_end(&run->free, lane) << order;
	}
	mib(first, run, begin);
	mib(last, run, end);
	kmr_figure_alt(f,
		       "Free memory on the lists goes from %s to %s; blocks of the highest order "
		       "from %" PRId64 " to %" PRId64 ".",
		       first, last, kmr_lane_first(&run->free, lane),
		       kmr_lane_end(&run->free, lane));
	return 1;
}

/* Thousandths as "0.123" */
static const char *index_text(char text[16], int64_t thousandths)
{
	unsigned int size = (unsigned int)(thousandths < 0 ? -thousandths : thousandths);

	(void)snprintf(text, 16, "%s%u.%03u", thousandths < 0 ? "-" : "", size / 1000, size % 1000);
	return text;
}

static int fill_index(struct kmr_figure *f, const struct kmr_scene *s, enum kmr_free_series series,
		      const char *what)
{
	const struct kmr_plot_run *run = s->run;
	unsigned int lane = kmr_free_lane(run, s->zone, series, run->pageblock_order);
	char end[16], most[16];

	if (!run->free.cells)
		return 0;
	put_orders(f, s, series, 3);
	kmr_figure_alt(f, "The %s index for pageblocks (order %u) is at most %s and ends at %s.",
		       what, run->pageblock_order,
		       index_text(most, kmr_lane_highest(&run->free, lane)),
		       index_text(end, kmr_lane_end(&run->free, lane)));
	return 1;
}

int kmr_fill_unusable(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	(void)err;
	return fill_index(f, s, KMR_FREE_UNUSABLE, "unusable free space");
}

int kmr_fill_extfrag_index(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	(void)err;
	return fill_index(f, s, KMR_FREE_EXTFRAG, "external fragmentation");
}

static void put_types(struct kmr_figure *f, const struct kmr_scene *s,
		      const struct kmr_lanes *lanes, unsigned int first)
{
	struct kmr_figure_column columns[KMR_MIGRATE_TYPES];
	unsigned int type;

	for (type = 0; type < KMR_MIGRATE_TYPES; type++) {
		columns[type].name = s->run->migratetype[type];
		columns[type].lane = first + type;
		kmr_figure_element(f, "migratetype", KMR_MIGRATE_TYPES, type + 1,
				   s->run->migratetype[type]);
	}
	kmr_figure_lanes(f, lanes, columns, KMR_MIGRATE_TYPES, 0);
}

int kmr_fill_mobility(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	unsigned int first = kmr_free_type_lane(run, s->zone, 0), type;
	const char *separator = "";
	char end[KMR_UNITS_SIZE];

	(void)err;
	if (!run->free.cells)
		return 0;
	put_types(f, s, &run->free, first);
	kmr_figure_alt(f, "At the end ");
	for (type = 0; type < KMR_MIGRATE_TYPES; type++) {
		if (!kmr_lane_highest(&run->free, first + type))
			continue;
		mib(end, run, kmr_lane_end(&run->free, first + type));
		kmr_figure_alt(f, "%s%s %s", separator, end, run->migratetype[type]);
		separator = ", ";
	}
	kmr_figure_alt(f, "%s on the free lists.", *separator ? "" : "nothing is");
	return 1;
}

int kmr_fill_pageblocks(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	unsigned int first = s->zone * KMR_MIGRATE_TYPES;

	(void)err;
	if (!run->pageblock.cells)
		return 0;
	put_types(f, s, &run->pageblock, first);
	kmr_figure_alt(f,
		       "Unmovable pageblocks go from %" PRId64 " to %" PRId64
		       ", movable ones from %" PRId64 " to %" PRId64 ".",
		       kmr_lane_first(&run->pageblock, first + KMR_MIGRATE_UNMOVABLE),
		       kmr_lane_end(&run->pageblock, first + KMR_MIGRATE_UNMOVABLE),
		       kmr_lane_first(&run->pageblock, first + KMR_MIGRATE_MOVABLE),
		       kmr_lane_end(&run->pageblock, first + KMR_MIGRATE_MOVABLE));
	return 1;
}

int kmr_fill_watermarks(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	const unsigned int lane = s->zone * KMR_ZONE_SERIES;
	const struct kmr_figure_column columns[] = {
		{ "free_pages", lane + KMR_ZONE_FREE }, { "wmark_min", lane + KMR_ZONE_MIN },
		{ "wmark_low", lane + KMR_ZONE_LOW },	{ "wmark_high", lane + KMR_ZONE_HIGH },
		{ "pcp_pages", lane + KMR_ZONE_PCP },
	};
	char lowest[KMR_UNITS_SIZE], low[KMR_UNITS_SIZE];

	(void)err;
	if (!run->zone.cells)
		return 0;
	kmr_figure_lanes(f, &run->zone, columns, 5, 0);
	mib(lowest, run, kmr_lane_lowest(&run->zone, lane + KMR_ZONE_FREE));
	mib(low, run, kmr_lane_end(&run->zone, lane + KMR_ZONE_LOW));
	kmr_figure_alt(f, "Free memory is %s at the least; the low watermark ends at %s.", lowest,
		       low);
	return 1;
}

/* ---- frames ---- */

int kmr_fill_contiguity(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	struct kmr_figure_column columns[KMR_CONTIG_ORDERS];
	char names[KMR_CONTIG_ORDERS][24];
	const unsigned int first = s->zone * KMR_CONTIG_ORDERS;
	int64_t all = 0, huge = 0;
	unsigned int i, nr = 0;

	(void)err;
	if (!run->contig.cells)
		return 0;
	for (i = 0; i < KMR_CONTIG_ORDERS; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "run_order_%u", i);
		columns[i].name = names[i];
		columns[i].lane = first + i;
		if (kmr_lane_highest(&run->contig, first + i))
			nr = i + 1;
		all += kmr_lane_end(&run->contig, first + i);
		if (i >= run->pageblock_order)
			huge += kmr_lane_end(&run->contig, first + i);
	}
	if (!nr)
		return 0;
	kmr_figure_number(f, "nr_runs", nr);
	kmr_figure_lanes(f, &run->contig, columns, nr, 0);
	kmr_figure_alt(f,
		       "At the end %.1f %% of free memory lies in runs of at least a pageblock's "
		       "length.",
		       all ? 100.0 * (double)huge / (double)all : 0.0);
	return 1;
}

int kmr_fill_unmovable(struct kmr_figure *f, const struct kmr_scene *s, struct kmr_error *err)
{
	const struct kmr_plot_run *run = s->run;
	const unsigned int lane = s->zone * KMR_BLOCKS_SERIES;
	const struct kmr_figure_column columns[] = {
		{ "empty", lane + KMR_BLOCKS_EMPTY },
		{ "movable", lane + KMR_BLOCKS_MOVABLE },
		{ "mixed", lane + KMR_BLOCKS_MIXED },
		{ "unmovable", lane + KMR_BLOCKS_UNMOVABLE },
	};

	(void)err;
	if (!run->blocks.cells)
		return 0;
	kmr_figure_lanes(f, &run->blocks, columns, 4, 0);
	kmr_figure_alt(f,
		       "Pageblocks that mix movable and unmovable frames go from %" PRId64
		       " to %" PRId64 "; %" PRId64 " end without any unmovable frame.",
		       kmr_lane_first(&run->blocks, lane + KMR_BLOCKS_MIXED),
		       kmr_lane_end(&run->blocks, lane + KMR_BLOCKS_MIXED),
		       kmr_lane_end(&run->blocks, lane + KMR_BLOCKS_EMPTY) +
			       kmr_lane_end(&run->blocks, lane + KMR_BLOCKS_MOVABLE));
	return 1;
}
