// SPDX-License-Identifier: GPL-2.0-only
/* What became of a run's kernel addresses into its database: how it went over time, counters. */
#include <inttypes.h>
#include <stdio.h>

#include "metrics/counters.h"
#include "metrics/store_internal.h"

static void put_vmap(struct kmr_rows *r, const struct kmr_mapping_report *report)
{
	char start[24], end[24];

	(void)snprintf(start, sizeof(start), "0x%" PRIx64, report->space.vmalloc_start);
	(void)snprintf(end, sizeof(end), "0x%" PRIx64, report->space.vmalloc_end);
	kmr_row_begin(r, KMR_TABLE_VMAP);
	kmr_row_number(r, r->run);
	kmr_row_text(r, report->backend);
	kmr_row_text(r, report->params);
	kmr_row_number(r, report->version);
	kmr_row_text(r, start);
	kmr_row_text(r, end);
	kmr_row_number(r, report->lazy_max);
	kmr_row_number(r, report->space.pkmap_slots);
	kmr_row_number(r, report->space.kmap_local_slots);
	(void)kmr_row_end(r);
}

static void put_sample(struct kmr_rows *r, size_t number, const struct kmr_mapping_sample *sample)
{
	const struct kmr_vmap_state *s = &sample->space;

	kmr_row_begin(r, KMR_TABLE_VMAP_SAMPLE);
	kmr_row_number(r, r->run);
	kmr_row_number(r, number);
	kmr_row_number(r, sample->time);
	kmr_row_number(r, sample->event);
	kmr_row_number(r, s->areas);
	kmr_row_number(r, s->area_bytes);
	kmr_row_number(r, s->lazy_areas);
	kmr_row_number(r, s->lazy_pages);
	kmr_row_number(r, s->pooled_areas);
	kmr_row_number(r, s->pooled_pages);
	kmr_row_number(r, s->holes);
	kmr_row_number(r, s->hole_bytes);
	kmr_row_number(r, s->largest_hole);
	kmr_row_number(r, s->blocks);
	kmr_row_number(r, s->block_used);
	kmr_row_number(r, s->block_dirty);
	kmr_row_number(r, s->pages);
	kmr_row_number(r, s->table_pages);
	kmr_row_number(r, s->object_bytes);
	kmr_row_number(r, sample->pkmap_used);
	kmr_row_number(r, sample->pkmap_waiting);
	(void)kmr_row_end(r);
}

int kmr_store_mappings(struct kmr_store *store, const struct kmr_mapping_report *report,
		       struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;

	if (!report->backend)
		return 0;
	put_vmap(r, report);
	kmr_mapping_counters_each(report, kmr_put_counter, r);
	for (size_t i = 0; i < report->nr_samples; i++)
		put_sample(r, i, &report->samples[i]);
	return kmr_rows_result(store, err);
}
