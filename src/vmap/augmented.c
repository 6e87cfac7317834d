// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernels since 5.2: holes are in a tree of their own, each with the largest hole of its subtree, and
 * a request gets the lowest one that it fits into.  What is freed gathers in a tree by address until
 * it is purged.  mm/vmalloc.c: __alloc_vmap_area(), free_vmap_area_noflush(),
 * __purge_vmap_area_lazy().  Pools of areas, since 6.9: nodes.c.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "vmap/nodes.h"

/* Where @want would begin in the hole @a, looking from @from on; false: it does not fit. */
static bool fits(const struct vmap_area *a, const struct vmap_want *want, uint64_t from)
{
	const uint64_t first = a->start > from ? a->start : from;
	const uint64_t addr = kmr_vmap_align(first, want->align);

	/* 2^64 may be passed by a large size or alignment; in 32 bits the hole's end is in the way */
	if (addr + want->size < addr || addr < from)
		return false;
	return addr + want->size <= a->end;
}

/*
 * On the way back up from a subtree where nothing was found: the next hole to look at, with *@from
 * moved past what has been looked at.  *@found: it fits.  0: there is none.
 */
static uint32_t climb(struct kmr_vmap_backend *b, uint32_t n, const struct vmap_want *want,
		      uint64_t length, uint64_t *from, bool *found)
{
	while ((n = kmr_vmap_area(b, n)->parent)) {
		const struct vmap_area *a = kmr_vmap_area(b, n);

		b->work.steps++;
		*found = fits(a, want, *from);
		if (*found)
			return n;
		if (kmr_vmap_subtree_max(&b->areas, a->right) >= length && *from <= a->start) {
			*from = a->start + 1;
			return a->right;
		}
	}
	return 0;
}

/* find_vmap_lowest_match(); @length: with what alignment may cost at most */
static uint32_t lowest_match(struct kmr_vmap_backend *b, const struct vmap_want *want,
			     uint64_t length)
{
	uint64_t from = want->start;
	uint32_t n = b->free.root;

	while (n) {
		const struct vmap_area *a = kmr_vmap_area(b, n);
		bool found = false;

		b->work.steps++;
		if (kmr_vmap_subtree_max(&b->areas, a->left) >= length && from < a->start) {
			n = a->left;
			continue;
		}
		if (fits(a, want, from))
			return n;
		if (kmr_vmap_subtree_max(&b->areas, a->right) >= length) {
			n = a->right;
			continue;
		}
		n = climb(b, n, want, length, &from, &found);
		if (found)
			return n;
	}
	return 0;
}

/* In the middle: what is below gets an area of its own.  -1: no memory. */
static int cut_middle(struct kmr_vmap_backend *b, uint32_t hole, uint64_t start, uint64_t end,
		      const struct vmap_want *want)
{
	uint32_t low = b->preload[want->cpu];
	struct vmap_area *a;

	b->preload[want->cpu] = 0;
	if (!low)
		low = kmr_vmap_area_new(b, want);
	if (!low)
		return -1;
	a = kmr_vmap_area(b, hole);
	kmr_vmap_area(b, low)->start = a->start;
	kmr_vmap_area(b, low)->end = start;
	a->start = end;
	kmr_vmap_tree_resized(&b->free, hole);
	(void)kmr_vmap_tree_insert(&b->free, low);
	b->work.fit_none++;
	return 0;
}

/* Takes [start, end) out of the hole it lies in: adjust_va_to_fit_type().  -1: no memory. */
static int clip(struct kmr_vmap_backend *b, uint32_t hole, uint64_t start, uint64_t end,
		const struct vmap_want *want)
{
	struct vmap_area *a = kmr_vmap_area(b, hole);

	if (a->start == start && a->end == end) {
		kmr_vmap_tree_erase(&b->free, hole);
		kmr_vmap_area_free(b, hole, want->cpu);
		b->work.fit_full++;
		return 0;
	}
	if (a->start == start) {
		a->start = end;
		b->work.fit_left++;
	} else if (a->end == end) {
		a->end = start;
		b->work.fit_right++;
	} else {
		return cut_middle(b, hole, start, end, want);
	}
	kmr_vmap_tree_resized(&b->free, hole);
	return 0;
}

