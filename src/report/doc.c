// SPDX-License-Identifier: GPL-2.0-only
/* Building a document.  Its parts lie in chunks that go together when it goes. */
#include "report/doc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "report/units.h"
#include "report/utf8.h"

/* A piece of memory of the document's. */
struct kmr_doc_chunk {
	struct kmr_doc_chunk *next;
	max_align_t bytes[];
};

static void *take(struct kmr_doc *doc, size_t size)
{
	struct kmr_doc_chunk *chunk = calloc(1, sizeof(*chunk) + size);

	if (!chunk) {
		doc->failed = true;
		return NULL;
	}
	chunk->next = doc->chunks;
	doc->chunks = chunk;
	return chunk->bytes;
}

/* Newlines alone may stay: names come from traces, and terminals and browsers obey the rest. */
static void clean(char *text)
{
	unsigned char *s = (unsigned char *)text;
	size_t left = strlen(text), len;

	for (; left; s += len, left -= len) {
		len = kmr_utf8_length(s, left);
		if (len > 1 && !(len == 2 && s[0] == 0xc2 && s[1] < 0xa0))
			continue;
		if (len == 1 && (*s == '\n' || (*s >= 0x20 && *s != 0x7f)))
			continue;
		len = len ? len : 1;
		memset(s, *s == '\t' ? ' ' : '?', len);
	}
}

KMR_PRINTF(2, 0)
static const char *vtext(struct kmr_doc *doc, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = len < 0 ? NULL : take(doc, (size_t)len + 1);
	if (!text) {
		doc->failed = true;
		return "";
	}
	(void)vsnprintf(text, (size_t)len + 1, fmt, ap);
	clean(text);
	return text;
}

const char *kmr_doc_text(struct kmr_doc *doc, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = vtext(doc, fmt, ap);
	va_end(ap);
	return text;
}

static const char *copy(struct kmr_doc *doc, const char *text)
{
	return text ? kmr_doc_text(doc, "%s", text) : NULL;
}

struct kmr_doc *kmr_doc_new(const char *title, const char *program)
{
	struct kmr_doc *doc = calloc(1, sizeof(*doc));

	if (!doc)
		return NULL;
	doc->end = &doc->first;
	doc->title = copy(doc, title);
	doc->program = copy(doc, program);
	return doc;
}

static void free_tables(struct kmr_doc *doc)
{
	for (struct kmr_section *s = doc->first; s; s = s->next)
		for (struct kmr_block *b = s->first; b; b = b->next)
			if (b->table)
				free(b->table->cells);
}

void kmr_doc_free(struct kmr_doc *doc)
{
	if (!doc)
		return;
	free_tables(doc);
	while (doc->chunks) {
		struct kmr_doc_chunk *chunk = doc->chunks;

		doc->chunks = chunk->next;
		free(chunk);
	}
	free(doc);
}

void kmr_doc_section(struct kmr_doc *doc, const char *id, const char *title)
{
	struct kmr_section *s = take(doc, sizeof(*s));

	if (!s)
		return;
	s->id = copy(doc, id);
	s->title = copy(doc, title);
	s->end = &s->first;
	*doc->end = s;
	doc->end = &s->next;
	doc->last = s;
}

static struct kmr_block *add_block(struct kmr_doc *doc, enum kmr_block_kind kind)
{
	struct kmr_block *b = doc->last ? take(doc, sizeof(*b)) : NULL;

	if (!b)
		return NULL;
	b->kind = kind;
	*doc->last->end = b;
	doc->last->end = &b->next;
	return b;
}

static void add_text(struct kmr_doc *doc, enum kmr_block_kind kind, const char *lead,
		     const char *text)
{
	struct kmr_block *b = add_block(doc, kind);

	if (!b)
		return;
	b->lead = copy(doc, lead);
	b->text = text;
}

void kmr_doc_paragraph(struct kmr_doc *doc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_text(doc, KMR_BLOCK_PARAGRAPH, NULL, vtext(doc, fmt, ap));
	va_end(ap);
}

void kmr_doc_note(struct kmr_doc *doc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_text(doc, KMR_BLOCK_NOTE, NULL, vtext(doc, fmt, ap));
	va_end(ap);
}

void kmr_doc_item(struct kmr_doc *doc, const char *lead, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_text(doc, KMR_BLOCK_ITEM, lead, vtext(doc, fmt, ap));
	va_end(ap);
}

