// SPDX-License-Identifier: GPL-2.0-only
/* The pool: numbers from one, given out again. */
#include <criterion/criterion.h>
#include <stdint.h>

#include "base/pool.h"

Test(pool, numbers_come_back_and_items_are_zero)
{
	struct kmr_pool pool;

	kmr_pool_init(&pool, sizeof(uint64_t));
	cr_expect_eq(kmr_pool_get(&pool), 1);
	cr_expect_eq(kmr_pool_get(&pool), 2);
	cr_expect_eq(kmr_pool_get(&pool), 3);
	*(uint64_t *)kmr_pool_at(&pool, 1) = UINT64_MAX;
	*(uint64_t *)kmr_pool_at(&pool, 3) = 33;
	kmr_pool_put(&pool, 2);
	kmr_pool_put(&pool, 1);
	cr_expect_eq(kmr_pool_get(&pool), 1);
	cr_expect_eq(*(uint64_t *)kmr_pool_at(&pool, 1), 0);
	cr_expect_eq(kmr_pool_get(&pool), 2);
	cr_expect_eq(kmr_pool_get(&pool), 4);
	cr_expect_eq(*(uint64_t *)kmr_pool_at(&pool, 3), 33);
	kmr_pool_fini(&pool);
}
