/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading rows of one run.  The file may have been changed by other hands, so texts may be NULL
 * and numbers of any size: the functions below give "" and what fits instead.
 */
#ifndef METRICS_QUERY_H
#define METRICS_QUERY_H

#include <stdint.h>

#include <sqlite3.h>

#include "kmreplay/error.h"

/* An open database and its name, for messages. */
struct kmr_database {
	sqlite3 *db;
	const char *path;
};

/* Prepares @sql with @run as ?1.  0, or -1 with a message; *row is NULL then. */
int kmr_query_begin(const struct kmr_database *d, const char *sql, sqlite3_int64 run,
		    sqlite3_stmt **row, struct kmr_error *err);
/* The next row: 1, the end: 0, failed: -1. */
int kmr_query_next(const struct kmr_database *d, sqlite3_stmt *row, struct kmr_error *err);

/* "" for NULL; lives until the next row. */
const char *kmr_query_text(sqlite3_stmt *row, int column);
/* 0 for NULL and for what is below 0. */
uint64_t kmr_query_count(sqlite3_stmt *row, int column);

/* The only value of a query: 1 and *value, 0 when there is no row or it is NULL, -1 failed. */
int kmr_query_value(const struct kmr_database *d, const char *sql, sqlite3_int64 run, double *value,
		    struct kmr_error *err);

#endif
