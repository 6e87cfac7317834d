/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verify: a model started from a kernel's exact state is held against what that kernel did, event
 * by event.  The model chooses zone and frame; where it chose another than the kernel, that is a
 * miss, and it goes on from the kernel's choice.
 */
#ifndef KMREPLAY_VERIFY_H
#define KMREPLAY_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/page.h"
#include "kmreplay/progress.h"
#include "kmreplay/replay.h"
#include "kmreplay/snapshot.h"
#include "kmreplay/source.h"

/* Where the frame that the kernel handed out was in the model when the model missed it. */
enum kmr_miss {
	KMR_MISS_PCP_BEHIND, /* on the right per-CPU list, behind the head */
	KMR_MISS_PCP_OTHER, /* on another per-CPU list */
	KMR_MISS_BUDDY, /* on a free list */
	KMR_MISS_USED, /* in use */
	KMR_MISS_ZONE, /* free, but in another zone than the model chose */
	/* as ZONE, where a zone's count of free pages can be why: no event tells each CPU's part */
	KMR_MISS_COUNTS,
	/* as ZONE, where a node's dirty pages are why: no event tells their number */
	KMR_MISS_DIRTY,
	KMR_MISS_NO_FRAME, /* no frame of the machine */
	KMR_MISS_MODEL_FAILED, /* the model had none to give */
	KMR_MISS_KERNEL_FAILED, /* the kernel had none to give, the model did */
	KMR_MISS_NR,
};

const char *kmr_miss_name(enum kmr_miss miss);

struct kmr_first_miss {
	bool any;
	uint64_t event; /* events read when it was found; the sequencer may have held it back */
	uint64_t time; /* ns */
	unsigned int cpu;
	unsigned int order;
	uint32_t gfp;
	uint64_t kernel_pfn; /* KMR_EV_NO_PFN: failed */
	uint64_t model_pfn; /* the same */
	enum kmr_miss why;
	struct kmr_frame_info kernel_frame; /* where the model had it */
};

struct kmr_tally {
	uint64_t traced, matched;
};

/* What came of a cache's objects; counts of events. */
struct kmr_cache_tally {
	char name[KMR_SNAP_CACHE_NAME];
	uint64_t total; /* allocations */
	/* of them, at the address that the model gave, with bulk operations inferred */
	uint64_t exact;
	/*
	 * Of the exact ones, those where the inference came with the event itself: it was not the
	 * model's next, but what was before it had been taken in bulk, or it had come back in bulk.
	 */
	uint64_t inferred;
	uint64_t bulk; /* objects taken or given back without an event, as far as that shows */
	uint64_t unknown; /* nothing to compare: a pointer that is no slab's, a size not known */
	uint64_t frees;
	uint64_t free_bulk; /* of objects that the model had free: taken without an event */
	uint64_t free_unknown; /* of what is in no slab of the model */
};

/* Pages that the model's slabs (and large kmalloc()s) took and gave back. */
struct kmr_slab_pages {
	uint64_t allocs; /* in the trace */
	uint64_t allocs_exact; /* the model asked then, too, and got that frame */
	uint64_t allocs_bulk; /* it asked once objects taken in bulk were accounted for */
	uint64_t allocs_missed; /* it did not ask */
	uint64_t allocs_extra; /* it would have, and the kernel did not */
	uint64_t frees; /* in the trace */
	uint64_t frees_exact; /* the model gave that one back, too */
	uint64_t frees_missed, frees_extra;
};

struct kmr_object_result {
	const char *backend; /* NULL: objects were not compared, and why */
	const char *why_not;
	struct kmr_cache_tally all; /* name: "" */
	struct kmr_slab_pages pages;
	uint64_t
		reordered; /* of the exact ones, those that an interrupt explains, see object_order.h */
	struct kmr_cache_tally *caches; /* that the trace uses, by name */
	size_t nr_caches;
	struct kmr_attribution attribution;
	/* against the end snapshot: slabs and lists of free objects */
	uint64_t records_total, records_identical;
	char first_difference[192];
	char first_miss[256]; /* "": none */
};

struct kmr_verify_result {
	struct kmr_trace_info trace; /* as far as it was read */
	char page[64]; /* the backend */
	char page_why[KMR_BACKEND_WHY]; /* "for the snapshot's kernel, 6.12"; "": it was named */
	uint64_t events; /* between the markers */
	uint64_t alloc_total, alloc_exact, alloc_zone_exact;
	uint64_t misses[KMR_MISS_NR];
	uint64_t free_total, free_unknown; /* unknown: free in the model already */
	uint64_t silent_refills; /* refills that no event of the trace asked for */
	/*
	 * Interrupts' frees that went elsewhere than the events before them say, to the per-CPU lists
	 * or around them, as later events under the zone's lock or the end snapshot tell.
	 */
	uint64_t told_later;
	uint64_t silent_blocks; /* blocks that left per-CPU lists without an event, inferred */
	struct kmr_tally extfrag, refill, drain;
	/* against the end snapshot; all 0 without one */
	bool has_end;
	uint64_t lists_total, lists_identical; /* free lists not empty on either side */
	uint64_t pcp_total, pcp_identical; /* per-CPU lists, likewise */
	uint64_t pageblocks_total, pageblocks_identical;
	/* limits and counters of per-CPU lists, by zone and CPU: high, free_factor, alloc_factor, ... */
	uint64_t limits_total, limits_identical;
	char first_difference[160]; /* "" when the end is identical */
	struct kmr_first_miss first_miss;
	struct kmr_object_result objects;
};

/* Gives back what a result holds. */
void kmr_verify_result_free(struct kmr_verify_result *result);

struct kmr_verify_options {
	const char *trace;
	const char *snapshot; /* the state at its marker in the trace */
	const char *end_snapshot; /* NULL: none; the replay ends at its marker */
	/* backend, as kmr_page_backend_parse() takes it; NULL: that of the snapshot's kernel */
	const char *page;
	/* as kmr_object_backend_parse() takes it; NULL: the snapshot's kernel's; "none" */
	const char *object;
	bool strict;
	bool check; /* walk the model's invariants now and then, and at the end */
	/* told of every batch that is read, and then of those that are verified; NULL: nobody */
	void (*progress)(void *ctx, const struct kmr_trace_info *info);
	kmr_progress_fn verified;
	void *progress_ctx; /* of both */
};

/*
 * 0, or -1 with a message.  A model that differs is no failure: the result tells.  @machine gets
 * the snapshot's.
 */
int kmr_verify(const struct kmr_verify_options *options, struct kmr_verify_result *result,
	       struct kmr_machine *machine, struct kmr_error *err);

#endif
