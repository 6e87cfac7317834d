/* SPDX-License-Identifier: GPL-2.0-only */
/* A SLUB on a machine of a few nodes, its pages to be refused at will, its lists to be looked at. */
#ifndef KMR_TESTS_OBJECT_SLUB_SUPPORT_H
#define KMR_TESTS_OBJECT_SLUB_SUPPORT_H

#include "base/array.h"
#include "test_slab_support.h"

#define MAX_ASKED 16u

struct slub_rig {
	struct rig r;
	unsigned int max_order; /* larger blocks are not to be had */
	uint32_t refuse; /* one request in so many is refused; 0: none */
	uint64_t rng;
	struct kmr_page_request asked[MAX_ASKED]; /* the first ones since nr_asked was reset */
	unsigned int nr_asked;
};

static inline kmr_pfn_t slub_pages_alloc(void *ctx, const struct kmr_page_request *req)
{
	struct slub_rig *s = ctx;

	if (s->nr_asked < MAX_ASKED)
		s->asked[s->nr_asked++] = *req;
	if (req->order > s->max_order || (s->refuse && !below(&s->rng, s->refuse)))
		return KMR_NO_PFN;
	return pages_alloc(&s->r.pages, req);
}

static inline void slub_pages_free(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu,
				   bool rcu)
{
	struct slub_rig *s = ctx;

	pages_free(&s->r.pages, pfn, order, cpu, rcu);
}

/* Without caches; @params: NULL for what they are by default. */
static inline void slub_on(struct slub_rig *s, const struct kmr_machine *machine,
			   unsigned int version, unsigned int pointer, const uint64_t *params)
{
	struct kmr_object_config config;
	struct kmr_error err = { "" };

	memset(&s->r.pages, 0, sizeof(s->r.pages));
	s->r.pages.nr_nodes = machine->nr_nodes;
	s->r.pages.limit = UINT32_MAX;
	s->max_order = UINT32_MAX;
	s->refuse = 0;
	s->rng = 1;
	s->nr_asked = 0;
	memset(&config, 0, sizeof(config));
	config.machine = machine;
	config.version = version;
	config.pointer_bytes = pointer;
	config.pages.ctx = s;
	config.pages.alloc = slub_pages_alloc;
	config.pages.free = slub_pages_free;
	s->r.ops = &kmr_slub;
	s->r.b = kmr_slub.create(&config, params, &err);
	cr_assert_not_null(s->r.b, "%s", err.msg);
}

static inline void slub_create(struct slub_rig *s, unsigned int nodes, unsigned int cpus,
			       unsigned int version)
{
	rig_machine(&s->r.m, nodes, cpus);
	slub_on(s, &s->r.m, version, 8, NULL);
}

/* @objects of a page's slab, and what bounds the lists. */
static inline unsigned int slub_cache_of(const struct slub_rig *s, uint32_t objects,
					 uint32_t min_partial, uint32_t cpu_partial_slabs)
{
	struct kmr_cache_spec spec = spec_of("things", 4096 / objects, 0);
	struct kmr_error err = { "" };
	int cache;

	spec.order = 0;
	spec.min_partial = min_partial;
	spec.cpu_partial_slabs = cpu_partial_slabs;
	cache = kmr_slub.cache_create(s->r.b, &spec, &err);
	cr_assert_geq(cache, 0, "%s", err.msg);
	return (unsigned int)cache;
}

static inline kmr_obj_t slub_alloc_on(const struct slub_rig *s, unsigned int cache, int node,
				      uint32_t gfp, unsigned int cpu)
{
	const struct kmr_object_request req = { 0, gfp, (int16_t)node, (uint16_t)cpu };

	return kmr_slub.alloc(s->r.b, cache, &req);
}

/* Takes @n objects, which a CPU without free ones gets in the order of their addresses. */
static inline void slub_alloc_many(const struct slub_rig *s, unsigned int cache, unsigned int cpu,
				   kmr_obj_t *obj, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		obj[i] = rig_alloc(&s->r, cache, cpu);
		cr_assert_neq(obj[i], KMR_NO_OBJ);
	}
}

/*
 * The slabs of one list, by pfn, as "16 17 18"; @where: CPU or node.  Of all the calls of one test
 * the last text only is kept.
 */
static inline const char *slub_list(const struct slub_rig *s, enum kmr_snap_kind kind,
				    unsigned int where)
{
	static char text[4096];
	struct kmr_snapshot snap;
	struct kmr_error err = { "" };
	size_t len = 0;

	memset(&snap, 0, sizeof(snap));
	cr_assert_eq(kmr_slub.save(s->r.b, &snap, &err), 0, "%s", err.msg);
	text[0] = '\0';
	for (size_t i = 0; i < snap.nr_objects; i++) {
		const struct kmr_snap_objects *o = &snap.objects[i];

		if (o->kind == kind && (kind == KMR_SNAP_NODE_PARTIAL ? o->node : o->cpu) == where)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%" PRIu64,
						len ? " " : "", o->pfn);
	}
	kmr_snapshot_free(&snap);
	return text;
}

/* The free objects of the slab at @pfn: "1 2 | 3", a CPU's own first. */
static inline const char *slub_free_of(const struct slub_rig *s, kmr_pfn_t pfn)
{
	static char text[4096];
	struct kmr_snapshot snap;
	struct kmr_error err = { "" };
	size_t len = 0;

	memset(&snap, 0, sizeof(snap));
	cr_assert_eq(kmr_slub.save(s->r.b, &snap, &err), 0, "%s", err.msg);
	text[0] = '\0';
	for (size_t i = 0; i < snap.nr_objects; i++) {
		const struct kmr_snap_objects *o = &snap.objects[i];

		for (uint32_t n = 0; o->pfn == pfn && n <= o->count; n++) {
			if (o->kind == KMR_SNAP_CPU_SLAB && n == o->count - o->remote)
				len += (size_t)snprintf(text + len, sizeof(text) - len, "| ");
			if (n < o->count)
				len += (size_t)snprintf(text + len, sizeof(text) - len,
							"%" PRIu64 " ", snap.items[o->first + n]);
		}
	}
	kmr_snapshot_free(&snap);
	return text;
}

static inline kmr_pfn_t slub_pfn(kmr_obj_t obj)
{
	return (kmr_pfn_t)(obj >> 12);
}

#endif
