// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long requests live.  Some were not freed when the trace ended, and had not had equal time
 * for it.  E. L. Kaplan's and P. Meier's estimate takes that into account: of those that reached
 * an age in the trace, how many were freed at it.  What is left at the greatest age lives forever.
 */
#include <string.h>

#include "fit/model.h"

#define ONE (UINT64_C(1) << 40) /* all requests, as a fixed-point number */

/* Of those that are freed at an age: by its bucket, the part of all requests. */
struct survival {
	uint64_t gone[FIT_BUCKETS];
	uint64_t left; /* the part that is not */
};

/* How many numbers of a bucket there are; *at goes on through the histogram. */
static uint64_t count_of(const struct fit_hist *hist, uint32_t *at, unsigned int bucket)
{
	if (*at == hist->nr || hist->entries[*at].bucket != bucket)
		return 0;
	return hist->entries[(*at)++].count;
}

static void estimate(struct survival *s, const struct fit_epoch *epoch)
{
	/* those that are freed at a date reach any age */
	uint64_t at_risk = epoch->alone.total + epoch->together.lifetimes.total +
			   epoch->ages.total + epoch->alone_dates.total +
			   epoch->together_long.requests;
	uint32_t alone = 0, grouped = 0, seen = 0;

	memset(s, 0, sizeof(*s));
	s->left = ONE;
	for (unsigned int bucket = 0; bucket < FIT_BUCKETS; bucket++) {
		const uint64_t freed = count_of(&epoch->alone, &alone, bucket) +
				       count_of(&epoch->together.lifetimes, &grouped, bucket);

		/* who is of the age of others that go is no more immortal than they are */
		at_risk -= count_of(&epoch->ages, &seen, bucket);
		if (freed)
			s->gone[bucket] = (uint64_t)((unsigned __int128)s->left * freed / at_risk);
		s->left -= s->gone[bucket];
		at_risk -= freed;
	}
}

/* How many of @requests a part is, to the nearest. */
static uint64_t share(uint64_t requests, unsigned __int128 part)
{
	return (uint64_t)((requests * part + ONE / 2) / ONE);
}

/* At an age. */
static void set_ages(struct fit_life *life, const struct fit_hist *hist)
{
	life->mean = fit_hist_mean(hist);
	life->exponential = fit_is_exponential(hist);
	fit_rows_of(&life->when, hist);
}

void fit_dates_of(struct fit_rows *rows, const struct fit_hist *dates, uint64_t slot, uint64_t lead)
{
	const uint64_t enough = dates->total / (FIT_ROWS - 1) + 1;
	uint64_t weight = 0;
	uint32_t low = 0;

	for (uint32_t i = 0; i < dates->nr; i++) {
		const struct fit_hist_entry *e = &dates->entries[i];

		if (!weight)
			low = e->bucket;
		weight += e->count;
		/* a gap ends a row while there are rows enough */
		if (weight < enough && i + 1 < dates->nr &&
		    (e[1].bucket == e->bucket + 1 || dates->nr > FIT_ROWS))
			continue;
		fit_rows_add(rows, lead + low * slot, lead + (e->bucket + 1) * slot - 1, weight);
		weight = 0;
	}
}

/*
 * The lifetimes of those that went alone, with the weights that the estimate gives to their age:
 * long ones were seen less often than they are.
 */
static int weigh_alone(struct fit_hist *weighed, const struct survival *s,
		       const struct fit_epoch *epoch)
{
	uint32_t grouped = 0;

	memset(weighed, 0, sizeof(*weighed));
	for (uint32_t i = 0; i < epoch->alone.nr; i++) {
		const struct fit_hist_entry *e = &epoch->alone.entries[i];
		unsigned __int128 weight;

		while (grouped < epoch->together.lifetimes.nr &&
		       epoch->together.lifetimes.entries[grouped].bucket < e->bucket)
			grouped++;
		weight = (unsigned __int128)e->count * share(epoch->requests, s->gone[e->bucket]) /
			 (e->count + count_of(&epoch->together.lifetimes, &grouped, e->bucket));
		if (fit_hist_put(weighed, e->bucket, weight ? (uint64_t)weight : 1))
			return -1;
	}
	return 0;
}

/* A part of the requests; NULL if it is none. */
static struct fit_life *add_part(struct fit_life *lives, uint32_t *nr, enum fit_life_kind kind,
				 uint64_t weight)
{
	struct fit_life *life = &lives[*nr];

	if (!weight)
		return NULL;
	life->kind = kind;
	life->weight = weight;
	++*nr;
	return life;
}

/* Those that are freed at a date, as many as were seen. */
static void add_dated(const struct fit_epoch *epoch, uint64_t slot, uint64_t lead,
		      struct fit_life *lives, uint32_t *nr)
{
	struct fit_life *life = add_part(lives, nr, FIT_TOGETHER, epoch->together_long.requests);

