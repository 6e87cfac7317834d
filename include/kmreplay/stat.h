/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statistics of a trace: who allocated what, what became of it, how much of it was wasted.  Events
 * are fed in as they are read; what is held is what lives at the moment and one row a call site,
 * cache, task or, in the views by address, pointer or page frame.
 *
 * Counts are of events, bytes are 64 bits wide and wrap.  Equal traces give equal rows in equal
 * order.
 */
#ifndef KMREPLAY_STAT_H
#define KMREPLAY_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"
#include "kmreplay/source.h"

#define KMR_STAT_PAGE_BYTES   UINT64_C(4096) /* a trace does not tell: x86's */
#define KMR_STAT_ORDERS	      32 /* what a reader lets through */
#define KMR_STAT_MIGRATETYPES (KMR_MIGRATE_TYPES + 1) /* the last one: not known */

enum kmr_stat_view {
	KMR_STAT_SLAB_CALLER, /* a row a call site */
	KMR_STAT_SLAB_ALLOC, /* a row a pointer */
	KMR_STAT_SLAB_CACHE, /* a row a slab cache */
	KMR_STAT_SLAB_TASK, /* a row a task, "comm-pid" */
	KMR_STAT_PAGE_CALLER, /* a row a call site, order, migrate type and GFP flags */
	KMR_STAT_PAGE_ALLOC, /* a row a page frame, order, migrate type and GFP flags */
	KMR_STAT_PAGE_TASK,
	KMR_STAT_NR_VIEWS,
};

struct kmr_stat_options {
	bool slab; /* look at object events */
	bool page; /* look at page events */
	bool live; /* rows, and pages by order, count only what is not freed at the end */
	unsigned int views; /* 1u << enum kmr_stat_view for each that is wanted */
	uint64_t start; /* ns on the trace's clock: earlier events are passed over */
	uint64_t stop; /* ns: later ones are; UINT64_MAX: none are */
};

/* Objects.  Bytes are those of requests that got memory. */
struct kmr_stat_slab {
	uint64_t requests; /* all, those that failed too */
	uint64_t failures; /* of them, got NULL; counted in nothing else */
	uint64_t zero_sizes; /* of them, asked for 0 bytes */
	uint64_t node_requests; /* of them, asked for a NUMA node */
	uint64_t bytes_req; /* asked for */
	uint64_t bytes_alloc; /* given */
	uint64_t frees; /* all but null_frees */
	uint64_t bytes_freed; /* bytes given, of objects that the trace allocated */
	uint64_t pingpong; /* frees on another CPU than the allocation's */
	uint64_t unknown_frees; /* frees of what the trace never allocated, or freed before */
	uint64_t repeated_allocs; /* an address given again that nothing had freed */
	uint64_t null_frees; /* kfree(NULL), or of what an allocation of 0 bytes returned */
	uint64_t live; /* objects not freed at the end */
	uint64_t bytes_live; /* bytes given, of these */
};

/* Pages.  A page freed through a list is freed once: mm_page_free_batched repeats mm_page_free. */
struct kmr_stat_page {
	uint64_t requests, bytes; /* all, those that failed too */
	uint64_t failures, bytes_failed;
	uint64_t frees, bytes_freed; /* mm_page_free */
	uint64_t alloc_freed, bytes_alloc_freed; /* requests that were freed, in whole */
	uint64_t alloc_only,
		bytes_alloc_only; /* requests that were not, and what is left of them */
	uint64_t free_only, bytes_free_only; /* frees of what the trace never allocated */
	uint64_t partial_frees; /* frees of a part of what one request got */
	uint64_t repeated_allocs; /* a frame given again that nothing had freed */
	uint64_t by_order[KMR_STAT_ORDERS][KMR_STAT_MIGRATETYPES]; /* requests that got pages */
};

/* A row.  Frees are of what the row allocated, but for a cache, which owns all frees to it. */
struct kmr_stat_row {
	const char *name; /* call site (views by address: the last), cache, task; "-": not known */
	uint64_t addr; /* pointer or page frame; views by address */
	uint64_t hit; /* allocations */
	uint64_t bytes_req; /* objects: asked for; pages: as bytes_alloc */
	uint64_t bytes_alloc; /* given */
	uint64_t frees;
	uint64_t bytes_freed; /* bytes given, of what was freed */
	uint64_t pingpong; /* objects: frees on another CPU than the allocation's */
	uint32_t id; /* of the name in the reader's table */
	uint32_t gfp; /* canonical; this and what follows: page views by call site or address */
	bool gfp_known;
	uint8_t order;
	uint8_t migratetype;
};

#define KMR_STAT_MAX_KEYS 16

/* Keys to sort by, the first first; {0} for a view's default. */
struct kmr_stat_sort {
	unsigned int nr;
	uint8_t keys[KMR_STAT_MAX_KEYS];
};

struct kmr_stat;

/* kmr_stat_free() frees it.  Fails when there is no memory. */
int kmr_stat_new(struct kmr_stat **stat, const struct kmr_stat_options *options,
		 struct kmr_error *err);

/* Takes @count events of one source, in the trace's order.  Fails when there is no memory. */
int kmr_stat_feed(struct kmr_stat *stat, const struct kmr_event *events, size_t count,
		  struct kmr_error *err);

/*
 * Once, after the last event: completes sums and rows, with the names that @source knows, and sorts
 * each view by its default.  Names are valid until the source is closed.  Fails when there is no
 * memory.
 */
int kmr_stat_finish(struct kmr_stat *stat, const struct kmr_source *source, struct kmr_error *err);

/* Events of any kind within the time window; object requests and frees; page requests and frees. */
uint64_t kmr_stat_events(const struct kmr_stat *stat);
uint64_t kmr_stat_slab_events(const struct kmr_stat *stat);
uint64_t kmr_stat_page_events(const struct kmr_stat *stat);

/* The sums; all 0 for what the options left out.  Owned by @stat. */
const struct kmr_stat_slab *kmr_stat_slab(const struct kmr_stat *stat);
const struct kmr_stat_page *kmr_stat_page(const struct kmr_stat *stat);

/*
 * Reads "KEY[,KEY...]"; @slab, @page: which of their keys may be given.  Fails on others with a
 * message that lists those.
 */
int kmr_stat_sort_parse(struct kmr_stat_sort *sort, const char *text, bool slab, bool page,
			struct kmr_error *err);

/*
 * Sorts a view after kmr_stat_finish().  Names ascend, numbers descend; a key that the view has not
 * counts as equal, and equal rows go by name, address, order, migrate type and GFP flags.
 */
int kmr_stat_sort(struct kmr_stat *stat, enum kmr_stat_view view, const struct kmr_stat_sort *sort,
		  struct kmr_error *err);

/* Rows of a view, in its order; owned by @stat. */
size_t kmr_stat_nr_rows(const struct kmr_stat *stat, enum kmr_stat_view view);
const struct kmr_stat_row *kmr_stat_row(const struct kmr_stat *stat, enum kmr_stat_view view,
					size_t i);

/* What is lost within objects: per cent of @alloc bytes given that were not asked for; 0 to 100. */
double kmr_stat_fragmentation(uint64_t req, uint64_t alloc);

/* NULL is fine. */
void kmr_stat_free(struct kmr_stat *stat);

#endif
