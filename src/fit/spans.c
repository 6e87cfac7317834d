// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a class changes.  Its epochs are cut into spans so that the number of requests, of those
 * that stay, and the time that the others live are as even within a span as possible; into as few
 * as explain most of the unevenness, or leave no more than chance does.
 */
#include <string.h>

#include "fit/model.h"

#define ENOUGH 64u /* requests for a class to be cut at all */
#define PART   16u /* what may be left of the unevenness: 1/16 */

struct cutter {
	uint64_t x[FIT_EPOCHS], y[FIT_EPOCHS]; /* requests; those of them that stay */
	uint64_t z[FIT_EPOCHS]; /* time that the others live, in units of which each has one */
	uint32_t first, nr; /* epochs: the first that has requests, how many to the last */
	/* of epochs i to j: squared distance from their mean, times their number */
	unsigned __int128 apart[FIT_EPOCHS][FIT_EPOCHS];
	/* by number of spans and last epoch: the least sum, and where its last span begins */
	unsigned __int128 least[FIT_MAX_SPANS][FIT_EPOCHS];
	uint8_t begins[FIT_MAX_SPANS][FIT_EPOCHS];
};

/*
 * A class begins and ends somewhere in an epoch: what that would have had in all of its time.  Where
 * there is too little of it to tell, it is as the next.
 */
static void complete(struct cutter *c, uint32_t at, uint32_t next, uint64_t time, uint64_t epoch)
{
	if (time < epoch / 8) {
		c->x[at] = c->x[next];
		c->y[at] = c->y[next];
		return;
	}
	c->x[at] = (uint64_t)((unsigned __int128)c->x[at] * epoch / time);
	c->y[at] = (uint64_t)((unsigned __int128)c->y[at] * epoch / time);
}

static void complete_ends(struct cutter *c, const struct fit_class *class, uint64_t epoch)
{
	const uint32_t last = c->nr - 1;
	const struct fit_epoch *first_epoch = class->epochs[c->first];
	const struct fit_epoch *last_epoch = class->epochs[c->first + last];

	if (c->nr < 3)
		return;
	complete(c, 0, 1, (c->first + 1) * epoch - first_epoch->first, epoch);
	complete(c, last, last - 1, last_epoch->last - (c->first + last) * epoch + 1, epoch);
}

/* From mean lifetimes to what a request of average lifetime would count as one. */
static void weigh_time(struct cutter *c)
{
	unsigned __int128 sum = 0;
	uint64_t requests = 0;

	for (uint32_t i = 0; i < c->nr; i++) {
		sum += (unsigned __int128)c->z[i] * (c->x[i] - c->y[i]);
		requests += c->x[i] - c->y[i];
	}
	for (uint32_t i = 0; i < c->nr; i++)
		c->z[i] = sum ? (uint64_t)((unsigned __int128)c->z[i] * (c->x[i] - c->y[i]) /
					   (sum / requests + 1))
			      : 0;
}

static void take(struct cutter *c, const struct fit_class *class, uint64_t length)
{
	uint32_t last = 0;

	memset(c, 0, sizeof(*c));
	c->first = FIT_EPOCHS;
	for (uint32_t i = 0; i < FIT_EPOCHS; i++) {
		if (!class->epochs[i] || !class->epochs[i]->requests)
			continue;
		if (c->first == FIT_EPOCHS)
			c->first = i;
		last = i;
	}
	c->nr = c->first == FIT_EPOCHS ? 0 : last - c->first + 1;
	for (uint32_t i = 0; i < c->nr; i++) {
		const struct fit_epoch *epoch = class->epochs[c->first + i];

		c->x[i] = epoch ? epoch->requests : 0;
		c->y[i] = epoch ? epoch->requests - epoch->freed : 0;
		c->z[i] = epoch ? fit_hist_mean(&epoch->lifetimes) : 0;
	}
	complete_ends(c, class, length);
	weigh_time(c);
}

/* Σ (v − mean)², which is a whole number when multiplied by their number. */
static unsigned __int128 squares(const uint64_t *v, uint32_t from, uint32_t to)
{
	unsigned __int128 sum = 0, square = 0;

	for (uint32_t i = from; i <= to; i++) {
		sum += v[i];
		square += (unsigned __int128)v[i] * v[i];
	}
	return (square * (to - from + 1) - sum * sum) / (to - from + 1);
}

static void measure(struct cutter *c)
{
	for (uint32_t i = 0; i < c->nr; i++)
		for (uint32_t j = i; j < c->nr; j++)
			c->apart[i][j] =
				squares(c->x, i, j) + squares(c->y, i, j) + squares(c->z, i, j);
}

/* One span more than @spans, in the best way for every last epoch. */
static void cut_once_more(struct cutter *c, uint32_t spans)
{
	for (uint32_t j = 0; j < c->nr; j++) {
		c->least[spans][j] = c->least[spans - 1][j];
		c->begins[spans][j] = c->begins[spans - 1][j];
		for (uint32_t i = 1; i <= j; i++) {
			const unsigned __int128 sum = c->least[spans - 1][i - 1] + c->apart[i][j];

			if (sum >= c->least[spans][j])
				continue;
			c->least[spans][j] = sum;
			c->begins[spans][j] = (uint8_t)i;
		}
	}
}

/*
 * What chance makes of even rates.  Requests come in clumps: what varies is the number of clumps,
 * of which there are as many as long gaps.
 */
static unsigned __int128 by_chance(const struct fit_class *class)
{
	uint64_t clumps = 1, requests = 0;

	for (uint32_t i = 0; i < FIT_EPOCHS; i++) {
		if (!class->epochs[i])
			continue;
		clumps += fit_long_gaps(&class->epochs[i]->gaps);
		requests += class->epochs[i]->requests;
	}
	return (unsigned __int128)requests * requests / clumps * 2;
}

static uint32_t choose(struct cutter *c, const struct fit_class *class)
{
	const unsigned __int128 chance = by_chance(class);
	uint32_t spans = 1;

	for (uint32_t j = 0; j < c->nr; j++)
		c->least[0][j] = c->apart[0][j];
	while (spans < FIT_MAX_SPANS && class->requests >= (uint64_t)ENOUGH * spans) {
		const unsigned __int128 left = c->least[spans - 1][c->nr - 1];

		if (left <= chance || left <= c->apart[0][c->nr - 1] / PART)
			break;
		cut_once_more(c, spans++);
	}
	return spans;
}

/* Epochs without requests at the ends of a span are no part of it; false: it has no others. */
static bool trim(const struct cutter *c, uint32_t *first, uint32_t *last)
{
	while (*first < *last && !c->x[*first])
		++*first;
	while (*first < *last && !c->x[*last])
		--*last;
	return c->x[*first] != 0;
}

uint32_t fit_spans_of(const struct fit_class *class, uint64_t epoch,
		      struct fit_span spans[FIT_MAX_SPANS])
{
	struct cutter c;
	uint32_t nr = 0, level, end;

	take(&c, class, epoch);
	if (!c.nr)
		return 0;
	measure(&c);
	level = choose(&c, class);
	/* from the last span back to the first */
	for (end = c.nr; end; level--) {
		uint32_t first = level ? c.begins[level - 1][end - 1] : 0, last = end - 1;

		end = first;
		if (!trim(&c, &first, &last))
			continue;
		memmove(spans + 1, spans, nr * sizeof(*spans));
		spans[0] = (struct fit_span){ c.first + first, c.first + last };
		nr++;
		if (!level)
			break;
	}
	return nr;
}
