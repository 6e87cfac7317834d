// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the series of a set's runs.  Each run has a connection of its own and writes to nothing
 * that another one does, so that threads take runs as they come.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"
#include "report/plot_query.h"

#define NR_THREADS 2

static const struct {
	unsigned int need;
	int (*read)(struct kmr_plot_run *run, struct kmr_error *err);
} readers[] = {
	{ KMR_NEED_FREE, kmr_plot_read_free },
	{ KMR_NEED_ZONE, kmr_plot_read_zone },
	{ KMR_NEED_PAGEBLOCK, kmr_plot_read_pageblock },
	{ KMR_NEED_CONTIG, kmr_plot_read_contig },
	{ KMR_NEED_BLOCKS, kmr_plot_read_blocks },
	{ KMR_NEED_UNMOVABLE, kmr_plot_read_unmovable },
	{ KMR_NEED_STRIPS, kmr_plot_read_strips },
	{ KMR_NEED_EXTFRAG, kmr_plot_read_extfrag },
	{ KMR_NEED_COUNTERS, kmr_plot_read_counters },
	{ KMR_NEED_CACHES | KMR_NEED_SITES, kmr_plot_read_object_samples },
	{ KMR_NEED_CACHES, kmr_plot_read_caches },
	{ KMR_NEED_SITES, kmr_plot_read_sites },
};

static int load_run(struct kmr_plot_run *run, unsigned int needs, struct kmr_error *err)
{
	size_t i;

	if (kmr_plot_read_samples(run, err))
		return -1;
	if (!run->time.nr_samples)
		return kmr_fail(err, "%s: the run has no samples, nothing to plot", run->path);
	for (i = 0; i < ARRAY_SIZE(readers); i++)
		if ((needs & readers[i].need) && readers[i].read(run, err))
			return -1;
	return 0;
}

struct load {
	struct kmr_plot_set *set;
	unsigned int needs;
	pthread_mutex_t lock;
	unsigned int next; /* run to be taken */
	unsigned int failed; /* the first that failed; set->nr: none */
	struct kmr_error err; /* its message */
};

static void *work(void *ctx)
{
	struct load *load = ctx;
	struct kmr_error err;
	unsigned int i;

	for (;;) {
		(void)pthread_mutex_lock(&load->lock);
		i = load->next++;
		(void)pthread_mutex_unlock(&load->lock);
		if (i >= load->set->nr)
			return NULL;
		if (!load_run(load->set->runs[i], load->needs, &err))
			continue;
		(void)pthread_mutex_lock(&load->lock);
		if (i < load->failed) {
			load->failed = i;
			load->err = err;
		}
		(void)pthread_mutex_unlock(&load->lock);
	}
}

int kmr_plot_load(struct kmr_plot_set *set, unsigned int needs, struct kmr_error *err)
{
	struct load load = { .set = set, .needs = needs, .failed = set->nr };
	pthread_t threads[NR_THREADS];
	unsigned int nr = 0;

	if (pthread_mutex_init(&load.lock, NULL))
		return kmr_fail(err, "can't make a lock");
	while (nr + 1 < NR_THREADS && nr + 1 < set->nr &&
	       !pthread_create(&threads[nr], NULL, work, &load))
		nr++;
	(void)work(&load);
	while (nr)
		(void)pthread_join(threads[--nr], NULL);
	(void)pthread_mutex_destroy(&load.lock);
	if (load.failed == set->nr)
		return 0;
	if (err)
		*err = load.err;
	return -1;
}

static void free_run(struct kmr_plot_run *run)
{
	kmr_lanes_free(&run->free);
	kmr_lanes_free(&run->zone);
	kmr_lanes_free(&run->pageblock);
	kmr_lanes_free(&run->contig);
	kmr_lanes_free(&run->blocks);
	kmr_lanes_free(&run->unmovable);
	kmr_lanes_free(&run->extfrag);
	kmr_lanes_free(&run->counters);
	kmr_lanes_free(&run->caches);
	kmr_lanes_free(&run->sites);
	kmr_lane_time_free(&run->time);
	kmr_lane_time_free(&run->object_time);
	free(run->counter_names.name);
	free(run->cache_names.name);
	free(run->site_names.name);
	free(run->map.strips);
	free(run->map.cells);
	(void)sqlite3_close(run->db);
	free(run);
}

void kmr_plot_free_set(struct kmr_plot_set *set)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		free_run(set->runs[i]);
	free(set->runs);
	set->runs = NULL;
	set->nr = 0;
}
