/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of a trace: actors, each with what it asks for, when, and how long that lives.  What
 * was there when the trace began is allocated in a lead before it.
 */
#ifndef KMR_FIT_MODEL_H
#define KMR_FIT_MODEL_H

#include "fit/collect.h"
#include "fit/rows.h"

#define FIT_MAX_CUT   64u /* classes that can become several actors */
#define FIT_MAX_SPANS 8u /* actors that one class becomes at most, one after the other */
#define FIT_MAX_LIVES 5u

enum fit_life_kind {
	FIT_FOREVER,
	FIT_ALONE, /* freed by itself */
	FIT_TOGETHER, /* freed with others */
};

struct fit_life {
	enum fit_life_kind kind;
	uint64_t weight; /* requests */
	struct fit_rows group; /* how many go together */
	/*
	 * When: at a date, ns of the model; else at an age, ns, since it was allocated, or the last
	 * of the group was.
	 */
	bool dated;
	bool exponential; /* by the mean; else by the rows */
	uint64_t mean;
	struct fit_rows when;
};

enum fit_arrival {
	FIT_AT_ONCE, /* all of them at the start */
	FIT_EXPONENTIAL,
	FIT_EVENLY,
	FIT_GAPS,
};

struct fit_actor {
	struct fit_key key; /* what is asked for, and of which class */
	bool lead; /* it is over before the trace's time begins, but for what it leaves */
	/* ns, of the model: the trace's time behind the lead; end 0: when it has all requests */
	uint64_t begin, end;
	uint64_t requests;
	uint32_t tasks;
	enum fit_arrival arrival;
	uint64_t mean; /* gap of one task, ns */
	struct fit_rows gaps;
	struct fit_life lives[FIT_MAX_LIVES];
	uint32_t nr_lives;
	struct fit_rows sizes; /* kmalloc(): bytes asked for */
	uint32_t object_size, size; /* caches: asked for, and given */
	bool moved; /* most frees are on another CPU */
	uint64_t cpus[FIT_CPU_WORDS];
};

struct fit_model {
	struct fit_actor *actors; /* those of the start first, then by weight, then by time */
	size_t nr, cap;
	uint64_t lead; /* ns: before it, the start's memory is allocated; 0: there is none */
	uint64_t duration; /* ns, with the lead */
	uint64_t classes, merged; /* how many there were, and of these went into one of the rest */
	uint64_t start_requests, start_frees; /* of objects, in the lead */
	uint64_t unsized; /* objects of the start, of caches whose sizes nothing tells: left out */
};

/* An actor behind the others, all zeroes; NULL: out of memory. */
struct fit_actor *fit_model_add(struct fit_model *model);

/*
 * Adds what was collected; the collected classes change, as those beyond the @top heaviest are
 * merged.  -1: out of memory.  fit_model_fini() in either case.
 */
int fit_model_make(struct fit_model *model, struct fit_collect *c, uint32_t top);
void fit_model_fini(struct fit_model *model);

struct fit_span {
	uint32_t first, last; /* epochs */
};

/*
 * Where a class changes how often it asks, or how long that lives; epochs are @epoch ns long.
 * Returns how many spans there are, none of which is empty.
 */
uint32_t fit_spans_of(const struct fit_class *class, uint64_t epoch,
		      struct fit_span spans[FIT_MAX_SPANS]);

/*
 * How long what was asked for in an epoch lives, in up to FIT_MAX_LIVES parts, one at least.  Slots
 * are @slot ns long, the first begins at @lead.  Long lifetimes that turn out to be like others are
 * put to those.  -1: out of memory.
 */
int fit_lives_of(struct fit_epoch *epoch, uint64_t slot, uint64_t lead,
		 struct fit_life lives[FIT_MAX_LIVES], uint32_t *nr);

/* Rows of about equal weight from a histogram of slots. */
void fit_dates_of(struct fit_rows *rows, const struct fit_hist *dates, uint64_t slot,
		  uint64_t lead);

#endif
