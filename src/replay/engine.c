// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every traced block that is live has an entry in the map that says where it lives in the
 * simulation.  What the trace frees without having allocated it was in use at the start, was
 * taken in bulk without an event, or is unknown.
 *
 * Bulk allocations leave one trace: a per-CPU list is refilled only when it is empty, so that
 * whatever an earlier refill put there, and no event has taken or drained since, left it silently.
 */
#include "replay/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "replay/engine_internal.h"
#include "replay/request.h"

#define NR_PCP_LISTS 16u /* order 0..3 by mobility, and huge */
#define TICK_NS	     1000000u

static void count_failure(struct kmr_engine *e, const struct kmr_page_request *req)
{
	struct kmr_failure *f;
	unsigned int i;

	e->stats.failures++;
	kmr_timeline_add(&e->failed, e->time);
	for (i = 0; i < e->nr_failures; i++)
		if (e->failures[i].order == req->order && e->failures[i].gfp == req->gfp)
			break;
	/* beyond what is kept, the last one stands for the rest */
	if (i == KMR_FAILURES_KEPT)
		i = KMR_FAILURES_KEPT - 1;
	f = &e->failures[i];
	if (i == e->nr_failures) {
		e->nr_failures++;
		f->order = req->order;
		f->gfp = req->gfp;
		f->first_time = e->time;
	}
	f->count++;
}

static void count_request(struct kmr_engine *e, const struct kmr_page_request *req, kmr_pfn_t sim)
{
	const bool failed = sim == KMR_NO_PFN;
	struct kmr_order_requests *r;

	if (req->order >= KMR_MAX_ORDERS)
		return;
	r = &e->requests[req->order];
	r->requests++;
	r->failures += failed;
	if (req->order >= e->c.machine->pageblock_order && kmr_contig_thp(e, req->gfp, sim)) {
		r->huge++;
		r->huge_failures += failed;
	}
}

static void replayed(struct kmr_engine *e, const struct kmr_event *ev)
{
	e->time = ev->time > e->time ? ev->time : e->time;
	e->page_events++;
	if (e->time >= e->next_tick) {
		e->c.ops->tick(e->c.backend, e->time);
		e->next_tick = e->time + TICK_NS;
	}
	e->c.replayed(e->c.ctx, e->time, e->page_events);
}

static void release(struct kmr_engine *e, kmr_pfn_t sim, unsigned int order, unsigned int cpu)
{
	if (e->pressure.reclaim)
		kmr_reclaim_forget(e->pressure.reclaim, sim, order);
	kmr_engine_own(e, sim, order, false);
	(void)kmr_engine_free(e, sim, order, cpu);
}

/* What the start state had is not counted. */
static uint64_t live_pages(const struct kmr_map_entry *entry)
{
	return entry->start ? 0 : UINT64_C(1) << entry->order;
}

void kmr_engine_drop(struct kmr_engine *e, struct kmr_map_entry *entry, unsigned int cpu)
{
	e->stats.repeated_allocs++;
	e->stats.live_pages -= live_pages(entry);
	release(e, entry->sim, entry->order, cpu);
	entry->state = KMR_MAP_FREED;
}

static struct kmr_pending *pending_of(struct kmr_engine *e, const struct kmr_event *ev)
{
	return &e->pending[ev->cpu * KMR_NR_CONTEXTS + kmr_context_of(ev)];
}

/* Asked for by slabs of the traced kernel, which has others here. */
static bool is_of_slab(const struct kmr_engine *e, const struct kmr_event *ev)
{
	return e->c.objects &&
	       (ev->asked.owner == KMR_OWNER_SLAB || ev->asked.owner == KMR_OWNER_KMALLOC);
}

/* The traced frame is nobody's here. */
static void leave_out(struct kmr_engine *e, const struct kmr_event *ev)
{
	struct kmr_map_entry *entry = kmr_pfnmap_find(&e->map, ev->addr);

	kmr_pcplock_release(&e->locks, ev);
	if (entry)
		kmr_engine_release_stale(e, entry, kmr_engine_cpu(e, ev));
	if (entry)
		entry->state = KMR_MAP_FREED;
	kmr_oe_traced_page(e->c.objects, ev);
	replayed(e, ev);
}

