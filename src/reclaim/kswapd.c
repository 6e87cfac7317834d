// SPDX-License-Identifier: GPL-2.0-only
/*
 * kswapd: woken when a request finds no zone above its low watermark, it reclaims until one of the
 * node is above the high one.  Behaviour: wakeup_kswapd(), kswapd(), kswapd_try_to_sleep(),
 * balance_pgdat() in mm/vmscan.c.
 *
 * It is a state and a time at which it goes on.  A step is one pass over the node at one priority,
 * the stretch between two points at which the kernel's may give up its CPU.
 */
#include "reclaim/reclaim.h"

#define NAP_NS	   UINT64_C(100000000) /* HZ/10 */
#define PASS_PAGES 5 /* a pass takes as long as so many pages more: shrinkers, counts */

static bool is_running(const struct kmr_kswapd *k)
{
	return k->state == KMR_KSWAPD_RUNNABLE || k->state == KMR_KSWAPD_BALANCING;
}

bool kmr_node_balanced(const struct kmr_reclaim *r, unsigned int node, unsigned int order,
		       unsigned int highest)
{
	bool any = false;

	for (unsigned int i = 0; i < r->b->nr_zones; i++) {
		const struct kmr_zone *z = &r->b->zones[i];

		if (!kmr_zone_counts(z, node, highest))
			continue;
		any = true;
		if (kmr_watermark_ok_with(r->b, z, order, z->wmark[KMR_ALLOC_WMARK_HIGH] + z->boost,
					  highest, 0, (int64_t)z->free_pages))
			return true;
	}
	return !any;
}

static bool is_boosted(const struct kmr_reclaim *r, unsigned int node, unsigned int highest)
{
	for (unsigned int i = 0; i < r->b->nr_zones; i++)
		if (kmr_zone_counts(&r->b->zones[i], node, highest) && r->b->zones[i].boost)
			return true;
	return false;
}

static void wait_until(struct kmr_reclaim *r, struct kmr_kswapd *k, uint64_t due)
{
	k->due = due;
	kmr_due_changed(r);
}

void kmr_wake_kswapd(void *ctx, unsigned int zone, uint32_t gfp, unsigned int order,
		     unsigned int highest)
{
	struct kmr_reclaim *r = ctx;
	const unsigned int node = r->b->zones[zone].node;
	struct kmr_kswapd *k = &r->nodes[node].kswapd;

	if (k->wanted_highest == KMR_NO_TYPE || k->wanted_highest < highest)
		k->wanted_highest = highest;
	if (k->wanted_order < order)
		k->wanted_order = order;
	if (is_running(k))
		return;
	if (k->failures >= KMR_MAX_RECLAIM_RETRIES ||
	    (kmr_node_balanced(r, node, order, highest) && !is_boosted(r, node, highest))) {
		/* there is enough, but in pieces */
		if (!(gfp & KMR_GFP_DIRECT_RECLAIM))
			kmr_wake_kcompactd(r, node, order, highest);
		return;
	}
	r->stats.kswapd_wakeups++;
	if (k->state == KMR_KSWAPD_NAPPING) {
		r->stats.kswapd_low_wmark_hit_quickly++;
		if (k->wanted_order < k->reclaim_order)
			k->wanted_order = k->reclaim_order;
	}
	k->state = KMR_KSWAPD_RUNNABLE;
	k->credit = r->slice_ns;
	wait_until(r, k, r->now + r->wake_ns);
}

static void set_reclaim_active(struct kmr_reclaim *r, unsigned int node, unsigned int highest,
			       bool active)
{
	for (unsigned int i = 0; i < r->b->nr_zones; i++)
		if (kmr_zone_counts(&r->b->zones[i], node, highest))
			r->b->zones[i].reclaim_active = active;
}

static void begin_round(struct kmr_reclaim *r, unsigned int node)
{
	struct kmr_kswapd *k = &r->nodes[node].kswapd;

	k->order = k->wanted_order;
	if (k->wanted_highest != KMR_NO_TYPE)
		k->highest = k->wanted_highest;
	k->wanted_order = 0;
	k->wanted_highest = KMR_NO_TYPE;
	k->state = KMR_KSWAPD_BALANCING;
	k->scan = (struct kmr_scan){
		.gfp = KMR_GFP_KERNEL,
		.cpu = r->nodes[node].cpu,
		.order = k->order,
		.highest = k->highest,
		.priority = KMR_DEF_PRIORITY,
		.kswapd = true,
	};
	k->boost_left = 0;
	for (unsigned int i = 0; i < r->b->nr_zones; i++) {
		const struct kmr_zone *z = &r->b->zones[i];

		k->boosts[i] = kmr_zone_counts(z, node, k->highest) ? z->boost : 0;
		k->boost_left += k->boosts[i];
	}
	k->boosted = k->boost_left != 0;
	r->stats.pageoutrun++;
	set_reclaim_active(r, node, k->highest, true);
}

/* prepare_kswapd_sleep() */
static bool may_sleep(const struct kmr_reclaim *r, unsigned int node)
{
	const struct kmr_kswapd *k = &r->nodes[node].kswapd;

	return k->failures >= KMR_MAX_RECLAIM_RETRIES ||
	       kmr_node_balanced(r, node, k->reclaim_order, k->highest);
}

