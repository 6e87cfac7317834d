// SPDX-License-Identifier: GPL-2.0-only
#include "replay/verify_pages.h"

#include <stdlib.h>

#include "replay/request.h"

#define DECAY_NS 1000000000 /* between updates of the kernel's counters */

/* A request that was made at its refill and waits for its event. */
struct kmr_vp_pending {
	uint64_t refilled; /* first frame that the kernel's refill took; KMR_EV_NO_PFN: none */
	kmr_pfn_t pfn;
	struct kmr_page_request req;
	struct kmr_follow_guess guess;
	enum kmr_miss why; /* KMR_MISS_NR: none */
	bool of_slab; /* the model's object allocator made it */
};

/* A refill without a request, as far as it has been seen. */
struct kmr_vp_silent {
	uint32_t blocks;
	bool going_on;
};
static void push_deed(struct kmr_page_verifier *v, const struct kmr_deed *d)
{
	if (v->account && kmr_deeds_push(&v->account->model, d))
		v->nomem = true;
}

static void on_refill(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int migratetype,
		      bool percpu)
{
	const struct kmr_deed d = {
		pfn, KMR_EV_PAGE_REFILL, (uint8_t)order, (uint8_t)migratetype, 0, 0, 0, false
	};

	(void)percpu;
	push_deed(ctx, &d);
}

static void on_drain(void *ctx, kmr_pfn_t pfn, unsigned int order, unsigned int migratetype)
{
	const struct kmr_deed d = {
		pfn, KMR_EV_PAGE_DRAIN, (uint8_t)order, (uint8_t)migratetype, 0, 0, 0, false
	};

	push_deed(ctx, &d);
}

static void on_extfrag(void *ctx, const struct kmr_extfrag *ef)
{
	const struct kmr_deed d = { ef->pfn,
				    KMR_EV_PAGE_EXTFRAG,
				    ef->order,
				    ef->migratetype,
				    ef->fallback_order,
				    ef->fallback_migratetype,
				    ef->change_owner,
				    false };

	push_deed(ctx, &d);
}

static struct kmr_account *account_of(const struct kmr_page_verifier *v, const struct kmr_event *ev)
{
	return &v->accounts[ev->cpu % v->machine->nr_cpus * KMR_NR_CONTEXTS + kmr_context_of(ev)];
}

static void silent_refill(void *ctx, const struct kmr_event *ev);

/*
 * A refill that no event asked for goes on past its size: it is over, and the next has begun with
 * nothing to be seen between them.
 */
static void follow_silent(struct kmr_page_verifier *v, const struct kmr_event *ev)
{
	struct kmr_vp_silent *s = &v->silent[ev->cpu];
	const int zone = kmr_machine_zone_of(v->machine, ev->addr);

	if (!s->going_on || zone < 0)
		return;
	if (s->blocks >= v->ops->refill_size(v->b, (unsigned int)zone, ev->cpu, ev->page.order))
		silent_refill(v, ev);
	s->blocks++;
}

/* The last operation of this context is over: where it differed, the kernel is followed. */
static void settle(struct kmr_page_verifier *v, struct kmr_account *a, unsigned int cpu)
{
	if (kmr_account_differs(a))
		kmr_account_reconcile(a, v->machine, v->ops, v->b, cpu);
	kmr_account_clear(a);
}

/*
 * A drain beyond what the model's operation has drained: by the vmstat worker (of a remote zone, or
 * over a limit that has decayed) or by drain_all_pages(), with no event that asks for it.  How much
 * is drained the trace tells, the model what.  Whose lists it is, if not the CPU's own, only the
 * frame can tell.
 */
static void drain_alone(struct kmr_page_verifier *v, const struct kmr_event *ev)
{
	struct kmr_account *going_on = v->account;
	struct kmr_frame_info at;

	v->ops->where(v->b, ev->addr < KMR_NO_PFN ? (kmr_pfn_t)ev->addr : KMR_NO_PFN, &at);
	if (at.zone < 0)
		return;
	v->account = account_of(v, ev);
	v->ops->drain_one(v->b, (unsigned int)at.zone,
			  at.place == KMR_FRAME_PCP ? at.cpu : ev->cpu);
	v->account = going_on;
}