/* __alloc_vmap_area(): where @want begins from now on; KMR_NO_ADDR: nowhere. */
static uint64_t cut_lowest(struct kmr_vmap_backend *b, const struct vmap_want *want)
{
	/* a range of just that size can have no room for alignment */
	const bool exact = want->align <= b->page_bytes || want->end - want->start == want->size;
	const uint64_t length = exact ? want->size : want->size + want->align - 1;
	const uint32_t hole = lowest_match(b, want, length);
	uint64_t start;

	if (!hole)
		return KMR_NO_ADDR;
	start = kmr_vmap_area(b, hole)->start;
	start = kmr_vmap_align(start > want->start ? start : want->start, want->align);
	if (start + want->size > want->end || clip(b, hole, start, start + want->size, want))
		return KMR_NO_ADDR;
	return start;
}

/* preload_this_cpu_lock(): so that a cut in the middle needs no memory while the lock is held */
static void preload(struct kmr_vmap_backend *b, const struct vmap_want *want)
{
	if (!b->preload[want->cpu])
		b->preload[want->cpu] = kmr_vmap_area_new(b, want);
}

static uint64_t find_addresses(struct kmr_vmap_backend *b, const struct vmap_want *want)
{
	uint64_t start;

	preload(b, want);
	start = cut_lowest(b, want);
	if (start != KMR_NO_ADDR)
		return start;
	b->work.forced_purges++;
	kmr_vmap_purge_all(b);
	preload(b, want);
	return cut_lowest(b, want);
}

static uint32_t take(struct kmr_vmap_backend *b, const struct vmap_want *want)
{
	const unsigned int pool_of = kmr_vmap_pool_of(b, want);
	uint32_t n = pool_of ? kmr_vmap_pool_take(b, pool_of, want) : 0;
	uint64_t start;

	b->from_pool = n != 0;
	if (!n) {
		n = kmr_vmap_area_new(b, want);
		if (!n)
			return 0;
		start = find_addresses(b, want);
		if (start == KMR_NO_ADDR) {
			kmr_vmap_area_free(b, n, want->cpu);
			return 0;
		}
		kmr_vmap_area(b, n)->start = start;
		kmr_vmap_area(b, n)->end = start + want->size;
	}
	kmr_vmap_area(b, n)->pool_of = (uint8_t)pool_of;
	(void)kmr_vmap_tree_insert(&b->busy, n);
	return n;
}

void kmr_vmap_merge(struct kmr_vmap_backend *b, struct vmap_tree *t, uint32_t area)
{
	uint32_t spare[2];

	(void)kmr_vmap_tree_merge(t, area, spare);
	for (unsigned int i = 0; i < 2; i++)
		if (spare[i])
			kmr_vmap_area_free(b, spare[i], 0);
}

/* Pages are counted by the caller. */
static void give(struct kmr_vmap_backend *b, uint32_t area, unsigned int cpu)
{
	struct vmap_node *node = kmr_vmap_node_of(b, kmr_vmap_area(b, area));

	(void)cpu;
	kmr_vmap_tree_erase(&b->busy, area);
	/* an area that may go to a pool keeps its size */
	if (b->rules->pools || b->nr_nodes > 1)
		(void)kmr_vmap_tree_insert(&node->lazy, area);
	else
		kmr_vmap_merge(b, &node->lazy, area);
}

static bool purge(struct kmr_vmap_backend *b, bool full)
{
	const uint64_t areas = b->work.purged_areas;
	bool any = false;

	for (unsigned int i = 0; i < b->nr_nodes; i++) {
		b->nodes[i].skip_pools = full;
		kmr_vmap_pools_decay(b, &b->nodes[i], full);
		any |= b->nodes[i].lazy.count != 0;
	}
	if (!any)
		return false;
	b->work.purges++;
	b->work.flushes++;
	for (unsigned int i = 0; i < b->nr_nodes; i++)
		kmr_vmap_node_purge(b, &b->nodes[i]);
	return b->work.purged_areas != areas;
}

static void shrink(struct kmr_vmap_backend *b)
{
	for (unsigned int i = 0; i < b->nr_nodes; i++)
		kmr_vmap_pools_decay(b, &b->nodes[i], true);
}

