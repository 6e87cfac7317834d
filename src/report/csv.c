// SPDX-License-Identifier: GPL-2.0-only
#include "report/csv.h"

#include <inttypes.h>
#include <string.h>

void kmr_csv_init(struct kmr_csv *csv, FILE *out)
{
	csv->out = out;
	csv->first = true;
}

static void lead_in(struct kmr_csv *csv)
{
	if (!csv->first)
		(void)fputc(',', csv->out);
	csv->first = false;
}

static void put_quoted(FILE *out, const char *text)
{
	(void)fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			(void)fputc('"', out);
		(void)fputc(*text, out);
	}
	(void)fputc('"', out);
}

void kmr_csv_text(struct kmr_csv *csv, const char *text)
{
	lead_in(csv);
	if (strpbrk(text, ",\"\r\n"))
		put_quoted(csv->out, text);
	else
		(void)fputs(text, csv->out);
}

void kmr_csv_uint(struct kmr_csv *csv, uint64_t value)
{
	lead_in(csv);
	(void)fprintf(csv->out, "%" PRIu64, value);
}

void kmr_csv_end_line(struct kmr_csv *csv)
{
	(void)fputc('\n', csv->out);
	csv->first = true;
}
