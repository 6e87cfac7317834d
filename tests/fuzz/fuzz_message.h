/* SPDX-License-Identifier: GPL-2.0-only */
/* What every message about a file must be like, whatever the file is. */
#ifndef KMR_TESTS_FUZZ_MESSAGE_H
#define KMR_TESTS_FUZZ_MESSAGE_H

#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "kmreplay/error.h"

#define FUZZ_NAME "input.yaml"

static inline const char *skip_number(const char *p)
{
	const char *start = p;

	while (*p >= '0' && *p <= '9')
		p++;
	MUST(p > start && *start != '0' && *p == ':');
	return p + 1;
}

/* One printable line: "input.yaml:LINE:COLUMN: " and more. */
static inline void check_message(const struct kmr_error *err)
{
	const size_t name = strlen(FUZZ_NAME);
	const char *p = err->msg;

	MUST(memchr(err->msg, '\0', sizeof(err->msg)));
	MUST(!strncmp(p, FUZZ_NAME ":", name + 1));
	p = skip_number(skip_number(p + name + 1));
	MUST(p[0] == ' ' && p[1]);
	for (; *p; p++)
		MUST((unsigned char)*p >= ' ' && (unsigned char)*p < 0x7f);
}

#endif
