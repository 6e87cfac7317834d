/* SPDX-License-Identifier: GPL-2.0-only */
/* A trace on standard input that has to be read twice is kept in an unnamed temporary file. */
#ifndef KMREPLAY_REPLAY_SPOOL_H
#define KMREPLAY_REPLAY_SPOOL_H

#include <stdbool.h>
#include <stdio.h>

#include "kmreplay/error.h"

struct kmr_spool {
	FILE *file; /* NULL: nothing was spooled */
	char name[32];
	const char *path; /* what to open; the trace itself when nothing was spooled */
};

int kmr_spool_open(struct kmr_spool *spool, const char *trace, bool twice, struct kmr_error *err);
void kmr_spool_close(struct kmr_spool *spool);

#endif
