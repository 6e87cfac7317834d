// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches and call sites over time.  Those that have most get lanes of their own, and which these
 * are is asked of the database first, so that memory does not follow their number.
 */
#include <stdlib.h>
#include <string.h>

#include "metrics/query.h"
#include "report/plot_query.h"

#define MAX_CACHES (1 << 20)

/* ---- caches ---- */

struct cache_state {
	uint64_t size; /* bytes of an object */
	unsigned int lane; /* among the top; KMR_PLOT_TOP: none */
	int64_t value[KMR_CACHE_SERIES];
};

struct cache_scan {
	struct kmr_plot_run *run;
	struct cache_state *caches;
	size_t nr;
	int64_t sum[KMR_CACHE_SERIES];
	size_t sample;
};

static int take_cache(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct cache_scan *scan = ctx;
	uint64_t number = kmr_query_count(row, 0);

	if (number >= scan->nr)
		return kmr_plot_damaged(scan->run, "a cache's number is out of range", err);
	scan->caches[number].size = kmr_query_count(row, 1);
	return 0;
}

static int take_top_cache(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct cache_scan *scan = ctx;
	struct kmr_plot_names *names = &scan->run->cache_names;
	uint64_t number = kmr_query_count(row, 0);

	if (number >= scan->nr || names->nr == KMR_PLOT_TOP)
		return kmr_plot_damaged(scan->run, "a cache's number is out of range", err);
	scan->caches[number].lane = names->nr;
	kmr_plot_text(row, 1, names->name[names->nr++], KMR_PLOT_NAME);
	return 0;
}

/* What is held is no sum: SLOB's pages are of no cache, and those of large kmalloc() neither. */
static void put_cache_sums(struct cache_scan *scan)
{
	unsigned int i;

	for (i = 0; i < KMR_CACHE_SERIES; i++)
		if (i != KMR_CACHE_HELD)
			kmr_lanes_put(&scan->run->caches, KMR_PLOT_TOP * KMR_CACHE_SERIES + i,
				      scan->sample, scan->sum[i]);
}

static int take_held(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct kmr_plot_run *run = ctx;
	uint64_t sample = kmr_query_count(row, 0), pages = kmr_query_count(row, 1);

	if (sample >= run->object_time.nr_samples || pages > (uint64_t)INT64_MAX >> run->page_shift)
		return kmr_plot_damaged(run, "pages of objects out of range", err);
	kmr_lanes_put(&run->caches, KMR_PLOT_TOP * KMR_CACHE_SERIES + KMR_CACHE_HELD, sample,
		      (int64_t)(pages << run->page_shift));
	return 0;
}

/* Hostile numbers wrap, as sums of them would anyway. */
static void change(int64_t *value, int64_t *sum, uint64_t to)
{
	*sum = (int64_t)((uint64_t)*sum - (uint64_t)*value + to);
	*value = (int64_t)to;
}

static int take_cache_sample(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct cache_scan *scan = ctx;
	struct kmr_plot_run *run = scan->run;
	uint64_t sample = kmr_query_count(row, 0), number = kmr_query_count(row, 1);
	struct cache_state *c;
	unsigned int i;

	if (sample >= run->object_time.nr_samples || number >= scan->nr)
		return kmr_plot_damaged(run, "a cache's row of no sample or cache", err);
	if (sample != scan->sample)
		put_cache_sums(scan);
	scan->sample = sample;
	c = &scan->caches[number];
	change(&c->value[KMR_CACHE_ACTIVE], &scan->sum[KMR_CACHE_ACTIVE],
	       kmr_query_count(row, 2) * c->size);
	change(&c->value[KMR_CACHE_HELD], &scan->sum[KMR_CACHE_HELD],
	       kmr_query_count(row, 3) << run->page_shift);
	change(&c->value[KMR_CACHE_REQUESTED], &scan->sum[KMR_CACHE_REQUESTED],
	       kmr_query_count(row, 4));
	for (i = 0; c->lane < KMR_PLOT_TOP && i < KMR_CACHE_SERIES; i++)
		kmr_lanes_put(&run->caches, c->lane * KMR_CACHE_SERIES + i, sample, c->value[i]);
	return 0;
}

static int take_count(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	(void)err;
	*(uint64_t *)ctx = kmr_query_count(row, 0);
	return 0;
}

