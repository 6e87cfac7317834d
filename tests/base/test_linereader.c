// SPDX-License-Identifier: GPL-2.0-only
/* Lines of every length, plain and compressed, and what happens at the end of broken files. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/linereader.h"
#include "file.h"

TestSuite(linereader, .init = file_begin, .fini = file_end);

static struct kmr_linereader *must_open(void)
{
	struct kmr_error err;
	struct kmr_linereader *lr = kmr_linereader_open(file_path, &err);

	cr_assert_not_null(lr, "%s", err.msg);
	return lr;
}

/* @text split at newlines is what the file's reader gives. */
static void expect_lines(const char *text, size_t size)
{
	struct kmr_linereader *lr = must_open();
	const char *p = text, *stop = text + size;
	struct kmr_error err;
	struct kmr_line line;
	uint64_t n = 0;

	while (p < stop) {
		const char *nl = memchr(p, '\n', (size_t)(stop - p));
		size_t len = (size_t)((nl ? nl : stop) - p);

		cr_assert_eq(kmr_linereader_next(lr, &line, &err), 1);
		cr_assert_eq(line.number, ++n);
		cr_assert_eq(line.len, len);
		cr_assert_eq(line.complete, nl != NULL);
		cr_assert_eq(memcmp(line.text, p, len), 0);
		cr_assert_eq(line.text[len], '\0');
		p += len + (nl != NULL);
	}
	cr_expect_eq(kmr_linereader_next(lr, &line, &err), 0);
	cr_expect_eq(kmr_linereader_next(lr, &line, &err), 0, "the end stays the end");
	kmr_linereader_close(lr);
}

Test(linereader, small_files)
{
	static const struct {
		const char *text;
		size_t size;
	} cases[] = {
		{ "", 0 },	    { "\n", 1 },    { "a", 1 },		  { "a\n", 2 },
		{ "a\n\nbc\n", 6 }, { "a\nbc", 4 }, { "a\0b\nc\r\n", 7 }, { "\n\n\n", 3 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *z;
		size_t size;

		file_put(cases[i].text, cases[i].size);
		expect_lines(cases[i].text, cases[i].size);
		size = file_compress(cases[i].text, cases[i].size, &z);
		file_put(z, size);
		expect_lines(cases[i].text, cases[i].size);
		free(z);
	}
}

/* Line lengths from 0 to beyond the buffer, around every chunk's end. */
Test(linereader, long_lines)
{
	const size_t size = 9u << 20;
	char *text = malloc(size), *z;
	size_t pos = 0, len = 1, zsize;

	cr_assert_not_null(text);
	memset(text, 'x', size);
	/* 3 MB at the end on one line without a newline */
	while (pos + len < size - (3u << 20)) {
		pos += len;
		text[pos] = '\n';
		len = len * 7 / 4 + pos % 5;
		if (len > 2u << 20)
			len = 1;
	}
	file_put(text, size);
	expect_lines(text, size);
	zsize = file_compress(text, size, &z);
	file_put(z, zsize);
	expect_lines(text, size);
	free(z);
	free(text);
}

/* Frames may follow each other, and skippable ones (as pzstd writes them) may lie between. */
Test(linereader, several_frames)
{
	static const char skippable[] = "\x50\x2a\x4d\x18\x04\0\0\0abcd";
	char *a, *b, all[512];
	size_t na = file_compress("one\ntw", 6, &a), nb = file_compress("o\nthree\n", 8, &b), n = 0;

	memcpy(all, skippable, 12);
	memcpy(all + 12, a, na);
	n = 12 + na;
	memcpy(all + n, skippable, 12);
	n += 12;
	memcpy(all + n, b, nb);
	file_put(all, n + nb);
	expect_lines("one\ntwo\nthree\n", 14);
	free(a);
	free(b);
}

Test(linereader, peek)
{
	struct kmr_linereader *lr;
	const char *text;
	size_t len;
	char *z;

	file_put("abc", 3);
	lr = must_open();
	text = kmr_linereader_peek(lr, &len);
	cr_expect_eq(len, 3);
	cr_expect_eq(memcmp(text, "abc", 3), 0);
	kmr_linereader_close(lr);
	len = file_compress("kmsnap 1\n", 9, &z);
	file_put(z, len);
	lr = must_open();
	text = kmr_linereader_peek(lr, &len);
	cr_expect_eq(len, 9);
	cr_expect_eq(memcmp(text, "kmsnap 1\n", 9), 0);
	kmr_linereader_close(lr);
	free(z);
}

static int read_to_end(struct kmr_error *err)
{
	struct kmr_linereader *lr = kmr_linereader_open(file_path, err);
	struct kmr_line line;
	int r;

	if (!lr)
		return -1;
	while ((r = kmr_linereader_next(lr, &line, err)) > 0)
		;
	kmr_linereader_close(lr);
	return r;
}

/* Cut anywhere, a compressed file is an error that says where, never just shorter. */
Test(linereader, truncated)
{
	char text[4096], expect[192], *z;
	struct kmr_error err;
	size_t i, size;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)('!' + (i * i + i / 7) % 90);
	size = file_compress(text, sizeof(text), &z);
	for (i = 4; i < size; i += 1 + i / 16) {
		file_put(z, i);
		cr_expect_eq(read_to_end(&err), -1, "cut at %zu", i);
		snprintf(expect, sizeof(expect),
			 "%s: zstd frame cut off at byte %zu; the file is not whole", file_path, i);
		cr_expect_str_eq(err.msg, expect);
	}
	file_put(z, size);
	cr_expect_eq(read_to_end(&err), 0, "%s", err.msg);
	free(z);
}

Test(linereader, corrupt)
{
	static const char junk[] =
		"\x28\xb5\x2f\xfd\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
	struct kmr_error err;
	char expect[192];

	file_put(junk, sizeof(junk) - 1);
	cr_expect_eq(read_to_end(&err), -1);
	snprintf(expect, sizeof(expect), "%s: corrupt zstd frame near byte 0: ", file_path);
	cr_expect_eq(strncmp(err.msg, expect, strlen(expect)), 0, "%s", err.msg);
	/* plain bytes after a frame are corruption too */
	{
		char *z, all[128];
		size_t n = file_compress("a\n", 2, &z);

		memcpy(all, z, n);
		memcpy(all + n, "plain text follows\n", 19);
		file_put(all, n + 19);
		cr_expect_eq(read_to_end(&err), -1);
		snprintf(expect, sizeof(expect),
			 "%s: corrupt zstd frame near byte %zu: ", file_path, n);
		cr_expect_eq(strncmp(err.msg, expect, strlen(expect)), 0, "%s", err.msg);
		free(z);
	}
}

Test(linereader, cannot_open)
{
	struct kmr_error err;

	cr_expect_null(kmr_linereader_open("/nonexistent/file", &err));
	cr_expect_str_eq(err.msg, "/nonexistent/file: cannot open: No such file or directory");
	cr_expect_null(kmr_linereader_open("/tmp", &err));
	cr_expect_str_eq(err.msg, "/tmp: is a directory, not a text file");
	kmr_linereader_close(NULL);
}
