// SPDX-License-Identifier: GPL-2.0-only
#include "replay/pressure.h"

#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "replay/context.h"
#include "replay/engine_internal.h"

#define MAX_STEP_NS 8000u /* longer ones are pauses */
#define STEPS	    4096u /* between looks at their mean */
#define MAX_TASKS   65536u

/* kmr_pressure_replay.tasks[]: bits */
enum {
	TASK_KNOWN = 1, /* its name was looked at */
	TASK_KSWAPD = 2,
	TASK_RECLAIMS = 4,
	TASK_COMPACTS = 8,
};

static uint8_t task_of(struct kmr_engine *e, const struct kmr_event *ev)
{
	uint8_t *task = &e->pressure.tasks[ev->task];
	const char *name;

	if (*task & TASK_KNOWN)
		return *task;
	name = ev->task && e->c.task_name ? e->c.task_name(e->c.ctx, ev->task) : NULL;
	*task |= TASK_KNOWN;
	if (name && !strncmp(name, "kswapd", 6))
		*task |= TASK_KSWAPD;
	return *task;
}

void kmr_pressure_measure(struct kmr_engine *e, const struct kmr_event *ev)
{
	struct kmr_pressure_replay *p = &e->pressure;
	uint64_t step;
	bool same;

	/* of pages and objects: which other events a trace has must not matter */
	if (ev->cpu >= KMR_MAX_CPUS || !ev->task || ev->type > KMR_EV_CACHE_FREE)
		return;
	same = p->last[ev->cpu].task == ev->task && ev->time > p->last[ev->cpu].time;
	step = ev->time - p->last[ev->cpu].time;
	p->last[ev->cpu].time = ev->time;
	p->last[ev->cpu].task = ev->task;
	if (!same || step > MAX_STEP_NS)
		return;
	p->steps_ns += step;
	if (!(++p->nr_steps % STEPS))
		kmr_reclaim_set_speed(p->reclaim, p->steps_ns / p->nr_steps);
}

/* In what the event's task is doing its interrupts have no part. */
static bool of_task(const struct kmr_event *ev)
{
	return ev->task && !kmr_context_of(ev);
}

void kmr_pressure_event(struct kmr_engine *e, const struct kmr_event *ev)
{
	uint8_t *task = &e->pressure.tasks[ev->task];

	switch (ev->type) {
	case KMR_EV_RECLAIM_BEGIN:
		*task |= TASK_RECLAIMS;
		break;
	case KMR_EV_RECLAIM_END:
		*task &= (uint8_t)~TASK_RECLAIMS;
		break;
	case KMR_EV_COMPACT_BEGIN:
		*task |= TASK_COMPACTS;
		break;
	case KMR_EV_COMPACT_END:
		*task &= (uint8_t)~TASK_COMPACTS;
		break;
	default:
		break;
	}
}

/*
 * What a request is for, by its flags.  Movable memory of user space (__GFP_MOVABLE, __GFP_HARDWALL)
 * is on an LRU list.  __GFP_ZERO: a fault on anonymous memory; page cache is never zeroed.
 * __GFP_WRITE: page cache that is written.  Without __GFP_FS or with __GFP_NORETRY: page cache that
 * a file system or read-ahead fills.  Else it is a copy on write, anonymous.  Where flags are not
 * known, movable memory is page cache, as most is: anonymous memory could not be reclaimed without
 * swap.
 */
static bool is_on_lru(const struct kmr_page_request *req, bool gfp_known, enum kmr_lru_kind *kind)
{
	const uint32_t gfp = req->gfp;

	if (!(gfp & KMR_GFP_MOVABLE) || !(gfp & KMR_GFP_HARDWALL))
		return false;
	if (!gfp_known) {
		*kind = KMR_LRU_FILE;
		return true;
	}
	*kind = KMR_LRU_ANON;
	if (!(gfp & KMR_GFP_ZERO) &&
	    ((gfp & (KMR_GFP_WRITE | KMR_GFP_NORETRY)) || !(gfp & KMR_GFP_FS)))
		*kind = KMR_LRU_FILE;
	return true;
}

void kmr_pressure_allocated(struct kmr_engine *e, const struct kmr_page_request *req,
			    bool gfp_known, kmr_pfn_t sim)
{
	enum kmr_lru_kind kind;

	if (!is_on_lru(req, gfp_known, &kind))
		return;
	kmr_reclaim_add(e->pressure.reclaim, sim, req->order, kind, req->gfp & KMR_GFP_WRITE);
	if (!gfp_known)
		e->pressure.stats.guessed += UINT64_C(1) << req->order;
}