static void untake(struct kmr_vmap_backend *b, uint32_t area)
{
	kmr_vmap_tree_erase(&b->busy, area);
	kmr_vmap_area(b, area)->kind = VMAP_FREE;
	if (b->from_pool)
		kmr_vmap_pool_put(b, area);
	else
		kmr_vmap_merge(b, &b->free, area);
}

/* Out of the hole it lies in; -1: it does not lie in one, or no memory. */
static int cut_at(struct kmr_vmap_backend *b, const struct vmap_want *want, uint64_t start)
{
	const uint32_t hole = kmr_vmap_tree_find(&b->free, start);

	if (!hole || kmr_vmap_area(b, hole)->end - start < want->size)
		return -1;
	return clip(b, hole, start, start + want->size, want);
}

static uint32_t take_at(struct kmr_vmap_backend *b, const struct vmap_want *want, uint64_t start)
{
	uint32_t n = kmr_vmap_pool_take_at(b, want, start);

	if (!n) {
		n = kmr_vmap_area_new(b, want);
		if (n && cut_at(b, want, start)) {
			kmr_vmap_area_free(b, n, want->cpu);
			n = 0;
		}
	}
	if (!n)
		return 0;
	kmr_vmap_area(b, n)->start = start;
	kmr_vmap_area(b, n)->end = start + want->size;
	kmr_vmap_area(b, n)->pool_of = (uint8_t)kmr_vmap_pool_of(b, want);
	(void)kmr_vmap_tree_insert(&b->busy, n);
	return n;
}

static int reserve(struct kmr_vmap_backend *b, uint32_t area)
{
	const struct vmap_area *a = kmr_vmap_area(b, area);
	const struct vmap_want want = { .size = kmr_vmap_size(a), .bare = true };

	if (cut_at(b, &want, a->start))
		return -1;
	return kmr_vmap_tree_insert(&b->busy, area);
}

static void holes(const struct kmr_vmap_backend *b,
		  void (*fn)(void *ctx, uint64_t start, uint64_t end), void *ctx)
{
	for (uint32_t n = b->free.first; n; n = kmr_vmap_area(b, n)->next)
		fn(ctx, kmr_vmap_area(b, n)->start, kmr_vmap_area(b, n)->end);
}

static int check_free(const struct kmr_vmap_backend *b, uint64_t *bytes, struct kmr_error *err)
{
	const struct vmap_area *prev = NULL, *a;

	if (kmr_vmap_tree_check(&b->free, "free", err))
		return -1;
	for (uint32_t n = b->free.first; n; n = a->next, prev = a) {
		a = kmr_vmap_area(b, n);
		*bytes += kmr_vmap_size(a);
		if (prev && prev->end == a->start)
			return kmr_fail(err,
					"vmap: holes 0x%" PRIx64 " and 0x%" PRIx64
					" touch and are two",
					prev->start, a->start);
	}
	return 0;
}

/* Every address is in use, freed and waiting, in a pool, or in a hole; and in one of these only. */
static int check(const struct kmr_vmap_backend *b, struct kmr_error *err)
{
	uint64_t bytes = 0, lazy_pages = 0;

	if (kmr_vmap_tree_check(&b->busy, "busy", err) || check_free(b, &bytes, err) ||
	    kmr_vmap_pools_check(b, &bytes, err))
		return -1;
	for (uint32_t n = b->busy.first; n; n = kmr_vmap_area(b, n)->next) {
		bytes += kmr_vmap_size(kmr_vmap_area(b, n));
		if (kmr_vmap_tree_find(&b->free, kmr_vmap_area(b, n)->start))
			return kmr_fail(err, "vmap: area 0x%" PRIx64 " is in use and free",
					kmr_vmap_area(b, n)->start);
	}
	for (unsigned int i = 0; i < b->nr_nodes; i++) {
		const struct vmap_tree *lazy = &b->nodes[i].lazy;

		if (kmr_vmap_tree_check(lazy, "lazy", err))
			return -1;
		for (uint32_t n = lazy->first; n; n = kmr_vmap_area(b, n)->next) {
			bytes += kmr_vmap_size(kmr_vmap_area(b, n));
			lazy_pages += kmr_vmap_pages(b, kmr_vmap_area(b, n));
		}
	}
	if (lazy_pages != b->lazy_pages)
		return kmr_fail(err,
				"vmap: %" PRIu64 " pages were freed and wait, noted are %" PRIu64,
				lazy_pages, b->lazy_pages);
	/* page 0 is no one's but for its first byte: vmap_init_free_space() */
	if (bytes != b->space_end - 1)
		return kmr_fail(err,
				"vmap: areas and holes are 0x%" PRIx64
				" bytes together, not 0x%" PRIx64,
				bytes, b->space_end - 1);
	return 0;
}

