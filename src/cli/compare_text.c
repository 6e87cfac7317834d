// SPDX-License-Identifier: GPL-2.0-only
#include "cli/compare_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/figures.h"
#include "cli/run_head.h"
#include "report/table.h"
#include "report/units.h"
#include "report/wrap.h"

#define TITLE_SIZE   192
#define LONGEST	     24 /* columns of a title; a longer one is a number */
#define FIGURES	     27 /* columns of the longest figure's name */
#define BETWEEN	     2
#define CELL_SIZE    (KMR_UNITS_SIZE + 2)
#define FIRST_COLUMN "best in a row: *"

/* What is printed, and what the runs are called in it. */
struct comparison {
	const struct kmr_compare_options *o;
	const struct kmr_replay_result *r;
	unsigned int nr;
	char titles[KMR_COMPARE_MAX][TITLE_SIZE];
	double values[KMR_FIGURES_MAX][KMR_COMPARE_MAX]; /* of those that apply */
};

/* What it takes to work out a figure is done once. */
static void work_out(struct comparison *c)
{
	const struct kmr_figure *f;

	for (unsigned int k = 0; (f = kmr_figure(k)); k++)
		for (unsigned int i = 0; i < c->nr; i++)
			c->values[k][i] = kmr_figure_applies(f, &c->r[i]) ? f->of(&c->r[i]) : 0;
}

/* The best of a row; false when there is none, or all are as good. */
static bool best_of(const struct comparison *c, unsigned int k, double *best)
{
	const struct kmr_figure *f = kmr_figure(k);
	bool any = false, differ = false;

	for (unsigned int i = 0; i < c->nr; i++) {
		const double v = c->values[k][i];

		if (!kmr_figure_applies(f, &c->r[i]))
			continue;
		differ |= any && (v < *best || v > *best);
		if (!any || (f->better == KMR_BETTER_LESS ? v < *best : v > *best))
			*best = v;
		any = true;
	}
	return differ && f->better != KMR_BETTER_NEITHER;
}

static bool shown(const struct comparison *c, const struct kmr_figure *f)
{
	for (unsigned int i = 0; i < c->nr; i++)
		if (kmr_figure_applies(f, &c->r[i]))
			return true;
	return false;
}

/* "1,234 *"; whether it is the best. */
static bool describe(const struct comparison *c, unsigned int k, unsigned int i,
		     char text[CELL_SIZE])
{
	const struct kmr_figure *f = kmr_figure(k);
	const double v = c->values[k][i];
	char number[KMR_UNITS_SIZE];
	double best = 0;
	bool is_best;

	if (!kmr_figure_applies(f, &c->r[i])) {
		(void)snprintf(text, CELL_SIZE, "-  ");
		return false;
	}
	is_best = best_of(c, k, &best) && !(v < best) && !(v > best);
	if (f->decimals || v < 0)
		(void)kmr_units_fixed(number, v, f->decimals);
	else
		(void)kmr_units_count(number, (uint64_t)v);
	(void)snprintf(text, CELL_SIZE, "%s%s", number, is_best ? " *" : "  ");
	return is_best;
}

static size_t column_width(const struct comparison *c, unsigned int i)
{
	size_t width = strlen(c->titles[i]);
	const struct kmr_figure *f;

	for (unsigned int k = 0; (f = kmr_figure(k)); k++) {
		char text[CELL_SIZE];
		size_t len;

		if (!shown(c, f))
			continue;
		(void)describe(c, k, i, text);
		len = strlen(text);
		width = len > width ? len : width;
	}
	return width;
}

/* How many runs from @first on a table has room for, one at least. */
static unsigned int columns_from(const struct comparison *c, unsigned int first)
{
	size_t width = FIGURES;
	unsigned int i = first;

	for (; i < c->nr && i - first + 1 < KMR_TABLE_MAX_COLUMNS; i++) {
		width += BETWEEN + column_width(c, i);
		if (width > KMR_TABLE_WIDTH && i > first)
			break;
	}
	return i - first;
}