void kmr_doc_code(struct kmr_doc *doc, const char *text)
{
	add_text(doc, KMR_BLOCK_CODE, NULL, copy(doc, text));
}

void kmr_doc_figure(struct kmr_doc *doc, const struct kmr_doc_picture *picture)
{
	struct kmr_doc_picture *p = take(doc, sizeof(*p));
	struct kmr_block *b = p ? add_block(doc, KMR_BLOCK_FIGURE) : NULL;

	if (!b)
		return;
	p->title = copy(doc, picture->title);
	p->alt = copy(doc, picture->alt);
	p->svg = copy(doc, picture->svg);
	b->picture = p;
	b->text = kmr_doc_text(doc, "%s: %s", p->title, p->alt);
}

static const struct kmr_doc_column *copy_columns(struct kmr_doc *doc,
						 const struct kmr_doc_column *columns, size_t nr)
{
	struct kmr_doc_column *all = take(doc, nr * sizeof(*all));

	for (size_t i = 0; all && i < nr; i++) {
		all[i].key = copy(doc, columns[i].key);
		all[i].title = copy(doc, columns[i].title);
		all[i].unit = copy(doc, columns[i].unit);
		all[i].number = columns[i].number;
	}
	return all;
}

struct kmr_doc_table *kmr_doc_table(struct kmr_doc *doc, const char *id, const char *caption,
				    const struct kmr_doc_column *columns, size_t nr_columns)
{
	struct kmr_doc_table *t = take(doc, sizeof(*t));
	const struct kmr_doc_column *all = copy_columns(doc, columns, nr_columns);
	struct kmr_block *b = t && all ? add_block(doc, KMR_BLOCK_TABLE) : NULL;

	if (!b)
		return NULL;
	t->doc = doc;
	t->id = copy(doc, id);
	t->caption = copy(doc, caption);
	t->columns = all;
	t->nr_columns = nr_columns;
	b->table = t;
	return t;
}

static struct kmr_cell *add_cell(struct kmr_doc_table *t, enum kmr_cell_kind kind)
{
	struct kmr_cell *cells;

	if (!t)
		return NULL;
	cells = kmr_grow(t->cells, t->nr_cells, &t->max_cells, sizeof(*cells));
	if (!cells) {
		t->doc->failed = true;
		return NULL;
	}
	t->cells = cells;
	cells += t->nr_cells++;
	memset(cells, 0, sizeof(*cells));
	cells->kind = kind;
	return cells;
}

void kmr_cell_text(struct kmr_doc_table *table, const char *text)
{
	struct kmr_cell *c = add_cell(table, KMR_CELL_TEXT);

	if (c)
		c->text = copy(table->doc, text ? text : "");
}

void kmr_cell_count(struct kmr_doc_table *table, uint64_t count)
{
	struct kmr_cell *c = add_cell(table, KMR_CELL_COUNT);

	if (c)
		c->count = count;
}

void kmr_cell_real(struct kmr_doc_table *table, double value, unsigned int decimals)
{
	struct kmr_cell *c = add_cell(table, KMR_CELL_REAL);

	if (!c)
		return;
	c->real = value;
	c->decimals = decimals;
}

void kmr_cell_none(struct kmr_doc_table *table)
{
	(void)add_cell(table, KMR_CELL_NONE);
}

void kmr_cell_best(struct kmr_doc_table *table)
{
	if (table && table->nr_cells)
		table->cells[table->nr_cells - 1].best = true;
}

/* "-1234567.8" with groups of three digits before the point. */
static char *grouped(double value, unsigned int decimals)
{
	char fixed[KMR_UNITS_SIZE], *text = malloc(2 * KMR_UNITS_SIZE), *to = text;
	const char *digits = kmr_units_fixed(fixed, value, decimals);
	size_t whole;

	if (!text)
		return NULL;
	if (*digits == '-')
		*to++ = *digits++;
	whole = strspn(digits, "0123456789");
	for (size_t i = 0; i < whole; i++) {
		if (i && (whole - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	(void)strcpy(to, digits + whole);
	return text;
}

char *kmr_cell_show(const struct kmr_cell *cell)
{
	char count[KMR_UNITS_SIZE];

	switch (cell->kind) {
	case KMR_CELL_TEXT:
		return strdup(cell->text);
	case KMR_CELL_COUNT:
		return strdup(kmr_units_count(count, cell->count));
	case KMR_CELL_REAL:
		return grouped(cell->real, cell->decimals);
	case KMR_CELL_NONE:
		break;
	}
	return strdup("-");
}
