// SPDX-License-Identifier: GPL-2.0-only
/* A document as JSON: rows are objects by the columns' keys, numbers are numbers, unknown is null. */
#include "report/doc.h"
#include "report/json.h"

static void put_cell(struct kmr_json *j, const char *key, const struct kmr_cell *cell)
{
	switch (cell->kind) {
	case KMR_CELL_TEXT:
		kmr_json_string(j, key, cell->text);
		return;
	case KMR_CELL_COUNT:
		kmr_json_uint(j, key, cell->count);
		return;
	case KMR_CELL_REAL:
		kmr_json_double(j, key, cell->real, cell->decimals);
		return;
	case KMR_CELL_NONE:
		break;
	}
	kmr_json_null(j, key);
}

static void put_columns(struct kmr_json *j, const struct kmr_doc_table *t)
{
	kmr_json_array(j, "columns");
	for (size_t i = 0; i < t->nr_columns; i++) {
		kmr_json_object(j, NULL);
		kmr_json_string(j, "key", t->columns[i].key);
		kmr_json_string(j, "title", t->columns[i].title);
		kmr_json_string(j, "unit", t->columns[i].unit);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

static void put_table(struct kmr_json *j, const struct kmr_doc_table *t)
{
	kmr_json_string(j, "id", t->id);
	kmr_json_string(j, "caption", t->caption);
	put_columns(j, t);
	kmr_json_array(j, "rows");
	for (size_t i = 0; i < kmr_doc_rows(t); i++) {
		kmr_json_object(j, NULL);
		for (size_t k = 0; k < t->nr_columns; k++)
			put_cell(j, t->columns[k].key, &t->cells[i * t->nr_columns + k]);
		kmr_json_end_object(j);
	}
	kmr_json_end_array(j);
}

static void put_block(struct kmr_json *j, const struct kmr_block *b)
{
	static const char *const kinds[] = {
		[KMR_BLOCK_PARAGRAPH] = "paragraph", [KMR_BLOCK_NOTE] = "note",
		[KMR_BLOCK_ITEM] = "item",	     [KMR_BLOCK_CODE] = "code",
		[KMR_BLOCK_TABLE] = "table",	     [KMR_BLOCK_FIGURE] = "figure",
	};

	kmr_json_object(j, NULL);
	kmr_json_string(j, "kind", kinds[b->kind]);
	if (b->kind == KMR_BLOCK_TABLE)
		put_table(j, b->table);
	if (b->lead)
		kmr_json_string(j, "about", b->lead);
	if (b->text)
		kmr_json_string(j, "text", b->text);
	kmr_json_end_object(j);
}

int kmr_doc_write_json(const struct kmr_doc *doc, FILE *out)
{
	struct kmr_json j;

	kmr_json_init(&j, out);
	kmr_json_object(&j, NULL);
	kmr_json_string(&j, "title", doc->title);
	kmr_json_string(&j, "program", doc->program);
	kmr_json_array(&j, "sections");
	for (const struct kmr_section *s = doc->first; s; s = s->next) {
		kmr_json_object(&j, NULL);
		kmr_json_string(&j, "id", s->id);
		kmr_json_string(&j, "title", s->title);
		kmr_json_array(&j, "content");
		for (const struct kmr_block *b = s->first; b; b = b->next)
			put_block(&j, b);
		kmr_json_end_array(&j);
		kmr_json_end_object(&j);
	}
	kmr_json_end_array(&j);
	kmr_json_end_object(&j);
	return 0;
}
