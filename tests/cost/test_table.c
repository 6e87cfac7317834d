// SPDX-License-Identifier: GPL-2.0-only
/* Cost tables: what is shipped, what a file changes, every way in which one is refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "kmreplay/cost.h"

static struct kmr_cost_table shipped(void)
{
	struct kmr_cost_table t;
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_cost_defaults(&t, &err), 0, "%s", err.msg);
	return t;
}

static struct kmr_cost_table changed(const char *text)
{
	struct kmr_cost_table t = shipped();
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_cost_parse(&t, "c.yaml", text, strlen(text), false, &err), 0, "%s",
		     err.msg);
	return t;
}

static void refuse_as(const char *text, bool complete, const char *message)
{
	struct kmr_cost_table t = shipped();
	const struct kmr_cost_table before = t;
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_cost_parse(&t, "c.yaml", text, strlen(text), complete, &err), -1,
		     "taken: %s", message);
	cr_assert_str_eq(err.msg, message);
	cr_assert_eq(memcmp(&t, &before, sizeof(t)), 0, "a file that is refused changes nothing");
}

static void refuse(const char *text, const char *message)
{
	refuse_as(text, false, message);
}

static uint64_t price(const struct kmr_cost_table *t, enum kmr_step step, uint64_t count)
{
	struct kmr_steps steps = { { 0 } };

	steps.count[step] = count;
	return kmr_cost(t, &steps);
}

Test(cost, every_step_is_shipped_with_a_price)
{
	const struct kmr_cost_table t = shipped();

	cr_assert_str_eq(t.name, "shipped");
	for (unsigned int i = 0; i < KMR_NR_STEPS; i++) {
		cr_assert_gt(t.price[i], 0u, "%s", kmr_step_name(i));
		cr_assert_eq(kmr_step_find(kmr_step_name(i)), (int)i);
		cr_assert_leq(strlen(kmr_step_description(i)), 56u);
	}
	cr_assert_null(kmr_step_name(KMR_NR_STEPS));
	cr_assert_null(kmr_operation_name(KMR_NR_OPERATIONS));
	cr_assert_null(kmr_path_name(KMR_NR_PATHS));
	cr_assert_eq(kmr_step_find("pcp"), -1);
}

/* USENIX ATC 2023, LLFree: 94 ns for each of many order-0 allocations, the refills' share among it. */
Test(cost, published_order_0_allocation)
{
	const struct kmr_cost_table t = shipped();
	struct kmr_steps steps = { { 0 } };
	const unsigned int batch = 63;

	steps.count[KMR_STEP_PAGE_ALLOC] = batch;
	steps.count[KMR_STEP_ZONE] = batch;
	steps.count[KMR_STEP_WATERMARK] = batch;
	steps.count[KMR_STEP_PCP_ALLOC] = batch;
	cr_assert_eq(kmr_cost(&t, &steps), batch * 90000u, "from a list that has some: 90 ns");
	steps.count[KMR_STEP_ZONE_LOCK] = 1;
	steps.count[KMR_STEP_REFILL_BLOCK] = batch;
	steps.count[KMR_STEP_SPLIT] = batch;
	cr_assert_eq((kmr_cost(&t, &steps) + batch * 500u) / (batch * 1000u), 94u);
}

/* Commit 994eb764ec5a: 10.554 ns for kmem_cache_alloc() and kmem_cache_free(), fast paths. */
Test(cost, published_slub_pair)
{
	const struct kmr_cost_table t = shipped();
	struct kmr_steps steps = { { 0 } };

	steps.count[KMR_STEP_OBJECT_ALLOC] = 1;
	steps.count[KMR_STEP_SLAB_FAST_ALLOC] = 1;
	steps.count[KMR_STEP_OBJECT_FREE] = 1;
	steps.count[KMR_STEP_SLAB_FAST_FREE] = 1;
	cr_assert_eq(kmr_cost(&t, &steps), 10554u);
	steps.count[KMR_STEP_SLAB_FAST_ALLOC] = 0;
	steps.count[KMR_STEP_SLAB_FAST_FREE] = 0;
	steps.count[KMR_STEP_ARRAY_ALLOC] = 1;
	steps.count[KMR_STEP_ARRAY_FREE] = 1;
	/* SLAB, commit e6cdb58d1c83 */
	cr_assert_eq(kmr_cost(&t, &steps), 21814u);
}

