// SPDX-License-Identifier: GPL-2.0-only
/*
 * A document as plain text of 80 columns.  A table that is wider is printed in parts, each with
 * the columns that say what a row is about.
 */
#include <stdlib.h>
#include <string.h>

#include "report/doc.h"
#include "report/table.h"
#include "report/utf8.h"

#define GAP	  2 /* as table.c has it between columns */
#define TEXT_ROOM 16 /* columns that a text column gets along with at least */

static size_t columns_of(const char *text)
{
	return kmr_utf8_columns(text, strlen(text));
}

static void put_spaces(FILE *out, size_t count)
{
	while (count--)
		(void)fputc(' ', out);
}

/* Words from column *@at on, further lines indented. */
static void put_words(FILE *out, const char *text, size_t *at, size_t indent)
{
	while (*text) {
		const size_t len = strcspn(text, " \n");
		const size_t columns = kmr_utf8_columns(text, len);

		if (*at > indent && *at + 1 + columns > KMR_TABLE_WIDTH) {
			(void)fputc('\n', out);
			put_spaces(out, indent);
			*at = indent;
		} else if (*at > indent) {
			(void)fputc(' ', out);
			++*at;
		}
		(void)fwrite(text, 1, len, out);
		*at += columns;
		text += len;
		text += strspn(text, " \n");
	}
}

static void put_line(FILE *out, const char *first, size_t indent, const char *lead,
		     const char *text)
{
	size_t at = indent;

	(void)fputs(first, out);
	if (lead) {
		put_words(out, lead, &at, indent);
		(void)fputc(':', out);
		at++;
	}
	put_words(out, text, &at, indent);
	(void)fputc('\n', out);
}

static void put_code(FILE *out, const char *text)
{
	while (*text) {
		const size_t len = strcspn(text, "\n");

		(void)fprintf(out, "    %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

/* What a cell looks like; a star behind the best, and its room behind the others of a column. */
static char *show(const struct kmr_doc_table *t, size_t row, size_t column, bool stars)
{
	const struct kmr_cell *cell = &t->cells[row * t->nr_columns + column];
	char *text = kmr_cell_show(cell), *marked;
	size_t len;

	if (!text || !stars)
		return text;
	len = strlen(text);
	marked = realloc(text, len + 3);
	if (!marked) {
		free(text);
		return NULL;
	}
	memcpy(marked + len, cell->best ? " *" : "  ", 3);
	return marked;
}

static bool has_stars(const struct kmr_doc_table *t)
{
	for (size_t i = 0; i < t->nr_cells; i++)
		if (t->cells[i].best)
			return true;
	return false;
}

/* How wide a column has to be; 0: no memory. */
static size_t width_of(const struct kmr_doc_table *t, size_t column, bool stars)
{
	const struct kmr_doc_column *c = &t->columns[column];
	size_t widest = columns_of(c->title) + (c->unit ? columns_of(c->unit) + 3 : 0);

	for (size_t row = 0; row < kmr_doc_rows(t); row++) {
		char *text = show(t, row, column, stars && c->number);
		const size_t width = text ? columns_of(text) : 0;

		if (!text)
			return 0;
		free(text);
		widest = width > widest ? width : widest;
	}
	return !c->number && widest > TEXT_ROOM ? TEXT_ROOM : widest ? widest : 1;
}

/* The columns of one part: those that lead, and from @from up to before @to. */
static int put_part(FILE *out, const struct kmr_doc_table *t, size_t leading, size_t from,
		    size_t to, bool stars)
{
	struct kmr_column columns[KMR_TABLE_MAX_COLUMNS];
	struct kmr_table *table;
	size_t nr = 0;

	for (size_t i = 0; i < to && nr < KMR_TABLE_MAX_COLUMNS; i++) {
		if (i >= leading && i < from)
			continue;
		columns[nr].title = t->columns[i].title;
		columns[nr].unit = t->columns[i].unit;
		columns[nr++].align = t->columns[i].number ? KMR_ALIGN_RIGHT : KMR_ALIGN_LEFT;
	}
	table = kmr_table_new(NULL, columns, nr);
	for (size_t row = 0; row < kmr_doc_rows(t); row++)
		for (size_t i = 0; i < to; i++) {
			char *text;

			if (i >= leading && i < from)
				continue;
			text = show(t, row, i, stars && t->columns[i].number);
			kmr_table_text(table, text);
			free(text);
		}
	return kmr_table_print(table, out);
}

static int put_table(FILE *out, const struct kmr_doc_table *t)
{
	const bool stars = has_stars(t);
	size_t leading = 0, lead_width = 0, from, to;

	if (t->caption) {
		put_line(out, "", 0, NULL, t->caption);
		(void)fputc('\n', out);
	}
	while (leading < t->nr_columns && !t->columns[leading].number)
		lead_width += width_of(t, leading++, stars) + GAP;
	if (leading == t->nr_columns)
		return put_part(out, t, leading, leading, leading, stars);
	for (from = leading; from < t->nr_columns; from = to) {
		size_t width = lead_width;

		for (to = from; to < t->nr_columns; to++) {
			const size_t more = width_of(t, to, stars);

			if (!more)
				return -1;
			if (to > from && (width + more > KMR_TABLE_WIDTH ||
					  leading + to - from >= KMR_TABLE_MAX_COLUMNS))
				break;
			width += more + GAP;
		}
		if (from > leading)
			(void)fputc('\n', out);
		if (put_part(out, t, leading, from, to, stars))
			return -1;
	}
	return 0;
}

static int put_block(FILE *out, const struct kmr_block *b)
{
	int ret = 0;

	switch (b->kind) {
	case KMR_BLOCK_TABLE:
		ret = put_table(out, b->table);
		break;
	case KMR_BLOCK_CODE:
		put_code(out, b->text);
		break;
	case KMR_BLOCK_ITEM:
		put_line(out, "- ", 2, b->lead, b->text);
		break;
	case KMR_BLOCK_NOTE:
		put_line(out, "! ", 2, NULL, b->text);
		break;
	case KMR_BLOCK_PARAGRAPH:
	case KMR_BLOCK_FIGURE:
		put_line(out, "", 0, NULL, b->text);
		break;
	}
	if (b->kind != KMR_BLOCK_ITEM || !b->next || b->next->kind != KMR_BLOCK_ITEM)
		(void)fputc('\n', out);
	return ret;
}

static void put_heading(FILE *out, const char *text, char rule)
{
	(void)fprintf(out, "%s\n", text);
	for (size_t i = columns_of(text); i; i--)
		(void)fputc(rule, out);
	(void)fputs("\n\n", out);
}

int kmr_doc_write_txt(const struct kmr_doc *doc, FILE *out)
{
	put_heading(out, doc->title, '=');
	for (const struct kmr_section *s = doc->first; s; s = s->next) {
		put_heading(out, s->title, '-');
		for (const struct kmr_block *b = s->first; b; b = b->next)
			if (put_block(out, b))
				return -1;
	}
	(void)fprintf(out, "Made by %s.\n", doc->program);
	return 0;
}
