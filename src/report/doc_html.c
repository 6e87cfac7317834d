// SPDX-License-Identifier: GPL-2.0-only
/*
 * A document as one HTML page that needs nothing else: styles and figures are in it, there are no
 * scripts, and nothing is fetched.  How it looks is in page_style.c.
 */
#include <stdlib.h>
#include <string.h>

#include "report/doc.h"
#include "report/markup.h"
#include "report/page_style.h"

static void put(FILE *out, const char *text)
{
	for (; *text; text++)
		kmr_markup_put(out, *text);
}

static void put_element(FILE *out, const char *name, const char *text)
{
	(void)fprintf(out, "<%s>", name);
	put(out, text);
	(void)fprintf(out, "</%s>\n", name);
}

static void put_heading_row(FILE *out, const struct kmr_doc_table *t)
{
	(void)fputs("<thead><tr>", out);
	for (size_t i = 0; i < t->nr_columns; i++) {
		const struct kmr_doc_column *c = &t->columns[i];

		(void)fputs(c->number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">",
			    out);
		put(out, c->title);
		if (c->unit) {
			(void)fputs(" <span class=\"unit\">", out);
			put(out, c->unit);
			(void)fputs("</span>", out);
		}
		(void)fputs("</th>", out);
	}
	(void)fputs("</tr></thead>\n", out);
}

static int put_cell(FILE *out, const struct kmr_doc_column *column, const struct kmr_cell *cell,
		    bool heads)
{
	char *text = kmr_cell_show(cell);

	if (!text)
		return -1;
	if (heads)
		(void)fputs("<th scope=\"row\">", out);
	else if (column->number)
		(void)fputs(cell->best ? "<td class=\"n best\">" : "<td class=\"n\">", out);
	else
		(void)fputs("<td>", out);
	put(out, text);
	(void)fputs(heads ? "</th>" : "</td>", out);
	free(text);
	return 0;
}

static int put_table(FILE *out, const struct kmr_doc_table *t)
{
	/* the box scrolls when the table is wider than the page, and keys must reach it then */
	(void)fputs("<div class=\"box\" role=\"region\" tabindex=\"0\" aria-label=\"", out);
	put(out, t->caption ? t->caption : t->id);
	(void)fputs("\"><table>\n", out);
	if (t->caption)
		put_element(out, "caption", t->caption);
	put_heading_row(out, t);
	(void)fputs("<tbody>\n", out);
	for (size_t i = 0; i < kmr_doc_rows(t); i++) {
		(void)fputs("<tr>", out);
		for (size_t k = 0; k < t->nr_columns; k++)
			if (put_cell(out, &t->columns[k], &t->cells[i * t->nr_columns + k],
				     !k && !t->columns[k].number))
				return -1;
		(void)fputs("</tr>\n", out);
	}
	(void)fputs("</tbody></table></div>\n", out);
	return 0;
}

static void put_figure(FILE *out, const struct kmr_doc_picture *p, unsigned int number)
{
	(void)fprintf(out, "<figure id=\"figure-%u\"><div class=\"box\" role=\"img\" aria-label=\"",
		      number);
	put(out, p->alt);
	(void)fputs("\">", out);
	(void)fputs(p->svg, out);
	(void)fprintf(out, "</div>\n<figcaption><b>Figure %u.</b> ", number);
	put(out, p->title);
	(void)fputs(". ", out);
	put(out, p->alt);
	(void)fputs("</figcaption></figure>\n", out);
}

static void put_item(FILE *out, const struct kmr_block *b, bool first)
{
	if (first)
		(void)fputs("<ul>\n", out);
	(void)fputs("<li>", out);
	if (b->lead) {
		(void)fputs("<b>", out);
		put(out, b->lead);
		(void)fputs("</b> ", out);
	}
	put(out, b->text);
	(void)fputs("</li>\n", out);
	if (!b->next || b->next->kind != KMR_BLOCK_ITEM)
		(void)fputs("</ul>\n", out);
}

static int put_section(FILE *out, const struct kmr_section *s, unsigned int *figures)
{
	bool in_list = false;

	(void)fprintf(out, "<section id=\"%s\">\n", s->id);
	put_element(out, "h2", s->title);
	for (const struct kmr_block *b = s->first; b; b = b->next) {
		switch (b->kind) {
		case KMR_BLOCK_TABLE:
			if (put_table(out, b->table))
				return -1;
			break;
		case KMR_BLOCK_FIGURE:
			put_figure(out, b->picture, ++*figures);
			break;
		case KMR_BLOCK_ITEM:
			put_item(out, b, !in_list);
			break;
		case KMR_BLOCK_CODE:
			(void)fputs("<pre tabindex=\"0\">", out);
			put(out, b->text);
			(void)fputs("</pre>\n", out);
			break;
		case KMR_BLOCK_NOTE:
			(void)fputs("<p class=\"note\">", out);
			put(out, b->text);
			(void)fputs("</p>\n", out);
			break;
		case KMR_BLOCK_PARAGRAPH:
			put_element(out, "p", b->text);
			break;
		}
		in_list = b->kind == KMR_BLOCK_ITEM;
	}
	(void)fputs("</section>\n", out);
	return 0;
}

/* Leads to every section but the first, which is before the reader's eyes. */
static void put_contents(FILE *out, const struct kmr_section *first)
{
	if (!first || !first->next)
		return;
	(void)fputs("<nav aria-label=\"Contents\"><ul>\n", out);
	for (const struct kmr_section *s = first->next; s; s = s->next) {
		(void)fprintf(out, "<li><a href=\"#%s\">", s->id);
		put(out, s->title);
		(void)fputs("</a></li>\n", out);
	}
	(void)fputs("</ul></nav>\n", out);
}

int kmr_doc_write_html(const struct kmr_doc *doc, FILE *out)
{
	unsigned int figures = 0;

	(void)fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n"
		    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		    "style-src 'unsafe-inline'; img-src data:\">\n",
		    out);
	put_element(out, "title", doc->title);
	(void)fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n<main>\n<header>",
		      kmr_page_style);
	put_element(out, "h1", doc->title);
	(void)fputs("</header>\n", out);
	for (const struct kmr_section *s = doc->first; s; s = s->next) {
		if (put_section(out, s, &figures))
			return -1;
		if (s == doc->first)
			put_contents(out, s);
	}
	(void)fputs("</main>\n<footer>Made by ", out);
	put(out, doc->program);
	(void)fputs(".</footer>\n</body>\n</html>\n", out);
	return 0;
}
