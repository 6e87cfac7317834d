/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A tracefs instance: buffers, options and events of its own.  One that was there before gets its
 * settings back, one that was made here is removed.
 */
#ifndef KMR_RECORD_INSTANCE_H
#define KMR_RECORD_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmreplay/error.h"
#include "kmreplay/record.h"
#include "record/files.h"

/* A file of tracefs and what was in it. */
struct rec_setting {
	char *path;
	char *value;
};

struct rec_instance {
	const struct kmr_record_options *o;
	struct kmr_record_result *r; /* takes the notes */
	char tracefs[REC_PATH];
	char path[REC_PATH];
	bool made; /* by us */
	bool hashed; /* pointers are not the real ones */
	int marker; /* trace_marker; -1 */
	uint64_t buffer_kib; /* of each CPU */
	unsigned int nr_cpus; /* that have a buffer */
	struct rec_setting *settings; /* in the order of their changes */
	size_t nr_settings, cap_settings;
};

/*
 * Makes or takes the instance and sets it up, tracing off and its buffer empty.  After a failure,
 * too, rec_instance_restore() has to follow.
 */
int rec_instance_open(struct rec_instance *in, const struct kmr_record_options *o,
		      struct kmr_record_result *r, struct kmr_error *err);

/* Tracing on or off. */
int rec_instance_switch(struct rec_instance *in, bool on, struct kmr_error *err);

/* A line into the trace; that it fails is no reason to stop. */
void rec_instance_mark(const struct rec_instance *in, const char *text);

/* @key of per_cpu/cpu@cpu/stats; 0: not there. */
uint64_t rec_instance_stat(const struct rec_instance *in, unsigned int cpu, const char *key);

/* Everything back to what it was; tells in a note what could not be. */
void rec_instance_restore(struct rec_instance *in);

/* Keeps a line for the user. */
void rec_note(struct kmr_record_result *r, const char *fmt, ...) KMR_PRINTF(2, 3);

#endif
