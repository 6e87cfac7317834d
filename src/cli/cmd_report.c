// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay report: what came out of runs, for people and for scripts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "cli/cli.h"
#include "cli/version.h"
#include "kmreplay/report.h"

static void warn(void *ctx, const char *text)
{
	(void)ctx;
	fprintf(stderr, "kmreplay: %s\n", text);
}

/* The format that was asked for, or that the output's name ends in. */
static int choose_format(const char *name, const char *output, enum kmr_report_format *format,
			 struct kmr_error *err)
{
	const char *slash = output ? strrchr(output, '/') : NULL;
	const char *dot = output ? strrchr(slash ? slash : output, '.') : NULL;

	*format = KMR_REPORT_HTML;
	if (name && kmr_report_format_by_name(name, format))
		return kmr_fail(
			err, "report: --format takes html, md, csv, json or txt, found '%s'", name);
	if (name)
		return 0;
	if (dot && !dot[strspn(dot, ".")]) /* . and .. are no names */
		dot = NULL;
	if (dot && kmr_report_format_by_name(dot + 1, format))
		return kmr_fail(err,
				"report: %s: no format has that ending; --format takes html, md, "
				"csv, json or txt",
				output);
	if (!dot)
		*format = output && strcmp(output, "-") != 0 ? KMR_REPORT_HTML : KMR_REPORT_TXT;
	return 0;
}

/* The whole report comes into memory first: nothing is written when a database is bad. */
static int make(char *const *databases, size_t nr, const struct kmr_report_options *o, char **text,
		size_t *len, struct kmr_error *err)
{
	FILE *out = open_memstream(text, len);
	int ret;

	if (!out)
		return kmr_fail_nomem(err, "the report");
	ret = kmr_report((const char *const *)databases, nr, o, out, err);
	if ((ferror(out) | fclose(out)) && !ret)
		ret = kmr_fail_nomem(err, "the report");
	return ret;
}

static int deliver(const char *path, const char *text, size_t len, struct kmr_error *err)
{
	struct kmr_outfile file;
	int ret;

	if (!path || !strcmp(path, "-")) {
		(void)fwrite(text, 1, len, stdout);
		return 0;
	}
	if (kmr_outfile_create(&file, path, "report", err))
		return -1;
	ret = kmr_outfile_write(&file, text, len, err) || kmr_outfile_commit(&file, err);
	kmr_outfile_release(&file);
	return ret ? -1 : 0;
}

static int run(int argc, char **argv)
{
	struct kmr_report_options o;
	struct kmr_error err = { "" };
	const char *output = NULL, *format = NULL;
	char *text = NULL;
	size_t len = 0;
	int operand, code = KMR_EXIT_OK;

	memset(&o, 0, sizeof(o));
	o.program = "kmreplay " KMR_VERSION;
	o.warn = warn;
	const struct kmr_option options[] = {
		{ "output", 'o', "FILE", "the file to write; -: standard output (that)", NULL,
		  &output },
		{ "format", 'f', "FORMAT",
		  "html, md, csv, json or txt (what FILE ends in, else\nhtml; txt on standard "
		  "output)",
		  NULL, &format },
		{ "title", 't', "TEXT", "the title (the runs and their trace)", NULL, &o.title },
		{ "no-plots", 0, NULL, "leave figures out", &o.no_plots, NULL },
		{ "templates", 0, "DIR", "gnuplot templates to use in place of the installed ones",
		  NULL, &o.templates },
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};
	operand = kmr_parse_options(&kmr_cmd_report, options, argc, argv, 1, 1000);
	if (operand < 0)
		return kmr_parse_exit(operand);
	if (choose_format(format, output, &o.format, &err) ||
	    make(argv + operand, (size_t)(argc - operand), &o, &text, &len, &err) ||
	    deliver(output, text, len, &err))
		code = kmr_complain(&err);
	free(text);
	return code;
}

const struct kmr_command kmr_cmd_report = {
	.name = "report",
	.usage = "DB... [-o report.html] [OPTION]...",
	.summary = "which run did best at what, with figures and tables",
	.about = "Writes a report of all runs in the databases: first which did best at what and "
		 "by\n"
		 "how much, then a summary, figures, failures, fallbacks, waste, latencies, the\n"
		 "machine, and how it was made. HTML is one page that needs no network and no\n"
		 "scripts; figures are drawn by gnuplot.",
	.run = run,
};
