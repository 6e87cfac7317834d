/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CSV out, as RFC 4180 has it but with lines that end in a newline alone: fields with a comma, a
 * quote or a line break are quoted, all other bytes are written as they are.
 */
#ifndef REPORT_CSV_H
#define REPORT_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct kmr_csv {
	FILE *out;
	bool first; /* nothing yet on this line */
};

/* Write errors are the stream's: look at ferror() at the end. */
void kmr_csv_init(struct kmr_csv *csv, FILE *out);
void kmr_csv_text(struct kmr_csv *csv, const char *text);
void kmr_csv_uint(struct kmr_csv *csv, uint64_t value);
void kmr_csv_end_line(struct kmr_csv *csv);

#endif
