-- SPDX-License-Identifier: GPL-2.0-only
--
-- Views of the store: what can be computed from the tables of metrics.sql, where possible as the
-- kernel's own files have it.  None of them enters a digest.

-- Every zone and order of a run, with or without free blocks.
CREATE VIEW zone_order (run, zone, node, name, page_order) AS
	WITH RECURSIVE o (run, page_order, nr_orders) AS (
		SELECT run, 0, nr_orders FROM machine
		UNION ALL
		SELECT run, page_order + 1, nr_orders FROM o WHERE page_order + 1 < nr_orders
	)
	SELECT z.run, z.zone, z.node, z.name, o.page_order FROM zone z JOIN o USING (run);

-- Free blocks per sample, zone and order, all migrate types together.
CREATE VIEW free_blocks (run, sample, zone, page_order, blocks) AS
	SELECT s.run, s.sample, o.zone, o.page_order,
	       coalesce((SELECT sum(f.blocks) FROM sample_free f
			 WHERE f.run = s.run AND f.sample = s.sample AND f.zone = o.zone
			   AND f.page_order = o.page_order), 0)
	FROM sample s JOIN zone_order o ON o.run = s.run;

-- /proc/buddyinfo of each sample: a line a zone.  (mm/vmstat.c: frag_show_print())
CREATE VIEW buddyinfo_at (run, sample, time, zone, line) AS
	SELECT s.run, s.sample, s.time, z.zone,
	       printf('Node %d, zone %8s ', z.node, z.name) ||
	       (SELECT group_concat(printf('%6d ', blocks), '')
		       OVER (ORDER BY page_order ROWS BETWEEN UNBOUNDED PRECEDING
			     AND UNBOUNDED FOLLOWING)
		FROM free_blocks b
		WHERE b.run = s.run AND b.sample = s.sample AND b.zone = z.zone LIMIT 1)
	FROM sample s JOIN zone z ON z.run = s.run
	ORDER BY s.run, s.sample, z.zone;

-- /proc/buddyinfo at the end of the last run.
CREATE VIEW buddyinfo (line) AS
	SELECT line FROM buddyinfo_at
	WHERE run = (SELECT max(run) FROM run)
	  AND sample = (SELECT max(sample) FROM sample WHERE run = (SELECT max(run) FROM run))
	ORDER BY zone;

-- The free pages part of /proc/pagetypeinfo of each sample: a line a zone and migrate type.  As the
-- kernel stops counting a list at 100000 blocks, more are ">100000"; sample_free has the number.
-- (mm/vmstat.c: pagetypeinfo_showfree_print())
CREATE VIEW pagetypeinfo_at (run, sample, time, zone, migratetype, line) AS
	SELECT s.run, s.sample, s.time, z.zone, m.migratetype,
	       printf('Node %4d, zone %8s, type %12s ', z.node, z.name, m.name) ||
	       (SELECT group_concat(printf(iif(f.blocks >= 100000, '>%6d ', '%6d '),
					   min(coalesce(f.blocks, 0), 100000)), '')
		       OVER (ORDER BY o.page_order ROWS BETWEEN UNBOUNDED PRECEDING
			     AND UNBOUNDED FOLLOWING)
		FROM zone_order o LEFT JOIN sample_free f
		     ON f.run = o.run AND f.sample = s.sample AND f.zone = o.zone
			AND f.page_order = o.page_order AND f.migratetype = m.migratetype
		WHERE o.run = s.run AND o.zone = z.zone LIMIT 1)
	FROM sample s JOIN zone z ON z.run = s.run CROSS JOIN migratetype m
	ORDER BY s.run, s.sample, z.zone, m.migratetype;

CREATE VIEW pagetypeinfo (line) AS
	SELECT line FROM pagetypeinfo_at
	WHERE run = (SELECT max(run) FROM run)
	  AND sample = (SELECT max(sample) FROM sample WHERE run = (SELECT max(run) FROM run))
	ORDER BY zone, migratetype;

