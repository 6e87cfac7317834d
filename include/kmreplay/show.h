/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own files about memory as they would be: of a run's end in a database, or of a
 * snapshot.  Both go the same way, through a store and its views.
 */
#ifndef KMREPLAY_SHOW_H
#define KMREPLAY_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/snapshot.h"
#include "kmreplay/store.h"

enum kmr_shown {
	KMR_SHOWN_BUDDYINFO,
	KMR_SHOWN_PAGETYPEINFO,
	KMR_SHOWN_EXTFRAG_INDEX,
	KMR_SHOWN_UNUSABLE_INDEX,
	KMR_SHOWN_SLABINFO,
	KMR_NR_SHOWN,
};

/* "buddyinfo", …: the names of the kernel's files. */
const char *kmr_shown_name(enum kmr_shown shown);

struct kmr_show {
	unsigned int what; /* bit by bit, enum kmr_shown */
	bool json; /* each file as one line of JSON instead */
	/* told of every line of every file, without its end; -1 ends it all */
	int (*line)(void *ctx, enum kmr_shown shown, const char *line);
	void *ctx;
};

/*
 * "buddyinfo,slabinfo" or "all" as bits.  -1 with a message when one of them is no such file.
 */
int kmr_shown_parse(const char *list, unsigned int *what, struct kmr_error *err);

/*
 * At the end of @run, 0: the last one, of the database at @path.  Where no objects were simulated,
 * or their allocator has no such file, there is no slabinfo: it is left out, and an error if nothing
 * else was asked for.
 */
int kmr_show_database(const struct kmr_show *show, const char *path, uint64_t run,
		      struct kmr_error *err);

/* Likewise of what @snap has, put into the models of its kernel's allocators. */
int kmr_show_snapshot(const struct kmr_show *show, const struct kmr_snapshot *snap,
		      struct kmr_error *err);

/* Likewise of the run that is being written, as of its last sample. */
int kmr_store_show(struct kmr_store *store, const struct kmr_show *show, struct kmr_error *err);

#endif
