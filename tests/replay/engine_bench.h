/* SPDX-License-Identifier: GPL-2.0-only */
/* The engine on a machine of one small zone, and events made by hand to feed to it. */
#ifndef TESTS_REPLAY_ENGINE_BENCH_H
#define TESTS_REPLAY_ENGINE_BENCH_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../page/support.h"
#include "replay/engine.h"

/* A traced frame far from any simulated one that is handed out. */
#define T 4000u

struct bench {
	struct rig r;
	struct kmr_engine *e;
	uint64_t time;
	uint64_t calls; /* of replayed() */
	uint64_t extfrags;
	uint64_t seeded;
};

static inline void on_replayed(void *ctx, uint64_t time, uint64_t events)
{
	struct bench *b = ctx;

	cr_assert_leq(time, b->time);
	cr_assert_eq(events, ++b->calls);
}

static inline void on_extfrag(void *ctx, uint64_t time, const struct kmr_extfrag *ef)
{
	struct bench *b = ctx;

	(void)time;
	(void)ef;
	b->extfrags++;
}

/* Frames [0, 8192) in one Normal zone, three CPUs; frames from @first_free to @end are free. */
static inline struct bench *bench_of(uint32_t first_free, uint32_t end, bool live, bool same)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct kmr_engine_config config;
	struct kmr_error err = { "" };

	cr_assert_not_null(b);
	bare_machine(&b->r.m, 9);
	b->r.m.nr_cpus = 3;
	(void)add_zone(&b->r.m, KMR_ZONE_NORMAL, 0, 0, 8192);
	rig_create(&b->r);
	for (uint32_t pfn = first_free; pfn < end; pfn += 64)
		rig_free(&b->r, pfn, 6);
	b->seeded = b->r.b->zones[0].free_pages;
	memset(&config, 0, sizeof(config));
	config.machine = &b->r.m;
	config.ops = b->r.ops;
	config.backend = b->r.b;
	config.start_frames_live = live;
	config.start_frames_same = same;
	config.ctx = b;
	config.replayed = on_replayed;
	config.extfrag = on_extfrag;
	b->e = kmr_engine_create(&config, &err);
	cr_assert_not_null(b->e, "%s", err.msg);
	return b;
}

/* The usual one: the upper half free, the rest the kernel's. */
static inline struct bench *bench_begin(void)
{
	return bench_of(4096, 8192, false, false);
}

static inline void feed_event(struct bench *b, struct kmr_event ev)
{
	ev.time = b->time += 1000;
	kmr_engine_feed(b->e, &ev, 1);
}

static inline struct kmr_event event(enum kmr_event_type type, uint64_t pfn, unsigned int order)
{
	struct kmr_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.type = (uint8_t)type;
	ev.addr = pfn;
	ev.page.order = (uint8_t)order;
	ev.page.migratetype = KMR_MIGRATE_MOVABLE;
	ev.gfp = GFP_MOVABLE_REQ;
	ev.flags = KMR_EVF_GFP_KNOWN | KMR_EVF_CONTEXT_KNOWN;
	return ev;
}

static inline void alloc(struct bench *b, uint64_t pfn, unsigned int order)
{
	feed_event(b, event(KMR_EV_PAGE_ALLOC, pfn, order));
}

static inline void free_page_event(struct bench *b, uint64_t pfn, unsigned int order)
{
	feed_event(b, event(KMR_EV_PAGE_FREE, pfn, order));
}

static inline void refill(struct bench *b, uint64_t pfn, unsigned int order)
{
	struct kmr_event ev = event(KMR_EV_PAGE_REFILL, pfn, order);

	ev.flags |= KMR_EVF_PERCPU_REFILL;
	feed_event(b, ev);
}

/* Flushes and checks the model; returns what was counted. */
static inline const struct kmr_replay_stats *settle(struct bench *b)
{
	kmr_engine_flush(b->e);
	rig_check(&b->r);
	return kmr_engine_stats(b->e);
}

/* Frames of the simulation in use beyond those at the start. */
static inline uint64_t in_use(const struct bench *b)
{
	uint64_t used = b->seeded - b->r.b->zones[0].free_pages;

	for (unsigned int cpu = 0; cpu < b->r.m.nr_cpus; cpu++)
		used -= b->r.ops->pcp_count(b->r.b, 0, cpu);
	return used;
}

static inline void bench_end(struct bench *b)
{
	kmr_engine_destroy(b->e);
	rig_destroy(&b->r);
	free(b);
}

#endif
