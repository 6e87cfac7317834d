// SPDX-License-Identifier: GPL-2.0-only
/* What runs were made of: the machine, and all that is needed to make them again. */
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "report/report.h"
#include "report/units.h"

static const struct kmr_doc_column zone_columns[] = {
	{ "node", "node", NULL, false },
	{ "zone", "zone", NULL, false },
	{ "start_pfn", "first frame", NULL, true },
	{ "managed", "managed", "pages", true },
	{ "wmark_min", "min", "pages", true },
	{ "wmark_low", "low", "pages", true },
	{ "wmark_high", "high", "pages", true },
	{ "pcp_high", "per CPU", "pages", true },
	{ "pcp_batch", "batch", "pages", true },
};

static const char zones[] = "SELECT node, name, start_pfn, managed, wmark_min, wmark_low, "
			    "wmark_high, pcp_high, pcp_batch"
			    " FROM zone WHERE run = ?1 ORDER BY zone";

int kmr_report_machine(struct kmr_report *report, struct kmr_error *err)
{
	const struct kmr_runs *runs = &report->runs;
	struct kmr_report first = *report;

	kmr_doc_section(report->doc, "machine", "Machine");
	for (size_t i = 0; i < (kmr_runs_agree(runs, KMR_FACT_HARDWARE) ? 1 : runs->nr); i++)
		kmr_doc_paragraph(report->doc, "%s%s%s.",
				  kmr_runs_agree(runs, KMR_FACT_HARDWARE) ? "" : runs->all[i].label,
				  kmr_runs_agree(runs, KMR_FACT_HARDWARE) ? "" : ": ",
				  runs->all[i].fact[KMR_FACT_HARDWARE]);
	/* machines that are alike may still differ in their limits, which old kernels set themselves */
	if (kmr_runs_agree(runs, KMR_FACT_HARDWARE))
		first.runs.nr = 1;
	return kmr_report_rows(&first, "zones", "Zones, their watermarks and per-CPU lists.", zones,
			       zone_columns, ARRAY_SIZE(zone_columns), 0, err) < 0
		       ? -1
		       : 0;
}

/* A backend of a run and its parameters, in a row; nothing where there is none. */
static void put_backend(struct kmr_report *report, struct kmr_doc_table *t, size_t run,
			const char *what, const char *name, const char *params)
{
	const char *text = "";

	if (!*name)
		return;
	for (; *params; params += strcspn(params, ","), params += *params == ',')
		text = kmr_doc_text(report->doc, "%s%s%.*s", text, *text ? ", " : "",
				    (int)strcspn(params, ","), params);
	kmr_cell_text(t, kmr_report_name(report, run));
	kmr_cell_text(t, what);
	kmr_cell_text(t, name);
	kmr_cell_text(t, text);
}

static void put_backends(struct kmr_report *report)
{
	static const struct kmr_doc_column columns[] = {
		{ "run", "run", NULL, false },
		{ "of", "of", NULL, false },
		{ "backend", "backend", NULL, false },
		{ "parameters", "parameters", NULL, false },
	};
	struct kmr_doc_table *t =
		kmr_doc_table(report->doc, "backends", NULL, columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < report->runs.nr; i++) {
		char *const *f = report->runs.all[i].fact;

		put_backend(report, t, i, "pages", f[KMR_FACT_BACKEND], f[KMR_FACT_PARAMS]);
		put_backend(report, t, i, "objects", f[KMR_FACT_OBJECT], f[KMR_FACT_OBJECT_PARAMS]);
		put_backend(report, t, i, "addresses", f[KMR_FACT_VMAP], f[KMR_FACT_VMAP_PARAMS]);
		put_backend(report, t, i, "reclaim",
			    f[KMR_FACT_PRESSURE][0] ? "model" : "as traced", f[KMR_FACT_PRESSURE]);
	}
}