-- The pageblock part of /proc/pagetypeinfo of each sample, which goes through a zone in steps from its
-- first frame on and so can miss the last pageblock; of samples that were not surveyed with it.
-- (mm/vmstat.c: pagetypeinfo_showblockcount_print())
CREATE VIEW pageblockinfo_at (run, sample, time, zone, line) AS
	SELECT s.run, s.sample, s.time, z.zone, printf('Node %d, zone %8s ', z.node, z.name) ||
	       (SELECT group_concat(printf('%12d ', coalesce(p.pageblocks, 0) -
					   (m.migratetype IS b.passed_over)), '')
		       OVER (ORDER BY m.migratetype ROWS BETWEEN UNBOUNDED PRECEDING
			     AND UNBOUNDED FOLLOWING)
		FROM migratetype m LEFT JOIN sample_pageblock p
		     ON p.run = s.run AND p.sample = s.sample AND p.zone = z.zone
			AND p.migratetype = m.migratetype LIMIT 1)
	FROM sample s JOIN zone z ON z.run = s.run
	     LEFT JOIN sample_blocks b ON b.run = s.run AND b.sample = s.sample AND b.zone = z.zone;

-- The same at the end of the last run.
CREATE VIEW pageblockinfo (line) AS
	SELECT line FROM pageblockinfo_at
	WHERE run = (SELECT max(run) FROM run)
	  AND sample = (SELECT max(sample) FROM sample WHERE run = (SELECT max(run) FROM run))
	ORDER BY zone;

-- Fragmentation per sample, zone and order, in the kernel's arithmetic: whole thousandths.
--   unusable  unusable free space index: the part of free memory in blocks too small for the
--             order; 1 when nothing is free.  (mm/vmstat.c: unusable_free_index())
--   extfrag   external fragmentation index: -1 when a block is free, else near 0 when a request
--             would fail for lack of memory, near 1 for fragmentation; 0 when nothing is free.
--             (mm/vmstat.c: __fragmentation_index())
CREATE VIEW fragmentation (run, sample, time, zone, node, name, page_order, free_blocks, unusable,
			   extfrag) AS
	WITH part (run, sample, zone, page_order, blocks, free, suitable, total) AS (
		SELECT run, sample, zone, page_order, blocks,
		       sum(blocks << page_order) OVER each_zone,
		       sum(blocks << page_order) OVER (
			       PARTITION BY run, sample, zone ORDER BY page_order DESC),
		       sum(blocks) OVER each_zone
		FROM free_blocks
		WINDOW each_zone AS (PARTITION BY run, sample, zone)
	)
	SELECT p.run, p.sample, s.time, p.zone, z.node, z.name, p.page_order, p.blocks,
	       CASE WHEN p.free = 0 THEN 1.0
		    ELSE (p.free - p.suitable) * 1000 / p.free / 1000.0 END,
	       CASE WHEN p.total = 0 THEN 0.0
		    WHEN p.suitable > 0 THEN -1.0
		    ELSE (1000 - (1000 + p.free * 1000 / (1 << p.page_order)) / p.total) / 1000.0
	       END
	FROM part p
	JOIN sample s ON s.run = p.run AND s.sample = p.sample
	JOIN zone z ON z.run = p.run AND z.zone = p.zone;

-- Debugfs's extfrag/extfrag_index and extfrag/unusable_index of each sample: a line a zone.
-- (mm/vmstat.c: extfrag_show_print(), unusable_show_print(), which print an index between -1 and 0
-- as " 0.-500")
CREATE VIEW index_at (run, sample, time, zone, extfrag_index, unusable_index) AS
	WITH cell (run, sample, time, zone, node, name, page_order, extfrag, unusable) AS (
		SELECT run, sample, time, zone, node, name, page_order,
		       CAST(round(extfrag * 1000) AS INTEGER), CAST(round(unusable * 1000) AS INTEGER)
		FROM fragmentation
	)
	SELECT DISTINCT run, sample, time, zone,
	       printf('Node %d, zone %8s ', node, name) ||
	       group_concat(printf('%2d.%03d ', extfrag / 1000, extfrag % 1000), '')
		       OVER each_zone,
	       printf('Node %d, zone %8s ', node, name) ||
	       group_concat(printf('%d.%03d ', unusable / 1000, unusable % 1000), '')
		       OVER each_zone
	FROM cell
	WINDOW each_zone AS (PARTITION BY run, sample, zone ORDER BY page_order
			     ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);

