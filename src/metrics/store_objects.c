// SPDX-License-Identifier: GPL-2.0-only
/* A run's objects into its database: caches, how they went over time, call sites, counters. */
#include <string.h>

#include "base/array.h"
#include "metrics/db.h"
#include "metrics/store_internal.h"

struct counter {
	const char *name;
	uint64_t value;
};

static void put_counters(struct kmr_rows *r, const struct counter *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		kmr_row_begin(r, KMR_TABLE_COUNTER);
		kmr_row_number(r, r->run);
		kmr_row_text(r, c[i].name);
		kmr_row_number(r, c[i].value);
		(void)kmr_row_end(r);
	}
}

static void put_stats(struct kmr_rows *r, const struct kmr_object_stats *s)
{
	const struct counter all[] = {
		{ "objects.allocs", s->allocs },
		{ "objects.frees", s->frees },
		{ "objects.start_objects", s->start_objects },
		{ "objects.failures", s->failures },
		{ "objects.dropped_frees", s->dropped_frees },
		{ "objects.traced_failures", s->traced_failures },
		{ "objects.null_frees", s->null_frees },
		{ "objects.unknown_frees", s->unknown_frees },
		{ "objects.repeated_allocs", s->repeated_allocs },
		{ "objects.silent_frees", s->silent_frees },
		{ "objects.taken_again", s->taken_again },
		{ "objects.odd_sizes", s->odd_sizes },
		{ "objects.page_allocs", s->page_allocs },
		{ "objects.page_frees", s->page_frees },
		{ "objects.live_objects", s->live_objects },
		{ "objects.live_requested", s->live_requested },
		{ "objects.live_given", s->live_given },
		{ "objects.start_pages", s->start_pages },
		{ "objects.end_pages", s->end_pages },
		{ "objects.peak_pages", s->peak_pages },
	};

	_Static_assert(ARRAY_SIZE(all) * sizeof(uint64_t) == sizeof(*s), "every field is stored");
	put_counters(r, all, ARRAY_SIZE(all));
}

static void put_work(struct kmr_rows *r, const struct kmr_object_work *w)
{
	const struct counter all[] = {
		{ "object.allocs", w->allocs },
		{ "object.frees", w->frees },
		{ "object.failures", w->failures },
		{ "object.fast_allocs", w->fast_allocs },
		{ "object.fast_frees", w->fast_frees },
		{ "object.cpu_partial", w->cpu_partial },
		{ "object.node_partial", w->node_partial },
		{ "object.refills", w->refills },
		{ "object.flushes", w->flushes },
		{ "object.list_steps", w->list_steps },
		{ "object.slab_allocs", w->slab_allocs },
		{ "object.slab_frees", w->slab_frees },
		{ "object.order_fallbacks", w->order_fallbacks },
		{ "object.remote_frees", w->remote_frees },
		{ "object.large_allocs", w->large_allocs },
		{ "object.large_frees", w->large_frees },
		{ "object.bad_frees", w->bad_frees },
		{ "object.inner_allocs", w->inner_allocs },
		{ "object.inner_frees", w->inner_frees },
	};

	_Static_assert(ARRAY_SIZE(all) * sizeof(uint64_t) == sizeof(*w), "every field is stored");
	put_counters(r, all, ARRAY_SIZE(all));
}

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

int kmr_store_objects(struct kmr_store *store, const struct kmr_object_report *report,
		      struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;

	if (!report->backend)
		return 0;
	put_stats(r, &report->stats);
	put_work(r, &report->work);
	for (size_t i = 0; i < report->nr_caches; i++)
		put_cache(r, i, &report->caches[i]);
	put_samples(r, report);
	put_sites(r, report);
	return r->rc ? kmr_db_fail(store->db, store->path, err) : 0;
}
