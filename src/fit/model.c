// SPDX-License-Identifier: GPL-2.0-only
#include "fit/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "kmreplay/gfp.h"

#define MAX_TASKS 32u /* of one actor: each CPU that its class used, up to this */

/* Heavier first; then by what they are, so that no two are equal. */
static int compare_keys(const struct fit_key *a, const struct fit_key *b)
{
	const uint64_t x[] = { a->kind, a->order, a->migratetype, a->gfp_known, (uint8_t)a->node,
			       a->comm, a->cache, a->site,	  a->gfp };
	const uint64_t y[] = { b->kind, b->order, b->migratetype, b->gfp_known, (uint8_t)b->node,
			       b->comm, b->cache, b->site,	  b->gfp };

	for (size_t i = 0; i < ARRAY_SIZE(x); i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

static int heavier_class(const void *left, const void *right)
{
	const struct fit_class *a = *(struct fit_class *const *)left;
	const struct fit_class *b = *(struct fit_class *const *)right;

	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return compare_keys(&a->key, &b->key);
}

/* What the rest of the classes is told apart by: pages by order and zone, objects by mobility. */
static struct fit_key rest_key(const struct fit_key *key)
{
	const uint32_t zones = KMR_GFP_DMA | KMR_GFP_DMA32 | KMR_GFP_HIGHMEM | KMR_GFP_MOVABLE |
			       KMR_GFP_RECLAIMABLE;
	struct fit_key rest = { .kind = key->kind == FIT_PAGES ? FIT_PAGES : FIT_KMALLOC,
				.order = key->order,
				.migratetype = KMR_MIGRATE_UNKNOWN,
				.gfp_known = true,
				.node = -1,
				.gfp = KMR_GFP_KERNEL };

	if (key->kind == FIT_PAGES)
		rest.migratetype = key->migratetype;
	rest.gfp |= key->gfp & (key->kind == FIT_PAGES ? zones : KMR_GFP_RECLAIMABLE);
	return rest;
}

/* The class of the rest that @class belongs to, made when it is the first; NULL: no memory. */
static struct fit_class *find_rest(struct fit_class **rest, size_t *nr, size_t max,
				   const struct fit_key *like)
{
	const struct fit_key key = rest_key(like);

	for (size_t i = 0; i < *nr; i++)
		if (!compare_keys(&rest[i]->key, &key))
			return rest[i];
	if (*nr == max)
		return NULL;
	rest[*nr] = fit_class_new(&key);
	if (!rest[*nr])
		return NULL;
	rest[*nr]->rest = true;
	return rest[(*nr)++];
}

/* Leaves @top classes and those that the others went into, in their places. */
static int merge_light(struct fit_model *model, struct fit_classes *classes, size_t top)
{
	struct fit_class **class = classes->class;
	size_t nr = 0, kept = top < classes->nr ? top : classes->nr;
	int status = 0;

	model->classes = classes->nr;
	if (classes->nr)
		qsort(class, classes->nr, sizeof(struct fit_class *), heavier_class);
	/* one class alone is no lighter than the rest that it would become */
	if (classes->nr - kept < 2)
		return 0;
	model->merged = classes->nr - kept;
	for (size_t i = kept; i < classes->nr; i++) {
		struct fit_class *light = class[i], *rest;

		/* there are never more of the rest than have been merged into it */
		class[i] = NULL;
		rest = find_rest(class + kept, &nr, i - kept + 1, &light->key);
		if (!rest || fit_class_merge(rest, light))
			status = -1;
		fit_class_free_all(light);
	}
	classes->nr = kept + nr;
	return status;
}

struct fit_actor *fit_model_add(struct fit_model *model)
{
	struct fit_actor *actors = kmr_grow(model->actors, model->nr, &model->cap, sizeof(*actors));

	if (!actors)
		return NULL;
	model->actors = actors;
	memset(&actors[model->nr], 0, sizeof(*actors));
	return &actors[model->nr++];
}

static uint32_t count_cpus(const struct fit_class *class)
{
	uint32_t nr = 0;

	for (unsigned int i = 0; i < FIT_CPU_WORDS; i++)
		nr += (uint32_t)__builtin_popcountll(class->cpus[i]);
	return nr;
}

/* Bytes that kmalloc() was asked for: each size while they are few. */
static int set_sizes(struct fit_rows *rows, const struct fit_class *class)
{
	struct fit_hist all = { 0 };
	int status = 0;

	if (class->nr_sizes <= FIT_ROWS && !class->other_sizes.total) {
		for (uint32_t i = 0; i < class->nr_sizes; i++)
			fit_rows_add(rows, class->sizes[i].bytes, class->sizes[i].bytes,
				     class->sizes[i].count);
		return 0;
	}
	for (uint32_t i = 0; i < class->nr_sizes && !status; i++)
		status = fit_hist_put(&all, fit_bucket(class->sizes[i].bytes),
				      class->sizes[i].count);
	if (!status)
		status = fit_hist_merge(&all, &class->other_sizes);
	fit_rows_of(rows, &all);
	fit_hist_fini(&all);
	return status;
}

/* When its requests come: as in the trace on the whole, and @behind the class's one before. */
static void set_arrival(struct fit_actor *actor, const struct fit_class *class,
			struct fit_epoch *sum, uint64_t behind)
{
	const uint64_t cpus = count_cpus(class);

	actor->begin = sum->first;
	actor->requests = sum->requests;
	actor->tasks = 1;
	if (sum->requests < 2 || sum->last == sum->first) {
		actor->arrival = FIT_AT_ONCE;
		return;
	}
	if (cpus <= MAX_TASKS && sum->requests / 16 >= cpus)
		actor->tasks = (uint32_t)cpus;
	actor->mean = (sum->last - sum->first) / (sum->requests - 1);
	actor->end = sum->last + actor->mean + 1;
	actor->mean *= actor->tasks;
	/* the gap before its first request is none of its own */
	if (behind)
		fit_hist_drop(&sum->gaps, fit_bucket(sum->first - behind));
	actor->arrival = FIT_GAPS;
	if (class->rest || !sum->gaps.total || fit_is_exponential(&sum->gaps)) {
		actor->arrival = FIT_EXPONENTIAL;
		return;
	}
	fit_rows_of(&actor->gaps, &sum->gaps);
	fit_rows_set_mean(&actor->gaps, actor->mean);
}

/* The actor of one span of a class; *behind: when the span before it ended, 0: there is none. */
static int make_actor(struct fit_model *model, const struct fit_class *class,
		      const struct fit_span *span, uint64_t slot, uint64_t *behind)
{
	struct fit_actor *actor = fit_model_add(model);
	struct fit_epoch sum = { 0 };
	int status = actor ? 0 : -1;

	for (uint32_t i = span->first; i <= span->last && !status; i++)
		if (class->epochs[i])
			status = fit_epoch_merge(&sum, class->epochs[i]);
	if (!status) {
		actor->key = class->key;
		actor->moved = class->moved > class->frees / 2;
		memcpy(actor->cpus, class->cpus, sizeof(actor->cpus));
		if (class->nr_sizes)
			actor->object_size = class->sizes[class->nr_sizes - 1].bytes;
		actor->size = (uint32_t) class->given;
		set_arrival(actor, class, &sum, *behind);
		actor->begin += model->lead;
		actor->end += actor->end ? model->lead : 0;
		/* the gap behind the last request is not the trace's any more */
		if (actor->end > model->duration)
			actor->end = model->duration;
		*behind = sum.last;
		status = fit_lives_of(&sum, slot, model->lead, actor->lives, &actor->nr_lives);
	}
	if (!status && class->key.kind == FIT_KMALLOC)
		status = set_sizes(&actor->sizes, class);
	fit_epoch_fini(&sum);
	return status;
}

static int make_actors(struct fit_model *model, const struct fit_class *class, uint64_t slot,
		       bool cut)
{
	struct fit_span spans[FIT_MAX_SPANS];
	uint32_t nr = fit_spans_of(class, slot * (FIT_SLOTS / FIT_EPOCHS), spans);
	uint64_t behind = 0;

	if (!cut && nr) {
		spans[0].last = spans[nr - 1].last;
		nr = 1;
	}
	for (uint32_t i = 0; i < nr; i++)
		if (make_actor(model, class, &spans[i], slot, &behind))
			return -1;
	return 0;
}

int fit_model_make(struct fit_model *model, struct fit_collect *c, uint32_t top)
{
	model->duration += c->now + 1;
	if (merge_light(model, &c->classes, top))
		return -1;
	for (size_t i = 0; i < c->classes.nr; i++)
		if (make_actors(model, c->classes.class[i], c -> start.slot, i < FIT_MAX_CUT))
			return -1;
	return 0;
}

void fit_model_fini(struct fit_model *model)
{
	free(model->actors);
	memset(model, 0, sizeof(*model));
}