static uint32_t lazy_areas(const struct kmr_vmap_backend *b)
{
	uint32_t nr = 0;

	for (unsigned int i = 0; i < b->nr_nodes; i++)
		nr += b->nodes[i].lazy.count;
	return nr;
}

static const struct vmap_model model = {
	.take = take,
	.untake = untake,
	.take_at = take_at,
	.give = give,
	.reserve = reserve,
	.purge = purge,
	.shrink = shrink,
	.holes = holes,
	.lazy_areas = lazy_areas,
	.check = check,
};

enum {
	LAZY_MAX,
	BLOCK_ORDER,
	NODES,
	VERSION
};

static const struct kmr_param params[] = {
	[LAZY_MAX] = { "lazy_max",
		       "pages freed before they are purged; 0: 32 MiB for each bit of the "
		       "number of CPUs",
		       KMR_PARAM_UINT, 0, 0, 0, UINT32_MAX },
	[BLOCK_ORDER] = { "block_order",
			  "order of the per-CPU blocks of small maps; 0: the kernel's "
			  "rule",
			  KMR_PARAM_UINT, 0, 0, 0, 10 },
	[NODES] = { "nodes",
		    "nodes with pools of freed areas; 0: one a CPU since 6.9 in 64 bits, else 1",
		    KMR_PARAM_UINT, 0, 0, 0, VMAP_MAX_NODES },
	[VERSION] = { "version",
		      "whose rules, 612 for 6.12; 0: the traced kernel's, as far as that is known",
		      KMR_PARAM_UINT, 0, 0, 0, 9999 },
};

/* vmap_init_nodes() */
static unsigned int nr_nodes(const struct kmr_vmap_backend *b, const uint64_t *values)
{
	const unsigned int cpus = b->c.machine->nr_cpus;

	if (values && values[NODES])
		return (unsigned int)values[NODES];
	if (!b->rules->pools || b->space.pointer_bytes != 8)
		return 1;
	return cpus < VMAP_MAX_NODES ? cpus : VMAP_MAX_NODES;
}

static int init(struct kmr_vmap_backend *b, const uint64_t *values)
{
	const struct vmap_want want = { .bare = true };
	uint32_t all;

	b->nr_nodes = nr_nodes(b, values);
	b->nodes = calloc(b->nr_nodes, sizeof(*b->nodes));
	b->preload = calloc(b->c.machine->nr_cpus, sizeof(*b->preload));
	all = kmr_vmap_area_new(b, &want);
	if (!b->nodes || !b->preload || !all)
		return -1;
	for (unsigned int i = 0; i < b->nr_nodes; i++)
		b->nodes[i].lazy.areas = &b->areas;
	/* vmap_init_free_space(): all addresses there are, whatever range requests will name */
	kmr_vmap_area(b, all)->start = 1;
	kmr_vmap_area(b, all)->end = b->space_end;
	return kmr_vmap_tree_insert(&b->free, all);
}

static struct kmr_vmap_backend *create(const struct kmr_vmap_config *config, const uint64_t *values,
				       struct kmr_error *err)
{
	struct kmr_vmap_config told = *config;
	struct kmr_vmap_backend *b;

	if (values && values[VERSION])
		told.version = (unsigned int)values[VERSION];
	b = kmr_vmap_create(&told, &model, values, err);
	if (!b || !init(b, values))
		return b;
	kmr_vmap_destroy(b);
	(void)kmr_fail_nomem(err, "a vmap backend");
	return NULL;
}

const struct kmr_vmap_ops kmr_vmap_augmented = {
	.name = "augmented",
	.description =
		"Linux 5.2 to 6.12: the lowest hole that fits, found by the largest below each",
	.params = params,
	.nr_params = sizeof(params) / sizeof(params[0]),
	.create = create,
	KMR_VMAP_COMMON_OPS,
};