static bool is_start_frame(const struct kmr_engine *e, kmr_pfn_t pfn)
{
	return e->c.start_frames_live && e->c.start_frames_same && pfn < e->nr_frames &&
	       !kmr_engine_owns(e, pfn);
}

/* From the model: what was in the block is gone. */
static void reclaimed(void *ctx, kmr_pfn_t pfn, unsigned int order)
{
	struct kmr_engine *e = ctx;
	uint64_t head;
	struct kmr_map_entry *entry = kmr_contig_entry_at(e, pfn, &head);

	if (entry && entry->order > order)
		entry = kmr_engine_split(e, entry, head, head + (pfn - entry->sim), order, 0);
	if (!entry && is_start_frame(e, pfn)) {
		entry = kmr_pfnmap_get(&e->map, pfn);
		if (entry && entry->state != KMR_MAP_UNKNOWN)
			entry = NULL;
		if (entry)
			entry->order = (uint8_t)order;
	} else if (entry && !entry->start) {
		e->stats.live_pages -= UINT64_C(1) << order;
	}
	if (entry)
		entry->state = KMR_MAP_RECLAIMED;
	kmr_engine_own(e, pfn, order, false);
}

static void push_homeless(struct kmr_engine *e, kmr_pfn_t sim)
{
	kmr_homeless_push(&e->pressure.homeless, sim);
	e->contig.traced_of[sim] = KMR_NO_PFN;
}

/* KMR_NO_PFN: there is none that is still where it was. */
static kmr_pfn_t pop_homeless(struct kmr_engine *e)
{
	struct kmr_pressure_replay *p = &e->pressure;

	while (p->homeless.count) {
		const kmr_pfn_t sim = kmr_homeless_pop(&p->homeless);

		if (e->contig.traced_of[sim] == KMR_NO_PFN && kmr_reclaim_has(p->reclaim, sim)) {
			e->contig.traced_of[sim] = 0;
			return sim;
		}
	}
	return KMR_NO_PFN;
}

/* The traced frame stands for it no more; it stays. */
static void detach(struct kmr_engine *e, kmr_pfn_t sim, uint8_t task)
{
	if (task & TASK_COMPACTS) {
		e->pressure.stats.moved++;
		push_homeless(e, sim);
	} else {
		e->pressure.stats.left_out++;
	}
}

/* The kernel's reclaim or compaction frees a block that the trace allocated. */
static bool leave_out_live(struct kmr_engine *e, struct kmr_map_entry *entry, uint8_t task)
{
	const kmr_pfn_t sim = entry->sim;

	if (!kmr_reclaim_has(e->pressure.reclaim, sim))
		return false;
	if (!entry->start)
		e->stats.live_pages -= UINT64_C(1) << entry->order;
	entry->state = KMR_MAP_FREED;
	detach(e, sim, task);
	return true;
}

/*
 * And one that was there before.  That it is reclaimed says that it was page cache, wherever the
 * start state was taken to have that.
 */
static bool leave_out_start(struct kmr_engine *e, const struct kmr_event *ev, uint8_t task,
			    bool committed)
{
	struct kmr_map_entry *entry;
	struct kmr_frame_info info;

	if (ev->addr >= e->nr_frames || ev->page.order || !is_start_frame(e, (kmr_pfn_t)ev->addr))
		return false;
	e->c.ops->where(e->c.backend, (kmr_pfn_t)ev->addr, &info);
	if (info.place != KMR_FRAME_USED)
		return false;
	if (!kmr_reclaim_has(e->pressure.reclaim, (kmr_pfn_t)ev->addr)) {
		if (!committed)
			return false;
		kmr_reclaim_add(e->pressure.reclaim, (kmr_pfn_t)ev->addr, 0, KMR_LRU_FILE, false);
	}
	/* nobody's of the start state, nor of the trace */
	kmr_engine_own(e, (uint32_t)ev->addr, 0, true);
	entry = kmr_pfnmap_get(&e->map, ev->addr);
	if (entry)
		entry->state = KMR_MAP_FREED;
	detach(e, (kmr_pfn_t)ev->addr, task);
	return true;
}

bool kmr_pressure_leaves_out(struct kmr_engine *e, const struct kmr_event *ev, bool committed)
{
	struct kmr_map_entry *entry = kmr_pfnmap_find(&e->map, ev->addr);
	const uint8_t task = of_task(ev) ? task_of(e, ev) : 0;
	const bool by_reclaim = task & (TASK_KSWAPD | TASK_RECLAIMS | TASK_COMPACTS);

	if (entry && entry->state == KMR_MAP_RECLAIMED) {
		entry->state = KMR_MAP_FREED;
		if (by_reclaim)
			e->pressure.stats.agreed++;
		else
			e->pressure.stats.dropped++;
		return true;
	}
	if (!by_reclaim)
		return false;
	if (entry && entry->state == KMR_MAP_LIVE)
		return entry->order == ev->page.order && leave_out_live(e, entry, task);
	if (entry && entry->state != KMR_MAP_UNKNOWN && !(task & TASK_COMPACTS))
		return false;
	if (leave_out_start(e, ev, task, committed))
		return true;
	/* frames that compaction had taken off the free lists, and did not need */
	return task & TASK_COMPACTS;
}

