// SPDX-License-Identifier: GPL-2.0-only
#include "replay/follow.h"

#include <stdlib.h>
#include <string.h>

#include "kmreplay/gfp.h"
#include "replay/pcplock.h"

#define NR_TASKS 65536u
#define NR_KEYS	 (NR_TASKS + KMR_MAX_CPUS * KMR_NR_CONTEXTS)
#define ANY_ZONE UINT8_MAX
/* A kswapd that works is heard of more often than that. */
#define SILENT_NS 2000000u
/* One that is in the middle of something gets its CPU back within that. */
#define AWAY_NS 100000000u

/* What a task has been seen at. */
enum {
	SLOW = 1 << 0, /* its request is in the slow path */
	RECLAIMED = 1 << 1, /* and has reclaimed */
	RECLAIMING = 1 << 2,
	SLOW_WITHIN = 1 << 3, /* as SLOW, a request that reclaim makes */
	KSWAPD = 1 << 4, /* it is a kswapd */
};

int kmr_follow_init(struct kmr_follow *f, const struct kmr_machine *m,
		    const struct kmr_page_ops *ops, struct kmr_page_backend *b)
{
	memset(f, 0, sizeof(*f));
	f->machine = m;
	f->ops = ops;
	f->b = b;
	f->nr_frames = (uint32_t)kmr_machine_end_pfn(m);
	for (unsigned int i = 0; i < KMR_MAX_NODES; i++) {
		f->kswapd[i].highest = ANY_ZONE;
		f->kswapd[i].compact_highest = ANY_ZONE;
		f->kswapd[i].woken_for = ANY_ZONE;
	}
	f->fell_back = NR_KEYS;
	f->tasks = calloc(NR_KEYS, sizeof(*f->tasks));
	f->orders = calloc(NR_KEYS, sizeof(*f->orders));
	return f->tasks && f->orders ? 0 : -1;
}

void kmr_follow_free(struct kmr_follow *f)
{
	free(f->tasks);
	free(f->orders);
	free(f->isolated_by);
}

/* Interrupts are nobody's; nor are tasks without a name of their own. */
static uint32_t key_of(const struct kmr_event *ev)
{
	const unsigned int context = kmr_context_of(ev);

	if (!context && ev->task && ev->task < NR_TASKS - 1)
		return ev->task;
	return NR_TASKS + ev->cpu % KMR_MAX_CPUS * KMR_NR_CONTEXTS + context;
}

/* The number of @zone in the kernel's enum zone_type. */
static uint8_t zone_number(const struct kmr_follow *f, int zone)
{
	uint8_t number = 0;

	for (unsigned int type = 0; type < f->machine->zones[zone].type; type++)
		if (f->machine->has_type[type] || type == KMR_ZONE_NORMAL ||
		    type == KMR_ZONE_MOVABLE)
			number++;
	return number;
}

/*
 * Which zones the round is for: what it isolates tells; where it never came to the LRU lists, whom
 * it was woken by.  (A round for zones with pages on them and a boost does come there.)
 */
static uint8_t highest_of(const struct kmr_kswapd *k)
{
	return k->begun ? k->highest : k->woken_for;
}

static void round_ends(struct kmr_follow *f, unsigned int node)
{
	struct kmr_kswapd *k = &f->kswapd[node];

	if (k->running && !k->begun && k->woken_for != ANY_ZONE && f->ops->follow) {
		k->highest = k->woken_for;
		f->ops->follow->limit_round(f->b, node, k->highest);
	}
	/* wakeup_kcompactd() */
	if (k->running && k->highest < k->compact_highest)
		k->compact_highest = k->highest;
	k->running = false;
	f->running &= ~(UINT64_C(1) << node);
	f->ops->kswapd(f->b, node, false);
}

static void round_goes_on(struct kmr_follow *f, unsigned int node)
{
	f->kswapd[node].running = true;
	f->kswapd[node].guessed = false;
	f->running |= UINT64_C(1) << node;
	f->ops->kswapd(f->b, node, true);
}

static void round_begins(struct kmr_follow *f, const struct kmr_event *ev, unsigned int node)
{
	struct kmr_kswapd *k = &f->kswapd[node];

	k->last = ev->time;
	k->reclaimed = 0;
	k->task = key_of(ev);
	k->cpu = ev->cpu;
	k->order = ev->page.order;
	k->highest = ANY_ZONE;
	k->woken_for = k->called ? k->called_for : ANY_ZONE;
	k->called = false;
	k->begun = false;
	k->boosts_waived = false;
	k->in_lists = false;
	k->asked = false;
	k->freeing = false;
	round_goes_on(f, node);
	if (f->ops->follow)
		f->ops->follow->kswapd_awake(f->b, node, true);
}

/*
 * Another task runs in kswapd's place, or kswapd has been silent: has it nothing to do, it is
 * asleep.
 */
