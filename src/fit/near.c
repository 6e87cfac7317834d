// SPDX-License-Identifier: GPL-2.0-only
#include "fit/near.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "kmreplay/frag.h"

#define MOMENTS 64u /* of the time that is compared, evenly spaced */

static const unsigned int index_orders[] = { 3, 9 }; /* PAGE_ALLOC_COSTLY_ORDER, a huge page's */

static int need_room(struct fit_track *t, size_t nr)
{
	const size_t zones = nr * t->nr_zones;
	void *times, *blocks, *listed;

	if (nr <= t->cap)
		return 0;
	times = realloc(t->times, nr * sizeof(*t->times));
	if (times)
		t->times = times;
	blocks = realloc(t->blocks, zones * t->nr_orders * sizeof(*t->blocks));
	if (blocks)
		t->blocks = blocks;
	listed = realloc(t->listed, zones * sizeof(*t->listed));
	if (listed)
		t->listed = listed;
	if (!times || !blocks || !listed)
		return -1;
	t->cap = nr;
	return 0;
}

int fit_track_sample(void *ctx, const struct kmr_sample *sample, struct kmr_error *err)
{
	struct fit_track *t = ctx;

	if (t->nr == t->cap && need_room(t, t->cap ? 2 * t->cap : 64))
		return kmr_fail_nomem(err, "samples");
	if (!t->nr) {
		t->first = malloc(t->nr_zones * sizeof(*t->first));
		if (!t->first)
			return kmr_fail_nomem(err, "samples");
		memcpy(t->first, sample->zones, t->nr_zones * sizeof(*t->first));
	}
	t->times[t->nr] = sample->time;
	for (unsigned int z = 0; z < t->nr_zones; z++) {
		const struct kmr_zone_state *state = &sample->zones[z];
		const size_t at = t->nr * t->nr_zones + z;

		t->listed[at] = state->pcp_pages;
		for (unsigned int o = 0; o < t->nr_orders; o++) {
			uint32_t *blocks = &t->blocks[at * t->nr_orders + o];

			*blocks = 0;
			for (unsigned int type = 0; type < KMR_MIGRATE_TYPES; type++)
				*blocks += state->nr_free[o][type];
		}
	}
	t->nr++;
	return 0;
}

void fit_track_fini(struct fit_track *t)
{
	free(t->times);
	free(t->blocks);
	free(t->listed);
	free(t->first);
	memset(t, 0, sizeof(*t));
}

