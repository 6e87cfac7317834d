/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in HTML and SVG. */
#ifndef REPORT_MARKUP_H
#define REPORT_MARKUP_H

#include <stdio.h>

/* One byte of a text, between tags or in an attribute's quotes: what would be markup is escaped. */
void kmr_markup_put(FILE *out, char c);

#endif
