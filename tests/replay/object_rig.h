/* SPDX-License-Identifier: GPL-2.0-only */
/* A model of an object allocator by name, with pages in the order of their frames. */
#ifndef KMR_TESTS_REPLAY_OBJECT_RIG_H
#define KMR_TESTS_REPLAY_OBJECT_RIG_H

#include "kmreplay/gfp.h"
#include "kmreplay/machine.h"
#include "kmreplay/object.h"
#include "support.h"

#define RIG_FRAMES 65536u

struct rig {
	struct kmr_machine m;
	const struct kmr_object_ops *ops;
	struct kmr_object_backend *b;
	kmr_pfn_t next;
};

static inline kmr_pfn_t rig_page(void *ctx, const struct kmr_page_request *req)
{
	struct rig *r = ctx;
	const kmr_pfn_t size = 1u << req->order;
	const kmr_pfn_t pfn = (r->next + size - 1) & ~(size - 1);

	if (pfn + size > RIG_FRAMES)
		return KMR_NO_PFN;
	r->next = pfn + size;
	return pfn;
}

static inline void rig_page_back(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu,
				 bool rcu)
{
	(void)ctx;
	(void)pfn;
	(void)order;
	(void)cpu;
	(void)rcu;
}

static inline void rig_create(struct rig *r, const char *name, unsigned int nodes)
{
	const struct kmr_object_config config = { &r->m, 601, 4, { r, rig_page, rig_page_back } };
	uint64_t params[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };

	memset(r, 0, sizeof(*r));
	(void)snprintf(r->m.arch, sizeof(r->m.arch), "i386");
	r->m.page_shift = 12;
	r->m.nr_orders = 11;
	r->m.pageblock_order = 10;
	r->m.nr_nodes = nodes;
	r->m.nr_cpus = 1;
	r->m.nr_zones = nodes;
	for (unsigned int i = 0; i < nodes; i++) {
		r->m.zones[i].type = KMR_ZONE_NORMAL;
		r->m.zones[i].node = (uint8_t)i;
		r->m.zones[i].start_pfn = (uint32_t)i * (RIG_FRAMES / nodes);
		r->m.zones[i].spanned = RIG_FRAMES / nodes;
		r->m.zones[i].present = RIG_FRAMES / nodes;
	}
	r->next = 64;
	r->ops = kmr_object_backend_parse(name, params, &err);
	cr_assert_not_null(r->ops, "%s", err.msg);
	r->b = r->ops->create(&config, params, &err);
	cr_assert_not_null(r->b, "%s", err.msg);
}

static inline unsigned int rig_cache(struct rig *r, const char *name, uint32_t size, uint32_t flags)
{
	struct kmr_cache_spec spec;
	struct kmr_error err = { "" };
	int cache;

	memset(&spec, 0xff, sizeof(spec));
	spec.name = name;
	spec.object_size = size;
	spec.flags = flags;
	cache = r->ops->cache_create(r->b, &spec, &err);
	cr_assert_geq(cache, 0, "%s", err.msg);
	return (unsigned int)cache;
}

static inline kmr_obj_t rig_alloc(struct rig *r, unsigned int cache)
{
	const struct kmr_object_request req = { 64, KMR_GFP_KERNEL, -1, 0 };
	const kmr_obj_t obj = r->ops->alloc(r->b, cache, &req);

	cr_assert_neq(obj, KMR_NO_OBJ);
	return obj;
}

static inline void rig_check(const struct rig *r)
{
	struct kmr_error err = { "" };

	cr_assert_eq(r->ops->check(r->b, &err), 0, "%s", err.msg);
}

static inline void rig_save(const struct rig *r, struct kmr_snapshot *snap)
{
	struct kmr_error err = { "" };

	memset(snap, 0, sizeof(*snap));
	cr_assert_eq(r->ops->save(r->b, snap, &err), 0, "%s", err.msg);
}

/* The same slabs on the same lists, with the same free objects in the same order. */
static inline bool rig_same(const struct kmr_snapshot *x, const struct kmr_snapshot *y)
{
	if (x->nr_objects != y->nr_objects || x->nr_items != y->nr_items ||
	    x->nr_slabs != y->nr_slabs)
		return false;
	for (size_t i = 0; i < x->nr_objects; i++) {
		const struct kmr_snap_objects *a = &x->objects[i], *b = &y->objects[i];

		if (a->kind != b->kind || a->cache != b->cache || a->pfn != b->pfn ||
		    a->inuse != b->inuse || a->count != b->count || a->remote != b->remote)
			return false;
	}
	return !x->nr_items || !memcmp(x->items, y->items, x->nr_items * sizeof(*x->items));
}

#endif
