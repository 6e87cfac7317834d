// SPDX-License-Identifier: GPL-2.0-only
/* Making a backend, its own objects, and areas on their way in and out of use. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "kmreplay/gfp.h"
#include "vmap/vmap.h"

static const struct vmap_rules rules[] = {
	{ .since = 0 },
	{ .since = 513, .bulk = true },
	{ .since = 603, .bulk = true, .area_flags = true },
	{ .since = 605, .bulk = true, .area_flags = true, .keep_blocks = true },
	{ .since = 609, .bulk = true, .area_flags = true, .keep_blocks = true, .pools = true },
};

const struct vmap_rules *kmr_vmap_rules(unsigned int version)
{
	size_t i = ARRAY_SIZE(rules);

	while (rules[--i].since > version)
		;
	return &rules[i];
}

static unsigned int fls(unsigned int v)
{
	return v ? 32u - (unsigned int)__builtin_clz(v) : 0;
}

/* lazy_max_pages() */
static uint64_t lazy_max(const struct kmr_machine *m)
{
	return fls(m->nr_cpus) * ((UINT64_C(32) << 20) >> m->page_shift);
}

/*
 * VMAP_BBMAP_BITS: room for 16 blocks a CPU in what vmalloc's space is guessed to be, or @order; a
 * block has always more pages than a small map.
 */
static uint32_t block_pages(const struct kmr_vmap_backend *b, uint64_t order)
{
	const bool wide = b->space.pointer_bytes == 8;
	const uint64_t space = (wide ? UINT64_C(128) << 30 : UINT64_C(128) << 20) / b->page_bytes;
	const uint32_t cpus = wide ? b->c.machine->nr_cpus : b->space.build_cpus;
	const uint64_t rule = space / (UINT64_C(1) << fls(cpus - 1)) / 16;
	const uint64_t pages = order ? UINT64_C(1) << order : rule;
	const uint32_t least = b->max_ram_pages * 2;

	if (pages > VMAP_BLOCK_WORDS * 64)
		return VMAP_BLOCK_WORDS * 64;
	return pages > least ? (uint32_t)pages : least;
}

static uint64_t managed_pages(const struct kmr_machine *m)
{
	uint64_t pages = 0;

	for (unsigned int i = 0; i < m->nr_zones; i++)
		pages += m->zones[i].managed;
	return pages;
}

struct kmr_vmap_backend *kmr_vmap_create(const struct kmr_vmap_config *config,
					 const struct vmap_model *model, const uint64_t *params,
					 struct kmr_error *err)
{
	struct kmr_vmap_backend *b = calloc(1, sizeof(*b));

	if (!b) {
		(void)kmr_fail_nomem(err, "a vmap backend");
		return NULL;
	}
	b->c = *config;
	b->model = model;
	b->rules = kmr_vmap_rules(config->version);
	kmr_pool_init(&b->areas, sizeof(struct vmap_area));
	kmr_pool_init(&b->chunks, sizeof(struct vmap_chunk));
	kmr_pool_init(&b->blocks, sizeof(struct vmap_block));
	b->busy.areas = &b->areas;
	b->free.areas = &b->areas;
	b->free.augmented = true;
	if (kmr_address_space(config->machine, &b->space, err)) {
		kmr_vmap_destroy(b);
		return NULL;
	}
	b->page_bytes = UINT64_C(1) << b->space.page_shift;
	b->space_end = b->space.pointer_bytes == 8 ? UINT64_MAX : UINT32_MAX;
	b->max_ram_pages = b->space.pointer_bytes * 8;
	b->lazy_max = params && params[0] ? params[0] : lazy_max(config->machine);
	b->block_pages = block_pages(b, params ? params[1] : 0);
	b->total_pages = managed_pages(config->machine);
	b->queues = calloc(config->machine->nr_cpus, sizeof(*b->queues));
	if (!b->queues) {
		(void)kmr_fail_nomem(err, "a vmap backend");
		kmr_vmap_destroy(b);
		return NULL;
	}
	return b;
}

