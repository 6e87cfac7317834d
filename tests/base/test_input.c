// SPDX-License-Identifier: GPL-2.0-only
/* The same bytes come out however they went in and in whatever pieces they are asked for. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/input.h"
#include "file.h"

#define WHAT "a test's file"

static const char skippable[] = "\x5f\x2a\x4d\x18\x04\0\0\0abcd";

TestSuite(base_input, .init = file_begin, .fini = file_end);

static struct kmr_input *must_open(void)
{
	struct kmr_input *input;
	struct kmr_error err;

	cr_assert_eq(kmr_input_open(&input, file_path, WHAT, &err), 0, "%s", err.msg);
	return input;
}

/* Asks for @piece bytes at a time. */
static void expect_bytes(const char *bytes, size_t size, size_t piece)
{
	struct kmr_input *input = must_open();
	char *buf = malloc(piece);
	struct kmr_error err;
	size_t pos = 0;
	ssize_t n;

	cr_assert_not_null(buf);
	while ((n = kmr_input_read(input, buf, piece, &err)) > 0) {
		cr_assert_leq((size_t)n, piece);
		cr_assert_leq((size_t)n, size - pos);
		cr_assert_eq(memcmp(buf, bytes + pos, (size_t)n), 0, "at %zu", pos);
		pos += (size_t)n;
	}
	cr_expect_eq(n, 0, "%s", err.msg);
	cr_expect_eq(pos, size);
	cr_expect_eq(kmr_input_read(input, buf, piece, &err), 0, "the end stays the end");
	kmr_input_close(input);
	free(buf);
}

/* Around the read-ahead of 256 KiB, and with one frame of many of its blocks. */
Test(base_input, pieces)
{
	static const size_t sizes[] = { 0, 1, 3, 4, 262143, 262144, 262145, 1500000 };
	static const size_t pieces[] = { 1, 7, 4096, 1u << 20 };
	char *text = malloc(1500000);
	uint32_t x = 1;

	cr_assert_not_null(text);
	for (size_t i = 0; i < 1500000; i++) {
		x = x * 1664525u + 1013904223u;
		text[i] = (char)('a' + (x >> 28));
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *z;
		size_t n = file_compress(text, sizes[i], &z);

		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
			file_put(text, sizes[i]);
			expect_bytes(text, sizes[i], pieces[k]);
			file_put(z, n);
			expect_bytes(text, sizes[i], pieces[k]);
		}
		free(z);
	}
	free(text);
}

/* What is in the file, not what it says. */
Test(base_input, peek_and_compression)
{
	struct kmr_input *input;
	const char *raw;
	size_t len, n;
	char *z;

	file_put("", 0);
	input = must_open();
	(void)kmr_input_peek(input, &len);
	cr_expect_eq(len, 0);
	cr_expect_str_eq(kmr_input_compression(input), "none");
	cr_expect_str_eq(kmr_input_name(input), file_path);
	kmr_input_close(input);

	file_put("abc", 3);
	input = must_open();
	raw = kmr_input_peek(input, &len);
	cr_expect_eq(len, 3);
	cr_expect_eq(memcmp(raw, "abc", 3), 0);
	kmr_input_close(input);

	n = file_compress("some text, more than is peeked at", 33, &z);
	file_put(z, n);
	input = must_open();
	raw = kmr_input_peek(input, &len);
	cr_assert_geq(len, KMR_INPUT_PEEK);
	cr_expect_eq(memcmp(raw, z, KMR_INPUT_PEEK), 0);
	cr_expect_str_eq(kmr_input_compression(input), "zstd");
	kmr_input_close(input);
	expect_bytes("some text, more than is peeked at", 33, 64);
	free(z);
}

/* Frames that hold nothing and frames to skip are no end. */
Test(base_input, frames_of_nothing)
{
	char all[256], *z, *nothing;
	size_t n = file_compress("text", 4, &z), none = file_compress("", 0, &nothing), len = 0;

	for (int i = 0; i < 3; i++) {
		memcpy(all + len, skippable, sizeof(skippable) - 1);
		len += sizeof(skippable) - 1;
		memcpy(all + len, nothing, none);
		len += none;
	}
	file_put(all, len);
	expect_bytes("", 0, 16);
	memcpy(all + len, z, n);
	len += n;
	memcpy(all + len, skippable, sizeof(skippable) - 1);
	file_put(all, len + sizeof(skippable) - 1);
	expect_bytes("text", 4, 16);
	free(nothing);
	free(z);
}

static void expect_failure(const char *name, const char *message)
{
	struct kmr_input *input = NULL;
	struct kmr_error err;

	cr_assert_eq(kmr_input_open(&input, name, WHAT, &err), -1);
	cr_expect_null(input);
	cr_expect_str_eq(err.msg, message);
}

Test(base_input, cannot_open)
{
	expect_failure("/nonexistent/file",
		       "/nonexistent/file: cannot open: No such file or directory");
	expect_failure("/tmp", "/tmp: is a directory, not " WHAT);
	kmr_input_close(NULL);
}

/* Offsets are of the file also where it is broken behind the read-ahead. */
Test(base_input, broken_far_behind)
{
	const size_t size = 1u << 20;
	char *text = malloc(size), *z, buf[4096], expect[192];
	struct kmr_input *input;
	struct kmr_error err;
	uint32_t x = 1;
	size_t n;
	ssize_t got;

	cr_assert_not_null(text);
	for (size_t i = 0; i < size; i++) {
		x = x * 1664525u + 1013904223u;
		text[i] = (char)(x >> 24);
	}
	n = file_compress(text, size, &z);
	cr_assert_gt(n, 3u << 18, "noise does not compress");
	file_put(z, n - 100);
	input = must_open();
	while ((got = kmr_input_read(input, buf, sizeof(buf), &err)) > 0)
		;
	cr_expect_eq(got, -1);
	snprintf(expect, sizeof(expect),
		 "%s: zstd frame cut off at byte %zu; the file is not whole", file_path, n - 100);
	cr_expect_str_eq(err.msg, expect);
	kmr_input_close(input);
	free(z);
	free(text);
}

Test(base_input, standard_input)
{
	struct kmr_input *input;
	struct kmr_error err;
	int ends[2];
	char buf[16];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], "abc", 3), 3);
	cr_assert_eq(close(ends[1]), 0);
	cr_assert_geq(dup2(ends[0], STDIN_FILENO), 0);
	cr_assert_eq(kmr_input_stdin(&input, WHAT, &err), 0, "%s", err.msg);
	cr_expect_str_eq(kmr_input_name(input), "standard input");
	cr_expect_eq(kmr_input_read(input, buf, sizeof(buf), &err), 3);
	cr_expect_eq(memcmp(buf, "abc", 3), 0);
	cr_expect_eq(kmr_input_read(input, buf, sizeof(buf), &err), 0);
	kmr_input_close(input);
	cr_assert_eq(close(STDIN_FILENO), 0);
	cr_expect_eq(kmr_input_stdin(&input, WHAT, &err), -1);
	cr_expect_str_eq(err.msg, "standard input: cannot open: Bad file descriptor");
	close(ends[0]);
}
