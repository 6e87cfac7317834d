// SPDX-License-Identifier: GPL-2.0-only
/*
 * What surveys found into a run's database, and what was counted over time: the tables of section
 * "frames" in schemas/metrics.sql.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "metrics/store_internal.h"

int kmr_store_strips(struct kmr_store *store, const struct kmr_strip *strips, unsigned int count,
		     struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;

	store->nr_strips = count < KMR_MAX_STRIPS ? count : KMR_MAX_STRIPS;
	for (unsigned int i = 0; i < store->nr_strips; i++) {
		store->strip_known[i] = strips[i].zone >= 0;
		store->strip_told[i] = false;
		if (strips[i].zone < 0)
			continue;
		kmr_row_begin(r, KMR_TABLE_STRIP);
		kmr_row_number(r, r->run);
		kmr_row_number(r, i);
		kmr_row_number(r, (uint64_t)strips[i].zone);
		kmr_row_number(r, strips[i].start_pfn);
		kmr_row_number(r, strips[i].pages);
		(void)kmr_row_end(r);
	}
	return kmr_rows_result(store, err);
}

/* What the keys of rows about a zone in a sample have in common. */
static void begin_row(const struct kmr_store *s, struct kmr_rows *r, enum kmr_table table,
		      unsigned int zone)
{
	kmr_row_begin(r, table);
	kmr_row_number(r, r->run);
	kmr_row_number(r, s->nr_samples);
	kmr_row_number(r, zone);
}

static void put_zone_survey(struct kmr_store *s, unsigned int zone, const struct kmr_zone_survey *z)
{
	struct kmr_rows *r = &s->rows;

	for (unsigned int o = 0; o < KMR_SURVEY_RUNS; o++) {
		if (!z->runs[o])
			continue;
		begin_row(s, r, KMR_TABLE_SAMPLE_CONTIG, zone);
		kmr_row_number(r, o);
		kmr_row_number(r, z->runs[o]);
		kmr_row_number(r, z->run_pages[o]);
		(void)kmr_row_end(r);
	}
	begin_row(s, r, KMR_TABLE_SAMPLE_BLOCKS, zone);
	kmr_row_number(r, z->empty);
	kmr_row_number(r, z->movable);
	kmr_row_number(r, z->unmovable);
	kmr_row_number(r, z->mixed);
	kmr_row_number(r, z->cut);
	kmr_row_number(r, z->movable_pages);
	kmr_row_number(r, z->unmovable_pages);
	kmr_row_number(r, z->mixed_age);
	if (z->passed_over)
		kmr_row_number(r, z->passed_over - 1);
	else
		kmr_row_null(r);
	(void)kmr_row_end(r);
	for (unsigned int o = 0; o < KMR_MAX_ORDERS; o++) {
		if (!z->unmovable_blocks[o])
			continue;
		begin_row(s, r, KMR_TABLE_SAMPLE_UNMOVABLE, zone);
		kmr_row_number(r, o);
		kmr_row_number(r, z->unmovable_blocks[o]);
		(void)kmr_row_end(r);
	}
}

static void put_strip(struct kmr_store *s, unsigned int strip, const struct kmr_strip_state *state)
{
	struct kmr_rows *r = &s->rows;

	if (!s->strip_known[strip] ||
	    (s->strip_told[strip] && !memcmp(state, &s->strips[strip], sizeof(*state))))
		return;
	s->strip_told[strip] = true;
	s->strips[strip] = *state;
	kmr_row_begin(r, KMR_TABLE_STRIP_SAMPLE);
	kmr_row_number(r, r->run);
	kmr_row_number(r, s->nr_samples);
	kmr_row_number(r, strip);
	kmr_row_number(r, state->free);
	kmr_row_number(r, state->movable);
	kmr_row_number(r, state->unmovable);
	kmr_row_number(r, state->migratetype);
	(void)kmr_row_end(r);
}

void kmr_put_survey(struct kmr_store *s, const struct kmr_sample *sample)
{
	if (!sample->surveys)
		return;
	for (unsigned int i = 0; i < s->nr_zones; i++)
		put_zone_survey(s, i, &sample->surveys[i]);
	for (unsigned int i = 0; i < s->nr_strips; i++)
		put_strip(s, i, &sample->strips[i]);
}

static void put_count(struct kmr_store *s, const char *name, uint64_t value, uint64_t before)
{
	struct kmr_rows *r = &s->rows;

	if (value == before)
		return;
	kmr_row_begin(r, KMR_TABLE_SAMPLE_COUNTER);
	kmr_row_number(r, r->run);
	kmr_row_number(r, s->nr_samples);
	kmr_row_text(r, name);
	kmr_row_number(r, value);
	(void)kmr_row_end(r);
}

#define COUNT(name, field)                                      \
	{                                                       \
		name, offsetof(struct kmr_sample_counts, field) \
	}

/* Of the page backend's counters those that are of interest over time; and others' by name. */
static const struct {
	const char *name;
	size_t offset;
} counts_kept[] = {
	COUNT("page.allocs", page.allocs),
	COUNT("page.failures", page.failures),
	COUNT("page.slow_paths", page.slow_paths),
	COUNT("page.extfrag", page.extfrag),
	COUNT("page.pages_moved", page.pages_moved),
	COUNT("page.blocks_claimed", page.blocks_claimed),
	COUNT("contig.thp_requests", thp_requests),
	COUNT("contig.thp_failures", thp_failures),
	COUNT("moved.compactions", moved.compactions),
	COUNT("moved.pages", moved.moved),
	COUNT("moved.homeless", moved.homeless),
	COUNT("moved.freed", moved.freed),
};

static uint64_t count_at(const struct kmr_sample_counts *counts, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const char *)counts + offset, sizeof(value));
	return value;
}

void kmr_put_counts(struct kmr_store *s, const struct kmr_sample_counts *counts)
{
	const char *stat;
	uint64_t value, before;
	char name[64];

	for (size_t i = 0; i < ARRAY_SIZE(counts_kept); i++)
		put_count(s, counts_kept[i].name, count_at(counts, counts_kept[i].offset),
			  count_at(&s->counts, counts_kept[i].offset));
	for (unsigned int i = 0; kmr_reclaim_stat_at(&counts->pressure, i, &stat, &value); i++) {
		(void)kmr_reclaim_stat_at(&s->counts.pressure, i, &stat, &before);
		(void)snprintf(name, sizeof(name), "pressure.%s", stat);
		put_count(s, name, value, before);
	}
	s->counts = *counts;
}

int kmr_store_requests(struct kmr_store *store, const struct kmr_order_requests *requests,
		       unsigned int count, struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;

	for (unsigned int order = 0; order < count; order++) {
		if (!requests[order].requests)
			continue;
		kmr_row_begin(r, KMR_TABLE_REQUEST);
		kmr_row_number(r, r->run);
		kmr_row_number(r, order);
		kmr_row_number(r, requests[order].requests);
		kmr_row_number(r, requests[order].failures);
		kmr_row_number(r, requests[order].huge);
		kmr_row_number(r, requests[order].huge_failures);
		(void)kmr_row_end(r);
	}
	return kmr_rows_result(store, err);
}
