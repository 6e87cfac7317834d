// SPDX-License-Identifier: GPL-2.0-only
/* The store: what is written can be read, and the digest. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "metrics/db.h"
#include "metrics/fixture.h"
#include "metrics/schema.h"

static sqlite3 *stored(struct fixture *f, unsigned int nr_samples, char digest[KMR_DIGEST_SIZE])
{
	struct kmr_error err;
	sqlite3 *db;

	cr_assert_eq(fixture_store(f, f->db, nr_samples, digest, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_db_open(&db, f->db, &err), 0, "%s", err.msg);
	return db;
}

static void expect_rows(sqlite3 *db, const char *query, const char *expected)
{
	char *rows = rows_of(db, query);

	cr_expect_str_eq(rows, expected, "%s gives\n%s", query, rows);
	free(rows);
}

Test(store, round_trip)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE], expected[256], gfp[1024];
	sqlite3 *db = stored(f, 3, digest);

	expect_rows(db, "SELECT * FROM run",
		    "1|linux-6.1|nofragment=1|snapshot|slab|limit=0|snapshot|2000000000|"
		    "9000000000\n");
	expect_rows(db, "SELECT * FROM cache",
		    "1|0|filp|160|192|21|0|0|0|0|9|2|0|0|1|0\n"
		    "1|1|kmalloc-64|64|64|64|0|120|60|8|0|0|0|3|0|0\n");
	expect_rows(db, "SELECT * FROM object_sample", "1|0|2000000000|0|3\n1|1|9000000000|11|5\n");
	expect_rows(db, "SELECT * FROM cache_sample",
		    "1|0|0|5|21|1|1|1|0|0|700\n1|0|1|30|128|2|2|1|1|4|1000\n"
		    "1|1|0|7|21|1|1|1|0|0|980\n");
	expect_rows(db,
		    "SELECT cache, active, cached FROM cache_at WHERE sample = 1 ORDER BY cache",
		    "0|7|0\n1|30|4\n");
	expect_rows(db, "SELECT * FROM call_site",
		    "1|0|open+0x1|filp|9|1440|1728|2|1|5000|7|980\n");
	expect_rows(db, "SELECT line FROM slabinfo LIMIT 1 OFFSET 2",
		    "kmalloc-64            34    128     64   64    1 : tunables  120   60    8 : "
		    "slabdata      2      2      0\n");
	expect_rows(db, "SELECT * FROM machine", "1|i386|12|11|10|1|97768|4512\n");
	expect_rows(db, "SELECT * FROM cpu", "1|0|0\n1|1|0\n");
	expect_rows(db, "SELECT * FROM node_distance", "1|0|0|10\n");
	expect_rows(db, "SELECT * FROM zone",
		    "1|0|0|2|Normal|4096|65536|65000|64000|1000|1250|1500|0|378|63|16\n"
		    "1|1|0|3|HighMem|69632|32768|32768|32768|128|300|450|7|90|15|8\n");
	expect_rows(db, "SELECT * FROM zone_reserve", "1|0|2|0\n1|0|3|50\n1|1|2|0\n1|1|3|0\n");
	expect_rows(db, "SELECT * FROM sample",
		    "1|0|2000000000|0\n1|1|2001000000|1\n1|2|2002000000|2\n");
	expect_rows(db, "SELECT * FROM sample_zone WHERE sample = 2",
		    "1|2|0|30000|20|1000|1250|1500|0|0\n1|2|1|30000|20|128|300|450|0|0\n");
	expect_rows(db,
		    "SELECT * FROM sample_free WHERE sample = 1 AND zone = 1 AND page_order < 2",
		    "1|1|1|0|1|1\n1|1|1|1|0|1\n1|1|1|1|1|4\n");
	expect_rows(db, "SELECT count(*) FROM sample_free WHERE blocks = 0", "0\n");
	expect_rows(db, "SELECT * FROM sample_pcp WHERE sample = 0",
		    "1|0|0|0|5\n1|0|1|0|17\n1|0|1|1|3\n");
	expect_rows(db, "SELECT * FROM sample_pageblock WHERE sample = 0 AND zone = 0",
		    "1|0|0|0|4\n1|0|0|1|60\n");
	expect_rows(db, "SELECT * FROM extfrag", "1|0|2500000000|0|4096|2|9|0|1|1|1\n");
	(void)snprintf(expected, sizeof(expected), "1|4|%s|2|2600000000\n",
		       kmr_gfp_format(0x1c0, gfp, sizeof(gfp)));
	expect_rows(db, "SELECT * FROM failure", expected);
	expect_rows(db, "SELECT * FROM event_count", "1|mm_page_alloc|7\n1|mm_page_free|5\n");
	expect_rows(db, "SELECT * FROM malformed",
		    "1|77|no pfn=|cc1-1 [000] 1.0: mm_page_alloc: ?\n");
	expect_rows(db, "SELECT name, value FROM counter WHERE value ORDER BY name",
		    "kmap_local.deepest|7\nmappings.same_address|2\nmappings.vmallocs|3\n"
		    "object.allocs|9\nobject.fast_allocs|8\nobject.frees|2\n"
		    "objects.allocs|9\nobjects.frees|2\nobjects.live_objects|37\n"
		    "page.allocs|7\npage.splits|11\npkmap.maps|6\nreplay.events|12\n"
		    "replay.failures|1\nreplay.page_allocs|7\nvmap.allocs|4\nvmap.restarts|5\n");
	expect_rows(db, "SELECT * FROM vmap",
		    "1|augmented|nodes=0|612|0xffffc90000000000|0xffffe8ffffffffff|8192|1024|16\n");
	expect_rows(db, "SELECT * FROM vmap_sample WHERE sample = 1",
		    "1|1|9000000000|21|1|2|3|4|5|6|7|4000|1000|10|11|12|13|14|15|16|17\n");
	expect_rows(db, "SELECT sample, holes, unusable FROM vmap_fragmentation",
		    "0|1|0.0\n1|7|0.75\n");
	expect_rows(db, "SELECT format, kernel, pointer_bits, events, malformed FROM trace",
		    "ftrace|6.1 or later|32|12|1\n");
	expect_rows(db, "SELECT trace, compression, machine FROM origin",
		    "traces/a.zst|zstd|/some/where/kmsnap\n");
	(void)snprintf(expected, sizeof(expected), "1|%s\n", digest);
	expect_rows(db, "SELECT * FROM digest", expected);
	(void)sqlite3_close(db);
	fixture_free(f);
}

Test(store, schema_holds)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE];
	sqlite3 *db = stored(f, 2, digest);

	expect_rows(db, "PRAGMA integrity_check", "ok\n");
	expect_rows(db, "PRAGMA foreign_key_check", "");
	expect_rows(db,
		    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
		    " AND name NOT LIKE 'sqlite%' AND NOT strict",
		    "");
	/* every table but the vocabulary begins with the run */
	expect_rows(db,
		    "SELECT t.name FROM sqlite_schema t, pragma_table_info(t.name) c"
		    " WHERE t.type = 'table' AND c.cid = 0 AND c.name <> 'run'",
		    "migratetype\n");
	expect_rows(db, "PRAGMA application_id", "1802334832\n");
	expect_rows(db, "PRAGMA user_version", "3\n");
	(void)sqlite3_close(db);
	fixture_free(f);
}