static void alloc(void *ctx, const struct kmr_event *ev)
{
	struct kmr_engine *e = ctx;
	struct kmr_pending *p = pending_of(e, ev);
	struct kmr_map_entry *entry;

	if (is_of_slab(e, ev))
		return;

	if (e->pressure.reclaim)
		kmr_reclaim_run(e->pressure.reclaim, ev->time, kmr_engine_cpu(e, ev));
	if (e->moved.on)
		kmr_follow_seen(&e->moved.follow, ev);
	kmr_pcplock_release(&e->locks, ev);
	p->req = kmr_request_of(e->c.machine, ev);
	p->traced = ev->addr;
	p->noted = false;
	entry = kmr_pfnmap_find(&e->map, ev->addr);
	/* so it had not been taken silently: the event was still to come */
	if (entry && entry->state == KMR_MAP_LIVE && entry->silent &&
	    entry->order == p->req.order) {
		p->sim = entry->sim;
		e->stats.silent_allocs--;
		e->stats.live_pages -= UINT64_C(1) << entry->order;
		return;
	}
	if (entry)
		kmr_engine_release_stale(e, entry, p->req.cpu);
	e->event = ev;
	p->sim = kmr_engine_alloc(e, &p->req);
	e->event = NULL;
	if (p->sim != KMR_NO_PFN)
		kmr_pcplock_hold(&e->locks, ev, p->sim);
}

static void alloc_done(void *ctx, const struct kmr_event *ev)
{
	struct kmr_engine *e = ctx;
	struct kmr_pending *p = pending_of(e, ev);
	struct kmr_map_entry *entry;

	if (is_of_slab(e, ev)) {
		leave_out(e, ev);
		return;
	}
	kmr_pcplock_release(&e->locks, ev);
	kmr_pcplock_of(&e->locks, ev)->prepared = 0;
	e->stats.page_allocs++;
	count_request(e, &p->req, p->sim);
	if (ev->addr == KMR_EV_NO_PFN) {
		e->stats.traced_failures++;
		/* nobody will free it */
		if (p->sim != KMR_NO_PFN) {
			e->stats.rescued++;
			e->c.ops->unalloc(e->c.backend, &p->req, p->sim);
		}
		p->sim = KMR_NO_PFN;
		replayed(e, ev);
		return;
	}
	entry = kmr_pfnmap_get(&e->map, ev->addr);
	kmr_outcome_note(e->outcomes, ev->task, KMR_REQ_PAGES, p->req.order,
			 UINT64_C(1) << p->req.order, p->sim != KMR_NO_PFN, ev->time);
	if (p->sim == KMR_NO_PFN) {
		count_failure(e, &p->req);
		if (entry) {
			entry->state = KMR_MAP_FAILED;
			entry->order = p->req.order;
		}
	} else if (entry) {
		if (!p->noted)
			kmr_engine_note_live(e, entry, ev->addr, p->sim, &p->req);
		kmr_map_set_birth(entry, ev->time);
	}
	if (e->pressure.reclaim && entry && p->sim != KMR_NO_PFN)
		kmr_pressure_allocated(e, &p->req, ev->flags & KMR_EVF_GFP_KNOWN, p->sim);
	p->sim = KMR_NO_PFN;
	replayed(e, ev);
}

struct kmr_map_entry *kmr_engine_split(struct kmr_engine *e, struct kmr_map_entry *entry,
				       uint64_t head, uint64_t pfn, unsigned int order,
				       unsigned int cpu)
{
	while (entry->order > order) {
		const unsigned int half_order = entry->order - 1u;
		const uint64_t half = head + (UINT64_C(1) << half_order);
		struct kmr_map_entry *upper = kmr_pfnmap_get(&e->map, half);

		if (!upper)
			return NULL;
		/* its free was lost */
		kmr_engine_release_stale(e, upper, cpu);
		entry->order = (uint8_t)half_order;
		*upper = *entry;
		if (entry->state == KMR_MAP_LIVE) {
			upper->sim = entry->sim + (1u << half_order);
			if (e->pressure.reclaim)
				kmr_reclaim_split(e->pressure.reclaim, entry->sim);
			e->c.ops->split(e->c.backend, entry->sim, half_order + 1);
			if (e->contig.traced_of)
				e->contig.traced_of[upper->sim] = (uint32_t)half;
		}
		if (pfn >= half) {
			entry = upper;
			head = half;
		}
	}
	return entry;
}

