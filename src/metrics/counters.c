// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names for the fields of the structs of counters.  The assertions see to it that a field that
 * is added there is named here.
 */
#include "metrics/counters.h"

#include <stddef.h>
#include <string.h>

#include "base/array.h"

struct counter_name {
	const char *name;
	size_t offset;
};

#define REPLAY(field)                                                      \
	{                                                                  \
		"replay." #field, offsetof(struct kmr_replay_stats, field) \
	}
#define PAGE(field)                                                   \
	{                                                             \
		"page." #field, offsetof(struct kmr_page_work, field) \
	}

#define OBJECTS(field)                                                      \
	{                                                                   \
		"objects." #field, offsetof(struct kmr_object_stats, field) \
	}
#define OBJECT(field)                                                     \
	{                                                                 \
		"object." #field, offsetof(struct kmr_object_work, field) \
	}

#define MAPPINGS(field)                                                       \
	{                                                                     \
		"mappings." #field, offsetof(struct kmr_mapping_stats, field) \
	}
#define VMAP(field)                                                   \
	{                                                             \
		"vmap." #field, offsetof(struct kmr_vmap_work, field) \
	}
#define PKMAP(field)                                                     \
	{                                                                \
		"pkmap." #field, offsetof(struct kmr_pkmap_stats, field) \
	}
#define KMAP_LOCAL(field)                                                          \
	{                                                                          \
		"kmap_local." #field, offsetof(struct kmr_kmap_local_stats, field) \
	}

static const struct counter_name replay_counters[] = {
	REPLAY(events),		 REPLAY(page_allocs),
	REPLAY(page_frees),	 REPLAY(double_reports),
	REPLAY(traced_failures), REPLAY(rescued),
	REPLAY(failures),	 REPLAY(dropped_frees),
	REPLAY(unknown_frees),	 REPLAY(partial_frees),
	REPLAY(repeated_allocs), REPLAY(silent_allocs),
	REPLAY(silent_frees),	 REPLAY(lost),
	REPLAY(live_pages),
};

static const struct counter_name page_counters[] = {
	PAGE(allocs),	   PAGE(frees),		 PAGE(failures),     PAGE(pcp_hits),
	PAGE(pcp_refills), PAGE(refill_blocks),	 PAGE(drain_blocks), PAGE(splits),
	PAGE(merges),	   PAGE(zones_tried),	 PAGE(slow_paths),   PAGE(extfrag),
	PAGE(pages_moved), PAGE(blocks_claimed),
};

static const struct counter_name objects_counters[] = {
	OBJECTS(allocs),	 OBJECTS(frees),	 OBJECTS(start_objects),
	OBJECTS(failures),	 OBJECTS(dropped_frees), OBJECTS(traced_failures),
	OBJECTS(null_frees),	 OBJECTS(unknown_frees), OBJECTS(repeated_allocs),
	OBJECTS(silent_frees),	 OBJECTS(taken_again),	 OBJECTS(odd_sizes),
	OBJECTS(page_allocs),	 OBJECTS(page_frees),	 OBJECTS(live_objects),
	OBJECTS(live_requested), OBJECTS(live_given),	 OBJECTS(start_pages),
	OBJECTS(end_pages),	 OBJECTS(peak_pages),
};

static const struct counter_name object_counters[] = {
	OBJECT(allocs),		 OBJECT(frees),	       OBJECT(failures),     OBJECT(fast_allocs),
	OBJECT(fast_frees),	 OBJECT(cpu_partial),  OBJECT(node_partial), OBJECT(refills),
	OBJECT(flushes),	 OBJECT(list_steps),   OBJECT(slab_allocs),  OBJECT(slab_frees),
	OBJECT(order_fallbacks), OBJECT(remote_frees), OBJECT(large_allocs), OBJECT(large_frees),
	OBJECT(bad_frees),	 OBJECT(inner_allocs), OBJECT(inner_frees),
};

