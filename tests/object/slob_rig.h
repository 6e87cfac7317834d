/* SPDX-License-Identifier: GPL-2.0-only */
/* A SLOB allocator over a source of pages that a test can watch. */
#ifndef KMR_TESTS_OBJECT_SLOB_RIG_H
#define KMR_TESTS_OBJECT_SLOB_RIG_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "object/object.h"

#define FIRST_PFN  16u
#define NODE_PAGES 8192u
#define END_PFN	   (FIRST_PFN + 2 * NODE_PAGES) /* the second half is node 1 */
#define KMALLOC	   UINT32_MAX /* the cache of what is kmalloc()'s */

struct slob_rig {
	struct kmr_machine m;
	struct kmr_object_backend *b;
	uint32_t next[2]; /* of each node: frames from here on were never given out */
	uint32_t spare[2 * NODE_PAGES]; /* single frames that came back */
	unsigned int nr_spare;
	uint64_t out; /* frames given out */
	bool none_left;
	struct kmr_page_request last; /* asked for */
	kmr_pfn_t last_freed;
};

/* splitmix64: the same numbers everywhere. */
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

static inline unsigned int node_of(uint32_t pfn)
{
	return pfn >= FIRST_PFN + NODE_PAGES;
}

static inline kmr_pfn_t give_pages(void *ctx, const struct kmr_page_request *req)
{
	struct slob_rig *r = ctx;
	const uint32_t pages = 1u << req->order;
	uint32_t pfn;

	r->last = *req;
	if (r->none_left)
		return KMR_NO_PFN;
	for (unsigned int i = r->nr_spare; !req->order && i-- > 0;)
		if (node_of(r->spare[i]) == req->node) {
			pfn = r->spare[i];
			r->spare[i] = r->spare[--r->nr_spare];
			r->out++;
			return pfn;
		}
	pfn = (r->next[req->node] + pages - 1) & ~(pages - 1);
	cr_assert_leq(pfn + pages, FIRST_PFN + (req->node + 1) * NODE_PAGES);
	r->next[req->node] = pfn + pages;
	r->out += pages;
	return pfn;
}

static inline void take_pages(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int cpu,
			      bool rcu)
{
	struct slob_rig *r = ctx;

	cr_assert_eq(cpu, 0);
	cr_assert_not(rcu);
	r->out -= UINT64_C(1) << order;
	r->last_freed = pfn;
	if (!order)
		r->spare[r->nr_spare++] = pfn;
}

static inline void rig_machine(struct kmr_machine *m)
{
	memset(m, 0, sizeof(*m));
	m->page_shift = 12;
	m->nr_orders = 11;
	m->nr_nodes = 2;
	m->nr_cpus = 1;
	m->nr_zones = 2;
	for (unsigned int i = 0; i < 2; i++) {
		m->zones[i].node = (uint16_t)i;
		m->zones[i].type = KMR_ZONE_NORMAL;
		m->zones[i].start_pfn = FIRST_PFN + i * NODE_PAGES;
		m->zones[i].spanned = NODE_PAGES;
		m->zones[i].present = NODE_PAGES;
		m->zones[i].managed = NODE_PAGES;
	}
}

static inline struct kmr_object_backend *rig_backend(struct slob_rig *r, unsigned int pointer)
{
	const struct kmr_object_config config = {
		.machine = &r->m,
		.version = 601,
		.pointer_bytes = pointer,
		.pages = { r, give_pages, take_pages },
	};
	struct kmr_error err = { "" };
	struct kmr_object_backend *b = kmr_slob.create(&config, NULL, &err);

	cr_assert_not_null(b, "%s", err.msg);
	return b;
}

static inline struct slob_rig *rig_new(unsigned int pointer)
{
	struct slob_rig *r = calloc(1, sizeof(*r));

	cr_assert_not_null(r);
	rig_machine(&r->m);
	r->next[0] = FIRST_PFN;
	r->next[1] = FIRST_PFN + NODE_PAGES;
	r->b = rig_backend(r, pointer);
	return r;
}

static inline void rig_free(struct slob_rig *r)
{
	kmr_slob.destroy(r->b);
	free(r);
}

static inline void rig_check(const struct slob_rig *r)
{
	struct kmr_error err = { "" };

	cr_assert_eq(kmr_slob.check(r->b, &err), 0, "%s", err.msg);
}

static inline unsigned int rig_cache(const struct slob_rig *r, uint32_t size, uint32_t align,
				     uint32_t flags)
{
	struct kmr_cache_spec spec;
	struct kmr_error err = { "" };
	int cache;

	memset(&spec, 0xff, sizeof(spec));
	spec.name = "test";
	spec.object_size = size;
	spec.align = align;
	spec.flags = flags;
	cache = kmr_slob.cache_create(r->b, &spec, &err);
	cr_assert_geq(cache, 0, "%s", err.msg);
	return (unsigned int)cache;
}

static inline kmr_obj_t rig_kmalloc(const struct slob_rig *r, uint32_t bytes)
{
	const struct kmr_object_request req = { bytes, KMR_GFP_KERNEL, -1, 0 };

	return kmr_slob.kmalloc(r->b, &req);
}

static inline kmr_obj_t rig_alloc(const struct slob_rig *r, unsigned int cache)
{
	const struct kmr_object_request req = { 0, KMR_GFP_KERNEL, -1, 0 };

	return kmr_slob.alloc(r->b, cache, &req);
}

static inline kmr_obj_t at(uint32_t pfn, uint32_t offset)
{
	return ((kmr_obj_t)pfn << 12) + offset;
}

#endif
