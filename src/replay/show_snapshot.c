// SPDX-License-Identifier: GPL-2.0-only
/*
 * A snapshot through the models of its kernel's allocators into a store that appears nowhere: so what
 * is shown of it is made by what serves runs.
 */
#include <stdlib.h>
#include <string.h>

#include "kmreplay/show.h"
#include "replay/setup.h"

static int put_zones(struct kmr_store *store, const struct kmr_snapshot *snap,
		     const struct kmr_page_ops *ops, const struct kmr_page_backend *b,
		     struct kmr_error *err)
{
	struct kmr_sample sample = { 0 };
	struct kmr_zone_state *zones = calloc(snap->machine.nr_zones + 1u, sizeof(*zones));
	struct kmr_survey *survey = NULL;
	int ret;

	if (!zones)
		return kmr_fail_nomem(err, "a snapshot's zones");
	if (ops->survey && kmr_survey_create(&survey, &snap->machine, err)) {
		free(zones);
		return -1;
	}
	if (survey) {
		ops->survey(b, survey, 0);
		sample.surveys = kmr_survey_zones(survey);
	}
	for (unsigned int i = 0; i < snap->machine.nr_zones; i++)
		ops->zone_state(b, i, &zones[i]);
	sample.zones = zones;
	ret = kmr_store_sample(store, &sample, err);
	kmr_survey_destroy(survey);
	free(zones);
	return ret;
}

static int put_pages(struct kmr_store *store, const struct kmr_snapshot *snap,
		     struct kmr_error *err)
{
	char why[KMR_BACKEND_WHY];
	const struct kmr_page_ops *ops =
		kmr_page_backend_find(kmr_setup_page_backend(snap, &snap->machine, why));
	struct kmr_page_backend *b = ops->create(&snap->machine, NULL, err);
	int ret;

	if (!b)
		return -1;
	ret = ops->load(b, snap, err);
	if (!ret)
		ret = put_zones(store, snap, ops, b, err);
	ops->destroy(b);
	return ret;
}

/* Nothing is allocated. */
static kmr_pfn_t no_page(void *ctx, const struct kmr_page_request *req)
{
	(void)ctx;
	(void)req;
	return KMR_NO_PFN;
}

static void no_free(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu, bool rcu)
{
	(void)ctx;
	(void)pfn;
	(void)order;
	(void)cpu;
	(void)rcu;
}

/* What @b has as the only sample of a run; kmr_object_report_free() in either case. */
static int report_caches(struct kmr_object_report *report, const struct kmr_object_ops *ops,
			 const struct kmr_object_backend *b)
{
	const unsigned int nr = ops->nr_caches(b);

	report->backend = ops->name;
	report->start = "snapshot";
	report->caches = calloc(nr + 1u, sizeof(*report->caches));
	report->slabinfo = calloc(nr + 1u, sizeof(*report->slabinfo));
	report->samples = calloc(1, sizeof(*report->samples));
	if (!report->caches || !report->slabinfo || !report->samples)
		return -1;
	report->nr_caches = nr;
	report->nr_samples = 1;
	report->samples->nr = nr;
	report->samples->rows = calloc(nr + 1u, sizeof(*report->samples->rows));
	if (!report->samples->rows)
		return -1;
	for (unsigned int i = 0; i < nr; i++) {
		struct kmr_cache_row *row = &report->samples->rows[i];
		struct kmr_cache_state *c = &report->caches[i];

		ops->cache_state(b, i, c);
		ops->slabinfo(b, i, &report->slabinfo[i]);
		row->active = (uint32_t)c->active;
		row->objects = (uint32_t)c->objects;
		row->slabs = (uint32_t)c->slabs;
		row->pages = c->pages;
	}
	return 0;
}

static int put_objects(struct kmr_store *store, const struct kmr_snapshot *snap,
		       struct kmr_error *err)
{
	const char *name = kmr_snapshot_allocator(snap);
	const struct kmr_object_config config = {
		.machine = &snap->machine,
		.version = snap->version ? snap->version : 601,
		.pointer_bytes = strcmp(snap->machine.arch, "i386") ? 8 : 4,
		.pages = { NULL, no_page, no_free },
	};
	struct kmr_object_report report = { 0 };
	uint64_t params[KMR_MAX_PARAMS];
	const struct kmr_object_ops *ops;
	struct kmr_object_backend *b;
	int ret;

	ops = name ? kmr_object_backend_parse(name, params, err) : NULL;
	if (name && !ops)
		return -1;
	/* SLOB has no caches that it could tell of */
	if (!ops || !ops->slabinfo)
		return 0;
	b = ops->create(&config, params, err);
	if (!b)
		return -1;
	ret = ops->load(b, snap, err);
	if (!ret && report_caches(&report, ops, b))
		ret = kmr_fail_nomem(err, "a snapshot's caches");
	if (!ret)
		ret = kmr_store_objects(store, &report, err);
	kmr_object_report_free(&report);
	ops->destroy(b);
	return ret;
}

int kmr_show_snapshot(const struct kmr_show *show, const struct kmr_snapshot *snap,
		      struct kmr_error *err)
{
	struct kmr_store *store;
	int ret;

	if (kmr_store_create(&store, NULL, &snap->machine, err))
		return -1;
	ret = put_pages(store, snap, err);
	if (!ret)
		ret = put_objects(store, snap, err);
	if (!ret)
		ret = kmr_store_show(store, show, err);
	kmr_store_discard(store);
	return ret;
}
