// SPDX-License-Identifier: GPL-2.0-only
/*
 * Samples kept in memory, packed.  Most numbers of a zone's state are zero or small: a sample is
 * a row of words, each stored in as many bytes as it needs (7 bits a byte, lowest first), and a
 * run of zeros as a zero and the length of the run.
 */
#include "kmreplay/series.h"

#include <stdlib.h>
#include <string.h>

#define ZONE_SCALARS 7
#define ZONE_WORDS   (ZONE_SCALARS + KMR_MIGRATE_TYPES + KMR_MAX_ORDERS * KMR_MIGRATE_TYPES)
#define WORD_BYTES   10 /* a 64-bit word at 7 bits a byte */

struct kmr_series_entry {
	uint64_t time;
	uint64_t event;
	size_t size;
	uint8_t bytes[];
};

int kmr_series_create(struct kmr_series **series, unsigned int nr_zones, unsigned int nr_cpus,
		      size_t max_samples, struct kmr_error *err)
{
	struct kmr_series *s;

	*series = NULL;
	if (!max_samples)
		max_samples = KMR_SERIES_DEFAULT;
	if (max_samples < 2 || (max_samples & (max_samples - 1)))
		return kmr_fail(err, "number of samples is %zu, must be a power of two from 2 up",
				max_samples);
	if (nr_zones > KMR_MAX_ZONES || nr_cpus > KMR_MAX_CPUS)
		return kmr_fail(err, "%u zones and %u CPUs are more than %u and %u", nr_zones,
				nr_cpus, KMR_MAX_ZONES, KMR_MAX_CPUS);
	s = calloc(1, sizeof(*s));
	if (!s)
		return kmr_fail_nomem(err, "samples");
	s->interval = 1;
	s->nr_zones = nr_zones;
	s->nr_cpus = nr_cpus;
	s->max = max_samples;
	s->nr_words = (size_t)nr_zones * (ZONE_WORDS + nr_cpus);
	s->entries = calloc(max_samples, sizeof(struct kmr_series_entry *));
	s->words = calloc(s->nr_words + 1, sizeof(*s->words));
	s->packed = malloc((s->nr_words + 1) * WORD_BYTES);
	if (!s->entries || !s->words || !s->packed) {
		kmr_series_destroy(s);
		return kmr_fail_nomem(err, "samples");
	}
	*series = s;
	return 0;
}

void kmr_series_destroy(struct kmr_series *series)
{
	size_t i;

	if (!series)
		return;
	for (i = 0; i < series->count; i++)
		free(series->entries[i]);
	free(series->entries);
	free(series->words);
	free(series->packed);
	free(series);
}

static uint64_t *put_zone(uint64_t *w, const struct kmr_zone_state *z)
{
	unsigned int order, type;

	*w++ = z->free_pages;
	*w++ = z->pcp_pages;
	*w++ = z->wmark_min;
	*w++ = z->wmark_low;
	*w++ = z->wmark_high;
	*w++ = z->boost;
	*w++ = z->highatomic;
	for (type = 0; type < KMR_MIGRATE_TYPES; type++)
		*w++ = z->pageblocks[type];
	for (order = 0; order < KMR_MAX_ORDERS; order++)
		for (type = 0; type < KMR_MIGRATE_TYPES; type++)
			*w++ = z->nr_free[order][type];
	return w;
}

static const uint64_t *get_zone(const uint64_t *w, struct kmr_zone_state *z)
{
	unsigned int order, type;

	z->free_pages = *w++;
	z->pcp_pages = *w++;
	z->wmark_min = *w++;
	z->wmark_low = *w++;
	z->wmark_high = *w++;
	z->boost = *w++;
	z->highatomic = *w++;
	for (type = 0; type < KMR_MIGRATE_TYPES; type++)
		z->pageblocks[type] = *w++;
	for (order = 0; order < KMR_MAX_ORDERS; order++)
		for (type = 0; type < KMR_MIGRATE_TYPES; type++)
			z->nr_free[order][type] = (uint32_t)*w++;
	return w;
}

