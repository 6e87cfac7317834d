/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A workload out of a trace: what the trace asks for, by call site, cache and task, as
 * distributions, so that a model can be shared where a trace cannot.
 */
#ifndef KMREPLAY_FIT_H
#define KMREPLAY_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/replay.h"

/* What objects are told apart by; pages go by task, order and flags, as no event says more. */
enum kmr_fit_by {
	KMR_FIT_BY_SITE,
	KMR_FIT_BY_CACHE,
	KMR_FIT_BY_TASK,
};

/* 0, or -1 when there is none of that name: "site", "cache", "task". */
int kmr_fit_by_name(const char *name, enum kmr_fit_by *by);

#define KMR_FIT_DEFAULT_TOP 200u
#define KMR_FIT_MAX_TOP	    1000u

struct kmr_fit_options {
	const char *trace; /* path, or "-" */
	const char *output; /* the workload to write */
	const char *machine; /* as for a replay of the trace; NULL: found out */
	const char *page; /* backend that both replays use; NULL: that of the machine's kernel */
	enum kmr_fit_by by;
	unsigned int top; /* classes of requests kept on their own; the rest is merged */
	bool anonymous; /* numbers in place of the names of tasks, call sites and caches */
	bool pages; /* every page as it was asked for, no objects */
	bool strict;
	/* told of every batch of events; NULL: nobody */
	void (*progress)(void *ctx, const struct kmr_trace_info *info);
	kmr_progress_fn replayed; /* as kmr_replay_options' */
	void *progress_ctx; /* of both */
};

/* What was found in the trace; numbers of events unless said otherwise. */
struct kmr_fit_counts {
	uint64_t events; /* that counted: from the replay's first on */
	uint64_t page_requests, object_requests; /* that got memory */
	uint64_t slab_pages; /* page requests left to the objects that asked for them */
	uint64_t failed; /* requests that got none: not in the workload */
	uint64_t silent; /* pages that the kernel took without an event, as its replay infers */
	uint64_t start_pages; /* frees of pages that were in use at the start */
	uint64_t start_objects; /* of objects */
	uint64_t unknown; /* of objects of which too little is known: left out */
	uint64_t replaced; /* allocated again without a free between */
};

enum kmr_fit_what {
	KMR_FIT_USED, /* pages in use, boot's own not counted */
	KMR_FIT_OBJECT_BYTES, /* given to objects in use */
	KMR_FIT_SLAB_PAGES, /* that caches hold */
	KMR_FIT_UNUSABLE, /* a zone's index, thousandths; see frag.h */
	KMR_FIT_EXTFRAG,
	/* counts over the whole of the runs: no average */
	KMR_FIT_PAGE_ALLOCS, /* of slabs, too */
	KMR_FIT_PAGE_FREES,
	KMR_FIT_OBJECT_ALLOCS,
	KMR_FIT_OBJECT_FREES,
	KMR_FIT_FALLBACKS, /* to another mobility */
	KMR_FIT_REFILLS, /* of per-CPU lists */
	KMR_FIT_FAILURES, /* page requests that could not be served */
};

struct kmr_fit_pair {
	int64_t trace, model;
};

struct kmr_fit_figure {
	enum kmr_fit_what what;
	unsigned int zone; /* of the machine: UNUSABLE, EXTFRAG */
	unsigned int order; /* the same */
	struct kmr_fit_pair end; /* at the end, or in all */
	bool over_time; /* what follows is known */
	struct kmr_fit_pair mean;
	int64_t apart; /* mean distance between the two at one time */
};

/* The replays of both, compared. */
struct kmr_fit_near {
	struct kmr_fit_figure *figures;
	size_t nr_figures;
	struct kmr_replay_result trace, model;
};

struct kmr_fit_result {
	struct kmr_fit_counts counts;
	uint64_t actors; /* written */
	uint64_t classes; /* found */
	uint64_t merged; /* of them, those that became one of the rest */
	uint64_t duration; /* ns */
	const char *object; /* the object backend that both replays use; NULL: pages alone */
	bool compared;
	struct kmr_fit_near near; /* if compared */
};

/*
 * Writes the workload, whole or not at all, and compares.  0, or -1 with a message; what was
 * written stays when it is the comparison that fails.
 */
int kmr_fit(const struct kmr_fit_options *options, struct kmr_fit_result *result,
	    struct kmr_error *err);

/* Gives back what a result holds. */
void kmr_fit_result_free(struct kmr_fit_result *result);

#endif
