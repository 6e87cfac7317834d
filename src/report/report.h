/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of a report, each adding its sections to the document. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "kmreplay/report.h"
#include "report/doc.h"
#include "report/run_facts.h"

struct kmr_report {
	const struct kmr_report_options *options;
	const char *const *paths; /* of the databases */
	struct kmr_runs runs;
	struct kmr_doc *doc;
};

/* What to call run @i in a table's heading: its label, or its number if that is too long. */
const char *kmr_report_name(const struct kmr_report *report, size_t i);

/* Columns for a table: @fixed first, then a number a run; freed with the document. */
struct kmr_doc_column *kmr_report_columns(const struct kmr_report *report,
					  const struct kmr_doc_column *fixed, size_t nr_fixed);

void kmr_report_answer(struct kmr_report *report);
void kmr_report_summary(struct kmr_report *report);
int kmr_report_figures(struct kmr_report *report, struct kmr_error *err);
int kmr_report_failures(struct kmr_report *report, struct kmr_error *err);
int kmr_report_steals(struct kmr_report *report, struct kmr_error *err);
int kmr_report_waste(struct kmr_report *report, struct kmr_error *err);
int kmr_report_latency(struct kmr_report *report, struct kmr_error *err);
int kmr_report_reclaim(struct kmr_report *report, struct kmr_error *err);
int kmr_report_nodes(struct kmr_report *report, struct kmr_error *err);
int kmr_report_machine(struct kmr_report *report, struct kmr_error *err);
int kmr_report_origin(struct kmr_report *report, struct kmr_error *err);

/*
 * A table with a row for each row of @sql in every run, whose columns are @columns but for a first
 * one, added where there are several runs, that names the run.  Values are typed as SQLite has them; real
 * numbers get @decimals.  No table when there are no rows: returns their number, or -1.
 */
int kmr_report_rows(struct kmr_report *report, const char *id, const char *caption, const char *sql,
		    const struct kmr_doc_column *columns, size_t nr_columns, unsigned int decimals,
		    struct kmr_error *err);

#endif
