/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names for what a workload allocates: a trace tells blocks and objects apart by page frame and
 * pointer, and a workload has neither, as a model chooses them when it is replayed.  So each gets
 * a number that nothing else has while it lives, and that is given out again afterwards: numbers
 * stay small, and their memory follows the most that lived at one time.
 */
#ifndef KMR_WORKLOAD_NAMES_H
#define KMR_WORKLOAD_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "kmreplay/machine.h"

#define LOAD_NO_NAME UINT32_MAX

struct load_name_pool {
	uint32_t *free; /* a stack: the last one given back goes out first */
	size_t nr_free, cap_free;
	uint64_t next, end; /* fresh ones */
};

struct load_names {
	/* by order: page frames, aligned as a block is */
	struct load_name_pool frames[KMR_MAX_ORDERS];
	uint64_t next_region; /* frame */
	struct load_name_pool objects, areas; /* what kmalloc() and vmalloc() return, see below */
};

/* @pointer_bits: 32 leaves less room for pointers. */
void load_names_init(struct load_names *names, unsigned int pointer_bits);
void load_names_free(struct load_names *names);

/* One that was never given out; LOAD_NO_NAME: 2^32 frames, or objects, live at one time. */
uint32_t load_name_fresh(struct load_names *names, struct load_name_pool *pool);

/* Of a pool of @names; as above. */
static inline uint32_t load_name_take(struct load_names *names, struct load_name_pool *pool)
{
	return pool->nr_free ? pool->free[--pool->nr_free] : load_name_fresh(names, pool);
}

/* Pointers: that of name 0, and how far it is from one to the next. */
struct load_pointers {
	uint64_t base;
	uint32_t step;
};

struct load_pointers load_object_pointers(unsigned int pointer_bits);
struct load_pointers load_area_pointers(unsigned int pointer_bits);

/* Room for one more name in a pool's stack; -1: no memory. */
int load_name_grow(struct load_name_pool *pool);

/* -1: no memory. */
static inline int load_name_put(struct load_name_pool *pool, uint32_t name)
{
	if (pool->nr_free == pool->cap_free && load_name_grow(pool))
		return -1;
	pool->free[pool->nr_free++] = name;
	return 0;
}

#endif
