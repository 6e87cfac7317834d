// SPDX-License-Identifier: GPL-2.0-only
/*
 * Most operations take what is on the CPU's own list: those are told by what did not change, so
 * that they cost little more than a look.  For the rest all counts are compared.
 */
#include "replay/latency.h"

#include <stdlib.h>
#include <string.h>

#include "base/counts.h"
#include "base/hist.h"
#include "replay/lockqueue.h"

#define LOCAL_DISTANCE	    10u /* SLIT's, of a node to itself */
#define NR_HISTS	    ((size_t)KMR_NR_OPERATIONS * KMR_NR_PATHS * KMR_MAX_ORDERS)
#define FIRST_OBJECT_STEP   ((unsigned int)KMR_STEP_OBJECT_ALLOC)
#define BEHIND_OBJECT_STEPS ((unsigned int)KMR_STEP_VMALLOC)

_Static_assert(KMR_NR_STEPS <= 64, "steps have bits");

struct kmr_latency {
	struct kmr_latency_config c;
	struct kmr_cost_table cost;
	/* what was counted when the operation began */
	struct kmr_page_work page;
	uint64_t page_rare; /* rare() of it */
	struct kmr_object_work object;
	struct kmr_vmap_work vmap;
	struct kmr_reclaim_stats reclaim;
	/* what counts; NULL: nothing does */
	const struct kmr_object_ops *object_ops;
	const struct kmr_object_work *objects;
	const struct kmr_vmap_work *addresses;
	const struct kmr_reclaim_stats *pressure;
	uint64_t pcp_alloc, pcp_free; /* ps: what every such operation takes */
	uint64_t locked; /* steps under a zone's lock, bit by bit */
	struct kmr_lockqueue locks;
	struct kmr_hist *hists[KMR_NR_OPERATIONS][KMR_NR_PATHS][KMR_MAX_ORDERS];
	struct kmr_steps steps[KMR_NR_OPERATIONS];
	bool nomem;
};

/* An operation that is over. */
struct operation {
	enum kmr_operation operation;
	unsigned int order;
	enum kmr_path path;
	unsigned int cpu;
	kmr_pfn_t pfn; /* in the zone whose lock it took; KMR_NO_PFN: it waits for none */
	const struct kmr_event *ev;
	bool no_pages; /* it has not come to the page allocator */
};

struct kmr_latency *kmr_latency_create(const struct kmr_latency_config *config,
				       struct kmr_error *err)
{
	struct kmr_latency *l = calloc(1, sizeof(*l));

	if (!l ||
	    kmr_lockqueue_init(&l->locks, config->machine->nr_zones, config->machine->nr_cpus)) {
		kmr_latency_destroy(l);
		(void)kmr_fail_nomem(err, "latencies");
		return NULL;
	}
	l->c = *config;
	l->cost = *config->cost;
	for (unsigned int i = 0; i < KMR_NR_STEPS; i++)
		l->locked |= (uint64_t)kmr_step_locked(i) << i;
	l->pcp_alloc = l->cost.price[KMR_STEP_PAGE_ALLOC] + l->cost.price[KMR_STEP_PCP_ALLOC];
	l->pcp_free = l->cost.price[KMR_STEP_PAGE_FREE] + l->cost.price[KMR_STEP_PCP_FREE];
	return l;
}

static void each_hist(struct kmr_latency *l, void (*fn)(struct kmr_hist *h))
{
	struct kmr_hist **h = &l->hists[0][0][0];

	for (size_t i = 0; i < NR_HISTS; i++)
		if (h[i])
			fn(h[i]);
}

static void drop(struct kmr_hist *h)
{
	kmr_hist_fini(h);
	free(h);
}

void kmr_latency_destroy(struct kmr_latency *l)
{
	if (!l)
		return;
	each_hist(l, drop);
	kmr_lockqueue_fini(&l->locks);
	free(l);
}

void kmr_latency_set_objects(struct kmr_latency *l, const struct kmr_object_ops *ops,
			     const struct kmr_object_work *work)
{
	l->object_ops = ops;
	l->objects = work;
}

void kmr_latency_set_addresses(struct kmr_latency *l, const struct kmr_vmap_work *work)
{
	l->addresses = work;
}

void kmr_latency_set_reclaim(struct kmr_latency *l, const struct kmr_reclaim_stats *stats)
{
	l->pressure = stats;
}

