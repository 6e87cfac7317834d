// SPDX-License-Identifier: GPL-2.0-only
#include "workload/keep.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 16u

void load_keep_free(struct load_keep *k)
{
	free(k->items);
	memset(k, 0, sizeof(*k));
}

static struct load_live *at(const struct load_keep *k, uint64_t i)
{
	return &k->items[(k->first + i) & (k->cap - 1)];
}

static int grow(struct load_keep *k)
{
	const size_t cap = k->cap ? k->cap * 2 : FIRST_CAP;
	struct load_live *items;

	if (cap > SIZE_MAX / 2 / sizeof(*items))
		return -1;
	items = malloc(cap * sizeof(*items));
	if (!items)
		return -1;
	for (uint64_t i = 0; i < k->nr; i++)
		items[i] = *at(k, i);
	free(k->items);
	k->items = items;
	k->cap = cap;
	k->first = 0;
	return 0;
}

int load_keep_add(struct load_keep *k, const struct load_live *item)
{
	if (k->nr == k->cap && grow(k))
		return -1;
	*at(k, k->nr++) = *item;
	return 0;
}

struct load_live load_keep_take(struct load_keep *k, enum load_order order,
				struct load_random *random)
{
	struct load_live item;

	if (order == LOAD_RANDOM) {
		/* the oldest takes its place */
		struct load_live *chosen = at(k, load_random_below(random, k->nr));

		item = *chosen;
		*chosen = *at(k, 0);
	} else {
		item = *at(k, order == LOAD_LIFO ? k->nr - 1 : 0);
	}
	if (order != LOAD_LIFO)
		k->first++;
	k->nr--;
	return item;
}
