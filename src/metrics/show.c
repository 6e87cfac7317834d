// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's files out of a database: what the views have, with the heads that the files have. */
#include "kmreplay/show.h"

#include <string.h>

#include "metrics/db.h"
#include "metrics/query.h"
#include "metrics/store_internal.h"

#define LAST_SAMPLE "(SELECT max(sample) FROM sample WHERE run = ?1)"

/* One index of all orders, as numbers. */
#define INDEX_JSON(column)                                                                 \
	"SELECT json_group_array(json_object('node', node, 'zone', name, 'index', "        \
	"json(list))) FROM (SELECT node, name, json_group_array(" column ") AS list FROM " \
	"(SELECT zone, node, name, " column " FROM fragmentation WHERE run = ?1 AND "      \
	"sample = " LAST_SAMPLE " ORDER BY zone, page_order) GROUP BY zone ORDER BY zone)"

static const struct {
	const char *name;
	const char *lines; /* a query; ?1 is the run */
	const char *json; /* a query for one row */
} files[KMR_NR_SHOWN] = {
	[KMR_SHOWN_BUDDYINFO] = {
		"buddyinfo",
		"SELECT line FROM buddyinfo_at WHERE run = ?1 AND sample = " LAST_SAMPLE
		" ORDER BY zone",
		"SELECT json_group_array(json_object('node', node, 'zone', name, 'free', json(list)))"
		" FROM (SELECT z.node, z.name, json_group_array(b.blocks) AS list"
		" FROM (SELECT * FROM free_blocks WHERE run = ?1 AND sample = " LAST_SAMPLE
		" ORDER BY zone, page_order) b JOIN zone z USING (run, zone)"
		" GROUP BY zone ORDER BY zone)",
	},
	/* mm/vmstat.c: pagetypeinfo_show(), of each node */
	[KMR_SHOWN_PAGETYPEINFO] = {
		"pagetypeinfo",
		"WITH n (node) AS (SELECT DISTINCT node FROM zone WHERE run = ?1),"
		" o (page_order) AS (SELECT DISTINCT page_order FROM zone_order WHERE run = ?1"
		"  ORDER BY 1)"
		" SELECT line FROM ("
		" SELECT node, 0 AS part, 0 AS zone, 0 AS type, printf('Page block order: %d',"
		"  pageblock_order) AS line FROM n JOIN machine WHERE run = ?1"
		" UNION ALL SELECT node, 1, 0, 0, printf('Pages per block:  %d', 1 <<"
		"  pageblock_order) FROM n JOIN machine WHERE run = ?1"
		" UNION ALL SELECT node, 2, 0, 0, '' FROM n"
		" UNION ALL SELECT node, 3, 0, 0, printf('%-43s ', 'Free pages count per migrate"
		" type at order') || (SELECT group_concat(printf('%6d ', page_order), '') FROM o)"
		"  FROM n"
		" UNION ALL SELECT z.node, 4, z.zone, p.migratetype, p.line FROM pagetypeinfo_at p"
		"  JOIN zone z USING (run, zone) WHERE p.run = ?1 AND p.sample = " LAST_SAMPLE
		" UNION ALL SELECT node, 5, 0, 0, '' FROM n"
		" UNION ALL SELECT node, 6, 0, 0, printf('%-23s', 'Number of blocks type ') ||"
		"  (SELECT group_concat(printf('%12s ', name), '') FROM (SELECT name FROM"
		"  migratetype ORDER BY migratetype)) FROM n"
		" UNION ALL SELECT z.node, 7, z.zone, 0, b.line FROM pageblockinfo_at b"
		"  JOIN zone z USING (run, zone) WHERE b.run = ?1 AND b.sample = " LAST_SAMPLE
		") ORDER BY node, part, zone, type",
		"SELECT json_object('pageblock_order', (SELECT pageblock_order FROM machine"
		" WHERE run = ?1), 'free', (SELECT json_group_array(json_object('node', node,"
		" 'zone', name, 'type', type, 'order', page_order, 'blocks', blocks)) FROM"
		" (SELECT z.node, z.name, t.name AS type, f.page_order, f.blocks FROM sample_free f"
		" JOIN zone z USING (run, zone) JOIN migratetype t USING (migratetype)"
		" WHERE f.run = ?1 AND f.sample = " LAST_SAMPLE
		" ORDER BY zone, migratetype, page_order)), 'pageblocks',"
		" (SELECT json_group_array(json_object('node', node, 'zone', name, 'type', type,"
		" 'pageblocks', pageblocks)) FROM (SELECT z.node, z.name, t.name AS type,"
		" p.pageblocks FROM sample_pageblock p JOIN zone z USING (run, zone)"
		" JOIN migratetype t USING (migratetype) WHERE p.run = ?1 AND p.sample = " LAST_SAMPLE
		" ORDER BY zone, migratetype)))",
	},
	[KMR_SHOWN_EXTFRAG_INDEX] = {
		"extfrag_index",
		"SELECT extfrag_index FROM index_at WHERE run = ?1 AND sample = " LAST_SAMPLE
		" ORDER BY zone",
		INDEX_JSON("extfrag"),
	},
	[KMR_SHOWN_UNUSABLE_INDEX] = {
		"unusable_index",
		"SELECT unusable_index FROM index_at WHERE run = ?1 AND sample = " LAST_SAMPLE
		" ORDER BY zone",
		INDEX_JSON("unusable"),
	},
	[KMR_SHOWN_SLABINFO] = {
		"slabinfo",
		"SELECT line FROM (SELECT -2 AS n, 'slabinfo - version: 2.1' AS line"
		" UNION ALL SELECT -1, (SELECT line FROM slabinfo LIMIT 1)"
		" UNION ALL SELECT cache, line FROM slabinfo_at WHERE run = ?1) ORDER BY n",
		"SELECT json_group_array(json_object('name', name, 'active_objs', active_objs,"
		" 'num_objs', objects, 'objsize', size, 'objperslab', objects_per_slab,"
		" 'pagesperslab', 1 << page_order, 'limit', array_limit, 'batchcount', batch,"
		" 'sharedfactor', shared, 'active_slabs', active_slabs, 'num_slabs', slabs,"
		" 'sharedavail', shared_avail)) FROM (SELECT c.*, a.objects, a.slabs, i.active_objs,"
		" i.active_slabs, i.shared_avail FROM cache c JOIN cache_info i USING (run, cache)"
		" JOIN cache_at a USING (run, cache) WHERE c.run = ?1 AND a.sample ="
		" (SELECT max(sample) FROM object_sample WHERE run = ?1) ORDER BY c.cache)",
	},
};

