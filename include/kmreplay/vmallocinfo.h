/* SPDX-License-Identifier: GPL-2.0-only */
/* Areas of the kernel's address space that are in use, from a dump of /proc/vmallocinfo. */
#ifndef KMREPLAY_VMALLOCINFO_H
#define KMREPLAY_VMALLOCINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"

struct kmr_vmallocinfo_area {
	uint64_t start, end; /* bytes, end exclusive, with the guard page */
	bool lazy; /* "unpurged vm_area": freed, and still waiting for a purge */
};

struct kmr_vmallocinfo {
	struct kmr_vmallocinfo_area *areas; /* by address, none overlapping */
	size_t nr;
};

/*
 * Reads DIR/vmallocinfo@suffix; @suffix NULL: vmallocinfo, or with .before or .after, whichever is
 * there first.  1: read; 0: it is not there, or its addresses are hashed, so that it tells nothing;
 * -1: damaged, with file and line.  The caller frees with kmr_vmallocinfo_free() in each case.
 */
int kmr_vmallocinfo_read(struct kmr_vmallocinfo *info, const char *dir, const char *suffix,
			 struct kmr_error *err);
void kmr_vmallocinfo_free(struct kmr_vmallocinfo *info);

#endif
