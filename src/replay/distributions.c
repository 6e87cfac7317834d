// SPDX-License-Identifier: GPL-2.0-only
#include "replay/distributions.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[KMR_DIST_KINDS] = {
	[KMR_DIST_PAGE] = "page",
	[KMR_DIST_OBJECT] = "object",
};

const char *kmr_dist_kind_name(enum kmr_dist_kind kind)
{
	return kind_names[kind];
}

static size_t buckets_in_use(const struct kmr_loglin *h)
{
	size_t n = 0;

	for (unsigned int b = 0; b < KMR_LOGLIN_BUCKETS; b++)
		n += h->count[b] != 0;
	return n;
}

int kmr_distributions_add_lifetimes(struct kmr_distributions *d, enum kmr_dist_kind kind,
				    unsigned int order, const struct kmr_loglin *lifetimes)
{
	const size_t more = buckets_in_use(lifetimes);
	struct kmr_lifetime_bucket *all;

	if (!more)
		return 0;
	all = realloc(d->lifetimes, (d->nr_lifetimes + more) * sizeof(*all));
	if (!all)
		return -1;
	d->lifetimes = all;
	for (unsigned int b = 0; b < KMR_LOGLIN_BUCKETS; b++)
		if (lifetimes->count[b])
			all[d->nr_lifetimes++] = (struct kmr_lifetime_bucket){
				.kind = kind,
				.order = order,
				.low = kmr_loglin_low(b),
				.width = kmr_loglin_width(b),
				.count = lifetimes->count[b],
			};
	return 0;
}

int kmr_distributions_add_sizes(struct kmr_distributions *d, enum kmr_dist_kind kind,
				const struct kmr_size_counts *sizes)
{
	const size_t more = buckets_in_use(&sizes->requests);
	struct kmr_size_bucket *all;

	if (!more)
		return 0;
	all = realloc(d->sizes, (d->nr_sizes + more) * sizeof(*all));
	if (!all)
		return -1;
	d->sizes = all;
	for (unsigned int b = 0; b < KMR_LOGLIN_BUCKETS; b++)
		if (sizes->requests.count[b])
			all[d->nr_sizes++] = (struct kmr_size_bucket){
				.kind = kind,
				.low = kmr_loglin_low(b),
				.width = kmr_loglin_width(b),
				.requests = sizes->requests.count[b],
				.bytes = sizes->bytes[b],
			};
	return 0;
}

void kmr_distributions_free(struct kmr_distributions *d)
{
	free(d->lifetimes);
	free(d->sizes);
	memset(d, 0, sizeof(*d));
}

static bool is_of(const struct kmr_lifetime_bucket *b, enum kmr_dist_kind kind, unsigned int order)
{
	return b->kind == kind && b->order == order;
}

uint64_t kmr_lifetime_quantile(const struct kmr_distributions *d, enum kmr_dist_kind kind,
			       unsigned int order, unsigned int permille, uint64_t *count)
{
	uint64_t rank, seen = 0;

	*count = 0;
	for (size_t i = 0; i < d->nr_lifetimes; i++)
		if (is_of(&d->lifetimes[i], kind, order))
			*count += d->lifetimes[i].count;
	/* n * permille / 1000, rounded up, in parts that fit whatever n is */
	rank = *count / 1000 * permille + (*count % 1000 * permille + 999) / 1000;
	for (size_t i = 0; i < d->nr_lifetimes; i++) {
		const struct kmr_lifetime_bucket *b = &d->lifetimes[i];

		if (!is_of(b, kind, order))
			continue;
		seen += b->count;
		if (seen >= rank)
			return b->low + b->width - 1;
	}
	return 0;
}