static int scan_caches(struct cache_scan *scan, struct kmr_error *err)
{
	struct kmr_plot_run *run = scan->run;
	unsigned int i;

	if (kmr_plot_query(run, "SELECT cache, size FROM cache WHERE run = ?1", take_cache, scan,
			   err) ||
	    kmr_plot_query(
		    run,
		    "SELECT r.cache, c.name FROM cache_sample r JOIN cache c USING (run, cache)"
		    " WHERE r.run = ?1 GROUP BY r.cache ORDER BY max(r.pages) DESC, r.cache"
		    " LIMIT 8",
		    take_top_cache, scan, err))
		return -1;
	if (!run->cache_names.nr)
		return 0;
	if (kmr_lanes_init(&run->caches, &run->object_time, (KMR_PLOT_TOP + 1) * KMR_CACHE_SERIES))
		return kmr_fail_nomem(err, "a run's caches");
	if (kmr_plot_query(run,
			   "SELECT sample, cache, active, pages, requested FROM cache_sample"
			   " WHERE run = ?1 ORDER BY sample, cache",
			   take_cache_sample, scan, err))
		return -1;
	put_cache_sums(scan);
	if (kmr_plot_query(run,
			   "SELECT sample, pages FROM object_sample WHERE run = ?1 ORDER BY sample",
			   take_held, run, err))
		return -1;
	for (i = 0; i < KMR_CACHE_SERIES; i++)
		if (scan->sum[i] < 0)
			return kmr_plot_damaged(run, "caches too large to be true", err);
	kmr_lanes_finish(&run->caches);
	return 0;
}

int kmr_plot_read_caches(struct kmr_plot_run *run, struct kmr_error *err)
{
	struct cache_scan scan = { .run = run };
	uint64_t highest = 0;
	size_t i;
	int ret;

	if (!run->object_time.columns)
		return 0;
	if (kmr_plot_query(run, "SELECT coalesce(max(cache), 0) FROM cache WHERE run = ?1",
			   take_count, &highest, err))
		return -1;
	if (highest >= MAX_CACHES)
		return kmr_plot_damaged(run, "a cache's number is out of range", err);
	scan.nr = (size_t)highest + 1;
	scan.caches = calloc(scan.nr, sizeof(*scan.caches));
	run->cache_names.name = calloc(KMR_PLOT_TOP, sizeof(*run->cache_names.name));
	if (!scan.caches || !run->cache_names.name) {
		free(scan.caches);
		return kmr_fail_nomem(err, "a run's caches");
	}
	for (i = 0; i < scan.nr; i++)
		scan.caches[i].lane = KMR_PLOT_TOP;
	ret = scan_caches(&scan, err);
	free(scan.caches);
	return ret;
}

/* ---- call sites ---- */

struct site_scan {
	struct kmr_plot_run *run;
	int64_t value[KMR_PLOT_TOP];
};

static int take_site(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct kmr_plot_names *names = ctx;

	(void)err;
	if (names->nr < KMR_PLOT_TOP)
		kmr_plot_text(row, 0, names->name[names->nr++], KMR_PLOT_NAME);
	return 0;
}

static int take_site_sample(void *ctx, sqlite3_stmt *row, struct kmr_error *err)
{
	struct kmr_plot_run *run = ctx;
	uint64_t sample = kmr_query_count(row, 0);
	char name[KMR_PLOT_NAME];
	unsigned int i;

	if (sample >= run->object_time.nr_samples)
		return kmr_plot_damaged(run, "a call site's row of no sample", err);
	kmr_plot_text(row, 1, name, sizeof(name));
	for (i = 0; i < run->site_names.nr; i++)
		if (!strcmp(run->site_names.name[i], name))
			kmr_lanes_put(&run->sites, i, sample, sqlite3_column_int64(row, 2));
	return 0;
}

int kmr_plot_read_sites(struct kmr_plot_run *run, struct kmr_error *err)
{
	if (!run->object_time.columns)
		return 0;
	run->site_names.name = calloc(KMR_PLOT_TOP, sizeof(*run->site_names.name));
	if (!run->site_names.name)
		return kmr_fail_nomem(err, "a run's call sites");
	if (kmr_plot_query(run,
			   "SELECT site FROM site_sample WHERE run = ?1 GROUP BY site"
			   " ORDER BY max(live_requested) DESC, site LIMIT 8",
			   take_site, &run->site_names, err))
		return -1;
	if (!run->site_names.nr)
		return 0;
	if (kmr_lanes_init(&run->sites, &run->object_time, run->site_names.nr))
		return kmr_fail_nomem(err, "a run's call sites");
	if (kmr_plot_query(run,
			   "SELECT sample, site, live_requested FROM site_sample WHERE run = ?1"
			   " ORDER BY sample, site",
			   take_site_sample, run, err))
		return -1;
	kmr_lanes_finish(&run->sites);
	return 0;
}