/* Every column says what it is; run, sample, zone and cpu are explained where they are at home. */
Test(store, schema_documents_every_column)
{
	char *text = strdup(kmr_metrics_sql), *line, *state;
	unsigned int columns = 0;

	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		if (!strncmp(line, "CREATE VIEW", 11))
			break;
		if (line[0] != '\t' || line[1] < 'a' || line[1] > 'z')
			continue;
		columns++;
		if (strncmp(line, "\trun ", 5) && strncmp(line, "\tsample ", 8) &&
		    strncmp(line, "\tzone ", 6) && strncmp(line, "\tvalue ", 7))
			cr_expect(strstr(line, "-- "), "no comment: %s", line);
	}
	cr_expect_gt(columns, 100);
	free(text);
}

Test(store, equal_runs_are_equal_files)
{
	struct fixture *f = fixture_new();
	char other[128], first[KMR_DIGEST_SIZE], second[KMR_DIGEST_SIZE];
	struct kmr_error err;

	(void)snprintf(other, sizeof(other), "%s/a longer name of another length.db", f->dir);
	cr_assert_eq(fixture_store(f, f->db, 50, first, &err), 0, "%s", err.msg);
	cr_assert_eq(fixture_store(f, other, 50, second, &err), 0, "%s", err.msg);
	cr_expect_str_eq(first, second);
	cr_expect(same_bytes(f->db, other), "the files differ");
	cr_expect_eq(strlen(first), 32);
	cr_expect_eq(strspn(first, "0123456789abcdef"), 32);
	fixture_free(f);
}

