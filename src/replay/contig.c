// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests for contiguous memory are made of the model at their events.  Traced frames that it hands
 * out have entries like any other page, so that a kernel's own frees of them, one page at a time
 * before its cma_release, are followed; and what the traced kernel migrated shows there as pages
 * allocated and freed, whatever moves here.
 */
#include "replay/contig.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "replay/engine_internal.h"

void kmr_contig_start(const struct kmr_machine *m, const struct kmr_page_ops *ops,
		      struct kmr_page_backend *b, bool boot)
{
	if (m->nr_cma)
		ops->cma_activate(b, boot);
	for (unsigned int node = 0; boot && node < m->nr_nodes; node++)
		if (m->huge_pages[node])
			(void)ops->set_huge_pages(b, m->huge_pages[node], (int)node, 0);
}

void kmr_contig_replay_init(struct kmr_engine *e)
{
	const struct kmr_machine *m = e->c.machine;
	struct kmr_contig_report *r = &e->contig.report;

	r->first_busy = KMR_EV_NO_PFN;
	r->nr_areas = m->nr_cma;
	for (unsigned int i = 0; i < m->nr_cma; i++) {
		memcpy(r->areas[i].name, m->cma[i].name, sizeof(r->areas[i].name));
		r->areas[i].name[sizeof(r->areas[i].name) - 1] = '\0';
		r->areas[i].pages = m->cma[i].pages;
	}
	for (unsigned int node = 0; node < m->nr_nodes; node++)
		r->used = r->used || m->huge_pages[node];
}

void kmr_contig_replay_fini(struct kmr_engine *e)
{
	kmr_ptrmap_fini(&e->contig.block_of);
	free(e->contig.blocks);
	free(e->contig.traced_of);
}

int kmr_contig_track_moves(struct kmr_engine *e)
{
	uint32_t *traced_of;

	if (e->contig.traced_of)
		return 0;
	traced_of = calloc(e->nr_frames, sizeof(*traced_of));
	if (!traced_of) {
		e->contig.nomem = true;
		return -1;
	}
	for (uint64_t chunk = 0; chunk < KMR_MAP_CHUNKS; chunk++) {
		const struct kmr_map_entry *entries = e->map.chunks[chunk];

		for (uint64_t i = 0; entries && i < 1u << KMR_MAP_CHUNK_BITS; i++)
			if (entries[i].state == KMR_MAP_LIVE)
				traced_of[entries[i].sim] =
					(uint32_t)(chunk << KMR_MAP_CHUNK_BITS | i);
	}
	e->contig.traced_of = traced_of;
	return 0;
}

struct kmr_map_entry *kmr_contig_entry_at(struct kmr_engine *e, kmr_pfn_t pfn, uint64_t *head)
{
	for (unsigned int o = 0; o < e->c.machine->nr_orders; o++) {
		const kmr_pfn_t first = pfn & ~((1u << o) - 1);
		struct kmr_map_entry *entry;

		*head = e->contig.traced_of[first];
		entry = kmr_pfnmap_find(&e->map, *head);
		if (entry && entry->state == KMR_MAP_LIVE && entry->sim == first &&
		    entry->order >= o)
			return entry;
	}
	return NULL;
}

/* The request that was given the block at @pfn and waits for its event. */
static struct kmr_pending *pending_at(const struct kmr_engine *e, kmr_pfn_t pfn)
{
	for (uint32_t i = 0; i < KMR_MAX_CPUS * KMR_NR_CONTEXTS; i++) {
		struct kmr_pending *p = &e->pending[i];

		if (p->sim != KMR_NO_PFN && !p->noted && pfn >= p->sim &&
		    pfn - p->sim < 1u << p->req.order)
			return p;
	}
	return NULL;
}

/* Its traced frames are known already, so that the block can have its entry now. */
static struct kmr_map_entry *settle_pending(struct kmr_engine *e, kmr_pfn_t pfn, uint64_t *head)
{
	struct kmr_pending *p = pending_at(e, pfn);
	struct kmr_map_entry *entry;

	if (!p || p->traced == KMR_EV_NO_PFN)
		return NULL;
	entry = kmr_pfnmap_get(&e->map, p->traced);
	if (!entry)
		return NULL;
	*head = p->traced;
	kmr_engine_note_live(e, entry, p->traced, p->sim, &p->req);
	p->noted = true;
	return entry;
}

