// SPDX-License-Identifier: GPL-2.0-only
#include "report/plot_query.h"

#include <stdio.h>

#include "metrics/db.h"
#include "metrics/query.h"

int kmr_plot_damaged(const struct kmr_plot_run *run, const char *what, struct kmr_error *err)
{
	return kmr_fail(err, "%s: the database is damaged: %s", run->path, what);
}

void kmr_plot_text(sqlite3_stmt *row, int column, char *to, size_t size)
{
	const unsigned char *from = sqlite3_column_text(row, column);

	(void)snprintf(to, size, "%s", from ? (const char *)from : "");
}

int kmr_plot_query(const struct kmr_plot_run *run, const char *sql, kmr_plot_row fn, void *ctx,
		   struct kmr_error *err)
{
	const struct kmr_database database = { .db = run->db, .path = run->path };
	sqlite3_stmt *row;
	int ret;

	if (kmr_query_begin(&database, sql, run->run, &row, err))
		return -1;
	while ((ret = kmr_query_next(&database, row, err)) > 0) {
		ret = fn(ctx, row, err);
		if (ret)
			break;
	}
	(void)sqlite3_finalize(row);
	return ret;
}

/* A scan under way, as SQLite's function sees it. */
struct scan {
	const struct kmr_plot_run *run;
	kmr_plot_values fn;
	void *ctx;
	struct kmr_error *err;
	bool failed;
};

static void scan_step(sqlite3_context *call, int nr, sqlite3_value **row)
{
	struct scan *scan = sqlite3_user_data(call);
	uint64_t values[KMR_PLOT_VALUES] = { 0 };
	int i;

	for (i = 0; i < nr; i++) {
		const sqlite3_int64 value = sqlite3_value_int64(row[i]);

		values[i] = value < 0 ? 0 : (uint64_t)value;
	}
	if (scan->failed || !scan->fn(scan->ctx, values, scan->err))
		return;
	scan->failed = true;
	sqlite3_result_error_code(call, SQLITE_ABORT); /* ends the query */
}

static void scan_end(sqlite3_context *call)
{
	sqlite3_result_null(call);
}

int kmr_plot_scan(const struct kmr_plot_run *run, const char *columns, const char *table,
		  kmr_plot_values fn, void *ctx, struct kmr_error *err)
{
	struct scan scan = { run, fn, ctx, err, false };
	char sql[256];
	sqlite3_stmt *row;
	int rc;

	(void)snprintf(sql, sizeof(sql), "SELECT kmr_scan(%s) FROM %s WHERE run = ?1", columns,
		       table);
	if (sqlite3_create_function_v2(run->db, "kmr_scan", -1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
				       &scan, NULL, scan_step, scan_end, NULL) ||
	    sqlite3_prepare_v2(run->db, sql, -1, &row, NULL))
		return kmr_db_fail(run->db, run->path, err);
	(void)sqlite3_bind_int64(row, 1, run->run);
	while ((rc = sqlite3_step(row)) == SQLITE_ROW)
		;
	if (rc != SQLITE_DONE && !scan.failed) {
		kmr_db_fail(run->db, run->path, err);
		scan.failed = true;
	}
	(void)sqlite3_finalize(row);
	(void)sqlite3_create_function_v2(run->db, "kmr_scan", -1, SQLITE_UTF8, NULL, NULL, NULL,
					 NULL, NULL);
	return scan.failed ? -1 : 0;
}

static int note_row(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	(void)err;
	*(int *)ctx = sqlite3_column_int(row, 0);
	return 0;
}

int kmr_plot_has_rows(const struct kmr_plot_run *run, const char *table, struct kmr_error *err)
{
	char sql[128];
	int has = 0;

	(void)snprintf(sql, sizeof(sql), "SELECT EXISTS (SELECT 1 FROM %s WHERE run = ?1)", table);
	return kmr_plot_query(run, sql, note_row, &has, err) ? -1 : has;
}