/* The entry of the traced block that holds frame @pfn, *head its first frame; NULL: none. */
static struct kmr_map_entry *find_block(struct kmr_engine *e, uint64_t pfn, uint64_t *head)
{
	for (unsigned int o = 0; o < e->c.machine->nr_orders; o++) {
		struct kmr_map_entry *entry;

		*head = pfn & ~((UINT64_C(1) << o) - 1);
		entry = kmr_pfnmap_find(&e->map, *head);
		if (entry && (entry->state == KMR_MAP_LIVE || entry->state == KMR_MAP_FAILED) &&
		    entry->order >= o)
			return entry;
	}
	return NULL;
}

/* A simulated block of 2^order frames in @zone that was in use at the start and still is. */
static kmr_pfn_t find_start_block(struct kmr_engine *e, unsigned int zone, unsigned int order)
{
	const struct kmr_zone_spec *z = &e->c.machine->zones[zone];
	const uint64_t step = UINT64_C(1) << order;
	const uint64_t first = (z->start_pfn + step - 1) & ~(step - 1);
	const uint64_t end = z->start_pfn + z->spanned;
	uint64_t pfn = (e->cursor[zone] + step - 1) & ~(step - 1);

	if (order >= e->start_gone[zone])
		return KMR_NO_PFN;
	for (int round = 0; round < 2; round++, pfn = first)
		for (; pfn + step <= end; pfn += step) {
			uint64_t p = pfn;

			if (pfn < first)
				continue;
			while (p < pfn + step && !kmr_engine_owns(e, p)) {
				struct kmr_frame_info info;

				e->c.ops->where(e->c.backend, (kmr_pfn_t)p, &info);
				if (info.place != KMR_FRAME_USED)
					break;
				p++;
			}
			if (p == pfn + step) {
				e->cursor[zone] = pfn + step;
				return (kmr_pfn_t)pfn;
			}
		}
	e->start_gone[zone] = (uint8_t)order;
	return KMR_NO_PFN;
}

/* Frees what the trace never allocated; true when the start state had it. */
static bool free_start_block(struct kmr_engine *e, uint64_t pfn, unsigned int order,
			     unsigned int cpu)
{
	const int zone = kmr_machine_zone_of(e->c.machine, pfn);
	struct kmr_map_entry *entry;
	kmr_pfn_t sim;

	if (!e->c.start_frames_live || zone < 0 || order >= e->c.machine->nr_orders)
		return false;
	if (e->c.start_frames_same) {
		for (uint64_t p = pfn; p < pfn + (UINT64_C(1) << order); p++)
			if (p >= e->nr_frames || kmr_engine_owns(e, p))
				return false;
		sim = (kmr_pfn_t)pfn;
	} else {
		sim = find_start_block(e, (unsigned int)zone, order);
	}
	if (sim == KMR_NO_PFN)
		return false;
	if (e->pressure.reclaim)
		kmr_reclaim_forget(e->pressure.reclaim, sim, order);
	if (kmr_engine_free(e, sim, order, cpu))
		return false;
	entry = kmr_pfnmap_get(&e->map, pfn);
	if (entry)
		entry->state = KMR_MAP_FREED;
	return true;
}

/* At @time, ns. */
static void free_entry(struct kmr_engine *e, struct kmr_map_entry *entry, uint64_t time,
		       unsigned int cpu)
{
	if (entry->state == KMR_MAP_FAILED) {
		e->stats.dropped_frees++;
	} else {
		if (entry->born)
			kmr_loglin_add(&e->lifetimes[entry->order], kmr_map_age(entry, time));
		e->stats.live_pages -= live_pages(entry);
		e->stats.silent_frees += entry->silent;
		release(e, entry->sim, entry->order, cpu);
	}
	entry->state = KMR_MAP_FREED;
}

/*
 * A free larger than the allocation at its first frame: the block was put together from several
 * (compaction), each of which is live on its own.
 */
static void free_pieces(struct kmr_engine *e, const struct kmr_event *ev, unsigned int cpu)
{
	const uint64_t end = ev->addr + (UINT64_C(1) << ev->page.order);

	for (uint64_t pfn = ev->addr; pfn < end;) {
		struct kmr_map_entry *entry = kmr_pfnmap_find(&e->map, pfn);
		uint64_t pages = 1;

		if (entry && (entry->state == KMR_MAP_LIVE || entry->state == KMR_MAP_FAILED)) {
			pages = UINT64_C(1) << entry->order;
			free_entry(e, entry, ev->time, cpu);
		} else if (!free_start_block(e, pfn, 0, cpu)) {
			e->stats.unknown_frees++;
		}
		pfn += pages;
	}
}

