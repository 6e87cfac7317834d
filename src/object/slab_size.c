// SPDX-License-Identifier: GPL-2.0-only
/*
 * How objects lie in a slab, and how many of them an array cache holds: __kmem_cache_create(),
 * calculate_slab_order(), set_objfreelist_slab_cache() and its two alternatives, enable_cpucache()
 * in mm/slab.c; calculate_alignment() in mm/slab_common.c.
 *
 * Every slab needs an array with an index for each object.  The kernel tries three places for it, in
 * this order: within a free object, when objects are large enough and nothing forbids to write to
 * free ones; in an object of a kmalloc cache, when that costs less than half an object; at the
 * slab's end.
 */
#include <string.h>

#include "base/align.h"
#include "object/slab.h"

#define CACHE_LINE   64u /* cache_line_size() of every x86 since the Pentium 4 */
#define MIN_ALIGN    8u /* ARCH_SLAB_MINALIGN: what a 64-bit integer takes, also on i386 */
#define MIN_OBJECT   16u /* SLAB_OBJ_MIN_SIZE */
#define INLINE_PAGES 2u /* KMALLOC_MAX_CACHE_SIZE */

enum place {
	IN_OBJECT,
	OFF_SLAB,
	ON_SLAB,
};

/* SLAB_HWCACHE_ALIGN, which kmalloc() caches have; small objects share a line evenly. */
static uint32_t line_align(uint32_t size)
{
	uint32_t align = CACHE_LINE;

	while (size <= align / 2)
		align /= 2;
	return align;
}

static uint32_t alignment(const struct kmr_cache_spec *spec)
{
	uint32_t align = MIN_ALIGN;

	if (spec->align != KMR_BY_RULE)
		align = spec->align;
	else if (spec->flags & KMR_CACHE_KMALLOC)
		align = line_align(spec->object_size);
	return align < MIN_ALIGN ? MIN_ALIGN : align;
}

/*
 * Would the indices cost at most half an object in a kmalloc cache?  Not when that is one whose own
 * are elsewhere: growing it would need another.
 */
static bool off_slab_pays(const struct kmr_object_backend *b, uint32_t num, uint32_t object_size)
{
	const uint32_t bytes = num * b->index_bytes;
	uint32_t room;
	int cache;

	if (bytes > INLINE_PAGES << b->page_shift) {
		room = UINT32_C(1) << (b->page_shift + kmr_bytes_order(bytes, b->page_shift));
	} else {
		cache = kmr_kmalloc_find(&b->kmalloc, bytes, 0);
		if (cache < 0 || b->caches[cache]->lay.off_slab)
			return false;
		room = b->caches[cache]->lay.size;
	}
	return room <= object_size / 2;
}

/* calculate_slab_order(): sets order and number of objects (0: none will do); bytes left over. */
static uint32_t slab_order(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
			   enum place place, struct slab_layout *lay)
{
	const bool fixed = spec->order != KMR_BY_RULE;
	const uint32_t last = fixed ? spec->order : b->machine->nr_orders - 1;
	const uint32_t each = lay->size + (place == ON_SLAB ? b->index_bytes : 0);
	uint32_t left = 0;

	lay->objects = 0;
	for (uint32_t order = fixed ? last : 0; order <= last; order++) {
		const uint32_t bytes = UINT32_C(1) << (b->page_shift + order);
		const uint32_t num = bytes / each;

		if (!num)
			continue;
		if (num > b->max_num)
			break;
		/* the kernel looks at its size before it was aligned */
		if (place == OFF_SLAB && !off_slab_pays(b, num, spec->object_size))
			continue;
		lay->objects = num;
		lay->order = order;
		left = bytes % each;
		/* a cache that reclaim frees from should not need large pages to do so */
		if ((spec->flags & KMR_CACHE_RECLAIM) || order >= b->max_order || left * 8 <= bytes)
			break;
	}
	return left;
}

static bool try_place(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
		      enum place place, struct slab_layout *lay)
{
	uint32_t left;

