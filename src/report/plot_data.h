/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What figures are drawn from: the facts of runs, for titles and captions, and their series over
 * time, read out of the databases in one pass a table and reduced on the way.
 */
#ifndef REPORT_PLOT_DATA_H
#define REPORT_PLOT_DATA_H

#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"
#include "kmreplay/machine.h"
#include "kmreplay/store.h"
#include "report/lanes.h"

#define KMR_PLOT_TEXT	   256
#define KMR_PLOT_NAME	   64
#define KMR_PLOT_TOP	   8 /* caches, call sites that get a line of their own */
#define KMR_MAP_COLUMNS	   400
#define KMR_MAP_ROWS	   4096
#define KMR_CONTIG_ORDERS  40
#define KMR_UNMOVABLE_BINS 16

/* What a kind needs to be read. */
enum kmr_plot_need {
	KMR_NEED_FREE = 1 << 0, /* sample_free */
	KMR_NEED_ZONE = 1 << 1, /* sample_zone */
	KMR_NEED_PAGEBLOCK = 1 << 2, /* sample_pageblock */
	KMR_NEED_CONTIG = 1 << 3, /* sample_contig */
	KMR_NEED_BLOCKS = 1 << 4, /* sample_blocks */
	KMR_NEED_UNMOVABLE = 1 << 5, /* sample_unmovable */
	KMR_NEED_STRIPS = 1 << 6, /* strip, strip_sample */
	KMR_NEED_EXTFRAG = 1 << 7, /* extfrag */
	KMR_NEED_COUNTERS = 1 << 8, /* sample_counter */
	KMR_NEED_CACHES = 1 << 9, /* cache, cache_sample */
	KMR_NEED_SITES = 1 << 10, /* site_sample */
};

struct kmr_plot_zone {
	unsigned int node;
	char name[KMR_PLOT_NAME];
	uint64_t start_pfn, spanned, present, managed; /* pages */
};

/* Lanes of sample_free: for each zone those of each order, then the types. */
enum kmr_free_series {
	KMR_FREE_BLOCKS, /* blocks */
	KMR_FREE_UNUSABLE, /* thousandths */
	KMR_FREE_EXTFRAG, /* thousandths */
	KMR_FREE_SERIES
};

enum kmr_zone_series {
	KMR_ZONE_FREE,
	KMR_ZONE_PCP,
	KMR_ZONE_MIN,
	KMR_ZONE_LOW,
	KMR_ZONE_HIGH,
	KMR_ZONE_SERIES
};

enum kmr_blocks_series {
	KMR_BLOCKS_EMPTY,
	KMR_BLOCKS_MOVABLE,
	KMR_BLOCKS_MIXED,
	KMR_BLOCKS_UNMOVABLE,
	KMR_BLOCKS_MIXED_AGE, /* ns, sum */
	KMR_BLOCKS_SERIES
};

enum kmr_cache_series {
	KMR_CACHE_ACTIVE, /* bytes of objects in use */
	KMR_CACHE_HELD, /* bytes of slabs */
	KMR_CACHE_REQUESTED, /* bytes asked for */
	KMR_CACHE_SERIES
};

/* How harmful a fallback is, in the order of harm; each a lane. */
enum kmr_extfrag_class {
	KMR_EXTFRAG_UNMOVABLE, /* fragmenting, unmovable or reclaimable in movable pageblocks */
	KMR_EXTFRAG_MOVABLE, /* fragmenting, movable in others */
	KMR_EXTFRAG_WHOLE, /* took whole pageblocks: nothing is mixed */
	KMR_EXTFRAG_CLASSES
};

struct kmr_extfrag_cell {
	uint64_t steals, fragmenting;
};

