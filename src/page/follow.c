// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a trace tells of a kernel that was short of memory, held against the zones' watermarks:
 * where a request would go, what the counts of free pages must have been, when kswapd is done.
 * Behaviour: pgdat_balanced() in mm/vmscan.c, refresh_cpu_vm_stats() in mm/vmstat.c.
 */
#include "page/linux.h"

static void way(struct kmr_page_backend *b, const struct kmr_way *way)
{
	b->way = *way;
}

/* Nodes where a page for writing is not looked for. */
static uint64_t dirty_nodes(const struct kmr_page_request *req, const struct kmr_way *way)
{
	return req->gfp & KMR_GFP_WRITE ? way->dirty_nodes : 0;
}

static int zone_passing(const struct kmr_page_backend *b, const struct kmr_page_request *req,
			const uint16_t *zonelist, unsigned int highest, unsigned int alloc_flags,
			uint64_t dirty)
{
	for (const uint16_t *zi = zonelist; *zi != UINT16_MAX; zi++) {
		const struct kmr_zone *z = &b->zones[*zi];

		if (!(dirty >> z->node & 1) &&
		    kmr_watermark_fast(b, z, req->order, alloc_flags & KMR_ALLOC_WMARK_MASK,
				       highest, alloc_flags, req->gfp))
			return *zi;
	}
	return -1;
}

static int zone_for(const struct kmr_page_backend *b, const struct kmr_page_request *req,
		    const struct kmr_way *way)
{
	const unsigned int highest = kmr_gfp_zone(b, req->gfp);
	const uint16_t *zonelist = kmr_request_zonelist(b, req, highest);
	const unsigned int migratetype = kmr_request_type(b, req);
	int zone = -1;

	if (!(way->seen & KMR_WAY_SLOW))
		zone = zone_passing(
			b, req, zonelist, highest,
			KMR_ALLOC_WMARK_LOW |
				(migratetype == KMR_MIGRATE_MOVABLE ? KMR_ALLOC_CMA : 0),
			dirty_nodes(req, way));
	if (zone < 0)
		zone = zone_passing(b, req, zonelist, highest,
				    kmr_slowpath_flags(b, req, migratetype), 0);
	return zone;
}

/* The type of the zone with number @index of the kernel's enum zone_type. */
static unsigned int zone_type_at(const struct kmr_page_backend *b, unsigned int index)
{
	for (unsigned int type = 0; type < KMR_ZONE_NR_TYPES; type++)
		if ((b->has_type[type] || type == KMR_ZONE_NORMAL || type == KMR_ZONE_MOVABLE) &&
		    !index--)
			return type;
	return KMR_ZONE_MOVABLE;
}

static void limit_round(struct kmr_page_backend *b, unsigned int node, unsigned int highest_index)
{
	const unsigned int highest = zone_type_at(b, highest_index);

	for (unsigned int i = 0; i < b->nr_zones; i++) {
		struct kmr_zone *z = &b->zones[i];

		if (z->node != node || z->type <= highest)
			continue;
		z->boost_found = 0;
		z->reclaim_active = false;
	}
}

static bool balanced(const struct kmr_page_backend *b, unsigned int node, unsigned int order,
		     unsigned int highest_index)
{
	const unsigned int highest = zone_type_at(b, highest_index);

	for (unsigned int i = 0; i < b->nr_zones; i++) {
		const struct kmr_zone *z = &b->zones[i];

		if (z->node == node && z->type <= highest && z->managed &&
		    kmr_watermark_ok(b, z, order, z->wmark[KMR_ALLOC_WMARK_HIGH] + z->boost,
				     highest, 0))
			return true;
	}
	return false;
}

static bool kswapd_done(const struct kmr_page_backend *b, unsigned int node, unsigned int order,
			unsigned int highest_index, unsigned int compact_index, uint64_t reclaimed)
{
	const unsigned int highest = zone_type_at(b, highest_index);
	unsigned int compact_highest = zone_type_at(b, compact_index);
	uint64_t boost = 0;
	bool quiet = b->rules->below_high;

	if (highest < compact_highest)
		compact_highest = highest;
	for (unsigned int i = 0; i < b->nr_zones; i++) {
		const struct kmr_zone *z = &b->zones[i];

		if (z->node != node || z->type > highest || !z->managed)
			continue;
		boost += z->boost_found;
		if (z->type <= compact_highest)
			quiet &= kmr_watermark_ok(b, z, b->pageblock_order,
						  z->wmark[KMR_ALLOC_WMARK_MIN], compact_highest,
						  KMR_ALLOC_CMA);
	}
	if (boost && !quiet)
		return false;
	return reclaimed >= boost && balanced(b, node, order, highest_index);
}

/* Pages by which @cpu's part lets the zone's count be more, or less, than thought. */
static int64_t room(const struct kmr_zone *z, unsigned int cpu, bool more)
{
	const int64_t diff = z->pcp[cpu].stat_diff;
	const int64_t pages = z->stat_threshold + (more ? diff : -diff);

	return pages > 0 ? pages : 0;
}

static bool can_shift(const struct kmr_page_backend *b, const struct kmr_zone *z, int64_t pages)
{
	int64_t all = 0;

	for (unsigned int cpu = 0; cpu < b->nr_cpus; cpu++)
		all += room(z, cpu, pages > 0);
	return (pages < 0 ? -pages : pages) <= all;
}

