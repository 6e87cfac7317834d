/* SPDX-License-Identifier: GPL-2.0-only */
/* A text that grows. */
#ifndef KMR_FIT_TEXT_H
#define KMR_FIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "kmreplay/error.h"

/* All zeroes is an empty one. */
struct fit_text {
	char *bytes; /* terminated by 0, once something was added */
	size_t len, cap;
	bool failed; /* there was no memory for all of it */
};

void fit_text_add(struct fit_text *text, const char *format, ...) KMR_PRINTF(2, 3);
void fit_text_fini(struct fit_text *text);

#endif
