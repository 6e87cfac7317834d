// SPDX-License-Identifier: GPL-2.0-only
/*
 * The digest of a run: 128-bit XXH3 over its rows in every table but trace, malformed, origin and
 * digest, tables by name, rows by primary key.  Values are written with their type and, for text, length in a fixed
 * byte order, so that neither the machine nor SQLite's encoding of rows matters and no two
 * different sets of rows look alike.  The run's number is left out: the same run has the same
 * digest wherever it is stored.  What is hashed is read back from the database, so the digest
 * vouches for what is really in there.
 */
#include "metrics/db.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "metrics/schema.h"

struct hasher {
	XXH3_state_t *state;
	size_t used;
	uint8_t buf[8192];
};

static void flush_bytes(struct hasher *h)
{
	(void)XXH3_128bits_update(h->state, h->buf, h->used);
	h->used = 0;
}

static void put_bytes(struct hasher *h, const void *data, size_t size)
{
	if (size > sizeof(h->buf) - h->used)
		flush_bytes(h);
	if (size > sizeof(h->buf)) {
		(void)XXH3_128bits_update(h->state, data, size);
		return;
	}
	if (size)
		memcpy(h->buf + h->used, data, size);
	h->used += size;
}

static void put_tagged(struct hasher *h, char tag, uint64_t value)
{
	uint8_t b[9];
	unsigned int i;

	b[0] = (uint8_t)tag;
	for (i = 0; i < 8; i++)
		b[1 + i] = (uint8_t)(value >> (8 * i));
	put_bytes(h, b, sizeof(b));
}

static void put_text(struct hasher *h, char tag, const void *text, size_t len)
{
	put_tagged(h, tag, len);
	put_bytes(h, text, len);
}

static void put_value(struct hasher *h, sqlite3_stmt *row, int column)
{
	double real;
	uint64_t bits;

	switch (sqlite3_column_type(row, column)) {
	case SQLITE_INTEGER:
		put_tagged(h, 'i', (uint64_t)sqlite3_column_int64(row, column));
		break;
	case SQLITE_FLOAT:
		real = sqlite3_column_double(row, column);
		memcpy(&bits, &real, sizeof(bits));
		put_tagged(h, 'f', bits);
		break;
	case SQLITE_NULL:
		put_tagged(h, 'n', 0);
		break;
	default: {
		const void *text = sqlite3_column_blob(row, column);

		put_text(h, 't', text, (size_t)sqlite3_column_bytes(row, column));
	}
	}
}

/* The table's name goes before its first row: one without rows is as one that is not there. */
static int hash_rows(struct hasher *h, sqlite3 *db, sqlite3_int64 run, const char *query,
		     const char *table)
{
	sqlite3_stmt *row;
	int rc = sqlite3_prepare_v2(db, query, -1, &row, NULL);
	bool first = true;
	int i, columns;

	if (rc)
		return rc;
	columns = sqlite3_column_count(row);
	(void)sqlite3_bind_int64(row, 1, run);
	while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
		if (first)
			put_text(h, 'T', table, strlen(table));
		first = false;
		put_tagged(h, 'r', (uint64_t)columns);
		for (i = 1; i < columns; i++) /* column 0 is the run's number */
			put_value(h, row, i);
	}
	(void)sqlite3_finalize(row);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int hash_table(struct hasher *h, sqlite3 *db, sqlite3_int64 run, const char *table,
		      const char *key)
{
	char *query = sqlite3_mprintf("SELECT * FROM %w WHERE run = ?1 ORDER BY %s", table, key);
	int rc;

	if (!query)
		return SQLITE_NOMEM;
	rc = hash_rows(h, db, run, query, table);
	sqlite3_free(query);
	return rc;
}

/*
 * Tables that start with a run's number, each with the columns of its primary key in order; as a
 * window function group_concat() promises an order, as an aggregate it does not.
 */
static const char tables_query[] =
	"SELECT t.name, (SELECT group_concat(k.name) OVER (ORDER BY k.pk ROWS BETWEEN UNBOUNDED"
	"	PRECEDING AND UNBOUNDED FOLLOWING) FROM pragma_table_info(t.name) k"
	"	WHERE k.pk > 0 LIMIT 1)"
	" FROM sqlite_schema t, pragma_table_info(t.name) c"
	" WHERE t.type = 'table' AND c.cid = 0 AND c.name = 'run'"
	"	AND t.name NOT IN ('trace', 'malformed', 'origin', 'digest')"
	" ORDER BY t.name";

static int hash_run(struct hasher *h, sqlite3 *db, sqlite3_int64 run)
{
	sqlite3_stmt *tables;
	int rc = sqlite3_prepare_v2(db, tables_query, -1, &tables, NULL);

	if (rc)
		return rc;
	put_tagged(h, 'v', KMR_SCHEMA_VERSION);
	while ((rc = sqlite3_step(tables)) == SQLITE_ROW) {
		rc = hash_table(h, db, run, (const char *)sqlite3_column_text(tables, 0),
				(const char *)sqlite3_column_text(tables, 1));
		if (rc)
			break;
	}
	(void)sqlite3_finalize(tables);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int kmr_db_digest(sqlite3 *db, sqlite3_int64 run, char digest[KMR_DIGEST_SIZE])
{
	struct hasher h = { .state = XXH3_createState() };
	XXH128_canonical_t bytes;
	size_t i;
	int rc;

	if (!h.state)
		return SQLITE_NOMEM;
	(void)XXH3_128bits_reset(h.state);
	rc = hash_run(&h, db, run);
	flush_bytes(&h);
	XXH128_canonicalFromHash(&bytes, XXH3_128bits_digest(h.state));
	for (i = 0; i < sizeof(bytes.digest); i++)
		(void)snprintf(digest + 2 * i, 3, "%02x", bytes.digest[i]);
	(void)XXH3_freeState(h.state);
	return rc;
}
