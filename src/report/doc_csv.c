// SPDX-License-Identifier: GPL-2.0-only
/*
 * A document as CSV in long form: tables of different shapes are one table of cells, a line each,
 * so that one reader takes them all.  Texts are lines, too, with what they are for a table.
 */
#include "base/array.h"
#include "report/csv.h"
#include "report/doc.h"
#include "report/units.h"

/* @row counts from 1; 0: text, which has no rows. */
static void begin_line(struct kmr_csv *csv, const struct kmr_section *s, const char *table,
		       uint64_t row, const char *name)
{
	kmr_csv_text(csv, s->id);
	kmr_csv_text(csv, table);
	if (row)
		kmr_csv_uint(csv, row);
	else
		kmr_csv_text(csv, "");
	kmr_csv_text(csv, name);
}

static void put_value(struct kmr_csv *csv, const struct kmr_cell *cell)
{
	char number[KMR_UNITS_SIZE];

	switch (cell->kind) {
	case KMR_CELL_TEXT:
		kmr_csv_text(csv, cell->text);
		return;
	case KMR_CELL_COUNT:
		kmr_csv_uint(csv, cell->count);
		return;
	case KMR_CELL_REAL:
		kmr_csv_text(csv, kmr_units_fixed(number, cell->real, cell->decimals));
		return;
	case KMR_CELL_NONE:
		break;
	}
	kmr_csv_text(csv, "");
}

static void put_table(struct kmr_csv *csv, const struct kmr_section *s,
		      const struct kmr_doc_table *t)
{
	for (size_t i = 0; i < kmr_doc_rows(t) * t->nr_columns; i++) {
		const struct kmr_doc_column *column = &t->columns[i % t->nr_columns];

		begin_line(csv, s, t->id, i / t->nr_columns + 1, column->key);
		put_value(csv, &t->cells[i]);
		kmr_csv_text(csv, column->unit ? column->unit : "");
		kmr_csv_end_line(csv);
	}
}

static void put_block(struct kmr_csv *csv, const struct kmr_section *s, const struct kmr_block *b)
{
	static const char *const kinds[] = {
		[KMR_BLOCK_PARAGRAPH] = "paragraph", [KMR_BLOCK_NOTE] = "note",
		[KMR_BLOCK_ITEM] = "item",	     [KMR_BLOCK_CODE] = "code",
		[KMR_BLOCK_FIGURE] = "figure",
	};

	if (b->table) {
		put_table(csv, s, b->table);
		return;
	}
	begin_line(csv, s, kinds[b->kind], 0, b->lead ? b->lead : "");
	kmr_csv_text(csv, b->text);
	kmr_csv_text(csv, "");
	kmr_csv_end_line(csv);
}

int kmr_doc_write_csv(const struct kmr_doc *doc, FILE *out)
{
	static const char *const heading[] = {
		"section", "table", "row", "column", "value", "unit"
	};
	struct kmr_csv csv;

	kmr_csv_init(&csv, out);
	for (size_t i = 0; i < ARRAY_SIZE(heading); i++)
		kmr_csv_text(&csv, heading[i]);
	kmr_csv_end_line(&csv);
	for (const struct kmr_section *s = doc->first; s; s = s->next)
		for (const struct kmr_block *b = s->first; b; b = b->next)
			put_block(&csv, s, b);
	return 0;
}
