// SPDX-License-Identifier: GPL-2.0-only
#include "fit/begin_internal.h"

#include <string.h>

#include "base/array.h"
#include "kmreplay/gfp.h"

#define SECOND UINT64_C(1000000000) /* ns */
#define STEP   UINT64_C(2000) /* ns from one hole to the next */
#define PAUSE  UINT64_C(10000000) /* ns from one part to the next */

/* Frees at random among as many more that stay: memory is not given back in the order it has. */
#define SCATTER 4u

/* What of a zone's memory is to be made. */
struct filling {
	const struct fit_begin *begin;
	struct fit_model *model;
	unsigned int zone;
	uint64_t now; /* ns: when the next part begins */
	uint64_t left; /* pages in use that no actor has yet */
	uint64_t holes[KMR_MAX_ORDERS][KMR_MIGRATE_PCPTYPES]; /* blocks */
	uint64_t used[KMR_MIGRATE_PCPTYPES]; /* pages */
};

/* Flags that make a page of that mobility come from that zone, whatever is left in it. */
static uint32_t gfp_for(const struct kmr_machine *m, unsigned int zone, unsigned int migratetype)
{
	uint32_t gfp = KMR_GFP_KERNEL | KMR_GFP_MEMALLOC | KMR_GFP_NOWARN;

	if (m->nr_nodes > 1)
		gfp |= KMR_GFP_THISNODE;
	if (migratetype == KMR_MIGRATE_MOVABLE)
		gfp |= KMR_GFP_MOVABLE;
	if (migratetype == KMR_MIGRATE_RECLAIMABLE)
		gfp |= KMR_GFP_RECLAIMABLE;
	switch (m->zones[zone].type) {
	case KMR_ZONE_DMA:
		return gfp | KMR_GFP_DMA;
	case KMR_ZONE_DMA32:
		return gfp | KMR_GFP_DMA32;
	case KMR_ZONE_HIGHMEM:
		return gfp | KMR_GFP_HIGHMEM;
	case KMR_ZONE_MOVABLE:
		return gfp | KMR_GFP_HIGHMEM | KMR_GFP_MOVABLE;
	default:
		return gfp;
	}
}

/* The mobility to ask with for memory of a type that cannot be asked for. */
static unsigned int mobility_of(unsigned int migratetype)
{
	if (migratetype < KMR_MIGRATE_PCPTYPES)
		return migratetype;
	return migratetype == KMR_MIGRATE_HIGHATOMIC ? KMR_MIGRATE_UNMOVABLE : KMR_MIGRATE_MOVABLE;
}

struct fit_actor *fit_begin_add(struct fit_model *model, uint64_t requests)
{
	struct fit_actor *actor = fit_model_add(model);

	if (!actor)
		return NULL;
	actor->lead = true;
	actor->key.node = -1;
	actor->key.gfp_known = true;
	actor->key.migratetype = KMR_MIGRATE_UNKNOWN;
	actor->requests = requests;
	actor->tasks = 1;
	actor->arrival = FIT_AT_ONCE;
	return actor;
}

static struct fit_actor *add_pages(struct filling *f, unsigned int order, unsigned int migratetype,
				   uint64_t requests)
{
	const struct kmr_machine *m = f->begin->machine;
	struct fit_actor *actor = fit_begin_add(f->model, requests);

	if (!actor)
		return NULL;
	actor->key.order = (uint8_t)order;
	actor->key.gfp = gfp_for(m, f->zone, migratetype);
	if (m->nr_nodes > 1)
		actor->key.node = (int8_t)m->zones[f->zone].node;
	actor->begin = f->now;
	return actor;
}

struct fit_life *fit_begin_life(struct fit_actor *actor, enum fit_life_kind kind, uint64_t weight)
{
	struct fit_life *life = &actor->lives[actor->nr_lives++];

	life->kind = kind;
	life->weight = weight;
	return life;
}

void fit_begin_frees(struct fit_actor *actor, const struct fit_start *start,
		     const struct fit_start_class *class)
{
	struct fit_life *life = fit_begin_life(actor, FIT_ALONE, class->count);

	life->dated = true;
	fit_dates_of(&life->when, &class->dates, start->slot, 0);
}

static uint64_t free_pages(const struct kmr_zone_state *z)
{
	return z->free_pages + z->pcp_pages;
}

static uint64_t in_use(const struct fit_begin *begin, unsigned int zone)
{
	const uint64_t all = free_pages(&begin->boot[zone]);
	const uint64_t left = free_pages(&begin->start[zone]);

	return all > left ? all - left : 0;
}

/* Pages that slabs had when the trace began. */
static uint64_t slab_pages(const struct fit_begin *begin)
{
	const struct kmr_object_report *r = begin->objects;
	uint64_t pages = 0;

	for (uint32_t i = 0; r && r->nr_samples && i < r->samples[0].nr; i++)
		pages += r->samples[0].rows[i].pages;
	return pages;
}

