// SPDX-License-Identifier: GPL-2.0-only
/*
 * kcompactd: woken after kswapd has made room for a large block, or when a large block is all that
 * is missing; and twice a second it looks by itself whether the node is too fragmented.  Behaviour:
 * wakeup_kcompactd(), kcompactd_do_work(), kcompactd(), proactive_compact_node() in
 * mm/compaction.c.
 */
#include "reclaim/reclaim.h"

#define MAX_DEFER_SHIFT 6

/* kcompactd_node_suitable() */
static bool is_suitable(const struct kmr_reclaim *r, unsigned int node)
{
	const struct kmr_kcompactd *k = &r->nodes[node].kcompactd;

	for (unsigned int i = 0; i < r->b->nr_zones; i++) {
		const struct kmr_zone *z = &r->b->zones[i];

		if (kmr_zone_counts(z, node, k->wanted_highest) &&
		    kmr_compaction_suitable(r, z, (int)k->wanted_order, 0, k->wanted_highest) ==
			    KMR_COMPACT_CONTINUE)
			return true;
	}
	return false;
}

void kmr_wake_kcompactd(struct kmr_reclaim *r, unsigned int node, unsigned int order,
			unsigned int highest)
{
	struct kmr_kcompactd *k = &r->nodes[node].kcompactd;

	if (!order)
		return;
	if (k->wanted_order < order)
		k->wanted_order = order;
	if (k->wanted_highest > highest)
		k->wanted_highest = highest;
	if (k->woken || !is_suitable(r, node))
		return;
	k->woken = true;
	k->due = r->now + r->wake_ns;
	kmr_due_changed(r);
}

static void do_work(struct kmr_reclaim *r, unsigned int node)
{
	struct kmr_kcompactd *k = &r->nodes[node].kcompactd;
	const unsigned int order = k->wanted_order, highest = k->wanted_highest;

	r->stats.compact_daemon_wake++;
	for (unsigned int i = 0; i < r->b->nr_zones; i++) {
		const struct kmr_zone *z = &r->b->zones[i];
		struct kmr_compact cc = {
			.zone = i,
			.order = (int)order,
			.highest = highest,
			.cpu = r->nodes[node].cpu,
			.migratetype = KMR_MIGRATE_UNMOVABLE,
		};
		enum kmr_compact_result result;

		if (!kmr_zone_counts(z, node, highest) || kmr_compaction_deferred(r, i, order) ||
		    kmr_compaction_suitable(r, z, (int)order, 0, z->type) != KMR_COMPACT_CONTINUE)
			continue;
		result = kmr_compact_zone(r, &cc);
		if (result == KMR_COMPACT_SUCCESS) {
			kmr_defer_reset(r, i, order, false);
		} else if (result == KMR_COMPACT_PARTIAL_SKIPPED ||
			   result == KMR_COMPACT_COMPLETE) {
			kmr_drain_zone(r->b, &r->b->zones[i]);
			kmr_defer_compaction(r, i, order);
		}
		k->due += (cc.moved + 1) * r->page_ns;
	}
	if (k->wanted_order <= order)
		k->wanted_order = 0;
	if (k->wanted_highest >= highest)
		k->wanted_highest = KMR_ZONE_NR_TYPES;
}

/* fragmentation_score_node() */
static unsigned int node_score(const struct kmr_reclaim *r, unsigned int node)
{
	uint64_t present = 1;
	unsigned int score = 0;

	for (unsigned int i = 0; i < r->b->nr_zones; i++)
		if (r->b->zones[i].node == node)
			present += r->zones[i].present;
	for (unsigned int i = 0; i < r->b->nr_zones; i++)
		if (r->b->zones[i].node == node)
			score += (unsigned int)(r->zones[i].present *
						kmr_fragmentation_score(r, &r->b->zones[i]) /
						present);
	return score;
}

/* proactive_compact_node(); how long to wait for the next look */
static uint64_t look(struct kmr_reclaim *r, unsigned int node)
{
	const enum kmr_kswapd_state kswapd = r->nodes[node].kswapd.state;
	unsigned int before;

	if (!r->proactiveness || kswapd == KMR_KSWAPD_RUNNABLE || kswapd == KMR_KSWAPD_BALANCING)
		return KMR_KCOMPACTD_CHECK_NS;
	before = node_score(r, node);
	if (before <= kmr_fragmentation_wmark(r, false))
		return KMR_KCOMPACTD_CHECK_NS;
	r->stats.compact_proactive++;
	for (unsigned int i = 0; i < r->b->nr_zones; i++) {
		struct kmr_compact cc = {
			.zone = i,
			.order = -1,
			.cpu = r->nodes[node].cpu,
			.whole_zone = true,
			.migratetype = KMR_MIGRATE_UNMOVABLE,
		};

		if (kmr_zone_counts(&r->b->zones[i], node, KMR_ZONE_NR_TYPES))
			(void)kmr_compact_zone(r, &cc);
	}
	return node_score(r, node) >= before ? KMR_KCOMPACTD_CHECK_NS << MAX_DEFER_SHIFT
					     : KMR_KCOMPACTD_CHECK_NS;
}

void kmr_kcompactd_go_on(struct kmr_reclaim *r, unsigned int node)
{
	struct kmr_kcompactd *k = &r->nodes[node].kcompactd;

	/* when its wait is over it also finds what was asked for without waking it */
	if (k->woken || k->wanted_order) {
		k->woken = false;
		do_work(r, node);
		k->due += KMR_KCOMPACTD_CHECK_NS;
	} else {
		k->due += look(r, node);
	}
	kmr_due_changed(r);
}
