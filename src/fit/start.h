/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was in use when the trace began, as far as it is freed later: by order, zone and mobility,
 * or by cache, and when.  A page's free does not tell its mobility.  What comes next does: the
 * frame is on a per-CPU list of its type, from which it is drained or given out.
 */
#ifndef KMR_FIT_START_H
#define KMR_FIT_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/ptrmap.h"
#include "fit/class.h"
#include "kmreplay/event.h"
#include "kmreplay/machine.h"

#define FIT_NO_ZONE UINT16_MAX

struct fit_start_class {
	bool object;
	uint8_t order; /* pages */
	uint8_t migratetype; /* pages; KMR_MIGRATE_UNKNOWN only while collecting */
	uint16_t zone; /* pages: of the machine; FIT_NO_ZONE: not known */
	uint16_t cache; /* objects: the event's */
	uint64_t count;
	struct fit_hist dates; /* frees, by slot */
};

struct fit_start {
	const struct kmr_machine *machine; /* NULL: zones are not known */
	struct fit_start_class *class;
	size_t nr, cap;
	struct kmr_ptrmap class_of; /* packed → number in class, from 1 */
	struct kmr_ptrmap listed; /* first frame → number in lists */
	struct kmr_pool lists; /* struct listed: blocks on per-CPU lists */
	uint64_t slot; /* length, ns */
	uint64_t silent; /* frees of pages that were on a list: taken without an event */
	uint64_t unknown; /* frees of objects of no known cache */
	uint64_t pages, objects; /* that were there */
};

/* Epochs are of @epoch ns at first. */
void fit_start_init(struct fit_start *start, const struct kmr_machine *machine, uint64_t epoch);
void fit_start_fini(struct fit_start *start);

/* Epochs are of @epoch ns now. */
void fit_start_reach(struct fit_start *start, uint64_t epoch);

/* A free of what the trace did not allocate, at @now.  -1: out of memory. */
int fit_start_page_freed(struct fit_start *start, const struct kmr_event *ev, uint64_t now);
int fit_start_object_freed(struct fit_start *start, const struct kmr_event *ev, uint64_t now);

/* The block of @ev came to a per-CPU list.  -1: out of memory. */
int fit_start_page_listed(struct fit_start *start, const struct kmr_event *ev);

/* It left it, as one of @migratetype.  -1: out of memory. */
int fit_start_page_taken(struct fit_start *start, uint64_t pfn, unsigned int migratetype);

/* The trace is over: what is not known yet goes with most of its kind.  -1: out of memory. */
int fit_start_end(struct fit_start *start);

#endif