/* The count is @pages more; the parts of @first's are changed before others'. */
static void shift(const struct kmr_page_backend *b, struct kmr_zone *z, unsigned int first,
		  int64_t pages)
{
	const bool more = pages > 0;
	int64_t left = more ? pages : -pages;

	for (unsigned int i = 0; i < b->nr_cpus && left; i++) {
		const unsigned int cpu = (first + i) % b->nr_cpus;
		const int64_t most = room(z, cpu, more);
		const int64_t part = left < most ? left : most;

		z->pcp[cpu].stat_diff -= (int32_t)(more ? part : -part);
		z->stat_lag -= more ? part : -part;
		left -= part;
	}
}

struct look {
	const struct kmr_page_request *req;
	const uint16_t *zonelist;
	unsigned int highest, flags;
	uint64_t dirty;
};

/*
 * What the counts of free pages of the zones that are looked at must be off by for the walk to
 * stop at @zone, or for @zone -1 nowhere; false: no such amounts can be.  @apply: they are.
 */
static bool explain(struct kmr_page_backend *b, const struct look *l, int zone, bool apply)
{
	const unsigned int level = l->flags & KMR_ALLOC_WMARK_MASK;

	for (const uint16_t *zi = l->zonelist; *zi != UINT16_MAX; zi++) {
		struct kmr_zone *z = &b->zones[*zi];
		const bool ok = kmr_watermark_fast(b, z, l->req->order, level, l->highest, l->flags,
						   l->req->gfp);
		const int64_t over = kmr_seen_free(z) -
				     kmr_unusable_free(b, z, l->req->order, l->flags) -
				     (int64_t)(z->wmark[level] + z->boost + z->reserve[l->highest]);
		const int64_t more = *zi == zone ? 1 - over : -over;

		if (l->dirty >> z->node & 1)
			continue;
		if (ok != (*zi == zone)) {
			/* blocks of the order may be lacking: that is no matter of counts */
			if ((over > 0) == (*zi == zone) || !can_shift(b, z, more))
				return false;
			if (apply)
				shift(b, z, l->req->cpu, more);
		}
		if (*zi == zone)
			return true;
	}
	return zone < 0;
}

static bool learn_counts(struct kmr_page_backend *b, const struct kmr_page_request *req,
			 const struct kmr_way *way, int zone)
{
	const unsigned int highest = kmr_gfp_zone(b, req->gfp);
	const unsigned int migratetype = kmr_request_type(b, req);
	const unsigned int cma = migratetype == KMR_MIGRATE_MOVABLE ? KMR_ALLOC_CMA : 0;
	struct look l = { req, kmr_request_zonelist(b, req, highest), highest,
			  KMR_ALLOC_WMARK_LOW | cma, dirty_nodes(req, way) };

	if (!(way->seen & KMR_WAY_SLOW)) {
		if (explain(b, &l, zone, false))
			return explain(b, &l, zone, true);
		if (!explain(b, &l, -1, false))
			return false;
		(void)explain(b, &l, -1, true);
	}
	l.flags = kmr_slowpath_flags(b, req, migratetype);
	l.dirty = 0;
	return explain(b, &l, zone, false) && explain(b, &l, zone, true);
}

/*
 * The kernel lowers the threshold only where CPUs could together take the zone past its watermark,
 * unnoticed.  That is found out when another CPU comes up, before watermarks are set, and holds
 * ever after: refresh_zone_stat_thresholds().
 */
static bool drifts(const struct kmr_page_backend *b, const struct kmr_zone *z)
{
	return b->nr_cpus > 1 ||
	       (uint64_t)z->usual_threshold >
		       z->wmark[KMR_ALLOC_WMARK_LOW] - z->wmark[KMR_ALLOC_WMARK_MIN];
}

/* calculate_pressure_threshold() */
static int32_t pressure_threshold(const struct kmr_page_backend *b, const struct kmr_zone *z)
{
	const uint64_t pages =
		(z->wmark[KMR_ALLOC_WMARK_LOW] - z->wmark[KMR_ALLOC_WMARK_MIN]) / b->nr_cpus;

	return pages > 125 ? 125 : pages ? (int32_t)pages : 1;
}

static void kswapd_awake(struct kmr_page_backend *b, unsigned int node, bool awake)
{
	for (unsigned int i = 0; i < b->nr_zones; i++) {
		struct kmr_zone *z = &b->zones[i];

		if (z->node == node && drifts(b, z))
			z->stat_threshold = awake ? pressure_threshold(b, z) : z->usual_threshold;
	}
}

static void boost(struct kmr_page_backend *b, kmr_pfn_t pfn, bool more)
{
	const uint64_t block = UINT64_C(1) << b->pageblock_order;
	struct kmr_zone *z = kmr_zone_of(b, pfn);

	if (z && more)
		(void)kmr_boost_watermark(b, z);
	else if (z)
		z->boost -= block < z->boost ? block : z->boost;
}

static void boosts_told(struct kmr_page_backend *b)
{
	b->boosts_told = true;
}

const struct kmr_follow_ops kmr_linux_follow = {
	.way = way,
	.zone_for = zone_for,
	.learn_counts = learn_counts,
	.limit_round = limit_round,
	.balanced = balanced,
	.kswapd_done = kswapd_done,
	.kswapd_awake = kswapd_awake,
	.boost = boost,
	.boosts_told = boosts_told,
	.isolate_range = kmr_linux_isolate_range,
	.free_search = kmr_linux_free_search,
	.migrate_search = kmr_linux_migrate_search,
};
