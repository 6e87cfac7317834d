/* SPDX-License-Identifier: GPL-2.0-only */
/* What actors for pages and for objects of the start are made with. */
#ifndef KMR_FIT_BEGIN_INTERNAL_H
#define KMR_FIT_BEGIN_INTERNAL_H

#include "fit/begin.h"

#define FIT_BEGIN_ACTORS 1024u /* of the lead, at most */

/* An actor that makes all of its requests when it begins; NULL: out of memory. */
struct fit_actor *fit_begin_add(struct fit_model *model, uint64_t requests);

/* A part of an actor's requests.  Alone and without a date: gone when the lead is over. */
struct fit_life *fit_begin_life(struct fit_actor *actor, enum fit_life_kind kind, uint64_t weight);

/* The part that the trace frees. */
void fit_begin_frees(struct fit_actor *actor, const struct fit_start *start,
		     const struct fit_start_class *class);

/* Objects that were there.  -1: out of memory. */
int fit_begin_objects(struct fit_model *model, const struct fit_begin *begin);

#endif
