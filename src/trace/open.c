// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a file is goes by its first bytes: a name can lie, and standard input has none.  Formats
 * that are known but not read here are named, with what would read them.
 */
#include "trace/open.h"

#include <string.h>

#include "base/array.h"

struct magic {
	const char *bytes;
	size_t len;
	const char *what;
	const char *instead;
};

#define MAGIC(b) (b), sizeof(b) - 1

/* None is longer than KMR_INPUT_PEEK. */
static const struct magic magics[] = {
	{ MAGIC("\x17\x08\x44tracing"), "a trace-cmd trace.dat file",
	  "convert it with trace-cmd report" },
	{ MAGIC("PERFILE2"), "a perf.data file", "convert it with perf script" },
	{ MAGIC("\x1f\x8b"), "gzip-compressed", "decompress it with gzip -dc" },
	{ MAGIC("\xfd"
		"7zXZ"),
	  "xz-compressed", "decompress it with xz -dc" },
	{ MAGIC("BZh"), "bzip2-compressed", "decompress it with bzip2 -dc" },
	{ MAGIC("\x04\x22\x4d\x18"), "lz4-compressed", "decompress it with lz4 -dc" },
	{ MAGIC("\x89PNG"), "a PNG image", "give an ftrace or perf trace as text" },
	{ MAGIC("\x7f"
		"ELF"),
	  "an ELF file", "give an ftrace or perf trace as text" },
	{ MAGIC("SQLite format 3"), "an SQLite database", "give the trace it was made from" },
};

static int check_magic(const struct kmr_input *input, struct kmr_error *err)
{
	size_t size;
	const char *raw = kmr_input_peek(input, &size);

	if (!size)
		return kmr_fail(err, "%s: is empty, not a trace", kmr_input_name(input));
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
		if (size >= magics[i].len && !memcmp(raw, magics[i].bytes, magics[i].len))
			return kmr_fail(err, "%s: is %s, not a trace as text: %s",
					kmr_input_name(input), magics[i].what, magics[i].instead);
	return 0;
}

int trace_open(struct kmr_input **input, const char *path, struct kmr_error *err)
{
	static const char what[] = "a trace file";

	if (strcmp(path, "-") ? kmr_input_open(input, path, what, err)
			      : kmr_input_stdin(input, what, err))
		return -1;
	if (check_magic(*input, err)) {
		kmr_input_close(*input);
		*input = NULL;
		return -1;
	}
	return 0;
}