void kmr_vmap_destroy(struct kmr_vmap_backend *b)
{
	if (!b)
		return;
	kmr_pool_fini(&b->areas);
	kmr_pool_fini(&b->chunks);
	kmr_pool_fini(&b->blocks);
	kmr_ptrmap_fini(&b->tables);
	free(b->queues);
	free(b->nodes);
	free(b->preload);
	free(b);
}

kmr_obj_t kmr_vmap_object_new(struct kmr_vmap_backend *b, uint32_t bytes, uint32_t gfp, int node,
			      unsigned int cpu)
{
	const struct kmr_object_request req = { bytes, gfp, (int16_t)node, (uint16_t)cpu };
	kmr_obj_t obj = VMAP_NO_OBJECT;

	if (b->c.memory.object_alloc)
		obj = b->c.memory.object_alloc(b->c.memory.ctx, &req);
	if (obj != KMR_NO_OBJ)
		b->object_bytes += bytes;
	return obj;
}

void kmr_vmap_object_free(struct kmr_vmap_backend *b, kmr_obj_t obj, uint32_t bytes,
			  unsigned int cpu)
{
	if (obj == KMR_NO_OBJ)
		return;
	b->object_bytes -= bytes;
	if (obj != VMAP_NO_OBJECT)
		b->c.memory.object_free(b->c.memory.ctx, obj, cpu);
}

/* struct vmap_area: two addresses, tree and list links, one word for either use; flags since 6.3 */
static uint32_t area_bytes(const struct kmr_vmap_backend *b)
{
	return b->space.pointer_bytes * (8 + b->rules->area_flags);
}

uint32_t kmr_vmap_area_new(struct kmr_vmap_backend *b, const struct vmap_want *want)
{
	const uint32_t n = kmr_pool_get(&b->areas);
	struct vmap_area *a;

	if (!n)
		return 0;
	a = kmr_vmap_area(b, n);
	a->vm = a->object = a->array = KMR_NO_OBJ;
	if (want->bare)
		return n;
	a->object = kmr_vmap_object_new(b, area_bytes(b), want->gfp, want->node, want->cpu);
	if (a->object != KMR_NO_OBJ)
		return n;
	kmr_pool_put(&b->areas, n);
	return 0;
}

void kmr_vmap_area_free(struct kmr_vmap_backend *b, uint32_t area, unsigned int cpu)
{
	kmr_vmap_object_free(b, kmr_vmap_area(b, area)->object, area_bytes(b), cpu);
	kmr_pool_put(&b->areas, area);
}

uint32_t kmr_vmap_take_area(struct kmr_vmap_backend *b, const struct vmap_want *want)
{
	const uint32_t n = b->model->take(b, want);

	if (!n) {
		b->work.no_room++;
		return 0;
	}
	kmr_vmap_area(b, n)->kind = want->kind;
	b->work.areas++;
	return n;
}

void kmr_vmap_give_area(struct kmr_vmap_backend *b, uint32_t area, unsigned int cpu)
{
	b->lazy_pages += kmr_vmap_pages(b, kmr_vmap_area(b, area));
	kmr_vmap_area(b, area)->kind = VMAP_FREE;
	b->model->give(b, area, cpu);
	if (b->lazy_pages > b->lazy_max && !b->c.drained_by_caller)
		kmr_vmap_drain(b);
}

void kmr_vmap_drain(struct kmr_vmap_backend *b)
{
	(void)b->model->purge(b, false);
}

void kmr_vmap_purge_all(struct kmr_vmap_backend *b)
{
	kmr_vmap_blocks_purge(b, true);
	(void)b->model->purge(b, true);
}

void kmr_vmap_unalias(struct kmr_vmap_backend *b)
{
	/* unmapped pages of blocks that stay have to leave the TLBs, too */
	const bool dirty = kmr_vmap_blocks_dirty(b);

	kmr_vmap_blocks_purge(b, !b->rules->keep_blocks);
	if (!b->model->purge(b, false) && dirty)
		b->work.flushes++;
}

