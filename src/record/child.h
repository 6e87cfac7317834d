/* SPDX-License-Identifier: GPL-2.0-only */
/* The command that is recorded, and the signals that come meanwhile. */
#ifndef KMR_RECORD_CHILD_H
#define KMR_RECORD_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "kmreplay/error.h"
#include "kmreplay/record.h"

/*
 * SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGCHLD are blocked from here on and fetched one by one, so
 * that none comes at a bad moment.
 */
struct rec_signals {
	sigset_t set, old;
};

void rec_signals_hold(struct rec_signals *s);
void rec_signals_release(const struct rec_signals *s);

/* Whether a signal to end by waits; takes it. */
int rec_signals_pending(void);

struct rec_child {
	pid_t pid; /* 0: none */
	int go; /* a byte into it starts the command; -1 */
	int failed; /* errno comes out of it when it could not be started; -1 */
	int status; /* of waitpid(), once it has ended */
	bool ended;
};

/* A process that waits to become the command. */
int rec_child_fork(struct rec_child *c, const struct kmr_record_options *o,
		   const struct rec_signals *s, struct kmr_error *err);

/* Starts it; fails when there is no such command. */
int rec_child_start(struct rec_child *c, const struct kmr_record_options *o, struct kmr_error *err);

/*
 * Until the command ends (none: until o->seconds are over), or a signal is to end the recording:
 * the first is kept in @r->interrupted, and handed on to the command, whose end is waited for; a
 * second is kept in @r->given_up.
 */
void rec_child_wait(struct rec_child *c, const struct kmr_record_options *o,
		    const struct rec_signals *s, struct kmr_record_result *r);

/* Exit code, or 128 + signal; 0 without a command. */
int rec_child_code(const struct rec_child *c);

/* One that was never started ends; one that runs is left alone. */
void rec_child_free(struct rec_child *c);

#endif