static uint8_t *put_varint(uint8_t *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

static const uint8_t *get_varint(const uint8_t *p, uint64_t *v)
{
	unsigned int shift = 0;

	*v = 0;
	do
		*v |= (uint64_t)(*p & 0x7f) << shift;
	while (shift += 7, *p++ & 0x80);
	return p;
}

static size_t pack(uint8_t *packed, const uint64_t *words, size_t count)
{
	uint8_t *p = packed;
	size_t i = 0, zeros;

	while (i < count) {
		if (words[i]) {
			p = put_varint(p, words[i++]);
			continue;
		}
		for (zeros = 0; i < count && !words[i]; i++)
			zeros++;
		*p++ = 0;
		p = put_varint(p, zeros);
	}
	return (size_t)(p - packed);
}

static void unpack(uint64_t *words, const uint8_t *packed, size_t size)
{
	const uint8_t *p = packed;
	uint64_t v;

	while (p < packed + size) {
		p = get_varint(p, &v);
		if (v) {
			*words++ = v;
			continue;
		}
		p = get_varint(p, &v);
		memset(words, 0, (size_t)v * sizeof(*words));
		words += v;
	}
}

static void drop_every_other(struct kmr_series *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		if (i % 2)
			free(s->entries[i]);
		else
			s->entries[i / 2] = s->entries[i];
	}
	s->count = (s->count + 1) / 2;
	s->interval *= 2;
}

int kmr_series_add(struct kmr_series *series, uint64_t time, uint64_t event,
		   const struct kmr_zone_state *zones, const uint32_t *pcp, struct kmr_error *err)
{
	struct kmr_series_entry *entry;
	uint64_t *w = series->words;
	unsigned int i;
	size_t size;

	for (i = 0; i < series->nr_zones; i++)
		w = put_zone(w, &zones[i]);
	for (i = 0; i < series->nr_zones * series->nr_cpus; i++)
		*w++ = pcp[i];
	size = pack(series->packed, series->words, series->nr_words);
	entry = malloc(sizeof(*entry) + size);
	if (!entry)
		return kmr_fail_nomem(err, "a sample");
	entry->time = time;
	entry->event = event;
	entry->size = size;
	memcpy(entry->bytes, series->packed, size);

	if (series->count && series->entries[series->count - 1]->event == event)
		free(series->entries[--series->count]);
	if (series->count == series->max)
		drop_every_other(series);
	series->entries[series->count++] = entry;
	series->next = (event / series->interval + 1) * series->interval;
	return 0;
}

int kmr_series_each(struct kmr_series *series, kmr_series_fn fn, void *ctx, struct kmr_error *err)
{
	struct kmr_zone_state *zones = calloc(series->nr_zones + 1u, sizeof(*zones));
	size_t nr_pcp = (size_t)series->nr_zones * series->nr_cpus;
	uint32_t *pcp = calloc(nr_pcp + 1, sizeof(*pcp));
	struct kmr_sample sample = { .zones = zones, .pcp = pcp };
	const uint64_t *w;
	size_t i, j;
	int ret = 0;

	if (!zones || !pcp)
		ret = kmr_fail_nomem(err, "a sample");
	for (i = 0; !ret && i < series->count; i++) {
		const struct kmr_series_entry *entry = series->entries[i];

		unpack(series->words, entry->bytes, entry->size);
		w = series->words;
		for (j = 0; j < series->nr_zones; j++)
			w = get_zone(w, &zones[j]);
		for (j = 0; j < nr_pcp; j++)
			pcp[j] = (uint32_t)*w++;
		sample.time = entry->time;
		sample.event = entry->event;
		ret = fn(ctx, &sample, err);
	}
	free(zones);
	free(pcp);
	return ret;
}

static int write_sample(void *ctx, const struct kmr_sample *sample, struct kmr_error *err)
{
	return kmr_store_sample(ctx, sample, err);
}

int kmr_series_write(struct kmr_series *series, struct kmr_store *store, struct kmr_error *err)
{
	return kmr_series_each(series, write_sample, store, err);
}
