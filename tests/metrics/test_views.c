// SPDX-License-Identifier: GPL-2.0-only
/* The views: fragmentation as frag.c computes it, buddyinfo and pagetypeinfo as kernels print them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "captures.h"
#include "kmreplay/frag.h"
#include "metrics/db.h"
#include "metrics/fixture.h"

static sqlite3 *stored(struct fixture *f, unsigned int nr_samples)
{
	char digest[KMR_DIGEST_SIZE];
	struct kmr_error err;
	sqlite3 *db;

	cr_assert_eq(fixture_store(f, f->db, nr_samples, digest, &err), 0, "%s", err.msg);
	cr_assert_eq(kmr_db_open(&db, f->db, &err), 0, "%s", err.msg);
	return db;
}

static void expect_rows(sqlite3 *db, const char *query, const char *expected, const char *what)
{
	char *rows = rows_of(db, query);

	cr_expect_str_eq(rows, expected, "%s: %s gives\n%s", what, query, rows);
	free(rows);
}

/* The view's figures are frag.c's. */
Test(views, fragmentation)
{
	struct fixture *f = fixture_new();
	uint64_t nr_free[FIXTURE_ZONES][KMR_MAX_ORDERS] = { { 0 } };
	unsigned int zone, order, type, rows = 0;
	sqlite3_stmt *row;
	sqlite3 *db;

	/* a zone where a large block is missing, so that the external index is a fraction */
	for (order = 7; order < 11; order++)
		memset(f->zones[0].nr_free[order], 0, sizeof(f->zones[0].nr_free[order]));
	for (zone = 0; zone < 2; zone++)
		for (order = 0; order < 11; order++)
			for (type = 0; type < KMR_MIGRATE_TYPES; type++)
				nr_free[zone][order] += f->zones[zone].nr_free[order][type];
	db = stored(f, 2);
	cr_assert_eq(sqlite3_prepare_v2(db,
					"SELECT zone, page_order, free_blocks,"
					" round(unusable * 1000), round(extfrag * 1000)"
					" FROM fragmentation WHERE sample = 1",
					-1, &row, NULL),
		     SQLITE_OK, "%s", sqlite3_errmsg(db));
	for (; sqlite3_step(row) == SQLITE_ROW; rows++) {
		zone = (unsigned int)sqlite3_column_int(row, 0);
		order = (unsigned int)sqlite3_column_int(row, 1);
		cr_expect_eq(sqlite3_column_int64(row, 2), (sqlite3_int64)nr_free[zone][order]);
		cr_expect_eq(sqlite3_column_int(row, 3),
			     kmr_unusable_index(nr_free[zone], 11, order));
		cr_expect_eq(sqlite3_column_int(row, 4),
			     kmr_extfrag_index(nr_free[zone], 11, order));
	}
	cr_expect_eq(rows, 22);
	cr_expect_gt(kmr_extfrag_index(nr_free[0], 11, 10), 0);
	(void)sqlite3_finalize(row);
	(void)sqlite3_close(db);
	fixture_free(f);
}

Test(views, fragmentation_when_nothing_is_free)
{
	struct fixture *f = fixture_new();
	sqlite3 *db;

	memset(f->zones[0].nr_free, 0, sizeof(f->zones[0].nr_free));
	db = stored(f, 1);
	expect_rows(db,
		    "SELECT DISTINCT free_blocks, unusable, extfrag FROM fragmentation"
		    " WHERE zone = 0",
		    "0|1.0|0.0\n", "nothing free");
	(void)sqlite3_close(db);
	fixture_free(f);
}

static unsigned int zone_of(struct fixture *f, unsigned int node, const char *name)
{
	struct kmr_machine *m = &f->machine;
	unsigned int last = m->nr_zones - 1, type = kmr_zone_by_name(name);

	cr_assert_neq(type, KMR_ZONE_NR_TYPES, "%s", name);
	if (m->nr_zones && m->zones[last].node == node && m->zones[last].type == type)
		return last;
	cr_assert_lt(m->nr_zones, FIXTURE_ZONES);
	m->zones[m->nr_zones] =
		(struct kmr_zone_spec){ .node = (uint16_t)node, .type = (uint8_t)type };
	m->nr_nodes = node + 1;
	return m->nr_zones++;
}

static unsigned int type_of(const char *name)
{
	unsigned int type = 0;

	while (strcmp(kmr_migratetype_name(type), name))
		cr_assert_lt(++type, KMR_MIGRATE_TYPES, "%s", name);
	return type;
}

enum part {
	BUDDYINFO,
	FREE_LISTS,
	PAGEBLOCKS
};

static void take_counts(struct fixture *f, enum part part, unsigned int zone, unsigned int type,
			const char *counts)
{
	unsigned int columns = part == PAGEBLOCKS ? KMR_MIGRATE_TYPES : f->machine.nr_orders, i;
	struct kmr_zone_state *z = &f->zones[zone];
	char *end;

	for (i = 0; i < columns; i++, counts = end) {
		unsigned long count = strtoul(counts, &end, 10);

		cr_assert_neq(end, counts, "%s", counts);
		if (part == PAGEBLOCKS)
			z->pageblocks[i] = count;
		else
			z->nr_free[i][type] = (uint32_t)count;
	}
}

