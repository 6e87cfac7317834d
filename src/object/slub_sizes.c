// SPDX-License-Identifier: GPL-2.0-only
/* How SLUB lays a cache out (mm/slub.c: calculate_sizes(), calculate_order(), set_cpu_partial()). */
#include <stdio.h>
#include <string.h>

#include "base/align.h"
#include "kmreplay/gfp.h"
#include "object/slub.h"

#define MIN_ALIGN   8u /* ARCH_SLAB_MINALIGN: of unsigned long long, on 32 bits as well */
#define MIN_PARTIAL 5u
#define MAX_PARTIAL 10u

struct order_rule {
	unsigned int page_shift, max_order, nr_orders;
	uint32_t size;
};

static unsigned int log2_floor(uint32_t v)
{
	return 31 - (unsigned int)__builtin_clz(v);
}

static uint32_t order_objects(const struct order_rule *r, unsigned int order)
{
	return (uint32_t)((UINT64_C(1) << (r->page_shift + order)) / r->size);
}

/* The least order from @order on that wastes at most 1/@fraction of the slab; calc_slab_order() */
static unsigned int least_order(const struct order_rule *r, unsigned int order,
				unsigned int max_order, unsigned int fraction)
{
	for (; order <= max_order; order++) {
		const uint64_t slab = UINT64_C(1) << (r->page_shift + order);

		if (slab % r->size <= slab / fraction)
			break;
	}
	return order;
}

/* 6.1 gives up objects a slab one by one, and for each tries 1/16, 1/8 and 1/4 of waste. */
static unsigned int order_601(const struct order_rule *r, uint32_t min_objects)
{
	unsigned int order;

	if (order_objects(r, 0) > SLUB_MAX_OBJECTS)
		return kmr_bytes_order((uint64_t)r->size * SLUB_MAX_OBJECTS, r->page_shift) - 1;
	for (; min_objects > 1; min_objects--)
		for (unsigned int fraction = 16; fraction >= 4; fraction /= 2) {
			order = least_order(
				r, kmr_bytes_order((uint64_t)min_objects * r->size, r->page_shift),
				r->max_order, fraction);
			if (order <= r->max_order)
				return order;
		}
	order = least_order(r, kmr_bytes_order(r->size, r->page_shift), r->max_order, 1);
	if (order <= r->max_order)
		return order;
	return least_order(r, kmr_bytes_order(r->size, r->page_shift), r->nr_orders, 1);
}

/* 6.12 holds on to the objects and accepts up to half of the slab as waste. */
static unsigned int order_612(const struct order_rule *r, uint32_t min_objects)
{
	const unsigned int min_order =
		kmr_bytes_order((uint64_t)min_objects * r->size, r->page_shift);

	if (order_objects(r, min_order) > SLUB_MAX_OBJECTS)
		return kmr_bytes_order((uint64_t)r->size * SLUB_MAX_OBJECTS, r->page_shift) - 1;
	for (unsigned int fraction = 16; fraction > 1; fraction /= 2) {
		const unsigned int order = least_order(r, min_order, r->max_order, fraction);

		if (order <= r->max_order)
			return order;
	}
	return kmr_bytes_order(r->size, r->page_shift);
}

static unsigned int calculate_order(const struct kmr_object_backend *b, uint32_t size)
{
	const struct order_rule r = { b->page_shift, (unsigned int)b->params[SLUB_PARAM_MAX_ORDER],
				      b->c.machine->nr_orders, size };
	uint32_t min_objects = (uint32_t)b->params[SLUB_PARAM_MIN_OBJECTS];
	uint32_t max_objects;

	if (!min_objects)
		min_objects = 4 * (log2_floor(b->c.machine->nr_cpus) + 2);
	max_objects = order_objects(&r, r.max_order);
	if (b->c.version > 601 && !max_objects)
		max_objects = 1;
	if (min_objects > max_objects)
		min_objects = max_objects;
	return b->c.version > 601 ? order_612(&r, min_objects) : order_601(&r, min_objects);
}

static uint32_t cpu_partial_objects(const struct kmr_object_backend *b, uint32_t size)
{
	if (size >= 1u << b->page_shift)
		return 6;
	if (size >= 1024)
		return 24;
	return size >= 256 ? 52 : 120;
}

static uint32_t bounded(uint32_t v, uint32_t low, uint32_t high)
{
	if (v < low)
		return low;
	return v > high ? high : v;
}

