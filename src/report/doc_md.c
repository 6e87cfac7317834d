// SPDX-License-Identifier: GPL-2.0-only
/* A document as Markdown with the tables of GitHub's dialect. */
#include <stdlib.h>
#include <string.h>

#include "report/doc.h"

/* Text in which nothing is markup; a line break would end a row. */
static void put(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			(void)fputs("&amp;", out);
		else if (*text == '<')
			(void)fputs("&lt;", out);
		else if (*text == '\n')
			(void)fputc(' ', out);
		else
			(void)fprintf(out, strchr("\\`*_[]|~", *text) ? "\\%c" : "%c", *text);
	}
}

static void put_heading_row(FILE *out, const struct kmr_doc_table *t)
{
	(void)fputc('|', out);
	for (size_t i = 0; i < t->nr_columns; i++) {
		(void)fputc(' ', out);
		put(out, t->columns[i].title);
		if (t->columns[i].unit) {
			(void)fputs(" (", out);
			put(out, t->columns[i].unit);
			(void)fputc(')', out);
		}
		(void)fputs(" |", out);
	}
	(void)fputs("\n|", out);
	for (size_t i = 0; i < t->nr_columns; i++)
		(void)fputs(t->columns[i].number ? " ---: |" : " --- |", out);
	(void)fputc('\n', out);
}

static int put_row(FILE *out, const struct kmr_doc_table *t, const struct kmr_cell *cells)
{
	(void)fputc('|', out);
	for (size_t i = 0; i < t->nr_columns; i++) {
		char *text = kmr_cell_show(&cells[i]);

		if (!text)
			return -1;
		(void)fputs(cells[i].best ? " **" : " ", out);
		put(out, text);
		(void)fputs(cells[i].best ? "** |" : " |", out);
		free(text);
	}
	(void)fputc('\n', out);
	return 0;
}

static int put_table(FILE *out, const struct kmr_doc_table *t)
{
	if (t->caption) {
		put(out, t->caption);
		(void)fputs("\n\n", out);
	}
	put_heading_row(out, t);
	for (size_t i = 0; i < kmr_doc_rows(t); i++)
		if (put_row(out, t, &t->cells[i * t->nr_columns]))
			return -1;
	(void)fputc('\n', out);
	return 0;
}

/* Four spaces before a line make code, whatever is in it. */
static void put_code(FILE *out, const char *text)
{
	while (*text) {
		const size_t len = strcspn(text, "\n");

		(void)fprintf(out, "    %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
	(void)fputc('\n', out);
}

static int put_block(FILE *out, const struct kmr_block *b)
{
	switch (b->kind) {
	case KMR_BLOCK_TABLE:
		return put_table(out, b->table);
	case KMR_BLOCK_CODE:
		put_code(out, b->text);
		return 0;
	case KMR_BLOCK_ITEM:
		(void)fputs("- ", out);
		if (b->lead) {
			(void)fputs("**", out);
			put(out, b->lead);
			(void)fputs(":** ", out);
		}
		put(out, b->text);
		(void)fputs(b->next && b->next->kind == KMR_BLOCK_ITEM ? "\n" : "\n\n", out);
		return 0;
	case KMR_BLOCK_NOTE:
		(void)fputs("> ", out);
		break;
	case KMR_BLOCK_PARAGRAPH:
	case KMR_BLOCK_FIGURE:
		break;
	}
	put(out, b->text);
	(void)fputs("\n\n", out);
	return 0;
}

int kmr_doc_write_md(const struct kmr_doc *doc, FILE *out)
{
	(void)fputs("# ", out);
	put(out, doc->title);
	(void)fputs("\n\n", out);
	for (const struct kmr_section *s = doc->first; s; s = s->next) {
		(void)fputs("## ", out);
		put(out, s->title);
		(void)fputs("\n\n", out);
		for (const struct kmr_block *b = s->first; b; b = b->next)
			if (put_block(out, b))
				return -1;
	}
	(void)fputs("Made by ", out);
	put(out, doc->program);
	(void)fputs(".\n", out);
	return 0;
}
