/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What operations cost: an operation's simulated latency is the sum, over the primitive steps that
 * it took, of how often it took the step times the step's price.  Prices are whole picoseconds, so
 * that sums are the same everywhere.
 *
 * Steps are counted by the models (struct kmr_page_work and its like); which of their counts is
 * which step is said in src/replay/latency.c.
 */
#ifndef KMREPLAY_COST_H
#define KMREPLAY_COST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"

/* In the order of schemas/cost.yaml, which says what each is and where its price is from. */
enum kmr_step {
	/* pages */
	KMR_STEP_PAGE_ALLOC, /* a request for pages, whatever becomes of it */
	KMR_STEP_PAGE_FREE, /* a block given back */
	KMR_STEP_TAIL_ALLOC, /* page of a block behind its first, made compound */
	KMR_STEP_TAIL_FREE, /* the same, checked when the block is given back */
	KMR_STEP_ZERO_PAGE, /* page of a block below a huge page's size, cleared */
	KMR_STEP_ZERO_HUGE_PAGE, /* page of a block from a huge page's size on, cleared */
	KMR_STEP_ZONE, /* zone examined */
	KMR_STEP_WATERMARK, /* watermark check */
	KMR_STEP_PCP_ALLOC, /* block taken from a per-CPU list */
	KMR_STEP_PCP_FREE, /* block put on a per-CPU list */
	KMR_STEP_ZONE_LOCK, /* zone's lock taken and released, free of anybody else */
	KMR_STEP_REFILL_BLOCK, /* block moved from a free list to a per-CPU list */
	KMR_STEP_DRAIN_BLOCK, /* block moved from a per-CPU list to a free list */
	KMR_STEP_BUDDY_ALLOC, /* block taken from a free list without a per-CPU list */
	KMR_STEP_BUDDY_FREE, /* block put on a free list without one */
	KMR_STEP_SPLIT, /* block split into two, one level */
	KMR_STEP_MERGE, /* block merged with its buddy, one level */
	KMR_STEP_FALLBACK_LIST, /* free list of another migratetype looked at */
	KMR_STEP_STEAL_PAGE, /* page moved to another migratetype's free list */
	KMR_STEP_CLAIM_BLOCK, /* pageblock whose migratetype was changed */
	KMR_STEP_SLOW_PATH, /* request that no zone could serve above its low watermark */
	KMR_STEP_REMOTE, /* block of another node: unit of SLIT distance above 10 */
	KMR_STEP_RECLAIM_SCAN, /* page scanned by reclaim within the request */
	KMR_STEP_RECLAIM_FREE, /* page freed by it */
	KMR_STEP_COMPACT_SCAN, /* frame scanned by compaction within the request */
	KMR_STEP_COMPACT_MIGRATE, /* page migrated by it */
	KMR_STEP_WAIT, /* picosecond waited for a lock that another CPU holds */
	/* objects */
	KMR_STEP_OBJECT_ALLOC, /* request for an object, whatever becomes of it */
	KMR_STEP_OBJECT_FREE, /* object given back */
	KMR_STEP_SLAB_FAST_ALLOC, /* SLUB: object taken from the CPU's freelist */
	KMR_STEP_SLAB_FAST_FREE, /* SLUB: object put on it */
	KMR_STEP_SLAB_SLOW_FREE, /* object given back to its slab */
	KMR_STEP_SLAB_LOAD, /* SLUB: freelist of a slab loaded for the CPU */
	KMR_STEP_SLAB_CPU_PARTIAL, /* slab taken from the CPU's partial list */
	KMR_STEP_SLAB_NODE_PARTIAL, /* slab taken from the node's partial list, under its lock */
	KMR_STEP_ARRAY_ALLOC, /* SLAB: object taken from the CPU's array cache */
	KMR_STEP_ARRAY_FREE, /* SLAB: object put into it */
	KMR_STEP_ARRAY_REFILL, /* SLAB: array cache refilled */
	KMR_STEP_ARRAY_FLUSH, /* SLAB: array cache flushed */
	KMR_STEP_SLAB_REMOTE_FREE, /* object of another node given back */
	KMR_STEP_SLAB_NEW, /* new slab set up, without its pages and objects */
	KMR_STEP_SLAB_OBJECT, /* object of a new slab put on its freelist */
	KMR_STEP_SLAB_DISCARD, /* slab taken apart, without its pages */
	KMR_STEP_HEAP_BLOCK, /* SLOB: block or page looked at */
	/* addresses */
	KMR_STEP_VMALLOC, /* vmalloc(), whatever becomes of it */
	KMR_STEP_VFREE, /* vfree() */
	KMR_STEP_VMAP_NODE, /* node of a tree or list looked at to find room */
	KMR_STEP_VMAP_PURGE, /* area purged */
	KMR_STEP_PAGE_TABLE, /* page-table entry set or cleared */
	KMR_STEP_TLB_FLUSH, /* flush of all CPUs' TLBs */
	KMR_NR_STEPS
};

