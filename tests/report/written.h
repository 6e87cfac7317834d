/* SPDX-License-Identifier: GPL-2.0-only */
/* A stream whose text can be compared. */
#ifndef TESTS_REPORT_WRITTEN_H
#define TESTS_REPORT_WRITTEN_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Closes the stream, made by tmpfile(), and returns what was written; to be freed. */
static inline char *written(FILE *stream)
{
	long size = ftell(stream);
	char *text = calloc(1, (size_t)size + 1);

	cr_assert_not_null(text);
	rewind(stream);
	cr_assert_eq(fread(text, 1, (size_t)size, stream), (size_t)size);
	(void)fclose(stream);
	return text;
}

static inline void expect_written(FILE *stream, const char *expected)
{
	char *text = written(stream);

	cr_expect_str_eq(text, expected, "written:\n%s\nexpected:\n%s", text, expected);
	free(text);
}

#endif
