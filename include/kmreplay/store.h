/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store: one run's results in one SQLite file.  It is written beside its final name and moved
 * there when it is whole, so that a run that is killed or meets a full disk leaves nothing half
 * written and an earlier file untouched.
 */
#ifndef KMREPLAY_STORE_H
#define KMREPLAY_STORE_H

#include <stdint.h>

#include "kmreplay/contig.h"
#include "kmreplay/distributions.h"
#include "kmreplay/error.h"
#include "kmreplay/follow.h"
#include "kmreplay/latency.h"
#include "kmreplay/machine.h"
#include "kmreplay/mappings.h"
#include "kmreplay/numa.h"
#include "kmreplay/objects.h"
#include "kmreplay/outcome.h"
#include "kmreplay/page.h"
#include "kmreplay/reclaim.h"
#include "kmreplay/source.h"
#include "kmreplay/survey.h"

#define KMR_DIGEST_SIZE 33 /* 32 hex digits and a NUL */

/* What the engine counted while it replayed; all are numbers of events or blocks. */
struct kmr_replay_stats {
	uint64_t events; /* read from the trace, every kind */
	uint64_t page_allocs; /* requests replayed */
	uint64_t page_frees; /* frees replayed, list frees counted once */
	uint64_t double_reports; /* mm_page_free that mm_page_free_batched repeated */
	uint64_t traced_failures; /* requests that failed in the traced kernel; replayed too */
	uint64_t rescued; /* of these, the ones that the model could serve */
	uint64_t failures; /* requests that failed only in the simulation */
	uint64_t dropped_frees; /* frees of those */
	uint64_t unknown_frees; /* frees of frames that nobody allocated, nor the start state */
	uint64_t partial_frees; /* frees of a part of a larger block */
	uint64_t repeated_allocs; /* allocations of a frame that was never freed */
	uint64_t silent_allocs; /* pages the traced kernel took without an event, inferred */
	uint64_t silent_frees; /* of these, freed later */
	uint64_t lost; /* events lost by the traced kernel */
	uint64_t live_pages; /* allocated by the trace and not freed at its end */
};

struct kmr_run_info {
	const char *trace; /* path as given; not part of the digest */
	const char *command; /* command line; NULL: none; not part of the digest */
	const char *backend; /* "linux-6.1" */
	const char *params; /* "nofragment=1", every parameter's value */
	const char *start; /* "snapshot", "proc", "infer", "boot" */
	const char *object; /* object backend; NULL: none */
	const char *object_params, *object_start; /* as in struct kmr_object_report */
	uint64_t first_time, last_time; /* ns, of the replayed part */
};

/* What was counted from the start of a run on; nothing but counts. */
struct kmr_sample_counts {
	struct kmr_page_work page;
	uint64_t thp_requests, thp_failures; /* as in struct kmr_contig_stats */
	struct kmr_reclaim_stats pressure;
	struct kmr_moved_report moved;
};

struct kmr_sample {
	uint64_t time; /* ns */
	uint64_t event; /* page events replayed before it */
	const struct kmr_zone_state *zones; /* as machine.zones */
	const uint32_t *pcp; /* [zone * nr_cpus + cpu], pages; NULL: not known */
	const struct kmr_zone_survey *surveys; /* as machine.zones; NULL: not surveyed */
	const struct kmr_strip_state *strips; /* as the run's strips; NULL as surveys */
	const struct kmr_sample_counts *counts; /* NULL: not known */
};

/* Requests for pages of one order. */
struct kmr_order_requests {
	uint64_t requests;
	uint64_t failures; /* of them, not served in the simulation */
	uint64_t huge; /* of the requests, those for transparent huge pages, by their flags */
	uint64_t huge_failures; /* of them, not served in the simulation */
};

struct kmr_store;

/*
 * Starts a store that will appear at @path (an existing file there is replaced at the end).
 * Fails early when the directory is missing or not writable, or @path is a directory.  With @path
 * NULL nothing will appear anywhere: a store for its digest alone.
 */
