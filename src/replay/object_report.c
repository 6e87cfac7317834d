// SPDX-License-Identifier: GPL-2.0-only
/* What became of objects: caches, call sites, and the distributions that go with them. */
#include <stdlib.h>
#include <string.h>

#include "base/counts.h"
#include "replay/object_engine_internal.h"

static int count_live(void *ctx, const struct kmr_live_object *o)
{
	struct kmr_object_engine *oe = ctx;

	if (o->obj == KMR_OBJMAP_FAILED)
		return 0;
	oe->stats.live_objects++;
	oe->stats.live_requested += oe->origins[o->origin].requested;
	oe->stats.live_given += oe->o.ops->given(oe->o.b, o->obj);
	return 0;
}

static int by_site(const void *a, const void *b)
{
	const struct kmr_site_stats *x = a, *y = b;
	const int sites = strcmp(x->site, y->site);

	if (sites)
		return sites;
	if (x->site_id != y->site_id)
		return x->site_id < y->site_id ? -1 : 1;
	return x->cache_id < y->cache_id ? -1 : x->cache_id > y->cache_id;
}

static void add_origin(struct kmr_site_stats *s, const struct origin *g)
{
	s->hits += g->hits;
	s->bytes_requested += g->hits * g->requested;
	s->bytes_given += g->bytes_given;
	s->frees += g->frees;
	s->pingpong += g->pingpong;
	s->lifetime += g->lifetime;
	s->live += g->live;
	s->live_requested += g->live * g->requested;
}

/* Origins that differ in their sizes alone are one row. */
static int report_sites(const struct kmr_object_engine *oe, struct kmr_object_report *r)
{
	struct kmr_site_stats *all = calloc(oe->nr_origins, sizeof(*all));
	size_t n = 0, kept = 0;

	if (!all)
		return -1;
	for (size_t i = 0; i < oe->nr_origins; i++) {
		const struct origin *g = &oe->origins[i];
		struct kmr_cache_state state = { .name = "" };

		if (!g->hits)
			continue;
		if (g->cache >= 0)
			oe->o.ops->cache_state(oe->o.b, (unsigned int)g->cache, &state);
		all[n].site = kmr_source_site(oe->c.tape->source, g->site);
		all[n].cache = state.name;
		all[n].site_id = g->site;
		all[n].cache_id = g->cache;
		add_origin(&all[n++], g);
	}
	qsort(all, n, sizeof(*all), by_site);
	for (size_t i = 0; i < n; i++) {
		if (kept && !by_site(&all[kept - 1], &all[i])) {
			struct kmr_site_stats *s = &all[kept - 1];

			s->hits += all[i].hits;
			s->bytes_requested += all[i].bytes_requested;
			s->bytes_given += all[i].bytes_given;
			s->frees += all[i].frees;
			s->pingpong += all[i].pingpong;
			s->lifetime += all[i].lifetime;
			s->live += all[i].live;
			s->live_requested += all[i].live_requested;
		} else {
			all[kept++] = all[i];
		}
	}
	r->sites = all;
	r->nr_sites = kept;
	return 0;
}

static void subtract_cache(struct kmr_cache_state *c, const struct kmr_cache_state *before)
{
	c->allocs -= before->allocs;
	c->frees -= before->frees;
	c->failures -= before->failures;
	c->remote_frees -= before->remote_frees;
	c->slab_allocs -= before->slab_allocs;
	c->slab_frees -= before->slab_frees;
}

static int report_caches(const struct kmr_object_engine *oe, struct kmr_object_report *r)
{
	const unsigned int nr = oe->o.ops->nr_caches(oe->o.b);

	r->caches = calloc(nr + 1, sizeof(*r->caches));
	r->requested = calloc(nr + 1, sizeof(*r->requested));
	if (!r->caches || !r->requested)
		return -1;
	if (oe->o.ops->slabinfo) {
		r->slabinfo = calloc(nr + 1, sizeof(*r->slabinfo));
		if (!r->slabinfo)
			return -1;
	}
	for (unsigned int i = 0; i < nr; i++) {
		oe->o.ops->cache_state(oe->o.b, i, &r->caches[i]);
		if (oe->o.ops->slabinfo)
			oe->o.ops->slabinfo(oe->o.b, i, &r->slabinfo[i]);
		if (i < oe->nr_before)
			subtract_cache(&r->caches[i], &oe->before[i]);
		r->requested[i] = i + 1 < oe->nr_requested ? oe->requested[i + 1] : 0;
	}
	r->nr_caches = nr;
	return 0;
}

