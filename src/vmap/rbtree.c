// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernels before 5.2: one tree of areas, those freed and not yet purged among them.  A request goes
 * to the first gap from where the last one ended, if nothing says that it may find room below that;
 * else the first gap of its range.  mm/vmalloc.c of 4.19: alloc_vmap_area(), __free_vmap_area(),
 * __purge_vmap_area_lazy().
 */
#include <inttypes.h>

#include "vmap/vmap.h"

/* A search: where it has come to. */
struct search {
	uint64_t addr; /* the lowest address still possible */
	uint32_t next; /* the area above it; 0: none */
	bool over; /* beyond the last address */
};

static void move_to(const struct kmr_vmap_backend *b, struct search *s, uint64_t addr,
		    const struct vmap_want *want)
{
	/* a word of the kernel's: beyond its end it begins again */
	s->addr = kmr_vmap_align(addr, want->align) & b->space_end;
	s->over = s->addr + want->size < s->addr || s->addr + want->size > b->space_end;
}

static void from_beginning(struct kmr_vmap_backend *b, struct search *s,
			   const struct vmap_want *want)
{
	b->cache.hole = 0;
	b->cache.area = 0;
	b->work.restarts++;
	move_to(b, s, want->start, want);
	s->next = kmr_vmap_tree_ends_from(&b->busy, s->addr);
}

/* Room may have to be looked for below where the last search ended. */
static bool cache_is_of_use(const struct vmap_cache *c, const struct vmap_want *want)
{
	return c->area && want->size >= c->hole && want->start >= c->start &&
	       want->align >= c->align;
}

static void begin(struct kmr_vmap_backend *b, struct search *s, const struct vmap_want *want)
{
	const bool use = cache_is_of_use(&b->cache, want);

	b->cache.start = want->start;
	b->cache.align = want->align;
	if (use) {
		s->next = b->cache.area;
		move_to(b, s, kmr_vmap_area(b, s->next)->end, want);
		if (s->addr >= want->start)
			return;
	}
	from_beginning(b, s, want);
}

/* Area by area until one leaves room before it. */
static uint64_t search(struct kmr_vmap_backend *b, const struct vmap_want *want)
{
	struct search s;

	begin(b, &s, want);
	while (s.next && !s.over && s.addr + want->size <= want->end) {
		const struct vmap_area *a = kmr_vmap_area(b, s.next);

		b->work.steps++;
		if (s.addr + want->size <= a->start)
			break;
		if (s.addr + b->cache.hole < a->start)
			b->cache.hole = a->start - s.addr;
		s.next = a->next;
		move_to(b, &s, a->end, want);
	}
	if (s.over || s.addr + want->size > want->end || s.addr < want->start)
		return KMR_NO_ADDR;
	return s.addr;
}

static uint32_t take(struct kmr_vmap_backend *b, const struct vmap_want *want)
{
	const uint32_t n = kmr_vmap_area_new(b, want);
	uint64_t addr;

	if (!n)
		return 0;
	b->cache_before = b->cache;
	addr = search(b, want);
	if (addr == KMR_NO_ADDR) {
		b->work.forced_purges++;
		kmr_vmap_purge_all(b);
		/* the area that was cached before may be gone */
		b->cache_before = b->cache;
		addr = search(b, want);
	}
	if (addr == KMR_NO_ADDR) {
		kmr_vmap_area_free(b, n, want->cpu);
		return 0;
	}
	kmr_vmap_area(b, n)->start = addr;
	kmr_vmap_area(b, n)->end = addr + want->size;
	(void)kmr_vmap_tree_insert(&b->busy, n);
	b->cache.area = n;
	return n;
}

static void untake(struct kmr_vmap_backend *b, uint32_t area)
{
	kmr_vmap_tree_erase(&b->busy, area);
	kmr_vmap_area_free(b, area, 0);
	b->cache = b->cache_before;
}

static uint32_t take_at(struct kmr_vmap_backend *b, const struct vmap_want *want, uint64_t start)
{
	const uint32_t n = kmr_vmap_area_new(b, want);
	struct vmap_area *a;

	if (!n)
		return 0;
	a = kmr_vmap_area(b, n);
	a->start = start;
	a->end = start + want->size;
	if (kmr_vmap_tree_insert(&b->busy, n)) {
		kmr_vmap_area_free(b, n, want->cpu);
		return 0;
	}
	b->cache = (struct vmap_cache){ n, 0, want->start, want->align };
	return n;
}

static void give(struct kmr_vmap_backend *b, uint32_t area, unsigned int cpu)
{
	struct vmap_area *a = kmr_vmap_area(b, area);

	(void)cpu;
	a->lazy = true;
	a->pages = b->lazy.first;
	b->lazy.first = area;
	b->lazy.count++;
}

