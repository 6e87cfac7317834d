/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Progress of long work on standard error: nothing, unless that is a terminal or --progress asks
 * for it, and not sooner than after a moment.  Not for several threads at a time.
 */
#ifndef KMREPLAY_CLI_PROGRESS_H
#define KMREPLAY_CLI_PROGRESS_H

#include <stdint.h>

#include "kmreplay/progress.h"
#include "kmreplay/source.h"

enum kmr_progress_mode {
	KMR_PROGRESS_AUTO, /* on terminals, when it takes a while */
	KMR_PROGRESS_PATIENT, /* when it takes a while */
	KMR_PROGRESS_ALWAYS,
	KMR_PROGRESS_NEVER
};

void kmr_progress_set(enum kmr_progress_mode mode);

/* "COMMAND: doing: 1,234 events, 8.1 M/s, 45 %, 12 s left"; `doing` is left out if it is COMMAND. */
void kmr_progress_show(const char *command, const struct kmr_progress *progress);

/* The same for a trace that is being read. */
void kmr_progress_trace(const char *command, const struct kmr_trace_info *info);

/* "COMMAND: doing: 3 of 12, 25 %": figures, files.  @doing must stay what it is. */
void kmr_progress_items(const char *command, const char *doing, uint64_t done, uint64_t total);

/* Of work whose end nobody knows. */
void kmr_progress(const char *what, uint64_t events, uint64_t bytes);

/* Takes the line away; before anything else is printed. */
void kmr_progress_end(void);

#endif