/* A frame of the start state moves: the trace knows it by the number it had. */
static void move_start_frames(struct kmr_engine *e, kmr_pfn_t from, kmr_pfn_t to,
			      unsigned int order)
{
	struct kmr_map_entry *entry;

	/* what no traced frame stands for any more */
	if (kmr_engine_owns(e, from)) {
		kmr_engine_own(e, from, order, false);
		kmr_engine_own(e, to, order, true);
		return;
	}
	if (!e->c.start_frames_live || !e->c.start_frames_same)
		return;
	entry = kmr_pfnmap_get(&e->map, from);
	if (!entry || entry->state != KMR_MAP_UNKNOWN)
		return;
	entry->state = KMR_MAP_LIVE;
	entry->sim = to;
	entry->order = (uint8_t)order;
	entry->start = 1;
	e->contig.traced_of[to] = from;
	kmr_engine_own(e, to, order, true);
}

/* Somebody's event is still to come who was given what had been taken silently. */
static void follow_silent(const struct kmr_engine *e, kmr_pfn_t from, kmr_pfn_t to,
			  unsigned int order)
{
	struct kmr_pending *p = pending_at(e, from);

	if (p && p->sim == from && p->req.order == order)
		p->sim = to;
	else if (p)
		p->noted = true;
}

void kmr_contig_migrated(void *ctx, kmr_pfn_t from, kmr_pfn_t to, unsigned int order)
{
	struct kmr_engine *e = ctx;
	struct kmr_map_entry *entry;
	uint64_t head = 0;

	if (e->pressure.reclaim)
		kmr_reclaim_moved(e->pressure.reclaim, from, to);
	entry = kmr_contig_entry_at(e, from, &head);
	if (!entry)
		entry = settle_pending(e, from, &head);
	if (!entry) {
		/* a request that failed in the traced kernel and is to be taken back */
		struct kmr_pending *p = pending_at(e, from);

		if (p && p->traced == KMR_EV_NO_PFN)
			p->sim = p->req.order == order ? to : KMR_NO_PFN;
		else
			move_start_frames(e, from, to, order);
		return;
	}
	if (entry->order > order) {
		const uint64_t traced = head + (from - entry->sim);

		entry = kmr_engine_split(e, entry, head, traced, order, 0);
		head = traced;
	}
	if (!entry)
		return;
	if (entry->silent)
		follow_silent(e, from, to, order);
	kmr_engine_own(e, from, order, false);
	kmr_engine_own(e, to, order, true);
	entry->sim = to;
	e->contig.traced_of[to] = (uint32_t)head;
}

void kmr_contig_kept(void *ctx, kmr_pfn_t pfn, unsigned int order, bool kept)
{
	kmr_engine_own(ctx, pfn, order, kept);
}

/* The machine's area that the event is of; kernels before 5.13 name none.  -1: it has no such. */
static int area_of(const struct kmr_engine *e, const struct kmr_event *ev)
{
	const struct kmr_contig_report *r = &e->contig.report;
	const char *name = ev->cache && e->c.cache_name ? e->c.cache_name(e->c.ctx, ev->cache) : "";

	if (!*name)
		return r->nr_areas ? 0 : -1;
	for (unsigned int i = 0; i < r->nr_areas; i++)
		if (!strcmp(name, r->areas[i].name))
			return (int)i;
	return -1;
}

static struct kmr_cma_block *new_block(struct kmr_contig_replay *c, uint64_t traced)
{
	struct kmr_cma_block *blocks;
	uint32_t i = c->unused;

	if (i) {
		c->unused = c->blocks[i - 1].next_unused;
	} else {
		blocks = kmr_grow(c->blocks, c->nr_blocks, &c->cap_blocks, sizeof(*blocks));
		if (!blocks)
			return NULL;
		c->blocks = blocks;
		if (c->nr_blocks >= UINT32_MAX - 1)
			return NULL;
		i = (uint32_t)++c->nr_blocks;
	}
	if (kmr_ptrmap_put(&c->block_of, traced, i))
		return NULL;
	c->blocks[i - 1].traced = traced;
	return &c->blocks[i - 1];
}

