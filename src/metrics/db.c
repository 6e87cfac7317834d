// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening databases.  What kind of file it is gets read from the file's first 100 bytes
 * (sqlite.org/fileformat2.html, 1.3), so that a file cut short or of another program is told apart
 * before SQLite, whose messages know nothing of kmreplay, sees it.
 */
#include "metrics/db.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "metrics/schema.h"

#define HEADER_SIZE 100

/*
 * Up to this size all pages are looked at when a database is opened, in some 25 ms a MiB; the pages
 * of larger ones are when they are read.
 */
#define CHECKED_SIZE (UINT64_C(16) << 20)

static const char magic[16] = "SQLite format 3";

int kmr_db_open_file(sqlite3 **db, const char *path, int flags)
{
	size_t len = strlen(path);
	char *name;
	int rc;

	*db = NULL;
	name = malloc(len + 3);
	if (!name)
		return SQLITE_NOMEM;
	memcpy(name, "./", 2);
	memcpy(name + 2, path, len + 1);
	rc = sqlite3_open_v2(path[0] == '/' ? path : name, db,
			     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	free(name);
	return rc;
}

static int fail_damaged(const char *path, struct kmr_error *err)
{
	return kmr_fail(err, "%s: the database is damaged", path);
}

int kmr_db_fail(sqlite3 *db, const char *path, struct kmr_error *err)
{
	int rc = db ? sqlite3_errcode(db) : SQLITE_NOMEM;
	int errnum = db ? sqlite3_system_errno(db) : 0;

	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return kmr_fail_errno(err, ENOMEM, "%s", path);
	case SQLITE_FULL:
		return kmr_fail_errno(err, ENOSPC, "%s", path);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		if (errnum)
			return kmr_fail_errno(err, errnum, "%s", path);
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return fail_damaged(path, err);
	case SQLITE_READONLY:
		return kmr_fail(err,
				"%s: somebody who wrote to it did not finish; `sqlite3 %s .tables` "
				"tidies up",
				path, path);
	}
	return kmr_fail(err, "%s: %s", path, sqlite3_errmsg(db));
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int check_size(const uint8_t *header, uint64_t size, const char *path, struct kmr_error *err)
{
	uint32_t page_size = (uint32_t)header[16] << 8 | header[17];
	uint64_t whole;

	if (page_size == 1) /* how the format writes 65536 */
		page_size = 65536;
	whole = (uint64_t)page_size * be32(header + 28);
	if (size < whole)
		return kmr_fail(err, "%s: truncated: %llu bytes of %llu", path,
				(unsigned long long)size, (unsigned long long)whole);
	return 0;
}

static int check_header(const uint8_t *header, size_t got, uint64_t size, const char *path,
			struct kmr_error *err)
{
	uint32_t version;

	if (!got)
		return kmr_fail(err, "%s: the file is empty, not a database of kmreplay's", path);
	if (memcmp(header, magic, got < sizeof(magic) ? got : sizeof(magic)))
		return kmr_fail(err, "%s: not an SQLite database", path);
	if (got < HEADER_SIZE)
		return kmr_fail(err, "%s: truncated: only %zu bytes", path, got);
	if (be32(header + 68) != KMR_APPLICATION_ID)
		return kmr_fail(err, "%s: an SQLite database, but not one of kmreplay's", path);
	version = be32(header + 60);
	if (version != KMR_SCHEMA_VERSION)
		return kmr_fail(err, "%s: has schema version %u, %s than this kmreplay's %d; %s",
				path, version, version > KMR_SCHEMA_VERSION ? "newer" : "older",
				KMR_SCHEMA_VERSION,
				version > KMR_SCHEMA_VERSION
					? "read it with the kmreplay that wrote it"
					: "replay its trace again");
	return check_size(header, size, path, err);
}

static int check_file(const char *path, uint64_t *size, struct kmr_error *err)
{
	uint8_t header[HEADER_SIZE];
	struct stat st;
	size_t got;
	FILE *f;

	if (stat(path, &st))
		return kmr_fail_errno(err, errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return kmr_fail(err, "%s: is a directory, not a database", path);
	if (!S_ISREG(st.st_mode))
		return kmr_fail(err, "%s: not a regular file", path);
	f = fopen(path, "rb");
	if (!f)
		return kmr_fail_errno(err, errno, "%s", path);
	got = fread(header, 1, sizeof(header), f);
	if (ferror(f)) {
		(void)fclose(f);
		return kmr_fail_errno(err, EIO, "%s", path);
	}
	(void)fclose(f);
	*size = (uint64_t)st.st_size;
	return check_header(header, got, *size, path, err);
}

/* The first column of the first row of @sql into @text; an SQLite code. */
static int ask(sqlite3 *db, const char *sql, char *text, int size)
{
	sqlite3_stmt *row = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &row, NULL);

	text[0] = '\0';
	if (!rc)
		rc = sqlite3_step(row);
	if (rc == SQLITE_ROW)
		(void)sqlite3_snprintf(size, text, "%s", (const char *)sqlite3_column_text(row, 0));
	(void)sqlite3_finalize(row);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int check_pages(sqlite3 *db, const char *path, uint64_t size, struct kmr_error *err)
{
	char answer[8];

	if (size > CHECKED_SIZE)
		return 0;
	if (ask(db, "PRAGMA quick_check(1)", answer, sizeof(answer)))
		return kmr_db_fail(db, path, err);
	return strcmp(answer, "ok") ? fail_damaged(path, err) : 0;
}

static int check_runs(sqlite3 *db, const char *path, struct kmr_error *err)
{
	char answer[24];

	if (ask(db, "SELECT count(*) FROM run JOIN digest USING (run)", answer, sizeof(answer)))
		return kmr_db_fail(db, path, err);
	return strcmp(answer, "0") ? 0 : kmr_fail(err, "%s: there is no run in it", path);
}

int kmr_db_open(sqlite3 **db, const char *path, struct kmr_error *err)
{
	uint64_t size = 0;
	int ret;

	*db = NULL;
	if (check_file(path, &size, err))
		return -1;
	if (kmr_db_open_file(db, path, SQLITE_OPEN_READONLY))
		ret = kmr_db_fail(*db, path, err);
	else
		ret = check_pages(*db, path, size, err) || check_runs(*db, path, err) ? -1 : 0;
	if (!ret)
		return 0;
	(void)sqlite3_close(*db);
	*db = NULL;
	return -1;
}
