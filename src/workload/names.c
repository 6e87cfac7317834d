// SPDX-License-Identifier: GPL-2.0-only
#include "workload/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/*
 * Frames of one order come from regions of their own, so that blocks of no two orders overlap.  A
 * region is what the replay's map of frames allocates at a time (replay/pfnmap.h).
 */
#define REGION_FRAMES 4096u

/* Pointers lie where a kernel has its direct map and its vmalloc area. */
#define OBJECTS_64 UINT64_C(0xffff888100000000)
#define AREAS_64   UINT64_C(0xffffc90000000000)
#define OBJECTS_32 UINT64_C(0xc4000000)
#define AREAS_32   UINT64_C(0xf8000000)
#define END_32	   UINT64_C(0xff000000)

/* From one to the next. */
#define OBJECT_STEP_64 64u
#define AREA_STEP_64   8192u
#define OBJECT_STEP_32 8u
#define AREA_STEP_32   16u

void load_names_init(struct load_names *names, unsigned int pointer_bits)
{
	memset(names, 0, sizeof(*names));
	names->next_region = REGION_FRAMES;
	names->objects.end = LOAD_NO_NAME;
	names->areas.end = LOAD_NO_NAME;
	if (pointer_bits == 32) {
		names->objects.end = (AREAS_32 - OBJECTS_32) / OBJECT_STEP_32;
		names->areas.end = (END_32 - AREAS_32) / AREA_STEP_32;
	}
}

struct load_pointers load_object_pointers(unsigned int pointer_bits)
{
	if (pointer_bits == 32)
		return (struct load_pointers){ OBJECTS_32, OBJECT_STEP_32 };
	return (struct load_pointers){ OBJECTS_64, OBJECT_STEP_64 };
}

struct load_pointers load_area_pointers(unsigned int pointer_bits)
{
	if (pointer_bits == 32)
		return (struct load_pointers){ AREAS_32, AREA_STEP_32 };
	return (struct load_pointers){ AREAS_64, AREA_STEP_64 };
}

void load_names_free(struct load_names *names)
{
	for (unsigned int o = 0; o < KMR_MAX_ORDERS; o++)
		free(names->frames[o].free);
	free(names->objects.free);
	free(names->areas.free);
	memset(names, 0, sizeof(*names));
}

static bool open_region(struct load_names *names, struct load_name_pool *pool, uint64_t block)
{
	const uint64_t size = block > REGION_FRAMES ? block : REGION_FRAMES;
	const uint64_t frame = (names->next_region + block - 1) & ~(block - 1);

	if (frame + size > LOAD_NO_NAME)
		return false;
	pool->next = frame;
	pool->end = frame + size;
	names->next_region = pool->end;
	return true;
}

uint32_t load_name_fresh(struct load_names *names, struct load_name_pool *pool)
{
	const bool frames = pool != &names->objects && pool != &names->areas;
	const uint64_t step = frames ? UINT64_C(1) << (pool - names->frames) : 1;
	uint64_t name;

	if (pool->next == pool->end && (!frames || !open_region(names, pool, step)))
		return LOAD_NO_NAME;
	name = pool->next;
	pool->next += step;
	return (uint32_t)name;
}

int load_name_grow(struct load_name_pool *pool)
{
	uint32_t *more = kmr_grow(pool->free, pool->nr_free, &pool->cap_free, sizeof(*more));

	if (!more)
		return -1;
	pool->free = more;
	return 0;
}
