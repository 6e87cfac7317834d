// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linear probing, a run's entries in the order of their places; a removal moves those behind it
 * forward.  An entry's words:
 *
 *   0      low 32 bits of the pointer
 *   1      16 bits more of it, 16 bits of the object
 *   2      24 bits more of the object, in steps of 4 bytes; 8 bits of the time
 *   3      32 bits more of the time
 *   4      origin + 1 (22 bits; 0: a free entry), CPU (10 bits)
 */
#include "replay/objmap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WORDS	    5u
#define ENTRY_BYTES (WORDS * sizeof(uint32_t))
#define FIRST_SIZE  UINT64_C(1024)
#define PTR_MASK    ((UINT64_C(1) << 48) - 1)
#define OBJ_SHIFT   2u
#define OBJ_MAX	    ((UINT64_C(1) << 40) - 1) /* stands for KMR_OBJMAP_FAILED */
#define TIME_SHIFT  10u
#define TIME_OLDER  ((UINT64_C(1) << 40) - 1) /* stands for KMR_OBJMAP_OLDER */
#define CPU_BITS    10u

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

static inline void unpack(const uint32_t *w, uint64_t ptr, struct kmr_live_object *o)
{
	const uint64_t obj = (uint64_t)w[1] >> 16 | (uint64_t)(w[2] & 0xffffff) << 16;
	const uint64_t time = (uint64_t)(w[2] >> 24) | (uint64_t)w[3] << 8;

	o->ptr = ptr;
	o->obj = obj == OBJ_MAX ? KMR_OBJMAP_FAILED : obj << OBJ_SHIFT;
	o->time = time == TIME_OLDER ? KMR_OBJMAP_OLDER : time << TIME_SHIFT;
	o->origin = (w[4] >> CPU_BITS) - 1;
	o->cpu = (uint16_t)(w[4] & ((1u << CPU_BITS) - 1));
}

static void pack(uint32_t *w, const struct kmr_live_object *o)
{
	const uint64_t obj = o->obj >> OBJ_SHIFT < OBJ_MAX ? o->obj >> OBJ_SHIFT : OBJ_MAX;
	uint64_t time = o->time >> TIME_SHIFT & TIME_OLDER;

	/* a step of one that falls on it */
	time -= time == TIME_OLDER && o->time != KMR_OBJMAP_OLDER;
	w[0] = (uint32_t)o->ptr;
	w[1] = (uint32_t)(o->ptr >> 32 & 0xffff) | (uint32_t)(obj & 0xffff) << 16;
	w[2] = (uint32_t)(obj >> 16 & 0xffffff) | (uint32_t)(time & 0xff) << 24;
	w[3] = (uint32_t)(time >> 8);
	w[4] = (o->origin + 1) << CPU_BITS | (o->cpu & ((1u << CPU_BITS) - 1));
}

/* How far an entry in use lies behind its place. */
static uint64_t distance(const struct kmr_objmap *map, uint64_t i)
{
	const uint64_t home = place(map, pointer_of(entry(map, i)));

	return i >= home ? i - home : i + map->nr - home;
}

/*
 * The entry of a pointer, or the one where it would go: a run's entries are in the order of their
 * places, so that what is not there is known to be missing without a walk to the run's end.
 */
static uint64_t find(const struct kmr_objmap *map, uint64_t ptr)
{
	uint64_t i = place(map, ptr), far = 0;

	ptr &= PTR_MASK;
	while (entry(map, i)[4] && pointer_of(entry(map, i)) != ptr && distance(map, i) >= far) {
		i = i + 1 == map->nr ? 0 : i + 1;
		far++;
	}
	return i;
}

static bool is_at(const struct kmr_objmap *map, uint64_t i, uint64_t ptr)
{
	return entry(map, i)[4] && pointer_of(entry(map, i)) == (ptr & PTR_MASK);
}

/* Those from there to the run's end move on by one. */
static void make_room(struct kmr_objmap *map, uint64_t at)
{
	uint64_t end = at;

	while (entry(map, end)[4])
		end = end + 1 == map->nr ? 0 : end + 1;
	if (end < at) {
		memmove(entry(map, 1), entry(map, 0), (size_t)end * ENTRY_BYTES);
		memcpy(entry(map, 0), entry(map, map->nr - 1), ENTRY_BYTES);
		end = map->nr - 1;
	}
	memmove(entry(map, at + 1), entry(map, at), (size_t)(end - at) * ENTRY_BYTES);
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
		if (entry(map, i)[4]) {
			const uint64_t at = find(&more, pointer_of(entry(map, i)));

			make_room(&more, at);
			memcpy(entry(&more, at), entry(map, i), ENTRY_BYTES);
		}
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
	const bool missed = map->missed_ptr == o->ptr && o->ptr;
	uint64_t at = map->missed_at;

	map->missed_ptr = 0;
	if ((map->count + 1) * 20 > map->nr * 17) {
		if (grow(map))
			return -1;
		at = find(map, o->ptr);
	} else if (!missed) {
		at = find(map, o->ptr);
	}
	make_room(map, at);
	pack(entry(map, at), o);
	map->count++;
	return 0;
}

/* Those behind the gap move into it, up to one that is where it wants to be. */
static void close_gap(struct kmr_objmap *map, uint64_t gap)
{
	for (;;) {
		const uint64_t next = gap + 1 == map->nr ? 0 : gap + 1;

		if (!entry(map, next)[4] || !distance(map, next))
			break;
		memcpy(entry(map, gap), entry(map, next), ENTRY_BYTES);
		gap = next;
	}
	entry(map, gap)[4] = 0;
}

int kmr_objmap_take(struct kmr_objmap *map, uint64_t ptr, struct kmr_live_object *o)
{
	uint64_t i;

	if (!map->count)
		return 0;
	i = find(map, ptr);
	if (!is_at(map, i, ptr)) {
		/* most often it is added next */
		map->missed_ptr = ptr;
		map->missed_at = i;
		return 0;
	}
	map->missed_ptr = 0;
	unpack(entry(map, i), ptr, o);
	close_gap(map, i);
	map->count--;
	return 1;
}

int kmr_objmap_peek(const struct kmr_objmap *map, uint64_t ptr, struct kmr_live_object *o)
{
	uint64_t i;

	if (!map->count)
		return 0;
	i = find(map, ptr);
	if (!is_at(map, i, ptr))
		return 0;
	unpack(entry(map, i), ptr, o);
	return 1;
}

void kmr_objmap_prefetch(const struct kmr_objmap *map, uint64_t ptr)
{
	uint64_t i;

	if (!map->nr)
		return;
	i = place(map, ptr);
	__builtin_prefetch(entry(map, i), 1);
	/* a few entries are looked at, and they may begin at the end of a cache line */
	__builtin_prefetch(entry(map, i + 3 < map->nr ? i + 3 : 0), 1);
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
