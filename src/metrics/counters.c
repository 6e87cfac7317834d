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

_Static_assert(ARRAY_SIZE(replay_counters) * sizeof(uint64_t) == sizeof(struct kmr_replay_stats),
	       "every field of struct kmr_replay_stats has a name");
_Static_assert(ARRAY_SIZE(page_counters) * sizeof(uint64_t) == sizeof(struct kmr_page_work),
	       "every field of struct kmr_page_work has a name");
_Static_assert(ARRAY_SIZE(objects_counters) * sizeof(uint64_t) == sizeof(struct kmr_object_stats),
	       "every field of struct kmr_object_stats has a name");
_Static_assert(ARRAY_SIZE(object_counters) * sizeof(uint64_t) == sizeof(struct kmr_object_work),
	       "every field of struct kmr_object_work has a name");

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
