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
	const char *instead; /* the file's name follows where it ends in a blank */
};

#define MAGIC(b) (b), sizeof(b) - 1

/* None is longer than KMR_INPUT_PEEK. */
static const struct magic magics[] = {
	{ MAGIC("PERFILE2"), "a perf.data file",
	  "convert it with perf script --ns --show-lost-events -F comm,tid,cpu,time,event,trace "
	  "-i " },
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

int trace_check(const char *name, const char *beginning, size_t len, struct kmr_error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
		const struct magic *m = &magics[i];

		if (len >= m->len && !memcmp(beginning, m->bytes, m->len))
			return kmr_fail(err, "%s: is %s, not a trace that can be read: %s%s", name,
					m->what, m->instead,
					m->instead[strlen(m->instead) - 1] == ' ' ? name : "");
	}
	return 0;
}

static int check_raw(const struct kmr_input *input, struct kmr_error *err)
{
	size_t size;
	const char *raw = kmr_input_peek(input, &size);

	if (!size)
		return kmr_fail(err, "%s: is empty, not a trace", kmr_input_name(input));
	return trace_check(kmr_input_name(input), raw, size, err);
}

int trace_open(struct kmr_input **input, const char *path, struct kmr_error *err)
{
	static const char what[] = "a trace file";

	if (strcmp(path, "-") ? kmr_input_open(input, path, what, err)
			      : kmr_input_stdin(input, what, err))
		return -1;
	if (check_raw(*input, err)) {
		kmr_input_close(*input);
		*input = NULL;
		return -1;
	}
	return 0;
}