void kmr_latency_restart(struct kmr_latency *l)
{
	each_hist(l, kmr_hist_clear);
	memset(l->steps, 0, sizeof(l->steps));
}

static struct kmr_hist *new_hist(struct kmr_latency *l, struct kmr_hist **place)
{
	*place = malloc(sizeof(**place));
	if (*place)
		kmr_hist_init(*place);
	else
		l->nomem = true;
	return *place;
}

static inline void record(struct kmr_latency *l, enum kmr_operation operation, unsigned int order,
			  enum kmr_path path, uint64_t ps)
{
	struct kmr_hist **place =
		&l->hists[operation][path][order < KMR_MAX_ORDERS ? order : KMR_MAX_ORDERS - 1];
	struct kmr_hist *h = *place;

	if (__builtin_expect(!h, 0)) {
		h = new_hist(l, place);
		if (!h)
			return;
	}
	/* as much as the store can hold */
	kmr_hist_record(h, ps < INT64_MAX ? ps : INT64_MAX);
}

/*
 * Grows whenever anything does that a page operation on a CPU's own list leaves alone: under a lock,
 * or with none that is counted, as what a trace tells of compaction and hot-plug.
 */
static inline uint64_t rare(const struct kmr_page_work *w)
{
	return w->failures + w->slow_paths + w->splits + w->merges + w->pages_moved +
	       w->blocks_claimed + w->steps.zone_locks;
}

/* The operation that is over has found all that it needed on the CPU's own list. */
static inline bool plain(const struct kmr_latency *l)
{
	const struct kmr_page_work *w = l->c.page;

	return w->steps.zone_locks == l->page.steps.zone_locks &&
	       w->slow_paths == l->page.slow_paths && w->failures == l->page.failures && !l->c.told;
}

static inline void note_page(struct kmr_latency *l)
{
	const struct kmr_page_work *w = l->c.page;
	const uint64_t now = rare(w);

	if (now != l->page_rare) {
		l->page = *w;
		l->page_rare = now;
		return;
	}
	l->page.allocs = w->allocs;
	l->page.frees = w->frees;
	l->page.pcp_hits = w->pcp_hits;
	l->page.zones_tried = w->zones_tried;
	l->page.steps.watermark_checks = w->steps.watermark_checks;
	l->page.steps.pcp_frees = w->steps.pcp_frees;
	l->page.steps.tail_allocs = w->steps.tail_allocs;
	l->page.steps.tail_frees = w->steps.tail_frees;
	l->page.steps.zeroed_pages = w->steps.zeroed_pages;
	l->page.steps.zeroed_huge_pages = w->steps.zeroed_huge_pages;
}

static struct kmr_page_work page_done(const struct kmr_latency *l)
{
	struct kmr_page_work d = *l->c.page;

	kmr_counts_subtract(&d, &l->page, sizeof(d));
	return d;
}

static void page_steps(const struct kmr_page_work *d, uint64_t *n)
{
	n[KMR_STEP_PAGE_ALLOC] = d->allocs;
	n[KMR_STEP_PAGE_FREE] = d->frees;
	n[KMR_STEP_TAIL_ALLOC] = d->steps.tail_allocs;
	n[KMR_STEP_TAIL_FREE] = d->steps.tail_frees;
	n[KMR_STEP_ZERO_PAGE] = d->steps.zeroed_pages;
	n[KMR_STEP_ZERO_HUGE_PAGE] = d->steps.zeroed_huge_pages;
	n[KMR_STEP_ZONE] = d->zones_tried;
	n[KMR_STEP_WATERMARK] = d->steps.watermark_checks;
	/* the block that a list was refilled for is taken from it, too */
	n[KMR_STEP_PCP_ALLOC] = d->pcp_hits + d->pcp_refills;
	n[KMR_STEP_PCP_FREE] = d->steps.pcp_frees;
	n[KMR_STEP_ZONE_LOCK] = d->steps.zone_locks;
	n[KMR_STEP_REFILL_BLOCK] = d->refill_blocks;
	n[KMR_STEP_DRAIN_BLOCK] = d->drain_blocks;
	n[KMR_STEP_BUDDY_ALLOC] = d->steps.buddy_allocs;
	n[KMR_STEP_BUDDY_FREE] = d->steps.buddy_frees;
	n[KMR_STEP_SPLIT] = d->splits;
	n[KMR_STEP_MERGE] = d->merges;
	n[KMR_STEP_FALLBACK_LIST] = d->steps.fallback_lists;
	n[KMR_STEP_STEAL_PAGE] = d->pages_moved;
	n[KMR_STEP_CLAIM_BLOCK] = d->blocks_claimed;
	n[KMR_STEP_SLOW_PATH] = d->slow_paths;
}

