// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing a run into a database.  All of it is one transaction on a file nobody else knows, so
 * journal and syncing are off until the end: when anything fails, the file is thrown away.
 * Nothing that depends on the clock, the place or the host is written but into table origin, so
 * equal inputs give equal files.
 */
#include "kmreplay/store.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/outfile.h"
#include "kmreplay/gfp.h"
#include "metrics/counters.h"
#include "metrics/db.h"
#include "metrics/rows.h"
#include "metrics/schema.h"
#include "metrics/store_internal.h"
#include "metrics/version.h"

/*
 * The page size is SQLite's default of today, said so that files do not change with a build's.
 * The cache is kept small: what is written is not read again before the end.
 */
static const char open_pragmas[] = "PRAGMA page_size = 4096;"
				   "PRAGMA encoding = 'UTF-8';"
				   "PRAGMA auto_vacuum = NONE;"
				   "PRAGMA locking_mode = EXCLUSIVE;"
				   "PRAGMA journal_mode = OFF;"
				   "PRAGMA synchronous = OFF;"
				   "PRAGMA temp_store = MEMORY;"
				   "PRAGMA cache_size = -8192;"
				   "BEGIN";

static void put_machine(struct kmr_rows *r, const struct kmr_machine *m)
{
	unsigned int i, j;

	kmr_row_begin(r, KMR_TABLE_MACHINE);
	kmr_row_number(r, r->run);
	kmr_row_text(r, m->arch);
	kmr_row_number(r, m->page_shift);
	kmr_row_number(r, m->nr_orders);
	kmr_row_number(r, m->pageblock_order);
	kmr_row_number(r, m->thp);
	kmr_row_number(r, m->ram_pages);
	kmr_row_number(r, m->min_free_kbytes);
	(void)kmr_row_end(r);
	for (i = 0; i < m->nr_nodes; i++) {
		kmr_row_begin(r, KMR_TABLE_NODE);
		kmr_row_number(r, r->run);
		kmr_row_number(r, i);
		(void)kmr_row_end(r);
		for (j = 0; j < m->nr_nodes; j++) {
			kmr_row_begin(r, KMR_TABLE_NODE_DISTANCE);
			kmr_row_number(r, r->run);
			kmr_row_number(r, i);
			kmr_row_number(r, j);
			kmr_row_number(r, m->distance[i][j]);
			(void)kmr_row_end(r);
		}
	}
	for (i = 0; i < m->nr_cpus; i++) {
		kmr_row_begin(r, KMR_TABLE_CPU);
		kmr_row_number(r, r->run);
		kmr_row_number(r, i);
		kmr_row_number(r, m->cpu_node[i]);
		(void)kmr_row_end(r);
	}
}

static void put_zone(struct kmr_rows *r, const struct kmr_machine *m, unsigned int zone)
{
	const struct kmr_zone_spec *z = &m->zones[zone];
	unsigned int i;

	kmr_row_begin(r, KMR_TABLE_ZONE);
	kmr_row_number(r, r->run);
	kmr_row_number(r, zone);
	kmr_row_number(r, z->node);
	kmr_row_number(r, z->type);
	kmr_row_text(r, kmr_zone_name((enum kmr_zone_type)z->type));
	kmr_row_number(r, z->start_pfn);
	kmr_row_number(r, z->spanned);
	kmr_row_number(r, z->present);
	kmr_row_number(r, z->managed);
	kmr_row_number(r, z->wmark_min);
	kmr_row_number(r, z->wmark_low);
	kmr_row_number(r, z->wmark_high);
	kmr_row_number(r, z->boost);
	kmr_row_number(r, z->pcp_high);
	kmr_row_number(r, z->pcp_batch);
	kmr_row_number(r, z->stat_threshold);
	(void)kmr_row_end(r);
	for (i = 0; i < KMR_ZONE_NR_TYPES; i++) {
		if (!m->has_type[i])
			continue;
		kmr_row_begin(r, KMR_TABLE_ZONE_RESERVE);
		kmr_row_number(r, r->run);
		kmr_row_number(r, zone);
		kmr_row_number(r, i);
		kmr_row_number(r, z->reserve[i]);
		(void)kmr_row_end(r);
	}
}

static void put_migratetypes(struct kmr_rows *r)
{
	unsigned int type;

	for (type = 0; type < KMR_MIGRATE_TYPES; type++) {
		kmr_row_begin(r, KMR_TABLE_MIGRATETYPE);
		kmr_row_number(r, type);
		kmr_row_text(r, kmr_migratetype_name(type));
		(void)kmr_row_end(r);
	}
}