int kmr_store_create(struct kmr_store **store, const char *path, const struct kmr_machine *machine,
		     struct kmr_error *err);

int kmr_store_sample(struct kmr_store *store, const struct kmr_sample *sample,
		     struct kmr_error *err);
/* The strips that samples tell of, before the first sample.  One that is no zone's is left out. */
int kmr_store_strips(struct kmr_store *store, const struct kmr_strip *strips, unsigned int count,
		     struct kmr_error *err);
/* By order, @count of them. */
int kmr_store_requests(struct kmr_store *store, const struct kmr_order_requests *requests,
		       unsigned int count, struct kmr_error *err);
int kmr_store_extfrag(struct kmr_store *store, uint64_t time, const struct kmr_extfrag *ef,
		      struct kmr_error *err);
/* @count requests of that order and canonical GFP failed, the first at @first_time. */
int kmr_store_failure(struct kmr_store *store, unsigned int order, uint32_t gfp, uint64_t count,
		      uint64_t first_time, struct kmr_error *err);

/* One actor's requests of one kind. */
int kmr_store_outcome(struct kmr_store *store, const struct kmr_outcome *outcome,
		      struct kmr_error *err);

/* What became of contiguous memory; nothing is written when there was nothing of it. */
int kmr_store_contig(struct kmr_store *store, const struct kmr_contig_report *report,
		     struct kmr_error *err);

/* Where requests ended up; nothing is written when that is not known. */
int kmr_store_numa(struct kmr_store *store, const struct kmr_numa_report *report,
		   struct kmr_error *err);

/* What became of simulated reclaim; nothing is written when it was not simulated. */
int kmr_store_pressure(struct kmr_store *store, const struct kmr_pressure_report *report,
		       struct kmr_error *err);

/* The run's latencies, and the prices that they are of. */
int kmr_store_latency(struct kmr_store *store, const struct kmr_latency_report *report,
		      struct kmr_error *err);

/* What was moved as the trace's compaction did; nothing is written when it has none. */
int kmr_store_moved(struct kmr_store *store, const struct kmr_moved_report *report,
		    struct kmr_error *err);

/* What became of the run's objects; nothing is written when they were not simulated. */
int kmr_store_objects(struct kmr_store *store, const struct kmr_object_report *report,
		      struct kmr_error *err);

/* How long what was allocated lived, and which sizes were asked for. */
int kmr_store_distributions(struct kmr_store *store, const struct kmr_distributions *d,
			    struct kmr_error *err);

/* What became of the kernel's addresses, likewise. */
int kmr_store_mappings(struct kmr_store *store, const struct kmr_mapping_report *report,
		       struct kmr_error *err);

/*
 * Ends the run that is being written, with its digest, and begins another on @machine: one file
 * holds several.
 */
int kmr_store_next_run(struct kmr_store *store, const struct kmr_run_info *run,
		       const struct kmr_trace_info *trace, const struct kmr_replay_stats *stats,
		       const struct kmr_page_work *work, char digest[KMR_DIGEST_SIZE],
		       const struct kmr_machine *machine, struct kmr_error *err);

/*
 * Writes the run itself, computes the digest over every table that the inputs alone determine,
 * commits, syncs and moves the file to its place.  On failure nothing is at the path that was not
 * there before.  The store is gone afterwards in either case.
 */
int kmr_store_finish(struct kmr_store *store, const struct kmr_run_info *run,
		     const struct kmr_trace_info *trace, const struct kmr_replay_stats *stats,
		     const struct kmr_page_work *work, char digest[KMR_DIGEST_SIZE],
		     struct kmr_error *err);

/* Throws the store away and leaves no file; NULL is fine. */
void kmr_store_discard(struct kmr_store *store);

/*
 * Removes the temporary file of a store that is being written; async-signal-safe, for handlers
 * of SIGINT and SIGTERM.
 */
void kmr_store_emergency_cleanup(void);

#endif