static int print_table(const struct comparison *c, unsigned int first, unsigned int nr)
{
	struct kmr_column columns[KMR_TABLE_MAX_COLUMNS] = { { FIRST_COLUMN, NULL,
							       KMR_ALIGN_LEFT } };
	const struct kmr_figure *f;
	struct kmr_table *t;

	for (unsigned int i = 0; i < nr; i++)
		columns[i + 1] = (struct kmr_column){ c->titles[first + i], NULL, KMR_ALIGN_RIGHT };
	t = kmr_table_new(NULL, columns, nr + 1);
	for (unsigned int k = 0; (f = kmr_figure(k)); k++) {
		if (!shown(c, f))
			continue;
		kmr_table_text(t, f->text);
		for (unsigned int i = 0; i < nr; i++) {
			char text[CELL_SIZE];
			const bool best = describe(c, k, first + i, text);

			kmr_table_text(t, text);
			kmr_table_style(t, best ? KMR_STYLE_STRONG : KMR_STYLE_PLAIN);
		}
	}
	return kmr_table_print(t, stdout) || printf("\n") < 0 ? -1 : 0;
}

/* Appends a word. */
static void append(char *text, size_t size, const char *word)
{
	const size_t used = strlen(text);

	(void)snprintf(text + used, size - used, "%s%s", used ? " " : "", word);
}

/* Backends by their specifications, those left out that all have in common; objects if all do. */
static void name_run(char *text, size_t size, const struct kmr_compare_options *o, unsigned int i)
{
	const struct kmr_combination k = kmr_compare_combination(o, i);

	text[0] = '\0';
	if (o->nr_pages > 1)
		append(text, size, k.page);
	if (o->nr_objects > 1 || (o->nr_pages < 2 && o->nr_vmaps < 2))
		append(text, size, k.object);
	if (o->nr_vmaps > 1)
		append(text, size, k.vmap);
	if (strlen(text) > LONGEST)
		(void)snprintf(text, size, "run %u", i + 1);
}

static int print_head(const struct comparison *c)
{
	bool numbered = false;

	if (kmr_wrap(stdout, KMR_HEAD_INDENT, "trace", c->o->replay.trace) ||
	    kmr_run_start_text(c->r))
		return -1;
	if (c->o->replay.output && kmr_wrap_format(stdout, KMR_HEAD_INDENT, "database",
						   "%s (%u runs)", c->o->replay.output, c->nr))
		return -1;
	for (unsigned int i = 0; i < c->nr; i++)
		numbered |= !strncmp(c->titles[i], "run ", 4);
	for (unsigned int i = 0; i < c->nr; i++) {
		const struct kmr_combination k = kmr_compare_combination(c->o, i);
		char run[24] = "";

		if (numbered)
			(void)snprintf(run, sizeof(run), "run %u: ", i + 1);
		if (kmr_wrap_format(stdout, KMR_HEAD_INDENT, "digest", "%s  %s%s %s%s%s",
				    c->r[i].digest, run, k.page ? k.page : c->r[i].backend,
				    k.object, k.vmap ? " " : "", k.vmap ? k.vmap : ""))
			return -1;
	}
	return printf("\n") < 0 ? -1 : 0;
}

int kmr_compare_text(const struct kmr_compare_options *options,
		     const struct kmr_replay_result *results, const struct kmr_curves *curves,
		     unsigned int nr)
{
	struct comparison c = { .o = options, .r = results, .nr = nr };
	const char *titles[KMR_COMPARE_MAX];

	for (unsigned int i = 0; i < nr; i++) {
		name_run(c.titles[i], sizeof(c.titles[i]), options, i);
		titles[i] = c.titles[i];
	}
	work_out(&c);
	if (print_head(&c))
		return -1;
	for (unsigned int i = 0, n; i < nr; i += n) {
		n = columns_from(&c, i);
		if (print_table(&c, i, n))
			return -1;
	}
	return kmr_curves_compare(curves, titles, nr);
}