/* Sequence sink: what the kernel did; the model has done it just before, if it agrees. */
static void observed(void *ctx, const struct kmr_event *ev)
{
	struct kmr_page_verifier *v = ctx;
	struct kmr_tally *tally = ev->type == KMR_EV_PAGE_REFILL  ? &v->r->refill
				  : ev->type == KMR_EV_PAGE_DRAIN ? &v->r->drain
								  : &v->r->extfrag;
	struct kmr_account *a;
	bool matched, alone = false;

	tally->traced++;
	kmr_pcplock_seen(&v->locks, ev);
	if (ev->type == KMR_EV_PAGE_EXTFRAG)
		kmr_follow_fell_back(&v->follow, ev);
	if (ev->cpu >= v->machine->nr_cpus)
		return;
	if (ev->type == KMR_EV_PAGE_REFILL)
		follow_silent(v, ev);
	a = account_of(v, ev);
	if (ev->type == KMR_EV_PAGE_DRAIN && !kmr_account_expects(a, ev->type)) {
		alone = true;
		drain_alone(v, ev);
	}
	if (kmr_account_observe(a, ev, &matched))
		v->nomem = true;
	tally->matched += matched;
	if (alone && !matched)
		settle(v, a, ev->cpu);
}

/*
 * Once a second, give or take what a busy CPU or an idle one takes to get there.  What is drained
 * then has events.
 */
static void decay_until(struct kmr_page_verifier *v, uint64_t now)
{
	const uint64_t second = now / DECAY_NS;

	/* within a few dozen they are at their ends */
	for (unsigned int i = 0; v->decayed && v->decayed + i < second && i < 64; i++)
		v->ops->decay(v->b);
	v->decayed = second;
}

static void begin(struct kmr_page_verifier *v, const struct kmr_event *ev)
{
	decay_until(v, ev->time);
	v->cpu = ev->cpu % v->machine->nr_cpus;
	v->account = NULL;
	settle(v, account_of(v, ev), v->cpu);
	v->account = account_of(v, ev);
	v->silent[v->cpu].going_on = false;
	kmr_pcplock_release(&v->locks, ev);
	kmr_follow_seen(&v->follow, ev);
}

static struct kmr_vp_pending *pending_of(struct kmr_page_verifier *v, const struct kmr_event *ev)
{
	return &v->pending[ev->cpu % v->machine->nr_cpus * KMR_NR_CONTEXTS + kmr_context_of(ev)];
}

static bool is_of_slab(const struct kmr_page_verifier *v, const struct kmr_event *ev)
{
	return v->vo && (ev->asked.owner == KMR_OWNER_SLAB || ev->asked.owner == KMR_OWNER_KMALLOC);
}

/* True when the model's slabs asked for a page that the one of @ev can be. */
static bool slab_alloc(struct kmr_page_verifier *v, const struct kmr_event *ev,
		       struct kmr_vp_pending *p)
{
	const uint64_t mask = (UINT64_C(1) << ev->page.order) - 1;

	if (!kmr_vo_page_alloc(v->vo, ev, &p->req, &p->pfn))
		return false;
	if (p->req.order == ev->page.order && (ev->addr == KMR_EV_NO_PFN || !(ev->addr & mask)))
		return true;
	if (p->pfn != KMR_NO_PFN) {
		kmr_vo_page_other(v->vo, p->pfn);
		v->ops->unalloc(v->b, &p->req, p->pfn);
	}
	return false;
}

static void alloc(void *ctx, const struct kmr_event *ev)
{
	struct kmr_page_verifier *v = ctx;
	const struct kmr_page_request req = kmr_request_of(v->machine, ev);
	struct kmr_vp_pending *p = pending_of(v, ev);

	begin(v, ev);
	kmr_follow_ask(&v->follow, ev, &req, &p->guess);
	p->of_slab = is_of_slab(v, ev) && slab_alloc(v, ev, p);
	if (!p->of_slab) {
		p->req = req;
		p->pfn = v->ops->alloc(v->b, &p->req);
	}
	/* until its event, if that is not here: it was refilled */
	if (p->pfn != KMR_NO_PFN)
		kmr_pcplock_hold(&v->locks, ev, p->pfn);
}

static enum kmr_miss classify(const struct kmr_page_verifier *v, const struct kmr_vp_pending *p,
			      const struct kmr_event *ev, const struct kmr_frame_info *at)
{
	if (ev->addr == KMR_EV_NO_PFN)
		return KMR_MISS_KERNEL_FAILED;
	if (p->pfn == KMR_NO_PFN)
		return KMR_MISS_MODEL_FAILED;
	if (at->place == KMR_FRAME_NONE)
		return KMR_MISS_NO_FRAME;
	if (at->place == KMR_FRAME_USED)
		return KMR_MISS_USED;
	if (at->zone != kmr_machine_zone_of(v->machine, p->pfn))
		return KMR_MISS_ZONE;
	if (at->place == KMR_FRAME_BUDDY)
		return KMR_MISS_BUDDY;
	return at->cpu == p->req.cpu && at->order == p->req.order ? KMR_MISS_PCP_BEHIND
								  : KMR_MISS_PCP_OTHER;
}

