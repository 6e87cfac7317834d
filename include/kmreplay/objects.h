/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of a trace's objects in a simulated allocator. */
#ifndef KMREPLAY_OBJECTS_H
#define KMREPLAY_OBJECTS_H

#include <stddef.h>
#include <stdint.h>

#include "kmreplay/object.h"
#include "kmreplay/snapshot.h"

/* Counts of events, objects, or as said. */
struct kmr_object_stats {
	uint64_t allocs, frees; /* replayed */
	uint64_t start_objects; /* in use at the start, known from the snapshot or inferred */
	uint64_t failures; /* allocations that failed only in the simulation */
	uint64_t dropped_frees; /* frees of those */
	uint64_t traced_failures; /* allocations that failed in the traced kernel: not replayed */
	uint64_t null_frees; /* kfree(NULL), or of what an allocation of 0 bytes returned */
	uint64_t unknown_frees; /* of what nobody allocated: older than the trace, or in bulk */
	uint64_t repeated_allocs; /* at an address still in use: freed without an event */
	uint64_t silent_frees; /* objects left in a page that the traced kernel gave back */
	uint64_t taken_again; /* frees of what the kernel took again without an event: left out */
	uint64_t odd_sizes; /* of 0 bytes, of more than any allocator gives, of no possible cache */
	uint64_t page_allocs, page_frees; /* of the traced kernel's slabs: not replayed */
	uint64_t live_objects; /* at the end */
	uint64_t live_requested; /* bytes asked for by those */
	uint64_t live_given; /* bytes that they take away */
	uint64_t start_pages, end_pages, peak_pages; /* held by slabs and large kmalloc()s */
};

/* A cache at one moment. */
struct kmr_cache_row {
	uint32_t active; /* objects in use */
	uint32_t objects; /* in all of its slabs */
	uint32_t slabs, partial_slabs, cpu_slabs;
	uint32_t cached; /* SLAB: free objects in array caches */
	uint64_t pages;
	uint64_t requested; /* bytes asked for by those in use, as far as known */
};

struct kmr_cache_sample {
	uint64_t time; /* ns */
	uint64_t event; /* object events replayed before it */
	uint64_t pages; /* that the backend holds: slabs, SLOB's heaps, large kmalloc() */
	uint32_t nr; /* caches that there were */
	struct kmr_cache_row *rows;
};

/* What one call site did with one cache. */
struct kmr_site_stats {
	const char *site; /* the source's; "" when there is none */
	const char *cache; /* "" for pages, and for kmalloc() of an allocator without classes */
	uint32_t site_id;
	int32_t cache_id; /* of the backend; -1 */
	uint64_t hits;
	uint64_t bytes_requested, bytes_given;
	uint64_t frees;
	uint64_t pingpong; /* freed on another CPU than allocated */
	/* ns, in steps of 1.024 us, sum over the frees of what was not there at the start */
	uint64_t lifetime;
	uint64_t live, live_requested; /* at the end: objects, bytes asked for */
};

/* Call sites whose live memory is told over time: those that had most bytes at any sample. */
#define KMR_TOP_SITES 24

/* What the objects of one of them were at a sample; there is none where nothing had changed. */
struct kmr_site_sample {
	const char *site; /* as in struct kmr_site_stats */
	uint64_t live_requested; /* bytes asked for by those in use, of all caches */
	uint32_t live; /* objects in use */
	uint32_t sample;
	uint32_t rank; /* from 0: the one that had most */
};

struct kmr_object_report {
	const char *backend; /* NULL: objects were not simulated */
	char params[256];
	/* "snapshot", "moved" (another allocator's objects), "inferred", "empty" (a workload's) */
	const char *start;
	struct kmr_object_stats stats;
	struct kmr_object_work work;
	struct kmr_cache_state *caches; /* at the end */
	struct kmr_slabinfo *slabinfo; /* by cache, at the end; NULL: there is no such file */
	uint64_t *requested; /* by cache: bytes asked for by its objects in use */
	size_t nr_caches;
	struct kmr_cache_sample *samples;
	size_t nr_samples;
	struct kmr_site_stats *sites; /* by call site, then cache */
	size_t nr_sites;
	struct kmr_site_sample *site_samples; /* by sample, then rank */
	size_t nr_site_samples;
	char **names; /* what the texts above lie in */
	size_t nr_names;
};

void kmr_object_report_free(struct kmr_object_report *report);

#endif
