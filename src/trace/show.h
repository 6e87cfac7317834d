/* SPDX-License-Identifier: GPL-2.0-only */
/* A piece of input for a message: one line, printable, cut to size. */
#ifndef KMR_TRACE_SHOW_H
#define KMR_TRACE_SHOW_H

#include <stddef.h>

/* Writes the beginning of @text to @buf, unprintable bytes as '?', always terminated. */
static inline void show_text(char *buf, size_t size, const char *text, size_t len)
{
	size_t n = len < size - 1 ? len : size - 1;

	for (size_t i = 0; i < n; i++)
		buf[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	buf[n] = '\0';
}

#endif