/* Before the model follows the kernel, which may tell more of why. */
static void note_miss(const struct kmr_page_verifier *v, struct kmr_vp_pending *p,
		      const struct kmr_event *ev)
{
	struct kmr_first_miss *first = &v->r->first_miss;
	struct kmr_frame_info at;

	v->ops->where(v->b, ev->addr < KMR_NO_PFN ? (kmr_pfn_t)ev->addr : KMR_NO_PFN, &at);
	p->why = classify(v, p, ev, &at);
	if (first->any)
		return;
	first->any = true;
	first->event = v->seen;
	first->time = ev->time;
	first->cpu = ev->cpu;
	first->order = ev->page.order;
	first->gfp = p->req.gfp;
	first->kernel_pfn = ev->addr;
	first->model_pfn = p->pfn == KMR_NO_PFN ? KMR_EV_NO_PFN : p->pfn;
	first->kernel_frame = at;
}

static void count_miss(const struct kmr_page_verifier *v, enum kmr_miss why)
{
	if (v->r->alloc_total - v->r->alloc_exact == 1)
		v->r->first_miss.why = why;
	v->r->misses[why]++;
}

/*
 * The kernel took the block behind the one at the head of the model's list.  It always takes the
 * head: so its list has not got the other, which an interrupt must have freed to the free lists.
 * (An interrupt's own request proves nothing: what it interrupted may have taken the head.)
 */
static void put_off_list(struct kmr_page_verifier *v, const struct kmr_vp_pending *p,
			 const struct kmr_event *ev)
{
	struct kmr_frame_info kernel, model;

	if (ev->addr >= KMR_NO_PFN || !kmr_interrupts_freed(&v->interrupts, ev, p->pfn))
		return;
	v->ops->where(v->b, (kmr_pfn_t)ev->addr, &kernel);
	v->ops->where(v->b, p->pfn, &model);
	if (kernel.place != KMR_FRAME_PCP || model.place != KMR_FRAME_PCP ||
	    kernel.cpu != model.cpu || kernel.order != model.order || model.position)
		return;
	v->ops->take(v->b, p->pfn, p->req.order, false);
	v->ops->buddy_put(v->b, p->pfn, p->req.order, model.migratetype, p->req.cpu);
}

/* The model goes on from the kernel's choice: its lists first, then the frame itself. */
static void follow(struct kmr_page_verifier *v, struct kmr_vp_pending *p,
		   const struct kmr_event *ev)
{
	v->account = NULL;
	if (p->pfn != KMR_NO_PFN) {
		const int zone = kmr_machine_zone_of(v->machine, ev->addr);

		v->ops->unalloc(v->b, &p->req, p->pfn);
		put_off_list(v, p, ev);
		if (zone != kmr_machine_zone_of(v->machine, p->pfn) &&
		    kmr_follow_other_zone(&v->follow, &p->req, &p->guess, zone) &&
		    p->why == KMR_MISS_ZONE)
			p->why = KMR_MISS_COUNTS;
	}
	settle(v, account_of(v, ev), ev->cpu % v->machine->nr_cpus);
	if (ev->addr < KMR_NO_PFN)
		v->ops->take(v->b, (kmr_pfn_t)ev->addr, ev->page.order,
			     p->req.gfp & KMR_GFP_MOVABLE);
}

