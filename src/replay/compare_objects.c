// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records are paired by kind, cache and place: the n-th of a list with the n-th of that list.  The
 * model may have caches that the kernel has not used yet, and the other way round, so that caches go
 * by name.
 */
#include "replay/compare_objects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *cache_name(const struct kmr_snapshot *s, const struct kmr_snap_objects *o)
{
	return o->cache == KMR_SNAP_NO_CACHE ? "" : s->caches[o->cache].name;
}

static unsigned int place_of(const struct kmr_snap_objects *o)
{
	switch (o->kind) {
	case KMR_SNAP_CPU_SLAB:
	case KMR_SNAP_CPU_PARTIAL:
	case KMR_SNAP_ARRAY_CACHE:
		return o->cpu;
	default:
		return o->node;
	}
}

struct keyed {
	const struct kmr_snapshot *s;
	const struct kmr_snap_objects *o;
	size_t at; /* in the file */
};

/* The list that a record is in. */
static int compare_keys(const struct keyed *x, const struct keyed *y)
{
	const int names = strcmp(cache_name(x->s, x->o), cache_name(y->s, y->o));

	if (names)
		return names;
	if (x->o->kind != y->o->kind)
		return x->o->kind < y->o->kind ? -1 : 1;
	if (place_of(x->o) != place_of(y->o))
		return place_of(x->o) < place_of(y->o) ? -1 : 1;
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	const int keys = compare_keys(x, y);

	if (keys)
		return keys;
	return x->at < y->at ? -1 : x->at > y->at;
}

static struct keyed *sorted(const struct kmr_snapshot *s)
{
	struct keyed *k = malloc((s->nr_objects + 1) * sizeof(*k));

	for (size_t i = 0; k && i < s->nr_objects; i++)
		k[i] = (struct keyed){ s, &s->objects[i], i };
	if (k)
		qsort(k, s->nr_objects, sizeof(*k), by_key);
	return k;
}

static bool same(const struct keyed *x, const struct keyed *y)
{
	const struct kmr_snap_objects *a = x->o, *b = y->o;

	if (a->pfn != b->pfn || a->inuse != b->inuse || a->count != b->count ||
	    a->remote != b->remote || a->offset != b->offset || a->touched != b->touched ||
	    a->free_objects != b->free_objects || a->total_slabs != b->total_slabs)
		return false;
	return !a->count || !memcmp(x->s->items + a->first, y->s->items + b->first,
				    a->count * sizeof(*x->s->items));
}

static void describe(struct kmr_object_result *r, const struct keyed *k, const char *what)
{
	static const char *const kinds[] = {
		"slab of CPU",		 "partial slabs of CPU", "partial slabs of node",
		"array cache of CPU",	 "counts of node",	 "full slabs of node",
		"partial slabs of node", "free slabs of node",	 "small pages",
		"medium pages",		 "large pages"
	};

	if (r->first_difference[0])
		return;
	(void)snprintf(r->first_difference, sizeof(r->first_difference),
		       "%s, %s %u, pfn %" PRIu64 ": %s", cache_name(k->s, k->o), kinds[k->o->kind],
		       place_of(k->o), k->o->pfn, what);
}

/* Walks both in the order of their keys; a list's surplus on either side is a difference. */
static void walk(const struct keyed *model, size_t nr_model, const struct keyed *kernel,
		 size_t nr_kernel, struct kmr_object_result *r)
{
	size_t i = 0, k = 0;

	while (i < nr_model || k < nr_kernel) {
		const int order = i == nr_model	   ? 1
				  : k == nr_kernel ? -1
						   : compare_keys(&model[i], &kernel[k]);

		r->records_total++;
		if (order < 0) {
			describe(r, &model[i++], "the model's alone");
		} else if (order > 0) {
			describe(r, &kernel[k++], "the kernel's alone");
		} else {
			if (same(&model[i], &kernel[k]))
				r->records_identical++;
			else
				describe(r, &kernel[k], "not the same");
			i++;
			k++;
		}
	}
}

int kmr_compare_objects(const struct kmr_object_ops *ops, const struct kmr_object_backend *b,
			const struct kmr_snapshot *kernel, struct kmr_object_result *result,
			struct kmr_error *err)
{
	struct kmr_snapshot *mine = calloc(1, sizeof(*mine));
	struct keyed *x = NULL, *y = NULL;
	int ret;

	if (!mine)
		return kmr_fail_nomem(err, "a snapshot");
	ret = ops->save(b, mine, err);
	if (!ret) {
		x = sorted(mine);
		y = sorted(kernel);
		if (x && y)
			walk(x, mine->nr_objects, y, kernel->nr_objects, result);
		else
			ret = kmr_fail_nomem(err, "a snapshot");
	}
	free(x);
	free(y);
	kmr_snapshot_free(mine);
	free(mine);
	return ret;
}
