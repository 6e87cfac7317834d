-- SPDX-License-Identifier: GPL-2.0-only
--
-- The store of a kmreplay run.  This file and views.sql are the source of the schema; they are
-- built into the program, which runs them on every new database.
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
PRAGMA user_version = 3;            -- the schema's version

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
	pages  INTEGER NOT NULL,           -- held for objects: slabs, heaps, large kmalloc()
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
	lifetime        INTEGER NOT NULL,  -- ns, sum over the frees of what the run allocated
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

---------------------------------------------------------------------------- latency

-- What primitive steps were taken to cost: the cost table of the run (schemas/cost.yaml).
CREATE TABLE cost (
	run   INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	step  TEXT    NOT NULL,            -- name of the step, as the file has it
	price INTEGER NOT NULL,            -- ps for each
	PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

-- The steps that operations took, all together; with the prices, what the time went into.
CREATE TABLE step (
	run       INTEGER NOT NULL,
	operation TEXT    NOT NULL,        -- page_alloc, page_free, object_alloc, object_free, ...
	step      TEXT    NOT NULL,        -- name of the step, as in cost
	count     INTEGER NOT NULL,        -- steps, never 0; of step wait: ps
	PRIMARY KEY (run, operation, step),
	FOREIGN KEY (run, step) REFERENCES cost DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Simulated latency of operations: exact counts and sums.
CREATE TABLE latency (
	run        INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	operation  TEXT    NOT NULL,       -- page_alloc, page_free, object_alloc, object_free, ...
	page_order INTEGER NOT NULL,       -- order asked for, of pages; else 0
	path       TEXT    NOT NULL,       -- how far it had to go, e.g. pcp, buddy, fallback, slow
	count      INTEGER NOT NULL,       -- operations, never 0
	total      INTEGER NOT NULL,       -- ps, sum of their latencies
	shortest   INTEGER NOT NULL,       -- ps
	longest    INTEGER NOT NULL,       -- ps
	PRIMARY KEY (run, operation, page_order, path)
) STRICT, WITHOUT ROWID;

-- Histograms of the same, log-linear with 3 significant digits; buckets that are not empty.
CREATE TABLE latency_bucket (
	run        INTEGER NOT NULL,
	operation  TEXT    NOT NULL,       -- as in latency
	page_order INTEGER NOT NULL,       -- as in latency
	path       TEXT    NOT NULL,       -- as in latency
	low        INTEGER NOT NULL,       -- ps, the bucket's lowest value
	width      INTEGER NOT NULL,       -- ps, from it to the next bucket's
	count      INTEGER NOT NULL,       -- operations, never 0
	PRIMARY KEY (run, operation, page_order, path, low),
	FOREIGN KEY (run, operation, page_order, path) REFERENCES latency DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------------------- frames

-- Surveys of the frames, of the first and last sample and every one between; of machines with more
-- than 2^22 frames (16 GiB of 4-KiB pages) of every second, of more than 2^23 of every fourth, and so on.
-- A used frame is movable if it was handed out to a request for movable memory.  Of those in use at
-- the start: see kmreplay-metrics(7).

-- Free memory by how much of it lies together, at any alignment: maximal runs of free frames
-- (on free lists or per-CPU lists) within a zone.
CREATE TABLE sample_contig (
	run       INTEGER NOT NULL,
	sample    INTEGER NOT NULL,
	zone      INTEGER NOT NULL,
	run_order INTEGER NOT NULL,        -- log2 of the length of the runs in pages, rounded down
	runs      INTEGER NOT NULL,        -- runs from 2^run_order pages to twice that, never 0
	pages     INTEGER NOT NULL,        -- pages in them
	PRIMARY KEY (run, sample, zone, run_order),
	FOREIGN KEY (run, sample, zone) REFERENCES sample_zone DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Pageblocks by what is in them, whatever type they have.
CREATE TABLE sample_blocks (
	run             INTEGER NOT NULL,
	sample          INTEGER NOT NULL,
	zone            INTEGER NOT NULL,
	empty           INTEGER NOT NULL,  -- pageblocks all of whose frames are free
	movable         INTEGER NOT NULL,  -- pageblocks with used frames, all of them movable
	unmovable       INTEGER NOT NULL,  -- pageblocks with used frames, none of them movable
	mixed           INTEGER NOT NULL,  -- pageblocks with both
	cut             INTEGER NOT NULL,  -- of empty and movable, those of which the zone has but a part
	movable_pages   INTEGER NOT NULL,  -- used frames that can be moved
	unmovable_pages INTEGER NOT NULL,  -- used frames that can't
	mixed_age       INTEGER NOT NULL,  -- ns, sum over mixed pageblocks of the time since the
					   -- survey that found them mixed
	passed_over     INTEGER,           -- type of the last pageblock where /proc/pagetypeinfo
					   -- does not count it; NULL: it does
	PRIMARY KEY (run, sample, zone),
	FOREIGN KEY (run, sample, zone) REFERENCES sample_zone DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (passed_over) REFERENCES migratetype DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Pageblocks by the number of unmovable frames in them.
CREATE TABLE sample_unmovable (
	run         INTEGER NOT NULL,
	sample      INTEGER NOT NULL,
	zone        INTEGER NOT NULL,
	frame_order INTEGER NOT NULL,      -- log2 of the number of unmovable frames, rounded down
	pageblocks  INTEGER NOT NULL,      -- pageblocks with that many, never 0
	PRIMARY KEY (run, sample, zone, frame_order),
	FOREIGN KEY (run, sample, zone) REFERENCES sample_zone DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- The map of physical memory: each zone cut into strips of equal size.
CREATE TABLE strip (
	run       INTEGER NOT NULL,
	strip     INTEGER NOT NULL,        -- number, from 0, by zone and frame
	zone      INTEGER NOT NULL,
	start_pfn INTEGER NOT NULL,        -- first page frame
	pages     INTEGER NOT NULL,        -- frames, those that do not exist among them
	PRIMARY KEY (run, strip),
	FOREIGN KEY (run, zone) REFERENCES zone DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Strips over time; one that is as it was in the sample before has no row.
CREATE TABLE strip_sample (
	run         INTEGER NOT NULL,
	sample      INTEGER NOT NULL,
	strip       INTEGER NOT NULL,      -- number of the strip
	free        INTEGER NOT NULL,      -- frames on free lists or per-CPU lists
	movable     INTEGER NOT NULL,      -- used frames that can be moved
	unmovable   INTEGER NOT NULL,      -- used frames that can't
	migratetype INTEGER NOT NULL,      -- type that most of its pageblocks have
	PRIMARY KEY (run, sample, strip),
	FOREIGN KEY (run, sample) REFERENCES sample DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (run, strip) REFERENCES strip DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Counters over time, since the start; one that is as it was in the sample before has no row.
CREATE TABLE sample_counter (
	run    INTEGER NOT NULL,
	sample INTEGER NOT NULL,
	name   TEXT    NOT NULL,           -- as in counter, e.g. page.slow_paths, pressure.allocstall
	value  INTEGER NOT NULL,           -- in the counter's unit, so far
	PRIMARY KEY (run, sample, name),
	FOREIGN KEY (run, sample) REFERENCES sample DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Requests for pages by order, and what became of them.
CREATE TABLE request (
	run        INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	page_order INTEGER NOT NULL,       -- order asked for
	requests   INTEGER NOT NULL,       -- requests replayed, never 0
	failures   INTEGER NOT NULL,       -- of them, not served in the simulation
	huge       INTEGER NOT NULL,       -- requests for transparent huge pages, by their flags
	huge_failures INTEGER NOT NULL,    -- of those, not served in the simulation
	PRIMARY KEY (run, page_order)
) STRICT, WITHOUT ROWID;

-- What /proc/slabinfo has of caches at the end, beyond cache and cache_sample; of allocators that
-- have that file.
CREATE TABLE cache_info (
	run          INTEGER NOT NULL,
	cache        INTEGER NOT NULL,     -- number of the cache
	active_objs  INTEGER NOT NULL,     -- objects in use, and free ones that CPUs hold
	active_slabs INTEGER NOT NULL,     -- SLAB: slabs that are not empty; SLUB: all of them
	shared_avail INTEGER NOT NULL,     -- SLAB: free objects in the nodes' shared array caches
	PRIMARY KEY (run, cache),
	FOREIGN KEY (run, cache) REFERENCES cache DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------------------- distributions

-- How long what was allocated during the run lived, of what was freed in it: from event to event;
-- log-linear buckets, 16 to a power of two, that are not empty.  Up to 15 ns too long for pages,
-- 1.023 us for objects.
CREATE TABLE lifetime (
	run        INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	kind       TEXT    NOT NULL,       -- page, object
	page_order INTEGER NOT NULL,       -- order of the block, of pages; else 0
	low        INTEGER NOT NULL,       -- ns, the bucket's lowest value
	width      INTEGER NOT NULL,       -- ns, from it to the next bucket's
	count      INTEGER NOT NULL,       -- blocks or objects, never 0
	PRIMARY KEY (run, kind, page_order, low)
) STRICT, WITHOUT ROWID;

-- Sizes that were asked for, of all that was replayed, served or not; buckets as of lifetimes.
CREATE TABLE request_size (
	run      INTEGER NOT NULL REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	kind     TEXT    NOT NULL,         -- page, object
	low      INTEGER NOT NULL,         -- bytes, the bucket's lowest value
	width    INTEGER NOT NULL,         -- bytes, from it to the next bucket's
	requests INTEGER NOT NULL,         -- requests, never 0
	bytes    INTEGER NOT NULL,         -- bytes, asked for by them
	PRIMARY KEY (run, kind, low)
) STRICT, WITHOUT ROWID;

-- Live memory of the 24 call sites that had most of it at any sample, over time; one that is as it
-- was in the sample before has no row, nor has one that never had any.
CREATE TABLE site_sample (
	run            INTEGER NOT NULL,
	sample         INTEGER NOT NULL,   -- of object_sample
	site           TEXT    NOT NULL,   -- as in call_site
	live           INTEGER NOT NULL,   -- objects in use
	live_requested INTEGER NOT NULL,   -- bytes asked for by those
	PRIMARY KEY (run, sample, site),
	FOREIGN KEY (run, sample) REFERENCES object_sample DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

---------------------------------------------------------------------------- not in the digest

-- Where the inputs lay and what read them.
CREATE TABLE origin (
	run         INTEGER PRIMARY KEY REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	program     TEXT NOT NULL,         -- kmreplay and its version
	trace       TEXT NOT NULL,         -- path of the trace, as given
	compression TEXT NOT NULL,         -- of the trace: none or zstd
	machine     TEXT NOT NULL,         -- the machine as asked for: a preset or a path
	command     TEXT NOT NULL          -- command line, without what bears on no result; '': none
) STRICT;

CREATE TABLE digest (
	run    INTEGER PRIMARY KEY REFERENCES run DEFERRABLE INITIALLY DEFERRED,
	digest TEXT NOT NULL               -- 128-bit XXH3 of the run's rows in the tables above, hex
) STRICT;