uint32_t kmr_vmap_begins_at(const struct kmr_vmap_backend *b, uint64_t addr)
{
	const uint32_t n = kmr_vmap_tree_find(&b->busy, addr);
	const struct vmap_area *a;

	if (!n)
		return 0;
	a = kmr_vmap_area(b, n);
	return a->start == addr && !a->lazy ? n : 0;
}

void kmr_vmap_shrink(struct kmr_vmap_backend *b)
{
	if (b->model->shrink)
		b->model->shrink(b);
}

const struct kmr_vmap_work *kmr_vmap_work(const struct kmr_vmap_backend *b)
{
	return &b->work;
}

const struct kmr_address_space *kmr_vmap_space(const struct kmr_vmap_backend *b)
{
	return &b->space;
}

unsigned int kmr_vmap_version(const struct kmr_vmap_backend *b)
{
	return b->c.version;
}

uint64_t kmr_vmap_lazy_pages(const struct kmr_vmap_backend *b)
{
	return b->lazy_pages;
}

uint64_t kmr_vmap_lazy_max(const struct kmr_vmap_backend *b)
{
	return b->lazy_max;
}

/* One page of a page table that maps @bytes around @addr; @level tells its kind. */
static int need_table(struct kmr_vmap_backend *b, uint64_t addr, uint64_t bytes, unsigned int level,
		      int node, unsigned int cpu, bool there)
{
	const uint64_t key = addr / bytes << 1 | level;
	const struct kmr_page_request req = {
		.gfp = KMR_GFP_KERNEL | KMR_GFP_ZERO,
		.node = (uint8_t)(node >= 0 ? node : b->c.machine->cpu_node[cpu]),
		.cpu = (uint16_t)cpu,
	};

	if (kmr_ptrmap_get(&b->tables, key))
		return 0;
	if (!there) {
		if (b->c.memory.page_alloc(b->c.memory.ctx, &req) == KMR_NO_PFN)
			return -1;
		b->table_pages++;
		b->work.table_allocs++;
	}
	/* without memory for the note, it will be thought to be missing again */
	return kmr_ptrmap_put(&b->tables, key, 1);
}

static int tables(struct kmr_vmap_backend *b, uint64_t start, uint64_t end, int node,
		  unsigned int cpu, bool there)
{
	const uint64_t table = b->space.table_bytes;
	/* the level above has its pages from boot on in 32 bits */
	const uint64_t above = b->space.pointer_bytes == 8 ? table * (b->page_bytes / 8) : 0;

	for (uint64_t addr = start & ~(table - 1); addr < end; addr += table) {
		if ((above && need_table(b, addr, above, 1, node, cpu, there)) ||
		    need_table(b, addr, table, 0, node, cpu, there))
			return -1;
		if (addr + table < addr)
			break;
	}
	return 0;
}

int kmr_vmap_tables(struct kmr_vmap_backend *b, uint64_t start, uint64_t end, int node,
		    unsigned int cpu)
{
	return tables(b, start, end, node, cpu, false);
}

int kmr_vmap_reserve(struct kmr_vmap_backend *b, uint64_t start, uint64_t end)
{
	const struct vmap_want want = { .bare = true };
	struct vmap_area *a;
	uint32_t n;

	if (start >= end || (start | end) & (b->page_bytes - 1) || end > b->space_end)
		return -1;
	n = kmr_vmap_area_new(b, &want);
	if (!n)
		return -1;
	a = kmr_vmap_area(b, n);
	a->start = start;
	a->end = end;
	a->kind = VMAP_RANGE;
	if (b->model->reserve(b, n)) {
		kmr_vmap_area_free(b, n, 0);
		return -1;
	}
	/* the last page is a guard, mostly; tables of areas this large are there from boot on */
	return end - start > (UINT64_C(1) << 40) ? 0 : tables(b, start, end, 0, 0, true);
}
