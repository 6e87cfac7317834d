/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts of 64-bit values in log-linear buckets: values below 16 have one each, from there on each
 * power of two is cut into 16 of equal width.  So a bucket is at most a sixteenth as wide as its
 * lowest value, and finding a value's takes no table and no division.
 */
#ifndef KMR_BASE_LOGLIN_H
#define KMR_BASE_LOGLIN_H

#include <stdint.h>

#define KMR_LOGLIN_BITS	   4u
#define KMR_LOGLIN_PARTS   (1u << KMR_LOGLIN_BITS)
#define KMR_LOGLIN_BUCKETS ((64u - KMR_LOGLIN_BITS + 1u) * KMR_LOGLIN_PARTS)

struct kmr_loglin {
	uint64_t count[KMR_LOGLIN_BUCKETS];
};

/* The bucket that holds @value, below KMR_LOGLIN_BUCKETS. */
static inline unsigned int kmr_loglin_bucket(uint64_t value)
{
	const unsigned int log = 63u - (unsigned int)__builtin_clzll(value | KMR_LOGLIN_PARTS);
	const unsigned int shift = log - KMR_LOGLIN_BITS;

	return shift * KMR_LOGLIN_PARTS + (unsigned int)(value >> shift);
}

/* From one of its values to the next bucket's. */
static inline uint64_t kmr_loglin_width(unsigned int bucket)
{
	return UINT64_C(1) << (bucket < KMR_LOGLIN_PARTS ? 0 : bucket / KMR_LOGLIN_PARTS - 1);
}

/* The lowest value of a bucket. */
static inline uint64_t kmr_loglin_low(unsigned int bucket)
{
	if (bucket < KMR_LOGLIN_PARTS)
		return bucket;
	return (uint64_t)(KMR_LOGLIN_PARTS + bucket % KMR_LOGLIN_PARTS) * kmr_loglin_width(bucket);
}

static inline void kmr_loglin_add(struct kmr_loglin *h, uint64_t value)
{
	h->count[kmr_loglin_bucket(value)]++;
}

#endif
