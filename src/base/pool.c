// SPDX-License-Identifier: GPL-2.0-only
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void kmr_pool_fini(struct kmr_pool *pool)
{
	free(pool->items);
	kmr_pool_init(pool, pool->size);
}

static uint32_t append(struct kmr_pool *pool)
{
	char *items;

	if (pool->nr >= UINT32_MAX)
		return 0;
	items = kmr_grow(pool->items, pool->nr, &pool->cap, pool->size);
	if (!items)
		return 0;
	pool->items = items;
	return (uint32_t)++pool->nr;
}

uint32_t kmr_pool_get(struct kmr_pool *pool)
{
	uint32_t at = pool->free;

	if (at)
		memcpy(&pool->free, kmr_pool_at(pool, at), sizeof(pool->free));
	else
		at = append(pool);
	if (at)
		memset(kmr_pool_at(pool, at), 0, pool->size);
	return at;
}

void kmr_pool_put(struct kmr_pool *pool, uint32_t at)
{
	memcpy(kmr_pool_at(pool, at), &pool->free, sizeof(pool->free));
	pool->free = at;
}
