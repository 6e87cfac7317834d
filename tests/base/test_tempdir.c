// SPDX-License-Identifier: GPL-2.0-only
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tempdir.h"

static char home[] = "/tmp/test-tempdir-XXXXXX";

static void enter(void)
{
	cr_assert_not_null(mkdtemp(home));
	cr_assert_eq(setenv("TMPDIR", home, 1), 0);
}

static void leave(void)
{
	cr_expect_eq(rmdir(home), 0, "%s: %s", home, strerror(errno));
}

TestSuite(tempdir, .init = enter, .fini = leave);

static void put_file(const char *dir, const char *prefix, unsigned int i)
{
	char path[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s%u", dir, prefix, i);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	cr_assert_eq(fclose(f), 0);
}

/* More names, short and long, than one system call gives. */
static void fill(const char *dir)
{
	for (unsigned int i = 0; i < 300; i++) {
		put_file(dir, "a", i);
		put_file(dir, ".a-much-longer-name-than-the-other-that-a-figure-may-have-", i);
	}
}

Test(tempdir, goes_with_what_is_in_it)
{
	struct kmr_error err;
	struct stat st;

	for (int i = 0; i < 2; i++) {
		const char *dir = kmr_tempdir_create(&err);

		cr_assert_not_null(dir);
		cr_expect_eq(strncmp(dir, home, strlen(home)), 0);
		cr_assert_eq(stat(dir, &st), 0);
		cr_expect_eq(st.st_mode & 0777, 0700, "only its owner may look into it");
		fill(dir);
		kmr_tempdir_remove();
		cr_expect_neq(stat(dir, &st), 0);
	}
	kmr_tempdir_remove();
}

Test(tempdir, in_an_emergency)
{
	struct kmr_error err;
	const char *dir;
	struct stat st;

	kmr_tempdir_emergency_cleanup(); /* there is none */
	dir = kmr_tempdir_create(&err);
	cr_assert_not_null(dir);
	fill(dir);
	kmr_tempdir_emergency_cleanup();
	cr_expect_neq(stat(dir, &st), 0);
	kmr_tempdir_emergency_cleanup(); /* a second signal */
}

Test(tempdir, refusals)
{
	struct kmr_error err;
	char *lengthy = malloc(5000);
	const char *dir = kmr_tempdir_create(&err);

	cr_assert_not_null(dir);
	cr_expect_null(kmr_tempdir_create(&err));
	cr_expect_not_null(strstr(err.msg, ": is still in use"), "%s", err.msg);
	kmr_tempdir_remove();
	cr_assert_eq(setenv("TMPDIR", "/nowhere", 1), 0);
	cr_expect_null(kmr_tempdir_create(&err));
	cr_expect_str_eq(err.msg,
			 "/nowhere: can't make a directory there: No such file or directory");
	cr_assert_not_null(lengthy);
	memset(lengthy, 'x', 4999);
	lengthy[4999] = '\0';
	cr_assert_eq(setenv("TMPDIR", lengthy, 1), 0);
	cr_expect_null(kmr_tempdir_create(&err));
	cr_expect_str_eq(err.msg, "$TMPDIR: File name too long");
	free(lengthy);
}