/* kswapd_try_to_sleep() up to its nap */
static void try_to_sleep(struct kmr_reclaim *r, unsigned int node)
{
	struct kmr_kswapd *k = &r->nodes[node].kswapd;

	if (may_sleep(r, node)) {
		kmr_wake_kcompactd(r, node, k->order, k->highest);
		k->state = KMR_KSWAPD_NAPPING;
		wait_until(r, k, k->due + NAP_NS);
		return;
	}
	r->stats.kswapd_high_wmark_hit_quickly++;
	k->state = KMR_KSWAPD_RUNNABLE;
	wait_until(r, k, k->due + r->page_ns);
}

static void end_round(struct kmr_reclaim *r, unsigned int node)
{
	struct kmr_kswapd *k = &r->nodes[node].kswapd;

	set_reclaim_active(r, node, k->highest, false);
	for (unsigned int i = 0; k->boosted && i < r->b->nr_zones; i++) {
		struct kmr_zone *z = &r->b->zones[i];

		z->boost -= k->boosts[i] < z->boost ? k->boosts[i] : z->boost;
	}
	if (k->boosted)
		kmr_wake_kcompactd(r, node, r->b->pageblock_order, k->highest);
	k->reclaim_order = k->scan.order;
	/* unless it fell back to single pages, it looks at what was asked for meanwhile */
	if (k->reclaim_order >= k->order) {
		k->order = k->wanted_order;
		k->reclaim_order = k->wanted_order;
		if (k->wanted_highest != KMR_NO_TYPE)
			k->highest = k->wanted_highest;
	}
	try_to_sleep(r, node);
}

/* kswapd_shrink_node(): true if that was as much as it would take at best */
static bool shrink_node(struct kmr_reclaim *r, unsigned int node, struct kmr_scan *sc)
{
	sc->to_reclaim = 0;
	for (unsigned int i = 0; i < r->b->nr_zones; i++) {
		const struct kmr_zone *z = &r->b->zones[i];
		const uint64_t high = z->wmark[KMR_ALLOC_WMARK_HIGH] + z->boost;

		if (kmr_zone_counts(z, node, sc->highest))
			sc->to_reclaim += high > KMR_SWAP_CLUSTER_MAX ? high : KMR_SWAP_CLUSTER_MAX;
	}
	kmr_shrink_node(r, node, sc);
	/* whoever needs a large block can compact one himself now */
	if (sc->order && sc->reclaimed >= UINT64_C(2) << sc->order)
		sc->order = 0;
	return sc->scanned >= sc->to_reclaim;
}

/* One pass of balance_pgdat()'s loop; false: the round is over. */
static bool pass(struct kmr_reclaim *r, unsigned int node)
{
	struct kmr_kswapd *k = &r->nodes[node].kswapd;
	struct kmr_scan *sc = &k->scan;
	const bool balanced = kmr_node_balanced(r, node, sc->order, k->highest);
	const uint64_t before = sc->reclaimed;
	bool raise;
	uint64_t got;

	/* boosts can wait */
	if (!balanced && k->boost_left) {
		k->boost_left = 0;
		sc->priority = KMR_DEF_PRIORITY;
	}
	if (balanced && !k->boost_left)
		return false;
	raise = !k->boost_left || sc->priority != KMR_DEF_PRIORITY - 2;
	sc->may_swap = !k->boost_left;
	sc->scanned = 0;
	if (shrink_node(r, node, sc))
		raise = false;
	got = sc->reclaimed - before;
	k->boost_left -= got < k->boost_left ? got : k->boost_left;
	if ((k->boost_left && !got) || ((raise || !got) && --sc->priority < 1)) {
		k->failures += !sc->reclaimed;
		return false;
	}
	return true;
}

/* The latest event comes from the only CPU that kswapd of @node may run on. */
static bool shares_cpu(const struct kmr_reclaim *r, unsigned int node)
{
	const struct kmr_reclaim_node *n = &r->nodes[node];

	return n->nr_cpus <= 1 && n->cpu == r->cpu;
}

/*
 * A pass took @ns.  On other CPUs tasks went on meanwhile; on its own they did not, and get as long
 * in turn when kswapd has had its time slice.
 */
static void spend(struct kmr_reclaim *r, unsigned int node, uint64_t ns)
{
	struct kmr_kswapd *k = &r->nodes[node].kswapd;

	if (!shares_cpu(r, node) || k->credit < ns) {
		wait_until(r, k, k->due + ns);
		return;
	}
	k->credit -= ns;
	wait_until(r, k, k->due);
}

void kmr_kswapd_go_on(struct kmr_reclaim *r, unsigned int node)
{
	struct kmr_kswapd *k = &r->nodes[node].kswapd;

	if (k->state == KMR_KSWAPD_NAPPING && may_sleep(r, node)) {
		r->stats.kswapd_sleeps++;
		k->state = KMR_KSWAPD_ASLEEP;
		wait_until(r, k, UINT64_MAX);
		return;
	}
	if (k->state == KMR_KSWAPD_NAPPING)
		r->stats.kswapd_high_wmark_hit_quickly++;
	if (k->state != KMR_KSWAPD_BALANCING)
		begin_round(r, node);
	k->scan.taken = 0;
	if (pass(r, node))
		spend(r, node, (k->scan.taken + PASS_PAGES) * r->page_ns);
	else
		end_round(r, node);
}