/* What the task did itself to make room: daemons work beside it. */
static void reclaim_steps(const struct kmr_latency *l, uint64_t *n)
{
	struct kmr_reclaim_stats d;

	if (!l->pressure)
		return;
	d = *l->pressure;
	kmr_counts_subtract(&d, &l->reclaim, sizeof(d));
	n[KMR_STEP_RECLAIM_SCAN] = d.pgscan_direct;
	n[KMR_STEP_RECLAIM_FREE] = d.pgsteal_direct;
	n[KMR_STEP_COMPACT_SCAN] = d.compact_migrate_scanned + d.compact_free_scanned;
	n[KMR_STEP_COMPACT_MIGRATE] = d.pgmigrate_success;
}

/* All steps from FIRST_OBJECT_STEP to BEHIND_OBJECT_STEPS, those that are 0 too. */
static void object_steps(const struct kmr_object_ops *ops, const struct kmr_object_work *d,
			 uint64_t *n)
{
	const uint64_t allocs = d->allocs - d->large_allocs, frees = d->frees - d->large_frees;
	const bool slabs = !ops->heap, arrays = slabs && ops->reaps, lists = slabs && !ops->reaps;

	n[KMR_STEP_OBJECT_ALLOC] = d->allocs + d->failures;
	n[KMR_STEP_OBJECT_FREE] = d->frees;
	n[KMR_STEP_SLAB_FAST_ALLOC] = lists ? d->fast_allocs : 0;
	n[KMR_STEP_SLAB_FAST_FREE] = lists ? d->fast_frees : 0;
	n[KMR_STEP_SLAB_SLOW_FREE] = lists ? frees - d->fast_frees : 0;
	n[KMR_STEP_SLAB_LOAD] = lists ? allocs - d->fast_allocs : 0;
	n[KMR_STEP_SLAB_CPU_PARTIAL] = d->cpu_partial;
	n[KMR_STEP_SLAB_NODE_PARTIAL] = d->node_partial;
	n[KMR_STEP_ARRAY_ALLOC] = arrays ? allocs : 0;
	n[KMR_STEP_ARRAY_FREE] = arrays ? frees : 0;
	n[KMR_STEP_ARRAY_REFILL] = d->refills;
	n[KMR_STEP_ARRAY_FLUSH] = d->flushes;
	n[KMR_STEP_SLAB_REMOTE_FREE] = d->remote_frees;
	n[KMR_STEP_SLAB_NEW] = slabs ? d->slab_allocs : 0;
	n[KMR_STEP_SLAB_OBJECT] = d->slab_objects;
	n[KMR_STEP_SLAB_DISCARD] = slabs ? d->slab_frees : 0;
	n[KMR_STEP_HEAP_BLOCK] = d->list_steps;
}

_Static_assert(KMR_STEP_HEAP_BLOCK - KMR_STEP_OBJECT_ALLOC + 1 == 17, "each is set above");

/* Instead of once a page, as often as alloc_pages_bulk() is called. */
static void in_bulk(uint64_t *n, const struct kmr_vmap_work *d)
{
	static const enum kmr_step once[] = { KMR_STEP_PAGE_ALLOC, KMR_STEP_ZONE,
					      KMR_STEP_WATERMARK };

	for (size_t i = 0; d->bulk_calls && i < sizeof(once) / sizeof(once[0]); i++) {
		uint64_t *count = &n[once[i]];

		*count -= d->page_allocs < *count ? d->page_allocs : *count;
		*count += d->bulk_calls;
	}
}

static void vmap_steps(const struct kmr_vmap_work *d, bool free, uint64_t *n)
{
	n[KMR_STEP_VMALLOC] = !free;
	n[KMR_STEP_VFREE] = free;
	n[KMR_STEP_VMAP_NODE] = d->steps;
	n[KMR_STEP_VMAP_PURGE] = d->purged_areas;
	n[KMR_STEP_PAGE_TABLE] = d->page_allocs + d->page_frees;
	n[KMR_STEP_TLB_FLUSH] = d->flushes;
	in_bulk(n, d);
}

