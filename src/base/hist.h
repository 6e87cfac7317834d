/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Histograms in log-linear buckets of 10 bits, as HdrHistogram has them with 3 significant digits
 * (subBucketCount 2048).  Counts, sum, least and greatest are exact.
 *
 * Memory comes by powers of two as values first come into them, at most 55 times 8 KiB, and never
 * again.
 */
#ifndef KMR_BASE_HIST_H
#define KMR_BASE_HIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loglin.h"

#define KMR_HIST_BITS	10u
#define KMR_HIST_BLOCK	(1u << KMR_HIST_BITS) /* buckets: of a power of two */
#define KMR_HIST_BLOCKS (KMR_LOGLIN_NR(KMR_HIST_BITS) / KMR_HIST_BLOCK)

struct kmr_hist {
	uint64_t count; /* values */
	uint64_t sum; /* of them; UINT64_MAX when it is more than fits */
	uint64_t min, max; /* of no value: UINT64_MAX and 0 */
	uint64_t *blocks[KMR_HIST_BLOCKS]; /* counts by bucket; NULL: all 0 */
	bool nomem; /* values are missing, for want of memory */
};

struct kmr_hist_bucket {
	uint64_t low, width; /* values from low to low + width - 1 */
	uint64_t count;
};

/* Percentiles are in thousandths of a percent: 99900 is p99.9. */
#define KMR_HIST_WHOLE 100000u

void kmr_hist_init(struct kmr_hist *h);
void kmr_hist_fini(struct kmr_hist *h);
/* As after init, memory kept. */
void kmr_hist_clear(struct kmr_hist *h);

/* For the first value of a block: NULL, and h->nomem, when there is no memory. */
uint64_t *kmr_hist_grow(struct kmr_hist *h, unsigned int block);

static inline void kmr_hist_record(struct kmr_hist *h, uint64_t value)
{
	const unsigned int bucket = kmr_loglin_find(value, KMR_HIST_BITS);
	uint64_t *counts = h->blocks[bucket / KMR_HIST_BLOCK];

	if (__builtin_expect(!counts, 0)) {
		counts = kmr_hist_grow(h, bucket / KMR_HIST_BLOCK);
		if (!counts)
			return;
	}
	counts[bucket % KMR_HIST_BLOCK]++;
	h->count++;
	if (__builtin_add_overflow(h->sum, value, &h->sum))
		h->sum = UINT64_MAX;
	h->min = value < h->min ? value : h->min;
	h->max = value > h->max ? value : h->max;
}

/* Adds @from: @h is as if it had recorded both.  -1: no memory, and h->nomem. */
int kmr_hist_merge(struct kmr_hist *h, const struct kmr_hist *from);

/*
 * The bucket after the one that begins at @low, or the first when @first, that is not empty; false
 * when there is none.
 */
bool kmr_hist_next(const struct kmr_hist *h, bool first, struct kmr_hist_bucket *bucket);

/*
 * Which of @count values, counted from 1 in ascending order, @percent thousandths of a percent of all
 * are no greater than: ceil(@count * @percent / 100000), at least the first.
 */
uint64_t kmr_hist_rank(uint64_t count, uint32_t percent);

/*
 * The value that @percent thousandths of a percent of all values are no greater than: the greatest
 * of its bucket, but not above the greatest recorded.  0 without values.
 */
uint64_t kmr_hist_percentile(const struct kmr_hist *h, uint32_t percent);

#endif
