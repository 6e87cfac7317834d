// SPDX-License-Identifier: GPL-2.0-only
/*
 * Version hints.  Distributions backport, and a trace may lack the events that tell, so this is a
 * range for people and a default for reading numbers, never a fact to model by.
 */
#include "trace/hint.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/array.h"
#include "trace/decode.h"

struct bound {
	uint32_t seen;
	unsigned int version;
};

/* What came, and with which version. */
static const struct bound since[] = {
	{ SEEN_VMAP, 602 }, /* "mm: vmalloc: add alloc_vmap_area trace event" */
	{ SEEN_ACCOUNTED, 600 }, /* "mm/tracing: add 'accounted' entry into output ..." */
	{ SEEN_PFN_HEX, 514 }, /* "mm, tracing: unify PFN format strings" */
	{ SEEN_CACHE_NAME, 512 }, /* "mm, tracing: record slab name for kmem_cache_free()" */
	{ SEEN_BATCHED_FREE, 303 }, /* mm_pagevec_free before */
};

/* What went, and the last version that had it. */
static const struct bound until[] = {
	{ SEEN_OLD_FREE, 302 },
	{ SEEN_OLD_MOBILITY, 403 },
	{ SEEN_PFN_DEC, 513 },
	{ SEEN_NODE_EVENTS, 600 }, /* one event for both since 6.1 */
};

static void range(uint32_t seen, unsigned int *low, unsigned int *high)
{
	*low = 0;
	*high = 0;
	for (size_t i = 0; i < ARRAY_SIZE(since); i++)
		if ((seen & since[i].seen) && since[i].version > *low)
			*low = since[i].version;
	for (size_t i = 0; i < ARRAY_SIZE(until); i++)
		if ((seen & until[i].seen) && (!*high || until[i].version < *high))
			*high = until[i].version;
	/* node= moved to the events without "_node" when those went */
	if ((seen & SEEN_ALLOC_NODE) && !(seen & SEEN_NODE_EVENTS) && *low < 601)
		*low = 601;
}

void hint_kernel(uint32_t seen, char *buf, size_t size)
{
	unsigned int low;
	unsigned int high;

	range(seen, &low, &high);
	if (low && high && low > high)
		(void)snprintf(buf, size, "unknown (its events contradict each other)");
	else if (low && high)
		(void)snprintf(buf, size, "%u.%u to %u.%u", low / 100, low % 100, high / 100,
			       high % 100);
	else if (low)
		(void)snprintf(buf, size, "%u.%u or later", low / 100, low % 100);
	else if (high)
		(void)snprintf(buf, size, "%u.%u or earlier", high / 100, high % 100);
	else
		(void)snprintf(buf, size, "unknown");
}

unsigned int hint_version(uint32_t seen)
{
	unsigned int low;
	unsigned int high;

	range(seen, &low, &high);
	if (low && high && low > high)
		return 0;
	/* a later kernel's numbers are 6.1's but for rare flags: stay with the known one */
	return high ? high : low >= 601 ? low : 0;
}
