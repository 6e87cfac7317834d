// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay stat in text: a table a view, then the sums. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "cli/stat.h"
#include "report/table.h"
#include "report/units.h"

static const struct kmr_column two_columns[] = { { NULL, NULL, KMR_ALIGN_LEFT },
						 { NULL, NULL, KMR_ALIGN_RIGHT } };

/* "12345/64": all bytes, and those of one request; without commas, to leave room for names. */
static void total_and_per(struct kmr_table *t, uint64_t bytes, uint64_t hit)
{
	kmr_table_format(t, "%" PRIu64 "/%" PRIu64, bytes, hit ? bytes / hit : 0);
}

static void percent(struct kmr_table *t, double value)
{
	char text[KMR_UNITS_SIZE];

	kmr_table_text(t, kmr_units_fixed(text, value, 3));
}

static struct kmr_table *new_slab_table(enum kmr_stat_view view)
{
	const struct stat_view *v = stat_view(view);
	const struct kmr_column columns[] = {
		{ v->column, NULL, KMR_ALIGN_LEFT },
		{ "Total_alloc/Per", NULL, KMR_ALIGN_RIGHT },
		{ v->frees ? "Hit" : "Total_req/Per", NULL, KMR_ALIGN_RIGHT },
		{ v->frees ? "Frees" : "Hit", NULL, KMR_ALIGN_RIGHT },
		{ "Ping-pong", NULL, KMR_ALIGN_RIGHT },
		{ "Frag", "%", KMR_ALIGN_RIGHT },
	};

	return kmr_table_new(v->title, columns, ARRAY_SIZE(columns));
}

static void add_slab_row(struct kmr_table *t, enum kmr_stat_view view,
			 const struct kmr_stat_row *row)
{
	const struct stat_view *v = stat_view(view);
	char ptr[STAT_PTR_TEXT];

	kmr_table_text(t, v->address ? stat_ptr_text(ptr, row) : row->name);
	total_and_per(t, row->bytes_alloc, row->hit);
	if (!v->frees)
		total_and_per(t, row->bytes_req, row->hit);
	kmr_table_count(t, row->hit);
	if (v->frees)
		kmr_table_count(t, row->frees);
	kmr_table_count(t, row->pingpong);
	percent(t, kmr_stat_fragmentation(row->bytes_req, row->bytes_alloc));
}

static struct kmr_table *new_page_table(enum kmr_stat_view view, bool live)
{
	const struct stat_view *v = stat_view(view);
	struct kmr_column columns[7];
	size_t n = 0;

	if (v->address || !v->kinds)
		columns[n++] = (struct kmr_column){ v->column, NULL,
						    v->address ? KMR_ALIGN_RIGHT : KMR_ALIGN_LEFT };
	columns[n++] =
		(struct kmr_column){ live ? "Live alloc" : "Total alloc", "KiB", KMR_ALIGN_RIGHT };
	columns[n++] = (struct kmr_column){ "Hits", NULL, KMR_ALIGN_RIGHT };
	if (v->kinds) {
		columns[n++] = (struct kmr_column){ "Order", NULL, KMR_ALIGN_RIGHT };
		columns[n++] = (struct kmr_column){ "Mig.type", NULL, KMR_ALIGN_LEFT };
		columns[n++] = (struct kmr_column){ "GFP flags", NULL, KMR_ALIGN_LEFT };
		columns[n++] = (struct kmr_column){ "Callsite", NULL, KMR_ALIGN_LEFT };
	} else {
		columns[n++] = (struct kmr_column){ "Frees", NULL, KMR_ALIGN_RIGHT };
		columns[n++] = (struct kmr_column){ "Freed", "KiB", KMR_ALIGN_RIGHT };
	}
	return kmr_table_new(v->title, columns, n);
}

/* Lines of a table are broken at blanks: one behind each flag. */
static void add_gfp(struct kmr_table *t, const struct kmr_stat_row *row)
{
	char gfp[STAT_GFP_TEXT], spaced[2 * STAT_GFP_TEXT];
	size_t n = 0;

	for (const char *p = stat_gfp_text(gfp, row); *p; p++) {
		spaced[n++] = *p;
		if (*p == '|')
			spaced[n++] = ' ';
	}
	spaced[n] = '\0';
	kmr_table_text(t, spaced);
}

static void add_page_row(struct kmr_table *t, enum kmr_stat_view view,
			 const struct kmr_stat_row *row)
{
	const struct stat_view *v = stat_view(view);

	if (v->address)
		kmr_table_format(t, "%" PRIu64, row->addr);
	else if (!v->kinds)
		kmr_table_text(t, row->name);
	kmr_table_count(t, row->bytes_alloc / 1024);
	kmr_table_count(t, row->hit);
	if (v->kinds) {
		kmr_table_count(t, row->order);
		kmr_table_text(t, kmr_migratetype_name(row->migratetype));
		add_gfp(t, row);
		kmr_table_text(t, row->name);
	} else {
		kmr_table_count(t, row->frees);
		kmr_table_count(t, row->bytes_freed / 1024);
	}
}

static int print_view(const struct stat_request *request, const struct kmr_stat *stat,
		      enum kmr_stat_view view)
{
	const size_t shown = stat_shown(request, stat, view);
	const size_t more = kmr_stat_nr_rows(stat, view) - shown;
	const bool page = stat_is_page_view(view);
	struct kmr_table *t =
		page ? new_page_table(view, request->options.live) : new_slab_table(view);
	char text[KMR_UNITS_SIZE];

	for (size_t i = 0; i < shown; i++) {
		const struct kmr_stat_row *row = kmr_stat_row(stat, view, i);

		if (page)
			add_page_row(t, view, row);
		else
			add_slab_row(t, view, row);
	}
	if (kmr_table_print(t, stdout))
		return -1;
	if (more)
		printf("... and %s more\n", kmr_units_count(text, more));
	(void)fputc('\n', stdout);
	return 0;
}