Test(cost, a_file_changes_what_it_has)
{
	const struct kmr_cost_table d = shipped();
	const struct kmr_cost_table t = changed("name: mine\n"
						"steps:\n"
						"  pcp_alloc: 94 ns\n"
						"  split: 0.5ns\n"
						"  merge: 120 ps\n"
						"  tlb_flush: 1.5 us\n"
						"  slow_path: 1000 ms\n"
						"  zone: 0.50000000 us\n"
						"  wait: 0\n");

	cr_assert_str_eq(t.name, "mine");
	cr_assert_eq(t.price[KMR_STEP_PCP_ALLOC], 94000u);
	cr_assert_eq(t.price[KMR_STEP_SPLIT], 500u);
	cr_assert_eq(t.price[KMR_STEP_MERGE], 120u);
	cr_assert_eq(t.price[KMR_STEP_TLB_FLUSH], 1500000u);
	cr_assert_eq(t.price[KMR_STEP_SLOW_PATH], KMR_MAX_PRICE);
	cr_assert_eq(t.price[KMR_STEP_ZONE], 500000u);
	cr_assert_eq(t.price[KMR_STEP_WAIT], 0u);
	cr_assert_eq(t.price[KMR_STEP_PAGE_ALLOC], d.price[KMR_STEP_PAGE_ALLOC]);
	cr_assert_str_eq(changed("steps: {zone: 1 ns}").name, "");
}

Test(cost, messages)
{
	refuse("steps:\n  pcp_aloc: 1 ns\n",
	       "c.yaml:2:3: there is no step 'pcp_aloc'; did you mean 'pcp_alloc'?");
	refuse("name: x\n", "c.yaml:1:1: a cost table lacks the key 'steps'");
	refuse("steps: 5\n", "c.yaml:1:8: steps: takes a map of steps and their prices, such as "
			     "'pcp_alloc: 30 ns'");
	refuse("steps:\n  zone: 5\n", "c.yaml:2:9: zone: '5' is no price: a number with its unit, "
				      "such as 94 ns, 0.5 ns or 120 ps");
	refuse("steps:\n  zone: -5 ns\n",
	       "c.yaml:2:9: zone: '-5 ns' is no price: a number with its unit, such as 94 ns, "
	       "0.5 ns or 120 ps");
	refuse("steps:\n  zone: 5 s\n", "c.yaml:2:9: zone: '5 s' is no price: a number with its "
					"unit, such as 94 ns, 0.5 ns or 120 ps");
	refuse("steps:\n  zone: 5. ns\n",
	       "c.yaml:2:9: zone: '5. ns' is no price: a number with its unit, such as 94 ns, "
	       "0.5 ns or 120 ps");
	refuse("steps:\n  zone: 0.5 ps\n",
	       "c.yaml:2:9: zone: '0.5 ps' is no whole number of picoseconds");
	refuse("steps:\n  zone: 1001 ms\n",
	       "c.yaml:2:9: zone: '1001 ms' is too large: at most 1000 ms");
	refuse("steps:\n  zone: 99999999999999999999 ps\n",
	       "c.yaml:2:9: zone: '99999999999999999999 ps' is too large: at most 1000 ms");
	refuse("steps:\n  zone: [1 ns]\n", "c.yaml:2:9: zone: found a list or a map, takes a price "
					   "such as 94 ns, 0.5 ns or 120 ps");
	refuse_as("steps: {zone: 1 ns}\n", true, "c.yaml:1:8: steps: 'page_alloc' is missing");
}

Test(cost, sums_that_do_not_fit_are_the_largest)
{
	struct kmr_cost_table t = shipped();

	t.price[KMR_STEP_ZONE] = 1000;
	cr_assert_eq(price(&t, KMR_STEP_ZONE, UINT64_MAX / 1000), UINT64_MAX / 1000 * 1000);
	cr_assert_eq(price(&t, KMR_STEP_ZONE, UINT64_MAX / 1000 + 1), UINT64_MAX);
}

/* A price printed and read again is the same. */
Test(cost, prices_as_text)
{
	static const struct {
		uint64_t ps;
		const char *text;
	} prices[] = {
		{ 0, "0 ps" },
		{ 1, "1 ps" },
		{ 99, "99 ps" },
		{ 120, "0.12 ns" },
		{ 500, "0.5 ns" },
		{ 3854, "3.854 ns" },
		{ 94000, "94 ns" },
		{ 299000, "299 ns" },
		{ 1500000, "1.5 us" },
		{ 6000000, "6 us" },
		{ 1234567, "1234.567 ns" },
		{ KMR_MAX_PRICE, "1000 ms" },
	};
	char buf[32], file[64];

	for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++) {
		cr_assert_str_eq(kmr_price_text(prices[i].ps, buf, sizeof(buf)), prices[i].text);
		(void)snprintf(file, sizeof(file), "steps: {zone: %s}", buf);
		cr_assert_eq(changed(file).price[KMR_STEP_ZONE], prices[i].ps, "%s", buf);
	}
}
