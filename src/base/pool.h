/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Items of one size known by small numbers, which are given out again when an item has been
 * given back: for what lives and dies in a trace.  Items move when the pool grows.
 */
#ifndef KMR_BASE_POOL_H
#define KMR_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

struct kmr_pool {
	char *items; /* number 1 is the first */
	size_t size; /* of an item, at least 4 */
	size_t nr, cap;
	uint32_t free; /* the head of a list through the first 4 bytes of items; 0: empty */
};

static inline void kmr_pool_init(struct kmr_pool *pool, size_t size)
{
	*pool = (struct kmr_pool){ .size = size };
}

void kmr_pool_fini(struct kmr_pool *pool);

/* The item with number @at, which has to be one that was given out. */
static inline void *kmr_pool_at(const struct kmr_pool *pool, uint32_t at)
{
	return pool->items + (size_t)(at - 1) * pool->size;
}

/* The number of an item of all zeroes, valid until it is given back; 0: out of memory. */
uint32_t kmr_pool_get(struct kmr_pool *pool);
void kmr_pool_put(struct kmr_pool *pool, uint32_t at);

#endif
