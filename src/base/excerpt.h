/* SPDX-License-Identifier: GPL-2.0-only */
/* Pieces of input for a message, which stays one line of printable text whatever the input is. */
#ifndef KMR_BASE_EXCERPT_H
#define KMR_BASE_EXCERPT_H

#include <stddef.h>

/* As much of the @len bytes at @text as @buf holds, unprintable ones as '?', always terminated. */
void kmr_printable(char *buf, size_t size, const char *text, size_t len);

/* The same of a string, ending in "..." when it is cut; returns @buf. */
char *kmr_excerpt(char *buf, size_t size, const char *text);

#endif