static const struct counter_name mapping_counters[] = {
	MAPPINGS(vmallocs),	   MAPPINGS(vfrees),	    MAPPINGS(vmalloc_failures),
	MAPPINGS(dropped_frees),   MAPPINGS(start_areas),   MAPPINGS(traced_areas),
	MAPPINGS(same_address),	   MAPPINGS(followed_same), MAPPINGS(followed_lost),
	MAPPINGS(area_failures),   MAPPINGS(known_areas),   MAPPINGS(traced_failures),
	MAPPINGS(area_frees),	   MAPPINGS(traced_purges), MAPPINGS(unknown_frees),
	MAPPINGS(repeated_allocs), MAPPINGS(unknown_pages), MAPPINGS(live),
};

static const struct counter_name vmap_counters[] = {
	VMAP(allocs),	  VMAP(frees),	      VMAP(maps),	  VMAP(unmaps),
	VMAP(ram_maps),	  VMAP(ram_unmaps),   VMAP(areas),	  VMAP(no_room),
	VMAP(no_pages),	  VMAP(bad_frees),    VMAP(steps),	  VMAP(restarts),
	VMAP(fit_full),	  VMAP(fit_left),     VMAP(fit_right),	  VMAP(fit_none),
	VMAP(purges),	  VMAP(purged_areas), VMAP(purged_pages), VMAP(forced_purges),
	VMAP(flushes),	  VMAP(pool_hits),    VMAP(pool_adds),	  VMAP(pool_decays),
	VMAP(blocks),	  VMAP(block_frees),  VMAP(page_allocs),  VMAP(page_frees),
	VMAP(bulk_calls), VMAP(table_allocs),
};

static const struct counter_name pkmap_counters[] = {
	PKMAP(maps),	     PKMAP(unmaps),   PKMAP(lowmem),	    PKMAP(reused),
	PKMAP(wraps),	     PKMAP(flushes),  PKMAP(flushed_slots), PKMAP(waits),
	PKMAP(most_waiting), PKMAP(given_up), PKMAP(most_used),	    PKMAP(bad_unmaps),
};

static const struct counter_name kmap_local_counters[] = {
	KMAP_LOCAL(maps),      KMAP_LOCAL(unmaps),     KMAP_LOCAL(lowmem),     KMAP_LOCAL(deepest),
	KMAP_LOCAL(overflows), KMAP_LOCAL(misordered), KMAP_LOCAL(bad_unmaps),
};

#define CONTIG(field)                                                      \
	{                                                                  \
		"contig." #field, offsetof(struct kmr_contig_stats, field) \
	}
#define RANGE(field)                                                     \
	{                                                                \
		"range." #field, offsetof(struct kmr_contig_work, field) \
	}

static const struct counter_name contig_counters[] = {
	CONTIG(cma_requests),
	CONTIG(cma_failures),
	CONTIG(cma_traced_failures),
	CONTIG(cma_rescued),
	CONTIG(cma_releases),
	CONTIG(cma_dropped_releases),
	CONTIG(cma_unknown_releases),
	CONTIG(cma_repeated),
	CONTIG(cma_foreign),
	CONTIG(cma_live_pages),
	CONTIG(onlined),
	CONTIG(online_failures),
	CONTIG(offlined),
	CONTIG(offline_busy),
	CONTIG(offline_no_room),
	CONTIG(offline_invalid),
	CONTIG(pool_changes),
	CONTIG(pool_short),
	CONTIG(pool_pages),
	CONTIG(thp_requests),
	CONTIG(thp_failures),
};

static const struct counter_name range_counters[] = {
	RANGE(pageblocks_isolated), RANGE(blocks_migrated),  RANGE(pages_migrated),
	RANGE(blocks_split),	    RANGE(migrate_failures), RANGE(cma_allocs),
	RANGE(cma_failures),	    RANGE(cma_retries),	     RANGE(cma_pages),
	RANGE(pages_onlined),	    RANGE(pages_offlined),   RANGE(huge_allocs),
	RANGE(huge_frees),	    RANGE(huge_failures),    RANGE(huge_replaced),
	RANGE(huge_dissolved),
};