static void look_after(struct kmr_follow *f, const struct kmr_event *ev, unsigned int node)
{
	struct kmr_kswapd *k = &f->kswapd[node];
	const bool in_task = !kmr_context_of(ev);

	if (in_task && key_of(ev) == k->task) {
		k->cpu = ev->cpu;
		k->last = ev->time;
		k->asked = false;
		k->freeing = ev->type == KMR_EV_PAGE_FREE || ev->type == KMR_EV_PAGE_FREE_BATCHED;
		if (k->freeing)
			k->reclaimed += UINT64_C(1) << (ev->page.order & 31u);
		return;
	}
	if (k->asked ||
	    (!(in_task && ev->cpu == k->cpu) && (k->freeing || ev->time - k->last < SILENT_NS)))
		return;
	if (k->in_lists && f->shrinkers_told && ev->time - k->last < AWAY_NS)
		return;
	k->asked = true;
	if (f->ops->follow &&
	    f->ops->follow->kswapd_done(f->b, node, k->order, highest_of(k), k->compact_highest,
					k->boosts_waived ? UINT64_MAX : k->reclaimed)) {
		round_ends(f, node);
		k->guessed = true;
	}
}

/* One that was taken for asleep frees pages: it had only been put off its CPU. */
static void resume(struct kmr_follow *f, const struct kmr_event *ev)
{
	for (unsigned int node = 0; node < f->machine->nr_nodes; node++) {
		struct kmr_kswapd *k = &f->kswapd[node];

		if (k->running || !k->guessed || k->task != key_of(ev))
			continue;
		k->asked = false;
		k->last = ev->time;
		round_goes_on(f, node);
	}
}

void kmr_follow_seen(struct kmr_follow *f, const struct kmr_event *ev)
{
	if ((f->tasks[key_of(ev)] & KSWAPD) &&
	    (ev->type == KMR_EV_PAGE_FREE || ev->type == KMR_EV_PAGE_FREE_BATCHED))
		resume(f, ev);
	for (uint64_t running = f->running; running; running &= running - 1)
		look_after(f, ev, (unsigned int)__builtin_ctzll(running));
}

/* A kswapd is at work; which zones it reclaims for. */
static void at_work(struct kmr_follow *f, const struct kmr_event *ev)
{
	const bool in_lists = ev->type == KMR_EV_LRU_ISOLATE;

	f->shrinkers_told |= !in_lists;
	if (!(f->tasks[key_of(ev)] & KSWAPD))
		return;
	for (unsigned int node = 0; node < f->machine->nr_nodes; node++) {
		struct kmr_kswapd *k = &f->kswapd[node];

		if (k->task != key_of(ev))
			continue;
		/* it had been taken for done */
		if (!k->running)
			round_goes_on(f, node);
		k->in_lists = in_lists;
		if (!in_lists)
			continue;
		k->highest = ev->size < ANY_ZONE ? (uint8_t)ev->size : ANY_ZONE;
		if (f->ops->follow)
			f->ops->follow->limit_round(f->b, node, k->highest);
		if (!k->begun && f->ops->follow)
			k->boosts_waived =
				!f->ops->follow->balanced(f->b, node, k->order, k->highest);
		k->begun = true;
	}
}

static void suitable(struct kmr_follow *f, const struct kmr_event *ev, unsigned int node)
{
	f->orders[key_of(ev)] = ev->page.order;
	if (!(f->tasks[key_of(ev)] & KSWAPD))
		f->kswapd[node].compact_highest = ANY_ZONE; /* kcompactd was woken */
	else if (ev->page.order == f->machine->pageblock_order)
		round_ends(f, node); /* one that began with boosts: balance_pgdat() */
}

void kmr_follow_fell_back(struct kmr_follow *f, const struct kmr_event *ev)
{
	const int zone = kmr_machine_zone_of(f->machine, ev->addr);

	f->fell_back = zone < 0 ? NR_KEYS : key_of(ev);
	f->fell_back_in = zone < 0 ? ANY_ZONE : zone_number(f, zone);
}

/* A boost calls it for the zone that has it, just behind the fallback: rmqueue() */
static void called_for(struct kmr_follow *f, const struct kmr_event *ev, unsigned int node,
		       bool boost)
{
	struct kmr_kswapd *k = &f->kswapd[node];
	const uint8_t zone = boost && f->fell_back == key_of(ev) ? f->fell_back_in : ANY_ZONE;

	if (!k->called || zone > k->called_for)
		k->called_for = zone;
	k->called = true;
}

static void kswapd_called(struct kmr_follow *f, const struct kmr_event *ev, unsigned int node)
{
	const bool boost = !ev->gfp && (ev->flags & KMR_EVF_GFP_KNOWN);
	uint8_t *task = &f->tasks[key_of(ev)];

	f->traced = true;
	/* it waits, so its last round is over */
	round_ends(f, node);
	called_for(f, ev, node, boost);
	/* no flags: a fallback has boosted a watermark, which comes after the attempt */
	if (!boost)
		*task |= *task & RECLAIMING ? SLOW_WITHIN : SLOW;
}