static void replay_free(void *ctx, const struct kmr_event *ev, bool committed)
{
	struct kmr_engine *e = ctx;
	const unsigned int cpu = kmr_engine_cpu(e, ev), order = ev->page.order;
	struct kmr_map_entry *entry;
	uint64_t head;

	if (is_of_slab(e, ev)) {
		leave_out(e, ev);
		return;
	}
	kmr_pcplock_release(&e->locks, ev);
	e->stats.page_frees++;
	if (e->pressure.reclaim && kmr_pressure_leaves_out(e, ev, committed)) {
		replayed(e, ev);
		return;
	}
	entry = kmr_pfnmap_find(&e->map, ev->addr);
	if (entry && entry->state == KMR_MAP_LIVE && entry->order == order) {
		free_entry(e, entry, ev->time, cpu);
		replayed(e, ev);
		return;
	}
	entry = find_block(e, ev->addr, &head);
	if (entry && entry->order > order) {
		e->stats.partial_frees++;
		entry = kmr_engine_split(e, entry, head, ev->addr, order, cpu);
	}
	if (entry && entry->order == order)
		free_entry(e, entry, ev->time, cpu);
	else if (entry && order < e->c.machine->nr_orders)
		free_pieces(e, ev, cpu);
	else if (!free_start_block(e, ev->addr, order, cpu) &&
		 !(e->pressure.reclaim && kmr_pressure_unknown(e, ev, cpu)))
		e->stats.unknown_frees++;
	replayed(e, ev);
}

static void free_followed(struct kmr_engine *e, const struct kmr_event *ev, bool committed)
{
	const uint64_t before = e->stats.unknown_frees;

	if (e->moved.on)
		kmr_follow_seen(&e->moved.follow, ev);
	e->event = ev;
	replay_free(e, ev, committed);
	e->event = NULL;
	if (e->moved.on && e->moved.stats.compactions &&
	    kmr_moved_freed(e, ev, e->stats.unknown_frees != before, kmr_engine_cpu(e, ev)))
		e->stats.unknown_frees = before;
}

static void free_block(void *ctx, const struct kmr_event *ev)
{
	free_followed(ctx, ev, false);
}

static void free_prepare(void *ctx, const struct kmr_event *ev)
{
	struct kmr_engine *e = ctx;

	kmr_pcplock_of(&e->locks, ev)->prepared++;
	e->stats.double_reports++;
}

static void free_commit(void *ctx, const struct kmr_event *ev)
{
	struct kmr_engine *e = ctx;
	struct kmr_pcplock *lock = kmr_pcplock_of(&e->locks, ev);
	const struct kmr_map_entry *entry = kmr_pfnmap_find(&e->map, ev->addr);
	const kmr_pfn_t sim = entry && entry->state == KMR_MAP_LIVE ? entry->sim : KMR_NO_PFN;

	free_followed(ctx, ev, true);
	if (lock->prepared && --lock->prepared && sim != KMR_NO_PFN)
		kmr_pcplock_hold(&e->locks, ev, sim);
}

static struct kmr_refilled *refilled_of(struct kmr_engine *e, const struct kmr_event *ev)
{
	const int zone = kmr_machine_zone_of(e->c.machine, ev->addr);
	unsigned int list;

	if (zone < 0 || ev->page.migratetype >= KMR_MIGRATE_PCPTYPES ||
	    !(ev->flags & KMR_EVF_PERCPU_REFILL))
		return NULL;
	if (ev->page.order <= 3)
		list = 3u * ev->page.order + ev->page.migratetype;
	else
		list = ev->page.migratetype == KMR_MIGRATE_MOVABLE ? 13 : 12;
	return &e->refilled[((size_t)kmr_engine_cpu(e, ev) * e->c.machine->nr_zones +
			     (unsigned int)zone) *
				    NR_PCP_LISTS +
			    list];
}

