// SPDX-License-Identifier: GPL-2.0-only
/* The trees of area.h: where an area goes, balance, and the largest area of each subtree. */
#include "vmap/area.h"

#include <inttypes.h>

static inline struct vmap_area *at(const struct vmap_tree *t, uint32_t n)
{
	return kmr_vmap_at(t->areas, n);
}

static bool is_red(const struct vmap_tree *t, uint32_t n)
{
	return n && at(t, n)->red;
}

uint32_t kmr_vmap_tree_find(const struct vmap_tree *t, uint64_t addr)
{
	uint32_t n = t->root;

	while (n) {
		const struct vmap_area *a = at(t, n);

		if (addr < a->start)
			n = a->left;
		else if (addr >= a->end)
			n = a->right;
		else
			break;
	}
	return n;
}

uint32_t kmr_vmap_tree_ends_from(const struct vmap_tree *t, uint64_t addr)
{
	uint32_t n = t->root, found = 0;

	while (n) {
		const struct vmap_area *a = at(t, n);

		if (a->end < addr) {
			n = a->right;
			continue;
		}
		found = n;
		if (a->start <= addr)
			break;
		n = a->left;
	}
	return found;
}

static uint64_t computed_max(const struct vmap_tree *t, uint32_t n)
{
	const struct vmap_area *a = at(t, n);
	const uint64_t left = kmr_vmap_subtree_max(t->areas, a->left);
	const uint64_t right = kmr_vmap_subtree_max(t->areas, a->right);
	uint64_t max = kmr_vmap_size(a);

	max = left > max ? left : max;
	return right > max ? right : max;
}

void kmr_vmap_tree_resized(const struct vmap_tree *t, uint32_t n)
{
	for (; n; n = at(t, n)->parent) {
		const uint64_t max = computed_max(t, n);

		if (at(t, n)->subtree_max == max)
			break;
		at(t, n)->subtree_max = max;
	}
}

/* All the way up: what is on it has other children now. */
static void recompute(const struct vmap_tree *t, uint32_t n)
{
	for (; t->augmented && n; n = at(t, n)->parent)
		at(t, n)->subtree_max = computed_max(t, n);
}

/* @to takes the place of @from below the parent of @from. */
static void replace_child(struct vmap_tree *t, uint32_t from, uint32_t to)
{
	const uint32_t parent = at(t, from)->parent;

	if (!parent)
		t->root = to;
	else if (at(t, parent)->left == from)
		at(t, parent)->left = to;
	else
		at(t, parent)->right = to;
	if (to)
		at(t, to)->parent = parent;
}

/* The right child comes up (@left) or the left one; it has what its subtree had. */
static void rotate(struct vmap_tree *t, uint32_t n, bool left)
{
	struct vmap_area *a = at(t, n);
	const uint32_t up = left ? a->right : a->left;
	struct vmap_area *b = at(t, up);
	const uint32_t inner = left ? b->left : b->right;

	replace_child(t, n, up);
	if (left) {
		a->right = inner;
		b->left = n;
	} else {
		a->left = inner;
		b->right = n;
	}
	if (inner)
		at(t, inner)->parent = n;
	a->parent = up;
	if (t->augmented) {
		b->subtree_max = a->subtree_max;
		a->subtree_max = computed_max(t, n);
	}
}

static void balance_insertion(struct vmap_tree *t, uint32_t n)
{
	while (is_red(t, at(t, n)->parent)) {
		uint32_t parent = at(t, n)->parent;
		const uint32_t grand = at(t, parent)->parent;
		const bool left = at(t, grand)->left == parent;
		const uint32_t uncle = left ? at(t, grand)->right : at(t, grand)->left;

		if (is_red(t, uncle)) {
			at(t, parent)->red = false;
			at(t, uncle)->red = false;
			at(t, grand)->red = true;
			n = grand;
			continue;
		}
		if (n == (left ? at(t, parent)->right : at(t, parent)->left)) {
			rotate(t, parent, left);
			parent = n;
		}
		at(t, parent)->red = false;
		at(t, grand)->red = true;
		rotate(t, grand, !left);
		break;
	}
	at(t, t->root)->red = false;
}

/* Where an area goes: below @parent, on its left or right side. */
struct place {
	uint32_t parent;
	bool left;
};