static void alloc_done(void *ctx, const struct kmr_event *ev)
{
	struct kmr_page_verifier *v = ctx;
	struct kmr_vp_pending *p = pending_of(v, ev);
	const uint64_t got = p->pfn == KMR_NO_PFN ? KMR_EV_NO_PFN : p->pfn;

	kmr_pcplock_release(&v->locks, ev);
	kmr_pcplock_of(&v->locks, ev)->prepared = 0;
	if (p->refilled != KMR_EV_NO_PFN) {
		v->refilled++;
		v->got_first += p->refilled == ev->addr;
		p->refilled = KMR_EV_NO_PFN;
	}
	v->r->alloc_total++;
	p->why = KMR_MISS_NR;
	if (got == ev->addr) {
		v->r->alloc_exact++;
		v->r->alloc_zone_exact++;
	} else {
		if (got != KMR_EV_NO_PFN && ev->addr != KMR_EV_NO_PFN &&
		    kmr_machine_zone_of(v->machine, got) ==
			    kmr_machine_zone_of(v->machine, ev->addr))
			v->r->alloc_zone_exact++;
		note_miss(v, p, ev);
	}
	if (got != ev->addr || kmr_account_differs(account_of(v, ev)))
		follow(v, p, ev);
	else
		kmr_account_clear(account_of(v, ev));
	if (kmr_follow_got(&v->follow, ev, &p->req, &p->guess,
			   kmr_machine_zone_of(v->machine, ev->addr)) &&
	    p->why == KMR_MISS_ZONE)
		p->why = KMR_MISS_DIRTY;
	if (p->why != KMR_MISS_NR)
		count_miss(v, p->why);
	if (p->of_slab)
		kmr_vo_page_done(v->vo, p->pfn, ev->addr, ev->page.order);
	kmr_interrupts_over(&v->interrupts, ev);
}

/*
 * The model frees the block of @ev, alone or as one of a list.  Where it is known whether the
 * per-CPU lists were taken, that is how the model finds them.
 */
static int give_back(struct kmr_page_verifier *v, const struct kmr_event *ev, bool listed)
{
	const uint8_t known = ev->flags & (KMR_EVF_AROUND_LISTS | KMR_EVF_THROUGH_LISTS);
	const int zone = kmr_machine_zone_of(v->machine, ev->addr);
	int ret;

	if (ev->addr >= KMR_NO_PFN)
		return -1;
	if (known && zone >= 0) {
		v->r->told_later += kmr_pcplock_held(&v->locks, (unsigned int)zone, v->cpu) !=
				    (known == KMR_EVF_AROUND_LISTS);
		v->ops->pcp_lock(v->b, (unsigned int)zone, v->cpu, known == KMR_EVF_AROUND_LISTS);
	}
	if (listed)
		ret = v->ops->free_commit(v->b, (kmr_pfn_t)ev->addr, v->cpu);
	else
		ret = v->ops->free(v->b, (kmr_pfn_t)ev->addr, ev->page.order, v->cpu);
	if (known && zone >= 0)
		v->ops->pcp_lock(v->b, (unsigned int)zone, v->cpu,
				 kmr_pcplock_held(&v->locks, (unsigned int)zone, v->cpu));
	return ret;
}

/* The kernel frees what the model thinks is free: it was taken without an event. */
static void free_again(struct kmr_page_verifier *v, const struct kmr_event *ev)
{
	v->r->free_unknown++;
	if (ev->addr >= KMR_NO_PFN || ev->page.order >= KMR_MAX_ORDERS)
		return;
	v->ops->take(v->b, (kmr_pfn_t)ev->addr, ev->page.order, false);
	(void)v->ops->free(v->b, (kmr_pfn_t)ev->addr, ev->page.order, v->cpu);
}

static void free_single(void *ctx, const struct kmr_event *ev)
{
	struct kmr_page_verifier *v = ctx;

	begin(v, ev);
	kmr_interrupts_over(&v->interrupts, ev);
	kmr_interrupts_note_free(&v->interrupts, ev);
	if (!kmr_follow_frees(&v->follow, ev))
		return;
	v->r->free_total++;
	if (is_of_slab(v, ev))
		kmr_vo_page_free(v->vo, ev);
	if (give_back(v, ev, false))
		free_again(v, ev);
}

static void free_prepare(void *ctx, const struct kmr_event *ev)
{
	struct kmr_page_verifier *v = ctx;

	kmr_pcplock_of(&v->locks, ev)->prepared++;
	if (ev->addr < KMR_NO_PFN)
		v->ops->free_prepare(v->b, (kmr_pfn_t)ev->addr);
}

static void free_commit(void *ctx, const struct kmr_event *ev)
{
	struct kmr_page_verifier *v = ctx;

	struct kmr_pcplock *lock = kmr_pcplock_of(&v->locks, ev);

	if (ev->page.order) {
		free_single(ctx, ev);
	} else {
		begin(v, ev);
		kmr_interrupts_over(&v->interrupts, ev);
		kmr_interrupts_note_free(&v->interrupts, ev);
		v->r->free_total++;
		if (is_of_slab(v, ev))
			kmr_vo_page_free(v->vo, ev);
		if (give_back(v, ev, true))
			free_again(v, ev);
	}
	if (lock->prepared && --lock->prepared)
		kmr_pcplock_hold(&v->locks, ev, ev->addr);
}