const char *kmr_shown_name(enum kmr_shown shown)
{
	return shown < KMR_NR_SHOWN ? files[shown].name : "?";
}

static int find(const char *name, size_t len)
{
	for (int i = 0; i < KMR_NR_SHOWN; i++)
		if (strlen(files[i].name) == len && !memcmp(files[i].name, name, len))
			return i;
	return -1;
}

int kmr_shown_parse(const char *list, unsigned int *what, struct kmr_error *err)
{
	*what = 0;
	if (!strcmp(list, "all")) {
		*what = (1u << KMR_NR_SHOWN) - 1;
		return 0;
	}
	for (;;) {
		const size_t len = strcspn(list, ",");
		const int shown = find(list, len);

		if (shown < 0)
			return kmr_fail(err,
					"--what: no file '%.*s'; there is buddyinfo, pagetypeinfo, "
					"extfrag_index, unusable_index, slabinfo, all",
					(int)len, list);
		*what |= 1u << shown;
		if (!list[len])
			return 0;
		list += len + 1;
	}
}

/* Where what is shown lies. */
struct place {
	struct kmr_database of;
	uint64_t run;
};

/* A number, which is never below 0; none is -1. */
static int number(const struct place *at, const char *query, int64_t *value, struct kmr_error *err)
{
	sqlite3_stmt *row;
	int ret;

	*value = -1;
	if (kmr_query_begin(&at->of, query, (sqlite3_int64)at->run, &row, err))
		return -1;
	ret = kmr_query_next(&at->of, row, err);
	if (ret > 0 && sqlite3_column_type(row, 0) != SQLITE_NULL)
		*value = sqlite3_column_int64(row, 0);
	(void)sqlite3_finalize(row);
	return ret < 0 ? -1 : 0;
}

static int show_file(const struct kmr_show *show, const struct place *at, enum kmr_shown shown,
		     struct kmr_error *err)
{
	const char *query = show->json ? files[shown].json : files[shown].lines;
	sqlite3_stmt *row;
	int ret;

	if (kmr_query_begin(&at->of, query, (sqlite3_int64)at->run, &row, err))
		return -1;
	while ((ret = kmr_query_next(&at->of, row, err)) > 0) {
		ret = show->line(show->ctx, shown, kmr_query_text(row, 0));
		if (ret)
			break;
	}
	(void)sqlite3_finalize(row);
	return ret;
}

static int show_all(const struct kmr_show *show, const struct place *at, struct kmr_error *err)
{
	unsigned int what = show->what;
	int64_t caches;

	if (number(at, "SELECT count(*) FROM cache_info WHERE run = ?1", &caches, err))
		return -1;
	if (caches < 1)
		what &= ~(1u << KMR_SHOWN_SLABINFO);
	if (!what)
		return kmr_fail(err, "%s: has no slabinfo: no objects of SLUB or SLAB",
				at->of.path);
	for (unsigned int i = 0; i < KMR_NR_SHOWN; i++)
		if (what >> i & 1 && show_file(show, at, (enum kmr_shown)i, err))
			return -1;
	return 0;
}

/* at->run is there and has something to show; 0 becomes the last one. */
static int find_run(struct place *at, struct kmr_error *err)
{
	const uint64_t asked = at->run;
	int64_t last, found, sample;

	if (number(at, "SELECT max(run) FROM run", &last, err))
		return -1;
	if (!at->run && last > 0)
		at->run = (uint64_t)last;
	if (number(at, "SELECT run FROM run WHERE run = ?1", &found, err) ||
	    number(at, "SELECT " LAST_SAMPLE, &sample, err))
		return -1;
	if (found < 0)
		return kmr_fail(err, "%s: has no run %llu; its runs are 1 to %lld", at->of.path,
				(unsigned long long)asked, (long long)last);
	if (sample < 0)
		return kmr_fail(err, "%s: the run has no samples, nothing to show", at->of.path);
	return 0;
}

int kmr_show_database(const struct kmr_show *show, const char *path, uint64_t run,
		      struct kmr_error *err)
{
	struct place at = { .of = { .path = path }, .run = run };
	int ret;

	if (kmr_db_open(&at.of.db, path, err))
		return -1;
	ret = find_run(&at, err) ? -1 : show_all(show, &at, err);
	(void)sqlite3_close(at.of.db);
	return ret;
}

int kmr_store_show(struct kmr_store *store, const struct kmr_show *show, struct kmr_error *err)
{
	const struct place at = {
		.of = { .db = store->db, .path = store->file.given ? store->path : "the snapshot" },
		.run = store->rows.run,
	};

	return show_all(show, &at, err);
}