/* What the list's last refill left behind has been taken without an event. */
static void refill_again(struct kmr_engine *e, const struct kmr_event *ev, bool silent)
{
	struct kmr_refilled *r = refilled_of(e, ev);
	struct kmr_page_request req;

	if (!r)
		return;
	e->event = ev;
	r->silent = silent;
	r->size = e->c.ops->refill_size(e->c.backend,
					(unsigned int)kmr_machine_zone_of(e->c.machine, ev->addr),
					kmr_engine_cpu(e, ev), ev->page.order);
	req = kmr_request_of_refill(e->c.machine, ev);
	for (uint32_t i = 0; i < r->count; i++) {
		struct kmr_map_entry *entry = kmr_pfnmap_find(&e->map, r->pfns[i]);
		kmr_pfn_t sim;

		if (!entry || entry->state != KMR_MAP_REFILLED)
			continue;
		sim = kmr_engine_alloc(e, &req);
		if (sim == KMR_NO_PFN) {
			entry->state = KMR_MAP_FAILED;
			entry->order = req.order;
			continue;
		}
		e->stats.silent_allocs++;
		kmr_engine_note_live(e, entry, r->pfns[i], sim, &req);
		entry->silent = 1;
	}
	e->event = NULL;
	r->count = 0;
}

static void refill_begins(void *ctx, const struct kmr_event *ev)
{
	refill_again(ctx, ev, false);
}

static void silent_refill(void *ctx, const struct kmr_event *ev)
{
	refill_again(ctx, ev, true);
}

/* Blocks after which a refill must be over, whatever comes. */
static uint32_t refill_limit(const struct kmr_engine *e, const struct kmr_refilled *r)
{
	const uint32_t size = r->size < KMR_MAX_REFILL ? r->size : KMR_MAX_REFILL;

	/* lists that hold other pages than the traced kernel's say nothing of its sizes */
	if (e->pressure.reclaim || e->moved.boosts_told)
		return KMR_MAX_REFILL;
	return r->silent || size > KMR_USUAL_REFILL ? size : KMR_USUAL_REFILL;
}

static void observed(void *ctx, const struct kmr_event *ev)
{
	struct kmr_engine *e = ctx;
	struct kmr_map_entry *entry;
	struct kmr_refilled *r;
	uint32_t *pfns;

	kmr_pcplock_seen(&e->locks, ev);
	if (ev->type == KMR_EV_PAGE_EXTFRAG && e->moved.on)
		kmr_moved_fallback(e, ev);
	if (ev->type == KMR_EV_PAGE_DRAIN) {
		entry = kmr_pfnmap_find(&e->map, ev->addr);
		if (entry && entry->state == KMR_MAP_REFILLED)
			entry->state = KMR_MAP_FREED;
		return;
	}
	if (ev->type != KMR_EV_PAGE_REFILL)
		return;
	r = refilled_of(e, ev);
	if (!r)
		return;
	/* one refill is over and the next begins, with nothing to be seen between them */
	if (r->count >= refill_limit(e, r))
		silent_refill(ctx, ev);
	pfns = kmr_grow(r->pfns, r->count, &r->cap, sizeof(*pfns));
	r->pfns = pfns ? pfns : r->pfns;
	entry = kmr_pfnmap_get(&e->map, ev->addr);
	if (!entry || !pfns || ev->addr > UINT32_MAX)
		return;
	kmr_engine_release_stale(e, entry, kmr_engine_cpu(e, ev));
	entry->state = KMR_MAP_REFILLED;
	r->pfns[r->count++] = (uint32_t)ev->addr;
}

/* Where a traced frame that is allocated lies in the simulation; KMR_NO_PFN: nowhere. */
static kmr_pfn_t frame_of(struct kmr_engine *e, uint64_t pfn)
{
	uint64_t head;
	const struct kmr_map_entry *entry = find_block(e, pfn, &head);

	if (entry)
		return entry->state == KMR_MAP_LIVE ? entry->sim + (kmr_pfn_t)(pfn - head)
						    : KMR_NO_PFN;
	/* in use since before the trace */
	if (e->c.start_frames_live && e->c.start_frames_same && pfn < e->nr_frames &&
	    !kmr_engine_owns(e, pfn))
		return (kmr_pfn_t)pfn;
	return KMR_NO_PFN;
}