/* Takes the block that begins at @traced out of the table; false: there is none. */
static bool take_block(struct kmr_contig_replay *c, uint64_t traced, struct kmr_cma_block *block)
{
	const uint32_t i = kmr_ptrmap_take(&c->block_of, traced);

	if (!i)
		return false;
	*block = c->blocks[i - 1];
	c->blocks[i - 1].next_unused = c->unused;
	c->unused = i;
	return true;
}

static void note_block(struct kmr_engine *e, const struct kmr_cma_block *block)
{
	struct kmr_cma_block *kept = new_block(&e->contig, block->traced);

	if (!kept) {
		e->contig.nomem = true;
		return;
	}
	*kept = *block;
}

/* The first @pages of a block are given back: those that are still its own. */
static void give_back(struct kmr_engine *e, const struct kmr_cma_block *block, uint64_t pages,
		      unsigned int cpu)
{
	struct kmr_contig_report *r = &e->contig.report;

	for (uint64_t i = 0; i < pages; i++) {
		struct kmr_map_entry *entry = kmr_pfnmap_find(&e->map, block->traced + i);

		if (!entry || entry->state != KMR_MAP_LIVE || entry->sim != block->sim + i)
			continue;
		entry->state = KMR_MAP_FREED;
		e->stats.live_pages--;
		kmr_engine_own(e, entry->sim, 0, false);
	}
	(void)e->c.ops->cma_release(e->c.backend, block->area, block->sim, pages, cpu);
	r->areas[block->area].live_pages -= pages;
	r->stats.cma_live_pages -= pages;
}

static void hand_out(struct kmr_engine *e, const struct kmr_cma_block *block, unsigned int cpu)
{
	static const struct kmr_page_request page = { 0 };
	struct kmr_cma_report *area = &e->contig.report.areas[block->area];

	for (uint64_t i = 0; i < block->pages; i++) {
		struct kmr_map_entry *entry = kmr_pfnmap_get(&e->map, block->traced + i);

		if (!entry)
			continue;
		kmr_engine_release_stale(e, entry, cpu);
		kmr_engine_note_live(e, entry, block->traced + i, block->sim + (kmr_pfn_t)i, &page);
	}
	area->live_pages += block->pages;
	if (area->live_pages > area->peak_pages)
		area->peak_pages = area->live_pages;
	e->contig.report.stats.cma_live_pages += block->pages;
}

/* What a task asked for that is no page of its own. */
static void note_outcome(const struct kmr_engine *e, const struct kmr_event *ev,
			 enum kmr_request_kind kind, uint64_t pages, bool served)
{
	kmr_outcome_note(e->outcomes, ev->task, kind, 0, pages, served, ev->time);
}

static void cma_alloc(struct kmr_engine *e, const struct kmr_event *ev)
{
	struct kmr_contig_stats *s = &e->contig.report.stats;
	const unsigned int cpu = kmr_engine_cpu(e, ev);
	const int area = area_of(e, ev);
	struct kmr_cma_block block, old;

	if (area < 0) {
		s->cma_foreign++;
		return;
	}
	if (kmr_contig_track_moves(e))
		return;
	s->cma_requests++;
	e->contig.report.areas[area].requests++;
	block.traced = ev->addr;
	block.pages = ev->size;
	block.area = (uint32_t)area;
	block.sim = e->c.ops->cma_alloc(e->c.backend, block.area, ev->size, ev->align, cpu);
	if (block.sim == KMR_NO_PFN)
		e->contig.report.areas[area].failures++;
	if (ev->addr == KMR_EV_NO_PFN) {
		s->cma_traced_failures++;
		if (block.sim == KMR_NO_PFN)
			return;
		/* nobody will release it */
		s->cma_rescued++;
		(void)e->c.ops->cma_release(e->c.backend, block.area, block.sim, ev->size, cpu);
		return;
	}
	if (take_block(&e->contig, ev->addr, &old)) {
		s->cma_repeated++;
		if (old.sim != KMR_NO_PFN)
			give_back(e, &old, old.pages, cpu);
	}
	note_outcome(e, ev, KMR_REQ_CMA, ev->size, block.sim != KMR_NO_PFN);
	if (block.sim == KMR_NO_PFN)
		s->cma_failures++;
	else
		hand_out(e, &block, cpu);
	note_block(e, &block);
}

