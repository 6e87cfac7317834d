// SPDX-License-Identifier: GPL-2.0-only
#include "report/wrap.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "report/table.h"
#include "report/utf8.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes that stay together: up to a blank, a comma that is in no number, or a |. */
static size_t piece(const char *text)
{
	size_t len = 0;

	while (text[len] && text[len] != ' ' && text[len] != '\n') {
		len++;
		if (text[len - 1] == '|' || (text[len - 1] == ',' && !is_digit(text[len])))
			break;
	}
	return len;
}

static void new_line(FILE *out, unsigned int indent, size_t *column)
{
	fprintf(out, "\n%*s", (int)indent, "");
	*column = indent;
}

int kmr_wrap(FILE *out, unsigned int indent, const char *label, const char *text)
{
	size_t column = kmr_utf8_columns(label, strlen(label)), blanks = 0;
	bool first = true; /* on its line */

	fputs(label, out);
	if (column > indent || (column == indent && column && label[strlen(label) - 1] != ' ')) {
		new_line(out, indent, &column);
	} else if (*text) {
		fprintf(out, "%*s", (int)(indent - column), "");
		column = indent;
	}
	while (*text) {
		size_t len, columns;

		for (blanks = 0; *text == ' ' || *text == '\n'; text++) {
			if (*text == '\n' && text[1] == '\n') {
				(void)fputc('\n', out);
				new_line(out, indent, &column);
				first = true;
				text++;
			} else {
				blanks++;
			}
		}
		len = piece(text);
		columns = kmr_utf8_columns(text, len);
		if (!len)
			break;
		if (!first && column + blanks + columns > KMR_TABLE_WIDTH) {
			new_line(out, indent, &column);
			first = true;
		}
		if (!first)
			column += (size_t)fprintf(out, "%*s", (int)blanks, "");
		(void)fwrite(text, 1, len, out);
		column += columns;
		text += len;
		first = false;
	}
	(void)fputc('\n', out);
	return ferror(out) ? -1 : 0;
}

int kmr_wrap_format(FILE *out, unsigned int indent, const char *label, const char *fmt, ...)
{
	char text[KMR_WRAP_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return kmr_wrap(out, indent, label, text);
}
