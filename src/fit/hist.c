// SPDX-License-Identifier: GPL-2.0-only
#include "fit/hist.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ENTRIES 4u

uint64_t fit_bucket_start(unsigned int bucket)
{
	return bucket < FIT_BUCKETS ? kmr_loglin_start(bucket, FIT_BITS) : UINT64_MAX;
}

uint64_t fit_bucket_middle(unsigned int bucket)
{
	const uint64_t start = fit_bucket_start(bucket);

	return start + (fit_bucket_start(bucket + 1) - start) / 2;
}

/* Where @bucket is, or would be. */
static uint32_t find(const struct fit_hist *hist, unsigned int bucket)
{
	uint32_t low = 0, high = hist->nr;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (hist->entries[middle].bucket < bucket)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int need_room(struct fit_hist *hist)
{
	const uint32_t more = hist->cap ? hist->cap * 2 : FIRST_ENTRIES;
	struct fit_hist_entry *entries;

	if (hist->nr < hist->cap)
		return 0;
	entries = realloc(hist->entries, more * sizeof(*entries));
	if (!entries)
		return -1;
	hist->entries = entries;
	hist->cap = more;
	return 0;
}

int fit_hist_put(struct fit_hist *hist, unsigned int bucket, uint64_t times)
{
	const uint32_t at = find(hist, bucket);

	if (!times)
		return 0;
	if (at == hist->nr || hist->entries[at].bucket != bucket) {
		if (need_room(hist))
			return -1;
		memmove(hist->entries + at + 1, hist->entries + at,
			(hist->nr - at) * sizeof(*hist->entries));
		hist->entries[at] = (struct fit_hist_entry){ .bucket = bucket };
		hist->nr++;
	}
	hist->entries[at].count += times;
	hist->total += times;
	return 0;
}

void fit_hist_halve(struct fit_hist *hist)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < hist->nr; i++) {
		const struct fit_hist_entry e = hist->entries[i];

		if (nr && hist->entries[nr - 1].bucket == e.bucket / 2)
			hist->entries[nr - 1].count += e.count;
		else
			hist->entries[nr++] = (struct fit_hist_entry){ e.count, e.bucket / 2 };
	}
	hist->nr = nr;
}

void fit_hist_drop(struct fit_hist *hist, unsigned int bucket)
{
	const uint32_t at = find(hist, bucket);

	if (at == hist->nr || hist->entries[at].bucket != bucket)
		return;
	hist->total--;
	if (--hist->entries[at].count)
		return;
	hist->nr--;
	memmove(hist->entries + at, hist->entries + at + 1,
		(hist->nr - at) * sizeof(*hist->entries));
}

int fit_hist_merge(struct fit_hist *to, const struct fit_hist *from)
{
	for (uint32_t i = 0; i < from->nr; i++)
		if (fit_hist_put(to, from->entries[i].bucket, from->entries[i].count))
			return -1;
	return 0;
}

uint64_t fit_hist_mean(const struct fit_hist *hist)
{
	unsigned __int128 sum = 0;

	for (uint32_t i = 0; i < hist->nr; i++)
		sum += (unsigned __int128)fit_bucket_middle(hist->entries[i].bucket) *
		       hist->entries[i].count;
	return hist->total ? (uint64_t)(sum / hist->total) : 0;
}

uint64_t fit_hist_below(const struct fit_hist *hist, uint64_t limit)
{
	uint64_t below = 0;

	for (uint32_t i = 0; i < hist->nr; i++) {
		const struct fit_hist_entry *e = &hist->entries[i];
		const uint64_t start = fit_bucket_start(e->bucket);
		const uint64_t end = fit_bucket_start(e->bucket + 1);

		if (start >= limit)
			break;
		below += end <= limit ? e->count
				      : (uint64_t)((unsigned __int128)e->count * (limit - start) /
						   (end - start));
	}
	return below;
}

void fit_hist_fini(struct fit_hist *hist)
{
	free(hist->entries);
	memset(hist, 0, sizeof(*hist));
}