static int open_database(struct kmr_store *s)
{
	/* no name: a database of SQLite's own, in memory until it is large, then unnamed on disk */
	int rc = s->file.given ? kmr_db_open_file(&s->db, s->file.temp, SQLITE_OPEN_READWRITE)
			       : sqlite3_open_v2("", &s->db,
						 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

	if (!rc)
		rc = sqlite3_exec(s->db, open_pragmas, NULL, NULL, NULL);
	if (!rc)
		rc = sqlite3_exec(s->db, kmr_metrics_sql, NULL, NULL, NULL);
	if (!rc)
		rc = sqlite3_exec(s->db, kmr_views_sql, NULL, NULL, NULL);
	if (!rc)
		rc = kmr_rows_prepare(&s->rows, s->db);
	return rc;
}

/* Runs are numbered from 1. */
static void begin_run(struct kmr_store *s, const struct kmr_machine *machine)
{
	s->rows.run++;
	memcpy(s->machine, machine->name, sizeof(s->machine));
	s->machine[sizeof(s->machine) - 1] = '\0';
	s->nr_orders = machine->nr_orders < KMR_MAX_ORDERS ? machine->nr_orders : KMR_MAX_ORDERS;
	s->pageblock_order = machine->pageblock_order;
	s->nr_zones = machine->nr_zones;
	s->nr_cpus = machine->nr_cpus;
	s->nr_samples = 0;
	s->nr_extfrag = 0;
	s->nr_strips = 0;
	memset(&s->counts, 0, sizeof(s->counts));
	put_machine(&s->rows, machine);
	for (unsigned int i = 0; i < machine->nr_zones; i++)
		put_zone(&s->rows, machine, i);
}

int kmr_store_create(struct kmr_store **store, const char *path, const struct kmr_machine *machine,
		     struct kmr_error *err)
{
	struct kmr_store *s = calloc(1, sizeof(*s));

	*store = NULL;
	if (!s)
		return kmr_fail_nomem(err, "the database");
	if (path && kmr_outfile_create(&s->file, path, "database", err)) {
		free(s);
		return -1;
	}
	s->path = path ? s->file.given : "scratch database";
	if (!open_database(s)) {
		put_migratetypes(&s->rows);
		begin_run(s, machine);
		if (!s->rows.rc) {
			*store = s;
			return 0;
		}
	}
	kmr_db_fail(s->db, s->path, err);
	kmr_store_discard(s);
	return -1;
}

static void put_zone_state(struct kmr_store *s, unsigned int zone, const struct kmr_zone_state *z)
{
	struct kmr_rows *r = &s->rows;
	unsigned int order, type;

	kmr_row_begin(r, KMR_TABLE_SAMPLE_ZONE);
	kmr_row_number(r, r->run);
	kmr_row_number(r, s->nr_samples);
	kmr_row_number(r, zone);
	kmr_row_number(r, z->free_pages);
	kmr_row_number(r, z->pcp_pages);
	kmr_row_number(r, z->wmark_min);
	kmr_row_number(r, z->wmark_low);
	kmr_row_number(r, z->wmark_high);
	kmr_row_number(r, z->boost);
	kmr_row_number(r, z->highatomic);
	(void)kmr_row_end(r);
	for (order = 0; order < s->nr_orders; order++) {
		for (type = 0; type < KMR_MIGRATE_TYPES; type++) {
			if (!z->nr_free[order][type])
				continue;
			kmr_row_begin(r, KMR_TABLE_SAMPLE_FREE);
			kmr_row_number(r, r->run);
			kmr_row_number(r, s->nr_samples);
			kmr_row_number(r, zone);
			kmr_row_number(r, order);
			kmr_row_number(r, type);
			kmr_row_number(r, z->nr_free[order][type]);
			(void)kmr_row_end(r);
		}
	}
	for (type = 0; type < KMR_MIGRATE_TYPES; type++) {
		if (!z->pageblocks[type])
			continue;
		kmr_row_begin(r, KMR_TABLE_SAMPLE_PAGEBLOCK);
		kmr_row_number(r, r->run);
		kmr_row_number(r, s->nr_samples);
		kmr_row_number(r, zone);
		kmr_row_number(r, type);
		kmr_row_number(r, z->pageblocks[type]);
		(void)kmr_row_end(r);
	}
}

static void put_pcp(struct kmr_store *s, unsigned int zone, const uint32_t *pages)
{
	struct kmr_rows *r = &s->rows;
	unsigned int cpu;

	for (cpu = 0; cpu < s->nr_cpus; cpu++) {
		if (!pages[cpu])
			continue;
		kmr_row_begin(r, KMR_TABLE_SAMPLE_PCP);
		kmr_row_number(r, r->run);
		kmr_row_number(r, s->nr_samples);
		kmr_row_number(r, zone);
		kmr_row_number(r, cpu);
		kmr_row_number(r, pages[cpu]);
		(void)kmr_row_end(r);
	}
}

int kmr_rows_result(struct kmr_store *s, struct kmr_error *err)
{
	return s->rows.rc ? kmr_db_fail(s->db, s->path, err) : 0;
}

int kmr_store_sample(struct kmr_store *store, const struct kmr_sample *sample,
		     struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;
	unsigned int zone;

	kmr_row_begin(r, KMR_TABLE_SAMPLE);
	kmr_row_number(r, r->run);
	kmr_row_number(r, store->nr_samples);
	kmr_row_number(r, sample->time);
	kmr_row_number(r, sample->event);
	(void)kmr_row_end(r);
	for (zone = 0; zone < store->nr_zones; zone++) {
		put_zone_state(store, zone, &sample->zones[zone]);
		if (sample->pcp)
			put_pcp(store, zone, &sample->pcp[(size_t)zone * store->nr_cpus]);
	}
	kmr_put_survey(store, sample);
	if (sample->counts)
		kmr_put_counts(store, sample->counts);
	store->nr_samples++;
	return kmr_rows_result(store, err);
}

int kmr_store_extfrag(struct kmr_store *store, uint64_t time, const struct kmr_extfrag *ef,
		      struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;

	kmr_row_begin(r, KMR_TABLE_EXTFRAG);
	kmr_row_number(r, r->run);
	kmr_row_number(r, store->nr_extfrag++);
	kmr_row_number(r, time);
	kmr_row_number(r, ef->zone);
	kmr_row_number(r, ef->pfn);
	kmr_row_number(r, ef->order);
	kmr_row_number(r, ef->fallback_order);
	kmr_row_number(r, ef->migratetype);
	kmr_row_number(r, ef->fallback_migratetype);
	kmr_row_number(r, ef->change_owner);
	kmr_row_number(r, ef->fallback_order < store->pageblock_order);
	(void)kmr_row_end(r);
	return kmr_rows_result(store, err);
}

int kmr_store_failure(struct kmr_store *store, unsigned int order, uint32_t gfp, uint64_t count,
		      uint64_t first_time, struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;
	char flags[1024]; /* all canonical names together take less */

	kmr_row_begin(r, KMR_TABLE_FAILURE);
	kmr_row_number(r, r->run);
	kmr_row_number(r, order);
	kmr_row_text(r, kmr_gfp_format(gfp, flags, sizeof(flags)));
	kmr_row_number(r, count);
	kmr_row_number(r, first_time);
	(void)kmr_row_end(r);
	return kmr_rows_result(store, err);
}

int kmr_store_outcome(struct kmr_store *store, const struct kmr_outcome *outcome,
		      struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;

	kmr_row_begin(r, KMR_TABLE_OUTCOME);
	kmr_row_number(r, r->run);
	kmr_row_text(r, outcome->actor);
	kmr_row_text(r, kmr_request_kind_name(outcome->kind));
	kmr_row_number(r, outcome->order);
	kmr_row_number(r, outcome->requests);
	kmr_row_number(r, outcome->failures);
	kmr_row_number(r, outcome->pages);
	if (outcome->failures)
		kmr_row_number(r, outcome->first_failure);
	else
		kmr_row_null(r);
	(void)kmr_row_end(r);
	return kmr_rows_result(store, err);
}

static void put_trace(struct kmr_rows *r, const struct kmr_trace_info *t)
{
	kmr_row_begin(r, KMR_TABLE_TRACE);
	kmr_row_number(r, r->run);
	kmr_row_text(r, t->format);
	kmr_row_text(r, t->kernel);
	kmr_row_number(r, t->pointer_bits);
	kmr_row_number(r, t->hashed_pointers);
	kmr_row_number(r, t->has_context);
	kmr_row_number(r, t->has_gfp);
	kmr_row_number(r, t->bytes);
	kmr_row_number(r, t->lines);
	kmr_row_number(r, t->events);
	kmr_row_number(r, t->foreign);
	kmr_row_number(r, t->malformed);
	kmr_row_number(r, t->lost);
	kmr_row_number(r, t->gaps);
	kmr_row_number(r, t->backwards);
	kmr_row_number(r, t->first_time);
	kmr_row_number(r, t->last_time);
	kmr_row_number(r, t->nr_cpus);
	kmr_row_number(r, t->max_pfn);
	kmr_row_number(r, t->truncated);
	(void)kmr_row_end(r);
}

static void put_malformed(struct kmr_rows *r, const struct kmr_trace_info *t)
{
	uint64_t i;

	for (i = 0; i < t->malformed && i < KMR_MALFORMED_KEPT; i++) {
		kmr_row_begin(r, KMR_TABLE_MALFORMED);
		kmr_row_number(r, r->run);
		kmr_row_number(r, t->first_malformed[i].line);
		kmr_row_text(r, t->first_malformed[i].reason);
		kmr_row_text(r, t->first_malformed[i].text);
		(void)kmr_row_end(r);
	}
}

static void put_event_counts(struct kmr_rows *r, const struct kmr_trace_info *t)
{
	unsigned int i;

	for (i = KMR_EV_NONE + 1; i < KMR_EV_NR_TYPES; i++) {
		if (!t->by_type[i])
			continue;
		kmr_row_begin(r, KMR_TABLE_EVENT_COUNT);
		kmr_row_number(r, r->run);
		kmr_row_text(r, kmr_event_name((enum kmr_event_type)i));
		kmr_row_number(r, t->by_type[i]);
		(void)kmr_row_end(r);
	}
}

void kmr_put_counter(void *ctx, const char *name, uint64_t value)
{
	struct kmr_rows *r = ctx;

	kmr_row_begin(r, KMR_TABLE_COUNTER);
	kmr_row_number(r, r->run);
	kmr_row_text(r, name);
	kmr_row_number(r, value);
	(void)kmr_row_end(r);
}

static void put_run(struct kmr_store *s, const struct kmr_run_info *run,
		    const struct kmr_trace_info *trace)
{
	struct kmr_rows *r = &s->rows;

	kmr_row_begin(r, KMR_TABLE_RUN);
	kmr_row_number(r, r->run);
	kmr_row_text(r, run->backend);
	kmr_row_text(r, run->params);
	kmr_row_text(r, run->start);
	kmr_row_text(r, run->object);
	kmr_row_text(r, run->object_params);
	kmr_row_text(r, run->object_start);
	kmr_row_number(r, run->first_time);
	kmr_row_number(r, run->last_time);
	(void)kmr_row_end(r);
	kmr_row_begin(r, KMR_TABLE_ORIGIN);
	kmr_row_number(r, r->run);
	kmr_row_text(r, "kmreplay " KMR_VERSION);
	kmr_row_text(r, run->trace);
	kmr_row_text(r, trace->compression);
	kmr_row_text(r, s->machine);
	kmr_row_text(r, run->command);
	(void)kmr_row_end(r);
}

static int put_digest(struct kmr_store *s, char digest[KMR_DIGEST_SIZE])
{
	struct kmr_rows *r = &s->rows;

	if (!r->rc)
		r->rc = kmr_db_digest(s->db, (sqlite3_int64)r->run, digest);
	kmr_row_begin(r, KMR_TABLE_DIGEST);
	kmr_row_number(r, r->run);
	kmr_row_text(r, digest);
	return kmr_row_end(r);
}

/* Writes what is left to the file and lets go of it. */
static int close_database(struct kmr_store *s, struct kmr_error *err)
{
	sqlite3 *db = s->db;

	if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL))
		return kmr_db_fail(db, s->path, err);
	kmr_rows_release(&s->rows);
	s->db = NULL;
	if (sqlite3_close(db)) {
		kmr_db_fail(db, s->path, err);
		(void)sqlite3_close_v2(db);
		return -1;
	}
	return 0;
}

