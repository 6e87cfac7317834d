/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What writing and reading a database share: opening by plain file name, messages for SQLite's
 * errors, the digest.
 */
#ifndef METRICS_DB_H
#define METRICS_DB_H

#include <sqlite3.h>

#include "kmreplay/error.h"
#include "kmreplay/store.h"

/*
 * Opens a database that kmreplay wrote, for reading.  Fails with one line when the file is
 * missing, empty, truncated, damaged, no SQLite database, not one of kmreplay's, of another version,
 * or without any run.  Damage in a large file may show only where it is read, by kmr_db_fail().
 */
int kmr_db_open(sqlite3 **db, const char *path, struct kmr_error *err);

/*
 * sqlite3_open_v2() for a file name that means nothing but a file: ":memory:", "file:x?mode=ro" and
 * the like are names as any other.
 */
int kmr_db_open_file(sqlite3 **db, const char *path, int flags);

/* Leaves "PATH: reason" for the last error of @db. */
int kmr_db_fail(sqlite3 *db, const char *path, struct kmr_error *err);

/* Hashes the rows of @run in every table that enters the digest.  Returns an SQLite code. */
int kmr_db_digest(sqlite3 *db, sqlite3_int64 run, char digest[KMR_DIGEST_SIZE]);

#endif
