// SPDX-License-Identifier: GPL-2.0-only
#include "fit/rows.h"

#include <string.h>

#define LARGEST (UINT64_C(1) << 60)

/* What merging two neighbours spoils: their weight, over how many buckets it is spread. */
static unsigned __int128 spoilt(const struct fit_row *a, const struct fit_row *b)
{
	return (unsigned __int128)(a->weight + b->weight) *
	       (fit_bucket(b->high) - fit_bucket(a->low));
}

static uint32_t best_pair(const struct fit_row *row, uint32_t nr)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i + 1 < nr; i++)
		if (spoilt(&row[i], &row[i + 1]) < spoilt(&row[best], &row[best + 1]))
			best = i;
	return best;
}

/* Neighbours become one until there are no more than @max; how many there are. */
static uint32_t condense(struct fit_row *row, uint32_t nr, uint32_t max)
{
	for (; nr > max; nr--) {
		const uint32_t at = best_pair(row, nr);

		row[at].high = row[at + 1].high;
		row[at].weight += row[at + 1].weight;
		memmove(row + at + 1, row + at + 2, (nr - at - 2) * sizeof(*row));
	}
	return nr;
}

static uint64_t at_most(uint64_t value)
{
	return value < LARGEST ? value : LARGEST;
}

void fit_rows_of(struct fit_rows *rows, const struct fit_hist *hist)
{
	struct fit_row row[FIT_BUCKETS];
	uint32_t nr = 0;

	for (uint32_t i = 0; i < hist->nr; i++) {
		const unsigned int bucket = hist->entries[i].bucket;

		if (fit_bucket_start(bucket) >= LARGEST)
			break;
		row[nr++] = (struct fit_row){ fit_bucket_start(bucket),
					      at_most(fit_bucket_start(bucket + 1) - 1),
					      hist->entries[i].count };
	}
	rows->nr = condense(row, nr, FIT_ROWS);
	memcpy(rows->row, row, rows->nr * sizeof(*row));
}

void fit_rows_condense(struct fit_rows *rows, uint32_t max)
{
	rows->nr = condense(rows->row, rows->nr, max);
}

void fit_rows_add(struct fit_rows *rows, uint64_t low, uint64_t high, uint64_t weight)
{
	if (!weight)
		return;
	if (rows->nr == FIT_ROWS) {
		rows->row[FIT_ROWS - 1].high = high;
		rows->row[FIT_ROWS - 1].weight += weight;
		return;
	}
	rows->row[rows->nr++] = (struct fit_row){ low, high, weight };
}

uint64_t fit_rows_weight(const struct fit_rows *rows)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < rows->nr; i++)
		sum += rows->row[i].weight;
	return sum;
}

/* The sum of what would be drawn from the rows from @from on, once for each unit of weight. */
static unsigned __int128 sum_from(const struct fit_rows *rows, uint32_t from)
{
	unsigned __int128 sum = 0;

	for (uint32_t i = from; i < rows->nr; i++)
		sum += (unsigned __int128)(rows->row[i].low +
					   (rows->row[i].high - rows->row[i].low) / 2) *
		       rows->row[i].weight;
	return sum;
}

uint64_t fit_rows_mean(const struct fit_rows *rows)
{
	const uint64_t weight = fit_rows_weight(rows);

	return weight ? (uint64_t)(sum_from(rows, 0) / weight) : 0;
}

/* @value · @times / @by, with bounds that no time reaches. */
static uint64_t scale(uint64_t value, unsigned __int128 times, unsigned __int128 by)
{
	/* both below 2^64, for the product to have room */
	while (times >> 62 || by >> 62) {
		times >>= 1;
		by >>= 1;
	}
	return at_most((uint64_t)((unsigned __int128)value * times / (by ? by : 1)));
}

void fit_rows_set_mean(struct fit_rows *rows, uint64_t mean)
{
	const unsigned __int128 wanted = (unsigned __int128)fit_rows_weight(rows) * at_most(mean);
	const uint64_t now = fit_rows_mean(rows);
	uint32_t from = 0;
	unsigned __int128 below, above;

	while (from < rows->nr && rows->row[from].low < now)
		from++;
	above = sum_from(rows, from);
	below = sum_from(rows, 0) - above;
	/* rows may not change places either */
	if (!above || wanted <= below ||
	    (from &&
	     scale(rows->row[from].low, wanted - below, above) <= rows->row[from - 1].high)) {
		from = 0;
		above += below;
		below = 0;
	}
	for (uint32_t i = from; i < rows->nr && above; i++) {
		rows->row[i].low = scale(rows->row[i].low, wanted - below, above);
		rows->row[i].high = scale(rows->row[i].high, wanted - below, above);
	}
}

#define ENOUGH 50u /* numbers to judge a distribution by */

bool fit_is_exponential(const struct fit_hist *hist)
{
	/* quarters of the mean, and how many of a million lie below: 1 − e^(−x) */
	static const struct {
		unsigned int quarters, below;
	} points[] = { { 1, 221199 }, { 2, 393469 }, { 4, 632121 }, { 8, 864665 }, { 12, 950213 } };
	const uint64_t mean = fit_hist_mean(hist);

	if (hist->total < ENOUGH || mean < 16)
		return false;
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		const uint64_t below = fit_hist_below(hist, mean / 4 * points[i].quarters);
		const uint64_t found = (uint64_t)((unsigned __int128)below * 1000000 / hist->total);
		const uint64_t apart =
			found > points[i].below ? found - points[i].below : points[i].below - found;

		/* 3 %, and as much more as chance makes: 1 / sqrt(n) at most */
		if (apart > 30000 &&
		    (apart - 30000) * (apart - 30000) > UINT64_C(1000000000000) / hist->total)
			return false;
	}
	return true;
}

uint64_t fit_long_gaps(const struct fit_hist *hist)
{
	const uint64_t mean = fit_hist_mean(hist);
	const uint64_t unit = mean / 1024 + 1;
	unsigned __int128 sum = 0, squares = 0;

	for (uint32_t i = 0; i < hist->nr; i++) {
		const unsigned __int128 gap = fit_bucket_middle(hist->entries[i].bucket) / unit;

		sum += gap * hist->entries[i].count;
		squares += gap * gap * hist->entries[i].count;
	}
	/* by the choice of the unit the sum is at most 1024 · total, and its square fits */
	return squares ? (uint64_t)(sum * sum / squares) : hist->total;
}
