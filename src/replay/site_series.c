// SPDX-License-Identifier: GPL-2.0-only
#include "replay/site_series.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

int kmr_site_series_init(struct kmr_site_series *s, size_t max_samples)
{
	memset(s, 0, sizeof(*s));
	s->max_samples = max_samples;
	s->ends = calloc(max_samples, sizeof(*s->ends));
	return s->ends ? kmr_site_series_room(s, 0) : -1;
}

void kmr_site_series_free(struct kmr_site_series *s)
{
	free(s->now);
	free(s->then);
	free(s->changes);
	free(s->ends);
	memset(s, 0, sizeof(*s));
}

static int resize(void *array, size_t nr, size_t more, size_t size)
{
	void **at = array;
	char *grown = realloc(*at, more * size);

	if (!grown)
		return -1;
	memset(grown + nr * size, 0, (more - nr) * size);
	*at = grown;
	return 0;
}

int kmr_site_series_room(struct kmr_site_series *s, uint32_t site)
{
	size_t more = s->nr_sites ? s->nr_sites : 64;

	if (site < s->nr_sites)
		return 0;
	while (more <= site)
		more *= 2;
	if (resize(&s->now, s->nr_sites, more, sizeof(*s->now)) ||
	    resize(&s->then, s->nr_sites, more, sizeof(*s->then)))
		return -1;
	s->nr_sites = more;
	return 0;
}

static int note_change(struct kmr_site_series *s, uint32_t site)
{
	const struct kmr_site_now *n = &s->now[site];
	struct kmr_site_then *t = &s->then[site];
	struct kmr_site_change *changes;

	if (n->live == t->live && n->requested == t->requested)
		return 0;
	changes = kmr_grow(s->changes, s->nr_changes, &s->cap_changes, sizeof(*changes));
	if (!changes)
		return -1;
	s->changes = changes;
	changes[s->nr_changes++] = (struct kmr_site_change){ n->requested, n->live, site };
	t->live = n->live;
	t->requested = n->requested;
	if (t->peak < t->requested)
		t->peak = t->requested;
	return 0;
}

int kmr_site_series_sample(struct kmr_site_series *s)
{
	int ret = s->nr_samples < s->max_samples ? 0 : -1;

	for (size_t i = 0; i < s->nr_sites && !ret; i++)
		ret = note_change(s, (uint32_t)i);
	if (ret)
		return -1;
	s->ends[s->nr_samples++] = s->nr_changes;
	return 0;
}

/* What changed up to a sample that goes, changed up to the next that stays. */
void kmr_site_series_thin(struct kmr_site_series *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->nr_samples; i += 2)
		s->ends[kept++] = s->ends[i];
	s->nr_samples = kept;
}

struct ranking {
	uint32_t site;
	uint64_t peak;
	const char *name;
};

static int compare_ranks(const struct ranking *x, const struct ranking *y)
{
	const int names = strcmp(x->name, y->name);

	if (x->peak != y->peak)
		return x->peak > y->peak ? -1 : 1;
	if (names)
		return names;
	return x->site < y->site ? -1 : x->site > y->site;
}

unsigned int kmr_site_series_top(const struct kmr_site_series *s, uint32_t *sites, unsigned int max,
				 const char *(*name)(const void *ctx, uint32_t site),
				 const void *ctx)
{
	struct ranking best[KMR_TOP_SITES];
	unsigned int nr = 0;

	if (max > KMR_TOP_SITES)
		max = KMR_TOP_SITES;
	for (size_t i = 0; i < s->nr_sites && max; i++) {
		struct ranking r = { (uint32_t)i, s->then[i].peak, NULL };
		unsigned int at = nr;

		if (!r.peak)
			continue;
		r.name = name(ctx, r.site);
		if (nr == max && compare_ranks(&r, &best[nr - 1]) >= 0)
			continue;
		/* the last one goes when there is no room */
		if (nr == max)
			at--;
		else
			nr++;
		for (; at && compare_ranks(&r, &best[at - 1]) < 0; at--)
			best[at] = best[at - 1];
		best[at] = r;
	}
	for (unsigned int i = 0; i < nr; i++)
		sites[i] = best[i].site;
	return nr;
}

/* Rank + 1 by site; 0: not among them. */
static uint32_t *rank_sites(const struct kmr_site_series *s, const uint32_t *sites, unsigned int nr)
{
	uint32_t *rank_of = calloc(s->nr_sites + 1, sizeof(*rank_of));

	for (unsigned int i = 0; rank_of && i < nr; i++)
		rank_of[sites[i]] = i + 1;
	return rank_of;
}

static int add_row(struct kmr_site_sample **rows, size_t *nr, size_t *cap,
		   const struct kmr_site_sample *row)
{
	struct kmr_site_sample *more = kmr_grow(*rows, *nr, cap, sizeof(*more));

	if (!more)
		return -1;
	*rows = more;
	more[(*nr)++] = *row;
	return 0;
}

int kmr_site_series_rows(const struct kmr_site_series *s, const uint32_t *sites, unsigned int nr,
			 struct kmr_site_sample **rows, size_t *nr_rows)
{
	struct kmr_site_sample now[KMR_TOP_SITES] = { 0 }, written[KMR_TOP_SITES] = { 0 };
	uint32_t *rank_of = rank_sites(s, sites, nr);
	size_t cap = 0, at = 0;
	int ret = rank_of ? 0 : -1;

	*rows = NULL;
	*nr_rows = 0;
	for (size_t i = 0; i < s->nr_samples && !ret; i++) {
		for (; at < s->ends[i]; at++) {
			const struct kmr_site_change *c = &s->changes[at];
			const uint32_t rank = rank_of[c->site];

			if (!rank)
				continue;
			now[rank - 1].live = c->live;
			now[rank - 1].live_requested = c->requested;
		}
		for (unsigned int k = 0; k < nr && !ret; k++) {
			if (now[k].live == written[k].live &&
			    now[k].live_requested == written[k].live_requested)
				continue;
			now[k].sample = (uint32_t)i;
			now[k].rank = k;
			written[k] = now[k];
			ret = add_row(rows, nr_rows, &cap, &now[k]);
		}
	}
	free(rank_of);
	if (!ret)
		return 0;
	free(*rows);
	*rows = NULL;
	*nr_rows = 0;
	return -1;
}
