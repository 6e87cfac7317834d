// SPDX-License-Identifier: GPL-2.0-only
/*
 * Laying out tables.  Cells are collected first, because a column is as wide as its widest cell;
 * when all columns together are too wide, the text columns give way, the widest first.
 */
#include "report/table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "report/term.h"
#include "report/units.h"
#include "report/utf8.h"

#define GAP	       2 /* spaces between columns */
#define NARROWEST_TEXT 8
#define CELL_SIZE      512

struct cell {
	char *text; /* NULL in column 0: a rule across the table */
	enum kmr_style style;
};

struct kmr_table {
	char *title;
	size_t nr_columns;
	enum kmr_align align[KMR_TABLE_MAX_COLUMNS];
	char *heading[KMR_TABLE_MAX_COLUMNS];
	size_t width[KMR_TABLE_MAX_COLUMNS];
	struct cell *cells;
	size_t nr_cells, max_cells;
	bool failed; /* there was no memory for something */
};

static char *copy(struct kmr_table *t, const char *text)
{
	size_t size = strlen(text) + 1;
	char *s = malloc(size);

	if (s)
		memcpy(s, text, size);
	else
		t->failed = true;
	return s;
}

static void add_cell(struct kmr_table *t, char *text)
{
	struct cell *cells = kmr_grow(t->cells, t->nr_cells, &t->max_cells, sizeof(*cells));

	if (!cells) {
		t->failed = true;
		free(text);
		return;
	}
	t->cells = cells;
	t->cells[t->nr_cells++] = (struct cell){ text, KMR_STYLE_PLAIN };
}

struct kmr_table *kmr_table_new(const char *title, const struct kmr_column *columns,
				size_t nr_columns)
{
	struct kmr_table *t = calloc(1, sizeof(*t));
	char text[CELL_SIZE];
	size_t i;

	if (!t)
		return NULL;
	if (nr_columns > KMR_TABLE_MAX_COLUMNS)
		nr_columns = KMR_TABLE_MAX_COLUMNS;
	t->nr_columns = nr_columns;
	if (title)
		t->title = copy(t, title);
	for (i = 0; i < nr_columns; i++) {
		const char *name = columns[i].title ? columns[i].title : "";

		t->align[i] = columns[i].align;
		if (columns[i].unit && columns[i].unit[0])
			(void)snprintf(text, sizeof(text), "%s (%s)", name, columns[i].unit);
		else
			(void)snprintf(text, sizeof(text), "%s", name);
		t->heading[i] = copy(t, text);
	}
	return t;
}

void kmr_table_text(struct kmr_table *table, const char *text)
{
	char *s;

	if (!table)
		return;
	s = copy(table, text ? text : "");
	if (s)
		add_cell(table, s);
}

void kmr_table_format(struct kmr_table *table, const char *fmt, ...)
{
	char text[CELL_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kmr_table_text(table, text);
}

void kmr_table_count(struct kmr_table *table, uint64_t count)
{
	char text[KMR_UNITS_SIZE];

	kmr_table_text(table, kmr_units_count(text, count));
}

void kmr_table_style(struct kmr_table *table, enum kmr_style style)
{
	if (table && table->nr_cells)
		table->cells[table->nr_cells - 1].style = style;
}

void kmr_table_rule(struct kmr_table *table)
{
	size_t i;

	for (i = 0; table && i < table->nr_columns; i++)
		add_cell(table, NULL);
}

static size_t columns_of(const char *text)
{
	return kmr_utf8_columns(text, strlen(text));
}

static size_t total_width(const struct kmr_table *t)
{
	size_t i, total = (t->nr_columns - 1) * GAP;

	for (i = 0; i < t->nr_columns; i++)
		total += t->width[i];
	return total;
}

static void fit_width(struct kmr_table *t)
{
	size_t i, widest;

	while (total_width(t) > KMR_TABLE_WIDTH) {
		widest = t->nr_columns;
		for (i = 0; i < t->nr_columns; i++)
			if (t->align[i] == KMR_ALIGN_LEFT && t->width[i] > NARROWEST_TEXT &&
			    (widest == t->nr_columns || t->width[i] > t->width[widest]))
				widest = i;
		if (widest == t->nr_columns)
			return;
		t->width[widest]--;
	}
}

static void measure(struct kmr_table *t)
{
	size_t i, width;

	for (i = 0; i < t->nr_columns; i++)
		t->width[i] = columns_of(t->heading[i]);
	for (i = 0; i < t->nr_cells; i++) {
		if (!t->cells[i].text)
			continue;
		width = columns_of(t->cells[i].text);
		if (width > t->width[i % t->nr_columns])
			t->width[i % t->nr_columns] = width;
	}
	fit_width(t);
}

/* Bytes of @text that go on a line of @width columns: up to a space if there is one. */
static size_t line_length(const char *text, size_t width)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t size = strlen(text), used = 0, space = 0, columns = 0, len;

	while (used < size && columns < width) {
		if (text[used] == ' ' && used)
			space = used;
		len = kmr_utf8_length(s + used, size - used);
		used += len ? len : 1;
		columns++;
	}
	if (used == size || text[used] == ' ' || !space)
		return used;
	return space;
}