-- Every cache in every sample from its first on, with what it had from before.
CREATE VIEW cache_at (run, sample, time, cache, name, active, objects, slabs, pages, partial_slabs,
		      cpu_slabs, cached, requested) AS
	WITH held AS (
		SELECT *, lead(sample, 1, 1 << 62)
			  OVER (PARTITION BY run, cache ORDER BY sample) AS until
		FROM cache_sample
	)
	SELECT s.run, s.sample, s.time, c.cache, c.name, h.active, h.objects, h.slabs, h.pages,
	       h.partial_slabs, h.cpu_slabs, h.cached, h.requested
	FROM held h
	JOIN cache c ON c.run = h.run AND c.cache = h.cache
	JOIN object_sample s ON s.run = h.run AND s.sample >= h.sample AND s.sample < h.until;

-- Utilisation and internal fragmentation of caches over time; both 0 for what has no slabs.
--   utilisation   objects in use over objects in all slabs
--   internal      1 - bytes asked for / bytes that objects in use take away
CREATE VIEW cache_use (run, sample, time, cache, name, active, objects, pages, utilisation,
		       internal) AS
	SELECT a.run, a.sample, a.time, a.cache, a.name, a.active, a.objects, a.pages,
	       CASE WHEN a.objects = 0 THEN 0.0 ELSE 1.0 * a.active / a.objects END,
	       CASE WHEN a.active = 0 THEN 0.0
		    ELSE 1 - 1.0 * a.requested / (a.active * c.size) END
	FROM cache_at a JOIN cache c USING (run, cache);

-- /proc/slabinfo at the end of each run, a line a cache in the order that they were made in.  What
-- counts as active is the kernel's: objects that CPUs hold free are among it.
-- (mm/slab_common.c: cache_show(); mm/slub.c, mm/slab.c: get_slabinfo())
CREATE VIEW slabinfo_at (run, cache, line) AS
	SELECT a.run, a.cache,
	       printf('%-17s %6d %6d %6d %4d %4d : tunables %4d %4d %4d : slabdata %6d %6d %6d',
		      c.name, coalesce(i.active_objs, a.active + a.cached), a.objects, c.size,
		      c.objects_per_slab, 1 << c.page_order, c.array_limit, c.batch, c.shared,
		      coalesce(i.active_slabs, a.slabs), a.slabs, coalesce(i.shared_avail, 0))
	FROM cache_at a
	     JOIN cache c USING (run, cache)
	     LEFT JOIN cache_info i USING (run, cache)
	WHERE a.sample = (SELECT max(sample) FROM object_sample o WHERE o.run = a.run);

-- /proc/slabinfo of the last run, by name.
CREATE VIEW slabinfo (line) AS
	SELECT '# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : ' ||
	       'tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> ' ||
	       '<num_slabs> <sharedavail>'
	UNION ALL
	SELECT line FROM (
		SELECT a.line FROM slabinfo_at a JOIN cache c USING (run, cache)
		WHERE a.run = (SELECT max(run) FROM cache)
		ORDER BY c.name);

-- How far holes are in pieces: the part of free addresses that the largest request could not have.
CREATE VIEW vmap_fragmentation (run, sample, time, areas, holes, hole_bytes, largest_hole, unusable) AS
	SELECT run, sample, time, areas, holes, hole_bytes, largest_hole,
	       CASE WHEN hole_bytes = 0 THEN 0.0 ELSE 1 - 1.0 * largest_hole / hole_bytes END
	FROM vmap_sample;

-- What a node's counters gained, as in /sys/devices/system/node/node*/numastat.
CREATE VIEW numa_node (run, node, numa_hit, numa_miss, numa_foreign, interleave_hit, local_node,
		       other_node) AS
	SELECT n.run, n.node, coalesce(sum(s.numa_hit), 0), coalesce(sum(s.numa_miss), 0),
	       coalesce(sum(s.numa_foreign), 0), coalesce(sum(s.interleave_hit), 0),
	       coalesce(sum(s.local_node), 0), coalesce(sum(s.other_node), 0)
	FROM node n LEFT JOIN zone z ON z.run = n.run AND z.node = n.node
	     LEFT JOIN numa_zone s ON s.run = z.run AND s.zone = z.zone
	WHERE n.run IN (SELECT run FROM numa_zone)
	GROUP BY n.run, n.node;