/* __free_vmap_area(): a gap below the cached area is where the next search may begin */
static void remove_area(struct kmr_vmap_backend *b, uint32_t area)
{
	struct vmap_cache *c = &b->cache;
	const struct vmap_area *a = kmr_vmap_area(b, area);

	if (c->area && a->end < c->start)
		c->area = 0;
	else if (c->area && a->start <= kmr_vmap_area(b, c->area)->start)
		c->area = a->prev;
	kmr_vmap_tree_erase(&b->busy, area);
	kmr_vmap_area_free(b, area, 0);
}

static bool purge(struct kmr_vmap_backend *b, bool full)
{
	uint32_t n = b->lazy.first, next;

	(void)full;
	if (!n)
		return false;
	b->work.purges++;
	b->work.flushes++;
	b->lazy = (struct vmap_list){ 0, 0, 0 };
	for (; n; n = next) {
		const uint64_t pages = kmr_vmap_pages(b, kmr_vmap_area(b, n));

		next = kmr_vmap_area(b, n)->pages;
		b->lazy_pages -= pages;
		b->work.purged_areas++;
		b->work.purged_pages += pages;
		remove_area(b, n);
	}
	return true;
}

static int reserve(struct kmr_vmap_backend *b, uint32_t area)
{
	return kmr_vmap_tree_insert(&b->busy, area);
}

static void holes(const struct kmr_vmap_backend *b,
		  void (*fn)(void *ctx, uint64_t start, uint64_t end), void *ctx)
{
	uint64_t end = 0;

	for (uint32_t n = b->busy.first; n; n = kmr_vmap_area(b, n)->next) {
		const struct vmap_area *a = kmr_vmap_area(b, n);

		if (end < a->start)
			fn(ctx, end, a->start);
		end = a->end;
	}
	if (end < b->space_end)
		fn(ctx, end, b->space_end);
}

static uint32_t lazy_areas(const struct kmr_vmap_backend *b)
{
	return b->lazy.count;
}

static int check(const struct kmr_vmap_backend *b, struct kmr_error *err)
{
	uint32_t lazy = 0, listed = 0;
	uint64_t pages = 0;

	if (kmr_vmap_tree_check(&b->busy, "busy", err))
		return -1;
	for (uint32_t n = b->busy.first; n; n = kmr_vmap_area(b, n)->next) {
		const struct vmap_area *a = kmr_vmap_area(b, n);

		lazy += a->lazy;
		pages += a->lazy ? kmr_vmap_pages(b, a) : 0;
	}
	for (uint32_t n = b->lazy.first; n && listed <= lazy; n = kmr_vmap_area(b, n)->pages)
		listed++;
	if (lazy != listed || lazy != b->lazy.count || pages != b->lazy_pages)
		return kmr_fail(err,
				"vmap: %" PRIu32 " areas of %" PRIu64
				" pages were freed and wait, noted are %" PRIu32 " of %" PRIu64,
				lazy, pages, b->lazy.count, b->lazy_pages);
	if (b->cache.area &&
	    kmr_vmap_tree_find(&b->busy, kmr_vmap_area(b, b->cache.area)->start) != b->cache.area)
		return kmr_fail(err, "vmap: the area where the last search ended is gone");
	return 0;
}

static const struct vmap_model model = {
	.take = take,
	.untake = untake,
	.take_at = take_at,
	.give = give,
	.reserve = reserve,
	.purge = purge,
	.holes = holes,
	.lazy_areas = lazy_areas,
	.check = check,
};

static const struct kmr_param params[] = {
	{ "lazy_max",
	  "pages freed before they are purged; 0: 32 MiB for each bit of the number of CPUs",
	  KMR_PARAM_UINT, 0, 0, 0, UINT32_MAX },
	{ "block_order", "order of the per-CPU blocks of small maps; 0: the kernel's rule",
	  KMR_PARAM_UINT, 0, 0, 0, 10 },
};

static struct kmr_vmap_backend *create(const struct kmr_vmap_config *config, const uint64_t *values,
				       struct kmr_error *err)
{
	struct kmr_vmap_config old = *config;

	/* whatever kernel was traced, this is an older one's */
	if (old.version > 501)
		old.version = 501;
	return kmr_vmap_create(&old, &model, values, err);
}

const struct kmr_vmap_ops kmr_vmap_rbtree = {
	.name = "rbtree",
	.description =
		"Linux before 5.2: the first gap from a cached area on, in a tree of all areas",
	.params = params,
	.nr_params = sizeof(params) / sizeof(params[0]),
	.create = create,
	KMR_VMAP_COMMON_OPS,
};