/* Reads the part's lines from the file into the fixture and returns them. */
static char *take_part(struct fixture *f, enum part part, char *text)
{
	char *kept = calloc(1, strlen(text) + 1), *line, *state, name[16], type_name[16];
	unsigned int node;
	int used;

	cr_assert_not_null(kept);
	f->machine.nr_zones = 0;
	memset(f->zones, 0, sizeof(f->zones));
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		bool typed = strstr(line, ", type ") != NULL;

		used = 0;
		type_name[0] = '\0';
		if (typed != (part == FREE_LISTS))
			continue;
		if (typed && sscanf(line, "Node %u, zone %15[^,], type %15s%n", &node, name,
				    type_name, &used) != 3)
			continue;
		if (!typed && sscanf(line, "Node %u, zone %15s%n", &node, name, &used) != 2)
			continue;
		strcat(kept, line);
		strcat(kept, "\n");
		take_counts(f, part, zone_of(f, node, name), typed ? type_of(type_name) : 1,
			    line + used);
	}
	cr_assert_gt(f->machine.nr_zones, 0);
	return kept;
}

static void check_part(const char *capture, const char *file, enum part part, const char *query)
{
	struct fixture *f = fixture_new();
	char path[512], *text, *lines;
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), CAPTURES "/%s/state/%s", capture, file);
	text = read_whole(path);
	lines = take_part(f, part, text);
	db = stored(f, 2);
	expect_rows(db, query, lines, path);
	(void)sqlite3_close(db);
	free(text);
	free(lines);
	fixture_free(f);
}

Test(views, print_as_the_kernels_do, .timeout = 120)
{
	size_t i;

	need_captures();
	for (i = 0; i < NR_CAPTURES; i++) {
		check_part(captures[i].name, "buddyinfo.before", BUDDYINFO,
			   "SELECT * FROM buddyinfo");
		check_part(captures[i].name, "buddyinfo.after", BUDDYINFO,
			   "SELECT line FROM buddyinfo_at WHERE sample = 0");
		check_part(captures[i].name, "pagetypeinfo.before", FREE_LISTS,
			   "SELECT line FROM pagetypeinfo_at WHERE sample = 1");
		check_part(captures[i].name, "pagetypeinfo.after", FREE_LISTS,
			   "SELECT * FROM pagetypeinfo");
		check_part(captures[i].name, "pagetypeinfo.after", PAGEBLOCKS,
			   "SELECT * FROM pageblockinfo");
	}
}

/* The kernel's format with what no capture has: a single order, large counts, nothing free. */
Test(views, buddyinfo_lines)
{
	struct fixture *f = fixture_new();
	sqlite3 *db;

	f->machine.nr_orders = 3;
	memset(f->zones, 0, sizeof(f->zones));
	f->zones[0].nr_free[1][KMR_MIGRATE_MOVABLE] = 12345678;
	db = stored(f, 1);
	expect_rows(db, "SELECT * FROM buddyinfo",
		    "Node 0, zone   Normal      0 12345678      0 \n"
		    "Node 0, zone  HighMem      0      0      0 \n",
		    "made up");
	expect_rows(db, "SELECT zone, page_order, blocks FROM free_blocks WHERE zone = 0",
		    "0|0|0\n0|1|12345678\n0|2|0\n", "made up");
	(void)sqlite3_close(db);
	fixture_free(f);
}

/* As numastat(8) prints it, and the distances by hand. */
Test(views, numastat)
{
	struct fixture *f = fixture_new();
	sqlite3 *db;

	f->machine.nr_nodes = 2;
	f->machine.zones[1].node = 1;
	f->machine.distance[0][1] = f->machine.distance[1][0] = 21;
	f->machine.distance[1][1] = 10;
	f->numa.traffic[0][1] = (struct kmr_numa_traffic){ 10, 20 };
	f->numa.traffic[1][1] = (struct kmr_numa_traffic){ 50, 100 };
	f->numa.traffic[1][0] = (struct kmr_numa_traffic){ 1, 100 };
	db = stored(f, 1);
	expect_rows(db, "SELECT line FROM numastat",
		    "                           node0           node1\n"
		    "numa_hit                     100             200\n"
		    "numa_miss                      7               2\n"
		    "numa_foreign                   2               7\n"
		    "interleave_hit                30              31\n"
		    "local_node                    90             202\n"
		    "other_node                    17               0\n",
		    "two nodes");
	expect_rows(db, "SELECT distance, requests, pages, share FROM numa_distance",
		    "10|140|280|0.7\n21|11|120|0.3\n", "two nodes");
	(void)sqlite3_close(db);
	fixture_free(f);
}

/* Without counters there is nothing to be shown. */
Test(views, numastat_of_one_node)
{
	struct fixture *f = fixture_new();
	sqlite3 *db;

	f->numa.known = false;
	db = stored(f, 1);
	expect_rows(db, "SELECT line FROM numastat", "", "one node");
	expect_rows(db, "SELECT distance FROM numa_distance", "", "one node");
	(void)sqlite3_close(db);
	fixture_free(f);
}
