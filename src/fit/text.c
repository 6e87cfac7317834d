// SPDX-License-Identifier: GPL-2.0-only
#include "fit/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE ((size_t)16384)

static int need_room(struct fit_text *text, size_t bytes)
{
	size_t cap = text->cap ? text->cap : FIRST_SIZE;
	char *grown;

	while (cap - text->len <= bytes)
		cap *= 2;
	if (cap == text->cap)
		return 0;
	grown = realloc(text->bytes, cap);
	if (!grown)
		return -1;
	text->bytes = grown;
	text->cap = cap;
	return 0;
}

void fit_text_add(struct fit_text *text, const char *format, ...)
{
	va_list ap, again;
	int len;

	va_start(ap, format);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (len < 0 || text->failed || need_room(text, (size_t)len))
		text->failed = true;
	else
		text->len += (size_t)vsnprintf(text->bytes + text->len, text->cap - text->len,
					       format, again);
	va_end(again);
}

void fit_text_fini(struct fit_text *text)
{
	free(text->bytes);
	memset(text, 0, sizeof(*text));
}