bool kmr_pressure_unknown(struct kmr_engine *e, const struct kmr_event *ev, unsigned int cpu)
{
	const uint8_t task = of_task(ev) ? task_of(e, ev) : 0;
	kmr_pfn_t sim;

	if (ev->page.order)
		return false;
	sim = pop_homeless(e);
	if (sim == KMR_NO_PFN)
		return false;
	if (task & (TASK_KSWAPD | TASK_RECLAIMS)) {
		e->pressure.stats.left_out++;
		return true;
	}
	kmr_reclaim_forget(e->pressure.reclaim, sim, 0);
	kmr_engine_own(e, sim, 0, false);
	(void)e->c.ops->free(e->c.backend, sim, 0, cpu);
	return true;
}

/* Frames of slabs are on no list. */
static bool is_slab(const struct kmr_snapshot *snap, uint64_t pfn)
{
	size_t low = 0, high = snap ? snap->nr_slabs : 0;

	/* ascending by frame */
	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		const struct kmr_snap_slab *slab = &snap->slabs[mid];

		if (pfn < slab->pfn)
			high = mid;
		else if (pfn - slab->pfn >= UINT64_C(1) << slab->order)
			low = mid + 1;
		else
			return true;
	}
	return false;
}

static bool is_reserved(const struct kmr_machine *m, uint64_t pfn)
{
	for (unsigned int i = 0; i < m->nr_reserved; i++)
		if (pfn >= m->reserved[i].start_pfn && pfn < m->reserved[i].end_pfn)
			return true;
	return false;
}

static bool may_be_on_lru(const struct kmr_engine *e, const struct kmr_snapshot *snap, uint64_t pfn)
{
	struct kmr_frame_info info;

	e->c.ops->where(e->c.backend, (kmr_pfn_t)pfn, &info);
	return info.place == KMR_FRAME_USED && info.pageblock == KMR_MIGRATE_MOVABLE &&
	       !kmr_engine_owns(e, pfn) && !is_slab(snap, pfn) && !is_reserved(e->c.machine, pfn);
}

void kmr_pressure_start(struct kmr_engine *e, uint64_t (*lru)[4],
			const struct kmr_snapshot *snapshot)
{
	const struct kmr_machine *m = e->c.machine;

	for (unsigned int i = 0; i < m->nr_zones && e->c.start_frames_live; i++) {
		const struct kmr_zone_spec *z = &m->zones[i];
		unsigned int list = 0;

		/* from the top, as boot's own memory is further down */
		for (uint64_t pfn = z->start_pfn + z->spanned; pfn-- > z->start_pfn;) {
			while (list < 4 && !lru[i][list])
				list++;
			if (list == 4)
				break;
			if (!may_be_on_lru(e, snapshot, pfn))
				continue;
			if (list & 1u)
				kmr_reclaim_add_active(e->pressure.reclaim, (kmr_pfn_t)pfn, 0,
						       (enum kmr_lru_kind)(list >> 1));
			else
				kmr_reclaim_add(e->pressure.reclaim, (kmr_pfn_t)pfn, 0,
						(enum kmr_lru_kind)(list >> 1), false);
			lru[i][list]--;
			e->pressure.stats.start_pages++;
		}
	}
}

int kmr_pressure_init(struct kmr_engine *e, const uint64_t *params, struct kmr_error *err)
{
	struct kmr_pressure_replay *p = &e->pressure;
	const struct kmr_reclaim_observer observer = { .ctx = e, .reclaimed = reclaimed };

	if (kmr_contig_track_moves(e))
		return kmr_fail_nomem(err, "the replay of pressure");
	p->tasks = calloc(MAX_TASKS, sizeof(*p->tasks));
	if (!p->tasks || kmr_homeless_init(&p->homeless))
		return kmr_fail_nomem(err, "the replay of pressure");
	p->reclaim =
		kmr_reclaim_create(e->c.machine, e->c.ops, e->c.backend, params, &observer, err);
	return p->reclaim ? 0 : -1;
}

void kmr_pressure_fini(struct kmr_engine *e)
{
	kmr_reclaim_destroy(e->pressure.reclaim);
	free(e->pressure.tasks);
	free(e->pressure.homeless.frames);
}
