// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linear probing; a removal moves those behind it forward.  An entry's words:
 *
 *   0      low 32 bits of the pointer
 *   1      16 bits more of it, 16 bits of the object
 *   2      24 bits more of the object, in steps of 4 bytes; 8 bits of the time
 *   3      32 bits more of the time
 *   4      origin + 1 (22 bits; 0: a free entry), CPU (10 bits)
 */
#include "replay/objmap.h"

#include <stdlib.h>
#include <string.h>

#define WORDS	   5u
#define FIRST_SIZE UINT64_C(1024)
#define PTR_MASK   ((UINT64_C(1) << 48) - 1)
#define OBJ_SHIFT  2u
#define OBJ_MAX	   ((UINT64_C(1) << 40) - 1) /* stands for KMR_OBJMAP_FAILED */
#define TIME_SHIFT 10u
#define CPU_BITS   10u

static uint32_t *entry(const struct kmr_objmap *map, uint64_t i)
{
	return map->words + i * WORDS;
}

/* Pointers of a slab follow each other: a multiplication spreads them over the table. */
static uint64_t place(const struct kmr_objmap *map, uint64_t ptr)
{
	const uint64_t hash = (ptr & PTR_MASK) * UINT64_C(0x9e3779b97f4a7c15);

	return (hash >> 32) * map->nr >> 32;
}

static uint64_t pointer_of(const uint32_t *w)
{
	return w[0] | (uint64_t)(w[1] & 0xffff) << 32;
}

static void unpack(const uint32_t *w, uint64_t ptr, struct kmr_live_object *o)
{
	const uint64_t obj = (uint64_t)w[1] >> 16 | (uint64_t)(w[2] & 0xffffff) << 16;

	o->ptr = ptr;
	o->obj = obj == OBJ_MAX ? KMR_OBJMAP_FAILED : obj << OBJ_SHIFT;
	o->time = ((uint64_t)(w[2] >> 24) | (uint64_t)w[3] << 8) << TIME_SHIFT;
	o->origin = (w[4] >> CPU_BITS) - 1;
	o->cpu = (uint16_t)(w[4] & ((1u << CPU_BITS) - 1));
}

static void pack(uint32_t *w, const struct kmr_live_object *o)
{
	const uint64_t obj = o->obj >> OBJ_SHIFT < OBJ_MAX ? o->obj >> OBJ_SHIFT : OBJ_MAX;
	const uint64_t time = o->time >> TIME_SHIFT;

	w[0] = (uint32_t)o->ptr;
	w[1] = (uint32_t)(o->ptr >> 32 & 0xffff) | (uint32_t)(obj & 0xffff) << 16;
	w[2] = (uint32_t)(obj >> 16 & 0xffffff) | (uint32_t)(time & 0xff) << 24;
	w[3] = (uint32_t)(time >> 8);
	w[4] = (o->origin + 1) << CPU_BITS | (o->cpu & ((1u << CPU_BITS) - 1));
}

/* The entry of a pointer, or the free one where it would go. */
static uint64_t find(const struct kmr_objmap *map, uint64_t ptr)
{
	uint64_t i = place(map, ptr);

	ptr &= PTR_MASK;
	while (entry(map, i)[4] && pointer_of(entry(map, i)) != ptr)
		i = i + 1 == map->nr ? 0 : i + 1;
	return i;
}

static int grow(struct kmr_objmap *map)
{
	struct kmr_objmap more = { .nr = map->nr ? map->nr + map->nr / 7 : FIRST_SIZE,
				   .count = map->count };

	/* place() has 32 bits */
	if (more.nr > UINT32_MAX)
		return -1;
	more.words = calloc((size_t)more.nr * WORDS, sizeof(*more.words));
	if (!more.words)
		return -1;
	for (uint64_t i = 0; i < map->nr; i++)
		if (entry(map, i)[4])
			memcpy(entry(&more, find(&more, pointer_of(entry(map, i)))), entry(map, i),
			       WORDS * sizeof(*more.words));
	free(map->words);
	*map = more;
	return 0;
}

void kmr_objmap_free(struct kmr_objmap *map)
{
	free(map->words);
	memset(map, 0, sizeof(*map));
}

int kmr_objmap_add(struct kmr_objmap *map, const struct kmr_live_object *o)
{
	if ((map->count + 1) * 20 > map->nr * 17 && grow(map))
		return -1;
	pack(entry(map, find(map, o->ptr)), o);
	map->count++;
	return 0;
}

/* Those behind the gap that may not be found across it move into it. */
static void close_gap(struct kmr_objmap *map, uint64_t gap)
{
	uint64_t i = gap;

	for (;;) {
		uint64_t home;

		i = i + 1 == map->nr ? 0 : i + 1;
		if (!entry(map, i)[4])
			break;
		home = place(map, pointer_of(entry(map, i)));
		/* its home lies behind the gap, going round: it stays */
		if (gap <= i ? gap < home && home <= i : gap < home || home <= i)
			continue;
		memcpy(entry(map, gap), entry(map, i), WORDS * sizeof(*map->words));
		gap = i;
	}
	entry(map, gap)[4] = 0;
}

int kmr_objmap_take(struct kmr_objmap *map, uint64_t ptr, struct kmr_live_object *o)
{
	uint64_t i;

	if (!map->count)
		return 0;
	i = find(map, ptr);
	if (!entry(map, i)[4])
		return 0;
	unpack(entry(map, i), ptr, o);
	close_gap(map, i);
	map->count--;
	return 1;
}

void kmr_objmap_each(const struct kmr_objmap *map,
		     int (*fn)(void *ctx, const struct kmr_live_object *o), void *ctx)
{
	struct kmr_live_object o;

	for (uint64_t i = 0; i < map->nr; i++) {
		if (!entry(map, i)[4])
			continue;
		unpack(entry(map, i), pointer_of(entry(map, i)), &o);
		if (fn(ctx, &o))
			return;
	}
}
