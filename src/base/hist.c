// SPDX-License-Identifier: GPL-2.0-only
#include "base/hist.h"

#include <stdlib.h>
#include <string.h>

void kmr_hist_init(struct kmr_hist *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

void kmr_hist_fini(struct kmr_hist *h)
{
	for (unsigned int i = 0; i < KMR_HIST_BLOCKS; i++)
		free(h->blocks[i]);
	kmr_hist_init(h);
}

void kmr_hist_clear(struct kmr_hist *h)
{
	for (unsigned int i = 0; i < KMR_HIST_BLOCKS; i++)
		if (h->blocks[i])
			memset(h->blocks[i], 0, KMR_HIST_BLOCK * sizeof(*h->blocks[i]));
	h->count = 0;
	h->sum = 0;
	h->min = UINT64_MAX;
	h->max = 0;
}

uint64_t *kmr_hist_grow(struct kmr_hist *h, unsigned int block)
{
	h->blocks[block] = calloc(KMR_HIST_BLOCK, sizeof(*h->blocks[block]));
	h->nomem |= !h->blocks[block];
	return h->blocks[block];
}

int kmr_hist_merge(struct kmr_hist *h, const struct kmr_hist *from)
{
	h->nomem |= from->nomem;
	for (unsigned int i = 0; i < KMR_HIST_BLOCKS; i++) {
		if (!from->blocks[i])
			continue;
		if (!h->blocks[i] && !kmr_hist_grow(h, i))
			return -1;
		for (unsigned int k = 0; k < KMR_HIST_BLOCK; k++)
			h->blocks[i][k] += from->blocks[i][k];
	}
	h->count += from->count;
	if (__builtin_add_overflow(h->sum, from->sum, &h->sum))
		h->sum = UINT64_MAX;
	h->min = from->min < h->min ? from->min : h->min;
	h->max = from->max > h->max ? from->max : h->max;
	return h->nomem ? -1 : 0;
}

bool kmr_hist_next(const struct kmr_hist *h, bool first, struct kmr_hist_bucket *bucket)
{
	unsigned int at = first ? 0 : kmr_loglin_find(bucket->low, KMR_HIST_BITS) + 1;

	while (at < KMR_HIST_BLOCKS * KMR_HIST_BLOCK) {
		const uint64_t *counts = h->blocks[at / KMR_HIST_BLOCK];

		if (!counts) {
			at = (at / KMR_HIST_BLOCK + 1) * KMR_HIST_BLOCK;
			continue;
		}
		if (counts[at % KMR_HIST_BLOCK]) {
			bucket->low = kmr_loglin_start(at, KMR_HIST_BITS);
			bucket->width = kmr_loglin_span(at, KMR_HIST_BITS);
			bucket->count = counts[at % KMR_HIST_BLOCK];
			return true;
		}
		at++;
	}
	return false;
}

uint64_t kmr_hist_rank(uint64_t count, uint32_t percent)
{
	/* in two parts, as the product need not fit */
	const uint64_t whole = count / KMR_HIST_WHOLE * percent;
	const uint64_t part = count % KMR_HIST_WHOLE * percent;
	const uint64_t rank = whole + (part + KMR_HIST_WHOLE - 1) / KMR_HIST_WHOLE;

	return rank ? rank : 1;
}

uint64_t kmr_hist_percentile(const struct kmr_hist *h, uint32_t percent)
{
	uint64_t rank = kmr_hist_rank(h->count, percent);
	struct kmr_hist_bucket b;

	for (bool more = kmr_hist_next(h, true, &b); more; more = kmr_hist_next(h, false, &b)) {
		const uint64_t top = b.low + (b.width - 1);

		if (rank <= b.count)
			return top < h->max ? top : h->max;
		rank -= b.count;
	}
	return h->max;
}