static int find_place(const struct vmap_tree *t, const struct vmap_area *a, struct place *p)
{
	uint32_t n = t->root;

	*p = (struct place){ 0, false };
	while (n) {
		const struct vmap_area *b = at(t, n);

		p->parent = n;
		p->left = a->end <= b->start;
		if (!p->left && a->start < b->end)
			return -1;
		n = p->left ? b->left : b->right;
	}
	return 0;
}

static uint32_t place_next(const struct vmap_tree *t, const struct place *p)
{
	if (!p->parent)
		return 0;
	return p->left ? p->parent : at(t, p->parent)->next;
}

static uint32_t place_prev(const struct vmap_tree *t, const struct place *p)
{
	if (!p->parent)
		return 0;
	return p->left ? at(t, p->parent)->prev : p->parent;
}

static void link_at(struct vmap_tree *t, uint32_t n, const struct place *p)
{
	struct vmap_area *a = at(t, n);

	a->prev = place_prev(t, p);
	a->next = place_next(t, p);
	if (a->prev)
		at(t, a->prev)->next = n;
	else
		t->first = n;
	if (a->next)
		at(t, a->next)->prev = n;
	else
		t->last = n;
	a->parent = p->parent;
	a->left = a->right = 0;
	a->red = true;
	a->subtree_max = 0;
	if (!p->parent)
		t->root = n;
	else if (p->left)
		at(t, p->parent)->left = n;
	else
		at(t, p->parent)->right = n;
	t->count++;
	if (t->augmented)
		kmr_vmap_tree_resized(t, n);
	balance_insertion(t, n);
}

int kmr_vmap_tree_insert(struct vmap_tree *t, uint32_t n)
{
	struct place p;

	if (find_place(t, at(t, n), &p))
		return -1;
	link_at(t, n, &p);
	return 0;
}

/* The side of @n (0: no longer there) below @parent is a black node short. */
static void balance_erasure(struct vmap_tree *t, uint32_t n, uint32_t parent)
{
	while (parent && !is_red(t, n)) {
		const bool left = at(t, parent)->left == n;
		uint32_t sibling = left ? at(t, parent)->right : at(t, parent)->left;
		uint32_t inner, outer;

		if (is_red(t, sibling)) {
			at(t, sibling)->red = false;
			at(t, parent)->red = true;
			rotate(t, parent, left);
			sibling = left ? at(t, parent)->right : at(t, parent)->left;
		}
		inner = left ? at(t, sibling)->left : at(t, sibling)->right;
		outer = left ? at(t, sibling)->right : at(t, sibling)->left;
		if (!is_red(t, inner) && !is_red(t, outer)) {
			at(t, sibling)->red = true;
			n = parent;
			parent = at(t, n)->parent;
			continue;
		}
		if (!is_red(t, outer)) {
			at(t, inner)->red = false;
			at(t, sibling)->red = true;
			rotate(t, sibling, !left);
			sibling = inner;
			outer = left ? at(t, sibling)->right : at(t, sibling)->left;
		}
		at(t, sibling)->red = at(t, parent)->red;
		at(t, parent)->red = false;
		at(t, outer)->red = false;
		rotate(t, parent, left);
		n = t->root;
		break;
	}
	if (n)
		at(t, n)->red = false;
}

/* Both children are there: the next area by address takes its place.  Sets what is short of a node. */
static void replace_by_next(struct vmap_tree *t, uint32_t n, uint32_t *child, uint32_t *parent)
{
	const uint32_t next = at(t, n)->next;
	struct vmap_area *a = at(t, n), *b = at(t, next);

	*child = b->right;
	if (b->parent == n) {
		*parent = next;
	} else {
		*parent = b->parent;
		replace_child(t, next, *child);
		b->right = a->right;
		at(t, b->right)->parent = next;
	}
	replace_child(t, n, next);
	b->left = a->left;
	at(t, b->left)->parent = next;
}

