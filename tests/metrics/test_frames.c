// SPDX-License-Identifier: GPL-2.0-only
/*
 * What surveys found and what was counted over time: packed into a series, written into a store, and
 * read back through the tables and the views made of them.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/series.h"
#include "metrics/db.h"
#include "metrics/fixture.h"

#define STRIPS 3

static struct kmr_zone_survey surveys[2][FIXTURE_ZONES];
static struct kmr_strip_state states[2][STRIPS];
static struct kmr_sample_counts counts[2];

static const struct kmr_strip strips[STRIPS] = {
	{ 1, 4095, 0 },
	{ 4096, 2048, 1 },
	{ 6144, 2048, -1 }, /* hot-plug memory that never came */
};

static void fill(void)
{
	struct kmr_zone_survey *z = &surveys[0][0];

	memset(surveys, 0, sizeof(surveys));
	memset(states, 0, sizeof(states));
	memset(counts, 0, sizeof(counts));
	z->runs[0] = 5;
	z->run_pages[0] = 5;
	z->runs[3] = 2;
	z->run_pages[3] = 8 + 11;
	z->runs[9] = 1;
	z->run_pages[9] = 600;
	z->empty = 2;
	z->movable = 3;
	z->unmovable = 4;
	z->mixed = 1;
	z->cut = 1;
	z->movable_pages = 900;
	z->unmovable_pages = UINT64_C(1) << 40;
	z->mixed_age = 5000;
	z->passed_over = 1 + KMR_MIGRATE_RECLAIMABLE;
	z->unmovable_blocks[0] = 1;
	z->unmovable_blocks[8] = 4;
	surveys[0][1].runs[32] = 1;
	surveys[0][1].run_pages[32] = UINT64_C(1) << 32;
	memcpy(surveys[1], surveys[0], sizeof(surveys[0]));
	for (unsigned int i = 0; i < STRIPS; i++)
		states[0][i] = (struct kmr_strip_state){ 100 + i, 200 + i, 300 + i, i };
	memcpy(states[1], states[0], sizeof(states[0]));
	states[1][1].free--;
	states[1][1].movable++;
	counts[0].page.allocs = 7;
	counts[1].page.allocs = 9;
	counts[1].page.splits = 1; /* not kept over time */
	counts[1].pressure.allocstall = 3;
	counts[1].moved.moved = 4;
	counts[0].thp_requests = counts[1].thp_requests = 2;
}

static struct kmr_sample sample_of(const struct fixture *f, unsigned int i)
{
	return (struct kmr_sample){
		.time = 1000 + 100 * i,
		.event = i,
		.zones = f->zones,
		.pcp = f->pcp,
		.surveys = i == 1 ? NULL : surveys[i / 2],
		.strips = i == 1 ? NULL : states[i / 2],
		.counts = &counts[i / 2],
	};
}

