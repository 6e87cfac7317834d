/* SPDX-License-Identifier: GPL-2.0-only */
/* Is this text a trace, and whose?  Decided on its beginning, before the first event is given. */
#ifndef KMR_TRACE_RECOGNISE_H
#define KMR_TRACE_RECOGNISE_H

#include <stdbool.h>

#include "kmreplay/error.h"
#include "trace/lines.h"
#include "trace/text.h"

/* As much of a trace as is looked at. */
#define RECOGNISE_BYTES ((size_t)64 << 10)
#define RECOGNISE_LINES 1000

struct recognised {
	const char *format;
	unsigned int version; /* to read GFP masks and migrate types by; 0: not known */
	bool old_mobility; /* migrate types are numbered as before 4.4 */
	bool made_up; /* by `kmreplay gen` */
	char machine[KMR_TRACE_MACHINE]; /* for this machine; "": not said */
};

int recognise_text(struct lines *lines, struct recognised *what, struct kmr_error *err);

#endif
