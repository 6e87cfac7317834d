// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables with rows a sample and zone, each read once in the order of its primary key.  What has no
 * row is 0.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/frag.h"
#include "report/plot_query.h"

#define MAX_VALUES (KMR_MAX_ORDERS * KMR_MIGRATE_TYPES)

struct zone_scan {
	struct kmr_plot_run *run;
	struct kmr_lanes *lanes;
	unsigned int per_zone; /* lanes */
	size_t sample; /* the group being read */
	unsigned int zone;
	uint64_t value[MAX_VALUES]; /* of the group */
	uint64_t (*before)[MAX_VALUES]; /* of each zone's last group */
	uint64_t rows;
	const char *columns, *table; /* what is read */
	/* takes the row's columns past sample and zone into @value; -1: damaged, says nothing */
	int (*add)(struct zone_scan *scan, const uint64_t *row);
	/* gives the group's values to lanes; NULL: value i to lane i */
	void (*put)(struct zone_scan *scan, unsigned int lane);
	const char *what; /* a row that add() refuses is */
	bool always; /* no row at all means that everything is 0, not that nobody looked */
};

static void put_group(struct zone_scan *scan)
{
	unsigned int lane = scan->zone * scan->per_zone, i;

	/* lanes keep what they have: most samples change nothing in most zones */
	if (scan->sample && !memcmp(scan->value, scan->before[scan->zone], sizeof(scan->value)))
		;
	else if (scan->put)
		scan->put(scan, lane);
	else
		for (i = 0; i < scan->per_zone; i++)
			kmr_lanes_put(scan->lanes, lane + i, scan->sample, (int64_t)scan->value[i]);
	memcpy(scan->before[scan->zone], scan->value, sizeof(scan->value));
	memset(scan->value, 0, sizeof(scan->value));
	if (++scan->zone == scan->run->nr_zones) {
		scan->zone = 0;
		scan->sample++;
	}
}

static int scan_row(void *ctx, const uint64_t *row, struct kmr_error *err)
{
	struct zone_scan *scan = ctx;
	const uint64_t sample = row[0], zone = row[1];

	if (sample >= scan->run->time.nr_samples || zone >= scan->run->nr_zones ||
	    sample < scan->sample || (sample == scan->sample && zone < scan->zone))
		return kmr_plot_damaged(scan->run, scan->what, err);
	while (scan->sample < sample || (scan->sample == sample && scan->zone < zone))
		put_group(scan);
	scan->rows++;
	return scan->add(scan, row) ? kmr_plot_damaged(scan->run, scan->what, err) : 0;
}

static int scan_zones(struct zone_scan *scan, struct kmr_error *err)
{
	struct kmr_plot_run *run = scan->run;
	int ret = -1;

	scan->before = calloc(run->nr_zones, sizeof(*scan->before));
	if (!scan->before ||
	    kmr_lanes_init(scan->lanes, &run->time, run->nr_zones * scan->per_zone))
		kmr_fail_nomem(err, "a run's series");
	else
		ret = kmr_plot_scan(run, scan->columns, scan->table, scan_row, scan, err);
	if (!ret && !scan->rows && !scan->always) {
		kmr_lanes_free(scan->lanes);
	} else if (!ret) {
		while (scan->sample < run->time.nr_samples)
			put_group(scan);
		kmr_lanes_finish(scan->lanes);
	}
	free(scan->before);
	return ret;
}

/* ---- sample_free ---- */

static int add_free(struct zone_scan *scan, const uint64_t *row)
{
	uint64_t order = row[2], type = row[3];

	if (order >= scan->run->nr_orders || type >= KMR_MIGRATE_TYPES)
		return -1;
	/* a block is a page at least: more than 2^40 of them would overflow sums below */
	scan->value[order * KMR_MIGRATE_TYPES + type] = row[4] & 0xffffffffff;
	return 0;
}

