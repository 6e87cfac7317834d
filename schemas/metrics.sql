-- SPDX-License-Identifier: GPL-2.0-only
--
-- The store of a kmreplay run.  This file is the source of the schema; it is built into the
-- program, which runs it on every new database.
--
-- Every table but the vocabulary (migratetype) starts with the number of its run, so that one
-- file can hold several.  Everything here is determined by the inputs of the run and enters the
-- digest, row by row in primary-key order, except trace and malformed (what the file looked like
-- that the events were read from) and the two tables at the end: origin (where the
-- inputs lay and which program read them) and digest itself.
--
-- Units are those of the kernel: pages and blocks (2^order pages), times in nanoseconds on the
-- clock of the trace.  Counts above 2^63-1 are stored as 2^63-1.
--
-- "order" is a word of SQL's; columns that hold a block's order are called page_order.

PRAGMA application_id = 1802334832; -- "kmrp"
PRAGMA user_version = 2;            -- the schema's version

---------------------------------------------------------------------------- the run

CREATE TABLE run (
	run        INTEGER PRIMARY KEY,    -- number of the run in this file, from 1
	backend    TEXT    NOT NULL,       -- page backend, e.g. linux-6.1
	params     TEXT    NOT NULL,       -- value of each of its parameters: name=value,...
	start      TEXT    NOT NULL,       -- start state: snapshot, proc, infer or boot
	object     TEXT    NOT NULL,       -- object backend: slub, slab, slob; '': none
	object_params TEXT NOT NULL,       -- value of each of its parameters
	object_start  TEXT NOT NULL,       -- its start state: snapshot, moved, inferred or empty; '': none
	first_time INTEGER NOT NULL,       -- ns, first event that was replayed
	last_time  INTEGER NOT NULL        -- ns, last event that was replayed
) STRICT;

-- What the trace turned out to be.
CREATE TABLE trace (
	run             INTEGER PRIMARY KEY REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	format          TEXT    NOT NULL,  -- ftrace, trace_pipe, trace-cmd report, perf script, workload
	kernel          TEXT    NOT NULL,  -- the versions that write such events; '': no hint
	pointer_bits    INTEGER NOT NULL,  -- 32 or 64, by the width of printed pointers; 0: none seen
	hashed_pointers INTEGER NOT NULL,  -- 0/1: printed pointers are hashes
	has_context     INTEGER NOT NULL,  -- 0/1: the irq-info column is there
	has_gfp         INTEGER NOT NULL,  -- 0/1: GFP flags could be read
	bytes           INTEGER NOT NULL,  -- bytes, decompressed
	lines           INTEGER NOT NULL,  -- lines
	events          INTEGER NOT NULL,  -- events decoded
	other           INTEGER NOT NULL,  -- lines with events that are not kmreplay's
	malformed       INTEGER NOT NULL,  -- lines of known events that could not be decoded
	lost            INTEGER NOT NULL,  -- events the traced kernel lost
	gaps            INTEGER NOT NULL,  -- places where it lost them
	backwards       INTEGER NOT NULL,  -- events earlier than the one before
	first_time      INTEGER NOT NULL,  -- ns
	last_time       INTEGER NOT NULL,  -- ns
	nr_cpus         INTEGER NOT NULL,  -- highest CPU number seen + 1
	max_pfn         INTEGER NOT NULL,  -- highest page frame seen; 0: none
	truncated       INTEGER NOT NULL   -- 0/1: the last line is cut off
) STRICT;

