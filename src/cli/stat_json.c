// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay stat --json */
#include <stdio.h>

#include "cli/stat.h"
#include "report/json.h"

static void json_first_column(struct kmr_json *j, enum kmr_stat_view view,
			      const struct kmr_stat_row *row)
{
	const struct stat_view *v = stat_view(view);
	char ptr[STAT_PTR_TEXT];

	if (!v->address)
		kmr_json_string(j, v->column_key, row->name);
	else if (stat_is_page_view(view))
		kmr_json_uint(j, v->column_key, row->addr);
	else
		kmr_json_string(j, v->column_key, stat_ptr_text(ptr, row));
	if (v->address)
		kmr_json_string(j, "callsite", row->name);
}

static void json_row(struct kmr_json *j, enum kmr_stat_view view, const struct kmr_stat_row *row)
{
	char gfp[STAT_GFP_TEXT];

	kmr_json_object(j, NULL);
	json_first_column(j, view, row);
	if (stat_view(view)->kinds) {
		kmr_json_uint(j, "order", row->order);
		kmr_json_string(j, "migratetype", stat_migratetype_key(row->migratetype));
		kmr_json_string(j, "gfp_flags", row->gfp_known ? stat_gfp_text(gfp, row) : NULL);
	}
	kmr_json_uint(j, "hit", row->hit);
	if (!stat_is_page_view(view))
		kmr_json_uint(j, "bytes_req", row->bytes_req);
	kmr_json_uint(j, "bytes_alloc", row->bytes_alloc);
	kmr_json_uint(j, "frees", row->frees);
	kmr_json_uint(j, "bytes_freed", row->bytes_freed);
	if (!stat_is_page_view(view)) {
		kmr_json_uint(j, "pingpong", row->pingpong);
		kmr_json_double(j, "fragmentation",
				kmr_stat_fragmentation(row->bytes_req, row->bytes_alloc), 3);
	}
	kmr_json_end_object(j);
}

/* The views of objects or those of pages, each a list. */
static void json_views(struct kmr_json *j, const struct stat_request *request,
		       const struct kmr_stat *stat, bool page)
{
	for (int i = 0; i < KMR_STAT_NR_VIEWS; i++) {
		const enum kmr_stat_view view = (enum kmr_stat_view)i;
		const size_t shown = stat_shown(request, stat, view);

		if (!(request->options.views >> i & 1) || stat_is_page_view(view) != page)
			continue;
		kmr_json_array(j, stat_view(view)->key);
		for (size_t k = 0; k < shown; k++)
			json_row(j, view, kmr_stat_row(stat, view, k));
		kmr_json_end_array(j);
	}
}

static void json_slab(struct kmr_json *j, const struct stat_request *request,
		      const struct kmr_stat *stat)
{
	const struct kmr_stat_slab *s = kmr_stat_slab(stat);

	kmr_json_object(j, "slab");
	kmr_json_uint(j, "requests", s->requests);
	kmr_json_uint(j, "failures", s->failures);
	kmr_json_uint(j, "zero_sizes", s->zero_sizes);
	kmr_json_uint(j, "node_requests", s->node_requests);
	kmr_json_uint(j, "bytes_req", s->bytes_req);
	kmr_json_uint(j, "bytes_alloc", s->bytes_alloc);
	kmr_json_uint(j, "wasted", stat_wasted(s));
	kmr_json_double(j, "fragmentation", kmr_stat_fragmentation(s->bytes_req, s->bytes_alloc),
			6);
	kmr_json_uint(j, "frees", s->frees);
	kmr_json_uint(j, "bytes_freed", s->bytes_freed);
	kmr_json_uint(j, "pingpong", s->pingpong);
	kmr_json_uint(j, "unknown_frees", s->unknown_frees);
	kmr_json_uint(j, "repeated_allocs", s->repeated_allocs);
	kmr_json_uint(j, "null_frees", s->null_frees);
	kmr_json_uint(j, "live", s->live);
	kmr_json_uint(j, "bytes_live", s->bytes_live);
	json_views(j, request, stat, false);
	kmr_json_end_object(j);
}

static void json_matrix(struct kmr_json *j, const struct kmr_stat_page *p)
{
	kmr_json_array(j, "by_order");
	for (unsigned int order = 0; order < KMR_STAT_ORDERS; order++) {
		if (!stat_any_of_order(p, order))
			continue;
		kmr_json_object(j, NULL);
		kmr_json_uint(j, "order", order);
		for (unsigned int m = 0; m < KMR_STAT_MIGRATETYPES; m++)
			kmr_json_uint(j, stat_migratetype_key(m), p->by_order[order][m]);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

static void json_page(struct kmr_json *j, const struct stat_request *request,
		      const struct kmr_stat *stat)
{
	const struct kmr_stat_page *p = kmr_stat_page(stat);

	kmr_json_object(j, "page");
	kmr_json_uint(j, "requests", p->requests);
	kmr_json_uint(j, "bytes", p->bytes);
	kmr_json_uint(j, "frees", p->frees);
	kmr_json_uint(j, "bytes_freed", p->bytes_freed);
	kmr_json_uint(j, "alloc_freed", p->alloc_freed);
	kmr_json_uint(j, "bytes_alloc_freed", p->bytes_alloc_freed);
	kmr_json_uint(j, "alloc_only", p->alloc_only);
	kmr_json_uint(j, "bytes_alloc_only", p->bytes_alloc_only);
	kmr_json_uint(j, "free_only", p->free_only);
	kmr_json_uint(j, "bytes_free_only", p->bytes_free_only);
	kmr_json_uint(j, "failures", p->failures);
	kmr_json_uint(j, "bytes_failed", p->bytes_failed);
	kmr_json_uint(j, "partial_frees", p->partial_frees);
	kmr_json_uint(j, "repeated_allocs", p->repeated_allocs);
	json_matrix(j, p);
	json_views(j, request, stat, true);
	kmr_json_end_object(j);
}

void stat_print_json(const struct stat_request *request, const struct kmr_stat *stat,
		     const struct kmr_trace_info *info)
{
	const struct kmr_stat_options *o = &request->options;
	struct kmr_json j;

	kmr_json_init(&j, stdout);
	kmr_json_object(&j, NULL);
	kmr_json_string(&j, "trace", request->path);
	kmr_json_uint(&j, "events", kmr_stat_events(stat));
	kmr_json_uint(&j, "first_time_ns",
		      o->start > info->first_time ? o->start : info->first_time);
	kmr_json_uint(&j, "last_time_ns", o->stop < info->last_time ? o->stop : info->last_time);
	kmr_json_uint(&j, "lost", info->lost);
	kmr_json_uint(&j, "malformed", info->malformed);
	kmr_json_bool(&j, "live", o->live);
	if (o->slab)
		json_slab(&j, request, stat);
	if (o->page)
		json_page(&j, request, stat);
	kmr_json_end_object(&j);
}