/* What is seen of frames over time: columns of equal time, row 0 at the lowest frame. */
struct kmr_plot_map {
	unsigned int rows, columns;
	struct kmr_map_strip {
		uint64_t start_pfn, pages;
		unsigned int zone;
	} * strips; /* rows */
	struct kmr_map_cell {
		uint16_t used; /* thousandths of the frames */
		uint16_t unmovable; /* the same */
		uint8_t type; /* migrate type of most pageblocks */
	} * cells; /* [column * rows + row] */
};

struct kmr_plot_names {
	unsigned int nr;
	char (*name)[KMR_PLOT_NAME];
};

struct kmr_plot_run {
	sqlite3 *db; /* its own connection */
	const char *path; /* of the database */
	unsigned int database; /* index of it */
	sqlite3_int64 run;
	char label[KMR_PLOT_TEXT]; /* short, tells it from the others of the set */
	char backend[KMR_PLOT_TEXT], params[KMR_PLOT_TEXT];
	char object[KMR_PLOT_TEXT], object_params[KMR_PLOT_TEXT];
	char start[KMR_PLOT_TEXT];
	char trace[KMR_PLOT_TEXT]; /* last part of its path */
	char arch[KMR_PLOT_TEXT];
	char digest[KMR_DIGEST_SIZE];
	char migratetype[KMR_MIGRATE_TYPES][KMR_PLOT_NAME];
	uint64_t first_time, last_time; /* ns */
	uint64_t ram_pages, managed; /* pages */
	unsigned int page_shift;
	unsigned int nr_orders;
	unsigned int pageblock_order;
	unsigned int nr_cpus;
	unsigned int nr_nodes;
	unsigned int nr_zones;
	struct kmr_plot_zone zones[KMR_MAX_ZONES];

	struct kmr_lane_time time; /* of sample */
	struct kmr_lane_time object_time; /* of object_sample */
	struct kmr_lanes free, zone, pageblock, contig, blocks, unmovable;
	struct kmr_lanes extfrag; /* kmr_extfrag_class: fallbacks in each column's samples */
	struct kmr_extfrag_cell extfrag_matrix[KMR_MIGRATE_TYPES]
					      [KMR_MIGRATE_TYPES]; /* wanted, taken */
	uint64_t nr_extfrag;
	struct kmr_plot_names counter_names, cache_names, site_names;
	struct kmr_lanes counters; /* as counter_names */
	struct kmr_lanes caches; /* of each cache, kmr_cache_series; then of the whole backend */
	struct kmr_lanes sites; /* bytes asked for, as site_names */
	struct kmr_plot_map map;
};

/* Lane of a zone in the run's ->free; types follow the orders' series. */
static inline unsigned int kmr_free_lane(const struct kmr_plot_run *run, unsigned int zone,
					 enum kmr_free_series series, unsigned int order)
{
	return zone * (KMR_FREE_SERIES * run->nr_orders + KMR_MIGRATE_TYPES) +
	       (unsigned int)series * run->nr_orders + order;
}

static inline unsigned int kmr_free_type_lane(const struct kmr_plot_run *run, unsigned int zone,
					      unsigned int type)
{
	return kmr_free_lane(run, zone, KMR_FREE_SERIES, 0) + type;
}

/* The runs to draw. */
struct kmr_plot_set {
	unsigned int nr;
	struct kmr_plot_run **runs;
};

/*
 * Finds the runs of the databases: all, or those with the numbers @wanted, and reads their facts.
 * Free with kmr_plot_free_set(), also after a failure.
 */
int kmr_plot_find_runs(struct kmr_plot_set *set, const char *const *databases, unsigned int nr,
		       const unsigned int *wanted, unsigned int nr_wanted, struct kmr_error *err);

/* Reads the series that @needs (enum kmr_plot_need) says, of several runs at a time. */
int kmr_plot_load(struct kmr_plot_set *set, unsigned int needs, struct kmr_error *err);

void kmr_plot_free_set(struct kmr_plot_set *set);

/* Does the table have rows of the run?  -1: failed. */
int kmr_plot_has_rows(const struct kmr_plot_run *run, const char *table, struct kmr_error *err);

#endif