/* Three samples, the middle one not surveyed. */
static sqlite3 *stored(struct fixture *f)
{
	static const struct kmr_order_requests requests[KMR_MAX_ORDERS] = {
		[0] = { 100, 1, 0, 0 },
		[9] = { 10, 6, 8, 2 },
	};
	char digest[KMR_DIGEST_SIZE];
	struct kmr_series *series;
	struct kmr_store *store;
	struct kmr_error err;
	sqlite3 *db;

	fill();
	cr_assert_eq(kmr_series_create(&series, f->machine.nr_zones, f->machine.nr_cpus, STRIPS, 8,
				       &err),
		     0);
	for (unsigned int i = 0; i < 3; i++) {
		const struct kmr_sample sample = sample_of(f, i);

		cr_assert_eq(kmr_series_add(series, &sample, &err), 0);
	}
	cr_assert_eq(kmr_store_create(&store, f->db, &f->machine, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_store_strips(store, strips, STRIPS, &err), 0);
	cr_assert_eq(kmr_series_write(series, store, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_store_requests(store, requests, KMR_MAX_ORDERS, &err), 0);
	for (unsigned int i = 0; i < 12; i++) {
		const struct kmr_extfrag ef = {
			.fallback_order = i % 2 ? 3 : 10,
			.migratetype = (uint8_t)(i / 2 % 3),
			.fallback_migratetype = (uint8_t)((i / 2 + 1 + i / 6) % 3),
		};

		cr_assert_eq(kmr_store_extfrag(store, 1, &ef, &err), 0);
	}
	cr_assert_eq(kmr_store_finish(store, &f->run, &f->trace, &f->stats, &f->work, digest, &err),
		     0, "%s", err.msg);
	kmr_series_destroy(series);
	cr_assert_eq(kmr_db_open(&db, f->db, &err), 0, "%s", err.msg);
	return db;
}

static void expect(sqlite3 *db, const char *query, const char *expected)
{
	char *rows = rows_of(db, query);

	cr_expect_str_eq(rows, expected, "%s gives\n%s", query, rows);
	free(rows);
}

static void expect_nothing_dangling(sqlite3 *db)
{
	expect(db, "PRAGMA foreign_key_check", "");
}

Test(frames, tables)
{
	struct fixture *f = fixture_new();
	sqlite3 *db = stored(f);

	expect(db,
	       "SELECT sample, zone, run_order, runs, pages FROM sample_contig WHERE sample < 2",
	       "0|0|0|5|5\n0|0|3|2|19\n0|0|9|1|600\n0|1|32|1|4294967296\n");
	expect(db,
	       "SELECT empty, movable, unmovable, mixed, cut, movable_pages, unmovable_pages,"
	       " mixed_age, passed_over FROM sample_blocks WHERE zone = 0",
	       "2|3|4|1|1|900|1099511627776|5000|2\n2|3|4|1|1|900|1099511627776|5000|2\n");
	expect(db, "SELECT passed_over IS NULL FROM sample_blocks WHERE zone = 1", "1\n1\n");
	expect(db, "SELECT sample, zone, frame_order, pageblocks FROM sample_unmovable",
	       "0|0|0|1\n0|0|8|4\n2|0|0|1\n2|0|8|4\n");
	expect(db, "SELECT strip, zone, start_pfn, pages FROM strip",
	       "0|0|1|4095\n1|1|4096|2048\n");
	expect(db, "SELECT sample, strip, free, movable, unmovable, migratetype FROM strip_sample",
	       "0|0|100|200|300|0\n0|1|101|201|301|1\n2|1|100|202|301|1\n");
	expect(db, "SELECT sample, name, value FROM sample_counter",
	       "0|contig.thp_requests|2\n0|page.allocs|7\n2|moved.pages|4\n2|page.allocs|9\n"
	       "2|pressure.allocstall|3\n");
	expect(db, "SELECT page_order, requests, failures, huge, huge_failures FROM request",
	       "0|100|1|0|0\n9|10|6|8|2\n");
	expect_nothing_dangling(db);
	(void)sqlite3_close(db);
	fixture_free(f);
}

Test(frames, views)
{
	struct fixture *f = fixture_new();
	sqlite3 *db = stored(f);

	expect(db, "SELECT requests, failures, rate FROM huge_success", "8|2|0.75\n");
	expect(db,
	       "SELECT page_order, pages, printf('%.4f', share) FROM contiguity"
	       " WHERE sample = 0 AND zone = 0 AND page_order IN (0, 1, 3, 4, 9, 10)",
	       "0|624|1.0000\n1|619|0.9920\n3|619|0.9920\n4|600|0.9615\n9|600|0.9615\n"
	       "10|0|0.0000\n");
	expect(db, "SELECT sample, pageblocks, compactable, share FROM compactable WHERE zone = 0",
	       "0|10|4|0.4\n2|10|4|0.4\n");
	expect(db,
	       "SELECT empty, movable, unmovable, mixed, mixed_share, mean_age FROM mixture"
	       " WHERE zone = 0 AND sample = 0",
	       "2|3|4|1|0.125|5000\n");
	expect(db, "SELECT sample, strip, free, movable FROM strip_at WHERE strip = 1",
	       "0|1|101|201\n1|1|101|201\n2|1|100|202\n");
	expect(db, "SELECT sample, name, change FROM counter_change WHERE name LIKE 'p%'",
	       "0|page.allocs|7\n2|page.allocs|2\n2|pressure.allocstall|3\n");
	(void)sqlite3_close(db);
	fixture_free(f);
}

/* Half of the events are below a pageblock's order; those are what the split counts. */
Test(frames, extfrag_views)
{
	struct fixture *f = fixture_new();
	sqlite3 *db = stored(f);

	expect(db, "SELECT * FROM extfrag_split", "1|12|6|2|1|1|2|1|1|2|4|2\n");
	expect(db,
	       "SELECT migratetype, fallback_name, events, fragmenting, claimed FROM extfrag_matrix"
	       " WHERE migratetype <> 1",
	       "0|Movable|2|1|0\n0|Reclaimable|2|1|0\n2|Unmovable|2|1|0\n2|Movable|2|1|0\n");
	(void)sqlite3_close(db);
	fixture_free(f);
}

/* sum of the lists' blocks from a pageblock's order on, over free >> order */
Test(frames, free_huge)
{
	struct fixture *f = fixture_new();
	uint64_t huge = 0, pages = 0;
	char expected[64];
	sqlite3 *db = stored(f);

	for (unsigned int o = 0; o < f->machine.nr_orders; o++)
		for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++) {
			pages += (uint64_t)f->zones[0].nr_free[o][t] << o;
			if (o >= f->machine.pageblock_order)
				huge += (uint64_t)f->zones[0].nr_free[o][t]
					<< (o - f->machine.pageblock_order);
		}
	cr_assert_gt(huge, 0);
	(void)snprintf(expected, sizeof(expected), "%llu|%llu\n", (unsigned long long)huge,
		       (unsigned long long)(pages >> f->machine.pageblock_order));
	expect(db, "SELECT huge_blocks, possible FROM free_huge WHERE sample = 0 AND zone = 0",
	       expected);
	(void)sqlite3_close(db);
	fixture_free(f);
}
