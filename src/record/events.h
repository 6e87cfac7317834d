/* SPDX-License-Identifier: GPL-2.0-only */
/* Which events a recording is of. */
#ifndef KMR_RECORD_EVENTS_H
#define KMR_RECORD_EVENTS_H

#include <stdbool.h>

#include "kmreplay/error.h"

/*
 * Calls @each for every event that is to be recorded and that there is below @instance's events/;
 * @pages: without those of objects.  Ends with the first call that is not 0 and returns that.
 */
int rec_events_each(const char *instance, bool pages,
		    int (*each)(void *ctx, const char *system, const char *event,
				struct kmr_error *err),
		    void *ctx, struct kmr_error *err);

#endif
