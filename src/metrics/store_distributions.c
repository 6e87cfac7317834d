// SPDX-License-Identifier: GPL-2.0-only
/* Lifetimes and sizes into a run's database. */
#include "metrics/store_internal.h"

int kmr_store_distributions(struct kmr_store *store, const struct kmr_distributions *d,
			    struct kmr_error *err)
{
	struct kmr_rows *r = &store->rows;

	for (size_t i = 0; i < d->nr_lifetimes; i++) {
		const struct kmr_lifetime_bucket *b = &d->lifetimes[i];

		kmr_row_begin(r, KMR_TABLE_LIFETIME);
		kmr_row_number(r, r->run);
		kmr_row_text(r, kmr_dist_kind_name(b->kind));
		kmr_row_number(r, b->order);
		kmr_row_number(r, b->low);
		kmr_row_number(r, b->width);
		kmr_row_number(r, b->count);
		(void)kmr_row_end(r);
	}
	for (size_t i = 0; i < d->nr_sizes; i++) {
		const struct kmr_size_bucket *b = &d->sizes[i];

		kmr_row_begin(r, KMR_TABLE_REQUEST_SIZE);
		kmr_row_number(r, r->run);
		kmr_row_text(r, kmr_dist_kind_name(b->kind));
		kmr_row_number(r, b->low);
		kmr_row_number(r, b->width);
		kmr_row_number(r, b->requests);
		kmr_row_number(r, b->bytes);
		(void)kmr_row_end(r);
	}
	return kmr_rows_result(store, err);
}