/*
 * A list is refilled when it is empty.  What the model still has on it has left the kernel's
 * list without an event.
 */
static void refill_begins(void *ctx, const struct kmr_event *ev)
{
	struct kmr_page_verifier *v = ctx;
	const int zone = kmr_machine_zone_of(v->machine, ev->addr);

	begin(v, ev);
	pending_of(v, ev)->refilled = ev->type == KMR_EV_PAGE_REFILL ? ev->addr : KMR_EV_NO_PFN;
	if (zone >= 0 && (ev->type == KMR_EV_PAGE_EXTFRAG || (ev->flags & KMR_EVF_PERCPU_REFILL)))
		v->r->silent_blocks += v->ops->pcp_take_all(v->b, (unsigned int)zone, v->cpu,
							    ev->page.order, ev->page.migratetype);
}

/* A page was taken in bulk: the model takes one in the same way, to refill as the kernel did. */
static void silent_refill(void *ctx, const struct kmr_event *ev)
{
	struct kmr_page_verifier *v = ctx;
	struct kmr_page_request req;

	refill_begins(ctx, ev);
	pending_of(v, ev)->refilled = KMR_EV_NO_PFN;
	v->r->silent_refills++;
	v->silent[v->cpu].going_on = true;
	v->silent[v->cpu].blocks = 0;
	req = kmr_request_of_refill(v->machine, ev);
	if (v->ops->alloc(v->b, &req) != KMR_NO_PFN)
		v->r->silent_blocks++;
}

static void other(void *ctx, const struct kmr_event *ev)
{
	struct kmr_page_verifier *v = ctx;

	kmr_interrupts_over(&v->interrupts, ev);
	if (v->vo)
		kmr_vo_event(v->vo, ev);
	kmr_follow_seen(&v->follow, ev);
	kmr_follow_event(&v->follow, ev);
}
struct kmr_page_observer kmr_vp_observer(struct kmr_page_verifier *v)
{
	return (struct kmr_page_observer){
		.ctx = v, .refill = on_refill, .drain = on_drain, .extfrag = on_extfrag
	};
}

struct kmr_sequence_sink kmr_vp_sink(struct kmr_page_verifier *v)
{
	return (struct kmr_sequence_sink){
		.ctx = v,
		.alloc = alloc,
		.alloc_done = alloc_done,
		.free = free_single,
		.free_prepare = free_prepare,
		.free_commit = free_commit,
		.silent_refill = silent_refill,
		.refill_begins = refill_begins,
		.observed = observed,
		.other = other,
	};
}

void kmr_vp_settle(struct kmr_page_verifier *v)
{
	v->account = NULL;
	for (unsigned int i = 0; i < v->machine->nr_cpus * KMR_NR_CONTEXTS; i++)
		settle(v, &v->accounts[i], i / KMR_NR_CONTEXTS);
}

int kmr_vp_init(struct kmr_page_verifier *v, const struct kmr_machine *m, const uint64_t *params,
		struct kmr_error *err)
{
	const size_t nr = (size_t)m->nr_cpus * KMR_NR_CONTEXTS;

	v->machine = m;
	v->accounts = calloc(nr, sizeof(*v->accounts));
	v->pending = calloc(nr, sizeof(*v->pending));
	v->silent = calloc(m->nr_cpus, sizeof(*v->silent));
	v->b = v->ops->create(m, params, err);
	if (!v->b)
		return -1;
	if (!v->accounts || !v->pending || !v->silent ||
	    kmr_pcplocks_init(&v->locks, m, v->ops, v->b) ||
	    kmr_interrupts_init(&v->interrupts, m) || kmr_prelude_init(&v->prelude) ||
	    kmr_follow_init(&v->follow, m, v->ops, v->b))
		return kmr_fail_nomem(err, "the verifier");
	for (size_t i = 0; i < nr; i++)
		v->pending[i].refilled = KMR_EV_NO_PFN;
	return 0;
}

void kmr_vp_free(struct kmr_page_verifier *v)
{
	if (v->b)
		v->ops->destroy(v->b);
	for (size_t i = 0; v->accounts && i < (size_t)v->machine->nr_cpus * KMR_NR_CONTEXTS; i++)
		kmr_account_free(&v->accounts[i]);
	free(v->accounts);
	free(v->pending);
	free(v->silent);
	kmr_interrupts_free(&v->interrupts);
	kmr_follow_free(&v->follow);
	kmr_prelude_free(&v->prelude);
	free(v->locks.by_context);
}