	if (life) {
		life->dated = true;
		fit_dates_of(&life->when, &epoch->together_long.dates, slot, lead);
		fit_rows_of(&life->group, &epoch->together_long.sizes);
	}
	life = add_part(lives, nr, FIT_ALONE, epoch->alone_dates.total);
	if (life) {
		life->dated = true;
		fit_dates_of(&life->when, &epoch->alone_dates, slot, lead);
	}
}

/* Those that are freed at an age: @gone in all. */
static int add_aged(const struct fit_epoch *epoch, const struct survival *s, uint64_t gone,
		    struct fit_life *lives, uint32_t *nr)
{
	const uint64_t seen = epoch->together.requests + epoch->alone.total;
	uint64_t grouped = 0;
	struct fit_hist weighed;
	struct fit_life *life;
	int status;

	if (!seen)
		return 0;
	grouped = (uint64_t)((unsigned __int128)gone * epoch->together.requests / seen);
	life = add_part(lives, nr, FIT_TOGETHER, grouped);
	if (life) {
		set_ages(life, &epoch->together.group_lifetimes);
		fit_rows_of(&life->group, &epoch->together.sizes);
	}
	status = weigh_alone(&weighed, s, epoch);
	life = status || !epoch->alone.total ? NULL
					     : add_part(lives, nr, FIT_ALONE, gone - grouped);
	if (life)
		set_ages(life, &weighed);
	fit_hist_fini(&weighed);
	return status;
}

/* The square of how far numbers are apart, each being off by up to half of @width. */
static uint64_t spread_of(const struct fit_hist *hist, uint64_t width, bool slots)
{
	unsigned __int128 sum = 0, squares = 0;

	/* in 64ths of a slot: below 2^14, and numbers of slots are few */
	for (uint32_t i = 0; i < hist->nr; i++) {
		const struct fit_hist_entry *e = &hist->entries[i];
		const uint64_t value = slots ? (uint64_t)e->bucket * 64
					     : fit_bucket_middle(e->bucket) / (width / 64 + 1);

		sum += (unsigned __int128)value * e->count;
		squares += (unsigned __int128)value * value * e->count;
	}
	return hist->total
		       ? (uint64_t)((squares * hist->total - sum * sum) / hist->total / hist->total)
		       : 0;
}

/*
 * What lived long is freed at a date if dates are closer to each other than ages: then it is
 * something else that ends.  A bucket of ages is as wide as an eighth of them on either side.
 */
static bool have_dates(const struct fit_hist *ages, const struct fit_hist *dates, uint64_t slot)
{
	const uint64_t blur = fit_hist_mean(ages) / (slot / 64 + 1) / 16;

	return dates->total &&
	       spread_of(dates, slot, true) < spread_of(ages, slot, false) + blur * blur;
}

static int merge_together(struct fit_together *to, const struct fit_together *from)
{
	to->requests += from->requests;
	if (fit_hist_merge(&to->lifetimes, &from->lifetimes) ||
	    fit_hist_merge(&to->sizes, &from->sizes))
		return -1;
	return fit_hist_merge(&to->group_lifetimes, &from->group_lifetimes);
}

static void drop_together(struct fit_together *together)
{
	fit_hist_fini(&together->lifetimes);
	fit_hist_fini(&together->sizes);
	fit_hist_fini(&together->group_lifetimes);
	fit_hist_fini(&together->dates);
	together->requests = 0;
}

/* What lived long stays apart only where dates tell more. */
static int decide(struct fit_epoch *epoch, uint64_t slot)
{
	const struct fit_together *together = &epoch->together_long;

	if (!have_dates(&epoch->alone_long, &epoch->alone_dates, slot)) {
		if (fit_hist_merge(&epoch->alone, &epoch->alone_long))
			return -1;
		fit_hist_fini(&epoch->alone_dates);
	}
	if (!have_dates(&together->group_lifetimes, &together->dates, slot)) {
		if (merge_together(&epoch->together, together))
			return -1;
		drop_together(&epoch->together_long);
	}
	return 0;
}

int fit_lives_of(struct fit_epoch *epoch, uint64_t slot, uint64_t lead,
		 struct fit_life lives[FIT_MAX_LIVES], uint32_t *nr)
{
	struct survival s;
	uint64_t dated, rest, gone;

	*nr = 0;
	memset(lives, 0, FIT_MAX_LIVES * sizeof(*lives));
	if (decide(epoch, slot))
		return -1;
	dated = epoch->together_long.requests + epoch->alone_dates.total;
	rest = epoch->requests > dated ? epoch->requests - dated : 0;
	estimate(&s, epoch);
	gone = share(epoch->requests, ONE - s.left);
	if (gone > rest)
		gone = rest;
	if (add_aged(epoch, &s, gone, lives, nr))
		return -1;
	add_dated(epoch, slot, lead, lives, nr);
	if (rest > gone || !*nr)
		(void)add_part(lives, nr, FIT_FOREVER, rest > gone ? rest - gone : 1);
	return 0;
}
