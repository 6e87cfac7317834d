// SPDX-License-Identifier: GPL-2.0-only
#include "report/script.h"

#include <stdarg.h>
#include <string.h>

#include "kmreplay/plot.h"
#include "report/units.h"

#define LINE_MAX_LEN 84 /* characters that fit 160 mm at 8 pt, of a font that runs wide */
#define MAX_LINES    6

static void add(char text[KMR_FIGURE_TEXT], const char *fmt, ...) KMR_PRINTF(2, 3);

static void add(char text[KMR_FIGURE_TEXT], const char *fmt, ...)
{
	size_t used = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text + used, KMR_FIGURE_TEXT - used, fmt, ap);
	va_end(ap);
}

/* "name (a=1, b=2)" from "a=1,b=2" */
static void add_model(char text[KMR_FIGURE_TEXT], const char *name, const char *params)
{
	const char *p;

	add(text, "%s", name);
	if (!*params)
		return;
	add(text, " (");
	for (p = params; *p; p++)
		add(text, "%c%s", *p, *p == ',' ? " " : "");
	add(text, ")");
}

static void add_machine(char text[KMR_FIGURE_TEXT], const struct kmr_plot_run *run)
{
	char ram[KMR_UNITS_SIZE];

	kmr_units_bytes(ram, run->ram_pages << run->page_shift);
	add(text, "machine: %s, %s, %u CPU%s, %u node%s", run->arch, ram, run->nr_cpus,
	    run->nr_cpus == 1 ? "" : "s", run->nr_nodes, run->nr_nodes == 1 ? "" : "s");
	if (*run->trace)
		add(text, "; trace: %s", run->trace);
}

static void caption_of_set(char text[KMR_FIGURE_TEXT], const struct kmr_plot_set *set)
{
	const struct kmr_plot_run *run;
	unsigned int i;

	for (i = 0; i < set->nr && i < 8; i++) {
		run = set->runs[i];
		add(text, "%s%s: ", i ? "; " : "", run->label);
		if (strncmp(run->label, "run ", 4) != 0)
			add(text, "run %lld, ", (long long)run->run);
		add(text, "%.8s", run->digest);
	}
	if (set->nr > 8)
		add(text, "; %u more", set->nr - 8);
	add(text, "; first run: ");
	add_model(text, set->runs[0]->backend, set->runs[0]->params);
	add(text, ", ");
	add_machine(text, set->runs[0]);
}

void kmr_script_caption(char text[KMR_FIGURE_TEXT], const struct kmr_scene *scene)
{
	const struct kmr_plot_run *run = scene->run ? scene->run : scene->set->runs[0];

	text[0] = '\0';
	if (!scene->run && scene->set->nr > 1) {
		caption_of_set(text, scene->set);
		return;
	}
	add(text, "pages: ");
	add_model(text, run->backend, run->params);
	if (*run->object) {
		add(text, "; objects: ");
		add_model(text, run->object, run->object_params);
	}
	add(text, "; start state: %s; ", run->start);
	add_machine(text, run);
	add(text, "; run %lld, %.8s", (long long)run->run, run->digest);
}

/* Lines of the caption as elements of an array, broken at blanks. */
static unsigned int put_caption(FILE *out, const char *caption)
{
	char line[LINE_MAX_LEN + 1];
	unsigned int nr = 0;
	size_t len;

	(void)fprintf(out, "array caption_line[%d]\n", MAX_LINES);
	while (*caption && nr < MAX_LINES) {
		len = strlen(caption);
		if (len > LINE_MAX_LEN) {
			for (len = LINE_MAX_LEN; len && caption[len] != ' '; len--)
				;
			if (!len)
				len = LINE_MAX_LEN;
		}
		memcpy(line, caption, len);
		line[len] = '\0';
		(void)fprintf(out, "caption_line[%u] = ", ++nr);
		kmr_figure_quote(out, line);
		(void)fputc('\n', out);
		caption += len;
		caption += strspn(caption, " ");
	}
	return nr;
}

static void put_variable(FILE *out, const char *name, const char *text)
{
	(void)fprintf(out, "%s = ", name);
	kmr_figure_quote(out, text);
	(void)fputc('\n', out);
}

static void put_machine(FILE *out, const struct kmr_scene *scene)
{
	const struct kmr_plot_run *run = scene->run ? scene->run : scene->set->runs[0];

	(void)fprintf(out, "nr_orders = %u\npageblock_order = %u\npage_bytes = %lu\n",
		      run->nr_orders, run->pageblock_order, 1ul << run->page_shift);
	if (scene->run)
		(void)fprintf(out, "zone_pages = %llu\n",
			      (unsigned long long)run->zones[scene->zone].managed);
}

void kmr_script_write(FILE *out, const struct kmr_figure *f, const struct kmr_scene *scene,
		      const char *name, unsigned int formats, const char *vars, const char *style,
		      const char *template)
{
	unsigned int lines;

	(void)fprintf(out,
		      "# Written by kmreplay. Draws %s.tsv:\n"
		      "#     gnuplot %s.gp\n"
		      "# in other formats, of svg, png, pdf and embed:\n"
		      "#     gnuplot -e \"formats = 'pdf'\" %s.gp\n\n",
		      name, name, name);
	(void)fprintf(out,
		      "if (!exists('formats')) { formats = '%s%s%s%s' }\n"
		      "if (!exists('format_number')) { format_number = 1 }\n",
		      formats & KMR_PLOT_SVG ? "svg " : "", formats & KMR_PLOT_PNG ? "png " : "",
		      formats & KMR_PLOT_PDF ? "pdf " : "",
		      formats & KMR_PLOT_EMBED ? "embed" : "");
	put_variable(out, "figure_name", name);
	put_variable(out, "figure_title", f->title);
	lines = put_caption(out, f->caption);
	(void)fprintf(out, "caption_lines = %u\nheight_mm = %u\n", lines, f->height);
	put_machine(out, scene);
	(void)fprintf(out, "time_end = %.9f\n%s\n%s\n%s", f->time_end, vars, style, template);
	(void)fputs("\n# The next format: this script once more.\n"
		    "if (GPVAL_MULTIPLOT) { unset multiplot }\n"
		    "set output\n"
		    "format_number = format_number + 1\n"
		    "if (format_number <= words(formats)) { reset; load figure_name.'.gp' }\n",
		    out);
}