static void reclaim_event(struct kmr_follow *f, const struct kmr_event *ev)
{
	uint8_t *task = &f->tasks[key_of(ev)];

	f->traced = true;
	if (ev->type == KMR_EV_RECLAIM_BEGIN)
		*task |= RECLAIMING | SLOW;
	else
		*task = (uint8_t)((*task & KSWAPD) | SLOW | RECLAIMED);
}

void kmr_follow_event(struct kmr_follow *f, const struct kmr_event *ev)
{
	const unsigned int node = ev->node < 0 || (unsigned int)ev->node >= f->machine->nr_nodes
					  ? 0
					  : (unsigned int)ev->node;

	switch (ev->type) {
	case KMR_EV_KSWAPD_WAKE:
		f->tasks[key_of(ev)] |= KSWAPD;
		round_begins(f, ev, node);
		break;
	case KMR_EV_KSWAPD_SLEEP:
		f->tasks[key_of(ev)] |= KSWAPD;
		round_ends(f, node);
		f->kswapd[node].guessed = false;
		if (f->ops->follow)
			f->ops->follow->kswapd_awake(f->b, node, false);
		break;
	case KMR_EV_KSWAPD_CALL:
		kswapd_called(f, ev, node);
		break;
	case KMR_EV_RECLAIM_BEGIN:
	case KMR_EV_RECLAIM_END:
		reclaim_event(f, ev);
		break;
	case KMR_EV_LRU_ISOLATE:
	case KMR_EV_SHRINK_SLAB:
		at_work(f, ev);
		break;
	case KMR_EV_COMPACT_SUITABLE:
		suitable(f, ev, node);
		break;
	case KMR_EV_COMPACT_BEGIN:
		kmr_follow_compaction_begins(f, ev, key_of(ev), f->orders[key_of(ev)]);
		break;
	default:
		if (f->nr_compactions)
			kmr_follow_compaction_event(f, ev, key_of(ev));
		break;
	}
}

struct kmr_compaction *kmr_follow_compaction(struct kmr_follow *f, const struct kmr_event *ev)
{
	return f->nr_compactions ? kmr_follow_compaction_of(f, key_of(ev)) : NULL;
}

bool kmr_follow_frees(struct kmr_follow *f, const struct kmr_event *ev)
{
	return !f->nr_compactions || kmr_follow_compaction_frees(f, ev, key_of(ev));
}

void kmr_follow_ask(struct kmr_follow *f, const struct kmr_event *ev,
		    const struct kmr_page_request *req, struct kmr_follow_guess *guess)
{
	const struct kmr_follow_ops *ops = f->ops->follow;
	const uint8_t task = f->tasks[key_of(ev)];
	struct kmr_way *way = &guess->way;

	memset(guess, 0, sizeof(*guess));
	guess->clean_zone = -1;
	guess->dirty_zone = -1;
	if (!ops)
		return;
	if (task & (task & RECLAIMING ? SLOW_WITHIN : SLOW))
		way->seen |= KMR_WAY_SLOW;
	if (!(task & RECLAIMING) && task & RECLAIMED)
		way->seen |= KMR_WAY_RECLAIMED;
	if (task & (RECLAIMING | KSWAPD))
		way->seen |= KMR_WAY_MEMALLOC;
	if (f->traced)
		way->seen |= KMR_WAY_TOLD;
	if (req->gfp & KMR_GFP_WRITE) {
		guess->clean_zone = ops->zone_for(f->b, req, way);
		way->dirty_nodes = UINT64_C(1) << req->node % KMR_MAX_NODES;
		guess->dirty_zone = ops->zone_for(f->b, req, way);
		way->dirty_nodes = f->dirty_nodes;
	}
	ops->way(f->b, way);
}

bool kmr_follow_got(struct kmr_follow *f, const struct kmr_event *ev,
		    const struct kmr_page_request *req, const struct kmr_follow_guess *guess,
		    int zone)
{
	const uint64_t node = UINT64_C(1) << req->node % KMR_MAX_NODES;
	const uint64_t before = f->dirty_nodes;
	uint8_t *task = &f->tasks[key_of(ev)];

	if (*task & RECLAIMING)
		*task &= (uint8_t)~SLOW_WITHIN;
	else
		*task &= (uint8_t) ~(SLOW | RECLAIMED);
	if (guess->clean_zone == guess->dirty_zone || zone < 0)
		return false;
	if (zone == guess->clean_zone)
		f->dirty_nodes &= ~node;
	else if (zone == guess->dirty_zone)
		f->dirty_nodes |= node;
	return f->dirty_nodes != before;
}

bool kmr_follow_other_zone(struct kmr_follow *f, const struct kmr_page_request *req,
			   const struct kmr_follow_guess *guess, int zone)
{
	return zone >= 0 && f->ops->follow &&
	       f->ops->follow->learn_counts(f->b, req, &guess->way, zone);
}
