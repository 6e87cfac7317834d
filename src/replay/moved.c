// SPDX-License-Identifier: GPL-2.0-only
#include "replay/moved.h"

#include <stdlib.h>

#include "replay/engine_internal.h"

int kmr_moved_init(struct kmr_engine *e, struct kmr_error *err)
{
	struct kmr_moved_replay *m = &e->moved;

	m->on = true;
	/* the largest block there is, and a pageblock */
	m->max_places = 2u << (e->c.machine->nr_orders - 1);
	if (m->max_places < 2u << e->c.machine->pageblock_order)
		m->max_places = 2u << e->c.machine->pageblock_order;
	m->places = calloc(m->max_places, sizeof(*m->places));
	if (kmr_follow_init(&m->follow, e->c.machine, e->c.ops, e->c.backend) || !m->places ||
	    kmr_homeless_init(&m->pages))
		return kmr_fail_nomem(err, "following reclaim");
	m->follow.simulated = true;
	return 0;
}

void kmr_moved_fini(struct kmr_engine *e)
{
	if (e->moved.on)
		kmr_follow_free(&e->moved.follow);
	free(e->moved.places);
	free(e->moved.pages.frames);
}

static void isolated(void *ctx, kmr_pfn_t pfn, uint32_t pages)
{
	struct kmr_engine *e = ctx;
	struct kmr_moved_replay *m = &e->moved;

	for (uint32_t i = pages; i-- > 0;) {
		if (m->nr_places == m->max_places) {
			(void)e->c.ops->free(e->c.backend, pfn + i, 0, 0);
			continue;
		}
		/* the lowest is moved to first */
		m->places[m->nr_places++] = pfn + i;
		kmr_engine_own(e, pfn + i, 0, true);
	}
}

/* isolate_freepages(): a block from the lists, else what is free in the pageblocks above. */
static void look_for_places(struct kmr_engine *e, struct kmr_compaction *c)
{
	const struct kmr_follow_ops *ops = e->c.ops->follow;
	const uint32_t size = UINT32_C(1) << e->c.machine->pageblock_order;
	uint32_t block;
	kmr_pfn_t pfn;

	c->search.want = KMR_NO_PFN;
	pfn = ops->free_search(e->c.backend, &c->search);
	if (pfn != KMR_NO_PFN) {
		isolated(e, pfn, c->search.pages);
		return;
	}
	block = kmr_follow_block(&e->moved.follow, c->search.free_pfn);
	while (!e->moved.nr_places && block > c->search.migrate_pfn && block >= size) {
		const struct kmr_free_range range = { block, block + size, 0, KMR_NO_PFN };

		(void)ops->isolate_range(e->c.backend, &range, isolated, e);
		c->search.free_pfn = block;
		c->search.first = false;
		block -= size;
	}
}

static void move(struct kmr_engine *e, struct kmr_compaction *c, uint32_t pages)
{
	struct kmr_moved_replay *m = &e->moved;

	for (; pages; pages--) {
		if (!m->nr_places)
			look_for_places(e, c);
		if (!m->nr_places) {
			m->stats.homeless += pages;
			return;
		}
		kmr_homeless_push(&m->pages, m->places[--m->nr_places]);
		m->stats.moved++;
	}
}

static void give_back(struct kmr_engine *e, kmr_pfn_t pfn, unsigned int cpu)
{
	kmr_engine_own(e, pfn, 0, false);
	(void)e->c.ops->free(e->c.backend, pfn, 0, cpu);
}

static bool is_kswapd(const struct kmr_event *ev)
{
	return ev->type == KMR_EV_KSWAPD_WAKE || ev->type == KMR_EV_KSWAPD_SLEEP;
}

void kmr_moved_fallback(struct kmr_engine *e, const struct kmr_event *ev)
{
	if (e->moved.boosts_told && ev->page.fallback_order < e->c.machine->pageblock_order &&
	    ev->addr < e->nr_frames)
		e->c.ops->follow->boost(e->c.backend, (kmr_pfn_t)ev->addr, true);
}

void kmr_moved_event(struct kmr_engine *e, const struct kmr_event *ev)
{
	struct kmr_moved_replay *m = &e->moved;

	kmr_follow_event(&m->follow, ev);
	if (!m->boosts_told && is_kswapd(ev) && e->c.ops->follow) {
		m->boosts_told = true;
		e->c.ops->follow->boosts_told(e->c.backend);
	}
	if (ev->type == KMR_EV_COMPACT_BEGIN)
		m->stats.compactions++;
	/* release_freepages() */
	if (ev->type == KMR_EV_COMPACT_END && !m->follow.nr_compactions)
		while (m->nr_places)
			give_back(e, m->places[--m->nr_places], kmr_engine_cpu(e, ev));
}

bool kmr_moved_freed(struct kmr_engine *e, const struct kmr_event *ev, bool unknown,
		     unsigned int cpu)
{
	struct kmr_moved_replay *m = &e->moved;
	struct kmr_compaction *c = kmr_follow_compaction(&m->follow, ev);

	/* what compaction frees and nobody had allocated is what it took itself */
	if (c && unknown)
		return true;
	if (c && c->migrating)
		move(e, c, UINT32_C(1) << (ev->page.order & 31u));
	if (c || !unknown || ev->page.order || !m->pages.count)
		return false;
	give_back(e, kmr_homeless_pop(&m->pages), cpu);
	m->stats.freed++;
	return true;
}
