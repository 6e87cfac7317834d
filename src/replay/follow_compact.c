// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compaction on the traced kernel's own frames.  Its free scanner takes blocks from the free lists
 * without an event for each; what it moved is freed with one, and so is what it did not need.
 */
#include <stdlib.h>
#include <string.h>

#include "replay/follow.h"

struct kmr_compaction *kmr_follow_compaction_of(struct kmr_follow *f, uint32_t task)
{
	for (unsigned int i = 0; i < f->nr_compactions; i++)
		if (f->compactions[i].task == task)
			return &f->compactions[i];
	return NULL;
}

/*
 * Where the free scanner begins is the first frame of a pageblock, unless the zone's hints have been
 * reset since: __reset_isolation_suitable() walks down from the last frame, a pageblock at a time,
 * and notes the frame that it comes by.
 */
static void learn_reset(struct kmr_follow *f, unsigned int zone, uint64_t free_pfn)
{
	const struct kmr_zone_spec *z = &f->machine->zones[zone];
	const uint64_t last = (uint64_t)z->start_pfn + z->spanned - 1;

	if (kmr_follow_block(f, free_pfn) != free_pfn &&
	    last - kmr_follow_block(f, last) == free_pfn - kmr_follow_block(f, free_pfn))
		f->init_free[zone] = (uint32_t)free_pfn;
}

void kmr_follow_compaction_begins(struct kmr_follow *f, const struct kmr_event *ev, uint32_t task,
				  uint8_t order)
{
	const int zone = kmr_machine_zone_of(f->machine, ev->addr);
	struct kmr_compaction *c = kmr_follow_compaction_of(f, task);

	if (zone < 0 || !f->ops->follow || (!c && f->nr_compactions == KMR_MAX_COMPACTIONS))
		return;
	if (!f->isolated_by && !f->simulated)
		f->isolated_by = calloc(f->nr_frames, sizeof(*f->isolated_by));
	if (!f->isolated_by && !f->simulated) {
		f->nomem = true;
		return;
	}
	if (!c)
		c = &f->compactions[f->nr_compactions++];
	memset(c, 0, sizeof(*c));
	c->task = task;
	c->run = (uint32_t)++f->stats.compactions;
	c->search.zone = (uint16_t)zone;
	c->search.free_pfn = ev->scanners.free_pfn;
	c->search.migrate_pfn = ev->scanners.migrate_pfn;
	c->search.order = order == KMR_EV_WHOLE_ZONE ? 0 : order;
	c->search.search_order = c->search.order;
	learn_reset(f, (unsigned int)zone, ev->scanners.free_pfn);
}

/* The compaction that is told of blocks. */
struct taking {
	struct kmr_follow *f;
	struct kmr_compaction *c;
};

static void isolated(void *ctx, kmr_pfn_t pfn, uint32_t pages)
{
	const struct taking *t = ctx;

	t->c->free_pages += pages;
	t->f->stats.isolated += pages;
	for (uint32_t i = pfn; i - pfn < pages && i < t->f->nr_frames; i++)
		t->f->isolated_by[i] = t->c->run;
}

/* @want: pages that the kernel found; KMR_NO_PFN: not told. */
static void search(struct kmr_follow *f, struct kmr_compaction *c, uint32_t want)
{
	struct taking t = { f, c };
	kmr_pfn_t pfn;

	c->searched = true;
	c->search.want = want;
	c->search.first = c->search.free_pfn >= f->init_free[c->search.zone];
	pfn = f->ops->follow->free_search(f->b, &c->search);
	if (pfn != KMR_NO_PFN)
		isolated(&t, pfn, c->search.pages);
	f->stats.scans_differ += want != KMR_NO_PFN && c->search.pages != want;
}

/* The free scanner went over a range; before that the kernel has looked at the free lists. */
static void free_scanner(struct kmr_follow *f, struct kmr_compaction *c, const struct kmr_event *ev)
{
	const struct kmr_free_range range = { (kmr_pfn_t)ev->addr, ev->end, ev->scan.scanned,
					      ev->scan.taken };
	struct taking t = { f, c };

	if (ev->addr >= ev->end || ev->end > f->nr_frames)
		return;
	if (!c->searched && !f->searches_told && !f->simulated)
		search(f, c, KMR_NO_PFN);
	if (!f->simulated &&
	    f->ops->follow->isolate_range(f->b, &range, isolated, &t) != ev->scan.taken)
		f->stats.scans_differ++;
	if (kmr_follow_block(f, ev->addr) == kmr_follow_block(f, c->search.free_pfn))
		c->search.free_pfn = ev->end;
}

static void migrate_scanner(struct kmr_follow *f, struct kmr_compaction *c,
			    const struct kmr_event *ev)
{
	c->migrating |= ev->scan.taken > 0;
	if (ev->addr >= ev->end)
		return;
	(void)f->ops->follow->migrate_search(f->b, &c->search, kmr_follow_block(f, ev->addr));
	c->search.migrate_pfn = ev->end;
}

void kmr_follow_compaction_event(struct kmr_follow *f, const struct kmr_event *ev, uint32_t task)
{
	struct kmr_compaction *c = kmr_follow_compaction_of(f, task);

	if (!c)
		return;
	switch (ev->type) {
	case KMR_EV_COMPACT_ISOLATE_FREE:
		free_scanner(f, c, ev);
		break;
	case KMR_EV_COMPACT_FAST_FREE:
		f->searches_told = true;
		c->search.free_pfn = ev->end;
		if (!f->simulated)
			search(f, c, ev->scan.taken);
		break;
	case KMR_EV_COMPACT_ISOLATE_MIGRATE:
		migrate_scanner(f, c, ev);
		break;
	case KMR_EV_COMPACT_MIGRATE:
		c->migrating = false;
		break;
	case KMR_EV_COMPACT_END:
		*c = f->compactions[--f->nr_compactions];
		break;
	default:
		break;
	}
}

bool kmr_follow_compaction_frees(struct kmr_follow *f, const struct kmr_event *ev, uint32_t task)
{
	struct kmr_compaction *c = kmr_follow_compaction_of(f, task);
	const uint32_t pages = UINT32_C(1) << (ev->page.order & 31u);

	if (!c || !c->migrating)
		return true;
	if (ev->addr < f->nr_frames && f->isolated_by[ev->addr] == c->run)
		return false;
	if (c->free_pages < pages && !f->searches_told)
		search(f, c, KMR_NO_PFN);
	f->stats.migrated += pages;
	if (c->free_pages < pages) {
		f->stats.homeless += pages;
		return true;
	}
	c->free_pages -= pages;
	if (!c->free_pages)
		c->searched = false;
	return true;
}
