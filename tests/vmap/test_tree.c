// SPDX-License-Identifier: GPL-2.0-only
/* Trees of areas by themselves: against an array of what should be in them, and damaged on purpose. */
#include "support.h"

#include "vmap/area.h"

#define SLOTS 300

static struct kmr_pool pool;
static struct vmap_tree tree;

static void set_up(bool augmented)
{
	kmr_pool_init(&pool, sizeof(struct vmap_area));
	tree = (struct vmap_tree){ .areas = &pool, .augmented = augmented };
}

static uint32_t area(uint64_t start, uint64_t end)
{
	const uint32_t n = kmr_pool_get(&pool);

	cr_assert_neq(n, 0);
	kmr_vmap_at(&pool, n)->start = start;
	kmr_vmap_at(&pool, n)->end = end;
	return n;
}

static void check(void)
{
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_vmap_tree_check(&tree, "test", &err), 0, "%s", err.msg);
}

static void insert_and_erase(bool augmented, uint64_t seed)
{
	uint32_t in[SLOTS] = { 0 }, count = 0;

	set_up(augmented);
	for (int i = 0; i < 20000; i++) {
		const uint32_t at = below(&seed, SLOTS);

		if (!in[at]) {
			/* of 10 to 19, with a gap */
			in[at] = area(at * 20 + 1, at * 20 + 11 + below(&seed, 9));
			cr_assert_eq(kmr_vmap_tree_insert(&tree, in[at]), 0);
			count++;
		} else {
			kmr_vmap_tree_erase(&tree, in[at]);
			kmr_pool_put(&pool, in[at]);
			in[at] = 0;
			count--;
		}
		cr_assert_eq(tree.count, count);
		if (i % 50 == 0)
			check();
		cr_assert_eq(kmr_vmap_tree_find(&tree, at * 20 + 5), in[at]);
		cr_assert_eq(kmr_vmap_tree_find(&tree, at * 20), 0);
	}
	kmr_pool_fini(&pool);
}

Test(tree, insert_and_erase)
{
	for (uint64_t seed = 1; seed < 5; seed++) {
		insert_and_erase(false, seed);
		insert_and_erase(true, seed);
	}
}

Test(tree, refuses_overlaps)
{
	uint32_t spare[2];

	set_up(true);
	cr_expect_eq(kmr_vmap_tree_insert(&tree, area(10, 20)), 0);
	cr_expect_eq(kmr_vmap_tree_insert(&tree, area(30, 40)), 0);
	cr_expect_eq(kmr_vmap_tree_insert(&tree, area(19, 21)), -1);
	cr_expect_eq(kmr_vmap_tree_insert(&tree, area(9, 11)), -1);
	cr_expect_eq(kmr_vmap_tree_insert(&tree, area(5, 50)), -1);
	cr_expect_eq(kmr_vmap_tree_merge(&tree, area(35, 36), spare), 0);
	cr_expect_eq(tree.count, 2);
	check();
	/* the first that ends there or above */
	cr_expect_eq(kmr_vmap_tree_ends_from(&tree, 0), 1);
	cr_expect_eq(kmr_vmap_tree_ends_from(&tree, 20), 1);
	cr_expect_eq(kmr_vmap_tree_ends_from(&tree, 21), 2);
	cr_expect_eq(kmr_vmap_tree_ends_from(&tree, 41), 0);
	kmr_pool_fini(&pool);
}

Test(tree, merges)
{
	uint32_t a, b, c, d, spare[2];

	set_up(true);
	a = area(10, 20);
	b = area(40, 50);
	c = area(20, 30);
	d = area(30, 40);
	cr_expect_eq(kmr_vmap_tree_merge(&tree, a, spare), a);
	cr_expect_eq(spare[0], 0);
	cr_expect_eq(kmr_vmap_tree_merge(&tree, b, spare), b);
	cr_expect_eq(kmr_vmap_tree_merge(&tree, c, spare), a, "the lower one grows");
	cr_expect_eq(spare[0], c);
	cr_expect_eq(spare[1], 0);
	check();
	cr_expect_eq(kmr_vmap_tree_merge(&tree, d, spare), a, "and joins both");
	cr_expect_eq(spare[0], d);
	cr_expect_eq(spare[1], b);
	check();
	cr_expect_eq(tree.count, 1);
	cr_expect_eq(kmr_vmap_at(&pool, a)->end, 50);
	cr_expect_eq(kmr_vmap_at(&pool, a)->subtree_max, 40);
	c = area(5, 10);
	cr_expect_eq(kmr_vmap_tree_merge(&tree, c, spare), a, "the upper one grows downwards");
	cr_expect_eq(kmr_vmap_at(&pool, a)->start, 5);
	check();
	kmr_pool_fini(&pool);
}

/* Fifteen areas; what @message says is made wrong, and right again. */
static void damaged(void *field, size_t size, uint64_t wrong, const char *message)
{
	struct kmr_error err = { "" };
	uint64_t right = 0;

	memcpy(&right, field, size);
	memcpy(field, &wrong, size);
	cr_expect_eq(kmr_vmap_tree_check(&tree, "test", &err), -1, "%s", message);
	cr_expect_str_eq(err.msg, message);
	memcpy(field, &right, size);
	check();
}

Test(tree, damage_is_found)
{
	struct vmap_area *a;

	set_up(true);
	for (uint64_t i = 0; i < 15; i++)
		cr_assert_eq(kmr_vmap_tree_insert(&tree, area(i * 16 + 16, i * 16 + 24)), 0);
	a = kmr_vmap_at(&pool, 1);
	check();
	damaged(&kmr_vmap_at(&pool, 2)->start, 8, 0x12,
		"vmap: area 0x12-0x28 is out of order in the test tree");
	damaged(&a->end, 8, 0x10, "vmap: area 0x10-0x10 is out of order in the test tree");
	damaged(&kmr_vmap_at(&pool, 2)->prev, 4, 7,
		"vmap: area 0x20-0x28 is out of order in the test tree");
	damaged(&a->parent, 4, 9, "vmap: a child of area 0x20 in the test tree has another parent");
	damaged(&a->subtree_max, 8, 9,
		"vmap: the largest below area 0x10 in the test tree is 8 bytes, noted are 9");
	damaged(&kmr_vmap_at(&pool, tree.root)->red, 1, 1,
		"vmap: the root of the test tree is red");
	damaged(&tree.count, 4, 16, "vmap: the test tree counts 16 areas, found 15");
	damaged(&tree.root, 4, 1, "vmap: area 0x20 is not found in the test tree");
	damaged(&a->red, 1, !a->red,
		a->red ? "vmap: the test tree is out of balance at area 0x20"
		       : "vmap: the test tree is out of balance at area 0x30");
	kmr_pool_fini(&pool);
}
