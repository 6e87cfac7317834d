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
#define COUNT_WORDS  (sizeof(struct kmr_sample_counts) / sizeof(uint64_t))
#define SURVEY_WORDS (sizeof(struct kmr_zone_survey) / sizeof(uint64_t))
#define STRIP_WORDS  3
#define WORD_BYTES   10 /* a 64-bit word at 7 bits a byte */

/* What a packed sample has beyond zones and per-CPU lists. */
#define HAS_COUNTS 1u
#define HAS_SURVEY 2u

struct kmr_series_entry {
	uint64_t time;
	uint64_t event;
	size_t size;
	unsigned int has;
	uint8_t bytes[];
};

int kmr_series_create(struct kmr_series **series, unsigned int nr_zones, unsigned int nr_cpus,
		      unsigned int nr_strips, size_t max_samples, struct kmr_error *err)
{
	struct kmr_series *s;

	*series = NULL;
	if (!max_samples)
		max_samples = KMR_SERIES_DEFAULT;
	if (max_samples < 2 || (max_samples & (max_samples - 1)))
		return kmr_fail(err, "number of samples is %zu, must be a power of two from 2 up",
				max_samples);
	if (nr_zones > KMR_MAX_ZONES || nr_cpus > KMR_MAX_CPUS || nr_strips > KMR_MAX_STRIPS)
		return kmr_fail(err, "%u zones, %u CPUs, %u strips are more than %u, %u, %u",
				nr_zones, nr_cpus, nr_strips, KMR_MAX_ZONES, KMR_MAX_CPUS,
				KMR_MAX_STRIPS);
	s = calloc(1, sizeof(*s));
	if (!s)
		return kmr_fail_nomem(err, "samples");
	s->interval = 1;
	s->nr_zones = nr_zones;
	s->nr_cpus = nr_cpus;
	s->max = max_samples;
	s->nr_strips = nr_strips;
	s->nr_words = (size_t)nr_zones * (ZONE_WORDS + nr_cpus + SURVEY_WORDS) +
		      (size_t)nr_strips * STRIP_WORDS + COUNT_WORDS;
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

/* A strip as three words: its type in the bits below the first. */
static uint64_t *put_strip(uint64_t *w, const struct kmr_strip_state *strip)
{
	*w++ = (uint64_t)strip->free << 8 | strip->migratetype;
	*w++ = strip->movable;
	*w++ = strip->unmovable;
	return w;
}

static const uint64_t *get_strip(const uint64_t *w, struct kmr_strip_state *strip)
{
	strip->migratetype = *w & 0xff;
	strip->free = (uint32_t)(*w++ >> 8);
	strip->movable = (uint32_t)*w++;
	strip->unmovable = (uint32_t)*w++;
	return w;
}

/* Structs of nothing but 64-bit counts. */
static uint64_t *put_words(uint64_t *w, const void *from, size_t count)
{
	memcpy(w, from, count * sizeof(*w));
	return w + count;
}

static const uint64_t *get_words(const uint64_t *w, void *to, size_t count)
{
	memcpy(to, w, count * sizeof(*w));
	return w + count;
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

/* The sample as words; returns how many. */
static size_t flatten(const struct kmr_series *s, const struct kmr_sample *sample,
		      unsigned int *has)
{
	uint64_t *w = s->words;

	*has = (sample->counts ? HAS_COUNTS : 0) | (sample->surveys ? HAS_SURVEY : 0);
	for (unsigned int i = 0; i < s->nr_zones; i++)
		w = put_zone(w, &sample->zones[i]);
	for (unsigned int i = 0; i < s->nr_zones * s->nr_cpus; i++)
		*w++ = sample->pcp[i];
	if (sample->counts)
		w = put_words(w, sample->counts, COUNT_WORDS);
	if (!sample->surveys)
		return (size_t)(w - s->words);
	for (unsigned int i = 0; i < s->nr_zones; i++)
		w = put_words(w, &sample->surveys[i], SURVEY_WORDS);
	for (unsigned int i = 0; i < s->nr_strips; i++)
		w = put_strip(w, &sample->strips[i]);
	return (size_t)(w - s->words);
}

int kmr_series_add(struct kmr_series *series, const struct kmr_sample *sample,
		   struct kmr_error *err)
{
	struct kmr_series_entry *entry;
	unsigned int has;
	const size_t words = flatten(series, sample, &has);
	const size_t size = pack(series->packed, series->words, words);

	entry = malloc(sizeof(*entry) + size);
	if (!entry)
		return kmr_fail_nomem(err, "a sample");
	entry->time = sample->time;
	entry->event = sample->event;
	entry->size = size;
	entry->has = has;
	memcpy(entry->bytes, series->packed, size);

	if (series->count && series->entries[series->count - 1]->event == sample->event)
		free(series->entries[--series->count]);
	if (series->count == series->max)
		drop_every_other(series);
	series->entries[series->count++] = entry;
	series->next = (sample->event / series->interval + 1) * series->interval;
	return 0;
}

/* Room for a sample that is taken apart. */
struct unfolded {
	struct kmr_sample sample;
	struct kmr_zone_state *zones;
	uint32_t *pcp;
	struct kmr_zone_survey *surveys;
	struct kmr_strip_state *strips;
	struct kmr_sample_counts counts;
};

static int init_unfolded(struct unfolded *u, const struct kmr_series *s)
{
	memset(u, 0, sizeof(*u));
	u->zones = calloc(s->nr_zones + 1u, sizeof(*u->zones));
	u->pcp = calloc((size_t)s->nr_zones * s->nr_cpus + 1, sizeof(*u->pcp));
	u->surveys = calloc(s->nr_zones + 1u, sizeof(*u->surveys));
	u->strips = calloc(s->nr_strips + 1u, sizeof(*u->strips));
	return u->zones && u->pcp && u->surveys && u->strips ? 0 : -1;
}

static void fini_unfolded(struct unfolded *u)
{
	free(u->zones);
	free(u->pcp);
	free(u->surveys);
	free(u->strips);
}

static void unfold(struct unfolded *u, const struct kmr_series *s,
		   const struct kmr_series_entry *entry)
{
	const uint64_t *w = s->words;

	unpack(s->words, entry->bytes, entry->size);
	for (unsigned int i = 0; i < s->nr_zones; i++)
		w = get_zone(w, &u->zones[i]);
	for (unsigned int i = 0; i < s->nr_zones * s->nr_cpus; i++)
		u->pcp[i] = (uint32_t)*w++;
	if (entry->has & HAS_COUNTS)
		w = get_words(w, &u->counts, COUNT_WORDS);
	for (unsigned int i = 0; entry->has & HAS_SURVEY && i < s->nr_zones; i++)
		w = get_words(w, &u->surveys[i], SURVEY_WORDS);
	for (unsigned int i = 0; entry->has & HAS_SURVEY && i < s->nr_strips; i++)
		w = get_strip(w, &u->strips[i]);
	u->sample = (struct kmr_sample){
		.time = entry->time,
		.event = entry->event,
		.zones = u->zones,
		.pcp = u->pcp,
		.surveys = entry->has & HAS_SURVEY ? u->surveys : NULL,
		.strips = entry->has & HAS_SURVEY ? u->strips : NULL,
		.counts = entry->has & HAS_COUNTS ? &u->counts : NULL,
	};
}

int kmr_series_each(struct kmr_series *series, kmr_series_fn fn, void *ctx, struct kmr_error *err)
{
	struct unfolded u;
	int ret = 0;

	if (init_unfolded(&u, series))
		ret = kmr_fail_nomem(err, "a sample");
	for (size_t i = 0; !ret && i < series->count; i++) {
		unfold(&u, series, series->entries[i]);
		ret = fn(ctx, &u.sample, err);
	}
	fini_unfolded(&u);
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
