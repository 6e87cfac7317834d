/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events in, classes out: what lives is followed from its request to its free.  What is freed
 * without having been allocated was there at the start.
 */
#ifndef KMR_FIT_COLLECT_H
#define KMR_FIT_COLLECT_H

#include "base/pool.h"
#include "base/strtab.h"
#include "fit/class.h"
#include "fit/start.h"
#include "kmreplay/event.h"
#include "kmreplay/fit.h"
#include "kmreplay/machine.h"
#include "kmreplay/source.h"

#define FIT_PAGE_BYTES UINT64_C(4096) /* a trace does not tell: x86's; weighs classes only */

struct fit_collect_config {
	enum kmr_fit_by by;
	bool objects; /* look at objects; pages of slabs are theirs then */
	const struct kmr_machine *machine; /* for zones; NULL: they are not known */
	uint64_t begin; /* ns on the trace's clock; what comes before is passed over */
	uint64_t duration; /* ns from there to the trace's end; 0: not known */
	const struct kmr_source *source; /* for the names of tasks */
};

struct fit_collect {
	struct fit_collect_config config;
	struct fit_classes classes;
	struct kmr_ptrmap pages, objects; /* first frame, pointer → number in the pool */
	struct kmr_pool live; /* struct fit_live */
	struct fit_start start;
	struct kmr_strtab comms;
	uint16_t *comm_of; /* by the reader's id of a task; 0: not looked at */
	struct kmr_fit_counts counts;
	uint64_t origin, now; /* ns on the trace's clock; ns since then */
	bool begun;
};

/* -1: out of memory.  fit_collect_fini() in either case. */
int fit_collect_init(struct fit_collect *c, const struct fit_collect_config *config);
void fit_collect_fini(struct fit_collect *c);

/* Takes @count events in the trace's order.  -1: out of memory. */
int fit_collect_feed(struct fit_collect *c, const struct kmr_event *events, size_t count);

/* Once, after the last event.  -1: out of memory. */
int fit_collect_end(struct fit_collect *c);

#endif
