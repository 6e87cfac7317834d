/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What lies beside a trace: snapshots and /proc dumps taken before and after it, in the trace's
 * own directory or in state/ there.  A capture, which is a directory, has them in itself.
 */
#ifndef KMREPLAY_REPLAY_BESIDE_H
#define KMREPLAY_REPLAY_BESIDE_H

#include <stdbool.h>

#define KMR_BESIDE_PATH 512

struct kmr_beside {
	char snapshot[KMR_BESIDE_PATH]; /* "" when there is none */
	char end_snapshot[KMR_BESIDE_PATH]; /* likewise */
	char proc[KMR_BESIDE_PATH]; /* directory with zoneinfo.before and buddyinfo.before */
	bool has_after; /* buddyinfo.after is there too */
};

/* Looks; nothing found is no error.  @trace may be "-" and a capture's directory. */
void kmr_beside_find(struct kmr_beside *beside, const char *trace);

/* The same for a directory that was named; @dir may be the one above state/. */
void kmr_beside_find_in(struct kmr_beside *beside, const char *dir);

#endif
