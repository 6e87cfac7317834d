// SPDX-License-Identifier: GPL-2.0-only
#include "cli/figures.h"

#include <assert.h>
#include <string.h>

#include "base/array.h"
#include "cli/objects.h"

/* Figures that are a count of the result, as it is. */
#define COUNT(name, field)                                    \
	static double name(const struct kmr_replay_result *r) \
	{                                                     \
		return (double)r->field;                      \
	}

COUNT(start_pages, objects.stats.start_pages)
COUNT(peak_pages, objects.stats.peak_pages)
COUNT(end_pages, objects.stats.end_pages)
COUNT(extfrag, extfrag_events)
COUNT(page_failures, stats.failures)
COUNT(object_failures, objects.stats.failures)
COUNT(holes, mappings.end.holes)
COUNT(area_steps, mappings.work.steps)
COUNT(kswapd_rounds, pressure.stats.pageoutrun)
COUNT(stalls, pressure.stats.allocstall)
COUNT(compactions, pressure.stats.compact_zones)
COUNT(compact_stalls, pressure.stats.compact_stall)
COUNT(compact_failures, pressure.stats.compact_fail)
COUNT(pages_migrated, pressure.stats.pgmigrate_success)
COUNT(out_of_memory, pressure.stats.oom_kill)

static double growth(const struct kmr_replay_result *r)
{
	return end_pages(r) - start_pages(r);
}

static double waste(const struct kmr_replay_result *r)
{
	return 100 * kmr_objects_waste(r);
}

static double rounding(const struct kmr_replay_result *r)
{
	const struct kmr_object_stats *s = &r->objects.stats;

	return s->live_given ? 100 * (1 - (double)s->live_requested / (double)s->live_given) : 0;
}

/* Unusable free space for a huge block, all zones together: mm/vmstat.c, unusable_free_index(). */
static double unusable(const struct kmr_replay_result *r)
{
	const unsigned int order = r->machine.pageblock_order;
	double total = 0, suitable = 0;

	for (unsigned int z = 0; z < r->machine.nr_zones; z++)
		for (unsigned int o = 0; o < r->machine.nr_orders; o++)
			for (unsigned int t = 0; t < KMR_MIGRATE_TYPES; t++) {
				const double pages =
					(double)((uint64_t)r->zones[z].nr_free[o][t] << o);

				total += pages;
				suitable += o >= order ? pages : 0;
			}
	return total > 0 ? 100 * (1 - suitable / total) : 100;
}

static double free_pages(const struct kmr_replay_result *r)
{
	double n = 0;

	for (unsigned int z = 0; z < r->machine.nr_zones; z++)
		n += (double)(r->zones[z].free_pages + r->zones[z].pcp_pages);
	return n;
}

static double page_operations(const struct kmr_replay_result *r)
{
	return (double)(r->work.allocs + r->work.frees);
}

static double page_steps(const struct kmr_replay_result *r)
{
	const struct kmr_page_work *w = &r->work;

	return (double)(w->splits + w->merges + w->refill_blocks + w->drain_blocks +
			w->pages_moved);
}

static double object_operations(const struct kmr_replay_result *r)
{
	return (double)(r->objects.work.allocs + r->objects.work.frees);
}

static double slab_operations(const struct kmr_replay_result *r)
{
	return (double)(r->objects.work.slab_allocs + r->objects.work.slab_frees);
}

/* What went beyond a CPU's own objects: slabs loaded or listed, batches, steps along a heap. */
static double object_steps(const struct kmr_replay_result *r)
{
	const struct kmr_object_work *w = &r->objects.work;

	if (!strcmp(r->objects.backend, "slub"))
		return (double)(w->allocs - w->fast_allocs + w->frees - w->fast_frees -
				w->large_allocs - w->large_frees);
	return (double)(w->refills + w->flushes + w->list_steps);
}

/* Areas that found no room, and vmalloc()s that found no pages. */
static double area_failures(const struct kmr_replay_result *r)
{
	return (double)(r->mappings.work.no_room + r->mappings.work.no_pages);
}

/* Of the free addresses, what the largest request that there is room for leaves. */
static double unusable_holes(const struct kmr_replay_result *r)
{
	const struct kmr_vmap_state *s = &r->mappings.end;

	return s->hole_bytes ? 100 * (1 - (double)s->largest_hole / (double)s->hole_bytes) : 0;
}

static double tlb_flushes(const struct kmr_replay_result *r)
{
	return (double)(r->mappings.work.flushes + r->mappings.pkmap.flushes);
}

