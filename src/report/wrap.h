/* SPDX-License-Identifier: GPL-2.0-only */
/* Sentences, and lists of parameters, in lines of at most KMR_TABLE_WIDTH columns. */
#ifndef REPORT_WRAP_H
#define REPORT_WRAP_H

#include <stdio.h>

#include "kmreplay/error.h"

/*
 * Prints @label and, from column @indent on, the text.  Lines end at blanks and behind commas and |,
 * but not within a number; what has neither, as a path, may be longer than a line.  A newline in the
 * text is a blank, two of them are an empty line.  -1 when the stream failed.
 */
int kmr_wrap(FILE *out, unsigned int indent, const char *label, const char *text);

/* The same of a text of at most KMR_WRAP_MAX - 1 bytes. */
int kmr_wrap_format(FILE *out, unsigned int indent, const char *label, const char *fmt, ...)
	KMR_PRINTF(4, 5);

#define KMR_WRAP_MAX 8192

#endif