-- numastat(8) of the last run.
CREATE VIEW numastat (line) AS
	WITH counts (n, name, node, count) AS (
		SELECT 1, 'numa_hit', node, numa_hit FROM numa_node WHERE run = (SELECT max(run) FROM run)
		UNION ALL SELECT 2, 'numa_miss', node, numa_miss FROM numa_node WHERE run = (SELECT max(run) FROM run)
		UNION ALL SELECT 3, 'numa_foreign', node, numa_foreign FROM numa_node WHERE run = (SELECT max(run) FROM run)
		UNION ALL SELECT 4, 'interleave_hit', node, interleave_hit FROM numa_node WHERE run = (SELECT max(run) FROM run)
		UNION ALL SELECT 5, 'local_node', node, local_node FROM numa_node WHERE run = (SELECT max(run) FROM run)
		UNION ALL SELECT 6, 'other_node', node, other_node FROM numa_node WHERE run = (SELECT max(run) FROM run)
	),
	cells (n, name, node, cell) AS (
		SELECT DISTINCT 0, '', node, printf('%16s', 'node' || node) FROM counts
		UNION ALL
		SELECT n, name, node, printf('%16d', count) FROM counts
	)
	SELECT DISTINCT printf('%-16s', name) ||
	       group_concat(cell, '') OVER (PARTITION BY n ORDER BY node ROWS BETWEEN
					    UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
	FROM cells ORDER BY n;

-- How far memory was from the CPUs that asked for it.
CREATE VIEW numa_distance (run, distance, requests, pages, share) AS
	SELECT t.run, d.distance, sum(t.requests), sum(t.pages),
	       sum(t.pages) * 1.0 / (SELECT sum(pages) FROM numa_traffic a WHERE a.run = t.run)
	FROM numa_traffic t
	     JOIN node_distance d ON d.run = t.run AND d.node = t.node AND d.to_node = t.to_node
	GROUP BY t.run, d.distance;

-- Latencies by operation, order and path; path 'all': all paths; page_order -1: all orders, too.  In
-- ns, exact to the width of a bucket, a 1024th of the value at most.  A percentile p is the greatest
-- value of the bucket that has operation number ceil(count * p / 100), but not above the longest.
-- (G. Tene, HdrHistogram: getValueAtPercentile())
CREATE VIEW latency_percentile (run, operation, page_order, path, count, mean, p50, p90, p99, p999,
				max) AS
	WITH level (run, operation, page_order, path, low, width, count) AS (
		SELECT run, operation, page_order, path, low, width, count FROM latency_bucket
		UNION ALL
		SELECT run, operation, page_order, 'all', low, width, sum(count)
		FROM latency_bucket GROUP BY run, operation, page_order, low
		UNION ALL
		SELECT run, operation, -1, 'all', low, width, sum(count)
		FROM latency_bucket GROUP BY run, operation, low
	),
	total (run, operation, page_order, path, count, sum, longest) AS (
		SELECT run, operation, page_order, path, count, total, longest FROM latency
		UNION ALL
		SELECT run, operation, page_order, 'all', sum(count), sum(total), max(longest)
		FROM latency GROUP BY run, operation, page_order
		UNION ALL
		SELECT run, operation, -1, 'all', sum(count), sum(total), max(longest)
		FROM latency GROUP BY run, operation
	),
	-- the last operation of each bucket, by number
	ranked (run, operation, page_order, path, top, rank) AS (
		SELECT run, operation, page_order, path, low + width - 1,
		       sum(count) OVER (PARTITION BY run, operation, page_order, path ORDER BY low)
		FROM level
	)
	SELECT t.run, t.operation, t.page_order, t.path, t.count, t.sum / 1000.0 / t.count,
	       min(min(CASE WHEN r.rank >= (t.count * 500 + 999) / 1000 THEN r.top END), t.longest)
	       / 1000.0,
	       min(min(CASE WHEN r.rank >= (t.count * 900 + 999) / 1000 THEN r.top END), t.longest)
	       / 1000.0,
	       min(min(CASE WHEN r.rank >= (t.count * 990 + 999) / 1000 THEN r.top END), t.longest)
	       / 1000.0,
	       min(min(CASE WHEN r.rank >= (t.count * 999 + 999) / 1000 THEN r.top END), t.longest)
	       / 1000.0,
	       t.longest / 1000.0
	FROM total t JOIN ranked r ON r.run = t.run AND r.operation = t.operation
				      AND r.page_order = t.page_order AND r.path = t.path
	GROUP BY t.run, t.operation, t.page_order, t.path;

-- What the time of operations went into, by step: counts times prices.
CREATE VIEW latency_step (run, operation, step, count, price, total, share) AS
	SELECT s.run, s.operation, s.step, s.count, c.price, s.count * c.price / 1000.0,
	       1.0 * s.count * c.price /
	       nullif(sum(1.0 * s.count * c.price) OVER (PARTITION BY s.run, s.operation), 0)
	FROM step s JOIN cost c USING (run, step);

-- Fallbacks to another mobility as mmtests splits them.  fragmenting and all behind it but the last
-- two count events whose fallback_order is below a pageblock's order, as the kernel's event has it:
-- the pageblock keeps what it had, with a stranger among it.  "placed with" is the type of the list
-- that the block was taken from.  The last two count all events, as mmtests' own monitor does.
-- (include/trace/events/kmem.h: mm_page_alloc_extfrag; mmtests: MonitorFtraceextfrag, with the
-- split by reclaimable and movable of V. Babka's series "try to reduce fragmenting fallbacks")
CREATE VIEW extfrag_split (run, total, fragmenting, unmovable, unmovable_in_movable,
			   unmovable_in_reclaimable, reclaimable, reclaimable_in_movable,
			   reclaimable_in_unmovable, movable, any_unmovable,
			   any_unmovable_in_movable) AS
	SELECT r.run, count(e.run),
	       count(*) FILTER (WHERE e.fragmenting),
	       count(*) FILTER (WHERE e.fragmenting AND e.migratetype = 0),
	       count(*) FILTER (WHERE e.fragmenting AND e.migratetype = 0
				AND e.fallback_migratetype = 1),
	       count(*) FILTER (WHERE e.fragmenting AND e.migratetype = 0
				AND e.fallback_migratetype = 2),
	       count(*) FILTER (WHERE e.fragmenting AND e.migratetype = 2),
	       count(*) FILTER (WHERE e.fragmenting AND e.migratetype = 2
				AND e.fallback_migratetype = 1),
	       count(*) FILTER (WHERE e.fragmenting AND e.migratetype = 2
				AND e.fallback_migratetype = 0),
	       count(*) FILTER (WHERE e.fragmenting AND e.migratetype = 1),
	       count(*) FILTER (WHERE e.migratetype = 0),
	       count(*) FILTER (WHERE e.migratetype = 0 AND e.fallback_migratetype = 1)
	FROM run r LEFT JOIN extfrag e ON e.run = r.run
	GROUP BY r.run;

-- From which type to which: fallbacks, those below a pageblock's order, and those that changed the
-- pageblock's type.
CREATE VIEW extfrag_matrix (run, migratetype, name, fallback_migratetype, fallback_name, events,
			    fragmenting, claimed) AS
	SELECT e.run, e.migratetype, t.name, e.fallback_migratetype, f.name, count(*),
	       sum(e.fragmenting), sum(e.change_owner)
	FROM extfrag e
	     JOIN migratetype t ON t.migratetype = e.migratetype
	     JOIN migratetype f ON f.migratetype = e.fallback_migratetype
	GROUP BY e.run, e.migratetype, e.fallback_migratetype;

-- Requests for transparent huge pages that were served: 1 - failures / requests; NULL without any.
-- (what mmtests reports of /proc/vmstat's thp_fault_alloc and thp_fault_fallback)
CREATE VIEW huge_success (run, requests, failures, rate) AS
	SELECT r.run, coalesce(sum(q.huge), 0), coalesce(sum(q.huge_failures), 0),
	       1 - 1.0 * sum(q.huge_failures) / nullif(sum(q.huge), 0)
	FROM run r LEFT JOIN request q ON q.run = r.run
	GROUP BY r.run;

-- Contiguity: the part of free memory, per-CPU lists included, that lies in runs of at least
-- 2^page_order free frames at any alignment; 0 when nothing is free.
CREATE VIEW contiguity (run, sample, time, zone, node, name, page_order, pages, share) AS
	SELECT b.run, b.sample, s.time, b.zone, o.node, o.name, o.page_order,
	       coalesce(sum(c.pages) FILTER (WHERE c.run_order >= o.page_order), 0),
	       coalesce(1.0 * sum(c.pages) FILTER (WHERE c.run_order >= o.page_order) /
			sum(c.pages), 0.0)
	FROM sample_blocks b
	     JOIN sample s ON s.run = b.run AND s.sample = b.sample
	     JOIN zone_order o ON o.run = b.run AND o.zone = b.zone
	     LEFT JOIN sample_contig c ON c.run = b.run AND c.sample = b.sample AND c.zone = b.zone
	GROUP BY b.run, b.sample, b.zone, o.page_order;

-- Pageblocks that compaction could empty, as nothing in them is unmovable, and their part of all
-- pageblocks of the zone.  One of which the zone has but a part makes no huge block.
CREATE VIEW compactable (run, sample, time, zone, node, name, pageblocks, compactable, share) AS
	SELECT b.run, b.sample, s.time, b.zone, z.node, z.name,
	       b.empty + b.movable + b.unmovable + b.mixed, b.empty + b.movable - b.cut,
	       coalesce(1.0 * (b.empty + b.movable - b.cut) /
			nullif(b.empty + b.movable + b.unmovable + b.mixed, 0), 0.0)
	FROM sample_blocks b
	     JOIN sample s ON s.run = b.run AND s.sample = b.sample
	     JOIN zone z ON z.run = b.run AND z.zone = b.zone;

-- Pageblocks by what is in them; mixed_share is the mixed ones' part of those with used frames, and
-- mean_age for how long (ns) those that are mixed have been so.
CREATE VIEW mixture (run, sample, time, zone, node, name, empty, movable, unmovable, mixed,
		     mixed_share, mean_age) AS
	SELECT b.run, b.sample, s.time, b.zone, z.node, z.name, b.empty, b.movable, b.unmovable,
	       b.mixed,
	       coalesce(1.0 * b.mixed / nullif(b.movable + b.unmovable + b.mixed, 0), 0.0),
	       b.mixed_age / nullif(b.mixed, 0)
	FROM sample_blocks b
	     JOIN sample s ON s.run = b.run AND s.sample = b.sample
	     JOIN zone z ON z.run = b.run AND z.zone = b.zone;

-- Free huge blocks, of a pageblock's order, over those that free memory would make if it lay
-- together: sum over i >= huge_order of n_i * 2^(i - huge_order), over free >> huge_order; 1 when
-- that is 0.
CREATE VIEW free_huge (run, sample, time, zone, node, name, huge_blocks, possible, share) AS
	WITH counted (run, sample, zone, free, huge_blocks, huge_order) AS (
		SELECT b.run, b.sample, b.zone, sum(b.blocks << b.page_order),
		       sum(CASE WHEN b.page_order >= m.pageblock_order
				THEN b.blocks << (b.page_order - m.pageblock_order) ELSE 0 END),
		       m.pageblock_order
		FROM free_blocks b JOIN machine m ON m.run = b.run
		GROUP BY b.run, b.sample, b.zone
	)
	SELECT c.run, c.sample, s.time, c.zone, z.node, z.name, c.huge_blocks,
	       c.free >> c.huge_order,
	       coalesce(1.0 * c.huge_blocks / nullif(c.free >> c.huge_order, 0), 1.0)
	FROM counted c
	     JOIN sample s ON s.run = c.run AND s.sample = c.sample
	     JOIN zone z ON z.run = c.run AND z.zone = c.zone;

-- Every strip of physical memory in every sample, with what it had from before.
CREATE VIEW strip_at (run, sample, time, strip, zone, start_pfn, pages, free, movable, unmovable,
		      migratetype) AS
	WITH held (run, strip, since, until, free, movable, unmovable, migratetype) AS (
		SELECT run, strip, sample,
		       lead(sample, 1, 1 << 62) OVER (PARTITION BY run, strip ORDER BY sample),
		       free, movable, unmovable, migratetype
		FROM strip_sample
	)
	SELECT s.run, s.sample, s.time, p.strip, p.zone, p.start_pfn, p.pages, h.free, h.movable,
	       h.unmovable, h.migratetype
	FROM held h
	JOIN strip p ON p.run = h.run AND p.strip = h.strip
	JOIN sample s ON s.run = h.run AND s.sample >= h.since AND s.sample < h.until;

-- By how much counters rose from sample to sample: reclaim and compaction over time (pressure.*,
-- moved.*), the allocator's slow paths, fallbacks and failures (page.*).  What did not change has no
-- row.  (names of pressure.*: /proc/vmstat)
CREATE VIEW counter_change (run, sample, time, name, value, change) AS
	SELECT c.run, c.sample, s.time, c.name, c.value,
	       c.value - lag(c.value, 1, 0) OVER (PARTITION BY c.run, c.name ORDER BY c.sample)
	FROM sample_counter c JOIN sample s ON s.run = c.run AND s.sample = c.sample;

-- How long what was allocated lived: the time that the given part of lives did not exceed, that of
-- rank ceil(part * lives), in ns.  Of its bucket it is the highest value: at most 1/16 too long.
CREATE VIEW lifetime_quantile (run, kind, page_order, lives, p50, p90, p99, p999, longest) AS
	WITH part (run, kind, page_order, high, seen, lives) AS (
		SELECT run, kind, page_order, low + width - 1,
		       sum(count) OVER (PARTITION BY run, kind, page_order ORDER BY low),
		       sum(count) OVER (PARTITION BY run, kind, page_order)
		FROM lifetime
	)
	SELECT run, kind, page_order, max(lives),
	       min(CASE WHEN seen >= (lives * 500 + 999) / 1000 THEN high END),
	       min(CASE WHEN seen >= (lives * 900 + 999) / 1000 THEN high END),
	       min(CASE WHEN seen >= (lives * 990 + 999) / 1000 THEN high END),
	       min(CASE WHEN seen >= (lives * 999 + 999) / 1000 THEN high END), max(high)
	FROM part GROUP BY run, kind, page_order;

-- Sizes asked for, from the smallest up: the part of the requests, and of the bytes that were asked
-- for in all, that those of up to high bytes have.
CREATE VIEW size_share (run, kind, low, high, requests, bytes, requests_upto, bytes_upto) AS
	SELECT run, kind, low, low + width - 1, requests, bytes,
	       1.0 * sum(requests) OVER upto / sum(requests) OVER each_kind,
	       1.0 * sum(bytes) OVER upto / sum(bytes) OVER each_kind
	FROM request_size
	WINDOW each_kind AS (PARTITION BY run, kind),
	       upto AS (PARTITION BY run, kind ORDER BY low);

-- Internal fragmentation of caches over time: bytes that objects in use take away beyond those that
-- were asked for.
--   given   objects in use * bytes from one object to the next
--   wasted  given - requested
--   share   wasted / given; 0 when nothing is in use
CREATE VIEW internal_by_cache (run, sample, time, cache, name, active, requested, given, wasted,
			       share) AS
	SELECT a.run, a.sample, a.time, a.cache, a.name, a.active, a.requested, a.active * c.size,
	       a.active * c.size - a.requested,
	       CASE WHEN a.active = 0 THEN 0.0
		    ELSE 1.0 * (a.active * c.size - a.requested) / (a.active * c.size) END
	FROM cache_at a JOIN cache c USING (run, cache);

-- Internal fragmentation that call sites caused with each cache, over all of their allocations.
--   wasted  bytes given - bytes requested
--   share   wasted / bytes given
CREATE VIEW internal_by_site (run, site, cache, hits, requested, given, wasted, share) AS
	SELECT run, site, cache, hits, bytes_requested, bytes_given, bytes_given - bytes_requested,
	       CASE WHEN bytes_given = 0 THEN 0.0
		    ELSE 1.0 * (bytes_given - bytes_requested) / bytes_given END
	FROM call_site;

-- Live memory of the call sites that had most of it, in every sample, with what they had from before.
CREATE VIEW live_by_caller (run, sample, time, site, live, live_requested) AS
	WITH filled (run, sample, time, site, live, live_requested, since) AS (
		SELECT s.run, s.sample, s.time, c.site, r.live, r.live_requested,
		       count(r.live) OVER (PARTITION BY s.run, c.site ORDER BY s.sample)
		FROM object_sample s
		JOIN (SELECT DISTINCT run, site FROM site_sample) c ON c.run = s.run
		LEFT JOIN site_sample r
		     ON r.run = s.run AND r.sample = s.sample AND r.site = c.site
	)
	SELECT run, sample, time, site,
	       coalesce(max(live) OVER (PARTITION BY run, site, since), 0),
	       coalesce(max(live_requested) OVER (PARTITION BY run, site, since), 0)
	FROM filled;
