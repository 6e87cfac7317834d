// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures: drawn into a directory of their own that is gone afterwards, and taken into the page.
 * One run gets all there are.  Of several those that set them side by side come, and of a few
 * runs some of each: more would be figures that nobody looks at, and minutes of drawing.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/tempdir.h"
#include "kmreplay/plot.h"
#include "report/gnuplot.h"
#include "report/report.h"
#include "report/svg_steps.h"

#define PATH_SIZE  4096
#define FEW_RUNS   4 /* so many get figures of their own */
#define ZONE_SHARE 400 /* thousandths of memory: smaller zones get no figures, but the largest */
#define MOST_BYTES (8 << 20) /* of one figure, more than any has */

struct drawing {
	struct kmr_report *report;
	const char *directory;
	unsigned int made;
	bool unreadable; /* a figure was made and could not be read */
};

/* The whole file, terminated; NULL: it can't be read, or is too large. */
static char *read_text(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *text = NULL;

	if (!f)
		return NULL;
	if (!fstat(fileno(f), &st) && st.st_size > 0 && st.st_size < MOST_BYTES)
		text = malloc((size_t)st.st_size + 1);
	if (text) {
		const size_t size = (size_t)st.st_size;

		if (fread(text, 1, size, f) != size) {
			free(text);
			text = NULL;
		} else {
			text[size] = '\0';
		}
	}
	(void)fclose(f);
	return text;
}

static void take(void *ctx, const struct kmr_plot_figure *figure)
{
	struct drawing *d = ctx;
	struct kmr_doc_picture picture = { .title = figure->title, .alt = figure->alt };
	char path[2 * PATH_SIZE], *svg, *joined;

	(void)snprintf(path, sizeof(path), "%s/%s.embed.svg", d->directory, figure->name);
	svg = read_text(path);
	if (!svg) {
		d->unreadable = true;
		return;
	}
	if (!d->made++)
		kmr_doc_section(d->report->doc, "figures", "Figures");
	joined = kmr_svg_join_steps(svg);
	picture.svg = joined ? joined : svg;
	kmr_doc_figure(d->report->doc, &picture);
	free(joined);
	free(svg);
}

static bool any_known(const struct kmr_report *report, const char *key, bool above_zero)
{
	const int metric = kmr_metric_index(key);

	for (size_t i = 0; i < report->runs.nr; i++) {
		const struct kmr_value *v = &report->runs.all[i].values[metric];

		if (v->known && (!above_zero || v->value > 0))
			return true;
	}
	return false;
}

static bool any_row(const struct kmr_report *report, const char *sql)
{
	for (size_t i = 0; i < report->runs.nr; i++) {
		const struct kmr_run_facts *f = &report->runs.all[i];
		struct kmr_error err;
		double value;

		if (kmr_query_value(&f->database, sql, f->run, &value, &err) > 0)
			return true;
	}
	return false;
}

/* What to draw of several runs, by what there is data for; NULL for one: all there are. */
static const char *choose_kinds(const struct kmr_report *report)
{
	const size_t nr = report->runs.nr;
	const struct {
		bool wanted;
		const char *kind;
	} kinds[] = {
		{ nr == 2, "overlay" },
		{ any_known(report, "page_alloc_p50", false) ||
			  any_known(report, "object_alloc_p50", false),
		  "latency" },
		{ nr <= FEW_RUNS && any_row(report, "SELECT strip FROM strip_sample WHERE run = ?1"
						    " LIMIT 1"),
		  "memory-map" },
		{ nr <= FEW_RUNS && any_known(report, "extfrag", true), "extfrag-matrix" },
		{ nr <= FEW_RUNS && any_known(report, "slab_used_end", false), "slab-use" },
		{ nr <= FEW_RUNS && any_known(report, "numa_remote", false), "numa" },
	};
	const char *text = "panels";

	if (nr == 1)
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].wanted)
			text = kmr_doc_text(report->doc, "%s,%s", text, kinds[i].kind);
	return text;
}

static void warn(struct kmr_report *report, const char *text)
{
	if (report->options->warn)
		report->options->warn(report->options->ctx, text);
	if (!report->doc->last || strcmp(report->doc->last->id, "figures") != 0)
		kmr_doc_section(report->doc, "figures", "Figures");
	kmr_doc_note(report->doc, "%s.", text);
}

static void draw(struct drawing *d)
{
	struct kmr_report *report = d->report;
	const struct kmr_plot_options options = { .templates = report->options->templates,
						  .kinds = choose_kinds(report),
						  .formats = KMR_PLOT_EMBED,
						  .zone_share = ZONE_SHARE };
	const struct kmr_plot_listener listener = { .made = take, .ctx = d };
	struct kmr_error err = { "" };

	if (kmr_plot(report->paths, (unsigned int)report->runs.nr_databases, d->directory, &options,
		     &listener, &err))
		warn(report, kmr_doc_text(report->doc, "%s are missing: %s",
					  d->made ? "some figures" : "figures", err.msg));
	else if (d->unreadable)
		warn(report, "some figures are missing: they could not be read back");
}

int kmr_report_figures(struct kmr_report *report, struct kmr_error *err)
{
	struct drawing d = { .report = report };

	if (report->options->no_plots || report->options->format != KMR_REPORT_HTML)
		return 0;
	if (!kmr_plot_can_draw()) {
		warn(report, "figures are missing: gnuplot not found: apt-get install gnuplot-nox");
		return 0;
	}
	d.directory = kmr_tempdir_create(err);
	if (!d.directory)
		return -1;
	draw(&d);
	kmr_tempdir_remove();
	return 0;
}

void kmr_report_emergency_cleanup(void)
{
	kmr_gnuplot_emergency_stop();
	kmr_tempdir_emergency_cleanup();
}
