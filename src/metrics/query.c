// SPDX-License-Identifier: GPL-2.0-only
#include "metrics/query.h"

#include "metrics/db.h"

int kmr_query_begin(const struct kmr_database *d, const char *sql, sqlite3_int64 run,
		    sqlite3_stmt **row, struct kmr_error *err)
{
	*row = NULL;
	if (sqlite3_prepare_v2(d->db, sql, -1, row, NULL))
		return kmr_db_fail(d->db, d->path, err);
	if (sqlite3_bind_parameter_count(*row) > 0)
		(void)sqlite3_bind_int64(*row, 1, run);
	return 0;
}

int kmr_query_next(const struct kmr_database *d, sqlite3_stmt *row, struct kmr_error *err)
{
	const int rc = sqlite3_step(row);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : kmr_db_fail(d->db, d->path, err);
}

const char *kmr_query_text(sqlite3_stmt *row, int column)
{
	const unsigned char *text = sqlite3_column_text(row, column);

	return text ? (const char *)text : "";
}

uint64_t kmr_query_count(sqlite3_stmt *row, int column)
{
	const sqlite3_int64 value = sqlite3_column_int64(row, column);

	return value < 0 ? 0 : (uint64_t)value;
}

int kmr_query_value(const struct kmr_database *d, const char *sql, sqlite3_int64 run, double *value,
		    struct kmr_error *err)
{
	sqlite3_stmt *row;
	int ret;

	if (kmr_query_begin(d, sql, run, &row, err))
		return -1;
	ret = kmr_query_next(d, row, err);
	if (ret > 0) {
		*value = sqlite3_column_double(row, 0);
		ret = sqlite3_column_type(row, 0) != SQLITE_NULL;
	}
	(void)sqlite3_finalize(row);
	return ret;
}
