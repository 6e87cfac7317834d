// SPDX-License-Identifier: GPL-2.0-only
#include "cli/mappings.h"

#include <inttypes.h>

#include "metrics/counters.h"
#include "report/table.h"

static void json_address(struct kmr_json *j, const char *key, uint64_t addr)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "0x%" PRIx64, addr);
	kmr_json_string(j, key, text);
}

static void json_counter(void *ctx, const char *name, uint64_t value)
{
	kmr_json_uint(ctx, name, value);
}

void kmr_mappings_json(struct kmr_json *j, const struct kmr_replay_result *r)
{
	const struct kmr_mapping_report *m = &r->mappings;
	const struct kmr_vmap_state *s = &m->end;

	kmr_json_string(j, "vmap", m->backend);
	if (!m->backend)
		return;
	kmr_json_string(j, "vmap_params", m->params);
	kmr_json_object(j, "addresses");
	kmr_json_string(j, "start", m->start);
	kmr_json_uint(j, "version", m->version);
	json_address(j, "vmalloc_start", m->space.vmalloc_start);
	json_address(j, "vmalloc_end", m->space.vmalloc_end);
	kmr_json_uint(j, "lazy_max_pages", m->lazy_max);
	kmr_json_uint(j, "pkmap_slots", m->space.pkmap_slots);
	kmr_json_uint(j, "kmap_local_slots", m->space.kmap_local_slots);
	kmr_json_object(j, "counts");
	kmr_mapping_counters_each(m, json_counter, j);
	kmr_json_end_object(j);
	kmr_json_object(j, "end");
	kmr_json_uint(j, "areas", s->areas);
	kmr_json_uint(j, "area_bytes", s->area_bytes);
	kmr_json_uint(j, "lazy_pages", s->lazy_pages);
	kmr_json_uint(j, "pooled_pages", s->pooled_pages);
	kmr_json_uint(j, "holes", s->holes);
	kmr_json_uint(j, "hole_bytes", s->hole_bytes);
	kmr_json_uint(j, "largest_hole", s->largest_hole);
	kmr_json_uint(j, "pages", s->pages);
	kmr_json_uint(j, "table_pages", s->table_pages);
	kmr_json_uint(j, "object_bytes", s->object_bytes);
	kmr_json_end_object(j);
	kmr_json_end_object(j);
}

/* A row, unless it says nothing. */
static void row(struct kmr_table *t, const char *what, uint64_t value, bool always)
{
	if (!value && !always)
		return;
	kmr_table_text(t, what);
	kmr_table_count(t, value);
}

static void rows_of_areas(struct kmr_table *t, const struct kmr_mapping_stats *s)
{
	const bool traced = s->traced_areas != 0;
	const bool workload = s->vmallocs != 0;

	row(t, "vmalloc() replayed", s->vmallocs, workload);
	row(t, "of these, failed", s->vmalloc_failures, workload);
	row(t, "vfree() replayed", s->vfrees, workload);
	row(t, "vfree() of what failed", s->dropped_frees, false);
	row(t, "areas of the trace replayed", s->traced_areas, traced);
	row(t, "of these, at the traced kernel's address", s->same_address, traced);
	row(t, "at its address, asked where it was asked", s->followed_same, traced);
	row(t, "areas that found room only in the trace", s->area_failures, false);
	row(t, "areas that were there from the start, left out", s->known_areas, false);
	row(t, "areas that failed in the trace, left out", s->traced_failures, false);
	row(t, "areas freed by the trace", s->area_frees, traced);
	row(t, "frees of what nobody allocated", s->unknown_frees, false);
	row(t, "allocations at a place still in use", s->repeated_allocs, false);
	row(t, "mappings of pages that are nowhere", s->unknown_pages, false);
}

static void rows_of_pages(struct kmr_table *t, const struct kmr_mapping_report *m)
{
	const bool kmap = m->pkmap.maps || m->pkmap.lowmem;
	const bool local = m->kmap_local.maps || m->kmap_local.lowmem;

	row(t, "kmap() of high memory", m->pkmap.maps, kmap);
	row(t, "kmap() of low memory, without a slot", m->pkmap.lowmem, false);
	row(t, "slots of pkmap", kmap ? m->space.pkmap_slots : 0, kmap);
	row(t, "slots in use at most", m->pkmap.most_used, kmap);
	row(t, "flushes of slots", m->pkmap.flushes, kmap);
	row(t, "kmap() that had to wait", m->pkmap.waits, kmap);
	row(t, "kunmap() of what is not mapped", m->pkmap.bad_unmaps, false);
	row(t, "kmap_local() of high memory", m->kmap_local.maps, local);
	row(t, "nested at most", m->kmap_local.deepest, local);
	row(t, "nested too deep", m->kmap_local.overflows, local);
	row(t, "unmapped out of order", m->kmap_local.misordered, false);
}

int kmr_mappings_text(const struct kmr_replay_result *r)
{
	static const struct kmr_column columns[] = { { "", NULL, KMR_ALIGN_LEFT },
						     { "", NULL, KMR_ALIGN_RIGHT } };
	const struct kmr_mapping_report *m = &r->mappings;
	struct kmr_table *t = kmr_table_new("Kernel addresses", columns, 2);

	rows_of_areas(t, &m->stats);
	row(t, "areas in use at the end", m->end.areas, true);
	row(t, "their addresses, KiB", m->end.area_bytes >> 10, true);
	row(t, "pages behind vmalloc()", m->end.pages, true);
	row(t, "pages of page tables made for areas", m->end.table_pages, false);
	row(t, "freed, waiting for a purge, pages", m->end.lazy_pages, true);
	row(t, "kept in pools of CPUs, pages", m->end.pooled_pages, false);
	row(t, "purges", m->work.purges, true);
	row(t, "requests that found no room before a purge", m->work.forced_purges, false);
	row(t, "holes", m->end.holes, true);
	row(t, "largest hole, KiB", m->end.largest_hole >> 10, true);
	rows_of_pages(t, m);
	return kmr_table_print(t, stdout);
}
