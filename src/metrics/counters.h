/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The counters of a run by name: every field of struct kmr_replay_stats and kmr_page_work, of
 * struct kmr_object_stats and kmr_object_work, of those in struct kmr_mapping_report, and of
 * struct kmr_contig_stats and kmr_contig_work.
 */
#ifndef METRICS_COUNTERS_H
#define METRICS_COUNTERS_H

#include <stdint.h>

#include "kmreplay/contig.h"
#include "kmreplay/page.h"
#include "kmreplay/store.h"

typedef void (*kmr_counter_fn)(void *ctx, const char *name, uint64_t value);

/* Calls @fn with each: "replay.events", …, "page.allocs", … */
void kmr_counters_each(const struct kmr_replay_stats *stats, const struct kmr_page_work *work,
		       kmr_counter_fn fn, void *ctx);

/* "objects.allocs", …, "object.allocs", … */
void kmr_object_counters_each(const struct kmr_object_stats *stats,
			      const struct kmr_object_work *work, kmr_counter_fn fn, void *ctx);

/* "mappings.vmallocs", …, "vmap.allocs", …, "pkmap.maps", …, "kmap_local.maps", … */
void kmr_mapping_counters_each(const struct kmr_mapping_report *report, kmr_counter_fn fn,
			       void *ctx);

/* "contig.cma_requests", …, "range.pages_migrated", … */
void kmr_contig_counters_each(const struct kmr_contig_report *report, kmr_counter_fn fn, void *ctx);

#endif
