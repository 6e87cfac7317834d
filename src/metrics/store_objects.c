// SPDX-License-Identifier: GPL-2.0-only
/* A run's objects into its database: caches, how they went over time, call sites, counters. */
#include <string.h>

#include "metrics/counters.h"
#include "metrics/store_internal.h"

static void put_cache(struct kmr_rows *r, size_t number, const struct kmr_cache_state *c)
{
	kmr_row_begin(r, KMR_TABLE_CACHE);
	kmr_row_number(r, r->run);
	kmr_row_number(r, number);
	kmr_row_text(r, c->name);
	kmr_row_number(r, c->object_size);
	kmr_row_number(r, c->size);
	kmr_row_number(r, c->objects_per_slab);
	kmr_row_number(r, c->order);
	kmr_row_number(r, c->limit);
	kmr_row_number(r, c->batch);
	kmr_row_number(r, c->shared);
	kmr_row_number(r, c->allocs);
	kmr_row_number(r, c->frees);
	kmr_row_number(r, c->failures);
	kmr_row_number(r, c->remote_frees);
	kmr_row_number(r, c->slab_allocs);
	kmr_row_number(r, c->slab_frees);
	(void)kmr_row_end(r);
}

static void put_slabinfo(struct kmr_rows *r, size_t number, const struct kmr_slabinfo *info)
{
	kmr_row_begin(r, KMR_TABLE_CACHE_INFO);
	kmr_row_number(r, r->run);
	kmr_row_number(r, number);
	kmr_row_number(r, info->active_objs);
	kmr_row_number(r, info->active_slabs);
	kmr_row_number(r, info->shared_avail);
	(void)kmr_row_end(r);
}

static void put_cache_row(struct kmr_rows *r, size_t sample, size_t cache,
			  const struct kmr_cache_row *row)
{
	kmr_row_begin(r, KMR_TABLE_CACHE_SAMPLE);
	kmr_row_number(r, r->run);
	kmr_row_number(r, sample);
	kmr_row_number(r, cache);
	kmr_row_number(r, row->active);
	kmr_row_number(r, row->objects);
	kmr_row_number(r, row->slabs);
	kmr_row_number(r, row->pages);
	kmr_row_number(r, row->partial_slabs);
	kmr_row_number(r, row->cpu_slabs);
	kmr_row_number(r, row->cached);
	kmr_row_number(r, row->requested);
	(void)kmr_row_end(r);
}

/* A cache that is as it was in the sample before has no row of its own. */
static void put_samples(struct kmr_rows *r, const struct kmr_object_report *report)
{
	for (size_t i = 0; i < report->nr_samples; i++) {
		const struct kmr_cache_sample *s = &report->samples[i];
		const struct kmr_cache_sample *before = i ? s - 1 : NULL;

		kmr_row_begin(r, KMR_TABLE_OBJECT_SAMPLE);
		kmr_row_number(r, r->run);
		kmr_row_number(r, i);
		kmr_row_number(r, s->time);
		kmr_row_number(r, s->event);
		kmr_row_number(r, s->pages);
		(void)kmr_row_end(r);
		for (uint32_t c = 0; c < s->nr; c++)
			if (!before || c >= before->nr ||
			    memcmp(&before->rows[c], &s->rows[c], sizeof(s->rows[c])) != 0)
				put_cache_row(r, i, c, &s->rows[c]);
	}
}

static void put_sites(struct kmr_rows *r, const struct kmr_object_report *report)
{
	for (size_t i = 0; i < report->nr_sites; i++) {
		const struct kmr_site_stats *s = &report->sites[i];

		kmr_row_begin(r, KMR_TABLE_CALL_SITE);
		kmr_row_number(r, r->run);
		kmr_row_number(r, i);
		kmr_row_text(r, s->site);
		kmr_row_text(r, s->cache);
		kmr_row_number(r, s->hits);
		kmr_row_number(r, s->bytes_requested);
		kmr_row_number(r, s->bytes_given);
		kmr_row_number(r, s->frees);
		kmr_row_number(r, s->pingpong);
		kmr_row_number(r, s->lifetime);
		kmr_row_number(r, s->live);
		kmr_row_number(r, s->live_requested);
		(void)kmr_row_end(r);
	}
}

static void put_site_samples(struct kmr_rows *r, const struct kmr_object_report *report)
{
	for (size_t i = 0; i < report->nr_site_samples; i++) {
		const struct kmr_site_sample *s = &report->site_samples[i];

		kmr_row_begin(r, KMR_TABLE_SITE_SAMPLE);
		kmr_row_number(r, r->run);
		kmr_row_number(r, s->sample);
		kmr_row_text(r, s->site);
		kmr_row_number(r, s->live);
		kmr_row_number(r, s->live_requested);
		(void)kmr_row_end(r);
	}
}

int kmr_store_objects(struct kmr_store *store, const struct kmr_object_report *report,
		      struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;

	if (!report->backend)
		return 0;
	kmr_object_counters_each(&report->stats, &report->work, kmr_put_counter, r);
	for (size_t i = 0; i < report->nr_caches; i++)
		put_cache(r, i, &report->caches[i]);
	for (size_t i = 0; report->slabinfo && i < report->nr_caches; i++)
		put_slabinfo(r, i, &report->slabinfo[i]);
	put_samples(r, report);
	put_sites(r, report);
	put_site_samples(r, report);
	return kmr_rows_result(store, err);
}
