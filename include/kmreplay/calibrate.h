/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prices of steps (cost.h) out of measured latencies: the durations that the function_graph tracer
 * gives of the allocators' entry points.  A replay of the same trace says which steps each of those
 * calls took; least squares without negative prices says what a step must cost.
 */
#ifndef KMREPLAY_CALIBRATE_H
#define KMREPLAY_CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "kmreplay/cost.h"
#include "kmreplay/error.h"
#include "kmreplay/replay.h"

#define KMR_CALIBRATE_TRIM 20u /* permille of calls left out by default */

struct kmr_calibrate_options {
	const char *trace; /* path, or "-" */
	const char *machine; /* as kmr_replay_options */
	const char *page;
	/* NULL: that of the traced allocator, if the trace has objects; "none": pages alone */
	const char *object;
	enum kmr_start start;
	const char *cost; /* a file over the shipped table; NULL: that as it is */
	const char *output; /* cost file to write; NULL: none */
	bool strict;
	bool overhead_given; /* by the next; else by overhead_of, else it is estimated */
	uint64_t overhead; /* ps that recording a call adds to it */
	const char *overhead_of; /* a function that does next to nothing: its shortest call; NULL */
	uint64_t event_overhead; /* ps that an event within a call adds to it */
	/*
	 * Permille of the calls of each operation and path, from 0 to 500, that are left out: those that
	 * take longest by what a fit to the others says.
	 */
	unsigned int trim;
	void (*progress)(void *ctx, const struct kmr_trace_info *info);
	void *progress_ctx;
};

enum kmr_price_state {
	KMR_PRICE_UNSEEN, /* no call took the step: the table's price */
	KMR_PRICE_FITTED,
	KMR_PRICE_TIED, /* it always comes with others: their sum is fitted, at the table's ratio */
	KMR_PRICE_HELD, /* of time, not of a step: KMR_STEP_WAIT */
};

struct kmr_calibrate_step {
	enum kmr_price_state state;
	unsigned int group; /* TIED: steps of the same number, from 1, come with each other */
	uint64_t before, after; /* ps */
	uint64_t calls; /* that took it, of those that were fitted to */
	uint64_t times; /* that they took it, all in all */
};

/* Calls of one operation and path; ns. */
struct kmr_calibrate_residual {
	enum kmr_operation operation;
	enum kmr_path path;
	uint64_t calls; /* fitted to */
	uint64_t trimmed; /* left out as too long */
	uint64_t p50, p99; /* measured, of all, trimmed ones too */
	double measured, predicted; /* means of those fitted to */
	double rms; /* of measured minus predicted */
};

#define KMR_MAX_RESIDUALS (KMR_NR_OPERATIONS * KMR_NR_PATHS)

/* What became of the calls in the trace. */
struct kmr_calibrate_counts {
	uint64_t calls; /* of entry points, from entry to return, with an event in them */
	uint64_t interrupted; /* with an interrupt in them: left out */
	uint64_t
		broken; /* cut by a switch of tasks, by lost events or by the trace's end: left out */
	uint64_t unknown; /* of which the replay did not take every event: left out */
	uint64_t trimmed; /* left out as too long */
	uint64_t fitted;
};

struct kmr_calibrate_result {
	struct kmr_replay_result *replay; /* of the trace */
	struct kmr_calibrate_counts counts;
	struct kmr_calibrate_step steps[KMR_NR_STEPS];
	struct kmr_calibrate_residual residuals[KMR_MAX_RESIDUALS];
	unsigned int nr_residuals;
	uint64_t overhead; /* ps a call */
	/*
	 * ps by which a recorded call within another one adds more to that than overhead; fitted.  0, if
	 * the trace does not tell it from prices.
	 */
	uint64_t inner_overhead;
	bool overhead_estimated; /* as the constant term */
	bool overhead_tied; /* estimated, and the trace alone does not tell it from prices */
	double scale; /* by which all prices of the table together fit best */
	double r_squared;
	double rms; /* ns */
	struct kmr_cost_table table; /* fitted */
};

/*
 * Reads the trace twice: its calls, then a replay with their events.  -1 with a message, and nothing
 * written, when it has no durations, none of a known entry point, or none that the replay knows.
 */
int kmr_calibrate(const struct kmr_calibrate_options *options, struct kmr_calibrate_result *result,
		  struct kmr_error *err);

/* Gives back what a result holds. */
void kmr_calibrate_result_free(struct kmr_calibrate_result *result);

#endif