static bool is_for_slabs(const struct kmr_zone_spec *z)
{
	return z->type != KMR_ZONE_HIGHMEM && z->type != KMR_ZONE_MOVABLE;
}

/* Those of them in this zone: as its share of what is in use where slabs can be. */
static uint64_t slab_pages_in(const struct fit_begin *begin, unsigned int zone)
{
	const struct kmr_machine *m = begin->machine;
	uint64_t sum = 0;

	if (!is_for_slabs(&m->zones[zone]))
		return 0;
	for (unsigned int z = 0; z < m->nr_zones; z++)
		if (is_for_slabs(&m->zones[z]))
			sum += in_use(begin, z);
	return sum ? (uint64_t)((unsigned __int128)slab_pages(begin) * in_use(begin, zone) / sum)
		   : 0;
}

static void take(uint64_t *from, uint64_t pages)
{
	*from -= pages < *from ? pages : *from;
}

/* Frames of no zone are taken to be of the largest. */
static unsigned int zone_of(const struct fit_begin *begin, const struct fit_start_class *class)
{
	const struct kmr_machine *m = begin->machine;
	unsigned int largest = 0;

	if (class->zone < m->nr_zones)
		return class->zone;
	for (unsigned int z = 1; z < m->nr_zones; z++)
		if (m->zones[z].managed > m->zones[largest].managed)
			largest = z;
	return largest;
}

/* Pages that were there in @zone, counted in @class. */
static bool is_of(const struct filling *f, const struct fit_start_class *class)
{
	return !class->object && class->count && zone_of(f->begin, class) == f->zone;
}

/* What was there in this zone, without what other actors have. */
static void measure(struct filling *f)
{
	const struct fit_begin *begin = f->begin;
	const struct kmr_machine *m = begin->machine;
	const struct kmr_zone_state *start = &begin->start[f->zone];
	uint64_t sum = 0;

	f->left = in_use(begin, f->zone);
	take(&f->left, slab_pages_in(begin, f->zone));
	for (size_t i = 0; i < begin->freed->nr; i++)
		if (is_of(f, &begin->freed->class[i]))
			take(&f->left,
			     begin->freed->class[i].count << begin->freed->class[i].order);
	memset(f->holes, 0, sizeof(f->holes));
	memset(f->used, 0, sizeof(f->used));
	for (unsigned int type = 0; type < KMR_MIGRATE_TYPES; type++) {
		const unsigned int to = mobility_of(type);
		uint64_t pages = start->pageblocks[type] << m->pageblock_order;

		for (unsigned int order = 0; order < m->nr_orders; order++) {
			take(&pages, (uint64_t)start->nr_free[order][type] << order);
			/* the largest are what was never touched */
			if (order + 1 < m->nr_orders)
				f->holes[order][to] += start->nr_free[order][type];
		}
		f->used[to] += pages;
		sum += pages;
	}
	/* what boot keeps lies in these, too */
	for (unsigned int type = 0; type < KMR_MIGRATE_PCPTYPES; type++)
		f->used[type] =
			sum ? (uint64_t)((unsigned __int128)f->left * f->used[type] / sum) : 0;
	if (!sum)
		f->used[KMR_MIGRATE_MOVABLE] = f->left;
}

/* Each hole needs a block of its size beside it that stays; where that is lacking, no hole. */
static void spare_for_holes(struct filling *f)
{
	for (unsigned int order = 0; order < KMR_MAX_ORDERS; order++)
		for (unsigned int type = 0; type < KMR_MIGRATE_PCPTYPES; type++) {
			uint64_t *holes = &f->holes[order][type];

			if (*holes > f->used[type] >> order)
				*holes = f->used[type] >> order;
			f->used[type] -= *holes << order;
		}
}

/* Blocks that stay, large ones as far as they go but for @rest pages. */
static int fill(struct filling *f, unsigned int type, uint64_t rest)
{
	const unsigned int order = f->begin->machine->nr_orders - 1;
	const uint64_t pages = f->used[type] > rest ? f->used[type] - rest : 0;
	struct fit_actor *actor;

	if (!(pages >> order))
		return 0;
	actor = add_pages(f, order, type, pages >> order);
	if (!actor)
		return -1;
	(void)fit_begin_life(actor, FIT_FOREVER, actor->requests);
	f->used[type] -= actor->requests << order;
	f->now += PAUSE;
	return 0;
}

/*
 * Blocks of an order, every other of which is freed when all are there: the two halves of one of
 * the next order go to one actor each.
 */
