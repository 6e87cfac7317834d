// SPDX-License-Identifier: GPL-2.0-only
#include "fit/class_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "kmreplay/gfp.h"

/* What is left of the flags when there are too many classes: zone, mobility, may it wait. */
#define PLAIN_GFP                                                                                \
	(KMR_GFP_DMA | KMR_GFP_DMA32 | KMR_GFP_HIGHMEM | KMR_GFP_MOVABLE | KMR_GFP_RECLAIMABLE | \
	 KMR_GFP_DIRECT_RECLAIM)

void fit_classes_init(struct fit_classes *classes, uint64_t duration)
{
	*classes = (struct fit_classes){ .epoch = FIT_FIRST_EPOCH };
	if (duration)
		classes->epoch = (duration / FIT_EPOCHS | (FIT_SLOTS / FIT_EPOCHS - 1)) + 1;
}

static void drop_epoch(struct fit_class *class, unsigned int at)
{
	if (!class->epochs[at])
		return;
	fit_epoch_fini(class->epochs[at]);
	free(class->epochs[at]);
	class->epochs[at] = NULL;
}

void fit_class_free_all(struct fit_class *class)
{
	if (!class)
		return;
	for (unsigned int i = 0; i < FIT_EPOCHS; i++)
		drop_epoch(class, i);
	fit_hist_fini(&class->other_sizes);
	fit_burst_fini(&class->burst);
	free(class);
}

void fit_classes_fini(struct fit_classes *classes)
{
	for (size_t i = 0; i < classes->nr; i++)
		fit_class_free_all(classes->class[i]);
	free(classes->class);
	kmr_ptrmap_fini(&classes->what);
	kmr_ptrmap_fini(&classes->whose);
	kmr_ptrmap_fini(&classes->both);
}

struct fit_class *fit_class_new(const struct fit_key *key)
{
	struct fit_class *class = calloc(1, sizeof(*class));

	if (class)
		class->key = *key;
	return class;
}

/* A number for @key: what it got at first sight, in turn from 1; 0: out of memory. */
static uint32_t intern(struct kmr_ptrmap *map, uint64_t key)
{
	const uint32_t known = kmr_ptrmap_get(map, key);
	const uint32_t number = (uint32_t)map->count + 1;

	if (known)
		return known;
	return kmr_ptrmap_put(map, key, number) ? 0 : number;
}

/* What is asked for in 64 bits: 2 + 5 + 8 + 1 + 8 + 30. */
static uint64_t what_key(const struct fit_key *key)
{
	return (uint64_t)key->kind << 52 | (uint64_t)(key->order & 31) << 47 |
	       (uint64_t)key->migratetype << 39 | (uint64_t)key->gfp_known << 38 |
	       (uint64_t)(uint8_t)key->node << 30 | (key->gfp & ((1u << 30) - 1));
}

/* By whom and from where: 16 + 16 + 24 bits. */
static uint64_t whose_key(const struct fit_key *key)
{
	return (uint64_t)key->comm << 40 | (uint64_t)key->cache << 24 | key->site;
}

static void make_plain(struct fit_key *key)
{
	key->comm = 0;
	key->cache = 0;
	key->site = 0;
	key->node = -1;
	key->gfp &= PLAIN_GFP;
}

static int64_t add_class(struct fit_classes *classes, const struct fit_key *key)
{
	struct fit_class **class =
		kmr_grow(classes->class, classes->nr, &classes->cap, sizeof(struct fit_class *));

	if (!class)
		return -1;
	classes->class = class;
	class[classes->nr] = fit_class_new(key);
	return class[classes->nr] ? (int64_t)classes->nr++ : -1;
}

/* Finds or makes the class, as long as there is room for @max; -2: there is none. */
static int64_t find(struct fit_classes *classes, const struct fit_key *key, size_t max)
{
	const uint64_t what = what_key(key), whose = whose_key(key);
	const bool room = classes->nr < max;
	uint32_t a, b, number;

	if (!room &&
	    (!kmr_ptrmap_get(&classes->what, what) || !kmr_ptrmap_get(&classes->whose, whose)))
		return -2;
	a = intern(&classes->what, what);
	b = intern(&classes->whose, whose);
	if (!a || !b)
		return -1;
	number = kmr_ptrmap_get(&classes->both, (uint64_t)a << 32 | b);
	if (number)
		return (int64_t)number - 1;
	if (!room)
		return -2;
	if (kmr_ptrmap_put(&classes->both, (uint64_t)a << 32 | b, (uint32_t)classes->nr + 1))
		return -1;
	return add_class(classes, key);
}