static const char *keep_name(struct kmr_object_report *r, const char *name)
{
	char *copy;

	if (!name || !*name)
		return "";
	copy = strdup(name);
	if (copy)
		r->names[r->nr_names++] = copy;
	return copy;
}

/* The report outlives tape and backend. */
static int keep_names(struct kmr_object_report *r)
{
	r->names = calloc(r->nr_caches + 2 * r->nr_sites + KMR_TOP_SITES + 1, sizeof(*r->names));
	if (!r->names)
		return -1;
	for (size_t i = 0; i < r->nr_caches; i++)
		if (!(r->caches[i].name = keep_name(r, r->caches[i].name)))
			return -1;
	for (size_t i = 0; i < r->nr_sites; i++) {
		r->sites[i].site = keep_name(r, r->sites[i].site);
		r->sites[i].cache = keep_name(r, r->sites[i].cache);
		if (!r->sites[i].site || !r->sites[i].cache)
			return -1;
	}
	return 0;
}

static const char *site_name(const void *ctx, uint32_t site)
{
	const struct kmr_object_engine *oe = ctx;

	return kmr_source_site(oe->c.tape->source, site);
}

/* Behind keep_names(), which has left room for these. */
static int report_site_samples(const struct kmr_object_engine *oe, struct kmr_object_report *r)
{
	const char *names[KMR_TOP_SITES];
	uint32_t sites[KMR_TOP_SITES];
	const unsigned int nr =
		kmr_site_series_top(&oe->series, sites, KMR_TOP_SITES, site_name, oe);

	for (unsigned int i = 0; i < nr; i++)
		if (!(names[i] = keep_name(r, site_name(oe, sites[i]))))
			return -1;
	if (kmr_site_series_rows(&oe->series, sites, nr, &r->site_samples, &r->nr_site_samples))
		return -1;
	for (size_t i = 0; i < r->nr_site_samples; i++)
		r->site_samples[i].site = names[r->site_samples[i].rank];
	return 0;
}

int kmr_oe_distributions(const struct kmr_object_engine *oe, struct kmr_distributions *d,
			 struct kmr_error *err)
{
	struct kmr_size_counts *sizes = malloc(sizeof(*sizes));
	int ret = -1;

	if (sizes) {
		*sizes = oe->sizes;
		/* the first one stands for what could not be told apart, of any size */
		for (size_t i = 1; i < oe->nr_origins; i++) {
			const struct origin *g = &oe->origins[i];
			const uint64_t before = i < oe->nr_origins_before ? oe->hits_before[i] : 0;

			kmr_size_count(sizes, g->requested, g->hits - before);
		}
		ret = kmr_distributions_add_lifetimes(d, KMR_DIST_OBJECT, 0, &oe->lifetimes) ||
				      kmr_distributions_add_sizes(d, KMR_DIST_OBJECT, sizes)
			      ? -1
			      : 0;
	}
	free(sizes);
	return ret ? kmr_fail_nomem(err, "the sizes of objects") : 0;
}

int kmr_oe_report(struct kmr_object_engine *oe, struct kmr_object_report *report,
		  struct kmr_error *err)
{
	memset(report, 0, sizeof(*report));
	kmr_oe_sample(oe);
	kmr_objmap_each(&oe->map, count_live, oe);
	oe->stats.end_pages = oe->pages;
	report->backend = oe->o.ops->name;
	report->start = oe->start;
	report->stats = oe->stats;
	report->work = *oe->o.ops->work(oe->o.b);
	kmr_counts_subtract(&report->work, &oe->work, sizeof(report->work));
	if (report_sites(oe, report) || report_caches(oe, report) || keep_names(report) ||
	    report_site_samples(oe, report) || oe->nomem) {
		kmr_object_report_free(report);
		return kmr_fail_nomem(err, "the results of the object engine");
	}
	report->samples = oe->samples;
	report->nr_samples = oe->nr_samples;
	oe->samples = NULL;
	oe->nr_samples = 0;
	return 0;
}

void kmr_object_report_free(struct kmr_object_report *r)
{
	for (size_t i = 0; i < r->nr_samples; i++)
		free(r->samples[i].rows);
	free(r->samples);
	free(r->caches);
	free(r->slabinfo);
	free(r->requested);
	free(r->sites);
	free(r->site_samples);
	for (size_t i = 0; i < r->nr_names; i++)
		free(r->names[i]);
	free(r->names);
	memset(r, 0, sizeof(*r));
}
