// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay stat --csv: one view. */
#include <stdio.h>

#include "cli/stat.h"
#include "report/csv.h"

static void csv_heading(struct kmr_csv *csv, enum kmr_stat_view view)
{
	const struct stat_view *v = stat_view(view);
	const bool page = stat_is_page_view(view);

	kmr_csv_text(csv, v->column_key);
	if (v->address)
		kmr_csv_text(csv, "callsite");
	if (v->kinds) {
		kmr_csv_text(csv, "order");
		kmr_csv_text(csv, "migratetype");
		kmr_csv_text(csv, "gfp_flags");
	}
	kmr_csv_text(csv, "hit");
	if (!page)
		kmr_csv_text(csv, "bytes_req");
	kmr_csv_text(csv, "bytes_alloc");
	kmr_csv_text(csv, "frees");
	kmr_csv_text(csv, "bytes_freed");
	if (!page)
		kmr_csv_text(csv, "pingpong");
	kmr_csv_end_line(csv);
}

static void csv_first_column(struct kmr_csv *csv, enum kmr_stat_view view,
			     const struct kmr_stat_row *row)
{
	const struct stat_view *v = stat_view(view);
	char ptr[STAT_PTR_TEXT];

	if (!v->address)
		kmr_csv_text(csv, row->name);
	else if (stat_is_page_view(view))
		kmr_csv_uint(csv, row->addr);
	else
		kmr_csv_text(csv, stat_ptr_text(ptr, row));
	if (v->address)
		kmr_csv_text(csv, row->name);
}

static void csv_row(struct kmr_csv *csv, enum kmr_stat_view view, const struct kmr_stat_row *row)
{
	const bool page = stat_is_page_view(view);
	char gfp[STAT_GFP_TEXT];

	csv_first_column(csv, view, row);
	if (stat_view(view)->kinds) {
		kmr_csv_uint(csv, row->order);
		kmr_csv_text(csv, stat_migratetype_key(row->migratetype));
		kmr_csv_text(csv, row->gfp_known ? stat_gfp_text(gfp, row) : "");
	}
	kmr_csv_uint(csv, row->hit);
	if (!page)
		kmr_csv_uint(csv, row->bytes_req);
	kmr_csv_uint(csv, row->bytes_alloc);
	kmr_csv_uint(csv, row->frees);
	kmr_csv_uint(csv, row->bytes_freed);
	if (!page)
		kmr_csv_uint(csv, row->pingpong);
	kmr_csv_end_line(csv);
}

void stat_print_csv(const struct stat_request *request, const struct kmr_stat *stat,
		    enum kmr_stat_view view)
{
	const size_t shown = stat_shown(request, stat, view);
	struct kmr_csv csv;

	kmr_csv_init(&csv, stdout);
	csv_heading(&csv, view);
	for (size_t i = 0; i < shown; i++)
		csv_row(&csv, view, kmr_stat_row(stat, view, i));
}