int64_t fit_class_find(struct fit_classes *classes, const struct fit_key *key)
{
	struct fit_key plain = *key;
	int64_t found = find(classes, key, FIT_MAX_CLASSES);

	if (found != -2)
		return found;
	classes->folded++;
	make_plain(&plain);
	return find(classes, &plain, SIZE_MAX);
}

/* Two epochs become one. */
static int fold_class(struct fit_class *class)
{
	if (fit_burst_fold(&class->burst))
		return -1;
	for (unsigned int i = 0; i < FIT_EPOCHS; i++)
		if (class->epochs[i])
			fit_epoch_fold(class->epochs[i]);
	for (unsigned int i = 0; i < FIT_EPOCHS / 2; i++) {
		struct fit_epoch *first = class->epochs[2 * i], *second = class->epochs[2 * i + 1];

		if (first && second && fit_epoch_merge(first, second))
			return -1;
		if (first)
			drop_epoch(class, 2 * i + 1);
		class->epochs[2 * i] = NULL;
		class->epochs[2 * i + 1] = NULL;
		class->epochs[i] = first ? first : second;
	}
	return 0;
}

int fit_classes_reach(struct fit_classes *classes, uint64_t now)
{
	while (now / classes->epoch >= FIT_EPOCHS) {
		for (size_t i = 0; i < classes->nr; i++)
			if (fold_class(classes->class[i]))
				return -1;
		classes->epoch *= 2;
	}
	return 0;
}

static int count_size(struct fit_class *class, uint64_t bytes, uint64_t times)
{
	uint32_t at = 0;

	while (at < class->nr_sizes && class->sizes[at].bytes < bytes)
		at++;
	if (at < class->nr_sizes && class->sizes[at].bytes == bytes) {
		class->sizes[at].count += times;
		return 0;
	}
	if (class->nr_sizes == FIT_SIZES || bytes > UINT32_MAX)
		return fit_hist_put(&class->other_sizes, fit_bucket(bytes), times);
	memmove(class->sizes + at + 1, class->sizes + at,
		(class->nr_sizes - at) * sizeof(*class->sizes));
	class->sizes[at] = (struct fit_size){ .bytes = (uint32_t)bytes, .count = times };
	class->nr_sizes++;
	return 0;
}

int fit_class_request(struct fit_classes *classes, uint32_t number, uint64_t now, unsigned int cpu,
		      uint64_t asked, uint64_t given, struct fit_live *live)
{
	struct fit_class *class = classes->class[number];
	struct fit_epoch *epoch = fit_epoch_of(classes, class, now);

	if (!epoch)
		return -1;
	if (class->requests &&
	    fit_hist_add(&epoch->gaps, now > class->last ? now - class->last : 0))
		return -1;
	if (class->key.kind != FIT_PAGES && count_size(class, asked, 1))
		return -1;
	live->time = now;
	live->class = number;
	live->number = (uint32_t) class->requests;
	live->cpu = (uint16_t)cpu;
	class->requests++;
	class->bytes += given;
	class->given = given;
	class->last = now;
	class->cpus[cpu / 64 % FIT_CPU_WORDS] |= UINT64_C(1) << cpu % 64;
	if (!epoch->requests++)
		epoch->first = now;
	epoch->last = now;
	return 0;
}

int fit_class_keep(struct fit_classes *classes, const struct fit_live *live, uint64_t now)
{
	struct fit_epoch *epoch = fit_epoch_of(classes, classes->class[live->class], live -> time);

	return epoch ? fit_hist_add(&epoch->ages, now > live->time ? now - live->time : 0) : -1;
}

static int merge_sizes(struct fit_class *to, const struct fit_class *from)
{
	for (uint32_t i = 0; i < from->nr_sizes; i++)
		if (count_size(to, from->sizes[i].bytes, from->sizes[i].count))
			return -1;
	return fit_hist_merge(&to->other_sizes, &from->other_sizes);
}

int fit_class_merge(struct fit_class *to, const struct fit_class *from)
{
	for (unsigned int i = 0; i < FIT_EPOCHS; i++) {
		if (!from->epochs[i])
			continue;
		if (!to->epochs[i])
			to->epochs[i] = calloc(1, sizeof(*to->epochs[i]));
		if (!to->epochs[i] || fit_epoch_merge(to->epochs[i], from->epochs[i]))
			return -1;
	}
	for (unsigned int i = 0; i < FIT_CPU_WORDS; i++)
		to->cpus[i] |= from->cpus[i];
	to->requests += from->requests;
	to->bytes += from->bytes;
	to->frees += from->frees;
	to->moved += from->moved;
	to->given = from->given;
	return merge_sizes(to, from);
}