static void cma_release(struct kmr_engine *e, const struct kmr_event *ev)
{
	struct kmr_contig_stats *s = &e->contig.report.stats;
	struct kmr_cma_block block;
	uint64_t pages;

	if (area_of(e, ev) < 0) {
		s->cma_foreign++;
		return;
	}
	s->cma_releases++;
	if (!take_block(&e->contig, ev->addr, &block)) {
		s->cma_unknown_releases++;
		return;
	}
	pages = ev->size && ev->size < block.pages ? ev->size : block.pages;
	if (block.sim == KMR_NO_PFN)
		s->cma_dropped_releases++;
	else
		give_back(e, &block, pages, kmr_engine_cpu(e, ev));
	if (pages == block.pages)
		return;
	/* the rest of it stays out */
	block.traced += pages;
	block.pages -= pages;
	if (block.sim != KMR_NO_PFN)
		block.sim += (kmr_pfn_t)pages;
	note_block(e, &block);
}

static void online(struct kmr_engine *e, const struct kmr_event *ev)
{
	struct kmr_contig_stats *s = &e->contig.report.stats;
	const struct kmr_memory_block block = { ev->addr, ev->block.pages, ev->block.zone,
						ev->node };

	const bool done =
		e->c.ops->online(e->c.backend, &block, kmr_engine_cpu(e, ev)) == KMR_RANGE_DONE;

	note_outcome(e, ev, KMR_REQ_ONLINE, ev->block.pages, done);
	if (done) {
		s->onlined++;
		e->locks.plugged = true;
	} else {
		s->online_failures++;
	}
}

static void offline(struct kmr_engine *e, const struct kmr_event *ev)
{
	struct kmr_contig_report *r = &e->contig.report;
	enum kmr_range_result result;
	kmr_pfn_t busy;

	if (kmr_contig_track_moves(e))
		return;
	result = e->c.ops->offline(e->c.backend, ev->addr, ev->block.pages, kmr_engine_cpu(e, ev),
				   &busy);
	note_outcome(e, ev, KMR_REQ_OFFLINE, ev->block.pages, result == KMR_RANGE_DONE);
	switch (result) {
	case KMR_RANGE_DONE:
		r->stats.offlined++;
		e->locks.plugged = true;
		return;
	case KMR_RANGE_BUSY:
		r->stats.offline_busy++;
		break;
	case KMR_RANGE_NO_ROOM:
		r->stats.offline_no_room++;
		break;
	default:
		r->stats.offline_invalid++;
		return;
	}
	if (r->first_busy == KMR_EV_NO_PFN && busy != KMR_NO_PFN)
		r->first_busy = busy;
}

static void set_pool(struct kmr_engine *e, const struct kmr_event *ev)
{
	struct kmr_contig_stats *s = &e->contig.report.stats;

	const bool reached = e->c.ops->set_huge_pages(e->c.backend, ev->size, ev->node,
						      kmr_engine_cpu(e, ev)) >= ev->size;

	s->pool_changes++;
	s->pool_short += !reached;
	note_outcome(e, ev, KMR_REQ_HUGEPAGES, ev->size << e->c.machine->huge_order, reached);
}

void kmr_contig_event(struct kmr_engine *e, const struct kmr_event *ev)
{
	e->contig.report.used = true;
	switch (ev->type) {
	case KMR_EV_CMA_ALLOC:
		cma_alloc(e, ev);
		break;
	case KMR_EV_CMA_RELEASE:
		cma_release(e, ev);
		break;
	case KMR_EV_MEM_ONLINE:
		online(e, ev);
		break;
	case KMR_EV_MEM_OFFLINE:
		offline(e, ev);
		break;
	default:
		set_pool(e, ev);
	}
}

bool kmr_contig_thp(struct kmr_engine *e, uint32_t gfp, kmr_pfn_t sim)
{
	struct kmr_contig_report *r = &e->contig.report;

	if ((gfp & KMR_GFP_TRANSHUGE) != KMR_GFP_TRANSHUGE)
		return false;
	r->stats.thp_requests++;
	r->stats.thp_failures += sim == KMR_NO_PFN;
	return true;
}

void kmr_engine_contig(const struct kmr_engine *e, struct kmr_contig_report *report)
{
	*report = e->contig.report;
	report->work = *e->c.ops->contig_work(e->c.backend);
	report->stats.pool_pages = report->work.huge_allocs - report->work.huge_frees;
}
