/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recording: what the kernel of this machine allocates while a command runs, with the state of its
 * allocators before and after, into a directory that every other command takes as a trace.
 *
 * The events go to a tracefs instance of their own, so that nobody else's tracing is disturbed.
 * Whatever was changed is as it was before when kmr_record() returns, whether it failed or not.
 */
#ifndef KMREPLAY_RECORD_H
#define KMREPLAY_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/error.h"

struct kmr_record_options {
	const char *output; /* the directory to make */
	bool force; /* replace a capture that is there */
	char *const *command; /* as of execvp(); NULL: none */
	uint64_t seconds; /* without a command: how long; 0: until interrupted */
	uint64_t buffer_kib; /* of each CPU; 0: as the machine's memory allows */
	const char *clock; /* of trace_clock; NULL: that of the kernel's own buffer */
	bool stream; /* read the events while they come */
	bool pages; /* leave the events of objects out */
	const char *instance; /* its name; NULL: one of our own */
	const char *tracefs; /* where it is mounted; NULL: find out */
	const char *proc, *sys; /* where these are mounted */
};

#define KMR_RECORD_NOTES 8
#define KMR_RECORD_NOTE	 256

struct kmr_record_result {
	int status; /* of the command: its exit code, or 128 + the signal that it died of */
	int interrupted; /* the signal that recording was told to end by; 0: none */
	int given_up; /* the second such signal, after which nothing was kept; 0: none */
	uint64_t events; /* recorded */
	uint64_t lost; /* for which the buffers were too small */
	/* what is worth knowing about the capture, lines without newline */
	char notes[KMR_RECORD_NOTES][KMR_RECORD_NOTE];
	unsigned int nr_notes;
};

/*
 * Records.  SIGINT, SIGTERM, SIGHUP and SIGQUIT are held back meanwhile: the first one ends the
 * recording (with a command: is handed on to it), and what was recorded is kept; after a second one
 * nothing is.  Fails with what is missing: privilege, tracefs, an event, room for the buffers, a
 * place for the directory.  The command's own failure is not one: see @r->status.
 */
int kmr_record(const struct kmr_record_options *o, struct kmr_record_result *r,
	       struct kmr_error *err);

#endif
