/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A document as a tree, without a word about how it will look: sections of paragraphs, lists,
 * tables whose cells have types, and figures.  Writers (doc_*.c) turn the same tree into HTML,
 * Markdown, CSV, JSON and plain text.
 *
 * All texts are copied and may hold any bytes: what is a control character or no UTF-8 becomes a
 * question mark (a tab: a space) here, and each writer escapes what is special in its format.  A document
 * that there was no memory for is marked, and the mark is looked at once, at the end.
 */
#ifndef REPORT_DOC_H
#define REPORT_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kmreplay/error.h"

enum kmr_cell_kind {
	KMR_CELL_NONE, /* not known, or there is no such thing: "-" */
	KMR_CELL_TEXT,
	KMR_CELL_COUNT,
	KMR_CELL_REAL
};

struct kmr_cell {
	enum kmr_cell_kind kind;
	bool best; /* of its row */
	unsigned int decimals; /* of a real number */
	union {
		const char *text;
		uint64_t count;
		double real;
	};
};

struct kmr_doc_column {
	const char *key; /* a word, for JSON and CSV */
	const char *title;
	const char *unit; /* NULL: none */
	bool number; /* aligned as numbers are */
};

struct kmr_doc_table {
	struct kmr_doc *doc;
	const char *id, *caption; /* caption NULL: none */
	const struct kmr_doc_column *columns;
	size_t nr_columns;
	struct kmr_cell *cells; /* row by row */
	size_t nr_cells, max_cells;
};

enum kmr_block_kind {
	KMR_BLOCK_PARAGRAPH,
	KMR_BLOCK_NOTE, /* a paragraph that must not be missed */
	KMR_BLOCK_ITEM, /* of a list; those in succession are one list */
	KMR_BLOCK_CODE, /* lines as they are */
	KMR_BLOCK_TABLE,
	KMR_BLOCK_FIGURE
};

/* What a figure shows, as SVG that can stand in a page as it is (KMR_PLOT_EMBED). */
struct kmr_doc_picture {
	const char *title;
	const char *alt; /* what can be seen, one sentence */
	const char *svg;
};

struct kmr_block {
	enum kmr_block_kind kind;
	const char *lead; /* of an item: what it is about; NULL: none */
	const char *text; /* of a figure: what can be seen in it, in words */
	const struct kmr_doc_picture *picture; /* of a figure */
	struct kmr_doc_table *table;
	struct kmr_block *next;
};

struct kmr_section {
	const char *id; /* a word */
	const char *title;
	struct kmr_block *first, **end;
	struct kmr_section *next;
};

struct kmr_doc {
	const char *title;
	const char *program; /* what made it */
	struct kmr_section *first, **end, *last;
	struct kmr_doc_chunk *chunks;
	bool failed; /* there was no memory for a part of it */
};

/* NULL: no memory. */
struct kmr_doc *kmr_doc_new(const char *title, const char *program);
void kmr_doc_free(struct kmr_doc *doc); /* NULL is fine */

/* Texts that live as long as the document; "" when there is no memory. */
const char *kmr_doc_text(struct kmr_doc *doc, const char *fmt, ...) KMR_PRINTF(2, 3);

/* What follows belongs to this section; a document begins with one. */
void kmr_doc_section(struct kmr_doc *doc, const char *id, const char *title);
void kmr_doc_paragraph(struct kmr_doc *doc, const char *fmt, ...) KMR_PRINTF(2, 3);
void kmr_doc_note(struct kmr_doc *doc, const char *fmt, ...) KMR_PRINTF(2, 3);
void kmr_doc_item(struct kmr_doc *doc, const char *lead, const char *fmt, ...) KMR_PRINTF(3, 4);
void kmr_doc_code(struct kmr_doc *doc, const char *text);
/* The texts of @picture are copied. */
void kmr_doc_figure(struct kmr_doc *doc, const struct kmr_doc_picture *picture);

/* A table in the last section.  NULL when there is no memory, which the cells' functions take. */
struct kmr_doc_table *kmr_doc_table(struct kmr_doc *doc, const char *id, const char *caption,
				    const struct kmr_doc_column *columns, size_t nr_columns);

/* Whole rows. */
static inline size_t kmr_doc_rows(const struct kmr_doc_table *table)
{
	return table->nr_columns ? table->nr_cells / table->nr_columns : 0;
}

/* The next cell, from left to right, row by row. */
void kmr_cell_text(struct kmr_doc_table *table, const char *text);
void kmr_cell_count(struct kmr_doc_table *table, uint64_t count);
void kmr_cell_real(struct kmr_doc_table *table, double value, unsigned int decimals);
void kmr_cell_none(struct kmr_doc_table *table);
/* The last cell is the best of its row. */
void kmr_cell_best(struct kmr_doc_table *table);

/* As people read it, with groups of digits; the caller frees.  NULL: no memory. */
char *kmr_cell_show(const struct kmr_cell *cell);

/* Write errors are the stream's, and 0 or -1 is for memory: look at ferror() at the end. */
int kmr_doc_write_html(const struct kmr_doc *doc, FILE *out);
int kmr_doc_write_md(const struct kmr_doc *doc, FILE *out);
int kmr_doc_write_csv(const struct kmr_doc *doc, FILE *out);
int kmr_doc_write_json(const struct kmr_doc *doc, FILE *out);
int kmr_doc_write_txt(const struct kmr_doc *doc, FILE *out);

#endif