	if (place == IN_OBJECT && (spec->flags & (KMR_CACHE_CTOR | KMR_CACHE_RCU)))
		return false;
	if (place == OFF_SLAB && (spec->flags & KMR_CACHE_NOLEAKTRACE))
		return false;
	left = slab_order(b, spec, place, lay);
	if (!lay->objects)
		return false;
	if (place == IN_OBJECT && lay->objects * b->index_bytes > spec->object_size)
		return false;
	/* room enough on the slab after all */
	if (place == OFF_SLAB && left >= lay->objects * b->index_bytes)
		return false;
	lay->colour = left / lay->colour_off;
	lay->off_slab = place == OFF_SLAB;
	lay->freelist_size = lay->objects * b->index_bytes;
	return true;
}

static int check_spec(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
		      struct kmr_error *err)
{
	if (!spec->object_size || spec->object_size > KMR_MAX_OBJECT_SIZE)
		return kmr_fail(err, "cache %s: objects of %u bytes, expected 1 to %u", spec->name,
				spec->object_size, KMR_MAX_OBJECT_SIZE);
	if (spec->align != KMR_BY_RULE &&
	    (spec->align > KMR_MAX_OBJECT_SIZE || (spec->align & (spec->align - 1))))
		return kmr_fail(err, "cache %s: alignment %u is no power of two up to %u",
				spec->name, spec->align, KMR_MAX_OBJECT_SIZE);
	if (spec->size != KMR_BY_RULE &&
	    (spec->size < spec->object_size || spec->size > KMR_MAX_OBJECT_SIZE))
		return kmr_fail(err, "cache %s: %u bytes from one object of %u to the next",
				spec->name, spec->size, spec->object_size);
	if (spec->order != KMR_BY_RULE && spec->order >= b->machine->nr_orders)
		return kmr_fail(err, "cache %s: slabs of order %u, expected 0 to %u", spec->name,
				spec->order, b->machine->nr_orders - 1);
	return 0;
}

int kmr_slab_layout(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
		    struct slab_layout *lay, struct kmr_error *err)
{
	memset(lay, 0, sizeof(*lay));
	if (check_spec(b, spec, err))
		return -1;
	lay->align = alignment(spec);
	lay->colour_off = lay->align > CACHE_LINE ? lay->align : CACHE_LINE;
	if (spec->size != KMR_BY_RULE)
		lay->size = spec->size;
	else
		lay->size = kmr_align_up(spec->object_size, lay->align);
	if (b->index_bytes == 1 && lay->size < MIN_OBJECT)
		lay->size = kmr_align_up(MIN_OBJECT, lay->align);
	for (enum place place = IN_OBJECT; place <= ON_SLAB; place++)
		if (try_place(b, spec, place, lay))
			return 0;
	return kmr_fail(err, "cache %s: no slab takes objects of %u bytes", spec->name, lay->size);
}

void kmr_slab_tunables(const struct kmr_object_backend *b, const struct kmr_cache_spec *spec,
		       uint32_t size, uint32_t *limit, uint32_t *batch, uint32_t *shared)
{
	const uint32_t page = UINT32_C(1) << b->page_shift;

	if (spec->limit != KMR_BY_RULE)
		*limit = spec->limit;
	else if (size > 131072)
		*limit = 1;
	else if (size > page)
		*limit = 8;
	else if (size > 1024)
		*limit = 24;
	else if (size > 256)
		*limit = 54;
	else
		*limit = 120;
	*batch = spec->batch != KMR_BY_RULE ? spec->batch : (*limit + 1) / 2;
	if (spec->shared != KMR_BY_RULE)
		*shared = spec->shared;
	else
		*shared = size <= page && b->nr_cpus > 1 ? 8 : 0;
}

/*
 * Of a cache whose sizes are known: a snapshot does not say whether it has a constructor, but sizes
 * that only come out with the indices off the slab do.
 */
bool kmr_slab_is_off(const struct kmr_object_backend *b, const struct slab_cache *c)
{
	const uint32_t bytes = UINT32_C(1) << (b->page_shift + c->lay.order);
	const uint64_t objects = (uint64_t)c->lay.size * c->lay.objects;

	if (c->flags & KMR_CACHE_NOLEAKTRACE)
		return false;
	if (objects + c->lay.freelist_size <= bytes)
		return false;
	if (c->lay.freelist_size <= c->object_size &&
	    !(c->flags & (KMR_CACHE_CTOR | KMR_CACHE_RCU)))
		return false;
	return true;
}