Test(store, digest_knows_nothing_of_paths)
{
	struct fixture *f = fixture_new();
	char first[KMR_DIGEST_SIZE], second[KMR_DIGEST_SIZE];
	struct kmr_error err;

	cr_assert_eq(fixture_store(f, f->db, 2, first, &err), 0);
	f->run.trace = "-";
	f->trace.compression = "none";
	f->trace.format = "trace_pipe";
	f->trace.bytes++;
	strcpy(f->machine.name, "elsewhere");
	cr_assert_eq(fixture_store(f, f->db, 2, second, &err), 0);
	cr_expect_str_eq(first, second);
	fixture_free(f);
}

/* Changes one value of the last row and says whether the digest noticed. */
static bool digest_notices(sqlite3 *db, const char *table, const char *column, const char *digest)
{
	char *change = sqlite3_mprintf(
		"SAVEPOINT s; UPDATE %w SET %w = CASE typeof(%w) WHEN 'integer' THEN %w + 100000"
		" ELSE %w || 'x' END",
		table, column, column, column, column);
	char now[KMR_DIGEST_SIZE];
	int rc = sqlite3_exec(db, change, NULL, NULL, NULL);

	cr_expect_eq(rc, SQLITE_OK, "%s: %s", change, sqlite3_errmsg(db));
	cr_expect_gt(sqlite3_changes(db), 0, "no rows in %s", table);
	cr_expect_eq(kmr_db_digest(db, 1, now), SQLITE_OK);
	cr_expect_eq(sqlite3_exec(db, "ROLLBACK TO s; RELEASE s", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_free(change);
	return strcmp(now, digest) != 0;
}

/* Tables that the fixture leaves empty get a row of ones. */
static void fill_empty_tables(sqlite3 *db)
{
	static const char inserts[] =
		"SELECT 'INSERT INTO ' || t.name || ' SELECT ' ||"
		"	(SELECT group_concat('1') FROM pragma_table_info(t.name)) ||"
		"	' WHERE NOT EXISTS (SELECT * FROM ' || t.name || ')'"
		" FROM sqlite_schema t WHERE t.type = 'table'";
	sqlite3_stmt *row;

	cr_assert_eq(sqlite3_prepare_v2(db, inserts, -1, &row, NULL), SQLITE_OK);
	while (sqlite3_step(row) == SQLITE_ROW)
		cr_assert_eq(sqlite3_exec(db, (const char *)sqlite3_column_text(row, 0), NULL, NULL,
					  NULL),
			     SQLITE_OK, "%s", sqlite3_errmsg(db));
	(void)sqlite3_finalize(row);
}

Test(store, digest_notices_every_value)
{
	static const char columns[] =
		"SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c"
		" WHERE t.type = 'table' AND c.name <> 'run' AND t.name <> 'migratetype'";
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE], again[KMR_DIGEST_SIZE];
	struct kmr_error err;
	sqlite3_stmt *row;
	unsigned int checked = 0;
	sqlite3 *db;

	cr_assert_eq(fixture_store(f, f->db, 1, digest, &err), 0);
	db = open_raw(f->db);
	cr_assert_eq(kmr_db_digest(db, 1, again), SQLITE_OK);
	cr_expect_str_eq(again, digest);
	fill_empty_tables(db);
	cr_assert_eq(kmr_db_digest(db, 1, digest), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, columns, -1, &row, NULL), SQLITE_OK);
	while (sqlite3_step(row) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(row, 0);
		const char *column = (const char *)sqlite3_column_text(row, 1);
		bool outside = !strcmp(table, "origin") || !strcmp(table, "digest") ||
			       !strcmp(table, "trace") || !strcmp(table, "malformed");

		if (!outside || strcmp(table, "digest"))
			cr_expect_neq(digest_notices(db, table, column, digest), outside, "%s.%s",
				      table, column);
		checked++;
	}
	(void)sqlite3_finalize(row);
	cr_expect_gt(checked, 100);
	(void)sqlite3_close(db);
	fixture_free(f);
}