/* Requests that another node should have served first. */
static double numa_misses(const struct kmr_replay_result *r)
{
	uint64_t misses = 0;

	for (unsigned int i = 0; i < r->machine.nr_zones; i++)
		misses += r->numa.zones[i].miss;
	return (double)misses;
}

static double remote_pages(const struct kmr_replay_result *r)
{
	const unsigned int nr = r->machine.nr_nodes;
	uint64_t remote = 0, all = 0;

	for (unsigned int from = 0; from < nr; from++)
		for (unsigned int to = 0; to < nr; to++) {
			const uint64_t pages = r->numa.traffic[from][to].pages;

			all += pages;
			remote += from == to ? 0 : pages;
		}
	return all ? 100.0 * (double)remote / (double)all : 0;
}

static double mean_distance(const struct kmr_replay_result *r)
{
	const unsigned int nr = r->machine.nr_nodes;
	double all = 0, sum = 0;

	for (unsigned int from = 0; from < nr; from++)
		for (unsigned int to = 0; to < nr; to++) {
			const double pages = (double)r->numa.traffic[from][to].pages;

			all += pages;
			sum += pages * r->machine.distance[from][to];
		}
	return all > 0 ? sum / all : 0;
}

static double pages_reclaimed(const struct kmr_replay_result *r)
{
	return (double)(r->pressure.stats.pgsteal_kswapd + r->pressure.stats.pgsteal_direct);
}

/* Of the pages that reclaim looked at, those that it freed. */
static double reclaim_efficiency(const struct kmr_replay_result *r)
{
	const struct kmr_reclaim_stats *s = &r->pressure.stats;
	const uint64_t scanned = s->pgscan_kswapd + s->pgscan_direct;

	return scanned ? 100 * pages_reclaimed(r) / (double)scanned : 100;
}

/* 99 of 100 operations took no longer, ns. */
static double p99(const struct kmr_replay_result *r, enum kmr_operation operation)
{
	struct kmr_latency_summary s;

	return kmr_latency_summarise(&r->latency, operation, &s) ? 0 : (double)s.p99 / 1000;
}

static double page_p99(const struct kmr_replay_result *r)
{
	return p99(r, KMR_OP_PAGE_ALLOC);
}

static double object_p99(const struct kmr_replay_result *r)
{
	return p99(r, KMR_OP_OBJECT_ALLOC);
}