/* What steps came to. */
struct bill {
	uint64_t ps; /* all of them */
	uint64_t held; /* those under a zone's lock */
};

static void add(uint64_t *sum, uint64_t ps)
{
	if (__builtin_add_overflow(*sum, ps, sum))
		*sum = UINT64_MAX;
}

/* Of steps @first to @end - 1; they are added to what the operation's kind has taken. */
static struct bill price(const struct kmr_latency *l, const uint64_t *count, unsigned int first,
			 unsigned int end, uint64_t *total)
{
	struct bill bill = { 0, 0 };

	for (unsigned int i = first; i < end; i++) {
		uint64_t ps;

		if (!count[i])
			continue;
		total[i] += count[i];
		if (__builtin_mul_overflow(count[i], l->cost.price[i], &ps))
			ps = UINT64_MAX;
		add(&bill.ps, ps);
		if (l->locked >> i & 1)
			add(&bill.held, ps);
	}
	return bill;
}

static void tell(const struct kmr_latency *l, const struct operation *op,
		 const struct kmr_steps *steps, uint64_t ps)
{
	const struct kmr_operation_report report = { op->operation, op->order, op->path, ps,
						     steps,	    op->ev };

	l->c.told(l->c.ctx, &report);
}

/* Behind the last one that it may take. */
static unsigned int last_step(enum kmr_operation operation)
{
	if (operation <= KMR_OP_PAGE_FREE)
		return FIRST_OBJECT_STEP;
	return operation <= KMR_OP_OBJECT_FREE ? BEHIND_OBJECT_STEPS : (unsigned int)KMR_NR_STEPS;
}

/* Prices what an operation took, and what it waited for. */
static void end(struct kmr_latency *l, const struct operation *op, struct kmr_steps *steps)
{
	const unsigned int first = op->no_pages ? FIRST_OBJECT_STEP : 0;
	const unsigned int behind = last_step(op->operation);
	uint64_t *total = l->steps[op->operation].count;
	struct bill bill = price(l, steps->count, first, behind, total);
	const uint64_t waiting = l->cost.price[KMR_STEP_WAIT];
	int zone = -1;

	if (bill.held && waiting && op->pfn != KMR_NO_PFN)
		zone = kmr_machine_zone_of(l->c.machine, op->pfn);
	if (zone >= 0) {
		const uint64_t wait = kmr_lockqueue_take(&l->locks, (unsigned int)zone, op->cpu,
							 op->ev->time, bill.held);
		uint64_t ps;

		steps->count[KMR_STEP_WAIT] = wait;
		total[KMR_STEP_WAIT] += wait;
		add(&bill.ps, __builtin_mul_overflow(wait, waiting, &ps) ? UINT64_MAX : ps);
	}
	kmr_lockqueue_pass(&l->locks, op->cpu, op->ev->time, bill.ps);
	record(l, op->operation, op->order, op->path, bill.ps);
	if (l->c.told)
		tell(l, op, steps, bill.ps);
}

void kmr_latency_page_begin(struct kmr_latency *l)
{
	note_page(l);
	if (l->pressure)
		l->reclaim = *l->pressure;
}

static enum kmr_path alloc_path(const struct kmr_page_work *d, kmr_pfn_t pfn)
{
	if (pfn == KMR_NO_PFN)
		return KMR_PATH_FAILED;
	if (d->slow_paths)
		return KMR_PATH_SLOW;
	if (d->extfrag)
		return KMR_PATH_FALLBACK;
	if (d->pcp_refills)
		return KMR_PATH_REFILL;
	return d->pcp_hits ? KMR_PATH_PCP : KMR_PATH_BUDDY;
}

/* SLIT's distance of a frame from @cpu, above that of the CPU's own node. */
static uint64_t remote(const struct kmr_latency *l, kmr_pfn_t pfn, unsigned int cpu)
{
	const struct kmr_machine *m = l->c.machine;
	unsigned int distance;
	int zone;

	if (m->nr_nodes < 2 || pfn == KMR_NO_PFN || cpu >= m->nr_cpus)
		return 0;
	zone = kmr_machine_zone_of(m, pfn);
	if (zone < 0)
		return 0;
	distance = m->distance[m->cpu_node[cpu]][m->zones[zone].node];
	return distance > LOCAL_DISTANCE ? distance - LOCAL_DISTANCE : 0;
}

