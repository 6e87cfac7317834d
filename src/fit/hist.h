/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Histograms in log-linear buckets of 2 bits, at most a quarter as wide as their numbers are
 * large.  Only buckets that were hit take memory.
 */
#ifndef KMR_FIT_HIST_H
#define KMR_FIT_HIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/loglin.h"

#define FIT_BITS    2u
#define FIT_BUCKETS KMR_LOGLIN_NR(FIT_BITS)

struct fit_hist_entry {
	uint64_t count;
	uint32_t bucket;
};

/* All zeroes is an empty one. */
struct fit_hist {
	struct fit_hist_entry *entries; /* by bucket, ascending; no count is 0 */
	uint32_t nr, cap;
	uint64_t total;
};

/* The bucket of @value. */
static inline unsigned int fit_bucket(uint64_t value)
{
	return kmr_loglin_find(value, FIT_BITS);
}

/* The first number of a bucket; of FIT_BUCKETS, UINT64_MAX. */
uint64_t fit_bucket_start(unsigned int bucket);

/* Between the numbers of a bucket, or the only one. */
uint64_t fit_bucket_middle(unsigned int bucket);

/* Counts @times numbers of @bucket more.  -1: out of memory, nothing has changed. */
int fit_hist_put(struct fit_hist *hist, unsigned int bucket, uint64_t times);

static inline int fit_hist_add(struct fit_hist *hist, uint64_t value)
{
	return fit_hist_put(hist, fit_bucket(value), 1);
}

/* Half of each bucket's number is its new one: two become one. */
void fit_hist_halve(struct fit_hist *hist);

/* Nothing is in it then, but it keeps its memory. */
static inline void fit_hist_clear(struct fit_hist *hist)
{
	hist->nr = 0;
	hist->total = 0;
}

/* Takes out one number of @bucket, if there is one. */
void fit_hist_drop(struct fit_hist *hist, unsigned int bucket);

/* Adds all of @from to @to.  -1: out of memory; @to has some of it then. */
int fit_hist_merge(struct fit_hist *to, const struct fit_hist *from);

/* The mean of all numbers, as if each were in the middle of its bucket; 0 of none. */
uint64_t fit_hist_mean(const struct fit_hist *hist);

/* How many of the numbers are below @limit, those of its bucket in proportion. */
uint64_t fit_hist_below(const struct fit_hist *hist, uint64_t limit);

void fit_hist_fini(struct fit_hist *hist);

#endif
