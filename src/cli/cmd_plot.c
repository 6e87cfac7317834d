// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay plot: figures of runs. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "kmreplay/plot.h"

#define MAX_RUNS    64
#define LARGE_ZONES 50 /* thousandths of memory: smaller zones are drawn when asked for */

static const struct {
	const char *name, *ending;
	unsigned int format;
} formats[] = {
	{ "png", "png", KMR_PLOT_PNG },
	{ "svg", "svg", KMR_PLOT_SVG },
	{ "pdf", "pdf", KMR_PLOT_PDF },
	{ "embed", "embed.svg", KMR_PLOT_EMBED },
};

#define NR_FORMATS (sizeof(formats) / sizeof(formats[0]))

#define MAX_NOTES 16

/* Kinds that were skipped, those with the same reason together. */
struct told {
	const char *directory;
	unsigned int nr_notes;
	struct {
		char why[256];
		char kinds[512];
	} notes[MAX_NOTES];
};

static void made(void *ctx, const struct kmr_plot_figure *figure)
{
	const char *directory = ((const struct told *)ctx)->directory;
	size_t i;

	printf("%s/%s.tsv\n%s/%s.gp\n", directory, figure->name, directory, figure->name);
	for (i = 0; i < NR_FORMATS; i++)
		if (figure->formats & formats[i].format)
			printf("%s/%s.%s\n", directory, figure->name, formats[i].ending);
}

static void skipped(void *ctx, const char *kind, const char *why)
{
	struct told *told = ctx;
	unsigned int i;
	size_t used;

	for (i = 0; i < told->nr_notes && strcmp(told->notes[i].why, why); i++)
		;
	if (i == MAX_NOTES)
		return;
	if (i == told->nr_notes)
		(void)snprintf(told->notes[told->nr_notes++].why, sizeof(told->notes[0].why), "%s",
			       why);
	used = strlen(told->notes[i].kinds);
	(void)snprintf(told->notes[i].kinds + used, sizeof(told->notes[i].kinds) - used, "%s%s",
		       used ? ", " : "", kind);
}

static void print_notes(const struct told *told)
{
	unsigned int i;

	for (i = 0; i < told->nr_notes; i++)
		(void)fprintf(stderr, "kmreplay: plot: without %s: %s\n", told->notes[i].kinds,
			      told->notes[i].why);
}

static int parse_formats(const char *text, unsigned int *chosen, struct kmr_error *err)
{
	size_t len, i;

	*chosen = 0;
	for (; text && *text; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		for (i = 0; i < NR_FORMATS; i++)
			if (strlen(formats[i].name) == len && !strncmp(formats[i].name, text, len))
				break;
		if (i == NR_FORMATS)
			return kmr_fail(err,
					"plot: --format: \"%.*s\" is none of png, svg, pdf, embed",
					(int)len, text);
		*chosen |= formats[i].format;
	}
	return 0;
}

static int parse_runs(const char *text, unsigned int runs[MAX_RUNS], unsigned int *nr,
		      struct kmr_error *err)
{
	unsigned long number;
	char *end;

	for (*nr = 0; text && *text; text = end + (*end == ',')) {
		number = strtoul(text, &end, 10);
		if (text[0] < '0' || text[0] > '9' || !number || number > 1000000 ||
		    (*end && *end != ','))
			return kmr_fail(
				err, "plot: --run: \"%s\" is no number of a run: they count from 1",
				text);
		if (*nr == MAX_RUNS)
			return kmr_fail(err, "plot: --run: more than %d runs", MAX_RUNS);
		runs[(*nr)++] = (unsigned int)number;
	}
	return 0;
}

/* Which zones, as the least share of memory that a zone needs. */
static int parse_zones(const char *text, unsigned int *share, struct kmr_error *err)
{
	if (!text || !strcmp(text, "large"))
		*share = LARGE_ZONES;
	else if (!strcmp(text, "all"))
		*share = 0;
	else
		return kmr_fail(err, "plot: --zones takes large or all, found '%s'", text);
	return 0;
}

static int run(int argc, char **argv)
{
	struct kmr_plot_options o;
	struct kmr_error err = { "" };
	const char *directory = NULL, *format = NULL, *wanted = NULL, *zones = NULL;
	struct told told = { 0 };
	struct kmr_plot_listener listener = { made, skipped, &told };
	unsigned int runs[MAX_RUNS];
	int operand;

	memset(&o, 0, sizeof(o));
	const struct kmr_option options[] = {
		{ "output", 'o', "DIR", "the directory to write, made if missing (needed)", NULL,
		  &directory },
		{ "kind", 'k', "KIND,...",
		  "what to draw (every kind that there is data for); they are\n"
		  "listed in kmreplay(1)",
		  NULL, &o.kinds },
		{ "format", 'f', "FORMAT,...",
		  "png, svg, pdf; or embed, SVG for a page of HTML\n(png,svg)", NULL, &format },
		{ "run", 'r', "N,...", "numbers of the runs to draw (all of each database)", NULL,
		  &wanted },
		{ "zones", 'z', "WHICH",
		  "zones that get figures of their own: large, those with\n"
		  "5 % of memory or more, or all (large)",
		  NULL, &zones },
		{ "templates", 't', "DIR",
		  "gnuplot templates to use in place of the installed ones", NULL, &o.templates },
		{ "scripts-only", 0, NULL, "write data and gnuplot scripts, make no images",
		  &o.scripts_only, NULL },
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};
	operand = kmr_parse_options(&kmr_cmd_plot, options, argc, argv, 1, 64);
	if (operand < 0)
		return kmr_parse_exit(operand);
	if (!directory) {
		(void)kmr_fail(&err, "plot: --output is missing: the directory for the figures");
		return kmr_complain(&err);
	}
	told.directory = directory;
	o.runs = runs;
	if (parse_formats(format, &o.formats, &err) || parse_runs(wanted, runs, &o.nr_runs, &err) ||
	    parse_zones(zones, &o.zone_share, &err) ||
	    kmr_plot((const char *const *)argv + operand, (unsigned int)(argc - operand), directory,
		     &o, &listener, &err))
		return kmr_complain(&err);
	print_notes(&told);
	return KMR_EXIT_OK;
}

const struct kmr_command kmr_cmd_plot = {
	.name = "plot",
	.usage = "run.db... -o DIR [OPTION]...",
	.summary = "draw figures of runs with gnuplot",
	.about =
		"Draws figures of the runs in the databases, as PNG and SVG 16 cm wide: of each "
		"zone,\n"
		"of each run, and of several runs together. Each figure's gnuplot script and data\n"
		"are left beside it: edit one and draw it again with `cd DIR && gnuplot NAME.gp`.\n"
		"Prints the files that were made.",
	.run = run,
};
