/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace decoded once: its events as one array, in a file without a name that is mapped, so that
 * memory does not grow with the trace.  What later events tell about earlier ones (who a page was
 * asked for by, an object's cache) can be written into them, and several runs can read one tape.
 */
#ifndef KMREPLAY_REPLAY_TAPE_H
#define KMREPLAY_REPLAY_TAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/event.h"
#include "kmreplay/snapshot.h"
#include "kmreplay/source.h"

#define KMR_TAPE_MAX_EVENTS (UINT32_MAX - 1) /* events are known by 32-bit numbers */

/* A cache that objects of the trace come from. */
struct kmr_tape_cache {
	char name[KMR_SNAP_CACHE_NAME];
	/* as far as the trace shows them, else 0; bytes */
	uint32_t object_size, size;
	uint64_t addresses; /* of its objects, or-ed: their low zero bits are its alignment */
	uint32_t nr_addresses;
	bool made_up; /* no name was seen: told apart by its sizes alone */
};

struct kmr_tape {
	struct kmr_event *events;
	uint64_t count;
	struct kmr_source *source; /* at its end; for its strings */
	const struct kmr_trace_info *info;
	struct kmr_tape_cache *caches; /* by kmr_event.cache; 0 is none */
	uint32_t nr_caches;
	size_t cap_caches;
	/* from attribution */
	const char *allocator; /* whose trace it is, as in struct kmr_attribution */
	bool real_pointers;
	/* what the mapping needs */
	int fd;
	uint64_t mapped; /* events */
};

typedef void (*kmr_tape_progress)(void *ctx, const struct kmr_trace_info *info);

/*
 * Reads the whole trace at @path ("-": standard input).  The tape is in $TMPDIR, or /tmp; a full
 * disk there is an error.  kmr_tape_free() in either case.
 */
int kmr_tape_record(struct kmr_tape *t, const char *path, const struct kmr_source_options *options,
		    kmr_tape_progress progress, void *ctx, struct kmr_error *err);

/* The number of the cache of that name; a new one is added.  0: no memory, or too many. */
uint16_t kmr_tape_cache(struct kmr_tape *t, const char *name);

/* The number of the cache of that name; 0: none. */
uint16_t kmr_tape_find_cache(const struct kmr_tape *t, const char *name);

void kmr_tape_free(struct kmr_tape *t);

#endif
