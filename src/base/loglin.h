/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Log-linear buckets for 64-bit values: with n bits, values below 2^n have one each, from there on
 * each power of two is cut into 2^n of equal width.  So a bucket is at most a 2^n-th as wide as its
 * lowest value, and finding a value's takes no table and no division.  (As in G. Tene, HdrHistogram:
 * AbstractHistogram.countsArrayIndex())
 */
#ifndef KMR_BASE_LOGLIN_H
#define KMR_BASE_LOGLIN_H

#include <stdint.h>

/* How many buckets there are with @bits, which are 1 to 25. */
#define KMR_LOGLIN_NR(bits) ((64u - (bits) + 1u) << (bits))

/* The bucket that holds @value, below KMR_LOGLIN_NR(@bits). */
static inline unsigned int kmr_loglin_find(uint64_t value, unsigned int bits)
{
	const unsigned int log = 63u - (unsigned int)__builtin_clzll(value | UINT64_C(1) << bits);
	const unsigned int shift = log - bits;

	return (shift << bits) + (unsigned int)(value >> shift);
}

/* From the lowest value of a bucket to the next bucket's. */
static inline uint64_t kmr_loglin_span(unsigned int bucket, unsigned int bits)
{
	return UINT64_C(1) << (bucket >> bits ? (bucket >> bits) - 1 : 0);
}

/* The lowest value of a bucket. */
static inline uint64_t kmr_loglin_start(unsigned int bucket, unsigned int bits)
{
	const unsigned int parts = 1u << bits;

	if (bucket < parts)
		return bucket;
	return (parts + (bucket & (parts - 1))) * kmr_loglin_span(bucket, bits);
}

/* Counts in buckets of 4 bits. */
#define KMR_LOGLIN_BITS	   4u
#define KMR_LOGLIN_BUCKETS KMR_LOGLIN_NR(KMR_LOGLIN_BITS)

struct kmr_loglin {
	uint64_t count[KMR_LOGLIN_BUCKETS];
};

static inline unsigned int kmr_loglin_bucket(uint64_t value)
{
	return kmr_loglin_find(value, KMR_LOGLIN_BITS);
}

static inline uint64_t kmr_loglin_width(unsigned int bucket)
{
	return kmr_loglin_span(bucket, KMR_LOGLIN_BITS);
}

static inline uint64_t kmr_loglin_low(unsigned int bucket)
{
	return kmr_loglin_start(bucket, KMR_LOGLIN_BITS);
}

static inline void kmr_loglin_add(struct kmr_loglin *h, uint64_t value)
{
	h->count[kmr_loglin_bucket(value)]++;
}

#endif
