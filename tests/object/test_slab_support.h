/* SPDX-License-Identifier: GPL-2.0-only */
/* A SLAB on a machine of a few nodes, with pages that are easy to tell. */
#ifndef KMR_TESTS_OBJECT_SLAB_SUPPORT_H
#define KMR_TESTS_OBJECT_SLAB_SUPPORT_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmreplay/gfp.h"
#include "kmreplay/machine.h"
#include "kmreplay/object.h"
#include "object/object.h"
#include "object/slab.h"

#define CAPTURES   KMR_SOURCE_ROOT "/../shared/captures"
#define NODE_PAGES 16384u
#define MAX_NODES  4u

/*
 * Pages: of each node in order from its start, those given back first; a frame that is handed out
 * twice or given back twice fails the test.
 */
struct pages {
	unsigned int nr_nodes;
	uint8_t used[NODE_PAGES * MAX_NODES]; /* 1 + order at a block's first frame */
	uint32_t limit; /* blocks still to be had; UINT32_MAX: as many as there are */
	uint32_t out; /* frames handed out */
	uint32_t rcu; /* blocks that came back by way of RCU */
	kmr_pfn_t freed[64]; /* the last ones, in order */
	unsigned int nr_freed;
	struct kmr_page_request last;
};

struct rig {
	struct kmr_machine m;
	struct pages pages;
	const struct kmr_object_ops *ops;
	struct kmr_object_backend *b;
};

static inline uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline uint32_t below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(next_random(state) % n);
}

static inline kmr_pfn_t find_block(const struct pages *p, unsigned int node, unsigned int order)
{
	const uint32_t size = 1u << order, start = node * NODE_PAGES;

	for (uint32_t pfn = start ? start : size; pfn < start + NODE_PAGES; pfn += size) {
		uint32_t i = 0;

		while (i < size && !p->used[pfn + i])
			i++;
		if (i == size)
			return pfn;
	}
	return KMR_NO_PFN;
}

static inline kmr_pfn_t pages_alloc(void *ctx, const struct kmr_page_request *req)
{
	struct pages *p = ctx;

	p->last = *req;
	if (!p->limit)
		return KMR_NO_PFN;
	for (unsigned int i = 0; i < p->nr_nodes; i++) {
		const unsigned int node = (req->node + i) % p->nr_nodes;
		const kmr_pfn_t pfn = find_block(p, node, req->order);

		if (pfn != KMR_NO_PFN) {
			memset(&p->used[pfn], 1 + req->order, (size_t)1 << req->order);
			p->out += 1u << req->order;
			p->limit -= p->limit != UINT32_MAX;
			return pfn;
		}
		if (req->gfp & KMR_GFP_THISNODE)
			break;
	}
	return KMR_NO_PFN;
}

static inline void pages_free(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu,
			      bool rcu)
{
	struct pages *p = ctx;

	(void)cpu;
	cr_assert_lt(pfn, NODE_PAGES * MAX_NODES);
	for (uint32_t i = 0; i < 1u << order; i++)
		cr_assert_eq(p->used[pfn + i], 1 + order, "frame %u given back", pfn + i);
	memset(&p->used[pfn], 0, (size_t)1 << order);
	p->out -= 1u << order;
	p->rcu += rcu;
	p->freed[p->nr_freed++ % 64] = pfn;
}

static inline void rig_machine(struct kmr_machine *m, unsigned int nodes, unsigned int cpus)
{
	memset(m, 0, sizeof(*m));
	(void)snprintf(m->arch, sizeof(m->arch), "x86_64");
	m->page_shift = 12;
	m->nr_orders = 11;
	m->pageblock_order = 9;
	m->nr_nodes = nodes;
	m->nr_cpus = cpus;
	m->has_type[KMR_ZONE_NORMAL] = true;
	for (unsigned int i = 0; i < cpus; i++)
		m->cpu_node[i] = (uint16_t)(i % nodes);
	for (unsigned int i = 0; i < nodes; i++) {
		struct kmr_zone_spec *z = &m->zones[m->nr_zones++];

		z->node = (uint16_t)i;
		z->type = KMR_ZONE_NORMAL;
		z->start_pfn = (uint64_t)i * NODE_PAGES;
		z->spanned = NODE_PAGES;
		z->present = NODE_PAGES;
		z->managed = NODE_PAGES;
		for (unsigned int k = 0; k < nodes; k++)
			m->distance[i][k] = i == k ? 10 : 20;
	}
}

/* A SLAB without caches on @machine. */
static inline void rig_on(struct rig *r, const struct kmr_machine *machine)
{
	struct kmr_object_config config;
	struct kmr_error err = { "" };

	memset(&r->pages, 0, sizeof(r->pages));
	r->pages.nr_nodes = machine->nr_nodes;
	r->pages.limit = UINT32_MAX;
	memset(&config, 0, sizeof(config));
	config.machine = machine;
	config.version = 601;
	config.pointer_bytes = 8;
	config.pages.ctx = &r->pages;
	config.pages.alloc = pages_alloc;
	config.pages.free = pages_free;
	r->ops = &kmr_slab;
	r->b = r->ops->create(&config, NULL, &err);
	cr_assert_not_null(r->b, "%s", err.msg);
}

static inline void rig_create(struct rig *r, unsigned int nodes, unsigned int cpus)
{
	struct kmr_error err = { "" };

	rig_machine(&r->m, nodes, cpus);
	rig_on(r, &r->m);
	cr_assert_eq(r->ops->kmalloc_init(r->b, &err), 0, "%s", err.msg);
}

static inline void rig_check(const struct rig *r)
{
	struct kmr_error err = { "" };

	cr_assert_eq(r->ops->check(r->b, &err), 0, "%s", err.msg);
}

static inline void rig_destroy(struct rig *r)
{
	r->ops->destroy(r->b);
}

static inline struct kmr_cache_spec spec_of(const char *name, uint32_t object_size, uint32_t flags)
{
	struct kmr_cache_spec spec;

	memset(&spec, 0xff, sizeof(spec));
	spec.name = name;
	spec.object_size = object_size;
	spec.flags = flags;
	return spec;
}

static inline unsigned int rig_cache(const struct rig *r, const char *name, uint32_t object_size,
				     uint32_t flags)
{
	const struct kmr_cache_spec spec = spec_of(name, object_size, flags);
	struct kmr_error err = { "" };
	const int cache = r->ops->cache_create(r->b, &spec, &err);

	cr_assert_geq(cache, 0, "%s", err.msg);
	return (unsigned int)cache;
}

static inline kmr_obj_t rig_alloc(const struct rig *r, unsigned int cache, unsigned int cpu)
{
	const struct kmr_object_request req = { 0, KMR_GFP_KERNEL, -1, (uint16_t)cpu };

	return r->ops->alloc(r->b, cache, &req);
}

static inline void rig_free(const struct rig *r, unsigned int cache, kmr_obj_t obj,
			    unsigned int cpu)
{
	cr_assert_eq(r->ops->free(r->b, cache, obj, cpu), 0, "free %" PRIx64, obj);
}

static inline struct kmr_cache_state rig_state(const struct rig *r, unsigned int cache)
{
	struct kmr_cache_state state;

	r->ops->cache_state(r->b, cache, &state);
	return state;
}

#endif