static int end_run(struct kmr_store *store, const struct kmr_run_info *run,
		   const struct kmr_trace_info *trace, const struct kmr_replay_stats *stats,
		   const struct kmr_page_work *work, char digest[KMR_DIGEST_SIZE],
		   struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;

	put_run(store, run, trace);
	put_trace(r, trace);
	put_malformed(r, trace);
	put_event_counts(r, trace);
	kmr_counters_each(stats, work, kmr_put_counter, r);
	return put_digest(store, digest) ? kmr_db_fail(store->db, store->path, err) : 0;
}

int kmr_store_next_run(struct kmr_store *store, const struct kmr_run_info *run,
		       const struct kmr_trace_info *trace, const struct kmr_replay_stats *stats,
		       const struct kmr_page_work *work, char digest[KMR_DIGEST_SIZE],
		       const struct kmr_machine *machine, struct kmr_error *err)
{
	if (end_run(store, run, trace, stats, work, digest, err))
		return -1;
	begin_run(store, machine);
	return kmr_rows_result(store, err);
}

int kmr_store_finish(struct kmr_store *store, const struct kmr_run_info *run,
		     const struct kmr_trace_info *trace, const struct kmr_replay_stats *stats,
		     const struct kmr_page_work *work, char digest[KMR_DIGEST_SIZE],
		     struct kmr_error *err)
{
	int ret = end_run(store, run, trace, stats, work, digest, err);

	if (!ret)
		ret = close_database(store, err);
	if (!ret && store->file.given)
		ret = kmr_outfile_commit(&store->file, err);
	kmr_store_discard(store);
	return ret;
}

void kmr_store_discard(struct kmr_store *store)
{
	if (!store)
		return;
	kmr_rows_release(&store->rows);
	(void)sqlite3_close_v2(store->db);
	kmr_outfile_release(&store->file);
	free(store);
}

void kmr_store_emergency_cleanup(void)
{
	kmr_outfile_emergency_cleanup();
}
