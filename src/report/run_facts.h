/* SPDX-License-Identifier: GPL-2.0-only */
/* A run as reports see it: who it was, and what came out. */
#ifndef REPORT_RUN_FACTS_H
#define REPORT_RUN_FACTS_H

#include "report/metric.h"

enum kmr_fact {
	KMR_FACT_BACKEND,
	KMR_FACT_PARAMS,
	KMR_FACT_OBJECT, /* "": none */
	KMR_FACT_OBJECT_PARAMS,
	KMR_FACT_VMAP, /* "": none */
	KMR_FACT_VMAP_PARAMS,
	KMR_FACT_PRESSURE, /* its parameters; "": reclaim was not simulated */
	KMR_FACT_START,
	KMR_FACT_OBJECT_START,
	KMR_FACT_MACHINE, /* as asked for */
	KMR_FACT_HARDWARE, /* architecture, RAM, CPUs, nodes */
	KMR_FACT_TRACE, /* path as given */
	KMR_FACT_TRACED, /* what the trace is: events, bytes and times, which tell it from others */
	KMR_FACT_FORMAT,
	KMR_FACT_KERNEL,
	KMR_FACT_COMMAND,
	KMR_FACT_PROGRAM,
	KMR_FACT_DIGEST,
	KMR_NR_FACTS
};

struct kmr_run_facts {
	struct kmr_database database;
	sqlite3_int64 run; /* its number there */
	char *fact[KMR_NR_FACTS]; /* never NULL */
	uint64_t first_time, last_time; /* ns */
	struct kmr_value *values; /* as kmr_metrics */
	char *label; /* what tells it from the others */
};

struct kmr_runs {
	struct kmr_database *databases;
	size_t nr_databases;
	struct kmr_run_facts *all;
	size_t nr, max;
};

/*
 * Opens the databases and reads what every run in them is summed up by.  Fails with one line
 * when one is missing, empty, truncated, of another schema version or not one of kmreplay's.
 * The paths must outlive the runs.
 */
int kmr_runs_open(struct kmr_runs *runs, const char *const *paths, size_t nr,
		  struct kmr_error *err);
void kmr_runs_close(struct kmr_runs *runs); /* also after a failure */

/* Gives each run of @nr a label by what they do not have in common, "linux-6.1 slub". */
int kmr_runs_label(struct kmr_run_facts *const *runs, size_t nr, struct kmr_error *err);

/* Do all runs have the same? */
bool kmr_runs_agree(const struct kmr_runs *runs, enum kmr_fact fact);

#endif