static int make_holes(struct filling *f, unsigned int order, unsigned int type)
{
	const uint64_t holes = f->holes[order][type];

	if (!holes || f->model->nr + 2 > FIT_BEGIN_ACTORS)
		return 0;
	for (int stays = 0; stays < 2; stays++) {
		struct fit_actor *actor = add_pages(f, order, type, holes);

		if (!actor)
			return -1;
		actor->arrival = FIT_EVENLY;
		actor->mean = STEP;
		actor->begin += stays ? STEP / 2 : 0;
		/* until when is set when the lead's length is known */
		(void)fit_begin_life(actor, stays ? FIT_FOREVER : FIT_ALONE, holes);
	}
	f->now += holes * STEP + PAUSE;
	return 0;
}

/* Single pages: those that stay, and among them those that the trace frees. */
static int scatter(struct filling *f, unsigned int type, const struct fit_start_class *freed)
{
	const uint64_t stay = f->used[type], go = freed ? freed->count : 0;
	struct fit_actor *actor;

	if (!(stay + go))
		return 0;
	actor = add_pages(f, 0, type, stay + go);
	if (!actor)
		return -1;
	if (stay)
		(void)fit_begin_life(actor, FIT_FOREVER, stay);
	if (go)
		fit_begin_frees(actor, f->begin->freed, freed);
	f->used[type] = 0;
	f->now += PAUSE;
	return 0;
}

/* What the trace frees of single pages of this zone and mobility. */
static const struct fit_start_class *freed_pages(const struct filling *f, unsigned int type)
{
	for (size_t i = 0; i < f->begin->freed->nr; i++) {
		const struct fit_start_class *class = &f->begin->freed->class[i];

		if (is_of(f, class) && class->zone == f->zone && !class->order &&
		    class->migratetype == type)
			return class;
	}
	return NULL;
}

/* Blocks that the trace frees, other than the above. */
static int add_freed_blocks(struct filling *f)
{
	for (size_t i = 0; i < f->begin->freed->nr; i++) {
		const struct fit_start_class *class = &f->begin->freed->class[i];
		struct fit_actor *actor;

		if (!is_of(f, class) || (class->zone == f->zone && !class->order &&
					 class->migratetype < KMR_MIGRATE_PCPTYPES))
			continue;
		actor = add_pages(f, class->order, mobility_of(class->migratetype), class->count);
		if (!actor)
			return -1;
		fit_begin_frees(actor, f->begin->freed, class);
		f->now += PAUSE;
	}
	return 0;
}

static int fill_zone(struct filling *f)
{
	measure(f);
	spare_for_holes(f);
	for (unsigned int type = 0; type < KMR_MIGRATE_PCPTYPES; type++) {
		const struct fit_start_class *freed = freed_pages(f, type);

		if (fill(f, type, freed ? freed->count * SCATTER : 0))
			return -1;
	}
	if (add_freed_blocks(f))
		return -1;
	for (unsigned int order = KMR_MAX_ORDERS; order-- > 0;)
		for (unsigned int type = 0; type < KMR_MIGRATE_PCPTYPES; type++)
			if (make_holes(f, order, type))
				return -1;
	for (unsigned int type = 0; type < KMR_MIGRATE_PCPTYPES; type++)
		if (scatter(f, type, freed_pages(f, type)))
			return -1;
	return 0;
}

/* When the lead is over, and when what is to be free by then is freed: @end, ns. */
static void end_lead(struct fit_model *model, uint64_t end)
{
	uint64_t longest = 0;

	for (size_t i = 0; i < model->nr; i++)
		if (model->actors[i].arrival == FIT_EVENLY && model->actors[i].requests > longest)
			longest = model->actors[i].requests;
	model->lead = (end + longest * STEP + PAUSE + SECOND - 1) / SECOND * SECOND;
	model->duration = model->lead;
	for (size_t i = 0; i < model->nr; i++) {
		struct fit_actor *actor = &model->actors[i];

		for (uint32_t j = 0; j < actor->nr_lives; j++) {
			struct fit_life *life = &actor->lives[j];

			if (life->kind == FIT_ALONE && !life->dated)
				fit_rows_add(&life->when, end - actor->begin, end - actor->begin,
					     1);
			for (uint32_t k = 0; life->dated && k < life->when.nr; k++) {
				life->when.row[k].low += model->lead;
				life->when.row[k].high += model->lead;
			}
		}
	}
}

int fit_begin_make(struct fit_model *model, const struct fit_begin *begin)
{
	struct filling f = { .begin = begin, .model = model, .now = PAUSE };

	memset(model, 0, sizeof(*model));
	if (begin->objects && fit_begin_objects(model, begin))
		return -1;
	for (f.zone = 0; f.zone < begin->machine->nr_zones; f.zone++)
		if (fill_zone(&f))
			return -1;
	if (model->nr)
		end_lead(model, f.now);
	return 0;
}