/* A block of a per-CPU list that had one: nothing but this was counted. */
static inline void end_pcp_alloc(struct kmr_latency *l, const struct kmr_event *ev,
				 const struct kmr_page_request *req, kmr_pfn_t pfn)
{
	const struct kmr_page_work *w = l->c.page;
	uint64_t *n = l->steps[KMR_OP_PAGE_ALLOC].count;
	const uint64_t *price = l->cost.price;
	const uint64_t zones = w->zones_tried - l->page.zones_tried;
	const uint64_t checks = w->steps.watermark_checks - l->page.steps.watermark_checks;
	const uint64_t tail = w->steps.tail_allocs - l->page.steps.tail_allocs;
	const uint64_t zeroed = w->steps.zeroed_pages - l->page.steps.zeroed_pages;
	const uint64_t huge = w->steps.zeroed_huge_pages - l->page.steps.zeroed_huge_pages;
	const uint64_t far = remote(l, pfn, req->cpu);
	/* a few zones, at most 2^15 pages, prices of a second: no overflow */
	const uint64_t ps = l->pcp_alloc + zones * price[KMR_STEP_ZONE] +
			    checks * price[KMR_STEP_WATERMARK] + tail * price[KMR_STEP_TAIL_ALLOC] +
			    zeroed * price[KMR_STEP_ZERO_PAGE] +
			    huge * price[KMR_STEP_ZERO_HUGE_PAGE] + far * price[KMR_STEP_REMOTE];

	n[KMR_STEP_PAGE_ALLOC]++;
	n[KMR_STEP_PCP_ALLOC]++;
	n[KMR_STEP_ZONE] += zones;
	n[KMR_STEP_WATERMARK] += checks;
	n[KMR_STEP_TAIL_ALLOC] += tail;
	n[KMR_STEP_ZERO_PAGE] += zeroed;
	n[KMR_STEP_ZERO_HUGE_PAGE] += huge;
	n[KMR_STEP_REMOTE] += far;
	kmr_lockqueue_pass(&l->locks, req->cpu, ev->time, ps);
	record(l, KMR_OP_PAGE_ALLOC, req->order, KMR_PATH_PCP, ps);
}

static void end_alloc(struct kmr_latency *l, const struct kmr_event *ev,
		      const struct kmr_page_request *req, kmr_pfn_t pfn)
{
	const struct kmr_page_work d = page_done(l);
	const struct operation op = { .operation = KMR_OP_PAGE_ALLOC,
				      .order = req->order,
				      .path = alloc_path(&d, pfn),
				      .cpu = req->cpu,
				      .pfn = pfn,
				      .ev = ev };
	struct kmr_steps steps = { { 0 } };

	page_steps(&d, steps.count);
	reclaim_steps(l, steps.count);
	steps.count[KMR_STEP_REMOTE] = remote(l, pfn, req->cpu);
	end(l, &op, &steps);
}

void kmr_latency_page_alloc(struct kmr_latency *l, const struct kmr_event *ev,
			    const struct kmr_page_request *req, kmr_pfn_t pfn)
{
	if (plain(l) && l->c.page->pcp_hits != l->page.pcp_hits)
		end_pcp_alloc(l, ev, req, pfn);
	else
		end_alloc(l, ev, req, pfn);
}

static void end_free(struct kmr_latency *l, const struct kmr_event *ev, kmr_pfn_t pfn,
		     unsigned int order, unsigned int cpu)
{
	const struct kmr_page_work d = page_done(l);
	struct operation op = { .operation = KMR_OP_PAGE_FREE,
				.order = order,
				.path = KMR_PATH_PCP,
				.cpu = cpu,
				.pfn = pfn,
				.ev = ev };
	struct kmr_steps steps = { { 0 } };

	page_steps(&d, steps.count);
	if (d.drain_blocks)
		op.path = KMR_PATH_DRAIN;
	else if (d.steps.buddy_frees)
		op.path = KMR_PATH_BUDDY;
	end(l, &op, &steps);
}