Test(store, digest_knows_nothing_of_tables_without_rows)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE], again[KMR_DIGEST_SIZE];
	struct kmr_error err;
	sqlite3 *db;

	cr_assert_eq(fixture_store(f, f->db, 1, digest, &err), 0);
	db = open_raw(f->db);
	cr_assert_eq(sqlite3_exec(db, "CREATE TABLE another (run INTEGER PRIMARY KEY, v INTEGER)",
				  NULL, NULL, NULL),
		     SQLITE_OK);
	cr_assert_eq(kmr_db_digest(db, 1, again), SQLITE_OK);
	cr_expect_str_eq(again, digest);
	cr_assert_eq(sqlite3_exec(db, "INSERT INTO another VALUES (1, 0)", NULL, NULL, NULL),
		     SQLITE_OK);
	cr_assert_eq(kmr_db_digest(db, 1, again), SQLITE_OK);
	cr_expect_str_neq(again, digest);
	(void)sqlite3_close(db);
	fixture_free(f);
}

Test(store, digest_is_the_same_under_another_number)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE], moved[KMR_DIGEST_SIZE];
	struct kmr_error err;
	char *tables, *table, *state, sql[128];
	sqlite3 *db;

	cr_assert_eq(fixture_store(f, f->db, 2, digest, &err), 0);
	db = open_raw(f->db);
	tables = rows_of(db, "SELECT name FROM sqlite_schema WHERE type = 'table'"
			     " AND name <> 'migratetype'");
	for (table = strtok_r(tables, "\n", &state); table; table = strtok_r(NULL, "\n", &state)) {
		(void)snprintf(sql, sizeof(sql), "UPDATE %s SET run = 7", table);
		cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	}
	free(tables);
	cr_assert_eq(kmr_db_digest(db, 7, moved), SQLITE_OK);
	cr_expect_str_eq(moved, digest);
	(void)sqlite3_close(db);
	fixture_free(f);
}

Test(store, failures_add_up_in_any_order)
{
	static const uint64_t parts[2][3] = { { 1, 2, 3 }, { 3, 1, 2 } };
	struct fixture *f = fixture_new();
	char digest[2][KMR_DIGEST_SIZE];
	struct kmr_error err;
	unsigned int i, j;

	for (i = 0; i < 2; i++) {
		struct kmr_store *store;

		cr_assert_eq(kmr_store_create(&store, f->db, &f->machine, &err), 0);
		for (j = 0; j < 3; j++)
			cr_assert_eq(kmr_store_failure(store, 3, 0x40, parts[i][j],
						       100 * parts[i][j], &err),
				     0);
		cr_assert_eq(kmr_store_finish(store, &f->run, &f->trace, &f->stats, &f->work,
					      digest[i], &err),
			     0);
	}
	cr_expect_str_eq(digest[0], digest[1]);
	sqlite3 *db = open_raw(f->db);
	expect_rows(db, "SELECT page_order, count, first_time FROM failure", "3|6|100\n");
	(void)sqlite3_close(db);
	fixture_free(f);
}

Test(store, huge_numbers_do_not_turn_negative)
{
	struct fixture *f = fixture_new();
	char digest[KMR_DIGEST_SIZE];
	sqlite3 *db;

	f->stats.events = UINT64_MAX;
	f->run.last_time = UINT64_MAX;
	db = stored(f, 1, digest);
	expect_rows(db, "SELECT last_time FROM run", "9223372036854775807\n");
	expect_rows(db, "SELECT value FROM counter WHERE name = 'replay.events'",
		    "9223372036854775807\n");
	(void)sqlite3_close(db);
	fixture_free(f);
}
