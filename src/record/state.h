/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel tells of its allocators, kept in memory until there is time to write it: writing
 * would change what is being looked at.
 */
#ifndef KMR_RECORD_STATE_H
#define KMR_RECORD_STATE_H

#include <stddef.h>

#include "kmreplay/error.h"
#include "kmreplay/record.h"
#include "record/instance.h"
#include "record/outdir.h"

struct rec_file {
	char *name; /* below state/ */
	char *bytes;
	size_t len;
};

struct rec_state {
	struct rec_file *files;
	size_t nr, cap;
};

/* Adds a file; takes @bytes over, also when it fails. */
int rec_state_add(struct rec_state *s, const char *name, char *bytes, size_t len,
		  struct kmr_error *err);

/* What does not change while recording: how the kernel was built and started, CPUs, nodes, caches. */
int rec_state_machine(struct rec_state *s, const struct kmr_record_options *o,
		      struct kmr_error *err);

/* The formats of the events. */
int rec_state_formats(struct rec_state *s, const struct rec_instance *in, struct kmr_error *err);

/*
 * What changes, each with @suffix: ".before" or ".after".  Before the recording the free lists'
 * counts are read last and after it first, so that as little as possible happens in between.
 */
int rec_state_memory(struct rec_state *s, const struct kmr_record_options *o, const char *suffix,
		     struct kmr_error *err);

/* The buffers' counts, events lost among them; from before the instance goes. */
int rec_state_stats(struct rec_state *s, const struct rec_instance *in, struct kmr_error *err);

/* Writes all of it below state/. */
int rec_state_write(const struct rec_state *s, const struct rec_outdir *out, struct kmr_error *err);

void rec_state_free(struct rec_state *s);

#endif
