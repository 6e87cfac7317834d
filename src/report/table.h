/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text tables for terminals and files: columns aligned, a thin rule under the heading, at most 80
 * columns wide.  Numbers stand to the right and are never cut; text that does not fit is wrapped
 * within its column.
 */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kmreplay/error.h"
#include "report/term.h"

#define KMR_TABLE_WIDTH	      80
#define KMR_TABLE_MAX_COLUMNS 24

enum kmr_align {
	KMR_ALIGN_LEFT,
	KMR_ALIGN_RIGHT
};

struct kmr_column {
	const char *title; /* NULL or "" in all columns: no heading */
	const char *unit; /* stands behind the title in parentheses; NULL: none */
	enum kmr_align align;
};

struct kmr_table;

/* @title stands above the table; NULL: none.  Strings are copied. */
struct kmr_table *kmr_table_new(const char *title, const struct kmr_column *columns,
				size_t nr_columns);

/* Fills the next cell, from left to right, row by row. */
void kmr_table_text(struct kmr_table *table, const char *text);
void kmr_table_format(struct kmr_table *table, const char *fmt, ...) KMR_PRINTF(2, 3);
void kmr_table_count(struct kmr_table *table, uint64_t count); /* "1,234" */
/* How the cell that was filled last is shown, where there are colours. */
void kmr_table_style(struct kmr_table *table, enum kmr_style style);
/* A thin rule before the next row; the row before it must be full. */
void kmr_table_rule(struct kmr_table *table);

/*
 * Prints and frees it.  -1 when there was no memory for the table (nothing is printed then) or
 * the stream failed.  A NULL table is one that there was no memory for.
 */
int kmr_table_print(struct kmr_table *table, FILE *out);

#endif
