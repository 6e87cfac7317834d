// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "dir.h"
#include "record/files.h"

TestSuite(files, .init = dir_enter, .fini = dir_leave);

Test(files, numbers)
{
	dir_file("n", "128\n");
	cr_expect_eq(rec_read_number("n"), 128);
	dir_file("n", "7 (expanded: 1408)\n");
	cr_expect_eq(rec_read_number("n"), 7);
	dir_file("n", "none\n");
	cr_expect_eq(rec_read_number("n"), -1);
	dir_file("n", "99999999999999999999\n");
	cr_expect_eq(rec_read_number("n"), -1);
	dir_file("n", "");
	cr_expect_eq(rec_read_number("n"), -1);
	cr_expect_eq(rec_read_number("nowhere"), -1);
}

Test(files, values)
{
	dir_file("v", "entries: 12\noverrun: 0\ncommit overrun: 3\nMemAvailable:  77 kB\nfree 5\n");
	cr_expect_eq(rec_read_value("v", "entries"), 12);
	cr_expect_eq(rec_read_value("v", "overrun"), 0);
	cr_expect_eq(rec_read_value("v", "commit overrun"), 3);
	cr_expect_eq(rec_read_value("v", "MemAvailable"), 77);
	cr_expect_eq(rec_read_value("v", "free"), 5);
	/* neither a part of a key nor one that is longer */
	cr_expect_eq(rec_read_value("v", "entrie"), -1);
	cr_expect_eq(rec_read_value("v", "entries of"), -1);
	cr_expect_eq(rec_read_value("nowhere", "entries"), -1);
}

Test(files, a_value_replaces_what_was_there)
{
	char *text;
	size_t len;

	dir_file("s", "a longer value\n");
	cr_expect_eq(rec_write("s", "1"), 0);
	cr_assert_eq(rec_read("s", &text, &len), 0);
	cr_expect_str_eq(text, "1\n");
	cr_expect_eq(len, 2);
	free(text);
	cr_expect_eq(rec_write("s", ""), 0);
	cr_assert_eq(rec_read("s", &text, &len), 0);
	cr_expect_eq(len, 0);
	free(text);
	/* it makes no files */
	cr_expect_eq(rec_write("nowhere", "1"), ENOENT);
	cr_expect_eq(access("nowhere", F_OK), -1);
	cr_expect_eq(rec_write("/dev/full", "1"), ENOSPC);
}

Test(files, what_is_too_long)
{
	char path[REC_PATH], *text;
	char *name = calloc(1, 2 * REC_PATH);
	size_t len;

	cr_assert_not_null(name);
	memset(name, 'x', (size_t)REC_PATH + 10);
	cr_expect_str_empty(rec_path(path, "/%s", name));
	dir_file("s", "old\n");
	name[300] = '\0';
	cr_expect_eq(rec_write("s", name), EINVAL);
	cr_expect_eq(rec_read("/dev/zero", &text, &len), EFBIG);
	cr_expect_null(text);
	free(name);
}

Test(files, large_ones_are_read_whole)
{
	const size_t size = 100001;
	char *text, *big = malloc(size + 1);
	size_t len;

	cr_assert_not_null(big);
	for (size_t i = 0; i < size; i++)
		big[i] = (char)('a' + i % 23);
	big[size] = '\0';
	dir_file("big", big);
	cr_assert_eq(rec_read("big", &text, &len), 0);
	cr_expect_eq(len, size);
	cr_expect_str_eq(text, big);
	free(text);
	free(big);
}
