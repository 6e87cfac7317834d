// SPDX-License-Identifier: GPL-2.0-only
/*
 * The INSERT of every table.  The number of columns is asked of the database, so that it is said
 * in one place, the schema.
 */
#include "metrics/rows.h"

#include <string.h>

static const char *const table_names[KMR_NR_TABLES] = {
	[KMR_TABLE_RUN] = "run",
	[KMR_TABLE_TRACE] = "trace",
	[KMR_TABLE_MALFORMED] = "malformed",
	[KMR_TABLE_MACHINE] = "machine",
	[KMR_TABLE_NODE] = "node",
	[KMR_TABLE_NODE_DISTANCE] = "node_distance",
	[KMR_TABLE_CPU] = "cpu",
	[KMR_TABLE_ZONE] = "zone",
	[KMR_TABLE_ZONE_RESERVE] = "zone_reserve",
	[KMR_TABLE_MIGRATETYPE] = "migratetype",
	[KMR_TABLE_SAMPLE] = "sample",
	[KMR_TABLE_SAMPLE_ZONE] = "sample_zone",
	[KMR_TABLE_SAMPLE_FREE] = "sample_free",
	[KMR_TABLE_SAMPLE_PAGEBLOCK] = "sample_pageblock",
	[KMR_TABLE_SAMPLE_PCP] = "sample_pcp",
	[KMR_TABLE_EXTFRAG] = "extfrag",
	[KMR_TABLE_FAILURE] = "failure",
	[KMR_TABLE_OUTCOME] = "outcome",
	[KMR_TABLE_EVENT_COUNT] = "event_count",
	[KMR_TABLE_COUNTER] = "counter",
	[KMR_TABLE_NUMA_ZONE] = "numa_zone",
	[KMR_TABLE_NUMA_TRAFFIC] = "numa_traffic",
	[KMR_TABLE_CACHE] = "cache",
	[KMR_TABLE_OBJECT_SAMPLE] = "object_sample",
	[KMR_TABLE_CACHE_SAMPLE] = "cache_sample",
	[KMR_TABLE_CALL_SITE] = "call_site",
	[KMR_TABLE_VMAP] = "vmap",
	[KMR_TABLE_VMAP_SAMPLE] = "vmap_sample",
	[KMR_TABLE_COST] = "cost",
	[KMR_TABLE_STEP] = "step",
	[KMR_TABLE_LATENCY] = "latency",
	[KMR_TABLE_LATENCY_BUCKET] = "latency_bucket",
	[KMR_TABLE_SAMPLE_CONTIG] = "sample_contig",
	[KMR_TABLE_SAMPLE_BLOCKS] = "sample_blocks",
	[KMR_TABLE_SAMPLE_UNMOVABLE] = "sample_unmovable",
	[KMR_TABLE_STRIP] = "strip",
	[KMR_TABLE_STRIP_SAMPLE] = "strip_sample",
	[KMR_TABLE_SAMPLE_COUNTER] = "sample_counter",
	[KMR_TABLE_REQUEST] = "request",
	[KMR_TABLE_CACHE_INFO] = "cache_info",
	[KMR_TABLE_LIFETIME] = "lifetime",
	[KMR_TABLE_REQUEST_SIZE] = "request_size",
	[KMR_TABLE_SITE_SAMPLE] = "site_sample",
	[KMR_TABLE_ORIGIN] = "origin",
	[KMR_TABLE_DIGEST] = "digest",
};

/* Tables whose rows may come in parts, in any order: parts of a row are added up. */
static const char *const table_merges[KMR_NR_TABLES] = {
	[KMR_TABLE_FAILURE] = (" ON CONFLICT DO UPDATE SET count = count + excluded.count,"
			       " first_time = min(first_time, excluded.first_time)"),
	[KMR_TABLE_EVENT_COUNT] = " ON CONFLICT DO UPDATE SET count = count + excluded.count",
};

static int count_columns(sqlite3 *db, const char *table, int *columns)
{
	sqlite3_stmt *stmt;
	char *query = sqlite3_mprintf("SELECT * FROM %w", table);
	int rc;

	if (!query)
		return SQLITE_NOMEM;
	rc = sqlite3_prepare_v2(db, query, -1, &stmt, NULL);
	sqlite3_free(query);
	if (rc)
		return rc;
	*columns = sqlite3_column_count(stmt);
	return sqlite3_finalize(stmt);
}

static int prepare_insert(struct kmr_rows *rows, unsigned int table)
{
	const char *merge = table_merges[table] ? table_merges[table] : "";
	sqlite3_str *text;
	char *query;
	int rc, i, columns = 0;

	rc = count_columns(rows->db, table_names[table], &columns);
	if (rc)
		return rc;
	text = sqlite3_str_new(rows->db);
	sqlite3_str_appendf(text, "INSERT INTO %w VALUES (?", table_names[table]);
	for (i = 1; i < columns; i++)
		sqlite3_str_appendall(text, ", ?");
	sqlite3_str_appendf(text, ")%s", merge);
	query = sqlite3_str_finish(text);
	if (!query)
		return SQLITE_NOMEM;
	rc = sqlite3_prepare_v3(rows->db, query, -1, SQLITE_PREPARE_PERSISTENT,
				&rows->insert[table], NULL);
	sqlite3_free(query);
	return rc;
}

int kmr_rows_prepare(struct kmr_rows *rows, sqlite3 *db)
{
	unsigned int i;

	memset(rows, 0, sizeof(*rows));
	rows->db = db;
	for (i = 0; i < KMR_NR_TABLES && !rows->rc; i++)
		rows->rc = prepare_insert(rows, i);
	return rows->rc;
}

void kmr_row_begin(struct kmr_rows *rows, enum kmr_table table)
{
	rows->row = rows->insert[table];
	rows->column = 0;
}

void kmr_row_number(struct kmr_rows *rows, uint64_t value)
{
	sqlite3_int64 kept = value > INT64_MAX ? INT64_MAX : (sqlite3_int64)value;

	if (!rows->rc)
		rows->rc = sqlite3_bind_int64(rows->row, ++rows->column, kept);
}

void kmr_row_text(struct kmr_rows *rows, const char *text)
{
	if (!rows->rc)
		rows->rc = sqlite3_bind_text(rows->row, ++rows->column, text ? text : "", -1,
					     SQLITE_STATIC);
}

void kmr_row_null(struct kmr_rows *rows)
{
	if (!rows->rc)
		rows->rc = sqlite3_bind_null(rows->row, ++rows->column);
}

int kmr_row_end(struct kmr_rows *rows)
{
	int rc;

	if (rows->rc)
		return rows->rc;
	rc = sqlite3_step(rows->row);
	if (rc != SQLITE_DONE)
		rows->rc = rc;
	/* reset gives the step's error again, and sets it in the database handle */
	(void)sqlite3_reset(rows->row);
	return rows->rc;
}

void kmr_rows_release(struct kmr_rows *rows)
{
	unsigned int i;

	for (i = 0; i < KMR_NR_TABLES; i++)
		(void)sqlite3_finalize(rows->insert[i]);
	memset(rows, 0, sizeof(*rows));
}