static void mapping(struct kmr_engine *e, const struct kmr_event *ev)
{
	const bool page = ev->type >= KMR_EV_KMAP && ev->type <= KMR_EV_KUNMAP_LOCAL;
	const bool served =
		kmr_ve_event(e->c.addresses, ev, page ? frame_of(e, ev->addr) : KMR_NO_PFN);
	const uint64_t page_bytes = UINT64_C(1) << e->c.machine->page_shift;

	if (ev->type == KMR_EV_VMALLOC)
		kmr_outcome_note(e->outcomes, ev->task, KMR_REQ_VMALLOC, 0,
				 ev->size / page_bytes + (ev->size % page_bytes != 0), served,
				 ev->time);
	else if (ev->type == KMR_EV_KMAP || ev->type == KMR_EV_KMAP_LOCAL)
		kmr_outcome_note(e->outcomes, ev->task, KMR_REQ_KMAP, 0, 1, served, ev->time);
	/* pages were asked for, or given back, behind it */
	if (ev->type == KMR_EV_VMALLOC || ev->type == KMR_EV_VFREE)
		replayed(e, ev);
}

static void other(void *ctx, const struct kmr_event *ev)
{
	struct kmr_engine *e = ctx;

	if (e->c.objects)
		kmr_oe_event(e->c.objects, ev);
	if (e->c.addresses && kmr_is_mapping_event(ev->type))
		mapping(e, ev);
	if (ev->type == KMR_EV_PAGE_FREE_BATCHED)
		e->stats.double_reports++;
	else if (ev->type == KMR_EV_LOST)
		e->stats.lost += ev->addr;
	else if (e->pressure.reclaim && ev->type >= KMR_EV_COMPACT_BEGIN &&
		 ev->type <= KMR_EV_RECLAIM_END)
		kmr_pressure_event(e, ev);
	else if (kmr_is_contig_event(ev))
		kmr_contig_event(e, ev);
	if (e->moved.on) {
		kmr_follow_seen(&e->moved.follow, ev);
		kmr_moved_event(e, ev);
	}
}

static void on_extfrag(void *ctx, const struct kmr_extfrag *ef)
{
	struct kmr_engine *e = ctx;

	e->c.extfrag(e->c.ctx, e->time, ef);
}

/* Pages of simulated slabs and vmalloc() areas are nobody's of the start state. */
static void own(void *ctx, kmr_pfn_t pfn, unsigned int order, bool owned)
{
	kmr_engine_own(ctx, pfn, order, owned);
}

/* What is as large as the machine, or as there can be CPUs.  -1: no memory. */
static int init_arrays(struct kmr_engine *e)
{
	const struct kmr_machine *m = e->c.machine;
	const size_t nr = (size_t)KMR_MAX_CPUS * KMR_NR_CONTEXTS;

	e->nr_frames = kmr_machine_end_pfn(m);
	e->nr_refilled = (size_t)m->nr_cpus * m->nr_zones * NR_PCP_LISTS;
	e->owned = calloc(e->nr_frames / 64 + 1, sizeof(*e->owned));
	e->refilled = calloc(e->nr_refilled, sizeof(*e->refilled));
	e->pending = calloc(nr, sizeof(*e->pending));
	for (size_t i = 0; e->pending && i < nr; i++)
		e->pending[i].sim = KMR_NO_PFN;
	return e->owned && e->refilled && e->pending ? 0 : -1;
}

struct kmr_engine *kmr_engine_create(const struct kmr_engine_config *config, struct kmr_error *err)
{
	struct kmr_engine *e = calloc(1, sizeof(*e));
	const struct kmr_machine *m = config->machine;
	const struct kmr_sequence_sink sink = {
		.ctx = e,
		.alloc = alloc,
		.alloc_done = alloc_done,
		.free = free_block,
		.free_prepare = free_prepare,
		.free_commit = free_commit,
		.silent_refill = silent_refill,
		.refill_begins = refill_begins,
		.observed = observed,
		.other = other,
	};

