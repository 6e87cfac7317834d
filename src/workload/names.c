// SPDX-License-Identifier: GPL-2.0-only
#include "workload/names.h"

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

uint64_t load_object_pointer(uint32_t name, unsigned int pointer_bits)
{
	return pointer_bits == 32 ? OBJECTS_32 + (uint64_t)name * OBJECT_STEP_32
				  : OBJECTS_64 + (uint64_t)name * OBJECT_STEP_64;
}

uint64_t load_area_pointer(uint32_t name, unsigned int pointer_bits)
{
	return pointer_bits == 32 ? AREAS_32 + (uint64_t)name * AREA_STEP_32
				  : AREAS_64 + (uint64_t)name * AREA_STEP_64;
}

void load_names_free(struct load_names *names)
{
	for (unsigned int o = 0; o < KMR_MAX_ORDERS; o++)
		free(names->frames[o].free);
	free(names->objects.free);
	free(names->areas.free);
	memset(names, 0, sizeof(*names));
}

uint32_t load_name_take(struct load_name_pool *pool)
{
	if (pool->nr_free)
		return pool->free[--pool->nr_free];
	return pool->next < pool->end ? (uint32_t)pool->next++ : LOAD_NO_NAME;
}

uint32_t load_name_frame(struct load_names *names, unsigned int order)
{
	struct load_name_pool *pool = &names->frames[order];
	const uint64_t block = UINT64_C(1) << order;
	uint64_t frame;

	if (pool->nr_free)
		return pool->free[--pool->nr_free];
	if (pool->next == pool->end) {
		const uint64_t size = block > REGION_FRAMES ? block : REGION_FRAMES;

		frame = (names->next_region + block - 1) & ~(block - 1);
		if (frame + size > LOAD_NO_NAME)
			return LOAD_NO_NAME;
		pool->next = frame;
		pool->end = frame + size;
		names->next_region = pool->end;
	}
	frame = pool->next;
	pool->next += block;
	return (uint32_t)frame;
}

int load_name_put(struct load_name_pool *pool, uint32_t name)
{
	uint32_t *more = kmr_grow(pool->free, pool->nr_free, &pool->cap_free, sizeof(*more));

	if (!more)
		return -1;
	pool->free = more;
	pool->free[pool->nr_free++] = name;
	return 0;
}