/* The object, and a word for the free pointer where that may not lie within it. */
static void object_layout(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
			  struct slub_cache *c)
{
	const uint32_t word = b->c.pointer_bytes;
	uint32_t size = kmr_align_up(spec->object_size, word);

	c->align = spec->align == KMR_BY_RULE ? MIN_ALIGN : spec->align;
	/* calculate_alignment(); what comes with its size is as its kernel made it */
	if (spec->size == KMR_BY_RULE && c->align < MIN_ALIGN)
		c->align = MIN_ALIGN;
	if (spec->flags & (KMR_CACHE_RCU | KMR_CACHE_CTOR)) {
		c->offset = size;
		size += word;
	} else {
		c->offset = spec->object_size / 2 & ~(word - 1);
	}
	c->size = spec->size == KMR_BY_RULE ? kmr_align_up(size, c->align) : spec->size;
}

static int check_spec(const struct kmr_cache_spec *spec, struct kmr_error *err)
{
	if (!spec->object_size || spec->object_size > KMR_MAX_OBJECT_SIZE)
		return kmr_fail(err, "cache %s: objects of %u bytes; from 1 to %u can be",
				spec->name, spec->object_size, KMR_MAX_OBJECT_SIZE);
	if (spec->align != KMR_BY_RULE &&
	    (spec->align & (spec->align - 1) || spec->align > KMR_MAX_OBJECT_SIZE))
		return kmr_fail(err, "cache %s: alignment %u is no power of two up to %u",
				spec->name, spec->align, KMR_MAX_OBJECT_SIZE);
	if (spec->size != KMR_BY_RULE &&
	    (spec->size < spec->object_size || spec->size > KMR_MAX_OBJECT_SIZE))
		return kmr_fail(err,
				"cache %s: %u bytes from object to object, but objects have %u",
				spec->name, spec->size, spec->object_size);
	return 0;
}

int slub_calculate_sizes(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
			 struct slub_cache *c, struct kmr_error *err)
{
	unsigned int order;
	uint64_t objects;

	if (check_spec(spec, err))
		return -1;
	object_layout(b, spec, c);
	order = spec->order == KMR_BY_RULE ? calculate_order(b, c->size) : spec->order;
	objects = order < b->c.machine->nr_orders
			  ? (UINT64_C(1) << (b->page_shift + order)) / c->size
			  : 0;
	if (!objects || objects > SLUB_MAX_OBJECTS)
		return kmr_fail(err, "cache %s: objects of %u bytes do not fit slabs of order %u",
				spec->name, c->size, order);
	c->object_size = spec->object_size;
	c->flags = spec->flags;
	c->order = (uint8_t)order;
	c->objects = (uint16_t)objects;
	c->min_order = (uint8_t)kmr_bytes_order(c->size, b->page_shift);
	if (c->min_order > c->order)
		c->min_order = c->order;
	c->min_objects = (uint16_t)((UINT64_C(1) << (b->page_shift + c->min_order)) / c->size);
	/* a quotient by multiplication is right as long as slab and size are small enough */
	c->reciprocal = c->size < 1u << 18 ? (UINT64_C(1) << 40) / c->size + 1 : 0;
	c->min_partial = spec->min_partial != KMR_BY_RULE ? spec->min_partial
			 : b->params[SLUB_PARAM_MIN_PARTIAL]
				 ? (uint32_t)b->params[SLUB_PARAM_MIN_PARTIAL]
				 : bounded(log2_floor(c->size) / 2, MIN_PARTIAL, MAX_PARTIAL);
	c->cpu_partial_slabs = (cpu_partial_objects(b, c->size) * 2 + c->objects - 1) / c->objects;
	if (spec->cpu_partial_slabs != KMR_BY_RULE)
		c->cpu_partial_slabs = spec->cpu_partial_slabs;
	if (!b->params[SLUB_PARAM_CPU_PARTIAL])
		c->cpu_partial_slabs = 0;
	c->allocflags = order || b->c.version > 601 ? KMR_GFP_COMP : 0;
	if (spec->flags & KMR_CACHE_DMA)
		c->allocflags |= KMR_GFP_DMA;
	if (spec->flags & KMR_CACHE_DMA32)
		c->allocflags |= KMR_GFP_DMA32;
	if (spec->flags & KMR_CACHE_RECLAIM)
		c->allocflags |= KMR_GFP_RECLAIMABLE;
	return 0;
}
