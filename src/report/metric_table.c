// SPDX-License-Identifier: GPL-2.0-only
/* The metrics, topic by topic, the one that stands for it first. */
#include "base/array.h"
#include "report/metric.h"

#define COUNTER(name) "SELECT value FROM counter WHERE run = ?1 AND name = '" name "'"

/* Whether anything of a kind is in a run's counters: then 0 is a number, and not unknown. */
#define EXTFRAG(condition)                                                       \
	"SELECT (SELECT count(*) FROM extfrag WHERE run = ?1 AND " condition ")" \
	" WHERE EXISTS (SELECT 1 FROM counter WHERE run = ?1 AND name = 'page.extfrag')"

#define LESS	KMR_BETTER_LESS
#define MORE	KMR_BETTER_MORE
#define NEITHER KMR_BETTER_NEITHER

/* Key, name, unit, topic, what is better, decimals, floor, and how it is read. */
#define METRIC(k, n, u, t, b, d, f, ...)                                             \
	{                                                                            \
		.key = k, .name = n, .unit = u, .topic = KMR_TOPIC_##t, .better = b, \
		.decimals = d, .floor = f, __VA_ARGS__                               \
	}

const struct kmr_metric kmr_metrics[] = {
	/* unusable free space: mm/vmstat.c, unusable_free_index(), all zones together */
	METRIC("unusable_huge_mean", "unusable for a huge page, mean over time", "% of free memory",
	       FRAGMENTATION, LESS, 2, 0.1, .over = KMR_OVER_UNUSABLE_HUGE_MEAN),
	METRIC("unusable_huge_end", "unusable for a huge page, at the end", "% of free memory",
	       FRAGMENTATION, LESS, 2, 0.1, .over = KMR_OVER_UNUSABLE_HUGE_END),
	METRIC("unusable_4_mean", "unusable at order 4, mean over time", "% of free memory",
	       FRAGMENTATION, LESS, 2, 0.1, .over = KMR_OVER_UNUSABLE_4_MEAN),
	METRIC("unusable_4_end", "unusable at order 4, at the end", "% of free memory",
	       FRAGMENTATION, LESS, 2, 0.1, .over = KMR_OVER_UNUSABLE_4_END),
	METRIC("contiguous_end", "in runs of a huge page's length, at the end", "% of free memory",
	       FRAGMENTATION, MORE, 2, 0.1,
	       .sql = "SELECT 100.0 * sum(iif(run_order >= pageblock_order, pages, 0)) / sum(pages)"
		      " FROM sample_contig JOIN machine USING (run) WHERE run = ?1 AND sample ="
		      " (SELECT max(sample) FROM sample WHERE run = ?1)"),
	METRIC("compactable_end", "pageblocks that compaction could empty, at the end",
	       "% of pageblocks", FRAGMENTATION, MORE, 1, 0.1,
	       .sql = "SELECT 100.0 * sum(compactable) / sum(pageblocks) FROM compactable"
		      " WHERE run = ?1 AND sample ="
		      " (SELECT max(sample) FROM sample_blocks WHERE run = ?1)"),
	METRIC("mixed_end", "pageblocks of mixed mobility, at the end", "pageblocks", FRAGMENTATION,
	       LESS, 0, 1,
	       .sql = "SELECT sum(mixed) FROM sample_blocks WHERE run = ?1 AND sample ="
		      " (SELECT max(sample) FROM sample_blocks WHERE run = ?1)"),
	METRIC("free_pages_end", "free pages, at the end", "pages", FRAGMENTATION, MORE, 0, 16,
	       .sql = "SELECT sum(free_pages + pcp_pages) FROM sample_zone WHERE run = ?1 AND "
		      "sample ="
		      " (SELECT max(sample) FROM sample WHERE run = ?1)"),

	METRIC("page_failures", "requests for pages that failed", "requests", FAILURES, LESS, 0, 1,
	       .sql = COUNTER("replay.failures")),
	METRIC("page_failures_share", "share of requests for pages that failed", "%", FAILURES,
	       LESS, 4, 0.0001,
	       .sql = "SELECT 100.0 * f.value / nullif(a.value, 0) FROM counter f, counter a"
		      " WHERE f.run = ?1 AND a.run = ?1 AND f.name = 'replay.failures'"
		      " AND a.name = 'replay.page_allocs'"),
	METRIC("object_failures", "requests for objects that failed", "requests", FAILURES, LESS, 0,
	       1, .sql = COUNTER("objects.failures")),
	METRIC("page_requests", "requests for pages", "requests", FAILURES, NEITHER, 0, 1,
	       .sql = COUNTER("replay.page_allocs")),

	/* order 9 is 2 MiB of pages of 4 KiB, also where pageblocks are larger */
	METRIC("huge_success", "requests of a huge page's size that were served", "%", HUGE, MORE,
	       1, 0.1,
	       .sql = "SELECT 100.0 * sum(requests - failures) / sum(requests) FROM request"
		      " JOIN machine USING (run) WHERE run = ?1 AND page_order >= "
		      "min(pageblock_order, 9)"),
	METRIC("thp_success", "requests for transparent huge pages that were served", "%", HUGE,
	       MORE, 1, 0.1, .sql = "SELECT 100 * rate FROM huge_success WHERE run = ?1"),
	METRIC("huge_requests", "requests of a huge page's size", "requests", HUGE, NEITHER, 0, 1,
	       .sql = "SELECT sum(requests) FROM request JOIN machine USING (run)"
		      " WHERE run = ?1 AND page_order >= min(pageblock_order, 9)"),

	/* as mmtests counts the event mm_page_alloc_extfrag */
	METRIC("extfrag", "fallbacks to another mobility", "events", EXTFRAG, LESS, 0, 1,
	       .sql = EXTFRAG("1")),
	METRIC("extfrag_fragmenting", "fragmenting fallbacks (below a pageblock)", "events",
	       EXTFRAG, LESS, 0, 1, .sql = EXTFRAG("fragmenting")),
	METRIC("extfrag_unmovable", "fragmenting fallbacks of unmovable requests", "events",
	       EXTFRAG, LESS, 0, 1, .sql = EXTFRAG("fragmenting AND migratetype = 0")),
	METRIC("extfrag_unmovable_movable", "unmovable placed among movable", "events", EXTFRAG,
	       LESS, 0, 1,
	       .sql = EXTFRAG("fragmenting AND migratetype = 0 AND fallback_migratetype = 1")),
	METRIC("pages_stolen", "free pages moved to another type's lists", "pages", EXTFRAG, LESS,
	       0, 1, .sql = COUNTER("page.pages_moved")),

	/* two pages more or less are within what attribution can tell: ARCHITECTURE.md */
	METRIC("slab_pages_mean", "slab pages, mean over time", "pages", SLAB, LESS, 0, 3,
	       .over = KMR_OVER_SLAB_PAGES_MEAN),
	METRIC("slab_pages_peak", "slab pages, at most", "pages", SLAB, LESS, 0, 3,
	       .sql = COUNTER("objects.peak_pages")),
	METRIC("slab_pages_end", "slab pages, at the end", "pages", SLAB, LESS, 0, 3,
	       .sql = COUNTER("objects.end_pages")),
	METRIC("slab_pages_growth", "growth of slab pages", "pages", SLAB, LESS, 0, 3,
	       .sql = "SELECT e.value - s.value FROM counter e, counter s WHERE e.run = ?1"
		      " AND s.run = ?1 AND e.name = 'objects.end_pages'"
		      " AND s.name = 'objects.start_pages'"),
	METRIC("slab_used_end", "slots of slabs in use, at the end", "%", SLAB, MORE, 1, 0.1,
	       .over = KMR_OVER_SLAB_USED_END),

	METRIC("slab_waste_end", "slab memory nobody asked for, at the end", "% of slabs", WASTE,
	       LESS, 1, 0.1,
	       .sql = "SELECT max(0, 100.0 * (1 - 1.0 * l.value / (e.value << page_shift)))"
		      " FROM counter l, counter e, machine m WHERE l.run = ?1 AND e.run = ?1"
		      " AND m.run = ?1 AND l.name = 'objects.live_requested'"
		      " AND e.name = 'objects.end_pages' AND e.value > 0"),
	METRIC("rounding_end", "lost to rounding objects up, at the end", "% of objects", WASTE,
	       LESS, 2, 0.01,
	       .sql = "SELECT 100.0 * (1 - 1.0 * r.value / g.value) FROM counter r, counter g"
		      " WHERE r.run = ?1 AND g.run = ?1 AND r.name = 'objects.live_requested'"
		      " AND g.name = 'objects.live_given' AND g.value > 0"),

	METRIC("page_alloc_p50", "page allocation, median", "ns", LATENCY, LESS, 1, 0.1,
	       .operation = "page_alloc", .percentile = 50000),
	METRIC("page_alloc_p99", "page allocation, p99", "ns", LATENCY, LESS, 1, 0.1,
	       .operation = "page_alloc", .percentile = 99000),
	METRIC("page_alloc_p999", "page allocation, p99.9", "ns", LATENCY, LESS, 1, 0.1,
	       .operation = "page_alloc", .percentile = 99900),
	METRIC("page_alloc_max", "page allocation, longest", "ns", LATENCY, LESS, 1, 0.1,
	       .operation = "page_alloc", .percentile = 100000),
	METRIC("page_free_p99", "page free, p99", "ns", LATENCY, LESS, 1, 0.1,
	       .operation = "page_free", .percentile = 99000),
	METRIC("object_alloc_p50", "object allocation, median", "ns", LATENCY, LESS, 1, 0.1,
	       .operation = "object_alloc", .percentile = 50000),
	METRIC("object_alloc_p99", "object allocation, p99", "ns", LATENCY, LESS, 1, 0.1,
	       .operation = "object_alloc", .percentile = 99000),
	METRIC("object_alloc_p999", "object allocation, p99.9", "ns", LATENCY, LESS, 1, 0.1,
	       .operation = "object_alloc", .percentile = 99900),
	METRIC("object_free_p99", "object free, p99", "ns", LATENCY, LESS, 1, 0.1,
	       .operation = "object_free", .percentile = 99000),

	METRIC("page_steps", "blocks split, merged, listed and moved", "steps", WORK, LESS, 0, 1,
	       .sql = "SELECT sum(value) FROM counter WHERE run = ?1 AND name IN ('page.splits',"
		      " 'page.merges', 'page.refill_blocks', 'page.drain_blocks',"
		      " 'page.pages_moved')"),
	METRIC("pcp_hits", "requests served by a per-CPU list", "%", WORK, MORE, 2, 0.01,
	       .sql = "SELECT 100.0 * h.value / nullif(a.value, 0) FROM counter h, counter a"
		      " WHERE h.run = ?1 AND a.run = ?1 AND h.name = 'page.pcp_hits'"
		      " AND a.name = 'page.allocs'"),
	METRIC("slow_paths", "requests on the slow path", "requests", WORK, LESS, 0, 1,
	       .sql = COUNTER("page.slow_paths")),
	METRIC("slab_operations", "slabs made and freed", "slabs", WORK, LESS, 0, 1,
	       .sql = "SELECT sum(value) FROM counter WHERE run = ?1"
		      " AND name IN ('object.slab_allocs', 'object.slab_frees')"),

	METRIC("allocstall", "direct reclaim entered", "times", RECLAIM, LESS, 0, 1,
	       .sql = COUNTER("pressure.allocstall")),
	METRIC("pgscan", "pages scanned by reclaim", "pages", RECLAIM, LESS, 0, 1,
	       .sql = "SELECT sum(value) FROM counter WHERE run = ?1"
		      " AND name IN ('pressure.pgscan_kswapd', 'pressure.pgscan_direct')"),
	METRIC("pgsteal", "pages reclaimed", "pages", RECLAIM, NEITHER, 0, 1,
	       .sql = "SELECT sum(value) FROM counter WHERE run = ?1"
		      " AND name IN ('pressure.pgsteal_kswapd', 'pressure.pgsteal_direct')"),
	METRIC("kswapd_wakeups", "kswapd woken", "times", RECLAIM, LESS, 0, 1,
	       .sql = COUNTER("pressure.kswapd_wakeups")),
	METRIC("compact_stall", "direct compaction entered", "times", RECLAIM, LESS, 0, 1,
	       .sql = COUNTER("pressure.compact_stall")),
	METRIC("compact_success", "direct compaction that gave a block", "times", RECLAIM, NEITHER,
	       0, 1, .sql = COUNTER("pressure.compact_success")),
	METRIC("pgmigrate", "pages moved by compaction", "pages", RECLAIM, LESS, 0, 1,
	       .sql = COUNTER("pressure.pgmigrate_success")),
	METRIC("oom_kill", "out of memory", "times", RECLAIM, LESS, 0, 1,
	       .sql = COUNTER("pressure.oom_kill")),

	METRIC("numa_miss", "requests another node should have served", "requests", NUMA, LESS, 0,
	       1, .sql = "SELECT sum(numa_miss) FROM numa_zone WHERE run = ?1"),
	METRIC("numa_remote", "pages from another node than the CPU's", "%", NUMA, LESS, 1, 0.1,
	       .sql = "SELECT 100.0 * sum(iif(node <> to_node, pages, 0)) / sum(pages)"
		      " FROM numa_traffic WHERE run = ?1"),
	METRIC("numa_distance", "distance of a page, mean", "", NUMA, LESS, 2, 0.01,
	       .sql = "SELECT 1.0 * sum(distance * pages) / sum(pages) FROM numa_distance"
		      " WHERE run = ?1"),

	METRIC("area_failures", "areas without addresses or pages", "areas", ADDRESSES, LESS, 0, 1,
	       .sql = "SELECT sum(value) FROM counter WHERE run = ?1"
		      " AND name IN ('vmap.no_room', 'vmap.no_pages')"),
	METRIC("holes_end", "holes between areas, at the end", "holes", ADDRESSES, LESS, 0, 1,
	       .sql = "SELECT holes FROM vmap_sample WHERE run = ?1 ORDER BY sample DESC LIMIT 1"),
	METRIC("holes_unusable_end", "addresses beyond the largest hole, at the end",
	       "% of free ones", ADDRESSES, LESS, 2, 0.01,
	       .sql = "SELECT 100 * unusable FROM vmap_fragmentation WHERE run = ?1"
		      " ORDER BY sample DESC LIMIT 1"),
	METRIC("tlb_flushes", "TLB flushes", "times", ADDRESSES, LESS, 0, 1,
	       .sql = "SELECT sum(value) FROM counter WHERE run = ?1"
		      " AND name IN ('vmap.flushes', 'pkmap.flushes')"),
};

const unsigned int kmr_nr_metrics = ARRAY_SIZE(kmr_metrics);