	if (!e) {
		(void)kmr_fail_nomem(err, "the engine");
		return NULL;
	}
	e->c = *config;
	for (unsigned int i = 0; i < m->nr_zones; i++) {
		e->cursor[i] = m->zones[i].start_pfn;
		e->start_gone[i] = KMR_MAX_ORDERS;
	}
	kmr_contig_replay_init(e);
	if (!init_arrays(e) && !kmr_pcplocks_init(&e->locks, m, config->ops, config->backend) &&
	    !kmr_pfnmap_init(&e->map))
		e->seq = kmr_sequence_create(&sink, err);
	if (!e->seq) {
		kmr_engine_destroy(e);
		(void)kmr_fail_nomem(err, "the engine");
		return NULL;
	}
	e->observer.ctx = e;
	e->observer.extfrag = on_extfrag;
	e->observer.migrated = kmr_contig_migrated;
	e->observer.kept = kmr_contig_kept;
	config->ops->observe(config->backend, &e->observer);
	if (config->pressure ? kmr_pressure_init(e, config->pressure, err)
			     : kmr_moved_init(e, err)) {
		kmr_engine_destroy(e);
		return NULL;
	}
	if (config->pressure && config->start_lru)
		kmr_pressure_start(e, config->start_lru, config->snapshot);
	if (config->latency && e->pressure.reclaim)
		kmr_latency_set_reclaim(config->latency, kmr_reclaim_stats(e->pressure.reclaim));
	if (config->objects)
		kmr_oe_set_owner(config->objects, own, e);
	if (config->addresses)
		kmr_ve_set_owner(config->addresses, own, e);
	return e;
}

void kmr_engine_count_by_task(struct kmr_engine *e, struct kmr_outcomes *outcomes)
{
	e->outcomes = outcomes;
}

void kmr_engine_feed(struct kmr_engine *e, const struct kmr_event *events, size_t count)
{
	e->stats.events += count;
	for (size_t i = 0; i < count; i++) {
		if (e->c.objects && i + KMR_OE_AHEAD < count) {
			kmr_oe_prefetch(e->c.objects, &events[i + KMR_OE_AHEAD]);
			kmr_oe_prefetch_object(e->c.objects, &events[i + KMR_OE_AHEAD / 2]);
		}
		if (e->pressure.reclaim)
			kmr_pressure_measure(e, &events[i]);
		kmr_sequence_feed(e->seq, &events[i]);
	}
}

void kmr_engine_flush(struct kmr_engine *e)
{
	kmr_sequence_flush(e->seq);
}

const struct kmr_replay_stats *kmr_engine_stats(const struct kmr_engine *e)
{
	return &e->stats;
}

void kmr_engine_moved(const struct kmr_engine *e, struct kmr_moved_report *report)
{
	*report = e->moved.stats;
}

const struct kmr_order_requests *kmr_engine_requests(const struct kmr_engine *e)
{
	return e->requests;
}

void kmr_engine_counts(const struct kmr_engine *e, struct kmr_sample_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	counts->page = *e->c.ops->work(e->c.backend);
	counts->thp_requests = e->contig.report.stats.thp_requests;
	counts->thp_failures = e->contig.report.stats.thp_failures;
	counts->moved = e->moved.stats;
	if (e->pressure.reclaim)
		counts->pressure = *kmr_reclaim_stats(e->pressure.reclaim);
}

void kmr_engine_pressure(const struct kmr_engine *e, struct kmr_pressure_report *report)
{
	memset(report, 0, sizeof(*report));
	if (!e->pressure.reclaim)
		return;
	report->used = true;
	report->stats = *kmr_reclaim_stats(e->pressure.reclaim);
	report->replay = e->pressure.stats;
	kmr_reclaim_sizes(e->pressure.reclaim, &report->sizes);
}

int kmr_engine_check_pressure(const struct kmr_engine *e, struct kmr_error *err)
{
	return e->pressure.reclaim ? kmr_reclaim_check(e->pressure.reclaim, err) : 0;
}

bool kmr_engine_nomem(const struct kmr_engine *e)
{
	return e->contig.nomem;
}

bool kmr_engine_overflow(const struct kmr_engine *e)
{
	return e->map.overflow;
}

void kmr_engine_destroy(struct kmr_engine *e)
{
	if (!e)
		return;
	e->c.ops->observe(e->c.backend, NULL);
	if (e->c.objects)
		kmr_oe_set_owner(e->c.objects, NULL, NULL);
	if (e->c.addresses)
		kmr_ve_set_owner(e->c.addresses, NULL, NULL);
	if (e->c.latency)
		kmr_latency_set_reclaim(e->c.latency, NULL);
	kmr_pressure_fini(e);
	kmr_moved_fini(e);
	kmr_sequence_destroy(e->seq);
	kmr_contig_replay_fini(e);
	kmr_pfnmap_free(&e->map);
	free(e->owned);
	for (size_t i = 0; e->refilled && i < e->nr_refilled; i++)
		free(e->refilled[i].pfns);
	free(e->refilled);
	free(e->pending);
	free(e->locks.by_context);
	free(e);
}