void kmr_vmap_tree_erase(struct vmap_tree *t, uint32_t n)
{
	struct vmap_area *a = at(t, n);
	uint32_t child, parent;
	bool black;

	if (a->left && a->right) {
		struct vmap_area *b = at(t, a->next);

		black = !b->red;
		replace_by_next(t, n, &child, &parent);
		b->red = a->red;
	} else {
		black = !a->red;
		child = a->left ? a->left : a->right;
		parent = a->parent;
		replace_child(t, n, child);
	}
	if (a->prev)
		at(t, a->prev)->next = a->next;
	else
		t->first = a->next;
	if (a->next)
		at(t, a->next)->prev = a->prev;
	else
		t->last = a->prev;
	t->count--;
	recompute(t, parent);
	if (black)
		balance_erasure(t, child, parent);
}

uint32_t kmr_vmap_tree_merge(struct vmap_tree *t, uint32_t n, uint32_t spare[2])
{
	struct vmap_area *a = at(t, n);
	uint32_t next, prev, into = 0;
	struct place p;

	spare[0] = spare[1] = 0;
	if (find_place(t, a, &p))
		return 0;
	next = place_next(t, &p);
	prev = place_prev(t, &p);
	if (next && at(t, next)->start == a->end) {
		at(t, next)->start = a->start;
		into = next;
		spare[0] = n;
	}
	if (prev && at(t, prev)->end == a->start) {
		/* the upper one goes first, or the lower's subtree would be made up with both in it */
		if (into) {
			kmr_vmap_tree_erase(t, into);
			spare[1] = into;
		}
		at(t, prev)->end = into ? at(t, into)->end : a->end;
		spare[0] = n;
		into = prev;
	}
	if (!into) {
		link_at(t, n, &p);
		into = n;
	}
	if (t->augmented)
		kmr_vmap_tree_resized(t, into);
	return into;
}

static int check_area(const struct vmap_tree *t, const char *name, uint32_t n, uint32_t prev,
		      struct kmr_error *err)
{
	const struct vmap_area *a = at(t, n);

	if (a->start >= a->end || (prev && at(t, prev)->end > a->start) || a->prev != prev)
		return kmr_fail(err,
				"vmap: area 0x%" PRIx64 "-0x%" PRIx64
				" is out of order in the %s tree",
				a->start, a->end, name);
	if ((a->left && at(t, a->left)->parent != n) || (a->right && at(t, a->right)->parent != n))
		return kmr_fail(err,
				"vmap: a child of area 0x%" PRIx64 " in the %s tree has "
				"another parent",
				a->start, name);
	if (a->red && (is_red(t, a->left) || is_red(t, a->right)))
		return kmr_fail(err, "vmap: red area 0x%" PRIx64 " in the %s tree has a red child",
				a->start, name);
	if (t->augmented && a->subtree_max != computed_max(t, n))
		return kmr_fail(err,
				"vmap: the largest below area 0x%" PRIx64
				" in the %s tree is %" PRIu64 " bytes, noted are %" PRIu64,
				a->start, name, computed_max(t, n), a->subtree_max);
	return 0;
}

/* Black nodes from @n to the root. */
static unsigned int black_height(const struct vmap_tree *t, uint32_t n)
{
	unsigned int height = 0;

	for (; n; n = at(t, n)->parent)
		height += !at(t, n)->red;
	return height;
}

int kmr_vmap_tree_check(const struct vmap_tree *t, const char *name, struct kmr_error *err)
{
	uint32_t prev = 0, count = 0;
	unsigned int height = 0;

	if (is_red(t, t->root))
		return kmr_fail(err, "vmap: the root of the %s tree is red", name);
	for (uint32_t n = t->first; n; prev = n, n = at(t, n)->next) {
		if (count++ > t->count)
			break;
		if (check_area(t, name, n, prev, err))
			return -1;
		if (kmr_vmap_tree_find(t, at(t, n)->start) != n)
			return kmr_fail(err, "vmap: area 0x%" PRIx64 " is not found in the %s tree",
					at(t, n)->start, name);
		if (at(t, n)->left && at(t, n)->right)
			continue;
		if (height && black_height(t, n) != height)
			return kmr_fail(err,
					"vmap: the %s tree is out of balance at area 0x%" PRIx64,
					name, at(t, n)->start);
		height = black_height(t, n);
	}
	if (count != t->count || prev != t->last)
		return kmr_fail(err, "vmap: the %s tree counts %" PRIu32 " areas, found %" PRIu32,
				name, t->count, count);
	return 0;
}
