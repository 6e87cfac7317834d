/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classes: requests of a trace that are told apart by nothing but time, chance, and the call site,
 * task, cache, order and flags that they share.  What is known of one is counts and histograms,
 * kept for each epoch, a part of the trace's time: so memory follows the number of classes, not
 * the trace's length.
 *
 * Times are ns since the first event that counts.
 */
#ifndef KMR_FIT_CLASS_H
#define KMR_FIT_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ptrmap.h"
#include "fit/hist.h"
#include "kmreplay/error.h"

/* Epochs are of one length, which doubles when a trace goes on behind the last. */
#define FIT_EPOCHS	32u
#define FIT_FIRST_EPOCH (UINT64_C(1) << 20) /* ns */

/*
 * What lives for at least so many epochs may be freed at a date rather than at an age: it is not it
 * that ends, but a process, a test, a mount.  Dates are slots, four to an epoch.
 */
#define FIT_LONG_EPOCHS 2u
#define FIT_SLOTS	(4 * FIT_EPOCHS)

#define FIT_MAX_CLASSES 32768u /* further ones are kept by order or size, and flags */
#define FIT_SIZES	48u /* sizes of a class that are kept exactly */
#define FIT_CPU_WORDS	16u /* as many CPUs as a machine has at most, 64 a word */

/*
 * Frees can be of one group when the time between two of them is small beside the time that the
 * group lived: at most this part of it, and within these bounds, ns.
 */
#define FIT_GROUP_PART	  64u
#define FIT_GROUP_MIN_GAP UINT64_C(50000)
#define FIT_GROUP_MAX_GAP UINT64_C(5000000)

enum fit_kind {
	FIT_PAGES,
	FIT_KMALLOC,
	FIT_CACHE
};

struct fit_key {
	uint8_t kind; /* enum fit_kind */
	uint8_t order; /* pages */
	uint8_t migratetype; /* pages: what the trace says; KMR_MIGRATE_UNKNOWN */
	bool gfp_known;
	int8_t node; /* asked for; -1: any */
	uint16_t comm; /* ids of the collector; 0: told apart by something else */
	uint16_t cache; /* 0: not known, or kmalloc() by site */
	uint32_t site; /* the reader's id */
	uint32_t gfp; /* canonical */
};

/* Requests that were freed together with others. */
struct fit_together {
	uint64_t requests;
	struct fit_hist lifetimes; /* of each */
	struct fit_hist sizes; /* of the groups */
	struct fit_hist group_lifetimes; /* from a group's last request to its end */
	struct fit_hist dates; /* of the groups' ends: slots; long ones only */
};

/* Of the requests of one epoch. */
struct fit_epoch {
	uint64_t requests;
	uint64_t first, last; /* times of the first and last of them */
	uint64_t freed;
	struct fit_hist gaps; /* since the class's request before */
	struct fit_hist lifetimes; /* of all that were freed */
	struct fit_hist ages; /* of those that were not, when the trace ends */
	struct fit_hist alone; /* lifetimes of those that were not freed together with others */
	struct fit_hist alone_long, alone_dates; /* those that are long: lifetimes, slots */
	struct fit_together together, together_long; /* long: groups that lived long */
};

struct fit_size {
	uint32_t bytes;
	uint64_t count;
};

/* What of a burst was allocated in one epoch. */
struct fit_part {
	uint64_t count;
	uint64_t last_alloc;
	struct fit_hist lifetimes; /* of all */
	struct fit_hist alone, alone_long, alone_dates; /* the same as the epoch's */
};

/* Frees in a row, as long as they may be one group. */
struct fit_burst {
	uint64_t first_free, last_free;
	uint64_t first_alloc, last_alloc;
	uint32_t first_number, last_number; /* of its requests */
	uint32_t count; /* 0: there is none */
	struct fit_part *parts[FIT_EPOCHS]; /* NULL: never had any */
};

struct fit_class {
	struct fit_key key;
	bool rest; /* many light ones in one: its gaps are theirs, not its own */
	uint64_t requests;
	uint64_t bytes; /* given */
	uint64_t given; /* bytes of the last object, as the allocator rounded it */
	uint64_t last; /* time of the last request */
	uint64_t frees, moved; /* on another CPU than the request */
	uint64_t cpus[FIT_CPU_WORDS];
	struct fit_size sizes[FIT_SIZES]; /* kmalloc() and caches: asked for, ascending */
	uint32_t nr_sizes;
	struct fit_hist other_sizes; /* when there are more */
	struct fit_burst burst;
	struct fit_epoch *epochs[FIT_EPOCHS]; /* NULL: nothing happened */
};

struct fit_classes {
	struct fit_class **class;
	size_t nr, cap;
	struct kmr_ptrmap what, whose; /* halves of a key → number from 1 */
	struct kmr_ptrmap both; /* numbers of both → class, from 1 */
	uint64_t epoch; /* length, ns */
	uint64_t folded; /* requests that found no class of their own */
};

/* A request that lives. */
struct fit_live {
	uint64_t time;
	uint32_t class; /* from 0 */
	uint32_t number; /* among the class's requests */
	uint32_t left; /* pages that are not freed yet */
	uint16_t cpu;
	uint8_t order;
};

/* Of a trace that takes @duration ns, if that is known; else 0. */
void fit_classes_init(struct fit_classes *classes, uint64_t duration);
void fit_classes_fini(struct fit_classes *classes);

/* The number of the class with that key, from 0, made when it is new.  -1: out of memory. */
int64_t fit_class_find(struct fit_classes *classes, const struct fit_key *key);

/* Makes time go on to @now.  -1: out of memory. */
int fit_classes_reach(struct fit_classes *classes, uint64_t now);

/*
 * A request of @class at @now for @asked bytes, which got @given (pages: 0 and bytes); @live is
 * filled in.  -1: out of memory.
 */
int fit_class_request(struct fit_classes *classes, uint32_t class, uint64_t now, unsigned int cpu,
		      uint64_t asked, uint64_t given, struct fit_live *live);

/* @live is freed at @now on @cpu.  -1: out of memory. */
int fit_class_free(struct fit_classes *classes, const struct fit_live *live, uint64_t now,
		   unsigned int cpu);

/* The trace ends at @now, and @live was not freed.  -1: out of memory. */
int fit_class_keep(struct fit_classes *classes, const struct fit_live *live, uint64_t now);

/* After the last free.  -1: out of memory. */
int fit_classes_end(struct fit_classes *classes);

/* Adds what is known of @from to @to, whose key and epochs stay.  -1: out of memory. */
int fit_class_merge(struct fit_class *to, const struct fit_class *from);
int fit_epoch_merge(struct fit_epoch *to, struct fit_epoch *from);
void fit_epoch_fini(struct fit_epoch *epoch);

struct fit_class *fit_class_new(const struct fit_key *key);
void fit_class_free_all(struct fit_class *class);

#endif
