/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What actors, call sites and caches are called in a workload: as in the trace, as far as the
 * language takes it, or by numbers.  An address is never a name.
 */
#ifndef KMR_FIT_NAMES_H
#define KMR_FIT_NAMES_H

#include "base/strtab.h"
#include "fit/model.h"
#include "replay/tape.h"

#define FIT_COMM       16u /* with the 0 */
#define FIT_SITE       128u
#define FIT_CACHE_NAME 64u

struct fit_names {
	const struct kmr_source *source;
	const struct kmr_tape *tape; /* NULL: there are no objects */
	const struct kmr_strtab *comms;
	bool anonymous;
	struct kmr_strtab actors; /* names that are taken */
	struct kmr_ptrmap numbers; /* kind and id → number, from 1, in the order of first sight */
	uint32_t nr_tasks, nr_sites, nr_caches;
};

/* The other fields are filled in.  -1: out of memory; fit_names_fini() in either case. */
int fit_names_init(struct fit_names *names);
void fit_names_fini(struct fit_names *names);

/* A name that no actor has yet.  -1: out of memory. */
int fit_name_actor(struct fit_names *names, const struct fit_actor *actor, char text[FIT_COMM]);

/* -1: out of memory. */
int fit_name_site(struct fit_names *names, uint32_t site, char text[FIT_SITE]);
int fit_name_cache(struct fit_names *names, uint16_t cache, char text[FIT_CACHE_NAME]);

#endif
