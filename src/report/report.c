// SPDX-License-Identifier: GPL-2.0-only
/* A report: the runs are read, the sections made one after the other, and the document written. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "report/utf8.h"

#define LONGEST_NAME  16 /* columns of a run's name in a table's heading */
#define LONGEST_TITLE 60 /* columns of the names in a title that is made */
#define MOST_COLUMNS  16 /* of a table of rows */

static const struct writer {
	const char *name;
	int (*write)(const struct kmr_doc *doc, FILE *out);
} writers[] = {
	[KMR_REPORT_HTML] = { "html", kmr_doc_write_html },
	[KMR_REPORT_MD] = { "md", kmr_doc_write_md },
	[KMR_REPORT_CSV] = { "csv", kmr_doc_write_csv },
	[KMR_REPORT_JSON] = { "json", kmr_doc_write_json },
	[KMR_REPORT_TXT] = { "txt", kmr_doc_write_txt },
};

int kmr_report_format_by_name(const char *name, enum kmr_report_format *format)
{
	for (size_t i = 0; i < ARRAY_SIZE(writers); i++)
		if (!strcmp(writers[i].name, name)) {
			*format = (enum kmr_report_format)i;
			return 0;
		}
	return -1;
}

const char *kmr_report_name(const struct kmr_report *report, size_t i)
{
	for (size_t k = 0; k < report->runs.nr; k++) {
		const char *label = report->runs.all[k].label;

		if (kmr_utf8_columns(label, strlen(label)) > LONGEST_NAME)
			return kmr_doc_text(report->doc, "run %zu", i + 1);
	}
	return report->runs.all[i].label;
}

struct kmr_doc_column *kmr_report_columns(const struct kmr_report *report,
					  const struct kmr_doc_column *fixed, size_t nr_fixed)
{
	struct kmr_doc_column *columns = calloc(nr_fixed + report->runs.nr, sizeof(*columns));

	if (!columns)
		return NULL;
	memcpy(columns, fixed, nr_fixed * sizeof(*columns));
	for (size_t i = 0; i < report->runs.nr; i++) {
		struct kmr_doc_column *c = &columns[nr_fixed + i];

		c->key = kmr_doc_text(report->doc, "run%zu", i + 1);
		c->title = kmr_report_name(report, i);
		c->number = true;
	}
	return columns;
}

static void put_value(struct kmr_doc_table *t, sqlite3_stmt *row, int column, unsigned int decimals)
{
	switch (sqlite3_column_type(row, column)) {
	case SQLITE_INTEGER:
		kmr_cell_count(t, kmr_query_count(row, column));
		return;
	case SQLITE_FLOAT:
		kmr_cell_real(t, sqlite3_column_double(row, column), decimals);
		return;
	case SQLITE_NULL:
		kmr_cell_none(t);
		return;
	default:
		kmr_cell_text(t, kmr_query_text(row, column));
	}
}

int kmr_report_rows(struct kmr_report *report, const char *id, const char *caption, const char *sql,
		    const struct kmr_doc_column *columns, size_t nr_columns, unsigned int decimals,
		    struct kmr_error *err)
{
	struct kmr_doc_column all[MOST_COLUMNS] = { { "run", "run", NULL, false } };
	const size_t named = report->runs.nr > 1;
	struct kmr_doc_table *t = NULL;
	int ret = 0, rows = 0;

	memcpy(all + named, columns, nr_columns * sizeof(*columns));
	for (size_t i = 0; !ret && i < report->runs.nr; i++) {
		const struct kmr_run_facts *f = &report->runs.all[i];
		sqlite3_stmt *row;

		if (kmr_query_begin(&f->database, sql, f->run, &row, err))
			return -1;
		while ((ret = kmr_query_next(&f->database, row, err)) > 0) {
			if (!rows++)
				t = kmr_doc_table(report->doc, id, caption, all,
						  named + nr_columns);
			if (named)
				kmr_cell_text(t, kmr_report_name(report, i));
			for (size_t k = 0; k < nr_columns; k++)
				put_value(t, row, (int)k, decimals);
		}
		(void)sqlite3_finalize(row);
	}
	return ret ? -1 : rows;
}

/* "linux-6.1, linux-6.12 and 2 more", of the trace's name. */
static const char *make_title(struct kmr_report *report)
{
	const struct kmr_runs *runs = &report->runs;
	const char *trace = runs->all[0].fact[KMR_FACT_TRACE];
	const char *text = kmr_doc_text(report->doc, "%s", runs->all[0].label);

	for (size_t i = 1; i < runs->nr && i < 4; i++)
		text = kmr_doc_text(report->doc, "%s%s%s", text, i + 1 == runs->nr ? " and " : ", ",
				    runs->all[i].label);
	if (runs->nr > 4)
		text = kmr_doc_text(report->doc, "%s and %zu more", text, runs->nr - 4);
	if (kmr_utf8_columns(text, strlen(text)) > LONGEST_TITLE)
		text = kmr_doc_text(report->doc, "%zu runs", runs->nr);
	if (!kmr_runs_agree(runs, KMR_FACT_TRACE))
		return text;
	/* of a capture the directory tells more than the trace in it */
	for (const char *p = strchr(trace, '/'); p && strchr(p + 1, '/'); p = strchr(p, '/'))
		trace = ++p;
	return kmr_doc_text(report->doc, "%s on %s", text, trace);
}

static int build(struct kmr_report *report, struct kmr_error *err)
{
	static int (*const sections[])(struct kmr_report *, struct kmr_error *) = {
		kmr_report_figures, kmr_report_failures, kmr_report_steals,
		kmr_report_waste,   kmr_report_latency,	 kmr_report_reclaim,
		kmr_report_nodes,   kmr_report_machine,	 kmr_report_origin,
	};

	report->doc->title = report->options->title
				     ? kmr_doc_text(report->doc, "%s", report->options->title)
				     : make_title(report);
	kmr_report_answer(report);
	kmr_report_summary(report);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (sections[i](report, err))
			return -1;
	return report->doc->failed ? kmr_fail_nomem(err, "the report") : 0;
}

static int label(struct kmr_report *report, struct kmr_error *err)
{
	struct kmr_run_facts **runs = calloc(report->runs.nr, sizeof(struct kmr_run_facts *));
	int ret;

	if (!runs)
		return kmr_fail_nomem(err, "the runs");
	for (size_t i = 0; i < report->runs.nr; i++)
		runs[i] = &report->runs.all[i];
	ret = kmr_runs_label(runs, report->runs.nr, err);
	free(runs);
	return ret;
}

int kmr_report(const char *const *databases, size_t nr, const struct kmr_report_options *options,
	       FILE *out, struct kmr_error *err)
{
	struct kmr_report report = { .options = options, .paths = databases };
	int ret = kmr_runs_open(&report.runs, databases, nr, err);

	if (!ret)
		ret = label(&report, err);
	if (!ret) {
		report.doc = kmr_doc_new("", options->program);
		ret = report.doc ? build(&report, err) : kmr_fail_nomem(err, "the report");
	}
	if (!ret && writers[options->format].write(report.doc, out))
		ret = kmr_fail_nomem(err, "the report");
	kmr_doc_free(report.doc);
	kmr_runs_close(&report.runs);
	return ret;
}