void kmr_latency_page_free(struct kmr_latency *l, const struct kmr_event *ev, kmr_pfn_t pfn,
			   unsigned int order, unsigned int cpu)
{
	uint64_t *n = l->steps[KMR_OP_PAGE_FREE].count;
	uint64_t tail, ps;

	if (l->c.page->frees == l->page.frees)
		return;
	if (!plain(l)) {
		end_free(l, ev, pfn, order, cpu);
		return;
	}
	tail = l->c.page->steps.tail_frees - l->page.steps.tail_frees;
	ps = l->pcp_free + tail * l->cost.price[KMR_STEP_TAIL_FREE];
	n[KMR_STEP_PAGE_FREE]++;
	n[KMR_STEP_PCP_FREE]++;
	n[KMR_STEP_TAIL_FREE] += tail;
	kmr_lockqueue_pass(&l->locks, cpu, ev->time, ps);
	record(l, KMR_OP_PAGE_FREE, order, KMR_PATH_PCP, ps);
}

void kmr_latency_object_begin(struct kmr_latency *l)
{
	kmr_latency_page_begin(l);
	l->object = *l->objects;
}

static struct kmr_object_work object_done(const struct kmr_latency *l, struct kmr_steps *steps)
{
	struct kmr_object_work d = *l->objects;

	kmr_counts_subtract(&d, &l->object, sizeof(d));
	object_steps(l->object_ops, &d, steps->count);
	return d;
}

static void pages_done(const struct kmr_latency *l, struct kmr_steps *steps)
{
	const struct kmr_page_work d = page_done(l);

	page_steps(&d, steps->count);
	reclaim_steps(l, steps->count);
}

/* The page allocator was neither asked nor given anything. */
static bool no_pages(const struct kmr_latency *l)
{
	const struct kmr_page_work *w = l->c.page;

	return w->allocs == l->page.allocs && w->frees == l->page.frees;
}

/* Without pages only the steps of objects are set. */
static struct kmr_object_work objects_and_pages_done(const struct kmr_latency *l,
						     struct kmr_steps *steps, bool none)
{
	if (!none) {
		memset(steps, 0, sizeof(*steps));
		pages_done(l, steps);
	}
	return object_done(l, steps);
}

/* Objects lie at simulated addresses: page frames times the page size. */
static kmr_pfn_t frame_of(const struct kmr_latency *l, kmr_obj_t obj)
{
	return obj == KMR_NO_OBJ ? KMR_NO_PFN : (kmr_pfn_t)(obj >> l->c.machine->page_shift);
}

/* From or to what the CPU holds, and nothing else: @fast and @entry are the steps. */
static void end_fast(struct kmr_latency *l, enum kmr_operation operation, enum kmr_step entry,
		     enum kmr_step fast, const struct kmr_event *ev, unsigned int cpu)
{
	const uint64_t ps = l->cost.price[entry] + l->cost.price[fast];

	l->steps[operation].count[entry]++;
	l->steps[operation].count[fast]++;
	kmr_lockqueue_pass(&l->locks, cpu, ev->time, ps);
	record(l, operation, 0, KMR_PATH_FAST, ps);
}

void kmr_latency_object_alloc(struct kmr_latency *l, const struct kmr_event *ev, kmr_obj_t obj,
			      unsigned int cpu)
{
	const struct kmr_object_work *w = l->objects;
	struct operation op = { .operation = KMR_OP_OBJECT_ALLOC,
				.path = KMR_PATH_PARTIAL,
				.cpu = cpu,
				.pfn = frame_of(l, obj),
				.ev = ev };
	struct kmr_steps steps;
	struct kmr_object_work d;

	if (w->fast_allocs == l->object.fast_allocs + 1 && w->allocs == l->object.allocs + 1 &&
	    w->frees == l->object.frees && !l->c.told) {
		end_fast(l, KMR_OP_OBJECT_ALLOC, KMR_STEP_OBJECT_ALLOC,
			 l->object_ops->reaps ? KMR_STEP_ARRAY_ALLOC : KMR_STEP_SLAB_FAST_ALLOC, ev,
			 cpu);
		return;
	}
	op.no_pages = no_pages(l) && !l->c.told;
	d = objects_and_pages_done(l, &steps, op.no_pages);
	if (obj == KMR_NO_OBJ)
		op.path = KMR_PATH_FAILED;
	else if (d.large_allocs)
		op.path = KMR_PATH_LARGE;
	else if (d.slab_allocs)
		op.path = KMR_PATH_SLAB;
	else if (d.fast_allocs)
		op.path = KMR_PATH_FAST;
	end(l, &op, &steps);
}

