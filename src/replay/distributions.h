/* SPDX-License-Identifier: GPL-2.0-only */
/* Lifetimes and sizes as they are counted, and into what a run's result has of them. */
#ifndef KMREPLAY_REPLAY_DISTRIBUTIONS_H
#define KMREPLAY_REPLAY_DISTRIBUTIONS_H

#include "base/loglin.h"
#include "kmreplay/distributions.h"

struct kmr_size_counts {
	struct kmr_loglin requests;
	uint64_t bytes[KMR_LOGLIN_BUCKETS]; /* asked for by them */
};

/* @requests of @size bytes each. */
static inline void kmr_size_count(struct kmr_size_counts *s, uint64_t size, uint64_t requests)
{
	const unsigned int bucket = kmr_loglin_bucket(size);

	s->requests.count[bucket] += requests;
	s->bytes[bucket] += requests * size;
}

/* Buckets that are not empty behind those that @d has.  -1: no memory. */
int kmr_distributions_add_lifetimes(struct kmr_distributions *d, enum kmr_dist_kind kind,
				    unsigned int order, const struct kmr_loglin *lifetimes);
int kmr_distributions_add_sizes(struct kmr_distributions *d, enum kmr_dist_kind kind,
				const struct kmr_size_counts *sizes);

#endif