/* A figure of a side at a moment, or at its end. */
static size_t sample_at(const struct fit_side *side, uint64_t time)
{
	const struct fit_track *t = side->track;
	size_t low = 0, high = t->nr;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (t->times[middle] <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : 0;
}

static void free_blocks(const struct fit_side *side, size_t sample, unsigned int zone,
			uint64_t nr_free[KMR_MAX_ORDERS])
{
	const struct fit_track *t = side->track;

	memset(nr_free, 0, KMR_MAX_ORDERS * sizeof(*nr_free));
	for (unsigned int o = 0; o < t->nr_orders; o++)
		nr_free[o] = t->blocks[(sample * t->nr_zones + zone) * t->nr_orders + o];
}

static int64_t used_at(const struct fit_side *side, size_t sample)
{
	const struct fit_track *t = side->track;
	uint64_t used = 0;

	for (unsigned int z = 0; z < t->nr_zones; z++) {
		uint64_t nr_free[KMR_MAX_ORDERS];

		used += side->result->machine.zones[z].managed -
			t->listed[sample * t->nr_zones + z];
		free_blocks(side, sample, z, nr_free);
		for (unsigned int o = 0; o < t->nr_orders; o++)
			used -= nr_free[o] << o;
	}
	return (int64_t)used;
}

/* The last sample of objects at @time; NULL: there is none. */
static const struct kmr_cache_sample *objects_at(const struct fit_side *side, uint64_t time)
{
	const struct kmr_object_report *r = &side->result->objects;
	const struct kmr_cache_sample *found = NULL;

	for (size_t i = 0; i < r->nr_samples && r->samples[i].time <= time; i++)
		found = &r->samples[i];
	return found ? found : r->samples;
}

static int64_t objects_figure(const struct fit_side *side, enum kmr_fit_what what, uint64_t time)
{
	const struct kmr_object_report *r = &side->result->objects;
	const struct kmr_cache_sample *sample = objects_at(side, time);
	uint64_t sum = 0;

	for (uint32_t c = 0; sample && c < sample->nr && c < r->nr_caches; c++)
		sum += what == KMR_FIT_SLAB_PAGES
			       ? sample->rows[c].pages
			       : (uint64_t)sample->rows[c].active * r->caches[c].size;
	return (int64_t)sum;
}

static int64_t figure_at(const struct fit_side *side, const struct kmr_fit_figure *f, uint64_t time)
{
	const unsigned int orders = side->track->nr_orders;
	const size_t sample = sample_at(side, time);
	uint64_t nr_free[KMR_MAX_ORDERS];

	switch (f->what) {
	case KMR_FIT_USED:
		return used_at(side, sample);
	case KMR_FIT_OBJECT_BYTES:
	case KMR_FIT_SLAB_PAGES:
		return objects_figure(side, f->what, time);
	default:
		break;
	}
	free_blocks(side, sample, f->zone, nr_free);
	return f->what == KMR_FIT_UNUSABLE ? kmr_unusable_index(nr_free, orders, f->order)
					   : kmr_extfrag_index(nr_free, orders, f->order);
}

static int64_t rounded(int64_t sum)
{
	return (sum + (sum < 0 ? -(int64_t)(MOMENTS / 2) : (int64_t)(MOMENTS / 2))) /
	       (int64_t)MOMENTS;
}

static uint64_t moment(const struct fit_side *side, unsigned int i)
{
	return side->begin + (side->end - side->begin) / MOMENTS * (i + 1);
}

static int add_over_time(struct kmr_fit_near *near, size_t *cap, const struct fit_side *trace,
			 const struct fit_side *model, struct kmr_fit_figure f)
{
	struct kmr_fit_figure *figures =
		kmr_grow(near->figures, near->nr_figures, cap, sizeof(*figures));
	int64_t sum_trace = 0, sum_model = 0, apart = 0;

	if (!figures)
		return -1;
	near->figures = figures;
	for (unsigned int i = 0; i < MOMENTS; i++) {
		const int64_t a = figure_at(trace, &f, moment(trace, i));
		const int64_t b = figure_at(model, &f, moment(model, i));

		sum_trace += a;
		sum_model += b;
		apart += a < b ? b - a : a - b;
	}
	f.over_time = true;
	f.mean = (struct kmr_fit_pair){ rounded(sum_trace), rounded(sum_model) };
	f.apart = rounded(apart);
	f.end.trace = figure_at(trace, &f, trace->end);
	f.end.model = figure_at(model, &f, model->end);
	figures[near->nr_figures++] = f;
	return 0;
}

static int add_count(struct kmr_fit_near *near, size_t *cap, enum kmr_fit_what what, uint64_t trace,
		     uint64_t model)
{
	struct kmr_fit_figure *figures =
		kmr_grow(near->figures, near->nr_figures, cap, sizeof(*figures));

	if (!figures)
		return -1;
	near->figures = figures;
	figures[near->nr_figures++] =
		(struct kmr_fit_figure){ .what = what, .end = { (int64_t)trace, (int64_t)model } };
	return 0;
}

static int add_counts(struct kmr_fit_near *near, size_t *cap, const struct fit_side *trace,
		      const struct fit_side *model)
{
	const struct kmr_replay_result *t = trace->result, *m = model->result;
	const uint64_t start_requests = model->object_allocs, start_frees = model->object_frees;

	if (add_count(near, cap, KMR_FIT_PAGE_ALLOCS, t->work.allocs, m->work.allocs) ||
	    add_count(near, cap, KMR_FIT_PAGE_FREES, t->work.frees, m->work.frees))
		return -1;
	if (t->objects.backend &&
	    (add_count(near, cap, KMR_FIT_OBJECT_ALLOCS, t->objects.stats.allocs,
		       m->objects.stats.allocs - start_requests) ||
	     add_count(near, cap, KMR_FIT_OBJECT_FREES, t->objects.stats.frees,
		       m->objects.stats.frees - start_frees)))
		return -1;
	if (add_count(near, cap, KMR_FIT_FALLBACKS, t->extfrag_events, m->extfrag_events) ||
	    add_count(near, cap, KMR_FIT_REFILLS, t->work.pcp_refills, m->work.pcp_refills))
		return -1;
	return add_count(near, cap, KMR_FIT_FAILURES, t->work.failures, m->work.failures);
}

int fit_near_make(struct kmr_fit_near *near, const struct fit_side *trace,
		  const struct fit_side *model, struct kmr_error *err)
{
	static const enum kmr_fit_what of_all[] = { KMR_FIT_USED, KMR_FIT_OBJECT_BYTES,
						    KMR_FIT_SLAB_PAGES };
	static const enum kmr_fit_what of_zones[] = { KMR_FIT_UNUSABLE, KMR_FIT_EXTFRAG };
	struct kmr_fit_figure f = { 0 };
	size_t cap = 0;
	int status = 0;

	for (size_t i = 0; i < ARRAY_SIZE(of_all) && !status; i++) {
		f.what = of_all[i];
		if (f.what == KMR_FIT_USED || trace->result->objects.backend)
			status = add_over_time(near, &cap, trace, model, f);
	}
	for (size_t i = 0; i < ARRAY_SIZE(of_zones); i++)
		for (size_t o = 0; o < ARRAY_SIZE(index_orders); o++)
			for (unsigned int z = 0; z < trace->track->nr_zones && !status; z++) {
				f.what = of_zones[i];
				f.order = index_orders[o];
				f.zone = z;
				status = add_over_time(near, &cap, trace, model, f);
			}
	if (!status)
		status = add_counts(near, &cap, trace, model);
	return status ? kmr_fail_nomem(err, "the comparison") : 0;
}

void fit_near_fini(struct kmr_fit_near *near)
{
	free(near->figures);
	near->figures = NULL;
	near->nr_figures = 0;
}