void kmr_latency_object_free(struct kmr_latency *l, const struct kmr_event *ev, kmr_obj_t obj,
			     unsigned int cpu)
{
	const struct kmr_object_work *w = l->objects;
	struct operation op = { .operation = KMR_OP_OBJECT_FREE,
				.path = KMR_PATH_SLOW,
				.cpu = cpu,
				.pfn = frame_of(l, obj),
				.ev = ev };
	struct kmr_steps steps;
	struct kmr_object_work d;

	if (w->frees == l->object.frees)
		return;
	if (w->fast_frees == l->object.fast_frees + 1 && w->frees == l->object.frees + 1 &&
	    w->slab_frees == l->object.slab_frees && !l->c.told) {
		end_fast(l, KMR_OP_OBJECT_FREE, KMR_STEP_OBJECT_FREE,
			 l->object_ops->reaps ? KMR_STEP_ARRAY_FREE : KMR_STEP_SLAB_FAST_FREE, ev,
			 cpu);
		return;
	}
	op.no_pages = no_pages(l) && !l->c.told;
	d = objects_and_pages_done(l, &steps, op.no_pages);
	if (d.large_frees)
		op.path = KMR_PATH_LARGE;
	else if (d.slab_frees)
		op.path = KMR_PATH_SLAB;
	else if (d.fast_frees)
		op.path = KMR_PATH_FAST;
	end(l, &op, &steps);
}

void kmr_latency_address_begin(struct kmr_latency *l)
{
	kmr_latency_page_begin(l);
	l->vmap = *l->addresses;
	if (l->objects)
		l->object = *l->objects;
}

void kmr_latency_address_end(struct kmr_latency *l, const struct kmr_event *ev, bool free,
			     bool served, unsigned int cpu)
{
	struct operation op = { .operation = free ? KMR_OP_VFREE : KMR_OP_VMALLOC,
				.path = KMR_PATH_DIRECT,
				.cpu = cpu,
				.pfn = KMR_NO_PFN,
				.ev = ev };
	struct kmr_steps steps = { { 0 } };
	struct kmr_vmap_work d = *l->addresses;

	kmr_counts_subtract(&d, &l->vmap, sizeof(d));
	if (l->objects)
		(void)object_done(l, &steps);
	pages_done(l, &steps);
	vmap_steps(&d, free, steps.count);
	if (!served)
		op.path = KMR_PATH_FAILED;
	else if (d.purges)
		op.path = KMR_PATH_PURGE;
	end(l, &op, &steps);
}

static int copy_row(struct kmr_latency_report *report, const struct kmr_latency_row *row,
		    const struct kmr_hist *from)
{
	struct kmr_hist *h = malloc(sizeof(*h));

	if (!h)
		return -1;
	kmr_hist_init(h);
	report->rows[report->nr_rows] = *row;
	report->rows[report->nr_rows++].hist = h;
	return kmr_hist_merge(h, from);
}

int kmr_latency_report(const struct kmr_latency *l, struct kmr_latency_report *report,
		       struct kmr_error *err)
{
	memset(report, 0, sizeof(*report));
	report->cost = l->cost;
	report->rows = calloc(NR_HISTS, sizeof(*report->rows));
	if (!report->rows || l->nomem)
		return kmr_fail_nomem(err, "latencies");
	for (unsigned int o = 0; o < KMR_NR_OPERATIONS; o++) {
		memcpy(report->steps[o], l->steps[o].count, sizeof(report->steps[o]));
		for (unsigned int order = 0; order < KMR_MAX_ORDERS; order++)
			for (unsigned int p = 0; p < KMR_NR_PATHS; p++) {
				const struct kmr_hist *h = l->hists[o][p][order];
				const struct kmr_latency_row row = { (enum kmr_operation)o, order,
								     (enum kmr_path)p, NULL };

				if (h && h->count && copy_row(report, &row, h))
					return kmr_fail_nomem(err, "latencies");
			}
	}
	return 0;
}
