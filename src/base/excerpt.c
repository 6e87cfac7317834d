// SPDX-License-Identifier: GPL-2.0-only
#include "base/excerpt.h"

#include <string.h>

void kmr_printable(char *buf, size_t size, const char *text, size_t len)
{
	size_t n = len < size - 1 ? len : size - 1;

	for (size_t i = 0; i < n; i++)
		buf[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	buf[n] = '\0';
}

char *kmr_excerpt(char *buf, size_t size, const char *text)
{
	static const char dots[] = "...";
	size_t len = strlen(text);

	kmr_printable(buf, size, text, len);
	if (len >= size && size > sizeof(dots))
		memcpy(buf + size - sizeof(dots), dots, sizeof(dots));
	return buf;
}
