// SPDX-License-Identifier: GPL-2.0-only
/* Opening a database: each kind of wrong file has its own line. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "metrics/db.h"
#include "metrics/fixture.h"

static void expect_refusal(const char *path, const char *reason)
{
	struct kmr_error err = { { 0 } };
	char message[512];
	sqlite3 *db;

	(void)snprintf(message, sizeof(message), "%s: %s", path, reason);
	cr_expect_eq(kmr_db_open(&db, path, &err), -1);
	cr_expect_str_eq(err.msg, message);
	cr_expect_null(db);
}

Test(db, says_what_is_wrong_with_a_file)
{
	static const unsigned char png[] = "\x89PNG\r\n\x1a\n and what follows";
	struct fixture *f = fixture_new();
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/x.db", f->dir);
	expect_refusal(path, "No such file or directory");
	write_file(path, "", 0);
	expect_refusal(path, "the file is empty, not a database of kmreplay's");
	write_file(path, png, sizeof(png));
	expect_refusal(path, "not an SQLite database");
	write_file(path, "SQLite format 3", 16);
	expect_refusal(path, "truncated: only 16 bytes");
	expect_refusal(f->dir, "is a directory, not a database");
	expect_refusal("/dev/null", "not a regular file");
	fixture_free(f);
}

Test(db, says_when_a_database_is_not_ours)
{
	struct fixture *f = fixture_new();
	sqlite3 *db;

	cr_assert_eq(sqlite3_open(f->db, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, "CREATE TABLE t (a)", NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
	expect_refusal(f->db, "an SQLite database, but not one of kmreplay's");
	fixture_free(f);
}

static void change(const char *path, const char *sql)
{
	sqlite3 *db = open_raw(path);

	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

Test(db, says_when_the_schema_is_of_another_version)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE];
	struct kmr_error err;

	cr_assert_eq(fixture_store(f, f->db, 1, digest, &err), 0);
	change(f->db, "PRAGMA user_version = 4");
	expect_refusal(f->db, "has schema version 4, newer than this kmreplay's 3; "
			      "read it with the kmreplay that wrote it");
	change(f->db, "PRAGMA user_version = 0");
	expect_refusal(f->db, "has schema version 0, older than this kmreplay's 3; "
			      "replay its trace again");
	fixture_free(f);
}

Test(db, says_when_a_database_is_cut_off_or_damaged)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE], reason[128], *bytes;
	struct kmr_error err;
	struct stat st;

	cr_assert_eq(fixture_store(f, f->db, 5, digest, &err), 0);
	cr_assert_eq(stat(f->db, &st), 0);
	bytes = read_whole(f->db);
	write_file(f->db, bytes, (size_t)st.st_size - 1);
	(void)snprintf(reason, sizeof(reason), "truncated: %lld bytes of %lld",
		       (long long)st.st_size - 1, (long long)st.st_size);
	expect_refusal(f->db, reason);
	memset(bytes + 100, 0x55, 3000); /* the schema's page */
	write_file(f->db, bytes, (size_t)st.st_size);
	expect_refusal(f->db, "the database is damaged");
	free(bytes);
	fixture_free(f);
}

Test(db, says_when_a_table_is_missing)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE];
	struct kmr_error err;

	cr_assert_eq(fixture_store(f, f->db, 1, digest, &err), 0);
	change(f->db, "DROP TABLE digest");
	expect_refusal(f->db, "no such table: digest");
	fixture_free(f);
}
