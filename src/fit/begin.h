/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory as it was when the trace began, as actors that make it so in the model's lead: what was
 * in use, the holes between it, and what of it the trace frees later.
 */
#ifndef KMR_FIT_BEGIN_H
#define KMR_FIT_BEGIN_H

#include "fit/model.h"
#include "kmreplay/objects.h"
#include "replay/tape.h"

struct fit_begin {
	const struct kmr_machine *machine;
	const struct kmr_zone_state *boot, *start; /* by zone: all free, and when the trace began */
	const struct fit_start *freed; /* what was there and is freed later */
	const struct kmr_object_report *objects; /* NULL: pages alone */
	struct kmr_tape *tape; /* with objects: whose caches get the sizes that the report has */
};

/*
 * Adds the actors to a model that has none yet, and sets its lead, which is 0 when nothing was
 * there.  -1: out of memory.
 */
int fit_begin_make(struct fit_model *model, const struct fit_begin *begin);

#endif
