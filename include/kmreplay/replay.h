/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replay: a trace's page events drive a page backend on a simulated machine, from a start state to
 * the trace's end, and what became of the machine goes into a store.
 */
#ifndef KMREPLAY_REPLAY_H
#define KMREPLAY_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/contig.h"
#include "kmreplay/cost.h"
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
#include "kmreplay/progress.h"
#include "kmreplay/reclaim.h"
#include "kmreplay/source.h"
#include "kmreplay/store.h"
#include "kmreplay/timeline.h"

/* What attribution found out about a trace's pages and objects; counts of events. */
struct kmr_attribution {
	const char *allocator; /* "slub", "slab", "slob" by kmalloc()'s sizes; NULL: not seen */
	bool real_pointers; /* objects are placed by their addresses */
	uint64_t base; /* address of page frame 0; real pointers only */
	uint64_t allocs[KMR_OWNER_NR], frees[KMR_OWNER_NR]; /* of pages, by owner */
	uint64_t sure; /* page allocations not asked for directly, of confidence 100 */
	uint64_t caused; /* of all those, how many have their cause */
	uint64_t confidence; /* sum over them, percent */
	uint64_t objects; /* object allocations */
	uint64_t named; /* of them, by a cache's name on their free */
	uint64_t taken_again; /* objects taken without an event, as their frees show */
	uint64_t by_slab, by_site, by_size; /* by the other ways, see attribute.h */
};

struct kmr_attribute_options {
	const char *trace; /* path, or "-" */
	bool strict;
	/* told of every batch of events; NULL: nobody */
	void (*progress)(void *ctx, const struct kmr_trace_info *info);
	void *progress_ctx;
};

/*
 * Reads a trace to its end, and tells who its pages were asked for by and which caches its objects
 * are of.  The decoded trace is kept in an unnamed file in $TMPDIR, or /tmp, meanwhile.
 */
int kmr_attribute_trace(const struct kmr_attribute_options *options, struct kmr_trace_info *info,
			struct kmr_attribution *attribution, struct kmr_error *err);

enum kmr_start {
	KMR_START_AUTO, /* the best that the files beside the trace allow */
	KMR_START_SNAPSHOT, /* exact lists; the replay begins at the snapshot's marker */
	KMR_START_PROC, /* counts from /proc dumps, placement made up */
	KMR_START_INFER, /* by what the trace frees before it allocates, and the other way */
	KMR_START_BOOT, /* all memory free but what the kernel's boot takes */
};

/* "snapshot", …; "auto" for KMR_START_AUTO. */
const char *kmr_start_name(enum kmr_start start);
/* 0, or -1 when there is none of that name. */
int kmr_start_by_name(const char *name, enum kmr_start *start);

struct kmr_replay_options {
	const char *trace; /* path, or "-" */
	const char *machine; /* preset, directory of /proc dumps, snapshot; NULL: found out */
	const struct kmr_machine *on; /* the machine itself, from boot on; NULL: by the above */
	/* backend, as kmr_page_backend_parse() takes it; NULL: that of the machine's kernel */
	const char *page;
	const char *object; /* as kmr_object_backend_parse() takes it; NULL, "none": pages alone */
	/*
	 * As kmr_vmap_backend_parse() takes it; NULL: the default one, if the trace has events about
	 * the kernel's addresses; "none".
	 */
	const char *vmap;
	const char *pressure; /* as kmr_reclaim_parse() takes it; NULL: "follow" */
	const char *cost; /* file with prices of steps, cost.h; NULL: those that are shipped */
	enum kmr_start start;
	const char *output; /* the store to write; NULL: none, the digest alone is computed */
	const char *command; /* the command line, for the store's readers; NULL: there is none */
	bool strict;
	bool by_task; /* count requests by task; of a workload always */
	bool check; /* walk the model's invariants now and then, and at the end */
	size_t max_samples; /* 0: the default of series.h */
	uint64_t
		work_from; /* ns on the trace's clock: the result's work and fallbacks begin there */
	/* told of every batch of events; NULL: nobody */
	void (*progress)(void *ctx, const struct kmr_trace_info *info);
	/* told of every batch that is replayed from a trace decoded before; NULL: nobody */
	kmr_progress_fn replayed;
	void *progress_ctx; /* of both */
	/* given every sample of the run in order, when it is over; -1 fails it; NULL: nobody */
	int (*sampled)(void *ctx, const struct kmr_sample *sample, struct kmr_error *err);
	void *sampled_ctx;
	/* told of every operation as it is over, in the order of the replay; NULL: nobody */
	void (*operation)(void *ctx, const struct kmr_operation_report *report);
	void *operation_ctx;
};

/* The final /proc/buddyinfo of the simulation against the traced kernel's own. */
struct kmr_buddy_distance {
	bool known; /* a dump taken after the trace lies beside it */
	/*
	 * Σ over zones and orders of |blocks − kernel's blocks| · 2^order pages, in thousandths of
	 * the kernel's free pages: 0 is identical, 2000 nothing in common.
	 */
	uint64_t permille;
	/* blocks per zone of the machine and order */
	uint64_t model[KMR_MAX_ZONES][KMR_MAX_ORDERS];
	uint64_t kernel[KMR_MAX_ZONES][KMR_MAX_ORDERS];
};

#define KMR_FAILURES_KEPT 64

struct kmr_failure {
	uint8_t order;
	uint32_t gfp;
	uint64_t count;
	uint64_t first_time; /* ns */
};

struct kmr_replay_result {
	struct kmr_machine machine;
	enum kmr_start start; /* the one that was used */
	char machine_from[640]; /* what the machine was made from, and why if nobody said */
	char start_from[640]; /* what the start state was made from */
	char backend[64];
	char backend_why
		[KMR_BACKEND_WHY]; /* "for the snapshot's kernel, 6.12"; "": named, or nothing told */
	char params[256]; /* "nofragment=1,mobility=1,…" */
	struct kmr_trace_info trace;
	struct kmr_replay_stats stats;
	struct kmr_page_work work;
	uint64_t first_time, last_time; /* ns, of the replayed part */
	uint64_t extfrag_events;
	uint64_t samples;
	struct kmr_failure failures[KMR_FAILURES_KEPT]; /* most frequent first */
	unsigned int nr_failures;
	struct kmr_order_requests requests[KMR_MAX_ORDERS]; /* for pages, by order */
	struct kmr_timeline failed; /* when that was */
	struct kmr_outcome *outcomes; /* by actor, kind, order; NULL: not counted */
	size_t nr_outcomes;
	struct kmr_buddy_distance distance;
	struct kmr_zone_state zones[KMR_MAX_ZONES]; /* at the end */
	struct kmr_contig_report contig;
	struct kmr_numa_report numa;
	struct kmr_pressure_report pressure; /* used: reclaim was simulated */
	struct kmr_moved_report moved; /* all 0: the trace has no compaction, or it was simulated */
	char object_params[256]; /* as params; "" without objects */
	struct kmr_attribution attribution; /* all 0 without objects */
	struct kmr_object_report objects; /* backend NULL: pages alone */
	struct kmr_mapping_report mappings; /* backend NULL: addresses were not simulated */
	struct kmr_distributions distributions;
	struct kmr_latency_report latency;
	char digest[KMR_DIGEST_SIZE];
};

/* Gives back what a result holds. */
void kmr_replay_result_free(struct kmr_replay_result *result);

/* 0, or -1 with a message and nothing written. */
int kmr_replay(const struct kmr_replay_options *options, struct kmr_replay_result *result,
	       struct kmr_error *err);

#endif
