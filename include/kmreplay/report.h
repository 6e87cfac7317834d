/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports of stored runs, and the differences of two: what people and scripts get to read.  All
 * of it comes from the databases alone.
 */
#ifndef KMREPLAY_REPORT_H
#define KMREPLAY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "kmreplay/error.h"

enum kmr_report_format {
	KMR_REPORT_HTML, /* one page with everything in it; the only one with figures */
	KMR_REPORT_MD,
	KMR_REPORT_CSV,
	KMR_REPORT_JSON,
	KMR_REPORT_TXT /* 80 columns */
};

/* 0 and *format, or -1: there is none of this name ("html", "md", ...). */
int kmr_report_format_by_name(const char *name, enum kmr_report_format *format);

struct kmr_report_options {
	enum kmr_report_format format;
	const char *title; /* NULL: made of what the runs are */
	const char *program; /* what makes the report, with its version */
	const char *templates; /* gnuplot templates, as for kmr_plot() */
	bool no_plots;
	/* told why figures are missing, one line; NULL: nobody */
	void (*warn)(void *ctx, const char *text);
	void *ctx;
};

/*
 * Writes a report of all runs in @nr databases.  Fails with one line when a database is missing,
 * empty, truncated, of another schema version or not one of kmreplay's; then @out may hold a
 * part of it.  Missing figures are no failure.
 */
int kmr_report(const char *const *databases, size_t nr, const struct kmr_report_options *options,
	       FILE *out, struct kmr_error *err);

/*
 * Ends what draws figures for a report or a plot, and removes images that are half drawn and
 * temporary files; async-signal-safe, for handlers of SIGINT and SIGTERM.
 */
void kmr_report_emergency_cleanup(void);

struct kmr_diff_options {
	unsigned int run_a, run_b; /* numbers of the runs; 0: the only one there is */
	bool judge; /* look at @threshold */
	double threshold; /* percent by which a metric may be worse */
	size_t limit; /* rows of the table; 0: all */
	bool json;
};

/*
 * Writes what differs between run A of @a and run B of @b, the largest effect first.  *differ
 * tells whether any metric does or, with options->judge, whether one of those with a better
 * direction is worse in B by more than the threshold.  Fails as kmr_report(), and when a run is
 * not there or was not named where there are several.
 */
int kmr_diff(const char *a, const char *b, const struct kmr_diff_options *options, FILE *out,
	     bool *differ, struct kmr_error *err);

#endif
