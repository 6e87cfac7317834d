/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Machines to try a page allocator on, small enough to say what it must do frame by frame.  Behind
 * the header of the backend that is looked into.
 */
#ifndef KMR_TESTS_PAGE_RIG_H
#define KMR_TESTS_PAGE_RIG_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "kmreplay/machine.h"
#include "kmreplay/page.h"

#define GFP_ATOMIC_REQ	    (KMR_GFP_HIGH | KMR_GFP_ATOMIC | KMR_GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT_REQ	    KMR_GFP_KSWAPD_RECLAIM
#define GFP_RECLAIMABLE_REQ (KMR_GFP_KERNEL | KMR_GFP_RECLAIMABLE)
#define GFP_MOVABLE_REQ	    (KMR_GFP_KERNEL | KMR_GFP_MOVABLE)

/* A backend and the machine it was made for. */
struct rig {
	struct kmr_machine m;
	const struct kmr_page_ops *ops;
	struct kmr_page_backend *b;
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

/* An empty machine of one node and CPU, 11 orders, without reserves: zones are added to it. */
static inline void bare_machine(struct kmr_machine *m, unsigned int pageblock_order)
{
	memset(m, 0, sizeof(*m));
	(void)snprintf(m->name, sizeof(m->name), "bare");
	(void)snprintf(m->arch, sizeof(m->arch), "i386");
	m->page_shift = 12;
	m->nr_orders = 11;
	m->pageblock_order = pageblock_order;
	m->thp = true;
	m->has_type[KMR_ZONE_DMA] = true;
	m->has_type[KMR_ZONE_NORMAL] = true;
	m->has_type[KMR_ZONE_MOVABLE] = true;
	m->nr_nodes = 1;
	m->nr_cpus = 1;
	for (unsigned int i = 0; i < KMR_MAX_NODES; i++)
		for (unsigned int j = 0; j < KMR_MAX_NODES; j++)
			m->distance[i][j] = i == j ? 10 : 20;
}

static inline struct kmr_zone_spec *add_zone(struct kmr_machine *m, enum kmr_zone_type type,
					     unsigned int node, uint64_t start, uint64_t spanned)
{
	struct kmr_zone_spec *z = &m->zones[m->nr_zones++];

	memset(z, 0, sizeof(*z));
	z->node = (uint16_t)node;
	z->type = (uint8_t)type;
	z->start_pfn = start;
	z->spanned = spanned;
	z->present = spanned;
	z->managed = spanned;
	z->pcp_high = 378;
	z->pcp_batch = 63;
	m->has_type[type] = true;
	m->ram_pages += spanned;
	return z;
}

static inline void rig_create_as(struct rig *r, const char *backend)
{
	struct kmr_error err = { "" };

	r->ops = kmr_page_backend_find(backend);
	cr_assert_not_null(r->ops);
	r->b = r->ops->create(&r->m, NULL, &err);
	cr_assert_not_null(r->b, "%s", err.msg);
}

static inline void rig_destroy(struct rig *r)
{
	r->ops->destroy(r->b);
}

static inline void rig_check(const struct rig *r)
{
	struct kmr_error err = { "" };

	cr_assert_eq(r->ops->check(r->b, &err), 0, "%s", err.msg);
}

static inline void rig_seed(const struct rig *r, kmr_pfn_t pfn, unsigned int order,
			    unsigned int type)
{
	cr_assert_eq(r->ops->seed_free(r->b, pfn, order, type), 0, "seed %u/%u", pfn, order);
}

static inline kmr_pfn_t rig_alloc(const struct rig *r, unsigned int order, uint32_t gfp)
{
	const struct kmr_page_request req = {
		.gfp = gfp, .order = (uint8_t)order, .node = 0, .cpu = 0
	};

	return r->ops->alloc(r->b, &req);
}

static inline void rig_free(const struct rig *r, kmr_pfn_t pfn, unsigned int order)
{
	cr_assert_eq(r->ops->free(r->b, pfn, order, 0), 0, "free %u/%u", pfn, order);
}

static inline struct kmr_frame_info rig_where(const struct rig *r, kmr_pfn_t pfn)
{
	struct kmr_frame_info info;

	r->ops->where(r->b, pfn, &info);
	return info;
}

/* The blocks of a list from its head, up to @max; returns how many there are. */
static inline unsigned int list_of(const struct rig *r, const struct kmr_list *l, uint32_t *pfns,
				   unsigned int max)
{
	unsigned int n = 0;

	for (uint32_t pfn = l->head; pfn != KMR_NO_PFN; pfn = kmr_frame(r->b, pfn)->next) {
		if (n < max)
			pfns[n] = pfn;
		n++;
	}
	return n;
}

/* Asserts that a list holds just these blocks from its head. */
#define ASSERT_LIST(rig, list, ...)                                                          \
	do {                                                                                 \
		const uint32_t want_[] = { __VA_ARGS__ };                                    \
		const unsigned int nr_ = sizeof(want_) / sizeof(want_[0]);                   \
		uint32_t got_[64];                                                           \
		const unsigned int n_ = list_of(rig, list, got_, 64);                        \
                                                                                             \
		cr_assert_eq(n_, nr_, "%u blocks, expected %u", n_, nr_);                    \
		for (unsigned int i_ = 0; i_ < nr_; i_++)                                    \
			cr_assert_eq(got_[i_], want_[i_], "block %u is %u, expected %u", i_, \
				     got_[i_], want_[i_]);                                   \
	} while (0)

/* What an observer was told, in order. */
enum told_what {
	TOLD_REFILL,
	TOLD_DRAIN,
	TOLD_EXTFRAG,
	TOLD_MIGRATED
};

struct told {
	enum told_what what;
	uint32_t pfn, to;
	unsigned int order, type;
	struct kmr_extfrag ef;
};

struct witness {
	struct kmr_page_observer observer;
	struct told told[4096];
	unsigned int count;
};

static inline struct told *witness_next(struct witness *w)
{
	cr_assert_lt(w->count, sizeof(w->told) / sizeof(w->told[0]));
	return &w->told[w->count++];
}

static inline void witness_refill(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int type,
				  bool percpu)
{
	struct told *t = witness_next(ctx);

	(void)percpu;
	t->what = TOLD_REFILL;
	t->pfn = pfn;
	t->order = order;
	t->type = type;
}

static inline void witness_drain(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int type)
{
	struct told *t = witness_next(ctx);

	t->what = TOLD_DRAIN;
	t->pfn = pfn;
	t->order = order;
	t->type = type;
}

static inline void witness_extfrag(void *ctx, const struct kmr_extfrag *ef)
{
	struct told *t = witness_next(ctx);

	t->what = TOLD_EXTFRAG;
	t->pfn = ef->pfn;
	t->order = ef->order;
	t->type = ef->migratetype;
	t->ef = *ef;
}

static inline void witness_migrated(void *ctx, kmr_pfn_t from, kmr_pfn_t to, unsigned int order)
{
	struct told *t = witness_next(ctx);

	t->what = TOLD_MIGRATED;
	t->pfn = from;
	t->to = to;
	t->order = order;
}

static inline void rig_watch(struct rig *r, struct witness *w)
{
	w->count = 0;
	w->observer.ctx = w;
	w->observer.refill = witness_refill;
	w->observer.drain = witness_drain;
	w->observer.extfrag = witness_extfrag;
	w->observer.migrated = witness_migrated;
	w->observer.kept = NULL;
	r->ops->observe(r->b, &w->observer);
}

static inline unsigned int witness_count(const struct witness *w, enum told_what what)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < w->count; i++)
		n += w->told[i].what == what;
	return n;
}

#endif
