/* SPDX-License-Identifier: GPL-2.0-only */
/* Running kmreplay in an empty directory and looking at what it said and what it left there. */
#ifndef KMREPLAY_TESTS_CLI_COMMAND_H
#define KMREPLAY_TESTS_CLI_COMMAND_H

#include <sys/types.h>

#define CAPTURE KMR_SOURCE_ROOT "/traces/i386-slub-compile"
#define TRACE	CAPTURE "/trace.txt.zst"
#define BEFORE	CAPTURE "/state/kmsnap.before.zst"
#define AFTER	CAPTURE "/state/kmsnap.after.zst"

/* What a command did; texts are cut at their buffers' ends. */
struct outcome {
	int status; /* exit status; 128 + signal when it died of one */
	char out[65536];
	char err[4096];
};

/* Makes an empty directory under /tmp and goes there; for .init of a suite. */
void command_enter(void);
/* Leaves and removes it; for .fini. */
void command_leave(void);

/*
 * Runs a line of sh(1) in which $K is kmreplay; standard error and output go into the outcome.
 * The outcome is overwritten by the next run.
 */
const struct outcome *run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for something that has to work: a failed assertion with what it said otherwise. */
void need(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Fails unless the outcome is exit 2 with one line on standard error that begins with "kmreplay"
 * and holds @says, with nothing on standard output.
 */
void assert_refused(const struct outcome *o, const char *says);

/* Fails unless the directory holds just the files named, separated by blanks, in ls's order. */
void assert_files(const char *names);

/* The value of a string or number at @key in JSON as kmreplay prints it; "" when it has none. */
const char *json_value(const char *json, const char *key);

#endif
