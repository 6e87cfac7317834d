/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows on their way into the database: one prepared INSERT a table, values bound from left to
 * right.  The first SQLite error sticks, so that a row is written as straight code and looked at
 * once, when it is done.
 */
#ifndef METRICS_ROWS_H
#define METRICS_ROWS_H

#include <sqlite3.h>
#include <stdint.h>

enum kmr_table {
	KMR_TABLE_RUN,
	KMR_TABLE_TRACE,
	KMR_TABLE_MALFORMED,
	KMR_TABLE_MACHINE,
	KMR_TABLE_NODE,
	KMR_TABLE_NODE_DISTANCE,
	KMR_TABLE_CPU,
	KMR_TABLE_ZONE,
	KMR_TABLE_ZONE_RESERVE,
	KMR_TABLE_MIGRATETYPE,
	KMR_TABLE_SAMPLE,
	KMR_TABLE_SAMPLE_ZONE,
	KMR_TABLE_SAMPLE_FREE,
	KMR_TABLE_SAMPLE_PAGEBLOCK,
	KMR_TABLE_SAMPLE_PCP,
	KMR_TABLE_EXTFRAG,
	KMR_TABLE_FAILURE,
	KMR_TABLE_OUTCOME,
	KMR_TABLE_EVENT_COUNT,
	KMR_TABLE_COUNTER,
	KMR_TABLE_NUMA_ZONE,
	KMR_TABLE_NUMA_TRAFFIC,
	KMR_TABLE_CACHE,
	KMR_TABLE_OBJECT_SAMPLE,
	KMR_TABLE_CACHE_SAMPLE,
	KMR_TABLE_CALL_SITE,
	KMR_TABLE_VMAP,
	KMR_TABLE_VMAP_SAMPLE,
	KMR_TABLE_COST,
	KMR_TABLE_STEP,
	KMR_TABLE_LATENCY,
	KMR_TABLE_LATENCY_BUCKET,
	KMR_TABLE_SAMPLE_CONTIG,
	KMR_TABLE_SAMPLE_BLOCKS,
	KMR_TABLE_SAMPLE_UNMOVABLE,
	KMR_TABLE_STRIP,
	KMR_TABLE_STRIP_SAMPLE,
	KMR_TABLE_SAMPLE_COUNTER,
	KMR_TABLE_REQUEST,
	KMR_TABLE_CACHE_INFO,
	KMR_TABLE_LIFETIME,
	KMR_TABLE_REQUEST_SIZE,
	KMR_TABLE_SITE_SAMPLE,
	KMR_TABLE_ORIGIN,
	KMR_TABLE_DIGEST,
	KMR_NR_TABLES,
};

struct kmr_rows {
	sqlite3 *db;
	sqlite3_stmt *insert[KMR_NR_TABLES];
	sqlite3_stmt *row; /* the one being filled */
	int column; /* bound so far */
	int rc; /* first error */
	uint64_t run; /* whose rows they are */
};

/* Prepares the INSERTs.  Returns an SQLite code, as every function here that returns an int. */
int kmr_rows_prepare(struct kmr_rows *rows, sqlite3 *db);

/* A row's life: begin, its values in the order of the table's columns, end. */
void kmr_row_begin(struct kmr_rows *rows, enum kmr_table table);
void kmr_row_number(struct kmr_rows *rows, uint64_t value); /* at most INT64_MAX is kept */
void kmr_row_text(struct kmr_rows *rows, const char *text); /* must live until the row's end */
void kmr_row_null(struct kmr_rows *rows);
int kmr_row_end(struct kmr_rows *rows);

void kmr_rows_release(struct kmr_rows *rows);

#endif