static void put_spaces(FILE *out, size_t count)
{
	while (count--)
		(void)fputc(' ', out);
}

/* The cells of a row, or all headings, as far as they have not been printed. */
struct rest {
	const char *text[KMR_TABLE_MAX_COLUMNS];
	enum kmr_style style[KMR_TABLE_MAX_COLUMNS];
};

static void put_styled(const char *text, size_t len, enum kmr_style style, FILE *out)
{
	(void)fputs(kmr_term_begin(out, style), out);
	(void)fwrite(text, 1, len, out);
	(void)fputs(kmr_term_end(out, style), out);
}

/* One line of a row; takes what it prints off the front of @rest.  Trailing spaces are left out. */
static void put_line(const struct kmr_table *t, struct rest *rest, FILE *out)
{
	size_t i, len, columns, owed = 0;

	for (i = 0; i < t->nr_columns; i++) {
		const char *text = rest->text[i];

		len = line_length(text, t->align[i] == KMR_ALIGN_LEFT ? t->width[i] : SIZE_MAX);
		columns = kmr_utf8_columns(text, len);
		if (t->align[i] == KMR_ALIGN_RIGHT)
			owed += t->width[i] - columns;
		if (len) {
			put_spaces(out, owed);
			owed = 0;
			put_styled(text, len, rest->style[i], out);
		}
		if (t->align[i] == KMR_ALIGN_LEFT)
			owed += t->width[i] - columns;
		owed += GAP;
		for (text += len; *text == ' '; text++)
			;
		rest->text[i] = text;
	}
	(void)fputc('\n', out);
}

static bool any_left(const struct kmr_table *t, const struct rest *rest)
{
	size_t i;

	for (i = 0; i < t->nr_columns; i++)
		if (*rest->text[i])
			return true;
	return false;
}

static void put_rule(const struct kmr_table *t, FILE *out)
{
	size_t i, total = total_width(t);

	for (i = 0; i < total; i++)
		(void)fputc('-', out);
	(void)fputc('\n', out);
}

static void put_heading(const struct kmr_table *t, FILE *out)
{
	struct rest rest;
	size_t i;

	if (t->title) {
		put_styled(t->title, strlen(t->title), KMR_STYLE_STRONG, out);
		(void)fputc('\n', out);
	}
	for (i = 0; i < t->nr_columns; i++) {
		rest.text[i] = t->heading[i];
		rest.style[i] = KMR_STYLE_STRONG;
	}
	if (!any_left(t, &rest))
		return;
	while (any_left(t, &rest))
		put_line(t, &rest, out);
	put_rule(t, out);
}

static void put_row(const struct kmr_table *t, const struct cell *row, size_t filled, FILE *out)
{
	struct rest rest;
	size_t i;

	if (!row[0].text) {
		put_rule(t, out);
		return;
	}
	for (i = 0; i < t->nr_columns; i++) {
		rest.text[i] = i < filled ? row[i].text : "";
		rest.style[i] = i < filled ? row[i].style : KMR_STYLE_PLAIN;
	}
	do
		put_line(t, &rest, out);
	while (any_left(t, &rest));
}

static void destroy(struct kmr_table *t)
{
	size_t i;

	for (i = 0; i < t->nr_columns; i++)
		free(t->heading[i]);
	for (i = 0; i < t->nr_cells; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t->title);
	free(t);
}

int kmr_table_print(struct kmr_table *table, FILE *out)
{
	size_t i;
	int ret = -1;

	if (!table)
		return -1;
	if (!table->failed && table->nr_columns) {
		measure(table);
		put_heading(table, out);
		for (i = 0; i < table->nr_cells; i += table->nr_columns)
			put_row(table, &table->cells[i], table->nr_cells - i, out);
		ret = ferror(out) ? -1 : 0;
	}
	destroy(table);
	return ret;
}
