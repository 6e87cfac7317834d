// SPDX-License-Identifier: GPL-2.0-only
/* kmreplay plot: figures of a run. */
#include <string.h>

#include "cli/cli.h"
#include "kmreplay/plot.h"

static void made(void *ctx, const char *file)
{
	printf("%s/%s\n", (const char *)ctx, file);
}

static int run(int argc, char **argv)
{
	struct kmr_plot_options o;
	struct kmr_error err = { "" };
	const char *directory = NULL;
	char shown[4096];
	int operand;

	memset(&o, 0, sizeof(o));
	const struct kmr_option options[] = {
		{ "output", 'o', "DIR", "the directory to write, made if missing (needed)", NULL,
		  &directory },
		{ "templates", 't', "DIR",
		  "gnuplot templates to use in place of the installed ones", NULL, &o.templates },
		{ "scripts-only", 0, NULL, "write data and gnuplot scripts, make no images",
		  &o.scripts_only, NULL },
		{ NULL, 0, NULL, NULL, NULL, NULL },
	};
	operand = kmr_parse_options(&kmr_cmd_plot, options, argc, argv, 1, 1);
	if (operand < 0)
		return kmr_parse_exit(operand);
	if (!directory) {
		(void)kmr_fail(&err, "plot: --output is missing: the directory for the figures");
		return kmr_complain(&err);
	}
	(void)snprintf(shown, sizeof(shown), "%s", directory);
	if (kmr_plot_run(argv[operand], directory, &o, made, shown, &err))
		return kmr_complain(&err);
	return KMR_EXIT_OK;
}

const struct kmr_command kmr_cmd_plot = {
	.name = "plot",
	.usage = "run.db -o DIR [OPTION]...",
	.summary = "draw the figures of a run with gnuplot",
	.about = "Draws the figures of the run in the database, for each zone, as PNG and SVG. "
		 "Each\n"
		 "figure's gnuplot script and data are left beside it: edit one and draw it again\n"
		 "with `cd DIR && gnuplot NAME.gp`. Prints the files that were made.",
	.run = run,
};