static void count_row(struct kmr_table *t, const char *what, uint64_t value)
{
	kmr_table_text(t, what);
	kmr_table_count(t, value);
}

/* What is seldom, and worth a line when it is there only. */
static void odd_row(struct kmr_table *t, const char *what, uint64_t value)
{
	if (value)
		count_row(t, what, value);
}

static int print_slab_summary(const struct kmr_stat_slab *s)
{
	struct kmr_table *t = kmr_table_new("Summary of objects", two_columns, 2);
	char some[KMR_UNITS_SIZE], all[KMR_UNITS_SIZE];

	count_row(t, "bytes requested", s->bytes_req);
	count_row(t, "bytes allocated", s->bytes_alloc);
	count_row(t, "bytes freed", s->bytes_freed);
	count_row(t, "bytes live at the end", s->bytes_live);
	count_row(t, "bytes wasted on internal fragmentation", stat_wasted(s));
	kmr_table_text(t, "internal fragmentation (%)");
	percent(t, kmr_stat_fragmentation(s->bytes_req, s->bytes_alloc));
	kmr_table_rule(t);
	count_row(t, "allocations", s->requests);
	odd_row(t, "of them, failed", s->failures);
	odd_row(t, "of them, for 0 bytes", s->zero_sizes);
	kmr_table_text(t, "of them, for a given node");
	kmr_table_format(t, "%s/%s", kmr_units_count(some, s->node_requests),
			 kmr_units_count(all, s->requests));
	count_row(t, "frees", s->frees);
	count_row(t, "of them, on another CPU than the allocation", s->pingpong);
	count_row(t, "of them, of objects that the trace did not allocate", s->unknown_frees);
	count_row(t, "objects live at the end", s->live);
	odd_row(t, "allocations at an address that was not freed", s->repeated_allocs);
	odd_row(t, "frees of NULL", s->null_frees);
	return kmr_table_print(t, stdout);
}

static void page_row(struct kmr_table *t, const char *what, uint64_t count, uint64_t bytes)
{
	count_row(t, what, count);
	kmr_table_count(t, bytes / 1024);
}

static int print_page_summary(const struct kmr_stat_page *p)
{
	static const struct kmr_column columns[] = { { "Summary of pages", NULL, KMR_ALIGN_LEFT },
						     { "count", NULL, KMR_ALIGN_RIGHT },
						     { "KiB", NULL, KMR_ALIGN_RIGHT } };
	struct kmr_table *t = kmr_table_new(NULL, columns, 3);

	page_row(t, "allocation requests", p->requests, p->bytes);
	page_row(t, "free requests", p->frees, p->bytes_freed);
	page_row(t, "alloc+freed requests", p->alloc_freed, p->bytes_alloc_freed);
	page_row(t, "alloc-only requests", p->alloc_only, p->bytes_alloc_only);
	page_row(t, "free-only requests", p->free_only, p->bytes_free_only);
	page_row(t, "allocation failures", p->failures, p->bytes_failed);
	if (p->partial_frees) {
		count_row(t, "frees of a part of a request", p->partial_frees);
		kmr_table_text(t, "");
	}
	if (p->repeated_allocs) {
		count_row(t, "allocations of a frame that was not freed", p->repeated_allocs);
		kmr_table_text(t, "");
	}
	return kmr_table_print(t, stdout);
}

/* The last column is for types that could not be read, and there when there are any. */
static size_t matrix_columns(const struct kmr_stat_page *p)
{
	for (unsigned int order = 0; order < KMR_STAT_ORDERS; order++)
		if (p->by_order[order][KMR_MIGRATE_TYPES])
			return KMR_STAT_MIGRATETYPES;
	return KMR_MIGRATE_TYPES;
}

static void matrix_cell(struct kmr_table *t, uint64_t count)
{
	if (count)
		kmr_table_count(t, count);
	else
		kmr_table_text(t, ".");
}

static int print_matrix(const struct kmr_stat_page *p)
{
	const size_t types = matrix_columns(p);
	struct kmr_column columns[KMR_STAT_MIGRATETYPES + 1] = { { "Order", NULL,
								   KMR_ALIGN_RIGHT } };
	struct kmr_table *t;

	for (unsigned int m = 0; m < types; m++)
		columns[m + 1] =
			(struct kmr_column){ kmr_migratetype_name(m), NULL, KMR_ALIGN_RIGHT };
	t = kmr_table_new(NULL, columns, types + 1);
	for (unsigned int order = 0; order < KMR_STAT_ORDERS; order++) {
		/* MAX_ORDER of nearly all kernels; more where a trace has more */
		if (order > 10 && !stat_any_of_order(p, order))
			continue;
		kmr_table_count(t, order);
		for (unsigned int m = 0; m < types; m++)
			matrix_cell(t, p->by_order[order][m]);
	}
	(void)fputc('\n', stdout);
	return kmr_table_print(t, stdout);
}

int stat_print_text(const struct stat_request *request, const struct kmr_stat *stat)
{
	const struct kmr_stat_options *o = &request->options;

	for (int view = 0; view < KMR_STAT_NR_VIEWS; view++)
		if (o->views >> view & 1 && print_view(request, stat, (enum kmr_stat_view)view))
			return -1;
	if (o->slab && print_slab_summary(kmr_stat_slab(stat)))
		return -1;
	if (o->slab && o->page)
		(void)fputc('\n', stdout);
	if (o->page &&
	    (print_page_summary(kmr_stat_page(stat)) || print_matrix(kmr_stat_page(stat))))
		return -1;
	return 0;
}
