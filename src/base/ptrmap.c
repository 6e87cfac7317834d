// SPDX-License-Identifier: GPL-2.0-only
/*
 * The map of ptrmap.h: linear probing, and a removal moves those behind it forward instead of
 * leaving a mark, so that a map that lives long does not fill up with marks.
 */
#include "base/ptrmap.h"

#include <stdlib.h>
#include <string.h>

#define INITIAL_SLOTS UINT64_C(64)

/* Pointers differ in their middle bits: fold all of them into the low ones.  Places only. */
static inline uint64_t place(const struct kmr_ptrmap *map, uint64_t key)
{
	key ^= key >> 32;
	key *= UINT64_C(0x9e3779b97f4a7c15);
	key ^= key >> 32;
	key *= UINT64_C(0xd6e8feb86659fd93);
	return (key ^ (key >> 32)) & (map->nr_slots - 1);
}

/* The slot of @key, or the free one where it would go.  There is always one free. */
static inline struct kmr_ptrmap_slot *find(const struct kmr_ptrmap *map, uint64_t key)
{
	uint64_t at = place(map, key);

	while (map->slots[at].value && map->slots[at].key != key)
		at = (at + 1) & (map->nr_slots - 1);
	return &map->slots[at];
}

void kmr_ptrmap_fini(struct kmr_ptrmap *map)
{
	free(map->slots);
	memset(map, 0, sizeof(*map));
}

static int grow(struct kmr_ptrmap *map)
{
	struct kmr_ptrmap more = { .nr_slots = map->nr_slots ? map->nr_slots * 2 : INITIAL_SLOTS,
				   .count = map->count };

	if (more.nr_slots > SIZE_MAX / sizeof(*more.slots))
		return -1;
	more.slots = calloc((size_t)more.nr_slots, sizeof(*more.slots));
	if (!more.slots)
		return -1;
	for (uint64_t i = 0; i < map->nr_slots; i++)
		if (map->slots[i].value)
			*find(&more, map->slots[i].key) = map->slots[i];
	free(map->slots);
	*map = more;
	return 0;
}

uint32_t kmr_ptrmap_get(const struct kmr_ptrmap *map, uint64_t key)
{
	return map->count ? find(map, key)->value : 0;
}

int kmr_ptrmap_put(struct kmr_ptrmap *map, uint64_t key, uint32_t value)
{
	struct kmr_ptrmap_slot *slot;

	if (map->count >= map->nr_slots / 4 * 3 && grow(map))
		return -1;
	slot = find(map, key);
	map->count += !slot->value;
	*slot = (struct kmr_ptrmap_slot){ .key = key, .value = value };
	return 0;
}

/* Moves the slots behind the hole at @hole forward, as far as their keys may stand there. */
static void close_hole(struct kmr_ptrmap *map, uint64_t hole)
{
	const uint64_t mask = map->nr_slots - 1;

	for (uint64_t at = (hole + 1) & mask; map->slots[at].value; at = (at + 1) & mask) {
		const uint64_t home = place(map, map->slots[at].key);

		/* home lies behind the hole: a search would not come past it */
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		map->slots[hole] = map->slots[at];
		hole = at;
	}
	map->slots[hole].value = 0;
}

uint32_t kmr_ptrmap_take(struct kmr_ptrmap *map, uint64_t key)
{
	struct kmr_ptrmap_slot *slot;
	uint32_t value;

	if (!map->count)
		return 0;
	slot = find(map, key);
	value = slot->value;
	if (!value)
		return 0;
	map->count--;
	close_hole(map, (uint64_t)(slot - map->slots));
	return value;
}
