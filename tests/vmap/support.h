/* SPDX-License-Identifier: GPL-2.0-only */
/* Address spaces to hand out, with pages and objects that are nothing but numbers. */
#ifndef KMR_TESTS_VMAP_SUPPORT_H
#define KMR_TESTS_VMAP_SUPPORT_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "kmreplay/vmap.h"

#define PAGE UINT64_C(4096)
#define KIB  UINT64_C(1024)
#define MIB  (UINT64_C(1) << 20)
#define GIB  (UINT64_C(1) << 30)

#define MAX_FRAMES 700000u

struct vrig {
	struct kmr_machine m;
	const struct kmr_vmap_ops *ops;
	struct kmr_vmap_backend *b;
	uint64_t base; /* of vmalloc's space */
	/* memory */
	uint8_t *used; /* by frame */
	kmr_pfn_t next; /* frames come in this order, from 1; none twice */
	uint32_t left; /* pages that there still are */
	uint32_t taken; /* pages in use */
	struct kmr_page_request last; /* page asked for last */
	kmr_pfn_t last_freed, first_freed;
	uint32_t objects_left; /* allocations until they fail */
	uint32_t objects; /* in use */
	uint64_t object_bytes; /* asked for in all */
	uint32_t largest_object;
	uint32_t object_gfp;
};

static inline kmr_pfn_t rig_page_alloc(void *ctx, const struct kmr_page_request *req)
{
	struct vrig *r = ctx;

	r->last = *req;
	if (!r->left || r->next >= MAX_FRAMES)
		return KMR_NO_PFN;
	r->left--;
	r->taken++;
	r->used[r->next] = 1;
	return r->next++;
}

static inline void rig_page_free(void *ctx, kmr_pfn_t pfn, unsigned int cpu)
{
	struct vrig *r = ctx;

	(void)cpu;
	cr_assert(pfn < MAX_FRAMES && r->used[pfn], "frame %u is not in use", pfn);
	r->used[pfn] = 0;
	if (r->first_freed == KMR_NO_PFN)
		r->first_freed = pfn;
	r->last_freed = pfn;
	r->taken--;
	r->left++;
}

static inline kmr_obj_t rig_object_alloc(void *ctx, const struct kmr_object_request *req)
{
	struct vrig *r = ctx;

	if (!r->objects_left)
		return KMR_NO_OBJ;
	r->objects_left--;
	r->objects++;
	r->object_bytes += req->bytes;
	r->object_gfp = req->gfp;
	if (req->bytes > r->largest_object)
		r->largest_object = req->bytes;
	return 0x1000 + r->object_bytes;
}

static inline void rig_object_free(void *ctx, kmr_obj_t obj, unsigned int cpu)
{
	struct vrig *r = ctx;

	(void)cpu;
	cr_assert(obj > 0x1000 && obj != KMR_NO_OBJ);
	cr_assert_gt(r->objects, 0u);
	r->objects--;
}

static inline void rig_open(struct vrig *r, const char *preset, const char *spec,
			    unsigned int version, bool drained_by_caller)
{
	uint64_t params[KMR_MAX_PARAMS];
	struct kmr_error err = { "" };
	struct kmr_vmap_config config;

	memset(r, 0, sizeof(*r));
	r->used = calloc(MAX_FRAMES, 1);
	r->next = 1;
	r->left = r->objects_left = UINT32_MAX;
	r->first_freed = KMR_NO_PFN;
	cr_assert_eq(kmr_machine_preset(&r->m, preset, &err), 0, "%s", err.msg);
	memset(&config, 0, sizeof(config));
	config.machine = &r->m;
	config.version = version;
	config.drained_by_caller = drained_by_caller;
	config.memory = (struct kmr_vmap_memory){ r, rig_page_alloc, rig_page_free,
						  rig_object_alloc, rig_object_free };
	r->ops = kmr_vmap_backend_parse(spec, params, &err);
	cr_assert_not_null(r->ops, "%s", err.msg);
	r->b = r->ops->create(&config, params, &err);
	cr_assert_not_null(r->b, "%s", err.msg);
	r->base = r->ops->space(r->b)->vmalloc_start;
}

static inline void rig_close(struct vrig *r)
{
	r->ops->destroy(r->b);
	free(r->used);
}

static inline void rig_check(const struct vrig *r)
{
	struct kmr_error err = { "" };

	cr_assert_eq(r->ops->check(r->b, &err), 0, "%s", err.msg);
}

/* vmalloc(), in pages */
static inline uint64_t rig_alloc(struct vrig *r, uint64_t pages)
{
	const struct kmr_vmap_request req = { .bytes = pages * PAGE,
					      .gfp = KMR_GFP_KERNEL,
					      .node = -1 };

	return r->ops->alloc(r->b, &req);
}

/* Addresses alone, of that many pages. */
static inline uint64_t rig_take(struct vrig *r, uint64_t pages)
{
	const struct kmr_vmap_request req = { .bytes = pages * PAGE, .node = -1 };

	return r->ops->take(r->b, &req);
}

static inline uint64_t rig_take_aligned(struct vrig *r, uint64_t pages, uint64_t align)
{
	const struct kmr_vmap_request req = { .bytes = pages * PAGE, .align = align, .node = -1 };

	return r->ops->take(r->b, &req);
}

static inline uint64_t rig_take_by(struct vrig *r, uint64_t pages, uint16_t cpu)
{
	const struct kmr_vmap_request req = { .bytes = pages * PAGE, .node = -1, .cpu = cpu };

	return r->ops->take(r->b, &req);
}

static inline void rig_give(struct vrig *r, uint64_t addr)
{
	cr_assert_eq(r->ops->give(r->b, addr, 0), 0, "0x%" PRIx64, addr);
}

static inline struct kmr_vmap_state rig_state(const struct vrig *r)
{
	struct kmr_vmap_state s;

	r->ops->state(r->b, &s);
	return s;
}

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

#endif