_Static_assert(ARRAY_SIZE(replay_counters) * sizeof(uint64_t) == sizeof(struct kmr_replay_stats),
	       "every field of struct kmr_replay_stats has a name");
_Static_assert(ARRAY_SIZE(page_counters) * sizeof(uint64_t) ==
		       offsetof(struct kmr_page_work, steps),
	       "every field of struct kmr_page_work has a name");
_Static_assert(ARRAY_SIZE(objects_counters) * sizeof(uint64_t) == sizeof(struct kmr_object_stats),
	       "every field of struct kmr_object_stats has a name");
_Static_assert(ARRAY_SIZE(object_counters) * sizeof(uint64_t) ==
		       offsetof(struct kmr_object_work, slab_objects),
	       "every field of struct kmr_object_work has a name");

_Static_assert(ARRAY_SIZE(mapping_counters) * sizeof(uint64_t) == sizeof(struct kmr_mapping_stats),
	       "every field of struct kmr_mapping_stats has a name");
_Static_assert(ARRAY_SIZE(vmap_counters) * sizeof(uint64_t) == sizeof(struct kmr_vmap_work),
	       "every field of struct kmr_vmap_work has a name");
_Static_assert(ARRAY_SIZE(pkmap_counters) * sizeof(uint64_t) == sizeof(struct kmr_pkmap_stats),
	       "every field of struct kmr_pkmap_stats has a name");
_Static_assert(ARRAY_SIZE(kmap_local_counters) * sizeof(uint64_t) ==
		       sizeof(struct kmr_kmap_local_stats),
	       "every field of struct kmr_kmap_local_stats has a name");
_Static_assert(ARRAY_SIZE(contig_counters) * sizeof(uint64_t) == sizeof(struct kmr_contig_stats),
	       "every field of struct kmr_contig_stats has a name");
_Static_assert(ARRAY_SIZE(range_counters) * sizeof(uint64_t) == sizeof(struct kmr_contig_work),
	       "every field of struct kmr_contig_work has a name");

static void each(const struct counter_name *names, size_t count, const void *base,
		 kmr_counter_fn fn, void *ctx)
{
	uint64_t value;
	size_t i;

	for (i = 0; i < count; i++) {
		memcpy(&value, (const char *)base + names[i].offset, sizeof(value));
		fn(ctx, names[i].name, value);
	}
}

void kmr_counters_each(const struct kmr_replay_stats *stats, const struct kmr_page_work *work,
		       kmr_counter_fn fn, void *ctx)
{
	each(replay_counters, ARRAY_SIZE(replay_counters), stats, fn, ctx);
	each(page_counters, ARRAY_SIZE(page_counters), work, fn, ctx);
}

void kmr_object_counters_each(const struct kmr_object_stats *stats,
			      const struct kmr_object_work *work, kmr_counter_fn fn, void *ctx)
{
	each(objects_counters, ARRAY_SIZE(objects_counters), stats, fn, ctx);
	each(object_counters, ARRAY_SIZE(object_counters), work, fn, ctx);
}

void kmr_mapping_counters_each(const struct kmr_mapping_report *report, kmr_counter_fn fn,
			       void *ctx)
{
	each(mapping_counters, ARRAY_SIZE(mapping_counters), &report->stats, fn, ctx);
	each(vmap_counters, ARRAY_SIZE(vmap_counters), &report->work, fn, ctx);
	each(pkmap_counters, ARRAY_SIZE(pkmap_counters), &report->pkmap, fn, ctx);
	each(kmap_local_counters, ARRAY_SIZE(kmap_local_counters), &report->kmap_local, fn, ctx);
}

void kmr_contig_counters_each(const struct kmr_contig_report *report, kmr_counter_fn fn, void *ctx)
{
	each(contig_counters, ARRAY_SIZE(contig_counters), &report->stats, fn, ctx);
	each(range_counters, ARRAY_SIZE(range_counters), &report->work, fn, ctx);
}
