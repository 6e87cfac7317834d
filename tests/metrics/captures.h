/* SPDX-License-Identifier: GPL-2.0-only */
/* The captures whose dumps of /proc and debugfs the tests compare with. */
#ifndef TESTS_METRICS_CAPTURES_H
#define TESTS_METRICS_CAPTURES_H

#include <criterion/criterion.h>
#include <unistd.h>

#include "kmreplay/machine.h"

#define CAPTURES KMR_SOURCE_ROOT "/../shared/captures"

static const struct {
	const char *name;
	/* figures that moved between the reading of buddyinfo and that of the index files */
	unsigned int drifts;
} captures[] = {
	{ "i386-slab-compile", 0 },	   { "i386-slab-files", 0 },
	{ "i386-slob-compile", 0 },	   { "i386-slob-files", 0 },
	{ "i386-slub-compile", 0 },	   { "i386-slub-files", 0 },
	{ "i386-slub-pressure", 7 },	   { "i386-slub-reclaim", 9 },
	{ "i386-slub-smp2-shell", 0 },	   { "x86_64-6.1-up-sqlite", 0 },
	{ "x86_64-6.12-numa-compile", 2 }, { "x86_64-6.12-numa-reclaim", 20 },
	{ "x86_64-6.12-up-dat", 0 },	   { "x86_64-6.12-up-shell", 0 },
};

#define NR_CAPTURES (sizeof(captures) / sizeof(captures[0]))

static inline void need_captures(void)
{
	if (access(CAPTURES, R_OK))
		cr_skip_test("%s is not there: nothing to compare with", CAPTURES);
}

#endif