static void put_free(struct zone_scan *scan, unsigned int lane)
{
	const unsigned int nr_orders = scan->run->nr_orders;
	uint64_t blocks[KMR_MAX_ORDERS] = { 0 }, pages[KMR_MIGRATE_TYPES] = { 0 };
	unsigned int order, type;

	for (order = 0; order < nr_orders; order++)
		for (type = 0; type < KMR_MIGRATE_TYPES; type++) {
			uint64_t nr = scan->value[order * KMR_MIGRATE_TYPES + type];

			blocks[order] += nr;
			pages[type] += nr << order;
		}
	for (order = 0; order < nr_orders; order++) {
		kmr_lanes_put(scan->lanes, lane + KMR_FREE_BLOCKS * nr_orders + order, scan->sample,
			      (int64_t)blocks[order]);
		kmr_lanes_put(scan->lanes, lane + KMR_FREE_UNUSABLE * nr_orders + order,
			      scan->sample, kmr_unusable_index(blocks, nr_orders, order));
		kmr_lanes_put(scan->lanes, lane + KMR_FREE_EXTFRAG * nr_orders + order,
			      scan->sample, kmr_extfrag_index(blocks, nr_orders, order));
	}
	for (type = 0; type < KMR_MIGRATE_TYPES; type++)
		kmr_lanes_put(scan->lanes, lane + KMR_FREE_SERIES * nr_orders + type, scan->sample,
			      (int64_t)pages[type]);
}

int kmr_plot_read_free(struct kmr_plot_run *run, struct kmr_error *err)
{
	struct zone_scan scan = {
		.run = run,
		.lanes = &run->free,
		.per_zone = KMR_FREE_SERIES * run->nr_orders + KMR_MIGRATE_TYPES,
		.columns = "sample, zone, page_order, migratetype, blocks",
		.table = "sample_free",
		.add = add_free,
		.put = put_free,
		.what = "a free list of no sample, order or type",
		.always = true,
	};

	return scan_zones(&scan, err);
}

/* ---- tables with one row a zone ---- */

static int add_columns(struct zone_scan *scan, const uint64_t *row)
{
	unsigned int i;

	for (i = 0; i < scan->per_zone; i++)
		scan->value[i] = row[i + 2];
	return 0;
}

int kmr_plot_read_zone(struct kmr_plot_run *run, struct kmr_error *err)
{
	struct zone_scan scan = {
		.run = run,
		.lanes = &run->zone,
		.per_zone = KMR_ZONE_SERIES,
		.columns = "sample, zone, free_pages, pcp_pages, wmark_min, wmark_low, wmark_high",
		.table = "sample_zone",
		.add = add_columns,
		.what = "a zone's row of no sample or zone",
	};

	if (scan_zones(&scan, err))
		return -1;
	if (scan.rows != (uint64_t)run->time.nr_samples * run->nr_zones)
		return kmr_plot_damaged(run, "samples without their zones", err);
	return 0;
}

int kmr_plot_read_blocks(struct kmr_plot_run *run, struct kmr_error *err)
{
	struct zone_scan scan = {
		.run = run,
		.lanes = &run->blocks,
		.per_zone = KMR_BLOCKS_SERIES,
		.columns = "sample, zone, empty, movable, mixed, unmovable, mixed_age",
		.table = "sample_blocks",
		.add = add_columns,
		.what = "pageblocks of no sample or zone",
	};

	return scan_zones(&scan, err);
}

/* ---- tables with a row a zone and something else, a lane of its own ---- */

static int add_keyed(struct zone_scan *scan, const uint64_t *row)
{
	uint64_t key = row[2];

	if (key >= scan->per_zone)
		return -1;
	scan->value[key] = row[3];
	return 0;
}

int kmr_plot_read_pageblock(struct kmr_plot_run *run, struct kmr_error *err)
{
	struct zone_scan scan = {
		.run = run,
		.lanes = &run->pageblock,
		.per_zone = KMR_MIGRATE_TYPES,
		.columns = "sample, zone, migratetype, pageblocks",
		.table = "sample_pageblock",
		.add = add_keyed,
		.what = "pageblocks of no sample, zone or type",
		.always = true,
	};

	return scan_zones(&scan, err);
}

int kmr_plot_read_contig(struct kmr_plot_run *run, struct kmr_error *err)
{
	struct zone_scan scan = {
		.run = run,
		.lanes = &run->contig,
		.per_zone = KMR_CONTIG_ORDERS,
		.columns = "sample, zone, run_order, pages",
		.table = "sample_contig",
		.add = add_keyed,
		.what = "runs of free frames of no sample, zone or length",
	};

	return scan_zones(&scan, err);
}

int kmr_plot_read_unmovable(struct kmr_plot_run *run, struct kmr_error *err)
{
	struct zone_scan scan = {
		.run = run,
		.lanes = &run->unmovable,
		.per_zone = KMR_UNMOVABLE_BINS,
		.columns = "sample, zone, frame_order, pageblocks",
		.table = "sample_unmovable",
		.add = add_keyed,
		.what = "unmovable frames of no sample, zone or number",
	};

	return scan_zones(&scan, err);
}
