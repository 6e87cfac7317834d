/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Histograms with buckets that are wider the larger the values, as HdrHistogram has them with 3
 * significant digits: values below 2048 have a bucket each, from there on every power of two is cut
 * into 1024 buckets, so that a bucket is at most a 1024th as wide as what is in it.  Any 64-bit
 * value has its bucket.  Counts, sum, least and greatest are exact.  (G. Tene, HdrHistogram:
 * AbstractHistogram.countsArrayIndex(), subBucketCount 2048)
 *
 * Memory comes by powers of two as values first come into them, at most 55 times 8 KiB, and never
 * again.
 */
#ifndef KMR_BASE_HIST_H
#define KMR_BASE_HIST_H

#include <stdbool.h>
#include <stdint.h>

#define KMR_HIST_SUB	10u /* log2 of the buckets of a power of two */
#define KMR_HIST_BLOCKS 55u /* values below 2^10, then a power of two each */

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

static inline unsigned int kmr_hist_block(uint64_t value)
{
	/* 2^10 is the first of block 1 */
	return 54u - (unsigned int)__builtin_clzll(value | (1u << (KMR_HIST_SUB - 1)));
}

static inline unsigned int kmr_hist_offset(uint64_t value, unsigned int block)
{
	return (unsigned int)(value >> (block ? block - 1 : 0)) & ((1u << KMR_HIST_SUB) - 1);
}

/* For the first value of a block: NULL, and h->nomem, when there is no memory. */
uint64_t *kmr_hist_grow(struct kmr_hist *h, unsigned int block);

static inline void kmr_hist_record(struct kmr_hist *h, uint64_t value)
{
	const unsigned int block = kmr_hist_block(value);
	uint64_t *counts = h->blocks[block];

	if (__builtin_expect(!counts, 0)) {
		counts = kmr_hist_grow(h, block);
		if (!counts)
			return;
	}
	counts[kmr_hist_offset(value, block)]++;
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
 * The value that @percent thousandths of a percent of all values are no greater than: the greatest
 * of its bucket, but not above the greatest recorded.  It is value number ceil(count * percent /
 * 100000), at least the first.  0 without values.
 */
uint64_t kmr_hist_percentile(const struct kmr_hist *h, uint32_t percent);

#endif