static const struct kmr_figure figures[] = {
	{ "slab pages at the start", "slab_pages_start", KMR_BETTER_LESS, 0, start_pages,
	  KMR_FIGURE_OBJECTS },
	{ "slab pages at most", "slab_pages_peak", KMR_BETTER_LESS, 0, peak_pages,
	  KMR_FIGURE_OBJECTS },
	{ "slab pages at the end", "slab_pages_end", KMR_BETTER_LESS, 0, end_pages,
	  KMR_FIGURE_OBJECTS },
	{ "growth, pages", "slab_pages_growth", KMR_BETTER_LESS, 0, growth, KMR_FIGURE_OBJECTS },
	{ "not asked for, % of slabs", "waste_percent", KMR_BETTER_LESS, 1, waste,
	  KMR_FIGURE_OBJECTS },
	{ "rounding, % of objects", "rounding_percent", KMR_BETTER_LESS, 2, rounding,
	  KMR_FIGURE_OBJECTS },
	{ "failures, objects", "object_failures", KMR_BETTER_LESS, 0, object_failures,
	  KMR_FIGURE_OBJECTS },
	{ "object operations", "object_operations", KMR_BETTER_NEITHER, 0, object_operations,
	  KMR_FIGURE_OBJECTS },
	{ "slow steps for objects", "object_steps", KMR_BETTER_LESS, 0, object_steps,
	  KMR_FIGURE_OBJECTS },
	{ "slabs made and freed", "slab_operations", KMR_BETTER_LESS, 0, slab_operations,
	  KMR_FIGURE_OBJECTS },
	{ "object's p99, ns", "object_alloc_p99_ns", KMR_BETTER_LESS, 1, object_p99,
	  KMR_FIGURE_OBJECT_TIMES },
	{ "free pages at the end", "free_pages_end", KMR_BETTER_MORE, 0, free_pages,
	  KMR_FIGURE_PAGES },
	{ "unusable for huge, %", "unusable_percent", KMR_BETTER_LESS, 1, unusable,
	  KMR_FIGURE_PAGES },
	{ "fallbacks (extfrag)", "extfrag", KMR_BETTER_LESS, 0, extfrag, KMR_FIGURE_PAGES },
	{ "failures, pages", "page_failures", KMR_BETTER_LESS, 0, page_failures, KMR_FIGURE_PAGES },
	{ "page operations", "page_operations", KMR_BETTER_LESS, 0, page_operations,
	  KMR_FIGURE_PAGES },
	{ "page steps", "page_steps", KMR_BETTER_LESS, 0, page_steps, KMR_FIGURE_PAGES },
	{ "page's p99, ns", "page_alloc_p99_ns", KMR_BETTER_LESS, 1, page_p99,
	  KMR_FIGURE_PAGE_TIMES },
	{ "misses of a node", "numa_misses", KMR_BETTER_LESS, 0, numa_misses, KMR_FIGURE_NODES },
	{ "of another node, % of pages", "remote_percent", KMR_BETTER_LESS, 1, remote_pages,
	  KMR_FIGURE_NODES },
	{ "distance of a page, mean", "mean_distance", KMR_BETTER_LESS, 2, mean_distance,
	  KMR_FIGURE_NODES },
	{ "pages reclaimed", "pages_reclaimed", KMR_BETTER_LESS, 0, pages_reclaimed,
	  KMR_FIGURE_RECLAIM },
	{ "reclaimed, % of scanned", "reclaim_percent", KMR_BETTER_MORE, 1, reclaim_efficiency,
	  KMR_FIGURE_RECLAIM },
	{ "rounds of kswapd", "kswapd_rounds", KMR_BETTER_LESS, 0, kswapd_rounds,
	  KMR_FIGURE_RECLAIM },
	{ "stalls for reclaim", "reclaim_stalls", KMR_BETTER_LESS, 0, stalls, KMR_FIGURE_RECLAIM },
	{ "compactions, of zones", "compactions", KMR_BETTER_LESS, 0, compactions,
	  KMR_FIGURE_RECLAIM },
	{ "stalls for compaction", "compaction_stalls", KMR_BETTER_LESS, 0, compact_stalls,
	  KMR_FIGURE_RECLAIM },
	{ "of these, in vain", "compaction_failures", KMR_BETTER_LESS, 0, compact_failures,
	  KMR_FIGURE_RECLAIM },
	{ "pages migrated", "pages_migrated", KMR_BETTER_LESS, 0, pages_migrated,
	  KMR_FIGURE_RECLAIM },
	{ "out of memory", "out_of_memory", KMR_BETTER_LESS, 0, out_of_memory, KMR_FIGURE_RECLAIM },
	{ "failures, areas", "area_failures", KMR_BETTER_LESS, 0, area_failures,
	  KMR_FIGURE_ADDRESSES },
	{ "holes between areas", "holes", KMR_BETTER_LESS, 0, holes, KMR_FIGURE_ADDRESSES },
	{ "unusable addresses, %", "holes_unusable_percent", KMR_BETTER_LESS, 2, unusable_holes,
	  KMR_FIGURE_ADDRESSES },
	{ "TLB flushes", "tlb_flushes", KMR_BETTER_LESS, 0, tlb_flushes, KMR_FIGURE_ADDRESSES },
	{ "steps to find addresses", "area_steps", KMR_BETTER_LESS, 0, area_steps,
	  KMR_FIGURE_ADDRESSES },
};

static_assert(ARRAY_SIZE(figures) < KMR_FIGURES_MAX, "room for all figures");

const struct kmr_figure *kmr_figure(unsigned int i)
{
	return i < ARRAY_SIZE(figures) ? &figures[i] : NULL;
}

static bool timed(const struct kmr_replay_result *r, enum kmr_operation operation)
{
	const struct kmr_latency_report *l = &r->latency;

	for (size_t i = 0; i < l->nr_rows; i++)
		if (l->rows[i].operation == operation)
			return true;
	return false;
}

bool kmr_figure_applies(const struct kmr_figure *f, const struct kmr_replay_result *r)
{
	switch (f->kind) {
	case KMR_FIGURE_OBJECTS:
		return r->objects.backend;
	case KMR_FIGURE_NODES:
		return r->numa.known;
	case KMR_FIGURE_ADDRESSES:
		return r->mappings.backend;
	case KMR_FIGURE_RECLAIM:
		return r->pressure.used;
	case KMR_FIGURE_PAGE_TIMES:
		return timed(r, KMR_OP_PAGE_ALLOC);
	case KMR_FIGURE_OBJECT_TIMES:
		return timed(r, KMR_OP_OBJECT_ALLOC);
	case KMR_FIGURE_PAGES:
		break;
	}
	return true;
}
