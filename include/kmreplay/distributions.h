/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long what was allocated lived, and which sizes were asked for: counts in log-linear buckets,
 * 16 to a power of two.
 *
 * A lifetime is the time on the trace's clock from an allocation's event to its free's, of what the
 * simulation served and the trace both allocated and freed.  Not among them is what was in use at
 * the start, what is still in use at the end, and what was taken or given back without an event.
 * Of an object that was freed, taken again without an event, and freed again, it is the time
 * between the frees.  A block of pages that is freed in parts counts once for each, under the part's
 * order.
 *
 * Times of allocations are kept in steps of 16 ns (pages) and 1.024 us (objects): a lifetime is up
 * to a step too long.  It is right up to 26 days (pages) and 6.5 days (objects), and counts as 0, or
 * as less by a multiple of twice that, beyond.
 *
 * Sizes are those of every request that was replayed, whether or not it could be served.
 */
#ifndef KMREPLAY_DISTRIBUTIONS_H
#define KMREPLAY_DISTRIBUTIONS_H

#include <stddef.h>
#include <stdint.h>

enum kmr_dist_kind {
	KMR_DIST_PAGE,
	KMR_DIST_OBJECT,
	KMR_DIST_KINDS,
};

/* "page", "object". */
const char *kmr_dist_kind_name(enum kmr_dist_kind kind);

struct kmr_lifetime_bucket {
	enum kmr_dist_kind kind;
	unsigned int order; /* of the block, of pages; else 0 */
	uint64_t low, width; /* ns */
	uint64_t count; /* never 0 */
};

struct kmr_size_bucket {
	enum kmr_dist_kind kind;
	uint64_t low, width; /* bytes */
	uint64_t requests; /* never 0 */
	uint64_t bytes; /* asked for by those */
};

struct kmr_distributions {
	struct kmr_lifetime_bucket *lifetimes; /* by kind, order, low */
	size_t nr_lifetimes;
	struct kmr_size_bucket *sizes; /* by kind, low */
	size_t nr_sizes;
};

void kmr_distributions_free(struct kmr_distributions *d);

/*
 * The highest value of the bucket that holds the lifetime, in ns, which @permille thousandths
 * (1 to 1000) of those of @kind and @order do not exceed: the one of rank ⌈n · permille / 1000⌉.
 * *count is how many there are; 0, and 0 is returned, when there are none.
 */
uint64_t kmr_lifetime_quantile(const struct kmr_distributions *d, enum kmr_dist_kind kind,
			       unsigned int order, unsigned int permille, uint64_t *count);

#endif