-- The first lines that could not be decoded.
CREATE TABLE malformed (
	run    INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	line   INTEGER NOT NULL,           -- line number, from 1
	reason TEXT    NOT NULL,           -- what was wrong
	text   TEXT    NOT NULL,           -- how the line begins
	PRIMARY KEY (run, line)
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------------------- the machine

CREATE TABLE machine (
	run             INTEGER PRIMARY KEY REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	arch            TEXT    NOT NULL,  -- i386, x86_64
	page_shift      INTEGER NOT NULL,  -- log2 of bytes in a page
	nr_orders       INTEGER NOT NULL,  -- number of block sizes: orders 0 to nr_orders - 1
	pageblock_order INTEGER NOT NULL,  -- order of a pageblock
	thp             INTEGER NOT NULL,  -- 0/1: transparent huge pages
	ram_pages       INTEGER NOT NULL,  -- pages
	min_free_kbytes INTEGER NOT NULL   -- KiB, vm.min_free_kbytes
) STRICT;

CREATE TABLE node (
	run  INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	node INTEGER NOT NULL,             -- NUMA node, from 0
	PRIMARY KEY (run, node)
) STRICT, WITHOUT ROWID;

CREATE TABLE node_distance (
	run      INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	node     INTEGER NOT NULL,         -- from this node
	to_node  INTEGER NOT NULL,         -- to that one
	distance INTEGER NOT NULL,         -- as ACPI's SLIT has it; 10: the node itself
	PRIMARY KEY (run, node, to_node),
	FOREIGN KEY (run, node) REFERENCES node DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (run, to_node) REFERENCES node DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE TABLE cpu (
	run  INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	cpu  INTEGER NOT NULL,             -- CPU, from 0
	node INTEGER NOT NULL,             -- the node it belongs to
	PRIMARY KEY (run, cpu),
	FOREIGN KEY (run, node) REFERENCES node DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- The populated zones.
CREATE TABLE zone (
	run            INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	zone           INTEGER NOT NULL,   -- number within the machine: by node, then type
	node           INTEGER NOT NULL,   -- its node
	type           INTEGER NOT NULL,   -- 0 DMA, 1 DMA32, 2 Normal, 3 HighMem, 4 Movable
	name           TEXT    NOT NULL,   -- as /proc/zoneinfo has it
	start_pfn      INTEGER NOT NULL,   -- first page frame
	spanned        INTEGER NOT NULL,   -- pages, holes included
	present        INTEGER NOT NULL,   -- pages that exist
	managed        INTEGER NOT NULL,   -- pages given to the page allocator
	wmark_min      INTEGER NOT NULL,   -- pages, min watermark without boost
	wmark_low      INTEGER NOT NULL,   -- pages, low watermark without boost
	wmark_high     INTEGER NOT NULL,   -- pages, high watermark without boost
	boost          INTEGER NOT NULL,   -- pages, watermark boost at the start
	pcp_high       INTEGER NOT NULL,   -- pages a per-CPU list may hold
	pcp_batch      INTEGER NOT NULL,   -- pages moved to or from a per-CPU list at a time
	stat_threshold INTEGER NOT NULL,   -- pages a CPU's free-page count may lag behind
	PRIMARY KEY (run, zone),
	FOREIGN KEY (run, node) REFERENCES node DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- lowmem_reserve: what a zone keeps from requests that could use a higher one.
CREATE TABLE zone_reserve (
	run     INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	zone    INTEGER NOT NULL,
	highest INTEGER NOT NULL,          -- highest zone type the request allows, as zone.type
	pages   INTEGER NOT NULL,          -- pages kept
	PRIMARY KEY (run, zone, highest),
	FOREIGN KEY (run, zone) REFERENCES zone DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- The names of migrate types.
CREATE TABLE migratetype (
	migratetype INTEGER PRIMARY KEY,   -- the kernel's enum migratetype
	name        TEXT NOT NULL          -- as /proc/pagetypeinfo has it
) STRICT;

---------------------------------------------------------------------------- over time

CREATE TABLE sample (
	run    INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	sample INTEGER NOT NULL,           -- from 0
	time   INTEGER NOT NULL,           -- ns
	event  INTEGER NOT NULL,           -- page events replayed before it
	PRIMARY KEY (run, sample)
) STRICT, WITHOUT ROWID;

CREATE TABLE sample_zone (
	run        INTEGER NOT NULL,
	sample     INTEGER NOT NULL,
	zone       INTEGER NOT NULL,
	free_pages INTEGER NOT NULL,       -- pages on the free lists
	pcp_pages  INTEGER NOT NULL,       -- pages on all per-CPU lists
	wmark_min  INTEGER NOT NULL,       -- pages, with boost
	wmark_low  INTEGER NOT NULL,       -- pages, with boost
	wmark_high INTEGER NOT NULL,       -- pages, with boost
	boost      INTEGER NOT NULL,       -- pages, watermark boost
	highatomic INTEGER NOT NULL,       -- pages in pageblocks reserved for high-order atomic
	PRIMARY KEY (run, sample, zone),
	FOREIGN KEY (run, sample) REFERENCES sample DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (run, zone) REFERENCES zone DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Free lists that are not empty.
CREATE TABLE sample_free (
	run         INTEGER NOT NULL,
	sample      INTEGER NOT NULL,
	zone        INTEGER NOT NULL,
	page_order  INTEGER NOT NULL,      -- order of the list's blocks
	migratetype INTEGER NOT NULL,      -- type of the list
	blocks      INTEGER NOT NULL,      -- blocks on it, never 0
	PRIMARY KEY (run, sample, zone, page_order, migratetype),
	FOREIGN KEY (run, sample, zone) REFERENCES sample_zone DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (migratetype) REFERENCES migratetype DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Pageblocks by type; types that have none have no row.
CREATE TABLE sample_pageblock (
	run         INTEGER NOT NULL,
	sample      INTEGER NOT NULL,
	zone        INTEGER NOT NULL,
	migratetype INTEGER NOT NULL,      -- type of the pageblocks
	pageblocks  INTEGER NOT NULL,      -- pageblocks of that type, never 0
	PRIMARY KEY (run, sample, zone, migratetype),
	FOREIGN KEY (run, sample, zone) REFERENCES sample_zone DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (migratetype) REFERENCES migratetype DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Per-CPU lists; a CPU that holds nothing of a zone has no row.
CREATE TABLE sample_pcp (
	run    INTEGER NOT NULL,
	sample INTEGER NOT NULL,
	zone   INTEGER NOT NULL,
	cpu    INTEGER NOT NULL,           -- CPU whose lists they are
	pages  INTEGER NOT NULL,           -- pages on this CPU's lists, never 0
	PRIMARY KEY (run, sample, zone, cpu),
	FOREIGN KEY (run, sample, zone) REFERENCES sample_zone DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (run, cpu) REFERENCES cpu DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------------------- what happened

-- Fallbacks to another mobility, as the event mm_page_alloc_extfrag reports them.
CREATE TABLE extfrag (
	run                  INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	seq                  INTEGER NOT NULL, -- from 0, in the order they happened
	time                 INTEGER NOT NULL, -- ns
	zone                 INTEGER NOT NULL,
	pfn                  INTEGER NOT NULL, -- first page frame of the block taken
	page_order           INTEGER NOT NULL, -- order asked for
	fallback_order       INTEGER NOT NULL, -- order of the block taken
	migratetype          INTEGER NOT NULL, -- type asked for
	fallback_migratetype INTEGER NOT NULL, -- type of the list it was taken from
	change_owner         INTEGER NOT NULL, -- 0/1: the pageblock now has the type asked for
	fragmenting          INTEGER NOT NULL, -- 0/1: fallback_order is below a pageblock's order
	PRIMARY KEY (run, seq),
	FOREIGN KEY (run, zone) REFERENCES zone DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (migratetype) REFERENCES migratetype DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (fallback_migratetype) REFERENCES migratetype DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Requests that the simulated machine could not serve and the traced one could.
CREATE TABLE failure (
	run        INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	page_order INTEGER NOT NULL,       -- order asked for
	gfp        TEXT    NOT NULL,       -- GFP flags by name
	count      INTEGER NOT NULL,       -- requests that failed
	first_time INTEGER NOT NULL,       -- ns, of the first
	PRIMARY KEY (run, page_order, gfp)
) STRICT, WITHOUT ROWID;

-- What became of each actor's requests: of a workload, or with --by-task.
CREATE TABLE outcome (
	run           INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	actor         TEXT    NOT NULL,    -- command of the tasks
	kind          TEXT    NOT NULL,    -- pages, vmalloc, kmap, cma, online, offline, hugepages
	page_order    INTEGER NOT NULL,    -- order asked for, of pages; else 0
	requests      INTEGER NOT NULL,    -- requests replayed
	failures      INTEGER NOT NULL,    -- of them, not served in the simulation
	pages         INTEGER NOT NULL,    -- pages asked for
	first_failure INTEGER,             -- ns; NULL: none failed
	PRIMARY KEY (run, actor, kind, page_order)
) STRICT, WITHOUT ROWID;

-- Events of the trace by kind.
CREATE TABLE event_count (
	run   INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	event TEXT    NOT NULL,            -- the kernel's name of the event
	count INTEGER NOT NULL,            -- events, never 0
	PRIMARY KEY (run, event)
) STRICT, WITHOUT ROWID;

-- What the engine (replay.*, objects.*) and the backends (page.*, object.*) counted; events,
-- objects, blocks or pages.  Only where a run had to do with contiguous memory: what the engine
-- (contig.*) and the page backend (range.*) counted of that, and for each area cma.NAME.*.
CREATE TABLE counter (
	run   INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	name  TEXT    NOT NULL,            -- e.g. replay.page_allocs, page.splits
	value INTEGER NOT NULL,
	PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------------------- nodes

-- What each zone's counters gained, in requests whatever their order; of machines with several
-- nodes.  (mm/page_alloc.c: zone_statistics())
CREATE TABLE numa_zone (
	run            INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	zone           INTEGER NOT NULL,
	numa_hit       INTEGER NOT NULL,   -- served here, as its node came first
	numa_miss      INTEGER NOT NULL,   -- served here, though another node came first
	numa_foreign   INTEGER NOT NULL,   -- served elsewhere, though this zone came first
	interleave_hit INTEGER NOT NULL,   -- interleaved, and here in turn
	local_node     INTEGER NOT NULL,   -- served here, asked for by a CPU of this node
	other_node     INTEGER NOT NULL,   -- served here, asked for by a CPU of another
	reclaims       INTEGER NOT NULL,   -- zone_reclaim_mode: times its node was to be reclaimed first
	PRIMARY KEY (run, zone),
	FOREIGN KEY (run, zone) REFERENCES zone DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- From which node CPUs of another got their memory.
CREATE TABLE numa_traffic (
	run      INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	node     INTEGER NOT NULL,         -- of the CPU that asked
	to_node  INTEGER NOT NULL,         -- of the memory
	requests INTEGER NOT NULL,         -- requests, never 0
	pages    INTEGER NOT NULL,         -- pages
	PRIMARY KEY (run, node, to_node),
	FOREIGN KEY (run, node) REFERENCES node DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (run, to_node) REFERENCES node DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------------------- objects

-- Caches of the object backend, and what it did in all with each.
CREATE TABLE cache (
	run              INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	cache            INTEGER NOT NULL, -- number, in the order in which they were made
	name             TEXT    NOT NULL, -- as in /proc/slabinfo
	object_size      INTEGER NOT NULL, -- bytes its users see
	size             INTEGER NOT NULL, -- bytes from one object to the next
	objects_per_slab INTEGER NOT NULL, -- objects
	page_order       INTEGER NOT NULL, -- of a slab
	array_limit      INTEGER NOT NULL, -- SLAB's tunables, objects; 0 elsewhere
	batch            INTEGER NOT NULL, -- objects moved at once
	shared           INTEGER NOT NULL, -- batches that CPUs of a node share
	allocs           INTEGER NOT NULL, -- objects
	frees            INTEGER NOT NULL, -- objects
	failures         INTEGER NOT NULL, -- objects that there was no memory for
	remote_frees     INTEGER NOT NULL, -- objects freed to what another CPU or node uses
	slab_allocs      INTEGER NOT NULL, -- slabs taken from the page backend
	slab_frees       INTEGER NOT NULL, -- slabs given back to it
	PRIMARY KEY (run, cache)
) STRICT, WITHOUT ROWID;

CREATE TABLE object_sample (
	run    INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	sample INTEGER NOT NULL,           -- from 0
	time   INTEGER NOT NULL,           -- ns
	event  INTEGER NOT NULL,           -- object events replayed before it
	PRIMARY KEY (run, sample)
) STRICT, WITHOUT ROWID;

-- Caches over time; one that is as it was in the sample before has no row.
CREATE TABLE cache_sample (
	run           INTEGER NOT NULL,
	sample        INTEGER NOT NULL,
	cache         INTEGER NOT NULL, -- number of the cache
	active        INTEGER NOT NULL,    -- objects in use
	objects       INTEGER NOT NULL,    -- objects in all slabs
	slabs         INTEGER NOT NULL, -- slabs, whatever is in them
	pages         INTEGER NOT NULL, -- pages of all slabs
	partial_slabs INTEGER NOT NULL,    -- on nodes' lists
	cpu_slabs     INTEGER NOT NULL,    -- SLUB: held by CPUs, partial ones included
	cached        INTEGER NOT NULL,    -- SLAB: free objects in array caches
	requested     INTEGER NOT NULL,    -- bytes asked for by the objects in use
	PRIMARY KEY (run, sample, cache),
	FOREIGN KEY (run, sample) REFERENCES object_sample DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (run, cache) REFERENCES cache DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- What call sites did, each with each cache.
CREATE TABLE call_site (
	run             INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	seq             INTEGER NOT NULL,  -- from 0, by call site, then cache
	site            TEXT    NOT NULL,  -- symbol+offset; '': the trace has none, or older than it
	cache           TEXT    NOT NULL,  -- '': pages, or kmalloc() of SLOB
	hits            INTEGER NOT NULL,  -- allocations
	bytes_requested INTEGER NOT NULL, -- bytes, sum over the allocations
	bytes_given     INTEGER NOT NULL, -- bytes that those took away
	frees           INTEGER NOT NULL,  -- of its objects, wherever they were freed
	pingpong        INTEGER NOT NULL,  -- of them, on another CPU than allocated
	lifetime        INTEGER NOT NULL,  -- ns, sum over the frees
	live            INTEGER NOT NULL,  -- objects in use at the end
	live_requested  INTEGER NOT NULL,  -- bytes asked for by those
	PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------------------- addresses

-- How the kernel's address space was simulated; no row: it was not.  Addresses are hexadecimal.
CREATE TABLE vmap (
	run              INTEGER PRIMARY KEY REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	backend          TEXT    NOT NULL, -- vmap backend: augmented, rbtree
	params           TEXT    NOT NULL, -- value of each of its parameters: name=value,...
	version          INTEGER NOT NULL, -- whose rules: 601 for Linux 6.1
	vmalloc_start    TEXT    NOT NULL, -- vmalloc's space
	vmalloc_end      TEXT    NOT NULL, -- one past it, as the kernel compares with it
	lazy_max         INTEGER NOT NULL, -- pages freed that wait before they are purged
	pkmap_slots      INTEGER NOT NULL, -- permanent mappings of high memory; 0: there is none
	kmap_local_slots INTEGER NOT NULL  -- fixed mappings of a CPU
) STRICT;

CREATE TABLE vmap_sample (
	run           INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	sample        INTEGER NOT NULL,    -- from 0
	time          INTEGER NOT NULL,    -- ns
	event         INTEGER NOT NULL,    -- events about addresses replayed before it
	areas         INTEGER NOT NULL,    -- in use, blocks of small maps among them
	area_bytes    INTEGER NOT NULL,    -- bytes, with guard pages
	lazy_areas    INTEGER NOT NULL,    -- freed, not yet purged
	lazy_pages    INTEGER NOT NULL,    -- pages of those
	pooled_areas  INTEGER NOT NULL,    -- purged, kept by CPUs for requests of their size
	pooled_pages  INTEGER NOT NULL,    -- pages of those
	holes         INTEGER NOT NULL,    -- gaps in vmalloc's space
	hole_bytes    INTEGER NOT NULL,    -- bytes, all together
	largest_hole  INTEGER NOT NULL,    -- bytes
	blocks        INTEGER NOT NULL,    -- of small maps
	block_used    INTEGER NOT NULL,    -- pages mapped in them
	block_dirty   INTEGER NOT NULL,    -- pages unmapped, and not to be had again yet
	pages         INTEGER NOT NULL,    -- pages behind areas of vmalloc()
	table_pages   INTEGER NOT NULL,    -- pages of page tables made for areas
	object_bytes  INTEGER NOT NULL,    -- bytes of its own objects and of arrays of pages
	pkmap_used    INTEGER NOT NULL,    -- slots of pkmap with users
	pkmap_waiting INTEGER NOT NULL,    -- waiting for one
	PRIMARY KEY (run, sample)
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------------------- not in the digest

-- Where the inputs lay and what read them.
CREATE TABLE origin (
	run         INTEGER PRIMARY KEY REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	program     TEXT NOT NULL,         -- kmreplay and its version
	trace       TEXT NOT NULL,         -- path of the trace, as given
	compression TEXT NOT NULL,         -- of the trace: none or zstd
	machine     TEXT NOT NULL          -- the machine as asked for: a preset or a path
) STRICT;

CREATE TABLE digest (
	run    INTEGER PRIMARY KEY REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	digest TEXT NOT NULL               -- 128-bit XXH3 of the run's rows in the tables above, hex
) STRICT;

---------------------------------------------------------------------------- views

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

-- The free pages part of /proc/pagetypeinfo of each sample: a line a zone and migrate type.  The
-- kernel stops counting at 100000, which is left out here.
-- (mm/vmstat.c: pagetypeinfo_showfree_print())
CREATE VIEW pagetypeinfo_at (run, sample, time, zone, migratetype, line) AS
	SELECT s.run, s.sample, s.time, z.zone, m.migratetype,
	       printf('Node %4d, zone %8s, type %12s ', z.node, z.name, m.name) ||
	       (SELECT group_concat(printf('%6d ', coalesce(f.blocks, 0)), '')
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

-- The pageblock part of /proc/pagetypeinfo at the end of the last run.
-- (mm/vmstat.c: pagetypeinfo_showblockcount_print())
CREATE VIEW pageblockinfo (line) AS
	SELECT printf('Node %d, zone %8s ', z.node, z.name) ||
	       (SELECT group_concat(printf('%12d ', coalesce(p.pageblocks, 0)), '')
		       OVER (ORDER BY m.migratetype ROWS BETWEEN UNBOUNDED PRECEDING
			     AND UNBOUNDED FOLLOWING)
		FROM migratetype m LEFT JOIN sample_pageblock p
		     ON p.run = s.run AND p.sample = s.sample AND p.zone = z.zone
			AND p.migratetype = m.migratetype LIMIT 1)
	FROM sample s JOIN zone z ON z.run = s.run
	WHERE s.run = (SELECT max(run) FROM run)
	  AND s.sample = (SELECT max(sample) FROM sample WHERE run = (SELECT max(run) FROM run))
	ORDER BY z.zone;

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

-- Every cache in every sample, with what it had from before.
CREATE VIEW cache_at (run, sample, time, cache, name, active, objects, slabs, pages, partial_slabs,
		      cpu_slabs, cached, requested) AS
	SELECT s.run, s.sample, s.time, c.cache, c.name, r.active, r.objects, r.slabs, r.pages,
	       r.partial_slabs, r.cpu_slabs, r.cached, r.requested
	FROM object_sample s
	JOIN cache c ON c.run = s.run
	JOIN cache_sample r ON r.run = s.run AND r.cache = c.cache
	     AND r.sample = (SELECT max(sample) FROM cache_sample
			     WHERE run = s.run AND cache = c.cache AND sample <= s.sample);

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

-- /proc/slabinfo at the end of the last run.  (mm/slab_common.c: cache_show())
CREATE VIEW slabinfo (line) AS
	SELECT '# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : ' ||
	       'tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> ' ||
	       '<num_slabs> <sharedavail>'
	UNION ALL
	SELECT line FROM (
		SELECT printf('%-17s %6d %6d %6d %4d %4d : tunables %4d %4d %4d : slabdata %6d %6d %6d',
			      c.name, a.active + a.cached, a.objects, c.size, c.objects_per_slab,
			      1 << c.page_order, c.array_limit, c.batch, c.shared, a.slabs, a.slabs,
			      0) AS line
		FROM cache_at a JOIN cache c USING (run, cache)
		WHERE a.run = (SELECT max(run) FROM run)
		  AND a.sample = (SELECT max(sample) FROM object_sample
				  WHERE run = (SELECT max(run) FROM run))
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
