/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What text may look like: colours and characters beyond ASCII.  A stream shows neither until the
 * command line says that standard output does.
 */
#ifndef REPORT_TERM_H
#define REPORT_TERM_H

#include <stdbool.h>
#include <stdio.h>

enum kmr_style {
	KMR_STYLE_PLAIN,
	KMR_STYLE_STRONG, /* headings, the best of several */
	KMR_STYLE_BAD /* failures */
};

/* Of one stream; another call is about that one alone. */
void kmr_term_set(FILE *out, bool color, bool utf8);

bool kmr_term_utf8(const FILE *out);

/*
 * What begins and ends @style on @out, by ECMA-48's SGR; "" where there are no colours, and for
 * KMR_STYLE_PLAIN.
 */
const char *kmr_term_begin(const FILE *out, enum kmr_style style);
const char *kmr_term_end(const FILE *out, enum kmr_style style);

#endif