/* What a latency is of; names as in table `latency`. */
enum kmr_operation {
	KMR_OP_PAGE_ALLOC,
	KMR_OP_PAGE_FREE,
	KMR_OP_OBJECT_ALLOC,
	KMR_OP_OBJECT_FREE,
	KMR_OP_VMALLOC,
	KMR_OP_VFREE,
	KMR_NR_OPERATIONS
};

/* How far an operation had to go; the first that applies, from the last to the first of its kind. */
enum kmr_path {
	/* pages, allocated */
	KMR_PATH_PCP, /* from a per-CPU list; also freed: to one */
	KMR_PATH_REFILL, /* from a per-CPU list that was empty */
	KMR_PATH_BUDDY, /* from the free lists, with no per-CPU list; also freed: to them */
	KMR_PATH_FALLBACK, /* a block of another migratetype was taken */
	KMR_PATH_SLOW, /* the slow path, with reclaim and compaction; objects: to their slab */
	KMR_PATH_FAILED,
	/* pages, freed */
	KMR_PATH_DRAIN, /* to a per-CPU list that was too long, and was drained */
	/* objects */
	KMR_PATH_FAST, /* from or to what the CPU holds */
	KMR_PATH_PARTIAL, /* from a slab on a partial list, or an array cache that was refilled */
	KMR_PATH_SLAB, /* from a new slab; freed: a slab was given back */
	KMR_PATH_LARGE, /* kmalloc() of pages */
	/* addresses */
	KMR_PATH_DIRECT, /* from the space as it is; freed: to wait for a purge */
	KMR_PATH_PURGE, /* areas that had been freed were purged */
	KMR_NR_PATHS
};

/* How often an operation took each step; of KMR_STEP_WAIT, picoseconds. */
struct kmr_steps {
	uint64_t count[KMR_NR_STEPS];
};

#define KMR_MAX_PRICE UINT64_C(1000000000000) /* ps: one second */
#define KMR_COST_NAME 64 /* bytes of a table's name */

struct kmr_cost_table {
	char name[KMR_COST_NAME]; /* what the file calls itself; "" when it does not */
	uint64_t price[KMR_NR_STEPS]; /* ps for each, at most KMR_MAX_PRICE */
};

/* An operation, told as it is over. */
struct kmr_event;
struct kmr_operation_report {
	enum kmr_operation operation;
	unsigned int order; /* of pages; else 0 */
	enum kmr_path path;
	uint64_t latency; /* ps */
	const struct kmr_steps *steps;
	const struct kmr_event *event; /* that the operation is of */
};

/* "pcp_alloc"; NULL past the last. */
const char *kmr_step_name(unsigned int step);
/* What one of it is: "block taken from a per-CPU list". */
const char *kmr_step_description(unsigned int step);
/* -1: there is none of that name. */
int kmr_step_find(const char *name);
/* The step is taken under a zone's lock. */
bool kmr_step_locked(unsigned int step);

const char *kmr_operation_name(unsigned int operation);
const char *kmr_path_name(unsigned int path);

/* The shipped table, schemas/cost.yaml.  It never fails but for want of memory. */
int kmr_cost_defaults(struct kmr_cost_table *table, struct kmr_error *err);
/*
 * Reads the file at @path over what is in @table: steps that it does not have keep their prices.
 * -1, and @table is as it was, with "FILE:LINE:COLUMN: ..." for an unknown step or a price that is
 * none.
 */
int kmr_cost_read(struct kmr_cost_table *table, const char *path, struct kmr_error *err);
/* The same of @len bytes at @text, called @name; @complete: every step must be there. */
int kmr_cost_parse(struct kmr_cost_table *table, const char *name, const char *text, size_t len,
		   bool complete, struct kmr_error *err);

/* "94 ns", "0.5 ns", "120 us" as a file has it, exactly; into @buf, which it returns. */
char *kmr_price_text(uint64_t ps, char *buf, size_t size);

/* Sum of counts times prices, ps; UINT64_MAX when it is more than fits. */
uint64_t kmr_cost(const struct kmr_cost_table *table, const struct kmr_steps *steps);

#endif