static void put_runs(struct kmr_report *report)
{
	static const struct kmr_doc_column columns[] = {
		{ "run", "run", NULL, false },
		{ "database", "database", NULL, false },
		{ "number", "there", NULL, false },
		{ "start", "start state", NULL, false },
		{ "object_start", "objects at the start", NULL, false },
		{ "digest", "digest", NULL, false },
	};
	struct kmr_doc_table *t =
		kmr_doc_table(report->doc, "runs", NULL, columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < report->runs.nr; i++) {
		const struct kmr_run_facts *f = &report->runs.all[i];

		kmr_cell_text(t, kmr_report_name(report, i));
		kmr_cell_text(t, f->database.path);
		kmr_cell_text(t, kmr_doc_text(report->doc, "run %lld", (long long)f->run));
		kmr_cell_text(t, f->fact[KMR_FACT_START]);
		if (f->fact[KMR_FACT_OBJECT_START][0])
			kmr_cell_text(t, f->fact[KMR_FACT_OBJECT_START]);
		else
			kmr_cell_none(t);
		kmr_cell_text(t, f->fact[KMR_FACT_DIGEST]);
	}
}

/* A fact that all runs have in common is said once, others for each run. */
static void put_fact(struct kmr_report *report, const char *about, enum kmr_fact fact)
{
	const struct kmr_runs *runs = &report->runs;
	const bool agree = kmr_runs_agree(runs, fact);

	for (size_t i = 0; i < (agree ? 1 : runs->nr); i++)
		if (runs->all[i].fact[fact][0])
			kmr_doc_item(report->doc, about, "%s%s%s", runs->all[i].fact[fact],
				     agree ? "" : "; ", agree ? "" : runs->all[i].label);
}

/* Each command once, however many runs it made. */
static void put_commands(struct kmr_report *report)
{
	const struct kmr_runs *runs = &report->runs;
	const char *text = "";

	for (size_t i = 0; i < runs->nr; i++) {
		const char *command = runs->all[i].fact[KMR_FACT_COMMAND];
		bool seen = !*command;

		for (size_t k = 0; k < i; k++)
			seen |= !strcmp(runs->all[k].fact[KMR_FACT_COMMAND], command);
		if (!seen)
			text = kmr_doc_text(report->doc, "%s%s -o %s\n", text, command,
					    runs->all[i].database.path);
	}
	if (*text)
		kmr_doc_code(report->doc, text);
	else
		kmr_doc_paragraph(report->doc, "The databases do not tell by which command.");
}

/* What draws the figures of the same runs, where the report has none. */
static void put_plot(struct kmr_report *report)
{
	const struct kmr_report_options *o = report->options;
	const char *text = "kmreplay plot";

	if (o->format == KMR_REPORT_HTML && !o->no_plots)
		return;
	for (size_t i = 0; i < report->runs.nr_databases; i++)
		text = kmr_doc_text(report->doc, "%s %s", text, report->paths[i]);
	kmr_doc_item(report->doc, "Figures", "%s -o figures", text);
}

static const struct kmr_doc_column trace_columns[] = {
	{ "events", "events", NULL, true },	  { "bytes", "bytes", NULL, true },
	{ "length", "length", "s", true },	  { "cpus", "CPUs", NULL, true },
	{ "malformed", "malformed", NULL, true }, { "lost", "lost", NULL, true },
	{ "gaps", "gaps", NULL, true },
};

static const char traces[] =
	"SELECT events, bytes, max(0, last_time - first_time) / 1e9, nr_cpus, malformed, lost, gaps"
	" FROM trace WHERE run = ?1";

int kmr_report_origin(struct kmr_report *report, struct kmr_error *err)
{
	struct kmr_report first = *report;

	kmr_doc_section(report->doc, "origin", "How it was made");
	put_commands(report);
	put_runs(report);
	put_backends(report);
	put_fact(report, "Trace", KMR_FACT_TRACE);
	put_fact(report, "Format", KMR_FACT_FORMAT);
	put_fact(report, "Written by kernel", KMR_FACT_KERNEL);
	put_fact(report, "Machine as asked for", KMR_FACT_MACHINE);
	put_fact(report, "Program", KMR_FACT_PROGRAM);
	put_plot(report);
	if (kmr_runs_agree(&report->runs, KMR_FACT_TRACED))
		first.runs.nr = 1;
	return kmr_report_rows(&first, "traces", "What was read of the trace.", traces,
			       trace_columns, ARRAY_SIZE(trace_columns), 6, err) < 0
		       ? -1
		       : 0;
}
